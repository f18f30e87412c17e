"""What of a library the text at an offset speaks of: a name, a keyword argument, or a value written as a text.

The text is parsed as it stands now; what its names mean is asked of the newest model there is, which may be of an
earlier version.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from mlsense.rules.offering import class_of, entry
from mlsense.semantics.asking import Asking
from mlsense.semantics.values import Data, Estimator, Method, Symbol
from mlsense.syntax import statements
from mlsense.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsense.semantics.asking import Answer
    from mlsense.semantics.trace import Trace
    from mlsense.syntax import Cell, Parsed

_MOST_DEEP = 200
_SETTERS = ("set_params",)
_GRIDS = ("param_grid", "param_distributions", "param_space", "search_spaces")
_CONTAINERS = (ast.List, ast.Tuple, ast.Set)


@dataclass(frozen=True, slots=True)
class Subject:
    """A library's name, dotted; a `parameter` of what it calls; a `value` of that. `span` is where it stands."""

    name: str
    span: Span
    parameter: str | None = None
    value: str | None = None


class _At(NamedTuple):
    """The innermost node at an offset of a statement, with those around it, the innermost last."""

    parsed: Parsed
    start: int
    offset: int
    node: ast.AST
    around: tuple[ast.AST, ...]

    def text(self, node: ast.AST) -> str:
        span = self.parsed.span(node)
        return self.parsed.text[span.start : span.end]

    def span(self, start: int, end: int) -> Span:
        return Span(self.start + start, self.start + end)


def subject_at(trace: Trace, cell: Cell, offset: int) -> Subject | None:
    """What the text at an offset of a cell is about; None where that is nothing of a library's."""
    at = _at(cell, offset)
    if at is None:
        return None
    if isinstance(at.node, (ast.alias, ast.Import, ast.ImportFrom)):
        return _imported(at)
    asking = Asking(trace, cell.index, offset)
    if isinstance(at.node, ast.Name):
        return _named(trace, asking, at, at.node, *at.parsed.span(at.node))
    if isinstance(at.node, ast.Attribute):
        end = at.parsed.span(at.node).end
        start = end - len(at.node.attr)
        return _named(trace, asking, at, at.node, start, end) if at.offset >= start else None
    if isinstance(at.node, ast.keyword):
        return _keyword(trace, asking, at, at.node)
    if isinstance(at.node, ast.Constant) and isinstance(at.node.value, str):
        return _text(trace, asking, at, at.node)
    return None


def class_at(trace: Trace, cell: Cell, offset: int) -> str | None:
    """The library class of the object that a variable at an offset holds."""
    at = _at(cell, offset)
    if at is None or not isinstance(at.node, (ast.Name, ast.Attribute)):
        return None
    answer = Asking(trace, cell.index, offset).evaluate(at.text(at.node))
    return None if isinstance(answer.object, Data) else class_of(trace, answer.object)


# --- where the offset is -----------------------------------------------------------------------------


def _at(cell: Cell, offset: int) -> _At | None:
    for parsed, start in statements(cell):
        if start <= offset <= start + len(parsed.text) and parsed.tree is not None and not parsed.recovered:
            found = _innermost(parsed, offset - start)
            if found is not None:
                return _At(parsed, start, offset - start, found[-1], tuple(found[:-1]))
    return None


def _innermost(parsed: Parsed, offset: int) -> list[ast.AST] | None:
    """The nodes at an offset, each inside the one before; an end counts to its node, so that a caret finds a word."""
    node: ast.AST | None = parsed.tree
    found: list[ast.AST] = []
    while node is not None and len(found) < _MOST_DEEP:
        if isinstance(node, (ast.expr, ast.stmt, ast.keyword, ast.alias)):
            found.append(node)
        node = next((child for child in _placed(node) if _holds(parsed, child, offset)), None)
    return found or None


def _placed(node: ast.AST) -> Iterator[ast.AST]:
    """The nearest nodes inside that have a place of their own."""
    for child in ast.iter_child_nodes(node):
        if hasattr(child, "lineno"):
            yield child
        else:
            yield from _placed(child)


def _holds(parsed: Parsed, node: ast.AST, offset: int) -> bool:
    span = parsed.span(node)
    # A decorated definition begins at its name; decorators are nodes beside that.
    return span.start <= offset <= span.end


# --- what it means -----------------------------------------------------------------------------------


def _imported(at: _At) -> Subject | None:
    """A name in an import, by the text of the statement alone."""
    statement = at.node if isinstance(at.node, (ast.Import, ast.ImportFrom)) else at.around[-1]
    word = _word(at.parsed.text, at.offset)
    if word is None:
        return None
    start, end = word
    text = at.parsed.text[start:end]
    upto = text[: _segment_end(text, at.offset - start)]
    if isinstance(statement, ast.ImportFrom):
        if statement.level or not statement.module:
            return None
        if isinstance(at.node, ast.alias):
            name = f"{statement.module}.{at.node.name}"
            return Subject(name, at.span(start, end)) if text in (at.node.name, at.node.asname) else None
        return Subject(upto, at.span(start, start + len(upto))) if text == statement.module else None
    if not isinstance(at.node, ast.alias):
        return None
    if text == at.node.name:
        return Subject(upto, at.span(start, start + len(upto)))
    return Subject(at.node.name, at.span(start, end)) if text == at.node.asname else None


