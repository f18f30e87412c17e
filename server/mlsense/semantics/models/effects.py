"""The words library models are written in: what a callable does to rows, scale, columns; and the call it describes."""

from __future__ import annotations

import ast
from dataclasses import field, replace
from typing import TYPE_CHECKING, Literal

from mlsense.semantics.core import code_of, constant
from mlsense.semantics.immutable import dataclass
from mlsense.semantics.models import scores
from mlsense.semantics.regions import NO_ROWS, Choice, Region, Rows, Source
from mlsense.semantics.values import (
    Columns,
    Data,
    DataKind,
    Learned,
    ListObject,
    Moved,
    Opaque,
    TupleValue,
    Value,
    computed_from,
    merge_learned,
    statistic,
)

if TYPE_CHECKING:
    from mlsense.semantics.core import Core


@dataclass(slots=True)
class Call:
    """A call with its evaluated arguments. `exact`: no `*args` or `**kwargs` of unknown content among them.

    `symbol` is what is called, by its dotted name in the library, whatever the program calls it.
    """

    node: ast.Call
    args: list[Value]
    keywords: dict[str, Value]
    exact: bool = True
    nodes: dict[int | str, ast.expr] = field(default_factory=dict)
    symbol: str = ""

    @property
    def name(self) -> str:
        return self.symbol.rpartition(".")[2]

    def get(self, index: int | None, *names: str) -> Value | None:
        """The argument at a position or under one of its names."""
        for name in names:
            if name in self.keywords:
                return self.keywords[name]
        return self.args[index] if index is not None and index < len(self.args) else None

    def node_of(self, index: int | None, *names: str) -> ast.expr | None:
        for name in names:
            if name in self.nodes:
                return self.nodes[name]
        return self.nodes.get(index) if index is not None else None


@dataclass(frozen=True, slots=True)
class Effect:
    """What a function or method does to the rows it is given.

    `rows`: the same set of rows, in whatever order; rows of those given, of which some are missing or there twice;
    none (a statistic); rows of its own, of which it is not known how they relate to those given; or not known.
    `learns` names the statistic it computes over rows; along an axis within each row nothing is learned, and `axis`
    says which argument names it. `keeps`: values stay what they were, so scale and columns do too; `ranges`: as far as
    it keeps, also within their smallest and largest. What changes values cell by cell keeps the names of columns.
    """

    rows: Literal["same", "subset", "none", "own", "unknown"] = "same"
    learns: str = ""
    keeps: bool = False
    ranges: bool = True
    kind: DataKind | Literal["same"] = "same"
    axis: int | None = None


ELSEWHERE = frozenset("shift diff pct_change isna isnull notna notnull isin duplicated".split())

# These take a value from another row, so many before it.
MOVING = frozenset("shift diff pct_change".split())


def moved(run: Core, name: str, call: Call) -> Moved:
    """`column.shift(1)` and its kind: of rows before, of a negative number after."""
    number = constant(call.get(0, "periods"))
    ahead = isinstance(number, (int, float)) and number < 0
    return Moved(run.origin(call.node), code_of(call.node)[:60], ahead)


Along = Literal["rows", "row", "unknown"]


def along(data: Data, call: Call, position: int | None = None) -> Along:
    """Whether a call goes over the rows, along each row, or in a direction that is not known."""
    value = call.get(position, "axis", "dim")
    axis = 0 if value is None else constant(value)
    if isinstance(axis, tuple) and axis and all(isinstance(one, int) and one >= 0 for one in axis):
        return "rows" if 0 in axis else "row"
    if axis in (0, None, "index", "rows") or isinstance(axis, bool):
        return "rows"
    if axis == -1 and data.rank is not None:
        return "rows" if data.rank == 1 else "row"
    return "row" if axis == "columns" or (isinstance(axis, int) and axis > 0) else "unknown"


def apply(run: Core, effect: Effect, data: Data, call: Call, name: str) -> Data:
    """The value that a callable with this effect gives for `data`."""
    if effect.rows == "none" or (effect.learns and data.kind == "grouped"):
        return _reduced(run, effect, data, call)
    kind = data.kind if effect.kind == "same" else effect.kind
    learned = merge_learned(data.learned, shaped_by(run, call))
    if effect.learns and along(data, call, effect.axis) == "rows":
        learned = merge_learned(learned, (learned_statistic(run, effect.learns, data, call),))
    rows = data.rows
    if rows is not None and effect.rows == "subset":
        rows = rows.choose(Choice(run.origin(call.node), "filter", name))
    elif effect.rows == "own":
        rows = own_rows(run, call)
    elif effect.rows == "unknown":
        rows = None
    if effect.keeps:
        columns = data.columns if effect.ranges else names_only(data.columns)
        return replace(data, kind=kind, rows=rows, learned=learned, columns=columns, mask=None)
    cell_by_cell = effect.kind == "same" and effect.rows in ("same", "subset")
    columns, rank = (names_only(data.columns), data.rank) if cell_by_cell else (None, None)
    if columns is not None and name in MOVING and data.kind in ("frame", "series"):
        columns = _with_missing(columns, call)
    # A value of another row, or whether there is one, is no longer this column.
    own = cell_by_cell and name not in ELSEWHERE
    others = [value for value in (*call.args, *call.keywords.values()) if isinstance(run.object(value), Data)]
    sources = computed_from(data, *(run.data(value) for value in others)) if own and data.sources else ()
    if name in MOVING and data.rank == 1:
        sources = (moved(run, name, call),)
    lineage = data.lineage if own and data.kind == "frame" else None
    role = data.role if data.role == "comparison" else "unknown"
    form = data.form if data.role == "comparison" else ""
    return Data(
        kind=kind,
        rows=rows,
        learned=learned,
        columns=columns,
        fits=data.fits,
        rank=rank,
        role=role,
        form=form,
        sources=sources,
        lineage=lineage,
        order=data.order if data.kind == "frame" else None,
    )


