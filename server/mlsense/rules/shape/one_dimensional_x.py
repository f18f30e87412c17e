"""A single column, with one dimension, is handed over for the features."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.inputs import argument_place, facts, trainings
from mlsense.rules.reading import location, node_at, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.models.estimators import short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Data, Place

# They look at the number of rows alone, or hand over what they get.
_TAKE_ANY = frozenset(("DummyClassifier", "DummyRegressor", "FunctionTransformer"))


def check(trace: Trace) -> Iterator[Draft]:
    for event in trainings(trace):
        x, leaf = event.x, (event.leaves or (None,))[0]
        if x is None or leaf is None or x.rank != 1 or x.kind not in ("series", "array"):
            continue
        known, name = facts(trace, leaf), short(leaf.cls)
        place = argument_place(trace, event)
        found = location(trace, place)
        if known is None or known.nan is None or name in _TAKE_ANY or found is None or not _is_column(x):
            continue
        column = place == event.call
        what = "what it is given" if column else f"`{written(trace, place, 'it')}`"
        instead = "`.to_frame()` makes" if x.kind == "series" else "`.reshape(-1, 1)` makes"
        yield Draft(
            f"{what} has one dimension, and `{name}` expects a table of rows and columns: `fit` raises ValueError. "
            f"{instead} a table of one column of it.",
            found,
            fix=None if column else _fix(trace, place, x),
        )


def _is_column(x: Data) -> bool:
    """Whether it is rows, of which it is known where they came from: what was pickled may be anything."""
    if x.rows is None or not x.rows.parts or any(not part.source.known for part in x.rows.parts):
        return False
    return not any(part.source.label.startswith(("read_pickle", "read_hdf")) for part in x.rows.parts)


def _fix(trace: Trace, place: Place, x: Data) -> Fix | None:
    node, text = node_at(trace, place), editing.text_at(trace, place)
    if text is None:
        return None
    named = isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant) and x.kind == "series"
    if named and isinstance(node, ast.Subscript) and text.endswith("]"):
        inner = ast.get_source_segment(text, ast.parse(text, mode="eval").body.slice)  # type: ignore[attr-defined]
        start = text.rfind("[")
        new = f"{text[:start]}[[{inner}]]"
    elif isinstance(node, (ast.Name, ast.Attribute, ast.Subscript, ast.Call)):
        new = text + (".to_frame()" if x.kind == "series" else ".reshape(-1, 1)")
    else:
        return None
    edit = editing.replaced(trace, place, new)
    return Fix.of("Make it a table of one column", "unsafe", edit)


RULE = Rule(
    name="1d-X",
    family="shape",
    severity=Severity.ERROR,
    summary="A single column, with one dimension, is handed over for the features.",
    finds="""
        `fit` and cross-validation of scikit-learn's estimators on a series such as `df["area"]`, or on an array of one
        dimension, where a table is wanted.
        """,
    matters="""
        `fit` raises `ValueError: Expected 2D array, got 1D array instead`: with one dimension it is not said whether it
        is one row or one column.
        """,
    silent="""
        Vectorisers and `LabelEncoder`, which want one dimension; `IsotonicRegression`, the dummies,
        `FunctionTransformer`; values of which the number of dimensions, or where they came from, is not known; code
        inside `try`.
        """,
    repair="""
        Takes the column as a table, `df[["area"]]`, or appends `.to_frame()` or `.reshape(-1, 1)`. Not quite safe: what
        is handed to `predict` has to change in the same way.
        """,
    raises=("ValueError",),
    bad=(
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LinearRegression

            houses = pd.DataFrame({"area": [80, 95, 120, 70], "price": [200, 230, 310, 160]})
            model = LinearRegression()
            model.fit(houses["area"], houses["price"])  # <- 1d-X
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.tree import DecisionTreeRegressor

            x = np.array([0.0, 1.0, 2.0, 3.0, 4.0])
            tree = DecisionTreeRegressor().fit(x, np.sin(x))  # <- 1d-X
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.preprocessing import StandardScaler

            houses = pd.DataFrame({"area": [80, 95, 120, 70], "price": [200, 230, 310, 160]})
            houses["area"] = StandardScaler().fit_transform(houses["area"])  # <- 1d-X
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.ensemble import RandomForestRegressor
            from sklearn.model_selection import train_test_split

            houses = pd.DataFrame({"area": [80, 95, 120, 70, 60], "price": [200, 230, 310, 160, 140]})
            X, y = houses["area"].values, houses["price"].values
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            forest = RandomForestRegressor(n_estimators=5)
            forest.fit(X_train, y_train)  # <- 1d-X
            """
        ),
    ),
    good=(
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LinearRegression

            houses = pd.DataFrame({"area": [80, 95, 120, 70], "price": [200, 230, 310, 160]})
            print(LinearRegression().fit(houses[["area"]], houses["price"]).coef_)
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.tree import DecisionTreeRegressor

            x = np.linspace(0, 10, 50)
            print(DecisionTreeRegressor().fit(x.reshape(-1, 1), np.sin(x)).get_depth())
            print(DecisionTreeRegressor().fit(x[:, np.newaxis], np.sin(x)).get_depth())
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.feature_extraction.text import CountVectorizer
            from sklearn.naive_bayes import MultinomialNB
            from sklearn.pipeline import make_pipeline

            mails = pd.DataFrame({"text": ["buy now", "see you", "buy soon", "see this"], "spam": [1, 0, 1, 0]})
            print(make_pipeline(CountVectorizer(), MultinomialNB()).fit(mails["text"], mails["spam"]).classes_)
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.preprocessing import LabelEncoder

            plants = pd.DataFrame({"kind": ["fern", "moss", "fern"]})
            print(LabelEncoder().fit_transform(plants["kind"]))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.isotonic import IsotonicRegression

            x = np.linspace(0, 10, 50)
            print(IsotonicRegression().fit(x, x**2).predict([3.0]))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.preprocessing import MinMaxScaler

            houses = pd.DataFrame({"area": [80, 95, 120, 70], "price": [200, 230, 310, 160]})
            print(MinMaxScaler().fit_transform(houses["area"].to_frame())[:2])
            print(MinMaxScaler().fit_transform(houses.loc[:, ["area"]])[:2])
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.dummy import DummyRegressor

            x = np.arange(10)
            print(DummyRegressor().fit(x, x).predict(x)[:2])
            """
        ),
    ),
    check=check,
)
