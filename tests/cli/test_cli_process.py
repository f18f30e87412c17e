"""What only a process shows: what it imports, how it ends, what it does with its streams."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest

import mlsense

PACKAGES = str(Path(mlsense.__file__).parent.parent)
LEAK = """\
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

X = StandardScaler().fit_transform(X)
X_train, X_test, y_train, y_test = train_test_split(X, y)
"""


def start(*arguments: str, cwd: Path, **more: object) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_COLOR")}
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=cwd,
        env={**environment, "PYTHONPATH": PACKAGES, **more.pop("env", {})},
        **{"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "stdin": subprocess.DEVNULL, **more},
    )


def run(*arguments: str, cwd: Path, **more: object) -> tuple[int, str, str]:
    process = start(*arguments, cwd=cwd, **more)
    out, err = process.communicate(timeout=60)
    return process.returncode, (out or b"").decode(), (err or b"").decode()


@pytest.mark.parametrize("module", ["mlsense", "mlsense.cli"])
def test_the_package_runs_as_a_module(tmp_path: Path, module: str) -> None:
    assert run("-m", module, "--version", cwd=tmp_path) == (0, f"mlsense {mlsense.__version__}\n", "")


def test_checking_imports_nothing_heavy(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(LEAK)
    (tmp_path / "n.ipynb").write_text('{"cells": []}')
    (tmp_path / ".gitignore").write_text("*.log\n")
    heavy = ["sklearn", "pandas", "numpy", "scipy", "jedi", "parso", "pygls", "lsprotocol", "attrs", "cattrs"]
    program = (
        "import sys\n"
        "from mlsense.cli import main\n"
        "code = main(['check'])\n"
        f"loaded = sorted(set({[*heavy, 'rich', 'pathspec', 'asyncio']!r}) & set(sys.modules))\n"
        "sys.exit(f'imported {loaded}' if loaded else code)\n"
    )
    code, out, err = run("-c", program, cwd=tmp_path)
    assert err == ""
    assert code in (0, 1)
    assert "2 files checked" in out


def test_a_reader_that_leaves_ends_it_quietly(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(LEAK)
    reading, writing = os.pipe()
    os.close(reading)
    try:
        for form in ("text", "json"):
            code, _, err = run("-m", "mlsense", "check", "--output-format", form, cwd=tmp_path, stdout=writing)
            assert (code, err) == (141, "")
    finally:
        os.close(writing)


def test_nobody_reading_the_complaints_ends_it_quietly_too(tmp_path: Path) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        code, out, _ = run("-m", "mlsense", "check", "nowhere", cwd=tmp_path, stderr=writing)
        assert (code, out) == (141, "")
    finally:
        os.close(writing)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs a disk that is always full")
def test_a_full_disk_is_said(tmp_path: Path) -> None:
    (tmp_path / "x.py").write_text(LEAK)
    with open("/dev/full", "wb") as full:
        code, _, err = run("-m", "mlsense", "check", cwd=tmp_path, stdout=full)
    assert code == 2
    assert err == "mlsense: cannot write the output: No space left on device\n"


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs a named pipe to wait for")
def test_control_c_ends_it_without_a_traceback(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.py")
    # A job in the background may have been told to ignore Ctrl+C, and its children with it.
    heed = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)
    process = start("-m", "mlsense", "check", "pipe.py", cwd=tmp_path, preexec_fn=heed)
    # Opening the pipe returns once the check has opened it: then it is in the middle of its work.
    with open(tmp_path / "pipe.py", "wb"):
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "utf-8"])
def test_what_the_output_cannot_encode_is_escaped(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "日本.py").write_text(LEAK.replace("X", "日本"))
    code, _, err = run("-m", "mlsense", "check", cwd=tmp_path, env={"PYTHONIOENCODING": encoding})
    assert code in (0, 1)
    assert err == ""


@pytest.mark.skipif(sys.platform != "linux", reason="needs file names that are bytes")
def test_a_file_name_that_is_no_text(tmp_path: Path) -> None:
    name = os.fsencode(tmp_path) + b"/caf\xe9.py"
    with open(name, "w") as file:
        file.write("x = 1\n")
    with open(os.fsencode(tmp_path) + b"/bad\xe9.py", "wb") as file:
        file.write(b"\0")
    for form in ("text", "json"):
        code, out, err = run("-m", "mlsense", "check", "--output-format", form, cwd=tmp_path)
        assert code == 2
        assert err.startswith("bad\\udce9.py: not checked: ")
        assert out


def test_files_that_are_large_or_nested_deep_are_lived_through(tmp_path: Path) -> None:
    (tmp_path / "large.py").write_text("value = [1, 2, 3]  # and so on, and so on, and so on\n" * 100_000)
    assert (tmp_path / "large.py").stat().st_size > 5_000_000
    for name, opening, closing in (("round", "(", ")"), ("square", "[", "]"), ("curly", "{", "}")):
        (tmp_path / f"{name}.py").write_text("x = " + opening * 2000 + closing * 2000 + "\n")
    (tmp_path / "open.py").write_text("x = " + "(" * 2000)
    (tmp_path / "minus.py").write_text("x = " + "-" * 20_000 + "1\n")
    (tmp_path / "plus.py").write_text("x = " + "1 + " * 20_000 + "1\n")
    (tmp_path / "blocks.py").write_text(
        "".join(" " * level + "if x:\n" for level in range(150)) + " " * 150 + "y = 1\n"
    )
    code, out, err = run("-m", "mlsense", "check", "--output-format", "json", cwd=tmp_path)
    assert code == 2
    assert json.loads(out)["coverage"]["files"] == 8
    complaints = {line.split(":")[0]: line for line in err.splitlines()}
    assert len(complaints) == len(err.splitlines())
    assert {"round.py", "square.py", "curly.py", "open.py"} <= set(complaints)
    assert "large.py" not in complaints
    assert all(" statement not checked: " in line for line in complaints.values())
