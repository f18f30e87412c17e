"""The life of a worker process: started when asked, killed when it hangs, not started over and over."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

import pytest

from mlsense.workers.process import Limits, Worker, WorkerError

FAKE = [sys.executable, "-I", "-S", str(Path(__file__).with_name("fake_worker.py"))]
LIMITS = Limits(answer=20, idle=300, failures=3, window=60)


@dataclass
class Timers:
    """Timers that ring when told, and a clock that stands still."""

    now: float = 0.0
    waiting: list[Handle] = field(default_factory=list)
    answering: Event = field(default_factory=Event)

    def after(self, seconds: float, call: Callable[[], object]) -> Handle:
        handle = Handle(seconds, call, self)
        self.waiting.append(handle)
        if seconds == LIMITS.answer:
            self.answering.set()
        return handle

    def ring(self, seconds: float) -> None:
        """The timer of so many seconds is due."""
        [due] = [handle for handle in self.waiting if handle.seconds == seconds]
        self.waiting.remove(due)
        due.call()

    @property
    def set(self) -> list[float]:
        return [handle.seconds for handle in self.waiting]


@dataclass(eq=False)
class Handle:
    seconds: float
    call: Callable[[], object]
    timers: Timers

    def cancel(self) -> None:
        if self in self.timers.waiting:
            self.timers.waiting.remove(self)


@pytest.fixture
def timers() -> Timers:
    return Timers()


@pytest.fixture
def worker(timers: Timers) -> Iterator[Worker]:
    worker = Worker(FAKE, LIMITS, after=timers.after, clock=lambda: timers.now)
    yield worker
    worker.stop()


async def pid(worker: Worker) -> int:
    number, _ = await worker.ask("echo", {})
    return number


async def test_a_process_is_started_by_the_first_question_and_kept(worker: Worker) -> None:
    assert not worker.running
    first, params = await worker.ask("echo", {"text": "naïve 🧪\nline"})
    assert params == {"text": "naïve 🧪\nline"}
    assert worker.running
    assert await pid(worker) == first


async def test_questions_asked_at_once_are_answered_one_for_one(worker: Worker) -> None:
    answers = await asyncio.gather(*(worker.ask("echo", {"number": number}) for number in range(5)))
    assert [params["number"] for _, params in answers] == [0, 1, 2, 3, 4]


async def test_one_that_hangs_is_killed_and_the_next_question_gets_a_new_one(worker: Worker, timers: Timers) -> None:
    first = await pid(worker)
    timers.answering.clear()
    hanging = asyncio.ensure_future(worker.ask("hang", {}))
    await asyncio.to_thread(timers.answering.wait, 20)
    timers.ring(LIMITS.answer)
    with pytest.raises(WorkerError, match="too long"):
        await hanging
    assert await pid(worker) != first


@pytest.mark.parametrize("method", ["crash", "nonsense"])
async def test_one_that_goes_wrong_is_replaced(worker: Worker, method: str) -> None:
    first = await pid(worker)
    with pytest.raises(WorkerError, match="ended"):
        await worker.ask(method, {})
    assert not worker.running
    assert await pid(worker) != first


async def test_a_question_it_cannot_answer_is_no_reason_to_end_it(worker: Worker) -> None:
    first = await pid(worker)
    with pytest.raises(WorkerError, match="no such thing"):
        await worker.ask("fail", {})
    assert await pid(worker) == first


async def test_one_that_asks_to_be_replaced_is(worker: Worker) -> None:
    first, _ = await worker.ask("last", {})
    assert not worker.running
    assert await pid(worker) != first


async def test_after_too_many_failures_none_is_started_until_the_first_is_long_ago(
    worker: Worker, timers: Timers
) -> None:
    for moment in (0.0, 10.0, 20.0):
        timers.now = moment
        with pytest.raises(WorkerError, match="ended"):
            await worker.ask("crash", {})
    timers.now = LIMITS.window - 1
    with pytest.raises(WorkerError, match="too often"):
        await worker.ask("echo", {})
    assert not worker.running
    timers.now = LIMITS.window
    assert await pid(worker)
    with pytest.raises(WorkerError, match="ended"):
        await worker.ask("crash", {})
    with pytest.raises(WorkerError, match="too often"):
        await worker.ask("echo", {})


async def test_one_with_nothing_to_do_is_ended(worker: Worker, timers: Timers) -> None:
    first = await pid(worker)
    assert timers.set == [LIMITS.idle]
    timers.ring(LIMITS.idle)
    assert not worker.running
    assert timers.set == []
    assert await pid(worker) != first


async def test_a_question_puts_the_end_off(worker: Worker, timers: Timers) -> None:
    await pid(worker)
    await pid(worker)
    assert timers.set == [LIMITS.idle]


async def test_a_cancelled_question_that_waits_is_never_sent(worker: Worker, timers: Timers) -> None:
    hanging = asyncio.ensure_future(worker.ask("hang", {}))
    await asyncio.to_thread(timers.answering.wait, 20)
    waiting = asyncio.ensure_future(worker.ask("crash", {}))
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    timers.ring(LIMITS.answer)
    with pytest.raises(WorkerError, match="too long"):
        await hanging
    await pid(worker)
    # The crash would have been a second failure, and the third ends it.
    for _ in range(2):
        with pytest.raises(WorkerError, match="ended"):
            await worker.ask("crash", {})
    with pytest.raises(WorkerError, match="too often"):
        await worker.ask("echo", {})


async def test_a_cancelled_question_under_way_costs_the_others_nothing(worker: Worker, timers: Timers) -> None:
    first = await pid(worker)
    question = asyncio.ensure_future(worker.ask("echo", {"number": 1}))
    await asyncio.sleep(0)
    question.cancel()
    number, params = await worker.ask("echo", {"number": 2})
    assert (number, params) == (first, {"number": 2})


async def test_stopped_it_answers_nobody_and_who_waits_is_told(worker: Worker, timers: Timers) -> None:
    hanging = asyncio.ensure_future(worker.ask("hang", {}))
    await asyncio.to_thread(timers.answering.wait, 20)
    waiting = asyncio.ensure_future(worker.ask("echo", {}))
    await asyncio.sleep(0)
    worker.stop()
    for question in (hanging, waiting):
        with pytest.raises((WorkerError, asyncio.CancelledError)):
            await question
    with pytest.raises(WorkerError, match="stopped"):
        await worker.ask("echo", {})
    assert not worker.running


async def test_one_that_cannot_be_started_is_a_failure(timers: Timers) -> None:
    worker = Worker(["/no/such/program"], LIMITS, after=timers.after, clock=lambda: timers.now)
    for _ in range(LIMITS.failures):
        with pytest.raises(WorkerError, match="does not start"):
            await worker.ask("echo", {})
    with pytest.raises(WorkerError, match="too often"):
        await worker.ask("echo", {})
    worker.stop()
