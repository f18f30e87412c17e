// Running other programs, and saying what takes how long.

import { spawn } from "node:child_process";
import { accessSync, constants, statSync } from "node:fs";
import path from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));

/** A failure whose message says all the reader needs: shown without a stack. */
export class Failure extends Error {
  /** What the program printed that failed, if one did. */
  output = "";
}

/**
 * Runs a program to its end and returns what it printed.
 * With `show`, its output appears as it comes; otherwise only when it fails.
 */
export function run(command, args, { cwd = root, env = process.env, show = false, input = "ignore" } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { cwd, env, stdio: [input, "pipe", "pipe"] });
    let output = "";
    for (const [stream, screen] of [[child.stdout, process.stdout], [child.stderr, process.stderr]]) {
      stream.setEncoding("utf8");
      stream.on("data", (text) => {
        output += text;
        if (show) screen.write(text);
      });
    }
    child.on("error", (error) => reject(new Failure(`${command} does not start: ${error.message}`)));
    child.on("close", (code, signal) => {
      if (code === 0) return resolve(output);
      const shown = show || !output ? "" : `\n${output.trimEnd().split("\n").slice(-40).join("\n")}`;
      const line = [path.basename(command), ...args].join(" ");
      const failure = new Failure(`\`${line}\` ended with ${signal ?? `exit code ${code}`}${shown}`);
      reject(Object.assign(failure, { output }));
    });
  });
}

/** Runs npm: through the npm that runs this script, where there is one, so that both are the same version. */
export function npm(args, options = {}) {
  const script = process.env.npm_execpath;
  if (script?.endsWith("npm-cli.js")) return run(process.execPath, [script, ...args], options);
  return process.platform === "win32"
    ? run("cmd.exe", ["/d", "/s", "/c", "npm", ...args], options)
    : run("npm", args, options);
}

/** Whether a process of this id is running. */
export function alive(pid) {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** The absolute path of a program on the PATH, or undefined. */
export function which(name) {
  const endings = process.platform === "win32" ? (process.env.PATHEXT ?? ".EXE;.CMD").split(";") : [""];
  for (const folder of (process.env.PATH ?? "").split(path.delimiter).filter(path.isAbsolute)) {
    for (const ending of endings) {
      const file = path.join(folder, name + ending);
      try {
        accessSync(file, constants.X_OK);
        if (statSync(file).isFile()) return file;
      } catch {
        // Not here: on to the next folder.
      }
    }
  }
  return undefined;
}

export const seconds = (since) => `${((performance.now() - since) / 1000).toFixed(1)} s`;

/** Does one piece of work and prints its name before and the time it took after. */
export async function stage(name, work) {
  const start = performance.now();
  console.log(`\n=== ${name}`);
  try {
    const result = await work();
    console.log(`--- ${name}: ${seconds(start)}`);
    return result;
  } catch (error) {
    console.log(`--- ${name}: FAILED after ${seconds(start)}`);
    throw error;
  }
}

/** Runs a script's main function; a failure prints its message and ends with exit code 1. */
export async function main(body) {
  try {
    await body();
  } catch (error) {
    console.error(error instanceof Failure ? `\n${error.message}` : error);
    process.exitCode = 1;
  }
}

/** Whether this module is the script that node was started with. */
export const isMain = (meta) => process.argv[1] && path.resolve(process.argv[1]) === fileURLToPath(meta.url);
