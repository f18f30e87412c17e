"""Follows a document statement by statement, remembering what each statement did and what that rested on.

A statement whose text is the same and whose reads give the same values has the same effects, so an edit costs the
statements it changes and those that read what changed; all others are taken over from the version before.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import Exhausted
from mlsense.semantics.interpreter import Interpreter
from mlsense.semantics.models import torch_modules
from mlsense.semantics.modules import Home, Imports, Module, Modules, NoWorkspace
from mlsense.semantics.state import Delta, Entry, Key, State
from mlsense.semantics.stretches import Stretch, in_stretches
from mlsense.semantics.trace import Effects, Followed, Outline, Trace, call_sites, unfollowed, unfollowed_statements
from mlsense.semantics.values import MAIN, UNKNOWN, ClassValue, Function, Opaque, Place, Unit, Value
from mlsense.syntax import Parsed, Split, Statement, script, split, statements, walk
from mlsense.text import common_end, common_start

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence, Set

    from mlsense.semantics.modules import Needs
    from mlsense.semantics.trace import AnyFunction
    from mlsense.syntax import Document

MAX_MEMOS = 3


class Cancelled(Exception):
    """The analysis was given up because a newer version is wanted."""


@dataclass(slots=True)
class Program:
    """One document through its versions. Not safe for use by two threads at once."""

    modules: Modules = field(default_factory=lambda: Modules(NoWorkspace(), follow_module))
    _splits: dict[int, Split] = field(default_factory=dict)
    _cells: list[int] = field(default_factory=list)
    _parsed: list[Parsed] = field(default_factory=list)
    _followed: tuple[Followed, ...] = ()
    _assumed: dict[Hashable, tuple[Effects, ...]] = field(default_factory=dict)
    _stretches: tuple[Stretch, ...] = ()
    _apart: Stretch = field(default_factory=lambda: Stretch((), ()))
    """What was seen in functions that nothing calls."""
    _above: tuple[int, dict[Key, Entry]] = (0, {})
    """The state after so many statements: where the last edit was, the next one mostly is."""

    def follow(self, document: Document, cancelled: Callable[[], bool] = lambda: False) -> Trace:
        """Raises Cancelled when `cancelled()` turns true between two statements."""
        self.modules.refresh()
        statements = self._statements(document)
        now = _Version(document.path, [cell for cell, _ in statements], [each.parsed for _, each in statements])
        differing = self._follow(now, cancelled)
        stretches = in_stretches(now.followed, self._stretches, now.same_above, now.same_below)
        assumed = self._follow_uncalled(now, stretches, differing, cancelled)
        self._cells, self._parsed = now.cells, now.parsed
        self._followed, self._assumed, self._stretches = tuple(now.followed), assumed, stretches
        seen = tuple(memos[0] for memos in assumed.values())
        if seen != self._apart.effects:
            self._apart = Stretch((), seen)
        return Trace(document, statements, self._followed, seen, (*stretches, self._apart), self.modules.versions)

    def _statements(self, document: Document) -> tuple[tuple[int, Statement], ...]:
        """The statements of all code cells, found with the help of those of the version before."""
        texts = {old.text: old for old in self._splits.values()} if len(self._splits) > 1 else {}
        splits: dict[int, Split] = {}
        for cell in document.cells:
            if cell.kind == "code":
                before = self._splits.get(cell.index)
                same = texts.get(cell.source.text, before)
                known = same is not None and same.text == cell.source.text and same.dialect == cell.dialect
                splits[cell.index] = same if same is not None and known else split(cell, before)
        self._splits = splits
        return tuple([(index, statement) for index, found in splits.items() for statement in found.statements])

    def _follow(self, now: _Version, cancelled: Callable[[], bool]) -> frozenset[Key]:
        """Follows all statements; the keys whose entries may differ from the version before in the end.

        What was followed above the first change is taken over. So is what was followed below the last one, unless it
        read something that differs, or a statement of the same text was added or removed above it.
        """
        old = self._followed
        head = self._unchanged_above(now.parsed)
        tail = common_end(self._parsed, now.parsed, min(len(old), len(now.parsed)) - head)
        now.begin(old[:head], self._state_above(head), old[head:])
        now.known = _by_unit(old[head : len(old) - tail])
        counts: Counter[str] = Counter()
        for number in range(head, len(now.parsed) - tail):
            if cancelled():
                raise Cancelled
            text = now.parsed[number].text
            if text not in counts:
                counts[text] = self._count_above(text, head)
            self._step(number, Unit(MAIN, text, counts[text]), now)
            counts[text] += 1
        replaced, new = old[head : len(old) - tail], now.followed[head:]
        differing = _differing(frozenset(), _writes(replaced), _writes(new))
        moves = Counter([each.unit.text for each in new])
        moves.subtract([each.unit.text for each in replaced])
        shifts = {text: count for text, count in moves.items() if count}
        for stretch in self._stretches_below(len(old) - tail):
            if cancelled():
                raise Cancelled
            if self._undisturbed(stretch, differing, shifts.keys()):
                now.followed += stretch.followed
                differing = differing and differing.difference(stretch.writes)
                now.same_below += len(stretch.followed)
                continue
            now.know_below()
            for before in stretch.followed:
                effects, shift = before.effects, shifts.get(before.unit.text, 0)
                disturbed = shift or before.parsed.tree is None or not differing.isdisjoint(effects.keys)
                if disturbed or not self._holds(effects.needs):
                    if cancelled():
                        raise Cancelled
                    unit = before.unit._replace(occurrence=before.unit.occurrence + shift)
                    step = self._step(len(now.followed), unit, now)
                    differing = _differing(differing, effects.writes, step.effects.writes)
                    now.same_below = 0
                else:
                    now.add(before)
                    differing = differing and differing.difference(effects.writes)
                    now.same_below += 1
        return differing

    def _count_above(self, text: str, count: int) -> int:
        """How many of the first statements of the version before have a text."""
        found = 0
        for stretch in self._stretches:
            if count <= 0:
                break
            if text in stretch.texts:
                found += sum(each.unit.text == text for each in stretch.followed[:count])
            count -= len(stretch.followed)
        return found

    def _stretches_below(self, start: int) -> Iterator[Stretch]:
        """The stretches of the version before from a statement on; the one it stands in is cut there."""
        for stretch in self._stretches:
            if start <= 0:
                yield stretch
            elif start < len(stretch.followed):
                yield Stretch(stretch.followed[start:])
            start -= len(stretch.followed)

    def _undisturbed(self, stretch: Stretch, differing: frozenset[Key], shifted: Set[str]) -> bool:
        """Whether each statement of a stretch does what it did, where these keys differ and these texts moved."""
        return (
            not stretch.broken
            and differing.isdisjoint(stretch.reads)
            and stretch.texts.isdisjoint(shifted)
            and self._holds(stretch.needs)
        )

    def _unchanged_above(self, parsed: Sequence[Parsed]) -> int:
        """How many statements from the start are as they were, together with the files they need."""
        old = self._followed
        count = common_start(self._parsed, parsed)
        number = 0
        for stretch in self._stretches:
            if number >= count:
                break
            if not self._holds(stretch.needs):
                needy = [at for at, each in enumerate(stretch.followed, number) if not self._holds(each.effects.needs)]
                count = min(count, *needy)
            number += len(stretch.followed)
        # What stands in for a broken statement depends on the one below.
        while count and old[count - 1].parsed.tree is None:
            count -= 1
        return count

    def _state_above(self, count: int) -> dict[Key, Entry]:
        """The state after so many statements of the version before."""
        start, state = self._above if self._above[0] <= count else (0, {})
        if start < count:
            state = {**state, **_writes(self._followed[start:count])}
        self._above = (count, state)
        return dict(state)

    def _holds(self, needs: Needs) -> bool:
        """Whether the files that were needed are as they were."""
        return self.modules.hold(needs)

    def _step(self, number: int, unit: Unit, now: _Version) -> Followed:
        """Runs a statement on the state, or recalls what it does to it."""
        parsed = now.parsed[number]
        if parsed.tree is None:
            return self._broken_step(number, unit, now)
        known = now.known.get(unit)
        if known is not None and known.parsed == parsed:
            # Even if it was parsed anew since: what is remembered knows functions by the nodes of the old tree.
            parsed, outline, memos = known.parsed, known.outline, known.memos
        else:
            outline, memos = Outline(parsed.tree), ()
        memos = self._recall(unit, outline, memos, now)
        return now.add(Followed(unit, parsed, outline.functions, outline, memos[0], memos, parsed))

    def _broken_step(self, number: int, unit: Unit, now: _Version) -> Followed:
        """What stood there keeps its effects while a statement does not parse; else its names become unknown."""
        parsed, cell = now.parsed[number], now.cells[number]
        index = number - now.cells.index(cell)
        old = [each.good for other, each in zip(self._cells, self._followed, strict=True) if other == cell]
        new = [each for other, each in zip(now.cells, now.parsed, strict=True) if other == cell]
        good = _stand_in(old, new, index) or parsed
        if good.tree is None:
            unknown: Delta = {(MAIN, name): UNKNOWN for name in _names_bound(parsed.text)}
            return now.add(Followed(unit, parsed, (), Outline(None), Effects(unit, {}, unknown), (), good))
        ran = Unit(MAIN, good.text, -1 - index)
        known = now.known.get(ran)
        outline, memos = (Outline(good.tree), ()) if known is None else (known.outline, known.memos)
        memos = self._recall(ran, outline, memos, now)
        effects = Effects(ran, {}, memos[0].writes, memos[0].events, needs=memos[0].needs)
        return now.add(Followed(unit, parsed, (), outline, effects, memos, good))

    def _recall(self, unit: Unit, outline: Outline, memos: tuple[Effects, ...], now: _Version) -> tuple[Effects, ...]:
        """The memos of a statement, that of this run first: one whose reads are as they were, else a new one."""
        state = now.state
        effects = self._remembered(memos, state)
        if effects is None:
            assert outline.tree is not None  # there is nothing to run where nothing parses
            effects = run(unit, outline.tree, state, Imports(self.modules, now.path))
        return _first(effects, memos)

    def _remembered(self, memos: tuple[Effects, ...], state: dict[Key, Entry]) -> Effects | None:
        for effects in memos:
            if self._holds(effects.needs) and all(
                state.get(key) is entry or state.get(key) == entry for key, entry in effects.reads.items()
            ):
                return effects
        return None

    def _follow_uncalled(
        self, now: _Version, stretches: Sequence[Stretch], differing: frozenset[Key], cancelled: Callable[[], bool]
    ) -> dict[Hashable, tuple[Effects, ...]]:
        """What functions do that nothing was seen to call."""
        entered: frozenset[Place] = frozenset().union(*[stretch.entered for stretch in stretches])
        found: dict[Hashable, tuple[Effects, ...]] = {}
        for stretch in stretches:
            for place, node, owner in stretch.functions:
                if cancelled():
                    raise Cancelled
                if place in entered:
                    continue
                unit = place.unit
                key = (unit, owner, node.name, node.lineno)
                memos = self._assumed.get(key, ())
                if memos and differing.isdisjoint(memos[0].keys) and self._holds(memos[0].needs):
                    found[key] = memos
                    continue
                effects = self._remembered(memos, now.state)
                if effects is None:
                    effects = assume(unit, node, owner, now.state, Imports(self.modules, now.path))
                found[key] = _first(effects, memos)
        return found


class _Version:
    """A version of a document while it is followed: its statements, each with its cell, and what they did so far."""

    def __init__(self, path: str, cells: list[int], parsed: list[Parsed]) -> None:
        self.path = path
        self.cells = cells
        self.parsed = parsed
        self.followed: list[Followed] = []
        self.known: dict[Unit, Followed] = {}
        """What was followed of the version before and may be found again, by what ran."""
        self._below: Sequence[Followed] = ()
        self.same_above = self.same_below = 0
        """How many statements at the start and at the end are followed as in the version before."""
        self._state: dict[Key, Entry] = {}
        self._applied = 0

    def begin(self, above: Sequence[Followed], state: dict[Key, Entry], below: Sequence[Followed]) -> None:
        """Takes over what is above the first change, and the state it leads to; what is below is known only."""
        self.followed = list(above)
        self.same_above = len(self.followed)
        self._below = below
        self._state, self._applied = state, len(above)

    def know_below(self) -> None:
        """From here on all of that may be found again: most edits change none of it."""
        if self._below:
            self.known, self._below = _by_unit(self._below), ()

    def add(self, followed: Followed) -> Followed:
        self.followed.append(followed)
        return followed

    @property
    def state(self) -> dict[Key, Entry]:
        """The state after all that was followed so far; brought up to date when it is asked for."""
        self._state.update(_writes(self.followed[self._applied :]))
        self._applied = len(self.followed)
        return self._state


def _by_unit(followed: Iterable[Followed]) -> dict[Unit, Followed]:
    return {_ran(each): each for each in followed}


def _ran(followed: Followed) -> Unit:
    """The statement that ran, which is another one where a broken one stands."""
    return followed.memos[0].unit if followed.memos else followed.unit


def _writes(followed: Iterable[Followed]) -> Delta:
    """What statements did to the state, one after the other."""
    done: Delta = {}
    for each in followed:
        done.update(each.effects.writes)
    return done


def _differing(differing: frozenset[Key], old: Delta, new: Delta) -> frozenset[Key]:
    """The keys whose entries may differ from the version before, after `old` was done there and `new` is done here."""
    same = [key for key, entry in new.items() if key in old and (old[key] is entry or old[key] == entry)]
    return differing.union(old, new).difference(same)


def _first(effects: Effects, memos: tuple[Effects, ...]) -> tuple[Effects, ...]:
    """The memos with one of them, or a new one, in front."""
    return (effects, *(other for other in memos if other is not effects))[:MAX_MEMOS]


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
    return Module(document, state, homes, imports.all())


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
                torch_modules.emit_built(interpreter, own, cls, node)
            args.append(own)
            static = any(getattr(decorator, "id", "") == "staticmethod" for decorator in node.decorator_list)
            args = [] if static else args
        if node.decorator_list and (not isinstance(function, Function) or function.node is not node):
            # What its decorators made of it is known under its name.
            home = interpreter.frame.id
            function = Function(
                interpreter.origin(node), node.name, home, interpreter.defaults_of(node.args), node=node
            )
        if not isinstance(function, Function) or function.node is not node:
            return
        args += [_given(interpreter, node, name) for name in names[len(args) :]]
        keywords = {argument.arg: _given(interpreter, node, argument.arg) for argument in arguments.kwonlyargs}
        interpreter.enter(function, node, args, keywords, True)

    _guarded(interpreter, node, enter)
    return replace(_seen(interpreter), writes={}, entered=frozenset())


def _given(interpreter: Interpreter, node: ast.AST, name: str) -> Value:
    return interpreter.alloc(node, Opaque(label=name, assumed=True), ("given", name))


def _guarded(interpreter: Interpreter, node: ast.stmt, follow: Callable[[], None]) -> None:
    """No program makes the analysis fail: what is too much for it is not followed."""
    interpreter.passes = []
    interpreter.guards = 0
    interpreter.statement = node
    try:
        follow()
    except (Exhausted, RecursionError):
        del interpreter.frames[1:]
        interpreter.loops.clear()
        interpreter.unfollowed(node, "too large")
        while interpreter.state.depth > 1:
            interpreter.state.pop()
        for part in walk(node):
            if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store):
                interpreter.bind(part.id, UNKNOWN)


def _seen(interpreter: Interpreter) -> Effects:
    state, unit = interpreter.state, interpreter.unit
    return Effects(
        unit,
        state.reads,
        state.writes(),
        tuple(interpreter.events),
        interpreter.sightings,
        frozenset([place.unit for place in interpreter.sightings if place.unit is not unit]) - {unit},
        frozenset(interpreter.entered),
        interpreter.calls,
        interpreter.imports.all(),
        interpreter.names,
        interpreter.attributes,
        interpreter.earlier,
    )


def _stand_in(old: Sequence[Parsed], new: Sequence[Parsed], index: int) -> Parsed | None:
    """The statement that stood where a broken one stands now, if those before it are as they were."""
    if index >= len(old):
        return None
    for before, after in zip(old[:index], new[:index], strict=True):
        if before.text != after.text and after.tree is not None:
            return None
    if index + 1 < len(new) and new[index + 1].text == old[index].text:
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


__all__ = ["Cancelled", "Program", "Trace", "call_sites", "unfollowed", "unfollowed_statements"]
