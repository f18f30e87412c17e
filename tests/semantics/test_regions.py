"""The algebra of rows: what may be called disjoint, and that choices only narrow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsense.semantics.regions import (
    NO_ROWS,
    Choice,
    ChoiceKind,
    Overlap,
    Region,
    Rows,
    Source,
    opposite,
    overlap,
    regions_overlap,
    siblings,
    within,
)

BRANCHES: dict[ChoiceKind, st.SearchStrategy[object]] = {
    "split": st.integers(0, 2),
    "fold": st.sampled_from(["train", "test"]),
    "slice": st.tuples(
        st.none() | st.integers(-6, 6).filter(bool) | st.just("n"),
        st.none() | st.integers(-6, 6) | st.just("n"),
    ),
    "mask": st.tuples(st.sampled_from(["==", "!=", "<", ">=", ">", "<="]), st.integers(0, 3)),
    "sample": st.sampled_from([True, ("rest", True)]),
    "filter": st.none(),
}
KINDS = st.sampled_from(sorted(BRANCHES))


@st.composite
def choices(draw: st.DrawFn) -> Choice:
    kind: ChoiceKind = draw(KINDS)  # type: ignore[assignment]
    return Choice(draw(st.sampled_from([f"{kind} a", f"{kind} b"])), kind, draw(BRANCHES[kind]))  # type: ignore[arg-type]


sources = st.builds(Source, st.sampled_from("ab"), st.just(""), known=st.just(True)) | st.builds(
    Source, st.sampled_from("cd"), st.just(""), known=st.just(False)
)
regions = st.builds(Region, sources, st.lists(choices(), max_size=3).map(tuple))
several = st.lists(regions, max_size=3).map(tuple)
rows = st.builds(Rows, several, several)


@given(rows | st.none(), rows | st.none())
def test_overlap_is_symmetric(a: Rows | None, b: Rows | None) -> None:
    assert overlap(a, b) is overlap(b, a)


@given(regions)
def test_a_region_overlaps_itself(region: Region) -> None:
    assert regions_overlap(region, region) is Overlap.OVERLAP


@given(rows)
def test_rows_overlap_themselves_if_there_are_any(some: Rows) -> None:
    expected = Overlap.OVERLAP if some.parts or some.made_from else Overlap.DISJOINT
    assert overlap(some, some) is expected


@given(rows | st.none())
def test_what_is_unknown_stays_unknown(some: Rows | None) -> None:
    assert overlap(some, None) is Overlap.UNKNOWN


@given(rows)
def test_a_statistic_has_no_rows_to_share(some: Rows) -> None:
    assert overlap(some, NO_ROWS) is Overlap.DISJOINT


@given(rows, choices())
def test_choosing_stays_within(some: Rows, choice: Choice) -> None:
    chosen = some.choose(choice)
    assert within(chosen, some)
    assert within(some, chosen) is (not some.parts)
    if some.parts:
        assert overlap(chosen, some) is Overlap.OVERLAP


@given(rows, rows, choices())
def test_choosing_never_makes_what_is_disjoint_overlap(a: Rows, b: Rows, choice: Choice) -> None:
    if overlap(a, b) is Overlap.DISJOINT:
        assert overlap(a.choose(choice), b) is Overlap.DISJOINT


@given(regions, st.data(), st.sampled_from(["split", "fold", "sample"]))
def test_siblings_of_one_choice_are_disjoint(region: Region, data: st.DataObject, kind: ChoiceKind) -> None:
    one, other = data.draw(st.lists(BRANCHES[kind], min_size=2, max_size=2, unique=True))
    a = region.choose(Choice("selector", kind, one))
    b = region.choose(Choice("selector", kind, other))
    assert regions_overlap(a, b) is Overlap.DISJOINT
    assert siblings(Rows((a,)), Rows((b,)))
    # Whatever is chosen of them further stays apart.
    deeper = data.draw(choices())
    assert regions_overlap(a.choose(deeper), b.choose(deeper)) is Overlap.DISJOINT


def test_no_parts_of_one_split_are_siblings_of_themselves() -> None:
    part = Rows((Region(Source("a", ""), (Choice("s", "split", 0),)),))
    assert not siblings(part, part)


@given(regions, regions)
def test_sources_that_are_known_to_differ_share_nothing(a: Region, b: Region) -> None:
    if a.source == b.source:
        return
    known = a.source.known and b.source.known
    assert regions_overlap(a, b) is (Overlap.DISJOINT if known else Overlap.UNKNOWN)


COUNT = 7
BOUND = st.none() | st.integers(0, COUNT)


def rows_of_slice(bounds: tuple[int | None, int | None]) -> set[int]:
    return set(range(COUNT)[slice(*bounds)])


@given(st.tuples(BOUND, BOUND), st.tuples(BOUND, BOUND))
def test_slices_are_disjoint_only_where_they_are(
    a: tuple[int | None, int | None], b: tuple[int | None, int | None]
) -> None:
    """Python itself says which rows a slice takes."""
    source = Region(Source("a", ""))
    answer = regions_overlap(
        source.choose(Choice("slice", "slice", (a[0] or None, a[1]))),
        source.choose(Choice("slice", "slice", (b[0] or None, b[1]))),
    )
    if rows_of_slice(a) and rows_of_slice(b):
        assert answer is (Overlap.OVERLAP if rows_of_slice(a) & rows_of_slice(b) else Overlap.DISJOINT)


NEGATIVE = st.none() | st.integers(-COUNT, COUNT)


@given(st.tuples(NEGATIVE, NEGATIVE), st.tuples(NEGATIVE, NEGATIVE))
def test_slices_from_the_end_are_never_called_disjoint_wrongly(
    a: tuple[int | None, int | None], b: tuple[int | None, int | None]
) -> None:
    source = Region(Source("a", ""))
    answer = regions_overlap(
        source.choose(Choice("slice", "slice", (a[0] or None, a[1]))),
        source.choose(Choice("slice", "slice", (b[0] or None, b[1]))),
    )
    if answer is Overlap.DISJOINT:
        assert not rows_of_slice(a) & rows_of_slice(b)


COMPARED = {
    "==": int.__eq__, "!=": int.__ne__, "<": int.__lt__, ">=": int.__ge__, ">": int.__gt__, "<=": int.__le__,
}  # fmt: skip


@given(st.sampled_from(sorted(COMPARED)), st.integers(0, 4), st.sampled_from(sorted(COMPARED)), st.integers(0, 4))
def test_masks_are_disjoint_only_where_no_value_passes_both(one: str, a: int, other: str, b: int) -> None:
    source = Region(Source("a", ""))
    answer = regions_overlap(
        source.choose(Choice("column", "mask", (one, a))), source.choose(Choice("column", "mask", (other, b)))
    )
    if answer is Overlap.DISJOINT:
        assert not any(COMPARED[one](value, a) and COMPARED[other](value, b) for value in range(-1, 6))


@pytest.mark.parametrize("operator", sorted(COMPARED))
def test_a_mask_and_its_opposite_divide_the_rows(operator: str) -> None:
    turned = opposite(operator)
    assert turned is not None
    assert opposite(turned) == operator
    for value in range(4):
        assert COMPARED[operator](value, 2) is not COMPARED[turned](value, 2)
    source = Region(Source("a", ""))
    parts = [source.choose(Choice("column", "mask", (sign, 2))) for sign in (operator, turned)]
    assert regions_overlap(*parts) is Overlap.DISJOINT


def test_two_random_splits_of_the_same_rows_overlap() -> None:
    source = Region(Source("a", ""))
    one, other = (source.choose(Choice(seed, "split", part)) for seed, part in (("first", 0), ("second", 1)))
    assert regions_overlap(one, other) is Overlap.OVERLAP


def test_made_rows_share_with_what_they_are_made_from() -> None:
    train, test = (Region(Source("a", ""), (Choice("s", "split", part),)) for part in (0, 1))
    drawn = Rows((), (train,))
    assert overlap(drawn, Rows((train,))) is Overlap.OVERLAP
    assert overlap(drawn, Rows((test,))) is Overlap.DISJOINT
    assert drawn.count is None


def test_the_count_is_known_of_whole_sources_only() -> None:
    whole, other = (Rows((Region(Source(key, "", count)),)) for key, count in (("a", 10), ("b", None)))
    assert whole.count == 10
    assert Rows((*whole.parts, *whole.parts)).count == 20
    assert Rows((*whole.parts, *other.parts)).count is None
    assert whole.choose(Choice("s", "split", 0)).count is None
