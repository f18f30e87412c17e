"""What estimators do when they are made, fitted and used. The tables say what each class learns and what it needs."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlsense.knowledge import estimator_facts
from mlsense.semantics.core import constant
from mlsense.semantics.events import CrossValidate, Evaluate, Fit, Split
from mlsense.semantics.models.effects import Call
from mlsense.semantics.regions import NO_ROWS, Rows
from mlsense.semantics.values import (
    UNKNOWN,
    Column,
    Columns,
    Data,
    DataKind,
    DictObject,
    Estimator,
    Family,
    FitRecord,
    Function,
    Learned,
    ListObject,
    Ref,
    Role,
    Scale,
    Symbol,
    TupleValue,
    Unknown,
    Value,
    merge_learned,
    statistic,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsense.semantics.calls import Calls as Run


@dataclass(frozen=True, slots=True)
class TransformerModel:
    """What a transformer learns, and what its output's columns are scaled like; `scale` None leaves it as it was.

    `kind` and `rank` are of its output, as long as its input is an array or a table.
    """

    family: Family
    scale: Scale | None = "unknown"
    stateless: bool = False
    supervised: bool = False
    kind: DataKind = "array"
    rank: int | None = 2


def _group(model: TransformerModel, names: str) -> dict[str, TransformerModel]:
    return dict.fromkeys(names.split(), model)


TRANSFORMERS: dict[str, TransformerModel] = {
    **_group(TransformerModel("scaler", "standardised"), "StandardScaler RobustScaler PowerTransformer"),
    **_group(TransformerModel("scaler", "bounded"), "MinMaxScaler MaxAbsScaler QuantileTransformer"),
    **_group(TransformerModel("imputer", None), "SimpleImputer KNNImputer IterativeImputer"),
    **_group(TransformerModel("other"), "MissingIndicator KernelCenterer"),
    **_group(TransformerModel("other", rank=1), "IsotonicRegression"),
    **_group(
        TransformerModel("selector", None, supervised=True),
        "SelectKBest SelectPercentile SelectFpr SelectFdr SelectFwe GenericUnivariateSelect SelectFromModel RFE RFECV "
        "SequentialFeatureSelector",
    ),
    **_group(TransformerModel("selector", None), "VarianceThreshold"),
    **_group(TransformerModel("encoder", kind="sparse"), "OneHotEncoder DictVectorizer"),
    **_group(TransformerModel("encoder"), "OrdinalEncoder"),
    **_group(TransformerModel("label-encoder", rank=1), "LabelEncoder"),
    **_group(TransformerModel("label-encoder"), "LabelBinarizer MultiLabelBinarizer"),
    **_group(TransformerModel("target-encoder", supervised=True), "TargetEncoder"),
    **_group(TransformerModel("discretiser", kind="sparse"), "KBinsDiscretizer"),
    **_group(TransformerModel("discretiser"), "SplineTransformer"),
    **_group(TransformerModel("vectoriser", "normalised", kind="sparse"), "TfidfVectorizer TfidfTransformer"),
    **_group(TransformerModel("vectoriser", kind="sparse"), "CountVectorizer"),
    **_group(
        TransformerModel("reducer", supervised=True),
        "NeighborhoodComponentsAnalysis LinearDiscriminantAnalysis PLSRegression PLSCanonical PLSSVD CCA",
    ),
    **_group(
        TransformerModel("reducer", kind="sparse"),
        "KNeighborsTransformer RadiusNeighborsTransformer RandomTreesEmbedding",
    ),
    **_group(TransformerModel("reducer"), "MDS ClassicalMDS SpectralEmbedding"),
    **_group(TransformerModel("other", "normalised", stateless=True), "Normalizer"),
    **_group(TransformerModel("other", "normalised", stateless=True, kind="sparse"), "HashingVectorizer"),
    **_group(TransformerModel("other", stateless=True, kind="sparse"), "FeatureHasher"),
    **_group(
        TransformerModel("other", stateless=True),
        "FunctionTransformer PolynomialFeatures Binarizer GaussianRandomProjection SparseRandomProjection RBFSampler "
        "SkewedChi2Sampler AdditiveChi2Sampler PolynomialCountSketch SparseCoder PatchExtractor",
    ),
}


COMMITTEES = frozenset("VotingClassifier VotingRegressor StackingClassifier StackingRegressor".split())


def _told(estimator: Estimator, name: str, default: object) -> object:
    """A parameter's literal value, its default where it is not given, `...` where it is not known."""
    value = estimator.param(name)
    if value is None:
        return default if estimator.certain else ...
    return constant(value)


