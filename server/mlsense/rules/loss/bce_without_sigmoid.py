"""Binary cross-entropy of numbers that are no probabilities."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import losses
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Loss

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace

_LOGITS = {True: "BCEWithLogitsLoss", False: "binary_cross_entropy_with_logits"}


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_of_logits, Loss):
        found = location(trace, event.call)
        operation = event.operation
        if found is None or operation is None:
            continue
        name = losses.written(trace, event)
        instead = _LOGITS[event.made is not None]
        layer = "a linear layer" if operation.name == "linear" else f"`{operation.name}`"
        edits = losses.exchanged_class(trace, event, instead) if operation.name in losses.RAW else ()
        yield Draft(
            f"`{name}` takes probabilities, and the last thing done to these numbers was {layer}, which gives any: the "
            f"first below 0 or above 1 raises RuntimeError. `{instead}` takes them as they are.",
            found,
            related(trace, (losses.maker(event), "the last operation"), losses.made_here(event)),
            Fix(f"Use `{instead}`", "safe", edits) if edits else None,
        )


def _of_logits(event: Loss) -> bool:
    operation = event.operation
    return (
        event.kind == "binary_cross_entropy"
        and operation is not None
        and operation.name in losses.RAW | losses.UNBOUNDED
    )


RULE = Rule(
    name="bce-without-sigmoid",
    family="loss",
    severity=Severity.ERROR,
    summary="Binary cross-entropy is computed of numbers that have not been through a sigmoid.",
    finds="""
        `BCELoss` or `F.binary_cross_entropy` of the output of a network that ends with a linear layer, a convolution or
        an activation such as ReLU or tanh.
        """,
    matters="""
        The loss takes the logarithm of what it is given. PyTorch checks on the CPU and raises "all elements of input
        should be between 0 and 1"; on a GPU the assertion kills the process, and every later call fails with it.
        """,
    silent="""
        A sigmoid or softmax anywhere behind the last layer, also at the call; clamped numbers; networks that are not
        known.
        """,
    repair="""
        Writes `BCEWithLogitsLoss`, which applies the sigmoid itself and is more exact than the two apart. Where
        predictions are cut at 0.5, cut them at 0 from then on, or apply `torch.sigmoid` first.
        """,
    bad=(
        example(
            """
            import torch
            from torch import nn

            torch.manual_seed(0)
            net = nn.Sequential(nn.Linear(10, 16), nn.ReLU(), nn.Linear(16, 1))
            criterion = nn.BCELoss()
            print(criterion(net(torch.randn(32, 10)), torch.ones(32, 1)).item())  # <- bce-without-sigmoid
            """
        ),
        example(
            """
            import torch
            import torch.nn.functional as F
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.hidden = nn.Linear(6, 12)
                    self.last = nn.Linear(12, 1)

                def forward(self, x):
                    return self.last(torch.tanh(self.hidden(x))).squeeze(1)


            torch.manual_seed(0)
            net = Net()
            print(F.binary_cross_entropy(net(torch.randn(32, 6)), torch.ones(32)).item())  # <- bce-without-sigmoid
            """
        ),
        example(
            """
            import torch
            from torch import nn


            def epoch(net, batches, criterion, optimizer):
                for x, y in batches:
                    optimizer.zero_grad()
                    loss = criterion(net(x), y)  # <- bce-without-sigmoid
                    loss.backward()
                    optimizer.step()


            torch.manual_seed(0)
            net = nn.Linear(3, 1)
            batches = [(torch.randn(16, 3), torch.ones(16, 1)) for _ in range(4)]
            epoch(net, batches, nn.BCELoss(), torch.optim.SGD(net.parameters(), lr=0.1))
            """
        ),
        example(
            """
            import torch
            from torch import nn

            torch.manual_seed(0)
            net = nn.Sequential(nn.Linear(8, 4), nn.Tanh())
            loss = nn.BCELoss()(net(torch.randn(20, 8)), torch.zeros(20, 4))  # <- bce-without-sigmoid
            print(loss)
            """
        ),
    ),
    good=(
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(nn.Linear(10, 1), nn.Sigmoid())
            print(nn.BCELoss()(net(torch.randn(8, 10)), torch.ones(8, 1)).item())
            """
        ),
        example(
            """
            import torch
            from torch import nn

            net = nn.Linear(10, 1)
            print(nn.BCEWithLogitsLoss()(net(torch.randn(8, 10)), torch.ones(8, 1)).item())
            """
        ),
        example(
            """
            import torch
            from torch import nn

            net, criterion = nn.Linear(10, 1), nn.BCELoss()
            print(criterion(torch.sigmoid(net(torch.randn(8, 10))), torch.ones(8, 1)).item())
            """
        ),
        example(
            """
            import torch
            import torch.nn.functional as F
            from torch import nn

            net = nn.Linear(10, 2)
            chances = F.softmax(net(torch.randn(8, 10)), dim=1)[:, 1]
            print(F.binary_cross_entropy(chances, torch.ones(8)).item())
            """
        ),
        example(
            """
            import torch
            import torch.nn.functional as F
            from torch import nn

            net = nn.Linear(10, 1)
            print(F.binary_cross_entropy(net(torch.randn(8, 10)).clamp(0, 1), torch.ones(8, 1)).item())
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.body = nn.Linear(4, 1)

                def forward(self, x):
                    return 1 / (1 + torch.exp(-self.body(x)))


            print(nn.BCELoss()(Net()(torch.randn(8, 4)), torch.ones(8, 1)).item())
            """
        ),
    ),
    check=check,
    raises=("RuntimeError",),
    references=(
        "PyTorch, [BCEWithLogitsLoss](https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html)",
    ),
)
