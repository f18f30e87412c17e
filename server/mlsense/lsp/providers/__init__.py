"""Who answers at a caret: for each request the providers in order, the first to be believed or listed.

A provider is a module with the functions of the requests it is listed for, see `provider.py`. Each is given an
immutable snapshot; one that fails or is late costs its own answer and no other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.lsp.providers import library, model, python

if TYPE_CHECKING:
    from mlsense.lsp.providers.provider import CompletionProvider, DefinitionProvider, HoverProvider, SignatureProvider

COMPLETION: tuple[CompletionProvider, ...] = (model, python)
HOVER: tuple[HoverProvider, ...] = (library, python)
SIGNATURES: tuple[SignatureProvider, ...] = (model, python)
DEFINITION: tuple[DefinitionProvider, ...] = (python,)

__all__ = ["COMPLETION", "DEFINITION", "HOVER", "SIGNATURES"]
