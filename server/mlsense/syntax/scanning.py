"""Where strings, comments, brackets and continued lines begin and end, without parsing.

A state says what is open at a place: the open brackets from outside in, then the quotes of an open string,
`#` inside a comment, or a backslash that continues the line. In the empty state a line's end ends a
statement.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from typing import TYPE_CHECKING, Literal, NamedTuple

from mlsense.syntax.cache import TextCache

if TYPE_CHECKING:
    from collections.abc import Iterator

_TOKEN = re.compile(
    r"""#[^\n\r]*"""
    r"""|'''|\"\"\""""
    r'''|"[^"\\\n\r]*(?:\\(?:\r\n|[\s\S])[^"\\\n\r]*)*"'''
    r"""|'[^'\\\n\r]*(?:\\(?:\r\n|[\s\S])[^'\\\n\r]*)*'"""
    # Brackets around nothing of interest are stepped over whole: most are.
    r"""|\([^()\[\]{}"'#\\]*\)|\[[^()\[\]{}"'#\\]*\]|\{[^()\[\]{}"'#\\]*\}"""
    r"""|[()\[\]{}"']"""
    r"""|\\(?:\r\n|\r|\n)[ \t\f]*"""
)
_REST_OF_STRING = {
    quote: re.compile(rf"[^{quote}\\\n\r]*(?:\\(?:\r\n|[\s\S])[^{quote}\\\n\r]*)*({quote})?") for quote in "'\""
}
_LINE_END = re.compile(r"[\r\n]|\Z")
_OPENER = {")": "(", "]": "[", "}": "{"}


def advance(text: str, state: str = "") -> tuple[str, int]:
    """The state after `text` when it stands in `state` before, and where its last token ends.

    Only the tokens a state is made of count: strings, brackets, continued lines. A string that its line
    leaves open ends with the line; a closing bracket that fits none is passed over.
    """
    brackets, place, size = state, 0, len(text)
    if state and state[-1] not in "([{":
        brackets = state.rstrip("'\"\\#")
        if state[-1] == "#":
            place = _line_end(text, 0)
            if place == size:
                return state, 0
        elif state[-1] != "\\":
            place = string_end(text, 0, state[len(brackets) :])
            if place < 0:
                return state, size
    floor = place
    search = _TOKEN.search
    while found := search(text, place):
        token = found.group()
        place = found.end()
        first = token[0]
        if first == "#":
            if place == size:
                return brackets + "#", floor
            continue
        if first in "\"'" and (len(token) == 1 or token in ('"""', "'''")):
            place = string_end(text, place, token)
            if place < 0:
                return brackets + token, size
        elif first == "\\":
            if place == size:
                return brackets + "\\", size
        elif len(token) == 1:
            if first in "([{":
                brackets += first
            else:
                # A bracket that was left open inside is closed with the one around it.
                opened = brackets.rfind(_OPENER[first])
                brackets = brackets[: opened if opened >= 0 else -1]
        floor = place
    return brackets, floor


def string_end(text: str, start: int, quotes: str) -> int:
    """Where the string that is open at `start` ends, -1 if the text ends first."""
    if len(quotes) == 1:
        rest = _REST_OF_STRING[quotes].match(text, start)
        assert rest is not None  # the pattern matches the empty string
        return -1 if rest.end() >= len(text) and not rest.group(1) else rest.end()
    found = text.find(quotes, start)
    while found > start and text[found - 1] == "\\":
        before = found - 1
        while before > start and text[before - 1] == "\\":
            before -= 1
        if (found - before) % 2 == 0:
            break
        found = text.find(quotes, found + 1)
    return found + 3 if found >= 0 else -1


def comment_start(line: str) -> int:
    """Where the comment of a line begins that is in the empty state; its length if it has none."""
    place = line.find("#")
    while place >= 0 and advance(line[:place])[0][-1:] in ("'", '"'):
        place = line.find("#", place + 1)
    return place if place >= 0 else len(line)


def _line_end(text: str, start: int) -> int:
    found = _LINE_END.search(text, start)
    assert found is not None  # the pattern matches the end of the text
    return found.start()


_scans: TextCache[tuple[str, int]] = TextCache(600_000)


def scan(text: str) -> tuple[str, int]:
    """What `advance` says of a text that stands in the empty state, kept for the next time."""
    return _scans.get(text) or _scans.put(text, advance(text))


_HEAD = re.compile(r"\n(?:[ \t\f]*\f)?[^ \t\f\r\n#)\]}\\]")
_FIRST_HEAD = re.compile(r"(?:[ \t\f]*(?:#[^\n]*)?\r?\n)*(?:[ \t\f]*\f)?[^ \t\f\r\n#)\]}]")


