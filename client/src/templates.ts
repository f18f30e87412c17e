import { FileType, type QuickPickItem, Uri, commands, window, workspace } from "vscode";
import { choose } from "./choosing";
import { objection, renamed, renamedPath } from "./naming";

interface Template extends QuickPickItem {
  readonly folder: string;
  /** The file that is shown first, as it is called in the template. */
  readonly first: string;
}

const templates: readonly Template[] = [
  {
    label: "Script", folder: "script", first: "train.py",
    detail: "One file from the data to a saved model, with its requirements.",
  },
  {
    label: "Notebook", folder: "notebook", first: "my_project.ipynb",
    detail: "From a first look to the score on held-out rows, cell by cell.",
  },
  {
    label: "Package", folder: "package", first: "src/my_project/train.py",
    detail: "Data, training, evaluation, an API, a Dockerfile, tests and continuous integration.",
  },
];

const inAnother = "In another folder …";

/** Asks which, its name and where; writes the files and shows the first of them. Nothing that is there is touched. */
export async function newProject(extension: Uri): Promise<void> {
  const title = "New Project From Template";
  const answer = await choose<Template>({ title, placeholder: "What do you begin with?", items: templates });
  const template = Array.isArray(answer) ? (answer as readonly Template[])[0] : undefined;
  if (!template) return;
  const name = await window.showInputBox({ title, prompt: "Name of the project", value: "my_project", validateInput: objection });
  const parent = name && (await parentFolder(title));
  if (!name || !parent) return;
  const folder = Uri.joinPath(parent, name);
  if (await exists(folder)) {
    void window.showErrorMessage(`${folder.fsPath} is there already. Choose another name.`);
    return;
  }
  await written(Uri.joinPath(extension, "templates", template.folder), folder, name);
  const first = Uri.joinPath(folder, renamedPath(template.first, name));
  if (first.path.endsWith(".ipynb")) await commands.executeCommand("vscode.open", first);
  else await window.showTextDocument(first);
  if (workspace.getWorkspaceFolder(folder)) return;
  const open = "Open Folder";
  if ((await window.showInformationMessage(`${name} is written to ${folder.fsPath}.`, open)) === open) {
    await commands.executeCommand("vscode.openFolder", folder);
  }
}

async function parentFolder(title: string): Promise<Uri | undefined> {
  const folders = workspace.workspaceFolders ?? [];
  if (folders.length > 0) {
    const items = [...folders.map(({ name, uri }) => ({ label: `In ${name}`, detail: uri.fsPath, uri })), { label: inAnother, detail: "", uri: undefined }];
    const answer = await choose<QuickPickItem & { uri: Uri | undefined }>({ title, placeholder: "Where?", items });
    const choice = Array.isArray(answer) ? (answer as typeof items)[0] : undefined;
    if (!choice || choice.uri) return choice?.uri;
  }
  const [chosen] = (await window.showOpenDialog({ title, canSelectFolders: true, canSelectFiles: false, openLabel: "Create Here" })) ?? [];
  return chosen;
}

/** Writes a template under a project's name: aside first, then renamed when whole. */
async function written(template: Uri, folder: Uri, name: string): Promise<void> {
  const partial = Uri.joinPath(folder, "..", `.${name}.partial`);
  await workspace.fs.delete(partial, { recursive: true }).then(undefined, () => undefined);
  for (const path of await filesBelow(template)) {
    const text = new TextDecoder().decode(await workspace.fs.readFile(Uri.joinPath(template, path)));
    await workspace.fs.writeFile(Uri.joinPath(partial, renamedPath(path, name)), new TextEncoder().encode(renamed(text, name)));
  }
  await workspace.fs.rename(partial, folder);
}

/** The paths of all files of a folder, from there. */
async function filesBelow(folder: Uri, above = ""): Promise<readonly string[]> {
  const entries = await workspace.fs.readDirectory(folder);
  const found = entries.map(([name, type]) =>
    type === FileType.Directory ? filesBelow(Uri.joinPath(folder, name), `${above}${name}/`) : Promise.resolve([`${above}${name}`]));
  return (await Promise.all(found)).flat();
}

const exists = (file: Uri) => workspace.fs.stat(file).then(() => true, () => false);
