"""Completions as the client's items, and the way back from an item to the provider that made it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from mlsense.lsp.convert import to_range, to_text_edit
from mlsense.lsp.markup import to_markup

if TYPE_CHECKING:
    from mlsense.answers import Completion, CompletionKind, Documentation
    from mlsense.lsp.client import Client
    from mlsense.lsp.snapshot import Snapshot

KINDS: dict[CompletionKind, types.CompletionItemKind] = {
    "class": types.CompletionItemKind.Class,
    "column": types.CompletionItemKind.Field,
    "constant": types.CompletionItemKind.Constant,
    "file": types.CompletionItemKind.File,
    "function": types.CompletionItemKind.Function,
    "keyword": types.CompletionItemKind.Keyword,
    "method": types.CompletionItemKind.Method,
    "module": types.CompletionItemKind.Module,
    "parameter": types.CompletionItemKind.Property,
    "property": types.CompletionItemKind.Property,
    "snippet": types.CompletionItemKind.Snippet,
    "value": types.CompletionItemKind.Value,
    "variable": types.CompletionItemKind.Variable,
}


def to_item(completion: Completion, rank: str, provider: str, snapshot: Snapshot) -> types.CompletionItem:
    """The item of a completion; `rank` sorts it among the others, as text."""
    client, source = snapshot.client, snapshot.cell.source
    can = client.completion
    snippet = completion.snippet if can.snippets else None
    insert = snippet or completion.insert or completion.label
    edits = [to_text_edit(source, edit, client.encoding) for edit in completion.edits]
    item = types.CompletionItem(
        label=completion.label,
        kind=KINDS[completion.kind],
        sort_text=rank,
        insert_text_format=types.InsertTextFormat.Snippet if snippet else None,
        additional_text_edits=edits or None,
        commit_characters=list(completion.commit) or None if can.commit_characters else None,
        tags=[types.CompletionItemTag.Deprecated] if completion.deprecated and can.deprecated else None,
    )
    if completion.span is not None:
        item.text_edit = types.TextEdit(to_range(source, completion.span, client.encoding), insert)
        # Editors compare what stands in the span with this; the label may be other words.
        item.filter_text = completion.typed or completion.insert or completion.label
    elif insert != completion.label:
        item.insert_text = insert
    if completion.detail and can.label_details:
        item.label_details = types.CompletionItemLabelDetails(description=completion.detail)
    elif completion.detail:
        item.detail = completion.detail
    if completion.documentation:
        item.documentation = to_markup(completion.documentation, markdown_wanted=can.markdown)
    if completion.data is not None:
        item.data = {"uri": snapshot.cell.uri, "provider": provider, "of": dict(completion.data)}
    return item


def origin(item: types.CompletionItem) -> tuple[str | None, Mapping[str, Any]]:
    """The name of the provider that made an item, and what it keeps in it; (None, {}) if it keeps nothing."""
    data = item.data
    if not isinstance(data, Mapping) or not isinstance(data.get("of"), Mapping):
        return None, {}
    return data.get("provider"), data["of"]


def documented(item: types.CompletionItem, documentation: Documentation, client: Client) -> types.CompletionItem:
    """The item, now with its documentation."""
    if documentation.text:
        item.documentation = to_markup(documentation.text, markdown_wanted=client.completion.markdown)
    if documentation.detail:
        item.detail = documentation.detail
    return item
