import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import { selectedEnvironments } from "../src/environments";
import { findInterpreter } from "../src/interpreter";
import { eventOf, install, uninstallAll } from "./vscode";

const anyPython = async ({ program }: { program: string }) => ({ path: program, version: [3, 12, 0] });

/** The Python Environments extension with an environment selected, or none. */
function pythonEnvironments(executable?: string) {
  const change = eventOf();
  const getEnvironment = async () => (executable ? { execInfo: { run: { executable } } } : undefined);
  return { api: { getEnvironment, onDidChangeEnvironment: change.event }, ...change };
}

/** The Python extension with an environment selected. */
function python(fsPath: string) {
  const change = eventOf();
  const environments = {
    getActiveEnvironmentPath: () => ({ path: "a folder" }),
    resolveEnvironment: async () => ({ executable: { uri: { fsPath } } }),
    onDidChangeActiveEnvironmentPath: change.event,
  };
  return { api: { ready: Promise.resolve(), environments }, ...change };
}

beforeEach(uninstallAll);

test("without the extensions there is nothing to ask", async () => {
  const { sources } = selectedEnvironments(() => assert.fail("nothing can change"));
  assert.deepEqual(await Promise.all(sources.map((source) => source.candidates())), [[], []]);
});

test("the environments extension is asked first, and the Python extension where it has none", async () => {
  install("ms-python.python", async () => python("/py/python").api);
  install("ms-python.vscode-python-envs", async () => pythonEnvironments("/envs/python").api);
  const both = await findInterpreter(selectedEnvironments(() => undefined).sources, anyPython);
  assert.equal(both.interpreter?.path, "/envs/python");

  install("ms-python.vscode-python-envs", async () => pythonEnvironments().api);
  const fallback = await findInterpreter(selectedEnvironments(() => undefined).sources, anyPython);
  assert.equal(fallback.interpreter?.path, "/py/python");
});

test("a change of the selection is told, until nobody listens", async () => {
  const extension = python("/py/python");
  install("ms-python.python", async () => extension.api);
  let changes = 0;
  const environments = selectedEnvironments(() => changes++);
  await findInterpreter(environments.sources, anyPython);
  await findInterpreter(environments.sources, anyPython);
  extension.fire();
  assert.equal(changes, 1);

  environments.subscriptions.dispose();
  extension.fire();
  assert.equal(changes, 1);
});

test("an extension that is slow to start is not waited for, but its selection counts once it has started", async () => {
  const extension = python("/py/python");
  let start = (_: unknown) => {};
  install("ms-python.python", () => new Promise((resolve) => (start = resolve)));
  let tell = () => {};
  const told = new Promise<void>((resolve) => (tell = resolve));
  const { sources } = selectedEnvironments(() => tell(), 10);

  assert.equal((await findInterpreter(sources, anyPython)).interpreter, undefined);
  start(extension.api);
  await told;
  assert.equal((await findInterpreter(sources, anyPython)).interpreter?.path, "/py/python");
});

test("an extension that fails to start is passed over", async () => {
  install("ms-python.python", () => Promise.reject(new Error("broken")));
  const found = await findInterpreter(selectedEnvironments(() => undefined).sources, anyPython);
  assert.equal(found.interpreter, undefined);
});
