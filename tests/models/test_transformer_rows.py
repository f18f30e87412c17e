"""Every transformer is fitted on real rows: does it learn, does it mind the targets, and how is its output scaled?"""

from __future__ import annotations

from typing import Any

import pytest

from mlsense.knowledge import estimator_facts
from mlsense.knowledge.sklearn import _base
from mlsense.semantics.models import estimators
from mlsense.semantics.values import Data
from models.observing import Example, Text, _column, _shown, examples, executed, falsehoods, followed, whole

# Twelve rows; each column is ten times as wide as the one before, and the first follows the classes.
FIRST = [1.1, 1.9, 1.2, 1.8, 1.15, 1.95, 1.3, 1.7, 1.25, 1.85, 1.05, 1.75]
SECOND = [12.0, 15.0, 18.0, 11.0, 19.0, 13.0, 14.0, 16.0, 10.5, 17.0, 12.5, 18.5]
THIRD = [140.0, 110.0, 170.0, 190.0, 130.0, 150.0, 120.0, 180.0, 160.0, 105.0, 175.0, 145.0]
FOURTH = [1900.0, 1200.0, 1500.0, 1700.0, 1100.0, 1600.0, 1300.0, 1800.0, 1400.0, 1050.0, 1750.0, 1550.0]
CLASSES = [0, 1] * 6
KINDS = ["a", "b", "a", "c", "b", "a", "c", "a", "b", "c", "a", "b"]
TEXTS = [
    "good film", "bad film", "good play", "bad play", "fine film", "poor film", "good fine play", "bad poor play",
    "good good film", "poor bad film", "fine play", "poor play",
]  # fmt: skip
GAP = float("nan")


def _table(name: str, columns: list[list[Any]]) -> Text:
    def made(row: int | None, way: str) -> str:
        changed = [_column(column, row, way) for column in columns]
        lines = ", ".join(_shown(list(line)) for line in zip(*changed, strict=True))
        return f"{name} = np.array([{lines}])"

    return made


def _list(name: str, values: list[Any], other: str) -> Text:
    """A list of which one entry is exchanged for another."""

    def made(row: int | None, way: str) -> str:
        changed = list(values)
        if row is not None:
            changed[row] = values[(row + 1) % len(values)] if way == "twin" else other
        return f"{name} = np.array([{', '.join(map(str, changed))}])"

    return made


def _missing(values: list[float]) -> list[float]:
    return [GAP if index in (2, 5) else value for index, value in enumerate(values)]


