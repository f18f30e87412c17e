"""Every predictor is fitted on real rows: what does it say of which rows, and from which has it learned that?"""

from __future__ import annotations

import importlib
import inspect
import warnings
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

import numpy as np
import pytest
from scipy import sparse
from threadpoolctl import threadpool_limits

from mlsense.knowledge import estimator_facts
from mlsense.knowledge.sklearn import _base
from mlsense.semantics.events import Evaluate, Fit
from mlsense.semantics.models import estimators
from mlsense.semantics.program import Program
from mlsense.semantics.regions import NO_ROWS
from mlsense.semantics.values import Data, Estimator, ListObject, TupleValue
from mlsense.syntax import script
from models import test_transformer_rows as transformers
from models.observing import Text, _column, _kind, _shown, executed, followed, lines_of, relation, whole

ROWS, TRAINED = 12, 8
# Rows that are learned from and how they are changed, the likeliest to matter first; then rows that are not.
CHANGES = [(row, way) for way in ("up", "twin", "down", "zero") for row in (1, 4, 6, 2, 7, 0, 3, 5)]
UNSEEN = [(10, "up"), (10, "twin"), (9, "down")]
CLASSES = [0, 1] * 6
AMOUNTS = [2.1, 3.9, 2.4, 3.6, 2.2, 3.95, 2.6, 3.3, 2.5, 3.7, 2.05, 3.5]


def _targets(row: int | None, way: str) -> str:
    """The same targets in the forms that are asked for; a row's are exchanged for another's."""
    changed = row if way == "twin" else None
    classes = list(CLASSES) if changed is None else [1 - c if n == row else c for n, c in enumerate(CLASSES)]
    amounts = _column(AMOUNTS, changed, "up")
    return (
        f"y = np.array({classes})\nv = np.array({_shown(amounts)})\n"
        "Y = np.column_stack([y, (y + np.arange(12) // 2) % 2])\nV = np.column_stack([v, v * (np.arange(12) % 3)])\n"
        "part = np.where(np.arange(12) % 5 == 3, -1, y)"
    )


def _whole_numbers(row: int | None, way: str) -> str:
    cells = [[float(n % 3), float(n % 2)] for n in range(ROWS)]
    if row is not None and way != "twin":
        cells[row] = [2.0 - cells[row][0], 1.0 - cells[row][1]]
    return f"X = np.array({cells})"


def _few_columns(row: int | None, way: str) -> str:
    numbers = way if way != "twin" else ""
    columns = [_column(column, row if numbers else None, numbers) for column in transformers.COLUMNS[1:3]]
    return f"X = np.array([{', '.join(_shown(list(line)) for line in zip(*columns, strict=True))}])"


def _column_alone(row: int | None, way: str) -> str:
    numbers = way if way != "twin" else ""
    return f"X = np.array({_shown(_column(transformers.FIRST, row if numbers else None, numbers))})"


def _around_zero(row: int | None, way: str) -> str:
    numbers = way if way != "twin" else ""
    columns = [[cell - 1.5 for cell in transformers.FIRST], [(cell - 15) / 5 for cell in transformers.SECOND]]
    changed = [_column(column, row if numbers else None, numbers) for column in columns]
    return f"X = np.array([{', '.join(_shown(list(line)) for line in zip(*changed, strict=True))}])"


