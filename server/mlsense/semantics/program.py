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
from mlsense.semantics.modules import Home, Imports, Module, Modules, NoWorkspace
from mlsense.semantics.state import Delta, Entry, Key, State
from mlsense.semantics.trace import Effects, Outline, Step, Trace, call_sites, unfollowed
from mlsense.semantics.values import MAIN, UNKNOWN, ClassValue, Function, Opaque, Place, Unit, Value
from mlsense.syntax import Split, Statement, script, split, statements

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterable, Sequence

    from mlsense.semantics.trace import AnyFunction
    from mlsense.syntax import Document

MAX_MEMOS = 3

Placed = tuple[int, Statement]
"""A statement with the index of its cell."""


class Cancelled(Exception):
    """The analysis was given up because a newer version is wanted."""


@dataclass(slots=True)
class Program:
    """One document through its versions. Not safe for use by two threads at once."""

    modules: Modules = field(default_factory=lambda: Modules(NoWorkspace(), follow_module))
    _splits: dict[int, Split] = field(default_factory=dict)
    _steps: tuple[Step, ...] = ()
    _assumed: dict[Hashable, tuple[Effects, ...]] = field(default_factory=dict)

    def follow(self, document: Document, cancelled: Callable[[], bool] = lambda: False) -> Trace:
        """Raises Cancelled when `cancelled()` turns true between two statements."""
        self.modules.refresh()
        steps, state = self._follow(document.path, self._placed(document), cancelled)
        self._assumed = self._follow_uncalled(document.path, steps, state, cancelled)
        self._steps = steps
        return Trace(document, steps, tuple(memos[0] for memos in self._assumed.values()))

    def _placed(self, document: Document) -> list[Placed]:
        """The statements of all code cells, found with the help of those of the version before."""
        kept = {(old.dialect, old.text): old for old in self._splits.values()}
        splits: dict[int, Split] = {}
        for cell in document.cells:
            if cell.kind == "code":
                same = kept.get((cell.dialect, cell.source.text))
                splits[cell.index] = split(cell, self._splits.get(cell.index)) if same is None else same
        self._splits = splits
        return [(index, statement) for index, found in splits.items() for statement in found.statements]

    def _follow(
        self, path: str, placed: list[Placed], cancelled: Callable[[], bool]
    ) -> tuple[tuple[Step, ...], dict[Key, Entry]]:
        """The steps of all statements, and the state they end in.

        Those above the first change are the steps of the version before. Those below the last change are too, unless
        they read what differs from what was there before, or a statement of the same text was added or removed above.
        """
        old = self._steps
        head = self._unchanged_above(old, placed)
        tail = _unchanged_below(old, placed, head)
        steps = list(old[:head])
        now = _Version(path, placed, old, {_ran(step): step for step in old[head:]}, _writes(steps))
        counts = Counter([step.unit.text for step in steps])
        for number in range(head, len(placed) - tail):
            if cancelled():
                raise Cancelled
            text = placed[number][1].parsed.text
            steps.append(self._step(number, Unit(MAIN, text, counts[text]), now))
            counts[text] += 1
        replaced, new = old[head : len(old) - tail], steps[head:]
        differing = _differing(frozenset(), _writes(replaced), _writes(new))
        shifts = Counter([step.unit.text for step in new])
        shifts.subtract([step.unit.text for step in replaced])
        for number in range(len(placed) - tail, len(placed)):
            if cancelled():
                raise Cancelled
            before = old[number - len(placed)]
            shift = shifts[before.unit.text]
            if before.home is not None and not shift and self._stands(before.effects, differing):
                step = _moved(before, placed[number])
                now.state.update(step.effects.writes)
                differing = differing and differing.difference(step.effects.writes)
            else:
                step = self._step(number, before.unit._replace(occurrence=before.unit.occurrence + shift), now)
                differing = _differing(differing, before.effects.writes, step.effects.writes)
            steps.append(step)
        return tuple(steps), now.state

    def _unchanged_above(self, old: Sequence[Step], placed: Sequence[Placed]) -> int:
        """How many steps from the start can be taken over as they are."""
        count = 0
        for step, (cell, statement) in zip(old, placed, strict=False):
            same = step.statement is statement or step.statement == statement
            if not same or step.cell != cell or not self._holds(step.effects):
                break
            count += 1
        # What stands in for a broken statement depends on the one below.
        while count and old[count - 1].home is None:
            count -= 1
        return count

    def _stands(self, effects: Effects, differing: frozenset[Key]) -> bool:
        """Whether nothing that was read can have changed."""
        return (not differing or differing.isdisjoint(effects.keys)) and self._holds(effects)

    def _holds(self, effects: Effects) -> bool:
        """Whether the files that were needed are as they were."""
        return not effects.needs or all(self.modules.find(request) is found for request, found in effects.needs)

    def _step(self, number: int, unit: Unit, now: _Version) -> Step:
        """Runs a statement on the state, or recalls what it does to it."""
        cell, statement = now.placed[number]
        parsed = statement.parsed
        if parsed.tree is None:
            return self._broken_step(number, unit, now)
        known = now.known.get(unit)
        if known is not None and known.home is not None and known.home.parsed == parsed:
            # Even if it was parsed anew since: what is remembered knows functions by the nodes of the old tree.
            parsed, outline, memos = known.home.parsed, known.outline, known.memos
        else:
            outline, memos = Outline(parsed.tree), ()
        memos = self._recall(unit, outline, memos, now)
        return Step(cell, statement, unit, Home(cell, statement.start, parsed), outline, memos[0], memos, statement)

    def _broken_step(self, number: int, unit: Unit, now: _Version) -> Step:
        """What stood there keeps its effects while a statement does not parse; else its names become unknown."""
        cell, statement = now.placed[number]
        index = sum(other == cell for other, _ in now.placed[:number])
        old = [step.good for step in now.old if step.cell == cell]
        good = _stand_in(old, [each for other, each in now.placed if other == cell], index) or statement
        if good.parsed.tree is not None:
            ran = Unit(MAIN, good.parsed.text, -1 - index)
            known = now.known.get(ran)
            outline, memos = (Outline(good.parsed.tree), ()) if known is None else (known.outline, known.memos)
            memos = self._recall(ran, outline, memos, now)
            effects = Effects(ran, {}, memos[0].writes, memos[0].events, needs=memos[0].needs)
        else:
            outline, memos = Outline(None), ()
            effects = Effects(unit, {}, {(MAIN, name): UNKNOWN for name in _names_bound(statement.parsed.text)})
            now.state.update(effects.writes)
        return Step(cell, statement, unit, None, outline, effects, memos, good)

    def _recall(self, unit: Unit, outline: Outline, memos: tuple[Effects, ...], now: _Version) -> tuple[Effects, ...]:
        """The memos of a statement, that of this run first: one whose reads are as they were, else a new one."""
        effects = self._remembered(memos, now.state)
        if effects is None:
            assert outline.tree is not None  # there is nothing to run where nothing parses
            effects = run(unit, outline.tree, now.state, Imports(self.modules, now.path))
        now.state.update(effects.writes)
        return _first(effects, memos)

    def _remembered(self, memos: tuple[Effects, ...], state: dict[Key, Entry]) -> Effects | None:
        for effects in memos:
            if self._holds(effects) and all(
                state.get(key) is entry or state.get(key) == entry for key, entry in effects.reads.items()
            ):
                return effects
        return None

    def _follow_uncalled(
        self, path: str, steps: Sequence[Step], state: dict[Key, Entry], cancelled: Callable[[], bool]
    ) -> dict[Hashable, tuple[Effects, ...]]:
        """What functions do that nothing was seen to call."""
        entered = frozenset().union(*(step.effects.entered for step in steps if step.home is not None))
        found: dict[Hashable, tuple[Effects, ...]] = {}
        for step in steps:
            for node, owner in step.outline.functions if step.home is not None else ():
                if cancelled():
                    raise Cancelled
                end = (node.end_lineno or node.lineno, node.end_col_offset or 0)
                if Place(step.unit, node.lineno, node.col_offset, *end) not in entered:
                    key = (step.unit, owner, node.name, node.lineno)
                    memos = self._assumed.get(key, ())
                    effects = self._remembered(memos, state)
                    if effects is None:
                        effects = assume(step.unit, node, owner, state, Imports(self.modules, path))
                    found[key] = _first(effects, memos)
        return found


