"""Every rule's documentation is true: the examples run, bad ones are reported where they say, fixes repair them."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from mlsense.analysis import Analyser, Settings
from mlsense.rules.finding import Finding, Severity
from mlsense.rules.registry import all_rules
from mlsense.syntax import script
from mlsense.text import apply_edits
from rules.running import extra_marks, printed

if TYPE_CHECKING:
    from pathlib import Path

    from mlsense.rules.rule import Rule

RULES = all_rules()
EVERYTHING = Settings.of(select=[rule.name for rule in RULES])
LOUD = (Severity.ERROR, Severity.WARNING)
MARK = re.compile(r"  # <- (?P<names>[A-Za-z0-9, -]+)$")
# Examples of these do not compile: that is what they are about.
BROKEN = {"mixed-indentation"}


@dataclass(frozen=True)
class Example:
    """One example of a rule's page."""

    rule: Rule
    kind: str
    number: int
    text: str

    def __str__(self) -> str:
        return f"{self.rule.name}-{self.kind}-{self.number}"

    @property
    def runs(self) -> bool:
        return self.kind == "good" or self.rule.name not in BROKEN


EXAMPLES = [
    Example(rule, kind, number, text)
    for rule in RULES
    for kind, texts in (("bad", rule.bad), ("good", rule.good))
    for number, text in enumerate(texts, 1)
]
BAD = [example for example in EXAMPLES if example.kind == "bad"]
GOOD = [example for example in EXAMPLES if example.kind == "good"]


def findings(text: str) -> tuple[Finding, ...]:
    return Analyser().analyse(script("example.py", text), EVERYTHING).findings


def line_of(finding: Finding, text: str) -> int:
    """The line it begins on, from 1."""
    return script("example.py", text).cells[0].source.lines.position(finding.location.span.start).line + 1


def marked(text: str) -> set[tuple[int, str]]:
    """Lines, from 1, and the rules that a comment there says are reported."""
    found = set()
    for number, line in enumerate(text.split("\n"), 1):
        comment = MARK.search(line)
        if comment:
            found.update((number, name) for name in comment["names"].split(", "))
    return found


def repaired(text: str, finding: Finding) -> str:
    assert finding.fix is not None
    assert all(edit.cell == 0 for edit in finding.fix.edits)
    return apply_edits(text, [edit.edit for edit in finding.fix.edits])


# --- documentation -----------------------------------------------------------------------------------


def test_rules_are_found_and_named_once() -> None:
    names = [rule.name for rule in RULES]
    assert len(set(names)) == len(names) > 5


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_its_documentation_is_complete(rule: Rule) -> None:
    assert re.fullmatch(r"[a-z0-9]+(-([a-z0-9]+|X))*", rule.name)
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.family)
    for part in (rule.summary, rule.finds, rule.matters, rule.silent, rule.repair):
        assert len(part.split()) > 5
        assert part.strip().endswith(".")
    assert "\n" not in rule.summary
    assert len(rule.bad) >= 4
    assert len(rule.good) >= 6
    assert len({*rule.bad, *rule.good}) == len(rule.bad) + len(rule.good)
    assert rule.url.endswith(f"/{rule.name}.md")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_its_page_has_every_section(rule: Rule) -> None:
    page = rule.page()
    headings = re.findall(r"^## (.+)$", page, re.MULTILINE)
    expected = [
        "What it finds", "Why it matters", "Bad", "Good", "When it stays silent", "The fix, and how safe it is",
        "Settings",
    ]  # fmt: skip
    assert [heading for heading in headings if heading != "References"] == expected
    assert page.startswith(f"# {rule.name}\n\n{rule.summary}\n")
    assert rule.bad[0] in page
    assert rule.good[0] in page
    assert f"ignore[{rule.name}]" in page


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_there_is_an_idea_behind_it(rule: Rule) -> None:
    """One sentence, for the preset `teaching`; that of its family is in `rules/ideas.py`."""
    assert len(rule.lesson.split()) > 5
    assert re.fullmatch(r"[A-Z][^.]*\.", rule.lesson)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.options], ids=lambda rule: rule.name)
def test_its_options_are_documented_and_take_their_defaults(rule: Rule) -> None:
    assert rule.check.__code__.co_varnames[1 : rule.check.__code__.co_argcount] == tuple(
        option.name for option in rule.options
    )
    for option in rule.options:
        assert option.accepts(option.default)
        assert f"- `{option.name}`, {option.takes}, " in rule.page()
        assert option.description.endswith(".")
        assert option.name != "severity"


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_its_file_is_named_after_it(rule: Rule) -> None:
    module = rule.check.__module__
    own = rule.name.replace("-", "_").lower()
    # What begins with a digit cannot be the name of a module.
    assert module == f"mlsense.rules.{rule.family}.{own.replace('1d', 'one_dimensional')}"


# --- examples ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("example", BAD, ids=str)
def test_a_bad_example_is_reported_where_it_says(example: Example) -> None:
    expected = marked(example.text)
    assert example.rule.name in {name for _, name in expected}
    own = {
        (line_of(finding, example.text), finding.rule)
        for finding in findings(example.text)
        if finding.severity in LOUD or finding.rule == example.rule.name
    }
    assert own == expected


