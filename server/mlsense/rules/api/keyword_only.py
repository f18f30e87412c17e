"""More arguments by position than a library's function takes: the rest is by name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.keywords import as_before, surplus_positions
from mlsense.rules.rule import Draft, Rule, example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    yield from surplus_positions(trace, lambda given: not given.callee.dotted.startswith("seaborn."), as_before)


RULE = Rule(
    name="keyword-only",
    family="api",
    severity=Severity.ERROR,
    summary="A function of a library gets more arguments by position than it takes.",
    finds="""
        `KMeans(3, "random")`, `mean_squared_error(y, p, weights)`, `df.drop("a", 1)`: arguments by position that the
        version in force takes by name only, or not at all.
        """,
    matters="""
        The call raises TypeError. scikit-learn 1.0 and pandas 2.0 made most arguments keyword-only, so programs from
        before stop there.
        """,
    silent="""
        Functions with `*args`, starred arguments of unknown number, functions of your own, code inside `try` or under a
        test for the version, versions whose signatures are not known.
        """,
    repair="""
        Writes the names, by the order in which an older version took the same arguments. Safe: it is what the call
        meant there.
        """,
    bad=(
        example(
            """
            from sklearn.cluster import KMeans

            model = KMeans(3, "random")  # <- keyword-only
            print(model)
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [1, 2], "area": [30, 40]})
            print(homes.drop("price", 1))  # <- keyword-only
            """
        ),
        example(
            """
            from sklearn.ensemble import RandomForestClassifier

            forest = RandomForestClassifier(100, "gini", 5)  # <- keyword-only
            print(forest)
            """
        ),
        example(
            """
            from sklearn.metrics import accuracy_score


            def quality(truth, predicted):
                return accuracy_score(truth, predicted, False)  # <- keyword-only


            print(quality([0, 1], [0, 1]))
            """
        ),
    ),
    good=(
        example(
            """
            from matplotlib.colors import Normalize


            class Midpoint(Normalize):
                def __init__(self, low, high, middle):
                    self.middle = middle
                    Normalize.__init__(self, low, high, False)


            print(Midpoint(0, 1, 0.5).vmin)
            """
        ),
        example(
            """
            from sklearn.cluster import KMeans

            print(KMeans(3, init="random"))
            """
        ),
        example(
            """
            import pandas as pd

            homes = pd.DataFrame({"price": [1, 2], "area": [30, 40]})
            print(homes.drop("price", axis=1))
            """
        ),
        example(
            """
            from sklearn.model_selection import train_test_split
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import MinMaxScaler, StandardScaler

            print(len(train_test_split([1, 2], [3, 4], [5, 6])), make_pipeline(StandardScaler(), MinMaxScaler()))
            """
        ),
        example(
            """
            import numpy as np

            print(np.linspace(0, 1, 5), np.zeros((2, 2), float), np.where([True], 1, 2), np.maximum(1, 2))
            """
        ),
        example(
            """
            from sklearn.metrics import accuracy_score

            try:
                print(accuracy_score([0, 1], [0, 1], False))
            except TypeError:
                print(accuracy_score([0, 1], [0, 1], normalize=False))
            """
        ),
        example(
            """
            from sklearn.svm import SVC

            arguments = ()
            print(SVC(*arguments), SVC(kernel="linear", C=2))
            """
        ),
    ),
    check=check,
    raises=("TypeError",),
)
