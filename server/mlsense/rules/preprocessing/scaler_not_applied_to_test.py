"""A model learned from rows that a transformer shaped, and is used on rows that it did not shape."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.knowledge import estimator_facts
from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import (
    calls_of,
    location,
    name_of_fitted,
    node_at,
    place_in,
    related,
    shown_at,
    where,
    written,
)
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Evaluate
from mlsense.semantics.models.estimators import ROLES
from mlsense.semantics.values import MAIN, Learned, Origin, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.rules.finding import Edit
    from mlsense.semantics.program import Trace
    from mlsense.semantics.regions import Rows

# What makes another space of the features. Gaps that were filled and classes that were numbered leave them be.
_SPACE = frozenset("scaler reducer selector encoder target-encoder vectoriser discretiser".split())
# The model at work, as opposed to metrics of what it predicted before.
_USES = frozenset((*ROLES, "score", "evaluate"))
# What a network's `evaluate` and every other use of a model call the rows.
_ROWS = ("X", "x", "raw_documents")


def check(trace: Trace) -> Iterator[Draft]:
    groups: dict[tuple[Origin, Origin], list[Evaluate]] = {}
    for event in trace.that(_in_another_space, Evaluate):
        groups.setdefault((event.fit.origin, _missing(event)[-1].origin), []).append(event)
    for events in groups.values():
        first = events[0]
        place = _place(trace, first)
        found = location(trace, place)
        if found is None:
            continue
        missing = _missing(first)
        own = missing[-1]
        shaped = shown_at(trace, own.origin, first.origin, own.rows)
        pairs = [(shaped, "the training rows were shaped here"), (first.fit.origin.place, "the model learned here")]
        others = [(_place(trace, event), "so do these") for event in events[1:]]
        yield Draft(
            _message(trace, first, place, own, shaped),
            found,
            related(trace, *pairs, *[pair for pair in others if pair[0] != place]),
            _transformed(trace, events, missing),
        )


def _in_another_space(event: Evaluate) -> bool:
    return bool(_missing(event))


def _missing(event: Evaluate) -> tuple[Learned, ...]:
    """What shaped the training rows and has no counterpart in what shaped these, in the order it did."""
    fit, x = event.fit, event.x
    if event.assumed or event.callee not in _USES or not _comparable(x.rows, fit.rows):
        return ()
    shaped = {item.what for item in x.learned}
    names = None if x.columns is None or not x.columns.closed else tuple(c.name for c in x.columns.items)
    found = []
    for item in fit.learned:
        if item.inside == "Sequential":
            # A layer of the network itself, which meets whatever rows that gets.
            continue
        if item.what in shaped or item.origin in {other.origin for other in x.learned}:
            continue
        # Of some columns only: they must be among those the model is used on.
        if item.columns is not None and (names is None or not item.touches(names)):
            continue
        if _makes_space(item) or _by_hand(item, event):
            found.append(item)
    return tuple(found)


def _comparable(rows: Rows | None, trained: Rows | None) -> bool:
    """Whether both are rows of one source, all of it followed, or of files."""
    if rows is None or trained is None or not rows.parts or not trained.parts:
        return False
    mine, theirs = ({part.source for part in each.parts} for each in (rows, trained))
    if not all(source.known for source in (*mine, *theirs)):
        return False
    return bool(mine & theirs) or all(
        isinstance(source.key, tuple) and source.key[:1] == ("file",) for source in (*mine, *theirs)
    )


def _makes_space(item: Learned) -> bool:
    if item.family not in _SPACE or item.estimator is None:
        return False
    facts = estimator_facts(item.what)
    # Clusters and outliers are as often used to pick rows.
    return facts is None or ("transformer" in facts.kinds and not {"clusterer", "outlier_detector"} & set(facts.kinds))


def _by_hand(item: Learned, event: Evaluate) -> bool:
    """Divided by a standard deviation, while the other rows are as they were read."""
    return (
        item.family == "statistic"
        and item.what == "std"
        and event.fit.scale == "unknown"
        and event.x.scale == "raw"
        and not event.x.learned
    )


def _argument(trace: Trace, event: Evaluate) -> ast.expr | None:
    call = node_at(trace, event.call)
    if not isinstance(call, ast.Call):
        return None
    named = next((keyword.value for keyword in call.keywords if keyword.arg in _ROWS), None)
    return named or (call.args[0] if call.args and not isinstance(call.args[0], ast.Starred) else None)


def _place(trace: Trace, event: Evaluate) -> Place:
    """The rows as they are handed to the model; where a function does that, the call that hands them to it."""
    place = shown_at(trace, event.origin, event.fit.origin, event.x.rows)
    argument = _argument(trace, event)
    return place_in(event.call, argument) if place == event.call and argument is not None else place


def _message(trace: Trace, event: Evaluate, place: Place, own: Learned, shaped: Place) -> str:
    argument = _argument(trace, event)
    rows = f"`{written(trace, place, 'these rows')}`"
    if place == event.call or argument is None or place != place_in(event.call, argument):
        rows = "rows"
    model = f"`{name_of_fitted(trace, event.fit.origin.place, event.fit.name)}`"
    by = name_of_fitted(trace, own.origin.place, own.by)
    if own.family == "statistic":
        how = f"divided by `{written(trace, own.origin.place, own.by)}`"
        remedy = "Do the same to these rows, with the statistics of the training rows"
    else:
        how = f"transformed by `{by}`" + (f" ({own.inside or own.what})" if by != own.what else "")
        plain = by != own.what and rows != "rows"
        remedy = f"Use `{by}.transform({rows[1:-1]})`" if plain else "Transform them by the same object"
    return (
        f"{model} learned from rows that were {how} {where(trace, shaped, place)}; `{event.callee}` gets {rows} "
        f"without that: they lie in another space than the training rows, and what the model says of them is "
        f"worth nothing. {remedy}, or put both into one pipeline."
    )


def _transformed(trace: Trace, events: list[Evaluate], missing: tuple[Learned, ...]) -> Fix | None:
    """Wraps the rows in `.transform(...)` wherever they are handed over without."""
    (own,) = missing if len(missing) == 1 else (None,)
    by = _lasting_name(trace, own) if own is not None and own.estimator is not None and own.columns is None else None
    if own is None or by is None:
        return None
    edits: dict[Place, Edit] = {}
    for event in events:
        argument = _argument(trace, event)
        elsewhere = calls_of(event.origin) != calls_of(own.origin)
        others = {item.origin for item in event.fit.learned if item.family not in ("resampler", "label-encoder")}
        if argument is None or elsewhere or event.call.unit.module != MAIN or others != {own.origin}:
            return None
        place = place_in(event.call, argument)
        text = editing.text_at(trace, place)
        edit = None if text is None else editing.replaced(trace, place, f"{by}.transform({text})")
        if edit is None:
            return None
        edits[place] = edit
    return Fix(f"Use `{by}.transform`", "safe", tuple(edits.values()))


def _lasting_name(trace: Trace, own: Learned) -> str | None:
    """The name of the transformer, if it means the same fitted object all through the program."""
    by = name_of_fitted(trace, own.origin.place, own.by)
    if not by.isidentifier() or by == own.what or any(isinstance(step, int) for step in own.origin.path):
        return None
    uses = trace.uses.get(by, ())
    bound = [unit for unit, mention in uses if not mention.reads]
    fits = [mention for _, mention in uses if mention.attribute in ("fit", "fit_transform", "partial_fit")]
    can = estimator_facts(own.inside or own.what)
    lasts = len(bound) == 1 and len(fits) <= 1 and (can is None or "transform" in can.methods)
    return by if lasts else None


RULE = Rule(
    name="scaler-not-applied-to-test",
    family="preprocessing",
    severity=Severity.WARNING,
    summary="A model that learned from transformed rows is used on rows that were not transformed.",
    finds="""
        The training rows went through a fitted scaler, PCA, selector, encoder or vectoriser (or were divided by their
        standard deviation), and the rows that `predict` or `score` gets did not.
        """,
    matters="""
        The model knows a world in which the training rows have mean 0 and deviation 1. A house of 120 square metres is
        then a hundred deviations larger than any it has seen: predictions fall on one class, and the score is that of a
        guess. Nothing raises as long as the number of columns is the same. On the wine data a support vector machine
        that scores 0.98 scores 0.38 so.
        """,
    silent="""
        Pipelines, which transform by themselves; rows shaped by a transformer of the same kind, whichever it is (a
        second one is the business of `fit-on-test`); filled gaps, numbered classes, resampled rows, columns that the
        model does not use; rows of which it is not known where they come from or what was done to them.
        """,
    repair="""
        Writes `scaler.transform(...)` around the rows, at every place where this model gets them without. Offered where
        the transformer has a name that means the same all through; safe.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scaler = StandardScaler()
            X_train = scaler.fit_transform(X_train)
            model = SVC().fit(X_train, y_train)
            print(model.score(X_test, y_test))  # <- scaler-not-applied-to-test
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.linear_model import LogisticRegression
            from sklearn.metrics import classification_report
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import MinMaxScaler

            data = load_breast_cancer(as_frame=True)
            X_train, X_test, y_train, y_test = train_test_split(data.data, data.target, random_state=1)
            minmax = MinMaxScaler().fit(X_train)
            X_train_scaled, X_test_scaled = minmax.transform(X_train), minmax.transform(X_test)
            model = LogisticRegression()
            model.fit(X_train_scaled, y_train)
            predicted = model.predict(X_test)  # <- scaler-not-applied-to-test
            print(classification_report(y_test, predicted))
            print(model.predict_proba(X_test)[:5])
            """
        ),
        example(
            """
            from sklearn.datasets import load_digits
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.preprocessing import StandardScaler


            def trained(rows, labels):
                scaled = StandardScaler().fit_transform(rows)
                return RandomForestClassifier(random_state=0).fit(scaled, labels)


            X, y = load_digits(return_X_y=True)
            forest = trained(X[:1200], y[:1200])
            print(forest.score(X[1200:], y[1200:]))  # <- scaler-not-applied-to-test
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.neighbors import KNeighborsClassifier
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            X_train = (X_train - X_train.mean(axis=0)) / X_train.std(axis=0)
            model = KNeighborsClassifier().fit(X_train, y_train)
            print(model.score(X_test, y_test))  # <- scaler-not-applied-to-test
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import GridSearchCV, train_test_split
            from sklearn.preprocessing import RobustScaler
            from sklearn.svm import SVC

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            robust = RobustScaler()
            search = GridSearchCV(SVC(), {"C": [0.1, 1, 10]}, cv=3)
            search.fit(robust.fit_transform(X_train), y_train)
            best = search.best_estimator_
            print(best.score(X_test, y_test))  # <- scaler-not-applied-to-test
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scaler = StandardScaler()
            X_train = scaler.fit_transform(X_train)
            model = SVC().fit(X_train, y_train)
            print(model.score(scaler.transform(X_test), y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = make_pipeline(StandardScaler(), SVC()).fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scaler = StandardScaler().fit(X_train)
            for model, scaled in [(SVC(), True), (DecisionTreeClassifier(), False)]:
                first = scaler.transform(X_train) if scaled else X_train
                second = scaler.transform(X_test) if scaled else X_test
                print(model.fit(first, y_train).score(second, y_test))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.cluster import KMeans
            from sklearn.datasets import load_digits
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            X, y = load_digits(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            distances = KMeans(50, n_init=1, random_state=0).fit_transform(X_train)
            nearest = np.argmin(distances, axis=0)
            model = LogisticRegression(max_iter=2000).fit(X_train[nearest], y_train[nearest])
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import StandardScaler

            X, y = load_diabetes(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scaler = StandardScaler()
            z_train = scaler.fit_transform(np.asarray(y_train).reshape(-1, 1)).ravel()
            model = LinearRegression().fit(X_train, z_train)
            print(scaler.inverse_transform(model.predict(X_test).reshape(-1, 1))[:3])
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            usual = abs(X_train - X_train.mean(axis=0)).max(axis=1) < 3 * X_train.std(axis=0).max()
            model = GaussianNB().fit(X_train[usual], y_train[usual])
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.impute import SimpleImputer
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scaler = StandardScaler().fit(X_train)
            model = LogisticRegression().fit(scaler.transform(X_train), y_train)
            both = Pipeline([("scale", scaler), ("model", model)])
            print(both.predict(X_test)[:5], SimpleImputer().fit_transform(X_train).shape)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scaler = StandardScaler()
            scaled = scaler.fit_transform(X_train)
            model = SVC().fit(scaler.inverse_transform(scaled) / X_train.max(), y_train)
            print(model.score(X_test / X_train.max(), y_test))
            """
        ),
    ),
    check=check,
    references=(
        "scikit-learn user guide, [inconsistent preprocessing]"
        "(https://scikit-learn.org/stable/common_pitfalls.html#inconsistent-preprocessing)",
    ),
)
