"""`table["a"].fillna(0, inplace=True)`: the column that was taken out is changed, and the table stays as it was."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.copying import copies
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import innermost, location, node_at, place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import constant
from mlsense.semantics.events import Called
from mlsense.semantics.values import Data, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace

# These give a value for each row, so that the result can be put back in place of the column.
_BY_ROW = frozenset("fillna ffill bfill replace clip where mask interpolate".split())
_OTHERS = frozenset("drop dropna drop_duplicates sort_values rename reset_index set_index query".split())
_INPLACE = re.compile(r",\s*inplace\s*=\s*True\b|\binplace\s*=\s*True\s*,?\s*")


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_in_place, Called):
        node, statement = node_at(trace, event.call), innermost(trace, event.call)
        found = location(trace, event.call)
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or found is None:
            continue
        if not isinstance(statement, ast.Expr) or statement.value is not node or event.assumed:
            continue
        taken = node.func.value
        owner = _owner(trace, event, taken)
        if owner is None or not (_by_mask(taken) or copies(trace)):
            continue
        text = editing.text_at(trace, place_in(event.call, taken)) or "what is taken"
        code = editing.text_at(trace, event.call) or ""
        again = f"{text} = {_INPLACE.sub('', code, count=1)}"
        plain = event.callee.name in _BY_ROW and not _by_mask(taken) and "\n" not in code
        since = "" if _by_mask(taken) else " (since pandas 3)"
        yield Draft(
            f"`{text}` is a copy of a part of `{owner}`{since}: `{event.callee.name}` changes the copy, and `{owner}` "
            f"stays as it was. " + (f"Write `{again}`." if plain else f"Make the change in `{owner}` itself."),
            found,
            fix=Fix.of("Put the result in its place", "unsafe", editing.replaced(trace, event.call, again))
            if plain
            else None,
        )


def _in_place(event: Called) -> bool:
    if not isinstance(event.callee, Method) or event.callee.name not in _BY_ROW | _OTHERS or event.guarded:
        return False
    table = isinstance(event.thing, Data) and event.thing.kind in ("frame", "series")
    inplace = event.argument(None, "inplace")
    return table and event.exact and inplace is not None and constant(inplace) is True


def _owner(trace: Trace, event: Called, taken: ast.expr) -> str | None:
    """The name of the table that it was taken out of."""
    whole = taken.value if isinstance(taken, (ast.Subscript, ast.Attribute)) else None
    if isinstance(whole, ast.Attribute) and whole.attr in ("loc", "iloc"):
        whole = whole.value
    if not isinstance(whole, ast.Name):
        return None
    seen = trace.sighting(place_in(event.call, whole))
    table = seen.object if seen is not None else None
    if not isinstance(table, Data) or table.kind != "frame":
        return None
    if isinstance(taken, ast.Attribute) and (table.columns is None or table.columns.get(taken.attr) is None):
        return None
    return whole.id


def _by_mask(taken: ast.expr) -> bool:
    """Whether it is rows that a comparison picks."""
    return isinstance(taken, ast.Subscript) and isinstance(taken.slice, ast.Compare)


RULE = Rule(
    name="inplace-lost",
    family="pandas",
    severity=Severity.WARNING,
    summary="A method changes a column that was taken out of a table, which stays as it was.",
    finds="""
        `fillna`, `replace`, `clip`, `drop` and their kind with `inplace=True` on a column or on rows that are taken out
        of a table in the same line: `table["age"].fillna(0, inplace=True)`, `table.age.replace(-1, 0, inplace=True)`.
        """,
    matters="""
        Since pandas 3 a column that is taken out is a copy: the gaps are filled in the copy, and the copy is thrown
        away with the line. There is a warning and no error, and the table goes on with its gaps, until a model refuses
        them or learns from them. It was right for years, so notebooks are full of it.
        """,
    silent="""
        The same on a table that has a name, and on a column that has one; results that are assigned; versions of pandas
        before 3, where the column was the table's own, but for rows that a mask picks; objects that are not known to be
        tables; code in a function that nothing calls.
        """,
    repair="""
        `table["age"].fillna(0, inplace=True)` becomes `table["age"] = table["age"].fillna(0)`. For you to accept: the
        lines below see the filled column from then on. None for methods that leave out or sort rows: put back by their
        labels, they would change nothing.
        """,
    bad=(
        example(
            """
            import pandas as pd

            people = pd.DataFrame({"age": [31.0, None, 52.0], "paid": [10.0, 12.0, 9.0]})
            people["age"].fillna(40, inplace=True)  # <- inplace-lost
            print(people["age"].isna().sum())
            """
        ),
        example(
            """
            import pandas as pd

            people = pd.DataFrame({"age": [31.0, -1.0, 52.0], "paid": [10.0, 12.0, 9.0]})
            people.age.replace(-1.0, 0.0, inplace=True)  # <- inplace-lost
            print(people["age"].min())
            """
        ),
        example(
            """
            import pandas as pd

            people = pd.DataFrame({"age": [31.0, None, 52.0], "paid": [10.0, None, 9.0]})
            for name in ["age", "paid"]:
                people[name].fillna(people[name].mean(), inplace=True)  # <- inplace-lost
            print(people.isna().sum())
            """
        ),
        example(
            """
            import pandas as pd


            def cleaned(table):
                table["paid"].clip(0, 11, inplace=True)  # <- inplace-lost
                table[["age"]].fillna(0, inplace=True)  # <- inplace-lost
                return table


            print(cleaned(pd.DataFrame({"age": [31.0, None, 52.0], "paid": [10.0, 12.0, 9.0]})))
            """
        ),
    ),
    good=(
        example(
            """
            import pandas as pd

            people = pd.DataFrame({"age": [31.0, None, 52.0], "paid": [10.0, 12.0, 9.0]})
            people["age"] = people["age"].fillna(40)
            print(people)
            """
        ),
        example(
            """
            import pandas as pd

            people = pd.DataFrame({"age": [31.0, None, 52.0], "paid": [10.0, 12.0, 9.0]})
            people.fillna(0, inplace=True)
            print(people)
            """
        ),
        example(
            """
            import pandas as pd

            people = pd.DataFrame({"age": [31.0, None, 52.0], "paid": [10.0, 12.0, 9.0]})
            age = people["age"].copy()
            age.fillna(40, inplace=True)
            print(age)
            """
        ),
        example(
            """
            import pandas as pd

            tables = {"people": pd.DataFrame({"age": [31.0, None, 52.0]})}
            tables["people"].fillna(0, inplace=True)
            print(tables["people"])
            """
        ),
        example(
            """
            import pandas as pd

            people = pd.DataFrame({"age": [31.0, None, 52.0]})
            people.fillna({"age": people["age"].median()}, inplace=True)
            people["age"] = people["age"].clip(0, 50)
            print(people)
            """
        ),
        example(
            """
            import pandas as pd


            class Survey:
                def __init__(self, table):
                    self.table = table

                def fill(self):
                    self.table.fillna(0, inplace=True)
                    return self.table


            print(Survey(pd.DataFrame({"age": [31.0, None]})).fill())
            """
        ),
    ),
    check=check,
    references=("pandas user guide, [copy-on-write](https://pandas.pydata.org/docs/user_guide/copy_on_write.html)",),
)
