"""A scheduler steps before its optimiser has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import loops
from mlsense.rules.finding import Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import location, related, where
from mlsense.rules.rule import Draft, Rule
from mlsense.semantics.events import Step
from mlsense.semantics.values import Opaque, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    """The first step of each scheduler, where its optimiser steps later in the same pass and never before."""
    stepped: set[Value] = set()
    early: dict[Value, Step] = {}
    for step in trace.of(Step):
        if step.receiver not in stepped:
            for scheduler, first in list(early.items()):
                own = isinstance(first.thing, Opaque) and step.receiver in first.thing.parts
                if own and first.loops and loops.inside(step.loops, first.loops) and not step.conditional:
                    yield from _told(trace, first, step)
                if own:
                    del early[scheduler]
        known = ".lr_scheduler." in step.symbol and isinstance(step.thing, Opaque) and step.thing.parts
        if known and step.receiver not in stepped and not step.conditional:
            assert isinstance(step.thing, Opaque)
            if not any(part in stepped for part in step.thing.parts):
                early[step.receiver] = step
        stepped.add(step.receiver)


def _told(trace: Trace, first: Step, step: Step) -> Iterator[Draft]:
    found = location(trace, first.call)
    if found is None:
        return
    same = loops.together(first, step) and first.origin.path == step.origin.path
    yield Draft(
        f"`{first.text}` runs before `{step.text}` {where(trace, step.call, first.call)} in "
        f"`{first.loops[-1].text}`: the "
        f"first learning rate is never used, and the whole schedule runs one step early. Call it after the optimiser.",
        found,
        related(trace, (step.call, "the optimiser steps here")),
        loops.moved_after(trace, first.statement, step.statement, "Move the scheduler's step behind the optimiser's")
        if same and first.statement.column == step.statement.column
        else None,
    )


_MORE = "scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=1, gamma=0.5)"

RULE = Rule(
    name="scheduler-before-optimizer",
    family="loop",
    severity=Severity.WARNING,
    summary="scheduler.step() runs before optimizer.step(): the first learning rate is skipped.",
    finds="""
        A scheduler whose first step comes before the first step of its optimiser in the same pass of a loop: beside it,
        or at the beginning of the epoch.
        """,
    matters="""
        Since PyTorch 1.1 the scheduler sets the rate for what comes after it. Stepped first, it skips the first value:
        with a decay of 0.1 the whole first epoch runs at a tenth, and warm-ups begin one step late. PyTorch warns once.
        """,
    silent="""
        Schedulers that step after the optimiser, in a later pass or a loop before; steps under a condition; schedulers
        whose optimiser is not known.
        """,
    repair="Moves the scheduler's step behind the optimiser's, where both stand in one block. Safe.",
    bad=(
        training(
            """
            for epoch in range(3):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    scheduler.step()  # <- scheduler-before-optimizer
                    optimizer.step()
            """,
            more="scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=3 * len(loader))",
        ),
        training(
            """
            for epoch in range(3):
                scheduler.step()  # <- scheduler-before-optimizer
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
            """,
            more=_MORE,
        ),
        training(
            """
            def train_one_epoch():
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()


            for epoch in range(3):
                scheduler.step()  # <- scheduler-before-optimizer
                train_one_epoch()
            """,
            more=_MORE,
        ),
        training(
            """
            for epoch in range(3):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(data.tensors[0]), data.tensors[1]).backward()
                scheduler.step()  # <- scheduler-before-optimizer
                optimizer.step()
            """,
            more=_MORE,
        ),
    ),
    good=(
        training(
            """
            for epoch in range(3):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                scheduler.step()
            """,
            more=_MORE,
        ),
        training(
            """
            for epoch in range(3):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(data.tensors[0]), data.tensors[1]).backward()
                optimizer.step()
                scheduler.step()
            """,
            more=_MORE,
        ),
        training(
            """
            for epoch in range(3):
                if epoch > 0:
                    scheduler.step()
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
            """,
            more=_MORE,
        ),
        training(
            """
            nn.functional.cross_entropy(model(data.tensors[0]), data.tensors[1]).backward()
            optimizer.step()
            for epoch in range(3):
                scheduler.step()
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(data.tensors[0]), data.tensors[1]).backward()
                optimizer.step()
            """,
            more=_MORE,
        ),
        training(
            """
            rates = []
            for epoch in range(3):
                optimizer.step()
                rates.append(scheduler.get_last_lr())
                scheduler.step()
            print(rates)
            """,
            more=_MORE,
        ),
        training(
            """
            other = torch.optim.SGD(model.parameters(), lr=0.1)
            other.step()
            decay = torch.optim.lr_scheduler.StepLR(other, 1)
            for epoch in range(3):
                decay.step()
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(data.tensors[0]), data.tensors[1]).backward()
                optimizer.step()
            """
        ),
    ),
    check=check,
    references=("PyTorch, [how to adjust the learning rate](https://docs.pytorch.org/docs/stable/optim.html)",),
)
