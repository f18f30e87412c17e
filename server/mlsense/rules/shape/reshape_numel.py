"""A tensor is brought into a shape that its numbers do not fill."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import sizes
from mlsense.rules.finding import Severity
from mlsense.rules.reading import location, related, short, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Misfit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_is_reshaped, Misfit):
        found = location(trace, event.call)
        if found is None:
            continue
        given = event.before.made.place if event.before is not None else None
        text = short(written(trace, event.call, event.layer), 40)
        yield Draft(
            f"A row has {sizes.numbers(event.sizes)} numbers, `{text}` wants {event.wants:,}: it raises, or "
            f"mixes the rows of a batch. `flatten(1)` takes them as they come.",
            found,
            related(trace, (given, "the tensor comes from here")),
        )


def _is_reshaped(event: Misfit) -> bool:
    return event.layer in ("view", "reshape")


RULE = Rule(
    name="reshape-numel",
    family="shape",
    severity=Severity.ERROR,
    summary="A tensor is brought into a shape that its numbers do not fill.",
    finds="""
        `view` or `reshape` of a tensor whose sizes are known but for the number of rows, into rows of another length:
        `x.view(x.size(0), 128)`, or `x.view(-1, 128)` where neither length is a multiple of the other.
        """,
    matters="""
        It raises `shape is invalid for input`, or, with `-1` and a batch whose size happens to divide, gives another
        number of rows, whose labels then do not fit.
        """,
    silent="""
        Sizes that are not known; lengths of which one is a multiple of the other, as when the places of a picture
        become rows.
        """,
    repair="""
        There is none: which of the two numbers is wrong, only the author knows.
        """,
    bad=(
        example(
            """
            import torch
            from torch import nn

            conv = nn.Conv2d(1, 8, 3)
            x = conv(torch.rand(2, 1, 28, 28))
            print(x.view(x.size(0), 8 * 28 * 28).shape)  # <- reshape-numel
            """
        ),
        example(
            """
            import torch
            from torch import nn
            from torch.utils.data import DataLoader, TensorDataset

            data = TensorDataset(torch.rand(6, 1, 28, 28), torch.arange(6))
            pool = nn.MaxPool2d(2)
            for pictures, labels in DataLoader(data, batch_size=3):
                print(pool(pictures).view(-1, 15 * 15).shape)  # <- reshape-numel
            """
        ),
        example(
            """
            import torch

            x = torch.rand(4, 3, 10)
            print(x.reshape(len(x), 3 * 12).shape)  # <- reshape-numel
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.body = nn.Sequential(nn.Conv2d(3, 6, 5), nn.MaxPool2d(2), nn.Conv2d(6, 16, 5), nn.MaxPool2d(2))
                    self.head = nn.Linear(16 * 6 * 6, 10)

                def forward(self, x):
                    x = self.body(x)
                    return self.head(x.view(x.shape[0], 16 * 6 * 6))  # <- reshape-numel


            print(Net()(torch.rand(2, 3, 32, 32)).shape)
            """
        ),
    ),
    good=(
        example(
            """
            import torch
            from torch import nn

            x = nn.Conv2d(1, 8, 3)(torch.rand(2, 1, 28, 28))
            print(x.view(x.size(0), 8 * 26 * 26).shape, x.view(-1, 8 * 26 * 26).shape, x.flatten(1).shape)
            """
        ),
        example(
            """
            import torch

            x = torch.rand(4, 3, 10)
            print(x.reshape(-1, 10).shape, x.view(-1).shape, x.view(4, -1).shape, x.view(2, 60).shape)
            """
        ),
        example(
            """
            import torch

            x = torch.rand(4, 3, 8, 8)
            print(x.permute(0, 2, 3, 1).reshape(-1, 3).shape)
            """
        ),
        example(
            """
            import torch

            x = torch.rand(4, 12)
            print(x.view(4, 3, 4).shape, x.view(-1, 3, 2, 2).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            same = nn.Conv2d(3, 6, 5, padding="same")
            strided = nn.Conv2d(3, 6, 4, stride=2, padding=1)
            x = torch.rand(2, 3, 32, 32)
            print(same(x).view(2, 6 * 32 * 32).shape, strided(x).view(len(x), 6 * 16 * 16).shape)
            """
        ),
        example(
            """
            import torch

            x = torch.rand(8, 2, 6)
            pairs = x.view(-1, 24)
            print(pairs.shape)
            """
        ),
    ),
    check=check,
    raises=("RuntimeError",),
)
