"""What imbalanced-learn says of its estimators, as `scripts/generate_imblearn.py` wrote it down."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class SamplerFacts:
    """A resampler, classifier or pipeline. `sampling` is the library's own word for what it does to rows, if anything.

    `picks`: it can say which of the given rows it took, so it makes none.
    """

    name: str
    module: str
    kinds: tuple[str, ...]
    sampling: str
    picks: bool
    params: tuple[str, ...]


@cache
def _base() -> dict[str, Any]:
    base: dict[str, Any] = json.loads(Path(__file__).with_name("imblearn.json").read_text(encoding="utf-8"))
    return base


@cache
def sampler_facts(name: str) -> SamplerFacts | None:
    """By class name or by any dotted name under `imblearn`; None for what is no estimator."""
    short = name.rpartition(".")[2]
    found = _base()["estimators"].get(short)
    if found is None:
        return None
    return SamplerFacts(
        short, found["module"], tuple(found["kinds"]), found["sampling"], found["picks"], tuple(found["params"])
    )
