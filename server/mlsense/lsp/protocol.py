"""The JSON-RPC layer: what pygls leaves unanswered gets its answer here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.exceptions import JsonRpcException, JsonRpcInvalidRequest, JsonRpcServerNotInitialized
from pygls.protocol import LanguageServerProtocol

if TYPE_CHECKING:
    from mlsense.lsp.server import Server

DOCUMENT_METHODS = (
    types.TEXT_DOCUMENT_DID_OPEN,
    types.TEXT_DOCUMENT_DID_CHANGE,
    types.TEXT_DOCUMENT_DID_CLOSE,
    types.NOTEBOOK_DOCUMENT_DID_OPEN,
    types.NOTEBOOK_DOCUMENT_DID_CHANGE,
    types.NOTEBOOK_DOCUMENT_DID_CLOSE,
)


class Protocol(LanguageServerProtocol):
    """The protocol with its life cycle enforced, and without pygls's copies of the documents."""

    _server: Server

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for method in DOCUMENT_METHODS:
            # The session keeps the documents, and says why.
            self.fm.builtin_features.pop(method)
        self.initialized = False
        self.left = False

    def structure_message(self, data: dict[str, Any]) -> Any:
        """One message as an object; a request that cannot be read gets an answer, else its sender waits."""
        try:
            return super().structure_message(data)
        except JsonRpcException as error:
            if "method" in data and isinstance(data.get("id"), (int, str)):
                self._send_response(data["id"], error=error.to_response_error())
            raise

    def handle_message(self, message: Any) -> None:
        """Handle a message where the life cycle of the server allows it."""
        method = getattr(message, "method", None)
        refusal = self._refusal(method) if method is not None and method != types.EXIT else None
        if refusal is None:
            self._server.arrived(message)
            super().handle_message(message)
        elif getattr(message, "id", None) is not None:
            self._send_response(message.id, error=refusal.to_response_error())

    def _refusal(self, method: str) -> JsonRpcException | None:
        if self.left:
            return JsonRpcInvalidRequest("The server is shutting down.")
        if method == types.INITIALIZE:
            return JsonRpcInvalidRequest("The server was initialized before.") if self.initialized else None
        return None if self.initialized else JsonRpcServerNotInitialized("Send `initialize` first.")
