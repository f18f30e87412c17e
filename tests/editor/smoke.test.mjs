// MLSense in a real VS Code, in a real browser, on a script and a notebook: what its user sees from the first squiggle
// to the repaired file. With MLSENSE_UPDATE_PICTURES=1 the README's pictures are taken on the way.

import assert from "node:assert/strict";
import { cp, mkdir, mkdtemp, readFile, readdir, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { installEditor, startEditor } from "../../scripts/editor.mjs";
import { packaged } from "../../scripts/package.mjs";
import { root } from "../../scripts/run.mjs";
import { programs } from "../../scripts/system.mjs";
import { Page, eventually } from "./page.mjs";

const pictures = process.env.MLSENSE_UPDATE_PICTURES === "1";
const flags = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

const tabs = "def area(width, height):\n    size = width * height\n\treturn size\n\n\nprint(area(2, 3))\n";

const search = `from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

boosted = GradientBoostingClassifier(learn_rate=0.05)
linear = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression(penalty="l1"))])
search = GridSearchCV(linear, {"C": [0.1, 1, 10]}, scoring="acc")
`;

const flights = `import pandas as pd

df = pd.read_csv("flights.csv")
features, labels = df.drop(columns="late"), df["late"]

`;

let scratch, folder, profile, editor, browser, screen;
/** @type {Page} */
let page;

before(async () => {
  scratch = await mkdtemp(path.join(os.tmpdir(), "mlsense-smoke-"));
  folder = path.join(scratch, "examples");
  await cp(path.join(root, "examples"), folder, { recursive: true });
  const vsix = process.env.MLSENSE_VSIX ?? (await packaged());
  profile = path.join(scratch, "profile");
  const settings = { "files.autoSave": "off", "workbench.activityBar.location": "hidden", "breadcrumbs.enabled": false };
  editor = await startEditor({ editor: await installEditor(), profile, vsix, folder, settings });
  const { browser: executablePath } = await programs("browser");
  browser = await chromium.launch({ executablePath, args: flags });
  screen = await browser.newPage({ viewport: { width: 1120, height: 800 }, deviceScaleFactor: pictures ? 2 : 1 });
  page = new Page(screen);
  await screen.goto(editor.url);
}, { timeout: 180_000 });

after(async () => {
  await browser?.close();
  await editor?.stop();
  await rm(scratch, { recursive: true, force: true, maxRetries: 5 });
});

let failed = false;

/** A step of one visit; one that fails leaves a picture of what was on the screen, and ends the visit. */
function step(name, body) {
  test(name, { timeout: 120_000 }, async (context) => {
    if (failed) return context.skip("an earlier step failed");
    try {
      await body();
    } catch (error) {
      failed = true;
      const picture = path.join(root, ".cache", `smoke-${name.replaceAll(/\W+/g, "-")}.png`);
      await mkdir(path.dirname(picture), { recursive: true });
      await screen?.screenshot({ path: picture });
      console.error(`What was on the screen: ${picture}`);
      throw error;
    }
  });
}

async function takePicture(name) {
  if (!pictures) return;
  await mkdir(path.join(root, "docs/images"), { recursive: true });
  await screen.screenshot({ path: path.join(root, "docs/images", name) });
}

const saved = (name) => readFile(path.join(folder, name), "utf8");

step("a script's leak is underlined and listed", async () => {
  await editor.open("wine.py");
  await page.squiggle("warning").waitFor();
  await page.press("Control+B"); // the side bar away, to have the room for the code
  await page.showProblems();
  await page.problem("fit-before-split").waitFor();
});

step("a hover says what a variable is and where its rows came from", async () => {
  await page.putCaret("X_scaled");
  assert.match(await page.hover("rows"), /178/);
});

step("a hover on the squiggle explains the leak", async () => {
  await page.press("Escape");
  await page.goToPlace(20, 22);
  assert.match(await page.hover("fit-before-split"), /X_train/);
  await takePicture("script.png");
});

step("what the leak is worth is written beside the script", async () => {
  await page.press("Escape");
  await page.act("Measure what this leak is worth");
  await screen.locator(".tab", { hasText: "wine_leak.py" }).waitFor();
  await page.press("Control+S");
  const text = "make_pipeline(transformer, model)";
  await eventually(async () => (await saved("wine_leak.py").catch(() => "")).includes(text), `${text} in wine_leak.py`);
  await page.press("Control+K", "W");
  await editor.open("wine.py");
  await page.problem("fit-before-split").waitFor();
  await page.goToPlace(20, 22);
});

step("a quick fix moves the fit behind the split, and the problem goes", async () => {
  await page.press("Escape");
  await page.act("Fit it on `X_train`");
  await page.gone(page.problem("fit-before-split"));
  await page.press("Control+S");
  const text = "scaler.fit_transform(X_train)";
  await eventually(async () => (await saved("wine.py")).includes(text), `${text} in wine.py`);
});

step("a finding is silenced where it stands, and no squiggle is left", async () => {
  await page.putCaret("neighbours.fit");
  await page.act("Ignore `unscaled-distance-model`");
  await page.gone(page.problem("unscaled-distance-model"));
  await page.gone(page.squiggle("warning"));
  await page.press("Control+S");
  const comment = "# mlsense: ignore[unscaled-distance-model]";
  await eventually(async () => (await saved("wine.py")).includes(comment), `${comment} in wine.py`);
});

step("an indentation error is repaired on the disk", async () => {
  await page.press("Control+K", "W"); // what is closed has no problems
  await writeFile(path.join(folder, "area.py"), tabs);
  await editor.open("area.py");
  await page.squiggle("error").waitFor();
  await page.problem("mixed-indentation").waitFor();
  await page.putCaret("return");
  await page.act("Indent this block with spaces");
  await page.gone(page.squiggle("error"));
  await page.gone(page.problem("mixed-indentation"));
  await page.press("Control+S");
  await eventually(async () => (await saved("area.py")) === tabs.replace("\t", "    "), "area.py without its tab");
});

step("what will raise is reported, and a quick fix writes the name that was meant", async () => {
  await page.press("Control+K", "W");
  await writeFile(path.join(folder, "search.py"), search);
  await editor.open("search.py");
  await page.problem("estimator-unknown-kwarg").waitFor();
  await page.problem("param-grid-prefix").waitFor();
  await page.problem("scoring-string-wrong").waitFor();
  await page.goTo("estimator-unknown-kwarg");
  await page.act("Write `learning_rate`");
  await page.gone(page.problem("estimator-unknown-kwarg"));
  await page.press("Control+S");
  await eventually(async () => (await saved("search.py")).includes("(learning_rate=0.05)"), "learning_rate in search.py");
});

step("a hover on a library's class says what it is and needs", async () => {
  await page.goToPlace(1, 35);
  assert.match(await page.hover("scikit-learn"), /Needs/);
});

step("values are completed that fit the other arguments", async () => {
  await page.press("Escape");
  await page.goToPlace(8, 90);
  await screen.keyboard.type(', solver="');
  const list = await page.completions("saga");
  assert.ok(list.includes("liblinear"), list.join());
  await takePicture("completion.png");
  await page.press("Escape", "Escape", "Control+S");
  await eventually(async () => (await saved("search.py")).includes("solver="), "the typed text in search.py");
});

step("a leak across two cells is underlined in the one and points to the other", async () => {
  await page.press("Control+K", "W");
  await editor.open("nuclei.ipynb");
  await page.problem("fit-before-split").waitFor();
  await page.problem(/nuclei\.ipynb.*the rows are split here/).waitFor();
  await page.goTo("fit-before-split");
  await page.squiggle("warning").waitFor();
  assert.match(await page.hover("fit-before-split"), /X_train/);
  await takePicture("notebook.png");
});

step("a quick fix repairs both cells, and the notebook is saved", async () => {
  await page.press("Escape");
  await page.act("Fit it on `X_train`");
  await page.gone(page.squiggle("warning"));
  await page.gone(page.problem("fit-before-split"));
  await page.press("Control+S");
  const cell = async (id) => JSON.parse(await saved("nuclei.ipynb")).cells.find((cell) => cell.id === id).source.join("");
  await eventually(async () => !(await cell("scale")).includes("fit_transform"), "a cell that fits nothing before the split");
  await eventually(async () => (await cell("split")).includes("scaler.fit_transform(X_train)"), "the fit after the split");
});

step("a snippet is inserted into a cell of the notebook", async () => {
  await page.putCaret("scaler.fit_transform");
  await page.press("Control+End");
  await page.command("MLSense: Insert Snippet");
  await page.pick("Baseline classifier");
  await page.gone(screen.locator(".tab", { hasText: "Preview.py" }));
  await page.shows("DummyClassifier");
  await page.press("Escape", "Control+S");
  const inserted = async () => JSON.parse(await saved("nuclei.ipynb")).cells.some((cell) => cell.source.join("").includes("DummyClassifier("));
  await eventually(inserted, "the baseline in nuclei.ipynb");
});

step("a prefix offers the snippet with the program's own names, and Tab goes through its places", async () => {
  await page.press("Control+K", "W");
  await writeFile(path.join(folder, "flights.py"), flights);
  await editor.open("flights.py");
  await page.shows("flights.csv");
  await page.goToPlace(5, 1);
  await screen.keyboard.type("ml-split");
  await page.completions("features, labels");
  await takePicture("snippet.png");
  await page.take("features, labels");
  await page.press("Tab", "Tab");
  await screen.keyboard.type("0.25");
  await page.press("Escape", "Control+S");
  const lines = /train_test_split\(\n    features, labels, test_size=0\.25, stratify=labels, random_state=42\n\)/;
  await eventually(async () => lines.test(await saved("flights.py")), "the split of features and labels in flights.py");
});

step("the picker lists what comes next first, and inserts it", async () => {
  await page.press("Control+End");
  await page.command("MLSense: Insert Snippet");
  await page.pick("Cross-validate a pipeline");
  await page.gone(screen.locator(".tab", { hasText: "Preview.py" }));
  await page.shows("cross_val_score");
  await page.press("Escape", "Control+S");
  await eventually(async () => (await saved("flights.py")).includes("cross_val_score(model, features, labels"), "the folds in flights.py");
});

step("an algorithm is found by what it is for", async () => {
  await page.press("Control+End");
  await page.command("MLSense: Insert Algorithm");
  await page.pick("A class");
  await page.pick("Up to 1,000 rows");
  await page.accept("What matters?");
  await screen.locator(".tab", { hasText: "Preview.py" }).waitFor();
  await page.shows("Needs:");
  await takePicture("algorithm.png");
  await page.pick("Random forest");
  await page.gone(screen.locator(".tab", { hasText: "Preview.py" }));
  await page.shows("RandomForestClassifier");
  await page.press("Escape", "Control+S");
  await eventually(async () => (await saved("flights.py")).includes("RandomForestClassifier("), "the forest in flights.py");
});

step("a bundled data set is inserted as code", async () => {
  await page.press("Control+End");
  await page.command("MLSense: Find Data Sets");
  await page.pick("178 rows");
  await page.shows("load_wine");
  await page.press("Control+S");
  await eventually(async () => (await saved("flights.py")).includes("load_wine("), "the wines in flights.py");
});

step("a project is made from a template, under its own name", async () => {
  await page.command("MLSense: New Project From Template");
  await page.pick("Package");
  await page.answer("late_flights");
  await page.pick("In examples");
  await screen.locator(".tab", { hasText: "train.py" }).waitFor();
  assert.match(await saved("late_flights/src/late_flights/train.py"), /from late_flights\.data import/);
  assert.match(await saved("late_flights/pyproject.toml"), /name = "late-flights"/);
  assert.match(await saved("late_flights/.github/workflows/ci.yml"), /mlsense check/);
});

step("the log tells of no error", async () => {
  const logs = (await readdir(path.join(profile, "data/logs"), { recursive: true })).filter((file) => /MLSense.*\.log$/.test(file));
  assert.notEqual(logs.length, 0);
  for (const log of logs) assert.doesNotMatch(await readFile(path.join(profile, "data/logs", log), "utf8"), /\[error\]/);
});
