/** The version of a library in force, and where that is from. */
export interface Library {
  readonly name: string;
  readonly version: string;
  readonly source: string;
}

/** For each source in one phrase, such as `scikit-learn 1.9.1, pandas 3.1 from .venv`. */
export function inWords(libraries: readonly Library[], most = 6): string[] {
  const sources = new Map<string, string[]>();
  for (const { name, version, source } of libraries.slice(0, most)) {
    const others = sources.get(source) ?? [];
    sources.set(source, [...others, /^\d/.test(version) ? `${name} ${version}` : `${name}${version}`]);
  }
  return [...sources].map(([source, named]) => `${named.join(", ")} from ${source}`);
}
