"""Which of scikit-learn's estimators mind the size of their columns, and by what: written by hand.

What depends on units at all was found by trial (`Kind.scale`); the reason, and whether it matters much, were not.
"""

from __future__ import annotations

from mlsense.knowledge.sklearn import estimator_facts

_DECISIVE = {
    "distances": """
        KNeighborsClassifier KNeighborsRegressor RadiusNeighborsClassifier RadiusNeighborsRegressor NearestNeighbors
        KMeans MiniBatchKMeans BisectingKMeans DBSCAN HDBSCAN OPTICS AgglomerativeClustering AffinityPropagation
        MeanShift LocalOutlierFactor NearestCentroid TSNE KNNImputer
        """,
    "kernel": "SVC SVR NuSVC NuSVR OneClassSVM",
    "margin": "LinearSVC LinearSVR",
    "components": "PCA KernelPCA IncrementalPCA SparsePCA TruncatedSVD",
    "steps": "MLPClassifier MLPRegressor SGDClassifier SGDRegressor Perceptron",
    "penalty": "Lasso Ridge ElasticNet LassoLars",
}
# Where it changes less than that: worth a word to those who ask, and no finding.
_NOTICEABLE = {
    "distances": """
        Birch SpectralClustering FeatureAgglomeration KernelDensity LabelPropagation LabelSpreading Isomap MDS
        LocallyLinearEmbedding SpectralEmbedding GaussianProcessClassifier
        """,
    "kernel": "KernelRidge Nystroem RBFSampler",
    "components": "MiniBatchSparsePCA DictionaryLearning MiniBatchDictionaryLearning",
    "steps": "PassiveAggressiveClassifier PassiveAggressiveRegressor SGDOneClassSVM BernoulliRBM",
    "penalty": """
        LogisticRegression LogisticRegressionCV RidgeCV RidgeClassifier RidgeClassifierCV LassoCV ElasticNetCV
        LassoLarsCV LassoLarsIC MultiTaskLasso MultiTaskLassoCV MultiTaskElasticNet MultiTaskElasticNetCV HuberRegressor
        PoissonRegressor GammaRegressor TweedieRegressor QuantileRegressor BayesianRidge ARDRegression
        """,
}


def _by_name(table: dict[str, str]) -> dict[str, str]:
    return {name: reason for reason, names in table.items() for name in names.split()}


DECISIVE = _by_name(_DECISIVE)
"""By class name, what the widest column rules: distances, kernel, margin, components, steps, penalty."""
NOTICEABLE = _by_name(_NOTICEABLE)
"""The same for those in which it matters less."""


def minds_scale(dotted: str) -> str | None:
    """What in an estimator the size of columns decides, by any dotted name; None: nothing, or not known."""
    facts = estimator_facts(dotted)
    return None if facts is None else DECISIVE.get(facts.name) or NOTICEABLE.get(facts.name)
