"""`completionItem/resolve`: the documentation of the entry that the user looks at."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from mlsense.lsp.items import documented, origin
from mlsense.lsp.providers import COMPLETION
from mlsense.lsp.providers.asking import together

if TYPE_CHECKING:
    from mlsense.lsp.snapshot import Snapshot

LIMIT = 2.0
"""Seconds that a provider has."""

METHOD = types.COMPLETION_ITEM_RESOLVE
OPTIONS = None


def otherwise(item: types.CompletionItem) -> types.CompletionItem:
    """An entry that is asked back and has nothing to add is the answer itself."""
    return item


async def answer(snapshot: Snapshot, item: types.CompletionItem) -> types.CompletionItem:
    """The entry with what its provider adds to it; as it came if there is nothing to add."""
    made_by, data = origin(item)
    asked = [provider.document(snapshot, data) for provider in COMPLETION if made_by == provider.NAME]
    found = [each for each in await together(asked, LIMIT) if each is not None]
    return documented(item, found[0], snapshot.client) if found else item
