"""`textDocument/didSave`: a script was saved."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from mlsense.lsp.server import Server

METHOD = types.TEXT_DOCUMENT_DID_SAVE


def handle(server: Server, params: types.DidSaveTextDocumentParams) -> None:
    """Its own edits came before; but other open documents may import what is on the disk now."""
    server.analyse_others(params.text_document.uri)
