"""The demo's files are real programs, each with the mistakes it is there to show, and right once they are repaired."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlsense.analysis import Analyser, Report
from mlsense.syntax import notebook, script
from mlsense.text import apply_edits

if TYPE_CHECKING:
    from mlsense.syntax import Document

EXAMPLES = Path(__file__).parents[2] / "examples"
MISTAKES = {
    "wine.py": ["unscaled-distance-model", "fit-before-split"],
    "digits.py": ["step-outside-batch-loop", "return-in-loop"],
    "nuclei.ipynb": ["fit-before-split"],
}


def document(name: str) -> Document:
    path = EXAMPLES / name
    return notebook(str(path), path.read_bytes()) if path.suffix == ".ipynb" else script(str(path), path.read_text())


def analysed(document: Document) -> Report:
    return Analyser().analyse(document)


def code(document: Document) -> str:
    return "\n".join(cell.source.text for cell in document.cells if cell.kind == "code")


def needs_torch(name: str) -> None:
    if name == "digits.py":
        pytest.importorskip("torch")


@pytest.mark.parametrize("name", MISTAKES)
def test_shows_its_mistakes(name: str) -> None:
    assert [finding.rule for finding in analysed(document(name)).findings] == MISTAKES[name]


@pytest.mark.parametrize("name", MISTAKES)
def test_runs(name: str) -> None:
    needs_torch(name)
    exec(code(document(name)), {"__name__": "__main__"})


@pytest.mark.parametrize("name", MISTAKES)
def test_runs_and_is_clean_after_its_repairs(name: str) -> None:
    repaired = document(name)
    for _ in MISTAKES[name]:
        fix = analysed(repaired).findings[0].fix
        assert fix is not None
        edits = {cell.index: [edit.edit for edit in fix.edits if edit.cell == cell.index] for cell in repaired.cells}
        texts = [apply_edits(cell.source.text, edits[cell.index]) for cell in repaired.cells]
        repaired = with_texts(name, texts)
    assert analysed(repaired).findings == ()
    needs_torch(name)
    exec(code(repaired), {"__name__": "__main__"})


def with_texts(name: str, texts: list[str]) -> Document:
    if not name.endswith(".ipynb"):
        return script(name, texts[0])
    file = json.loads((EXAMPLES / name).read_text("utf-8"))
    for cell, text in zip(file["cells"], texts, strict=True):
        cell["source"] = text
    return notebook(name, json.dumps(file))


def test_every_example_is_listed_here() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.suffix in (".py", ".ipynb")} == MISTAKES.keys()
