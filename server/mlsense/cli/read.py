"""From a file to a document, and what of it is not Python."""

from __future__ import annotations

import os

from mlsense.cli.places import place
from mlsense.cli.problem import Problem, of_system
from mlsense.rules.finding import Location
from mlsense.syntax import DecodeError, Document, NotebookError, decode, notebook, script, statements
from mlsense.text import Span


def read(path: str) -> Document | Problem:
    """The document in a file: a notebook if it is called `.ipynb`, else a script."""
    try:
        with open(path, "rb") as file:
            raw = file.read()
    except OSError as error:
        return of_system(path, error)
    try:
        if os.path.splitext(path)[1].lower() == ".ipynb":
            return notebook(path, raw)
        return script(path, decode(raw))
    except DecodeError as error:
        return Problem(path, f"{error}. Save it as UTF-8, or declare its encoding in its first line")
    except NotebookError as error:
        return Problem(path, f"{error}. Mend it in a text editor, or restore it from a copy")


def broken_statements(document: Document) -> str | None:
    """One line on the statements that do not parse; None if all do.

    Slips of indentation do not count: they are findings.
    """
    broken = [
        (Location(cell.index, Span(statement.start + problem.span.start, statement.start)), problem.message)
        for cell in document.cells
        if cell.kind == "code"
        for statement in statements(cell)
        if (problem := statement.parsed.problem) is not None and problem.kind == "other"
    ]
    if not broken:
        return None
    location, message = broken[0]
    more = f" (and {len(broken) - 1:,} more)" if len(broken) > 1 else ""
    return f"{place(document, location)}: statement not checked: {message}{more}"
