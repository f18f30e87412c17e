"""The only scores of a program are those of models on the rows they were fitted on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.reading import first_shown, location, related, where, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import CrossValidate, Evaluate, Fit
from mlsense.semantics.regions import Overlap, overlap
from mlsense.semantics.values import Const

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Origin

# Tables that people have; points that are made up are there to look at.
_REAL = ("load_", "fetch_", "read_")


def check(trace: Trace) -> Iterator[Draft]:
    found = trace.that(_on_training_rows, Evaluate)
    if not found or trace.of(CrossValidate):
        return
    if trace.that(_looks_elsewhere, Evaluate):
        return
    if trace.that(_keeps_some, Fit):
        return
    told: set[Origin] = set()
    for event in found:
        place = first_shown(trace, event.call, event.origin)
        spot = location(trace, place)
        if spot is None or place is None or event.fit.origin in told:
            continue
        told.add(event.fit.origin)
        fitted = event.fit.origin.place
        yield Draft(
            f"`{written(trace, place, event.callee)}` scores `{event.fit.name}` on the rows it learned from "
            f"{where(trace, fitted, place)}, and nothing scores it on others: this says how well it remembers, not how "
            "it does on new rows. Hold out a part with `train_test_split`, or take `cross_val_score`.",
            spot,
            related(trace, (fitted if fitted != place else None, "it learned from the same rows here")),
        )


def _on_training_rows(event: Evaluate) -> bool:
    rows = event.x.rows
    if not event.is_score or event.assumed or rows is None or not rows.parts or rows != event.fit.rows:
        return False
    if not {"classifier", "regressor"} & set(event.fit.kinds) or event.fit.cls.rpartition(".")[2].startswith("Dummy"):
        return False
    return all(part.source.known and part.source.label.startswith(_REAL) for part in rows.parts)


def _looks_elsewhere(event: Evaluate) -> bool:
    """Whether a model is used on rows that it was not fitted on, or may not have been."""
    return overlap(event.x.rows, event.fit.rows) is not Overlap.OVERLAP or event.x.rows != event.fit.rows


def _keeps_some(event: Fit) -> bool:
    """Whether the fit itself keeps rows to score on."""
    leaves = event.leaves or (event.after,)
    told = [leaf.param(name) for leaf in leaves for name in ("oob_score", "early_stopping", "cv")]
    return any(value is not None and value != Const.of(False) for value in told)


RULE = Rule(
    name="eval-on-train",
    family="evaluation",
    severity=Severity.INFORMATION,
    summary="The only scores are on the rows that the models were fitted on.",
    finds="""
        A classifier or regressor that is scored on the rows it was fitted on, in a program that scores or uses no model
        on any other rows and cross-validates none.
        """,
    matters="""
        A training score is the score of an examination whose questions were handed out before, with the answers. A tree
        without limits gets 1.0 of it on any table; how it does on new rows is not known.
        """,
    silent="""
        A training score in a program that also has a test score, a cross-validation, a search, out-of-bag scores, or
        predictions for other rows; points that are made up (`make_moons`); clusters; rows of which it is not known
        where they come from.
        """,
    repair="There is none: which rows to hold out, only you know.",
    bad=(
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_breast_cancer(return_X_y=True)
            model = DecisionTreeClassifier(random_state=0)
            model.fit(X, y)
            print(model.score(X, y))  # <- eval-on-train
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import LinearRegression
            from sklearn.metrics import mean_absolute_error

            X, y = load_diabetes(return_X_y=True, as_frame=True)
            model = LinearRegression().fit(X, y)
            predicted = model.predict(X)
            print("error", mean_absolute_error(y, predicted))  # <- eval-on-train
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.metrics import accuracy_score
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = GaussianNB().fit(X_train, y_train)
            print(accuracy_score(y_train, model.predict(X_train)))  # <- eval-on-train
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_wine
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC


            def accuracy(model, X, y):
                return np.mean(model.predict(X) == y)  # <- eval-on-train


            X, y = load_wine(return_X_y=True)
            print(accuracy(make_pipeline(StandardScaler(), SVC()).fit(X, y), X, y))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            print(model.score(X_train, y_train), model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import cross_val_score
            from sklearn.naive_bayes import GaussianNB

            X, y = load_wine(return_X_y=True)
            print(cross_val_score(GaussianNB(), X, y).mean())
            print("training", GaussianNB().fit(X, y).score(X, y))
            """
        ),
        example(
            """
            from sklearn.datasets import make_moons
            from sklearn.tree import DecisionTreeClassifier

            X, y = make_moons(200, noise=0.2, random_state=0)
            print(DecisionTreeClassifier(max_depth=3).fit(X, y).score(X, y))
            """
        ),
        example(
            """
            from sklearn.cluster import KMeans
            from sklearn.datasets import load_iris
            from sklearn.metrics import adjusted_rand_score, silhouette_score

            X, y = load_iris(return_X_y=True)
            groups = KMeans(3, random_state=0).fit_predict(X)
            print(adjusted_rand_score(y, groups), silhouette_score(X, groups))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import RandomForestClassifier

            X, y = load_wine(return_X_y=True)
            forest = RandomForestClassifier(oob_score=True, random_state=0).fit(X, y)
            print("training", forest.score(X, y), "out of bag", forest.oob_score_)
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.metrics import r2_score

            X, y = load_diabetes(return_X_y=True)
            model = Ridge().fit(X[:300], y[:300])
            print(model.score(X[:300], y[:300]))
            print(r2_score(y[300:], model.predict(X[300:])))
            """
        ),
    ),
    check=check,
    references=(
        "scikit-learn user guide, [cross-validation](https://scikit-learn.org/stable/modules/cross_validation.html)",
    ),
)
