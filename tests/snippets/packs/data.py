"""How the snippets that read data are tried out: real files, real servers, a web of our own."""

from __future__ import annotations

from dataclasses import replace

from snippets.running import Case

TABLE = "date,city,sales\n2024-01-01,Rome,10\n2024-01-02,Oslo,\n2024-01-03,Rome,30\n"
DATA = Case(environment="snippets-data")
CSV = replace(DATA, files={"data.csv": TABLE})
# Kept as a file by what reads it later.
FRAME = """\
import pandas as pd

table = pd.DataFrame({"city": ["Rome", "Oslo", "Rome"], "sales": [10, 0, 30], "other": 1.5})
"""
ORDERS = """\
import pandas as pd

table = pd.DataFrame({"customer": [1, 2, 2], "amount": [5.0, 10.0, 20.0]})
"""
WRITTEN = (
    ORDERS
    + """\
import os
from sqlalchemy import create_engine

table.to_sql("orders", create_engine(os.environ["DATABASE_URL"]), if_exists="replace", index=False)
"""
)
SQLITE = (
    ORDERS
    + """\
import sqlite3

with sqlite3.connect("data.db") as connection:
    table.to_sql("orders", connection, index=False)
"""
)
MONGO = """\
import mongomock

mongomock.patch(servers=(("localhost", 27017),)).start()
from pymongo import MongoClient

MongoClient("mongodb://localhost")["shop"]["orders"].insert_many(
    [{"amount": 5, "who": {"name": "Ann"}}, {"amount": 20, "who": {"name": "Bo"}}]
)
"""
# What scikit-learn was told by OpenML, kept by its own tests, in the place where it keeps answers.
OPENML = """\
import shutil
from importlib.resources import files
from pathlib import Path

kept = files("sklearn.datasets.tests.data.openml.id_61")
answers = {
    "api/v1/json/data/61.gz": "api-v1-jd-61.json.gz",
    "api/v1/json/data/features/61.gz": "api-v1-jdf-61.json.gz",
    "api/v1/json/data/qualities/61.gz": "api-v1-jdq-61.json.gz",
    "data/v1/download/61/iris.arff.gz": "data-v1-dl-61.arff.gz",
}
for place, name in answers.items():
    path = Path("kept/openml/openml.org") / place
    path.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(str(kept / name), path)
"""
IRIS = "Id,SepalLengthCm,Species\n1,5.1,Iris-setosa\n2,7.0,Iris-versicolor\n"
KAGGLE = "datasets/uciml/iris"
BOOKS = "['Emma', 'Persuasion', 'Ulysses', 'Middlemarch']"

