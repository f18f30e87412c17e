"""`mlsense rule`: the list and the pages of the rules."""

from __future__ import annotations

import json
import sys

import pytest

from mlsense.cli import main

pytestmark = pytest.mark.usefixtures("engine")


def test_the_list_is_grouped_and_aligned(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule"]) == 0
    assert capsys.readouterr().out == (
        "Data leakage\n"
        "  late-split  warning      Something learns before the split.\n"
        "\n"
        "Training loops\n"
        "  bad-step    error        `step` stands outside the loop.\n"
        "  small-note  information  Worth knowing.\n"
        "  tiny-hint   hint         Could be shorter.\n"
    )


def test_the_list_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "--json"]) == 0
    rules = json.loads(capsys.readouterr().out)
    assert [rule["name"] for rule in rules] == ["late-split", "bad-step", "small-note", "tiny-hint"]
    assert rules[0] == {
        "name": "late-split",
        "family": "Data leakage",
        "severity": "warning",
        "summary": "Something learns before the split.",
        "url": "https://github.com/mlsense/mlsense/blob/main/docs/rules/late-split.md",
    }


def test_one_rule_as_json_is_a_list_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "bad-step", "--json"]) == 0
    assert [rule["name"] for rule in json.loads(capsys.readouterr().out)] == ["bad-step"]


def test_a_page_is_markdown_for_other_programs(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rule", "bad-step"]) == 0
    assert capsys.readouterr().out == "# bad-step\n\n`step` stands outside the loop.\n"


def test_a_page_is_typeset_on_a_terminal(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("NO_COLOR", "1")
    assert main(["rule", "bad-step"]) == 0
    out = capsys.readouterr().out
    assert "#" not in out
    assert "stands outside the loop." in out


@pytest.mark.parametrize(
    ("name", "hint"), [("bad-stp", "Did you mean `bad-step`?"), ("zzz", "`mlsense rule` lists them.")]
)
def test_a_rule_that_is_unknown(capsys: pytest.CaptureFixture[str], name: str, hint: str) -> None:
    assert main(["rule", name]) == 2
    assert capsys.readouterr() == ("", f"mlsense: there is no rule `{name}`. {hint}\n")
