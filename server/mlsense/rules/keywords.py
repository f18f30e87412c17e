"""Arguments that a library's function does not take, by name or by position: what several rules report."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.asking import is_made
from mlsense.rules.becoming import called_instead, function_for
from mlsense.rules.finding import Fix
from mlsense.rules.offering import (
    Callee,
    called_elsewhere,
    callee,
    callees_in,
    is_certain,
    may_be_older,
    nearest,
    since,
    version_of,
)
from mlsense.rules.reading import holds, location, node_at, place_in, related
from mlsense.rules.rule import Draft
from mlsense.semantics.events import Called
from mlsense.semantics.values import Method, Place, Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsense.knowledge.library import Parameter
    from mlsense.knowledge.versions import Versions
    from mlsense.rules.finding import Location
    from mlsense.semantics.program import Trace

_BY_POSITION = ("positional-only", "positional-or-keyword")


@dataclass(frozen=True, slots=True)
class Given:
    """A call of which the library's signature is known."""

    event: Called
    callee: Callee
    node: ast.Call
    signature: tuple[Parameter, ...]

    @property
    def by_name(self) -> tuple[str, ...]:
        """The parameters that can be given by name."""
        return tuple(
            parameter.name
            for parameter in self.signature
            if parameter.kind in ("positional-or-keyword", "keyword-only")
        )


def misfits(trace: Trace) -> Iterator[Given]:
    """The calls with an argument that the signature has no place for, and for whose failure nothing is provided."""
    for event in trace.that(_misfit_in(trace.versions), Called):
        called = callee(trace, event)
        node = node_at(trace, event.call)
        if called is None or called.entry.signature is None or not isinstance(node, ast.Call):
            continue
        if not is_made(trace, called.short) and not may_be_older(trace, called.dotted):
            yield Given(event, called, node, called.entry.signature)


@lru_cache(maxsize=16)
def _misfit_in(versions: Versions) -> Callable[[Called], bool]:
    """A test of events that stays the same function as long as the versions do, so that its answers are kept."""

    def misfit(event: Called) -> bool:
        if not (event.args or event.keywords) or not is_certain(event):
            return False
        called = callees_in(versions, event)
        return bool(called) and all(_has_no_place(each, event) for each in called)

    return misfit


def _has_no_place(called: Callee, event: Called) -> bool:
    """Whether the signature is known, and an argument has no place in it."""
    if called.entry.signature is None or not called.offer.exact:
        return False
    signature = called.entry.signature
    names = {parameter.name for parameter in signature}
    if not called.entry.accepts_any and any(name not in names for name, _ in event.keywords):
        return True
    # What is not certain of a signature has `*args` in it; what takes any keyword may still count its positions.
    if any(parameter.kind == "var-positional" for parameter in signature):
        return False
    # `Normalize.__init__(self, vmin)`: a method read off its class is given the object, too.
    given_object = called.entry.kind == "method" and not isinstance(event.callee, Method)
    return len(event.args) > sum(parameter.kind in _BY_POSITION for parameter in signature) + given_object


def unknown_keywords(trace: Trace, wanted: Callable[[Given], bool]) -> Iterator[Draft]:
    """Keywords that the function does not have, with the name that was probably meant."""
    for given in misfits(trace):
        if given.callee.entry.accepts_any or not wanted(given):
            continue
        names = given.by_name
        yield from _unpacked(trace, given)
        for keyword in given.node.keywords:
            if keyword.arg is None or keyword.arg in names:
                continue
            place = place_of_name(given.event.call, keyword)
            found = location(trace, place)
            if found is not None:
                function = function_for(given.callee.offer, given.callee.dotted, keyword)
                if function is not None:
                    yield _became(trace, given, keyword, function, found)
                    continue
                message, meant, safe = _unknown(trace, given, keyword.arg)
                edit = editing.replaced(trace, place, meant) if meant else None
                title = f"Write `{meant}`"
                fix = Fix.of(title, "safe" if safe else "unsafe", edit)
                yield Draft(message, found, fix=fix)


