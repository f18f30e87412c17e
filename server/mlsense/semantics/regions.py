"""Which rows of which source: the algebra that decides whether two values share rows."""

from __future__ import annotations

import re
from dataclasses import field, replace
from enum import Enum
from typing import TYPE_CHECKING, Literal

from mlsense.semantics.immutable import dataclass

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from mlsense.datafiles import Table

ChoiceKind = Literal["split", "fold", "slice", "mask", "sample", "filter"]


class Overlap(Enum):
    """Three-valued: only OVERLAP may be reported, only DISJOINT makes an evaluation."""

    DISJOINT = "disjoint"
    OVERLAP = "overlap"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Date:
    """A date as the end of a slice, year first."""

    text: str


@dataclass(frozen=True, slots=True)
class Source:
    """Where rows came to be. `known` is false for what was not followed: it may share rows with anything.

    How many there are says nothing of which they are: a file may be read in more than one way. `table` is what the file
    shows, whatever columns are left.
    """

    key: Hashable
    label: str
    count: int | None = field(default=None, compare=False)
    known: bool = True
    table: Table | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class Rest:
    """What one branch of a choice leaves over."""

    branch: Hashable


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Several branches of a choice together."""

    branches: tuple[Hashable, ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """One step that picks rows. Choices of one selector with different branches pick different rows.

    `fixed`: the same rows come out whenever it is made of the same: by a number that was given for it.
    """

    selector: Hashable
    kind: ChoiceKind
    branch: Hashable
    fixed: bool = False

    def rest(self) -> Choice:
        """The choice of all other rows."""
        if self.kind == "mask" and isinstance(self.branch, tuple) and (other := opposite(self.branch[0])) is not None:
            return replace(self, branch=(other, *self.branch[1:]))
        return replace(self, branch=self.branch.branch if isinstance(self.branch, Rest) else Rest(self.branch))


@dataclass(frozen=True, slots=True)
class Region:
    """A source and the choices made since, in order."""

    source: Source
    path: tuple[Choice, ...] = ()

    def choose(self, choice: Choice) -> Region:
        return Region(self.source, (*self.path, choice))


@dataclass(frozen=True, slots=True)
class Rows:
    """Regions laid one after the other. No parts at all: a statistic, which has no rows of its own.

    `made_from` are regions whose rows were used to make new ones (resampling, bootstrap).
    """

    parts: tuple[Region, ...] = ()
    made_from: tuple[Region, ...] = ()

    def choose(self, choice: Choice) -> Rows:
        return Rows(tuple(part.choose(choice) for part in self.parts), self.made_from)

    @property
    def count(self) -> int | None:
        """Number of rows where it is known: whole sources only."""
        if self.made_from or any(part.path or part.source.count is None for part in self.parts):
            return None
        return sum(part.source.count or 0 for part in self.parts)


NO_ROWS = Rows()
# Rows are compared part by part: more of them, as of an array that is laid behind itself in a loop, are not known.
MAX_PARTS = 64


def laid_together(rows: Iterable[Rows]) -> Rows | None:
    """One after the other; None where that makes too many parts."""
    parts: list[Region] = []
    made_from: list[Region] = []
    for each in rows:
        parts += each.parts
        made_from += each.made_from
    return Rows(tuple(parts), tuple(made_from)) if len(parts) + len(made_from) <= MAX_PARTS else None


def choices_overlap(a: Choice, b: Choice) -> Overlap:
    """Whether two different choices made of the same rows can pick a row in common."""
    if isinstance(b.branch, AnyOf) and not isinstance(a.branch, AnyOf):
        a, b = b, a
    if isinstance(a.branch, AnyOf):
        answers = {choices_overlap(replace(a, branch=branch), b) for branch in a.branch.branches}
        return next((answer for answer in (Overlap.OVERLAP, Overlap.UNKNOWN) if answer in answers), Overlap.DISJOINT)
    if a.selector == b.selector:
        if isinstance(a.branch, Rest) or isinstance(b.branch, Rest):
            return _rest_overlaps(a, b)
        if a.kind in ("split", "fold", "sample"):
            return Overlap.DISJOINT if a.branch != b.branch else Overlap.OVERLAP
        if a.kind == "slice":
            return _slices_overlap(a.branch, b.branch)
        if a.kind == "mask":
            return _masks_overlap(a.branch, b.branch)
        return Overlap.UNKNOWN
    if a.kind == b.kind == "split":
        # Two independent random splits of the same rows share rows unless the set is tiny.
        return Overlap.OVERLAP
    return Overlap.UNKNOWN


def _rest_overlaps(a: Choice, b: Choice) -> Overlap:
    """What a branch leaves over has nothing of it, and all of the branches apart from it."""
    if a.branch == b.branch:
        return Overlap.OVERLAP
    if isinstance(a.branch, Rest) and isinstance(b.branch, Rest):
        return Overlap.UNKNOWN
    rest, other = (a, b) if isinstance(a.branch, Rest) else (b, a)
    answer = choices_overlap(rest.rest(), other)
    if rest.rest() == other:
        return Overlap.DISJOINT
    return Overlap.OVERLAP if answer is Overlap.DISJOINT else Overlap.UNKNOWN


def _slices_overlap(a: Hashable, b: Hashable) -> Overlap:
    if not (isinstance(a, tuple) and isinstance(b, tuple)):
        return Overlap.UNKNOWN
    (low_a, high_a), (low_b, high_b) = a, b
    if (high_a is not None and high_a == low_b) or (high_b is not None and high_b == low_a):
        return Overlap.DISJOINT
    if _before(high_a, low_b) or _before(high_b, low_a):
        return Overlap.DISJOINT
    bounds = (low_a, high_a, low_b, high_b)
    if all(bound is None or (isinstance(bound, int) and bound >= 0) for bound in bounds):
        low = max(low_a or 0, low_b or 0)
        highs = [high for high in (high_a, high_b) if high is not None]
        return Overlap.DISJOINT if highs and low >= min(highs) else Overlap.OVERLAP
    return Overlap.OVERLAP if a == b else Overlap.UNKNOWN


def _before(high: Hashable, low: Hashable) -> bool:
    """Whether both are dates, written so that texts sort as dates do, the first before the second."""
    return isinstance(high, Date) and isinstance(low, Date) and high.text < low.text


_PAIRS = (("==", "!="), ("<", ">="), (">", "<="), ("is", "not"), ("in", "not in"), ("and", "not and"))
_OPPOSITE = {one: other for pair in _PAIRS for one, other in (pair, pair[::-1])}


def opposite(operator: str) -> str | None:
    """The comparison that holds exactly where this one does not."""
    return _OPPOSITE.get(operator)


def _masks_overlap(a: Hashable, b: Hashable) -> Overlap:
    if not (isinstance(a, tuple) and isinstance(b, tuple)):
        return Overlap.UNKNOWN
    (operator_a, right_a), (operator_b, right_b) = a, b
    if right_a == right_b and _OPPOSITE.get(operator_a) == operator_b:
        return Overlap.DISJOINT
    if operator_a == operator_b == "==" and right_a != right_b:
        return Overlap.DISJOINT
    if _ends_before(operator_a, right_a, operator_b, right_b) or _ends_before(operator_b, right_b, operator_a, right_a):
        return Overlap.DISJOINT
    return Overlap.OVERLAP if a == b else Overlap.UNKNOWN


_DATE = re.compile(r"\d{4}(-\d\d(-\d\d)?)?$")


def _ends_before(operator_a: str, a: Hashable, operator_b: str, b: Hashable) -> bool:
    """Whether all that is at most `a` lies before all that is at least `b`: numbers, or dates year first."""
    if operator_a not in ("<", "<=", "==") or operator_b not in (">", ">=", "=="):
        return False
    numbers = isinstance(a, (int, float)) and isinstance(b, (int, float))
    if not numbers and not (isinstance(a, str) and isinstance(b, str) and _DATE.match(a) and _DATE.match(b)):
        return False
    touching = operator_a != "<" and operator_b != ">"
    return bool(a < b or (a == b and not touching))  # type: ignore[operator]


def regions_overlap(a: Region, b: Region) -> Overlap:
    if a.source != b.source:
        return Overlap.DISJOINT if a.source.known and b.source.known else Overlap.UNKNOWN
    for index, (left, right) in enumerate(zip(a.path, b.path, strict=False)):
        if left != right:
            return Overlap.DISJOINT if _asked_apart(a.path[index:], b.path[index:]) else choices_overlap(left, right)
    return Overlap.OVERLAP


def _asked_apart(a: tuple[Choice, ...], b: tuple[Choice, ...]) -> bool:
    """Whether some question is answered differently by the rows of both: masks tell that in whatever order."""
    return any(
        left.kind == right.kind == "mask" and choices_overlap(left, right) is Overlap.DISJOINT
        for left in a
        for right in b
        if left.selector == right.selector
    )


def overlap(a: Rows | None, b: Rows | None) -> Overlap:
    """Whether some row belongs to both; what is unknown on either side stays unknown."""
    if a is None or b is None:
        return Overlap.UNKNOWN
    answers = {regions_overlap(left, right) for left in (*a.parts, *a.made_from) for right in (*b.parts, *b.made_from)}
    if Overlap.OVERLAP in answers:
        return Overlap.OVERLAP
    return Overlap.UNKNOWN if Overlap.UNKNOWN in answers else Overlap.DISJOINT


def within(inner: Rows, outer: Rows) -> bool:
    """Whether every row of `inner` is certainly a row of `outer`."""
    return all(
        any(part.source == whole.source and part.path[: len(whole.path)] == whole.path for whole in outer.parts)
        for part in inner.parts
    )


def siblings(a: Rows, b: Rows) -> bool:
    """Whether the two are different parts of one split, fold, slicing, mask or sample."""
    for left in a.parts:
        for right in b.parts:
            if left.source == right.source and regions_overlap(left, right) is Overlap.DISJOINT:
                return True
    return False
