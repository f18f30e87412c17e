"""A Keras loss takes logits for probabilities, or the other way round."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at, place_in, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Compiled

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


_LOSSES = {
    "binary_crossentropy": "BinaryCrossentropy",
    "categorical_crossentropy": "CategoricalCrossentropy",
    "sparse_categorical_crossentropy": "SparseCategoricalCrossentropy",
}
_ACTIVATIONS = {"binary_crossentropy": "sigmoid"}


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_is_mismatch, Compiled):
        found = location(trace, event.call)
        operation = event.operation
        if found is None or operation is None:
            continue
        activation = _ACTIVATIONS.get(event.loss, "softmax")
        if event.from_logits:
            message = (
                f"The last layer applies `{operation.name}` and the loss is told `from_logits=True`, so it takes "
                f"probabilities for logits and applies `{activation}` to them once more. Leave one of the two out."
            )
        else:
            message = (
                f"`{event.loss}` takes probabilities unless it is told otherwise, and the last layer has no "
                f"activation: numbers below 0 are cut off, and the network learns little or nothing. Tell it "
                f"`from_logits=True`, or give the last layer `{activation}`."
            )
        pairs = related(trace, (operation.made.place, "the last layer"))
        level = Severity.INFORMATION if event.from_logits else None
        yield Draft(message, found, pairs, None if event.from_logits else _fix(trace, event), level)


def _is_mismatch(event: Compiled) -> bool:
    operation = event.operation
    if operation is None or event.loss not in _LOSSES or event.from_logits is None:
        return False
    return operation.name in (("softmax", "sigmoid") if event.from_logits else ("linear",))


def _fix(trace: Trace, event: Compiled) -> Fix | None:
    """Writes the loss as an object that is told, where its name stands in the call and `keras` is at hand."""
    node = node_at(trace, event.call)
    if not isinstance(node, ast.Call):
        return None
    given = [keyword.value for keyword in node.keywords if keyword.arg == "loss"] or node.args[1:2]
    text = given[0] if given else None
    if isinstance(text, ast.Call) and not text.args and not text.keywords:
        edit = editing.replaced(trace, place_in(event.call, text), f"{ast.unparse(text.func)}(from_logits=True)")
        return Fix.of("Tell the loss `from_logits=True`", "safe", edit)
    if not isinstance(text, ast.Constant):
        return None
    root = next((name for name in ("keras", "tf") if _is_keras(trace, name)), None)
    if root is None:
        return None
    owner = "keras" if root == "keras" else "tf.keras"
    told = f"{owner}.losses.{_LOSSES[event.loss]}(from_logits=True)"
    edit = editing.replaced(trace, place_in(event.call, text), told)
    return Fix.of("Tell the loss `from_logits=True`", "safe", edit)


def _is_keras(trace: Trace, name: str) -> bool:
    """Whether this name stands for Keras, or TensorFlow, in the whole program."""
    wanted = ("keras", "tensorflow.keras") if name == "keras" else ("tensorflow",)
    bound = [each.name for each in trace.names.values() if each.imported and each.name in wanted]
    return bool(bound) and bool(trace.uses.get(name, ()))


RULE = Rule(
    name="from-logits-mismatch",
    family="loss",
    severity=Severity.WARNING,
    summary="A Keras loss takes logits for probabilities, or probabilities for logits.",
    finds="""
        A crossentropy by name, or without `from_logits=True`, after a last layer without activation; with
        `from_logits=True` after softmax or sigmoid.
        """,
    matters="""
        The functions behind the names expect probabilities and cut what they get into the range from 0 to 1
        before they take its logarithm. Of logits half are cut to 0: their gradient is gone, the accuracy stays
        near chance, and nothing says why. The other way round Keras warns, on TensorFlow it uses the logits it
        still knows of; elsewhere the loss is that of a softmax of a softmax.
        """,
    silent="""
        An activation layer after the last one; losses of your own; layers and losses that are not known.
        """,
    repair="""
        Writes the loss as an object with `from_logits=True`. Safe: the network returns what it returned; where
        it predicts, apply softmax or sigmoid to read probabilities.
        """,
    bad=(
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((20,)), layers.Dense(10)])
            model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")  # <- from-logits-mismatch
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((20,)), layers.Dense(8), layers.Dense(1)])
            model.compile(optimizer="adam", loss=keras.losses.BinaryCrossentropy())  # <- from-logits-mismatch
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            inputs = keras.Input((6,))
            model = keras.Model(inputs, layers.Dense(3)(inputs))
            model.compile("adam", "categorical_crossentropy", metrics=["accuracy"])  # <- from-logits-mismatch
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((20,)), layers.Dense(10, activation="softmax")])
            loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
            model.compile(optimizer="adam", loss=loss)  # <- from-logits-mismatch
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
            model = keras.Sequential([layers.Input((20,)), layers.Dense(10)])
            model.compile(optimizer="adam", loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True))
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((20,)), layers.Dense(10), layers.Activation("softmax")])
            model.compile(optimizer="adam", loss="sparse_categorical_crossentropy")
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
            model.compile(optimizer="adam", loss="mae")
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            def margin(y_true, y_pred):
                return keras.ops.mean(keras.ops.maximum(0.0, 1.0 - y_true * y_pred))


            model = keras.Sequential([layers.Input((20,)), layers.Dense(1)])
            model.compile(optimizer="adam", loss=margin)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            model = keras.Sequential([layers.Input((20,)), layers.Dense(1)])
            model.compile(optimizer="adam", loss="hinge")
            """
        ),
    ),
    check=check,
)
