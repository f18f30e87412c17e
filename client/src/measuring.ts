import {
  type CodeAction, type Diagnostic, NotebookCellData, NotebookCellKind, NotebookEdit, NotebookEditorRevealType, NotebookRange,
  Uri, WorkspaceEdit, commands, languages, window, workspace,
} from "vscode";

/** The command that puts a cell below another one of a notebook: its URI, the index of that cell, the code. */
export const insertCellCommand = "mlsense.insertCell";
/** The command that shows a file that was just written. */
export const openFileCommand = "mlsense.openFile";

const title = "Measure what this leak is worth";

export async function insertCell(uri: unknown, below: unknown, code: unknown): Promise<void> {
  if (typeof uri !== "string" || typeof below !== "number" || typeof code !== "string") return;
  const notebook = Uri.parse(uri);
  const edit = new WorkspaceEdit();
  const cell = new NotebookCellData(NotebookCellKind.Code, code, "python");
  edit.set(notebook, [NotebookEdit.insertCells(below + 1, [cell])]);
  if (!(await workspace.applyEdit(edit))) return;
  const editor = window.visibleNotebookEditors.find((each) => each.notebook.uri.toString() === notebook.toString());
  if (!editor) return;
  const range = new NotebookRange(below + 1, below + 2);
  editor.selections = [range];
  editor.revealRange(range, NotebookEditorRevealType.InCenterIfOutsideViewport);
}

export async function openFile(uri: unknown): Promise<void> {
  if (typeof uri === "string") await window.showTextDocument(Uri.parse(uri), { preview: false });
}

/** Offers the leaks of the active file or notebook that can be measured, the one at the caret without asking. */
export async function measureLeak(): Promise<void> {
  const leaks = await measurable(openTexts());
  const caret = window.activeTextEditor;
  const here = leaks.filter(
    ({ uri, finding }) =>
      uri.toString() === caret?.document.uri.toString() && finding.range.intersection(caret.selection) !== undefined,
  );
  const choice = here.length === 1 ? here[0] : leaks.length === 1 ? leaks[0] : await pick(here.length > 0 ? here : leaks);
  if (!choice) return;
  if (choice.action.edit) await workspace.applyEdit(choice.action.edit);
  const command = choice.action.command;
  if (command) await commands.executeCommand(command.command, ...(command.arguments ?? []));
}

interface Leak {
  readonly uri: Uri;
  readonly finding: Diagnostic;
  readonly action: CodeAction;
}

/** The texts of the notebook or file that is in front. */
function openTexts(): readonly Uri[] {
  const notebook = window.activeNotebookEditor?.notebook;
  if (notebook) return notebook.getCells().map((cell) => cell.document.uri);
  return window.activeTextEditor ? [window.activeTextEditor.document.uri] : [];
}

async function measurable(uris: readonly Uri[]): Promise<readonly Leak[]> {
  const leaks: Leak[] = [];
  for (const uri of uris) {
    for (const finding of languages.getDiagnostics(uri).filter(({ source }) => source === "MLSense")) {
      const actions = await commands.executeCommand<CodeAction[]>("vscode.executeCodeActionProvider", uri, finding.range, "quickfix");
      const about = ({ diagnostics }: CodeAction) =>
        diagnostics === undefined || diagnostics.some(({ range, message }) => range.isEqual(finding.range) && message === finding.message);
      const action = (actions ?? []).find((each) => each.title === title && about(each));
      if (action) leaks.push({ uri, finding, action });
    }
  }
  return leaks;
}

async function pick(leaks: readonly Leak[]): Promise<Leak | undefined> {
  if (leaks.length === 0) {
    void window.showInformationMessage("MLSense sees no leak here that it can measure.");
    return undefined;
  }
  const items = leaks.map((leak) => ({ label: `Line ${leak.finding.range.start.line + 1}`, detail: leak.finding.message, leak }));
  return (await window.showQuickPick(items, { placeHolder: "The leak to measure" }))?.leak;
}
