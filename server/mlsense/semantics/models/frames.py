"""What frames, series, arrays and tensors do: their methods as a table, their subscripts and assignments.

pandas, NumPy, SciPy's sparse matrices and PyTorch share most names and meanings here, so one table serves them.
"""

from __future__ import annotations

import ast
import math
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from mlsense.knowledge.library import release
from mlsense.knowledge.versions import version
from mlsense.semantics.core import code_of, constant, text_of
from mlsense.semantics.models import datafiles, files, labels, picking
from mlsense.semantics.models.effects import (
    MOVING,
    Call,
    Effect,
    along,
    apply,
    learned_statistic,
    moved,
    names_only,
    own_rows,
    shaped_by,
)
from mlsense.semantics.models.matplotlib import SOME_AXES
from mlsense.semantics.models.picking import choose
from mlsense.semantics.regions import NO_ROWS, Choice, Date, Overlap, Rows, laid_together, overlap
from mlsense.semantics.values import (
    MOMENTS,
    NONE,
    UNKNOWN,
    Column,
    Columns,
    Const,
    Data,
    DataKind,
    DictObject,
    Function,
    Learned,
    Lineage,
    ListObject,
    Mask,
    Method,
    Moved,
    Opaque,
    Ordered,
    Ref,
    Symbol,
    TupleValue,
    Value,
    computed_from,
    filling,
    merge_learned,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from mlsense.semantics.calls import Calls as Run


def _table(*groups: tuple[Effect, str]) -> dict[str, Effect]:
    return {name: effect for effect, names in groups for name in names.split()}


SAME = Effect(keeps=True)
ROUNDED = Effect(keeps=True, ranges=False)
CHANGED = Effect()
SOME_ROWS = Effect(rows="subset", keeps=True)
NO_MORE_ROWS = Effect(rows="none", axis=0)
OWN_ROWS = Effect(rows="own")

METHODS: dict[str, Effect] = {
    **_table(
        (
            SAME,
            "copy infer_objects sort_values sort_index tocsr tocsc tocoo tolil todok tobsr clone",
        ),
        (SAME, "contiguous detach cpu cuda double float compute persist collect toPandas to_pandas"),
        (ROUNDED, "round half bfloat16 long int short type"),
        (SAME, "requires_grad_ pin_memory remove_unused_categories tz_localize tz_convert"),
        (SAME, "set_flags rename_axis to_period to_timestamp byteswap conj conjugate to_device"),
        (SAME, "to_dense to_sparse coalesce sorted_indices set_names"),
        (Effect(keeps=True, kind="array"), "to_numpy numpy as_matrix toarray todense to_list tolist"),
        (
            CHANGED,
            "abs clip map applymap replace where mask shift diff pct_change bool byte masked_fill case_when",
        ),
        (
            CHANGED,
            "isna isnull notna notnull isin between eq ne gt ge lt le add sub mul div truediv floordiv mod pow",
        ),
        (
            CHANGED,
            "subtract multiply divide radd rsub rmul rdiv rtruediv rfloordiv rmod rpow exp log sqrt tanh sigmoid relu",
        ),
        (
            CHANGED,
            "log1p log2 log10 sign ceil floor trunc rint sin cos tan arcsin arctan arcsinh",
        ),
        (CHANGED, "expm1 arctanh sinh deg2rad rad2deg power neg reciprocal square logical_not bitwise_not rsqrt erf"),
        (CHANGED, "clamp clamp_min clamp_max with_columns minimum maximum"),
        (Effect(kind="unknown"), "eval"),
        (SOME_ROWS, "head tail drop_duplicates truncate query nlargest nsmallest at_time between_time first last"),
        (Effect(rows="subset"), "explode"),
        (
            OWN_ROWS,
            "repeat pivot pivot_table melt asfreq combine combine_first reindex_like",
        ),
        (Effect(rows="own", kind="unknown"), "stack unstack xs asof compare"),
        (NO_MORE_ROWS, "item all any equals memory_usage"),
    ),
    **{
        name: Effect(rows="none", learns=name, axis=0)
        for name in """
            mean median std var min max sum mode skew kurt kurtosis sem mad idxmax idxmin argmax argmin prod product ptp
            nanmean nansum nanmin nanmax count nunique logsumexp count_nonzero
            """.split()
    },
    **{
        name: Effect(rows="none", learns=name, axis=1)
        for name in ("quantile", "norm", "agg", "aggregate", "nanquantile")
    },
    **{
        name: Effect(rows="none", learns=name)
        for name in "corr cov corrwith describe value_counts unique autocorr trace".split()
    },
    **{name: Effect(learns=name, axis=0) for name in ("rank", "softmax", "log_softmax")},
    # The order of rows, no statistic of them.
    **{name: Effect(axis=0) for name in "cumsum cumprod cummax cummin".split()},
}

# What is told or drawn of a table, and is no table itself.
TOLD = frozenset(
    """
        info to_dict to_csv to_parquet to_excel to_pickle to_sql to_json to_html to_string to_clipboard to_feather
        to_hdf to_latex to_markdown to_orc to_stata to_xml to_xarray to_iceberg tofile tobytes dump dumps nonzero
        get_indexer get_indexer_for slice_indexer slice_locs sort put fill resize setflags setdiag eliminate_zeros
        iterrows itertuples items to_records to_flat_index first_valid_index last_valid_index searchsorted get_loc
        getnnz dim numel is_contiguous stride align
        """.split()
)
DRAWN = frozenset("hist plot boxplot".split())
COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
COMPARED = {"eq": "==", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
# Methods that ask something of every row: their answers are masks.
QUESTIONS = frozenset("isin isna isnull notna notnull between duplicated".split())
GAPS = frozenset(["isna", "isnull"])
# Of texts, dates and categories: each row's answer follows from that row.
ACCESSORS = frozenset("str dt cat sparse".split())
ACCESSOR_QUESTIONS = frozenset("contains startswith endswith match fullmatch isdigit isalpha isnumeric".split())
ACCESSOR_ROWS: dict[str, Effect] = {
    "extractall": Effect(rows="own", kind="unknown"),
    **dict.fromkeys(
        "get_dummies extract partition rpartition split rsplit isocalendar to_pydatetime".split(),
        Effect(kind="unknown"),
    ),
}
PARTS_OF_DATES = frozenset(
    """
        date day day_of_week day_of_year dayofweek dayofyear days_in_month daysinmonth hour is_leap_year is_month_end
        is_month_start is_quarter_end is_quarter_start is_year_end is_year_start microsecond minute month nanosecond
        quarter second time timetz weekday year codes days seconds
        """.split()
)
# Within its group a row takes values of rows before or beside it: an order, no statistic.
IN_ORDER = frozenset("cumsum cumprod cummax cummin cumcount ngroup ffill bfill shift diff pct_change fillna".split())
GROUPED = {"transform", "apply", "rank", "filter", "get_group", "nth", "ohlc", "pipe", "size", *IN_ORDER}
PICKS_OF_GROUPS = frozenset("head tail nth sample nlargest nsmallest take filter get_group".split())
WINDOW = {"rolling", "expanding", "ewm", "resample"}
ROW_PICKERS = {"loc", "iloc", "at", "iat"}
# Methods that only frames and arrays have: enough to take something not followed for a table.
TELLING = frozenset(
    """
        fillna dropna iloc loc to_numpy astype drop reset_index set_index sort_values drop_duplicates groupby values
        """.split()
)


# --- attributes --------------------------------------------------------------------------------------


def attribute(run: Run, base: Value, data: Data, name: str, node: ast.AST) -> Value:
    if name in ("values", "array") and data.kind == "labels" and (named := labels.columns_of(run, base)) is not None:
        return labels.made(run, node, named, name)
    if name in ("values", "array") and data.kind != "unknown":
        return run.alloc(node, replace(data, kind="array"), name)
    if name == "data" and data.kind == "tensor":
        return run.alloc(node, replace(data, mask=None, graph=False), name)
    if name in ("T", "mT"):
        return run.alloc(node, Data(kind=data.kind, learned=data.learned), name)
    if _is_accessor(base):
        if name in PARTS_OF_DATES:
            return run.alloc(node, Data(kind="series", rows=data.rows, learned=data.learned, rank=1), name)
        return Method(base, name)
    if name in ACCESSORS:
        # Days since the first day are days: where the calendar begins is no secret of the test rows.
        first_or_last = name == "dt"
        learned = tuple(
            replace(item, family="other") if first_or_last and item.what in ("min", "max") else item
            for item in data.learned
        )
        return run.alloc(node, Data(kind=data.kind, rows=data.rows, learned=learned, rank=data.rank), name)
    if data.kind == "grouped" and name in ("groups", "indices", "ngroups"):
        return UNKNOWN
    if name == "index" and data.rows == NO_ROWS:
        # The index of a statistic of each column: names of columns, found by that statistic.
        return run.alloc(node, Data(kind="labels", rows=NO_ROWS, learned=data.learned), name)
    if name == "index":
        return run.alloc(node, Data(kind="index", rows=data.rows, selects=()), name)
    if name == "shape" and (data.kind == "frame" or data.rank == 2):
        length = Opaque("builtins.len", code_of(node), parts=(base,))
        return TupleValue((run.alloc(node, length, name), UNKNOWN))
    if name in ("shape", "size", "ndim", "dtype", "dtypes", "empty", "device", "flags", "is_cuda"):
        return UNKNOWN
    if name == "columns":
        if data.columns is not None and data.columns.closed:
            names = tuple(Const.of(column.name) for column in data.columns.items)
            return run.alloc(node, ListObject(names), name)
        return labels.made(run, node, data.lineage, name)
    if name in ROW_PICKERS or is_method(name):
        return Method(base, name)
    known = data.columns is not None and data.columns.closed
    if data.kind in ("frame", "grouped") and (not known or _has(data.columns, name)) and not name.startswith("_"):
        one = column(data, (name,), "series")
        return run.alloc(node, replace(one, kind="grouped") if data.kind == "grouped" else one, ("column", name))
    return Method(base, name)


def is_method(name: str) -> bool:
    return any(name in table for table in (METHODS, GROUPED, WINDOW, TOLD, DRAWN, _SPECIAL))


def _is_accessor(value: Value) -> bool:
    """Whether a value is the `str`, `dt` or `cat` of a column."""
    return isinstance(value, Ref) and value.slot in ACCESSORS


def _has(columns: Columns | None, name: str) -> bool:
    return columns is not None and any(item.name == name for item in columns.items)


def with_given_columns(learned: tuple[Learned, ...]) -> tuple[Learned, ...]:
    """What shaped a table whose columns are now said by name: whichever `get_dummies` made no longer counts."""
    return tuple(item for item in learned if item.family != "dummies")


def column(data: Data, names: tuple[str, ...], kind: DataKind) -> Data:
    """A selection of columns: what shaped only others is left behind."""
    return replace(
        data,
        kind=kind,
        learned=tuple(item for item in with_given_columns(data.learned) if item.touches(names)),
        columns=data.columns.pick(names) if data.columns is not None else Columns(tuple(map(Column, names))),
        mask=None,
        selects=None,
        rank=1 if kind == "series" else 2,
        lineage=data.lineage.pick(names) if data.lineage is not None else None,
        sources=data.lineage.sources(names[0]) if data.lineage is not None and kind == "series" else (),
    )


# --- subscripts --------------------------------------------------------------------------------------


def names_in(run: Run, value: Value) -> tuple[str, ...] | None:
    """A literal list of column names."""
    thing = run.object(value)
    items = thing.items if isinstance(thing, ListObject) else value.items if isinstance(value, TupleValue) else None
    if not items:
        return None
    names = tuple(text_of(item) for item in items)
    return None if any(name is None for name in names) else names  # type: ignore[return-value]


def subscripted(run: Run, data: Data, node: ast.Subscript) -> Value:
    """`data[...]`: a column, columns, a slice, a mask, positions, or for arrays rows and columns."""
    key = node.slice
    if isinstance(key, ast.Tuple) and data.kind != "frame":
        return run.alloc(node, _rows_and_columns(run, data, key, node))
    if isinstance(key, ast.Slice):
        return run.alloc(node, sliced(run, data, key, node))
    value = run.evaluate(key)
    name = text_of(value)
    if name is not None:
        data = _one_of_pairs(data, name)
        one = column(data, (name,), "grouped" if data.kind in ("grouped", "window") else "series")
        one = replace(one, kind=data.kind if data.kind == "window" else one.kind, rank=1)
        return run.alloc(node, one, ("column", name))
    names = names_in(run, value)
    if names is not None:
        return run.alloc(node, column(data, names, data.kind if data.kind in ("grouped", "window") else "frame"))
    if data.kind in ("frame", "grouped", "labels") and not _picks_rows(run, value):
        return run.alloc(node, _some_columns(run, data, value))
    return run.alloc(node, _picked(run, data, value, node))


def _one_of_pairs(data: Data, name: str) -> Data:
    """`data.corr()["price"]`: of all pairs of columns those with this one."""
    if data.rows != NO_ROWS or not any(item.what == "corr" for item in data.learned):
        return data
    learned = tuple(replace(item, of=(name,)) if item.what == "corr" else item for item in data.learned)
    return replace(data, learned=learned)


def _picks_rows(run: Run, value: Value) -> bool:
    """Whether a key between the brackets of a frame is a mask: a column computed from rows."""
    thing = run.object(value)
    return isinstance(thing, Data) and thing.rows != NO_ROWS


def _some_columns(run: Run, data: Data, value: Value) -> Data:
    """Columns that are not known by name: the rows stay; what chose the columns shaped the table."""
    thing = run.object(value)
    chosen_by = thing.learned if isinstance(thing, Data) else ()
    learned = merge_learned(with_given_columns(data.learned), choosing(chosen_by))
    lineage = labels.picked(data.lineage, labels.columns_of(run, value))
    return replace(data, columns=None, lineage=lineage, learned=learned, mask=None, selects=None)


def choosing(learned: tuple[Learned, ...]) -> tuple[Learned, ...]:
    """What a choice of columns rests on: what a model makes of them, or how they go with others."""
    return tuple(item for item in learned if item.family == "selector" or item.what in ("corr", "corrwith"))


def located(run: Run, data: Data, node: ast.Subscript) -> Value:
    """`data.loc[...]`, `data.iloc[...]`."""
    key = node.slice
    if isinstance(key, ast.Tuple):
        return run.alloc(node, _rows_and_columns(run, data, key, node))
    if isinstance(key, ast.Slice):
        return run.alloc(node, sliced(run, data, key, node))
    return run.alloc(node, _picked(run, data, run.evaluate(key), node))


def _rows_and_columns(run: Run, data: Data, key: ast.Tuple, node: ast.AST) -> Data:
    if not key.elts:
        return data
    if any(_is_new_axis(run.evaluate(part)) for part in key.elts if not isinstance(part, (ast.Slice, ast.Starred))):
        # A dimension more: after the rows, the rows stay; `x[:, None]` of a column is a table of one.
        first, *rest = key.elts
        column_made = isinstance(first, ast.Slice) and len(rest) == 1 and data.rank == 1
        picked = sliced(run, data, first, node) if isinstance(first, ast.Slice) else data
        # `x[..., None]`: behind all there are.
        behind = isinstance(first, ast.Constant) and first.value is Ellipsis and len(rest) == 1
        kept = picked.rows if behind or isinstance(first, ast.Slice) else None
        columns = picked.columns if column_made else None
        return replace(picked, rows=kept, rank=2 if column_made else None, columns=columns, mask=None)
    first, *rest = key.elts
    if isinstance(first, ast.Slice):
        picked = sliced(run, data, first, node)
    else:
        picked = _picked(run, data, run.evaluate(first), node)
    for part in rest:
        value = run.evaluate(part)
        name = text_of(value)
        names = names_in(run, value) or ((name,) if name is not None else None)
        whole = isinstance(part, ast.Slice) and part.lower is None and part.upper is None
        between = _names_between(run, picked, part) if isinstance(part, ast.Slice) and not whole else None
        marked = _names_marked(run, picked, value)
        numbers = _numbers_in(run, value)
        if between is not None or marked is not None:
            picked = column(picked, between or marked or (), picked.kind)
        elif names is not None:
            picked = column(picked, names, "series" if name is not None else "frame")
        elif numbers is not None and picked.columns is not None and picked.columns.closed:
            items = picked.columns.items
            inside = tuple(items[number] for number in numbers if -len(items) <= number < len(items))
            single = isinstance(constant(value), int)
            kind = "series" if single and picked.kind == "frame" else picked.kind
            lineage = picked.lineage.pick(tuple(item.name for item in inside)) if picked.lineage is not None else None
            picked = replace(picked, kind=kind, columns=Columns(inside), rank=1 if single else 2, lineage=lineage)
        elif isinstance(thing := run.object(value), Data) and thing.rows == NO_ROWS:
            picked = _some_columns(run, picked, value)
        elif not whole:
            scale = "unknown" if picked.scale == "raw" and picked.columns else picked.scale
            picked = replace(picked, columns=None, scale=scale, lineage=None)
            if isinstance(constant(value), int):
                picked = replace(picked, kind="series" if picked.kind == "frame" else picked.kind, rank=1)
    if isinstance(first, ast.Slice):
        return replace(picked, rank=None) if picked.kind == "sparse" else picked
    if constant(run.evaluate(first)) is not ...:
        return replace(picked, kind="unknown", columns=None, rank=None)
    return picked


def _is_new_axis(value: Value) -> bool:
    """`None` or `np.newaxis` among subscripts."""
    return constant(value) is None or (isinstance(value, Symbol) and value.name == "numpy.newaxis")


def _names_between(run: Run, data: Data, part: ast.Slice) -> tuple[str, ...] | None:
    """The columns of `[:, 1:-1]` by name, where all are known."""
    if data.columns is None or not data.columns.closed or data.kind != "frame":
        return None
    ends = [None if end is None else constant(run.evaluate(end)) for end in (part.lower, part.upper, part.step)]
    if ends[2] == 0 or any(end is not None and (not isinstance(end, int) or isinstance(end, bool)) for end in ends):
        return None
    return tuple(item.name for item in data.columns.items)[slice(*ends)]


def _names_marked(run: Run, data: Data, value: Value) -> tuple[str, ...] | None:
    """The columns that a list of yes and no picks."""
    answers = [constant(item) for item in run.items_of(value) or ()] if isinstance(value, Ref) else []
    items = data.columns.items if data.columns is not None and data.columns.closed and data.kind == "frame" else ()
    if not answers or len(answers) != len(items) or any(not isinstance(answer, bool) for answer in answers):
        return None
    return tuple(item.name for item, answer in zip(items, answers, strict=True) if answer)


def _numbers_in(run: Run, value: Value) -> tuple[int, ...] | None:
    """A literal position, or a literal list of positions."""
    items = run.items_of(value)
    found = [constant(item) for item in (items if items is not None else (value,))]
    if not found or any(not isinstance(number, int) or isinstance(number, bool) for number in found):
        return None
    return tuple(number for number in found if isinstance(number, int))


def bound(run: Run, node: ast.expr | None) -> Hashable:
    """One end of a slice in a form in which equal ends compare equal."""
    if node is None:
        return None
    value = run.evaluate(node)
    found = constant(value)
    if isinstance(found, int):
        return found
    if isinstance(found, str) and re.match(r"\d{4}(-\d\d){0,2}$", found):
        return Date(found)
    measured = _measured(run, value)
    if measured is not None:
        return ("len", measured)
    return value if isinstance(value, Ref) and isinstance(node, ast.Name) else code_of(node)


def _measured(run: Run, value: Value) -> Value | None:
    """What `len` was taken of."""
    thing = run.object(value)
    is_length = isinstance(thing, Opaque) and thing.symbol == "builtins.len" and thing.parts
    return thing.parts[0] if is_length and isinstance(thing, Opaque) else None


def _taken_apart(run: Run, whole: Rows | None, low: Hashable, high: Hashable) -> Rows | None:
    """The parts that `whole[:len(first)]` and `whole[len(first):]` give back, if it was put together from them."""
    cut = high if low in (None, 0) else low if high is None else None
    first = run.data(cut[1]) if isinstance(cut, tuple) else None
    if whole is None or first is None or first.rows is None:
        return None
    count = len(first.rows.parts)
    if whole.made_from or whole.parts[:count] != first.rows.parts or not 0 < count < len(whole.parts):
        return None
    return Rows(whole.parts[:count] if cut is high else whole.parts[count:])


def sliced(run: Run, data: Data, key: ast.Slice, node: ast.AST) -> Data:
    low, high = bound(run, key.lower), bound(run, key.upper)
    if low in (None, 0) and high is None and (key.step is None or constant(run.evaluate(key.step)) == -1):
        return replace(data, mask=None)
    part = _taken_apart(run, data.rows, low, high) if key.step is None else None
    if part is not None:
        return replace(data, rows=part, mask=None, selects=None)
    if data.rows is not None and len(data.rows.parts) > 1:
        # Which of the parts it cuts is not known.
        return replace(data, rows=None, mask=None, selects=None)
    if key.step is not None:
        run.evaluate(key.step)
        choice = Choice(run.origin(node), "filter", None)
    else:
        choice = Choice(("slice", data.rows if data.kind == "index" else None), "slice", (low or None, high))
    return choose(data, choice)


def _picked(run: Run, data: Data, value: Value, node: ast.AST) -> Data:
    """Rows picked by a mask, by positions, by labels, or by something not known: then some of the rows."""
    other = picking.picker(run, value)
    found = picking.picked_by(data, other) if other is not None else None
    if found is not None:
        return found
    if other is not None and data.kind in ("frame", "series") and other.kind == "series" and other.rows == data.rows:
        # A column of yes and no.
        return choose(
            data,
            Choice(
                picking.asked(node.slice if isinstance(node, ast.Subscript) else ast.Constant(None), value, other),
                "mask",
                ("==", True),
            ),
        )
    position = constant(value)
    if isinstance(position, (int, float, str)) and not isinstance(position, bool):
        kind: DataKind = "scalar" if data.rank == 1 else "unknown"
        one = choose(data, Choice(run.origin(node), "filter", position))
        return replace(one, kind=kind, columns=None, rank=None)
    return replace(choose(data, Choice(run.origin(node), "filter", None)), columns=None, lineage=None)


def inverted(data: Data) -> Data:
    """`~mask`."""
    assert data.mask is not None
    return replace(data, mask=picking.inverted(data.mask))


# --- assignments -------------------------------------------------------------------------------------


def _written_somewhere(lineage: Lineage | None, value: Data | None, written: Hashable) -> Lineage | None:
    """Under a name that is not known: of the columns those are known still that hold values of other rows."""
    if lineage is None or written is None:
        return None
    fresh = value.sources if value is not None else ()
    made = tuple((name, ("lost", written, name), sources) for name, _, sources in lineage.made if name)
    if any(isinstance(source, Moved) and not source.ahead for source in fresh):
        made = (*made, ("", ("lost", written, ""), fresh))
    kept = tuple(entry for entry in made if any(isinstance(source, Moved) for source in entry[2]))
    return Lineage(("written", written), made=kept)


def assign_columns(
    data: Data, names: tuple[str, ...] | None, value: Data | None, written: Hashable = None, whole: bool = True
) -> Data:
    """`data[names] = value`: the frame takes on what shaped the new columns. `written` is where that is done.

    `whole`: in all rows; else a column is the one it was, with other values in some of them.
    """
    # A column set to one value, or to whatever: it may be one that `get_dummies` did not make.
    before = with_given_columns(data.learned) if value is None else data.learned
    if names is None:
        learned = merge_learned(before, value.learned if value is not None else ())
        lineage = _written_somewhere(data.lineage, value, written)
        return replace(data, learned=learned, scale="unknown", columns=None, lineage=lineage)
    kept = tuple(item for item in before if item.columns is None or not set(item.columns) <= set(names))
    brought = tuple(
        replace(item, columns=names if item.columns is None else item.columns)
        for item in (value.learned if value is not None else ())
    )
    columns = data.columns
    if columns is not None:
        fresh = {item.name: item for item in value.columns.items} if value is not None and value.columns else {}
        items = {item.name: item for item in columns.items}
        items.update({name: fresh.get(name, Column(name)) for name in names})
        only = value.columns.items[0] if value is not None and value.columns and len(value.columns.items) == 1 else None
        if only is not None and only.missing and only.gaps and whole and len(names) == 1:
            items[names[0]] = Column(names[0], gaps=True, missing=only.missing)
        columns = Columns(tuple(items.values()), columns.closed)
    # A new column changes nothing of the others; what it is scaled like is not known of it alone.
    added = data.columns is not None and data.columns.closed and not any(_has(data.columns, name) for name in names)
    same = added or (value is not None and value.scale == data.scale)
    scale = data.scale if same else "unknown"
    lineage = data.lineage
    for name in names if whole and lineage is not None else ():
        assert lineage is not None
        if value is not None and value.lineage is not None and value.rank != 1:
            sources = value.lineage.sources(name)
        else:
            sources = computed_from(value) if value is not None else ()
        if sources != lineage.sources(name) or not sources:
            identity = ("made", data.lineage.base if data.lineage is not None else None, name, written, sources)
            lineage = lineage.write(name, identity, sources)
    return replace(data, learned=merge_learned(kept, brought), columns=columns, scale=scale, lineage=lineage)


def assign_rows(data: Data, value: Data | None, names: tuple[str, ...] | None, rows: Data | None = None) -> Data:
    """`data.loc[rows, names] = value` or `data[positions] = value`: of other rows the values stay."""
    if value is not None and rows is not None and rows.mask is not None and rows.mask.gaps:
        value = replace(value, learned=filling(value.learned))
    if names is not None:
        value = None if value is None else replace(value, columns=None)
        return assign_columns(data, names, value, whole=rows is not None and rows.mask is None)
    return replace(
        data,
        form="",
        columns=names_only(data.columns),
        learned=merge_learned(data.learned, value.learned if value is not None else ()),
        scale="unknown",
        mask=None,
        selects=None,
    )


# --- methods -----------------------------------------------------------------------------------------


def method(run: Run, receiver: Value, data: Data, name: str, call: Call) -> Value:
    """Calls a method of a frame, series, array or tensor."""
    call.symbol = call.symbol or name
    if data.kind == "labels" and (named := labels.method(run, receiver, name, call)) is not None:
        return named
    if name in DRAWN:
        return run.alloc(call.node, Opaque(symbol=SOME_AXES, label="a picture"))
    if _is_accessor(receiver):
        return _by_cell(run, data, name, call)
    if data.kind == "grouped":
        return _of_groups(run, receiver, data, name, call)
    if data.kind == "window":
        return _of_windows(run, receiver, data, name, call)
    if name == "to_dict" and data.rows == NO_ROWS:
        return run.alloc(call.node, replace(data, mask=None))
    if name in files.WRITERS:
        files.written(run, call.get(0, "path_or_buf", "path", "excel_writer"), receiver, call)
    if name in TOLD:
        return UNKNOWN
    special = _SPECIAL.get(name)
    if special is not None:
        return special(run, receiver, data, call)
    if name in ("apply", "map", "transform", "applymap", "agg", "aggregate") and call.args:
        applied = _applied(run, receiver, data, name, call)
        if applied is not None:
            return applied
    if name.endswith("_") and name[:-1] in METHODS and data.kind == "tensor":
        run.update(receiver, apply(run, METHODS[name[:-1]], data, call, name[:-1]))
        return receiver
    effect = METHODS.get(name)
    if effect is None:
        run.unfollowed(call.node, "method not known", name)
        return run.alloc(call.node, Data(learned=data.learned))
    result = apply(run, effect, data, call, name)
    if name == "round" and data.fits and not data.scores and data.role in ("probability", "score", "prediction"):
        result = replace(result, role="prediction", form="rounded")
    if name == "unique":
        # Whoever divides the values of a column divides its rows.
        result = replace(result, selects=())
    if name == "isin":
        result = replace(result, mask=_isin(run, data, call))
    elif name == "between":
        result = replace(result, mask=Mask(ast.dump(call.node), "is", True, picking.outlying(result.learned)))
    elif name in ("all", "any") and data.mask is not None and result.rows == data.rows:
        result = replace(result, mask=Mask(ast.dump(call.node), "is", True, data.mask.learned))
    elif name in QUESTIONS:
        result = replace(result, mask=Mask(ast.dump(call.node), "is", True, gaps=name in GAPS))
    elif name in COMPARED and isinstance(call.node.func, ast.Attribute) and not _is_accessor(receiver):
        right = constant(call.get(0, "other"))
        key = picking.asked(call.node.func.value, receiver, data)
        node = call.node_of(0, "other")
        if right is not ... or node is not None:
            right = right if right is not ... else ast.dump(node)  # type: ignore[arg-type]
            result = replace(result, mask=Mask(key, COMPARED[name], right))
    if name.startswith("cum") and data.kind in ("array", "tensor"):
        result = _accumulated(data, result, call)
    return _done(run, receiver, data, result, call)


def _isin(run: Run, data: Data, call: Call) -> Mask:
    """`isin(part)`: of an index, or of a column that is one of the part's too."""
    part = run.data(call.get(0, "values", "test_elements")) if call.args or call.keywords else None
    same = part is not None and (data.kind == "index" or part.rows == NO_ROWS or single_name(part) == single_name(data))
    if part is None or not same or (data.kind != "index" and single_name(data) is None):
        return Mask(ast.dump(call.node), "is", True)
    return picking.membership(data, part, call.node)


def _difference(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`whole.difference(part)`, of an index or a set."""
    part = run.data(call.get(0, "other"))
    left = picking.without(data, part) if part is not None else None
    return run.alloc(call.node, left if left is not None else Data(kind=data.kind))


def _done(run: Run, receiver: Value, data: Data, result: Data, call: Call) -> Value:
    """A result, which with `inplace=True` the receiver becomes.

    Whether the table a column was taken from changes too depends on the version.
    """
    if constant(call.keywords.get("inplace")) is True:
        run.update(receiver, replace(result, kind=data.kind))
        _reach_owner(run, call, result)
        return NONE
    return run.alloc(call.node, result)


def _reach_owner(run: Run, call: Call, result: Data) -> None:
    """`frame["a"].fillna(0, inplace=True)`: meant for the frame, which it reaches in versions before pandas 3."""
    taken = call.node.func.value if isinstance(call.node.func, ast.Attribute) else None
    if not isinstance(taken, (ast.Subscript, ast.Attribute)):
        return
    owner = run.evaluate(taken.value)
    table = run.object(owner)
    if isinstance(table, Data) and table.kind == "frame" and table.columns is not None:
        name = taken.attr if isinstance(taken, ast.Attribute) else text_of(run.evaluate(taken.slice))
        items = tuple(item.bare if name in (None, item.name) else item for item in table.columns.items)
        table = replace(table, columns=replace(table.columns, items=items))
        run.update(owner, table)
    since = version(release(run.imports.versions, "pandas") or "")
    if isinstance(table, Data) and table.kind == "frame" and since is not None and since.release < (3,):
        name = taken.attr if isinstance(taken, ast.Attribute) else text_of(run.evaluate(taken.slice))
        brought = tuple(replace(item, columns=(name,)) for item in result.learned if name is not None)
        run.update(owner, replace(table, learned=merge_learned(table.learned, brought)))


def _accumulated(data: Data, result: Data, call: Call) -> Data:
    """Without an axis, NumPy lays a table out flat before it adds up."""
    flat = call.get(0, "axis", "dim") is None and data.rank != 1
    return Data(kind=data.kind, learned=result.learned) if flat else replace(result, columns=None)


def _by_cell(run: Run, data: Data, name: str, call: Call) -> Value:
    """A method of texts, dates or categories."""
    if name == "cat" and not call.args and "others" not in call.keywords:
        return run.alloc(call.node, Data(kind="scalar", rows=NO_ROWS, learned=data.learned))
    result = apply(run, ACCESSOR_ROWS.get(name, CHANGED), replace(data, columns=None), call, name)
    if name in ACCESSOR_QUESTIONS:
        result = replace(result, mask=Mask(ast.dump(call.node), "is", True))
    return run.alloc(call.node, result)


# --- groups and windows ------------------------------------------------------------------------------


def _of_groups(run: Run, receiver: Value, data: Data, name: str, call: Call) -> Value:
    """A method of `frame.groupby(...)`: row by row within the groups, some rows of each, or one row for each."""
    kind: DataKind = "series" if data.rank == 1 else "unknown"
    same = Data(kind=kind, rows=data.rows, learned=data.learned, rank=data.rank if kind == "series" else None)
    if name in ("cumcount", "ngroup"):
        return run.alloc(call.node, replace(same, kind="series", rank=1))
    if name in IN_ORDER:
        sources = (moved(run, name, call),) if name in MOVING else ()
        return run.alloc(call.node, replace(same, sources=sources))
    if name == "rank":
        return run.alloc(call.node, replace(same, learned=_with_groups(run, name, data, call)))
    if name in ("transform", "apply"):
        return run.alloc(call.node, _in_each_group(run, same, data, name, call))
    if name == "pipe" and call.args:
        return run.call(call.args[0], Call(call.node, [receiver, *call.args[1:]], call.keywords))
    if name in WINDOW:
        rows = own_rows(run, call) if name == "resample" else data.rows
        return run.alloc(call.node, Data(kind="window", rows=rows, learned=data.learned, rank=data.rank))
    if name in PICKS_OF_GROUPS:
        return run.alloc(call.node, apply(run, Effect(rows="subset", kind=kind), data, call, name))
    effect = METHODS.get(name)
    if name in ("first", "last", "ohlc"):
        return run.alloc(call.node, Data(rows=own_rows(run, call), learned=data.learned))
    if name == "size" or (effect is not None and effect.learns):
        return run.alloc(call.node, apply(run, Effect(rows="none", learns=name), data, call, name))
    if name in ("any", "all"):
        return run.alloc(call.node, Data(kind="scalar", rows=NO_ROWS, learned=data.learned))
    run.unfollowed(call.node, "method not known", name)
    return run.alloc(call.node, Data(learned=data.learned))


def _with_groups(run: Run, name: str, data: Data, call: Call) -> tuple[Learned, ...]:
    return merge_learned(data.learned, (learned_statistic(run, name, data, call),))


def _in_each_group(run: Run, same: Data, data: Data, name: str, call: Call) -> Data:
    """`transform` and `apply`: what a function of the program learns from a group is seen by calling it with one."""
    function = call.get(0, "func")
    named = text_of(function)
    if named is not None:
        effect = METHODS.get(named)
        learns = named not in IN_ORDER and named not in ("first", "last") and (effect is None or bool(effect.learns))
        return replace(same, learned=_with_groups(run, name, data, call)) if learns else same
    part = replace(data, kind="series" if data.rank == 1 else "frame", learned=(), columns=None, mask=None)
    result = _answer(run, function, part, call)
    if result is None:
        return replace(same, kind="unknown", rows=same.rows if name == "transform" else None)
    learned = _with_groups(run, name, data, call) if result.learned else data.learned
    if result.learned and all(item.family == "fill" for item in result.learned):
        learned = merge_learned(data.learned, filling(learned))
    if name == "transform" or result.rows == data.rows:
        return replace(same, learned=learned, kind=same.kind if name == "transform" else "unknown", rank=None)
    rows = NO_ROWS if result.rows == NO_ROWS else None
    return Data(kind="scalar" if rows == NO_ROWS else "unknown", rows=rows, learned=learned)


def _answer(run: Run, function: Value | None, part: Data, call: Call) -> Data | None:
    """What a function handed to `apply` and its kind gives for a part; None where it cannot be told."""
    if not isinstance(function, (Function, Symbol)):
        return None
    if isinstance(function, Symbol) and not function.name.startswith(("scipy.", "numpy.", "builtins.", "pandas.")):
        return None
    handed = Call(call.node, [run.alloc(call.node, part, "part")], {}, exact=not call.args[1:])
    result = run.object(run.call(function, handed))
    return result if isinstance(result, Data) else None


def _of_windows(run: Run, receiver: Value, data: Data, name: str, call: Call) -> Value:
    """A method of `rolling(...)` and its kind: a row for each row, made of those near it."""
    if name == "pipe" and call.args:
        return run.call(call.args[0], Call(call.node, [receiver, *call.args[1:]], call.keywords))
    kind: DataKind = "series" if data.rank == 1 else "unknown"
    rows = data.rows if kind == "series" or name not in ("corr", "cov", "agg", "aggregate") else None
    rows = data.rows if name in ("agg", "aggregate") and text_of(call.get(0, "func")) is not None else rows
    sources = tuple(each for each in data.sources if isinstance(each, Moved))
    return run.alloc(call.node, Data(kind=kind, rows=rows, learned=data.learned, sources=sources))


def _group(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    return run.alloc(call.node, replace(data, kind="grouped", mask=None, selects=None))


def _window(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    centred = constant(call.get(None, "center")) is True
    near = (Moved(run.origin(call.node), code_of(call.node)[:60], centred, centred),) if call.name != "ewm" else ()
    return run.alloc(call.node, Data(kind="window", rows=data.rows, learned=data.learned, rank=data.rank, sources=near))


def _resample(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """A row for each stretch of time, or, at a finer pace, rows in between."""
    return run.alloc(call.node, Data(kind="window", rows=own_rows(run, call), learned=data.learned, rank=data.rank))


# --- functions handed over ---------------------------------------------------------------------------


def _applied(run: Run, receiver: Value, data: Data, name: str, call: Call) -> Value | None:
    """A function handed to `apply`, `map` or `agg`, called with what it will get; None where that says nothing.

    A frame hands over its columns or its rows, a column its single values; what those are combined with shapes the
    result.
    """
    function = call.args[0]
    way = along(data, call, 1)
    named = text_of(function)
    if named is not None and name != "map":
        effect = METHODS.get(named)
        return (
            run.alloc(call.node, apply(run, effect, data, Call(call.node, [], call.keywords), named))
            if effect
            else None
        )
    if name in ("agg", "aggregate"):
        return None
    single = name in ("map", "applymap") or data.kind == "series"
    by_cell = single or way == "row"
    part = Data(kind="scalar", rows=NO_ROWS) if by_cell else replace(data, kind="series", columns=None, rank=1)
    result = _answer(run, function, part, call)
    if result is None:
        if by_cell:
            if name == "apply" and single and isinstance(function, (Function, Symbol)):
                # A number or a text for each.
                cells = Call(call.node, [], {})
                return run.alloc(call.node, apply(run, METHODS["map"], replace(data, mask=None), cells, "map"))
            return None if single else run.alloc(call.node, Data(rows=data.rows, learned=data.learned))
        return run.alloc(call.node, Data(learned=data.learned)) if way == "unknown" else None
    if result.rows == NO_ROWS and not by_cell:
        return run.alloc(call.node, Data(kind="series", rows=NO_ROWS, learned=result.learned))
    learned = merge_learned(data.learned, result.learned)
    if by_cell:
        whole = single and data.kind in ("series", "index")
        columns = names_only(data.columns) if single else None
        kind: DataKind = data.kind if single else "unknown"
        made = Data(kind, data.rows, learned, columns=columns, rank=1 if whole else None, sources=computed_from(data))
        return run.alloc(call.node, made)
    return run.alloc(call.node, Data(kind=data.kind, rows=data.rows, learned=learned, rank=data.rank))


def _pipe(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    if not call.args:
        return UNKNOWN
    return run.call(call.args[0], Call(call.node, [receiver, *call.args[1:]], call.keywords))


# --- gaps --------------------------------------------------------------------------------------------

_INSIDE = frozenset("mean median mode min max quantile".split())


def _fillna(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`fillna(value)`, also for a dict of values by column. A number of one's own may lie outside of the column."""
    filler = run.data(call.get(0, "value"))
    inside = filler is not None and bool(filler.learned) and all(item.what in _INSIDE for item in filler.learned)
    result = apply(run, SAME if inside else ROUNDED, data, call, "fillna")
    result = replace(result, columns=_columns_filled(run, data, call, inside))
    result = _from_later(run, data, result, text_of(call.get(None, "method")), call)
    return _done(run, receiver, data, _filled(run, data, result, call), call)


def _columns_filled(run: Run, data: Data, call: Call, inside: bool) -> Columns | None:
    """The columns without the gaps that a value was given for."""
    if data.columns is None:
        return None
    value = call.get(0, "value")
    thing, filler = run.object(value), constant(value)
    whole = (filler is not ... and filler is not None) or inside
    by_name = thing.items if isinstance(thing, DictObject) else ()
    if call.get(None, "limit", "axis") is not None or (isinstance(thing, DictObject) and thing.open):
        return names_only(data.columns)
    items = []
    for item in data.columns.items:
        given = next((one for key, one in by_name if key == item.name), None)
        if isinstance(thing, DictObject) and given is None:
            items.append(item)
            continue
        number = constant(given) if given is not None else filler
        low, high = item.low, item.high
        if isinstance(number, (int, float)) and low is not None and high is not None:
            low, high = min(low, float(number)), max(high, float(number))
        elif not inside:
            low, high = None, None
        # Statistics of a table are those of its numbers: text may keep its gaps.
        filled = whole and not (inside and data.rank != 1 and item.dtype not in ("int64", "float64"))
        same = isinstance(number, str) is (item.dtype == "str") or inside
        dtype = item.dtype if same else ""
        gaps = False if item.gaps is False or filled or given is not None else None
        items.append(Column(item.name, low, high, dtype, gaps, item.profile))
    return Columns(tuple(items), data.columns.closed)


def _carried(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`ffill`, `interpolate` and their kind: gaps take values from beside them, where there is one."""
    result = _from_later(run, data, apply(run, SAME, data, call, call.name), call.name, call)
    if result.columns is not None:
        items = tuple(replace(item, gaps=None if item.gaps else item.gaps) for item in result.columns.items)
        result = replace(result, columns=replace(result.columns, items=items))
    return _done(run, receiver, data, result, call)


def _from_later(run: Run, data: Data, result: Data, way: str | None, call: Call) -> Data:
    """A column in the order of time whose gaps take values of later rows: `bfill`, `interpolate`."""
    if data.order is None or data.rank != 1 or way not in ("bfill", "backfill", "interpolate"):
        return result
    own = Moved(run.origin(call.node), code_of(call.node)[:60], True, way == "interpolate")
    return replace(result, sources=(*data.sources, own))


def _astype(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """Another type for all columns, or for some by name."""
    result = apply(run, SAME, data, call, call.name)
    if result.columns is None:
        return run.alloc(call.node, result)
    wanted = call.get(0, "dtype")
    thing = run.object(wanted)
    types = {key: datafiles.dtype_named(value) for key, value in thing.items} if isinstance(thing, DictObject) else {}
    if call.name != "astype" or (isinstance(thing, DictObject) and thing.open):
        items = tuple(replace(item, dtype="") for item in result.columns.items)
    else:
        one = "" if isinstance(thing, DictObject) else datafiles.dtype_named(wanted)
        whole = not isinstance(thing, DictObject)
        items = tuple(
            _typed(item, one if whole else types[item.name]) if whole or item.name in types else item
            for item in result.columns.items
        )
    return run.alloc(call.node, replace(result, columns=replace(result.columns, items=items)))


def _typed(item: Column, dtype: str) -> Column:
    """Whole numbers and truth values have no gaps; as text, numbers are no numbers any more."""
    if dtype.startswith(("int", "uint", "bool")):
        return replace(item, dtype=dtype, gaps=False)
    if dtype.startswith("float"):
        return replace(item, dtype=dtype)
    return replace(item, dtype=dtype, low=None, high=None)


def _filled(run: Run, data: Data, result: Data, call: Call) -> Data:
    value = call.get(0, "value")
    thing = run.object(value)
    if not isinstance(thing, DictObject):
        return replace(result, learned=merge_learned(data.learned, filling(shaped_by(run, call))))
    groups: list[Learned] = []
    for key, item in thing.items:
        filler = run.data(item)
        names = (key,) if isinstance(key, str) else None
        filled_by = filling(filler.learned) if filler is not None else ()
        groups.extend(replace(learned, columns=names) for learned in filled_by)
    return replace(result, learned=merge_learned(data.learned, tuple(groups)))


def _dropna(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """Rows with gaps go, or with `axis=1` columns."""
    way = along(data, call, None)
    if way == "row":
        return _done(run, receiver, data, replace(data, columns=None, lineage=None, mask=None), call)
    effect = SOME_ROWS if way == "rows" else Effect(rows="unknown")
    result = apply(run, effect, data, Call(call.node, [], {}), "dropna")
    if way == "rows" and result.columns is not None:
        subset = call.get(None, "subset")
        names = names_in(run, subset) if subset is not None else None
        name = text_of(subset)
        names = (name,) if name is not None else names
        every = subset is None and call.get(None, "how", "thresh") is None
        items = tuple(
            replace(item, gaps=False)
            if every or (names is not None and item.name in names)
            else replace(item, gaps=item.gaps and None)
            for item in result.columns.items
        )
        result = replace(result, columns=replace(result.columns, items=items))
    return _done(run, receiver, data, result, call)


# --- names of columns --------------------------------------------------------------------------------


def renamed(data: Data, names: dict[str, str] | None) -> Data:
    """The table under other names; None where these are not known."""
    if names is None:
        learned = tuple(replace(item, columns=None) for item in data.learned)
        return replace(data, columns=None, learned=merge_learned(learned), mask=None, lineage=None)
    learned = tuple(
        item if item.columns is None else replace(item, columns=tuple(names.get(name, name) for name in item.columns))
        for item in data.learned
    )
    columns = data.columns
    if columns is not None:
        items = tuple(replace(item, name=names.get(item.name, item.name)) for item in columns.items)
        columns = Columns(items, columns.closed)
    return replace(data, columns=columns, learned=learned, mask=None, lineage=_renamed(data.lineage, names))


def _renamed(lineage: Lineage | None, names: dict[str, str]) -> Lineage | None:
    """Under other names, it is another table."""
    return None if lineage is None else Lineage((lineage, "renamed", tuple(names.items())))


def with_names(data: Data, names: tuple[str, ...] | None) -> Data:
    """The table with these names for its columns, in order: `data.columns = names`."""
    old = data.columns.items if data.columns is not None and data.columns.closed else ()
    if names is not None and len(old) == len(names):
        return renamed(data, {item.name: name for item, name in zip(old, names, strict=True)})
    columns = Columns(tuple(map(Column, names))) if names is not None else None
    return replace(renamed(data, None), columns=columns)


def single_name(data: Data) -> str | None:
    """The name of a column, where it is known."""
    items = data.columns.items if data.columns is not None else ()
    return items[0].name if len(items) == 1 else None


def _rename(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    if data.kind in ("series", "index"):
        new, old = text_of(call.get(0, "index", "name")), single_name(data)
        given = call.get(0, "index", "name")
        names = {old: new} if new is not None and old is not None else None
        labels = given is None or isinstance(run.object(given), DictObject)
        return _done(run, receiver, data, replace(data, mask=None) if labels else renamed(data, names), call)
    mapping = call.get(None, "columns")
    if mapping is None and constant(call.get(None, "axis")) in (1, "columns"):
        mapping = call.get(0, "mapper")
    if mapping is None and (call.args or not call.exact):
        return _done(run, receiver, data, replace(data, mask=None), call)
    if mapping is None:
        return _done(run, receiver, data, replace(data, mask=None), call)
    thing = run.object(mapping)
    change = _CHANGES.get(mapping.name) if isinstance(mapping, Symbol) else None
    if change is not None and data.columns is not None and data.columns.closed:
        changed = {item.name: change(item.name) for item in data.columns.items}
        return _done(run, receiver, data, renamed(data, changed), call)
    names = {}
    for key, value in thing.items if isinstance(thing, DictObject) and not thing.open else ():
        new = text_of(value)
        if not isinstance(key, str) or new is None:
            return _done(run, receiver, data, renamed(data, None), call)
        names[key] = new
    return _done(run, receiver, data, renamed(data, names or None), call)


_CHANGES: dict[str, Callable[[str], str]] = {
    f"builtins.str.{change.__name__}": change for change in (str.lower, str.upper, str.strip, str.title)
}


def _set_axis(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    if along(data, call, 1) == "rows":
        return run.alloc(call.node, replace(data, mask=None))
    given = call.get(0, "labels")
    names = names_in(run, given) if given is not None else None
    return run.alloc(call.node, with_names(data, names))


def _to_frame(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    given = call.get(0, "name")
    if data.kind == "index":
        return run.alloc(call.node, Data(kind="frame", rows=data.rows, learned=data.learned, rank=2))
    new, old = text_of(given), single_name(data)
    if given is not None:
        data = renamed(data, {old: new} if new is not None and old is not None else None)
    return run.alloc(call.node, replace(data, kind="frame", rank=2, mask=None))


def _columns_unknown(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """The rows stay, the columns have other names, or are not all there."""
    named = call.name in ("add_prefix", "add_suffix")
    text = text_of(call.get(0, "prefix", "suffix"))
    if named and text is not None and data.kind == "frame" and data.columns is not None and data.columns.closed:
        first = call.name == "add_prefix"
        names = {item.name: text + item.name if first else item.name + text for item in data.columns.items}
        return run.alloc(call.node, renamed(data, names))
    if not named and (picked := _names_of_types(run, data, call)) is not None:
        return run.alloc(call.node, column(data, picked, "frame"))
    if named:
        return run.alloc(call.node, renamed(data, None))
    lineage = labels.of_numbers(data.lineage) if _picks_numbers(run, call) else None
    return run.alloc(call.node, replace(data, columns=None, lineage=lineage, mask=None))


def _picks_numbers(run: Run, call: Call) -> bool:
    """Whether `select_dtypes` is told to give all columns of numbers, or to leave out what are none."""
    include, exclude = (call.get(place, name) for place, name in enumerate(("include", "exclude")))
    if exclude is None:
        wanted = _types_in(run, include)
        return wanted is not None and wanted >= {"int64", "float64"}
    left_out = {text_of(item) for item in run.items_of(exclude) or (exclude,)}
    left_out |= {item.name for item in run.items_of(exclude) or (exclude,) if isinstance(item, Symbol)}
    return include is None and left_out - {None} <= _NO_NUMBERS and bool(left_out - {None})


_NO_NUMBERS = frozenset(
    "object O str string category datetime datetime64 datetime64[ns] bool builtins.object builtins.str".split()
)


def _names_of_types(run: Run, data: Data, call: Call) -> tuple[str, ...] | None:
    """The columns that `select_dtypes` gives, where the types of all are known."""
    if data.columns is None or not data.columns.closed or not all(item.dtype for item in data.columns.items):
        return None
    wanted = [_types_in(run, call.get(place, name)) for place, name in enumerate(("include", "exclude"))]
    if None in wanted or not any(wanted):
        return None
    include, exclude = wanted
    assert include is not None
    assert exclude is not None
    picked = [item for item in data.columns.items if not include or item.dtype in include]
    return tuple(item.name for item in picked if item.dtype not in exclude)


_NUMBERS = frozenset(f"{kind}{bits}" for kind in ("int", "uint", "float") for bits in (8, 16, 32, 64))


def _types_in(run: Run, value: Value | None) -> frozenset[str] | None:
    """The types that are meant; text is an object in some versions, and of itself in others."""
    if value is None or constant(value) is None:
        return frozenset()
    found: set[str] = set()
    for item in run.items_of(value) or (value,):
        if text_of(item) == "number" or (isinstance(item, Symbol) and item.name == "numpy.number"):
            found |= _NUMBERS
        elif dtype := datafiles.dtype_named(item):
            found |= {"str", "object"} if dtype in ("str", "object") else {dtype}
        else:
            return None
    return frozenset(found)


def _filter(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """Columns by their names; rows by their labels only of a column, or with `axis=0`."""
    axis = call.get(3, "axis")
    by_rows = constant(axis) in (0, "index") if axis is not None else data.kind == "series"
    if by_rows:
        return run.alloc(call.node, apply(run, SOME_ROWS, data, Call(call.node, [], {}), "filter"))
    given = call.get(0, "items")
    names = names_in(run, given) if given is not None else None
    if names is not None and data.kind == "frame":
        return run.alloc(call.node, column(data, names, "frame"))
    found = _names_like(data, text_of(call.get(1, "like")), text_of(call.get(2, "regex")))
    if found:
        return run.alloc(call.node, column(data, found, "frame"))
    return run.alloc(call.node, replace(data, columns=None, lineage=None, mask=None))


# Patterns that take no time: without groups, and repeating one thing at most.
_PLAIN = re.compile(r"[^()*+{?]*([*+?][^()*+{?]*)?$")


def _names_like(data: Data, part: str | None, pattern: str | None) -> tuple[str, ...] | None:
    """The names of columns that contain a text or fit a pattern, where all are known."""
    if data.columns is None or not data.columns.closed or (part is None) == (pattern is None):
        return None
    names = [item.name for item in data.columns.items]
    if part is not None:
        return tuple(name for name in names if part in name)
    if pattern is None or not _PLAIN.match(pattern):
        return None
    try:
        fits = re.compile(pattern).search
    except re.error:
        return None
    return tuple(name for name in names if fits(name))


def _set_index(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """Columns become the index; what shaped them stays behind."""
    keys = call.get(0, "keys")
    name = text_of(keys)
    names = (name,) if name is not None else names_in(run, keys) if keys is not None else None
    keep, append = constant(call.get(1, "drop")), call.get(None, "append")
    if names is None or keep is not ... or append is not None:
        return _done(
            run, receiver, data, replace(data, columns=data.columns if keep is False else None, mask=None), call
        )
    known = data.lineage is not None and len(names) == 1 and MOMENTS in data.lineage.sources(names[0])
    order = Ordered(run.origin(call.node), code_of(call.node)[:60], True) if known else data.order
    return _done(run, receiver, data, replace(without_columns(data, names), mask=None, order=order), call)


def _reset_index(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """The index becomes a column, unless it is dropped."""
    dropped = call.get(1, "drop")
    if constant(dropped) is True:
        return _done(run, receiver, data, replace(data, mask=None), call)
    kind: DataKind = data.kind if dropped is None else "unknown"
    kind = "frame" if kind == "series" else kind
    inplace = constant(call.keywords.get("inplace")) is True
    result = replace(
        data, kind=data.kind if inplace else kind, columns=None, mask=None, rank=2 if kind == "frame" else None
    )
    return _done(run, receiver, data, result, call)


def _get(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    name = text_of(call.get(0, "key"))
    return (
        run.alloc(call.node, column(data, (name,), "series")) if name is not None and data.kind == "frame" else UNKNOWN
    )


def _keys(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    return attribute(run, receiver, data, "columns", call.node) if data.kind == "frame" else UNKNOWN


def _drop(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    columns = call.get(None, "columns")
    target = columns if columns is not None else call.get(0, "labels", "index")
    by_column = columns is not None or constant(call.get(1, "axis")) in (1, "columns")
    name = text_of(target)
    names = (name,) if name is not None else names_in(run, target) if target is not None else None
    if by_column:
        result = replace(data, columns=None, lineage=None) if names is None else without_columns(data, names)
    else:
        result = _without(run, data, target, call)
    if constant(call.keywords.get("inplace")) is True:
        run.update(receiver, result)
        return NONE
    return run.alloc(call.node, result)


def without_columns(data: Data, names: tuple[str, ...]) -> Data:
    """The table without some columns, and without what shaped only those."""
    kept = tuple(item for item in data.learned if item.columns is None or not set(item.columns) <= set(names))
    lineage = data.lineage.drop(names) if data.lineage is not None else None
    return replace(data, columns=data.columns.drop(names) if data.columns else None, learned=kept, lineage=lineage)


def _without(run: Run, data: Data, target: Value | None, call: Call) -> Data:
    """`data.drop(part.index)`: the rows that the part left over."""
    other = picking.picker(run, target)
    named = other is not None and (other.kind == "index" or other.selects is not None)
    left = picking.without(data, other) if other is not None and named else None
    return left if left is not None else choose(data, Choice(run.origin(call.node), "filter", None))


def _pop(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    name = text_of(call.get(0, "item"))
    if name is None:
        run.update(receiver, replace(data, columns=None, lineage=None))
        return run.alloc(call.node, Data(kind="series", rows=data.rows, learned=data.learned))
    run.update(receiver, without_columns(data, (name,)))
    return run.alloc(call.node, column(data, (name,), "series"))


def _insert(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`frame.insert(place, name, values)`; an index gives back a longer one."""
    if data.kind == "index":
        return UNKNOWN
    name, place = text_of(call.get(1, "column")), constant(call.get(0, "loc"))
    result = assign_columns(data, (name,) if name else None, run.data(call.get(2, "value")), run.origin(call.node))
    columns = result.columns
    if columns is not None and name is not None:
        items = [item for item in columns.items if item.name != name]
        items.insert(place if isinstance(place, int) else 0, next(i for i in columns.items if i.name == name))
        columns = Columns(tuple(items), columns.closed) if isinstance(place, int) else None
    run.update(receiver, replace(result, columns=columns))
    return NONE


def _assign(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`frame.assign(name=values)`, where the values may be a function of the frame so far."""
    for name, value in call.keywords.items():
        made = run.data(value)
        if isinstance(value, Function):
            given = run.alloc(call.node, replace(data, mask=None), ("so far", name))
            made = run.data(run.call(value, Call(call.node, [given], {})))
        data = assign_columns(data, (name,), made, run.origin(call.node))
    return run.alloc(call.node, replace(data, mask=None))


def _update(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """Cells take the values of another table, in place."""
    other = run.data(call.get(0, "other"))
    learned = merge_learned(data.learned, other.learned if other is not None else ())
    run.update(receiver, replace(data, learned=learned, columns=names_only(data.columns), scale="unknown"))
    return NONE


def _query(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`data.query("year < 2015")`: a mask written as text."""
    choice = Choice(run.origin(call.node), "filter", None)
    text = text_of(call.get(0, "expr"))
    try:
        asked = ast.parse(text.strip(), mode="eval").body if text is not None else None
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        asked = None
    if isinstance(asked, ast.Compare) and len(asked.ops) == 1 and type(asked.ops[0]) in COMPARISONS:
        right = asked.comparators[0]
        value = right.value if isinstance(right, ast.Constant) else ast.dump(right)
        branch = (COMPARISONS[type(asked.ops[0])], value)
        key = ("column", asked.left.id) if isinstance(asked.left, ast.Name) else ("query", ast.dump(asked.left))
        choice = Choice(key, "mask", branch)
    result = choose(data, choice)
    if constant(call.keywords.get("inplace")) is True:
        run.update(receiver, result)
        return NONE
    return run.alloc(call.node, result)


def _sample(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    if along(data, call, None) != "rows":
        rows = data.rows if along(data, call, None) == "row" else None
        return run.alloc(call.node, replace(data, rows=rows, columns=None, lineage=None, mask=None))
    again = constant(call.get(None, "replace"))
    if again is True and data.rows is not None:
        made = Rows((), (*data.rows.parts, *data.rows.made_from))
        learned = merge_learned(data.learned, (drawn_again(run, call, data.rows),))
        return run.alloc(call.node, replace(data, rows=made, learned=learned, mask=None))
    if again is ... and call.get(None, "replace") is not None:
        return run.alloc(call.node, replace(data, rows=None, mask=None))
    data = replace(data, order=None)
    if constant(call.get(None, "frac")) in (1, 1.0) and call.get(0, "n") is None:
        return run.alloc(call.node, replace(data, mask=None))
    way = picking.fixed_by(call, "n", "frac", "axis", "replace")
    given = tuple(constant(value) for value in call.args)
    key = (*way, given) if way is not None and ... not in given and "weights" not in call.keywords else None
    origin, fixed = picking.drawn(run, call.node, key, data.rows)
    return run.alloc(call.node, choose(data, Choice(origin, "sample", True, fixed)))


# --- shapes ------------------------------------------------------------------------------------------


def _is_one_column(data: Data) -> bool:
    """Whether there is certainly one number in each row."""
    return data.rank == 1 or (data.columns is not None and data.columns.closed and len(data.columns.items) == 1)


def _reshape(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """The first dimension stays the rows when one column is made or the first size is taken over."""
    sizes = [constant(value) for value in ([call.keywords["shape"]] if "shape" in call.keywords else call.args)]
    column_made, flat = sizes in ([-1, 1], [(-1, 1)]), sizes in ([-1], [(-1,)])
    # Of an array of which no more is known, this is how a column is written.
    one_column = (column_made or flat) and (_is_one_column(data) or data.rank is None)
    first = call.node_of(0, "shape")
    if isinstance(first, ast.Tuple) and first.elts:
        first = first.elts[0]
    own_size = first is not None and any(size in code_of(first) for size in ("shape[0]", "len(", ".size(0)"))
    own_size = (own_size and not (column_made or flat)) or _keeps_first(data, sizes)
    rank = (2 if column_made else 1) if column_made or flat else None
    return run.alloc(
        call.node,
        replace(
            data,
            rows=data.rows if one_column or own_size else None,
            scale=data.scale if one_column or data.scale == "pixels" else "unknown",
            columns=data.columns if one_column else None,
            mask=None,
            selects=None,
            rank=rank,
        ),
    )


# How many numbers a picture has in the data sets that Keras brings: 28 x 28 grey, 32 x 32 in three colours.
PICTURES = (28 * 28, 32 * 32 * 3)


def _keeps_first(data: Data, sizes: list[Any]) -> bool:
    """Whether the first size told is the number of rows, or is left to be found and the others make up a picture."""
    told = sizes[0] if len(sizes) == 1 and isinstance(sizes[0], tuple) else tuple(sizes)
    if len(told) < 2 or any(not isinstance(size, int) for size in told):
        return False
    if told[0] == -1:
        return data.scale == "pixels" and math.prod(told[1:]) in PICTURES
    return data.rows is not None and data.rows.count == told[0]


def _flattened(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """One long row of numbers: of a single column its rows, of a table of which no more is known nothing."""
    if _is_one_column(data) or (data.rank is None and not data.columns):
        return run.alloc(call.node, replace(data, mask=None, rank=1))
    return run.alloc(call.node, Data(kind=data.kind, learned=data.learned, fits=data.fits, rank=1))


def _squeezed(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    kind: DataKind = "unknown" if data.kind in ("frame", "series") else data.kind
    first = constant(call.get(0, "dim", "axis")) == 0
    return run.alloc(call.node, replace(data, kind=kind, rows=None if first else data.rows, mask=None, rank=None))


def _unsqueezed(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """A dimension more; before the first, the rows are no longer where rows are."""
    place = constant(call.get(0, "dim"))
    kept = isinstance(place, int) and place > 0
    return run.alloc(call.node, replace(data, rows=data.rows if kept else None, mask=None, columns=None, rank=None))


def _turned(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """Dimensions in another order: the rows stay where the first one does."""
    order = constant(call.get(0, "dims", "axes"))
    kept = order == 0 if call.name == "permute" else False
    kept = kept or (isinstance(order, tuple) and order[:1] == (0,))
    return run.alloc(call.node, Data(kind=data.kind, rows=data.rows if kept else None, learned=data.learned))


def _taken(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`take(positions)`: rows of a table or a column, single cells of an array without `axis=0`."""
    by_rows = data.kind in ("frame", "series", "index") or data.rank == 1 or constant(call.get(1, "axis")) == 0
    if by_rows and along(data, call, 1) == "rows":
        return run.alloc(call.node, apply(run, SOME_ROWS, data, Call(call.node, [], {}), "take"))
    return run.alloc(call.node, Data(learned=data.learned))


def _dot(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """Each row times weights, as long as these are not rows of data themselves."""
    other = run.data(call.get(0, "other", "b"))
    learned = merge_learned(data.learned, other.learned if other is not None else ())
    table = data.kind in ("frame", "sparse") or data.rank == 2
    literal = other is not None and other.rows is not None and overlap(data.rows, other.rows) is Overlap.DISJOINT
    return run.alloc(call.node, Data(rows=data.rows if table and literal else None, learned=learned))


def _compared(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`table.corrwith(column)`: how much each column says of another one, as a rule the target."""
    result = apply(run, METHODS["corrwith"], data, call, "corrwith")
    other = run.data(call.get(0, "other"))
    if other is None or other.rank != 1:
        return run.alloc(call.node, result)
    origin = run.origin(call.node)
    learned = tuple(replace(item, supervised=True) if item.origin == origin else item for item in result.learned)
    return run.alloc(call.node, replace(result, learned=learned))


def _differences(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`diff`: of a tensor along its last dimension, of a table from row to row."""
    if data.kind == "tensor":
        kept = data.rank == 2 and call.get(None, "dim") is None and not call.args[1:]
        return run.alloc(call.node, Data(kind="tensor", rows=data.rows if kept else None, learned=data.learned))
    return run.alloc(call.node, apply(run, CHANGED, data, Call(call.node, [], {}), "diff"))


def _joined(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """Columns of another table beside these: the rows stay, with `how="inner"` some of them."""
    other = run.data(call.get(0, "other", "right"))
    learned = merge_learned(data.learned, other.learned if other is not None else ())
    how = call.get(2 if call.name == "join" else 1, "how")
    kept = "left" if how is None and call.name == "join" else "inner" if how is None else text_of(how)
    if data.kind == "index" or kept not in ("left", "inner"):
        return run.alloc(call.node, Data(kind=data.kind, rows=own_rows(run, call), learned=learned))
    rows = data.rows
    if rows is not None and (call.name == "merge" or kept == "inner"):
        rows = rows.choose(Choice(run.origin(call.node), "filter", call.name))
    return run.alloc(call.node, Data(kind=data.kind, rows=rows, learned=learned))


def _reindexed(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """Rows for other labels; an index gives back a pair."""
    if data.kind == "index":
        return UNKNOWN
    wanted = call.get(None, "columns")
    names = names_in(run, wanted) if wanted is not None else None
    if names is not None and not call.args and call.get(None, "index", "labels") is None:
        return run.alloc(call.node, column(data, names, "frame"))
    across = len(call.args) == 1 and constant(call.get(None, "axis")) in (1, "columns")
    if (across or (wanted is not None and not call.args)) and call.get(None, "index", "labels") is None:
        learned = with_given_columns(data.learned)
        return run.alloc(call.node, replace(data, columns=None, learned=learned, mask=None, selects=None))
    return run.alloc(call.node, apply(run, OWN_ROWS, data, call, "reindex"))


def _repeated(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """Which rows are there more than once: a mask."""
    kind: DataKind = "array" if data.kind == "index" else "series"
    mask = Mask(ast.dump(call.node), "is", True)
    return run.alloc(call.node, Data(kind=kind, rows=data.rows, learned=data.learned, mask=mask, rank=1))


def _spread(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`cov`: PyTorch takes rows for variables."""
    if data.kind == "tensor":
        return run.alloc(call.node, Data(learned=data.learned))
    return run.alloc(call.node, apply(run, METHODS["cov"], data, call, "cov"))


def _numbered(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`codes, labels = column.factorize()`."""
    codes = run.alloc(call.node, Data(kind="array", rows=data.rows, learned=data.learned, rank=1), "codes")
    return TupleValue((codes, run.alloc(call.node, Data(kind="labels", rows=NO_ROWS, learned=data.learned), "labels")))


def _order(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`argsort()`: the positions of all rows of a column; in a table, an order within each row."""
    if data.rows == NO_ROWS:
        return run.alloc(call.node, Data(kind="labels", rows=NO_ROWS, learned=data.learned))
    if data.rank == 1 or data.kind in ("series", "index"):
        return run.alloc(call.node, Data(kind="index", selects=()))
    return run.alloc(call.node, Data(kind=data.kind if data.rank == 2 else "unknown", learned=data.learned))


def _measured_along(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`tensor.size(0)` is a length, as `len(tensor)` is."""
    if constant(call.get(0, "dim")) == 0:
        return run.alloc(call.node, Opaque("builtins.len", code_of(call.node), parts=(receiver,)))
    return UNKNOWN


def _with_positions(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`max`, `min` and their kind: PyTorch gives values and positions, once it is told a dimension."""
    result = apply(run, METHODS[call.name], data, call, call.name)
    told = call.get(0, "dim") is not None and not isinstance(run.object(call.get(0, "dim")), Data)
    if data.kind == "tensor" and told:
        return TupleValue(tuple(run.alloc(call.node, result, part) for part in ("values", "indices")))
    if call.name.startswith("cum") and data.kind in ("array", "tensor"):
        result = _accumulated(data, result, call)
    return run.alloc(call.node, result)


def _same(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    return run.alloc(call.node, replace(data, mask=None))


def _append(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    return concatenated(run, [receiver, *call.args[:1]], call)


def concatenated(run: Run, values: list[Value], call: Call) -> Value:
    """Rows of one after rows of the other; taking apart at the right place gives the parts back."""
    parts = [run.data(value) for value in values]
    if not parts or any(part is None or part.rows is None for part in parts):
        selects = picking.together([part for part in parts if part is not None]) if None not in parts else None
        return run.alloc(call.node, Data(kind="index", selects=selects) if selects is not None else Data())
    known = [part for part in parts if part is not None and part.rows is not None]
    rows = laid_together(part.rows or NO_ROWS for part in known)
    first = known[0]
    twins = _twins(run, call, known)
    return run.alloc(
        call.node,
        Data(
            kind=first.kind if all(part.kind == first.kind for part in known) else "unknown",
            rows=rows,
            learned=merge_learned(twins, *(part.learned for part in known)),
            scale=first.scale if all(part.scale == first.scale for part in known) else "unknown",
            columns=united([part.columns for part in known]),
            rank=first.rank if all(part.rank == first.rank for part in known) else None,
        ),
    )


def drawn_again(run: Run, call: Call, rows: Rows | None) -> Learned:
    """Rows are drawn, some of them more than once."""
    name = call.name or "sample"
    return Learned(run.origin(call.node), name, name, "resampler", rows)


def _twins(run: Run, call: Call, parts: list[Data]) -> tuple[Learned, ...]:
    """Whether rows of one part are in another too: then there are two of them."""
    sources = [region.source for part in parts for region in (part.rows or NO_ROWS).parts]
    doubtful = any(picking.is_drawn(source.key) or not source.known for source in sources)
    if len(parts) > _MANY or doubtful or any(part.rank == 1 and part.kind != "series" for part in parts):
        return ()
    for index, part in enumerate(parts):
        for other in parts[:index]:
            if overlap(part.rows, other.rows) is Overlap.OVERLAP:
                name = call.name or "append"
                return (Learned(run.origin(call.node), name, name, "twins", part.rows),)
    return ()


_MANY = 8


def united(parts: list[Columns | None]) -> Columns | None:
    """The columns of tables laid one below the other, each as wide as its widest part; None where one is not known."""
    columns: dict[str, Column] = {}
    for part in parts:
        if part is None or not part.closed:
            return None
        for item in part.items:
            other = columns.get(item.name, item)
            bounds = (item.low, item.high, other.low, other.high)
            known = all(bound is not None for bound in bounds)
            low = min(item.low or 0.0, other.low or 0.0) if known else None
            high = max(item.high or 0.0, other.high or 0.0) if known else None
            dtype = item.dtype if item.dtype == other.dtype else ""
            gaps = True if item.gaps or other.gaps else item.gaps if item.gaps == other.gaps else None
            profile = item.profile if item.profile == other.profile else None
            columns[item.name] = Column(item.name, low, high, dtype, gaps, profile)
    if any(len(part.items) < len(columns) for part in parts if part is not None):
        # What only some of the tables have is missing in the others.
        return names_only(Columns(tuple(columns.values())))
    return Columns(tuple(columns.values()))


def beside(run: Run, values: list[Value], call: Call) -> Value:
    """Columns of one beside columns of the other: the rows are those they share."""
    parts = [part for part in (run.data(value) for value in values) if part is not None]
    if not parts:
        return run.alloc(call.node, Data())
    rows = {part.rows for part in parts if part.rows != NO_ROWS}
    items = [item for part in parts if part.columns is not None and part.columns.closed for item in part.columns.items]
    named = all(part.columns is not None and part.columns.closed and part.kind != "array" for part in parts)
    distinct = len({item.name for item in items}) == len(items)
    return run.alloc(
        call.node,
        Data(
            kind=parts[0].kind,
            rows=rows.pop() if len(rows) == 1 and len(parts) == len(values) else None,
            learned=merge_learned(*(part.learned for part in parts)),
            scale=parts[0].scale if all(part.scale == parts[0].scale for part in parts) else "unknown",
            columns=Columns(tuple(items)) if named and distinct else None,
        ),
    )


def _sorted(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`sort_values(by)`: rows in the order of time, where they are sorted by moments."""
    result = apply(run, SAME, data, Call(call.node, [], {}), "sort_values")
    down = call.get(None, "ascending")
    descending = down is not None and constant(down) is not True
    given = call.get(0, "by")
    name = text_of(given) or next(iter(names_in(run, given) or ()), None) if given is not None else None
    order = None
    if name is not None and data.lineage is not None and MOMENTS in data.lineage.sources(name):
        order = Ordered(run.origin(call.node), code_of(call.node)[:60], False, descending)
    elif name is None and call.name == "sort_index":
        order = replace(data.order, descending=descending) if data.order is not None else None
    return _done(run, receiver, data, replace(result, order=order), call)


_SPECIAL = {
    **dict.fromkeys(("sort_values", "sort_index"), _sorted),
    "groupby": _group,
    **dict.fromkeys(("rolling", "expanding", "ewm"), _window),
    "resample": _resample,
    "pipe": _pipe,
    "drop": _drop,
    "pop": _pop,
    "get": _get,
    "keys": _keys,
    "insert": _insert,
    "assign": _assign,
    "update": _update,
    "query": _query,
    "sample": _sample,
    "fillna": _fillna,
    "dropna": _dropna,
    **dict.fromkeys(("ffill", "bfill", "pad", "backfill", "interpolate"), _carried),
    **dict.fromkeys(("astype", "convert_dtypes"), _astype),
    "rename": _rename,
    "set_axis": _set_axis,
    "to_frame": _to_frame,
    "set_index": _set_index,
    "reset_index": _reset_index,
    **dict.fromkeys(("select_dtypes", "add_prefix", "add_suffix"), _columns_unknown),
    "filter": _filter,
    **dict.fromkeys(("join", "merge"), _joined),
    "factorize": _numbered,
    "reindex": _reindexed,
    "t": _turned,
    "duplicated": _repeated,
    "cov": _spread,
    "corrwith": _compared,
    "argsort": _order,
    **dict.fromkeys(("reshape", "view"), _reshape),
    **dict.fromkeys(("ravel", "flatten"), _flattened),
    "squeeze": _squeezed,
    "unsqueeze": _unsqueezed,
    **dict.fromkeys(("permute", "transpose", "swapaxes"), _turned),
    "take": _taken,
    "dot": _dot,
    "diff": _differences,
    "size": _measured_along,
    **dict.fromkeys("max min median mode cummax cummin".split(), _with_positions),
    **dict.fromkeys("to swaplevel reorder_levels droplevel sortlevel".split(), _same),
    "append": _append,
    "difference": _difference,
}
