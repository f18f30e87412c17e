"""Scripts and notebooks as cells, and cells as statements."""

from __future__ import annotations

from mlsense.syntax.cells import Cell, Document, notebook_of_cells, script, sections
from mlsense.syntax.decoding import DecodeError, decode
from mlsense.syntax.joined import Joined, join_code
from mlsense.syntax.magics import names_of_magic
from mlsense.syntax.notebook import NotebookError, notebook
from mlsense.syntax.parsed import Parsed
from mlsense.syntax.problems import SyntaxProblem
from mlsense.syntax.statements import Statement, statements
from mlsense.syntax.suppressions import Suppression, suppressions
from mlsense.syntax.versions import Split, split
from mlsense.syntax.walking import walk

__all__ = [
    "Cell",
    "DecodeError",
    "Document",
    "Joined",
    "NotebookError",
    "Parsed",
    "Split",
    "Statement",
    "Suppression",
    "SyntaxProblem",
    "decode",
    "join_code",
    "names_of_magic",
    "notebook",
    "notebook_of_cells",
    "script",
    "sections",
    "split",
    "statements",
    "suppressions",
    "walk",
]
