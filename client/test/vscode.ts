// The little of VS Code that the client's units need: settings, and extensions with an interface that activates when
// it is told to.

export type Listener = () => void;

const installed = new Map<string, { activate(): Promise<unknown> }>();
const settings = new Map<string, unknown>();

export const extensions = { getExtension: (id: string) => installed.get(id) };
export const workspace = { workspaceFolders: undefined, getConfiguration: () => ({ get: (name: string) => settings.get(name) }) };

export function install(id: string, activate: () => Promise<unknown>): void {
  installed.set(id, { activate });
}

export function set(name: string, value: unknown): void {
  settings.set(name, value);
}

/** As in the beginning: no extensions, no settings. */
export function uninstallAll(): void {
  installed.clear();
  settings.clear();
}

/** An event as VS Code has them, and how to fire it. */
export function eventOf() {
  const listeners = new Set<Listener>();
  const event = (listener: Listener) => {
    listeners.add(listener);
    return { dispose: () => listeners.delete(listener) };
  };
  return { event, fire: () => listeners.forEach((listener) => listener()) };
}
