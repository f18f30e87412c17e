"""Which values of parameters do not go together: every combination of `table.CASES` is tried on toy data.

Data is one of the parameters, called `@data`: a rule without it holds whatever the data.
"""

from __future__ import annotations

import importlib
import inspect
import signal
import sys
import traceback
import warnings
from collections.abc import Iterable, Iterator, Mapping
from itertools import combinations as subsets
from itertools import product
from types import FrameType
from typing import Any

import numpy as np

from sklearn_release.constraints import declared, described, validates
from sklearn_release.public import defaults
from sklearn_release.table import CASES, TELLING, Case, Given, Span
from sklearn_release.toys import MANY_ROWS, ROWS, data, made

# In the order in which they happen: what fails to be made is never fitted.
EFFECTS = ("init", "fit", "predict", "transform", "deprecated", "warns")
SECONDS = 5
REFUSALS = (ValueError, TypeError, NotImplementedError, AttributeError, KeyError)
Row = tuple[int, ...]


class _TooLong(Exception):
    pass


def combinations() -> dict[str, dict[str, Any]]:
    """By dotted name, by the names of the parameters tried together: their domains, defaults, and the rules."""
    found: dict[str, dict[str, Any]] = {}
    for case in CASES:
        thing = load(case.dotted)
        if thing is None or not validates():
            continue
        group = tuple(name for name in case.parameters if name in inspect.signature(thing).parameters)
        if len(group) + (len(case.data) > 1) >= 2:
            results = tried(case, thing, group)
            if results["rules"]:
                found.setdefault(case.dotted, {})[" ".join(group)] = results
    return found


def load(dotted: str) -> Any:
    module, _, name = dotted.rpartition(".")
    try:
        return getattr(importlib.import_module(module), name, None)
    except ImportError:
        return None


def tried(case: Case, thing: Any, group: tuple[str, ...]) -> dict[str, Any]:
    domains = {name: domain(case, thing, name) for name in group} | {"@data": list(case.data)}
    outcomes: dict[Row, str | None] = {}
    for row in product(*(range(len(values)) for values in domains.values())):
        outcomes[row] = outcome(case, thing, {n: v[i] for (n, v), i in zip(domains.items(), row, strict=True)})
    usual = defaults(thing)
    said_anyway = {outcome(case, thing, {"@data": name}) for name in case.data} & {"deprecated", "warns"}
    outcomes = {row: None if effect in said_anyway else effect for row, effect in outcomes.items()}
    kept = [rule for rule in rules(domains, outcomes) if lasting(case, thing, domains, outcomes, rule)]
    return {
        "domain": {name: [encoded(value) for value in domains[name]] for name in group},
        "default": {name: place(usual[name], domains[name]) for name in group if known(usual.get(name, ...))},
        "odd": odd(domains, outcomes),
        "rules": kept,
    }


def odd(domains: Mapping[str, list[Any]], outcomes: Mapping[Row, str | None]) -> dict[str, list[int]]:
    """Values that ordinary data, the first of the case, never goes with: nothing to propose."""
    found: dict[str, list[int]] = {}
    for column, (name, values) in enumerate(domains.items()):
        for index in range(len(values)):
            results = {result for row, result in outcomes.items() if row[column] == index and row[-1] == 0}
            if name != "@data" and results and results <= set(EFFECTS[:4]):
                found.setdefault(name, []).append(index)
    return found


def known(value: Any) -> bool:
    return value is None or isinstance(value, (str, bool, int, float))


def domain(case: Case, thing: Any, name: str) -> list[Any]:
    """The values to try: those the table gives, else all texts, None, True and False that are accepted."""
    values: list[Any] = []
    said = declared(thing) or {}
    if name in case.values:
        values += case.values[name]
    elif name in said:
        accepted = described(said[name])
        values += accepted.get("s", []) + accepted.get("d", []) + accepted.get("v", [])
        values += [True, False] if "boolean" in accepted.get("t", ()) else []
        values += [None] if "n" in accepted.get("c", ()) else []
    values = [value for value in values if not known(value) or valid(thing, name, value)]
    usual = defaults(thing).get(name, ...)
    if known(usual) and place(usual, values) is None:
        values.append(usual)
    return values


