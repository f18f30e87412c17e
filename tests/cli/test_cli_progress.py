"""The progress bar: only on a terminal, only when it takes long, and never in the way."""

from __future__ import annotations

import io
import re

import pytest

from mlsense.cli.progress import ProgressBar


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def written(self) -> str:
        """All that was written, without the colours."""
        return re.sub(r"\x1b\[[\d;]*m", "", self.getvalue())


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "80")
    return Terminal()


def test_quick_work_shows_nothing(terminal: Terminal) -> None:
    clock = Clock()
    bar = ProgressBar(10, terminal, clock)
    for _ in range(10):
        clock.now += 0.09
        bar.advance()
        with bar.aside():
            pass
    bar.close()
    assert terminal.getvalue() == ""


def test_long_work_away_from_a_terminal_shows_nothing() -> None:
    clock = Clock()
    stream = io.StringIO()
    bar = ProgressBar(10, stream, clock)
    clock.now = 100.0
    bar.advance()
    bar.close()
    assert stream.getvalue() == ""


def test_long_work_shows_how_far_it_is(terminal: Terminal) -> None:
    clock = Clock()
    bar = ProgressBar(10, terminal, clock)
    bar.advance()
    clock.now = 1.1
    bar.advance()
    assert "2/10 files" in terminal.written()
    clock.now = 1.15
    bar.advance()
    assert "3/10" not in terminal.written(), "drawn again too soon"
    clock.now = 1.25
    bar.advance()
    assert "4/10 files" in terminal.written()
    bar.close()


def test_the_bar_is_gone_while_something_else_is_written_and_at_the_end(terminal: Terminal) -> None:
    erase = "\x1b[2K"
    clock = Clock()
    bar = ProgressBar(10, terminal, clock)
    clock.now = 1.1
    bar.advance()
    with bar.aside():
        before = terminal.written()
        assert before.rindex(erase) > before.rindex("1/10 files")
        terminal.write("a finding\n")
    clock.now = 2.0
    bar.advance()
    bar.close()
    after = terminal.written()
    assert after.index("2/10 files") > after.index("a finding")
    assert after.rindex(erase) > after.rindex("2/10 files")
    assert after.rindex("\x1b[?25h") > after.rindex("\x1b[?25l"), "the cursor is shown again"
