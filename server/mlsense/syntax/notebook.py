"""Reading Jupyter notebooks, formats 3 and 4."""

from __future__ import annotations

import json
from typing import Any

from mlsense.syntax.cells import CellKind, Document, notebook_of_cells
from mlsense.syntax.decoding import DecodeError, decode


class NotebookError(ValueError):
    """A file that is no notebook; the message is one line."""


def notebook(path: str, raw: str | bytes) -> Document:
    """The document of a notebook file.

    Raises NotebookError if the file is not a notebook of format 3 or 4; the message gives the line if one is known.
    """
    if isinstance(raw, bytes):
        try:
            raw = decode(raw)
        except DecodeError as error:
            raise NotebookError(str(error)) from error
    try:
        content = json.loads(raw)
    except json.JSONDecodeError as error:
        raise NotebookError(f"not valid JSON: {error.msg} (line {error.lineno})") from error
    except RecursionError as error:
        raise NotebookError("not a notebook: nested too deeply") from error
    if not isinstance(content, dict):
        raise NotebookError("not a notebook: the file is JSON, but no object")
    cells = _cells(content)
    python = _language(content) == "python"
    return notebook_of_cells(path, [_cell(cell, python) for cell in cells])


def _cells(content: dict[str, Any]) -> list[dict[str, Any]]:
    if "worksheets" in content:
        sheets = content["worksheets"]
        cells = (
            [cell for sheet in sheets if isinstance(sheet, dict) for cell in sheet.get("cells", [])]
            if isinstance(sheets, list)
            else None
        )
    else:
        cells = content.get("cells")
    if not isinstance(cells, list):
        raise NotebookError("not a notebook: it has no list of cells")
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict):
            raise NotebookError(f"not a notebook: cell {number} is no object")
    return cells


def _language(content: dict[str, Any]) -> str:
    metadata = content.get("metadata")
    if not isinstance(metadata, dict):
        return "python"
    for part, key in (("kernelspec", "language"), ("language_info", "name")):
        value = metadata.get(part)
        if isinstance(value, dict) and isinstance(value.get(key), str):
            return "python" if "python" in value[key].lower() else str(value[key])
    return "python"


def _cell(cell: dict[str, Any], python: bool) -> tuple[CellKind, str, int | None]:
    kind: CellKind = "other"
    if cell.get("cell_type") == "code" and python and cell.get("language", "python") == "python":
        kind = "code"
    elif cell.get("cell_type") in ("markdown", "heading"):
        kind = "markdown"
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    count = cell.get("execution_count", cell.get("prompt_number"))
    return kind, source if isinstance(source, str) else "", count if isinstance(count, int) else None
