// Sets up what the tests need and runs them all; with --quick, all but those in the browser.
// Uses nothing but node itself: on a fresh machine there is nothing else yet.

import { buildTests } from "./build.mjs";
import { installEditor } from "./editor.mjs";
import { environments } from "./environments.mjs";
import { nodePackages } from "./node.mjs";
import { packaged } from "./package.mjs";
import { developmentEnvironment } from "./python.mjs";
import { Failure, main, run, seconds, stage } from "./run.mjs";
import { programs } from "./system.mjs";

const quick = process.argv.includes("--quick");
const begin = performance.now();
const results = [];

/** Runs one kind of check; a failure is reported at the end, after all others had their turn. */
async function check(name, work) {
  const start = performance.now();
  try {
    const output = await stage(name, work);
    results.push({ name, passed: true, time: seconds(start), closing: closingLine(output) });
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    results.push({ name, passed: false, time: seconds(start), closing: closingLine(error.output) });
  }
}

/** What pytest says in the end: `=== 312 passed in 41.7s ===`. */
const closingLine = (output) => output.match(/^=+ .*?(\d+ (?:passed|failed|errors?)\b.*?) =+$/m)?.[1] ?? "";

await main(async () => {
  // The slow ways to fail come first: whoever lacks a program should not learn it after ten minutes.
  if (!quick) await stage("System programs", () => programs("browser", "compiler", "make", "ripgrep"));
  const snippets = (process.env.MLSENSE_SNIPPETS ?? "").split(" ").filter(Boolean);
  if (snippets.length > 0) await stage("Servers for the snippets", () => programs("java", "postgres", "redis"));
  const python = await stage("Python packages, in .venv", developmentEnvironment);
  await stage("Node packages", nodePackages);
  if (snippets.length > 0) await environments(snippets.includes("all") ? [] : snippets);
  if (!quick) await stage("VS Code in the browser", installEditor);
  await stage("The VSIX", packaged);

  const show = { show: true };
  const node = (...args) => run(process.execPath, args, show);
  const ruff = (...args) => run(python, ["-m", "ruff", ...args, "--output-format=concise", "server", "tests", "scripts"], show);
  await check("Ruff: lint", () => ruff("check"));
  await check("Ruff: format", () => ruff("format", "--check"));
  await check("mypy", () => run(python, ["-m", "mypy"], show));
  await check("TypeScript", () => node("node_modules/typescript/bin/tsc", "--noEmit", "--project", "client"));
  await check("Client", async () => node("--test", "--test-reporter=spec", ...(await buildTests())));
  await check("pytest", () => run(python, ["-m", "pytest", "-n", "auto", ...(process.stdout.isTTY ? ["--color=yes"] : [])], show));
  if (!quick) await check("Real VS Code", () => node("--test", "--test-reporter=spec", "tests/editor/smoke.test.mjs"));

  console.log(`\nAfter ${seconds(begin)}:`);
  for (const { name, passed, time, closing } of results) {
    console.log(`${passed ? "passed" : "FAILED"}  ${name.padEnd(14)} ${time.padStart(8)}  ${closing}`);
  }
  if (results.some(({ passed }) => !passed)) process.exitCode = 1;
});
