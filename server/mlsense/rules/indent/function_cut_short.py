"""A function's body ends too early: the lines below it run at import and use names that only the function has."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Edit, Fix, Severity
from mlsense.rules.reading import location, place_in, related, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.values import MAIN, Place
from mlsense.syntax import walk
from mlsense.text import TextEdit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsense.semantics.program import Trace
    from mlsense.semantics.trace import AnyFunction, Effects
    from mlsense.semantics.values import Unit

BUILT_IN = frozenset((*dir(builtins), "__file__", "__doc__", "__name__", "__spec__", "__loader__", "__package__"))
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# How many statements may stand between a function and the line that belongs into it.
FARTHEST = 20
Block = list[tuple[ast.stmt, Place]]


def check(trace: Trace) -> Iterator[Draft]:
    missing = trace.kept("read though nothing binds it", _unbound)
    if not missing or trace.broken or trace.names_may_appear:
        return
    told: set[Place] = set()
    for unit in dict.fromkeys(unit for unit, _ in missing):
        names = {name for other, name in missing if other == unit}
        for block, index in _blocks(trace, unit):
            part, place = block[index]
            function = _above(block, index)
            if function is None or isinstance(part, (*FUNCTIONS, ast.ClassDef)):
                continue
            own, home = function
            used = _first_of(trace, part, names & _own_names(own))
            if used is None or home in told or _own(own, used.id):
                continue
            told.add(home)
            found = location(trace, place_in(place, used))
            if found is None:
                continue
            leaves = isinstance(part, ast.Return)
            known = "a parameter of" if used.id in _parameters(own) else "known only inside"
            crash = "raises `SyntaxError`" if leaves else "runs when the file does, and raises `NameError`"
            yield Draft(
                f"`{used.id}` is {known} `{own.name}` {where(trace, home, place)}, but this line stands outside its "
                f"body: it {crash}. Move it, and what belongs to it, into `def {own.name}`.",
                found,
                related(trace, (_name_of(own, home), f"`{own.name}` ends above this line")),
                _back_into(trace, own, home, block, index),
            )


def _unbound(effects: Effects) -> Iterator[tuple[Unit, str]]:
    """The names that a statement reads and that nothing above binds."""
    for key, entry in effects.reads.items():
        if entry is None and isinstance(key, tuple) and key[0] == MAIN:
            name = key[1]
            if isinstance(name, str) and name.isidentifier() and name not in BUILT_IN:
                yield effects.unit, name


def _blocks(trace: Trace, unit: Unit) -> Iterator[tuple[Block, int]]:
    """The statement among those of its cell, and the members of a class among each other."""
    number = trace.order.get(unit)
    tree = trace.followed[number].parsed.tree if number is not None else None
    if number is None or tree is None or isinstance(tree, FUNCTIONS):
        return
    if isinstance(tree, ast.ClassDef):
        members = [(part, Place.of(unit, part)) for part in tree.body]
        yield from ((members, index) for index in range(len(members)))
        return
    cell, first = trace.statements[number][0], number
    while first and trace.statements[first - 1][0] == cell and not isinstance(_tree(trace, first), FUNCTIONS):
        first -= 1
        if number - first > FARTHEST:
            return
    last = number
    while last + 1 < len(trace.followed) and trace.statements[last + 1][0] == cell and last < number + FARTHEST:
        last += 1
    block: Block = []
    for each in trace.followed[first : last + 1]:
        if each.parsed.tree is not None:
            block.append((each.parsed.tree, Place.of(each.unit, each.parsed.tree)))
    yield block, number - first


def _tree(trace: Trace, number: int) -> ast.stmt | None:
    return trace.followed[number].parsed.tree


def _above(block: Block, index: int) -> tuple[AnyFunction, Place] | None:
    """The function right above, if its own body does not end by leaving it."""
    for part, place in reversed(block[:index]):
        if isinstance(part, FUNCTIONS):
            leaves = isinstance(part.body[-1], (ast.Return, ast.Raise)) or _is_stub(part)
            return None if leaves else (part, place)
        if not isinstance(
            part, (ast.Expr, ast.Assign, ast.AugAssign, ast.For, ast.While, ast.If, ast.With, ast.Return)
        ):
            return None
    return None


def _is_stub(function: AnyFunction) -> bool:
    """`pass`, `...` or a docstring alone: nobody has begun to write it."""
    return all(
        isinstance(part, ast.Pass) or (isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant))
        for part in function.body
    )


def _parameters(function: AnyFunction) -> set[str]:
    given = function.args
    parameters = [*given.posonlyargs, *given.args, *given.kwonlyargs]
    parameters += [extra for extra in (given.vararg, given.kwarg) if extra is not None]
    return {each.arg for each in parameters}


def _own_names(function: AnyFunction) -> set[str]:
    """Its parameters, and what its body binds."""
    return _parameters(function) | {name for part in function.body for name in _binds(part)}


def _own(function: AnyFunction, name: str) -> bool:
    """Whether the function makes the name one of the module."""
    return any(isinstance(part, ast.Global) and name in part.names for part in walk(function))


def _first_of(trace: Trace, part: ast.stmt, names: set[str]) -> ast.Name | None:
    """The first of the names that the statement itself reads, not a function or comprehension inside it."""
    bound = {each.arg for each in walk(part) if isinstance(each, ast.arg)}
    found = [each for each in walk(part) if isinstance(each, ast.Name) and each.id in names - bound]
    for each in sorted(found, key=lambda each: (each.lineno, each.col_offset)):
        if not _bound_somewhere(trace, each.id):
            return each
    return None


def _bound_somewhere(trace: Trace, name: str) -> bool:
    """Whether a statement of the module itself may bind the name, in whatever cell it stands."""
    return any(
        name in _binds(statement.parsed.tree) for _, statement in trace.statements if statement.parsed.tree is not None
    )


def _binds(tree: ast.stmt) -> Iterator[str]:
    """What a statement binds where it stands; what functions in it bind is their own."""
    parts: list[ast.AST] = [tree]
    for part in parts:
        if isinstance(part, (*FUNCTIONS, ast.ClassDef)):
            yield part.name
            if isinstance(part, ast.ClassDef):
                continue
            yield from (name for each in walk(part) if isinstance(each, ast.Global) for name in each.names)
            continue
        if isinstance(part, ast.Name) and not isinstance(part.ctx, ast.Load):
            yield part.id
        elif isinstance(part, ast.alias):
            yield (part.asname or part.name).partition(".")[0]
        elif isinstance(part, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and part.name is not None:
            yield part.name
        parts += ast.iter_child_nodes(part)


def _name_of(function: AnyFunction, home: Place) -> Place:
    return home._replace(
        line=function.lineno,
        column=function.col_offset,
        end_line=function.lineno,
        end_column=function.col_offset + 4 + len(function.name),
    )


def _back_into(trace: Trace, function: AnyFunction, home: Place, block: Block, index: int) -> Fix | None:
    """Takes what stands below the function, down to the last line that uses what it has, to the level of its body."""
    start = next(n for n, (part, _) in enumerate(block) if part is function) + 1
    names = _own_names(function)
    last = index
    for number in range(index + 1, len(block)):
        part = block[number][0]
        if isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Import, ast.ImportFrom)):
            break
        if isinstance(part, ast.Return) or (_reads(part) & names and not _calls(part, function.name)):
            last = number
            names |= {each.id for each in walk(part) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
        else:
            break
    return _indented(trace, place_in(home, function.body[-1]), block[start : last + 1])


def _reads(part: ast.stmt) -> set[str]:
    return {each.id for each in walk(part) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}


def _calls(part: ast.stmt, name: str) -> bool:
    return any(
        isinstance(each, ast.Call) and isinstance(each.func, ast.Name) and each.func.id == name for each in walk(part)
    )


def _indented(trace: Trace, body: Place, statements: Sequence[tuple[ast.stmt, Place]]) -> Fix | None:
    indent = editing.indentation(trace, body)
    if indent is None:
        return None
    edits: list[Edit] = []
    for part, place in statements:
        edit = editing.shifted(trace, place, part, indent)
        if edit is None:
            return None
        edits.append(Edit(edit.cell, TextEdit(edit.edit.span, edit.edit.new_text)))
    return Fix("Move it into the function", "safe", tuple(edits))


RULE = Rule(
    name="function-cut-short",
    family="indent",
    severity=Severity.ERROR,
    summary="Lines below a function use names that only the function has: they run with the file and raise NameError.",
    finds="""
        A line below a function, at the function's own level, that reads a parameter of it or a name that its body
        binds, where nothing in the whole file binds that name outside of functions, and the function's body does not
        end with a `return`. In a class, a line that reads `self` beside its methods.
        """,
    matters="""
        A line that lost its indentation ends the function above it, and all that follows runs when the file is
        imported, before anybody calls the function. Python stops with `NameError`, and the function without those
        lines gives back None.
        """,
    silent="""
        Names that a statement, an import or an assignment in any cell may bind; files with `import *` of what is not
        known, `exec`, `%run`, or lines that do not parse; functions that end with `return` or `raise`, or are empty.
        """,
    repair="""
        Moves the line, and those around it that use what the function has, to the level of its body. Safe: the file
        did not run to this line.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LogisticRegression


            def weights(rows, labels):
                model = LogisticRegression(max_iter=1000)
            model.fit(rows, labels)  # <- function-cut-short
            print(model.coef_.round(2))

            weights(*load_iris(return_X_y=True))
            """
        ),
        example(
            """
            import pandas as pd


            def clean(table):
                table = table.drop_duplicates()

            for column in table.columns:  # <- function-cut-short
                table[column] = table[column].fillna(0)


            clean(pd.DataFrame({"a": [1.0, None]}))
            """
        ),
        example(
            """
            class Mean:
                def __init__(self, values):
                    self.values = values
                self.total = sum(values)  # <- function-cut-short

                def result(self):
                    return self.total / len(self.values)


            print(Mean([1, 2]).result())
            """
        ),
        example(
            """
            import numpy as np


            def spread(samples, weights=None):
                centre = np.average(samples, weights=weights)
            # the mean squared distance to it
            squared = (samples - centre) ** 2  # <- function-cut-short
            print(np.average(squared, weights=weights))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LogisticRegression


            def weights(rows, labels):
                model = LogisticRegression(max_iter=1000)
                model.fit(rows, labels)
                print(model.coef_.round(2))

            weights(*load_iris(return_X_y=True))
            """
        ),
        example(
            """
            def show(rows):
                print(len(rows))


            rows = [1, 2, 3]
            print(rows)
            show(rows)
            """
        ),
        example(
            """
            from os import path


            def name(path):
                print(path)


            print(path.basename("a/b"))
            """
        ),
        example(
            """
            def each(row):
                print(row)


            for row in (1, 2):
                each(row)
            print([row * 2 for row in (1, 2)], (lambda row: row)(3))
            """
        ),
        example(
            """
            def set_up(seed):
                global state
                state = seed


            set_up(3)
            print(state)
            """
        ),
        example(
            """
            class Shape:
                sides = 0

                def area(self, sides):
                    print(self, sides)

                corners = sides


            print(Shape.corners)
            """
        ),
    ),
    raises=("NameError",),
    check=check,
    references=(
        "Python reference, [indentation](https://docs.python.org/3/reference/lexical_analysis.html#indentation)",
    ),
)
