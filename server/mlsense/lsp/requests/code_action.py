"""`textDocument/codeAction`: repairs, silencing and the page of a rule, out of what the diagnostics carry."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from mlsense.lsp.edits import client_edits, safe_edits, workspace_edit
from mlsense.lsp.quick_fixes import quick_fixes

if TYPE_CHECKING:
    from collections.abc import Sequence

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
            for action in quick_fixes(snapshot, diagnostic):
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


async def _fix_all(snapshot: Snapshot, kind: str, *, wait: bool) -> list[types.CodeAction]:
    report = snapshot.report or (await snapshot.wait() if wait else None)
    edits = safe_edits(finding.fix for finding in report.findings if finding.fix) if report else ()
    if not edits:
        return []
    by_cell = client_edits(edits, snapshot.document, snapshot.client)
    edit = workspace_edit(by_cell, snapshot.document, snapshot.client)
    return [types.CodeAction(title="MLSense: apply all safe fixes", kind=kind, edit=edit)]
