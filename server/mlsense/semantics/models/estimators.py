"""What estimators do when they are made, fitted and used. The tables say what each class learns and what it needs."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.knowledge import estimator_facts, sampler_facts
from mlsense.semantics.core import code_of, constant, text_of
from mlsense.semantics.events import CrossValidate, Evaluate, Fit, Split
from mlsense.semantics.immutable import dataclass
from mlsense.semantics.models import keras, scores
from mlsense.semantics.models.effects import Call, names_only
from mlsense.semantics.regions import NO_ROWS, Choice, Rows
from mlsense.semantics.values import (
    NONE,
    UNKNOWN,
    Column,
    Columns,
    Const,
    Data,
    DataKind,
    DictObject,
    Estimator,
    Family,
    FitRecord,
    Form,
    Function,
    Learned,
    ListObject,
    Opaque,
    Ref,
    Role,
    Scale,
    Score,
    Symbol,
    TupleValue,
    Unknown,
    Value,
    computed_from,
    merge_learned,
    statistic,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.values import Origin


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


# Layers of Keras that learn from data by `adapt`.
KERAS_LAYERS: dict[str, TransformerModel] = {
    "Normalization": TransformerModel("scaler", "standardised", kind="unknown", rank=None),
    "Discretization": TransformerModel("discretiser", kind="unknown", rank=None),
    "StringLookup": TransformerModel("encoder", kind="unknown", rank=None),
    "IntegerLookup": TransformerModel("encoder", kind="unknown", rank=None),
    "TextVectorization": TransformerModel("vectoriser", kind="unknown", rank=None),
}

# Transformers of other libraries that keep to scikit-learn's interface, by library: they give tables.
OUTSIDE: dict[str, dict[str, TransformerModel]] = {
    "category_encoders": {
        **_group(
            TransformerModel("target-encoder", supervised=True, kind="frame"),
            "TargetEncoder LeaveOneOutEncoder CatBoostEncoder JamesSteinEncoder MEstimateEncoder WOEEncoder "
            "GLMMEncoder QuantileEncoder SummaryEncoder CountTargetEncoder",
        ),
        **_group(
            TransformerModel("encoder", kind="frame"),
            "OneHotEncoder OrdinalEncoder BinaryEncoder BaseNEncoder CountEncoder GrayEncoder HelmertEncoder "
            "SumEncoder PolynomialEncoder BackwardDifferenceEncoder RankHotEncoder MultiHotEncoder",
        ),
        "HashingEncoder": TransformerModel("other", stateless=True, kind="frame"),
    },
    "feature_engine": {
        **_group(
            TransformerModel("imputer", None, kind="frame"),
            "MeanMedianImputer CategoricalImputer EndTailImputer RandomSampleImputer",
        ),
        **_group(
            TransformerModel("other", None, stateless=True, kind="frame"),
            "ArbitraryNumberImputer AddMissingIndicator DropMissingData LogTransformer LogCpTransformer "
            "ReciprocalTransformer PowerTransformer ArbitraryDiscretiser ArbitraryOutlierCapper DropFeatures "
            "MathFeatures RelativeFeatures DatetimeFeatures CyclicalFeatures",
        ),
        **_group(
            TransformerModel("target-encoder", supervised=True, kind="frame"),
            "MeanEncoder WoEEncoder DecisionTreeEncoder",
        ),
        **_group(
            TransformerModel("encoder", kind="frame"),
            "OneHotEncoder OrdinalEncoder CountFrequencyEncoder RareLabelEncoder StringSimilarityEncoder",
        ),
        **_group(
            TransformerModel("scaler", kind="frame"), "YeoJohnsonTransformer BoxCoxTransformer MeanNormalizationScaler"
        ),
        **_group(TransformerModel("discretiser", kind="frame"), "EqualFrequencyDiscretiser EqualWidthDiscretiser"),
        **_group(
            TransformerModel("selector", None, supervised=True, kind="frame"),
            "RecursiveFeatureElimination RecursiveFeatureAddition SelectByShuffling SelectBySingleFeaturePerformance "
            "SelectByTargetMeanPerformance SelectByInformationValue ProbeFeatureSelection MRMR",
        ),
        **_group(
            TransformerModel("selector", None, kind="frame"),
            "DropConstantFeatures DropDuplicateFeatures DropCorrelatedFeatures SmartCorrelatedSelection",
        ),
    },
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
    **dict.fromkeys("NeuralNetClassifier NeuralNetBinaryClassifier KerasClassifier".split(), ("classifier",)),
    **dict.fromkeys("NeuralNetRegressor KerasRegressor".split(), ("regressor",)),
    "XGBClassifier": ("classifier",),
    "XGBRegressor": ("regressor",),
    "LGBMClassifier": ("classifier",),
    "LGBMRegressor": ("regressor",),
    "CatBoostClassifier": ("classifier",),
    "CatBoostRegressor": ("regressor",),
}

# Under which name a search is handed what it tries.
SEARCHES: dict[str, str] = {
    "GridSearchCV": "param_grid",
    "RandomizedSearchCV": "param_distributions",
    "HalvingGridSearchCV": "param_grid",
    "HalvingRandomSearchCV": "param_distributions",
}
WRAPPERS = frozenset(
    """
        BaggingClassifier BaggingRegressor AdaBoostClassifier AdaBoostRegressor CalibratedClassifierCV
        OneVsRestClassifier OneVsOneClassifier OutputCodeClassifier MultiOutputClassifier MultiOutputRegressor
        ClassifierChain RegressorChain TransformedTargetRegressor SelfTrainingClassifier FixedThresholdClassifier
        TunedThresholdClassifierCV
        """.split()
)


# These fit their steps themselves, others fit copies of what they are given.
IN_PLACE = frozenset(["Pipeline", "FeatureUnion"])
# Under which name a container is handed its parts.
PARTS: dict[str, str] = {
    "Pipeline": "steps",
    "FeatureUnion": "transformer_list",
    "ColumnTransformer": "transformers",
    **dict.fromkeys(COMMITTEES, "estimators"),
}
# The attribute under which a fitted copy is found, and whether it was fitted on all rows or on some of them.
FITTED: dict[str, dict[str, bool]] = {
    "best_estimator_": dict.fromkeys(SEARCHES, True),
    "regressor_": {"TransformedTargetRegressor": True},
    "estimator_": {
        **dict.fromkeys("FixedThresholdClassifier TunedThresholdClassifierCV SelectFromModel RFE RFECV".split(), True),
        **dict.fromkeys(["SelfTrainingClassifier", "RANSACRegressor"], False),
    },
}
# Those whose `estimators_` are copies of the one they were given, fitted on all rows.
REPEATED = frozenset("OneVsRestClassifier MultiOutputClassifier MultiOutputRegressor OutputCodeClassifier".split())
# Attributes with an entry for each row of the fit, and what these are.
OF_ROWS: dict[str, Role] = {
    "labels_": "prediction",
    "row_labels_": "prediction",
    "transduction_": "prediction",
    "embedding_": "unknown",
    "negative_outlier_factor_": "score",
    "probabilities_": "score",
    "x_scores_": "unknown",
    "y_scores_": "unknown",
}
# Of or between the rows of the fit, in forms that are not followed.
BETWEEN_ROWS = frozenset(
    "dist_matrix_ dissimilarity_matrix_ X_fit_ eigenvectors_ X_thresholds_ y_thresholds_ affinity_matrix_".split()
)

ROLES: dict[str, Role] = {
    "predict": "prediction",
    "predict_proba": "probability",
    "predict_log_proba": "score",
    "predict_joint_log_proba": "score",
    "decision_function": "score",
    "score_samples": "score",
    "mahalanobis": "score",
    "apply": "unknown",
}
# Generators of what these give after each stage.
STAGED = {f"staged_{name}": name for name in ("predict", "predict_proba", "decision_function", "score")}
# Distances to neighbours and their positions; graphs of them.
NEIGHBOURS = frozenset(["kneighbors", "radius_neighbors"])
GRAPHS = frozenset(["kneighbors_graph", "radius_neighbors_graph"])
# What makes somewhere to keep things: a `memory`.
_MEMORIES = ("joblib.Memory", "sklearn.externals.joblib.Memory", "tempfile.mkdtemp")
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
    if root in ("xgboost", "lightgbm", "catboost", "skorch", "scikeras") and name in FOREIGN:
        return FOREIGN[name]
    if root == "imblearn":
        sampler = sampler_facts(name)
        return None if sampler is None else sampler.kinds
    if root in ("tensorflow", "keras") and name in ("Sequential", "Model"):
        return ("network",)
    if root in ("tensorflow", "keras") and name in (*KERAS_LAYERS, "Tokenizer"):
        return ("transformer",)
    if name in OUTSIDE.get(root, {}):
        return ("transformer",)
    return None


def transformer_model(cls: str) -> TransformerModel | None:
    """None for what transforms nothing."""
    name = short(cls)
    outside = OUTSIDE.get(cls.partition(".")[0])
    if outside is not None:
        return outside.get(name)
    if name == "Tokenizer":
        return TransformerModel("vectoriser", kind="unknown", rank=None)
    if name in KERAS_LAYERS and not cls.startswith("sklearn."):
        return KERAS_LAYERS[name]
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
    root = cls.partition(".")[0]
    facts = estimator_facts(name) if root == "sklearn" else sampler_facts(name) if root == "imblearn" else None
    names = facts.params if facts is not None else ()
    params = dict(zip(names, call.args, strict=False)) | call.keywords
    steps: tuple[tuple[str, Value], ...] | None = ()
    if name in PARTS:
        steps = _named_steps(run, call.get(0, PARTS[name]))
        steps = steps if name != "ColumnTransformer" or steps is None else (*steps, *_remainder(run, call))
    elif name in SEARCHES or name in WRAPPERS or name == "FrozenEstimator":
        key = "regressor" if name == "TransformedTargetRegressor" else "estimator"
        inner = call.get(0, key)
        steps = () if inner is None else ((key, inner),)
    if name == "FrozenEstimator" and steps:
        frozen = run.object(steps[0][1])
        kinds = frozen.kinds if isinstance(frozen, Estimator) else kinds
    certain = call.exact and steps is not None
    made = run.origin(call.node)
    return run.alloc(call.node, Estimator(cls, kinds, tuple(params.items()), steps or (), certain=certain, made=made))


def _remainder(run: Run, call: Call) -> tuple[tuple[str, Value], ...]:
    """What a `ColumnTransformer` does to the other columns, if it is an estimator that does it."""
    rest = call.get(None, "remainder")
    return (("remainder", rest),) if rest is not None and isinstance(run.object(rest), Estimator) else ()


def made_of(run: Run, cls: str, values: list[Value], call: Call) -> Value:
    """`make_pipeline(a, b)`: steps named after their classes, numbered where there are several of one."""
    things = [run.object(value) for value in values]
    names = [
        short(thing.cls).lower() if isinstance(thing, Estimator) else text_of(value) or "step"
        for thing, value in zip(things, values, strict=True)
    ]
    steps = []
    for index, (name, value) in enumerate(zip(names, values, strict=True)):
        number = f"-{names[: index + 1].count(name)}" if names.count(name) > 1 else ""
        steps.append((name + number, value))
    if short(cls) == "ColumnTransformer":
        steps += _remainder(run, call)
    made = run.origin(call.node)
    params = tuple(call.keywords.items())
    return run.alloc(
        call.node, Estimator(cls, kinds_of(cls) or (), params, tuple(steps), certain=call.exact, made=made)
    )


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


def steps_of(run: Run, estimator: Estimator, depth: int = 0, thawed: bool = True) -> list[Estimator]:
    """The estimator itself, or the leaves of a container in order; those that are frozen unless it says otherwise."""
    if not estimator.steps or depth > 6:
        return [estimator]
    if not thawed and short(estimator.cls) == "FrozenEstimator":
        return []
    leaves: list[Estimator] = []
    for _, value in estimator.steps:
        thing = run.object(value)
        if isinstance(thing, Estimator):
            leaves.extend(steps_of(run, thing, depth + 1, thawed))
    if short(estimator.cls) in WRAPPERS:
        leaves.append(estimator)
    return leaves


def frozen_parts(run: Run, estimator: Estimator, depth: int = 0) -> list[Estimator]:
    """What keeps what it learned before, whatever the container is fitted on."""
    if depth > 6:
        return []
    parts = [thing for _, value in estimator.steps if isinstance(thing := run.object(value), Estimator)]
    if short(estimator.cls) == "FrozenEstimator":
        return parts
    return [frozen for part in parts for frozen in frozen_parts(run, part, depth + 1)]


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


def folds_shuffle(run: Run, splitter: Value | None) -> bool | None:
    """Whether a splitter sends neighbours to different folds; without one, folds are stretches of rows."""
    thing = run.object(splitter)
    if not isinstance(thing, Opaque):
        return None
    name = short(thing.symbol)
    if name in ("ShuffleSplit", "StratifiedShuffleSplit", "RepeatedKFold", "RepeatedStratifiedKFold"):
        return True
    told = thing.param("shuffle")
    return constant(told) is True if name in ("KFold", "StratifiedKFold") and told is not None else None


def picks_columns(run: Run, estimator: Estimator, depth: int = 0) -> bool:
    """Whether some part takes only columns it is told, or that it chooses, or a function sees them first."""
    model = transformer_model(estimator.cls)
    if short(estimator.cls) in ("ColumnTransformer", "FunctionTransformer") or depth > 6:
        return True
    if model is not None and model.family == "selector":
        return True
    parts = [thing for _, value in estimator.steps if isinstance(thing := run.object(value), Estimator)]
    return any(picks_columns(run, part, depth + 1) for part in parts)


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
        for leaf in steps_of(run, estimator, thawed=False)
        if (model := model_of(leaf)) is not None and not model.stateless
    ]
    own_model = model_of(estimator) if estimator.steps and short(estimator.cls) in COMMITTEES else None
    if own_model is not None:
        # What stacks or averages models hands on what these learned of the targets.
        stateful.append((estimator, own_model))
    # Which columns its rows had is no matter of those it transforms.
    before = tuple(item for item in record.learned if item.family != "dummies")
    elsewhere = merge_learned(before, *(learned_by(run, part) for part in frozen_parts(run, estimator)))
    if not stateful:
        return elsewhere
    leaf, model = min(stateful, key=lambda pair: _GRAVITY.index(pair[1].family) if pair[1].family in _GRAVITY else 99)
    container = short(estimator.cls) if leaf is not estimator else ""
    own = Learned(
        record.origin, short(leaf.cls), record.name, model.family, record.rows, model.supervised, record.estimator,
        inside=container,
    )  # fmt: skip
    return merge_learned((own,), elsewhere)


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
    leaves = steps_of(run, estimator)
    if any(leaf.param("transform_output") is not None for leaf in leaves):
        return "unknown"
    models = [model_of(leaf) for leaf in leaves]
    kinds = {model.kind for model in models if model is not None}
    if x.kind in ("sparse", "unknown") and kinds != {"sparse"}:
        return "unknown"
    return kinds.pop() if len(kinds) == 1 and (not estimator.steps or kinds == {"array"}) else "unknown"


# --- using -------------------------------------------------------------------------------------------


def called(run: Run, call: Call, cls: str) -> str:
    """How the program calls the estimator: its variable, else its class."""
    func = call.node.func
    if isinstance(func, ast.Attribute) and isinstance(func.value, (ast.Name, ast.Attribute)):
        text = code_of(func.value)
        if len(text) <= 40:
            return text
    return short(cls)


def method(run: Run, receiver: Value, estimator: Estimator, name: str, call: Call) -> Value:
    """Calls a method of an estimator."""
    x = run.data(call.get(0, "X", "raw_documents", "x", "y"))
    if short(estimator.cls) == "FrozenEstimator" and estimator.steps:
        inner = run.object(estimator.steps[0][1])
        if name in ("fit", "partial_fit"):
            return receiver
        if not isinstance(inner, Estimator) or name.startswith(("fit_", "set_")):
            return UNKNOWN
        return method(run, estimator.steps[0][1], inner, name, call)
    if "network" in estimator.kinds and name == "fit" and x is not None and "validation_split" in call.keywords:
        node = call.node_of(0, "x")
        place = run.place(node) if node is not None else run.place(call.node)
        base = run.circumstances(call.node)
        run.emit(Split(*base, "validation_split", (x,), (place,), run.place(call.node)))
    if "network" in estimator.kinds and (known := _of_network(run, receiver, estimator, name, x, call)) is not None:
        return known
    if short(estimator.cls) == "Tokenizer":
        # Keras's, of texts.
        if name in ("texts_to_sequences", "texts_to_matrix", "sequences_to_matrix"):
            return transform(run, estimator, run.data(call.get(0, "texts", "sequences")), call)
        if name == "fit_on_texts":
            fit(run, receiver, estimator, name, call)
            return NONE
        return UNKNOWN
    if name == "adapt" and short(estimator.cls) in KERAS_LAYERS:
        fit(run, receiver, estimator, name, call)
        return NONE
    if name in ("fit", "partial_fit"):
        fit(run, receiver, estimator, name, call)
        return receiver
    if name == "fit_transform":
        fitted = fit(run, receiver, estimator, name, call)
        return resampled_first(run, estimator, transform(run, fitted, x, call))
    if name == "fit_resample":
        return resample(run, receiver, estimator, call)
    if name == "fit_predict":
        fitted = fit(run, receiver, estimator, name, call)
        labels = grouped_by(fitted, x.rows if x is not None else None)
        return resampled_first(run, estimator, run.alloc(call.node, replace(labels, rank=1)))
    if name == "transform":
        return transform(run, estimator, x, call)
    if name == "inverse_transform":
        return run.alloc(call.node, inverted(run, estimator, x))
    if name in ROLES or name in ("score", "evaluate"):
        return predict(run, estimator, name, x, call)
    if name in STAGED:
        return run.alloc(call.node, ListObject(None, predict(run, estimator, STAGED[name], x, call)), "stages")
    if name in NEIGHBOURS or name in GRAPHS:
        return neighbours(run, estimator, name, x, call)
    if name == "sample":
        return sampled(run, estimator, call)
    if name == "set_params":
        set_params(run, receiver, call)
        return receiver
    if name == "set_output" or name.startswith("set_"):
        if name == "set_output":
            output = call.get(None, "transform")
            params = dict(estimator.params) | ({"transform_output": output} if output is not None else {})
            run.update(receiver, replace(estimator, params=tuple(params.items())))
        return receiver
    if name in ("get_support", "get_feature_names_out", "get_feature_names"):
        return run.alloc(call.node, Data(kind="labels", rows=NO_ROWS, learned=learned_by(run, estimator)))
    return UNKNOWN


def tuner_method(run: Run, receiver: Value, tuner: Opaque, name: str, call: Call) -> Value | None:
    """keras-tuner: `search` trains as `fit` does, and looks for what scores best on the rows held out."""
    if tuner.symbol != scores.TUNER:
        return None
    if name == "search" and tuner.parts:
        settings = run.alloc(call.node, Opaque("keras_tuner.HyperParameters", "settings"), "settings")
        with run.iteration(0):
            built = run.call(tuner.parts[0], replace(call, args=[settings], keywords={}, nodes={}))
        network = run.object(built)
        if isinstance(network, Estimator):
            fitted = fit(run, built, network, name, replace(call, keywords={}))
            run.state.set((receiver, "built"), built)
            pair = call.get(None, "validation_data")
            items = run.items_of(pair) if pair is not None else None
            x = run.data(items[0]) if items else None
            record = fitted.fitted
            if x is not None and record is not None:
                run.emit(Evaluate(*run.circumstances(call.node), name, record, x, run.place(call.node), True))
                found = (Score(name, run.origin(call.node), record, x.rows),)
                scores.selected(run, call.node, "search", found)
        return NONE
    built_before = run.state.get((receiver, "built"))
    if name == "get_best_models" and isinstance(built_before, Ref):
        return run.alloc(call.node, ListObject(None, built_before), "best")
    return None


def _of_network(run: Run, receiver: Value, network: Estimator, name: str, x: Data | None, call: Call) -> Value | None:
    """Methods of Keras's networks: what other estimators do too, and what is theirs alone."""
    if name in ("fit", "fit_generator"):
        network = fit(run, receiver, network, name, call)
    elif name in ("predict", "evaluate"):
        predict(run, network, name, x, call)
    return keras.method(run, receiver, network, name, call)


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
        _learned_from(run, estimator, x, call),
        merge_learned(x.learned if x is not None else (), _adapted(run, estimator)),
        x.columns if x is not None else None,
        x.scale if x is not None else "unknown",
        *_last_step(run, estimator),
    )
    fitted = replace(estimator, fitted=record)
    run.update(receiver, fitted)
    fit_parts(run, fitted)
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
            picks_columns(run, estimator),
        )
    )
    if y is not None and y is not x:
        _known_as_target(run, call.get(1, "y"))
    scores.watched(run, fitted, record, call)
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
                picks=isinstance(inner, Estimator) and picks_columns(run, inner),
                shuffles=folds_shuffle(run, estimator.param("cv")),
            )
        )
    return fitted


