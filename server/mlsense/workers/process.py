"""The server's end of a worker: a process that is started when it is needed, and given up when it is no good."""

from __future__ import annotations

import asyncio
import json
import logging
import subprocess
import sys
import threading
import time
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

logger = logging.getLogger(__name__)


class WorkerError(Exception):
    """A request that got no answer, and why."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Times are in seconds.

    `answer` is what a request may take before the process is killed; `idle` is how long one is kept with nothing to
    do. After `failures` ends that nobody asked for within `window`, none is started until the first is that old.
    """

    answer: float = 20.0
    idle: float = 300.0
    failures: int = 3
    window: float = 300.0


class Timer(Protocol):
    """A call to come, unless it is cancelled."""

    def cancel(self) -> object: ...


def later(seconds: float, call: Callable[[], object]) -> Timer:
    """Call after a time, on another thread."""
    timer = threading.Timer(seconds, call)
    timer.daemon = True
    timer.start()
    return timer


def command() -> list[str]:
    """How the worker is started: isolated as the server is, with this package and its libraries alone."""
    package = Path(__file__).resolve().parent
    folders = [str(package.parents[1])]
    for library in ("jedi", "parso"):
        spec = find_spec(library)
        if spec is not None and spec.origin is not None:
            folders.append(str(Path(spec.origin).parents[1]))
    return [sys.executable, "-I", "-S", str(package / "main.py"), *dict.fromkeys(folders)]


class Worker:
    """A worker process, of which the caller sees only answers.

    Requests are answered one after the other, in the order they came, on a thread of the worker's own; so `ask` may
    be called on any event loop and blocks none. `after` and `clock` are replaced in tests.
    """

    def __init__(
        self,
        command: Sequence[str],
        limits: Limits = Limits(),
        *,
        after: Callable[[float, Callable[[], object]], Timer] = later,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._command = command
        self._limits = limits
        self._after = after
        self._clock = clock
        self._thread = ThreadPoolExecutor(1, "mlsense-worker")
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._idle: Timer | None = None
        self._failures: deque[float] = deque(maxlen=limits.failures)
        self._stopped = False

    @property
    def running(self) -> bool:
        """Whether there is a process."""
        return self._process is not None

    async def ask(self, method: str, params: Mapping[str, Any]) -> Any:
        """The answer to a request; raises WorkerError.

        A request that is cancelled before its turn is never sent. One that is cancelled later runs on, so that what
        it has learned by then is not lost, and its answer is dropped.
        """
        if self._stopped:
            raise WorkerError("the worker has been stopped")
        return await asyncio.get_running_loop().run_in_executor(self._thread, self._answer, method, params)

    def stop(self) -> None:
        """End the process for good."""
        self._stopped = True
        self._thread.shutdown(wait=False, cancel_futures=True)
        self._end()

    # On the worker's thread

    def _answer(self, method: str, params: Mapping[str, Any]) -> Any:
        process = self._begin()
        overdue = threading.Event()

        def give_up() -> None:
            overdue.set()
            process.kill()

        timer = self._after(self._limits.answer, give_up)
        try:
            line = _exchange(process, {"method": method, "params": params})
            message = json.loads(line)
        except (OSError, ValueError) as error:
            message = None
            reason = str(error)
        finally:
            timer.cancel()
        if message is None:
            self._failed()
            raise WorkerError(f"`{method}` took too long" if overdue.is_set() else f"the worker ended: {reason}")
        self._rest(last=bool(message.get("last")))
        if "error" in message:
            raise WorkerError(message["error"])
        return message["answer"]

    def _begin(self) -> subprocess.Popen[bytes]:
        """The process, a new one if there is none."""
        with self._lock:
            if self._stopped:
                raise WorkerError("the worker has been stopped")
            if self._idle is not None:
                self._idle.cancel()
                self._idle = None
            if self._process is None:
                if len(self._failures) == self._limits.failures:
                    if self._clock() - self._failures[0] < self._limits.window:
                        raise WorkerError("the worker failed too often")
                    self._failures.popleft()
                self._process = self._start()
            return self._process

    def _start(self) -> subprocess.Popen[bytes]:
        try:
            return subprocess.Popen(
                self._command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd=Path(__file__).parent,
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
            )
        except OSError as error:
            self._failures.append(self._clock())
            raise WorkerError(f"the worker does not start: {error}") from error

    def _failed(self) -> None:
        if not self._stopped:
            self._failures.append(self._clock())
        self._end()

    def _rest(self, *, last: bool) -> None:
        """An answer is there: let the process wait for the next request, or go if it wants to."""
        if last:
            self._end()
            return
        with self._lock:
            self._idle = self._after(self._limits.idle, self._end_if_idle)

    # On any thread

    def _end_if_idle(self) -> None:
        with self._lock:
            if self._idle is None:
                return  # A request came at the same moment.
            self._idle = None
            process, self._process = self._process, None
        _end(process)

    def _end(self) -> None:
        with self._lock:
            if self._idle is not None:
                self._idle.cancel()
                self._idle = None
            process, self._process = self._process, None
        _end(process)


def _exchange(process: subprocess.Popen[bytes], request: Mapping[str, Any]) -> bytes:
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(request).encode() + b"\n")
    process.stdin.flush()
    line = process.stdout.readline()
    if not line.endswith(b"\n"):
        raise OSError(f"no answer, exit code {process.poll()}")
    return line


def _end(process: subprocess.Popen[bytes] | None) -> None:
    if process is None:
        return
    process.kill()
    process.wait()
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            try:
                stream.close()
            except OSError:
                logger.debug("a worker ended with an unsent request")
