"""A line that belongs into the loop stands below it: of all passes it collects, prints or draws the last one only."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import loops
from mlsense.rules.finding import Severity
from mlsense.rules.reading import location, place_in, related, short, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import code_of
from mlsense.semantics.events import Called, Looped
from mlsense.semantics.values import Data, ListObject, Method, Place, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace

# What changes nothing but what it gives back.
PURE = frozenset(
    """abs all any bool dict enumerate float format frozenset getattr int isinstance len list max min pow range reversed
    round set slice sorted str sum tuple type zip""".split()
)
PURE_LIBRARIES = ("numpy", "pandas", "scipy", "sklearn", "math", "statistics")
PASSED = (
    ast.Assign, ast.AugAssign, ast.AnnAssign, ast.Expr, ast.With, ast.If, ast.For, ast.Pass,
)  # fmt: skip


def check(trace: Trace) -> Iterator[Draft]:
    seen: set[Place] = set()
    for event in trace.that(_binds, Looped):
        if event.loop.header not in seen:
            seen.add(event.loop.header)
            yield from _collected(trace, event)
            yield from _shown(trace, event)


def _binds(event: Looped) -> bool:
    loop = event.loop
    several = loop.kind == "for" and loop.length not in (0, 1)
    return several and bool(event.bound) and not event.breaks and not event.otherwise


# --- a list that is to take in every pass ------------------------------------------------------------------


def _collected(trace: Trace, event: Looped) -> Iterator[Draft]:
    loop = event.loop
    below = loops.below(trace, loop)
    slipped: list[tuple[str, ast.stmt, Place]] = []
    rest: list[tuple[ast.stmt, Place]] = []
    for part, place in below:
        name = _taken_in(part)
        if name is None or not _is_slip(trace, event, name, part):
            rest = [(part, place)]
            break
        slipped.append((name, part, place))
    if not slipped or len({name for name, _, _ in slipped}) != len(slipped):
        return
    rest += below
    rest += loops.around_with(trace, loop, later=True)
    rest += _in_later_cells(trace, loop, {name for name, _, _ in slipped})
    readers = [_reader(trace, name, rest, isinstance(part, ast.AugAssign)) for name, part, _ in slipped]
    if None in readers:
        return
    statements = [(part, place) for _, part, place in slipped]
    fix = loops.into(trace, loop, statements, _title(slipped[0][1], len(slipped)))
    for (name, part, place), reader in zip(slipped, readers, strict=True):
        found = location(trace, place)
        if found is not None:
            yield Draft(
                f"`{_head(part)}` stands below `{loop.text}` {where(trace, loop.header, place)}, so it runs once: "
                f"`{name}` holds what the last {_passes(loop)} gave. Move it into the loop.",
                found,
                related(
                    trace, (loop.header, "this loop has a value in every pass"), (reader, "read here, with one value")
                ),
                fix,
            )


def _in_later_cells(trace: Trace, loop: Loop, names: set[str]) -> list[tuple[ast.stmt, Place]]:
    """The statements of the cells below that speak of these names, for a loop that stands in no other statement."""
    number = trace.order.get(loop.header.unit)
    if number is None or not isinstance(trace.node(loop.header), (ast.For, ast.AsyncFor)):
        return []
    cell, found = trace.statements[number][0], []
    units = dict.fromkeys(unit for name in names for unit, _ in trace.uses.get(name))
    for unit in units:
        other = trace.order.get(unit)
        tree = trace.followed[other].parsed.tree if other is not None else None
        if other is not None and tree is not None and trace.statements[other][0] > cell:
            found.append((other, tree, Place.of(unit, tree)))
    return [(tree, place) for _, tree, place in sorted(found, key=lambda each: each[0])]


def _is_slip(trace: Trace, event: Looped, name: str, part: ast.stmt) -> bool:
    node = loops.statement_of(trace, event.loop)
    if node is None or loops.uses_of(node, name) or not set(event.bound) & loops.names_in(part):
        return False
    adds = isinstance(part, ast.AugAssign)
    own = _own_names(trace, event) & loops.names_in(part)
    return bool(own) and _made_empty(trace, event.loop, name, adds)


def _own_names(trace: Trace, event: Looped) -> set[str]:
    """What the loop's passes bind, each for itself: not what was there before the first one."""
    names = set(event.bound)
    for part, _ in loops.above(trace, event.loop):
        names -= {use.id for use in ast.walk(part) if isinstance(use, ast.Name) and isinstance(use.ctx, ast.Store)}
    return names


