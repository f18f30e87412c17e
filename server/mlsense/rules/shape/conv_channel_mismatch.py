"""A convolution expects another number of channels than it gets."""

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
    for event in trace.that(_has_channels, Misfit):
        last = len(event.sizes) == 4 and event.sizes[-1] == event.wants
        remedy = (
            "The channels stand last: `permute(0, 3, 1, 2)` brings them to the second axis."
            if last
            else f"Tell it {event.got:,}."
        )
        message = (
            f"`{event.layer}` expects {event.wants:,} channels and gets {event.got:,}, "
            f"{sizes.shown(event.sizes)}: calling it raises. {remedy}"
        )
        found = sizes.draft(trace, event, message, f"Expect {event.got:,} channels")
        if found is not None:
            yield Draft(found.message, found.location, found.related) if last else found


def _has_channels(event: Misfit) -> bool:
    return event.layer.startswith("Conv") or event.layer in ("BatchNorm2d", "BatchNorm3d")


RULE = Rule(
    name="conv-channel-mismatch",
    family="shape",
    severity=Severity.ERROR,
    summary="A convolution expects another number of channels than the layer before it gives.",
    finds="""
        A convolution, or the batch norm behind one, that was told another number of channels than the tensor has that
        it is applied to: those the layer before gives, or those of the pictures, where these are known.
        """,
    matters="""
        The first batch raises, with the shapes of weights and batch in its message, from which the wrong layer has to
        be guessed. Such numbers go wrong whenever a layer is put in, taken out or made wider.
        """,
    silent="""
        Channels that are not known, such as after `torch.cat`; layers of which there are several in one place.
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

            net = nn.Sequential(
                nn.Conv2d(3, 32, 3),
                nn.ReLU(),
                nn.Conv2d(64, 64, 3),  # <- conv-channel-mismatch
            )
            print(net(torch.rand(2, 3, 32, 32)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.first = nn.Conv2d(1, 16, 5)
                    self.norm = nn.BatchNorm2d(32)  # <- conv-channel-mismatch
                    self.second = nn.Conv2d(16, 32, 5)

                def forward(self, x):
                    x = torch.relu(self.norm(self.first(x)))
                    return self.second(x)


            print(Net()(torch.rand(2, 1, 28, 28)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            pictures = torch.rand(4, 32, 32, 3)
            layer = nn.Conv2d(3, 8, 3)  # <- conv-channel-mismatch
            print(layer(pictures).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            signal = torch.rand(4, 2, 100)
            layer = nn.Conv1d(in_channels=1, out_channels=8, kernel_size=3)  # <- conv-channel-mismatch
            print(layer(signal).shape)
            """
        ),
    ),
    good=(
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(nn.Conv2d(3, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3))
            print(net(torch.rand(2, 3, 32, 32)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Skip(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.down = nn.Conv2d(3, 8, 3, padding=1)
                    self.up = nn.Conv2d(11, 3, 3, padding=1)

                def forward(self, x):
                    return self.up(torch.cat([x, self.down(x)], dim=1))


            print(Skip()(torch.rand(1, 3, 8, 8)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            pictures = torch.rand(4, 32, 32, 3)
            print(nn.Conv2d(3, 8, 3)(pictures.permute(0, 3, 1, 2)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            picture = torch.rand(3, 32, 32)
            layer = nn.Conv2d(3, 8, 3)
            print(layer(picture).shape, layer(picture.unsqueeze(0)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            grey = torch.rand(2, 1, 8, 8)
            print(nn.Conv2d(3, 8, 3)(grey.repeat(1, 3, 1, 1)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            depthwise = nn.Sequential(nn.Conv2d(8, 8, 3, groups=8), nn.Conv2d(8, 16, 1))
            print(depthwise(torch.rand(1, 8, 8, 8)).shape)
            """
        ),
    ),
    check=check,
    raises=("RuntimeError",),
)
