"""Arguments that come out of a dict: what is not known for certain to be in it is not reported."""

from __future__ import annotations

import pytest

from mlsense.analysis import Analyser, Settings
from mlsense.syntax import script
from mlsense.text import apply_edits

HEAD = """
import json
import sys
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.model_selection import ParameterGrid, train_test_split, validation_curve
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC
"""
RULES = ("estimator-unknown-kwarg", "unknown-keyword", "param-grid-prefix")
FOUND = [
    ('params = {"max_dept": 4}\nSVC()\nRandomForestClassifier(**params)', '"max_depth"'),
    ('RandomForestClassifier(**{"max_dept": 4})', '"max_depth"'),
    ("params = dict(max_dept=4)\nRandomForestClassifier(n_jobs=1, **params)", "max_depth=4"),
    ('params = {"n_estimators": 3}\nparams["max_dept"] = 3\nRandomForestClassifier(**params)', None),
    ("common = dict(random_state=0, n_jobs=2)\nGradientBoostingClassifier(**common)", None),
    ("def made(**given):\n    return SVC(**given)\nmade(gama=1)", None),
    ('options = {"test_sise": 0.2}\ntrain_test_split([1, 2], **options)', '"test_size"'),
    ('model = make_pipeline(StandardScaler(), SVC())\nmodel.set_params(**{"svm__C": 3})', '"svc__C"'),
    ('model = make_pipeline(StandardScaler(), SVC())\nbest = {"C": 3}\nmodel.set_params(**best)', '"svc__C"'),
    ('validation_curve(make_pipeline(SVC()), [[1]], [1], param_name="C", param_range=[1])', '"svc__C"'),
]
SILENT = [
    'params = {"C": 1}\nif len(sys.argv) > 3:\n    params["unknown"] = 1\nSVC(**params)',
    'params = {"C": 1, "kind": "svc"}\nparams.pop("kind")\nSVC(**params)',
    'params = {"C": 1, "kind": "svc"}\nparams.pop(sys.argv[1])\nSVC(**params)',
    'params = {"C": 1, "kind": "svc"}\ndel params["kind"]\nSVC(**params)',
    'params = {"C": 1, "kind": "svc"}\ndel params[sys.argv[1]]\nSVC(**params)',
    'params = {"kind": "svc"}\nparams.clear()\nSVC(**params)',
    'params = {"kind": "svc"}\nparams.popitem()\nSVC(**params)',
    'params = {"C": 1, "kind": "svc"}\nSVC(**{key: value for key, value in params.items() if key != "kind"})',
    'extra = {}\nif sys.argv:\n    extra["unknown"] = 1\nparams = {"C": 1}\nparams.update(extra)\nSVC(**params)',
    "SVC(**json.load(open('params.json')))",
    'for params in ParameterGrid({"C": [1]}):\n    SVC(**params)',
    'SVC(**{"C": 1, "gamma": "auto"})',
    'try:\n    SVC(**{"unknown": 1})\nexcept TypeError:\n    pass',
]


def findings(program: str) -> list[tuple[str, str | None]]:
    """The rules that speak, each with the text after its fix."""
    text = HEAD + program + "\n"
    report = Analyser().analyse(script("a.py", text), Settings.of(select=RULES))
    return [
        (each.rule, apply_edits(text, [edit.edit for edit in each.fix.edits]) if each.fix is not None else None)
        for each in report.findings
    ]


@pytest.mark.parametrize(("program", "written"), FOUND)
def test_what_is_in_it_is_reported(program: str, written: str | None) -> None:
    ((_, fixed),) = findings(program)
    assert (fixed is None) == (written is None)
    if written is not None:
        assert fixed is not None
        assert written in fixed


@pytest.mark.parametrize("program", SILENT)
def test_what_may_not_be_in_it_is_not(program: str) -> None:
    assert findings(program) == []
