"""Statements as they were followed, in stretches that versions of a document share.

What is asked of a whole document at every keystroke is found once for each stretch, so that it costs what changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, TypeVar

from mlsense.semantics.events import Event, Unfollowed
from mlsense.semantics.values import Place

if TYPE_CHECKING:
    import ast
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence

    from mlsense.semantics.modules import Needs
    from mlsense.semantics.state import Key
    from mlsense.semantics.trace import Effects, Followed
    from mlsense.semantics.values import Unit

E = TypeVar("E", bound=Event)
T = TypeVar("T")
_SIZE = 48


class Stretch:
    """Statements that stand one after the other, and their effects; or effects alone."""

    def __init__(self, followed: tuple[Followed, ...], effects: tuple[Effects, ...] | None = None) -> None:
        self.followed = followed
        self.effects = tuple([each.effects for each in followed]) if effects is None else effects
        self._found: dict[Hashable, tuple[Event, ...]] = {}
        self._kept: dict[Hashable, tuple[object, ...]] = {}

    def of(self, kinds: tuple[type[Event], ...]) -> tuple[Event, ...]:
        """Events of these kinds, in the order they happened."""
        found = self._found.get(kinds)
        if found is None:
            events = [event for effects in self.effects for event in effects.events if isinstance(event, kinds)]
            found = self._found[kinds] = tuple(events)
        return found

    def that(self, test: Callable[[E], bool], kind: type[E]) -> tuple[Event, ...]:
        """Events of a kind that pass a test."""
        found = self._found.get((test, kind))
        if found is None:
            events = [event for event in self.of((kind,)) if test(event)]  # type: ignore[arg-type]
            found = self._found[test, kind] = tuple(events)
        return found

    def kept(self, key: Hashable, find: Callable[[Effects], Iterable[T]]) -> tuple[T, ...]:
        """What `find` finds in the effects of each statement; found once for each key."""
        found = self._kept.get(key)
        if found is None:
            found = self._kept[key] = tuple([each for effects in self.effects for each in find(effects)])
        return found  # type: ignore[return-value]

    @cached_property
    def numbers(self) -> dict[Unit, int]:
        """The statements that parse, by their number in the stretch."""
        return {each.unit: number for number, each in enumerate(self.followed) if each.parsed.tree is not None}

    @cached_property
    def units(self) -> frozenset[Unit]:
        """The statements that parse."""
        return frozenset(self.numbers)

    @cached_property
    def mentioned(self) -> frozenset[str]:
        """The names that the statements mention."""
        return frozenset().union(*[each.outline.mentions for each in self.followed if each.parsed.tree is not None])

    @cached_property
    def texts(self) -> frozenset[str]:
        """The texts of the statements."""
        return frozenset(each.unit.text for each in self.followed)

    @cached_property
    def problems(self) -> tuple[int, ...]:
        """The statements whose syntax has a problem, by their number in the stretch."""
        return tuple([number for number, each in enumerate(self.followed) if each.parsed.problem is not None])

    @cached_property
    def broken(self) -> int:
        """How many statements do not parse."""
        return len(self.followed) - len(self.numbers)

    @cached_property
    def reads(self) -> frozenset[Key]:
        """What any of the statements read of the state before it."""
        return frozenset().union(*[effects.keys for effects in self.effects])

    @cached_property
    def writes(self) -> frozenset[Key]:
        """What any of the statements wrote to the state."""
        return frozenset().union(*[effects.writes for effects in self.effects])

    @cached_property
    def needs(self) -> Needs:
        """The files that were asked for, each with what it was."""
        return tuple(dict.fromkeys(need for effects in self.effects for need in effects.needs))

    @cached_property
    def entered(self) -> frozenset[Place]:
        """The functions that were entered."""
        return frozenset().union(*[effects.entered for effects in self.effects])

    @cached_property
    def functions(self) -> tuple[tuple[Place, ast.FunctionDef | ast.AsyncFunctionDef, str | None], ...]:
        """The functions that are defined at the top level, and methods with their class, each with its place."""
        return tuple(
            (Place.of(each.unit, node), node, owner) for each in self.followed for node, owner in each.functions
        )

    @cached_property
    def unfollowed(self) -> dict[str, frozenset[Place]]:
        """Statements with something in them that was not followed, by reason."""
        found: dict[str, set[Place]] = {}
        for event in self.of((Unfollowed,)):
            assert isinstance(event, Unfollowed)
            found.setdefault(event.reason, set()).add(event.statement)
        return {reason: frozenset(places) for reason, places in found.items()}

    @cached_property
    def unfollowed_units(self) -> frozenset[Unit]:
        """The top-level statements they are in."""
        return frozenset(place.unit for places in self.unfollowed.values() for place in places)


def in_stretches(
    followed: Sequence[Followed], before: Sequence[Stretch], above: int, below: int
) -> tuple[Stretch, ...]:
    """The statements in stretches; those of the version before that lie in what is the same are taken over.

    The same are the first `above` statements and the last `below` ones.
    """
    first, start = 0, 0
    while first < len(before) and start + len(before[first].followed) <= above:
        start += len(before[first].followed)
        first += 1
    last, stop = len(before), len(followed)
    while last > first and len(followed) - stop + len(before[last - 1].followed) <= below:
        last -= 1
        stop -= len(before[last].followed)
    count = -(-(stop - start) // _SIZE)
    bounds = [start + (stop - start) * number // max(count, 1) for number in range(count + 1)]
    new = (Stretch(tuple(followed[begin:end])) for begin, end in pairwise(bounds))
    return (*before[:first], *new, *before[last:])


class Order(Mapping["Unit", int]):
    """The statements that parse by their number, looked up one by one: few are ever asked for."""

    def __init__(self, stretches: Sequence[Stretch]) -> None:
        starts = accumulate((len(stretch.followed) for stretch in stretches), initial=0)
        self._stretches = list(zip(starts, stretches, strict=False))

    @cached_property
    def _in(self) -> dict[Unit, int]:
        """The number of the stretch that a statement is in."""
        found: dict[Unit, int] = {}
        for number, (_, stretch) in enumerate(self._stretches):
            # Out of one dict into the other: nothing is hashed again.
            found.update(dict.fromkeys(stretch.numbers, number))
        return found

    def __getitem__(self, unit: Unit) -> int:
        start, stretch = self._stretches[self._in[unit]]
        return start + stretch.numbers[unit]

    def __iter__(self) -> Iterator[Unit]:
        return (unit for _, stretch in self._stretches for unit in stretch.numbers)

    def __len__(self) -> int:
        return sum(len(stretch.numbers) for _, stretch in self._stretches)
