"""Whatever is typed: the analysis never fails, and what it remembers from before changes nothing of what it says.

A broken statement keeps its last good effects by design, so reports are compared at moments when everything parses.
"""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mlsense.analysis import Analyser, Cancelled, Report
from mlsense.rules.registry import all_rules
from mlsense.syntax import Document, notebook_of_cells, script, statements
from semantics.mdtest import parse, sections

if TYPE_CHECKING:
    from collections.abc import Iterator

HERE = Path(__file__).parent
PROGRAMS = [path.read_text(encoding="utf-8") for path in sorted((HERE / "programs").glob("*.py"))]
EXAMPLES = [text for rule in all_rules() for text in (*rule.bad, *rule.good)]
DOCUMENTS = [
    tuple(cell.source.text for cell in parse(block)[0].cells if cell.kind == "code")
    for path in sorted(HERE.glob("*.md"))
    for section in sections(path)
    for block in section.blocks
]
SNIPPETS = [text for cells in DOCUMENTS for text in cells]
NAMES = ["X", "y", "df", "Z", "model", "scaler", "train", "test", "X_train", "X_test"]
Cells = tuple[str, ...]


def document(cells: Cells) -> Document:
    if len(cells) == 1:
        return script("a.py", cells[0])
    return notebook_of_cells("a.ipynb", [("code", text, None) for text in cells])


def parses(cells: Cells) -> bool:
    found = [statement.parsed for cell in document(cells).cells for statement in statements(cell)]
    return all(parsed.problem is None and parsed.tree is not None for parsed in found)


def assert_same(report: Report, cells: Cells) -> None:
    """What a long-lived analysis says of a text is what a new one says of it."""
    fresh = Analyser().analyse(document(cells))
    assert report.findings == fresh.findings
    assert report.coverage == fresh.coverage
    assert report.trace is not None
    assert fresh.trace is not None
    assert report.trace.events == fresh.trace.events
    assert report.trace.sightings == fresh.trace.sightings
    for place in list(fresh.trace.sightings)[::25]:
        cell, span = fresh.trace.locate(place) or pytest.fail("a place that is nowhere")
        assert report.hover(cell, span.start) == fresh.hover(cell, span.start)


# --- edits -------------------------------------------------------------------------------------------


def pieces(text: str) -> list[str]:
    """A text cut before each statement at the left margin."""
    return re.split(r"(?m)^(?=[^\s#)\]}])(?!elif|else|except|finally|case)", text)


def edited(cells: Cells, dice: random.Random) -> Cells:
    """One edit of the kind people make; in a notebook cells come, go and change places too."""
    where = dice.randrange(len(cells))
    if len(cells) > 1 and dice.random() < 0.2:
        kept = [*cells[:where], *cells[where + 1 :]]
        if len(cells) > 2 and dice.random() < 0.4:
            return tuple(kept)
        kept.insert(dice.randrange(len(cells)), dice.choice([cells[where], dice.choice(SNIPPETS)]))
        return tuple(kept)
    text = dice.choice(EDITS)(cells[where], dice)
    return (*cells[:where], text, *cells[where + 1 :])


def delete_statement(text: str, dice: random.Random) -> str:
    parts = pieces(text)
    del parts[dice.randrange(len(parts))]
    return "".join(parts)


def swap_statements(text: str, dice: random.Random) -> str:
    parts = pieces(text)
    if len(parts) < 2:
        return text
    at = dice.randrange(len(parts) - 1)
    parts[at : at + 2] = [_line(parts[at + 1]), _line(parts[at])]
    return "".join(parts)


def repeat_statement(text: str, dice: random.Random) -> str:
    parts = pieces(text)
    parts.insert(dice.randrange(len(parts) + 1), _line(dice.choice(parts)))
    return "".join(parts)


def bring_statement(text: str, dice: random.Random) -> str:
    parts = pieces(text)
    foreign = dice.choice(pieces(dice.choice(SNIPPETS + EXAMPLES)))
    at = dice.randrange(len(parts) + 1)
    parts[at:at] = ["" if at == 0 else "\n", _line(foreign)]
    return "".join(parts)


