"""A layer with weights is made in `forward`: every call gets new random ones, and none is trained."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import classes
from mlsense.rules.finding import Severity
from mlsense.rules.reading import contains, location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Called, Defined
from mlsense.semantics.models.torch_modules import LAYERS, WEIGHTED
from mlsense.semantics.values import Symbol
from mlsense.syntax import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    made = trace.that(_makes_weights, Called)
    if not made:
        return
    for event in trace.that(_is_module, Defined):
        node = classes.text_of(trace, event.cls)
        forward = classes.methods(node).get("forward") if node is not None else None
        if forward is None:
            continue
        for call in made:
            if call.call.unit != event.place.unit or not contains(forward, call.call):
                continue
            found = location(trace, call.call)
            if found is None or _is_kept(forward):
                continue
            assert isinstance(call.callee, Symbol)
            name = call.callee.name.rpartition(".")[2]
            yield Draft(
                f"`{name}` is made in `forward`: every call gets new random weights, and no optimiser knows them, so "
                f"nothing of it is learned. Make it in `__init__`, as an attribute.",
                found,
                related(trace, (event.place, f"`{event.cls.name}` is defined here")),
            )


def _is_module(event: Defined) -> bool:
    return event.cls.bases_known and classes.is_torch(event.cls)


def _makes_weights(event: Called) -> bool:
    """Whether a layer with weights is made, in every pass."""
    symbol = event.callee.name if isinstance(event.callee, Symbol) else ""
    layer = LAYERS.get(symbol.rpartition(".")[2]) if symbol.startswith("torch.nn.") else None
    return layer is not None and layer.operation in WEIGHTED and not event.optional


def _is_kept(forward: ast.FunctionDef) -> bool:
    """Whether `forward` sets attributes: then it may make the layer once, in the first call."""
    own = classes.own_name(forward)
    stores = (part for part in walk(forward) if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Store))
    return any(isinstance(part.value, ast.Name) and part.value.id == own for part in stores)


RULE = Rule(
    name="layer-made-in-forward",
    family="module",
    severity=Severity.WARNING,
    summary="A layer made in forward has new random weights in every call and is never trained.",
    finds="""
        `nn.Linear(...)`, a convolution, an embedding or another layer with weights that a module makes in its
        `forward`.
        """,
    matters="""
        The weights are drawn anew for every batch and thrown away after it. The rest of the network trains against
        noise; the same rows give other numbers every time, also in evaluation.
        """,
    silent="""
        Layers made under a condition; a `forward` that sets attributes, as one does that makes its layers in the first
        call; layers without weights, such as `nn.ReLU()`; functions that are no module's `forward`.
        """,
    repair="""
        There is none: `__init__` may not know the sizes that `forward` does. `nn.LazyLinear` finds them by itself.
        """,
    bad=(
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.hidden = nn.Linear(4, 8)

                def forward(self, x):
                    x = torch.relu(self.hidden(x))
                    return nn.Linear(8, 2)(x)  # <- layer-made-in-forward


            net = Net()
            print(net(torch.ones(1, 4)), net(torch.ones(1, 4)))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.conv = nn.Conv2d(1, 4, 3)

                def forward(self, x):
                    x = self.conv(x).flatten(1)
                    out = nn.Linear(x.shape[1], 10)  # <- layer-made-in-forward
                    return out(x)


            print(Net()(torch.rand(2, 1, 8, 8)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Words(nn.Module):
                def forward(self, tokens):
                    table = nn.Embedding(100, 8)  # <- layer-made-in-forward
                    return table(tokens).mean(dim=1)


            print(Words()(torch.tensor([[1, 2, 3]])).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Block(nn.Module):
                def __init__(self, width):
                    super().__init__()
                    self.width = width

                def forward(self, x):
                    norm = nn.BatchNorm1d(self.width)  # <- layer-made-in-forward
                    return torch.relu(norm(x))


            print(Block(4)(torch.rand(8, 4)).shape)
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
                    self.hidden = nn.Linear(4, 8)
                    self.out = nn.Linear(8, 2)

                def forward(self, x):
                    return self.out(nn.ReLU()(self.hidden(x)))


            print(Net()(torch.rand(1, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Late(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.out = None

                def forward(self, x):
                    if self.out is None:
                        self.out = nn.Linear(x.shape[1], 2)
                    return self.out(x)


            print(Late()(torch.rand(3, 5)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.out = self.head(8)

                def head(self, width):
                    return nn.Sequential(nn.Linear(4, width), nn.ReLU(), nn.Linear(width, 2))

                def forward(self, x):
                    return self.out(x)


            print(Net()(torch.rand(1, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            def random_features(x):
                return torch.relu(nn.Linear(4, 100)(x))


            print(random_features(torch.rand(2, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Thin(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.out = nn.Linear(4, 2)

                def forward(self, x):
                    x = nn.Dropout(0.2)(x) if self.training else x
                    return nn.functional.linear(x, self.out.weight)


            print(Thin()(torch.rand(1, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Averaged(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.pool = nn.AdaptiveAvgPool1d(2)

                def forward(self, x):
                    return nn.Flatten()(self.pool(x))


            print(Averaged()(torch.rand(1, 3, 8)).shape)
            """
        ),
    ),
    check=check,
)
