from __future__ import annotations

import pytest

from mlsense.lsp.ignores import ignore_edit
from mlsense.lsp.session import OpenCell, OpenDocument
from mlsense.text import SourceText, apply_edits

RULE = "leak"


def ignored(text: str, *, kind: str = "script") -> str | None:
    """The text once the rule is ignored where `LEAK` stands."""
    document = OpenDocument("file:///a.py", kind, 1, 1, (OpenCell("file:///a.py", 1, SourceText(text)),))
    edit = ignore_edit(document, 0, text.index("LEAK"), RULE)
    return None if edit is None else apply_edits(text, [edit])


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("LEAK\nx\n", "LEAK  # mlsense: ignore[leak]\nx\n"),
        ("LEAK", "LEAK  # mlsense: ignore[leak]"),
        ("f(LEAK)  \t\r\nx\r\n", "f(LEAK)  # mlsense: ignore[leak]  \t\r\nx\r\n"),
        ("'🧪', LEAK\n", "'🧪', LEAK  # mlsense: ignore[leak]\n"),
        ("f(LEAK,\n  x)\n", "f(LEAK,  # mlsense: ignore[leak]\n  x)\n"),
    ],
    ids=["a line", "the last line", "white space and CRLF", "an emoji", "the first of several lines"],
)
def test_the_comment_stands_at_the_end_of_the_line(before: str, after: str) -> None:
    assert ignored(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("LEAK  # mlsense: ignore[a]\n", "LEAK  # mlsense: ignore[a, leak]\n"),
        ("LEAK  # mlsense: ignore[a, b] because\n", "LEAK  # mlsense: ignore[a, b, leak] because\n"),
        ("LEAK  # mlsense: ignore[ ]\n", "LEAK  # mlsense: ignore[ leak]\n"),
        ("# mlsense: ignore[a]\nLEAK\n", "# mlsense: ignore[a, leak]\nLEAK\n"),
        ("f(  # mlsense: ignore[a]\n  LEAK)\n", "f(  # mlsense: ignore[a, leak]\n  LEAK)\n"),
    ],
)
def test_the_rule_joins_those_that_are_ignored_already(before: str, after: str) -> None:
    assert ignored(before) == after


def test_a_line_that_ignores_everything_needs_nothing() -> None:
    assert ignored("LEAK  # mlsense: ignore\n") is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("LEAK, '''\na\n'''\nx\n", "LEAK, '''\na\n'''  # mlsense: ignore[leak]\nx\n"),
        ("LEAK + \\\n  1\nx\n", "LEAK + \\\n  1  # mlsense: ignore[leak]\nx\n"),
    ],
    ids=["a string", "a backslash"],
)
def test_where_the_line_goes_on_the_comment_stands_at_the_end_of_the_statement(before: str, after: str) -> None:
    assert ignored(before) == after


@pytest.mark.parametrize("comment", ["# type: ignore", "# noqa: E501", "# mlsense: ignore-file[other]"])
def test_another_comment_on_the_line_stays_where_its_readers_look_for_it(comment: str) -> None:
    assert ignored(f"LEAK  {comment}\n") == f"LEAK  {comment}  # mlsense: ignore[leak]\n"


def test_a_hash_in_a_string_is_no_comment() -> None:
    assert ignored("f('#', LEAK)\n") == "f('#', LEAK)  # mlsense: ignore[leak]\n"


def test_in_a_notebook_magics_do_not_get_in_the_way() -> None:
    assert ignored("%matplotlib inline\nLEAK\n", kind="notebook") == (
        "%matplotlib inline\nLEAK  # mlsense: ignore[leak]\n"
    )


def test_where_no_comment_can_be_read_none_is_offered() -> None:
    assert ignored("'''\nLEAK\n") is None