def _if(name: str, usual: object, **otherwise: object) -> Callable[[Estimator], dict[str, object]]:
    """What is otherwise than the table says, where a parameter is not as it usually is."""
    return lambda estimator: {} if _told(estimator, name, usual) == usual else otherwise


def _fixed(name: str) -> Callable[[Estimator], dict[str, object]]:
    """Categories, a vocabulary, knots that are written down: nothing is learned."""

    def adjusted(estimator: Estimator) -> dict[str, object]:
        value = estimator.param(name)
        told = value is not None and not isinstance(constant(value), str) and constant(value) is not None
        return {"stateless": True} if told and not isinstance(value, Unknown) else {}

    return adjusted


# What a parameter changes: of these the table holds only as long as they are as they usually are.
SETTINGS: dict[str, tuple[Callable[[Estimator], dict[str, object]], ...]] = {
    "StandardScaler": (_if("with_mean", True, scale="even"), _if("with_std", True, scale="unknown")),
    "RobustScaler": (_if("with_centering", True, scale="even"), _if("with_scaling", True, scale="unknown")),
    "PowerTransformer": (_if("standardize", True, scale="unknown"),),
    "QuantileTransformer": (_if("output_distribution", "uniform", scale="unknown"),),
    "MinMaxScaler": (_if("feature_range", (0, 1), scale="even"),),
    "SimpleImputer": (lambda estimator: {"stateless": True} if _told(estimator, "strategy", "") == "constant" else {},),
    "OneHotEncoder": (_fixed("categories"), _if("sparse_output", True, kind="unknown")),
    "OrdinalEncoder": (_fixed("categories"),),
    "KBinsDiscretizer": (_if("encode", "onehot", kind="unknown"),),
    "DictVectorizer": (_if("sparse", True, kind="unknown"),),
    "RandomTreesEmbedding": (_if("sparse_output", True, kind="unknown"),),
    "SplineTransformer": (_fixed("knots"), _if("sparse_output", False, kind="unknown")),
    "CountVectorizer": (_fixed("vocabulary"),),
    "TfidfVectorizer": (_if("norm", "l2", scale="unknown"),),
    "HashingVectorizer": (_if("norm", "l2", scale="unknown"),),
    "TfidfTransformer": (
        _if("norm", "l2", scale="unknown"),
        lambda estimator: {"stateless": True} if _told(estimator, "use_idf", True) is False else {},
    ),
    "RBFSampler": (_if("gamma", 1.0, stateless=False),),
    **dict.fromkeys((*COMMITTEES, "IsotonicRegression"), (lambda estimator: {"supervised": True},)),
}


def model_of(estimator: Estimator) -> TransformerModel | None:
    """What a transformer does as it is set."""
    model = transformer_model(estimator.cls)
    if model is None:
        return None
    for adjusted in SETTINGS.get(short(estimator.cls), ()):
        model = replace(model, **adjusted(estimator))  # type: ignore[arg-type]
    return model


# Classes outside scikit-learn that keep to its interface.
FOREIGN: dict[str, tuple[str, ...]] = {
    "XGBClassifier": ("classifier",),
    "XGBRegressor": ("regressor",),
    "LGBMClassifier": ("classifier",),
    "LGBMRegressor": ("regressor",),
    "CatBoostClassifier": ("classifier",),
    "CatBoostRegressor": ("regressor",),
    "BalancedRandomForestClassifier": ("classifier",),
    "EasyEnsembleClassifier": ("classifier",),
    "RUSBoostClassifier": ("classifier",),
    "BalancedBaggingClassifier": ("classifier",),
}

RESAMPLERS = frozenset(
    """
        SMOTE ADASYN BorderlineSMOTE SVMSMOTE KMeansSMOTE SMOTENC SMOTEN RandomOverSampler SMOTEENN SMOTETomek
        RandomUnderSampler NearMiss TomekLinks ClusterCentroids EditedNearestNeighbours NeighbourhoodCleaningRule
        OneSidedSelection CondensedNearestNeighbour AllKNN InstanceHardnessThreshold
        """.split()
)
SEARCHES = frozenset(["GridSearchCV", "RandomizedSearchCV", "HalvingGridSearchCV", "HalvingRandomSearchCV"])
WRAPPERS = frozenset(
    """
        BaggingClassifier BaggingRegressor AdaBoostClassifier AdaBoostRegressor CalibratedClassifierCV
        OneVsRestClassifier OneVsOneClassifier OutputCodeClassifier MultiOutputClassifier MultiOutputRegressor
        ClassifierChain RegressorChain TransformedTargetRegressor SelfTrainingClassifier FixedThresholdClassifier
        TunedThresholdClassifierCV
        """.split()
)