TABLES: dict[str, Text] = {
    "SGDOneClassSVM": _around_zero,
    **dict.fromkeys(["CategoricalNB"], _whole_numbers),
    "IsotonicRegression": _column_alone,
}
USUAL = {
    "random_state": "0", "n_estimators": "3", "n_neighbors": "3", "n_clusters": "3", "n_components": "2", "cv": "2",
    "max_iter": "20",
}  # fmt: skip
TREE = "DecisionTreeClassifier(max_depth=2, random_state=0)"
REGRESSOR = "DecisionTreeRegressor(max_depth=3, random_state=0)"
ARGUMENTS: dict[str, str] = {
    **dict.fromkeys(("AdaBoostClassifier", "BaggingClassifier"), f"{TREE}, n_estimators=3, random_state=0"),
    **dict.fromkeys(("AdaBoostRegressor", "BaggingRegressor"), f"{REGRESSOR}, n_estimators=3, random_state=0"),
    **dict.fromkeys(["CCA", "PLSCanonical", "PLSRegression"], "n_components=1"),
    **dict.fromkeys("OneVsOneClassifier OneVsRestClassifier MultiOutputClassifier ClassifierChain".split(), TREE),
    **dict.fromkeys(["MultiOutputRegressor", "RegressorChain"], REGRESSOR),
    "IsotonicRegression": "out_of_bounds='clip'",
    "OrthogonalMatchingPursuitCV": "cv=2, max_iter=1",
    "RadiusNeighborsClassifier": "radius=30, outlier_label=0",
    **dict.fromkeys(["RadiusNeighborsRegressor", "RadiusNeighborsTransformer"], "radius=30"),
    "SpectralBiclustering": "n_clusters=2, n_best=2, random_state=0",
    "FeatureAgglomeration": "n_clusters=2",
    **dict.fromkeys("GridSearchCV HalvingGridSearchCV".split(), f"{TREE}, {{'max_depth': [1, 2]}}, cv=2"),
    **dict.fromkeys(
        "RandomizedSearchCV HalvingRandomSearchCV".split(), f"{TREE}, {{'max_depth': [1, 2]}}, cv=2, random_state=0"
    ),
    "Birch": "n_clusters=2, threshold=0.1",
    "CalibratedClassifierCV": f"{TREE}, cv=2",
    "DummyClassifier": "strategy='prior'",
    "EllipticEnvelope": "random_state=0, support_fraction=0.9",
    "MinCovDet": "random_state=0, support_fraction=0.9",
    "FixedThresholdClassifier": TREE,
    "GaussianProcessClassifier": "kernel=RBF(20.0), random_state=0",
    "NearestNeighbors": "n_neighbors=3, radius=30",
    "SGDOneClassSVM": "nu=0.4, random_state=0",
    **dict.fromkeys(["LabelPropagation", "LabelSpreading"], "kernel='knn', n_neighbors=3"),
    "GaussianMixture": "n_components=2, random_state=0",
    "GradientBoostingClassifier": "n_estimators=3, max_depth=1, random_state=0",
    "GradientBoostingRegressor": "n_estimators=3, max_depth=1, random_state=0",
    "HDBSCAN": "min_cluster_size=2",
    "DBSCAN": "eps=12, min_samples=2",
    "OPTICS": "min_samples=2",
    "HistGradientBoostingClassifier": "max_iter=2, min_samples_leaf=1",
    "HistGradientBoostingRegressor": "max_iter=2, min_samples_leaf=1",
    "KernelDensity": "bandwidth=20.0",
    "LarsCV": "cv=2, max_iter=2",
    "LocalOutlierFactor": "n_neighbors=3, novelty=True, contamination=0.3",
    "MeanShift": "bandwidth=15",
    "MLPClassifier": "hidden_layer_sizes=(4,), max_iter=30, learning_rate_init=0.1, random_state=0",
    "MLPRegressor": "hidden_layer_sizes=(4,), max_iter=30, learning_rate_init=0.1, random_state=0",
    "OutputCodeClassifier": f"{TREE}, random_state=0",
    "OneClassSVM": "gamma='scale'",
    "Pipeline": f"[('scale', StandardScaler()), ('model', {TREE})]",
    "QuantileRegressor": "alpha=0.0",
    "RANSACRegressor": "min_samples=3, random_state=0",
    "SelfTrainingClassifier": f"{TREE}, threshold=0.6",
    "StackingClassifier": f"[('tree', {TREE})], cv=2",
    "StackingRegressor": f"[('tree', {REGRESSOR})], cv=2",
    "TheilSenRegressor": "random_state=0, max_subpopulation=50",
    "TransformedTargetRegressor": f"{REGRESSOR}",
    "TunedThresholdClassifierCV": f"{TREE}, cv=2, thresholds=4",
    "VotingClassifier": f"[('tree', {TREE}), ('near', KNeighborsClassifier(2))], voting='soft'",
    "VotingRegressor": f"[('tree', {REGRESSOR}), ('near', KNeighborsRegressor(2))]",
    "SpectralClustering": "n_clusters=2, random_state=0, gamma=0.001",
    "SVC": "probability=True, random_state=0",
    "GraphicalLassoCV": "cv=2, max_iter=5",
    "GraphicalLasso": "max_iter=5",
}  # fmt: skip
# Otherwise: classes for classifiers, amounts for regressors, nothing for others.
TARGETS: dict[str, str] = {
    **dict.fromkeys(["MultiOutputClassifier", "ClassifierChain"], "Y"),
    **dict.fromkeys(["MultiOutputRegressor", "RegressorChain"], "V"),
    **dict.fromkeys("MultiTaskElasticNet MultiTaskElasticNetCV MultiTaskLasso MultiTaskLassoCV".split(), "V"),
    **dict.fromkeys(["Pipeline", *estimators.SEARCHES, "RFE", "RFECV", "SelectFromModel"], "y"),
    # Needed for its score alone.
    "EllipticEnvelope": "y",
    **dict.fromkeys(["SelfTrainingClassifier", "LabelPropagation", "LabelSpreading"], "part"),
}
IMPORTS = (
    "import numpy as np",
    "from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer",
    "from sklearn.decomposition import PCA",
    "from sklearn.gaussian_process.kernels import RBF",
    "from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor",
    "from sklearn.linear_model import Ridge",
    "from sklearn.preprocessing import StandardScaler",
    "from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor",
)
importlib.import_module("sklearn.experimental.enable_halving_search_cv")
importlib.import_module("sklearn.experimental.enable_iterative_imputer")
ESTIMATORS = sorted(name for name in _base()["estimators"] if name not in ("FrozenEstimator", "BernoulliRBM"))
ASKED = [*estimators.ROLES, *estimators.STAGED, *estimators.NEIGHBOURS, *estimators.GRAPHS, "score", "sample"]


