"""Gradients are cleared once per epoch while the optimiser steps for every batch: steps add up what came before."""

from __future__ import annotations

import ast
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
    from mlsense.semantics.values import Value


def check(trace: Trace) -> Iterator[Draft]:
    steps = loops.optimizer_steps(trace)
    by_receiver: dict[Value, list[Step]] = {}
    for each in steps:
        by_receiver.setdefault(each.receiver, []).append(each)
    alone = len(by_receiver) == 1
    for zero in trace.of(ZeroGrad):
        # A model's gradients are those of its optimiser where there is but one.
        any_one = alone and not zero.symbol.startswith("torch.optim.")
        for step in steps if any_one else by_receiver.get(zero.receiver, ()):
            loop = _loop_between(zero, step)
            if loop is None or step.conditional or not _adds_up(trace, step, loop):
                continue
            found = location(trace, zero.call)
            if found is None:
                continue
            times = loops.times(zero)
            yield Draft(
                f"`{zero.text}` runs {times}, outside `{loop.text}` "
                f"{where(trace, loop.header, zero.call)}, while `{step.text}` runs for every batch: each step "
                f"uses the gradients of all batches before it as well. Move it into that loop, before `backward()`.",
                found,
                related(
                    trace,
                    (loop.header, "the loop over the batches"),
                    (step.call, "every step adds the gradients of the batches before"),
                ),
                loops.to_the_beginning(trace, loop, zero, "Move `zero_grad()` into the batch loop"),
            )
            break


def _loop_between(zero: ZeroGrad, step: Step) -> Loop | None:
    """The loop that the step is in and the clearing is beside."""
    depth = len(zero.loops)
    if len(step.loops) <= depth or loops.ids(step.loops[:depth]) != loops.ids(zero.loops):
        return None
    loop = step.loops[-1]
    return loop if loop.kind == "for" and loop.length != 1 else None


def _adds_up(trace: Trace, step: Step, loop: Loop) -> bool:
    """Whether gradients are computed and used in each pass of the loop and nothing in it clears them."""
    if any(loops.within(event, loop) for event in trace.of(ZeroGrad)):
        return False
    if not any(loops.ids(event.loops) == loops.ids(step.loops) for event in trace.of(Backward)):
        return False
    return not _clears_by_hand(trace, loop)


def _clears_by_hand(trace: Trace, loop: Loop) -> bool:
    """`parameter.grad = None` or `.grad.zero_()` somewhere in the loop."""
    tree = trace.node(loop.body)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.Attribute) and node.attr == "grad" and _in_body(loop, node):
            return True
    return False


def _in_body(loop: Loop, node: ast.expr) -> bool:
    return loop.body.line <= node.lineno <= loop.body.end_line


RULE = Rule(
    name="zero-grad-outside-batch-loop",
    family="indent",
    severity=Severity.WARNING,
    summary="optimizer.zero_grad() is one indent too far left: every step adds the gradients of all batches before it.",
    finds="""
        `zero_grad()` beside the loop over the batches, where that loop calls `backward()` and `step()` for each batch
        and nothing in it clears the gradients.
        """,
    matters="""
        `backward()` adds to the gradients that are there. Without clearing them, the hundredth step of an epoch follows
        the sum of a hundred batches: the steps grow, the loss jumps or becomes NaN, and a smaller learning rate only
        hides it.
        """,
    silent="""
        A `zero_grad()` anywhere in the loop, before or after the step; gradients cleared by hand (`p.grad = None`); a
        step under an `if` (gradients are added up on purpose); a loop of one pass; several optimisers of which one is
        not known.
        """,
    repair="""
        Moves `zero_grad()` to the first line of the loop's body. Safe: every batch then begins with clear gradients,
        and so does the first as before.
        """,
    bad=(
        example(
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 2)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            batches = [(torch.randn(8, 4), torch.randint(0, 2, (8,))) for _ in range(30)]
            for epoch in range(2):
                optimizer.zero_grad()  # <- zero-grad-outside-batch-loop
                for inputs, labels in batches:
                    loss = nn.functional.cross_entropy(model(inputs), labels)
                    loss.backward()
                    optimizer.step()
            """
        ),
        example(
            """
            import torch
            from torch import nn


            def train(model, loader, optimizer):
                optimizer.zero_grad()  # <- zero-grad-outside-batch-loop
                for inputs, targets in loader:
                    nn.functional.mse_loss(model(inputs), targets).backward()
                    optimizer.step()


            model = nn.Linear(4, 1)
            batches = [(torch.randn(8, 4), torch.randn(8, 1)) for _ in range(4)]
            train(model, batches, torch.optim.Adam(model.parameters()))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Trainer:
                def __init__(self, model):
                    self.model = model
                    self.optimizer = torch.optim.SGD(model.parameters(), lr=0.01)

                def run(self, loader):
                    for epoch in range(3):
                        self.model.zero_grad()  # <- zero-grad-outside-batch-loop
                        for inputs, targets in loader:
                            loss = nn.functional.mse_loss(self.model(inputs), targets)
                            loss.backward()
                            self.optimizer.step()


            data = torch.utils.data.TensorDataset(torch.randn(32, 4), torch.randn(32, 1))
            Trainer(nn.Linear(4, 1)).run(torch.utils.data.DataLoader(data, batch_size=8))
            """
        ),
        example(
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 2)
            optimizer = torch.optim.AdamW(model.parameters())
            data = torch.utils.data.TensorDataset(torch.randn(32, 4), torch.randint(0, 2, (32,)))
            loader = torch.utils.data.DataLoader(data, batch_size=8)
            optimizer.zero_grad()  # <- zero-grad-outside-batch-loop
            for epoch in range(2):
                for inputs, labels in loader:
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
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
            batches = [(torch.randn(8, 4), torch.randint(0, 2, (8,))) for _ in range(4)]
            for epoch in range(2):
                for inputs, labels in batches:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
            """
        ),
        example(
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 2)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            optimizer.zero_grad()
            for inputs, labels in [(torch.randn(8, 4), torch.randint(0, 2, (8,))) for _ in range(4)]:
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
                optimizer.zero_grad()
            """
        ),
        example(
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 2)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            batches = [(torch.randn(8, 4), torch.randint(0, 2, (8,))) for _ in range(4)]
            optimizer.zero_grad()
            for number, (inputs, labels) in enumerate(batches):
                nn.functional.cross_entropy(model(inputs), labels).backward()
                if number % 2 == 1:
                    optimizer.step()
                    optimizer.zero_grad()
            """
        ),
        example(
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 2)
            optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
            optimizer.zero_grad()
            for inputs, labels in [(torch.randn(8, 4), torch.randint(0, 2, (8,))) for _ in range(4)]:
                for parameter in model.parameters():
                    parameter.grad = None
                nn.functional.cross_entropy(model(inputs), labels).backward()
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
            for epoch in range(2):
                optimizer.zero_grad()
                for inputs, labels in batches:
                    (nn.functional.cross_entropy(model(inputs), labels) / len(batches)).backward()
                optimizer.step()
            """
        ),
        example(
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 1)
            optimizer = torch.optim.LBFGS(model.parameters())
            inputs, targets = torch.randn(16, 4), torch.randn(16, 1)


            def closure():
                optimizer.zero_grad()
                loss = nn.functional.mse_loss(model(inputs), targets)
                loss.backward()
                return loss


            for _ in range(3):
                optimizer.step(closure)
            """
        ),
    ),
    check=check,
    references=(
        "PyTorch recipe, [zeroing out "
        "gradients](https://docs.pytorch.org/tutorials/recipes/recipes/zeroing_out_gradients.html)",
    ),
)
