"""`textDocument/completion`: what could stand at the caret, from every provider."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from mlsense.answers import Caret, Completions
from mlsense.lsp.convert import to_offset
from mlsense.lsp.items import to_item
from mlsense.lsp.providers import COMPLETION
from mlsense.lsp.providers.asking import together

if TYPE_CHECKING:
    from mlsense.lsp.snapshot import Snapshot

LIMIT = 1.0
"""Seconds after which a list is shown without those who are late."""

METHOD = types.TEXT_DOCUMENT_COMPLETION
OPTIONS = types.CompletionOptions(trigger_characters=[".", "(", ",", "=", '"', "'", "[", "-"], resolve_provider=True)


async def answer(snapshot: Snapshot, params: types.CompletionParams) -> types.CompletionList | None:
    """The entries of all providers, in the providers' order; of two with one label the first stays."""
    if not snapshot.preferences.enable:
        return None
    caret = Caret(to_offset(snapshot.cell.source, params.position, snapshot.client.encoding), _trigger(params.context))
    asked = [provider.complete(snapshot, caret) for provider in COMPLETION]
    found = await together(asked, LIMIT, lambda completions: completions.whole)
    if any(completions is not None and completions.whole for completions in found):
        found = [completions or Completions() for completions in found]
    items: dict[str, types.CompletionItem] = {}
    for rank, (provider, completions) in enumerate(zip(COMPLETION, found, strict=True)):
        for index, completion in enumerate((completions or Completions()).entries):
            if completion.label not in items:
                items[completion.label] = to_item(completion, f"{rank}{index:05}", provider.NAME, snapshot)
    incomplete = any(completions is None or completions.incomplete for completions in found)
    return types.CompletionList(is_incomplete=incomplete, items=list(items.values()))


def _trigger(context: types.CompletionContext | None) -> str | None:
    if context is None or context.trigger_kind != types.CompletionTriggerKind.TriggerCharacter:
        return None
    return context.trigger_character
