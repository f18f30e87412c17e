"""How the snippets that split and validate are tried out."""

from __future__ import annotations

from snippets.running import Case

WINE = """\
from sklearn.datasets import load_wine

X, y = load_wine(return_X_y=True, as_frame=True)
"""
VISITS = """\
import numpy as np
import pandas as pd
from sklearn.datasets import load_wine

X, y = load_wine(return_X_y=True, as_frame=True)
dates = pd.date_range("2024-01-01", periods=len(X), freq="D")[::-1]
df = X.assign(customer=np.arange(len(X)) // 6, date=dates)
"""
DIABETES = """\
from sklearn.datasets import load_diabetes

X, y = load_diabetes(return_X_y=True, as_frame=True)
"""

CASES = {
    "ml-split": Case(WINE, "assert sorted([*X_train.index, *X_test.index]) == list(X.index)"),
    "ml-split-three": Case(
        WINE,
        "shares = [round(len(part) / len(X), 2) for part in (X_train, X_val, X_test)]\n"
        "assert shares == [0.6, 0.2, 0.2], shares",
    ),
    "ml-split-groups": Case(VISITS, 'assert set(train_df["customer"]).isdisjoint(test_df["customer"])'),
    "ml-split-time": Case(
        VISITS,
        'assert train_df["date"].max() < test_df["date"].min()\nassert len(train_df) + len(test_df) == len(X)',
    ),
    "ml-split-pipeline": Case(WINE, "assert model.score(X_test, y_test) > 0.9", prints="accuracy on the test rows: "),
    "ml-split-folds": Case(WINE, "assert len(scores) == 5 and scores.mean() > 0.9", prints=", folds "),
    "ml-split-folds-time": Case(DIABETES, "assert len(scores) == 5", prints="r2: "),
}
