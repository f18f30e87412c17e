"""Hugging Face's `datasets`, and the `Trainer` of `transformers` that learns from them.

A data set is `Data` of the kind "dataset". How its rows were shuffled, the state keeps under `ORDER`: positions of the
one order say nothing of those of another.
"""

from __future__ import annotations

import ast
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import code_of, constant, text_of
from mlsense.semantics.events import Split
from mlsense.semantics.models import builtin, estimators, frames, picking, scores
from mlsense.semantics.models.effects import learned_in, own_rows
from mlsense.semantics.regions import NO_ROWS, Choice, Region, Rows, Source
from mlsense.semantics.values import (
    NONE,
    UNKNOWN,
    Const,
    Data,
    DataKind,
    DictObject,
    Estimator,
    Function,
    Learned,
    ListObject,
    Opaque,
    Score,
    Value,
    merge_learned,
)

if TYPE_CHECKING:
    from collections.abc import Hashable

    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model
    from mlsense.semantics.models.effects import Call

KIND: DataKind = "dataset"
# What a dict of data sets is known by.
DICT = "datasets.DatasetDict"
ORDER = "order of rows"
TRAINER = "transformers.Trainer"
# Parts that most data sets have.
_PARTS = ("train", "validation", "test")
# Readers of files: without names of parts, all rows are the training part.
_FILES = frozenset("csv json parquet text arrow".split())
_PART = re.compile(r"(\w+)(?:\[(-?\d*%?):(-?\d*%?)\])?$")


# --- where rows come to be ---------------------------------------------------------------------------


def load_dataset(run: Run, call: Call) -> Value:
    """`load_dataset("imdb")`: a dict of parts, or with `split=` one of them or a stretch of it."""
    name = text_of(call.get(0, "path"))
    second = call.get(1, "name")
    config = None if second is None else constant(second)
    wanted = call.get(5, "split")
    files = call.get(3, "data_files", "data_dir")
    if name is None or config is ...:
        key: Hashable = run.origin(call.node)
    else:
        key = ("dataset", "datasets", name, config)

    def part(which: str) -> Data | None:
        if name in _FILES or files is not None:
            return _of_file(run, call, which, files)
        rows = Rows((Region(Source((key, which), f'load_dataset("{name or "..."}") ({which} part)')),))
        return Data(kind=KIND, rows=rows)

    if wanted is None or wanted == NONE:
        parts = ("train",) if name in _FILES and not _by_part(run, files) else _parts_of(run, files) or _PARTS
        found = tuple((each, run.alloc(call.node, part(each) or Data(kind=KIND), each)) for each in parts)
        return run.alloc(call.node, DictObject(found, open=True, symbol=DICT))
    texts = [text_of(item) for item in run.items_of(wanted) or (wanted,)]
    made = [run.alloc(call.node, _stretch(part, text), index) for index, text in enumerate(texts)]
    return made[0] if text_of(wanted) is not None else run.alloc(call.node, ListObject(tuple(made)), "parts")


def _by_part(run: Run, files: Value | None) -> bool:
    return isinstance(run.object(files), DictObject)


def _parts_of(run: Run, files: Value | None) -> tuple[str, ...]:
    thing = run.object(files)
    return tuple(str(key) for key, _ in thing.items) if isinstance(thing, DictObject) else ()


def _of_file(run: Run, call: Call, which: str, files: Value | None) -> Data | None:
    thing = run.object(files)
    given = thing.get(which) if isinstance(thing, DictObject) else files if which == "train" else None
    path = text_of(given)
    key: Hashable = ("file", path) if path is not None else (run.origin(call.node), which)
    return Data(
        kind=KIND, rows=run.source(call.node, f'"{path}"' if path else f"load_dataset(...) ({which} part)", key)
    )


def _stretch(part: object, text: str | None) -> Data:
    """`train`, `train[:80%]`, `train+test`."""
    found: list[Data] = []
    for piece in (text or "?").split("+"):
        match = _PART.match(piece.strip())
        whole = part(match[1]) if match and callable(part) else None
        if whole is None or match is None:
            return Data(kind=KIND)
        low, high = match[2], match[3]
        if low is not None:
            shares = "%" in low + high
            ends = tuple(int(end.rstrip("%")) if end else None for end in (low, high))
            whole = picking.choose(whole, Choice(("slice", "%" if shares else None), "slice", ends))
        found.append(whole)
    rows = tuple(region for data in found for region in (data.rows or NO_ROWS).parts)
    return Data(kind=KIND, rows=Rows(rows))