CASES = {
    "ml-data-csv": replace(CSV, after='assert df["date"].dt.year.eq(2024).all() and len(df) == 3'),
    "ml-data-csv-pieces": replace(CSV, after='assert totals.to_dict() == {"Rome": 40, "Oslo": 0}', prints="Rome"),
    "ml-data-csv-folder": replace(
        DATA,
        files={"data/a.csv": TABLE, "data/b.csv": TABLE},
        after='assert df["source"].tolist() == ["a.csv"] * 3 + ["b.csv"] * 3 and df.index.is_unique',
        prints="6 rows of 2 files",
    ),
    "ml-data-parquet": replace(
        DATA,
        before=FRAME + 'table.to_parquet("data.parquet")\n',
        after='assert df.columns.tolist() == ["city", "sales"] and df["sales"].tolist() == [10, 30]',
    ),
    "ml-data-excel": replace(
        DATA,
        before=FRAME
        + 'with pd.ExcelWriter("data.xlsx") as book:\n'
        + '    table.to_excel(book, sheet_name="May", index=False)\n'
        + '    table.to_excel(book, sheet_name="June", index=False)\n',
        after='assert df.groupby("sheet")["sales"].sum().to_dict() == {"May": 40, "June": 40}',
    ),
    "ml-data-json": replace(
        DATA,
        files={"data.json": '[{"id": 1, "place": {"city": "Rome"}}, {"id": 2, "place": {"city": "Oslo"}}]'},
        after='assert df["place_city"].tolist() == ["Rome", "Oslo"]',
    ),
    "ml-data-json-lines": replace(
        DATA, files={"data.jsonl": '{"a": 1}\n{"a": 2}\n'}, after='assert df["a"].tolist() == [1, 2]'
    ),
    "ml-data-sql": replace(
        DATA, services=("postgres",), before=WRITTEN, after='assert df["amount"].tolist() == [10.0, 20.0]'
    ),
    "ml-data-sql-write": replace(
        DATA,
        services=("postgres",),
        before=ORDERS + "df = table\n",
        after='assert len(pd.read_sql("predictions", engine)) % 3 == 0',
        prints="3 rows written",
    ),
    "ml-data-sqlite": replace(DATA, before=SQLITE, after='assert df["amount"].tolist() == [10.0, 20.0]'),
    "ml-data-duckdb": replace(
        DATA, before=FRAME + "df = table\n", after='assert result.iloc[0].tolist() == ["Rome", 2, 20.0]'
    ),
    "ml-data-duckdb-parquet": replace(
        DATA,
        before=FRAME
        + "from pathlib import Path\n\n"
        + 'Path("data").mkdir()\ntable.to_parquet("data/a.parquet")\ntable.to_parquet("data/b.parquet")\n',
        after='assert df.iloc[0].tolist() == ["Rome", 4, 20.0]',
    ),
    "ml-data-mongodb": replace(
        DATA,
        before=MONGO,
        variables={"MONGODB_URL": "mongodb://localhost"},
        after='assert df.to_dict("records") == [{"amount": 20, "who_name": "Bo"}]',
    ),
    "ml-data-redis": replace(
        DATA,
        services=("redis",),
        after='assert features == {"orders": 3.0, "mean_amount": 17.5} and 0 < store.ttl(key) <= 86_400',
    ),
    "ml-data-api": replace(
        DATA,
        services=("web",),
        after='assert df["id"].tolist() == list(range(25)) and df["size.width"].max() == 6',
    ),
    "ml-data-api-pages": replace(
        DATA, services=("web",), after='assert df["id"].tolist() == list(range(25))', prints="25 rows"
    ),
    "ml-data-scrape": replace(
        DATA,
        services=("web",),
        after='assert df["title"].tolist() == ["Emma", "Persuasion"] and df["price"].tolist() == [7.5, 6.2]',
    ),
    "ml-data-scrape-table": replace(DATA, services=("web",), after=f'assert df["title"].tolist() == {BOOKS}'),
    "ml-data-scrapy": replace(
        DATA,
        services=("web",),
        name="spider.py",
        after="import json\nfrom pathlib import Path\n\n"
        'found = [json.loads(line)["title"] for line in Path("books.jsonl").read_text().splitlines()]\n'
        f"assert found == {BOOKS}, found",
    ),
    "ml-data-kaggle": replace(
        DATA,
        files={f"{KAGGLE}/versions/2/Iris.csv": IRIS, f"{KAGGLE}/2.complete": ""},
        variables={"KAGGLEHUB_CACHE": "."},
        after='assert df["Species"].tolist() == ["Iris-setosa", "Iris-versicolor"]',
    ),
    "ml-data-openml": replace(
        DATA, before=OPENML, variables={"SCIKIT_LEARN_DATA": "kept"}, after="assert X.shape == (150, 4)"
    ),
    "ml-data-sklearn": replace(DATA, after="assert X.shape == (178, 13)"),
    "ml-data-made": replace(DATA, after="assert X.shape == (1_000, 20) and 0.05 < y.mean() < 0.2"),
    "ml-data-hf": replace(CSV, after='assert len(parts["train"]) == 2 and len(parts["test"]) == 1'),
}
