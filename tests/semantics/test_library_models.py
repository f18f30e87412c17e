"""What the tables say of libraries is what the libraries do: each entry is tried on real data."""

from __future__ import annotations

import importlib
import pkgutil
import warnings
from dataclasses import dataclass, field
from importlib.util import find_spec
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import pytest
import sklearn
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.discovery import all_estimators

from mlsense.knowledge import estimator_facts
from mlsense.knowledge.scaling import DECISIVE
from mlsense.semantics.models import numpy as numpy_models
from mlsense.semantics.models import pandas as pandas_models
from mlsense.semantics.models import sklearn as sklearn_models
from mlsense.semantics.models import torch as torch_models
from mlsense.semantics.models.estimators import (
    SEARCHES,
    TRANSFORMERS,
    WRAPPERS,
    TransformerModel,
    kinds_of,
    transformer_model,
)
from mlsense.semantics.models.frames import METHODS

if TYPE_CHECKING:
    from collections.abc import Iterator

# --- names -------------------------------------------------------------------------------------------

# In older releases only, and still in people's programs.
GONE = {
    "sklearn": {"load_boston", "utils._indexing.resample"},
    "numpy": {"row_stack", "in1d", "trapz", "float_"},
    "torch": set(),
    "pandas": {"value_counts"},
}


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def public_modules(root: Any) -> Iterator[Any]:
    """A library and its public modules one level down."""
    yield root
    for found in pkgutil.iter_modules(root.__path__, root.__name__ + "."):
        name = found.name.rpartition(".")[2]
        if not name.startswith("_") and name not in ("conftest", "tests", "testing"):
            try:
                yield importlib.import_module(found.name)
            except ImportError:
                continue


def is_reached(modules: list[Any], name: str) -> bool:
    """Whether some module has it: `random.normal` as `numpy.random.normal`."""
    for module in modules:
        thing = module
        for part in name.split("."):
            try:
                # A module inside a package is an attribute only once somebody has imported it.
                if not hasattr(thing, part) and hasattr(thing, "__path__") and find_spec(f"{thing.__name__}.{part}"):
                    importlib.import_module(f"{thing.__name__}.{part}")
                thing = getattr(thing, part, None)
            except ImportError:  # gone, and it says so at length
                thing = None
        if thing is not None:
            return True
    return False


@pytest.mark.parametrize(
    ("library", "table"),
    [
        ("sklearn", sklearn_models.FUNCTIONS),
        ("numpy", numpy_models.FUNCTIONS),
        ("pandas", pandas_models.FUNCTIONS),
        pytest.param("torch", torch_models.FUNCTIONS, marks=pytest.mark.torch),
    ],
)
def test_every_function_in_the_tables_exists(library: str, table: dict[str, object]) -> None:
    if find_spec(library) is None:
        pytest.skip(f"{library} is not installed")
    root = importlib.import_module(library)
    modules = list(public_modules(root)) if library == "sklearn" else [root]
    if library == "numpy":
        # A generator's methods are looked up beside the functions.
        modules.append(SimpleNamespace(random=np.random.default_rng()))
    if library == "torch":
        modules += [
            importlib.import_module(name) for name in ("torch.utils.data", "torch.nn", "torch.optim.lr_scheduler")
        ]
    missing = {name for name in table if not is_reached(modules, name)}
    assert missing <= GONE[library]


def test_every_estimator_in_the_tables_exists() -> None:
    names = {*TRANSFORMERS, *SEARCHES, *WRAPPERS, *DECISIVE}
    assert {name for name in names if estimator_facts(name) is None} == set()


def test_sklearns_own_kinds_reach_the_analysis() -> None:
    for name, cls in all_estimators(type_filter="transformer"):
        module = cls.__module__.split("._")[0]
        assert "transformer" in (kinds_of(f"{module}.{name}") or ()), name
        assert transformer_model(f"{module}.{name}") is not None, name
    assert transformer_model("sklearn.svm.SVC") is None


