"""What Python's own functions, lists and dicts do."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import code_of, constant
from mlsense.semantics.models import files, labels, torch_modules
from mlsense.semantics.models.effects import Call, Effect, apply
from mlsense.semantics.state import join_values
from mlsense.semantics.values import (
    NONE,
    UNKNOWN,
    Const,
    Data,
    DataKind,
    DictObject,
    Iterates,
    ListObject,
    Method,
    Opaque,
    TupleValue,
    Value,
)

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run

MAX_ITEMS = 64
MAX_TEXT = 1_000


def call(run: Run, name: str, call: Call) -> Value:
    """Calls a built-in function by its name."""
    handler = _FUNCTIONS.get(name)
    if handler is not None:
        return handler(run, call)
    return _number(run, call) if name in _NUMBERS else UNKNOWN


_NUMBERS = frozenset(("int", "float", "round", "len", "abs", "max", "min", "sum", "input"))


def _number(run: Run, call: Call) -> Value:
    """Of data element by element, `max` and its kind a statistic over it; else a number nothing is known of."""
    data = run.object(call.get(0))
    if not isinstance(data, Data) or call.name in ("len", "input"):
        return run.alloc(call.node, Opaque(call.symbol, code_of(call.node), parts=tuple(call.args)))
    learns = call.name if call.name in ("max", "min", "sum") else ""
    return run.alloc(call.node, apply(run, Effect("none" if learns else "same", learns), data, call, call.name))


def _super(run: Run, call: Call) -> Value:
    """`super()`: the first base, bound to the first argument, as far as it is the program's own."""
    frame = run.frame
    if frame.function is None or isinstance(frame.function.node, ast.Lambda):
        return UNKNOWN
    parameters = frame.function.node.args.args
    own = run.lookup(parameters[0].arg) if parameters else None
    return Method(own, "super()") if own is not None else UNKNOWN


def _wrapped(run: Run, call: Call, item: Value, source: Value) -> ListObject:
    thing = run.object(source)
    if isinstance(thing, ListObject):
        return replace(thing, items=None, element=item, source=thing.source or source)
    return ListObject(None, item, _iterates(run, source), source=source)


def _iterates(run: Run, value: Value) -> Iterates:
    thing = run.object(value)
    if isinstance(thing, ListObject):
        return thing.iterates
    if isinstance(thing, Opaque):
        return "loader" if thing.symbol.endswith("DataLoader") else "unknown"
    return "data" if isinstance(thing, Data) else "unknown"


def _enumerate(run: Run, call: Call) -> Value:
    source = call.get(0, "iterable")
    if source is None:
        return UNKNOWN
    source = run.iterated(source, call.node)
    items = run.items_of(source)
    if items is not None and len(items) <= MAX_ITEMS:
        pairs = tuple(TupleValue((Const.of(index), item)) for index, item in enumerate(items))
        return run.alloc(call.node, ListObject(pairs))
    return run.alloc(call.node, _wrapped(run, call, TupleValue((UNKNOWN, run.element_of(source, call.node))), source))


def _zip(run: Run, call: Call) -> Value:
    sources = [run.iterated(value, call.node) for value in call.args]
    columns = [run.items_of(value) for value in sources]
    if columns and all(column is not None for column in columns):
        rows = zip(*(column for column in columns if column is not None), strict=False)
        return run.alloc(call.node, ListObject(tuple(map(TupleValue, rows))[:MAX_ITEMS]))
    element = TupleValue(tuple(run.element_of(value, call.node) for value in sources))
    kinds = [_iterates(run, value) for value in sources]
    known: Iterates = next((kind for kind in kinds if kind in ("loader", "folds")), "unknown")
    source = next((value for value, kind in zip(sources, kinds, strict=True) if kind == known == "loader"), None)
    return run.alloc(call.node, ListObject(None, element, known, source=source))


def _range(run: Run, call: Call) -> Value:
    bounds = [constant(value) for value in call.args]
    numbers, selects = None, None
    if len(call.args) == 1:
        size = run.object(call.args[0])
        selects = () if isinstance(size, Opaque) and size.symbol == "builtins.len" else None
    if 1 <= len(bounds) <= 3 and all(isinstance(bound, int) for bound in bounds) and 0 not in bounds[2:]:
        numbers = range(*bounds)
    return run.alloc(call.node, ListObject(None, UNKNOWN, "range", numbers, selects))


