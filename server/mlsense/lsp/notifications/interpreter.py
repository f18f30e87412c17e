"""`mlsense/interpreter`, our own: the user chose another Python for the project."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlsense.lsp.server import Server

METHOD = "mlsense/interpreter"


def handle(server: Server, params: Any) -> None:
    """`path` is that of the interpreter, or nothing where none is chosen."""
    path = getattr(params, "path", None)
    server.select_interpreter(path if isinstance(path, str) else None)
