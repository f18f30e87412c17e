"""The comment that silences one rule on one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.syntax import notebook_of_cells, script, suppressions
from mlsense.text import Span, TextEdit, apply_edits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.lsp.session import OpenDocument
    from mlsense.syntax import Cell, Suppression
    from mlsense.text import SourceText

FARTHEST = 100
"""How many lines below a finding its comment may stand, where a string or a backslash is in the way."""


def ignore_edit(document: OpenDocument, cell: int, offset: int, rule: str) -> TextEdit | None:
    """The edit that silences `rule` where a finding starts: a new comment, or a rule more in the old one.

    None if every rule is silent there already, or if no comment can be put there.
    """
    source = document.cells[cell].source
    line = source.lines.position(offset).line
    for present in suppressions(_cell(document, source.text)):
        if _is_about(present, line):
            return _added(source.text, present.span, rule) if present.rules is not None else None
    for edit in _candidates(source, line, rule):
        if _works(document, source, edit, line):
            return edit
    return None


def _is_about(suppression: Suppression, line: int) -> bool:
    first, last = suppression.line, suppression.last
    return first is not None and first <= line <= (first if last is None else last)


def _added(text: str, comment: Span, rule: str) -> TextEdit:
    end = text.index("]", comment.start)
    listed = text[text.index("[", comment.start) + 1 : end].strip()
    return TextEdit(Span(end, end), f", {rule}" if listed else rule)


def _candidates(source: SourceText, line: int, rule: str) -> Iterator[TextEdit]:
    """Where the comment might stand, best place first.

    Where a line goes on behind its end, in a string or after a backslash, the line it goes on in belongs to
    the same statement and serves as well.
    """
    lines = source.lines
    for number in range(line, min(line + FARTHEST, lines.line_count)):
        text = lines.line_text(number).rstrip()
        if not text.endswith("\\"):
            end = lines.line_span(number).start + len(text)
            yield TextEdit(Span(end, end), f"  # mlsense: ignore[{rule}]")


def _works(document: OpenDocument, source: SourceText, edit: TextEdit, line: int) -> bool:
    """Whether the comment, once there, is read as one, and as being about the line: not so inside a string."""
    comment = edit.span.start + edit.new_text.index("#")
    cell = _cell(document, apply_edits(source.text, [edit]))
    return any(found.span.start == comment and _is_about(found, line) for found in suppressions(cell))


def _cell(document: OpenDocument, text: str) -> Cell:
    if document.kind == "script":
        return script("", text).cells[0]
    return notebook_of_cells("", [("code", text, None)]).cells[0]
