"""The target is among the features, or something computed from it, or what it was computed from."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.blocks import Block, block_of
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at, place_in, related, shown_at, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import CrossValidate, Event, Fit, Split
from mlsense.semantics.values import Data, Origin, Place

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Estimator, Lineage


PREDICTORS = frozenset(["classifier", "regressor", "network"])


@dataclass(frozen=True, slots=True)
class Read:
    """The target is found in a column of the features: itself, or `derived` from it, or what it was derived from."""

    target: str
    column: str
    derived: bool


def check(trace: Trace) -> Iterator[Draft]:
    told: set[tuple[Lineage, str]] = set()
    for event in trace.that(_reads_target, Event):
        read = _read(event)
        if read is None or not isinstance(event, (Fit, CrossValidate)) or event.x is None or event.x.lineage is None:
            continue
        if (event.x.lineage, read.column) in told:
            continue
        told.add((event.x.lineage, read.column))
        place = shown_at(trace, event.origin, Origin(event.origin.place), event.x.rows)
        if place == event.origin.place and event.x_place is not None:
            place = event.x_place
        found = location(trace, place)
        if found is not None:
            severity = Severity.WARNING if read.derived else Severity.ERROR
            features = _features(trace, event)
            fix = None if read.derived else _without(trace, event, read.column)
            yield Draft(_message(trace, event, read, place), found, related(trace, *features), fix, severity)


# --- what is in the features ---------------------------------------------------------------------------


def _reads_target(event: Event) -> bool:
    return _read(event) is not None


def _read(event: Event) -> Read | None:
    if not isinstance(event, (Fit, CrossValidate)) or event.x is None or event.y is None:
        return None
    model = event.before if isinstance(event, Fit) else event.estimator
    lineage = event.x.lineage
    if event.picks or model is None or lineage is None or not _predicts(model, event.leaves):
        return None
    if lineage.numbers and not _is_number(model, event.leaves, event.y):
        return None
    own, sources = _of_target(event.y)
    name = _name(own)
    if name is not None and lineage.holds(own):
        return Read(name, name, derived=False)
    for column, _, computed in lineage.made:
        if name is not None and own in computed:
            return Read(name, column, derived=True)
    used = [_name(each) for each in sources if lineage.holds(each)]
    if used and len(used) == len(sources) and _is_real(event.x):
        return Read(name or "", used[0] or "", derived=True)
    return None


def _is_number(model: Estimator, leaves: tuple[Estimator, ...] | None, y: Data) -> bool:
    """Whether the target is certainly among the columns of numbers: a regressor's, or one found among them."""
    last = leaves[-1] if leaves else model
    return "regressor" in last.kinds or (y.lineage is not None and y.lineage.numbers)


def _of_target(y: Data) -> tuple[Hashable, tuple[Hashable, ...]]:
    """The identity of the target's column, where it is one as it stands, and what it was computed from."""
    if y.sources:
        return (y.sources[0], y.sources[1:]) if y.lineage is not None else (None, y.sources)
    only = y.lineage.only if y.lineage is not None else None
    if y.lineage is None or only is None:
        return None, ()
    names = {*only, *(entry[0] for entry in y.lineage.made)}
    found = y.lineage.sources(names.pop()) if len(names) == 1 else ()
    return (found[0], found[1:]) if found else (None, ())


def _name(identity: Hashable) -> str | None:
    """What a column is called; None for what is not known."""
    if not isinstance(identity, tuple):
        return None
    name = identity[1] if len(identity) == 2 else identity[2]
    return name if isinstance(name, str) else None


def _predicts(model: Estimator, leaves: tuple[Estimator, ...] | None) -> bool:
    """Whether it is a model that sees all columns it is given."""
    if leaves is not None and len(leaves) == 1 and model.cls.endswith(".Booster"):
        return True
    if leaves is None or not PREDICTORS & set(leaves[-1].kinds) or "transformer" in model.kinds:
        return False
    return not any(leaf.param("ignored_features") is not None for leaf in leaves)


