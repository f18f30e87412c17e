"""A regressor learns the numbers of classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.offering import entry
from mlsense.rules.reading import location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.targets import class_count, learner, learns, maker_of
from mlsense.semantics.events import Called, Evaluate
from mlsense.semantics.models.estimators import SEARCHES
from mlsense.semantics.values import Estimator, Method, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Value

# What learns classes in the way that these learn numbers.
_INSTEAD = {
    "ElasticNet": "LogisticRegression",
    "ElasticNetCV": "LogisticRegressionCV",
    "Lasso": "LogisticRegression",
    "LassoCV": "LogisticRegressionCV",
    "LinearRegression": "LogisticRegression",
    "LinearSVR": "LinearSVC",
    "NuSVR": "NuSVC",
    "Ridge": "RidgeClassifier",
    "RidgeCV": "RidgeClassifierCV",
    "SVR": "SVC",
}
# Of two classes these predict the share of one, as a classifier of their kind does.
_SHARES = (
    "sklearn.tree.",
    "sklearn.neighbors.",
    "sklearn.ensemble.RandomForest",
    "sklearn.ensemble.ExtraTrees",
    "sklearn.ensemble.Bagging",
)
# Made for targets of zero and one, too: calibration, discriminant analysis by partial least squares, chance.
_MEANT = frozenset("IsotonicRegression PLSRegression PLSCanonical CCA DummyRegressor".split())


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_learns_numbers, Called):
        model, validating = learner(event), isinstance(event.callee, Symbol)
        found = location(trace, event.call)
        classes = _classes(trace, event, event.argument(2 if validating else 1, "y"))
        if model is None or classes is None or found is None or not (validating or _is_used(trace, event)):
            continue
        count, source, maker = classes
        two = count == 2
        if two and model.cls.startswith(_SHARES):
            continue
        name = model.cls.rpartition(".")[2]
        many = f"{count} classes" if count else "classes"
        happens = (
            "what it predicts runs below 0 and above 1, and is no probability"
            if two
            else "it takes the third to be as far from the second as that from the first, and predicts numbers between"
            if count
            else "their numbers follow the alphabet, and it predicts numbers between them"
        )
        instead = _instead(trace, model.cls)
        advice = f"`{instead}` learns classes" if instead else "Take a classifier"
        message = f"`{name}` learns numbers, and `{source}` gives {many}: {happens}. {advice}."
        pair = (maker.call, f"{many} of `{source}`")
        yield Draft(message, found, related(trace, pair), severity=Severity.INFORMATION if two else None)


def _learns_numbers(event: Called) -> bool:
    model = learner(event) if learns(event) else None
    return model is not None and "regressor" in model.kinds and model.cls.rpartition(".")[2] not in _MEANT


def _classes(trace: Trace, event: Called, target: Value | None) -> tuple[int, str, Called] | None:
    """How many classes a target has (0: not known), what says so, and the call; None where it may be numbers."""
    maker = maker_of(trace, event, target)
    if maker is None:
        return None
    known = class_count(trace, event, target)
    if known is not None:
        return known[0], known[1], maker
    coded = isinstance(maker.callee, Method) and isinstance(maker.thing, Estimator) and maker.thing.certain
    encoder = maker.thing.cls if coded and isinstance(maker.thing, Estimator) else ""
    if encoder == "sklearn.preprocessing.LabelEncoder" and maker.callee.name in ("transform", "fit_transform"):
        return 0, "LabelEncoder", maker
    return None


def _is_used(trace: Trace, fit: Called) -> bool:
    """Whether what was fitted predicts or is scored, as a search does, and not only its coefficients are read."""
    searches = isinstance(fit.thing, Estimator) and fit.thing.cls.rpartition(".")[2] in SEARCHES
    return searches or any(event.fit.origin.place == fit.call for event in trace.of(Evaluate))


def _instead(trace: Trace, cls: str) -> str | None:
    """The classifier of the same kind, where there is one."""
    module, _, name = cls.rpartition(".")
    other = _INSTEAD.get(name) or (name.removesuffix("Regressor") + "Classifier" if "Regressor" in name else "")
    return other if other and entry(trace, f"{module}.{other}") is not None else None


RULE = Rule(
    name="regression-for-class",
    family="estimator",
    severity=Severity.WARNING,
    summary="A regressor learns the numbers of classes.",
    finds="""
        A regressor, alone, in a search or at the end of a pipeline, that is fitted on the classes of `load_iris`,
        `load_wine`, `load_digits`, `load_breast_cancer` or `make_classification`, or on what a `LabelEncoder` gives,
        and that predicts or is scored.
        """,
    matters="""
        Classes have no order and no distances: a regressor reads both out of their numbers. Rounded predictions put
        what it is unsure of, between the first and the third, into the second. Of the held-out digits of `load_digits`
        a rounded `LinearRegression` gets 23 in 100 right, `LogisticRegression` 95. Of two classes little is lost when
        the predictions are cut at 0.5, but they are no probabilities: they leave 0 to 1. There it is for information
        only.
        """,
    silent="""
        Targets that were changed, or of which it is not certain what they are; models of which only coefficients are
        read; trees, forests and neighbours on two classes, which predict the share of one; `IsotonicRegression` and
        partial least squares, which are meant for such targets too; code inside `try`.
        """,
    repair="There is none: with the model the scores that follow have to change as well.",
    bad=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = LinearRegression()
            model.fit(X_train, y_train)  # <- regression-for-class
            print((model.predict(X_test).round() == y_test).mean())
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.linear_model import Ridge
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            cancer = load_breast_cancer()
            model = make_pipeline(StandardScaler(), Ridge())
            model.fit(cancer.data, cancer.target)  # <- regression-for-class
            print(model.predict(cancer.data)[:5])
            """
        ),
        example(
            """
            from sklearn.datasets import load_digits
            from sklearn.ensemble import RandomForestRegressor
            from sklearn.model_selection import cross_val_score

            X, y = load_digits(return_X_y=True)
            model = RandomForestRegressor(n_estimators=5, random_state=0)
            print(cross_val_score(model, X, y, cv=3))  # <- regression-for-class
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.preprocessing import LabelEncoder

            homes = pd.DataFrame({"area": [30, 40, 50, 60], "kind": ["flat", "house", "loft", "flat"]})
            kinds = LabelEncoder().fit_transform(homes["kind"])
            model = LinearRegression().fit(homes[["area"]], kinds)  # <- regression-for-class
            print(model.predict(homes[["area"]]))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = LogisticRegression(max_iter=1000).fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes, make_regression
            from sklearn.linear_model import LinearRegression

            for X, y in (load_diabetes(return_X_y=True), make_regression(random_state=0)):
                print(LinearRegression().fit(X, y).score(X, y))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LinearRegression

            X, _ = load_iris(return_X_y=True)
            lengths, widths = X[:, [2]], X[:, 3]
            print(LinearRegression().fit(lengths, widths).predict([[4.0]]))
            """
        ),
        example(
            """
            from sklearn.datasets import make_classification
            from sklearn.linear_model import Lasso

            X, y = make_classification(random_state=0)
            print((Lasso(alpha=0.1).fit(X, y).coef_ != 0).nonzero())
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.ensemble import RandomForestRegressor

            X, y = load_breast_cancer(return_X_y=True)
            share = RandomForestRegressor(n_estimators=5, random_state=0).fit(X, y).predict(X)
            print(share.min(), share.max())
            """
        ),
        example(
            """
            from sklearn.datasets import make_classification
            from sklearn.isotonic import IsotonicRegression
            from sklearn.linear_model import LogisticRegression

            X, y = make_classification(random_state=0)
            scores = LogisticRegression().fit(X[:50], y[:50]).decision_function(X[50:])
            print(IsotonicRegression(out_of_bounds="clip").fit(scores, y[50:]).predict(scores)[:5])
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LinearRegression

            X, y = load_wine(return_X_y=True)
            strong = X[:, 0] * 2 + (y == 1)
            print(LinearRegression().fit(X, strong).predict(X)[:3])
            """
        ),
    ),
    check=check,
)
