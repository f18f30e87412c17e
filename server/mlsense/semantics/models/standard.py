"""Python's standard library, as far as values go through it, and joblib: containers, iterators, calls elsewhere."""

from __future__ import annotations

import ast
import itertools
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import code_of, constant, text_of
from mlsense.semantics.models import builtin, estimators, picking, scores
from mlsense.semantics.models.effects import Call
from mlsense.semantics.regions import Choice
from mlsense.semantics.values import (
    NONE,
    UNKNOWN,
    ClassValue,
    DictObject,
    Estimator,
    HeapObject,
    ListObject,
    Method,
    Opaque,
    Partial,
    Symbol,
    TupleValue,
    Value,
)

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable

    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model


# Containers are copied with what they hold down to this depth.
MAX_COPIED = 6


def partial(run: Run, call: Call) -> Value:
    if not call.args:
        return UNKNOWN
    return Partial(call.args[0], tuple(call.args[1:]), tuple(call.keywords.items()))


def namedtuple(run: Run, call: Call) -> Value:
    """A class whose fields are positions too."""
    name = text_of(call.get(0, "typename")) or "tuple"
    fields = call.get(1, "field_names")
    written = text_of(fields)
    items = run.items_of(fields) if fields is not None else None
    names = written.replace(",", " ").split() if written is not None else [text_of(item) for item in items or ()]
    members = tuple((field, UNKNOWN) for field in names if field is not None)
    return ClassValue(run.origin(call.node), name, (Symbol("collections.namedtuple"),), members)


def field(run: Run, call: Call) -> Value:
    """A dataclass's `field(default_factory=...)`: what makes the value of each instance."""
    factory = call.get(None, "default_factory")
    if factory is None:
        return call.get(None, "default") or UNKNOWN
    return run.alloc(call.node, Opaque(symbol="dataclasses.field", label="field(...)", parts=(factory,)))


def duplicate(run: Run, call: Call) -> Value:
    """`copy(x)`, `deepcopy(x)`: an object of its own that is as the other is now; deep, what it holds too."""
    value = call.get(0, "x") or UNKNOWN
    return _copied(run, value, call, (), deep=call.name == "deepcopy")


def _copied(run: Run, value: Value, call: Call, way: tuple[Hashable, ...], deep: bool) -> Value:
    run.spend()
    if isinstance(value, TupleValue) and deep and len(way) < MAX_COPIED:
        return TupleValue(tuple(_copied(run, item, call, (*way, n), deep) for n, item in enumerate(value.items)))
    thing = run.object(value)
    if thing is None:
        return value
    if deep and isinstance(thing, Estimator):
        return estimators.deep_copied(run, value, call.node, way or 0)
    if deep and len(way) < MAX_COPIED and isinstance(thing, ListObject) and thing.items is not None:
        items = tuple(_copied(run, item, call, (*way, number), deep) for number, item in enumerate(thing.items))
        thing = replace(thing, items=items)
    elif deep and len(way) < MAX_COPIED and isinstance(thing, DictObject):
        pairs = tuple((key, _copied(run, item, call, (*way, key), deep)) for key, item in thing.items)
        thing = replace(thing, items=pairs)
    return run.alloc(call.node, thing, way or 0)


# --- namespaces, dicts -------------------------------------------------------------------------------


def namespace(run: Run, call: Call) -> Value:
    """`SimpleNamespace(a=1)`: values by attribute."""
    given = run.object(call.get(0))
    items = dict(given.items) if isinstance(given, DictObject) else {}
    known = call.exact and (not call.args or isinstance(given, DictObject))
    return run.alloc(call.node, DictObject(tuple((items | call.keywords).items()), not known, bunch=True))


def ordered(run: Run, call: Call) -> Value:
    return builtin.call(run, "dict", call)


def with_default(run: Run, call: Call) -> Value:
    """`defaultdict(factory, ...)`."""
    value = builtin.call(run, "dict", replace(call, args=call.args[1:]))
    thing = run.object(value)
    if isinstance(thing, DictObject) and call.args:
        run.update(value, replace(thing, factory=call.args[0]))
    return value


