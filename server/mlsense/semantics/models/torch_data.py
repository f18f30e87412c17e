"""PyTorch's data sets, their parts, samplers and loaders: which rows a batch is of.

A data set is `Data` with the rows of its first tensor. What one item of it is, the state keeps under `SAMPLE`.
"""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import constant, text_of
from mlsense.semantics.events import Split
from mlsense.semantics.models import shapes
from mlsense.semantics.models.effects import Call, chosen
from mlsense.semantics.regions import Choice, Region, Rows, Source
from mlsense.semantics.values import (
    UNKNOWN,
    Const,
    Data,
    DictObject,
    Function,
    Instance,
    ListObject,
    Opaque,
    TupleValue,
    Value,
    merge_learned,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model

SAMPLE = "one item"
LOADER = "torch.utils.data.DataLoader"
# torchvision's data sets by the argument that says which part: no row of one is in another.
BY_TRAIN = "MNIST FashionMNIST KMNIST CIFAR10 CIFAR100 USPS".split()
BY_SPLIT = """
    SVHN STL10 Food101 Flowers102 GTSRB DTD FGVCAircraft OxfordIIITPet Places365 StanfordCars CelebA ImageNet
    Imagenette Country211 FER2013 PCAM RenderedSST2
    """.split()


# How large their pictures are, as tensors.
PICTURES = {
    **dict.fromkeys(("MNIST", "FashionMNIST", "KMNIST"), (1, 28, 28)),
    **dict.fromkeys(("CIFAR10", "CIFAR100", "SVHN"), (3, 32, 32)),
}
# What leaves pictures as large as they are.
KEEPING_SIZE = frozenset(
    """
        ToTensor PILToTensor Normalize RandomHorizontalFlip RandomVerticalFlip ColorJitter RandomRotation RandomErasing
        ConvertImageDtype GaussianBlur RandomAffine
        """.split()
)


# --- an item of a data set ---------------------------------------------------------------------------


def sample(run: Run, dataset: Value, node: ast.AST) -> Value:
    """Any item of a data set: kept with it, or what `__getitem__` of the program's own class gives."""
    known = run.state.get((dataset, SAMPLE))
    if known is not None:
        return known  # type: ignore[return-value]
    thing = run.object(dataset)
    if isinstance(thing, Data):
        return dataset
    if isinstance(thing, ListObject):
        return run.any_of(list(thing.items)) if thing.items else thing.element
    if isinstance(thing, Instance):
        member, steps = thing.cls.member("__getitem__"), thing.cls.member("__iter__")
        if isinstance(member, Function):
            return changed(run, run.enter(member, node, [dataset, UNKNOWN], {}, True), node, _any_row, "any row")
        if isinstance(steps, Function):
            return run.element_of(run.enter(steps, node, [dataset], {}, True), node)
    return UNKNOWN


def data_of(run: Run, dataset: Value | None, node: ast.AST) -> Data | None:
    """A data set as rows. Of the program's own class: those of the first tensor in its items."""
    if dataset is None:
        return None
    thing = run.object(dataset)
    if not isinstance(thing, Instance):
        return run.data(dataset)
    first = _first(run, sample(run, dataset, node))
    if first is not None and first.rows is not None and first.rows.parts:
        return replace(first, kind="tensor")
    own = Rows((Region(Source(dataset, thing.cls.name, known=False)),))
    return Data(kind="tensor", rows=own, learned=first.learned if first is not None else ())


def _first(run: Run, value: Value) -> Data | None:
    thing = run.object(value)
    if isinstance(thing, Data):
        return thing
    items = value.items if isinstance(value, TupleValue) else ()
    if isinstance(thing, DictObject):
        items = tuple(item for _, item in thing.items)
    return next((found for item in items if (found := _first(run, item)) is not None), None)


def _any_row(data: Data) -> Data:
    """Of one row picked by an index that may be any: all the rows."""
    if data.rows is None or not data.rows.parts:
        return data
    parts = tuple(
        Region(part.source, part.path[:-1] if part.path and part.path[-1].kind == "filter" else part.path)
        for part in data.rows.parts
    )
    return replace(data, rows=Rows(parts, data.rows.made_from))


def changed(run: Run, value: Value, node: ast.AST, change: Callable[[Data], Data], slot: object) -> Value:
    """An item with each of its tensors changed; what is no tensor stays as it is."""
    thing = run.object(value)
    if isinstance(value, TupleValue):
        items = [changed(run, item, node, change, (slot, index)) for index, item in enumerate(value.items)]
        return TupleValue(tuple(items))
    if isinstance(thing, Data):
        return shapes.given(run, run.alloc(node, change(thing), slot), shapes.sizes_of(run, value))
    if isinstance(thing, DictObject):
        pairs = tuple((key, changed(run, item, node, change, (slot, key))) for key, item in thing.items)
        return run.alloc(node, replace(thing, items=pairs), slot)
    return value


def _made(run: Run, call: Call, data: Data, item: Value, slot: int = 0) -> Value:
    ref = run.alloc(call.node, data, slot)
    run.state.set((ref, SAMPLE), item)
    return ref


# --- data sets ---------------------------------------------------------------------------------------


def tensor_dataset(run: Run, call: Call) -> Value:
    """`TensorDataset(X, y)`: the rows of its first tensor, and what shaped any."""
    parts = [run.data(value) for value in call.args]
    first = parts[0] if parts else None
    learned = merge_learned(*(part.learned for part in parts if part is not None))
    data = Data(kind="tensor", rows=first.rows if first is not None else None, learned=learned)
    ref = _made(run, call, data, TupleValue(tuple(call.args)))
    run.state.set((ref, "tensors"), TupleValue(tuple(call.args)))
    return ref


def subset(run: Run, call: Call) -> Value:
    """`Subset(data, indices)`: rows of it; which ones, where the indices say so."""
    dataset = call.get(0, "dataset")
    whole = data_of(run, dataset, call.node)
    if dataset is None or whole is None:
        return run.alloc(call.node, Data(kind="tensor"))
    return _part(run, call, dataset, whole, picks(run, call.get(1, "indices"), call.node))


def picks(run: Run, indices: Value | None, node: ast.AST) -> tuple[Choice, ...]:
    """The choices that positions stand for; of those not known one of their own."""
    thing = run.object(indices)
    if isinstance(thing, Data) and thing.selects is not None:
        return thing.selects
    key: object = thing.items if isinstance(thing, ListObject) and thing.items else indices or run.origin(node)
    return (Choice(key, "filter", "indices"),)


def _part(run: Run, call: Call, dataset: Value, whole: Data, choices: tuple[Choice, ...], slot: int = 0) -> Value:
    def part(data: Data) -> Data:
        return replace(data, rows=chosen(data.rows, *choices), mask=None)

    item = changed(run, sample(run, dataset, call.node), call.node, part, ("item", slot))
    data = Data(kind="tensor", rows=chosen(whole.rows, *choices), learned=whole.learned)
    ref = _made(run, call, data, item, slot)
    run.state.set((ref, "dataset"), dataset)
    return ref


def concat(run: Run, call: Call) -> Value:
    """`ConcatDataset([a, b])`: rows of one after rows of the other."""
    items = run.items_of(call.get(0, "datasets") or UNKNOWN)
    parts = [data_of(run, item, call.node) for item in items or ()]
    if not parts or any(part is None or part.rows is None for part in parts):
        return run.alloc(call.node, Data(kind="tensor"))
    known = [part for part in parts if part is not None]
    rows = Rows(
        tuple(region for part in known for region in (part.rows or Rows()).parts),
        tuple(region for part in known for region in (part.rows or Rows()).made_from),
    )
    learned = merge_learned(*(part.learned for part in known))

    def joined(data: Data) -> Data:
        return Data(kind=data.kind, rows=rows, learned=learned)

    item = changed(run, sample(run, items[0], call.node), call.node, joined, "item") if items else UNKNOWN
    return _made(run, call, Data(kind="tensor", rows=rows, learned=learned), item)


def random_split(run: Run, call: Call) -> Value:
    """Parts of a data set, at random: by lengths or by shares."""
    lengths = run.items_of(call.get(1, "lengths") or UNKNOWN)
    dataset = call.get(0, "dataset")
    whole = data_of(run, dataset, call.node)
    origin = run.origin(call.node)
    node = call.node_of(0, "dataset")
    if node is not None:
        base = (origin, tuple(run.loops), run.assumed, run.statement_place())
        run.emit(Split(*base, "random_split", (whole,), (run.place(node),), run.place(call.node)))
    parts: list[Value] = []
    for index in range(len(lengths or ())):
        if dataset is None or whole is None:
            parts.append(run.alloc(call.node, Data(kind="tensor"), index))
        else:
            parts.append(_part(run, call, dataset, whole, (Choice(origin, "split", index),), index))
    return TupleValue(tuple(parts)) if parts else UNKNOWN


def pictures(run: Run, call: Call) -> Value:
    """A data set of torchvision: its training part and its test part are different rows."""
    name = call.name
    argument = "train" if name in BY_TRAIN else "split"
    told = call.get(1, argument)
    part = True if told is None and call.exact and argument == "train" else constant(told)
    # Other parts, such as "trainval", may be made of these.
    known = isinstance(part, bool) or part in ("train", "val", "valid", "test")
    key = ("torchvision", name, part) if known else ("torchvision", name, run.origin(call.node))
    label = f"{name}({argument}={part!r})" if known else f"{name}(...)"
    source = Rows((Region(Source(key, label, known=known)),))
    return _pictures(run, call, source)


def _as_they_are(run: Run, transform: Value | None) -> bool:
    """Whether pictures become tensors, and stay as large as they are."""
    thing = run.object(transform)
    if not isinstance(thing, Opaque) or not thing.symbol.startswith("torch"):
        return False
    name = thing.symbol.rpartition(".")[2]
    if name == "Compose":
        steps = [run.object(step) for step in run.items_of(thing.parts[0]) or ()] if thing.parts else []
        names = {each.symbol.rpartition(".")[2] if isinstance(each, Opaque) else "" for each in steps}
        return "ToTensor" in names and names <= KEEPING_SIZE
    return name == "ToTensor"


def folder(run: Run, call: Call) -> Value:
    """`ImageFolder(path)`: the pictures in a folder."""
    path = text_of(call.get(0, "root"))
    key = ("file", path) if path is not None else run.origin(call.node)
    return _pictures(run, call, Rows((Region(Source(key, path or "ImageFolder(...)", known=path is not None)),)))


def _pictures(run: Run, call: Call, rows: Rows) -> Value:
    one = rows.choose(Choice("item", "filter", "item"))
    image = run.alloc(call.node, Data(kind="unknown", rows=one), "image")
    label = run.alloc(call.node, Data(kind="unknown", rows=one, role="target"), "label")
    sizes = PICTURES.get(call.name)
    if sizes is not None and _as_they_are(run, call.get(2 if call.name in BY_TRAIN else None, "transform")):
        shapes.given(run, image, sizes)
        shapes.given(run, label, ())
    ref = _made(run, call, Data(kind="tensor", rows=rows), TupleValue((image, label)))
    run.state.set((ref, "targets"), run.alloc(call.node, Data(rows=rows, role="target"), "targets"))
    for name in ("classes", "class_to_idx", "transform", "root"):
        run.state.set((ref, name), UNKNOWN)
    return ref


# --- loaders -----------------------------------------------------------------------------------------


def sampler(run: Run, call: Call) -> Value:
    return run.alloc(call.node, Opaque(f"torch.utils.data.{call.name}", call.name, parts=tuple(call.args)))


def loader(run: Run, call: Call) -> Value:
    """Batches of a data set: of those rows that a sampler picks."""
    dataset = call.get(0, "dataset")
    names = ("dataset", "batch_size", "shuffle", "sampler", "batch_sampler", "num_workers", "collate_fn")
    params = dict(zip(names, call.args, strict=False)) | call.keywords
    parts = (dataset,) if dataset is not None else ()
    told = tuple((name, value) for name, value in params.items() if name != "dataset")
    whole = data_of(run, dataset, call.node)
    rows = None if whole is None else chosen(whole.rows, *_sampled(run, params.get("sampler"), call.node))
    return run.alloc(call.node, Opaque(LOADER, "DataLoader(...)", parts=parts, params=told, rows=rows))


def _sampled(run: Run, given: Value | None, node: ast.AST) -> tuple[Choice, ...]:
    thing = run.object(given)
    if isinstance(thing, Opaque) and thing.symbol.endswith("SubsetRandomSampler") and thing.parts:
        return picks(run, thing.parts[0], node)
    return ()


def batch(run: Run, given: Value, thing: Opaque, node: ast.AST) -> Value:
    """What a loop over a loader gets: some rows of its data set, put together to tensors."""
    if not thing.parts:
        return UNKNOWN
    choices = (*_sampled(run, thing.param("sampler"), node), Choice((given, "batch"), "filter", "batch"))
    one = sample(run, thing.parts[0], node)
    own = thing.param("collate_fn")
    if own is not None and own != Const.of(None):
        samples = run.alloc(node, ListObject(None, one), "samples")
        return run.call(own, Call(_calling(node), [samples], {}))

    def collated(data: Data) -> Data:
        kind = "tensor" if data.kind != "scalar" or data.rows is not None else data.kind
        # What is no tensor yet becomes one on the CPU.
        device = data.device if data.kind == "tensor" else "cpu"
        return Data(kind=kind, rows=chosen(data.rows, *choices), learned=data.learned, role=data.role, device=device)

    if one is UNKNOWN or isinstance(run.object(one), (Instance, Opaque)):
        return run.alloc(node, Opaque(label="item", assumed=run.assumed), "element")
    many = _with_numbers(run, changed(run, one, node, collated, "batch"), node)
    whole = run.state.get((_whole(run, thing.parts[0]), "tensors"))
    if isinstance(whole, TupleValue) and isinstance(many, TupleValue):
        # Its items are known as the tensors they are rows of.
        for tensor, part in zip(whole.items, many.items, strict=False):
            sizes = shapes.sizes_of(run, tensor)
            shapes.given(run, part, (None, *sizes[1:]) if sizes and sizes[0] is not ... else sizes)
    else:
        _sized(run, one, many)
    return many


def _sized(run: Run, one: Value, many: Value) -> None:
    """A batch has the sizes of an item and an axis before them."""
    if isinstance(one, TupleValue) and isinstance(many, TupleValue):
        for item, part in zip(one.items, many.items, strict=False):
            _sized(run, item, part)
    elif isinstance(first := run.object(one), DictObject) and isinstance(second := run.object(many), DictObject):
        for (_, item), (_, part) in zip(first.items, second.items, strict=False):
            _sized(run, item, part)
    elif (sizes := shapes.sizes_of(run, one)) is not None and sizes[:1] != (...,):
        shapes.given(run, many, (None, *sizes))


def _whole(run: Run, dataset: Value) -> Value:
    """The data set that a part was taken of."""
    for _ in range(4):
        inner: Value | None = run.state.get((dataset, "dataset"))  # type: ignore[assignment]
        if inner is None or isinstance(run.object(dataset), Instance):
            break
        dataset = inner
    return dataset


def _with_numbers(run: Run, value: Value, node: ast.AST, slot: object = "number") -> Value:
    """A batch whose plain numbers, one for each row, are tensors on the CPU."""
    thing = run.object(value)
    if isinstance(value, TupleValue):
        return TupleValue(tuple(_with_numbers(run, item, node, (slot, n)) for n, item in enumerate(value.items)))
    if isinstance(thing, DictObject):
        pairs = tuple((key, _with_numbers(run, item, node, (slot, key))) for key, item in thing.items)
        return run.alloc(node, replace(thing, items=pairs), slot)
    number = isinstance(value, Const) and isinstance(value.value, (int, float))
    if number or (isinstance(thing, Opaque) and thing.symbol in ("builtins.int", "builtins.float")):
        return run.alloc(node, Data(kind="tensor", device="cpu"), slot)
    return value


def _calling(node: ast.AST) -> ast.Call:
    """A call for a function that a loader calls, at the place of the loop."""
    found = ast.Call(func=ast.Name("collate_fn", ast.Load()), args=[], keywords=[])
    return ast.copy_location(found, node)


DATASETS: dict[str, Model] = {
    "TensorDataset": tensor_dataset,
    "Subset": subset,
    "ConcatDataset": concat,
    "random_split": random_split,
    "DataLoader": loader,
    **dict.fromkeys(
        "SubsetRandomSampler RandomSampler SequentialSampler WeightedRandomSampler BatchSampler".split(), sampler
    ),
}
FUNCTIONS: dict[str, Model] = {
    **DATASETS,
    "utils.data.distributed.DistributedSampler": sampler,
}
TORCHVISION: dict[str, Model] = {
    **{f"datasets.{name}": pictures for name in (*BY_TRAIN, *BY_SPLIT)},
    "datasets.ImageFolder": folder,
    "datasets.DatasetFolder": folder,
}
