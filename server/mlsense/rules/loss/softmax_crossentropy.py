"""A loss that takes logits is given probabilities: a softmax of a softmax, a sigmoid of a sigmoid."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import losses
from mlsense.rules.finding import Severity
from mlsense.rules.reading import related, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Loss

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace

_PROBABILITIES = frozenset(("softmax", "sigmoid"))
_TAKES_LOGITS = frozenset(("cross_entropy", "binary_cross_entropy_with_logits"))


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_squashed_twice, Loss):
        place, found = losses.shown(trace, event)
        if found is None:
            continue
        pairs = related(trace, (event.call, "the loss is computed here"), losses.made_here(event))
        yield Draft(_message(trace, event, place != event.call), found, pairs, losses.without_last(trace, event))


def _squashed_twice(event: Loss) -> bool:
    operation = event.operation
    return event.kind in _TAKES_LOGITS and operation is not None and operation.name in _PROBABILITIES


def _message(trace: Trace, event: Loss, at_operation: bool) -> str:
    operation = event.operation
    name = operation.name if operation is not None else ""
    loss = losses.written(trace, event)
    place = losses.maker(event) or event.call
    there = f" {where(trace, event.call, place)}" if at_operation else ""
    if event.kind == "cross_entropy":
        floor = losses.lowest(operation)
        cost = f"the loss is flat where it should be steep, and {floor}" if floor else "its gradients are far too small"
        own = "a softmax"
    else:
        cost = "no row without the label gets below 0.69, and gradients are at most a quarter of what they should be"
        own = "the sigmoid"
    return (
        f"`{loss}`{there} applies {own} itself, and what it is given has been through `{name}` already: {cost}. "
        f"Hand it the numbers from before `{name}`; take `{name}` where you want to read probabilities."
    )


RULE = Rule(
    name="softmax-crossentropy",
    family="loss",
    severity=Severity.WARNING,
    summary="A loss that applies softmax or sigmoid itself is given what has been through one already.",
    finds="""
        A network whose last operation is softmax or sigmoid, in `forward`, in a `Sequential`, in an attribute or at the
        call, trained with `CrossEntropyLoss`, `F.cross_entropy` or `BCEWithLogitsLoss`.
        """,
    matters="""
        These losses take logits, numbers of any size. Of probabilities, which lie between 0 and 1, they make a
        distribution that is nearly even: the lowest cross-entropy is then 0.31 for 2 classes, 0.55 for 3, 0.74 for 4
        and 1.46 for 10, however good the network is, and the gradients shrink with it. Nothing crashes; the network
        learns slowly and looks worse than it is.
        """,
    silent="""
        `log_softmax` before cross-entropy, which changes nothing; a softmax that only predictions go through; networks
        that are not known.
        """,
    repair="""
        Takes the last operation away, or puts `nn.Identity()` in its place. It changes what the network returns: where
        probabilities are read from it, apply softmax there.
        """,
    bad=(
        example(
            """
            import torch
            import torch.nn.functional as F
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.hidden = nn.Linear(4, 16)
                    self.last = nn.Linear(16, 3)

                def forward(self, x):
                    x = F.relu(self.hidden(x))
                    return F.softmax(self.last(x), dim=1)  # <- softmax-crossentropy


            net, criterion = Net(), nn.CrossEntropyLoss()
            print(criterion(net(torch.randn(8, 4)), torch.randint(0, 3, (8,))).item())
            """
        ),
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(nn.Linear(4, 10), nn.Softmax(dim=1))  # <- softmax-crossentropy
            loss = nn.CrossEntropyLoss()(net(torch.randn(8, 4)), torch.randint(0, 10, (8,)))
            print(loss.item())
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Detector(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.score = nn.Linear(6, 1)
                    self.squash = nn.Sigmoid()  # <- softmax-crossentropy

                def forward(self, x):
                    return self.squash(self.score(x))


            detector = Detector()
            criterion = nn.BCEWithLogitsLoss()
            print(criterion(detector(torch.randn(5, 6)), torch.ones(5, 1)).item())
            """
        ),
        example(
            """
            import torch
            import torch.nn.functional as F
            from torch import nn


            def loss_of(net, x, y):
                probabilities = torch.softmax(net(x), dim=1)  # <- softmax-crossentropy
                return F.cross_entropy(probabilities, y)


            print(loss_of(nn.Linear(4, 3), torch.randn(8, 4), torch.randint(0, 3, (8,))).item())
            """
        ),
        example(
            """
            import torch
            from torch import nn

            net = nn.Linear(4, 3)
            x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
            print(nn.functional.cross_entropy(net(x).softmax(dim=-1), y).item())  # <- softmax-crossentropy
            """
        ),
    ),
    good=(
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 3))
            print(nn.CrossEntropyLoss()(net(torch.randn(8, 4)), torch.randint(0, 3, (8,))).item())
            """
        ),
        example(
            """
            import torch
            import torch.nn.functional as F
            from torch import nn

            net = nn.Linear(4, 3)
            x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
            logits = net(x)
            print(F.cross_entropy(logits, y).item())
            print(F.softmax(logits, dim=1).argmax(dim=1))
            """
        ),
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(nn.Linear(4, 3), nn.LogSoftmax(dim=1))
            print(nn.CrossEntropyLoss()(net(torch.randn(8, 4)), torch.randint(0, 3, (8,))).item())
            """
        ),
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())
            print(nn.BCELoss()(net(torch.randn(8, 4)), torch.ones(8, 1)).item())
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
                    return logits if self.training else F.softmax(logits, dim=1)


            net = Net()
            net.train()
            print(F.cross_entropy(net(torch.randn(8, 4)), torch.randint(0, 3, (8,))).item())
            """
        ),
        example(
            """
            import torch
            import torch.nn.functional as F
            from torch import nn


            class Attention(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.scores = nn.Linear(4, 1)
                    self.last = nn.Linear(4, 3)

                def forward(self, x):
                    weights = F.softmax(self.scores(x), dim=1)
                    return self.last((weights * x).sum(dim=1))


            print(F.cross_entropy(Attention()(torch.randn(8, 5, 4)), torch.randint(0, 3, (8,))).item())
            """
        ),
        example(
            """
            import torch
            import torch.nn.functional as F
            from torch import nn

            teacher, student = nn.Linear(4, 3), nn.Linear(4, 3)
            x = torch.randn(8, 4)
            soft = F.softmax(teacher(x), dim=1)
            print(F.cross_entropy(student(x), soft).item())
            """
        ),
    ),
    check=check,
    references=(
        "PyTorch, [CrossEntropyLoss](https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html)",
    ),
)
