"""`mlsense check --statistics`: how much was followed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mlsense.cli import main

PROGRAM = """\
import pandas as pd
from somewhere import mystery

df = pd.read_csv("a.csv")
print(mystery(df).go().away())
"""


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    path = Path("x.py")
    path.write_text(PROGRAM)
    return path


def test_it_tells_of_statements_calls_and_time(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--statistics", str(program)]) == 0
    out = capsys.readouterr().out
    assert "3 of 4 statements followed (75.0%)" in out
    assert "4 of 5 calls resolved (80.0%)" in out
    assert "made by code that was not followed" in out
    assert "s of CPU time for 1 files" in out


def test_json_stays_json(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--statistics", "--output-format", "json", str(program)]) == 0
    captured = capsys.readouterr()
    assert json.loads(captured.out)["coverage"] == {"files": 1, "statements": 4, "unfollowed": 1}
    assert "calls resolved" in captured.err
