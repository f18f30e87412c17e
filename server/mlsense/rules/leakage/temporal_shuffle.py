"""Rows that follow each other in time are dealt out at random, or a feature looks ahead."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at, place_in, related, shown_at, where, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.splitters import exchanged, splitter_at
from mlsense.rules.values import insertion
from mlsense.semantics.events import CrossValidate, Evaluate, Event, Fit, Folds, Split
from mlsense.semantics.models.frames import single_name
from mlsense.semantics.values import Moved, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Data


@dataclass(frozen=True, slots=True)
class Evidence:
    """What says that rows follow each other in time: how the program writes it, where, and the column that holds it."""

    how: str
    origin: Origin
    column: str
    strong: bool
    moved: bool = True


def check(trace: Trace) -> Iterator[Draft]:
    yield from _shuffled(trace)
    yield from _looking_ahead(trace)


# --- a split that shuffles -----------------------------------------------------------------------------


def _shuffled(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_shuffles, Event):
        if not isinstance(event, (Split, CrossValidate, Folds)):
            continue
        if isinstance(event, Folds) and not any(_tests_fold(other, event) for other in trace.of(Evaluate)):
            continue
        tables = _tables(event)
        evidence = _evidence(tables)
        if evidence is None:
            continue
        place = shown_at(trace, event.origin, Origin(event.origin.place), next((t.rows for t in tables if t), None))
        found = location(trace, place)
        if found is None:
            continue
        split = isinstance(event, Split)
        how = written(trace, evidence.origin.place, evidence.how)
        subject = f"`{evidence.column}` is `{how}`" if evidence.column else f"`{how}` stands"
        says = "rows know others near them" if evidence.moved else "rows follow each other in time"
        deals = "deals them out at random" if split else "tests on some picked at random"
        yield Draft(
            f"{subject} {where(trace, evidence.origin.place, place)}, so {says}, and `{event.callee}` {deals}: what "
            f"lies just before and after each test row is among the training rows, and the score is too good. "
            + ("Pass `shuffle=False`." if split else "Use `TimeSeriesSplit`."),
            found,
            related(trace, (evidence.origin.place, "this says that rows follow each other")),
            _fix(trace, event) if place == event.call else None,
            Severity.WARNING if evidence.strong else Severity.INFORMATION,
        )


def _shuffles(event: Event) -> bool:
    """Whether rows that follow each other are dealt out at random, and are not a part of a split already."""
    if not isinstance(event, (Split, CrossValidate, Folds)) or event.shuffles is not True:
        return False
    tables = _tables(event)
    parts = [part for data in tables if data is not None and data.rows is not None for part in data.rows.parts]
    first = not any(choice.kind == "split" for part in parts for choice in part.path)
    return first and _evidence(tables) is not None


def _tables(event: Split | CrossValidate | Folds) -> tuple[Data | None, ...]:
    return (event.x, event.y) if isinstance(event, CrossValidate) else event.inputs


def _tests_fold(event: Evaluate, folds: Folds) -> bool:
    """Whether a model of one of the folds meets the rows that were left out of it."""
    tested, call = event.x.rows.parts if event.x.rows is not None else (), folds.call
    headers = [loop.header for loop in event.loops if loop.iterates == "folds" and loop.header.unit == call.unit]
    in_loop = any(header.line <= call.line <= header.end_line for header in headers)
    return in_loop or any(choice.selector == folds.origin for part in tested for choice in part.path)


def _evidence(tables: tuple[Data | None, ...]) -> Evidence | None:
    known = [data for data in tables if data is not None]
    for data in known:
        for name, _, sources in data.lineage.made if data.lineage is not None else ():
            for source in sources:
                if isinstance(source, Moved):
                    return Evidence(source.how, source.origin, name, strong=True)
        for source in data.sources:
            if isinstance(source, Moved):
                return Evidence(source.how, source.origin, single_name(data) or "", strong=True)
    order = next((data.order for data in known if data.order is not None), None)
    return None if order is None else Evidence(order.how, order.origin, "", order.index, moved=False)


def _fix(trace: Trace, event: Split | CrossValidate | Folds) -> Fix | None:
    return _in_order(trace, event) if isinstance(event, Split) else _one_after_the_other(trace, event)


def _in_order(trace: Trace, split: Split) -> Fix | None:
    """`shuffle=False` among the arguments."""
    call = node_at(trace, split.call)
    if not isinstance(call, ast.Call) or split.callee != "train_test_split":
        return None
    given = {keyword.arg: keyword.value for keyword in call.keywords}
    if "stratify" in given or None in given:
        return None
    if "shuffle" in given:
        edit = editing.replaced(trace, place_in(split.call, given["shuffle"]), "False")
    else:
        edit = insertion(trace, split.call, call, "shuffle=False")
    return None if edit is None else Fix("Keep the rows in their order", "unsafe", (edit,))


def _one_after_the_other(trace: Trace, event: CrossValidate | Folds) -> Fix | None:
    """`TimeSeriesSplit` in place of the splitter: each fold is tested by what was learned from rows before it."""
    found = splitter_at(trace, event.call)
    if found is None or found.made is None or event.callee == "cross_val_predict":
        return None
    # One that other cross-validations go by as well is theirs, too.
    same = [
        other.call
        for other in trace.that(_shuffles, Event)
        if isinstance(other, (CrossValidate, Folds)) and (theirs := splitter_at(trace, other.call)) is not None
        if theirs.given == found.given
    ]
    if len(set(same)) != found.readers:
        return None
    edits = exchanged(trace, found, "TimeSeriesSplit", found.number)
    return (
        None if edits is None else Fix("Test on rows that come later, with `TimeSeriesSplit`", "unsafe", tuple(edits))
    )


# --- features that look ahead --------------------------------------------------------------------------


def _looking_ahead(trace: Trace) -> Iterator[Draft]:
    told: set[Origin] = set()
    for event in trace.that(_sees_ahead, Event):
        for column, ahead in _ahead(event):
            found = location(trace, ahead.origin.place)
            if ahead.origin in told or found is None or not isinstance(event, (Fit, CrossValidate)):
                continue
            told.add(ahead.origin)
            table = written(trace, event.x_place, "the features") if event.x_place is not None else "the features"
            what = "values of rows before and after" if ahead.either else "the value of a later row"
            yield Draft(
                f"`{column}` holds {what} and is among the columns of `{table}` "
                f"{where(trace, event.call, ahead.origin.place)}: nobody knows it yet when a forecast is made. Use "
                f"rows before alone, or drop it from the features.",
                found,
                related(trace, (event.call, "a model learns from it here")),
            )


def _sees_ahead(event: Event) -> bool:
    return any(True for _ in _ahead(event))


def _ahead(event: Event) -> Iterator[tuple[str, Moved]]:
    """The columns of the features that hold later rows, where it is known which rows are later."""
    if not isinstance(event, (Fit, CrossValidate)) or event.x is None or event.y is None or event.picks:
        return
    lineage, y, order = event.x.lineage, event.y, event.x.order
    model = event.before if isinstance(event, Fit) else event.estimator
    if lineage is None or model is None or not {"classifier", "regressor", "network"} & set(model.kinds):
        return
    forecast = any(isinstance(source, Moved) and source.ahead for source in y.sources)
    ordered = order is not None and not order.descending
    for name, identity, sources in lineage.made if forecast or ordered else ():
        for source in sources if identity not in y.sources else ():
            if isinstance(source, Moved) and source.ahead:
                yield name, source


RULE = Rule(
    name="temporal-shuffle",
    family="leakage",
    severity=Severity.WARNING,
    summary="Rows that follow each other in time are split at random, or a feature looks ahead.",
    finds="""
        A split or folds that shuffle rows of which the program itself says that they follow each other: features or a
        target from rows before or after (`shift`, `diff`, `rolling`), an index of moments, a table sorted by moments.
        And features that hold values of later rows (a negative `shift`, a centred window, a column that `bfill` or
        `interpolate` filled) in a table in the order of time, or beside a target from later rows.
        """,
    matters="""
        With Monday and Wednesday in the training part, Tuesday is no secret. The score says how well the model fills
        gaps in the past; it is used to say what comes next, and does much worse.
        """,
    silent="""
        `shuffle=False`, `TimeSeriesSplit`, slices and masks by date; a negative `shift` that makes the target; moments
        that are just a column; tables that were sorted to keep the newest row of each, or shuffled since; a second
        split of the training part; columns that are not known. A table that was merely sorted by moments is
        information.
        """,
    repair="""
        `train_test_split` gets `shuffle=False`, so the last rows are the test part; `TimeSeriesSplit` makes the folds.
        Which rows are tested changes with it, so it is offered as unsafe. `cross_val_predict` wants every row in a test
        part once, which rows in their order cannot give: there the message alone says what to do.
        """,
    bad=(
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            days = pd.date_range("2024-01-01", periods=60, freq="D").astype(str)
            sold = 20 + np.arange(60) % 7 + np.random.default_rng(0).normal(size=60)
            sales = pd.DataFrame({"day": days, "sold": sold, "price": 3 + np.arange(60) % 5})
            sales["before"] = sales["sold"].shift(1)
            sales = sales.dropna()
            X, y = sales[["before", "price"]], sales["sold"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)  # <- temporal-shuffle
            print(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            days = pd.date_range("2024-01-01", periods=60, freq="D").astype(str)
            sold = 20 + np.arange(60) % 7 + np.random.default_rng(0).normal(size=60)
            sales = pd.DataFrame({"day": days, "sold": sold, "price": 3 + np.arange(60) % 5})
            sales["day"] = pd.to_datetime(sales["day"])
            sales = sales.set_index("day")
            X, y = sales[["price"]], sales["sold"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)  # <- temporal-shuffle
            print(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import KFold, cross_val_score

            days = pd.date_range("2024-01-01", periods=60, freq="D").astype(str)
            sold = 20 + np.arange(60) % 7 + np.random.default_rng(0).normal(size=60)
            sales = pd.DataFrame({"day": days, "sold": sold, "price": 3 + np.arange(60) % 5})
            sales["week"] = sales["sold"].rolling(7).mean().shift(1)
            sales["change"] = sales["price"].diff()
            sales = sales.dropna()
            X, y = sales[["week", "change"]], sales["sold"]
            folds = KFold(5, shuffle=True, random_state=0)
            print(cross_val_score(LinearRegression(), X, y, cv=folds).mean())  # <- temporal-shuffle
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            days = pd.date_range("2024-01-01", periods=60, freq="D").astype(str)
            sold = 20 + np.arange(60) % 7 + np.random.default_rng(0).normal(size=60)
            sales = pd.DataFrame({"day": days, "sold": sold, "price": 3 + np.arange(60) % 5})
            sales["tomorrow"] = sales["sold"].shift(-1)
            sales["price_tomorrow"] = sales["price"].shift(-1)  # <- temporal-shuffle
            sales = sales.dropna()
            X, y = sales[["sold", "price_tomorrow"]], sales["tomorrow"]
            model = LinearRegression().fit(X[:40], y[:40])
            print(model.score(X[40:], y[40:]))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            days = pd.date_range("2024-01-01", periods=60, freq="D").astype(str)
            sold = 20 + np.arange(60) % 7 + np.random.default_rng(0).normal(size=60)
            sales = pd.DataFrame({"day": days, "sold": sold, "price": 3 + np.arange(60) % 5})
            sales["day"] = pd.to_datetime(sales["day"])
            sales = sales.set_index("day").sort_index()
            sales["smooth"] = sales["price"].rolling(5, center=True).mean()  # <- temporal-shuffle
            sales = sales.dropna()
            X, y = sales[["smooth"]], sales["sold"]
            model = LinearRegression().fit(X[:40], y[:40])
            print(model.score(X[40:], y[40:]))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import KFold

            days = pd.date_range("2024-01-01", periods=60, freq="D").astype(str)
            sold = 20 + np.arange(60) % 7 + np.random.default_rng(0).normal(size=60)
            sales = pd.DataFrame({"day": days, "sold": sold, "price": 3 + np.arange(60) % 5})
            sales["before"] = sales["sold"].shift(1)
            sales = sales.dropna()
            X, y = sales[["before", "price"]].values, sales["sold"].values
            scores = []
            for train, test in KFold(5, shuffle=True, random_state=0).split(X):  # <- temporal-shuffle
                model = LinearRegression().fit(X[train], y[train])
                scores.append(model.score(X[test], y[test]))
            print(np.mean(scores))
            """
        ),
    ),
    good=(
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import TimeSeriesSplit

            days = pd.date_range("2024-01-01", periods=60, freq="D").astype(str)
            sold = 20 + np.arange(60) % 7 + np.random.default_rng(0).normal(size=60)
            sales = pd.DataFrame({"day": days, "sold": sold, "price": 3 + np.arange(60) % 5})
            sales["before"] = sales["sold"].shift(1)
            sales = sales.dropna()
            X, y = sales[["before", "price"]].values, sales["sold"].values
            scores = []
            for train, test in TimeSeriesSplit(5).split(X):
                model = LinearRegression().fit(X[train], y[train])
                scores.append(model.score(X[test], y[test]))
            print(np.mean(scores))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            days = pd.date_range("2024-01-01", periods=60, freq="D").astype(str)
            sold = 20 + np.arange(60) % 7 + np.random.default_rng(0).normal(size=60)
            sales = pd.DataFrame({"day": days, "sold": sold, "price": 3 + np.arange(60) % 5})
            sales["before"] = sales["sold"].shift(1)
            sales = sales.dropna()
            X, y = sales[["before", "price"]], sales["sold"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, shuffle=False)
            print(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import TimeSeriesSplit, cross_val_score

            days = pd.date_range("2024-01-01", periods=60, freq="D").astype(str)
            sold = 20 + np.arange(60) % 7 + np.random.default_rng(0).normal(size=60)
            sales = pd.DataFrame({"day": days, "sold": sold, "price": 3 + np.arange(60) % 5})
            sales["before"] = sales["sold"].shift(1)
            sales = sales.dropna()
            X, y = sales[["before", "price"]], sales["sold"]
            print(cross_val_score(LinearRegression(), X, y, cv=TimeSeriesSplit(5)).mean())
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            days = pd.date_range("2024-01-01", periods=60, freq="D").astype(str)
            sold = 20 + np.arange(60) % 7 + np.random.default_rng(0).normal(size=60)
            sales = pd.DataFrame({"day": days, "sold": sold, "price": 3 + np.arange(60) % 5})
            sales["tomorrow"] = sales["sold"].shift(-1)
            sales = sales.dropna()
            X, y = sales[["sold", "price"]], sales["tomorrow"]
            model = LinearRegression().fit(X[:40], y[:40])
            print(model.score(X[40:], y[40:]))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            days = pd.date_range("2024-01-01", periods=60, freq="D").astype(str)
            sold = 20 + np.arange(60) % 7 + np.random.default_rng(0).normal(size=60)
            sales = pd.DataFrame({"day": days, "sold": sold, "price": 3 + np.arange(60) % 5})
            sales["day"] = pd.to_datetime(sales["day"])
            sales["weekday"] = sales["day"].dt.dayofweek
            X, y = sales[["price", "weekday"]], sales["sold"]
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

            days = pd.date_range("2024-01-01", periods=60, freq="D").astype(str)
            sold = 20 + np.arange(60) % 7 + np.random.default_rng(0).normal(size=60)
            sales = pd.DataFrame({"day": days, "sold": sold, "price": 3 + np.arange(60) % 5})
            sales["day"] = pd.to_datetime(sales["day"])
            sales = sales.sort_values("day")
            train, test = sales[sales["day"] < "2024-02-15"], sales[sales["day"] >= "2024-02-15"]
            model = LinearRegression().fit(train[["price"]], train["sold"])
            print(model.score(test[["price"]], test["sold"]))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            days = pd.date_range("2024-01-01", periods=60, freq="D").astype(str)
            sold = 20 + np.arange(60) % 7 + np.random.default_rng(0).normal(size=60)
            sales = pd.DataFrame({"day": days, "sold": sold, "price": 3 + np.arange(60) % 5})
            sales["day"] = pd.to_datetime(sales["day"])
            newest = sales.sort_values("day").drop_duplicates("price", keep="last")
            print(newest)
            sales["change"] = sales["sold"].diff()
            print(sales["change"].describe())
            X, y = sales[["price"]], sales["sold"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
    ),
    check=check,
    references=(
        "scikit-learn user guide, [cross-validation of time series](https://scikit-learn.org/stable/modules/cross_validation.html#cross-validation-of-time-series-data)",
    ),
)
