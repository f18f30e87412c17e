"""A score for classes is computed of the numbers that a regressor predicts."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.knowledge.scoring import metric
from mlsense.rules.finding import Severity
from mlsense.rules.offering import is_certain
from mlsense.rules.reading import location, node_at, place_in, related, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.targets import is_changed, predictor
from mlsense.rules.values import release_in_force
from mlsense.semantics.events import Called
from mlsense.semantics.values import Data, Estimator, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.knowledge.scoring import Metric
    from mlsense.semantics.program import Trace

# Sums of products with weights that were fitted, or of many steps: whole numbers come out by no chance.
_CONTINUOUS = frozenset(
    """
    ARDRegression BayesianRidge ElasticNet ElasticNetCV GammaRegressor GradientBoostingRegressor
    HistGradientBoostingRegressor HuberRegressor KernelRidge Lars LarsCV Lasso LassoCV LassoLars LassoLarsCV
    LassoLarsIC LinearRegression LinearSVR MLPRegressor NuSVR OrthogonalMatchingPursuit OrthogonalMatchingPursuitCV
    PLSRegression PoissonRegressor Ridge RidgeCV SGDRegressor SVR TheilSenRegressor TweedieRegressor
    """.split()
)
_DEEPEST = 4


def check(trace: Trace) -> Iterator[Draft]:
    release = release_in_force(trace)
    for event in trace.that(_scores, Called) if release is not None else ():
        known = metric(event.callee.name, release)
        if known is None or not _wants_labels(known):
            continue
        given = event.argument(1, known.parameters[1])
        found = predictor(trace, given)
        if found is None:
            continue
        model, predicted = found
        regressor = regressor_of(predicted, model)
        node = node_at(trace, event.call)
        place = location(trace, place_in(event.call, node.func)) if isinstance(node, ast.Call) else None
        if regressor is None or place is None or is_changed(trace, given):
            continue
        pair = (predicted.call, f"numbers of `{regressor}`")
        yield Draft(_message(trace, event, predicted, known.name, regressor), place, related(trace, pair))


def _scores(event: Called) -> bool:
    name = event.callee.name
    if not isinstance(event.callee, Symbol) or not name.startswith("sklearn.metrics.") or not is_certain(event):
        return False
    given = event.object(event.argument(1, "y_pred", "labels_pred"))
    # What a classifier predicted is of no interest here.
    return isinstance(given, Data) and not any("classifier" in fit.kinds for fit in given.fits)


def _wants_labels(known: Metric) -> bool:
    """Whether it takes nothing but labels: scores and probabilities may be any numbers."""
    return known.family == "classification" and all(kinds == ("labels",) for _, kinds in known.takes)


def regressor_of(event: Called, model: Estimator, depth: int = 0) -> str | None:
    """The class of the regressor that predicts, the last step of a pipeline; None where whole numbers may come out."""
    name = model.cls.rpartition(".")[2]
    if not model.certain or not model.cls.startswith("sklearn.") or depth > _DEEPEST:
        return None
    if name == "Pipeline":
        last = event.object(model.steps[-1][1]) if model.steps else None
        return regressor_of(event, last, depth + 1) if isinstance(last, Estimator) else None
    if name in ("GridSearchCV", "RandomizedSearchCV"):
        inner = event.object(model.param("estimator"))
        return regressor_of(event, inner, depth + 1) if isinstance(inner, Estimator) and not inner.steps else None
    return name if name in _CONTINUOUS else None


def _message(trace: Trace, event: Called, predicted: Called, name: str, regressor: str) -> str:
    at = "" if predicted.call.unit == event.call.unit else f" {where(trace, predicted.call, event.call)}"
    return (
        f"`{name}` compares classes, and `{regressor}`{at} predicts numbers: the call raises ValueError. "
        "Score it with `r2_score` or `mean_absolute_error`, or take a classifier."
    )


RULE = Rule(
    name="metric-type-mismatch",
    family="metric",
    severity=Severity.ERROR,
    summary="A score for classes is computed of the numbers that a regressor predicts.",
    finds="""
        `accuracy_score`, `confusion_matrix`, `f1_score`, `classification_report` and the other functions that compare
        labels, given what `predict` of a regressor returned, of the last step of a pipeline too.
        """,
    matters="""
        Classes and numbers cannot be compared one by one: the call raises ValueError, `Classification metrics can't
        handle a mix of binary and continuous targets`. Where it happens, most often the model is of the wrong kind:
        `LinearRegression` for a question with two answers.
        """,
    silent="""
        Predictions that are rounded, compared with a threshold or changed in any other way; scores that take any
        numbers, such as `roc_auc_score`; trees, neighbours and others whose predictions can be whole numbers; models
        that are not known; code inside `try`.
        """,
    repair="There is none: whether the score or the model is the wrong one, only you know.",
    bad=(
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.linear_model import LinearRegression
            from sklearn.metrics import accuracy_score
            from sklearn.model_selection import train_test_split

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = LinearRegression().fit(X_train, y_train)
            print(accuracy_score(y_test, model.predict(X_test)))  # <- metric-type-mismatch
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.ensemble import GradientBoostingRegressor
            from sklearn.metrics import confusion_matrix
            from sklearn.model_selection import train_test_split

            X, y = load_diabetes(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = GradientBoostingRegressor(random_state=0)
            model.fit(X_train, y_train)
            predicted = model.predict(X_test)
            print(confusion_matrix(y_test, predicted))  # <- metric-type-mismatch
            """
        ),
        example(
            """
            from sklearn import metrics
            from sklearn.datasets import load_iris
            from sklearn.linear_model import Ridge
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler


            def report(model, X, y):
                model.fit(X, y)  # <- regression-for-class
                print(metrics.classification_report(y, model.predict(X)))  # <- metric-type-mismatch


            X, y = load_iris(return_X_y=True)
            report(make_pipeline(StandardScaler(), Ridge()), X, y)
            """
        ),
        example(
            """
            from sklearn.datasets import make_classification
            from sklearn.linear_model import Lasso
            from sklearn.metrics import f1_score
            from sklearn.model_selection import GridSearchCV

            X, y = make_classification(200, random_state=0)
            search = GridSearchCV(Lasso(), {"alpha": [0.01, 0.1]}).fit(X, y)
            print(f1_score(y, search.predict(X), average="macro"))  # <- metric-type-mismatch
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.linear_model import RidgeClassifier
            from sklearn.metrics import accuracy_score
            from sklearn.model_selection import train_test_split

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(accuracy_score(y_test, RidgeClassifier().fit(X_train, y_train).predict(X_test)))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.linear_model import LinearRegression
            from sklearn.metrics import accuracy_score, roc_auc_score

            X, y = load_breast_cancer(return_X_y=True)
            predicted = LinearRegression().fit(X, y).predict(X)
            print(accuracy_score(y, predicted > 0.5), roc_auc_score(y, predicted))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.metrics import accuracy_score, confusion_matrix

            X, y = load_diabetes(return_X_y=True)
            y = (y // 100).astype(int)
            predicted = Ridge().fit(X, y).predict(X)
            print(accuracy_score(y, predicted.round()), confusion_matrix(y, np.rint(predicted).astype(int)))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.linear_model import LinearRegression
            from sklearn.metrics import f1_score

            X, y = load_breast_cancer(return_X_y=True)
            predicted = LinearRegression().fit(X, y).predict(X)
            predicted[predicted >= 0.5] = 1
            predicted[predicted < 0.5] = 0
            print(f1_score(y, predicted))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.metrics import accuracy_score
            from sklearn.tree import DecisionTreeRegressor

            X, y = load_breast_cancer(return_X_y=True)
            print(accuracy_score(y, DecisionTreeRegressor(random_state=0).fit(X, y).predict(X)))
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import LinearRegression
            from sklearn.metrics import accuracy_score, mean_absolute_error, r2_score

            X, y = load_diabetes(return_X_y=True)
            predicted = LinearRegression().fit(X, y).predict(X)
            print(r2_score(y, predicted), mean_absolute_error(y, predicted))
            try:
                print(accuracy_score(y, predicted))
            except ValueError as error:
                print(error)
            """
        ),
    ),
    check=check,
    raises=("ValueError",),
)
