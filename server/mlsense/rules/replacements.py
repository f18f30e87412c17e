"""What took the place of names that are gone, where no source of a library says so.

The knowledge base reads what replaces a name from the warnings of the releases that still had it. Many releases warned
of nothing, or in words that name no name; and names that went before the oldest release in the base are not in it at
all. These are listed here, from the libraries' release notes, and each row is tested: the old name is gone in the
version in force, the new one is there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class Instead:
    """`name` is dotted, or code where it is more than a name; `same`: the same thing under another name.

    `gone` is the first version without the old name, given where the base does not reach back to it, and where it reads
    stubs, which leave out what is deprecated.
    """

    name: str = ""
    same: bool = False
    gone: str | None = None
    advice: str = ""

    @property
    def is_name(self) -> bool:
        return bool(self.name) and all(part.isidentifier() for part in self.name.split("."))


def _renamed(rows: str, gone: str | None = None) -> dict[str, Instead]:
    """Of lines of `old new`, both names of NumPy."""
    pairs = (line.split() for line in rows.strip().splitlines())
    return {f"numpy.{old}": Instead(f"numpy.{new}", same=True, gone=gone) for old, new in pairs}


def _built_in(*names: str) -> dict[str, Instead]:
    """NumPy's aliases for what Python has."""
    return {f"numpy.{name}": Instead(name, same=True, gone="1.24") for name in names}


def _moved(home: str, modules: str, gone: str) -> dict[str, Instead]:
    """Of modules whose names are in the package that they were in."""
    return {f"{home}.{module}": Instead(home, same=True, gone=gone) for module in modules.split()}


def _advised(advice: str, *names: str, gone: str | None = None) -> dict[str, Instead]:
    return {name: Instead(gone=gone, advice=advice) for name in names}


