"""How the snippets with algorithms that learn from a target are tried out."""

from __future__ import annotations

from snippets.running import Case


def split(load: str, options: str = "") -> str:
    """What a user has written above: data of a bundled set, split."""
    options = f"test_size=0.25, {options}random_state=1"
    return f"{load}\n\nX_train, X_test, y_train, y_test = train_test_split(X, y, {options})\n"


def bundled(name: str) -> str:
    return (
        f"from sklearn.datasets import load_{name}\n"
        "from sklearn.model_selection import train_test_split\n\n"
        f"X, y = load_{name}(return_X_y=True, as_frame=True)"
    )


CANCER = split(bundled("breast_cancer"), "stratify=y, ")
WINE = split(bundled("wine"), "stratify=y, ")
DIGITS = split(bundled("digits"), "stratify=y, ")
DIABETES = split(bundled("diabetes"))

DOCSTRINGS = split(
    """\
import inspect

import matplotlib.axes
import numpy as np
import pandas as pd
from sklearn.model_selection import train_test_split

members = [
    (inspect.getdoc(member), library)
    for owner, library in [(matplotlib.axes.Axes, "matplotlib"), (np.ndarray, "numpy"), (pd.Series, "pandas")]
    for name, member in inspect.getmembers(owner, callable)
    if not name.startswith("_")
]
docs = pd.DataFrame(members, columns=["text", "library"]).dropna().drop_duplicates("text")
X, y = docs["text"], docs["library"]""",
    "stratify=y, ",
)

QUALITIES = split(
    """\
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, digit = load_digits(return_X_y=True, as_frame=True)
y = pd.DataFrame({"even": digit % 2 == 0, "large": digit > 4, "round": digit.isin([0, 6, 8, 9])}).astype(int)"""
)

LAST_ROW = split(
    """\
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

pixels = load_digits(as_frame=True).data
last = [f"pixel_7_{column}" for column in range(2, 6)]
X, y = pixels.drop(columns=last), pixels[last]"""
)

MARRIAGES = split(
    """\
from sklearn.model_selection import train_test_split
from statsmodels.datasets import fair

survey = fair.load_pandas().data
X, y = survey[["age", "children", "religious", "educ", "occupation"]], survey["yrs_married"]"""
)

FOOD = split(
    """\
from sklearn.model_selection import train_test_split
from statsmodels.datasets import engel

budgets = engel.load_pandas().data
X, y = budgets[["income"]] / 1000, budgets["foodexp"]"""
)

# How people see their party, from 0 (strong Democrat) to 6 (strong Republican).
PARTIES = split(
    """\
from sklearn.model_selection import train_test_split
from statsmodels.datasets import anes96

voters = anes96.load_pandas().data
X, y = voters[["selfLR", "ClinLR", "DoleLR", "age", "educ", "income"]], voters["PID"]"""
)

ACCURACY = "accuracy on the test rows: "
ERROR = "mean absolute error on the test rows: "

# The median of the training rows misses those of the test set by 66 in the mean.
SMALL_ERROR = "assert error < 52, error"


def classifier(before: str, accuracy: float, more: str = "") -> Case:
    return Case(
        before, f"assert model.score(X_test, y_test) > {accuracy}, model.score(X_test, y_test)\n{more}", prints=ACCURACY
    )


def regressor(more: str = "") -> Case:
    return Case(DIABETES, f"{SMALL_ERROR}\n{more}", prints=ERROR)


