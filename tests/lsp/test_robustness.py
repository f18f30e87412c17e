"""The server survives what clients should not send, and mistakes of our own."""

from __future__ import annotations

import logging
import random
import re
from typing import TYPE_CHECKING, Any

import pytest

from lsp.fake_analysis import FakeAnalyser
from lsp.wire import PLAIN, Wire, WireError, cell_item, connected, span

if TYPE_CHECKING:
    from mlsense.lsp.server import Server

SCRIPT = "file:///train.py"
BOOK = "file:///book.ipynb"
CELL = "vscode-notebook-cell:/book.ipynb#W0sZmlsZQ%3D%3D"


async def assert_alive(wire: Wire) -> None:
    wire.open("file:///alive.py", "BAD")
    assert [found["code"] for found in await wire.diagnostics("file:///alive.py")] == ["bad-name"]


async def test_messages_about_documents_that_are_not_open_change_nothing(wire: Wire) -> None:
    await wire.initialize()
    edit = {"range": span(0, 0, 0), "text": "x"}
    wire.change(SCRIPT, 2, edit)
    wire.close(SCRIPT)
    wire.change_notebook(BOOK, 2, textContent=[{"document": {"uri": CELL, "version": 2}, "changes": [edit]}])
    wire.close_notebook(BOOK, [CELL])
    wire.notify("notebookDocument/didSave", {"notebookDocument": {"uri": BOOK}})
    await assert_alive(wire)
    assert wire.published(SCRIPT) == wire.published(CELL) == []


async def test_a_document_may_be_closed_twice_and_opened_twice(wire: Wire) -> None:
    await wire.initialize()
    wire.open(SCRIPT, "BAD", version=1)
    await wire.diagnostics(SCRIPT, version=1)
    wire.open(SCRIPT, "BOLD", version=1)
    [diagnostic] = await wire.diagnostics(SCRIPT, version=1)
    assert diagnostic["code"] == "bold-name"
    wire.close(SCRIPT)
    wire.close(SCRIPT)
    await assert_alive(wire)


async def test_a_notebook_opened_again_with_other_cells_clears_the_old_ones(wire: Wire) -> None:
    await wire.initialize()
    wire.open_notebook(BOOK, {CELL: "BAD"})
    await wire.diagnostics(CELL)
    other = CELL.replace("W0", "W1")
    wire.open_notebook(BOOK, {other: "BAD"})
    assert await wire.diagnostics(CELL) == []
    assert len(await wire.diagnostics(other)) == 1


async def test_a_cell_opened_as_a_text_before_its_notebook_is_reported_once(wire: Wire) -> None:
    await wire.initialize()
    wire.open(CELL, "LEAK")
    assert await wire.diagnostics(CELL) == []
    other = CELL.replace("W0", "W1")
    wire.open_notebook(BOOK, {other: "SOURCE", CELL: "LEAK"})
    assert await wire.next("textDocument/publishDiagnostics") == {"uri": CELL, "diagnostics": []}
    assert len(await wire.diagnostics(CELL)) == 1
    wire.close(CELL)
    wire.change(CELL, 2, "LEAK LEAK")
    assert len(await wire.diagnostics(CELL, version=2)) == 2


async def test_versions_may_go_back(wire: Wire) -> None:
    await wire.initialize()
    wire.open(SCRIPT, "fine", version=9)
    wire.change(SCRIPT, 3, "BAD")
    assert len(await wire.diagnostics(SCRIPT, version=3)) == 1
    wire.change(SCRIPT, -1, "BOLD")
    assert [found["code"] for found in await wire.diagnostics(SCRIPT, version=-1)] == ["bold-name"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\x00BAD\x00",
        "\ufeffBAD",
        "\ud83d BAD",
        "(" * 2000 + " BAD",
        "\r\r\n\n BAD",
        "'''BAD",
        "\x0c\x0b\u2028 BAD",
        "%%bash\nBAD",
        "BAD " * 2000,
    ],
    ids=["empty", "NUL", "BOM", "surrogate", "brackets", "endings", "open", "separators", "magic", "many"],
)
async def test_any_text_is_analysed_in_scripts_and_cells(wire: Wire, text: str) -> None:
    await wire.initialize()
    wire.open(SCRIPT, text)
    assert len(await wire.diagnostics(SCRIPT)) == text.count("BAD")
    wire.open_notebook(BOOK, {CELL: text})
    assert len(await wire.diagnostics(CELL)) == text.count("BAD")


def edited(text: str, start: dict[str, int], end: dict[str, int], new: str) -> str:
    """What a client that counts UTF-16 has after an edit, worked out on its units."""

    def offset(place: dict[str, int]) -> int:
        lines = re.split(r"(?<=\r\n)|(?<=\r)(?!\n)|(?<=\n)", text)
        before = lines[: place["line"]]
        line = "".join(lines[place["line"] : place["line"] + 1]).rstrip("\r\n")
        units = line.encode("utf-16-le")[: 2 * place["character"]]
        return len("".join(before)) + len(units.decode("utf-16-le", "ignore"))

    return text[: offset(start)] + new + text[offset(end) :]