def _taken_in(part: ast.stmt) -> str | None:
    """The list that a statement puts one thing into, or the number it adds to: `x.append(y)`, `x += y`."""
    if isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Add) and isinstance(part.target, ast.Name):
        return part.target.id
    value = part.value if isinstance(part, ast.Expr) else None
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "append":
        return value.func.value.id if isinstance(value.func.value, ast.Name) else None
    return None


def _made_empty(trace: Trace, loop: Loop, name: str, adds: bool) -> bool:
    """Whether the last that was done with a list or sum above the loop, in its block, is to make it empty or zero."""
    for part, _ in (*loops.above(trace, loop), *loops.around_with(trace, loop, later=False)):
        if loops.uses_of(part, name):
            return isinstance(part, ast.Assign) and all(_is_empty(each, adds) for each in _values_of(part, name))
    return False


def _values_of(part: ast.Assign, name: str) -> list[ast.expr | None]:
    """What a name is bound to: of `a, b = [], []` the part that it gets."""
    found: list[ast.expr | None] = []
    for target in part.targets:
        if isinstance(target, ast.Name):
            found.append(part.value)
        elif isinstance(target, (ast.Tuple, ast.List)) and isinstance(part.value, (ast.Tuple, ast.List)):
            pairs = zip(target.elts, part.value.elts, strict=False)
            found += [value for each, value in pairs if code_of(each) == name]
        else:
            found.append(None)
    return found


def _is_empty(value: ast.expr | None, adds: bool) -> bool:
    if adds:
        return isinstance(value, ast.Constant) and value.value == 0 and not isinstance(value.value, bool)
    called = isinstance(value, ast.Call) and not value.args and code_of(value.func) == "list"
    return called or (isinstance(value, ast.List) and not value.elts)


def _reader(trace: Trace, name: str, rest: Sequence[tuple[ast.stmt, Place]], adds: bool) -> Place | None:
    """Where a list is read further below, with one thing in it, or a sum, if nothing below puts more into it."""
    first: Place | None = None
    for part, place in rest:
        uses = loops.uses_of(part, name)
        if not uses:
            continue
        if loops.collects(part, name):
            return None
        use = uses[0]
        if first is None and adds:
            shared = isinstance(part, ast.AugAssign) and isinstance(part.op, ast.Div) and code_of(part.target) == name
            if not shared and not isinstance(use.ctx, ast.Load):
                return None
            first = place_in(place, use)
        elif first is None:
            seen = trace.sighting(place_in(place, use))
            thing = seen.object if seen is not None else None
            one = isinstance(thing, ListObject) and thing.items is not None and len(thing.items) == 1
            if not one or not isinstance(use.ctx, ast.Load) or _asks_for_one(part, name):
                return None
            first = place_in(place, use)
    return first


def _asks_for_one(part: ast.stmt, name: str) -> bool:
    """Whether of the list one thing is taken: `x[0]`, `x.pop()`."""
    for each in ast.walk(part):
        if isinstance(each, ast.Subscript) and code_of(each.value) == name:
            return True
        if isinstance(each, ast.Attribute) and code_of(each.value) == name:
            return True
    return False


# --- what is printed or drawn of the last pass --------------------------------------------------------------


def _shown(trace: Trace, event: Looped) -> Iterator[Draft]:
    loop = event.loop
    if loop.iterates == "loader":
        # The last batch is looked at, mostly to see of what kind batches are.
        return
    below = loops.below(trace, loop)
    part, place = next(below, (None, None))
    if part is None or place is None or not isinstance(part, ast.Expr) or not isinstance(part.value, ast.Call):
        return
    names = loops.names_in(part)
    targets = set(loop.targets) - set(event.bound)
    if not targets & names or not set(event.bound) & names or not _own_names(trace, event) & names:
        return
    verb = _shows(trace, part.value, place)
    if verb is None or not _without_effect(trace, event) or _scores(trace, event, part, place):
        return
    if any(targets & loops.names_in(other) for other, _ in below):
        return
    found = location(trace, place)
    if found is not None:
        yield Draft(
            f"`{_head(part)}` stands below `{loop.text}` {where(trace, loop.header, place)}, so it {verb} the last "
            f"{_passes(loop)} alone: nothing of the others is kept. Move it into the loop.",
            found,
            related(trace, (loop.header, "each pass takes the place of the one before")),
            loops.into(trace, loop, [(part, place)], _title(part, 1)),
        )


def _shows(trace: Trace, call: ast.Call, place: Place) -> str | None:
    if isinstance(call.func, ast.Name) and call.func.id == "print":
        return "prints"
    event = _calls(trace).get(place_in(place, call))
    callee = event.callee if event is not None else None
    drawn = isinstance(callee, Symbol) and callee.name.startswith("matplotlib.pyplot.")
    plots = ("plot", "scatter", "bar", "barh", "hist", "imshow", "fill_between", "errorbar")
    return "draws" if drawn and callee.name.rpartition(".")[2] in plots else None  # type: ignore[union-attr]


