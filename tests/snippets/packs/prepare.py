"""How the snippets that prepare columns are tried out."""

from __future__ import annotations

from snippets.running import Case

SPLIT = "X_train, X_test, y_train, y_test = train_test_split(X, y, {options}random_state=1)\n"
BY_CLASS = SPLIT.format(options="stratify=y, ")
ANY = SPLIT.format(options="")

CANCER = f"""\
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
{BY_CLASS}"""
GAPS = f"""\
import numpy as np
from sklearn.datasets import load_breast_cancer
from sklearn.model_selection import train_test_split

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X = X.mask(np.random.default_rng(1).random(X.shape) < 0.1)
{BY_CLASS}"""
DIABETES = f"""\
from sklearn.datasets import load_diabetes
from sklearn.model_selection import train_test_split

X, y = load_diabetes(return_X_y=True, as_frame=True)
{ANY}"""
FOOD = f"""\
from sklearn.model_selection import train_test_split
from statsmodels.datasets import engel

budgets = engel.load_pandas().data
X, y = budgets[["income"]], budgets["foodexp"]
{ANY}"""
SURVEY = f"""\
from sklearn.model_selection import train_test_split
from statsmodels.datasets import fair

survey = fair.load_pandas().data
jobs = ["student", "farming", "office", "teaching", "management", "profession"]
ratings = ["bad", "bad", "fair", "good", "great"]
X = survey[["age", "children", "educ"]].assign(
    years=survey["yrs_married"],
    occupation=[jobs[int(code) - 1] for code in survey["occupation"]],
    rating=[ratings[int(code) - 1] for code in survey["rate_marriage"]],
)
y = (survey["affairs"] > 0).astype(int)
{BY_CLASS}"""
NUMBERS_AND_JOBS = f"""{SURVEY}
X_train, X_test = X_train.drop(columns="rating"), X_test.drop(columns="rating")
"""
AIR = """\
from statsmodels.datasets import co2

air = co2.load_pandas().data.dropna()
X = air.index.to_frame(name="date").reset_index(drop=True).assign(week=air.index.isocalendar().week.to_numpy())
y = air["co2"].to_numpy()
X_train, X_test, y_train, y_test = X[:1800], X[1800:], y[:1800], y[1800:]
"""
MEMBERS = """\
import inspect

import matplotlib.axes
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

rows = [
    (inspect.getdoc(member), type(member).__name__, library)
    for owner, library in [(matplotlib.axes.Axes, "matplotlib"), (np.ndarray, "numpy"), (pd.Series, "pandas")]
    for name, member in inspect.getmembers(owner, callable)
    if not name.startswith("_")
]
docs = pd.DataFrame(rows, columns=["text", "kind", "library"]).dropna().drop_duplicates("text")
docs["length"] = docs["text"].str.len()
"""
TEXTS = f"""{MEMBERS}
X, y = docs["text"], docs["library"]
{BY_CLASS}"""
TEXTS_AND_MORE = f"""{MEMBERS}
X, y = docs[["text", "kind", "length"]], docs["library"]
{BY_CLASS}"""
RARE = f"""\
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, digit = load_digits(return_X_y=True, as_frame=True)
y = (digit == 8).astype(int)
{BY_CLASS}"""


def scores(least: float, more: str = "") -> str:
    return f"assert model.score(X_test, y_test) > {least}, model.score(X_test, y_test)\n{more}"


def ranks(least: float) -> str:
    return (
        "from sklearn.metrics import roc_auc_score\n"
        "area = roc_auc_score(y_test, model.predict_proba(X_test)[:, 1])\n"
        f"assert area > {least}, area"
    )


def finds_the_rare(least: float) -> str:
    return (
        "from sklearn.metrics import balanced_accuracy_score\n"
        "balanced = balanced_accuracy_score(y_test, model.predict(X_test))\n"
        f"assert balanced > {least}, balanced"
    )


SAME_COLUMNS = "assert list(train.columns) == list(test.columns)\nassert len(test) == len(X_test)\n"

CASES = {
    "ml-prepare-scale": Case(CANCER, scores(0.95, "assert abs(model[0].transform(X_train).mean()) < 1e-9")),
    "ml-prepare-power": Case(CANCER, scores(0.95)),
    "ml-prepare-log-target": Case(FOOD, scores(0.5, "assert (model.predict(X_test) > 0).all()")),
    "ml-prepare-bins": Case(CANCER, scores(0.93)),
    "ml-prepare-splines": Case(DIABETES, scores(0.3)),
    "ml-prepare-products": Case(DIABETES, scores(0.3)),
    "ml-prepare-onehot": Case(
        SURVEY,
        SAME_COLUMNS + "assert {'occupation_office', 'rating_bad', 'age'} <= set(train.columns)",
        prints="6 columns became ",
    ),
    "ml-prepare-ordinal": Case(
        SURVEY,
        SAME_COLUMNS
        + "assert list(train['rating'].iloc[:50]) == [order.index(each) for each in X_train['rating'][:50]]",
    ),
    "ml-prepare-target": Case(NUMBERS_AND_JOBS, ranks(0.6)),
    "ml-prepare-impute": Case(GAPS, scores(0.93)),
    "ml-prepare-impute-neighbors": Case(GAPS, scores(0.93)),
    "ml-prepare-impute-model": Case(GAPS, scores(0.93)),
    "ml-prepare-columns": Case(SURVEY, scores(0.7), prints="score on the test rows: 0.7"),
    "ml-prepare-columns-named": Case(SURVEY, ranks(0.65), prints="numbers__years, categories__occupation_farming"),
    "ml-prepare-dates": Case(
        AIR,
        SAME_COLUMNS + "from sklearn.linear_model import LinearRegression\n"
        "error = abs(LinearRegression().fit(train, y_train).predict(test) - y_test).mean()\nassert error < 10, error",
    ),
    "ml-prepare-transformer": Case(
        CANCER,
        "clipped = Clipper().fit(X_train).transform(X_test * 10)\n"
        "assert (clipped <= X_train.quantile(0.99).to_numpy() + 1e-9).all()\n"
        "from sklearn.utils.estimator_checks import check_estimator\ncheck_estimator(Clipper())",
    ),
    "ml-prepare-select-variance": Case(
        f"import numpy as np\n{CANCER}",
        SAME_COLUMNS + "apart = train.corr().abs().to_numpy()[~np.eye(train.shape[1], dtype=bool)]\n"
        "assert apart.max() <= 0.95",
        prints=" of 30 columns kept",
    ),
    "ml-prepare-select-best": Case(CANCER, scores(0.93, "assert model[-1].n_features_in_ == 10"), prints="kept: "),
    "ml-prepare-select-model": Case(CANCER, scores(0.93, "assert model[-1].n_features_in_ == 15"), prints="kept: "),
    "ml-prepare-select-rfe": Case(CANCER, scores(-0.15), prints="kept: "),
    "ml-prepare-text": Case(TEXTS, scores(0.9)),
    "ml-prepare-text-columns": Case(TEXTS_AND_MORE, scores(0.9)),
    "ml-prepare-imbalance-weights": Case(RARE, finds_the_rare(0.85), prints="recall"),
    "ml-prepare-imbalance-smote": Case(RARE, finds_the_rare(0.85), prints="recall"),
    "ml-prepare-imbalance-undersample": Case(RARE, finds_the_rare(0.85), prints="recall"),
}
