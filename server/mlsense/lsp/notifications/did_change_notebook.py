"""`notebookDocument/didChange`: cells were edited, executed, added, removed or moved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from mlsense.lsp.server import Server

METHOD = types.NOTEBOOK_DOCUMENT_DID_CHANGE


def handle(server: Server, params: types.DidChangeNotebookDocumentParams) -> None:
    """Apply the changes; a notebook that was never opened is none of ours."""
    document = server.session.change_notebook(params.notebook_document, params.change, server.client.encoding)
    if document is not None:
        server.analyse(document, edited=True)
