"""What the base knows of libraries' names, parameters and values, with the words of the library that is installed."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.answers import Explanation
from mlsense.explaining import MOST_LINES, needs
from mlsense.explaining import explain as say
from mlsense.lsp.providers import model
from mlsense.lsp.work import opened

if TYPE_CHECKING:
    from mlsense.analysis import Report
    from mlsense.answers import Caret
    from mlsense.lsp.snapshot import Snapshot
    from mlsense.pointing import Subject
    from mlsense.syntax import Cell

MOMENT = 0.3
"""Seconds for the analysis of the newest text, where there is one of an earlier text."""
DOCUMENTATION_LIMIT = 0.15
"""Seconds for the library's own words: without them there is enough to say."""
_MOST_WORDS = 200
"""Characters of them."""


async def explain(snapshot: Snapshot, caret: Caret) -> Explanation | None:
    """A name, keyword argument or value of a library; else what the model knows, with what an estimator needs."""
    from mlsense.pointing import subject_at  # The server answers `initialize` before it loads the analysis.

    report = await _report(snapshot)
    if report is None:
        return None
    cell = opened(snapshot.document).cells[snapshot.index]
    subject = subject_at(report.trace, cell, caret.offset) if report.trace is not None else None
    text = say(subject.name, subject.parameter, report.versions, subject.value) if subject is not None else ""
    if subject is not None and text:
        return Explanation(_with(text, await _own_words(snapshot, subject)), subject.span)
    exact = report if report is not snapshot.latest or snapshot.report is not None else None
    found = await model.explain(replace(snapshot, report=exact), caret)
    return None if found is None else replace(found, text=_with_needs(found.text, report, cell, caret.offset))


def _with_needs(text: str, report: Report, cell: Cell, offset: int) -> str:
    """The text on a variable with what the estimator needs that it holds."""
    from mlsense.pointing import class_at

    cls = class_at(report.trace, cell, offset) if report.trace is not None else None
    wanted = needs(cls, report.versions) if cls is not None else ""
    return f"{text}  \n{wanted}" if wanted and text.count("\n") + 1 < MOST_LINES else text


async def _report(snapshot: Snapshot) -> Report | None:
    """The report on this text, else, after a moment, that on the text before."""
    if snapshot.report is not None:
        return snapshot.report
    if snapshot.latest is None:
        return await snapshot.wait()
    try:
        return await asyncio.wait_for(snapshot.wait(), MOMENT) or snapshot.latest
    except asyncio.TimeoutError:
        return snapshot.latest


async def _own_words(snapshot: Snapshot, subject: Subject) -> str:
    """The first sentence of the documentation that the user has installed; empty where it is not there at once."""
    if subject.value is not None:
        return ""
    question = {"name": subject.name, "parameter": subject.parameter}
    answer = await snapshot.ask("help", question, DOCUMENTATION_LIMIT)
    text = str(answer.get("text") or "") if isinstance(answer, dict) else ""
    paragraphs = [each for each in text.split("\n\n") if not each.startswith(("```", "**", "- "))]
    # Of a parameter the first paragraph is its type.
    wanted = paragraphs[1:2] if subject.parameter is not None and len(paragraphs) > 1 else paragraphs[:1]
    sentence = re.split(r"(?<=[.!?])\s", " ".join(" ".join(wanted).split()), maxsplit=1)[0]
    return sentence if len(sentence) <= _MOST_WORDS else ""


def _with(text: str, words: str) -> str:
    """The library's words below ours, above the link."""
    said, gap, link = text.partition("\n\n")
    if not words or said.count("\n") + 1 >= MOST_LINES:
        return text
    return f"{said}  \n*{words.replace('*', '')}*{gap}{link}"