def _adapted(run: Run, network: Estimator) -> tuple[Learned, ...]:
    """What layers of a network learned by `adapt` before it is trained."""
    held = network.param("layers") if "network" in network.kinds else None
    layers = [run.object(item) for item in run.items_of(held) or ()] if held is not None else []
    found = merge_learned(*(learned_by(run, layer) for layer in layers if isinstance(layer, Estimator)))
    return tuple(replace(item, inside="Sequential") for item in found)


def _known_as_target(run: Run, value: Value | None) -> None:
    """What a model learns to predict is a target, and the other part of its split too."""
    parts = [value] if isinstance(value, Ref) else []
    if parts and isinstance(value, Ref) and isinstance(value.slot, tuple) and value.slot[1:] in ((0,), (1,)):
        parts.append(replace(value, slot=(value.slot[0], 1 - value.slot[1])))
    for part in parts:
        thing = run.object(part)
        if isinstance(thing, Data) and thing.role == "unknown" and not thing.fits:
            run.update(part, replace(thing, role="target"))


def _last_step(run: Run, estimator: Estimator) -> tuple[str, tuple[str, ...]]:
    """Class and kinds of what predicts; nothing where that is not known."""
    if not estimator.steps:
        return estimator.cls, estimator.kinds
    last = steps_of(run, estimator)[-1:]
    return (last[0].cls, last[0].kinds) if last and wholly_known(run, estimator) else ("", ())


