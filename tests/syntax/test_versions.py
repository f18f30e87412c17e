"""A text that is edited has the statements that it would have if it were read for the first time."""

from __future__ import annotations

import ast
import random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlsense.syntax import Cell, Statement, script, statements
from mlsense.syntax.versions import Split, split

TYPED = [
    *("x", "y = 1\n", "f(", ")", "[", "]", "{", "}", "'", '"', "'''", '"""', "\\", "\\\n", "#", " ", "    ", "\t", ";"),
    *("\n", "\n\n", "\r\n", "\r", "\f", "@", ":", "%", "!", "\n%time x\n", "\n%%time\n", "\n# %%\n", "y = !ls\n"),
    *("else:\n", "if x:\n", "try:\n", "except E:\n", "def f():\n", "class C:\n", "@d\n", "\n    ", "f'{x['a']}'"),
    *("\ufeff", "é", "😀", "\0", "import m\n", "async ", "match x:\n", "return\n", "    y = 2\n"),
]


def cell_of(text: str) -> Cell:
    return script("s.py", text).cells[0]


def seen(found: tuple[Statement, ...]) -> list[tuple[int, str, object, bool, str]]:
    return [
        (start, parsed.text, parsed.problem, parsed.recovered, ast.dump(parsed.tree) if parsed.tree else "")
        for parsed, start in found
    ]


def follow(before: Split, text: str) -> Split:
    """The next version, after a comparison with the same text read anew."""
    now = split(cell_of(text), before)
    assert seen(now.statements) == seen(statements(cell_of(text)))
    return now


def edited(text: str, dice: random.Random) -> str:
    start = dice.randrange(len(text) + 1)
    end = min(len(text), start + dice.choice([0, 0, 0, 1, 1, 2, 5, 40, 400]))
    return text[:start] + dice.choice([*TYPED, ""]) + text[end:]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_edits_of_real_files(real_files: list[str], ending: str) -> None:
    for number, text in enumerate(real_files[:: 4 if ending == "\n" else 16]):
        dice = random.Random(number)
        text = text[:20_000].replace("\n", ending)
        version = split(cell_of(text))
        for _ in range(12):
            version = follow(version, edited(text, dice))
            if dice.random() < 0.3:
                text = version.text
        follow(version, text)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.sampled_from(TYPED), max_size=40).map("".join), st.integers(0, 2**32))
def test_edits_of_any_text(text: str, seed: int) -> None:
    dice = random.Random(seed)
    version = split(cell_of(text))
    for _ in range(6):
        text = edited(text, dice)
        version = follow(version, text)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_typing_a_line(real_files: list[str], data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(real_files))[:12_000]
    lines = text.split("\n")
    at = data.draw(st.integers(0, len(lines)))
    line = data.draw(st.sampled_from(["x = f(a, [1])", "%time 'a'", 'text = """a"""', "for x in y: print(x)", "@d(1)"]))
    version = split(cell_of(text))
    for end in range(len(line) + 1):
        version = follow(version, "\n".join([*lines[:at], line[:end], *lines[at:]]))


def test_statements_far_from_an_edit_are_the_very_same() -> None:
    text = "".join(f"a{number} = f(\n    {number}\n)\n" for number in range(50))
    before = split(cell_of(text))
    after = split(cell_of(text.replace("25", "255")), before)
    same = [old.parsed is new.parsed for old, new in zip(before.statements, after.statements, strict=True)]
    assert sum(same) == 49
    assert all(old is new for old, new in zip(before.statements[:20], after.statements[:20], strict=True))


def test_versions_of_an_edited_text_can_be_edited_on() -> None:
    """However many edits there were, the one after them is cheap too: what is known is passed on."""
    text = "".join(f"a{number} = {number}\n" for number in range(50))
    version = split(cell_of(text))
    for number in range(10):
        text = text.replace(f"a{number} =", f"b{number} =")
        version = split(cell_of(text), version)
        fresh = split(cell_of(text))
        assert (version.heads, version.starts, version.ends) == (fresh.heads, fresh.starts, fresh.ends)


CALLS = "".join(f"a{number} = f({number})\n" for number in range(30))
LOOPS = "for x in y:\nprint(x)\n\n"


@pytest.mark.parametrize(
    ("text", "later"),
    [
        # A bracket is closed far below the line that opened it.
        ("x = [\n" + "1,\n" * 30 + CALLS, "x = [\n" + "1,\n" * 29 + "1]\n" + CALLS),
        ("x = [\n" + "1,\n" * 29 + "1]\n" + CALLS, "x = [\n" + "1,\n" * 30 + CALLS),
        ('x = """\n' + CALLS * 2, 'x = """\n' + CALLS + '"""\n' + CALLS),
        # A fix far below is indented as the text is.
        (CALLS + "if a:\n    b\n" + CALLS + LOOPS, CALLS + "if a:\n  b\n" + CALLS + LOOPS),
        # So many fixes are tried and no more.
        (CALLS + LOOPS * 22 + CALLS, CALLS + LOOPS.replace("print", "  print") + LOOPS * 21 + CALLS),
        (CALLS + LOOPS * 19 + CALLS + LOOPS, CALLS + LOOPS * 19 + CALLS.replace("a9 =", "for a9 in x:") + LOOPS),
        # What looks like a magic is in a string, until a quote above opens or ends it.
        (CALLS + 's = """\n%time a\n"""\n', '"""\n' + CALLS + 's = """\n%time a\n"""\n'),
        (CALLS * 2 + 's = """\n%time a\n"""\n', CALLS + 't = """\n' + CALLS + 's = """\n%time a\n"""\n'),
        (CALLS * 2 + 's = """a b\n%time a\n"""\n', CALLS + 't = """\n' + CALLS + 's = """a b\n%time a\n"""\n'),
        (CALLS + 's = """\n%time a\n"""\n' + CALLS, CALLS + "s = \n%time a\n'''\n" + CALLS),
        (CALLS + "s = f(\n  a\n  % b\n)\n" + CALLS, CALLS + "s = f\n  a\n  % b\n)\n" + CALLS),
    ],
)
def test_edits_that_are_felt_far_away(text: str, later: str) -> None:
    version = follow(split(cell_of(text)), later)
    follow(follow(version, text), later)
