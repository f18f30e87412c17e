"""The JSON form of findings. Other programs rely on it: keys may be added, none changed or removed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsense import __version__
from mlsense.cli.places import place
from mlsense.rules.finding import Edit, Finding, Location, Related

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsense.syntax import Document


def finding_json(document: Document, finding: Finding) -> dict[str, Any]:
    """One finding; see `Place` for what its numbers count."""
    fix = finding.fix
    return {
        **place(document, finding.location)._asdict(),
        "rule": finding.rule,
        "family": finding.family,
        "severity": finding.severity.value,
        "message": finding.message,
        "related": [_related(document, related) for related in finding.related],
        "fix": fix
        and {
            "title": fix.title,
            "safety": fix.safety,
            "edits": [_edit(document, edit) for edit in fix.edits],
        },
        "url": finding.url,
    }


def _related(document: Document, related: Related) -> dict[str, Any]:
    at = place(related.document or document, related.location)
    return {
        "file": at.file,
        "cell": at.cell,
        "line": at.line,
        "column": at.column,
        "message": related.message,
    }


def _edit(document: Document, edit: Edit) -> dict[str, Any]:
    at = place(document, Location(edit.cell, edit.edit.span))
    return {**at._asdict(), "new_text": edit.edit.new_text}


def report_json(findings: Sequence[dict[str, Any]], files: int, statements: int, unfollowed: int) -> str:
    """The whole output: ASCII, so that no encoding on the way can spoil it."""
    import json

    report = {
        "version": __version__,
        "findings": findings,
        "coverage": {"files": files, "statements": statements, "unfollowed": unfollowed},
    }
    return json.dumps(report, indent=2)
