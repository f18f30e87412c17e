"""How the snippets on pandas and Polars are tried out."""

from __future__ import annotations

from dataclasses import replace

from snippets.packs.explore import CO2, FAIR
from snippets.running import Case

IRIS = """\
from sklearn.datasets import load_iris

iris = load_iris(as_frame=True)
df = iris.frame.set_axis(["length", "width", "petal_length", "petal_width", "species"], axis=1)
"""
GAPS = IRIS + 'df.loc[::10, "width"] = None\n'
ORDERS = """\
import pandas as pd

orders = pd.DataFrame({
    "customer": [1, 2, 2, 4],
    "product": ["a", "a", "b", "b"],
    "time": pd.to_datetime(["2024-01-03", "2024-01-02", "2024-01-09", "2024-03-01"]),
})
customers = pd.DataFrame({"customer": [1, 2, 3], "city": ["Rome", "Oslo", "Bern"]})
prices = pd.DataFrame({
    "product": ["a", "a", "b"],
    "time": pd.to_datetime(["2024-01-01", "2024-01-03", "2024-01-05"]),
    "price": [1.0, 2.0, 3.0],
})
"""
SENSORS = """\
import pandas as pd

df = pd.DataFrame({"sensor": ["a", "b", "a", "b"], "time": [2, 1, 1, 2], "value": [20, 100, 10, 200]})
"""
CITIES = """\
import pandas as pd

train_df = pd.DataFrame({"city": ["Rome"] * 30 + ["Oslo"] * 3})
test_df = pd.DataFrame({"city": ["Oslo", "Rome", "Bern"]})
"""
POLARS = """\
from datetime import date

import polars as pl

df = pl.DataFrame({
    "date": [date(2024, 1, day) for day in (1, 2, 8, 9, 15, 16)],
    "city": ["Rome", "Oslo"] * 3,
    "sales": [10, 20, 30, None, 50, 60],
    "visitors": [1, 2, 3, 4, 5, 6],
})
"""
POLARS_ORDERS = """\
import polars as pl

orders = pl.DataFrame({"customer": [1, 2, 2, 4], "amount": [1.0, 2.0, 3.0, 4.0]})
customers = pl.DataFrame({"customer": [1, 2, 3], "city": ["Rome", "Oslo", "Bern"]})
"""
TABLE = "date,city,sales\n2024-01-01,Rome,10\n2024-01-02,Oslo,\n2024-01-03,Rome,30\n"
COOK = Case(environment="snippets-data")
PANDAS = "import pandas as pd\n\n"

