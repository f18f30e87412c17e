"""The bookkeeping of one run: frames, loops, places, what was seen. Knows nothing of syntax or of libraries."""

from __future__ import annotations

import ast
from dataclasses import dataclass, field, replace
from functools import reduce
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from weakref import WeakKeyDictionary

from mlsense.semantics.events import Event, Gather, Item, Loop, Traced, Unfollowed
from mlsense.semantics.regions import NO_ROWS, Region, Rows, Source
from mlsense.semantics.state import Delta, Key, State, join_data, join_values
from mlsense.semantics.values import (
    UNKNOWN,
    Const,
    Data,
    DictObject,
    Either,
    Estimator,
    Function,
    HeapObject,
    Lineage,
    ListObject,
    Method,
    Opaque,
    Origin,
    Place,
    Ref,
    TupleValue,
    Unit,
    Value,
    collected,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from mlsense.semantics.modules import Imports
    from mlsense.syntax import Parsed

MAX_DEPTH = 24
# About 100 ms. The last of them are kept for what follows a long loop or a deep tree of calls.
MAX_STEPS = 18_000
RESERVE = 4_000
MAX_OBJECTS = 64
MAX_SEEN = 8


class Exhausted(Exception):
    """A limit was reached: the statement is not followed further."""


@dataclass(slots=True)
class Frame:
    """A running module, function or class body."""

    id: Hashable
    unit: Unit
    function: Function | None = None
    outer: Hashable | None = None
    path: tuple[Place | int, ...] = ()
    outer_names: set[str] = field(default_factory=set)
    module_names: set[str] = field(default_factory=set)
    results: list[Value] = field(default_factory=list)
    exits: list[Delta] = field(default_factory=list)
    depth: int = 0
    yields: list[Value] = field(default_factory=list)
    generator: bool = False
    uncertain: int = 0
    """How many branches and loops the code that runs now stands in that may be taken or not, or more than once."""
    each_yield: bool = True
    """Whether all yields so far certainly happen, each once."""
    traced: bool = False
    """Whether TensorFlow makes a graph of the function: as Python it runs only while that is done."""


class Sighting(NamedTuple):
    """A name or attribute as it was read or bound: its value, and the object behind it at that moment.

    `path` are the calls and the passes of loops in which that was.
    """

    name: str
    value: Value
    object: HeapObject | None
    path: tuple[Place | int, ...] = ()


class Named(NamedTuple):
    """A name of a library, dotted: imported, or read of one of its modules or classes.

    `guarded`: where it fails, the program goes on: inside `try`, `suppress`, or a test for a version or an attribute.
    """

    name: str
    imported: bool
    guarded: bool


class Read(NamedTuple):
    """An attribute of something that a library made is read without being called; `guarded` as for a name."""

    receiver: Value
    thing: HeapObject
    name: str
    guarded: bool


# Under this key the state keeps whether gradients are recorded.
GRADIENTS = ("torch", "gradients")
Marker = Literal["loop", "guard", "call"]


class Core:
    """One statement's run over a state. Subclasses evaluate expressions, calls and statements."""

    def __init__(self, state: State, unit: Unit, imports: Imports, assumed: bool = False) -> None:
        self.state = state
        self.unit = unit
        self.imports = imports
        self.frames: list[Frame] = [Frame(unit.module, unit, depth=state.depth)]
        self.loops: list[Loop] = []
        self.markers: list[Marker] = []
        self.events: list[Event] = []
        self.sightings: dict[Place, Sighting] = {}
        self.earlier: dict[Place, dict[tuple[Place | int, ...], Sighting]] = {}
        """What was seen there in other calls and passes than the last one."""
        self.assumed = assumed
        self.alive = True
        self.steps = MAX_STEPS
        self.captured: set[Hashable] = set()
        self.entered: set[Place] = set()
        self.statement: ast.stmt | None = None
        self.applying = 0
        """How many modules of a network are being applied, one inside the other."""
        self.minding: dict[str, None] = {}
        """The layers met in the network being applied that do something else in training."""
        self.calls: dict[Place, str] = {}
        """Call sites that were reached, each with why it was not resolved; empty: it was."""
        self.names: dict[Place, Named] = {}
        self.attributes: dict[Place, Read] = {}
        self.guards = 0
        """How many constructs are running in which a failure is provided for: `try`, tests for a version."""
        self.choices = 0
        """How many calls are running of which it is not known what is called."""
        self._places: dict[ast.AST, Place] = {}

    # --- places ---------------------------------------------------------------------------------

    @property
    def frame(self) -> Frame:
        return self.frames[-1]

    @property
    def module(self) -> str:
        """The file whose code runs now."""
        return self.frames[-1].unit.module

    def place(self, node: ast.AST) -> Place:
        unit = self.frames[-1].unit
        known = self._places.get(node)
        # Statements of the same text share their tree.
        if known is None or known.unit is not unit:
            at: Any = node
            place = (unit, at.lineno, at.col_offset, at.end_lineno, at.end_col_offset)
            known = self._places[node] = tuple.__new__(Place, place)
        return known

    def origin(self, node: ast.AST) -> Origin:
        return tuple.__new__(Origin, (self.place(node), self.frames[-1].path))

    def circumstances(self, node: ast.AST) -> tuple[Origin, tuple[Loop, ...], bool, Place]:
        """What every event at a node begins with: see `Event`."""
        return self.origin(node), tuple(self.loops), self.assumed, self.statement_place()

    def statement_place(self) -> Place:
        if self.statement is None:
            return Place(self.frame.unit, 1, 0, 1, 0)
        return self.place(self.statement)

    # --- names ----------------------------------------------------------------------------------

    def bind(self, name: str, value: Value) -> None:
        frame = self.frames[-1]
        if name in frame.module_names:
            self.state.set((self.module, name), value)
        elif name in frame.outer_names and frame.outer is not None:
            self.state.set((frame.outer, name), value)
        else:
            self.state.set((frame.id, name), value)

    def lookup(self, name: str) -> Value | None:
        frame = self.frames[-1]
        module = frame.unit.module
        # Under a name there is nothing but values; this is asked far too often to look.
        get: Callable[[Key], Value | None] = self.state.get  # type: ignore[assignment]
        found, outer = None, frame.outer
        if name not in frame.module_names:
            found = get((frame.id, name))
            if found is not None or frame.id is module:
                return found
        while found is None and outer is not None and outer != module:
            found = get((outer, name))
            outer = next((each.outer for each in self.frames if each.id == outer), None)
        return found if found is not None else get((module, name))

    def see(self, node: ast.AST, name: str, value: Value) -> None:
        thing = self.state.get(value) if isinstance(value, Ref) else None
        place, path = self.place(node), self.frames[-1].path
        # Only in calls and in passes of loops is there anything to be seen twice.
        if path:
            before = self.sightings.get(place)
            if before is not None and before.path != path:
                earlier = self.earlier.setdefault(place, {})
                if len(earlier) < MAX_SEEN:
                    earlier[before.path] = before
        # As `Sighting(...)` does, which would be a call for each; so do `place` and `origin`.
        self.sightings[place] = tuple.__new__(Sighting, (name, value, thing, path))

    # --- objects --------------------------------------------------------------------------------

    def alloc(self, node: ast.AST, thing: HeapObject, slot: Hashable = 0) -> Ref:
        ref = Ref(self.origin(node), slot)
        if isinstance(thing, Data) and thing.lineage is None and _is_table(thing):
            thing = replace(thing, lineage=Lineage(ref))
        self.state.set(ref, thing)
        return ref

    def object(self, value: Value | None) -> HeapObject | None:
        # As `reference` does; this is asked of every value that is used.
        return self.state.get(value) if isinstance(value, Ref) else None  # type: ignore[return-value]

    def update(self, ref: Value, thing: HeapObject) -> None:
        if isinstance(ref, Ref):
            self.state.set(ref, thing)

    def data(self, value: Value | None) -> Data | None:
        """What is known of a value as rows; None where it is unknown or no data at all.

        What came from code not followed is a source of its own: its relation to other sources is unknown, but the
        parts of one such value are related.
        """
        if value is None:
            return None
        thing = self.object(value)
        if isinstance(thing, Data):
            return thing
        if isinstance(thing, Opaque) and thing.symbol.startswith("builtins."):
            return Data(kind="scalar", rows=NO_ROWS)
        if isinstance(thing, Opaque) and not thing.assumed:
            return Data(rows=Rows((Region(Source(value, thing.label, known=False)),)))
        if isinstance(thing, ListObject) and thing.selects is not None:
            return Data(kind="index", selects=thing.selects)
        if isinstance(thing, ListObject):
            piece = self.object(thing.element) if thing.items is None else None
            if isinstance(piece, Data) and (windows := collected([piece], 1)).rows is not None:
                return windows
            count = None if thing.items is None else len(thing.items)
            return Data(kind="array", rows=Rows((Region(Source(value, "list", count)),)))
        if isinstance(value, Method):
            inner = self.object(value.receiver)
            if isinstance(inner, Opaque) and not inner.assumed:
                return Data(rows=Rows((Region(Source(value, value.name, known=False)),)))
            return None
        if isinstance(value, Const):
            return Data(kind="scalar", rows=NO_ROWS)
        if isinstance(value, Either):
            options = [self.data(option) for option in value.options]
            known = [data for data in options if data is not None]
            return reduce(join_data, known) if len(known) == len(options) else None
        return None

    # --- what happened --------------------------------------------------------------------------

    def emit(self, event: Event) -> None:
        self.events.append(event)

    def unfollowed(self, node: ast.AST, reason: str, text: str = "") -> None:
        origin = self.origin(node)
        self.emit(Unfollowed(origin, tuple(self.loops), self.assumed, self.statement_place(), reason, text))

    def gathered(self, node: ast.AST, name: str, parts: Sequence[ast.expr], how: Literal["sum", "list"]) -> None:
        """Notes that something takes in the values of these names and attributes, which were just read."""
        seen = [(each, self.value_at(each)) for each in parts]
        known = [(each, value) for each, value in seen if value is not None]
        if not known:
            return
        base = self.circumstances(node)
        values = tuple(value for _, value in known)
        things = tuple(self.object(value) for value in values)
        recorded = constant(self.state.get(GRADIENTS)) is not False  # type: ignore[arg-type]
        self.emit(Gather(*base, name, values, things, how, recorded, tuple(self.place(each) for each, _ in known)))

    def traced(self, node: ast.AST, how: Literal["list", "counter", "print"], text: str, value: Value) -> None:
        """Notes that Python does something in a function of which TensorFlow makes a graph."""
        frame = next((each for each in self.frames if each.traced), None)
        if frame is None or frame.function is None:
            return
        if isinstance(value, Ref) and value.origin.path[: len(frame.path)] == frame.path:
            # It was made in there, and is made anew whenever a graph is.
            return
        self.emit(Traced(*self.circumstances(node), how, text, frame.function.name, frame.function.origin.place))

    def value_at(self, node: ast.expr) -> Value | None:
        """What a name or attribute was when it was read last."""
        found = self.sightings.get(self.place(node))
        return found.value if found is not None else None

    def name_library(self, node: ast.AST, name: str, imported: bool = False) -> None:
        """Notes that a name of a library is asked for."""
        self.names[self.place(node)] = Named(name, imported, self.guards > 0)

    def note_read(self, node: ast.Attribute, receiver: Value, thing: HeapObject) -> None:
        """Notes that an attribute of something a library made is read."""
        self.attributes[self.place(node)] = Read(receiver, thing, node.attr, self.guards > 0)

    def note_item(self, node: ast.Subscript, receiver: Value, thing: HeapObject, key: Hashable) -> None:
        """Notes that an item of something a library made is asked for."""
        optional = "guard" in self.markers
        base = self.circumstances(node)
        self.emit(Item(*base, receiver, thing, key, self.guards > 0, optional, self.place(node)))

    def reachable(self, values: Iterable[Value]) -> tuple[tuple[Ref, HeapObject], ...]:
        """The objects behind values and behind what they hold; bounded."""
        found: dict[Ref, HeapObject] = {}
        left = list(values)
        while left and len(found) < MAX_OBJECTS:
            value = left.pop()
            if isinstance(value, TupleValue):
                left += value.items
            elif isinstance(value, Either):
                left += value.options
            elif isinstance(value, Ref) and value not in found and (thing := self.object(value)) is not None:
                found[value] = thing
                left += contents(thing)
                if isinstance(thing, ListObject) and thing.items is None:
                    left.append(thing.element)
        return tuple(found.items())

    @property
    def conditional(self) -> bool:
        """Whether what runs now may be skipped in some pass of the innermost loop."""
        for marker in reversed(self.markers):
            if marker == "loop":
                return False
            if marker == "guard":
                return True
        return False

    @property
    def optional(self) -> bool:
        """Whether what runs now may be skipped by the function it stands in."""
        return next((marker == "guard" for marker in reversed(self.markers) if marker != "loop"), False)

    def loops_of_function(self) -> tuple[Loop, ...]:
        """The loops running in the current function, outermost first."""
        count = 0
        for marker in reversed(self.markers):
            if marker == "call":
                break
            count += marker == "loop"
        return tuple(self.loops[len(self.loops) - count :])

    @property
    def tired(self) -> bool:
        """Whether so little is left that no more calls are entered, nor passes followed one by one."""
        return self.steps < RESERVE

    def spend(self) -> None:
        self.steps -= 1
        if self.steps < 0:
            raise Exhausted

    # --- branches -------------------------------------------------------------------------------

    def branch(self, run: Callable[[], None], certain: bool = False) -> Delta | None:
        """The changes made by `run`; None when it does not fall through."""
        self.state.push()
        alive, self.alive = self.alive, True
        frame = self.frame
        frame.uncertain += not certain
        try:
            run()
        finally:
            frame.uncertain -= not certain
            delta = self.state.pop()
            survived, self.alive = self.alive, alive
        return delta if survived else None

    def join(self, deltas: list[Delta | None]) -> None:
        """Goes on after alternatives; what follows is dead when none of them falls through."""
        alive = [delta for delta in deltas if delta is not None]
        if alive:
            self.state.join(alive)
        else:
            self.alive = False

    def any_of(self, values: list[Value]) -> Value:
        result: Value | None = None
        for value in values:
            result = value if result is None else join_values(result, value)
        return UNKNOWN if result is None else result

    # --- filled in by the layers above ----------------------------------------------------------

    def parsed(self) -> Parsed | None:
        return None

    def evaluate(self, node: ast.expr) -> Value:
        raise NotImplementedError

    def execute(self, body: list[ast.stmt]) -> None:
        raise NotImplementedError


def _is_table(data: Data) -> bool:
    return data.kind == "frame" or (data.rank == 2 and data.kind in ("polars", "spark"))


def code_of(node: ast.AST) -> str:
    """The code of a node. `ast.unparse` is slow, and most are names and attributes of names."""
    parts: list[str] = []
    part = node
    while isinstance(part, ast.Attribute):
        parts.append(part.attr)
        part = part.value
    if not isinstance(part, ast.Name):
        found = _codes.get(node)
        if found is None:
            found = _codes[node] = ast.unparse(node)
        return found
    return ".".join((part.id, *reversed(parts))) if parts else part.id


_codes: WeakKeyDictionary[ast.AST, str] = WeakKeyDictionary()


def contents(thing: HeapObject) -> tuple[Value, ...]:
    """The values that an object holds, as far as they are known one by one."""
    if isinstance(thing, ListObject):
        return thing.items or ()
    if isinstance(thing, DictObject):
        return tuple(value for _, value in thing.items)
    if isinstance(thing, Estimator):
        return tuple(value for _, value in (*thing.steps, *thing.params))
    return thing.parts if isinstance(thing, Opaque) else ()


def constant(value: Value | None) -> Any:
    """The Python value of a literal, or of a tuple of literals; `...` where it is none."""
    if isinstance(value, Const):
        return value.value
    if isinstance(value, TupleValue):
        items = tuple(constant(item) for item in value.items)
        return ... if any(item is ... for item in items) else items
    return ...


def text_of(value: Value | None) -> str | None:
    """A literal text, or None."""
    found = constant(value)
    return found if isinstance(found, str) else None
