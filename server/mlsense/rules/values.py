"""The values that parameters of scikit-learn are given, and where: in calls, by `set_params`, in grids of searches."""

from __future__ import annotations

import ast
import json
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from mlsense.knowledge.library import release
from mlsense.knowledge.values import Given, accepts, allowed, conflicts
from mlsense.rules.editing import replaced, text_at
from mlsense.rules.keywords import Given as GivenCall
from mlsense.rules.offering import callee, callee_in
from mlsense.rules.parameters import of_replaced
from mlsense.rules.reading import node_at, place_in
from mlsense.semantics.core import text_of
from mlsense.semantics.events import Called
from mlsense.semantics.models.estimators import SEARCHES
from mlsense.semantics.values import (
    UNKNOWN,
    Const,
    Data,
    DictObject,
    Estimator,
    Function,
    ListObject,
    Method,
    Place,
    Ref,
    Symbol,
    TupleValue,
    Unknown,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from mlsense.knowledge.library import Parameter
    from mlsense.knowledge.values import Argument
    from mlsense.knowledge.versions import Versions
    from mlsense.rules.finding import Edit
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import HeapObject, Origin, Value

_FITTING = frozenset(
    """
    cross_val_score cross_validate cross_val_predict learning_curve validation_curve permutation_test_score
    """.split()
)
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Setting:
    """A value for a parameter. `literal`: it is written right there, and is no name of it."""

    name: str
    value: Value
    place: Place
    literal: bool


@dataclass(frozen=True, slots=True)
class Settings:
    """What one call sets, on what: a class or function, dotted; or on an estimator that was made before, `earlier`.

    `how`: "call", "set_params" or "grid". `by_name`: every parameter of the call can be given by name.
    """

    event: Called
    owner: str
    settings: tuple[Setting, ...]
    how: str
    earlier: Estimator | None = None
    exact: bool = True


def known_calls(trace: Trace, test: Callable[[Called], bool]) -> Iterator[GivenCall]:
    """The calls that pass a test, as `Trace.that` takes it, and whose signature is known."""
    for event in trace.that(test, Called):
        called = callee(trace, event)
        node = node_at(trace, event.call)
        if called is not None and called.entry.signature is not None and isinstance(node, ast.Call):
            yield GivenCall(event, called, node, called.entry.signature)


def sets_something(event: Called) -> bool:
    """Whether it is a call of scikit-learn that sets something, for whose failure nothing is provided."""
    if event.guarded or not (event.args or event.keywords):
        return False
    if isinstance(event.callee, Symbol):
        return event.callee.name.startswith("sklearn.")
    return event.callee.name == "set_params" and isinstance(event.thing, Estimator)


def release_in_force(trace: Trace) -> str | None:
    """The version of scikit-learn that counts; None where it is not one version."""
    return release_in(trace.versions)


def release_in(versions: Versions) -> str | None:
    return release(versions, "sklearn")


@lru_cache(maxsize=16)
def doubtful_in(versions: Versions, *names: str) -> Callable[[Called], bool]:
    """A test of calls: whether some value that is set, alone or with others, may be refused.

    With names: whether some are that are given to these parameters. It stays the same function as long as the versions
    do, so that its answers are kept. It knows no text, so it takes some calls that turn out to be right.
    """
    release = release_in(versions)

    def refused(event: Called, owner: str, pairs: Iterable[tuple[str, Value]]) -> bool:
        settings = [Setting(name, value, event.call, False) for name, value in pairs]
        parameters, unknown = known_values(event, settings)
        if names and not any(name in parameters for name in names):
            return False
        for name, value in parameters.items():
            constraint = None if isinstance(value, Given) else allowed(owner, name, release)
            if constraint is not None and not isinstance(value, Given) and accepts(constraint, value) is False:
                return True
        return bool(conflicts(owner, parameters, release, (), unknown))

    def doubtful(event: Called) -> bool:
        if release is None or not sets_something(event):
            return False
        called = callee_in(versions, event)
        if called is None or called.entry.signature is None:
            return False
        # What is set later, and what a search tries, is read where it counts: there is little of it.
        if isinstance(event.callee, Method) or (called.short in SEARCHES and not names):
            return not names
        positional = [each.name for each in called.entry.signature if each.kind.startswith("positional")]
        return refused(event, called.dotted, (*zip(positional, event.args, strict=False), *event.keywords))

    return doubtful


def arguments(given: GivenCall) -> tuple[Setting, ...]:
    """The arguments of a call by the names of the parameters, as far as they are named or come in order."""
    return settings_of(given.event, given.node, given.signature)


def settings_of(event: Called, node: ast.Call, signature: tuple[Parameter, ...]) -> tuple[Setting, ...]:
    """As `arguments`, of a call and the signature of what it calls."""
    positional = [each.name for each in signature if each.kind.startswith("positional")]
    found = []
    if not any(isinstance(argument, ast.Starred) for argument in node.args):
        for name, value, written in zip(positional, event.args, node.args, strict=False):
            found.append(_setting(event, name, value, written))
    return (*found, *_keywords(event, node))


def _keywords(event: Called, node: ast.Call) -> Iterator[Setting]:
    written = {keyword.arg: keyword.value for keyword in node.keywords if keyword.arg is not None}
    rest = [keyword.value for keyword in node.keywords if keyword.arg is None]
    for name, value in event.keywords:
        if name in written:
            yield _setting(event, name, value, written[name])
        elif len(rest) == 1:
            yield Setting(name, value, place_in(event.call, rest[0]), False)


def _setting(event: Called, name: str, value: Value, node: ast.expr) -> Setting:
    return Setting(name, value, place_in(event.call, node), is_literal(node))


def is_literal(node: ast.expr) -> bool:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        return is_literal(node.operand)
    return isinstance(node, ast.Constant)


def all_settings(trace: Trace, test: Callable[[Called], bool]) -> Iterator[Settings]:
    """What is set by the calls that pass a test, as `Trace.that` takes it: by `sets_something` and what narrows it."""
    for given in known_calls(trace, test):
        event = given.event
        if isinstance(event.callee, Symbol) and given.callee.entry.kind in ("class", "function"):
            exact = event.exact and not any(isinstance(each, ast.Starred) for each in given.node.args)
            yield Settings(event, given.callee.dotted, arguments(given), "call", exact=exact)
            if given.callee.short in SEARCHES:
                yield from _grids(trace, given)
        elif isinstance(event.callee, Method) and event.callee.name == "set_params":
            yield from _set_later(given)


def _set_later(given: GivenCall) -> Iterator[Settings]:
    thing = given.event.thing
    if not isinstance(thing, Estimator) or not thing.certain:
        return
    groups: dict[int, tuple[Estimator, list[Setting]]] = {}
    names = [name for name, _ in given.event.keywords]
    for setting in _keywords(given.event, given.node):
        replaced_part = of_replaced(setting.name, names)
        reached = None if replaced_part else parameter_of(given.event, thing, setting.name)
        if reached is not None:
            owner, name = reached
            changed = Setting(name, setting.value, setting.place, setting.literal)
            groups.setdefault(id(owner), (owner, []))[1].append(changed)
    for owner, changes in groups.values():
        yield Settings(given.event, owner.cls, tuple(changes), "set_params", owner, given.event.exact)


def _grids(trace: Trace, given: GivenCall) -> Iterator[Settings]:
    """The values a search tries, each as a setting of its own."""
    settings = arguments(given)
    searched = next((each for each in settings if each.name == "estimator"), None)
    grid = next((each for each in settings if each.name in ("param_grid", "param_distributions")), None)
    thing = given.event.object(searched.value) if searched is not None else None
    if grid is None or not isinstance(thing, Estimator) or not thing.certain:
        return
    for tried in _alternatives(given.event.object(grid.value), given.event):
        names = [key for key, _ in tried.items if isinstance(key, str)]
        for key, value in tried.items:
            certain = isinstance(key, str) and not of_replaced(key, names)
            reached = parameter_of(given.event, thing, str(key)) if certain else None
            for item, place, literal in _values(trace, given.event, value, grid.place) if reached is not None else ():
                owner, name = reached  # type: ignore[misc]
                yield Settings(given.event, owner.cls, (Setting(name, item, place, literal),), "grid", owner)


def _alternatives(thing: HeapObject | None, event: Called) -> list[DictObject]:
    if isinstance(thing, ListObject):
        found = [event.object(item) for item in thing.items or ()]
        known = [each for each in found if isinstance(each, DictObject)]
        return known if len(known) == len(found) else []
    return [thing] if isinstance(thing, DictObject) else []


def _values(trace: Trace, event: Called, value: Value, otherwise: Place) -> Iterator[tuple[Value, Place, bool]]:
    """The items of a list in a grid, each with its place: in the list, wherever it is written."""
    thing = event.object(value)
    items = value.items if isinstance(value, TupleValue) else thing.items if isinstance(thing, ListObject) else None
    node = node_at(trace, value.origin.place) if isinstance(value, Ref) else None
    parts = node.elts if isinstance(node, ast.List) and len(node.elts) == len(items or ()) else None
    for number, item in enumerate(items or ()):
        if parts is None or not isinstance(value, Ref):
            yield item, otherwise, False
        else:
            yield item, place_in(value.origin.place, parts[number]), is_literal(parts[number])


def parameter_of(event: Called, estimator: Estimator, key: str) -> tuple[Estimator, str] | None:
    """The estimator and the parameter that a key such as `svc__C` leads to; None where that is not known."""
    thing: Estimator = estimator
    for _ in range(_DEEPEST):
        part, deeper, rest = key.partition("__")
        if not deeper:
            return thing, key
        inner = dict((*thing.params, *thing.steps)).get(part)
        found = event.object(inner)
        if not isinstance(found, Estimator) or not found.certain:
            return None
        thing, key = found, rest
    return None


def known_values(event: Called, settings: Iterable[Setting]) -> tuple[dict[str, Argument], set[str]]:
    """Values by parameter as the base of what parameters accept takes them, and the parameters of unknown value."""
    known: dict[str, Argument] = {}
    unknown: set[str] = set()
    for setting in settings:
        value = argument(event, setting.value)
        if isinstance(value, Unknown):
            unknown.add(setting.name)
        else:
            known[setting.name] = value
    return known, unknown


def argument(event: Called, value: Value) -> Argument | Unknown:
    return argument_of(value, event.object(value))


def argument_of(value: Value, thing: HeapObject | None) -> Argument | Unknown:
    """A text, a number, a truth value or None as it is; `Given` for what is certainly none of these.

    `thing` is the object the value refers to.
    """
    if isinstance(value, Const):
        known = value.value
        return known if known is None or isinstance(known, (str, int, float, bool)) else UNKNOWN
    if isinstance(value, (Function, TupleValue)):
        return Given()
    if isinstance(thing, ListObject):
        return Given("list") if thing.iterates == "list" else Given()
    rows = isinstance(thing, Data) and thing.kind in ("frame", "series", "array", "sparse")
    return Given() if rows or isinstance(thing, (DictObject, Estimator)) else UNKNOWN


def insertion(trace: Trace, call: Place, node: ast.Call, text: str) -> Edit | None:
    """One more argument after the others."""
    written = [*node.args, *(keyword.value for keyword in node.keywords)]
    ends = [(each.end_lineno or 0, each.end_col_offset or 0) for each in written]
    if ends:
        return replaced(trace, Place(call.unit, *max(ends), *max(ends)), f", {text}")
    source = text_at(trace, call)
    return replaced(trace, call, f"{source[:-1]}{text})") if source is not None and source.endswith("()") else None


def code(value: object) -> str:
    """A constant as it is written in a program."""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def fitted(trace: Trace) -> frozenset[Origin]:
    """Where the estimators were made that are fitted, or given to a function of scikit-learn that fits them."""
    found: set[Origin] = set()
    for event in trace.that(_fits, Called):
        things = (event.thing, *(thing for _, thing in event.objects))
        found.update(thing.made for thing in things if isinstance(thing, Estimator) and thing.made is not None)
    return frozenset(found)


def _fits(event: Called) -> bool:
    short = event.callee.name.rpartition(".")[2]
    return short in _FITTING or (isinstance(event.callee, Method) and short.startswith(("fit", "partial_fit")))


def _sets_by_name(event: Called) -> bool:
    return event.callee.name.rpartition(".")[2] in ("set_params", "validation_curve", *SEARCHES)


def set_again(trace: Trace) -> frozenset[str] | None:
    """The names of parameters that are set after an estimator was made; None where it may be any."""
    names: set[str] = set()
    for event in trace.that(_sets_by_name, Called):
        short = event.callee.name.rpartition(".")[2]
        if short == "set_params":
            if not event.exact:
                return None
            names.update(name.rpartition("__")[2] for name, _ in event.keywords)
        elif short in SEARCHES:
            grid = event.argument(1, "param_grid", "param_distributions")
            thing = event.object(grid)
            found = _alternatives(thing, event)
            if not found or any(each.open for each in found):
                return None
            names.update(str(key).rpartition("__")[2] for each in found for key, _ in each.items)
        elif short == "validation_curve":
            name = text_of(event.argument(3, "param_name"))
            if name is None:
                return None
            names.add(name.rpartition("__")[2])
    return frozenset(names)
