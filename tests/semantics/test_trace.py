"""What a trace says of names, of what a notebook shows, and of the order in which its cells last ran."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import metadata

import pytest

from mlsense import knowledge
from mlsense.analysis import Analyser, Settings
from mlsense.knowledge.versions import Pin, Versions
from mlsense.semantics.events import Split
from mlsense.semantics.models import exports
from mlsense.semantics.program import Trace
from mlsense.syntax import notebook_of_cells, script

# What two releases of a library would export; `old` is gone in the second.
EXPORTS = {
    "1.0": {"sklearn.preprocessing": ("StandardScaler", "old"), "numpy": ("sum", "array", "load")},
    "2.0": {"sklearn.preprocessing": ("StandardScaler",), "numpy": ("array",)},
}


# Of other systems.
ELSEWHERE = {"float96", "complex192", "float128", "complex256"}


class Known:
    versions = ("1.0", "2.0")
    exact = True

    def __init__(self, version: str | None = None) -> None:
        self.version = version or "2.0"

    def at(self, version: str | None) -> Known:
        return Known(version)

    def exports(self, module: str) -> tuple[str, ...] | None:
        return EXPORTS[self.version].get(module)


@pytest.fixture
def exported(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    exports._exports.cache_clear()
    monkeypatch.setattr(exports, "offered_in", lambda versions, root: Known(versions.in_force(root).version))
    yield
    exports._exports.cache_clear()


def traced(text: str, **pinned: str) -> Trace:
    pins = tuple(sorted((name, Pin(f"=={version}", "requirements.txt")) for name, version in pinned.items()))
    trace = Analyser().analyse(script("a.py", text), Settings.of(versions=Versions(pinned=pins))).trace
    assert trace is not None
    return trace


def notebook(*cells: str, counts: tuple[int | None, ...] = ()) -> Trace:
    numbered = [("code", text, counts[index] if counts else None) for index, text in enumerate(cells)]
    trace = Analyser().analyse(notebook_of_cells("a.ipynb", numbered)).trace  # type: ignore[arg-type]
    assert trace is not None
    return trace


def symbols(trace: Trace) -> set[str]:
    return {getattr(sighting.value, "name", "") for sighting in trace.sightings.values()}


@pytest.mark.usefixtures("exported")
def test_a_star_brings_the_exports_of_the_version_in_force() -> None:
    text = "from numpy import *\nsum\narray\nStandardScaler\n"
    assert symbols(traced(text, numpy="1.0")) == {"numpy.sum", "numpy.array"}
    assert symbols(traced(text, numpy="2.0")) == {"numpy.array"}
    assert not traced(text, numpy="2.0").names_may_appear


@pytest.mark.usefixtures("exported")
def test_the_last_star_that_has_a_name_counts() -> None:
    text = "from numpy import *\nfrom sklearn.preprocessing import *\nold\nload\n"
    assert symbols(traced(text, numpy="1.0", **{"scikit-learn": "1.0"})) == {"sklearn.preprocessing.old", "numpy.load"}


@pytest.mark.usefixtures("exported")
def test_any_name_may_come_from_what_nothing_is_known_of() -> None:
    assert not traced("from numpy import *").names_may_appear
    for module in ("sklearn.nowhere", "mine", ".", "pylab"):
        assert traced(f"from {module} import *").names_may_appear, module
    assert traced("exec(code)").names_may_appear


@pytest.mark.parametrize(
    "module",
    ["sklearn.linear_model", "sklearn.preprocessing", "sklearn.datasets", "sklearn.metrics", "numpy", "pandas"],
)
def test_a_star_brings_what_it_really_brings(module: str) -> None:
    root = module.partition(".")[0]
    name = {"sklearn": "scikit-learn"}.get(root, root)
    installed = Versions("here", ((name, metadata.version(name)),))
    really: dict[str, object] = {}
    exec(f"from {module} import *", really)
    names = exports.star_names(module, installed)
    assert names is not None
    assert names >= really.keys() - {"__builtins__"}
    assert names - really.keys() <= ELSEWHERE


def test_of_a_range_the_newest_release_that_is_known_counts() -> None:
    pinned = Versions(pinned=(("pandas", Pin(">=1.3,<1.5", "requirements.txt")),))
    library = knowledge.library("pandas")
    assert library is not None
    assert pinned.in_force("pandas", library.versions).version == "1.4"
    names = exports.star_names("pandas", pinned)
    assert names is not None
    assert "ArrowDtype" not in names  # new in 1.5


def test_without_knowledge_the_tables_say_what_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exports, "_exports", lambda module, version: None)
    trace = traced("from pylab import *\nnp\nplt\nrandom\nconcatenate\nmax\n")
    assert symbols(trace) == {"numpy", "matplotlib.pyplot", "numpy.concatenate"}
    assert trace.names_may_appear


def test_a_notebook_shows_the_last_expression_of_each_cell() -> None:
    trace = notebook(
        "x = 1\nx",
        "x\ny = 2",
        "x; y",
        "(x);",
        "x  # why",
        "%time x",
        "%matplotlib inline",
        "",
        "def f(): pass",
        "x ;# z",
    )
    shown = [trace.locate(place) for place in trace.displayed]
    texts = [(cell, trace.source(cell).text[slice(*span)]) for cell, span in filter(None, shown)]
    assert texts == [(0, "x"), (2, "y"), (4, "x"), (5, "x")]


def test_a_script_shows_nothing() -> None:
    assert traced("x = 1\nx\n").displayed == ()


def test_saved_execution_counts_are_evidence_of_the_order() -> None:
    trace = notebook("x = 1", "x = 2", "x", "y", counts=(7, 3, None, 3))
    assert trace.ran_before(1, 0) is True
    assert trace.ran_before(0, 1) is False
    assert trace.ran_before(0, 2) is None
    assert trace.ran_before(1, 3) is None
    assert trace.execution_counts == {0: 7, 1: 3, 3: 3}


def test_execution_counts_change_nothing_that_is_followed() -> None:
    cells = ("x = 1", "x = 2", "x")
    one, other = notebook(*cells, counts=(1, 2, 3)), notebook(*cells, counts=(3, 2, 1))
    assert one.sightings == other.sightings


def test_which_pandas_counts_says_whether_a_column_filled_in_place_fills_its_table() -> None:
    text = (
        "import pandas as pd\n"
        "from sklearn.model_selection import train_test_split\n"
        "table = pd.read_csv('a.csv')\n"
        "table['size'].fillna(table['size'].median(), inplace=True)\n"
        "table.age.fillna(table['age'].mean(), inplace=True)\n"
        "train, test = train_test_split(table)\n"
    )

    def learned(version: str) -> list[tuple[str, tuple[str, ...] | None]]:
        (split,) = traced(text, pandas=version).of(Split)
        (given,) = split.inputs
        assert given is not None
        return [(each.family, each.columns) for each in given.learned]

    assert learned("2.2.3") == [("fill", ("size",)), ("fill", ("age",))]
    assert learned("3.0.0") == []
