"""`textDocument/didChange`: a script was edited."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from mlsense.lsp.server import Server

METHOD = types.TEXT_DOCUMENT_DID_CHANGE


def handle(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    """Apply the edits; a text that was never opened is none of ours."""
    document = server.session.change_text(params.text_document, params.content_changes, server.client.encoding)
    if document is not None:
        server.analyse(document, edited=True)