def place(value: Any, domain: list[Any]) -> int | None:
    """Where a constant stands among the values tried."""
    for index, one in enumerate(domain):
        inside = isinstance(one, Span) and type(value) is type(one.tries[0]) and one.low < value < one.high
        if inside or (type(one) is type(value) and one == value):
            return index
    return None


def encoded(value: Any) -> Any:
    if isinstance(value, Span):
        return {"low": value.low, "high": value.high, "try": value.tries[0]}
    return {"given": value.kind} if isinstance(value, Given) else value


def valid(thing: Any, name: str, value: Any) -> bool:
    """Whether the release's constraints let a value pass; what they refuse needs no rule."""
    from sklearn.utils._param_validation import InvalidParameterError, validate_parameter_constraints

    try:
        validate_parameter_constraints(declared(thing) or {}, {name: value}, "")
    except InvalidParameterError:
        return False
    return True


# --- one try -------------------------------------------------------------------------------------------


def outcome(case: Case, thing: Any, values: Mapping[str, Any], rows: int = ROWS) -> str | None:
    """What every number of a span does; None where it is accepted, or where its numbers differ."""
    ways = [_ways(value) for value in values.values()]
    results = set()
    for chosen in product(*ways):
        results.add(one_try(case, thing, dict(zip(values, chosen, strict=True)), rows))
        if len(results) > 1 or results == {None}:
            return None
    return results.pop()


def _ways(value: Any) -> Iterable[Any]:
    if isinstance(value, Span):
        return value.tries
    return value.makes if isinstance(value, Given) else (value,)


def one_try(case: Case, thing: Any, values: Mapping[str, Any], rows: int) -> str | None:
    stage, previous = "init", signal.signal(signal.SIGALRM, _stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always")
            for stage in stages(case, thing, values, rows):  # noqa: B007
                pass
        return warned(said)
    except REFUSALS as error:
        return stage if refused_here(error) else None
    except Exception:  # a missing package, a matrix that cannot be inverted: says nothing of the combination
        return None
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)


