"""What each parameter accepts, as the release itself validates it."""

from __future__ import annotations

import importlib.util
import inspect
import math
from collections.abc import Callable, Iterator
from numbers import Integral, Real
from typing import Any

from sklearn_release.public import callables

# A constant of each kind: a constraint that is neither a set of values nor an interval takes all of a kind or none.
KINDS = {"s": "any text", "i": 12345, "f": 12345.5, "b": True, "n": None, "nan": math.nan}


def constraints() -> dict[str, dict[str, Any]]:
    """By dotted name, by parameter; empty for releases that do not validate parameters (before 1.2)."""
    found = {}
    for dotted, thing in callables().items():
        said = declared(thing)
        if isinstance(said, dict) and said:
            taken = sorted(said.keys() & inspect.signature(thing).parameters.keys())
            found[dotted] = {parameter: described(said[parameter]) for parameter in taken}
    return found


def validates() -> bool:
    """Whether this release says what its parameters accept."""
    return importlib.util.find_spec("sklearn.utils._param_validation") is not None


def declared(thing: Callable[..., Any]) -> Any:
    return getattr(thing, "_parameter_constraints" if isinstance(thing, type) else "_skl_parameter_constraints", None)


def described(parts: Any) -> dict[str, Any]:
    """One JSON object: accepted texts `s`, deprecated `d` and hidden `h` ones, other values `v`, intervals `i`,
    names of types `t`, kinds of constants that are taken whatever their value `c`, and `o` where nothing is checked."""
    if isinstance(parts, str):
        return {"o": 1}
    found: dict[str, Any] = {"s": set(), "d": set(), "h": set(), "v": [], "i": [], "t": set(), "c": set()}
    for part in parts:
        _describe(part, found)
    found["s"] -= found["d"] | found["h"]
    return {key: sorted(value, key=repr) for key, value in found.items() if value}


def _describe(part: Any, found: dict[str, Any]) -> None:
    from sklearn.utils import _param_validation as validation

    constraint = validation.make_constraint(part)
    for atom in _atoms(constraint):
        if isinstance(atom, validation.Options) or hasattr(atom, "options"):
            _options(atom, constraint.hidden, found)
        elif isinstance(atom, validation.Interval):
            found["i"].append([_number(atom.type), atom.left, atom.right, atom.closed])
        else:
            found["c"] |= {kind for kind, constant in KINDS.items() if atom.is_satisfied_by(constant)}
            if atom is constraint and not constraint.hidden:
                found["t"].add(_type(atom))
    if getattr(constraint, "_constraints", None) and not constraint.hidden:
        found["t"].add(part if isinstance(part, str) else "missing_values")


def _atoms(constraint: Any) -> Iterator[Any]:
    """What it is put together of: a random state is an integer in a range, a generator, or None."""
    parts = getattr(constraint, "_constraints", None)
    if parts is None:
        yield constraint
        return
    for part in parts:
        yield from _atoms(part)


def _options(atom: Any, hidden: bool, found: dict[str, Any]) -> None:
    for option in atom.options:
        if isinstance(option, str):
            found["h" if hidden else "s"].add(option)
            if option in (getattr(atom, "deprecated", None) or ()):
                found["d"].add(option)
        elif isinstance(option, (bool, int, float)):
            equal = [option, float(option), *([int(option), bool(option)] if option in (0, 1) else [])]
            found["v"] += [value for value in equal if atom.is_satisfied_by(value) and not _has(found["v"], value)]


def _has(values: list[Any], value: Any) -> bool:
    return any(type(one) is type(value) and one == value for one in values)


def _number(kind: type) -> str:
    return {Integral: "int", Real: "real"}.get(kind, "float")


def _type(atom: Any) -> str:
    """`callable`, `numpy.ndarray`, `has fit, predict` ..."""
    if hasattr(atom, "methods"):
        return "has " + ", ".join(sorted(atom.methods))
    kind = getattr(atom, "type", None)
    if isinstance(kind, type):
        if kind in (Integral, Real):
            return "int" if kind is Integral else "float"
        return kind.__name__ if kind.__module__ == "builtins" else f"{kind.__module__}.{kind.__name__}"
    names = {
        "_ArrayLikes": "array-like", "_SparseMatrices": "sparse matrix", "_Callables": "callable",
        "_NoneConstraint": "None", "_NanConstraint": "nan", "_IterablesNotString": "iterable",
    }  # fmt: skip
    return names.get(type(atom).__name__, type(atom).__name__.lstrip("_"))
