"""A feature is numbered by `LabelEncoder`, in the order of the alphabet, and a model reads the numbers as amounts."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.after_split import Move, Parts, column_target, parts_of, reaches
from mlsense.rules.before_model import put_before
from mlsense.rules.blocks import Block, block_of
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.importing import imported_beside, imported_from
from mlsense.rules.preprocessing.tree_scaled import is_tree
from mlsense.rules.reading import location, node_at, place_in, related, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import CrossValidate, Fit, Split
from mlsense.semantics.models.estimators import short
from mlsense.semantics.values import MAIN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.rules.finding import Edit
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Estimator, Learned, Place

_MODELS = frozenset(["classifier", "regressor", "clusterer"])
# They take numbers for names: as categories of their own, or one by one.
_BY_NAME = frozenset(
    "CategoricalNB CatBoostClassifier CatBoostRegressor LGBMClassifier LGBMRegressor DummyClassifier".split()
)
_ONE_BY_ONE = ("OneHotEncoder", "TargetEncoder", "get_dummies")
# So many columns are hardly all of two values.
_SEVERAL = 3


def check(trace: Trace) -> Iterator[Draft]:
    users: dict[Place, list[tuple[Fit | CrossValidate, Learned]]] = {}
    fitted: list[Fit | CrossValidate] = [*trace.that(_takes_numbers, Fit)]
    for event in (*fitted, *trace.that(_takes_numbers, CrossValidate)):
        for item in _numbered(event):
            users.setdefault(item.origin.place, []).append((event, item))
    for place, uses in users.items():
        found = location(trace, place)
        if found is None or any(_is_target(trace, item, event) for event, item in uses):
            continue
        counting = [event for event, _ in uses if not is_tree(_model(event))]
        event = counting[0] if counting else uses[0][0]
        names = list(dict.fromkeys(name for _, item in uses for name in item.columns or ()))
        several = len(names) >= _SEVERAL or any(_is_one_of_many(trace, item) for _, item in uses)
        yield Draft(
            _message(trace, place, uses[0][1], names, event, bool(counting)),
            found,
            related(trace, (event.call, "a model learns from the numbers here")),
            _one_hot(trace, users, event, place) if counting else _ordinal(trace, place),
            Severity.WARNING if counting and several else None,
        )


def _model(event: Fit | CrossValidate) -> Estimator:
    return event.leaves[-1] if event.leaves else event.before if isinstance(event, Fit) else event.estimator  # type: ignore[return-value]


def _takes_numbers(event: Fit | CrossValidate) -> bool:
    return bool(_numbered(event))


def _numbered(event: Fit | CrossValidate) -> list[Learned]:
    """The features that `LabelEncoder` numbered and nothing turned into columns of their own since."""
    if event.x is None or not event.leaves or not _MODELS & set(event.leaves[-1].kinds):
        return []
    later = {short(leaf.cls) for leaf in event.leaves} | {item.what for item in event.x.learned}
    if short(event.leaves[-1].cls) in _BY_NAME or later & set(_ONE_BY_ONE):
        return []
    return [item for item in event.x.learned if item.what == "LabelEncoder"]


def _is_target(trace: Trace, item: Learned, event: Fit | CrossValidate) -> bool:
    """Whether it is what a model is to find out, here or elsewhere, or may be."""
    if event.y is None and "clusterer" not in _model(event).kinds:
        return True
    if _is_one_of_many(trace, item):
        # Features and target alike.
        return False
    return any(
        (other.origin, other.columns) == (item.origin, item.columns)
        for fit in trace.that(_on_numbers, Fit)
        if fit.y is not None
        for other in fit.y.learned
    )


def _is_one_of_many(trace: Trace, item: Learned) -> bool:
    """Whether it stands for every column that a loop goes through, none of them known by name."""
    return item.columns is None and any(fit.record.origin == item.origin for fit in trace.that(_each_column, Fit))


def _each_column(event: Fit) -> bool:
    """Whether it numbers one column after the other, the names of which are not known."""
    through = event.loops[-1] if event.loops else None
    numbers = short(event.after.cls) == "LabelEncoder"
    return numbers and through is not None and through.iterates in ("list", "data", "unknown")


def _on_numbers(event: Fit) -> bool:
    return event.y is not None and any(item.what == "LabelEncoder" for item in event.y.learned)


def _message(
    trace: Trace, place: Place, item: Learned, names: list[str], event: Fit | CrossValidate, counts: bool
) -> str:
    what = f"`{names[0]}`" if len(names) == 1 else "the columns" if names else "a feature"
    by = "`LabelEncoder`" if item.by == item.what else f"`{item.by}` (LabelEncoder)"
    model, there = short(_model(event).cls), where(trace, event.call, place)
    if counts:
        return (
            f"{by} numbers {what} in the order of the alphabet, and `{model}` {there} reads the numbers as amounts: "
            f"value 2 counts as twice value 1. With two values that is no matter; with more, use `OneHotEncoder`."
        )
    return (
        f"{by} is made for targets: it takes one column, and raises on a value it has not seen. `OrdinalEncoder` "
        f"numbers features in the same way, all columns at once, and `handle_unknown` says what becomes of new values; "
        f"the trees of `{model}` cope with the made-up order."
    )


def _ordinal(trace: Trace, place: Place) -> Fix | None:
    """`LabelEncoder().fit_transform(X["a"])` becomes `OrdinalEncoder().fit_transform(X[["a"]])`."""
    call = node_at(trace, place)
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or place.unit.module != MAIN:
        return None
    maker, arguments = call.func.value, call.args
    if call.func.attr != "fit_transform" or not isinstance(maker, ast.Call) or len(arguments) != 1 or call.keywords:
        return None
    column = arguments[0]
    if not (isinstance(maker.func, ast.Name) and maker.func.id == "LabelEncoder" and not maker.args):
        return None
    if not isinstance(column, ast.Subscript) or not isinstance(column.slice, (ast.Constant, ast.Name)):
        return None
    key = editing.text_at(trace, place_in(place, column.slice))
    edits: list[Edit | None] = [
        editing.replaced(trace, place_in(place, maker.func), "OrdinalEncoder"),
        editing.replaced(trace, place_in(place, column.slice), f"[{key}]"),
    ]
    if imported_from(trace, "OrdinalEncoder") is None:
        edits.append(imported_beside(trace, "sklearn.preprocessing", "OrdinalEncoder", "LabelEncoder"))
    return Fix.of("Use `OrdinalEncoder`", "unsafe", *edits)


def _one_hot(
    trace: Trace, users: dict[Place, list[tuple[Fit | CrossValidate, Learned]]], event: Fit | CrossValidate, here: Place
) -> Fix | None:
    """All columns that are numbered for a model go through `OneHotEncoder`, in one pipeline with the model."""
    block = block_of(trace, *users, event.call)
    estimator = event.before if isinstance(event, Fit) else event.estimator
    parts = _handed_over(trace, block, event) if block is not None else None
    if block is None or parts is None or estimator is None or event.x is None or event.x.kind != "frame":
        return None
    moves: dict[str, int] = {}
    source = ""
    for place, uses in users.items():
        number = block.number(place)
        target = column_target(block.at(number)) if number is not None else None
        call = node_at(trace, place)
        if number is None or target is None or not isinstance(target.value, ast.Name) or len(uses) != 1:
            return None
        if source not in ("", target.value.id) or uses[0][0] is not event or not isinstance(call, ast.Call):
            return None
        source = target.value.id
        name = target.slice.value if isinstance(target.slice, ast.Constant) else None
        if not isinstance(name, str) or name in moves or uses[0][1].columns != (name,):
            return None
        given = [f"{source}[{name!r}]", f"{source}.{name}"]
        statement = block.at(number)
        if not isinstance(statement, ast.Assign) or statement.value is not call or len(call.args) != 1:
            return None
        if ast.unparse(call.args[0]) not in given or call.keywords:
            return None
        moves[name] = number
    for name, number in moves.items():
        others = tuple(other for other in moves.values() if other != number)
        if not reaches(block, (name,), Move((number,), source, (), columns=True), parts, others):
            return None
    if any(event.x.columns is None or event.x.columns.get(name) is None for name in moves):
        return None
    listed = ", ".join(f'"{name}"' for name in moves)
    step = f'make_column_transformer((OneHotEncoder(handle_unknown="ignore"), [{listed}]), remainder="passthrough")'
    brings = (
        ("sklearn.compose", "make_column_transformer"),
        ("sklearn.pipeline", "make_pipeline"),
        ("sklearn.preprocessing", "OneHotEncoder"),
    )
    wrapped = put_before(trace, estimator, step, brings)
    places = [block.place(number) for number in moves.values()]
    gone = [editing.deleted(trace, place) if place is not None else None for place in places]
    kept = tuple(edit for edit in (*gone, *(wrapped or ())) if edit is not None)
    if wrapped is None or len(kept) != len(gone) + len(wrapped):
        return None
    columns = " and ".join(f"`{name}`" for name in moves) if len(moves) < _SEVERAL else "them"
    return Fix(f"Give each value of {columns} a column of its own, with `OneHotEncoder`", "unsafe", kept)


def _handed_over(trace: Trace, block: Block, event: Fit | CrossValidate) -> Parts | None:
    """The call that divides the rows, or the one that the model gets them by."""
    rows = event.x.rows if event.x is not None else None
    chosen = {choice.selector for part in (rows.parts if rows is not None else ()) for choice in part.path}
    split = next((each for each in trace.of(Split) if each.selector in chosen), None)
    if split is not None:
        return parts_of(trace, block, split, 0)
    call, number = node_at(trace, event.call), block.number(event.call)
    rest = call.args[isinstance(event, CrossValidate) :] if isinstance(call, ast.Call) else []
    if number is None or not isinstance(call, ast.Call) or not rest:
        return None
    return Parts(call, event.call, rest[0], "", "", {}, number)


RULE = Rule(
    name="labelencoder-on-X",
    family="encoding",
    severity=Severity.INFORMATION,
    summary="Features are numbered by `LabelEncoder`, which is made for targets.",
    finds="""
        A model that learns from features which `LabelEncoder` numbered, one by one or in a loop over columns. Where
        three or more columns are numbered so for a model that adds up or compares amounts, it is a warning.
        """,
    matters="""
        `LabelEncoder` numbers values in the order of the alphabet: Bonn 0, Oslo 1, Paris 2. A linear model, a support
        vector machine or k-nearest neighbours then take Oslo for the mean of Bonn and Paris. With two values there is
        no harm. Trees can split the order up again, at the price of deeper trees; for them `OrdinalEncoder` does the
        same for all columns at once, belongs into a pipeline, and has an answer to values it has not seen, on which
        `LabelEncoder` raises.
        """,
    silent="""
        Targets, however they are encoded; numbers that become columns of their own afterwards (`OneHotEncoder`,
        `get_dummies`); models that take numbers for names (`CategoricalNB`, CatBoost, LightGBM); networks, which may
        embed them; features that no model learns from.
        """,
    repair="""
        For trees, `LabelEncoder().fit_transform(X["town"])` becomes `OrdinalEncoder().fit_transform(X[["town"]])`: the
        same numbers. For other models the columns that go into the model unchanged get a column for each value, by
        `OneHotEncoder(handle_unknown="ignore")` in one pipeline with the model. Both are offered as unsafe: the
        features become others.
        """,
    bad=(
        example(
            """
            import pandas as pd
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.preprocessing import LabelEncoder

            people = pd.DataFrame({"town": ["Rome", "Oslo", "Bonn", "Oslo"] * 5, "rich": [0, 1, 1, 0] * 5})
            people["town"] = LabelEncoder().fit_transform(people["town"])  # <- labelencoder-on-X
            forest = RandomForestClassifier(n_estimators=10, random_state=0)
            forest.fit(people[["town"]], people["rich"])
            print(forest.predict(people[["town"]])[:3])
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression
            from sklearn.preprocessing import LabelEncoder

            people = pd.DataFrame({"town": ["Rome", "Oslo", "Bonn", "Oslo"] * 5, "rich": [0, 1, 1, 0] * 5})
            encoder = LabelEncoder()
            people["code"] = encoder.fit_transform(people["town"])  # <- labelencoder-on-X
            model = LogisticRegression().fit(people[["code"]], people["rich"])
            print(model.coef_)
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.model_selection import cross_val_score
            from sklearn.naive_bayes import GaussianNB
            from sklearn.preprocessing import LabelEncoder

            people = pd.DataFrame(
                {
                    "town": ["Rome", "Oslo", "Bonn", "Oslo"] * 5,
                    "job": ["cook", "nurse", "cook", "smith"] * 5,
                    "car": ["none", "old", "old", "new"] * 5,
                    "rich": [0, 1, 1, 0] * 5,
                }
            )
            for name in ["town", "job", "car"]:
                people[name] = LabelEncoder().fit_transform(people[name])  # <- labelencoder-on-X
            print(cross_val_score(GaussianNB(), people[["town", "job", "car"]], people["rich"]))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.linear_model import LinearRegression
            from sklearn.preprocessing import LabelEncoder

            rows = np.array([["Rome", 50.0], ["Oslo", 70.0], ["Bonn", 60.0], ["Oslo", 90.0]], dtype=object)
            rents = [600.0, 1100.0, 700.0, 1400.0]
            encoder = LabelEncoder()
            rows[:, 0] = encoder.fit_transform(rows[:, 0])  # <- labelencoder-on-X
            print(LinearRegression().fit(rows, rents).coef_)
            """
        ),
    ),
    good=(
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import OneHotEncoder

            people = pd.DataFrame({"town": ["Rome", "Oslo", "Bonn", "Oslo"] * 5, "rich": [0, 1, 1, 0] * 5})
            model = make_pipeline(OneHotEncoder(handle_unknown="ignore"), LogisticRegression())
            print(model.fit(people[["town"]], people["rich"]).predict(people[["town"]])[:3])
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.preprocessing import LabelEncoder
            from sklearn.tree import DecisionTreeClassifier

            flowers = pd.DataFrame({"length": [1.0, 4.0, 1.2, 4.4], "kind": ["setosa", "other", "setosa", "other"]})
            flowers["kind"] = LabelEncoder().fit_transform(flowers["kind"])
            X, y = flowers.iloc[:, :1], flowers["kind"]
            print(DecisionTreeClassifier().fit(X, y).predict(X))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LogisticRegression
            from sklearn.preprocessing import LabelEncoder

            X, y = load_iris(return_X_y=True)
            codes = LabelEncoder().fit_transform(y)
            print(LogisticRegression(max_iter=1000).fit(X, codes).predict(X)[:3])
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.compose import ColumnTransformer
            from sklearn.linear_model import LinearRegression
            from sklearn.preprocessing import LabelEncoder, OneHotEncoder

            rows = np.array([["Rome", 50.0], ["Oslo", 70.0], ["Bonn", 60.0], ["Oslo", 90.0]], dtype=object)
            rows[:, 0] = LabelEncoder().fit_transform(rows[:, 0])
            columns = ColumnTransformer([("town", OneHotEncoder(), [0])], remainder="passthrough")
            print(LinearRegression().fit(columns.fit_transform(rows), [600.0, 1100.0, 700.0, 1400.0]).coef_)
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.naive_bayes import CategoricalNB
            from sklearn.preprocessing import LabelEncoder

            people = pd.DataFrame({"town": ["Rome", "Oslo", "Bonn", "Oslo"] * 5, "rich": [0, 1, 1, 0] * 5})
            people["town"] = LabelEncoder().fit_transform(people["town"])
            print(CategoricalNB().fit(people[["town"]], people["rich"]).predict(people[["town"]])[:3])
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.preprocessing import LabelEncoder

            people = pd.DataFrame({"town": ["Rome", "Oslo", "Bonn", "Oslo"] * 5, "rich": [0, 1, 1, 0] * 5})
            people["code"] = LabelEncoder().fit_transform(people["town"])
            print(people.groupby("code")["rich"].mean())
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.preprocessing import LabelEncoder, OrdinalEncoder

            people = pd.DataFrame({"town": ["Rome", "Oslo", "Bonn"] * 5, "rich": ["no", "yes", "yes"] * 5})
            people["rich"] = LabelEncoder().fit_transform(people["rich"])
            people["town"] = OrdinalEncoder().fit_transform(people[["town"]])[:, 0]
            forest = RandomForestClassifier(n_estimators=10, random_state=0)
            forest.fit(people.drop(columns="rich"), people["rich"])
            print(forest.classes_)
            """
        ),
    ),
    check=check,
)
