"""What the base completes, as a client gets it: with the real analysis, and without waiting for it."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from threading import Event
from typing import Any

import pytest

from lsp.test_completion import ABLE
from lsp.wire import VSCODE, Wire, connected, span
from mlsense.analysis import Analyser
from mlsense.lsp.server import Server

SCRIPT = "file:///train.py"
BOOK = "file:///book.ipynb"
CELLS = [f"vscode-notebook-cell:/book.ipynb#W{number}sZmlsZQ%3D%3D" for number in range(3)]
LOAD = "import pandas as pd\nfrom sklearn.svm import SVC\ndf = pd.DataFrame({'🧪': [1], 'b': [2]})\n"


class Held(Analyser):
    """Does not go on with a text that has HOLD in it until it may."""

    def __init__(self) -> None:
        super().__init__()
        self.proceed = Event()

    def analyse(self, document: Any, *how: Any) -> Any:
        if any("HOLD" in cell.source.text for cell in document.cells):
            assert self.proceed.wait(30)
        return super().analyse(document, *how)


def with_analysis(analyser: Any = None) -> AbstractAsyncContextManager[tuple[Wire, Server]]:
    return connected(analyser or Analyser(), Silent())  # type: ignore[arg-type]


class Silent:
    """A worker that knows nothing, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    async def ask(self, method: str, params: dict[str, Any]) -> Any:
        self.asked.append(method)
        return {"text": "From the docstring."} if method == "help" else None

    def stop(self) -> None:
        pass


def labels(answer: dict[str, Any]) -> list[str]:
    return [item["label"] for item in sorted(answer["items"], key=lambda item: item["sortText"])]


async def test_a_value_replaces_what_is_between_the_quotes_and_says_what_it_is() -> None:
    async with with_analysis() as (wire, _):
        wire.configuration = {}
        await wire.initialize(ABLE)
        wire.open(SCRIPT, LOAD + "'🧪'; SVC(kernel='r🧪')\n")
        await wire.settle(SCRIPT)
        answer = await wire.complete(SCRIPT, 3, 20, "'")
        assert answer["isIncomplete"] is False
        [item] = [item for item in answer["items"] if item["label"] == "rbf"]
        assert item["textEdit"] == {"range": span(3, 18, 21), "newText": "rbf"}
        resolved = await wire.ask("completionItem/resolve", item)
        assert "the default" in resolved["documentation"]["value"]


async def test_an_argument_has_what_we_say_before_what_its_library_says() -> None:
    async with with_analysis() as (wire, _):
        wire.configuration = {}
        await wire.initialize(ABLE)
        wire.open(SCRIPT, LOAD + "SVC()\n")
        await wire.settle(SCRIPT)
        answer = await wire.complete(SCRIPT, 3, 4)
        assert labels(answer)[0] == "kernel="
        item = next(item for item in answer["items"] if item["label"] == "C=")
        assert item["labelDetails"] == {"description": "1.0"}
        said = (await wire.ask("completionItem/resolve", item))["documentation"]["value"]
        assert said.startswith("**C** of `SVC`")
        assert said.endswith("From the docstring.")


async def test_an_import_comes_along_with_the_name() -> None:
    async with with_analysis() as (wire, _):
        wire.configuration = {}
        await wire.initialize(ABLE)
        wire.open(SCRIPT, LOAD + "MinMaxS")
        await wire.settle(SCRIPT)
        [item] = [item for item in (await wire.complete(SCRIPT, 3, 7))["items"] if item["label"] == "MinMaxScaler"]
        assert item["additionalTextEdits"] == [
            {"range": span(1, 27, 27), "newText": "\nfrom sklearn.preprocessing import MinMaxScaler"}
        ]


async def test_columns_do_not_wait_for_the_analysis_of_the_newest_key() -> None:
    analyser = Held()
    async with with_analysis(analyser) as (wire, _):
        wire.configuration = {}
        await wire.initialize(VSCODE)
        wire.open(SCRIPT, LOAD)
        await wire.settle(SCRIPT)
        try:
            wire.change(SCRIPT, 2, "# HOLD\n" + LOAD + 'df["')
            assert labels(await wire.complete(SCRIPT, 4, 4, '"')) == ["🧪", "b"]
            wire.change(SCRIPT, 3, "# HOLD\n" + LOAD + "SVC(C=1, ")
            help_ = await wire.signatures(SCRIPT, 4, 9)
            assert help_["signatures"][0]["label"].startswith("SVC(*, C=1.0, kernel='rbf'")
        finally:
            analyser.proceed.set()


async def test_a_signature_says_what_the_argument_takes() -> None:
    async with with_analysis() as (wire, _):
        wire.configuration = {}
        capabilities = await wire.initialize(VSCODE)
        assert capabilities["signatureHelpProvider"]["triggerCharacters"] == ["(", ",", "="]
        wire.open(SCRIPT, LOAD + "SVC(C=1, kernel=")
        await wire.settle(SCRIPT)
        answer = await wire.signatures(SCRIPT, 3, 16)
        [signature] = answer["signatures"]
        parameter = signature["parameters"][answer["activeParameter"]]
        assert parameter["label"] == "kernel='rbf'"
        assert "'linear'" in parameter["documentation"]["value"]


async def test_cells_of_a_notebook() -> None:
    async with with_analysis() as (wire, _):
        wire.configuration = {}
        await wire.initialize(VSCODE)
        wire.open_notebook(BOOK, dict(zip(CELLS, (LOAD, "!ls\n'🧪'; df['']", "df['c'] = 1"), strict=True)))
        await wire.settle(CELLS[1])
        assert labels(await wire.complete(CELLS[1], 1, 10, "'")) == ["🧪", "b"]
        assert labels(await wire.complete(CELLS[1], 0, 3)) == []


@pytest.mark.parametrize(
    ("line", "asked"), [("SVC(kernel='|')", False), ("SVC(|)", False), ("df.|", False), ("SVC(C|)", True)]
)
async def test_where_the_base_knows_nobody_else_is_asked(line: str, asked: bool) -> None:
    worker = Silent()
    async with connected(Analyser(), worker) as (wire, _):  # type: ignore[arg-type]
        wire.configuration = {}
        await wire.initialize(VSCODE, {"otherPythonServers": []})
        wire.open(SCRIPT, LOAD + line.replace("|", ""))
        await wire.settle(SCRIPT)
        answer = await wire.complete(SCRIPT, 3, line.index("|"))
        assert answer["items"]
        assert ("complete" in worker.asked) is asked
