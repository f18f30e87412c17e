from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mlsense.text import common_end, common_start

TEXTS = st.text("ab", max_size=12)


def shared(a: str, b: str) -> int:
    """The same, said plainly."""
    return next((place for place, (x, y) in enumerate(zip(a, b, strict=False)) if x != y), min(len(a), len(b)))


@given(TEXTS, TEXTS)
def test_the_common_start_is_the_longest(a: str, b: str) -> None:
    assert common_start(a, b) == shared(a, b) == common_start(list(a), list(b))


@given(TEXTS, TEXTS, st.integers(0, 12))
def test_the_common_end_is_the_longest_up_to_a_limit(a: str, b: str, most: int) -> None:
    most = min(most, len(a), len(b))
    assert common_end(a, b, most) == min(shared(a[::-1], b[::-1]), most) == common_end(list(a), list(b), most)
