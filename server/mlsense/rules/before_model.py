"""A step put before a model, in one pipeline with it: for fixes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.importing import imported_from, last_import
from mlsense.rules.reading import innermost, node_at

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsense.rules.finding import Edit
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Estimator, Place

# Also "", the name by itself: a pipeline can be handed on like a model.
_PLAIN_USES = frozenset(
    ("", *"fit predict predict_proba score decision_function fit_predict fit_transform transform".split())
)


def put_before(trace: Trace, estimator: Estimator, step: str, brings: Iterable[tuple[str, str]]) -> list[Edit] | None:
    """`Model(...)` becomes `make_pipeline(step, Model(...))`, where a pipeline can do all that is used.

    `brings` are the names that are wanted, each after its module.
    """
    if estimator.steps or estimator.made is None:
        return None
    made = estimator.made.place
    node, text = node_at(trace, made), editing.text_at(trace, made)
    statement = innermost(trace, made)
    if not isinstance(node, ast.Call) or text is None or statement is None:
        return None
    if not _used_plainly(trace, statement, node):
        return None
    homes = {name: imported_from(trace, name) for _, name in brings}
    if any(home is not None and home != module for module, name in brings if (home := homes[name])):
        return None
    lines = [f"from {module} import {name}" for module, name in brings if homes[name] is None]
    edits: list[Edit | None] = [editing.replaced(trace, made, f"make_pipeline({step}, {text})")]
    if lines:
        place = last_import(trace, "sklearn")
        if place is None or (trace.document.kind == "notebook" and not _before(trace, place, made)):
            return None
        edits.append(editing.inserted_after(trace, place, lines))
    kept = [edit for edit in edits if edit is not None]
    return kept if len(kept) == len(edits) else None


def _before(trace: Trace, place: Place, other: Place) -> bool:
    a, b = trace.line_of(place), trace.line_of(other)
    return a is not None and b is not None and a < b


def _used_plainly(trace: Trace, statement: ast.stmt, node: ast.Call) -> bool:
    """Whether the model is used through methods that a pipeline has too."""
    if isinstance(statement, ast.Assign) and statement.value is node:
        target = statement.targets[0]
        if len(statement.targets) != 1 or not isinstance(target, ast.Name):
            return False
        return _attributes_of(trace, target.id) <= _PLAIN_USES
    around = [
        parent.attr for parent in ast.walk(statement) if isinstance(parent, ast.Attribute) and parent.value is node
    ]
    if isinstance(statement, ast.Assign) and len(statement.targets) == 1 and isinstance(statement.targets[0], ast.Name):
        return set(around) <= {"fit"} and _attributes_of(trace, statement.targets[0].id) <= _PLAIN_USES
    return set(around) <= _PLAIN_USES


def _attributes_of(trace: Trace, name: str) -> set[str]:
    """What is asked of the name; something else than a plain use where it is handed on as a whole."""
    return {mention.attribute for _, mention in trace.uses.get(name, ()) if mention.reads}
