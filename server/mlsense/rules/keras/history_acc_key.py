"""A number is asked of a training's history that it does not keep, or keeps under another name."""

from __future__ import annotations

import ast
import difflib
from typing import TYPE_CHECKING

from mlsense.knowledge.versions import within
from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at, place_in, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Item, Trained
from mlsense.semantics.models.keras import NUMBERS
from mlsense.semantics.values import DictObject, Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place

# Names of one metric: which of them is the key is decided by how `compile` was told.
_SAME = (
    ("acc", "accuracy", "binary_accuracy", "categorical_accuracy", "sparse_categorical_accuracy"),
    ("mse", "MSE", "mean_squared_error"),
    ("mae", "MAE", "mean_absolute_error"),
    ("mape", "MAPE", "mean_absolute_percentage_error"),
    ("rmse", "RootMeanSquaredError", "root_mean_squared_error"),
    ("auc", "AUC"),
    ("precision", "Precision"),
    ("recall", "Recall"),
)


# What callbacks do not do where the number they look at is not there.
_NEVER = {
    "EarlyStopping": "never stops",
    "ModelCheckpoint": "never saves a model",
    "ReduceLROnPlateau": "never lowers the learning rate",
}
# What callbacks put beside the metrics.
_LEARNING_RATE = ("lr", "learning_rate")


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_misses, Item):
        thing, key = event.thing, event.key
        found = location(trace, event.place)
        if not isinstance(thing, DictObject) or not isinstance(key, str) or found is None or _is_old(trace):
            continue
        keys = tuple(str(name) for name, _ in thing.items)
        training = event.receiver.origin.place if isinstance(event.receiver, Ref) else None
        pairs = related(trace, (training, "The training whose history it is"))
        yield Draft(_message(key, keys), found, pairs, _fix(trace, event, key, keys))
    yield from _watched(trace)


def _watched(trace: Trace) -> Iterator[Draft]:
    """Callbacks that look at a number that the training does not compute."""
    for event in trace.that(_watches_nothing, Trained):
        for watching in event.watching if not _is_old(trace) else ():
            place, key, keys = watching.made, watching.monitor, event.keys
            found = location(trace, place)
            if found is None or key is None or keys is None or key in (*keys, *_LEARNING_RATE):
                continue
            meant = _meant(key, keys)
            why = f"which is `{meant}` here" if meant is not None else "which this training does not compute"
            if key.startswith("val_") and not any(name.startswith("val_") for name in keys):
                why = "and `fit` is given no validation rows"
            follows = f"Keras warns, and it {_NEVER[watching.name]}"
            if _is_third(trace) and not watching.directed and key.removeprefix("val_") not in keys:
                follows = "`fit` raises ValueError"
            message = f"`{watching.name}` looks at `{key}`, {why}: {follows}."
            pairs = related(trace, (event.call, "The training"))
            yield Draft(message, found, pairs, _monitored(trace, place, key, meant), Severity.WARNING)


def _is_third(trace: Trace) -> bool:
    """Keras 3 does not know which way a number is better that the network does not compute."""
    keras, tensorflow = trace.versions.in_force("keras").version, trace.versions.in_force("tensorflow").version
    return within(keras or "3", ">=3") is True and within(tensorflow or "2.16", ">=2.16") is True


def _watches_nothing(event: Trained) -> bool:
    keys = event.keys
    return keys is not None and any(each.monitor is not None and each.monitor not in keys for each in event.watching)


def _monitored(trace: Trace, made: Place, key: str, meant: str | None) -> Fix | None:
    node = node_at(trace, made)
    if meant is None or not isinstance(node, ast.Call):
        return None
    for given in (*node.args, *(keyword.value for keyword in node.keywords if keyword.arg == "monitor")):
        if isinstance(given, ast.Constant) and given.value == key:
            place = place_in(made, given)
            quote = (editing.text_at(trace, place) or '"')[-1]
            return Fix.of(f"Write `{meant}`", "safe", editing.replaced(trace, place, f"{quote}{meant}{quote}"))
    return None


def _misses(event: Item) -> bool:
    """Whether a key is asked for that is certainly not there."""
    thing = event.thing
    return (
        isinstance(thing, DictObject)
        and thing.symbol == NUMBERS
        and not (thing.open or event.guarded or event.optional)
        and isinstance(event.key, str)
        and thing.get(event.key) is None
    )


def _is_old(trace: Trace) -> bool:
    """Before Keras 2.3 `accuracy` was kept as `acc`, however it was told."""
    keras, tensorflow = trace.versions.in_force("keras").version, trace.versions.in_force("tensorflow").version
    return within(keras or "", "<2.3") is True or within(tensorflow or "", "<2.0") is True


