"""Labels are one column for each class where the loss wants numbers of classes, or the other way round."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.reading import location
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Loss, Trained

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


_WANTS = {"sparse_categorical_crossentropy": "integer", "categorical_crossentropy": "one-hot"}


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_is_mismatch, Trained):
        found = location(trace, event.y_place) or location(trace, event.call)
        if found is None:
            continue
        if event.loss.startswith("sparse"):
            message = (
                "These labels have one column for each class, and `sparse_categorical_crossentropy` wants one number a "
                "row: `fit` raises. Leave out `to_categorical`, or compile with `categorical_crossentropy`."
            )
        else:
            message = (
                "These labels are numbers of classes, and `categorical_crossentropy` wants one column for each class: "
                "`fit` raises. Compile with `sparse_categorical_crossentropy`, or encode them with `to_categorical`."
            )
        yield Draft(message, found)
    for loss in trace.that(_takes_floats, Loss):
        found = location(trace, loss.call)
        if found is not None:
            yield Draft(
                "`one_hot` gives whole numbers, and cross-entropy takes a column for each class only as floats: this "
                "raises. Hand it the numbers of the classes themselves, or `one_hot(...).float()`.",
                found,
            )


def _takes_floats(event: Loss) -> bool:
    return event.kind == "cross_entropy" and event.target is not None and event.target.form == "one-hot integers"


def _is_mismatch(event: Trained) -> bool:
    wanted = _WANTS.get(event.loss)
    operation = event.operation
    if wanted is None or event.y is None or operation is None or operation.units == 1:
        return False
    if operation.units is None and event.y.form != "one-hot":
        # It may be one.
        return False
    return event.y.form in ("one-hot", "integer") and event.y.form != wanted


RULE = Rule(
    name="sparse-vs-onehot",
    family="loss",
    severity=Severity.ERROR,
    summary="The labels are encoded otherwise than the loss expects.",
    finds="""
        `to_categorical` labels with `sparse_categorical_crossentropy`, and numbers of classes with
        `categorical_crossentropy`, where a Keras network is fitted. In PyTorch, what `F.one_hot` gave handed to
        cross-entropy as it is.
        """,
    matters="""
        The shapes do not go together and `fit` raises, after the data has been loaded and the network built.
        """,
    silent="""
        Labels whose encoding is not known; losses of your own; `binary_crossentropy`.
        """,
    repair="""
        There is none: either the labels or the loss can change, and metrics and plots that read the labels with
        them.
        """,
    bad=(
        example(
            """
            import torch
            import torch.nn.functional as F
            from torch import nn

            net, criterion = nn.Linear(4, 3), nn.CrossEntropyLoss()
            x, labels = torch.randn(6, 4), torch.randint(0, 3, (6,))
            codes = F.one_hot(labels, num_classes=3)
            print(criterion(net(x), codes))  # <- sparse-vs-onehot
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            import numpy as np
            import pandas as pd


            def build(columns):
                model = keras.Sequential()
                model.add(keras.layers.Input((3,)))
                model.add(keras.layers.Dense(columns, activation="softmax"))
                return model


            table = pd.DataFrame(np.random.rand(40, 3)).assign(kind=np.array(["cat", "dog", "owl", "fox"] * 10))
            y = pd.get_dummies(table["kind"]).values
            model = build(y.shape[1])
            model.compile("adam", "sparse_categorical_crossentropy")
            model.fit(table[[0, 1, 2]].values, y, verbose=0)  # <- sparse-vs-onehot
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            from keras.datasets import mnist

            (x_train, y_train), (x_test, y_test) = mnist.load_data()
            y_train = keras.utils.to_categorical(y_train)
            model = keras.Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation="softmax")])
            model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
            model.fit(x_train / 255.0, y_train, epochs=1)  # <- sparse-vs-onehot
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            import numpy as np
            from keras.utils import to_categorical

            x, y = np.random.rand(12, 4), to_categorical(np.random.randint(0, 3, 12), 3)
            model = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="softmax")])
            model.compile("adam", keras.losses.SparseCategoricalCrossentropy())
            model.fit(x, y)  # <- sparse-vs-onehot
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            (x, y), _ = keras.datasets.cifar10.load_data()
            model = keras.Sequential([layers.Input((32, 32, 3)), layers.Flatten()])
            model.add(layers.Dense(10, activation="softmax"))
            model.compile(loss="categorical_crossentropy", optimizer="adam")
            model.fit(x / 255.0, y, epochs=1)  # <- sparse-vs-onehot
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            (x, y), _ = keras.datasets.fashion_mnist.load_data()
            inputs = keras.Input((28, 28))
            outputs = layers.Dense(10, activation="softmax")(layers.Flatten()(inputs))
            model = keras.Model(inputs, outputs)
            model.compile(loss=keras.losses.CategoricalCrossentropy(), optimizer="adam")
            model.fit(x / 255.0, y=y)  # <- sparse-vs-onehot
            """
        ),
    ),
    good=(
        example(
            """
            import torch
            import torch.nn.functional as F

            scores, labels = torch.randn(6, 3), torch.randint(0, 3, (6,))
            print(F.cross_entropy(scores, F.one_hot(labels, 3).float()).item())
            codes = F.one_hot(labels, 3)
            print(F.cross_entropy(scores, codes.argmax(dim=1)).item(), F.mse_loss(scores, 1.0 * codes).item())
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            from keras.datasets import mnist

            (x_train, y_train), (x_test, y_test) = mnist.load_data()
            y_train = keras.utils.to_categorical(y_train)
            model = keras.Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation="softmax")])
            model.compile(loss="categorical_crossentropy", optimizer="adam")
            model.fit(x_train / 255.0, y_train, epochs=1)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            from keras.datasets import mnist

            (x_train, y_train), _ = mnist.load_data()
            model = keras.Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation="softmax")])
            model.compile(loss="sparse_categorical_crossentropy", optimizer="adam")
            model.fit(x_train / 255.0, y_train, epochs=1)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            import numpy as np

            x, y = np.random.rand(12, 4), np.eye(3)[np.random.randint(0, 3, 12)]
            model = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="softmax")])
            model.compile("adam", "categorical_crossentropy")
            model.fit(x, y, verbose=0)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            import numpy as np
            from keras.utils import to_categorical

            x, labels = np.random.rand(12, 4), np.random.randint(0, 3, 12)
            codes = to_categorical(labels, 3)
            model = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="softmax")])
            model.compile("adam", "sparse_categorical_crossentropy")
            model.fit(x, codes.argmax(axis=1), verbose=0)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            import numpy as np

            x, y = np.random.rand(12, 4), np.random.randint(0, 2, 12)
            model = keras.Sequential([layers.Input((4,)), layers.Dense(1, activation="sigmoid")])
            model.compile("adam", "binary_crossentropy")
            model.fit(x, y, verbose=0)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            import numpy as np
            from keras.utils import to_categorical

            x, y = np.random.rand(12, 4), to_categorical(np.random.randint(0, 3, 12), 3)
            model = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="softmax")])
            model.compile("adam", keras.losses.CategoricalCrossentropy())
            model.fit(x, y, verbose=0)
            """
        ),
    ),
    check=check,
    raises=("Exception",),
)
