"""Attributes of estimators: what is reported is missing after a fit, what a fit leaves behind is not reported."""

from __future__ import annotations

import warnings
from inspect import signature

import pytest
from sklearn.datasets import load_iris
from sklearn.utils import all_estimators

from mlsense.analysis import Analyser
from mlsense.knowledge import estimator_facts
from mlsense.knowledge.kinds import kind
from mlsense.rules.finding import Finding
from mlsense.syntax import script
from mlsense.text import apply_edits

RULE = "attr-not-on-estimator"
HEAD = """
from sklearn.cluster import DBSCAN, KMeans
from sklearn.datasets import load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier
from sklearn.linear_model import LogisticRegression, RidgeClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
from sklearn.tree import DecisionTreeClassifier

X, y = load_iris(return_X_y=True)
"""
MISSING = [
    ("SVC()", "feature_importances_"),
    ("SVC()", "coef_"),
    ("SVC(kernel='poly')", "coef_"),
    ("KNeighborsClassifier()", "coef_"),
    ("GaussianNB()", "feature_importances_"),
    ("LogisticRegression(max_iter=500)", "feature_importance_"),
    ("LogisticRegression(max_iter=500)", "coef"),
    ("LogisticRegression(max_iter=500)", "intercept"),
    ("RandomForestClassifier(n_estimators=2)", "coef_"),
    ("RandomForestClassifier(n_estimators=2)", "feature_importance_"),
    ("RandomForestClassifier(n_estimators=2)", "feature_importances"),
    ("KMeans(n_clusters=2)", "labels"),
    ("KMeans(n_clusters=2)", "centroids_"),
    ("DBSCAN()", "cluster_centers_"),
    ("PCA()", "explained_variance_ratio"),
    ("StandardScaler()", "means_"),
    ("StandardScaler()", "fit_tranform(X)"),
    ("SVC()", "preditc(X)"),
    ("make_pipeline(StandardScaler(), LinearSVC())", "coef_"),
    ("make_pipeline(StandardScaler(), PCA(2), LinearSVC())", "explained_variance_ratio_"),
    ("make_pipeline(StandardScaler(), SVC())", "coef_"),
    ("GridSearchCV(SVC(), {'C': [1]})", "best_params"),
    ("GridSearchCV(LinearSVC(), {'C': [1]})", "coef_"),
    ("GridSearchCV(SVC(), {'C': [1]}, refit=False)", "best_estimator_"),
]
THERE = [
    ("SVC(kernel='linear')", "coef_"),
    ("SVC()", "support_vectors_"),
    ("LinearSVC()", "coef_"),
    ("RidgeClassifier()", "classes_"),
    ("RandomForestClassifier(n_estimators=2)", "estimators_"),
    ("make_pipeline(StandardScaler(), LinearSVC())", "classes_"),
    ("make_pipeline(StandardScaler(), LinearSVC())", "named_steps.linearsvc.coef_"),
    ("GridSearchCV(SVC(), {'C': [1]})", "best_estimator_"),
    ("GridSearchCV(SVC(), {'C': [1]}, refit=False)", "cv_results_"),
    ("StandardScaler()", "set_output(transform='pandas')"),
    ("StandardScaler()", "get_params()"),
]


def reported(code: str) -> list[Finding]:
    found = Analyser().analyse(script("example.py", HEAD + code)).findings
    return [finding for finding in found if finding.rule == RULE]


def run(code: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(HEAD + code, {})


@pytest.mark.parametrize(("made", "name"), MISSING)
def test_what_is_reported_is_not_there(made: str, name: str) -> None:
    code = f"model = {made}\nmodel.fit(X, y)\nmodel.{name}\n"
    (finding,) = reported(code)
    assert name.partition("(")[0] in finding.message
    with pytest.raises(AttributeError):
        run(code)
    if finding.fix is not None:
        run(apply_edits(HEAD + code, [each.edit for each in finding.fix.edits]).removeprefix(HEAD))


@pytest.mark.parametrize(("made", "name"), THERE)
def test_what_is_there_is_not_reported(made: str, name: str) -> None:
    code = f"model = {made}\nmodel.fit(X, y)\nmodel.{name}\n"
    assert reported(code) == []
    run(code)


def test_nothing_that_a_fit_leaves_behind_is_reported() -> None:
    X, y = load_iris(return_X_y=True)
    tried = 0
    for name, cls in all_estimators():
        facts = estimator_facts(name)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                instance = cls().fit(X[::5], y[::5])
                names = [
                    each for each in dir(instance) if each.endswith("_") and each[0] != "_" and hasattr(instance, each)
                ]
        except Exception:
            continue
        if facts is None:
            continue
        tried += 1
        reads = "".join(f"model.{each}\n" for each in names)
        code = f"from {facts.module} import {name}\nmodel = {name}().fit(X, y)\n{reads}"
        assert reported(code) == [], name
    assert tried > 120


@pytest.mark.parametrize(
    "code",
    [
        "model = SVC() if X.any() else LinearSVC()\nmodel.coef_",
        "model = SVC().fit(X, y)\nmodel.mine = 3\nmodel.mine",
        "def weights(model):\n    if isinstance(model, LinearSVC):\n        return model.coef_\n"
        "    return model.feature_importances_\n\nweights(LinearSVC())",
        "for model in (LinearSVC(), RandomForestClassifier()):\n    if hasattr(model, 'coef_'):\n        model.coef_\n"
        "    else:\n        model.feature_importances_",
        "models = {'a': LinearSVC(), 'b': RandomForestClassifier()}\nfor name, model in models.items():\n"
        "    if name == 'b':\n        model.feature_importances_",
        "class Mine(SVC):\n    extra = 1\n\nMine().extra",
    ],
)
def test_what_may_be_there_is_not_reported(code: str) -> None:
    assert reported(code) == []


def test_what_a_fit_leaves_behind_is_not_there_before() -> None:
    asked = 0
    for name, cls in all_estimators():
        module = ".".join(part for part in cls.__module__.split(".") if not part.startswith("_"))
        known = kind(f"{module}.{name}")
        needed = (each for each in signature(cls).parameters.values() if each.default is each.empty)
        if known is None or any(each.kind is not each.VAR_POSITIONAL for each in needed):
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fresh = cls()
            assert [each for each in known.fitted if hasattr(fresh, each)] == [], name
        asked += len(known.fitted)
    assert asked > 500
