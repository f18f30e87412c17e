"""`workspace/didChangeWatchedFiles`: pins or what is installed changed, or the settings in `pyproject.toml`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

if TYPE_CHECKING:
    from mlsense.lsp.server import Server

METHOD = types.WORKSPACE_DID_CHANGE_WATCHED_FILES


def handle(server: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """Only what may change the versions in force, or the project's settings, is watched."""
    server.refresh_versions()
