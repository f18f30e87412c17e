import assert from "node:assert/strict";
import { test } from "node:test";
import { type Machine, expand, onPath } from "../src/path";

const machine = (platform: NodeJS.Platform, PATH: string, ...files: string[]): Machine => ({
  platform,
  env: platform === "win32" ? { Path: PATH } : { PATH },
  exists: (file) => files.includes(file),
});
const programs = (...args: Parameters<typeof onPath>) => onPath(...args).map(({ program, args }) => [program, ...args].join(" "));

test("python3 comes before python, each from the first folder that has it", () => {
  const linux = machine("linux", "/opt/bin:/usr/bin", "/opt/bin/python", "/usr/bin/python3", "/usr/bin/python");
  assert.deepEqual(programs(linux), ["/usr/bin/python3", "/opt/bin/python"]);
});

test("relative folders on the PATH are not searched", () => {
  assert.deepEqual(programs(machine("linux", ".::bin:/usr/bin", "./python3", "python3", "bin/python3")), []);
});

test("on Windows the launcher is the last resort, and Path may be spelt so", () => {
  const windows = machine("win32", "C:\\Windows;C:\\Python", "C:\\Windows\\py.exe", "C:\\Python\\python.exe");
  assert.deepEqual(programs(windows), ["C:\\Python\\python.exe", "C:\\Windows\\py.exe -3"]);
});

test("Apple's stub is not run: it would open a dialogue", () => {
  const mac = machine("darwin", "/usr/bin:/opt/homebrew/bin", "/usr/bin/python3", "/opt/homebrew/bin/python");
  assert.deepEqual(programs(mac), ["/opt/homebrew/bin/python"]);
});

test("an excluded folder cannot bring its own Python", () => {
  const linux = machine("linux", "/code/.venv/bin:/codex/bin", "/code/.venv/bin/python3", "/codex/bin/python3");
  assert.deepEqual(programs(linux, ["/code"]), ["/codex/bin/python3"]);
});

test("the setting's variables are replaced where they are known", () => {
  assert.equal(expand(" ~/py/bin/python ", "/home/ada", undefined), "/home/ada/py/bin/python");
  assert.equal(expand("${userHome}/python", "/home/ada", undefined), "/home/ada/python");
  assert.equal(expand("${workspaceFolder}/.venv/bin/python", "/home/ada", "/code"), "/code/.venv/bin/python");
  assert.equal(expand("${workspaceFolder}/python", "/home/ada", undefined), "${workspaceFolder}/python");
  assert.equal(expand("python~3", "/home/ada", undefined), "python~3");
  assert.equal(expand("", "/home/ada", undefined), "");
});