def _word(text: str, offset: int) -> tuple[int, int] | None:
    """The dotted name around an offset."""
    words = (found.span() for found in re.finditer(r"[\w.]+", text))
    return next((word for word in words if word[0] <= offset <= word[1]), None)


def _segment_end(text: str, offset: int) -> int:
    end = text.find(".", offset)
    return len(text) if end < 0 else end


def _named(trace: Trace, asking: Asking, at: _At, node: ast.expr, start: int, end: int) -> Subject | None:
    name = _dotted(trace, asking.evaluate(at.text(node)))
    return None if name is None else Subject(name, at.span(start, end))


def _dotted(trace: Trace, answer: Answer) -> str | None:
    """The name of a library's thing, None for variables and for what is no library's."""
    value = answer.value
    if isinstance(value, Symbol):
        return None if value.name.startswith("builtins.") else value.name
    if isinstance(value, Method):
        cls = class_of(trace, answer.look_up(value.receiver))
        return None if cls is None else f"{cls}.{value.name}"
    return None


def _keyword(trace: Trace, asking: Asking, at: _At, keyword: ast.keyword) -> Subject | None:
    call = at.around[-1] if at.around else None
    if keyword.arg is None or not isinstance(call, ast.Call):
        return None
    begin = at.parsed.span(keyword).start
    if at.offset > begin + len(keyword.arg):
        return None
    span = at.span(begin, begin + len(keyword.arg))
    return _parameter(trace, asking.evaluate(at.text(call.func)), keyword.arg, span)


def _parameter(trace: Trace, callee: Answer, name: str, span: Span) -> Subject | None:
    """A parameter of what is called; what `set_params` sets is one of the estimator, or of one of its steps."""
    if isinstance(callee.value, Method) and callee.value.name in _SETTERS:
        thing = callee.look_up(callee.value.receiver)
        return _of_part(thing, callee, name, span) if isinstance(thing, Estimator) else None
    dotted = _dotted(trace, callee)
    return None if dotted is None else Subject(dotted, span, name)


def _of_part(estimator: Estimator, answer: Answer, path: str, span: Span) -> Subject | None:
    """The parameter that `step__inner__name` sets."""
    head, separator, rest = path.partition("__")
    if not separator:
        return Subject(estimator.cls, span, path)
    inner = dict(estimator.steps).get(head) or estimator.param(head)
    thing = answer.look_up(inner)
    return _of_part(thing, answer, rest, span) if isinstance(thing, Estimator) else None


def _text(trace: Trace, asking: Asking, at: _At, node: ast.Constant) -> Subject | None:
    """A text that is an argument, or one of several in an argument, or a key of a grid."""
    inner: ast.AST = node
    around = list(at.around)
    while around and isinstance(around[-1], _CONTAINERS):
        inner = around.pop()
    span = at.parsed.span(node)
    here = at.span(span.start, span.end)
    if around and isinstance(around[-1], ast.Dict):
        return _in_grid(trace, asking, at, node, inner, around, here)
    name: str | None = None
    if around and isinstance(around[-1], ast.keyword):
        keyword = around.pop()
        assert isinstance(keyword, ast.keyword)
        name = keyword.arg
    call = around[-1] if around else None
    if not isinstance(call, ast.Call) or inner is call.func:
        return None
    callee = asking.evaluate(at.text(call.func))
    if name is None:
        name = _by_position(trace, callee, call, inner)
    found = _parameter(trace, callee, name, here) if name is not None else None
    return None if found is None else Subject(found.name, here, found.parameter, str(node.value))


def _by_position(trace: Trace, callee: Answer, call: ast.Call, argument: ast.AST) -> str | None:
    """The parameter that an argument without a name is for."""
    dotted = _dotted(trace, callee)
    known = entry(trace, dotted) if dotted is not None else None
    number = next((index for index, each in enumerate(call.args) if each is argument), None)
    if known is None or known.signature is None or number is None:
        return None
    if any(isinstance(before, ast.Starred) for before in call.args[:number]):
        return None
    taken = [each for each in known.signature if each.kind in ("positional-only", "positional-or-keyword")]
    return taken[number].name if number < len(taken) else None


def _in_grid(
    trace: Trace,
    asking: Asking,
    at: _At,
    node: ast.Constant,
    inner: ast.AST,
    around: Sequence[ast.AST],
    span: Span,
) -> Subject | None:
    """A key of the grid of a search, or one of the values tried for it."""
    table, outer = around[-1], [each for each in around[:-1] if not isinstance(each, _CONTAINERS)]
    if not isinstance(table, ast.Dict) or len(outer) < 1:
        return None
    call = outer[-2] if isinstance(outer[-1], ast.keyword) and len(outer) > 1 else outer[-1]
    if not isinstance(call, ast.Call):
        return None
    grid = outer[-1].arg in _GRIDS if isinstance(outer[-1], ast.keyword) else len(call.args) > 1
    given = [*(each.value for each in call.keywords if each.arg == "estimator"), *call.args]
    searched = given[0] if given else None
    if not grid or searched is None:
        return None
    answer = asking.evaluate(at.text(searched))
    if not isinstance(answer.object, Estimator):
        return None
    if node in table.keys:
        return _of_part(answer.object, answer, str(node.value), span)
    keys = (key for key, value in zip(table.keys, table.values, strict=True) if value is inner)
    key = next(keys, None)
    if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
        return None
    found = _of_part(answer.object, answer, key.value, span)
    return None if found is None else Subject(found.name, span, found.parameter, str(node.value))
