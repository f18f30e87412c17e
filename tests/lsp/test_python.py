"""What jedi knows, as a client gets it: with a real worker, with one that fails, and with none."""

from __future__ import annotations

import asyncio
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from lsp.fake_analysis import FakeAnalyser, FakeReport
from lsp.wire import PLAIN, VSCODE, Wire, WireError, connected, span
from mlsense.lsp.requests import completion, completion_resolve
from mlsense.lsp.server import Server
from mlsense.workers.process import WorkerError

ALONE = {"otherPythonServers": []}
BOOK = "file:///book.ipynb"
CELLS = [f"vscode-notebook-cell:/book.ipynb#W{number}sZmlsZQ%3D%3D" for number in range(4)]
TEXT = '''\
'🧪'; import pathlib
def scale(values, factor=2):
    """Scale values."""
    return values
'🧪'; scale(
'''


class SilentAnalyser(FakeAnalyser):
    """Has nothing to say of any name."""

    def analyse(self, *args: Any) -> FakeReport:
        report = super().analyse(*args)
        object.__setattr__(report, "hover", lambda cell, offset: None)
        return report


class Double:
    """A worker in name only: answers what it is given, raises it, or never answers."""

    def __init__(self, answer: Any = None) -> None:
        self.answer = answer
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.started = asyncio.Event()
        self.dropped = asyncio.Event()
        self.stopped = False

    async def ask(self, method: str, params: dict[str, Any]) -> Any:
        self.asked.append((method, params))
        self.started.set()
        if self.answer is None:
            try:
                await asyncio.Event().wait()
            finally:
                self.dropped.set()
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer

    def stop(self) -> None:
        self.stopped = True


