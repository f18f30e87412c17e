// The node packages of package-lock.json.

import { createHash } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import path from "node:path";
import { npm, root } from "./run.mjs";

/** Installs exactly what the lock file says, unless that was done already. */
export async function nodePackages() {
  const mark = path.join(root, "node_modules/.installed-lock");
  const hash = createHash("sha256").update(await readFile(path.join(root, "package-lock.json"))).digest("hex");
  if ((await readFile(mark, "utf8").catch(() => "")) === hash) return;
  await npm(["ci", "--ignore-scripts"]);
  await writeFile(mark, hash);
}
