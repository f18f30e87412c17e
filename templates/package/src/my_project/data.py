"""Where the rows come from, and which of them are put aside."""

from typing import NamedTuple

import pandas as pd
from sklearn.datasets import load_wine
from sklearn.model_selection import train_test_split

SEED = 42


class Parts(NamedTuple):
    """Rows to learn from, and rows that only the last score sees."""

    X_train: pd.DataFrame
    X_test: pd.DataFrame
    y_train: pd.Series
    y_test: pd.Series


def read() -> tuple[pd.DataFrame, pd.Series]:
    """The features, all numbers, and the class of each row."""
    return load_wine(return_X_y=True, as_frame=True)


def split(X: pd.DataFrame, y: pd.Series) -> Parts:
    """The same parts whenever it is called with the same rows."""
    return Parts(*train_test_split(X, y, test_size=0.2, stratify=y, random_state=SEED))
