"""Gradients are clipped after the step that used them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import loops
from mlsense.rules.finding import Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import location, related, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Backward, Clip, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    certain = {id(step) for step in loops.optimizer_steps(trace)}
    last: Backward | Step | None = None
    for event in trace.of(Backward, Step, Clip):
        if not isinstance(event, Clip):
            last = event if isinstance(event, Backward) or id(event) in certain else last
            continue
        if not isinstance(last, Step) or not last.loops or not loops.together(last, event) or last.conditional:
            continue
        if last.origin.path != event.origin.path or not _same_weights(last, event) or _again(trace, event, last):
            continue
        found = location(trace, event.call)
        if found is not None:
            yield Draft(
                f"`{event.text}` runs after `{last.text}` {where(trace, last.call, event.call)} in "
                f"`{last.loops[-1].text}`: the step has used the unclipped gradients already, and the next "
                f"`backward()` "
                f"or `zero_grad()` comes before they are used again. Move it between `backward()` and the step.",
                found,
                related(trace, (last.call, "the step that should use clipped gradients")),
                loops.moved_before(trace, event.statement, last.statement, "Move the clipping before the step")
                if event.statement.column == last.statement.column
                else None,
            )


def _same_weights(step: Step, clip: Clip) -> bool:
    mine = loops.modules_of(step)
    return not mine or not clip.modules or bool(set(mine) & set(clip.modules))


def _again(trace: Trace, clip: Clip, step: Step) -> bool:
    """Whether there is clipping at the right place too, or an optimiser that steps later in the pass."""
    before = True
    for event in trace.of(Clip, Step):
        if event is clip:
            before = False
        elif loops.together(event, clip) and (isinstance(event, Clip) if before else event is not step):
            return True
    return False


RULE = Rule(
    name="clip-after-step",
    family="loop",
    severity=Severity.WARNING,
    summary="Gradients are clipped after optimizer.step(): the step has used them unclipped.",
    finds="""
        `clip_grad_norm_` or `clip_grad_value_` after the optimiser's step in the same pass of a loop, where nothing
        clips before the step.
        """,
    matters="""
        Clipping changes what lies in `.grad`. After the step that is of no use any more: the large step it should
        prevent has been made, and training blows up as if there were no clipping.
        """,
    silent="""
        Clipping before the step as well; another optimiser that steps later; weights of another model; steps under a
        condition; clamping of weights after the step, as Wasserstein GANs do.
        """,
    repair="Moves the clipping before the line with the step. Safe: it is what the step should use.",
    bad=(
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # <- clip-after-step
            """
        ),
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    loss = nn.functional.cross_entropy(model(inputs), labels)
                    optimizer.zero_grad()
                    loss.backward()
                    optimizer.step()
                    torch.nn.utils.clip_grad_value_(model.parameters(), clip_value=0.5)  # <- clip-after-step
            """
        ),
        example(
            """
            import torch
            from torch.nn.utils import clip_grad_norm_


            def train(model, loader, loss_fn, opt):
                for x, y in loader:
                    opt.zero_grad()
                    loss_fn(model(x), y).backward()
                    opt.step()
                    clip_grad_norm_(model.parameters(), 5)  # <- clip-after-step
            """
        ),
        training(
            """
            for inputs, labels in loader:
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
                nn.utils.clip_grad_norm_(model.parameters(), max_norm=1.0)  # <- clip-after-step
                optimizer.zero_grad()
            """
        ),
    ),
    good=(
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
            """
        ),
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
                for weights in model.parameters():
                    weights.data.clamp_(-0.01, 0.01)
            """
        ),
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                optimizer.step()
                print(nn.utils.clip_grad_norm_(model.parameters(), 1e9))
            """
        ),
        example(
            """
            import torch
            from torch import nn

            first, second = nn.Linear(4, 4), nn.Linear(4, 1)
            one, other = torch.optim.SGD(first.parameters(), lr=0.1), torch.optim.SGD(second.parameters(), lr=0.1)
            for inputs in torch.randn(3, 8, 4):
                one.zero_grad()
                other.zero_grad()
                second(first(inputs)).mean().backward()
                one.step()
                nn.utils.clip_grad_norm_(second.parameters(), 1.0)
                other.step()
            """
        ),
        training(
            """
            for number, (inputs, labels) in enumerate(loader):
                nn.functional.cross_entropy(model(inputs), labels).backward()
                if number % 2:
                    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                    optimizer.step()
                    optimizer.zero_grad()
            """
        ),
        training(
            """
            nn.functional.cross_entropy(model(data.tensors[0]), data.tensors[1]).backward()
            optimizer.step()
            print(nn.utils.clip_grad_norm_(model.parameters(), 1.0))
            """
        ),
    ),
    check=check,
)
