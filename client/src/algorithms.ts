// Which algorithms fit what a person wants. Nothing of the editor in here.

/** A snippet as the server tells of it. `body` has its tab stops, `text` is what stands there at first. */
export interface Snippet {
  readonly name: string;
  readonly prefix: string;
  readonly description: string;
  readonly body: string;
  readonly text: string;
  readonly language: string;
  readonly stage: string;
  readonly file: boolean;
  /** Its rank among those that the program lacks next; null: it does not come next. */
  readonly next: number | null;
  readonly names: readonly string[];
  readonly algorithm: Algorithm | null;
}

export interface Algorithm {
  readonly predicts: readonly string[];
  /** Up to how many rows it is sensible; null: any number. */
  readonly rows: number | null;
  readonly good: readonly string[];
  readonly fits: string;
  readonly needs: string;
  readonly cost: string;
}

export interface Snippets {
  readonly snippets: readonly Snippet[];
  /** What can be predicted, and what can matter, in words. */
  readonly predicts: Readonly<Record<string, string>>;
  readonly good: Readonly<Record<string, string>>;
  readonly target: string | null;
}

/** The code of a snippet below what helps to choose it: the lines of a list are too short for that. */
export function previewed({ name, algorithm, text }: Snippet): string {
  if (!algorithm) return text;
  const { fits, needs, cost, rows } = algorithm;
  const limit = rows === null ? "any number" : `up to about ${rows.toLocaleString("en")}`;
  return [`# ${name}`, "#", `# Fits:  ${fits}`, `# Needs: ${needs}`, `# Cost:  ${cost}`, `# Rows:  ${limit}.`, "", text].join("\n");
}

/** The answers to how much data there is: a label, and up to how many rows that is. */
export const sizes: readonly (readonly [string, number])[] = [
  ["Up to 1,000 rows", 1_000],
  ["Up to 10,000 rows", 10_000],
  ["Up to 100,000 rows", 100_000],
  ["More than 100,000 rows", Infinity],
];

/** The algorithms for a purpose and a size, those good at most of what matters first, then in the order of the packs. */
export function algorithms({ snippets }: Snippets, predicts: string, rows: number, matters: readonly string[]): readonly Snippet[] {
  const fitting = snippets.filter(
    ({ algorithm }) => algorithm?.predicts.includes(predicts) && (algorithm.rows === null || algorithm.rows >= rows),
  );
  const merits = ({ algorithm }: Snippet) => matters.filter((each) => algorithm?.good.includes(each)).length;
  return fitting.map((each, index) => ({ each, index })).sort((a, b) => merits(b.each) - merits(a.each) || a.index - b.index)
    .map(({ each }) => each);
}

/** What can be predicted, what is likely first: a class or a number, where the program says which. */
export function purposes({ snippets, predicts, target }: Snippets): readonly string[] {
  const known = Object.keys(predicts).filter((each) => snippets.some(({ algorithm }) => algorithm?.predicts.includes(each)));
  return [...known.filter((each) => each === target), ...known.filter((each) => each !== target)];
}

/** What can matter among the algorithms for a purpose. */
export function merits({ snippets, good }: Snippets, predicts: string): readonly string[] {
  const fitting = snippets.filter(({ algorithm }) => algorithm?.predicts.includes(predicts));
  return Object.keys(good).filter((each) => fitting.some(({ algorithm }) => algorithm?.good.includes(each)));
}
