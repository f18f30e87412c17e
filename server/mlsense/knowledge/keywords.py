"""What people use of libraries, most used first: keyword arguments, imports, attributes.

Counted by `scripts/generate_keyword_use.py` and `scripts/generate_member_use.py`.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

_ESTIMATOR = "estimator"


@cache
def _counted(file: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(Path(__file__).with_name(file).read_text(encoding="utf-8"))
    return found


def usual_keywords(dotted: str) -> tuple[str, ...]:
    """By the dotted name that programs import; empty for what is not called with keywords."""
    return tuple(_counted("keyword_use.json").get(dotted, ()))


@cache
def called_with_keywords() -> tuple[str, ...]:
    """The dotted names of classes and functions that are called with keywords, in no order."""
    return tuple(_counted("keyword_use.json"))


@cache
def usual_imports() -> tuple[str, ...]:
    """The dotted names that programs import from modules of libraries."""
    return tuple(_counted("member_use.json")["names"])


def usual_attributes(dotted: str, *, estimator: bool = False) -> tuple[str, ...]:
    """Those used of objects of a class, then, of an estimator, those used of all estimators."""
    found = _counted("member_use.json")
    return tuple(dict.fromkeys((*found.get(dotted, ()), *(found.get(_ESTIMATOR, ()) if estimator else ()))))