def _list(run: Run, call: Call) -> Value:
    source = call.get(0)
    if source is None:
        return run.alloc(call.node, ListObject(()))
    if (named := labels.columns_of(run, source)) is not None:
        return labels.made(run, call.node, named)
    source = run.iterated(source, call.node)
    items = run.items_of(source)
    thing = run.object(source)
    if items is None and isinstance(thing, Data):
        kind_of_rows: DataKind = "index" if thing.selects is not None else "array"
        return run.alloc(call.node, replace(thing, kind=kind_of_rows))
    kind = _iterates(run, source)
    return run.alloc(
        call.node,
        ListObject(
            items,
            UNKNOWN if items else run.element_of(source, call.node),
            kind,
            selects=thing.selects if isinstance(thing, ListObject) else None,
        ),
    )


def _set(run: Run, call: Call) -> Value:
    """A set of positions or labels; of other things nothing is known."""
    if call.args and (named := labels.columns_of(run, call.args[0])) is not None:
        return labels.made(run, call.node, named)
    data = run.data(call.args[0]) if call.args else None
    return UNKNOWN if data is None or data.selects is None else run.alloc(call.node, replace(data, kind="set"))


def _tuple(run: Run, call: Call) -> Value:
    items = run.items_of(call.args[0]) if call.args else ()
    return TupleValue(items) if items is not None else _list(run, call)


def _dict(run: Run, call: Call) -> Value:
    items = DictObject(tuple(call.keywords.items()))
    if call.args:
        thing = run.object(call.args[0])
        if isinstance(thing, DictObject):
            items = DictObject(tuple((dict(thing.items) | call.keywords).items()), thing.open)
        else:
            pairs = run.items_of(call.args[0])
            items = replace(items, open=pairs is None)
            for pair in pairs or ():
                key = constant(pair.items[0]) if isinstance(pair, TupleValue) and len(pair.items) == 2 else ...
                if key is ... or not isinstance(pair, TupleValue):
                    items = replace(items, open=True)
                else:
                    items = items.put(key, pair.items[1])
    return run.alloc(call.node, items)


def _next(run: Run, call: Call) -> Value:
    """The first of what is left of an iterator."""
    thing = run.object(call.get(0))
    if isinstance(thing, ListObject) and thing.items:
        run.update(call.args[0], replace(thing, items=thing.items[1:]))
        return thing.items[0]
    return run.element_of(call.args[0], call.node) if call.args else UNKNOWN


def _reversed(run: Run, call: Call) -> Value:
    value = _list(run, call)
    thing = run.object(value)
    if isinstance(thing, ListObject) and thing.items is not None:
        run.update(value, replace(thing, items=thing.items[::-1]))
    return value


def _sorted(run: Run, call: Call) -> Value:
    """In an order that is not known."""
    value = _list(run, call)
    thing = run.object(value)
    if isinstance(thing, ListObject) and thing.items is not None and len(set(thing.items)) > 1:
        numbers = [constant(item) for item in thing.items]
        if call.keywords or not (
            all(isinstance(n, (int, float)) for n in numbers) or all(isinstance(n, str) for n in numbers)
        ):
            run.update(value, replace(thing, items=None, element=run.any_of(list(thing.items))))
        else:
            run.update(value, replace(thing, items=tuple(Const.of(number) for number in sorted(numbers))))
    return value


def _filtered(run: Run, call: Call) -> Value:
    """`filter(function, items)`: some of them."""
    source = call.get(1)
    if source is None:
        return UNKNOWN
    return run.alloc(call.node, ListObject(None, run.element_of(source, call.node)))


def _extreme(run: Run, call: Call) -> Value:
    """`max(items, key=...)`: one of them."""
    if "key" in call.keywords and call.args:
        return run.any_of(list(call.args)) if len(call.args) > 1 else run.element_of(call.args[0], call.node)
    return _number(run, call)