def chained_dicts(run: Run, call: Call) -> Value:
    """`ChainMap(first, second)`: of a key in both the first counts."""
    items: dict[Hashable, Value] = {}
    known = True
    for value in reversed(call.args):
        thing = run.object(value)
        known = known and isinstance(thing, DictObject) and not thing.open
        items |= dict(thing.items) if isinstance(thing, DictObject) else {}
    return run.alloc(call.node, DictObject(tuple(items.items()), not known))


# --- itertools, functools, operator ------------------------------------------------------------------


def _all_items(run: Run, values: Iterable[Value], call: Call) -> list[tuple[Value, ...]] | None:
    found = [run.items_of(run.iterated(value, call.node)) for value in values]
    return None if any(items is None for items in found) else [items for items in found if items is not None]


def _listed(run: Run, call: Call, items: Iterable[Value] | None, element: Value = UNKNOWN) -> Value:
    some = tuple(itertools.islice(items, builtin.MAX_ITEMS + 1)) if items is not None else None
    exact = some is not None and len(some) <= builtin.MAX_ITEMS
    return run.alloc(call.node, ListObject(some if exact else None, UNKNOWN if exact else element))


def chain(run: Run, call: Call) -> Value:
    """`chain(a, b)`, `chain.from_iterable([a, b])`: the items of one after those of the other."""
    sources = run.items_of(call.get(0) or UNKNOWN) if call.name == "from_iterable" else tuple(call.args)
    if sources is None:
        return run.alloc(call.node, ListObject(None))
    parts = _all_items(run, sources, call)
    element = run.any_of([run.element_of(value, call.node) for value in sources])
    return _listed(run, call, itertools.chain(*parts) if parts is not None else None, element)


def islice(run: Run, call: Call) -> Value:
    bounds = [constant(value) for value in call.args[1:]]
    parts = _all_items(run, call.args[:1], call)
    known = parts and bounds and all(bound is None or (isinstance(bound, int) and bound >= 0) for bound in bounds)
    items = itertools.islice(parts[0], *bounds) if known and parts is not None else None
    return _listed(run, call, items, run.element_of(call.args[0], call.node) if call.args else UNKNOWN)


def tupled(run: Run, call: Call) -> Value:
    """`product`, `zip_longest`, `pairwise`, `combinations`: tuples of the items."""
    number = constant(call.get(1, "r"))
    given = call.args[:1] if call.name in ("combinations", "permutations", "pairwise") else call.args
    parts = _all_items(run, given, call)
    elements = [run.element_of(value, call.node) for value in given]
    if call.name in ("combinations", "permutations"):
        if not isinstance(number, int) or not 0 < number < 5:
            return run.alloc(call.node, ListObject(None))
        way = itertools.combinations if call.name == "combinations" else itertools.permutations
        tuples = way(parts[0], number) if parts else None
        return _listed(
            run, call, map(TupleValue, tuples) if tuples is not None else None, TupleValue((*elements * number,))
        )
    if call.name == "pairwise":
        pairs = itertools.pairwise(parts[0]) if parts else None
        return _listed(run, call, map(TupleValue, pairs) if pairs is not None else None, TupleValue((*elements * 2,)))
    again = call.get(None, "repeat")
    if again is not None:
        return run.alloc(call.node, ListObject(None))
    filler = call.get(None, "fillvalue") or NONE
    rows: Iterable[tuple[Value, ...]] | None = None
    if parts is not None:
        rows = itertools.product(*parts) if call.name == "product" else itertools.zip_longest(*parts, fillvalue=filler)
    return _listed(run, call, map(TupleValue, rows) if rows is not None else None, TupleValue(tuple(elements)))


