"""From a file to a document."""

from __future__ import annotations

import os

from mlsense.cli.problem import Problem, of_system
from mlsense.syntax import DecodeError, Document, NotebookError, decode, notebook, script


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
