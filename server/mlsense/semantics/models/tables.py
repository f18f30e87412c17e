"""What polars and Spark have in common: expressions of columns that belong to no table yet, and tables that take them.

An expression is a column of `ANY_ROWS`. Once a table takes it, it is of the rows of that table, and so is all that it
learns of them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import constant, text_of
from mlsense.semantics.models import frames, picking
from mlsense.semantics.models.effects import Call, learned_statistic, moved, shaped_by
from mlsense.semantics.regions import NO_ROWS, Choice, Region, Rows, Source
from mlsense.semantics.values import Column, Columns, Data, Learned, Lineage, Mask, Value, computed_from, merge_learned

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Sequence

    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.values import DataKind

ANY_ROWS = Rows((Region(Source(("expression",), "an expression", known=False)),))
# What is said of texts, dates, lists and names of columns: cell by cell.
NAMESPACES = frozenset("str dt cat list arr struct bin name".split())


# --- expressions -------------------------------------------------------------------------------------


def column(run: Run, call: Call, kind: DataKind, name: str | None) -> Value:
    """`col("age")`: a column by its name, or columns that are not known by name."""
    if name is None:
        return run.alloc(call.node, Data(kind=kind, rows=ANY_ROWS, rank=1))
    made = Data(kind=kind, rows=ANY_ROWS, rank=1, columns=Columns((Column(name),)), sources=(("expression", name),))
    return run.alloc(call.node, made, ("column", name))


def placed(data: Data, table: Data) -> Data:
    """An expression as a column of a table."""
    learned = tuple(replace(item, rows=table.rows) if item.rows == ANY_ROWS else item for item in data.learned)
    # What shaped the columns that went into it, the table remembers.
    names = [item.name for item in data.columns.items] if data.columns is not None else []
    before = (item for item in table.learned if item.columns is not None and item.touches(tuple(names)))
    sources: list[Hashable] = []
    for source in data.sources:
        if isinstance(source, tuple) and source[:1] == ("expression",):
            sources += table.lineage.sources(str(source[1])) if table.lineage is not None else ()
        else:
            sources.append(source)
    rows = table.rows if data.rows == ANY_ROWS else data.rows
    return replace(data, rows=rows, learned=merge_learned(learned, tuple(before)), sources=tuple(sources), lineage=None)


def statistic(run: Run, data: Data, what: str, call: Call) -> Value:
    """A number that a column is reduced to."""
    if data.rows == NO_ROWS:
        return run.alloc(call.node, replace(data, mask=None))
    names = tuple(item.name for item in data.columns.items) if data.columns is not None else ()
    own = replace(learned_statistic(run, what, data, call), of=names)
    learned = merge_learned(data.learned, (own,))
    if data.rank == 1 and data.rows != ANY_ROWS:
        return run.alloc(call.node, Data(kind="scalar", rows=NO_ROWS, learned=learned))
    made = Data(kind=data.kind, rows=NO_ROWS, learned=learned, rank=data.rank, columns=data.columns)
    return run.alloc(call.node, made)


def learning(run: Run, data: Data, what: str, call: Call) -> Value:
    """A value for each row that rests on all of them: a rank, a bin."""
    own = learned_statistic(run, what, data, call)
    learned = merge_learned(data.learned, (own,)) if data.rows != NO_ROWS else data.learned
    return run.alloc(call.node, replace(data, learned=learned, mask=None))


def by_cell(run: Run, data: Data, call: Call, mask: bool = False) -> Value:
    """Each cell follows from the cells beside it, and from what they are combined with."""
    others = [found for value in (*call.args, *call.keywords.values()) if (found := run.data(value)) is not None]
    rows = next((each.rows for each in (data, *others) if each.rows != NO_ROWS), NO_ROWS)
    sources = computed_from(data, *(each for each in others if each.kind == data.kind))
    made = replace(
        data,
        rows=rows,
        learned=merge_learned(data.learned, shaped_by(run, call)),
        mask=Mask((run.origin(call.node), "asked"), "is", True) if mask else None,
        sources=sources,
        selects=None,
    )
    return run.alloc(call.node, made)


def from_other_rows(run: Run, data: Data, name: str, call: Call) -> Value:
    """`shift(1)`, `lag("x")`: values of the rows before or after."""
    return run.alloc(call.node, replace(data, mask=None, sources=(moved(run, name, call),)))


def over_groups(run: Run, data: Data, call: Call) -> Value:
    """`.over("group")`: a statistic of each group, beside its rows."""
    learned = tuple(
        replace(item, what=f"groupby.{item.what}") if item.family == "statistic" and "." not in item.what else item
        for item in data.learned
    )
    rows = ANY_ROWS if data.rows == NO_ROWS else data.rows
    return run.alloc(call.node, replace(data, rows=rows, learned=learned, mask=None))


# --- tables ------------------------------------------------------------------------------------------


def name_of(run: Run, value: Value, table: Data) -> tuple[str | None, Data | None]:
    """An argument of `select` and its kind: the column's name where it is known, and the column."""
    text = text_of(value)
    if text is not None:
        return text, replace(frames.column(table, (text,), "series"), kind=table.kind)
    data = run.data(value)
    if data is None:
        return None, None
    name = frames.single_name(data)
    if name is None and table.kind == "polars" and data.sources:
        # What is computed is called as the column on the left.
        first = data.sources[0]
        name = str(first[1]) if isinstance(first, tuple) and first[:1] == ("expression",) else None
    return name, placed(data, table)