def of_values(run: Run, call: Call) -> Value:
    """`Dataset.from_pandas(frame)`, `Dataset.from_dict({...})`: the rows of what it is made of."""
    given = call.get(0, "df", "mapping", "ds")
    data = run.data(given)
    thing = run.object(given)
    if isinstance(thing, DictObject):
        columns = [found for _, value in thing.items if (found := run.object(value)) and isinstance(found, Data)]
        shared = {column.rows for column in columns if column.rows not in (None, NO_ROWS)}
        rows = shared.pop() if len(shared) == 1 else own_rows(run, call)
        learned = merge_learned(*(column.learned for column in columns))
        return run.alloc(call.node, Data(kind=KIND, rows=rows, learned=learned))
    if data is None:
        return run.alloc(call.node, Data(kind=KIND, rows=own_rows(run, call)))
    return run.alloc(call.node, Data(kind=KIND, rows=data.rows, learned=data.learned))


def of_file(run: Run, call: Call) -> Value:
    path = text_of(call.get(0, "path_or_paths"))
    key = ("file", path) if path is not None else None
    return run.alloc(call.node, Data(kind=KIND, rows=run.source(call.node, f'"{path}"' if path else "a file", key)))


def dataset_dict(run: Run, call: Call) -> Value:
    """`DatasetDict({"train": train, "test": test})`."""
    thing = run.object(call.get(0))
    items = thing.items if isinstance(thing, DictObject) else tuple(call.keywords.items())
    known = call.exact and (not call.args or (isinstance(thing, DictObject) and not thing.open))
    return run.alloc(call.node, DictObject(items, open=not known, symbol=DICT))


def concatenate(run: Run, call: Call) -> Value:
    """Rows of one after rows of the other, with `axis=1` columns beside columns."""
    values = list(run.items_of(call.get(0, "dsets") or UNKNOWN) or ())
    axis = call.get(None, "axis")
    if not values:
        return run.alloc(call.node, Data(kind=KIND))
    if axis is not None and constant(axis) != 0:
        return frames.beside(run, values, call)
    return frames.concatenated(run, values, call)


def interleave(run: Run, call: Call) -> Value:
    return run.alloc(call.node, Data(kind=KIND))


# --- methods -----------------------------------------------------------------------------------------

_SAME = frozenset(
    """
    remove_columns rename_column rename_columns select_columns cast cast_column class_encode_column with_format
    with_transform flatten flatten_indices add_column to_iterable_dataset align_labels_with_mapping repeat
    """.split()
)
_IN_PLACE = frozenset("set_format set_transform reset_format cleanup_cache_files save_to_disk push_to_hub".split())


def method(run: Run, receiver: Value, data: Data, name: str, call: Call) -> Value:
    """Calls a method of a data set."""
    if name in ("map", "batch"):
        return _made(run, receiver, replace(data, learned=_mapped(run, data, call)), call)
    if name in _SAME:
        return _made(run, receiver, data, call)
    if name in ("shuffle", "sort"):
        made = _made(run, receiver, data, call)
        seed = constant(call.get(0, "seed")) if name == "shuffle" else None
        order = (name, run.state.get((receiver, ORDER)), seed if isinstance(seed, int) else run.origin(call.node))
        run.state.set((made, ORDER), Const.of(order))
        return made
    if name == "train_test_split":
        return _split(run, receiver, data, call)
    if name in ("select", "take", "skip"):
        return _made(run, receiver, picking.choose(data, _positions(run, receiver, name, call)), call)
    if name == "filter":
        return _made(run, receiver, picking.choose(data, Choice(run.origin(call.node), "filter", None)), call)
    if name == "shard":
        number, index = constant(call.get(0, "num_shards")), constant(call.get(1, "index"))
        known = isinstance(number, int) and isinstance(index, int)
        choice = Choice(("shard", number), "split", index) if known else Choice(run.origin(call.node), "filter", None)
        return _made(run, receiver, picking.choose(data, choice), call)
    if name in ("to_pandas", "to_polars"):
        table = Data(kind="frame" if name == "to_pandas" else "unknown", rows=data.rows, learned=data.learned, rank=2)
        return run.alloc(call.node, table)
    if name in ("to_tf_dataset", "to_list"):
        return run.alloc(call.node, Data(rows=data.rows, learned=data.learned))
    if name in _IN_PLACE:
        return NONE
    return UNKNOWN


