"""What is written down of scikit-learn is what scikit-learn says of itself."""

from __future__ import annotations

import importlib
import json
from pathlib import Path

import pytest
import sklearn
from sklearn import datasets

from mlsense.knowledge import bundled_dataset, estimator_facts
from mlsense.knowledge import sklearn as loader

WRITTEN = json.loads(Path(loader.__file__).with_name("sklearn.json").read_text(encoding="utf-8"))
ESTIMATORS = sorted(WRITTEN["estimators"])
LOADERS = sorted(WRITTEN["datasets"])
SAME_RELEASE = WRITTEN["version"] == sklearn.__version__
of_this_release = pytest.mark.skipif(
    not SAME_RELEASE, reason=f"written for scikit-learn {WRITTEN['version']}, installed is {sklearn.__version__}"
)


def test_facts_of_an_estimator() -> None:
    facts = estimator_facts("StandardScaler")
    assert facts is not None
    assert facts.module == "sklearn.preprocessing"
    assert facts.kinds == ("transformer",)
    assert facts.requires_fit is True
    assert facts.requires_y is False
    assert facts.params[:3] == ("copy", "with_mean", "with_std")
    assert "transform" in facts.methods
    assert "predict" not in facts.methods


def test_an_estimator_is_found_by_any_dotted_name() -> None:
    assert estimator_facts("sklearn.svm.SVC") == estimator_facts("sklearn.svm._classes.SVC") == estimator_facts("SVC")


@pytest.mark.parametrize("name", ["", "NoSuchThing", "sklearn", "numpy.array", "train_test_split", "standardscaler"])
def test_what_is_no_estimator_has_no_facts(name: str) -> None:
    assert estimator_facts(name) is None


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("SVC", "classifier"), ("Ridge", "regressor"), ("KMeans", "clusterer"), ("PCA", "transformer"),
        ("IsolationForest", "outlier_detector"), ("RandomForestClassifier", "classifier"), ("Pipeline", None),
    ],
)  # fmt: skip
def test_kinds(name: str, kind: str | None) -> None:
    facts = estimator_facts(name)
    assert facts is not None
    assert kind is None or kind in facts.kinds


@pytest.mark.parametrize(
    ("name", "needs_fit", "needs_y"),
    [
        ("Normalizer", False, False), ("FunctionTransformer", False, False), ("PCA", True, False),
        ("LogisticRegression", True, True), ("TargetEncoder", True, True), ("KMeans", True, False),
    ],
)  # fmt: skip
def test_what_they_need(name: str, needs_fit: bool, needs_y: bool) -> None:
    facts = estimator_facts(name)
    assert facts is not None
    assert (facts.requires_fit, facts.requires_y) == (needs_fit, needs_y)


@of_this_release
@pytest.mark.parametrize("name", ESTIMATORS)
def test_each_is_where_it_says(name: str) -> None:
    facts = estimator_facts(name)
    assert facts is not None
    if facts.module in ("sklearn.impute", "sklearn.model_selection"):
        importlib.import_module("sklearn.experimental.enable_iterative_imputer")
        importlib.import_module("sklearn.experimental.enable_halving_search_cv")
    assert hasattr(importlib.import_module(facts.module), name)


@of_this_release
@pytest.mark.parametrize("name", LOADERS)
def test_the_bundled_data_sets_are_as_written(name: str) -> None:
    facts = bundled_dataset(name)
    assert facts is not None
    bunch = getattr(datasets, name)(as_frame=True)
    assert facts.rows == len(bunch.data)
    assert [column for column, _, _ in facts.columns] == list(bunch.data.columns)
    for column, low, high in facts.columns:
        assert (low, high) == (bunch.data[column].min(), bunch.data[column].max())
    assert set(facts.target) == set(bunch.frame.columns) - set(bunch.data.columns)


def test_a_data_set_that_is_fetched_is_not_described() -> None:
    assert bundled_dataset("fetch_openml") is None
    assert bundled_dataset("") is None
