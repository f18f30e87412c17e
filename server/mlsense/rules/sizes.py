"""Sizes of tensors in words, and layers that do not fit what they get: shared by the rules on shapes."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix
from mlsense.rules.reading import location, node_at, place_in, related
from mlsense.rules.rule import Draft
from mlsense.semantics.values import MAIN

if TYPE_CHECKING:
    from mlsense.semantics.events import Misfit
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Sizes

# The parameters of layers that say what they expect, in the order in which they are told.
EXPECTS = {"Linear": "in_features", "BatchNorm1d": "num_features"}


def shown(sizes: Sizes) -> str:
    """`(N, 64, 7, 7)`."""
    parts = [
        "..." if size is ... else ("N" if number == 0 else "?") if size is None else str(size)
        for number, size in enumerate(sizes)
    ]
    return f"({', '.join(parts)})"


def numbers(sizes: Sizes) -> str:
    """How many numbers there are in each row: `64 x 7 x 7 = 3,136`."""
    inner = [size for size in sizes[1:] if isinstance(size, int)]
    product = f"{math.prod(inner):,}"
    return f"{' x '.join(map(str, inner))} = {product}" if len(inner) > 1 else product


def draft(trace: Trace, event: Misfit, message: str, title: str) -> Draft | None:
    """Told where the layer was made, if that is in this document, else where it is called."""
    place = event.made.place if event.made is not None and event.made.place.unit.module == MAIN else event.call
    found = location(trace, place)
    if found is None:
        return None
    given = event.before.made.place if event.before is not None else None
    fix = _told_otherwise(trace, event, title) if place != event.call else None
    return Draft(
        message, found, related(trace, (given, "what it gets comes from here"), (event.call, "called here")), fix
    )


def _told_otherwise(trace: Trace, event: Misfit, title: str) -> Fix | None:
    """Writes the number that comes for the one that is expected, where that stands there as a number."""
    node = node_at(trace, event.made.place) if event.made is not None else None
    if event.made is None or not isinstance(node, ast.Call):
        return None
    name = EXPECTS.get(event.layer, "in_channels" if event.layer.startswith("Conv") else "num_features")
    named = [each.value for each in node.keywords if each.arg == name]
    value = node.args[0] if node.args else next(iter(named), None)
    if value is None or any(isinstance(part, (ast.Name, ast.Attribute)) for part in ast.walk(value)):
        return None
    edit = editing.replaced(trace, place_in(event.made.place, value), str(event.got))
    return None if edit is None else Fix(title, "safe", (edit,))
