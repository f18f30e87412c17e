"""Writes what scikit-learn knows of itself into the package: `python scripts/generate_knowledge.py [--check]`.

Run it again for a new release of scikit-learn. With --check nothing is written; exit 1 says the file is not what the
installed release gives. Facts only: names, kinds, tags, parameters, the columns of the bundled data sets.
"""

from __future__ import annotations

import argparse
import inspect
import json
import warnings
from itertools import takewhile
from pathlib import Path
from typing import Any

import pandas as pd
import sklearn
from sklearn import datasets
from sklearn.base import ClassifierMixin, ClusterMixin, OutlierMixin, RegressorMixin, TransformerMixin
from sklearn.experimental import enable_halving_search_cv, enable_iterative_imputer  # noqa: F401
from sklearn.utils import get_tags
from sklearn.utils.discovery import all_estimators

from writing import write_or_check

TARGET = Path(__file__).parent.parent / "server" / "mlsense" / "knowledge" / "sklearn.json"
MIXINS = {
    "classifier": ClassifierMixin,
    "regressor": RegressorMixin,
    "clusterer": ClusterMixin,
    "transformer": TransformerMixin,
    "outlier_detector": OutlierMixin,
}
BUNDLED = ("load_iris", "load_wine", "load_breast_cancer", "load_diabetes", "load_digits", "load_linnerud")


def public_module(cls: type) -> str:
    """The module users import it from: the one that holds its private file."""
    return ".".join(takewhile(lambda part: not part.startswith("_"), cls.__module__.split(".")))


def tags_of(cls: type) -> Any:
    """The tags of an instance made with defaults; None where the class cannot be made without arguments."""
    try:
        return get_tags(cls())
    except Exception:
        return None


def estimator(cls: type) -> dict[str, Any]:
    tags = tags_of(cls)
    return {
        "module": public_module(cls),
        "kinds": sorted(kind for kind, mixin in MIXINS.items() if issubclass(cls, mixin)),
        "requires_fit": None if tags is None else bool(tags.requires_fit),
        "requires_y": None if tags is None else bool(tags.target_tags.required),
        "params": [name for name in inspect.signature(cls).parameters if name not in ("args", "kwargs")],
        "methods": sorted(
            name for name in ("transform", "predict", "predict_proba", "decision_function", "score", "fit_predict")
            if hasattr(cls, name)
        ),
    }  # fmt: skip


def dataset(loader: str) -> dict[str, Any]:
    bunch = getattr(datasets, loader)(as_frame=True)
    frame: pd.DataFrame = bunch.data
    target = bunch.target if isinstance(bunch.target, pd.DataFrame) else bunch.target.to_frame()
    return {
        "rows": len(frame),
        "target": [str(name) for name in target.columns],
        "columns": [[str(name), float(frame[name].min()), float(frame[name].max())] for name in frame.columns],
    }


def knowledge() -> dict[str, Any]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return {
            "version": sklearn.__version__,
            "estimators": {name: estimator(cls) for name, cls in sorted(all_estimators())},
            "datasets": {loader: dataset(loader) for loader in BUNDLED},
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the file is up to date")
    arguments = parser.parse_args()
    text = json.dumps(knowledge(), indent=None, separators=(",", ":"), sort_keys=True).replace('},"', '},\n"') + "\n"
    return write_or_check(TARGET, text, f"scikit-learn {sklearn.__version__}", check=arguments.check)


if __name__ == "__main__":
    raise SystemExit(main())
