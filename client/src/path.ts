import { existsSync } from "node:fs";
import { posix, win32 } from "node:path";
import type { Command } from "./interpreter";

export interface Machine {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
  exists(file: string): boolean;
}

export const thisMachine: Machine = { platform: process.platform, env: process.env, exists: existsSync };

/** The interpreter setting with `~`, `${userHome}` and `${workspaceFolder}` replaced, where they are known. */
export function expand(setting: string, home: string, folder: string | undefined): string {
  return setting
    .trim()
    .replace(/^~(?=$|[\\/])/, () => home)
    .replaceAll("${userHome}", () => home)
    .replaceAll("${workspaceFolder}", (variable) => folder ?? variable);
}

/**
 * The Pythons on the PATH, by absolute path: relative entries and the current folder are never searched.
 * Nothing below `excluded` is returned, so that an untrusted workspace cannot bring its own.
 */
export function onPath(machine: Machine = thisMachine, excluded: readonly string[] = []): readonly Command[] {
  const windows = machine.platform === "win32";
  const { delimiter, isAbsolute, join, relative } = windows ? win32 : posix;
  const within = (folder: string, file: string) => {
    const way = relative(folder, file);
    return !way.startsWith("..") && !isAbsolute(way);
  };
  const variable = Object.keys(machine.env).find((name) => (windows ? name.toUpperCase() : name) === "PATH") ?? "PATH";
  const folders = (machine.env[variable] ?? "").split(delimiter).filter(isAbsolute);
  const find = (name: string) =>
    folders
      .map((folder) => join(folder, windows ? `${name}.exe` : name))
      .find((file) => machine.exists(file) && !excluded.some((folder) => within(folder, file)));

  const wanted: readonly [string, ...string[]][] = [["python3"], ["python"], ...(windows ? [["py", "-3"] as [string, string]] : [])];
  return wanted.flatMap(([name, ...args]) => {
    const program = find(name);
    // Without Apple's developer tools this file only opens a dialogue that offers to install them.
    if (!program || (machine.platform === "darwin" && program === "/usr/bin/python3")) return [];
    return [{ program, args }];
  });
}
