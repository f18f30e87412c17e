"""Pictures with values from 0 to 255 go into a network as they are."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Trained

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


# Layers that bring the values into range themselves.
_SCALES = frozenset(
    ("Rescaling", "Lambda", "Normalization", "BatchNormalization", "LayerNormalization", "GroupNormalization")
)


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_is_raw, Trained):
        found = location(trace, event.x_place) or location(trace, event.call)
        if found is None or event.x is None or event.x.rows is None:
            continue
        source = event.x.rows.parts[0].source.label
        name = written(trace, event.x_place or event.call, "x")
        yield Draft(
            f"`{name}` holds the pictures of `{source.split('.')[0]}` as they come, values from 0 to 255: the first "
            "steps are hundreds of times too large, and training is slow or fails to start. Divide by 255, or begin "
            "the network with `Rescaling(1 / 255)`.",
            found,
            fix=_fix(trace, event),
        )


def _is_raw(event: Trained) -> bool:
    x = event.x
    if x is None or x.scale != "pixels" or x.rows is None or not x.rows.parts or event.layers is None:
        return False
    # What stands behind a layer of the program's own, or a whole network inside, is not known.
    return not set(event.layers) & _SCALES


def _fix(trace: Trace, event: Trained) -> Fix | None:
    """Divides where the rows are handed over, if that is the only use that sees them."""
    node = node_at(trace, event.x_place) if event.x_place is not None else None
    if not isinstance(node, ast.Name) or event.x_place is None:
        return None
    # Bound once, read here alone: nothing else sees the pictures as they come.
    if len(trace.uses.get(node.id, ())) != 2:
        return None
    return Fix.of("Divide by 255", "unsafe", editing.replaced(trace, event.x_place, f"{node.id} / 255.0"))


RULE = Rule(
    name="normalise-missing-image",
    family="data",
    severity=Severity.WARNING,
    summary="Pictures go into a network with values from 0 to 255.",
    finds="""
        The pictures of Keras's own data sets handed to `fit` of a `Sequential` without a division, and without
        a layer that brings them into range.
        """,
    matters="""
        Weights are drawn for inputs of about one. With inputs of up to 255 the first activations and gradients
        are hundreds of times too large: Adam gets along slowly, plain gradient descent often not at all, and
        regularisation counts for nothing.
        """,
    silent="""
        Any arithmetic on the pictures before; `Rescaling`, `Normalization` or batch normalisation in the
        network; networks whose layers are not known; scikit-learn's models of trees.
        """,
    repair="""
        Divides by 255 at the call, where nothing else reads the pictures. What is predicted on must be divided
        as well.
        """,
    bad=(
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            import numpy as np


            def network(shape):
                first = keras.Input(shape)
                x = layers.Conv2D(4, 3, strides=8, activation="relu")(first)
                return keras.Model(first, layers.Dense(10, activation="softmax")(layers.Flatten()(x)))


            (x_train, y_train), _ = keras.datasets.mnist.load_data()
            x_train = np.expand_dims(x_train, -1).astype("float32")
            model = network((28, 28, 1))
            model.compile("adam", "sparse_categorical_crossentropy")
            model.fit(x_train[:20], y_train[:20], epochs=1)  # <- normalise-missing-image
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
            model = keras.Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation="softmax")])
            model.compile("sgd", "sparse_categorical_crossentropy")
            model.fit(x_train, y_train, epochs=1)  # <- normalise-missing-image
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            from keras.datasets import cifar10

            (x_train, y_train), _ = cifar10.load_data()
            model = keras.Sequential()
            model.add(layers.Input((32, 32, 3)))
            model.add(layers.Conv2D(4, 3, activation="relu"))
            model.add(layers.Flatten())
            model.add(layers.Dense(10, activation="softmax"))
            model.compile("adam", "sparse_categorical_crossentropy")
            model.fit(x_train[:20], y_train[:20], epochs=1)  # <- normalise-missing-image
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            (x_train, y_train), _ = keras.datasets.fashion_mnist.load_data()
            x_train = x_train.astype("float32")
            model = keras.Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation="softmax")])
            model.compile("sgd", "sparse_categorical_crossentropy")
            model.fit(x_train, y_train, epochs=1)  # <- normalise-missing-image
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            (images, labels), _ = keras.datasets.mnist.load_data()
            net = keras.Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation="softmax")])
            net.compile(loss=keras.losses.SparseCategoricalCrossentropy(), optimizer="adam")
            net.fit(x=images, y=labels, validation_split=0.1)  # <- normalise-missing-image
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

            (x_train, y_train), _ = keras.datasets.mnist.load_data()
            first = keras.Input((28, 28))
            scaled = layers.Lambda(lambda x: x / 255.0)(first)
            model = keras.Model(first, layers.Dense(10, activation="softmax")(layers.Flatten()(scaled)))
            model.compile("adam", "sparse_categorical_crossentropy")
            model.fit(x_train[:20], y_train[:20], epochs=1)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            (x_train, y_train), _ = keras.datasets.mnist.load_data()
            x_train = x_train / 255.0
            model = keras.Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation="softmax")])
            model.compile("sgd", "sparse_categorical_crossentropy")
            model.fit(x_train, y_train, epochs=1)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            (x_train, y_train), _ = keras.datasets.mnist.load_data()
            x_train = x_train.astype("float32")
            x_train /= 255
            model = keras.Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation="softmax")])
            model.compile("sgd", "sparse_categorical_crossentropy")
            model.fit(x_train, y_train, epochs=1)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            (x_train, y_train), _ = keras.datasets.mnist.load_data()
            model = keras.Sequential([layers.Input((28, 28)), layers.Rescaling(1 / 255), layers.Flatten()])
            model.add(layers.Dense(10, activation="softmax"))
            model.compile("sgd", "sparse_categorical_crossentropy")
            model.fit(x_train, y_train, epochs=1)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            (x_train, y_train), _ = keras.datasets.mnist.load_data()
            x_train = (x_train - x_train.mean()) / x_train.std()
            model = keras.Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation="softmax")])
            model.compile("sgd", "sparse_categorical_crossentropy")
            model.fit(x_train, y_train, epochs=1)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            def prepared(images):
                return images.reshape(len(images), -1) / 255


            (x_train, y_train), _ = keras.datasets.mnist.load_data()
            model = keras.Sequential([layers.Input((784,)), layers.Dense(10, activation="softmax")])
            model.compile("sgd", "sparse_categorical_crossentropy")
            model.fit(prepared(x_train), y_train, epochs=1)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            from sklearn.tree import DecisionTreeClassifier

            (x_train, y_train), (x_test, y_test) = keras.datasets.mnist.load_data()
            tree = DecisionTreeClassifier(max_depth=3).fit(x_train.reshape(len(x_train), -1), y_train)
            print(tree.score(x_test.reshape(len(x_test), -1), y_test))
            """
        ),
    ),
    check=check,
)