def fit_parts(run: Run, estimator: Estimator, depth: int = 0) -> None:
    """Pipelines and unions fit their steps, each on what those before made of the rows."""
    record, name = estimator.fitted, short(estimator.cls)
    if record is None or depth > 6 or name not in IN_PLACE:
        return
    rows, learned = record.rows, record.learned
    caches = _caches(run, estimator)
    for index, (_, value) in enumerate(estimator.steps):
        part = run.object(value)
        if not isinstance(part, Estimator) or short(part.cls) == "FrozenEstimator":
            continue
        own = FitRecord(
            record.origin, value if isinstance(value, Ref) else record.estimator, record.name, rows, learned,
            cls=part.cls, kinds=part.kinds,
        )  # fmt: skip
        fitted = replace(part, fitted=own)
        if caches is False or index == len(estimator.steps) - 1:
            run.update(value, fitted)
            fit_parts(run, fitted, depth + 1)
        elif caches is None:
            run.update(value, replace(part, handed_over=True))
        if name == "Pipeline":
            learned = merge_learned(learned, learned_by(run, fitted))
            rows = resampled_rows(fitted, rows, record.origin)


def _caches(run: Run, estimator: Estimator) -> bool | None:
    """Whether a pipeline fits copies of all its steps but the last, to keep them: it has a `memory`."""
    memory = estimator.param("memory") if short(estimator.cls) == "Pipeline" else None
    told = None if memory is None else constant(memory)
    thing = run.object(memory) if told is ... else None
    made = isinstance(thing, Opaque) and thing.symbol in _MEMORIES
    return True if made else None if told is ... else told is not None