REPLACED: dict[str, Instead] = {
    **_renamed(
        """
        product prod
        cumproduct cumprod
        sometrue any
        alltrue all
        round_ round
        mat asmatrix
        Inf inf
        Infinity inf
        infty inf
        PINF inf
        NaN nan
        float_ float64
        complex_ complex128
        cfloat complex128
        singlecomplex complex64
        longfloat longdouble
        longcomplex clongdouble
        clongfloat clongdouble
        string_ bytes_
        unicode_ str_
        bool8 bool_
        int0 intp
        uint0 uintp
        object0 object_
        str0 str_
        bytes0 bytes_
        void0 void
        """,
        "2.0",
    ),
    **_renamed("trapz trapezoid", "2.4"),
    **_renamed("row_stack vstack"),
    **_renamed("rank ndim", "1.18"),
    **_built_in("bool", "int", "float", "complex", "object", "str"),
    "numpy.long": Instead("int", same=True, gone="1.24"),
    "numpy.unicode": Instead("str", same=True, gone="1.24"),
    "numpy.safe_eval": Instead("ast.literal_eval", gone="2.0"),
    "numpy.issubclass_": Instead("issubclass", gone="2.0"),
    "numpy.issubsctype": Instead("numpy.issubdtype", gone="2.0"),
    "numpy.chararray": Instead("numpy.char.chararray", same=True, gone="2.5"),
    "numpy.in1d": Instead(
        "numpy.isin", advice="use `np.isin`, which keeps the shape of its first argument", gone="2.4"
    ),
    "numpy.NINF": Instead("-np.inf", gone="2.0"),
    "numpy.PZERO": Instead("0.0", gone="2.0"),
    "numpy.NZERO": Instead("-0.0", gone="2.0"),
    "numpy.asscalar": Instead(advice="use the array's `item()`", gone="1.23"),
    "numpy.msort": Instead(advice="use `np.sort(a, axis=0)`", gone="2.0"),
    "numpy.asfarray": Instead(advice="use `np.asarray(a, dtype=float)`", gone="2.0"),
    "numpy.find_common_type": Instead("numpy.result_type", gone="2.0"),
    "numpy.cast": Instead(advice="use `np.asarray(a, dtype=...)`", gone="2.0"),
    "numpy.recfromcsv": Instead(advice='use `np.genfromtxt(..., delimiter=",")`', gone="2.0"),
    "numpy.recfromtxt": Instead("numpy.genfromtxt", gone="2.0"),
    "numpy.byte_bounds": Instead("numpy.lib.array_utils.byte_bounds", same=True, gone="2.0"),
    "numpy.ndarray.tostring": Instead("numpy.ndarray.tobytes", same=True, gone="2.3"),
    "numpy.ndarray.ptp": Instead("np.ptp(...)", gone="2.0"),
    "numpy.ndarray.itemset": Instead(advice="assign to the item, `a[i] = value`", gone="2.0"),
    "numpy.ndarray.newbyteorder": Instead(advice="use `a.view(a.dtype.newbyteorder(...))`", gone="2.0"),
    # pandas
    "pandas.DataFrame.append": Instead("pd.concat([...])"),
    "pandas.Series.append": Instead("pd.concat([...])"),
    "pandas.DataFrame.iteritems": Instead("pandas.DataFrame.items", same=True),
    "pandas.Series.iteritems": Instead("pandas.Series.items", same=True),
    "pandas.DataFrame.applymap": Instead("pandas.DataFrame.map", same=True),
    "pandas.DataFrame.pad": Instead("pandas.DataFrame.ffill", same=True),
    "pandas.Series.pad": Instead("pandas.Series.ffill", same=True),
    "pandas.DataFrame.backfill": Instead("pandas.DataFrame.bfill", same=True),
    "pandas.Series.backfill": Instead("pandas.Series.bfill", same=True),
    "pandas.Series.is_monotonic": Instead("pandas.Series.is_monotonic_increasing", same=True),
    "pandas.DataFrame.mad": Instead(advice="use `(df - df.mean()).abs().mean()`"),
    "pandas.Series.mad": Instead(advice="use `(s - s.mean()).abs().mean()`"),
    "pandas.DataFrame.swapaxes": Instead("pandas.DataFrame.transpose"),
    "pandas.DataFrame.tshift": Instead("pandas.DataFrame.shift"),
    "pandas.Series.tshift": Instead("pandas.Series.shift"),
    "pandas.DataFrame.slice_shift": Instead("pandas.DataFrame.shift"),
    "pandas.Series.slice_shift": Instead("pandas.Series.shift"),
    "pandas.DataFrame.lookup": Instead(advice="use `pd.factorize` of the column labels and index with NumPy"),
    **_advised(
        "take rows or cells by label with `loc`, by position with `iloc`",
        "pandas.DataFrame.ix",
        "pandas.Series.ix",
        gone="1.0",
    ),
    **_advised("use `to_numpy()`", "pandas.DataFrame.as_matrix", "pandas.Series.as_matrix", gone="1.0"),
    **_advised("use `df.at[row, column]`", "pandas.DataFrame.get_value", "pandas.DataFrame.set_value", gone="1.0"),
    **_advised("use `sort_values`, or `sort_index` for the labels", "pandas.DataFrame.sort", gone="0.20"),
    **_advised("use `sort_values`", "pandas.Series.order", gone="0.20"),
    **_advised('use `pd.Index(..., dtype="int64")`', "pandas.Int64Index"),
    **_advised('use `pd.Index(..., dtype="uint64")`', "pandas.UInt64Index"),
    **_advised('use `pd.Index(..., dtype="float64")`', "pandas.Float64Index"),
    "pandas.datetime": Instead("datetime.datetime"),
    "pandas.np": Instead("numpy"),
    "pandas.value_counts": Instead(advice="use `pd.Series(values).value_counts()`"),
    **_advised("use a frame with a `MultiIndex`, or xarray", "pandas.Panel", gone="1.0"),
    "pandas.scatter_matrix": Instead("pandas.plotting.scatter_matrix", same=True, gone="0.25"),
    "pandas.tools.plotting": Instead("pandas.plotting", same=True, gone="0.25"),
    "pandas.tools": Instead(advice="its plots are in `pandas.plotting`", gone="0.25"),
    "pandas.util.testing": Instead("pandas.testing", gone="2.0"),
    **_advised("use `rolling(...).mean()` of the frame or the series", "pandas.rolling_mean", gone="0.23"),
    **_advised("use `rolling(...).std()` of the frame or the series", "pandas.rolling_std", gone="0.23"),
    **_advised("use `ewm(...).mean()` of the frame or the series", "pandas.ewma", gone="0.23"),
    # scikit-learn
    "sklearn.externals.joblib": Instead("joblib", same=True),
    "sklearn.externals.six": Instead("six", same=True),
    "sklearn.utils.testing": Instead(advice="take assertions from `numpy.testing`"),
    "sklearn.datasets.load_boston": Instead(
        advice="load `fetch_california_housing` instead, whose columns and prices are others"
    ),
    "sklearn.metrics.SCORERS": Instead("sklearn.metrics.get_scorer_names"),
    "sklearn.metrics.jaccard_similarity_score": Instead(
        advice="use `jaccard_score`, or `accuracy_score`, which it was where each row has one label"
    ),
    # Keras
    **_moved("keras.layers", "core convolutional normalization noise pooling", gone="2.13"),
    **_moved(
        "keras.layers",
        "advanced_activations convolutional_recurrent embeddings local merge recurrent wrappers",
        gone="2.9",
    ),
    **_moved("keras.utils", "np_utils vis_utils generic_utils data_utils", gone="2.13"),
    "keras.layers.experimental.preprocessing": Instead("keras.layers", same=True, gone="3.0"),
    "keras.layers.experimental": Instead(advice="its layers are in `keras.layers`"),
    "keras.engine": Instead(gone="2.13", advice="take `Layer` from `keras.layers` and `Model` from `keras.models`"),
    "keras.optimizer_v2": Instead(gone="2.9", advice="the optimizers are in `keras.optimizers`"),
    "keras.wrappers.scikit_learn": Instead(
        gone="2.13", advice="take `KerasClassifier` and `KerasRegressor` from `scikeras.wrappers`"
    ),
    "keras.preprocessing.text": Instead(advice="use `keras.layers.TextVectorization`"),
    "keras.preprocessing.image.ImageDataGenerator": Instead(
        advice="use `keras.utils.image_dataset_from_directory` and layers such as `keras.layers.RandomFlip`"
    ),
    "keras.layers.CuDNNLSTM": Instead("keras.layers.LSTM"),
    "keras.layers.CuDNNGRU": Instead("keras.layers.GRU"),
    "keras.Sequential.predict_classes": Instead(
        advice="use `np.argmax(model.predict(x), axis=-1)`, or `model.predict(x) > 0.5` of one sigmoid"
    ),
    "keras.Sequential.predict_proba": Instead("keras.Sequential.predict"),
    "keras.Sequential.fit_generator": Instead("keras.Sequential.fit"),
    "keras.Sequential.evaluate_generator": Instead("keras.Sequential.evaluate"),
    "keras.Sequential.predict_generator": Instead("keras.Sequential.predict"),
    # transformers
    "transformers.AdamW": Instead("torch.optim.AdamW"),
    # TensorFlow
    "tensorflow.contrib": Instead(gone="2.0", advice="what is left of it is in packages such as `tf_slim`"),
    "tensorflow.layers": Instead(advice="its layers are classes in `tf.keras.layers`"),
    "tensorflow.nn.rnn_cell": Instead(advice="its cells are in `tf.keras.layers`: `LSTMCell`, `GRUCell`"),
    "tensorflow.log": Instead("tensorflow.math.log", same=True),
    "tensorflow.set_random_seed": Instead("tensorflow.random.set_seed"),
}


# From this version on TensorFlow's Keras is Keras 3; until then both have the same numbers.
_KERAS_3 = "2.16"


def row_of(dotted: str) -> Instead | None:
    """The row of a name; of what TensorFlow has of Keras the one of Keras, in TensorFlow's words and numbers."""
    row = REPLACED.get(dotted)
    if row is not None or not dotted.startswith("tensorflow.keras."):
        return row
    row = REPLACED.get(dotted.removeprefix("tensorflow."))
    if row is None:
        return None
    name = f"tensorflow.{row.name}" if row.name.startswith("keras.") else row.name
    gone = _KERAS_3 if row.gone == "3.0" else row.gone
    return replace(row, name=name, gone=gone, advice=row.advice.replace("`keras.", "`tf.keras."))
