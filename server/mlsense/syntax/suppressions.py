"""Comments that silence rules: `# mlsense: ignore[rule] reason`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.syntax.scanning import Cursor, Line, physical_lines
from mlsense.text import LineIndex, Position, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

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
    cursor, reach = Cursor(code), _Reach(code, cell.source.lines)
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
            line, last = reach.of(start, cursor.anchor)
        found.append(Suppression(rules, reason.strip(), line, span, last))
    return tuple(found)


class _Reach:
    """Which lines comments are about; asked from front to back, it reads each line once."""

    def __init__(self, code: str, index: LineIndex) -> None:
        self._code = code
        self._index = index
        self._rest: Iterator[Line] = iter(())
        self._first = 0
        """The number of the first line of what was read of the statement last asked for."""
        self._statement: list[Line] = []
        self._next: Line | None = None

    def of(self, comment: int, anchor: int) -> tuple[int, int]:
        """The first and the last line a comment is about; at `anchor`, before it, a statement begins."""
        if not self._statement or anchor > self._statement[-1].start:
            start = self._index.offset(Position(self._index.position(anchor).line, 0))
            self._rest = physical_lines(self._code, start)
            self._next = next(self._rest)
            self._read()
        while not self._about(comment) and self._next is not None:
            self._read()
        own = self._index.position(comment).line
        if not self._about(comment):
            return own, own
        concerned = next(
            self._first + number
            for number, line in enumerate(self._statement[max(own - self._first, 0) :], max(own - self._first, 0))
            if _has_code(line)
        )
        last = self._first + len(self._statement) - 1
        return (self._first, last) if concerned in (self._first, last) else (concerned, concerned)

    def _about(self, comment: int) -> bool:
        """Whether the statement at hand has code on the comment's line or below."""
        last = self._statement[-1] if self._statement else None
        return last is not None and _has_code(last) and last.start + len(last.indent + last.body) >= comment

    def _read(self) -> None:
        """Go on to the next statement, or line without code."""
        line = self._next
        assert line is not None  # the caller has looked
        self._first = self._index.position(line.start).line
        self._statement = [line]
        self._next = next(self._rest, None)
        while self._next is not None and self._next.kind in ("continued", "string"):
            self._statement.append(self._next)
            self._next = next(self._rest, None)


def _has_code(line: Line) -> bool:
    return bool(line.body) and (line.kind == "string" or line.body[0] != "#")
