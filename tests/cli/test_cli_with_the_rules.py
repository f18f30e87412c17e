"""The whole way from a file to findings of the real rules."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from mlsense.cli import main

if TYPE_CHECKING:
    from collections.abc import Callable

IMPORTS = """\
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler
"""
LOAD = """\
frame = pd.read_csv("data.csv")
X, y = frame.drop(columns="target"), frame["target"]
"""
LEAK = "X = StandardScaler().fit_transform(X)\n"
SPLIT = "X_train, X_test, y_train, y_test = train_test_split(X, y)\n"
SCORE = """\
model = LogisticRegression().fit(X_train, y_train)
print(model.score(X_test, y_test))
"""


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def check(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    code = main(["check", *arguments])
    out, err = capsys.readouterr()
    return code, out, err


def test_a_leak_in_a_script_and_across_cells(
    capsys: pytest.CaptureFixture[str], has_the_form: Callable[[object], bool]
) -> None:
    Path("leak.py").write_text(IMPORTS + LOAD + LEAK + SPLIT + SCORE)
    cells = [("markdown", "# A"), *(("code", part) for part in (IMPORTS, LOAD, LEAK, SPLIT, SCORE))]
    listed = [{"cell_type": kind, "source": source, "metadata": {}} for kind, source in cells]
    Path("leak.ipynb").write_text(json.dumps({"cells": listed, "metadata": {}, "nbformat": 4}))
    Path("right.py").write_text(IMPORTS + LOAD + SPLIT + SCORE)
    code, out, err = check(capsys, "--output-format", "json")
    assert (code, err) == (1, "")
    report = json.loads(out)
    assert has_the_form(report)
    assert report["coverage"]["files"] == 3
    places = {
        (finding["file"], finding["cell"], finding["line"])
        for finding in report["findings"]
        if finding["rule"] == "fit-before-split"
    }
    assert places == {("leak.ipynb", 4, 1), ("leak.py", None, 7)}
    across = next(finding for finding in report["findings"] if finding["file"] == "leak.ipynb")
    assert (5, 1) in {(related["cell"], related["line"]) for related in across["related"]}


def test_the_text_form_shows_the_leak(capsys: pytest.CaptureFixture[str]) -> None:
    Path("leak.py").write_text(IMPORTS + LOAD + LEAK + SPLIT + SCORE)
    code, out, err = check(capsys, "leak.py")
    assert (code, err) == (1, "")
    lines = out.splitlines()
    assert lines[0].startswith("leak.py:7:")
    assert lines[0].endswith("[fit-before-split]")
    assert lines[1] == f"    7 | {LEAK.rstrip()}"
    assert set(lines[2]) == set(" |^")
    assert any(line.startswith("  leak.py:8:") for line in lines)
    assert lines[-1].startswith("1 finding in 1 file (1 ")


def test_a_comment_and_an_option_silence_a_rule(capsys: pytest.CaptureFixture[str]) -> None:
    silenced = LEAK.replace("\n", "  # mlsense: ignore[fit-before-split] on purpose\n")
    Path("x.py").write_text(IMPORTS + LOAD + silenced + SPLIT + SCORE)
    assert check(capsys)[0] == 0
    Path("x.py").write_text(IMPORTS + LOAD + LEAK + SPLIT + SCORE)
    assert check(capsys, "--ignore", "fit-before-split")[0] == 0
    assert check(capsys, "--select", "fit-before-split")[0] == 1


def test_mixed_indentation_is_a_finding_with_a_fix(capsys: pytest.CaptureFixture[str]) -> None:
    Path("x.py").write_text("if True:\n    a = 1\n\tb = 2\n")
    code, out, err = check(capsys, "--output-format", "json")
    assert (code, err) == (1, "")
    finding = json.loads(out)["findings"][0]
    assert finding["rule"] == "mixed-indentation"
    assert finding["fix"]["edits"]


def test_every_rule_has_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "--json"]) == 0
    rules = json.loads(capsys.readouterr().out)
    assert {"fit-before-split", "mixed-indentation"} <= {rule["name"] for rule in rules}
    for rule in rules:
        assert main(["rule", rule["name"]]) == 0
        page = capsys.readouterr().out
        assert page.startswith("# ")
        assert rule["name"] in page


# --- what the project says ----------------------------------------------------------------------------

PROJECT = """\
[tool.mlsense]
ignore = ["unscaled-distance-model"]

[tool.mlsense.rules]
fit-before-split = "{level}"
"""


@pytest.fixture
def leak() -> str:
    Path("src").mkdir()
    Path("src/leak.py").write_text(IMPORTS + LOAD + LEAK + SPLIT + SCORE)
    return "src/leak.py"


@pytest.mark.parametrize(
    ("level", "code", "word"), [("error", 1, "error:"), ("hint", 0, "hint:"), ("off", 0, "no findings")]
)
def test_the_project_says_how_loud_a_rule_is(
    capsys: pytest.CaptureFixture[str], leak: str, level: str, code: int, word: str
) -> None:
    Path("pyproject.toml").write_text(PROJECT.format(level=level))
    found, out, err = check(capsys, leak)
    assert (found, err) == (code, "")
    assert word in out


def test_the_command_line_counts_more_than_the_project(capsys: pytest.CaptureFixture[str], leak: str) -> None:
    Path("pyproject.toml").write_text('[tool.mlsense]\nselect = ["return-in-loop"]\npreset = "teaching"\n')
    assert check(capsys, leak)[0] == 0
    code, out, _ = check(capsys, leak, "--select", "fit-before-split")
    assert code == 1
    assert "never seen" in out
    assert "never seen" not in check(capsys, leak, "--select", "fit-before-split", "--preset", "recommended")[1]
    Path("pyproject.toml").write_text('[tool.mlsense]\nignore = ["fit-before-split"]\n')
    assert check(capsys, leak, "--ignore", "return-in-loop")[0] == 0


def test_the_nearest_project_with_a_table_counts(capsys: pytest.CaptureFixture[str], leak: str) -> None:
    Path(".git").mkdir()
    Path("pyproject.toml").write_text(PROJECT.format(level="off"))
    Path("src/pyproject.toml").write_text('[project]\nname = "inner"\n')
    assert check(capsys, leak)[0] == 0
    Path("src/pyproject.toml").write_text(PROJECT.format(level="error"))
    assert check(capsys, leak)[0] == 1


def test_a_wrong_value_in_the_project_is_said_once_and_costs_only_itself(
    capsys: pytest.CaptureFixture[str], leak: str
) -> None:
    Path("src/other.py").write_text("x = 1\n")
    Path("pyproject.toml").write_text(PROJECT.format(level="hint") + 'fit-on-test = "loud"\n')
    code, out, err = check(capsys, "src")
    assert code == 2
    assert "hint:" in out
    assert err == (
        "pyproject.toml:6: `tool.mlsense.rules.fit-on-test` must be one of error, warning, information, hint, off. "
        "It is left out.\n"
    )


def test_a_preset_that_does_not_exist_is_said(capsys: pytest.CaptureFixture[str], leak: str) -> None:
    assert check(capsys, leak, "--preset", "teachin") == (
        2,
        "",
        "mlsense: there is no preset `teachin`. Did you mean `teaching`?\n",
    )
