"""Top-level statements of a cell, each parsed alone, so that a broken one costs only itself."""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from mlsense.syntax.indentation import repair, unit_of
from mlsense.syntax.parsed import Parsed, Pieces, each, pieces
from mlsense.syntax.parsing import parse
from mlsense.syntax.scanning import advance, code_end, heads, physical_lines, scan, string_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsense.syntax.cells import Cell
    from mlsense.syntax.magics import Dialect
    from mlsense.syntax.problems import SyntaxProblem


class Statement(NamedTuple):
    """A top-level statement at its place: `start` is its offset in the cell's text."""

    parsed: Parsed
    start: int


def statements(cell: Cell) -> tuple[Statement, ...]:
    """The top-level statements of a code cell, in order; none for other cells. Never raises.

    Several on one line (`a = 1; b = 2`) are one each. Comments and blank lines between them belong to none.
    Lines that are indented without a block to belong to are statements too, their indentation included; that
    is a problem, unless a whole cell is indented and IPython runs it, which takes the indentation away.
    """
    if cell.kind != "code":
        return ()
    code = cell.code
    found = tuple(Splitter(code, cell.dialect).statements())
    if may_be_cut_in_a_string(found):
        # The scanner takes quotes inside an f-string for its end; the parser knows better.
        nodes = parse(code)
        if isinstance(nodes, list):
            return tuple(Statement(parsed, start) for start, parsed in each(code, nodes))
    if cell.dialect == "ipython" and any(_is_stray(statement) for statement in found) and _runs_dedented(code):
        return tuple(_without_problem(statement) for statement in found)
    return found


def _is_stray(statement: Statement) -> bool:
    return statement.parsed.problem is not None and statement.parsed.problem.kind == "unexpected-indent"


def _runs_dedented(code: str) -> bool:
    """Whether the code runs once the white space before its first line is taken from every line that has it."""
    first = next((line for line in code.splitlines() if line.strip()), "")
    indent = first[: len(first) - len(first.lstrip(" \t"))]
    if not indent:
        return False
    return isinstance(parse(re.sub(f"^{indent}", "", code, flags=re.MULTILINE)), list)


def _without_problem(statement: Statement) -> Statement:
    if not _is_stray(statement) or statement.parsed.tree is None:
        return statement
    return Statement(replace(statement.parsed, problem=None), statement.start)


_NESTED_QUOTES = re.compile(
    r"""[fFtT][rR]?(?:\"{3}|'{3}"""
    r"""|"(?:[^"\\\n]|\\[\s\S])*\{[^}"\n]*(?:["\n]|\Z)|'(?:[^'\\\n]|\\[\s\S])*\{[^}'\n]*(?:['\n]|\Z))"""
)


def may_be_cut_in_a_string(found: Iterable[Statement]) -> bool:
    """Whether what was taken for the end of a string may be a quote inside it."""
    return sys.version_info >= (3, 12) and any(
        statement.parsed.problem is not None and _NESTED_QUOTES.search(statement.parsed.text) is not None
        for statement in found
    )


_WORD = re.compile(r"\w+")
_DECORATED = re.compile(r"@|(?:def|class|async)\b")
_CLAUSES = {
    "else": frozenset({"if", "for", "while", "try", "async"}),
    "elif": frozenset({"if"}),
    "except": frozenset({"try"}),
    "finally": frozenset({"try"}),
}
# What no line inside brackets begins with.
_SURE_START = re.compile(
    r"(?:def|class|import|return|with|while|del|pass|break|continue|raise|global|nonlocal|assert|except|elif"
    r"|async[ \t]+(?:def|with))\b|from[ \t]+[\w.]+[ \t]+import\b|(?:else|finally|try)[ \t]*:"
)
_TARGET = r"[^\W\d][\w.]*(?:\[[^\]\r\n]*\])?"
_ASSIGNMENT = re.compile(
    rf"{_TARGET}(?:[ \t]*,[ \t]*{_TARGET})*[ \t]+(?:[-+*/%@&|^]|//|\*\*|<<|>>)?=[ \t]"
    r"(?![^\r\n]*,[ \t]*(?:#[^\r\n]*)?(?:[\r\n]|\Z))"
)
_LIKELY_START = re.compile(
    rf"(?:@\w|{_TARGET}[ \t]*(?:=(?!=)|\()|(?:for|if)\b)(?![^\r\n]*,[ \t]*(?:#[^\r\n]*)?(?:[\r\n]|\Z))"
)
# In characters. Whoever forgot to indent more than this wants to look at it himself.
_LONGEST_BODY = 4000
_BLANK_LINE = re.compile(r"(?:\n|\r(?!\n))[ \t\f]*(?=[\r\n]|\Z)")


