"""What scikit-learn's estimators are, need and have after a fit, in the version in force."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from mlsense.knowledge.releases import facts, release
from mlsense.knowledge.values import Argument, Constant


@dataclass(frozen=True, slots=True)
class ConditionalMethod:
    """A method that an instance has or has not, by its parameters.

    `usual`: whether it is there with the defaults. `by`: (parameter, values with it, values without it).
    `delegated`: parameters that are estimators, one of which must have the method.
    """

    method: str
    usual: bool
    by: tuple[tuple[str, tuple[Constant, ...], tuple[Constant, ...]], ...]
    delegated: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kind:
    """Found by fitting it with its defaults; None is unknown, as for what is put together of other estimators.

    `kinds`: classifier, regressor, clusterer, transformer, outlier detector. `random`: takes a random state. `nan`,
    `sparse`: can be fitted on missing values, on a sparse matrix. `positive`: refuses negative features. `scale`: what
    it gives depends on the units of its features. `multioutput`: several targets at once. `fitted`: attributes it has
    after every fit; `sometimes`: those it has after some.
    """

    dotted: str
    kinds: tuple[str, ...]
    needs_fit: bool | None
    needs_y: bool | None
    random: bool
    nan: bool | None
    sparse: bool | None
    positive: bool | None
    scale: bool | None
    multiclass: bool | None
    multioutput: bool | None
    fitted: tuple[str, ...]
    sometimes: tuple[str, ...]
    conditional: tuple[ConditionalMethod, ...]


@cache
def kind(dotted: str, version: str | None = None) -> Kind | None:
    """By class name or any dotted name; None for what is no estimator, or in versions that were not asked."""
    known = release("kinds", version)
    said = facts("kinds", dotted, known.index) if known is not None and not known.newer else {}
    if not said:
        return None
    return Kind(
        dotted,
        tuple(said["kind"]),
        said.get("needs_fit"),
        said.get("needs_y"),
        said["random"],
        said.get("nan"),
        said.get("sparse"),
        said.get("positive"),
        said.get("scale"),
        said.get("multiclass"),
        said.get("multioutput"),
        tuple(said["fitted"]),
        tuple(said["sometimes"]),
        tuple(_method(name, parts) for name, parts in said.get("conditional", {}).items()),
    )


def _method(name: str, parts: Mapping[str, Any]) -> ConditionalMethod:
    by = ((parameter, tuple(at[0]), tuple(at[1])) for parameter, at in parts.items() if parameter != "usual" and at)
    return ConditionalMethod(name, parts["usual"], tuple(by), tuple(p for p, at in parts.items() if at == []))


def conditional_methods(dotted: str, version: str | None = None) -> tuple[ConditionalMethod, ...]:
    known = kind(dotted, version)
    return () if known is None else known.conditional


def has_method(
    dotted: str,
    method: str,
    parameters: Mapping[str, Argument],
    version: str | None = None,
    unknown: Collection[str] = (),
) -> bool | None:
    """Whether an instance made with these arguments has one of the methods that not every instance has.

    None where that is not known: other methods, arguments in `unknown`, values that were not tried, and methods of the
    estimator it is given.
    """
    known = next((one for one in conditional_methods(dotted, version) if one.method == method), None)
    if known is None:
        return None
    said: set[bool | None] = set()
    for parameter, with_it, without in known.by:
        if parameter in unknown:
            said.add(None)
        elif parameter in parameters:
            given = parameters[parameter]
            said.add(True if _among(given, with_it) else False if _among(given, without) else None)
    if any(parameter in parameters or parameter in unknown for parameter in known.delegated):
        said.add(None)
    if not said:
        return None if known.delegated and not known.usual else known.usual
    if known.usual:  # any one of them can take it away
        return False if False in said else None if None in said else True
    return said.pop() if len(said) == 1 else None


def _among(value: Argument, values: tuple[Constant, ...]) -> bool:
    return any(type(value) is type(one) and value == one for one in values)
