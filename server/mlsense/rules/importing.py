"""Imports that fixes need: whether the program has them, and where it has its own from the same place."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import editing

if TYPE_CHECKING:
    import ast

    from mlsense.rules.finding import Edit
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place


def brought(trace: Trace, before: Place, *needed: tuple[str, str]) -> list[Edit | None] | None:
    """What brings names, each given after its module, for code at a place; None where a name is another's.

    New imports go after the last one of scikit-learn or imbalanced-learn, which has to stand above the place.
    """
    lines = []
    for module, name in needed:
        home = imported_from(trace, name)
        if home not in (None, module) or (home is None and name in trace.uses):
            return None
        if home is None:
            lines.append(f"from {module} import {name}")
    if not lines:
        return []
    last = last_import(trace, "sklearn", "imblearn")
    if last is None or trace.order[last.unit] > trace.order[before.unit]:
        return None
    return [editing.inserted_after(trace, last, lines)]


def imported_from(trace: Trace, name: str) -> str | None:
    """The module that the top level imports a name from, under that name: the last one that it is imported from."""
    homes = [tree.module or "" for _, tree in trace.imports if _brings(tree, name)]
    return homes[-1] if homes else None


def _brings(tree: ast.ImportFrom, name: str) -> bool:
    return any(alias.name == name and alias.asname is None for alias in tree.names)


def imported_beside(trace: Trace, module: str, name: str, neighbour: str | None = None) -> Edit | None:
    """The import of a name, after the first one from the same module, or the first one there of its neighbour."""
    for place, tree in trace.imports:
        if tree.module == module and (neighbour is None or _brings(tree, neighbour)):
            return editing.inserted_after(trace, place, [f"from {module} import {name}"])
    return None


def last_import(trace: Trace, *libraries: str) -> Place | None:
    """The last `from ... import` at the top level from any of these libraries."""
    places = [place for place, tree in trace.imports if (tree.module or "").split(".")[0] in libraries]
    return places[-1] if places else None
