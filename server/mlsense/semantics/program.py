"""Follows a document statement by statement, remembering what each statement did and what that rested on.

A statement whose text is the same and whose reads give the same values has the same effects, so an edit costs the
statements it changes and those that read what changed; all others are taken from memory.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache, partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar

from mlsense.semantics.core import Exhausted
from mlsense.semantics.events import Evaluate, Event, Fit, Unfollowed
from mlsense.semantics.interpreter import Interpreter
from mlsense.semantics.modules import Home, Imports, Module, Modules, NoWorkspace, Request
from mlsense.semantics.state import Delta, Entry, Key, State
from mlsense.semantics.values import MAIN, UNKNOWN, ClassValue, Data, Function, Opaque, Place, Unit, Value
from mlsense.syntax import Parsed, Statement, script, statements
from mlsense.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator

    from mlsense.semantics.core import Sighting
    from mlsense.semantics.regions import Rows, Source
    from mlsense.syntax import Cell, Document
    from mlsense.text import SourceText

MAX_MEMOS = 3

AnyFunction: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
E = TypeVar("E", bound=Event)


class Cancelled(Exception):
    """The analysis was given up because a newer version is wanted."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What one statement did, and the entries it read to do it."""

    reads: tuple[tuple[Key, Entry], ...]
    writes: Delta
    events: tuple[Event, ...]
    sightings: dict[Place, Sighting]
    entered: frozenset[Place]
    calls: dict[Place, str]
    needs: tuple[tuple[Request, Module | None], ...]


@dataclass(frozen=True)
class Trace:
    """All that was seen of one version of a document. Places are turned into offsets here and nowhere else."""

    document: Document
    events: tuple[Event, ...]
    sightings: dict[Place, Sighting]
    homes: dict[Unit, Home]
    statements: tuple[tuple[int, Statement], ...]
    broken: bool
    modules: dict[str, Module] = field(default_factory=dict)
    calls: dict[Place, str] = field(default_factory=dict)

    def of(self, kind: type[E]) -> Iterator[E]:
        """Events of one kind, in the order they happened."""
        return iter(self._by_kind.get(kind, ()))  # type: ignore[arg-type]

    @cached_property
    def _by_kind(self) -> dict[type[Event], list[Event]]:
        found: dict[type[Event], list[Event]] = {}
        for event in self.events:
            found.setdefault(type(event), []).append(event)
        return found

    @cached_property
    def rows_in_use(self) -> dict[Source, set[Rows]]:
        """The rows of everything that is named, fitted on or evaluated, by where they come from."""
        seen = [sighting.object for sighting in self.sightings.values()]
        seen += [event.x for event in self.events if isinstance(event, (Fit, Evaluate))]
        found: dict[Source, set[Rows]] = {}
        for data in seen:
            if isinstance(data, Data) and data.rows is not None:
                for part in data.rows.parts:
                    found.setdefault(part.source, set()).add(data.rows)
        return found

    @cached_property
    def order(self) -> dict[Unit, int]:
        """Statements by their number, across cells."""
        return {unit: number for number, unit in enumerate(self.homes)}

    @cached_property
    def uses(self) -> dict[str, list[tuple[Unit, Mention]]]:
        """Every mention of every name, with the statement it is in."""
        found: dict[str, list[tuple[Unit, Mention]]] = {}
        for unit, home in self.homes.items():
            for mention in _mentions(home.parsed):
                found.setdefault(mention.name, []).append((unit, mention))
        return found

    @cached_property
    def _sources(self) -> dict[int, SourceText]:
        return {cell.index: cell.source for cell in self.document.cells}

    def locate(self, place: Place) -> tuple[int, Span] | None:
        """Cell and offsets of a place; None where the statement no longer stands in the document."""
        home = self.homes.get(place.unit)
        if home is None:
            return None
        return home.cell, _span(home, place)

    def source(self, cell: int) -> SourceText:
        """The text of a cell by its index in the file."""
        return self._sources[cell]

    def foreign(self, place: Place) -> tuple[Document, Span] | None:
        """A place in another file of the workspace; None where it is in this document or gone."""
        module = self.modules.get(place.unit.module)
        home = module.homes.get(place.unit) if module is not None else None
        if module is None or home is None:
            return None
        return module.document, _span(home, place)

    def line_of(self, place: Place) -> tuple[int, int] | None:
        """Cell and line, from 0."""
        found = self.locate(place)
        if found is None:
            return None
        cell, span = found
        return cell, self._sources[cell].lines.position(span.start).line

    def node(self, place: Place) -> ast.stmt | None:
        """The top-level statement that a place is in."""
        home = self.homes.get(place.unit)
        return home.parsed.tree if home is not None else None


