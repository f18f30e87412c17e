"""How pipelines are tried out: by the runners of Luigi and Airflow, Spark, Dask and Ray themselves, on this machine."""

from __future__ import annotations

from dataclasses import replace

from snippets.packs.serve import WINE
from snippets.running import Case
from snippets.texts import text_of

WINES = """\
from sklearn.datasets import load_wine

df = load_wine(as_frame=True).frame
"""
DAYS = f"""{WINE}
import pandas as pd

columns = list(X)
df = X.assign(date=pd.date_range("2026-01-31 23:00", periods=len(X), freq="-1h"))
"""
# Airflow reads its folder when it is imported. Its tables take long to make: the environment keeps an empty set.
AIRFLOW = """\
import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

home = Path("airflow").absolute()
os.environ.update(
    AIRFLOW_HOME=str(home),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__DAGS_FOLDER=os.getcwd(),
    ML_HOME=os.path.abspath("ml"),
)
empty = Path(sys.prefix, f"airflow-{version('apache-airflow')}.db")
# Airflow reads this file anew to make its tasks.
if not home.exists():
    home.mkdir()
    if not empty.exists():
        migrate = [sys.executable, "-m", "airflow", "db", "migrate"]
        subprocess.run(migrate, check=True, capture_output=True)
        part = empty.with_suffix(f".{os.getpid()}")
        shutil.copy(home / "airflow.db", part)
        part.replace(empty)
    shutil.copy(empty, home / "airflow.db")
"""
VISITS = """\
import pandas as pd
from sklearn.datasets import load_wine

X = load_wine(as_frame=True).data
visits = pd.DataFrame(
    {
        "customer": [f"c{number % 5}" for number in range(len(X))],
        "day": pd.date_range("2026-01-01", periods=len(X), freq="D").strftime("%Y-%m-%d"),
        "amount": X["proline"] - 400,
    }
)
"""
DAYS_FILE = VISITS + 'visits.to_csv("rows.csv", index=False)\n'
PARTS = (
    VISITS
    + """\
for number in range(4):
    visits.iloc[number::4].to_csv(f"rows-{number}.csv", index=False)
"""
)
SESSION = text_of("ml-spark")
SPARK_WINE = (
    SESSION
    + """
from sklearn.datasets import load_wine

wine = load_wine(as_frame=True)
frame = wine.frame.rename(columns=lambda name: name.replace("/", "_per_"))
df = spark.createDataFrame(frame.assign(target=wine.target_names[wine.target]))
"""
)
SPARK_VISITS = SESSION + DAYS_FILE + "df = spark.createDataFrame(visits)\n"
EVENTS = (
    SESSION
    + """
import json
import os

os.mkdir("events")
def write(name, minutes):
    with open(f"events/{name}.json", "w") as file:
        for minute in minutes:
            for number, sensor in enumerate("ab"):
                time = f"2026-01-31T{12 + minute // 60:02}:{minute % 60:02}:00Z"
                file.write(json.dumps({"time": time, "sensor": sensor, "value": minute + 100.0 * number}) + "\\n")

write("first", range(60))
"""
)
STREAMED = """
rows = {(row["start"].strftime("%H:%M"), row["sensor"]): row for row in spark.read.parquet("means").collect()}
assert rows["12:00", "a"]["mean"] == 2.0 and rows["12:00", "b"]["mean"] == 102.0 and rows["12:00", "a"]["rows"] == 5
assert ("12:50", "a") not in rows, "the watermark has not passed it yet"
before = len(rows)
# It goes on where it stopped: what was written stays, what is new comes once.
write("second", range(60, 90))
query = means.writeStream.format("parquet").outputMode("append").option("path", "means").option(
    "checkpointLocation", "means-checkpoint"
).trigger(availableNow=True).start()
query.awaitTermination()
written = spark.read.parquet("means")
assert written.count() == written.dropDuplicates(["start", "sensor"]).count() > before
"""
RAY = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_TRAIN_V2_ENABLED": "1", "TUNE_DISABLE_AUTO_CALLBACK_LOGGERS": "1"}
SPARK = Case(environment="snippets-spark", variables={"SPARK_LOCAL_IP": "127.0.0.1"}, seconds=240)
ON_AIRFLOW = Case(environment="snippets-airflow", before=AIRFLOW, seconds=240, name="dag.py")
ON_RAY = Case(environment="snippets-ray", variables=RAY, seconds=240)