# --- what transformers learn -------------------------------------------------------------------------

DICE = np.random.default_rng(0)
CLASSES = np.repeat([0, 1], 30)


def numbers(informative: int) -> Any:
    """Positive numbers below 1, one column of which follows the classes."""
    table = DICE.uniform(0.05, 0.5, (60, 5)) * DICE.uniform(0.5, 1.0, 5)
    table[:, informative] += CLASSES * 0.4
    return table


@dataclass(frozen=True)
class Trial:
    """Two tables to learn from, one to transform, the arguments of the transformer, and whether it takes targets."""

    one: Any = field(default_factory=lambda: numbers(0))
    other: Any = field(default_factory=lambda: numbers(3) ** 2)
    given: Any = field(default_factory=lambda: DICE.uniform(0.3, 0.5, (20, 5)))
    arguments: dict[str, Any] = field(default_factory=dict)
    targets: bool = True


def with_gaps(table: Any, column: int = 1) -> Any:
    table = table.copy()
    table[::4, column] = np.nan
    return table


def constant_in(table: Any, column: int) -> Any:
    table = table.copy()
    table[:, column] = 0.5
    return table


WORDS = Trial(["good film", "bad film", "film"], ["good play", "fine"], ["good film", "good play film"], targets=False)
MAPPINGS = Trial([{"a": 1.0}, {"b": 2.0}], [{"c": 1.0}], [{"a": 3.0, "c": 1.0}], targets=False)
LABELS = Trial(["a", "b", "c"], ["b", "c"], ["b", "c", "b"], targets=False)
KERNEL = Trial(numbers(0)[:20] @ numbers(0)[:20].T, numbers(3)[:20] @ numbers(3)[:20].T, DICE.uniform(size=(4, 20)))
GAPS = Trial(with_gaps(numbers(0)), with_gaps(numbers(3) * 2), with_gaps(DICE.uniform(size=(20, 5))))
KNOWN = Trial(*(np.array([["a"], ["b"], ["c"]] * 20)[:count] for count in (60, 59, 6)))
TREE = DecisionTreeClassifier(random_state=0)
ONE_COMPONENT = Trial(arguments={"n_components": 1})
TRIALS: dict[str, Trial] = {
    "CCA": ONE_COMPONENT,
    "CountVectorizer": WORDS,
    "DictVectorizer": MAPPINGS,
    "FeatureHasher": MAPPINGS,
    "GenericUnivariateSelect": Trial(arguments={"mode": "k_best", "param": 2}),
    "HashingVectorizer": WORDS,
    "IsotonicRegression": Trial(numbers(0)[:, 0], numbers(3)[:, 0], numbers(0)[:9, 0]),
    "IterativeImputer": GAPS,
    "KNNImputer": GAPS,
    "KernelCenterer": KERNEL,
    "LabelBinarizer": LABELS,
    "LabelEncoder": LABELS,
    "LinearDiscriminantAnalysis": ONE_COMPONENT,
    "MissingIndicator": Trial(
        with_gaps(numbers(0), 1),
        with_gaps(with_gaps(numbers(0), 1), 2),
        with_gaps(with_gaps(numbers(0), 1), 2),
        {"error_on_new": False},
    ),
    "MultiLabelBinarizer": Trial([{"a", "b"}, {"c"}], [{"b"}, {"c"}], [{"b"}, {"c", "b"}], targets=False),
    "OneHotEncoder": Trial(
        np.array([["a"], ["b"], ["c"]] * 20),
        np.array([["b"], ["c"]] * 30),
        np.array([["b"], ["c"]]),
        {"sparse_output": False},
    ),
    "OrdinalEncoder": Trial(
        np.array([["a"], ["b"], ["c"]] * 20), np.array([["b"], ["c"]] * 30), np.array([["b"], ["c"]])
    ),
    "PLSCanonical": ONE_COMPONENT,
    "PLSSVD": ONE_COMPONENT,
    "PatchExtractor": Trial(*(DICE.uniform(size=(n, 6, 6)) for n in (3, 4, 2)), {"patch_size": (2, 2)}, targets=False),
    "RFE": Trial(arguments={"estimator": TREE, "n_features_to_select": 2}),
    "RFECV": Trial(arguments={"estimator": TREE}),
    "SelectFromModel": Trial(arguments={"estimator": TREE}),
    "SelectKBest": Trial(arguments={"k": 2}),
    "SequentialFeatureSelector": Trial(arguments={"estimator": TREE}),
    "SimpleImputer": GAPS,
    "SparseCoder": Trial(arguments={"dictionary": np.eye(5)}),
    "TargetEncoder": Trial(
        np.array([["a"]] * 30 + [["b"]] * 30), np.array([["a"]] * 50 + [["b"]] * 10), np.array([["a"], ["b"]])
    ),
    "TfidfTransformer": Trial((numbers(0) > 0.3) + 0.0, np.ones((9, 5)), np.ones((4, 5))),
    "TfidfVectorizer": WORDS,
    "VarianceThreshold": Trial(constant_in(numbers(0), 1), constant_in(numbers(0), 2)),
}
# Made of other estimators, or without a `transform`.
NOT_TRIED = {
    "ColumnTransformer", "FeatureUnion", "StackingClassifier", "StackingRegressor", "TSNE", "VotingClassifier",
    "VotingRegressor",
}  # fmt: skip
TRANSFORMER_CLASSES = {
    name: cls for name, cls in all_estimators() if hasattr(cls, "transform") and transformer_model(f"sklearn.{name}")
}


