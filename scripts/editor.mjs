// A real VS Code in the browser (code-server): installed once into a cache, started with a fresh profile each time.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { createServer } from "node:net";
import os from "node:os";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { Failure, alive, isMain, main, npm, run, stage } from "./run.mjs";
import { programs } from "./system.mjs";

const version = "4.100.3"; // VS Code 1.100, the newest that runs on Node 20
const nodeMajor = "20";
const recipe = 1; // raise it when the steps below change, so that no half-old installation is reused

const cache = process.env.MLSENSE_CACHE ?? path.join(process.env.XDG_CACHE_HOME ?? path.join(os.homedir(), ".cache"), "mlsense");
const home = path.join(cache, `editor-${version}-${recipe}-${process.arch}`);

/** Makes sure that the editor is installed; returns its folder. */
export async function installEditor() {
  if (process.platform !== "linux") {
    throw new Failure("The VS Code in the browser is set up on Linux only. Install VS Code with its `code` command instead.");
  }
  const { ripgrep } = await programs("compiler", "make", "ripgrep");
  if (existsSync(home)) return home;
  // Built aside and renamed when whole: an interrupted installation leaves nothing that looks finished.
  await mkdir(cache, { recursive: true });
  for (const name of await readdir(cache)) {
    const owner = name.match(/\.partial-(\d+)$/)?.[1];
    if (owner && !alive(Number(owner))) await rm(path.join(cache, name), { recursive: true, force: true });
  }
  const partial = `${home}.partial-${process.pid}`;
  await mkdir(partial);
  try {
    await build(partial, ripgrep);
    await rename(partial, home);
  } catch (error) {
    await rm(partial, { recursive: true, force: true });
    if (!existsSync(home)) throw error; // else another run finished first
  }
  return home;
}

