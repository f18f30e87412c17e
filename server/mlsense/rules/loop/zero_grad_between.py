"""Gradients are cleared after they were computed and before the step that should use them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import loops
from mlsense.rules.finding import Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import location, related, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Backward, Step, ZeroGrad

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    certain = {id(step) for step in loops.optimizer_steps(trace)}
    earlier: list[Backward | ZeroGrad] = []
    for event in trace.of(Backward, ZeroGrad, Step):
        if not isinstance(event, Step):
            earlier.append(event)
            continue
        found = _cleared_before(event, earlier) if id(event) in certain and event.plain else None
        if found is None:
            continue
        zero, backward = found
        place = location(trace, zero.call)
        if place is None:
            continue
        loop = f" in `{event.loops[-1].text}`" if event.loops else ""
        yield Draft(
            f"`{zero.text}` stands between `{backward.text}()` {where(trace, backward.call, zero.call)} and "
            f"`{event.text}` {where(trace, event.call, zero.call)}{loop}: the step finds no gradients, so nothing is "
            f"learned. Clear them before `{backward.text}()`.",
            place,
            related(trace, (backward.call, "gradients are computed here"), (event.call, "and would be used here")),
            loops.moved_before(trace, zero.statement, backward.statement, "Move `zero_grad()` before `backward()`")
            if zero.statement.column == backward.statement.column and zero.origin.path == backward.origin.path
            else None,
        )


def _cleared_before(step: Step, earlier: list[Backward | ZeroGrad]) -> tuple[ZeroGrad, Backward] | None:
    """The clearing that comes last before the step, after gradients of the same pass."""
    cleared: ZeroGrad | None = None
    for event in reversed(earlier):
        if not loops.together(event, step) or event.origin.path != step.origin.path or event.conditional:
            return None
        if isinstance(event, Backward):
            return (cleared, event) if cleared is not None and not step.conditional else None
        if cleared is None and loops.clears(event, step):
            cleared = event
    return None


RULE = Rule(
    name="zero-grad-between",
    family="loop",
    severity=Severity.ERROR,
    summary="zero_grad() stands between backward() and step(): the step finds no gradients and nothing is learned.",
    finds="""
        `backward()`, then `zero_grad()`, then `step()` of the same optimiser, in one pass and without gradients
        computed in between.
        """,
    matters="""
        The step uses what lies in `.grad`, which was just thrown away. The weights never change (but for weight decay
        and momentum), the loss stays where it began, and the program runs to its end.
        """,
    silent="""
        Two optimisers of which one is cleared while the other steps, as in GANs; gradients computed between the
        clearing
        and the step; any of the three under a condition; closures; optimisers that are not known to be one.
        """,
    repair="Moves `zero_grad()` before the line with `backward()`. Safe: the step then uses this pass's gradients.",
    bad=(
        training(
            """
            for inputs, labels in loader:
                loss = nn.functional.cross_entropy(model(inputs), labels)
                loss.backward()
                optimizer.zero_grad()  # <- zero-grad-between
                optimizer.step()
            """
        ),
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    model.zero_grad()  # <- zero-grad-between
                    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                    optimizer.step()
            """
        ),
        example(
            """
            from torch import nn


            def train(model, loader, optimizer):
                for inputs, labels in loader:
                    loss = nn.functional.mse_loss(model(inputs), labels)
                    loss.backward()
                    optimizer.zero_grad()  # <- zero-grad-between
                    optimizer.step()
            """
        ),
        training(
            """
            for epoch in range(3):
                loss = nn.functional.cross_entropy(model(data.tensors[0]), data.tensors[1])
                loss.backward()
                optimizer.zero_grad(set_to_none=False)  # <- zero-grad-between
                optimizer.step()
            """
        ),
    ),
    good=(
        training(
            """
            for inputs, labels in loader:
                loss = nn.functional.cross_entropy(model(inputs), labels)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            """
        ),
        training(
            """
            for inputs, labels in loader:
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
                optimizer.zero_grad()
            """
        ),
        example(
            """
            import torch
            from torch import nn

            maker, judge = nn.Linear(2, 4), nn.Linear(4, 1)
            maker_steps = torch.optim.Adam(maker.parameters())
            judge_steps = torch.optim.Adam(judge.parameters())
            for noise in torch.randn(3, 8, 2):
                judge(maker(noise)).mean().backward()
                judge_steps.zero_grad()
                maker_steps.step()
                maker_steps.zero_grad()
            """
        ),
        training(
            """
            for inputs, labels in loader:
                first = nn.functional.cross_entropy(model(inputs), labels)
                first.backward()
                print(model.weight.grad.norm())
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs + 0.1), labels).backward()
                optimizer.step()
            """
        ),
        training(
            """
            for number, (inputs, labels) in enumerate(loader):
                loss = nn.functional.cross_entropy(model(inputs), labels)
                loss.backward()
                if not torch.isfinite(loss):
                    optimizer.zero_grad()
                    continue
                optimizer.step()
                optimizer.zero_grad()
            """
        ),
        training(
            """
            def closure():
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(data.tensors[0]), data.tensors[1])
                loss.backward()
                return loss


            for _ in range(3):
                optimizer.step(closure)
            """,
            optimizer="LBFGS(model.parameters())",
        ),
    ),
    check=check,
)
