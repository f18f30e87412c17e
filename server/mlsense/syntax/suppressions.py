"""Comments that silence rules: `# mlsense: ignore[rule] reason`."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.syntax.scanning import Line, advance, physical_lines
from mlsense.text import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsense.syntax.cells import Cell


@dataclass(frozen=True)
class Suppression:
    """A comment that silences rules.

    `rules` None means every rule. `line` is the line of the cell, from 0, whose findings it silences: its own, or
    the next line of code if it stands alone; None for the whole document. `last` is the last line that it
    silences: it is after `line`, and `line` the first of the statement, where the comment belongs to the first or
    the last line of a statement that goes over several (of a block, to its header). `span` is the comment
    in the cell's text.
    """

    rules: frozenset[str] | None
    reason: str
    line: int | None
    span: Span
    last: int | None = None

    def covers(self, rule: str, line: int) -> bool:
        """Whether findings of this rule that start on this line of the cell, from 0, are silenced."""
        if self.rules is not None and rule not in self.rules:
            return False
        return self.line is None or self.line <= line <= (self.line if self.last is None else self.last)


_COMMENT = re.compile(
    r"(?:(?<=\s)|(?<![^\r\n]))?#[ \t]*mlsense:[ \t]*ignore(-file)?(?![\w-])(?:[ \t]*\[([^\]\r\n]*)\])?[ \t:–—-]*"
    r"((?:[^\r\n#]|#(?!\s)|(?<!\s)#)*)"
)


def suppressions(cell: Cell) -> tuple[Suppression, ...]:
    """All such comments of a code cell, in order. They may follow another comment on the same line."""
    if cell.kind != "code" or "mlsense:" not in cell.source.text:
        return ()
    code = cell.code
    lines = physical_lines(code)
    starts = [line.start for line in lines]
    found = []
    done, state = 0, ""
    for comment in _COMMENT.finditer(code):
        state, _ = advance(code[done : comment.start()], state)
        done = comment.start()
        if state[-1:] in ("'", '"') and state:
            continue
        names, reason = comment.group(2), comment.group(3).strip()
        rules = (
            None if names is None else frozenset(name.strip() for name in names.split(",") if name.strip())
        )
        span = Span(comment.start(), comment.end(3) - len(comment.group(3)) + len(comment.group(3).rstrip()))
        if comment.group(1):
            found.append(Suppression(rules, reason, None, span))
            continue
        at = bisect_right(starts, comment.start()) - 1
        first, last = _covered(lines, _concerned(lines, at))
        found.append(Suppression(rules, reason, first, span, last))
    return tuple(found)


def _concerned(lines: Sequence[Line], at: int) -> int:
    """The line that a comment on line `at` is about: that line, or the next with code if it has none."""
    for number in range(at, len(lines)):
        if lines[number].body and lines[number].body[0] != "#":
            return number
    return at


def _covered(lines: Sequence[Line], at: int) -> tuple[int, int]:
    """The whole statement if `at` is its first or its last line, else that line alone."""
    first = at
    while first > 0 and lines[first].kind in ("continued", "string"):
        first -= 1
    last = first
    while last + 1 < len(lines) and lines[last + 1].kind in ("continued", "string"):
        last += 1
    return (first, last) if at in (first, last) else (at, at)
