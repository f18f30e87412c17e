"""NumPy's functions: statistics over rows, row by row maths, joining, random numbers."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import code_of, constant, text_of
from mlsense.semantics.models import files, frames, pandas, picking
from mlsense.semantics.models.effects import Call, Effect, along, apply, opaque, own_rows, shaped_by
from mlsense.semantics.regions import NO_ROWS, Choice
from mlsense.semantics.values import (
    UNKNOWN,
    Column,
    Columns,
    Const,
    Data,
    DataKind,
    DictObject,
    ListObject,
    Mask,
    Opaque,
    Symbol,
    TupleValue,
    Value,
    collected,
    filling,
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
            return run.alloc(call.node, collected([part for part in parts if isinstance(part, Data)], len(parts)))
        columns = Columns((known,)) if known is not None else None
        literal = pandas.is_literal(run, source)
        count = len(items) if items else None
        rows = run.source(call.node, "array(...)", None, count) if literal else own_rows(run, call)
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
    return run.alloc(call.node, _together(run, call, call.args))


def bare(run: Run, call: Call) -> Value:
    """Element by element, and of a table an array."""
    result = _together(run, call, call.args)
    return run.alloc(call.node, replace(result, kind=_bare(result.kind)))


def _together(run: Run, call: Call, values: list[Value]) -> Data:
    """Cell by cell: all that have rows must have the same; numbers and lists of numbers are weights beside them."""
    found = [run.data(value) for value in values]
    known = [data for data in found if data is not None]
    tables = [
        data for value, data in zip(values, found, strict=True) if data is not None and not _is_weight(run, value)
    ]
    given = tables or known
    if not given:
        return Data()
    with_rows = [data for data in given if data.rows != NO_ROWS]
    data = (with_rows or given)[0]
    result = apply(run, Effect(), replace(data, mask=None), call, "")
    same = len(known) == len(found) and len({other.rows for other in with_rows}) <= 1
    return replace(result, fits=data.fits) if same else Data(kind=result.kind, learned=result.learned)


def _is_weight(run: Run, value: Value) -> bool:
    return isinstance(run.object(value), ListObject)


def by_method(run: Run, call: Call) -> Value:
    """What the method of the same name does: `np.cumsum(x, axis=0)` is `x.cumsum(axis=0)`."""
    value = call.get(0, "a", "x", "arr", "ary", "m", "v", "array")
    data = run.data(value)
    if data is None or value is None:
        return run.alloc(call.node, Data())
    if call.name in ("copy", "ravel"):
        data = replace(data, kind=_bare(data.kind))
    if call.name == "diff":
        kept = data.rank == 2 and call.get(2, "axis") is None
        return run.alloc(call.node, Data(kind="array", rows=data.rows if kept else None, learned=data.learned))
    nodes = {index - 1 if isinstance(index, int) else index: node for index, node in call.nodes.items() if index != 0}
    shifted = Call(
        call.node, call.args[1:], call.keywords, call.exact, nodes, f"numpy.{METHOD_NAMES.get(call.name, call.name)}"
    )
    return frames.method(run, value, replace(data, mask=None), shifted.name, shifted)


# Functions whose method has another name.
METHOD_NAMES = {
    "amax": "max",
    "amin": "min",
    "around": "round",
    "absolute": "abs",
    "nanprod": "prod",
    "nancumsum": "cumsum",
    "nanargmax": "argmax",
    "nanargmin": "argmin",
    "permute_dims": "transpose",
    "average": "mean",
    "nancumprod": "cumprod",
    "cumulative_sum": "cumsum",
    "cumulative_prod": "cumprod",
}


def statistic(run: Run, call: Call) -> Value:
    """A reduction without a method: over rows it learns, along each row it does not."""
    data = run.data(call.get(0, "a", "x", "arr"))
    if data is None:
        return run.alloc(call.node, Data())
    place = 2 if "percentile" in call.name or "quantile" in call.name else 1
    return run.alloc(call.node, apply(run, Effect(rows="none", learns=call.name, axis=place), data, call, call.name))


def spread(run: Run, call: Call) -> Value:
    """`cov`, `corrcoef`: rows are variables unless `rowvar=False` says otherwise."""
    data = run.data(call.get(0, "m", "x"))
    if data is None:
        return run.alloc(call.node, Data())
    by_column = constant(call.get(2, "rowvar")) is False or data.rank == 1 or data.kind == "series"
    if not by_column:
        return run.alloc(call.node, Data(kind="array", learned=data.learned))
    return run.alloc(
        call.node, apply(run, Effect(rows="none", learns=call.name), data, Call(call.node, [], {}), call.name)
    )


def counted(run: Run, call: Call) -> Value:
    """`histogram`: how many lie between which edges."""
    data = run.data(call.get(0, "a"))
    if data is None:
        return UNKNOWN
    result = apply(run, Effect(rows="none", learns=call.name), data, Call(call.node, [], {}), call.name)
    return TupleValue(tuple(run.alloc(call.node, result, part) for part in ("counts", "edges")))


def distinct(run: Run, call: Call) -> Value:
    """`unique`: the values there are; with more asked for, several things."""
    data = run.data(call.get(0, "ar"))
    if data is None or len(call.args) > 1 or any(name.startswith(("return", "axis")) for name in call.keywords):
        return UNKNOWN
    values = apply(run, Effect(rows="none", learns="unique"), data, call, "unique")
    return run.alloc(call.node, replace(values, selects=()))


def asked(run: Run, call: Call) -> Value:
    """A yes or a no for every element: a mask."""
    result = _together(run, call, call.args[:1])
    gaps = call.name in ("isnan", "isnat")
    mask = Mask(ast.dump(call.node), "is", True, gaps=gaps) if result.rank == 1 else None
    whole, part = run.data(call.get(0)), run.data(call.get(1, "test_elements", "ar2"))
    if call.name in ("isin", "in1d") and whole is not None and part is not None and whole.selects is not None:
        mask = picking.membership(whole, part, call.node)
    return run.alloc(
        call.node, Data(kind=_bare(result.kind), rows=result.rows, learned=result.learned, mask=mask, rank=result.rank)
    )


def _bare(kind: DataKind) -> DataKind:
    return "array" if kind in ("frame", "series", "sparse") else kind


def rounded(run: Run, call: Call) -> Value:
    """`np.float32(x)` and its kind: the same numbers in another form."""
    data = run.data(call.get(0))
    if data is None:
        return run.alloc(call.node, Data())
    return run.alloc(
        call.node, apply(run, frames.ROUNDED, replace(data, kind=_bare(data.kind)), Call(call.node, [], {}), "")
    )


def ordered(run: Run, call: Call) -> Value:
    """`sort`: a column in another order; a table comes apart, along each row or along each column."""
    data = run.data(call.get(0, "a"))
    if data is None:
        return run.alloc(call.node, Data())
    if data.rank == 1:
        return run.alloc(call.node, replace(data, kind=_bare(data.kind), mask=None))
    within = data.rank == 2 and call.get(1, "axis") is None
    return run.alloc(
        call.node, Data(kind="array", rows=data.rows if within else None, learned=data.learned, rank=data.rank)
    )


def turned(run: Run, call: Call) -> Value:
    """`flip` and its kind: rows, or columns, or both the other way round."""
    data = run.data(call.get(0, "m"))
    if data is None:
        return run.alloc(call.node, Data())
    return run.alloc(
        call.node, replace(data, kind=_bare(data.kind), columns=data.columns if data.rank == 1 else None, mask=None)
    )


def raised(run: Run, call: Call) -> Value:
    """`atleast_2d`: what is a table stays one, a column becomes a row."""
    data = run.data(call.get(0))
    if data is None:
        return run.alloc(call.node, Data())
    least = 1 if call.name == "atleast_1d" else 2
    kept = data.rank is not None and data.rank >= least
    return run.alloc(
        call.node, replace(data, kind="array", mask=None) if kept else Data(kind="array", learned=data.learned)
    )


def reshape(run: Run, call: Call) -> Value:
    """`reshape(x, shape)`, `expand_dims(x, axis)`."""
    return by_method(run, call)


def widened(run: Run, call: Call) -> Value:
    data = run.data(call.get(0, "a"))
    if data is None:
        return run.alloc(call.node, Data())
    bare = replace(data, kind=_bare(data.kind))
    if constant(call.get(1, "axis")) == -1 and data.rank is None:
        # Behind all there are.
        return run.alloc(call.node, replace(bare, mask=None, columns=None))
    return frames.method(run, UNKNOWN, bare, "unsqueeze", Call(call.node, call.args[1:], _dim(call)))


def _dim(call: Call) -> dict[str, Value]:
    return {"dim": call.keywords["axis"]} if "axis" in call.keywords else {}


def stacked(run: Run, call: Call) -> Value:
    """`concatenate`, `vstack`: rows after rows; with `axis=1` and in `column_stack` columns beside columns."""
    first = call.get(0, "arrays", "tup")
    values = run.items_of(first) if first is not None else None
    if values is None:
        return run.alloc(call.node, Data(kind="array"))
    name = call.name
    ranks = {data.rank if data is not None else None for data in map(run.data, values)}
    if name == "hstack" and ranks <= {1}:
        name = "concatenate"
    elif (name == "hstack" and (ranks & {1, None}) and not _are_frames(run, values)) or (
        name == "vstack" and 1 in ranks
    ):
        # Columns beside columns, or one after the other; rows after rows, or columns made rows.
        return run.alloc(call.node, replace(_mixed(run, values), kind="array"))
    axis = constant(call.get(1, "axis")) if name in ("concatenate", "concat") and call.get(1, "axis") is not None else 0
    if name in ("hstack", "column_stack") or axis in (1, -1):
        return _as_array(run, call, frames.beside(run, list(values), call))
    if axis != 0:
        return run.alloc(call.node, replace(_mixed(run, values), kind="array"))
    return _as_array(run, call, frames.concatenated(run, list(values), call))


def _are_frames(run: Run, values: tuple[Value, ...]) -> bool:
    return all((data := run.data(value)) is not None and data.kind == "frame" for value in values)


def _mixed(run: Run, values: tuple[Value, ...] | list[Value]) -> Data:
    """Of these, in a way that is not known."""
    found = [data for data in map(run.data, values) if data is not None]
    return Data(learned=merge_learned(*(data.learned for data in found)))


def _as_array(run: Run, call: Call, value: Value) -> Value:
    thing = run.object(value)
    if isinstance(thing, Data):
        run.update(value, replace(thing, kind="array"))
    return value


def mixed(run: Run, call: Call) -> Value:
    """A product, a solution, a decomposition: made of the arguments in a way that keeps no rows."""
    return run.alloc(call.node, Data(learned=shaped_by(run, call)))


def product(run: Run, call: Call) -> Value:
    """`dot`, `matmul`: each row times weights."""
    data = run.data(call.get(0, "a", "x1"))
    if data is None or len(call.args) < 2:
        return mixed(run, call)
    shifted = Call(call.node, call.args[1:], call.keywords)
    return frames.method(run, call.args[0], data, "dot", shifted)


# Under this the state keeps what any number of a span is.
NUMBER = "any number"


def positions(run: Run, call: Call) -> Value:
    """`arange(len(x))`, `permutation(len(x))`: positions of all rows; of another number, of some."""
    if call.name == "arange" and any(isinstance(constant(value), float) for value in call.args):
        return spanned(run, call)
    data = picking.picker(run, call.get(0)) or run.object(call.get(0))
    if isinstance(data, Data) and data.kind != "index" and call.name == "permutation":
        return run.alloc(call.node, replace(data, mask=None, kind=_bare(data.kind)))
    if isinstance(data, Data) and data.kind == "index":
        return run.alloc(call.node, data)
    whole = isinstance(data, Opaque) and data.symbol == "builtins.len" and len(call.args) == 1
    return run.alloc(call.node, Data(kind="index", selects=() if whole else None))


def found(run: Run, call: Call) -> Value:
    """`flatnonzero`, `argwhere`: positions of the rows a mask picks."""
    mask = run.object(call.get(0, "a", "condition"))
    if isinstance(mask, Data) and mask.mask is not None and call.name == "flatnonzero" and _is_column(mask):
        return run.alloc(call.node, Data(kind="index", selects=mask.mask.choices()))
    return run.alloc(call.node, Data(kind="index" if call.name == "flatnonzero" else "unknown"))


def _is_column(mask: Data) -> bool:
    return mask.rank == 1 or mask.kind == "series"


def where(run: Run, call: Call) -> Value:
    mask = run.object(call.get(0, "condition"))
    if len(call.args) == 1:
        index = Data(kind="index")
        if isinstance(mask, Data) and mask.mask is not None and (_is_column(mask) or mask.rank is None):
            index = Data(kind="index", selects=mask.mask.choices())
        element = run.alloc(call.node, index)
        flat = isinstance(mask, Data) and _is_column(mask)
        return TupleValue((element,)) if flat else run.alloc(call.node, ListObject(None, element), "all")
    result = _together(run, call, call.args)
    if isinstance(mask, Data) and mask.mask is not None and mask.mask.gaps:
        asked = run.data(call.get(2, "y"))
        before = asked.learned if asked is not None else ()
        result = replace(result, learned=merge_learned(before, filling(result.learned)))
    if isinstance(mask, Data) and mask.form == "thresholded":
        result = replace(result, rows=mask.rows, role=mask.role, fits=mask.fits, form=mask.form)
    return run.alloc(
        call.node, replace(result, kind=_bare(result.kind), columns=None if result.rank != 1 else result.columns)
    )


def negated(run: Run, call: Call) -> Value:
    data = run.object(call.get(0))
    if isinstance(data, Data) and data.mask is not None and picking.inverted(data.mask) is not None:
        return run.alloc(call.node, frames.inverted(data))
    return elementwise(run, call)


def made(run: Run, call: Call) -> Value:
    """`zeros`, `ones`: constants, with rows of their own; of yes and no a mask of none of the rows, or of all."""
    name = call.name
    filled = constant(call.get(1, "fill_value")) if name == "full" else {"zeros": False, "ones": True}.get(name, ...)
    kind = call.get(2 if name == "full" else 1, "dtype")
    truths = kind in (Symbol("builtins.bool"), Symbol("numpy.bool_"), Const.of("bool")) or name == "full"
    mask = Mask(None, "every", filled) if truths and isinstance(filled, bool) else None
    rows = run.source(call.node, f"{name}(...)")
    return run.alloc(call.node, Data(kind="array", rows=rows, scale="even", mask=mask))


def removed(run: Run, call: Call) -> Value:
    """`delete(x, positions, axis=0)`: the other rows."""
    data, part = run.data(call.get(0, "arr")), picking.picker(run, call.get(1, "obj"))
    by_row = data is not None and (data.rank == 1 or constant(call.get(2, "axis")) == 0)
    if data is None or part is None or part.selects is None or len(part.selects) != 1 or not by_row:
        return moved(run, call)
    return run.alloc(call.node, replace(picking.choose(data, part.selects[0].rest()), kind=_bare(data.kind)))


def difference(run: Run, call: Call) -> Value:
    """`setdiff1d(whole, part)` of positions or labels."""
    whole, part = run.data(call.get(0, "ar1")), run.data(call.get(1, "ar2"))
    known = whole is not None and part is not None and whole.selects is not None and part.selects is not None
    left = picking.without(whole, part) if known and whole is not None and part is not None else None
    return mixed(run, call) if left is None else run.alloc(call.node, left)


def spanned(run: Run, call: Call) -> Value:
    """`linspace(low, high)`: numbers of one's own, between bounds that may have been learned."""
    learned = shaped_by(run, call)
    numbers = run.alloc(call.node, Data(kind="array", rows=own_rows(run, call), learned=learned, scale="even"))
    run.state.set((numbers, NUMBER), run.alloc(call.node, Data(kind="scalar", rows=NO_ROWS, learned=learned), NUMBER))
    return numbers


