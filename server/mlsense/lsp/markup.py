"""Markdown as the client wants to have it."""

from __future__ import annotations

import re

from lsprotocol import types


def to_markup(markdown: str, *, markdown_wanted: bool) -> types.MarkupContent:
    """A text of ours, which is Markdown, for a client that shows Markdown or does not."""
    if markdown_wanted:
        return types.MarkupContent(types.MarkupKind.Markdown, markdown)
    return types.MarkupContent(types.MarkupKind.PlainText, plain(markdown))


def plain(markdown: str) -> str:
    """Markdown as text: no fences, no emphasis, and links as their words followed by their address."""
    text = re.sub(r"^```.*\n?", "", markdown, flags=re.MULTILINE)
    text = re.sub(r"\[([^\]\n]*)\]\(([^)\n]*)\)", r"\1 (\2)", text)
    return re.sub(r"\*\*(.+?)\*\*", r"\1", text).strip()
