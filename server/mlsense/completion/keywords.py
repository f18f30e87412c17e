"""Names of arguments: of calls of libraries, of `set_params`, and the keys of the grids that searches take."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.answers import Completion
from mlsense.completion.dicts import keyed
from mlsense.completion.notes import about, default_of, is_deprecated, usual
from mlsense.knowledge.library import release
from mlsense.rules.offering import offer
from mlsense.rules.parameters import settable
from mlsense.semantics.values import Estimator

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

    from mlsense.completion.context import Bracket
    from mlsense.completion.dicts import Keyed
    from mlsense.completion.scene import Callee, Scene
    from mlsense.knowledge.library import Parameter
    from mlsense.semantics.asking import Answer

_BY_NAME = ("positional-or-keyword", "keyword-only")


def keywords(scene: Scene) -> tuple[Completion, ...]:
    """Those that the call around the caret takes and was not given, most often set first."""
    context = scene.context
    call = context.brackets[0] if context.brackets else None
    if call is None or call.kind != "call" or call.in_value or not context.first or context.receiver is not None:
        return ()
    callee = scene.callee(call)
    ending = "" if _followed_by_equals(scene) else "="
    if call.before == "dict":
        found = keyed(scene)
        return () if found is None else tuple(_keys(scene, found, {item.name for item in call.others}, ending))
    if callee is None:
        return ()
    if callee.short == "set_params" and isinstance(callee.thing, Estimator):
        return tuple(_grid_names(scene, callee.thing, callee.answer, {item.name for item in call.others}, ending))
    return tuple(_ranked(callee, list(_open_to_names(call, callee)), ending))


def _ranked(callee: Callee, parameters: list[Parameter], ending: str) -> Iterator[Completion]:
    """Those that people set most often first, then in the order of the signature."""
    ranks = {name: rank for rank, name in enumerate(usual(callee))}
    order = {parameter.name: place for place, parameter in enumerate(parameters)}
    for parameter in sorted(parameters, key=lambda p: (is_deprecated(p), ranks.get(p.name, len(ranks)), order[p.name])):
        yield _keyword(callee, parameter, ending)


def _open_to_names(call: Bracket, callee: Callee) -> Iterator[Parameter]:
    given = {item.name for item in call.others}
    starred = any(item.text.startswith("*") and not item.text.startswith("**") for item in call.items[: call.at])
    placed = set()
    if not starred:
        placed = {parameter.name for index in range(call.position) if (parameter := callee.positional(index))}
    for parameter in callee.entry.signature or ():
        if (
            parameter.kind in _BY_NAME
            and parameter.name not in given
            and parameter.name not in placed
            and parameter.name[0] != "_"
        ):
            yield parameter


def _keyword(callee: Callee, parameter: Parameter, ending: str) -> Completion:
    return Completion(
        parameter.name + ending,
        "parameter",
        detail=default_of(parameter),
        deprecated=is_deprecated(parameter),
        data=about(callee, parameter),
    )


def _followed_by_equals(scene: Scene) -> bool:
    return scene.cell.code[scene.context.span.end :].lstrip(" \t").startswith("=")


# Grids


def grid_keys(scene: Scene) -> tuple[Completion, ...]:
    """The parameters that a dictionary can name: of a grid with their prefixes, those of the last step first."""
    found, quoted = keyed(scene), scene.context.quoted
    if found is None or quoted is None or found.braces is not scene.context.brackets[0] or found.braces.in_value:
        return ()
    given = {item.key.strip("'\"") for item in found.braces.others if item.key}
    end = "" if quoted.closed else quoted.quote
    return tuple(replace(each, insert=each.label + end, span=quoted.span) for each in _keys(scene, found, given, ""))


def _keys(scene: Scene, found: Keyed, given: Collection[str | None], ending: str) -> Iterator[Completion]:
    if found.estimator is not None and isinstance(found.estimator.object, Estimator):
        yield from _grid_names(scene, found.estimator.object, found.estimator, given, ending)
    elif found.callee is not None:
        named = [
            each for each in found.callee.entry.signature or () if each.kind in _BY_NAME and each.name not in given
        ]
        yield from _ranked(found.callee, named, ending)


def _grid_names(
    scene: Scene, estimator: Estimator, answer: Answer, given: Collection[str | None], ending: str
) -> Iterator[Completion]:
    known = settable(scene.trace, estimator, answer.look_up)
    if known is None:
        return
    found = []
    for name in known.names:
        if name in given:
            continue
        head, _, last = name.rpartition("__")
        owner = part(estimator, answer, head)
        callee = None if owner is None else class_called(scene, owner, answer)
        parameter = None if callee is None else callee.parameter(last)
        if callee is None or parameter is None:
            found.append(((1, 0, 0), Completion(name + ending, "parameter")))
            continue
        ranks = usual(callee)
        rank = (0 if last in ranks else 1, -_place(estimator, head), ranks.index(last) if last in ranks else 0)
        leaving = is_deprecated(parameter)
        entry = Completion(
            name + ending,
            "parameter",
            detail=default_of(parameter),
            deprecated=leaving,
            data=about(callee, parameter),
        )
        found.append((((2, 0, 0) if leaving else rank), entry))
    found.sort(key=lambda each: each[0])
    yield from (entry for _, entry in found)


def _place(estimator: Estimator, head: str) -> int:
    """Further down a pipeline is what is tuned more often."""
    names = [name for name, _ in estimator.steps]
    first = head.partition("__")[0]
    return names.index(first) + 1 if first in names else 0


def part(estimator: Estimator, answer: Answer, path: str) -> Estimator | None:
    """The estimator that a prefix such as `prep__num` leads to."""
    for name in path.split("__") if path else ():
        value = dict(estimator.steps).get(name) or estimator.param(name)
        thing = answer.look_up(value)
        if not isinstance(thing, Estimator):
            return None
        estimator = thing
    return estimator


def class_called(scene: Scene, estimator: Estimator, answer: Answer) -> Callee | None:
    """The call that made an estimator, as it can be made in the version in force."""
    from mlsense.completion.scene import Callee

    offered = offer(scene.trace, estimator.cls)
    entry = None if offered is None else offered.find(estimator.cls)
    if offered is None or entry is None:
        return None
    return Callee(estimator.cls, entry, offered, release(scene.trace.versions, estimator.cls), estimator, answer)