def arguments(name: str) -> str:
    if name in ARGUMENTS:
        return ARGUMENTS[name]
    if name in transformers.ARGUMENTS:
        return transformers.ARGUMENTS[name]
    facts = estimator_facts(name)
    params = facts.params if facts is not None else ()
    return ", ".join(f"{key}={value}" for key, value in USUAL.items() if key in params)


def targets(name: str) -> str:
    kinds = _base()["estimators"][name]["kinds"]
    model = estimators.transformer_model(f"sklearn.{name}")
    wanted = "y" if "classifier" in kinds or (model is not None and model.supervised) else ""
    return TARGETS.get(name) or ("v" if "regressor" in kinds else wanted)


def head(name: str, row: int | None = None, way: str = "") -> list[str]:
    """The class, its table and its targets, of which a row is changed."""
    facts = estimator_facts(name)
    assert facts is not None
    table = TABLES.get(name, _few_columns)
    before = [*IMPORTS, f"from {facts.module} import {name}"]
    return [*before, table(row, way), *_targets(row, way).split("\n"), f"made = {name}({arguments(name)})"]


def fitting(name: str) -> str:
    given = targets(name)
    return f"model = made.fit(X[:{TRAINED}]" + (f", {given}[:{TRAINED}])" if given else ")")


@cache
def fitted(name: str) -> Any:
    return executed("\n".join([*head(name), fitting(name)]))["model"]


def class_of(name: str) -> Any:
    facts = estimator_facts(name)
    assert facts is not None
    return getattr(importlib.import_module(facts.module), name)


PREDICTING = [name for name in ESTIMATORS if any(hasattr(class_of(name), method) for method in ASKED)]
# Those of texts, of kinds and of other things than the table here.
OTHERWISE = {*transformers.GIVEN, "KernelCenterer", "SparseCoder"} - {
    "IsotonicRegression", "RFE", "RFECV", "SelectFromModel", "SequentialFeatureSelector", "FeatureAgglomeration",
}  # fmt: skip