def made(name: str) -> Any:
    cls = TRANSFORMER_CLASSES[name]
    facts = estimator_facts(name)
    assert facts is not None
    usual = {"random_state": 0, "n_components": 2}
    arguments = {key: value for key, value in usual.items() if key in facts.params}
    return cls(**(arguments | TRIALS.get(name, Trial()).arguments))


def model_of(name: str) -> TransformerModel:
    model = transformer_model(f"sklearn.{name}")
    assert model is not None
    return model


def transformed(name: str, table: Any, given: Any, targets: Any) -> Any:
    transformer = made(name)
    transformer.fit(table) if targets is None else transformer.fit(table, targets[: len(table)])
    result = transformer.transform(given)
    result = result[0] if isinstance(result, tuple) else result
    return result.toarray() if hasattr(result, "toarray") else np.asarray(result, dtype=float)


def differ(one: Any, other: Any) -> bool:
    return one.shape != other.shape or not np.allclose(one, other, equal_nan=True)


@pytest.mark.parametrize("name", sorted(TRANSFORMER_CLASSES.keys() - NOT_TRIED))
def test_a_transformer_learns_if_and_only_if_the_table_says_so(name: str) -> None:
    """Fitted on other rows, what learns gives other numbers for the same rows."""
    trial = TRIALS.get(name, Trial())
    targets = CLASSES if trial.targets else None
    one, other = (transformed(name, table, trial.given, targets) for table in (trial.one, trial.other))
    assert differ(one, other) is not model_of(name).stateless


@pytest.mark.parametrize(
    "name", sorted(name for name, model in TRANSFORMERS.items() if model.supervised and name in TRANSFORMER_CLASSES)
)
def test_what_is_called_supervised_follows_the_targets(name: str) -> None:
    turned = np.tile([0, 1], 30)
    follows_both = numbers(0)
    follows_both[:, 3] += turned * 0.4
    trial = TRIALS.get(name, Trial())
    table = trial.one if trial.one.dtype.kind == "U" else follows_both
    one, other = (transformed(name, table, trial.given, targets) for targets in (CLASSES, turned))
    assert differ(one, other)


def scale_trial(name: str) -> Any:
    """Ten times as wide in each column as in the one before."""
    table = np.random.default_rng(1).uniform(1, 2, (60, 4)) * 10.0 ** np.arange(4)
    return with_gaps(table) if "Imputer" in name else table


