"""Axes are asked for that `subplots` did not make, or an array of them is drawn on as if it were one."""

from __future__ import annotations

import ast
from math import prod
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.offering import entry
from mlsense.rules.reading import location, node_at, place_in, related, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Called, Item
from mlsense.semantics.models.matplotlib import AXES, GRID, shape
from mlsense.semantics.values import Method, Opaque, Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place, Value


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_is_axes, Item):
        drafted = _of_item(trace, event)
        if drafted is not None:
            yield drafted
    for call in trace.that(_is_drawn_on, Called):
        drafted = _of_call(trace, call)
        if drafted is not None:
            yield drafted


def _is_axes(event: Item) -> bool:
    """Whether something is picked of axes that cannot be."""
    thing = event.thing
    if not isinstance(thing, Opaque) or event.guarded or event.optional:
        return False
    if thing.symbol == AXES:
        return True
    return thing.symbol == GRID and event.key is not ... and not _fits(shape(thing), _numbers(event.key))


def _is_drawn_on(event: Called) -> bool:
    """Whether a method of an array of axes is called."""
    thing = event.thing
    return isinstance(thing, Opaque) and thing.symbol == GRID and not event.guarded and not event.optional


def _numbers(key: object) -> tuple[int, ...]:
    return key if isinstance(key, tuple) else (key,)


def _fits(sizes: tuple[int, ...], numbers: tuple[int, ...]) -> bool:
    return len(numbers) <= len(sizes) and all(
        -size <= number < size for size, number in zip(sizes, numbers, strict=False)
    )


def _of_item(trace: Trace, event: Item) -> Draft | None:
    found = location(trace, event.place)
    thing = event.thing
    if found is None or not isinstance(thing, Opaque):
        return None
    shown, made = written(trace, event.place, "axes[...]"), _made(trace, event.receiver)
    pairs = related(trace, (_place(event.receiver), "The axes are made here"))
    if thing.symbol == AXES:
        name = written(trace, _value_place(trace, event), "axes")
        return Draft(
            f"{made} makes one axes and no array of them: `{shown}` raises TypeError. It is `{name}` itself.",
            found,
            pairs,
            _without_key(trace, event),
        )
    sizes, numbers = shape(thing), _numbers(event.key)
    told = ", ".join(map(str, numbers))
    asked = "" if shown.endswith(f"[{told}]") else f" with {told}"
    if len(numbers) > len(sizes):
        kind = "one row or column" if len(sizes) == 1 else "rows and columns"
        text = f"The axes of {made} are in {kind} here: `{shown}` with {len(numbers)} numbers raises IndexError."
    elif len(sizes) == 1:
        text = f"{made} makes {_counted(sizes[0])}, 0 to {sizes[0] - 1}: `{shown}`{asked} raises IndexError."
    else:
        text = (
            f"{made} makes {_counted(prod(sizes))} in {sizes[0]} rows and {sizes[1]} columns: `{shown}`{asked} raises "
            "IndexError."
        )
        if len(numbers) == 1:
            text += " Numbered one by one they are in `.flat`."
    return Draft(text, found, pairs)


def _counted(number: int) -> str:
    return f"{number} axes" if number > 1 else "one axes"


def _of_call(trace: Trace, event: Called) -> Draft | None:
    thing, callee = event.thing, event.callee
    found = location(trace, event.call)
    if found is None or not isinstance(thing, Opaque) or not isinstance(callee, Method):
        return None
    array = entry(trace, "numpy.ndarray")
    if array is None or entry(trace, f"numpy.ndarray.{callee.name}") is not None or callee.name.startswith("_"):
        return None
    sizes = shape(thing)
    called = node_at(trace, event.call)
    if not isinstance(called, ast.Call) or not isinstance(called.func, ast.Attribute):
        return None
    receiver = written(trace, place_in(event.call, called.func.value), "axes")
    held = f"{_counted(prod(sizes))}" if len(sizes) == 1 else f"{prod(sizes)} axes in {sizes[0]} rows"
    return Draft(
        f"`{receiver}` is an array of {held}, and an array has no `{callee.name}`: this line raises AttributeError. "
        "Pick one of the axes, or go through `.flat`.",
        found,
        related(trace, (_place(callee.receiver), "The axes are made here")),
        _numbered(trace, event.call, called.func.value),
    )


def _numbered(trace: Trace, call: Place, receiver: ast.expr) -> Fix | None:
    """`axes[1].plot()` as `axes.flat[1].plot()`."""
    if not isinstance(receiver, ast.Subscript) or not isinstance(receiver.value, ast.Name):
        return None
    place = place_in(call, receiver.value)
    edit = editing.replaced(trace, place, f"{receiver.value.id}.flat")
    return Fix.of(f"Number the axes one by one: `{receiver.value.id}.flat`", "unsafe", edit)


def _without_key(trace: Trace, event: Item) -> Fix | None:
    node = node_at(trace, event.place)
    if not isinstance(node, ast.Subscript) or event.key not in (0, (0, 0), -1):
        return None
    text = editing.text_at(trace, place_in(event.place, node.value))
    edit = editing.replaced(trace, event.place, text) if text is not None else None
    return Fix.of(f"Write `{text}`", "safe", edit)


