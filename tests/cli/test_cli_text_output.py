"""What a finding looks like in the terminal."""

from __future__ import annotations

import re
import unicodedata

import pytest

from mlsense.cli.terminal import Style
from mlsense.cli.text_output import finding_text, summary_text
from mlsense.rules.finding import Edit, Finding, Fix, Location, Related, Severity
from mlsense.syntax import Document, notebook_of_cells, script
from mlsense.text import Span, TextEdit

PLAIN = Style()
E = Severity.ERROR
W = Severity.WARNING


def finding(
    document: Document,
    part: str,
    message: str = "It is wrong.",
    cell: int = 0,
    related: tuple[Related, ...] = (),
    fix: Fix | None = None,
) -> Finding:
    return Finding("some-rule", "Family", W, message, location(document, part, cell), related, fix, "url")


def location(document: Document, part: str, cell: int = 0) -> Location:
    start = document.cells[cell].source.text.index(part)
    return Location(cell, Span(start, start + len(part)))


def shown(text: str, part: str, style: Style = PLAIN, **more: object) -> list[str]:
    document = script("x.py", text)
    return finding_text(document, finding(document, part, **more), style).splitlines()


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else not unicodedata.combining(c) for c in text)


def marked(lines: list[str]) -> str:
    """The part of the first source line above the marks, found by the columns that a terminal gives."""
    source, marks = lines[1], lines[2]
    first, after = marks.index("^"), marks.rindex("^") + 1
    return "".join(
        character
        for index, character in enumerate(source)
        if first <= columns(source[: index + 1]) - 1 and columns(source[:index]) < after
    )


def test_all_that_a_finding_says() -> None:
    document = script("train.py", "X = scaler.fit_transform(X)\nsplit(X)\nscore(X)\n")
    split = Related(location(document, "split(X)"), "the rows are split here")
    score = Related(location(document, "score"), "`score` counts them as unseen")
    fix = Fix("Fit `scaler` on `X_train`", "unsafe", (Edit(0, TextEdit(Span(0, 1), "Y")),))
    learned = finding(document, "scaler.fit_transform(X)", "`scaler` learned it.", 0, (split, score), fix)
    assert finding_text(document, learned, PLAIN) == (
        "train.py:1:5: warning: `scaler` learned it.  [some-rule]\n"
        "    1 | X = scaler.fit_transform(X)\n"
        "      |     ^^^^^^^^^^^^^^^^^^^^^^^\n"
        "  train.py:2:1: the rows are split here\n"
        "    2 | split(X)\n"
        "      | --------\n"
        "  train.py:3:1: `score` counts them as unseen\n"
        "    3 | score(X)\n"
        "      | -----\n"
        "  fix: Fit `scaler` on `X_train` (unsafe: read the change before you keep it)\n"
    )


def test_cells_count_from_one_and_lines_within_the_cell() -> None:
    document = notebook_of_cells(
        "n.ipynb", [("markdown", "# A", None), ("code", "a\nb = fit(a)\n", 1), ("code", "\nscore(b)", 2)]
    )
    related = (Related(location(document, "score(b)", 2), "scored here"),)
    lines = finding_text(document, finding(document, "fit(a)", cell=1, related=related), PLAIN).splitlines()
    assert lines[0].startswith("n.ipynb:cell 2:2:5: warning: ")
    assert lines[3] == "  n.ipynb:cell 3:2:1: scored here"


@pytest.mark.parametrize(
    ("line", "part"),
    [
        ("\tx = wrong(1)", "wrong(1)"),
        ("a,\tb\t= wrong(1),\t2", "wrong(1),"),
        ("text = '日本語'; wrong(1)", "wrong(1)"),
        ("日本 = wrong(1)", "日本"),
        ("x = 'e\u0301e\u0301'; wrong(1)", "wrong(1)"),
        ("x = '\U0001f600'; wrong(1)", "wrong(1)"),
        ("x = '\x1b[31m\x07'; wrong(1)", "wrong(1)"),
        ("x = '\u202e'; wrong(1)", "wrong(1)"),
        ("x = '\ud800'; wrong(1)", "wrong(1)"),
        ("wrong(1) " + "# " + "x" * 300, "wrong(1)"),
        ("x" * 300 + " = wrong(1)", "wrong(1)"),
        ("x" * 90 + " = wrong(1)", "wrong(1)"),
        ("日" * 300 + " = wrong(1) + " + "本" * 300, "wrong(1)"),
        ("\t" * 60 + "wrong(1)", "wrong(1)"),
    ],
)
def test_the_marks_stand_below_the_range(line: str, part: str) -> None:
    lines = shown(f"first\n{line}\nlast\n", part)
    assert len(lines) == 3
    assert marked(lines) == part
    assert all(columns(line) <= 100 and line.isprintable() for line in lines[1:])


def test_a_tab_is_wide_enough_to_reach_the_next_stop() -> None:
    assert shown("ab\tc = 1\n", "c")[1:] == ["    1 | ab  c = 1", "      |     ^"]