def copied(run: Run, value: Value, node: ast.AST, record: FitRecord | None = None, slot: Hashable = 0) -> Value:
    """A copy with copies of its parts: unfitted, or fitted as the record says. What is frozen is there only once."""
    thing = run.object(value)
    if not isinstance(thing, Estimator) or short(thing.cls) == "FrozenEstimator":
        return value
    copy = _with_copies(thing, lambda part, index: copied(run, part, node, None, (slot, index)))
    ref = run.alloc(node, replace(copy, fitted=None), slot)
    if record is not None:
        fitted = replace(copy, fitted=replace(record, estimator=ref))
        run.update(ref, fitted)
        fit_parts(run, fitted)
    return ref


def deep_copied(run: Run, value: Value, node: ast.AST, slot: Hashable = 0) -> Value:
    """`copy.deepcopy(pipe)`: with copies of its parts, each as it is now."""
    thing = run.object(value)
    if not isinstance(thing, Estimator):
        return value
    copy = _with_copies(thing, lambda part, index: deep_copied(run, part, node, (slot, index)))
    return run.alloc(node, copy, slot)


def _with_copies(estimator: Estimator, copy: Callable[[Value, int], Value]) -> Estimator:
    parts = {part: copy(part, index) for index, (_, part) in enumerate(estimator.steps)}
    steps = tuple((name, parts[part]) for name, part in estimator.steps)
    params = tuple((name, parts.get(param, param)) for name, param in estimator.params)
    return replace(estimator, steps=steps, params=params)


