"""The comment that silences one rule on one line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.syntax import notebook_of_cells, script, suppressions
from mlsense.text import Span, TextEdit, apply_edits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.lsp.session import OpenDocument
    from mlsense.syntax import Cell

FARTHEST = 100
"""How many lines below a finding its comment may stand, where a string or a backslash is in the way."""


def ignore_edit(document: OpenDocument, cell: int, offset: int, rule: str) -> TextEdit | None:
    """The edit that silences `rule` where a finding starts: a new comment, or a rule more in the old one.

    None if every rule is silent there already, or if no comment can be put there.
    """
    source = document.cells[cell].source
    line = source.lines.position(offset).line
    parsed = _cell(document, source.text)
    for present in suppressions(parsed):
        if present.line == line:
            return _added(source.text, present.span, rule) if present.rules is not None else None
    return next(
        (edit for edit in _candidates(parsed, line, rule) if _works(document, source.text, edit, rule)), None
    )


def _added(text: str, comment: Span, rule: str) -> TextEdit:
    end = text.index("]", comment.start)
    listed = text[text.index("[", comment.start) + 1 : end].strip()
    return TextEdit(Span(end, end), f", {rule}" if listed else rule)


def _candidates(cell: Cell, line: int, rule: str) -> Iterator[TextEdit]:
    """Where the comment might stand, best place first.

    Where a line goes on behind its end, in a string or after a backslash, the line it goes on in belongs to
    the same statement and serves as well.
    """
    lines = cell.source.lines
    for number in range(line, min(line + FARTHEST, lines.line_count)):
        start, end = lines.line_span(number)
        text = lines.line_text(number)
        if text.endswith("\\"):
            continue
        end -= len(text) - len(text.rstrip())
        yield TextEdit(Span(end, end), f"  # mlsense: ignore[{rule}]")
        for column, character in enumerate(text):
            if character == "#":
                yield TextEdit(Span(start + column, start + column), f"# mlsense: ignore[{rule}]  ")


def _works(document: OpenDocument, text: str, edit: TextEdit, rule: str) -> bool:
    """Whether the comment, once there, is read as one: not so inside a string or another comment.

    Nor may it swallow a comment behind it that silences something else.
    """
    comment = edit.span.start + edit.new_text.index("#")
    before = suppressions(_cell(document, text))
    after = suppressions(_cell(document, apply_edits(text, [edit])))
    silenced = any(found.span.start == comment and found.rules == frozenset({rule}) for found in after)
    return silenced and len(after) == len(before) + 1


def _cell(document: OpenDocument, text: str) -> Cell:
    if document.kind == "script":
        return script("", text).cells[0]
    return notebook_of_cells("", [("code", text, None)]).cells[0]
