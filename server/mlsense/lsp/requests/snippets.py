"""`mlsense/snippets`, our own: all snippets, with the names of the program at a position filled in where they fit.

Params: {"textDocument", "position"}, or {} where nothing is open. Answers {"snippets", "predicts", "good", "target"}:
each snippet with its `body`, the `text` that is inserted at first, and its `next`: its rank among those that the
program lacks next, null for all others.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lsprotocol import types

from mlsense.lsp.convert import to_offset
from mlsense.lsp.work import opened
from mlsense.snippets.packs import GOOD, PREDICTS, STAGES, Snippet, snippets
from mlsense.snippets.syntax import expanded

if TYPE_CHECKING:
    from collections.abc import Mapping

    from mlsense.completion.snippets import Fitting
    from mlsense.lsp.snapshot import Snapshot

METHOD = "mlsense/snippets"
OPTIONS = None


async def answer(snapshot: Snapshot, params: Any) -> dict[str, Any]:
    """The snippets as they are inserted at a position."""
    from mlsense.completion.snippets import fitting, progress  # The server answers `initialize` before it loads these.
    from mlsense.semantics.asking import Asking

    report = snapshot.report or await snapshot.wait() or snapshot.latest
    if report is None or report.trace is None:
        return otherwise(params)
    position = types.Position(params.position.line, params.position.character)
    offset = to_offset(snapshot.cell.source, position, snapshot.client.encoding)
    cell = opened(snapshot.document).cells[snapshot.index]
    now = progress(Asking(report.trace, cell.index, offset))
    return _told({each.snippet.prefix: (rank, each) for rank, each in enumerate(fitting(now))}, now.target)


def otherwise(_: Any) -> dict[str, Any]:
    """The snippets as they are in the packs."""
    return _told({}, None)


def _told(fitting: Mapping[str, tuple[int, Fitting]], target: str | None) -> dict[str, Any]:
    return {
        "snippets": [_snippet(each, *fitting.get(each.prefix, (None, None))) for each in snippets()],
        "predicts": PREDICTS,
        "good": GOOD,
        "target": target,
    }


def _snippet(snippet: Snippet, rank: int | None, found: Fitting | None) -> dict[str, Any]:
    body = snippet.body if found is None else found.body
    return {
        "name": snippet.name,
        "prefix": snippet.prefix,
        "description": snippet.description,
        "body": body,
        "text": expanded(body),
        "language": snippet.language,
        "stage": STAGES[snippet.stage],
        "file": snippet.file,
        "next": rank,
        "names": [] if found is None else list(found.names),
        "algorithm": None if snippet.algorithm is None else asdict(snippet.algorithm),
    }
