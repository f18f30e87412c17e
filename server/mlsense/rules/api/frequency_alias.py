"""A text such as `"M"` or `"H"` that names a step in time, which pandas calls otherwise in the version in force."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.offering import is_certain, offer, version_of
from mlsense.rules.reading import location, node_at, place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.succession import number
from mlsense.semantics.core import text_of
from mlsense.semantics.events import Called
from mlsense.semantics.values import Data, Method, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place

RENAMED = {
    "M": "ME", "Q": "QE", "Y": "YE", "A": "YE", "BM": "BME", "BQ": "BQE", "BY": "BYE", "BA": "BYE", "CBM": "CBME",
    "SM": "SME", "AS": "YS", "BAS": "BYS", "H": "h", "BH": "bh", "CBH": "cbh", "T": "min", "S": "s", "L": "ms",
    "U": "us", "N": "ns",
}  # fmt: skip
"""The old aliases of steps in time and the new ones: a test asks the pandas that is installed for each."""
ADDED = ("ME", "QE", "YE", "BME", "BQE", "BYE", "CBME", "SME")
"""Those that pandas before 2.2 does not know. The small letters it did."""
_SINCE, _GONE = (2, 2), (3, 0)
# Of periods these are the names still.
_OF_PERIODS = ("M", "Q", "Y")
_PERIODS = re.compile(r"\b(?:to_period|period_range|Period\w*|read_(?:pickle|parquet|feather|hdf)|load)\b|period\[")
_FUNCTIONS = {
    "pandas.date_range": (3, "freq"),
    "pandas.bdate_range": (3, "freq"),
    "pandas.timedelta_range": (3, "freq"),
    "pandas.Grouper": (2, "freq"),
    "pandas.tseries.frequencies.to_offset": (0, "freq"),
}
_METHODS = {"resample": (0, "rule"), "asfreq": (0, "freq")}
_ALIAS = re.compile(r"\s*-?\d*\s*(?P<alias>[A-Za-z]+)(?:-[A-Z]{3})?\s*")


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_steps, Called):
        offered = offer(trace, "pandas")
        position, name = _argument(event)
        text = text_of(event.argument(position, name))
        alias = _alias(text)
        if offered is None or alias is None or text is None or not is_certain(event):
            continue
        force, have = number(offered.version), version_of(trace, "pandas")
        place = _place(trace, event, position, name)
        found = location(trace, place)
        if place is None or found is None or (_may_be_of_periods(trace, event) and alias in (*_OF_PERIODS, *ADDED)):
            continue
        if alias in ADDED and force < _SINCE:
            old = next(each for each, new in RENAMED.items() if new == alias)
            message = (
                f'`"{alias}"` comes with pandas 2.2, and you have {have}: this raises ValueError. It is `"{old}"`.'
            )
            yield Draft(message, found, fix=_renamed(trace, place, alias, old))
        elif alias in RENAMED and force >= _SINCE:
            new = RENAMED[alias]
            fix = _renamed(trace, place, alias, new)
            if force >= _GONE:
                said = f'was removed in pandas 3.0 (you have {offered.version}): it is `"{new}"` now.'
                yield Draft(f'`"{alias}"` {said}', found, fix=fix)
            else:
                said = f'still works in {have} and is gone in 3.0: use `"{new}"`.'
                yield Draft(f'`"{alias}"` {said}', found, fix=fix, severity=Severity.INFORMATION)


def _steps(event: Called) -> bool:
    position, name = _argument(event)
    return bool(name) and _alias(text_of(event.argument(position, name))) in {*RENAMED, *ADDED}


def _argument(event: Called) -> tuple[int, str]:
    if isinstance(event.callee, Symbol):
        return _FUNCTIONS.get(event.callee.name, (0, ""))
    of_pandas = isinstance(event.thing, Data) and event.thing.kind in ("frame", "series", "grouped")
    return _METHODS.get(event.callee.name, (0, "")) if of_pandas else (0, "")


def _alias(text: str | None) -> str | None:
    found = _ALIAS.fullmatch(text or "")
    return found["alias"] if found is not None else None


def _may_be_of_periods(trace: Trace, event: Called) -> bool:
    """Whether the rows may be labelled with periods, whose steps are called otherwise."""
    if event.callee.name not in (*_METHODS, "pandas.Grouper") or not isinstance(event.callee, (Method, Symbol)):
        return False
    return any(_PERIODS.search(followed.unit.text) for followed in trace.followed)


def _place(trace: Trace, event: Called, position: int, name: str) -> Place | None:
    """The argument, as far as it stands in the call."""
    node = node_at(trace, event.call)
    if not isinstance(node, ast.Call):
        return None
    named = next((keyword.value for keyword in node.keywords if keyword.arg == name), None)
    given = named if named is not None else node.args[position] if position < len(node.args) else None
    return None if given is None else place_in(event.call, given)


def _renamed(trace: Trace, place: Place, old: str, new: str) -> Fix | None:
    node, text = node_at(trace, place), editing.text_at(trace, place)
    if not isinstance(node, ast.Constant) or text is None:
        return None
    written = re.sub(rf"(?<![A-Za-z]){old}(?![A-Za-z])", new, text, count=1)
    return Fix.of(f'Write `"{new}"`', "safe", editing.replaced(trace, place, written))


RULE = Rule(
    name="frequency-alias",
    family="api",
    severity=Severity.ERROR,
    summary="A step in time is given by a letter that pandas does not have any more, or not yet.",
    finds="""
        `freq="M"`, `resample("H")`, `Grouper(freq="15T")`: pandas 2.2 renamed these, with a warning, and pandas 3
        raises on the old ones. Months, quarters and years by their ends are `"ME"`, `"QE"` and `"YE"` now; hours,
        minutes and seconds are `"h"`, `"min"` and `"s"`. With pandas older than 2.2, the new ones for months and years
        are not there yet.
        """,
    matters="""
        The call raises ValueError, `Invalid frequency: M`, which names no other. Most books and answers were written
        with the old letters.
        """,
    silent="""
        Periods (`to_period("M")`, `period_range(freq="M")`), which keep their letters; tables in programs that use
        periods, or read files that may hold some; steps that are computed or made of several; code inside `try` or
        under a test for the version.
        """,
    repair="""
        Writes the name of the version in force. Safe: it is the same step.
        """,
    bad=(
        example(
            """
            import pandas as pd

            print(pd.date_range("2024-01-01", periods=3, freq="M"))  # <- frequency-alias
            """
        ),
        example(
            """
            import pandas as pd

            days = pd.date_range("2024-01-01", periods=90)
            sales = pd.DataFrame({"sold": range(90)}, index=days)
            print(sales.resample("M").sum())  # <- frequency-alias
            """
        ),
        example(
            """
            import pandas as pd

            sales = pd.DataFrame({"day": pd.date_range("2024-01-01", periods=90), "sold": range(90)})
            print(sales.groupby(pd.Grouper(key="day", freq="Q"))["sold"].sum())  # <- frequency-alias
            """
        ),
        example(
            """
            import pandas as pd


            def hourly(readings, step):
                return readings.resample(step).mean()  # <- frequency-alias


            times = pd.date_range("2024-01-01", periods=90, freq="min")
            print(hourly(pd.Series(range(90), index=times), "15T"))
            """
        ),
    ),
    good=(
        example(
            """
            import pandas as pd

            days = pd.date_range("2024-01-01", periods=90)
            sales = pd.DataFrame({"sold": range(90)}, index=days)
            print(sales.resample("ME").sum(), sales.resample("MS").sum(), sales.resample("W-MON").max())
            """
        ),
        example(
            """
            import pandas as pd

            months = pd.period_range("2024-01", periods=3, freq="M")
            print(pd.Series(range(3), index=months).resample("M").sum())
            """
        ),
        example(
            """
            import pandas as pd

            days = pd.Series(pd.date_range("2024-01-01", periods=3))
            print(days.dt.to_period("M"), days.dt.strftime("%H:%M:%S"))
            """
        ),
        example(
            """
            import pandas as pd

            try:
                months = pd.date_range("2024-01-01", periods=3, freq="M")
            except ValueError:
                months = pd.date_range("2024-01-01", periods=3, freq="ME")
            print(months)
            """
        ),
        example(
            """
            import pandas as pd

            step = "M" if pd.__version__ < "2.2" else "ME"
            print(pd.date_range("2024-01-01", periods=3, freq=step))
            """
        ),
        example(
            """
            import pandas as pd

            times = pd.date_range("2024-01-01", periods=4, freq="h")
            print(pd.Series(range(4), index=times).resample("30min").ffill(), pd.Timedelta("1h"))
            """
        ),
    ),
    check=check,
    raises=("ValueError",),
)
