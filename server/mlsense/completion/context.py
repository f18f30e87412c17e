"""Where a caret is in a text that may be half typed: in which brackets, as which argument, inside which quotes.

Nothing is parsed: the tokens from the start of the statement on are enough, and are there when nothing parses.
"""

from __future__ import annotations

import keyword
import re
from dataclasses import dataclass, field
from typing import Literal

from mlsense.syntax.scanning import Cursor, string_end
from mlsense.text import Span

MOST_BEFORE = 20_000
"""Characters of a statement above the caret that are read."""
MOST_BEHIND = 4_000

_TOKEN = re.compile(
    r"""(?P<space>[ \t\f]+|\\(?:\r\n|\r|\n))"""
    r"""|(?P<line>\r\n|\r|\n)"""
    r"""|(?P<comment>\#[^\r\n]*)"""
    r"""|(?P<string>[rRbBuUfFtT]{0,2}(?:'''|\"\"\"|'|"))"""
    r"""|(?P<number>(?:\d|\.\d)(?:[eE][+-]|[\w.])*)"""
    r"""|(?P<name>\w+)"""
    r"""|(?P<operator>\*\*|:=|->|[=!<>]=|[-+*/%@&|^]=|\S)""",
)
_OPENED = {")": "(", "]": "[", "}": "{"}
# What begins a statement cannot stand in brackets: those above it were left open.
_STATEMENT = re.compile(
    r"(?:import|from|def|class|if|for|while|with|try|except|finally|else|elif|return|raise|del|assert|global|nonlocal"
    r"|pass|break|continue|async|@)\b|[\w.\[\]\"', ]*[\w\])]\s*(?:[-+*/%&|^]|//|\*\*)?=(?!=)"
)
_ARGUMENT = re.compile(r"\w+\s*=(?!=)[^\r\n]*,[ \t]*(?:#[^\r\n]*)?(?:[\r\n]|$)")
_WORDS = frozenset(keyword.kwlist) - {"None", "True", "False"}


@dataclass(frozen=True, slots=True)
class Quoted:
    """The string that the caret is in. `span` is what is between the quotes; up to the caret's word if not `closed`."""

    span: Span
    quote: str
    typed: str
    """What is in it before the caret."""
    closed: bool


@dataclass(frozen=True, slots=True)
class Item:
    """What stands between two commas: an argument with its `name`, an entry of a display with its `key`.

    `text` is the value, or what there is of it.
    """

    text: str
    name: str | None = None
    key: str | None = None


Kind = Literal["call", "subscript", "tuple", "list", "braces"]


@dataclass(frozen=True, slots=True)
class Bracket:
    """Brackets around the caret. `before` is what is called or subscripted, empty for a display.

    `items` are those before and behind that at the caret, which is `items[at]`. `in_value`: the caret is behind the `=`
    of an argument or the `:` of an entry.
    """

    kind: Kind
    start: int
    before: str
    items: tuple[Item, ...]
    at: int
    in_value: bool

    @property
    def here(self) -> Item:
        return self.items[self.at]

    @property
    def others(self) -> tuple[Item, ...]:
        return (*self.items[: self.at], *self.items[self.at + 1 :])

    @property
    def position(self) -> int:
        """How many positional arguments stand before the caret."""
        return sum(item.name is None for item in self.items[: self.at])


@dataclass(frozen=True, slots=True)
class Context:
    """What surrounds the caret.

    `word` is the name around it, up to the caret, and `span` all of it. `receiver` is what is before the dot in front
    of the word, None where there is no dot. `brackets` are those around it, innermost first. `first`: the word begins
    the value that it is in. `statement` is the text of the statement up to the caret.
    """

    offset: int
    word: str
    span: Span
    receiver: str | None
    quoted: Quoted | None
    brackets: tuple[Bracket, ...]
    first: bool
    statement: str

    def call(self) -> Bracket | None:
        """The innermost call around the caret, however many displays are between."""
        return next((bracket for bracket in self.brackets if bracket.kind == "call"), None)


@dataclass(slots=True)
class _Open:
    opener: str
    start: int
    before: str
    outer: int
    first: int
    """Where the item begins that is being read."""
    value: int = -1
    name: str | None = None
    key: str | None = None
    items: list[Item] = field(default_factory=list)
    at: int = -1
    in_value: bool = False

    @property
    def kind(self) -> Kind:
        if self.opener == "{":
            return "braces"
        if self.opener == "(":
            return "call" if self.before else "tuple"
        return "subscript" if self.before else "list"

    def close_item(self, text: str, end: int) -> None:
        value = text[self.value if self.value >= 0 else self.first : end].strip()
        if value or self.name or self.key or self.at == len(self.items):
            self.items.append(Item(value, self.name, self.key))
        self.name = self.key = None


