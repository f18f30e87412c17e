"""Which keyword arguments people set, most often set first, as `scripts/generate_keyword_use.py` counted."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path


@cache
def _counted() -> dict[str, list[str]]:
    found: dict[str, list[str]] = json.loads(Path(__file__).with_name("keyword_use.json").read_text(encoding="utf-8"))
    return found


def usual_keywords(dotted: str) -> tuple[str, ...]:
    """By the dotted name that programs import; empty for what is not called with keywords."""
    return tuple(_counted().get(dotted, ()))
