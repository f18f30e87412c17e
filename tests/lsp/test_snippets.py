"""The snippets as a client gets them: in completions, and for its pickers."""

from __future__ import annotations

import pytest

from lsp.test_completion import ABLE
from lsp.test_completion_of_the_base import BOOK, CELLS, with_analysis
from lsp.wire import PLAIN
from mlsense.snippets.packs import snippets
from mlsense.snippets.syntax import expanded

SCRIPT = "file:///train.py"
READ = """\
import pandas as pd

flights = pd.read_csv("flights.csv")
features, labels = flights.drop(columns="late"), flights["late"]
"""


async def test_a_completion_replaces_all_that_was_typed_of_the_prefix() -> None:
    async with with_analysis() as (wire, _):
        wire.configuration = {}
        await wire.initialize(ABLE)
        wire.open(SCRIPT, f"{READ}ml-spl\n")
        answer = await wire.complete(SCRIPT, 4, 6)
        [item] = [item for item in answer["items"] if item["label"] == "ml-split"]
        assert item["filterText"] == "ml-split"
        assert item["insertTextFormat"] == 2
        assert "${1:features}, ${2:labels}" in item["textEdit"]["newText"]
        place = {"start": {"line": 4, "character": 0}, "end": {"line": 4, "character": 6}}
        assert item["textEdit"]["range"] == place


async def test_a_dash_elsewhere_brings_no_list() -> None:
    async with with_analysis() as (wire, _):
        wire.configuration = {}
        await wire.initialize(ABLE)
        wire.open(SCRIPT, f"{READ}x = 3 -\n")
        assert (await wire.complete(SCRIPT, 4, 7, "-"))["items"] == []


async def test_a_client_without_snippets_gets_the_text() -> None:
    async with with_analysis() as (wire, _):
        await wire.initialize(PLAIN)
        wire.open(SCRIPT, f"{READ}ml-split\n")
        answer = await wire.complete(SCRIPT, 4, 8)
        [item] = [item for item in answer["items"] if item["label"] == "ml-split"]
        assert "$" not in item["textEdit"]["newText"]
        assert "features, labels" in item["textEdit"]["newText"]


async def test_a_picker_gets_all_snippets_with_those_that_come_next() -> None:
    async with with_analysis() as (wire, _):
        wire.configuration = {}
        await wire.initialize(ABLE)
        wire.open_notebook(BOOK, {CELLS[0]: READ, CELLS[1]: ""})
        asked = {"textDocument": {"uri": CELLS[1]}, "position": {"line": 0, "character": 0}}
        answer = await wire.ask("mlsense/snippets", asked)
        assert [each["prefix"] for each in answer["snippets"]] == [each.prefix for each in snippets()]
        ranked = sorted(
            (each for each in answer["snippets"] if each["next"] is not None), key=lambda each: each["next"]
        )
        assert ranked[0]["stage"] == "Split and validate"
        assert "features, labels" in expanded(ranked[0]["body"])
        assert ranked[0]["names"] == ["features", "labels"]


@pytest.mark.parametrize("asked", [{}, {"textDocument": {"uri": "file:///closed.py"}}])
async def test_where_nothing_is_open_the_snippets_are_those_of_the_packs(asked: object) -> None:
    async with with_analysis() as (wire, _):
        wire.configuration = {}
        await wire.initialize(ABLE)
        answer = await wire.ask("mlsense/snippets", asked)
        assert [each["body"] for each in answer["snippets"]] == [each.body for each in snippets()]
        assert all(each["next"] is None for each in answer["snippets"])
        assert answer["predicts"]["number"] == "A number"


async def test_data_sets_come_with_the_code_that_loads_them() -> None:
    async with with_analysis() as (wire, _):
        wire.configuration = {}
        await wire.initialize(ABLE)
        found = {each["name"]: each for each in await wire.ask("mlsense/dataSets", {})}
        assert found["wine"]["rows"] == 178
        assert found["wine"]["target"] == "3 classes"
        assert found["diabetes"]["target"] == "a number"
        names: dict[str, object] = {}
        exec(found["wine"]["code"], names)
        assert len(names["X"]) == 178  # type: ignore[arg-type]
