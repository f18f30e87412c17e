"""The worker's end: a real process that is spoken to as the server does."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mlsense.workers import serving
from mlsense.workers.process import command


@pytest.fixture
def process() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen(command(), stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def ask(process: subprocess.Popen[bytes], line: bytes) -> dict[str, Any]:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(line + b"\n")
    process.stdin.flush()
    return json.loads(process.stdout.readline())


def request(method: str, **params: Any) -> bytes:
    return json.dumps({"method": method, "params": params}).encode()


def test_it_answers_questions_on_a_program_and_on_a_library(process: subprocess.Popen[bytes], tmp_path: Path) -> None:
    packages = tmp_path / ".venv" / "lib" / "python3.11" / "site-packages"
    packages.mkdir(parents=True)
    (tmp_path / ".venv" / "pyvenv.cfg").touch()
    (packages / "library.py").write_text("def useful(depth): 'Of use.'\n")
    place = {"path": str(tmp_path / "train.py"), "interpreter": str(tmp_path / ".venv" / "bin" / "python")}
    text = "import library\nlibrary.use"
    completed = ask(process, request("complete", text=text, offset=len(text), **place))
    assert completed["last"] is False
    assert completed["answer"]["entries"] == [["useful", "function"]]
    documented = ask(process, request("document", list=completed["answer"]["list"], index=0, **place))
    assert documented["answer"] == {"text": "Of use.", "detail": "useful(depth)"}
    helped = ask(process, request("help", name="library.useful", **place))
    assert (helped["answer"]["text"], helped["answer"]["signature"]) == ("Of use.", "useful(depth)")
    assert ask(process, request("help", name="library.nothing", **place))["answer"] is None


@pytest.mark.parametrize(
    "line", [b"nonsense", b"[]", request("no such method"), request("complete", text="x", offset="y")]
)
def test_what_it_cannot_answer_is_an_error_and_it_goes_on(process: subprocess.Popen[bytes], line: bytes) -> None:
    message = ask(process, line)
    assert "Error" in message["error"]
    assert message["last"] is False
    place = {"path": "/nowhere/a.py", "interpreter": None}
    assert ask(process, request("signatures", text="len(", offset=4, **place))["answer"][0]["label"].startswith("len(")


def test_it_ends_when_the_server_is_gone(process: subprocess.Popen[bytes]) -> None:
    _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, b"")


def test_nothing_of_the_environment_gets_in(tmp_path: Path) -> None:
    for name in ("jedi", "typing", "mlsense"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('not the one you meant')\n")
    pipes: dict[str, Any] = dict.fromkeys(("stdin", "stdout"), subprocess.PIPE)
    line = request("signatures", text="len(", offset=4, path=str(tmp_path / "a.py"), interpreter=None)
    with subprocess.Popen(command(), cwd=tmp_path, env={"PYTHONPATH": str(tmp_path)}, **pipes) as process:
        assert ask(process, line)["answer"][0]["label"].startswith("len(")


@pytest.mark.parametrize(("used", "last"), [(serving.ENOUGH_MEMORY + 1, True), (1, False)])
def test_one_that_has_grown_too_large_says_so(monkeypatch: pytest.MonkeyPatch, used: int, last: bool) -> None:
    monkeypatch.setattr(serving, "_memory", lambda: used)
    message = serving._answer({"echo": lambda **params: params}, request("echo", x=1))
    assert message == {"answer": {"x": 1}, "last": last}


def test_one_that_runs_out_of_memory_says_so() -> None:
    def fail() -> None:
        raise MemoryError

    assert serving._answer({"fail": fail}, request("fail")) == {"error": "out of memory", "last": True}


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux keeps to this limit")
def test_memory_is_bounded() -> None:
    code = f"from mlsense.workers import serving; serving._limit_memory(); bytearray({serving.MOST_MEMORY})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(Path(serving.__file__).parents[2])},
        timeout=60,
        check=False,
    )
    assert "MemoryError" in done.stderr
