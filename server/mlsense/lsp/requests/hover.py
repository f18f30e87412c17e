"""`textDocument/hover`: what is under the pointer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from mlsense.answers import Caret
from mlsense.lsp.convert import to_offset, to_range
from mlsense.lsp.markup import to_markup
from mlsense.lsp.providers import HOVER
from mlsense.lsp.providers.asking import first

if TYPE_CHECKING:
    from mlsense.lsp.snapshot import Snapshot

METHOD = types.TEXT_DOCUMENT_HOVER
OPTIONS = types.HoverOptions()


async def answer(snapshot: Snapshot, params: types.HoverParams) -> types.Hover | None:
    """The hover at a position, None where nobody has anything to say."""
    if not (snapshot.preferences.enable and snapshot.preferences.hover):
        return None
    source, client = snapshot.cell.source, snapshot.client
    caret = Caret(to_offset(source, params.position, client.encoding))
    found = await first(HOVER, lambda provider: provider.explain(snapshot, caret))
    if found is None:
        return None
    return types.Hover(
        contents=to_markup(found.text, markdown_wanted=client.markdown),
        range=to_range(source, found.span, client.encoding) if found.span is not None else None,
    )
