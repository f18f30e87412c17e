"""The last activation of a Keras network does not go with its loss."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.reading import location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


_CATEGORICAL = frozenset(("categorical_crossentropy", "sparse_categorical_crossentropy"))


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_is_mismatch, Compiled):
        found = location(trace, event.call)
        operation = event.operation
        if found is None or operation is None:
            continue
        yield Draft(
            _message(event.loss, operation.name, operation.units),
            found,
            related(trace, (operation.made.place, "the last layer")),
            severity=Severity.INFORMATION if event.loss == "mean_squared_error" else None,
        )


def _is_mismatch(event: Compiled) -> bool:
    operation = event.operation
    if operation is None or operation.units is None or event.from_logits is not False:
        return False
    if event.loss in _CATEGORICAL:
        return operation.name == "sigmoid" or (operation.units == 1 and operation.name == "softmax")
    many = operation.name == "softmax" and operation.units > 2
    return many and event.loss in ("binary_crossentropy", "mean_squared_error")


def _message(loss: str, activation: str, units: int | None) -> str:
    if loss in _CATEGORICAL and units == 1:
        return (
            f"`{loss}` compares classes, and the last layer has one unit: divided by its own sum it is always 1, so "
            f"the loss says nothing. For two classes: one unit with `sigmoid` and `binary_crossentropy`."
        )
    if loss in _CATEGORICAL:
        return (
            f"`{loss}` takes one distribution over {units} classes, and `sigmoid` gives {units} chances of their own "
            f"that do not add up to 1: the probabilities that are predicted are wrong. One class a row: `softmax`. "
            f"Several: keep `sigmoid` and take `binary_crossentropy`."
        )
    if loss == "binary_crossentropy":
        return (
            f"`binary_crossentropy` asks each of {units} units by itself, and `softmax` makes them share one: "
            f"`accuracy` then counts units, which reads far too high. One class a row: `categorical_crossentropy`. "
            f"Several: `sigmoid`."
        )
    return (
        f"`mean_squared_error` of a `softmax` over {units} classes hardly learns from the rows that are most wrong: "
        f"its gradient vanishes there. `categorical_crossentropy` has none of that."
    )


RULE = Rule(
    name="loss-activation-mismatch",
    family="loss",
    severity=Severity.WARNING,
    summary="The last activation of a Keras network does not go with the loss it is compiled with.",
    finds="""
        `categorical_crossentropy` after `sigmoid` or one unit, `binary_crossentropy` after a `softmax` over
        three classes or more, `mean_squared_error` after such a softmax.
        """,
    matters="""
        Training runs and the loss falls, so nobody looks. With sigmoid under categorical cross-entropy the
        outputs do not add up to 1, and what is read off as a probability is none. With softmax under binary
        cross-entropy `accuracy` becomes the share of units that are right: for ten classes a network that
        always says nothing has 90 %.
        """,
    silent="""
        `sigmoid` with `binary_crossentropy` for several labels a row; `softmax` over two units; losses of your
        own; layers or losses that are not known; `from_logits=True`.
        """,
    repair="""
        There is none: which of the two is meant depends on how many labels a row has.
        """,
    bad=(
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((20,)), layers.Dense(10, activation="sigmoid")])
            model.compile(optimizer="adam", loss="categorical_crossentropy")  # <- loss-activation-mismatch
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
            model.add(Dense(5, activation="softmax"))
            model.compile(loss="binary_crossentropy", optimizer="sgd")  # <- loss-activation-mismatch
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            inputs = keras.Input((6,))
            outputs = layers.Dense(3, activation="sigmoid")(layers.Dense(8, activation="relu")(inputs))
            model = keras.Model(inputs, outputs)
            model.compile("adam", keras.losses.SparseCategoricalCrossentropy())  # <- loss-activation-mismatch
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((6,)), layers.Dense(1, activation="sigmoid")])
            model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")  # <- loss-activation-mismatch
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((6,)), layers.Dense(4), layers.Softmax()])
            model.compile(loss="mse", optimizer="adam")  # <- loss-activation-mismatch
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
            model = keras.Sequential([layers.Input((20,)), layers.Dense(10, activation="softmax")])
            model.compile(optimizer="adam", loss="categorical_crossentropy", metrics=["accuracy"])
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            # Several labels a row.
            model = keras.Sequential([layers.Input((20,)), layers.Dense(10, activation="sigmoid")])
            model.compile(optimizer="adam", loss="binary_crossentropy")
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((20,)), layers.Dense(2, activation="softmax")])
            model.compile(optimizer="adam", loss="binary_crossentropy")
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((20,)), layers.Dense(1, activation="sigmoid")])
            model.compile(optimizer="adam", loss="binary_crossentropy")
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((20,)), layers.Dense(1)])
            model.compile(optimizer="adam", loss="mse")
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            # An autoencoder of pictures: each number by itself.
            model = keras.Sequential([layers.Input((64,)), layers.Dense(64, activation="sigmoid")])
            model.compile(optimizer="adam", loss="mse")
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((20,)), layers.Dense(10)])
            model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
            """
        ),
    ),
    check=check,
)