class Group(NamedTuple):
    """What is found between two heads: mostly one statement; several on one line, or a broken one cut to pieces.

    `sure` says that it would be found like this whatever stood around it, as long as the same word comes next.
    """

    start: int
    statements: tuple[Statement, ...]
    sure: bool


class Splitter:
    """Finds the statements of one text. `places` are its heads where they are known.

    A chunk is what stands from one head to the next; most chunks are a whole statement. Looking for the end
    of a bracket that nothing closes, and trying where to go on behind it, is bounded over the whole text, so
    that the time stays linear in its length.
    """

    def __init__(self, code: str, dialect: Dialect, places: list[int] | None = None) -> None:
        self._code = code
        self._dialect = dialect
        self._heads = heads(code) if places is None else places
        self._last = len(self._heads) - 1
        self._scans_left = 4 * self._last + 1000
        self._parses_left = 200
        self._repairs_left = 20
        self._unclosed = False

    @property
    def near_limit(self) -> bool:
        """Whether the scans of a text of this length without mistakes would exceed the limit if they came on top."""
        return self._scans_left <= self._last

    def statements(self) -> Iterator[Statement]:
        """All statements in order."""
        return (statement for group in (*self.leading(), *self.groups()) for statement in group.statements)

    def leading(self) -> Iterator[Group]:
        """What is indented above the first head, if there is anything."""
        code, places = self._code, self._heads
        astray = next((line for line in physical_lines(code[: places[0]]) if line.kind == "code"), None)
        if astray is not None:
            lines = code[astray.start : places[0]]
            found = pieces(lines[: code_end(lines, scan(lines)[1])])
            if self._dialect == "ipython" and _indented_as_a_whole(code, astray.indent):
                found = _unindented(found, lines, astray.indent)
            yield Group(astray.start, tuple(self._placed(found, astray.start)), False)

    def groups(self, at: int = 0) -> Iterator[Group]:
        """What is found from a head on."""
        code, places = self._code, self._heads
        while at < self._last:
            self._unclosed = False
            parts, end = self._extent(at)
            after = parts[-1]
            found = pieces(code[places[at] : end])
            if after - at > len(parts) and found and found[-1][1].problem is not None:
                cut = self._cut(at, parts)
                if cut < after:
                    after, end = cut, self._end_before(at, cut)
                    found = pieces(code[places[at] : end])
            sure = not self._unclosed and all(parsed.problem is None for _, parsed in found)
            yield Group(places[at], tuple(self._placed(found, places[at])), sure)
            at = after

    def _placed(self, found: Pieces, start: int) -> Iterator[Statement]:
        for offset, parsed in found:
            problem = parsed.problem
            if problem is not None and problem.kind == "missing-indent" and not problem.fix:
                parsed = self._with_body(parsed, problem, start + offset)
            yield Statement(parsed, start + offset)

    def _with_body(self, parsed: Parsed, problem: SyntaxProblem, start: int) -> Parsed:
        """The statement with a fix that indents the lines below it, if those can be its body."""
        end = start + len(parsed.text)
        blank = _BLANK_LINE.search(self._code, end)
        stop = blank.start() if blank else len(self._code)
        if not end < stop < end + _LONGEST_BODY or self._repairs_left <= 0:
            return parsed
        self._repairs_left -= 1
        mended = repair(self._code[start:stop], self._unit)
        return parsed if mended is None else replace(parsed, problem=replace(problem, fix=mended.edits))

    @cached_property
    def _unit(self) -> str | None:
        return unit_of(self._code)

    def _chunk(self, at: int) -> str:
        return self._code[self._heads[at] : self._heads[at + 1]]

    def _extent(self, at: int) -> tuple[list[int], int]:
        """The heads after the parts of the statement that begins at head `at`, and where its code ends.

        Parts are a decorator each, the definition, and what begins with `else` and the like.
        """
        code, places = self._code, self._heads
        after, end = self._part(at)
        parts = [after]
        decorator = code[places[at]] == "@"
        while decorator and after < self._last and _DECORATED.match(code, places[after]):
            decorator = code[places[after]] == "@"
            after, end = self._part(after)
            parts.append(after)
        if after < self._last and code[places[after]] in "ef":
            word = self._word(at)
            while after < self._last and word in _CLAUSES.get(self._word(after), ()):
                after, end = self._part(after)
                parts.append(after)
        return parts, end

    def _cut(self, at: int, parts: list[int]) -> int:
        """Where a statement begins inside a part of a broken one; the head after it if none does."""
        for after in parts:
            cut = self._restart(at, after)
            if cut < after:
                return cut
            at = after
        return at

    def _word(self, at: int) -> str:
        found = _WORD.match(self._code, self._heads[at])
        return found.group() if found else ""

    def _part(self, at: int) -> tuple[int, int]:
        """The same for a part that stands alone as far as strings and brackets go."""
        state, floor = scan(self._chunk(at))
        if not state or state == "#":
            return at + 1, self._heads[at] + code_end(self._chunk(at), floor)
        after = self._closed(at, state)
        if after < 0:
            self._unclosed = True
            after = self._restart(at, self._last)
        return after, self._end_before(at, after)

    def _closed(self, at: int, state: str) -> int:
        """The head after the chunks that close what chunk `at` leaves open; -1 if nothing does."""
        code, places = self._code, self._heads
        after = at + 1
        while after < self._last and self._scans_left > 0:
            stop = after + 1
            if state[-1] in "\"'":
                quotes = state[len(state.rstrip("\"'")) :]
                place = string_end(code, places[after], quotes)
                if place < 0:
                    return -1
                stop = min(bisect_right(places, place), self._last)
            elif state != "\\" and _SURE_START.match(code, places[after]):
                return -1
            state, _ = advance(code[places[after] : places[stop]], state)
            self._scans_left -= 1
            after = stop
            if not state or state == "#":
                return after
        return -1

    def _restart(self, at: int, stop: int) -> int:
        """The head, up to `stop`, at which a statement begins again after one that lacks its end."""
        state, _ = scan(self._chunk(at))
        for after in range(at + 1, stop):
            if self._starts(after, state[-1:] in ("'", '"')):
                return after
            if self._scans_left > 0:
                self._scans_left -= 1
                state, _ = advance(self._chunk(after), state)
        return stop

    def _starts(self, at: int, in_string: bool) -> bool:
        """Whether a statement begins at a head that may also stand in brackets or in a string."""
        code, place = self._code, self._heads[at]
        sure = _SURE_START.match(code, place) is not None
        if not in_string and (sure or _ASSIGNMENT.match(code, place)):
            return True
        if not sure and not _LIKELY_START.match(code, place):
            return False
        # Prose in a string and arguments in brackets look like statements, but seldom are.
        if self._parses_left <= 0:
            return False
        self._parses_left -= 1
        state, _ = scan(self._chunk(at))
        after = self._closed(at, state) if state and state != "#" else at + 1
        if after < 0:
            return False
        if code[place] == "@":
            return after < self._last and _DECORATED.match(code, self._heads[after]) is not None
        return isinstance(parse(code[place : self._end_before(at, after)]), list)

    def _end_before(self, at: int, after: int) -> int:
        """Where the code from head `at` to head `after` ends."""
        start = self._heads[at]
        text = self._code[start : self._heads[after]]
        state, floor = scan(text)
        # What is in a string that nothing closes may well be code and comments.
        return start + code_end(text, floor if state in ("", "#", "\\") else 0)


_CONTENT_LINE = re.compile(r"(?:^|(?<=[\r\n]))([ \t\f]*)[^ \t\f\r\n]")


def _indented_as_a_whole(code: str, indent: str) -> bool:
    """Whether every line of a cell that is not blank has this indentation, as IPython wants it."""
    return all(line.group(1).startswith(indent) for line in _CONTENT_LINE.finditer(code))


def _unindented(found: Pieces, lines: str, indent: str) -> Pieces:
    """The same without a problem, if taking that indentation away is all that these lines need."""
    problems = [parsed.problem for _, parsed in found if parsed.problem is not None]
    edits = [edit for problem in problems for edit in problem.fix]
    enough = all(lines[slice(*edit.span)] == indent + edit.new_text for edit in edits)
    if len(problems) != 1 or not edits or not enough:
        return found
    return tuple((start, replace(parsed, problem=None, recovered=False)) for start, parsed in found)
