"""Values of parameters: what is reported raises in scikit-learn, what is silent runs."""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any

import pytest

from mlsense.analysis import Analyser
from mlsense.rules.finding import Finding
from mlsense.syntax import script
from mlsense.text import apply_edits

HEAD = """
import warnings
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.cluster import DBSCAN, AgglomerativeClustering, KMeans
from sklearn.datasets import make_classification
from sklearn.decomposition import NMF, PCA
from sklearn.ensemble import (
    BaggingClassifier, GradientBoostingClassifier, GradientBoostingRegressor, HistGradientBoostingClassifier,
    RandomForestClassifier, RandomForestRegressor, VotingClassifier,
)
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import ElasticNet, Lasso, LogisticRegression, LogisticRegressionCV, Ridge, SGDClassifier
from sklearn.metrics import f1_score, precision_score
from sklearn.model_selection import (
    GridSearchCV, GroupKFold, KFold, StratifiedKFold, cross_val_score, cross_validate, train_test_split,
)
from sklearn.neighbors import KNeighborsClassifier
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import KBinsDiscretizer, OneHotEncoder, PolynomialFeatures, StandardScaler
from sklearn.svm import SVC, SVR, LinearSVC, NuSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

warnings.simplefilter("ignore")
X, y = make_classification(40, random_state=0)
"""
RULES = frozenset(["param-value-invalid", "kfold-random-state-noshuffle"])


@cache
def reported(code: str) -> tuple[Finding, ...]:
    findings = Analyser().analyse(script("example.py", HEAD + code)).findings
    return tuple(finding for finding in findings if finding.rule in RULES)


def run(code: str) -> dict[str, Any]:
    names: dict[str, Any] = {}
    with warnings.catch_warnings():
        exec(compile(HEAD + code, "example.py", "exec"), names)
    return names


def fit(expression: str) -> str:
    return f"model = {expression}\nmodel.fit(X, y)\n"