def _span(home: Home, place: Place) -> Span:
    lines = home.parsed.lines
    start = lines.from_ast(place.line, place.column)
    end = lines.from_ast(place.end_line, place.end_column)
    return Span(home.start + start, home.start + max(start, end))


class Mention(NamedTuple):
    """A name in the text: is it read or bound, and which attribute of it is asked for, if one is."""

    name: str
    reads: bool
    attribute: str


@lru_cache(maxsize=20_000)
def _mentions(parsed: Parsed) -> tuple[Mention, ...]:
    if parsed.tree is None:
        return ()
    attributes: dict[ast.AST, str] = {}
    found: list[Mention] = []
    for node in ast.walk(parsed.tree):
        if isinstance(node, ast.Attribute):
            attributes[node.value] = node.attr
            # `model.fit(X).coef_` asks for an attribute of `model` too: `fit` gives back what it is called on.
            if isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
                fitted = node.value.func
                if fitted.attr == "fit" and isinstance(fitted.value, ast.Name):
                    found.append(Mention(fitted.value.id, True, node.attr))
        elif isinstance(node, ast.Name):
            found.append(Mention(node.id, isinstance(node.ctx, ast.Load), attributes.get(node, "")))
    return tuple(found)


@dataclass(slots=True)
class _Run:
    """What is collected while one version of a document is followed."""

    path: str
    state: dict[Key, Entry] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    sightings: dict[Place, Sighting] = field(default_factory=dict)
    entered: set[Place] = field(default_factory=set)
    homes: dict[Unit, Home] = field(default_factory=dict)
    found: list[tuple[int, Statement]] = field(default_factory=list)
    memory: dict[Hashable, list[Effects]] = field(default_factory=dict)
    good: dict[int, list[Statement]] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    modules: dict[str, Module] = field(default_factory=dict)
    calls: dict[Place, str] = field(default_factory=dict)
    broken: bool = False


@dataclass(slots=True)
class Program:
    """One document through its versions. Not safe for use by two threads at once."""

    modules: Modules = field(default_factory=lambda: Modules(NoWorkspace(), follow_module))
    _memory: dict[Hashable, list[Effects]] = field(default_factory=dict)
    _good: dict[int, list[Statement]] = field(default_factory=dict)

    def follow(self, document: Document, cancelled: Callable[[], bool] = lambda: False) -> Trace:
        """Raises Cancelled when `cancelled()` turns true between two statements."""
        now = _Run(path=document.path)
        self.modules.refresh()
        for cell in document.cells:
            if cell.kind == "code":
                self._follow_cell(cell, now, cancelled)
        for unit, home in list(now.homes.items()):
            self._follow_uncalled(unit, home, now, cancelled)
        self._memory, self._good = now.memory, now.good
        events = tuple(now.events)
        return Trace(document, events, now.sightings, now.homes, tuple(now.found), now.broken, now.modules, now.calls)

    def _follow_cell(self, cell: Cell, now: _Run, cancelled: Callable[[], bool]) -> None:
        in_cell = statements(cell)
        kept: list[Statement] = []
        for index, statement in enumerate(in_cell):
            if cancelled():
                raise Cancelled
            now.found.append((cell.index, statement))
            parsed = statement.parsed
            unit = Unit(MAIN, parsed.text, now.counts[parsed.text])
            now.counts[parsed.text] += 1
            if parsed.tree is not None:
                now.homes[unit] = Home(cell.index, statement.start, parsed)
                kept.append(statement)
                effects = self._effects(("run", unit), now, partial(self._run, unit, parsed.tree, now))
                now.state.update(effects.writes)
                _absorb(effects, now)
                continue
            now.broken = True
            stand_in = _stand_in(self._good.get(cell.index, []), in_cell, index)
            kept.append(stand_in or statement)
            if stand_in is not None and stand_in.parsed.tree is not None:
                old = Unit(MAIN, stand_in.parsed.text, -1 - index)
                effects = self._effects(("run", old), now, partial(self._run, old, stand_in.parsed.tree, now))
                now.state.update(effects.writes)
                now.events.extend(effects.events)
            else:
                now.state.update({(MAIN, name): UNKNOWN for name in _names_bound(parsed.text)})
        now.good[cell.index] = kept

    def _follow_uncalled(self, unit: Unit, home: Home, now: _Run, cancelled: Callable[[], bool]) -> None:
        for node, owner in _functions(home.parsed.tree):
            if cancelled():
                raise Cancelled
            end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
            if Place(unit, node.lineno, node.col_offset, *end) not in now.entered:
                key = ("assume", unit, owner, node.name, node.lineno)
                _absorb(self._effects(key, now, partial(self._assume, unit, node, owner, now)), now)

    def _run(self, unit: Unit, tree: ast.stmt, now: _Run) -> Effects:
        return run(unit, tree, now.state, Imports(self.modules, now.path))

    def _assume(self, unit: Unit, node: AnyFunction, owner: str | None, now: _Run) -> Effects:
        return assume(unit, node, owner, now.state, Imports(self.modules, now.path))

    def _effects(self, key: Hashable, now: _Run, compute: Callable[[], Effects]) -> Effects:
        """What is remembered for this statement, if all that it read is as it was; else it runs."""
        remembered = self._memory.get(key, [])
        for effects in remembered:
            if all(
                now.state.get(name) is entry or now.state.get(name) == entry for name, entry in effects.reads
            ) and all(self.modules.find(request) is found for request, found in effects.needs):
                break
        else:
            effects = compute()
        rest = [other for other in remembered if other is not effects]
        now.memory[key] = [effects, *rest][:MAX_MEMOS]
        return effects


