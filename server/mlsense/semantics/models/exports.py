"""What `from module import *` brings: the library's real exports in the version in force, as far as they are known."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from mlsense.knowledge.library import offered_in
from mlsense.semantics.models import lookup
from mlsense.semantics.models.estimators import kinds_of
from mlsense.semantics.values import Const

if TYPE_CHECKING:
    from mlsense.knowledge.versions import Versions

# What pylab is made of, by its own source; what stands later counts.
_PYLAB = ("matplotlib.pyplot", "numpy", "numpy.fft", "numpy.random", "numpy.linalg")
_PYLAB_NAMES = {"np": "numpy", "plt": "matplotlib.pyplot", "mpl": "matplotlib", "ma": "numpy.ma"}
_OF_PYTHON = frozenset(("abs", "bool", "bytes", "datetime", "max", "min", "pow", "round"))

ANYTHING = "*"
"""In the place of a module: a source of names of which nothing is known, such as `%run` of a file not found."""


def stars_of(entry: object) -> tuple[str, ...]:
    """The modules all of whose names were imported, by what the state has under `*`."""
    return entry.value if isinstance(entry, Const) and isinstance(entry.value, tuple) else ()


def star_names(module: str, versions: Versions) -> frozenset[str] | None:
    """The names that come by `import *` from a module of a library; None where they are not known."""
    if module in ("pylab", "matplotlib.pylab"):
        parts = [star_names(part, versions) for part in _PYLAB]
        known = [part for part in parts if part is not None]
        return _OF_PYTHON.union(_PYLAB_NAMES, *known) if len(known) == len(parts) else None
    return _exports(module, versions)


@lru_cache(maxsize=256)
def _exports(module: str, versions: Versions) -> frozenset[str] | None:
    offer = offered_in(versions, module.partition(".")[0])
    # A release newer than all that are known may export more.
    names = offer.exports(module) if offer is not None and offer.exact else None
    return None if names is None else frozenset(names)


def star_name(modules: tuple[str, ...], name: str, versions: Versions) -> str | None:
    """The library's own name behind a name that came by `import *` of these modules; the last that has it counts.

    None: none of them has it, or it is not known which. Of a module whose exports are not known, what the tables
    know is taken to come from it.
    """
    for module in reversed(modules):
        if module in ("pylab", "matplotlib.pylab"):
            if name in _OF_PYTHON:
                continue
            parts = _PYLAB if star_names(module, versions) is not None else _PYLAB[:2]
            found = _PYLAB_NAMES.get(name) or star_name(parts, name, versions)
            if found is not None:
                return found
            continue
        full = f"{module}.{name}"
        names = star_names(module, versions)
        if names is None:
            if lookup(full) is not None or kinds_of(full) is not None:
                return full
        elif name in names:
            return full
    return None