@pytest.mark.parametrize("example", BAD, ids=str)
def test_what_it_says_is_for_people(example: Example) -> None:
    """Names its own rule and page, is a sentence, and points only into the text."""
    for finding in findings(example.text):
        assert finding.message[0].isupper() or finding.message[0] == "`"
        assert finding.message.endswith((".", "?"))
        assert finding.message.count("`") % 2 == 0
        assert "\n" not in finding.message
        assert finding.url.endswith(f"/{finding.rule}.md")
        places = [finding.location, *(related.location for related in finding.related)]
        assert len(set(places)) == len(places)
        for place in places:
            assert place.cell == 0
            assert 0 <= place.span.start < place.span.end <= len(example.text)


@pytest.mark.parametrize("example", GOOD, ids=str)
def test_a_good_example_is_silent(example: Example) -> None:
    assert not marked(example.text)
    loud = [
        (line_of(finding, example.text), finding.rule)
        for finding in findings(example.text)
        if finding.severity in LOUD or finding.rule == example.rule.name
    ]
    assert loud == []


@pytest.mark.parametrize(
    "example", [pytest.param(each, id=str(each), marks=extra_marks(each.text)) for each in EXAMPLES if each.runs]
)
def test_an_example_runs(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """To its end, or for a bad one to the exception that the rule says it saves people from."""
    if example.kind == "good" or not example.rule.raises:
        printed(example.text, tmp_path, monkeypatch)
        return
    with pytest.raises(Exception) as raised:  # noqa: PT011
        printed(example.text, tmp_path, monkeypatch)
    assert {cls.__name__ for cls in type(raised.value).__mro__} & set(example.rule.raises)


@pytest.mark.parametrize("example", [each for each in EXAMPLES if not each.runs], ids=str)
def test_an_example_of_what_does_not_run_does_not(example: Example) -> None:
    with pytest.raises((IndentationError, TabError)):
        ast.parse(example.text)


# --- fixes -------------------------------------------------------------------------------------------

FIXED = [
    (example, finding)
    for example in BAD
    for finding in findings(example.text)
    if finding.rule == example.rule.name and finding.fix is not None
]


def by_example(pairs: list[tuple[Example, Finding]]) -> list[object]:
    return [
        pytest.param(example, finding, id=f"{example}-line-{line_of(finding, example.text)}")
        for example, finding in pairs
    ]


def test_most_rules_have_a_fix() -> None:
    assert len({example.rule.name for example, _ in FIXED}) > 5


@pytest.mark.parametrize(("example", "finding"), by_example(FIXED))
def test_a_fix_repairs_and_breaks_nothing(example: Example, finding: Finding) -> None:
    text = repaired(example.text, finding)
    assert text != example.text
    ast.parse(text)
    before = {(each.rule, each.severity) for each in findings(example.text)}
    after = findings(text)
    others = [each for each in findings(example.text) if each.rule == finding.rule and each != finding]
    assert len([each for each in after if each.rule == finding.rule]) <= len(others)
    assert {(each.rule, each.severity) for each in after} <= before
    assert finding.fix is not None
    assert finding.fix.title
    assert not finding.fix.title.endswith(".")


@pytest.mark.parametrize(("example", "finding"), by_example(FIXED))
def test_a_fix_keeps_every_comment_but_those_of_lines_it_moves(example: Example, finding: Finding) -> None:
    commented = "# first\n" + example.text + "# last\n"
    same = (finding.rule, line_of(finding, example.text) + 1)
    twin = next(each for each in findings(commented) if (each.rule, line_of(each, commented)) == same)
    text = repaired(commented, twin)
    assert text.startswith("# first\n")
    assert text.endswith("# last\n")


@pytest.mark.parametrize(
    ("example", "finding"),
    [
        pytest.param(*pair, id=f"{pair[0]}-line-{line_of(pair[1], pair[0].text)}", marks=extra_marks(pair[0].text))
        for pair in FIXED
    ],
)
def test_a_repaired_program_runs(
    example: Example, finding: Finding, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = repaired(example.text, finding)
    left = [each for each in findings(text) if each.rule == finding.rule and each.fix is not None]
    while example.rule.raises and left:
        text = repaired(text, left[0])
        left = [each for each in findings(text) if each.rule == finding.rule and each.fix is not None]
    printed(text, tmp_path, monkeypatch)


@pytest.mark.parametrize(("example", "finding"), by_example(FIXED))
@pytest.mark.parametrize("ending", ["\r\n", "\r"])
def test_a_fix_keeps_the_line_ending(example: Example, finding: Finding, ending: str) -> None:
    text = example.text.replace("\n", ending)
    same = (finding.rule, finding.message, line_of(finding, example.text))
    twin = next(each for each in findings(text) if (each.rule, each.message, line_of(each, text)) == same)
    assert repaired(text, twin) == repaired(example.text, finding).replace("\n", ending)