def _made(run: Run, receiver: Value, data: Data, call: Call, slot: Hashable = 0) -> Value:
    made = run.alloc(call.node, replace(data, kind=KIND, mask=None), slot)
    order = run.state.get((receiver, ORDER))
    if order is not None:
        run.state.set((made, ORDER), order)
    return made


def _mapped(run: Run, data: Data, call: Call) -> tuple[Learned, ...]:
    """What shaped the rows after a function has gone over them: what it brings along from outside."""
    function = call.get(0, "function")
    if not isinstance(function, Function):
        return data.learned
    example = run.alloc(call.node, Data(rows=NO_ROWS), "example")
    result = run.call(function, replace(call, args=[example], keywords={}, nodes={}, exact=False))
    thing = run.object(result)
    values = [value for _, value in thing.items] if isinstance(thing, DictObject) else [result]
    return merge_learned(data.learned, *(learned_in(run, value) for value in values))


def _positions(run: Run, receiver: Value, name: str, call: Call) -> Choice:
    order = run.state.get((receiver, ORDER))
    key = ("slice", order)
    if name != "select":
        number = constant(call.get(0, "n"))
        if isinstance(number, int):
            return Choice(key, "slice", (None, number) if name == "take" else (number, None))
        return Choice(key, "slice", (None, "n") if name == "take" else ("n", None))
    thing = run.object(call.get(0, "indices"))
    node = call.node_of(0, "indices")
    if isinstance(thing, ListObject) and thing.numbers is not None and thing.numbers.step == 1:
        return Choice(key, "slice", (thing.numbers.start or None, thing.numbers.stop))
    if isinstance(node, ast.Call) and code_of(node.func) == "range" and 0 < len(node.args) < 3:
        *low, high = node.args
        return Choice(key, "slice", (frames.bound(run, low[0]) or None if low else None, frames.bound(run, high)))
    positions = picking.picker(run, call.get(0, "indices"))
    if positions is not None and positions.selects:
        return positions.selects[-1]
    return Choice(run.origin(call.node), "filter", None)


def _split(run: Run, receiver: Value, data: Data, call: Call) -> Value:
    """`train_test_split(test_size=0.2, seed=0)`: a dict of both parts."""
    seed = constant(call.get(None, "seed"))
    sizes = tuple((name, constant(call.get(None, name))) for name in ("test_size", "train_size"))
    given = tuple(constant(value) for value in call.args)
    shuffles = constant(call.get(None, "shuffle")) is not False
    key = (call.name, seed, sizes, given) if isinstance(seed, int) and ... not in given and call.exact else None
    origin, fixed = picking.drawn(run, call.node, key, data.rows)
    place = run.place(call.node.func.value) if isinstance(call.node.func, ast.Attribute) else run.place(call.node)
    base = run.circumstances(call.node)
    run.emit(Split(*base, "train_test_split", (data,), (place,), run.place(call.node), shuffles, origin))
    items = tuple(
        (name, _made(run, receiver, picking.choose(data, Choice(origin, "split", index, fixed)), call, name))
        for index, name in enumerate(("train", "test"))
    )
    return run.alloc(call.node, DictObject(items, symbol=DICT))


def dict_method(run: Run, receiver: Value, thing: DictObject, name: str, call: Call) -> Value:
    """A method of a dict of data sets: of each part, or of the dict."""
    if name in ("keys", "values", "items", "get", "pop", "update", "setdefault", "copy"):
        return builtin.dict_method(run, receiver, thing, name, call)
    items: list[tuple[Hashable, Value]] = []
    for key, value in thing.items:
        data = run.object(value)
        if isinstance(data, Data) and data.kind == KIND:
            with run.iteration(len(items)):
                made = method(run, value, data, name, call)
            items.append((key, made))
    if name in _IN_PLACE:
        return NONE
    return run.alloc(call.node, replace(thing, items=tuple(items), open=thing.open))


