"""Tables read from data files of the workspace: which arguments of `read_csv` make which columns."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING

from mlsense.datafiles import Reading, profile
from mlsense.semantics.core import constant, text_of
from mlsense.semantics.models import files
from mlsense.semantics.modules import DataRequest
from mlsense.semantics.values import MAIN, Column, Columns, Const, DictObject, Opaque, Symbol, Value

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsense.datafiles import ColumnProfile, Table
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models.effects import Call

    Argument = Callable[[Run, Value], dict[str, object] | None]

# Arguments that change nothing of what the columns are.
_HARMLESS = frozenset(
    """
        filepath_or_buffer engine low_memory memory_map float_precision storage_options on_bad_lines encoding_errors
        date_format dayfirst cache_dates verbose infer_datetime_format compression error_bad_lines warn_bad_lines
        skip_blank_lines
        """.split()
)
_POSITIONS = ("filepath_or_buffer", "sep")
_TYPES = {
    "builtins.str": "str", "builtins.int": "int64", "builtins.float": "float64", "builtins.object": "object",
    "builtins.bool": "bool", "str": "str", "string": "str", "int": "int64", "float": "float64", "bool": "bool",
    "object": "object", "category": "category", "datetime64[ns]": "datetime64",
}  # fmt: skip


def table(run: Run, call: Call) -> Table | None:
    """What the file that a call of `read_csv` or `read_table` reads holds; None where that is not known."""
    source = call.get(0, "filepath_or_buffer")
    thing = run.object(source)
    reading = _reading(run, call) if call.exact else None
    if reading is None:
        return None
    if isinstance(thing, Opaque) and thing.symbol == "io.StringIO":
        text = text_of(thing.parts[0]) if len(thing.parts) == 1 else None
        return _of_text(text, reading) if text is not None else None
    path = files.path_of(run, source)
    if path is None or files.may_be_written(run, path):
        return None
    program = run.imports.path if run.module == MAIN else run.module
    return run.imports.table(DataRequest(program, path, reading))


@lru_cache(maxsize=64)
def _of_text(text: str, reading: Reading) -> Table | None:
    return profile(BytesIO(text.encode()), replace(reading, encoding="utf-8"))


def in_memory(run: Run, call: Call) -> Value:
    """`io.StringIO("a,b")`: a file of the text it is given."""
    first = call.get(0, "initial_value")
    parts = (first,) if text_of(first) is not None and first is not None else ()
    return run.alloc(call.node, Opaque(symbol="io.StringIO", label="StringIO(...)", parts=parts))


def columns(found: Table) -> Columns | None:
    """The columns with what the file shows of each. What was not read to its end may hold other values yet."""
    if not found.named:
        return None
    return Columns(tuple(_column(profile, found.whole) for profile in found.columns))


def _column(profile: ColumnProfile, whole: bool) -> Column:
    certain = whole or profile.dtype in ("str", "float64")
    gaps = None if not profile.dtype else True if profile.nans else False if whole else None
    dtype = profile.dtype if certain else ""
    return Column(profile.name, profile.low, profile.high, dtype, gaps, profile)


def dtype_named(value: Value | None) -> str:
    """A type of columns as the program names it; empty where it is not known."""
    if isinstance(value, Symbol):
        name = value.name
        return _TYPES.get(name) or (name.removeprefix("numpy.") if name.startswith("numpy.") else "")
    text = text_of(value)
    if text is None:
        return ""
    known = text.startswith(("int", "float", "uint", "bool")) and text.lower() == text
    return _TYPES.get(text) or (text if known else "datetime64" if text.startswith("datetime64") else "")


def _reading(run: Run, call: Call) -> Reading | None:
    """The arguments, where all of them are known; None where one is not, or is one of those nothing is made of."""
    if len(call.args) > len(_POSITIONS):
        return None
    given = dict(zip(_POSITIONS, call.args, strict=False)) | call.keywords
    said: dict[str, object] = {"separator": "\t"} if call.name == "read_table" else {}
    for name, value in given.items():
        if name in _HARMLESS:
            continue
        argument = _ARGUMENTS.get(name)
        found = argument(run, value) if argument is not None else None
        if found is None:
            return None
        said.update(found)
    if "names" in said and "header" not in said:
        said["header"] = None
    return Reading(**said)  # type: ignore[arg-type]


def _separator(run: Run, value: Value) -> dict[str, object] | None:
    text = text_of(value)
    if text in (r"\s+", r"\s*"):
        return {"separator": " "} if text == r"\s+" else None
    return {"separator": text} if text is not None and len(text) == 1 and text not in ' "\n\r' else None


def _white_space(run: Run, value: Value) -> dict[str, object] | None:
    found = constant(value)
    return {"separator": " "} if found is True else {} if found is False else None


def _header(run: Run, value: Value) -> dict[str, object] | None:
    found = constant(value)
    if found == "infer":
        return {}
    return {"header": found} if found is None or _natural(found) else None


def _natural(found: object) -> bool:
    return isinstance(found, int) and not isinstance(found, bool) and found >= 0


def _keys(run: Run, value: Value) -> tuple[str | int, ...] | None:
    """A literal list of names and positions."""
    items = run.items_of(value)
    found = tuple(constant(item) for item in (items if items is not None else (value,)))
    return found if all(isinstance(key, str) or _natural(key) for key in found) else None


def _names(run: Run, value: Value) -> dict[str, object] | None:
    found = _keys(run, value)
    return {"names": found} if found and all(isinstance(name, str) for name in found) else None


def _used(run: Run, value: Value) -> dict[str, object] | None:
    if constant(value) is None:
        return {}
    found = _keys(run, value) if run.items_of(value) is not None else None
    return {"usecols": found} if found and len({type(key) for key in found}) == 1 else None


def _index(run: Run, value: Value) -> dict[str, object] | None:
    found = constant(value)
    if found is None or found is False:
        return {"no_index": found is False}
    keys = _keys(run, value)
    return {"index": keys} if keys else None


def _skipped(run: Run, value: Value) -> dict[str, object] | None:
    found = constant(value)
    if _natural(found):
        return {"skiprows": frozenset(range(min(found, 1_000)))} if found <= 1_000 else None
    items = run.items_of(value)
    lines = [constant(item) for item in items] if items is not None else []
    return {"skiprows": frozenset(lines)} if lines and all(map(_natural, lines)) else {} if found is None else None


def _rows(run: Run, value: Value) -> dict[str, object] | None:
    found = constant(value)
    return {"nrows": found} if _natural(found) or found is None else None


def _gaps(run: Run, value: Value) -> dict[str, object] | None:
    items = run.items_of(value)
    found = [constant(item) for item in (items if items is not None else (value,))]
    if found == [None]:
        return {}
    # A number stands for each of its spellings.
    return {"gaps": frozenset(found)} if found and all(isinstance(mark, str) for mark in found) else None


def _default_gaps(run: Run, value: Value) -> dict[str, object] | None:
    found = constant(value)
    return {"default_gaps": found} if isinstance(found, bool) else None


def _with_gaps(run: Run, value: Value) -> dict[str, object] | None:
    found = constant(value)
    return {} if found is True else {"default_gaps": False, "gaps": frozenset()} if found is False else None


def _dates(run: Run, value: Value) -> dict[str, object] | None:
    found = constant(value)
    if isinstance(found, bool) or found is None:
        return {}
    keys = _keys(run, value) if run.items_of(value) is not None else None
    return {"dates": keys} if keys else None


def _types(run: Run, value: Value) -> dict[str, object] | None:
    thing = run.object(value)
    if not isinstance(thing, DictObject):
        return {"dtypes": (("", dtype_named(value)),)} if isinstance(value, (Symbol, Const)) else None
    if thing.open or not all(isinstance(key, str) and key for key, _ in thing.items):
        return None
    return {"dtypes": tuple((str(key), dtype_named(item)) for key, item in thing.items)}


def _text(name: str, longest: int = 40) -> Argument:
    def argument(run: Run, value: Value) -> dict[str, object] | None:
        found = text_of(value)
        if found is None:
            return {} if constant(value) is None else None
        return {name: found} if 0 < len(found) <= longest else None

    return argument


def _stripped(run: Run, value: Value) -> dict[str, object] | None:
    found = constant(value)
    return {"stripped": found} if isinstance(found, bool) else None


_ARGUMENTS: dict[str, Argument] = {
    "sep": _separator,
    "delimiter": _separator,
    "delim_whitespace": _white_space,
    "header": _header,
    "names": _names,
    "usecols": _used,
    "index_col": _index,
    "skiprows": _skipped,
    "nrows": _rows,
    "na_values": _gaps,
    "keep_default_na": _default_gaps,
    "na_filter": _with_gaps,
    "parse_dates": _dates,
    "dtype": _types,
    "encoding": _text("encoding"),
    "decimal": _text("decimal", 1),
    "thousands": _text("thousands", 1),
    "skipinitialspace": _stripped,
}
