"""A tree for a compound statement in spite of a broken line in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsense.syntax.parsing import parse
from mlsense.syntax.scanning import Line, comment_start, physical_lines

if TYPE_CHECKING:
    import ast
    from collections.abc import Sequence

_MOST_ATTEMPTS = 3
# Trying again costs a parse each time, too much at every keystroke in a text this long.
_LONGEST = 200_000
_HEADER_LINE = re.compile(r"on line (\d+)$")
_DEFINITION = re.compile(r"((?:async[ \t]+)?def|class)[ \t]+(\w+)")
_HEADER = re.compile(
    r"(?:def|class|if|elif|else|for|while|with|try|except|finally|async|match|case)\b[^#\r\n]*:[ \t]*(?:#|$)"
)
_TRY = re.compile(r"try[ \t]*:")
_WORD = re.compile(r"\w+")
_HEADERS = {
    "elif": "elif __:",
    "else": "else:",
    "except": "except __:",
    "finally": "finally:",
    "case": "case __:",
    "try": "try:",
}


def recover(text: str, error: Exception) -> list[ast.stmt] | None:
    """The statements of a text that does not parse, broken lines left out or completed; None if in vain.

    A broken line inside becomes `...`, a broken block header one that says nothing (`if __:`,
    `def name(*_, **__):`), a header without a body gets `pass`, a missing colon is put in, a `try` that lacks
    its handlers becomes `if True`, a line at a level of its own goes: at most three times. Lines keep their
    number, and what stands before a change its column, so that the places of all other nodes hold.
    """
    if len(text) > _LONGEST:
        return None
    for _ in range(_MOST_ATTEMPTS):
        lines = list(physical_lines(text))
        if not isinstance(error, SyntaxError) or not _mend(lines, error):
            return None
        text = "".join(line.indent + line.body + line.ending for line in lines)
        outcome = parse(text)
        if isinstance(outcome, list):
            return outcome
        error = outcome
    return None


def _mend(lines: list[Line], error: SyntaxError) -> bool:
    """Change the lines so that the parser gets past this error; whether there is a way."""
    at = min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
    if "expected an indented block" in error.msg:
        found = _HEADER_LINE.search(error.msg)
        at = min(int(found.group(1)) - 1, len(lines) - 1) if found else at
        return _append(lines, _statement_end(lines, at) - 1, " pass")
    if "expected ':'" in error.msg and not _HEADER.match(lines[at].body):
        return _append(lines, at, ":")
    if "expected 'except' or 'finally'" in error.msg:
        opened = (number for number in range(at, -1, -1) if _TRY.match(lines[number].body))
        header = next((number for number in opened if _handlers_missing(lines, number, at)), None)
        return header is not None and _replace(lines, header, header + 1, "if True:")
    start = _statement_start(lines, at)
    if start > 0 and lines[start - 1].body.startswith("@"):
        # A decorator with nothing to decorate is found out one line too late.
        return _replace(lines, start - 1, start, "")
    end = _statement_end(lines, start)
    if isinstance(error, IndentationError) or lines[start].body.startswith("@"):
        return _replace(lines, start, end, "")
    instead = _replacement(lines, start, end)
    alone = instead == "..." and not any(line.kind == "code" for line in lines[:start])
    return not alone and _replace(lines, start, end, instead)


def _append(lines: list[Line], at: int, addition: str) -> bool:
    """Put something after the code of a line, before its comment."""
    body = lines[at].body
    code = body[: comment_start(body)]
    lines[at] = lines[at]._replace(body=code.rstrip() + addition + "  " + body[len(code) :])
    return True


def _replace(lines: list[Line], start: int, end: int, instead: str) -> bool:
    """Put something in the place of whole lines; whether that changes anything."""
    changed = lines[start].body != instead
    lines[start] = lines[start]._replace(body=instead)
    for number in range(start + 1, end):
        lines[number] = lines[number]._replace(indent="", body="")
    return changed


def _handlers_missing(lines: Sequence[Line], header: int, at: int) -> bool:
    """Whether the error on line `at` can be about the `try` on line `header`."""
    level = len(lines[header].indent)
    return at == len(lines) - 1 or len(lines[at].indent) <= level or at == header + 1


def _statement_start(lines: Sequence[Line], at: int) -> int:
    while at > 0 and lines[at].kind != "code":
        at -= 1
    return at


def _statement_end(lines: Sequence[Line], start: int) -> int:
    """The line after a statement's last; a bracket that it leaves open does not reach past its block."""
    if _HEADER.match(lines[start].body):
        return start + 1
    for number in range(start + 1, len(lines)):
        line = lines[number]
        if line.kind == "code":
            return number
        if line.kind == "continued" and line.body and len(line.indent) <= len(lines[start].indent):
            return number + 1 if line.body[0] in ")]}" else number
    return len(lines)


def _replacement(lines: Sequence[Line], start: int, end: int) -> str:
    """What stands in for a statement: a header if a block follows it."""
    body = lines[start].body
    follows = next((line for line in lines[end:] if line.kind not in ("blank", "comment")), None)
    if follows is None or len(follows.indent) <= len(lines[start].indent):
        return "..."
    if definition := _DEFINITION.match(body):
        kind, name = definition.groups()
        return f"{kind} {name}:" if kind == "class" else f"{kind} {name}(*_, **__):"
    word = _WORD.match(body)
    return _HEADERS.get(word.group() if word else "", "if __:")
