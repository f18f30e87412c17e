"""A test size of 20, which is 20 rows, where 20 % were meant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.split.split_arity import is_split
from mlsense.rules.values import arguments, known_calls
from mlsense.semantics.core import constant
from mlsense.semantics.events import Called
from mlsense.semantics.values import Const, Data

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Value

# What people say of percentages; as numbers of rows they are all small.
_TEST, _TRAIN = frozenset((10, 15, 20, 25, 30, 33, 35, 40)), frozenset((60, 65, 67, 70, 75, 80, 85, 90))
# With so many rows a percent is about one of them.
_HUNDRED = range(60, 161)


def check(trace: Trace) -> Iterator[Draft]:
    for given in known_calls(trace, _in_rows):
        for setting in arguments(given):
            size = _percent(setting.name, setting.value)
            found = location(trace, setting.place)
            if size is None or found is None or not setting.literal:
                continue
            part = "test" if setting.name == "test_size" else "training"
            share = f"0.{size:02}".rstrip("0")
            edit = editing.replaced(trace, setting.place, share)
            yield Draft(
                f"`{setting.name}={size}` is {size} rows, not {size} %: a whole number counts rows, whatever their "
                f"number. `{setting.name}={share}` takes {size} % of them for the {part} part.",
                found,
                fix=Fix.of(f"Write `{share}`", "unsafe", edit),
            )


def _in_rows(event: Called) -> bool:
    # The last 20 rows are counted on purpose.
    if not is_split(event) or constant(event.argument(None, "shuffle") or Const.of(True)) is not True:
        return False
    if not any(_percent(name, value) is not None for name, value in event.keywords):
        return False
    counts = [_count(event, value) for value in event.args]
    return not any(count is not None and count in _HUNDRED for count in counts)


def _count(event: Called, value: Value) -> int | None:
    """How many rows it has, if that is known."""
    thing = event.object(value)
    return thing.rows.count if isinstance(thing, Data) and thing.rows is not None else None


def _percent(name: str, value: Value) -> int | None:
    if not isinstance(value, Const) or value.type != "int" or not isinstance(value.value, int):
        return None
    meant = {"test_size": _TEST, "train_size": _TRAIN}.get(name, frozenset())
    return value.value if value.value in meant else None


RULE = Rule(
    name="test-size-literal",
    family="split",
    severity=Severity.HINT,
    summary="A test size is given in rows, by a number that people use for percentages.",
    finds="""
        `train_test_split` with `test_size=20`, `train_size=80` and their like: whole numbers of rows that look like
        percentages.
        """,
    matters="""
        A whole number counts rows. `test_size=20` keeps 20 rows for the test, of 50,000 as of 150: a score of 20 rows
        moves by 5 points with each of them, and says next to nothing. `train_size=80` trains on 80 rows.
        """,
    silent="""
        Shares such as `0.2`, other numbers of rows, splits that keep the order of rows, splitters for many splits,
        numbers that are not written right there, and data of about a hundred rows, where both are the same.
        """,
    repair="""
        Writes the share, `0.2`. For you to accept: you may want 20 rows.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_digits
            from sklearn.model_selection import train_test_split

            X, y = load_digits(return_X_y=True)
            train, test = train_test_split(X, test_size=20, random_state=0)  # <- test-size-literal
            print(len(test))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.model_selection import train_test_split

            X = np.arange(10_000).reshape(-1, 2)
            train, test = train_test_split(X, train_size=80, random_state=0)  # <- test-size-literal
            print(len(train))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import RidgeClassifier
            from sklearn.model_selection import train_test_split

            X, y = load_wine(return_X_y=True)
            A, B, a, b = train_test_split(X, y, test_size=30, random_state=0)  # <- test-size-literal
            print(RidgeClassifier().fit(A, a).score(B, b))
            """
        ),
        example(
            """
            from sklearn import model_selection
            from sklearn.datasets import load_digits


            def parts(X, y):
                return model_selection.train_test_split(
                    X,
                    y,
                    test_size=25,  # <- test-size-literal
                    stratify=y,
                )


            print(len(parts(*load_digits(return_X_y=True))))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_digits
            from sklearn.model_selection import train_test_split

            X, y = load_digits(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
            print(len(X_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_digits
            from sklearn.model_selection import train_test_split

            X, y = load_digits(return_X_y=True)
            train, test = train_test_split(X, test_size=500, random_state=0)
            print(len(train), len(test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            train, test = train_test_split(X, test_size=30, random_state=0)
            print(len(train), len(test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_digits
            from sklearn.model_selection import train_test_split

            X, y = load_digits(return_X_y=True)
            held_out = len(X) // 5
            train, test = train_test_split(X, test_size=held_out, random_state=0)
            print(len(train), len(test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_digits
            from sklearn.model_selection import train_test_split

            X, y = load_digits(return_X_y=True)
            train, last = train_test_split(X, test_size=20, shuffle=False)
            print(last.shape)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import RidgeClassifier
            from sklearn.model_selection import StratifiedShuffleSplit, cross_val_score

            X, y = load_wine(return_X_y=True)
            splits = StratifiedShuffleSplit(n_splits=10, test_size=40, random_state=0)
            print(cross_val_score(RidgeClassifier(), X, y, cv=splits))
            """
        ),
    ),
    check=check,
)
