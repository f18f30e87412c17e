"""A loader that a model is trained on gives its rows in the same order in every epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import editing, loops
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import location, related, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import constant
from mlsense.semantics.events import Backward, Called, Loss, Step
from mlsense.semantics.values import Instance, Opaque, Ref, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace
    from mlsense.semantics.trace import Effects
    from mlsense.semantics.values import Origin

ORDERS = ("shuffle", "sampler", "batch_sampler")


def keeps_the_order(event: Called) -> bool:
    """Whether a loader is told nothing about the order, and its data set has one."""
    if not isinstance(event.callee, Symbol) or not event.callee.name.endswith(".DataLoader") or not event.exact:
        return False
    told = {name for name, _ in event.keywords}
    if len(event.args) > 2 or told & set(ORDERS) or event.argument(0, "dataset") is None:
        return False
    thing = event.object(event.argument(0, "dataset"))
    if isinstance(thing, Instance) and any(name.endswith("IterableDataset") for name in thing.cls.library_bases()):
        return False
    if isinstance(thing, Instance) and thing.cls.member("__getitem__") is None:
        return False
    size = event.object(event.argument(1, "batch_size"))
    whole = isinstance(size, Opaque) and size.symbol == "builtins.len"
    return not whole and constant(event.argument(1, "batch_size")) is not None


def makes_subset(event: Called) -> bool:
    """Some rows in an order somebody chose, often a single batch to see whether a network can learn it."""
    return isinstance(event.callee, Symbol) and event.callee.name.rpartition(".")[2] == "Subset"


def makes_folder(event: Called) -> bool:
    return isinstance(event.callee, Symbol) and event.callee.name.rpartition(".")[2] in ("ImageFolder", "DatasetFolder")


def check(trace: Trace) -> Iterator[Draft]:
    candidates = trace.that(keeps_the_order, Called)
    if not candidates:
        return
    over = _trained_over(trace)
    subsets = {event.origin for event in trace.that(makes_subset, Called)}
    folders = {event.origin for event in trace.that(makes_folder, Called)}
    for event in candidates:
        loop = over.get(event.origin)
        found = location(trace, event.call) if loop is not None else None
        if loop is None or found is None:
            continue
        dataset = event.argument(0, "dataset")
        if isinstance(dataset, Ref) and dataset.origin in subsets:
            continue
        by_class = isinstance(dataset, Ref) and dataset.origin in folders and _learns_classes(trace, loop)
        order = (
            "a folder of pictures is in the order of its classes, so whole batches are of one class"
            if by_class
            else "every epoch goes through the same batches, in the order of the data, which hurts where that is sorted"
        )
        yield Draft(
            f"The batches of `{written(trace, event.call, 'DataLoader(...)')}` are trained on in `{loop.text}` and "
            f"never "
            f"shuffled: {order}. Add `shuffle=True`.",
            found,
            related(trace, (loop.header, "trained on here")),
            _fix(trace, event),
            Severity.WARNING if by_class else None,
        )


def _trained_over(trace: Trace) -> dict[Origin, Loop]:
    """By where a loader was made, the loop over it in which gradients are computed and weights change."""
    found: dict[Origin, Loop] = {}
    known = loops.happened(trace)
    for loop in trace.kept("loops over loaders with gradients", _over_loaders):
        if isinstance(loop.over, Ref) and known.inside(Step, loop):
            found[loop.over.origin] = loop
    return found


def _over_loaders(effects: Effects) -> Iterator[Loop]:
    """The loops over loaders in which gradients are computed."""
    known: set[int] = set()
    for event in effects.events:
        for loop in event.loops if isinstance(event, Backward) else ():
            if id(loop) not in known and loop.iterates == "loader":
                known.add(id(loop))
                yield loop


def _learns_classes(trace: Trace, loop: Loop) -> bool:
    """Whether a loss is computed with the labels of the batches."""
    return any(
        event.target is not None and event.target.role == "target" for event in loops.happened(trace).inside(Loss, loop)
    )


def _fix(trace: Trace, event: Called) -> Fix | None:
    text = editing.text_at(trace, event.call)
    if text is None or not text.endswith(")") or "\n" in text or "\r" in text:
        return None
    inner = text[:-1].rstrip().removesuffix(",")
    return Fix.of("Add `shuffle=True`", "unsafe", editing.replaced(trace, event.call, f"{inner}, shuffle=True)"))


_LOADER = "torch.utils.data.DataLoader"
_LOOP = """
            for inputs, labels in batches:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