def stages(case: Case, thing: Any, values: Mapping[str, Any], rows: int) -> Iterator[str]:
    """The effect that an error has from here on."""
    X, y = data(values["@data"], rows)
    given = {name: value(X, y) if callable(value) else value for name, value in values.items() if name != "@data"}
    np.random.seed(0)
    yield "init"
    if not isinstance(thing, type):
        thing(*case.positional(X, y), **{**case.fixed, **given})
        return
    instance = made(thing, **{**case.fixed, **given})
    yield "fit"
    if hasattr(instance, "split"):
        list(instance.split(X, y, np.arange(len(y)) // 4))
        return
    instance.fit(X, y)
    for method in ("predict", "transform"):
        yield method
        if hasattr(instance, method):
            getattr(instance, method)(X)


def refused_here(error: BaseException) -> bool:
    """Raised by scikit-learn's own code: what SciPy refuses may be fine in another release of SciPy."""
    frames = traceback.extract_tb(error.__traceback__)
    return bool(frames) and "sklearn" in frames[-1].filename.replace("sklearn_release", "")


def _stop(number: int, frame: FrameType | None) -> None:
    raise _TooLong


def warned(said: Iterable[warnings.WarningMessage]) -> str | None:
    """Only exact categories: the subclasses speak of convergence, of data, of speed."""
    kinds = {warning.category for warning in said}
    if FutureWarning in kinds or DeprecationWarning in kinds:
        return "deprecated" if any(w.category is FutureWarning for w in said) else None
    return "warns" if UserWarning in kinds else None


# --- from outcomes to rules ------------------------------------------------------------------------------


def lasting(case: Case, thing: Any, domains: Mapping[str, list[Any]], outcomes: Mapping[Row, str | None],
            rule: list[Any]) -> bool:  # fmt: skip
    """Whether a rule holds for many rows too, and whatever the other parameters are: each of them is varied."""
    effect, named, *about = rule
    names = list(domains)
    example = next(
        row for row, result in outcomes.items()
        if result == effect and all(row[names.index(name)] in values for name, values in named.items())
        and (not about or TELLING.get(domains["@data"][row[-1]]) in about[0])
    )  # fmt: skip
    values = {name: domains[name][index] for name, index in zip(names, example, strict=True)}
    if any(isinstance(values[name], Given) and values[name].make is None for name in named):
        return False
    if outcome(case, thing, values, MANY_ROWS) != effect:
        print(
            f"dropped for many rows: {case.name} {effect} { {name: values[name] for name in named} }", file=sys.stderr
        )
        return False
    for other, usual in defaults(thing).items():
        if other in domains or other in case.fixed or other in ("n_jobs", "verbose", "copy", "copy_x"):
            continue
        for value in others(thing, other, usual):
            result = outcome(case, thing, {**values, other: value})
            if result is None or EFFECTS.index(result) > EFFECTS.index(effect):
                print(
                    f"dropped for {other}={value!r}: {case.name} {effect} { {name: values[name] for name in named} }",
                    file=sys.stderr,
                )
                return False
    return True


def others(thing: Any, name: str, usual: Any) -> list[Any]:
    """Valid values of a parameter that differ from the usual one."""
    accepted = described((declared(thing) or {}).get(name, "no_validation"))
    flags = (True, False) if "boolean" in accepted.get("t", ()) else ()
    values = [*accepted.get("s", ()), None, *flags, 0, 1, 2, 5, 0.1, 0.5, 3.0]
    return [value for value in values if "o" not in accepted and value != usual and valid(thing, name, value)]


def rules(domains: Mapping[str, list[Any]], outcomes: Mapping[Row, str | None]) -> list[list[Any]]:
    """`[effect, {parameter: [index of value]}]`: the smallest sets of values that always have an effect.

    What already failed earlier may be anything, so it does not stand in the way of a simpler rule.
    """
    names = list(domains)
    found = []
    for rank, effect in enumerate(EFFECTS):
        before = set(EFFECTS[:rank])
        cubes = implicants(outcomes, effect, before, len(names))
        for cube in joined(cubes):
            rule = {names[index]: sorted(values) for index, values in sorted(cube.items())}
            about = rule.pop("@data", None)
            kinds = sorted({TELLING.get(domains["@data"][i], "") for i in about or ()})
            if rule and "" not in kinds:
                found.append([effect, rule, kinds] if kinds else [effect, rule])
    return sorted(found, key=repr)


def implicants(outcomes: Mapping[Row, str | None], effect: str, before: set[str], width: int) -> list[dict[int, int]]:
    found: list[dict[int, int]] = []
    left = {row for row, result in outcomes.items() if result == effect}
    for size in range(width + 1):
        left = {row for row in left if not any(all(row[i] == v for i, v in cube.items()) for cube in found)}
        for chosen in subsets(range(width), size):
            groups: dict[Row, set[str | None]] = {}
            for row, result in outcomes.items():
                groups.setdefault(tuple(row[i] for i in chosen), set()).add(result)
            needed = {tuple(row[i] for i in chosen) for row in left}
            for values, results in groups.items():
                cube = dict(zip(chosen, values, strict=True))
                if values not in needed or not results <= {effect} | before:
                    continue
                if not any(smaller.items() <= cube.items() for smaller in found):
                    found.append(cube)
    return found


def joined(cubes: list[dict[int, int]]) -> list[dict[int, set[int]]]:
    """Rules that differ in the value of one parameter, as one with a set of values."""
    merged = [{name: {value} for name, value in cube.items()} for cube in cubes]
    changed = True
    while changed:
        changed = False
        for one, other in subsets(merged, 2):
            if one.keys() != other.keys():
                continue
            differing = [name for name in one if one[name] != other[name]]
            if len(differing) <= 1:
                for name in differing:
                    one[name] = one[name] | other[name]
                merged.remove(other)
                changed = True
                break
    return merged