def asked_of(name: str) -> dict[str, str]:
    """What a fitted estimator can be asked, by the name the answer is bound to."""
    lines: dict[str, str] = {}
    for method in ASKED:
        if not hasattr(fitted(name), method):
            continue
        if method == "sample":
            lines[method] = "sample = model.sample(3)"
        elif method in estimators.STAGED and method != "staged_score":
            lines[method] = f"for {method} in model.{method}(X): {method}"
        elif method in ("score", "staged_score"):
            given = f", {targets(name)}" if targets(name) else ""
            loop = f"for {method} in model.{method}(X{given}): {method}"
            lines[method] = f"{method} = model.{method}(X{given})" if method == "score" else loop
        else:
            lines[method] = f"{method} = model.{method}(X)"
    if "kneighbors" in lines:
        lines["alone"] = "alone = model.kneighbors()"
        lines["positions"] = "positions = model.kneighbors(X, return_distance=False)"
    return lines


def program(name: str, lines: dict[str, str], row: int | None = None, way: str = "") -> str:
    return "\n".join([*head(name, row, way), "X", fitting(name), *lines.values(), *lines]) + "\n"


def after(name: str, lines: dict[str, str], row: int, way: str) -> dict[str, Any] | None:
    """What is answered after a change; None where the class cannot bear it."""
    try:
        return executed(program(name, lines, row, way))
    except (ValueError, IndexError, np.linalg.LinAlgError):
        return None


class Part(NamedTuple):
    """An answer as it is said to be, and as it is."""

    said: Data
    real: Any


@pytest.fixture(autouse=True, scope="module")
def _one_thread() -> Iterator[None]:
    """So few rows are not worth several threads, which cost more than they save."""
    with threadpool_limits(1):
        yield


def _lines(real: Any) -> dict[Any, Any] | None:
    if isinstance(real, np.ndarray) and real.dtype.kind == "O":
        return {index: whole(cell) for index, cell in enumerate(real)}
    return lines_of(real, list(range(len(real) if not sparse.issparse(real) else real.shape[0])))


def moves(real: Any, other: Any, row: int) -> bool:
    """Whether the change of one row can be seen in the others."""
    before, later = _lines(real), _lines(other)
    assert before is not None
    return later is None or any(later.get(key) != line for key, line in before.items() if key != row)


def _of_part(name: str, part: Part, given: Data, followed_by: bool) -> list[str]:
    """What is not so of one answer, of which it was seen whether it follows rows of the fit."""
    said, real = part.said, part.real
    wrong = _kind(said, real)
    how = relation(said.rows, given)
    if how == "none":
        return wrong if np.ndim(real) == 0 else [*wrong, "said to be one number"]
    if how != "made":
        length = real.shape[0] if hasattr(real, "shape") else len(real)
        expected = {"same": ROWS, "subset": TRAINED}.get(how)
        if length != expected:
            return [*wrong, f"said to be of {how} rows, has {length}"]
    seen = bool(said.fits or said.learned)
    if seen is not followed_by:
        wrong.append("said to be learned, is not" if seen else "not said to be learned, is")
    return wrong + _role(name, said, real)


def _role(name: str, said: Data, real: Any) -> list[str]:
    kinds = _base()["estimators"][name]["kinds"]
    if said.role == "probability":
        inside = bool((real >= 0).all() and (real <= 1).all())
        whole_rows = name == "ClassifierChain" or np.allclose(np.asarray(real).sum(axis=1), 1)
        return [] if inside and whole_rows else ["said to be probabilities, is not"]
    if said.role == "prediction" and "classifier" in kinds:
        return [] if set(np.ravel(real)) <= {0, 1, -1} else ["said to be classes, is not"]
    if said.role == "prediction" and "clusterer" in kinds:
        return [] if np.issubdtype(real.dtype, np.integer) else ["said to be clusters, is not"]
    if said.role == "prediction" and "outlier_detector" in kinds:
        return [] if set(real) <= {1, -1} else ["said to tell outliers, does not"]
    if said.role == "score":
        return [] if np.issubdtype(real.dtype, np.floating) else ["said to be scores, is not"]
    return []


