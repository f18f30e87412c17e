"""Every resampler of imbalanced-learn is run on real rows: which rows come out, and of which do they follow?"""

from __future__ import annotations

import importlib

import pytest
from imblearn.utils.testing import all_estimators

from mlsense.knowledge import sampler_facts
from mlsense.knowledge.imblearn import _base
from mlsense.semantics.models import imblearn as models
from mlsense.semantics.models.estimators import kinds_of
from mlsense.semantics.values import Data, Estimator, TupleValue
from models.observing import Example, Text, _column, _shown, executed, falsehoods, followed, relation, text, whole

SAMPLERS = sorted(name for name, facts in _base()["estimators"].items() if "resampler" in facts["kinds"])
ENSEMBLES = sorted(name for name, facts in _base()["estimators"].items() if "classifier" in facts["kinds"])

# Eighteen rows of the one class, eight of the other, near each other; `p` says which row is which.
MANY, FEW = 18, 8
# Too small to matter for any distance.
MARKS = [n / 1_000_000 for n in range(MANY + FEW)]
ACROSS = [0.1 * (n % 6) + (0.35 if n >= MANY else 0.0) + 0.01 * n for n in range(MANY + FEW)]
ALONG = [20.0 + 3.0 * (n % 5) + (6.0 if n >= MANY else 0.0) + 0.1 * n for n in range(MANY + FEW)]
CLASSES = [0] * MANY + [1] * FEW


def _rows(row: int | None, way: str) -> str:
    """A table and its targets; a row is changed in its numbers, or in its class."""
    classes = list(CLASSES)
    if row is not None and way == "twin":
        classes[row] = 1 - classes[row]
    numbers = "" if way == "twin" else way
    columns = [_column(column, row if numbers else None, numbers) for column in (ACROSS, ALONG)]
    shown = ", ".join(f"{name!r}: {_shown(column)}" for name, column in zip("abp", [*columns, MARKS], strict=True))
    return f"whole = pd.DataFrame({{{shown}, 'c': {_shown(classes)}}}, index={[500 + n for n in range(len(CLASSES))]})"


TABLES: dict[str, Text] = {"whole": _rows}
USUAL = {"random_state": "0", "k_neighbors": "2", "n_neighbors": "2", "m_neighbors": "3"}
ARGUMENTS: dict[str, str] = {
    "EditedNearestNeighbours": "n_neighbors=3",
    "RepeatedEditedNearestNeighbours": "n_neighbors=3, max_iter=2",
    "AllKNN": "n_neighbors=3",
    "NeighbourhoodCleaningRule": "n_neighbors=3",
    "CondensedNearestNeighbour": "random_state=0",
    "OneSidedSelection": "random_state=0",
    "InstanceHardnessThreshold": "estimator=LogisticRegression(), random_state=0",
    "KMeansSMOTE": "random_state=0, k_neighbors=2, kmeans_estimator=3, cluster_balance_threshold=0.0",
    "SMOTENC": "categorical_features=[0], random_state=0, k_neighbors=2",
    "SMOTEENN": "random_state=0, smote=SMOTE(random_state=0, k_neighbors=2)",
    "SMOTETomek": "random_state=0, smote=SMOTE(random_state=0, k_neighbors=2)",
    "FunctionSampler": "",
}
IMPORTS = (
    "import numpy as np",
    "from imblearn.over_sampling import SMOTE",
    "from imblearn.pipeline import Pipeline, make_pipeline",
    "from imblearn.under_sampling import RandomUnderSampler",
    "from imblearn.datasets import make_imbalance",
    "from sklearn.linear_model import LogisticRegression",
    "from sklearn.preprocessing import MinMaxScaler, StandardScaler",
)


def made(name: str) -> tuple[str, str]:
    """The import of a class, and its call."""
    facts = sampler_facts(name)
    assert facts is not None, name
    usual = ", ".join(f"{key}={value}" for key, value in USUAL.items() if key in facts.params)
    return f"from {facts.module} import {name}", f"{name}({ARGUMENTS.get(name, usual)})"


def example(line: str, name: str = "") -> Example:
    imports = (*IMPORTS, made(name)[0]) if name else IMPORTS
    lines = ["X = whole[['a', 'b', 'p']]", "y = whole['c']"]
    if name in ("SMOTEN", "SMOTENC"):
        lines = ["X = whole[['a', 'b']].round(0)", "y = whole['c']"]
    ways = ("up", "twin", "down")
    return Example("\n".join([*lines, f"result = {line}"]), "whole", TABLES, imports, ways, tuple(MARKS))


# --- the table -----------------------------------------------------------------------------------------


def test_the_table_is_what_the_library_has() -> None:
    there = dict(all_estimators())
    assert set(_base()["estimators"]) == set(there)
    for name, cls in there.items():
        facts = sampler_facts(name)
        assert facts is not None
        assert getattr(importlib.import_module(facts.module), name) is cls
        assert ("resampler" in facts.kinds) is (hasattr(cls, "fit_resample") and name != "Pipeline")
        assert kinds_of(f"{facts.module}.{name}") == facts.kinds
    assert sampler_facts("imblearn.over_sampling.StandardScaler") is None
    assert kinds_of("imblearn.over_sampling.NoSuchThing") is None


@pytest.mark.parametrize("name", models.FUNCTIONS)
def test_every_function_exists(name: str) -> None:
    homes = [
        importlib.import_module(f"imblearn.{part}") for part in "pipeline datasets metrics model_selection".split()
    ]
    assert any(callable(getattr(home, name, None)) for home in homes)


