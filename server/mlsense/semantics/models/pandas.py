"""pandas' functions: what reads, makes, joins and recodes tables. Methods of frames are in `frames`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import constant, text_of
from mlsense.semantics.models import frames
from mlsense.semantics.models.effects import Call, Effect, apply
from mlsense.semantics.values import UNKNOWN, Column, Columns, Data, DataKind, DictObject, ListObject, Scale, Value

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model


def read(run: Run, call: Call) -> Value:
    """`read_csv("a.csv")`: the same file read again gives the same rows."""
    name = call.name
    path = text_of(call.args[0]) if call.args else None
    rows = run.source(
        call.node,
        f"{name}({path!r})".replace("'", '"') if path is not None else f"{name}(...)",
        ("file", path) if path is not None else None,
    )
    if call.get(None, "chunksize", "iterator") is not None:
        chunk = run.alloc(call.node, Data(kind="frame", scale="raw"), "chunk")
        return run.alloc(call.node, ListObject(None, chunk, "data"))
    kind: DataKind = "array" if name.startswith(("load", "gen", "from")) else "frame"
    return run.alloc(call.node, Data(kind=kind, rows=rows, scale="raw", rank=2))


def numbers(run: Run, value: Value) -> Column | None:
    """Smallest and largest of a literal list of numbers, or of an array that knows them."""
    items = run.items_of(value)
    if items:
        found = [constant(item) for item in items]
        if all(isinstance(number, (int, float)) and not isinstance(number, bool) for number in found):
            return Column("", float(min(found)), float(max(found)))
        return None
    thing = run.object(value)
    if isinstance(thing, Data) and thing.columns is not None and len(thing.columns.items) == 1:
        return thing.columns.items[0]
    return None


def frame(run: Run, call: Call) -> Value:
    """`DataFrame(...)` of a dict of columns, of an array, of another frame."""
    source = call.get(0, "data")
    thing = run.object(source)
    names = frames.names_in(run, call.keywords["columns"]) if "columns" in call.keywords else None
    if isinstance(thing, Data):
        columns = Columns(tuple(map(Column, names))) if names is not None else None
        if columns is None or (thing.columns is not None and len(thing.columns.items) == len(columns.items)):
            columns = (
                thing.columns
                if names is None or thing.columns is None
                else Columns(
                    tuple(replace(column, name=name) for column, name in zip(thing.columns.items, names, strict=True))
                )
            )
        return run.alloc(call.node, replace(thing, kind="frame", columns=columns, rank=2))
    rows = run.source(call.node, "DataFrame(...)")
    if isinstance(thing, DictObject):
        items: list[Column] = []
        parts = []
        for name, value in thing.items:
            known = numbers(run, value)
            items.append(Column(str(name), known.low, known.high) if known is not None else Column(str(name)))
            data = run.object(value)
            parts.append(data if isinstance(data, Data) else None)
        shared = {part.rows for part in parts if part is not None}
        if parts and all(part is not None for part in parts) and len(shared) == 1:
            rows = shared.pop() or rows
        learned = tuple(
            replace(item, columns=(str(name),))
            for (name, _), part in zip(thing.items, parts, strict=True)
            if part is not None
            for item in part.learned
        )
        ranged = all(column.low is not None for column in items) and items
        scale: Scale = "raw" if ranged else "unknown"
        return run.alloc(
            call.node,
            Data(
                kind="frame",
                rows=rows,
                learned=learned,
                scale=scale,
                columns=Columns(tuple(items), not thing.open),
            ),
        )
    return run.alloc(call.node, Data(kind="frame", rows=rows))


def series(run: Run, call: Call) -> Value:
    thing = run.object(call.get(0, "data"))
    if isinstance(thing, Data):
        return run.alloc(call.node, replace(thing, kind="series", rank=1))
    return run.alloc(call.node, Data(kind="series", rows=run.source(call.node, "Series(...)"), rank=1))


def concat(run: Run, call: Call) -> Value:
    values = run.items_of(call.get(0, "objs") or UNKNOWN)
    if values is None:
        return run.alloc(call.node, Data(kind="frame"))
    if constant(call.get(1, "axis")) in (1, "columns"):
        return frames.beside(run, list(values), call)
    return frames.concatenated(run, list(values), call)


def effect(described: Effect) -> Model:
    def model(run: Run, call: Call) -> Value:
        data = run.data(call.args[0]) if call.args else None
        if data is None:
            return run.alloc(call.node, Data())
        name = call.name
        return run.alloc(call.node, apply(run, described, data, call, name))

    return model


def cut(run: Run, call: Call) -> Value:
    """Literal edges are constants; a number of bins is learned from the rows."""
    learns = "cut" if isinstance(constant(call.get(1, "bins")), int) else ""
    return effect(Effect(learns=learns))(run, call)


def merge(run: Run, call: Call) -> Value:
    data = run.data(call.get(0, "left"))
    if data is None:
        return run.alloc(call.node, Data(kind="frame"))
    return run.alloc(call.node, apply(run, Effect(rows="subset"), data, call, "merge"))


def melt(run: Run, call: Call) -> Value:
    return run.alloc(call.node, Data(kind="frame"))


def get_dummies(run: Run, call: Call) -> Value:
    """Indicator columns in place of text: the other columns keep their numbers, the names change."""
    data = run.data(call.get(0, "data"))
    if data is None:
        return run.alloc(call.node, Data(kind="frame"))
    return run.alloc(call.node, replace(data, kind="frame", columns=None, mask=None, scale="unknown"))


def quiet(run: Run, call: Call) -> Value:
    return UNKNOWN


READERS = """
    read_csv read_table read_excel read_parquet read_json read_sql read_sql_query read_sql_table read_feather
    read_hdf read_pickle read_html read_orc read_stata read_sas read_spss read_fwf read_clipboard read_xml
    """.split()

FUNCTIONS: dict[str, Model] = {
    **dict.fromkeys(READERS, read),
    "DataFrame": frame,
    "Series": series,
    "concat": concat,
    "merge": merge,
    "melt": melt,
    "cut": cut,
    "qcut": effect(Effect(learns="qcut")),
    "get_dummies": get_dummies,
    **dict.fromkeys(["to_numeric", "to_datetime", "to_timedelta", "Categorical", "array"], effect(Effect(keeps=True))),
    **dict.fromkeys(["isna", "isnull", "notna", "notnull"], effect(Effect())),
    "factorize": effect(Effect()),
    "unique": effect(Effect(rows="none")),
    **dict.fromkeys(
        "set_option reset_option option_context crosstab date_range Timestamp Timedelta".split(),
        quiet,
    ),
    "Index": effect(Effect(keeps=True, kind="index")),
}
