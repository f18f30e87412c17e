"""A profile says what pandas' `read_csv` gives for the same file."""

from __future__ import annotations

import io
import math
import warnings
from typing import TYPE_CHECKING, Any

import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlsense.datafiles import Reading, Table, column_profile, delimited, profile

if TYPE_CHECKING:
    from collections.abc import Callable


def both(text: str, reading: Reading | None = None, **options: Any) -> tuple[Table | None, pd.DataFrame | None]:
    raw = text.encode()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            frame = pd.read_csv(io.BytesIO(raw), **options)
    except (ValueError, TypeError):
        frame = None
    return profile(io.BytesIO(raw), reading or Reading()), frame


def type_of(column: pd.Series) -> str:
    name = str(column.dtype)
    return "datetime64" if name.startswith("datetime64") else name


def assert_same(table: Table | None, frame: pd.DataFrame | None) -> None:
    """Where nothing is said, nothing is wrong; what is said is what pandas gives."""
    if table is None:
        return
    assert frame is not None
    assert table.rows == len(frame)
    assert [column.name for column in table.columns] == [str(name) for name in frame.columns]
    for column, name in zip(table.columns, frame.columns, strict=True):
        given = frame[name]
        if not column.dtype:
            continue
        assert column.nans == given.isna().sum(), name
        assert column.dtype == type_of(given), name
        assert column.distinct == pytest.approx(given.nunique(), abs=1) or column.dtype == "object", name
        if column.dtype in ("int64", "float64") and column.low is not None:
            finite = given[given.abs() != math.inf]
            # Its quick parser of numbers errs in the last place.
            assert (column.low, column.high) == pytest.approx((float(finite.min()), float(finite.max())), rel=1e-14)
            values = given.dropna()
            assert not column.ordered or bool(values.is_monotonic_increasing)
        assert sum(count for _, count in column.common) <= len(given)


CELLS = st.one_of(
    st.integers(-300, 300).map(str),
    st.floats(-1e6, 1e6).map(repr),
    st.sampled_from(
        ["", "NA", "nan", "None", "null", "-", "True", "false", "inf", "-Infinity", "1e5", ".5", "5.", "1e", "1_000",
         "0x1F", " 7", "7 ", "007", "+3", "2020-01-31", "2020-13-01", "a b", "é", "1,5", 'say "x"', "9" * 19, "9" * 30,
         "1e400", "²", "-0", "0.0", "12:30", "1/2", "$3", "a\nb"]
    ),
)  # fmt: skip
KINDS = st.sampled_from(
    [
        st.integers(-300, 300).map(str),
        st.one_of(st.integers(-300, 300).map(str), st.just("")),
        st.floats(-1e6, 1e6).map(repr),
        st.sampled_from(["True", "False"]),
        st.sampled_from(["True", "false", ""]),
        st.sampled_from(["red", "green", "NA", "blue"]),
        st.dates().map(str),
        CELLS,
    ]
)


def quoted(cell: str, separator: str) -> str:
    if separator in cell or '"' in cell or "\n" in cell:
        return '"' + cell.replace('"', '""') + '"'
    return cell


@st.composite
def files(draw: Callable[..., Any], separator: str = ",") -> str:
    kinds = draw(st.lists(KINDS, min_size=2, max_size=4))
    names = draw(st.lists(st.sampled_from(["a", "b", "c", "", "a b", "1"]), min_size=len(kinds), max_size=len(kinds)))
    rows = draw(st.lists(st.tuples(*kinds), max_size=8))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    lines = [separator.join(quoted(cell, separator) for cell in row) for row in (names, *rows)]
    return end.join(lines) + draw(st.sampled_from(["", end, end * 2]))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files())
def test_a_file_as_it_is(text: str) -> None:
    assert_same(*both(text))


OPTIONS: list[tuple[Reading, dict[str, Any]]] = [
    (Reading(header=None), {"header": None}),
    (Reading(names=("p", "q"), header=None), {"names": ["p", "q"]}),
    (Reading(names=("p", "q"), header=0), {"names": ["p", "q"], "header": 0}),
    (Reading(usecols=("a",)), {"usecols": ["a"]}),
    (Reading(usecols=(1, 0)), {"usecols": [1, 0]}),
    (Reading(index=(0,)), {"index_col": 0}),
    (Reading(index=("a",)), {"index_col": "a"}),
    (Reading(no_index=True), {"index_col": False}),
    (Reading(skiprows=frozenset((0,))), {"skiprows": 1}),
    (Reading(skiprows=frozenset((1, 3))), {"skiprows": [1, 3]}),
    (Reading(nrows=2), {"nrows": 2}),
    (Reading(gaps=frozenset(("a b", "-"))), {"na_values": ["a b", "-"]}),
    (Reading(default_gaps=False), {"keep_default_na": False}),
    (Reading(default_gaps=False), {"na_filter": False}),
    (Reading(dates=("a",)), {"parse_dates": ["a"]}),
    (Reading(dtypes=(("a", "str"),)), {"dtype": {"a": str}}),
    (Reading(dtypes=(("", "str"),)), {"dtype": str}),
    (Reading(stripped=True), {"skipinitialspace": True}),
    (Reading(header=1), {"header": 1}),
]


