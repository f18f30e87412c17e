"""Cells and real files for the tests of the syntax layer."""

from __future__ import annotations

import sysconfig
from collections.abc import Callable
from pathlib import Path

import pytest

from mlsense.syntax import Cell, notebook_of_cells, script


@pytest.fixture(scope="session")
def script_cell() -> Callable[[str], Cell]:
    """The one cell of a script with this text."""
    return lambda text: script("script.py", text).cells[0]


@pytest.fixture(scope="session")
def code_cell() -> Callable[[str], Cell]:
    """A notebook's code cell with this text."""
    return lambda text: notebook_of_cells("notebook.ipynb", [("code", text, None)]).cells[0]


@pytest.fixture(scope="session")
def real_files() -> list[str]:
    """The texts of modules of the standard library: real code in many styles."""
    folder = Path(sysconfig.get_path("stdlib"))
    return [
        path.read_bytes().decode("utf-8")
        for path in sorted(folder.glob("*.py"))
        if path.stat().st_size < 60_000 and not path.name.startswith("_sysconfig")
    ]