def subscript(run: Run, receiver: Value, data: Data, node: ast.Subscript) -> Value:
    """`rows["text"]`: a column; `rows[:100]`: some rows, as a dict of columns."""
    if isinstance(node.slice, ast.Slice):
        low, high = frames.bound(run, node.slice.lower), frames.bound(run, node.slice.upper)
        order = run.state.get((receiver, ORDER))
        if node.slice.step is not None:
            return run.alloc(node, picking.choose(data, Choice(run.origin(node), "filter", None)))
        return run.alloc(node, picking.choose(data, Choice(("slice", order), "slice", (low or None, high))))
    value = run.evaluate(node.slice)
    if text_of(value) is not None:
        return run.alloc(node, Data(rows=data.rows, learned=data.learned, rank=None), ("column", text_of(value)))
    return UNKNOWN


def attribute(run: Run, base: Value, data: Data, name: str, node: ast.AST) -> Value | None:
    """What is told of a data set; None for methods."""
    return UNKNOWN if name in ("features", "num_rows", "column_names", "shape", "format", "info") else None


# --- training ----------------------------------------------------------------------------------------


def trainer(run: Run, call: Call) -> Value:
    """`Trainer(model, args, train_dataset=..., eval_dataset=...)`."""
    params = dict(zip(("model", "args", "data_collator", "train_dataset", "eval_dataset"), call.args, strict=False))
    params |= call.keywords
    made = Estimator(TRAINER, ("trainer",), tuple(params.items()), certain=call.exact, made=run.origin(call.node))
    return run.alloc(call.node, made)


def trainer_method(run: Run, receiver: Value, thing: Estimator, name: str, call: Call) -> Value:
    """Training learns from one data set and may go back to where it scored best on the other."""
    if name == "train":
        given = thing.param("train_dataset")
        if isinstance(run.object(given), Data):
            handed = replace(call, args=[given or UNKNOWN], keywords={}, nodes={})
            fitted = estimators.fit(run, receiver, thing, "train", handed)
            _watched(run, fitted, call)
        return run.alloc(call.node, Opaque(f"{TRAINER}.train", "train(...)"))
    if name in ("evaluate", "predict"):
        default = thing.param("eval_dataset") if name == "evaluate" else None
        given = call.get(0, "eval_dataset", "test_dataset") or default
        x = run.data(given)
        found = estimators.predict(run, thing, name, x, call)
        if name == "evaluate":
            return run.alloc(call.node, DictObject((), open=True, element=found), "metrics")
        items = (("predictions", found), ("label_ids", UNKNOWN), ("metrics", UNKNOWN))
        return run.alloc(call.node, DictObject(items, bunch=True), "output")
    return UNKNOWN


def arguments(run: Run, call: Call) -> Value:
    """`TrainingArguments(...)`."""
    return run.alloc(call.node, Opaque(call.symbol, f"{call.name}(...)", params=tuple(call.keywords.items())))


def _watched(run: Run, trained: Estimator, call: Call) -> None:
    told = run.object(trained.param("args"))
    best = told.param("load_best_model_at_end") if isinstance(told, Opaque) else None
    record, x = trained.fitted, run.data(trained.param("eval_dataset"))
    if best is not None and constant(best) is True and record is not None and x is not None:
        own = Score("early stopping", run.origin(call.node), record, x.rows, curve=True)
        scores.selected(run, call.node, "stopping", (own,))


FUNCTIONS: dict[str, Model] = {
    "load_dataset": load_dataset,
    **dict.fromkeys("Dataset.from_pandas Dataset.from_dict Dataset.from_polars Dataset.from_list".split(), of_values),
    **dict.fromkeys("Dataset.from_csv Dataset.from_json Dataset.from_parquet Dataset.from_text".split(), of_file),
    "DatasetDict": dataset_dict,
    "concatenate_datasets": concatenate,
    "interleave_datasets": interleave,
}
TRANSFORMERS: dict[str, Model] = {
    **dict.fromkeys(("Trainer", "Seq2SeqTrainer"), trainer),
    **dict.fromkeys(("TrainingArguments", "Seq2SeqTrainingArguments"), arguments),
}

__all__ = ["DICT", "FUNCTIONS", "KIND", "TRAINER", "TRANSFORMERS"]
