"""Top-level statements of a cell, each parsed alone, so that a broken one costs only itself."""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from mlsense.syntax.cache import TextCache
from mlsense.syntax.indentation import classify, indented_too_far, repair, unit_of
from mlsense.syntax.parsing import PLACED, parse
from mlsense.syntax.problems import SyntaxProblem
from mlsense.syntax.recovery import recover
from mlsense.syntax.scanning import advance, code_end, heads, physical_lines, scan, string_end
from mlsense.text import LineIndex, Position, Span

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from mlsense.syntax.cells import Cell


@dataclass(frozen=True)
class Parsed:
    """One top-level statement, parsed.

    `tree` is None if the text does not parse. `recovered` says that there is a tree although the text does
    not parse as it stands: indentation was put right, or broken lines inside were left out or completed, so
    that what such a tree lacks (a `return`, an assignment) means nothing. Its nodes have their own places.
    """

    text: str
    tree: ast.stmt | None = field(compare=False, repr=False)
    problem: SyntaxProblem | None = None
    recovered: bool = False

    @cached_property
    def lines(self) -> LineIndex:
        """Positions in the statement's text."""
        return LineIndex(self.text)

    def span(self, node: ast.AST) -> Span:
        """Where a node of the tree stands in the statement's text.

        A decorated definition begins at `def` or `class`, as in `ast`. A node without a place of its own,
        such as an operator, spans the whole text.
        """
        if not isinstance(node, PLACED):
            return Span(0, len(self.text))
        start = self.lines.from_ast(node.lineno, node.col_offset)
        if node.end_lineno is None or node.end_col_offset is None:
            return Span(start, start)
        return Span(start, max(start, self.lines.from_ast(node.end_lineno, node.end_col_offset)))


@dataclass(frozen=True)
class Statement:
    """A top-level statement at its place: `start` is its offset in the cell's text."""

    parsed: Parsed
    start: int


def statements(cell: Cell) -> tuple[Statement, ...]:
    """The top-level statements of a code cell, in order; none for other cells. Never raises.

    Several on one line (`a = 1; b = 2`) are one each. Comments and blank lines between them belong to none.
    Lines that are indented without a block to belong to are statements too, their indentation included.
    """
    if cell.kind != "code":
        return ()
    code = cell.code
    found = tuple(_Splitter(code).statements())
    if sys.version_info >= (3, 12) and _NESTED_QUOTES.search(code) and any(each.parsed.problem for each in found):
        # The scanner takes the inner quotes for the end of the string; the parser knows better.
        nodes = parse(code)
        if isinstance(nodes, list):
            return tuple(Statement(parsed, start) for start, parsed in _each(code, nodes))
    return found