async def test_random_edits_keep_the_server_in_step_with_the_client(connection: tuple[Wire, Server]) -> None:
    """Also where ranges reach beyond the text, or into a character."""
    wire, server = connection
    dice = random.Random(7)
    pieces = ["BAD ", "BOLD", "\n", "\r\n", "🧪", "\f", "\u2028", "'", "", "x" * 9]
    await wire.initialize()
    text = "start\n"
    wire.open(SCRIPT, text)
    for version in range(2, 300):
        start, end = sorted(
            ({"line": dice.randrange(12), "character": dice.randrange(20)} for _ in range(2)),
            key=lambda place: (place["line"], place["character"]),
        )
        piece = dice.choice(pieces)
        text = edited(text, start, end, piece)
        wire.change(SCRIPT, version, {"range": {"start": start, "end": end}, "text": piece})
    await wire.diagnostics(SCRIPT, version=299)
    document = server.session.document(SCRIPT)
    assert document is not None
    assert document.cells[0].source.text == text


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[]",
        b"null",
        b"7",
        b"\xff\xfe",
        b"{}",
        b"[" * 100_000,
        b'{"jsonrpc": "1.0", "id": 1, "method": "initialize"}',
        b'{"jsonrpc": "2.0", "id": null, "method": "textDocument/hover", "params": {}}',
        b'{"jsonrpc": "2.0", "id": {"a": []}, "method": "shutdown"}',
        b'{"jsonrpc": "2.0", "id": {"a": []}, "method": "textDocument/hover", "params": {}}',
        b'{"jsonrpc": "2.0", "id": 1.5, "method": "textDocument/hover"}',
        b'{"jsonrpc": "2.0", "id": "unknown", "result": null}',
        b'{"jsonrpc": "2.0", "id": "unknown", "error": {"code": 1, "message": "x"}}',
        b'{"jsonrpc": "2.0", "id": null, "error": {"code": 1, "message": "x"}}',
        b'{"jsonrpc": "2.0", "method": "$/cancelRequest", "params": {"id": "unknown"}}',
        b'{"jsonrpc": "2.0", "method": "$/cancelRequest"}',
        b'{"jsonrpc": "2.0", "method": "no/such/thing", "params": [1]}',
        b'{"jsonrpc": "2.0", "method": "textDocument/didOpen", "params": {"textDocument": 3}}',
        b'{"jsonrpc": "2.0", "method": "textDocument/didChange", "params": null}',
        b'{"jsonrpc": "2.0", "method": "workspace/didChangeConfiguration", "params": {"settings": [1]}}',
        b'{"jsonrpc": "2.0", "method": "initialized", "params": {}}',
    ],
)
async def test_messages_that_make_no_sense_are_survived(wire: Wire, body: bytes) -> None:
    await wire.initialize()
    wire.send(body)
    await assert_alive(wire)


async def test_a_negative_position_spoils_only_its_own_message(wire: Wire) -> None:
    await wire.initialize()
    wire.open(SCRIPT, "BAD")
    wire.change(SCRIPT, 2, {"range": span(-1, 0, 0), "text": "x"})
    wire.change(SCRIPT, 3, {"range": span(0, 0, 0), "text": "  "})
    [diagnostic] = await wire.diagnostics(SCRIPT, version=3)
    assert diagnostic["range"] == span(0, 2, 5)


@pytest.mark.parametrize(
    ("method", "params", "code"),
    [
        ("textDocument/hover", {"textDocument": {"uri": SCRIPT}}, -32602),
        ("textDocument/hover", 7, -32602),
        ("textDocument/unheardOf", {}, -32601),
    ],
)
async def test_a_request_that_cannot_be_answered_gets_an_error(wire: Wire, method: str, params: Any, code: int) -> None:
    await wire.initialize()
    with pytest.raises(WireError) as raised:
        await wire.ask(method, params)
    assert raised.value.code == code
    await assert_alive(wire)


@pytest.mark.parametrize("id", ["text", 0, -1, 2**31 - 1, ""])
async def test_any_id_is_answered(wire: Wire, id: object) -> None:
    await wire.initialize()
    params = {"textDocument": {"uri": SCRIPT}, "position": {"line": 0, "character": 0}}
    assert await wire.ask("textDocument/hover", params, id=id) is None


async def test_before_initialize_requests_are_refused_and_notifications_dropped(wire: Wire) -> None:
    with pytest.raises(WireError) as raised:
        await wire.hover(SCRIPT, 0, 0)
    assert raised.value.code == -32002
    wire.open(SCRIPT, "BAD")
    await wire.initialize()
    assert await wire.hover(SCRIPT, 0, 0) is None


