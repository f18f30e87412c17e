"""Publishing: what the client shows of each document, kept in step with what is there."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from lsprotocol import types

from mlsense.lsp.diagnostics import to_diagnostic
from mlsense.lsp.session import key_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mlsense.lsp.client import Client
    from mlsense.lsp.session import OpenDocument
    from mlsense.rules.finding import Finding

logger = logging.getLogger(__name__)


class Publisher:
    """Publishes through `send`, and knows which cells of which document something was published for."""

    def __init__(self, send: Callable[[types.PublishDiagnosticsParams], None]) -> None:
        self._send = send
        self._published: dict[str, dict[str, str]] = {}

    def publish(
        self, findings: Iterable[Finding], analysed: OpenDocument, current: OpenDocument, client: Client
    ) -> None:
        """Publish for every cell that is still there, also where nothing was found, so that nothing stays."""
        by_cell = _by_cell(findings, analysed, client)
        live = _keys(current)
        for index, cell in enumerate(analysed.cells):
            if cell.kind != "unsent" and key_of(cell.uri) in live:
                self._published.setdefault(analysed.key, {})[key_of(cell.uri)] = cell.uri
                self._send(types.PublishDiagnosticsParams(cell.uri, by_cell.get(index, []), cell.version))

    def clear(self, key: str, *, keep: OpenDocument | None = None) -> None:
        """Take back what was published for a document, but for the cells it has now."""
        published = self._published.get(key, {})
        for cell in published.keys() - _keys(keep):
            self._send(types.PublishDiagnosticsParams(published.pop(cell), []))
        if not published:
            self._published.pop(key, None)


def _by_cell(findings: Iterable[Finding], document: OpenDocument, client: Client) -> dict[int, list[types.Diagnostic]]:
    by_cell: dict[int, list[types.Diagnostic]] = {}
    for finding in findings:
        try:
            diagnostic = to_diagnostic(finding, document, client)
        except Exception:
            # One finding that points nowhere must not hide the others.
            logger.exception("%s, version %s: a finding cannot be shown", document.uri, document.version)
        else:
            by_cell.setdefault(finding.location.cell, []).append(diagnostic)
    return by_cell


def _keys(document: OpenDocument | None) -> set[str]:
    return {key_of(cell.uri) for cell in document.cells} if document is not None else set()
