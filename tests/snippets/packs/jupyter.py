"""How the snippets for notebooks are tried out: as cells of one, run by a kernel."""

from __future__ import annotations

from dataclasses import replace

from snippets.packs.serve import WINE
from snippets.running import PYTEST, Case, notebook

# Plots are shown in the notebook, as where an editor starts the kernel.
CELLS = Case(name="program.ipynb", variables={"MPLBACKEND": "module://matplotlib_inline.backend_inline"})
ON_WINE = replace(CELLS, before=WINE)
FOREST = """\
from sklearn.datasets import load_wine
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split

X, y = load_wine(return_X_y=True, as_frame=True)
X_train, X_val, y_train, y_val = train_test_split(X, y, stratify=y, random_state=42)
model = RandomForestClassifier(n_estimators=5)
"""
CANCER = """\
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X_train, X_val, y_train, y_val = train_test_split(X, y, stratify=y, random_state=42)
model = make_pipeline(StandardScaler(), LogisticRegression())
model.fit(X_train, y_train)
"""
VISITS = """\
import pandas as pd
from sklearn.datasets import load_wine

X = load_wine(as_frame=True).data
df = pd.DataFrame({"customer": [number % 5 for number in range(len(X))], "amount": X["proline"]})
"""
# A notebook that has run, with an output to export.
REPORT = notebook(["import pandas as pd\n\nprint('the score is', 0.5 + 0.25)"]).replace(
    '"outputs": []', '"outputs": [{"name": "stdout", "output_type": "stream", "text": ["the score is 0.75\\n"]}]'
)
SEEDS = notebook(["seed = 0", "from pathlib import Path\n\nPath(f'seed-{seed}.txt').touch()"], tags=["parameters"])

CASES = {
    "ml-notebook-header": replace(
        CELLS,
        files={"features.py": "answer = 1\n"},
        after="""\
import features

assert features.answer == 1 and SEED == 42 and rng.integers(100) == np.random.default_rng(42).integers(100)
assert get_ipython().run_line_magic("autoreload", "") is None
assert pd.get_option("display.max_columns") == 50
""",
        prints="scikit-learn 1.",
    ),
    "ml-notebook-time": replace(
        ON_WINE, after="assert timing.repeat == 5 and timing.loops == 10", prints=" microseconds a row"
    ),
    "ml-notebook-time-cell": replace(ON_WINE, prints="Wall time: "),
    "ml-notebook-profile": replace(ON_WINE, after="assert model.score(X_test, y_test) > 0.8"),
    "ml-notebook-capture": replace(
        ON_WINE,
        after='assert said.stdout.startswith("score 0.")\nprint("captured:", said.stdout)',
        prints="captured: score",
    ),
    "ml-notebook-writefile": replace(
        ON_WINE,
        after="""\
from features import add_ratio

assert (add_ratio(X, "proline", "alcohol")["proline_per_alcohol"] == X["proline"] / X["alcohol"]).all()
""",
        prints="Writing features.py",
    ),
    "ml-notebook-widget": replace(
        CELLS,
        before=CANCER,
        # The slider is moved as a person would move it; what that shows is there once the cell has ended.
        after="""\
slider, output = show.widget.children

def shown():
    (said,) = output.outputs
    return [float(word.rstrip(",\\n")) for word in said["text"].split()[1::2]]

half = shown()
assert min(half) > 0.9, half
slider.value = 0.99
# %%
careful = shown()
assert careful[0] > half[0] and careful[1] < half[1], (half, careful)
""",
    ),
    "ml-notebook-choose": replace(
        CELLS,
        before=VISITS,
        after="""\
column, bins, output = histogram.widget.children
assert column.options == ("customer", "amount") and "image/png" in output.outputs[0]["data"]
column.value = "amount"
bins.value = 50
# %%
assert [each["output_type"] for each in output.outputs] == ["display_data"]
""",
    ),
    "ml-notebook-progress": replace(
        CELLS,
        before=FOREST,
        after='assert len(scores) == 20 and bar.n == 20 and f"best={max(scores):.3f}" in str(bar)',
    ),
    "ml-notebook-progress-pandas": replace(
        CELLS,
        before=VISITS + "import numpy as np\n",
        after='assert spans.loc[0] == np.ptp(df.loc[df["customer"] == 0, "amount"]) and len(spans) == 5',
    ),
    "ml-notebook-export": replace(
        CELLS,
        files={"report.ipynb": REPORT},
        after='assert "the score is 0.75" in page and "pandas" not in page and Path("report.html").is_file()',
    ),
    "ml-notebook-parameters": replace(CELLS, after='assert (seed, test_share, data) == (42, 0.2, "rows.csv")'),
    "ml-notebook-run": replace(
        CELLS,
        files={"report.ipynb": SEEDS},
        after="""\
assert sorted(path.name for path in runs.iterdir()) == [f"seed-{number}.ipynb" for number in (1, 2, 3)]
assert all(Path(f"seed-{number}.txt").exists() for number in (1, 2, 3)) and not Path("seed-0.txt").exists()
""",
    ),
    "ml-notebook-test": Case(
        after=PYTEST,
        files={"notebooks/a.ipynb": SEEDS, "notebooks/b.ipynb": notebook(["x = 1", "assert x == 1"])},
        name="test_notebooks.py",
        prints="2 passed",
    ),
}
