"""The comment that the editor offers silences what it was offered for, whatever rule it is."""

from __future__ import annotations

import pytest

from mlsense.analysis import Analyser, Finding, Settings
from mlsense.lsp.ignores import ignore_edit
from mlsense.lsp.session import OpenCell, OpenDocument
from mlsense.rules.registry import all_rules
from mlsense.syntax import script
from mlsense.text import SourceText, apply_edits

EVERYTHING = Settings.of(select=[rule.name for rule in all_rules()])


def findings(text: str) -> tuple[Finding, ...]:
    return Analyser().analyse(script("example.py", text), EVERYTHING).findings


@pytest.mark.parametrize(
    ("name", "text"), [(rule.name, text) for rule in all_rules() for text in rule.bad], ids=lambda value: value[:24]
)
def test_the_offered_comment_silences_the_finding(name: str, text: str) -> None:
    found = [finding for finding in findings(text) if finding.rule == name]
    assert found
    for finding in found:
        cell = OpenCell("file:///example.py", 1, SourceText(text))
        document = OpenDocument(cell.uri, "script", 1, 1, (cell,))
        edit = ignore_edit(document, 0, finding.location.span.start, name)
        assert edit is not None
        left = [other.message for other in findings(apply_edits(text, [edit])) if other.rule == name]
        assert len(left) < len(found), finding