def parts_of(text: str, method: str, names: dict[str, Any]) -> dict[str, Part]:
    """An answer, or each of several that are given together, under the expression that gives it."""
    seen = followed(text)[method]
    if isinstance(seen.object, ListObject):
        # One array for each column of the targets.
        expressions = [f"{method}[0]"]
    elif isinstance(seen.value, TupleValue):
        assert len(seen.value.items) == len(names[method])
        expressions = [f"{method}[{index}]" for index in range(len(seen.value.items))]
    else:
        expressions = [method]
    inner = followed(text + "".join(f"part_{index} = {code}\npart_{index}\n" for index, code in enumerate(expressions)))
    found = {}
    for index, code in enumerate(expressions):
        said = inner[f"part_{index}"].object
        assert isinstance(said, Data), f"{code} is not followed"
        found[code] = Part(said, eval(code, dict(names)))
    return found


@pytest.mark.parametrize("name", PREDICTING)
def test_what_is_said_of_an_answer_is_so(name: str) -> None:
    lines = asked_of(name)
    text = program(name, lines)
    given = followed(text)["X"].object
    assert isinstance(given, Data)
    names = executed(text)
    parts = {code: part for method in lines for code, part in parts_of(text, method, names).items()}
    waiting = {code for code, part in parts.items() if part.said.rows != NO_ROWS}
    for row, way in CHANGES:
        if waiting and (later := after(name, lines, row, way)) is not None:
            made = {code for code in waiting if relation(parts[code].said.rows, given) == "made"}
            others = {code: eval(code, dict(later)) for code in waiting}
            waiting -= {code for code in made if whole(others[code]) != whole(parts[code].real)}
            waiting -= {code for code in waiting - made if moves(parts[code].real, others[code], row)}
    wrong = [
        f"{code}: {problem}"
        for code, part in parts.items()
        for problem in _of_part(name, part, given, code not in waiting)
    ]
    for row, way in UNSEEN:
        if (later := after(name, lines, row, way)) is not None:
            wrong += [
                f"{code}: said not to be learned from row {row}, is"
                for code, part in parts.items()
                if relation(part.said.rows, given) == "same" and moves(part.real, eval(code, dict(later)), row)
            ]
    assert wrong == []


SPREADING = ["GaussianProcessRegressor", "BayesianRidge", "ARDRegression"]


@pytest.mark.parametrize("name", SPREADING)
@pytest.mark.parametrize("wanted", ["return_std=True", "True", "return_std=False", "return_cov=True"])
def test_a_prediction_may_come_with_its_spread(name: str, wanted: str) -> None:
    if wanted == "return_cov=True" and name != "GaussianProcessRegressor":
        return
    text = program(name, {"answer": f"answer = model.predict(X, {wanted})"})
    real = executed(text)["answer"]
    assert isinstance(followed(text)["answer"].value, TupleValue) is isinstance(real, tuple)
    for part in parts_of(text, "answer", executed(text)).values():
        assert _kind(part.said, part.real) == []
        assert part.said.fits


@pytest.mark.parametrize("name", PREDICTING)
def test_fits_and_evaluations_are_of_the_rows_given(name: str) -> None:
    lines = {key: line for key, line in asked_of(name).items() if key in estimators.ROLES or key == "score"}
    text = program(name, lines)
    trace = Program().follow(script("example.py", text))
    seen = followed(text)
    given, model = seen["X"].object, seen["model"].object
    assert isinstance(given, Data)
    assert isinstance(model, Estimator)
    fits = list(trace.of(Fit))
    assert [event.after.cls.rpartition(".")[2] for event in fits] == [name]
    assert relation(fits[0].record.rows, given) == "subset"
    assert (fits[0].y is not None) is bool(targets(name))
    told = [(event.callee, event.is_score, event.x.rows, event.fit) for event in trace.of(Evaluate)]
    assert told == [(method, method == "score", given.rows, fits[0].record) for method in lines]