@dataclass(frozen=True, slots=True)
class _Version:
    """A version of a document while it is followed: its statements, the steps of the one before, the state."""

    path: str
    placed: Sequence[Placed]
    old: Sequence[Step]
    known: dict[Unit, Step]
    state: dict[Key, Entry]


def _ran(step: Step) -> Unit:
    """The statement that ran, which is another one where a broken one stands."""
    return step.memos[0].unit if step.memos else step.unit


def _writes(steps: Iterable[Step]) -> Delta:
    """What steps did to the state, one after the other."""
    done: Delta = {}
    for step in steps:
        done.update(step.effects.writes)
    return done


def _differing(differing: frozenset[Key], old: Delta, new: Delta) -> frozenset[Key]:
    """The keys whose entries may differ from the version before, after `old` was done there and `new` is done here."""
    same = [key for key, entry in new.items() if key in old and (old[key] is entry or old[key] == entry)]
    return differing.union(old, new).difference(same)


def _unchanged_below(old: Sequence[Step], placed: Sequence[Placed], above: int) -> int:
    """How many statements at the end are those of the version before, wherever they stand now."""
    count, most = 0, min(len(old), len(placed)) - above
    while count < most:
        before, now = old[-1 - count].statement.parsed, placed[-1 - count][1].parsed
        if before is not now and before != now:
            break
        count += 1
    return count


def _moved(step: Step, placed: Placed) -> Step:
    """The step of a statement that stands elsewhere now."""
    cell, statement = placed
    if step.home is None or (step.cell == cell and step.statement.start == statement.start):
        return step
    home = Home(cell, statement.start, step.home.parsed)
    return Step(cell, statement, step.unit, home, step.outline, step.effects, step.memos, statement)


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
    return replace(_seen(interpreter), writes={}, entered=frozenset())


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
    state, unit = interpreter.state, interpreter.unit
    return Effects(
        unit,
        state.reads,
        state.writes(),
        tuple(interpreter.events),
        interpreter.sightings,
        frozenset(place.unit for place in interpreter.sightings if place.unit is not unit and place.unit != unit),
        frozenset(interpreter.entered),
        interpreter.calls,
        tuple(interpreter.imports.needs.items()),
    )


def _stand_in(old: Sequence[Statement], new: Sequence[Statement], index: int) -> Statement | None:
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


__all__ = ["Cancelled", "Program", "Trace", "call_sites", "unfollowed"]