async function build(folder, ripgrep) {
  const env = { ...process.env };
  await writeFile(path.join(folder, "package.json"), '{ "private": true }\n');
  await stage(`code-server ${version} from npm`, () =>
    npm(["install", `code-server@${version}`, "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder, env }));
  const node = await nodeFor(folder);
  // Native modules are built with the headers of the node that will load them.
  env.npm_config_nodedir = path.dirname(path.dirname(node));
  env.PATH = `${path.dirname(node)}${path.delimiter}${env.PATH}`;

  const vscode = path.join(folder, "node_modules/code-server/lib/vscode");
  await stage("its libraries from npm", async () => {
    for (const cwd of [vscode, path.join(vscode, "extensions")]) {
      await npm(["install", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund"], { cwd, env });
    }
  });
  await stage("its native modules", async () => {
    const gyp = (cwd, name, ...args) => npm(["explore", name, "--", ...args], { cwd, env });
    await gyp(folder, "argon2", "node-pre-gyp", "install", "--build-from-source");
    for (const name of ["@vscode/spdlog", "native-watchdog", "node-pty"]) await gyp(vscode, name, "node-gyp", "rebuild");
  });

  const links = {
    "node_modules.asar": "node_modules",
    "bin/remote-cli/code-server": "code-linux.sh",
    "bin/helpers/browser.sh": "browser-linux.sh",
    "node_modules/@vscode/ripgrep/bin/rg": ripgrep,
  };
  for (const [link, target] of Object.entries(links)) {
    const place = path.join(vscode, link);
    await mkdir(path.dirname(place), { recursive: true });
    await rm(place, { force: true });
    await symlink(target, place);
  }
}

/** The node that runs the editor: this one where it is right and has headers to build with, else npm's copy of it. */
async function nodeFor(folder) {
  if (usable(process.execPath) && process.versions.node.startsWith(`${nodeMajor}.`)) return process.execPath;
  await stage(`Node ${nodeMajor} from npm`, () =>
    npm(["install", `node-linux-${process.arch}@${nodeMajor}`, "--ignore-scripts", "--no-audit", "--no-fund"], { cwd: folder }));
  return ownNode(folder);
}

const usable = (node) => existsSync(path.join(path.dirname(path.dirname(node)), "include/node/node_api.h"));
const ownNode = (folder) => path.join(folder, `node_modules/node-linux-${process.arch}/bin/node`);

/**
 * Starts an editor on `folder` with the extension `vsix` installed; everything it writes goes below `profile`.
 * Returns its address, its log, a promise of its end, how to open files in it, and how to stop it with all it started.
 */
export async function startEditor({ editor, profile, vsix, folder, settings = {} }) {
  const node = existsSync(ownNode(editor)) ? ownNode(editor) : process.execPath;
  const entry = path.join(editor, "node_modules/code-server/out/node/entry.js");
  const data = path.join(profile, "data");
  const env = {
    ...cleanEnvironment(),
    PATH: `${path.dirname(node)}${path.delimiter}${process.env.PATH}`,
    HOME: path.join(profile, "home"),
    XDG_CONFIG_HOME: path.join(profile, "home/.config"),
    XDG_DATA_HOME: path.join(profile, "home/.local/share"),
    XDG_CACHE_HOME: path.join(profile, "home/.cache"),
  };
  for (const place of [env.HOME, path.join(data, "User"), path.join(data, "Machine")]) {
    await mkdir(place, { recursive: true });
  }
  // Its windows count as remote: settings of a machine are read from Machine, all others from User.
  for (const scope of ["User", "Machine"]) {
    await writeFile(path.join(data, scope, "settings.json"), JSON.stringify({ ...quiet, ...settings }, null, 2));
  }
  const own = [entry, "--user-data-dir", data, "--extensions-dir", path.join(profile, "extensions")];
  await run(node, [...own, "--install-extension", vsix], { env });

  const port = await freePort();
  const child = spawn(
    node,
    [
      ...own, "--auth", "none", "--bind-addr", `127.0.0.1:${port}`, "--disable-telemetry", "--disable-update-check",
      "--disable-workspace-trust", "--disable-getting-started-override", folder,
    ],
    { env, detached: true, stdio: ["ignore", "pipe", "pipe"] },
  );
  let log = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (log += text));
  const ended = new Promise((resolve) => child.once("close", resolve));
  const signal = (name) => {
    try {
      process.kill(-child.pid, name);
    } catch {
      // The whole group has gone already.
    }
  };
  const lastResort = () => signal("SIGKILL");
  process.once("exit", lastResort);

  const address = `http://127.0.0.1:${port}`;
  await Promise.race([healthy(address), ended.then(() => Promise.reject(new Failure(`The editor ended at once:\n${log}`)))]);
  return {
    url: `${address}/?folder=${encodeURIComponent(folder)}`,
    log: () => log,
    ended,
    /** Opens files of the folder, the last one in front, once the editor's page is open in a browser. */
    async open(...files) {
      const paths = files.map((file) => path.join(folder, file));
      while (!(await hasWindow(path.join(data, "code-server-ipc.sock"), paths[0]))) {
        if (child.exitCode !== null || child.signalCode !== null) throw new Failure("The editor has ended.");
        await delay(200);
      }
      for (const file of paths) await run(node, [...own, "--reuse-window", file], { env });
    },
    async stop() {
      signal("SIGTERM");
      await Promise.race([ended, delay(5000, undefined, { ref: false })]);
      signal("SIGKILL");
      process.removeListener("exit", lastResort);
    },
  };
}

/** Settings that keep the editor from talking about anything but the code. */
const quiet = {
  "telemetry.telemetryLevel": "off",
  "workbench.startupEditor": "none",
  "workbench.tips.enabled": false,
  "workbench.colorTheme": "Default Light Modern",
  "extensions.ignoreRecommendations": true,
  "git.enabled": false,
  "editor.minimap.enabled": false,
  "extensions.autoUpdate": false,
  "workbench.editorAssociations": { "*.ipynb": "jupyter-notebook" },
};

/** Whether a window that the file belongs to is open in a browser; asked of code-server through its own socket. */
function hasWindow(socketPath, file) {
  return new Promise((resolve) => {
    const asked = request({ socketPath, path: `/session?filePath=${encodeURIComponent(file)}` }, (answer) => {
      let text = "";
      answer.on("data", (part) => (text += part));
      answer.on("end", () => resolve(answer.statusCode === 200 && Boolean(JSON.parse(text).socketPath)));
    });
    asked.on("error", () => resolve(false));
    asked.end();
  });
}

/** The environment without what npm and another VS Code put into it: an editor that finds it believes it runs inside one. */
function cleanEnvironment() {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^(npm_|VSCODE_|PORT$|CODE_SERVER)/i.test(name)));
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function healthy(url, deadline = performance.now() + 60_000) {
  while (performance.now() < deadline) {
    const answer = await fetch(`${url}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    await delay(100);
  }
  throw new Failure(`The editor did not answer at ${url} within a minute.`);
}

if (isMain(import.meta)) {
  await main(async () => console.log(await installEditor()));
}
