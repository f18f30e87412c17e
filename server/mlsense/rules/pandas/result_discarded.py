"""A method that gives a new table is called, and what it gives is thrown away."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import innermost, location, node_at, place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import constant
from mlsense.semantics.events import Called
from mlsense.semantics.values import NONE, Data, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place

# They give a new table or column, change nothing, and print nothing.
_GIVE = frozenset(
    """
    drop dropna drop_duplicates fillna ffill bfill rename replace reset_index set_index sort_values sort_index astype
    assign merge join reindex round clip query set_axis melt pivot explode map applymap shift interpolate
    """.split()
)
_IN_PLACE = frozenset(
    """
    drop dropna drop_duplicates fillna ffill bfill rename replace reset_index set_index sort_values sort_index clip
    query interpolate
    """.split()
)


def check(trace: Trace) -> Iterator[Draft]:
    calls = trace.that(_gives_anew, Called)
    shown = _shown(trace) if calls else set()
    demonstrated = {trace.homes[place.unit].cell for place in shown if place in {event.call for event in calls}}
    demonstrated |= _cells_of_looks(trace) if calls else set()
    for event in calls:
        node, statement = node_at(trace, event.call), innermost(trace, event.call)
        if not isinstance(node, ast.Call) or not isinstance(statement, ast.Expr) or statement.value is not node:
            continue
        found = location(trace, event.call)
        if found is None or event.call in shown or not isinstance(node.func, ast.Attribute):
            continue
        if _is_of_some_rows(node.func.value):
            continue
        # A cell that ends in showing such a result, or looks at something on the way, shows what they do.
        if trace.document.kind == "notebook" and found.cell in demonstrated:
            continue
        kept = editing.text_at(trace, place_in(event.call, node.func.value)) or "the table"
        name = kept if isinstance(node.func.value, ast.Name) else "the table"
        left = "" if name == "the table" else f" and leaves `{name}` as it was"
        yield Draft(
            f"`{event.callee.name}` gives a new {_what(event)}{left}; nobody keeps the new one, so this line does "
            f"nothing.",
            found,
            fix=_assigned(trace, event, node),
        )


def _is_of_some_rows(receiver: ast.expr) -> bool:
    """Whether it is done to a few rows of a table, where it can only be for a look."""
    return isinstance(receiver, ast.Subscript) and isinstance(receiver.slice, (ast.Slice, ast.Tuple, ast.Compare))


def _cells_of_looks(trace: Trace) -> set[int]:
    """The cells of a notebook with a line that does nothing but be shown, though others stand below it."""
    found: set[int] = set()
    for number, (cell, _) in enumerate(trace.statements[:-1]):
        if trace.statements[number + 1][0] == cell and _is_look(trace.followed[number].parsed.tree):
            found.add(cell)
    return found


def _shown(trace: Trace) -> set[Place]:
    """The expressions whose values a notebook shows, also one that was written down as a script.

    Such a script has comments between its cells, or names that stand alone; its calls at the top level are shown.
    """
    if trace.document.kind == "notebook":
        return set(trace.displayed)
    text = "\n".join(cell.source.text for cell in trace.document.cells)
    marked = re.search(r"^# ?(%%|In ?\[|<codecell>)|^#{20,}$", text, re.MULTILINE) is not None
    if marked or any(_is_look(each.parsed.tree) for each in trace.followed):
        return {event.call for event in trace.that(_gives_anew, Called) if not event.origin.path}
    return set()


def _is_look(tree: ast.stmt | None) -> bool:
    """Whether a statement is a name or a part of something: it does nothing but be shown."""
    return isinstance(tree, ast.Expr) and isinstance(tree.value, (ast.Name, ast.Attribute, ast.Subscript))


def _gives_anew(event: Called) -> bool:
    thing = event.thing
    if not isinstance(event.callee, Method) or event.callee.name not in _GIVE or event.guarded or event.assumed:
        return False
    # A call that is a statement begins and ends with it.
    if event.call != event.statement or not isinstance(thing, Data) or thing.kind not in ("frame", "series"):
        return False
    if not event.exact or (event.callee.name == "map" and thing.kind != "series"):
        return False
    inplace = event.argument(None, "inplace")
    return inplace is None or constant(inplace) is False or inplace == NONE


def _what(event: Called) -> str:
    return "column" if isinstance(event.thing, Data) and event.thing.kind == "series" else "table"


def _assigned(trace: Trace, event: Called, node: ast.Call) -> Fix | None:
    """`table = table.dropna()`, where the table has a name of its own."""
    receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
    text = editing.text_at(trace, event.call)
    if not isinstance(receiver, ast.Name) or text is None or event.callee.name not in _IN_PLACE | {"astype", "assign"}:
        return None
    return Fix.of(
        f"Assign it to `{receiver.id}`", "unsafe", editing.replaced(trace, event.call, f"{receiver.id} = {text}")
    )


RULE = Rule(
    name="result-discarded",
    family="pandas",
    severity=Severity.WARNING,
    summary="A method of pandas that gives a new table is called as if it changed the old one.",
    finds="""
        `df.dropna()`, `df.drop(columns="id")`, `df["price"].fillna(0)`, `df.sort_values("day")` and their like as a
        statement of their own.
        """,
    matters="""
        These methods leave the table as it is and give a new one. The gaps, the column, the order stay what they were,
        and nothing says so until a model raises, or, worse, learns from the column that was to be dropped.
        """,
    silent="""
        The last expression of a notebook cell, which is shown, cells that end in such a result or look at something on
        the way; scripts made of cells; a few rows of a table, looked at; `inplace=True`; results that are assigned,
        printed or handed on; tables of other libraries; code in `try`.
        """,
    repair="""
        Assigns the result to the same name. For you to accept: everything below then sees the changed table.
        """,
    bad=(
        example(
            """
            import pandas as pd

            houses = pd.DataFrame({"area": [50.0, None, 70.0], "price": [100, 120, 150]})
            houses.dropna()  # <- result-discarded
            print(houses)
            """
        ),
        example(
            """
            import pandas as pd

            houses = pd.DataFrame({"id": [1, 2], "price": [100, 120]})
            houses.drop(columns=["id"])  # <- result-discarded
            houses.rename(columns={"price": "cost"}, inplace=False)  # <- result-discarded
            print(houses.columns)
            """
        ),
        example(
            """
            import pandas as pd

            houses = pd.DataFrame({"area": [50.0, None, 70.0], "price": [100, 120, 150]})
            houses["area"].fillna(houses["area"].mean())  # <- result-discarded
            print(houses["area"].isna().sum())
            """
        ),
        example(
            """
            import pandas as pd


            def cleaned(table):
                table = table.copy()
                table.sort_values("price")  # <- result-discarded
                table.reset_index(drop=True)  # <- result-discarded
                return table


            print(cleaned(pd.DataFrame({"price": [3, 1, 2]})))
            """
        ),
    ),
    good=(
        example(
            """
            import pandas as pd

            votes = pd.DataFrame({"name": list("abcab"), "votes": [3, 4, 1, 2, 6]})
            party = {"a": "left", "b": "right", "c": "left"}
            votes["name"][1:3].map(party)
            votes["party"] = votes["name"].map(party)
            print(votes)
            """
        ),
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

            # A notebook that was saved as a script: what stands alone was shown.
            houses = pd.DataFrame({"area": [50.0, None, 70.0], "price": [100, 120, 150]})
            houses

            houses.dropna()
            """
        ),
        example(
            """
            import pandas as pd

            houses = pd.DataFrame({"id": [1, 2], "price": [100, 120]})
            houses.drop(columns=["id"], inplace=True)
            print(houses.columns)
            """
        ),
        example(
            """
            import pandas as pd

            houses = pd.DataFrame({"area": [50.0, None, 70.0], "price": [100, 120, 150]})
            print(houses.dropna())
            houses.dropna().info()
            """
        ),
        example(
            """
            import pandas as pd

            houses = pd.DataFrame({"id": [1, 2], "price": [100, 120]})
            try:
                houses.drop(columns="street")
            except KeyError:
                print("no street")
            """
        ),
        example(
            """
            import pandas as pd

            towns = {"Rome": 3, "Oslo": 1}
            houses = pd.DataFrame({"price": [100, 120]})
            houses.insert(0, "number", range(2))
            houses.pop("number")
            towns.pop("Rome")
            houses.update(pd.DataFrame({"price": [90, 110]}))
            print(houses, towns)
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd

            values = np.array([3, 1, 2])
            values.sort()
            words = ["b", "a"]
            words.sort()
            houses = pd.DataFrame({"price": values}).sort_values("price")
            houses.head()
            print(houses, words)
            """
        ),
    ),
    check=check,
)
