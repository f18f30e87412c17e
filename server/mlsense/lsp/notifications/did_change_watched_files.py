"""`workspace/didChangeWatchedFiles`: pins, what is installed, settings in `pyproject.toml`, or data files changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lsprotocol import types

from mlsense.workspace import DATA_SUFFIXES

if TYPE_CHECKING:
    from mlsense.lsp.server import Server

METHOD = types.WORKSPACE_DID_CHANGE_WATCHED_FILES


def handle(server: Server, params: types.DidChangeWatchedFilesParams) -> None:
    """What is no data may change the versions in force, or the project's settings."""
    if all(change.uri.lower().endswith(DATA_SUFFIXES) for change in params.changes):
        server.refresh_data()
    else:
        server.refresh_versions()
