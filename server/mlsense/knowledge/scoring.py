"""Scorers, metric functions and splitters of scikit-learn in the version in force: what each is for and needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from mlsense.knowledge.releases import facts, release, section


@dataclass(frozen=True, slots=True)
class Scorer:
    """A text that `scoring=` takes.

    `family`: classification, regression, clustering. `targets`: those for which it works: binary, multiclass,
    multilabel, regression, clusters. `response`: what it calls, the first that the estimator has. `metric`: the
    function behind it, which `greater_is_better` speaks of; the score itself is always better when greater.
    """

    name: str
    family: str
    targets: tuple[str, ...]
    response: tuple[str, ...]
    metric: str
    greater_is_better: bool


@dataclass(frozen=True, slots=True)
class Metric:
    """A function that compares truth with prediction.

    `parameters`: names of the two, in order. `takes`: by target (binary, multiclass, multilabel, regression,
    clusters), what the second may be with everything else as usual: labels, probabilities (one column for two
    classes), columns (two of them), scores, values. `symmetric`: the order of the two is of no account.
    `greater_is_better` is None where no scorer says.
    """

    name: str
    family: str
    parameters: tuple[str, str]
    takes: tuple[tuple[str, tuple[str, ...]], ...]
    symmetric: bool
    greater_is_better: bool | None


@dataclass(frozen=True, slots=True)
class Splitter:
    """What `split` must be given besides features; `random`: takes a random state."""

    name: str
    needs_y: bool
    needs_groups: bool
    random: bool


@cache
def scorers(version: str | None = None) -> Mapping[str, Scorer]:
    """By name; empty where the version in force is not known."""
    known = release("scorers", version)
    if known is None or known.newer:
        return MappingProxyType({})
    said = {name: facts("scorers", name, known.index) for name in section("scorers")["facts"]}
    return MappingProxyType(
        {
            name: Scorer(
                name,
                parts["family"],
                tuple(parts["targets"]),
                tuple(parts["response"]),
                parts["metric"],
                parts["sign"] > 0,
            )
            for name, parts in said.items()
            if parts
        }
    )


@cache
def metric(dotted: str, version: str | None = None) -> Metric | None:
    """By function name or any dotted name under `sklearn`."""
    known = release("metrics", version)
    said = facts("metrics", dotted, known.index) if known is not None and not known.newer else {}
    if not said:
        return None
    first, second = said["parameters"]
    takes = tuple((target, tuple(kinds)) for target, kinds in said["takes"].items())
    name = dotted.rpartition(".")[2]
    return Metric(name, said["family"], (first, second), takes, said["symmetric"], said.get("greater_is_better"))


@cache
def splitter(dotted: str, version: str | None = None) -> Splitter | None:
    """By class name or any dotted name under `sklearn`."""
    known = release("splitters", version)
    said = facts("splitters", dotted, known.index) if known is not None and not known.newer else {}
    if not said:
        return None
    return Splitter(dotted.rpartition(".")[2], said["needs_y"], said["needs_groups"], said["random"])