def reduced(run: Run, call: Call) -> Value:
    """`reduce(function, items, first)`: called with what came of it so far and the next item."""
    items = run.items_of(run.iterated(call.get(1) or UNKNOWN, call.node))
    if items is None or len(items) > builtin.MAX_ITEMS or not call.args:
        return run.alloc(call.node, Opaque(label="reduce(...)"))
    rest = [*call.args[2:3], *items]
    if not rest:
        return UNKNOWN
    result = rest[0]
    for number, item in enumerate(rest[1:]):
        with run.iteration(number):
            result = run.call(call.args[0], Call(call.node, [result, item], {}))
    return result


def getter(run: Run, call: Call) -> Value:
    """`itemgetter(0)`, `attrgetter("x")`, `methodcaller("f", 1)`: to be called with the object."""
    held = TupleValue(tuple(call.args))
    return Partial(Symbol(f"operator.{call.name}.get"), (held,), tuple(call.keywords.items()))


def got(run: Run, call: Call) -> Value:
    """What a getter takes from an object."""
    held, thing = call.args[0], call.get(1)
    keys = held.items if isinstance(held, TupleValue) else ()
    kind = call.symbol.split(".")[1]
    if thing is None or not keys:
        return UNKNOWN
    if kind == "methodcaller":
        name = text_of(keys[0])
        if name is None:
            return UNKNOWN
        rest = replace(call, args=list(keys[1:]), nodes={}, symbol="")
        return run.call(
            Method(thing, name) if run.data(thing) is not None else run.attribute(thing, name, call.node), rest
        )
    found: list[Value] = []
    for key in keys:
        name, place = text_of(key), constant(key)
        if kind == "attrgetter":
            found.append(run.attribute(thing, name, call.node) if name is not None else UNKNOWN)
        elif isinstance(place, (int, str)):
            node = ast.Subscript(ast.Name("x", ast.Load()), ast.Constant(place), ast.Load())
            found.append(run.subscript(thing, ast.copy_location(node, call.node)))
        else:
            found.append(UNKNOWN)
    return found[0] if len(found) == 1 else TupleValue(tuple(found))


# --- calls at another time or place ------------------------------------------------------------------


def same(run: Run, call: Call) -> Value:
    """`delayed(f)`, `wraps(f)`: what is called by it is `f`."""
    return call.args[0] if call.args else UNKNOWN


def run_now(run: Run, call: Call) -> Value:
    """`asyncio.run(main())`: what the function gives."""
    return call.args[0] if call.args else UNKNOWN


def gathered(run: Run, call: Call) -> Value:
    """`Parallel(...)(calls)`, `as_completed(futures)`, `gather(a, b)`: the results."""
    if call.name in ("gather", "wait"):
        return run.alloc(call.node, ListObject(tuple(call.args)))
    return builtin.call(run, "list", replace(call, args=call.args[:1], keywords={}))


def parallel(run: Run, call: Call) -> Value:
    return Symbol("joblib.Parallel.run")


def pool(run: Run, call: Call) -> Value:
    return run.alloc(call.node, Opaque(symbol="multiprocessing.Pool", label=code_of(call.node.func)))


def method(run: Run, thing: HeapObject | None, name: str, call: Call) -> Value | None:
    """Methods of pools and of what they promise; None for others."""
    if not isinstance(thing, Opaque):
        return None
    if thing.symbol == "concurrent.futures.Future":
        return thing.parts[0] if name in ("result", "get") else UNKNOWN
    if thing.symbol == scores.STUDY and name == "optimize":
        return scores.tuned(run, call.get(0, "func"), call)
    if thing.symbol != "multiprocessing.Pool" or not call.args:
        return None
    function = call.args[0]
    if name in ("map", "imap", "imap_unordered", "map_async"):
        value = builtin.call(run, "map", replace(call, keywords={}))
    elif name in ("starmap", "starmap_async"):
        value = _starmapped(run, function, call)
    elif name == "submit":
        value = run.call(function, replace(call, args=call.args[1:], nodes={}))
    elif name in ("apply", "apply_async"):
        args, keywords = run.items_of(call.get(1, "args") or TupleValue(())), run.object(call.get(2, "kwds"))
        named = (
            {key: item for key, item in keywords.items if isinstance(key, str)}
            if isinstance(keywords, DictObject)
            else {}
        )
        value = run.call(function, Call(call.node, list(args or ()), named, args is not None))
    else:
        return None
    if name != "submit" and not name.endswith("_async"):
        return value
    return run.alloc(call.node, Opaque(symbol="concurrent.futures.Future", label="a result", parts=(value,)), "promise")


