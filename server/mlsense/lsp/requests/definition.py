"""`textDocument/definition`: where a name comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types
from pygls.uris import from_fs_path

from mlsense.answers import Caret, Here
from mlsense.lsp.convert import to_offset, to_range
from mlsense.lsp.providers import DEFINITION
from mlsense.lsp.providers.asking import first
from mlsense.text import LineIndex

if TYPE_CHECKING:
    from mlsense.answers import Elsewhere
    from mlsense.lsp.providers.provider import DefinitionProvider
    from mlsense.lsp.snapshot import Snapshot

METHOD = types.TEXT_DOCUMENT_DEFINITION
OPTIONS = types.DefinitionOptions()


async def answer(snapshot: Snapshot, params: types.DefinitionParams) -> list[types.Location] | None:
    """The places of the first provider that knows any."""
    if not snapshot.preferences.enable:
        return None
    caret = Caret(to_offset(snapshot.cell.source, params.position, snapshot.client.encoding))

    async def found(provider: DefinitionProvider) -> tuple[Here | Elsewhere, ...] | None:
        return await provider.define(snapshot, caret) or None

    places = await first(DEFINITION, found)
    locations = [_location(place, snapshot) for place in places or ()]
    return [location for location in locations if location is not None] or None


def _location(place: Here | Elsewhere, snapshot: Snapshot) -> types.Location | None:
    encoding = snapshot.client.encoding
    if isinstance(place, Here):
        cell = snapshot.document.cells[place.cell]
        return types.Location(cell.uri, to_range(cell.source, place.span, encoding))
    uri = from_fs_path(place.path)
    if uri is None:
        return None
    lines = LineIndex(place.line_text)
    start, end = (
        types.Position(place.line, lines.to_client(offset, encoding).column)
        for offset in (place.span.start, place.span.end)
    )
    return types.Location(uri, types.Range(start, end))
