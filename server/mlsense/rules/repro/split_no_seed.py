"""A split at random without a seed: every run has other test rows."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at, related
from mlsense.rules.repro.seed_missing import seeds_numpy
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.split.split_arity import is_split
from mlsense.rules.values import insertion
from mlsense.semantics.core import constant
from mlsense.semantics.events import Called
from mlsense.semantics.values import NONE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsense.rules.finding import Edit
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place


def check(trace: Trace) -> Iterator[Draft]:
    splits = trace.that(_by_chance, Called)
    if not splits or seeds_numpy(trace):
        return
    first = splits[0]
    found = location(trace, first.call)
    if found is not None:
        others: list[tuple[Place | None, str]] = [
            (event.call, "so does this one") for event in splits[1:4] if event.call != first.call
        ]
        yield Draft(
            "Every run of the program draws other test rows here, so two scores differ without any change to the "
            "model. With `random_state` set, to whatever number, they can be compared.",
            found,
            related(trace, *others),
            _seeded(trace, splits),
        )


def _by_chance(event: Called) -> bool:
    """Whether a split certainly draws its rows, and has no seed of its own."""
    if not is_split(event) or event.assumed:
        return False
    shuffles = event.argument(None, "shuffle")
    seed = event.argument(None, "random_state") or NONE
    return (shuffles is None or constant(shuffles) is True) and seed == NONE


def _seeded(trace: Trace, splits: Sequence[Called]) -> Fix | None:
    """Seeds all of them, each once."""
    edits: dict[Place, Edit] = {}
    for split in splits:
        node = node_at(trace, split.call)
        if not isinstance(node, ast.Call) or split.argument(None, "random_state") is not None:
            return None
        edit = insertion(trace, split.call, node, "random_state=0")
        if edit is None:
            return None
        edits[split.call] = edit
    return Fix("Set `random_state=0`", "unsafe", tuple(edits.values()))


RULE = Rule(
    name="split-no-seed",
    family="repro",
    severity=Severity.HINT,
    summary="A split is drawn at random without a seed, so each run tests on other rows.",
    finds="""
        The first `train_test_split` of a file without `random_state`, where nothing sets NumPy's seed before.
        """,
    matters="""
        With a test part of 100 rows and an accuracy of 0.9 the score moves by 0.03 from draw to draw. Whoever changes
        the model and runs again cannot tell whether the change helped. One seed makes runs comparable; several seeds,
        or a cross-validation, tell how much the score moves.
        """,
    silent="""
        Splits with `random_state`, also `random_state=seed`; splits that keep the order of rows; programs that call
        `np.random.seed` or a function that sets seeds.
        """,
    repair="""
        Adds `random_state=0` to every split of the file. Nothing else changes, but every run is the same from then on.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y)  # <- split-no-seed
            print(DecisionTreeClassifier(random_state=0).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn import model_selection
            from sklearn.datasets import load_diabetes

            table = load_diabetes(as_frame=True).frame
            train, test = model_selection.train_test_split(table, test_size=0.3)  # <- split-no-seed
            train, valid = model_selection.train_test_split(train, test_size=0.3)
            print(len(train), len(valid), len(test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split


            def parts(X, y):
                return train_test_split(X, y, stratify=y, random_state=None)  # <- split-no-seed


            print(parts(*load_iris(return_X_y=True))[0].shape)
            """
        ),
        example(
            """
            import random

            from sklearn.datasets import load_digits
            from sklearn.model_selection import train_test_split

            random.seed(0)
            X, y = load_digits(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2)  # <- split-no-seed
            print(X_train.shape)
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(DecisionTreeClassifier(random_state=0).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split

            np.random.seed(42)
            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y)
            print(X_train.mean())
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, shuffle=False)
            print(X_train.mean())
            """
        ),
        example(
            """
            import sys

            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split

            seed = len(sys.argv)
            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed)
            print(X_train.mean())
            """
        ),
        example(
            """
            import random

            import numpy as np
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split


            def set_seed(seed):
                random.seed(seed)
                np.random.seed(seed)


            set_seed(3)
            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y)
            print(X_train.mean())
            """
        ),
        example(
            """
            from sklearn.datasets import load_digits
            from sklearn.model_selection import KFold

            X, y = load_digits(return_X_y=True)
            for train, test in KFold(3).split(X):
                print(len(train), len(test))
            """
        ),
    ),
    check=check,
    recommended=False,
)
