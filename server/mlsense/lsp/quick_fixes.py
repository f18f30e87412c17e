"""What can be done about one diagnostic, out of what it carries: repair it, silence it, read about it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from mlsense.lsp.client import OPEN_RULE_PAGE
from mlsense.lsp.convert import to_offset, to_text_edit
from mlsense.lsp.diagnostics import SOURCE
from mlsense.lsp.edits import edits_of_data, previewed, workspace_edit
from mlsense.lsp.ignores import ignore_edit
from mlsense.lsp.measures import measure

if TYPE_CHECKING:
    from mlsense.lsp.snapshot import Snapshot


def quick_fixes(snapshot: Snapshot, diagnostic: types.Diagnostic) -> tuple[types.CodeAction, ...]:
    """The actions for one diagnostic, none if it is not ours."""
    data = diagnostic.data
    if diagnostic.source != SOURCE or not isinstance(data, Mapping):
        return ()
    actions: list[Iterator[types.CodeAction]] = [_page(snapshot, diagnostic, data)]
    # The edits of a diagnostic fit the text it was made for and no other.
    if data.get("revision") == snapshot.document.revision:
        actions = [
            _fix(snapshot, diagnostic, data),
            measure(snapshot, diagnostic, data),
            _ignore(snapshot, diagnostic, data),
            *actions,
        ]
    try:
        return tuple(chain.from_iterable(actions))
    except (AttributeError, LookupError, TypeError, ValueError):
        return ()  # Some clients rewrite the data; then it is no longer ours.


def _fix(snapshot: Snapshot, diagnostic: types.Diagnostic, data: Mapping[str, Any]) -> Iterator[types.CodeAction]:
    fix = data.get("fix")
    if not fix:
        return
    edit = workspace_edit(edits_of_data(fix, snapshot.document), snapshot.document, snapshot.client)
    quick = types.CodeActionKind.QuickFix
    preferred = fix["safety"] == "safe"
    yield types.CodeAction(title=fix["title"], kind=quick, diagnostics=[diagnostic], is_preferred=preferred, edit=edit)
    if fix["moves"] and snapshot.client.previews and snapshot.client.document_changes:
        # What goes to another place, maybe out of sight or into another cell, is looked at first by those who want to.
        title = f"{fix['title']} (preview)"
        yield types.CodeAction(title=title, kind=quick, diagnostics=[diagnostic], edit=previewed(edit, fix["title"]))


def _ignore(snapshot: Snapshot, diagnostic: types.Diagnostic, data: Mapping[str, Any]) -> Iterator[types.CodeAction]:
    rule, source, encoding = data["rule"], snapshot.cell.source, snapshot.client.encoding
    edit = ignore_edit(snapshot.document, snapshot.index, to_offset(source, diagnostic.range.start, encoding), rule)
    if edit is not None:
        edits = {snapshot.index: [to_text_edit(source, edit, encoding)]}
        yield types.CodeAction(
            title=f"Ignore `{rule}` on this line",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[diagnostic],
            edit=workspace_edit(edits, snapshot.document, snapshot.client),
        )


def _page(snapshot: Snapshot, diagnostic: types.Diagnostic, data: Mapping[str, Any]) -> Iterator[types.CodeAction]:
    rule, url = data.get("rule"), data.get("url")
    if url and OPEN_RULE_PAGE in snapshot.client.commands:
        title = f"Open the page of `{rule}`"
        yield types.CodeAction(
            title=title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[diagnostic],
            command=types.Command(title=title, command=OPEN_RULE_PAGE, arguments=[rule, url]),
        )
