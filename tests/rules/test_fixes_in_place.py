"""Fixes that change a line where it stands: flat, in a function, under `if __name__`, in a method, cell by cell."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING

import pytest

from mlsense.analysis import Analyser
from mlsense.rules.finding import Severity
from mlsense.syntax import notebook_of_cells
from mlsense.text import apply_edits
from rules.running import printed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from mlsense.rules.finding import Finding

HEAD = """\
import numpy as np
import pandas as pd
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine, make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, classification_report, f1_score, precision_score, roc_auc_score
from sklearn.model_selection import GridSearchCV, KFold, StratifiedKFold, cross_val_score, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import LabelEncoder, MinMaxScaler, OneHotEncoder, OrdinalEncoder, StandardScaler
from sklearn.svm import SVC
from sklearn.tree import DecisionTreeClassifier

"""
WINE = "X, y = load_wine(return_X_y=True)\n"
CANCER = "X, y = load_breast_cancer(return_X_y=True)\n"
RARE = "X, y = make_classification(300, weights=[0.95], random_state=0)\n"
TREE = "tree = DecisionTreeClassifier(max_depth=3, random_state=0).fit(A, a)\n"
FAIR = "tree = LogisticRegression(class_weight='balanced').fit(A, a)\nprint(f1_score(b, tree.predict(B)))"
SPLIT = "A, B, a, b = train_test_split(X, y, random_state=0, stratify=y)\n"
TOWNS = """\
homes = pd.DataFrame({"town": list("abcdab") * 20, "size": range(120)})
homes["dear"] = (homes["size"] * 7 % 13 > 5).astype(int)
A, B = homes.iloc[:80], homes.iloc[80:]
"""
# By rule: what was written, and what was meant.
MEANT = {
    "fit-on-test": (
        WINE + SPLIT + "scaler = MinMaxScaler()\nC = scaler.fit_transform(A)\nD = scaler.fit_transform(B)\n"
        "print(KNeighborsClassifier().fit(C, a).score(D, b))",
        WINE + SPLIT + "scaler = MinMaxScaler().fit(A)\nC = scaler.transform(A)\nD = scaler.transform(B)\n"
        "print(KNeighborsClassifier().fit(C, a).score(D, b))",
    ),
    "scaler-not-applied-to-test": (
        WINE + SPLIT + "scaler = MinMaxScaler()\nC = scaler.fit_transform(A)\n"
        "knn = KNeighborsClassifier().fit(C, a)\nprint(knn.score(B, b))",
        WINE + SPLIT + "scaler = MinMaxScaler()\nC = scaler.fit_transform(A)\n"
        "knn = KNeighborsClassifier().fit(C, a)\nprint(knn.score(scaler.transform(B), b))",
    ),
    "unscaled-distance-model": (
        WINE + SPLIT + "knn = KNeighborsClassifier(n_neighbors=3)\nknn.fit(A, a)\nprint(knn.score(B, b))",
        WINE + SPLIT + "knn = make_pipeline(StandardScaler(), KNeighborsClassifier(n_neighbors=3))\n"
        "knn.fit(A, a)\nprint(knn.score(B, b))",
    ),
    "target-in-features": (
        'wines = load_wine(as_frame=True).frame\nX = wines.drop(columns=["ash"])\ny = wines["target"]\n'
        + SPLIT
        + TREE
        + "print(tree.score(B, b))",
        'wines = load_wine(as_frame=True).frame\nX = wines.drop(columns=["ash", "target"])\ny = wines["target"]\n'
        + SPLIT
        + TREE
        + "print(tree.score(B, b))",
    ),
    "metric-arg-order": (
        CANCER + SPLIT + TREE + "found = tree.predict(B)\nprint(precision_score(found, b))",
        CANCER + SPLIT + TREE + "print(precision_score(b, tree.predict(B)))",
    ),
    "auc-hard-labels": (
        CANCER + SPLIT + TREE + "print(roc_auc_score(b, tree.predict(B)))",
        CANCER + SPLIT + TREE + "print(roc_auc_score(b, tree.predict_proba(B)[:, 1]))",
    ),
    "average-missing": (
        WINE + SPLIT + TREE + "print(f1_score(b, tree.predict(B)))",
        WINE + SPLIT + TREE + 'print(f1_score(b, tree.predict(B), average="macro"))',
    ),
    "scoring-string-wrong": (
        WINE + 'tree = DecisionTreeClassifier(random_state=0)\nprint(cross_val_score(tree, X, y, scoring="f1macro"))',
        WINE + 'tree = DecisionTreeClassifier(random_state=0)\nprint(cross_val_score(tree, X, y, scoring="f1_macro"))',
    ),
    "neg-mse-sign": (
        "X, y = load_diabetes(return_X_y=True)\ntree = RandomForestClassifier(5, random_state=0)\n"
        'scores = cross_val_score(tree, X, y > 140, scoring="neg_brier_score")\nprint(np.sqrt(scores).round(6))',
        "X, y = load_diabetes(return_X_y=True)\ntree = RandomForestClassifier(5, random_state=0)\n"
        'scores = cross_val_score(tree, X, y > 140, scoring="neg_brier_score")\nprint(np.sqrt(-scores).round(6))',
    ),
    "labelencoder-on-X": (
        TOWNS + 'homes["town"] = LabelEncoder().fit_transform(homes["town"])\n'
        'X = homes.drop(columns="dear")\ny = homes["dear"]\n'
        + SPLIT
        + "print(LogisticRegression().fit(A, a).predict_proba(B).round(6))",
        TOWNS + "from sklearn.compose import make_column_transformer\n"
        'encoder = OneHotEncoder(handle_unknown="ignore")\n'
        'steps = make_column_transformer((encoder, ["town"]), remainder="passthrough")\n'
        'X = homes.drop(columns="dear")\ny = homes["dear"]\n'
        + SPLIT
        + "print(make_pipeline(steps, LogisticRegression()).fit(A, a).predict_proba(B).round(6))",
    ),
    "onehot-handle-unknown": (
        TOWNS + 'model = make_pipeline(OneHotEncoder(), LogisticRegression()).fit(A[["town"]], A["dear"])\n'
        'print(model.score(B[["town"]], B["dear"]))',
        TOWNS + 'encoder = OneHotEncoder(handle_unknown="ignore")\n'
        'model = make_pipeline(encoder, LogisticRegression()).fit(A[["town"]], A["dear"])\n'
        'print(model.score(B[["town"]], B["dear"]))',
    ),
    "stratify-missing": (
        RARE + "A, B, a, b = train_test_split(X, y, random_state=0)\n" + FAIR,
        RARE + SPLIT + FAIR,
    ),
    "kfold-no-shuffle": (
        WINE + "tree = DecisionTreeClassifier(random_state=0)\nprint(cross_val_score(tree, X, y, cv=KFold(3)))",
        "",
    ),
    "kfold-random-state-noshuffle": (
        WINE + "folds = StratifiedKFold(3, random_state=1)\n"
        "print(cross_val_score(DecisionTreeClassifier(random_state=0), X, y, cv=folds))",
        WINE + "folds = StratifiedKFold(3, shuffle=True, random_state=1)\n"
        "print(cross_val_score(DecisionTreeClassifier(random_state=0), X, y, cv=folds))",
    ),
    "split-unpack-order": (
        WINE + "X_train, y_train, X_test, y_test = train_test_split(X, y, random_state=0, stratify=y)\n"
        "print(DecisionTreeClassifier(random_state=0).fit(X_train, y_train).score(X_test, y_test))",
        WINE + SPLIT + "print(DecisionTreeClassifier(random_state=0).fit(A, a).score(B, b))",
    ),
    "param-grid-prefix": (
        WINE + "pipe = make_pipeline(StandardScaler(), SVC())\nsearch = GridSearchCV(pipe, {'C': [1, 10]})\n"
        "search.fit(X, y)\nprint(search.best_params_)",
        WINE + "pipe = make_pipeline(StandardScaler(), SVC())\nsearch = GridSearchCV(pipe, {'svc__C': [1, 10]})\n"
        "search.fit(X, y)\nprint(search.best_params_)",
    ),
    "get-dummies-mismatch": (
        TOWNS + 'C = pd.get_dummies(A[["town", "size"]])\nD = pd.get_dummies(B[["town", "size"]])\n'
        'tree = DecisionTreeClassifier(random_state=0).fit(C, A["dear"])\nprint(tree.predict(D).sum())',
        TOWNS + 'C = pd.get_dummies(A[["town", "size"]])\nD = pd.get_dummies(B[["town", "size"]])\n'
        "D = D.reindex(columns=C.columns, fill_value=0)\n"
        'tree = DecisionTreeClassifier(random_state=0).fit(C, A["dear"])\nprint(tree.predict(D).sum())',
    ),
}
# Which draw it is differs with the seed: no number is the one that was meant.
DRAWN = {"kfold-no-shuffle"}


def flat(text: str) -> list[str]:
    return [HEAD + text]


def in_function(text: str) -> list[str]:
    return [HEAD + "\n\ndef main():\n" + textwrap.indent(text, "    ") + "\n\n\nmain()\n"]


def below_name(text: str) -> list[str]:
    return [HEAD + '\nif __name__ == "__main__":\n' + textwrap.indent(text, "    ") + "\n"]


def in_method(text: str) -> list[str]:
    body = textwrap.indent(text, " " * 8)
    return [HEAD + "\n\nclass Study:\n    def run(self):\n" + body + "\n\n\nStudy().run()\n"]


def cell_by_cell(text: str) -> list[str]:
    return [HEAD, *(ast.get_source_segment(text, each) or "" for each in ast.parse(text).body)]


def with_comments(text: str) -> list[str]:
    parts = [ast.get_source_segment(text, each) or "" for each in ast.parse(text).body]
    return [HEAD + "\n\n".join(f"# step {number}\n{part}  # done" for number, part in enumerate(parts)) + "\n"]


SHAPES: dict[str, Callable[[str], list[str]]] = {
    "flat": flat,
    "in a function": in_function,
    "below `if __name__`": below_name,
    "in a method": in_method,
    "cell by cell": cell_by_cell,
    "with comments": with_comments,
}


def found_in(cells: list[str]) -> list[Finding]:
    document = notebook_of_cells("a.ipynb", [("code", text, None) for text in cells])
    return [each for each in Analyser().analyse(document).findings if each.severity is not Severity.HINT]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("rule", MEANT)
def test_the_repaired_program_prints_what_was_meant(
    rule: str, shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong, right = (SHAPES[shape](text) for text in MEANT[rule])
    first = found_in(wrong)
    (finding,) = [each for each in first if each.rule == rule]
    assert finding.fix is not None
    cells = list(wrong)
    for number in {edit.cell for edit in finding.fix.edits}:
        cells[number] = apply_edits(cells[number], [edit.edit for edit in finding.fix.edits if edit.cell == number])
    assert {each.rule for each in found_in(cells)} <= {each.rule for each in first} - {rule}
    made = printed("\n".join(cells), tmp_path, monkeypatch)
    assert made.strip()
    if rule not in DRAWN:
        assert made == printed("\n".join(right), tmp_path, monkeypatch)