ROLES: dict[str, Role] = {
    "predict": "prediction",
    "predict_proba": "probability",
    "predict_log_proba": "score",
    "decision_function": "score",
}
# Under this key the state keeps what `set_config(transform_output=...)` was told.
OUTPUT = ("sklearn", "transform_output")


def short(cls: str) -> str:
    return cls.rpartition(".")[2]


def kinds_of(cls: str) -> tuple[str, ...] | None:
    """The estimator kinds of a class by its dotted name; None where it is no estimator we know."""
    root, name = cls.partition(".")[0], short(cls)
    if root == "sklearn":
        facts = estimator_facts(name)
        return None if facts is None else facts.kinds
    if root in ("xgboost", "lightgbm", "catboost", "imblearn") and name in FOREIGN:
        return FOREIGN[name]
    if root == "imblearn":
        return ("resampler",) if name in RESAMPLERS else ("pipeline",) if name == "Pipeline" else None
    if root in ("tensorflow", "keras") and name in ("Sequential", "Model"):
        return ("network",)
    return None


def transformer_model(cls: str) -> TransformerModel | None:
    """None for what transforms nothing."""
    name = short(cls)
    if name in TRANSFORMERS:
        return TRANSFORMERS[name]
    facts = estimator_facts(name) if cls.startswith("sklearn") else None
    if facts is None or "transformer" not in facts.kinds:
        return None
    return TransformerModel("reducer", stateless=facts.requires_fit is False, supervised=bool(facts.requires_y))


# --- making ------------------------------------------------------------------------------------------


def make(run: Run, cls: str, kinds: tuple[str, ...], call: Call) -> Value:
    """The constructor: parameters by name, steps of containers."""
    name = short(cls)
    facts = estimator_facts(name) if cls.startswith("sklearn") else None
    names = facts.params if facts is not None else ()
    params = dict(zip(names, call.args, strict=False)) | call.keywords
    steps: tuple[tuple[str, Value], ...] | None = ()
    if name in ("Pipeline", "FeatureUnion"):
        steps = _named_steps(run, call.get(0, "steps", "transformer_list"))
    elif name == "ColumnTransformer":
        steps = _named_steps(run, call.get(0, "transformers"))
    elif name in COMMITTEES:
        steps = _named_steps(run, call.get(0, "estimators"))
    elif name in SEARCHES or name in WRAPPERS:
        inner = call.get(0, "estimator", "regressor")
        steps = () if inner is None else (("estimator", inner),)
    certain = call.exact and steps is not None
    made = run.origin(call.node)
    return run.alloc(call.node, Estimator(cls, kinds, tuple(params.items()), steps or (), certain=certain, made=made))


def made_of(run: Run, cls: str, values: list[Value], call: Call) -> Value:
    """`make_pipeline(a, b)`: steps named after their classes."""
    steps = []
    for value in values:
        thing = run.object(value)
        steps.append((short(thing.cls).lower() if isinstance(thing, Estimator) else "step", value))
    made = run.origin(call.node)
    return run.alloc(call.node, Estimator(cls, kinds_of(cls) or (), (), tuple(steps), certain=call.exact, made=made))


def _named_steps(run: Run, value: Value | None) -> tuple[tuple[str, Value], ...] | None:
    """`[("name", estimator, ...), ...]`; None where it is not a literal list."""
    thing = run.object(value)
    if not isinstance(thing, ListObject) or thing.items is None:
        return None
    steps: list[tuple[str, Value]] = []
    for item in thing.items:
        if not isinstance(item, TupleValue) or len(item.items) < 2:
            return None
        name = getattr(item.items[0], "value", None)
        steps.append((str(name), item.items[1]))
    return tuple(steps)


# --- inside containers -------------------------------------------------------------------------------


def steps_of(run: Run, estimator: Estimator, depth: int = 0) -> list[Estimator]:
    """The estimator itself, or the leaves of a container in order."""
    if not estimator.steps or depth > 6:
        return [estimator]
    leaves: list[Estimator] = []
    for _, value in estimator.steps:
        thing = run.object(value)
        if isinstance(thing, Estimator):
            leaves.extend(steps_of(run, thing, depth + 1))
    if short(estimator.cls) in WRAPPERS:
        leaves.append(estimator)
    return leaves


