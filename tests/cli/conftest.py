"""A small engine with findings of known places, for tests of what the command line does with findings."""

from __future__ import annotations

import re
import sys
import types
from dataclasses import dataclass

import pytest

from mlsense.rules.finding import Edit, Finding, Fix, Location, Related, Severity
from mlsense.text import Span, TextEdit

URL = "https://github.com/mlsense/mlsense/blob/main/docs/rules/{}.md"


@dataclass(frozen=True)
class FakeRule:
    name: str
    family: str
    severity: Severity
    summary: str

    @property
    def url(self) -> str:
        return URL.format(self.name)

    def page(self) -> str:
        return f"# {self.name}\n\n{self.summary}\n"


RULES = (
    FakeRule("late-split", "Data leakage", Severity.WARNING, "Something learns before the split."),
    FakeRule("bad-step", "Training loops", Severity.ERROR, "`step` stands outside the loop."),
    FakeRule("small-note", "Training loops", Severity.INFORMATION, "Worth knowing."),
    FakeRule("tiny-hint", "Training loops", Severity.HINT, "Could be shorter."),
)


@dataclass(frozen=True)
class FakeSettings:
    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()

    @classmethod
    def of(cls, select=None, ignore=frozenset(), severities=None):
        return cls(select, ignore)


@dataclass(frozen=True)
class FakeCoverage:
    statements: int
    unfollowed: int
    reasons: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True)
class FakeReport:
    findings: tuple[Finding, ...]
    coverage: FakeCoverage


class FakeAnalyser:
    """Each call of `late_split()` and the like is a finding, related to every `here` in the document.

    `mystery` cannot be followed, `crash` raises.
    """

    def analyse(self, document, settings):
        texts = [(cell.index, cell.source.text) for cell in document.cells if cell.kind == "code"]
        related = tuple(
            Related(Location(index, Span(*found.span())), "`here` it is used")
            for index, text in texts
            for found in re.finditer(r"\bhere\b", text)
        )
        findings = []
        for index, text in texts:
            if "crash" in text:
                raise KeyError("split")
            for rule in RULES:
                wanted = settings.select is None or rule.name in settings.select
                if not wanted or rule.name in settings.ignore:
                    continue
                for found in re.finditer(rule.name.replace("-", "_") + r"\((.*?)\)", text, re.DOTALL):
                    span = Span(*found.span())
                    fix = Fix("Take it out", "safe", (Edit(index, TextEdit(span, "None")),))
                    findings.append(
                        Finding(
                            rule.name,
                            rule.family,
                            rule.severity,
                            f"`{rule.name}` is wrong. Take it out.",
                            Location(index, span),
                            related,
                            fix if rule.severity is Severity.WARNING else None,
                            rule.url,
                        )
                    )
        findings.sort(key=lambda finding: (finding.location.cell, finding.location.span))
        statements = sum(bool(line.strip()) for _, text in texts for line in text.split("\n"))
        unfollowed = sum(text.count("mystery") for _, text in texts)
        return FakeReport(tuple(findings), FakeCoverage(statements, unfollowed))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> type[FakeAnalyser]:
    """Put the small engine in the place of the real one."""
    analysis = types.ModuleType("mlsense.analysis")
    analysis.Analyser = FakeAnalyser
    analysis.Settings = FakeSettings
    registry = types.ModuleType("mlsense.rules.registry")
    registry.all_rules = lambda: RULES
    monkeypatch.setitem(sys.modules, "mlsense.analysis", analysis)
    monkeypatch.setitem(sys.modules, "mlsense.rules.registry", registry)
    return FakeAnalyser
