"""A scheduler that counts epochs steps per batch, or one that counts batches steps per epoch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import loops
from mlsense.rules.finding import Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import location, related
from mlsense.rules.rule import Draft, Rule
from mlsense.semantics.core import constant
from mlsense.semantics.events import Step
from mlsense.semantics.values import Opaque

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.rules.finding import Fix
    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace

# More than this many steps between two changes are counted in batches, as far as anyone can say.
FEW = 100


def check(trace: Trace) -> Iterator[Draft]:
    for step in trace.that(_is_scheduler, Step):
        kind = step.symbol.rpartition(".")[2]
        if not isinstance(step.thing, Opaque):
            continue
        batch = _batch_loop(trace, step)
        if batch is None:
            continue
        loop, per_batch = batch
        said = _too_often(kind, step.thing, step.loops[-2]) if per_batch else _too_seldom(kind, step.thing)
        found = location(trace, step.call)
        if said is None or found is None:
            continue
        where = f"in `{loop.text}`, once per batch" if per_batch else f"beside `{loop.text}`, once per epoch"
        yield Draft(
            f"`{step.text}` runs {where}, but {said}",
            found,
            related(trace, (loop.header, "the loop over the batches")),
            _fix(trace, step, loop, per_batch),
        )


def _is_scheduler(step: Step) -> bool:
    return ".lr_scheduler." in step.symbol and isinstance(step.thing, Opaque) and not step.conditional


def _batch_loop(trace: Trace, step: Step) -> tuple[Loop, bool] | None:
    """The loop over batches that the scheduler steps in, inside a loop over epochs; or beside it."""
    known, happened = loops.batch_loops(trace), loops.happened(trace)
    if step.loops and step.loops[-1].origin in known:
        inner = step.loops[-1]
        return (inner, True) if len(step.loops) > 1 and inner.kind == "for" and inner.iterates != "range" else None
    depth = len(step.loops)
    for loop in {backward.loops[depth].origin: backward.loops[depth] for backward in happened.below(step)}.values():
        if loop.origin in known and any(len(event.loops) == depth + 1 for event in happened.inside(Step, loop)):
            return (loop, False) if loop.kind == "for" and loop.iterates != "range" and depth else None
    return None


def _too_often(kind: str, scheduler: Opaque, epochs: Loop) -> str | None:
    size, gamma = constant(scheduler.param("step_size")), constant(scheduler.param("gamma"))
    if kind == "StepLR" and isinstance(size, int) and size <= FEW:
        factor = gamma if isinstance(gamma, float) else 0.1
        return (
            f"`StepLR(step_size={size})` counts epochs: the learning rate is multiplied by {factor} every {size} "
            f"batches and soon gone. Move it out of that loop."
        )
    if kind == "ExponentialLR" and isinstance(gamma, float) and gamma < 0.995:
        left = gamma**100
        return (
            f"`ExponentialLR(gamma={gamma})` counts epochs: after 100 batches {left:.2g} of the learning rate is left. "
            f"Move it out of that loop."
        )
    stops = constant(scheduler.param("milestones"))
    if (
        kind == "MultiStepLR"
        and isinstance(stops, tuple)
        and stops
        and isinstance(stops[-1], int)
        and stops[-1] <= 2 * FEW
    ):
        return f"`MultiStepLR` has its last step at {stops[-1]}, which counts epochs. Move it out of that loop."
    told = constant(scheduler.param("T_max"))
    if kind == "CosineAnnealingLR" and isinstance(told, int) and told == epochs.length:
        return (
            f"`CosineAnnealingLR(T_max={told})` counts the passes of `{epochs.text}`: the learning rate falls and "
            f"rises again every {told} batches. Move it out of that loop."
        )
    return None


def _too_seldom(kind: str, scheduler: Opaque) -> str | None:
    told = scheduler.param("steps_per_epoch")
    if kind == "OneCycleLR" and told is not None and constant(told) != 1:
        return (
            "`OneCycleLR(steps_per_epoch=...)` counts batches: the cycle hardly begins before training ends. Move it "
            "into that loop, after the optimiser's step."
        )
    return None


def _fix(trace: Trace, step: Step, loop: Loop, per_batch: bool) -> Fix | None:
    if not per_batch or loops.alone(trace, step.statement) or step.origin.path != loop.origin.path:
        return None
    return loops.out_of(trace, step.statement, loop, "Move the scheduler's step out of the batch loop")


_STEP_LR = "scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=10)"

RULE = Rule(
    name="scheduler-granularity",
    family="loop",
    severity=Severity.WARNING,
    summary="A scheduler that counts epochs steps once per batch, or one that counts batches once per epoch.",
    finds="""
        `StepLR`, `MultiStepLR`, `ExponentialLR` or `CosineAnnealingLR`, told in epochs, whose step stands in the loop
        over the batches inside a loop over epochs; `OneCycleLR` with `steps_per_epoch` whose step stands beside it.
        """,
    matters="""
        `StepLR(step_size=10)` stepped for each of 469 batches divides the learning rate by ten 46 times in the first
        epoch: nothing is learned after it. A one-cycle schedule stepped per epoch stays in its warm-up.
        """,
    silent="""
        Schedules told in batches (`step_size=2000`, `T_max=len(loader) * epochs`); steps under a condition; loops of
        which it is not known whether they go through batches; schedulers that are not known.
        """,
    repair="""
        Moves the scheduler's step behind the batch loop, one level to the left. Safe: it then counts epochs. Not
        offered
        for `OneCycleLR`.
        """,
    bad=(
        training(
            """
            for epoch in range(4):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                    scheduler.step()  # <- scheduler-granularity
            """,
            more="scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[60, 120, 160])",
        ),
        training(
            """
            for epoch in range(4):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                    scheduler.step()  # <- scheduler-granularity
            """,
            more="scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 4)",
        ),
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                    scheduler.step()  # <- scheduler-granularity
            """,
            more=_STEP_LR,
        ),
        training(
            """
            def train(scheduler):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                    scheduler.step()  # <- scheduler-granularity


            decay = torch.optim.lr_scheduler.ExponentialLR(optimizer, gamma=0.9)
            for epoch in range(2):
                train(decay)
            """
        ),
        training(
            """
            scheduler = torch.optim.lr_scheduler.OneCycleLR(
                optimizer, max_lr=0.1, epochs=2, steps_per_epoch=len(loader)
            )
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                scheduler.step()  # <- scheduler-granularity
            """
        ),
        training(
            """
            for epoch in range(2):
                for number, (inputs, labels) in enumerate(loader):
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                    scheduler.step()  # <- scheduler-granularity
                print(epoch, scheduler.get_last_lr())
            """,
            more="scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 5, gamma=0.5)",
        ),
    ),
    good=(
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                    scheduler.step()
            """,
            more="scheduler = torch.optim.lr_scheduler.MultiStepLR(optimizer, milestones=[6000, 8000])",
        ),
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                scheduler.step()
            """,
            more=_STEP_LR,
        ),
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                    scheduler.step()
            """,
            more="scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=2000)",
        ),
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                    scheduler.step()
            """,
            more="scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, T_max=2 * len(loader))",
        ),
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                    scheduler.step()
            """,
            more="scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.1, epochs=2, steps_per_epoch=4)",
        ),
        training(
            """
            inputs, labels = data.tensors
            for epoch in range(30):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
                scheduler.step()
            """,
            more=_STEP_LR,
        ),
        training(
            """
            for epoch in range(2):
                for number, (inputs, labels) in enumerate(loader):
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                    if number == len(loader) - 1:
                        scheduler.step()
            """,
            more=_STEP_LR,
        ),
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                scheduler.step()
            """,
            more="scheduler = torch.optim.lr_scheduler.OneCycleLR(optimizer, max_lr=0.1, total_steps=2)",
        ),
    ),
    check=check,
    references=("PyTorch, [how to adjust the learning rate](https://docs.pytorch.org/docs/stable/optim.html)",),
)
