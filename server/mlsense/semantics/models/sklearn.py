"""scikit-learn's functions: splits, cross-validation, data sets, containers, metrics."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.knowledge import bundled_dataset
from mlsense.semantics.core import code_of, constant, text_of
from mlsense.semantics.events import CrossValidate, Folds, Split
from mlsense.semantics.models import estimators, numpy, picking, scores, statsmodels
from mlsense.semantics.models.effects import Call, Effect, along, learned_in, opaque
from mlsense.semantics.models.frames import drawn_again
from mlsense.semantics.models.pandas import effect
from mlsense.semantics.regions import NO_ROWS, Choice, Overlap, Rows, overlap
from mlsense.semantics.values import (
    UNKNOWN,
    Column,
    Columns,
    Const,
    Data,
    DataKind,
    DictObject,
    Estimator,
    Learned,
    ListObject,
    Opaque,
    Scale,
    Score,
    TupleValue,
    Value,
    merge_learned,
    merge_scores,
)

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model

# Bundled sets whose columns are all in one unit (centimetres, grey values): distances are fair as they are.
SAME_UNIT = frozenset(["load_iris", "load_digits", "fetch_olivetti_faces", "fetch_lfw_people", "fetch_lfw_pairs"])
# Loaders of texts, of sparse counts, and of whatever is asked for.
OF_ANY_SCALE = frozenset(
    ["fetch_20newsgroups", "fetch_20newsgroups_vectorized", "fetch_rcv1", "fetch_openml", "load_files"]
)


def train_test_split(run: Run, call: Call) -> Value:
    """Two parts of every array, in order: train and test, train and test."""
    inputs = [run.data(value) for value in call.args]
    origin = run.origin(call.node)
    nodes = [call.nodes.get(index) for index in range(len(call.args))]
    if not call.exact or not inputs:
        return UNKNOWN
    results: list[Value] = []
    kind = "slice" if constant(call.get(None, "shuffle")) is False else "split"
    way = picking.fixed_by(call, "test_size", "train_size", "shuffle")
    layers = call.node_of(None, "stratify")
    key = way if way is None or layers is None else (*way, code_of(layers))
    known_rows = next((data.rows for data in inputs if data is not None and data.rows is not None), None)
    drawn, fixed = picking.drawn(run, call.node, key, known_rows)
    selector = (drawn, "halves") if kind == "slice" else drawn
    run.emit(
        Split(
            origin, tuple(run.loops), run.assumed, run.statement_place(),
            "train_test_split", tuple(inputs), tuple(run.place(node) for node in nodes if node is not None),
            run.place(call.node), _shuffles(call), selector,
        )
    )  # fmt: skip
    for index, data in enumerate(inputs):
        for part in (0, 1):
            choice = Choice(selector, "split", part, fixed)
            known = data or Data()
            made = replace(
                known,
                rows=known.rows.choose(choice) if known.rows is not None else None,
                selects=(*known.selects, choice) if known.selects is not None else None,
                mask=None,
            )
            results.append(run.alloc(call.node, made, (index, part)))
    return TupleValue(tuple(results))


def _shuffles(call: Call) -> bool | None:
    told = call.get(None, "shuffle")
    found = constant(told)
    return True if told is None and call.exact else found if isinstance(found, bool) else None


def cross_validation(run: Run, call: Call) -> Value:
    """`cross_val_score(estimator, X, y)` and its kind: every fold is trained without and evaluated with."""
    estimator = run.object(call.get(0, "estimator"))
    x = run.data(call.get(1, "X"))
    node = call.node_of(1, "X")
    name = call.name
    run.emit(
        CrossValidate(
            *run.circumstances(call.node), name,
            estimator if isinstance(estimator, Estimator) else None, x, run.data(call.get(2, "y")),
            run.place(node) if node is not None else None, run.place(call.node),
            estimators.leaves(run, estimator) if isinstance(estimator, Estimator) else None,
            isinstance(estimator, Estimator) and estimators.picks_columns(run, estimator),
            estimators.folds_shuffle(run, call.get(None, "cv")),
        )
    )  # fmt: skip
    if name == "cross_val_predict":
        role = estimators.ROLES.get(text_of(call.get(None, "method")) or "predict", "unknown")
        return run.alloc(call.node, Data(kind="array", rows=x.rows if x else None, role=role))
    measure = text_of(call.get(None, "scoring")) or "score"
    own = Score(measure, run.origin(call.node), None, x.rows if x is not None else None)
    each = Data(kind="array", rows=NO_ROWS, scores=(own,))
    if name == "cross_val_score":
        return run.alloc(call.node, _measured_by(each, measure))
    if name == "cross_validate":
        others = ("estimator", "indices")
        items: list[tuple[str, Value]] = [(key, UNKNOWN) for key in others if f"return_{key}" in call.keywords]
        for key, metric in _scorings(run, call.get(None, "scoring")):
            found = _measured_by(each, metric)
            items += [(f"{part}_{key}", run.alloc(call.node, found, (part, key))) for part in ("test", "train")]
        return run.alloc(call.node, DictObject(tuple(items), True, run.alloc(call.node, each, "scores")))
    if name == "permutation_test_score":
        scalar = replace(each, kind="scalar")
        return _several(run, call, [_measured_by(scalar, measure), _measured_by(each, measure), scalar])
    curves = [_measured_by(each, measure)] * 2
    if name == "validation_curve":
        return _several(run, call, curves)
    timed = call.get(None, "return_times")
    if timed is not None and constant(timed) is not True:
        return UNKNOWN
    return _several(run, call, [each, *curves, *([each] * 2 if timed is not None else [])])


def _several(run: Run, call: Call, parts: list[Data]) -> Value:
    return TupleValue(tuple(run.alloc(call.node, data, index) for index, data in enumerate(parts)))


def _scorings(run: Run, scoring: Value | None) -> list[tuple[str, str]]:
    """What the results of each scorer are called, and the scorer; those that are given by a text."""
    text = text_of(scoring)
    if text is not None:
        return [("score", text)]
    thing = run.object(scoring) if scoring is not None else None
    if isinstance(thing, DictObject):
        named = [(key, text_of(value)) for key, value in thing.items]
    else:
        named = [
            (found, found) for item in (run.items_of(scoring) if scoring else None) or () if (found := text_of(item))
        ]
    return [(key, found) for key, found in named if isinstance(key, str) and found is not None]


def _measured_by(each: Data, metric: str) -> Data:
    """scikit-learn turns the sign of errors, and says so in the name."""
    below_zero = metric.startswith("neg_")
    return replace(each, scores=tuple(replace(own, metric=metric, below_zero=below_zero) for own in each.scores))


def make_pipeline(run: Run, call: Call) -> Value:
    return estimators.made_of(run, "sklearn.pipeline.Pipeline", call.args, call)


def make_union(run: Run, call: Call) -> Value:
    return estimators.made_of(run, "sklearn.pipeline.FeatureUnion", call.args, call)


def make_column_transformer(run: Run, call: Call) -> Value:
    parts = [value.items[0] for value in call.args if isinstance(value, TupleValue) and value.items]
    return estimators.made_of(run, "sklearn.compose.ColumnTransformer", parts, call)


def clone(run: Run, call: Call) -> Value:
    given = call.get(0, "estimator")
    return estimators.copied(run, given, call.node) if isinstance(run.object(given), Estimator) and given else UNKNOWN


def splitter(run: Run, call: Call) -> Value:
    symbol = call.name
    made = Opaque(f"sklearn.model_selection.{symbol}", f"{symbol}(...)", params=tuple(call.keywords.items()))
    return run.alloc(call.node, made)


SPLITTERS = """
    KFold StratifiedKFold GroupKFold StratifiedGroupKFold RepeatedKFold RepeatedStratifiedKFold LeaveOneOut
    LeavePOut LeaveOneGroupOut LeavePGroupsOut ShuffleSplit StratifiedShuffleSplit GroupShuffleSplit TimeSeriesSplit
    PredefinedSplit
    """.split()


def folds(run: Run, call: Call, splitter: Value | None = None) -> Value:
    """`splitter.split(X)`: pairs of positions, training and test part of one fold."""
    origin = run.origin(call.node)
    run.emit(
        Folds(
            origin, tuple(run.loops), run.assumed, run.statement_place(),
            "split", (run.data(call.get(0, "X")), run.data(call.get(1, "y"))), run.place(call.node),
            estimators.folds_shuffle(run, splitter),
        )
    )  # fmt: skip
    pair = tuple(
        run.alloc(call.node, Data(kind="index", selects=(Choice(origin, "fold", part),)), part)
        for part in ("train", "test")
    )
    return run.alloc(call.node, ListObject(None, TupleValue(pair), "folds"), "folds")


# --- data sets ---------------------------------------------------------------------------------------


def load(run: Run, call: Call) -> Value:
    """`load_wine()` and its kind: features and target over the same rows."""
    loader = call.name
    arguments = ", ".join(code_of(argument) for argument in (*call.node.args, *call.node.keywords))
    facts = bundled_dataset(loader)
    partial = call.get(None, "n_class") is not None
    scaled = constant(call.get(None, "scaled")) is not False
    columns = None
    scale: Scale = "unknown" if loader in OF_ANY_SCALE else "raw"
    if facts is not None:
        columns = Columns(tuple(Column(*column, "float64", False) for column in facts.columns))
        if loader == "load_diabetes":
            scale = "standardised" if scaled else "raw"
            columns = columns if scaled else None
    if loader in SAME_UNIT:
        scale = "even"
    subset = constant(call.get(None, "subset"))
    whole = facts is not None and not partial
    key = ("dataset", loader, subset if isinstance(subset, str) else "", "" if whole else arguments)
    rows = run.source(call.node, f"{loader}()", key, facts.rows if facts is not None and whole else None)
    kind = _loaded_kind(loader, call)
    texts = loader in TEXTS
    x = run.alloc(
        call.node,
        Data(kind=kind, rows=rows, role="features", scale=scale, columns=columns, rank=1 if texts else 2),
        "data",
    )
    one_target = loader not in SEVERAL_TARGETS
    target_kind = "series" if kind == "frame" and one_target else kind if loader not in SPARSE else "unknown"
    rank = None if loader in (*SPARSE, "fetch_openml") else 1 if one_target else 2
    target = run.alloc(call.node, Data(kind=target_kind, rows=rows, role="target", rank=rank), "target")
    pair = constant(call.get(None, "return_X_y"))
    if pair is True:
        return TupleValue((x, target))
    if pair is ... and call.get(None, "return_X_y") is not None:
        return UNKNOWN
    items: list[tuple[str, Value]] = [("data", x), ("target", target)]
    if loader in IMAGES:
        images = Data(kind="array", rows=rows, role="features", scale=scale)
        items.append(("images", run.alloc(call.node, images, "images")))
    if kind == "frame" and columns is not None and facts is not None:
        everything = Columns((*columns.items, *(Column(name) for name in facts.target)))
        # The target stands beside the features as it is.
        table_scale: Scale = "raw" if scale == "raw" else "unknown"
        table = Data(kind="frame", rows=rows, scale=table_scale, columns=everything, rank=2)
        items.append(("frame", run.alloc(call.node, table, "frame")))
    if columns is not None:
        items.append(("feature_names", TupleValue(tuple(Const.of(column.name) for column in columns.items))))
    return run.alloc(call.node, DictObject(tuple(items), True, bunch=True), "bunch")


IMAGES = frozenset(["load_digits", "fetch_olivetti_faces", "fetch_lfw_people"])
TEXTS = frozenset(["fetch_20newsgroups", "load_files"])
SEVERAL_TARGETS = frozenset(["load_linnerud"])
SPARSE = frozenset(["fetch_rcv1", "fetch_20newsgroups_vectorized"])


def _loaded_kind(loader: str, call: Call) -> DataKind:
    given = call.get(None, "as_frame")
    frame = constant(given)
    if loader == "fetch_openml" and frame is not False:
        return "frame" if frame is True else "unknown"
    if frame is True:
        return "frame"
    if given is not None and frame is not False:
        return "unknown"
    return "sparse" if loader in SPARSE else "array"


# What these give besides 100 rows of features and a target.
ROWS_BY_DEFAULT = {"make_hastie_10_2": 12_000}
SEVERAL = frozenset(["make_multilabel_classification"])
# Columns of very different width, with their bounds.
_FRIEDMAN = Columns(
    (Column("", 0.0, 100.0), Column("", 125.0, 1760.0), Column("", 0.0, 1.0), Column("", 1.0, 11.0)), True
)


def generate(run: Run, call: Call) -> Value:
    """`make_classification()` and its kind: synthetic features of one scale, and a target."""
    name = call.name
    given = call.get(None if name == "make_gaussian_quantiles" else 0, "n_samples")
    count = constant(given)
    number = ROWS_BY_DEFAULT.get(name, 100) if given is None else count if isinstance(count, int) else None
    rows = run.source(call.node, f"{name}()", None, number)
    wide = name in ("make_friedman2", "make_friedman3")
    own_scale = call.get(None, "scale", "shift") is not None or call.get(None, "sparse") is not None
    scale: Scale = "raw" if wide else "unknown" if own_scale else "even"
    kind: DataKind = "unknown" if call.get(None, "sparse") is not None else "array"
    columns = _FRIEDMAN if wide else None
    x = run.alloc(call.node, Data(kind=kind, rows=rows, role="features", scale=scale, columns=columns, rank=2), "data")
    if name == "make_low_rank_matrix":
        return x
    rank = 2 if name in SEVERAL else None if call.get(None, "n_targets") is not None else 1
    target = Data(kind="array" if name not in SEVERAL else "unknown", rows=rows, role="target", rank=rank)
    y = run.alloc(call.node, target, "target")
    asked = [call.get(None, key) for key in ("return_centers", "coef", "return_X_y", "return_distributions")]
    if any(value is not None for value in (*asked[2:],)):
        return UNKNOWN
    extra = [constant(value) for value in asked[:2] if value is not None]
    if any(value not in (True, False) for value in extra):
        return UNKNOWN
    return TupleValue((x, y, UNKNOWN) if True in extra else (x, y))


def files(run: Run, call: Call) -> Value:
    """`load_svmlight_file(path)`: a sparse table and its targets."""
    path = text_of(call.get(0, "f"))
    rows = run.source(call.node, f"{call.name}(...)", ("file", path) if path is not None else None)
    if call.get(None, "query_id") is not None:
        return UNKNOWN
    x = run.alloc(call.node, Data(kind="sparse", rows=rows, role="features", rank=2), "data")
    return TupleValue((x, run.alloc(call.node, Data(rows=rows, role="target"), "target")))


def resample(run: Run, call: Call) -> Value:
    """`sklearn.utils.resample`: rows drawn from those given, with replacement unless it says otherwise."""
    again = call.get(None, "replace")
    results: list[Value] = []
    for index, value in enumerate(call.args):
        data = run.data(value) or Data()
        rows, learned = data.rows, data.learned
        if rows is not None and constant(again) is False:
            rows = rows.choose(Choice(run.origin(call.node), "sample", True))
        elif rows is not None:
            learned = merge_learned(learned, (drawn_again(run, call, rows),))
            rows = Rows((), (*rows.parts, *rows.made_from)) if again is None or constant(again) is True else None
        results.append(run.alloc(call.node, replace(data, rows=rows, learned=learned, mask=None), index))
    return results[0] if len(results) == 1 else TupleValue(tuple(results))


def shuffle(run: Run, call: Call) -> Value:
    """The same rows in another order; with `n_samples` some of them."""
    results: list[Value] = []
    for index, value in enumerate(call.args):
        data = replace(run.data(value) or Data(), mask=None, order=None)
        if call.get(None, "n_samples") is not None and data.rows is not None:
            data = replace(data, rows=data.rows.choose(Choice(run.origin(call.node), "sample", True)))
        results.append(run.alloc(call.node, data, index))
    return results[0] if len(results) == 1 else TupleValue(tuple(results))


# --- measures ----------------------------------------------------------------------------------------


def metric(run: Run, call: Call) -> Value:
    """A score of predictions, which know the fit they come from."""
    curve = call.name in CURVES
    given = [run.object(value) for value in (*call.args, *call.keywords.values())]
    truth = run.data(call.get(0, "y_true"))
    given = [statsmodels.foretold(each, truth) if isinstance(each, Data) else each for each in given]
    found = merge_scores(
        *(scores.measured(run, call.node, call.name, thing, curve) for thing in given if isinstance(thing, Data))
    )
    if curve:
        return TupleValue(tuple(scores.number(run, call.node, found, part) for part in range(3)))
    if call.name == "auc":
        found = scores.scores_of(run, call.args)
    return scores.number(run, call.node, found)


def kernel(run: Run, call: Call) -> Value:
    """`rbf_kernel(X, Y)`, `pairwise_distances(X, Y)`: of each row to rows of another table, or to each other."""
    one, other = run.data(call.get(0, "X")), run.data(call.get(1, "Y"))
    apart = one is not None and other is not None and overlap(one.rows, other.rows) is Overlap.DISJOINT
    rows = one.rows if apart and one is not None else None
    kind: DataKind = "unknown" if call.name.endswith("_min") or "chunked" in call.name else "array"
    rows = None if kind == "unknown" else rows
    learned = merge_learned(*(learned_in(run, value) for value in call.args[:2]))
    return run.alloc(call.node, Data(kind=kind, rows=rows, learned=learned))


def paired(run: Run, call: Call) -> Value:
    """`paired_distances(X, Y)`: from each row to the one beside it."""
    value = numpy.elementwise(run, call)
    thing = run.object(value)
    if isinstance(thing, Data):
        run.update(value, Data(kind="array", rows=thing.rows, learned=thing.learned, rank=1))
    return value


def relevance(run: Run, call: Call) -> Value:
    """`f_classif(X, y)`, `mutual_info_classif(X, y)`: how much each column says of the target."""
    data = run.data(call.get(0, "X"))
    learned: tuple[Learned, ...] = ()
    if data is not None:
        own = Learned(run.origin(call.node), call.name, call.name, "selector", data.rows, True)
        learned = merge_learned(data.learned, (own,))
    found = Data(kind="scalar", rows=NO_ROWS, learned=learned)
    if call.name.startswith(("mutual_info", "r_")):
        return run.alloc(call.node, found)
    return _several(run, call, [found] * 2)


# --- transformations at once -------------------------------------------------------------------------


def scaled_at_once(run: Run, call: Call) -> Value:
    """`sklearn.preprocessing.scale(X)`: a scaler without the object."""
    data = run.data(call.get(0, "X"))
    if data is None:
        return run.alloc(call.node, Data())
    name = call.name
    place = {"minmax_scale": 2, "normalize": 2, "power_transform": None}.get(name, 1)
    way = along(data, call, place)
    if name == "normalize" and call.get(place, "axis") is None:
        way = "row"
    kind: DataKind = "array" if data.kind in ("frame", "series", "array") else "unknown"
    made = replace(data, kind=kind, columns=None, mask=None, scale="unknown", role=data.role)
    if way == "unknown":
        return run.alloc(call.node, replace(made, rows=data.rows))
    if way == "row":
        return run.alloc(call.node, replace(made, scale="normalised" if name == "normalize" else "unknown"))
    learned = Learned(run.origin(call.node), name, name, "scaler", data.rows)
    return run.alloc(
        call.node, replace(made, scale=_scale_of(name, call), learned=merge_learned(data.learned, (learned,)))
    )


def _scale_of(name: str, call: Call) -> Scale:
    """How a function's output is scaled, unless it is told not to."""
    told = [call.get(None, key) for key in ("with_std", "with_scaling", "standardize", "feature_range")]
    if name == "normalize" or any(value is not None and constant(value) is not True for value in told):
        return "unknown"
    if name == "quantile_transform":
        normal = call.get(None, "output_distribution")
        return "bounded" if normal is None or constant(normal) == "uniform" else "unknown"
    return "bounded" if name in ("minmax_scale", "maxabs_scale") else "standardised"


