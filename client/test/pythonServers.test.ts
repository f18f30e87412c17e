import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { otherPythonServers } from "../src/pythonServers";
import { install, set, uninstallAll } from "./vscode";

const add = (...ids: string[]) => ids.forEach((id) => install(id, async () => undefined));

beforeEach(uninstallAll);

test("alone there is no other", () => assert.deepEqual(otherPythonServers(), []));

test("what does not complete Python is none", () => {
  add("charliermarsh.ruff", "ms-toolsai.jupyter", "ms-python.debugpy");
  assert.deepEqual(otherPythonServers(), []);
});

test("the Python extension completes by itself, or leaves it to Pylance", () => {
  add("ms-python.python");
  assert.deepEqual(otherPythonServers(), ["ms-python.python"]);
  add("ms-python.vscode-pylance");
  assert.deepEqual(otherPythonServers(), ["ms-python.vscode-pylance"]);
  set("python.languageServer", "Jedi");
  assert.deepEqual(otherPythonServers(), ["ms-python.python"]);
  set("python.languageServer", "None");
  assert.deepEqual(otherPythonServers(), []);
});

test("Python's servers of others count unless they are switched off", () => {
  add("astral-sh.ty", "meta.pyrefly", "detachhead.basedpyright");
  assert.deepEqual(otherPythonServers(), ["detachhead.basedpyright", "astral-sh.ty", "meta.pyrefly"]);
  set("ty.disableLanguageServices", true);
  set("python.pyrefly.disableLanguageServices", true);
  set("basedpyright.disableLanguageServices", false);
  assert.deepEqual(otherPythonServers(), ["detachhead.basedpyright"]);
});
