"""Dictionaries whose keys name parameters: grids of searches, `**params`; also those that get a name first."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.completion.context import context
from mlsense.semantics.models.estimators import SEARCHES
from mlsense.semantics.values import Estimator

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.completion.context import Bracket
    from mlsense.completion.scene import Callee, Scene
    from mlsense.semantics.asking import Answer

GRIDS = ("param_grid", "param_distributions", "search_spaces")
# `grid = {`, `grid = [{...}, {`, `grid = dict(`
_NAMED = re.compile(r"\s*(\w+)\s*(?::[^=\r\n]*)?=\s*(?=[\[{(]|dict\s*\()")
_CALLED = r"(?<![\w.])([\w.]+)\s*\([^()]*(?:\([^()]*\)[^()]*)*?(?<!\w)"
# What people call a dictionary that a search will get.
_GRID = re.compile(r"grid|param|dist|space|search|tun", re.IGNORECASE)
_MOST_BEHIND = 20_000


@dataclass(frozen=True, slots=True)
class Keyed:
    """The brackets whose keys name parameters, and of what: an estimator and its parts, or what a call calls."""

    braces: Bracket
    estimator: Answer | None = None
    callee: Callee | None = None


def keyed(scene: Scene) -> Keyed | None:
    """The dictionary at the caret; None where it is not known that its keys name parameters."""
    brackets = scene.context.brackets
    place = next((i for i, bracket in enumerate(brackets) if _is_dict(bracket)), None)
    if place is None or any(bracket.kind not in ("list", "tuple") for bracket in brackets[:place]):
        return None
    braces = brackets[place]
    around = brackets[place + 1 :]
    call = next((bracket for bracket in around if bracket.kind == "call"), None)
    if call is None:
        return _handed_on(scene, braces) if all(bracket.kind in ("list", "tuple") for bracket in around) else None
    if any(bracket.kind == "subscript" for bracket in around[: around.index(call)]):
        return None
    callee = scene.callee(call)
    if callee is None:
        return None
    if around[0] is call and call.here.text.startswith("**"):
        return _unpacked(scene, braces, callee, call.before)
    parameter = scene.parameter_at(call, callee)
    if parameter is None or parameter.name not in GRIDS:
        return None
    text = scene.argument(call, callee, "estimator")
    return None if text is None else Keyed(braces, scene.evaluate(text))


def _is_dict(bracket: Bracket) -> bool:
    return bracket.kind == "braces" or (bracket.kind == "call" and bracket.before == "dict")


def _unpacked(scene: Scene, braces: Bracket, callee: Callee, called: str) -> Keyed:
    if callee.short == "set_params" and isinstance(callee.thing, Estimator):
        return Keyed(braces, scene.evaluate(called.rpartition(".")[0]))
    return Keyed(braces, None, callee)


def _handed_on(scene: Scene, braces: Bracket) -> Keyed | None:
    """A dictionary that gets a name: by the call below that gets it, else by what it is called."""
    named = _NAMED.match(scene.context.statement)
    if named is None:
        return None
    name = named.group(1)
    for call in _calls_with(scene, name):
        callee = scene.callee(call)
        if any(item.text == f"**{name}" for item in call.items):
            return None if callee is None else _unpacked(scene, braces, callee, call.before)
        if callee is None:
            continue
        given = _arguments(call, callee)
        if callee.short in SEARCHES and given.get(SEARCHES[callee.short]) == name and "estimator" in given:
            answer = scene.evaluate(given["estimator"])
            return Keyed(braces, answer) if isinstance(answer.object, Estimator) else None
    return _newest_model(scene, braces) if _GRID.search(name) else None


def _arguments(call: Bracket, callee: Callee) -> dict[str, str]:
    """The texts of the arguments by parameter."""
    found = {}
    for index, item in enumerate(call.items):
        parameter = callee.positional(index) if item.name is None else callee.parameter(item.name)
        if parameter is not None:
            found[parameter.name] = item.text
    return found


def _calls_with(scene: Scene, name: str) -> Iterator[Bracket]:
    """The calls below the caret that get a name as an argument, or unpack it."""
    pattern = re.compile(_CALLED + rf"(?:\*\*)?{re.escape(name)}\s*[,)]")
    at = next(number for number, each in enumerate(scene.document.cells) if each is scene.cell)
    for number, cell in enumerate(scene.document.cells[at:]):
        if cell.kind != "code":
            continue
        start = scene.context.offset if number == 0 else 0
        for found in pattern.finditer(cell.code, start, start + _MOST_BEHIND):
            around = context(cell.code, found.end() - 1)
            if around is not None and around.brackets and around.brackets[0].kind == "call":
                yield around.brackets[0]


def _newest_model(scene: Scene, braces: Bracket) -> Keyed | None:
    """The estimator that was made last, of pipelines if there are some: it is most probably what is tuned."""
    models = [name for name, thing in scene.asking.things().items() if _is_tuned(thing)]
    answers = [scene.evaluate(name) for name in models]
    pipelines = [each for each in answers if isinstance(each.object, Estimator) and each.object.steps]
    chosen = (pipelines or answers)[-1:]
    return Keyed(braces, chosen[0]) if chosen else None


def _is_tuned(thing: object) -> bool:
    return (
        isinstance(thing, Estimator)
        and thing.certain
        and thing.cls.rpartition(".")[2] not in SEARCHES
        and ("classifier" in thing.kinds or "regressor" in thing.kinds or bool(thing.steps))
    )