CASES = {
    "ml-luigi": Case(name="pipeline.py"),
    "ml-luigi-days": Case(
        DAYS,
        """\
from pathlib import Path

files = sorted(Path("predictions").iterdir())
assert [file.stem for file in files] == [str(day) for day in days] and done
assert [len(pd.read_csv(file)) for file in files] == [24] * 7 or len(pd.read_csv(files[0])) > 0
written = files[1].stat().st_mtime_ns
files[0].unlink()
assert luigi.build([Predictions(day) for day in days], local_scheduler=True)
assert files[0].is_file() and files[1].stat().st_mtime_ns == written
""",
        prints="7 days, all done: True",
    ),
    "ml-airflow-dag": replace(
        ON_AIRFLOW,
        after="""\
def states():
    run = pipeline.test(logical_date=datetime(2026, 1, 31, tzinfo=timezone.utc))
    assert run.state == "success", run.state
    return {task.task_id: str(task.state) for task in run.get_task_instances()}

if __name__ == "__main__":
    assert states() == dict.fromkeys(["rows", "train", "good_enough", "publish"], "success")
    assert (HOME / "rows-20260131.csv").is_file() and (HOME / "model.skops").is_file()
    # A bar that is too high: nothing is published.
    (HOME / "model.skops").unlink()
    BAR = 1.1
    assert states()["publish"] == "skipped" and not (HOME / "model.skops").exists()
""",
    ),
    "ml-airflow-assets": replace(
        ON_AIRFLOW,
        after="""\
if __name__ == "__main__":
    for one in (features, training):
        run = one.test(logical_date=datetime(2026, 1, 31, tzinfo=timezone.utc))
        assert run.state == "success", run.state
    assert (HOME / "features.parquet").is_file()
    assert "features" in str(training.schedule)
""",
    ),
    "ml-airflow-many": replace(
        ON_AIRFLOW,
        after="""\
if __name__ == "__main__":
    run = search.test()
    assert run.state == "success", run.state
    tasks = [task.task_id for task in run.get_task_instances()]
    assert sorted(tasks) == ["best"] + ["score"] * 4, tasks
""",
    ),
    "ml-airflow-test": replace(
        ON_AIRFLOW,
        before=AIRFLOW
        + """
from airflow.sdk import dag, task


@dag(schedule=None)
def small():
    @task
    def one():
        print("the task ran")

    one()


pipeline = small()
""",
    ),
    "ml-spark": replace(SPARK, after="assert spark.range(100).count() == 100\nspark.stop()"),
    "ml-spark-frame": replace(
        SPARK,
        before=SESSION + DAYS_FILE,
        after="""\
kept = visits[visits["amount"] > 0]
assert df.count() == len(kept)
sums = {(row["customer"], str(row["month"])[:7]): row for row in monthly.collect()}
wanted = kept.groupby(["customer", kept["day"].str[:7]])["amount"].agg(["count", "sum"])
assert len(sums) == len(wanted)
for key, (count, total) in zip(wanted.index, wanted.to_numpy()):
    assert sums[key]["rows"] == count and abs(sums[key]["total"] - total) < 1e-6
top = [row["amount"] for row in largest.filter(F.col("customer") == "c0").orderBy("rank").collect()]
assert top == sorted(kept.loc[kept["customer"] == "c0", "amount"], reverse=True)[:3]
""",
    ),
    "ml-spark-sql": replace(
        SPARK,
        before=SPARK_VISITS,
        after="""\
wanted = visits[visits["amount"] >= 1].groupby("customer")["amount"].mean().round(2)
assert {row["customer"]: row["mean"] for row in result.collect()} == wanted.to_dict()
""",
    ),
    "ml-spark-ml": replace(
        SPARK,
        before=SPARK_WINE,
        after="""\
from pyspark.ml import PipelineModel

assert accuracy > 0.9, accuracy
loaded = PipelineModel.load("model.spark").transform(test_df)
assert loaded.select("prediction").collect() == scored.select("prediction").collect()
""",
        prints="held-out rows: ",
    ),
    "ml-spark-tune": replace(
        SPARK,
        before=SPARK_WINE,
        after="assert len(search.avgMetrics) == 2 and metric.evaluate(search.transform(test_df)) > 0.85",
    ),
    "ml-spark-score": replace(
        SPARK,
        before=SESSION + WINE + "df = spark.createDataFrame(X)\n",
        after='assert [row["prediction"] for row in scored.collect()] == list(model.predict(X))',
    ),
    "ml-spark-stream": replace(SPARK, before=EVENTS, after=STREAMED),
    "ml-dask": Case(
        PARTS,
        """\
wanted = visits.groupby("customer")["amount"].agg(["count", "mean", "max"])
found = result.reindex(wanted.index)
assert (found["count"] == wanted["count"]).all() and (found["max"] == wanted["max"]).all()
assert ((found["mean"] - wanted["mean"]).abs() < 1e-9).all() and df.npartitions == 4
""",
    ),
    "ml-dask-parquet": Case(
        PARTS,
        """\
assert len(df) == (visits["amount"] > 0).sum() and list(df.columns) == ["customer", "amount"]
""",
        prints=" parts",
    ),
    "ml-dask-delayed": Case(WINE, "assert len(scores) == 10 and np.mean(scores) > 0.85 and np.std(scores) > 0"),
    "ml-dask-search": Case(
        WINE,
        "assert min(search.best_score_, search.score(X_test, y_test)) > 0.85\n"
        "assert len(search.cv_results_['params']) == 4",
    ),
    "ml-ray": replace(
        ON_RAY, before=WINE, after="assert len(scores) == 10 and min(scores) > 0.8 and not ray.is_initialized()"
    ),
    "ml-ray-tune": replace(
        ON_RAY,
        before=WINE.replace("wine.target_names[wine.target]", "wine.target"),
        after="assert len(results) == 8 and not results.errors and best.metrics['accuracy'] > 0.85",
    ),
    "ml-ray-data": replace(
        ON_RAY,
        before=WINE + 'X.to_csv("rows.csv", index=False)\n',
        after="""\
written = pd.read_parquet("predictions")
assert len(written) == len(X) and (written["prediction"] == model.predict(written[columns])).all()
""",
        prints="178 rows scored",
    ),
}
