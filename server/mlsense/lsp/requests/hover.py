"""`textDocument/hover`: what a name is, and where its rows came from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lsprotocol import types

from mlsense.lsp.convert import to_offset, to_range

if TYPE_CHECKING:
    from mlsense.lsp.snapshot import Snapshot

METHOD = types.TEXT_DOCUMENT_HOVER
OPTIONS = types.HoverOptions()


async def answer(snapshot: Snapshot, params: types.HoverParams) -> types.Hover | None:
    """The hover at a position, None where there is nothing to say or the analysis takes too long."""
    if not (snapshot.preferences.enable and snapshot.preferences.hover):
        return None
    report = snapshot.report or await snapshot.wait()
    if report is None:
        return None
    source, encoding = snapshot.cell.source, snapshot.client.encoding
    found = report.hover(snapshot.index, to_offset(source, params.position, encoding))
    if found is None:
        return None
    here = found.location.cell == snapshot.index
    return types.Hover(
        contents=_markup(found.markdown, markdown=snapshot.client.markdown),
        range=to_range(source, found.location.span, encoding) if here else None,
    )


def _markup(text: str, *, markdown: bool) -> types.MarkupContent:
    if markdown:
        return types.MarkupContent(types.MarkupKind.Markdown, text)
    return types.MarkupContent(types.MarkupKind.PlainText, plain(text))


def plain(markdown: str) -> str:
    """Markdown as text: no fences, no emphasis, and links as their words followed by their address."""
    text = re.sub(r"^```.*\n?", "", markdown, flags=re.MULTILINE)
    text = re.sub(r"\[([^\]\n]*)\]\(([^)\n]*)\)", r"\1 (\2)", text)
    return re.sub(r"\*\*(.+?)\*\*", r"\1", text).strip()
