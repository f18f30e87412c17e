"""A name is used above the line, or the cell, that gives it a value."""

from __future__ import annotations

import ast
import builtins
from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.reading import location, related, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.values import MAIN, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.trace import Effects
    from mlsense.semantics.values import Unit

_KNOWN = frozenset((*dir(builtins), "__file__", "__name__", "__doc__", "display", "get_ipython", "In", "Out", "_"))
_LATER = (ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.IfExp, ast.BoolOp, ast.NamedExpr)


def check(trace: Trace) -> Iterator[Draft]:
    missing = trace.kept(_missing, _missing)
    if not missing or trace.broken or trace.names_may_appear:
        return
    told: set[str] = set()
    for unit, name in missing:
        number = trace.order.get(unit)
        place = _read(trace, unit, name) if number is not None and name not in told else None
        found = location(trace, place)
        uses = [each for each, mention in trace.uses.get(name, ()) if not mention.reads]
        bound = sorted(order for each in uses if (order := trace.order.get(each)) is not None)
        if number is None or place is None or found is None or not bound or bound[0] <= number:
            continue
        tree = trace.followed[bound[0]].parsed.tree
        if not isinstance(tree, (ast.Assign, ast.AnnAssign)) or _comes_from_elsewhere(trace, name):
            continue
        told.add(name)
        there = Place.of(trace.followed[bound[0]].unit, tree)
        cells = trace.document.kind == "notebook" and trace.statements[bound[0]][0] != found.cell
        run = "when the cells are run from the top" if cells else "when it is run"
        yield Draft(
            f"`{name}` gets its value {where(trace, there, place)}, below this line: {run}, it raises NameError here. "
            f"Move the line that gives it a value up.",
            found,
            related(trace, (there, f"`{name}` gets its value here")),
        )


def _missing(effects: Effects) -> list[tuple[Unit, str]]:
    """The names that a statement read, and that nothing had bound."""
    return [
        (effects.unit, key[1])
        for key, entry in effects.reads.items()
        if entry is None and isinstance(key, tuple) and len(key) == 2 and key[0] == MAIN and _may_be_missing(key[1])
    ]


def _may_be_missing(name: object) -> bool:
    return isinstance(name, str) and name.isidentifier() and name not in _KNOWN


def _read(trace: Trace, unit: Unit, name: str) -> Place | None:
    """Where a plain statement reads a name, whatever else happens."""
    tree = trace.followed[trace.order[unit]].parsed.tree
    if not isinstance(tree, (ast.Assign, ast.AnnAssign, ast.AugAssign, ast.Expr)):
        return None
    node = next(_certain(tree, name), None)
    return Place.of(unit, node) if node is not None else None


def _certain(node: ast.AST, name: str) -> Iterator[ast.Name]:
    if isinstance(node, _LATER):
        return
    if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
        yield node
    for child in ast.iter_child_nodes(node):
        yield from _certain(child, name)


def _comes_from_elsewhere(trace: Trace, name: str) -> bool:
    """Whether an import, a definition or a function that says `global` may bring the name."""
    for each in trace.followed:
        tree = each.parsed.tree
        if isinstance(tree, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) and tree.name == name:
            return True
        for node in ast.walk(tree) if tree is not None else ():
            if isinstance(node, ast.Global) and name in node.names:
                return True
            if isinstance(node, (ast.Import, ast.ImportFrom)) and any(
                (alias.asname or alias.name.partition(".")[0]) == name for alias in node.names
            ):
                return True
    return False


RULE = Rule(
    name="undefined-in-order",
    family="notebook",
    severity=Severity.ERROR,
    summary="A name is used above the line, or the cell, that gives it a value.",
    finds="""
        Names that a line at the top level reads, that nothing above it binds, and that a line or a cell further down
        does: in a notebook whose cells were run in another order than they stand in, and in scripts.
        """,
    matters="""
        In the session where it was written the name was there, left over from a cell that has been moved since. Run
        from the top, by a colleague, a server or oneself next week, the notebook stops with NameError.
        """,
    silent="""
        Names in functions, which are looked up when these are called; names that a branch, an import, a definition, a
        `global` or a magic may bring; `import *` of what is not known; notebooks with a cell that does not parse.
        """,
    repair="There is none: what has to move with the line, only you know.",
    raises=("NameError",),
    bad=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import Ridge

            # %%
            model = Ridge().fit(X, y)  # <- undefined-in-order

            # %%
            X, y = load_wine(return_X_y=True)
            """
        ),
        example(
            """
            import pandas as pd

            houses = pd.DataFrame({"area": [50, 60], "price": [100, 120]})
            small = houses[houses["area"] < limit]  # <- undefined-in-order
            limit = 55
            print(small)
            """
        ),
        example(
            """
            def score(values):
                return sum(values) / len(values)


            print(score(values=scores))  # <- undefined-in-order
            scores = [0.8, 0.9]
            """
        ),
        example(
            """
            total = start + 3  # <- undefined-in-order
            start = 0
            print(total)
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            model = DecisionTreeClassifier().fit(X, y)
            X = X[:5]
            """
        ),
        example(
            """
            def report():
                print(limit)


            limit = 55
            report()
            """
        ),
        example(
            """
            try:
                print(cache)
            except NameError:
                cache = {}
            cache = dict(cache)
            """
        ),
        example(
            """
            def start():
                global counter
                counter = 1


            start()
            print(counter)
            counter = 2
            """
        ),
        example(
            """
            for number in range(3):
                pass
            print(number)
            squares = [each * each for each in range(3)]
            print(squares)
            each = 4
            """
        ),
        example(
            """
            print("plain" if True else later)
            later = 3
            """
        ),
    ),
    check=check,
)
