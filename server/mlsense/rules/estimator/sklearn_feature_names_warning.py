"""A model learns from a table with names and is used on an array without, or the reverse."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.offering import offer
from mlsense.rules.reading import location, node_at, place_in, related, where, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.succession import number
from mlsense.semantics.events import Called, Fit
from mlsense.semantics.models.estimators import SEARCHES
from mlsense.semantics.values import Data, Estimator, ListObject, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.trace import Effects
    from mlsense.semantics.values import HeapObject, Origin

_USING = frozenset("predict predict_proba predict_log_proba decision_function score transform".split())
# They look at no names, at nothing at all, or at texts.
_BLIND = (
    "sklearn.dummy.", "sklearn.feature_extraction.", "sklearn.preprocessing.FunctionTransformer",
    "sklearn.preprocessing.Label", "sklearn.preprocessing.MultiLabel", "sklearn.isotonic.",
)  # fmt: skip
_FIRST = (1, 0)
_DEEPEST = 4


def check(trace: Trace) -> Iterator[Draft]:
    offered = offer(trace, "sklearn")
    if offered is None or number(offered.version) < _FIRST:
        return
    for named in (True, False):
        fits = dict(trace.kept(("fitted", named), partial(_fits, named)))
        uses = trace.kept(("used", not named), partial(_uses, not named)) if fits else []
        for fit, event in [(fits[origin], event) for origin, event in uses if origin in fits]:
            yield from _drafts(trace, fit, event, named)


def _fits(named: bool, effects: Effects) -> Iterator[tuple[Origin, Fit]]:
    """What one statement fits on tables with names, or on arrays."""
    for event in effects.events:
        if isinstance(event, Fit) and _has_names(event.x) is named:
            yield event.record.origin, event


def _uses(named: bool, effects: Effects) -> Iterator[tuple[Origin, Called]]:
    """What one statement uses on tables with names, or on arrays."""
    for event in effects.events:
        if not isinstance(event, Called) or not isinstance(event.callee, Method) or event.callee.name not in _USING:
            continue
        thing = event.thing
        if event.guarded or event.assumed or not isinstance(thing, Estimator) or thing.fitted is None:
            continue
        if _has_names(event.object(event.argument(0, "X"))) is named and _looks(event, thing):
            yield thing.fitted.origin, event


def _has_names(thing: HeapObject | None) -> bool | None:
    """Whether columns have names that are texts; None where that is not known."""
    if isinstance(thing, ListObject):
        return False
    if not isinstance(thing, Data) or thing.rank == 1:
        return None
    if thing.kind == "array":
        return False
    known = thing.kind == "frame" and thing.columns is not None and bool(thing.columns.items)
    return True if known else None


def _looks(event: Called, model: Estimator, depth: int = 0) -> bool:
    """Whether what gets the rows first looks for names."""
    name = model.cls.rpartition(".")[2]
    if not model.certain or not model.cls.startswith("sklearn.") or depth > _DEEPEST:
        return False
    if name == "Pipeline":
        first = event.object(model.steps[0][1]) if model.steps else None
    elif name in SEARCHES:
        first = event.object(model.param("estimator"))
    else:
        return not model.steps and not model.cls.startswith(_BLIND)
    return isinstance(first, Estimator) and _looks(event, first, depth + 1)


def _drafts(trace: Trace, fit: Fit, event: Called, named: bool) -> Iterator[Draft]:
    node = node_at(trace, event.call)
    argument = node.args[0] if isinstance(node, ast.Call) and node.args else None
    if argument is None or isinstance(argument, ast.Starred) or not isinstance(node, ast.Call):
        return
    place = place_in(event.call, argument)
    found = location(trace, place)
    if found is None or not isinstance(node.func, ast.Attribute):
        return
    model = written(trace, place_in(event.call, node.func.value), "the model")
    method, at = event.callee.name, where(trace, fit.call, event.call)
    if named:
        text = (
            f"`{model}` learned from a DataFrame {at} and `{method}` gets no column names: scikit-learn warns, and "
            "cannot tell whether the columns are in the same order."
        )
    else:
        text = (
            f"`{model}` learned from an array {at}, without column names, and `{method}` gets a DataFrame: "
            "scikit-learn warns, and takes its columns by position alone."
        )
    pair = (fit.x_place or fit.call, "with column names" if named else "without column names")
    yield Draft(text, found, related(trace, pair), fix=_fix(trace, event, argument, named))


def _fix(trace: Trace, event: Called, argument: ast.expr, named: bool) -> Fix | None:
    """The table instead of its values; or its values."""
    place = place_in(event.call, argument)
    if not named:
        text = f"{written(trace, place, '')}.to_numpy()" if isinstance(argument, (ast.Name, ast.Attribute)) else ""
    else:
        table = argument.func if isinstance(argument, ast.Call) and not argument.args else argument
        values = isinstance(table, ast.Attribute) and table.attr == ("values" if table is argument else "to_numpy")
        inner = table.value if values and isinstance(table, ast.Attribute) else None
        sighting = trace.sighting(place_in(place, inner)) if isinstance(inner, (ast.Name, ast.Attribute)) else None
        is_table = sighting is not None and isinstance(sighting.object, Data) and sighting.object.kind == "frame"
        text = (editing.text_at(trace, place_in(place, inner)) or "") if inner is not None and is_table else ""
    edit = editing.replaced(trace, place, text) if text else None
    return Fix.of(f"Write `{text}`", "safe", edit)


RULE = Rule(
    name="sklearn-feature-names-warning",
    family="estimator",
    severity=Severity.INFORMATION,
    summary="A model is fitted on a table with column names and used on an array without, or the reverse.",
    finds="""
        `fit` gets a DataFrame, and `predict`, `predict_proba`, `decision_function`, `score` or `transform` of the same
        model an array or a list; or the reverse. Also of pipelines and searches, by what gets the rows first.
        """,
    matters="""
        scikit-learn gives a UserWarning each time, `X does not have valid feature names`. With names it checks that the
        columns are the ones it learned from, in the same order, and raises where they are not; without, columns in
        another order give wrong predictions and no more than this warning.
        """,
    silent="""
        Tables whose columns are not known, which may be numbers; pipelines that begin with a `ColumnTransformer` or
        something else that is not scikit-learn's own; estimators that look at no names, such as `DummyClassifier` and
        `FunctionTransformer`; versions before 1.0; code inside `try`.
        """,
    repair="""
        Writes `X_test` for `X_test.values`; of a model that learned from an array it writes `X_test.to_numpy()`. Safe:
        the values are the same. A list of numbers is yours to put into a DataFrame with the names of the columns.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True, as_frame=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            print(model.predict(X_test.values))  # <- sklearn-feature-names-warning
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LinearRegression

            homes = pd.DataFrame({"area": [30, 40, 50], "rooms": [1, 2, 2], "price": [1, 2, 3]})
            model = LinearRegression()
            model.fit(homes[["area", "rooms"]], homes["price"])
            print(model.predict([[45, 2]]))  # <- sklearn-feature-names-warning
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC

            X, y = load_wine(return_X_y=True, as_frame=True)
            model = make_pipeline(StandardScaler(), SVC())
            model.fit(X.to_numpy(), y)
            print(model.score(X, y))  # <- sklearn-feature-names-warning
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.preprocessing import StandardScaler


            def standardised(table):
                scaler = StandardScaler().fit(table)
                return scaler.transform(table.to_numpy())  # <- sklearn-feature-names-warning


            print(standardised(pd.DataFrame({"area": [30, 40, 50], "rooms": [1, 2, 2]})))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True, as_frame=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            print(model.predict(X_test), model.predict_proba(X_test.iloc[[0]]))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True, as_frame=True)
            scaler = StandardScaler().fit(X)
            model = LogisticRegression().fit(scaler.transform(X), y)
            print(model.score(scaler.transform(X), y))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True, as_frame=True)
            model = DecisionTreeClassifier(random_state=0)
            model.fit(X.values, y)
            print(model.score(X.values, y), model.predict([[13.0] * 13]))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LinearRegression

            numbers = pd.DataFrame([[1, 2], [3, 4], [5, 7]])
            model = LinearRegression().fit(numbers, [1, 2, 3])
            print(model.predict([[1, 2]]))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.dummy import DummyClassifier
            from sklearn.preprocessing import FunctionTransformer

            X, y = load_wine(return_X_y=True, as_frame=True)
            print(DummyClassifier().fit(X, y).predict(X.values))
            print(FunctionTransformer().fit(X).transform(X.values))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.preprocessing import MinMaxScaler
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True, as_frame=True)
            scaler = MinMaxScaler().set_output(transform="pandas").fit(X)
            model = DecisionTreeClassifier(random_state=0).fit(scaler.transform(X), y)
            print(model.score(scaler.transform(X), y))
            for rows in (X, X.values):
                print(DecisionTreeClassifier(random_state=0).fit(rows, y).predict(rows))
            """
        ),
    ),
    check=check,
)
