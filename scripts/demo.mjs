// Sets everything up and opens an example workspace with live hints: in the desktop's VS Code if wanted (--desktop),
// else in a VS Code in the browser (--browser).

import { existsSync } from "node:fs";
import { cp, mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createInterface } from "node:readline/promises";
import { installEditor, startEditor } from "./editor.mjs";
import { nodePackages } from "./node.mjs";
import { packaged } from "./package.mjs";
import { environment } from "./python.mjs";
import { Failure, main, root, run, stage, which } from "./run.mjs";

const files = ["nuclei.ipynb", "wine.py"];

await main(async () => {
  const desktop = await wantsDesktop();
  await stage("Python, in .venv", environment);
  await stage("Node packages", nodePackages);
  const vsix = await stage("The VSIX", packaged);
  const scratch = await mkdtemp(path.join(os.tmpdir(), "mlsense-demo-"));
  const folder = path.join(scratch, "examples");
  await cp(path.join(root, "examples"), folder, { recursive: true });
  await (desktop ? openDesktop(vsix, folder) : openBrowser(vsix, folder, scratch));
});

async function wantsDesktop() {
  if (process.argv.includes("--browser")) return false;
  const wanted = process.argv.includes("--desktop");
  if (!which("code")) {
    if (wanted) throw new Failure("There is no `code` on the PATH.");
    return false;
  }
  if (wanted || !process.stdin.isTTY) return wanted;
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await terminal.question("VS Code is installed here. Install MLSense into it? [Y/n, n: use the browser] ");
  terminal.close();
  return !/^n/i.test(answer.trim());
}

async function openDesktop(vsix, folder) {
  const code = (...args) =>
    process.platform === "win32" ? run("cmd.exe", ["/d", "/s", "/c", "code", ...args]) : run("code", args);
  await stage("Installation into VS Code", () => code("--install-extension", vsix, "--force"));
  await code(folder, ...files.map((file) => path.join(folder, file)));
  console.log(`\nThe examples are open in VS Code. They lie in ${folder}.`);
  console.log("`code --uninstall-extension mlsense.mlsense` takes MLSense out again.");
}

async function openBrowser(vsix, folder, scratch) {
  const home = await stage("VS Code in the browser", installEditor);
  const editor = await stage("Start", () => startEditor({ editor: home, profile: path.join(scratch, "profile"), vsix, folder }));
  const interrupted = new Promise((resolve) => ["SIGINT", "SIGTERM", "SIGHUP"].forEach((signal) => process.once(signal, resolve)));
  console.log(`\nOpen this in a browser:\n\n  ${editor.url}\n\nCtrl+C stops it.`);
  openPage(editor.url);
  editor.open(...files).catch(() => undefined); // ended before a page was opened
  await Promise.race([interrupted, editor.ended]);
  await editor.stop();
  await rm(scratch, { recursive: true, force: true, maxRetries: 3 });
  process.exit();
}

/** Opens the page in the user's browser where there is a screen to show it on. */
function openPage(url) {
  const opener = which("xdg-open");
  const screen = process.env.DISPLAY || process.env.WAYLAND_DISPLAY;
  if (opener && screen && existsSync(opener)) run(opener, [url]).catch(() => undefined);
}
