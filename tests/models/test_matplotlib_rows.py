"""What is said of the axes that matplotlib makes is so: each program is run, and followed, and the arrays compared."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest

from mlsense.analysis import Analyser
from mlsense.semantics.models.matplotlib import AXES, FIGURE, GRID, shape
from mlsense.semantics.values import HeapObject, Opaque
from mlsense.syntax import script

pytestmark = pytest.mark.torch


@pytest.fixture
def pyplot() -> Any:
    if find_spec("matplotlib") is None:
        pytest.skip("matplotlib is not installed")
    pytest.importorskip("matplotlib").use("Agg")
    yield (found := pytest.importorskip("matplotlib.pyplot"))
    found.close("all")


def believed(program: str, name: str) -> HeapObject | None:
    """What the analysis knows of a name at the end of a program."""
    trace = Analyser().analyse(script("a.py", f"import matplotlib.pyplot as plt\n{program}\n{name}\n")).trace
    assert trace is not None
    return next(seen.object for seen in reversed([*trace.sightings.values()]) if seen.name == name)


@pytest.mark.parametrize("made", ["plt.subplots({})[1]", "plt.figure().subplots({})"])
@pytest.mark.parametrize(
    "told",
    [
        "",
        "1, 1",
        "2",
        "1, 3",
        "3, 1",
        "2, 3",
        "nrows=2, ncols=2",
        "ncols=4, sharex=True",
        "1, 1, squeeze=False",
        "1, 3, squeeze=False",
        "2, 3, squeeze=False",
    ],
)
def test_subplots_makes_as_many(pyplot: Any, made: str, told: str) -> None:
    text = made.format(told)
    real, found = eval(text, {"plt": pyplot}), believed(f"axes = {text}", "axes")
    assert isinstance(found, Opaque)
    assert (found.symbol == GRID) is hasattr(real, "shape")
    assert shape(found) == getattr(real, "shape", ())
    assert found.symbol == GRID or found.symbol.rpartition(".")[2] == AXES.rpartition(".")[2] == type(real).__name__


@pytest.mark.parametrize(
    "picked",
    [
        "axes[0]",
        "axes[-1, 2]",
        "axes[1][0]",
        "axes[:, 0]",
        "axes[0, 1:]",
        "axes[:1]",
        "axes[::-1, -1]",
        "axes.flat[5]",
        "axes.flatten()",
        "axes.ravel()[2:]",
        "axes.reshape(-1)",
        "axes.reshape(6)",
        "axes.T",
        "axes.T[2]",
        "axes.T.T",
        "axes[0].T",
        "axes[0].ravel()",
        "axes[(1, 2)]",
    ],
)
def test_what_is_picked_has_the_shape_it_is_said_to(pyplot: Any, picked: str) -> None:
    figure, axes = pyplot.subplots(2, 3)
    assert type(figure).__name__ == FIGURE.rpartition(".")[2]
    real, found = eval(picked, {"axes": axes}), believed(f"f, axes = plt.subplots(2, 3)\nfound = {picked}", "found")
    assert isinstance(found, Opaque)
    assert found.symbol in (GRID, AXES)
    assert shape(found) == getattr(real, "shape", ())


@pytest.mark.parametrize("picked", ["axes[2]", "axes[0, 3]", "axes[0, 0, 0]", "axes.flat[6]", "axes[0][3]"])
def test_what_is_not_there_is_nothing(pyplot: Any, picked: str) -> None:
    _, axes = pyplot.subplots(2, 3)
    with pytest.raises(IndexError):
        eval(picked, {"axes": axes})
    assert believed(f"f, axes = plt.subplots(2, 3)\nfound = {picked}", "found") is None


@pytest.mark.parametrize(
    "told", ["rows, 2", "*sizes", "2, 3, squeeze=wide", "60, 60", "2, 3, **options", "0", "True, 2"]
)
def test_of_sizes_not_known_nothing_is_said(told: str) -> None:
    found = believed(f"from elsewhere import rows, sizes, wide, options\naxes = plt.subplots({told})[1]", "axes")
    assert isinstance(found, Opaque)
    assert found.symbol not in (GRID, AXES)
