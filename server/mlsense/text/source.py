"""A text with its line index."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from mlsense.text.positions import LineIndex


@dataclass(frozen=True)
class SourceText:
    """One version of the text of a script or a cell, as the editor or the file has it."""

    text: str

    @cached_property
    def lines(self) -> LineIndex:
        """Positions in this text."""
        return LineIndex(self.text)
