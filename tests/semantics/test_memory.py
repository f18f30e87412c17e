"""Memory comes back when documents are closed, and does not grow while one is edited."""

from __future__ import annotations

import gc
import re
import tracemalloc
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from mlsense.analysis import Analyser
from mlsense.rules.registry import all_rules
from mlsense.semantics.program import Program
from mlsense.syntax import parsed, scanning, script
from mlsense.syntax.cache import TextCache

EXAMPLES = [text for rule in all_rules() for text in (*rule.bad, *rule.good) if 200 < len(text) < 600]
SERIAL = count()
MARGIN = 800_000


@pytest.fixture(autouse=True)
def small_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was parsed last is kept for whoever needs it next; so little of it that no leak can hide there."""
    monkeypatch.setattr(parsed, "_pieces", TextCache(5_000))
    monkeypatch.setattr(scanning, "_scans", TextCache(5_000))


@pytest.fixture
def analyser() -> Iterator[Analyser]:
    """An analyser that has seen each example, so that what they ask of the base is there; then traced."""
    analyser = Analyser()
    open_and_close(analyser, len(EXAMPLES))
    tracemalloc.start()
    open_and_close(analyser, 50)
    yield analyser
    tracemalloc.stop()


def unseen() -> str:
    """A program that no analysis has seen: like others, but with a name of its own in every assignment."""
    serial = next(SERIAL)
    return re.sub(r"(?m)^([a-zA-Z_]\w*) = ", rf"\1 = unseen_{serial} = ", EXAMPLES[serial % len(EXAMPLES)])


def open_and_close(analyser: Analyser, documents: int) -> None:
    for _ in range(documents):
        path = f"{next(SERIAL)}.py"
        report = analyser.analyse(script(path, unseen()))
        assert report.coverage.statements
        analyser.forget(path)


def growth(work: Callable[[], None]) -> int:
    """How many bytes are in use after the work that were not in use before."""
    gc.collect()
    before, _ = tracemalloc.get_traced_memory()
    work()
    gc.collect()
    return tracemalloc.get_traced_memory()[0] - before


def test_a_thousand_documents_leave_nothing_when_they_are_closed(analyser: Analyser) -> None:
    assert growth(lambda: open_and_close(analyser, 1_000)) < MARGIN


def test_a_document_that_is_edited_for_long_does_not_grow(analyser: Analyser) -> None:
    text = unseen()

    def edit(times: int) -> None:
        for _ in range(times):
            analyser.analyse(script("edited.py", f"{text}\nvalue = {next(SERIAL)}\n{text}\nprint(value)\n"))

    edit(20)
    assert growth(lambda: edit(300)) < MARGIN


def programs() -> int:
    gc.collect()
    return sum(type(thing) is Program for thing in gc.get_objects())


def test_documents_are_dropped_when_they_are_closed_or_too_many() -> None:
    before = programs()
    analyser = Analyser()
    open_and_close(analyser, 5)
    assert programs() == before
    for _ in range(100):
        analyser.analyse(script(f"{next(SERIAL)}.py", "x = 1\n"))
    assert before < programs() < before + 50
