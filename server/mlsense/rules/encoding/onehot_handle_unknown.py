"""A one-hot encoder that raises on values it has not seen is used on rows it did not learn from."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.values import insertion
from mlsense.semantics.core import constant
from mlsense.semantics.events import Called, CrossValidate, Evaluate, Fit
from mlsense.semantics.models.estimators import short
from mlsense.semantics.regions import Overlap, overlap
from mlsense.semantics.values import MAIN, Data, Estimator, Method, Origin, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    told: set[Origin] = set()
    for encoder, use, what in _uses(trace):
        made = encoder.made
        if made is None or made in told or made.place.unit.module != MAIN:
            continue
        told.add(made)
        found = location(trace, made.place)
        if found is not None:
            yield Draft(
                f"This `OneHotEncoder` raises when {what} holds a value that the rows it learned from lack. With "
                f'`handle_unknown="ignore"` such a value gets zeros in all columns, and the row an answer.',
                found,
                related(trace, (use, "it meets other rows here")),
                _ignoring(trace, encoder, made.place),
            )


def _uses(trace: Trace) -> Iterator[tuple[Estimator, Place, str]]:
    """Encoders that meet rows they have not learned from, where they do, and in what words."""
    fits = {event.record.origin: event.leaves for event in trace.that(_has_strict, Fit)}
    for event in trace.that(_on_other_rows, Evaluate) if fits else ():
        for leaf in fits.get(event.fit.origin) or ():
            if _is_strict(leaf):
                yield leaf, event.call, f"what `{event.callee}` gets"
    for called in trace.that(_transforms_other_rows, Called):
        if isinstance(called.thing, Estimator):
            yield called.thing, called.call, "what `transform` gets"
    for test in trace.that(_has_strict, CrossValidate):
        for leaf in test.leaves or ():
            if _is_strict(leaf):
                yield leaf, test.call, "the test fold"


def _is_strict(leaf: Estimator) -> bool:
    """Whether it is certain to raise: by its default, or because it is told to."""
    if short(leaf.cls) != "OneHotEncoder" or not leaf.cls.startswith("sklearn.") or not leaf.certain:
        return False
    names = {name for name, _ in leaf.params}
    raises = "handle_unknown" not in names or constant(leaf.param("handle_unknown")) == "error"
    return raises and not names & {"categories", "drop", "min_frequency", "max_categories"}


def _has_strict(event: Fit | CrossValidate) -> bool:
    return any(_is_strict(leaf) for leaf in event.leaves or ())


def _on_other_rows(event: Evaluate) -> bool:
    return not event.assumed and overlap(event.x.rows, event.fit.rows) is Overlap.DISJOINT


def _transforms_other_rows(event: Called) -> bool:
    if not isinstance(event.callee, Method) or event.callee.name != "transform" or event.guarded or event.assumed:
        return False
    rows = event.object(event.argument(0, "X"))
    thing = event.thing
    return (
        isinstance(thing, Estimator)
        and _is_strict(thing)
        and thing.fitted is not None
        and isinstance(rows, Data)
        and overlap(rows.rows, thing.fitted.rows) is Overlap.DISJOINT
    )


def _ignoring(trace: Trace, encoder: Estimator, made: Place) -> Fix | None:
    node = node_at(trace, made)
    given = encoder.param("handle_unknown") is not None
    plain = isinstance(node, ast.Call) and not any(keyword.arg is None for keyword in node.keywords)
    if given or not plain or not isinstance(node, ast.Call):
        return None
    return Fix.of('Set `handle_unknown="ignore"`', "unsafe", insertion(trace, made, node, 'handle_unknown="ignore"'))


RULE = Rule(
    name="onehot-handle-unknown",
    family="encoding",
    severity=Severity.INFORMATION,
    summary="A `OneHotEncoder` raises on values it has not seen, and is used on rows it did not learn from.",
    finds="""
        A `OneHotEncoder` with the default `handle_unknown="error"`, alone, in a pipeline or in a `ColumnTransformer`,
        that is fitted on some rows and used on others: the test part, another file, the test folds of a
        cross-validation.
        """,
    matters="""
        The first town, browser or product that the training rows lack raises `ValueError: Found unknown categories` in
        production. In a cross-validation the fold in question scores NaN, with a warning that is easily overlooked. A
        rare value is enough, and which fold it falls into depends on the seed.
        """,
    silent="""
        `handle_unknown` set to anything but `"error"`, categories written down, `drop`, rare values put together, and
        encoders that are only used on the rows they learned from.
        """,
    repair="""
        Adds `handle_unknown="ignore"`. It is for you to accept: where a value that was not seen is a mistake in the
        data, an error is what you want.
        """,
    bad=(
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import OneHotEncoder

            cars = pd.DataFrame({"fuel": ["gas", "oil", "gas", "none"] * 10, "doors": ["two", "four"] * 20})
            X_train, X_test, y_train, y_test = train_test_split(cars, [0, 1, 0, 1] * 10, random_state=0)
            model = make_pipeline(OneHotEncoder(), LogisticRegression())  # <- onehot-handle-unknown
            print(model.fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import OneHotEncoder
            from sklearn.tree import DecisionTreeClassifier

            cars = pd.DataFrame({"fuel": ["gas", "oil", "gas", "none"] * 10, "doors": ["two", "four"] * 20})
            X_train, X_test, y_train, y_test = train_test_split(cars, [0, 1, 0, 1] * 10, random_state=0)
            encoder = OneHotEncoder(sparse_output=False)  # <- onehot-handle-unknown
            train, test = encoder.fit_transform(X_train), encoder.transform(X_test)
            print(DecisionTreeClassifier().fit(train, y_train).score(test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.compose import ColumnTransformer
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.model_selection import cross_val_score
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import OneHotEncoder, StandardScaler

            cars = pd.DataFrame({"fuel": ["gas", "oil", "gas", "none"] * 10, "weight": [1.0, 1.4, 0.9, 0.7] * 10})
            columns = ColumnTransformer(
                [
                    ("numbers", StandardScaler(), ["weight"]),
                    ("names", OneHotEncoder(), ["fuel"]),  # <- onehot-handle-unknown
                ]
            )
            model = Pipeline([("columns", columns), ("forest", RandomForestClassifier(n_estimators=10))])
            print(cross_val_score(model, cars, [0, 1, 0, 1] * 10))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import Ridge
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import OneHotEncoder

            old = pd.DataFrame({"town": ["Rome", "Oslo", "Rome", "Bonn"], "rent": [9.0, 14.0, 10.0, 11.0]})
            new = pd.DataFrame({"town": ["Oslo", "Rome"]})
            model = make_pipeline(OneHotEncoder(handle_unknown="error"), Ridge())  # <- onehot-handle-unknown
            model.fit(old[["town"]], old["rent"])
            print(model.predict(new[["town"]]))
            """
        ),
    ),
    good=(
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import OneHotEncoder

            cars = pd.DataFrame({"fuel": ["gas", "oil", "gas", "none"] * 10, "doors": ["two", "four"] * 20})
            X_train, X_test, y_train, y_test = train_test_split(cars, [0, 1, 0, 1] * 10, random_state=0)
            model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
            print(model.fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import cross_val_score
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import OneHotEncoder

            cars = pd.DataFrame({"fuel": ["gas", "oil", "gas", "none"] * 10, "doors": ["two", "four"] * 20})
            encoder = OneHotEncoder(categories=[["gas", "oil", "none"], ["two", "four"]])
            print(cross_val_score(make_pipeline(encoder, LogisticRegression()), cars, [0, 1, 0, 1] * 10))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.cluster import KMeans
            from sklearn.preprocessing import OneHotEncoder

            cars = pd.DataFrame({"fuel": ["gas", "oil", "gas", "none"] * 10, "doors": ["two", "four"] * 20})
            table = OneHotEncoder().fit_transform(cars)
            print(KMeans(2, n_init=1, random_state=0).fit_predict(table))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.preprocessing import OneHotEncoder

            cars = pd.DataFrame({"fuel": ["gas", "oil", "gas", "none"] * 10})
            encoder = OneHotEncoder().fit(cars)
            print(encoder.transform(cars).toarray()[:2], encoder.categories_)
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import OneHotEncoder

            cars = pd.DataFrame({"fuel": ["gas", "oil", "gas", "none"] * 10, "doors": ["two", "four"] * 20})
            X_train, X_test, y_train, y_test = train_test_split(cars, [0, 1, 0, 1] * 10, random_state=0)
            encoder = OneHotEncoder(min_frequency=5, handle_unknown="infrequent_if_exist")
            print(make_pipeline(encoder, LogisticRegression()).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import OneHotEncoder

            cars = pd.DataFrame({"fuel": ["gas", "oil", "gas", "none"] * 10, "doors": ["two", "four"] * 20})
            train, test = train_test_split(cars, random_state=0)
            encoder = OneHotEncoder().fit(train)
            try:
                print(encoder.transform(test).shape)
            except ValueError as error:
                print("not seen in training:", error)
            """
        ),
    ),
    check=check,
)
