"""A linear layer expects another number of inputs than it gets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import sizes
from mlsense.rules.finding import Severity
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Misfit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_is_linear, Misfit):
        deep = len(event.sizes) > 2 and event.sizes[0] is not ...
        product = [size for size in event.sizes[1:] if isinstance(size, int)]
        flattened = deep and len(product) == len(event.sizes) - 1
        # Of pictures that were not flattened only the last axis is seen.
        if deep and len(event.sizes) == 4 and event.axis == -1:
            remedy = (
                f"Flatten it first: that gives {sizes.numbers(event.sizes)} numbers."
                if flattened
                else "Flatten it first."
            )
            message = (
                f"`{event.layer}` expects {event.wants:,} numbers in the last axis and gets {sizes.shown(event.sizes)}"
            )
        else:
            remedy = f"Tell it {event.got:,}."
            message = f"`{event.layer}` expects {event.wants:,} numbers and gets {event.got:,}"
        found = sizes.draft(trace, event, f"{message}: calling it raises. {remedy}", f"Expect {event.got:,} numbers")
        if found is not None:
            yield found if not (deep and len(event.sizes) == 4) else Draft(found.message, found.location, found.related)


def _is_linear(event: Misfit) -> bool:
    return event.layer in sizes.EXPECTS


RULE = Rule(
    name="linear-in-features",
    family="shape",
    severity=Severity.ERROR,
    summary="A linear layer expects another number of inputs than it gets.",
    finds="""
        `nn.Linear` or `nn.BatchNorm1d` that is applied to a tensor with another number of entries along its axis than
        the layer was told: after another layer, after a convolution whose picture is flattened, on data of a known
        width. The sizes are followed through convolutions, pooling, `flatten`, `view`, `squeeze` and their kind.
        """,
    matters="""
        The first batch raises `mat1 and mat2 shapes cannot be multiplied`, which names neither the layer nor what it
        should be told.
        """,
    silent="""
        Sizes that are not known, such as those of pictures from files; `LazyLinear`; layers of which there are several
        in one place.
        """,
    repair="""
        Writes the number that comes, where the one that is expected stands there as a number. Safe: as it stands, the
        program raises.
        """,
    bad=(
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.conv = nn.Conv2d(1, 8, kernel_size=3)
                    self.pool = nn.MaxPool2d(2)
                    self.out = nn.Linear(8 * 14 * 14, 10)  # <- linear-in-features

                def forward(self, x):
                    x = self.pool(torch.relu(self.conv(x)))
                    return self.out(torch.flatten(x, 1))


            print(Net()(torch.zeros(2, 1, 28, 28)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(
                nn.Linear(20, 64),
                nn.ReLU(),
                nn.Linear(32, 1),  # <- linear-in-features
            )
            print(net(torch.rand(8, 20)).shape)
            """
        ),
        example(
            """
            import torch
            from sklearn.datasets import load_wine
            from torch import nn

            X, y = load_wine(return_X_y=True)
            inputs = torch.tensor(X[:, :8]).float()
            hidden = nn.Linear(13, 16)
            norm = nn.BatchNorm1d(8)  # <- linear-in-features
            print(norm(hidden(torch.rand(4, 13))).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(
                nn.Conv2d(3, 16, 3, padding=1),
                nn.AdaptiveAvgPool2d(4),
                nn.Linear(16 * 4 * 4, 10),  # <- linear-in-features
            )
            print(net(torch.rand(2, 3, 32, 32)).shape)
            """
        ),
    ),
    good=(
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.conv = nn.Conv2d(1, 8, kernel_size=3)
                    self.pool = nn.MaxPool2d(2)
                    self.out = nn.Linear(8 * 13 * 13, 10)

                def forward(self, x):
                    x = self.pool(torch.relu(self.conv(x)))
                    return self.out(torch.flatten(x, 1))


            print(Net()(torch.zeros(2, 1, 28, 28)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            widths = [20, 64, 32]
            layers = []
            for before, after in zip(widths, widths[1:]):
                layers += [nn.Linear(before, after), nn.ReLU()]
            net = nn.Sequential(*layers, nn.Linear(32, 1))
            print(net(torch.rand(8, 20)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Mixer(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.tokens = nn.Linear(16, 16)
                    self.channels = nn.Linear(32, 32)

                def forward(self, x):
                    x = x + self.tokens(x.transpose(1, 2)).transpose(1, 2)
                    return x + self.channels(x)


            print(Mixer()(torch.rand(2, 16, 32)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Deep(nn.Module):
                def __init__(self, depth):
                    super().__init__()
                    inner = [nn.Linear(8, 8) for _ in range(depth)]
                    self.layers = nn.ModuleList([nn.Linear(4, 8), *inner])

                def forward(self, x):
                    for layer in self.layers:
                        x = torch.relu(layer(x))
                    return x


            print(Deep(3)(torch.rand(2, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            left, right = nn.Linear(4, 8), nn.Linear(6, 8)
            out = nn.Linear(16, 1)
            joined = torch.cat([left(torch.rand(2, 4)), right(torch.rand(2, 6))], dim=1)
            print(out(joined).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            encoder = nn.Conv1d(4, 16, 5, stride=2, padding=2)
            out = nn.Linear(16, 3)
            x = encoder(torch.rand(2, 4, 100))
            print(out(x.mean(dim=2)).shape, out(x.permute(0, 2, 1)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.LazyLinear(10))
            print(net(torch.rand(2, 3, 8, 8)).shape)
            """
        ),
    ),
    check=check,
    raises=("RuntimeError",),
)
