"""Snippets as the text that is inserted, and the programs of node and of environments that try them out."""

from __future__ import annotations

import os
import subprocess
import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

import pytest

from mlsense.snippets.packs import snippets
from mlsense.snippets.syntax import defaults, expanded, parse
from snippets.running import ROOT, python_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

SECONDS = 120


def body_of(prefix: str) -> str:
    return next(snippet.body for snippet in snippets() if snippet.prefix == prefix)


def text_of(prefix: str) -> str:
    """What a snippet inserts."""
    return expanded(body_of(prefix)).rstrip("\n") + "\n"


def texts_of(prefix: str) -> list[str]:
    """What a snippet inserts, for each of what can be chosen in it; the other choices are left at their first."""
    text = text_of(prefix)
    found = [text]
    for stop in defaults(parse(body_of(prefix))).values():
        found += [text.replace(stop.choices[0], choice) for choice in stop.choices[1:]]
    return found


def program_of_node(name: str) -> Path:
    """A program of the node packages; skips the test where they are not installed."""
    program = ROOT / "node_modules" / ".bin" / name
    if not program.exists():
        pytest.skip(f"{name} is not installed: npm ci")
    return program


def program_of(environment: str, name: str) -> Path:
    """A program in an environment's folder of programs; skips the test where the environment is not there."""
    return python_of(environment).with_name(name)


def variables(environment: str) -> dict[str, str]:
    """The variables of a process whose programs are those of an environment first."""
    path = f"{python_of(environment).parent}{os.pathsep}{os.environ['PATH']}"
    # A file that changes within a second would be taken for the one that was compiled.
    return os.environ | {"PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def run(command: Sequence[str | Path], folder: Path, environment: str = "snippets") -> subprocess.CompletedProcess[str]:
    """Runs a command to its end, with the programs of an environment on its path."""
    return subprocess.run(
        command,
        cwd=folder,
        env=variables(environment),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )


@contextmanager
def served(command: Sequence[str], ready: str, folder: Path, environment: str = "snippets") -> Iterator[str]:
    """Runs a server until the end of the block; begins once a line has `ready`, and gives that line."""
    server = subprocess.Popen(
        command,
        cwd=folder,
        env=variables(environment) | {"PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    late = threading.Timer(SECONDS, server.kill)
    late.start()
    try:
        assert server.stdout is not None
        said: list[str] = []
        for line in server.stdout:
            said.append(line)
            if ready in line:
                break
        else:
            pytest.fail(f"{' '.join(command)} ended:\n{''.join(said)[-4000:]}")
        # What it goes on to say is read, so that it never waits for room.
        threading.Thread(target=server.stdout.read, daemon=True).start()
        yield said[-1]
    finally:
        late.cancel()
        server.terminate()
        server.wait()
