"""One file per request: its METHOD, the OPTIONS it is announced with, its `answer` out of a snapshot.

`otherwise` answers where a request is about no open document.
"""

from __future__ import annotations

from mlsense.lsp.requests import (
    code_action,
    completion,
    completion_resolve,
    data_sets,
    definition,
    hover,
    signature_help,
    snippets,
)

REQUESTS = (code_action, completion, completion_resolve, data_sets, definition, hover, signature_help, snippets)

__all__ = ["REQUESTS"]
