"""What the fixes of leaks make of programs as people write them: the program that was meant, on real rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from mlsense.analysis import Analyser
from mlsense.rules.finding import Severity
from mlsense.syntax import notebook_of_cells, script
from mlsense.text import apply_edits
from rules.running import printed

if TYPE_CHECKING:
    from pathlib import Path

    from mlsense.rules.finding import Finding

HEAD = """\
from imblearn.over_sampling import SMOTE, RandomOverSampler
from sklearn.datasets import load_wine, make_classification
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, cross_val_predict, cross_val_score, cross_validate
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import MinMaxScaler, QuantileTransformer
from sklearn.tree import DecisionTreeClassifier

wines = load_wine(as_frame=True).frame
X, y = load_wine(return_X_y=True)
X, y = X[::2], y[::2]
A, b = make_classification(150, weights=[0.85], random_state=0)
tree, line = DecisionTreeClassifier(max_depth=3, random_state=0), LogisticRegression(max_iter=5000)
"""
PIPE = "from sklearn.pipeline import make_pipeline\n"
BALANCED = "from imblearn.pipeline import make_pipeline\n"
SPLIT = "{}, random_state=0)\nprint(tree.fit(X_train, y_train).score(X_test, y_test))"
SPLIT_A = "X_train, X_test, y_train, y_test = train_test_split(" + SPLIT
MORE = "X_train, y_train = {}.fit_resample(X_train, y_train)\nprint("
# The rule, what was written, what was meant.
CASES = {
    "a score of folds": (
        "fit-before-split",
        "Z = MinMaxScaler().fit_transform(X)\nprint(cross_val_score(line, Z, y).round(6))",
        PIPE + "print(cross_val_score(make_pipeline(MinMaxScaler(), line), X, y).round(6))",
    ),
    "under the same name, by a name": (
        "fit-before-split",
        "reducer = PCA(3)\nX = reducer.fit_transform(X)\nprint(cross_val_score(tree, X, y, cv=4).round(6))",
        PIPE + "print(cross_val_score(make_pipeline(PCA(3), tree), X, y, cv=4).round(6))",
    ),
    "with the targets": (
        "feature-selection-before-split",
        'best = SelectKBest(k=3).fit_transform(X, y)\nprint(cross_validate(tree, best, y)["test_score"])',
        PIPE + 'print(cross_validate(make_pipeline(SelectKBest(k=3), tree), X, y)["test_score"])',
    ),
    "over several models": (
        "fit-before-split",
        "Z = QuantileTransformer(n_quantiles=9).fit_transform(X)\nfor model in (tree, line):\n"
        "    print(cross_val_score(model, Z, y, cv=KFold(3, shuffle=True, random_state=1)).round(6))",
        PIPE + "for model in (tree, line):\n    model = make_pipeline(QuantileTransformer(n_quantiles=9), model)\n"
        "    print(cross_val_score(model, X, y, cv=KFold(3, shuffle=True, random_state=1)).round(6))",
    ),
    "a search with a grid": (
        "feature-selection-before-split",
        'best = SelectKBest(k=3).fit_transform(X, y)\ngrid = {"max_depth": [1, 3], "min_samples_leaf": [1, 9]}\n'
        "search = GridSearchCV(tree, grid, cv=3)\nsearch.fit(best, y)\nprint(round(search.best_score_, 6))",
        PIPE
        + "name = 'decisiontreeclassifier__'\ngrid = {name + 'max_depth': [1, 3], name + 'min_samples_leaf': [1, 9]}\n"
        "search = GridSearchCV(make_pipeline(SelectKBest(k=3), tree), grid, cv=3).fit(X, y)\n"
        "print(round(search.best_score_, 6))",
    ),
    "resampled for folds": (
        "resample-before-split",
        "C, d = SMOTE(random_state=0).fit_resample(A, b)\nprint(cross_val_score(tree, C, d).round(6))",
        BALANCED + "print(cross_val_score(make_pipeline(SMOTE(random_state=0), tree), A, b).round(6))",
    ),
    "resampled for folds, under the same names": (
        "resample-before-split",
        "more = RandomOverSampler(random_state=1)\nA, b = more.fit_resample(A, b)\nprint(cross_val_score(line, A, b))",
        BALANCED + "print(cross_val_score(make_pipeline(RandomOverSampler(random_state=1), line), A, b))",
    ),
    "predictions of resampled folds": (
        "resample-before-split",
        "C, d = SMOTE(k_neighbors=3, random_state=0).fit_resample(A, b)\nprint(cross_val_predict(tree, C, d).sum())",
        BALANCED + "print(cross_val_predict(make_pipeline(SMOTE(k_neighbors=3, random_state=0), tree), A, b).sum())",
    ),
    "resampled before a split": (
        "resample-before-split",
        "C, d = SMOTE(random_state=0).fit_resample(A, b)\n" + SPLIT_A.format("C, d"),
        SPLIT_A.format("A, b").replace("print(", MORE.format("SMOTE(random_state=0)")),
    ),
    "resampled before a split, by a name": (
        "resample-before-split",
        "more = RandomOverSampler(random_state=1)\nA, b = more.fit_resample(A, b)\n" + SPLIT_A.format("A, b"),
        SPLIT_A.format("A, b").replace("print(", MORE.format("RandomOverSampler(random_state=1)")),
    ),
    "resampled before a split that keeps the shares": (
        "resample-before-split",
        "C, d = SMOTE(random_state=0).fit_resample(A, b)\n" + SPLIT_A.format("C, d, stratify=d"),
        SPLIT_A.format("A, b, stratify=b").replace("print(", MORE.format("SMOTE(random_state=0)")),
    ),
    "some columns": (
        "fit-before-split",
        'Z = wines.drop(columns="target")\nt = wines["target"]\nsome = ["alcohol", "proline"]\n'
        "Z[some] = PCA(2).fit_transform(Z[some])\n" + SPLIT_A.format("Z, t"),
        'some = ["alcohol", "proline"]\n'
        + SPLIT_A.format('wines.drop(columns="target"), wines["target"]').replace(
            "print(",
            "two = PCA(2).fit(X_train[some])\nfor part in (X_train, X_test):\n"
            "    part[some] = two.transform(part[some])\nprint(",
        ),
    ),
    "one column, by a name": (
        "fit-before-split",
        'Z, t = wines.drop(columns="target"), wines["target"]\nscaler = QuantileTransformer(n_quantiles=9)\n'
        'Z[["hue"]] = scaler.fit_transform(Z[["hue"]])\n' + SPLIT_A.format("Z, t").replace("tree", "line"),
        SPLIT_A.format('wines.drop(columns="target"), wines["target"]')
        .replace(
            "print(",
            'scaler = QuantileTransformer(n_quantiles=9)\nX_train[["hue"]] = scaler.fit_transform(X_train[["hue"]])\n'
            'X_test[["hue"]] = scaler.transform(X_test[["hue"]])\nprint(',
        )
        .replace("tree", "line"),
    ),
    "all columns as features": (
        "target-in-features",
        'Z, t = wines, wines["target"]\n'.replace("Z, t = wines, ", "Z = wines\nt = ") + SPLIT_A.format("Z, t"),
        'Z, t = wines.drop(columns="target"), wines["target"]\n' + SPLIT_A.format("Z, t"),
    ),
    "other columns dropped": (
        "target-in-features",
        't = wines.target\nZ = wines.drop(["hue", "ash"], axis=1)\n' + SPLIT_A.format("Z, t"),
        'Z, t = wines.drop(columns=["target", "hue", "ash"]), wines["target"]\n' + SPLIT_A.format("Z, t"),
    ),
    "named among the columns": (
        "target-in-features",
        'Z = wines[["alcohol", "target", "hue"]]\nt = wines["target"]\n' + SPLIT_A.format("Z, t"),
        'Z, t = wines[["alcohol", "hue"]], wines["target"]\n' + SPLIT_A.format("Z, t"),
    ),
    "a copy, tried on folds": (
        "target-in-features",
        'Z = wines.copy()\nt = wines["target"]\nprint(cross_val_score(tree, Z, t).round(6))',
        'print(cross_val_score(tree, wines.drop(columns="target"), wines["target"]).round(6))',
    ),
    "in parts by hand": (
        "target-in-features",
        'Z = wines.iloc[:, :]\nt = wines["target"]\ntree.fit(Z[::2], t[::2])\nprint(tree.score(Z[1::2], t[1::2]))',
        'Z, t = wines.drop(columns="target"), wines["target"]\ntree.fit(Z[::2], t[::2])\n'
        "print(tree.score(Z[1::2], t[1::2]))",
    ),
}


def loud(text: str) -> list[Finding]:
    found = Analyser().analyse(script("a.py", text)).findings
    return [finding for finding in found if finding.severity in (Severity.ERROR, Severity.WARNING)]


@pytest.mark.parametrize("case", CASES)
def test_the_repaired_program_prints_what_was_meant(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rule, wrong, right = CASES[case]
    wrong, right = f"{HEAD}{wrong}\n", f"{HEAD}{right}\n"
    (finding,) = [each for each in loud(wrong) if each.rule == rule]
    assert finding.fix is not None
    repaired = apply_edits(wrong, [edit.edit for edit in finding.fix.edits])
    assert {each.rule for each in loud(repaired)} <= {each.rule for each in loud(wrong)} - {rule}
    meant = printed(right, tmp_path, monkeypatch)
    assert printed(repaired, tmp_path, monkeypatch) == meant


def test_a_pipeline_is_made_across_cells() -> None:
    cells = [
        HEAD,
        "reducer = PCA(3)\nZ = reducer.fit_transform(X)\n",
        "# how good is it?\ncross_val_score(line, Z, y)\n",
    ]
    document = notebook_of_cells("a.ipynb", [("code", text, None) for text in cells])
    (finding,) = [each for each in Analyser().analyse(document).findings if each.rule == "fit-before-split"]
    assert finding.fix is not None
    for number in {edit.cell for edit in finding.fix.edits}:
        cells[number] = apply_edits(cells[number], [edit.edit for edit in finding.fix.edits if edit.cell == number])
    assert cells[1:] == [
        "reducer = PCA(3)\n",
        "# how good is it?\ncross_val_score(make_pipeline(reducer, line), X, y)\n",
    ]
    assert PIPE in cells[0]


SCALED = "s = MinMaxScaler()\nZ = s.fit_transform(X)\n"
NOT_CERTAIN = {
    "what it made is shown": SCALED + "print(cross_val_score(line, Z, y), Z.mean())",
    "the rows have changed by then": SCALED + "X = X[:9]\ncross_val_score(line, Z, y)",
    "the scaler is asked": SCALED + "cross_val_score(line, Z, y)\nprint(s.data_max_)",
    "the search is used": SCALED + "grid = GridSearchCV(line, {'C': [1]})\ngrid.fit(Z, y)\ngrid.predict(Z)",
    "the grid is not known": SCALED + "grid = GridSearchCV(line, dict(C=[1]))\ngrid.fit(Z, y)",
    "another pipeline": f"{BALANCED}{SCALED}cross_val_score(line, Z, y)",
}


@pytest.mark.parametrize("case", NOT_CERTAIN)
def test_where_a_pipeline_could_change_more_there_is_no_fix(case: str) -> None:
    found = [each for each in loud(f"{HEAD}{NOT_CERTAIN[case]}\n") if each.rule == "fit-before-split"]
    assert [each.fix for each in found] == [None]
