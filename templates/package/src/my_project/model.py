"""The pipeline, and how it is kept."""

from pathlib import Path

import skops.io
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

PATH = Path("models/model.skops")
# The imputer keeps the type of its numbers.
TRUSTED = ["numpy.dtype"]


def make_model() -> Pipeline:
    """All that is learned from data is a step of it: only training rows shape it."""
    return make_pipeline(
        SimpleImputer(strategy="median"),
        StandardScaler(),
        LogisticRegression(max_iter=1000),
    )


def save(model: Pipeline, path: Path = PATH) -> None:
    """Writes the model to a file that runs no code when it is loaded."""
    path.parent.mkdir(parents=True, exist_ok=True)
    skops.io.dump(model, path)


def load(path: Path = PATH) -> Pipeline:
    """The model of a file; raises where it holds what is not known to be safe."""
    return skops.io.load(path, trusted=TRUSTED)
