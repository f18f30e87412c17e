"""The scheduler against a clock that only moves when told, and a thread that runs a job when told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from threading import Event, get_ident
from typing import TYPE_CHECKING, Any

import pytest

from mlsense.lsp.scheduler import AnalysisThread, Scheduler

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(eq=False)
class Timer:
    due: float
    call: Callable[[], object]
    cancelled: bool = False

    def cancel(self) -> None:
        self.cancelled = True


@dataclass
class Bench:
    """A loop, a thread and a work function in one. `runs` and `delivered` are what happened."""

    now: float = 0.0
    timers: list[Timer] = field(default_factory=list)
    jobs: list[Callable[[], None]] = field(default_factory=list)
    runs: list[str] = field(default_factory=list)
    delivered: list[Any] = field(default_factory=list)
    during: Callable[[], None] = lambda: None
    gave_up: bool = False

    def __post_init__(self) -> None:
        self.scheduler: Scheduler[str, str] = Scheduler(
            self.work, self.deliver, loop=lambda: self, run=self.jobs.append, debounce=0.06, max_wait=0.4
        )

    def time(self) -> float:
        return self.now

    def call_later(self, delay: float, callback: Callable[..., object], *args: Any) -> Timer:
        timer = Timer(self.now + delay, lambda: callback(*args))
        self.timers.append(timer)
        return timer

    def call_soon_threadsafe(self, callback: Callable[..., object], *args: Any) -> None:
        callback(*args)

    def create_future(self) -> asyncio.Future[Any]:
        return asyncio.get_running_loop().create_future()

    def work(self, subject: str, cancelled: Callable[[], bool]) -> str:
        self.runs.append(subject)
        during, self.during = self.during, lambda: None
        during()
        self.gave_up = cancelled()
        if self.gave_up or subject == "broken":
            raise RuntimeError(subject)
        return subject.upper()

    def deliver(self, subject: str, result: str | None, error: Exception | None) -> None:
        self.delivered.append(result if error is None else error)

    def advance(self, seconds: float) -> None:
        end = round(self.now + seconds, 6)
        while due := [timer for timer in self.timers if not timer.cancelled and round(timer.due, 6) <= end]:
            timer = min(due, key=lambda timer: timer.due)
            self.timers.remove(timer)
            self.now = max(self.now, timer.due)
            timer.call()
        self.now = end

    def run_all(self) -> None:
        while self.jobs:
            self.jobs.pop(0)()


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_an_opened_document_is_analysed_at_once(bench: Bench) -> None:
    bench.scheduler.submit("a", "a1")
    bench.run_all()
    assert bench.delivered == ["A1"]
    assert bench.scheduler.busy == frozenset()


def test_an_edit_waits_for_a_pause_in_the_typing(bench: Bench) -> None:
    for version in ("a1", "a2", "a3"):
        bench.scheduler.submit("a", version, edited=True)
        bench.advance(0.05)
    assert bench.jobs == []
    bench.advance(0.01)
    bench.run_all()
    assert bench.runs == ["a3"]


def test_steady_typing_is_analysed_all_the_same(bench: Bench) -> None:
    for version in range(20):
        bench.scheduler.submit("a", f"a{version}", edited=True)
        bench.advance(0.05)
        bench.run_all()
    assert [bench.now, bench.runs] == [1.0, ["a7", "a15"]]


def test_a_newer_version_makes_the_running_analysis_give_up(bench: Bench) -> None:
    bench.during = lambda: bench.scheduler.submit("a", "a2")
    bench.scheduler.submit("a", "a1")
    bench.run_all()
    assert bench.runs == ["a1", "a2"]
    assert bench.delivered == ["A2"]


def test_a_newer_version_of_another_document_does_not(bench: Bench) -> None:
    bench.during = lambda: bench.scheduler.submit("b", "b1")
    bench.scheduler.submit("a", "a1")
    bench.run_all()
    assert bench.delivered == ["A1", "B1"]


def test_an_analysis_longer_than_the_time_between_keys_is_not_starved(bench: Bench) -> None:
    """Each key comes while the one before is analysed; the fourth finds the user waiting for 0.4 s."""

    def key(number: int) -> None:
        bench.advance(0.1)
        if number < 9:
            bench.during = lambda: key(number + 1)
        bench.scheduler.submit("a", f"a{number}", edited=True)

    bench.during = lambda: key(1)
    bench.scheduler.submit("a", "a0")
    for _ in range(20):
        bench.run_all()
        bench.advance(0.06)
    assert bench.delivered[-1] == "A9"
    assert 2 <= len(bench.delivered) < len(bench.runs)


def test_what_is_typed_in_goes_before_what_is_not(bench: Bench) -> None:
    def settings_change_and_then_a_key() -> None:
        bench.scheduler.submit("b", "b1")
        bench.scheduler.submit("c", "c1")
        bench.scheduler.submit("d", "d1", edited=True)
        bench.advance(0.06)

    bench.during = settings_change_and_then_a_key
    bench.scheduler.submit("a", "a1")
    bench.run_all()
    assert bench.runs == ["a1", "d1", "b1", "c1"]


def test_the_newest_version_is_taken_when_the_thread_becomes_free(bench: Bench) -> None:
    def keys_in_b() -> None:
        for version in ("b1", "b2"):
            bench.scheduler.submit("b", version, edited=True)
            bench.advance(0.06)
        bench.scheduler.submit("b", "b3", edited=True)

    bench.during = keys_in_b
    bench.scheduler.submit("a", "a1")
    bench.run_all()
    bench.advance(1)
    assert bench.runs == ["a1", "b3"]
    assert bench.jobs == []


def test_nothing_is_delivered_for_a_forgotten_document(bench: Bench) -> None:
    bench.scheduler.submit("running", "r1")
    bench.scheduler.submit("ready", "r2")
    bench.scheduler.submit("typed", "t1", edited=True)
    for key in ("running", "ready", "typed", "unknown"):
        bench.scheduler.forget(key)
    bench.advance(1)
    bench.run_all()
    assert (bench.runs, bench.delivered) == ([], [])
    assert bench.scheduler.busy == frozenset()


def test_a_document_closed_and_opened_while_analysed_is_analysed_again(bench: Bench) -> None:
    def close_and_open() -> None:
        bench.scheduler.forget("a")
        bench.scheduler.submit("a", "new")

    bench.during = close_and_open
    bench.scheduler.submit("a", "old")
    bench.run_all()
    assert bench.delivered == ["NEW"]


def test_an_analysis_that_raises_is_delivered_as_its_error_and_the_next_one_runs(bench: Bench) -> None:
    bench.scheduler.submit("a", "broken")
    bench.scheduler.submit("b", "b1")
    bench.run_all()
    error, result = bench.delivered
    assert (str(error), result) == ("broken", "B1")


def test_a_delivery_that_raises_does_not_stop_the_others(bench: Bench) -> None:
    scheduler: Scheduler[str, str] = Scheduler(bench.work, lambda *_: 1 / 0, loop=lambda: bench, run=bench.jobs.append)
    scheduler.submit("a", "a1")
    scheduler.submit("b", "b1")
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            bench.jobs.pop(0)()
    assert bench.runs == ["a1", "b1"]
    assert scheduler.busy == frozenset()


async def test_waiting_ends_when_the_newest_version_is_delivered(bench: Bench) -> None:
    bench.during = lambda: bench.scheduler.submit("a", "a2")
    bench.scheduler.submit("a", "a1")
    settled = bench.scheduler.settled("a")
    bench.jobs.pop(0)()
    assert not settled.done()
    bench.run_all()
    assert settled.done()


async def test_waiting_ends_when_the_document_is_closed(bench: Bench) -> None:
    assert bench.scheduler.settled("a").done()
    bench.scheduler.submit("a", "a1", edited=True)
    settled = bench.scheduler.settled("a")
    bench.scheduler.forget("a")
    assert settled.done()


async def test_one_who_gives_up_waiting_does_not_disturb_the_others(bench: Bench) -> None:
    bench.scheduler.submit("a", "a1")
    impatient, patient = bench.scheduler.settled("a"), bench.scheduler.settled("a")
    impatient.cancel()
    bench.run_all()
    assert patient.done()


async def test_the_thread_works_beside_the_event_loop_and_ends_when_told() -> None:
    thread, delivered, proceed = AnalysisThread(), asyncio.Queue[Any](), Event()

    def work(subject: str, cancelled: Callable[[], bool]) -> int:
        assert proceed.wait(20)
        return get_ident()

    scheduler: Scheduler[str, int] = Scheduler(
        work, lambda *answer: delivered.put_nowait(answer), loop=asyncio.get_running_loop, run=thread.run
    )
    scheduler.submit("a", "a1")
    proceed.set()  # The event loop is free while the thread works.
    subject, ident, error = await asyncio.wait_for(delivered.get(), 20)
    assert (subject, error) == ("a1", None)
    assert ident != get_ident()
    assert thread.stop(20)


def test_a_thread_that_does_not_come_back_is_not_waited_for() -> None:
    thread, proceed = AnalysisThread(), Event()
    thread.run(proceed.wait)
    assert not thread.stop(0.01)
    proceed.set()
    assert thread.stop(20)