def grid(run: Run, call: Call) -> Value:
    """`meshgrid`: every pair of the values of two lists."""
    data = replace(_mixed(run, call.args), kind="array", rows=own_rows(run, call), scale="even")
    return run.alloc(call.node, ListObject(None, run.alloc(call.node, data, "axis")))


def chosen(run: Run, call: Call) -> Value:
    """`choice(n, size)`: some positions; of values, some of these."""
    value = call.get(0, "a")
    data = picking.picker(run, value)
    again = call.get(2, "replace")
    kept = again is not None and constant(again) is False
    origin = run.origin(call.node)
    if data is not None and data.selects is None and data.kind != "index":
        return run.alloc(call.node, Data(rows=own_rows(run, call), learned=data.learned))
    if _is_truths(run, value):
        mask = Mask(origin, "is", True)
        return run.alloc(call.node, Data(kind="array", rows=own_rows(run, call), mask=mask, rank=1))
    if data is not None and kept:
        return run.alloc(call.node, picking.choose(data, Choice(origin, "sample", True)))
    thing = run.object(value)
    whole = isinstance(thing, Opaque) and thing.symbol == "builtins.len"
    selects = (Choice(origin, "sample", True),) if kept and whole else None
    return run.alloc(call.node, Data(kind="index", selects=selects))


