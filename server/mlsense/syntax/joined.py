"""The code of a document as one text, for those who read one text only."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsense.syntax.cells import Document


@dataclass(frozen=True)
class Joined:
    """The code of some cells, with a line break between them. `cells` are their indices, `starts` their offsets."""

    text: str
    cells: tuple[int, ...]
    starts: tuple[int, ...]

    def offset(self, cell: int, offset: int) -> int:
        """The offset in the text of an offset in a cell; ValueError for a cell that is not in it."""
        return self.starts[self.cells.index(cell)] + offset

    def place(self, offset: int) -> tuple[int, int]:
        """The index of the cell an offset in the text is in, and the offset in that cell."""
        number = bisect_right(self.starts, offset) - 1
        return self.cells[number], offset - self.starts[number]


def join_code(document: Document, last: int) -> Joined:
    """The code cells of a document up to the one with index `last`, which are the cells that run before it, and it."""
    cells = [cell for cell in document.cells if cell.kind == "code" and cell.index <= last]
    parts: list[str] = []
    starts: list[int] = []
    start = 0
    for cell in cells:
        starts.append(start)
        parts.append(cell.code)
        start += len(cell.code) + 1
    return Joined("\n".join(parts), tuple(cell.index for cell in cells), tuple(starts))
