"""A tree for a compound statement in spite of a broken line in it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsense.syntax.parsing import parse
from mlsense.syntax.scanning import Line, advance, physical_lines

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
    `def name(*_, **__):`), a header without a body gets `pass`, a missing colon is put in: at most three
    times. Lines keep their number, and what stands before a change its column, so that the places of all
    other nodes hold.
    """
    if len(text) > _LONGEST:
        return None
    changed: set[int] = set()
    for _ in range(_MOST_ATTEMPTS):
        if not isinstance(error, SyntaxError):
            return None
        lines = list(physical_lines(text))
        codes = [line.indent + line.body for line in lines]
        at = min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
        if "expected an indented block" in error.msg:
            found = _HEADER_LINE.search(error.msg)
            at = min(int(found.group(1)) - 1, len(lines) - 1) if found else at
            last = _statement_end(lines, at) - 1
            codes[last] = _insert(codes[last], " pass")
        elif "expected ':'" in error.msg and at not in changed:
            changed.add(at)
            codes[at] = _insert(codes[at], ":")
        else:
            start = _statement_start(lines, at)
            end = _statement_end(lines, start)
            instead = _replacement(lines, start, end)
            first = next((number for number, line in enumerate(lines) if line.kind == "code"), 0)
            if codes[start].strip() == instead or (start == first and instead == "..."):
                return None
            changed.add(start)
            codes[start:end] = [lines[start].indent + instead] + [""] * (end - start - 1)
        text = "".join(code + line.ending for code, line in zip(codes, lines, strict=True))
        outcome = parse(text)
        if isinstance(outcome, list):
            return outcome
        error = outcome
    return None


def _insert(code: str, addition: str) -> str:
    """The line with something added after its code, before its comment."""
    comment = code.find("#")
    while comment >= 0 and advance(code[:comment])[0][-1:] in ("'", '"'):
        comment = code.find("#", comment + 1)
    if comment < 0:
        return code + addition
    return code[:comment].rstrip() + addition + "  " + code[comment:]


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
        return "@__" if body.startswith("@") else "..."
    if definition := _DEFINITION.match(body):
        kind, name = definition.groups()
        return f"{kind} {name}:" if kind == "class" else f"{kind} {name}(*_, **__):"
    word = _WORD.match(body)
    return _HEADERS.get(word.group() if word else "", "if __:")
