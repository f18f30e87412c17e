"""Containers are fitted on real rows with parts that write down which rows reach them: is that what is said of them?

The programs import scikit-learn's classes; for real they get subclasses of these that note the rows of each fit and
hand on what they are given as it is, so that rows can be told apart wherever they arrive.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from sklearn import decomposition, linear_model, neighbors, preprocessing, tree
from threadpoolctl import threadpool_limits

from mlsense.semantics.events import CrossValidate, Fit
from mlsense.semantics.models import estimators
from mlsense.semantics.program import Program
from mlsense.semantics.values import Data, Estimator, Ref
from mlsense.syntax import script
from models.observing import followed, relation

ROWS, TRAINED = 24, 16
# (class, rows by their marks), in the order in which it happened.
FITS: list[tuple[str, frozenset[float]]] = []


def marks(table: Any) -> frozenset[float]:
    """Which rows these are: the first column says so. New rows between others have marks between theirs."""
    return frozenset(np.asarray(table)[:, 0].tolist())


def recording(cls: Any) -> Any:
    """A subclass under the same name that notes the rows of each fit."""

    def fit(self: Any, X: Any, y: Any = None, sample_weight: Any = None) -> Any:
        FITS.append((cls.__name__, marks(X)))
        self.seen = marks(X)
        return cls.fit(self, X, y) if sample_weight is None else cls.fit(self, X, y, sample_weight=sample_weight)

    def transform(self: Any, X: Any, *options: Any, **more: Any) -> Any:
        return X

    def fit_transform(self: Any, X: Any, y: Any = None, **options: Any) -> Any:
        return self.fit(X, y).transform(X)

    methods: dict[str, Any] = {"fit": fit}
    if hasattr(cls, "transform"):
        methods |= {"transform": transform, "fit_transform": fit_transform}
    return type(cls.__name__, (cls,), methods)


RECORDING = {
    cls.__name__: recording(cls)
    for cls in (
        preprocessing.StandardScaler, preprocessing.MinMaxScaler, preprocessing.RobustScaler, decomposition.PCA,
        linear_model.LogisticRegression, linear_model.Ridge, tree.DecisionTreeClassifier,
        neighbors.KNeighborsClassifier,
    )
}  # fmt: skip
HEAD = """
import numpy as np
from imblearn.over_sampling import SMOTE
from imblearn.pipeline import Pipeline as Resampling, make_pipeline as make_resampling
from imblearn.under_sampling import RandomUnderSampler
from sklearn.base import clone
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import ColumnTransformer, TransformedTargetRegressor, make_column_transformer
from sklearn.ensemble import (AdaBoostClassifier, BaggingClassifier, StackingClassifier, StackingRegressor,
    VotingClassifier, VotingRegressor)
