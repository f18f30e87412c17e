"""What is said of names in the versions in force: bounded, and true where the library itself can be asked."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.utils import all_estimators

from mlsense.explaining import MOST_LINES, accepted, explain, needs, page_of, summary
from mlsense.knowledge.library import library
from mlsense.knowledge.scoring import metric, scorers, splitter
from mlsense.knowledge.versions import NO_VERSIONS, Pin, Versions
from mlsense.semantics.models.exports import star_names

OLD = Versions(".venv", (("scikit-learn", "1.2.2"),))
LOGISTIC = "sklearn.linear_model.LogisticRegression"


def test_a_class() -> None:
    lines = explain(LOGISTIC).split("\n")
    assert lines[0].startswith("**LogisticRegression** · classifier · scikit-learn ")
    assert "no missing values" in needs(LOGISTIC)
    assert "columns on one scale" in needs(LOGISTIC)
    assert "scale" not in needs("sklearn.ensemble.RandomForestClassifier")
    assert lines[-1] == (
        "[Documentation](https://scikit-learn.org/stable/modules/generated/"
        "sklearn.linear_model.LogisticRegression.html)"
    )
    assert lines[-2] == ""


def test_a_class_by_the_name_of_a_module_of_the_librarys_own() -> None:
    assert explain("sklearn.linear_model._logistic.LogisticRegression") == explain(LOGISTIC)


def test_a_parameter_has_its_default_what_it_takes_and_what_raising_it_does() -> None:
    text = explain(LOGISTIC, "C")
    assert "**C** of `LogisticRegression` · default `1.0`" in text
    assert "regularises more" in text
    assert "Takes a number > 0." in text
    # One of its values is on its way out, not the parameter.
    assert "Deprecated" not in explain(LOGISTIC, "l1_ratio")
    assert "**Deprecated** since 1.8" in explain(LOGISTIC, "penalty")
    assert accepted("sklearn.decomposition.PCA", "svd_solver").startswith("`'arpack'`, `'auto'`")


def test_the_version_in_force_counts() -> None:
    assert "scikit-learn 1.2.2" in explain(LOGISTIC, versions=OLD)
    encoder = "sklearn.preprocessing.OneHotEncoder"
    assert "**Deprecated** since 1.2: `sparse_output` takes its place." in explain(encoder, "sparse", OLD)
    assert "Is `sparse_output` since version 1.4." in explain(encoder, "sparse")
    old = Versions(".venv", (("scikit-learn", "1.1.3"),))
    assert "Comes with version 1.2: scikit-learn 1.1.3 does not have it." in explain(encoder, "sparse_output", old)
    assert "Since version 1.2." in explain(encoder, "sparse_output", OLD)
    assert explain("sklearn.model_selection.TunedThresholdClassifierCV", versions=OLD) == ""


@pytest.mark.parametrize(
    ("name", "of"),
    [
        ("keras.Sequential.compile", "keras.Model.compile"),
        ("torch.optim.Adam.step", "torch.optim.Optimizer.step"),
        ("torch.nn.Linear.eval", "torch.nn.Module.eval"),
    ],
)
def test_what_is_inherited_has_the_line_of_the_base(name: str, of: str) -> None:
    assert summary(name) == summary(of) != ""


def test_a_value_and_a_scorer() -> None:
    text = explain(LOGISTIC, "solver", value="lbfgs")
    assert text.startswith("**'lbfgs'** for `solver` of `LogisticRegression` · the default · ")
    scorer = explain("sklearn.model_selection.cross_val_score", "scoring", value="neg_mean_squared_error")
    assert "Negated, so that greater is better." in scorer
    assert "sklearn.metrics.mean_squared_error.html" in scorer
    assert "Every class counts the same" in summary("sklearn.model_selection.GridSearchCV", "scoring", "f1_macro")
    assert "Negated" not in summary("sklearn.model_selection.GridSearchCV", "scoring", "r2")


@pytest.mark.parametrize(
    "asked",
    [
        ("nowhere.Class",),
        ("sklearn.linear_model.Nonsense",),
        (LOGISTIC, "nonsense"),
        (LOGISTIC, "solver", NO_VERSIONS, "nonsense"),
        (LOGISTIC, "nonsense", NO_VERSIONS, "lbfgs"),
        ("sklearn.model_selection.cross_val_score", "scoring", NO_VERSIONS, "nonsense"),
    ],
)
def test_nothing_is_said_of_what_is_not_known(asked: tuple[str, str]) -> None:
    assert explain(*asked) == ""


def test_no_text_is_longer_than_a_hover() -> None:
    longest = 0
    for name in ("sklearn", "pandas", "numpy"):
        base = library(name)
        newest = base.at() if base is not None else None
        assert newest is not None
        for dotted in list(newest.library._things)[::7]:
            entry = newest.find(dotted)
            for parameter in (None, *(each.name for each in (entry.signature or () if entry is not None else ()))):
                text = explain(dotted, parameter).partition("\n\n[Documentation]")[0]
                longest = max(longest, text.count("\n") + 1)
    assert 3 < longest <= MOST_LINES


@pytest.mark.parametrize(
    ("name", "address"),
    [
        (
            "sklearn.svm.SVC.fit",
            "https://scikit-learn.org/stable/modules/generated/sklearn.svm.SVC.html#sklearn.svm.SVC.fit",
        ),
        ("pandas.DataFrame.drop", "https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.drop.html"),
        ("numpy.mean", "https://numpy.org/doc/stable/reference/generated/numpy.mean.html"),
        ("numpy.random.normal", "https://numpy.org/doc/stable/reference/random/generated/numpy.random.normal.html"),
        ("numpy.random.default_rng", "https://numpy.org/doc/stable/reference/random/generator.html"),
        ("keras.layers.Dense", "https://keras.io/api/layers/"),
        ("keras.Sequential", None),
        ("sklearn", None),
        ("nowhere.name", None),
    ],
)
def test_pages_are_those_of_the_library(name: str, address: str | None) -> None:
    assert page_of(name) == address


# --- as the library has it ---------------------------------------------------------------------------

TEXTS = np.array([["red", "low"], ["blue", "high"]] * 20, dtype=object)


@pytest.mark.parametrize(
    ("name", "cls"),
    [each for each in all_estimators() if "encode texts first" in needs(f"{each[1].__module__}.{each[0]}")],
)
def test_who_is_said_to_need_numbers_refuses_texts(name: str, cls: type) -> None:
    with pytest.raises((ValueError, TypeError)):
        cls().fit(TEXTS, [0, 1] * 20)


def test_what_is_said_of_metrics_splitters_and_scorers_is_there() -> None:
    assert needs("sklearn.model_selection.GroupKFold") == "Needs: `groups` in `split`."
    assert splitter("sklearn.model_selection.GroupKFold") is not None
    assert metric("sklearn.metrics.log_loss") is not None
    unsaid = [name for name in scorers() if not summary("sklearn.model_selection.cross_val_score", "scoring", name)]
    assert unsaid == []


def test_of_a_range_that_no_known_release_is_in_nothing_is_said() -> None:
    beyond = Versions(".venv", (), (("scikit-learn", Pin(">=99", "requirements.txt")),))
    assert explain(LOGISTIC, versions=beyond) == ""
    assert star_names("sklearn.linear_model", beyond) is None
    assert star_names("sklearn.linear_model", NO_VERSIONS) is not None
