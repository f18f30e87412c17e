"""One analysis thread; the newest version of each document wins.

All decisions are made on the event loop, so there is no state to lock: the thread only runs the one job it is
handed, and asks between statements whether the job was abandoned meanwhile.
"""

from __future__ import annotations

import logging
from collections import deque
from dataclasses import dataclass, field
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable

logger = logging.getLogger(__name__)

Subject = TypeVar("Subject")
Result = TypeVar("Result")

DEBOUNCE = 0.06
"""Seconds of quiet after an edit before the analysis starts."""
MAX_WAIT = 0.4
"""Seconds after which continuous typing no longer puts the analysis off, nor makes it start again."""


class Handle(Protocol):
    """A timer that can be stopped."""

    def cancel(self) -> None: ...


class Loop(Protocol):
    """What the scheduler needs of the event loop."""

    def time(self) -> float: ...
    def call_later(self, delay: float, callback: Callable[..., object], *args: Any) -> Handle: ...
    def call_soon_threadsafe(self, callback: Callable[..., object], *args: Any) -> object: ...
    def create_future(self) -> asyncio.Future[Any]: ...


@dataclass(slots=True, eq=False)
class _Job(Generic[Subject]):
    """A run on the analysis thread. `since` is when the oldest edit it answers was made."""

    key: str
    subject: Subject
    since: float
    loop: Loop
    abandoned: bool = False


@dataclass(slots=True, eq=False)
class _Waiting(Generic[Subject]):
    """What is known of a document between a request for its analysis and the answer."""

    subject: Subject | None = None
    since: float = 0.0
    timer: Handle | None = None
    settled: list[asyncio.Future[None]] = field(default_factory=list)

    def stop_timer(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None


class AnalysisThread:
    """A thread that runs calls one after the other."""

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._thread = Thread(target=self._work, name="mlsense-analysis", daemon=True)
        self._thread.start()

    def run(self, call: Callable[[], object]) -> None:
        """Run `call` after those before it."""
        self._calls.put(call)

    def stop(self, timeout: float) -> bool:
        """Let the call that runs now be the last; whether the thread ended within `timeout` seconds."""
        self._calls.put(None)
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            try:
                call()
            except Exception:
                logger.exception("a call on the analysis thread failed")


class Scheduler(Generic[Subject, Result]):
    """Decides when which document is analysed.

    `work` runs through `run`, on the analysis thread, with the subject and a function that says whether to
    give up. `deliver` is called on the event loop, which `loop` returns, with the subject and the result, or
    with the exception that `work` raised; never for an abandoned run.
    """

    def __init__(
        self,
        work: Callable[[Subject, Callable[[], bool]], Result],
        deliver: Callable[[Subject, Result | None, Exception | None], None],
        *,
        loop: Callable[[], Loop],
        run: Callable[[Callable[[], None]], None],
        debounce: float = DEBOUNCE,
        max_wait: float = MAX_WAIT,
    ) -> None:
        self._work = work
        self._deliver = deliver
        self._loop = loop
        self._run = run
        self._debounce = debounce
        self._max_wait = max_wait
        self._waiting: dict[str, _Waiting[Subject]] = {}
        self._ready: deque[str] = deque()
        self._running: _Job[Subject] | None = None

    @property
    def busy(self) -> frozenset[str]:
        """The keys whose newest subject has not been answered yet."""
        return frozenset(self._waiting)

    def submit(self, key: str, subject: Subject, *, edited: bool = False, typed: bool = True) -> None:
        """Ask for the analysis of `subject` in place of whatever was asked for `key` before.

        After an edit it waits for a pause in the typing, and then goes before what nobody is typing in. That is so
        too if it was another subject that was `typed` in, but then it does not go before others.
        """
        loop = self._loop()
        now = loop.time()
        waiting = self._waiting.setdefault(key, _Waiting())
        if waiting.subject is None:
            waiting.since = now
        waiting.subject = subject
        job = self._running
        # A run that has kept the user waiting for long is let finish, else steady typing would starve it.
        if job is not None and job.key == key and now - job.since < self._max_wait:
            job.abandoned = True
            waiting.since = min(waiting.since, job.since)
        waiting.stop_timer()
        if edited:
            due = min(now + self._debounce, waiting.since + self._max_wait)
            waiting.timer = loop.call_later(max(0.0, due - now), self._due, key, typed)
        else:
            self._due(key, False)

    def forget(self, key: str) -> None:
        """Drop everything about `key`; nothing more is delivered for it."""
        waiting = self._waiting.pop(key, None)
        if waiting is not None:
            waiting.stop_timer()
            _release(waiting)
        if key in self._ready:
            self._ready.remove(key)
        if self._running is not None and self._running.key == key:
            self._running.abandoned = True

    def settled(self, key: str) -> asyncio.Future[None]:
        """A future that is done once nothing is asked for `key` any more; each caller gets its own."""
        future: asyncio.Future[None] = self._loop().create_future()
        waiting = self._waiting.get(key)
        if waiting is None:
            future.set_result(None)
        else:
            waiting.settled.append(future)
        return future

    def stop(self) -> None:
        """Forget everything."""
        for key in self.busy:
            self.forget(key)

    def _due(self, key: str, first: bool) -> None:
        self._waiting[key].timer = None
        if key not in self._ready:
            if first:
                self._ready.appendleft(key)
            else:
                self._ready.append(key)
        self._start_next()

    def _start_next(self) -> None:
        if self._running is not None or not self._ready:
            return
        key = self._ready.popleft()
        waiting = self._waiting[key]
        subject, waiting.subject = waiting.subject, None
        assert subject is not None, "a document is ready only while its analysis is asked for"
        waiting.stop_timer()
        self._running = job = _Job(key, subject, waiting.since, self._loop())
        self._run(lambda: self._execute(job))

    def _execute(self, job: _Job[Subject]) -> None:
        """On the analysis thread."""
        result: Result | None = None
        error: Exception | None = None
        if not job.abandoned:
            try:
                result = self._work(job.subject, lambda: job.abandoned)
            except Exception as raised:
                error = raised
        try:
            job.loop.call_soon_threadsafe(self._finished, job, result, error)
        except RuntimeError:
            logger.debug("the event loop was gone before %s was analysed", job.key)

    def _finished(self, job: _Job[Subject], result: Result | None, error: Exception | None) -> None:
        self._running = None
        try:
            if not job.abandoned:
                self._deliver(job.subject, result, error)
        finally:
            waiting = self._waiting.get(job.key)
            if waiting is not None and waiting.subject is None:
                del self._waiting[job.key]
                _release(waiting)
            self._start_next()


def _release(waiting: _Waiting[Any]) -> None:
    for future in waiting.settled:
        if not future.done():
            future.set_result(None)
