"""A text with its line index."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from mlsense.text.positions import LineIndex

if TYPE_CHECKING:
    from mlsense.text.positions import Span


@dataclass(frozen=True)
class SourceText:
    """One version of the text of a script or a cell, as the editor or the file has it."""

    text: str

    @cached_property
    def lines(self) -> LineIndex:
        """Positions in this text."""
        return LineIndex(self.text)

    def edited(self, span: Span, new_text: str) -> SourceText:
        """The version in which `new_text` stands where `span` was. Raises ValueError as `LineIndex.edited` does."""
        lines = self.lines.edited(span, new_text)
        source = SourceText(lines.text)
        # As `cached_property` would, if it were asked for.
        source.__dict__["lines"] = lines
        return source
