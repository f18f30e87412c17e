"""A loop puts the model into evaluation mode and trains it again in the next pass without going back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import editing, loops
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.programs import DROPOUT, VALIDATION, training
from mlsense.rules.reading import location, place_in, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Backward, Forward, Mode, Step

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    for mode in trace.of(Mode):
        if mode.training is not False or not mode.loops:
            continue
        loop, trained = _trains_again(trace, mode)
        if loop is None or trained is None or not _matters(trace, mode, loop) or _is_first(trace, mode, loop):
            continue
        found = location(trace, mode.call)
        if found is None:
            continue
        name = loops.receiver_text(trace, mode.call)
        layers = " and ".join(f"`{layer}`" for layer in trained.minding) or "dropout and batch norm"
        yield Draft(
            f"Nothing in `{loop.text}` calls `{name or 'model'}.train()` again: from its second pass on the model "
            f"trains in evaluation mode, and without what {layers} should do. Call it at the beginning of each pass.",
            found,
            related(trace, (loop.header, "trained and evaluated in this loop"), (trained.call, "trained here")),
            _fix(trace, mode, loop, name),
        )


def _trains_again(trace: Trace, mode: Mode) -> tuple[Loop | None, Forward | None]:
    """The innermost loop around the change that trains the module too, and where it is applied for that."""
    gradients = trace.of(Backward)
    for loop in reversed(mode.loops):
        # Gradients alone, such as those of inputs, teach it nothing.
        if not any(loops.within(step, loop) for step in trace.of(Step)):
            continue
        for forward in trace.of(Forward):
            if forward.receiver != mode.receiver or not forward.gradients or not loops.within(forward, loop):
                continue
            if any(loops.together(forward, event) for event in gradients) and not loops.made_in(mode.receiver, loop):
                return (loop, forward) if loop.length not in (0, 1) else (None, None)
    return None, None


def _matters(trace: Trace, mode: Mode, loop: Loop) -> bool:
    """Whether nothing puts it back, and the mode changes what the module does, as far as is known.

    Of a module from outside only what the program says: it was put into training mode before.
    """
    modes = [event for event in trace.of(Mode) if event.receiver == mode.receiver]
    if any(event.training is not False and loops.within(event, loop) for event in modes):
        return False
    if loops.handed_over(trace, mode.receiver, loop):
        return False
    return _certainly_minds(trace, mode) or (
        not _is_known(trace, mode) and any(event.training and not loops.within(event, loop) for event in modes)
    )


def _is_first(trace: Trace, mode: Mode, loop: Loop) -> bool:
    """Whether all it does in the loop comes behind the change and is training: then it is meant so from the start.

    Bodies that stay frozen are trained like that.
    """
    behind = False
    gradients = trace.of(Backward)
    for event in trace.of(Mode, Forward):
        if event is mode:
            behind = True
        elif isinstance(event, Forward) and event.receiver == mode.receiver and loops.within(event, loop):
            trains = event.gradients and any(loops.together(event, each) for each in gradients)
            if not behind or not trains:
                return False
    return behind


def _certainly_minds(trace: Trace, mode: Mode) -> bool:
    return any(event.minding for event in trace.of(Forward) if event.receiver == mode.receiver)


def _is_known(trace: Trace, mode: Mode) -> bool:
    return any(event.known for event in trace.of(Forward) if event.receiver == mode.receiver)


def _fix(trace: Trace, mode: Mode, loop: Loop, name: str | None) -> Fix | None:
    node = loops.statement_of(trace, loop)
    if node is None or name is None or mode.origin.path != loop.origin.path or node.body[0].lineno == node.lineno:
        return None
    return Fix.of(
        f"Insert `{name}.train()` at the beginning of the loop",
        "safe",
        editing.inserted_before(trace, place_in(loop.header, node.body[0]), [f"{name}.train()"]),
    )


RULE = Rule(
    name="train-mode-not-restored",
    family="loop",
    severity=Severity.WARNING,
    summary="The model is put into evaluation mode in the epoch loop and never back: it trains on with dropout off.",
    finds="""
        `model.eval()` in a loop that also trains the model, where `model.train()` stands before the loop or nowhere.
        The parts may stand in different functions.
        """,
    matters="""
        `eval()` lasts until `train()` is called. After the first validation, dropout does nothing and batch norm uses
        its averages instead of the batch: the model overfits, or its averages no longer follow the data.
        """,
    silent="""
        `train()` anywhere in the loop, in a function it calls too; models without layers that mind the mode; models
        made anew in each pass; parts of a model that are kept in evaluation mode, models that are put into it before
        all they do in the loop; code that is not followed and gets the model.
        """,
    repair="Puts `model.train()` at the beginning of the loop's body. Safe: training begins in training mode.",
    bad=(
        training(
            """
            model.train()
            for epoch in range(3):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                model.eval()  # <- train-mode-not-restored
                with torch.no_grad():
                    for inputs, labels in valid_loader:
                        print(epoch, nn.functional.cross_entropy(model(inputs), labels).item())
            """,
            model=DROPOUT,
            more=VALIDATION,
        ),
        training(
            """
            def validate(net):
                net.eval()  # <- train-mode-not-restored
                with torch.no_grad():
                    return sum((net(x).argmax(1) == y).sum().item() for x, y in valid_loader)


            for epoch in range(3):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                print(validate(model))
            """,
            model="nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.Linear(8, 2))",
            more=VALIDATION,
        ),
        example(
            """
            import torch


            def fit(model, train_loader, valid_loader, loss_fn, optimizer, epochs):
                model.train()
                for epoch in range(epochs):
                    for x, y in train_loader:
                        optimizer.zero_grad()
                        loss = loss_fn(model(x), y)
                        loss.backward()
                        optimizer.step()
                    model.eval()  # <- train-mode-not-restored
                    total = 0.0
                    with torch.no_grad():
                        for x, y in valid_loader:
                            total += loss_fn(model(x), y).item()
                    print(epoch, total)
            """
        ),
        training(
            """
            class Trainer:
                def __init__(self, model):
                    self.model = model
                    self.model.train()

                def run(self):
                    for epoch in range(2):
                        for inputs, labels in loader:
                            optimizer.zero_grad()
                            nn.functional.cross_entropy(self.model(inputs), labels).backward()
                            optimizer.step()
                        self.model.eval()  # <- train-mode-not-restored
                        with torch.no_grad():
                            print(self.model(data.tensors[0]).argmax(1))


            Trainer(model).run()
            """,
            model=DROPOUT,
        ),
    ),
    good=(
        training(
            """
            # Trained with dropout off on purpose, from the first pass on.
            for epoch in range(2):
                model.eval()
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
            """,
            model=DROPOUT,
        ),
        training(
            """
            def disturbed(inputs, labels):
                model.eval()
                inputs = inputs.clone().requires_grad_(True)
                nn.functional.cross_entropy(model(inputs), labels).backward()
                return inputs + 0.1 * inputs.grad.sign()


            right = 0
            for inputs, labels in loader:
                others = disturbed(inputs, labels)
                with torch.no_grad():
                    right += (model(others).argmax(1) == labels).sum().item()
            """,
            model=DROPOUT,
        ),
        training(
            """
            for epoch in range(2):
                model.train()
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                model.eval()
                with torch.no_grad():
                    print(model(data.tensors[0]).argmax(1))
            """,
            model=DROPOUT,
        ),
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                model.eval()
                with torch.no_grad():
                    print(model(data.tensors[0]).argmax(1))
                model.train()
            """,
            model=DROPOUT,
        ),
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                model.eval()
                with torch.no_grad():
                    print(model(data.tensors[0]).argmax(1))
            """
        ),
        training(
            """
            def train_one_epoch(net):
                net.train()
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(net(inputs), labels).backward()
                    optimizer.step()


            for epoch in range(2):
                train_one_epoch(model)
                model.eval()
                with torch.no_grad():
                    print(model(data.tensors[0]).argmax(1))
            """,
            model=DROPOUT,
        ),
        training(
            """
            for epoch in range(2):
                for phase in ["train", "valid"]:
                    model.train(phase == "train")
                    for inputs, labels in loader:
                        optimizer.zero_grad()
                        with torch.set_grad_enabled(phase == "train"):
                            loss = nn.functional.cross_entropy(model(inputs), labels)
                            if phase == "train":
                                loss.backward()
                                optimizer.step()
            """,
            model=DROPOUT,
        ),
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
            model.eval()
            with torch.no_grad():
                for inputs, labels in loader:
                    print(model(inputs).argmax(1))
            """,
            model=DROPOUT,
        ),
        example(
            """
            import torch
            from torch import nn

            scores = []
            for size in (4, 8):
                model = nn.Sequential(nn.Linear(4, size), nn.Dropout(0.1), nn.Linear(size, 1))
                optimizer = torch.optim.Adam(model.parameters())
                for inputs in torch.randn(3, 8, 4):
                    optimizer.zero_grad()
                    model(inputs).square().mean().backward()
                    optimizer.step()
                model.eval()
                with torch.no_grad():
                    scores.append(model(torch.randn(8, 4)).mean().item())
            """
        ),
    ),
    check=check,
    references=("PyTorch, [Module.eval](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html)",),
)
