"""What was seen of one version of a document, and the readings that rules and hovers take of it."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate, chain
from typing import TYPE_CHECKING, NamedTuple, TypeAlias, TypeVar, overload

from mlsense.knowledge.versions import NO_VERSIONS, Versions
from mlsense.semantics.events import Evaluate, Event, Fit
from mlsense.semantics.models.exports import star_names, stars_of
from mlsense.semantics.modules import DataRequest, Home, Module
from mlsense.semantics.stretches import Order
from mlsense.semantics.values import MAIN, Data, Place, Unit
from mlsense.syntax import walk
from mlsense.text import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from mlsense.semantics.core import Named, Read, Sighting
    from mlsense.semantics.modules import Needs
    from mlsense.semantics.regions import Rows, Source
    from mlsense.semantics.state import Delta, Entry, Key
    from mlsense.semantics.stretches import Stretch
    from mlsense.syntax import Document, Parsed, Statement
    from mlsense.text import SourceText

AnyFunction: TypeAlias = ast.FunctionDef | ast.AsyncFunctionDef
E = TypeVar("E", bound=Event)
F = TypeVar("F", bound=Event)
G = TypeVar("G", bound=Event)
H = TypeVar("H", bound=Event)
N = TypeVar("N", bound=ast.AST)
T = TypeVar("T")


class Mention(NamedTuple):
    """A name in the text: is it read or bound, and which attribute of it is asked for, if one is."""

    name: str
    reads: bool
    attribute: str


class Outline:
    """What the tree of one statement says before it is run; read when it is asked for, and kept with the statement."""

    def __init__(self, tree: ast.stmt | None) -> None:
        self.tree = tree
        self._found: dict[Hashable, ast.AST | None] = {}

    def found(self, asked: Hashable, find: Callable[[ast.stmt], N | None]) -> N | None:
        """What `find` finds in the tree; found once for all that ask for the same."""
        if asked not in self._found:
            self._found[asked] = find(self.tree) if self.tree is not None else None
        return self._found[asked]  # type: ignore[return-value]

    @cached_property
    def functions(self) -> tuple[tuple[AnyFunction, str | None], ...]:
        """Functions of a module, and methods with their class; those inside functions run when their owners do."""
        return tuple(_functions(self.tree))

    @cached_property
    def mentions(self) -> dict[str, tuple[Mention, ...]]:
        """Every mention of every name, by the name."""
        found: dict[str, tuple[Mention, ...]] = {}
        for mention in mentions_of(self.tree):
            found[mention.name] = (*found.get(mention.name, ()), mention)
        return found

    @cached_property
    def calls(self) -> int:
        """How many call sites it has."""
        return sum(isinstance(node, ast.Call) for node in walk(self.tree)) if self.tree is not None else 0


def _functions(tree: ast.stmt | None) -> Iterator[tuple[AnyFunction, str | None]]:
    if isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef)):
        yield tree, None
    elif isinstance(tree, ast.ClassDef):
        for member in tree.body:
            if isinstance(member, (ast.FunctionDef, ast.AsyncFunctionDef)) and not member.name.startswith("__"):
                yield member, tree.name
    elif isinstance(tree, (ast.If, ast.Try)):
        for part in (*tree.body, *tree.orelse):
            yield from _functions(part)


def mentions_of(tree: ast.stmt | None) -> Iterator[Mention]:
    """Every mention of a name in a statement, with what stands inside of it."""
    attributes: dict[ast.AST, str] = {}
    for node in walk(tree) if tree is not None else ():
        if isinstance(node, ast.Attribute):
            attributes[node.value] = node.attr
            # `model.fit(X).coef_` asks for an attribute of `model` too: `fit` gives back what it is called on.
            if isinstance(node.value, ast.Call) and isinstance(node.value.func, ast.Attribute):
                fitted = node.value.func
                if fitted.attr == "fit" and isinstance(fitted.value, ast.Name):
                    yield Mention(fitted.value.id, True, node.attr)
        elif isinstance(node, ast.Name):
            yield Mention(node.id, isinstance(node.ctx, ast.Load), attributes.get(node, ""))


@dataclass(slots=True, eq=False)
class Effects:
    """What the run of one statement did, and the entries it read to do it.

    `elsewhere` are the other statements in which it saw something: those with the functions it entered.
    """

    unit: Unit
    reads: dict[Key, Entry]
    writes: Delta
    events: tuple[Event, ...] = ()
    sightings: dict[Place, Sighting] = field(default_factory=dict)
    elsewhere: frozenset[Unit] = frozenset()
    entered: frozenset[Place] = frozenset()
    calls: dict[Place, str] = field(default_factory=dict)
    needs: Needs = ()
    names: dict[Place, Named] = field(default_factory=dict)
    attributes: dict[Place, Read] = field(default_factory=dict)
    earlier: dict[Place, dict[tuple[Place | int, ...], Sighting]] = field(default_factory=dict)
    keys: frozenset[Key] = field(init=False)
    _rows: tuple[Rows, ...] | None = field(default=None, init=False)

    def __post_init__(self) -> None:
        # Compared with what has changed at every keystroke: a set need not hash its members for that.
        self.keys = frozenset(self.reads)

    def rows(self) -> tuple[Rows, ...]:
        """The rows of all that it saw; found once."""
        if self._rows is None:
            self._rows = tuple(dict.fromkeys(_rows_of(sighting.object for sighting in self.sightings.values())))
        return self._rows


def _rows_of(things: Iterable[object]) -> Iterator[Rows]:
    return (thing.rows for thing in things if isinstance(thing, Data) and thing.rows is not None)


class Followed(NamedTuple):
    """A statement, wherever it stands, and what it did when it was followed.

    `functions` are those it defines. `memos` are its effects on other states of its past too, the newest first. Where
    it does not parse, `good` is the statement that stood there, and `effects` are what is left of that one's.
    """

    unit: Unit
    parsed: Parsed
    functions: tuple[tuple[AnyFunction, str | None], ...]
    outline: Outline
    effects: Effects
    memos: tuple[Effects, ...]
    good: Parsed


@dataclass(frozen=True)
class Trace:
    """All that was seen of one version of a document. Places are turned into offsets here and nowhere else.

    `followed` are its statements in the order of `statements`, `assumed` what was seen in functions that nothing calls.
    All else is read out of them when it is asked for: the less is done for every version, the less a keystroke costs.
    """

    document: Document
    statements: tuple[tuple[int, Statement], ...]
    """All statements, each with the index of its cell."""
    followed: tuple[Followed, ...]
    assumed: tuple[Effects, ...]
    stretches: tuple[Stretch, ...]
    """All of that, `followed` first, `assumed` last, in stretches shared with other versions."""
    versions: Versions = NO_VERSIONS
    """The versions of the libraries that count for it."""

    @cached_property
    def effects(self) -> tuple[Effects, ...]:
        """What was done, in the order it happened."""
        return (*[each.effects for each in self.followed], *self.assumed)

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """What happened, in that order."""
        return tuple(chain.from_iterable([effects.events for effects in self.effects]))

    @cached_property
    def _found(self) -> dict[Hashable, list[Event]]:
        return {}

    @overload
    def of(self, one: type[E], two: type[F], /) -> Sequence[E | F]: ...
    @overload
    def of(self, one: type[E], two: type[F], three: type[G], /) -> Sequence[E | F | G]: ...
    @overload
    def of(self, one: type[E], two: type[F], three: type[G], four: type[H], /) -> Sequence[E | F | G | H]: ...
    @overload
    def of(self, *kinds: type[E]) -> Sequence[E]: ...
    def of(self, *kinds: type[Event]) -> Sequence[Event]:
        """Events of one kind or several, in the order they happened."""
        found = self._found.get(kinds)
        if found is None:
            found = self._found[kinds] = [*chain.from_iterable([stretch.of(kinds) for stretch in self.stretches])]
        return found

    def that(self, test: Callable[[E], bool], kind: type[E]) -> Sequence[E]:
        """Events of one kind that pass a test, in the order they happened.

        The test is a function of a module, not one made anew for each call, and looks at nothing but the event: its
        answers are kept with the statement, so a rule costs nothing where nothing changed.
        """
        found = self._found.get((test, kind))
        if found is None:
            kept = [stretch.that(test, kind) for stretch in self.stretches]
            found = self._found[test, kind] = [*chain.from_iterable(kept)]
        return found  # type: ignore[return-value]

    def kept(self, key: Hashable, find: Callable[[Effects], Iterable[T]]) -> list[T]:
        """What `find` finds in the effects of each statement.

        It looks at nothing else, unless the key says what: under it, what was found is kept with the statement.
        """
        return [*chain.from_iterable([stretch.kept(key, find) for stretch in self.stretches])]

    @cached_property
    def _answers(self) -> dict[Hashable, object]:
        return {}

    def once(self, find: Callable[[Trace], T]) -> T:
        """What a function of a module finds in this version, found once for all that ask; it costs the whole file."""
        if find not in self._answers:
            self._answers[find] = find(self)
        return self._answers[find]  # type: ignore[return-value]

    @cached_property
    def sightings(self) -> dict[Place, Sighting]:
        """The names and attributes that were read or bound, each as it was the last time."""
        found: dict[Place, Sighting] = {}
        for effects in self.effects:
            found.update(effects.sightings)
        return found

    def sighting(self, place: Place) -> Sighting | None:
        """The last sighting at a place."""
        for effects in reversed(self.effects):
            if effects.unit == place.unit or place.unit in effects.elsewhere:
                found = effects.sightings.get(place)
                if found is not None:
                    return found
        return None

    @cached_property
    def _seen_in(self) -> dict[Unit, list[Effects]]:
        """By statement, the runs that saw something in it."""
        found: dict[Unit, list[Effects]] = {}
        for effects in self.effects:
            for unit in (effects.unit, *effects.elsewhere):
                found.setdefault(unit, []).append(effects)
        return found

    def sightings_at(self, place: Place) -> tuple[Sighting, ...]:
        """What was seen at a place in each call and each pass of a loop, in the order they ran."""
        found: dict[tuple[Place | int, ...], Sighting] = {}
        for effects in self._seen_in.get(place.unit, ()):
            last = effects.sightings.get(place)
            if last is not None:
                found.update(effects.earlier.get(place, {}))
                found.pop(last.path, None)
                found[last.path] = last
        return tuple(found.values())

    @cached_property
    def rows_in_use(self) -> dict[Source, set[Rows]]:
        """The rows of everything that is named, fitted on or evaluated, by where they come from."""
        entered: frozenset[Unit] = frozenset().union(*(effects.elsewhere for effects in self.effects))
        asked: tuple[Fit | Evaluate, ...] = (*self.of(Fit), *self.of(Evaluate))
        rows = set(_rows_of(event.x for event in asked))
        # In functions that were entered a later sighting takes the place of an earlier one.
        last: dict[Place, Sighting] = {}
        for effects in self.effects:
            if effects.elsewhere or effects.unit in entered:
                last.update(effects.sightings)
            else:
                rows.update(effects.rows())
        rows.update(_rows_of(sighting.object for sighting in last.values()))
        found: dict[Source, set[Rows]] = {}
        for each in rows:
            for part in each.parts:
                found.setdefault(part.source, set()).add(each)
        return found

    @property
    def homes(self) -> Homes:
        """Where the statements that parse stand, in their order."""
        return Homes(self)

    @cached_property
    def problems(self) -> tuple[int, ...]:
        """The numbers of the statements whose syntax has a problem."""
        starts = accumulate((len(stretch.followed) for stretch in self.stretches), initial=0)
        found = zip(starts, self.stretches, strict=False)
        return tuple([start + number for start, stretch in found for number in stretch.problems])

    @cached_property
    def broken(self) -> int:
        """How many statements do not parse."""
        return sum([stretch.broken for stretch in self.stretches])

    @cached_property
    def calls(self) -> dict[Place, str]:
        """The call sites that were reached, each with why it was not resolved; empty: it was."""
        found: dict[Place, str] = {}
        for effects in self.effects:
            found.update(effects.calls)
        return found

    @cached_property
    def names(self) -> dict[Place, Named]:
        """The names of libraries that are imported or read."""
        found: dict[Place, Named] = {}
        for effects in self.effects:
            found.update(effects.names)
        return found

    @cached_property
    def attributes(self) -> dict[Place, Read]:
        """The attributes that are read of things made by libraries, as they were the last time."""
        found: dict[Place, Read] = {}
        for effects in self.effects:
            found.update(effects.attributes)
        return found

    @cached_property
    def names_may_appear(self) -> bool:
        """Whether names may be bound that the text does not bind.

        By `import *` of what is not known, by `%run` and the like, or by code that makes names out of texts. Then
        nothing can be said of a name that seems to be missing.
        """
        entry: Entry = None
        for each in self.followed:
            entry = each.effects.writes.get((MAIN, "*"), entry)
        unknown = any(star_names(module, self.versions) is None for module in stars_of(entry))
        return unknown or any(name in self.uses for name in ("exec", "globals", "vars", "locals", "get_ipython"))

    def ran_before(self, one: int, other: int) -> bool | None:
        """Whether a cell last ran before another one; None where either has no saved execution count.

        Evidence only: the counts are those of the last run of each, maybe of other texts and other sessions.
        """
        first, second = self.execution_counts.get(one), self.execution_counts.get(other)
        return None if first is None or second is None or first == second else first < second

    @cached_property
    def execution_counts(self) -> dict[int, int]:
        """The saved execution counts of the cells that have one, by the index of the cell."""
        return {cell.index: cell.execution_count for cell in self.document.cells if cell.execution_count is not None}

    @cached_property
    def displayed(self) -> tuple[Place, ...]:
        """The expressions whose values a notebook shows: the last of each cell, if no semicolon ends it."""
        last: dict[int, int] = {}
        for number, (cell, _) in enumerate(self.statements):
            last[cell] = number
        shown = (self._shown(number) for number in last.values()) if self.document.kind == "notebook" else ()
        return tuple(place for place in shown if place is not None)

    def _shown(self, number: int) -> Place | None:
        cell, statement = self.statements[number]
        each = self.followed[number]
        tree = each.parsed.tree
        text, end = self._sources[cell].text, statement.start + len(each.parsed.text)
        # What stands in for a magic is not in the text.
        if not isinstance(tree, ast.Expr) or text[statement.start : end] != each.parsed.text:
            return None
        node = tree.value
        place = Place.of(each.unit, node)
        after = each.parsed.text[each.parsed.span(node).end :]
        return None if ";" in after.partition("#")[0] else place

    @cached_property
    def order(self) -> Order:
        """The statements that parse by their number, across cells."""
        return Order(self.stretches)

    @cached_property
    def uses(self) -> Uses:
        """Every mention of every name, with the statement it is in."""
        return Uses(self.stretches)

    @cached_property
    def imports(self) -> tuple[tuple[Place, ast.ImportFrom], ...]:
        """The `from ... import ...` statements at the top level, in their order."""
        return tuple(
            (Place.of(each.unit, tree), tree)
            for each in self.followed
            if isinstance(tree := each.parsed.tree, ast.ImportFrom)
        )

    @cached_property
    def modules(self) -> dict[str, Module]:
        """The files of the workspace that were imported, by path."""
        found: dict[str, Module] = {}
        for effects in self.effects:
            for _, module in effects.needs:
                if isinstance(module, Module):
                    _take(module, found)
        return found

    @cached_property
    def reads_data(self) -> bool:
        """Whether data files were asked for, here or in modules that were imported."""
        needs = [need for effects in self.effects for need in effects.needs]
        needs += [need for module in self.modules.values() for need in module.needs]
        return any(isinstance(request, DataRequest) for request, _ in needs)

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

    def outline(self, place: Place) -> Outline | None:
        """What the top-level statement says that a place is in."""
        number = self.order.get(place.unit)
        return self.followed[number].outline if number is not None else None

    def node(self, place: Place) -> ast.stmt | None:
        """The top-level statement that a place is in."""
        number = self.order.get(place.unit)
        return self.followed[number].parsed.tree if number is not None else None


class Homes(Mapping[Unit, Home]):
    """Where statements stand, looked up one by one: few are ever asked for."""

    def __init__(self, trace: Trace) -> None:
        self._trace = trace

    def __getitem__(self, unit: Unit) -> Home:
        number = self._trace.order[unit]
        cell, statement = self._trace.statements[number]
        return Home(cell, statement.start, self._trace.followed[number].parsed)

    def __iter__(self) -> Iterator[Unit]:
        return iter(self._trace.order)

    def __len__(self) -> int:
        return len(self._trace.order)


class Uses:
    """The mentions of names, looked up name by name: few are ever asked for."""

    def __init__(self, stretches: tuple[Stretch, ...]) -> None:
        self._stretches = stretches

    def get(self, name: str, default: Sequence[tuple[Unit, Mention]] = ()) -> Sequence[tuple[Unit, Mention]]:
        """Every mention of the name, with the statement it is in, in the order of statements."""
        found = [
            (each.unit, mention)
            for stretch in self._stretches
            if name in stretch.mentioned
            for each in stretch.followed
            if each.parsed.tree is not None
            for mention in each.outline.mentions.get(name, ())
        ]
        return found or default

    def __contains__(self, name: str) -> bool:
        return any(name in stretch.mentioned for stretch in self._stretches)


def _take(module: Module, into: dict[str, Module]) -> None:
    """Notes a module and those it needs itself."""
    if module.path not in into:
        into[module.path] = module
        for _, inner in module.needs:
            if isinstance(inner, Module):
                _take(inner, into)


def _span(home: Home, place: Place) -> Span:
    lines = home.parsed.lines
    start = lines.from_ast(place.line, place.column)
    end = lines.from_ast(place.end_line, place.end_column)
    return Span(home.start + start, home.start + max(start, end))


def call_sites(trace: Trace) -> tuple[int, dict[str, int]]:
    """How many calls the document has, and how many were not resolved, by reason."""
    total = sum(each.outline.calls for each in trace.followed if each.parsed.tree is not None)
    own = {place: reason for place, reason in trace.calls.items() if place.unit in trace.order}
    reasons = Counter(reason for reason in own.values() if reason)
    if total > len(own):
        reasons["never reached"] = total - len(own)
    return total, dict(reasons)


def unfollowed(trace: Trace) -> dict[str, set[Place]]:
    """Statements with something in them that was not followed, by reason."""
    reasons: dict[str, set[Place]] = {}
    for stretch in trace.stretches:
        for reason, places in stretch.unfollowed.items():
            reasons.setdefault(reason, set()).update(places)
    return reasons


def unfollowed_statements(trace: Trace) -> int:
    """How many top-level statements have something in them that was not followed."""
    standing: frozenset[Unit] = frozenset().union(*[stretch.units for stretch in trace.stretches])
    unfollowed = frozenset().union(*[stretch.unfollowed_units for stretch in trace.stretches])
    return len(standing & unfollowed)