def _is_truths(run: Run, value: Value | None) -> bool:
    items = run.items_of(value) if value is not None else None
    return bool(items) and {constant(item) for item in items or ()} == {True, False}


def placed(run: Run, call: Call) -> Value:
    """`searchsorted(edges, values)`: where each value lies between the edges."""
    values, edges = run.data(call.get(1, "v")), run.data(call.get(0, "a"))
    learned = merge_learned(*(data.learned for data in (values, edges) if data is not None))
    return run.alloc(call.node, Data(kind="unknown", rows=values.rows if values is not None else None, learned=learned))


def applied(run: Run, call: Call) -> Value:
    """`apply_along_axis(function, axis, x)`: what a function makes of each row, or of each column."""
    data = run.data(call.get(2, "arr"))
    rows = data.rows if data is not None and constant(call.get(1, "axis")) == 1 else None
    return run.alloc(call.node, Data(kind="array", rows=rows, learned=data.learned if data is not None else ()))


def moved(run: Run, call: Call) -> Value:
    """`roll`, `repeat` and their kind: rows of the same table at other places, or cells."""
    data = run.data(call.get(0, "a", "arr", "A", "m", "array"))
    if call.name == "roll" and data is not None and along(data, call, 2) == "row":
        return run.alloc(call.node, Data(kind="array", rows=data.rows, learned=data.learned, rank=data.rank))
    return run.alloc(
        call.node, Data(kind="array", rows=own_rows(run, call), learned=data.learned if data is not None else ())
    )


