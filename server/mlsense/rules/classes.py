"""The text of the program's own classes, where what they derive from is known: shared by the rules on modules."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules.finding import Location
from mlsense.rules.reading import innermost, place_in
from mlsense.semantics.models.keras import ROOTS
from mlsense.semantics.models.torch_modules import is_module_class
from mlsense.syntax import walk
from mlsense.text import Span

if TYPE_CHECKING:
    from collections.abc import Container, Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import ClassValue


def text_of(trace: Trace, cls: ClassValue) -> ast.ClassDef | None:
    """The statement that defines a class; None where it stands in another file."""
    node = innermost(trace, cls.origin.place) if cls.origin.place.unit in trace.order else None
    return node if isinstance(node, ast.ClassDef) and node.name == cls.name else None


def is_torch(cls: ClassValue) -> bool:
    """Whether it certainly is a module of PyTorch."""
    return is_module_class(cls)


def is_keras(cls: ClassValue) -> bool:
    """Whether it certainly is a layer or model of Keras."""
    names = (name.split(".") for name in cls.library_bases())
    return any(parts[0] in ROOTS and parts[-1] in ("Layer", "Model") for parts in names)


def methods(node: ast.ClassDef) -> dict[str, ast.FunctionDef]:
    """The methods it defines itself, by name."""
    return {each.name: each for each in node.body if isinstance(each, ast.FunctionDef)}


def header(trace: Trace, cls: ClassValue, method: ast.FunctionDef) -> Location | None:
    """Where `def forward` stands, without its parameters."""
    found = trace.locate(place_in(cls.origin.place, method))
    length = len(f"def {method.name}")
    return None if found is None else Location(found[0], Span(found[1].start, found[1].start + length))


def own_name(method: ast.FunctionDef) -> str:
    """What a method calls its object: `self`; empty where it takes none."""
    first = next(iter((*method.args.posonlyargs, *method.args.args)), None)
    return first.arg if first is not None else ""


def reads(node: ast.AST, own: str, name: str) -> Iterator[ast.Attribute]:
    """Where `self.name` is read."""
    for part in walk(node):
        if isinstance(part, ast.Attribute) and isinstance(part.ctx, ast.Load) and is_attribute(part, {own}, name):
            yield part


def is_attribute(part: ast.expr, own: Container[str], name: str) -> bool:
    """Whether it says `self.name`."""
    whose = part.value if isinstance(part, ast.Attribute) and part.attr == name else None
    return isinstance(whose, ast.Name) and whose.id in own


def assignments(node: ast.ClassDef, name: str) -> Iterator[tuple[ast.FunctionDef, ast.Assign | ast.AnnAssign]]:
    """Where methods say `self.name = ...`, with the method."""
    for method in methods(node).values():
        own = own_name(method)
        for part in walk(method):
            if isinstance(part, ast.Assign) and len(part.targets) == 1:
                target: ast.expr = part.targets[0]
            elif isinstance(part, ast.AnnAssign) and part.value is not None:
                target = part.target
            else:
                continue
            if is_attribute(target, {own}, name):
                yield method, part


def mentions(node: ast.AST) -> frozenset[str]:
    """All names and attributes that a piece of code mentions."""
    return frozenset(
        part.id if isinstance(part, ast.Name) else part.attr
        for part in walk(node)
        if isinstance(part, (ast.Name, ast.Attribute))
    )