_NESTED_QUOTES = re.compile(
    r"""[fFtT][rR]?(?:"[^"\n]*\{[^}"\n]*["\n]|'[^'\n]*\{[^}'\n]*['\n])|[fFtT][rR]?(?:\"{3}|'{3})"""
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

_Pieces = tuple[tuple[int, Parsed], ...]
_pieces_of: TextCache[_Pieces] = TextCache(2_000_000)


class _Splitter:
    """Finds the statements of one text.

    A chunk is what stands from one head to the next; most chunks are a whole statement. Looking for the end
    of a bracket that nothing closes, and trying where to go on behind it, is bounded over the whole text, so
    that the time stays linear in its length.
    """

    def __init__(self, code: str) -> None:
        self._code = code
        self._heads = heads(code)
        self._last = len(self._heads) - 1
        self._scans_left = 4 * self._last + 1000
        self._parses_left = 200
        self._repairs_left = 20

    def statements(self) -> Iterator[Statement]:
        code, places = self._code, self._heads
        leading = code[: places[0]]
        astray = next((line.start for line in physical_lines(leading) if line.kind == "code"), None)
        if astray is not None:
            end = code_end(leading, advance(leading)[1])
            yield from self._placed(_pieces(leading[astray:end]), astray)
        at = 0
        while at < self._last:
            parts, end = self._extent(at)
            after = parts[-1]
            pieces = _pieces(code[places[at] : end])
            if after - at > len(parts) and pieces and pieces[-1][1].problem is not None:
                cut = self._cut(at, parts)
                if cut < after:
                    after, end = cut, self._end_before(at, cut)
                    pieces = _pieces(code[places[at] : end])
            yield from self._placed(pieces, places[at])
            at = after

    def _placed(self, pieces: _Pieces, start: int) -> Iterator[Statement]:
        for offset, parsed in pieces:
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
        code, place = self._code, self._heads[at]
        if not in_string and (_SURE_START.match(code, place) or _ASSIGNMENT.match(code, place)):
            return True
        if not _SURE_START.match(code, place) and not _LIKELY_START.match(code, place):
            return False
        # Prose in a string and arguments in brackets look like statements, but seldom are.
        if self._parses_left <= 0:
            return False
        self._parses_left -= 1
        state, _floor = scan(self._chunk(at))
        after = self._closed(at, state) if state and state != "#" else at + 1
        if after < 0:
            return False
        return isinstance(parse(code[place : self._end_before(at, after)]), list)

    def _end_before(self, at: int, after: int) -> int:
        """Where the code from head `at` to head `after` ends."""
        start = self._heads[at]
        text = self._code[start : self._heads[after]]
        state, floor = advance(text)
        # What is in a string that nothing closes may well be code and comments.
        return start + code_end(text, floor if state in ("", "#", "\\") else 0)


def _pieces(text: str) -> _Pieces:
    """The statements in a text, with their offsets: one, several on a line, or one and lines astray."""
    return _pieces_of.get(text) or _pieces_of.put(text, _parse_pieces(text))


def _parse_pieces(text: str) -> _Pieces:
    outcome = parse(text)
    if isinstance(outcome, list):
        return ((0, Parsed(text, outcome[0])),) if len(outcome) == 1 else tuple(_each(text, outcome))
    if text[:1] in (" ", "\t", "\f"):
        return _astray(text)
    cut = _astray_from(text)
    if cut is not None:
        end, begin = cut
        rest = _pieces(text[begin:])
        return (*_pieces(text[:end]), *((begin + offset, parsed) for offset, parsed in rest))
    return ((0, _broken(text, outcome)),)


def _each(text: str, nodes: list[ast.stmt]) -> Iterator[tuple[int, Parsed]]:
    """One piece per node."""
    lines = LineIndex(text)
    for number, node in enumerate(nodes):
        line, start = node.lineno, lines.from_ast(node.lineno, node.col_offset)
        decorators = getattr(node, "decorator_list", None)
        if decorators:
            line = decorators[0].lineno
            start = lines.offset(Position(line - 1, 0))
        end = lines.from_ast(node.end_lineno or line, node.end_col_offset or 0)
        if number + 1 == len(nodes) and lines.position(end).line == lines.line_count - 1:
            end = len(text)
        inner = parse(text[start:end])
        if isinstance(inner, list) and len(inner) == 1:
            yield start, Parsed(text[start:end], inner[0])


def _astray_from(text: str) -> tuple[int, int] | None:
    """Where a whole statement ends and where lines begin that do not belong to it, if that is so."""
    code = [line for line in physical_lines(text) if line.kind == "code"]
    indented = next((line.start for line in code[1:2] if line.indent), None)
    closing = next((line.start for line in code[1:] if not line.indent and line.body[0] in ")]}"), None)
    for begin in (indented, closing):
        if begin is not None:
            before = text[:begin]
            end = code_end(before, advance(before)[1])
            if isinstance(parse(text[:end]), list):
                return end, begin
    return None


def _astray(text: str) -> _Pieces:
    """Lines that are indented but belong to no block; the first carries the problem of all."""
    mended = repair(text)
    problem = indented_too_far(text)
    if mended is None or not mended.nodes:
        return ((0, Parsed(text, None, problem)),)
    problem = replace(problem, fix=mended.edits)
    if len(mended.nodes) == 1:
        return ((0, Parsed(text, mended.nodes[0], problem, recovered=True)),)
    pieces: list[tuple[int, Parsed]] = []
    for start, end in _line_bounds(text, mended.nodes):
        part = text[start:end]
        alone = repair(part)
        tree = alone.nodes[0] if alone is not None and len(alone.nodes) == 1 else None
        # One mistake is told once.
        own = problem if not pieces else None if tree is not None else indented_too_far(part)
        pieces.append((start, Parsed(part, tree, own, recovered=tree is not None)))
    return tuple(pieces)


def _line_bounds(text: str, nodes: list[ast.stmt]) -> Iterator[tuple[int, int]]:
    """Start and end of each node, from the start of its line if it is the first there."""
    lines = LineIndex(text)
    done = 0
    for node in nodes:
        first = min([node.lineno, *(each.lineno for each in getattr(node, "decorator_list", ()))])
        start = lines.offset(Position(first - 1, 0))
        if start < done:
            start = lines.from_ast(node.lineno, node.col_offset)
        end = lines.from_ast(node.end_lineno or first, node.end_col_offset or 0)
        yield start, end
        done = end


def _broken(text: str, error: Exception) -> Parsed:
    problem = _problem(text, error)
    mended = repair(text) if isinstance(error, IndentationError) else None
    nodes = None
    if mended is not None:
        problem, nodes = replace(problem, fix=mended.edits), mended.nodes
    if nodes is None or problem.kind == "missing-indent":
        # A header without a body is mostly one that is being typed: the lines below it are not its body yet.
        nodes = recover(text, error) or nodes
    if nodes is not None and len(nodes) == 1:
        return Parsed(text, nodes[0], problem, recovered=True)
    return Parsed(text, None, problem)


def _problem(text: str, error: Exception) -> SyntaxProblem:
    if isinstance(error, IndentationError):
        return classify(text, error)
    if not isinstance(error, SyntaxError):
        reason = "nested too deeply" if isinstance(error, (RecursionError, MemoryError)) else str(error)
        return SyntaxProblem("other", Span(0, len(text)), reason)
    lines = LineIndex(text)
    line = min(max((error.lineno or 1) - 1, 0), lines.line_count - 1)
    start, end = lines.line_span(line)
    content = lines.line_text(line)
    # The parser counts characters here, from 1, and 0 where it does not know.
    first = start + (error.offset or 1) - 1
    if not start <= first < end:
        first = start + len(content) - len(content.lstrip())
    last = end
    if error.end_lineno == error.lineno and error.end_offset and first < start + error.end_offset - 1 <= end:
        last = start + error.end_offset - 1
    return SyntaxProblem("other", Span(first, last), error.msg.split("\n")[0], (), line)
