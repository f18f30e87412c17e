"""Top-level statements of a cell, each parsed alone, so that a broken one costs only itself."""

from __future__ import annotations

import ast
import re
import threading
import warnings
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from mlsense.syntax.cache import TextCache
from mlsense.syntax.problems import ProblemKind, SyntaxProblem
from mlsense.syntax.scanning import advance
from mlsense.text import LineIndex, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.syntax.cells import Cell


@dataclass(frozen=True)
class Parsed:
    """One top-level statement, parsed.

    `tree` is None if the text does not parse; `recovered` says that `tree` was had in spite of `problem`, by
    leaving out or completing lines, so that what it lacks means nothing.
    """

    text: str
    tree: ast.stmt | None = field(compare=False)
    problem: SyntaxProblem | None
    recovered: bool = False

    @cached_property
    def lines(self) -> LineIndex:
        """Positions in the statement's text."""
        return LineIndex(self.text)

    def span(self, node: ast.AST) -> Span:
        """Where a node of the tree stands in the statement's text.

        A decorated definition begins at `def` or `class`, as in `ast`. A node without a place of its own, such
        as an operator, spans the whole text.
        """
        lineno = getattr(node, "lineno", None)
        if lineno is None:
            return Span(0, len(self.text))
        start = self.lines.from_ast(lineno, node.col_offset)  # type: ignore[attr-defined]
        end_lineno, end_column = getattr(node, "end_lineno", None), getattr(node, "end_col_offset", None)
        if end_lineno is None or end_column is None:
            return Span(start, start)
        return Span(start, max(start, self.lines.from_ast(end_lineno, end_column)))


@dataclass(frozen=True)
class Statement:
    """A top-level statement at its place: `start` is its offset in the cell's text."""

    parsed: Parsed
    start: int


def statements(cell: Cell) -> tuple[Statement, ...]:
    """The top-level statements of a code cell, in order; none for other cells. Never raises."""
    if cell.kind != "code":
        return ()
    return tuple(_statements(cell.code))


# A line that begins a statement or goes on in brackets or a string: code at column 0.
_HEAD = re.compile(r"(?:^|(?<=\n))(?:[ \t\f]*\f)?[^ \t\f\r\n#]")
_WORD = re.compile(r"[ \t\f]*(\w+)")
_CLAUSES = {
    "else": ("if", "for", "while", "try", "async"),
    "elif": ("if",),
    "except": ("try",),
    "finally": ("try",),
}
# What cannot stand at the start of a line inside brackets.
_SURE_START = re.compile(
    r"(?:def|class|import|return|with|while|try|del|pass|break|continue|raise|global|nonlocal|assert|except|finally|elif"
    r"|async[ \t]+(?:def|with))\b|from[ \t]+[\w.]+[ \t]+import\b|(?:else|finally|try)[ \t]*:|@\w"
)
_LIKELY_START = re.compile(
    r"[^\W\d][\w.]*(?:\[[^\]\r\n]*\])?(?:[ \t]*,[ \t]*[^\W\d][\w.]*)*[ \t]*(?:[-+*/%@&|^]|//|\*\*|<<|>>)?=(?!=)"
    r"|[^\W\d][\w.]*\(|(?:for|if)\b[^\r\n]*:[ \t]*(?:#[^\r\n]*)?(?:[\r\n]|$)"
)


def _statements(code: str) -> Iterator[Statement]:
    plain = _plain_endings(code)
    heads = [found.start() for found in _HEAD.finditer(plain)]
    first = heads[0] if heads else len(code)
    if _has_code(plain[:first]):
        yield from _stray(code, 0, _code_end(plain, 0, first, 0))
    heads.append(len(code))
    at = 0
    while at + 1 < len(heads):
        after, end = _extent(plain, heads, at)
        yield from _parse_group(code, heads[at], end)
        at = after


def _plain_endings(code: str) -> str:
    """The same length with `\\n` for a lone `\\r`, which Python takes for a line ending too."""
    return re.sub(r"\r(?!\n)", "\n", code) if "\r" in code else code


def _has_code(text: str) -> bool:
    return re.search(r"(?:^|\n)[ \t\f]*[^ \t\f\r\n#]", text) is not None


def _extent(code: str, heads: list[int], at: int) -> tuple[int, int]:
    """The index of the head after the statement that begins at head `at`, and where its code ends."""
    after, end = _simple_extent(code, heads, at)
    start = heads[at]
    part = start
    while code[part] == "@" and after + 1 < len(heads):
        part = heads[after]
        after, end = _simple_extent(code, heads, after)
    word = _word(code, start)
    while after + 1 < len(heads) and word in _CLAUSES.get(_word(code, heads[after]), ()):
        after, end = _simple_extent(code, heads, after)
    return after, end


def _simple_extent(code: str, heads: list[int], at: int) -> tuple[int, int]:
    state, end = "", heads[at]
    after = at
    while after + 1 < len(heads):
        start, stop = heads[after], heads[after + 1]
        if state and state != "\\" and state[-1] not in "'\"" and _SURE_START.match(code, start):
            break
        state, floor = advance(code[start:stop], state)
        end = _code_end(code, start, stop, start + floor)
        after += 1
        if not state or state == "#":
            return after, end
    else:
        text = code[heads[at] : end]
        if _parse(text).tree is not None:
            return after, end
    return _restart(code, heads, at)


