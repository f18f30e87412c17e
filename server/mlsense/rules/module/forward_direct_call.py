"""`model.forward(x)` in the place of `model(x)`: hooks are skipped."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at, place_in, short
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import ForwardCalled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_of_another, ForwardCalled):
        node = node_at(trace, event.call)
        func = node.func if isinstance(node, ast.Call) else None
        there = location(trace, event.call)
        if there is None or not isinstance(func, ast.Attribute) or _is_super(func.value):
            continue
        owner = editing.text_at(trace, place_in(event.call, func.value)) or ""
        edit = editing.replaced(trace, place_in(event.call, func), owner)
        yield Draft(
            f"`{short(owner)}.forward(...)` skips what calling the module does besides: hooks, and what pruning or "
            f"weight norm do before it. Call `{short(owner)}(...)`.",
            there,
            (),
            Fix("Call the module itself", "safe", (edit,)) if edit is not None and owner else None,
        )


def _of_another(event: ForwardCalled) -> bool:
    return not event.own


def _is_super(owner: ast.expr) -> bool:
    return isinstance(owner, ast.Call) and isinstance(owner.func, ast.Name) and owner.func.id == "super"


RULE = Rule(
    name="forward-direct-call",
    family="module",
    severity=Severity.INFORMATION,
    summary="`forward` of a PyTorch module is called by its name.",
    finds="""
        `model.forward(x)` where `model` is a PyTorch module: a layer, a `Sequential`, an object of a class of the
        program that derives from `Module`, something that was put in training or evaluation mode.
        """,
    matters="""
        `model(x)` calls `forward` and runs the hooks around it. Called by name, the hooks are left out: those that
        collect features or gradients see nothing, and pruning and the older weight norm, which compute the weights in a
        hook, go on with old ones. Without any hooks the results are the same, so this is often harmless.
        """,
    silent="""
        `super().forward(x)` and `self.forward(x)`, and objects that are not known to be modules.
        """,
    repair="""
        Takes `.forward` away. It is safe: where there are no hooks the result is the same.
        """,
    bad=(
        example(
            """
            import torch
            from torch import nn

            model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
            torch.manual_seed(0)
            print(model.forward(torch.randn(3, 4)).shape)  # <- forward-direct-call
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.body = nn.Linear(4, 2)

                def forward(self, x):
                    return self.body(x)


            net = Net()
            shapes = []
            net.register_forward_hook(lambda module, given, made: shapes.append(made.shape))
            net.forward(torch.randn(3, 4))  # <- forward-direct-call
            print(len(shapes))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Outer(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.inner = nn.Linear(4, 2)

                def forward(self, x):
                    return self.inner.forward(x).relu()  # <- forward-direct-call


            print(Outer()(torch.randn(3, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            def scores_of(model, batch):
                model.eval()
                with torch.no_grad():
                    return model.forward(batch)  # <- forward-direct-call


            print(scores_of(nn.Linear(4, 2), torch.randn(3, 4)).shape)
            """
        ),
    ),
    good=(
        example(
            """
            import torch
            from torch import nn

            model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
            print(model(torch.randn(3, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Scaled(nn.Linear):
                def forward(self, x):
                    return 2 * super().forward(x)


            print(Scaled(4, 2)(torch.randn(3, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Scaled(nn.Linear):
                def forward(self, x):
                    return 2 * super(Scaled, self).forward(x)


            print(Scaled(4, 2)(torch.randn(3, 4)).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.body = nn.Linear(4, 2)

                def forward(self, x):
                    return self.body(x)

                def predict(self, x):
                    return self.forward(x).argmax(dim=1)


            print(Net().predict(torch.randn(3, 4)).shape)
            """
        ),
        example(
            """
            import numpy as np


            class Dense:
                def __init__(self, size):
                    self.weights = np.ones((size, size))

                def forward(self, x):
                    return x @ self.weights


            print(Dense(3).forward(np.ones(3)))
            """
        ),
        example(
            """
            class Robot:
                def __init__(self):
                    self.place = 0

                def forward(self, steps):
                    self.place += steps
                    return self.place


            print(Robot().forward(3))
            """
        ),
    ),
    check=check,
)