COLUMNS = [FIRST, SECOND, THIRD, FOURTH]
TABLES: dict[str, Text] = {
    "X": _table("X", COLUMNS),
    "Xsame": _table("Xsame", [*COLUMNS[:2], [5.0] * 12]),
    "Xrival": _table("Xrival", [FIRST, [3 - cell for cell in FIRST]]),
    "Xalike": _table("Xalike", [FIRST, [1.1, 2.2, *FIRST[2:]], [1.35, *FIRST[1:]], SECOND]),
    "counts": _table("counts", [[cell if cell > 1.5 else 0.0 for cell in FIRST], SECOND, [*SECOND[:11], 0.0]]),
    "Xgaps": _table("Xgaps", [_missing(FIRST), SECOND, _missing(THIRD), FOURTH]),
    "column": lambda row, way: f"column = np.array({_shown(_column(FIRST, row, way))})",
    "kinds": _list("kinds", [f"['{kind}']" for kind in KINDS], "['A']"),
    "names": _list("names", [repr(kind) for kind in KINDS], "'A'"),
    "texts": _list("texts", [repr(text) for text in TEXTS], "'odd words here'"),
    "mappings": _list("mappings", [f"{{'{kind}': 1.0}}" for kind in KINDS], "{'z': 2.0}"),
    "pairs": _list("pairs", [f"['{kind}', 'd']" for kind in KINDS], "['z', 'd']"),
    "pictures": _list(
        "pictures", [f"[[{n}.0, 1.0, 2.0], [3.0, {n}.0, 1.0]]" for n in range(12)], "[[9.0, 9.0, 9.0], [9.0, 9.0, 9.0]]"
    ),
    "table": lambda row, way: (
        f"table = pd.DataFrame({{'p': {_shown(_column(FIRST, row, way))}, 'q': {_shown(_column(FOURTH, row, way))}}})"
    ),
}
# One question to one column.
TREE = "DecisionTreeClassifier(max_depth=1, random_state=0)"
# Arguments that make a class quick, certain, or able to take twelve rows.
USUAL = {"random_state": "0", "n_components": "2", "n_neighbors": "4", "perplexity": "3", "n_clusters": "3"}
ARGUMENTS: dict[str, str] = {
    "CCA": "n_components=1",
    "GenericUnivariateSelect": "mode='k_best', param=1",
    "SelectPercentile": "percentile=25",
    "LatentDirichletAllocation": "n_components=2, max_iter=3, random_state=0",
    "LinearDiscriminantAnalysis": "n_components=1",
    "LocallyLinearEmbedding": "n_neighbors=4, n_components=2, random_state=0",
    "MiniBatchDictionaryLearning": "n_components=2, random_state=0, max_iter=5",
    "DictionaryLearning": "n_components=2, random_state=0, max_iter=5",
    "MissingIndicator": "error_on_new=False",
    "PLSCanonical": "n_components=1",
    "PLSSVD": "n_components=1",
    "PatchExtractor": "patch_size=(2, 2)",
    "QuantileTransformer": "n_quantiles=5",
    "RFE": f"{TREE}, n_features_to_select=1",
    "RFECV": f"{TREE}, cv=2",
    "RandomTreesEmbedding": "n_estimators=3, random_state=0",
    "SelectFromModel": TREE,
    "RadiusNeighborsTransformer": "radius=700",
    "SelectKBest": "k=1",
    "SequentialFeatureSelector": f"{TREE}, n_features_to_select=1, cv=2",
    "SparseCoder": "dictionary=np.eye(4)",
    "SparsePCA": "n_components=2, max_iter=5, random_state=0",
    "MiniBatchSparsePCA": "n_components=2, max_iter=5, random_state=0",
    "StackingClassifier": f"[('tree', {TREE})], cv=2",
    "StackingRegressor": "[('tree', DecisionTreeRegressor(random_state=0))], cv=2",
    "TSNE": "perplexity=3, random_state=0, max_iter=250",
    "TargetEncoder": "cv=2, random_state=0",
    "VotingClassifier": f"[('tree', {TREE}), ('near', KNeighborsClassifier(2))]",
    "VotingRegressor": "[('tree', DecisionTreeRegressor(random_state=0)), ('ridge', Ridge())]",
    "BernoulliRBM": "n_components=2, n_iter=2, random_state=0",
    "Isomap": "n_neighbors=4, n_components=2",
    "MDS": "n_components=2, n_init=1, max_iter=9, random_state=0, init='random'",
    "ClassicalMDS": "n_components=1",
    "BisectingKMeans": "n_clusters=2, random_state=0",
    "Birch": "n_clusters=2, threshold=100",
    "SelectFdr": "alpha=0.5", "SelectFpr": "alpha=0.5", "SelectFwe": "alpha=0.5",
    "GaussianRandomProjection": "n_components=2, random_state=0",
    "SparseRandomProjection": "n_components=2, random_state=0",
    "IterativeImputer": "max_iter=2, random_state=0",
    "SkewedChi2Sampler": "n_components=3, random_state=0",
    "FeatureHasher": "n_features=8",
    "HashingVectorizer": "n_features=16",
    "ColumnTransformer": "[('scale', StandardScaler(), [0, 1])]",
    "FeatureUnion": "[('scale', StandardScaler()), ('pca', PCA(n_components=1))]",
}  # fmt: skip
# The table each is tried on, where it is not `X`.
GIVEN: dict[str, str] = {
    **dict.fromkeys("CountVectorizer TfidfVectorizer HashingVectorizer".split(), "texts"),
    **dict.fromkeys(["DictVectorizer", "FeatureHasher"], "mappings"),
    **dict.fromkeys(["LabelBinarizer", "LabelEncoder"], "names"),
    **dict.fromkeys(["OneHotEncoder", "OrdinalEncoder", "TargetEncoder"], "kinds"),
    **dict.fromkeys(["SimpleImputer", "KNNImputer", "IterativeImputer", "MissingIndicator"], "Xgaps"),
    "IsotonicRegression": "column",
    "MultiLabelBinarizer": "pairs",
    "PatchExtractor": "pictures",
    "VarianceThreshold": "Xsame",
    **dict.fromkeys(["RFE", "RFECV", "SelectFromModel", "SequentialFeatureSelector"], "Xrival"),
    "FeatureAgglomeration": "Xalike",
    "TfidfTransformer": "counts",
}
# What is handed over in another form.
HANDED = {"KernelCenterer": "X @ X.T"}
NO_Y = {"KernelCenterer", "DictVectorizer", "FeatureHasher", "CountVectorizer", "TfidfVectorizer", "HashingVectorizer",
        "LabelBinarizer", "LabelEncoder", "MultiLabelBinarizer", "PatchExtractor"}  # fmt: skip
