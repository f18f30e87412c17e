import { type Disposable, type DocumentSelector, type LanguageStatusItem, LanguageStatusSeverity, languages } from "vscode";
import type { Interpreter } from "./interpreter";
import { type Library, inWords } from "./libraries";

const where: DocumentSelector = [{ language: "python" }, { notebookType: "jupyter-notebook" }, { notebookType: "interactive" }];

/** What the language status (the braces in the status bar) says about the server. */
export class Status implements Disposable {
  private readonly item: LanguageStatusItem = languages.createLanguageStatusItem("mlsense.status", where);

  /** What the server runs on. */
  private base = "";
  private libraries: readonly Library[] = [];

  constructor() {
    this.item.name = "MLSense";
    this.starting();
  }

  starting(): void {
    this.show("MLSense is starting", "", LanguageStatusSeverity.Information, true);
  }

  running(version: string, interpreter: Interpreter): void {
    this.base = `Python ${interpreter.version}, ${interpreter.path}`;
    this.show(`MLSense ${version}`, this.detail(), LanguageStatusSeverity.Information);
  }

  versions(libraries: readonly Library[]): void {
    this.libraries = libraries;
    if (this.base) this.item.detail = this.detail();
  }

  stopped(reason: string): void {
    this.base = "";
    this.show("MLSense is not running", reason, LanguageStatusSeverity.Error);
    this.item.command = { command: "mlsense.restart", title: "Restart" };
  }

  dispose(): void {
    this.item.dispose();
  }

  private detail(): string {
    return [this.base, ...inWords(this.libraries)].join(" — ");
  }

  private show(text: string, detail: string, severity: LanguageStatusSeverity, busy = false): void {
    Object.assign(this.item, { text, detail, severity, busy });
    this.item.command = { command: "mlsense.showOutput", title: "Show Output" };
  }
}
