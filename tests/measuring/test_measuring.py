"""What a leak is worth: the code runs on real data, prints what is right, and is offered only where it is certain."""

from __future__ import annotations

import re
import subprocess
import sys
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest

from mlsense.analysis import Analyser
from mlsense.knowledge.versions import Versions
from mlsense.measuring import Measurement, measurement
from mlsense.syntax import notebook_of_cells, script
from rules.running import printed

if TYPE_CHECKING:
    from pathlib import Path

    from mlsense.syntax import Document

LEAKS = {
    "feature-selection-before-split",
    "fit-before-split",
    "fit-on-test",
    "impute-before-split",
    "resample-before-split",
    "tfidf-fit-on-all",
}
# What says so much of itself that other rules speak of it, too.
ADVICE = {"unscaled-distance-model", "accuracy-imbalanced"}


def measured(document: Document) -> list[Measurement | None]:
    """What is offered for each leak."""
    report = Analyser().analyse(document)
    assert report.trace is not None
    leaks = [finding for finding in report.findings if finding.rule in LEAKS]
    assert leaks
    return [measurement(report.trace, leak.rule, leak.location) for leak in leaks]


def code_of(text: str) -> str:
    """What is written for the first leak of a script."""
    found = measured(script("train.py", text))[0]
    assert found is not None
    return found.code


class Pictures(ModuleType):
    """`matplotlib.pyplot`, as far as it is used: keeps the names of what is called."""

    def __init__(self) -> None:
        super().__init__("matplotlib.pyplot")
        self.calls: list[str] = []

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return lambda *args, **kwargs: self.calls.append(name)


@pytest.fixture
def pictures(monkeypatch: pytest.MonkeyPatch) -> Pictures:
    shown = Pictures()
    monkeypatch.setitem(sys.modules, "matplotlib", ModuleType("matplotlib"))
    monkeypatch.setitem(sys.modules, "matplotlib.pyplot", shown)
    return shown


def numbers(output: str) -> tuple[str, list[float]]:
    """The score and its values: with the leak, without it, the difference, its interval."""
    found = re.search(
        r"^(.*): (\S+) with the leak, (\S+) without it\nThe leak is worth (\S+) \(95 % interval (\S+) to (\S+)\)$",
        output,
        re.M,
    )
    assert found, output
    return found[1], [float(found[place]) for place in range(2, 7)]


