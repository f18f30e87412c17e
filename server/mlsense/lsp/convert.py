"""Between our spans and the client's ranges: the only place in the server that converts positions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from mlsense.text import Encoding, Position, SourceText, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsense.text import TextEdit


def to_position(source: SourceText, offset: int, encoding: Encoding) -> types.Position:
    """The client's position of an offset."""
    line, column = source.lines.to_client(offset, encoding)
    return types.Position(line=line, character=column)


def to_range(source: SourceText, span: Span, encoding: Encoding) -> types.Range:
    """The client's range of a span."""
    return types.Range(start=to_position(source, span.start, encoding), end=to_position(source, span.end, encoding))


def to_text_edit(source: SourceText, edit: TextEdit, encoding: Encoding) -> types.TextEdit:
    """The client's form of one edit."""
    return types.TextEdit(range=to_range(source, edit.span, encoding), new_text=edit.new_text)


def to_offset(source: SourceText, position: types.Position, encoding: Encoding) -> int:
    """The offset of the client's position, clamped to its line and to the text."""
    return source.lines.from_client(Position(position.line, position.character), encoding)


def to_span(source: SourceText, range_: types.Range, encoding: Encoding) -> Span:
    """The span of the client's range, clamped to the text; empty where the range runs backwards."""
    start = to_offset(source, range_.start, encoding)
    return Span(start, max(start, to_offset(source, range_.end, encoding)))


def apply_changes(
    source: SourceText, changes: Iterable[types.TextDocumentContentChangeEvent], encoding: Encoding
) -> SourceText:
    """The text after the client's changes, each of which refers to the text the one before it left."""
    for change in changes:
        if isinstance(change, types.TextDocumentContentChangePartial):
            source = source.edited(to_span(source, change.range, encoding), change.text)
        else:
            source = SourceText(change.text)
    return source
