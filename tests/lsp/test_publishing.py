"""What the server publishes for scripts and notebooks, and when."""

from __future__ import annotations

import pytest
from lsprotocol import types

from lsp.fake_analysis import FakeAnalyser
from lsp.wire import PLAIN, VSCODE, Wire, cell_item, connected, span
from mlsense.lsp.client import Client
from mlsense.lsp.publisher import Publisher
from mlsense.lsp.session import OpenCell, OpenDocument
from mlsense.text import SourceText

SCRIPT = "file:///work%20space/train.py"
BOOK = "file:///work%20space/book.ipynb"
CELLS = [f"vscode-notebook-cell:/work%20space/book.ipynb#{name}%3D%3D" for name in ("W0sZmlsZQ", "W1sZmlsZQ", "W2")]


def codes(diagnostics: list[dict[str, object]]) -> list[object]:
    return [diagnostic["code"] for diagnostic in diagnostics]


async def test_a_finding_carries_all_that_code_actions_need(wire: Wire) -> None:
    await wire.initialize(PLAIN)
    wire.open(SCRIPT, "x = BAD\n", version=7)

    [diagnostic] = await wire.diagnostics(SCRIPT, version=7)

    page = "https://example.org/rules/bad-name.md"
    assert diagnostic.pop("data") == {
        "rule": "bad-name",
        "url": page,
        "revision": 1,
        "fix": {
            "title": "Write `GOOD`",
            "safety": "safe",
            "moves": False,
            "edits": {SCRIPT: [{"range": span(0, 4, 7), "newText": "GOOD"}]},
        },
    }
    assert diagnostic == {
        "range": span(0, 4, 7),
        "severity": 2,
        "code": "bad-name",
        "codeDescription": {"href": page},
        "source": "MLSense",
        "message": "`bad-name` is here.",
    }


@pytest.mark.parametrize(
    ("offered", "agreed", "column"),
    [
        (["utf-8", "utf-16"], "utf-8", 6),
        (["utf-16"], "utf-16", 4),
        (["utf-32"], "utf-32", 3),
        (["ebcdic"], "utf-16", 4),
        (None, "utf-16", 4),
    ],
)
async def test_columns_are_in_the_units_agreed_on(
    wire: Wire, offered: list[str] | None, agreed: str, column: int
) -> None:
    general = {} if offered is None else {"general": {"positionEncodings": offered}}
    assert (await wire.initialize({**PLAIN, **general}))["positionEncoding"] == agreed
    wire.open(SCRIPT, "'🧪'BAD")
    [diagnostic] = await wire.diagnostics(SCRIPT)
    assert diagnostic["range"] == span(0, column, column + 3)

    wire.change(SCRIPT, 2, {"range": span(0, column, column + 3), "text": "+ BOLD"})
    [diagnostic] = await wire.diagnostics(SCRIPT, version=2)
    assert diagnostic["range"] == span(0, column + 2, column + 6)


async def test_an_edit_takes_findings_away_and_brings_new_ones(wire: Wire) -> None:
    await wire.initialize()
    wire.open(SCRIPT, "BAD\n")
    assert codes(await wire.diagnostics(SCRIPT, version=1)) == ["bad-name"]
    wire.change(SCRIPT, 2, {"range": span(0, 0, 3), "text": "fine"})
    assert await wire.diagnostics(SCRIPT, version=2) == []
    end = {"line": 1, "character": 0}
    wire.change(SCRIPT, 3, {"range": {"start": end, "end": end}, "text": "BOLD"})
    assert codes(await wire.diagnostics(SCRIPT, version=3)) == ["bold-name"]


async def test_edits_below_a_form_feed_land_on_their_lines(wire: Wire) -> None:
    await wire.initialize()
    wire.open(SCRIPT, "a\fb\u2028c\nx\n")
    wire.change(SCRIPT, 2, {"range": span(1, 0, 1), "text": "BAD"})
    [diagnostic] = await wire.diagnostics(SCRIPT, version=2)
    assert diagnostic["range"] == span(1, 0, 3)


async def test_a_closed_script_is_cleared(wire: Wire) -> None:
    await wire.initialize()
    wire.open(SCRIPT, "BAD")
    assert codes(await wire.diagnostics(SCRIPT)) == ["bad-name"]
    wire.close(SCRIPT)
    assert await wire.next("textDocument/publishDiagnostics") == {"uri": SCRIPT, "diagnostics": []}


async def test_a_leak_across_cells_points_to_the_other_cell(wire: Wire) -> None:
    await wire.initialize(VSCODE, {"settings": {}})
    wire.configuration = {}
    wire.open_notebook(BOOK, {CELLS[0]: "a = SOURCE", CELLS[1]: "'🧪'", CELLS[2]: "LEAK"})

    assert await wire.diagnostics(CELLS[0], version=1) == []
    assert await wire.diagnostics(CELLS[1], version=1) == []
    [diagnostic] = await wire.diagnostics(CELLS[2], version=1)
    assert diagnostic["relatedInformation"] == [
        {"location": {"uri": CELLS[0], "range": span(0, 4, 10)}, "message": "the rows come from here"}
    ]
    assert diagnostic["data"]["fix"]["edits"].keys() == {CELLS[0], CELLS[2]}


