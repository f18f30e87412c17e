"""Which parameters act together: what `combinations.py` tries. The values come from the release's own constraints;
here stand only numbers, which it cannot list, and things that are no constants."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Span:
    """Integers, or else floats, strictly between two bounds, tried at some: they must agree."""

    low: float
    high: float
    tries: tuple[int, ...] | tuple[float, ...]


@dataclass(frozen=True)
class Given:
    """Something that is not None and no constant, made from features and targets: a `list` or any `object`.

    One of `any` is enough to be accepted, and as others may be accepted too, no rule is made of their refusal.
    """

    make: Callable[[Any, Any], Any] | None = None
    kind: str = "object"
    any: tuple[Callable[[Any, Any], Any], ...] = ()

    @property
    def makes(self) -> tuple[Callable[[Any, Any], Any], ...]:
        return self.any if self.make is None else (self.make,)


@dataclass(frozen=True)
class Case:
    """`data`: names of `toys.data`; `positional`: what a function is called with."""

    name: str
    parameters: tuple[str, ...]
    data: tuple[str, ...]
    values: Mapping[str, list[Any]] = field(default_factory=dict)
    fixed: Mapping[str, Any] = field(default_factory=dict)
    positional: Callable[[Any, Any], tuple[Any, ...]] = lambda X, y: (X, y)

    @property
    def dotted(self) -> str:
        return f"sklearn.{self.name}"


def case(name: str, parameters: str, data: str, fixed: Mapping[str, Any] | None = None, **values: list[Any]) -> Case:
    return Case(name, tuple(parameters.split()), tuple(data.split(" | ")), values, fixed or {})


def score(
    name: str, parameters: str, data: str, positional: Callable[[Any, Any], tuple[Any, ...]],
    fixed: Mapping[str, Any] | None = None, **values: list[Any],
) -> Case:  # fmt: skip
    return Case(f"metrics.{name}", tuple(parameters.split()), tuple(data.split(" | ")), values, fixed or {}, positional)


# Kinds of data that a program can be seen to have; a rule that holds only for other data is dropped.
TELLING = {
    "sparse": "sparse",
    "sparse regression": "sparse",
    "multiclass": "multiclass",
    "multilabel": "multilabel",
    "negative features": "negative features",
    "negative targets": "negative targets",
    "missing values": "missing values",
    "strings": "strings",
}


FRACTION = Span(0, 1, (0.2, 0.5, 0.8))
COUNT = Span(0, 10**9, (2, 3))
POSITIVE = Span(0, 10**9, (0.5, 3.0))
CLASSES = "binary | multiclass"
CLASSES_SPARSE = "binary | multiclass | sparse"
NUMBERS = "regression | sparse regression"
DISTANCES = "binary | two columns | yes and no | square"
DISTANCES_REGRESSION = "regression | two columns, regression | square, regression"
SEED: list[Any] = [None, Span(-1, 2**32, (0, 42, 1234))]
FLAG: list[Any] = [True, False]
METRIC_PARAMS: list[Any] = [None, Given(any=(
    lambda X, y: {"V": np.eye(X.shape[1])},
    lambda X, y: {"VI": np.eye(X.shape[1])},
    lambda X, y: {"V": np.ones(X.shape[1])},
    lambda X, y: {"w": np.ones(X.shape[1])},
    lambda X, y: {"p": 3},
    lambda X, y: {"func": lambda a, b: float(np.abs(a - b).sum())},
))]  # fmt: skip
CENTERS: list[Any] = ["k-means++", "random", Given(any=(lambda X, y: X[:2],))]

CASES: tuple[Case, ...] = (
    # linear models
    case(
        "linear_model.LogisticRegression",
        "solver penalty dual l1_ratio",
        CLASSES_SPARSE,
        l1_ratio=[None, 0, 0.0, FRACTION, 1, 1.0],
    ),
    case(
        "linear_model.LogisticRegressionCV",
        "solver penalty dual l1_ratios",
        CLASSES,
        l1_ratios=[None, Given(lambda X, y: [0.5])],
    ),
    case("linear_model.RidgeClassifier", "solver positive fit_intercept", "binary | sparse"),
    case("linear_model.Ridge", "solver positive fit_intercept", NUMBERS),
    case(
        "linear_model.RidgeCV",
        "gcv_mode cv store_cv_results alpha_per_target",
        NUMBERS,
        cv=[None, Span(1, 10**9, (2, 3))],
    ),
    case("linear_model.RidgeCV", "cv store_cv_values", NUMBERS, cv=[None, Span(1, 10**9, (2, 3))]),
    case("linear_model.SGDClassifier", "learning_rate eta0", CLASSES, eta0=[0, 0.0, POSITIVE]),
    case("linear_model.SGDClassifier", "loss penalty", CLASSES_SPARSE),
    case("linear_model.SGDRegressor", "learning_rate eta0", "regression", eta0=[0, 0.0, POSITIVE]),
    case("linear_model.SGDRegressor", "loss penalty", NUMBERS),
    case("linear_model.SGDOneClassSVM", "learning_rate eta0", "binary", eta0=[0, 0.0, POSITIVE]),
    case("linear_model.ElasticNet", "selection positive precompute", NUMBERS),
    case(
        "linear_model.ElasticNet", "l1_ratio alpha", "regression", l1_ratio=[0, FRACTION, 1], alpha=[0, 0.0, POSITIVE]
    ),
    case(
        "linear_model.ElasticNetCV",
        "l1_ratio alphas",
        "regression",
        l1_ratio=[0, FRACTION, 1],
        alphas=[None, 5, Given(lambda X, y: [0.1, 1.0])],
    ),
    case("linear_model.Lasso", "selection positive precompute", NUMBERS),
    case("linear_model.Lasso", "alpha positive", "regression", alpha=[0, 0.0, POSITIVE]),
    case("linear_model.LinearRegression", "positive fit_intercept", NUMBERS),
    case(
        "linear_model.QuantileRegressor",
        "solver fit_intercept",
        NUMBERS,
        solver=["highs-ds", "highs-ipm", "highs", "revised simplex"],
    ),
    case("linear_model.GammaRegressor", "solver", "regression | negative targets"),
    case("linear_model.PoissonRegressor", "solver", "regression | negative targets"),
    case(
        "linear_model.TweedieRegressor",
        "power link",
        "regression | negative targets",
        power=[0, Span(0, 1, (0.5,)), 1, Span(1, 2, (1.5,)), 2, 3],
    ),
    case("linear_model.HuberRegressor", "epsilon fit_intercept", NUMBERS, epsilon=[1, 1.35]),
    case(
        "linear_model.LassoLarsIC", "criterion noise_variance positive", "regression", noise_variance=[None, POSITIVE]
    ),
    # support vectors
    case("svm.LinearSVC", "penalty loss dual multi_class", CLASSES_SPARSE),
    case("svm.LinearSVR", "loss dual", NUMBERS),
    case("svm.SVC", "decision_function_shape break_ties probability", CLASSES),
    case("svm.SVC", "kernel gamma", "binary | sparse | square"),
    case("svm.NuSVC", "decision_function_shape break_ties", CLASSES),
    case("svm.SVR", "kernel gamma", "regression | sparse regression | square, regression"),
    case("svm.OneClassSVM", "kernel gamma", "binary | sparse | square"),
    # neighbours
    case("neighbors.KNeighborsClassifier", "algorithm metric metric_params", DISTANCES, metric_params=METRIC_PARAMS),
    case(
        "neighbors.KNeighborsRegressor",
        "algorithm metric metric_params",
        DISTANCES_REGRESSION,
        metric_params=METRIC_PARAMS,
    ),
    case(
        "neighbors.RadiusNeighborsClassifier",
        "algorithm metric metric_params",
        DISTANCES,
        {"radius": 50.0},
        metric_params=METRIC_PARAMS,
    ),
    case(
        "neighbors.RadiusNeighborsRegressor",
        "algorithm metric metric_params",
        DISTANCES_REGRESSION,
        {"radius": 50.0},
        metric_params=METRIC_PARAMS,
    ),
    case("neighbors.NearestNeighbors", "algorithm metric metric_params", DISTANCES, metric_params=METRIC_PARAMS),
    case("neighbors.LocalOutlierFactor", "algorithm metric metric_params", DISTANCES, metric_params=METRIC_PARAMS),
    case("neighbors.KernelDensity", "algorithm metric", "binary | two columns"),
    case("neighbors.NearestCentroid", "metric shrink_threshold", CLASSES_SPARSE, shrink_threshold=[None, POSITIVE]),
    case("neighbors.NeighborhoodComponentsAnalysis", "init n_components", CLASSES, n_components=[None, COUNT]),
    # clusters
    case("cluster.AgglomerativeClustering", "linkage metric", "binary | yes and no | square"),
    case("cluster.AgglomerativeClustering", "linkage affinity", "binary | yes and no | square"),
    case(
        "cluster.AgglomerativeClustering",
        "n_clusters distance_threshold compute_full_tree",
        "binary",
        n_clusters=[None, COUNT],
        distance_threshold=[None, POSITIVE],
    ),
    case("cluster.FeatureAgglomeration", "linkage metric", "binary | square"),
    case(
        "cluster.FeatureAgglomeration",
        "n_clusters distance_threshold compute_full_tree",
        "binary",
        n_clusters=[None, COUNT],
        distance_threshold=[None, POSITIVE],
    ),
    case(
        "cluster.DBSCAN",
        "algorithm metric p metric_params",
        DISTANCES,
        p=[None, COUNT, POSITIVE],
        metric_params=METRIC_PARAMS,
    ),
    case("cluster.HDBSCAN", "algorithm metric metric_params", DISTANCES, metric_params=METRIC_PARAMS),
    case("cluster.HDBSCAN", "metric store_centers", "binary | square"),
    case("cluster.OPTICS", "algorithm metric metric_params", DISTANCES, metric_params=METRIC_PARAMS),
    case("cluster.OPTICS", "cluster_method predecessor_correction", "binary"),
    case("cluster.KMeans", "algorithm n_clusters init", "binary | sparse", n_clusters=[1, 2], init=CENTERS),
    case("cluster.KMeans", "init n_init", "binary", {"n_clusters": 2}, n_init=["auto", 1, 5], init=CENTERS),
    case("cluster.MiniBatchKMeans", "init n_init", "binary", {"n_clusters": 2}, n_init=["auto", 1, 5], init=CENTERS),
    case(
        "cluster.SpectralClustering",
        "affinity assign_labels eigen_solver",
        "binary | similarities",
        {"n_clusters": 2},
        eigen_solver=[None, "arpack", "lobpcg"],
        affinity=["rbf", "nearest_neighbors", "precomputed", "precomputed_nearest_neighbors", "cosine"],
    ),
    case("cluster.AffinityPropagation", "affinity", "binary | sparse | similarities"),
    case("cluster.BisectingKMeans", "algorithm init", "binary | sparse", {"n_clusters": 2}),
    # decomposition, manifolds
    case(
        "decomposition.PCA", "svd_solver n_components", "binary | sparse", n_components=[None, COUNT, FRACTION, "mle"]
    ),
    case("decomposition.PCA", "svd_solver power_iteration_normalizer whiten", "binary | sparse", {"n_components": 2}),
    case("decomposition.TruncatedSVD", "algorithm power_iteration_normalizer", "binary | sparse"),
    case(
        "decomposition.NMF",
        "solver beta_loss init",
        "binary | sparse | negative features",
        {"n_components": 2},
        init=[None, "random", "nndsvd", "nndsvda", "nndsvdar", "custom"],
    ),
    case(
        "decomposition.MiniBatchNMF",
        "beta_loss init",
        "binary | sparse",
        {"n_components": 2},
        init=[None, "random", "nndsvd", "nndsvda", "nndsvdar", "custom"],
    ),
    case("decomposition.KernelPCA", "kernel fit_inverse_transform", "binary | similarities", {"n_components": 2}),
    case("decomposition.FastICA", "whiten algorithm n_components", "binary", n_components=[None, COUNT]),
    case("decomposition.SparsePCA", "method", "binary | sparse"),
    case(
        "decomposition.DictionaryLearning",
        "fit_algorithm transform_algorithm positive_code",
        "binary",
        {"n_components": 3, "max_iter": 3},
    ),
    case(
        "decomposition.MiniBatchDictionaryLearning",
        "fit_algorithm transform_algorithm positive_code",
        "binary",
        {"n_components": 3, "max_iter": 3},
    ),
    case("decomposition.SparseCoder", "transform_algorithm positive_code", "binary"),
    case(
        "decomposition.LatentDirichletAllocation",
        "learning_method",
        "binary | sparse | negative features",
        {"n_components": 2, "max_iter": 2},
    ),
    case("manifold.TSNE", "method n_components", "binary", n_components=[1, 2, 3, Span(3, 10**9, (4,))]),
    case("manifold.TSNE", "init metric", "binary | sparse | square", metric=["euclidean", "cosine", "precomputed"]),
    case("manifold.MDS", "metric normalized_stress dissimilarity", "binary | square"),
    case("manifold.MDS", "metric_mds normalized_stress metric", "binary | square", metric=["euclidean", "precomputed"]),
    case(
        "manifold.Isomap",
        "n_neighbors radius",
        "binary",
        n_neighbors=[None, Span(0, 10**9, (5, 6))],
        radius=[None, Span(0, 10**9, (3.0, 4.0))],
    ),
    case(
        "manifold.Isomap",
        "neighbors_algorithm metric",
        "binary | square",
        metric=["minkowski", "cosine", "precomputed"],
    ),
    case(
        "manifold.SpectralEmbedding",
        "affinity eigen_solver",
        "binary | similarities",
        eigen_solver=[None, "arpack", "lobpcg"],
    ),
    # discriminants, mixtures, naive Bayes
    case(
        "discriminant_analysis.LinearDiscriminantAnalysis",
        "solver shrinkage covariance_estimator",
        CLASSES,
        shrinkage=[None, "auto", 0, FRACTION, 1],
        covariance_estimator=[None, Given(lambda X, y: _covariance())],
    ),
    case(
        "discriminant_analysis.LinearDiscriminantAnalysis",
        "solver n_components store_covariance",
        CLASSES,
        n_components=[None, Span(0, 10**9, (1,))],
    ),
    case(
        "discriminant_analysis.QuadraticDiscriminantAnalysis",
        "solver shrinkage covariance_estimator",
        CLASSES,
        shrinkage=[None, "auto", 0, FRACTION, 1],
        covariance_estimator=[None, Given(lambda X, y: _covariance())],
    ),
    case("mixture.GaussianMixture", "covariance_type init_params", "binary", {"n_components": 2}),
    case(
        "mixture.BayesianGaussianMixture",
        "covariance_type weight_concentration_prior_type init_params",
        "binary",
        {"n_components": 2},
    ),
    case("naive_bayes.MultinomialNB", "fit_prior", "binary | sparse | negative features"),
    case("naive_bayes.ComplementNB", "norm", "binary | sparse | negative features"),
    case("gaussian_process.GaussianProcessClassifier", "multi_class optimizer", CLASSES),
    # trees, forests, boosting
    case("tree.DecisionTreeClassifier", "criterion splitter", CLASSES_SPARSE + " | missing values | multilabel"),
    case(
        "tree.DecisionTreeClassifier",
        "criterion monotonic_cst",
        CLASSES + " | multilabel",
        monotonic_cst=[None, Given(lambda X, y: [1, 0, 0, 0])],
    ),
    case("tree.DecisionTreeRegressor", "criterion splitter", NUMBERS + " | negative targets"),
    case(
        "tree.DecisionTreeRegressor",
        "criterion monotonic_cst",
        "regression | negative targets",
        monotonic_cst=[None, Given(lambda X, y: [1, 0, 0, 0])],
    ),
    case(
        "ensemble.RandomForestClassifier",
        "bootstrap oob_score max_samples",
        CLASSES,
        {"n_estimators": 60},
        max_samples=[None, FRACTION, 1.0, Span(0, 10**9, (5, 8))],
    ),
    case("ensemble.RandomForestClassifier", "class_weight warm_start bootstrap", CLASSES),
    case(
        "ensemble.RandomForestClassifier",
        "criterion monotonic_cst",
        CLASSES,
        monotonic_cst=[None, Given(lambda X, y: [1, 0, 0, 0])],
    ),
    case(
        "ensemble.RandomForestRegressor",
        "bootstrap oob_score max_samples",
        "regression",
        {"n_estimators": 60},
        max_samples=[None, FRACTION, 1.0, Span(0, 10**9, (5, 8))],
    ),
    case("ensemble.RandomForestRegressor", "criterion bootstrap", "regression | negative targets"),
    case(
        "ensemble.ExtraTreesClassifier",
        "bootstrap oob_score max_samples",
        CLASSES,
        {"n_estimators": 60},
        max_samples=[None, FRACTION, 1.0, Span(0, 10**9, (5, 8))],
    ),
    case("ensemble.ExtraTreesClassifier", "class_weight warm_start bootstrap", CLASSES),
    case(
        "ensemble.ExtraTreesRegressor",
        "bootstrap oob_score max_samples",
        "regression",
        {"n_estimators": 60},
        max_samples=[None, FRACTION, 1.0, Span(0, 10**9, (5, 8))],
    ),
    case("ensemble.ExtraTreesRegressor", "criterion bootstrap", "regression | negative targets"),
    case("ensemble.BaggingClassifier", "bootstrap oob_score warm_start", CLASSES),
    case("ensemble.BaggingRegressor", "bootstrap oob_score warm_start", "regression"),
    case("ensemble.GradientBoostingClassifier", "loss criterion init", CLASSES_SPARSE),
    case("ensemble.GradientBoostingRegressor", "loss criterion init", "regression"),
    case(
        "ensemble.HistGradientBoostingClassifier",
        "loss early_stopping scoring",
        CLASSES_SPARSE,
        {"max_iter": 2},
        scoring=["loss", "accuracy", None],
    ),
    case(
        "ensemble.HistGradientBoostingClassifier",
        "early_stopping validation_fraction",
        CLASSES,
        {"max_iter": 2},
        validation_fraction=[None, FRACTION],
    ),
    case(
        "ensemble.HistGradientBoostingClassifier",
        "loss monotonic_cst",
        CLASSES,
        {"max_iter": 2},
        monotonic_cst=[None, Given(lambda X, y: [1, 0, 0, 0])],
    ),
    case(
        "ensemble.HistGradientBoostingRegressor",
        "loss quantile",
        "regression | negative targets",
        {"max_iter": 2},
        quantile=[None, 0.0, FRACTION, 1.0],
    ),
    case(
        "ensemble.AdaBoostClassifier",
        "algorithm estimator",
        CLASSES,
        estimator=[None, Given(lambda X, y: _perceptron())],
    ),
    case(
        "ensemble.IsolationForest",
        "bootstrap max_samples contamination",
        "binary | sparse",
        max_samples=["auto", 0.5],
        contamination=["auto", 0.1],
    ),
    case("ensemble.StackingClassifier", "stack_method passthrough", CLASSES),
    case("ensemble.VotingClassifier", "voting flatten_transform", CLASSES),
    case("calibration.CalibratedClassifierCV", "method ensemble", CLASSES),
    case("semi_supervised.LabelSpreading", "kernel alpha", CLASSES, {"n_neighbors": 3}, alpha=[0, 0.2, 1]),
    # networks
    case(
        "neural_network.MLPClassifier",
        "solver learning_rate early_stopping",
        "binary | multilabel",
        {"hidden_layer_sizes": (3,), "max_iter": 5},
    ),
    case(
        "neural_network.MLPClassifier",
        "solver warm_start shuffle",
        "binary",
        {"hidden_layer_sizes": (3,), "max_iter": 5},
    ),
    case(
        "neural_network.MLPRegressor",
        "solver learning_rate early_stopping",
        "regression",
        {"hidden_layer_sizes": (3,), "max_iter": 5},
    ),
    case(
        "neural_network.MLPRegressor",
        "loss solver",
        "regression | negative targets",
        {"hidden_layer_sizes": (3,), "max_iter": 5},
    ),
    # preparation
    case(
        "impute.SimpleImputer",
        "strategy fill_value",
        "missing values | strings",
        {"missing_values": np.nan},
        fill_value=[None, 0],
    ),
    case(
        "impute.IterativeImputer",
        "initial_strategy sample_posterior imputation_order",
        "missing values",
        {"max_iter": 2},
    ),
    case("impute.KNNImputer", "weights metric", "missing values"),
    case("preprocessing.KBinsDiscretizer", "encode strategy", "binary", {"n_bins": 3}),
    case("preprocessing.KBinsDiscretizer", "strategy quantile_method", "binary", {"n_bins": 3}),
    case(
        "preprocessing.OneHotEncoder",
        "drop handle_unknown min_frequency max_categories",
        "strings",
        min_frequency=[None, COUNT],
        max_categories=[None, COUNT],
    ),
    case(
        "preprocessing.OrdinalEncoder",
        "handle_unknown unknown_value",
        "strings",
        unknown_value=[None, Span(-(10**9), 0, (-1, -2)), Given(lambda X, y: np.nan)],
    ),
    case(
        "preprocessing.OrdinalEncoder",
        "handle_unknown unknown_value min_frequency max_categories",
        "strings",
        unknown_value=[None, Span(-(10**9), 0, (-1, -2))],
        min_frequency=[None, COUNT],
        max_categories=[None, COUNT],
    ),
    case("preprocessing.TargetEncoder", "target_type smooth", "binary | regression | multiclass"),
    case("preprocessing.PowerTransformer", "method standardize", "binary | negative features"),
    case(
        "preprocessing.QuantileTransformer",
        "output_distribution ignore_implicit_zeros",
        "binary | sparse",
        {"n_quantiles": 10},
    ),
    case(
        "preprocessing.PolynomialFeatures",
        "degree include_bias interaction_only",
        "binary | sparse",
        degree=[0, Span(0, 10**9, (1, 2))],
    ),
    case("preprocessing.SplineTransformer", "knots extrapolation include_bias", "binary"),
    case("preprocessing.StandardScaler", "with_mean with_std", "binary | sparse"),
    case("preprocessing.RobustScaler", "with_centering with_scaling", "binary | sparse"),
    case("preprocessing.RobustScaler", "with_scaling unit_variance", "binary"),
    case(
        "preprocessing.LabelBinarizer",
        "neg_label pos_label sparse_output",
        "labels",
        neg_label=[-1, 0, 1],
        pos_label=[0, 1, 2],
    ),
    case("preprocessing.FunctionTransformer", "accept_sparse validate check_inverse", "binary | sparse"),
    case(
        "kernel_approximation.Nystroem",
        "kernel gamma degree",
        "binary | similarities",
        {"n_components": 4},
        gamma=[None, POSITIVE],
        degree=[None, Span(0, 10**9, (2, 3)), POSITIVE],
        kernel=[
            "rbf",
            "linear",
            "poly",
            "polynomial",
            "sigmoid",
            "laplacian",
            "cosine",
            "chi2",
            "additive_chi2",
            "precomputed",
        ],
    ),
    case(
        "kernel_ridge.KernelRidge",
        "kernel gamma",
        "regression | similarities, regression",
        gamma=[None, POSITIVE],
        kernel=[
            "rbf",
            "linear",
            "poly",
            "polynomial",
            "sigmoid",
            "laplacian",
            "cosine",
            "chi2",
            "additive_chi2",
            "precomputed",
        ],
    ),
    case("feature_extraction.text.CountVectorizer", "analyzer stop_words", "texts"),
    case("feature_extraction.text.CountVectorizer", "lowercase strip_accents binary", "texts"),
    case("feature_extraction.text.TfidfVectorizer", "analyzer stop_words", "texts"),
    case("feature_extraction.text.TfidfVectorizer", "use_idf smooth_idf sublinear_tf", "texts"),
    # searches and splits
    case(
        "model_selection.GridSearchCV",
        "scoring refit",
        "binary",
        refit=[True, False, "accuracy", "f1"],
        scoring=[None, "accuracy", Given(lambda X, y: ["accuracy", "f1"], "list")],
    ),
    case(
        "model_selection.RandomizedSearchCV",
        "scoring refit",
        "binary",
        {"n_iter": 1},
        refit=[True, False, "accuracy", "f1"],
        scoring=[None, "accuracy", Given(lambda X, y: ["accuracy", "f1"], "list")],
    ),
    case(
        "model_selection.HalvingGridSearchCV",
        "resource max_resources min_resources aggressive_elimination",
        "binary",
        max_resources=["auto", 30],
        min_resources=["smallest", "exhaust"],
        resource=["n_samples", "max_iter"],
    ),
    case(
        "model_selection.HalvingRandomSearchCV",
        "n_candidates min_resources",
        "binary",
        n_candidates=["exhaust", COUNT],
        min_resources=["smallest", "exhaust", 20],
    ),
    case("model_selection.KFold", "shuffle random_state", "binary", {"n_splits": 3}, random_state=SEED, shuffle=FLAG),
    case(
        "model_selection.StratifiedKFold",
        "shuffle random_state",
        "binary",
        {"n_splits": 3},
        random_state=SEED,
        shuffle=FLAG,
    ),
    case(
        "model_selection.GroupKFold", "shuffle random_state", "binary", {"n_splits": 3}, random_state=SEED, shuffle=FLAG
    ),
    case(
        "model_selection.StratifiedGroupKFold",
        "shuffle random_state",
        "binary",
        {"n_splits": 3},
        random_state=SEED,
        shuffle=FLAG,
    ),
    case(
        "model_selection.train_test_split",
        "shuffle stratify random_state",
        "binary",
        random_state=SEED,
        stratify=[None, Given(lambda X, y: y)],
    ),
    case(
        "model_selection.train_test_split",
        "test_size train_size",
        "binary",
        test_size=[None, Span(0, 0.5, (0.2, 0.4)), 0.5, Span(0.5, 1, (0.6, 0.8))],
        train_size=[None, Span(0, 0.5, (0.2, 0.4)), 0.5, Span(0.5, 1, (0.6, 0.8))],
    ),
    case(
        "feature_selection.SequentialFeatureSelector",
        "n_features_to_select tol direction",
        "binary",
        n_features_to_select=["auto", COUNT, FRACTION],
        tol=[None, Span(-1, 0, (-0.1,)), Span(0, 1, (0.01,))],
    ),
    # metrics
    *(
        score(name, "average", "binary | multiclass | multilabel", lambda X, y: (y, y[::-1]))
        for name in ("f1_score", "precision_score", "recall_score", "jaccard_score")
    ),
    score("fbeta_score", "average", "binary | multiclass | multilabel", lambda X, y: (y, y[::-1]), {"beta": 1.0}),
    score("precision_recall_fscore_support", "average", "binary | multiclass | multilabel", lambda X, y: (y, y[::-1])),
    score("roc_auc_score", "multi_class average", "binary | multiclass | multilabel", lambda X, y: (y, chances(y))),
    score(
        "roc_auc_score",
        "multi_class max_fpr",
        "binary | multiclass | multilabel",
        lambda X, y: (y, chances(y)),
        max_fpr=[None, FRACTION],
    ),
    score("average_precision_score", "average", "binary | multiclass | multilabel", lambda X, y: (y, chances(y))),
    score("mean_squared_error", "multioutput", "regression | targets", lambda X, y: (y, y[::-1])),
)


def chances(y: Any) -> Any:
    """What `predict_proba` gives, as a metric takes it: one column for two classes."""
    if y.ndim == 2:
        return 0.2 + 0.5 * y
    several = np.eye(3)[y]
    return 0.2 + 0.5 * y if y.max() == 1 else (several + 0.1) / (several + 0.1).sum(axis=1, keepdims=True)


def _covariance() -> Any:
    from sklearn.covariance import LedoitWolf

    return LedoitWolf()


def _perceptron() -> Any:
    from sklearn.linear_model import Perceptron

    return Perceptron()
