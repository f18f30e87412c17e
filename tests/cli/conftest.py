"""The form that JSON output keeps, and a small engine with findings of known places."""

from __future__ import annotations

import re
import sys
import types
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

import mlsense
from mlsense.rules.finding import Edit, Finding, Fix, Location, Related, Severity
from mlsense.text import Span, TextEdit

if TYPE_CHECKING:
    from collections.abc import Callable

URL = "https://github.com/mlsense/mlsense/blob/main/docs/rules/{}.md"


@dataclass(frozen=True)
class FakeRule:
    name: str
    family: str
    severity: Severity
    summary: str
    options: tuple[()] = ()

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
    versions: object = None

    @classmethod
    def of(cls, select=None, ignore=frozenset(), severities=None, versions=None, **_):
        return cls(select, ignore, versions)


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

    def __init__(self, workspace: object = None) -> None:
        """Other files are of no concern here."""

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


PLACE = {"file": str, "cell": (int, None)}
RANGE = {"line": int, "column": int, "end_line": int, "end_column": int}
# A type or a value stands for itself, a tuple for any of its members, a list for lists of its member, and
# a dictionary for dictionaries with exactly its keys.
FORM = {
    "version": mlsense.__version__,
    "findings": [
        {
            **PLACE,
            **RANGE,
            "rule": str,
            "family": str,
            "severity": ("error", "warning", "information", "hint"),
            "message": str,
            "related": [{**PLACE, "line": int, "column": int, "message": str}],
            "fix": (
                None,
                {
                    "title": str,
                    "safety": ("safe", "unsafe"),
                    "edits": [{**PLACE, **RANGE, "new_text": str}],
                },
            ),
            "url": str,
        }
    ],
    "coverage": {"files": int, "statements": int, "unfollowed": int},
}


def fits(value: object, form: object) -> bool:
    """Whether a value out of JSON has a form."""
    if isinstance(form, tuple):
        return any(fits(value, each) for each in form)
    if isinstance(form, type):
        return type(value) is form
    if isinstance(form, list):
        return isinstance(value, list) and all(fits(each, form[0]) for each in value)
    if isinstance(form, dict):
        return (
            isinstance(value, dict) and value.keys() == form.keys() and all(fits(value[key], form[key]) for key in form)
        )
    return value == form


@pytest.fixture(scope="session")
def has_the_form() -> Callable[[object], bool]:
    """Whether a report has exactly the keys, and the kinds of values, that other programs rely on."""
    return lambda report: fits(report, FORM)
