// Makes the one universal VSIX: dist/mlsense-<version>.vsix, and dist/extension, the same unpacked.
// With --if-changed, only if a file that goes into it has changed since the last time.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { cp, mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { build } from "./build.mjs";
import { nodePackages } from "./node.mjs";
import { environment } from "./python.mjs";
import { Failure, alive, isMain, main, root, run } from "./run.mjs";

const dist = path.join(root, "dist");
const requirements = path.join(root, "server/requirements.txt");

/** What is copied as it is, and what of it. */
const copied = ["README.md", "LICENSE", "media", "snippets", "templates", "docs/rules", "server/main.py", "server/mlsense"];
/** What the package is made from, beyond what is copied. */
const sources = [...copied, "package.json", "package-lock.json", "client/src", "server/requirements.txt", "scripts/package.mjs", "scripts/build.mjs"];
const unwanted = /(^|\/)(__pycache__|\.DS_Store)$|\.py[co]$/;
const native = /\.(so|pyd|dylib|dll|node|exe)$/;

/** Makes the VSIX if it is not the one these sources make; returns its path. */
export async function packaged() {
  const { version } = await manifest();
  const vsix = path.join(dist, `mlsense-${version}.vsix`);
  await alone(async () => {
    const mark = path.join(dist, "sources.sha256");
    const hash = await hashed(sources);
    if (existsSync(vsix) && (await readFile(mark, "utf8").catch(() => "")) === hash) return;
    await makePackage(vsix);
    await writeFile(mark, hash);
  });
  return vsix;
}

/** Does what no two processes may do at once, such as two workers of pytest. */
async function alone(work) {
  const lock = path.join(dist, "lock"); // holds the id of the process at work
  await mkdir(dist, { recursive: true });
  while (!(await writeFile(lock, String(process.pid), { flag: "wx" }).then(() => true, () => false))) {
    const owner = Number(await readFile(lock, "utf8").catch(() => ""));
    if (owner && !alive(owner)) await rm(lock, { force: true });
    else await delay(100);
  }
  try {
    await work();
  } finally {
    await rm(lock, { force: true });
  }
}

async function makePackage(vsix) {
  await nodePackages();
  await build();
  // Made aside and renamed when whole: an interruption leaves the last package as it was.
  const partial = path.join(dist, "partial");
  const extension = path.join(partial, "extension");
  await rm(partial, { recursive: true, force: true });
  try {
    await mkdir(extension, { recursive: true });
    await assemble(extension);
    // All files get this date, so that the same sources make the same package.
    const env = { ...process.env, SOURCE_DATE_EPOCH: "1767225600" };
    const vsce = path.join(root, "node_modules/@vscode/vsce/vsce");
    const file = path.join(partial, "mlsense.vsix");
    // Looking for secrets takes vsce two minutes, spent on the published stubs in the bundle.
    const args = ["package", "--no-dependencies", "--allow-package-all-secrets", "--allow-package-env-file", "--out", file];
    await run(process.execPath, [vsce, ...args], { cwd: extension, env });
    await rm(path.join(dist, "extension"), { recursive: true, force: true });
    await rename(extension, path.join(dist, "extension"));
    for (const old of await readdir(dist)) if (old.endsWith(".vsix")) await rm(path.join(dist, old));
    await rename(file, vsix);
  } finally {
    await rm(partial, { recursive: true, force: true });
  }
}

async function assemble(extension) {
  for (const name of copied.filter((name) => existsSync(path.join(root, name)))) {
    await cp(path.join(root, name), path.join(extension, name), { recursive: true, filter: (file) => !unwanted.test(file) });
  }
  await cp(path.join(root, "client/out/extension.js"), path.join(extension, "client/out/extension.js"));
  await cp(path.join(root, "client/out/LICENSES.txt"), path.join(extension, "client/out/LICENSES.txt"));
  await cp(await bundle(), path.join(extension, "bundle"), { recursive: true });
  const { scripts, devDependencies, private: _, ...rest } = await manifest();
  await writeFile(path.join(extension, "package.json"), `${JSON.stringify(rest, null, 2)}\n`);
  const bad = (await filesBelow(extension)).filter((file) => native.test(file));
  if (bad.length > 0) throw new Failure(`A universal VSIX holds no native files, but this one would:\n${bad.join("\n")}`);
}

/** The server's libraries, installed once for each version of the requirements; returns their folder. */
async function bundle() {
  const key = createHash("sha256").update(await readFile(requirements)).digest("hex").slice(0, 12);
  const folder = path.join(root, `.cache/bundle-${key}`);
  if (existsSync(folder)) return folder;
  const partial = `${folder}.partial`;
  await rm(partial, { recursive: true, force: true });
  const python = await environment();
  await run(python, [
    "-m", "pip", "install", "--quiet", "--target", partial, "--requirement", requirements, "--no-deps", "--no-compile",
    "--only-binary", ":all:", "--implementation", "py", "--abi", "none", "--platform", "any", "--python-version", "3.10",
  ]);
  // What pip notes of an installation says nothing of a copy of it. The licences stay.
  for (const entry of await filesBelow(partial)) {
    if (/\.dist-info\/(INSTALLER|RECORD|REQUESTED|WHEEL|top_level\.txt|direct_url\.json)$/.test(entry)) await rm(entry);
  }
  await rm(path.join(partial, "bin"), { recursive: true, force: true });
  await rename(partial, folder);
  return folder;
}

const manifest = async () => JSON.parse(await readFile(path.join(root, "package.json"), "utf8"));

async function hashed(places) {
  const hash = createHash("sha256");
  for (const place of places) {
    for (const file of await filesBelow(path.join(root, place))) {
      hash.update(`${path.relative(root, file)}\0`).update(await readFile(file));
    }
  }
  return hash.digest("hex");
}

/** The path of a file, or of all files below a folder, in order; nothing where there is nothing. */
async function filesBelow(place) {
  const kind = await stat(place).catch(() => undefined);
  if (!kind || unwanted.test(place)) return [];
  if (!kind.isDirectory()) return [place];
  const entries = (await readdir(place)).sort();
  return (await Promise.all(entries.map((entry) => filesBelow(path.join(place, entry))))).flat();
}

if (isMain(import.meta)) {
  await main(async () => {
    if (!process.argv.includes("--if-changed")) await rm(path.join(dist, "sources.sha256"), { force: true });
    const vsix = await packaged();
    const { size } = await stat(vsix);
    console.log(`${path.relative(root, vsix)}: ${(size / 1e6).toFixed(1)} MB`);
  });
}
