import assert from "node:assert/strict";
import { test } from "node:test";
import { type Algorithm, type Snippet, type Snippets, algorithms, merits, previewed, purposes } from "../src/algorithms";

function snippet(name: string, algorithm: Partial<Algorithm> | null): Snippet {
  const words = { fits: "", needs: "", cost: "" };
  return {
    name, prefix: `ml-${name}`, description: "", body: "", text: "", language: "python", stage: "", file: false, next: null, names: [],
    algorithm: algorithm && { predicts: ["class"], rows: null, good: [], ...words, ...algorithm },
  };
}

const known: Snippets = {
  snippets: [
    snippet("split", null),
    snippet("svm", { rows: 10_000, good: ["accuracy", "few rows"] }),
    snippet("tree", { predicts: ["class", "number"], good: ["explanation", "speed"] }),
    snippet("forest", { good: ["accuracy"] }),
  ],
  predicts: { class: "A class", number: "A number", groups: "Groups" },
  good: { accuracy: "The best score", explanation: "Why", speed: "Quick", "few rows": "Few rows" },
  target: "number",
};

const names = (found: readonly Snippet[]) => found.map(({ name }) => name);

test("algorithms for a purpose are listed in the order of the packs", () => {
  assert.deepEqual(names(algorithms(known, "class", 1_000, [])), ["svm", "tree", "forest"]);
  assert.deepEqual(names(algorithms(known, "groups", 1_000, [])), []);
});

test("those that cannot take so many rows are left out", () => {
  assert.deepEqual(names(algorithms(known, "class", 100_000, [])), ["tree", "forest"]);
  assert.deepEqual(names(algorithms(known, "class", Infinity, [])), ["tree", "forest"]);
});

test("those good at most of what matters come first", () => {
  assert.deepEqual(names(algorithms(known, "class", 1_000, ["explanation", "speed"])), ["tree", "svm", "forest"]);
});

test("only what some algorithm predicts is asked for, what the program predicts first", () => {
  assert.deepEqual(purposes(known), ["number", "class"]);
  assert.deepEqual(purposes({ ...known, target: null }), ["class", "number"]);
});

test("the preview says what the algorithm needs above its code", () => {
  const [tree] = algorithms(known, "number", 1_000, []);
  const text = previewed({ ...tree!, text: "model = 1\n", algorithm: { ...tree!.algorithm!, needs: "Numbers.", rows: 10_000 } });
  assert.match(text, /# Needs: Numbers\.\n/);
  assert.match(text, /# Rows: {2}up to about 10,000\.\n\nmodel = 1\n$/);
  assert.equal(previewed({ ...known.snippets[0]!, text: "a = 1\n" }), "a = 1\n");
});

test("only what some algorithm for the purpose is good at can matter", () => {
  assert.deepEqual(merits(known, "number"), ["explanation", "speed"]);
});
