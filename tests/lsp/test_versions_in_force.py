"""The versions of libraries in force, from the disk to the client, and changed while the server runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from lsp.wire import PLAIN, VSCODE, Wire

if TYPE_CHECKING:
    from pathlib import Path

WATCHING: dict[str, Any] = {
    **VSCODE,
    "workspace": {
        "didChangeWatchedFiles": {"dynamicRegistration": True, "relativePatternSupport": True},
    },
}
WANTED = {"versions": True}


@pytest.fixture(autouse=True)
def _no_active_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("VIRTUAL_ENV", "CONDA_PREFIX"):
        monkeypatch.delenv(name, raising=False)


def environment(folder: Path, *names: str) -> Path:
    packages = folder / "lib/python3.11/site-packages"
    for name in names:
        (packages / f"{name}.dist-info").mkdir(parents=True)
    (folder / "pyvenv.cfg").write_text("version = 3.11.1\n")
    (folder / "bin").mkdir()
    (folder / "bin/python").touch()
    return folder / "bin/python"


async def told(wire: Wire) -> list[tuple[str, str, str]]:
    libraries = (await wire.next("mlsense/versions"))["libraries"]
    return [(library["name"], library["version"], library["source"]) for library in libraries]


async def test_a_change_of_pins_is_noticed_when_the_client_tells_of_it(wire: Wire, tmp_path: Path) -> None:
    pins = tmp_path / "requirements.txt"
    pins.write_text("pandas==2.2.0\n")
    await wire.initialize(WATCHING, WANTED)
    registration = (await wire.next("client/registerCapability"))["registrations"][0]
    assert registration["method"] == "workspace/didChangeWatchedFiles"
    patterns = [watcher["globPattern"] for watcher in registration["registerOptions"]["watchers"]]
    assert {"**/requirements*.txt", "**/pyproject.toml", "**/uv.lock", "**/pyvenv.cfg"} <= set(patterns)

    wire.open((tmp_path / "train.py").as_uri(), "BAD")
    assert await told(wire) == [("pandas", "2.2.0", "requirements.txt")]
    pins.write_text("pandas==3.0.1\n")
    wire.notify("workspace/didChangeWatchedFiles", {"changes": [{"uri": pins.as_uri(), "type": 2}]})
    assert await told(wire) == [("pandas", "3.0.1", "requirements.txt")]


async def test_an_installation_in_the_selected_environment_is_noticed(wire: Wire, tmp_path: Path) -> None:
    python = environment(tmp_path / "ml", "scikit_learn-1.2.2")
    packages = tmp_path / "ml/lib/python3.11/site-packages"
    await wire.initialize(WATCHING, {**WANTED, "interpreter": str(python)})
    wire.open((tmp_path / "project/train.py").as_uri(), "BAD")
    [(name, version, _)] = await told(wire)
    assert (name, version) == ("scikit-learn", "1.2.2")
    registration = (await wire.next("client/registerCapability"))["registrations"][0]
    pattern = {"baseUri": packages.as_uri(), "pattern": "*.dist-info"}
    assert registration["registerOptions"]["watchers"] == [{"globPattern": pattern}]

    (packages / "scikit_learn-1.2.2.dist-info").rename(packages / "scikit_learn-1.9.1.dist-info")
    change = {"uri": (packages / "scikit_learn-1.9.1.dist-info").as_uri(), "type": 1}
    wire.notify("workspace/didChangeWatchedFiles", {"changes": [change]})
    assert [library[:2] for library in await told(wire)] == [("scikit-learn", "1.9.1")]


async def test_another_interpreter_can_be_selected_and_none(wire: Wire, tmp_path: Path) -> None:
    old = environment(tmp_path / "old", "pandas-1.3.0")
    new = environment(tmp_path / "new", "pandas-3.0.1")
    await wire.initialize(PLAIN, {**WANTED, "interpreter": str(old)})
    wire.open((tmp_path / "project/train.py").as_uri(), "BAD")
    assert [library[:2] for library in await told(wire)] == [("pandas", "1.3.0")]
    wire.notify("mlsense/interpreter", {"path": str(new)})
    assert [library[:2] for library in await told(wire)] == [("pandas", "3.0.1")]
    wire.notify("mlsense/interpreter", {"path": None})
    assert await told(wire) == []


async def test_who_did_not_ask_is_told_nothing(wire: Wire, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("pandas==2.2.0\n")
    uri = (tmp_path / "train.py").as_uri()
    await wire.initialize(PLAIN)
    wire.open(uri, "BAD")
    assert len(await wire.diagnostics(uri)) == 1
    await wire.settle(uri)
    methods = {message["method"] for message in wire.received}
    assert methods.isdisjoint({"mlsense/versions", "client/registerCapability"})
