"""Every function in scikit-learn's table is tried on real tables, data sets and splits."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from typing import Any

import numpy as np
import pytest
import sklearn

from mlsense.knowledge import bundled_dataset
from mlsense.semantics.models import numpy as numpy_models
from mlsense.semantics.models import sklearn as models
from mlsense.semantics.models.effects import opaque
from mlsense.semantics.regions import Overlap, overlap
from mlsense.semantics.values import Data, DictObject, Opaque, TupleValue
from models.observing import Example, examples, executed, falsehoods, fits_scale, followed

EXAMPLES = examples(
    """
    cross_val_score cross_validate: {}(LinearRegression(), x, v, cv=2)
    cross_validate: cross_validate(LinearRegression(), x, v, cv=2)['test_score']
        cross_validate(LinearRegression(), x, v, cv=2, return_estimator=True)['estimator']
    cross_val_predict: {}(LinearRegression(), x, v, cv=2)
        {}(LogisticRegression(), x, y, cv=2, method='predict_proba')
        {}(LogisticRegression(), x, y, cv=2, method='decision_function')
    learning_curve: {}(LinearRegression(), x, v, cv=2, train_sizes=[2, 3])
        {}(LinearRegression(), x, v, cv=2, train_sizes=[2, 3], return_times=True)
    validation_curve: {}(Ridge(), x, v, param_name='alpha', param_range=[1, 2], cv=2)
    permutation_test_score: {}(LinearRegression(), x, v, cv=2, n_permutations=2)
    make_pipeline make_union: {}(StandardScaler(), PCA(n_components=1)) | {}(StandardScaler(), PCA(1)).fit_transform(x)
    make_column_transformer: {}((StandardScaler(), ['a'])) | {}((StandardScaler(), ['a'])).fit_transform(df)
    clone: clone(Ridge()) | clone(Ridge().fit(x, v))
    utils.resample: {}(x, random_state=0) | {}(x, y, random_state=0) | {}(x, replace=False, n_samples=3, random_state=0)
    utils.shuffle: {}(x, random_state=0) | {}(x, y, random_state=0) | {}(x, n_samples=3, random_state=0)
        {}(df, random_state=0)
    utils.Bunch: utils.Bunch(data=x, target=y) | utils.Bunch(data=x)['data']
    preprocessing.scale preprocessing.maxabs_scale preprocessing.robust_scale: {}(x) | {}(x, axis=1) | {}(x, axis=0)
        {}(df) | {}(v)
    preprocessing.scale: preprocessing.scale(x, with_std=False)
    preprocessing.robust_scale: preprocessing.robust_scale(x, with_scaling=False)
    preprocessing.minmax_scale: {}(x) | {}(x, axis=1) | {}(x, feature_range=(0, 100)) | {}(v)
    preprocessing.quantile_transform: {}(x, n_quantiles=5) | {}(x, n_quantiles=5, output_distribution='normal')
    preprocessing.power_transform: {}(np.log(np.abs(x) + 1)) | {}(np.log(np.abs(x) + 1), standardize=False)
    preprocessing.normalize: {}(x) | {}(x, axis=0) | {}(x, 'l1') | {}(m) | {}(df)
    preprocessing.add_dummy_feature preprocessing.binarize: {}(x) | {}(m)
    preprocessing.label_binarize: {}(y, classes=[0, 1, 2])
    isotonic.isotonic_regression: {}(v)
    utils.extmath.softmax: {}(x / 1000)
    utils.extmath.row_norms: {}(x)
    utils.extmath.safe_sparse_dot: {}(x, np.ones((3, 2))) | {}(x, x.T)
    metrics.silhouette_samples: {}(x, y)
    pairwise_distances euclidean_distances nan_euclidean_distances pairwise_kernels: metrics.{}(x) | metrics.{}(x, z)
    pairwise_distances_argmin pairwise_distances_argmin_min: metrics.{}(x, z) | metrics.{}(x, x)
    pairwise_distances_chunked: metrics.pairwise_distances_chunked(x)
    metrics.pairwise.pairwise_distances metrics.pairwise.euclidean_distances: {}(x) | {}(x, z)
    metrics.pairwise.cosine_distances metrics.pairwise.cosine_similarity: {}(x) | {}(x, z)
    metrics.pairwise.manhattan_distances metrics.pairwise.nan_euclidean_distances: {}(x) | {}(x, z)
    metrics.pairwise.pairwise_kernels metrics.pairwise.rbf_kernel metrics.pairwise.linear_kernel: {}(x) | {}(x, z)
    metrics.pairwise.polynomial_kernel metrics.pairwise.sigmoid_kernel: {}(x) | {}(x, z)
    metrics.pairwise.laplacian_kernel: {}(x) | {}(x, z)
    metrics.pairwise.chi2_kernel metrics.pairwise.additive_chi2_kernel: {}(np.abs(x)) | {}(np.abs(x), z)
    metrics.pairwise.haversine_distances: {}(x[:, 1:]) | {}(x[:, 1:], z[:, 1:])
    metrics.pairwise.pairwise_distances_argmin metrics.pairwise.pairwise_distances_argmin_min: {}(x, z)
    metrics.pairwise.pairwise_distances_chunked: {}(x)
    metrics.pairwise.paired_distances metrics.pairwise.paired_euclidean_distances: {}(x, x + 1) | {}(x, x ** 2)
    metrics.pairwise.paired_manhattan_distances metrics.pairwise.paired_cosine_distances: {}(x, x + 1)
    feature_selection.f_classif feature_selection.mutual_info_classif: {}(x, y)
    feature_selection.chi2: feature_selection.chi2(np.abs(x), y)
    feature_selection.f_regression feature_selection.mutual_info_regression: {}(x, v)
    feature_selection.r_regression: feature_selection.r_regression(x, v)
    check_array as_float_array: utils.{}(x) | utils.{}(df)
    check_array: utils.check_array(m, accept_sparse=True)
    column_or_1d: utils.column_or_1d(v) | utils.column_or_1d(s)
    check_X_y: utils.check_X_y(x, v) | utils.check_X_y(X=x, y=v)
    validate_data: utils.validation.validate_data(Ridge(), x) | utils.validation.validate_data(Ridge(), x, v)
    cluster.k_means cluster.kmeans_plusplus: {}(x, n_clusters=2, random_state=0)
    cluster.spectral_clustering: cluster.spectral_clustering(np.abs(x @ x.T), n_clusters=2, random_state=0)
    cluster.dbscan cluster.mean_shift cluster.ward_tree cluster.linkage_tree: {}(x)
    cluster.affinity_propagation: cluster.affinity_propagation(x @ x.T, random_state=0)
    cluster.estimate_bandwidth: cluster.estimate_bandwidth(x)
    cluster.get_bin_seeds: cluster.get_bin_seeds(x, 1)
    decomposition.fastica: decomposition.fastica(x, n_components=1, random_state=0)
    decomposition.dict_learning: {}(x, n_components=1, alpha=1, random_state=0)
    decomposition.dict_learning_online: {}(x, n_components=1, random_state=0)
    decomposition.non_negative_factorization: {}(np.abs(x), n_components=1, random_state=0)
    decomposition.sparse_encode: {}(x, np.eye(3))
    decomposition.randomized_svd utils.extmath.randomized_svd: utils.extmath.randomized_svd(x, 1, random_state=0)
    linear_model.lasso_path linear_model.enet_path linear_model.lars_path linear_model.orthogonal_mp: {}(x, v)
    linear_model.ridge_regression: linear_model.ridge_regression(x, v, 1.0)
    linear_model.orthogonal_mp_gram: {}(x.T @ x, x.T @ v, n_nonzero_coefs=1)
    linear_model.lars_path_gram: {}(x.T @ v, x.T @ x, n_samples=7)
    svm.l1_min_c: svm.l1_min_c(x, y)
    covariance.empirical_covariance covariance.ledoit_wolf covariance.ledoit_wolf_shrinkage covariance.oas: {}(x)
    covariance.shrunk_covariance: covariance.shrunk_covariance(np.cov(x.T))
    covariance.graphical_lasso: covariance.graphical_lasso(np.eye(3), 0.1)
    covariance.log_likelihood: covariance.log_likelihood(np.eye(3), np.eye(3))
    covariance.fast_mcd: covariance.fast_mcd(x, random_state=0)
    manifold.locally_linear_embedding: {}(x, n_neighbors=3, n_components=1, random_state=0)
    manifold.spectral_embedding: manifold.spectral_embedding(np.abs(x @ x.T), n_components=1, random_state=0)
    manifold.smacof: manifold.smacof(metrics.pairwise_distances(x), n_components=1, n_init=1, random_state=0)
    manifold.trustworthiness: manifold.trustworthiness(x, x[:, :1], n_neighbors=2)
    neighbors.kneighbors_graph neighbors.radius_neighbors_graph: {}(x, 2)
    neighbors.sort_graph_by_row_values: {}(neighbors.kneighbors_graph(x, 2, mode='distance'))
    feature_extraction.image.extract_patches_2d: {}(x, (7, 3))
    feature_extraction.image.reconstruct_from_patches_2d: {}(x.reshape(1, 7, 3), (7, 3))
    feature_extraction.image.img_to_graph: {}(x)
    feature_extraction.image.grid_to_graph: {}(2, 2)
    utils.extmath.density: utils.extmath.density(m)
    utils.extmath.squared_norm utils.extmath.stable_cumsum: {}(v)
    utils.extmath.fast_logdet: utils.extmath.fast_logdet(np.eye(3))
    utils.extmath.randomized_range_finder: {}(x, size=2, n_iter=1, random_state=0)
    utils.extmath.make_nonnegative utils.extmath.safe_sqr: {}(x)
    utils.extmath.cartesian: utils.extmath.cartesian([[1, 2], [3]])
    utils.extmath.weighted_mode: utils.extmath.weighted_mode(v, v)
    utils.extmath.svd_flip: utils.extmath.svd_flip(np.eye(2), np.eye(2))
    utils.class_weight.compute_class_weight utils.compute_class_weight: {}('balanced', classes=np.array([0, 1]), y=y)
    utils.class_weight.compute_sample_weight utils.compute_sample_weight: {}('balanced', y)
    utils.safe_mask: utils.safe_mask(x, v > 2)
    utils.gen_even_slices: utils.gen_even_slices(7, 2)
    utils.multiclass.unique_labels: {}(y)
    utils.multiclass.class_distribution: utils.multiclass.class_distribution(y.reshape(-1, 1))
    random_projection.johnson_lindenstrauss_min_dim: {}(100, eps=0.5)
    inspection.partial_dependence: inspection.partial_dependence(Ridge().fit(x, v), x, [1])
    calibration.calibration_curve: calibration.calibration_curve(y, y, n_bins=2)
    metrics.cluster.contingency_matrix metrics.pair_confusion_matrix: {}(y, y)
    """
)
# Cluster functions on the results of others, which take long to set up.
NOT_RUN = {"cluster.compute_optics_graph", "cluster.cluster_optics_dbscan", "cluster.cluster_optics_xi"}
TARGETS = "y = np.array([0, 1, 0, 1, 1, 0, 1])"
MODULES = """
    calibration cluster covariance datasets decomposition feature_extraction feature_selection inspection isotonic
    linear_model manifold metrics model_selection neighbors preprocessing random_projection svm tree utils
    """.split()
IMPORTS = (
    "import numpy as np",
    TARGETS,
    *(f"from sklearn import {name}" for name in MODULES),
    "import sklearn.utils.extmath, sklearn.utils.class_weight, sklearn.utils.multiclass, sklearn.utils.validation",
    "import sklearn.feature_extraction.image, sklearn.metrics.cluster, sklearn.metrics.pairwise",
    "from sklearn.base import clone",
    "from sklearn.compose import make_column_transformer",
    "from sklearn.decomposition import PCA",
    "from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge",
    "from sklearn.model_selection import (cross_val_predict, cross_val_score, cross_validate, learning_curve,",
    "    permutation_test_score, train_test_split, validation_curve)",
    "from sklearn.pipeline import make_pipeline, make_union",
    "from sklearn.preprocessing import StandardScaler",
)
NOT_MEASURED = "distances, scores and predictions out of fold are no columns that shape others"
SILENT = {
    **dict.fromkeys("cross_val_score cross_validate cross_val_predict".split(), NOT_MEASURED),
    **dict.fromkeys("learning_curve validation_curve permutation_test_score".split(), NOT_MEASURED),
    "utils.shuffle": "an order of rows",
    "utils.Bunch": "",
}
# In older releases only, and still in people's programs.
GONE = {"load_boston": "1.2", "utils._indexing.resample": "1.0"}


def modules() -> list[Any]:
    """scikit-learn and its public modules one level down."""
    found: list[Any] = [sklearn]
    for module in pkgutil.iter_modules(sklearn.__path__, "sklearn."):
        if not module.name.rpartition(".")[2].startswith(("_", "conftest", "tests")):
            found.append(importlib.import_module(module.name))
    return found


HOMES = modules()


def resolved(name: str) -> Any:
    """The function of that name, below scikit-learn or one of its modules."""
    for home in HOMES:
        thing: Any = home
        path = home.__name__
        for part in name.split("."):
            path += f".{part}"
            if not hasattr(thing, part):
                try:
                    importlib.import_module(path)
                except ImportError:
                    break
            thing = getattr(thing, part, None)
            if thing is None:
                break
        else:
            return thing
    return None


def example(line: str) -> Example:
    words = "".join(letter if letter.isalnum() or letter == "_" else " " for letter in line).split()
    given = next((name for name in ("df", "x", "v", "s", "m") if name in words), "x")
    return Example(f"result = {line}", given, imports=IMPORTS)


CASES = [(line, SILENT.get(name, "")) for name, lines in EXAMPLES.items() for line in lines]


@pytest.mark.parametrize("name", models.FUNCTIONS)
def test_every_function_exists_and_is_tried(name: str) -> None:
    if name in GONE:
        return
    assert resolved(name) is not None, name
    model = models.FUNCTIONS[name]
    # Of these there are tests of their own, or nothing is claimed.
    own = (models.load, models.generate, models.metric, models.splitter, models.train_test_split, models.files)
    silent = (models.nothing, models.settings, opaque, numpy_models.generator)
    assert model in (*own, *silent) or name in NOT_RUN or EXAMPLES.get(name), f"{name}: no example"


@pytest.mark.parametrize(("line", "leave"), [pytest.param(line, leave, id=line) for line, leave in CASES])
def test_what_is_said_is_so(line: str, leave: str) -> None:
    """`leave`: why the model may say nothing of a statistic that is there."""
    assert falsehoods(example(line), leave) == []


# --- data sets ---------------------------------------------------------------------------------------

LOADERS = sorted(name for name, model in models.FUNCTIONS.items() if model is models.load and name not in GONE)
BUNDLED = [name for name in LOADERS if bundled_dataset(name) is not None]
OPTIONS = ["", "return_X_y=True", "as_frame=True", "return_X_y=True, as_frame=True"]


@pytest.mark.parametrize("loader", LOADERS)
def test_a_loader_takes_what_the_model_asks_for(loader: str) -> None:
    """Those that fetch are not called: no test needs the network."""
    taken = inspect.signature(resolved(loader)).parameters
    assert loader == "load_files" or "return_X_y" in taken
    assert loader not in ("fetch_20newsgroups", "load_files") or "subset" in taken or loader == "load_files"


@pytest.mark.parametrize("options", OPTIONS)
@pytest.mark.parametrize("loader", BUNDLED)
def test_what_is_said_of_a_bundled_data_set_is_so(loader: str, options: str) -> None:
    _check_table(f"from sklearn.datasets import {loader}\nresult = {loader}({options})\n")


@pytest.mark.parametrize(
    "call", ["load_digits(n_class=3)", "load_diabetes(scaled=False)", "load_digits(n_class=3).images"]
)
def test_what_is_said_of_a_part_or_another_form_is_so(call: str) -> None:
    _check_table(f"from sklearn.datasets import load_diabetes, load_digits\nresult = {call}\n")


def _check_table(program: str) -> None:
    """Holds what is said of a data set against it: of a pair, of all keys, of the whole."""
    said = followed(program + "result\n")["result"]
    real = executed(program)["result"]
    if isinstance(said.object, DictObject):
        for key, _ in said.object.items:
            assert key in real, key
            part = followed(f"{program}part = result[{key!r}]\npart\n")["part"]
            if isinstance(part.object, Data):
                assert problems(part.object, real[key]) == [], key
            elif isinstance(part.value, TupleValue):
                assert [item.value for item in part.value.items] == list(real[key])
    elif isinstance(said.value, TupleValue):
        assert len(said.value.items) == len(real)
        names = ", ".join(f"part_{index}" for index in range(len(real)))
        seen = followed(f"{program}{names} = result\n" + "\n".join(names.split(", ")) + "\n")
        for index, part in enumerate(real):
            thing = seen[f"part_{index}"].object
            if isinstance(thing, Data):
                assert problems(thing, part) == [], index
    elif isinstance(said.object, Data):
        assert problems(said.object, real) == []


def problems(said: Data, real: Any) -> list[str]:
    """What is not so of a table that came to be on its own."""
    from models.observing import _columns, _kind, table_of

    wrong = [*_kind(said, real), *_columns(said, real)]
    count = said.rows.count if said.rows is not None else None
    length = real.shape[0] if hasattr(real, "shape") else len(real)
    if count is not None and count != length:
        wrong.append(f"said to have {count} rows, has {length}")
    frame = table_of(real)
    if frame is not None and said.scale not in ("unknown", "raw"):
        numbers = frame.select_dtypes("number").to_numpy(float)
        grey = numbers.min() == 0 and numbers.max() == 16  # of digits, of which some corners are always dark
        if not grey and not fits_scale("even" if said.scale == "standardised" else said.scale, numbers):
            wrong.append(f"said to be {said.scale}, is not")
    return wrong


GENERATORS = sorted(name for name, model in models.FUNCTIONS.items() if model is models.generate)
GENERATED = [
    *(f"{name}({options})" for name in GENERATORS for options in ("random_state=0", "n_samples=30, random_state=0")),
    "make_blobs(30, random_state=0)", "make_blobs(n_samples=[5, 7], random_state=0)",
    "make_blobs(return_centers=True, random_state=0)", "make_regression(coef=True, random_state=0)",
    "make_regression(n_targets=2, random_state=0)", "make_moons(n_samples=(5, 7))", "make_circles((5, 7))",
    "make_classification(scale=None, random_state=0)", "make_classification(return_X_y=False, random_state=0)",
    "make_multilabel_classification(sparse=True, random_state=0)",
    "make_classification(n_samples=int('20'), random_state=0)",
]  # fmt: skip


@pytest.mark.parametrize("call", GENERATED)
def test_what_is_said_of_made_up_data_is_so(call: str) -> None:
    name = call.partition("(")[0]
    _check_table(f"from sklearn.datasets import {name}\nresult = {call}\n")


# --- measures and splits -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", models.METRICS)
def test_a_measure_is_made_of_targets_and_predictions(name: str) -> None:
    """Each takes two columns, or a table and its clusters, and gives something that has no rows."""
    first = next(iter(inspect.signature(resolved(name)).parameters))
    assert first in ("y_true", "x", "X", "labels_true", "a", "y1", "y_score")
    program = (
        f"import numpy as np\nfrom sklearn.metrics import {name}\n"
        f"y = np.array([0, 1, 0, 1])\nresult = {name}(y, np.array([0, 1, 1, 1]))\nresult\n"
    ).replace("\\\n", "\n")
    seen = followed(program + ("result = result[0]\nresult\n" if name.endswith("_curve") else ""))
    said = seen["result"].object
    assert isinstance(said, Data)
    assert said.rows is not None
    assert not said.rows.parts


SPLITTER_ARGUMENTS = {"LeavePOut": "2", "LeavePGroupsOut": "2", "PredefinedSplit": "[0, 0, 1, 1, 0, 0, 1]",
                      "KFold": "2", "StratifiedKFold": "2", "GroupKFold": "2", "StratifiedGroupKFold": "2",
                      "RepeatedKFold": "n_splits=2", "RepeatedStratifiedKFold": "n_splits=2",
                      "TimeSeriesSplit": "2", "StratifiedShuffleSplit": "test_size=2"}  # fmt: skip


@pytest.mark.parametrize("name", models.SPLITTERS)
def test_the_parts_of_a_fold_are_apart(name: str) -> None:
    """A splitter gives pairs of positions, and no row is in both parts."""
    made = f"{name}({SPLITTER_ARGUMENTS.get(name, '')})"
    program = (
        f"import numpy as np\nfrom sklearn.model_selection import {name}\n"
        "X = np.arange(14.0).reshape(7, 2)\ny = np.array([0, 1, 0, 1, 1, 0, 1])\ngroups = [0, 0, 1, 1, 2, 2, 3]\n"
        "W = np.array([[1.0, 2.0], [2.0, 3.0], [3.0, 4.0], [4.0, 5.0], [5.0, 6.0], [6.0, 7.0], [7.0, 8.0]])\n"
        f"for train, test in {made}.split(X, y, groups):\n    a, b = W[train], W[test]\n    a, b\n"
    )
    seen = followed(program)
    one, other = seen["a"].object, seen["b"].object
    assert isinstance(one, Data)
    assert isinstance(other, Data)
    assert overlap(one.rows, other.rows) is Overlap.DISJOINT
    real = executed(program)
    assert not {tuple(line) for line in real["a"]} & {tuple(line) for line in real["b"]}


@pytest.mark.parametrize("options", ["", ", test_size=2", ", shuffle=False", ", stratify=y", ", random_state=0"])
def test_the_parts_of_a_split_are_apart_and_make_up_the_whole(options: str) -> None:
    program = (
        "import numpy as np\nfrom sklearn.model_selection import train_test_split\n"
        "X = np.array([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0], [7.0], [8.0]])\n"
        "y = np.array([0, 1, 0, 1, 1, 0, 1, 0])\n"
        f"a, b, c, d = train_test_split(X, y{options})\na, b, c, d\n"
    )
    seen = {name: sighting.object for name, sighting in followed(program).items()}
    tables = [seen[name] for name in "abcd"]
    assert all(isinstance(table, Data) for table in tables)
    one, other, target, rest = (table.rows for table in tables if isinstance(table, Data))
    assert overlap(one, other) is Overlap.DISJOINT
    assert overlap(target, rest) is Overlap.DISJOINT
    real = executed(program)
    assert sorted(np.concatenate([real["a"], real["b"]]).ravel()) == sorted(real["X"].ravel())


@pytest.mark.parametrize("line", ["utils.check_random_state(0)", "utils.validation.check_random_state(0)"])
def test_a_random_state_draws_numbers(line: str) -> None:
    program = (
        f"import sklearn.utils.validation\nfrom sklearn import utils\nrng = {line}\nresult = rng.normal(0, 1, 9)\nrng\n"
    )
    seen = followed(program + "result\n")
    assert isinstance(seen["rng"].object, Opaque)
    assert isinstance(seen["result"].object, Data)
    assert len(executed(program)["result"]) == 9