def wholly_known(run: Run, estimator: Estimator, depth: int = 0) -> bool:
    """Whether every part of it is an estimator we know."""
    if not estimator.certain or depth > 6:
        return False
    for _, value in estimator.steps:
        thing = run.object(value)
        if thing is None and getattr(value, "value", None) in ("passthrough", "drop", None):
            continue
        if not isinstance(thing, Estimator) or not wholly_known(run, thing, depth + 1):
            return False
    return True


def leaves(run: Run, estimator: Estimator) -> tuple[Estimator, ...] | None:
    """The steps in order; None where one of them is not known."""
    return tuple(steps_of(run, estimator)) if wholly_known(run, estimator) else None


_GRAVITY: tuple[Family, ...] = (
    "target-encoder", "selector", "scaler", "reducer", "imputer", "vectoriser", "discretiser", "encoder",
    "label-encoder", "other",
)  # fmt: skip


def learned_by(run: Run, estimator: Estimator) -> tuple[Learned, ...]:
    """The statistic that a fitted transformer or container brings into what it transforms: its gravest part's."""
    record = estimator.fitted
    if record is None:
        return ()
    stateful = [
        (leaf, model)
        for leaf in steps_of(run, estimator)
        if (model := model_of(leaf)) is not None and not model.stateless
    ]
    own_model = model_of(estimator) if estimator.steps and short(estimator.cls) in COMMITTEES else None
    if own_model is not None:
        # What stacks or averages models hands on what these learned of the targets.
        stateful.append((estimator, own_model))
    if not stateful:
        return record.learned
    leaf, model = min(stateful, key=lambda pair: _GRAVITY.index(pair[1].family) if pair[1].family in _GRAVITY else 99)
    container = short(estimator.cls) if leaf is not estimator else ""
    own = Learned(
        record.origin, short(leaf.cls), record.name, model.family, record.rows, model.supervised, record.estimator,
        inside=container,
    )  # fmt: skip
    return merge_learned((own,), record.learned)


def output_scale(run: Run, estimator: Estimator, before: Scale, depth: int = 0) -> Scale:
    """How what comes out is scaled: step after step; parts put side by side have no scale in common."""
    name = short(estimator.cls)
    if name in ("ColumnTransformer", "FeatureUnion") or depth > 6:
        return "unknown"
    if not estimator.steps or name != "Pipeline":
        model = model_of(estimator)
        return "unknown" if model is None else before if model.scale is None else model.scale
    scale = before
    for _, value in estimator.steps:
        thing = run.object(value)
        if isinstance(thing, Estimator):
            scale = output_scale(run, thing, scale, depth + 1)
        elif getattr(value, "value", "") not in ("passthrough", None):
            return "unknown"
    return scale if estimator.certain else "unknown"


def output_kind(run: Run, estimator: Estimator, x: Data) -> DataKind:
    """An array, unless it was told to give tables, or gives sparse matrices."""
    told = estimator.param("transform_output") or run.state.get(OUTPUT)
    if told is not None and constant(told) != "default":  # type: ignore[arg-type]
        return "frame" if constant(told) == "pandas" else "unknown"  # type: ignore[arg-type]
    models = [model_of(leaf) for leaf in steps_of(run, estimator)]
    kinds = {model.kind for model in models if model is not None}
    if x.kind in ("sparse", "unknown") and kinds != {"sparse"}:
        return "unknown"
    return kinds.pop() if len(kinds) == 1 and (not estimator.steps or kinds == {"array"}) else "unknown"


# --- using -------------------------------------------------------------------------------------------


def called(run: Run, call: Call, cls: str) -> str:
    """How the program calls the estimator: its variable, else its class."""
    func = call.node.func
    if isinstance(func, ast.Attribute) and isinstance(func.value, (ast.Name, ast.Attribute)):
        text = ast.unparse(func.value)
        if len(text) <= 40:
            return text
    return short(cls)