def set_params(run: Run, receiver: Value, call: Call) -> None:
    """`set_params(C=1)`, of a step's parameters `set_params(model__C=1)`, of a step itself `set_params(model=...)`."""
    for key, value in call.keywords.items():
        owner: Value = receiver
        *path, last = key.split("__")
        for name in path:
            thing = run.object(owner)
            inner = dict(thing.steps).get(name) if isinstance(thing, Estimator) else None
            inner = thing.param(name) if inner is None and isinstance(thing, Estimator) else inner
            owner = UNKNOWN if inner is None else inner
        thing = run.object(owner)
        if not isinstance(thing, Estimator):
            continue
        steps: tuple[tuple[str, Value], ...] | None = tuple(
            (name, value if name == last else part) for name, part in thing.steps
        )
        if last == PARTS.get(short(thing.cls)):
            steps = _named_steps(run, value)
        params = dict(thing.params) | {last: value}
        certain = thing.certain and steps is not None
        run.update(owner, replace(thing, params=tuple(params.items()), steps=steps or (), certain=certain))
    if not call.exact:
        thing = run.object(receiver)
        if isinstance(thing, Estimator):
            run.update(receiver, replace(thing, certain=False))


def subscript(run: Run, estimator: Estimator, key: object, node: ast.Subscript) -> Value:
    """`pipe["scale"]`, `pipe[-1]`, `pipe[:-1]`; `key` is a number, a name, or a slice with known ends."""
    name = short(estimator.cls)
    steps = estimator.steps
    if name == "Pipeline" and isinstance(key, slice):
        kept = steps[key]
        first = run.object(kept[0][1]) if kept else None
        record = estimator.fitted
        if record is not None and isinstance(first, Estimator) and first.fitted is not None:
            record = replace(record, rows=first.fitted.rows, learned=first.fitted.learned)
        return run.alloc(node, replace(estimator, steps=kept, fitted=record), "slice")
    if name == "Pipeline" and isinstance(key, int) and -len(steps) <= key < len(steps):
        return part(run, estimator, steps[key][1], node, key)
    if name in IN_PLACE and isinstance(key, str) and key in dict(steps):
        return part(run, estimator, dict(steps)[key], node, key)
    return UNKNOWN


