from __future__ import annotations

import pytest
from lsprotocol import types

from mlsense.lsp.convert import apply_changes, to_offset, to_range, to_span, to_text_edit
from mlsense.text import Encoding, SourceText, Span, TextEdit


def at(line: int, start: int, end: int, end_line: int | None = None) -> types.Range:
    last = line if end_line is None else end_line
    return types.Range(types.Position(line, start), types.Position(last, end))


def edited(text: str, *changes: tuple[types.Range, str], encoding: Encoding = Encoding.UTF16) -> str:
    events = [types.TextDocumentContentChangePartial(range_, new) for range_, new in changes]
    return apply_changes(SourceText(text), events, encoding).text


@pytest.mark.parametrize(("encoding", "column"), [(Encoding.UTF8, 8), (Encoding.UTF16, 6), (Encoding.UTF32, 5)])
def test_an_emoji_before_a_token_moves_it_by_its_width_in_the_clients_units(encoding: Encoding, column: int) -> None:
    source = SourceText("'🧪'; BAD")
    token = Span(5, 8)

    assert to_range(source, token, encoding) == at(0, column, column + 3)
    assert to_span(source, at(0, column, column + 3), encoding) == token
    assert to_text_edit(source, TextEdit(token, "x"), encoding).range == at(0, column, column + 3)


@pytest.mark.parametrize("separator", ["\f", "\v", "\x1c", "\x85", "\u2028", "\u2029"])
def test_only_line_endings_of_the_protocol_end_lines(separator: str) -> None:
    assert edited(f"a{separator}b\nc\n", (at(1, 0, 1), "C")) == f"a{separator}b\nC\n"


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_edits_in_all_line_endings(ending: str) -> None:
    assert edited(f"a{ending}b{ending}", (at(1, 0, 1), "B"), (at(2, 0, 0), "c")) == f"a{ending}B{ending}c"


def test_each_change_refers_to_the_text_that_the_one_before_left() -> None:
    assert edited("one\n", (at(0, 0, 3), "x\ny"), (at(1, 0, 1), "z")) == "x\nz\n"


def test_a_change_without_a_range_is_the_whole_text() -> None:
    whole = types.TextDocumentContentChangeWholeDocument("new")
    assert apply_changes(SourceText("old"), [whole], Encoding.UTF16).text == "new"


@pytest.mark.parametrize(
    ("range_", "result"),
    [
        (at(0, 99, 999), "ab!\ncd"),
        (at(99, 0, 0, 999), "ab\ncd!"),
        (at(0, 1, 5, 99), "a!"),
        (at(1, 1, 0, 0), "ab\nc!d"),
    ],
    ids=["columns behind the line", "lines behind the text", "an end behind the text", "backwards"],
)
def test_ranges_out_of_bounds_are_clamped(range_: types.Range, result: str) -> None:
    assert edited("ab\ncd", (range_, "!")) == result


def test_a_column_inside_a_surrogate_pair_is_the_start_of_the_character() -> None:
    assert to_offset(SourceText("🧪x"), types.Position(0, 1), Encoding.UTF16) == 0


def test_half_a_surrogate_pair_in_a_text_counts_as_one_unit() -> None:
    source = SourceText("\ud83d x")
    assert to_range(source, Span(2, 3), Encoding.UTF16) == at(0, 2, 3)
    assert to_range(source, Span(2, 3), Encoding.UTF8) == at(0, 4, 5)
