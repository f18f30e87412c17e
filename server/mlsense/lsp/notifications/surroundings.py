"""`mlsense/surroundings`, our own: the user trusts the workspace now, or other servers for Python came or went."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsense.lsp.client import surroundings_of

if TYPE_CHECKING:
    from mlsense.lsp.server import Server

METHOD = "mlsense/surroundings"


def handle(server: Server, params: Any) -> None:
    """The members are those of the initialization options; what is missing stays as it is."""
    server.surroundings = surroundings_of(getattr(params, "_asdict", dict)(), server.surroundings)
