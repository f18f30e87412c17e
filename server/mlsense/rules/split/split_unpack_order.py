"""The parts of a split bound to names that belong to other parts: features become labels, training rows test rows."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING, NamedTuple

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import innermost, location, node_at, place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.split.split_arity import is_split
from mlsense.semantics.events import Called

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsense.semantics.program import Trace

_TRAINING = ("train", "training", "tr", "trn", "fit")
_HELD_OUT = ("test", "testing", "te", "tst", "val", "valid", "validation", "dev", "holdout", "eval")
_WORD = re.compile(r"[A-Za-z][a-z]*|[A-Z]+")


class _Said(NamedTuple):
    """What a name says: which part of which array. The array is what is left of the name without the part."""

    array: str
    held_out: bool


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(is_split, Called):
        call = node_at(trace, event.call)
        statement = innermost(trace, event.call)
        if call is None or not isinstance(statement, ast.Assign) or statement.value is not call:
            continue
        if len(statement.targets) != 1 or not isinstance(target := statement.targets[0], (ast.Tuple, ast.List)):
            continue
        names = [part.id for part in target.elts if isinstance(part, ast.Name)]
        if len(names) != len(target.elts) or len(names) != 2 * len(event.args):
            continue
        meant = _in_order(names, [_name_of(argument) for argument in call.args] if isinstance(call, ast.Call) else [])
        if meant is None or meant == names:
            continue
        place = place_in(event.call, target)
        found = location(trace, place)
        edit = editing.replaced(trace, place, _written(target, meant))
        if found is not None:
            fix = Fix.of(f"Unpack as `{', '.join(meant)}`", "unsafe", edit)
            yield Draft(_message(names, meant), found, fix=fix)


def _said(name: str) -> _Said | None:
    words = [word.lower() for word in _WORD.findall(name)]
    part = [word for word in words if word in _TRAINING or word in _HELD_OUT]
    if len(part) != 1:
        # `xtrain`, `ytest`: one letter for the array, run together with the part.
        glued = re.fullmatch(r"([a-z]{1,2})(train|test|val|valid)", words[0]) if len(words) == 1 else None
        return None if glued is None else _Said(glued[1], glued[2] in _HELD_OUT)
    rest = "".join(word for word in words if word != part[0])
    return _Said(rest, part[0] in _HELD_OUT) if rest else None


def _in_order(names: Sequence[str], arguments: Sequence[str]) -> list[str] | None:
    """The names in the order of the parts they speak of; None where they do not say it for certain.

    Two arrays at least, each with one training and one held-out part. The order of the arrays is that of the arguments
    where those are called the same, else that of the names.
    """
    said = [_said(name) for name in names]
    if len(set(names)) != len(names) or len(names) < 4 or any(each is None for each in said):
        return None
    found = {each: name for each, name in zip(said, names, strict=True) if each is not None}
    arrays = list(dict.fromkeys(each.array for each in found))
    if len(found) != len(names) or any(_Said(a, part) not in found for a in arrays for part in (False, True)):
        return None
    given = [argument.lower() for argument in arguments]
    if set(given) == set(arrays):
        arrays = given
    return [found[_Said(array, part)] for array in arrays for part in (False, True)]


def _name_of(argument: ast.expr) -> str:
    return argument.id if isinstance(argument, ast.Name) else ""


def _written(target: ast.Tuple | ast.List, names: Sequence[str]) -> str:
    text = ", ".join(names)
    return f"[{text}]" if isinstance(target, ast.List) else text


def _message(names: Sequence[str], meant: Sequence[str]) -> str:
    wrong = [(name, part) for name, part in zip(names, meant, strict=True) if name != part]
    name, part = wrong[0]
    other = next((given for given, right in wrong if right == name), "")
    swapped = f", and `{other}` what belongs to `{name}`" if other and other != part else ""
    return (
        f"`train_test_split` gives the training part, then the test part, array by array: `{name}` gets what belongs "
        f"to `{part}`{swapped}. Unpack as `{', '.join(meant)}`."
    )


RULE = Rule(
    name="split-unpack-order",
    family="split",
    severity=Severity.ERROR,
    summary="The parts of a split are bound to names in another order than they come.",
    finds="""
        `X_train, y_train, X_test, y_test = train_test_split(X, y)`: names that say which part they hold, in an order
        in which they get another one.
        """,
    matters="""
        `train_test_split(X, y)` gives `X_train, X_test, y_train, y_test`. In another order the test features become
        training labels: with luck the shapes do not fit and fitting raises, without luck the scores are about nothing.
        With training and test exchanged the model learns from the small part and is tested on the large one.
        """,
    silent="""
        Names that do not say which part of which array they hold, one array only, a starred name, parts kept in a
        list.
        """,
    repair="""
        Puts the names in the order of the parts. It changes what the program computes, so it is for you to accept.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            X_train, y_train, X_test, y_test = train_test_split(X, y, random_state=0)  # <- split-unpack-order
            print(X_train.shape, y_train.shape)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split

            X, y = load_wine(return_X_y=True)
            X_test, X_train, y_test, y_train = train_test_split(X, y, test_size=0.2)  # <- split-unpack-order
            print(len(X_train))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split


            def parts(features, labels):
                xtrain, ytrain, xval, yval = train_test_split(features, labels)  # <- split-unpack-order
                return xtrain, xval, ytrain, yval


            print(len(parts(*load_wine(return_X_y=True))))
            """
        ),
        example(
            """
            from sklearn.datasets import load_digits
            from sklearn.model_selection import train_test_split

            X, y = load_digits(return_X_y=True)
            y_train, y_test, X_train, X_test = train_test_split(X, y, random_state=1)  # <- split-unpack-order
            print(X_train.shape)
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
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            y_train, y_test, X_train, X_test = train_test_split(y, X, random_state=0)
            print(X_train.shape)
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            a, b, c, d = train_test_split(X, y)
            first, second, third, fourth = train_test_split(X, y)
            print(a.shape, first.shape)
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            rows = np.arange(len(X))
            X_train, X_val, y_train, y_val, train_rows, val_rows = train_test_split(X, y, rows)
            print(X_train.shape, len(val_rows))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split

            data, target = load_iris(return_X_y=True)
            train_data, test_data, train_target, test_target = train_test_split(data, target)
            print(len(train_data), len(test_target))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split

            X, y = load_wine(return_X_y=True)
            X_train, X_rest, y_train, y_rest = train_test_split(X, y, train_size=0.6)
            X_val, X_test, y_val, y_test = train_test_split(X_rest, y_rest, train_size=0.5)
            print(len(X_val), len(X_test))
            """
        ),
    ),
    check=check,
)
