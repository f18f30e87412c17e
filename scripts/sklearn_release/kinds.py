"""What each estimator is, needs and has: found by fitting it, with each value of its parameters that can be listed."""

from __future__ import annotations

import ast
import inspect
import signal
import textwrap
import warnings
from collections.abc import Iterator, Mapping
from copy import deepcopy
from types import FrameType
from typing import Any

import numpy as np
import pandas as pd
import scipy.sparse as sp
from sklearn.base import ClassifierMixin, ClusterMixin, OutlierMixin, RegressorMixin, TransformerMixin
from sklearn.cluster import KMeans
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KernelDensity
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from sklearn_release.constraints import described, validates
from sklearn_release.public import defaults, estimators, home
from sklearn_release.toys import REQUIRED, Data, data, made

MIXINS = {
    "classifier": ClassifierMixin, "regressor": RegressorMixin, "clusterer": ClusterMixin,
    "transformer": TransformerMixin, "outlier detector": OutlierMixin,
}  # fmt: skip
# The first on which an estimator can be fitted is its own.
TOYS = (
    "multiclass", "regression", "binary", "multilabel", "targets", "texts", "dictionaries", "strings", "one column",
    "labels", "label sets", "images", "square",
)  # fmt: skip
TAKE_FEATURES = ("predict", "predict_proba", "predict_log_proba", "decision_function", "transform", "score_samples")
SECONDS = 20
# A power of two, so that no digit is lost.
FACTOR = 32.0
# Texts of a parameter beyond which it is not tried: names of metrics and scorers, which decide nothing here.
MOST_TEXTS = 12
# Values of parameters that are estimators: a method that only some of them give the whole is passed on.
INNER: dict[str, tuple[Any, ...]] = {
    "estimator": (LogisticRegression(), LinearSVC(), Ridge(), KMeans(2, n_init=1), KernelDensity(), StandardScaler()),
    "base_estimator": (LogisticRegression(), LinearSVC()),
    "final_estimator": (LogisticRegression(), LinearSVC(), Ridge()),
}


def kinds() -> dict[str, dict[str, Any]]:
    """By dotted name; nothing for releases that do not say what their parameters accept (before 1.2)."""
    if not validates():
        return {}
    found = {home(cls): facts(cls) for cls in estimators().values()}
    return {dotted: said for dotted, said in found.items() if said}


def facts(cls: type) -> dict[str, Any]:
    toy = next((name for name in TOYS if used(cls, data(name))), None)
    if toy is None:
        return {}
    X, y = data(toy)
    usual = fitted(cls, (X, y))
    numeric = isinstance(X, np.ndarray) and X.ndim == 2 and X.dtype.kind == "f"
    said: dict[str, Any] = {
        "kind": sorted(kind for kind, mixin in MIXINS.items() if issubclass(cls, mixin)),
        "random": "random_state" in inspect.signature(cls).parameters,
    }
    # What is put together of others needs what they need.
    if not any(name in REQUIRED and parameter.default is parameter.empty
               for name, parameter in inspect.signature(cls).parameters.items()):  # fmt: skip
        said |= needs(cls, (X, y), numeric)
    tried = [({}, usual), *variants(cls, (X, y))]
    attributes = [learned(one) for _, one in tried]
    always = set.intersection(*attributes)
    frame = fitted(cls, (pd.DataFrame(X, columns=[f"c{i}" for i in range(X.shape[1])]), y)) if numeric else None
    sometimes = set.union(*attributes, written(cls), learned(frame) if frame is not None else set()) - always
    said |= {"fitted": sorted(always), "sometimes": sorted(sometimes)}
    conditions = conditional(cls, X, tried)
    return said | ({"conditional": conditions} if conditions else {})


