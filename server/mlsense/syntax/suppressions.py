"""Comments that silence rules: `# mlsense: ignore[rule] reason`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.syntax.scanning import advance
from mlsense.text import Span

if TYPE_CHECKING:
    from mlsense.syntax.cells import Cell


@dataclass(frozen=True)
class Suppression:
    """A comment that silences rules.

    `rules` None means every rule. `line` is the line of the cell, from 0, whose findings it silences, None
    for the whole document. `span` is the comment in the cell's text.
    """

    rules: frozenset[str] | None
    reason: str
    line: int | None
    span: Span


_COMMENT = re.compile(
    r"#[ \t]*mlsense:[ \t]*ignore(-file)?(?:[ \t]*\[([^\]\r\n]*)\])?(?![\w-])[ \t:-]*([^\r\n]*)"
)


def suppressions(cell: Cell) -> tuple[Suppression, ...]:
    """All such comments of a code cell, in order."""
    text = cell.source.text
    if cell.kind != "code" or "mlsense:" not in text:
        return ()
    code, lines = cell.code, cell.source.lines
    found = []
    done, state = 0, ""
    for comment in _COMMENT.finditer(code):
        state, _ = advance(code[done : comment.start()], state)
        done = comment.start()
        if state[-1:] in ("'", '"', "#"):
            continue
        names = comment.group(2)
        rules = (
            None if names is None else frozenset(name.strip() for name in names.split(",") if name.strip())
        )
        line: int | None = lines.position(comment.start()).line
        assert line is not None
        if comment.group(1):
            line = None
        elif not lines.line_text(line)[: lines.position(comment.start()).column].strip():
            line = _next_code_line(cell, line)
        found.append(Suppression(rules, comment.group(3).strip(), line, Span(*comment.span())))
    return tuple(found)


def _next_code_line(cell: Cell, line: int) -> int:
    lines = cell.source.lines
    for following in range(line + 1, lines.line_count):
        content = lines.line_text(following).strip()
        if content and not content.startswith("#"):
            return following
    return line
