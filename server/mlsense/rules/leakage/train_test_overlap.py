"""A model is scored on rows that it was fitted on, as if they were new."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.held_out import names_of
from mlsense.rules.reading import first_shown, location, related, shown_at, trained_on, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Evaluate
from mlsense.semantics.regions import Overlap, Rows, overlap, within

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Origin

_HELD_OUT = ("split", "fold", "sample")
_NO_MODELS = ("clusterer", "outlier_detector", "density_estimator", "transformer")


def check(trace: Trace) -> Iterator[Draft]:
    suspects = trace.that(_on_its_own, Evaluate)
    if not suspects:
        return
    apart = {event.fit.origin for event in trace.that(_on_others, Evaluate)}
    told: set[Origin] = set()
    for event in suspects:
        if event.fit.origin in apart or event.fit.origin in told:
            continue
        # A helper that is right in one call and wrong in another is shown by the call that makes it wrong.
        there = shown_at(trace, event.origin, event.fit.origin, event.x.rows)
        place = first_shown(trace, event.call, event.origin) if trace.locate(there) is None else there
        found = location(trace, place)
        if found is None or place is None or event.x.rows is None or _is_for_training(trace, event):
            continue
        told.add(event.fit.origin)
        names = names_of(trace, event.x.rows, event)
        rows = next((f"`{name}`" for name in names if "test" in name.lower() or "val" in name.lower()), "the test rows")
        training = trained_on(trace, event.fit)
        of = f" of `{training}`" if training is not None else ""
        better = "fit it on the training part alone" if _is_part(event) else "keep the two apart"
        yield Draft(
            f"`{event.fit.name}` learned from the rows{of} {where(trace, event.fit.origin.place, place)}, and rows of "
            f"{rows} are among them: the score says how well it remembers, not how it does on new rows. "
            f"{better[0].upper()}{better[1:]}.",
            found,
            related(trace, (event.fit.origin.place, "it learned from these rows here")),
        )


def _parts(rows: Rows | None) -> Rows | None:
    return Rows(rows.parts) if rows is not None and rows.parts else None


def _on_its_own(event: Evaluate) -> bool:
    """Whether rows that were set apart from others are scored by a model that was fitted on some of them too."""
    rows, trained = _parts(event.x.rows), _parts(event.fit.rows)
    if not event.is_score or event.assumed or rows is None or trained is None or event.x.rows == event.fit.rows:
        return False
    if any(kind in event.fit.kinds for kind in _NO_MODELS):
        return False
    held_out = all(any(choice.kind in _HELD_OUT for choice in part.path) for part in rows.parts)
    return held_out and overlap(rows, trained) is Overlap.OVERLAP and not _is_training_part(rows)


def _is_training_part(rows: Rows) -> bool:
    """Whether it is the part that is there to train on: a score on it beside others is normal."""
    last = next((c for c in reversed(rows.parts[0].path) if c.kind in _HELD_OUT), None)
    return last is not None and (last.branch == 0 or last.branch == "train")


def _is_for_training(trace: Trace, event: Evaluate) -> bool:
    names = names_of(trace, event.x.rows or Rows(), event)
    return any("train" in name.lower() for name in names) and not any("test" in name.lower() for name in names)


def _is_part(event: Evaluate) -> bool:
    """Whether the rows scored are one part of what the model was fitted on."""
    return event.x.rows is not None and event.fit.rows is not None and within(event.x.rows, event.fit.rows)


def _on_others(event: Evaluate) -> bool:
    """Whether a model is scored on rows that it was not fitted on, or on some of which that is not known."""
    if not event.is_score:
        return False
    return overlap(event.x.rows, event.fit.rows) is not Overlap.OVERLAP


RULE = Rule(
    name="train-test-overlap",
    family="leakage",
    severity=Severity.WARNING,
    summary="A model is scored on rows that it was fitted on, as if they were new.",
    finds="""
        A score on the test part of a split, a fold or a sample, by a model that was fitted on rows it shares: on the
        whole table that was split, on the part of another split, on a sample that was drawn again. All scores of that
        model are such.
        """,
    matters="""
        A model that has seen the answers gives them back: a decision tree scores 1.0 on rows it was fitted on, whatever
        it has understood. The score says nothing about new rows.
        """,
    silent="""
        A training score beside a test score; a model fitted on everything once the test is done, and scored no more;
        a cross-validation that fits anew; rows of which it is not known where they come from; clusters and densities.
        """,
    repair="There is none: which of the two was meant, the code does not say.",
    bad=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier().fit(X, y)
            print(model.score(X_test, y_test))  # <- train-test-overlap
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.metrics import accuracy_score
            from sklearn.model_selection import train_test_split


            def evaluate(model, X_test, y_test):
                return accuracy_score(y_test, model.predict(X_test))


            X, y = load_breast_cancer(return_X_y=True)
            forest = RandomForestClassifier(n_estimators=10, random_state=0)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
            forest.fit(X_train, y_train)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=2)
            print(evaluate(forest, X_test, y_test))  # <- train-test-overlap
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.metrics import f1_score
            from sklearn.model_selection import StratifiedKFold
            from sklearn.naive_bayes import GaussianNB

            X, y = load_wine(return_X_y=True)
            model = GaussianNB().fit(X, y)
            for train, test in StratifiedKFold(3).split(X, y):
                print(f1_score(y[test], model.predict(X[test]), average="macro"))  # <- train-test-overlap
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.datasets import load_diabetes
            from sklearn.ensemble import RandomForestRegressor
            from sklearn.metrics import r2_score

            frame = load_diabetes(as_frame=True).frame
            test = frame.sample(frac=0.2, random_state=0)
            features = ["age", "bmi", "bp"]
            forest = RandomForestRegressor(n_estimators=10, random_state=0)
            forest.fit(frame[features], frame["target"])
            print(r2_score(test["target"], forest.predict(test[features])))  # <- train-test-overlap
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier().fit(X_train, y_train)
            print("training", model.score(X_train, y_train))
            print("test", model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(max_depth=3).fit(X_train, y_train)
            print(model.score(X_test, y_test))
            model.fit(X, y)
            print(model.predict(X[:3]))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import KFold
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            model = DecisionTreeClassifier(max_depth=3)
            for train, test in KFold(3, shuffle=True, random_state=0).split(X):
                model.fit(X[train], y[train])
                print(model.score(X[test], y[test]))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            X_fit, X_valid, y_fit, y_valid = train_test_split(X_train, y_train, random_state=0)
            print(DecisionTreeClassifier(max_depth=2).fit(X_fit, y_fit).score(X_valid, y_valid))
            model = DecisionTreeClassifier(max_depth=2).fit(X_train, y_train)
            print(model.score(X_test, y_test), model.score(X_valid, y_valid))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_breast_cancer(return_X_y=True)
            for seed in range(3):
                X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed)
                model = DecisionTreeClassifier(max_depth=3).fit(X_train, y_train)
                print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.cluster import KMeans
            from sklearn.datasets import load_iris
            from sklearn.metrics import adjusted_rand_score
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            groups = KMeans(3, random_state=0).fit(X)
            print(adjusted_rand_score(y_test, groups.predict(X_test)))
            """
        ),
    ),
    check=check,
    references=("scikit-learn user guide, [common pitfalls](https://scikit-learn.org/stable/common_pitfalls.html)",),
)
