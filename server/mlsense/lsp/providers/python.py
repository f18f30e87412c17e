"""What jedi knows, in its worker: the user's own functions and classes, and packages that we know nothing of."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from mlsense.answers import (
    Completion,
    Completions,
    Documentation,
    Elsewhere,
    Explanation,
    Here,
    Parameter,
    Signature,
    Signatures,
)
from mlsense.lsp.work import opened
from mlsense.syntax import join_code
from mlsense.text import Span

if TYPE_CHECKING:
    from mlsense.answers import Caret
    from mlsense.lsp.session import OpenDocument
    from mlsense.lsp.snapshot import Snapshot
    from mlsense.syntax import Joined

NAME = "python"

COMPLETION_LIMIT = 10.0
EXPLANATION_LIMIT = 3.0
SIGNATURE_LIMIT = 1.5
DEFINITION_LIMIT = 5.0
"""Seconds that the worker has. The first question on a large library takes it long, and the next finds it warm."""


async def complete(snapshot: Snapshot, caret: Caret) -> Completions:
    """Names; unasked only behind a dot, as every list between two brackets would be in the way."""
    if caret.trigger not in (None, "."):
        return Completions()
    answer = await _ask(snapshot, caret, "complete", COMPLETION_LIMIT)
    if answer is None:
        return Completions()
    entries = (
        Completion(label, kind, data={"list": answer["list"], "index": index})
        for index, (label, kind) in enumerate(answer["entries"])
    )
    return Completions(tuple(entries), answer["incomplete"])


async def document(snapshot: Snapshot, data: Mapping[str, Any]) -> Documentation | None:
    """The docstring of an entry of the last list."""
    answer = await snapshot.ask("document", {"list": data["list"], "index": data["index"]}, COMPLETION_LIMIT)
    return Documentation(answer["text"], answer["detail"]) if answer else None


async def explain(snapshot: Snapshot, caret: Caret) -> Explanation | None:
    """How a name is called, and what its docstring begins with."""
    answer = await _ask(snapshot, caret, "explain", EXPLANATION_LIMIT)
    if answer is None:
        return None
    here = _here(snapshot, answer["start"], answer["end"])
    return Explanation(answer["text"], here.span)


async def signatures(snapshot: Snapshot, caret: Caret) -> Signatures | None:
    """The signatures of what is called."""
    answer = await _ask(snapshot, caret, "signatures", SIGNATURE_LIMIT)
    if not answer:
        return None
    return Signatures(
        tuple(
            Signature(
                each["label"],
                tuple(Parameter(parameter["label"], parameter["text"]) for parameter in each["parameters"]),
                each["active"],
                each["text"],
            )
            for each in answer
        )
    )


async def define(snapshot: Snapshot, caret: Caret) -> tuple[Here | Elsewhere, ...]:
    """Where a name is defined."""
    answer = await _ask(snapshot, caret, "definitions", DEFINITION_LIMIT)
    return tuple(_place(snapshot, each) for each in answer or ())


async def _ask(snapshot: Snapshot, caret: Caret, method: str, limit: float) -> Any:
    """What the worker says of the program at the caret; None where that is not Python, or not for us to answer."""
    if not snapshot.python:
        return None
    cell = opened(snapshot.document).cells[snapshot.index]
    line = cell.source.lines.position(caret.offset).line
    start = cell.source.lines.line_span(line).start
    if cell.kind != "code" or cell.code[start : caret.offset] != cell.source.text[start : caret.offset]:
        return None
    joined = _joined(snapshot.document, snapshot.index)
    params = {"text": joined.text, "offset": joined.offset(snapshot.index, caret.offset)}
    return await snapshot.ask(method, params, limit)


def _place(snapshot: Snapshot, found: Mapping[str, Any]) -> Here | Elsewhere:
    if found["path"] is None:
        return _here(snapshot, found["start"], found["end"])
    span = Span(found["column"], found["column"] + found["length"])
    return Elsewhere(found["path"], found["line"], span, found["line_text"])


def _here(snapshot: Snapshot, start: int, end: int) -> Here:
    cell, offset = _joined(snapshot.document, snapshot.index).place(start)
    return Here(cell, Span(offset, offset + end - start))


@lru_cache(maxsize=2)
def _joined(document: OpenDocument, index: int) -> Joined:
    return join_code(opened(document), index)
