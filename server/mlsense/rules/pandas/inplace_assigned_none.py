"""`df = df.dropna(inplace=True)`: the method changes the table and gives None, which is then the table."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.knowledge.library import in_force
from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import innermost, location, node_at, place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import constant
from mlsense.semantics.events import Called
from mlsense.semantics.values import Data, Method, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace

_NONE = frozenset(
    """
    drop dropna drop_duplicates rename rename_axis set_index reset_index sort_values sort_index query eval
    """.split()
)
# Since pandas 3 these give the table itself.
_NONE_BEFORE_3 = frozenset("fillna replace ffill bfill interpolate clip where mask".split())


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_changes_in_place, Called):
        if event.callee.name in _NONE_BEFORE_3 and not _gives_none(trace):
            continue
        node, statement = node_at(trace, event.call), innermost(trace, event.call)
        if not isinstance(node, ast.Call) or not isinstance(statement, ast.Assign) or statement.value is not node:
            continue
        target = statement.targets[0]
        found = location(trace, event.call)
        if found is None or len(statement.targets) != 1 or not isinstance(target, (ast.Name, ast.Subscript)):
            continue
        name = editing.text_at(trace, place_in(event.call, target))
        yield Draft(
            f"With `inplace=True` `{event.callee.name}` changes the table and gives back `None`: `{name}` is `None` "
            f"from here on. Leave out `inplace=True`, or the assignment.",
            found,
            fix=_without_inplace(trace, event, node),
        )


def _changes_in_place(event: Called) -> bool:
    named = isinstance(event.callee, Method) and event.callee.name in _NONE | _NONE_BEFORE_3
    table = isinstance(event.thing, Data) and event.thing.kind in ("frame", "series")
    inplace = event.argument(None, "inplace")
    return named and table and not event.guarded and inplace is not None and constant(inplace) is True


def _gives_none(trace: Trace) -> bool:
    """Whether the version in force is certainly older than 3."""
    force = in_force(trace.versions, "pandas")
    major = force.version.partition(".")[0] if force is not None and force.version is not None else ""
    return major.isdigit() and int(major) < 3


def _without_inplace(trace: Trace, event: Called, node: ast.Call) -> Fix | None:
    """Takes out `inplace=True` and the comma that goes with it."""
    keyword = next((keyword for keyword in node.keywords if keyword.arg == "inplace"), None)
    written = sorted(
        [(each.end_lineno or 0, each.end_col_offset or 0) for each in (*node.args, *(k.value for k in node.keywords))]
    )
    if keyword is None or node.keywords[-1] is not keyword or not isinstance(keyword.value, ast.Constant):
        return None
    end = (keyword.value.end_lineno or 0, keyword.value.end_col_offset or 0)
    start = written[-2] if len(written) > 1 else (keyword.lineno, keyword.col_offset)
    if written[-1] != end:
        return None
    return Fix.of("Leave out `inplace=True`", "safe", editing.replaced(trace, Place(event.call.unit, *start, *end), ""))


RULE = Rule(
    name="inplace-assigned-none",
    family="pandas",
    severity=Severity.ERROR,
    summary="The result of a method with `inplace=True`, which is `None`, is assigned.",
    finds="""
        `df = df.dropna(inplace=True)`: the result of `drop`, `dropna`, `rename`, `sort_values`, `set_index`,
        `reset_index` and their like with `inplace=True` is bound to a name or a column.
        """,
    matters="""
        With `inplace=True` these methods change the table and give back `None`. The name then holds `None`, and the
        next line that asks anything of it raises `'NoneType' object has no attribute ...`.
        """,
    silent="""
        `fillna`, `replace`, `ffill`, `bfill`, `interpolate` and `clip` from pandas 3 on, where they give back the table
        itself; results that are not assigned; code in `try`; tables of other libraries.
        """,
    repair="""
        Leaves out `inplace=True`, so that the new table is assigned. Safe.
        """,
    bad=(
        example(
            """
            import pandas as pd

            houses = pd.DataFrame({"area": [50.0, None, 70.0], "price": [100, 120, 150]})
            houses = houses.dropna(inplace=True)  # <- inplace-assigned-none
            print(houses)
            """
        ),
        example(
            """
            import pandas as pd

            houses = pd.DataFrame({"id": [1, 2], "price": [100, 120]})
            features = houses.drop(columns="id", inplace=True)  # <- inplace-assigned-none
            print(features)
            """
        ),
        example(
            """
            import pandas as pd


            def ordered(table):
                table = table.sort_values("price", inplace=True)  # <- inplace-assigned-none
                return table


            print(ordered(pd.DataFrame({"price": [3, 1, 2]})))
            """
        ),
        example(
            """
            import pandas as pd

            houses = pd.DataFrame({"price": [3, 1, 2]}).set_index("price")
            table = houses.reset_index(inplace=True)  # <- inplace-assigned-none
            print(table, houses)
            """
        ),
    ),
    good=(
        example(
            """
            import pandas as pd

            houses = pd.DataFrame({"area": [50.0, None, 70.0], "price": [100, 120, 150]})
            houses = houses.dropna()
            print(houses)
            """
        ),
        example(
            """
            import pandas as pd

            houses = pd.DataFrame({"area": [50.0, None, 70.0], "price": [100, 120, 150]})
            houses.dropna(inplace=True)
            print(houses)
            """
        ),
        example(
            """
            import pandas as pd

            houses = pd.DataFrame({"area": [50.0, None, 70.0]})
            houses = houses.fillna(0, inplace=True)
            print(houses)
            """
        ),
        example(
            """
            import pandas as pd

            houses = pd.DataFrame({"id": [1, 2], "price": [100, 120]})
            features = houses.drop(columns="id", inplace=False)
            print(features)
            """
        ),
        example(
            """
            import sys

            import pandas as pd

            houses = pd.DataFrame({"id": [1, 2], "price": [100, 120]})
            same = len(sys.argv) > 5
            kept = houses.drop(columns="id", inplace=same)
            print(kept)
            """
        ),
        example(
            """
            import pandas as pd


            class Shelf:
                def drop(self, name, inplace):
                    return [name, inplace]


            shelf = Shelf()
            left = shelf.drop("id", inplace=True)
            print(left, pd.DataFrame({"a": [1]}).rename(columns={"a": "b"}))
            """
        ),
    ),
    check=check,
)