def checked(run: Run, call: Call) -> Value:
    """`check_array(X)`, `check_X_y(X, y)`: the same, as arrays."""
    first = 1 if call.name == "validate_data" else 0
    results: list[Value] = []
    for index, value in enumerate(call.args[first:]):
        data = run.data(value)
        kind: DataKind = "array" if data is not None and data.kind in ("frame", "series", "array") else "unknown"
        results.append(run.alloc(call.node, replace(data or Data(), kind=kind, mask=None), index))
    if not results or {"X", "y"} & call.keywords.keys() or not call.exact:
        return UNKNOWN
    return TupleValue(tuple(results)) if call.name == "check_X_y" or len(results) > 1 else results[0]


def bunch(run: Run, call: Call) -> Value:
    return run.alloc(call.node, DictObject(tuple(call.keywords.items()), not call.exact or bool(call.args), bunch=True))


def nothing(run: Run, call: Call) -> Value:
    return UNKNOWN


def settings(run: Run, call: Call) -> Value:
    """`set_config(transform_output="pandas")` holds from here on."""
    output = call.get(None, "transform_output")
    if output is not None:
        run.state.set(estimators.OUTPUT, output)
    return UNKNOWN


# These give a number for each threshold, and the thresholds.
CURVES = frozenset("roc_curve precision_recall_curve det_curve".split())
METRICS = """
    accuracy_score balanced_accuracy_score f1_score fbeta_score precision_score recall_score roc_auc_score
    average_precision_score log_loss brier_score_loss confusion_matrix multilabel_confusion_matrix classification_report
    roc_curve precision_recall_curve det_curve auc mean_squared_error root_mean_squared_error mean_absolute_error
    r2_score mean_absolute_percentage_error median_absolute_error explained_variance_score max_error matthews_corrcoef
    cohen_kappa_score silhouette_score adjusted_rand_score rand_score normalized_mutual_info_score
    adjusted_mutual_info_score mutual_info_score homogeneity_score completeness_score v_measure_score
    homogeneity_completeness_v_measure fowlkes_mallows_score consensus_score davies_bouldin_score
    calinski_harabasz_score mean_pinball_loss mean_squared_log_error root_mean_squared_log_error
    precision_recall_fscore_support hinge_loss jaccard_score hamming_loss zero_one_loss top_k_accuracy_score
    d2_absolute_error_score d2_pinball_score d2_tweedie_score d2_log_loss_score d2_brier_score mean_poisson_deviance
    mean_gamma_deviance mean_tweedie_deviance class_likelihood_ratios coverage_error label_ranking_loss
    label_ranking_average_precision_score dcg_score ndcg_score confusion_matrix_at_thresholds metric_at_thresholds
    """.split()
