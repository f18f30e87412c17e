"""What the rule on column names says of scikit-learn's warnings is so."""

from __future__ import annotations

import contextlib
import warnings
from io import StringIO
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import make_classification
from sklearn.utils import all_estimators

from mlsense.rules.estimator.sklearn_feature_names_warning import _BLIND, RULE


def warned(text: str) -> bool:
    """Whether a program makes scikit-learn warn of names."""
    with warnings.catch_warnings(record=True) as given, contextlib.redirect_stdout(StringIO()):
        warnings.simplefilter("always")
        exec(compile(text, "example.py", "exec"), {"__name__": "__main__"})
    return any("feature names" in str(each.message) for each in given)


@pytest.mark.parametrize("text", RULE.bad)
def test_a_bad_example_makes_scikit_learn_warn(text: str) -> None:
    assert warned(text)


@pytest.mark.parametrize("text", RULE.good)
def test_a_good_example_does_not(text: str) -> None:
    assert not warned(text)


def fitted(cls: Any, table: pd.DataFrame, target: np.ndarray) -> Any:
    """An estimator with what it is usually made with, fitted; None where it needs more or another input."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return cls().fit(table, target)
        except (TypeError, ValueError, AttributeError):
            return None


# Those that are quick to fit.
MODULES = ("decomposition.PCA", "dummy", "linear_model.L", "naive_bayes", "neighbors", "preprocessing", "svm", "tree")


def test_all_estimators_but_the_blind_ones_look_at_names() -> None:
    values, target = make_classification(60, 4, n_informative=3, n_redundant=0, random_state=0)
    table = pd.DataFrame(np.abs(values), columns=list("abcd"))
    seen = 0
    for _, cls in all_estimators():
        public = f"{cls.__module__.partition('._')[0]}.{cls.__name__}"
        if not public.removeprefix("sklearn.").startswith(MODULES):
            continue
        model = fitted(cls, table, target)
        method = next((name for name in ("predict", "transform") if hasattr(model, name)), None)
        if method is None:
            continue
        with warnings.catch_warnings(record=True) as given:
            warnings.simplefilter("always")
            try:
                getattr(model, method)(table.to_numpy())
            except (AttributeError, ValueError):
                continue
        looks = any("valid feature names" in str(each.message) for each in given)
        assert looks or public.startswith(_BLIND), public
        seen += 1
    assert seen > 40
