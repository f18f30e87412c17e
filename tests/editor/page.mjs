// The editor's page as its user sees it: squiggles, the Problems panel, hovers, the menu of fixes.
// Nothing here waits for time to pass, only for what is to be seen.

import { setTimeout as delay } from "node:timers/promises";

const patience = 30_000;

export class Page {
  constructor(page) {
    this.page = page;
    page.setDefaultTimeout(patience);
  }

  /** Shows the Problems panel; its rows stay in view from then on. */
  async showProblems() {
    await this.page.keyboard.press("Control+Shift+M");
    await this.page.locator(".markers-panel").waitFor();
  }

  problem = (text) => this.page.locator(".markers-panel .monaco-list-row", { hasText: text }).first();
  squiggle = (kind) => this.page.locator(`.editor-instance .squiggly-${kind}, .notebook-editor .squiggly-${kind}`).first();

  /** Goes to the place of a problem, as a double click on its row does. */
  async goTo(text) {
    await this.problem(text).dblclick();
    await this.page.locator(".monaco-editor.focused").first().waitFor();
  }

  /** Waits for a text in the editor, without spaces in it. */
  async shows(text) {
    await this.page.locator(".view-line", { hasText: text }).first().waitFor();
  }

  async gone(locator) {
    await locator.waitFor({ state: "hidden" });
  }

  /** Puts the caret on the first place of `text` in the line that contains it. */
  async putCaret(text) {
    const span = this.page.locator(".view-line span span", { hasText: text }).first();
    await span.click({ position: { x: 3, y: 8 } });
    await this.page.locator(".monaco-editor.focused").first().waitFor();
  }

  /** Puts the caret at a line and a column, from 1. */
  async goToPlace(line, column) {
    await this.press("Control+G");
    await this.page.locator(".quick-input-widget:visible").waitFor();
    await this.page.keyboard.type(`:${line}:${column}`);
    await this.press("Enter");
    await this.page.locator(".monaco-editor.focused").first().waitFor();
  }

  /** The labels of the list at the caret, once one of them is `label`; asks again until then. */
  async completions(label) {
    const rows = this.page.locator(".suggest-widget .monaco-list-row");
    await this.until(
      () => this.press("Control+Space"),
      () => rows.filter({ hasText: label }).first().waitFor({ timeout: 2000 }),
    );
    return rows.locator(".label-name").allInnerTexts();
  }

  /** Accepts the entry of the list at the caret that has `text`. */
  async take(text) {
    const row = this.page.locator(".suggest-widget .monaco-list-row", { hasText: text }).first();
    await row.click();
    await this.gone(this.page.locator(".suggest-widget:visible"));
  }

  /** Runs a command by its title. */
  async command(title) {
    await this.press("F1");
    await this.page.locator(".quick-input-widget:visible").waitFor();
    await this.page.keyboard.type(title);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: title }).first().waitFor();
    await this.press("Enter");
  }

  /** Chooses the first entry with `text` from the list that asks; long lists show it only once it is typed. */
  async pick(text) {
    await this.page.locator(".quick-input-widget:visible .quick-input-list .monaco-list-row").first().waitFor();
    await this.page.keyboard.type(text);
    await this.page.locator(".quick-input-list .monaco-list-row", { hasText: text }).first().click();
  }

  /** Goes on from a list of which any number may be chosen, none here. */
  async accept(placeholder) {
    await this.page.locator(`.quick-input-widget:visible input[placeholder^="${placeholder}"]`).waitFor();
    await this.press("Enter");
  }

  /** Writes into the box that asks for a text. */
  async answer(text) {
    await this.page.locator(".quick-input-widget:visible .quick-input-message").waitFor();
    await this.press("Control+A");
    await this.page.keyboard.type(text);
    await this.press("Enter");
  }

  /** The text of the hover at the caret, once it says `text`. */
  async hover(text) {
    const hover = this.page.locator(".monaco-hover:visible", { hasText: text }).first();
    await this.until(
      () => this.press("Control+K", "Control+I"),
      () => hover.waitFor({ timeout: 2000 }),
    );
    return hover.innerText();
  }

  /** Chooses an action from the menu at the caret; asks again until it is offered. */
  async act(title) {
    const entry = this.page.locator(".action-widget .monaco-list-row", { hasText: title }).first();
    await this.until(
      () => this.press("Control+."),
      () => entry.waitFor({ timeout: 2000 }),
    );
    await entry.hover({ force: true }); // until the mouse moves, the menu takes no clicks
    await entry.click();
    await this.gone(this.page.locator(".action-widget"));
  }

  async press(...keys) {
    for (const key of keys) await this.page.keyboard.press(key);
  }

  /** Repeats an action until its effect is there: what is not ready yet the editor answers with nothing. */
  async until(action, effect) {
    const deadline = performance.now() + patience;
    for (;;) {
      await action();
      try {
        return await effect();
      } catch (error) {
        if (performance.now() > deadline) throw error;
        await this.press("Escape");
      }
    }
  }
}

/** Waits until a condition holds that no event tells of, such as the contents of a file. */
export async function eventually(condition, what) {
  const deadline = performance.now() + patience;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`Never came true: ${what}`);
    await delay(50);
  }
}
