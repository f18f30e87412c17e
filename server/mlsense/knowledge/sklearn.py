"""What scikit-learn says of its estimators and bundled data sets, as `scripts/generate_knowledge.py` wrote it down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class EstimatorFacts:
    """`requires_fit` and `requires_y` are None for classes that cannot be made without arguments."""

    name: str
    module: str
    kinds: tuple[str, ...]
    requires_fit: bool | None
    requires_y: bool | None
    params: tuple[str, ...]
    methods: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """A bundled data set: number of rows, features as (name, smallest, largest), names of the targets."""

    loader: str
    rows: int
    columns: tuple[tuple[str, float, float], ...]
    target: tuple[str, ...]


@cache
def _base() -> dict[str, Any]:
    base: dict[str, Any] = json.loads(Path(__file__).with_name("sklearn.json").read_text(encoding="utf-8"))
    return base


@cache
def estimator_facts(name: str) -> EstimatorFacts | None:
    """By class name or by any dotted name under `sklearn`; None for what is no estimator."""
    short = name.rpartition(".")[2]
    found = _base()["estimators"].get(short)
    if found is None:
        return None
    return EstimatorFacts(
        short,
        found["module"],
        tuple(found["kinds"]),
        found["requires_fit"],
        found["requires_y"],
        tuple(found["params"]),
        tuple(found["methods"]),
    )


def bundled_datasets() -> tuple[DatasetFacts, ...]:
    """All of them, by the names of their loaders."""
    return tuple(facts for loader in sorted(_base()["datasets"]) if (facts := bundled_dataset(loader)) is not None)


@cache
def bundled_dataset(loader: str) -> DatasetFacts | None:
    """By the name of the function that loads it, `load_wine`."""
    found = _base()["datasets"].get(loader)
    if found is None:
        return None
    columns = tuple((name, low, high) for name, low, high in found["columns"])
    return DatasetFacts(loader, found["rows"], columns, tuple(found["target"]))