@pytest.mark.parametrize(
    "name",
    sorted(
        name
        for name, model in TRANSFORMERS.items()
        if name in TRANSFORMER_CLASSES
        and model.family in ("scaler", "imputer", "selector", "other")
        and model.scale in ("standardised", "bounded", None)
    ),
)
def test_the_scale_of_what_comes_out(name: str) -> None:
    """Scaled columns are equally wide within a factor of 10, others stay as unequal as they were."""
    table = scale_trial(name)
    result = made(name).fit(table, CLASSES).transform(table)
    widths = np.ptp(result, axis=0)
    if model_of(name).scale is None:
        before = np.nanmax(table, axis=0) - np.nanmin(table, axis=0)
        assert all(np.isclose(width, before).any() for width in widths)
    else:
        assert widths.max() < 10 * widths.min()


@pytest.mark.parametrize("name", ["Normalizer", "TfidfVectorizer", "TfidfTransformer", "HashingVectorizer"])
def test_what_is_called_normalised_makes_rows_of_length_one(name: str) -> None:
    assert model_of(name).scale == "normalised"
    trial = TRIALS.get(name, Trial())
    result = transformed(name, trial.one, trial.given, None)
    assert np.allclose(np.linalg.norm(result, axis=1), 1)


# --- what methods of tables do to rows ---------------------------------------------------------------

# Each row of these looks at rows beside it: an order in time, no statistic.
NEIGHBOURS = frozenset(
    "ffill bfill pad backfill interpolate shift diff pct_change cumsum cumprod cummax cummin".split()
)
# They lay the table out anew: the rows are the same, only not one to one.
LAID_OUT = frozenset("melt stack unstack reset_index explode join".split())


def table() -> pd.DataFrame:
    gap = float("nan")
    columns = {"a": [1.0, 2.0, gap, 4.0, 7.0, 2.0], "b": [5.0, 1.0, 8.0, gap, 2.0, 1.0]}
    return pd.DataFrame(columns, index=list("pqrstu"))


def methods(thing: Any) -> list[str]:
    """Those of the table of effects that can be called without arguments."""
    found = []
    for name in METHODS:
        if hasattr(thing, name) and name not in NEIGHBOURS | LAID_OUT | {"plot", "hist", "boxplot", "info"}:
            try:
                getattr(thing.copy(), name)()
            except (TypeError, ValueError, ImportError, AttributeError):
                continue
            found.append(name)
    return sorted(found)


CALLS = [
    pytest.param(kind, name, id=f"{kind}.{name}")
    for kind, thing in (("frame", table()), ("series", table()["a"]))
    for name in methods(thing)
]


def test_many_methods_are_tried() -> None:
    assert len(CALLS) > 80


@pytest.mark.parametrize(("kind", "name"), CALLS)
def test_a_method_does_to_the_rows_what_its_effect_says(kind: str, name: str) -> None:
    effect = METHODS[name]
    before = table() if kind == "frame" else table()["a"]
    after = before.copy()
    after.loc["s"] = -50.0
    result, changed = getattr(before, name)(), getattr(after, name)()
    labels = list(before.index)
    if effect.rows == "subset":
        assert set(result.index) <= set(labels)
        assert len(result) < len(labels) or name == "truncate"
    elif effect.rows == "none":
        assert not isinstance(result, (pd.DataFrame, pd.Series)) or sorted(result.index) != labels
    elif effect.rows == "same" and isinstance(result, (pd.DataFrame, pd.Series)):
        assert sorted(result.index) == labels
        # A row that changes changes others only where something is learned over rows.
        others = [label for label in labels if label != "s"]
        assert result.loc[others].equals(changed.loc[others]) is (not effect.learns)


def test_sklearn_is_what_was_imported() -> None:
    """The models are modules of the same names as the libraries; neither shadows the other."""
    assert sklearn.__version__
    assert sklearn_models.__name__ == "mlsense.semantics.models.sklearn"
