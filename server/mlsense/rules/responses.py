"""What can be asked of an estimator of scikit-learn: methods that its class has, or that its parameters take away."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.knowledge.kinds import conditional_methods, has_method
from mlsense.knowledge.library import offered_in
from mlsense.rules.values import argument_of, release_in
from mlsense.semantics.models.estimators import SEARCHES
from mlsense.semantics.values import DictObject, Estimator, ListObject, Unknown

if TYPE_CHECKING:
    from mlsense.knowledge.values import Argument
    from mlsense.knowledge.versions import Versions
    from mlsense.rules.parameters import LookUp

MOST_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Lacking:
    """An estimator without a method. `because`: the parameters that take it away; none: the class never has it."""

    estimator: Estimator
    because: tuple[str, ...] = ()

    @property
    def short(self) -> str:
        return self.estimator.cls.rpartition(".")[2]


def lacking(versions: Versions, estimator: Estimator, method: str, look_up: LookUp, depth: int = 0) -> Lacking | None:
    """Which estimator, itself or a part, is the reason that a method is not there; None where it is, or may be."""
    release = release_in(versions)
    offered = offered_in(versions, estimator.cls.partition(".")[0])
    if release is None or offered is None or not estimator.certain or depth > MOST_DEPTH:
        return None
    if not estimator.cls.startswith("sklearn."):
        return None
    members = offered.members(estimator.cls)
    if members is None or not members.closed:
        return None
    if method not in members:
        return Lacking(estimator)
    if estimator.cls.endswith(".Pipeline"):
        last = look_up(estimator.steps[-1][1]) if estimator.steps else None
        return lacking(versions, last, method, look_up, depth + 1) if isinstance(last, Estimator) else None
    known, unknown = _parameters(estimator, look_up)
    if has_method(estimator.cls, method, known, release, unknown) is False:
        condition = next(each for each in conditional_methods(estimator.cls, release) if each.method == method)
        return Lacking(estimator, tuple(name for name, _, _ in condition.by)) if condition.by else None
    return _part_lacking(versions, estimator, method, look_up, release, depth)


def _parameters(estimator: Estimator, look_up: LookUp) -> tuple[dict[str, Argument], set[str]]:
    known: dict[str, Argument] = {}
    unknown: set[str] = set()
    for name, value in estimator.params:
        found = argument_of(value, look_up(value))
        if isinstance(found, Unknown):
            unknown.add(name)
        else:
            known[name] = found
    return known, unknown


def _part_lacking(
    versions: Versions, estimator: Estimator, method: str, look_up: LookUp, release: str, depth: int
) -> Lacking | None:
    """The estimator it passes the call on to, where that has not got the method."""
    condition = next((each for each in conditional_methods(estimator.cls, release) if each.method == method), None)
    if condition is None or len(condition.delegated) != 1:
        return None
    parameter = condition.delegated[0]
    value = dict((*estimator.params, *estimator.steps)).get(parameter)
    part = look_up(value)
    if not isinstance(part, Estimator):
        return None
    found = lacking(versions, part, method, look_up, depth + 1)
    if found is None or (estimator.cls.rpartition(".")[2] in SEARCHES and _may_change(estimator, found, look_up)):
        return None
    return found


def _may_change(search: Estimator, found: Lacking, look_up: LookUp) -> bool:
    """Whether a search may put another part there, or set the parameter that matters."""
    grid = look_up(search.param("param_grid") or search.param("param_distributions"))
    grids = [look_up(item) for item in grid.items or ()] if isinstance(grid, ListObject) else [grid]
    searched = look_up(search.param("estimator"))
    for each in grids:
        if not isinstance(each, DictObject) or each.open or not isinstance(searched, Estimator):
            return True
        if any(_replaces(searched, str(key), found, look_up) for key, _ in each.items):
            return True
    return not grids


def _replaces(estimator: Estimator, key: str, found: Lacking, look_up: LookUp) -> bool:
    part, deeper, rest = key.partition("__")
    inner = look_up(dict((*estimator.params, *estimator.steps)).get(part))
    if deeper:
        return not isinstance(inner, Estimator) or _replaces(inner, rest, found, look_up)
    return part in found.because or isinstance(inner, Estimator)