IMPORTS = (
    "import numpy as np",
    f"y = np.array({CLASSES})",
    "from sklearn.decomposition import PCA",
    "from sklearn.compose import ColumnTransformer, make_column_transformer",
    "from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfTransformer, TfidfVectorizer",
    "from sklearn.feature_selection import SelectKBest",
    "from sklearn.impute import SimpleImputer",
    "from sklearn.kernel_approximation import RBFSampler",
    "from sklearn.linear_model import Ridge",
    "from sklearn.neighbors import KNeighborsClassifier",
    "from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline, make_union",
    "from sklearn.preprocessing import (FunctionTransformer, KBinsDiscretizer, MaxAbsScaler, MinMaxScaler, Normalizer,",
    "    OneHotEncoder, OrdinalEncoder, PowerTransformer, QuantileTransformer, RobustScaler, SplineTransformer,",
    "    StandardScaler)",
    "from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor",
)
TRANSFORMING = sorted(
    name
    for name in {*_base()["estimators"], *estimators.TRANSFORMERS}
    if estimators.transformer_model(f"sklearn.{name}") is not None
)
FIT_ONLY = {"TSNE", "MDS", "ClassicalMDS", "SpectralEmbedding"}


def arguments(name: str) -> str:
    if name in ARGUMENTS:
        return ARGUMENTS[name]
    facts = estimator_facts(name)
    params = facts.params if facts is not None else ()
    return ", ".join(f"{key}={value}" for key, value in USUAL.items() if key in params)


def made(name: str) -> tuple[tuple[str, ...], str]:
    """The import of a class, and its call."""
    facts = estimator_facts(name)
    assert facts is not None, name
    before = ("from sklearn.experimental import enable_iterative_imputer",) if name == "IterativeImputer" else ()
    return (*before, f"from {facts.module} import {name}"), f"{name}({arguments(name)})"


def example(name: str, line: str) -> Example:
    imports = made(name)[0] if name else ()
    words = "".join(letter if letter.isalnum() or letter == "_" else " " for letter in line).split()
    given = next((table for table in TABLES if table in words), "X")
    tables = {given: TABLES[given]}
    return Example(f"result = {line}", given, tables, (*IMPORTS, *imports), ways=("up", "twin", "down", "gap"))


def lines_for(name: str) -> list[str]:
    given = GIVEN.get(name, "X")
    handed = HANDED.get(name, given)
    _, call = made(name)
    handed += "" if name in NO_Y else ", y"
    lines = [f"{call}.fit_transform({handed})"]
    if name not in FIT_ONLY and name not in ("FeatureHasher",):
        lines.append(f"{call}.fit({handed}).transform({HANDED.get(name, given)})")
    return lines


