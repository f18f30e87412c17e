"""What library callables do to values: tables by library, looked up by dotted name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.semantics.models import (
    boosting,
    datafiles,
    datasets,
    files,
    imblearn,
    keras,
    matplotlib,
    numpy,
    pandas,
    polars,
    scipy,
    scores,
    sklearn,
    spark,
    standard,
    statsmodels,
    torch,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsense.semantics.calls import Calls
    from mlsense.semantics.models.effects import Call
    from mlsense.semantics.values import Value

    Model = Callable[[Calls, Call], Value]

_TABLES: dict[str, dict[str, Model]] = {
    "sklearn": sklearn.FUNCTIONS,
    "pandas": pandas.FUNCTIONS,
    "numpy": numpy.FUNCTIONS,
    "imblearn": imblearn.FUNCTIONS,
    "scipy": scipy.FUNCTIONS,
    "matplotlib": matplotlib.FUNCTIONS,
    "torch": torch.FUNCTIONS,
    "torchvision": torch.TORCHVISION,
    **dict.fromkeys(keras.ROOTS, keras.FUNCTIONS),
    **dict.fromkeys(("xgboost", "lightgbm", "catboost"), boosting.FUNCTIONS),
    "statsmodels": statsmodels.FUNCTIONS,
    "polars": polars.FUNCTIONS,
    "pyspark": spark.FUNCTIONS,
    "datasets": datasets.FUNCTIONS,
    "transformers": datasets.TRANSFORMERS,
    "lightning": torch.LIGHTNING,
    "pytorch_lightning": torch.LIGHTNING,
    "functools": standard.FUNCTOOLS,
    "collections": standard.COLLECTIONS,
    "dataclasses": standard.DATACLASSES,
    "copy": standard.COPY,
    "random": standard.RANDOM,
    "types": standard.NAMESPACES,
    "argparse": standard.NAMESPACES,
    "itertools": standard.ITERTOOLS,
    "operator": standard.OPERATOR,
    "tqdm": standard.TQDM,
    "joblib": {**standard.PARALLEL, **files.FUNCTIONS},
    "pathlib": files.PATHS,
    "os": files.OS,
    "io": {"StringIO": datafiles.in_memory},
    "pickle": files.FUNCTIONS,
    "cloudpickle": files.FUNCTIONS,
    "dill": files.FUNCTIONS,
    "multiprocessing": standard.PARALLEL,
    "concurrent": standard.PARALLEL,
    "asyncio": standard.ASYNCIO,
    "optuna": scores.OPTUNA,
    "hyperopt": scores.HYPEROPT,
    "skopt": scores.SKOPT,
    **dict.fromkeys(("keras_tuner", "kerastuner"), scores.KERAS_TUNER),
}


def is_library(name: str) -> bool:
    """Whether a module is of a library we have tables for: a file of that name beside the program is not meant."""
    root = name.partition(".")[0]
    return root in _TABLES and root not in _COMMON


# Programs call files of their own so, as a rule.
_COMMON = frozenset(["datasets", "transformers"])


def lookup(name: str) -> Model | None:
    """The model of a function by the dotted name it was reached under; libraries re-export: the last part decides."""
    root, _, rest = name.partition(".")
    table = _TABLES.get(root)
    if table is None or not rest:
        return None
    _, _, inner = rest.rpartition(".")
    # A class and its method: `sklearn.metrics.RocCurveDisplay.from_estimator`.
    return table.get(rest) or table.get(".".join(rest.split(".")[-2:])) or table.get(inner)


__all__ = ["is_library", "lookup"]
