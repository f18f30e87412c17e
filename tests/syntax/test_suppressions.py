"""Comments that silence rules."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from mlsense.syntax import Cell, notebook_of_cells, suppressions

Make = Callable[[str], Cell]


def covered(cell: Cell) -> list[list[int]]:
    """The lines each comment silences."""
    return [
        [line for line in range(cell.source.lines.line_count) if each.covers("any", line)]
        for each in suppressions(cell)
    ]


@pytest.mark.parametrize(
    ("comment", "rules", "reason"),
    [
        ("# mlsense: ignore", None, ""),
        ("#mlsense:ignore", None, ""),
        ("# mlsense: ignore[a]", {"a"}, ""),
        ("# mlsense: ignore[a-b, c] known to be fine", {"a-b", "c"}, "known to be fine"),
        ("# mlsense: ignore [a,b]: see #12", {"a", "b"}, "see #12"),
        ("# mlsense: ignore - toy data  # noqa: E501", None, "toy data"),
        ("# mlsense: ignore[]", set(), ""),
        ("# type: ignore  # mlsense: ignore[a] why", {"a"}, "why"),
    ],
)
def test_rules_and_reason(script_cell: Make, comment: str, rules: set[str] | None, reason: str) -> None:
    text = f"x = 1  {comment}\n"
    (found,) = suppressions(script_cell(text))
    assert (found.rules, found.reason, found.line) == (rules, reason, 0)
    cut = text[found.span.start : found.span.end]
    assert cut.startswith("#")
    assert cut.endswith(reason or cut[-1])
    assert "noqa" not in cut


@pytest.mark.parametrize(
    "text",
    [
        "s = '# mlsense: ignore'",
        "'''\n# mlsense: ignore\n'''",
        "f('''a\n''', '# mlsense: ignore')",
        "x  # mlsense: ignored",
        "x  # mlsense: ignore-files",
        "x  # mlsense: ignore_this",
        "x  # write `# mlsense: ignore` to silence it",
        "x  # mlsense ignore",
    ],
)
def test_what_is_no_such_comment(script_cell: Make, text: str) -> None:
    assert suppressions(script_cell(text)) == ()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a\nb  # mlsense: ignore\nc", [1]),
        ("a\n# mlsense: ignore\nb\nc", [2]),
        ("# mlsense: ignore\n\n# more\nb\nc", [3]),
        ("def f():\n    # mlsense: ignore\n    a\n    b", [2]),
        ("a = f(\n    b,\n)  # mlsense: ignore\nc", [0, 1, 2]),
        ("a = f(  # mlsense: ignore\n    b,\n)\nc", [0, 1, 2]),
        ("a = f(\n    b,  # mlsense: ignore\n    c,\n)", [1]),
        ("a = f(\n    # mlsense: ignore\n    b,\n    c,\n)", [2]),
        ("# mlsense: ignore\na = f(\n    b,\n)\nc", [1, 2, 3]),
        ("a = '''\nb\n'''  # mlsense: ignore\nc", [0, 1, 2]),
        ("a = b + \\\n  c  # mlsense: ignore\nd", [0, 1]),
        ("def f(\n    a,\n):  # mlsense: ignore\n    b", [0, 1, 2]),
        ("a\n# mlsense: ignore", [1]),
        ("x = 1\r\ny = 2  # mlsense: ignore\r\nz", [1]),
    ],
)
def test_which_lines_are_silenced(script_cell: Make, text: str, lines: list[int]) -> None:
    assert covered(script_cell(text)) == [lines]


def test_a_whole_file_is_silenced_from_anywhere(script_cell: Make) -> None:
    (found,) = suppressions(script_cell("x = 1\n# mlsense: ignore-file[a] generated\n"))
    assert (found.rules, found.reason, found.line) == ({"a"}, "generated", None)
    assert found.covers("a", 99)
    assert not found.covers("b", 0)


def test_only_the_named_rules_are_silenced(script_cell: Make) -> None:
    (found,) = suppressions(script_cell("x  # mlsense: ignore[a]"))
    assert found.covers("a", 0)
    assert not found.covers("b", 0)
    assert not found.covers("a", 1)


def test_several_in_order(script_cell: Make) -> None:
    text = "# mlsense: ignore[a]\n# mlsense: ignore[b]\nx = f(  # mlsense: ignore[c]\n  y)\nz  # mlsense: ignore[d]\n"
    assert covered(script_cell(text.replace("ignore[", "ignore [any,"))) == [[2, 3], [2, 3], [2, 3], [4]]


def test_broken_code_around_does_no_harm(script_cell: Make) -> None:
    assert covered(script_cell("x = f(\ny = 1  # mlsense: ignore\ndf.\n"))[0][0] in (0, 1)


def test_magics_and_other_cells(code_cell: Make) -> None:
    assert covered(code_cell("%time x = f()  # mlsense: ignore\n")) == [[0]]
    assert suppressions(code_cell("%%bash\nls # mlsense: ignore\n")) == ()
    markdown = notebook_of_cells("a.ipynb", [("markdown", "# mlsense: ignore", None)]).cells[0]
    assert suppressions(markdown) == ()
