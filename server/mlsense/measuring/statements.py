"""Which statements of a program make a value: those alone are repeated."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlsense.semantics.events import Called
from mlsense.semantics.values import MAIN, Data, Ref, Symbol

if TYPE_CHECKING:
    from collections.abc import Collection, Hashable, Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.trace import Effects

    Key = Hashable

# What they change is not among the values that are followed, and matters to all that comes after.
_AROUND = frozenset(("numpy.random.seed", "random.seed", "os.chdir", "sklearn.set_config"))
_COMPOUND = (ast.If, ast.For, ast.While, ast.Try, ast.With, ast.Match)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A name as it is before the statement of that number."""

    name: str
    number: int


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement to repeat, as the user wrote it. `may_move`: it means the same when it is indented."""

    text: str
    tree: ast.stmt
    may_move: bool


def free_names(node: ast.AST) -> frozenset[str]:
    """The names that an expression, function or class reads and does not bind itself."""
    names = [each for each in ast.walk(node) if isinstance(each, ast.Name)]
    bound = {each.id for each in names if not isinstance(each.ctx, ast.Load)}
    bound |= {each.arg for each in ast.walk(node) if isinstance(each, ast.arg)}
    return frozenset(each.id for each in names) - bound


def needed(trace: Trace, wanted: Collection[Wanted], leaking: Collection[int]) -> tuple[Statement, ...] | None:
    """The statements that make all that is wanted, in their order.

    None where one of them is among those that leak, cannot be taken as it stands, or changes what must stay as it is.
    """
    found = _closure(trace, wanted)
    seeds = {number for number in _around(trace) if number < max((each.number for each in wanted), default=0)}
    found |= seeds | _closure(trace, _reads(trace, seeds))
    if found & set(leaking) or any(_changed(trace, each, number) for each in wanted for number in found):
        return None
    statements = [_statement(trace, number) for number in sorted(found)]
    taken = [statement for statement in statements if statement is not None]
    return tuple(taken) if len(taken) == len(statements) else None


def unchanged(trace: Trace, wanted: Collection[Wanted], end: int) -> bool:
    """Whether all that is wanted is still the same after the statement of that number."""
    return not any(_changed(trace, each, number) for each in wanted for number in range(each.number, end + 1))


def value_before(trace: Trace, name: str, number: int) -> object:
    """What a name of the program is before a statement, as far as it is followed."""
    key = (MAIN, name)
    for earlier in range(number - 1, -1, -1):
        writes = trace.followed[earlier].effects.writes
        if key in writes:
            return writes[key]
    return None


def changes(effects: Effects) -> Iterator[Key]:
    """What a statement changed. That rows turned out to be features or a target changes nothing."""
    for key, after in effects.writes.items():
        before = effects.reads.get(key)
        if isinstance(before, Data) and isinstance(after, Data) and replace(before, role=after.role) == after:
            continue
        yield key


def _changed(trace: Trace, wanted: Wanted, number: int) -> bool:
    """Whether a statement that comes later changes what is wanted."""
    if number < wanted.number:
        return False
    keys = {(MAIN, wanted.name), value_before(trace, wanted.name, wanted.number)}
    return any(key in keys for key in changes(trace.followed[number].effects))


def _closure(trace: Trace, wanted: Collection[Wanted] | Collection[tuple[Key, int]]) -> set[int]:
    """The numbers of the statements that make what is wanted, and what they read in turn."""
    todo: list[tuple[Key, int]] = []
    for each in wanted:
        todo.append(((MAIN, each.name), each.number) if isinstance(each, Wanted) else each)
    seen: set[tuple[Key, int]] = set()
    found: set[int] = set()
    while todo:
        key, before = todo.pop()
        if (key, before) in seen:
            continue
        seen.add((key, before))
        for number in range(before - 1, -1, -1):
            followed = trace.followed[number]
            if key not in set(changes(followed.effects)):
                continue
            value = followed.effects.writes[key]
            if isinstance(value, Ref):
                # What it refers to may have been changed since.
                todo.append((value, before))
            if number not in found:
                found.add(number)
                todo += _reads(trace, {number})
            tree = followed.parsed.tree
            if not isinstance(key, Ref) and not isinstance(tree, _COMPOUND):
                break
    return found


def _reads(trace: Trace, numbers: Collection[int]) -> list[tuple[Key, int]]:
    found: list[tuple[Key, int]] = []
    for number in numbers:
        followed = trace.followed[number]
        found += [(key, number) for key in followed.effects.reads]
        if isinstance(followed.parsed.tree, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            # What it reads when it is called is not read by its definition.
            found += [((MAIN, name), len(trace.followed)) for name in free_names(followed.parsed.tree)]
    return found


def _around(trace: Trace) -> Iterator[int]:
    for number, followed in enumerate(trace.followed):
        tree = followed.parsed.tree
        if isinstance(tree, ast.Expr) and isinstance(tree.value, ast.Call):
            called = (event.callee for event in followed.effects.events if isinstance(event, Called))
            known = any(isinstance(callee, Symbol) and callee.name in _AROUND for callee in called)
            if known or ast.unparse(tree.value.func).startswith("sys.path."):
                yield number
        elif isinstance(tree, ast.ImportFrom) and tree.module == "sklearn.experimental":
            yield number


def _statement(trace: Trace, number: int) -> Statement | None:
    cell, statement = trace.statements[number]
    parsed = trace.followed[number].parsed
    text = trace.source(cell).text[statement.start : statement.start + len(parsed.text)]
    if parsed.tree is None or text != parsed.text:
        return None
    strings = (node for node in ast.walk(parsed.tree) if isinstance(node, (ast.Constant, ast.JoinedStr)))
    long = any(node.end_lineno != node.lineno for node in strings)
    return Statement("\n".join(text.strip().splitlines()), parsed.tree, not long)
