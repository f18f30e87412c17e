"""The VSIX: what is in it, and that its server starts wherever it is put."""

from __future__ import annotations

import json
import os
import queue
import re
import subprocess
import sys
import threading
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds until a server that does not answer is given up."""


@pytest.fixture(scope="session")
def vsix() -> Path:
    """The package of the sources as they are."""
    subprocess.run(["node", "scripts/package.mjs", "--if-changed"], cwd=ROOT, check=True)
    (package,) = (ROOT / "dist").glob("*.vsix")
    return package


@pytest.fixture(scope="session")
def contents(vsix: Path) -> list[str]:
    with zipfile.ZipFile(vsix) as package:
        return package.namelist()


@pytest.fixture(scope="session")
def manifest(vsix: Path) -> dict[str, Any]:
    with zipfile.ZipFile(vsix) as package:
        return json.loads(package.read("extension/package.json"))


@pytest.fixture(scope="session")
def extension(vsix: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package unpacked, as VS Code does it."""
    folder = tmp_path_factory.mktemp("unpacked")
    with zipfile.ZipFile(vsix) as package:
        package.extractall(folder)
    return folder / "extension"


class Server:
    """A server started as the client starts it, spoken to in plain JSON-RPC."""

    def __init__(self, python: Path, extension: Path, cwd: Path, env: dict[str, str]) -> None:
        self.process = subprocess.Popen(
            [python, "-I", "-S", extension / "server" / "main.py"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=cwd,
            env=env,
        )
        self._received: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._errors: list[bytes] = []
        for read in (self._read_messages, self._read_errors):
            threading.Thread(target=read, daemon=True).start()

    def send(self, **message: Any) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        assert self.process.stdin
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        self.process.stdin.flush()

    def wait_for(self, **members: Any) -> dict[str, Any]:
        """The next message with these members."""
        while True:
            message = self._received.get(timeout=PATIENCE)
            assert message is not None, self.errors
            if members.items() <= message.items():
                return message

    @property
    def errors(self) -> str:
        return b"".join(self._errors).decode("utf-8", "replace")

    def _read_messages(self) -> None:
        assert self.process.stdout
        while header := self.process.stdout.readline():
            if match := re.match(rb"Content-Length: (\d+)", header):
                size = int(match[1])
            elif not header.strip():
                self._received.put(json.loads(self.process.stdout.read(size)))
        self._received.put(None)

    def _read_errors(self) -> None:
        assert self.process.stderr
        self._errors.extend(self.process.stderr)


@pytest.fixture
def hostile(tmp_path: Path) -> tuple[Path, Path, dict[str, str]]:
    """An interpreter, a folder and variables in which most programs in Python would fall over."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    (site,) = (tmp_path / "venv").rglob("site-packages")
    folder = tmp_path / "workspace"
    for place in (site, tmp_path / "path"):
        (place / "attr").mkdir(parents=True)
        (place / "attr" / "__init__.py").write_text("raise ImportError('a broken attr')\n")
    (site / "sitecustomize.py").write_text("raise SystemExit('a broken sitecustomize')\n")
    folder.mkdir()
    (folder / "typing.py").write_text("raise ImportError('not the typing you meant')\n")
    env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(tmp_path / "path")])}
    return python, folder, env


def test_the_hostile_environment_is_hostile(hostile: tuple[Path, Path, dict[str, str]]) -> None:
    python, folder, env = hostile
    for module in ("attr", "typing"):
        failed = subprocess.run([python, "-S", "-c", f"import {module}"], cwd=folder, env=env, check=False)
        assert failed.returncode != 0


@pytest.fixture
def server(extension: Path, hostile: tuple[Path, Path, dict[str, str]]) -> Iterator[Server]:
    python, folder, env = hostile
    server = Server(python, extension, folder, env)
    yield server
    server.process.kill()
    server.process.wait()


def test_the_server_finds_a_leak_where_the_environment_is_broken(server: Server, manifest: dict[str, Any]) -> None:
    uri = "file:///workspace/wine.py"
    text = (ROOT / "examples" / "wine.py").read_text("utf-8")
    document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    server.send(id=1, method="initialize", params={"processId": None, "rootUri": None, "capabilities": {}})
    answer = server.wait_for(id=1)["result"]
    server.send(method="initialized", params={})
    server.send(method="textDocument/didOpen", params={"textDocument": document})
    published = server.wait_for(method="textDocument/publishDiagnostics")["params"]
    server.send(id=2, method="shutdown")
    server.wait_for(id=2)
    server.send(method="exit")

    assert answer["serverInfo"] == {"name": "mlsense", "version": manifest["version"]}
    assert published["uri"] == uri
    assert "fit-before-split" in [diagnostic["code"] for diagnostic in published["diagnostics"]]
    assert server.process.wait(PATIENCE) == 0
    assert server.errors == ""


def test_its_worker_starts_where_the_environment_is_broken(server: Server, hostile: tuple[Path, Path, Any]) -> None:
    _, folder, _ = hostile
    uri = (folder / "train.py").as_uri()
    text = "def scale(values):\n    return values\nsca"
    document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    options = {"otherPythonServers": []}
    server.send(
        id=1,
        method="initialize",
        params={"processId": None, "rootUri": None, "capabilities": {}, "initializationOptions": options},
    )
    server.wait_for(id=1)
    server.send(method="initialized", params={})
    server.send(method="textDocument/didOpen", params={"textDocument": document})
    # The first answer may be late, for jedi has to be loaded, and says so; the worker has it for the next question.
    for id in range(2, 60):
        place = {"textDocument": {"uri": uri}, "position": {"line": 2, "character": 3}}
        server.send(id=id, method="textDocument/completion", params=place)
        answer = server.wait_for(id=id)["result"]
        if not answer["isIncomplete"]:
            break
    server.send(id=100, method="shutdown")
    server.wait_for(id=100)
    server.send(method="exit")

    assert "scale" in [item["label"] for item in answer["items"]]
    assert server.process.wait(PATIENCE) == 0
    assert server.errors == ""


def test_one_package_serves_every_platform(vsix: Path, contents: list[str]) -> None:
    with zipfile.ZipFile(vsix) as package:
        assert b"TargetPlatform" not in package.read("extension.vsixmanifest")
    assert [name for name in contents if re.search(r"\.(so|pyd|dylib|dll|exe|node)(\.|$)", name)] == []


def test_the_package_is_small(vsix: Path) -> None:
    assert vsix.stat().st_size < 9_000_000


def test_the_package_holds_the_whole_server(contents: list[str]) -> None:
    package = ROOT / "server" / "mlsense"
    files = {path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    expected = {f"extension/{path.relative_to(ROOT).as_posix()}" for path in files}
    assert {name for name in contents if name.startswith("extension/server/mlsense/")} == expected
    assert "extension/server/main.py" in contents


def test_the_package_holds_the_page_of_every_rule(contents: list[str]) -> None:
    from mlsense.rules.registry import all_rules

    pages = {f"extension/docs/rules/{rule.name}.md" for rule in all_rules()}
    assert pages
    assert pages <= set(contents)


def test_the_package_holds_what_its_manifest_names(manifest: dict[str, Any], contents: list[str]) -> None:
    snippets = [entry["path"] for entry in manifest["contributes"]["snippets"]]
    for named in (manifest["main"], manifest["icon"], *snippets):
        assert f"extension/{named.removeprefix('./')}" in contents


def test_the_package_holds_nothing_else(manifest: dict[str, Any], contents: list[str]) -> None:
    wanted = re.compile(
        r"""\[Content_Types\]\.xml | extension\.vsixmanifest
        | extension/ (
            package\.json | readme\.md | LICENSE\.txt | media/icon\.(png|svg)
            | client/out/(extension\.js | LICENSES\.txt)
            | docs/rules/([A-Za-z0-9-]+)\.md | snippets/[a-z-]+\.code-snippets | templates/(script|notebook|package)/.*
            | server/main\.py | server/mlsense/.*\.(py|json|typed) | server/mlsense/knowledge/notes/[a-z]+\.txt
            | bundle/.*
        )""",
        re.VERBOSE,
    )
    assert [name for name in contents if not wanted.fullmatch(name)] == []
    unwanted = re.compile(r"/(tests?|node_modules|__pycache__|\.[a-z]+)/|\.(map|ts|pyc)$|/bundle/bin/")
    stubs = "extension/bundle/jedi/third_party/"
    # Of any library: some have a module called `test`. A project that is made from a template has tests of its own.
    own = (stubs, "extension/templates/package/tests/")
    assert [name for name in contents if unwanted.search(name) and not name.startswith(own)] == []
    assert manifest.keys().isdisjoint({"scripts", "devDependencies", "private"})


def bundled() -> dict[str, str]:
    """The pinned version of each library of the bundle."""
    lines = (ROOT / "server" / "requirements.txt").read_text("utf-8").splitlines()
    return dict(line.split("==") for line in lines if line and not line.startswith("#"))


def metadata(extension: Path, field: str) -> dict[str, list[str]]:
    """The values of a metadata field of each library, by the name of the library."""
    found = {}
    for name, version in bundled().items():
        text = (extension / "bundle" / f"{name}-{version}.dist-info" / "METADATA").read_text("utf-8")
        found[name] = re.findall(rf"^{field}: (.*)$", text.partition("\n\n")[0], re.MULTILINE)
    return found


def test_the_libraries_run_on_the_oldest_python(extension: Path) -> None:
    for name, versions in metadata(extension, "Requires-Python").items():
        assert all(SpecifierSet(version).contains("3.10.0") for version in versions), name


def test_the_libraries_have_all_they_need(extension: Path) -> None:
    pinned = {name.replace("_", "-"): version for name, version in bundled().items()}
    for name, lines in metadata(extension, "Requires-Dist").items():
        for needed in map(Requirement, lines):
            if needed.marker is None or needed.marker.evaluate({"python_version": "3.10", "extra": ""}):
                assert needed.name.replace("_", "-") in pinned, f"{name} needs {needed}"
                assert needed.specifier.contains(pinned[needed.name.replace("_", "-")]), f"{name} needs {needed}"


def test_the_libraries_carry_their_licences(extension: Path) -> None:
    for name, version in bundled().items():
        folder = extension / "bundle" / f"{name}-{version}.dist-info"
        assert [file for file in folder.rglob("*") if re.match("licen[sc]e", file.name, re.IGNORECASE)], name
