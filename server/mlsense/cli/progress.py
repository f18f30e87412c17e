"""A progress bar for checks that take long."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from rich.progress import Progress

_PATIENCE = 1.0  # seconds before a bar is worth showing
_PERIOD = 0.1  # seconds between two drawings


class ProgressBar:
    """Counts `total` files on `stream`: silent unless that is a terminal and the work has lasted a second."""

    def __init__(self, total: int, stream: TextIO, clock: Callable[[], float] = time.monotonic) -> None:
        self._total = total
        self._stream = stream
        self._clock = clock
        self._done = 0
        self._next = clock() + _PATIENCE if stream.isatty() else float("inf")
        self._bar: Progress | None = None

    def advance(self) -> None:
        """One more file is done."""
        self._done += 1
        if self._clock() < self._next:
            return
        self._next = self._clock() + _PERIOD
        if self._bar is None:
            self._bar = _bar(self._stream, self._total)
            self._bar.start()
        self._bar.update(self._bar.task_ids[0], completed=self._done, refresh=True)

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Take the bar away while something is written, on this stream or another of the same terminal."""
        if self._bar is None:
            yield
            return
        self._bar.stop()
        yield
        self._bar.start()

    def close(self) -> None:
        """Take the bar away for good."""
        if self._bar is not None:
            self._bar.stop()
            self._bar = None
        self._next = float("inf")


def _bar(stream: TextIO, total: int) -> Progress:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    bar = Progress(
        TextColumn("checking"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("files"),
        TimeRemainingColumn(),
        console=Console(file=stream),
        auto_refresh=False,  # drawn from `advance`: no thread that writes while findings are written
        transient=True,
        redirect_stdout=False,
        redirect_stderr=False,
    )
    bar.add_task("", total=total)
    return bar