SCALER = """\
from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X, y = load_wine(return_X_y=True)
print(X.shape)
X = StandardScaler().fit_transform(X)
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)
model = LogisticRegression(C=0.5).fit(X_train, y_train)
print(model.score(X_test, y_test))
"""
SELECTOR = """\
import numpy as np
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import cross_val_score

rng = np.random.default_rng(0)
X = rng.normal(size=(60, 1000))
y = rng.integers(0, 2, 60)
kept = 10
selector = SelectKBest(k=kept)
best = selector.fit_transform(X, y)
print(cross_val_score(LogisticRegression(), best, y, cv=3).mean())
"""
IMPUTER = """\
import numpy as np
import pandas as pd
from sklearn.impute import SimpleImputer
from sklearn.linear_model import Ridge
from sklearn.metrics import mean_absolute_error
from sklearn.model_selection import train_test_split

rng = np.random.default_rng(0)
houses = pd.DataFrame(rng.normal(size=(200, 3)), columns=["area", "age", "rooms"])
houses["price"] = houses["area"] * 3 + rng.normal(size=200)
houses.loc[::7, "area"] = np.nan
X = houses.drop(columns="price")
y = houses["price"]
imputer = SimpleImputer(strategy="median")
imputer.fit(X)
filled = pd.DataFrame(imputer.transform(X), columns=X.columns)
X_train, X_test, y_train, y_test = train_test_split(filled, y, test_size=0.2, random_state=1)
ridge = Ridge(alpha=2)
ridge.fit(X_train, y_train)
predicted = ridge.predict(X_test)
print(mean_absolute_error(y_test, predicted))
"""
PCA = """\
from sklearn.datasets import load_breast_cancer
from sklearn.decomposition import PCA
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

data = load_breast_cancer()
X_scaled = StandardScaler().fit_transform(data.data)
X_pca = PCA(n_components=5).fit_transform(X_scaled)
X_train, X_test, y_train, y_test = train_test_split(X_pca, data.target, test_size=0.3, stratify=data.target)
classifier = SVC(C=2)
classifier.fit(X_train, y_train)
print(f1_score(y_test, classifier.predict(X_test), average="macro"))
"""
WORDS = """\
import pandas as pd
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import MultinomialNB

words = ["cheap pills now", "meeting at noon", "win money now", "lunch on monday"]
mails = pd.DataFrame({"text": words * 20, "spam": [1, 0, 1, 0] * 20})
vectorizer = TfidfVectorizer()
X = vectorizer.fit_transform(mails["text"])
X_train, X_test, y_train, y_test = train_test_split(X, mails["spam"], random_state=0)
model = MultinomialNB()
model.fit(X_train, y_train)
print(model.score(X_test, y_test))
"""
RESAMPLER = """\
from imblearn.over_sampling import RandomOverSampler
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split

X, y = make_classification(n_samples=200, weights=[0.9], flip_y=0.2, random_state=0)
X_more, y_more = RandomOverSampler(random_state=0).fit_resample(X, y)
X_train, X_test, y_train, y_test = train_test_split(X_more, y_more, random_state=0)
forest = RandomForestClassifier(n_estimators=10, random_state=0).fit(X_train, y_train)
print(accuracy_score(y_test, forest.predict(X_test)))
"""
AFTER = """\
import numpy as np
from sklearn.datasets import load_diabetes
from sklearn.feature_selection import SelectKBest, f_regression
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler


def load(shift):
    X, y = load_diabetes(return_X_y=True)
    return X, np.log(y + shift + offset)


offset = 1
np.random.seed(3)
X, y = load(2)
X = SelectKBest(f_regression, k=4).fit_transform(X, y)
X_train, X_test, y_train, y_test = train_test_split(X, y)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.transform(X_test)
model = LinearRegression()
model.fit(X_train, y_train)
print(model.score(X_test, y_test))
"""
REFIT = """\
from sklearn.datasets import load_iris
from sklearn.metrics import accuracy_score
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier

flowers = load_iris(as_frame=True).frame
X = flowers.drop(columns="target")
y = flowers["target"]
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.1, random_state=0)
scaler = StandardScaler()
X_train = scaler.fit_transform(X_train)
X_test = scaler.fit_transform(X_test)
tree = DecisionTreeClassifier(random_state=0)
tree.fit(X_train, y_train)
print(accuracy_score(y_test, tree.predict(X_test)))
"""
IN_FUNCTION = """\
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import MinMaxScaler


def evaluate(table, target):
    "One try."
    scaler = MinMaxScaler()
    table = scaler.fit_transform(table)
    X_train, X_test, y_train, y_test = train_test_split(table, target, test_size=0.3, random_state=0)
    model = KNeighborsClassifier(3).fit(X_train, y_train)
    return model.score(X_test, y_test)


X, y = load_wine(return_X_y=True)
print(evaluate(X, y))
"""
COLUMNS = """\
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

wine = load_wine(as_frame=True).frame
numbers = ["alcohol", "proline", "hue"]
wine[numbers] = StandardScaler().fit_transform(wine[numbers])
features = wine.drop(columns="target")
target = wine["target"]
X_train, X_test, y_train, y_test = train_test_split(features, target, random_state=0)
model = KNeighborsClassifier(3).fit(X_train, y_train)
print(model.score(X_test, y_test))
"""
HELPER = """\
import numpy as np
from sklearn.feature_selection import SelectKBest
from sklearn.model_selection import cross_val_score
from sklearn.naive_bayes import GaussianNB


def best(rows, labels, k=10):
    return SelectKBest(k=k).fit_transform(rows, labels)


rng = np.random.default_rng(0)
X, y = rng.normal(size=(60, 500)), rng.integers(0, 2, 60)
Z = best(X, y, k=5)
print(cross_val_score(GaussianNB(), Z, y, cv=5).mean())
"""
MAIN_FUNCTION = """\
from imblearn.over_sampling import RandomOverSampler
from sklearn.datasets import make_classification
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from sklearn.tree import DecisionTreeClassifier


def balanced(rows, labels):
    return RandomOverSampler(random_state=0).fit_resample(rows, labels)


def main():
    X, y = make_classification(300, weights=[0.9], flip_y=0.1, random_state=0)
    A, b = balanced(X, y)
    X_train, X_test, y_train, y_test = train_test_split(A, b, random_state=0)
    tree = DecisionTreeClassifier(random_state=0)
    tree.fit(X_train, y_train)
    print(f1_score(y_test, tree.predict(X_test)))


main()
"""
FOLDS = """\
from sklearn.datasets import load_wine
from sklearn.model_selection import KFold
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import MinMaxScaler

X, y = load_wine(return_X_y=True)
X = MinMaxScaler().fit_transform(X)
scores = []
for train, test in KFold(5, shuffle=True, random_state=0).split(X):
    model = KNeighborsClassifier(3).fit(X[train], y[train])
    scores.append(model.score(X[test], y[test]))
print(sum(scores) / 5)
"""
GAPS = """\
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier

X, y = load_wine(return_X_y=True, as_frame=True)
X = X.mask(X > 1000)
X["proline"] = X["proline"].fillna(X["proline"].mean())
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
model = KNeighborsClassifier(3).fit(X_train, y_train)
print(model.score(X_test, y_test))
"""
SHAPES = {
    "refit": (REFIT, "accuracy", 0.0, 0.2),
    "scaler": (SCALER, "accuracy", 0.0, 0.02),
    "selector": (SELECTOR, "accuracy", 0.3, 0.2),
    "imputer": (IMPUTER, "negative mean absolute error", 0.0, 0.02),
    "pca": (PCA, "f1 macro", 0.0, 0.02),
    "words": (WORDS, "accuracy", 0.0, 0.02),
    "resampler": (RESAMPLER, "accuracy", 0.15, 0.1),
    "after": (AFTER, "R²", 0.0, 0.03),
    "in a function": (IN_FUNCTION, "accuracy", 0.0, 0.02),
    "columns": (COLUMNS, "accuracy", 0.0, 0.02),
    "by a helper": (HELPER, "accuracy", 0.2, 0.1),
    "in functions": (MAIN_FUNCTION, "f1", 0.6, 0.2),
    "folds by hand": (FOLDS, "accuracy", 0.0, 0.02),
    "gaps": (GAPS, "accuracy", 0.0, 0.02),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_it_runs_and_prints_what_is_right(
    shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pictures: Pictures
) -> None:
    """Choosing columns of noise by the targets is worth much, scaling nothing."""
    text, score, worth, margin = SHAPES[shape]
    named, (leaking, right, difference, low, high) = numbers(printed(code_of(text), tmp_path, monkeypatch))
    assert named == score
    assert difference == pytest.approx(leaking - right, abs=0.0015)
    assert abs(difference - worth) <= margin
    assert low <= difference <= high
    assert (low > 0) == (worth > 0)
    assert pictures.calls[0] == "hist"
    assert pictures.calls[-1] == "show"


@pytest.mark.parametrize("shape", SHAPES)
def test_it_is_tidy_and_clean_under_our_own_rules(shape: str) -> None:
    code = code_of(SHAPES[shape][0])
    command = [sys.executable, "-m", "ruff", "format", "--isolated", "--diff", "-"]
    formatted = subprocess.run(command, input=code, capture_output=True, text=True, check=False)
    assert (formatted.returncode, formatted.stdout) == (0, "")
    found = Analyser().analyse(script("leak.py", code)).findings
    assert {finding.rule for finding in found} <= ADVICE
    assert len(code.splitlines()) < 60


def test_without_the_comment_our_rules_would_find_the_leak() -> None:
    code = "\n".join(line for line in code_of(SELECTOR).split("\n") if "mlsense: ignore" not in line)
    found = Analyser().analyse(script("leak.py", code)).findings
    assert "feature-selection-before-split" in {finding.rule for finding in found}


def test_only_what_is_needed_is_repeated() -> None:
    code = code_of(SCALER)
    assert "print(X.shape)" not in code
    assert "train_test_split" not in code
    assert "X, y = load_wine(return_X_y=True)" in code
    assert "model = LogisticRegression(C=0.5)\n" in code
    assert "ShuffleSplit(n_splits=30, test_size=0.3, random_state=0)" in code
    assert "kept = 10\n" in code_of(SELECTOR)
    assert "offset = 1\nnp.random.seed(3)\n" in code_of(AFTER)


def test_a_leak_of_two_steps_is_measured_as_one() -> None:
    first, second = measured(script("train.py", PCA))
    assert first == second
    assert first is not None
    assert "make_pipeline(StandardScaler(), PCA(n_components=5))" in first.code


def test_without_matplotlib_nothing_is_drawn() -> None:
    from mlsense.analysis import Settings

    document = script("train.py", SCALER)
    for installed, draws in (((), True), ((("scikit-learn", "1.9.1"),), False), ((("matplotlib", "3.11.0"),), True)):
        report = Analyser().analyse(document, Settings.of(versions=Versions("", installed)))
        [leak] = report.findings
        assert report.trace is not None
        found = measurement(report.trace, leak.rule, leak.location)
        assert found is not None
        assert ("plt" in found.code) == draws


# --- notebooks ----------------------------------------------------------------------------------------

CELLS = (
    "from sklearn.datasets import load_wine\n\nwine = load_wine(as_frame=True).frame\n",
    'X = wine.drop("target", axis=1)\ny = wine["target"]\n',
    "from sklearn.preprocessing import MinMaxScaler\n\nscaler = MinMaxScaler()\nscaled = scaler.fit_transform(X)\n",
    "from sklearn.model_selection import train_test_split\nfrom sklearn.neighbors import KNeighborsClassifier\n\n"
    "X_train, X_test, y_train, y_test = train_test_split(scaled, y, random_state=42)\n"
    "model = KNeighborsClassifier(n_neighbors=7)\nmodel.fit(X_train, y_train)\nmodel.score(X_test, y_test)\n",
    "wine.describe()\n",
)


def cells(*texts: str) -> Document:
    return notebook_of_cells("wine.ipynb", [("markdown", "# Wine", None), *(("code", text, None) for text in texts)])


def run_cells(texts: tuple[str, ...], code: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs the cells and the new one, and looks whether that touched a variable."""
    check = "before = {name: id(value) for name, value in globals().items()}\n"
    after = "assert {k: id(v) for k, v in globals().items() if k in before} == before\n"
    return printed("\n".join([*texts, check, code, after]), folder, monkeypatch)


def test_in_a_notebook_it_uses_the_variables_that_are_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pictures: Pictures
) -> None:
    [found] = measured(cells(*CELLS))
    assert found is not None
    assert found.below == 4
    assert "load_wine" not in found.code
    _, (leaking, right, _, low, high) = numbers(run_cells(CELLS, found.code, tmp_path, monkeypatch))
    assert leaking == pytest.approx(right, abs=0.02)
    assert low <= 0 <= high
    assert "hist" in pictures.calls


def test_estimators_of_the_program_stay_as_they_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pictures: Pictures
) -> None:
    """A pipeline fits the very steps it is given: they are made again, since the leak has fitted them."""
    pipeline = 'inner = MinMaxScaler()\nscaler = Pipeline([("scale", inner)])\n'
    texts = tuple(text.replace("scaler = MinMaxScaler()\n", pipeline) for text in CELLS)
    texts = ("from sklearn.pipeline import Pipeline\n" + texts[0], *texts[1:])
    [found] = measured(cells(*texts))
    assert found is not None
    remember = "learned = inner.data_min_\n"
    compare = "assert inner.data_min_ is learned\n"
    output = printed("\n".join([*texts, remember, found.code, compare]), tmp_path, monkeypatch)
    assert numbers(output)[0] == "accuracy"


def test_rows_that_are_there_no_more_are_made_again_without_touching_any_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pictures: Pictures
) -> None:
    texts = tuple(text.replace("scaled", "X") for text in CELLS)
    [found] = measured(cells(*texts))
    assert found is not None
    assert "    wine = load_wine(as_frame=True).frame\n" in found.code
    output = run_cells(texts, found.code, tmp_path, monkeypatch)
    assert numbers(output) == numbers(run_cells(CELLS, measured(cells(*CELLS))[0].code, tmp_path, monkeypatch))  # type: ignore[union-attr]


def test_names_of_the_program_are_not_taken() -> None:
    [found] = measured(script("a.py", SCALER.replace("X, y", "X, right").replace("(X, y", "(X, right")))
    assert found is not None
    assert "right_2 = cross_val_score" in found.code
    assert "X, right, cv=splits" in found.code


# --- where it is not certain --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("random_state=0)\nmodel", "shuffle=False)\nmodel"),
        ("X = StandardScaler().fit_transform(X)\n", "X = StandardScaler().fit_transform(X)\nX[:, 0] = 0\n"),
        ("X = StandardScaler().fit_transform(X)\n", "X = StandardScaler().fit_transform(X) + 1\n"),
        ("X = StandardScaler().fit_transform(X)\n", "for _ in range(2):\n    X = StandardScaler().fit_transform(X)\n"),
        ("X = StandardScaler().fit_transform(X)\n", "X = (X - X.mean()) / X.std()\n"),
        ("print(X.shape)\n", "from helpers import *\n"),
        ("print(X.shape)\n", "print(X.\n"),
        ("print(X.shape)\n", "stats = X.shape\nX = X[: stats[0]]\n"),
        (
            "model = LogisticRegression(C=0.5).fit(X_train, y_train)",
            "model = LogisticRegression().fit(X_train * 2, y_train)",
        ),
        (
            "model = LogisticRegression(C=0.5).fit(X_train, y_train)",
            "for c in (1, 2):\n    model = LogisticRegression(C=c).fit(X_train, y_train)",
        ),
        ("print(model.score(X_test, y_test))\n", ""),
    ],
)
def test_what_is_not_certain_is_not_offered(old: str, new: str) -> None:
    assert old in SCALER
    assert measured(script("train.py", SCALER.replace(old, new))) == [None]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("tree.fit(X_train, y_train)", "tree.fit(X_train[:, :2], y_train)"),
        ("X_test = scaler", "X_test = X_test * 2\nX_test = scaler"),
        ("test_size=0.1", "test_size=0.1, shuffle=False"),
        ('flowers.drop(columns="target")', "hidden(flowers)"),
    ],
)
def test_a_second_fit_that_is_not_certain_is_not_offered(old: str, new: str) -> None:
    assert old in REFIT
    report = Analyser().analyse(script("train.py", REFIT.replace(old, new)))
    assert report.trace is not None
    found = [measurement(report.trace, each.rule, each.location) for each in report.findings]
    assert set(found) <= {None}


@pytest.mark.parametrize(
    "call",
    [
        "cross_val_score(LogisticRegression(), best, y, cv=3, groups=rng.integers(0, 9, 60))",
        "cross_val_score(LogisticRegression(), best, y, cv=GroupKFold(3))",
        "cross_val_score(LogisticRegression(), best, y, scoring=rng)",
        "cross_val_score(LogisticRegression(), *[best, y])",
    ],
)
def test_folds_and_scores_that_are_not_known_are_not_offered(call: str) -> None:
    old = "cross_val_score(LogisticRegression(), best, y, cv=3)"
    text = SELECTOR.replace(old, call).replace("import cross_val_score", "import GroupKFold, cross_val_score")
    assert text != SELECTOR
    report = Analyser().analyse(script("train.py", text))
    assert report.trace is not None
    for leak in report.findings:
        assert measurement(report.trace, leak.rule, leak.location) is None


@pytest.mark.parametrize(
    ("given", "splits"),
    [
        ("", "RepeatedStratifiedKFold(n_splits=5, n_repeats=6, random_state=0)"),
        (", cv=10", "RepeatedStratifiedKFold(n_splits=10, n_repeats=3, random_state=0)"),
        (", cv=KFold(n_splits=4, shuffle=True)", "RepeatedKFold(n_splits=4, n_repeats=7, random_state=0)"),
        (", cv=folds", "RepeatedStratifiedKFold(n_splits=6, n_repeats=5, random_state=0)"),
        (', scoring="roc_auc"', 'cv=splits, scoring="roc_auc"'),
    ],
)
def test_folds_and_scores_are_those_of_the_program(given: str, splits: str) -> None:
    text = SELECTOR.replace(", cv=3", given).replace(
        "import cross_val_score", "import KFold, StratifiedKFold, cross_val_score"
    )
    text = text.replace("kept = 10", "kept = 10\nfolds = StratifiedKFold(6)")
    assert splits in " ".join(code_of(text).split()).replace("( ", "(").replace(", )", ")")


def test_a_leak_in_a_function_is_measured_in_a_cell_without_touching_any_variable() -> None:
    imports, function, call = re.split("\n\n\n", IN_FUNCTION)
    cells = [("code", f"{each}\n", None) for each in (imports, function, call, "y = 1")]
    document = notebook_of_cells("a.ipynb", cells)
    (found,) = measured(document)
    assert found is not None
    assert found.below == 1
    assert found.code.rstrip().endswith("worth_of_the_leak()")


UNCERTAIN = {
    "it may end earlier": ('    "One try."\n', "    if len(table) < 9:\n        return 0\n"),
    "what it is given is not known": ("def evaluate(table, target)", "def evaluate(table, target, *more)"),
    "another function reads what it binds": ("X, y = load", "def size():\n    return len(table)\n\n\nX, y = load"),
}


@pytest.mark.parametrize("case", UNCERTAIN)
def test_functions_that_cannot_be_written_out_are_not_measured(case: str) -> None:
    old, new = UNCERTAIN[case]
    assert old in IN_FUNCTION
    assert measured(script("train.py", IN_FUNCTION.replace(old, new))) == [None]
