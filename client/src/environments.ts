import { type Disposable, type Event, type Extension, type Uri, extensions, workspace } from "vscode";
import type { Command, Source } from "./interpreter";
import { within } from "./time";

/** The part of the Python Environments extension's interface used here. */
interface PythonEnvironments {
  getEnvironment(scope: Uri | undefined): Promise<{ execInfo?: { run: { executable: string; args?: string[] } } } | undefined>;
  onDidChangeEnvironment: Event<unknown>;
}

/** The part of the Python extension's interface used here. */
interface PythonExtension {
  ready: Promise<void>;
  environments: {
    getActiveEnvironmentPath(resource?: Uri): { path: string };
    resolveEnvironment(path: { path: string }): Promise<{ executable: { uri?: Uri } } | undefined>;
    onDidChangeActiveEnvironmentPath: Event<unknown>;
  };
}

const scope = () => workspace.workspaceFolders?.[0]?.uri;

/**
 * The environments selected in other extensions, most telling first. Each is asked only if it is installed.
 * `changed` is called when a selection changes, and when an extension that did not start within `patience`
 * (milliseconds) has started after all.
 */
export function selectedEnvironments(
  changed: () => void,
  patience = 4_000,
): { sources: readonly Source[]; subscriptions: Disposable } {
  const subscriptions: Disposable[] = [];

  function source<Api>(name: string, id: string, changes: (api: Api) => Event<unknown>, selected: (api: Api) => Promise<Command[]>): Source {
    let api: Promise<Api> | undefined;
    async function activate(extension: Extension<Api>): Promise<Api> {
      const activated = await extension.activate();
      subscriptions.push(changes(activated)(changed));
      return activated;
    }
    return {
      name,
      async candidates() {
        const extension = extensions.getExtension<Api>(id);
        if (!extension) return [];
        api ??= activate(extension);
        const activated = await within(patience, api);
        if (activated !== undefined) return selected(activated);
        void api.then(changed, () => undefined); // one that fails has no selection, now or later
        return [];
      },
    };
  }

  return {
    sources: [
      source<PythonEnvironments>(
        "Python Environments extension",
        "ms-python.vscode-python-envs",
        (api) => api.onDidChangeEnvironment,
        async (api) => {
          const run = (await api.getEnvironment(scope()))?.execInfo?.run;
          return run ? [{ program: run.executable, args: run.args ?? [] }] : [];
        },
      ),
      source<PythonExtension>(
        "Python extension",
        "ms-python.python",
        (api) => api.environments.onDidChangeActiveEnvironmentPath,
        async (api) => {
          await api.ready;
          const environment = await api.environments.resolveEnvironment(api.environments.getActiveEnvironmentPath(scope()));
          return environment?.executable.uri ? [{ program: environment.executable.uri.fsPath, args: [] }] : [];
        },
      ),
    ],
    subscriptions: { dispose: () => subscriptions.forEach((subscription) => subscription.dispose()) },
  };
}
