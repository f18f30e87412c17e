"""Arguments by position that seaborn's plots take by name alone since 0.12."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.knowledge.versions import within
from mlsense.rules.finding import Severity
from mlsense.rules.keywords import by_name, surplus_positions
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import text_of
from mlsense.semantics.values import Data, ListObject

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from mlsense.rules.finding import Fix
    from mlsense.rules.keywords import Given
    from mlsense.semantics.program import Trace

# The last release that took them by position, and the first that does not.
_LAST, _FIRST = "0.11", ">=0.12"


def check(trace: Trace) -> Iterator[Draft]:
    yield from surplus_positions(trace, _is_new, _named)


def _is_new(given: Given) -> bool:
    called = given.callee
    return called.dotted.startswith("seaborn.") and within(called.offer.version, _FIRST) is True


def _named(trace: Trace, given: Given, surplus: list[ast.expr]) -> Fix | None:
    """A table first: what follows it, in today's order. A column or its name first: all, in the order of 0.11."""
    arguments, event = given.node.args, given.event
    if event.keywords and len(event.args) != len(arguments):
        return None
    first = event.object(event.args[0])
    if isinstance(first, Data) and first.kind == "frame":
        start, end = len(arguments) - len(surplus), len(arguments)
        return by_name(trace, given, surplus, [each.name for each in given.signature][start:end])
    column = isinstance(first, ListObject) or (isinstance(first, Data) and first.kind in ("series", "array"))
    if not column and text_of(event.args[0]) is None:
        return None
    older = given.callee.offer.library.at(_LAST)
    found = None if older is None else older.find(given.callee.dotted)
    if found is None or found.signature is None:
        return None
    return by_name(trace, given, arguments, [each.name for each in found.signature][: len(arguments)])


RULE = Rule(
    name="sns-positional",
    family="plot",
    severity=Severity.ERROR,
    summary="A plot of seaborn gets arguments by position that it takes by name.",
    finds="""
        `sns.barplot(days, totals)`, `sns.scatterplot("age", "fare", data=df)`: more arguments by position than the
        function takes in seaborn 0.12 and later, which is one, the table.
        """,
    matters="""
        The call raises TypeError: since 0.12 the plots take `x`, `y`, `hue` and all the rest by name. Before, the first
        argument was `x`; today it is `data`, so that a single column given by position is taken for a table.
        """,
    silent="""
        Seaborn before 0.12, where the call works with a warning; starred arguments; code inside `try`; a single
        argument, which is the table; matplotlib's functions, which take arguments by position.
        """,
    repair="""
        Writes the names: where the first argument is a column or the name of one, all in the order of seaborn 0.11;
        where it is a table, those after it in today's order. Safe: it is what the call was written for.
        """,
    bad=(
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import seaborn as sns

            days, totals = ["Mon", "Tue", "Wed"], [3, 5, 4]
            sns.barplot(days, totals)  # <- sns-positional
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import pandas as pd
            import seaborn as sns

            homes = pd.DataFrame({"area": [30, 40, 55], "price": [1, 2, 3], "city": ["a", "b", "a"]})
            sns.scatterplot("area", "price", hue="city", data=homes)  # <- sns-positional
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import pandas as pd
            import seaborn as sns

            homes = pd.DataFrame({"area": [30, 40, 55], "price": [1, 2, 3]})
            sns.boxplot(homes["area"], homes["price"])  # <- sns-positional
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import pandas as pd
            import seaborn as sns


            def drawn(table, column):
                return sns.histplot(table, column)  # <- sns-positional


            homes = pd.DataFrame({"area": [30, 40, 55], "price": [1, 2, 3]})
            drawn(homes, "area")
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import numpy as np
            import seaborn as sns

            sns.heatmap(np.eye(3), 0, 1)  # <- sns-positional
            """
        ),
    ),
    good=(
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import seaborn as sns

            days, totals = ["Mon", "Tue", "Wed"], [3, 5, 4]
            sns.barplot(x=days, y=totals)
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import pandas as pd
            import seaborn as sns

            homes = pd.DataFrame({"area": [30, 40, 55], "price": [1, 2, 3]})
            sns.scatterplot(homes, x="area", y="price")
            sns.heatmap(homes.corr(), annot=True)
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import matplotlib.pyplot as plt

            plt.bar(["Mon", "Tue"], [3, 5])
            plt.scatter([1, 2], [3, 4], 20)
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import seaborn as sns

            try:
                sns.barplot(["Mon", "Tue"], [3, 5])
            except TypeError:
                sns.barplot(x=["Mon", "Tue"], y=[3, 5])
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import pandas as pd
            import seaborn as sns

            homes = pd.DataFrame({"area": [30, 40, 55], "price": [1, 2, 3]})
            options = {"x": "area", "y": "price"}
            sns.lineplot(homes, **options)
            sns.pairplot(homes)
            sns.histplot(homes["area"])
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import seaborn as sns

            sns.set_theme("notebook", "whitegrid")
            print(sns.color_palette("deep", 3))
            """
        ),
    ),
    check=check,
    references=("https://seaborn.pydata.org/whatsnew/v0.12.0.html",),
    raises=("TypeError",),
)
