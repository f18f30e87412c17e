"""How what is called around the caret is called, in the version in force."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.answers import Parameter, Signature, Signatures
from mlsense.completion.notes import default_of
from mlsense.explaining import explain, needs, summary

if TYPE_CHECKING:
    from mlsense.completion.context import Bracket
    from mlsense.completion.scene import Callee, Scene
    from mlsense.knowledge.library import Parameter as Known


def signatures(scene: Scene) -> Signatures | None:
    """The signature of the innermost call; None where the base does not know it."""
    call = scene.context.call()
    callee = None if call is None else scene.callee(call)
    if call is None or callee is None or callee.entry.signature is None:
        return None
    parameters = callee.entry.signature
    if not parameters and callee.entry.accepts_any:
        return None
    label, parts = _label(callee, parameters)
    active = _active(scene, call, callee)
    # It is asked again when the caret goes to another one.
    shown = tuple(Parameter(text, _said(scene, callee, each) if each is active else "") for text, each in parts)
    place = next((index for index, (_, each) in enumerate(parts) if each is active), None)
    return Signatures((Signature(label, shown, place, _of_callee(scene, callee)),))


def _said(scene: Scene, callee: Callee, parameter: Known) -> str:
    """What is said of a parameter below its title, which the label is."""
    text = explain(callee.dotted, parameter.name, scene.trace.versions)
    default = f"Default `{default_of(parameter)}`." if default_of(parameter) else ""
    return "  \n".join(line for line in (text.partition("\n\n")[0].partition("\n")[2], default) if line)


def _label(callee: Callee, parameters: tuple[Known, ...]) -> tuple[str, list[tuple[str, Known]]]:
    texts: list[str] = []
    parts: list[tuple[str, Known]] = []
    starred = False
    last_only = max((i for i, each in enumerate(parameters) if each.kind == "positional-only"), default=-1)
    for index, each in enumerate(parameters):
        stars = {"var-positional": "*", "var-keyword": "**"}.get(each.kind, "")
        if each.kind == "keyword-only" and not starred:
            texts.append("*")
        starred = starred or each.kind in ("keyword-only", "var-positional")
        text = f"{stars}{each.name}" + (f"={each.default}" if each.default is not None else "")
        texts.append(text)
        parts.append((text, each))
        if index == last_only:
            texts.append("/")
    return f"{callee.short}({', '.join(texts)})", parts


def _active(scene: Scene, call: Bracket, callee: Callee) -> Known | None:
    here = call.here
    if here.name is not None:
        return callee.parameter(here.name) or _star(callee, "var-keyword")
    named = any(item.name for item in call.items[: call.at])
    word = scene.context.word
    if named or (word and callee.parameter(word) is not None):
        return callee.parameter(word) if word else None
    if here.text.startswith("*"):
        return None
    return scene.parameter_at(call, callee) or _star(callee, "var-positional")


def _star(callee: Callee, kind: str) -> Known | None:
    return next((each for each in callee.entry.signature or () if each.kind == kind), None)


def _of_callee(scene: Scene, callee: Callee) -> str:
    entry = callee.entry
    lines = [
        summary(callee.dotted),
        needs(callee.dotted, scene.trace.versions),
        f"{callee.offer.library.distribution} {callee.version or callee.offer.version}",
    ]
    if entry.deprecated:
        instead = f", use `{entry.replacement}`" if entry.replacement else ""
        lines.append(f"Deprecated since {entry.deprecated}{instead}.")
    return "  \n".join(line for line in lines if line)