def part(run: Run, estimator: Estimator, value: Value, node: ast.AST, slot: Hashable) -> Value:
    """A step as it is found in its container: what was fitted with it, or a copy that was."""
    thing = run.object(value)
    fitted = estimator.fitted
    if fitted is None or not isinstance(thing, Estimator) or short(thing.cls) == "FrozenEstimator":
        return value
    last = bool(estimator.steps) and value == estimator.steps[-1][1]
    if short(estimator.cls) in IN_PLACE and (last or _caches(run, estimator) is False):
        return value
    return copied(run, value, node, replace(fitted, columns=None), slot)


def resampled_rows(estimator: Estimator, rows: Rows | None, origin: Origin) -> Rows | None:
    """The rows that a resampler hands on; those of any other estimator are the same."""
    facts = sampler_facts(estimator.cls) if estimator.cls.startswith("imblearn") else None
    if facts is None or "resampler" not in facts.kinds or rows is None:
        return rows
    if facts.sampling == "bypass":
        return None
    again = estimator.param("replacement")
    twice = not estimator.certain or (again is not None and constant(again) is not False)
    if facts.picks and facts.sampling != "over-sampling" and not twice:
        return rows.choose(Choice(origin, "filter", facts.name))
    return Rows((), (*rows.parts, *rows.made_from))


def resampled_first(run: Run, estimator: Estimator, result: Value) -> Value:
    """What an imbalanced-learn pipeline gives while it is fitted has the rows that its resamplers made."""
    made = run.object(result)
    if not isinstance(made, Data) or not estimator.cls.startswith("imblearn"):
        return result
    origin = result.origin if isinstance(result, Ref) else None
    rows = made.rows
    for leaf in steps_of(run, estimator):
        rows = resampled_rows(leaf, rows, origin) if origin is not None else None
    run.update(result, replace(made, rows=rows))
    return result


def _learned_from(run: Run, estimator: Estimator, x: Data | None, call: Call) -> Rows | None:
    """The rows a fit learns from: Keras keeps the last share of them apart where `validation_split` says so."""
    if x is None or x.rows is None or "network" not in estimator.kinds:
        return x.rows if x is not None else None
    share = call.keywords.get("validation_split")
    if share is None or constant(share) in (None, 0, 0.0):
        return x.rows
    return x.rows.choose(Choice(run.origin(call.node), "split", 0))


def applied(run: Run, estimator: Estimator, call: Call) -> Value | None:
    """`layer(x)`: what a layer of Keras makes of it once it has learned; None for what is not called so."""
    if short(estimator.cls) in KERAS_LAYERS:
        return transform(run, estimator, run.data(call.get(0)), call)
    if "network" in estimator.kinds:
        x = run.data(call.get(0))
        operation = keras.last_operation(run, estimator)
        made = Data(rows=x.rows if x else None, learned=x.learned if x else (), operation=operation)
        return run.alloc(call.node, made)
    return None


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
        kept = x.columns.items if name == "SimpleImputer" and not _fills_constant(estimator) else ()
        items = tuple(replace(item, gaps=False) for item in kept)
        columns = Columns(items or tuple(Column(item.name) for item in x.columns.items), False)
    result = Data(
        kind=output_kind(run, estimator, x),
        rows=None if name == "PatchExtractor" else x.rows,
        learned=merge_learned(x.learned, learned_by(run, estimator)),
        role=x.role,
        scale=output_scale(run, estimator, x.scale),
        columns=columns,
        rank=None if name == "PatchExtractor" else model.rank if model is not None else 2,
        lineage=x.lineage if keeps_columns else None,
        order=x.order,
        sources=computed_from(x) if model is not None and model.family == "label-encoder" else (),
    )
    y = call.get(1, "y", "Y")
    if name in PAIRED and y is not None and constant(y) is not None:
        return TupleValue((run.alloc(call.node, result), UNKNOWN))
    return run.alloc(call.node, result)


