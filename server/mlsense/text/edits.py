"""Changes to a text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsense.text.positions import Span


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Put `new_text` where `span` is; an empty span inserts."""

    span: Span
    new_text: str


def apply_edits(text: str, edits: Iterable[TextEdit]) -> str:
    """The text after all edits, whose spans all refer to the text before.

    Insertions at one place keep the order given, and come before a replacement that begins there.
    Raises ValueError if spans overlap, are reversed, or lie outside the text.
    """
    pieces: list[str] = []
    done = 0
    # Sorting by the end too puts the insertions at a place before the replacement that starts there.
    for edit in sorted(edits, key=lambda edit: edit.span):
        start, end = edit.span
        if not 0 <= start <= end <= len(text):
            raise ValueError(f"edit of {start}..{end} in a text of {len(text)} characters")
        if start < done:
            raise ValueError(f"edit of {start}..{end} overlaps one that ends at {done}")
        pieces += (text[done:start], edit.new_text)
        done = end
    pieces.append(text[done:])
    return "".join(pieces)
