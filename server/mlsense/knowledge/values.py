"""What scikit-learn's parameters accept, one by one and together, in the version in force."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from typing import Any

from mlsense.knowledge.releases import facts, release

Constant = str | int | float | bool | None
MOST_FIXES = 8
RAISING = ("init", "fit", "predict", "transform")


@dataclass(frozen=True, slots=True)
class Interval:
    """Numbers of a `kind`: int; real (both); float (no int). A bound of None is infinite; closed: left, right, both,
    neither."""

    kind: str
    low: float | None
    high: float | None
    closed: str

    def contains(self, number: int | float) -> bool:
        if self.kind != "real" and isinstance(number, int) != (self.kind == "int"):
            return False
        if isinstance(number, float) and math.isnan(number):
            return False
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        return (number > low or (number == low and self.closed in ("left", "both"))) and (
            number < high or (number == high and self.closed in ("right", "both"))
        )


@dataclass(frozen=True, slots=True)
class Constraint:
    """What a parameter accepts.

    `literals`: texts to offer; `deprecated_literals` and `hidden_literals` are accepted too. `values`: single values
    that are no texts. `types`: names of what else is accepted (`callable`, `array-like`, `boolean`, `has fit`, `dict`).
    `kinds`: the kinds of constants of which any is accepted: s(tring), i(nt), f(loat), b(ool), n(one), nan.
    `open`: more may be accepted than is listed, so nothing is refused.
    """

    literals: tuple[str, ...]
    deprecated_literals: tuple[str, ...]
    hidden_literals: tuple[str, ...]
    values: tuple[Constant, ...]
    types: tuple[str, ...]
    intervals: tuple[Interval, ...]
    kinds: frozenset[str]
    open: bool


@dataclass(frozen=True, slots=True)
class Given:
    """An argument that is known not to be None and to be no constant: a `list` or some `object`."""

    kind: str = "object"


Argument = Constant | Given


@dataclass(frozen=True, slots=True)
class Conflict:
    """Values that do not go together.

    `parameters`: those involved, defaults among them. `effect`: when it raises (init: at the call itself, fit, predict,
    transform), or that it is `deprecated` or `warns`. `data`: the kinds of data for which it holds; empty for all.
    `alternatives`: smallest changes that scikit-learn accepts, those that leave alone what was set explicitly first;
    a value that is the default is best left out.
    """

    parameters: tuple[tuple[str, Argument], ...]
    effect: str
    data: tuple[str, ...]
    alternatives: tuple[tuple[tuple[str, Constant], ...], ...]


# --- one parameter -------------------------------------------------------------------------------------


@cache
def allowed(dotted: str, parameter: str, version: str | None = None) -> Constraint | None:
    """None where the version in force does not say. Newer versions than are known may accept more."""
    known = release("constraints", version)
    if known is None:
        return None
    said = facts("constraints", dotted, known.index).get(parameter)
    if said is None:
        return None
    return Constraint(
        tuple(said.get("s", ())),
        tuple(said.get("d", ())),
        tuple(said.get("h", ())),
        tuple(said.get("v", ())),
        tuple(said.get("t", ())),
        tuple(Interval(*parts) for parts in said.get("i", ())),
        frozenset(said.get("c", ())),
        known.newer or "o" in said,
    )


def accepts(constraint: Constraint, value: Constant) -> bool | None:
    """None for unknown: where the constraint does not refuse but may leave something out."""
    if _listed(constraint, value) or _kind(value) in constraint.kinds:
        return True
    if isinstance(value, (int, float)) and any(interval.contains(value) for interval in constraint.intervals):
        return True
    return None if constraint.open else False


def _listed(constraint: Constraint, value: Constant) -> bool:
    texts = (*constraint.literals, *constraint.deprecated_literals, *constraint.hidden_literals)
    return value in texts if isinstance(value, str) else any(_same(value, one) for one in constraint.values)


def _kind(value: Constant) -> str:
    if value is None:
        return "n"
    if isinstance(value, float):
        return "nan" if math.isnan(value) else "f"
    return {bool: "b", int: "i", str: "s"}[type(value)]


def _same(one: object, other: object) -> bool:
    """Equal and of one type: 1 and 1.0 may mean a row and all rows."""
    return type(one) is type(other) and one == other


# --- parameters together ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Group:
    domain: Mapping[str, tuple[Any, ...]]
    defaults: Mapping[str, int]
    odd: Mapping[str, frozenset[int]]
    rules: tuple[tuple[str, Mapping[str, frozenset[int]], tuple[str, ...]], ...]


@cache
def _groups(dotted: str, index: int) -> tuple[_Group, ...]:
    return tuple(
        _Group(
            {name: tuple(values) for name, values in said["domain"].items()},
            said["default"],
            {name: frozenset(indexes) for name, indexes in said["odd"].items()},
            tuple(
                (effect, {name: frozenset(indexes) for name, indexes in named.items()}, tuple(*about))
                for effect, named, *about in said["rules"]
            ),
        )
        for said in facts("combinations", dotted, index).values()
    )


def conflicts(
    dotted: str,
    parameters: Mapping[str, Argument],
    version: str | None = None,
    data: Collection[str] = (),
    unknown: Collection[str] = (),
) -> tuple[Conflict, ...]:
    """What does not go together in a call with these arguments; those not named have their defaults.

    `unknown` are arguments that are given but not known. `data` is what is known of the data: sparse,
    multiclass, multilabel, negative features, negative targets, missing values, strings.
    """
    known = release("combinations", version)
    if known is None or known.newer:
        return ()
    groups = _groups(dotted, known.index)
    found = []
    for group in groups:
        places = _places(group, parameters, unknown)
        if places is None:
            continue
        for effect, named, about in group.rules:
            if _holds(named, about, places, data):
                involved = tuple((name, parameters.get(name, _usual(group, name))) for name in named)
                fixes = _alternatives(groups, group, named, effect, parameters, unknown, data)
                found.append(Conflict(involved, effect, about, tuple(fixes[:MOST_FIXES])))
    return tuple(dict.fromkeys(found))


def conflict(
    dotted: str,
    parameters: Mapping[str, Argument],
    version: str | None = None,
    data: Collection[str] = (),
    unknown: Collection[str] = (),
) -> Conflict | None:
    """The first of `conflicts` that raises."""
    found = conflicts(dotted, parameters, version, data, unknown)
    return next((one for one in found if one.effect in RAISING), None)


def _places(group: _Group, parameters: Mapping[str, Argument], unknown: Collection[str]) -> dict[str, int] | None:
    """Which of the values tried each parameter has, unknown ones left out; None for a value that was not tried."""
    places = {}
    for name, values in group.domain.items():
        if name in unknown:
            if any(isinstance(value, (int, float, dict)) and not isinstance(value, bool) for value in values):
                return None
            continue
        if name not in parameters:
            if name in group.defaults:
                places[name] = group.defaults[name]
            continue
        place = next((i for i, value in enumerate(values) if _is(parameters[name], value)), None)
        if place is None:
            return None
        places[name] = place
    return places


def _is(argument: Argument, value: Any) -> bool:
    if not isinstance(value, dict):
        return _same(argument, value)
    if isinstance(argument, Given):
        return value.get("given") in ("object", argument.kind)
    if "low" not in value or type(argument) is not type(value["try"]):
        return False
    return bool(value["low"] < argument < value["high"])


def _holds(
    named: Mapping[str, frozenset[int]], about: tuple[str, ...], places: Mapping[str, int], data: Collection[str]
) -> bool:
    return (not about or any(kind in about for kind in data)) and all(
        places.get(name) in values for name, values in named.items()
    )


def _usual(group: _Group, name: str) -> Argument:
    return _argument(group.domain[name][group.defaults[name]]) if name in group.defaults else Given()


def _argument(value: Any) -> Argument:
    if isinstance(value, dict):
        return Given(value["given"]) if "given" in value else value["try"]
    constant: Constant = value
    return constant


def _alternatives(
    groups: tuple[_Group, ...],
    group: _Group,
    named: Mapping[str, frozenset[int]],
    effect: str,
    parameters: Mapping[str, Argument],
    unknown: Collection[str],
    data: Collection[str],
) -> list[tuple[tuple[str, Constant], ...]]:
    """Changes of one parameter of the rule that take the effect away and bring no other; where there is none, of two
    of its group."""
    bad = {effect, *RAISING}
    tolerated = _effects(groups, parameters, unknown, data) - bad

    def changes(names: tuple[str, ...]) -> Iterator[tuple[tuple[str, Constant], ...]]:
        for values in product(*(_constants(group, name) for name in names)):
            change = dict(zip(names, values, strict=True))
            effects = _effects(groups, {**parameters, **change}, unknown, data)
            new = all(not _same(value, parameters.get(name, _usual(group, name))) for name, value in change.items())
            if new and effects <= tolerated:
                yield tuple(change.items())

    implicit = sorted((name for name in named if name not in unknown), key=lambda name: name in parameters)
    single = [change for name in implicit for change in changes((name,))]
    if single:
        return single
    others = sorted(group.domain.keys() - set(unknown), key=lambda name: (name in parameters, name))
    return [change for pair in combinations(others, 2) for change in changes(pair)]


def _effects(
    groups: tuple[_Group, ...], parameters: Mapping[str, Argument], unknown: Collection[str], data: Collection[str]
) -> set[str]:
    places = [(group, _places(group, parameters, unknown)) for group in groups]
    return {
        effect
        for group, at in places
        if at is not None
        for effect, named, about in group.rules
        if _holds(named, about, at, data)
    }


def _constants(group: _Group, name: str) -> list[Constant]:
    """Values to propose: constants that ordinary data goes with."""
    usual = (value for index, value in enumerate(group.domain[name]) if index not in group.odd.get(name, ()))
    return [argument for argument in map(_argument, usual) if not isinstance(argument, Given)]
