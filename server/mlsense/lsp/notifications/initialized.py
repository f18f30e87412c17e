"""`initialized`: the client is ready for requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from mlsense.lsp.server import Server

METHOD = types.INITIALIZED


def handle(server: Server, params: types.InitializedParams) -> None:
    """Ask for the settings, and to be told when they or the versions of libraries change."""
    server.listen_to_settings()
    server.watch_files()
    server.load_settings()
