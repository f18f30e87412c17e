"""NumPy's functions: statistics over rows, row by row maths, joining, random numbers."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import constant
from mlsense.semantics.models import frames, pandas
from mlsense.semantics.models.effects import Call, Effect, apply
from mlsense.semantics.regions import NO_ROWS, Choice, Rows, opposite
from mlsense.semantics.values import (
    UNKNOWN,
    Column,
    Columns,
    Const,
    Data,
    ListObject,
    Opaque,
    TupleValue,
    Value,
    merge_learned,
)

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model


def array(run: Run, call: Call) -> Value:
    """`np.array(x)`: of data the same data, of a literal rows of its own."""
    source = call.get(0, "object", "a", "x")
    thing = run.object(source)
    if isinstance(thing, Data):
        return run.alloc(call.node, replace(thing, kind="array"))
    if isinstance(thing, ListObject) and source is not None:
        known = pandas.numbers(run, source)
        items = thing.items or ()
        parts = [run.object(item) for item in (items or (thing.element,))]
        if any(isinstance(part, Data) for part in parts):
            return run.alloc(call.node, _collected([part for part in parts if isinstance(part, Data)], len(parts)))
        columns = Columns((known,)) if known is not None else None
        rows = run.source(call.node, "array(...)", None, len(items) if items else None)
        rank = 1 if known is not None else _depth(run, source)
        return run.alloc(call.node, Data(kind="array", rows=rows, columns=columns, rank=rank))
    if isinstance(thing, Opaque) and not thing.assumed and source is not None:
        return run.alloc(call.node, run.data(source) or Data())
    return run.alloc(call.node, Data(kind="array"))


def _depth(run: Run, value: Value) -> int | None:
    """How deep literal lists are nested, by their first items."""
    depth = 0
    while (items := run.items_of(value)) is not None and items and depth < 4:
        value, depth = items[0], depth + 1
    return depth if isinstance(value, Const) else None


def _collected(parts: list[Data], count: int) -> Data:
    """Pieces of one source put into one array: windows of a series, the predictions of all folds, rows one by one."""
    learned = merge_learned(*(part.learned for part in parts))
    homes = {
        replace(region, path=_without_pick(region.path)) for part in parts for region in (part.rows or NO_ROWS).parts
    }
    known = len(parts) == count and all(part.rows is not None for part in parts) and len(homes) == 1
    return Data(kind="array", rows=Rows(tuple(homes)) if known else None, learned=learned)


def _without_pick(path: tuple[Choice, ...]) -> tuple[Choice, ...]:
    """The choices but the last, if that is the one that took out the piece."""
    return path[:-1] if path and path[-1].kind in ("slice", "filter", "fold") else path


def divided(run: Run, call: Call) -> Value:
    """`np.split(data, [a, b])`: parts one after the other, of which none shares a row with another."""
    data = run.data(call.get(0, "ary"))
    if data is None:
        return UNKNOWN
    cuts = run.items_of(call.get(1, "indices_or_sections") or UNKNOWN)
    sections = constant(call.get(1, "indices_or_sections"))
    count = len(cuts) + 1 if cuts is not None else sections if isinstance(sections, int) and sections < 64 else None
    if count is None:
        return run.alloc(call.node, ListObject(None, UNKNOWN))
    origin = run.origin(call.node)
    parts: list[Value] = []
    for index in range(count):
        choice = Choice(origin, "split", index)
        rows = data.rows.choose(choice) if data.rows is not None else None
        selects = (*data.selects, choice) if data.selects is not None else None
        parts.append(run.alloc(call.node, replace(data, rows=rows, selects=selects, mask=None), index))
    return run.alloc(call.node, ListObject(tuple(parts)), "parts")


def elementwise(run: Run, call: Call) -> Value:
    """Element by element over all arguments."""
    found = [run.data(value) for value in call.args]
    known = [data for data in found if data is not None]
    if not known:
        return UNKNOWN
    data = next((data for data in known if data.rows != NO_ROWS), known[0])
    result = apply(run, Effect(), data, call, "")
    return run.alloc(call.node, result if len(known) == len(found) else replace(result, rows=None))


def statistic(run: Run, call: Call) -> Value:
    """A reduction: over rows it learns, with `axis=1` it does not."""
    data = run.data(call.get(0, "a", "x", "arr"))
    if data is None:
        return UNKNOWN
    name = call.name
    if constant(call.get(1, "axis")) == 1:
        return run.alloc(call.node, Data(kind="array", rows=data.rows, learned=data.learned))
    return run.alloc(call.node, apply(run, Effect(rows="none", learns=name), data, call, name))


def same(run: Run, call: Call) -> Value:
    data = run.data(call.get(0, "a", "x", "arr"))
    return UNKNOWN if data is None else run.alloc(call.node, replace(data, mask=None))


def reshape(run: Run, call: Call) -> Value:
    data = run.data(call.get(0, "a"))
    if data is None:
        return UNKNOWN
    one_column = constant(call.get(1, "shape", "newshape")) in ((-1, 1), -1)
    return run.alloc(call.node, replace(data, rows=data.rows if one_column else None, mask=None))


def stacked(run: Run, call: Call) -> Value:
    """`concatenate`, `vstack`: rows after rows; with `axis=1` and in `hstack` columns beside columns."""
    first = call.get(0, "arrays", "tup")
    values = run.items_of(first) if first is not None else None
    if values is None:
        return run.alloc(call.node, Data(kind="array"))
    name = call.name
    if name in ("hstack", "column_stack") or constant(call.get(1, "axis")) in (1, -1):
        return frames.beside(run, list(values), call)
    return frames.concatenated(run, list(values), call)


def positions(run: Run, call: Call) -> Value:
    """`arange(n)`, `permutation(n)`: positions of rows, all of them."""
    data = run.object(call.get(0))
    if isinstance(data, Data) and data.kind != "index":
        return run.alloc(call.node, replace(data, mask=None))
    return run.alloc(call.node, data if isinstance(data, Data) else Data(kind="index", selects=()))


def where(run: Run, call: Call) -> Value:
    mask = run.object(call.get(0, "condition"))
    if len(call.args) == 1:
        index = Data(kind="index")
        if isinstance(mask, Data) and mask.mask is not None:
            choice = Choice(mask.mask.key, "mask", (mask.mask.operator, mask.mask.right))
            index = Data(kind="index", selects=(choice,))
        return TupleValue((run.alloc(call.node, index),))
    return elementwise(run, call)


def negated(run: Run, call: Call) -> Value:
    data = run.object(call.get(0))
    if isinstance(data, Data) and data.mask is not None and opposite(data.mask.operator):
        return run.alloc(call.node, frames.inverted(data))
    return UNKNOWN


def made(run: Run, call: Call) -> Value:
    """`zeros`, `ones`: constants, with rows of their own."""
    name = call.name
    return run.alloc(call.node, Data(kind="array", rows=run.source(call.node, f"{name}(...)"), scale="even"))


def drawn(run: Run, call: Call) -> Value:
    """Random numbers: rows of their own, of a size that the parameters tell."""
    name = call.name
    low, high = _extent(name, call)
    column = Column("", low, high)
    return run.alloc(
        call.node,
        Data(
            kind="array",
            rows=run.source(call.node, "random numbers", ("random", run.frame.unit, _size(call))),
            scale="even",
            columns=Columns((column,)) if low is not None else None,
        ),
    )


def _size(call: Call) -> str:
    """Numbers drawn in equal amounts are taken for columns of the same rows only within one statement."""
    size = call.node_of(None, "size")
    return ast.unparse(size) if size is not None else str(call.node.lineno) + ":" + str(call.node.col_offset)


def _extent(name: str, call: Call) -> tuple[float | None, float | None]:
    first, second = (
        constant(call.get(0, "loc", "low", "scale", "lam", "mean")),
        constant(call.get(1, "scale", "high", "sigma")),
    )
    numbers = [float(value) if isinstance(value, (int, float)) else None for value in (first, second)]
    a, b = numbers
    if name == "normal" and a is not None and b is not None:
        return a - 3 * b, a + 3 * b
    if name in ("uniform", "randint", "integers") and a is not None and b is not None:
        return a, b
    if name == "exponential" and a is not None:
        return 0.0, 5 * a
    if name == "poisson" and a is not None:
        return 0.0, a + 3 * a**0.5
    if name in ("rand", "random", "random_sample"):
        return 0.0, 1.0
    if name in ("randn", "standard_normal"):
        return -3.0, 3.0
    return None, None


def generator(run: Run, call: Call) -> Value:
    return run.alloc(call.node, Opaque(symbol="numpy.random.Generator", label="a random generator"))


def nothing(run: Run, call: Call) -> Value:
    return UNKNOWN


RANDOM = """
    normal uniform randint integers exponential poisson rand randn random random_sample standard_normal binomial
    gamma beta lognormal multivariate_normal laplace chisquare geometric
    """.split()

FUNCTIONS: dict[str, Model] = {
    **dict.fromkeys(["array", "asarray", "asanyarray", "ascontiguousarray", "asfortranarray"], array),
    **dict.fromkeys(
        """
            log log1p log2 log10 exp expm1 sqrt square abs absolute sign floor ceil round around rint clip power sin
            cos tan tanh add subtract multiply divide true_divide mod maximum minimum isnan isfinite isinf
            nan_to_num cumsum diff logical_and logical_or digitize searchsorted heaviside hypot arctan2 float_power
            reciprocal negative
            """.split(),
        elementwise,
    ),
    **dict.fromkeys(
        """
            mean median std var min max amin amax sum nanmean nanmedian nanstd nanvar nanmin nanmax nansum quantile
            percentile nanpercentile nanquantile corrcoef cov average ptp argmax argmin count_nonzero histogram
            bincount unique prod
            """.split(),
        statistic,
    ),
    **dict.fromkeys("copy ravel squeeze sort argsort float32 float64 int32 int64 flip atleast_2d".split(), same),
    "reshape": reshape,
    **dict.fromkeys(["concatenate", "vstack", "hstack", "column_stack", "row_stack"], stacked),
    **dict.fromkeys(["arange", "random.permutation", "random.default_rng.permutation"], positions),
    **dict.fromkeys("loadtxt genfromtxt load fromfile".split(), pandas.read),
    **dict.fromkeys("split array_split".split(), divided),
    "where": where,
    **dict.fromkeys(["logical_not", "invert", "bitwise_not"], negated),
    **dict.fromkeys("zeros ones full empty zeros_like ones_like full_like eye linspace logspace".split(), made),
    **{f"random.{name}": drawn for name in RANDOM},
    "random.default_rng": generator,
    "random.RandomState": generator,
    **dict.fromkeys(
        """
            random.seed random.shuffle set_printoptions seterr save savez random.choice
            """.split(),
        nothing,
    ),
}


def generator_method(run: Run, name: str, call: Call) -> Value | None:
    """Methods of `default_rng()` and `RandomState()` do what the functions of the module do."""
    model = FUNCTIONS.get(f"random.{name}")
    call.symbol = f"numpy.random.{name}"
    return None if model is None or name in ("default_rng", "RandomState") else model(run, call)
