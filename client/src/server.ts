import { homedir } from "node:os";
import * as path from "node:path";
import { ConfigurationTarget, type Disposable, type LogOutputChannel, window, workspace } from "vscode";
import { LanguageClient, RevealOutputChannelOn, State } from "vscode-languageclient/node";
import {
  type Command, type Interpreter, type Search, type Source, describe, findInterpreter, firstAbsolute, oldest,
} from "./interpreter";
import type { Library } from "./libraries";
import { insertCellCommand, openFileCommand } from "./measuring";
import { expand, onPath } from "./path";
import { otherPythonServers } from "./pythonServers";
import { openRulePageCommand } from "./rulePage";
import { serialised } from "./serial";
import type { Status } from "./status";

const required = `Python ${oldest.join(".")} or newer`;

/** The server's process and our connection to it. */
export class Server implements Disposable {
  private client: LanguageClient | undefined;
  private interpreter: Interpreter | undefined;
  /** The Python of the project, whose libraries count; it need not be the one that runs the server. */
  private project: string | undefined;
  private told = false;
  private disposed = false;

  constructor(
    private readonly extension: string,
    private readonly log: LogOutputChannel,
    private readonly status: Status,
    private readonly selected: readonly Source[],
  ) {}

  /**
   * Looks for an interpreter and starts the server with it. A running server is left alone if it would be started
   * just the same, unless the flag asks for a fresh one. Never more than one of these at a time.
   */
  readonly refresh = serialised(async (fresh) => {
    if (this.disposed) return;
    if (!this.client) this.status.starting();
    const search = await findInterpreter(this.sources());
    search.rejected.forEach((rejection) => this.log.info(`Passed over: ${describe(rejection)}`));
    const project = await firstAbsolute(workspace.isTrusted ? this.selected : []);
    if (this.disposed) return;
    const changed = project !== this.project;
    this.project = project;
    if (!fresh && this.client?.isRunning() && search.interpreter?.path === this.interpreter?.path) {
      if (changed) await this.client.sendNotification("mlsense/interpreter", { path: project ?? null });
      return;
    }
    await this.stop();
    if (search.interpreter) await this.start(search.interpreter);
    else this.explain(search);
  });

  /** Tells a running server that the workspace is trusted now, or that other servers for Python came or went. */
  tellSurroundings(): void {
    if (this.client?.isRunning()) void this.client.sendNotification("mlsense/surroundings", surroundings());
  }

  /** The answer to a request of our own; undefined, and the user is told, where no server runs. */
  async ask<T>(method: string, params: object): Promise<T | undefined> {
    if (this.client?.isRunning()) return this.client.sendRequest<T>(method, params);
    void window.showWarningMessage("MLSense's server is not running yet. Try again in a moment.");
    return undefined;
  }

  async stop(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    // A server that does not end in time is killed by the client; there is nothing for the user to do.
    await client?.dispose().catch((error: unknown) => this.log.warn(`While stopping: ${String(error)}`));
  }

  dispose(): void {
    this.disposed = true;
    void this.stop();
  }

  private sources(): readonly Source[] {
    const trusted = workspace.isTrusted;
    const folders = (workspace.workspaceFolders ?? []).map((folder) => folder.uri.fsPath);
    const setting = workspace.getConfiguration("mlsense").get<string>("interpreter", "");
    const program = expand(setting, homedir(), folders[0]);
    const own: readonly Command[] = program ? [{ program, args: [] }] : [];
    return [
      { name: "setting mlsense.interpreter", candidates: async () => own },
      // What another extension selected may lie in the workspace itself.
      ...(trusted ? this.selected : []),
      { name: "PATH", candidates: async () => onPath(undefined, trusted ? [] : folders) },
    ];
  }

  private async start(interpreter: Interpreter): Promise<void> {
    this.interpreter = interpreter;
    this.status.starting();
    this.log.info(`Starting with Python ${interpreter.version}, ${interpreter.path} (${interpreter.source})`);
    const client = new LanguageClient(
      "mlsense",
      "MLSense",
      {
        command: interpreter.path,
        args: ["-I", "-S", path.join(this.extension, "server", "main.py")],
        options: { cwd: this.extension },
      },
      {
        documentSelector: ["file", "untitled", "vscode-notebook-cell"].map((scheme) => ({ language: "python", scheme })),
        initializationOptions: { commands: [openRulePageCommand, insertCellCommand, openFileCommand], versions: true, interpreter: this.project, ...surroundings() },
        outputChannel: this.log,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        // The status item says what failed, and this class is the one to start again.
        initializationFailedHandler: () => false,
      },
    );
    this.client = client;
    client.onNotification("mlsense/versions", ({ libraries }: { libraries: Library[] }) => this.status.versions(libraries));
    client.onDidChangeState(({ newState }) => {
      if (this.client !== client) return;
      if (newState === State.Running) this.status.running(client.initializeResult?.serverInfo?.version ?? "", interpreter);
      else if (newState === State.Starting) this.status.starting();
      else this.status.stopped("The server has stopped");
    });
    try {
      await client.start();
      this.told = false;
    } catch (error) {
      this.log.error(`The server does not start: ${String(error)}`);
      this.status.stopped("The server does not start");
      this.tell("MLSense's server does not start.", "Show Output", () => this.log.show());
    }
  }

  private explain({ rejected }: Search): void {
    const found = rejected.length === 0 ? "" : ` Passed over: ${rejected.map(describe).join("; ")}.`;
    this.log.error(`No ${required} was found.${found}`);
    this.status.stopped(`Needs ${required}`);
    this.tell(`MLSense needs ${required} and found none. Install one, or choose where it is.`, "Choose Python", chooseInterpreter);
  }

  /** Shows a message with one button, once until a server runs again. */
  private tell(message: string, button: string, action: () => unknown): void {
    if (this.told) return;
    this.told = true;
    void window.showErrorMessage(message, button).then((chosen) => chosen && action());
  }
}

/** What the server cannot know by itself. */
const surroundings = () => ({ trusted: workspace.isTrusted, otherPythonServers: otherPythonServers() });

/** Asks for the file of an interpreter; the changed setting starts the server. */
async function chooseInterpreter(): Promise<void> {
  const [file] = (await window.showOpenDialog({ title: required, openLabel: "Use This Python" })) ?? [];
  if (file) await workspace.getConfiguration("mlsense").update("interpreter", file.fsPath, ConfigurationTarget.Global);
}
