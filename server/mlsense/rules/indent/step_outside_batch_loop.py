"""The optimiser steps once per epoch: its step stands beside the batch loop instead of inside it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import loops
from mlsense.rules.finding import Severity
from mlsense.rules.reading import location, related, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Backward, Step, ZeroGrad

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    for step in loops.optimizer_steps(trace):
        for loop, backward in loops.batch_loop(trace, step):
            if not _belongs_inside(trace, step, loop):
                continue
            found = location(trace, step.call)
            if found is None:
                continue
            times = loops.times(step)
            batches = f"{loop.length:,} batches" if loop.length else "every batch"
            yield Draft(
                f"`{step.text}` runs {times}, after `{loop.text}` {where(trace, loop.header, step.call)}, "
                f"while gradients are computed for {batches} and cleared before the next: only the last batch trains "
                f"the model. Indent it into that loop.",
                found,
                related(
                    trace,
                    (loop.header, "the loop over the batches"),
                    (backward.call, "gradients are computed here"),
                ),
                # A step through a gradient scaler wants the scaler's update beside it.
                loops.after_backward(trace, loop, step, backward, "Move `step()` into the batch loop")
                if step.text.endswith(".step()")
                else None,
            )


def _belongs_inside(trace: Trace, step: Step, loop: Loop) -> bool:
    """Whether gradients are cleared in every pass, so that waiting for the loop's end loses all but the last.

    Cleared outside as well, or not at all, the gradients of all batches add up: that may be meant.
    """
    known = loops.happened(trace)
    if any(event.receiver == step.receiver for event in known.inside(Step, loop)):
        return False
    if known.beside(Backward, step):
        # Gradients of its own stand beside the step; those in the loop are for something else.
        return False
    clears = [event for event in known.inside(ZeroGrad, loop) if not event.conditional]
    own = [event for event in clears if event.receiver == step.receiver]
    if own or not clears:
        return bool(own)
    others = {event.receiver for event in trace.of(Step) if event.receiver != step.receiver}
    # `model.zero_grad()` clears what every optimiser of the model steps on.
    return not any(event.receiver in others for event in clears)


RULE = Rule(
    name="step-outside-batch-loop",
    family="indent",
    severity=Severity.WARNING,
    summary="optimizer.step() is one indent too far left: only the last batch of an epoch trains the model.",
    finds="""
        An optimiser's `step()` that stands after the loop over the batches, where that loop clears the gradients and
        computes them anew for each batch. The two may stand in different functions.
        """,
    matters="""
        Gradients live until they are cleared. With `zero_grad()` and `backward()` in the loop and `step()` behind it,
        the gradients of every batch but the last are thrown away: an epoch of 469 batches makes one step instead of
        469. The loss goes down slowly, and nothing says why.
        """,
    silent="""
        Gradients that add up on purpose: cleared once before the loop or after the step, or a step under an `if`;
        schedulers, which step once per epoch; several optimisers, each with its own steps; `LBFGS`; loops whose
        optimiser is not known to be one.
        """,
    repair="""
        Moves `step()` into the loop, behind `backward()` and what clips its gradients. Safe: the gradients it uses are
        those of the same batch. Not offered where the step is under a condition, or goes through a gradient scaler.
        """,
    bad=(
        example(
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 2)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            loss_fn = nn.CrossEntropyLoss()
            data = torch.utils.data.TensorDataset(torch.randn(32, 4), torch.randint(0, 2, (32,)))
            loader = torch.utils.data.DataLoader(data, batch_size=8, shuffle=True)
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    loss = loss_fn(model(inputs), labels)
                    loss.backward()
                optimizer.step()  # <- step-outside-batch-loop
            """
        ),
        example(
            """
            import torch
            from torch import nn


            def train(model, loader, optimizer, loss_fn):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    loss_fn(model(inputs), labels).backward()
                optimizer.step()  # <- step-outside-batch-loop


            model = nn.Linear(4, 2)
            batches = [(torch.randn(8, 4), torch.randint(0, 2, (8,))) for _ in range(4)]
            train(model, batches, torch.optim.Adam(model.parameters()), nn.CrossEntropyLoss())
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Trainer:
                def __init__(self):
                    self.model = nn.Linear(4, 1)
                    self.optimizer = torch.optim.AdamW(self.model.parameters())

                def gradients(self, inputs, targets):
                    self.optimizer.zero_grad()
                    loss = nn.functional.mse_loss(self.model(inputs), targets)
                    loss.backward()
                    return loss.item()

                def fit(self, batches):
                    for epoch in range(2):
                        for inputs, targets in batches:
                            self.gradients(inputs, targets)
                        self.optimizer.step()  # <- step-outside-batch-loop


            Trainer().fit([(torch.randn(8, 4), torch.randn(8, 1)) for _ in range(40)])
            """
        ),
        example(
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 2)
            opt = torch.optim.RMSprop(model.parameters())
            loader = torch.utils.data.DataLoader([(torch.randn(4), 1), (torch.randn(4), 0)] * 8, 4, shuffle=True)
            for epoch in range(2):
                total = 0.0
                for i, (inputs, labels) in enumerate(loader):
                    model.zero_grad()
                    loss = nn.functional.cross_entropy(model(inputs), labels)
                    loss.backward()
                    total += loss.item()

                # one step for all
                opt.step()  # <- step-outside-batch-loop
                print(epoch, total)
            """
        ),
    ),
    good=(
        example(
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 2)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            scheduler = torch.optim.lr_scheduler.StepLR(optimizer, 1)
            batches = [(torch.randn(8, 4), torch.randint(0, 2, (8,))) for _ in range(4)]
            for epoch in range(2):
                for inputs, labels in batches:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                scheduler.step()
            """
        ),
        example(
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 2)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            batches = [(torch.randn(8, 4), torch.randint(0, 2, (8,))) for _ in range(4)]
            for epoch in range(2):
                optimizer.zero_grad()
                for inputs, labels in batches:
                    loss = nn.functional.cross_entropy(model(inputs), labels) / len(batches)
                    loss.backward()
                optimizer.step()
            """
        ),
        example(
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 2)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            batches = [(torch.randn(8, 4), torch.randint(0, 2, (8,))) for _ in range(4)]
            for step, (inputs, labels) in enumerate(batches):
                nn.functional.cross_entropy(model(inputs), labels).backward()
                if (step + 1) % 2 == 0:
                    optimizer.step()
                    optimizer.zero_grad()
            """
        ),
        example(
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 1)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            inputs, targets = torch.randn(16, 4), torch.randn(16, 1)
            for epoch in range(3):
                optimizer.zero_grad()
                loss = nn.functional.mse_loss(model(inputs), targets)
                loss.backward()
                optimizer.step()
                for name, parameter in model.named_parameters():
                    print(name, parameter.grad.norm().item())
            """
        ),
        example(
            """
            import torch
            from torch import nn

            first, second = nn.Linear(4, 4), nn.Linear(4, 1)
            opt_first = torch.optim.Adam(first.parameters())
            opt_second = torch.optim.Adam(second.parameters())
            for inputs in torch.randn(4, 8, 4):
                for _ in range(2):
                    opt_second.zero_grad()
                    second(first(inputs).detach()).mean().backward()
                    opt_second.step()
                opt_first.zero_grad()
                second(first(inputs)).mean().backward()
                opt_first.step()
            """
        ),
        example(
            """
            class Walker:
                def __init__(self):
                    self.position = 0

                def step(self):
                    self.position += 1


            walker = Walker()
            for day in range(2):
                for hour in range(3):
                    print(day, hour)
                walker.step()
            print(walker.position)
            """
        ),
    ),
    check=check,
    references=(
        "PyTorch tutorial, [optimising model "
        "parameters](https://docs.pytorch.org/tutorials/beginner/basics/optimization_tutorial.html)",
    ),
)
