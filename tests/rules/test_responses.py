"""What estimators can be asked: what is said to be missing is missing in scikit-learn, all else is there."""

from __future__ import annotations

import warnings
from functools import cache

import pytest
from sklearn.base import BaseEstimator
from sklearn.utils import all_estimators

from mlsense.analysis import Analyser
from mlsense.knowledge import conditional_methods, estimator_facts
from mlsense.rules.estimator.predict_proba_missing import RESPONSES
from mlsense.syntax import script

RULE = "predict-proba-missing"

HEAD = """
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import DBSCAN, KMeans
from sklearn.ensemble import BaggingClassifier, RandomForestClassifier, StackingClassifier, VotingClassifier
from sklearn.linear_model import LogisticRegression, Ridge, RidgeClassifier, SGDClassifier
from sklearn.model_selection import GridSearchCV
from sklearn.multiclass import OneVsRestClassifier
from sklearn.multioutput import MultiOutputClassifier
from sklearn.neighbors import LocalOutlierFactor, NearestCentroid
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC, LinearSVC
"""
COMBINED = [
    "SVC(probability=True)",
    "SVC(probability=False)",
    "SVC().set_params(probability=True)",
    "SGDClassifier(loss='log_loss')",
    "SGDClassifier(loss='perceptron')",
    "SGDClassifier(loss='modified_huber')",
    "NearestCentroid(metric='manhattan')",
    "LocalOutlierFactor(novelty=True)",
    "VotingClassifier([('a', SVC()), ('b', RandomForestClassifier())])",
    "VotingClassifier([('a', LogisticRegression()), ('b', RandomForestClassifier())], voting='soft')",
    "make_pipeline(StandardScaler(), SVC())",
    "make_pipeline(StandardScaler(), LogisticRegression())",
    "make_pipeline(StandardScaler(), KMeans())",
    "Pipeline([('scale', StandardScaler()), ('pipe', make_pipeline(StandardScaler(), Ridge()))])",
    "make_pipeline(StandardScaler())",
    "OneVsRestClassifier(LogisticRegression())",
    "OneVsRestClassifier(LinearSVC())",
    "BaggingClassifier(LinearSVC())",
    "CalibratedClassifierCV(LinearSVC())",
    "MultiOutputClassifier(RidgeClassifier())",
    "MultiOutputClassifier(LogisticRegression())",
    "StackingClassifier([('a', SVC())], final_estimator=LinearSVC())",
]


def findings(code: str) -> tuple[str, ...]:
    found = Analyser().analyse(script("example.py", code)).findings
    return tuple(finding.message for finding in found if finding.rule == RULE)


@cache
def reported(expression: str) -> frozenset[str]:
    calls = "".join(f"model.{method}(X)\n" for method in sorted(RESPONSES))
    document = script("example.py", f"{HEAD}model = {expression}\n{calls}")
    lines = document.cells[0].source.lines
    places = [each.location.span.start for each in Analyser().analyse(document).findings if each.rule == RULE]
    said = [lines.line_text(lines.position(place).line) for place in places]
    return frozenset(line.partition(".")[2].partition("(")[0] for line in said)


@pytest.mark.parametrize("expression", COMBINED)
def test_of_what_is_put_together_it_is_said_what_is_missing(expression: str) -> None:
    names: dict[str, object] = {}
    exec(f"{HEAD}model = {expression}\n", names)
    # Parts are asked when they are fitted; those of these need no fit to say what they have.
    missing = {method for method in RESPONSES if not hasattr(names["model"], method)}
    assert reported(expression) <= missing
    assert {"predict_proba"} & missing == {"predict_proba"} & reported(expression)


def made_without_arguments() -> list[tuple[str, str, BaseEstimator]]:
    found = []
    for name, cls in all_estimators():
        facts = estimator_facts(name)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                found.append((name, facts.module, cls()) if facts is not None else None)
        except TypeError:
            continue
    return [each for each in found if each is not None]


def test_of_every_estimator_it_is_said_what_is_missing() -> None:
    made = made_without_arguments()
    assert len(made) > 150
    missed: set[tuple[str, str]] = set()
    for name, module, instance in made:
        calls = "".join(f"model.{method}(X)\n" for method in sorted(RESPONSES))
        document = script("example.py", f"from {module} import {name}\nmodel = {name}()\n{calls}")
        lines = document.cells[0].source.lines
        places = [each.location.span.start for each in Analyser().analyse(document).findings if each.rule == RULE]
        said = {lines.line_text(lines.position(place).line).partition(".")[2].partition("(")[0] for place in places}
        missing = {method for method in RESPONSES if not hasattr(instance, method)}
        # What is passed on to an estimator that is made by itself is not known.
        passed_on = {each.method for each in conditional_methods(f"{module}.{name}") if each.delegated}
        assert said <= missing, name
        missed.update((name, method) for method in missing - passed_on - said)
    # Their methods raise, whatever the parameters, for want of a part or for good.
    assert {name for name, _ in missed} <= {"FeatureAgglomeration", "SelfTrainingClassifier"}


SILENT = [
    "GridSearchCV(SVC(), {'probability': [True]}).fit(X, y).predict_proba(X)",
    "GridSearchCV(make_pipeline(SVC()), {'svc': [LogisticRegression()]}).fit(X, y).predict_proba(X)",
    "GridSearchCV(make_pipeline(SVC()), grid).fit(X, y).predict_proba(X)",
    "model = SVC()\nmodel.predict_proba = print\nmodel.predict_proba(X)",
    "def scores(model):\n    if isinstance(model, SVC):\n        return model.decision_function(X)\n"
    "    return model.predict_proba(X)\n\nscores(SVC())",
    "try:\n    SVC().predict_proba(X)\nexcept AttributeError:\n    pass",
    "model = SVC() if flag else LogisticRegression()\nmodel.predict_proba(X)",
    "getattr(SVC(), 'predict_proba', print)(X)",
]


@pytest.mark.parametrize("code", SILENT)
def test_what_may_be_there_is_not_reported(code: str) -> None:
    assert findings(f"{HEAD}{code}\n") == ()


def test_it_names_the_part_that_has_to_answer() -> None:
    code = f"{HEAD}GridSearchCV(make_pipeline(LinearSVC()), {{'linearsvc__C': [1]}}).fit(X, y).predict_proba(X)\n"
    assert findings(code) == (
        "`GridSearchCV` passes the call on, but `LinearSVC` has no `predict_proba`: this raises AttributeError. "
        "`decision_function` gives scores, and `CalibratedClassifierCV` makes probabilities of them.",
    )