def _absorb(effects: Effects, now: _Run) -> None:
    now.events.extend(effects.events)
    now.sightings.update(effects.sightings)
    now.entered.update(effects.entered)
    now.calls.update(effects.calls)
    for _, module in effects.needs:
        if module is not None:
            _take(module, now.modules)


def _take(module: Module, into: dict[str, Module]) -> None:
    """Notes a module and those it needs itself."""
    if module.path not in into:
        into[module.path] = module
        for _, inner in module.needs:
            if inner is not None:
                _take(inner, into)


def follow_module(path: str, text: str, modules: Modules) -> Module:
    """Runs a file of the workspace as an import does; what it reports, it reports when it is looked at itself."""
    document = script(path, text)
    state: dict[Key, Entry] = {}
    homes: dict[Unit, Home] = {}
    counts: Counter[str] = Counter()
    imports = Imports(modules, path)
    for statement in statements(document.cells[0]):
        parsed = statement.parsed
        if parsed.tree is None:
            state.update({(path, name): UNKNOWN for name in _names_bound(parsed.text)})
            continue
        unit = Unit(path, parsed.text, counts[parsed.text])
        counts[parsed.text] += 1
        homes[unit] = Home(0, statement.start, parsed)
        state.update(run(unit, parsed.tree, state, imports).writes)
    return Module(document, state, homes, tuple(imports.needs.items()))


def run(unit: Unit, tree: ast.stmt, base: dict[Key, Entry], imports: Imports) -> Effects:
    """Runs one top-level statement on what the state is before it."""
    state = State(base, imports.entry)
    interpreter = Interpreter(state, unit, imports)
    _guarded(interpreter, tree, lambda: interpreter.run_statement(tree))
    return _seen(interpreter)


def assume(unit: Unit, node: AnyFunction, owner: str | None, base: dict[Key, Entry], imports: Imports) -> Effects:
    """Enters a function that nothing was seen to call, with arguments nothing is known of; its effects stay inside."""
    state = State(base, imports.entry)
    interpreter = Interpreter(state, unit, imports, assumed=True)

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
    return replace(effects, writes={}, entered=frozenset())


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
            interpreter.state.pop()
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
        interpreter.calls,
        tuple(interpreter.imports.needs.items()),
    )


def _functions(tree: ast.stmt | None) -> Iterator[tuple[AnyFunction, str | None]]:
    """Functions of a module and methods with their class; those inside functions run when their owners do."""
    if isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield tree, None
    elif isinstance(tree, ast.ClassDef):
        for member in tree.body:
            if isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)) and not member.name.startswith("__"):
                yield member, tree.name
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
    if index + 1 < len(new) and new[index + 1].parsed.text == old[index].parsed.text:
        # It stands below: the broken one is new.
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


def _call_sites(parsed: Parsed) -> int:
    return sum(isinstance(node, ast.Call) for node in ast.walk(parsed.tree)) if parsed.tree is not None else 0


def call_sites(trace: Trace) -> tuple[int, dict[str, int]]:
    """How many calls the document has, and how many were not resolved, by reason."""
    total = sum(_call_sites(home.parsed) for home in trace.homes.values())
    own = {place: reason for place, reason in trace.calls.items() if place.unit in trace.homes}
    reasons = Counter(reason for reason in own.values() if reason)
    if total > len(own):
        reasons["never reached"] = total - len(own)
    return total, dict(reasons)


def unfollowed(trace: Trace) -> dict[str, set[Place]]:
    """Statements with something in them that was not followed, by reason."""
    reasons: dict[str, set[Place]] = {}
    for event in trace.of(Unfollowed):
        reasons.setdefault(event.reason, set()).add(event.statement)
    return reasons


__all__ = ["Cancelled", "Program", "Trace", "unfollowed"]
