"""An optimiser is made before its model is moved to the device."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import loops
from mlsense.rules.finding import Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import location, related, where, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Called, Moved
from mlsense.semantics.models.torch_training import OPTIMIZERS
from mlsense.semantics.values import Const, Opaque, Symbol, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.trace import Effects


def makes_optimizer(event: Called) -> bool:
    if not isinstance(event.callee, Symbol):
        return False
    package, _, name = event.callee.name.rpartition(".")
    return package.startswith("torch.optim") and name in OPTIMIZERS


def check(trace: Trace) -> Iterator[Draft]:
    moves = trace.that(_leaves_the_cpu, Moved)
    if not moves:
        return
    makers: dict[Value, list[Called]] = {}
    for module, made in trace.kept("optimisers by their modules", _makers):
        makers.setdefault(module, []).append(made)
    seen: set[object] = set()
    for moved in moves:
        for made in makers.get(moved.receiver, ()):
            if made.origin in seen or made.optional:
                continue
            # Moved before too: then nothing changes its place.
            early = any(
                event.receiver == moved.receiver and not _after(trace, event, made) for event in trace.of(Moved)
            )
            found = location(trace, moved.call)
            if early or found is None or not _after(trace, moved, made):
                continue
            seen.add(made.origin)
            yield _draft(trace, moved, made)


def _leaves_the_cpu(event: Moved) -> bool:
    return event.device != Const.of("cpu")


def _makers(effects: Effects) -> Iterator[tuple[Value, Called]]:
    """The modules of whose weights optimisers are made, each with the call that makes one."""
    for event in effects.events:
        if isinstance(event, Called) and makes_optimizer(event):
            yield from ((module, event) for module in _modules(event))


def _draft(trace: Trace, moved: Moved, made: Called) -> Draft:
    assert isinstance(made.callee, Symbol)
    name = made.callee.name.rpartition(".")[2]
    found = location(trace, moved.call)
    assert found is not None
    text = written(trace, moved.call, "to(device)")
    breaks = name == "Adagrad"
    what = (
        "`Adagrad` has made its sums on the old device already, so its first step raises on a GPU."
        if breaks
        else f"`{name}` steps the moved weights all the same today, but not where moving makes new ones."
    )
    return Draft(
        f"`{text}` moves the model after `{name}` was made of its weights {where(trace, made.call, moved.call)}: "
        f"{what} "
        f"Move the model first.",
        found,
        related(trace, (made.call, "the optimiser is made here")),
        loops.moved_before(trace, moved.statement, made.statement, "Move the model before the optimiser is made")
        if moved.statement.column == made.statement.column and text.endswith(")")
        else None,
        Severity.WARNING if breaks else None,
    )


def _modules(made: Called) -> set[Value]:
    """The modules of whose weights an optimiser is made."""
    found: set[Value] = set()
    for _, thing in made.objects:
        if isinstance(thing, Opaque) and thing.symbol == "torch.nn.Parameter":
            found.update(thing.parts)
    return found


def _after(trace: Trace, moved: Moved, made: Called) -> bool:
    """Whether the move stands below, in the same function."""
    return moved.origin.path == made.origin.path and loops.follows(trace, moved.call, made.call)


RULE = Rule(
    name="optimizer-before-to-device",
    family="loop",
    severity=Severity.HINT,
    summary="The optimiser is made before the model is moved: move first.",
    finds="""
        `model.to(device)` or `model.cuda()` below the line that makes an optimiser of the model's weights. A hint, and
        a
        warning for `Adagrad`, which makes its state at once.
        """,
    matters="""
        PyTorch documents that a model has to be moved first. Today moving puts other numbers into the same weights, so
        most optimisers go on; `Adagrad` has sums on the CPU by then and raises, and wrappers that make new weights
        leave
        an optimiser that steps the old ones.
        """,
    silent="""
        Models that were moved before the optimiser as well; moves to the CPU; optimisers of other weights, or made
        under
        a condition.
        """,
    repair="Moves the line before the optimiser, where both stand in one block. Safe.",
    bad=(
        training('model.to("cpu:0")  # <- optimizer-before-to-device\n'),
        training('model = model.to(torch.device("cpu", 0))  # <- optimizer-before-to-device\n'),
        example(
            """
            import torch
            from torch import nn

            device = "cuda" if torch.cuda.is_available() else "cpu"
            model = nn.Linear(4, 2)
            optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1)
            model.to(device)  # <- optimizer-before-to-device
            optimizer.zero_grad()
            model(torch.randn(3, 4, device=device)).mean().backward()
            optimizer.step()
            """
        ),
        example(
            """
            import torch
            from torch import nn


            def prepare(device):
                model = nn.Linear(4, 2)
                optimizer = torch.optim.Adam(model.parameters())
                model = model.to(device)  # <- optimizer-before-to-device
                return model, optimizer


            print(prepare("cpu"[:3]))
            """
        ),
    ),
    good=(
        example(
            """
            import torch
            from torch import nn

            device = "cuda" if torch.cuda.is_available() else "cpu"
            model = nn.Linear(4, 2).to(device)
            optimizer = torch.optim.Adagrad(model.parameters(), lr=0.1)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            device = "cuda" if torch.cuda.is_available() else "cpu"
            model = nn.Linear(4, 2)
            model.to(device)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            model.to(device)
            """
        ),
        training('model.to("cpu")\nprint(model)\n'),
        training("model.cpu()\nprint(model)\n"),
        example(
            """
            import torch
            from torch import nn

            device = "cuda" if torch.cuda.is_available() else "cpu"
            model, teacher = nn.Linear(4, 2).to(device), nn.Linear(4, 2)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            teacher.to(device)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 2)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            model.to(torch.float64)
            """
        ),
    ),
    check=check,
    references=("PyTorch, [torch.optim](https://docs.pytorch.org/docs/stable/optim.html)",),
)