def _with_missing(columns: Columns, call: Call) -> Columns:
    """The first or last rows have none before or after them to take a value from."""
    given = call.get(0, "periods")
    number = constant(given) if given is not None else 1
    filled = call.get(None, "fill_value") is not None or call.get(None, "freq") is not None
    if not isinstance(number, int) or isinstance(number, bool) or number == 0 or filled or len(call.args) > 1:
        return columns
    items = tuple(replace(item, gaps=True, missing=abs(number)) for item in columns.items)
    return Columns(items, columns.closed)


def shaped_by(run: Core, call: Call) -> tuple[Learned, ...]:
    """What shaped the arguments of a call, lists of numbers among them."""
    return merge_learned(*(learned_in(run, value) for value in (*call.args, *call.keywords.values())))


def learned_in(run: Core, value: Value) -> tuple[Learned, ...]:
    thing = run.object(value)
    items = value.items if isinstance(value, TupleValue) else thing.items if isinstance(thing, ListObject) else None
    if items is not None:
        found = [run.object(item) for item in items[:16]]
        return merge_learned(*(item.learned for item in found if isinstance(item, Data)))
    data = run.data(value)
    return data.learned if data is not None else ()


def names_only(columns: Columns | None) -> Columns | None:
    """The columns without what is known of their values."""
    if columns is None:
        return None
    return Columns(tuple(column.bare for column in columns.items), columns.closed)


def _reduced(run: Core, effect: Effect, data: Data, call: Call) -> Data:
    learned = merge_learned(data.learned, shaped_by(run, call))
    way = along(data, call, effect.axis)
    if way == "row" and effect.learns == "argmax" and data.fits:
        kind = _ACROSS.get(data.kind, data.kind)
        return Data(kind=kind, rows=data.rows, learned=learned, fits=data.fits, role="prediction", form="largest")
    if data.role == "comparison" and way == "rows":
        return Data(kind="scalar", rows=NO_ROWS, scores=scores.measured(run, call.node, effect.learns or "mean", data))
    if way == "row":
        return Data(kind=_ACROSS.get(data.kind, data.kind), rows=data.rows, learned=learned, fits=data.fits)
    if way == "unknown":
        return Data(learned=learned, fits=data.fits)
    # The largest number of a whole table is the unit it was measured in: 255 for grey values.
    one_number = (
        data.kind == "array"
        and data.rank == 2
        and effect.learns in ("max", "min")
        and not call.keywords
        and not call.args
    )
    if not effect.learns or one_number or data.rows == NO_ROWS:
        return statistic(learned)
    return statistic(merge_learned(learned, (learned_statistic(run, effect.learns, data, call),)))


# What is left of a table when each row is reduced to one value.
_ACROSS: dict[DataKind, DataKind] = {"frame": "series", "sparse": "array"}


def own_rows(run: Core, call: Call) -> Rows:
    """Rows that come to be here out of others: their relation to those is not known, that of their parts is."""
    label = code_of(call.node.func)
    source = Source(run.origin(call.node), f"{label}(...)" if len(label) <= 40 else "a call", known=False)
    return Rows((Region(source),))


def opaque(run: Core, call: Call) -> Value:
    """Something that is no data: a type, a file, a moment, a context, a setting."""
    return run.alloc(call.node, Opaque(symbol=call.symbol, label=code_of(call.node.func)[:40]))


def learned_statistic(run: Core, what: str, data: Data, call: Call) -> Learned:
    names = tuple(column.name for column in data.columns.items) if data.columns is not None else ()
    grouped = "groupby." if data.kind == "grouped" else ""
    text = code_of(call.node)
    return Learned(run.origin(call.node), grouped + what, text, "statistic", data.rows, of=names[:64])


def chosen(rows: Rows | None, *choices: Choice) -> Rows | None:
    for choice in choices:
        rows = None if rows is None else rows.choose(choice)
    return rows
