"""What a request sees: one moment of the server, which nothing changes afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from typing import Any

    from mlsense.analysis import Report
    from mlsense.lsp.client import Client
    from mlsense.lsp.session import OpenCell, OpenDocument
    from mlsense.lsp.settings import Preferences


@dataclass(frozen=True, slots=True)
class Snapshot:
    """An open document at the moment a request came in, with the cell that the request is about.

    `report` is the report on exactly this text, None while there is none; `wait` waits a bounded time for it.
    `latest` is the newest report there is on the document, for those who cannot wait after every key.
    `ask` asks the worker: a method, its parameters, and the seconds it has; None if there is no answer.
    `python`: what any server for Python can tell is for us to tell, as no other one is there.
    """

    client: Client
    preferences: Preferences
    document: OpenDocument
    index: int
    report: Report | None
    latest: Report | None
    wait: Callable[[], Awaitable[Report | None]]
    ask: Callable[[str, dict[str, Any], float], Awaitable[Any]]
    python: bool

    @property
    def cell(self) -> OpenCell:
        """The cell that the request is about."""
        return self.document.cells[self.index]
