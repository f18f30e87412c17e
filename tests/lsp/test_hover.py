from __future__ import annotations

from typing import Any

import pytest

from lsp.fake_analysis import FakeAnalyser
from lsp.wire import PLAIN, VSCODE, Wire, WireError, connected, span
from mlsense.lsp import server as server_module
from mlsense.lsp.markup import plain

SCRIPT = "file:///train.py"
CELL = "vscode-notebook-cell:/book.ipynb#W1sZmlsZQ%3D%3D"


async def test_a_hover_says_what_a_name_is(wire: Wire) -> None:
    wire.configuration = {}
    await wire.initialize(VSCODE)
    wire.open(SCRIPT, "'🧪' + name")
    assert await wire.hover(SCRIPT, 0, 9) == {
        "contents": {"kind": "markdown", "value": "**name**: [page](https://example.org/rules/)"},
        "range": span(0, 7, 11),
    }


@pytest.mark.parametrize("formats", [["plaintext"], ["plaintext", "markdown"]])
async def test_a_client_that_prefers_plain_text_gets_it(wire: Wire, formats: list[str]) -> None:
    await wire.initialize({**PLAIN, "textDocument": {"hover": {"contentFormat": formats}}})
    wire.open(SCRIPT, "name")
    contents = (await wire.hover(SCRIPT, 0, 0))["contents"]
    assert contents == {"kind": "plaintext", "value": "name: page (https://example.org/rules/)"}


async def test_a_cell_of_a_notebook_has_hovers(wire: Wire) -> None:
    await wire.initialize()
    wire.open_notebook("file:///book.ipynb", {"vscode-notebook-cell:/book.ipynb#W0": "other", CELL: "\nname"})
    assert (await wire.hover(CELL, 1, 1))["range"] == span(1, 0, 4)


@pytest.mark.parametrize(("line", "character"), [(0, 5), (7, 7), (0, 10**6)])
async def test_where_there_is_nothing_to_say_there_is_no_hover(wire: Wire, line: int, character: int) -> None:
    await wire.initialize()
    wire.open(SCRIPT, "name  ")
    assert await wire.hover(SCRIPT, line, character) is None
    assert await wire.hover("file:///unknown.py", line, character) is None


async def test_after_an_edit_the_hover_waits_for_the_analysis_of_the_new_text(wire: Wire) -> None:
    await wire.initialize()
    wire.open(SCRIPT, "old")
    await wire.diagnostics(SCRIPT)
    wire.change(SCRIPT, 2, "newer")
    assert (await wire.hover(SCRIPT, 0, 0))["range"] == span(0, 0, 5)


async def test_a_hover_gives_up_where_the_analysis_takes_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "REPORT_WAIT", 0.01)
    analyser = FakeAnalyser()
    async with connected(analyser) as (wire, _):
        await wire.initialize()
        wire.open(SCRIPT, "WAIT")
        assert await wire.hover(SCRIPT, 0, 0) is None
        analyser.proceed.set()
        await wire.diagnostics(SCRIPT)
        assert await wire.hover(SCRIPT, 0, 0) is not None


async def test_a_hover_on_a_text_that_changes_meanwhile_is_withdrawn() -> None:
    analyser = FakeAnalyser()
    async with connected(analyser) as (wire, _):
        await wire.initialize()
        wire.open(SCRIPT, "WAIT")
        hover = wire.hover(SCRIPT, 0, 0)
        wire.change(SCRIPT, 2, "name WAIT")
        analyser.proceed.set()
        assert await hover is None


async def test_a_cancelled_hover_stops_and_the_others_go_on() -> None:
    analyser = FakeAnalyser()
    async with connected(analyser) as (wire, _):
        await wire.initialize()
        wire.open(SCRIPT, "WAIT")
        cancelled, kept = (
            wire.ask("textDocument/hover", position(0), id="cancel me"),
            wire.hover(SCRIPT, 0, 0),
        )
        wire.notify("$/cancelRequest", {"id": "cancel me"})
        with pytest.raises(WireError) as raised:
            await cancelled
        assert raised.value.code == -32800
        analyser.proceed.set()
        assert (await kept)["range"] == span(0, 0, 4)


def position(character: int) -> dict[str, Any]:
    return {"textDocument": {"uri": SCRIPT}, "position": {"line": 0, "character": character}}


def test_markdown_as_plain_text() -> None:
    markdown = "**X**: `DataFrame`\n```python\nX = 1\n```\n- rows of [train](https://a.b)\n"
    assert plain(markdown) == "X: `DataFrame`\nX = 1\n- rows of train (https://a.b)"
