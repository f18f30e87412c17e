import { extensions, workspace } from "vscode";

/** The settings that switch other extensions' language servers off, beside those of the extension of the same name. */
const switches: readonly { readonly id: string; readonly setting: string }[] = [
  { id: "detachhead.basedpyright", setting: "basedpyright.disableLanguageServices" },
  { id: "ms-pyright.pyright", setting: "pyright.disableLanguageServices" },
  { id: "astral-sh.ty", setting: "ty.disableLanguageServices" },
  { id: "charliermarsh.ty", setting: "ty.disableLanguageServices" },
  { id: "meta.pyrefly", setting: "python.pyrefly.disableLanguageServices" },
];
const chooser = "python.languageServer";

/** The settings on which the answer below depends. */
export const pythonServerSettings: readonly string[] = [chooser, ...switches.map(({ setting }) => setting)];

/**
 * The extensions whose language server completes Python here. One that is installed and not disabled counts: it starts
 * with the first Python file, as we do, and need not have started yet.
 */
export function otherPythonServers(): string[] {
  const setting = <T>(name: string): T | undefined => workspace.getConfiguration().get<T>(name);
  const installed = (id: string) => extensions.getExtension(id) !== undefined;
  // The Python extension brings Jedi, and leaves the work to Pylance where that is there.
  const choice = setting<string>(chooser) ?? "Default";
  const pylance = "ms-python.vscode-pylance";
  const chosen = choice !== "Jedi" && installed(pylance) ? pylance : "ms-python.python";
  return [
    ...(choice !== "None" && installed(chosen) ? [chosen] : []),
    ...switches.filter(({ id, setting: off }) => installed(id) && setting<boolean>(off) !== true).map(({ id }) => id),
  ];
}
