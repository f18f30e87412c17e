"""pandas' functions: what reads, makes, joins and recodes tables. Methods of frames are in `frames`."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.datafiles import Reading, Table, column_profile
from mlsense.semantics.core import code_of, constant, text_of
from mlsense.semantics.models import datafiles, files, frames, labels
from mlsense.semantics.models.effects import Call, Effect, apply, opaque, own_rows, shaped_by
from mlsense.semantics.models.matplotlib import SOME_AXES
from mlsense.semantics.regions import NO_ROWS, Choice, Rows
from mlsense.semantics.values import (
    MOMENTS,
    UNKNOWN,
    Column,
    Columns,
    Const,
    Data,
    DataKind,
    DictObject,
    Form,
    Learned,
    Lineage,
    ListObject,
    Mask,
    Opaque,
    Ordered,
    Scale,
    Symbol,
    TupleValue,
    Value,
    merge_learned,
)

if TYPE_CHECKING:
    from types import EllipsisType

    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model


def read(run: Run, call: Call) -> Value:
    """`read_csv("a.csv")`: the same file read again gives the same rows."""
    name = call.name
    first = call.get(0, "filepath_or_buffer", "path", "io", "path_or_buf", "fname")
    path = files.path_of(run, first) if first is not None else None
    found = datafiles.table(run, call) if name in ("read_csv", "read_table") else None
    rows = run.source(
        call.node,
        f"{name}({path!r})".replace("'", '"') if path is not None else f"{name}(...)",
        ("file", path) if path is not None else None,
        found.rows if found is not None and found.whole and call.get(None, "nrows", "skiprows") is None else None,
        found,
    )
    if call.get(None, "chunksize", "iterator") is not None:
        chunk = run.alloc(call.node, Data(kind="frame", scale="raw"), "chunk")
        return run.alloc(call.node, ListObject(None, chunk, "data"))
    rows = _part_of_file(run, call, rows)
    if name in ("loadtxt", "genfromtxt", "fromfile"):
        table = Data(kind="array", rows=rows, scale="raw")
        return run.alloc(call.node, files.read_again(run, call, table) or table)
    given = call.get(None, "names")
    names = (
        frames.names_in(run, given) if given is not None and call.get(None, "index_col", "usecols") is None else None
    )
    columns = Columns(tuple(map(Column, names))) if names is not None else None
    if found is not None:
        columns = datafiles.columns(found)
    table = Data(kind="frame", rows=rows, scale="raw", columns=columns, rank=2)
    table = _with_moments(run, call, table)
    if name == "read_html" or (name == "read_excel" and call.get(1, "sheet_name") is not None):
        # Several tables, or one of several.
        several = name == "read_html" or not isinstance(constant(call.get(1, "sheet_name")), (str, int))
        label = f"{name}(...)"
        return run.alloc(call.node, Opaque(symbol=f"pandas.{name}", label=label) if several else table)
    return run.alloc(call.node, files.read_again(run, call, table) or table)


def _with_moments(run: Run, call: Call, table: Data) -> Data:
    """`parse_dates=["date"]`: columns of moments; with `index_col`, rows that are known by them."""
    given, index = call.get(None, "parse_dates"), call.get(None, "index_col")
    names = frames.names_in(run, given) if given is not None else None
    indexed = constant(given) is True or (names is not None and text_of(index) in names)
    if index is not None and constant(index) is not None and given is not None and indexed:
        return replace(table, order=Ordered(run.origin(call.node), code_of(call.node)[:60], True))
    if names is None:
        return table
    origin = run.origin(call.node)
    return replace(table, lineage=Lineage(origin, made=tuple((name, (origin, name), (MOMENTS,)) for name in names)))


def _part_of_file(run: Run, call: Call, rows: Rows) -> Rows:
    """The first rows of a file, or some."""
    first, left_out = call.get(None, "nrows"), call.get(None, "skiprows", "skipfooter", "filters")
    number = constant(first)
    if isinstance(number, int) and left_out is None:
        return rows.choose(Choice(("slice", None), "slice", (None, number)))
    if left_out is not None or (first is not None and number is not None):
        return rows.choose(Choice(run.origin(call.node), "filter", None))
    return rows


def numbers(run: Run, value: Value) -> Column | None:
    """Smallest and largest of a literal list of numbers, or of an array that knows them; what a list of texts shows."""
    items = run.items_of(value)
    if items:
        return _written_down(items)
    thing = run.object(value)
    if isinstance(thing, Data) and thing.columns is not None and len(thing.columns.items) == 1:
        return thing.columns.items[0]
    return None


def _written_down(items: tuple[Value, ...]) -> Column | None:
    """A column of these values, if they are numbers, texts or truth values, and gaps between them."""
    found = [None if isinstance(item, Symbol) and item.name in _GAPS else constant(item) for item in items]
    types = {type(value) for value in found if value is not None}
    if not types or not (len(types) == 1 or types == {int, float}) or not types <= {int, float, str, bool}:
        return None
    cells = ["" if value is None else f" {value}" if isinstance(value, str) else str(value) for value in found]
    profile = column_profile("", cells, Reading())
    if types == {str}:
        common = tuple((text[1:], count) for text, count in profile.common)
        profile = replace(profile, dtype="str", low=None, high=None, common=common)
    return Column("", profile.low, profile.high, profile.dtype, profile.nans > 0, profile)


# What a missing value is called.
_GAPS = frozenset(("numpy.nan", "numpy.NaN", "numpy.NAN", "pandas.NA", "pandas.NaT", "math.nan"))


def _column_of(run: Run, name: str, value: Value) -> Column:
    known = numbers(run, value)
    if known is None:
        return Column(name)
    return replace(known, name=name, profile=replace(known.profile, name=name) if known.profile else None)


def frame(run: Run, call: Call) -> Value:
    """`DataFrame(...)` of a dict of columns, of an array, of another frame."""
    source = call.get(0, "data")
    thing = run.object(source)
    given = call.get(2, "columns")
    names = frames.names_in(run, given) if given is not None else None
    if isinstance(thing, Data):
        return run.alloc(call.node, _framed(thing, names, named=given is not None))
    if isinstance(thing, DictObject):
        return run.alloc(call.node, _of_columns(run, call, thing, names if given is not None else ...))
    literal = source is None or is_literal(run, source)
    rows = run.source(call.node, "DataFrame(...)") if literal else own_rows(run, call)
    columns = Columns(tuple(map(Column, names))) if names is not None else None
    return run.alloc(call.node, Data(kind="frame", rows=rows, columns=columns, rank=2))


def _framed(data: Data, names: tuple[str, ...] | None, named: bool) -> Data:
    """Data as a table: the columns of a table are picked by name, those of an array get names."""
    if not named:
        return replace(data, kind="frame", rank=2, mask=None)
    if data.kind == "frame" and names is not None:
        return frames.column(data, names, "frame")
    old = data.columns.items if data.columns is not None and data.columns.closed else ()
    if names is not None and len(old) == len(names):
        data = frames.renamed(data, {item.name: name for item, name in zip(old, names, strict=True)})
        return replace(data, kind="frame", rank=2)
    columns = Columns(tuple(map(Column, names))) if names is not None else None
    return replace(frames.renamed(data, None), kind="frame", columns=columns, rank=2)


def _of_columns(run: Run, call: Call, source: DictObject, names: tuple[str, ...] | EllipsisType | None) -> Data:
    """A table of columns by name: lists of numbers, columns of other tables."""
    items: list[Column] = []
    learned: list[Learned] = []
    regions: set[Rows] = set()
    literal = not source.open
    for key, value in source.items:
        name = str(key)
        items.append(_column_of(run, name, value))
        data = run.object(value)
        if isinstance(data, Data):
            learned.extend(replace(item, columns=(name,)) for item in data.learned)
            if data.rows is None:
                literal = False
            else:
                regions.add(data.rows)
        else:
            literal = literal and is_literal(run, value)
    profiles = tuple(column.profile for column in items if column.profile is not None)
    length = max((len(run.items_of(value) or ()) for _, value in source.items), default=0)
    table = Table(profiles, length) if profiles and literal else None
    rows: Rows | None = run.source(call.node, "DataFrame(...)", table=table) if literal else own_rows(run, call)
    beside = regions - {NO_ROWS}
    if len(beside) == 1:
        rows = beside.pop() if literal else None
    elif beside or regions:
        rows = own_rows(run, call) if beside or not literal else NO_ROWS
    ranged = bool(items) and all(column.low is not None for column in items)
    columns: Columns | None = Columns(tuple(items), not source.open)
    if names is not ...:
        columns = columns.pick(names) if names is not None and columns is not None else None
    scale: Scale = "raw" if ranged else "unknown"
    return Data(kind="frame", rows=rows, learned=merge_learned(tuple(learned)), scale=scale, columns=columns, rank=2)


def is_literal(run: Run, value: Value, depth: int = 0) -> bool:
    """Whether a value is written down: numbers and texts, and lists of them."""
    if isinstance(value, Const) or (isinstance(value, Symbol) and value.name in _GAPS):
        return True
    thing = run.object(value)
    items = value.items if isinstance(value, TupleValue) else thing.items if isinstance(thing, ListObject) else None
    return items is not None and depth < 4 and all(is_literal(run, item, depth + 1) for item in items)


def series(run: Run, call: Call) -> Value:
    source = call.get(0, "data")
    thing = run.object(source)
    name = text_of(call.get(None, "name"))
    if isinstance(thing, Data):
        data = replace(thing, kind="series", rank=1, mask=None)
        if call.get(None, "name") is None:
            return run.alloc(call.node, data)
        old = frames.single_name(data)
        names = {old: name} if name is not None and old is not None else None
        return run.alloc(call.node, frames.renamed(data, names))
    literal = source is None or is_literal(run, source)
    rows = run.source(call.node, "Series(...)") if literal else own_rows(run, call)
    known = _column_of(run, name, source) if source is not None and literal and name is not None else None
    columns = Columns((known,)) if known is not None else None
    return run.alloc(call.node, Data(kind="series", rows=rows, columns=columns, rank=1))


def concat(run: Run, call: Call) -> Value:
    source = call.get(0, "objs")
    values = run.items_of(source) if source is not None else None
    thing = run.object(source)
    if isinstance(thing, DictObject):
        values = None if thing.open else tuple(value for _, value in thing.items)
    if values is None:
        return run.alloc(call.node, Data(kind="unknown"))
    axis = call.get(None, "axis")
    if constant(axis) in (1, "columns"):
        value = frames.beside(run, list(values), call)
        beside = run.object(value)
        if isinstance(beside, Data):
            run.update(value, replace(beside, kind="frame", rank=2))
        return value
    if axis is not None and constant(axis) not in (0, "index", "rows"):
        return run.alloc(call.node, Data(learned=shaped_by(run, call)))
    return frames.concatenated(run, list(values), call)


def effect(described: Effect) -> Model:
    """The model of a function that does to its first argument what the effect says."""

    def model(run: Run, call: Call) -> Value:
        data = run.data(call.args[0]) if call.args else None
        if data is None:
            return run.alloc(call.node, Data())
        rest = replace(call, args=call.args[1:])
        return run.alloc(call.node, apply(run, described, replace(data, mask=None), rest, call.name))

    return model


def method(run: Run, call: Call) -> Value:
    """`pd.pivot_table(frame, ...)` is `frame.pivot_table(...)`."""
    value = call.get(0, "data", "frame", "left")
    data = run.data(value)
    if data is None or value is None:
        return run.alloc(call.node, Data(kind="frame"))
    kept = {name: given for name, given in call.keywords.items() if name not in ("data", "frame", "left")}
    args = call.args[1:] if call.args else []
    shifted = Call(call.node, args, kept, call.exact, symbol=f"pandas.{call.name}")
    return frames.method(run, value, data, call.name, shifted)


def cut(run: Run, call: Call) -> Value:
    """Literal edges are constants; a number of bins is learned from the rows."""
    bins = call.get(1, "bins", "q")
    learns = call.name if call.name == "qcut" or isinstance(constant(bins), int) else ""
    data = run.data(call.get(0, "x"))
    if data is None:
        return run.alloc(call.node, Data())
    rest = Call(call.node, call.args[1:], {key: value for key, value in call.keywords.items() if key != "x"})
    kind: DataKind = "series" if data.kind == "series" else "unknown"
    result = apply(run, Effect(learns=learns, kind=kind), data, rest, call.name)
    if constant(call.get(None, "retbins")) is True:
        edges = Data(kind="array", rows=NO_ROWS, learned=result.learned)
        return TupleValue((run.alloc(call.node, result, "bins"), run.alloc(call.node, edges, "edges")))
    return run.alloc(call.node, result if call.get(None, "retbins") is None else Data(learned=result.learned))


def own_table(run: Run, call: Call) -> Value:
    """Tables laid out anew: rows of their own."""
    return run.alloc(call.node, Data(kind="frame", rows=own_rows(run, call), learned=shaped_by(run, call)))


def asked(run: Run, call: Call) -> Value:
    """`pd.isna(x)`: a yes or a no for every cell."""
    data = run.data(call.get(0, "obj"))
    if data is None:
        return UNKNOWN
    gaps = call.name in frames.GAPS
    mask = Mask(ast.dump(call.node), "is", True, gaps=gaps) if data.rank == 1 or data.kind == "series" else None
    return run.alloc(call.node, replace(apply(run, Effect(), data, Call(call.node, [], {}), ""), mask=mask))


def numbered(run: Run, call: Call) -> Value:
    """`codes, labels = pd.factorize(column)`."""
    data = run.data(call.get(0, "values"))
    return UNKNOWN if data is None else frames.method(run, UNKNOWN, data, "factorize", call)


def dates(run: Run, call: Call) -> Value:
    """`to_datetime(column)`, `to_numeric(column)`: each cell in another form; of a list or an array no column."""
    data = run.data(call.get(0, "arg", "values", "data"))
    if data is None:
        return run.alloc(call.node, Data())
    single = data.kind == "series"
    kind: DataKind = "series" if single else "unknown"
    if call.name in ("Categorical", "array"):
        kind = "array"
    effect = frames.CHANGED if call.name in ("to_datetime", "to_timedelta") else frames.ROUNDED
    result = apply(run, effect, data, Call(call.node, [], {}), call.name)
    # A table is put together to one column.
    table = data.kind == "frame" and call.name == "to_datetime"
    rank = 1 if table else None if data.rows == NO_ROWS else data.rank
    moments = (*result.sources, MOMENTS) if call.name == "to_datetime" and single else result.sources
    columns = None if table else result.columns
    if call.name == "to_numeric" and columns is not None and data.columns is not None:
        coerced = constant(call.get(1, "errors")) == "coerce"
        columns = _coerced(data.columns, columns) if coerced else columns
    return run.alloc(call.node, replace(result, kind=kind, rank=rank, columns=columns, sources=moments))


def _coerced(before: Columns, after: Columns) -> Columns:
    """Columns of a file in which some texts are certainly no numbers: these come to be missing."""
    items = []
    for item in after.items:
        was = before.get(item.name)
        texts = was.profile.common if was is not None and was.profile is not None and was.low is None else ()
        counted = sum([count for text, count in texts if _is_no_number(text)])
        items.append(replace(item, gaps=True, missing=counted) if counted else item)
    return Columns(tuple(items), after.closed)


def _is_no_number(text: str) -> bool:
    words = ("inf", "infinity", "nan", "true", "false")
    return not any(letter.isdigit() for letter in text) and text.strip().lstrip("+-").lower() not in words


def get_dummies(run: Run, call: Call) -> Value:
    """Indicator columns in place of text: the other columns keep their numbers, the names change."""
    data = run.data(call.get(0, "data"))
    if data is None:
        return run.alloc(call.node, Data(kind="frame"))
    before = merge_learned(tuple(replace(item, columns=None) for item in data.learned))
    own = Learned(run.origin(call.node), "get_dummies", code_of(call.node), "dummies", data.rows)
    learned = merge_learned(before, (own,))
    # Of a single column every one that is made stands for a class.
    form: Form = "one-hot" if data.kind == "series" and call.exact and not call.keywords else ""
    made = replace(data, kind="frame", columns=None, learned=learned, mask=None, rank=2, form=form)
    given = call.get(5, "columns")
    names = frames.names_in(run, given) if given is not None else None
    # The other columns are those they were.
    lineage = data.lineage.drop(names) if data.lineage is not None and names is not None else None
    if given is None and data.kind == "frame":
        lineage = labels.of_numbers(data.lineage)
    return run.alloc(call.node, replace(made, lineage=lineage, sources=()))


def dated(run: Run, call: Call) -> Value:
    """`date_range(...)`: an index of one's own."""
    return run.alloc(call.node, Data(kind="index", rows=run.source(call.node, f"{call.name}(...)"), rank=1))


