"""Python's standard library, as far as values go through it: `functools`, `collections`, `dataclasses`, `copy`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import text_of
from mlsense.semantics.models import builtin, picking
from mlsense.semantics.models.effects import Call
from mlsense.semantics.regions import Choice
from mlsense.semantics.values import UNKNOWN, ClassValue, Opaque, Partial, Symbol, Value

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model


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
    """`copy(x)`, `deepcopy(x)`: an object of its own that is as the other is now."""
    thing = run.object(call.get(0, "x"))
    return run.alloc(call.node, thing) if thing is not None else call.get(0, "x") or UNKNOWN


def drawn(run: Run, call: Call) -> Value:
    """`random.sample(positions, k)`: some of them, or all in another order."""
    data = picking.picker(run, call.get(0, "population"))
    count = run.object(call.get(1, "k"))
    if data is None or data.selects is None:
        return run.alloc(call.node, Opaque(symbol=call.symbol, label="sample(...)"))
    if isinstance(count, Opaque) and count.symbol == "builtins.len":
        return run.alloc(call.node, replace(data, mask=None))
    return run.alloc(call.node, picking.choose(data, Choice(run.origin(call.node), "sample", True)))


def ordered(run: Run, call: Call) -> Value:
    """`OrderedDict([("a", 1)])`: what `dict` makes."""
    return builtin.call(run, "dict", call)


FUNCTOOLS: dict[str, Model] = {"partial": partial}
COLLECTIONS: dict[str, Model] = {"namedtuple": namedtuple, "OrderedDict": ordered}
DATACLASSES: dict[str, Model] = {"field": field}
COPY: dict[str, Model] = {"copy": duplicate, "deepcopy": duplicate}
RANDOM: dict[str, Model] = {"sample": drawn}