def flat(run: Run, values: Iterable[Value]) -> list[Value]:
    """Arguments, with lists and tuples of them taken apart; a dict's items stay what they are."""
    found: list[Value] = []
    for value in values:
        items = run.items_of(value) if not isinstance(run.object(value), Data) else None
        found.extend(items if items is not None else (value,))
    return found


def selected(run: Run, table: Data, call: Call, named: Sequence[tuple[str | None, Data | None]]) -> Value:
    """A table of these columns alone; of statistics alone a table of one row."""
    datas = [data for _, data in named if data is not None]
    learned = merge_learned(*(_of_column(name, data) for name, data in named if data is not None))
    if datas and len(datas) == len(named) and all(data.rows == NO_ROWS for data in datas):
        return run.alloc(call.node, Data(kind=table.kind, rows=NO_ROWS, learned=learned, rank=2))
    names = [name for name, _ in named]
    rows = table.rows if all(data.rows in (table.rows, NO_ROWS) for data in datas) else None
    whole = None not in names and len(datas) == len(named)
    if not whole:
        learned = merge_learned(table.learned, learned)
        return run.alloc(call.node, replace(table, rows=rows, learned=learned, columns=None, lineage=None, mask=None))
    base = table.lineage.base if table.lineage is not None else run.origin(call.node)
    lineage = Lineage(base, only=())
    for name, data in named:
        if name is not None and data is not None:
            kept = table.lineage.sources(name) if table.lineage is not None else ()
            if data.sources and data.sources == kept and kept[:1] == ((base, name),):
                lineage = replace(lineage, only=(*(lineage.only or ()), name))
            else:
                own = (kept[0],) if data.sources == kept and kept else (("made", base, name, run.origin(call.node)),)
                lineage = lineage.write(name, own[0], data.sources)
                lineage = replace(lineage, without=tuple(each for each in lineage.without if each != name))
    columns = Columns(tuple(Column(name) for name in names if name is not None))
    made = replace(table, rows=rows, learned=learned, columns=columns, lineage=lineage, mask=None, scale="unknown")
    return run.alloc(call.node, made)


def _of_column(name: str | None, data: Data) -> tuple[Learned, ...]:
    return tuple(replace(item, columns=(name,)) for item in data.learned) if name is not None else data.learned


def written(run: Run, table: Data, call: Call, named: Sequence[tuple[str | None, Data | None]]) -> Data:
    """The table with these columns written, each in all rows."""
    made = table
    for name, data in named:
        made = frames.assign_columns(made, (name,) if name is not None else None, data, run.origin(call.node))
    return replace(made, mask=None)


def filtered(run: Run, table: Data, masks: Sequence[Data | None], call: Call) -> Data:
    """The rows for which all of these hold."""
    for mask in masks:
        if mask is not None and mask.mask is not None and mask.mask.operator != "every":
            table = picking.choose(table, *mask.mask.choices())
        else:
            table = picking.choose(table, Choice(run.origin(call.node), "filter", None))
    return table


def joined(run: Run, table: Data, call: Call, how: str | None) -> Value:
    """Columns of another table beside these: with "left" all rows, and some twice, else some."""
    other = run.data(call.get(0, "other"))
    learned = merge_learned(table.learned, other.learned if other is not None else ())
    rows = table.rows if how in ("left", "inner", "semi", "anti", "leftsemi", "left_semi", "left_anti") else None
    if rows is not None:
        rows = rows.choose(Choice(run.origin(call.node), "filter", "join"))
    return run.alloc(call.node, Data(kind=table.kind, rows=rows, learned=learned, rank=2))


def dropped(run: Run, table: Data, names: Sequence[Value], call: Call) -> Value:
    found = tuple(
        text_of(value) or (frames.single_name(data) if (data := run.data(value)) is not None else None)
        for value in names
    )
    known = tuple(name for name in found if name is not None)
    if len(known) < len(found):
        return run.alloc(call.node, replace(table, columns=None, lineage=None))
    return run.alloc(call.node, frames.without_columns(table, known))


def renamed(run: Run, table: Data, names: dict[str, str] | None, call: Call) -> Value:
    return run.alloc(call.node, frames.renamed(table, names))


def sampled(run: Run, table: Data, call: Call, seed: Value | None, key: tuple[Hashable, ...]) -> Value:
    """Some rows, drawn; the same ones where a number is given for it."""
    fixed = constant(seed) if seed is not None else None
    way = (call.name, fixed, *key) if isinstance(fixed, int) and ... not in key and call.exact else None
    origin, same = picking.drawn(run, call.node, way, table.rows)
    return run.alloc(call.node, picking.choose(table, Choice(origin, "sample", True, same)))


def first_rows(table: Data, low: object, high: object) -> Choice:
    ends = (low or None, high)
    return Choice(("slice", None), "slice", ends)


__all__ = ["ANY_ROWS", "NAMESPACES", "by_cell", "column", "placed", "selected", "written"]
