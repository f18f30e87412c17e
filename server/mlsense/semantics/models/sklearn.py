"""scikit-learn's functions: splits, cross-validation, data sets, containers, metrics."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.knowledge import bundled_dataset
from mlsense.semantics.core import constant
from mlsense.semantics.events import CrossValidate, Evaluate, Split
from mlsense.semantics.models import estimators
from mlsense.semantics.models.effects import Call
from mlsense.semantics.regions import NO_ROWS, Choice, Rows
from mlsense.semantics.values import (
    UNKNOWN,
    Column,
    Columns,
    Const,
    Data,
    DictObject,
    Estimator,
    Learned,
    ListObject,
    Opaque,
    Scale,
    TupleValue,
    Value,
    merge_learned,
)

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model

# Bundled sets whose columns are all in one unit (centimetres, grey values): distances are fair as they are.
SAME_UNIT = frozenset(["load_iris", "load_digits", "fetch_olivetti_faces", "fetch_lfw_people", "fetch_lfw_pairs"])
# Loaders of texts, of sparse counts, and of whatever is asked for.
OF_ANY_SCALE = frozenset(["fetch_20newsgroups", "fetch_20newsgroups_vectorized", "fetch_rcv1", "fetch_openml"])


def train_test_split(run: Run, call: Call) -> Value:
    """Two parts of every array, in order: train and test, train and test."""
    inputs = [run.data(value) for value in call.args]
    origin = run.origin(call.node)
    nodes = [call.nodes.get(index) for index in range(len(call.args))]
    if not call.exact or not inputs:
        return UNKNOWN
    run.emit(
        Split(
            origin, tuple(run.loops), run.assumed, run.statement_place(),
            "train_test_split", tuple(inputs), tuple(run.place(node) for node in nodes if node is not None),
            run.place(call.node),
        )
    )  # fmt: skip
    results: list[Value] = []
    kind = "slice" if constant(call.get(None, "shuffle")) is False else "split"
    for index, data in enumerate(inputs):
        for part in (0, 1):
            choice = Choice((origin, "halves") if kind == "slice" else origin, "split", part)
            known = data or Data()
            made = replace(
                known,
                rows=known.rows.choose(choice) if known.rows is not None else None,
                selects=(*known.selects, choice) if known.selects is not None else None,
                mask=None,
            )
            results.append(run.alloc(call.node, made, (index, part)))
    return TupleValue(tuple(results))


def cross_validation(run: Run, call: Call) -> Value:
    """`cross_val_score(estimator, X, y)` and its kind: every fold is trained without and evaluated with."""
    estimator = run.object(call.get(0, "estimator"))
    x = run.data(call.get(1, "X"))
    node = call.node_of(1, "X")
    name = call.name
    run.emit(
        CrossValidate(
            run.origin(call.node), tuple(run.loops), run.assumed, run.statement_place(), name,
            estimator if isinstance(estimator, Estimator) else None, x, run.data(call.get(2, "y")),
            run.place(node) if node is not None else None, run.place(call.node),
            estimators.leaves(run, estimator) if isinstance(estimator, Estimator) else None,
        )
    )  # fmt: skip
    if name == "cross_val_predict":
        return run.alloc(call.node, Data(kind="array", rows=x.rows if x else None, role="prediction"))
    if name == "cross_val_score":
        return run.alloc(call.node, Data(kind="array", rows=NO_ROWS))
    return UNKNOWN


def make_pipeline(run: Run, call: Call) -> Value:
    return estimators.made_of(run, "sklearn.pipeline.Pipeline", call.args, call)


def make_union(run: Run, call: Call) -> Value:
    return estimators.made_of(run, "sklearn.pipeline.FeatureUnion", call.args, call)


def make_column_transformer(run: Run, call: Call) -> Value:
    parts = [value.items[0] for value in call.args if isinstance(value, TupleValue) and value.items]
    return estimators.made_of(run, "sklearn.compose.ColumnTransformer", parts, call)


def clone(run: Run, call: Call) -> Value:
    thing = run.object(call.get(0, "estimator"))
    return run.alloc(call.node, replace(thing, fitted=None)) if isinstance(thing, Estimator) else UNKNOWN


def splitter(run: Run, call: Call) -> Value:
    symbol = call.name
    return run.alloc(call.node, Opaque(symbol=f"sklearn.model_selection.{symbol}", label=f"{symbol}(...)"))


SPLITTERS = """
    KFold StratifiedKFold GroupKFold StratifiedGroupKFold RepeatedKFold RepeatedStratifiedKFold LeaveOneOut
    LeavePOut LeaveOneGroupOut LeavePGroupsOut ShuffleSplit StratifiedShuffleSplit GroupShuffleSplit TimeSeriesSplit
    PredefinedSplit
    """.split()


def folds(run: Run, call: Call) -> Value:
    """`splitter.split(X)`: pairs of positions, training and test part of one fold."""
    origin = run.origin(call.node)
    pair = tuple(
        run.alloc(call.node, Data(kind="index", selects=(Choice(origin, "fold", part),)), part)
        for part in ("train", "test")
    )
    return run.alloc(call.node, ListObject(None, TupleValue(pair), "folds"), "folds")


# --- data sets ---------------------------------------------------------------------------------------


def load(run: Run, call: Call) -> Value:
    """`load_wine()` and its kind: features and target over the same rows."""
    loader = call.name
    arguments = ", ".join(ast.unparse(argument) for argument in (*call.node.args, *call.node.keywords))
    facts = bundled_dataset(loader)
    scaled = constant(call.get(None, "scaled")) is not False
    columns = None
    scale: Scale = "unknown" if loader in OF_ANY_SCALE else "raw"
    if facts is not None:
        columns = Columns(tuple(Column(*column) for column in facts.columns))
        if loader == "load_diabetes":
            scale = "standardised" if scaled else "raw"
            columns = columns if scaled else None
    if loader in SAME_UNIT:
        scale = "even"
    subset = constant(call.get(None, "subset"))
    key = ("dataset", loader, subset if isinstance(subset, str) else "", arguments if facts is None else "")
    rows = run.source(call.node, f"{loader}()", key, facts.rows if facts is not None else None)
    frame = constant(call.get(None, "as_frame")) is True
    x = run.alloc(
        call.node,
        Data(
            kind="frame" if frame else "array",
            rows=rows,
            role="features",
            scale=scale,
            columns=columns,
            rank=2,
        ),
        "data",
    )
    target = run.alloc(call.node, Data(kind="series" if frame else "array", rows=rows, role="target", rank=1), "target")
    if constant(call.get(None, "return_X_y")) is True:
        return TupleValue((x, target))
    items: list[tuple[str, Value]] = [("data", x), ("target", target), ("images", x)]
    if frame and columns is not None and facts is not None:
        everything = Columns((*columns.items, *(Column(name) for name in facts.target)))
        whole = Data(kind="frame", rows=rows, scale=scale, columns=everything, rank=2)
        items.append(("frame", run.alloc(call.node, whole, "frame")))
    names = UNKNOWN if columns is None else TupleValue(tuple(Const.of(column.name) for column in columns.items))
    items.append(("feature_names", names))
    return run.alloc(call.node, DictObject(tuple(items), True, bunch=True), "bunch")


def generate(run: Run, call: Call) -> Value:
    """`make_classification()` and its kind: synthetic features of one scale, and a target."""
    count = constant(call.get(0, "n_samples"))
    name = call.name
    rows = run.source(call.node, f"{name}()", None, count if isinstance(count, int) else 100)
    x = run.alloc(call.node, Data(kind="array", rows=rows, role="features", scale="even", rank=2), "data")
    y = run.alloc(call.node, Data(kind="array", rows=rows, role="target", rank=1), "target")
    extra = constant(call.get(None, "return_centers")) is True or constant(call.get(None, "coef")) is True
    return TupleValue((x, y, UNKNOWN) if extra else (x, y))


def resample(run: Run, call: Call) -> Value:
    """`sklearn.utils.resample`: rows drawn from those given, with replacement unless it says otherwise."""
    results: list[Value] = []
    for index, value in enumerate(call.args):
        data = run.data(value) or Data()
        rows = Rows((), data.rows.parts) if data.rows is not None else None
        results.append(run.alloc(call.node, replace(data, rows=rows), index))
    return results[0] if len(results) == 1 else TupleValue(tuple(results))


def shuffle(run: Run, call: Call) -> Value:
    results = [run.alloc(call.node, run.data(value) or Data(), index) for index, value in enumerate(call.args)]
    return results[0] if len(results) == 1 else TupleValue(tuple(results))


def metric(run: Run, call: Call) -> Value:
    """A score of predictions, which know the fit they come from."""
    for value in (*call.args, *call.keywords.values()):
        predicted = run.object(value)
        if not isinstance(predicted, Data):
            continue
        for record in predicted.fits:
            run.emit(
                Evaluate(
                    run.origin(call.node), tuple(run.loops), run.assumed, run.statement_place(),
                    call.name, record, predicted, run.place(call.node), True,
                )
            )  # fmt: skip
    return run.alloc(call.node, Data(kind="scalar", rows=NO_ROWS))


def scaled_at_once(run: Run, call: Call) -> Value:
    """`sklearn.preprocessing.scale(X)`: a scaler without the object."""
    data = run.data(call.get(0, "X"))
    if data is None:
        return UNKNOWN
    name = call.name
    if name == "normalize":
        return run.alloc(call.node, replace(data, kind="array", scale="normalised", columns=None))
    if constant(call.get(1, "axis")) == 1:
        return run.alloc(call.node, replace(data, kind="array", scale="unknown", columns=None))
    learned = Learned(run.origin(call.node), name, name, "scaler", data.rows)
    return run.alloc(
        call.node,
        replace(
            data,
            kind="array",
            scale="standardised",
            columns=None,
            learned=merge_learned(data.learned, (learned,)),
        ),
    )


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
            load_boston fetch_openml
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
    "utils._indexing.resample": resample,
    **{
        f"preprocessing.{name}": scaled_at_once
        for name in """
            scale minmax_scale maxabs_scale robust_scale power_transform quantile_transform normalize
            """.split()
    },
    **{
        f"metrics.{name}": metric
        for name in """
            accuracy_score balanced_accuracy_score f1_score fbeta_score precision_score recall_score roc_auc_score
            average_precision_score log_loss brier_score_loss confusion_matrix classification_report roc_curve
            precision_recall_curve det_curve auc mean_squared_error root_mean_squared_error mean_absolute_error
            r2_score mean_absolute_percentage_error median_absolute_error explained_variance_score max_error
            matthews_corrcoef cohen_kappa_score silhouette_score adjusted_rand_score normalized_mutual_info_score
            homogeneity_score completeness_score v_measure_score davies_bouldin_score calinski_harabasz_score
            mean_pinball_loss mean_squared_log_error precision_recall_fscore_support make_scorer get_scorer
            hinge_loss jaccard_score hamming_loss zero_one_loss top_k_accuracy_score pairwise_distances
            d2_absolute_error_score mean_poisson_deviance mean_gamma_deviance mean_tweedie_deviance
            """.split()
    },
    "set_config": metric,
}
