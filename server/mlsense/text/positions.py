"""Positions in a text: offsets, lines and columns, and the units that `ast` and clients count in.

Offsets and columns are code points, as Python indexes strings, unless a function says otherwise.
A line ends at ``\\n``, ``\\r\\n`` or ``\\r`` and nowhere else; `str.splitlines` also breaks at form feeds and
U+2028, which neither Python's tokenizer nor editors do.
"""

from __future__ import annotations

import enum
import re
from array import array
from bisect import bisect_right
from itertools import accumulate
from typing import NamedTuple


class Span(NamedTuple):
    """A stretch of one text: code-point offsets, half-open."""

    start: int
    end: int


class Position(NamedTuple):
    """A place in one text; both parts count from 0."""

    line: int
    column: int


class Encoding(enum.Enum):
    """The units in which a client counts columns."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


_LINE_ENDING = re.compile(r"\r\n|\r|\n")


class LineIndex:
    """Converts between offsets, lines and columns of one text."""

    # Lines begin at `_above`, counted from the start of the text, and then at `_below`, counted from its end, which
    # is why those are negative. An edit where the two meet changes neither, and the next edit is mostly near it.
    __slots__ = ("_above", "_below", "_text")

    def __init__(self, text: str) -> None:
        self._text = text
        self._above = _line_starts(text)
        self._below = array("q")

    @property
    def text(self) -> str:
        """The text whose lines these are."""
        return self._text

    @property
    def line_count(self) -> int:
        """How many lines there are: one more than line endings, so at least 1."""
        return len(self._above) + len(self._below)

    def edited(self, span: Span, new_text: str) -> LineIndex:
        """The lines of the text in which `new_text` stands where `span` was.

        What it costs grows with the distance from the last edit, apart from copies. Raises ValueError if the span is
        reversed or lies outside the text.
        """
        text, (start, end) = self._text, span
        if not 0 <= start <= end <= len(text):
            raise ValueError(f"edit of {start}..{end} in a text of {len(text)} characters")
        # Read anew from the start of a line whose ending above no edit can change: `\r` may get a `\n` here.
        first = self._line(start)
        if first and self._start(first) == start and text[start - 1] == "\r":
            first -= 1
        if text.startswith("\n", end):
            end, new_text = end + 1, new_text + "\n"
        edited = object.__new__(LineIndex)
        edited._text = "".join((text[:start], new_text, text[end:]))
        found = [
            ending.end() for ending in _LINE_ENDING.finditer(edited._text, self._start(first), start + len(new_text))
        ]
        edited._above = self._starts_above(first + 1)
        edited._above.extend(found)
        edited._below = self._starts_below(self._line(end) + 1)
        return edited

    def _line(self, offset: int) -> int:
        """The line that an offset inside the text is in, its ending included."""
        below, from_end = self._below, offset - len(self._text)
        if below and below[0] <= from_end:
            return len(self._above) + bisect_right(below, from_end) - 1
        return bisect_right(self._above, offset) - 1

    def _start(self, line: int) -> int:
        """Where a line begins."""
        above = self._above
        return above[line] if line < len(above) else self._below[line - len(above)] + len(self._text)

    def _starts_above(self, line: int) -> array[int]:
        """Where the lines above one begin, counted from the start of the text."""
        above, size = self._above, len(self._text)
        if line <= len(above):
            return above[:line]
        return above + array("q", [start + size for start in self._below[: line - len(above)]])

    def _starts_below(self, line: int) -> array[int]:
        """Where a line and those below it begin, counted from the end of the text."""
        above, size = self._above, len(self._text)
        if line >= len(above):
            return self._below[line - len(above) :]
        return array("q", [start - size for start in above[line:]]) + self._below

    def line_span(self, line: int) -> Span:
        """The span of a line, counted from 0, without its line ending.

        Raises IndexError if there is no such line.
        """
        count = self.line_count
        if not 0 <= line < count:
            raise IndexError(f"line {line} of a text of {count} lines")
        start = self._start(line)
        if line + 1 == count:
            return Span(start, len(self._text))
        end = self._start(line + 1) - 1
        if end > start and self._text[end] == "\n" and self._text[end - 1] == "\r":
            end -= 1
        return Span(start, end)

    def line_text(self, line: int) -> str:
        """The text of a line, counted from 0, without its line ending.

        Raises IndexError if there is no such line.
        """
        start, end = self.line_span(line)
        return self._text[start:end]

    def position(self, offset: int) -> Position:
        """The line and column of an offset.

        An offset outside the text is clamped to it, one inside a line ending to the end of its line.
        """
        offset = min(max(offset, 0), len(self._text))
        line = self._line(offset)
        start, end = self.line_span(line)
        return Position(line, min(offset, end) - start)

    def offset(self, position: Position) -> int:
        """The offset of a position; clamped to its line, before the line ending, and to the text."""
        if position.line < 0:
            return 0
        if position.line >= self.line_count:
            return len(self._text)
        start, end = self.line_span(position.line)
        return min(start + max(position.column, 0), end)

    def to_client(self, offset: int, encoding: Encoding) -> Position:
        """The position of an offset with its column in the client's units; clamped as `position` is."""
        line, column = self.position(offset)
        if column == 0 or encoding is Encoding.UTF32:
            return Position(line, column)
        start = self._start(line)
        return Position(line, _units(self._text[start : start + column], encoding))

    def from_client(self, position: Position, encoding: Encoding) -> int:
        """The offset of a position whose column is in the client's units.

        Clamped as `offset` is; a column inside a character (a surrogate pair, a UTF-8 sequence) means the
        start of that character.
        """
        if encoding is Encoding.UTF32 or not 0 <= position.line < self.line_count:
            return self.offset(position)
        start, end = self.line_span(position.line)
        return start + _code_points(self._text[start:end], position.column, encoding)

    def from_ast(self, lineno: int, col_offset: int) -> int:
        """The offset of a place as `ast` gives it: line from 1, column in UTF-8 bytes from 0; clamped."""
        return self.from_client(Position(lineno - 1, col_offset), Encoding.UTF8)


def _line_starts(text: str) -> array[int]:
    if "\r" in text:
        return array("q", [0, *(ending.end() for ending in _LINE_ENDING.finditer(text))])
    starts = array("q", accumulate(map((1).__add__, map(len, text.split("\n"))), initial=0))
    starts.pop()
    return starts


def _units(text: str, encoding: Encoding) -> int:
    if text.isascii():
        return len(text)
    if encoding is Encoding.UTF8:
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _code_points(line: str, units: int, encoding: Encoding) -> int:
    """How many whole code points of the line fit into that many units."""
    if units <= 0:
        return 0
    if line.isascii():
        return min(units, len(line))
    seen = 0
    for column, character in enumerate(line):
        seen += _width(ord(character), encoding)
        if seen > units:
            return column
    return len(line)


def _width(code_point: int, encoding: Encoding) -> int:
    if encoding is Encoding.UTF16:
        return 1 if code_point < 0x10000 else 2
    if code_point < 0x80:
        return 1
    if code_point < 0x800:
        return 2
    return 3 if code_point < 0x10000 else 4
