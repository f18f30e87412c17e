"""A classifier is fitted on a target that is a number."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.reading import location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.targets import comes_of, from_file, has_fractions, is_changed, learner, learns, source_of
from mlsense.semantics.events import Called
from mlsense.semantics.values import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Value

# What gives targets with fractions.
CONTINUOUS = frozenset(
    """
    fetch_california_housing make_friedman1 make_friedman2 make_friedman3 make_regression make_sparse_uncorrelated
    """.split()
)
# Its numbers are whole: each of them becomes a class.
_WHOLE = {"load_diabetes": 214}


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_learns_numbers, Called):
        validating = isinstance(event.callee, Symbol)
        model = learner(event)
        classifier = model.cls.rpartition(".")[2] if model is not None and "classifier" in model.kinds else None
        source = None if classifier is None else source_of(trace, event, _target(event))
        found = location(trace, event.call)
        column = from_file(event, _target(event))
        if classifier is not None and classifier != "DummyClassifier" and column is not None and found is not None:
            if not is_changed(trace, _target(event)):
                yield Draft(_message(classifier, f"`{column.name}` holds numbers", validating), found)
            continue
        if classifier in (None, "DummyClassifier") or source is None or found is None:
            continue
        maker, name = source
        pair = (maker.call, f"`{name}` makes numbers")
        if name in CONTINUOUS:
            message = _message(classifier, f"the target of `{name}` is a number", validating)
            yield Draft(message, found, related(trace, pair))
        elif name in _WHOLE:
            message = (
                f"`{classifier}` learns classes, and the target of `{name}` is a number: each of its {_WHOLE[name]} "
                "values becomes a class of its own. Take a regressor, or cut the numbers into classes first."
            )
            yield Draft(message, found, related(trace, pair), severity=Severity.WARNING)


def _message(classifier: str | None, target: str, validating: bool) -> str:
    happens = "every fit fails" if validating else "`fit` raises ValueError"
    return (
        f"`{classifier}` learns classes, and {target} with fractions: {happens}. "
        "Take a regressor, or cut the numbers into classes first."
    )


def _target(event: Called) -> Value | None:
    return event.argument(2 if isinstance(event.callee, Symbol) else 1, "y")


def _learns_numbers(event: Called) -> bool:
    """Whether a model learns what comes of a set whose target is a number."""
    if not learns(event):
        return False
    column = from_file(event, _target(event))
    return has_fractions(column) if column is not None else comes_of(event, _target(event), (*CONTINUOUS, *_WHOLE))


RULE = Rule(
    name="clf-on-continuous-target",
    family="estimator",
    severity=Severity.ERROR,
    summary="A classifier is fitted on a target that is a number, not a class.",
    finds="""
        `fit` of a classifier, or its cross-validation, where the target comes from `make_regression`,
        `fetch_california_housing` and the like, also after a split and as the last step of a pipeline. With
        `load_diabetes`, whose numbers happen to be whole, it is a warning. A column of a data file in the workspace
        counts too, where its values have fractions.
        """,
    matters="""
        Classifiers refuse numbers with fractions: ValueError, `Unknown label type: continuous`. Whole numbers they take
        for classes: 214 of them in `load_diabetes`, most with one or two rows, and the model learns nothing.
        """,
    silent="""
        Targets that were changed in any way (rounded, cut, compared), that come from files that are not
        there, or of which it is not certain what they are; code inside `try`.
        """,
    repair="There is none: whether the model or the target is the wrong one, only you know.",
    bad=(
        example(
            """
            from sklearn.datasets import make_regression
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            X, y = make_regression(200, n_features=5, random_state=0)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = LogisticRegression()
            model.fit(X_train, y_train)  # <- clf-on-continuous-target
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import make_friedman1
            from sklearn.ensemble import RandomForestClassifier


            def train(X, y):
                return RandomForestClassifier(random_state=0).fit(X, y)  # <- clf-on-continuous-target


            print(train(*make_friedman1(random_state=0)))
            """
        ),
        example(
            """
            from sklearn.datasets import make_regression
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC

            X, y = make_regression(n_features=4, noise=1.0, random_state=0)
            model = make_pipeline(StandardScaler(), SVC())
            print(model.fit(X, y).predict(X)[:3])  # <- clf-on-continuous-target
            """
        ),
        example(
            """
            from sklearn.datasets import make_sparse_uncorrelated
            from sklearn.model_selection import cross_val_score
            from sklearn.tree import DecisionTreeClassifier

            X, y = make_sparse_uncorrelated(random_state=0)
            print(cross_val_score(DecisionTreeClassifier(random_state=0), X, y))  # <- clf-on-continuous-target
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import make_regression
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            X, y = make_regression(200, n_features=5, random_state=0)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import make_regression
            from sklearn.linear_model import LogisticRegression

            X, y = make_regression(200, n_features=5, random_state=0)
            print(LogisticRegression().fit(X, y > 0).score(X, y > 0))
            """
        ),
        example(
            """
            from sklearn.datasets import make_friedman1
            from sklearn.preprocessing import KBinsDiscretizer
            from sklearn.tree import DecisionTreeClassifier

            X, y = make_friedman1(random_state=0)
            y = KBinsDiscretizer(3, encode="ordinal").fit_transform(y.reshape(-1, 1)).ravel()
            print(DecisionTreeClassifier(random_state=0).fit(X, y).score(X, y))
            """
        ),
        example(
            """
            from sklearn.datasets import make_regression
            from sklearn.linear_model import LogisticRegression

            X, y = make_regression(200, n_features=5, random_state=0)
            high = y > y.mean()
            y[high] = 1
            y[~high] = 0
            print(LogisticRegression().fit(X, y).score(X, y))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris, make_classification
            from sklearn.neighbors import KNeighborsClassifier

            for X, y in (load_iris(return_X_y=True), make_classification(random_state=0)):
                print(KNeighborsClassifier().fit(X, y).score(X, y))
            """
        ),
        example(
            """
            from sklearn.datasets import make_regression
            from sklearn.dummy import DummyClassifier
            from sklearn.naive_bayes import GaussianNB

            X, y = make_regression(50, n_features=5, random_state=0)
            print(DummyClassifier().fit(X, y))
            try:
                GaussianNB().fit(X, y)
            except ValueError as error:
                print(error)
            print(GaussianNB().fit(X, y.round(-2)).score(X, y.round(-2)))
            """
        ),
    ),
    check=check,
    raises=("ValueError",),
)
