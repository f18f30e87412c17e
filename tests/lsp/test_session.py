from __future__ import annotations

from lsprotocol import types

from mlsense.lsp.session import OpenDocument, Session
from mlsense.text import Encoding

BOOK = "file:///book.ipynb"


def uri(name: str) -> str:
    return f"vscode-notebook-cell:/book.ipynb#{name}"


def item(name: str, text: str = "") -> types.TextDocumentItem:
    return types.TextDocumentItem(uri(name), "python", 1, text)


def code(name: str, count: int | None = None) -> types.NotebookCell:
    summary = types.ExecutionSummary(count) if count is not None else None
    return types.NotebookCell(types.NotebookCellKind.Code, uri(name), execution_summary=summary)


def opened(*names: str) -> Session:
    session = Session()
    cells = [code(name) for name in names]
    session.open_notebook(types.NotebookDocument(BOOK, "jupyter-notebook", 1, cells), [item(n, n) for n in names])
    return session


def changed(session: Session, **cells: object) -> OpenDocument:
    change = types.NotebookDocumentChangeEvent(cells=types.NotebookDocumentCellChanges(**cells))
    document = session.change_notebook(types.VersionedNotebookDocumentIdentifier(2, BOOK), change, Encoding.UTF16)
    assert document is not None
    return document


def structure(
    start: int,
    delete: int,
    add: tuple[str, ...] = (),
    opens: tuple[str, ...] = (),
    closes: tuple[str, ...] = (),
) -> types.NotebookDocumentCellChangeStructure:
    return types.NotebookDocumentCellChangeStructure(
        array=types.NotebookCellArrayChange(start, delete, [code(name) for name in add]),
        did_open=[item(name, name.upper()) for name in opens],
        did_close=[types.TextDocumentIdentifier(uri(name)) for name in closes],
    )


def texts(document: OpenDocument) -> list[str]:
    return [cell.source.text for cell in document.cells]


def test_a_cell_is_inserted() -> None:
    assert texts(changed(opened("a", "b"), structure=structure(1, 0, ("n",), opens=("n",)))) == [
        "a",
        "N",
        "b",
    ]


def test_a_cell_is_removed() -> None:
    session = opened("a", "b", "c")
    assert texts(changed(session, structure=structure(1, 1, closes=("b",)))) == ["a", "c"]
    assert session.find(uri("b")) is None


def test_a_cell_is_replaced_by_another_of_the_same_uri() -> None:
    document = changed(opened("a", "b"), structure=structure(1, 1, ("b",), opens=("b",), closes=("b",)))
    assert texts(document) == ["a", "B"]


def test_cells_are_moved_without_being_opened_again() -> None:
    document = changed(opened("a", "b", "c"), structure=structure(0, 3, ("c", "a", "b")))
    assert texts(document) == ["c", "a", "b"]


def test_structure_text_and_data_change_at_once() -> None:
    edit = types.TextDocumentContentChangePartial(types.Range(types.Position(0, 0), types.Position(0, 1)), "edited")
    document = changed(
        opened("a", "b"),
        structure=structure(2, 0, ("n",), opens=("n",)),
        data=[code("b", count=4)],
        text_content=[
            types.NotebookDocumentCellContentChanges(types.VersionedTextDocumentIdentifier(9, uri("a")), [edit])
        ],
    )
    assert texts(document) == ["edited", "b", "N"]
    assert [(cell.version, cell.execution_count) for cell in document.cells] == [(9, None), (1, 4), (1, None)]


def test_changes_of_cells_that_are_not_there_change_nothing() -> None:
    whole = types.TextDocumentContentChangeWholeDocument("x")
    stranger = types.VersionedTextDocumentIdentifier(1, uri("z"))
    document = changed(
        opened("a"),
        structure=structure(7, 7, closes=("y",)),
        data=[code("z")],
        text_content=[types.NotebookDocumentCellContentChanges(stranger, [whole])],
    )
    assert texts(document) == ["a"]


def test_a_cell_whose_text_the_client_keeps_holds_its_place() -> None:
    session = Session()
    markdown = types.NotebookCell(types.NotebookCellKind.Markup, uri("m"))
    notebook = types.NotebookDocument(BOOK, "jupyter-notebook", 1, [code("a"), markdown, code("b")])
    session.open_notebook(notebook, [item("a", "a"), item("b", "b")])
    document = changed(session, structure=structure(2, 1, closes=("b",)))
    assert [cell.kind for cell in document.cells] == ["code", "unsent"]


def test_a_uri_is_found_however_it_is_quoted() -> None:
    session = opened("W0sZmlsZQ==")
    found = session.find("vscode-notebook-cell:/book.ipynb#W0sZmlsZQ%3D%3D")
    assert found is not None
    assert found[0].cells[found[1]].uri == uri("W0sZmlsZQ==")


def test_a_cell_that_is_also_opened_as_a_text_stays_in_its_notebook() -> None:
    session = opened("a", "b")
    assert texts(session.open_script(item("b", "new"))) == ["a", "new"]
    assert session.close(uri("b")) is None
    assert session.find(uri("b")) is not None


def test_snapshots_do_not_change_and_revisions_grow_whatever_the_client_counts() -> None:
    session = Session()
    first = session.open_script(types.TextDocumentItem("file:///a.py", "python", 5, "one"))
    whole = types.TextDocumentContentChangeWholeDocument("two")
    second = session.change_text(types.VersionedTextDocumentIdentifier(3, "file:///a.py"), [whole], Encoding.UTF8)
    assert second is not None
    assert (texts(first), first.version) == (["one"], 5)
    assert (texts(second), second.version) == (["two"], 3)
    assert second.revision > first.revision


def test_closing_forgets_everything() -> None:
    session = opened("a", "b")
    session.open_script(types.TextDocumentItem("file:///a.py", "python", 1, ""))
    assert session.close(BOOK) is not None
    assert session.close("file:///a.py") is not None
    assert session.close(BOOK) is None
    assert vars(session) == {**vars(session), "_documents": {}, "_owners": {}}
