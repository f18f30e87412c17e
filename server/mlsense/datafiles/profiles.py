"""What is known of a table and of each of its columns."""

from __future__ import annotations

import math
import operator
import re
from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from mlsense.datafiles.reading import Reading

MOST_COMMON = 12
# A column has no more values than so many of its rows, if values are said to repeat.
REPEATED = 2 / 3
_INT64 = 2**63
_NUMERIC = frozenset("0123456789+-.eE ")
# Letters of `inf` and `infinity`, in which a number may be spelled too.
_INFINITE = frozenset("infatyINFATY")
_TRUTH = frozenset(("True", "TRUE", "true", "False", "FALSE", "false"))
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}(?:[ T]\d{2}:\d{2}(?::\d{2}(?:\.\d{1,6})?)?)?\Z")
# Half a number: how it is read depends on the parser.
_HALF = re.compile(r"\s*[+-]?(\d+\.?\d*|\.\d*)[eE]?[+-]?\s*\Z|\s*[+-]?0[xX][\da-fA-F]|.*\d_\d")


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """A column, as the rows that were read show it.

    `dtype` is what pandas makes of it, "str" for text in any version, "" where that is not certain. `low` and `high`
    are those of finite numbers. `nans` counts gaps, `distinct` the other values that differ. `ordered`: numbers or
    dates that never fall from row to row. `dates`: text that is a date, year first. `common` are the most frequent
    values with their counts, all of them where there are no more than a dozen. `runs` counts the stretches of rows
    with one value: as many as there are values where equal ones stand together; 0 where hardly any repeats.
    """

    name: str
    dtype: str = ""
    low: float | None = None
    high: float | None = None
    nans: int = 0
    distinct: int = 0
    ordered: bool = False
    dates: bool = False
    common: tuple[tuple[str, int], ...] = ()
    runs: int = 0

    @property
    def text(self) -> bool:
        """Whether its values are certainly text."""
        return self.dtype == "str"


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Columns in their order, of `rows` rows. Two are the same only if they are one object.

    `whole`: these are all the rows that the program reads, not the first of them.
    `named`: the columns have names; without a line of names pandas numbers them.
    """

    columns: tuple[ColumnProfile, ...]
    rows: int
    whole: bool = True
    named: bool = True

    def column(self, name: str) -> ColumnProfile | None:
        return next((column for column in self.columns if column.name == name), None)


def column_profile(name: str, cells: Sequence[str], reading: Reading) -> ColumnProfile:
    """What the cells of a column show. Each different text is looked at once."""
    counts = Counter(cells)
    marks = reading.marks
    nans = sum([counts.pop(mark) for mark in marks & counts.keys()])
    common = tuple(counts.most_common(MOST_COMMON))
    repeats = 0 < len(counts) <= REPEATED * len(cells)
    runs = 1 + sum(map(operator.ne, cells, islice(cells, 1, None))) if repeats else 0
    found = ColumnProfile(name, nans=nans, distinct=len(counts), common=common, runs=runs)
    if not counts:
        return replace(found, dtype="float64" if nans else "")
    numbers = _numbers(counts, reading)
    if numbers is not None:
        return _of_numbers(found, [numbers[cell] for cell in cells if cell not in marks], numbers)
    if counts.keys() <= _TRUTH:
        values = {value.lower() for value in counts}
        return replace(found, dtype="object" if nans else "bool", distinct=len(values))
    if any(map(_HALF.match, islice(counts, 10_000))) and set().union(*counts) <= _NUMERIC | set("xX_abcdfABCDF"):
        return found
    if not reading.default_gaps and {"nan", "inf", "infinity"} & {value.strip().lower() for value in counts}:
        return found
    dates = all(map(_is_date, counts))
    order = [cell for cell in cells if cell not in marks] if dates else []
    return replace(found, dtype="str", dates=dates, ordered=_rises(order))


def _of_numbers(found: ColumnProfile, values: Sequence[float], texts: Mapping[str, float]) -> ColumnProfile:
    distinct = set(texts.values())
    finite = [number for number in distinct if math.isfinite(number)]
    low, high = (float(min(finite)), float(max(finite))) if finite else (None, None)
    whole = all(type(number) is int for number in distinct)
    dtype = "float64" if found.nans or not whole else "int64"
    if (finite and max(map(abs, finite)) >= _INT64) and any(_is_long(text) for text in texts):
        # Too large for whole numbers: what pandas makes of it depends on the others.
        dtype = ""
    return replace(found, dtype=dtype, low=low, high=high, distinct=len(distinct), ordered=_rises(values))


def _is_long(text: str) -> bool:
    return len(text) > 18 and text.strip().lstrip("+-").isdigit()


def _numbers(texts: Mapping[str, int], reading: Reading) -> dict[str, float] | None:
    """The texts as numbers; None where one is none. Whole numbers only if all are."""
    letters = set().union(*texts)
    point, group = reading.decimal, reading.thousands
    if not letters <= _NUMERIC | _INFINITE | {point, group}:
        return None
    plain = list(texts)
    if group:
        plain = [text.replace(group, "") for text in plain]
    if point != ".":
        if any("." in text for text in plain):
            return None
        plain = [text.replace(point, ".") for text in plain]
    try:
        return dict(zip(texts, map(int, plain), strict=True))
    except ValueError:
        pass
    try:
        found = dict(zip(texts, map(float, plain), strict=True))
    except ValueError:
        return None
    return None if any(map(math.isnan, found.values())) else found


def _rises(values: Sequence[float] | Sequence[str]) -> bool:
    return len(values) > 2 and values[0] != values[-1] and all(map(operator.le, values, values[1:]))


def _is_date(text: str) -> bool:
    if not _DATE.match(text):
        return False
    try:
        datetime.strptime(text[:10], "%Y-%m-%d")
    except ValueError:
        return False
    return True


def as_dates(column: ColumnProfile) -> ColumnProfile:
    """The column where pandas is asked to read dates."""
    return replace(column, dtype="datetime64" if column.dates else "", low=None, high=None)


def as_type(column: ColumnProfile, dtype: str) -> ColumnProfile:
    """The column where pandas is told its type."""
    if dtype.startswith(("int", "float", "uint")) and column.dtype in ("int64", "float64"):
        return replace(column, dtype=dtype)
    return replace(column, dtype=dtype, low=None, high=None)
