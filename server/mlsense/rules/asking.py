"""Names that a program asks libraries for and that the version in force does not have."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING

from mlsense.knowledge.library import offered_in
from mlsense.rules import editing
from mlsense.rules.offering import class_in, may_be_older, offer
from mlsense.rules.reading import contains, innermost, name_place, node_at, place_in
from mlsense.semantics.events import Called
from mlsense.semantics.values import Data, Estimator, Method, Opaque, Place
from mlsense.syntax import walk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsense.knowledge.library import Entry, Offer
    from mlsense.knowledge.versions import Versions
    from mlsense.semantics.core import Named, Read
    from mlsense.semantics.program import Trace
    from mlsense.semantics.trace import Effects
    from mlsense.semantics.values import HeapObject


_TYPE_TESTS = ("isinstance", "issubclass", "type", "callable")


@dataclass(frozen=True, slots=True)
class Asked:
    """A name that is missing. `dotted` is as the library would name it, `place` is where the program names it.

    Of `from a.b import c` where there is no `a.b` it is `a.b`, at the name of the module. `thing` is the object of a
    method or attribute, `call` the call where a method is called.
    """

    dotted: str
    place: Place
    offer: Offer
    imported: bool = False
    thing: HeapObject | None = None
    call: Place | None = None

    @property
    def owner(self) -> str:
        return self.dotted.rpartition(".")[0]

    @property
    def name(self) -> str:
        return self.dotted.rpartition(".")[2]


@lru_cache(maxsize=20_000)
def first_missing(offered: Offer, dotted: str) -> str | None:
    """The first part of a dotted name that a version does not have: the module of a name, or the name."""
    end = dotted.find(".")
    while end != -1:
        end = dotted.find(".", end + 1)
        part = dotted if end == -1 else dotted[:end]
        if offered.find(part) is None:
            return part
    return None


def missing_names(trace: Trace, wanted: Callable[[Asked], bool]) -> Iterator[Asked]:
    """Imports and names of modules, attributes and methods of followed objects, each unless a failure is provided for.

    What the program itself puts onto a module, a class or an object is not missing.
    """
    for asked in (*_missing_of_modules(trace), *_missing_of_things(trace)):
        if wanted(asked) and not is_made(trace, asked.name) and not may_be_older(trace, asked.dotted):
            yield asked


def _missing_of_modules(trace: Trace) -> Iterator[Asked]:
    versions = trace.versions
    doubtful = dict(trace.kept((_missing_names_in, versions), partial(_missing_names_in, versions)))
    for place, named in doubtful.items():
        offered = offer(trace, named.name)
        gone = first_missing(offered, named.name) if offered is not None else None
        if gone is None or offered is None or trace.names.get(place) != named:
            continue
        shown = place if gone == named.name or not named.imported else _module_place(trace, place, gone)
        yield Asked(gone, shown, offered, named.imported)


def _missing_names_in(versions: Versions, effects: Effects) -> Iterator[tuple[Place, Named]]:
    """The names of modules that are missing, of those that one statement asks for."""
    for place, named in effects.names.items():
        offered = None if named.guarded else offered_in(versions, named.name.partition(".")[0])
        gone = None if offered is None else first_missing(offered, named.name)
        # What is missing of a longer name has been said where that was imported or read.
        if gone is not None and (gone == named.name or named.imported):
            yield place, named


@lru_cache(maxsize=16)
def _missing_method_in(versions: Versions) -> Callable[[Called], bool]:
    """A test of events that stays the same function as long as the versions do, so that its answers are kept."""

    def missing(event: Called) -> bool:
        called = not event.guarded and isinstance(event.callee, Method) and event.thing is not None
        return called and _is_missing(versions, event.thing, event.callee.name)

    return missing


def _missing_attributes_in(versions: Versions, effects: Effects) -> Iterator[tuple[Place, Read]]:
    """The attributes that are missing, of those that one statement reads."""
    for place, read in effects.attributes.items():
        if not read.guarded and _is_missing(versions, read.thing, read.name):
            yield place, read


def _is_missing(versions: Versions, thing: HeapObject | None, name: str) -> bool:
    owner, offered = _class_in(versions, thing)
    return owner is not None and offered is not None and first_missing(offered, f"{owner}.{name}") is not None


def _missing_of_things(trace: Trace) -> Iterator[Asked]:
    versions = trace.versions
    for event in trace.that(_missing_method_in(versions), Called):
        owner, offered = _class_in(versions, event.thing)
        if owner is None or offered is None or not isinstance(event.callee, Method):
            continue
        node = node_at(trace, event.call)
        called = node.func if isinstance(node, ast.Call) else None
        if not isinstance(called, ast.Attribute) or called.attr != event.callee.name:
            continue
        if _has_item(event.thing, called.attr) or _is_accessor(trace, event.call, called.value):
            continue
        if not _depends_on_type(trace, event.call):
            place = name_place(event.call, called)
            yield Asked(f"{owner}.{called.attr}", place, offered, False, event.thing, event.call)
    doubtful = dict(trace.kept((_missing_attributes_in, versions), partial(_missing_attributes_in, versions)))
    for place, read in doubtful.items():
        owner, offered = _class_in(versions, read.thing)
        # Where it is read again of something else, that counts.
        if owner is None or offered is None or trace.attributes.get(place) != read:
            continue
        node = node_at(trace, place)
        if not isinstance(node, ast.Attribute) or _is_accessor(trace, place, node.value):
            continue
        if _depends_on_type(trace, place):
            continue
        # What a frame or series does not have may be a column or a label of it.
        if isinstance(read.thing, Data) and (_has_item(read.thing, read.name) or not _is_indexer(trace, place, node)):
            continue
        yield Asked(f"{owner}.{read.name}", name_place(place, node), offered, False, read.thing)


def _class_in(versions: Versions, thing: HeapObject | None) -> tuple[str | None, Offer | None]:
    if isinstance(thing, Estimator) and not thing.certain:
        return None, None
    owner = class_in(versions, thing) if isinstance(thing, (Data, Estimator, Opaque)) else None
    offered = None if owner is None else offered_in(versions, owner.partition(".")[0])
    known = offered is not None and owner is not None and offered.find(owner) is not None
    return (owner, offered) if known else (None, None)


def _has_item(thing: HeapObject | None, name: str) -> bool:
    """Whether a column has the name."""
    if not isinstance(thing, Data) or thing.columns is None:
        return False
    return any(column.name == name for column in thing.columns.items)


def _is_indexer(trace: Trace, place: Place, node: ast.Attribute) -> bool:
    """`.ix[...]`, the only attribute of frames that is asked for items and was removed."""
    statement = innermost(trace, place)
    return node.attr == "ix" and any(
        isinstance(other, ast.Subscript) and place_in(place, other.value) == place
        for other in ast.walk(statement or ast.Pass())
    )


def _is_accessor(trace: Trace, place: Place, receiver: ast.expr) -> bool:
    """Whether the receiver is `s.str`, `s.dt`, `df.plot`: attributes of frames with methods of their own."""
    if not isinstance(receiver, ast.Attribute):
        return False
    read = trace.attributes.get(place_in(place, receiver))
    if read is None or not isinstance(read.thing, Data):
        return False
    owner, offered = _class_in(trace.versions, read.thing)
    return owner is not None and offered is not None and offered.find(f"{owner}.{read.name}") is not None


def _depends_on_type(trace: Trace, place: Place) -> bool:
    """Whether it stands under a test for the kind of something: then it may not be reached by this object."""
    outline = trace.outline(place)
    return outline is not None and outline.found(("type test", place), partial(_type_test, place)) is not None


def _type_test(place: Place, tree: ast.stmt) -> ast.AST | None:
    for node in ast.walk(tree):
        if isinstance(node, (ast.If, ast.IfExp, ast.While, ast.BoolOp)) and contains(node, place):
            test = node if isinstance(node, ast.BoolOp) else node.test
            if any(isinstance(part, ast.Name) and part.id in _TYPE_TESTS for part in ast.walk(test)):
                return node
    return None


def is_made(trace: Trace, name: str) -> bool:
    """Whether the program puts something under this name, wherever: `np.float = float`, `patch("numpy.float")`."""
    return any(
        name in followed.unit.text and any(_makes(node, name) for node in walk(followed.parsed.tree or ast.Pass()))
        for followed in trace.followed
    )


def _makes(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == name and not isinstance(node.ctx, ast.Load)
    if isinstance(node, ast.Subscript):
        # `sys.modules["sklearn.externals.six"] = six`
        return not isinstance(node.ctx, ast.Load) and _names(node.slice, name) and "modules" in ast.dump(node.value)
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        plain = isinstance(node.func, ast.Name) and called == "setattr"
        return plain or (called in ("setattr", "patch", "object") and any(_names(each, name) for each in node.args))
    return False


def _names(node: ast.expr, name: str) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.rpartition(".")[2] == name


def _module_place(trace: Trace, place: Place, module: str) -> Place:
    """Where a `from ... import` names its module, for the place of an alias."""
    statement = innermost(trace, place)
    if isinstance(statement, ast.ImportFrom) and statement.module:
        start = statement.col_offset + len("from ")
        found = Place(place.unit, statement.lineno, start, statement.lineno, start + len(statement.module.encode()))
        if editing.text_at(trace, found) == statement.module and (statement.module + ".").startswith(module + "."):
            return found
    return place


def takes_as_much(old: Entry | None, new: Entry | None) -> bool:
    """Whether whatever could be given to one can be given to the other, by the same names and positions."""
    if old is None or new is None or old.kind != new.kind:
        return False
    if old.signature is None or new.signature is None:
        return False
    before = [each for each in old.signature if not each.kind.startswith("var-")]
    after = {each.name: each for each in new.signature}
    if any(each.name not in after for each in before):
        return False
    by_position = ("positional-only", "positional-or-keyword")
    first = [each.name for each in before if each.kind in by_position]
    second = [each.name for each in new.signature if each.kind in by_position]
    return second[: len(first)] == first