def _is_real(x: Data) -> bool:
    """Whether the rows were read: of those that a program makes up, the target may be a function by design."""
    parts = x.rows.parts if x.rows is not None else ()
    keys = [part.source.key for part in parts]
    return bool(keys) and all(isinstance(key, tuple) and key[:1] in (("file",), ("dataset",)) for key in keys)


# --- in words ------------------------------------------------------------------------------------------


def _message(trace: Trace, event: Fit | CrossValidate, read: Read, place: Place) -> str:
    table = written(trace, event.x_place, "the features") if event.x_place is not None else "the features"
    if not read.derived:
        return (
            f"`{read.column}` is the target and among the columns of `{table}`: the model reads the answer off it, and "
            f"its score says nothing. Drop it from the features."
        )
    target = f"`{read.target}`, the target," if read.target else "the target"
    return (
        f"`{read.column}` is among the columns of `{table}` and tells {target}: one was computed from the other. "
        f"The score is too good. Drop `{read.column}` from the features."
    )


def _features(trace: Trace, event: Fit | CrossValidate) -> list[tuple[Place | None, str]]:
    """Where the table came to be that the features are."""
    definition = _definition(trace, event)
    return [] if definition is None else [(definition[0], "the features come to be here")]


# --- the fix -------------------------------------------------------------------------------------------


def _argument(trace: Trace, event: Fit | CrossValidate) -> ast.expr | None:
    """What is handed over as features: to the split, where they are parts of one."""
    rows = event.x.rows if event.x is not None else None
    selectors = {choice.selector for part in (rows.parts if rows is not None else ()) for choice in part.path}
    for split in trace.of(Split):
        if split.selector in selectors and len(split.places) > 1:
            return node_at(trace, split.places[0])
    return node_at(trace, event.x_place) if event.x_place is not None else None


def _definition(trace: Trace, event: Fit | CrossValidate) -> tuple[Place, str] | None:
    """The one assignment that makes the table of the features, and its name."""
    argument = _argument(trace, event)
    if isinstance(argument, ast.Subscript) and isinstance(argument.slice, (ast.Slice, ast.Name)):
        # Some of its rows.
        argument = argument.value
    if not isinstance(argument, ast.Name):
        return None
    block = block_of(trace, event.call, loops=True)
    bound = block.bound_once(argument.id) if block is not None else None
    if bound is None:
        return None
    value = bound[1].value
    if not isinstance(value, (ast.Name, ast.Call, ast.Attribute, ast.Subscript)):
        return None
    return place_in(bound[0], value), argument.id


def _without(trace: Trace, event: Fit | CrossValidate, column: str) -> Fix | None:
    """The table of the features is made without the target's column."""
    definition = _definition(trace, event)
    if definition is None:
        return None
    place, name = definition
    sighting = trace.sighting(place)
    table = sighting.object if sighting is not None else None
    if isinstance(table, Data) and table.kind != "frame":
        return None
    text = editing.text_at(trace, place)
    block = block_of(trace, event.call, loops=True) or Block(trace)
    reads = [ast.unparse(block.at(use.number) or ast.Pass()) for use in block.uses(name) if block.has(use.number)]
    asked = (f"{name}[{column!r}]", f"{name}.{column}")
    if text is None or any(part in read for read in reads for part in asked):
        return None
    if text.endswith((".values", ".to_numpy()")):
        return None
    return Fix.of(
        f"Drop `{column}` from `{name}`", "safe", editing.replaced(trace, place, f'{text}.drop(columns="{column}")')
    )


