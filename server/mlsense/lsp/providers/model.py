"""What the analysis and the base of knowledge know of the document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from mlsense.answers import Completions, Documentation, Explanation
from mlsense.knowledge.versions import NO_VERSIONS
from mlsense.lsp.work import opened

if TYPE_CHECKING:
    from mlsense.answers import Caret, Signatures
    from mlsense.completion import Scene
    from mlsense.lsp.snapshot import Snapshot

NAME = "model"

DOCUMENTATION_LIMIT = 1.5
"""Seconds for the documentation that the user has installed; what we know ourselves is there without it."""


async def complete(snapshot: Snapshot, caret: Caret) -> Completions:
    """Arguments, values, columns, attributes and names with their imports. The analysis of this text is not awaited."""
    from mlsense.completion import complete  # The server answers `initialize` before it loads the analysis.

    at = await _scene(snapshot, caret)
    return Completions() if at is None else complete(at, caret.trigger)


async def document(snapshot: Snapshot, data: Mapping[str, Any]) -> Documentation | None:
    """What the base says of an entry, then what the library's own documentation does."""
    from mlsense.completion import documentation

    report = snapshot.report or snapshot.latest
    texts = [documentation(data, report.versions if report is not None else NO_VERSIONS)]
    if "value" not in data:
        question = {"name": data["name"], "parameter": data.get("parameter")}
        said = await snapshot.ask("help", question, DOCUMENTATION_LIMIT)
        texts.append(said["text"] if said else "")
    return Documentation("\n\n".join(text for text in texts if text)) if any(texts) else None


async def signatures(snapshot: Snapshot, caret: Caret) -> Signatures | None:
    """How a callable of a library is called in the version in force."""
    from mlsense.completion import signatures

    at = await _scene(snapshot, caret)
    return None if at is None else signatures(at)


async def explain(snapshot: Snapshot, caret: Caret) -> Explanation | None:
    """What a name is, and where its rows came from; None if the analysis takes too long."""
    report = snapshot.report or await snapshot.wait()
    found = report.hover(snapshot.index, caret.offset) if report is not None else None
    if found is None:
        return None
    here = found.location.cell == snapshot.index
    return Explanation(found.markdown, found.location.span if here else None)


async def _scene(snapshot: Snapshot, caret: Caret) -> Scene | None:
    """The caret with the newest report there is; only where there is none yet, it is waited for."""
    from mlsense.completion import scene

    report = snapshot.report or snapshot.latest or await snapshot.wait()
    if report is None or report.trace is None:
        return None
    return scene(report.trace, opened(snapshot.document), snapshot.index, caret.offset, python=snapshot.python)
