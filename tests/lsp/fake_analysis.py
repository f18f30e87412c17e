"""An analyser that finds words instead of mistakes."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from threading import Event
from typing import TYPE_CHECKING

from mlsense.knowledge.versions import NO_VERSIONS, Versions
from mlsense.rules.finding import Edit, Finding, Fix, Location, Related, Severity
from mlsense.text import Span, TextEdit

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsense.analysis import Settings
    from mlsense.syntax import Document

RULES = ("bad-name", "bold-name", "leak")
PAGES = "https://example.org/rules/"


@dataclass(frozen=True)
class FakeHover:
    location: Location
    markdown: str


@dataclass(frozen=True)
class FakeReport:
    document: Document
    findings: tuple[Finding, ...]
    versions: Versions = NO_VERSIONS
    trace: None = None

    reads_data = False

    def rests_on(self, path: str) -> bool:
        return False

    def hover(self, cell: int, offset: int) -> FakeHover | None:
        for word in re.finditer(r"\w+", self.document.cells[cell].source.text):
            if word.start() <= offset <= word.end():
                return FakeHover(Location(cell, Span(*word.span())), f"**{word.group()}**: [page]({PAGES})")
        return None


class FakeAnalyser:
    """Finds BAD (safe fix), BOLD (unsafe fix) and LEAK, which comes from the last SOURCE before it.

    CRASH raises, PRINT prints, HANG runs until the analysis is abandoned, and WAIT until `proceed` is set.
    """

    def __init__(self, started: Event | None = None, proceed: Event | None = None) -> None:
        self.started = started or Event()
        self.proceed = proceed or Event()
        self.kept: set[str] = set()

    def forget(self, path: str) -> None:
        self.kept.discard(path)

    def analyse(self, document: Document, settings: Settings, cancelled: Callable[[], bool]) -> FakeReport:
        self.kept.add(document.path)
        text = "\n".join(cell.source.text for cell in document.cells if cell.kind == "code")
        if "CRASH" in text:
            raise ZeroDivisionError("the analyser has a bug")
        if "PRINT" in text:
            print("Content-Length: 5\r\n\r\nhello")
        if "HANG" in text:
            self.started.set()
            while not cancelled():
                self.proceed.wait(0.001)
            raise InterruptedError
        if "WAIT" in text:
            self.started.set()
            assert self.proceed.wait(30)
        findings = (finding for finding in _findings(document) if settings.wants(finding.rule))
        return FakeReport(document, tuple(_at_level(finding, settings) for finding in findings), settings.versions)


def _at_level(finding: Finding, settings: Settings) -> Finding:
    level = settings.severities.get(finding.rule)
    return replace(finding, severity=level) if isinstance(level, Severity) else finding


def _findings(document: Document) -> list[Finding]:
    findings = []
    source: Location | None = None
    for cell in document.cells:
        for word in re.finditer(r"BAD|BOLD|LEAK|SOURCE|LOST", cell.source.text) if cell.kind == "code" else ():
            place = Location(cell.index, Span(*word.span()))
            if word.group() == "SOURCE":
                source = place
            elif word.group() == "BAD":
                findings.append(_finding("bad-name", place, _replace(place, "GOOD", "safe")))
            elif word.group() == "BOLD":
                findings.append(_finding("bold-name", place, _replace(place, "SHY", "unsafe")))
            elif word.group() == "LOST":
                findings.append(_finding("leak", Location(99, Span(0, 1)), None))
            elif source is not None:
                edits = (Edit(source.cell, TextEdit(source.span, "TRAIN")), _edit(place, "FINE"))
                related = (Related(source, "the rows come from here"),)
                findings.append(_finding("leak", place, Fix("Plug the leak", "safe", edits), related))
    return findings


def _finding(rule: str, location: Location, fix: Fix | None, related: tuple[Related, ...] = ()) -> Finding:
    return Finding(rule, "names", Severity.WARNING, f"`{rule}` is here.", location, related, fix, f"{PAGES}{rule}.md")


def _replace(place: Location, word: str, safety: str) -> Fix:
    return Fix(f"Write `{word}`", safety, (_edit(place, word),))


def _edit(place: Location, word: str) -> Edit:
    return Edit(place.cell, TextEdit(place.span, word))
