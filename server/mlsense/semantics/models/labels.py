"""Names of columns that are not known one by one: `frame.columns`, and what programs make of it.

Which columns are meant, the state keeps under `OF` as a lineage: whatever else is done with the names loses it.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import code_of, text_of
from mlsense.semantics.regions import NO_ROWS
from mlsense.semantics.values import MOMENTS, NONE, Data, Lineage, ListObject, Ref, TupleValue, Value

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models.effects import Call

OF = "names of columns"
_SAME = frozenset("tolist to_list copy unique astype sort_values".split())
_LEFT = frozenset("drop difference remove".split())
# These add names, or leave them where they are.
_HARMLESS = frozenset("append insert extend sort reverse index count get_loc isin".split())


def made(run: Run, node: ast.AST, lineage: Lineage | None, slot: object = 0) -> Value:
    """The names of these columns."""
    ref = run.alloc(node, Data(kind="labels", rows=NO_ROWS), slot)
    return meant(run, ref, lineage)


def meant(run: Run, ref: Ref, lineage: Lineage | None) -> Value:
    if lineage is not None:
        run.state.set((ref, OF), Data(kind="labels", lineage=lineage))
    return ref


def columns_of(run: Run, value: Value | None) -> Lineage | None:
    """The columns that names stand for."""
    found = run.state.get((value, OF)) if isinstance(value, Ref) else None
    return found.lineage if isinstance(found, Data) else None


def forget(run: Run, value: Value) -> None:
    """Some of the names may be gone."""
    if isinstance(value, Ref) and columns_of(run, value) is not None:
        run.state.set((value, OF), NONE)


def method(run: Run, receiver: Value, name: str, call: Call) -> Value | None:
    """A method of names; None for those of which nothing more is known."""
    lineage = columns_of(run, receiver)
    if lineage is None:
        return None
    if name in _LEFT and call.args:
        given = _names(run, call.args[0])
        if name == "remove":
            run.state.set((receiver, OF), Data(kind="labels", lineage=lineage.drop(given)) if given else NONE)
            return NONE
        return made(run, call.node, lineage.drop(given) if given else None)
    if name in _SAME:
        return made(run, call.node, lineage)
    if name in ("append", "insert", "extend"):
        return NONE
    if name not in _HARMLESS:
        forget(run, receiver)
    return None


def _names(run: Run, value: Value) -> tuple[str, ...]:
    name = text_of(value)
    if name is not None:
        return (name,)
    thing = run.object(value)
    items = value.items if isinstance(value, TupleValue) else thing.items if isinstance(thing, ListObject) else None
    found = [text_of(item) for item in items or ()]
    return tuple(each for each in found if each is not None) if found and None not in found else ()


def filtered(run: Run, element: ast.expr, part: ast.comprehension) -> Lineage | None:
    """`[name for name in frame.columns if name != "id"]`."""
    if not isinstance(part.target, ast.Name) or not isinstance(element, ast.Name) or element.id != part.target.id:
        return None
    lineage = columns_of(run, run.evaluate(part.iter))
    for test in part.ifs:
        if lineage is None or not isinstance(test, ast.Compare) or len(test.ops) != 1:
            return None
        left, right = code_of(test.left), test.comparators[0]
        if left == element.id and isinstance(test.ops[0], (ast.NotEq, ast.NotIn)):
            given = _names(run, run.evaluate(right))
            # Of one name, `in` a text asks for a part of it.
            if not given or (isinstance(test.ops[0], ast.NotIn) and text_of(run.evaluate(right)) is not None):
                return None
            lineage = lineage.drop(given)
        elif left.endswith((f"[{element.id}].dtype", f"dtypes[{element.id}]")) and isinstance(test.ops[0], ast.NotEq):
            if code_of(right) not in ("'object'", "object", "np.object_", "'O'", "'category'", "'str'"):
                return None
            lineage = of_numbers(lineage)
        else:
            return None
    return lineage


def of_numbers(lineage: Lineage | None) -> Lineage | None:
    """The columns of numbers among these."""
    if lineage is None:
        return None
    kept = tuple(entry for entry in lineage.made if MOMENTS not in entry[2])
    return replace(lineage, made=kept, numbers=True)


def picked(table: Lineage | None, names: Lineage | None) -> Lineage | None:
    """The columns of a table that names stand for; None where they are of another table."""
    if table is None or names is None or table.base != names.base:
        return None
    if names.only is not None and table.only is not None:
        return None
    kept = tuple(entry for entry in table.made if any(entry[0] == other[0] for other in names.made))
    gone = tuple(entry[0] for entry in table.made if entry not in kept)
    only = table.only if names.only is None else names.only
    without = tuple(dict.fromkeys((*table.without, *names.without, *gone)))
    made_names = {entry[0] for entry in kept}
    return replace(
        table,
        only=only,
        without=tuple(name for name in without if name not in made_names),
        made=kept,
        numbers=table.numbers or names.numbers,
    )


def left_over(run: Run, left: Value, right: ast.expr, node: ast.AST) -> Value | None:
    """`set(frame.columns) - {"id"}`."""
    lineage = columns_of(run, left)
    if lineage is None or not isinstance(right, (ast.Set, ast.Call)):
        return None
    shown = right.elts if isinstance(right, ast.Set) else []
    if isinstance(right, ast.Call) and code_of(right.func) == "set" and len(right.args) == 1:
        inner = right.args[0]
        shown = inner.elts if isinstance(inner, (ast.List, ast.Tuple, ast.Set)) else []
    names = [text_of(run.evaluate(each)) for each in shown]
    known = tuple(name for name in names if name is not None)
    return made(run, node, lineage.drop(known), "left") if known and len(known) == len(names) else None
