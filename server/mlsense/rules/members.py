"""Where attributes of objects are asked for, and what speaks against saying that one is missing."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from mlsense.rules.reading import contains, name_place, node_at

if TYPE_CHECKING:
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place

_TESTS = frozenset(
    "isinstance issubclass type callable hasattr getattr is_classifier is_regressor is_clusterer __class__".split()
)


def attribute_place(trace: Trace, place: Place) -> Place | None:
    """Where the name of an attribute stands, which is read or called there."""
    node = node_at(trace, place)
    node = node.func if isinstance(node, ast.Call) else node
    return name_place(place, node) if isinstance(node, ast.Attribute) else None


def is_made(trace: Trace, name: str) -> bool:
    """Whether the program sets an attribute of this name, of whatever."""
    for followed in trace.followed:
        if name not in followed.unit.text and "setattr" not in followed.unit.text:
            continue
        for node in ast.walk(followed.parsed.tree or ast.Pass()):
            if isinstance(node, ast.Attribute) and node.attr == name and not isinstance(node.ctx, ast.Load):
                return True
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "setattr":
                return True
    return False


def depends_on_kind(trace: Trace, place: Place) -> bool:
    """Whether a test around it, or one in its function, may choose by what the object is."""
    outline = trace.outline(place)
    return outline is None or outline.found(("kind test", place), partial(_kind_test, place)) is not None


def _kind_test(place: Place, tree: ast.stmt) -> ast.AST | None:
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and contains(node, place):
            if any(_tests(part) for part in ast.walk(node)):
                return node
        elif isinstance(node, (ast.If, ast.IfExp, ast.While)) and contains(node, place):
            # `if __name__ == "__main__":` chooses nothing.
            if not any(isinstance(part, ast.Name) and part.id == "__name__" for part in ast.walk(node.test)):
                return node
        elif isinstance(node, (ast.BoolOp, ast.Match)) and contains(node, place):
            return node
    return None


def _tests(node: ast.AST) -> bool:
    return (isinstance(node, ast.Name) and node.id in _TESTS) or (
        isinstance(node, ast.Attribute) and node.attr in _TESTS
    )
