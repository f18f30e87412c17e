import { execFile } from "node:child_process";
import { isAbsolute } from "node:path";
import { within } from "./time";

/** The oldest Python that runs the server. */
export const oldest = [3, 10] as const;

/** A program with the arguments that come before all others, such as `py -3`. */
export interface Command {
  readonly program: string;
  readonly args: readonly string[];
}

/** Somewhere a Python may be known: a setting, another extension, the PATH. */
export interface Source {
  readonly name: string;
  candidates(): PromiseLike<readonly Command[]>;
}

export interface Interpreter {
  readonly path: string;
  readonly version: string;
  /** The name of the source it came from. */
  readonly source: string;
}

/** A candidate that cannot run the server, and why not. */
export interface Rejection {
  readonly command: Command;
  readonly source: string;
  readonly reason: string;
}

export interface Search {
  readonly interpreter: Interpreter | undefined;
  readonly rejected: readonly Rejection[];
}

/** What a candidate says of itself when it is run. */
export interface Answer {
  readonly path: string;
  readonly version: readonly number[];
}

export type Probe = (command: Command) => Promise<Answer>;

/**
 * Asks all sources at once and takes the first candidate, in their order, that is new enough. A source that hangs or
 * fails is passed over. Patience is in milliseconds.
 */
export async function findInterpreter(
  sources: readonly Source[],
  probe: Probe = askPython,
  patience = { source: 5_000, probe: 10_000 },
): Promise<Search> {
  const rejected: Rejection[] = [];
  const asked = sources.map((source) => ({ source, candidates: within(patience.source, attempt(() => source.candidates())) }));
  for (const { source, candidates } of asked) {
    for (const command of (await candidates) ?? []) {
      const examined = attempt(() => probe(command)).then(examine, (error: Error) => error.message);
      const answer = (await within(patience.probe, examined)) ?? "does not answer";
      if (typeof answer !== "string") return { interpreter: { ...answer, source: source.name }, rejected };
      rejected.push({ command, source: source.name, reason: answer });
    }
  }
  return { interpreter: undefined, rejected };
}

/** The first candidate of all sources that is a file by its full path. It may be too old to run the server. */
export async function firstAbsolute(sources: readonly Source[], patience = 5_000): Promise<string | undefined> {
  for (const source of sources) {
    const candidates = await within(patience, attempt(() => source.candidates()).catch(() => []));
    const found = candidates?.find(({ program }) => isAbsolute(program));
    if (found) return found.program;
  }
  return undefined;
}

/** Also what is thrown at once becomes a promise that fails. */
const attempt = async <T>(work: () => PromiseLike<T>): Promise<T> => work();

/** The interpreter, or why it is none for us. */
function examine({ path, version }: Answer): Omit<Interpreter, "source"> | string {
  const [major = 0, minor = 0] = version;
  const newEnough = major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
  return newEnough ? { path, version: version.join(".") } : `is Python ${version.join(".")}`;
}

// Isolated from the user's packages and variables, as the server will be.
const question = "import json, sys; print(json.dumps([sys.executable, sys.version_info[:3]]))";

/** Runs a candidate; rejects with one line that says what is wrong with it. */
export function askPython(command: Command): Promise<Answer> {
  const args = [...command.args, "-I", "-S", "-c", question];
  const options = { timeout: 10_000, windowsHide: true, cwd: __dirname };
  return new Promise((resolve, reject) => {
    execFile(command.program, args, options, (error, output) => {
      if (error) {
        const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
        return reject(new Error(missing ? "is not there" : "does not run as Python 3"));
      }
      try {
        const [path, version] = JSON.parse(output) as [string, number[]];
        resolve({ path, version });
      } catch {
        reject(new Error("does not answer as Python does"));
      }
    });
  });
}

/** One line for the log or a message. */
export const describe = (rejection: Rejection): string =>
  `${[rejection.command.program, ...rejection.command.args].join(" ")} (${rejection.source}) ${rejection.reason}`;
