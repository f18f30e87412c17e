"""Texts, positions and edits: the only place that converts positions."""

from __future__ import annotations

from mlsense.text.common import common_end, common_start
from mlsense.text.edits import TextEdit, apply_edits
from mlsense.text.positions import Encoding, LineIndex, Position, Span
from mlsense.text.source import SourceText

__all__ = [
    "Encoding",
    "LineIndex",
    "Position",
    "SourceText",
    "Span",
    "TextEdit",
    "apply_edits",
    "common_end",
    "common_start",
]
