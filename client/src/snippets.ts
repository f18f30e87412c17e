import {
  type Event, EventEmitter, type QuickPickItem, QuickPickItemKind, SnippetString, TabInputText, type TextDocumentContentProvider,
  type TextEditor, Uri, ViewColumn, window, workspace,
} from "vscode";
import { type Snippet, type Snippets, algorithms, merits, previewed, purposes, sizes } from "./algorithms";
import { choose, interview } from "./choosing";
import type { Server } from "./server";

/** How many of those that come next are listed above the packs. */
const next = 8;

interface Choice extends QuickPickItem {
  readonly snippet?: Snippet;
}

/** Lists all snippets, those that the program lacks next first, and inserts the chosen one. */
export async function insertSnippet(server: Server, preview: Preview): Promise<void> {
  const editor = window.activeTextEditor;
  const known = await snippets(server, editor);
  if (!known) return;
  const ranked = known.snippets.filter((each) => each.next !== null).sort((a, b) => a.next! - b.next!).slice(0, next);
  const items: Choice[] = ranked.length > 0 ? [separator("Next for this program"), ...ranked.map(entry)] : [];
  for (const stage of new Set(known.snippets.map((each) => each.stage))) {
    items.push(separator(stage), ...known.snippets.filter((each) => each.stage === stage).map(entry));
  }
  await chosen("Insert Snippet", "Name, prefix or purpose", items, editor, preview);
}

/** Asks what is to be predicted, of how much data, and what matters; then inserts the chosen algorithm. */
export async function insertAlgorithm(server: Server, preview: Preview): Promise<void> {
  const editor = window.activeTextEditor;
  const known = await snippets(server, editor);
  if (!known) return;
  const title = "Insert Algorithm";
  const answers = await interview([
    () => ({ title, placeholder: "What do you want to predict?", items: purposes(known).map((each) => named(each, known.predicts)) }),
    () => ({ title, placeholder: "How much data is there?", items: sizes.map(([label]) => ({ label })) }),
    ([purpose]) => ({
      title, placeholder: "What matters? Choose any, or none", many: true,
      items: merits(known, idOf(purpose!, known.predicts)[0]!).map((each) => named(each, known.good)),
    }),
  ]);
  if (!answers) return;
  const [purpose, size, matters] = answers;
  const rows = sizes.find(([label]) => label === size![0]!.label)![1];
  const found = algorithms(known, idOf(purpose!, known.predicts)[0]!, rows, idOf(matters!, known.good));
  if (found.length === 0) {
    void window.showInformationMessage("No algorithm of the packs fits that many rows. Train on a sample of them.");
    return;
  }
  const items = found.map((snippet): Choice => {
    const { fits, good } = snippet.algorithm!;
    const words = good.map((each) => known.good[each]?.toLowerCase()).join(", ");
    return { label: snippet.name, description: words, detail: fits, snippet };
  });
  await chosen(title, "The code is shown beside", items, editor, preview);
}

async function chosen(title: string, placeholder: string, items: readonly Choice[], editor: TextEditor | undefined, preview: Preview) {
  const answer = await choose<Choice>({ title, placeholder, items, looking: (item) => preview.show(item?.snippet) });
  await preview.close();
  const snippet = Array.isArray(answer) ? (answer as readonly Choice[])[0]?.snippet : undefined;
  if (snippet) await insert(snippet, editor);
}

/** Inserts it at the caret, or where that is a file of another language, into a new file. */
export async function insert({ body, language, file }: Pick<Snippet, "body" | "language" | "file">, editor: TextEditor | undefined): Promise<void> {
  const fits = editor?.document.languageId === language && (!file || editor.document.getText().trim() === "");
  await (fits ? await focused(editor) : await fresh(language)).insertSnippet(new SnippetString(body));
}

/** The editor, with the focus that a list took. A cell gets its focus back by itself, and cannot be shown as a text. */
async function focused(editor: TextEditor): Promise<TextEditor> {
  if (editor.document.uri.scheme === "vscode-notebook-cell" || editor.viewColumn === undefined) return editor;
  return window.showTextDocument(editor.document, editor.viewColumn);
}

async function fresh(language: string): Promise<TextEditor> {
  return window.showTextDocument(await workspace.openTextDocument({ language }));
}

async function snippets(server: Server, editor: TextEditor | undefined): Promise<Snippets | undefined> {
  const python = editor?.document.languageId === "python" ? editor : undefined;
  const position = python?.selection.active;
  return server.ask<Snippets>("mlsense/snippets", python && position ? {
    textDocument: { uri: python.document.uri.toString() },
    position: { line: position.line, character: position.character },
  } : {});
}

const separator = (label: string): Choice => ({ label, kind: QuickPickItemKind.Separator });

function entry(snippet: Snippet): Choice {
  const names = snippet.names.length > 0 ? ` (${snippet.names.join(", ")})` : "";
  return { label: snippet.name, description: `${snippet.prefix}${names}`, detail: snippet.description, snippet };
}

const named = (id: string, words: Readonly<Record<string, string>>): QuickPickItem => ({ label: words[id] ?? id });

function idOf(items: readonly QuickPickItem[], words: Readonly<Record<string, string>>): readonly string[] {
  const labels = new Set(items.map(({ label }) => label));
  return Object.keys(words).filter((id) => labels.has(words[id]!));
}

/** The code of the entry that is looked at, beside the editor. */
export class Preview implements TextDocumentContentProvider {
  static readonly scheme = "mlsense-snippet";
  private readonly changes = new EventEmitter<Uri>();
  private shown: Uri | undefined;
  private text = "";

  readonly onDidChange: Event<Uri> = this.changes.event;

  provideTextDocumentContent(): string {
    return this.text;
  }

  show(snippet: Snippet | undefined): void {
    if (!snippet) return;
    this.text = previewed(snippet);
    const uri = Uri.from({ scheme: Preview.scheme, path: `/Preview${endings[snippet.language] ?? ".txt"}` });
    const known = this.shown?.toString() === uri.toString();
    this.shown = uri;
    this.changes.fire(uri);
    if (!known) void window.showTextDocument(uri, { viewColumn: ViewColumn.Beside, preview: true, preserveFocus: true });
  }

  async close(): Promise<void> {
    this.shown = undefined;
    const tabs = window.tabGroups.all.flatMap((group) => group.tabs);
    const mine = tabs.filter(({ input }) => input instanceof TabInputText && input.uri.scheme === Preview.scheme);
    await window.tabGroups.close(mine, true);
  }
}

const endings: Readonly<Record<string, string>> = {
  python: ".py", dockerfile: ".dockerfile", yaml: ".yaml", dockercompose: ".yaml", json: ".json", groovy: ".groovy", shellscript: ".sh",
  toml: ".toml", ignore: ".gitignore",
};
