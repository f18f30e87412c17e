from pathlib import Path

import numpy as np
import pytest
from sklearn.dummy import DummyClassifier
from sklearn.pipeline import Pipeline

from my_project.data import Parts, read, split
from my_project.model import load, make_model, save


@pytest.fixture(scope="module")
def parts() -> Parts:
    return split(*read())


@pytest.fixture(scope="module")
def model(parts: Parts) -> Pipeline:
    return make_model().fit(parts.X_train, parts.y_train)


def test_it_is_better_than_guessing(model: Pipeline, parts: Parts) -> None:
    guess = DummyClassifier().fit(parts.X_train, parts.y_train)
    guessed = guess.score(parts.X_test, parts.y_test)
    assert model.score(parts.X_test, parts.y_test) > guessed + 0.2


def test_a_missing_number_is_no_obstacle(model: Pipeline, parts: Parts) -> None:
    row = parts.X_test.head(1).copy()
    row.iloc[0, 0] = np.nan
    assert model.predict(row).shape == (1,)


def test_a_loaded_model_says_the_same(
    model: Pipeline, parts: Parts, tmp_path: Path
) -> None:
    save(model, tmp_path / "model.skops")
    loaded = load(tmp_path / "model.skops")
    expected = model.predict_proba(parts.X_test)
    np.testing.assert_array_equal(loaded.predict_proba(parts.X_test), expected)
