"""One file per request: its METHOD, the OPTIONS it is announced with, its `answer` out of a snapshot."""

from __future__ import annotations

from mlsense.lsp.requests import code_action, hover

REQUESTS = (code_action, hover)

__all__ = ["REQUESTS"]
