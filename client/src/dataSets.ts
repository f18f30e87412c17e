import { type QuickPickItem, QuickPickItemKind, Uri, env, window } from "vscode";
import { choose } from "./choosing";
import type { Server } from "./server";
import { insert } from "./snippets";

interface DataSet {
  readonly name: string;
  readonly rows: number;
  readonly columns: readonly string[];
  readonly target: string;
  readonly code: string;
}

interface Choice extends QuickPickItem {
  readonly code?: string;
  readonly search?: (words: string) => string;
}

/** Where data sets are searched for, by the address of the results. */
export const searches: readonly (readonly [string, (words: string) => string])[] = [
  ["Google Dataset Search", (words) => `https://datasetsearch.research.google.com/search?query=${encodeURIComponent(words)}`],
  ["Kaggle", (words) => `https://www.kaggle.com/datasets?search=${encodeURIComponent(words)}`],
];

/** Inserts the code that loads a bundled data set, or opens a search for one in the browser. */
export async function findDataSets(server: Server): Promise<void> {
  const editor = window.activeTextEditor;
  const bundled = await server.ask<DataSet[]>("mlsense/dataSets", {});
  if (!bundled) return;
  const items: Choice[] = [
    ...searches.map(([name, search]): Choice => ({ label: `$(search) Search ${name}`, search })),
    { label: "Bundled with scikit-learn", kind: QuickPickItemKind.Separator },
    ...bundled.map(({ name, rows, columns, target, code }): Choice => ({
      label: name, description: `${rows.toLocaleString("en")} rows, ${columns.length} columns, ${target}`, detail: columns.slice(0, 8).join(", "), code,
    })),
  ];
  const answer = await choose<Choice>({ title: "Find Data Sets", placeholder: "A name, a column, or where to search", items });
  const choice = Array.isArray(answer) ? (answer as readonly Choice[])[0] : undefined;
  if (choice?.code !== undefined) {
    // Code is no snippet: what has a meaning there is escaped.
    await insert({ body: choice.code.replaceAll(/[$}\\]/g, "\\$&"), language: "python", file: false }, editor);
  } else if (choice?.search) {
    const words = await window.showInputBox({ title: choice.label.replace(/^\$\(search\) /, ""), prompt: "What should the data be about?" });
    if (words?.trim()) await env.openExternal(Uri.parse(choice.search(words.trim()), true));
  }
}
