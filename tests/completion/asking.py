"""Texts with `|` for the caret, and what is completed there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.analysis import Analyser, Settings
from mlsense.completion import Scene, complete, scene
from mlsense.knowledge.versions import Versions
from mlsense.syntax import Document, notebook_of_cells, script

if TYPE_CHECKING:
    from mlsense.answers import Completion

INSTALLED = (
    ("keras", "3.15.0"),
    ("numpy", "2.5.0"),
    ("pandas", "3.1.0"),
    ("scikit-learn", "1.9.1"),
    ("seaborn", "0.13.2"),
)
ANALYSER = Analyser()

PROGRAM = """\
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

df = pd.DataFrame({"area": [1.0, 2.0], "price": [3.0, 4.0], "no name": [5, 6]})
raw = pd.read_csv("houses.csv")
raw["both"] = raw["floor"] + raw["rooms"]
model = LogisticRegression()
fitted = LogisticRegression().fit(df, [0, 1])
pipe = Pipeline([("scale", StandardScaler()), ("clf", SVC(kernel="poly"))])
"""


def versions(**of: str) -> Versions:
    installed = {**dict(INSTALLED), **{name.replace("_", "-"): version for name, version in of.items()}}
    return Versions(".venv", tuple(sorted(installed.items())))


def at_caret(
    *cells: str, before: tuple[str, ...] = (), python: bool = True, force: Versions | None = None, path: str = "a.py"
) -> Scene | None:
    """The scene at the `|` of the last text that has one; `before` was analysed instead, if given."""
    index = max(number for number, cell in enumerate(cells) if "|" in cell)
    offset = cells[index].rindex("|")
    now = document([cell.replace("|", "", 1) if number == index else cell for number, cell in enumerate(cells)], path)
    analysed = document(before, path) if before else now
    report = Analyser() if before else ANALYSER
    trace = report.analyse(analysed, Settings.of(versions=force or versions())).trace
    assert trace is not None
    return scene(trace, now, index, offset, python=python)


def document(cells: list[str] | tuple[str, ...], path: str) -> Document:
    if path.endswith(".py"):
        [text] = cells
        return script(path, text)
    return notebook_of_cells(path, [("code", cell, None) for cell in cells])


def entries(line: str, *, program: str = PROGRAM, trigger: str | None = None, **how: object) -> tuple[Completion, ...]:
    """What is completed at the `|` of a line below the program."""
    found = at_caret(program + line, **how)  # type: ignore[arg-type]
    return () if found is None else complete(found, trigger).entries


def labels(line: str, **how: object) -> list[str]:
    return [entry.label for entry in entries(line, **how)]  # type: ignore[arg-type]