def index(run: Run, call: Call) -> Value:
    data = run.data(call.get(0, "data"))
    if data is None:
        return run.alloc(call.node, Data(kind="index"))
    return run.alloc(call.node, replace(data, kind="index", mask=None, rank=1))


def quiet(run: Run, call: Call) -> Value:
    return UNKNOWN


def drawn(run: Run, call: Call) -> Value:
    """`pandas.plotting`: pictures."""
    return run.alloc(call.node, Opaque(symbol=SOME_AXES, label="a picture"))


READERS = """
    read_csv read_table read_excel read_parquet read_json read_sql read_sql_query read_sql_table read_feather
    read_hdf read_pickle read_html read_orc read_stata read_sas read_spss read_fwf read_clipboard read_xml
    """.split()

FUNCTIONS: dict[str, Model] = {
    **dict.fromkeys(READERS, read),
    "DataFrame": frame,
    "Series": series,
    "concat": concat,
    **dict.fromkeys("merge pivot pivot_table melt unique value_counts".split(), method),
    **dict.fromkeys(
        "crosstab merge_asof merge_ordered wide_to_long lreshape from_dummies json_normalize".split(), own_table
    ),
    **dict.fromkeys(["cut", "qcut"], cut),
    "get_dummies": get_dummies,
    **dict.fromkeys("to_numeric to_datetime to_timedelta Categorical array".split(), dates),
    **dict.fromkeys(["isna", "isnull", "notna", "notnull"], asked),
    "factorize": numbered,
    **dict.fromkeys("date_range bdate_range period_range timedelta_range interval_range".split(), dated),
    **dict.fromkeys("Index DatetimeIndex TimedeltaIndex PeriodIndex CategoricalIndex".split(), index),
    "DataFrame.from_dict": own_table,
    "DataFrame.from_records": own_table,
    **dict.fromkeys(
        "set_option reset_option get_option describe_option option_context show_versions infer_freq eval".split(),
        quiet,
    ),
    **dict.fromkeys(
        """
            Timestamp Timedelta Period Interval DateOffset Grouper NamedAgg ExcelFile ExcelWriter HDFStore MultiIndex
            MultiIndex.from_arrays MultiIndex.from_tuples MultiIndex.from_product MultiIndex.from_frame RangeIndex
            IntervalIndex IntervalIndex.from_breaks CategoricalDtype StringDtype BooleanDtype Int8Dtype Int16Dtype
            Int32Dtype Int64Dtype UInt8Dtype UInt16Dtype UInt32Dtype UInt64Dtype Float32Dtype Float64Dtype SparseDtype
            PeriodDtype IntervalDtype DatetimeTZDtype ArrowDtype col Timestamp.now Timestamp.today
            api.types.is_numeric_dtype api.types.is_object_dtype api.types.is_string_dtype api.types.is_float_dtype
            api.types.is_integer_dtype api.types.is_bool_dtype api.types.is_datetime64_any_dtype
            tseries.offsets.BDay tseries.offsets.MonthEnd tseries.offsets.Day
            """.split(),
        opaque,
    ),
    **dict.fromkeys(
        """
            plotting.scatter_matrix plotting.parallel_coordinates plotting.andrews_curves plotting.lag_plot
            plotting.autocorrelation_plot plotting.boxplot plotting.bootstrap_plot plotting.radviz
            """.split(),
        drawn,
    ),
}
