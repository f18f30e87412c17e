"""Indicator columns made of the training rows and, separately, of the test rows: they need not be the same columns."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.blocks import block_of
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import (
    bound_names,
    calls_of,
    innermost,
    location,
    node_at,
    related,
    shown_at,
    trained_on,
    where,
    written,
)
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Called, Evaluate
from mlsense.semantics.regions import Overlap, overlap
from mlsense.semantics.values import Method, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Learned


def check(trace: Trace) -> Iterator[Draft]:
    if trace.that(_fixes_categories, Called):
        return
    for event in trace.that(_meets_other_columns, Evaluate):
        pair = _separately(event)
        if pair is None:
            continue
        own, twin = pair
        place = shown_at(trace, own.origin, twin.origin, own.rows)
        there = shown_at(trace, twin.origin, own.origin, twin.rows)
        found = location(trace, place)
        if found is None:
            continue
        name = trained_on(trace, event.fit)
        columns = f"{name}.columns" if name is not None and name.isidentifier() else "the training columns"
        yield Draft(
            f"`{written(trace, place, own.by)}` makes columns of the values that occur in the rows `{event.callee}` "
            f"gets, `{written(trace, there, twin.by)}` {where(trace, there, place)} of those the model learned from: a "
            f"value that only one of them has makes other columns, and the model raises or takes one column for "
            f"another. Bring them to the same columns: `.reindex(columns={columns}, fill_value=0)`.",
            found,
            related(trace, (there, "the training columns are made here"), (event.call, "the two meet here")),
            _reindexed(trace, own, twin, name),
        )


def _meets_other_columns(event: Evaluate) -> bool:
    return not event.assumed and _separately(event) is not None


def _separately(event: Evaluate) -> tuple[Learned, Learned] | None:
    """What made the columns of these rows, and what made those of the training rows out of other rows."""
    trained = [item for item in event.fit.learned if item.family == "dummies"]
    tested = [item for item in event.x.learned if item.family == "dummies"]
    if {item.origin for item in trained} & {item.origin for item in tested}:
        return None
    return next(
        (
            (own, twin)
            for own in tested
            for twin in trained
            if own.columns == twin.columns and overlap(own.rows, twin.rows) is Overlap.DISJOINT
        ),
        None,
    )


def _fixes_categories(event: Called) -> bool:
    """Whether it says which values there are, wherever they occur: categories, bins."""
    name = event.callee.name.rpartition(".")[2]
    if isinstance(event.callee, Symbol):
        return event.callee.name.startswith("pandas.") and name in ("Categorical", "CategoricalDtype", "cut", "qcut")
    to_category = name == "astype" and any(getattr(value, "value", None) == "category" for value in event.args)
    return isinstance(event.callee, Method) and (to_category or name in ("set_categories", "align"))


def _reindexed(trace: Trace, own: Learned, twin: Learned, trained: str | None) -> Fix | None:
    """`.reindex(columns=..., fill_value=0)` behind the call, where the training columns have a name by then."""
    call, statement = node_at(trace, own.origin.place), innermost(trace, twin.origin.place)
    names = bound_names(trace, twin.origin.place)
    if (
        calls_of(own.origin) != calls_of(twin.origin)
        or trained is None
        or names != (trained,)
        or not isinstance(call, ast.Call)
    ):
        return None
    plain = isinstance(statement, ast.Assign) and node_at(trace, twin.origin.place) is statement.value
    first, second = trace.line_of(twin.origin.place), trace.line_of(own.origin.place)
    block = block_of(trace, twin.origin.place, own.origin.place)
    here = block.number(twin.origin.place) if block is not None else None
    if block is None or here is None:
        return None
    later = [use for use in block.uses(trained) if not use.mention.reads and use.number > here]
    if not plain or first is None or second is None or first >= second or later:
        return None
    text = editing.text_at(trace, own.origin.place)
    edit = editing.replaced(trace, own.origin.place, f"{text}.reindex(columns={trained}.columns, fill_value=0)")
    return None if text is None or edit is None else Fix(f"Bring it to the columns of `{trained}`", "safe", (edit,))


RULE = Rule(
    name="get-dummies-mismatch",
    family="encoding",
    severity=Severity.WARNING,
    summary="`get_dummies` makes the columns of the training rows and of the test rows separately.",
    finds="""
        `pd.get_dummies(train)` and `pd.get_dummies(test)`, of which a model learns from the one and is used on the
        other, without anything between that brings them to the same columns.
        """,
    matters="""
        `get_dummies` makes a column for each value that occurs. If no test row is from Berlin, the test table has no
        column for Berlin: scikit-learn then raises, because the names differ. With arrays or neural networks, and as
        many columns by chance, nothing raises, and the column of Rome is read as that of Paris. In production there is
        one row, so nearly all columns are missing.
        """,
    silent="""
        `reindex`, `align`, columns picked by name or by the columns of the other table, columns set by hand afterwards,
        one `get_dummies` for all rows, categorical columns or bins, which know values that do not occur.
        """,
    repair="""
        Adds `.reindex(columns=X_train.columns, fill_value=0)`: missing columns are filled with 0, others left out.
        Safe. It is offered where the training table has a name; `OneHotEncoder(handle_unknown="ignore")` in a pipeline
        does the same by itself.
        """,
    bad=(
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            people = pd.DataFrame({"town": ["Rome", "Paris", "Oslo", "Rome"] * 6, "age": range(24)})
            X_train, X_test, y_train, y_test = train_test_split(people, [0, 1, 1, 0] * 6, random_state=0)
            X_train = pd.get_dummies(X_train)
            X_test = pd.get_dummies(X_test)  # <- get-dummies-mismatch
            print(LogisticRegression(max_iter=1000).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.ensemble import RandomForestClassifier

            train = pd.DataFrame({"port": ["S", "C", "Q", "S"], "fare": [7.0, 71.0, 8.0, 9.0], "alive": [0, 1, 0, 0]})
            test = pd.DataFrame({"port": ["Q", "C", "S"], "fare": [8.0, 70.0, 7.5]})
            features = ["port", "fare"]
            X = pd.get_dummies(train[features])
            X_new = pd.get_dummies(test[features])  # <- get-dummies-mismatch
            forest = RandomForestClassifier(n_estimators=10, random_state=1)
            forest.fit(X, train["alive"])
            print(forest.predict(X_new))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier


            def prepared(table):
                table = pd.get_dummies(table, columns=["town"], drop_first=True)
                return table.to_numpy()


            people = pd.DataFrame({"town": ["Rome", "Paris", "Oslo", "Rome"] * 6, "age": range(24)})
            train, test, y_train, y_test = train_test_split(people, [0, 1, 1, 0] * 6, random_state=0)
            tree = DecisionTreeClassifier().fit(prepared(train), y_train)
            print(tree.score(prepared(test), y_test))  # <- get-dummies-mismatch
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import Ridge
            from sklearn.preprocessing import StandardScaler

            cars = pd.DataFrame(
                {
                    "fuel": ["oil", "gas", "oil", "gas", "oil", "gas", "gas", "oil"],
                    "weight": [1.2, 1.0, 1.4, 0.9, 1.3, 1.1, 1.0, 1.5],
                    "price": [20, 18, 25, 15, 22, 17, 16, 27],
                }
            )
            old, new = cars[:6], cars[6:]
            old_X = pd.get_dummies(old.drop(columns="price"))
            new_X = pd.get_dummies(new.drop(columns="price"))  # <- get-dummies-mismatch
            scaler = StandardScaler().fit(old_X)
            model = Ridge().fit(scaler.transform(old_X), old["price"])
            print(model.predict(scaler.transform(new_X)))
            """
        ),
    ),
    good=(
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            people = pd.DataFrame({"town": ["Rome", "Paris", "Oslo", "Rome"] * 6, "age": range(24)})
            X_train, X_test, y_train, y_test = train_test_split(people, [0, 1, 1, 0] * 6, random_state=0)
            X_train = pd.get_dummies(X_train)
            X_test = pd.get_dummies(X_test).reindex(columns=X_train.columns, fill_value=0)
            print(LogisticRegression(max_iter=1000).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            people = pd.DataFrame({"town": ["Rome", "Paris", "Oslo", "Rome"] * 6, "age": range(24)})
            people = pd.get_dummies(people)
            X_train, X_test, y_train, y_test = train_test_split(people, [0, 1, 1, 0] * 6, random_state=0)
            print(LogisticRegression(max_iter=1000).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            people = pd.DataFrame({"town": ["Rome", "Paris", "Oslo", "Rome"] * 6, "age": range(24)})
            X_train, X_test, y_train, y_test = train_test_split(people, [0, 1, 1, 0] * 6, random_state=0)
            X_train, X_test = pd.get_dummies(X_train), pd.get_dummies(X_test)
            X_train, X_test = X_train.align(X_test, join="left", axis=1, fill_value=0)
            print(LogisticRegression(max_iter=1000).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            people = pd.DataFrame({"town": ["Rome", "Paris", "Oslo", "Rome"] * 6, "age": range(24)})
            X_train, X_test, y_train, y_test = train_test_split(people, [0, 1, 1, 0] * 6, random_state=0)
            X_train, X_test = pd.get_dummies(X_train), pd.get_dummies(X_test)
            for name in X_train.columns:
                if name not in X_test:
                    X_test[name] = 0
            X_test = X_test[X_train.columns]
            print(LogisticRegression(max_iter=1000).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            people = pd.DataFrame({"town": ["Rome", "Paris", "Oslo", "Rome"] * 6, "age": range(24)})
            people["town"] = people["town"].astype("category")
            X_train, X_test, y_train, y_test = train_test_split(people, [0, 1, 1, 0] * 6, random_state=0)
            model = LogisticRegression(max_iter=1000).fit(pd.get_dummies(X_train), y_train)
            print(model.score(pd.get_dummies(X_test), y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.ensemble import RandomForestClassifier

            train = pd.DataFrame({"port": ["S", "C", "Q", "S"], "fare": [7.0, 71.0, 8.0, 9.0], "alive": [0, 1, 0, 0]})
            test = pd.DataFrame({"port": ["Q", "C", "S"], "fare": [8.0, 70.0, 7.5]})
            both = pd.get_dummies(pd.concat([train.drop(columns="alive"), test]))
            X, X_new = both[: len(train)], both[len(train) :]
            forest = RandomForestClassifier(n_estimators=10, random_state=1).fit(X, train["alive"])
            print(forest.predict(X_new))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            people = pd.DataFrame({"town": ["Rome", "Paris", "Oslo", "Rome"] * 6, "age": range(24)})
            X_train, X_test, y_train, y_test = train_test_split(people, [0, 1, 1, 0] * 6, random_state=0)
            names = ["age", "town_Rome", "town_Paris"]
            model = LogisticRegression(max_iter=1000).fit(pd.get_dummies(X_train)[names], y_train)
            print(model.score(pd.get_dummies(X_test)[names], y_test))
            """
        ),
    ),
    check=check,
)
