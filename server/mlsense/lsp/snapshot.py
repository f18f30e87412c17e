"""What a request sees: one moment of the server, which nothing changes afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from mlsense.analysis import Report
    from mlsense.lsp.client import Client
    from mlsense.lsp.session import OpenCell, OpenDocument
    from mlsense.lsp.settings import Preferences


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An open document at the moment a request came in, with the cell that the request is about.

    `report` is the report on exactly this text, None while there is none; `wait` waits a bounded time for it.
    """

    client: Client
    preferences: Preferences
    document: OpenDocument
    index: int
    report: Report | None
    wait: Callable[[], Awaitable[Report | None]]

    @property
    def cell(self) -> OpenCell:
        """The cell that the request is about."""
        return self.document.cells[self.index]
