"""The last layer has another number of units than there are classes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.reading import location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Trained

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


_SPARSE = "sparse_categorical_crossentropy"


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_differ, Trained):
        operation, y = event.operation, event.y
        found = location(trace, event.call)
        if operation is None or y is None or found is None:
            continue
        units, classes = operation.units or 0, y.classes or 0
        if units > classes and event.loss == _SPARSE:
            harm = f"{units - classes} of them stand for classes that do not exist"
            level = Severity.WARNING
        else:
            harm = "`fit` raises" if event.loss != _SPARSE else "the labels that are too high make `fit` fail or NaN"
            level = Severity.ERROR
        yield Draft(
            f"The last layer has {units} units, and the labels have {classes} classes: {harm}. Give it {classes} "
            "units.",
            found,
            related(trace, (operation.made.place, f"{units} units")),
            severity=level,
        )


def _differ(event: Trained) -> bool:
    operation, y = event.operation, event.y
    if operation is None or y is None or y.classes is None or operation.units in (None, 1):
        return False
    known = event.loss in (_SPARSE, "categorical_crossentropy") and y.form in ("one-hot", "integer")
    return known and operation.units != y.classes


RULE = Rule(
    name="units-vs-classes",
    family="shape",
    severity=Severity.ERROR,
    summary="The last layer has another number of units than the labels have classes.",
    finds="""
        A Keras network fitted on labels whose number of classes is known: of Keras's own data sets, or made by
        `to_categorical(y, n)`.
        """,
    matters="""
        Too few units make `fit` raise, or the loss NaN. Too many run: the network learns to keep the surplus
        ones at zero, and reports a loss and probabilities over classes that do not exist.
        """,
    silent="""
        One unit; numbers of units or classes that are not known; other losses.
        """,
    repair="""
        There is none: the number may stand in a variable that other code reads.
        """,
    bad=(
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            from keras.datasets import mnist

            (x, y), _ = mnist.load_data()
            model = keras.Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(9, activation="softmax")])
            model.compile("adam", "categorical_crossentropy")
            model.fit(x / 255.0, keras.utils.to_categorical(y, 10), epochs=1)  # <- units-vs-classes
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            import numpy as np

            x, y = np.random.rand(12, 4), np.random.randint(0, 3, 12)
            model = keras.Sequential([layers.Input((4,)), layers.Dense(5, activation="softmax")])
            model.compile("adam", "categorical_crossentropy")
            model.fit(x, keras.utils.to_categorical(y, num_classes=3))  # <- units-vs-classes
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            inputs = keras.Input((32, 32, 3))
            outputs = layers.Dense(10, activation="softmax")(layers.Flatten()(inputs))
            model = keras.Model(inputs, outputs)
            model.compile("adam", "categorical_crossentropy")
            (x, y), _ = keras.datasets.cifar100.load_data()
            model.fit(x / 255.0, keras.utils.to_categorical(y), epochs=1)  # <- units-vs-classes
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

            labels = to_categorical(np.random.randint(0, 4, 20), 4)
            model = keras.Sequential()
            model.add(layers.Input((6,)))
            model.add(layers.Dense(3, activation="softmax"))
            model.compile(loss="categorical_crossentropy", optimizer="sgd")
            model.fit(np.random.rand(20, 6), labels)  # <- units-vs-classes
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
            from keras.datasets import mnist

            (x, y), _ = mnist.load_data()
            model = keras.Sequential([layers.Input((28, 28)), layers.Flatten(), layers.Dense(10, activation="softmax")])
            model.compile("adam", "sparse_categorical_crossentropy")
            model.fit(x / 255.0, y, epochs=1)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            import numpy as np

            x, y = np.random.rand(12, 4), np.random.randint(0, 3, 12)
            model = keras.Sequential([layers.Input((4,)), layers.Dense(3, activation="softmax")])
            model.compile("adam", "categorical_crossentropy")
            model.fit(x, keras.utils.to_categorical(y, num_classes=3), verbose=0)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            (x, y), _ = keras.datasets.cifar100.load_data(label_mode="coarse")
            model = keras.Sequential([layers.Input((32, 32, 3)), layers.Flatten()])
            model.add(layers.Dense(20, activation="softmax"))
            model.compile("adam", "sparse_categorical_crossentropy")
            model.fit(x / 255.0, y, epochs=1, verbose=0)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            import numpy as np

            classes = int(np.random.randint(2, 6))
            model = keras.Sequential([layers.Input((4,)), layers.Dense(classes, activation="softmax")])
            model.compile("adam", "sparse_categorical_crossentropy")
            model.fit(np.random.rand(12, 4), np.random.randint(0, classes, 12), verbose=0)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            # Class 0 is for padding.
            import numpy as np

            model = keras.Sequential([layers.Input((4,)), layers.Dense(4, activation="softmax")])
            model.compile("adam", "sparse_categorical_crossentropy")
            model.fit(np.random.rand(12, 4), np.random.randint(0, 3, 12) + 1, verbose=0)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            from keras import layers
            import numpy as np

            model = keras.Sequential([layers.Input((4,)), layers.Dense(2)])
            model.compile("adam", "mse")
            model.fit(np.random.rand(12, 4), np.random.rand(12, 2), verbose=0)
            """
        ),
    ),
    check=check,
    raises=("Exception",),
)
