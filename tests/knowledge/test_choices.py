"""What the base says of the texts that parameters take is what the installed libraries do with them."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from mlsense.knowledge.choices import choice_of, taken_until
from mlsense.knowledge.releases import FOLDER, section

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from generate_choices import CALLS, WRONG, Trial

LIBRARIES = sorted(path.stem for path in (FOLDER / "choices").glob("*.json"))


def installed(library: str) -> str:
    """The minor version that is installed; skips where it was not tried."""
    version = ".".join(pytest.importorskip(library).__version__.split(".")[:2])
    if version not in section(f"choices/{library}")["releases"]:
        pytest.skip(f"{library} {version} was not tried")
    return version


@pytest.fixture(autouse=True)
def pyplot_as_it_was() -> Iterator[None]:
    """Choosing a backend changes functions of `matplotlib.pyplot`, which other tests compare with the base."""
    try:
        names = vars(importlib.import_module("matplotlib.pyplot"))
    except ImportError:
        yield
        return
    before = dict(names)
    marks = {id(each): dict(vars(each)) for each in before.values() if inspect.isfunction(each)}
    yield
    names.clear()
    names.update(before)
    for each in before.values():
        if id(each) in marks:
            vars(each).clear()
            vars(each).update(marks[id(each)])


@pytest.mark.parametrize("library", LIBRARIES)
def test_calls_refuse_what_they_are_said_to_refuse_and_take_the_rest(library: str) -> None:
    version, told = installed(library), 0
    wrong: list[tuple[str, str, object]] = []
    for dotted, calls, taken in CALLS[library]():
        known = {name: found for name in taken if (found := choice_of(dotted, name, version)) is not None}
        trial = Trial(calls) if known else None
        for name, found in known.items() if trial is not None else ():
            refused = trial.refusals(name, WRONG[0]) if trial is not None else []
            if found.raises:
                told += 1
                raised = {(each or "nothing").partition(":")[0] for each in refused}
                if raised != set(found.raises):
                    wrong.append((dotted, name, raised))
            # Of what is taken, a few: trying all is what wrote them down.
            for text in found.takes[:: max(1, len(found.takes) // 4)]:
                said = trial.refusals(name, text) if trial is not None else []
                if found.raises and said == [(each or "").replace(WRONG[0], text) for each in refused]:
                    wrong.append((dotted, name, text))
    assert wrong == []
    assert told > 50


@pytest.mark.parametrize(
    ("version", "dotted", "parameter", "taken", "refused"),
    [
        ("3.1", "pandas.DataFrame.merge", "how", "inner", "iner"),
        ("3.1", "pandas.merge", "validate", "1:m", "1:n"),
        ("3.1", "pandas.to_numeric", "errors", "coerce", "ignore"),
        ("2.0", "pandas.to_numeric", "errors", "ignore", "skip"),
        ("3.1", "pandas.DataFrame.sum", "axis", "columns", "column"),
        ("3.1", "pandas.concat", "join", "outer", "left"),
    ],
)
def test_what_people_mix_up_is_known(version: str, dotted: str, parameter: str, taken: str, refused: str) -> None:
    found = choice_of(dotted, parameter, version)
    assert found is not None
    assert found.raises == ("ValueError",)
    assert taken in found.takes
    assert refused not in found.takes


def test_a_text_that_was_taken_before_says_until_when() -> None:
    assert taken_until("pandas.to_numeric", "errors", "ignore", "3.1") == "3.0"
    assert taken_until("pandas.to_numeric", "errors", "skip", "3.1") is None


def test_nothing_is_refused_by_releases_that_were_not_tried() -> None:
    newer = choice_of("pandas.merge", "how", "99.0")
    assert newer is not None
    assert newer.raises == ()
    assert choice_of("pandas.merge", "how", "0.20") is None
    assert choice_of("polars.DataFrame.join", "how", "1.0") is None


@pytest.mark.parametrize("library", LIBRARIES)
def test_every_name_is_one_of_the_library(library: str) -> None:
    module = pytest.importorskip(library)
    releases = section(f"choices/{library}")["releases"]
    assert releases == sorted(releases, key=lambda version: [int(part) for part in version.split(".")])
    for dotted in section(f"choices/{library}")["facts"]:
        thing: object = module
        importlib.import_module("matplotlib.pyplot") if library == "matplotlib" else None
        if choice_of(dotted, next(iter(section(f"choices/{library}")["facts"][dotted])), installed(library)) is None:
            continue
        for part in dotted.split(".")[1:]:
            thing = getattr(thing, part)
        assert callable(thing)
