"""How rules read a trace: places as locations, lines in words, the names that statements bind."""

from __future__ import annotations

import ast
from pathlib import PurePath
from typing import TYPE_CHECKING

from mlsense.rules.finding import Location, Related
from mlsense.semantics.values import MAIN, Origin, Place

if TYPE_CHECKING:
    from mlsense.semantics.events import Split
    from mlsense.semantics.program import Trace
    from mlsense.semantics.regions import Rows


def location(trace: Trace, place: Place | None) -> Location | None:
    found = trace.locate(place) if place is not None else None
    return None if found is None else Location(*found)


def related(trace: Trace, *pairs: tuple[Place | None, str]) -> tuple[Related, ...]:
    """The places that can be shown, each once."""
    shown: dict[tuple[str, Location], Related] = {}
    for place, message in pairs:
        here = location(trace, place)
        there = trace.foreign(place) if place is not None and here is None else None
        if here is not None:
            shown.setdefault(("", here), Related(here, message))
        elif there is not None:
            document, span = there
            shown.setdefault((document.path, Location(0, span)), Related(Location(0, span), message, document))
    return tuple(shown.values())


def where(trace: Trace, place: Place, seen_from: Place) -> str:
    """A place in words, seen from another: `on line 9`, or the other cell it is in."""
    there, here = trace.line_of(place), trace.line_of(seen_from)
    other = trace.foreign(place)
    if other is not None:
        document, span = other
        return f"in {PurePath(document.path).name}, line {document.cells[0].source.lines.position(span.start).line + 1}"
    if there is None or here is None:
        return "elsewhere"
    if there[0] == here[0]:
        return f"on line {there[1] + 1}"
    return "in a later cell" if there[0] > here[0] else "in an earlier cell"


def all_rows(rows: Rows | None) -> str:
    """`all 1,460 rows`, `all rows of read_csv("a.csv")`, `all rows`."""
    if rows is None or not rows.parts:
        return "all rows"
    if rows.count is not None:
        return f"all {rows.count:,} rows"
    if any(part.path for part in rows.parts):
        return "rows"
    first = rows.parts[0].source
    return f"all rows of `{first.label}`" if len(rows.parts) == 1 and first.known else "all rows"


def in_frame_of(origin: Origin, other: Origin) -> Place:
    """The place of `origin` as seen from the function in which `other` happens: itself, or the call that leads to it.

    A helper that is right in one call and wrong in another is reported at the call that makes it wrong.
    """
    depth = 0
    for mine, theirs in zip(origin.path, other.path, strict=False):
        if mine != theirs:
            break
        depth += 1
    places = [step for step in (*origin.path, origin.place) if isinstance(step, Place)]
    inner = [step for step in (*origin.path[depth:], origin.place) if isinstance(step, Place)]
    if inner[0].unit.module == MAIN:
        return inner[0]
    # It all happens in another file: here, only the last call that leads there can be shown.
    return next((step for step in reversed(places) if step.unit.module == MAIN), inner[0])


def bound_names(trace: Trace, place: Place) -> tuple[str, ...]:
    """The names that the assignment around a call binds, in order; empty where they are not all plain names."""
    statement = innermost(trace, place)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return ()
    target = statement.targets[0]
    parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
    names = tuple(part.id for part in parts if isinstance(part, ast.Name))
    return names if len(names) == len(parts) else ()


def innermost(trace: Trace, place: Place) -> ast.stmt | None:
    """The smallest statement around a place."""
    tree = trace.node(place)
    found: ast.stmt | None = None
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.stmt) and contains(node, place):
            found = node
    return found


def contains(node: ast.AST, place: Place) -> bool:
    start = (node.lineno, node.col_offset)  # type: ignore[attr-defined]
    end = (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
    return start <= (place.line, place.column) and (place.end_line, place.end_column) <= end


def node_at(trace: Trace, place: Place) -> ast.expr | None:
    """The expression that stands exactly there."""
    tree = trace.node(place)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.expr) and (
            (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
            == (place.line, place.column, place.end_line, place.end_column)
        ):
            return node
    return None


def training_name(trace: Trace, split: Split, index: int = 0) -> str | None:
    """What the program calls the training part of the split's input: `X_train`."""
    names = bound_names(trace, split.call)
    return names[2 * index] if len(names) == 2 * len(split.inputs) else None
