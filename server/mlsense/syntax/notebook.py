"""Reading Jupyter notebooks, formats 3 and 4."""

from __future__ import annotations

import json
from typing import Any

from mlsense.syntax.cells import CellKind, Document, notebook_of_cells
from mlsense.syntax.decoding import DecodeError, decode_unicode


class NotebookError(ValueError):
    """A file that is no notebook; the message is one line."""


# Kernels that do not say their language and are not Python.
_OTHER_KERNELS = (
    "ir",
    "julia",
    "bash",
    "deno",
    "xcpp",
    ".net",
    "scala",
    "octave",
    "gophernotes",
    "rust",
    "ruby",
)


def notebook(path: str, raw: str | bytes) -> Document:
    """The document of a notebook file.

    Cells of another language and raw cells are of kind "other". Raises NotebookError if the file is no
    notebook of format 3 or 4; the message names the line if one is known.
    """
    content = _content(raw)
    cells = _cells(content)
    python = _is_python(content.get("metadata"))
    return notebook_of_cells(path, [_cell(cell, python) for cell in cells])


def _content(raw: str | bytes) -> dict[str, Any]:
    if isinstance(raw, bytes):
        try:
            raw = decode_unicode(raw)
        except DecodeError as error:
            raise NotebookError(str(error)) from None
    elif "\0" in raw:
        raise NotebookError("a NUL character: not a notebook")
    raw = raw.removeprefix("\ufeff")
    if not raw.strip():
        raise NotebookError("an empty file, not a notebook")
    try:
        content = json.loads(raw)
    except json.JSONDecodeError as error:
        cut = error.pos >= len(raw.rstrip()) or error.msg.startswith("Unterminated string")
        what = "the JSON breaks off" if cut else f"not JSON: {error.msg}"
        raise NotebookError(f"{what} in line {error.lineno}, column {error.colno}") from None
    except (RecursionError, ValueError):
        raise NotebookError("not a notebook: JSON nested too deeply, or with too large a number") from None
    if not isinstance(content, dict):
        raise NotebookError("not a notebook: JSON, but no object with cells")
    return content


def _cells(content: dict[str, Any]) -> list[dict[str, Any]]:
    cells = content.get("cells")
    if cells is None and isinstance(content.get("worksheets"), list):
        sheets = [sheet.get("cells") for sheet in content["worksheets"] if isinstance(sheet, dict)]
        cells = [cell for sheet in sheets if isinstance(sheet, list) for cell in sheet]
    if not isinstance(cells, list):
        raise NotebookError("not a notebook: it has no list of cells")
    for number, cell in enumerate(cells, 1):
        if not isinstance(cell, dict) or not isinstance(cell.get("cell_type"), str):
            raise NotebookError(f"not a notebook: cell {number} is no cell")
    return cells


def _is_python(metadata: object) -> bool:
    """Whether the notebook's kernel runs Python; without a word on it, it does."""
    if not isinstance(metadata, dict):
        return True
    for part, key in (("kernelspec", "language"), ("language_info", "name")):
        of_kernel = metadata.get(part)
        if isinstance(of_kernel, dict) and isinstance(of_kernel.get(key), str) and of_kernel[key]:
            return _names_python(of_kernel[key])
    kernel = metadata.get("kernelspec")
    name = kernel.get("name") if isinstance(kernel, dict) else None
    return not (isinstance(name, str) and name.lower().startswith(_OTHER_KERNELS))


def _names_python(language: str) -> bool:
    return language.lower().startswith(("python", "ipython", "sage"))


def _cell(cell: dict[str, Any], python: bool) -> tuple[CellKind, str, int | None]:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(line for line in source if isinstance(line, str))
    count = cell.get("execution_count", cell.get("prompt_number"))
    return (
        _kind(cell, python),
        source if isinstance(source, str) else "",
        count if isinstance(count, int) and not isinstance(count, bool) else None,
    )


def _kind(cell: dict[str, Any], python: bool) -> CellKind:
    if cell["cell_type"] in ("markdown", "heading"):
        return "markdown"
    if cell["cell_type"] != "code" or not python:
        return "other"
    metadata = cell.get("metadata")
    editor = metadata.get("vscode") if isinstance(metadata, dict) else None
    of_cell = editor.get("languageId") if isinstance(editor, dict) else cell.get("language")
    return "other" if isinstance(of_cell, str) and not _names_python(of_cell) else "code"
