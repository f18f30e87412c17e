"""`textDocument/didOpen`: a script was opened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from mlsense.lsp.server import Server

METHOD = types.TEXT_DOCUMENT_DID_OPEN


def handle(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    """Keep the text and analyse it at once."""
    server.analyse(server.session.open_script(params.text_document))
