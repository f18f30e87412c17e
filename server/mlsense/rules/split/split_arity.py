"""`train_test_split` gives two parts for each array; another number of names does not fit."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.reading import innermost, location, node_at, place_in, short
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Called
from mlsense.semantics.values import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(is_split, Called):
        if not event.args:
            continue
        call = node_at(trace, event.call)
        statement = innermost(trace, event.call)
        if call is None or not isinstance(statement, ast.Assign) or statement.value is not call:
            continue
        for target in statement.targets:
            if not isinstance(target, (ast.Tuple, ast.List)):
                continue
            if any(isinstance(part, ast.Starred) for part in target.elts):
                continue
            names, parts = len(target.elts), 2 * len(event.args)
            found = location(trace, place_in(event.call, target))
            if names != parts and found is not None:
                yield Draft(_message(call, len(event.args), parts, names), found)


def is_split(event: Called) -> bool:
    """Whether it certainly splits, with arguments that are all known."""
    callee = event.callee
    split = isinstance(callee, Symbol) and callee.name.endswith("model_selection.train_test_split")
    return split and event.exact and not event.guarded


def _message(call: ast.expr, arrays: int, parts: int, names: int) -> str:
    given = f"{_number(parts)} parts, a training and a test part for {'each array' if arrays > 1 else 'its array'}"
    verb = "takes" if names == 1 else "take"
    what = "name" if names == 1 else "names"
    return f"`{short(ast.unparse(call))}` gives {given}; {_number(names)} {what} {verb} them: this line will raise."


def _number(count: int) -> str:
    return _NUMBERS[count] if count < len(_NUMBERS) else str(count)


RULE = Rule(
    name="split-arity",
    family="split",
    severity=Severity.ERROR,
    summary="A split is unpacked into more or fewer names than it has parts.",
    finds="""
        `a, b = train_test_split(X, y)`: the number of names on the left is not twice the number of arrays.
        """,
    matters="""
        `train_test_split` gives a training and a test part for every array it is handed, in the order of the arrays.
        With another number of names Python stops with `not enough values to unpack` or `too many values to unpack`.
        """,
    silent="""
        A starred name on the left, arrays handed over as `*arrays` of unknown number, a result kept in one name, code
        inside `try`.
        """,
    repair="There is none: only you know which parts you want to keep.",
    bad=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            train, test = train_test_split(X, y, random_state=0)  # <- split-arity
            print(train.shape)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split

            wine = load_wine(as_frame=True).frame
            X_train, X_test, y_train, y_test = train_test_split(wine, test_size=0.2)  # <- split-arity
            print(len(X_train))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn import model_selection

            X, y, weights = np.ones((10, 2)), np.arange(10), np.ones(10)
            X_train, X_test, y_train, y_test = model_selection.train_test_split(X, y, weights)  # <- split-arity
            print(X_train.shape)
            """
        ),
        example(
            """
            from sklearn.datasets import load_digits
            from sklearn.model_selection import train_test_split


            def parts(X, y):
                X_train, X_test, y_train = train_test_split(X, y, stratify=y)  # <- split-arity
                return X_train, X_test, y_train


            print(parts(*load_digits(return_X_y=True)))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(X_train.shape)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split

            wine = load_wine(as_frame=True).frame
            train, test = train_test_split(wine, test_size=0.2)
            print(len(train))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split

            X_train, *rest = train_test_split(*load_iris(return_X_y=True))
            print(len(X_train), len(rest))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split

            arrays = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(*arrays)
            print(len(X_train))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split

            parts = train_test_split(*load_iris(return_X_y=True))
            X_train, X_test = parts[:2]
            print(len(X_train))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.model_selection import train_test_split

            X, y, weights = np.ones((10, 2)), np.arange(10), np.ones(10)
            (X_train, X_test), (y_train, y_test) = (train_test_split(each, random_state=0) for each in (X, y))
            X_train, X_test, y_train, y_test, w_train, w_test = train_test_split(X, y, weights)
            print(len(w_train))
            """
        ),
    ),
    check=check,
    raises=("ValueError",),
)
