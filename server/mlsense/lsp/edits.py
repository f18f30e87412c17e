"""Repairs as the client's edits, and the way they travel in `Diagnostic.data`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types

from mlsense.lsp.convert import to_text_edit

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from mlsense.lsp.client import Client
    from mlsense.lsp.session import OpenDocument
    from mlsense.rules.finding import Edit, Fix

_PREVIEW = "mlsense.preview"
Edits = dict[int, list[types.TextEdit]]
"""Edits by the index of their cell."""


def client_edits(edits: Iterable[Edit], document: OpenDocument, client: Client) -> Edits:
    """Edits in the client's form, by cell."""
    by_cell: Edits = {}
    for edit in edits:
        source = document.cells[edit.cell].source
        by_cell.setdefault(edit.cell, []).append(to_text_edit(source, edit.edit, client.encoding))
    return by_cell


def workspace_edit(edits: Edits, document: OpenDocument, client: Client) -> types.WorkspaceEdit:
    """Edits of cells of one document; with versions where the client can, lest a newer text is edited."""
    if not client.document_changes:
        return types.WorkspaceEdit(changes={document.cells[cell].uri: edits[cell] for cell in edits})
    changes = [
        types.TextDocumentEdit(
            text_document=types.OptionalVersionedTextDocumentIdentifier(
                uri=document.cells[cell].uri, version=document.cells[cell].version
            ),
            edits=edits[cell],
        )
        for cell in edits
    ]
    return types.WorkspaceEdit(document_changes=changes)


def previewed(edit: types.WorkspaceEdit, title: str) -> types.WorkspaceEdit:
    """The same edits, which the client shows and makes when the user agrees."""
    changes: list[types.TextDocumentEdit | types.CreateFile | types.RenameFile | types.DeleteFile] = []
    for change in edit.document_changes or ():
        assert isinstance(change, types.TextDocumentEdit)
        edits = [
            types.AnnotatedTextEdit(annotation_id=_PREVIEW, range=each.range, new_text=each.new_text)
            for each in change.edits
            if isinstance(each, types.TextEdit)
        ]
        changes.append(types.TextDocumentEdit(text_document=change.text_document, edits=edits))
    asked = types.ChangeAnnotation(label=title, needs_confirmation=True)
    return types.WorkspaceEdit(document_changes=changes, change_annotations={_PREVIEW: asked})


def fix_to_data(fix: Fix, document: OpenDocument, client: Client) -> dict[str, Any]:
    """A fix as JSON: it goes to the client with a diagnostic and comes back with a request for actions."""
    edits = client_edits(fix.edits, document, client)
    return {
        "title": fix.title,
        "safety": fix.safety,
        "moves": fix.moves,
        "edits": {document.cells[cell].uri: [_edit_to_data(edit) for edit in edits[cell]] for cell in edits},
    }


def edits_of_data(fix: Mapping[str, Any], document: OpenDocument) -> Edits:
    """The edits that `fix_to_data` wrote; LookupError, TypeError or AttributeError if it did not."""
    cells = {cell.uri: index for index, cell in enumerate(document.cells)}
    return {cells[uri]: [_edit_of_data(edit) for edit in edits] for uri, edits in fix["edits"].items()}


def safe_edits(fixes: Iterable[Fix]) -> tuple[Edit, ...]:
    """The edits of as many safe fixes as go together, first come first served."""
    taken: list[Edit] = []
    for fix in fixes:
        # Two fixes may share an edit, the import that both need: it is made once.
        new = [edit for edit in fix.edits if edit not in taken]
        if fix.safety == "safe" and not any(_collide(edit, other) for edit in new for other in taken):
            taken += new
    return tuple(taken)


def _collide(one: Edit, other: Edit) -> bool:
    if one.cell != other.cell:
        return False
    (start, end), (other_start, other_end) = one.edit.span, other.edit.span
    # Of two insertions at one place nobody can say which goes first.
    return start == other_start or (start < other_end and other_start < end)


def _edit_to_data(edit: types.TextEdit) -> dict[str, Any]:
    start, end = edit.range.start, edit.range.end
    return {
        "range": {
            "start": {"line": start.line, "character": start.character},
            "end": {"line": end.line, "character": end.character},
        },
        "newText": edit.new_text,
    }


def _edit_of_data(data: Mapping[str, Any]) -> types.TextEdit:
    start, end = (_position_of_data(data["range"][place]) for place in ("start", "end"))
    return types.TextEdit(range=types.Range(start, end), new_text=data["newText"])


def _position_of_data(data: Mapping[str, Any]) -> types.Position:
    return types.Position(line=data["line"], character=data["character"])
