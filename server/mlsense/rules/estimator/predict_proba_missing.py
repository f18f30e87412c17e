"""Probabilities, scores, predictions or a transformation are asked of an estimator that cannot give them."""

from __future__ import annotations

import ast
from functools import lru_cache
from typing import TYPE_CHECKING

from mlsense.knowledge.sklearn import estimator_facts
from mlsense.knowledge.values import conflicts
from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.members import attribute_place, depends_on_kind, is_made
from mlsense.rules.offering import is_certain
from mlsense.rules.reading import location, node_at, place_in
from mlsense.rules.responses import Lacking, lacking
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.values import insertion, release_in_force
from mlsense.semantics.events import Called
from mlsense.semantics.values import Estimator, Method

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsense.knowledge.versions import Versions
    from mlsense.semantics.program import Trace

RESPONSES = frozenset(
    """
    predict predict_proba predict_log_proba decision_function transform inverse_transform fit_transform fit_predict
    score_samples
    """.split()
)
# With which value of the parameter an instance has its method, where that is worth a change.
_WITH = {"probability": "True", "voting": '"soft"', "novelty": "True", "refit": "True", "loss": '"log_loss"'}


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_asks_in(trace.versions), Called):
        thing, method = event.thing, event.callee.name
        assert isinstance(thing, Estimator)
        found = lacking(trace.versions, thing, method, event.object)
        if found is None or is_made(trace, method) or depends_on_kind(trace, event.call):
            continue
        place = attribute_place(trace, event.call)
        where = location(trace, place)
        if where is not None:
            yield Draft(_message(trace, thing, found, method), where, fix=_fix(trace, found))


@lru_cache(maxsize=16)
def _asks_in(versions: Versions) -> Callable[[Called], bool]:
    """A test of events that stays the same function as long as the versions do, so that its answers are kept."""

    def asks(event: Called) -> bool:
        name = event.callee.name
        if not isinstance(event.callee, Method) or name not in RESPONSES or not isinstance(event.thing, Estimator):
            return False
        return is_certain(event) and lacking(versions, event.thing, name, event.object) is not None

    return asks


def _message(trace: Trace, asked: Estimator, found: Lacking, method: str) -> str:
    short = found.short
    inside = "" if found.estimator == asked else f"`{asked.cls.rpartition('.')[2]}` passes the call on, but "
    without = f"`{short}` has no `{method}`"
    if found.because:
        parameter = found.because[0]
        value = _WITH.get(parameter)
        given = found.estimator.param(parameter)
        stated = getattr(given, "value", None)
        now = f" with `{parameter}={_text(stated)}`" if given is not None else ""
        if parameter == "probability" and _deprecated(trace, found):
            advice = (
                "Wrap it in `CalibratedClassifierCV` (`probability=True` is deprecated), or take `decision_function`."
            )
        else:
            advice = f"`{parameter}={value}` gives it one." if value is not None else ""
        return f"{inside}{without}{now}: this raises AttributeError. {advice}".strip()
    return f"{inside}{without}: this raises AttributeError. {_advice(found, method)}".strip()