def _message(key: str, keys: tuple[str, ...]) -> str:
    there = ", ".join(f"`{name}`" for name in keys)
    if key.startswith("val_") and not any(name.startswith("val_") for name in keys):
        return (
            f"The history has no `{key}`: `fit` was given no validation rows, so it keeps {there} alone, and this line "
            "raises KeyError. Give `fit` a `validation_data` or `validation_split`."
        )
    known = _meant(key, keys)
    if known is None:
        return f"The history keeps {there}, and no `{key}`: `compile` did not ask for it. This line raises KeyError."
    return (
        f"The history has no `{key}`: a metric is kept under the name that `compile` was given, here `{known}`. "
        "This line raises KeyError."
    )


def _fix(trace: Trace, event: Item, key: str, keys: tuple[str, ...]) -> Fix | None:
    """Writes the key that is there; where the key comes from elsewhere, that is left to the reader."""
    meant, node = _meant(key, keys), node_at(trace, event.place)
    if meant is None or not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.Constant):
        return None
    place = place_in(event.place, node.slice)
    quote = (editing.text_at(trace, place) or '"')[-1]
    edit = editing.replaced(trace, place, f"{quote}{meant}{quote}")
    return Fix.of(f"Write `{meant}`", "safe", edit)


def _meant(key: str, keys: tuple[str, ...]) -> str | None:
    """The key that is there for what was asked for."""
    prefix = "val_" if key.startswith("val_") else ""
    own = {name.removeprefix("val_"): name for name in keys if name.startswith("val_") is bool(prefix)}
    asked = key.removeprefix("val_")
    for names in _SAME:
        same = [name for name in own if name in names]
        if asked in names and len(same) == 1:
            return own[same[0]]
    plain = {name.lower(): name for name in own}
    close = difflib.get_close_matches(asked.lower(), plain, n=1, cutoff=0.75)
    return own[plain[close[0]]] if close else None