"""


def _program(loader: str, more: str = "") -> str:
    return training(f"{_LOOP}", more=f"{more}batches = {loader}")


RULE = Rule(
    name="dataloader-shuffle-missing",
    family="data",
    severity=Severity.INFORMATION,
    summary="The training batches come in the same order in every epoch: DataLoader does not shuffle by itself.",
    finds="""
        A `DataLoader` over whose batches a model is trained and that is told neither `shuffle` nor a sampler. A warning
        where the data set is a folder of pictures, which is sorted by class.
        """,
    matters="""
        Rows are often sorted: by class, by date, by hospital. A network that sees only cats, then only dogs, forgets
        the
        cats, and batch norm's averages are those of one class. Where rows are in no order, little is lost.
        """,
    silent="""
        `shuffle=False` that somebody wrote; samplers; data sets that are iterated (`IterableDataset`); one batch of all
        rows; a `Subset`, whose order somebody chose; loaders that nothing is seen to be trained on, such as those for
        validation.
        """,
    repair="Adds `shuffle=True`. Unsafe: results change, and where the order matters (time series) it is wrong.",
    bad=(
        _program(f"{_LOADER}(data, batch_size=8)  # <- dataloader-shuffle-missing"),
        _program(f"{_LOADER}(data, 16, num_workers=0)  # <- dataloader-shuffle-missing"),
        training(
            """
            from torch.utils.data import DataLoader


            def train(batches):
                for inputs, labels in batches:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()


            train(DataLoader(dataset=data, batch_size=8, drop_last=True))  # <- dataloader-shuffle-missing
            """
        ),
        training(
            """
            class Rows(torch.utils.data.Dataset):
                def __len__(self):
                    return 8

                def __getitem__(self, index):
                    return torch.full((4,), float(index)), index % 2


            batches = torch.utils.data.DataLoader(Rows(), batch_size=4)  # <- dataloader-shuffle-missing
            for epoch in range(2):
                for number, (inputs, labels) in enumerate(batches):
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
            """
        ),
    ),
    good=(
        training(
            """
            for inputs, labels in torch.utils.data.DataLoader(data, batch_size=8):
                inputs.requires_grad_(True)
                nn.functional.cross_entropy(model(inputs), labels).backward()
                print(inputs.grad.abs().mean())
            """
        ),
        _program(f"{_LOADER}(data, batch_size=8, shuffle=True)"),
        _program(f"{_LOADER}(data, batch_size=8, shuffle=False)"),
        _program(f"{_LOADER}(data, batch_size=8, sampler=torch.utils.data.RandomSampler(data))"),
        _program(f"{_LOADER}(data, batch_size=len(data))"),
        _program(f"{_LOADER}(torch.utils.data.Subset(data, range(8)), batch_size=8)"),
        training(
            """
            class Stream(torch.utils.data.IterableDataset):
                def __iter__(self):
                    for number in range(8):
                        yield torch.full((4,), float(number)), number % 2


            batches = torch.utils.data.DataLoader(Stream(), batch_size=4)
            for inputs, labels in batches:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
            """
        ),
        training(
            """
            with torch.no_grad():
                for inputs, labels in torch.utils.data.DataLoader(data, batch_size=8):
                    print((model(inputs).argmax(1) == labels).sum().item())
            """
        ),
        example(
            """
            from torch.utils.data import DataLoader


            def loaders(train_data, valid_data):
                return DataLoader(train_data, batch_size=8), DataLoader(valid_data, batch_size=8)
            """
        ),
    ),
    check=check,
    references=("PyTorch, [torch.utils.data](https://docs.pytorch.org/docs/stable/data.html)",),
)
