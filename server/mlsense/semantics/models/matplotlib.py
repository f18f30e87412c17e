"""matplotlib: figures and the axes in them, as far as it is known how many there are and in how many rows.

Axes that `subplots` makes are an array: an `Opaque` whose parts are the axes, or rows of axes, one by one.
"""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.semantics.core import constant
from mlsense.semantics.values import UNKNOWN, Const, Opaque, TupleValue, Value

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model
    from mlsense.semantics.models.effects import Call
    from mlsense.semantics.values import HeapObject

FIGURE = "matplotlib.figure.Figure"
AXES = "matplotlib.axes.Axes"
# An array of axes, of one dimension or two.
GRID = "matplotlib.pyplot.subplots.array"
# Axes of a kind, or in a number, that is not known.
SOME_AXES = "matplotlib.pyplot.subplots.axes"
_FIGURES = frozenset((FIGURE, "matplotlib.pyplot.figure", "matplotlib.pyplot.gcf"))
# Of more axes than that none is followed on its own.
MAX_AXES = 100


def subplots(run: Run, call: Call) -> Value:
    """`plt.subplots(2, 3)`: the figure, and its axes."""
    symbol = "" if "FigureClass" in call.keywords else FIGURE
    figure = run.alloc(call.node, Opaque(symbol, "a figure"), "figure")
    return TupleValue((figure, _axes(run, call)))


def _axes(run: Run, call: Call) -> Value:
    """One axes, a row or a column of them, or rows of them, as `squeeze` says."""
    rows, columns = (1 if value is None else constant(value) for value in (call.get(0, "nrows"), call.get(1, "ncols")))
    told = call.get(4, "squeeze")
    squeeze = True if told is None else constant(told)
    known = call.exact and all(type(number) is int and number > 0 for number in (rows, columns))
    if not known or not isinstance(squeeze, bool) or rows * columns > MAX_AXES:
        return run.alloc(call.node, Opaque(SOME_AXES, "axes"), "axes")
    symbol = SOME_AXES if {"subplot_kw", "per_subplot_kw"} & call.keywords.keys() else AXES
    made = [
        [run.alloc(call.node, Opaque(symbol, "axes"), (row, column)) for column in range(columns)]
        for row in range(rows)
    ]
    if squeeze and rows == columns == 1:
        return made[0][0]
    if squeeze and 1 in (rows, columns):
        return grid(run, call.node, [one for row in made for one in row])
    return grid(run, call.node, [grid(run, call.node, row, ("row", number)) for number, row in enumerate(made)])


def grid(run: Run, node: ast.AST, items: Sequence[Value], slot: Hashable = "grid") -> Value:
    """An array of axes, or of rows of them; `shape` is kept with it."""
    sizes = (len(items), *(shape(run.object(items[0])) if items else ()))
    return run.alloc(node, Opaque(GRID, "axes", parts=tuple(items), params=(("shape", Const.of(sizes)),)), slot)


def shape(thing: HeapObject | None) -> tuple[int, ...]:
    """The sizes of an array of axes; none for what is no array."""
    found = constant(thing.param("shape")) if isinstance(thing, Opaque) and thing.symbol == GRID else ()
    return found if isinstance(found, tuple) else ()


def _flat(run: Run, thing: Opaque) -> list[Value]:
    found: list[Value] = []
    for part in thing.parts:
        inner = run.object(part)
        found += _flat(run, inner) if isinstance(inner, Opaque) and inner.symbol == GRID else [part]
    return found


def attribute(run: Run, thing: Opaque, name: str, node: ast.AST) -> Value | None:
    """Attributes of an array of axes; None for those of anything else."""
    if thing.symbol != GRID:
        return None
    sizes = shape(thing)
    if name == "flat":
        return grid(run, node, _flat(run, thing), "flat")
    if name == "T" and len(sizes) == 2:
        rows = [run.items_of(row) or () for row in thing.parts]
        turned = [grid(run, node, column, ("row", number)) for number, column in enumerate(zip(*rows, strict=True))]
        return grid(run, node, turned, "turned")
    if name == "shape":
        return TupleValue(tuple(Const.of(size) for size in sizes))
    if name in ("size", "ndim"):
        return Const.of(len(_flat(run, thing)) if name == "size" else len(sizes))
    return grid(run, node, thing.parts, "turned") if name == "T" else None


def method(run: Run, thing: HeapObject | None, name: str, call: Call) -> Value | None:
    """Methods of figures and of arrays of axes; None for others."""
    if not isinstance(thing, Opaque):
        return None
    if name == "subplots" and thing.symbol in _FIGURES:
        return _axes(run, call)
    if thing.symbol != GRID:
        return None
    if name in ("flatten", "ravel") or (name == "reshape" and constant(call.get(0)) in (-1, len(_flat(run, thing)))):
        return grid(run, call.node, _flat(run, thing))
    return run.alloc(call.node, Opaque(SOME_AXES, "axes"))


def picked(run: Run, base: Value, thing: Opaque, node: ast.Subscript) -> Value | None:
    """`axes[1]`, `axes[0, 2]`, `axes[:, 0]`; None for what is neither axes nor an array of them."""
    if thing.symbol not in (GRID, AXES):
        return None
    keys = [_key(run, part) for part in (node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice])]
    if len(keys) == 1 and isinstance(keys[0], tuple):
        keys = [*keys[0]]
    numbers = tuple(key for key in keys if isinstance(key, int))
    known = len(numbers) == len(keys)
    run.note_item(node, base, thing, (numbers if len(keys) > 1 else numbers[0]) if known else ...)
    return UNKNOWN if thing.symbol == AXES else _picked(run, base, keys, node)


def _key(run: Run, part: ast.expr) -> object:
    """A number, a tuple, a slice with known ends; `...` for anything else."""
    if not isinstance(part, ast.Slice):
        return constant(run.evaluate(part))
    ends = [None if end is None else constant(run.evaluate(end)) for end in (part.lower, part.upper, part.step)]
    known = all(end is None or isinstance(end, int) for end in ends) and ends[2] != 0
    return slice(*ends) if known else ...


def _picked(run: Run, value: Value, keys: list[object], node: ast.AST) -> Value:
    """What the keys pick, one dimension after the other; which of several it is does not matter where none is known."""
    if not keys:
        return value
    thing = run.object(value)
    if not isinstance(thing, Opaque) or thing.symbol != GRID or not thing.parts:
        return UNKNOWN
    first, rest = keys[0], keys[1:]
    if isinstance(first, slice):
        found = [_picked(run, part, rest, node) for part in thing.parts[first]]
        return UNKNOWN if UNKNOWN in found else grid(run, node, found, ("slice", value))
    if first is ...:
        return _picked(run, thing.parts[0], rest, node)
    if type(first) is int and -len(thing.parts) <= first < len(thing.parts):
        return _picked(run, thing.parts[first], rest, node)
    return UNKNOWN


FUNCTIONS: dict[str, Model] = {"pyplot.subplots": subplots}
