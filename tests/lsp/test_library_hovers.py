"""Hovers on what libraries have, as a client gets them: the real analysis, and a worker in name only."""

from __future__ import annotations

import asyncio
from threading import Event
from typing import Any

import pytest

from lsp.test_python import Double
from lsp.wire import VSCODE, Wire, connected, span
from mlsense.analysis import Analyser
from mlsense.lsp.providers import library

SCRIPT = "file:///home/ada/train.py"
BOOK = "file:///home/ada/book.ipynb"
CELLS = [f"vscode-notebook-cell:/home/ada/book.ipynb#W{number}sZmlsZQ%3D%3D" for number in range(2)]
IMPORTS = "import pandas as pd\nfrom sklearn.linear_model import LogisticRegression\n"
PAGE = "https://scikit-learn.org/stable/modules/generated/sklearn.linear_model.LogisticRegression.html"


class Halting(Analyser):
    """Waits for `proceed` where the text says WAIT."""

    def __init__(self) -> None:
        super().__init__()
        self.proceed = Event()

    def analyse(self, document: Any, *args: Any) -> Any:
        if any("WAIT" in cell.source.text for cell in document.cells):
            assert self.proceed.wait(30)
        return super().analyse(document, *args)


async def hovered(wire: Wire, line: str, text: str = IMPORTS) -> Any:
    """The hover at the `|` of a line below the imports."""
    wire.configuration = {}
    await wire.initialize(VSCODE)
    wire.open(SCRIPT, text + line.replace("|", ""))
    return await wire.hover(SCRIPT, text.count("\n"), line.index("|"))


@pytest.mark.parametrize(
    ("line", "start", "end", "words"),
    [
        ("model = Logistic|Regression()", 8, 26, ["**LogisticRegression** · classifier", "Needs: numbers", PAGE]),
        ("LogisticRegression(C|=1)", 19, 20, ["**C** of `LogisticRegression` · default `1.0`", "regularises", PAGE]),
        ("LogisticRegression(solver='sa|ga')", 26, 32, ["**'saga'** for `solver`", PAGE]),
        ("pd.read|_csv('a.csv')", 3, 11, ["**read_csv** · function · pandas", "pandas.read_csv.html"]),
        (
            "mod|el = LogisticRegression()",
            0,
            5,
            ["**model**: `LogisticRegression`", "Not fitted", "Needs: numbers"],
        ),
    ],
)
async def test_in_a_script(line: str, start: int, end: int, words: list[str]) -> None:
    async with connected(Analyser()) as (wire, _):
        hover = await hovered(wire, line)
        text = hover["contents"]["value"]
        assert [word for word in words if word not in text] == []
        assert text.count("\n") <= library.MOST_LINES + 1
        assert hover["range"] == span(2, start, end)


async def test_in_a_notebook() -> None:
    async with connected(Analyser()) as (wire, _):
        wire.configuration = {}
        await wire.initialize(VSCODE)
        wire.open_notebook(BOOK, dict(zip(CELLS, [IMPORTS, "'🧪'; LogisticRegression(C=2)"], strict=True)))
        hover = await wire.hover(CELLS[1], 0, 25)
        assert hover["contents"]["value"].startswith("**C** of `LogisticRegression`")
        assert hover["range"] == span(0, 25, 26)


@pytest.mark.parametrize(
    ("line", "said", "asked", "words"),
    [
        (
            "Logistic|Regression()",
            "A first *sentence*. A second.\n\n**Parameters**\n\n- `C`",
            {"name": "sklearn.linear_model.LogisticRegression", "parameter": None},
            "*A first sentence.*",
        ),
        (
            "LogisticRegression(C|=1)",
            "float, default=1.0\n\nWhat it is. And more.",
            {"name": "sklearn.linear_model.LogisticRegression", "parameter": "C"},
            "*What it is.*",
        ),
    ],
)
async def test_the_words_of_the_library_that_is_installed(
    line: str, said: str, asked: dict[str, Any], words: str
) -> None:
    worker: Any = Double({"text": said})
    async with connected(Analyser(), worker) as (wire, _):
        text = (await hovered(wire, line))["contents"]["value"]
        ours, _, link = text.partition("\n\n")
        assert ours.endswith(f"  \n{words}")
        assert link == f"[Documentation]({PAGE})"
        [(method, params)] = worker.asked
        assert (method, {key: params[key] for key in asked}) == ("help", asked)


@pytest.mark.parametrize("answer", [None, {"text": ""}, {"text": "x" * 300}, "no dictionary"])
async def test_without_them_there_is_enough_to_say(monkeypatch: pytest.MonkeyPatch, answer: Any) -> None:
    monkeypatch.setattr(library, "DOCUMENTATION_LIMIT", 0.01)
    worker: Any = Double(answer)
    async with connected(Analyser(), worker) as (wire, _):
        text = (await hovered(wire, "Logistic|Regression()"))["contents"]["value"]
        assert text.startswith("**LogisticRegression** · classifier")
        assert "\n*" not in text


async def test_while_a_new_text_is_analysed_the_model_of_the_one_before_answers(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(library, "MOMENT", 0.01)
    analyser = Halting()
    async with connected(analyser) as (wire, _):
        wire.configuration = {}
        await wire.initialize(VSCODE)
        wire.open(SCRIPT, IMPORTS)
        await wire.diagnostics(SCRIPT)
        wire.change(SCRIPT, 2, IMPORTS + "'WAIT'; LogisticRegression(C=1)")
        hover = await asyncio.wait_for(wire.hover(SCRIPT, 2, 27), 20)
        analyser.proceed.set()
        assert hover["contents"]["value"].startswith("**C** of `LogisticRegression`")


async def test_the_version_in_force_is_said() -> None:
    async with connected(Analyser()) as (wire, _):
        text = (await hovered(wire, "Logistic|Regression()"))["contents"]["value"]
        assert " · scikit-learn 1." in text
