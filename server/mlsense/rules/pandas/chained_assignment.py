"""`table[rows]["a"] = 0`: the value is set in what was taken out of the table, and the table stays as it was."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.copying import copies
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Chained

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.of(Chained):
        found = location(trace, event.target)
        if found is None or event.assumed or not (event.rows or copies(trace)):
            continue
        table = editing.text_at(trace, event.table) or "the table"
        taken = editing.text_at(trace, event.taken) or "what is taken"
        fix, instead = _in_one_step(trace, event, table)
        since = "" if event.rows else " (since pandas 3)"
        yield Draft(
            f"`{_short(taken)}` is a copy of a part of `{table}`{since}: the value is set in the copy, and `{table}` "
            f"stays as it was. Set it in one step{instead}.",
            found,
            fix=fix,
        )


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 40 else line[:37] + "..."


def _in_one_step(trace: Trace, event: Chained, table: str) -> tuple[Fix | None, str]:
    """`table.loc[rows, "a"]`, where one of the two steps names a column and the other picks rows."""
    target, taken = node_at(trace, event.target), node_at(trace, event.taken)
    instead = f", with `{table}.loc[rows, column]`"
    if not isinstance(target, ast.Subscript) or target.value is not taken:
        return None, instead
    if isinstance(taken, ast.Attribute):
        first: ast.expr = ast.Constant(taken.attr)
    elif isinstance(taken, ast.Subscript) and isinstance(taken.value, ast.Name):
        first = taken.slice
    else:
        return None, instead
    rows, column = (first, target.slice) if event.rows else (target.slice, first)
    named = isinstance(column, ast.Constant) and isinstance(column.value, str)
    if not named or isinstance(rows, (ast.Slice, ast.Tuple)):
        return None, instead
    code = f"{table}.loc[{_code(rows)}, {_code(column)}]"
    return Fix.of("Set it in one step", "unsafe", editing.replaced(trace, event.target, code)), f": `{_short(code)}`"


def _code(node: ast.expr) -> str:
    if (
        isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and '"' not in node.value
        and "\\" not in node.value
    ):
        return f'"{node.value}"'
    return ast.unparse(node)


RULE = Rule(
    name="chained-assignment",
    family="pandas",
    severity=Severity.WARNING,
    summary="A value is set in a part that was taken out of a table, which stays as it was.",
    finds="""
        Assignments in two steps, of which the first takes rows by a mask or a column out of a table and the second sets
        a value in what was taken: `table[table.age > 90]["age"] = 90`, `table["age"][rows] = 0`.
        """,
    matters="""
        What is taken out is a copy, so the value is set there and lost with the next line. Rows that a mask picks were
        a copy in every version of pandas; a single column is one since pandas 3. Nothing raises: there is a warning,
        and the outliers, gaps or labels that were to be corrected go into the model as they were.
        """,
    silent="""
        `loc`, `at` and their kind in one step; a part that has a name and is used by it; dicts, lists and arrays; a
        column, where the version of pandas in force is older than 3; code in a function that nothing calls.
        """,
    repair="""
        `table[rows]["age"] = 90` becomes `table.loc[rows, "age"] = 90`, where one step names a column and the other
        picks rows. For you to accept: the lines below see other values from then on.
        """,
    bad=(
        example(
            """
            import pandas as pd

            people = pd.DataFrame({"age": [31.0, 47.0, 999.0], "paid": [10.0, 12.0, 9.0]})
            people[people["age"] > 120]["age"] = None  # <- chained-assignment
            print(people["age"].max())
            """
        ),
        example(
            """
            import pandas as pd

            people = pd.DataFrame({"age": [31, 47, 999], "paid": [10.0, 12.0, 9.0]})
            people["age"][2] = 99  # <- chained-assignment
            print(people["age"].max())
            """
        ),
        example(
            """
            import pandas as pd

            people = pd.DataFrame({"age": [31, 47, 999], "paid": [10.0, 12.0, 9.0]})
            old = people["age"] > 120
            people["age"][old] = 99  # <- chained-assignment
            people.loc[old]["paid"] = 0.0  # <- chained-assignment
            print(people)
            """
        ),
        example(
            """
            import pandas as pd


            def corrected(table):
                table.age.loc[table.age > 120] = 99  # <- chained-assignment
                return table


            people = pd.DataFrame({"age": [31, 47, 999], "paid": [10.0, 12.0, 9.0]})
            print(corrected(people))
            """
        ),
    ),
    good=(
        example(
            """
            import pandas as pd

            people = pd.DataFrame({"age": [31.0, 47.0, 999.0], "paid": [10.0, 12.0, 9.0]})
            people.loc[people["age"] > 120, "age"] = None
            people.at[0, "paid"] = 11.0
            print(people)
            """
        ),
        example(
            """
            import pandas as pd

            people = pd.DataFrame({"age": [31, 47, 999], "paid": [10.0, 12.0, 9.0]})
            old = people[people["age"] > 120].copy()
            old["age"] = 99
            print(old, people)
            """
        ),
        example(
            """
            import pandas as pd

            tables = {"people": pd.DataFrame({"age": [31, 47]})}
            tables["people"]["age"] = [32, 48]
            print(tables["people"])
            """
        ),
        example(
            """
            import numpy as np

            grid = np.zeros((3, 3))
            grid[0][1] = 5
            grid[1:][0] = 7
            print(grid)
            """
        ),
        example(
            """
            import pandas as pd

            notes = pd.DataFrame({"id": [1, 2], "found": [{}, {}]})
            notes["found"][0]["colour"] = "red"
            print(notes)
            """
        ),
        example(
            """
            import pandas as pd

            people = pd.DataFrame({"age": [31, 47, 999]})
            people.attrs["source"] = "survey"
            ages = people["age"].to_numpy(copy=True)
            ages[2] = 99
            people["age"] = ages
            print(people, people.attrs)
            """
        ),
    ),
    check=check,
    references=("pandas user guide, [copy-on-write](https://pandas.pydata.org/docs/user_guide/copy_on_write.html)",),
)
