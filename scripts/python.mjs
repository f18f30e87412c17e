// The project's own virtual environment, `.venv`.

import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { Failure, root, run, which } from "./run.mjs";

const folder = path.join(root, ".venv");
const python = path.join(folder, process.platform === "win32" ? "Scripts/python.exe" : "bin/python");

/** A virtual environment with a current pip; returns its Python. */
export async function environment() {
  if (await run(python, ["-m", "pip", "--version"]).then(() => false, () => true)) {
    const base = await basePython();
    await rm(folder, { recursive: true, force: true });
    // Debian keeps what `venv` installs pip with in a package of its own: there the system's pip does it.
    const pip = await run(base, ["-c", "import ensurepip"]).then(() => true, () => false);
    await run(base, ["-m", "venv", ...(pip ? [] : ["--without-pip"]), folder]);
    if (!pip) await run(base, ["-m", "pip", "--python", python, "install", "--quiet", "pip"]);
  }
  await once("pip", "25.1", () => run(python, ["-m", "pip", "install", "--quiet", "--upgrade", "pip>=25.1"]));
  return python;
}

/** The same environment with MLSense in it, as an editable install, and all that its tests need. */
export async function developmentEnvironment() {
  await environment();
  const metadata = await readFile(path.join(root, "pyproject.toml"), "utf8");
  const groups = process.env.MLSENSE_TORCH ? ["dev", "torch"] : ["dev"];
  const wanted = groups.flatMap((group) => ["--group", `${path.join(root, "pyproject.toml")}:${group}`]);
  await once("packages", `${metadata}${groups}`, () =>
    run(python, ["-m", "pip", "install", "--quiet", "--editable", root, ...wanted]));
  return python;
}

/** Does a step of the installation, unless it was done with the same input already. */
async function once(name, input, work) {
  const mark = path.join(folder, `.${name}-installed`);
  const hash = createHash("sha256").update(input).digest("hex");
  if (existsSync(mark) && (await readFile(mark, "utf8")) === hash) return;
  await work();
  await writeFile(mark, hash);
}

async function basePython() {
  const names = [process.env.MLSENSE_PYTHON, "python3", "python", "python3.14", "python3.13", "python3.12", "python3.11", "python3.10"];
  for (const name of names.filter(Boolean)) {
    const file = path.isAbsolute(name) ? name : which(name);
    const check = "import sys; sys.exit(sys.version_info < (3, 10))";
    if (file && (await run(file, ["-I", "-c", check]).then(() => true, () => false))) return file;
  }
  throw new Failure("This needs Python 3.10 or newer on the PATH (or set MLSENSE_PYTHON to one).");
}
