"""The documentation of libraries, found by reading: through re-exports, stars, base classes, and without end never."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mlsense.workers.documentation import Library

FILES = {
    "pkg/__init__.py": '''"""The package."""
from ._model import Model
from ._model import Model as Renamed
from . import tools
from pkg.stars import *
import pkg.loop as loop
try:
    from .fast import quick
except ImportError:
    def quick(): "Slow."
''',
    "pkg/_model.py": '''from ._base import Base
from . import tools
class Model(Base):
    """Models.

    Parameters
    ----------
    depth : int, default=3
        How deep.
    """
    def __init__(self, depth=3, *, width: int = 2, **rest):
        pass
class Other(tools.Tool):
    def __init__(self, size):
        """Makes one.

        Parameters
        ----------
        size : int
            How large.
        """
''',
    "pkg/_base.py": '''class Base:
    def fit(self, X, y=None):
        """Fits."""
''',
    "pkg/tools.py": '''class Tool:
    def use(self):
        """Uses."""
def helper(a, /, b, *args, c): "Helps."
alias = helper
''',
    "pkg/stars.py": 'def star():\n    "Shines."\n',
    "pkg/loop.py": "from pkg.loop import lost\nfrom pkg import *\nclass A(B): pass\nclass B(A): pass\n",
    "pkg/broken.py": "def f(:\n",
    "single.py": 'def only():\n    "Only."\n',
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("name", "text", "signature", "file"),
    [
        ("pkg", "The package.", "", "pkg/__init__.py"),
        ("pkg.Model", None, "Model(depth=3, *, width: int=2, **rest)", "pkg/_model.py"),
        ("pkg.Renamed.fit", "Fits.", "fit(self, X, y=None)", "pkg/_base.py"),
        ("pkg._model.Other.use", "Uses.", "use(self)", "pkg/tools.py"),
        ("pkg.tools.helper", "Helps.", "helper(a, /, b, *args, c)", "pkg/tools.py"),
        ("pkg.tools.alias", "Helps.", "helper(a, /, b, *args, c)", "pkg/tools.py"),
        ("pkg.star", "Shines.", "star()", "pkg/stars.py"),
        ("single.only", "Only.", "only()", "single.py"),
    ],
)
def test_a_name_is_followed_to_its_source(folder: Path, name: str, text: str | None, signature: str, file: str) -> None:
    found = Library().help(name, [str(folder)])
    assert found is not None
    assert text is None or found["text"] == text
    assert found["signature"] == signature
    assert Path(found["path"]) == folder / file


@pytest.mark.parametrize(
    "name",
    ["pkg.nothing", "pkg.Model.nothing", "nowhere", "pkg.loop.lost", "pkg.loop.A.x", "pkg.broken.f", "pkg.quick"],
)
def test_what_cannot_be_found_by_reading_is_not_guessed(folder: Path, name: str) -> None:
    found = Library().help(name, [str(folder)])
    # Of two definitions it is the one that stands there, the other one being nowhere.
    assert found is None or (name == "pkg.quick" and found["text"] == "Slow.")


def test_one_parameter_of_a_class_or_of_its_constructor(folder: Path) -> None:
    library, path = Library(), [str(folder)]
    assert (library.help("pkg.Model", path, "depth") or {})["text"] == "int, default=3\n\nHow deep."
    assert (library.help("pkg._model.Other", path, "size") or {})["text"] == "int\n\nHow large."
    assert (library.help("pkg.Model", path, "colour") or {})["text"] == ""


def test_the_first_folder_counts(folder: Path, tmp_path: Path) -> None:
    first = tmp_path / "first"
    first.mkdir()
    (first / "single.py").write_text("def only():\n    'First.'\n")
    assert (Library().help("single.only", [str(first), str(folder)]) or {})["text"] == "First."


def test_a_library_that_is_installed_anew_is_read_anew(folder: Path) -> None:
    library = Library()
    assert (library.help("single.only", [str(folder)]) or {})["text"] == "Only."
    (folder / "single.py").write_text("def only():\n    'Now another.'\n")
    os.utime(folder / "single.py", ns=(1, 1))
    assert (library.help("single.only", [str(folder)]) or {})["text"] == "Now another."


@pytest.mark.parametrize(
    ("name", "begins"),
    [
        ("sklearn.linear_model.LogisticRegression.fit", "Fit the model"),
        ("sklearn.model_selection.train_test_split", "Split arrays"),
        ("pandas.DataFrame.groupby", "Group DataFrame"),
        ("pandas.read_csv", "Read a comma"),
        ("numpy.linalg.norm", "Matrix or vector norm"),
    ],
)
def test_real_libraries_are_read_without_being_imported(name: str, begins: str) -> None:
    before = set(sys.modules)
    found = Library().help(name, sys.path)
    assert found is not None
    assert found["text"].startswith(begins)
    assert not {module.partition(".")[0] for module in set(sys.modules) - before} & {"sklearn", "pandas", "numpy"}