def _value_place(trace: Trace, event: Item) -> Place:
    node = node_at(trace, event.place)
    return place_in(event.place, node.value) if isinstance(node, ast.Subscript) else event.place


def _place(value: Value) -> Place | None:
    return value.origin.place if isinstance(value, Ref) else None


def _made(trace: Trace, value: Value) -> str:
    """The call that made the axes, in words."""
    place = _place(value)
    text = written(trace, place, "") if place is not None else ""
    return f"`{text}`" if "subplots" in text else "`subplots`"


RULE = Rule(
    name="axes-index-overflow",
    family="plot",
    severity=Severity.ERROR,
    summary="Axes are asked for that `subplots` did not make.",
    finds="""
        `axes[6]` or `axes[2, 0]` after `fig, axes = plt.subplots(2, 3)`, in a loop too; `axes[0].plot(...)` where
        `axes[0]` is a row of axes; `ax[0]` where there is only one.
        """,
    matters="""
        `plt.subplots(2, 3)` makes six axes in an array of two rows and three columns. What lies outside raises
        IndexError, a row of axes has no method `plot`, and of one axes there is no array. In a loop over columns it
        shows only when the table has grown by one.
        """,
    silent="""
        Numbers of rows and columns that are not known; loops over something of unknown length, or longer than 24; axes
        picked under a condition or inside `try`; arrays made or changed by code that is not followed.
        """,
    repair="""
        `ax[0]` of a single axes becomes `ax`: safe. `axes[0].plot` on rows of axes becomes `axes.flat[0].plot`, which
        numbers them one by one; unsafe, since a whole row may have been meant. For numbers outside there is none: make
        more axes, or draw less.
        """,
    bad=(
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import matplotlib.pyplot as plt

            names = ["age", "fare", "class", "cabin", "sex", "deck", "port"]
            fig, axes = plt.subplots(2, 3)
            flat = axes.flatten()
            for i, name in enumerate(names):
                flat[i].set_title(name)  # <- axes-index-overflow
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import matplotlib.pyplot as plt

            fig, axes = plt.subplots(nrows=2, ncols=3)
            axes[0].plot([1, 2, 3])  # <- axes-index-overflow
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import matplotlib.pyplot as plt

            fig, ax = plt.subplots(figsize=(6, 4))
            ax[0].hist([1, 1, 2])  # <- axes-index-overflow
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import matplotlib.pyplot as plt


            def panel(rows, columns):
                figure, axes = plt.subplots(rows, columns, squeeze=False)
                return axes


            axes = panel(2, 3)
            for row in range(2):
                for column in range(3):
                    axes[column, row].plot([row, column])  # <- axes-index-overflow
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            from matplotlib import pyplot as plt

            figure = plt.figure()
            left_and_right = figure.subplots(1, 2)
            left_and_right[0, 1].set_title("right")  # <- axes-index-overflow
            """
        ),
    ),
    good=(
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import matplotlib.pyplot as plt

            names = ["age", "fare", "class", "cabin", "sex"]
            fig, axes = plt.subplots(2, 3)
            for i, name in enumerate(names):
                axes.flat[i].set_title(name)
            for ax in axes.ravel()[len(names) :]:
                ax.remove()
            axes[1, -1].plot([1])
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import matplotlib.pyplot as plt

            fig, axes = plt.subplots(1, 3)
            axes[0].plot([1])
            axes[-1].plot([1])
            fig, (left, right) = plt.subplots(2, 1)
            left.plot([1])
            fig, ((a, b), (c, d)) = plt.subplots(2, 2)
            d.plot([1])
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import matplotlib.pyplot as plt

            names = ["a", "b", "c", "d", "e", "f", "g"]
            fig, axes = plt.subplots(2, 3)
            for i, name in enumerate(names):
                if i >= axes.size:
                    break
                axes[i // 3, i % 3].set_title(name)
            for i, name in enumerate(names):
                if i < 6:
                    axes.flat[i].set_title(name)
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import matplotlib.pyplot as plt
            import numpy as np

            for columns in (1, 2):
                fig, axes = plt.subplots(1, columns)
                if not isinstance(axes, np.ndarray):
                    axes = np.array([axes])
                axes[0].plot([1])
            fig, axes = plt.subplots()
            np.atleast_1d(axes)[0].plot([1])
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import matplotlib.pyplot as plt

            fig, axes = plt.subplots(2, 2, squeeze=False)
            for row in axes:
                for ax in row:
                    ax.plot([1])
            axes[:, 0][1].plot([1])
            axes.T[1][0].plot([1])
            print(axes.shape, axes[0].size, axes.tolist())
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import matplotlib.pyplot as plt

            fig, axes = plt.subplots(2, 3)
            try:
                axes[6].plot([1])
            except IndexError:
                axes[1, 2].plot([1])
            """
        ),
        example(
            """
            import matplotlib

            matplotlib.use("Agg")
            import matplotlib.pyplot as plt

            axes = {"left": plt.subplot(1, 2, 1), "right": plt.subplot(1, 2, 2)}
            axes["left"].plot([1])
            fig, named = plt.subplot_mosaic([["left", "right"]])
            named["right"].plot([1])
            """
        ),
    ),
    check=check,
    references=("https://matplotlib.org/stable/api/_as_gen/matplotlib.pyplot.subplots.html",),
    raises=("IndexError", "AttributeError", "TypeError"),
)