CASES = {
    "ml-model-baseline-classifier": Case(CANCER, "assert round(accuracy, 2) == 0.63", prints="accuracy to beat"),
    "ml-model-baseline-regressor": Case(DIABETES, "assert error > 60, error", prints="error to beat"),
    "ml-model-linear": regressor(),
    "ml-model-ridge": regressor("assert 0.001 < model[-1].alpha_ < 1000"),
    "ml-model-lasso": regressor("assert 0 < (weights != 0).sum() < X.shape[1]"),
    "ml-model-elastic-net": regressor(),
    "ml-model-logistic": classifier(CANCER, 0.95),
    "ml-model-logistic-sparse": Case(
        CANCER,
        "assert -model.score(X_test, y_test) < 0.2\nassert 3 < kept.sum() < X.shape[1]",
        prints="log loss on the test rows: 0",
    ),
    "ml-model-lda": classifier(WINE, 0.95),
    "ml-model-tree-classifier": classifier(CANCER, 0.88, "assert model.get_depth() <= 4"),
    "ml-model-tree-regressor": Case(DIABETES, "assert error < 56, error", prints=ERROR),
    "ml-model-bayes-gaussian": classifier(WINE, 0.95),
    "ml-model-bayes-multinomial": classifier(DOCSTRINGS, 0.9),
    "ml-model-neighbors-classifier": classifier(WINE, 0.9),
    "ml-model-neighbors-regressor": regressor(),
    "ml-model-lvq": classifier(
        WINE,
        0.95,
        "assert model[-1].prototypes_.shape == (6, 13)\n"
        "from sklearn.utils.estimator_checks import check_estimator\n"
        "check_estimator(LearningVectorQuantizer())\n"
        "from scipy.optimize import check_grad\n"
        "own = y_train.to_numpy()[:, None] == np.arange(3)\n"
        "scaled = model[0].transform(X_train)\n"
        "start = np.random.default_rng(1).normal(size=3 * 13)\n"
        "apart = check_grad(lambda w: _cost(w, scaled, own)[0], lambda w: _cost(w, scaled, own)[1], start)\n"
        "assert apart < 1e-4, apart\n",
    ),
    "ml-model-svm-classifier": classifier(CANCER, 0.95),
    "ml-model-svm-linear": classifier(CANCER, 0.95),
    "ml-model-svm-regressor": regressor(),
    "ml-model-bagging-classifier": classifier(CANCER, 0.92, "assert model.oob_score_ > 0.9"),
    "ml-model-bagging-regressor": regressor(),
    "ml-model-forest-classifier": classifier(CANCER, 0.93),
    "ml-model-forest-regressor": regressor(),
    "ml-model-extra-trees-classifier": classifier(CANCER, 0.93),
    "ml-model-extra-trees-regressor": regressor(),
    "ml-model-adaboost-classifier": classifier(CANCER, 0.93),
    "ml-model-adaboost-regressor": regressor(),
    "ml-model-boosting-classifier": classifier(CANCER, 0.93, "assert model.n_estimators_ < 500"),
    "ml-model-boosting-regressor": regressor("assert model.n_estimators_ < 500"),
    "ml-model-hist-classifier": classifier(CANCER, 0.93, "assert model.n_iter_ < 1000"),
    "ml-model-hist-regressor": regressor("assert model.n_iter_ < 1000"),
    "ml-model-xgboost-classifier": classifier(WINE, 0.93, "assert model.best_iteration < 1999"),
    "ml-model-xgboost-regressor": regressor("assert model.best_iteration < 1999"),
    "ml-model-lightgbm-classifier": classifier(CANCER, 0.93, "assert model.best_iteration_ < 2000"),
    "ml-model-lightgbm-regressor": regressor("assert model.best_iteration_ < 2000"),
    "ml-model-gaussian-process-classifier": classifier(WINE, 0.95, "assert loss < 0.4"),
    "ml-model-gaussian-process-regressor": regressor("assert 0.85 < inside < 1, inside"),
    "ml-model-mlp-classifier": classifier(DIGITS, 0.95),
    "ml-model-mlp-regressor": regressor(),
    "ml-model-stacking-classifier": classifier(CANCER, 0.95),
    "ml-model-stacking-regressor": regressor(),
    "ml-model-multilabel": Case(
        QUALITIES, "assert scores.min() > 0.75, scores", prints="F1 of round on the test rows: "
    ),
    "ml-model-multioutput": Case(
        LAST_ROW,
        "middles = abs(y_test - y_train.median()).mean()\nassert (errors < middles).all(), (errors, middles)",
        prints="mean absolute error of pixel_7_5 on the test rows: ",
    ),
    "ml-model-ordinal": Case(
        PARTIES,
        "assert kappa > 0.3, kappa\nassert set(predicted) <= set(y)\nassert fitted.mle_retvals['converged']",
        prints="quadratic kappa on the test rows",
    ),
    "ml-model-quantile": Case(
        FOOD, "assert (low <= high).all()\nassert 0.8 < inside <= 1, inside", prints="between the outer quantiles: "
    ),
    "ml-model-quantile-boosting": Case(
        MARRIAGES, "assert 0.75 < inside < 0.97, inside", prints="between the outer quantiles: "
    ),
}
