"""Runs a program as a person would, and gives what it printed."""

from __future__ import annotations

import io
import os
import re
import signal
import sys
import warnings
from contextlib import contextmanager, redirect_stdout
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 60
EXPERIMENTS = {
    "sklearn.impute": {"IterativeImputer"},
    "sklearn.model_selection": {"HalvingGridSearchCV", "HalvingRandomSearchCV"},
}


# What examples import beyond the packages that every developer installs: by group of `pyproject.toml`.
EXTRA = ("torch", "torchvision", "keras", "tensorflow", "gymnasium", "seaborn", "matplotlib")


def needed(text: str) -> set[str]:
    """The packages of the extra groups that a program imports."""
    return {name for name in EXTRA if re.search(rf"^\s*(?:import|from) {name}\b", text, re.MULTILINE)}


def extra_marks(text: str) -> tuple[pytest.MarkDecorator, ...]:
    """The marks of a test that runs this program: with PyTorch, Keras and the like, where they are installed.

    Where the continuous integration says that they are, a missing one is a failure.
    """
    names = needed(text)
    missing = sorted(name for name in names if find_spec(name) is None)
    # TensorFlow is in no group: Keras runs on PyTorch, and the rules that are about TensorFlow alone are few.
    if not names or (missing and missing != ["tensorflow"] and os.environ.get("MLSENSE_TORCH")):
        return (pytest.mark.torch,) if names else ()
    return (pytest.mark.torch, pytest.mark.skipif(bool(missing), reason=f"{', '.join(missing)} not installed"))


def printed(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs it in a folder of its own; what it raises is the caller's to see."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sys.argv", ["example.py"])
    if "keras.datasets" in text or "from keras" in text:
        small_pictures(monkeypatch)
    forget_experiments()
    output = io.StringIO()
    with warnings.catch_warnings(), redirect_stdout(output), time_limit(SECONDS):
        warnings.simplefilter("ignore")
        exec(compile(text, "example.py", "exec"), {"__name__": "__main__"})
    return output.getvalue()


def forget_experiments() -> None:
    """What scikit-learn gives only after its experiments were enabled, as in a process of its own."""
    for name in [name for name in sys.modules if name.startswith("sklearn.experimental.enable_")]:
        del sys.modules[name]
        vars(sys.modules["sklearn.experimental"]).pop(name.rpartition(".")[2], None)
    for module, names in EXPERIMENTS.items():
        given = vars(sys.modules[module]) if module in sys.modules else {}
        for name in names & given.keys():
            del given[name]


def small_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keras's data sets of pictures, a few made ones of the same shape: the real ones would be downloaded."""
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras
    import numpy as np

    def loader(shape: tuple[int, ...], classes: int, *, column: bool) -> object:
        def load_data(label_mode: str = "fine") -> object:
            count = 20 if label_mode == "coarse" else classes

            def half(rows: int) -> tuple[object, object]:
                labels = np.arange(rows) % count
                pictures = np.random.default_rng(0).integers(0, 256, (rows, *shape), dtype=np.uint8)
                return pictures, labels[:, None] if column else labels

            return half(2 * count), half(count)

        return load_data

    for name, shape, classes, column in (
        ("mnist", (28, 28), 10, False),
        ("fashion_mnist", (28, 28), 10, False),
        ("cifar10", (32, 32, 3), 10, True),
        ("cifar100", (32, 32, 3), 100, True),
    ):
        monkeypatch.setattr(getattr(keras.datasets, name), "load_data", loader(shape, classes, column=column))


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Ends what runs too long, where the system has alarms."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def late(*_: object) -> None:
        raise TimeoutError(f"still running after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
