"""`notebookDocument/didSave`: a notebook was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from mlsense.lsp.server import Server

METHOD = types.NOTEBOOK_DOCUMENT_DID_SAVE


def handle(server: Server, params: types.DidSaveNotebookDocumentParams) -> None:
    """Nothing to do: the edits came before. Editors send it to all who synchronise notebooks."""
