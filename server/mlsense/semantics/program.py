"""Follows a document statement by statement, remembering what each statement did and what that rested on.

A statement whose text is the same and whose reads give the same values has the same effects, so an edit costs the
statements it changes and those that read what changed; all others are taken from memory.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from mlsense.semantics.core import Exhausted
from mlsense.semantics.events import Evaluate, Event, Fit, Unfollowed
from mlsense.semantics.interpreter import Interpreter
from mlsense.semantics.state import Delta, Entry, Key, State
from mlsense.semantics.values import UNKNOWN, ClassValue, Data, Function, Opaque, Place, Unit, Value
from mlsense.syntax import Parsed, Statement, statements
from mlsense.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsense.semantics.core import Sighting
    from mlsense.semantics.regions import Rows
    from mlsense.syntax import Document

MODULE = "main"
MAX_MEMOS = 3

E = TypeVar("E", bound=Event)


class Cancelled(Exception):
    """The analysis was given up because a newer version is wanted."""


class Home(NamedTuple):
    """Where a unit stands now."""

    cell: int
    start: int
    parsed: Parsed


@dataclass(frozen=True, slots=True)
class Effects:
    """What one statement did, and the entries it read to do it."""

    reads: tuple[tuple[Key, Entry], ...]
    writes: Delta
    events: tuple[Event, ...]
    sightings: dict[Place, Sighting]
    entered: frozenset[Place]


@dataclass(frozen=True)
class Trace:
    """All that was seen of one version of a document. Places are turned into offsets here and nowhere else."""

    document: Document
    events: tuple[Event, ...]
    sightings: dict[Place, Sighting]
    homes: dict[Unit, Home]
    statements: tuple[tuple[int, Statement], ...]
    broken: bool

    def of(self, kind: type[E]) -> Iterator[E]:
        """Events of one kind, in the order they happened."""
        return (event for event in self.events if isinstance(event, kind))

    @cached_property
    def rows_in_use(self) -> frozenset[Rows]:
        """The rows of everything that is named, fitted on or evaluated."""
        seen = [sighting.object for sighting in self.sightings.values()]
        seen += [event.x for event in self.events if isinstance(event, (Fit, Evaluate))]
        return frozenset(data.rows for data in seen if isinstance(data, Data) and data.rows is not None)

    def locate(self, place: Place) -> tuple[int, Span] | None:
        """Cell and offsets of a place; None where the statement no longer stands in the document."""
        home = self.homes.get(place.unit)
        if home is None:
            return None
        lines = home.parsed.lines
        start = lines.from_ast(place.line, place.column)
        end = lines.from_ast(place.end_line, place.end_column)
        return home.cell, Span(home.start + start, home.start + max(start, end))

    def line_of(self, place: Place) -> tuple[int, int] | None:
        """Cell and line, from 0."""
        found = self.locate(place)
        if found is None:
            return None
        cell, span = found
        source = next(c.source for c in self.document.cells if c.index == cell)
        return cell, source.lines.position(span.start).line

    def node(self, place: Place) -> ast.stmt | None:
        """The top-level statement that a place is in."""
        home = self.homes.get(place.unit)
        return home.parsed.tree if home is not None else None


@dataclass(slots=True)
class Program:
    """One document through its versions. Not safe for use by two threads at once."""

    _memory: dict[object, list[Effects]] = field(default_factory=dict)
    _good: dict[int, list[Statement]] = field(default_factory=dict)

    def follow(self, document: Document, cancelled: Callable[[], bool] = lambda: False) -> Trace:
        """Raises Cancelled when `cancelled()` turns true between two statements."""
        state: dict[Key, Entry] = {}
        events: list[Event] = []
        sightings: dict[Place, Sighting] = {}
        entered: set[Place] = set()
        homes: dict[Unit, Home] = {}
        found: list[tuple[int, Statement]] = []
        used: dict[object, list[Effects]] = {}
        runnable: list[tuple[Unit, ast.stmt]] = []
        broken = False
        counts: dict[str, int] = {}

        def absorb(effects: Effects) -> None:
            events.extend(effects.events)
            sightings.update(effects.sightings)
            entered.update(effects.entered)

        for cell in document.cells:
            if cell.kind != "code":
                continue
            in_cell = statements(cell)
            stand_ins = self._good.get(cell.index, [])
            kept: list[Statement] = []
            for index, statement in enumerate(in_cell):
                if cancelled():
                    raise Cancelled
                found.append((cell.index, statement))
                parsed = statement.parsed
                unit = Unit(MODULE, parsed.text, counts.get(parsed.text, 0))
                counts[parsed.text] = unit.occurrence + 1
                if parsed.tree is not None:
                    homes[unit] = Home(cell.index, statement.start, parsed)
                    runnable.append((unit, parsed.tree))
                    kept.append(statement)
                    effects = self._effects(("run", unit), used, state, lambda u=unit, t=parsed.tree, s=state: run(u, t, s))  # type: ignore[misc]
                    state.update(effects.writes)
                    absorb(effects)
                    continue
                broken = True
                stand_in = _stand_in(stand_ins, in_cell, index)
                kept.append(stand_in or statement)
                if stand_in is not None and stand_in.parsed.tree is not None:
                    old = Unit(MODULE, stand_in.parsed.text, -1 - index)
                    tree = stand_in.parsed.tree
                    effects = self._effects(("run", old), used, state, lambda u=old, t=tree, s=state: run(u, t, s))  # type: ignore[misc]
                    state.update(effects.writes)
                    events.extend(effects.events)
                else:
                    for name in _names_bound(parsed.text):
                        state[(MODULE, name)] = UNKNOWN
            self._good[cell.index] = kept
        for unit, tree in runnable:
            for name, node, owner in _functions(tree):
                if cancelled():
                    raise Cancelled
                place = Place(unit, node.lineno, node.col_offset, node.end_lineno or node.lineno, node.end_col_offset or 0)
                if place in entered:
                    continue
                effects = self._effects(
                    ("assume", unit, owner, name, node.lineno),
                    used,
                    state,
                    lambda u=unit, n=node, o=owner, s=state: assume(u, n, o, s),  # type: ignore[misc]
                )
                absorb(effects)
        self._memory = used
        self._good = {cell.index: self._good[cell.index] for cell in document.cells if cell.index in self._good}
        return Trace(document, tuple(events), sightings, homes, tuple(found), broken)

    def _effects(
        self,
        key: object,
        used: dict[object, list[Effects]],
        state: dict[Key, Entry],
        compute: Callable[[], Effects],
    ) -> Effects:
        remembered = self._memory.get(key, [])
        for effects in remembered:
            if all(state.get(name) is entry or state.get(name) == entry for name, entry in effects.reads):
                break
        else:
            effects = compute()
        rest = [other for other in remembered if other is not effects]
        used[key] = [effects, *rest][:MAX_MEMOS]
        return effects


def run(unit: Unit, tree: ast.stmt, base: dict[Key, Entry]) -> Effects:
    """Runs one top-level statement on what the state is before it."""
    state = State(base)
    interpreter = Interpreter(state, unit, MODULE)
    _guarded(interpreter, tree, lambda: interpreter.run_statement(tree))
    return _seen(interpreter)


def assume(unit: Unit, node: ast.FunctionDef | ast.AsyncFunctionDef, owner: str | None, base: dict[Key, Entry]) -> Effects:
    """Enters a function that nothing was seen to call, with arguments nothing is known of; its effects stay inside."""
    state = State(base)
    interpreter = Interpreter(state, unit, MODULE, assumed=True)

    def enter() -> None:
        arguments = node.args
        names = [argument.arg for argument in (*arguments.posonlyargs, *arguments.args)]
        function: object = interpreter.lookup(node.name) if owner is None else None
        args: list[Value] = []
        if owner is not None:
            cls = interpreter.lookup(owner)
            if not isinstance(cls, ClassValue):
                return
            function = cls.member(node.name)
            init = cls.member("__init__")
            own = interpreter.instance_of(cls, node)
            if isinstance(init, Function) and init is not function:
                parameters = init.node.args
                given = [_given(interpreter, init.node, p.arg) for p in [*parameters.posonlyargs, *parameters.args][1:]]
                interpreter.enter(init, node, [own, *given], {}, True)
            args.append(own)
            static = any(getattr(decorator, "id", "") == "staticmethod" for decorator in node.decorator_list)
            args = [] if static else args
        if not isinstance(function, Function) or function.node is not node:
            return
        args += [_given(interpreter, node, name) for name in names[len(args) :]]
        keywords = {argument.arg: _given(interpreter, node, argument.arg) for argument in arguments.kwonlyargs}
        interpreter.enter(function, node, args, keywords, True)

    _guarded(interpreter, node, enter)
    effects = _seen(interpreter)
    return Effects(effects.reads, {}, effects.events, effects.sightings, frozenset())


def _given(interpreter: Interpreter, node: ast.AST, name: str) -> Value:
    return interpreter.alloc(node, Opaque(label=name, assumed=True), ("given", name))


def _guarded(interpreter: Interpreter, node: ast.stmt, follow: Callable[[], None]) -> None:
    """No program makes the analysis fail: what is too much for it is not followed."""
    interpreter.passes = []
    interpreter.statement = node
    try:
        follow()
    except (Exhausted, RecursionError):
        del interpreter.frames[1:]
        interpreter.loops.clear()
        interpreter.unfollowed(node, "too large")
        while interpreter.state.depth > 1:
            interpreter.state.apply(interpreter.state.pop()) if interpreter.state.depth > 2 else interpreter.state.pop()
        for part in ast.walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                interpreter.bind(part.id, UNKNOWN)


def _seen(interpreter: Interpreter) -> Effects:
    state = interpreter.state
    return Effects(
        tuple(state.reads.items()),
        state.writes(),
        tuple(interpreter.events),
        interpreter.sightings,
        frozenset(interpreter.entered),
    )


def _functions(tree: ast.stmt) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef, str | None]]:
    """Functions of a module and methods of its classes; those inside functions run when their owners do."""
    if isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield tree.name, tree, None
    elif isinstance(tree, ast.ClassDef):
        for member in tree.body:
            if isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)) and not member.name.startswith("__"):
                yield member.name, member, tree.name
    elif isinstance(tree, (ast.If, ast.Try)):
        for part in (*tree.body, *tree.orelse):
            yield from _functions(part)


def _stand_in(old: list[Statement], new: tuple[Statement, ...], index: int) -> Statement | None:
    """The statement that stood where a broken one stands now, if those before it are as they were."""
    if index >= len(old):
        return None
    for before, after in zip(old[:index], new[:index], strict=True):
        if before.parsed.text != after.parsed.text and after.parsed.tree is not None:
            return None
    return old[index]


_TARGETS = re.compile(r"^\s*([A-Za-z_]\w*(?:\s*,\s*[A-Za-z_]\w*)*)\s*=(?!=)", re.MULTILINE)
_DEFINED = re.compile(r"^\s*(?:def|class)\s+([A-Za-z_]\w*)", re.MULTILINE)


def _names_bound(text: str) -> set[str]:
    """Names that a statement which does not parse seems to bind."""
    names = set(_DEFINED.findall(text))
    for group in _TARGETS.findall(text):
        names.update(name.strip() for name in group.split(","))
    return names


def unfollowed(trace: Trace) -> dict[str, set[Place]]:
    """Statements with something in them that was not followed, by reason."""
    reasons: dict[str, set[Place]] = {}
    for event in trace.of(Unfollowed):
        reasons.setdefault(event.reason, set()).add(event.statement)
    return reasons


__all__ = ["Cancelled", "Program", "Trace", "unfollowed"]
