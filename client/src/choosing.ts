// Lists to choose from, one after the other, with a way back.

import { type Disposable, type QuickPickItem, QuickInputButtons, window } from "vscode";

export const back = Symbol("one step back");

export interface Question<T extends QuickPickItem> {
  readonly title: string;
  readonly placeholder: string;
  readonly items: readonly T[];
  /** Which of how many questions it is. */
  readonly step?: readonly [number, number];
  readonly many?: boolean;
  /** Told of the entry that is looked at. */
  readonly looking?: (item: T | undefined) => void;
}

/** What was chosen, `back` for the question before, undefined where the user left. */
export function choose<T extends QuickPickItem>(question: Question<T>): Promise<readonly T[] | typeof back | undefined> {
  const list = window.createQuickPick<T>();
  list.title = question.title;
  list.placeholder = question.placeholder;
  list.items = question.items;
  list.canSelectMany = question.many ?? false;
  list.matchOnDescription = true;
  list.matchOnDetail = true;
  // What is previewed beside the list must not close it.
  list.ignoreFocusOut = question.looking !== undefined;
  if (question.step) [list.step, list.totalSteps] = question.step;
  if (question.step && question.step[0] > 1) list.buttons = [QuickInputButtons.Back];
  return new Promise((resolve) => {
    const subscriptions: Disposable[] = [];
    const end = (answer: readonly T[] | typeof back | undefined) => {
      resolve(answer);
      list.hide();
    };
    subscriptions.push(
      list,
      list.onDidAccept(() => end(list.selectedItems.length > 0 || question.many ? list.selectedItems : undefined)),
      list.onDidTriggerButton(() => end(back)),
      list.onDidChangeActive(([item]) => question.looking?.(item)),
      list.onDidHide(() => {
        resolve(undefined);
        subscriptions.forEach((each) => each.dispose());
      }),
    );
    list.show();
  });
}

/** Asks question after question, each made of the answers so far; undefined where the user left. */
export async function interview(
  questions: readonly ((answers: readonly (readonly QuickPickItem[])[]) => Question<QuickPickItem>)[],
): Promise<readonly (readonly QuickPickItem[])[] | undefined> {
  const answers: (readonly QuickPickItem[])[] = [];
  while (answers.length < questions.length) {
    const question = questions[answers.length]!(answers);
    const answer = await choose({ ...question, step: [answers.length + 1, questions.length] });
    if (answer === undefined) return undefined;
    if (answer === back) answers.pop();
    else answers.push(answer);
  }
  return answers;
}
