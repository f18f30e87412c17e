"""The Luigi pipeline as it is started again and again: only what is missing is made."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from snippets import texts
from snippets.texts import text_of

if TYPE_CHECKING:
    from pathlib import Path


def ran(folder: Path, *command: str) -> str:
    """What Luigi says of what it did."""
    result = texts.run(command, folder)
    assert result.returncode == 0, result.stderr
    return result.stdout + result.stderr


def test_only_what_is_missing_is_made_again(tmp_path: Path) -> None:
    (tmp_path / "pipeline.py").write_text(text_of("ml-luigi"), encoding="utf-8")
    assert "4 ran successfully" in ran(tmp_path, "python", "pipeline.py")
    score = tmp_path / "models" / "42-1.0.json"
    first = json.loads(score.read_text("utf-8"))
    assert first["accuracy"] > 0.9
    assert first["rows"] == 45

    assert "1 complete ones were encountered" in ran(tmp_path, "python", "pipeline.py")
    (tmp_path / "models" / "42-1.0.skops").unlink()
    score.unlink()
    assert "2 ran successfully" in ran(tmp_path, "python", "pipeline.py")
    assert json.loads(score.read_text("utf-8")) == first

    command = ["python", "-m", "luigi", "--module", "pipeline", "Score", "--strength", "0.001", "--local-scheduler"]
    assert "2 ran successfully" in ran(tmp_path, *command)
    assert (tmp_path / "models" / "42-0.001.json").is_file()


def test_a_step_that_fails_ends_the_pipeline(tmp_path: Path) -> None:
    text = text_of("ml-luigi").replace('df["target"]', 'df["wrong"]')
    (tmp_path / "pipeline.py").write_text(text, encoding="utf-8")
    assert texts.run(["python", "pipeline.py"], tmp_path).returncode == 1
    assert (tmp_path / "data" / "rows.csv").is_file()
    assert not (tmp_path / "models").exists()