def _unpacked(trace: Trace, given: Given) -> Iterator[Draft]:
    """Of the keywords that come out of a dict, `**params`, which stands elsewhere and may serve other calls, too."""
    written = {keyword.arg for keyword in given.node.keywords}
    for name in keywords_of_dict(given.event, given.node):
        place = place_of_dict(given.event, given.node)
        found = location(trace, place) if name not in given.by_name and place is not None else None
        if found is None or place is None:
            continue
        message, meant, _ = _unknown(trace, given, name)
        key, text = key_of_dict(trace, place, name)
        edit = (
            editing.replaced(trace, key, text.replace(name, meant)) if key and meant and meant not in written else None
        )
        fix = Fix(f"Write `{meant}`", "unsafe", (edit,)) if edit is not None else None
        inside = location(trace, key) if key is not None and holds(place, key) else None
        shown = () if inside is not None else related(trace, (key, f"`{name}` is put into it here."))
        yield Draft(message, inside or found, shown, fix)


def keywords_of_dict(event: Called, node: ast.Call) -> tuple[str, ...]:
    """The names of arguments that a `**dict` of known content brings."""
    if not event.exact:
        return ()
    written = {keyword.arg for keyword in node.keywords}
    return tuple(name for name, _ in event.keywords if name not in written)


def place_of_dict(event: Called, node: ast.Call) -> Place | None:
    """Where the one dict stands whose items are arguments."""
    dicts = [keyword.value for keyword in node.keywords if keyword.arg is None]
    return place_in(event.call, dicts[0]) if len(dicts) == 1 else None


def key_of_dict(trace: Trace, place: Place, name: str) -> tuple[Place | None, str]:
    """Where a key of the dict that an expression gives is written, and how."""
    sighting = trace.sighting(place)
    made = sighting.value.origin.place if sighting is not None and isinstance(sighting.value, Ref) else place
    return written_key(trace, made, name)


def written_key(trace: Trace, made: Place, name: str) -> tuple[Place | None, str]:
    """Where a key of a dict stands that was written out at `made`, and how it is written there."""
    node = node_at(trace, made)
    if isinstance(node, ast.Dict):
        for each in node.keys:
            if isinstance(each, ast.Constant) and each.value == name:
                place = place_in(made, each)
                return place, editing.text_at(trace, place) or ""
    if isinstance(node, ast.Call):
        for keyword in node.keywords:
            if keyword.arg == name:
                return place_of_name(made, keyword), name
    return None, ""


def _became(trace: Trace, given: Given, keyword: ast.keyword, function: str, found: Location) -> Draft:
    """Of a parameter whose value is a function of its own now."""
    called = given.callee
    change = called.offer.parameter_change(called.dotted, keyword.arg or "")
    when = f" {since(trace, called.dotted, change)}" if change is not None else ""
    advice = f"use `{function}`" if function != called.short else "leave it out, it is as it was"
    message = f"`{called.short}({keyword.arg}=...)` was removed{when}: {advice}."
    fix = called_instead(trace, given.event.call, given.node, keyword, called.dotted, function)
    return Draft(message, found, fix=fix)


def place_of_name(call: Place, keyword: ast.keyword) -> Place:
    """Where the name of a keyword argument stands."""
    end = keyword.col_offset + len((keyword.arg or "").encode())
    return Place(call.unit, keyword.lineno, keyword.col_offset, keyword.lineno, end)