CASES = {
    "ml-pandas-select": replace(COOK, before=FAIR, after='assert chosen["age"].between(20, 40).all()'),
    "ml-pandas-query": replace(COOK, before=FAIR, after='assert chosen["children"].min() == 2', prints="of 6366 rows"),
    "ml-pandas-missing": replace(COOK, before=CO2, after='assert df["co2_missing"].sum() == 59', prints="59"),
    "ml-pandas-missing-group": replace(COOK, before=GAPS, after='assert df["width"].notna().all()'),
    "ml-pandas-missing-time": replace(COOK, before=CO2, after='assert 0 < df["co2"].isna().sum() < 59'),
    "ml-pandas-group": replace(COOK, before=FAIR, after='assert summary["rows"].sum() == len(df)', prints="upper"),
    "ml-pandas-group-share": replace(
        COOK, before=FAIR, after='assert abs(df.groupby("children")["age_difference"].mean()).max() < 1e-9'
    ),
    "ml-pandas-group-top": replace(COOK, before=FAIR, after='assert (top["children"].value_counts() == 3).all()'),
    "ml-pandas-merge": replace(COOK, before=ORDERS, after="assert len(joined) == len(orders)", prints="left_only"),
    "ml-pandas-merge-time": replace(
        COOK, before=ORDERS, after='assert joined["price"].fillna(-1).tolist() == [1.0, 2.0, 3.0, -1.0]'
    ),
    "ml-pandas-concat": replace(
        COOK,
        before=PANDAS + 'first = pd.DataFrame({"a": [1]})\nsecond = pd.DataFrame({"a": [2, 3]})\n',
        after='assert together["table"].tolist() == ["first", "second", "second"]',
    ),
    "ml-pandas-long": replace(COOK, before=IRIS, after="assert len(long) == 300"),
    "ml-pandas-wide": replace(COOK, before=FAIR, after="assert wide.shape == (6, 4)"),
    "ml-pandas-crosstab": replace(COOK, before=FAIR, after="assert table.sum(axis=1).round(9).eq(1).all()"),
    "ml-pandas-explode": replace(
        COOK,
        before=PANDAS + 'df = pd.DataFrame({"who": [1, 2], "items": ["tea, milk", "milk"]})\n',
        after='assert items["item"].tolist() == ["tea", "milk", "milk"]',
    ),
    "ml-pandas-time-parse": replace(
        COOK,
        before=PANDAS + 'df = pd.DataFrame({"date": ["01.02.2024", "unknown"]})\n',
        after='assert df["date"][0] == pd.Timestamp(2024, 2, 1)',
        prints="1 of 2 are no dates",
    ),
    "ml-pandas-time-parts": replace(
        COOK,
        before=PANDAS + 'df = pd.DataFrame({"date": pd.to_datetime(["2024-06-01", "2024-06-03"])})\n',
        after='assert df["weekend"].tolist() == [True, False]',
    ),
    "ml-pandas-time-resample": replace(COOK, before=CO2, after='assert monthly["count"].max() == 5'),
    "ml-pandas-time-rolling": replace(
        COOK,
        before=CO2,
        after='assert df["co2_before"].iloc[5] == df["co2"].iloc[4] or df["co2_before"].isna().iloc[5]',
    ),
    "ml-pandas-time-lag": replace(
        COOK, before=SENSORS, after='assert df["value_1_before"].fillna(0).tolist() == [0, 10, 0, 100]'
    ),
    "ml-pandas-text": replace(
        COOK,
        before=PANDAS + 'df = pd.DataFrame({"name": ["  Flat  12 ", "HOUSE"]})\n',
        after='assert df["name"].tolist() == ["flat 12", "house"] and df["number"][0] == 12',
    ),
    "ml-pandas-category": replace(
        COOK,
        before=PANDAS + 'df = pd.DataFrame({"level": ["high", "low", "high"]})\n',
        after='assert df["level"].max() == "high" and df["level"].min() == "low"',
        prints="middle    0",
    ),
    "ml-pandas-category-rare": replace(
        COOK, before=CITIES, after='assert test_df["city"].tolist() == ["other", "Rome", "other"]'
    ),
    "ml-pandas-bins": replace(
        COOK, before=FAIR, after='assert df["age_range"].notna().all() and df["age_quarter"].notna().all()'
    ),
    "ml-pandas-duplicates": replace(
        COOK,
        before=PANDAS + 'df = pd.DataFrame({"customer": [1, 1, 2], "date": ["a", "a", "a"], "v": [1, 2, 3]})\n',
        after='assert df["v"].tolist() == [2, 3]',
        prints="2 rows share",
    ),
    "ml-pandas-memory": replace(
        COOK,
        before=FAIR + 'df = df.assign(place=["north", "south"] * 3183, count=range(6366))\n',
        after="assert after < before",
    ),
    "ml-pandas-chain": replace(
        COOK, before=FAIR, after='assert clean["age"].is_monotonic_increasing and "decade" not in df'
    ),
    "ml-pandas-check": replace(COOK, before=FAIR),
    "ml-polars-read": replace(COOK, files={"data.csv": TABLE}, after='assert df["city"].to_list() == ["Rome", "Rome"]'),
    "ml-polars-missing": replace(COOK, before=POLARS, after='assert df["sales"].to_list() == [10, 20, 30, 40, 50, 60]'),
    "ml-polars-group": replace(COOK, before=POLARS, after='assert summary["rows"].to_list() == [3, 3]'),
    "ml-polars-join": replace(COOK, before=POLARS_ORDERS, prints="4 rows, 1 of them without a partner"),
    "ml-polars-reshape": replace(
        COOK, before=POLARS, after='assert set(wide.columns) == {"city", "sales", "visitors"}'
    ),
    "ml-polars-time": replace(
        COOK,
        before=POLARS,
        after='assert weekly.filter(pl.col("city") == "Rome")["before"].to_list() == [None, 10, 20]',
    ),
    "ml-polars-text": replace(
        COOK,
        before='import polars as pl\n\ndf = pl.DataFrame({"name": ["  Flat  12 ", "HOUSE"]})\n',
        after='assert df["name"].to_list() == ["flat 12", "house"] and df["number"].to_list() == [12, None]',
    ),
    "ml-polars-pandas": replace(COOK, before=POLARS, after="assert as_polars.shape == df.shape"),
}
