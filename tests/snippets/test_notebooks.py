"""Notebooks run from the terminal: exported, with other parameters, and those that no longer run."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from snippets import texts
from snippets.running import notebook
from snippets.texts import text_of

if TYPE_CHECKING:
    from pathlib import Path


def test_a_notebook_is_run_and_exported(tmp_path: Path) -> None:
    (tmp_path / "report.ipynb").write_text(notebook(["total = 40 + 2", "print('in all', total)"]), encoding="utf-8")
    ran = texts.run(["sh", "-e", "-c", text_of("ml-notebook-export-run")], tmp_path)
    assert ran.returncode == 0, ran.stderr
    page = (tmp_path / "report.html").read_text("utf-8")
    assert "in all 42" in page
    assert "40 + 2" not in page
    assert "total = 40 + 2" in (tmp_path / "report.py").read_text("utf-8")


def test_parameters_are_replaced(tmp_path: Path) -> None:
    cells = [text_of("ml-notebook-parameters"), "print(seed, test_share, data)"]
    (tmp_path / "report.ipynb").write_text(notebook(cells, tags=["parameters"]), encoding="utf-8")
    command = ["papermill", "report.ipynb", "run.ipynb", "-p", "seed", "7", "-p", "data", "new.csv", "-k", "python3"]
    ran = texts.run(command, tmp_path)
    assert ran.returncode == 0, ran.stderr
    run = json.loads((tmp_path / "run.ipynb").read_text("utf-8"))
    (output,) = run["cells"][-1]["outputs"]
    assert "".join(output["text"]) == "7 0.2 new.csv\n"


def test_a_notebook_that_needs_a_cell_that_is_gone_fails(tmp_path: Path) -> None:
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "a.ipynb").write_text(notebook(["print(gone)"]), encoding="utf-8")
    (tmp_path / "test_notebooks.py").write_text(text_of("ml-notebook-test"), encoding="utf-8")
    ran = texts.run(["pytest", "-q", "test_notebooks.py"], tmp_path)
    assert ran.returncode == 1
    assert "name 'gone' is not defined" in ran.stdout
