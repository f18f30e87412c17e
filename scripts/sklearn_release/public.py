"""The public names of the installed release."""

from __future__ import annotations

import contextlib
import importlib
import inspect
import pkgutil
import warnings
from collections.abc import Callable, Iterator
from itertools import takewhile
from typing import Any

import sklearn

with contextlib.suppress(ImportError):
    from sklearn.experimental import enable_iterative_imputer  # noqa: F401
with contextlib.suppress(ImportError):
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401


def minor(version: str) -> str:
    """`1.9.1` -> `1.9`."""
    return ".".join(version.split(".")[:2])


VERSION = minor(sklearn.__version__)
NOT_FOR_USERS = ("tests", "externals", "conftest", "experimental", "setup", "utils", "callback")


def estimators() -> dict[str, type]:
    """All estimator classes by class name."""
    try:
        from sklearn.utils.discovery import all_estimators
    except ImportError:
        from sklearn.utils import all_estimators
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return dict(all_estimators())


def modules() -> Iterator[Any]:
    """Public modules, those that hold others first."""
    yield sklearn
    for info in pkgutil.walk_packages(sklearn.__path__, "sklearn."):
        parts = info.name.split(".")[1:]
        if any(part.startswith("_") or part in NOT_FOR_USERS for part in parts):
            continue
        with warnings.catch_warnings(), contextlib.suppress(Exception):
            warnings.simplefilter("ignore")
            yield importlib.import_module(info.name)


def home(thing: Any) -> str:
    """The dotted name users import it by: its private file left out."""
    module = ".".join(takewhile(lambda part: not part.startswith("_"), thing.__module__.split(".")))
    return f"{module}.{thing.__name__}"


def callables() -> dict[str, Callable[..., Any]]:
    """Estimators, splitters and functions that say what they accept, by dotted name, each once."""
    found: dict[str, Callable[..., Any]] = {}
    for module in modules():
        for name in getattr(module, "__all__", ()):
            thing = getattr(module, name, None)
            if callable(thing) and getattr(thing, "__module__", "").startswith("sklearn"):
                found.setdefault(home(thing), thing)
    for cls in estimators().values():
        found.setdefault(home(cls), cls)
    return dict(sorted(found.items()))


def defaults(thing: Callable[..., Any]) -> dict[str, Any]:
    """Parameters that have a default, with it."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(thing).parameters.items()
        if parameter.default is not parameter.empty
    }
