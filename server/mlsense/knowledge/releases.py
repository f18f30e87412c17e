"""Sections of facts that several releases of a library give, as `scripts/sklearn_release/releases.py` writes them.

A section is named by its file; those in other folders than scikit-learn's with the folder: `choices/pandas`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class Release:
    """A release that was asked: its index, and whether the one in force is newer than all that were."""

    index: int
    newer: bool


@cache
def section(name: str) -> dict[str, Any]:
    path = FOLDER / f"{name}.json" if "/" in name else FOLDER / "sklearn_values" / f"{name}.json"
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


@cache
def release(name: str, version: str | None) -> Release | None:
    """The release of a section that speaks for this version, the newest for None; None where no release does."""
    known = [_minor(one) for one in section(name)["releases"]]
    wanted = known[-1] if version is None else _minor(version)
    if wanted in known:
        return Release(known.index(wanted), False)
    return Release(len(known) - 1, True) if wanted > known[-1] else None


def _minor(version: str) -> tuple[int, ...]:
    """`1.9.1` and `1.9rc1` -> (1, 9)."""
    digits = ["".join(c for c in part if c.isdigit()) for part in version.replace("rc", ".").split(".")[:2]]
    return tuple(int(part) if part else 0 for part in digits)


@cache
def _short_names(name: str) -> dict[str, str]:
    """Dotted names by their last part, for names that come from a private module; ambiguous ones are left out."""
    found: dict[str, str] = {}
    for dotted in section(name)["facts"]:
        short = dotted.rpartition(".")[2]
        found[short] = "" if short in found else dotted
    return found


def key(name: str, dotted: str) -> str | None:
    """The name under which a section keeps `dotted`, which may go through a private module or a re-export."""
    facts = section(name)["facts"]
    if dotted in facts:
        return dotted
    root, _, _ = dotted.partition(".")
    return _short_names(name).get(dotted.rpartition(".")[2]) or None if root == "sklearn" or "." not in dotted else None


def facts(name: str, dotted: str, index: int) -> Mapping[str, Any]:
    """All parts of what a release says of a name; empty where it says nothing."""
    found = key(name, dotted)
    if found is None:
        return {}
    whole = section(name)
    values = whole["values"]
    said = {part: _value(runs, index) for part, runs in whole["facts"][found].items()}
    return {part: values[value] for part, value in said.items() if value >= 0}


def _value(runs: int | list[list[int]], index: int) -> int:
    if isinstance(runs, int):
        return runs
    return next((value for first, value in reversed(runs) if first <= index), -1)
