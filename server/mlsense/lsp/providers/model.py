"""What the analysis knows of the document."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.answers import Explanation

if TYPE_CHECKING:
    from mlsense.answers import Caret
    from mlsense.lsp.snapshot import Snapshot


async def explain(snapshot: Snapshot, caret: Caret) -> Explanation | None:
    """What a name is, and where its rows came from; None if the analysis takes too long."""
    report = snapshot.report or await snapshot.wait()
    found = report.hover(snapshot.index, caret.offset) if report is not None else None
    if found is None:
        return None
    here = found.location.cell == snapshot.index
    return Explanation(found.markdown, found.location.span if here else None)
