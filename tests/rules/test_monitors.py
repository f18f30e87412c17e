"""Callbacks of Keras that look at a number: what is said of them is what Keras does."""

from __future__ import annotations

import pytest

from mlsense.analysis import Analyser, Settings
from mlsense.knowledge.versions import Versions
from mlsense.syntax import script

HEAD = """
import keras
import numpy as np
from keras.callbacks import Callback, EarlyStopping, ModelCheckpoint, ReduceLROnPlateau

X, y = np.random.rand(40, 3), np.random.randint(0, 2, 40)
model = keras.Sequential([keras.layers.Input((3,)), keras.layers.Dense(1, activation="sigmoid")])
model.compile(optimizer="adam", loss="binary_crossentropy", metrics=["accuracy"])
"""


def messages(program: str, keras: str = "3.15.0") -> list[str]:
    settings = Settings.of(select=("history-acc-key",), versions=Versions("here", (("keras", keras),)))
    return [each.message for each in Analyser().analyse(script("a.py", f"{HEAD}{program}\n"), settings).findings]


@pytest.mark.parametrize(
    ("callback", "told", "follows"),
    [
        ('EarlyStopping("val_acc")', ", validation_split=0.2", "`fit` raises ValueError"),
        ('EarlyStopping("val_acc", mode="max")', ", validation_split=0.2", "it never stops"),
        ("EarlyStopping(patience=3)", "", "it never stops"),
        ('ModelCheckpoint("a.keras", save_best_only=True)', "", "it never saves a model"),
        ('ModelCheckpoint("a.keras", "val_acc", save_best_only=True)', ", validation_data=(X, y)", "raises ValueError"),
        ('ReduceLROnPlateau(monitor="val_accuracy")', "", "it never lowers the learning rate"),
    ],
)
def test_a_number_that_is_not_there(callback: str, told: str, follows: str) -> None:
    (message,) = messages(f"model.fit(X, y, callbacks=[{callback}]{told})")
    assert follows in message


def test_keras_2_only_warns() -> None:
    (message,) = messages('model.fit(X, y, validation_split=0.2, callbacks=[EarlyStopping("val_acc")])', "2.12.0")
    assert "Keras warns" in message


@pytest.mark.parametrize(
    "program",
    [
        'model.fit(X, y, validation_split=0.2, callbacks=[EarlyStopping("val_accuracy"), ReduceLROnPlateau()])',
        'model.fit(X, y, callbacks=[ModelCheckpoint("all.keras")])',
        'model.fit(X, y, callbacks=[EarlyStopping("loss"), EarlyStopping(monitor="accuracy")])',
        "class Mine(Callback):\n    pass\nmodel.fit(X, y, callbacks=[Mine(), EarlyStopping('val_f1')])",
        "def fit(callbacks):\n    model.fit(X, y, callbacks=callbacks)",
        "import sys\nmodel.fit(X, y, callbacks=[EarlyStopping(sys.argv[1])])",
        'model.compile("adam", "mse", metrics=[keras.metrics.AUC()])\n'
        'model.fit(X, y, callbacks=[EarlyStopping("auc_3", mode="max")])',
    ],
)
def test_of_what_is_there_or_may_be_nothing_is_said(program: str) -> None:
    assert messages(program) == []
