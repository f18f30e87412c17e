"""The whole way: `mlsense server` as a process, with the real analysis and its rules."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest_asyncio

from lsp.wire import PATIENCE, VSCODE, Wire
from mlsense.text import Encoding, Position, SourceText, Span, TextEdit, apply_edits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

SERVER = Path(__file__).resolve().parents[2] / "server"
SCRIPT = "file:///home/ada/train.py"
BOOK = "file:///home/ada/book.ipynb"
CELLS = [f"vscode-notebook-cell:/home/ada/book.ipynb#W{number}sZmlsZQ%3D%3D" for number in range(4)]

LOAD = """\
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

frame = pd.read_csv("penguins.csv")
y = frame["species"]
X = frame.drop(columns="species")
"""
FIT = """\
title = "🐧"; scaler = StandardScaler(); X = scaler.fit_transform(X)
"""
SPLIT = """\
X_train, X_test, y_train, y_test = train_test_split(X, y)
model = LogisticRegression().fit(X_train, y_train)
print(model.score(X_test, y_test))
"""


@pytest_asyncio.fixture
async def wire() -> AsyncIterator[Wire]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "mlsense", "server"),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(SERVER)},
    )
    assert process.stdout is not None
    assert process.stdin is not None
    wire = Wire(process.stdout, process.stdin)
    wire.configuration = {}
    await wire.initialize(VSCODE, {"commands": ["mlsense.openRulePage", "mlsense.insertCell", "mlsense.openFile"]})
    yield wire
    await wire.ask("shutdown")
    wire.notify("exit")
    assert await asyncio.wait_for(process.wait(), PATIENCE) == 0


def edited(text: str, changes: list[dict[str, Any]]) -> str:
    """What VS Code has after it applied the edits."""
    lines = SourceText(text).lines

    def offset(place: dict[str, int]) -> int:
        return lines.from_client(Position(place["line"], place["character"]), Encoding.UTF16)

    spans = [Span(offset(change["range"]["start"]), offset(change["range"]["end"])) for change in changes]
    return apply_edits(text, [TextEdit(span, change["newText"]) for span, change in zip(spans, changes, strict=True)])


def place(text: str, word: str) -> dict[str, int]:
    """Where a word begins, as VS Code counts."""
    line, column = SourceText(text).lines.to_client(text.index(word), Encoding.UTF16)
    return {"line": line, "character": column}


async def test_a_leak_is_underlined_explained_and_repaired(wire: Wire) -> None:
    text = LOAD + FIT.replace('title = "🐧"; ', "").replace("; ", "\n") + SPLIT
    wire.open(SCRIPT, text)
    [leak] = await wire.diagnostics(SCRIPT, version=1)
    assert (leak["code"], leak["severity"], leak["source"]) == ("fit-before-split", 2, "MLSense")
    assert leak["range"]["start"] == place(text, "scaler.fit")
    assert place(text, "train_test_split(X") in [
        related["location"]["range"]["start"] for related in leak["relatedInformation"]
    ]

    fix, *_ = await wire.actions(SCRIPT, [leak], only=["quickfix"])
    [change] = fix["edit"]["documentChanges"]
    repaired = edited(text, change["edits"])
    wire.change(SCRIPT, 2, repaired)
    assert await wire.diagnostics(SCRIPT, version=2) == []
    assert repaired.index("train_test_split(X") < repaired.index("scaler.fit_transform(X_train)")


async def test_code_that_moves_to_another_cell_can_be_looked_at_first(wire: Wire) -> None:
    wire.open_notebook(BOOK, dict(zip(CELLS, (LOAD, FIT.replace("; ", "\n"), SPLIT), strict=False)))
    [leak] = await wire.diagnostics(CELLS[1])
    fix, preview, *_ = await wire.actions(CELLS[1], [leak], only=["quickfix"])
    assert preview["title"] == f"{fix['title']} (preview)"
    assert not preview.get("isPreferred")
    annotations = preview["edit"].pop("changeAnnotations")
    assert [each["needsConfirmation"] for each in annotations.values()] == [True]
    cells = [change["textDocument"]["uri"] for change in preview["edit"]["documentChanges"]]
    assert cells == CELLS[1:3]
    for change in preview["edit"]["documentChanges"]:
        for edit in change["edits"]:
            assert edit.pop("annotationId") in annotations
    assert preview["edit"] == fix["edit"]


async def test_a_line_that_is_ignored_is_silent(wire: Wire) -> None:
    text = LOAD + FIT + SPLIT
    wire.open(SCRIPT, text)
    [leak] = await wire.diagnostics(SCRIPT, version=1)
    assert leak["range"]["start"] == place(text, "scaler.fit")
    actions = {action["title"]: action for action in await wire.actions(SCRIPT, [leak])}
    [change] = actions["Ignore `fit-before-split` on this line"]["edit"]["documentChanges"]
    wire.change(SCRIPT, 2, edited(text, change["edits"]))
    assert await wire.diagnostics(SCRIPT, version=2) == []
    page = actions["Open the page of `fit-before-split`"]["command"]
    assert page["arguments"] == ["fit-before-split", leak["codeDescription"]["href"]]


MEASURE = "Measure what this leak is worth"


async def test_what_a_leak_is_worth_is_written_into_a_new_file(wire: Wire, tmp_path: Path) -> None:
    uri = (tmp_path / "train.py").as_uri()
    (tmp_path / "train_leak.py").touch()
    wire.open(uri, LOAD + FIT + SPLIT)
    [leak] = await wire.diagnostics(uri, version=1)
    actions = {action["title"]: action for action in await wire.actions(uri, [leak])}
    create, write = actions[MEASURE]["edit"]["documentChanges"]
    target = (tmp_path / "train_leak_2.py").as_uri()
    assert (create["kind"], create["uri"], create["options"]["overwrite"]) == ("create", target, False)
    assert write["textDocument"] == {"uri": target, "version": None}
    code = edited("", write["edits"])
    assert 'frame = pd.read_csv("penguins.csv")' in code
    assert "transformer = StandardScaler()" in code
    assert actions[MEASURE]["command"]["arguments"] == [target]
    assert not (tmp_path / "train_leak_2.py").exists()

    wire.change(uri, 2, LOAD + FIT + SPLIT + "x = 1\n")
    stale = {action["title"] for action in await wire.actions(uri, [leak])}
    assert MEASURE not in stale


async def test_what_a_leak_is_worth_is_written_into_a_new_cell(wire: Wire) -> None:
    wire.open_notebook(BOOK, dict(zip(CELLS, (LOAD, FIT, SPLIT, "x = 1"), strict=False)))
    [leak] = await wire.diagnostics(CELLS[1])
    actions = {action["title"]: action for action in await wire.actions(CELLS[1], [leak])}
    assert "edit" not in actions[MEASURE]
    assert actions[MEASURE]["command"]["command"] == "mlsense.insertCell"
    uri, below, code = actions[MEASURE]["command"]["arguments"]
    assert (uri, below) == (BOOK, 2)
    assert code.rstrip().endswith("worth_of_the_leak()")


async def test_a_leak_across_cells_appears_and_goes_as_cells_come_and_go(wire: Wire) -> None:
    wire.open_notebook(BOOK, dict(zip(CELLS, (LOAD, FIT, SPLIT), strict=False)))
    assert await wire.diagnostics(CELLS[0]) == []
    [leak] = await wire.diagnostics(CELLS[1])
    assert leak["range"]["start"] == place(FIT, "scaler.fit")
    assert await wire.diagnostics(CELLS[2]) == []
    assert CELLS[2] in [related["location"]["uri"] for related in leak["relatedInformation"]]

    array = {"start": 2, "deleteCount": 1}
    wire.change_notebook(BOOK, 2, structure={"array": array, "didClose": [{"uri": CELLS[2]}]})
    assert await wire.diagnostics(CELLS[1]) == []


async def test_a_hover_says_where_the_rows_of_a_variable_came_from(wire: Wire) -> None:
    text = LOAD + SPLIT
    wire.open(SCRIPT, text)
    assert await wire.diagnostics(SCRIPT) == []
    found = place(text, "X_train,")
    hover = await wire.hover(SCRIPT, found["line"], found["character"])
    assert hover["range"]["start"] == found
    assert hover["contents"]["kind"] == "markdown"
    assert "penguins.csv" in hover["contents"]["value"]


async def test_settings_reach_the_rules(wire: Wire) -> None:
    wire.open(SCRIPT, LOAD + FIT + SPLIT)
    assert len(await wire.diagnostics(SCRIPT)) == 1
    for configuration, severities in (
        ({"rules": {"fit-before-split": "error"}}, [1]),
        ({"ignore": ["fit-before-split"]}, []),
        ({"select": ["fit-before-split"]}, [2]),
    ):
        wire.configuration = configuration
        wire.notify("workspace/didChangeConfiguration", {"settings": None})
        assert [found["severity"] for found in await wire.diagnostics(SCRIPT)] == severities


async def test_a_leak_in_an_imported_file_comes_and_goes_when_that_file_is_saved(wire: Wire, tmp_path: Path) -> None:
    helper = tmp_path / "preparing.py"
    leaking = """\
