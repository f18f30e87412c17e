"""From a document to a report: which rules speak and how loud, the order of findings, coverage, cancelling."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from mlsense.analysis import Analyser, Cancelled, Settings
from mlsense.knowledge.versions import NO_VERSIONS, Pin, Versions
from mlsense.rules.finding import Severity
from mlsense.rules.ideas import IDEAS
from mlsense.rules.registry import all_rules
from mlsense.syntax import notebook_of_cells, script

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.analysis import Preset
    from mlsense.rules.rule import Draft
    from mlsense.semantics.program import Trace

PROGRAM = """\
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler


def total(losses):
    result = 0
    for loss in losses:
        result += loss
        return result


X, y = load_wine(return_X_y=True)
Z = StandardScaler().fit_transform(X)
Z_train, Z_test, y_train, y_test = train_test_split(Z, y, random_state=0)
print(KNeighborsClassifier().fit(Z_train, y_train).score(Z_test, y_test))
print(KNeighborsClassifier().fit(X, y))
"""
LEAK, RETURN, UNSCALED = "fit-before-split", "return-in-loop", "unscaled-distance-model"


def found(settings: Settings, text: str = PROGRAM) -> dict[str, Severity]:
    report = Analyser().analyse(script("a.py", text), settings)
    return {finding.rule: finding.severity for finding in report.findings}


def test_a_rule_that_fails_costs_its_own_findings(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(trace: Trace) -> Iterator[Draft]:
        raise LookupError("of ours")

    rules = [replace(rule, check=broken) if rule.name == LEAK else rule for rule in all_rules()]
    monkeypatch.setattr("mlsense.analysis.all_rules", lambda: rules)
    told: list[tuple[str, Exception]] = []
    report = Analyser(failed=lambda name, error: told.append((name, error))).analyse(script("a.py", PROGRAM))
    assert [finding.rule for finding in report.findings] == [RETURN, UNSCALED]
    assert [(name, type(error)) for name, error in told] == [(LEAK, LookupError)]
    with pytest.raises(LookupError):
        Analyser().analyse(script("a.py", PROGRAM))


def test_all_rules_speak_by_default_in_the_order_of_the_text() -> None:
    assert list(found(Settings())) == [RETURN, LEAK, UNSCALED]


@pytest.mark.parametrize(
    ("settings", "rules"),
    [
        (Settings.of(), {RETURN, UNSCALED}),
        (Settings.of(select=[LEAK, RETURN]), {LEAK, RETURN}),
        (Settings.of(severities={LEAK: Severity.INFORMATION}), {LEAK, RETURN, UNSCALED}),
        (Settings.of(severities={LEAK: "off"}), {RETURN, UNSCALED}),
        (Settings.of(severities={LEAK: Severity.ERROR}, ignore=[LEAK]), {RETURN, UNSCALED}),
    ],
)
def test_a_rule_that_is_not_recommended_speaks_when_it_is_asked_for(
    settings: Settings, rules: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    known = [replace(rule, recommended=rule.name != LEAK) for rule in all_rules()]
    monkeypatch.setattr("mlsense.analysis.all_rules", lambda: known)
    assert set(found(settings)) == rules


@pytest.mark.parametrize("preset", ["all", "teaching"])
def test_other_presets_have_all_rules(preset: Preset, monkeypatch: pytest.MonkeyPatch) -> None:
    known = [replace(rule, recommended=rule.name != LEAK) for rule in all_rules()]
    monkeypatch.setattr("mlsense.analysis.all_rules", lambda: known)
    assert set(found(Settings.of(preset=preset))) == {LEAK, RETURN, UNSCALED}
    assert set(found(Settings.of(preset=preset, ignore=[LEAK]))) == {RETURN, UNSCALED}
    assert set(found(Settings.of(preset=preset, select=[RETURN]))) == {RETURN}


def test_for_learners_a_finding_begins_with_the_idea_behind_it(monkeypatch: pytest.MonkeyPatch) -> None:
    known = [replace(rule, idea="An idea of its own.") if rule.name == RETURN else rule for rule in all_rules()]
    monkeypatch.setattr("mlsense.analysis.all_rules", lambda: known)
    plain = Analyser().analyse(script("a.py", PROGRAM)).findings
    taught = Analyser().analyse(script("a.py", PROGRAM), Settings.of(preset="teaching")).findings
    ideas = {RETURN: "An idea of its own.", LEAK: IDEAS["leakage"], UNSCALED: IDEAS["preprocessing"]}
    assert [each.message for each in taught] == [f"{ideas[each.rule]} {each.message}" for each in plain]


def test_a_rule_gets_its_options() -> None:
    """The columns of the wine data differ by less than a millionfold."""
    assert UNSCALED in found(Settings.of(options={UNSCALED: {"ratio": 100}}))
    assert UNSCALED not in found(Settings.of(options={UNSCALED: {"ratio": 1_000_000}}))


@pytest.mark.parametrize(
    ("settings", "rules"),
    [
        (Settings.of(select=[LEAK]), {LEAK}),
        (Settings.of(select=[LEAK, RETURN], ignore=[LEAK]), {RETURN}),
        (Settings.of(select=[]), set()),
        (Settings.of(ignore=[RETURN, LEAK]), {UNSCALED}),
        (Settings.of(severities={LEAK: "off"}), {RETURN, UNSCALED}),
        (Settings.of(select=["no-such-rule"]), set()),
        (Settings.of(ignore=["no-such-rule"]), {RETURN, LEAK, UNSCALED}),
    ],
)
def test_which_rules_speak(settings: Settings, rules: set[str]) -> None:
    assert found(settings).keys() == rules


def test_how_loud_they_speak() -> None:
    loud = found(Settings.of(severities={LEAK: Severity.ERROR, RETURN: Severity.HINT}))
    assert loud == {RETURN: Severity.HINT, LEAK: Severity.ERROR, UNSCALED: Severity.WARNING}


def test_settings_are_values() -> None:
    one = Settings.of(ignore=["a", "b"], severities={"x": Severity.HINT, "y": "off"})
    other = Settings.of(ignore=("b", "a"), severities={"y": "off", "x": Severity.HINT})
    assert one == other
    assert hash(one) == hash(other)
    assert one.severities == {"x": Severity.HINT, "y": "off"}
    assert one != Settings.of(ignore=["a", "b"])


def test_settings_change_nothing_that_is_remembered() -> None:
    analyser = Analyser()
    document = script("a.py", PROGRAM)
    everything = analyser.analyse(document)
    assert analyser.analyse(document, Settings.of(select=[])).findings == ()
    assert analyser.analyse(document) == everything


def test_coverage_counts_top_level_statements() -> None:
    text = "import helpers\n\ndf = helpers.load()\nx = [1,\n     2]\ny = = 3\nhelpers.show(df); z = 1\n"
    coverage = Analyser().analyse(script("a.py", text)).coverage
    assert (coverage.statements, coverage.unfollowed) == (6, 3)
    assert dict(coverage.reasons) == {"no model": 2, "does not parse": 1}


def test_coverage_of_a_notebook_counts_code_cells_only() -> None:
    cells = [("markdown", "a = 1", None), ("code", "a = 1\n", None), ("other", "b <- 2", None)]
    coverage = Analyser().analyse(notebook_of_cells("a.ipynb", cells)).coverage  # type: ignore[arg-type]
    assert (coverage.statements, coverage.unfollowed) == (1, 0)


def test_findings_of_a_notebook_are_in_the_order_of_cells() -> None:
    head, body = PROGRAM.split("\n\n\n", 1)
    function, rest = body.split("\n\n\n", 1)
    cells = [("code", text, None) for text in (head, rest, function)]
    report = Analyser().analyse(notebook_of_cells("a.ipynb", cells))  # type: ignore[arg-type]
    assert [(finding.location.cell, finding.rule) for finding in report.findings] == [
        (1, LEAK),
        (1, UNSCALED),
        (2, RETURN),
    ]


def test_it_can_be_given_up_between_any_two_statements() -> None:
    asked = 0

    def count() -> bool:
        nonlocal asked
        asked += 1
        return False

    document = script("a.py", PROGRAM)
    whole = Analyser().analyse(document, cancelled=count)
    assert asked >= whole.coverage.statements
    for number in range(asked):
        answers = iter([False] * number)
        analyser = Analyser()
        with pytest.raises(Cancelled):
            analyser.analyse(document, cancelled=lambda answers=answers: next(answers, True))  # type: ignore[misc]
        assert analyser.analyse(document) == whole


def test_many_documents_are_kept_apart_and_none_is_kept_for_ever() -> None:
    analyser = Analyser()
    for number in range(100):
        text = PROGRAM if number % 2 else "x = 1\n"
        report = analyser.analyse(script(f"{number}.py", text))
        assert bool(report.findings) is bool(number % 2)
    assert analyser.analyse(script("0.py", PROGRAM)).findings
    assert not analyser.analyse(script("1.py", "x = 1\n")).findings


def test_a_report_of_nothing() -> None:
    report = Analyser().analyse(script("a.py", ""))
    assert report.findings == ()
    assert (report.coverage.statements, report.coverage.unfollowed) == (0, 0)
    assert report.hover(0, 0) is None


def test_a_report_says_which_versions_it_is_for() -> None:
    document, analyser = script("a.py", "x = 1\n"), Analyser()
    pinned = Versions(pinned=(("pandas", Pin("==1.5.3", "requirements.txt")),))
    assert analyser.analyse(document).versions == NO_VERSIONS
    assert analyser.analyse(document, Settings.of(versions=pinned)).versions is pinned
    assert analyser.analyse(document).versions == NO_VERSIONS