def context(code: str, offset: int) -> Context | None:
    """The surroundings of an offset; None inside comments, f-strings, bytes, and docstrings of many lines."""
    begin = _statement_start(code, offset)
    reader = _Reader(code, offset, begin)
    return reader.read()


def _statement_start(code: str, offset: int) -> int:
    cursor = Cursor(code[:offset])
    # Where the text ends would count as the beginning of a statement.
    cursor.state(max(offset - 1, 0))
    start = cursor.anchor
    if offset - start > MOST_BEFORE:
        start = max(code.rfind("\n", 0, offset - MOST_BEFORE) + 1, 0)
    return start


class _Reader:
    """Goes through the tokens of a statement, past the caret up to where the brackets around it close."""

    def __init__(self, code: str, offset: int, begin: int) -> None:
        self.code, self.offset, self.begin = code, offset, begin
        self.frames: list[_Open] = []
        self.primary = -1
        self.last = ""
        """The kind of the last token that counts: name, value, dot, operator, or nothing."""
        self.head = begin
        self.indent = 0
        self.fresh = True
        """Nothing of the statement was read yet."""
        self.seen = False
        self.around: list[_Open] = []
        self.word = Span(offset, offset)
        self.receiver: str | None = None
        self.quoted: Quoted | None = None
        self.first = True
        self.statement = ""

    def read(self) -> Context | None:
        code, place = self.code, self.begin
        stop = min(len(code), self.offset + MOST_BEHIND)
        while place < stop:
            found = _TOKEN.match(code, place)
            if found is None:
                break
            kind, start, end = found.lastgroup or "", place, found.end()
            if kind == "string":
                quotes = found.group().lstrip("rRbBuUfFtT")
                prefix = found.group()[: -len(quotes)].lower()
                close = string_end(code, end, quotes)
                whole = close >= 0 and code.startswith(quotes, close - len(quotes)) and close - len(quotes) >= end
                inner = close - len(quotes) if whole else _line_end(code, end)
                inside = end <= self.offset <= inner and not self.seen
                if inside:
                    if set(prefix) & set("fbt") or len(quotes) == 3:
                        return None
                    self._at_caret(start, Span(self.offset, self.offset))
                    upto = inner if whole else _word_end(code, self.offset)
                    self.quoted = Quoted(Span(end, upto), quotes, code[end : self.offset], whole)
                    end = close if whole else upto
                else:
                    end = close if whole else inner
                if not self.seen and end > self.offset:
                    # In the prefix or between the quotes at its ends.
                    self._at_caret(start, Span(self.offset, self.offset))
            if kind == "comment" and start < self.offset <= end and not self.seen:
                return None
            if not self.seen and self._holds(kind, start, end):
                self._at_caret(start, Span(start, end) if kind == "name" else Span(self.offset, self.offset))
            if self.seen and not self._open():
                break
            if not self._take(kind, start, end):
                break
            place = end
        if not self.seen:
            self._at_caret(self.offset, Span(self.offset, self.offset))
        return self._context(min(place, stop))

    def _holds(self, kind: str, start: int, end: int) -> bool:
        """Whether the caret is at this token: in or behind a name, in or in front of anything else."""
        return start <= self.offset <= end if kind in ("name", "number") else start <= self.offset < end

    def _open(self) -> bool:
        return any(frame in self.frames for frame in self.around)

    def _at_caret(self, start: int, word: Span) -> None:
        self.seen = True
        self.word = word
        self.around = list(self.frames)
        for frame in self.frames:
            frame.at, frame.in_value = len(frame.items), frame.value >= 0
        if self.last == "dot":
            self.receiver = self.code[self.primary : self._dot].strip() if self.primary >= 0 else ""
        inner = self.frames[-1] if self.frames else None
        self.first = self.last in ("", "operator") and (
            inner is None or not self.code[inner.value if inner.value >= 0 else inner.first : start].strip()
        )
        self.statement = self.code[min(start, self.offset) if self.fresh else self.head : self.offset]

    _dot = 0

    def _take(self, kind: str, start: int, end: int) -> bool:
        """Notes one token; False where the statement of the caret is over."""
        code = self.code
        if kind in ("space", "comment"):
            return True
        if kind == "line":
            return self._line(end)
        if self.fresh:
            line = max(code.rfind("\n", 0, start), code.rfind("\r", 0, start)) + 1
            self.head, self.indent, self.fresh = start, start - line, False
        token = code[start:end]
        frame = self.frames[-1] if self.frames else None
        if kind == "name":
            if self.last == "dot":
                self.last = "name" if self.primary >= 0 else "value"
            elif token in _WORDS:
                self.primary, self.last = -1, "operator"
            else:
                self.primary, self.last = start, "name"
        elif kind in ("string", "number"):
            if not (kind == "string" and self.last == "value" and self.primary >= 0):
                self.primary = start
            self.last = "value"
        elif token == ".":
            if self.last not in ("name", "value"):
                self.primary = -1
            self._dot, self.last = start, "dot"
        elif token in "([{":
            called = self.last in ("name", "value") and self.primary >= 0 and token != "{"
            before = code[self.primary : start].strip() if called else ""
            self.frames.append(_Open(token, start, before, self.primary if called else start, end))
            self.primary, self.last = -1, ""
        elif token in _OPENED:
            self._close(token, start)
        elif token == "," and frame is not None:
            frame.close_item(code, start)
            frame.first, frame.value = end, -1
            self.primary, self.last = -1, ""
        else:
            if frame is not None and frame.value < 0:
                said = code[frame.first : start].strip()
                if token == "=" and frame.kind == "call" and said.isidentifier():
                    frame.name, frame.value = said, end
                elif token == ":" and frame.kind == "braces" and said:
                    frame.key, frame.value = said, end
            elif frame is None and token == ";":
                self.fresh = True
                if self.seen:
                    return False
            self.primary, self.last = -1, "operator"
        return True

    def _line(self, end: int) -> bool:
        if not self.frames:
            if self.seen:
                return False
            self.primary, self.last, self.fresh = -1, "", True
            return True
        rest = self.code[end : end + 400].split("\n", 1)[0]
        stripped = rest.lstrip(" \t\f")
        deeper = len(rest) - len(stripped) > self.indent
        known = _STATEMENT.match(stripped)
        if known is None or (deeper and not stripped.startswith(("def ", "class ", "import ", "return "))):
            return True
        if _ARGUMENT.match(stripped) or (re.match(r"(?:for|if|else|async)\b", stripped) and deeper):
            return True
        if re.match(r"(?:for|if|else)\b", stripped) and not rest.rstrip().endswith(":"):
            return True
        if self.seen:
            return False
        if end <= self.offset:
            self.frames.clear()
            self.primary, self.last, self.fresh = -1, "", True
        return True

    def _close(self, token: str, start: int) -> None:
        opened = _OPENED[token]
        places = [number for number, frame in enumerate(self.frames) if frame.opener == opened]
        if not places:
            self.primary, self.last = -1, "value"
            return
        outer = start
        while len(self.frames) > places[-1]:
            frame = self.frames.pop()
            frame.close_item(self.code, start)
            outer = frame.outer
        self.primary, self.last = outer, "value"

    def _context(self, end: int) -> Context:
        for frame in reversed(self.frames):
            frame.close_item(self.code, end)
        return Context(
            self.offset,
            self.code[self.word.start : self.offset],
            self.word,
            self.receiver,
            self.quoted,
            tuple(self._bracket(frame) for frame in reversed(self.around)),
            self.first,
            self.statement,
        )

    def _bracket(self, frame: _Open) -> Bracket:
        items = frame.items
        if frame.at >= len(items):
            items = [*items, Item("")]
        return Bracket(
            frame.kind, frame.start, frame.before, tuple(items), min(frame.at, len(items) - 1), frame.in_value
        )


def _line_end(code: str, start: int) -> int:
    found = re.compile(r"[\r\n]|\Z").search(code, start)
    return len(code) if found is None else found.start()


def _word_end(code: str, offset: int) -> int:
    """Behind a string that is not closed stands what was there before it was opened."""
    found = re.compile(r"\w*").match(code, offset)
    return offset if found is None else found.end()


def unquoted(text: str) -> str | None:
    """The text of a plain string in quotes; None for anything else."""
    found = re.fullmatch(r"""[rRuU]?(['"])((?:(?!\1)[^\\\r\n])*)\1""", text.strip())
    return None if found is None else found.group(2)