def needs(cls: type, toy: Data, numeric: bool) -> dict[str, Any]:
    X, y = toy
    said = {"needs_fit": needs_fit(cls, X), "needs_y": y is not None and fitted(cls, (X, None)) is None}
    if numeric:
        missing = np.where(np.arange(X.size).reshape(X.shape) % 11, X, np.nan)
        said |= {
            "nan": used(cls, (missing, y)),
            "sparse": used(cls, (sp.csr_matrix(X), y)),
            "positive": not used(cls, (X - X.mean(axis=0), y)),
        }
        scale = scale_matters(cls, toy)
        said |= {} if scale is None else {"scale": scale}
    if issubclass(cls, ClassifierMixin):
        said["multiclass"] = fitted(cls, data("multiclass")) is not None
        said["multioutput"] = fitted(cls, data("multilabel")) is not None
    if issubclass(cls, RegressorMixin):
        said["multioutput"] = fitted(cls, data("targets")) is not None
    return said


# --- trying ---------------------------------------------------------------------------------------------


class _TooLong(Exception):
    pass


def _stop(number: int, frame: FrameType | None) -> None:
    raise _TooLong


def fitted(cls: type, toy: Data, **given: Any) -> Any:
    """The fitted instance; None where it cannot be fitted."""
    X, y = deepcopy(toy)
    previous = signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            np.random.seed(0)
            seed = {"random_state": 0} if "random_state" in inspect.signature(cls).parameters else {}
            instance = made(cls, **{**seed, **given})
            return instance.fit(X) if y is None else instance.fit(X, y)
    except Exception:
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def used(cls: type, toy: Data) -> bool:
    """Whether it can be fitted and then give something for the same features."""
    instance = fitted(cls, toy)
    if instance is None:
        return False
    method = next((name for name in TAKE_FEATURES if hasattr(instance, name)), None)
    return method is None or works(instance, method, toy[0])


def works(instance: Any, method: str, X: Any) -> bool:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            getattr(instance, method)(deepcopy(X))
    except Exception:
        return False
    return True


def needs_fit(cls: type, X: Any) -> bool:
    instance = made(cls)
    methods = [name for name in TAKE_FEATURES if hasattr(instance, name)]
    return not any(works(instance, name, X) for name in methods)


def scale_matters(cls: type, toy: Data) -> bool | None:
    """Whether what it predicts or gives for labels changes when features are 32 times as large, or as small."""
    X, y = toy
    usual = fitted(cls, toy)
    columns = [np.arange(X.shape[1]) == column for column in range(X.shape[1])]
    for column in [*columns, np.ones(X.shape[1], dtype=bool)]:
        for factor in (FACTOR, 1 / FACTOR):
            scaled = X * np.where(column, factor, 1.0)
            other = fitted(cls, (scaled, y))
            if usual is None or other is None:
                return None
            same = agree(usual, X, other, scaled)
            if not same:
                return None if same is None else True
    return False


def agree(one: Any, X: Any, other: Any, scaled: Any) -> bool | None:
    """Whether all that two fitted instances give is the same; None where nothing is given, or the same for all rows."""
    compared = []
    for method in ("decision_function", "predict_proba", "score_samples", "predict"):
        if readable(one, method) and readable(other, method):
            try:
                compared.append(
                    [
                        np.asarray(getattr(one, method)(deepcopy(X))),
                        np.asarray(getattr(other, method)(deepcopy(scaled))),
                    ]
                )
            except Exception:
                return None
    if not compared and isinstance(one, ClusterMixin):
        compared.append([np.asarray(one.labels_), np.asarray(other.labels_)])
    if not any(np.ptp(first, axis=0).max() > 0 for first, _ in compared):
        return None
    return all(np.allclose(first, second, rtol=1e-4, atol=1e-6) for first, second in compared)


def variants(cls: type, toy: Data) -> Iterator[tuple[dict[str, Any], Any]]:
    """Fitted with one parameter other than usual, for each value that can be listed."""
    said = getattr(cls, "_parameter_constraints", {})
    for name, usual in defaults(cls).items():
        for value in listed(said, name):
            if value is not usual and value != usual and name not in ("n_jobs", "verbose"):
                instance = fitted(cls, toy, **{name: value})
                if instance is not None:
                    yield {name: value}, instance
    for name, values in INNER.items():
        if name in inspect.signature(cls).parameters:
            for value in values:
                instance = fitted(cls, toy, **{name: value})
                if instance is not None:
                    yield {name: value}, instance
    for name, values in several(cls).items():
        for value in values:
            instance = fitted(cls, toy, **{name: value})
            if instance is not None:
                yield {name: value}, instance