RULE = Rule(
    name="target-in-features",
    family="leakage",
    severity=Severity.ERROR,
    summary="The target is among the columns that the model is trained on.",
    finds="""
        A model that is fitted or cross-validated on a table with the very column it is to predict: `drop` that was
        forgotten, `X = frame`, a list of all columns, `select_dtypes`, a table of `get_dummies`, a vector of Spark's
        `VectorAssembler`, a formula with the target on both sides. And tables with a column that was computed from the
        target, or with the column that the target was computed from.
        """,
    matters="""
        The model reads the answer off that column. Its score is perfect or nearly so, and on new rows, where nobody has
        the answer, it cannot be used at all.
        """,
    silent="""
        Columns that are not known; `pop` and `del`, which take the column out of every name of the table; lagged
        targets (`shift`, `diff`, `rolling`), which are what a forecast may know; steps that pick columns themselves;
        transformers and clusterings, which predict nothing; targets that a program makes up from its features.
        """,
    repair="""
        The table of the features is made without the column. Offered where one assignment makes that table and nobody
        asks it for the column; safe. Of computed columns the message says which to drop.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            wines = load_wine(as_frame=True).frame
            X = wines
            y = wines["target"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)  # <- target-in-features
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            wines = load_wine(as_frame=True).frame
            X = wines.drop(columns=["hue"])
            y = wines.target
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)  # <- target-in-features
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import cross_val_score
            from sklearn.tree import DecisionTreeClassifier

            wines = load_wine(as_frame=True).frame
            wines.drop(columns="target")  # <- result-discarded
            X, y = wines.iloc[:, :], wines["target"]
            print(cross_val_score(DecisionTreeClassifier(random_state=0), X, y).mean())  # <- target-in-features
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            wines = load_wine(as_frame=True).frame
            wines["first"] = (wines["target"] == 0).astype(int)
            X = wines.drop(columns="target")
            y = wines["target"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)  # <- target-in-features
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            wines = load_wine(as_frame=True).frame
            wines["strong"] = wines["alcohol"].map(lambda percent: percent > 13)
            X = wines.drop(columns="strong")
            y = wines["strong"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)  # <- target-in-features
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            wines = load_wine(as_frame=True).frame
            train, test = train_test_split(wines, random_state=0)
            model = DecisionTreeClassifier(random_state=0)
            model.fit(train, train["target"])  # <- target-in-features
            print(model.score(test, test["target"]))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            wines = load_wine(as_frame=True).frame
            X = wines.drop(columns="target")
            y = wines["target"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            wines = load_wine(as_frame=True).frame
            X = wines
            y = X.pop("target")
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            wines = load_wine(as_frame=True).frame
            y = wines["target"]
            wines.drop("target", axis=1, inplace=True)
            X = wines
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            wines = load_wine(as_frame=True).frame
            features = [name for name in wines.columns if name != "target"]
            X, y = wines[features], wines["target"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            wines = load_wine(as_frame=True).frame
            X, y = wines.iloc[:, :-1], wines.iloc[:, -1]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            wines = load_wine(as_frame=True).frame
            wines["strong"] = wines["alcohol"] > 13
            X = wines.drop(columns=["strong", "alcohol"])
            y = wines["strong"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.svm import SVC

            points = pd.DataFrame(np.random.default_rng(0).uniform(-1, 1, size=(200, 2)), columns=["x", "y"])
            inside = (points["x"] ** 2 + points["y"] ** 2) < 0.5
            print(SVC().fit(points[:150], inside[:150]).score(points[150:], inside[150:]))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LinearRegression

            sales = pd.DataFrame({"day": range(10), "sold": [3.0, 4.0, 6.0, 5.0, 7.0, 9.0, 8.0, 9.0, 12.0, 11.0]})
            sales["yesterday"] = sales["sold"].shift(1)
            sales["tomorrow"] = sales["sold"].shift(-1)
            sales = sales.dropna()
            X, y = sales[["day", "sold", "yesterday"]], sales["tomorrow"]
            print(LinearRegression().fit(X[:5], y[:5]).predict(X[5:]))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.compose import make_column_transformer
            from sklearn.model_selection import train_test_split
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.tree import DecisionTreeClassifier

            wines = load_wine(as_frame=True).frame
            train, test = train_test_split(wines, random_state=0)
            some = make_column_transformer((StandardScaler(), ["alcohol", "hue"]))
            model = make_pipeline(some, DecisionTreeClassifier(random_state=0)).fit(train, train["target"])
            print(model.score(test, test["target"]))
            """
        ),
    ),
    check=check,
    references=("Kaufman et al., Leakage in data mining: formulation, detection, and avoidance, ACM TKDD 2012",),
)
