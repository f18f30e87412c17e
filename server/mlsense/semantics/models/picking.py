"""What picks rows: masks, positions and labels, and what they leave over."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import constant
from mlsense.semantics.models.effects import chosen
from mlsense.semantics.regions import NO_ROWS, AnyOf, Choice, Rows, opposite, within
from mlsense.semantics.values import Const, Data, Learned, ListObject, Mask, Origin, Ref, Value, merge_learned

if TYPE_CHECKING:
    from collections.abc import Hashable, Sequence

    from mlsense.semantics.core import Core
    from mlsense.semantics.models.effects import Call


# More parts of one choice than that are not told apart, nor more conditions of one mask.
MAX_PARTS = 32
MAX_CONDITIONS = 8
# The positions of all rows of whatever they are used on.
POSITIONS = Data(kind="index", selects=())


def choose(data: Data, *choices: Choice) -> Data:
    """Some of the rows."""
    selects = None if data.selects is None else (*data.selects, *choices)
    # Rows that are picked by what they are may be without some of the classes; columns of ones and zeros stay.
    every = data.form == "one-hot" or all(choice.kind != "mask" for choice in choices)
    classes = data.classes if every else None
    return replace(data, rows=chosen(data.rows, *choices), selects=selects, mask=None, classes=classes)


def drawn(run: Core, node: ast.AST, key: tuple[Hashable, ...] | None, rows: Rows | None) -> tuple[Origin, bool]:
    """Where rows were drawn first in the way that `key` tells, and whether that way gives the same ones each time.

    The same split made again, in another cell or in a function, is no other one. A key of None: a draw of its own.
    """
    own = run.origin(node)
    if key is None or rows is None or not rows.parts:
        return own, False
    place = ("drawn", *key, rows)
    known = run.state.get(place)
    if known is None:
        run.state.set(place, Const.of(own))
        return own, True
    return (known.value, True) if isinstance(known, Const) and isinstance(known.value, Origin) else (own, False)


def fixed_by(call: Call, *names: str) -> tuple[Hashable, ...] | None:
    """The arguments of a draw, where a number is given for it, so that it is the same each time; else None."""
    seed = constant(call.get(None, "random_state"))
    told = {name: constant(value) for name, value in call.keywords.items() if name in names}
    if not isinstance(seed, int) or any(value is ... for value in told.values()) or not call.exact:
        return None
    return (call.name, seed, *sorted(told.items()))


def picker(run: Core, value: Value | None) -> Data | None:
    """What a value between brackets picks rows by: a column, an array, or a list of positions."""
    thing = run.object(value)
    if isinstance(thing, ListObject) and thing.selects is not None:
        return run.data(value)
    return thing if isinstance(thing, Data) else None


def picked_by(data: Data, other: Data) -> Data | None:
    """The rows that a mask, labels or positions pick; None where it is not known which."""
    if other.mask is not None and other.mask.operator != "every":
        picked = choose(data, *other.mask.choices())
        learned = merge_learned(data.learned, other.mask.learned)
        return replace(picked, learned=learned) if other.mask.learned else picked
    labels = other.kind == "index" or other.selects is not None
    if labels and other.rows not in (None, NO_ROWS) and data.rows is not None and within(other.rows, data.rows):
        return replace(data, rows=other.rows, mask=None)
    if other.selects is not None and other.rows != NO_ROWS:
        return choose(data, *other.selects)
    return None


# --- masks -------------------------------------------------------------------------------------------


def asked(node: ast.expr, value: Value, data: Data | None) -> Hashable:
    """What a comparison asks about: a column by its name, a value by where it was made, else the expression."""
    if isinstance(value, Ref):
        if isinstance(value.slot, tuple) and value.slot[:1] == ("column",):
            return value.slot
        drawn = (
            data is not None and data.rows is not None and any(is_drawn(part.source.key) for part in data.rows.parts)
        )
        if isinstance(node, ast.Name) or drawn:
            return value
    return ast.dump(node)


_SPREAD = frozenset("quantile percentile nanquantile nanpercentile zscore iqr std mad sem nanstd".split())


def _conditions(mask: Mask) -> tuple[Mask, ...]:
    """The masks of which all must hold."""
    return mask.key if mask.operator == "and" and isinstance(mask.key, tuple) else (mask,)


def all_of(one: Mask, other: Mask, node: ast.AST) -> Mask:
    """`one & other`."""
    parts = tuple(dict.fromkeys((*_conditions(one), *_conditions(other))))
    learned = merge_learned(one.learned, other.learned)
    known = 1 < len(parts) <= MAX_CONDITIONS
    return Mask(parts, "and", None, learned) if known else Mask(ast.dump(node), "is", True, learned)


def outlying(learned: tuple[Learned, ...]) -> tuple[Learned, ...]:
    """What a comparison rests on, where that is how far rows lie from the others: it says who is an outlier."""
    found = [item for item in learned if item.family == "statistic"]
    return tuple(found) if any(item.what in _SPREAD for item in found) else ()


def is_drawn(key: Hashable) -> bool:
    """Whether rows are random numbers, which are others each time they are asked for."""
    return isinstance(key, tuple) and key[:1] == ("random",)


def inverted(mask: Mask) -> Mask | None:
    """`~mask`; None where its opposite is not known."""
    if mask.operator == "every":
        return replace(mask, right=not mask.right)
    operator = opposite(mask.operator)
    return None if operator is None else replace(mask, operator=operator)


def membership(whole: Data, part: Data, node: ast.AST) -> Mask:
    """`whole.isin(part)`: which rows are among those of the part, where that is one choice."""
    choice = one_more(whole, part)
    if choice is None and part.rows == NO_ROWS and part.selects:
        # Groups of rows: the values there are in a column, divided.
        choice = part.selects[-1] if len(part.selects) == 1 else None
    return Mask(ast.dump(node), "is", True) if choice is None else Mask(choice, "in", None)


def marked(mask: Mask, rows: Data | None, value: object) -> Mask | None:
    """`mask[positions] = True`, where all was False before, or the other way round."""
    if mask.operator != "every" or rows is None or not isinstance(value, bool) or value is mask.right:
        return None
    if rows.selects is None or len(rows.selects) != 1:
        return None
    return Mask(rows.selects[0], "in" if value else "not in", None)


# --- what is left over -------------------------------------------------------------------------------


def one_more(whole: Data, part: Data) -> Choice | None:
    """The one choice more by which a part was picked from the whole, by labels or by positions."""
    if part.rows not in (None, NO_ROWS) and whole.rows not in (None, NO_ROWS):
        return _further(part.rows, whole.rows)
    base = whole.selects if whole.selects is not None else ()
    if part.selects is not None and part.rows is None and part.selects[:-1] == base and len(part.selects) > len(base):
        return part.selects[-1]
    return None


def _further(part: Rows | None, whole: Rows | None) -> Choice | None:
    if part is None or whole is None or len(part.parts) != 1 or len(whole.parts) != 1:
        return None
    inner, outer = part.parts[0], whole.parts[0]
    if inner.source != outer.source or not inner.path or inner.path[:-1] != outer.path:
        return None
    return inner.path[-1]


def without(whole: Data, part: Data) -> Data | None:
    """The whole but for a part of it: `data.drop(part.index)`, `np.setdiff1d(whole, part)`."""
    choice = one_more(whole, part)
    return None if choice is None else choose(whole, choice.rest())


def together(parts: Sequence[Data]) -> tuple[Choice, ...] | None:
    """The choices that positions laid one after the other stand for."""
    first = parts[0].selects if parts else None
    if not first:
        return None
    last = [part.selects[-1] for part in parts if part.selects and part.selects[:-1] == first[:-1]]
    if len(last) != len(parts) or len({(choice.selector, choice.kind) for choice in last}) != 1:
        return None
    branches: dict[Hashable, None] = {}
    for choice in last:
        branches.update(dict.fromkeys(choice.branch.branches if isinstance(choice.branch, AnyOf) else (choice.branch,)))
    return None if len(branches) > MAX_PARTS else (*first[:-1], replace(last[0], branch=AnyOf(tuple(branches))))