# What depends on how a transformer is set.
SET = examples(
    """
    StandardScaler: StandardScaler(with_std=False).fit_transform(X) | StandardScaler(with_mean=False).fit_transform(X)
        StandardScaler().fit_transform(table) | StandardScaler().set_output(transform='pandas').fit_transform(table)
        StandardScaler().fit(X[:6]).transform(X) | StandardScaler(with_mean=False).fit_transform(sparse.csr_matrix(X))
        StandardScaler().fit_transform(X).mean()
    RobustScaler: RobustScaler(with_scaling=False).fit_transform(X)
        RobustScaler(with_centering=False).fit_transform(X)
    PowerTransformer: PowerTransformer(standardize=False).fit_transform(X)
    QuantileTransformer: QuantileTransformer(n_quantiles=5, output_distribution='normal').fit_transform(X)
        QuantileTransformer(n_quantiles=5, output_distribution='uniform').fit_transform(X)
    MinMaxScaler: MinMaxScaler((0, 100)).fit_transform(X) | MinMaxScaler(feature_range=(-1, 1)).fit_transform(X)
        MinMaxScaler(clip=True).fit_transform(table)
    MaxAbsScaler: MaxAbsScaler().fit_transform(sparse.csr_matrix(X))
    Normalizer: Normalizer('l1').fit_transform(X) | Normalizer(norm='max').fit_transform(sparse.csr_matrix(X))
    TfidfVectorizer: TfidfVectorizer(norm=None).fit_transform(texts) | TfidfVectorizer(norm='l1').fit_transform(texts)
        TfidfVectorizer(use_idf=False).fit_transform(texts) | TfidfVectorizer(max_features=2).fit_transform(texts)
    CountVectorizer: CountVectorizer(vocabulary=['good', 'bad']).fit_transform(texts)
        CountVectorizer(binary=True).fit_transform(texts)
    HashingVectorizer: HashingVectorizer(n_features=16, norm=None).fit_transform(texts)
    TfidfTransformer: TfidfTransformer(use_idf=False).fit_transform(counts)
        TfidfTransformer(norm=None).fit_transform(counts)
        TfidfTransformer(use_idf=False, norm=None).fit_transform(counts)
    OneHotEncoder: OneHotEncoder(categories=[['a', 'b', 'c', 'A']]).fit_transform(kinds)
        OneHotEncoder(sparse_output=False).fit_transform(kinds)
    OrdinalEncoder: OrdinalEncoder(categories=[['a', 'b', 'c', 'A']]).fit_transform(kinds)
    SimpleImputer: SimpleImputer(strategy='constant', fill_value=0).fit_transform(Xgaps)
        SimpleImputer(strategy='median').fit_transform(Xgaps) | SimpleImputer(add_indicator=True).fit_transform(Xgaps)
    KBinsDiscretizer: KBinsDiscretizer(3, encode='ordinal').fit_transform(X)
        KBinsDiscretizer(3, strategy='uniform').fit_transform(X)
    SplineTransformer: SplineTransformer(knots=np.array([[0.0] * 4, [1.0] * 4, [9000.0] * 4])).fit_transform(X)
    RBFSampler: RBFSampler(gamma='scale', n_components=2, random_state=0).fit_transform(X)
    FunctionTransformer: FunctionTransformer(np.log1p).fit_transform(X) | FunctionTransformer().fit_transform(X)
        FunctionTransformer(lambda X: X - X.mean(axis=0)).fit_transform(X)
        FunctionTransformer(lambda X: X + 1).fit(X).transform(X)
    SelectKBest: SelectKBest(k=2).fit_transform(StandardScaler().fit_transform(X), y)
    Pipeline: Pipeline([('fill', SimpleImputer()), ('scale', StandardScaler())]).fit_transform(Xgaps)
        make_pipeline(StandardScaler(), PCA(n_components=2)).fit_transform(X)
        make_pipeline(StandardScaler(), 'passthrough').fit_transform(X)
        make_pipeline(Normalizer(), FunctionTransformer(np.log1p)).fit_transform(X)
        make_pipeline(StandardScaler(), MinMaxScaler()).fit(X).transform(X)
        make_pipeline(make_column_transformer((StandardScaler(), [0]), remainder='passthrough')).fit_transform(X)
        make_pipeline(make_pipeline(StandardScaler())).fit_transform(X)
        make_pipeline(SelectKBest(k=2), StandardScaler()).fit_transform(X, y)
    ColumnTransformer: ColumnTransformer([('scale', StandardScaler(), [0])], remainder='passthrough').fit_transform(X)
        ColumnTransformer([('same', 'passthrough', [0, 1])]).fit_transform(X)
        make_column_transformer((OneHotEncoder(), [0])).fit_transform(kinds)
        ColumnTransformer([('log', FunctionTransformer(np.log1p), [0])]).fit_transform(X)
    FeatureUnion: make_union(StandardScaler(), PCA(n_components=1)).fit_transform(X)
        FeatureUnion([('scale', StandardScaler())]).fit_transform(X)
    """
)
CASES = [
    *((name, line, "") for name in TRANSFORMING if name != "FunctionTransformer" for line in lines_for(name)),
    *(("", line, "") for lines in SET.values() for line in lines),
]


@pytest.mark.parametrize(("name", "line", "leave"), [pytest.param(*case, id=case[1]) for case in CASES])
def test_what_is_said_is_so(name: str, line: str, leave: str) -> None:
    assert falsehoods(example(name, line), leave) == []


OTHER_CLASSES = [1, 0, 0, 0, 1, 1, 0, 1, 1, 1, 0, 0]
# One column follows these classes, one the others.
FOLLOWS_BOTH = _table("torn", [FIRST, [1.0 + 0.8 * label + 0.01 * n for n, label in enumerate(OTHER_CLASSES)]])(
    None, ""
)
TORN = {"RFE", "RFECV", "SelectFromModel", "NeighborhoodComponentsAnalysis"}


@pytest.mark.parametrize("name", [name for name in TRANSFORMING if name not in NO_Y | {"Pipeline"}])
def test_a_transformer_is_called_supervised_if_and_only_if_it_minds_the_targets(name: str) -> None:
    imports, call = made(name)
    given = FOLLOWS_BOTH if name in TORN else TABLES[GIVEN.get(name, "X")](None, "")
    handed = given.partition(" ")[0]
    lines = [*IMPORTS, *imports, given, f"result = {call}.fit_transform({handed}, y)"]
    lines += ["result = result[0]"] if name in estimators.PAIRED else []
    program = "\n".join([*lines, "result"]) + "\n"
    said = followed(program)["result"].object
    assert isinstance(said, Data)
    other = program.replace(f"y = np.array({CLASSES})", f"y = np.array({OTHER_CLASSES})")
    minds = whole(executed(program)["result"]) != whole(executed(other)["result"])
    assert any(item.supervised for item in said.learned) is minds