def test_a_long_range_is_marked_as_far_as_it_is_shown() -> None:
    lines = shown("x = " + "y" * 5000, "y" * 5000)
    assert columns(lines[1]) <= 100
    assert lines[1].endswith("y…")
    assert set(marked(lines)) == {"y"}
    assert len(marked(lines)) > 60


def test_where_a_cut_line_goes_on_is_said() -> None:
    lines = shown("a" * 200 + " = wrong(1) + " + "b" * 200, "wrong(1)")
    assert re.fullmatch(r" +1 \| …a+ = wrong\(1\) \+ b+…", lines[1])


def test_a_line_of_millions_of_characters_is_quick() -> None:
    lines = shown("x = [" + "1, " * 1_000_000 + "wrong(1), " + "1, " * 1_000_000 + "]", "wrong(1)")
    assert marked(lines) == "wrong(1)"


def test_every_line_of_a_short_range_is_marked() -> None:
    assert shown("x = fit(\n    a,\n\n    b)  # end\n", "fit(\n    a,\n\n    b)")[1:] == [
        "    1 | x = fit(",
        "      |     ^^^^",
        "    2 |     a,",
        "      |     ^^",
        "    3 |",
        "    4 |     b)  # end",
        "      |     ^^",
    ]


def test_the_middle_of_a_long_range_is_left_out() -> None:
    lines = shown("f(\n" + "  1,\n" * 20 + ")\n", "f(\n" + "  1,\n" * 20 + ")")
    numbers = [line.split("|")[0].strip() for line in lines[1:]]
    assert numbers == ["1", "", "2", "", "3", "", "…", "22", ""]


def test_a_range_that_ends_with_its_line_stays_on_it() -> None:
    assert shown("x = 1\ny = 2\n", "x = 1\n")[1:] == ["    1 | x = 1", "      | ^^^^^"]


def test_an_empty_range_is_marked_too() -> None:
    document = script("x.py", "x = 1\n")
    empty = Finding("r", "f", W, "m", Location(0, Span(5, 5)), (), None, "")
    assert finding_text(document, empty, PLAIN).splitlines()[1:] == ["    1 | x = 1", "      |      ^"]


def test_paths_and_messages_cannot_steer_the_terminal() -> None:
    document = script("a\x1b[2J\n.py", "x = 1\n")
    text = finding_text(document, finding(document, "x", "`\x1b]0;title\x07` is\nwrong"), PLAIN)
    assert text.startswith("a\\x1b[2J\\n.py:1:1: warning: `\\x1b]0;title\\x07` is\\nwrong  [some-rule]\n")


def test_a_terminal_gets_wrapped_messages_with_the_code_in_one_piece() -> None:
    message = "`scaler` learned from all 1,460 rows, of which `score(a, b, c)` counts 292 as unseen. " * 2
    style = Style(width=60, wrap=True)
    lines = shown("x = 1\n", "x", style, message=message.strip())
    header = lines[: lines.index("    1 | x = 1")]
    assert len(header) > 2
    assert all(len(line) <= 60 for line in header)
    assert all(line.startswith("    ") for line in header[1:])
    assert all(line.count("`") % 2 == 0 for line in header)
    assert header[-1].endswith("[some-rule]")
    assert " ".join(" ".join(header).split()) == f"x.py:1:1: warning: {message.strip()} [some-rule]"


def test_colours_change_nothing_but_the_colour() -> None:
    document = script("x.py", "x = wrong(1)\n")
    related = (Related(location(document, "x"), "`here`"),)
    fix = Fix("Take `wrong` out", "safe", ())
    coloured = finding(document, "wrong(1)", "`wrong` is wrong.", 0, related, fix)
    for wrap in (False, True):
        text = finding_text(document, coloured, Style(colour=True, width=40, wrap=wrap))
        assert "\x1b[" in text
        plain = finding_text(document, coloured, Style(colour=False, width=40, wrap=wrap))
        assert re.sub(r"\x1b\[[\d;]*m", "", text) == plain


@pytest.mark.parametrize(
    ("numbers", "text"),
    [
        (
            ([E, W, W], 2, 14, 0, 410, 3),
            "3 findings in 2 files (1 error, 2 warnings), 14 files checked; 3 of 410 statements could not be followed",
        ),
        (
            ([W], 1, 1, 0, 1, 0),
            "1 finding in 1 file (1 warning), 1 file checked; every statement could be followed",
        ),
        (([], 0, 1, 0, 1, 1), "no findings, 1 file checked; 1 of 1 statement could not be followed"),
        (([], 0, 0, 2, 0, 0), "no findings, 0 files checked, 2 not checked"),
        (
            ([Severity.INFORMATION] * 2 + [Severity.HINT] * 1200, 3, 1000, 0, 20000, 0),
            "1,202 findings in 3 files (2 information, 1,200 hints), 1,000 files checked; "
            "every statement could be followed",
        ),
    ],
)
def test_the_summary(numbers: tuple[list[Severity], int, int, int, int, int], text: str) -> None:
    assert summary_text(*numbers) == text