def several(cls: type) -> Mapping[str, tuple[Any, ...]]:
    names = inspect.signature(cls).parameters
    if "steps" in names:
        return {"steps": tuple([("model", model)] for model in (LogisticRegression(), LinearSVC(), StandardScaler()))}
    if "estimators" in names:
        models = (LogisticRegression(), LinearSVC(), Ridge())
        return {"estimators": tuple([("a", model), ("b", model)] for model in models)}
    return {}


def listed(said: Mapping[str, Any], name: str) -> list[Any]:
    accepted = described(said.get(name, "no_validation"))
    flags = [True, False] if "boolean" in accepted.get("t", ()) else []
    texts = [*accepted.get("s", ()), *accepted.get("d", ())]
    return [*(texts if len(texts) <= MOST_TEXTS else ()), *flags, *([None] if "n" in accepted.get("c", ()) else [])]


# --- what is there -----------------------------------------------------------------------------------------


def learned(instance: Any) -> set[str]:
    """Attributes that end in one underscore and can be read."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = set(dir(type(instance))) | set(vars(instance))
        return {name for name in names if is_learned(name) and readable(instance, name)}


def readable(instance: Any, name: str) -> bool:
    """Some properties raise more than AttributeError."""
    try:
        getattr(instance, name)
    except Exception:
        return False
    return True


def is_learned(name: str) -> bool:
    return name.endswith("_") and not name.endswith("__") and not name.startswith("_")


def written(cls: type) -> set[str]:
    """Such attributes that its source assigns or defines, whatever it takes to get there."""
    found = set()
    for base in cls.__mro__:
        if not base.__module__.startswith("sklearn"):
            continue
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(base)))
        except (OSError, TypeError, SyntaxError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and _is_self(node.value):
                found.add(node.attr)
            elif isinstance(node, ast.FunctionDef):
                found.add(node.name)
    return {name for name in found if is_learned(name)}


def _is_self(node: ast.expr) -> bool:
    return isinstance(node, ast.Name) and node.id == "self"


def conditional(cls: type, X: Any, tried: list[tuple[dict[str, Any], Any]]) -> dict[str, dict[str, Any]]:
    """Methods that some fitted instances have and others have not: by parameter, the values with and without it.

    A parameter that is an estimator is only named, with an empty list: the method is there where that one has it.
    """
    found: dict[str, dict[str, Any]] = {}
    for method in methods(cls):
        has = [available(instance, method, X) for _, instance in tried]
        if all(has):
            continue
        by: dict[str, Any] = {}
        for (values, _), there in zip(tried[1:], has[1:], strict=True):
            for name, value in values.items():
                by.setdefault(name, ([], []))[0 if there else 1].append(value)
        said: dict[str, Any] = {"usual": has[0]}
        for name, (with_, without) in by.items():
            if (without if has[0] else with_) == []:
                continue
            inner = name in INNER or name in ("steps", "estimators")
            (with_ if has[0] else without).append(defaults(cls).get(name))
            said[name] = [] if inner else [with_, without]
        found[method] = said
    return found


def methods(cls: type) -> list[str]:
    return [
        name for name in dir(cls)
        if not name.startswith("_") and not name.endswith("_") and not name.startswith(("set_", "get_"))
        and not isinstance(inspect.getattr_static(cls, name, None), property)
        and (callable(getattr(cls, name, None)) or hasattr(inspect.getattr_static(cls, name, None), "fn"))
    ]  # fmt: skip


def available(instance: Any, method: str, X: Any) -> bool:
    """Whether it is there and, where it takes features alone, is implemented."""
    if not readable(instance, method):
        return False
    if method in TAKE_FEATURES:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                getattr(instance, method)(deepcopy(X))
        except NotImplementedError:
            return False
        except Exception:
            return True
    return True
