"""Negative log-likelihood of numbers that are no logarithms of probabilities."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing, losses
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at, place_in, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Loss

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace

_BOUNDED = frozenset(("softmax", "sigmoid"))


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_without_logarithm, Loss):
        found = location(trace, event.call)
        operation = event.operation
        if found is None or operation is None:
            continue
        name = losses.written(trace, event)
        if operation.name in _BOUNDED:
            cost = "it adds up minus the probabilities, between -1 and 0, and not their logarithms"
            advice = f"Take `log_{operation.name}`." if operation.name == "softmax" else "Take `log_softmax`."
        else:
            cost = "it adds up minus the outputs themselves, which fall without end while nothing is learned"
            advice = "Take `CrossEntropyLoss`, which applies `log_softmax` itself."
        yield Draft(
            f"`{name}` takes logarithms of probabilities, and the last thing done to these numbers was "
            f"`{operation.name}`: {cost}. {advice}",
            found,
            related(trace, (losses.maker(event), "the last operation"), losses.made_here(event)),
            _fix(trace, event),
        )


def _without_logarithm(event: Loss) -> bool:
    operation = event.operation
    wrong = losses.RAW | losses.UNBOUNDED | _BOUNDED
    return event.kind == "nll_loss" and operation is not None and operation.name in wrong


def _fix(trace: Trace, event: Loss) -> Fix | None:
    operation = event.operation
    if operation is None:
        return None
    if operation.name in losses.RAW:
        name = "CrossEntropyLoss" if event.made is not None else "cross_entropy"
        edits = losses.exchanged_class(trace, event, name)
        return Fix(f"Use `{name}`", "safe", edits) if edits else None
    place = losses.maker(event)
    node = node_at(trace, place) if place is not None else None
    if operation.name != "softmax" or place is None or not isinstance(node, ast.Call):
        return None
    names = {"softmax": "log_softmax", "Softmax": "LogSoftmax"}
    if not isinstance(node.func, ast.Attribute) or node.func.attr not in names:
        return None
    owner = editing.text_at(trace, place_in(place, node.func.value))
    logarithm = names[node.func.attr]
    edit = editing.replaced(trace, place_in(place, node.func), f"{owner}.{logarithm}")
    # What reads probabilities out of the same network gets their logarithms then.
    return Fix.of(f"Use `{logarithm}`", "unsafe", edit)


RULE = Rule(
    name="nll-without-logsoftmax",
    family="loss",
    severity=Severity.WARNING,
    summary="NLLLoss is computed of numbers that are no logarithms of probabilities.",
    finds="""
        `NLLLoss` or `F.nll_loss` of the output of a network that ends with a linear layer, another activation, or with
        softmax in the place of log-softmax.
        """,
    matters="""
        `NLLLoss` does no more than pick the number of the right class and turn its sign. Of logits the loss falls below
        zero without end; of probabilities it stays between -1 and 0, with gradients that vanish for the rows that are
        most wrong. Nothing crashes.
        """,
    silent="""
        `log_softmax`, `logsigmoid`, a logarithm taken at the call; networks that are not known.
        """,
    repair="""
        After a linear layer: `CrossEntropyLoss` with the same arguments, which is `NLLLoss` of `log_softmax`. After
        softmax: `log_softmax`, which changes what the network returns.
        """,
    bad=(
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
            criterion = nn.NLLLoss()
            print(criterion(net(torch.randn(8, 4)), torch.randint(0, 3, (8,))).item())  # <- nll-without-logsoftmax
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
                    self.last = nn.Linear(4, 3)

                def forward(self, x):
                    return F.softmax(self.last(x), dim=1)


            x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
            print(F.nll_loss(Net()(x), y).item())  # <- nll-without-logsoftmax
            """
        ),
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(nn.Linear(4, 3), nn.Softmax(dim=1))
            loss = nn.NLLLoss()(net(torch.randn(8, 4)), torch.randint(0, 3, (8,)))  # <- nll-without-logsoftmax
            print(loss.item())
            """
        ),
        example(
            """
            import torch
            import torch.nn.functional as F
            from torch import nn


            class Convolutional(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.convolution = nn.Conv2d(1, 4, 3)
                    self.last = nn.Linear(4 * 6 * 6, 10)

                def forward(self, x):
                    x = F.relu(self.convolution(x))
                    return self.last(x.flatten(1))


            net = Convolutional()
            x, y = torch.randn(2, 1, 8, 8), torch.tensor([1, 2])
            print(F.nll_loss(net(x), y, reduction="sum").item())  # <- nll-without-logsoftmax
            """
        ),
    ),
    good=(
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(nn.Linear(4, 3), nn.LogSoftmax(dim=1))
            print(nn.NLLLoss()(net(torch.randn(8, 4)), torch.randint(0, 3, (8,))).item())
            """
        ),
        example(
            """
            import torch
            import torch.nn.functional as F
            from torch import nn

            net = nn.Linear(4, 3)
            x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
            print(F.nll_loss(F.log_softmax(net(x), dim=1), y).item())
            """
        ),
        example(
            """
            import torch
            import torch.nn.functional as F
            from torch import nn

            net = nn.Linear(4, 3)
            x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
            print(F.nll_loss(torch.log(F.softmax(net(x), dim=1)), y).item())
            """
        ),
        example(
            """
            import torch
            from torch import nn

            net = nn.Linear(4, 3)
            print(nn.CrossEntropyLoss()(net(torch.randn(8, 4)), torch.randint(0, 3, (8,))).item())
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
                    self.last = nn.Linear(4, 3)

                def forward(self, x):
                    logits = self.last(x)
                    return logits - logits.logsumexp(dim=1, keepdim=True)


            x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
            print(F.nll_loss(Net()(x), y).item())
            """
        ),
        example(
            """
            import torch
            import torch.nn.functional as F
            from torch import nn

            net = nn.AdaptiveLogSoftmaxWithLoss(8, 10, cutoffs=[4])
            x, y = torch.randn(8, 8), torch.randint(0, 10, (8,))
            print(F.nll_loss(net.log_prob(x), y).item())
            """
        ),
    ),
    check=check,
    references=("PyTorch, [NLLLoss](https://docs.pytorch.org/docs/stable/generated/torch.nn.NLLLoss.html)",),
)
