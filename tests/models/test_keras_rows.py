"""What is said of Keras, skorch and SciKeras is what they do: tried on real data, where they are installed."""

from __future__ import annotations

import os
from importlib.util import find_spec
from typing import Any

import numpy as np
import pytest

from mlsense.semantics.models.estimators import KERAS_LAYERS, kinds_of

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
