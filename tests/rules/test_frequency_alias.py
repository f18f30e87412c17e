"""The aliases of steps in time: each is asked of the pandas that is installed."""

from __future__ import annotations

import pandas as pd
import pytest
from pandas.tseries.frequencies import to_offset

from mlsense.analysis import Analyser, Settings
from mlsense.knowledge.versions import Versions
from mlsense.rules.api.frequency_alias import ADDED, RENAMED
from mlsense.rules.finding import Severity
from mlsense.syntax import script
from mlsense.text import apply_edits

HEAD = "import pandas as pd\nsales = pd.DataFrame({'sold': [1]}, index=pd.to_datetime(['2024-01-01']))\n"


@pytest.mark.skipif(pd.__version__ < "3", reason="the old ones still work")
@pytest.mark.parametrize(("old", "new"), RENAMED.items())
def test_what_is_said_to_be_gone_is_gone_and_what_took_its_place_is_there(old: str, new: str) -> None:
    with pytest.raises(ValueError, match="Invalid frequency"):
        to_offset(old)
    assert to_offset(new) is not None
    assert to_offset(new).freqstr.startswith(new)


def test_what_is_new_took_the_place_of_something() -> None:
    assert set(ADDED) <= set(RENAMED.values())


def findings(line: str, version: str) -> list[tuple[str, Severity, str]]:
    """Messages with their severity and the line after the fix."""
    settings = Settings.of(select=("frequency-alias",), versions=Versions("here", (("pandas", version),)))
    report = Analyser().analyse(script("a.py", HEAD + line + "\n"), settings)
    return [
        (each.message, each.severity, apply_edits(HEAD + line, [edit.edit for edit in each.fix.edits])[len(HEAD) :])
        for each in report.findings
        if each.fix is not None
    ]


@pytest.mark.parametrize(
    ("line", "version", "severity", "fixed"),
    [
        ("sales.resample('2M').sum()", "3.1.0", Severity.ERROR, "sales.resample('2ME').sum()"),
        ('sales.resample(rule="Q-DEC").sum()', "3.0.0", Severity.ERROR, 'sales.resample(rule="QE-DEC").sum()'),
        ("pd.date_range('2024', None, 3, '15T')", "3.1.0", Severity.ERROR, "pd.date_range('2024', None, 3, '15min')"),
        ("sales.asfreq('H')", "3.1.0", Severity.ERROR, "sales.asfreq('h')"),
        ("pd.Grouper(freq='AS')", "3.1.0", Severity.ERROR, "pd.Grouper(freq='YS')"),
        ("sales.resample('M').sum()", "2.2.3", Severity.INFORMATION, "sales.resample('ME').sum()"),
        ("sales.resample('ME').sum()", "2.1.4", Severity.ERROR, "sales.resample('M').sum()"),
        ("pd.date_range('2024', periods=3, freq='YE')", "1.5.3", Severity.ERROR,
         "pd.date_range('2024', periods=3, freq='Y')"),
    ],
)  # fmt: skip
def test_it_is_what_the_version_in_force_calls_it(line: str, version: str, severity: Severity, fixed: str) -> None:
    ((_, said, after),) = findings(line, version)
    assert (said, after) == (severity, fixed)


@pytest.mark.parametrize(
    ("line", "version"),
    [
        ("sales.resample('M').sum()", "2.1.4"),
        ("sales.resample('h').sum()", "1.5.3"),
        ("sales.resample('ME').sum()", "3.1.0"),
        ("sales.resample('1H30T').sum()", "3.1.0"),
        ("sales.resample('W-MON').sum()", "3.1.0"),
        ("sales.to_period('D').resample('M').sum()", "3.1.0"),
        ("pd.period_range('2024', periods=3, freq='M')", "3.1.0"),
        ("pd.read_pickle('a.pkl').resample('M').sum()", "3.1.0"),
    ],
)
def test_of_others_nothing_is_said(line: str, version: str) -> None:
    assert findings(line, version) == []
