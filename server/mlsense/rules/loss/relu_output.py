"""A network ends with ReLU."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import losses
from mlsense.rules.finding import Severity
from mlsense.rules.reading import location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Compiled, Loss

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


_LOGITS = frozenset(("cross_entropy", "binary_cross_entropy_with_logits"))
_CLASSES = frozenset(("binary_crossentropy", "categorical_crossentropy", "sparse_categorical_crossentropy"))
_NUMBERS = frozenset(("mean_squared_error", "mean_absolute_error", "huber", "log_cosh"))


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_before_logits, Loss):
        _, found = losses.shown(trace, event)
        if found is not None:
            name = losses.written(trace, event)
            yield Draft(
                f"`{name}` takes logits, and ReLU makes 0 of all that are negative: the network cannot say that a "
                "class is unlikely, and a unit that is negative for every row learns nothing any more. Leave the last "
                "ReLU out.",
                found,
                related(trace, (event.call, "the loss is computed here")),
                losses.without_last(trace, event),
            )
    for compiled in trace.that(_before_loss, Compiled):
        operation = compiled.operation
        found = location(trace, operation.made.place) or location(trace, compiled.call) if operation else None
        if found is None:
            continue
        if compiled.loss in _NUMBERS:
            yield Draft(
                "The last layer ends with ReLU, so nothing below 0 can be predicted, and a unit that is negative for "
                "every row predicts 0 and learns nothing any more. For targets that can be negative leave it out.",
                found,
                related(trace, (compiled.call, "compiled here")),
                severity=Severity.INFORMATION,
            )
        else:
            activation = "sigmoid" if compiled.loss == "binary_crossentropy" else "softmax"
            yield Draft(
                f"`{compiled.loss}` takes probabilities, and the last layer ends with ReLU, which gives any number "
                f"from 0 on and none at all for classes it finds unlikely. Take `{activation}`.",
                found,
                related(trace, (compiled.call, "compiled here")),
            )


def _before_logits(event: Loss) -> bool:
    return event.kind in _LOGITS and event.operation is not None and event.operation.name == "relu"


def _before_loss(event: Compiled) -> bool:
    operation = event.operation
    if operation is None or operation.name != "relu":
        return False
    return event.loss in _CLASSES or (event.loss in _NUMBERS and operation.units == 1)


RULE = Rule(
    name="relu-output",
    family="loss",
    severity=Severity.WARNING,
    summary="The last layer ends with ReLU, which the loss has no use for.",
    finds="""
        A network whose last operation is ReLU with a cross-entropy; in Keras also one unit with ReLU and a loss
        for numbers (information).
        """,
    matters="""
        ReLU makes 0 of everything negative. Of logits that takes away half of what the network can say; as
        probabilities the numbers are none. A unit that is negative for every row has no gradient and stays at 0
        for good.
        """,
    silent="""
        Other activations; a ReLU with more layers behind it; networks and losses that are not known.
        """,
    repair="""
        In PyTorch: takes the ReLU away, or puts `nn.Identity()` in its place.
        """,
    bad=(
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(nn.Linear(4, 3), nn.ReLU())  # <- relu-output
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
                    self.hidden = nn.Linear(4, 8)
                    self.last = nn.Linear(8, 3)

                def forward(self, x):
                    x = F.relu(self.hidden(x))
                    return F.relu(self.last(x))  # <- relu-output


            print(F.cross_entropy(Net()(torch.randn(8, 4)), torch.randint(0, 3, (8,))).item())
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="relu")])  # <- relu-output
            model.compile(loss="categorical_crossentropy", optimizer="adam")
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((4,))])
            model.add(layers.Dense(8, activation="relu"))
            model.add(layers.Dense(1, activation="relu"))  # <- relu-output
            model.compile(loss="mse", optimizer="adam")
            """
        ),
    ),
    good=(
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
            print(nn.CrossEntropyLoss()(net(torch.randn(8, 4)), torch.randint(0, 3, (8,))).item())
            """
        ),
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(nn.Linear(4, 1), nn.Softplus())
            print(nn.MSELoss()(net(torch.randn(8, 4)), torch.rand(8, 1)).item())
            """
        ),
        example(
            """
            import torch
            from torch import nn

            # Features of another network, compared with each other.
            net = nn.Sequential(nn.Linear(4, 8), nn.ReLU())
            print(nn.MSELoss()(net(torch.randn(8, 4)), torch.rand(8, 8)).item())
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((4,)), layers.Dense(1)])
            model.compile(loss="mse", optimizer="adam")
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="softmax")])
            model.compile(loss="categorical_crossentropy", optimizer="adam")
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            encoder = keras.Sequential([layers.Input((4,)), layers.Dense(2, activation="relu")])
            model = keras.Sequential([encoder, layers.Dense(4)])
            model.compile(loss="mse", optimizer="adam")
            """
        ),
    ),
    check=check,
)
