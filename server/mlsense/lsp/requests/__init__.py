"""One file per request: its METHOD, the OPTIONS it is announced with, its `answer` out of a snapshot."""

from __future__ import annotations

from mlsense.lsp.requests import code_action, completion, completion_resolve, definition, hover, signature_help

REQUESTS = (code_action, completion, completion_resolve, definition, hover, signature_help)

__all__ = ["REQUESTS"]
