import { type ExtensionContext, commands, extensions, window, workspace } from "vscode";
import { findDataSets } from "./dataSets";
import { selectedEnvironments } from "./environments";
import { insertCell, insertCellCommand, measureLeak, openFile, openFileCommand } from "./measuring";
import { pythonServerSettings } from "./pythonServers";
import { openRulePage, openRulePageCommand } from "./rulePage";
import { Server } from "./server";
import { Preview, insertAlgorithm, insertSnippet } from "./snippets";
import { Status } from "./status";
import { newProject } from "./templates";

let server: Server | undefined;

export function activate(context: ExtensionContext): void {
  const log = window.createOutputChannel("MLSense", { log: true });
  const status = new Status();
  const preview = new Preview();
  const environments = selectedEnvironments(() => void started.refresh());
  const started = new Server(context.extensionPath, log, status, environments.sources);
  server = started;

  context.subscriptions.push(
    log,
    status,
    environments.subscriptions,
    started,
    commands.registerCommand("mlsense.restart", () => started.refresh(true)),
    commands.registerCommand("mlsense.showOutput", () => log.show()),
    commands.registerCommand(openRulePageCommand, (...args: unknown[]) => openRulePage(context.extensionUri, ...args)),
    commands.registerCommand("mlsense.measureLeak", measureLeak),
    workspace.registerTextDocumentContentProvider(Preview.scheme, preview),
    commands.registerCommand("mlsense.insertSnippet", () => insertSnippet(started, preview)),
    commands.registerCommand("mlsense.insertAlgorithm", () => insertAlgorithm(started, preview)),
    commands.registerCommand("mlsense.findDataSets", () => findDataSets(started)),
    commands.registerCommand("mlsense.newProject", () => newProject(context.extensionUri)),
    commands.registerCommand(insertCellCommand, insertCell),
    commands.registerCommand(openFileCommand, openFile),
    workspace.onDidChangeConfiguration((change) => {
      if (change.affectsConfiguration("mlsense.interpreter")) void started.refresh();
      if (pythonServerSettings.some((name) => change.affectsConfiguration(name))) started.tellSurroundings();
    }),
    extensions.onDidChange(() => started.tellSurroundings()),
    workspace.onDidGrantWorkspaceTrust(() => {
      started.tellSurroundings();
      void started.refresh();
    }),
  );
  // Not awaited: looking for an interpreter takes its time, and the editor should not wait for it.
  void started.refresh();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}
