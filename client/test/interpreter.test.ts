import assert from "node:assert/strict";
import { test } from "node:test";
import { type Answer, type Command, type Probe, type Source, askPython, describe, findInterpreter, firstAbsolute } from "../src/interpreter";

const never = new Promise<never>(() => undefined);
const patience = { source: 20, probe: 20 };

const source = (name: string, ...programs: string[]): Source => ({
  name,
  candidates: async () => programs.map((program) => ({ program, args: [] })),
});

/** A machine on which these programs are Pythons of these versions; anything else is not there. */
const machine = (versions: Record<string, readonly number[]>): Probe => async ({ program }: Command): Promise<Answer> => {
  const version = versions[program];
  if (!version) throw new Error("is not there");
  return { path: `/real/${program}`, version };
};

test("the first source with a Python that is new enough wins", async () => {
  const found = await findInterpreter(
    [source("setting"), source("extension", "conda"), source("PATH", "python3")],
    machine({ conda: [3, 12, 1], python3: [3, 11, 2] }),
  );
  assert.deepEqual(found.interpreter, { path: "/real/conda", version: "3.12.1", source: "extension" });
  assert.deepEqual(found.rejected, []);
});

test("3.10 is new enough, 3.9 and 2.7 are not, 4.0 is", async () => {
  for (const [version, accepted] of [[[3, 10, 0], true], [[3, 9, 18], false], [[2, 7, 18], false], [[4, 0, 0], true]] as const) {
    const found = await findInterpreter([source("PATH", "python")], machine({ python: version }));
    assert.equal(found.interpreter !== undefined, accepted, version.join("."));
  }
});

test("what was passed over is told, in one line each", async () => {
  const found = await findInterpreter(
    [source("setting", "/gone/python"), source("PATH", "python3")],
    machine({ python3: [3, 8, 10] }),
  );
  assert.equal(found.interpreter, undefined);
  assert.deepEqual(found.rejected.map(describe), [
    "/gone/python (setting) is not there",
    "python3 (PATH) is Python 3.8.10",
  ]);
});

test("a source that hangs or fails is passed over", async () => {
  const found = await findInterpreter(
    [
      { name: "hangs", candidates: () => never },
      { name: "fails", candidates: () => Promise.reject(new Error("no such command")) },
      { name: "throws", candidates: () => { throw new Error("not installed"); } },
      source("PATH", "python3"),
    ],
    machine({ python3: [3, 13, 0] }),
    patience,
  );
  assert.equal(found.interpreter?.source, "PATH");
});

test("an interpreter that hangs is passed over", async () => {
  const probe: Probe = ({ program }) => (program === "frozen" ? never : machine({ python3: [3, 13, 0] })({ program, args: [] }));
  const found = await findInterpreter([source("setting", "frozen"), source("PATH", "python3")], probe, patience);
  assert.equal(found.interpreter?.source, "PATH");
  assert.match(describe(found.rejected[0]!), /^frozen \(setting\) does not answer/);
});

test("a real Python says where and what it is", async () => {
  const answer = await askPython({ program: process.platform === "win32" ? "python" : "python3", args: [] });
  assert.equal(answer.version.length, 3);
  assert.notEqual(answer.path, "");
});

test("a program that is not Python is told apart from one that is not there", async () => {
  await assert.rejects(askPython({ program: process.execPath, args: [] }), /does not run as Python 3/);
  await assert.rejects(askPython({ program: "/gone/python", args: [] }), /is not there/);
});

test("the project's Python is the first by its full path, however old, of a source that answers", async () => {
  const sources: Source[] = [
    { name: "hangs", candidates: () => never },
    { name: "fails", candidates: () => Promise.reject(new Error("no such command")) },
    source("conda", "conda"),
    source("extension", "/envs/old/bin/python", "/envs/new/bin/python"),
  ];
  assert.equal(await firstAbsolute(sources, 20), "/envs/old/bin/python");
  assert.equal(await firstAbsolute(sources.slice(0, 3), 20), undefined);
});
