"""Gaps are filled with a mean or median of rows that later test the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import leaks
from mlsense.rules.finding import Severity
from mlsense.rules.rule import Draft, Rule, example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    yield from leaks.drafts(trace, "impute-before-split")


RULE = Rule(
    name="impute-before-split",
    family="leakage",
    severity=Severity.WARNING,
    summary="Gaps are filled with a statistic of rows that later test the model.",
    finds="""
        `fillna` and its open-coded forms (`frame.loc[frame["a"].isna(), "a"] = ...`, `np.where(np.isnan(a), ..., a)`)
        with a mean, median or mode of rows of which some are used later to test the model. Imputers of scikit-learn are
        told of by `fit-before-split`.
        """,
    matters="""
        What the test rows are like enters the training rows, so the score is too good. With few gaps it is so by
        little; where half of a column is missing, or the filler is computed within groups that are small, by much.
        """,
    silent="""
        Constants; `ffill` and `bfill`; fillers computed from the training part and used on both; statistics along a
        row; rows with gaps that are dropped; work without a test.
        """,
    repair="""
        Moves the filling below the split: the filler is computed from the training part and used on both.  Offered
        where nothing else uses what it made, so that nothing else changes; safe. Elsewhere the message says what to
        do.
        """,
    bad=(
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            houses = pd.DataFrame(
                {
                    "area": [50.0, 64.0, np.nan, 120.0, 75.0, 81.0, np.nan, 99.0],
                    "rooms": [2.0, 3.0, 4.0, 5.0, np.nan, 3.0, 2.0, 4.0],
                    "city": ["a", "b", "a", "b", "a", "b", "a", "b"],
                    "price": [150.0, 190.0, 260.0, 350.0, 220.0, 230.0, 140.0, 300.0],
                }
            )
            X = houses[["area", "rooms"]]
            y = houses["price"]
            X = X.fillna(X.mean())  # <- impute-before-split
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            houses = pd.DataFrame(
                {
                    "area": [50.0, 64.0, np.nan, 120.0, 75.0, 81.0, np.nan, 99.0],
                    "rooms": [2.0, 3.0, 4.0, 5.0, np.nan, 3.0, 2.0, 4.0],
                    "city": ["a", "b", "a", "b", "a", "b", "a", "b"],
                    "price": [150.0, 190.0, 260.0, 350.0, 220.0, 230.0, 140.0, 300.0],
                }
            )
            houses["area"] = houses["area"].fillna(houses["area"].median())  # <- impute-before-split
            houses["rooms"] = houses["rooms"].fillna(houses["rooms"].mode()[0])  # <- impute-before-split
            X, y = houses[["area", "rooms"]], houses["price"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            houses = pd.DataFrame(
                {
                    "area": [50.0, 64.0, np.nan, 120.0, 75.0, 81.0, np.nan, 99.0],
                    "rooms": [2.0, 3.0, 4.0, 5.0, np.nan, 3.0, 2.0, 4.0],
                    "city": ["a", "b", "a", "b", "a", "b", "a", "b"],
                    "price": [150.0, 190.0, 260.0, 350.0, 220.0, 230.0, 140.0, 300.0],
                }
            )
            usual = houses["area"].mean()  # <- impute-before-split
            houses.loc[houses["area"].isna(), "area"] = usual
            X, y = houses[["area"]], houses["price"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            houses = pd.DataFrame(
                {
                    "area": [50.0, 64.0, np.nan, 120.0, 75.0, 81.0, np.nan, 99.0],
                    "rooms": [2.0, 3.0, 4.0, 5.0, np.nan, 3.0, 2.0, 4.0],
                    "city": ["a", "b", "a", "b", "a", "b", "a", "b"],
                    "price": [150.0, 190.0, 260.0, 350.0, 220.0, 230.0, 140.0, 300.0],
                }
            )
            rooms = houses["rooms"]
            houses["rooms"] = np.where(rooms.isnull(), rooms.median(), rooms)  # <- impute-before-split
            X, y = houses[["rooms"]], houses["price"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            houses = pd.DataFrame(
                {
                    "area": [50.0, 64.0, np.nan, 120.0, 75.0, 81.0, np.nan, 99.0],
                    "rooms": [2.0, 3.0, 4.0, 5.0, np.nan, 3.0, 2.0, 4.0],
                    "city": ["a", "b", "a", "b", "a", "b", "a", "b"],
                    "price": [150.0, 190.0, 260.0, 350.0, 220.0, 230.0, 140.0, 300.0],
                }
            )
            by_city = houses.groupby("city")["area"]
            houses["area"] = by_city.transform(lambda part: part.fillna(part.mean()))  # <- impute-before-split
            X, y = houses[["area"]], houses["price"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
    ),
    good=(
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            houses = pd.DataFrame(
                {
                    "area": [50.0, 64.0, np.nan, 120.0, 75.0, 81.0, np.nan, 99.0],
                    "rooms": [2.0, 3.0, 4.0, 5.0, np.nan, 3.0, 2.0, 4.0],
                    "city": ["a", "b", "a", "b", "a", "b", "a", "b"],
                    "price": [150.0, 190.0, 260.0, 350.0, 220.0, 230.0, 140.0, 300.0],
                }
            )
            X, y = houses[["area", "rooms"]], houses["price"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            usual = X_train.mean()
            X_train, X_test = X_train.fillna(usual), X_test.fillna(usual)
            print(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            houses = pd.DataFrame(
                {
                    "area": [50.0, 64.0, np.nan, 120.0, 75.0, 81.0, np.nan, 99.0],
                    "rooms": [2.0, 3.0, 4.0, 5.0, np.nan, 3.0, 2.0, 4.0],
                    "city": ["a", "b", "a", "b", "a", "b", "a", "b"],
                    "price": [150.0, 190.0, 260.0, 350.0, 220.0, 230.0, 140.0, 300.0],
                }
            )
            houses["area"] = houses["area"].fillna(0)
            houses["rooms"] = houses["rooms"].ffill()
            X, y = houses[["area", "rooms"]], houses["price"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            houses = pd.DataFrame(
                {
                    "area": [50.0, 64.0, np.nan, 120.0, 75.0, 81.0, np.nan, 99.0],
                    "rooms": [2.0, 3.0, 4.0, 5.0, np.nan, 3.0, 2.0, 4.0],
                    "city": ["a", "b", "a", "b", "a", "b", "a", "b"],
                    "price": [150.0, 190.0, 260.0, 350.0, 220.0, 230.0, 140.0, 300.0],
                }
            )
            print(houses["area"].fillna(houses["area"].mean()).describe())
            houses = houses.dropna()
            X, y = houses[["area", "rooms"]], houses["price"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.impute import SimpleImputer
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split
            from sklearn.pipeline import make_pipeline

            houses = pd.DataFrame(
                {
                    "area": [50.0, 64.0, np.nan, 120.0, 75.0, 81.0, np.nan, 99.0],
                    "rooms": [2.0, 3.0, 4.0, 5.0, np.nan, 3.0, 2.0, 4.0],
                    "city": ["a", "b", "a", "b", "a", "b", "a", "b"],
                    "price": [150.0, 190.0, 260.0, 350.0, 220.0, 230.0, 140.0, 300.0],
                }
            )
            X, y = houses[["area", "rooms"]], houses["price"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = make_pipeline(SimpleImputer(strategy="median"), LinearRegression()).fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            houses = pd.DataFrame(
                {
                    "area": [50.0, 64.0, np.nan, 120.0, 75.0, 81.0, np.nan, 99.0],
                    "rooms": [2.0, 3.0, 4.0, 5.0, np.nan, 3.0, 2.0, 4.0],
                    "city": ["a", "b", "a", "b", "a", "b", "a", "b"],
                    "price": [150.0, 190.0, 260.0, 350.0, 220.0, 230.0, 140.0, 300.0],
                }
            )
            both = houses[["area", "rooms"]]
            houses["area"] = houses["area"].fillna(both.mean(axis=1))
            X, y = houses[["area"]], houses["price"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            houses = pd.DataFrame(
                {
                    "area": [50.0, 64.0, np.nan, 120.0, 75.0, 81.0, np.nan, 99.0],
                    "rooms": [2.0, 3.0, 4.0, 5.0, np.nan, 3.0, 2.0, 4.0],
                    "city": ["a", "b", "a", "b", "a", "b", "a", "b"],
                    "price": [150.0, 190.0, 260.0, 350.0, 220.0, 230.0, 140.0, 300.0],
                }
            )
            train, test = train_test_split(houses, test_size=0.25, random_state=0)
            train, test = train.copy(), test.copy()
            usual = train["area"].median()
            for part in (train, test):
                part.loc[part["area"].isna(), "area"] = usual
            model = LinearRegression().fit(train[["area"]], train["price"])
            print(model.score(test[["area"]], test["price"]))
            """
        ),
    ),
    check=check,
    references=(
        "scikit-learn user guide, [data leakage](https://scikit-learn.org/stable/common_pitfalls.html#data-leakage)",
    ),
)