def inverted(run: Run, estimator: Estimator, x: Data | None) -> Data:
    """What went into a transformer: of a scaler nothing is left in it, of a reducer what it kept is."""
    if x is None:
        return Data()
    undone = {item.origin for item in learned_by(run, estimator) if item.family == "scaler"}
    return Data(rows=x.rows, learned=tuple(item for item in x.learned if item.origin not in undone))


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
    """Some of the rows given, or new rows made from them, which share rows with every part of them."""
    x, y = run.data(call.get(0, "X")), run.data(call.get(1, "y"))
    origin = run.origin(call.node)
    ref = receiver if isinstance(receiver, Ref) else None
    name = called(run, call, estimator.cls)
    leaves = steps_of(run, estimator)
    if short(estimator.cls) == "FunctionSampler" or not estimator.cls.startswith("imblearn"):
        return _by_own_function(run, estimator, x, y, call)
    if ref is not None:
        record = FitRecord(origin, ref, name, x.rows if x is not None else None, x.learned if x is not None else ())
        estimator = replace(estimator, fitted=record)
        run.update(receiver, estimator)
        fit_parts(run, estimator)
    by = next((leaf for leaf in leaves if "resampler" in leaf.kinds), estimator)
    learned = Learned(origin, short(by.cls), name, "resampler", x.rows if x is not None else None, True, ref)
    shaped = learned_by(run, estimator) if estimator.steps else ()
    results: list[Value] = []
    for index, data in enumerate((x, y)):
        made = Data()
        if data is not None:
            rows = data.rows
            for leaf in leaves:
                rows = resampled_rows(leaf, rows, origin)
            # Some of the new rows of this one lie outside the old.
            columns = data.columns if short(by.cls) != "SVMSMOTE" else names_only(data.columns)
            learns = merge_learned(data.learned, (learned,))
            made = replace(data, rows=rows, learned=learns, columns=columns, mask=None, selects=None)
        if index == 0 and data is not None and estimator.steps:
            made = Data(rows=made.rows, learned=merge_learned(made.learned, shaped), role=made.role)
        results.append(run.alloc(call.node, made, index))
    return TupleValue(tuple(results))


def _by_own_function(run: Run, estimator: Estimator, x: Data | None, y: Data | None, call: Call) -> Value:
    """A function of the program's own says which rows there are; without one they are what they were."""
    function = estimator.param("func")
    same = estimator.certain and (function is None or constant(function) is None)
    made = [replace(data, mask=None) if same and data is not None else Data() for data in (x, y)]
    return TupleValue(tuple(run.alloc(call.node, data, index) for index, data in enumerate(made)))


def grouped_by(estimator: Estimator, rows: Rows | None, role: Role = "prediction") -> Data:
    """A value for each row, found by looking at all of them at once."""
    record = estimator.fitted
    form: Form = "cluster" if "clusterer" in estimator.kinds and role == "prediction" else ""
    if record is None:
        return Data(kind="array", rows=rows, role=role, form=form)
    # A cluster is a feature like any other: what scales or reduces rows learns no more of them.
    family: Family = "reducer" if "clusterer" in estimator.kinds else "other"
    own = Learned(record.origin, short(estimator.cls), record.name, family, record.rows, False, record.estimator)
    before = () if family == "reducer" else record.learned
    return Data(kind="array", rows=rows, role=role, learned=merge_learned(before, (own,)), form=form)


def neighbours(run: Run, estimator: Estimator, name: str, x: Data | None, call: Call) -> Value:
    """Distances to the nearest rows of the fit and their positions; without rows, those of the fit to each other."""
    record = estimator.fitted
    asked = call.get(0, "X")
    itself = asked is None or constant(asked) is None
    rows = record.rows if itself and record is not None else x.rows if x is not None else None
    learned = x.learned if x is not None and not itself else ()
    if record is not None:
        learned = merge_learned(learned, grouped_by(estimator, rows).learned)
    kind: DataKind = "sparse" if name in GRAPHS else "array"
    both = call.get(2, "return_distance")
    found = Data(kind=kind, rows=rows, learned=learned)
    if name in GRAPHS or (both is not None and constant(both) is False):
        return run.alloc(call.node, found)
    if both is not None and constant(both) is not True:
        return UNKNOWN
    return TupleValue(tuple(run.alloc(call.node, found, index) for index in range(2)))


def sampled(run: Run, estimator: Estimator, call: Call) -> Value:
    """New rows drawn from a mixture or a density, which was made from those of its fit."""
    record = estimator.fitted
    rows = record.rows if record is not None else None
    made = Rows((), (*rows.parts, *rows.made_from)) if rows is not None else None
    data = grouped_by(estimator, made, "unknown")
    if short(estimator.cls) == "KernelDensity":
        return run.alloc(call.node, data)
    return TupleValue((run.alloc(call.node, data, 0), run.alloc(call.node, replace(data, role="prediction"), 1)))


