"""A function that only evaluates puts the model into training mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import editing, loops
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.programs import DROPOUT, training
from mlsense.rules.reading import location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Backward, Forward, Mode, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    for mode in trace.of(Mode):
        path = mode.origin.path
        if mode.training is not True or not path or mode.conditional:
            continue
        # All that happens from the call that put it in the mode until its function ends.
        forwards = [event for event in _until_the_end(trace, mode) if isinstance(event, Forward)]
        applied = next((event for event in forwards if event.receiver == mode.receiver), None)
        if applied is None or applied.gradients or applied.training is not True or not applied.loops:
            continue
        used = applied.statement != applied.call
        again = applied.loops[-1].iterates == "range" or len(applied.loops) == len(mode.loops)
        if not used or again or (applied.known and not applied.minding) or _trains(trace, mode):
            continue
        found = location(trace, mode.call)
        if found is None:
            continue
        name = loops.receiver_text(trace, mode.call) or "model"
        yield Draft(
            f"`{name}.train()` puts the model into training mode, and all that follows here evaluates it without "
            f"gradients: dropout drops and batch norm uses the batch. Call `{name}.eval()`.",
            found,
            related(trace, (applied.call, "evaluated here")),
            _fix(trace, mode),
        )


def _until_the_end(trace: Trace, mode: Mode) -> Iterator[Mode | Forward | Backward | Step]:
    """What happens in the function after the mode was set, until another one is set."""
    begun = False
    depth = len(mode.origin.path)
    for event in trace.of(Mode, Forward, Backward, Step):
        if event is mode:
            begun = True
        elif begun and event.origin.path[:depth] == mode.origin.path:
            if isinstance(event, Mode) and event.receiver == mode.receiver:
                return
            yield event


def _trains(trace: Trace, mode: Mode) -> bool:
    depth = len(mode.origin.path)
    return any(event.origin.path[:depth] == mode.origin.path for event in trace.of(Backward, Step))


def _fix(trace: Trace, mode: Mode) -> Fix | None:
    text = editing.text_at(trace, mode.call)
    if text is None or not text.endswith((".train()", ".train(True)")):
        return None
    return Fix.of(
        "Call `eval()` instead", "safe", editing.replaced(trace, mode.call, text.rpartition(".train(")[0] + ".eval()")
    )


RULE = Rule(
    name="train-in-eval-fn",
    family="loop",
    severity=Severity.WARNING,
    summary="A function that only evaluates calls model.train(): dropout and batch norm work as in training.",
    finds="""
        `model.train()` in a function in which the model is then applied to batches under `no_grad()` only, and that
        computes no gradients and makes no step.
        """,
    matters="""
        Mostly copied from the training function. The scores it gives are those of a network with parts switched off,
        lower and different each time, and batch norm learns from the validation rows.
        """,
    silent="""
        Functions that train too; `train(False)`; a model applied several times to the same rows on purpose, as for
        uncertainty by dropout; outputs that nobody uses, as when batch norm is calibrated; models without such layers.
        """,
    repair="Writes `eval()` for `train()`. Safe: the function does nothing that needs training mode.",
    bad=(
        training(
            """
            def evaluate(net, batches):
                net.train()  # <- train-in-eval-fn
                right = 0
                with torch.no_grad():
                    for inputs, labels in batches:
                        right += (net(inputs).argmax(1) == labels).sum().item()
                return right


            print(evaluate(model, loader))
            """,
            model=DROPOUT,
        ),
        example(
            """
            import torch


            def validate(model, loader, criterion):
                model.train()  # <- train-in-eval-fn
                total = 0.0
                with torch.no_grad():
                    for inputs, labels in loader:
                        total += criterion(model(inputs), labels).item()
                return total / len(loader)
            """
        ),
        example(
            """
            import torch


            @torch.no_grad()
            def predict(model, loader):
                model.train(True)  # <- train-in-eval-fn
                found = []
                for inputs in loader:
                    found.append(model(inputs).argmax(dim=1))
                return torch.cat(found)
            """
        ),
        example(
            """
            import torch


            class Trainer:
                def __init__(self, model, valid_loader):
                    self.model, self.valid_loader = model, valid_loader

                def validate(self):
                    self.model.train()  # <- train-in-eval-fn
                    scores = []
                    with torch.inference_mode():
                        for batch in self.valid_loader:
                            scores.append(self.model(batch["x"]).mean().item())
                    return sum(scores) / len(scores)
            """
        ),
    ),
    good=(
        training(
            """
            def evaluate(net, batches):
                net.eval()
                right = 0
                with torch.no_grad():
                    for inputs, labels in batches:
                        right += (net(inputs).argmax(1) == labels).sum().item()
                net.train()
                return right


            print(evaluate(model, loader))
            """,
            model=DROPOUT,
        ),
        example(
            """
            import torch


            def spread(model, inputs, passes):
                model.train()
                found = []
                with torch.no_grad():
                    for _ in range(passes):
                        found.append(model(inputs))
                return torch.stack(found).std(0)
            """
        ),
        example(
            """
            import torch


            def calibrate(model, loader):
                model.train()
                with torch.no_grad():
                    for inputs, _ in loader:
                        model(inputs)
            """
        ),
        example(
            """
            def train(model, loader, criterion, optimizer):
                model.train()
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    criterion(model(inputs), labels).backward()
                    optimizer.step()
            """
        ),
        example(
            """
            import torch


            def validate(model, loader):
                model.train(False)
                with torch.no_grad():
                    for inputs in loader:
                        print(model(inputs).mean())
            """
        ),
        training(
            """
            def evaluate(net, batches):
                net.train()
                with torch.no_grad():
                    for inputs, labels in batches:
                        print((net(inputs).argmax(1) == labels).sum().item())


            evaluate(model, loader)
            """
        ),
    ),
    check=check,
)