def _restart(code: str, heads: list[int], at: int) -> tuple[int, int]:
    """Where a statement that leaves something open is cut: before the next line that starts one again."""
    for after in range(at + 1, len(heads) - 1):
        start = heads[after]
        if _SURE_START.match(code, start) or _LIKELY_START.match(code, start):
            return after, _code_end(code, heads[after - 1], start, 0)
    return len(heads) - 1, _code_end(code, heads[at], len(code), 0)


def _word(code: str, start: int) -> str:
    found = _WORD.match(code, start)
    return found.group(1) if found else ""


def _code_end(code: str, start: int, stop: int, floor: int) -> int:
    """Where the last line of code in start..stop ends: blank lines and comments after it do not count."""
    end = stop
    while True:
        end = max(start + len(code[start:end].rstrip(" \t\f\r\n")), min(floor, stop))
        if end > start and code[end - 1] == "\\":
            return stop
        line = max(code.rfind("\n", start, end) + 1, start)
        if line > floor and code[line:end].lstrip(" \t\f").startswith("#"):
            end = line
            continue
        return end


def _parse_group(code: str, start: int, end: int) -> Iterator[Statement]:
    text = code[start:end]
    parsed = _parse(text)
    if parsed.tree is not None:
        yield Statement(parsed, start)
        return
    nodes = _nodes(text)
    if nodes is not None and len(nodes) > 1:
        yield from _several(text, nodes, start)
        return
    yield Statement(parsed, start)


def _several(text: str, nodes: list[ast.stmt], start: int) -> Iterator[Statement]:
    lines = LineIndex(text)
    for number, node in enumerate(nodes):
        begin = lines.from_ast(node.lineno, node.col_offset) if number else 0
        end = lines.from_ast(node.end_lineno or node.lineno, node.end_col_offset or 0)
        if number + 1 == len(nodes):
            end = len(text)
        yield Statement(_parse(text[begin:end]), start + begin)


def _stray(code: str, start: int, end: int) -> Iterator[Statement]:
    """Lines that begin indented with no block to belong to."""
    text = code[start:end]
    begin = start
    problem = SyntaxProblem("unexpected-indent", Span(0, len(text)), "unexpected indent")
    nodes = _nodes("if 1:\n" + text)
    if nodes is None or len(nodes) != 1 or not isinstance(nodes[0], ast.If):
        yield Statement(Parsed(text, None, problem), begin)
        return
    lines = LineIndex(text)
    body = nodes[0].body
    starts = [0]
    for node in body[1:]:
        starts.append(lines.from_ast(node.lineno - 1, 0))
    for number, node in enumerate(body):
        piece_start = starts[number]
        piece_end = lines.from_ast((node.end_lineno or node.lineno) - 1, node.end_col_offset or 0)
        for inner in ast.walk(node):
            if hasattr(inner, "lineno"):
                shift = 1 + lines.position(piece_start).line
                inner.lineno -= shift
                if hasattr(inner, "end_lineno") and inner.end_lineno is not None:
                    inner.end_lineno -= shift
        yield Statement(
            Parsed(text[piece_start:piece_end], node, problem if number == 0 else None, True),
            begin + piece_start,
        )


_parses: TextCache[Parsed] = TextCache(2_000_000)


def _parse(text: str) -> Parsed:
    parsed = _parses.get(text)
    if parsed is not None:
        return parsed
    tree, error = _tree(text)
    if tree is not None and len(tree.body) == 1:
        return _parses.put(text, Parsed(text, tree.body[0], None))
    return _parses.put(text, Parsed(text, None, _problem(text, error)))


def _nodes(text: str) -> list[ast.stmt] | None:
    tree, _ = _tree(text)
    return None if tree is None else tree.body


_parsing = threading.Lock()


def _tree(text: str) -> tuple[ast.Module | None, Exception | None]:
    """The tree of a text, or why there is none.

    The parser warns of doubtful escapes on standard error, which belongs to others; the lock is there because
    silencing warnings is not safe in threads.
    """
    try:
        with _parsing, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text), None
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return None, error


def _problem(text: str, error: Exception | None) -> SyntaxProblem:
    if not isinstance(error, SyntaxError):
        return SyntaxProblem("other", Span(0, len(text)), str(error or "") or "does not parse")
    line = max((error.lineno or 1) - 1, 0)
    lines = LineIndex(text)
    span = lines.line_span(min(line, lines.line_count - 1))
    message = error.msg
    kind: ProblemKind = "other"
    if isinstance(error, TabError):
        kind = "tabs-and-spaces"
    elif isinstance(error, IndentationError):
        if "unexpected indent" in message:
            kind = "unexpected-indent"
        elif "expected an indented block" in message:
            kind = "missing-indent"
        elif "unindent" in message:
            kind = "unmatched-dedent"
    return replace(SyntaxProblem("other", span, message), kind=kind, line=line)
