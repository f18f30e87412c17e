"""One statement at a time: its tree, or what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from mlsense.syntax.cache import TextCache
from mlsense.syntax.indentation import classify, indented_too_far, repair
from mlsense.syntax.parsing import PLACED, parse
from mlsense.syntax.problems import SyntaxProblem
from mlsense.syntax.recovery import recover
from mlsense.syntax.scanning import advance, code_end, physical_lines
from mlsense.text import LineIndex, Position, Span

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator


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


Pieces = tuple[tuple[int, Parsed], ...]
"""Statements with their offsets."""

# In characters; a tree takes 25 to 40 bytes for each. Enough for a script of 15,000 lines to be read anew.
_pieces: TextCache[Pieces] = TextCache(600_000)


def pieces(text: str) -> Pieces:
    """The statements in a text that is one, or several on a line, or one and indented lines below it.

    They are kept for the next time, so that at every keystroke only the statement that changed is parsed.
    """
    return _pieces.get(text) or _pieces.put(text, _parse_pieces(text))


def each(text: str, nodes: list[ast.stmt]) -> Iterator[tuple[int, Parsed]]:
    """The statements of a text that is parsed already, each from where its node begins."""
    lines = LineIndex(text)
    for number, node in enumerate(nodes):
        line, start = node.lineno, lines.from_ast(node.lineno, node.col_offset)
        if decorators := getattr(node, "decorator_list", None):
            line = decorators[0].lineno
            start = lines.offset(Position(line - 1, 0))
        end = lines.from_ast(node.end_lineno or line, node.end_col_offset or 0)
        if number + 1 == len(nodes) and lines.position(end).line == lines.line_count - 1:
            # What follows on the last line can only be a comment.
            end = len(text)
        for offset, parsed in pieces(text[start:end]):
            yield start + offset, parsed


def _parse_pieces(text: str) -> Pieces:
    outcome = parse(text)
    if isinstance(outcome, list):
        return ((0, Parsed(text, outcome[0])),) if len(outcome) == 1 else tuple(each(text, outcome))
    if text[:1] in (" ", "\t", "\f"):
        return _astray(text)
    cut = _astray_from(text)
    if cut is not None:
        end, begin = cut
        rest = ((begin + offset, parsed) for offset, parsed in pieces(text[begin:]))
        return (*pieces(text[:end]), *rest)
    return ((0, _broken(text, outcome)),)


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


def _astray(text: str) -> Pieces:
    """Lines that are indented but belong to no block; the first carries the problem of all."""
    mended = repair(text)
    problem = indented_too_far(text)
    if mended is None or not mended.nodes:
        return ((0, Parsed(text, None, problem)),)
    problem = replace(problem, fix=mended.edits)
    if len(mended.nodes) == 1:
        return ((0, Parsed(text, mended.nodes[0], problem, recovered=True)),)
    found: list[tuple[int, Parsed]] = []
    for start, end in _line_bounds(text, mended.nodes):
        part = text[start:end]
        alone = repair(part)
        tree = alone.nodes[0] if alone is not None and len(alone.nodes) == 1 else None
        # One mistake is told once.
        own = problem if not found else None if tree is not None else indented_too_far(part)
        found.append((start, Parsed(part, tree, own, recovered=tree is not None)))
    return tuple(found)


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
