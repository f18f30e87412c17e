"""The parameters that can be set on an estimator, those of its parts with their prefixes: `clf__C`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.rules.offering import entry, nearest
from mlsense.semantics.models.estimators import PARTS
from mlsense.semantics.values import Estimator

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import HeapObject, Value

    LookUp = Callable[[Value | None], HeapObject | None]

MAX_DEPTH = 6


@dataclass(frozen=True, slots=True)
class Settable:
    """`names` can be set; under the prefixes of `open` there may be others."""

    names: tuple[str, ...]
    open: tuple[str, ...] = ()

    def takes(self, name: str) -> bool | None:
        """None where it is not known."""
        if name in self.names:
            return True
        return None if any(name.startswith(prefix) for prefix in self.open) else False

    def meant(self, name: str) -> str | None:
        """The name that was probably meant: the same parameter of a part, or one spelt nearly so."""
        ends = [each for each in self.names if each.endswith(f"__{name}")]
        if len(ends) == 1:
            return ends[0]
        if ends:
            # The shortest way down, if there is one.
            depth = min(each.count("__") for each in ends)
            shallow = [each for each in ends if each.count("__") == depth]
            return shallow[0] if len(shallow) == 1 else None
        head, _, last = name.rpartition("__")
        same = [each for each in self.names if head and each.rpartition("__")[2] == last]
        if len(same) == 1:
            return same[0]
        return nearest(name, self.names)


def of_replaced(name: str, names: Collection[str]) -> bool:
    """Whether one of `names` puts another part in place of the one it is a parameter of: `clf` for `clf__C`."""
    parts = name.split("__")
    return any("__".join(parts[:end]) in names for end in range(1, len(parts)))


def settable(trace: Trace, estimator: Estimator, look_up: LookUp, depth: int = 0) -> Settable | None:
    """What `set_params` and the grid of a search can name; None where it is not known."""
    offered = entry(trace, estimator.cls)
    if offered is None or offered.signature is None or offered.accepts_any or depth > MAX_DEPTH:
        return None
    if not estimator.certain:
        return None
    own = [parameter.name for parameter in offered.signature if not parameter.kind.startswith("var-")]
    parts = dict(estimator.steps)
    named = estimator.cls.rpartition(".")[2] in PARTS
    names = [*own, *(parts if named else ())]
    open_: list[str] = []
    for name, value in {**dict(estimator.params), **parts}.items():
        thing = look_up(value)
        inner = settable(trace, thing, look_up, depth + 1) if isinstance(thing, Estimator) else None
        if inner is None:
            open_.append(f"{name}__")
        else:
            names += [f"{name}__{each}" for each in inner.names]
            open_ += [f"{name}__{each}" for each in inner.open]
    # Parts that are made when nothing is given: which, the signature does not say.
    open_ += [f"{name}__" for name in own if name not in parts and name not in dict(estimator.params)]
    return Settable(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(open_)))
