"""What is said of Keras, skorch and SciKeras is what they do: tried on real data, where they are installed."""

from __future__ import annotations

import inspect
import os
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from mlsense.analysis import Analyser
from mlsense.semantics.models.estimators import KERAS_LAYERS, kinds_of
from mlsense.semantics.models.keras import HISTORY, LAYERS, METRICS, NUMBERS, SILENT_CALLBACKS
from mlsense.semantics.values import Data, DictObject
from mlsense.syntax import script

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.torch


@pytest.fixture
def keras(monkeypatch: pytest.MonkeyPatch) -> Any:
    if find_spec("keras") is None or find_spec("torch") is None:
        pytest.skip("keras or torch is not installed")
    if "KERAS_BACKEND" not in os.environ:
        monkeypatch.setenv("KERAS_BACKEND", "torch")
    return pytest.importorskip("keras")


@pytest.mark.parametrize("name", KERAS_LAYERS)
def test_a_layer_learns_by_adapt(keras: Any, name: str) -> None:
    assert hasattr(getattr(keras.layers, name), "adapt")
    assert kinds_of(f"keras.layers.{name}") == ("transformer",)


def test_normalisation_learns_of_the_rows_it_adapts_to(keras: Any) -> None:
    table = np.random.default_rng(0).normal([5.0, 900.0], [2.0, 300.0], (200, 2)).astype("float32")
    one, other = keras.layers.Normalization(), keras.layers.Normalization()
    one.adapt(table)
    other.adapt(table[:100])
    out = np.asarray(keras.ops.convert_to_numpy(one(table)))
    assert np.abs(out.mean(axis=0)).max() < 0.01
    assert np.abs(out.std(axis=0) - 1).max() < 0.01
    assert not np.allclose(out, keras.ops.convert_to_numpy(other(table)))


def test_validation_split_keeps_the_last_rows_apart(keras: Any) -> None:
    """Trained on rows whose target is 0, the last of which have 100: what it learned is 0."""
    table, target = np.ones((100, 1), "float32"), np.zeros((100, 1), "float32")
    target[80:] = 100
    model = keras.Sequential([keras.layers.Dense(1, kernel_initializer="zeros")])
    model.compile(optimizer="sgd", loss="mse")
    history = model.fit(table, target, epochs=2, validation_split=0.2, verbose=0)
    assert history.history["loss"][-1] == 0
    assert history.history["val_loss"][-1] == pytest.approx(10_000)


@pytest.mark.parametrize(
    ("library", "name"),
    [
        ("skorch", "NeuralNetClassifier"),
        ("skorch", "NeuralNetBinaryClassifier"),
        ("skorch", "NeuralNetRegressor"),
        ("scikeras.wrappers", "KerasClassifier"),
        ("scikeras.wrappers", "KerasRegressor"),
    ],
)
def test_a_wrapper_is_an_estimator_of_its_kind(library: str, name: str) -> None:
    if find_spec(library.partition(".")[0]) is None:
        pytest.skip(f"{library} is not installed")
    from sklearn.base import ClassifierMixin, RegressorMixin

    try:
        cls = getattr(pytest.importorskip(library), name)
    except ImportError as error:
        pytest.skip(str(error))
    (kind,) = kinds_of(f"{library}.{name}") or ()
    assert issubclass(cls, ClassifierMixin if kind == "classifier" else RegressorMixin)


# --- layers ------------------------------------------------------------------------------------------

SETUP = """
import keras
import numpy as np
layers = keras.layers
"""
ROW, STEPS, IMAGE, VIDEO, TOKENS = (3,), (8, 3), (8, 8, 3), (4, 4, 4, 3), (5,)
# How each layer is made, and the shape of a row of what it is given.
_MADE: dict[str, tuple[str, tuple[int, ...]]] = {
    "Dense": ("(5, 'relu')", ROW),
    "Embedding": ("(7, 6)", TOKENS),
    "Activation": ("('tanh')", ROW),
    "RepeatVector": ("(2)", ROW),
    "Reshape": ("((3, 1))", ROW),
    "Permute": ("((2, 1))", STEPS),
    "Flatten": ("()", STEPS),
    "Cropping1D": ("(1)", STEPS),
    "GroupNormalization": ("(3)", ROW),
    **{f"SpatialDropout{dimensions}D": ("(0.5)", shape) for dimensions, shape in ((1, STEPS), (2, IMAGE), (3, VIDEO))},
    **{
        f"{name}{dimensions}D": ("(2)", shape)
        for name in ("AveragePooling", "AvgPool")
        for dimensions, shape in ((1, STEPS), (2, IMAGE), (3, VIDEO))
    },
    **dict.fromkeys(("SimpleRNN", "GRU", "LSTM"), ("(6)", STEPS)),
    **dict.fromkeys(("Dropout", "GaussianNoise", "GaussianDropout", "AlphaDropout"), ("(0.5)", ROW)),
}
_BY_DIMENSION = {"1": STEPS, "2": IMAGE, "3": VIDEO}


def _example(name: str) -> tuple[str, tuple[int, ...]]:
    if name in _MADE:
        return _MADE[name]
    dimensions = next((digit for digit in _BY_DIMENSION if f"{digit}D" in name), "")
    shape = _BY_DIMENSION.get(dimensions, ROW)
    return ("(6, 2, activation='relu')" if "Conv" in name else "()", shape)


