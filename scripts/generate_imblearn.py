"""Writes what imbalanced-learn knows of itself into the package: `python scripts/generate_imblearn.py [--check]`.

Run it again for a new release of imbalanced-learn. With --check nothing is written; exit 1 says the file is not what
the installed release gives. Facts only: names, kinds, how rows are sampled, parameters.
"""

from __future__ import annotations

import argparse
import inspect
import json
import sys
from itertools import takewhile
from pathlib import Path
from typing import Any

import imblearn
from imblearn.utils.testing import all_estimators
from sklearn.base import ClassifierMixin
from sklearn.pipeline import Pipeline

from writing import write_or_check

TARGET = Path(__file__).parent.parent / "server" / "mlsense" / "knowledge" / "imblearn.json"


def public_module(cls: type) -> str:
    """The module users import it from: the one that holds its private file."""
    path = list(takewhile(lambda part: not part.startswith("_"), cls.__module__.split(".")))
    shown = [".".join(path[:end]) for end in range(1, len(path) + 1)]
    return next(name for name in reversed(shown) if hasattr(sys.modules[name], cls.__name__))


def kinds_of(cls: type) -> list[str]:
    kinds = {"classifier": ClassifierMixin, "pipeline": Pipeline}
    found = [kind for kind, base in kinds.items() if issubclass(cls, base)]
    return found or (["resampler"] if hasattr(cls, "fit_resample") else [])


def estimator(cls: Any) -> dict[str, Any]:
    return {
        "module": public_module(cls),
        "kinds": kinds_of(cls),
        # "clean-sampling" takes away rows that stand in the way, "bypass" does as it is told.
        "sampling": getattr(cls, "_sampling_type", ""),
        # Whether it can say which of the given rows it took: what makes new rows cannot.
        "picks": "sample_indices_" in (cls.__doc__ or ""),
        "params": [name for name in inspect.signature(cls).parameters if name not in ("args", "kwargs")],
    }


def knowledge() -> dict[str, Any]:
    return {
        "version": imblearn.__version__,
        "estimators": {name: estimator(cls) for name, cls in sorted(all_estimators())},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the file is up to date")
    arguments = parser.parse_args()
    text = json.dumps(knowledge(), indent=None, separators=(",", ":"), sort_keys=True).replace('},"', '},\n"') + "\n"
    return write_or_check(TARGET, text, f"imbalanced-learn {imblearn.__version__}", check=arguments.check)


if __name__ == "__main__":
    raise SystemExit(main())