def _text(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _advice(found: Lacking, method: str) -> str:
    facts = estimator_facts(found.estimator.cls)
    methods = facts.methods if facts is not None else ()
    kinds = facts.kinds if facts is not None else ()
    if method in ("predict_proba", "predict_log_proba"):
        if "decision_function" in methods and "classifier" in kinds:
            return "`decision_function` gives scores, and `CalibratedClassifierCV` makes probabilities of them."
        if "regressor" in kinds:
            return "It is a regressor: `predict` gives numbers, and a classifier gives probabilities."
    if method == "decision_function" and "predict_proba" in methods:
        return "`predict_proba` gives the probabilities of the classes."
    if method == "predict" and "fit_predict" in methods:
        return "It labels only the rows it is fitted on: `fit_predict`."
    if method == "transform" and "fit_transform" in methods:
        return "It places only the rows it is fitted on: `fit_transform`."
    if method in ("fit_transform", "transform") and "predict" in methods:
        return "It predicts."
    if method in ("predict", "fit_predict") and "transform" in methods:
        return "It transforms."
    return ""


def _deprecated(trace: Trace, found: Lacking) -> bool:
    """Whether the parameter that gives the method is leaving."""
    release = release_in_force(trace)
    said = conflicts(found.estimator.cls, {found.because[0]: True}, release)
    return any(each.effect == "deprecated" for each in said)


def _fix(trace: Trace, found: Lacking) -> Fix | None:
    """Sets the parameter where the estimator is made."""
    parameter = found.because[0] if found.because else ""
    value, made = _WITH.get(parameter), found.estimator.made
    if value is None or made is None or (parameter == "probability" and _deprecated(trace, found)):
        return None
    node = node_at(trace, made.place)
    if not isinstance(node, ast.Call) or any(keyword.arg is None for keyword in node.keywords):
        return None
    given = next((keyword.value for keyword in node.keywords if keyword.arg == parameter), None)
    if given is not None:
        constant = isinstance(given, ast.Constant)
        edit = editing.replaced(trace, place_in(made.place, given), value) if constant else None
    elif found.estimator.param(parameter) is not None:
        edit = None
    else:
        edit = insertion(trace, made.place, node, f"{parameter}={value}")
    return Fix.of(f"Set `{parameter}={value}` where it is made", "unsafe", edit)


RULE = Rule(
    name="predict-proba-missing",
    family="estimator",
    severity=Severity.ERROR,
    summary="A method such as predict_proba is called on an estimator that does not have it as it is set up.",
    finds="""
        `predict_proba`, `decision_function`, `predict`, `transform` and the like of a class of scikit-learn that has no
        such method (`LinearSVC`, `Ridge`, `DBSCAN().predict`), or has it only with other parameters: `SVC` without
        `probability=True`, `SGDClassifier` with its default loss, `VotingClassifier(voting="hard")`,
        `LocalOutlierFactor` without `novelty=True`, a search with `refit=False`. It looks through pipelines and
        searches to the estimator that has to answer.
        """,
    matters="""
        The line raises AttributeError, after the model was trained. Where a threshold, a ROC curve or a calibration
        needs probabilities, another estimator is needed, or a wrapper that learns them, and then the training runs
        again.
        """,
    silent="""
        Estimators whose class or parameters are not known, your own subclasses, searches whose grid may set what is
        missing, code inside `try`, `hasattr` or a test for the kind of estimator, and releases of scikit-learn of which
        it is not known when the method is there.
        """,
    repair="""
        Sets the parameter where the estimator is made, if one gives it the method and is not deprecated. Never applied
        by itself: it changes how the model is trained, or what it costs.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.svm import SVC

            X, y = load_iris(return_X_y=True)
            model = SVC().fit(X, y)
            print(model.predict_proba(X)[:3])  # <- predict-proba-missing
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.linear_model import SGDClassifier
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_breast_cancer(return_X_y=True)
            model = make_pipeline(StandardScaler(), SGDClassifier(random_state=0))
            model.fit(X, y)
            print(model.predict_proba(X)[:3])  # <- predict-proba-missing
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import RandomForestClassifier, VotingClassifier
            from sklearn.naive_bayes import GaussianNB

            X, y = load_wine(return_X_y=True)
            members = [("bayes", GaussianNB()), ("forest", RandomForestClassifier(n_estimators=10, random_state=0))]
            model = VotingClassifier(members, voting="hard").fit(X, y)
            print(model.predict_proba(X)[:3])  # <- predict-proba-missing
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.model_selection import GridSearchCV
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import LinearSVC

            X, y = load_breast_cancer(return_X_y=True)
            model = Pipeline([("scale", StandardScaler()), ("machine", LinearSVC())])
            search = GridSearchCV(model, {"machine__C": [0.1, 1.0]}, cv=3).fit(X, y)
            print(search.predict_proba(X)[:3])  # <- predict-proba-missing
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.neighbors import LocalOutlierFactor

            X, _ = load_iris(return_X_y=True)
            detector = LocalOutlierFactor(n_neighbors=10).fit(X[:100])
            print(detector.predict(X[100:]))  # <- predict-proba-missing
            """
        ),
        example(
            """
            from sklearn.cluster import DBSCAN
            from sklearn.datasets import load_iris


            def clusters(X, new):
                return DBSCAN(eps=0.5).fit(X).predict(new)  # <- predict-proba-missing


            X, _ = load_iris(return_X_y=True)
            print(clusters(X[:100], X[100:]))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import SGDClassifier

            X, y = load_iris(return_X_y=True)
            model = SGDClassifier(random_state=0)
            model.loss = "log_loss"
            print(model.fit(X, y).predict_proba(X[:2]))
            """
        ),
        example(
            """
            from sklearn.calibration import CalibratedClassifierCV
            from sklearn.datasets import load_iris
            from sklearn.svm import SVC, LinearSVC

            X, y = load_iris(return_X_y=True)
            print(CalibratedClassifierCV(SVC(), ensemble=False).fit(X, y).predict_proba(X)[:3])
            print(LinearSVC().fit(X, y).decision_function(X)[:3])
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import SGDClassifier
            from sklearn.svm import SVC

            X, y = load_iris(return_X_y=True)
            print(SVC(probability=True, random_state=0).fit(X, y).predict_proba(X)[:3])
            print(SGDClassifier(loss="log_loss", random_state=0).fit(X, y).predict_proba(X)[:3])
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LogisticRegression
            from sklearn.svm import LinearSVC

            X, y = load_iris(return_X_y=True)
            for model in (LinearSVC(), LogisticRegression(max_iter=500)):
                model.fit(X, y)
                if hasattr(model, "predict_proba"):
                    print(model.predict_proba(X)[:3])
                else:
                    print(model.decision_function(X)[:3])
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import SGDClassifier
            from sklearn.model_selection import GridSearchCV

            X, y = load_iris(return_X_y=True)
            search = GridSearchCV(SGDClassifier(random_state=0), {"loss": ["log_loss", "modified_huber"]}, cv=3)
            print(search.fit(X, y).predict_proba(X)[:3])
            """
        ),
        example(
            """
            from sklearn.base import BaseEstimator, ClassifierMixin
            from sklearn.datasets import load_iris
            from sklearn.svm import LinearSVC


            class Confident(LinearSVC):
                def predict_proba(self, X):
                    scores = self.decision_function(X)
                    return (scores == scores.max(axis=1, keepdims=True)).astype(float)


            X, y = load_iris(return_X_y=True)
            print(Confident().fit(X, y).predict_proba(X)[:3])
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.ensemble import VotingClassifier
            from sklearn.linear_model import RidgeClassifier
            from sklearn.model_selection import cross_val_score
            from sklearn.naive_bayes import GaussianNB
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_breast_cancer(return_X_y=True)
            members = [("bayes", GaussianNB()), ("tree", DecisionTreeClassifier(random_state=0))]
            print(VotingClassifier(members, voting="soft").fit(X, y).predict_proba(X)[:3])
            print(cross_val_score(RidgeClassifier(), X, y, scoring="roc_auc").mean())
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.svm import SVC

            X, y = load_iris(return_X_y=True)
            model = SVC()
            model.set_params(probability=True, random_state=0)
            print(model.fit(X, y).predict_proba(X)[:3])
            """
        ),
    ),
    check=check,
    raises=("AttributeError",),
)
