"""Documents and their cells: a script is one cell, a notebook has many."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from mlsense.syntax.magics import Dialect, blank, mask
from mlsense.syntax.scanning import section_starts
from mlsense.text import SourceText, Span

if TYPE_CHECKING:
    from collections.abc import Sequence

CellKind = Literal["code", "markdown", "other"]


@dataclass(frozen=True)
class Cell:
    """One cell of a document.

    `index` counts all cells of the file from 0, those of other kinds too. `dialect` says whether the code is
    run by IPython, which knows magics, or by Python alone.
    """

    index: int
    kind: CellKind
    source: SourceText
    execution_count: int | None = None
    dialect: Dialect = "ipython"

    @cached_property
    def code(self) -> str:
        """The cell's Python: as long as its text, line by line, with all that is not Python made inert."""
        return mask(self.source.text, self.dialect) if self.kind == "code" else blank(self.source.text)


@dataclass(frozen=True)
class Document:
    """A script or a notebook."""

    path: str
    kind: Literal["script", "notebook"]
    cells: tuple[Cell, ...]


def script(path: str, text: str | SourceText) -> Document:
    """The document of a script: one cell with index 0."""
    return Document(path, "script", (Cell(0, "code", _source(text), None, "python"),))


def notebook_of_cells(path: str, cells: Sequence[tuple[CellKind, str | SourceText, int | None]]) -> Document:
    """The document of a notebook whose cells are at hand: (kind, text, execution count) each."""
    return Document(
        path,
        "notebook",
        tuple(Cell(index, kind, _source(text), count) for index, (kind, text, count) in enumerate(cells)),
    )


def _source(text: str | SourceText) -> SourceText:
    """Who has the lines of a text already need not find them again."""
    return SourceText(text) if isinstance(text, str) else text


def sections(cell: Cell) -> tuple[Span, ...]:
    """The `# %%` sections of a script, in order and without gaps; the whole cell if it has none."""
    text = cell.source.text
    bounds = sorted({0, *section_starts(text), len(text)})
    return tuple(Span(start, end) for start, end in itertools.pairwise(bounds)) or (Span(0, 0),)
