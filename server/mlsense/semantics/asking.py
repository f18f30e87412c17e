"""What an expression is at one place of a document: for requests at the cursor, where the text may be half typed.

Nothing that is evaluated here changes what was followed.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from mlsense.semantics.core import Exhausted
from mlsense.semantics.interpreter import Interpreter
from mlsense.semantics.modules import Imports, Modules, NoWorkspace, module_of
from mlsense.semantics.program import follow_module
from mlsense.semantics.state import State, reference
from mlsense.semantics.values import MAIN, UNKNOWN, Ref, Unit, Value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.core import Sighting
    from mlsense.semantics.events import Event
    from mlsense.semantics.state import Entry, Key
    from mlsense.semantics.trace import Followed, Trace
    from mlsense.semantics.values import HeapObject, Place

E = TypeVar("E", bound="Event")


class Answer(NamedTuple):
    """A value, the object behind it, and the state in which what they refer to is looked up."""

    value: Value
    object: HeapObject | None
    state: State

    def look_up(self, value: Value | None) -> HeapObject | None:
        """The object behind a value that this one holds: a step of a pipeline, an item of a list."""
        return None if value is None else reference(self.state, value)


@dataclass(frozen=True)
class Asking:
    """Questions at an offset of a cell: what names are there, as far as they are known when it is reached."""

    trace: Trace
    cell: int
    offset: int

    @cached_property
    def _above(self) -> int:
        """How many statements end before the offset."""
        order = {cell.index: number for number, cell in enumerate(self.trace.document.cells)}
        here = order.get(self.cell, len(order))
        count = 0
        for number, (cell, statement) in enumerate(self.trace.statements):
            end = statement.start + len(statement.parsed.text.rstrip())
            if (order.get(cell, 0), end) < (here, self.offset):
                count = number + 1
        return count

    @cached_property
    def _around(self) -> Followed | None:
        """The statement that the offset is in."""
        if self._above >= len(self.trace.statements):
            return None
        cell, statement = self.trace.statements[self._above]
        inside = cell == self.cell and statement.start < self.offset
        return self.trace.followed[self._above] if inside else None

    @cached_property
    def _base(self) -> dict[Key, Entry]:
        """What every name and object is here."""
        base: dict[Key, Entry] = {}
        for each in self.trace.followed[: self._above]:
            base.update(each.effects.writes)
        around = self._around
        if around is None:
            return base
        made: dict[Key, Entry] = {key: entry for key, entry in around.effects.writes.items() if isinstance(key, Ref)}
        base = {**made, **base}
        for sighting in self._local(around):
            base[MAIN, sighting.name] = sighting.value
            if isinstance(sighting.value, Ref) and sighting.object is not None:
                base[sighting.value] = sighting.object
        return base

    def _local(self, around: Followed) -> list[Sighting]:
        """The names seen in the statement around, in the order of its lines up to that of the offset."""
        _, statement = self.trace.statements[self._above]
        line = statement.parsed.lines.position(max(0, self.offset - statement.start)).line + 1
        found: list[tuple[Place, Sighting]] = []
        units = {around.unit, around.effects.unit}
        for effects in self.trace.effects:
            if effects.unit in units or effects.elsewhere & units:
                found += [(place, seen) for place, seen in effects.sightings.items() if place.unit in units]
        if not found and around.memos:
            # It does not parse now: what was seen when it last did.
            found = list(around.memos[0].sightings.items())
        found = [(place, seen) for place, seen in found if place.line <= line and seen.name.isidentifier()]
        return [seen for _, seen in sorted(found, key=lambda pair: (pair[0].line, pair[0].column))]

    def names(self) -> dict[str, Value]:
        """The names bound here, with their values."""
        return {
            key[1]: entry  # type: ignore[misc]
            for key, entry in self._base.items()
            if isinstance(key, tuple) and key[0] == MAIN and isinstance(key[1], str) and entry is not None
        }

    def things(self) -> dict[str, HeapObject]:
        """The objects behind the names bound here, those bound last at the end."""
        bound: dict[str, int] = {}
        for number, each in enumerate(self.trace.followed[: self._above]):
            bound.update((key[1], number) for key in each.effects.writes if isinstance(key, tuple) and key[0] == MAIN)
        state = State(self._base, lambda key: None)
        found = {name: reference(state, value) for name, value in self.names().items()}
        order = sorted(found, key=lambda name: bound.get(name, len(bound)))
        return {name: thing for name in order if (thing := found[name]) is not None}

    def events(self, *kinds: type[E]) -> Iterator[E]:
        """What happened above, of some kinds."""
        for each in self.trace.followed[: self._above]:
            for event in each.effects.events:
                if isinstance(event, kinds):
                    yield event

    def evaluate(self, text: str) -> Answer:
        """The value of an expression; unknown where it does not parse or is not followed."""
        modules = self.trace.modules

        def outside(key: Key) -> Entry:
            module = modules.get(module_of(key))
            return module.state.get(key) if module is not None else None

        state = State(self._base, outside)
        try:
            tree = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return Answer(UNKNOWN, None, state)
        imports = Imports(Modules(NoWorkspace(), follow_module), self.trace.document.path)
        interpreter = Interpreter(state, Unit(MAIN, text, -1), imports)
        interpreter.passes = []
        try:
            value = interpreter.evaluate(tree)
        except (Exhausted, RecursionError):
            value = UNKNOWN
        return Answer(value, reference(state, value), state)
