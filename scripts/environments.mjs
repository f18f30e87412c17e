// Virtual environments for what the snippets import, one for each group of pyproject.toml that begins with `snippets`:
// npm run environments -- GROUP ...   (without a name: all)

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { environment } from "./python.mjs";
import { Failure, isMain, main, root, run, stage } from "./run.mjs";

const metadata = path.join(root, "pyproject.toml");
const home = process.env.MLSENSE_ENVIRONMENTS ?? path.join(root, ".cache/environments");

/** The names of all groups, and the lines of each. */
async function groups() {
  const text = await readFile(metadata, "utf8");
  // A bracket in a line is of an extra, `dask[dataframe]`; the group ends with the one at a line's end.
  const found = [...text.matchAll(/^(snippets[\w-]*) = \[(.*?)\]$/gms)];
  return new Map(found.map(([, name, lines]) => [name, lines]));
}

/** Makes the environments that are not there as their group wants them. */
export async function environments(wanted = []) {
  const known = await groups();
  const names = wanted.length > 0 ? wanted : [...known.keys()];
  for (const name of names) {
    if (!known.has(name)) throw new Failure(`There is no group \`${name}\` in pyproject.toml. There are: ${[...known.keys()].join(", ")}.`);
  }
  for (const name of names) await stage(`Libraries of ${name}`, () => made(name, known.get(name)));
}

async function made(name, lines) {
  const folder = path.join(home, name);
  const mark = path.join(folder, ".installed");
  const hash = createHash("sha256").update(lines).digest("hex");
  if (existsSync(mark) && (await readFile(mark, "utf8")) === hash) return;
  const base = await environment();
  await rm(mark, { force: true });
  const python = path.join(folder, "bin/python");
  if (!existsSync(python)) await run(base, ["-m", "venv", "--without-pip", folder]);
  // pip of the project's own environment: it knows groups, which that of an older Python does not.
  await run(base, ["-m", "pip", "--python", python, "install", "--quiet", "--group", `${metadata}:${name}`]);
  await writeFile(mark, hash);
}

if (isMain(import.meta)) await main(() => environments(process.argv.slice(2)));
