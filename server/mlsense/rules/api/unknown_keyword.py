"""A keyword argument that a library's function or method does not take."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.estimator.estimator_unknown_kwarg import makes_estimator
from mlsense.rules.finding import Severity
from mlsense.rules.keywords import unknown_keywords
from mlsense.rules.rule import Draft, Rule, example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    yield from unknown_keywords(trace, lambda given: not makes_estimator(given))


RULE = Rule(
    name="unknown-keyword",
    family="api",
    severity=Severity.ERROR,
    summary="A function or method of a library is called with a keyword argument that it does not take.",
    finds="""
        `train_test_split(X, y, test_sise=0.2)`, `df.drop(column="a")`, `mean_squared_error(y, p, squared=False)`: a
        keyword that is misspelt, was removed since, or comes with a newer version than the one in force.
        """,
    matters="""
        The call raises TypeError, in a long program after the long part. Of arguments that were removed the message
        does not say what took their place.
        """,
    silent="""
        Functions that take any keyword (`**kwargs`), functions of your own, objects whose class is not certain,
        keywords out of a dict, code inside `try` or under a test for the version, versions whose signatures are not
        known. Estimators have a rule of their own, `estimator-unknown-kwarg`.
        """,
    repair="""
        Writes the right name. Safe where the argument was renamed; a name that is only near is for you to accept. Of
        `mean_squared_error(y, p, squared=False)` it makes `root_mean_squared_error(y, p)`, with the import.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            parts = train_test_split(X, y, test_sise=0.2)  # <- unknown-keyword
            print(len(parts))
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [1, 2], "area": [30, 40]})
            print(homes.drop(column="price"))  # <- unknown-keyword
            """
        ),
        example(
            """
            from sklearn.metrics import mean_squared_error

            print(mean_squared_error([1.0, 2.0], [1.5, 2.0], squared=False))  # <- unknown-keyword
            """
        ),
        example(
            """
            import numpy as np


            def grid(low, high):
                return np.linspace(low, high, number=5)  # <- unknown-keyword


            print(grid(0, 1))
            """
        ),
        example(
            """
            from sklearn.metrics import mean_squared_error


            def error(y, predicted):
                return mean_squared_error(y, predicted, squared=False)  # <- unknown-keyword


            print(error([1.0, 2.0], [1.5, 2.0]))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            print(len(train_test_split(X, y, test_size=0.2, stratify=y)))
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [1, 2], "area": [30, 40]})
            print(homes.drop(columns="price").assign(anything=1, column=2))
            """
        ),
        example(
            """
            from sklearn.metrics import mean_squared_error

            try:
                error = mean_squared_error([1.0, 2.0], [1.5, 2.0], squared=False)
            except TypeError:
                error = mean_squared_error([1.0, 2.0], [1.5, 2.0]) ** 0.5
            print(error)
            """
        ),
        example(
            """
            class Table:
                def drop(self, column):
                    return column


            print(Table().drop(column="price"))
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [1, 2], "area": [30, 40]})
            print(homes.groupby("area").agg(lowest=("price", "min"), highest=("price", "max")))
            print(homes.apply(lambda row, offset: row.sum() + offset, axis=1, offset=5))
            """
        ),
        example(
            """
            import numpy as np

            settings = {"num": 5}
            print(np.linspace(0, 1, **settings), np.zeros(shape=(2, 2), dtype=float))
            """
        ),
        example(
            """
            import pandas as pd

            rents = pd.DataFrame({"city": list("aabb"), "year": [1, 2, 1, 2], "rent": [4, 5, 6, 7]})
            wide = rents.pivot_table(index="city", columns="year", values=["rent"])
            print(wide["rent"].rename(columns={1: "first", 2: "second"}))
            told = rents.groupby("city").agg({"rent": ["mean", "max"]})
            print(told["rent"].rename(columns={"max": "highest"}))
            print(wide.stack().unstack("year").loc[:, "rent"].rename(columns=str))
            """
        ),
        example(
            """
            import pandas as pd


            def read(path, rows):
                return pd.DataFrame({"path": [path] * rows})


            usual, pd.read_csv = pd.read_csv, read
            print(pd.read_csv("homes.csv", rows=3))
            pd.read_csv = usual
            """
        ),
    ),
    check=check,
    raises=("TypeError",),
)