def method(run: Run, receiver: Value, estimator: Estimator, name: str, call: Call) -> Value:
    """Calls a method of an estimator."""
    x = run.data(call.get(0, "X", "raw_documents", "x", "y"))
    if "network" in estimator.kinds and name == "fit" and x is not None and "validation_split" in call.keywords:
        node = call.node_of(0, "x")
        place = run.place(node) if node is not None else run.place(call.node)
        base = (run.origin(call.node), tuple(run.loops), run.assumed, run.statement_place())
        run.emit(Split(*base, "validation_split", (x,), (place,), run.place(call.node)))
    if name in ("fit", "partial_fit"):
        fit(run, receiver, estimator, name, call)
        return receiver if "network" not in estimator.kinds else UNKNOWN
    if name == "fit_transform":
        fitted = fit(run, receiver, estimator, name, call)
        return transform(run, fitted, x, call)
    if name == "fit_resample":
        return resample(run, receiver, estimator, call)
    if name in ("fit_predict",):
        fitted = fit(run, receiver, estimator, name, call)
        return run.alloc(call.node, Data(kind="array", rows=x.rows if x else None, role="prediction", rank=1))
    if name in ("transform", "inverse_transform"):
        return (
            transform(run, estimator, x, call)
            if name == "transform"
            else run.alloc(call.node, Data(rows=x.rows if x else None, learned=x.learned if x else ()))
        )
    if name in (
        "predict",
        "predict_proba",
        "decision_function",
        "predict_log_proba",
        "score",
        "evaluate",
        "score_samples",
    ):
        return predict(run, estimator, name, x, call)
    if name == "set_params" or name == "set_output" or name.startswith("set_"):
        if name == "set_params":
            params = dict(estimator.params) | call.keywords
            run.update(receiver, replace(estimator, params=tuple(params.items())))
        elif name == "set_output":
            output = call.get(None, "transform")
            params = dict(estimator.params) | ({"transform_output": output} if output is not None else {})
            run.update(receiver, replace(estimator, params=tuple(params.items())))
        return receiver
    if name in ("get_support", "get_feature_names_out", "get_feature_names"):
        return run.alloc(call.node, Data(kind="labels", rows=NO_ROWS, learned=learned_by(run, estimator)))
    return UNKNOWN


def fit(run: Run, receiver: Value, estimator: Estimator, method_name: str, call: Call) -> Estimator:
    """The estimator learns from its first argument; events tell the rules."""
    node = call.node_of(0, "X", "raw_documents", "x", "y")
    x = run.data(call.get(0, "X", "raw_documents", "x", "y"))
    y = run.data(call.get(1, "y"))
    name = called(run, call, estimator.cls)
    ref = receiver if isinstance(receiver, Ref) else Ref(run.origin(call.node))
    record = FitRecord(
        run.origin(call.node),
        ref,
        name,
        x.rows if x is not None else None,
        x.learned if x is not None else (),
        x.columns if x is not None else None,
    )
    fitted = replace(estimator, fitted=record)
    run.update(receiver, fitted)
    place = run.place(node) if node is not None else None
    base = (record.origin, tuple(run.loops), run.assumed, run.statement_place())
    whole = run.place(call.node)
    run.emit(
        Fit(
            *base,
            name,
            method_name,
            ref,
            estimator,
            fitted,
            x,
            y,
            place,
            record,
            whole,
            leaves(run, estimator),
            run.optional,
        )
    )
    if short(estimator.cls) in SEARCHES and estimator.steps:
        inner = run.object(estimator.steps[0][1])
        run.emit(
            CrossValidate(
                *base,
                short(estimator.cls),
                inner if isinstance(inner, Estimator) else None,
                x,
                y,
                place,
                whole,
                leaves(run, inner) if isinstance(inner, Estimator) else None,
            )
        )
    return fitted


def transform(run: Run, estimator: Estimator, x: Data | None, call: Call) -> Value:
    """The rows stay, their values now rest on what the transformer learned."""
    if x is None:
        return run.alloc(call.node, Data(learned=learned_by(run, estimator)))
    name = short(estimator.cls)
    if name == "FunctionTransformer":
        return run.alloc(call.node, _by_function(run, estimator, x, call))
    model = model_of(estimator)
    keeps_columns = model is not None and model.family in ("scaler", "imputer") and not estimator.steps
    columns = None
    if keeps_columns and x.columns is not None:
        items = x.columns.items if name == "SimpleImputer" and not _fills_constant(estimator) else ()
        columns = Columns(items or tuple(Column(item.name) for item in x.columns.items), False)
    result = Data(
        kind=output_kind(run, estimator, x),
        rows=None if name == "PatchExtractor" else x.rows,
        learned=merge_learned(x.learned, learned_by(run, estimator)),
        role=x.role,
        scale=output_scale(run, estimator, x.scale),
        columns=columns,
        rank=None if name == "PatchExtractor" else model.rank if model is not None else 2,
    )
    y = call.get(1, "y", "Y")
    if name in PAIRED and y is not None and constant(y) is not None:
        return TupleValue((run.alloc(call.node, result), UNKNOWN))
    return run.alloc(call.node, result)


