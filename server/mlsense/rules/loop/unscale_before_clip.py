"""Gradients that a scaler made large are clipped before they are unscaled."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import editing, loops
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import location, related, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Clip, Scaler

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    passed: list[Scaler | Clip] = []
    for event in trace.of(Scaler, Clip):
        if isinstance(event, Scaler) and event.method == "step":
            for clip in _clipped_scaled(event, passed):
                found = location(trace, clip.call)
                step = written(trace, event.call, "")
                if found is None:
                    continue
                unscale = step.replace(".step(", ".unscale_(", 1)
                yield Draft(
                    f"`{clip.text}` sees gradients that are still multiplied by the scale, 65,536 at the start: all "
                    f"are "
                    f"clipped to almost nothing once `{step}` divides them. Put `{unscale}` before it.",
                    found,
                    related(trace, (event.call, "the scale is taken out here")),
                    _fix(trace, clip, unscale) if clip.origin.path == event.origin.path else None,
                )
            passed = []
        else:
            passed.append(event)


def _clipped_scaled(step: Scaler, passed: list[Scaler | Clip]) -> Iterator[Clip]:
    """What was clipped in this pass after the loss was scaled, before anything was unscaled."""
    scaled = False
    for event in passed:
        if not loops.together(event, step):
            continue
        if isinstance(event, Scaler):
            scaled = event.method == "scale" or (scaled and event.method == "update")
        elif scaled:
            yield event


def _fix(trace: Trace, clip: Clip, unscale: str) -> Fix | None:
    if not unscale.endswith(")") or ".unscale_(" not in unscale:
        return None
    return Fix.of(f"Insert `{unscale}`", "safe", editing.inserted_before(trace, clip.statement, [unscale]))


_MORE = 'scaler = torch.amp.GradScaler("cpu")'

RULE = Rule(
    name="unscale-before-clip",
    family="loop",
    severity=Severity.WARNING,
    summary="Gradients are clipped while a GradScaler still has them multiplied: they end up almost zero.",
    finds="""
        `clip_grad_norm_` or `clip_grad_value_` between `scaler.scale(loss).backward()` and `scaler.step(optimizer)`
        without `scaler.unscale_(optimizer)` before it.
        """,
    matters="""
        A gradient scaler multiplies the loss by 65,536 at first. A norm of 1 then looks like 65,536 and is clipped to
        1;
        the step divides by the scale and moves the weights by a 65,536th of what was meant. The loss hardly falls.
        """,
    silent="`unscale_` before the clipping; clipping without a scaler; gradients that are scaled in code not followed.",
    repair="Puts `scaler.unscale_(optimizer)` before the clipping. Safe: `scaler.step` sees that it was done.",
    bad=(
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(inputs), labels)
                scaler.scale(loss).backward()
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # <- unscale-before-clip
                scaler.step(optimizer)
                scaler.update()
            """,
            more=_MORE,
        ),
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    with torch.autocast("cpu"):
                        loss = nn.functional.cross_entropy(model(inputs), labels)
                    scaler.scale(loss).backward()
                    nn.utils.clip_grad_value_(model.parameters(), 0.5)  # <- unscale-before-clip
                    scaler.step(optimizer)
                    scaler.update()
            """,
            more=_MORE,
        ),
        example(
            """
            import torch


            def train(model, loader, loss_fn, optimizer, scaler):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    with torch.autocast("cuda"):
                        loss = loss_fn(model(inputs), labels)
                    scaler.scale(loss).backward()
                    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)  # <- unscale-before-clip
                    scaler.step(optimizer)
                    scaler.update()
            """
        ),
        training(
            """
            class Trainer:
                def __init__(self, model, optimizer):
                    self.model, self.optimizer = model, optimizer
                    self.scaler = torch.amp.GradScaler("cpu")

                def step(self, inputs, labels):
                    self.optimizer.zero_grad()
                    self.scaler.scale(nn.functional.cross_entropy(self.model(inputs), labels)).backward()
                    nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)  # <- unscale-before-clip
                    self.scaler.step(self.optimizer)
                    self.scaler.update()


            trainer = Trainer(model, optimizer)
            for inputs, labels in loader:
                trainer.step(inputs, labels)
            """
        ),
    ),
    good=(
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                scaler.scale(nn.functional.cross_entropy(model(inputs), labels)).backward()
                scaler.unscale_(optimizer)
                nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                scaler.step(optimizer)
                scaler.update()
            """,
            more=_MORE,
        ),
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                scaler.scale(nn.functional.cross_entropy(model(inputs), labels)).backward()
                scaler.step(optimizer)
                scaler.update()
            """,
            more=_MORE,
        ),
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
            limit = 1.0
            for inputs, labels in loader:
                optimizer.zero_grad()
                scaler.scale(nn.functional.cross_entropy(model(inputs), labels)).backward()
                if limit is not None:
                    scaler.unscale_(optimizer)
                    nn.utils.clip_grad_norm_(model.parameters(), limit)
                scaler.step(optimizer)
                scaler.update()
            """,
            more=_MORE,
        ),
        training(
            """
            for number, (inputs, labels) in enumerate(loader):
                scaler.scale(nn.functional.cross_entropy(model(inputs), labels) / 2).backward()
                if number % 2:
                    scaler.unscale_(optimizer)
                    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
                    scaler.step(optimizer)
                    scaler.update()
                    optimizer.zero_grad()
            """,
            more=_MORE,
        ),
        example(
            """
            def train(model, loader, optimizer, scaler, clip):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    scaler.scale(model(inputs, labels)).backward()
                    scaler.unscale_(optimizer)
                    clip(model)
                    scaler.step(optimizer)
                    scaler.update()
            """
        ),
    ),
    check=check,
    references=(
        "PyTorch notes, [automatic mixed precision](https://docs.pytorch.org/docs/stable/notes/amp_examples.html)",
    ),
)
