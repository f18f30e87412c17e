"""What a program writes to files and reads again: the rows, the estimator, are what they were."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import code_of, constant, text_of
from mlsense.semantics.models.effects import Call
from mlsense.semantics.values import (
    NONE,
    UNKNOWN,
    Const,
    Data,
    DictObject,
    Estimator,
    ListObject,
    Opaque,
    Ref,
    TupleValue,
    Value,
)

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model

WRITERS = frozenset("to_csv to_parquet to_pickle to_feather to_excel to_json to_orc to_stata".split())
# What was written last to a path that is not known: it may be any file.
_ANY = ("file", None)


def written(run: Run, target: Value | None, value: Value | None, call: Call) -> None:
    """Remembers what a file holds from here on."""
    path = path_of(run, target)
    if path is None:
        run.state.set(_ANY, Ref(run.origin(call.node), "written"))
        return
    thing = run.object(value)
    kept: Value = UNKNOWN
    added = text_of(call.get(None, "mode")) == "a"
    if isinstance(thing, (Data, Estimator, ListObject, DictObject)) and not added:
        if isinstance(thing, Data):
            labelled = call.name == "to_csv" and constant(call.get(None, "index")) is not False
            thing = replace(thing, mask=None, selects=None, columns=None if labelled else thing.columns)
        kept = run.alloc(call.node, thing, "written")
    since: Value = run.state.get(_ANY) or NONE  # type: ignore[assignment]
    run.state.set(("file", path), TupleValue((kept, since)))


def held(run: Run, target: Value | None) -> Ref | None:
    """What the program itself wrote to a file, if nothing else was written there since."""
    path = path_of(run, target)
    entry = run.state.get(("file", path)) if path is not None else None
    if not isinstance(entry, TupleValue) or entry.items[1] != (run.state.get(_ANY) or NONE):
        return None
    return entry.items[0] if isinstance(entry.items[0], Ref) else None


def may_be_written(run: Run, path: str) -> bool:
    """Whether the program wrote something to a file, or to a path that is not known, before it reads it."""
    return run.state.get(("file", path)) is not None or run.state.get(_ANY) is not None


def path_of(run: Run, target: Value | None) -> str | None:
    """A path that is written down, or that of a file that was opened with one."""
    thing = run.object(target)
    if isinstance(thing, Opaque) and thing.symbol in ("builtins.open", "pathlib.Path") and thing.parts:
        return path_of(run, thing.parts[0])
    return text_of(target)


def opened(run: Run, call: Call) -> Value:
    """`open(path)`, `Path(path)`."""
    first = call.get(0, "file")
    known = text_of(first) is not None and len(call.args) <= 2
    parts = (first,) if known and first is not None else ()
    return run.alloc(call.node, Opaque(symbol=call.symbol, label=f"{code_of(call.node.func)}(...)", parts=parts))


def joined_path(thing: object, right: Value) -> Opaque | None:
    """`Path("a") / "b"`."""
    if not isinstance(thing, Opaque) or thing.symbol != "pathlib.Path" or not thing.parts:
        return None
    first, second = text_of(thing.parts[0]), text_of(right)
    return None if first is None or second is None else replace(thing, parts=(Const.of(f"{first}/{second}"),))


def joined(run: Run, call: Call) -> Value:
    """`os.path.join("a", "b")`."""
    parts = [text_of(value) for value in call.args]
    known = [part for part in parts if part is not None]
    return Const.of("/".join(known)) if known and len(known) == len(parts) else UNKNOWN


def dump(run: Run, call: Call) -> Value:
    """`joblib.dump(value, path)`, `pickle.dump(value, file)`, `torch.save(value, path)`."""
    written(run, call.get(1, "filename", "file", "f"), call.get(0, "value", "obj"), call)
    return NONE


def load(run: Run, call: Call) -> Value:
    """The same, read again: an object of its own."""
    found = held(run, call.get(0, "filename", "file", "f"))
    thing = run.object(found)
    if thing is None:
        return run.alloc(call.node, Opaque(symbol=call.symbol, label=f"{call.name}(...)"))
    return run.alloc(call.node, thing)


def save_array(run: Run, call: Call) -> Value:
    """`np.save(path, x)`, `np.savetxt(path, x)`; `np.savez(path, a=x)` keeps several by name."""
    value = call.get(1, "arr", "X")
    if call.name.startswith("savez"):
        value = run.alloc(call.node, DictObject(tuple((k, v) for k, v in call.keywords.items()), bool(call.args[1:])))
    written(run, call.get(0, "file", "fname"), value, call)
    return NONE


def read_again(run: Run, call: Call, data: Data) -> Data | None:
    """The table a reader gives for a file that the program wrote; `data` is what it would give for another."""
    thing = run.object(held(run, call.get(0, "filepath_or_buffer", "path", "io", "file", "fname")))
    if not isinstance(thing, Data):
        return None
    columns = thing.columns if call.get(None, "names", "header", "usecols", "index_col", "columns") is None else None
    kept = call.get(None, "nrows", "skiprows", "skipfooter", "filters") is None
    return replace(thing, kind=data.kind, columns=columns, rank=data.rank) if kept else None


FUNCTIONS: dict[str, Model] = {"dump": dump, "load": load}
PATHS: dict[str, Model] = {"Path": opened, "PurePath": opened}
OS: dict[str, Model] = {"path.join": joined}
