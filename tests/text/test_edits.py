"""Edits to a text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsense.text import Span, TextEdit, apply_edits


def edit(start: int, end: int, new_text: str) -> TextEdit:
    return TextEdit(Span(start, end), new_text)


def test_spans_refer_to_the_text_before() -> None:
    assert apply_edits("one two", [edit(4, 7, "three"), edit(0, 3, "1")]) == "1 three"


def test_insertions_at_one_place_keep_their_order_and_come_before_a_replacement() -> None:
    edits = [edit(1, 2, "X"), edit(1, 1, "first"), edit(1, 1, "second")]
    assert apply_edits("abc", edits) == "afirstsecondXc"


def test_an_insertion_may_follow_a_replacement_at_once() -> None:
    assert apply_edits("abc", [edit(0, 1, "X"), edit(1, 1, "Y")]) == "XYbc"


def test_no_edits_change_nothing() -> None:
    assert apply_edits("abc", []) == "abc"


@pytest.mark.parametrize(
    "edits",
    [
        [edit(0, 2, ""), edit(1, 3, "")],
        [edit(0, 2, ""), edit(1, 1, "x")],
        [edit(0, 2, ""), edit(0, 2, "")],
    ],
)
def test_overlapping_edits_are_refused(edits: list[TextEdit]) -> None:
    with pytest.raises(ValueError, match="overlaps"):
        apply_edits("abc", edits)


@pytest.mark.parametrize(("start", "end"), [(-1, 0), (2, 1), (0, 4), (4, 4)])
def test_spans_outside_the_text_are_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="in a text of 3 characters"):
        apply_edits("abc", [edit(start, end, "")])


@given(st.text(max_size=20), st.lists(st.tuples(st.integers(0, 20), st.text(max_size=3)), max_size=8))
def test_edits_do_what_inserting_one_by_one_from_the_back_does(text: str, insertions: list[tuple[int, str]]) -> None:
    insertions = [(min(place, len(text)), new) for place, new in insertions]
    expected = text
    for _, (place, new) in sorted(enumerate(insertions), key=lambda each: (each[1][0], each[0]), reverse=True):
        expected = expected[:place] + new + expected[place:]
    assert apply_edits(text, [edit(place, place, new) for place, new in insertions]) == expected
