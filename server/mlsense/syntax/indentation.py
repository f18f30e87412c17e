"""Indentation that does not fit: what kind of mistake it is, and the repair where one is certain."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.syntax.parsing import parse
from mlsense.syntax.problems import ProblemKind, SyntaxProblem
from mlsense.syntax.scanning import Line, comment_start, physical_lines
from mlsense.text import Span, TextEdit

if TYPE_CHECKING:
    from collections.abc import Sequence

_HEADER_LINE = re.compile(r"on line (\d+)$")
_TOKEN = re.compile(r"\w+|\S")
_KEYWORD = re.compile(r"(?:async[ \t]+)?(\w+)")
_CLAUSE = re.compile(r"(?:else|elif|except|finally|case)\b")
_LEAVES_BLOCK = re.compile(r"(?:return|raise|break|continue)\b")
_NOT_IN_A_BLOCK = re.compile(r"(?:def|class|async[ \t]+def|import|from)\b|@|if[ \t]+__name__\b")
_NOT_IN_A_CLASS = re.compile(r"class\b|if[ \t]+__name__\b")
# A statement with more mistakes than this is not repaired: each costs a parse.
_MOST_MISTAKES = 12


@dataclass(frozen=True)
class Repair:
    """Edits that make a text parse, and its statements, with places as in the text before the edits."""

    edits: tuple[TextEdit, ...]
    nodes: list[ast.stmt]


def classify(text: str, error: IndentationError) -> SyntaxProblem:
    """The problem of a text that the parser refused with this error; without a fix."""
    lines = list(physical_lines(text))
    return _classify(lines, [line.indent for line in lines], error)


def indented_too_far(text: str) -> SyntaxProblem:
    """The problem of a text whose first line is indented with nothing above it; without a fix."""
    line = next(physical_lines(text))
    message, detail = _unexpected(line.indent, "")
    return SyntaxProblem("unexpected-indent", _span(line), message, detail=detail)


def repair(text: str, unit: str | None = None) -> Repair | None:
    """The edits that put all indentation of a text right, None where that takes a guess.

    `unit` is one level of indentation, for a text that has none of its own.
    """
    lines = list(physical_lines(text))
    indents = [line.indent for line in lines]
    unit = _unit(lines) or unit or "    "
    for _ in range(_MOST_MISTAKES):
        outcome = parse(_joined(lines, indents))
        if isinstance(outcome, list):
            _move_back(outcome, lines, indents)
            return Repair(_edits(lines, indents), outcome)
        if not isinstance(outcome, IndentationError):
            return None
        problem = _classify(lines, indents, outcome)
        mended = _mended(problem, lines, indents, unit)
        if mended is None or mended == indents:
            return None
        indents = mended
    return None


def unit_of(text: str) -> str | None:
    """One level of indentation as a text has it most often, None if it has none."""
    return _unit(list(physical_lines(text)))


def _classify(lines: Sequence[Line], indents: Sequence[str], error: IndentationError) -> SyntaxProblem:
    at = min(max((error.lineno or 1) - 1, 0), len(lines) - 1)
    span = _span(lines[at])
    got = indents[at]
    before = _code_before(lines, at)
    if "expected an indented block" in error.msg:
        found = _HEADER_LINE.search(error.msg)
        header = min(int(found.group(1)) - 1, len(lines) - 1) if found else before
        keyword = _KEYWORD.match(lines[header].body) if header is not None else None
        detail = keyword.group(1) if keyword else ""
        if header is not None and (at <= header or lines[at].kind != "code"):
            at = header
            span = Span(lines[at].start + len(lines[at].indent), lines[at].start + _length(lines[at]))
        message = f"expected an indented block after `{detail}`"
        return SyntaxProblem("missing-indent", span, message, (), at, header, header, detail)
    levels = _levels(lines, indents, at)
    at_odds = next((line for line in reversed(levels) if not _consistent(indents[line], got)), None)
    if isinstance(error, TabError) or at_odds is not None:
        against = before if at_odds is None else at_odds
        detail = "tab" if "\t" in got else "spaces"
        message = "tabs and spaces are mixed in the indentation"
        return SyntaxProblem("tabs-and-spaces", span, message, (), at, None, against, detail)
    kind: ProblemKind
    if "unexpected indent" in error.msg:
        kind = "unexpected-indent"
        message, detail = _unexpected(got, indents[levels[-1]] if levels else "")
    elif "unindent" in error.msg:
        fitting = " or ".join(str(_columns(indents[line])) for line in levels[-2:])
        kind, message = "unmatched-dedent", "the indentation matches no outer level"
        detail = f"{_columns(got)}, not {fitting}"
        before = min(levels, key=lambda line: abs(_columns(indents[line]) - _columns(got)), default=before)
    else:
        kind, message, detail = "other", error.msg, ""
    return SyntaxProblem(kind, span, message, (), at, None, before, detail)


def _unexpected(got: str, want: str) -> tuple[str, str]:
    """Message and detail for a line that is indented further than the one before."""
    return "unexpected indent", f"{_columns(got)} instead of {_columns(want)}"


def _mended(problem: SyntaxProblem, lines: Sequence[Line], indents: Sequence[str], unit: str) -> list[str] | None:
    """The indentations with this one problem mended, None where it is not certain how."""
    if problem.kind == "tabs-and-spaces":
        return _without_tabs(lines, indents, unit)
    if lines[problem.line].kind != "code":
        return None
    if problem.kind == "unexpected-indent":
        return _dedented(lines, indents, problem.line)
    if problem.kind == "missing-indent" and problem.header is not None and problem.line > problem.header:
        return _with_body(lines, indents, problem.header, problem.line, unit)
    if problem.kind == "unmatched-dedent":
        return _aligned(lines, indents, problem.line)
    return None


def _without_tabs(lines: Sequence[Line], indents: Sequence[str], unit: str) -> list[str] | None:
    """Spaces for tabs, as wide as makes the text parse; None if two widths do and mean different things."""
    found: dict[str, list[str]] = {}
    for width in dict.fromkeys((len(unit) if unit.isspace() and "\t" not in unit else 4, 4, 8)):
        spaced = [
            indent if line.kind == "string" else indent.expandtabs(width)
            for line, indent in zip(lines, indents, strict=True)
        ]
        outcome = parse(_joined(lines, spaced))
        if isinstance(outcome, list):
            found.setdefault(ast.dump(ast.Module(outcome, [])), spaced)
    return next(iter(found.values())) if len(found) == 1 else None


def _dedented(lines: Sequence[Line], indents: Sequence[str], at: int) -> list[str]:
    """The lines from `at` on that are indented too far, at the level of the line before."""
    got = indents[at]
    levels = _levels(lines, indents, at)
    want = indents[levels[-1]] if levels else ""
    mended = list(indents)
    for number in range(at, len(lines)):
        kind, indent = lines[number].kind, indents[number]
        if kind == "code" and _columns(indent) <= _columns(want):
            break
        if kind != "string" and indent.startswith(got):
            mended[number] = want + indent[len(got) :]
        elif kind == "code":
            # It is indented less far, but still too far: a mistake of its own.
            break
    return mended


def _with_body(lines: Sequence[Line], indents: Sequence[str], header: int, at: int, unit: str) -> list[str] | None:
    """The lines below a header that lacks a body as its body, up to a blank line or an evident end."""
    outer = indents[header]
    keyword = _KEYWORD.match(lines[header].body)
    ends = _NOT_IN_A_CLASS if keyword and keyword.group(1) == "class" else _NOT_IN_A_BLOCK
    mended = list(indents)
    for number in range(at, len(lines)):
        line, indent = lines[number], indents[number]
        if line.kind == "blank":
            break
        if line.kind == "code":
            if not indent.startswith(outer) or (_CLAUSE.match(line.body) and indent == outer):
                break
            if indent == outer and ends.match(line.body):
                break
        if line.kind == "string" or not indent.startswith(outer):
            continue
        mended[number] = outer + unit + indent[len(outer) :]
        if line.kind == "code" and indent == outer and _LEAVES_BLOCK.match(line.body):
            break
    return mended


def _aligned(lines: Sequence[Line], indents: Sequence[str], at: int) -> list[str] | None:
    """The lines from `at` on that fit no level, at the nearest; of two as near, at the one that parses."""
    got = indents[at]
    levels = [indents[line] for line in _levels(lines, indents, at)]
    nearest = min((_distance(level, got) for level in levels), default=0)
    candidates = [_moved(lines, indents, at, level, levels) for level in levels if _distance(level, got) == nearest]
    if len(candidates) > 1:
        candidates = [each for each in candidates if isinstance(parse(_joined(lines, each)), list)]
    return candidates[0] if len(candidates) == 1 else None


def _moved(lines: Sequence[Line], indents: Sequence[str], at: int, level: str, levels: Sequence[str]) -> list[str]:
    """The lines from `at` on that are indented as far or further, but not as a level, moved to `level`."""
    got = indents[at]
    mended = list(indents)
    for number in range(at, len(lines)):
        kind, indent = lines[number].kind, indents[number]
        if kind == "code" and _columns(indent) < _columns(got):
            break
        if kind != "string" and indent.startswith(got) and indent not in levels:
            mended[number] = level + indent[len(got) :]
    return mended


def _levels(lines: Sequence[Line], indents: Sequence[str], at: int) -> list[int]:
    """The lines that opened the indentation levels in force before line `at`, from outside in."""
    levels: list[int] = []
    for number in range(at):
        if lines[number].kind == "code":
            while levels and _columns(indents[levels[-1]]) > _columns(indents[number]):
                levels.pop()
            if not levels or _columns(indents[levels[-1]]) < _columns(indents[number]):
                levels.append(number)
    return levels


def _code_before(lines: Sequence[Line], at: int) -> int | None:
    return next((number for number in range(at - 1, -1, -1) if lines[number].kind == "code"), None)


def _unit(lines: Sequence[Line]) -> str | None:
    steps: Counter[str] = Counter()
    outer = ""
    for line in lines:
        if line.kind == "code":
            if len(line.indent) > len(outer) and line.indent.startswith(outer):
                steps[line.indent[len(outer) :]] += 1
            outer = line.indent
    return steps.most_common(1)[0][0] if steps else None


def _consistent(one: str, other: str) -> bool:
    """Whether the longer indentation begins with the shorter, so that no tab stands against spaces."""
    return one.startswith(other) or other.startswith(one)


def _columns(indent: str) -> int:
    # Python counts from anew after a form feed, and tabs to multiples of eight.
    return len(indent.rpartition("\f")[2].expandtabs(8))


def _distance(one: str, other: str) -> int:
    return abs(_columns(one) - _columns(other))


def _length(line: Line) -> int:
    return len(line.indent) + len(line.body[: comment_start(line.body)].rstrip())


def _span(line: Line) -> Span:
    start = line.start + len(line.indent)
    if line.indent:
        return Span(line.start, start)
    token = _TOKEN.match(line.body)
    return Span(start, start + (len(token.group()) if token else 0))


def _joined(lines: Sequence[Line], indents: Sequence[str]) -> str:
    return "".join(indent + line.body + line.ending for line, indent in zip(lines, indents, strict=True))


def _edits(lines: Sequence[Line], indents: Sequence[str]) -> tuple[TextEdit, ...]:
    return tuple(
        TextEdit(Span(line.start, line.start + len(line.indent)), indent)
        for line, indent in zip(lines, indents, strict=True)
        if line.indent != indent
    )


def _move_back(nodes: list[ast.stmt], lines: Sequence[Line], indents: Sequence[str]) -> None:
    """Give all nodes the columns they have under the indentation of the text itself."""
    # Indentation is ASCII, so that bytes and characters are the same here.
    by = [len(line.indent) - len(indent) for line, indent in zip(lines, indents, strict=True)]
    for top in nodes:
        for node in ast.walk(top):
            if isinstance(node, (ast.stmt, ast.expr, ast.excepthandler, ast.arg, ast.keyword, ast.alias, ast.pattern)):
                if 0 < node.lineno <= len(by):
                    node.col_offset += by[node.lineno - 1]
                if node.end_lineno and node.end_col_offset is not None and node.end_lineno <= len(by):
                    node.end_col_offset += by[node.end_lineno - 1]
