"""Scorers: what is reported raises in scikit-learn or gives NaN, what is silent gives a number."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from sklearn.metrics import get_scorer_names

from mlsense.analysis import Analyser
from mlsense.rules.finding import Finding
from mlsense.rules.metric.scoring_string_wrong import _SHORT
from mlsense.syntax import script
from mlsense.text import apply_edits

HEAD = """
from sklearn.datasets import load_breast_cancer, load_diabetes, load_iris
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.inspection import permutation_importance
from sklearn.linear_model import LogisticRegressionCV, Ridge
from sklearn.model_selection import GridSearchCV, RandomizedSearchCV, cross_val_score, cross_validate, learning_curve
from sklearn.naive_bayes import GaussianNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

cells, kinds = load_breast_cancer(return_X_y=True)
X, y = load_iris(return_X_y=True)
people, progress = load_diabetes(return_X_y=True)
score = None
"""


def reported(code: str) -> list[Finding]:
    found = Analyser().analyse(script("example.py", HEAD + code)).findings
    return [finding for finding in found if finding.rule == "scoring-string-wrong"]


def run(code: str) -> Any:
    names: dict[str, Any] = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(HEAD + code, names)
    return names["score"]


def test_what_people_write_is_no_scorer_and_what_they_mean_is() -> None:
    names = get_scorer_names()
    assert not set(_SHORT) & set(names)
    assert set(_SHORT.values()) <= set(names)


@pytest.mark.parametrize("name", [*_SHORT, "acuracy", "mean_squared_error", "max_error", "f1_score", "R2", "f1 macro"])
def test_a_wrong_name_is_reported_with_the_right_one(name: str) -> None:
    code = f"cross_val_score(GaussianNB(), cells, kinds, scoring={name!r})\n"
    (finding,) = reported(code)
    assert finding.fix is not None
    with pytest.raises(ValueError):  # noqa: PT011
        run(code)
    repaired = apply_edits(HEAD + code, [each.edit for each in finding.fix.edits]).removeprefix(HEAD)
    assert reported(repaired) == []
    run(repaired)


@pytest.mark.parametrize(
    "code",
    [
        "cross_val_score(GaussianNB(), X, y, scoring='nothing like it')",
        "cross_val_score(GaussianNB(), X, y, scoring=['accuracy', 'f1_macro'])",
        "cross_validate(GaussianNB(), X, y, scoring=['accuracy', 'f1_makro'])",
        "cross_validate(GaussianNB(), X, y, scoring=('accuracy', 'mcc'))",
        "learning_curve(GaussianNB(), X, y, scoring='acc')",
        "permutation_importance(GaussianNB().fit(X, y), X, y, scoring='acc')",
        "LogisticRegressionCV(scoring='acc', cv=2).fit(X, y)",
        "HistGradientBoostingClassifier(scoring='acc', early_stopping=True).fit(X, y)",
        "GridSearchCV(GaussianNB(), {'var_smoothing': [1e-9]}, scoring='acc').fit(X, y)",
        "GridSearchCV(GaussianNB(), {'var_smoothing': [1e-9]}).set_params(scoring='acc').fit(X, y)",
        "GridSearchCV(GaussianNB(), {'var_smoothing': [1e-9]}, scoring={'a': 'accuracy'}).fit(X, y)",
        "RandomizedSearchCV(GaussianNB(), {'var_smoothing': [1e-9]}, n_iter=1, scoring=['accuracy']).fit(X, y)",
        "name = 'rmse'\ncross_val_score(Ridge(), people, progress, scoring=name)",
        "for name in ['accuracy', 'auc']:\n    cross_val_score(GaussianNB(), X, y, scoring=name)",
    ],
)
def test_what_is_reported_raises(code: str) -> None:
    assert len(reported(code)) == 1
    with pytest.raises(ValueError):  # noqa: PT011
        run(code)


@pytest.mark.parametrize(
    "code",
    [
        "score = cross_val_score(Ridge(), people, progress, scoring='accuracy')",
        "score = cross_val_score(make_pipeline(StandardScaler(), Ridge()), cells, kinds, scoring='f1')",
        "score = cross_val_score(GaussianNB(), X, y, scoring='f1')",
        "score = cross_val_score(GaussianNB(), X, y, scoring='precision')",
        "score = GridSearchCV(Ridge(), {'alpha': [1]}, scoring='accuracy').fit(people, progress).best_score_",
    ],
)
def test_of_what_is_reported_every_score_is_nan(code: str) -> None:
    assert len(reported(code)) == 1
    assert np.isnan(run(code)).all()


@pytest.mark.parametrize(
    "code",
    [
        *[f"score = cross_val_score(GaussianNB(), cells, kinds, scoring='{name}')" for name in ("f1", "roc_auc", "r2")],
        "score = cross_val_score(GaussianNB(), X, y, scoring='f1_macro')",
        "score = cross_val_score(GaussianNB(), X, y == 2, scoring='f1')",
        "score = cross_val_score(GaussianNB(), X, y, scoring=None)",
        "score = cross_val_score(DecisionTreeRegressor(), cells, kinds, scoring='accuracy')",
        "score = cross_validate(GaussianNB(), X, y, scoring={'a': 'accuracy'})['test_a']",
        "score = GridSearchCV(GaussianNB(), {'var_smoothing': [1e-9]}, scoring=['accuracy'], refit='accuracy')"
        ".fit(X, y).best_score_",
        "HistGradientBoostingClassifier(scoring='loss', early_stopping=True, max_iter=2).fit(X, y)\nscore = 1.0",
        "score = GridSearchCV(GaussianNB(), {'var_smoothing': [1e-9]}, scoring=['accuracy'], refit=False)"
        ".fit(X, y).cv_results_['mean_test_accuracy']",
    ],
)
def test_what_gives_a_number_is_not_reported(code: str) -> None:
    assert reported(code) == []
    assert np.isfinite(run(code)).all()
