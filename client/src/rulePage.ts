import { Uri, commands, env, window, workspace } from "vscode";

const online = (rule: string) => Uri.parse(`https://github.com/mlsense/mlsense/blob/main/docs/rules/${rule}.md`);

/** Shows the page of a rule as it was packaged with this version; without a name, asks for the rule. */
export async function openRulePage(extension: Uri, name?: unknown): Promise<void> {
  const pages = Uri.joinPath(extension, "docs", "rules");
  const rule = typeof name === "string" ? name : await pick(pages);
  if (rule === undefined || !/^[a-z0-9-]+$/.test(rule)) return;
  const page = Uri.joinPath(pages, `${rule}.md`);
  const there = await workspace.fs.stat(page).then(() => true, () => false);
  await (there ? commands.executeCommand("markdown.showPreview", page) : env.openExternal(online(rule)));
}

async function pick(pages: Uri): Promise<string | undefined> {
  const entries = await workspace.fs.readDirectory(pages).then((found) => found, () => []);
  const rules = entries.flatMap(([file]) => (file.endsWith(".md") ? [file.slice(0, -".md".length)] : []));
  return window.showQuickPick(rules.sort(), { placeHolder: "The rule to read about" });
}
