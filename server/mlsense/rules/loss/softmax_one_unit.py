"""A softmax over a single unit."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing, losses
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at, place_in, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Called, Loss
from mlsense.semantics.values import Const, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place, Value


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_is_layer_of_one, Called):
        found = location(trace, event.call)
        if found is not None:
            yield Draft(_message("this layer"), found, fix=_fix(trace, event.call))
    for loss in trace.that(_after_one, Loss):
        _, at = losses.shown(trace, loss)
        if at is not None:
            yield Draft(_message("what comes before it"), at, related(trace, (loss.call, "the loss is computed here")))


def _is_layer_of_one(event: Called) -> bool:
    if not isinstance(event.callee, Symbol) or not event.callee.name.endswith(".layers.Dense"):
        return False
    units, activation = event.argument(0, "units"), event.argument(1, "activation")
    return event.exact and units == Const.of(1) and _names_softmax(activation)


def _names_softmax(value: Value | None) -> bool:
    if isinstance(value, Symbol):
        return value.name.endswith(".softmax")
    return value == Const.of("softmax")


def _after_one(event: Loss) -> bool:
    operation = event.operation
    return operation is not None and operation.name == "softmax" and operation.units == 1


def _message(layer: str) -> str:
    return (
        f"Softmax divides by the sum over the units, and {layer} has one: the result is 1.0 for every row, whatever "
        "was learned. For two classes take `sigmoid` with a binary cross-entropy."
    )


def _fix(trace: Trace, place: Place) -> Fix | None:
    node = node_at(trace, place)
    for keyword in node.keywords if isinstance(node, ast.Call) else ():
        if keyword.arg == "activation" and isinstance(keyword.value, ast.Constant):
            text = editing.text_at(trace, place_in(place, keyword.value))
            quote = text[-1] if text else '"'
            edit = editing.replaced(trace, place_in(place, keyword.value), f"{quote}sigmoid{quote}")
            return Fix.of("Use `sigmoid`", "safe", edit)
    return None


RULE = Rule(
    name="softmax-one-unit",
    family="loss",
    severity=Severity.ERROR,
    summary="A softmax over one unit is 1.0, whatever it is given.",
    finds="""
        `Dense(1, activation='softmax')` in Keras, and in PyTorch a softmax over the one number that a layer
        gives, on its way to a loss.
        """,
    matters="""
        Softmax divides each number by the sum over all: of one number that is 1.0. The network predicts the
        positive class for every row. In Keras on TensorFlow the training may still look right, since the loss
        is computed from the logits that Keras remembers; what `predict` returns is 1.0 all the same.
        """,
    silent="""
        Softmax along another axis, as over the steps of a sequence; numbers of units that are not known.
        """,
    repair="""
        In Keras: writes `sigmoid`. Safe: no program can want a constant.
        """,
    bad=(
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((8,)), layers.Dense(1, activation="softmax")])  # <- softmax-one-unit
            model.compile(optimizer="adam", loss="binary_crossentropy")
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            from keras.layers import Dense, Input

            model = keras.Sequential()
            model.add(Input((8,)))
            model.add(Dense(16, activation="relu"))
            model.add(Dense(units=1, activation="softmax"))  # <- softmax-one-unit
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            inputs = keras.Input((4,))
            outputs = layers.Dense(1, "softmax")(inputs)  # <- softmax-one-unit
            print(keras.Model(inputs, outputs).count_params())
            """
        ),
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(nn.Linear(4, 1), nn.Softmax(dim=1))  # <- softmax-one-unit
            print(nn.BCELoss()(net(torch.randn(6, 4)), torch.ones(6, 1)).item())
            """
        ),
    ),
    good=(
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((8,)), layers.Dense(1, activation="sigmoid")])
            model.compile(optimizer="adam", loss="binary_crossentropy")
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((8,)), layers.Dense(2, activation="softmax")])
            model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            # Weights over the steps of a sequence.
            inputs = keras.Input((10, 4))
            scores = layers.Dense(1)(inputs)
            weights = layers.Softmax(axis=1)(scores)
            print(weights.shape)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            def head(classes):
                return layers.Dense(classes, activation="softmax")


            print(head(3).units)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            net = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())
            print(nn.BCELoss()(net(torch.randn(6, 4)), torch.ones(6, 1)).item())
            """
        ),
        example(
            """
            import torch
            from torch import nn

            scores = nn.Linear(4, 1)
            steps = torch.randn(2, 7, 4)
            weights = torch.softmax(scores(steps), dim=1)
            print((weights * steps).sum(dim=1).shape)
            """
        ),
    ),
    check=check,
)
