"""What the client has open, as immutable snapshots.

pygls would keep copies of the documents too, but it finds lines with `str.splitlines`, so a form feed or
U+2028 in a text would send every later edit to the wrong line. The session keeps the only copy.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import TYPE_CHECKING, Literal
from urllib.parse import unquote

from lsprotocol import types

from mlsense.lsp.convert import apply_changes
from mlsense.text import Encoding, SourceText

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence


@dataclass(frozen=True, slots=True, eq=False)
class OpenCell:
    """A cell of an open notebook, or the whole of an open script. `uri` is spelled as the client spells it.

    A cell whose text the client keeps to itself is `unsent`: it only holds its place in the order.
    """

    uri: str
    version: int
    source: SourceText
    language: str = "python"
    kind: Literal["code", "markdown", "unsent"] = "code"
    execution_count: int | None = None

    @property
    def is_python(self) -> bool:
        """Whether the client calls its language Python, or leaves it open."""
        return self.language in ("python", "")


@dataclass(frozen=True, slots=True, eq=False)
class OpenDocument:
    """One version of an open script or notebook.

    `revision` is ours: it grows with every change of any document, whatever versions the client counts, so
    two snapshots are the same exactly if their revisions are.
    """

    uri: str
    kind: Literal["script", "notebook"]
    version: int
    revision: int
    cells: tuple[OpenCell, ...]

    @property
    def is_python(self) -> bool:
        """Whether there is anything to analyse: a client may open other languages too."""
        return self.kind == "notebook" or self.cells[0].is_python

    @property
    def key(self) -> str:
        """What the document is known by, however the client quotes its URI."""
        return key_of(self.uri)


def key_of(uri: str) -> str:
    """The form of a URI in which its spellings are equal: some clients percent-encode more than others."""
    return unquote(uri)


class Session:
    """The open documents. Only the event loop touches it; what it hands out never changes.

    Methods that change a document return its new snapshot, or None for a document that is not open.
    """

    def __init__(self) -> None:
        self._documents: dict[str, OpenDocument] = {}
        self._owners: dict[str, str] = {}
        self._revisions = count(1)

    def documents(self) -> tuple[OpenDocument, ...]:
        """Every open script and notebook."""
        return tuple(self._documents.values())

    def document(self, uri: str) -> OpenDocument | None:
        """The open script or notebook of that URI."""
        return self._documents.get(key_of(uri))

    def find(self, uri: str) -> tuple[OpenDocument, int] | None:
        """The open document that a script's or a cell's URI belongs to, and the index of the cell in it."""
        key = key_of(uri)
        document = self._documents.get(self._owners.get(key, ""))
        if document is None:
            return None
        return next(((document, index) for index, cell in enumerate(document.cells) if key_of(cell.uri) == key), None)

    def open_script(self, item: types.TextDocumentItem) -> OpenDocument:
        """A script was opened; where a notebook holds a cell of that URI, the cell takes its text."""
        owner = self.find(item.uri)
        if owner is not None and owner[0].kind == "notebook":
            return self._put_cell(*owner, version=item.version, source=SourceText(item.text))
        cell = OpenCell(item.uri, item.version, SourceText(item.text), item.language_id)
        return self._put(item.uri, "script", item.version, (cell,))

    def open_notebook(self, notebook: types.NotebookDocument, items: Sequence[types.TextDocumentItem]) -> OpenDocument:
        """A notebook was opened, or opened again."""
        texts = {key_of(item.uri): _cell_of(item) for item in items}
        return self._put(notebook.uri, "notebook", notebook.version, _in_order(notebook.cells, texts))

    def change_text(
        self,
        identifier: types.VersionedTextDocumentIdentifier,
        changes: Iterable[types.TextDocumentContentChangeEvent],
        encoding: Encoding,
    ) -> OpenDocument | None:
        """The text of a script, or of one cell, was edited."""
        found = self.find(identifier.uri)
        if found is None:
            return None
        document, index = found
        source = apply_changes(document.cells[index].source, changes, encoding)
        return self._put_cell(document, index, version=identifier.version, source=source)

    def change_notebook(
        self,
        identifier: types.VersionedNotebookDocumentIdentifier,
        change: types.NotebookDocumentChangeEvent,
        encoding: Encoding,
    ) -> OpenDocument | None:
        """Cells of a notebook were added, removed, moved, executed or edited."""
        document = self.document(identifier.uri)
        if document is None or document.kind != "notebook":
            return None
        cells = document.cells
        if change.cells is not None:
            cells = _changed(cells, change.cells, encoding)
        return self._put(document.uri, "notebook", identifier.version, cells)

    def close(self, uri: str) -> OpenDocument | None:
        """A script or notebook was closed: all that is known of it goes. Returns its last snapshot."""
        document = self._documents.pop(key_of(uri), None)
        if document is not None:
            self._disown(document)
        return document

    def _put_cell(self, document: OpenDocument, index: int, *, version: int, source: SourceText) -> OpenDocument:
        cells = list(document.cells)
        cells[index] = replace(cells[index], version=version, source=source)
        whole = version if document.kind == "script" else document.version
        return self._put(document.uri, document.kind, whole, tuple(cells))

    def _put(
        self, uri: str, kind: Literal["script", "notebook"], version: int, cells: tuple[OpenCell, ...]
    ) -> OpenDocument:
        document = OpenDocument(uri, kind, version, next(self._revisions), cells)
        before = self._documents.get(document.key)
        if before is not None:
            self._disown(before)
        self._documents[document.key] = document
        self._owners.update((key_of(cell.uri), document.key) for cell in cells)
        return document

    def _disown(self, document: OpenDocument) -> None:
        for cell in document.cells:
            if self._owners.get(key_of(cell.uri)) == document.key:
                del self._owners[key_of(cell.uri)]


def _cell_of(item: types.TextDocumentItem) -> OpenCell:
    return OpenCell(item.uri, item.version, SourceText(item.text), item.language_id)


def _changed(
    cells: tuple[OpenCell, ...], changes: types.NotebookDocumentCellChanges, encoding: Encoding
) -> tuple[OpenCell, ...]:
    by_key = {key_of(cell.uri): cell for cell in cells}
    if changes.structure is not None:
        by_key = _restructured(by_key, changes.structure)
    for entry in changes.data or ():
        key = key_of(entry.document)
        if key in by_key:
            by_key[key] = _described(by_key[key], entry)
    for edited in changes.text_content or ():
        key = key_of(edited.document.uri)
        if key in by_key:
            source = apply_changes(by_key[key].source, edited.changes, encoding)
            by_key[key] = replace(by_key[key], version=edited.document.version, source=source)
    return tuple(by_key.values())


def _restructured(
    cells: Mapping[str, OpenCell], structure: types.NotebookDocumentCellChangeStructure
) -> dict[str, OpenCell]:
    opened = {key_of(item.uri): _cell_of(item) for item in structure.did_open or ()}
    closed = {key_of(item.uri) for item in structure.did_close or ()} - opened.keys()
    array = structure.array
    kept = list(cells.values())
    kept[array.start : array.start + array.delete_count] = _in_order(array.cells or (), {**cells, **opened})
    return {key_of(cell.uri): cell for cell in kept if key_of(cell.uri) not in closed}


def _in_order(order: Iterable[types.NotebookCell], texts: Mapping[str, OpenCell]) -> tuple[OpenCell, ...]:
    """The cells of a notebook in its order, with the texts that the client sent."""
    cells = {
        key_of(entry.document): _described(
            texts.get(key_of(entry.document)) or OpenCell(entry.document, 0, SourceText(""), kind="unsent"),
            entry,
        )
        for entry in order
    }
    return tuple(cells.values())


def _described(cell: OpenCell, entry: types.NotebookCell) -> OpenCell:
    if cell.kind == "unsent":
        return cell
    summary = entry.execution_summary
    return replace(
        cell,
        kind="markdown" if entry.kind == types.NotebookCellKind.Markup else "code",
        execution_count=summary.execution_order if summary is not None else None,
    )
