"""The bodies of snippets: text with tab stops, in the grammar of the Language Server Protocol.

Source: https://microsoft.github.io/language-server-protocol/specifications/lsp/3.18/specification/#snippet_syntax.
Transformations (`${1/a/b/}`) are refused: no pack needs one, and few editors know them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Stop:
    """A tab stop: what stands there until it is filled in, or what can be chosen. Both are empty where it repeats."""

    number: int
    default: tuple[Part, ...] = ()
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Variable:
    """A name that the editor replaces, `TM_FILENAME_BASE` for instance, and what stands there if it cannot."""

    name: str
    default: tuple[Part, ...] = ()


Part: TypeAlias = "str | Stop | Variable"

_OPENING = re.compile(r"\$(?:(?P<bare>\d+|[A-Za-z_]\w*)|\{(?P<braced>\d+|[A-Za-z_]\w*)(?P<after>[}:|]))")


@lru_cache(1024)
def parse(body: str) -> tuple[Part, ...]:
    """The parts of a body. Raises ValueError, with the offset, where it breaks the grammar."""
    parts, end = _parts(body, 0, inside=False)
    if end != len(body):
        raise ValueError(f"offset {end}: a `}}` that closes nothing")
    return parts


def expanded(body: str, variables: Mapping[str, str] | None = None) -> str:
    """The text that is there once a snippet is inserted and nothing is filled in."""
    parts = parse(body)
    return _text(parts, defaults(parts), variables or {})


def defaults(parts: tuple[Part, ...]) -> dict[int, Stop]:
    """The stop that says what its number stands for, by number."""
    found: dict[int, Stop] = {}
    for stop in stops(parts):
        if stop.number not in found or not (found[stop.number].default or found[stop.number].choices):
            found[stop.number] = stop
    return found


def stops(parts: tuple[Part, ...]) -> tuple[Stop, ...]:
    """All stops, those inside others too, in the order of the text."""
    found: list[Stop] = []
    for part in parts:
        if isinstance(part, Stop):
            found.append(part)
        if not isinstance(part, str):
            found += stops(part.default)
    return tuple(found)


def filled(body: str, names: Mapping[str, str | tuple[str, ...]]) -> str:
    """The body where a stop whose default is one of `names` proposes what that stands for, or a choice of it."""
    return "".join(_written(part, names) for part in parse(body))


def _parts(body: str, at: int, *, inside: bool) -> tuple[tuple[Part, ...], int]:
    parts: list[Part] = []
    text: list[str] = []

    def add(part: Part) -> None:
        if text:
            parts.append("".join(text))
            text.clear()
        parts.append(part)

    while at < len(body):
        character = body[at]
        if character == "\\" and body[at + 1 : at + 2] in ("$", "}", "\\") and at + 1 < len(body):
            text.append(body[at + 1])
            at += 2
        elif character == "}" and inside:
            break
        elif character == "$" and (opening := _OPENING.match(body, at)):
            part, at = _opened(body, opening)
            add(part)
        elif body.startswith("${", at):
            raise ValueError(f"offset {at}: neither a tab stop nor a variable")
        else:
            text.append(character)
            at += 1
    if text:
        parts.append("".join(text))
    return tuple(parts), at


def _opened(body: str, opening: re.Match[str]) -> tuple[Part, int]:
    name = opening["bare"] or opening["braced"]
    if opening["after"] == "|":
        choices, end = _choices(body, opening.end())
        return Stop(int(name), choices=choices), end
    default: tuple[Part, ...] = ()
    end = opening.end()
    if opening["after"] == ":":
        default, end = _parts(body, end, inside=True)
        if end == len(body):
            raise ValueError(f"offset {opening.start()}: a placeholder that does not end")
        end += 1
    return (Stop(int(name), default) if name.isdigit() else Variable(name, default)), end


def _choices(body: str, at: int) -> tuple[tuple[str, ...], int]:
    choices = [""]
    while at < len(body):
        if body[at] == "\\" and body[at + 1 : at + 2] in (",", "|", "\\", "$", "}"):
            choices[-1] += body[at + 1]
            at += 2
        elif body.startswith("|}", at):
            return tuple(choices), at + 2
        elif body[at] == ",":
            choices.append("")
            at += 1
        else:
            choices[-1] += body[at]
            at += 1
    raise ValueError(f"offset {at}: a choice that does not end")


def _text(parts: tuple[Part, ...], known: Mapping[int, Stop], variables: Mapping[str, str]) -> str:
    def text(part: Part) -> str:
        if isinstance(part, str):
            return part
        if isinstance(part, Variable):
            return variables.get(part.name) or _text(part.default, known, variables)
        stop = known[part.number]
        return stop.choices[0] if stop.choices else _text(stop.default, known, variables)

    return "".join(text(part) for part in parts)


def _written(part: Part, names: Mapping[str, str | tuple[str, ...]]) -> str:
    if isinstance(part, str):
        return escaped(part)
    if isinstance(part, Variable):
        return f"${{{part.name}:{''.join(_written(each, names) for each in part.default)}}}"
    known = names.get(part.default[0]) if len(part.default) == 1 and isinstance(part.default[0], str) else None
    if part.choices or isinstance(known, tuple):
        choices = ",".join(re.sub(r"([,|\\$}])", r"\\\1", choice) for choice in part.choices or known or ())
        return f"${{{part.number}|{choices}|}}"
    if known is not None:
        return f"${{{part.number}:{escaped(known)}}}"
    inner = "".join(_written(each, names) for each in part.default)
    return f"${{{part.number}:{inner}}}" if inner else f"${{{part.number}}}"


def escaped(text: str) -> str:
    """Text as it is written in a body."""
    return re.sub(r"([$}\\])", r"\\\1", text)
