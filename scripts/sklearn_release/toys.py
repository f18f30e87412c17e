"""Small data on which every estimator can be tried, and estimators made so that trying is quick."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from copy import deepcopy
from functools import cache
from typing import Any

import numpy as np
import scipy.sparse as sp
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

# More threads cost more than they bring on so few rows.
threadpool_limits(1)

ROWS, MANY_ROWS, COLUMNS = 36, 1080, 4
Data = tuple[Any, Any]


def _features(targets: np.ndarray) -> np.ndarray:
    random = np.random.RandomState(7)
    return random.uniform(0.1, 2, size=(len(targets), COLUMNS)) + targets[:, None] * np.array([1.5, 0, 0.5, 0])


def data(name: str, rows: int = ROWS) -> Data:
    """Features and targets; features are positive unless the name says otherwise. `rows` is a multiple of 12.

    A copy each time: with `copy=False` an estimator writes into what it is given.
    """
    return deepcopy(_data(name, rows))


@cache
def _data(name: str, rows: int) -> Data:
    random = np.random.RandomState(3)
    two_classes, three_classes = np.tile([0, 1], rows // 2), np.tile([0, 1, 2], rows // 3)
    binary, three = _features(two_classes), _features(three_classes)
    continuous = binary @ np.array([1.0, 2.0, 0.5, 0.1]) + 1 + random.uniform(0, 0.2, rows)
    distances = np.linalg.norm(binary[:, None] - binary[None], axis=2)
    made: dict[str, Callable[[], Data]] = {
        "binary": lambda: (binary, two_classes),
        "multiclass": lambda: (three, three_classes),
        "multilabel": lambda: (
            binary,
            np.column_stack([two_classes, three_classes > 0, three_classes == 1]).astype(int),
        ),
        "regression": lambda: (binary, continuous),
        "targets": lambda: (binary, np.column_stack([continuous, 3 + continuous[::-1]])),
        "negative targets": lambda: (binary, continuous - continuous.mean()),
        "negative features": lambda: (binary - binary.mean(axis=0), two_classes),
        "sparse": lambda: (sp.csr_matrix(binary), two_classes),
        "sparse regression": lambda: (sp.csr_matrix(binary), continuous),
        "missing values": lambda: (
            np.where(np.arange(rows * COLUMNS).reshape(rows, COLUMNS) % 11, binary, np.nan),
            two_classes,
        ),
        "two columns": lambda: (binary[:, :2], two_classes),
        "two columns, regression": lambda: (binary[:, :2], continuous),
        "square": lambda: (distances, two_classes),
        "square, regression": lambda: (distances, continuous),
        "similarities": lambda: (np.exp(-distances), two_classes),
        "similarities, regression": lambda: (np.exp(-distances), continuous),
        "yes and no": lambda: (binary > 1.2, two_classes),
        "categories": lambda: (np.array([["a", "x"], ["b", "y"], ["c", "x"], ["a", "y"]] * (rows // 4)), two_classes),
        "strings": lambda: (
            np.array([["a", "x"], ["b", "y"], ["c", "x"], ["a", "y"]] * (rows // 4), dtype=object),
            two_classes,
        ),
        "texts": lambda: (
            ["a red apple", "the green pear", "red pears and apples", "a green thing"] * (rows // 4),
            two_classes,
        ),
        "dictionaries": lambda: ([{"a": 1.0, "b": 2.0}, {"a": 3.0, "c": 1.0}] * (rows // 2), two_classes),
        "one column": lambda: (binary[:, 0], continuous),
        "labels": lambda: (two_classes, None),
        "label sets": lambda: ([["a"], ["b", "c"], ["a", "c"]] * (rows // 3), None),
        "images": lambda: (random.uniform(size=(4, 12, 12)), None),
    }
    return made[name]()


# What makes a fit quick without changing what is accepted. Only for parameters that the caller does not set.
QUICK = {"n_estimators": 3, "n_init": 1, "cv": 2, "n_candidates": 4, "n_repeats": 2, "perplexity": 5.0}
REQUIRED: dict[str, Callable[[bool], Any]] = {
    "estimator": lambda regressor: Ridge() if regressor else LogisticRegression(),
    "estimators": lambda regressor: [(name, Ridge() if regressor else LogisticRegression()) for name in "ab"],
    "steps": lambda regressor: [("scale", StandardScaler()), ("model", LogisticRegression())],
    "transformers": lambda regressor: [("scale", StandardScaler(), [0, 1])],
    "transformer_list": lambda regressor: [("scale", StandardScaler())],
    "param_grid": lambda regressor: {},
    "param_distributions": lambda regressor: {},
    "dictionary": lambda regressor: np.eye(COLUMNS),
}


# What some classes need for so few rows, or else have only by name.
OF_CLASS: dict[str, dict[str, Any]] = {
    "GaussianRandomProjection": {"n_components": 2},
    "SparseRandomProjection": {"n_components": 2},
    "LogisticRegressionCV": {"Cs": 2},
    "HalvingRandomSearchCV": {"n_candidates": "exhaust"},
    "SelfTrainingClassifier": {"estimator": LogisticRegression()},
}


def regresses(cls: type) -> bool:
    return "Regressor" in cls.__name__


def made(cls: type, **given: Any) -> Any:
    """An instance with what it requires, quick to fit. Raises what the class raises."""
    parameters = inspect.signature(cls).parameters
    filled = {
        name: make(regresses(cls))
        for name, make in REQUIRED.items()
        if name in parameters and parameters[name].default is inspect.Parameter.empty
    }
    quick = {name: value for name, value in (QUICK | OF_CLASS.get(cls.__name__, {})).items() if name in parameters}
    return cls(**{**quick, **filled, **given})


def clusterer() -> Any:
    return KMeans(2, n_init=1, random_state=0)