def predict(run: Run, estimator: Estimator, name: str, x: Data | None, call: Call) -> Value:
    """Predictions remember the fit they come from; using a model on rows is an evaluation of it."""
    record = estimator.fitted
    if record is not None and x is not None:
        run.emit(
            Evaluate(
                *run.circumstances(call.node),
                name, record, x, run.place(call.node), name in ("score", "evaluate"),
            )
        )  # fmt: skip
    if name in ("score", "evaluate"):
        known = () if record is None else (Score(name, run.origin(call.node), record, x.rows if x else None),)
        return scores.number(run, call.node, known)
    predicted = Data(
        kind="array",
        rows=x.rows if x is not None else None,
        role=ROLES.get(name, "score"),
        fits=(record,) if record is not None else (),
        learned=x.learned if x is not None else (),
        form=("cluster" if "clusterer" in estimator.kinds else "predicted") if name == "predict" else "",
    )
    if name == "predict" and "clusterer" in estimator.kinds:
        predicted = replace(predicted, learned=merge_learned(predicted.learned, grouped_by(estimator, None).learned))
    if name == "predict_proba" and short(estimator.cls) == "MultiOutputClassifier":
        return run.alloc(call.node, ListObject(None, run.alloc(call.node, predicted)), "each")
    wanted = {
        key: constant(value) for key in ("return_std", "return_cov") if (value := call.get(None, key)) is not None
    }
    wanted |= {"return_std": constant(call.args[1])} if name == "predict" and len(call.args) > 1 else {}
    if any(value is not False for value in wanted.values()):
        spread = Data(kind="array", rows=predicted.rows if "return_cov" not in wanted else None, fits=predicted.fits)
        return TupleValue((run.alloc(call.node, predicted), run.alloc(call.node, spread, 1)))
    return run.alloc(call.node, predicted)


def attribute(run: Run, base: Value, estimator: Estimator, name: str, node: ast.AST) -> Value | None:
    """Attributes that a fit leaves behind; None for methods."""
    cls = short(estimator.cls)
    record = estimator.fitted
    if cls == "FrozenEstimator" and estimator.steps and name != "estimator":
        inner = run.object(estimator.steps[0][1])
        return attribute(run, estimator.steps[0][1], inner, name, node) if isinstance(inner, Estimator) else UNKNOWN
    if name in FITTED and cls in FITTED[name]:
        return _fitted_copy(run, estimator, name, node)
    if name in ("named_steps", "named_transformers", "named_transformers_", "named_estimators", "named_estimators_"):
        found = estimator if name.endswith("_") or cls in IN_PLACE else replace(estimator, fitted=None)
        parts = tuple((key, part(run, found, value, node, (name, key))) for key, value in estimator.steps)
        return run.alloc(node, DictObject(parts, bunch=True), name)
    if name in ("steps", "transformer_list") and cls in IN_PLACE:
        pairs = [(Const.of(key), part(run, estimator, value, node, (name, key))) for key, value in estimator.steps]
        return run.alloc(node, ListObject(tuple(TupleValue(pair) for pair in pairs)), name)
    if name == "estimators_" and record is not None and cls in (*COMMITTEES, *REPEATED):
        return _fitted_copies(run, estimator, node)
    if name == "best_score_" and record is not None and cls in SEARCHES:
        measure = text_of(estimator.param("scoring")) or "score"
        own = Score(measure, record.origin, None, record.rows, below_zero=measure.startswith("neg_"))
        return scores.number(run, node, (own,), name)
    if name == "sample_indices_" and record is not None:
        picked = resampled_rows(estimator, record.rows, record.origin)
        chosen = picked.parts[0].path[-1:] if picked is not None and picked.parts else None
        return run.alloc(node, Data(kind="index", selects=chosen), name)
    if name in OF_ROWS and record is not None and cls != "FeatureAgglomeration":
        return run.alloc(node, grouped_by(estimator, record.rows, OF_ROWS[name]), name)
    if name in ("feature_importances_", "coef_") and record is not None:
        weights = Learned(record.origin, cls, record.name, "selector", record.rows, True, record.estimator)
        return run.alloc(node, statistic((weights,)), name)
    if name.endswith("_") and not name.startswith("_"):
        if record is None or transformer_model(estimator.cls) is None or name in BETWEEN_ROWS:
            return UNKNOWN
        return run.alloc(node, statistic(learned_by(run, estimator)), name)
    value = estimator.param(name)
    return value if value is not None and isinstance(run.object(value), Estimator) else None


def _fitted_copy(run: Run, estimator: Estimator, name: str, node: ast.AST) -> Value:
    """`search.best_estimator_` and its kind."""
    cls = short(estimator.cls)
    given = estimator.steps[0][1] if estimator.steps else estimator.param("estimator")
    record = estimator.fitted
    if given is None or record is None or _told(estimator, "refit", True) is False:
        return UNKNOWN
    if name == "estimator_" and estimator.param("prefit") is not None:
        return UNKNOWN
    if not FITTED[name][cls] and record.rows is not None:
        record = replace(record, rows=record.rows.choose(Choice((record.origin, name), "filter", name)))
    return copied(run, given, node, replace(record, columns=record.columns if cls in SEARCHES else None), name)


def _fitted_copies(run: Run, estimator: Estimator, node: ast.AST) -> Value:
    """`voting.estimators_` and its kind."""
    record = estimator.fitted
    if record is None or (estimator.param("cv") is not None and short(estimator.cls) in COMMITTEES):
        return UNKNOWN
    copies = tuple(
        copied(run, value, node, record, ("estimators_", index))
        for index, (_, value) in enumerate(estimator.steps)
        if isinstance(run.object(value), Estimator)
    )
    if short(estimator.cls) in REPEATED:
        return run.alloc(node, ListObject(None, copies[0] if copies else UNKNOWN), "estimators_")
    known = estimator.certain and len(copies) == len(estimator.steps)
    return run.alloc(node, ListObject(copies if known else None, run.any_of([*copies])), "estimators_")


__all__ = "NO_ROWS attribute kinds_of made_of make method short steps_of transformer_model".split()