@pytest.mark.parametrize(("reading", "options"), OPTIONS, ids=lambda each: str(each) if isinstance(each, dict) else "")
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(files())
def test_a_file_with_options(reading: Reading, options: dict[str, Any], text: str) -> None:
    table, frame = both(text, reading, **options)
    if frame is not None or table is None:
        assert_same(table, frame)


@settings(max_examples=40, deadline=None)
@given(files(";"))
def test_decimal_commas(text: str) -> None:
    reading = Reading(separator=";", decimal=",", thousands=".")
    table, frame = both(text, reading, sep=";", decimal=",", thousands=".")
    if frame is not None:
        assert_same(table, frame)


@pytest.mark.parametrize(
    "text",
    ["a,b\n1,2\n3\n", "a,b\n1,2,3\n4,5,6\n", "a,b\n1,2\n3,4,5\n", "a\n1\n\n2\n", "a\n \n1\n", "a,a,a\n1,2,3\n", "a,b\n",
     "\ufeffa,b\n1,2\n", "a,b,\n1,2,\n", "a b\n1 2\n"],
)  # fmt: skip
def test_odd_shapes(text: str) -> None:
    table, frame = both(text)
    assert (table is None) == (frame is None)
    assert_same(table, frame)


def test_what_a_person_would_see() -> None:
    text = "id,city,price,sold,on\n1,Ulm,10.5,True,2020-01-01\n2,Ulm,,False,2020-01-02\n3,Aue,7,True,2020-01-02\n"
    table = profile(io.BytesIO(text.encode()), Reading())
    assert table is not None
    assert (table.rows, table.whole) == (3, True)
    city, price = table.column("city"), table.column("price")
    assert city is not None
    assert price is not None
    assert (city.dtype, city.distinct, city.common) == ("str", 2, (("Ulm", 2), ("Aue", 1)))
    assert (price.dtype, price.low, price.high, price.nans, price.ordered) == ("float64", 7.0, 10.5, 1, False)
    assert [column.name for column in table.columns if column.ordered] == ["id", "on"]
    assert [column.name for column in table.columns if column.dates] == ["on"]


def test_white_space_between() -> None:
    table, frame = both("a  b\n1   x\n 2\ty\n", Reading(separator=" "), sep=r"\s+")
    assert frame is not None
    assert list(frame["a"]) == [1, 2]
    assert_same(table, frame)
    assert table is not None
    assert [column.dtype for column in table.columns] == ["int64", "str"]


def test_only_the_first_bytes_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "MAX_BYTES", 100)
    text = "a,b\n" + "".join(f"{number},{number % 3}\n" for number in range(100))
    stream = io.BytesIO(text.encode())
    table = profile(stream, Reading())
    assert table is not None
    assert not table.whole
    assert 5 < table.rows < 30
    assert stream.tell() <= 101
    few = profile(io.BytesIO(text.encode()), Reading(nrows=3))
    assert few is not None
    assert few.whole
    assert few.rows == 3


def test_only_the_first_rows_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delimited, "MAX_ROWS", 10)
    text = "a\n" + "1\n" * 11
    table = profile(io.BytesIO(text.encode()), Reading())
    assert table is not None
    assert (table.rows, table.whole) == (10, False)
    table = profile(io.BytesIO(text[:-2].encode()), Reading())
    assert table is not None
    assert (table.rows, table.whole) == (10, True)


@pytest.mark.parametrize(
    ("raw", "reading"),
    [
        (b"", Reading()),
        (b"\xff\xfe\x00a", Reading()),
        (b"a\n\x81\n", Reading(encoding="no such")),
        (b"PK\x03\x04" + bytes(range(256)), Reading()),
        (b"a,b\n1,2\n", Reading(usecols=("c",))),
        (b"a,b\n1,2\n", Reading(index=(7,))),
        (b"a\n1\n", Reading(header=5)),
        (b'a\n"' + b"x" * 200_000, Reading()),
    ],
)
def test_a_bad_file_is_nothing_known(raw: bytes, reading: Reading) -> None:
    assert profile(io.BytesIO(raw), reading) is None


@given(st.binary(max_size=200))
@settings(max_examples=100, deadline=None)
def test_nothing_makes_it_fail(raw: bytes) -> None:
    profile(io.BytesIO(raw), Reading())


def test_lines_are_not_counted_where_one_ends_inside_of_quotes() -> None:
    reading = Reading(skiprows=frozenset([1, 3]))
    assert both('a,b\n0,"a\nb"\n0,0', reading, skiprows=[1, 3])[0] is None
    assert_same(*both('a,b\n1,2\n3,4\n5,6\n7,"x\ny"\n', reading, skiprows=[1, 3]))


@pytest.mark.parametrize(
    ("cells", "runs"),
    [
        (["1", "1", "2", "2", "3", "3"], 3),
        (["1", "2", "1", "2", "1", "2"], 6),
        (["a", "a", "a", "b", "c", "a"], 4),
        (["1", "2", "3", "4", "5", "5"], 0),
        ([], 0),
    ],
)
def test_stretches_of_equal_values_are_counted_where_values_repeat(cells: list[str], runs: int) -> None:
    assert column_profile("x", cells, Reading()).runs == runs
