"""Which texts parameters of libraries take, and of which they refuse any other, in the version in force.

Written by `scripts/generate_choices.py`, which calls every function with every text, release by release.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from mlsense.knowledge.releases import FOLDER, facts, release, section

# What is called on axes is what its function in `pyplot` calls.
_AXES = ("matplotlib.axes.Axes.", "matplotlib.pyplot.")


@dataclass(frozen=True, slots=True)
class Choice:
    """`raises`: what a call with any other text raises, whatever the data; empty where others may be taken, too."""

    takes: tuple[str, ...]
    raises: tuple[str, ...]


def choice_of(dotted: str, parameter: str, version: str | None) -> Choice | None:
    """What a parameter takes; None where nothing is known of it, or of this version."""
    name = _section(dotted)
    found = None if name is None else release(name, version)
    if name is None or found is None:
        return None
    fact = facts(name, dotted.replace(*_AXES), found.index).get(parameter)
    return None if fact is None else Choice(tuple(fact["takes"]), () if found.newer else tuple(fact.get("closed", ())))


def taken_until(dotted: str, parameter: str, text: str, version: str | None) -> str | None:
    """The first release that does not take a text any more which those before it took."""
    name = _section(dotted)
    found = None if name is None else release(name, version)
    if name is None or found is None:
        return None
    releases = section(name)["releases"]
    for index in range(found.index - 1, -1, -1):
        fact = facts(name, dotted.replace(*_AXES), index).get(parameter)
        if fact is None:
            return None
        if text in fact["takes"]:
            return str(releases[index + 1])
    return None


def _section(dotted: str) -> str | None:
    root = dotted.partition(".")[0]
    return f"choices/{root}" if root in _libraries() else None


@cache
def _libraries() -> frozenset[str]:
    return frozenset(path.stem for path in (FOLDER / "choices").glob("*.json"))
