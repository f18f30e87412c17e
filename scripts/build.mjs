// Bundles the client into one file, with the licences of what is bundled beside it.

import { readFile, readdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { isMain, main, root } from "./run.mjs";

const out = path.join(root, "client/out");

/** @type {import("esbuild").BuildOptions} */
const options = {
  absWorkingDir: root,
  bundle: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  legalComments: "none",
  logLevel: "warning",
};

export async function build() {
  const { build: bundle } = await import("esbuild");
  const { metafile } = await bundle({
    ...options,
    entryPoints: ["client/src/extension.ts"],
    outfile: path.join(out, "extension.js"),
    external: ["vscode"],
    minify: true,
    metafile: true,
  });
  await writeFile(path.join(out, "LICENSES.txt"), await licences(Object.keys(metafile.inputs)));
}

/** Bundles the client's unit tests, each into a file that node runs; returns these files. */
export async function buildTests() {
  const { build: bundle } = await import("esbuild");
  const folder = path.join(root, "client/test");
  const tests = (await readdir(folder)).filter((file) => file.endsWith(".test.ts"));
  await bundle({
    ...options,
    entryPoints: tests.map((file) => path.join(folder, file)),
    outdir: path.join(out, "test"),
    alias: { vscode: path.join(folder, "vscode.ts") },
  });
  return tests.map((file) => path.join(out, "test", file.replace(/\.ts$/, ".js")));
}

/** The licence texts of the packages that the bundled files belong to. */
async function licences(files) {
  const packages = files.flatMap((file) => file.match(/^.*node_modules\/(?:@[^/]+\/)?[^/]+/)?.[0] ?? []);
  const texts = [];
  for (const folder of [...new Set(packages)].sort()) {
    const { name, version } = JSON.parse(await readFile(path.join(root, folder, "package.json"), "utf8"));
    const file = (await readdir(path.join(root, folder))).find((entry) => /^licen[sc]e/i.test(entry));
    const text = file ? await readFile(path.join(root, folder, file), "utf8") : "";
    texts.push(`${name} ${version}\n\n${text.trim()}\n`);
  }
  return texts.join(`\n${"-".repeat(80)}\n\n`);
}

if (isMain(import.meta)) await main(build);