from sklearn.experimental import enable_halving_search_cv
from sklearn.feature_selection import RFE, RFECV, SelectFromModel
from sklearn.frozen import FrozenEstimator
from sklearn.model_selection import (FixedThresholdClassifier, GridSearchCV, HalvingGridSearchCV, HalvingRandomSearchCV,
    RandomizedSearchCV, TunedThresholdClassifierCV, cross_val_predict, cross_val_score, cross_validate, learning_curve,
    permutation_test_score, validation_curve)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import ClassifierChain, MultiOutputClassifier, MultiOutputRegressor, RegressorChain
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union
from sklearn.semi_supervised import SelfTrainingClassifier
import copy
"""
PARTS = """
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier
"""
# The mark of a row stands in its first column and in its last.
CELLS = [[n / 100, n % 5, n % 7, n / 100] for n in range(ROWS)]
TABLE = f"""
X = np.array({CELLS})
y = np.array([0, 1, 0, 1, 0, 0] * 4)
v = np.arange({ROWS}) * 1.5
Y = np.column_stack([y, np.arange({ROWS}) // 2 % 2])
V = np.column_stack([v, v + 1])
X_train, X_test = X[:{TRAINED}], X[{TRAINED}:]
y_train, y_test = y[:{TRAINED}], y[{TRAINED}:]
v_train = v[:{TRAINED}]
Y_train = Y[:{TRAINED}]
V_train = V[:{TRAINED}]
"""
TREE = "DecisionTreeClassifier(max_depth=2, random_state=0)"


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    with threadpool_limits(1):
        yield


def run(lines: str) -> dict[str, Any]:
    """For real, with parts that note what they see."""
    FITS.clear()
    names: dict[str, Any] = dict(RECORDING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        exec(compile(HEAD + TABLE + lines, "<example>", "exec"), names)
    return names


def text(lines: str) -> str:
    return HEAD + PARTS + TABLE + "X, X_train, X_test\n" + lines


def leaf_names(parts: tuple[Estimator, ...] | None) -> set[str]:
    return {leaf.cls.rpartition(".")[2] for leaf in parts or ()}


# --- what is fitted, on which rows ---------------------------------------------------------------------------

# A container, and the parts that its fit reaches; each with the targets it is given.
FITTED: dict[str, str] = {
    "Pipeline([('scale', StandardScaler()), ('pca', PCA()), ('model', LogisticRegression())])": "y_train",
    "make_pipeline(StandardScaler(), make_pipeline(MinMaxScaler(), PCA()), LogisticRegression())": "y_train",
    "make_pipeline(StandardScaler(), 'passthrough', Ridge())": "v_train",
    "ColumnTransformer([('a', StandardScaler(), [0]), ('b', MinMaxScaler(), [0, 1])])": "",
    "ColumnTransformer([('a', StandardScaler(), [0, 1, 2])], remainder=MinMaxScaler())": "",
    "make_column_transformer((StandardScaler(), [0]), (RobustScaler(), [0, 2]))": "",
    "make_column_transformer((StandardScaler(), [0, 1, 2]), remainder=RobustScaler())": "",
    "FeatureUnion([('scale', StandardScaler()), ('pca', PCA())])": "",
    "make_union(StandardScaler(), MinMaxScaler())": "",
    "TransformedTargetRegressor(Ridge(), func=np.log1p, inverse_func=np.expm1)": "v_train",
    "GridSearchCV(make_pipeline(StandardScaler(), LogisticRegression()), {'standardscaler__with_std': [True]}, cv=2)": (
        "y_train"
    ),
    f"RandomizedSearchCV({TREE}, {{'max_depth': [1, 2]}}, n_iter=2, cv=2)": "y_train",
    f"HalvingGridSearchCV({TREE}, {{'max_depth': [1, 2]}}, cv=2, min_resources=8)": "y_train",
    f"HalvingRandomSearchCV({TREE}, {{'max_depth': [1, 2]}}, cv=2, min_resources=8, random_state=0)": "y_train",
    "CalibratedClassifierCV(LogisticRegression(), cv=2)": "y_train",
    f"VotingClassifier([('tree', {TREE}), ('b', make_pipeline(StandardScaler(), KNeighborsClassifier()))])": "y_train",
    "VotingRegressor([('ridge', Ridge())])": "v_train",
    f"StackingClassifier([('tree', {TREE}), ('near', KNeighborsClassifier())], cv=2)": "y_train",
    "StackingRegressor([('ridge', make_pipeline(StandardScaler(), Ridge()))], cv=2)": "v_train",
    "OneVsRestClassifier(LogisticRegression())": "y_train",
    "OneVsOneClassifier(LogisticRegression())": "y_train",
    "OutputCodeClassifier(LogisticRegression(), random_state=0)": "y_train",
    "MultiOutputClassifier(LogisticRegression())": "Y_train",
    "MultiOutputRegressor(Ridge())": "V_train",
    "ClassifierChain(LogisticRegression())": "Y_train",
    "RegressorChain(Ridge())": "V_train",
    f"BaggingClassifier({TREE}, n_estimators=9, random_state=0)": "y_train",
    f"AdaBoostClassifier({TREE}, n_estimators=2, random_state=0)": "y_train",
    f"SelfTrainingClassifier({TREE})": "y_train",
    f"FixedThresholdClassifier({TREE})": "y_train",
    f"TunedThresholdClassifierCV({TREE}, cv=2, thresholds=4)": "y_train",
    "make_resampling(StandardScaler(), LogisticRegression())": "y_train",
    "make_resampling(StandardScaler(), RandomUnderSampler(random_state=0), LogisticRegression())": "y_train",
    "make_resampling(SMOTE(k_neighbors=2, random_state=0), StandardScaler(), LogisticRegression())": "y_train",
    "Resampling([('scale', StandardScaler()), ('model', LogisticRegression())])": "y_train",
}  # fmt: skip
# A `TransformedTargetRegressor` and its kind count themselves among their parts, resamplers are not written down.
THEMSELVES = {*estimators.WRAPPERS, "SMOTE", "RandomUnderSampler"}


@pytest.mark.parametrize("made", FITTED)
def test_a_fit_reaches_the_parts_it_is_said_to_reach_with_rows_of_its_own(made: str) -> None:
    given = FITTED[made]
    lines = f"model = {made}\nmodel.fit(X_train{', ' + given if given else ''})\n"
    trace = Program().follow(script("example.py", text(lines)))
    fits = list(trace.of(Fit))
    assert len(fits) == 1
    assert fits[0].record.rows == followed(text(lines))["X_train"].object.rows  # type: ignore[union-attr]
    names = run(lines)
    assert {name for name, _ in FITS} == leaf_names(fits[0].leaves) - THEMSELVES
    train = names["X_train"][:, 0]
    reached = frozenset.union(*(seen for _, seen in FITS))
    # New rows lie between those they were made of.
    assert train.min() <= min(reached)
    assert max(reached) <= train.max()
    assert reached >= marks(names["X_train"]) or made.startswith(("Bagging", "AdaBoost")) or "Under" in made


VALIDATED = {
    "cross_val_score": "cross_val_score({}, X, y, cv=3)",
    "cross_val_predict": "cross_val_predict({}, X, y, cv=3)",
    "cross_validate": "cross_validate({}, X, y, cv=3)",
    "permutation_test_score": "permutation_test_score({}, X, y, cv=3, n_permutations=1)",
    "GridSearchCV": "GridSearchCV({}, {{}}, cv=3, refit=False).fit(X, y)",
    "RandomizedSearchCV": "RandomizedSearchCV({}, {{}}, n_iter=1, cv=3, refit=False).fit(X, y)",
    "learning_curve": "learning_curve({}, X, y, cv=3, train_sizes=[1.0])",
}


@pytest.mark.parametrize("callee", VALIDATED)
@pytest.mark.parametrize("made", ["LogisticRegression()", "make_pipeline(StandardScaler(), LogisticRegression())"])
def test_in_cross_validation_every_fold_is_left_out_once(callee: str, made: str) -> None:
    lines = f"model = {made}\nscores = {VALIDATED[callee].format('model')}\nmodel\n"
    trace = Program().follow(script("example.py", text(lines)))
    events = list(trace.of(CrossValidate))
    seen = followed(text(lines))
    assert [event.callee for event in events] == [callee]
    assert events[0].x == seen["X"].object
    names = run(lines)
    assert {name for name, _ in FITS} == leaf_names(events[0].leaves)
    everything = marks(names["X"])
    left = [everything - rows for name, rows in FITS if name == "LogisticRegression"]
    assert all(left)
    assert frozenset.union(*left) == everything
    # It works on copies: what it was handed stays as it was.
    model = seen["model"].object
    assert isinstance(model, Estimator)
    assert model.fitted is None
    assert not hasattr(names["model"], "seen")


# --- parts, copies, and what becomes of them -----------------------------------------------------------------

PIPE = "pipe = Pipeline([('scale', StandardScaler()), ('pca', PCA()), ('model', LogisticRegression())])"
FIT = "pipe.fit(X_train, y_train)"
# Lines, then expressions of which each is an estimator: its class, and the rows of its fit, must be what is said.
REACHED: list[tuple[str, str]] = [
    (f"{PIPE}", "pipe['scale'] | pipe[0] | pipe[-1] | pipe.named_steps['model'] | pipe.named_steps.pca"),
    (f"{PIPE}", "pipe.steps[1][1] | pipe[1:][0]"),
    (f"{PIPE}\n{FIT}", "pipe['scale'] | pipe[0] | pipe[-1] | pipe.named_steps['model'] | pipe.named_steps.pca"),
    (f"{PIPE}\n{FIT}", "pipe.steps[-1][1] | pipe[:-1][0] | pipe[1:][0] | pipe[:-1]['scale'] | pipe[-2]"),
    (f"{PIPE}\n{FIT}\nother = clone(pipe)", "other['scale'] | pipe['scale'] | other[-1]"),
    (f"{PIPE}\nother = clone(pipe)\nother.fit(X, y)", "other['scale'] | pipe['scale'] | other[-1] | pipe[-1]"),
    (f"{PIPE}\n{FIT}\nother = copy.deepcopy(pipe)\nother.fit(X, y)", "other['scale'] | pipe['scale']"),
    (f"{PIPE}\npipe.set_params(scale=MinMaxScaler())\n{FIT}", "pipe['scale'] | pipe[0]"),
    (f"{PIPE}\n{FIT}\npipe.set_params(model=Ridge())", "pipe['scale'] | pipe['model']"),
    (f"{PIPE}\npipe.set_params(model__C=2)\n{FIT}", "pipe['model']"),
    (f"scaler = StandardScaler()\npipe = make_pipeline(scaler, LogisticRegression())\n{FIT}", "scaler | pipe[0]"),
    (f"scaler = StandardScaler()\npipe = make_union(scaler, PCA())\n{FIT}", "scaler | pipe.transformer_list[0][1]"),
    (f"pipe = make_pipeline(PCA(), PCA(), Ridge())\n{FIT}", "pipe['pca-1'] | pipe['pca-2'] | pipe['ridge']"),
    (
        f"scaler = StandardScaler()\npipe = ColumnTransformer([('a', scaler, [0]), ('b', PCA(), [0, 1])])\n{FIT}",
        "scaler | pipe.named_transformers_['a'] | pipe.named_transformers_.b",
    ),
    (
        f"inner = make_column_transformer((StandardScaler(), [0]))\npipe = make_pipeline(inner, Ridge())\n{FIT}",
        "pipe[0].named_transformers_['standardscaler'] | pipe['ridge']",
    ),
    (
        f"tree = {TREE}\npipe = GridSearchCV(tree, {{'max_depth': [1]}}, cv=2)\n{FIT}",
        "tree | pipe.best_estimator_ | pipe.estimator",
    ),
    (
        "base = make_pipeline(StandardScaler(), LogisticRegression())\n"
        f"pipe = GridSearchCV(base, {{'logisticregression__C': [1]}}, cv=2)\n{FIT}",
        "base[0] | pipe.best_estimator_[0] | pipe.best_estimator_.named_steps['logisticregression']",
    ),
    (
        f"one = {TREE}\npipe = VotingClassifier([('one', one), ('two', KNeighborsClassifier())])\n{FIT}",
        "one | pipe.estimators_[0] | pipe.estimators_[1] | pipe.named_estimators_['two'] | pipe.named_estimators_.one",
    ),
    (f"pipe = StackingClassifier([('one', {TREE})])\n{FIT}", "pipe.estimators_[0] | pipe.named_estimators_['one']"),
    (f"one = LogisticRegression()\npipe = OneVsRestClassifier(one)\n{FIT}", "one | pipe.estimators_[0]"),
    ("one = Ridge()\npipe = MultiOutputRegressor(one)\npipe.fit(X_train, V_train)", "one | pipe.estimators_[1]"),
    ("one = Ridge()\npipe = TransformedTargetRegressor(one)\npipe.fit(X_train, v_train)", "one | pipe.regressor_"),
    (f"one = {TREE}\npipe = SelectFromModel(one)\n{FIT}", "one | pipe.estimator_"),
    (f"one = {TREE}\npipe = RFE(one, n_features_to_select=4)\n{FIT}", "one | pipe.estimator_"),
    (f"one = {TREE}\npipe = FixedThresholdClassifier(one)\n{FIT}", "one | pipe.estimator_"),
    (f"one = {TREE}\npipe = TunedThresholdClassifierCV(one, cv=2, thresholds=4)\n{FIT}", "one | pipe.estimator_"),
    (f"one = {TREE}\npipe = BaggingClassifier(one, n_estimators=2)\n{FIT}", "one | pipe.estimator"),
    (f"one = {TREE}.fit(X, y)\npipe = FrozenEstimator(one)\n{FIT}", "one | pipe.estimator"),
    (
        f"one = StandardScaler().fit(X)\npipe = make_pipeline(FrozenEstimator(one), LogisticRegression())\n{FIT}",
        "one | pipe[-1] | pipe[0].estimator",
    ),
    (f"one = {TREE}.fit(X, y)\npipe = CalibratedClassifierCV(FrozenEstimator(one))\n{FIT}", "one"),
    (
        f"pipe = make_resampling(StandardScaler(), PCA(), LogisticRegression())\n{FIT}",
        "pipe[0] | pipe['pca'] | pipe[:-1][0] | pipe.named_steps['logisticregression']",
    ),
]  # fmt: skip
CASES = [(lines, part.strip()) for lines, parts in REACHED for part in parts.split(" | ")]


@pytest.mark.parametrize(("lines", "part"), [pytest.param(*case, id=f"{case[0]} {case[1]}") for case in CASES])
def test_a_part_is_fitted_on_the_rows_it_is_said_to_be_fitted_on(lines: str, part: str) -> None:
    code = f"{lines}\nresult = {part}\nresult\n"
    seen, names = followed(text(code)), run(code)
    said, real = seen["result"].object, names["result"]
    assert isinstance(said, Estimator), "not followed"
    assert isinstance(seen["result"].value, Ref)
    assert said.cls.rpartition(".")[2] == type(real).__name__
    rows = getattr(real, "seen", None)
    assert (said.fitted is not None) is (rows is not None)
    if said.fitted is not None:
        assert said.fitted.rows is not None
        tables = {name: seen[name].object for name in ("X", "X_train")}
        named = [name for name, table in tables.items() if isinstance(table, Data) and table.rows == said.fitted.rows]
        assert [marks(names[name]) for name in named] == [rows]


@pytest.mark.parametrize(
    ("lines", "learned"),
    [
        (f"{PIPE}\n{FIT}\nresult = pipe['scale'].transform(X_test)", ["X_train"]),
        (f"{PIPE}\n{FIT}\nresult = pipe[:-1].transform(X_test)", ["X_train"]),
        (f"{PIPE}\nresult = X_test", []),
        ("one = StandardScaler().fit(X)\npipe = make_pipeline(FrozenEstimator(one), PCA()).fit(X_train, y_train)\n"
         "result = pipe.transform(X_test)", ["X_train", "X"]),
        ("one = StandardScaler().fit(X)\nresult = FrozenEstimator(one).fit(X_train, y_train).transform(X_test)", ["X"]),
        ("search = GridSearchCV(make_pipeline(StandardScaler(), LogisticRegression()), {}, cv=2)\n"
         "search.fit(X_train, y_train)\nresult = search.best_estimator_[0].transform(X_test)", ["X_train"]),
    ],
)  # fmt: skip
def test_what_a_part_gives_was_learned_from_the_rows_of_its_fit(lines: str, learned: list[str]) -> None:
    code = f"{lines}\nresult\n"
    seen = followed(text(code))
    run(code)
    said = seen["result"].object
    assert isinstance(said, Data)
    assert said.rows == seen["X_test"].object.rows  # type: ignore[union-attr]
    tables = {seen[name].object.rows: name for name in ("X", "X_train")}  # type: ignore[union-attr]
    assert sorted({tables[item.rows] for item in said.learned}) == sorted(learned)


@pytest.mark.parametrize("attribute", ["best_estimator_", "predict"])
def test_a_search_that_does_not_refit_leaves_no_model(attribute: str) -> None:
    search = f"search = GridSearchCV({TREE}, {{}}, cv=2, refit=False).fit(X_train, y_train)"
    code = f"{search}\nresult = search.best_estimator_\n"
    seen = followed(text(f"{code}result\n")).get("result")
    assert seen is None or not isinstance(seen.object, Estimator)
    with pytest.raises(AttributeError):
        run(code.replace("result = search.best_estimator_", f"search.{attribute}"))


@pytest.mark.parametrize("under", [True, False])
def test_a_step_after_a_resampler_is_fitted_on_the_rows_it_hands_on(under: bool) -> None:
    sampler = "RandomUnderSampler(random_state=0)" if under else "SMOTE(k_neighbors=2, random_state=0)"
    code = (
        f"pipe = make_resampling({sampler}, StandardScaler(), LogisticRegression())\n{FIT}\nresult = pipe[1]\nresult\n"
    )
    seen, names = followed(text(code)), run(code)
    said, train = seen["result"].object, seen["X_train"].object
    assert isinstance(said, Estimator)
    assert isinstance(train, Data)
    assert said.fitted is not None
    assert relation(said.fitted.rows, train) == ("subset" if under else "made")
    rows = marks(names["X_train"])
    assert names["result"].seen < rows if under else names["result"].seen > rows
