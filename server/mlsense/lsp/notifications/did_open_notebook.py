"""`notebookDocument/didOpen`: a notebook was opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from mlsense.lsp.server import Server

METHOD = types.NOTEBOOK_DOCUMENT_DID_OPEN


def handle(server: Server, params: types.DidOpenNotebookDocumentParams) -> None:
    """Keep the cells and analyse them at once."""
    server.analyse(server.session.open_notebook(params.notebook_document, params.cell_text_documents))