def read_array(run: Run, call: Call) -> Value:
    """`np.load`: an array, or several by name."""
    path = text_of(call.get(0, "file"))
    kept = run.object(files.held(run, call.get(0, "file")))
    if isinstance(kept, (Data, DictObject)):
        return run.alloc(call.node, replace(kept, kind="array", columns=None) if isinstance(kept, Data) else kept)
    if path is None or not path.endswith(".npy"):
        return run.alloc(call.node, Opaque(symbol="numpy.load", label="load(...)"))
    return run.alloc(
        call.node, Data(kind="array", rows=run.source(call.node, f'load("{path}")', ("file", path)), scale="raw")
    )


def drawn(run: Run, call: Call) -> Value:
    """Random numbers: rows of their own, of a size that the parameters tell."""
    name = call.name
    dimensions = _dimensions(run, call)
    one_unit = name not in RANDOM_ROWS and all(constant(value) is not ... for value in call.args[:2])
    if dimensions == 0 and one_unit:
        return run.alloc(call.node, Data(kind="scalar", rows=NO_ROWS))
    low, high = _extent(name, call)
    column = Column("", low, high)
    return run.alloc(
        call.node,
        Data(
            kind="array",
            rows=run.source(call.node, "random numbers", ("random", run.frame.unit, _size(call))),
            scale="even" if one_unit else "unknown",
            columns=Columns((column,)) if low is not None and dimensions == 1 else None,
            rank=dimensions,
        ),
    )


