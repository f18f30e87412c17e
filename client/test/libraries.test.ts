import assert from "node:assert/strict";
import { test } from "node:test";
import { inWords } from "../src/libraries";

test("libraries are named by where their versions are from", () => {
  const libraries = [
    { name: "scikit-learn", version: "1.9.1", source: ".venv" },
    { name: "numpy", version: ">=1.26,<3", source: "pyproject.toml" },
    { name: "pandas", version: "3.1", source: ".venv" },
  ];
  assert.deepEqual(inWords(libraries), ["scikit-learn 1.9.1, pandas 3.1 from .venv", "numpy>=1.26,<3 from pyproject.toml"]);
  assert.deepEqual(inWords(libraries, 1), ["scikit-learn 1.9.1 from .venv"]);
  assert.deepEqual(inWords([]), []);
});