# Of these nothing is said: no rows come of them, or in no order that is followed.
UNTOLD = frozenset(
    """
    aic bic build_analyzer build_preprocessor build_tokenizer correct_covariance cost_complexity_pruning_path
    dbscan_clustering decision_path decode densify error_norm get_covariance get_depth get_indices get_metadata_routing
    get_n_leaves get_params get_precision get_shape get_stop_words get_submatrix gibbs latent_mean_and_variance
    log_marginal_likelihood path perplexity reconstruction_error restrict reweight_covariance sample_y sparsify
    """.split()
)
TOLD = {"fit", "partial_fit", "fit_transform", "fit_predict", "transform", "inverse_transform", "get_support", *ASKED}


@pytest.mark.parametrize("name", sorted(_base()["estimators"]))
def test_every_method_is_followed_or_left_on_purpose(name: str) -> None:
    cls = class_of(name)
    methods = {
        key for key in dir(cls) if not key.startswith(("_", "set_")) and inspect.isroutine(getattr(cls, key, None))
    }
    assert methods - TOLD - UNTOLD - {"get_feature_names_out"} == set()


# --- what is found by looking at all rows at once ----------------------------------------------------------

TOGETHER = [
    name
    for name in ESTIMATORS
    if "fit_predict" in _base()["estimators"][name]["methods"] and name not in ("Pipeline", "FeatureAgglomeration")
]


def transductive(name: str, row: int | None = None, way: str = "") -> str:
    lines = [line.replace(", novelty=True", "") for line in head(name, row, way)]
    return "\n".join([*lines, "X", "labels = made.fit_predict(X)", "labels"]) + "\n"


@pytest.mark.parametrize("name", TOGETHER)
def test_labels_are_learned_from_the_rows_they_are_for(name: str) -> None:
    text = transductive(name)
    seen = followed(text)
    said, given = seen["labels"].object, seen["X"].object
    assert isinstance(said, Data)
    assert isinstance(given, Data)
    assert (said.rows, said.role, said.rank) == (given.rows, "prediction", 1)
    assert [item.rows for item in said.learned] == [given.rows]
    real = executed(text)["labels"]
    assert real.shape == (ROWS,)
    for row, way in CHANGES:
        later = executed(transductive(name, row, way))["labels"]
        pairs = {(label, later[number]) for number, label in enumerate(real) if number != row}
        # Clusters may be told in another order.
        if len(pairs) != len({label for label, _ in pairs}) or len(pairs) != len({label for _, label in pairs}):
            return
    raise AssertionError("no label follows another row")


# --- what a fit leaves behind ------------------------------------------------------------------------------


# As many as there are rows, here.
BY_CHANCE = {"subcluster_centers_", "subcluster_labels_"}


@pytest.mark.parametrize("name", [name for name in ESTIMATORS if name not in OTHERWISE])
def test_what_is_said_of_an_attribute_is_so(name: str) -> None:
    real = fitted(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        names = [key for key in dir(real) if key.endswith("_") and not key.startswith("_") and hasattr(real, key)]
    lines = [f"{key} = model.{key}" for key in names]
    text = "\n".join([*head(name), "X", fitting(name), "model", *lines, *names]) + "\n"
    seen = followed(text)
    given = seen["X"].object
    assert isinstance(given, Data)
    wrong = []
    for key in names:
        said, there = seen[key].object, getattr(real, key)
        if isinstance(said, Estimator):
            if said.cls.rpartition(".")[2] != type(there).__name__:
                wrong.append(f"{key}: said to be a {said.cls}, is a {type(there).__name__}")
        elif isinstance(said, ListObject):
            if not isinstance(there, (list, np.ndarray)):
                wrong.append(f"{key}: said to be a list, is {type(there).__name__}")
        elif isinstance(said, Data) and said.rows == NO_ROWS:
            if (
                isinstance(there, np.ndarray)
                and there.ndim
                and key not in BY_CHANCE
                and not sparse.issparse(there)
                and len(there) == TRAINED
            ):
                wrong.append(f"{key}: said to have no rows, has those of the fit")
        elif isinstance(said, Data) and relation(said.rows, given) == "subset" and len(there) != TRAINED:
            wrong.append(f"{key}: said to have the rows of the fit, has {len(there)}")
    assert wrong == []
