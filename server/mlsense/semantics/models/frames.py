"""What frames, series, arrays and tensors do: their methods as a table, their subscripts and assignments.

pandas, NumPy, SciPy's sparse matrices and PyTorch share most names and meanings here, so one table serves them.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import constant, text_of
from mlsense.semantics.models.effects import Call, Effect, apply, by_row, chosen
from mlsense.semantics.regions import NO_ROWS, Choice, Rows, opposite, within
from mlsense.semantics.values import (
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
    ListObject,
    Mask,
    Method,
    Opaque,
    Ref,
    Symbol,
    TupleValue,
    Value,
    merge_learned,
)

if TYPE_CHECKING:
    from collections.abc import Hashable

    from mlsense.semantics.calls import Calls as Run


def _table(*groups: tuple[Effect, str]) -> dict[str, Effect]:
    return {name: effect for effect, names in groups for name in names.split()}


SAME = Effect(keeps=True)
CHANGED = Effect()
SOME_ROWS = Effect(rows="subset", keeps=True)
NO_MORE_ROWS = Effect(rows="none")

METHODS: dict[str, Effect] = {
    **_table(
        (
            SAME,
            "copy astype infer_objects convert_dtypes round sort_values sort_index set_index reset_index squeeze",
        ),
        (
            SAME,
            "rename rename_axis to_frame ravel flatten toarray todense tocsr tocsc tolil clone contiguous",
        ),
        (SAME, "detach cpu cuda float double half long int type compute persist collect toPandas to_pandas"),
        (
            SAME,
            "requires_grad_ pin_memory fillna ffill bfill pad backfill interpolate with_columns set_axis",
        ),
        (SAME, "remove_unused_categories unsqueeze asfreq tz_localize tz_convert"),
        (Effect(keeps=True, kind="array"), "to_numpy numpy as_matrix"),
        (
            CHANGED,
            "abs clip apply map applymap transform replace where mask shift diff pct_change cumsum cumprod cummax",
        ),
        (
            CHANGED,
            "isna isnull notna notnull isin between duplicated contains startswith endswith eq ne gt ge lt le",
        ),
        (
            CHANGED,
            "add sub mul div truediv floordiv mod pow",
        ),
        (
            CHANGED,
            "radd rsub rmul rdiv rtruediv exp log sqrt tanh sigmoid relu dot assign eval pipe nonzero permute",
        ),
        (
            CHANGED,
            "swapaxes rename_columns update combine_first explode melt stack unstack join set_categories",
        ),
        (
            SOME_ROWS,
            "head tail dropna drop_duplicates query nlargest nsmallest filter truncate take first last",
        ),
        (Effect(rows="subset"), "merge"),
        (SAME, "select_dtypes"),
        (Effect(rows="unknown"), "pivot pivot_table transpose crosstab"),
        (
            NO_MORE_ROWS,
            "info item all any equals isnull_any tolist to_list keys to_dict to_csv to_parquet to_excel",
        ),
        (NO_MORE_ROWS, "hist plot boxplot memory_usage to_pickle to_sql to_json to_html to_string"),
    ),
    **{
        name: Effect(rows="none", learns=name)
        for name in """
            mean median std var min max sum quantile mode corr cov corrwith describe value_counts nunique unique
            count skew kurt kurtosis sem mad idxmax idxmin argmax argmin prod ptp nanmean norm agg aggregate size
            first_valid
            """.split()
    },
    **{name: Effect(learns=name) for name in ("rank", "qcut", "factorize")},
}

COMPARISONS: dict[type[ast.cmpop], str] = {
    ast.Eq: "==",
    ast.NotEq: "!=",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
# Methods that ask something of every row: their answers are masks.
QUESTIONS = frozenset("isin isna isnull notna notnull between contains startswith endswith duplicated".split())
GROUPED = {"transform", "apply", "rank", "cumsum", "cumcount", "ffill", "bfill", "shift", "diff", "fillna"}
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
    if name in ("values", "array", "data") and data.kind != "unknown":
        return run.alloc(node, replace(data, kind="array"), name)
    if name in ("T",):
        return run.alloc(node, Data(kind=data.kind, learned=data.learned), name)
    if name in ("str", "dt", "cat", "sparse"):
        return run.alloc(node, Data(kind=data.kind, rows=data.rows, learned=data.learned), name)
    if name == "index" and data.rows == NO_ROWS:
        # The index of a statistic of each column: names of columns, found by that statistic.
        return run.alloc(node, Data(kind="labels", rows=NO_ROWS, learned=data.learned), name)
    if name == "index":
        return run.alloc(node, Data(kind="index", rows=data.rows, selects=()), name)
    if name == "shape" and (data.kind == "frame" or data.rank == 2):
        length = Opaque("builtins.len", ast.unparse(node), parts=(base,))
        return TupleValue((run.alloc(node, length, name), UNKNOWN))
    if name in ("shape", "size", "ndim", "dtype", "dtypes", "empty", "device", "flags", "is_cuda"):
        return UNKNOWN
    if name == "columns":
        if data.columns is not None and data.columns.closed:
            names = tuple(Const.of(column.name) for column in data.columns.items)
            return run.alloc(node, ListObject(names), name)
        return run.alloc(node, Data(kind="labels", rows=NO_ROWS), name)
    if name in ROW_PICKERS or name in METHODS or name in GROUPED or name in WINDOW or name in _SPECIAL:
        return Method(base, name)
    known = data.columns is not None and data.columns.closed
    if data.kind in ("frame", "grouped") and (not known or _has(data.columns, name)) and not name.startswith("_"):
        return run.alloc(node, column(data, (name,), "series"), ("column", name))
    return Method(base, name)


def _has(columns: Columns | None, name: str) -> bool:
    return columns is not None and any(item.name == name for item in columns.items)


def column(data: Data, names: tuple[str, ...], kind: DataKind) -> Data:
    """A selection of columns: what shaped only others is left behind."""
    return replace(
        data,
        kind=kind,
        learned=tuple(item for item in data.learned if item.touches(names)),
        columns=data.columns.pick(names) if data.columns is not None else Columns(tuple(map(Column, names))),
        mask=None,
        selects=None,
        rank=1 if kind == "series" else 2,
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
        return run.alloc(node, _sliced(run, data, key, node))
    value = run.evaluate(key)
    name = text_of(value)
    if name is not None:
        return run.alloc(node, column(data, (name,), "grouped" if data.kind == "grouped" else "series"))
    names = names_in(run, value)
    if names is not None:
        return run.alloc(node, column(data, names, "grouped" if data.kind == "grouped" else "frame"))
    if data.kind in ("frame", "grouped", "labels") and not _picks_rows(run, value):
        return run.alloc(node, _some_columns(run, data, value))
    return run.alloc(node, _picked(run, data, value, node))


def _picks_rows(run: Run, value: Value) -> bool:
    """Whether a key between the brackets of a frame is a mask: a column computed from rows."""
    thing = run.object(value)
    return isinstance(thing, Data) and thing.rows != NO_ROWS


def _some_columns(run: Run, data: Data, value: Value) -> Data:
    """Columns that are not known by name: the rows stay; what chose the columns shaped the table."""
    thing = run.object(value)
    chosen_by = thing.learned if isinstance(thing, Data) else ()
    selecting = tuple(item for item in chosen_by if item.family == "selector" or item.what in ("corr", "corrwith"))
    return replace(data, columns=None, learned=merge_learned(data.learned, selecting), mask=None, selects=None)


def located(run: Run, data: Data, node: ast.Subscript) -> Value:
    """`data.loc[...]`, `data.iloc[...]`."""
    key = node.slice
    if isinstance(key, ast.Tuple):
        return run.alloc(node, _rows_and_columns(run, data, key, node))
    if isinstance(key, ast.Slice):
        return run.alloc(node, _sliced(run, data, key, node))
    return run.alloc(node, _picked(run, data, run.evaluate(key), node))


def _rows_and_columns(run: Run, data: Data, key: ast.Tuple, node: ast.AST) -> Data:
    first, *rest = key.elts
    if isinstance(first, ast.Slice):
        picked = _sliced(run, data, first, node)
    else:
        picked = _picked(run, data, run.evaluate(first), node)
    for part in rest:
        value = run.evaluate(part)
        name = text_of(value)
        names = names_in(run, value) or ((name,) if name is not None else None)
        whole = isinstance(part, ast.Slice) and part.lower is None and part.upper is None
        numbers = _numbers_in(run, value)
        if names is not None:
            picked = column(picked, names, "series" if name is not None else "frame")
        elif numbers is not None and picked.columns is not None and picked.columns.closed:
            items = picked.columns.items
            inside = tuple(items[number] for number in numbers if -len(items) <= number < len(items))
            picked = replace(picked, columns=Columns(inside), rank=1 if isinstance(constant(value), int) else 2)
        elif isinstance(thing := run.object(value), Data) and thing.rows == NO_ROWS:
            picked = _some_columns(run, picked, value)
        elif not whole:
            picked = replace(
                picked, columns=None, scale="unknown" if picked.scale == "raw" and picked.columns else picked.scale
            )
    return picked


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
    measured = _measured(run, value)
    if measured is not None:
        return ("len", measured)
    return value if isinstance(value, Ref) and isinstance(node, ast.Name) else ast.unparse(node)


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


def _sliced(run: Run, data: Data, key: ast.Slice, node: ast.AST) -> Data:
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
    return _choose(data, choice)


def _choose(data: Data, *choices: Choice) -> Data:
    selects = None if data.selects is None else (*data.selects, *choices)
    return replace(data, rows=chosen(data.rows, *choices), selects=selects, mask=None)


def _picked(run: Run, data: Data, value: Value, node: ast.AST) -> Data:
    """Rows picked by a mask, by positions, by labels, or by something not known: then some of the rows."""
    other = run.object(value)
    if isinstance(other, Data):
        if other.mask is not None:
            return _choose(data, Choice(other.mask.key, "mask", (other.mask.operator, other.mask.right)))
        if other.kind == "index" and other.rows is not None and data.rows is not None and within(other.rows, data.rows):
            return replace(data, rows=other.rows, mask=None)
        if other.selects is not None:
            return _choose(data, *other.selects)
    found = constant(value)
    if isinstance(found, (int, float)) and not isinstance(found, bool):
        kind: DataKind = "scalar" if data.rank == 1 else "unknown"
        return replace(_choose(data, Choice(run.origin(node), "filter", found)), kind=kind)
    return replace(_choose(data, Choice(run.origin(node), "filter", None)), columns=None)


def inverted(data: Data) -> Data:
    """`~mask`."""
    assert data.mask is not None
    operator = opposite(data.mask.operator)
    if operator is None:
        return replace(data, mask=None)
    return replace(data, mask=Mask(data.mask.key, operator, data.mask.right))


# --- assignments -------------------------------------------------------------------------------------


def assign_columns(data: Data, names: tuple[str, ...] | None, value: Data | None) -> Data:
    """`data[names] = value`: the frame takes on what shaped the new columns."""
    if names is None:
        learned = merge_learned(data.learned, value.learned if value is not None else ())
        return replace(data, learned=learned, scale="unknown", columns=None)
    kept = tuple(item for item in data.learned if item.columns is None or not set(item.columns) <= set(names))
    brought = tuple(
        replace(item, columns=names if item.columns is None else item.columns)
        for item in (value.learned if value is not None else ())
    )
    columns = data.columns
    if columns is not None:
        fresh = {item.name: item for item in value.columns.items} if value is not None and value.columns else {}
        items = {item.name: item for item in columns.items}
        items.update({name: fresh.get(name, Column(name)) for name in names})
        columns = Columns(tuple(items.values()), columns.closed)
    scale = data.scale if value is not None and value.scale == data.scale else "unknown"
    return replace(data, learned=merge_learned(kept, brought), columns=columns, scale=scale)


def assign_rows(data: Data, value: Data | None, names: tuple[str, ...] | None) -> Data:
    """`data.loc[rows, names] = value` or `data[positions] = value`."""
    if names is not None:
        return assign_columns(data, names, value)
    return replace(
        data, learned=merge_learned(data.learned, value.learned if value is not None else ()), scale="unknown"
    )


# --- methods -----------------------------------------------------------------------------------------


def method(run: Run, receiver: Value, data: Data, name: str, call: Call) -> Value:
    """Calls a method of a frame, series, array or tensor."""
    special = _SPECIAL.get(name)
    if special is not None:
        return special(run, receiver, data, call)
    effect = METHODS.get(name)
    if data.kind == "grouped" and (name in GROUPED or effect is None):
        learned = merge_learned(data.learned, apply(run, Effect(rows="none", learns=name), data, call, name).learned)
        return run.alloc(call.node, Data(kind="series", rows=data.rows, learned=learned))
    if data.kind == "window":
        return run.alloc(call.node, Data(kind="series", rows=data.rows, learned=data.learned))
    if name in ("apply", "map", "transform", "applymap", "pipe", "agg") and call.args:
        applied = _applied(run, receiver, data, name, call)
        if applied is not None:
            return applied
    if name in WINDOW or name == "groupby":
        kind: DataKind = "grouped" if name == "groupby" else "window"
        return run.alloc(call.node, replace(data, kind=kind))
    if effect is None:
        run.unfollowed(call.node, "method not known", name)
        return run.alloc(call.node, Data(rows=data.rows, learned=data.learned))
    result = apply(run, effect, data, call, name)
    if name in QUESTIONS:
        result = replace(result, mask=Mask(ast.dump(call.node), "is", True))
    if name == "fillna":
        result = _filled(run, data, result, call)
    if name in ("select_dtypes", "rename"):
        result = replace(result, columns=None)
    if constant(call.keywords.get("inplace")) is True:
        run.update(receiver, replace(result, kind=data.kind))
        return NONE
    return run.alloc(call.node, result)


def _applied(run: Run, receiver: Value, data: Data, name: str, call: Call) -> Value | None:
    """A function handed to `apply`, `map` or `pipe`, called with what it will get; None where that says nothing.

    A frame hands over its columns, a column its single values; what those are combined with shapes the result.
    """
    function, rest = call.args[0], call.args[1:]
    if text_of(function) is not None or by_row(run, call):
        return None
    if name == "pipe":
        return run.call(function, Call(call.node, [receiver, *rest], call.keywords))
    if not isinstance(function, (Function, Symbol)):
        return None
    single = name in ("map", "applymap") or data.kind == "series"
    if data.kind == "grouped" or (isinstance(function, Symbol) and not function.name.startswith(("scipy", "numpy"))):
        return None
    part = Data(kind="scalar", rows=NO_ROWS) if single else replace(data, kind="series", columns=None, rank=1)
    result = run.object(run.call(function, Call(call.node, [run.alloc(call.node, part, "part")], {})))
    shaped = result.learned if isinstance(result, Data) else ()
    if isinstance(result, Data) and result.rows == NO_ROWS and not single:
        return run.alloc(call.node, Data(kind="series", rows=NO_ROWS, learned=shaped))
    return run.alloc(call.node, Data(kind=data.kind, rows=data.rows, learned=merge_learned(data.learned, shaped)))


def _filled(run: Run, data: Data, result: Data, call: Call) -> Data:
    """`fillna(value)`: also for a dict of values by column."""
    value = call.get(0, "value")
    thing = run.object(value)
    if not isinstance(thing, DictObject):
        return result
    groups: list[Learned] = []
    for key, item in thing.items:
        filler = run.data(item)
        names = (key,) if isinstance(key, str) else None
        groups.extend(replace(learned, columns=names) for learned in (filler.learned if filler is not None else ()))
    return replace(result, learned=merge_learned(data.learned, tuple(groups)))


def _drop(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    columns = call.get(None, "columns")
    target = columns if columns is not None else call.get(0, "labels", "index")
    by_column = columns is not None or constant(call.get(1, "axis")) in (1, "columns")
    name = text_of(target)
    names = (name,) if name is not None else names_in(run, target) if target is not None else None
    if by_column:
        result = replace(data, columns=None) if names is None else without_columns(data, names)
    else:
        result = _without(run, data, target, call)
    if constant(call.keywords.get("inplace")) is True:
        run.update(receiver, result)
        return NONE
    return run.alloc(call.node, result)


def without_columns(data: Data, names: tuple[str, ...]) -> Data:
    """The table without some columns, and without what shaped only those."""
    kept = tuple(item for item in data.learned if item.columns is None or not set(item.columns) <= set(names))
    return replace(data, columns=data.columns.drop(names) if data.columns else None, learned=kept)


def _without(run: Run, data: Data, target: Value | None, call: Call) -> Data:
    """`data.drop(part.index)`: the rows that the part left over."""
    other = run.object(target)
    rest = _rest(other.rows, data.rows) if isinstance(other, Data) and other.kind == "index" else None
    return _choose(data, rest or Choice(run.origin(call.node), "filter", None))


def _rest(part: Rows | None, whole: Rows | None) -> Choice | None:
    """The choice that picks what one more choice left of the whole."""
    if part is None or whole is None or len(part.parts) != 1 or len(whole.parts) != 1:
        return None
    inner, outer = part.parts[0], whole.parts[0]
    if inner.source != outer.source or not inner.path or inner.path[:-1] != outer.path:
        return None
    choice = inner.path[-1]
    if choice.kind == "mask" and isinstance(choice.branch, tuple):
        return replace(choice, branch=(opposite(choice.branch[0]), choice.branch[1]))
    return replace(choice, branch=("rest", choice.branch))


def _pop(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    name = text_of(call.get(0, "item"))
    if name is None:
        run.update(receiver, replace(data, columns=None))
        return run.alloc(call.node, Data(kind="series", rows=data.rows, learned=data.learned))
    run.update(receiver, without_columns(data, (name,)))
    return run.alloc(call.node, column(data, (name,), "series"))


def _insert(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    name = text_of(call.get(1, "column"))
    run.update(receiver, assign_columns(data, (name,) if name else None, run.data(call.get(2, "value"))))
    return NONE


def _assign(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    for name, value in call.keywords.items():
        data = assign_columns(data, (name,), run.data(value))
    return run.alloc(call.node, data)


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
        choice = Choice(("query", ast.dump(asked.left)), "mask", branch)
    result = _choose(data, choice)
    if constant(call.keywords.get("inplace")) is True:
        run.update(receiver, result)
        return NONE
    return run.alloc(call.node, result)


def _sample(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    if constant(call.get(None, "frac")) in (1, 1.0) and call.get(0, "n") is None:
        return run.alloc(call.node, replace(data, mask=None))
    choice = Choice(run.origin(call.node), "sample", True)
    if constant(call.get(None, "replace")) is True and data.rows is not None:
        made = Rows((), data.rows.parts)
        return run.alloc(call.node, replace(data, rows=made))
    return run.alloc(call.node, _choose(data, choice))


def _reshape(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """The first dimension stays the rows when one column is made or the first size is taken over."""
    sizes = [constant(value) for value in call.args]
    one_column = sizes in ([-1, 1], [(-1, 1)], [-1], [(-1,)])
    first = call.node.args[0] if call.node.args else None
    if isinstance(first, ast.Tuple) and first.elts:
        first = first.elts[0]
    own_size = first is not None and ("shape[0]" in ast.unparse(first) or "len(" in ast.unparse(first))
    scale = data.scale if one_column else "unknown"
    rows = data.rows if one_column or own_size else None
    return run.alloc(call.node, replace(data, rows=rows, scale=scale, mask=None, selects=None))


def _to(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    return run.alloc(call.node, replace(data, mask=None))


def _append(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    return concatenated(run, [receiver, *call.args[:1]], call)


def concatenated(run: Run, values: list[Value], call: Call) -> Value:
    """Rows of one after rows of the other; taking apart at the right place gives the parts back."""
    parts = [run.data(value) for value in values]
    if not parts or any(part is None or part.rows is None for part in parts):
        return run.alloc(call.node, Data())
    known = [part for part in parts if part is not None and part.rows is not None]
    rows = Rows(
        tuple(region for part in known for region in (part.rows or NO_ROWS).parts),
        tuple(region for part in known for region in (part.rows or NO_ROWS).made_from),
    )
    first = known[0]
    return run.alloc(
        call.node,
        Data(
            kind=first.kind,
            rows=rows,
            learned=merge_learned(*(part.learned for part in known)),
            scale=first.scale if all(part.scale == first.scale for part in known) else "unknown",
            columns=first.columns,
        ),
    )


def beside(run: Run, values: list[Value], call: Call) -> Value:
    """Columns of one beside columns of the other: the rows are those they share."""
    parts = [part for part in (run.data(value) for value in values) if part is not None]
    if not parts:
        return run.alloc(call.node, Data())
    rows = {part.rows for part in parts if part.rows != NO_ROWS}
    return run.alloc(
        call.node,
        Data(
            kind=parts[0].kind,
            rows=rows.pop() if len(rows) == 1 and len(parts) == len(values) else None,
            learned=merge_learned(*(part.learned for part in parts)),
            scale=parts[0].scale if all(part.scale == parts[0].scale for part in parts) else "unknown",
        ),
    )


_SPECIAL = {
    "drop": _drop,
    "pop": _pop,
    "insert": _insert,
    "assign": _assign,
    "query": _query,
    "sample": _sample,
    "reshape": _reshape,
    "view": _reshape,
    "to": _to,
    "append": _append,
}
