"""Findings as the client's diagnostics."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from lsprotocol import types
from pygls.uris import from_fs_path

from mlsense.lsp.convert import to_range
from mlsense.lsp.edits import fix_to_data
from mlsense.rules.finding import Severity

if TYPE_CHECKING:
    from mlsense.lsp.client import Client
    from mlsense.lsp.session import OpenDocument
    from mlsense.rules.finding import Finding, Related

SOURCE = "MLSense"

SEVERITIES = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFORMATION: types.DiagnosticSeverity.Information,
    Severity.HINT: types.DiagnosticSeverity.Hint,
}


def to_diagnostic(finding: Finding, document: OpenDocument, client: Client) -> types.Diagnostic:
    """The diagnostic of a finding, with all that code actions will need in its `data`."""
    cell = document.cells[finding.location.cell]
    return types.Diagnostic(
        range=to_range(cell.source, finding.location.span, client.encoding),
        message=finding.message,
        severity=SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=types.CodeDescription(href=finding.url) if finding.url else None,
        source=SOURCE,
        related_information=_related(finding.related, document, client),
        data=_data(finding, document, client),
    )


def _related(
    related: tuple[Related, ...], document: OpenDocument, client: Client
) -> list[types.DiagnosticRelatedInformation] | None:
    if not related or not client.related_information:
        return None
    information = []
    for place in related:
        if place.document is not None:
            uri = from_fs_path(place.document.path)
            source = place.document.cells[place.location.cell].source
        else:
            uri = document.cells[place.location.cell].uri
            source = document.cells[place.location.cell].source
        if uri is None:
            continue
        location = types.Location(uri=uri, range=to_range(source, place.location.span, client.encoding))
        information.append(types.DiagnosticRelatedInformation(location=location, message=place.message))
    return information


def _data(finding: Finding, document: OpenDocument, client: Client) -> dict[str, Any]:
    data: dict[str, Any] = {"rule": finding.rule, "url": finding.url, "revision": document.revision}
    if finding.fix is not None:
        data["fix"] = fix_to_data(finding.fix, document, client)
    return data
