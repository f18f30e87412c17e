"""Missing values go into an estimator that takes none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.inputs import argument_place, certainly, facts, of_rows, predicts, trainings
from mlsense.rules.reading import location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.models.estimators import short, transformer_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Column, Data, Estimator

_COPES = {"classifier": "HistGradientBoostingClassifier", "regressor": "HistGradientBoostingRegressor"}


def check(trace: Trace) -> Iterator[Draft]:
    for event in trainings(trace):
        x = event.x
        if x is None or x.columns is None:
            continue
        gaps = [column for column in x.columns.items if _has_gaps(column, x)]
        leaf = _refuses(trace, event.leaves or ()) if gaps else None
        place = argument_place(trace, event)
        found = location(trace, place)
        if leaf is None or found is None:
            continue
        name, column = short(leaf.cls), max(gaps, key=_count)
        more = len(gaps) - 1
        others = "" if not more else ", as is another column" if more == 1 else f", as are {more} other columns"
        copes = next((_COPES[kind] for kind in leaf.kinds if kind in _COPES), None)
        instead = f", or take `{copes}`, which copes with them" if copes is not None else ""
        count, rows = _count(column), of_rows(x)
        missing = f"{count:,}{rows}" if rows else "one row" if count == 1 else f"{count:,} rows"
        yield Draft(
            f"`{column.name}` is missing in {missing}{others}, and `{name}` takes no missing values: `fit` raises "
            f"ValueError. Put a `SimpleImputer` before it{instead}.",
            found,
            related(trace, (event.call, f"`{name}` is fitted here")) if place != event.call else (),
        )


def _count(column: Column) -> int:
    return max(column.missing, column.profile.nans if column.profile is not None else 0)


def _has_gaps(column: Column, x: Data) -> bool:
    return column.gaps is True and certainly(x, _count(column))


def _refuses(trace: Trace, leaves: tuple[Estimator, ...]) -> Estimator | None:
    """The first step that takes no gaps, if none before it fills them; scalers leave them where they are."""
    for leaf in leaves:
        known, model = facts(trace, leaf), transformer_model(leaf.cls)
        if known is None or known.nan is None:
            return None
        if not known.nan:
            return leaf
        if predicts(leaf) or model is None or model.family != "scaler":
            return None
    return None


RULE = Rule(
    name="nan-to-estimator",
    family="dtype",
    severity=Severity.ERROR,
    summary="Missing values go into an estimator that takes none.",
    finds="""
        `fit` and cross-validation of estimators that refuse missing values in the version of scikit-learn in force, as
        each release was asked, on a table with gaps in it. Where the gaps are is read off the data file in the
        workspace, or off the table as it is written down; `shift` and `diff` leave some too, and
        `to_numeric(errors="coerce")` where a text of the file is no number.
        """,
    matters="""
        `fit` raises `ValueError: Input X contains NaN`. Trees, forests and HistGradientBoosting take gaps as they are;
        linear models, support vector machines, nearest neighbours, PCA and GradientBoosting do not.
        """,
    silent="""
        Gaps that were filled, rows with gaps that were dropped, rows that were chosen in a way that may have left the
        gaps out; an imputer before the model; a `ColumnTransformer`; estimators that take gaps, and those of other
        libraries (XGBoost, LightGBM and CatBoost take them); files that are not in the workspace; code inside `try`.
        """,
    repair="There is none: whether to fill the gaps, and with what, or to drop the rows, only you know.",
    raises=("ValueError",),
    bad=(
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LinearRegression

            sales = pd.DataFrame({"sold": [3.0, 4.0, 6.0, 5.0, 7.0, 8.0], "price": [2, 2, 1, 2, 1, 1]})
            sales["before"] = sales["sold"].shift(1)
            LinearRegression().fit(sales[["before", "price"]], sales["sold"])  # <- nan-to-estimator
            """
        ),
        example(
            """
            from io import StringIO

            import pandas as pd
            from sklearn.linear_model import LogisticRegression

            people = pd.read_csv(StringIO("paid,left\\n12.5,0\\n-,1\\n30.0,0\\n-,1\\n8.0,1\\n"))
            people["paid"] = pd.to_numeric(people["paid"], errors="coerce")
            LogisticRegression().fit(people[["paid"]], people["left"])  # <- nan-to-estimator
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression

            houses = pd.DataFrame({"area": [80, np.nan, 120, 70], "rooms": [3, 3, 5, 2], "price": [200, 230, 310, 160]})
            X, y = houses[["area", "rooms"]], houses["price"]
            model = LinearRegression().fit(X, y)  # <- nan-to-estimator
            """
        ),
        example(
            """
            from io import StringIO

            import pandas as pd
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC

            people = pd.read_csv(StringIO("age,income,bought\\n25,31,0\\n32,NA,0\\n47,88,1\\n51,,1\\n"))
            model = make_pipeline(StandardScaler(), SVC())
            model.fit(people.drop(columns=["bought"]), people["bought"])  # <- nan-to-estimator
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import train_test_split

            no = np.nan
            table = pd.DataFrame(
                {
                    "dose": [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20],
                    "weight": [70, 71, 68, 80, 77, 75, 69, 90, 85, 72, no, no, no, no, no, no, no, no, no, no],
                    "effect": [2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40],
                }
            )
            train, test = train_test_split(table, random_state=0)
            model = Ridge()
            model.fit(train[["dose", "weight"]].values, train["effect"])  # <- nan-to-estimator
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.decomposition import PCA

            flowers = pd.DataFrame({"length": [1.2, None, 2.3], "width": [0.4, 0.3, 0.9]})
            print(PCA(n_components=1).fit_transform(flowers))  # <- nan-to-estimator
            """
        ),
    ),
    good=(
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LinearRegression

            sales = pd.DataFrame({"sold": [3.0, 4.0, 6.0, 5.0, 7.0, 8.0], "price": [2, 2, 1, 2, 1, 1]})
            sales["before"] = sales["sold"].shift(1)
            sales["change"] = sales["sold"].diff().fillna(0)
            sales["second"] = sales["sold"].shift(2, fill_value=0)
            sales = sales.iloc[1:]
            print(LinearRegression().fit(sales[["before", "change", "second", "price"]], sales["sold"]).coef_)
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.impute import SimpleImputer
            from sklearn.linear_model import LinearRegression
            from sklearn.pipeline import make_pipeline

            houses = pd.DataFrame({"area": [80, np.nan, 120, 70], "rooms": [3, 3, 5, 2], "price": [200, 230, 310, 160]})
            model = make_pipeline(SimpleImputer(), LinearRegression())
            print(model.fit(houses[["area", "rooms"]], houses["price"]).predict(houses[["area", "rooms"]]))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.ensemble import HistGradientBoostingRegressor, RandomForestRegressor

            houses = pd.DataFrame({"area": [80, np.nan, 120, 70], "price": [200, 230, 310, 160]})
            for model in (RandomForestRegressor(n_estimators=5), HistGradientBoostingRegressor()):
                print(model.fit(houses[["area"]], houses["price"]).predict(houses[["area"]]))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression

            houses = pd.DataFrame({"area": [80, np.nan, 120, 70], "price": [200, 230, 310, 160]})
            full = houses.dropna()
            print(LinearRegression().fit(full[["area"]], full["price"]).coef_)
            known = houses[houses["area"].notna()]
            print(LinearRegression().fit(known[["area"]], known["price"]).coef_)
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression

            houses = pd.DataFrame({"area": [80, np.nan, 120, 70], "price": [200, 230, 310, 160]})
            houses["area"] = houses["area"].fillna(90)
            print(LinearRegression().fit(houses[["area"]], houses["price"]).coef_)
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression

            houses = pd.DataFrame({"area": [80, np.nan, 120, 70], "rooms": [3, 3, 5, 2], "price": [200, 230, 310, 160]})
            print(LinearRegression().fit(houses[["rooms"]], houses["price"]).coef_)
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.preprocessing import StandardScaler
            from sklearn.tree import DecisionTreeRegressor

            houses = pd.DataFrame({"area": [80, np.nan, 120, 70], "price": [200, 230, 310, 160]})
            scaled = StandardScaler().fit_transform(houses[["area"]])
            print(DecisionTreeRegressor().fit(scaled, houses["price"]).get_depth())
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression

            houses = pd.DataFrame({"area": [80, np.nan, 120, 70], "price": [200, 230, 310, 160]})
            try:
                LinearRegression().fit(houses[["area"]], houses["price"])
            except ValueError as error:
                print(error)
            """
        ),
    ),
    check=check,
)
