"""`mlsense check`: exit codes, both forms of output, and inputs that are no good."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import mlsense
from mlsense.cli import main

pytestmark = pytest.mark.usefixtures("engine")

Run = tuple[int, str, str]
Fits = Callable[[object], bool]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("NO_COLOR", "FORCE_COLOR", "MLSENSE_DEBUG"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def check(here: Path, capsys: pytest.CaptureFixture[str]) -> Any:
    def run(*arguments: str) -> Run:
        code = main(["check", *arguments])
        out, err = capsys.readouterr()
        assert "Traceback" not in out + err
        return code, out, err

    return run


def notebook(*cells: tuple[str, str]) -> str:
    listed = [{"cell_type": kind, "source": source, "metadata": {}} for kind, source in cells]
    return json.dumps({"cells": listed, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("x = 1\n", 0),
        ("small_note(1)\ntiny_hint(2)\n", 0),
        ("late_split(X)\n", 1),
        ("bad_step()\n", 1),
        ("tiny_hint()\nbad_step()\n", 1),
    ],
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_the_exit_code_tells_of_warnings_and_errors(check: Any, here: Path, text: str, code: int, form: str) -> None:
    Path("x.py").write_text(text)
    assert check("--output-format", form)[0] == code


def test_the_text_form(check: Any, here: Path) -> None:
    Path("b.py").write_text("x = 1\nlate_split(x)\nmystery\n")
    Path("a").mkdir()
    Path("a/n.ipynb").write_text(notebook(("markdown", "# A"), ("code", "here = 1\n"), ("code", "bad_step()")))
    code, out, err = check()
    assert (code, err) == (1, "")
    assert out == (
        "a/n.ipynb:cell 3:1:1: error: `bad-step` is wrong. Take it out.  [bad-step]\n"
        "    1 | bad_step()\n"
        "      | ^^^^^^^^^^\n"
        "  a/n.ipynb:cell 2:1:1: `here` it is used\n"
        "    1 | here = 1\n"
        "      | ----\n"
        "\n"
        "b.py:2:1: warning: `late-split` is wrong. Take it out.  [late-split]\n"
        "    2 | late_split(x)\n"
        "      | ^^^^^^^^^^^^^\n"
        "  fix: Take it out (safe)\n"
        "\n"
        "2 findings in 2 files (1 error, 1 warning), 2 files checked; "
        "1 of 5 statements could not be followed\n"
    )


def test_the_json_form(check: Any, here: Path, has_the_form: Fits) -> None:
    Path("src").mkdir()
    Path("src/s.py").write_text("'日本'; late_split(\r\n    1)\r\nhere\r\nmystery\r\n")
    Path("src/n.ipynb").write_text(notebook(("markdown", "# A"), ("code", "x\nhere"), ("code", "\n tiny_hint()")))
    code, out, err = check("--output-format", "json", "src")
    assert (code, err) == (1, "")
    assert out.isascii()
    report = json.loads(out)
    assert has_the_form(report)
    in_notebook, in_script = report["findings"]
    assert in_notebook == {
        "file": "src/n.ipynb",
        "cell": 3,
        "line": 2,
        "column": 2,
        "end_line": 2,
        "end_column": 13,
        "rule": "tiny-hint",
        "family": "Training loops",
        "severity": "hint",
        "message": "`tiny-hint` is wrong. Take it out.",
        "related": [{"file": "src/n.ipynb", "cell": 2, "line": 2, "column": 1, "message": "`here` it is used"}],
        "fix": None,
        "url": "https://github.com/mlsense/mlsense/blob/main/docs/rules/tiny-hint.md",
    }
    place = {"file": "src/s.py", "cell": None, "line": 1, "column": 7, "end_line": 2, "end_column": 7}
    assert {key: in_script[key] for key in place} == place
    assert in_script["fix"] == {
        "title": "Take it out",
        "safety": "safe",
        "edits": [{**place, "new_text": "None"}],
    }
    assert report["coverage"] == {"files": 2, "statements": 7, "unfollowed": 1}


def test_the_json_form_without_anything(check: Any, here: Path) -> None:
    code, out, err = check("--output-format", "json")
    assert code == 0
    assert json.loads(out) == {
        "version": mlsense.__version__,
        "findings": [],
        "coverage": {"files": 0, "statements": 0, "unfollowed": 0},
    }
    assert err == "no Python files or notebooks under .\n"


@pytest.mark.parametrize(
    ("options", "rules"),
    [
        ([], ["late-split", "bad-step", "small-note", "tiny-hint"]),
        (["--select", "bad-step"], ["bad-step"]),
        (["--select", "bad-step, tiny-hint"], ["bad-step", "tiny-hint"]),
        (["--select", "bad-step", "--select", "tiny-hint"], ["bad-step", "tiny-hint"]),
        (["--ignore", "bad-step,tiny-hint", "--ignore", "late-split"], ["small-note"]),
        (["--select", "bad-step,tiny-hint", "--ignore", "bad-step"], ["tiny-hint"]),
    ],
)
def test_rules_are_selected_and_ignored(check: Any, here: Path, options: list[str], rules: list[str]) -> None:
    Path("x.py").write_text("late_split()\nbad_step()\nsmall_note()\ntiny_hint()\n")
    _, out, _ = check("--output-format", "json", *options)
    assert [finding["rule"] for finding in json.loads(out)["findings"]] == rules


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--select", "late-splt"], "mlsense: there is no rule `late-splt`. Did you mean `late-split`?\n"),
        (["--ignore", "bad-step,zzz"], "mlsense: there is no rule `zzz`. `mlsense rule` lists them.\n"),
        (["--select", ","], "mlsense: --select needs the name of a rule. `mlsense rule` lists them.\n"),
    ],
)
def test_a_rule_that_is_unknown(check: Any, here: Path, options: list[str], message: str) -> None:
    assert check(*options) == (2, "", message)


def test_bad_files_cost_only_themselves(check: Any, here: Path) -> None:
    Path("cut.ipynb").write_text('{"cells": [\n{"cell_ty')
    Path("latin.py").write_bytes(b"x = 1\nname = '\xe9'\n")
    Path("nul.py").write_bytes(b"x = 1\0\n")
    Path("dangling.py").symlink_to("gone.py")
    Path("good.py").write_text("late_split(1)\n")
    Path("empty.py").touch()
    Path("mark.py").write_bytes(b"\xef\xbb\xbfbad_step()\n")
    Path("declared.py").write_bytes("# coding: latin-1\n'é'; tiny_hint()\n".encode("latin-1"))
    code, out, err = check(".", "nowhere.py")
    assert code == 2
    lines = err.splitlines()
    assert [line.split(":")[0] for line in lines] == [*("dangling.py", "nowhere.py", "cut.ipynb", "latin.py", "nul.py")]
    assert all(": not checked: " in line for line in lines)
    assert "line 2" in lines[2]
    assert "line 2" in lines[3]
    assert [line.split(": ")[0] for line in out.splitlines() if "] " not in line and line.endswith("]")] == [
        *("declared.py:2:6", "good.py:1:1", "mark.py:1:1")
    ]
    assert "3 findings in 3 files" in out
    assert "4 files checked, 5 not checked" in out


def test_statements_that_are_no_python_cost_only_themselves(check: Any, here: Path) -> None:
    Path("deep.py").write_text("x = " + "[" * 2000 + "]" * 2000 + " # mystery\n")
    Path("half.py").write_text("late_split(1)\nprint 'mystery'\nbad_step()\nx = = 2\n")
    Path("n.ipynb").write_text(notebook(("markdown", "# A mystery"), ("code", "%time\nx = (mystery")))
    Path("fine.py").write_text("mystery()\n")
    code, out, err = check()
    assert code == 2
    deep, half, cell = err.splitlines()
    assert deep.startswith("deep.py:1:")
    assert deep.endswith(": statement not checked: too many nested parentheses")
    assert half.startswith("half.py:2:1: statement not checked: Missing parentheses")
    assert half.endswith(" (and 1 more)")
    assert cell.startswith("n.ipynb:cell 2:2:")
    assert cell.endswith(": statement not checked: '(' was never closed")
    assert "half.py:1:1: warning" in out
    assert "half.py:3:1: error" in out
    assert "4 files checked; 4 of " in out


def test_a_slip_of_indentation_is_not_complained_of(check: Any, here: Path) -> None:
    Path("x.py").write_text("if mystery:\n    a = 1\n\tb = 2\n  c = 3\n")
    assert check()[::2] == (0, "")


def test_a_mistake_of_ours_costs_only_the_file(
    check: Any, here: Path, engine: type, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.py").write_text("crash\n")
    Path("b.py").write_text("late_split(1)\n")
    made: list[object] = []
    make = engine.__init__
    monkeypatch.setattr(engine, "__init__", lambda self, *given: (make(self, *given), made.append(self))[0])
    code, out, err = check()
    assert code == 2
    assert err == (
        "a.py: not checked: MLSense failed on it (KeyError: 'split'). "
        "Report it at https://github.com/mlsense/mlsense/issues (MLSENSE_DEBUG=1 shows where)\n"
    )
    assert "b.py:1:1: warning" in out
    assert len(made) == 2, "an analyser that failed is not trusted with the next file"


@pytest.mark.parametrize("error", [RecursionError("too deep"), MemoryError(), ValueError("two\nlines")])
def test_any_exception_is_said_in_one_line(
    check: Any, here: Path, engine: type, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    Path("a.py").touch()

    def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(engine, "analyse", fail)
    code, _, err = check()
    assert code == 2
    assert type(error).__name__ in err
    assert err.count("\n") == 1


def test_the_traceback_is_shown_to_who_asks(
    here: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.py").write_text("crash\n")
    monkeypatch.setenv("MLSENSE_DEBUG", "1")
    assert main(["check"]) == 2
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert "KeyError: 'split'" in err


def test_folders_with_nothing_to_check_are_no_failure(check: Any, here: Path) -> None:
    Path("docs").mkdir()
    assert check("docs") == (0, "", "no Python files or notebooks under docs\n")


def test_a_path_that_is_not_there(check: Any, here: Path) -> None:
    assert check("nowhere") == (
        2,
        "no findings, 0 files checked, 1 not checked\n",
        "nowhere: not checked: there is no such file or folder\n",
    )


def test_paths_cannot_steer_the_terminal(check: Any, here: Path) -> None:
    assert check("a\x1b[2Jb")[2] == "a\\x1b[2Jb: not checked: there is no such file or folder\n"


@pytest.mark.parametrize(
    ("environment", "colour"),
    [
        ({}, False),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
        ({"FORCE_COLOR": "", "NO_COLOR": ""}, False),
    ],
)
def test_colours_away_from_a_terminal(
    check: Any, here: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], colour: bool
) -> None:
    Path("x.py").write_text("late_split(1)\n")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert ("\x1b[" in check()[1]) is colour


@pytest.mark.parametrize(
    ("environment", "colour"),
    [({}, True), ({"NO_COLOR": "1"}, False), ({"NO_COLOR": ""}, True), ({"TERM": "dumb"}, False)],
)
def test_colours_on_a_terminal(
    check: Any, here: Path, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], colour: bool
) -> None:
    Path("x.py").write_text("late_split(1)\n")
    monkeypatch.setenv("TERM", "xterm")
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert ("\x1b[" in check()[1]) is colour


@pytest.mark.parametrize(
    "arguments", [[], ["--no-such-option"], ["check", "--output-format", "xml"], ["server", "--tcp", "x"]]
)
def test_bad_usage(capsys: pytest.CaptureFixture[str], arguments: list[str]) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "usage: mlsense" in err


def test_a_command_that_is_unknown(here: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Path("train.py").touch()
    assert [main([name]) for name in ("chekc", "train.py", "zzz")] == [2, 2, 2]
    assert capsys.readouterr().err.splitlines() == [
        "mlsense: there is no command `chekc`. Did you mean `check`?",
        "mlsense: there is no command `train.py`. Did you mean `mlsense check train.py`?",
        "mlsense: there is no command `zzz`. `mlsense --help` lists them.",
    ]


def test_the_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"mlsense {mlsense.__version__}\n"


def test_the_interpreter_must_be_there_and_is_not_run(check: Any, here: Path) -> None:
    Path("x.py").write_text("bad_step()\n")
    code, _, err = check("--python", "gone/bin/python", "x.py")
    assert (code, err) == (2, "mlsense: --python: there is no gone/bin/python\n")
    Path("python").write_text("#!/bin/sh\ntouch was-run\n")
    Path("python").chmod(0o755)
    assert check("--python", "python", "x.py")[0] == 1
    assert not Path("was-run").exists()
