"""Edits of whole statements, as fixes need them: delete, move, indent. They answer None where it would not be clean."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules.finding import Edit
from mlsense.rules.reading import node_at
from mlsense.text import Span, TextEdit

if TYPE_CHECKING:
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place
    from mlsense.text import SourceText


def source_of(trace: Trace, cell: int) -> SourceText:
    return trace.source(cell)


def text_at(trace: Trace, place: Place) -> str | None:
    found = trace.locate(place)
    return None if found is None else source_of(trace, found[0]).text[slice(*found[1])]


def on_one_line(trace: Trace, place: Place) -> str | None:
    """An expression as code; None where a comment in it would be lost."""
    text, node = text_at(trace, place), node_at(trace, place)
    if text is None or "\n" not in text:
        return text
    return None if node is None or "#" in text else ast.unparse(node)


def replaced(trace: Trace, place: Place, text: str) -> Edit | None:
    found = trace.locate(place)
    return None if found is None else Edit(found[0], TextEdit(found[1], text))


def lines_of(trace: Trace, place: Place) -> tuple[int, Span] | None:
    """Cell and whole lines of a statement, with the last line's ending; None when it shares a line with other code."""
    found = trace.locate(place)
    if found is None:
        return None
    cell, span = found
    source = source_of(trace, cell)
    first, last = source.lines.position(span.start).line, source.lines.position(span.end).line
    start, end = source.lines.line_span(first).start, source.lines.line_span(last).end
    before, after = source.text[start : span.start], source.text[span.end : end]
    if before.strip() or (after.strip() and not after.lstrip().startswith("#")):
        return None
    stop = source.lines.line_span(last + 1).start if last + 1 < source.lines.line_count else len(source.text)
    return cell, Span(start, stop)


def deleted(trace: Trace, place: Place) -> Edit | None:
    """Takes out a statement with its lines."""
    found = lines_of(trace, place)
    return None if found is None else Edit(found[0], TextEdit(found[1], ""))


def indentation(trace: Trace, place: Place) -> str | None:
    """The white space before a statement that begins its line."""
    found = lines_of(trace, place)
    if found is None:
        return None
    text = source_of(trace, found[0]).text[slice(*found[1])]
    return text[: len(text) - len(text.lstrip(" \t"))]


def newline(trace: Trace, cell: int) -> str:
    """The line ending the cell uses."""
    text = source_of(trace, cell).text
    return "\r\n" if "\r\n" in text else "\r" if "\r" in text and "\n" not in text else "\n"


def inserted_after(trace: Trace, place: Place, lines: list[str]) -> Edit | None:
    """New lines after a statement, indented as it is."""
    found, indent = lines_of(trace, place), indentation(trace, place)
    if found is None or indent is None:
        return None
    cell, span = found
    ending = newline(trace, cell)
    text = source_of(trace, cell).text
    block = ending.join(indent + line for line in lines)
    open_end = not text[: span.end].endswith(("\n", "\r"))
    return Edit(cell, TextEdit(Span(span.end, span.end), ending + block if open_end else block + ending))


def inserted_before(trace: Trace, place: Place, lines: list[str]) -> Edit | None:
    """New lines before a statement, indented as it is."""
    found, indent = lines_of(trace, place), indentation(trace, place)
    if found is None or indent is None:
        return None
    cell, span = found
    ending = newline(trace, cell)
    block = ending.join(indent + line for line in lines)
    return Edit(cell, TextEdit(Span(span.start, span.start), block + ending))


def reindented(trace: Trace, place: Place, indent: str) -> Edit | None:
    """Moves a statement of one line to another indentation."""
    found, old = lines_of(trace, place), indentation(trace, place)
    if found is None or old is None or place.line != place.end_line:
        return None
    cell, span = found
    return Edit(cell, TextEdit(Span(span.start, span.start + len(old)), indent))


def shifted(trace: Trace, place: Place, node: ast.stmt, indent: str) -> Edit | None:
    """Moves a statement with all that belongs to it to another indentation; None where a text runs over lines."""
    found, old = lines_of(trace, place), indentation(trace, place)
    if found is None or old is None:
        return None
    for part in ast.walk(node):
        text = isinstance(part, ast.JoinedStr) or (
            isinstance(part, ast.Constant) and isinstance(part.value, (str, bytes))
        )
        if text and part.lineno != part.end_lineno:  # type: ignore[attr-defined]
            return None
    cell, span = found
    lines = source_of(trace, cell).text[slice(*span)].splitlines(keepends=True)
    if any(line.strip() and not line.startswith(old) for line in lines):
        return None
    moved = "".join(indent + line[len(old) :] if line.strip() else line for line in lines)
    return Edit(cell, TextEdit(span, moved))


def header_removed(trace: Trace, start: Place, end: Place) -> Edit | None:
    """Takes out the lines from where a compound statement begins to where its header ends."""
    found, last = trace.locate(start), trace.locate(end)
    if found is None or last is None or found[0] != last[0]:
        return None
    cell = found[0]
    lines = source_of(trace, cell).lines
    first, stop = lines.position(found[1].start).line, lines.position(last[1].end).line + 1
    return Edit(cell, TextEdit(Span(lines.line_span(first).start, lines.line_span(stop).start), ""))
