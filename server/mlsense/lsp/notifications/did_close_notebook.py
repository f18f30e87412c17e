"""`notebookDocument/didClose`: a notebook was closed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from mlsense.lsp.server import Server

METHOD = types.NOTEBOOK_DOCUMENT_DID_CLOSE


def handle(server: Server, params: types.DidCloseNotebookDocumentParams) -> None:
    """Drop all that is known of it and its cells."""
    server.close(params.notebook_document.uri)
