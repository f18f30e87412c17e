"""Scorers, metric functions and splitters: what each is for, found by calling it."""

from __future__ import annotations

import inspect
import math
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import sklearn.metrics
import sklearn.model_selection
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.multiclass import OneVsRestClassifier

from sklearn_release.public import home
from sklearn_release.table import chances
from sklearn_release.toys import data

ESTIMATORS: dict[str, Callable[[], Any]] = {
    "binary": LogisticRegression,
    "multiclass": LogisticRegression,
    "multilabel": lambda: OneVsRestClassifier(LogisticRegression()),
    "regression": Ridge,
    "clusters": lambda: KMeans(2, n_init=1, random_state=0),
}
OF_FAMILY = {
    "classification": ("binary", "multiclass", "multilabel"),
    "regression": ("regression",),
    "clustering": ("clusters",),
}
OLD_RESPONSES = {
    "_PredictScorer": ["predict"],
    "_ProbaScorer": ["predict_proba"],
    "_ThresholdScorer": ["decision_function", "predict_proba"],
}
TRUTHS = ("y_true", "labels_true")
REQUIRED = {"beta": 1.0, "metric_func": sklearn.metrics.accuracy_score}


def scorers() -> dict[str, dict[str, Any]]:
    """By the text that `scoring=` takes."""
    names = getattr(sklearn.metrics, "get_scorer_names", None)
    known = names() if names else sklearn.metrics.SCORERS
    return {name: scorer(name) for name in sorted(known)}


def scorer(name: str) -> dict[str, Any]:
    made = sklearn.metrics.get_scorer(name)
    family = family_of(made._score_func)
    return {
        "family": family,
        "targets": [kind for kind in OF_FAMILY[family] if scores(made, kind)],
        "response": response(made),
        "sign": made._sign,
        "metric": home(made._score_func),
    }


def family_of(function: Callable[..., Any]) -> str:
    """By the file it is written in."""
    module = function.__module__
    if "cluster" in module:
        return "clustering"
    return "regression" if module.endswith("_regression") else "classification"


def response(made: Any) -> list[str]:
    """What it asks the estimator for: the first of these that there is."""
    method = getattr(made, "_response_method", None)
    if method is None:
        return OLD_RESPONSES[type(made).__name__]
    return [method] if isinstance(method, str) else list(method)


def scores(made: Any, kind: str) -> bool:
    X, y = data("binary" if kind == "clusters" else kind)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return math.isfinite(made(ESTIMATORS[kind]().fit(X, y), X, y))
        except Exception:
            return False


def metrics() -> dict[str, dict[str, Any]]:
    """Functions of `sklearn.metrics` that compare truth with prediction, by dotted name."""
    found = {}
    signs = {said["metric"]: said["sign"] for said in scorers().values()}
    for name in sorted(sklearn.metrics.__all__):
        function = getattr(sklearn.metrics, name)
        parameters = list(inspect.signature(function).parameters) if inspect.isfunction(function) else []
        if len(parameters) > 1 and parameters[0] in TRUTHS:
            found[f"sklearn.metrics.{name}"] = metric(function, parameters) | sign(signs.get(home(function)))
    return found


def sign(known: int | None) -> dict[str, bool]:
    return {} if known is None else {"greater_is_better": known > 0}


def metric(function: Callable[..., Any], parameters: list[str]) -> dict[str, Any]:
    family = family_of(function)
    said: dict[str, Any] = {"family": family, "parameters": parameters[:2], "takes": {}}
    for kind in OF_FAMILY[family]:
        y = data("binary" if kind == "clusters" else kind)[1]
        takes = [name for name, made in predictions(y, kind).items() if calls(function, y, made)]
        if takes:
            said["takes"][kind] = takes
    hard = not any({"probabilities", "scores"} & set(takes) for takes in said["takes"].values())
    said["symmetric"] = hard and symmetric(function, family)
    return said


def predictions(y: Any, kind: str) -> dict[str, Any]:
    if kind == "regression":
        return {"values": y[::-1]}
    made = {"labels": y[::-1]}
    if kind != "clusters":
        made["probabilities"] = chances(y)
        made["scores"] = 5 * chances(y) - 2.3
    if kind == "binary":
        made["columns"] = np.column_stack([1 - chances(y), chances(y)])
    return made


def required(function: Callable[..., Any]) -> dict[str, Any]:
    parameters = inspect.signature(function).parameters
    return {n: v for n, v in REQUIRED.items() if n in parameters and parameters[n].default is parameters[n].empty}


def calls(function: Callable[..., Any], y: Any, prediction: Any) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            function(y, prediction, **required(function))
        except Exception:
            return False
    return True


def symmetric(function: Callable[..., Any], family: str) -> bool:
    """Whether the order of the two arguments is of no account."""
    random = np.random.RandomState(1)
    draw = (lambda: random.uniform(1, 5, 40)) if family == "regression" else (lambda: random.randint(0, 2, 40))
    for _ in range(3):
        one, other = draw(), draw() if family == "regression" else (draw() & draw())
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                first, second = (function(*pair, **required(function)) for pair in ((one, other), (other, one)))
            except Exception:
                return False
            try:
                if not np.allclose(np.asarray(first, dtype=float), np.asarray(second, dtype=float)):
                    return False
            except (TypeError, ValueError):
                return False
    return True


def splitters() -> dict[str, dict[str, Any]]:
    """What `split` must be given besides features, by dotted name."""
    found = {}
    for name in sorted(set(sklearn.model_selection.__all__) - {"BaseShuffleSplit", "BaseCrossValidator"}):
        cls = getattr(sklearn.model_selection, name)
        if not isinstance(cls, type) or not hasattr(cls, "split") or inspect.isabstract(cls):
            continue
        required = {"p": 2, "n_groups": 2, "test_fold": np.arange(36) % 3}
        names = inspect.signature(cls).parameters
        needed = {n: v for n, v in required.items() if n in names and names[n].default is names[n].empty}
        if all(p.default is not p.empty or n in needed or p.kind in (p.VAR_KEYWORD, p.VAR_POSITIONAL)
               for n, p in names.items()):  # fmt: skip
            found[f"sklearn.model_selection.{name}"] = splitter(cls(**needed))
    return found


def splitter(made: Any) -> dict[str, Any]:
    X, y = data("binary")
    groups = np.arange(len(y)) // 6
    return {
        "needs_y": not splits(made, X, None, groups),
        "needs_groups": not splits(made, X, y, None),
        "random": "random_state" in inspect.signature(type(made)).parameters,
    }


def splits(made: Any, X: Any, y: Any, groups: Any) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            list(made.split(X, y, groups))
        except Exception:
            return False
    return True
