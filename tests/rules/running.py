"""Runs a program as a person would, and gives what it printed."""

from __future__ import annotations

import io
import re
import signal
import warnings
from contextlib import contextmanager, redirect_stdout
from importlib.util import find_spec
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

SECONDS = 60


def needs_torch(text: str) -> bool:
    return re.search(r"^\s*(?:import|from) torch\b", text, re.MULTILINE) is not None


def torch_marks(text: str) -> tuple[pytest.MarkDecorator, ...]:
    """The marks of a test that runs this program: with PyTorch, where it is installed."""
    if not needs_torch(text):
        return ()
    missing = find_spec("torch") is None
    return (pytest.mark.torch, pytest.mark.skipif(missing, reason="PyTorch is not installed"))


def printed(text: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Runs it in a folder of its own; what it raises is the caller's to see."""
    monkeypatch.chdir(folder)
    monkeypatch.setattr("sys.argv", ["example.py"])
    output = io.StringIO()
    with warnings.catch_warnings(), redirect_stdout(output), time_limit(SECONDS):
        warnings.simplefilter("ignore")
        exec(compile(text, "example.py", "exec"), {"__name__": "__main__"})
    return output.getvalue()


@contextmanager
def time_limit(seconds: int) -> Iterator[None]:
    """Ends what runs too long, where the system has alarms."""
    if not hasattr(signal, "SIGALRM"):
        yield
        return

    def late(*_: object) -> None:
        raise TimeoutError(f"still running after {seconds} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)
