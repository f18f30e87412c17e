"""What the model says of polars' tables and expressions, held against what these do to real rows."""

from __future__ import annotations

import importlib

import pytest

from mlsense.semantics.models import polars as models
from models.observing import KEYS, LARGE, SMALL, Example, _column, _shown, _with_gaps, falsehoods

pl = pytest.importorskip("polars")


def _frame(small: list[float], row: int | None, way: str) -> str:
    columns = [("k", list(map(float, KEYS)))]
    columns += [(name, _column(numbers, row, way)) for name, numbers in (("a", small), ("b", LARGE))]
    shown = ", ".join(f"{name!r}: {_shown(numbers).replace('np.nan', 'None')}" for name, numbers in columns)
    return f"pl.DataFrame({{{shown}, 'g': [0, 1, 0, 1, 0, 1, 0]}})"


TABLES = {
    "pf": lambda row, way: f"pf = {_frame(SMALL, row, way)}",
    "holes": lambda row, way: f"holes = {_frame(_with_gaps(SMALL), row, way)}",
}
# A gap that is made is no number any more, so rows are changed to other numbers only.
WAYS = ("up", "down", "twin", "zero")
LINES = """
    pf.select('k', 'a') | pf.select(pl.col('k'), pl.col('a') * 2) | pf.select(['k', 'b']) | pf[['k', 'a']]
    pf.with_columns(pl.col('a') * 2) | pf.with_columns((pl.col('a') + pl.col('b')).alias('c'))
    pf.with_columns(c=pl.col('a').log1p()) | pf.with_columns(pl.lit(1).alias('c')) | pf.lazy().collect()
    pf.with_columns(pl.col('a') - pl.col('a').mean()) | pf.with_columns(pl.col('a') / pl.col('a').max())
    pf.with_columns((pl.col('a') - pl.col('a').mean()) / pl.col('a').std()) | pf.with_columns(pl.col('a').rank())
    pf.with_columns(pl.col('a').mean().over('g').alias('m')) | pf.with_columns(pl.mean('a').alias('m'))
    pf.with_columns(pl.when(pl.col('a') > 3).then(1).otherwise(0).alias('c'))
    pf.with_columns(pl.col('a').cast(pl.Int64)) | pf.with_columns(pl.col('a').clip(0, 4).round(1))
    holes.with_columns(pl.col('a').fill_null(0)) | holes.with_columns(pl.col('a').fill_null(pl.col('a').mean()))
    holes.with_columns(pl.col('a').fill_null(strategy='mean')) | holes.fill_null(0) | holes.fill_null(strategy='mean')
    pf.filter(pl.col('a') > 3) | pf.filter((pl.col('a') > 1) & (pl.col('b') < 5000)) | pf.filter(g=1)
    holes.drop_nulls() | pf.head(3) | pf.tail(3) | pf.slice(2, 3) | pf.slice(2) | pf.limit(2)
    pf[:3] | pf[2:] | pf.sort('a')
    pf.reverse() | pf.drop('b') | pf.drop(['a', 'b']) | pf.rename({'a': 'c'}) | pf.with_row_index()
    pf.clone() | pf.unique()
    pf.sample(3, seed=0) | pf.sample(fraction=1.0, shuffle=True, seed=0) | pf.sample(fraction=0.5, seed=1)
    pf.select(pl.col('a').mean()) | pf['a'].mean() | pf['a'].std() | pf.select(pl.mean('a'), pl.max('b'))
    pf.drop('k').mean()
    pf['a'] | pf.get_column('a') | pf['a'] * 2 | pf['a'] - pf['a'].mean() | pf['a'].to_numpy() | pf.to_numpy()
    pf.join(pf.select('k', pl.col('b').alias('c')), on='k', how='left') | pf.select(pl.all())
    pl.concat([pf, pf]) | pl.concat([pf.head(3), pf.tail(2)]) | pl.DataFrame(pf) | pf.pipe(lambda t: t.drop('b'))
    pf.with_columns(pl.col('a').sum().over('g')) | pf.with_columns(pl.sum_horizontal('a', 'b').alias('c'))
""".strip().split("\n")


@pytest.mark.parametrize("line", [part.strip() for line in LINES for part in line.split(" | ")])
def test_what_is_said_is_so(line: str) -> None:
    given = "holes" if line.startswith("holes") else "pf"
    example = Example(f"result = {line}", given, TABLES, ("import polars as pl",), WAYS, tuple(map(float, KEYS)))
    assert falsehoods(example) == []


@pytest.mark.parametrize("name", models.FUNCTIONS)
def test_every_function_exists(name: str) -> None:
    home, _, last = name.rpartition(".")
    assert hasattr(importlib.import_module(f"polars.{home}" if home else "polars"), last)