def _dimensions(run: Run, call: Call) -> int | None:
    """How many sizes are told; none: a single number, or as many as the parameters."""
    if not call.exact:
        return None
    if call.name in ("rand", "randn"):
        return len(call.args)
    place = next((number for number, names in enumerate(_PARAMETERS) if call.name in names), 2)
    size = call.get(place, "size")
    more = call.name in RANDOM_ROWS
    if size is None or constant(size) is None:
        return int(more)
    items = run.items_of(size)
    known = isinstance(constant(size), int) or isinstance(run.object(size), Opaque)
    return len(items) + more if items is not None else 1 + more if known else None


# What takes no parameters before the size, one, three; the others take two.
_PARAMETERS: tuple[frozenset[str], ...] = (
    frozenset("random random_sample ranf sample standard_normal standard_cauchy standard_exponential".split()),
    frozenset(
        "exponential poisson chisquare geometric pareto power rayleigh standard_gamma standard_t weibull zipf "
        "logseries dirichlet".split()
    ),
    frozenset(),
    frozenset("triangular hypergeometric noncentral_f".split()),
)


def _size(call: Call) -> str:
    """Numbers drawn in equal amounts are taken for columns of the same rows only within one statement."""
    size = call.node_of(None, "size")
    return code_of(size) if size is not None else str(call.node.lineno) + ":" + str(call.node.col_offset)


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
    normal uniform randint integers exponential poisson rand randn random random_sample ranf sample standard_normal
    binomial gamma beta lognormal laplace chisquare geometric gumbel logistic pareto power rayleigh standard_cauchy
    standard_exponential standard_gamma standard_t triangular vonmises wald weibull zipf negative_binomial f
    hypergeometric logseries noncentral_chisquare noncentral_f
    """.split()
# A row of these has several numbers, each with an extent of its own.
RANDOM_ROWS = ["multivariate_normal", "dirichlet", "multinomial", "multivariate_hypergeometric"]

FUNCTIONS: dict[str, Model] = {
    **dict.fromkeys("array asarray asanyarray ascontiguousarray asfortranarray asarray_chkfinite".split(), array),
    **dict.fromkeys(
        """
            log log1p log2 log10 exp exp2 expm1 sqrt cbrt square abs fabs absolute sign floor ceil trunc rint fix
            power pow sin cos tan sinh cosh tanh arcsin arccos arctan arcsinh arccosh arctanh asin acos atan asinh acosh
            atanh atan2 add subtract multiply divide true_divide floor_divide mod fmod remainder maximum minimum fmax
            fmin heaviside hypot arctan2 float_power reciprocal negative positive logaddexp
            logaddexp2 deg2rad rad2deg degrees radians digitize ldexp copysign conj conjugate
            bitwise_and bitwise_or bitwise_xor left_shift right_shift gcd lcm nextafter signbit spacing
            logical_and logical_or logical_xor greater greater_equal less less_equal equal not_equal
            """.split(),
        elementwise,
    ),
    **dict.fromkeys("nan_to_num sinc i0 real imag angle unwrap emath.sqrt emath.log real_if_close".split(), bare),
    **dict.fromkeys(
        """
            isnan isfinite isinf isnat isneginf isposinf iscomplex isreal isin in1d isclose
            """.split(),
        asked,
    ),
    **dict.fromkeys(
        """
            mean std var min max amin amax sum prod nanmean nansum nanprod ptp argmax argmin nanargmax nanargmin any all
            cumsum cumprod nancumsum nancumprod cumulative_sum cumulative_prod diff clip round around copy ravel squeeze
            argsort repeat take transpose swapaxes permute_dims average trace
            """.split(),
        by_method,
    ),
    **dict.fromkeys(
        """
            median nanmedian nanstd nanvar nanmin nanmax quantile percentile nanpercentile nanquantile count_nonzero
            bincount linalg.norm trapezoid trapz
            """.split(),
        statistic,
    ),
    **dict.fromkeys(["cov", "corrcoef"], spread),
    **dict.fromkeys(["histogram"], counted),
    "unique": distinct,
    **dict.fromkeys(
        """
            float16 float32 float64 float128 single double half int8 int16 int32 int64 uint8 uint16 uint32 uint64 intc
            intp longlong float_ astype
            """.split(),
        rounded,
    ),
    "sort": ordered,
    **dict.fromkeys("flip fliplr flipud".split(), turned),
    **dict.fromkeys("atleast_1d atleast_2d".split(), raised),
    "reshape": reshape,
    "expand_dims": widened,
    **dict.fromkeys("concatenate concat vstack hstack column_stack row_stack".split(), stacked),
    **dict.fromkeys("dot matmul".split(), product),
    **dict.fromkeys(
        """
            inner outer vdot vecdot matvec vecmat tensordot einsum kron cross diag diagonal diagflat linalg.inv
            linalg.pinv linalg.det linalg.slogdet linalg.eig linalg.eigh linalg.eigvals linalg.eigvalsh linalg.svd
            linalg.svdvals
            linalg.solve linalg.lstsq linalg.qr linalg.cholesky linalg.matrix_rank linalg.matrix_power linalg.multi_dot
            linalg.cond linalg.outer linalg.cross linalg.trace linalg.diagonal linalg.matmul linalg.tensordot
            linalg.vecdot linalg.vector_norm linalg.matrix_norm linalg.tensorinv linalg.tensorsolve
            convolve correlate polyfit polyval polyadd polysub polymul polydiv polyder polyint roots poly poly1d interp
            gradient ediff1d histogram2d histogramdd histogram_bin_edges union1d intersect1d setxor1d
            choose select piecewise compress extract triu tril stack dstack block bmat broadcast_to broadcast_arrays
            moveaxis rollaxis rot90 matrix_transpose vander partition argpartition lexsort take_along_axis
            nonzero unravel_index ravel_multi_index trim_zeros resize atleast_3d asmatrix matrix
            apply_over_axes frombuffer fromstring packbits unpackbits unique_all unique_counts unique_inverse
            unique_values hsplit vsplit dsplit unstack modf frexp divmod sort_complex lib.stride_tricks.as_strided
            lib.stride_tricks.sliding_window_view fft.fft fft.ifft fft.rfft fft.irfft fft.fft2 fft.ifft2 fft.fftfreq
            fft.rfftfreq fft.fftshift fft.ifftshift fft.fftn
            """.split(),
        mixed,
    ),
    **dict.fromkeys("roll tile pad append insert".split(), moved),
    "delete": removed,
    "setdiff1d": difference,
    **dict.fromkeys(["arange", "random.permutation"], positions),
    **dict.fromkeys("flatnonzero argwhere".split(), found),
    **dict.fromkeys("loadtxt genfromtxt fromfile".split(), pandas.read),
    "load": read_array,
    **dict.fromkeys("save savez savez_compressed savetxt".split(), files.save_array),
    **dict.fromkeys("split array_split".split(), divided),
    "where": where,
    **dict.fromkeys(["logical_not", "invert", "bitwise_not", "bitwise_invert"], negated),
    **dict.fromkeys(
        """
            zeros ones full empty zeros_like ones_like full_like empty_like eye identity tri bartlett blackman hamming
            hanning kaiser indices fromfunction
            """.split(),
        made,
    ),
    **dict.fromkeys("linspace logspace geomspace".split(), spanned),
    "meshgrid": grid,
    "searchsorted": placed,
    "apply_along_axis": applied,
    **{f"random.{name}": drawn for name in (*RANDOM, *RANDOM_ROWS)},
    "random.choice": chosen,
    "random.default_rng": generator,
    "random.RandomState": generator,
    "random.Generator": generator,
    **dict.fromkeys(
        """
            random.seed random.shuffle set_printoptions seterr fill_diagonal put
            putmask place copyto put_along_axis ndim shape size allclose array_equal array_equiv isscalar iterable
            iscomplexobj isrealobj testing.assert_allclose testing.assert_array_equal testing.assert_almost_equal
            testing.assert_array_almost_equal testing.assert_equal issubdtype can_cast shares_memory may_share_memory
            array2string array_str array_repr diag_indices tril_indices triu_indices binary_repr base_repr show_config
            """.split(),
        nothing,
    ),
    **dict.fromkeys(
        """
            finfo iinfo dtype errstate printoptions ndenumerate ndindex nditer ix_ vectorize frompyfunc bool_ str_
            bytes_ object_ datetime64 timedelta64 complex64 complex128 result_type promote_types memmap get_printoptions
            random.SeedSequence random.PCG64 random.MT19937 random.get_state random.set_state mask_indices busday_count
            fromiter ma.masked_array ma.array ma.masked_equal ma.masked_where ma.masked_invalid ma.masked_less
            ma.masked_greater ma.compressed einsum_path bool
            """.split(),
        opaque,
    ),
}


def generator_method(run: Run, name: str, call: Call) -> Value | None:
    """Methods of `default_rng()` and `RandomState()` do what the functions of the module do."""
    model = FUNCTIONS.get(f"random.{name}")
    call.symbol = f"numpy.random.{name}"
    return None if model is None or name in ("default_rng", "RandomState") else model(run, call)
