"""Statements that run one after the other, as what moves code sees them: those of a document or of a body."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from mlsense.rules.reading import contains
from mlsense.semantics.trace import mentions_of
from mlsense.semantics.values import Place

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsense.semantics.program import Trace
    from mlsense.semantics.trace import Mention
    from mlsense.semantics.values import Unit

_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)
_LOOPS = (ast.For, ast.AsyncFor, ast.While)


@dataclass(frozen=True, slots=True)
class Use:
    """A mention of a name: in which statement of the block; `defines`: that is a function or a class.

    What stands above the block has the number -1, what stands below it the number of its statements.
    """

    number: int
    mention: Mention
    defines: bool


@dataclass(frozen=True)
class Block:
    """The statements of a document, or those of a body that is no loop's and that statements of a document hold.

    `function` is the one whose names are meant, None where they are those of the document.
    """

    trace: Trace
    unit: Unit | None = None
    body: Sequence[ast.stmt] = ()
    function: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    _holder: ast.stmt | None = field(default=None, repr=False)

    def number(self, place: Place) -> int | None:
        """Which of the statements holds a place."""
        if self.unit is None:
            return self.trace.order.get(place.unit)
        if place.unit != self.unit:
            return None
        return next((number for number, each in enumerate(self.body) if contains(each, place)), None)

    def statement(self, place: Place) -> ast.stmt | None:
        """The statement of the block that holds a place."""
        number = self.number(place)
        return None if number is None else self.at(number)

    def at(self, number: int) -> ast.stmt | None:
        """The statement of that number; None where it does not parse."""
        return self.body[number] if self.unit is not None else self.trace.followed[number].parsed.tree

    def has(self, number: int) -> bool:
        """Whether it is the number of a statement of the block, not of one around it."""
        return 0 <= number < (len(self.body) if self.unit is not None else len(self.trace.followed))

    def place(self, number: int) -> Place | None:
        """Where the statement of that number stands."""
        tree = self.at(number)
        unit = self.unit or self.trace.followed[number].unit
        return None if tree is None else Place.of(unit, tree)

    def bound_once(self, name: str) -> tuple[Place, ast.Assign] | None:
        """The one assignment that binds a name, and nothing else."""
        bound = [use.number for use in self.uses(name) if not use.mention.reads]
        tree = self.at(bound[0]) if len(bound) == 1 and self.has(bound[0]) else None
        place = self.place(bound[0]) if tree is not None else None
        if not isinstance(tree, ast.Assign) or place is None or len(tree.targets) != 1:
            return None
        return (place, tree) if isinstance(tree.targets[0], ast.Name) else None

    def uses(self, name: str) -> tuple[Use, ...]:
        """Every mention of a name that may mean the same as in the block."""
        return tuple(self._uses(name))

    def _uses(self, name: str) -> Iterator[Use]:
        if self.unit is None:
            for unit, mention in self.trace.uses.get(name, ()):
                number = self.trace.order.get(unit)
                if number is not None:
                    yield Use(number, mention, _defines(self.at(number)))
            return
        if self.function is None or not self.is_local(name):
            own = self.trace.order[self.unit]
            for unit, mention in self.trace.uses.get(name, ()):
                number = self.trace.order.get(unit)
                if number is not None and number != own:
                    tree = self.trace.followed[number].parsed.tree
                    yield Use(-1 if number < own else len(self.body), mention, _defines(tree))
        for number, each in self._numbered:
            for mention in mentions_of(each):
                if mention.name == name:
                    yield Use(number, mention, _defines(each))

    def is_local(self, name: str) -> bool:
        """Whether the function of the block binds the name."""
        return name in self._locals

    @cached_property
    def _locals(self) -> frozenset[str]:
        if self.function is None:
            return frozenset()
        arguments = [each.arg for each in ast.walk(self.function.args) if isinstance(each, ast.arg)]
        bound = [
            node.id
            for node in ast.walk(self.function)
            if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        ]
        return frozenset((*arguments, *bound))

    @cached_property
    def _numbered(self) -> tuple[tuple[int, ast.stmt], ...]:
        """The statements of the block, and what stands around it in the same scope."""
        around: list[tuple[int, ast.stmt]] = []
        holder = self.function or self._holder
        inside = {id(each) for each in self.body}
        first = self.body[0].lineno
        for each in _outside(holder, inside) if holder is not None else ():
            around.append((-1 if each.lineno < first else len(self.body), each))
        return (*around, *enumerate(self.body))


def block_of(trace: Trace, *places: Place, loops: bool = False) -> Block | None:
    """The innermost block that holds each of the places; None where a loop goes around it.

    With `loops` it is the innermost that no loop goes around: then one of its statements may be the loop.
    """
    units = {place.unit for place in places}
    if len(units) > 1 or trace.node(places[0]) is None:
        return Block(trace) if all(place.unit in trace.order for place in places) else None
    tree = trace.node(places[0])
    assert tree is not None
    way = _way(tree, places, loops=loops)
    if way is None:
        return Block(trace)
    body, function, looped = way
    dynamic = function is not None and any(isinstance(node, (ast.Global, ast.Nonlocal)) for node in ast.walk(function))
    return None if looped or dynamic else Block(trace, places[0].unit, body, function, tree)


def _way(
    tree: ast.stmt, places: Sequence[Place], *, loops: bool
) -> tuple[Sequence[ast.stmt], ast.FunctionDef | ast.AsyncFunctionDef | None, bool] | None:
    found: tuple[Sequence[ast.stmt], ast.FunctionDef | ast.AsyncFunctionDef | None, bool] | None = None
    function: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    looped, node = False, tree
    while True:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            function, looped = node, False
        looped = looped or isinstance(node, _LOOPS)
        if loops and looped:
            return found
        inner = next(
            (body for body in _bodies(node) if all(any(contains(each, place) for each in body) for place in places)),
            None,
        )
        if inner is None:
            return found
        found = (inner, function, looped)
        holders = {id(next(each for each in inner if contains(each, place))) for place in places}
        if len(holders) != 1:
            return found
        node = next(each for each in inner if contains(each, places[0]))


def _bodies(node: ast.stmt) -> Iterator[list[ast.stmt]]:
    for name in ("body", "orelse", "finalbody"):
        body = getattr(node, name, None)
        if isinstance(body, list) and body and isinstance(body[0], ast.stmt):
            yield body
    for handler in getattr(node, "handlers", ()):
        yield handler.body


def _outside(node: ast.AST, inside: set[int]) -> Iterator[ast.stmt]:
    """The smallest statements below a node that are not in the block."""
    for child in ast.iter_child_nodes(node):
        if id(child) in inside:
            continue
        if isinstance(child, ast.stmt) and not any(id(each) in inside for each in ast.walk(child)):
            yield child
        elif not isinstance(child, ast.expr):
            yield from _outside(child, inside)


def _defines(tree: ast.stmt | None) -> bool:
    return isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
