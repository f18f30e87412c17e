"""Where a finding stands, in the numbers that people and other programs are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from mlsense.rules.finding import Location
    from mlsense.syntax import Cell, Document


class Place(NamedTuple):
    """Lines and columns from 1 in code points, the end one past the last; `cell` from 1, None in scripts."""

    file: str
    cell: int | None
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        cell = "" if self.cell is None else f"cell {self.cell}:"
        return f"{self.file}:{cell}{self.line}:{self.column}"


def place(document: Document, location: Location) -> Place:
    """The place of a location in a document. Raises KeyError if the document has no such cell."""
    lines = cell_at(document, location).source.lines
    start, end = (lines.position(offset) for offset in location.span)
    cell = location.cell + 1 if document.kind == "notebook" else None
    return Place(document.path, cell, start.line + 1, start.column + 1, end.line + 1, end.column + 1)


def cell_at(document: Document, location: Location) -> Cell:
    """The cell that a location is in. Raises KeyError if the document has no such cell."""
    for cell in document.cells:
        if cell.index == location.cell:
            return cell
    raise KeyError(f"cell {location.cell} of {document.path}")