# --- what comes out --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SAMPLERS)
def test_what_is_said_of_resampled_rows_is_so(name: str) -> None:
    assert falsehoods(example(f"{made(name)[1]}.fit_resample(X, y)[0]", name)) == []


@pytest.mark.parametrize("name", SAMPLERS)
def test_a_resampler_keeps_some_rows_or_makes_new_ones(name: str) -> None:
    """Those that keep some keep some as they are; others give rows that are not there, or are there more often."""
    asked = example(f"{made(name)[1]}.fit_resample(X, y)", name)
    program = text(asked)
    seen = followed(program)
    value, given = seen["result"].value, seen["X"].object
    assert isinstance(value, TupleValue)
    assert isinstance(given, Data)
    names = executed(program)
    before = [tuple(line) for line in names["X"].to_numpy()]
    after = [tuple(line) for line in names["result"][0].to_numpy()]
    parts = followed(program + "X_new, y_new = result\nX_new, y_new\n")
    for part in ("X_new", "y_new"):
        said = parts[part].object
        assert isinstance(said, Data)
        how = relation(said.rows, given)
        if how == "subset":
            assert len(after) < len(before)
            assert set(after) <= set(before)
        elif how == "same":
            assert after == before
        else:
            assert how == "made"
            assert set(after) - set(before) or len(after) > len(before)


@pytest.mark.parametrize("name", [name for name in SAMPLERS if name != "FunctionSampler"])
def test_a_resampler_minds_the_targets(name: str) -> None:
    asked = example(f"{made(name)[1]}.fit_resample(X, y)[0]", name)
    said = followed(text(asked))["result"].object
    assert isinstance(said, Data)
    assert [item.supervised for item in said.learned if item.family == "resampler"] == [True]
    plain = whole(executed(text(asked))["result"])
    assert any(whole(executed(text(asked, row, "twin"))["result"]) != plain for row in (1, 4, 20))


PICKING = [name for name in SAMPLERS if _base()["estimators"][name]["picks"]]


@pytest.mark.parametrize("name", PICKING)
def test_the_positions_it_picked_give_the_rows_it_kept(name: str) -> None:
    lines = f"s = {made(name)[1]}\nkept, _ = s.fit_resample(X, y)\nresult = X.iloc[s.sample_indices_]"
    asked = example("None", name)
    program = text(asked).removesuffix("\nresult\n") + f"\n{lines}\nresult, kept\n"
    seen = followed(program)
    taken, kept = seen["result"].object, seen["kept"].object
    assert isinstance(taken, Data)
    assert isinstance(kept, Data)
    assert taken.rows is not None
    # Where rows are there several times it is only known from which they are.
    assert kept.rows is not None
    assert taken.rows == kept.rows or kept.rows.made_from
    names = executed(program)
    assert whole(names["result"].reset_index(drop=True)) == whole(names["kept"].reset_index(drop=True))


LINES = """
    RandomUnderSampler(random_state=0, replacement=True).fit_resample(X, y)
    SMOTE(k_neighbors=2, random_state=0).fit_resample(X.to_numpy(), y.to_numpy())
    make_imbalance(X, y, sampling_strategy={0: 6, 1: 4}, random_state=0)
    make_pipeline(StandardScaler(), SMOTE(k_neighbors=2, random_state=0)).fit_resample(X, y)
    make_pipeline(SCALER, RandomUnderSampler(random_state=0)).fit_resample(X, y)
    make_pipeline(RandomUnderSampler(random_state=0), SCALER).fit_transform(X, y)
    make_pipeline(SMOTE(k_neighbors=2, random_state=0), StandardScaler()).fit_transform(X, y)
    make_pipeline(SMOTE(k_neighbors=2, random_state=0), StandardScaler()).fit(X, y).transform(X)
    make_pipeline(RandomUnderSampler(random_state=0), MinMaxScaler()).fit(X, y).transform(X)
    Pipeline([('less', RandomUnderSampler(random_state=0)), ('scale', StandardScaler())]).fit(X, y).transform(X)
    Pipeline([('more', SMOTE(k_neighbors=2)), ('scale', StandardScaler()), ('model', LogisticRegression())])
    Pipeline([('less', RandomUnderSampler(random_state=0)), ('model', LogisticRegression())]).fit(X, y).predict(X)
""".strip().split("\n")


@pytest.mark.parametrize("line", [line.strip() for line in LINES])
def test_what_is_said_is_so(line: str) -> None:
    assert falsehoods(example(line.replace("SCALER", "StandardScaler().set_output(transform='pandas')"))) == []


@pytest.mark.parametrize("name", ENSEMBLES)
def test_an_ensemble_learns_from_the_rows_of_its_fit(name: str) -> None:
    arguments = "n_estimators=2, random_state=0"
    line = f"{name}({arguments}).fit(X[:22], y[:22])"
    program = text(example(line, name)) + "shown = result.predict_proba(X)\nlabels = result.predict(X)\nshown, labels\n"
    seen = followed(program)
    model, shown, labels, given = (seen[part].object for part in ("result", "shown", "labels", "X"))
    assert isinstance(model, Estimator)
    assert isinstance(shown, Data)
    assert isinstance(labels, Data)
    assert isinstance(given, Data)
    assert "classifier" in model.kinds
    assert model.fitted is not None
    assert relation(model.fitted.rows, given) == "subset"
    assert (shown.role, labels.role) == ("probability", "prediction")
    assert shown.rows == labels.rows == given.rows
    names = executed(program)
    assert len(names["shown"]) == len(CLASSES)
    assert set(names["labels"]) <= {0, 1}
    assert abs(names["shown"].sum(axis=1) - 1).max() < 1e-9
