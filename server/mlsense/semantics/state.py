"""What every name and object is at one point of the program, in layers so that branches can be tried and joined.

A key is `(frame, name)` for names, a `Ref` for heap objects, `(Ref, attribute)` for attributes of instances. What is
read below the lowest layer is recorded, so that a statement's effects can be remembered with what they depend on.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Set
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

from mlsense.semantics.regions import Rows
from mlsense.semantics.values import (
    UNKNOWN,
    Data,
    DictObject,
    Either,
    Estimator,
    HeapObject,
    Instance,
    Lineage,
    ListObject,
    Moved,
    Opaque,
    Ref,
    Value,
    merge_learned,
    merge_scores,
)

if TYPE_CHECKING:
    from collections.abc import Callable

Entry = Value | HeapObject | None
Key = Hashable
Delta = dict[Key, Entry]

_MISSING = object()
_MAX_OPTIONS = 6


class _Watch(NamedTuple):
    """A layer whose reads are noted: its depth, what is seen outside it, the keys that were read there."""

    depth: int
    outside: dict[Key, Entry]
    read: set[Key]


class State:
    """The layers of one run. `None` as an entry means deleted."""

    def __init__(self, base: Mapping[Key, Entry], outside: Callable[[Key], Entry]) -> None:
        self._base = base
        self._outside = outside
        self._layers: list[Delta] = [{}]
        self._hidden: list[dict[Key, Any]] = [{}]
        """What was seen below each layer, by the keys that the layer changed."""
        self._seen: dict[Key, Entry] = {}
        """Entries as they are seen through all layers: those that were changed, and those that were read."""
        self._watches: list[_Watch] = []
        self.reads: dict[Key, Entry] = {}

    def get(self, key: Key) -> Entry:
        try:
            return self._seen[key]
        except KeyError:
            entry = self._seen[key] = self._below(key, len(self._watches))
            return entry

    def _below(self, key: Key, watches: int) -> Entry:
        """What is below the topmost of so many watches, or below all layers."""
        if watches:
            watch = self._watches[watches - 1]
            watch.read.add(key)
            if key not in watch.outside:
                watch.outside[key] = self._below(key, watches - 1)
            return watch.outside[key]
        entry = self._base.get(key)
        if entry is None:
            # Of other files: they stay as they are while the statement's memory holds.
            entry = self._outside(key)
            if entry is not None:
                return entry
        self.reads[key] = entry
        return entry

    def set(self, key: Key, entry: Entry) -> None:
        layer = self._layers[-1]
        # The lowest layer is never popped.
        if len(self._layers) > 1 and key not in layer:
            self._hidden[-1][key] = self._seen.get(key, _MISSING)
        layer[key] = self._seen[key] = entry

    @property
    def depth(self) -> int:
        return len(self._layers)

    def push(self) -> None:
        self._layers.append({})
        self._hidden.append({})

    def watch(self) -> Set[Key]:
        """Pushes a layer; the keys that are read below it from now on, until it is popped, are in what this returns."""
        self.push()
        self._watches.append(_Watch(len(self._layers), self._seen, set()))
        self._seen = {}
        return self._watches[-1].read

    def pop(self) -> Delta:
        if self._watches and self._watches[-1].depth == len(self._layers):
            self._seen = self._watches.pop().outside
            self._hidden.pop()
            return self._layers.pop()
        for key, entry in self._hidden.pop().items():
            if entry is _MISSING:
                del self._seen[key]
            else:
                self._seen[key] = entry
        return self._layers.pop()

    def apply(self, delta: Delta) -> None:
        for key, entry in delta.items():
            self.set(key, entry)

    def since(self, depth: int) -> Delta:
        """All changes made in the layers above the first `depth` ones."""
        merged: Delta = {}
        for layer in self._layers[depth:]:
            merged.update(layer)
        return merged

    def writes(self) -> Delta:
        return self._layers[0]

    def join(self, deltas: list[Delta]) -> None:
        """Goes on with what holds whichever of the deltas happened."""
        if not deltas:
            return
        if len(deltas) == 1:
            self.apply(deltas[0])
            return
        keys = dict.fromkeys(key for delta in deltas for key in delta)
        for key in keys:
            before: Any = _MISSING
            entries: list[Entry] = []
            for delta in deltas:
                entry: Any = delta.get(key, _MISSING)
                if entry is _MISSING:
                    if before is _MISSING:
                        before = self.get(key)
                    entry = before
                entries.append(entry)
            joined = entries[0]
            for entry in entries[1:]:
                joined = join_entries(joined, entry)
            self.set(key, joined)


def join_entries(a: Entry, b: Entry) -> Entry:
    """What is certain of both. A name bound on one branch only keeps that binding: the other would raise."""
    if a is b or a == b:
        return a
    if a is None:
        return b
    if b is None:
        return a
    if isinstance(a, Data) and isinstance(b, Data):
        return join_data(a, b)
    if isinstance(a, Estimator) and isinstance(b, Estimator):
        return join_estimators(a, b)
    if isinstance(a, (ListObject, DictObject, Instance, Opaque, Data, Estimator)) or isinstance(
        b, (ListObject, DictObject, Instance, Opaque, Data, Estimator)
    ):
        return join_containers(a, b)
    return join_values(a, b)


def join_values(a: Value, b: Value) -> Value:
    if a == b:
        return a
    options: dict[Value, None] = {}
    for value in (a, b):
        for option in value.options if isinstance(value, Either) else (value,):
            options.setdefault(option)
    return UNKNOWN if len(options) > _MAX_OPTIONS else Either(tuple(options))


def join_rows(a: Rows | None, b: Rows | None) -> Rows | None:
    return a if a == b else None


def join_lineages(a: Lineage | None, b: Lineage | None) -> Lineage | None:
    """The columns that are certainly the same, and those that hold values of other rows on one side at least."""
    if a == b or a is None or b is None:
        return a if a == b else None
    both = set(a.made) & set(b.made)
    made: dict[str, tuple[str, Hashable, tuple[Hashable, ...]]] = {}
    for entry in (*a.made, *b.made):
        if entry in both or any(isinstance(source, Moved) for source in entry[2]):
            made.setdefault(entry[0], entry)
    return Lineage(("joined",), (), (), tuple(made.values())[:32])


def join_data(a: Data, b: Data) -> Data:
    return Data(
        kind=a.kind if a.kind == b.kind else "unknown",
        rows=join_rows(a.rows, b.rows),
        learned=merge_learned(a.learned, b.learned),
        role=a.role if a.role == b.role else "unknown",
        scale=a.scale if a.scale == b.scale else "unknown",
        columns=a.columns if a.columns == b.columns else None,
        selects=a.selects if a.selects == b.selects else None,
        mask=a.mask if a.mask == b.mask else None,
        fits=a.fits if a.fits == b.fits else (),
        rank=a.rank if a.rank == b.rank else None,
        lineage=join_lineages(a.lineage, b.lineage),
        order=a.order if a.order == b.order else None,
        sources=a.sources if a.sources == b.sources else (),
        operation=a.operation if a.operation == b.operation else None,
        form=a.form if a.form == b.form else "",
        scores=merge_scores(a.scores, b.scores) if a.scores or b.scores else (),
        graph=a.graph and b.graph,
        device=a.device if a.device == b.device else None,
    )


def join_estimators(a: Estimator, b: Estimator) -> Estimator | Opaque:
    if a.cls != b.cls:
        return Opaque()
    fitted = a.fitted or b.fitted
    if a.fitted and b.fitted and a.fitted != b.fitted:
        # Fitted on either: on which rows is not known.
        fitted = replace(a.fitted, rows=None, learned=merge_learned(a.fitted.learned, b.fitted.learned))
    return Estimator(
        cls=a.cls,
        kinds=a.kinds,
        params=a.params if a.params == b.params else (),
        steps=a.steps if a.steps == b.steps else (),
        fitted=fitted,
        certain=a.certain and b.certain and a.params == b.params and a.steps == b.steps,
        made=a.made if a.made == b.made else None,
        handed_over=a.handed_over or b.handed_over,
    )


def join_containers(a: Entry, b: Entry) -> HeapObject:
    if isinstance(a, ListObject) and isinstance(b, ListObject):
        longer, shorter = (a, b) if len(a.items or ()) >= len(b.items or ()) else (b, a)
        if longer.items is not None and shorter.items is not None:
            # A list that grows in a loop or a branch: its known elements stay known as "any of them".
            element: Value = UNKNOWN
            for index, item in enumerate(longer.items):
                element = item if index == 0 else join_values(element, item)
            return ListObject(None, element)
        known = a if a.items is None else b
        other = b if a.items is None else a
        element = known.element
        for item in other.items or ():
            element = join_values(element, item)
        return ListObject(None, element)
    if isinstance(a, DictObject) and isinstance(b, DictObject):
        both = dict(a.items)
        for name, value in b.items:
            both[name] = join_values(both[name], value) if name in both else value
        # What was put under keys that are not known: in one of them there may be none of that.
        elements = {thing.element for thing in (a, b) if thing.open}
        element = join_values(*elements) if len(elements) == 2 else elements.pop() if elements else UNKNOWN
        return DictObject(tuple(both.items()), open=True, element=element)
    return Opaque()


def reference(state: State, value: Value) -> HeapObject | None:
    """The heap object a value refers to, if it refers to one."""
    # Under a `Ref` there is nothing but objects; this is asked far too often to look.
    return state.get(value) if isinstance(value, Ref) else None  # type: ignore[return-value]