def _believed(program: str, name: str) -> Any:
    """What the analysis knows of a name at the end of a program."""
    trace = Analyser().analyse(script("a.py", SETUP + program)).trace
    assert trace is not None
    return next(seen.object for seen in reversed([*trace.sightings.values()]) if seen.name == name)


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_gives_as_many_numbers_as_it_is_said_to(keras: Any, name: str) -> None:
    arguments, shape = _example(name)
    units = shape[-1]
    before = f"given = layers.Dense({units})(keras.Input(shape={shape}))\n"
    real = eval(f"keras.layers.{name}{arguments}", {"keras": keras})(np.ones((2, *shape)))
    believed = _believed(f"{before}made = layers.{name}{arguments}(given)\n", "made")
    assert isinstance(believed, Data)
    assert real.shape[0] == 2
    assert believed.operation is not None
    if LAYERS[name].units:
        assert believed.operation.units == real.shape[-1]


@pytest.mark.parametrize("name", [name for name, layer in LAYERS.items() if layer.parameters])
def test_parameters_are_in_their_order(keras: Any, name: str) -> None:
    told = LAYERS[name].parameters.split()
    real = [each for each in inspect.signature(getattr(keras.layers, name)).parameters if each != "self"]
    assert real[: len(told)] == told


@pytest.mark.parametrize(
    ("layer", "operation"),
    [
        ("Dense(2)", "linear"),
        ("Dense(2, 'softmax')", "softmax"),
        ("Dense(2, activation=None)", "linear"),
        ("Dense(2, activation=keras.activations.sigmoid)", "sigmoid"),
        ("Dense(2, activation='linear')", "linear"),
        ("Activation('softmax')", "softmax"),
        ("Softmax()", "softmax"),
        ("ReLU()", "relu"),
        ("Dropout(0.5)", "linear"),
    ],
)
def test_the_last_operation_is_done(keras: Any, layer: str, operation: str) -> None:
    """What comes out is what the function of that name makes of itself no further, and others would change."""
    believed = _believed(f"given = layers.Dense(2)(keras.Input(shape=(3,)))\nmade = layers.{layer}(given)\n", "made")
    assert isinstance(believed, Data)
    assert believed.operation is not None
    assert believed.operation.name == operation
    given = np.array([[-5.0, 3.0], [2.0, 7.0]], "float32")
    out = np.asarray(keras.ops.convert_to_numpy(eval(f"keras.layers.{layer}", {"keras": keras})(given)))
    ends = {
        "softmax": np.allclose(out.sum(axis=1), 1),
        "sigmoid": bool(((out > 0) & (out < 1)).all()),
        "relu": bool((out >= 0).all()),
        "linear": True,
    }
    assert ends[operation]


# --- what a training remembers -----------------------------------------------------------------------


@pytest.mark.parametrize(("name", "key"), METRICS.items())
def test_a_metric_is_always_called_the_same_or_numbered(keras: Any, name: str, key: str) -> None:
    made = [getattr(keras.metrics, name)().name for _ in range(3)]
    assert set(made) == {key} if key else len(set(made)) == 3


@pytest.mark.parametrize("name", sorted(SILENT_CALLBACKS))
def test_a_callback_adds_nothing_to_the_history(keras: Any, name: str, tmp_path: Path) -> None:
    required: dict[str, str] = {
        "ModelCheckpoint": str(tmp_path / "a.keras"),
        "BackupAndRestore": str(tmp_path),
        "CSVLogger": str(tmp_path / "log.csv"),
    }
    if name == "TensorBoard" and find_spec("tensorboard") is None:
        pytest.skip("tensorboard is not installed")
    callback = getattr(keras.callbacks, name)(*([required[name]] if name in required else []))
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("adam", "mse")
    history = model.fit(np.ones((8, 2)), np.ones(8), verbose=0, validation_split=0.5, callbacks=[callback])
    assert set(history.history) == {"loss", "val_loss"}


@pytest.mark.parametrize(
    "metrics",
    [
        "None",
        "[]",
        "['accuracy']",
        "['acc']",
        "['mae', 'mse']",
        "['mean_absolute_error']",
        "('MAE',)",
        "['Precision', 'AUC']",
        "[keras.metrics.mean_squared_error]",
        "[keras.metrics.BinaryAccuracy(), keras.metrics.AUC(name='area')]",
        "[keras.metrics.MeanSquaredError('error')]",
        "[keras.metrics.AUC()]",
        "['mae', 'mae']",
        "[own]",
    ],
)
@pytest.mark.parametrize("told", ["", ", validation_split=0.5", ", validation_data=(x, y)", ", validation_split=0.0"])
def test_the_history_has_the_keys_it_is_said_to(keras: Any, metrics: str, told: str) -> None:
    program = f"""
def own(y_true, y_pred):
    return keras.ops.mean(y_pred)
x, y = np.ones((8, 2)), np.array([0, 1] * 4)
model = keras.Sequential([keras.layers.Dense(1, activation="sigmoid")])
model.compile("adam", "binary_crossentropy", metrics={metrics})
history = model.fit(x, y, verbose=0{told})
scores = model.evaluate(x, y, verbose=0)
kept = history.history
kept, scores
"""
    there: dict[str, Any] = {}
    exec(SETUP + program, there)
    believed = _believed(program, "kept")
    assert type(there["history"]).__name__ == HISTORY.rpartition(".")[2]
    assert isinstance(believed, DictObject)
    assert believed.symbol == NUMBERS
    uncertain = {"[keras.metrics.AUC()]", "['mae', 'mae']", "[keras.metrics.MeanSquaredError('error')]"}
    assert believed.open is (metrics in uncertain)
    if not believed.open:
        assert {key for key, _ in believed.items} == set(there["kept"])
        scores = _believed(program, "scores")
        assert isinstance(scores, Data) is not isinstance(there["scores"], list)
        assert isinstance(scores, Data) or len(scores.items) == len(there["scores"])
