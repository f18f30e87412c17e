"""The action that writes down what a leak is worth: a cell below it, or a script beside the file."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from lsprotocol import types
from pygls.uris import from_fs_path

from mlsense.lsp.client import INSERT_CELL, OPEN_FILE
from mlsense.lsp.convert import to_span
from mlsense.lsp.work import path_of
from mlsense.measuring import measurement
from mlsense.rules.finding import Location

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlsense.lsp.snapshot import Snapshot
    from mlsense.measuring import Measurement

TITLE = "Measure what this leak is worth"
_MOST_NAMES = 100


def measure(snapshot: Snapshot, diagnostic: types.Diagnostic, data: Mapping[str, Any]) -> Iterator[types.CodeAction]:
    """The action for a leak, where the client can do it and the code can be written with certainty."""
    trace = snapshot.report.trace if snapshot.report is not None else None
    notebook = snapshot.document.kind == "notebook"
    client = snapshot.client
    able = INSERT_CELL in client.commands if notebook else client.creates_files and client.document_changes
    if trace is None or not able or urlsplit(snapshot.document.uri).scheme not in ("file", "vscode-notebook-cell"):
        return
    span = to_span(snapshot.cell.source, diagnostic.range, client.encoding)
    found = measurement(trace, data["rule"], Location(snapshot.index, span))
    if found is not None:
        action = types.CodeAction(title=TITLE, kind=types.CodeActionKind.QuickFix, diagnostics=[diagnostic])
        yield _in_cell(snapshot, action, found) if notebook else _in_file(snapshot, action, found)


def _in_cell(snapshot: Snapshot, action: types.CodeAction, found: Measurement) -> types.CodeAction:
    arguments = [snapshot.document.uri, found.below, found.code]
    action.command = types.Command(title=TITLE, command=INSERT_CELL, arguments=arguments)
    return action


def _in_file(snapshot: Snapshot, action: types.CodeAction, found: Measurement) -> types.CodeAction:
    uri = from_fs_path(_free_path(path_of(snapshot.document.uri)))
    if uri is None:
        return action
    start = types.Position(line=0, character=0)
    create = types.CreateFile(uri=uri, options=types.CreateFileOptions(ignore_if_exists=False, overwrite=False))
    write = types.TextDocumentEdit(
        text_document=types.OptionalVersionedTextDocumentIdentifier(uri=uri),
        edits=[types.TextEdit(range=types.Range(start, start), new_text=found.code)],
    )
    action.edit = types.WorkspaceEdit(document_changes=[create, write])
    if OPEN_FILE in snapshot.client.commands:
        action.command = types.Command(title=TITLE, command=OPEN_FILE, arguments=[uri])
    return action


def _free_path(path: str) -> str:
    """`train_leak.py` beside `train.py`, or with a number where that is taken."""
    stem = os.path.splitext(path)[0]
    names = (f"{stem}_leak{'' if number == 1 else f'_{number}'}.py" for number in range(1, _MOST_NAMES))
    return next((name for name in names if not os.path.exists(name)), f"{stem}_leak_{_MOST_NAMES}.py")
