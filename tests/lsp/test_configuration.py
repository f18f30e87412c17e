"""Settings on their way from the client into the analysis."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lsp.wire import PLAIN, VSCODE, Wire, connected
from mlsense.lsp import server as server_module

if TYPE_CHECKING:
    from pathlib import Path

SCRIPT = "file:///train.py"


async def codes(wire: Wire) -> list[str]:
    return [diagnostic["code"] for diagnostic in await wire.diagnostics(SCRIPT)]


async def test_settings_are_asked_for_before_the_first_analysis(wire: Wire) -> None:
    wire.configuration = {"ignore": ["bad-name"]}
    await wire.initialize(VSCODE)
    wire.open(SCRIPT, "BAD, BOLD")
    assert await codes(wire) == ["bold-name"]
    asked = next(message for message in wire.received if message["method"] == "workspace/configuration")
    assert asked["params"] == {"items": [{"section": "mlsense"}]}
    assert len(wire.published(SCRIPT)) == 1


async def test_the_server_asks_to_be_told_of_changes_and_applies_them_live(wire: Wire) -> None:
    wire.configuration = {}
    await wire.initialize(VSCODE)
    registration = (await wire.next("client/registerCapability"))["registrations"][0]
    assert registration["method"] == "workspace/didChangeConfiguration"
    assert registration["registerOptions"] == {"section": "mlsense"}
    wire.open(SCRIPT, "BAD, BOLD")
    assert await codes(wire) == ["bad-name", "bold-name"]

    wire.configuration = {"select": ["bad-name"]}
    wire.notify("workspace/didChangeConfiguration", {"settings": None})
    assert await codes(wire) == ["bad-name"]


async def test_switching_off_takes_everything_back_and_on_brings_it_again(wire: Wire) -> None:
    wire.configuration = {}
    await wire.initialize(VSCODE)
    wire.open(SCRIPT, "BAD")
    assert await codes(wire) == ["bad-name"]

    wire.configuration = {"enable": False}
    wire.notify("workspace/didChangeConfiguration", {"settings": None})
    assert await codes(wire) == []
    assert await wire.hover(SCRIPT, 0, 0) is None
    assert await wire.actions(SCRIPT, [], only=["source"]) == []
    wire.change(SCRIPT, 2, "BOLD")

    wire.configuration = {"enable": True}
    wire.notify("workspace/didChangeConfiguration", {"settings": None})
    assert await wire.diagnostics(SCRIPT, version=2) == []
    assert await codes(wire) == ["bold-name"]


async def test_a_rule_can_be_made_louder_or_switched_off(wire: Wire) -> None:
    await wire.initialize(PLAIN, {"settings": {"rules": {"bad-name": "error", "bold-name": "off"}}})
    wire.open(SCRIPT, "BAD, BOLD")
    [diagnostic] = await wire.diagnostics(SCRIPT)
    assert (diagnostic["code"], diagnostic["severity"]) == ("bad-name", 1)


async def test_hovers_can_be_switched_off_alone(wire: Wire) -> None:
    await wire.initialize(PLAIN, {"settings": {"hover": {"enable": False}}})
    wire.open(SCRIPT, "BAD")
    assert await wire.hover(SCRIPT, 0, 0) is None
    assert await codes(wire) == ["bad-name"]


async def test_a_client_that_cannot_be_asked_sends_settings_when_it_starts_and_later(wire: Wire) -> None:
    await wire.initialize(PLAIN, {"settings": {"ignore": ["bad-name"]}})
    wire.open(SCRIPT, "BAD, BOLD")
    assert await codes(wire) == ["bold-name"]
    wire.notify("workspace/didChangeConfiguration", {"settings": {"mlsense": {"ignore": ["bold-name"]}}})
    assert await codes(wire) == ["bad-name"]


async def test_a_wrong_setting_is_said_and_the_others_hold(wire: Wire) -> None:
    wire.configuration = {"ignore": ["bad-name"], "select": "everything"}
    await wire.initialize(VSCODE)
    said = await wire.next("window/showMessage")
    assert said == {
        "type": 2,
        "message": "MLSense: Setting `mlsense.select` must be a list of rule names. It is left out.",
    }
    wire.open(SCRIPT, "BAD, BOLD")
    assert await codes(wire) == ["bold-name"]


@pytest.mark.parametrize("options", [None, 7, "x", [], {"settings": 3, "commands": 4}, {"commands": [None, {}]}])
async def test_any_initialization_options_are_survived(wire: Wire, options: object) -> None:
    await wire.initialize(PLAIN, options)
    wire.open(SCRIPT, "BAD")
    assert await codes(wire) == ["bad-name"]


async def test_a_client_that_never_answers_gets_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(server_module, "SETTINGS_WAIT", 0.01)
    async with connected() as (wire, _):
        await wire.initialize(VSCODE)
        wire.open(SCRIPT, "BAD")
        assert await codes(wire) == ["bad-name"]


async def test_a_client_that_answers_with_an_error_gets_the_defaults(wire: Wire) -> None:
    await wire.initialize(VSCODE)
    wire.open(SCRIPT, "BAD")
    await wire.next("workspace/configuration")
    request = next(message for message in wire.received if message["method"] == "workspace/configuration")
    wire.send({"id": request["id"], "error": {"code": -32601, "message": "never heard of it"}})
    assert await codes(wire) == ["bad-name"]


# --- what the project says ----------------------------------------------------------------------------


async def test_the_project_is_asked_and_the_editor_counts_more(wire: Wire, tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    project = tmp_path / "pyproject.toml"
    project.write_text(
        '[tool.mlsense]\nignore = ["bold-name"]\n[tool.mlsense.rules]\nbad-name = "error"\nleak = "off"\n'
    )
    uri = (tmp_path / "train.py").as_uri()
    wire.configuration = {}
    await wire.initialize(VSCODE)
    wire.open(uri, "BAD, BOLD, SOURCE, LEAK")
    assert [(each["code"], each["severity"]) for each in await wire.diagnostics(uri)] == [("bad-name", 1)]

    wire.configuration = {"rules": {"leak": "hint"}}
    wire.notify("workspace/didChangeConfiguration", {"settings": None})
    assert [(each["code"], each["severity"]) for each in await wire.diagnostics(uri)] == [("bad-name", 1), ("leak", 4)]


async def test_a_change_of_the_project_is_noticed_and_a_wrong_value_said_once(wire: Wire, tmp_path: Path) -> None:
    project = tmp_path / "pyproject.toml"
    project.write_text('[tool.mlsense]\nignore = ["bad-name"]\n')
    uri = (tmp_path / "train.py").as_uri()
    wire.configuration = {}
    await wire.initialize(VSCODE)
    wire.open(uri, "BAD, BOLD")
    assert [each["code"] for each in await wire.diagnostics(uri)] == ["bold-name"]

    project.write_text('[tool.mlsense]\nselect = 1\nignore = ["bold-name"]\n')
    wire.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": project.as_uri(), "type": 2}]})
    assert [each["code"] for each in await wire.diagnostics(uri)] == ["bad-name"]
    wire.change(uri, 2, "BAD")
    assert [each["code"] for each in await wire.diagnostics(uri, version=2)] == ["bad-name"]
    wire.change(uri, 3, "BOLD")
    assert await wire.diagnostics(uri, version=3) == []
    said = [message["params"] for message in wire.received if message["method"] == "window/showMessage"]
    [message] = said
    assert message["type"] == 2
    assert message["message"].endswith(
        "pyproject.toml:2: `tool.mlsense.select` must be a list of rule names. It is left out."
    )
