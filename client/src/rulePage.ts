import { Uri, commands, env, window, workspace } from "vscode";

/** The command that code actions of the server may name; its arguments are a rule's name and the address of its page. */
export const openRulePageCommand = "mlsense.openRulePage";

/** Shows the page of a rule as it was packaged with this version, else the one online; without a name, asks for the rule. */
export async function openRulePage(extension: Uri, name?: unknown, url?: unknown): Promise<void> {
  const pages = Uri.joinPath(extension, "docs", "rules");
  const rule = typeof name === "string" ? name : await pick(pages);
  if (rule === undefined || !/^[A-Za-z0-9-]+$/.test(rule)) return;
  const page = Uri.joinPath(pages, `${rule}.md`);
  if (await exists(page)) await commands.executeCommand("markdown.showPreview", page);
  else if (typeof url === "string") await env.openExternal(Uri.parse(url));
}

const exists = (file: Uri) => workspace.fs.stat(file).then(() => true, () => false);

async function pick(pages: Uri): Promise<string | undefined> {
  const entries = await workspace.fs.readDirectory(pages).then((found) => found, () => []);
  const rules = entries.flatMap(([file]) => (file.endsWith(".md") ? [file.slice(0, -".md".length)] : []));
  return window.showQuickPick(rules.sort(), { placeHolder: "The rule to read about" });
}
