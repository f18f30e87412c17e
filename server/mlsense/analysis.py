"""From a document to a report: pure, no files, no protocol. What every front end calls."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal

from mlsense.knowledge.versions import NO_VERSIONS, Versions
from mlsense.rules.finding import Edit, Finding, Fix, Location, Related, Severity
from mlsense.rules.option import Value
from mlsense.rules.registry import all_rules
from mlsense.semantics.asking import Asking
from mlsense.semantics.description import describe_all
from mlsense.semantics.modules import Modules, NoWorkspace
from mlsense.semantics.program import (
    Cancelled,
    Program,
    Trace,
    call_sites,
    follow_module,
    unfollowed,
    unfollowed_statements,
)
from mlsense.syntax import suppressions
from mlsense.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from mlsense.rules.rule import Rule
    from mlsense.semantics.core import Sighting
    from mlsense.semantics.modules import Workspace
    from mlsense.semantics.values import Place
    from mlsense.syntax import Document

Level = Severity | Literal["off"]
Preset = Literal["recommended", "all", "teaching"]
Options = tuple[tuple[str, tuple[tuple[str, Value], ...]], ...]
_MAX_PROGRAMS = 32
_MAX_PROJECTS = 4


def never() -> bool:
    return False


@dataclass(frozen=True)
class Settings:
    """Which rules speak, how loud, with which options, and of which versions of the libraries.

    `select` None: those of the preset. With `teaching`, a finding begins with the idea behind it.
    """

    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    levels: tuple[tuple[str, Level], ...] = ()
    versions: Versions = NO_VERSIONS
    preset: Preset = "recommended"
    options: Options = ()

    @staticmethod
    def of(
        select: Iterable[str] | None = None,
        ignore: Iterable[str] = (),
        severities: Mapping[str, Level] | None = None,
        versions: Versions = NO_VERSIONS,
        preset: Preset = "recommended",
        options: Mapping[str, Mapping[str, Value]] | None = None,
    ) -> Settings:
        """`options` are values by the names of rule and option."""
        levels = tuple(sorted((severities or {}).items(), key=lambda item: item[0]))
        chosen = tuple((rule, tuple(sorted(values.items()))) for rule, values in sorted((options or {}).items()))
        selected = None if select is None else frozenset(select)
        return Settings(selected, frozenset(ignore), levels, versions, preset, chosen)

    @property
    def severities(self) -> Mapping[str, Level]:
        return dict(self.levels)

    def wants(self, rule: str, recommended: bool = True) -> bool:
        preset = recommended or self.preset != "recommended" or rule in self.severities
        chosen = preset if self.select is None else rule in self.select
        return chosen and rule not in self.ignore and self.severities.get(rule) != "off"


@dataclass(frozen=True)
class Coverage:
    """How much of the document was followed.

    Top-level statements, and those with something not followed in them, by reason.
    """

    statements: int
    unfollowed: int
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class CallCoverage:
    """Call sites of a document, and those of which it is not known what they call, by reason."""

    total: int
    unresolved: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Hover:
    """What to say about the name at `location`, in Markdown of at most ten lines."""

    location: Location
    markdown: str


@dataclass(frozen=True)
class Report:
    """What is known of one version of a document. `findings` are in the order of cells and places."""

    findings: tuple[Finding, ...]
    coverage: Coverage
    trace: Trace | None = field(default=None, compare=False, repr=False)

    @property
    def versions(self) -> Versions:
        """The versions of libraries it holds for."""
        return self.trace.versions if self.trace is not None else NO_VERSIONS

    def rests_on(self, path: str) -> bool:
        """Whether the file at an absolute path was followed for it, through whatever imports."""
        return self.trace is not None and path in self.trace.modules

    @property
    def reads_data(self) -> bool:
        """Whether files of data were asked for, there or not."""
        return self.trace is not None and self.trace.reads_data

    def calls(self) -> CallCoverage:
        """Counted when it is asked for: few want to know."""
        if self.trace is None:
            return CallCoverage(0, ())
        total, unresolved = call_sites(self.trace)
        return CallCoverage(total, tuple(sorted(unresolved.items())))

    def asking(self, cell: int, offset: int) -> Asking | None:
        """What names and expressions are at an offset of a cell."""
        return None if self.trace is None else Asking(self.trace, cell, offset)

    def hover(self, cell: int, offset: int) -> Hover | None:
        """What is known of the name at an offset of a cell; None where there is none, or nothing is known."""
        if self.trace is None:
            return None
        best: tuple[Location, Sighting, Place] | None = None
        for place, sighting in self.trace.sightings.items():
            found = _location(self.trace, place)
            if found is None or found.cell != cell or not found.span.start <= offset <= found.span.end:
                continue
            if best is None or len(range(*found.span)) < len(range(*best[0].span)):
                best = found, sighting, place
        if best is None:
            return None
        text = describe_all(self.trace, self.trace.sightings_at(best[2]) or (best[1],), cell)
        return Hover(best[0], text) if text is not None else None


def _location(trace: Trace, place: Place) -> Location | None:
    found = trace.locate(place)
    return None if found is None else Location(*found)


class Analyser:
    """Keeps what it learned of each document between its versions. For use by one thread.

    A rule that raises costs its own findings where `failed` is given, which is told; else it raises.
    """

    def __init__(
        self, workspace: Workspace | None = None, failed: Callable[[str, Exception], None] | None = None
    ) -> None:
        self._workspace = workspace or NoWorkspace()
        self._failed = failed
        self._modules: dict[Versions, Modules] = {}
        self._programs: dict[str, Program] = {}

    def analyse(
        self, document: Document, settings: Settings = Settings(), cancelled: Callable[[], bool] = never
    ) -> Report:
        """Raises Cancelled when `cancelled()` turns true between two statements."""
        modules = self._modules_at(settings.versions)
        program = self._programs.pop(document.path, None)
        if program is None or program.modules is not modules:
            program = Program(modules)
        self._programs[document.path] = program
        while len(self._programs) > _MAX_PROGRAMS:
            del self._programs[next(iter(self._programs))]
        trace = program.follow(document, cancelled)
        findings: list[Finding] = []
        for rule in all_rules():
            if not settings.wants(rule.name, rule.recommended):
                continue
            if cancelled():
                raise Cancelled
            level = settings.severities.get(rule.name)
            for finding in self._findings(rule, trace, dict(settings.options).get(rule.name, ())):
                if isinstance(level, Severity):
                    finding = replace(finding, severity=level)
                if settings.preset == "teaching" and rule.lesson:
                    finding = replace(finding, message=f"{rule.lesson} {finding.message}")
                findings.append(finding)
        kept = _unsuppressed(document, findings)
        kept.sort(key=lambda finding: (finding.location.cell, finding.location.span, finding.rule))
        return Report(tuple(kept), _coverage(trace), trace)

    def _findings(self, rule: Rule, trace: Trace, options: tuple[tuple[str, Value], ...]) -> tuple[Finding, ...]:
        try:
            return tuple(rule.findings(trace, dict(options)))
        except Exception as error:
            if self._failed is None:
                raise
            self._failed(rule.name, error)
            return ()

    def _modules_at(self, versions: Versions) -> Modules:
        """What was learned with the libraries in other versions may not hold."""
        modules = self._modules.pop(versions, None) or Modules(self._workspace, follow_module, versions)
        self._modules[versions] = modules
        while len(self._modules) > _MAX_PROJECTS:
            del self._modules[next(iter(self._modules))]
        return modules

    def forget(self, path: str) -> None:
        """Drops what is kept of a document that was closed."""
        self._programs.pop(path, None)


def _coverage(trace: Trace) -> Coverage:
    reasons = unfollowed(trace)
    counts = tuple(sorted((reason, len(found)) for reason, found in reasons.items()))
    if trace.broken:
        counts = (*counts, ("does not parse", trace.broken))
    return Coverage(len(trace.statements), unfollowed_statements(trace) + trace.broken, counts)


def _unsuppressed(document: Document, findings: list[Finding]) -> list[Finding]:
    """Leaves out what a comment asks to ignore."""
    if not findings:
        return findings
    sources = {cell.index: cell.source for cell in document.cells}
    by_cell = {cell.index: suppressions(cell) for cell in document.cells}
    whole = [comment for comments in by_cell.values() for comment in comments if comment.line is None]

    def silenced(finding: Finding) -> bool:
        cell = finding.location.cell
        line = sources[cell].lines.position(finding.location.span.start).line
        return any(comment.covers(finding.rule, line) for comment in (*whole, *by_cell[cell]))

    return [finding for finding in findings if not silenced(finding)]


__all__ = [
    "Analyser",
    "CallCoverage",
    "Cancelled",
    "Coverage",
    "Edit",
    "Finding",
    "Fix",
    "Hover",
    "Location",
    "Related",
    "Report",
    "Settings",
    "Severity",
    "Span",
]