async def test_a_client_that_knows_no_related_information_gets_none(wire: Wire) -> None:
    await wire.initialize(PLAIN)
    wire.open(SCRIPT, "SOURCE, LEAK")
    [diagnostic] = await wire.diagnostics(SCRIPT)
    assert "relatedInformation" not in diagnostic


async def test_every_cell_is_published_each_time_with_its_own_version(wire: Wire) -> None:
    await wire.initialize()
    wire.open_notebook(BOOK, {CELLS[0]: "BAD", CELLS[1]: "fine"})
    await wire.diagnostics(CELLS[1], version=1)
    document = {"uri": CELLS[1], "version": 5}
    wire.change_notebook(BOOK, 2, textContent=[{"document": document, "changes": [{"text": "BOLD"}]}])
    assert codes(await wire.diagnostics(CELLS[0], version=1)) == ["bad-name"]
    assert codes(await wire.diagnostics(CELLS[1], version=5)) == ["bold-name"]


async def test_a_removed_cell_is_cleared_at_once(wire: Wire) -> None:
    await wire.initialize()
    wire.open_notebook(BOOK, {CELLS[0]: "SOURCE", CELLS[1]: "LEAK"})
    assert codes(await wire.diagnostics(CELLS[1])) == ["leak"]
    array = {"start": 0, "deleteCount": 1}
    wire.change_notebook(BOOK, 2, structure={"array": array, "didClose": [{"uri": CELLS[0]}]})
    assert await wire.next("textDocument/publishDiagnostics") == {"uri": CELLS[0], "diagnostics": []}
    assert await wire.diagnostics(CELLS[1]) == []


async def test_moving_a_cell_changes_the_order_of_the_flow(wire: Wire) -> None:
    await wire.initialize()
    wire.open_notebook(BOOK, {CELLS[0]: "LEAK", CELLS[1]: "SOURCE"})
    assert await wire.diagnostics(CELLS[0]) == []
    cells = [{"kind": 2, "document": CELLS[1]}, {"kind": 2, "document": CELLS[0]}]
    wire.change_notebook(BOOK, 2, structure={"array": {"start": 0, "deleteCount": 2, "cells": cells}})
    await wire.diagnostics(CELLS[1])
    assert codes(await wire.diagnostics(CELLS[0])) == ["leak"]


async def test_a_new_cell_of_another_language_is_not_analysed(wire: Wire) -> None:
    await wire.initialize()
    wire.open_notebook(BOOK, {CELLS[0]: "BAD"})
    await wire.diagnostics(CELLS[0])
    array = {"start": 1, "deleteCount": 0, "cells": [{"kind": 2, "document": CELLS[1]}]}
    wire.change_notebook(BOOK, 2, structure={"array": array, "didOpen": [cell_item(CELLS[1], "BAD", "sql")]})
    assert await wire.diagnostics(CELLS[1]) == []


async def test_a_closed_notebook_is_cleared_cell_by_cell(wire: Wire) -> None:
    await wire.initialize()
    wire.open_notebook(BOOK, {CELLS[0]: "BAD", CELLS[1]: "BAD"})
    await wire.diagnostics(CELLS[1])
    wire.close_notebook(BOOK, CELLS[:2])
    cleared = [await wire.next("textDocument/publishDiagnostics") for _ in range(2)]
    assert sorted(cleared, key=lambda params: params["uri"]) == [{"uri": uri, "diagnostics": []} for uri in CELLS[:2]]


async def test_saving_looks_again_at_what_may_import_the_file(wire: Wire) -> None:
    await wire.initialize()
    wire.open(SCRIPT, "BAD")
    wire.open_notebook(BOOK, {CELLS[0]: "BAD"})
    await wire.diagnostics(CELLS[0])
    await wire.settle(SCRIPT)
    wire.notify("notebookDocument/didSave", {"notebookDocument": {"uri": BOOK}})
    wire.notify("textDocument/didSave", {"textDocument": {"uri": SCRIPT}})
    await wire.diagnostics(CELLS[0])
    await wire.settle(CELLS[0])
    assert len(wire.published(SCRIPT)) == 1
    assert len(wire.published(CELLS[0])) == 2


async def test_a_script_in_another_language_is_left_alone(wire: Wire) -> None:
    await wire.initialize()
    wire.open(SCRIPT, "BAD", language="markdown")
    await wire.settle(SCRIPT)
    assert wire.published(SCRIPT) == []


async def test_only_the_newest_version_is_published_while_someone_types() -> None:
    analyser = FakeAnalyser()
    async with connected(analyser) as (wire, _):
        await wire.initialize()
        wire.open(SCRIPT, "HANG")
        for version in range(2, 6):
            wire.change(SCRIPT, version, "HANG")
        wire.change(SCRIPT, 6, "BAD")
        assert codes(await wire.diagnostics(SCRIPT)) == ["bad-name"]
        assert [params["version"] for params in wire.published(SCRIPT)] == [6]


def test_a_late_report_is_not_published_for_a_cell_that_is_gone() -> None:
    """An analysis that kept the user waiting is let finish, though the notebook has changed."""
    first, second = (OpenCell(uri, 1, SourceText("BAD")) for uri in CELLS[:2])
    analysed = OpenDocument(BOOK, "notebook", 1, 1, (first, second))
    current = OpenDocument(BOOK, "notebook", 2, 2, (second,))
    sent: list[types.PublishDiagnosticsParams] = []
    Publisher(sent.append).publish((), analysed, current, Client())
    assert [params.uri for params in sent] == [second.uri]