REFUSED = [
    *map(
        fit,
        [
            'SVC(kernel="gaussian")',
            "SVC(C=0)",
            "SVC(C=-1.0)",
            'SVC(gamma="automatic")',
            "SVC(degree=2.5)",
            "NuSVC(nu=1.5)",
            'LinearSVC(penalty="l1", loss="hinge")',
            'LinearSVC(penalty="l1", dual=True)',
            'LinearSVC(penalty="l2", loss="hinge", dual=False)',
            'LinearSVC(loss="l2")',
            'LogisticRegression(penalty="l1")',
            'LogisticRegression(penalty="none")',
            'LogisticRegression(solver="liblinear", penalty="elasticnet")',
            'LogisticRegression(solver="newton")',
            "LogisticRegression(l1_ratio=0.5)",
            "LogisticRegression(C=-1)",
            'LogisticRegression(max_iter="100")',
            'RandomForestRegressor(criterion="mse")',
            'RandomForestRegressor(criterion="mae")',
            'RandomForestClassifier(criterion="squared_error")',
            'RandomForestClassifier(max_features="auto")',
            "RandomForestClassifier(n_estimators=100.0)",
            'RandomForestClassifier(n_estimators="100")',
            "RandomForestClassifier(n_estimators=0)",
            "RandomForestClassifier(max_depth=0)",
            "RandomForestClassifier(min_samples_split=1)",
            "RandomForestClassifier(bootstrap=False, oob_score=True)",
            'RandomForestClassifier(class_weight="balance")',
            'GradientBoostingClassifier(loss="deviance")',
            'GradientBoostingRegressor(loss="ls")',
            "GradientBoostingClassifier(subsample=2.0)",
            "HistGradientBoostingClassifier(max_iter=1e2)",
            'SGDClassifier(loss="log")',
            'SGDClassifier(learning_rate="constant", eta0=0)',
            'DecisionTreeRegressor(criterion="gini")',
            'DecisionTreeClassifier(splitter="rand")',
            'MLPClassifier(activation="sigmoid")',
            'MLPClassifier(solver="rmsprop")',
            "KNeighborsClassifier(n_neighbors=0)",
            'KNeighborsClassifier(weights="distances")',
            'KNeighborsClassifier(metric="cosine", algorithm="kd_tree")',
            'KMeans(n_clusters="3")',
            'KMeans(algorithm="full")',
            'AgglomerativeClustering(linkage="ward", metric="cosine")',
            "AgglomerativeClustering(distance_threshold=1.0)",
            "DBSCAN(eps=0)",
            "DBSCAN(min_samples=2.5)",
            "PCA(n_components=-1)",
            'PCA(n_components=0.9, svd_solver="arpack")',
            'PCA(svd_solver="fast")',
            'SimpleImputer(strategy="mode")',
            'OneHotEncoder(handle_unknown="skip")',
            'KBinsDiscretizer(encode="one-hot")',
            'StandardScaler(with_mean="yes")',
            "Ridge(alpha=-1)",
            "ElasticNet(l1_ratio=2)",
            "Lasso(selection='rand')",
            "make_pipeline(StandardScaler(), SVC(kernel='radial'))",
            'VotingClassifier([("a", SVC(kernel="lin")), ("b", SVC())])',
            'VotingClassifier([("a", SVC())], voting="average")',
            'BaggingClassifier(LogisticRegression(penalty="l1"), n_estimators=2)',
            'CalibratedClassifierCV(LinearSVC(penalty="l1", loss="hinge"), cv=2)',
            'CalibratedClassifierCV(SVC(), method="platt")',
            "SVC().set_params(kernel='radial')",
            "LogisticRegression().set_params(penalty='l1')",
            "GridSearchCV(SVC(), {'C': [1]}, cv=1)",
            "GridSearchCV(SVC(), {'C': [0]})",
            "GridSearchCV(make_pipeline(SVC()), {'svc__kernel': ['radial']})",
        ],
    ),
    "name = 'radial'\nSVC(kernel=name).fit(X, y)\n",
    "settings = {'kernel': 'radial', 'C': 2}\nSVC(**settings).fit(X, y)\n",
    "for name in ['rbf', 'radial']:\n    SVC(kernel=name).fit(X, y)\n",
    "def made(name):\n    return SVC(kernel=name)\n\nmade('radial').fit(X, y)\n",
    "grid = {'criterion': ['gini', 'variance']}\n"
    "GridSearchCV(DecisionTreeClassifier(), grid, error_score='raise').fit(X, y)\n",
    "train_test_split(X, y, test_size=1.5)\n",
    "train_test_split(X, y, test_size=-1)\n",
    "train_test_split(X, y, shuffle=False, stratify=y)\n",
    "cross_val_score(SVC(), X, y, cv=1)\n",
    "cross_val_score(LogisticRegression(penalty='l1'), X, y, error_score='raise')\n",
    "f1_score(y, y, average='mean')\n",
    "precision_score(y, y, zero_division='warning')\n",
    "KFold(5, random_state=0)\n",
    "StratifiedKFold(random_state=1, shuffle=False)\n",
    "GroupKFold(random_state=1)\n",
]
ACCEPTED = [
    *map(
        fit,
        [
            'SVC(kernel="rbf", C=0.1, gamma="scale")',
            "SVC(kernel=lambda a, b: a @ b.T)",
            "SVC(degree=2, gamma=0.5)",
            'LinearSVC(penalty="l1", dual=False)',
            'LinearSVC(penalty="l1")',
            'LogisticRegression(penalty="l1", solver="liblinear")',
            'LogisticRegression(penalty="elasticnet", solver="saga", l1_ratio=0.5)',
            "LogisticRegression(penalty=None)",
            "LogisticRegressionCV(l1_ratios=(0,), cv=2, use_legacy_attributes=True)",
            'RandomForestRegressor(criterion="absolute_error", n_estimators=2)',
            'RandomForestClassifier(max_features="sqrt", n_estimators=2)',
            "RandomForestClassifier(max_features=None, n_estimators=2)",
            "RandomForestClassifier(max_features=0.5, n_estimators=True)",
            "RandomForestClassifier(min_samples_split=2, n_estimators=2)",
            "RandomForestClassifier(min_samples_split=0.5, n_estimators=2)",
            'RandomForestClassifier(class_weight={0: 1, 1: 2}, n_estimators=2)',
            "RandomForestClassifier(bootstrap=True, oob_score=True, n_estimators=20)",
            'GradientBoostingClassifier(loss="exponential", n_estimators=2)',
            'SGDClassifier(loss="log_loss")',
            'SGDClassifier(learning_rate="constant", eta0=0.1)',
            'MLPClassifier(activation="logistic", hidden_layer_sizes=(3,), max_iter=3)',
            'KNeighborsClassifier(weights="distance", metric="cosine")',
            'KNeighborsClassifier(metric="minkowski", p=1, algorithm="kd_tree")',
            'AgglomerativeClustering(linkage="average", metric="cosine")',
            "AgglomerativeClustering(n_clusters=None, distance_threshold=1.0)",
            "PCA(n_components=0.9)",
            'PCA(n_components=2, svd_solver="arpack")',
            "PCA(0.9)",
            'SimpleImputer(strategy="constant", fill_value=0)',
            "SimpleImputer(strategy=max)",
            "Ridge(alpha=0)",
            "SelectKBest(k='all')",
            "LogisticRegression(l1_ratio=0.5).set_params(solver='saga')",
            "GridSearchCV(SVC(), {'C': [1, 2]}, cv=2, n_jobs=None)",
            "GridSearchCV(LogisticRegression(penalty='l1'), {'solver': ['liblinear', 'saga']}, cv=2)",
        ],
    ),
    "model = LogisticRegression(penalty='l1')\nprint(model)\n",
    "model = LogisticRegression(penalty='l1')\nclone(model).set_params(solver='saga').fit(X, y)\n",
    "def made(penalty):\n"
    "    if penalty == 'l1':\n        return LogisticRegression(penalty=penalty, solver='liblinear')\n"
    "    return LogisticRegression(penalty=penalty)\n\nmade('l1').fit(X, y)\nmade('l2').fit(X, y)\n",
    "train_test_split(X, y, test_size=10, stratify=y)\n",
    "train_test_split(X, y, shuffle=False, stratify=None)\n",
    "cross_val_score(SVC(), X, y, cv=KFold(3, shuffle=True, random_state=0))\n",
    "f1_score(y, y, average=None)\n",
    "KFold(5)\nKFold(5, random_state=None)\nKFold(5, shuffle=True, random_state=0)\n",
]  # fmt: skip


@pytest.mark.parametrize("code", REFUSED)
def test_what_is_reported_raises(code: str) -> None:
    assert len(reported(code)) == 1
    with pytest.raises((ValueError, TypeError)):
        run(code)


@pytest.mark.parametrize("code", ACCEPTED)
def test_what_runs_is_not_reported(code: str) -> None:
    run(code)
    assert reported(code) == ()


@pytest.mark.parametrize("code", [code for code in REFUSED if any(each.fix for each in reported(code))])
def test_what_a_fix_writes_runs(code: str) -> None:
    fix = reported(code)[0].fix
    assert fix is not None
    repaired = apply_edits(HEAD + code, [each.edit for each in fix.edits]).removeprefix(HEAD)
    assert reported(repaired) == ()
    run(repaired)


def test_a_release_of_which_nothing_is_known_is_not_judged() -> None:
    from mlsense.analysis import Settings
    from mlsense.knowledge.versions import Versions

    for version in ("0.23.1", "99.1"):
        settings = Settings(versions=Versions(".venv", (("scikit-learn", version),)))
        document = script("example.py", HEAD + fit('RandomForestRegressor(criterion="mse")'))
        assert not [each for each in Analyser().analyse(document, settings).findings if each.rule in RULES]