KERNELS = """
    RBF Matern RationalQuadratic ExpSineSquared DotProduct WhiteKernel ConstantKernel CompoundKernel Sum Product
    Exponentiation PairwiseKernel Kernel
    """.split()
_BOTH = ("", ".from_estimator", ".from_predictions")
_ESTIMATOR = ("", ".from_estimator")
_FOLDS = (*_BOTH, ".from_cv_results")
DISPLAYS: dict[str, tuple[str, ...]] = {
    "CalibrationDisplay": _BOTH,
    "ConfusionMatrixDisplay": _BOTH,
    "DecisionBoundaryDisplay": _ESTIMATOR,
    "DetCurveDisplay": _BOTH,
    "LearningCurveDisplay": _ESTIMATOR,
    "PartialDependenceDisplay": _ESTIMATOR,
    "PrecisionRecallDisplay": _FOLDS,
    "PredictionErrorDisplay": _BOTH,
    "RocCurveDisplay": _FOLDS,
    "ValidationCurveDisplay": _ESTIMATOR,
}

FUNCTIONS: dict[str, Model] = {
    "train_test_split": train_test_split,
    **dict.fromkeys(
        """
            cross_val_score cross_validate cross_val_predict learning_curve validation_curve permutation_test_score
            """.split(),
        cross_validation,
    ),
    "make_pipeline": make_pipeline,
    "make_union": make_union,
    "make_column_transformer": make_column_transformer,
    "clone": clone,
    **dict.fromkeys(SPLITTERS, splitter),
    **dict.fromkeys(
        """
            load_iris load_wine load_breast_cancer load_diabetes load_digits load_linnerud fetch_california_housing
            fetch_covtype fetch_kddcup99 fetch_olivetti_faces fetch_lfw_people fetch_20newsgroups_vectorized
            fetch_20newsgroups fetch_rcv1 load_boston fetch_openml
            """.split(),
        load,
    ),
    **dict.fromkeys(
        """
            make_classification make_regression make_blobs make_moons make_circles make_friedman1 make_friedman2
            make_friedman3 make_hastie_10_2 make_gaussian_quantiles make_low_rank_matrix make_s_curve
            make_swiss_roll make_sparse_uncorrelated make_multilabel_classification
            """.split(),
        generate,
    ),
    "utils.resample": resample,
    "utils.shuffle": shuffle,
    "utils.Bunch": bunch,
    "load_files": load,
    "load_svmlight_file": files,
    **{
        f"preprocessing.{name}": scaled_at_once
        for name in """
            scale minmax_scale maxabs_scale robust_scale power_transform quantile_transform normalize
            """.split()
    },
    "preprocessing.add_dummy_feature": effect(Effect(kind="unknown")),
    "preprocessing.binarize": effect(Effect(kind="unknown")),
    "preprocessing.label_binarize": effect(Effect(kind="unknown")),
    "isotonic.isotonic_regression": effect(Effect(learns="isotonic_regression", kind="array")),
    "utils.extmath.softmax": effect(Effect(kind="array")),
    "utils.extmath.row_norms": effect(Effect(kind="array")),
    "utils.extmath.safe_sparse_dot": numpy.product,
    **dict.fromkeys(METRICS, metric),
    "metrics.silhouette_samples": effect(Effect(learns="silhouette_samples", kind="array")),
    **dict.fromkeys(
        """
            pairwise_distances euclidean_distances nan_euclidean_distances pairwise_kernels pairwise_distances_argmin
            pairwise_distances_argmin_min pairwise_distances_chunked
            """.split(),
        kernel,
    ),
    **{
        f"metrics.pairwise.{name}": kernel
        for name in """
            pairwise_distances euclidean_distances cosine_distances cosine_similarity manhattan_distances
            haversine_distances nan_euclidean_distances pairwise_kernels rbf_kernel linear_kernel polynomial_kernel
            sigmoid_kernel laplacian_kernel chi2_kernel additive_chi2_kernel pairwise_distances_argmin
            pairwise_distances_argmin_min pairwise_distances_chunked
            """.split()
    },
    **{
        f"metrics.pairwise.{name}": paired
        for name in """
            paired_distances paired_euclidean_distances paired_manhattan_distances paired_cosine_distances
            """.split()
    },
    **{
        f"feature_selection.{name}": relevance
        for name in "f_classif f_regression chi2 r_regression mutual_info_classif mutual_info_regression".split()
    },
    **dict.fromkeys("check_array as_float_array column_or_1d check_X_y validate_data".split(), checked),
    **dict.fromkeys(["utils.check_random_state", "utils.validation.check_random_state"], numpy.generator),
    **dict.fromkeys(
        """
            cluster.k_means cluster.kmeans_plusplus cluster.dbscan cluster.mean_shift cluster.affinity_propagation
            cluster.spectral_clustering cluster.cluster_optics_dbscan cluster.cluster_optics_xi
            cluster.compute_optics_graph cluster.ward_tree cluster.linkage_tree cluster.estimate_bandwidth
            cluster.get_bin_seeds decomposition.fastica decomposition.dict_learning decomposition.dict_learning_online
            decomposition.non_negative_factorization decomposition.sparse_encode decomposition.randomized_svd
            linear_model.lasso_path linear_model.enet_path linear_model.lars_path linear_model.lars_path_gram
            linear_model.orthogonal_mp linear_model.orthogonal_mp_gram linear_model.ridge_regression svm.l1_min_c
            covariance.empirical_covariance covariance.ledoit_wolf covariance.ledoit_wolf_shrinkage covariance.oas
            covariance.shrunk_covariance covariance.graphical_lasso covariance.log_likelihood covariance.fast_mcd
            manifold.locally_linear_embedding manifold.spectral_embedding manifold.smacof manifold.trustworthiness
            neighbors.kneighbors_graph neighbors.radius_neighbors_graph neighbors.sort_graph_by_row_values
            feature_extraction.image.extract_patches_2d feature_extraction.image.reconstruct_from_patches_2d
            feature_extraction.image.img_to_graph feature_extraction.image.grid_to_graph
            utils.extmath.randomized_svd utils.extmath.svd_flip utils.extmath.cartesian utils.extmath.weighted_mode
            utils.extmath.density utils.extmath.squared_norm utils.extmath.stable_cumsum utils.extmath.fast_logdet
            utils.extmath.randomized_range_finder utils.extmath.make_nonnegative utils.extmath.safe_sqr
            utils.class_weight.compute_class_weight utils.class_weight.compute_sample_weight
            utils.compute_class_weight utils.compute_sample_weight utils.safe_mask utils.gen_even_slices
            utils.multiclass.unique_labels utils.multiclass.class_distribution
            random_projection.johnson_lindenstrauss_min_dim inspection.partial_dependence
            calibration.calibration_curve metrics.cluster.contingency_matrix metrics.pair_confusion_matrix
            """.split(),
        numpy.mixed,
    ),
    **dict.fromkeys(
        """
            make_biclusters make_checkerboard make_sparse_coded_signal make_spd_matrix make_sparse_spd_matrix
            datasets.load_sample_image datasets.load_sample_images datasets.fetch_file datasets.get_data_home
            datasets.fetch_species_distributions datasets.load_svmlight_files datasets.fetch_lfw_pairs
            base.is_classifier base.is_regressor base.is_clusterer base.is_outlier_detector
            model_selection.check_cv compose.make_column_selector inspection.permutation_importance
            metrics.make_scorer metrics.get_scorer metrics.check_scoring metrics.get_scorer_names
            tree.plot_tree tree.export_graphviz tree.export_text
            utils.gen_batches utils.estimator_html_repr utils.deprecated utils.parallel.Parallel utils.parallel.delayed
            utils.metaestimators.available_if utils.metadata_routing.process_routing
            utils.metadata_routing.MetadataRouter utils.metadata_routing.MethodMapping
            utils.metadata_routing.get_routing_for_object utils.multiclass.type_of_target utils.multiclass.is_multilabel
            utils.fixes.parse_version utils.fixes.sp_version utils.discovery.all_estimators utils.get_tags
            utils.estimator_checks.check_estimator utils._testing.ignore_warnings
            callback.ProgressBar callback.ScoringMonitor callback.with_callbacks
            gaussian_process.kernels.Hyperparameter
            feature_extraction.text.strip_accents_unicode feature_extraction.text.strip_accents_ascii
            feature_extraction.text.strip_tags config_context show_versions
            """.split(),
        opaque,
    ),
    **{f"gaussian_process.kernels.{name}": opaque for name in KERNELS},
    **{display + way: opaque for display, ways in DISPLAYS.items() for way in ways},
    **dict.fromkeys(
        """
            utils.validation.check_is_fitted check_consistent_length assert_all_finite get_config
            datasets.clear_data_home datasets.dump_svmlight_file utils.multiclass.check_classification_targets
            utils.indexable
            """.split(),
        nothing,
    ),
    "set_config": settings,
}
