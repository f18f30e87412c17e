"""`workspace/didChangeConfiguration`: the user changed settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from mlsense.lsp.client import option
from mlsense.lsp.settings import SECTION

if TYPE_CHECKING:
    from mlsense.lsp.server import Server

METHOD = types.WORKSPACE_DID_CHANGE_CONFIGURATION


def handle(server: Server, params: types.DidChangeConfigurationParams) -> None:
    """Take the new settings: asked for where the client answers, else as it sent them."""
    server.load_settings(pushed=option(params.settings, SECTION))