RULE = Rule(
    name="history-acc-key",
    family="keras",
    severity=Severity.ERROR,
    summary="The history of a training is asked for a number that it does not keep.",
    finds="""
        `history.history["acc"]` where `compile` got `metrics=["accuracy"]`, the other way round, and `"val_loss"` where
        `fit` was given no validation rows. Also `EarlyStopping(monitor="val_acc")`, `ModelCheckpoint` that saves the
        best alone and `ReduceLROnPlateau`, where they look at such a number.
        """,
    matters="""
        Keras keeps each metric under the very name that `compile` was given, with `val_` before it for the validation
        rows. Any other key raises KeyError, after the whole training: the plot is lost, and in a script the model
        too. Tutorials from before Keras 2.3 ask for `acc`, whatever the metric was called. Of a callback that looks at
        such a number Keras 3 raises ValueError after the first epoch, or it warns, as Keras 2 does, and the training is
        neither stopped nor its best model saved.
        """,
    silent="""
        Metrics that are not known: given by a variable from elsewhere, by several outputs, by objects that Keras
        numbers (`AUC()`, `Precision()`); callbacks that may add numbers of their own; `compile` out of sight; keys
        asked for under a condition or inside `try`; `get`; Keras before 2.3.
        """,
    repair="""
        Writes the key that is there. Safe: it is the same metric. For validation numbers that were never computed there
        is none.
        """,
    bad=(
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            import numpy as np
            from keras.callbacks import EarlyStopping

            X, y = np.random.rand(40, 3), np.random.randint(0, 2, 40)
            model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
            model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
            stop = EarlyStopping(monitor="val_acc", mode="max", patience=2)  # <- history-acc-key
            history = model.fit(X, y, epochs=1, validation_split=0.25, callbacks=[stop], verbose=0)
            print(history.history["val_acc"])  # <- history-acc-key
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            import numpy as np

            X, y = np.random.rand(40, 3), np.random.randint(0, 2, 40)
            layers = [keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
            model = keras.Sequential(layers)
            model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
            history = model.fit(X, y, epochs=1, validation_split=0.25, verbose=0)
            print(history.history["acc"])  # <- history-acc-key
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import numpy as np
            from keras import Input, Model
            from keras.layers import Dense

            X, y = np.random.rand(40, 3), np.random.rand(40)
            inputs = Input(shape=(3,))
            model = Model(inputs, Dense(1)(Dense(4, activation="relu")(inputs)))
            model.compile("adam", "mse", metrics=["mae"])
            numbers = model.fit(X, y, epochs=1, verbose=0).history
            print(numbers["loss"])
            print(numbers["val_loss"])  # <- history-acc-key
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            import numpy as np


            def last(history, name):
                return history.history[name][-1]


            def report(history):
                print(history.history["val_accuracy"][-1])  # <- history-acc-key


            X, y = np.random.rand(40, 3), np.random.randint(0, 3, 40)
            model = keras.Sequential()
            model.add(keras.layers.Dense(8, activation="relu"))
            model.add(keras.layers.Dense(3, activation="softmax"))
            model.compile(loss="sparse_categorical_crossentropy", optimizer="sgd", metrics=["acc"])
            trained = model.fit(X, y, epochs=1, verbose=0, validation_data=(X, y))
            print(last(trained, "val_acc"))
            report(trained)
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            import numpy as np


            class Net(keras.Model):
                def __init__(self):
                    super().__init__()
                    self.out = keras.layers.Dense(1)

                def call(self, inputs):
                    return self.out(inputs)


            X, y = np.random.rand(40, 3), np.random.rand(40)
            net = Net()
            net.compile(optimizer="adam", loss="mse", metrics=["mae", keras.metrics.RootMeanSquaredError()])
            net.fit(X, y, epochs=1, verbose=0)
            print(net.history.history["mean_absolute_error"])  # <- history-acc-key
            """
        ),
    ),
    good=(
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            import numpy as np
            from keras.callbacks import EarlyStopping, ModelCheckpoint, ReduceLROnPlateau

            X, y = np.random.rand(40, 3), np.random.randint(0, 2, 40)
            model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
            model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
            watching = [EarlyStopping("val_accuracy"), ReduceLROnPlateau(), ModelCheckpoint("all.keras")]
            history = model.fit(X, y, epochs=1, validation_split=0.25, callbacks=watching, verbose=0)
            print(history.history["val_accuracy"])
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            import numpy as np

            X, y = np.random.rand(40, 3), np.random.randint(0, 2, 40)
            layers = [keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1, activation="sigmoid")]
            model = keras.Sequential(layers)
            model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
            history = model.fit(X, y, epochs=1, validation_split=0.25, verbose=0)
            print(history.history["accuracy"], history.history["val_loss"])
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            import numpy as np

            X, y = np.random.rand(40, 3), np.random.randint(0, 2, 40)
            model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
            model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["acc"])
            history = model.fit(X, y, epochs=1, verbose=0)
            print(history.history["acc"])
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            import numpy as np

            X, y = np.random.rand(40, 3), np.random.randint(0, 2, 40)
            model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
            model.compile("adam", "binary_crossentropy", metrics=["accuracy"])
            numbers = model.fit(X, y, epochs=1, verbose=0).history
            key = "acc" if "acc" in numbers else "accuracy"
            print(numbers[key], numbers.get("acc"))
            if "val_loss" in numbers:
                print(numbers["val_loss"])
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            import numpy as np

            X, y = np.random.rand(40, 3), np.random.randint(0, 2, 40)
            model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
            model.compile("adam", "binary_crossentropy", metrics=[keras.metrics.AUC(name="area"), "Recall"])
            history = model.fit(X, y, epochs=1, verbose=0)
            print(history.history["area"], history.history["Recall"])
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            import numpy as np

            X, y = np.random.rand(40, 3), np.random.rand(40)
            model = keras.Sequential([keras.layers.Dense(1)])
            model.compile("adam", "mse", metrics=["mae"])
            schedule = keras.callbacks.LearningRateScheduler(lambda epoch: 0.01)
            history = model.fit(X, y, epochs=1, verbose=0, callbacks=[schedule])
            print(history.history["learning_rate"])
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            import numpy as np

            X, y = np.random.rand(40, 3), np.random.rand(40)
            model = keras.Sequential([keras.layers.Dense(1)])
            for metrics in (["mae"], ["mse"]):
                model.compile("adam", "mse", metrics=metrics)
                history = model.fit(X, y, epochs=1, verbose=0, validation_data=(X, y))
                for name, numbers in history.history.items():
                    print(name, numbers[-1], history.history[name])
            try:
                print(history.history["mae"])
            except KeyError:
                print(history.history["mse"])
            """
        ),
        example(
            """
            import os

            os.environ.setdefault("KERAS_BACKEND", "torch")
            import keras
            import numpy as np

            X, y = np.random.rand(40, 3), np.random.rand(40)
            inputs = keras.Input(shape=(3,))
            hidden = keras.layers.Dense(4)(inputs)
            outputs = [keras.layers.Dense(1, name="price")(hidden), keras.layers.Dense(1, name="area")(hidden)]
            model = keras.Model(inputs, outputs)
            model.compile("adam", "mse", metrics=[["mae"], ["mae"]])
            history = model.fit(X, [y, y], epochs=1, verbose=0)
            print(history.history["price_mae"])
            """
        ),
    ),
    check=check,
    references=("https://keras.io/api/models/model_training_apis/",),
    raises=("KeyError",),
)
