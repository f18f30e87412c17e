"""`numpy.array` is given a generator, a `map`, a set: it makes an array of one object, not of its items."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at, place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Called
from mlsense.semantics.values import DictObject, Symbol, Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace

_MAKERS = ("numpy.array", "numpy.asarray", "numpy.asanyarray")
# What these give is gone through once, and has no length that NumPy could ask for; a set has no order.
_BUILT_IN = {"map": "a `map`", "zip": "a `zip`", "filter": "a `filter`", "enumerate": "an `enumerate`",
             "reversed": "a `reversed`", "set": "a set", "frozenset": "a set"}  # fmt: skip
_VIEWS = ("keys", "values", "items")


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_makes_array, Called):
        node = node_at(trace, event.call)
        given = node.args[0] if isinstance(node, ast.Call) and node.args else None
        kind = _kind(trace, event, given) if given is not None else None
        if given is None or kind is None or event.argument(1, "dtype") is not None:
            continue
        place = place_in(event.call, given)
        found, text = location(trace, place), editing.text_at(trace, place)
        if found is None or text is None:
            continue
        called = event.callee.name.rpartition(".")[2]
        message = f"`{called}` does not go through {kind}: it makes an array of one object. Make a list of it."
        written = f"list({text})"
        if isinstance(given, ast.GeneratorExp):
            # As the only argument it stands in the brackets of the call.
            shared = (place.end_line, place.end_column) == (event.call.end_line, event.call.end_column)
            written = f"([{text[1:-1]}])" if shared else f"[{text[1:-1]}]"
        yield Draft(message, found, fix=Fix.of("Make a list of it", "safe", editing.replaced(trace, place, written)))


def _makes_array(event: Called) -> bool:
    return isinstance(event.callee, Symbol) and event.callee.name in _MAKERS and bool(event.args)


def _kind(trace: Trace, event: Called, given: ast.expr) -> str | None:
    """What is given, in words; None for what may be gone through."""
    if isinstance(given, ast.GeneratorExp):
        return "a generator"
    if isinstance(given, (ast.Set, ast.SetComp)):
        return "a set"
    if not isinstance(given, ast.Call):
        return None
    if isinstance(given.func, ast.Name):
        sighting = trace.sighting(place_in(event.call, given.func))
        own = sighting is not None and not isinstance(sighting.value, (Symbol, Unknown))
        return None if own else _BUILT_IN.get(given.func.id)
    if isinstance(given.func, ast.Attribute) and given.func.attr in _VIEWS and not given.args:
        sighting = trace.sighting(place_in(event.call, given.func.value))
        return f"the {given.func.attr} of a dict" if sighting and isinstance(sighting.object, DictObject) else None
    return None


RULE = Rule(
    name="array-of-iterator",
    family="api",
    severity=Severity.WARNING,
    summary="`numpy.array` is given a generator, a `map` or a set, and makes an array of one object of it.",
    finds="""
        `np.array(x * x for x in rows)`, `np.array(map(float, rows))`, `np.array(prices.values())`,
        `np.array(set(rows))`: NumPy takes these for one object each. The array has no dimension and the type `object`.
        """,
    matters="""
        Nothing fails at this line. Sums, comparisons and shapes are wrong later, or an exception far away speaks of
        generators.
        """,
    silent="""
        A `dtype` that is given; lists, tuples, ranges and arrays; functions of your own that are called `map` or `zip`;
        the values of what is not certainly a dict; `np.fromiter`, which goes through what it is given.
        """,
    repair="""
        Makes a list of it. Safe: that is what was meant. The order of a set is still anybody's guess.
        """,
    bad=(
        example(
            """
            import numpy as np

            squares = np.array(x * x for x in range(5))  # <- array-of-iterator
            print(squares.shape)
            """
        ),
        example(
            """
            import numpy as np

            print(np.asarray(map(float, ["1.5", "2.5"])))  # <- array-of-iterator
            """
        ),
        example(
            """
            import numpy as np

            prices = {"bread": 2.5, "milk": 1.2}
            print(np.array(prices.values()))  # <- array-of-iterator
            """
        ),
        example(
            """
            import numpy as np

            labels = ["cat", "dog", "cat"]
            print(np.array(set(labels), copy=True).ndim)  # <- array-of-iterator
            """
        ),
    ),
    good=(
        example(
            """
            import numpy as np

            print(np.array([x * x for x in range(5)]), np.array(list(map(float, ["1.5"]))), np.array(range(3)))
            """
        ),
        example(
            """
            import numpy as np

            print(np.fromiter((x * x for x in range(5)), dtype=float))
            """
        ),
        example(
            """
            import numpy as np

            print(np.array((x for x in range(3)), dtype=object))
            """
        ),
        example(
            """
            import numpy as np


            def zip(rows):
                return [rows, rows]


            print(np.array(zip([1, 2])))
            """
        ),
        example(
            """
            import numpy as np

            prices = {"bread": 2.5, "milk": 1.2}
            print(np.array(list(prices.values())), np.array(sorted(set([3, 1, 3]))))
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd


            class Table:
                def values(self):
                    return [1, 2]


            homes = pd.DataFrame({"price": [1, 2]})
            print(np.array(Table().values()), np.array(homes.keys()), np.array(homes.price.items))
            """
        ),
    ),
    check=check,
)
