"""Offsets, lines and columns, against an oracle that counts one character at a time."""

from __future__ import annotations

import ast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsense.text import Encoding, LineIndex, Position, SourceText, Span

# Line endings, what other tools take for line endings, characters of every width, half a surrogate pair.
ODD = st.text(st.sampled_from("ab\té漢😀\n\r\f\v\x1c\x85\u2028\u2029\ud83d\0"), max_size=40)
ENCODINGS = st.sampled_from(Encoding)


def oracle_lines(text: str) -> list[tuple[int, int, int]]:
    """(start, end without the line ending, start of the next line) of each line."""
    lines = []
    start = place = 0
    while place < len(text):
        if text[place] in "\r\n":
            after = place + (2 if text[place : place + 2] == "\r\n" else 1)
            lines.append((start, place, after))
            start = place = after
        else:
            place += 1
    return [*lines, (start, len(text), len(text))]


def oracle_units(text: str, encoding: Encoding) -> int:
    if encoding is Encoding.UTF32:
        return len(text)
    if encoding is Encoding.UTF8:
        return sum(len(character.encode("utf-8", "surrogatepass")) for character in text)
    return sum(2 if ord(character) > 0xFFFF else 1 for character in text)


def oracle_position(text: str, offset: int) -> Position:
    lines = oracle_lines(text)
    number = next((number for number, (_, _, after) in enumerate(lines) if offset < after), len(lines) - 1)
    start, end, _ = lines[number]
    return Position(number, min(offset, end) - start)


@given(ODD)
def test_lines_are_those_of_the_oracle(text: str) -> None:
    index = LineIndex(text)
    expected = oracle_lines(text)
    assert index.line_count == len(expected)
    for line, (start, end, _) in enumerate(expected):
        assert index.line_span(line) == Span(start, end)
        assert index.line_text(line) == text[start:end]


@given(ODD)
def test_every_offset_has_the_oracles_position(text: str) -> None:
    index = LineIndex(text)
    for offset in range(len(text) + 1):
        assert index.position(offset) == oracle_position(text, offset)


@given(ODD)
def test_offsets_outside_line_endings_come_back(text: str) -> None:
    index = LineIndex(text)
    for offset in range(len(text) + 1):
        inside_ending = text[offset - 1 : offset + 1] == "\r\n" and offset > 0
        assert index.offset(index.position(offset)) == offset - inside_ending


@given(ODD, ENCODINGS)
def test_clients_see_their_own_units(text: str, encoding: Encoding) -> None:
    index = LineIndex(text)
    for line, (start, end, _) in enumerate(oracle_lines(text)):
        for offset in range(start, end + 1):
            position = index.to_client(offset, encoding)
            assert position == Position(line, oracle_units(text[start:offset], encoding))
            assert index.from_client(position, encoding) == offset


@given(ODD, ENCODINGS, st.integers(-3, 15), st.integers(-3, 200))
def test_any_position_from_a_client_lands_on_its_line(text: str, encoding: Encoding, line: int, column: int) -> None:
    offset = LineIndex(text).from_client(Position(line, column), encoding)
    lines = oracle_lines(text)
    if line < 0:
        assert offset == 0
    elif line >= len(lines):
        assert offset == len(text)
    else:
        start, end, _ = lines[line]
        assert start <= offset <= end
        # The start of the character that the column is in, or the end of the line.
        assert oracle_units(text[start:offset], encoding) <= max(column, 0)
        assert offset == end or oracle_units(text[start : offset + 1], encoding) > max(column, 0)


@given(ODD, st.integers(-3, 60))
def test_offsets_outside_the_text_are_clamped(text: str, offset: int) -> None:
    index = LineIndex(text)
    assert index.position(offset) == index.position(min(max(offset, 0), len(text)))


def test_a_column_inside_a_surrogate_pair_means_its_start() -> None:
    index = LineIndex("a😀b")
    assert [index.from_client(Position(0, column), Encoding.UTF16) for column in range(6)] == [0, 1, 1, 2, 3, 3]
    assert [index.from_client(Position(0, column), Encoding.UTF8) for column in range(7)] == [0, 1, 1, 1, 1, 2, 3]


def test_a_line_that_is_not_there_is_an_error() -> None:
    index = LineIndex("a\nb")
    for line in (-1, 2):
        with pytest.raises(IndexError, match=f"line {line} of a text of 2 lines"):
            index.line_span(line)


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_ast_places_are_found_behind_any_characters(ending: str) -> None:
    text = ending.join(["'é漢😀', first", "\fsecond", "x = '\u2028'; third", "'''a", "😀''', fourth"])
    index = LineIndex(text)
    found = {
        node.id: index.from_ast(node.lineno, node.col_offset)
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Name) and node.id != "x"
    }
    assert found == {name: text.index(name) for name in ("first", "second", "third", "fourth")}


@given(st.lists(st.sampled_from(["a", "é", "漢", "😀", "'\u2028'"]), min_size=1, max_size=6))
def test_ast_columns_are_utf8_bytes(words: list[str]) -> None:
    strings = [f"'{word}'" if "'" not in word else word for word in words]
    text = "\n".join(["(", ", ".join(strings) + ", name", ")"])
    name = next(node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))
    assert name.end_col_offset is not None
    index = LineIndex(text)
    start = index.from_ast(name.lineno, name.col_offset)
    end = index.from_ast(name.lineno, name.end_col_offset)
    assert text[start:end] == "name"


def test_source_text_keeps_its_index() -> None:
    source = SourceText("a\nb")
    assert source.lines is source.lines
    assert source == SourceText("a\nb")
    assert source.lines.line_text(1) == "b"


# --- edits -------------------------------------------------------------------------------------------

LINES = st.text(st.sampled_from("a\té漢😀\n\r\f\u2028\ud83d"), max_size=12)
EDITS = st.lists(st.tuples(st.integers(0, 60), st.integers(0, 8), LINES), max_size=12)


@given(ODD, EDITS)
def test_the_lines_of_an_edited_text_are_those_of_a_new_one(text: str, edits: list[tuple[int, int, str]]) -> None:
    source = SourceText(text)
    for at, length, new_text in edits:
        start = min(at, len(text))
        end = min(start + length, len(text))
        source = source.edited(Span(start, end), new_text)
        text = text[:start] + new_text + text[end:]
        assert source == SourceText(text)
        fresh = LineIndex(text)
        assert source.lines.line_count == fresh.line_count
        for line in range(fresh.line_count):
            assert source.lines.line_span(line) == fresh.line_span(line)
        for offset in range(len(text) + 1):
            assert source.lines.position(offset) == fresh.position(offset)
            for encoding in Encoding:
                place = fresh.to_client(offset, encoding)
                assert source.lines.to_client(offset, encoding) == place
                assert source.lines.from_client(place, encoding) == fresh.from_client(place, encoding)


def test_an_edit_leaves_the_version_before_as_it_is() -> None:
    before = SourceText("a\nb\rc\r\nd")
    spans = [before.lines.line_span(line) for line in range(4)]
    before.edited(Span(1, 6), "\n\n\n").edited(Span(0, 0), "x\n")
    assert [before.lines.line_span(line) for line in range(before.lines.line_count)] == spans


@pytest.mark.parametrize("span", [Span(-1, 0), Span(2, 1), Span(1, 4)])
def test_an_edit_outside_the_text_is_refused(span: Span) -> None:
    with pytest.raises(ValueError, match="edit of"):
        SourceText("abc").edited(span, "")