async def test_a_second_initialize_is_refused(wire: Wire) -> None:
    await wire.initialize()
    with pytest.raises(WireError) as raised:
        await wire.ask("initialize", {"processId": None, "rootUri": None, "capabilities": PLAIN})
    assert raised.value.code == -32600
    await assert_alive(wire)


async def test_after_shutdown_requests_are_refused_and_nothing_is_published(wire: Wire) -> None:
    await wire.initialize()
    wire.open(SCRIPT, "HANG")
    hover = wire.hover(SCRIPT, 0, 0)
    assert await wire.ask("shutdown") is None
    with pytest.raises(WireError) as raised:
        await hover
    assert raised.value.code == -32800
    wire.open("file:///late.py", "BAD")
    with pytest.raises(WireError) as raised:
        await wire.hover(SCRIPT, 0, 0)
    assert raised.value.code == -32600
    assert wire.published(SCRIPT) == wire.published("file:///late.py") == []


async def test_an_analysis_that_fails_begins_anew_the_next_time() -> None:
    analyser = FakeAnalyser()
    async with connected(analyser) as (wire, _):
        await wire.initialize()
        wire.open(SCRIPT, "CRASH")
        assert await wire.diagnostics(SCRIPT) == []
        assert analyser.kept == set()


async def test_an_analysis_that_fails_is_logged_and_leaves_nothing_stale(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    await wire.initialize()
    wire.open(SCRIPT, "BAD")
    assert len(await wire.diagnostics(SCRIPT)) == 1
    wire.change(SCRIPT, 2, "BAD CRASH")
    assert await wire.diagnostics(SCRIPT, version=2) == []
    assert await wire.hover(SCRIPT, 0, 0) is None
    assert await wire.actions(SCRIPT, [], only=["source.fixAll"]) == []
    errors = [record for record in caplog.records if record.levelno >= logging.WARNING]
    assert [error.getMessage() for error in errors] == [f"the analysis of {SCRIPT}, version 2, failed"]
    assert "the analyser has a bug" in caplog.text
    wire.change(SCRIPT, 3, "BAD")
    assert len(await wire.diagnostics(SCRIPT, version=3)) == 1
    assert all(message["method"] == "textDocument/publishDiagnostics" for message in wire.received)


async def test_a_finding_that_points_nowhere_does_not_hide_the_others(
    wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    await wire.initialize()
    wire.open(SCRIPT, "LOST BAD")
    assert [found["code"] for found in await wire.diagnostics(SCRIPT)] == ["bad-name"]
    assert "a finding cannot be shown" in caplog.text


async def test_a_handler_that_fails_is_logged_and_nobody_is_bothered(
    connection: tuple[Wire, Server], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    wire, server = connection
    await wire.initialize()
    with monkeypatch.context() as patched:
        patched.setattr(server.session, "open_script", lambda item: 1 / 0)
        wire.open(SCRIPT, "BAD")
        assert await wire.hover(SCRIPT, 0, 0) is None
    assert "ZeroDivisionError" in caplog.text
    await assert_alive(wire)
    assert all(message["method"] == "textDocument/publishDiagnostics" for message in wire.received)


async def test_closing_documents_frees_all_that_was_kept_for_them() -> None:
    analyser = FakeAnalyser()
    async with connected(analyser) as (wire, server):
        await open_and_close_two_hundred(wire)
        parts = (server, server.session, server.scheduler, server._publisher)
        kept = {name: value for part in parts for name, value in vars(part).items()}
        maps = {name: value for name, value in kept.items() if isinstance(value, (dict, list, set)) and value}
        assert maps == {}
        # pygls keeps one for `initialized`.
        assert len(server.protocol._request_futures) <= 1
        server.shutdown()
        assert analyser.kept == set()


async def open_and_close_two_hundred(wire: Wire) -> None:
    await wire.initialize()
    for number in range(200):
        script, book, cell = f"file:///{number}.py", f"file:///{number}.ipynb", f"{CELL}{number}"
        wire.open(script, "BAD")
        wire.open_notebook(book, {cell: "BAD"})
        wire.change(script, 2, "BOLD")
        if number % 2:
            await wire.settle(cell)
        array = {"start": 1, "deleteCount": 0, "cells": [{"kind": 2, "document": f"{cell}new"}]}
        wire.change_notebook(book, 2, structure={"array": array, "didOpen": [cell_item(f"{cell}new", "LEAK")]})
        wire.close(script)
        wire.close_notebook(book, [cell, f"{cell}new"])
    await assert_alive(wire)
    wire.close("file:///alive.py")
    assert await wire.diagnostics("file:///alive.py") == []
