import { type Disposable, type DocumentSelector, type LanguageStatusItem, LanguageStatusSeverity, languages } from "vscode";
import type { Interpreter } from "./interpreter";

const where: DocumentSelector = [{ language: "python" }, { notebookType: "jupyter-notebook" }, { notebookType: "interactive" }];

/** What the language status (the braces in the status bar) says about the server. */
export class Status implements Disposable {
  private readonly item: LanguageStatusItem = languages.createLanguageStatusItem("mlsense.status", where);

  constructor() {
    this.item.name = "MLSense";
    this.starting();
  }

  starting(): void {
    this.show("MLSense is starting", "", LanguageStatusSeverity.Information, true);
  }

  running(version: string, interpreter: Interpreter): void {
    this.show(`MLSense ${version}`, `Python ${interpreter.version}, ${interpreter.path}`, LanguageStatusSeverity.Information);
  }

  stopped(reason: string): void {
    this.show("MLSense is not running", reason, LanguageStatusSeverity.Error);
    this.item.command = { command: "mlsense.restart", title: "Restart" };
  }

  dispose(): void {
    this.item.dispose();
  }

  private show(text: string, detail: string, severity: LanguageStatusSeverity, busy = false): void {
    Object.assign(this.item, { text, detail, severity, busy });
    this.item.command = { command: "mlsense.showOutput", title: "Show Output" };
  }
}
