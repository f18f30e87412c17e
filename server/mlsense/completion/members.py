"""Attributes of things whose class is known for certain: estimators, frames, columns, arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.answers import Completion
from mlsense.completion.names import children
from mlsense.knowledge.keywords import usual_attributes
from mlsense.knowledge.kinds import has_method, kind
from mlsense.knowledge.library import release
from mlsense.rules.offering import class_of, offer
from mlsense.semantics.values import Const, Estimator, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.answers import CompletionKind
    from mlsense.completion.scene import Scene
    from mlsense.knowledge.library import Members


def members(scene: Scene) -> tuple[Completion, ...]:
    """What the object in front of the dot has, most used first; nothing where its class is not certain."""
    receiver = scene.context.receiver
    if not receiver:
        return ()
    answer = scene.evaluate(receiver)
    if isinstance(answer.value, Symbol):
        return children(scene, answer.value.name)
    thing = answer.object
    name = class_of(scene.trace, thing)
    offered = None if name is None else offer(scene.trace, name)
    known = None if name is None or offered is None else offered.members(name)
    if name is None or known is None:
        return ()
    version = release(scene.trace.versions, name)
    listed = list(_of_estimator(thing, known, version) if isinstance(thing, Estimator) else _of_class(known))
    ranks = {each: rank for rank, each in enumerate(usual_attributes(name, estimator=isinstance(thing, Estimator)))}
    listed.sort(key=lambda entry: (entry[2] != "", ranks.get(entry[0], len(ranks)), entry[0]))
    return tuple(
        Completion(label, kind_, detail=detail, data={"name": f"{name}.{label}"}) for label, kind_, detail in listed
    )


def _of_class(known: Members) -> Iterator[tuple[str, CompletionKind, str]]:
    for name in known.methods:
        yield name, "method", ""
    for name in (*known.properties, *known.attributes):
        yield name, "property", ""


def _of_estimator(
    estimator: Estimator, known: Members, version: str | None
) -> Iterator[tuple[str, CompletionKind, str]]:
    """Methods that its parameters leave it, and what a fit leaves behind, which says so as long as there is none."""
    constants = {key: value.value for key, value in estimator.params if isinstance(value, Const)}
    unknown = [key for key, value in estimator.params if not isinstance(value, Const)]
    for name in known.methods:
        if has_method(estimator.cls, name, constants, version, unknown) is not False:  # type: ignore[arg-type]
            yield name, "method", ""
    facts = kind(estimator.cls, version)
    after_fit = (*facts.fitted, *facts.sometimes) if facts is not None else ()
    note = "" if estimator.fitted is not None or estimator.handed_over or not estimator.certain else "after fit"
    for name in dict.fromkeys((*after_fit, *known.properties, *known.attributes)):
        fitted = name.endswith("_") and not name.endswith("__")
        yield name, "property", note if fitted else ""