def _vars(run: Run, call: Call) -> Value:
    thing = run.object(call.get(0))
    return call.args[0] if isinstance(thing, DictObject) and thing.bunch else UNKNOWN


def _setattr(run: Run, call: Call) -> Value:
    name = constant(call.get(1))
    if len(call.args) == 3 and isinstance(name, str):
        run.set_attribute(call.args[0], name, call.args[2], call.node)
    if len(call.args) == 3:
        torch_modules.noted(run, call.args[0], call.args[2])
    return NONE


def _of_keys(run: Run, call: Call) -> Value:
    """`dict.fromkeys(keys, value)`."""
    keys = [constant(item) for item in run.items_of(call.get(0) or UNKNOWN) or (UNKNOWN,)]
    value = call.get(1) or NONE
    known = ... not in keys
    return run.alloc(call.node, DictObject(tuple((key, value) for key in keys) if known else (), not known, value))


def _map(run: Run, call: Call) -> Value:
    if len(call.args) < 2:
        return UNKNOWN
    items = run.items_of(call.args[1])
    results = []
    for index, item in enumerate(items if items is not None and len(items) <= MAX_ITEMS else ()):
        with run.iteration(index):
            results.append(run.call(call.args[0], Call(call.node, [item], {})))
    if items is not None:
        return run.alloc(call.node, ListObject(tuple(results)))
    element = run.call(call.args[0], Call(call.node, [run.element_of(call.args[1], call.node)], {}))
    return run.alloc(call.node, ListObject(None, element))


def _getattr(run: Run, call: Call) -> Value:
    name = constant(call.get(1))
    if not isinstance(name, str) or not call.args:
        return UNKNOWN
    thing = run.object(call.args[0])
    missing = isinstance(thing, DictObject) and not thing.open and thing.get(name) is None
    if missing and len(call.args) > 2 and run.state.get((call.args[0], name)) is None:
        return call.args[2]
    # With a default, it may be missing.
    run.guards += len(call.args) > 2
    found = run.attribute(call.args[0], name, call.node)
    run.guards -= len(call.args) > 2
    return found


_FUNCTIONS = {
    "enumerate": _enumerate,
    "zip": _zip,
    "range": _range,
    "list": _list,
    "sorted": _sorted,
    "reversed": _reversed,
    "filter": _filtered,
    "max": _extreme,
    "min": _extreme,
    "vars": _vars,
    "setattr": _setattr,
    "dict.fromkeys": _of_keys,
    "iter": _list,
    "tuple": _tuple,
    "open": files.opened,
    "set": _set,
    "frozenset": _set,
    "dict": _dict,
    "next": _next,
    "map": _map,
    "getattr": _getattr,
    "super": _super,
}


def list_method(run: Run, receiver: Value, thing: ListObject, name: str, call: Call) -> Value:
    """Lists that grow by `append` in straight code stay known one by one."""
    if name in _OF_LABELS and thing.items is not None:
        return _labels(run, thing.items, name, call)
    if thing.selects is not None and name in ("sort", "reverse", "copy"):
        return run.alloc(call.node, thing) if name == "copy" else NONE
    items = thing.items
    value = call.args[0] if call.args else UNKNOWN
    if name == "append":
        node = call.node
        given = [node.args[0]] if isinstance(node, ast.Call) and node.args else []
        if given and constant(value) is ... and isinstance(node.func, ast.Attribute):
            run.traced(node, "list", code_of(node.func.value), receiver)
        if run.loops and isinstance(node.func, ast.Attribute) and isinstance(given[0], (ast.Name, ast.Attribute)):
            run.gathered(node, code_of(node.func.value), given, "list")
        if items is not None and len(items) < MAX_ITEMS:
            run.update(receiver, replace(thing, items=(*items, value)))
        else:
            element = value if thing.element is UNKNOWN and items is None else join_values(thing.element, value)
            run.update(receiver, ListObject(None, element))
        return NONE
    if name == "extend":
        more = run.items_of(value)
        known = items is not None and more is not None and len(items) + len(more) <= MAX_ITEMS
        run.update(receiver, ListObject((*(items or ()), *(more or ())) if known else None))
        return NONE
    if name == "copy":
        return run.alloc(call.node, thing)
    if name in ("pop", "insert", "remove", "clear", "sort", "reverse"):
        element = run.any_of(list(items)) if items else thing.element
        run.update(receiver, ListObject(() if name == "clear" else None, element))
        return element if name == "pop" else NONE
    return UNKNOWN


