"""`textDocument/codeAction`: repairs, silencing and the page of a rule, out of what the diagnostics carry."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from mlsense.lsp.client import OPEN_RULE_PAGE
from mlsense.lsp.convert import to_offset, to_text_edit
from mlsense.lsp.diagnostics import SOURCE
from mlsense.lsp.edits import client_edits, edits_of_data, safe_edits, workspace_edit
from mlsense.lsp.ignores import ignore_edit

if TYPE_CHECKING:
    from mlsense.lsp.snapshot import Snapshot

FIX_ALL = {"script": "source.fixAll.mlsense", "notebook": "notebook.source.fixAll.mlsense"}

METHOD = types.TEXT_DOCUMENT_CODE_ACTION
OPTIONS = types.CodeActionOptions(code_action_kinds=[types.CodeActionKind.QuickFix, *FIX_ALL.values()])


async def answer(snapshot: Snapshot, params: types.CodeActionParams) -> list[types.CodeAction]:
    """The actions of the kinds asked for; quick fixes need no analysis, fixing all waits for one."""
    only = params.context.only
    actions: dict[tuple[object, ...], types.CodeAction] = {}
    if _wanted(types.CodeActionKind.QuickFix, only):
        for diagnostic in params.context.diagnostics:
            for action in _quick_fixes(snapshot, diagnostic):
                # Two findings of one rule on one line need one comment and one page.
                actions.setdefault((action.title, repr(action.edit)), action)
    found = list(actions.values())
    kind = FIX_ALL[snapshot.document.kind]
    # A notebook's own kind is answered only when asked for by name: it is no entry for a menu at the caret.
    if _wanted(kind, only) and (only or snapshot.document.kind == "script"):
        found += await _fix_all(snapshot, kind, wait=bool(only))
    return found


def _wanted(kind: str, only: Sequence[str] | None) -> bool:
    return not only or any(not asked or kind == asked or kind.startswith(asked + ".") for asked in only)


def _quick_fixes(snapshot: Snapshot, diagnostic: types.Diagnostic) -> tuple[types.CodeAction, ...]:
    data = diagnostic.data
    if diagnostic.source != SOURCE or not isinstance(data, Mapping):
        return ()
    actions: list[Iterator[types.CodeAction]] = [_page(snapshot, diagnostic, data)]
    # The edits of a diagnostic fit the text it was made for and no other.
    if data.get("revision") == snapshot.document.revision:
        actions = [_fix(snapshot, diagnostic, data), _ignore(snapshot, diagnostic, data), *actions]
    try:
        return tuple(chain.from_iterable(actions))
    except (AttributeError, LookupError, TypeError, ValueError):
        return ()  # Some clients rewrite the data; then it is no longer ours.


def _fix(
    snapshot: Snapshot, diagnostic: types.Diagnostic, data: Mapping[str, Any]
) -> Iterator[types.CodeAction]:
    fix = data.get("fix")
    if fix:
        yield types.CodeAction(
            title=fix["title"],
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[diagnostic],
            is_preferred=fix["safety"] == "safe",
            edit=workspace_edit(edits_of_data(fix, snapshot.document), snapshot.document, snapshot.client),
        )


def _ignore(
    snapshot: Snapshot, diagnostic: types.Diagnostic, data: Mapping[str, Any]
) -> Iterator[types.CodeAction]:
    rule, source, encoding = data["rule"], snapshot.cell.source, snapshot.client.encoding
    edit = ignore_edit(
        snapshot.document, snapshot.index, to_offset(source, diagnostic.range.start, encoding), rule
    )
    if edit is not None:
        edits = {snapshot.index: [to_text_edit(source, edit, encoding)]}
        yield types.CodeAction(
            title=f"Ignore `{rule}` on this line",
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[diagnostic],
            edit=workspace_edit(edits, snapshot.document, snapshot.client),
        )


def _page(
    snapshot: Snapshot, diagnostic: types.Diagnostic, data: Mapping[str, Any]
) -> Iterator[types.CodeAction]:
    rule, url = data.get("rule"), data.get("url")
    if url and OPEN_RULE_PAGE in snapshot.client.commands:
        title = f"Open the page of `{rule}`"
        yield types.CodeAction(
            title=title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[diagnostic],
            command=types.Command(title=title, command=OPEN_RULE_PAGE, arguments=[rule, url]),
        )


async def _fix_all(snapshot: Snapshot, kind: str, *, wait: bool) -> list[types.CodeAction]:
    report = snapshot.report or (await snapshot.wait() if wait else None)
    edits = safe_edits(finding.fix for finding in report.findings if finding.fix) if report else ()
    if not edits:
        return []
    by_cell = client_edits(edits, snapshot.document, snapshot.client)
    edit = workspace_edit(by_cell, snapshot.document, snapshot.client)
    return [types.CodeAction(title="MLSense: apply all safe fixes", kind=kind, edit=edit)]
