"""Spark: its tables, its functions of columns, and the estimators, pipelines and evaluators of `pyspark.ml`.

An estimator's `fit` gives a model, which is the estimator as it is fitted; what was asked to fit stays as it was.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import constant, text_of
from mlsense.semantics.events import CrossValidate, Evaluate, Split
from mlsense.semantics.models import estimators, files, frames, picking, scores, tables
from mlsense.semantics.models.effects import own_rows
from mlsense.semantics.models.estimators import TransformerModel
from mlsense.semantics.regions import NO_ROWS, Choice
from mlsense.semantics.values import (
    NONE,
    UNKNOWN,
    Data,
    DictObject,
    Estimator,
    Learned,
    ListObject,
    Mask,
    Moved,
    Opaque,
    Ref,
    Value,
    filling,
    merge_fits,
    merge_learned,
)

if TYPE_CHECKING:
    import ast
    from collections.abc import Hashable

    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model
    from mlsense.semantics.models.effects import Call
    from mlsense.semantics.values import DataKind

KIND: DataKind = "spark"
ROOT = "pyspark"
SESSION = "pyspark.sql.SparkSession"
READER = "pyspark.sql.DataFrameReader"

_STATISTICS = {
    **{name: name for name in "mean median std var min max sum mode skewness kurtosis corr".split()},
    **dict.fromkeys("avg try_avg".split(), "mean"),
    **dict.fromkeys("stddev stddev_samp stddev_pop".split(), "std"),
    **dict.fromkeys("variance var_samp var_pop".split(), "var"),
    **dict.fromkeys("countDistinct count_distinct approx_count_distinct".split(), "nunique"),
    **dict.fromkeys("percentile percentile_approx approx_percentile".split(), "quantile"),
}
_MOVING = frozenset("lag lead".split())


# --- where rows come to be ---------------------------------------------------------------------------


def session(run: Run, call: Call) -> Value:
    return run.alloc(call.node, Opaque(SESSION, "spark"))


def _read(run: Run, call: Call, form: str) -> Value:
    """`spark.read.csv(path)`: the same file read again gives the same rows."""
    first = call.get(0, "path", "tableName", "paths")
    path = files.path_of(run, first) if first is not None else None
    label = f'read.{form}("{path}")' if path is not None else f"read.{form}(...)"
    rows = run.source(call.node, label, ("file", path) if path is not None else None)
    return run.alloc(call.node, Data(kind=KIND, rows=rows, scale="raw", rank=2))


def opaque_method(run: Run, receiver: Value, thing: Opaque, name: str, call: Call) -> Value | None:
    """Methods of a session and of what reads files; None for others."""
    if thing.symbol == SESSION:
        if name in ("createDataFrame", "table", "sql", "range"):
            data = run.data(call.get(0, "data"))
            if name == "createDataFrame" and isinstance(run.object(call.get(0, "data")), Data) and data is not None:
                return run.alloc(call.node, replace(data, kind=KIND, rank=2, mask=None, sources=()))
            table = text_of(call.get(0, "tableName")) if name == "table" else None
            key = ("file", table) if table is not None else None
            if name == "sql":
                return run.alloc(call.node, Data(kind=KIND, rows=own_rows(run, call), rank=2))
            return run.alloc(call.node, Data(kind=KIND, rows=run.source(call.node, f"{name}(...)", key), rank=2))
        return run.alloc(call.node, Opaque(SESSION, "spark")) if name in ("newSession", "getOrCreate") else UNKNOWN
    if thing.symbol.startswith(f"{SESSION}.builder"):
        return run.alloc(call.node, Opaque(SESSION, "spark")) if name == "getOrCreate" else receiver
    if thing.symbol == READER:
        if name in ("option", "options", "schema", "format"):
            return receiver
        return _read(run, call, name)
    return None


def opaque_attribute(run: Run, thing: Opaque, name: str, node: ast.AST) -> Value | None:
    if thing.symbol == SESSION and name in ("read", "readStream"):
        return run.alloc(node, Opaque(READER, "read"), name)
    return None


# --- functions of columns ----------------------------------------------------------------------------


def col(run: Run, call: Call) -> Value:
    return tables.column(run, call, KIND, text_of(call.get(0, "col")))


def literal(run: Run, call: Call) -> Value:
    data = run.data(call.get(0, "col"))
    return run.alloc(call.node, Data(kind=KIND, rows=NO_ROWS, learned=data.learned if data else (), rank=1))


def _first_column(run: Run, call: Call) -> Data:
    """A column that is given by its name or as an expression."""
    given = call.get(0, "col")
    name = text_of(given)
    if name is not None or not isinstance(run.object(given), Data):
        found = run.object(tables.column(run, call, KIND, name))
        assert isinstance(found, Data)
        return found
    data = run.data(given)
    assert data is not None
    return data


def of_column(run: Run, call: Call) -> Value:
    """`F.mean("age")`: a number; with `.over(...)` one for each group."""
    return tables.statistic(run, _first_column(run, call), _STATISTICS[call.name], call)


def shifted(run: Run, call: Call) -> Value:
    """`F.lag("sold")`, `F.lead("sold")`: of the rows before, of those after."""
    data = _first_column(run, call)
    made = tables.from_other_rows(run, data, call.name, call)
    found = run.object(made)
    if call.name == "lead" and isinstance(found, Data):
        run.update(made, replace(found, sources=tuple(_ahead(source) for source in found.sources)))
    return made


def _ahead(source: Hashable) -> Hashable:
    return replace(source, ahead=True) if isinstance(source, Moved) else source


def function(run: Run, call: Call) -> Value:
    """`F.log("age")`, `F.when(...)`: row by row."""
    return tables.by_cell(run, _first_column(run, call), call)


# --- tables ------------------------------------------------------------------------------------------

_SAME_TABLE = frozenset(
    """
    cache persist unpersist repartition coalesce orderBy sort checkpoint localCheckpoint hint alias toDF to
    """.split()
)
_SOME = frozenset("distinct dropDuplicates drop_duplicates dropna tail sampleBy intersect subtract exceptAll".split())


_METHODS = frozenset(
    """
    select agg withColumn withColumns filter where limit randomSplit sample drop fillna replace union unionAll
    unionByName join crossJoin groupBy groupby rollup cube withColumnRenamed withColumnsRenamed toPandas to_pandas
    pandas_api approxQuantile corr cov describe summary collect first head take count transform pipe show printSchema
    explain createOrReplaceTempView createTempView foreach foreachPartition isEmpty melt unpivot colRegex
    selectExpr toLocalIterator withWatermark registerTempTable freqItems crosstab mapInPandas toJSON storageLevel
    sparkSession isLocal isStreaming inputFiles semanticHash sameSemantics writeTo writeStream rdd
    """.split()
) | (_SAME_TABLE | _SOME)


def method(run: Run, receiver: Value, data: Data, name: str, call: Call) -> Value:
    call.symbol = name
    if data.rank == 2:
        return _of_table(run, receiver, data, name, call)
    if name in ("alias", "cast", "astype", "name", "desc", "asc"):
        return run.alloc(call.node, replace(data, mask=data.mask))
    if name == "over":
        return tables.over_groups(run, data, call)
    asks = name in ("isNull", "isNotNull", "isin", "between", "like", "rlike", "contains", "startswith", "endswith")
    return tables.by_cell(run, data, call, mask=asks)


def _of_table(run: Run, receiver: Value, data: Data, name: str, call: Call) -> Value:
    args = tables.flat(run, call.args)
    if isinstance(receiver, Ref) and receiver.slot == "na":
        name = {"drop": "dropna", "fill": "fillna"}.get(name, "replace")
    if name in ("select", "agg"):
        named = [tables.name_of(run, value, data) for value in args]
        return tables.selected(run, data, call, named)
    if name == "withColumn":
        pair = text_of(call.get(0, "colName")), tables.name_of(run, call.get(1, "col") or UNKNOWN, data)[1]
        return run.alloc(call.node, tables.written(run, data, call, [pair]))
    if name == "withColumns":
        thing = run.object(call.get(0))
        items = thing.items if isinstance(thing, DictObject) else ()
        named = [(str(key), tables.name_of(run, value, data)[1]) for key, value in items]
        return run.alloc(call.node, tables.written(run, data, call, named or [(None, None)]))
    if name in ("filter", "where"):
        return run.alloc(call.node, tables.filtered(run, data, [_condition(run, data, call)], call))
    if name == "limit":
        node = call.node_of(0, "num")
        choice = tables.first_rows(data, None, frames.bound(run, node) if node is not None else "n")
        return run.alloc(call.node, picking.choose(data, choice))
    if name == "randomSplit":
        return _split(run, data, call)
    if name == "sample":
        again = call.get(None, "withReplacement") or (call.args[0] if call.args else None)
        if again is not None and constant(again) is True:
            return run.alloc(call.node, Data(kind=KIND, learned=data.learned, rank=2))
        key = tuple(constant(value) for value in (*call.args[:2], call.get(None, "fraction") or NONE))
        return tables.sampled(run, data, call, call.get(2, "seed"), key)
    if name in ("drop",):
        return tables.dropped(run, data, args, call)
    if name in _SOME:
        return run.alloc(call.node, picking.choose(data, Choice(run.origin(call.node), "filter", None)))
    if name in ("fillna", "replace"):
        given = run.object(call.get(0, "value"))
        fillers = [value for _, value in given.items] if isinstance(given, DictObject) else args
        shaped = filling(merge_learned(*(found.learned for value in fillers if (found := run.data(value)) is not None)))
        return run.alloc(call.node, replace(data, learned=merge_learned(data.learned, shaped), mask=None))
    if name in ("union", "unionAll", "unionByName"):
        return frames.concatenated(run, [receiver, *call.args[:1]], call)
    if name in ("join", "crossJoin"):
        how = call.get(2, "how")
        return tables.joined(run, data, call, "inner" if how is None else text_of(how))
    if name in ("groupBy", "groupby", "rollup", "cube"):
        return run.alloc(call.node, replace(data, kind="grouped", mask=None))
    if name in ("withColumnRenamed", "withColumnsRenamed"):
        old, new = text_of(call.get(0)), text_of(call.get(1))
        return tables.renamed(run, data, {old: new} if old is not None and new is not None else None, call)
    if name in ("toPandas", "to_pandas", "pandas_api"):
        return run.alloc(call.node, replace(data, kind="frame", mask=None))
    if name in ("approxQuantile", "corr", "cov", "describe", "summary"):
        what = {"approxQuantile": "quantile"}.get(name, name)
        return tables.statistic(run, data, what, call)
    if name in ("collect", "first", "head", "take", "count"):
        rows = NO_ROWS if data.rows == NO_ROWS or name == "count" else None
        learned = data.learned if rows == NO_ROWS and name != "count" else ()
        return run.alloc(call.node, Data(kind=KIND, rows=rows, learned=learned, rank=None))
    if name in _SAME_TABLE:
        return run.alloc(call.node, replace(data, mask=None))
    if name in ("transform", "pipe") and call.args:
        return run.call(call.args[0], replace(call, args=[receiver, *call.args[1:]], nodes={}))
    return UNKNOWN


_QUESTION = re.compile(r"\s*`?(\w+)`?\s*(==?|!=|<>|<=|>=|<|>)\s*('[^']*'|\"[^\"]*\"|-?\d+(?:\.\d+)?)\s*$")


def _condition(run: Run, data: Data, call: Call) -> Data | None:
    """`filter(col("year") < 2015)`, `filter("year < 2015")`."""
    given = call.get(0, "condition")
    text = text_of(given)
    if text is None:
        return run.data(given)
    match = _QUESTION.match(text)
    if match is None:
        return None
    operator = {"=": "==", "<>": "!="}.get(match[2], match[2])
    right: Hashable = match[3][1:-1] if match[3][0] in "'\"" else float(match[3]) if "." in match[3] else int(match[3])
    return replace(data, mask=Mask(("column", match[1]), operator, right))


def _split(run: Run, data: Data, call: Call) -> Value:
    """`randomSplit([0.8, 0.2], seed=42)`: parts of the rows."""
    weights = run.items_of(call.get(0, "weights") or UNKNOWN)
    seed = call.get(1, "seed")
    told = constant(seed) if seed is not None else None
    shares = tuple(constant(item) for item in weights or ())
    key = (call.name, told, shares) if isinstance(told, int) and ... not in shares else None
    origin, fixed = picking.drawn(run, call.node, key, data.rows)
    func = call.node.func
    place = run.place(getattr(func, "value", func))
    base = run.circumstances(call.node)
    run.emit(Split(*base, "randomSplit", (data,), (place,), run.place(call.node), True, origin))
    parts = tuple(
        run.alloc(call.node, picking.choose(data, Choice(origin, "split", index, fixed)), index)
        for index in range(len(weights or ()))
    )
    if not parts:
        return UNKNOWN
    return run.alloc(call.node, ListObject(parts), "parts")


def attribute(run: Run, base: Value, data: Data, name: str, node: ast.AST) -> Value | None:
    """None for methods."""
    if name in ("columns", "schema", "dtypes", "rdd", "write", "stat"):
        return UNKNOWN if name != "stat" else run.alloc(node, data, "stat")
    if name == "na" and data.rank == 2:
        return run.alloc(node, data, "na")
    if data.rank == 2 and name not in _METHODS and not name.startswith("_"):
        one = replace(frames.column(data, (name,), "series"), kind=KIND)
        return run.alloc(node, one, ("column", name))
    return None


def subscript(run: Run, receiver: Value, data: Data, node: ast.Subscript) -> Value:
    """`frame["age"]`; of what `collect` gives, any part."""
    value = run.evaluate(node.slice)
    name = text_of(value)
    if data.rows == NO_ROWS:
        return run.alloc(node, replace(data, rank=None))
    if name is not None and data.rank == 2:
        one = replace(frames.column(data, (name,), "series"), kind=KIND)
        return run.alloc(node, one, ("column", name))
    names = frames.names_in(run, value)
    if names is not None and data.rank == 2:
        return run.alloc(node, replace(frames.column(data, names, "frame"), kind=KIND))
    return UNKNOWN


# --- estimators --------------------------------------------------------------------------------------


def _group(model: TransformerModel, names: str) -> dict[str, TransformerModel]:
    return dict.fromkeys(names.split(), model)


_OF_TABLE: DataKind = "unknown"
STAGES: dict[str, TransformerModel] = {
    **_group(TransformerModel("scaler", kind=_OF_TABLE), "StandardScaler MinMaxScaler MaxAbsScaler RobustScaler"),
    **_group(TransformerModel("imputer", None, kind=_OF_TABLE), "Imputer"),
    **_group(TransformerModel("reducer", kind=_OF_TABLE), "PCA LDA Word2Vec"),
    **_group(TransformerModel("vectoriser", kind=_OF_TABLE), "IDF CountVectorizer"),
    **_group(TransformerModel("discretiser", kind=_OF_TABLE), "QuantileDiscretizer"),
    **_group(TransformerModel("encoder", kind=_OF_TABLE), "StringIndexer OneHotEncoder VectorIndexer RFormula"),
    **_group(TransformerModel("target-encoder", supervised=True, kind=_OF_TABLE), "TargetEncoder"),
    **_group(
        TransformerModel("selector", None, supervised=True, kind=_OF_TABLE), "ChiSqSelector UnivariateFeatureSelector"
    ),
    **_group(TransformerModel("selector", None, kind=_OF_TABLE), "VarianceThresholdSelector"),
    **_group(
        TransformerModel("other", None, stateless=True, kind=_OF_TABLE),
        """
        VectorAssembler Tokenizer RegexTokenizer StopWordsRemover HashingTF NGram Binarizer Bucketizer Normalizer
        PolynomialExpansion DCT ElementwiseProduct FeatureHasher IndexToString Interaction SQLTransformer VectorSizeHint
        VectorSlicer
        """,
    ),
}
PREDICTORS: dict[str, str] = {
    **dict.fromkeys(
        """
        LogisticRegression DecisionTreeClassifier RandomForestClassifier GBTClassifier LinearSVC NaiveBayes
        MultilayerPerceptronClassifier FMClassifier OneVsRest
        """.split(),
        "classifier",
    ),
    **dict.fromkeys(
        """
        LinearRegression GeneralizedLinearRegression DecisionTreeRegressor RandomForestRegressor GBTRegressor
        AFTSurvivalRegression IsotonicRegression FMRegressor ALS
        """.split(),
        "regressor",
    ),
    **dict.fromkeys("KMeans BisectingKMeans GaussianMixture".split(), "clusterer"),
}
SEARCHES = frozenset(("CrossValidator", "TrainValidationSplit"))
EVALUATORS = """
    BinaryClassificationEvaluator MulticlassClassificationEvaluator RegressionEvaluator RankingEvaluator
    MultilabelClassificationEvaluator
    """.split()


def stage(run: Run, call: Call) -> Value:
    """An estimator, a pipeline or a search."""
    name = call.name
    params = dict(call.keywords)
    steps: tuple[tuple[str, Value], ...] = ()
    certain = call.exact
    if name == "Pipeline":
        items = run.items_of(call.get(None, "stages") or UNKNOWN)
        certain = certain and items is not None
        steps = tuple((str(index), item) for index, item in enumerate(items or ()))
    elif name in SEARCHES and "estimator" in params:
        steps = (("estimator", params["estimator"]),)
    kinds = ("transformer",) if name in STAGES else (PREDICTORS[name],) if name in PREDICTORS else ()
    made = Estimator(f"{ROOT}.ml.{name}", kinds, tuple(params.items()), steps, None, certain, run.origin(call.node))
    return run.alloc(call.node, made)


def evaluator(run: Run, call: Call) -> Value:
    measure = call.keywords.get("metricName")
    return run.alloc(
        call.node, Opaque(f"{ROOT}.ml.evaluation.{call.name}", call.name, params=(("metric", measure or NONE),))
    )


def estimator_method(run: Run, receiver: Value, thing: Estimator, name: str, call: Call) -> Value:
    """Methods of estimators and of the models that their fits give."""
    if name == "fit":
        return _fitted(run, thing, call)
    if name == "transform":
        return _transformed(run, thing, call)
    if name == "evaluate" and thing.fitted is not None:
        x = run.data(call.get(0, "dataset"))
        return estimators.predict(run, thing, "evaluate", x, call)
    if name.startswith("set"):
        key = name[3:4].lower() + name[4:]
        if call.args:
            params = dict(thing.params) | {key: call.args[0]}
            steps = thing.steps
            if key == "stages":
                steps = tuple((str(n), item) for n, item in enumerate(run.items_of(call.args[0]) or ()))
            run.update(receiver, replace(thing, params=tuple(params.items()), steps=steps))
        return receiver
    return UNKNOWN


def _parts(run: Run, thing: Estimator) -> list[Estimator]:
    return estimators.steps_of(run, thing) if thing.steps else [thing]


def _fitted(run: Run, asked: Estimator, call: Call) -> Value:
    model = run.alloc(call.node, asked, "model")
    table = run.data(call.get(0, "dataset"))
    given = [call.get(0, "dataset") or UNKNOWN]
    if table is not None and (columns := _features_and_target(run, asked, table)) is not None:
        given = [run.alloc(call.node, data, name) for name, data in zip(("features", "label"), columns, strict=True)]
    handed = replace(call, args=given, keywords={})
    estimators.fit(run, model, asked, "fit", handed)
    if estimators.short(asked.cls) in SEARCHES:
        inner = run.object(asked.param("estimator")) if asked.param("estimator") is not None else None
        known = inner if isinstance(inner, Estimator) else None
        leaves = tuple(_parts(run, known)) if known is not None else None
        name = estimators.short(asked.cls)
        place = run.place(call.node.args[0]) if call.node.args else None
        base = run.circumstances(call.node)
        run.emit(CrossValidate(*base, name, known, table, None, place, run.place(call.node), leaves))
    return model


def _features_and_target(run: Run, asked: Estimator, table: Data) -> tuple[Data, Data] | None:
    """What a model predicts from, and what it predicts; None where that is nothing, or not known."""
    leaves = _parts(run, asked) if asked.certain else []
    if not leaves or not {"classifier", "regressor"} & set(leaves[-1].kinds) or table.lineage is None:
        return None
    for leaf in leaves[:-1]:
        table = _with_output(run, leaf, table)
    if table.lineage is None:
        return None
    names = [leaves[-1].param(key) for key in ("featuresCol", "labelCol")]
    features, label = (text_of(name) if name is not None else usual for name, usual in zip(names, _USUAL, strict=True))
    if features is None or label is None:
        return None
    entry = next((entry for entry in table.lineage.made if entry[0] == features), None)
    inside = [source for source in entry[2] if isinstance(source, tuple) and len(source) > 1] if entry else []
    called = tuple(str(source[1] if len(source) == 2 else source[2]) for source in inside)
    x = replace(table, lineage=table.lineage.pick(called) if called else None, columns=None)
    y = replace(frames.column(table, (label,), "series"), kind=KIND)
    return x, y


_USUAL = ("features", "label")


def _with_output(run: Run, leaf: Estimator, table: Data) -> Data:
    """The table with the column that a stage makes: of which others, if it says so."""
    one, several, made = (leaf.param(key) for key in ("inputCol", "inputCols", "outputCol"))
    out = text_of(made)
    names = frames.names_in(run, several) if several is not None else None
    name = text_of(one)
    names = (name,) if name is not None else names
    if out is None or names is None or table.lineage is None:
        return replace(table, lineage=None) if made is None else _lost(table, out)
    sources = tuple(source for each in names for source in table.lineage.sources(each))
    lineage = table.lineage.write(out, ("made", table.lineage.base, out, leaf.made, sources), sources[:64])
    return replace(table, lineage=lineage)


def _lost(table: Data, name: str | None) -> Data:
    """A column of which it is not known what it was made of."""
    if name is None or table.lineage is None:
        return replace(table, lineage=None)
    return replace(table, lineage=table.lineage.write(name, ("lost", name), ()))


def _transformed(run: Run, thing: Estimator, call: Call) -> Value:
    """The table with what the stages made of it; what predicts leaves predictions in it."""
    table = run.data(call.get(0, "dataset"))
    if table is None:
        return run.alloc(call.node, Data(kind=KIND, rank=2))
    leaves = _parts(run, thing)
    made = replace(table, columns=None, mask=None)
    for leaf in leaves:
        made = _with_output(run, leaf, made) if "transformer" in leaf.kinds else made
    record = thing.fitted
    if record is not None:
        made = replace(made, learned=merge_learned(table.learned, _learned(run, thing, leaves)))
        predicts = [leaf for leaf in leaves if {"classifier", "regressor"} & set(leaf.kinds)]
        if predicts:
            last = replace(record, cls=predicts[-1].cls, kinds=predicts[-1].kinds)
            run.emit(Evaluate(*run.circumstances(call.node), "transform", last, table, run.place(call.node), False))
            made = replace(made, fits=merge_fits(table.fits, (last,)))
    return run.alloc(call.node, made)


def _learned(run: Run, thing: Estimator, leaves: list[Estimator]) -> tuple[Learned, ...]:
    """What the fitted stages bring into the table: their gravest."""
    record = thing.fitted
    assert record is not None
    stateful = [leaf for leaf in leaves if (model := STAGES.get(estimators.short(leaf.cls))) and not model.stateless]
    if not stateful:
        return record.learned
    order = "target-encoder selector scaler reducer imputer vectoriser discretiser encoder".split()
    gravest = min(stateful, key=lambda leaf: order.index(STAGES[estimators.short(leaf.cls)].family))
    model = STAGES[estimators.short(gravest.cls)]
    inside = estimators.short(thing.cls) if gravest is not thing else ""
    name = estimators.short(gravest.cls)
    own = Learned(
        record.origin, name, record.name, model.family, record.rows, model.supervised, record.estimator, inside=inside
    )
    return merge_learned((own,), record.learned)


def measured(run: Run, thing: Opaque, call: Call) -> Value:
    """`evaluator.evaluate(predictions)`: a score of the model that made them."""
    predicted = run.data(call.get(0, "dataset"))
    if predicted is None:
        return UNKNOWN
    metric = text_of(thing.param("metric")) or "evaluate"
    return scores.number(run, call.node, scores.measured(run, call.node, metric, predicted))


def evaluator_method(run: Run, thing: Opaque, name: str, call: Call) -> Value | None:
    """None for what is no evaluator, or no measure."""
    if thing.symbol.startswith(f"{ROOT}.ml.evaluation.") and name == "evaluate":
        return measured(run, thing, call)
    return None


FUNCTIONS: dict[str, Model] = {
    **dict.fromkeys(("getOrCreate", "builder.getOrCreate"), session),
    **{f"functions.{name}": of_column for name in _STATISTICS},
    **{f"functions.{name}": shifted for name in _MOVING},
    **dict.fromkeys(("functions.col", "functions.column"), col),
    "functions.lit": literal,
    **{
        f"functions.{name}": function
        for name in """
        when log log1p log2 log10 exp sqrt abs round floor ceil pow lower upper trim length concat concat_ws split
        regexp_replace regexp_extract substring to_date to_timestamp year month dayofmonth dayofweek hour minute
        datediff coalesce isnull isnan greatest least array struct udf expr size explode hash
        """.split()
    },
    **{f"ml.feature.{name}": stage for name in STAGES},
    **{
        f"ml.{home}.{name}": stage
        for home in ("classification", "regression", "recommendation", "clustering")
        for name in PREDICTORS
    },
    "ml.Pipeline": stage,
    "ml.pipeline.Pipeline": stage,
    **{f"ml.tuning.{name}": stage for name in SEARCHES},
    **{f"ml.evaluation.{name}": evaluator for name in EVALUATORS},
}
