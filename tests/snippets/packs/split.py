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
HOUSES = """\
import numpy as np
from sklearn.datasets import load_wine

X, y = load_wine(return_X_y=True, as_frame=True)
df = X.assign(target=y, site=np.where(X["magnesium"] > 98, "north", "south"))
"""
CUSTOMERS = """\
import numpy as np
from sklearn.datasets import load_breast_cancer

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
df = X.assign(customer=np.arange(len(X)) // 6, target=y)
"""
PARTS = """\
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

X, y = load_wine(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=1)
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
    "ml-split-number": Case(
        DIABETES,
        "assert abs(y_train.quantile([0.1, 0.5, 0.9]) - y_test.quantile([0.1, 0.5, 0.9])).max() < 15\n"
        "assert sorted([*X_train.index, *X_test.index]) == list(X.index)",
    ),
    "ml-split-stratified": Case(
        HOUSES,
        "shares = [part.value_counts(['target', 'site'], normalize=True) for part in (train_df, test_df)]\n"
        "assert abs(shares[0] - shares[1]).max() < 0.03",
    ),
    "ml-split-folds-groups": Case(
        CUSTOMERS,
        "assert scores.mean() > 0.93\n"
        "for train, test in folds.split(X, y, groups=df['customer']):\n"
        "    assert set(df['customer'].iloc[train]).isdisjoint(df['customer'].iloc[test])",
        prints="accuracy: ",
    ),
    "ml-split-repeated": Case(WINE, "assert len(scores) == 50 and runs.mean() > 0.95", prints=", runs "),
    "ml-split-nested": Case(WINE, "assert len(scores) == 5 and scores.mean() > 0.9", prints=", folds "),
    "ml-split-folds-metrics": Case(
        WINE,
        "assert len(results['test_accuracy']) == 5\n"
        "assert results['train_neg_log_loss'].mean() > results['test_neg_log_loss'].mean() > -0.2",
        prints="test_f1_macro",
    ),
    "ml-split-predictions": Case(
        WINE, "assert len(predicted) == len(X)\nassert 0 < len(mistakes) < 10", prints=" of 178 rows"
    ),
    "ml-split-check": Case(PARTS, prints="training rows, too: 0 of 45"),
}
