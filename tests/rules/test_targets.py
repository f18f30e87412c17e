"""Targets and predictions: what is known of them holds in scikit-learn."""

from __future__ import annotations

import warnings

import pytest
import sklearn.datasets
from sklearn.utils import all_estimators

from mlsense.analysis import Analyser
from mlsense.knowledge import estimator_facts
from mlsense.rules.estimator import clf_on_continuous_target
from mlsense.rules.metric import metric_type_mismatch
from mlsense.rules.targets import CLASSES, SORTED
from mlsense.syntax import script

HEAD = """
import numpy as np
from sklearn.datasets import load_breast_cancer, load_iris, make_classification
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.metrics import accuracy_score, confusion_matrix, f1_score, jaccard_score, roc_auc_score
from sklearn.metrics import precision_recall_fscore_support, precision_score
from sklearn.model_selection import train_test_split

"""
RULES = ("average-missing", "metric-type-mismatch")


def reported(code: str) -> list[str]:
    found = Analyser().analyse(script("example.py", HEAD + code)).findings
    return [finding.rule for finding in found if finding.rule in RULES]


def run(code: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(HEAD + code, {})


@pytest.mark.parametrize("loader", CLASSES)
def test_data_sets_have_as_many_classes(loader: str) -> None:
    assert len(set(getattr(sklearn.datasets, loader)().target)) == CLASSES[loader]


def test_the_regressors_predict_numbers_that_are_not_whole() -> None:
    X, y = sklearn.datasets.load_breast_cancer(return_X_y=True)
    X = X[:200] / X.max(axis=0)
    found = dict(all_estimators("regressor"))
    for name in metric_type_mismatch._CONTINUOUS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            predicted = found[name]().fit(X, y[:200] + 1).predict(X)
        assert any(not float(each).is_integer() for each in predicted.ravel()), name


@pytest.mark.parametrize(
    "code",
    [
        "X, y = load_iris(return_X_y=True)\nf1_score(y, y)\n",
        "iris = load_iris()\nprecision_score(iris.target, iris['target'])\n",
        "X, y = load_iris(return_X_y=True)\na, b = train_test_split(y, stratify=y)\njaccard_score(b, b)\n",
        "X, y = make_classification(n_classes=3, n_informative=4)\nf1_score(y, y, pos_label=1)\n",
        "X, y = load_iris(return_X_y=True)\nmodel = LogisticRegression(max_iter=500).fit(X, y)\n"
        "roc_auc_score(y, model.predict_proba(X))\n",
        "X, y = load_breast_cancer(return_X_y=True)\nconfusion_matrix(y, LinearRegression().fit(X, y).predict(X))\n",
    ],
)
def test_what_is_reported_raises(code: str) -> None:
    assert len(reported(code)) == 1
    with pytest.raises(ValueError):  # noqa: PT011
        run(code)


@pytest.mark.parametrize(
    "code",
    [
        "X, y = load_iris(return_X_y=True)\nf1_score(y % 2, y % 2)\n",
        "X, y = load_iris(return_X_y=True)\nf1_score(y[:100], y[:100])\n",
        "X, y = load_iris(return_X_y=True)\nf1_score(y[y < 2], y[y < 2])\n",
        "X, y = load_iris(return_X_y=True)\ny[y > 1] = 1\nf1_score(y, y)\n",
        "X, y = load_iris(return_X_y=True)\ny %= 2\nf1_score(y, y)\n",
        "X, y = load_iris(return_X_y=True)\nz = y\nz[z > 1] = 1\nf1_score(y, y)\n",
        "X, y = load_iris(return_X_y=True)\nf1_score(y, y, average=None)\n",
        "X, y = load_iris(return_X_y=True)\nprecision_recall_fscore_support(y, y)\n",
        "X, y = load_breast_cancer(return_X_y=True)\nf1_score(y, y)\n",
        "X, y = make_classification()\nf1_score(y, y)\n",
        "X, y = make_classification(n_classes=2)\nroc_auc_score(y, y)\n",
        "X, y = load_breast_cancer(return_X_y=True)\np = LinearRegression().fit(X, y).predict(X)\n"
        "p = p > 0.5\naccuracy_score(y, p)\n",
        "X, y = load_breast_cancer(return_X_y=True)\np = LinearRegression().fit(X, y).predict(X)\n"
        "p[:] = p > 0.5\naccuracy_score(y, p)\n",
        "X, y = load_breast_cancer(return_X_y=True)\np = LinearRegression().fit(X, y).predict(X)\n"
        "accuracy_score(y, np.where(p > 0.5, 1, 0))\naccuracy_score(y, [int(each > 0.5) for each in p])\n",
    ],
)
def test_what_runs_is_not_reported(code: str) -> None:
    run(code)
    assert reported(code) == []


def test_continuous_targets_have_fractions_and_whole_ones_as_many_values() -> None:
    for name in clf_on_continuous_target.CONTINUOUS - {"fetch_california_housing"}:
        _, y = getattr(sklearn.datasets, name)(random_state=0)
        assert any(not float(each).is_integer() for each in y), name
    for name, count in clf_on_continuous_target._WHOLE.items():
        assert len(set(getattr(sklearn.datasets, name)().target)) == count


def test_every_classifier_refuses_numbers() -> None:
    X, y = sklearn.datasets.make_regression(40, n_features=3, random_state=0)
    tried = 0
    for name, cls in all_estimators("classifier"):
        facts = estimator_facts(name)
        try:
            model = cls()
        except TypeError:
            continue
        if facts is None or name == "DummyClassifier":
            continue
        tried += 1
        with pytest.raises(ValueError):  # noqa: PT011
            model.fit(abs(X), y)
        code = f"from sklearn.datasets import make_regression\nfrom {facts.module} import {name}\n"
        code += f"X, y = make_regression()\n{name}().fit(X, y)\n"
        found = Analyser().analyse(script("example.py", code)).findings
        assert "clf-on-continuous-target" in {each.rule for each in found}, name
    assert tried > 30


def test_the_whole_numbers_of_diabetes_are_a_warning() -> None:
    code = "from sklearn.datasets import load_diabetes\nX, y = load_diabetes(return_X_y=True)\n"
    code += "LogisticRegression().fit(X, y)\n"
    (finding,) = Analyser().analyse(script("example.py", HEAD + code)).findings
    assert (finding.rule, finding.severity.value) == ("clf-on-continuous-target", "warning")


@pytest.mark.parametrize("name", CLASSES)
def test_the_sets_that_come_class_after_class_are_known(name: str) -> None:
    target = getattr(sklearn.datasets, name)().target
    assert (name in SORTED) == bool((target[1:] >= target[:-1]).all())
