"""Comments that silence rules: `# mlsense: ignore[rule] reason`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.syntax.scanning import Cursor, physical_lines
from mlsense.text import LineIndex, Position, Span

if TYPE_CHECKING:
    from mlsense.syntax.cells import Cell


@dataclass(frozen=True)
class Suppression:
    """A comment that silences rules.

    `rules` None means every rule. `line` is the line of the cell, from 0, whose findings it silences: its
    own, or the next line of code if it stands alone; None for the whole document. On the first or the last
    line of a statement that goes over several (of a block: of its header) it silences them all, from `line`
    to `last`. `span` is the comment in the cell's text.
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
    r"#[ \t]*mlsense:[ \t]*ignore(-file)?(?![\w-])(?:[ \t]*\[([^\]\r\n]*)\])?[ \t:–—-]*"
    r"((?:[^\r\n#]|#(?!\s)|(?<!\s)#)*)"
)


def suppressions(cell: Cell) -> tuple[Suppression, ...]:
    """All such comments of a code cell, in order. They may follow another comment on the same line."""
    if cell.kind != "code" or "mlsense:" not in cell.source.text:
        return ()
    code = cell.code
    cursor = Cursor(code)
    found = []
    for comment in _COMMENT.finditer(code):
        start = comment.start()
        state = cursor.state(start)
        # Another comment may come before, but what only quotes such a comment is none.
        if state[-1:] in ("'", '"') or (state[-1:] == "#" and not code[start - 1].isspace()):
            continue
        whole_file, names, reason = comment.groups()
        rules = None if names is None else frozenset(re.findall(r"[^\s,]+", names))
        span = Span(start, comment.start(3) + len(reason.rstrip()))
        line = last = None
        if not whole_file:
            line, last = _covered(code, cursor.anchor, start, cell.source.lines)
        found.append(Suppression(rules, reason.strip(), line, span, last))
    return tuple(found)


def _covered(code: str, anchor: int, comment: int, index: LineIndex) -> tuple[int, int]:
    """The first and the last line that a comment covers; `anchor` is a statement's start before it."""
    first = at = None
    for line in physical_lines(code, index.offset(Position(index.position(anchor).line, 0))):
        number = index.position(line.start).line
        if line.kind not in ("continued", "string"):
            if at is not None:
                break
            first = number
        last = number
        has_code = line.body and line.body[0] != "#"
        if at is None and has_code and line.start + len(line.indent) + len(line.body) >= comment:
            at = number
    if first is None or at is None:
        own = index.position(comment).line
        return own, own
    return (first, last) if at in (first, last) else (at, at)
