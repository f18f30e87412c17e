"""How rules read a trace: places as locations, lines in words, the names that statements bind."""

from __future__ import annotations

import ast
import re
from functools import partial
from pathlib import PurePath
from typing import TYPE_CHECKING

from mlsense.rules.finding import Location, Related
from mlsense.semantics.events import Fit
from mlsense.semantics.regions import Overlap, overlap
from mlsense.semantics.values import MAIN, Data, ListObject, Origin, Place

if TYPE_CHECKING:
    from mlsense.semantics.events import Split
    from mlsense.semantics.program import Trace
    from mlsense.semantics.regions import Rows
    from mlsense.semantics.values import FitRecord


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
    """`all 1,460 rows`, `all rows of read_csv("a.csv")`, `rows of read_csv("a.csv")` after a choice among them."""
    if rows is None or not rows.parts:
        return "all rows"
    if rows.count is not None:
        return f"all {rows.count:,} rows"
    first = rows.parts[0].source
    named = f" of `{first.label}`" if len(rows.parts) == 1 and first.known else ""
    return f"rows{named}" if any(part.path for part in rows.parts) else f"all rows{named}"


def shown_at(trace: Trace, origin: Origin, other: Origin, rows: Rows | None) -> Place:
    """Where to show what happened at `origin`, for a reader who looks at where `other` happens.

    The place itself; but where the rows came in through the arguments of a call, that call: a helper that is right in
    one call and wrong in another is reported at the call that makes it wrong. Always a place of this document, if the
    way there leads through it.
    """
    depth = 0
    for mine, theirs in zip(origin.path, other.path, strict=False):
        if mine != theirs:
            break
        depth += 1
    calls = [step for step in origin.path[depth:] if isinstance(step, Place)]
    chosen = next((call for call in calls if _hands_over(trace, call, rows)), origin.place)
    if chosen != origin.place and holds(chosen, origin.place):
        # A lambda among the arguments: what it does stands right there.
        return origin.place
    if chosen.unit.module == MAIN:
        return chosen
    ways = [step for step in (*origin.path, origin.place) if isinstance(step, Place) and step.unit.module == MAIN]
    return ways[-1] if ways else chosen


def first_shown(trace: Trace, call: Place, origin: Origin) -> Place | None:
    """The call itself where it stands in this document, else the nearest call of the way there that does."""
    ways = [call, *(step for step in reversed(origin.path) if isinstance(step, Place))]
    return next((place for place in ways if trace.locate(place) is not None), None)


def holds(outer: Place, inner: Place) -> bool:
    """Whether one place is inside another."""
    return (
        outer.unit == inner.unit
        and (outer.line, outer.column) <= (inner.line, inner.column)
        and (inner.end_line, inner.end_column) <= (outer.end_line, outer.end_column)
    )


def _hands_over(trace: Trace, call: Place, rows: Rows | None) -> bool:
    """Whether a call gets these rows as an argument."""
    node = node_at(trace, call)
    if not isinstance(node, ast.Call):
        return False
    receiver = [node.func.value] if isinstance(node.func, ast.Attribute) and node.func.attr in ("pipe", "apply") else []
    for argument in (*receiver, *node.args, *(keyword.value for keyword in node.keywords)):
        for part in ast.walk(argument):
            if isinstance(part, ast.Call):
                return True
            sighting = trace.sighting(place_in(call, part)) if isinstance(part, (ast.Name, ast.Attribute)) else None
            if sighting is not None and isinstance(sighting.object, ListObject):
                return True
            given = sighting.object.rows if sighting is not None and isinstance(sighting.object, Data) else None
            if overlap(given, rows) is Overlap.OVERLAP:
                return True
    return False


def calls_of(origin: Origin) -> list[Place]:
    """The calls that lead to a place, outermost first."""
    return [step for step in origin.path if isinstance(step, Place)]


def place_in(place: Place, node: ast.expr | ast.stmt | ast.keyword) -> Place:
    """The place of a node of the same statement."""
    return Place.of(place.unit, node)


def name_place(place: Place, node: ast.Attribute) -> Place:
    """Where the name of an attribute stands, without what it is an attribute of."""
    line, end = node.end_lineno or node.lineno, node.end_col_offset or node.col_offset
    return Place(place.unit, line, end - len(node.attr.encode()), line, end)


def short(text: str, length: int = 50) -> str:
    """A piece of code for a message, on one line and not too long."""
    line = " ".join(text.split())
    return line if len(line) <= length else line[: length - 3] + "..."


def written(trace: Trace, place: Place, otherwise: str) -> str:
    """Code as the user wrote it."""
    found = trace.locate(place)
    return short(trace.source(found[0]).text[slice(*found[1])] if found is not None else otherwise)


def trained_on(trace: Trace, fit: FitRecord) -> str | None:
    """What the program calls the rows a model was fitted on, if that is short."""
    for event in trace.of(Fit):
        if event.record.origin == fit.origin and event.x_place is not None:
            # Of `train[["area"]]` the table is named, not the columns; `X[train]` are rows and named as they are.
            found = re.fullmatch(r"([A-Za-z_][\w.]*)(\[\w+\])?(\[\[?['\"].*)?", written(trace, event.x_place, ""))
            return f"{found[1]}{found[2] or ''}" if found is not None else None
    return None


def bound_names(trace: Trace, place: Place) -> tuple[str, ...]:
    """The names that the assignment around a call binds, in order; empty where they are not all plain names."""
    statement = innermost(trace, place)
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return ()
    target = statement.targets[0]
    parts = target.elts if isinstance(target, (ast.Tuple, ast.List)) else [target]
    names = tuple(part.id for part in parts if isinstance(part, ast.Name))
    return names if len(names) == len(parts) else ()


def name_of_fitted(trace: Trace, fit: Place, name: str) -> str:
    """What the program calls what was fitted there: of `scaler = StandardScaler().fit(X)` the name it is bound to."""
    node = node_at(trace, fit)
    statement = innermost(trace, fit)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute) or node.func.attr != "fit":
        return name
    if isinstance(node.func.value, ast.Name) or not isinstance(statement, ast.Assign) or statement.value is not node:
        return name
    names = bound_names(trace, fit)
    return names[0] if len(names) == 1 else name


def innermost(trace: Trace, place: Place) -> ast.stmt | None:
    """The smallest statement around a place."""
    outline = trace.outline(place)
    return outline.found(("innermost", place), partial(_innermost, place)) if outline is not None else None


def _innermost(place: Place, tree: ast.stmt) -> ast.stmt | None:
    found: ast.stmt | None = None
    for node in ast.walk(tree):
        if isinstance(node, ast.stmt) and contains(node, place):
            found = node
    return found


def contains(node: ast.AST, place: Place) -> bool:
    start = (node.lineno, node.col_offset)  # type: ignore[attr-defined]
    end = (node.end_lineno, node.end_col_offset)  # type: ignore[attr-defined]
    return start <= (place.line, place.column) and (place.end_line, place.end_column) <= end


def node_at(trace: Trace, place: Place) -> ast.expr | None:
    """The expression that stands exactly there."""
    outline = trace.outline(place)
    return outline.found(("expression", place), partial(_node_at, place)) if outline is not None else None


def _node_at(place: Place, tree: ast.stmt) -> ast.expr | None:
    for node in ast.walk(tree):
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