def with_worker(worker: Any = None) -> AbstractAsyncContextManager[tuple[Wire, Server]]:
    return connected(SilentAnalyser(), worker)


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A real worker may take its time here; what is late is tested with doubles."""
    for module in (completion, completion_resolve):
        monkeypatch.setattr(module, "LIMIT", 20)
    monkeypatch.setattr("mlsense.lsp.providers.python.EXPLANATION_LIMIT", 20)
    monkeypatch.setattr("mlsense.lsp.providers.python.SIGNATURE_LIMIT", 20)
    monkeypatch.setattr("mlsense.lsp.providers.python.DEFINITION_LIMIT", 20)


async def test_the_users_own_functions_in_a_script(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text("\ndef helper(): pass\n")
    uri = (tmp_path / "train.py").as_uri()
    async with with_worker() as (wire, _):
        wire.configuration = {}
        await wire.initialize(VSCODE, ALONE)
        # Only the open text has the function: nothing of it is on the disk.
        wire.open(uri, TEXT + "sc\nimport own; own.he")
        found = (await wire.complete(uri, 5, 2))["items"]
        [item] = [item for item in found if item["label"] == "scale"]
        assert item["kind"] == 3
        resolved = await wire.ask("completionItem/resolve", item)
        assert (resolved["detail"], resolved["documentation"]["value"]) == ("scale(values, factor=2)", "Scale values.")

        hover = await wire.hover(uri, 4, 8)
        assert hover["contents"]["value"] == "```python\ndef scale(values, factor=2)\n```\n\nScale values."
        assert hover["range"] == span(4, 6, 11)

        signatures = await wire.signatures(uri, 4, 12)
        assert signatures["activeParameter"] == 0
        assert [signature["label"] for signature in signatures["signatures"]] == ["scale(values, factor=2)"]

        assert await wire.definition(uri, 4, 8) == [{"uri": uri, "range": span(1, 4, 9)}]
        there = {"uri": (tmp_path / "own.py").as_uri(), "range": span(1, 4, 10)}
        wire.change(uri, 2, "import own\nown.helper")
        assert await wire.definition(uri, 1, 6) == [there]


async def test_cells_of_a_notebook_know_those_above_and_not_those_below() -> None:
    texts = [
        "%matplotlib inline\n'🧪'; import math\ndef upper(): pass",
        "# Not code: def markdown(): pass",
        "!ls up\n'🧪'; up",
        "def upside_down(): pass",
    ]
    async with with_worker() as (wire, _):
        wire.configuration = {}
        await wire.initialize(VSCODE, ALONE)
        wire.open_notebook(BOOK, dict(zip(CELLS, texts, strict=True)))
        labels = [item["label"] for item in (await wire.complete(CELLS[2], 1, 8))["items"]]
        assert "upper" in labels
        assert "upside_down" not in labels
        edit = {"document": {"uri": CELLS[2], "version": 2}, "changes": [{"text": "!ls up\n'🧪'; upper"}]}
        wire.change_notebook(BOOK, 2, textContent=[edit])
        assert await wire.definition(CELLS[2], 1, 8) == [{"uri": CELLS[0], "range": span(2, 4, 9)}]
        assert (await wire.hover(CELLS[2], 1, 8))["range"] == span(1, 6, 11)
        # A shell command is not Python.
        assert (await wire.complete(CELLS[2], 0, 6))["items"] == []


async def test_only_a_dot_brings_a_list_unasked() -> None:
    worker = Double({"list": 1, "entries": [["real", "property"]], "incomplete": False})
    async with with_worker(worker) as (wire, _):
        await wire.initialize(options=ALONE)
        wire.open("file:///a.py", "x(1j.")
        for trigger in ("(", ",", "=", '"', "'", "["):
            assert (await wire.complete("file:///a.py", 0, 5, trigger))["items"] == []
        assert worker.asked == []
        assert len((await wire.complete("file:///a.py", 0, 5, "."))["items"]) == 1


@pytest.mark.parametrize(
    ("options", "answers"),
    [
        ({}, False),
        (ALONE, True),
        ({"otherPythonServers": ["ms-python.vscode-pylance"]}, False),
        ({**ALONE, "settings": {"completion": {"python": "off"}}}, False),
        ({**ALONE, "settings": {"completion.python": "sometimes"}}, True),
        ({"otherPythonServers": ["astral-sh.ty"], "settings": {"completion": {"python": "on"}}}, True),
        ({"settings": {"completion": {"python": "on"}}}, True),
        ({**ALONE, "trusted": True}, True),
        ({**ALONE, "trusted": False}, False),
        ({"trusted": False, "settings": {"completion": {"python": "on"}}}, False),
    ],
)
async def test_others_are_not_doubled_and_without_trust_nothing_runs(options: dict[str, Any], answers: bool) -> None:
    worker = Double(WorkerError("never mind"))
    async with with_worker(worker) as (wire, _):
        await wire.initialize(options=options)
        await every_request(wire)
        assert [method for method, _ in worker.asked] == (
            ["complete", "explain", "signatures", "definitions"] if answers else []
        )


async def test_the_client_tells_when_that_changes() -> None:
    worker = Double(WorkerError("never mind"))
    async with with_worker(worker) as (wire, _):
        await wire.initialize(options={"trusted": False, "otherPythonServers": ["ms-python.python"]})
        for told, asked in (({"trusted": True}, 0), (ALONE, 4), ({"otherPythonServers": ["x"]}, 4)):
            wire.notify("mlsense/surroundings", told)
            await every_request(wire)
            assert len(worker.asked) == asked


async def test_the_worker_is_told_where_the_libraries_are() -> None:
    worker = Double(WorkerError("never mind"))
    async with with_worker(worker) as (wire, _):
        await wire.initialize(options={**ALONE, "interpreter": "/env/bin/python"})
        wire.open("file:///home/me/a.py", "'🧪'; x")
        await wire.complete("file:///home/me/a.py", 0, 7)
        [(method, params)] = worker.asked
        assert method == "complete"
        assert params == {"text": "'🧪'; x", "offset": 6, "path": "/home/me/a.py", "interpreter": "/env/bin/python"}


async def every_request(wire: Wire) -> list[Any]:
    wire.open("file:///a.py", "print(x")
    return [
        (await wire.complete("file:///a.py", 0, 7))["items"],
        await wire.hover("file:///a.py", 0, 6),
        await wire.signatures("file:///a.py", 0, 6),
        await wire.definition("file:///a.py", 0, 6),
    ]


async def test_a_dead_worker_costs_nothing_but_its_answers() -> None:
    async with with_worker(Double(WorkerError("it died"))) as (wire, _):
        await wire.initialize(options=ALONE)
        assert await every_request(wire) == [[], None, None, None]
        wire.change("file:///a.py", 2, "BAD")
        assert len(await wire.diagnostics("file:///a.py", 2)) == 1


async def test_a_worker_that_hangs_costs_nothing_but_its_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(completion, "LIMIT", 0.01)
    for limit in ("EXPLANATION_LIMIT", "SIGNATURE_LIMIT", "DEFINITION_LIMIT"):
        monkeypatch.setattr(f"mlsense.lsp.providers.python.{limit}", 0.01)
    async with with_worker(Double()) as (wire, _):
        await wire.initialize(options=ALONE)
        assert await every_request(wire) == [[], None, None, None]
        assert (await wire.complete("file:///a.py", 0, 7))["isIncomplete"] is True
        wire.change("file:///a.py", 2, "BAD")
        assert len(await wire.diagnostics("file:///a.py", 2)) == 1


async def test_diagnostics_come_while_the_worker_is_busy() -> None:
    worker = Double()
    async with with_worker(worker) as (wire, _):
        await wire.initialize(options=ALONE)
        wire.open("file:///a.py", "BAD")
        question = wire.complete("file:///a.py", 0, 3)
        await asyncio.wait_for(worker.started.wait(), 20)
        assert len(await wire.diagnostics("file:///a.py", 1)) == 1
        assert not question.done()
        question.cancel()


async def test_a_cancelled_question_is_dropped() -> None:
    worker = Double()
    async with with_worker(worker) as (wire, _):
        await wire.initialize(options=ALONE)
        wire.open("file:///a.py", "x")
        place = {"textDocument": {"uri": "file:///a.py"}, "position": {"line": 0, "character": 1}}
        question = wire.ask("textDocument/completion", place, id="cancel me")
        await asyncio.wait_for(worker.started.wait(), 20)
        wire.notify("$/cancelRequest", {"id": "cancel me"})
        with pytest.raises(WireError) as raised:
            await question
        assert raised.value.code == -32800
        await asyncio.wait_for(worker.dropped.wait(), 20)


@pytest.mark.parametrize("ending", ["shutdown", "connection"])
async def test_the_worker_ends_with_the_server(ending: str) -> None:
    worker = Double()
    async with with_worker(worker) as (wire, _):
        await wire.initialize(options=ALONE)
        if ending == "shutdown":
            await wire.ask("shutdown")
            assert worker.stopped
    assert worker.stopped


async def test_the_place_of_a_parameter_is_counted_in_utf_16() -> None:
    signature = {
        "label": "f(x='🧪', xx=1)",
        "parameters": [{"label": "x='🧪'", "text": ""}, {"label": "xx=1", "text": "**Twice**"}],
        "active": None,
        "text": "",
    }
    capabilities = {
        "signatureInformation": {
            "documentationFormat": ["markdown"],
            "parameterInformation": {"labelOffsetSupport": True},
            "activeParameterSupport": True,
        }
    }
    async with with_worker(Double([signature])) as (wire, _):
        await wire.initialize({**PLAIN, "textDocument": {"signatureHelp": capabilities}}, ALONE)
        wire.open("file:///a.py", "f(")
        help = await wire.signatures("file:///a.py", 0, 2)
        assert help["signatures"][0]["parameters"] == [
            {"label": [2, 8]},
            {"label": [10, 14], "documentation": {"kind": "markdown", "value": "**Twice**"}},
        ]
        # None of the two is the one at the caret.
        assert help["activeParameter"] == 2