# What an index of names has and no list.
_OF_LABELS = frozenset("tolist to_list difference drop intersection union str.lower str.upper str.strip".split())


def _labels(run: Run, items: tuple[Value, ...], name: str, call: Call) -> Value:
    """Methods of `data.columns`, where all names are known."""
    if name in ("tolist", "to_list"):
        return run.alloc(call.node, ListObject(items))
    names = [constant(item) for item in items]
    if name.startswith("str."):
        if call.args or not all(isinstance(each, str) for each in names):
            return run.alloc(call.node, ListObject(None))
        change = getattr(str, name.removeprefix("str."))
        return run.alloc(call.node, ListObject(tuple(Const.of(change(each)) for each in names)))
    given = call.get(0, "other", "labels") or UNKNOWN
    found = run.items_of(given)
    others = [constant(item) for item in (found if found is not None else (given,))]
    if ... in others or ... in names:
        return run.alloc(call.node, ListObject(None))
    if name == "union":
        kept = sorted({*names, *others}, key=str)
    else:
        kept = [each for each in names if (each in others) is (name == "intersection")]
        kept = sorted(kept, key=str) if name == "difference" else kept
    return run.alloc(call.node, ListObject(tuple(map(Const.of, kept))))


_TEXT = frozenset(
    "lower upper strip lstrip rstrip title capitalize replace removeprefix removesuffix startswith endswith".split()
)


def text_method(text: str, name: str, call: Call) -> Value:
    """A method of a text that is written down."""
    given = [constant(value) for value in call.args]
    if name not in _TEXT or call.keywords or not all(isinstance(each, str) for each in given):
        return UNKNOWN
    try:
        found = getattr(text, name)(*given)
    except TypeError:
        return UNKNOWN
    return UNKNOWN if isinstance(found, str) and len(found) > MAX_TEXT else Const.of(found)


def dict_method(run: Run, receiver: Value, thing: DictObject, name: str, call: Call) -> Value:
    key = constant(call.args[0]) if call.args else ...
    if name in ("get", "pop", "setdefault") and key is not ...:
        found = thing.get(key)
        missing = found is None and not thing.open
        if name == "setdefault" and found is None and len(call.args) > 1:
            run.update(receiver, thing.put(key, call.args[1]))
        if name == "pop" and found is not None:
            run.update(receiver, thing.without(key))
        if missing and len(call.args) < 2:
            return NONE if name == "get" else UNKNOWN
        return found if found is not None else call.get(1) or UNKNOWN
    if name == "items":
        pairs = tuple(TupleValue((Const.of(name), value)) for name, value in thing.items)
        return run.alloc(
            call.node,
            _view(run, thing, pairs, TupleValue((UNKNOWN, run.any_of([v for _, v in thing.items])))),
        )
    if name == "values":
        values = tuple(value for _, value in thing.items)
        return run.alloc(call.node, _view(run, thing, values, run.any_of(list(values))))
    if name == "keys":
        return run.alloc(call.node, _view(run, thing, tuple(Const.of(key) for key, _ in thing.items), UNKNOWN))
    if name == "copy":
        return run.alloc(call.node, thing)
    if name == "update":
        other = run.object(call.args[0]) if call.args else None
        known = not call.args or (isinstance(other, DictObject) and not other.open)
        merged = thing if known else replace(thing, open=True)
        for key_, value in (*(other.items if isinstance(other, DictObject) else ()), *call.keywords.items()):
            merged = merged.put(key_, value)
        run.update(receiver, merged)
        return NONE
    if name in ("pop", "popitem", "clear"):
        run.update(receiver, replace(thing, items=()) if name == "clear" else thing.without(...))
    return UNKNOWN


def _view(run: Run, thing: DictObject, items: tuple[Value, ...], element: Value) -> ListObject:
    return ListObject(None, element) if thing.open else ListObject(items)