from sklearn.preprocessing import StandardScaler

def prepare(table):
    return StandardScaler().fit_transform(table)
"""
    helper.write_text(leaking)
    text = LOAD + "from preparing import prepare\nX = prepare(X)\n" + SPLIT
    uri = (tmp_path / "train.py").as_uri()
    wire.open(uri, text)
    [leak] = await wire.diagnostics(uri, version=1)
    assert leak["range"]["start"] == place(text, "prepare(X)")
    assert helper.as_uri() in [related["location"]["uri"] for related in leak["relatedInformation"]]

    helper.write_text("def prepare(t):\n    return t.copy()\n")
    wire.notify("textDocument/didSave", {"textDocument": {"uri": helper.as_uri()}})
    assert await wire.diagnostics(uri, version=1) == []


HELPER = """\
from sklearn.preprocessing import StandardScaler

def prepare(table):
    return StandardScaler().fit_transform(table)
"""
HARMLESS = "def prepare(table):\n    return table.copy()\n"


async def test_a_file_imports_what_another_has_in_the_editor_before_it_is_saved(wire: Wire, tmp_path: Path) -> None:
    helper, middle, train = (tmp_path / name for name in ("preparing.py", "middle.py", "train.py"))
    helper.write_text(HARMLESS)
    middle.write_text("from preparing import prepare\n")
    text = LOAD + "from middle import prepare\nX = prepare(X)\n" + SPLIT
    wire.open(train.as_uri(), text)
    assert await wire.diagnostics(train.as_uri(), version=1) == []

    wire.open(helper.as_uri(), HARMLESS)
    assert await wire.diagnostics(helper.as_uri(), version=1) == []
    wire.change(helper.as_uri(), 2, HELPER)
    [leak] = await wire.diagnostics(train.as_uri(), version=1)
    assert leak["range"]["start"] == place(text, "prepare(X)")
    [related] = [each for each in leak["relatedInformation"] if each["location"]["uri"] == helper.as_uri()]
    assert related["location"]["range"]["start"] == place(HELPER, "StandardScaler().fit")

    start = {"line": 0, "character": 0}
    wire.change(helper.as_uri(), 3, {"range": {"start": start, "end": start}, "text": "# new\n\n"})
    [leak] = await wire.diagnostics(train.as_uri(), version=1)
    [related] = [each for each in leak["relatedInformation"] if each["location"]["uri"] == helper.as_uri()]
    assert related["location"]["range"]["start"]["line"] == place(HELPER, "StandardScaler().fit")["line"] + 2

    wire.close(helper.as_uri())
    assert await wire.diagnostics(train.as_uri(), version=1) == []


async def test_a_file_that_another_one_comes_to_import_is_read_from_the_editor(wire: Wire, tmp_path: Path) -> None:
    helper, train = tmp_path / "preparing.py", tmp_path / "train.py"
    helper.write_text(HARMLESS)
    wire.open(helper.as_uri(), HELPER)
    assert await wire.diagnostics(helper.as_uri(), version=1) == []
    wire.open(train.as_uri(), LOAD + SPLIT)
    assert await wire.diagnostics(train.as_uri(), version=1) == []
    wire.change(train.as_uri(), 2, LOAD + "from preparing import prepare\nX = prepare(X)\n" + SPLIT)
    assert [found["code"] for found in await wire.diagnostics(train.as_uri(), version=2)] == ["fit-before-split"]


async def test_an_edit_of_a_file_that_nothing_imports_asks_for_nothing_else(wire: Wire, tmp_path: Path) -> None:
    other, train = tmp_path / "other.py", tmp_path / "train.py"
    wire.open(train.as_uri(), LOAD + SPLIT)
    assert await wire.diagnostics(train.as_uri(), version=1) == []
    wire.open(other.as_uri(), "x = 1\n")
    assert await wire.diagnostics(other.as_uri(), version=1) == []
    wire.change(other.as_uri(), 2, "x = 2\n")
    assert await wire.diagnostics(other.as_uri(), version=2) == []
    await wire.settle(train.as_uri())
    assert len(wire.published(train.as_uri())) == 1


CLUSTERED = """\
import pandas as pd
from sklearn.cluster import KMeans

people = pd.read_csv("people.csv")
print(KMeans(n_clusters=2).fit_predict(people))
"""


async def test_a_data_file_is_read_and_read_again_when_it_changes(wire: Wire, tmp_path: Path) -> None:
    data = tmp_path / "people.csv"
    data.write_text("age,income\n25,31000\n62,75000\n")
    uri = (tmp_path / "train.py").as_uri()
    wire.open(uri, CLUSTERED)
    [finding] = await wire.diagnostics(uri, 1)
    assert finding["code"] == "unscaled-distance-model"
    assert "`income` runs from 31,000 to 75,000" in finding["message"]
    data.write_text("left,right\n1,2.5\n3,1\n")
    wire.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": data.as_uri(), "type": 2}]})
    assert await wire.diagnostics(uri) == []