def _unknown(trace: Trace, given: Given, name: str) -> tuple[str, str | None, bool]:
    """The message, the name to write instead, and whether that is the same under another name."""
    called, taken = given.callee, {keyword.arg for keyword in given.node.keywords}
    shown = f"`{called.short}({name}=...)`"
    change = called.offer.parameter_change(called.dotted, name)
    if change is not None and change.kind in ("removed", "renamed"):
        when = since(trace, called.dotted, change)
        if change.replacement in given.by_name and change.replacement not in taken:
            same = change.kind == "renamed"
            return f"{shown} was removed {when}: it is `{change.replacement}` now.", change.replacement, same
        free = [each for each in given.by_name if each not in taken]
        alike = next((each for each in free if each.replace("_", "") == name.replace("_", "")), None)
        elsewhere = called_elsewhere(name, free) or alike
        if elsewhere is not None:
            return f"{shown} was removed {when}: use `{elsewhere}`.", elsewhere, False
        return f"{shown} was removed {when}: the call {_fails(given)}.", None, False
    if change is not None and change.kind == "added":
        have = version_of(trace, called.dotted)
        comes = f"{change.of or 'version'} {change.version}"
        return f"{shown} comes with {comes}, and you have {have}: it {_fails(given)}.", None, False
    meant = nearest(name, [each for each in given.by_name if each not in taken])
    if meant is not None:
        return f"`{called.short}` has no parameter `{name}`. Did you mean `{meant}`?", meant, False
    have = version_of(trace, called.dotted)
    return f"`{called.short}` has no parameter `{name}` in {have}: the call {_fails(given)}.", None, False


def _fails(given: Given) -> str:
    """What a keyword that is not known does: Keras's layers and optimizers look at their keywords themselves."""
    return "fails" if given.callee.offer.library.name == "keras" else "raises TypeError"


def surplus_positions(
    trace: Trace, wanted: Callable[[Given], bool], repaired: Callable[[Trace, Given, list[ast.expr]], Fix | None]
) -> Iterator[Draft]:
    """Arguments by position where the function takes fewer so; `repaired` gives those that are too many their names."""
    for given in misfits(trace):
        positional = [each for each in given.signature if each.kind in _BY_POSITION]
        if any(each.kind == "var-positional" for each in given.signature) or not given.event.exact:
            continue
        if any(isinstance(argument, ast.Starred) for argument in given.node.args):
            continue
        surplus = given.node.args[len(positional) :]
        if not surplus or len(given.event.args) != len(given.node.args) or not wanted(given):
            continue
        first = surplus[0]
        found = location(trace, place_in(given.event.call, first))
        if found is not None:
            yield Draft(_surplus(given, len(positional)), found, fix=repaired(trace, given, surplus))


def _surplus(given: Given, allowed: int) -> str:
    called = given.callee
    takes = "no argument" if not allowed else f"{allowed} argument{'s' if allowed > 1 else ''}"
    later = [each.name for each in given.signature if each.kind == "keyword-only"]
    rest = f": the rest by name, `{later[0]}=...`" if later else ""
    return (
        f"`{called.short}` takes {takes} by position in {called.offer.library.distribution} {called.offer.version}"
        f"{rest}. With {len(given.node.args)} the call raises TypeError."
    )


def by_name(trace: Trace, given: Given, arguments: list[ast.expr], names: list[str]) -> Fix | None:
    """Names before arguments that stand without; None where they do not go together."""
    taken = {keyword.arg for keyword in given.node.keywords}
    if len(names) != len(arguments) or any(name in taken or name not in given.by_name for name in names):
        return None
    edits = []
    for name, argument in zip(names, arguments, strict=True):
        at = Place(given.event.call.unit, argument.lineno, argument.col_offset, argument.lineno, argument.col_offset)
        edit = editing.replaced(trace, at, f"{name}=")
        if edit is None:
            return None
        edits.append(edit)
    return Fix(f"Give `{'`, `'.join(names)}` by name", "safe", tuple(edits))


def as_before(trace: Trace, given: Given, surplus: list[ast.expr]) -> Fix | None:
    """By the names they had when an older version took them by position."""
    start, end = len(given.node.args) - len(surplus), len(given.node.args)
    return by_name(trace, given, surplus, _older_order(given)[start:end])


def _older_order(given: Given) -> list[str]:
    """The parameters in the order of the newest version that took as many by position."""
    called, count = given.callee, len(given.node.args)
    versions = called.offer.library.versions
    for version in reversed(versions[: versions.index(called.offer.version)]):
        older = called.offer.library.at(version)
        found = None if older is None else older.find(called.dotted)
        if found is None or found.signature is None:
            continue
        positional = [each.name for each in found.signature if each.kind in _BY_POSITION]
        if len(positional) >= count:
            return positional
    return []
