"""An optimiser steps in every pass of a loop in which nothing clears the gradients."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import loops
from mlsense.rules.finding import Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Backward, Step, ZeroGrad
from mlsense.semantics.values import Opaque

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.rules.finding import Fix
    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    known = {id(step) for step in loops.optimizer_steps(trace)}
    latest: Backward | None = None
    stepped: Backward | None = None
    for event in trace.of(Backward, Step):
        if isinstance(event, Backward):
            latest = event
            continue
        if latest is None or not event.loops or not loops.together(event, latest) or event.conditional:
            continue
        if latest.conditional or not latest.plain or not event.plain:
            continue
        if id(event) not in known and (stepped is latest or not _is_optimizer(trace, event, latest)):
            # The first step after the gradients is the optimiser's; the next may be a scheduler's.
            continue
        stepped = latest
        loop = event.loops[-1]
        if loop.length in (0, 1) or _cleared(trace, event, latest, loop):
            continue
        found = location(trace, latest.call)
        if found is None:
            continue
        name = _receiver(event)
        yield Draft(
            f"Nothing in `{loop.text}` clears the gradients: `{latest.text}()` adds to those of all passes before, and "
            f"`{event.text}` follows their sum. Put `{name}.zero_grad()` before it.",
            found,
            related(trace, (loop.header, "in every pass of this loop"), (event.call, "the step that uses the sum")),
            _fix(trace, event, latest, name),
        )


def _is_optimizer(trace: Trace, step: Step, backward: Backward) -> bool:
    """Whether something from outside is an optimiser: the one thing that steps on these gradients."""
    unknown = not step.symbol and (step.thing is None or isinstance(step.thing, Opaque))
    return unknown and loops.uses_torch(trace) and step.receiver != backward.receiver


def _cleared(trace: Trace, step: Step, backward: Backward, loop: Loop) -> bool:
    """Whether gradients are, or may be, cleared: here, in a loop around this one, by hand, or by what is not followed.

    An optimiser that is made in the same pass has its weights to itself.
    """
    first = step.loops[0].origin
    for zero in trace.of(ZeroGrad):
        near = not zero.loops or zero.loops[0].origin == first
        if near and loops.may_clear(zero, step):
            return True
    if loops.made_in(step.receiver, loop) or loops.handed_over(trace, step.receiver, loop):
        return True
    return loops.speaks_of(trace, "grad", loop.body, *loops.on_the_way(step), *loops.on_the_way(backward))


def _receiver(step: Step) -> str:
    """What is stepped, as the program writes it: of `scaler.step(optimizer)` the optimiser."""
    before, _, inner = step.text.rpartition(".step(")
    return inner.removesuffix(")") or before


def _fix(trace: Trace, step: Step, backward: Backward, name: str) -> Fix | None:
    if step.origin.path != backward.origin.path or not name.replace(".", "").isidentifier():
        return None
    return loops.before_statement(trace, backward.statement, f"{name}.zero_grad()", f"Insert `{name}.zero_grad()`")


RULE = Rule(
    name="missing-zero-grad",
    family="loop",
    severity=Severity.WARNING,
    summary="Nothing clears the gradients between steps: each step adds up the gradients of all batches before.",
    finds="""
        A loop in whose every pass `backward()` computes gradients and an optimiser steps, where no `zero_grad()` of
        that
        optimiser or its model stands in the loop, around it, or in a function it calls.
        """,
    matters="""
        `backward()` adds to the gradients that are there. Without `zero_grad()` the hundredth step follows the sum of a
        hundred batches: steps grow, the loss jumps about or becomes NaN, and nothing crashes.
        """,
    silent="""
        A `zero_grad()` before the loop (another rule looks at that), after the step, or of the model; a step under an
        `if`, as where gradients are added up on purpose; gradients cleared by hand (`p.grad = None`); closures; an
        optimiser made anew in each pass; code that is not followed and gets the optimiser; `backward()` of something
        that is told more than nothing, such as `accelerator.backward(loss)`.
        """,
    repair="Puts `zero_grad()` of the optimiser before `backward()`. Safe: each step then uses its own batch alone.",
    bad=(
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    loss = nn.functional.cross_entropy(model(inputs), labels)
                    loss.backward()  # <- missing-zero-grad
                    optimizer.step()
            """
        ),
        example(
            """
            import torch
            from torch import nn


            def train_one_epoch(model, loader, criterion, optimizer, scheduler):
                model.train()
                for inputs, labels in loader:
                    loss = criterion(model(inputs), labels)
                    loss.backward()  # <- missing-zero-grad
                    optimizer.step()
                    scheduler.step()
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Trainer:
                def __init__(self, model, loader):
                    self.model, self.loader = model, loader
                    self.optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

                def update(self, inputs, targets):
                    loss = nn.functional.mse_loss(self.model(inputs), targets)
                    loss.backward()  # <- missing-zero-grad
                    self.optimizer.step()
                    return loss.item()

                def run(self):
                    return [self.update(inputs, targets) for inputs, targets in self.loader]

                def epoch(self):
                    for inputs, targets in self.loader:
                        self.update(inputs, targets)


            Trainer(nn.Linear(4, 1), [(torch.randn(8, 4), torch.randn(8, 1))] * 3).epoch()
            """
        ),
        example(
            """
            import torch

            x = torch.linspace(0, 1, 50).reshape(-1, 1)
            y = 3 * x + 1
            model = torch.nn.Linear(1, 1)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            for epoch in range(100):
                loss = ((model(x) - y) ** 2).mean()
                loss.backward()  # <- missing-zero-grad
                optimizer.step()
            """
        ),
    ),
    good=(
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
            """
        ),
        training(
            """
            for inputs, labels in loader:
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
                model.zero_grad(set_to_none=True)
            """
        ),
        training(
            """
            for number, (inputs, labels) in enumerate(loader):
                loss = nn.functional.cross_entropy(model(inputs), labels) / 2
                loss.backward()
                if (number + 1) % 2 == 0:
                    optimizer.step()
                    optimizer.zero_grad()
            """
        ),
        training(
            """
            for inputs, labels in loader:
                for parameter in model.parameters():
                    parameter.grad = None
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
            """
        ),
        training(
            """
            def clear(what):
                what.zero_grad()


            def step(inputs, labels):
                clear(optimizer)
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()


            for inputs, labels in loader:
                step(inputs, labels)
            """
        ),
        training(
            """
            for inputs, labels in loader:
                def closure():
                    optimizer.zero_grad()
                    loss = nn.functional.cross_entropy(model(inputs), labels)
                    loss.backward()
                    return loss

                optimizer.step(closure)
            """,
            optimizer="LBFGS(model.parameters())",
        ),
        example(
            """
            import torch
            from torch import nn

            for seed in range(3):
                torch.manual_seed(seed)
                model = nn.Linear(4, 1)
                optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
                model(torch.randn(8, 4)).mean().backward()
                optimizer.step()
            """
        ),
        example(
            """
            import torch


            def train(engine, loader):
                for inputs, labels in loader:
                    loss = engine(inputs, labels)
                    engine.backward(loss)
                    engine.step()
            """
        ),
    ),
    check=check,
    references=(
        "PyTorch recipe, [zeroing out "
        "gradients](https://docs.pytorch.org/tutorials/recipes/recipes/zeroing_out_gradients.html)",
    ),
)