# With targets these give the scores of both.
PAIRED = frozenset("CCA PLSCanonical PLSRegression PLSSVD".split())


def _fills_constant(estimator: Estimator) -> bool:
    return _told(estimator, "strategy", "mean") not in ("mean", "median", "most_frequent")


def _by_function(run: Run, estimator: Estimator, x: Data, call: Call) -> Data:
    """What the function makes of the table, learning of its rows or not."""
    function = estimator.param("func")
    if function is None or constant(function) is None:
        return replace(x, mask=None) if estimator.certain else Data(learned=x.learned)
    if isinstance(function, (Function, Symbol)):
        handed = run.alloc(call.node, replace(x, mask=None), "handed")
        result = run.object(run.call(function, Call(call.node, [handed], {}, exact=False)))
        if isinstance(result, Data):
            return replace(result, learned=merge_learned(x.learned, result.learned), kind="unknown")
    # Functions that are handed to it work row by row, as a rule.
    return Data(kind="unknown", rows=x.rows, learned=x.learned, role=x.role)


def resample(run: Run, receiver: Value, estimator: Estimator, call: Call) -> Value:
    """New rows made from those given: they share rows with every part of them."""
    x, y = run.data(call.get(0, "X")), run.data(call.get(1, "y"))
    learned = Learned(
        run.origin(call.node), short(estimator.cls), called(run, call, estimator.cls), "resampler",
        x.rows if x else None, True, receiver if isinstance(receiver, Ref) else None,
    )  # fmt: skip
    results: list[Value] = []
    for index, data in enumerate((x, y)):
        made = Data() if data is None else replace(
            data,
            rows=Rows((), (*data.rows.parts, *data.rows.made_from)) if data.rows is not None else None,
            learned=merge_learned(data.learned, (learned,)),
        )  # fmt: skip
        results.append(run.alloc(call.node, made, index))
    return TupleValue(tuple(results))


def predict(run: Run, estimator: Estimator, name: str, x: Data | None, call: Call) -> Value:
    """Predictions remember the fit they come from; using a model on rows is an evaluation of it."""
    record = estimator.fitted
    if record is not None and x is not None:
        run.emit(
            Evaluate(
                run.origin(call.node), tuple(run.loops), run.assumed, run.statement_place(),
                name, record, x, run.place(call.node), name in ("score", "evaluate"),
            )
        )  # fmt: skip
    if name in ("score", "evaluate"):
        return run.alloc(call.node, Data(kind="scalar", rows=NO_ROWS))
    return run.alloc(
        call.node,
        Data(
            kind="array",
            rows=x.rows if x is not None else None,
            role=ROLES.get(name, "score"),
            fits=(record,) if record is not None else (),
            learned=x.learned if x is not None else (),
        ),
    )


def attribute(run: Run, base: Value, estimator: Estimator, name: str, node: ast.AST) -> Value | None:
    """Attributes that a fit leaves behind; None for methods."""
    if name == "best_estimator_" and estimator.steps:
        inner = run.object(estimator.steps[0][1])
        if isinstance(inner, Estimator):
            return run.alloc(node, replace(inner, fitted=estimator.fitted), name)
    if name == "named_steps":
        return run.alloc(node, DictObject(estimator.steps, element=UNKNOWN), name)
    if name == "labels_" and estimator.fitted is not None:
        return run.alloc(node, Data(kind="array", rows=estimator.fitted.rows, role="prediction"), name)
    if name in ("feature_importances_", "coef_") and estimator.fitted is not None:
        record = estimator.fitted
        cls = short(estimator.cls)
        weights = Learned(record.origin, cls, record.name, "selector", record.rows, True, record.estimator)
        return run.alloc(node, statistic((weights,)), name)
    if name.endswith("_") and not name.startswith("_"):
        if estimator.fitted is None or transformer_model(estimator.cls) is None:
            return UNKNOWN
        return run.alloc(node, statistic(learned_by(run, estimator)), name)
    return None


__all__ = "NO_ROWS attribute kinds_of made_of make method short steps_of transformer_model".split()
