"""The words library models are written in: what a callable does to rows, scale, columns; and the call it describes."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from mlsense.semantics.core import constant
from mlsense.semantics.regions import Choice, Rows
from mlsense.semantics.values import Data, DataKind, Learned, Value, merge_learned, statistic

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

    `rows`: the same rows, some of them, none (a statistic), or not known. `learns` names the statistic it computes over
    rows; with `axis=1` it is computed within each row and nothing is learned. `keeps`: values stay what they were, so
    scale and columns do too.
    """

    rows: Literal["same", "subset", "none", "unknown"] = "same"
    learns: str = ""
    keeps: bool = False
    kind: DataKind | Literal["same"] = "same"
    inplace: bool = False


def apply(run: Core, effect: Effect, data: Data, call: Call, name: str) -> Data:
    """The value that a callable with this effect gives for `data`."""
    if effect.rows == "none" or (effect.learns and data.kind == "grouped"):
        return _reduced(run, effect, data, call)
    kind = data.kind if effect.kind == "same" else effect.kind
    others = [run.data(value) for value in (*call.args, *call.keywords.values())]
    learned = merge_learned(data.learned, *(other.learned for other in others if other is not None))
    if effect.learns:
        learned = merge_learned(learned, (learned_statistic(run, effect.learns, data, call),))
    rows = data.rows
    if rows is not None and effect.rows == "subset":
        rows = rows.choose(Choice(run.origin(call.node), "filter", name))
    elif effect.rows == "unknown":
        rows = None
    if effect.keeps:
        return replace(data, kind=kind, rows=rows, learned=learned, mask=None)
    return Data(kind=kind, rows=rows, learned=learned, fits=data.fits)


def _reduced(run: Core, effect: Effect, data: Data, call: Call) -> Data:
    if by_row(run, call):
        return Data(kind="series", rows=data.rows, learned=data.learned, fits=data.fits)
    one_number = (
        data.kind == "array"
        and data.rank == 2
        and effect.learns in ("max", "min")
        and not call.keywords
        and not call.args
    )
    if not effect.learns or one_number:
        return statistic(data.learned)
    return statistic(merge_learned(data.learned, (learned_statistic(run, effect.learns, data, call),)))


def by_row(run: Core, call: Call) -> bool:
    """Whether the call says `axis=1`: along each row, so that no row learns of another."""
    return constant(call.keywords.get("axis")) in (1, "columns") or constant(call.keywords.get("dim")) in (
        1,
        -1,
    )


def learned_statistic(run: Core, what: str, data: Data, call: Call) -> Learned:
    names = tuple(column.name for column in data.columns.items) if data.columns is not None else ()
    grouped = "groupby." if data.kind == "grouped" else ""
    text = ast.unparse(call.node)
    return Learned(run.origin(call.node), grouped + what, text, "statistic", data.rows, of=names[:64])


def chosen(rows: Rows | None, *choices: Choice) -> Rows | None:
    for choice in choices:
        rows = None if rows is None else rows.choose(choice)
    return rows