def _scores(trace: Trace, event: Looped, part: ast.stmt, place: Place) -> bool:
    """Whether a score of the last pass is shown: `metric-last-batch` tells of these."""
    for name in event.bound:
        for use in loops.uses_of(part, name):
            seen = trace.sighting(place_in(place, use))
            if seen is not None and isinstance(seen.object, Data) and seen.object.scores:
                return True
    return False


def _without_effect(trace: Trace, event: Looped) -> bool:
    """Whether a pass leaves nothing behind but names that the next one binds again."""
    node = loops.statement_of(trace, event.loop)
    own = set(event.bound)
    for part in (each for statement in (node.body if node is not None else ()) for each in ast.walk(statement)):
        if isinstance(part, (ast.NamedExpr, ast.Yield, ast.YieldFrom, ast.Await)):
            return False
        if isinstance(part, ast.stmt) and not isinstance(part, PASSED):
            return False
        if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store) and part.id not in own:
            return False
        if isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load):
            if _root(part) not in own:
                return False
        elif isinstance(part, ast.Call) and not _is_pure(trace, place_in(event.loop.header, part), part, own):
            return False
    return node is not None


def _is_pure(trace: Trace, place: Place, call: ast.Call, own: set[str]) -> bool:
    if isinstance(call.func, ast.Name) and call.func.id in PURE:
        return True
    event = _calls(trace).get(place)
    if event is None or any(name in ("inplace", "out", "ax") for name, _ in event.keywords):
        return False
    if isinstance(event.callee, Symbol):
        return event.callee.name.startswith(PURE_LIBRARIES) and ".random" not in event.callee.name
    if isinstance(event.callee, Method):
        plain = event.callee.name not in ("plot", "hist", "boxplot", "pop", "insert", "update", "sort", "fill")
        kept = not event.callee.name.startswith(("to_csv", "to_parquet", "to_excel", "to_pickle", "to_sql"))
        return plain and kept and (isinstance(event.thing, Data) or _root(call.func) in own)
    return False


def _calls(trace: Trace) -> dict[Place, Called]:
    return trace.once(_calls_by_place)


def _calls_by_place(trace: Trace) -> dict[Place, Called]:
    return {event.call: event for event in trace.of(Called)}


def _root(node: ast.expr) -> str:
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


# --- in words ----------------------------------------------------------------------------------------------


def _head(part: ast.stmt) -> str:
    return short(ast.unparse(part).split("\n", maxsplit=1)[0])


def _passes(loop: Loop) -> str:
    return f"of {loop.length:,} passes" if loop.length else "pass"


def _title(part: ast.stmt, count: int) -> str:
    return f"Move `{_head(part)}` into the loop" if count == 1 else f"Move these {count} lines into the loop"


