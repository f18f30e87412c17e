"""What a provider must have for each request; modules and objects alike fit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from mlsense.answers import (
        Caret,
        Completions,
        Documentation,
        Elsewhere,
        Explanation,
        Here,
        Signatures,
    )
    from mlsense.lsp.snapshot import Snapshot


class CompletionProvider(Protocol):
    """Completes. `NAME` tells providers apart in what the client sends back."""

    @property
    def NAME(self) -> str: ...

    async def complete(self, snapshot: Snapshot, caret: Caret) -> Completions:
        """The entries at the caret, best first."""

    async def document(self, snapshot: Snapshot, data: Mapping[str, Any]) -> Documentation | None:
        """What there is to say of an entry that had this `data`, None: nothing more."""


class HoverProvider(Protocol):
    """Explains what is at a caret."""

    async def explain(self, snapshot: Snapshot, caret: Caret) -> Explanation | None:
        """None: the next provider is asked."""


class SignatureProvider(Protocol):
    """Says how that is called whose brackets the caret is in."""

    async def signatures(self, snapshot: Snapshot, caret: Caret) -> Signatures | None:
        """None: the next provider is asked."""


class DefinitionProvider(Protocol):
    """Finds where what is at a caret is defined."""

    async def define(self, snapshot: Snapshot, caret: Caret) -> tuple[Here | Elsewhere, ...]:
        """Nothing: the next provider is asked."""