def starmapped(run: Run, call: Call) -> Value:
    return _starmapped(run, call.args[0], call) if len(call.args) > 1 else UNKNOWN


def _starmapped(run: Run, function: Value, call: Call) -> Value:
    """The function called with the items of each tuple."""
    items = run.items_of(call.get(1) or UNKNOWN)
    if items is None or len(items) > builtin.MAX_ITEMS:
        args = run.items_of(run.element_of(call.get(1) or UNKNOWN, call.node))
        result = run.call(function, Call(call.node, list(args or ()), {}, args is not None))
        return run.alloc(call.node, ListObject(None, result))
    results: list[Value] = []
    for number, item in enumerate(items):
        args = run.items_of(item)
        with run.iteration(number):
            results.append(run.call(function, Call(call.node, list(args or ()), {}, args is not None)))
    return run.alloc(call.node, ListObject(tuple(results)))


def drawn(run: Run, call: Call) -> Value:
    """`random.sample(positions, k)`: some of them, or all in another order."""
    data = picking.picker(run, call.get(0, "population"))
    count = run.object(call.get(1, "k"))
    if data is None or data.selects is None:
        return run.alloc(call.node, Opaque(symbol=call.symbol, label="sample(...)"))
    if isinstance(count, Opaque) and count.symbol == "builtins.len":
        return run.alloc(call.node, replace(data, mask=None))
    return run.alloc(call.node, picking.choose(data, Choice(run.origin(call.node), "sample", True)))


# A bar that shows how far a loop is: its part is what the loop goes through.
PROGRESS = "tqdm.tqdm"


def progress(run: Run, call: Call) -> Value:
    """`tqdm(loader)`: what it is given, one by one."""
    given = call.get(0, "iterable")
    return run.alloc(call.node, Opaque(PROGRESS, "tqdm(...)", parts=(given,) if given is not None else ()))


def counting(run: Run, call: Call) -> Value:
    """`trange(n)`: `tqdm(range(n))`."""
    return builtin.call(run, "range", replace(call, keywords={}))


TQDM: dict[str, Model] = {
    **dict.fromkeys(("tqdm", "tqdm_notebook"), progress),
    **dict.fromkeys(("trange", "tnrange"), counting),
}
FUNCTOOLS: dict[str, Model] = {"partial": partial, "reduce": reduced}
COLLECTIONS: dict[str, Model] = {
    "namedtuple": namedtuple,
    "OrderedDict": ordered,
    "defaultdict": with_default,
    "ChainMap": chained_dicts,
}
DATACLASSES: dict[str, Model] = {"field": field}
COPY: dict[str, Model] = {"copy": duplicate, "deepcopy": duplicate}
RANDOM: dict[str, Model] = {"sample": drawn}
NAMESPACES: dict[str, Model] = {"SimpleNamespace": namespace, "Namespace": namespace}
ITERTOOLS: dict[str, Model] = {
    "chain": chain,
    "chain.from_iterable": chain,
    "islice": islice,
    "starmap": starmapped,
    **dict.fromkeys("product zip_longest pairwise combinations permutations".split(), tupled),
}
OPERATOR: dict[str, Model] = {
    **dict.fromkeys("itemgetter attrgetter methodcaller".split(), getter),
    **dict.fromkeys("itemgetter.get attrgetter.get methodcaller.get".split(), got),
}
PARALLEL: dict[str, Model] = {
    "delayed": same,
    "Parallel": parallel,
    "Parallel.run": gathered,
    **dict.fromkeys("Pool ThreadPool ThreadPoolExecutor ProcessPoolExecutor".split(), pool),
    "as_completed": gathered,
}
ASYNCIO: dict[str, Model] = {"run": run_now, "gather": gathered, "create_task": run_now}