RULE = Rule(
    name="line-after-loop",
    family="indent",
    severity=Severity.WARNING,
    summary="A line that collects, prints or draws stands below the loop it belongs into: it gets the last pass only.",
    finds="""
        `x.append(...)` or `x += ...` right below a `for` loop, of something that every pass of the loop computes anew,
        where `x` was made empty or zero above the loop, nothing else is put into it, and it is read later, with one
        thing in it.
        A `print` or a plot right below a loop, of the loop's own variable and of what its passes compute, where the
        passes leave nothing else behind.
        """,
    matters="""
        One level of indentation too few, and the learning curve has one point, the mean of ten folds is the score of
        the last one, the table has one line. Nothing crashes.
        """,
    silent="""
        Lists that get more elsewhere, that are made inside a loop around both, or of which one thing is taken
        (`x[0]`); what was there before the loop and is improved from pass to pass; loops with a `break` (searches);
        loops that print, draw, write or collect something in each pass; loops over one thing; the last batch of a
        loader, printed.
        """,
    repair="""
        Moves the line, and those like it right below, to the end of the loop's body. Safe: nothing else runs between
        the loop and them.
        """,
    bad=(
        example(
            """
            import numpy as np


            def accuracy(batches, weights):
                correct, seen = 0, 0
                for inputs, labels in batches:
                    predicted = (inputs @ weights > 0).astype(int)
                    seen += len(labels)
                correct += (predicted == labels).sum()  # <- line-after-loop
                return correct / seen


            rng = np.random.default_rng(0)
            batches = [(rng.normal(size=(8, 3)), rng.integers(0, 2, 8)) for _ in range(4)]
            print(accuracy(batches, np.ones(3)))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import cross_val_score
            from sklearn.neighbors import KNeighborsClassifier

            X, y = load_iris(return_X_y=True)
            means = []
            for k in range(1, 12):
                model = KNeighborsClassifier(n_neighbors=k)
                mean = cross_val_score(model, X, y, cv=5).mean()
            means.append(mean)  # <- line-after-loop
            print(len(means), max(means))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LinearRegression
            from sklearn.metrics import mean_squared_error
            from sklearn.model_selection import KFold


            def fold_errors(X, y):
                errors, sizes = [], []
                for train, test in KFold(5, shuffle=True, random_state=0).split(X):
                    model = LinearRegression().fit(X[train], y[train])
                    error = mean_squared_error(y[test], model.predict(X[test]))
                    size = len(test)
                errors.append(error)  # <- line-after-loop
                sizes.append(size)  # <- line-after-loop
                return np.average(errors, weights=sizes)


            print(fold_errors(*load_wine(return_X_y=True)))
            """
        ),
        example(
            """
            import pandas as pd

            sales = pd.DataFrame({"shop": ["a", "a", "b", "c"], "sold": [3, 4, 5, 9]})
            for shop, rows in sales.groupby("shop"):
                mean = rows["sold"].mean()
            print(shop, mean)  # <- line-after-loop
            """
        ),
        example(
            """
            import torch
            from torch import nn


            def fit(model, loader, epochs):
                optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
                history = []
                for epoch in range(epochs):
                    total = 0.0
                    for inputs, targets in loader:
                        optimizer.zero_grad()
                        loss = nn.functional.mse_loss(model(inputs), targets)
                        loss.backward()
                        optimizer.step()
                        total += loss.item()
                    mean = total / len(loader)
                history.append(mean)  # <- line-after-loop
                return history


            batches = [(torch.randn(8, 4), torch.randn(8, 1)) for _ in range(4)]
            print(fit(nn.Linear(4, 1), batches, 5))
            """
        ),
        example(
            """
            import matplotlib.pyplot as plt
            import numpy as np

            x = np.linspace(0, 1, 50)
            for power in (1, 2, 3):
                curve = x**power
            plt.plot(x, curve, label=f"power {power}")  # <- line-after-loop
            plt.legend()
            """
        ),
    ),
    good=(
        example(
            """
            def longest_and_last(lines):
                total, last = 0, 0
                for line in lines:
                    last = len(line)
                    total += last
                total += 1
                return total, last


            print(longest_and_last(["a", "bc"]))
            """
        ),
        example(
            """
            def sums(tables):
                totals = 0
                for table in tables:
                    value = 0
                    for row in table:
                        value = value + row
                    totals += value
                return totals


            print(sums([[1, 2], [3]]))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import cross_val_score
            from sklearn.neighbors import KNeighborsClassifier

            X, y = load_iris(return_X_y=True)
            means = []
            for k in range(1, 12):
                model = KNeighborsClassifier(n_neighbors=k)
                mean = cross_val_score(model, X, y, cv=5).mean()
                means.append(mean)
            print(len(means), max(means))
            """
        ),
        example(
            """
            import numpy as np

            rng = np.random.default_rng(0)
            losses = []
            for epoch in range(3):
                for batch in range(4):
                    loss = rng.random()
                losses.append(loss)
            print(losses)
            """
        ),
        example(
            """
            import numpy as np

            ends = []
            for step in range(100):
                slope = np.cos(step)
            ends.append(slope)
            for step in range(100):
                slope = np.sin(step)
            ends.append(slope)
            print(ends)
            """
        ),
        example(
            """
            def layers(sizes):
                made = []
                width = 4
                for size in sizes:
                    name = f"{width} to {size}"
                    width = size
                made.append(width)
                return made


            print(layers([8, 16, 2]))
            """
        ),
        example(
            """
            found = []
            for line in ["a = 1", "b = 2", "# end"]:
                name = line.partition("=")[0]
                if line.startswith("b"):
                    break
            found.append(name)
            print(found)
            """
        ),
        example(
            """
            import pandas as pd

            sales = pd.DataFrame({"shop": ["a", "a", "b", "c"], "sold": [3, 4, 5, 9]})
            for shop, rows in sales.groupby("shop"):
                mean = rows["sold"].mean()
                print(shop, mean)
            print("the last shop is", shop, "with", mean)
            """
        ),
        example(
            """
            guess = 1.0
            for step in range(20):
                error = guess * guess - 2
                guess = guess - error / (2 * guess)
            print(step, error, guess)
            """
        ),
        example(
            """
            def chunks(text):
                parts = []
                for number, letter in enumerate(text):
                    rest = text[number:]
                    parts.append(letter)
                parts.append(rest)
                return parts


            print(chunks("abc"))
            """
        ),
    ),
    check=check,
)
