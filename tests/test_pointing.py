"""What the text at a caret (`|`) speaks of, in scripts and notebooks, as it stands or after an edit."""

from __future__ import annotations

import pytest

from mlsense.analysis import Analyser
from mlsense.pointing import class_at, subject_at
from mlsense.semantics.trace import Trace
from mlsense.syntax import Cell, notebook_of_cells, script

PROGRAM = """\
import numpy as np
import pandas as pd
import sklearn.linear_model as lm
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression as LR
from sklearn.model_selection import GridSearchCV, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.svm import SVC
df = pd.read_csv("a.csv")
pipe = Pipeline([("clf", SVC())])
"""
LOGISTIC = "sklearn.linear_model.LogisticRegression"
SCORE = "sklearn.model_selection.cross_val_score"
CASES = {
    "model = L|R(C=1)": (LOGISTIC, None, None),
    "'🧪'; model = LR|(C=1)": (LOGISTIC, None, None),
    "model = LR(C|=1)": (LOGISTIC, "C", None),
    "model = LR(C=|1)": None,
    "model = LR(solver='lb|fgs')": (LOGISTIC, "solver", "lbfgs"),
    "model = LR(penalty=pena|lty)": None,
    "from sklearn.linear_model import LogisticReg|ression": (LOGISTIC, None, None),
    "from sklearn.linear_model import LogisticRegression as L|R": (LOGISTIC, None, None),
    "from sklearn.lin|ear_model import Ridge": ("sklearn.linear_model", None, None),
    "from skl|earn.linear_model import Ridge": ("sklearn", None, None),
    "import sklearn.en|semble": ("sklearn.ensemble", None, None),
    "import numpy as n|p": ("numpy", None, None),
    "from .own import help|er": None,
    "n|p.mean(df)": ("numpy", None, None),
    "np.me|an(df)": ("numpy.mean", None, None),
    "lm.Rid|ge()": ("sklearn.linear_model.Ridge", None, None),
    "pipe.fi|t(df)": ("sklearn.pipeline.Pipeline.fit", None, None),
    "df.dr|op(columns='a')": ("pandas.DataFrame.drop", None, None),
    "df.drop(col|umns='a')": ("pandas.DataFrame.drop", "columns", None),
    "df.drop('a', axis=1).fill|na(0)": ("pandas.DataFrame.fillna", None, None),
    "df['a'].ma|p(str)": ("pandas.Series.map", None, None),
    "d|f.drop(columns='a')": None,
    "nothing_kn|own.drop(columns='a')": None,
    "dict(a|=1)": None,
    "pri|nt(1)": None,
    "cross_val_score(pipe, df, scoring=['f|1'])": (SCORE, "scoring", "f1"),
    "cross_val_score(pipe, df, df, gro|ups=df)": (SCORE, "groups", None),
    "pipe.set_params(clf__|C=3)": ("sklearn.svm.SVC", "C", None),
    "GridSearchCV(pipe, {'clf__|C': [1]})": ("sklearn.svm.SVC", "C", None),
    "GridSearchCV(pipe, {'nope__|C': [1]})": None,
    "GridSearchCV(estimator=pipe, param_grid=[{'clf__kernel': ['lin|ear']}])": ("sklearn.svm.SVC", "kernel", "linear"),
    "table = {'C|': [1]}": None,
    "df.corr('pear|son')": ("pandas.DataFrame.corr", "method", "pearson"),
    "def f(c):\n    inner = SVC(gam|ma=c)\n    return inner": ("sklearn.svm.SVC", "gamma", None),
    "def f(c):\n    return SV|C(gamma=c)": ("sklearn.svm.SVC", None, None),
    "@train_test|_split\ndef f(): pass": ("sklearn.model_selection.train_test_split", None, None),
    "LR = SVC; L|R()": ("sklearn.svm.SVC", None, None),
    "'L|R'": None,
    "# L|R": None,
    "LR(C=1": None,
}


def analysed(text: str) -> Trace:
    trace = Analyser().analyse(script("a.py", text)).trace
    assert trace is not None
    return trace


@pytest.mark.parametrize("line", CASES)
def test_in_a_script(line: str) -> None:
    text = PROGRAM + line.replace("|", "") + "\n"
    trace = analysed(text)
    offset = len(PROGRAM) + (line.index("|") if "|" in line else 3)
    found = subject_at(trace, trace.document.cells[0], offset)
    assert (found and (found.name, found.parameter, found.value)) == CASES[line]
    if found is not None:
        assert found.span.start <= offset <= found.span.end


@pytest.mark.parametrize("line", ["'🧪'; model = L|R(C=1)", "!ls\nL|R"])
def test_in_a_notebook(line: str) -> None:
    cells = [("code", PROGRAM, None), ("markdown", "LR", None), ("code", line.replace("|", ""), None)]
    trace = Analyser().analyse(notebook_of_cells("a.ipynb", cells)).trace  # type: ignore[arg-type]
    assert trace is not None
    found = subject_at(trace, trace.document.cells[2], line.index("|"))
    assert found is not None
    assert (found.name, line.replace("|", "")[slice(*found.span)]) == (LOGISTIC, "LR")
    assert subject_at(trace, trace.document.cells[1], 1) is None


def test_a_text_that_is_newer_than_the_model() -> None:
    trace = analysed(PROGRAM)
    line = "more = 1\nmodel = LR(C|=1)\n"
    cell = script("a.py", PROGRAM + line.replace("|", "")).cells[0]
    found = subject_at(trace, cell, len(PROGRAM) + line.index("|"))
    assert found is not None
    assert (found.name, found.parameter) == (LOGISTIC, "C")


@pytest.mark.parametrize(("line", "cls"), [("pi|pe", "sklearn.pipeline.Pipeline"), ("d|f", None), ("LR(|C=1)", None)])
def test_the_class_of_what_a_variable_holds(line: str, cls: str | None) -> None:
    trace = analysed(PROGRAM + line.replace("|", ""))
    cell: Cell = trace.document.cells[0]
    assert class_at(trace, cell, len(PROGRAM) + line.index("|")) == cls