def heads(code: str) -> list[int]:
    """Where lines begin with code at column 0, and last where the text ends.

    Those are the places where a top-level statement can begin. Lines that begin with a closing bracket are
    left out, since they nearly always end what is above them, and those that begin with a backslash, since
    they are indented as the next line is.
    """
    plain = unify_line_endings(code)
    found = [match.end() - 1 for match in _HEAD.finditer(plain)]
    first = _FIRST_HEAD.match(plain)
    if first is not None and first.end() - 1 not in found[:1]:
        found.insert(0, first.end() - 1)
    found.append(len(code))
    return found


def heads_between(code: str, start: int, stop: int) -> list[int]:
    """Those after `start`, which is one, and before `stop`, where a line ends; `\\r` alone must end no line there."""
    return [match.end() - 1 for match in _HEAD.finditer(code, start, stop)]


def unify_line_endings(code: str) -> str:
    """As many characters, with `\\n` for a `\\r` that ends a line alone, as Python reads it."""
    return re.sub(r"\r(?!\n)", "\n", code) if "\r" in code else code


_SECTION = re.compile(r"(?:^|[\r\n])(?=#[ \t]*(?:%%|In ?\[[\d ]*\]:?))")


def section_starts(text: str) -> list[int]:
    """Where comments begin a section of a script: `# %%`, or `# In[3]:` as notebooks are exported."""
    cursor = Cursor(text)
    return [found.end() for found in _SECTION.finditer(text) if not cursor.state(found.end())]


_CODE_LINE = re.compile(r"(?:^|[\r\n])[ \t\f]*[^ \t\f\r\n#](?:[^\r\n]*[^ \t\f\r\n])?")
_REST_OF_LINE = re.compile(r"(?:[^\r\n]*[^ \t\f\r\n])?")


def code_end(text: str, floor: int = 0) -> int:
    """Where the last line of code ends, its comment included; blank lines and comments after it do not count.

    `floor` is the end of the last token, as `advance` gives it.
    """
    line = text[max(text.rfind("\n", 0, floor), text.rfind("\r", 0, floor)) + 1 : _line_end(text, floor)]
    if floor and not line.strip(" \t\f"):
        # A backslash needs the end of the line that it continues, even if that line is blank.
        return len(text)
    end = 0
    if floor:
        rest = _REST_OF_LINE.match(text, floor)
        assert rest is not None  # the pattern matches the empty string
        end = rest.end()
    for found in _CODE_LINE.finditer(text, end):
        end = found.end()
    return end


class Cursor:
    """Goes through a text from front to back and knows the state at each place it comes to.

    Whole chunks between heads are mostly known from the last time the text, or one much like it, was read.
    """

    def __init__(self, text: str) -> None:
        self._text = text
        self._bounds = [0, *heads(text)]
        self._place = 0
        self._state = ""
        self.anchor = 0
        """The last head, up to the place, at which the state was empty; 0 if there is none."""

    def state(self, place: int) -> str:
        """The state at a place, not before the last one asked for."""
        bounds = self._bounds
        for bound in bounds[bisect_right(bounds, self._place) : bisect_right(bounds, place)]:
            self._go(bound)
            if not self._state:
                self.anchor = bound
        self._go(place)
        return self._state

    def skip(self, place: int) -> None:
        """Leave out the text up to a place, without effect on the state."""
        self._place = place

    def _go(self, place: int) -> None:
        if place > self._place:
            passed = self._text[self._place : place]
            self._state = (advance(passed, self._state) if self._state else scan(passed))[0]
            self._place = place


LineKind = Literal["code", "continued", "string", "comment", "blank"]


class Line(NamedTuple):
    """A physical line: "code" begins a statement, "continued" goes on with it, "string" inside a string."""

    start: int
    indent: str
    body: str
    ending: str
    kind: LineKind


_LINE = re.compile(r"([ \t\f]*)([^\r\n]*)(\r\n|\r|\n|\Z)")


def physical_lines(text: str, start: int = 0) -> Iterator[Line]:
    """The lines of a text, from a place on that is the start of one and in the empty state."""
    state = ""
    while True:
        found = _LINE.match(text, start)
        assert found is not None  # the pattern matches the empty string
        indent, body, ending = found.groups()
        kind: LineKind = "code"
        if state:
            kind = "string" if state[-1] in "\"'" else "continued"
        elif not body:
            kind = "blank"
        elif body[0] == "#":
            kind = "comment"
        yield Line(start, indent, body, ending, kind)
        state, _ = advance(found.group(), state)
        start = found.end()
        if not ending:
            return