def rename(text: str, dice: random.Random) -> str:
    old, new = dice.sample(NAMES, 2)
    found = list(re.finditer(rf"\b{old}\b", text))
    if not found:
        return text
    one = dice.choice(found)
    return text[: one.start()] + new + text[one.end() :]


def change_number(text: str, dice: random.Random) -> str:
    found = list(re.finditer(r"\b\d+\b", text))
    if not found:
        return text
    one = dice.choice(found)
    return text[: one.start()] + str(dice.randrange(9)) + text[one.end() :]


def add_lines(text: str, dice: random.Random) -> str:
    parts = pieces(text)
    parts.insert(dice.randrange(len(parts) + 1), dice.choice(["\n", "# a remark\n", "\n\n\n", "'a text'\n"]))
    return "".join(parts)


def insert_character(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + dice.choice("()[]{}:'\"#\n\t =,.a1*@\\") + text[at:]


def delete_characters(text: str, dice: random.Random) -> str:
    at = dice.randrange(len(text) + 1)
    return text[:at] + text[at + dice.choice((1, 1, 2, 5)) :]


def indent_line(text: str, dice: random.Random) -> str:
    lines = text.split("\n")
    at = dice.randrange(len(lines))
    lines[at] = dice.choice(["    " + lines[at], lines[at].removeprefix("    "), "\t" + lines[at].lstrip()])
    return "\n".join(lines)


def _line(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


WHOLE = [
    delete_statement,
    swap_statements,
    repeat_statement,
    bring_statement,
    rename,
    rename,
    change_number,
    add_lines,
]
EDITS = [*WHOLE, insert_character, delete_characters, indent_line]


def versions(cells: Cells, dice: random.Random, count: int) -> Iterator[Cells]:
    """A history of edits, in which what broke is mended and earlier versions come back."""
    history = [cells]
    yield cells
    for _ in range(count):
        now = edited(history[-1], dice)
        yield now
        if not parses(now):
            yield history[-1]
        elif dice.random() < 0.25:
            history.append(dice.choice(history))
            yield history[-1]
        else:
            history.append(now)


# --- incremental is fresh ----------------------------------------------------------------------------

WHOLES = [text for text in EXAMPLES if parses((text,))]
STARTS: list[Cells] = [
    *((text,) for text in PROGRAMS),
    *((a + "\n" + b,) for a, b in zip(WHOLES[::2], WHOLES[1::2], strict=False)),
    *(cells for cells in DOCUMENTS if len(cells) > 1 and parses(cells)),
    *zip(PROGRAMS, WHOLES, WHOLES[20:], strict=False),
]


@pytest.mark.parametrize("number", range(len(STARTS)))
def test_what_is_remembered_changes_nothing(number: int) -> None:
    dice = random.Random(number)
    analyser = Analyser()
    compared = 0
    for cells in versions(STARTS[number], dice, 24):
        report = analyser.analyse(document(cells))
        if parses(cells):
            assert_same(report, cells)
            compared += 1
    assert compared > 8


def test_after_a_break_a_mend_is_as_if_nothing_had_been() -> None:
    """Every statement of a program is broken once, and mended."""
    text = PROGRAMS[0]
    analyser = Analyser()
    before = analyser.analyse(document((text,)))
    parts = pieces(text)
    for at in range(1, len(parts)):
        broken = "".join([*parts[:at], "= " + parts[at], *parts[at + 1 :]])
        assert not parses((broken,))
        analyser.analyse(document((broken,)))
        after = analyser.analyse(document((text,)))
        assert (after.findings, after.coverage) == (before.findings, before.coverage)
    assert_same(after, (text,))


def test_another_document_under_the_same_path() -> None:
    analyser = Analyser()
    for text in [*PROGRAMS, *reversed(PROGRAMS)]:
        assert_same(analyser.analyse(document((text,))), (text,))


def test_a_cancelled_analysis_leaves_no_trace() -> None:
    analyser = Analyser()
    for number in range(0, 30, 3):
        calls = iter(range(number))

        def cancelled(calls: Iterator[int] = calls) -> bool:
            return next(calls, None) is None

        text = PROGRAMS[number // 3 % len(PROGRAMS)]
        with pytest.raises(Cancelled):
            analyser.analyse(document((text,)), cancelled=cancelled)
        assert_same(analyser.analyse(document((text,))), (text,))


def test_a_forgotten_document_is_analysed_anew() -> None:
    analyser = Analyser()
    good = "import pandas as pd\ndf = pd.read_csv('a.csv')\nprint(df)\n"
    analyser.analyse(document((good,)))
    analyser.forget("a.py")
    broken = good.replace("df = ", "df = = ")
    report = analyser.analyse(document((broken,)))
    fresh = Analyser().analyse(document((broken,)))
    assert report.trace is not None
    assert fresh.trace is not None
    assert report.trace.sightings == fresh.trace.sightings


# --- it never fails ----------------------------------------------------------------------------------

WORDS = """
    def class for in if else return lambda yield with try match case import from global del async await self super()
    pd fit fit_transform StandardScaler() train_test_split read_csv ( ) [ ] { } : , . = := + * ** == @ % !ls 0 1e9 f'{ #
    " mlsense: ignore[
"""
ODD = ["\n", "\n    ", "\n\t", "\n        ", '"""', "\\\n", "\r", "\x0c", "\x00", "\ud800", "é", "😀", "'"]
TOKENS = [*NAMES, *(f"{word} " for word in WORDS.split()), *ODD]
PYTHON = st.lists(st.sampled_from(TOKENS), max_size=40).map("".join)


@settings(max_examples=300, deadline=None)
@given(st.lists(PYTHON | st.text(max_size=60), min_size=1, max_size=3).map(tuple))
def test_no_text_makes_it_fail(cells: Cells) -> None:
    report = Analyser().analyse(document(cells))
    assert report.coverage.unfollowed <= report.coverage.statements


@pytest.mark.parametrize("seed", range(12))
def test_no_edit_makes_it_fail(seed: int) -> None:
    """Random characters pile up, with nothing mended."""
    dice = random.Random(seed)
    cells: Cells = (dice.choice(PROGRAMS + EXAMPLES),)
    analyser = Analyser()
    for _ in range(25):
        cells = (dice.choice(EDITS)(cells[0], dice),)
        report = analyser.analyse(document(cells))
        for finding in report.findings:
            assert 0 <= finding.location.span.start <= finding.location.span.end <= len(cells[0])
            assert finding.message
        report.hover(0, dice.randrange(len(cells[0]) + 1))


@pytest.mark.parametrize(
    "text",
    [
        "x = " + "[" * 2000 + "]" * 2000,
        "x = " + "-" * 3000 + "1",
        "x" + ".a" * 2000,
        "x" + "[0]" * 2000,
        "x = " + " + ".join(["1"] * 3000),
        "def f(x):\n    return f(f(x))\n\nf(f(1))\n",
        "".join(f"def f{n}(x):\n    return f{n + 1}(x) + f{n + 1}(x)\n\n" for n in range(40)) + "f0(1)\n",
        "".join("    " * n + f"for i{n} in range(9):\n" for n in range(18)) + "    " * 18 + "x = [x]\n",
        "class A(A):\n    def m(self):\n        return super().m()\n\nA().m()\n",
        "a = []\na.append(a)\nb = {'a': a}\na += [b]\nfor x in a:\n    a.append(x)\n",
        "x = x = x\ndel x, x\nx += x\n",
        "lambda: (yield)\n",
        "*a, *b = 1, 2\n",
        "import pandas as pd\ndf = pd.read_csv('a')\n" + "df = df.fillna(df.mean())\n" * 300,
    ],
    ids=lambda text: text[:24].split("\n")[0],
)
def test_extremes(text: str) -> None:
    report = Analyser().analyse(script("a.py", text))
    assert report.findings is not None
