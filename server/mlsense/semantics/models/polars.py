"""polars: tables, lazy or not, their columns, and expressions of columns."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import constant, text_of
from mlsense.semantics.models import files, frames, picking, tables
from mlsense.semantics.models.effects import Call, names_only, own_rows, shaped_by
from mlsense.semantics.regions import NO_ROWS, Choice
from mlsense.semantics.values import (
    NONE,
    UNKNOWN,
    Column,
    Columns,
    Const,
    Data,
    DictObject,
    Learned,
    ListObject,
    Mask,
    Opaque,
    Ref,
    Value,
    filling,
    merge_learned,
)

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model
    from mlsense.semantics.values import DataKind

KIND: DataKind = "polars"
_STATISTICS = {
    **{name: name for name in "mean median std var min max sum mode skew kurtosis quantile product corr".split()},
    "n_unique": "nunique",
    "approx_n_unique": "nunique",
    "nan_max": "max",
    "nan_min": "min",
    "value_counts": "value_counts",
    "unique": "unique",
    "arg_max": "argmax",
    "arg_min": "argmin",
    "describe": "describe",
}
_RESTING = {"rank": "rank", "qcut": "qcut"}
_ASKING = frozenset(
    "is_null is_not_null is_nan is_not_nan is_in is_between is_finite is_infinite is_duplicated is_unique not_".split()
)
_SOME_CELLS = frozenset(
    "head tail filter drop_nulls drop_nans sample slice limit top_k bottom_k gather gather_every".split()
)
_CARRIED = frozenset("forward_fill backward_fill interpolate".split())
_MOVING = frozenset("shift diff pct_change".split())
_SAME_TABLE = frozenset(
    """
    lazy collect clone rechunk shrink_to_fit set_sorted cache select_seq sort reverse interpolate cast
    fill_nan collect_async inspect
    """.split()
)


# --- where rows come to be ---------------------------------------------------------------------------


def read(run: Run, call: Call) -> Value:
    """`read_csv`, `scan_parquet` and their kind: the same file read again gives the same rows."""
    first = call.get(0, "source")
    path = files.path_of(run, first) if first is not None else None
    label = f'{call.name}("{path}")' if path is not None else f"{call.name}(...)"
    rows = run.source(call.node, label, ("file", path) if path is not None else None)
    number = constant(call.get(None, "n_rows"))
    if isinstance(number, int):
        rows = rows.choose(tables.first_rows(Data(), None, number))
    return run.alloc(call.node, Data(kind=KIND, rows=rows, scale="raw", rank=2))


def frame(run: Run, call: Call) -> Value:
    """`DataFrame(...)`, `from_pandas(frame)`: the rows of what it is made of."""
    given = call.get(0, "data", "df")
    thing = run.object(given)
    if isinstance(thing, Data):
        kept = thing.columns if thing.kind in ("frame", KIND) else None
        made = replace(thing, kind=KIND, rank=2, mask=None, columns=kept, sources=())
        return run.alloc(call.node, made)
    columns = None
    if isinstance(thing, DictObject) and not thing.open:
        columns = Columns(tuple(Column(str(key)) for key, _ in thing.items))
        parts = [found for _, value in thing.items if isinstance(found := run.object(value), Data)]
        shared = {part.rows for part in parts if part.rows != NO_ROWS}
        if parts:
            rows = shared.pop() if len(shared) == 1 else own_rows(run, call)
            learned = merge_learned(*(part.learned for part in parts))
            return run.alloc(call.node, Data(kind=KIND, rows=rows, learned=learned, columns=columns, rank=2))
    rows = run.source(call.node, f"{call.name}(...)") if given is not None else own_rows(run, call)
    return run.alloc(call.node, Data(kind=KIND, rows=rows, columns=columns, rank=2))


def series(run: Run, call: Call) -> Value:
    given = call.get(1, "values") or call.get(0)
    data = run.data(given)
    name = text_of(call.get(0, "name"))
    columns = Columns((Column(name),)) if name is not None else None
    if isinstance(run.object(given), Data) and data is not None:
        return run.alloc(call.node, replace(data, kind=KIND, rank=1, mask=None, columns=columns))
    return run.alloc(call.node, Data(kind=KIND, rows=run.source(call.node, "Series(...)"), columns=columns, rank=1))


def concat(run: Run, call: Call) -> Value:
    values = list(run.items_of(call.get(0, "items") or UNKNOWN) or ())
    how = call.get(1, "how")
    way = "vertical" if how is None else text_of(how) or "?"
    if not values:
        return run.alloc(call.node, Data(kind=KIND, rank=2))
    return (frames.beside if way == "horizontal" else frames.concatenated)(run, values, call)


# --- expressions -------------------------------------------------------------------------------------


def col(run: Run, call: Call) -> Value:
    name = text_of(call.get(0)) if len(call.args) == 1 else None
    plain = name is not None and not name.startswith("^") and name != "*"
    return tables.column(run, call, KIND, name if plain else None)


def every(run: Run, call: Call) -> Value:
    return tables.column(run, call, KIND, None)


def literal(run: Run, call: Call) -> Value:
    data = run.data(call.get(0))
    learned = data.learned if data is not None else ()
    return run.alloc(call.node, Data(kind=KIND, rows=NO_ROWS, learned=learned, rank=1))


def of_column(run: Run, call: Call) -> Value:
    """`pl.mean("age")` is `pl.col("age").mean()`."""
    name = text_of(call.get(0)) if len(call.args) == 1 else None
    made = tables.column(run, replace(call, args=call.args[:1]), KIND, name)
    data = run.object(made)
    assert isinstance(data, Data)
    return tables.statistic(run, data, _STATISTICS.get(call.name, call.name), call)


def across(run: Run, call: Call) -> Value:
    """`sum_horizontal`, `when`, `concat_str`: row by row."""
    made = Data(kind=KIND, rows=tables.ANY_ROWS, rank=1, learned=shaped_by(run, call))
    return run.alloc(call.node, made)


# --- methods -----------------------------------------------------------------------------------------


def method(run: Run, receiver: Value, data: Data, name: str, call: Call) -> Value:
    call.symbol = name
    if data.rank == 2:
        return _of_table(run, receiver, data, name, call)
    return _of_column(run, receiver, data, name, call)


def _of_column(run: Run, receiver: Value, data: Data, name: str, call: Call) -> Value:
    if isinstance(receiver, Ref) and receiver.slot in tables.NAMESPACES:
        return tables.by_cell(run, data, call)
    if name in ("alias", "rename"):
        new = text_of(call.get(0, "name"))
        columns = Columns((Column(new),)) if new is not None else None
        return run.alloc(call.node, replace(data, columns=columns))
    if name in _STATISTICS:
        return tables.statistic(run, data, _STATISTICS[name], call)
    if name in _RESTING:
        return tables.learning(run, data, _RESTING[name], call)
    if name == "over":
        return tables.over_groups(run, data, call)
    if name == "fill_null":
        return run.alloc(call.node, _filled(run, data, call))
    if name in _MOVING:
        return tables.from_other_rows(run, data, name, call)
    if name in ("len", "count", "null_count", "item", "any", "all", "first", "last", "is_empty"):
        return run.alloc(call.node, Data(kind="scalar", rows=NO_ROWS))
    if name in ("to_numpy", "to_list", "to_torch", "to_jax"):
        return run.alloc(call.node, replace(data, kind="array", mask=None))
    if name == "to_pandas":
        return run.alloc(call.node, replace(data, kind="series", mask=None))
    if name == "to_frame":
        return run.alloc(call.node, replace(data, rank=2, mask=None))
    if name in _SOME_CELLS:
        mask = run.data(call.get(0)) if name == "filter" else None
        return run.alloc(call.node, tables.filtered(run, data, [mask], call))
    if name in ("shuffle", "explode", "extend", "append", "map_batches", "rolling", "implode", "hist", "sort"):
        return run.alloc(call.node, Data(kind=KIND, learned=data.learned, rank=1))
    return tables.by_cell(run, data, call, mask=name in _ASKING)


def _filled(run: Run, data: Data, call: Call) -> Data:
    """Gaps take a value, or a statistic of the column."""
    strategy = text_of(call.get(1, "strategy"))
    learned = merge_learned(data.learned, filling(shaped_by(run, call)))
    if strategy in ("mean", "min", "max"):
        names = tuple(item.name for item in data.columns.items) if data.columns is not None else ()
        text = ast.unparse(call.node)
        own = Learned(run.origin(call.node), strategy, text, "fill", data.rows, of=names[:64])
        learned = merge_learned(learned, (own,))
    return replace(data, learned=learned, mask=None)


def _of_table(run: Run, receiver: Value, data: Data, name: str, call: Call) -> Value:
    args = tables.flat(run, call.args)
    if name in ("select", "with_columns", "with_columns_seq"):
        named = [tables.name_of(run, value, data) for value in args]
        named += [(key, tables.name_of(run, value, data)[1]) for key, value in call.keywords.items()]
        if name == "select":
            return tables.selected(run, data, call, named)
        return run.alloc(call.node, tables.written(run, data, call, named))
    if name in ("filter", "remove"):
        masks = [run.data(value) for value in args]
        masks += [_equal(key, value) for key, value in call.keywords.items()]
        if name == "remove":
            masks = [frames.inverted(masks[0]) if len(masks) == 1 and masks[0] and masks[0].mask else None]
        return run.alloc(call.node, tables.filtered(run, data, masks, call))
    if name in ("head", "limit", "slice"):
        return run.alloc(call.node, picking.choose(data, _stretch(run, name, call)))
    if name in ("tail", "unique", "drop_nulls", "drop_nans", "gather_every", "top_k", "bottom_k", "explode"):
        return run.alloc(call.node, picking.choose(data, Choice(run.origin(call.node), "filter", None)))
    if name == "sample":
        return _sampled(run, data, call)
    if name == "join":
        how = call.get(2, "how")
        return tables.joined(run, data, call, "inner" if how is None else text_of(how))
    if name in ("group_by", "groupby", "group_by_dynamic", "rolling"):
        return run.alloc(call.node, replace(data, kind="grouped", mask=None))
    if name == "fill_null":
        return run.alloc(call.node, _filled(run, data, call))
    if name == "drop":
        return tables.dropped(run, data, args, call)
    if name == "rename":
        return tables.renamed(run, data, _names(run, call.get(0, "mapping")), call)
    if name in ("with_row_index", "with_row_count"):
        new = text_of(call.get(0, "name")) or "index"
        return run.alloc(call.node, frames.assign_columns(data, (new,), None, run.origin(call.node)))
    if name == "to_numpy":
        return run.alloc(call.node, replace(data, kind="array", mask=None))
    if name == "to_pandas":
        return run.alloc(call.node, replace(data, kind="frame", mask=None))
    if name in ("get_column", "drop_in_place", "to_series"):
        wanted = text_of(call.get(0, "name"))
        if name == "drop_in_place" and wanted is not None:
            run.update(receiver, frames.without_columns(data, (wanted,)))
        return _column_of(run, data, wanted, call.node)
    if name == "to_dummies":
        own = Learned(run.origin(call.node), "to_dummies", ast.unparse(call.node), "dummies", data.rows)
        learned = merge_learned(data.learned, (own,))
        return run.alloc(call.node, replace(data, columns=None, lineage=None, learned=learned))
    if name in ("vstack", "extend"):
        made = frames.concatenated(run, [receiver, *call.args[:1]], call)
        if name == "extend" and isinstance(found := run.object(made), Data):
            run.update(receiver, found)
        return made
    if name == "hstack":
        return run.alloc(
            call.node, replace(data, columns=None, learned=merge_learned(data.learned, shaped_by(run, call)))
        )
    if name in _STATISTICS:
        return tables.statistic(run, data, _STATISTICS[name], call)
    if name in ("null_count", "item", "row", "rows", "to_dict", "to_dicts", "glimpse", "estimated_size", "describe"):
        return run.alloc(call.node, Data(kind="scalar", rows=NO_ROWS, learned=data.learned))
    if name == "pipe" and call.args:
        return run.call(call.args[0], Call(call.node, [receiver, *call.args[1:]], call.keywords))
    if name.startswith(("write_", "sink_")):
        files.written(run, call.get(0, "file", "path"), receiver, call)
        return NONE
    if name in _SAME_TABLE:
        columns = names_only(data.columns)
        return run.alloc(call.node, replace(data, columns=columns, order=None, mask=None))
    run.unfollowed(call.node, "method not known", name)
    return run.alloc(call.node, Data(kind=KIND, learned=data.learned, rank=2))


def _equal(name: str, value: Value) -> Data:
    """`filter(kind="a")`."""
    told = constant(value)
    mask = Mask(("column", name), "==", told) if told is not ... else None
    return Data(kind=KIND, rows=tables.ANY_ROWS, mask=mask)


def _stretch(run: Run, name: str, call: Call) -> Choice:
    if name == "slice":
        low, length = constant(call.get(0, "offset")), call.get(1, "length")
        count = None if length is None else constant(length)
        first = call.node_of(0, "offset")
        if isinstance(low, int) and low >= 0 and isinstance(count, int):
            return tables.first_rows(Data(), low, low + count)
        if low == 0 and (node := call.node_of(1, "length")) is not None:
            return tables.first_rows(Data(), None, frames.bound(run, node))
        if length is None and first is not None:
            return tables.first_rows(Data(), frames.bound(run, first), None)
        return Choice(run.origin(call.node), "filter", None)
    node = call.node_of(0, "n")
    bound = frames.bound(run, node) if node is not None else 5
    return tables.first_rows(Data(), None, bound)


def _sampled(run: Run, data: Data, call: Call) -> Value:
    share, again = constant(call.get(None, "fraction")), call.get(None, "with_replacement")
    if again is not None and constant(again) is not False:
        made = Data(kind=KIND, learned=data.learned, rank=2)
        return run.alloc(call.node, made)
    if share in (1, 1.0) and call.get(0, "n") is None:
        return run.alloc(call.node, replace(data, mask=None, order=None))
    key = (constant(call.get(0, "n")) if call.get(0, "n") is not None else None, share if share is not ... else None)
    return tables.sampled(run, replace(data, order=None), call, call.get(None, "seed"), key)


def _names(run: Run, mapping: Value | None) -> dict[str, str] | None:
    thing = run.object(mapping)
    if not isinstance(thing, DictObject) or thing.open:
        return None
    found = {str(key): text_of(value) for key, value in thing.items}
    return None if None in found.values() else {key: value or "" for key, value in found.items()}


def _column_of(run: Run, data: Data, name: str | None, node: ast.AST) -> Value:
    if name is None:
        return run.alloc(node, Data(kind=KIND, rows=data.rows, learned=data.learned, rank=1))
    one = replace(frames.column(data, (name,), "series"), kind=KIND)
    return run.alloc(node, one, ("column", name))


# --- attributes and subscripts -----------------------------------------------------------------------


def attribute(run: Run, base: Value, data: Data, name: str, node: ast.AST) -> Value | None:
    """None for methods."""
    if data.rank == 1 and name in tables.NAMESPACES:
        return run.alloc(node, replace(data, mask=None), name)
    if name in ("height", "shape", "len") and data.rank == 2:
        length = run.alloc(node, Opaque("builtins.len", "height", parts=(base,)), name)
        return length if name == "height" else UNKNOWN
    if name == "columns":
        if data.columns is not None and data.columns.closed:
            return run.alloc(node, ListObject(tuple(Const.of(item.name) for item in data.columns.items)), name)
        return run.alloc(node, Data(kind="labels", rows=NO_ROWS), name)
    return UNKNOWN if name in ("width", "schema", "dtypes", "dtype", "plot", "style", "flags") else None


def subscript(run: Run, receiver: Value, data: Data, node: ast.Subscript) -> Value:
    """`frame["a"]`, `frame[["a", "b"]]`, `frame[:100]`, `frame[rows, columns]`."""
    key = node.slice
    if isinstance(key, ast.Slice):
        return run.alloc(node, frames.sliced(run, data, key, node))
    if isinstance(key, ast.Tuple):
        return run.alloc(node, Data(kind=KIND, learned=data.learned))
    value = run.evaluate(key)
    name = text_of(value)
    if data.rows == NO_ROWS:
        return run.alloc(node, replace(data, rank=1))
    if name is not None and data.rank == 2:
        return _column_of(run, data, name, node)
    names = frames.names_in(run, value)
    if names is not None and data.rank == 2:
        return run.alloc(node, replace(frames.column(data, names, "frame"), kind=KIND))
    found = picking.picker(run, value)
    picked = picking.picked_by(data, found) if found is not None else None
    if picked is not None:
        return run.alloc(node, picked)
    if isinstance(run.object(value), ListObject) and data.rank == 2:
        return run.alloc(node, replace(data, columns=None, lineage=None, mask=None))
    return run.alloc(node, picking.choose(data, Choice(run.origin(node), "filter", None)))


FUNCTIONS: dict[str, Model] = {
    **{f"read_{form}": read for form in "csv parquet json ndjson ipc excel delta avro database".split()},
    **{f"scan_{form}": read for form in "csv parquet ndjson ipc delta".split()},
    **dict.fromkeys(("DataFrame", "LazyFrame", "from_pandas", "from_numpy", "from_dicts", "from_dict"), frame),
    "from_arrow": frame,
    "Series": series,
    "concat": concat,
    "col": col,
    "element": every,
    **dict.fromkeys("all exclude".split(), every),
    **{f"selectors.{name}": every for name in "numeric float integer string by_dtype by_name all exclude".split()},
    "lit": literal,
    **dict.fromkeys("mean median std var min max sum n_unique quantile".split(), of_column),
    **dict.fromkeys(
        """
        when concat_str concat_list struct sum_horizontal mean_horizontal min_horizontal max_horizontal all_horizontal
        any_horizontal coalesce int_range date datetime duration format len count
        """.split(),
        across,
    ),
}
