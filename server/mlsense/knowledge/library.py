"""What a library offers in the version in use: names, signatures, members, and what became of those that are gone.

Written by `scripts/knowledge/generate.py` from the sources of each minor version, one file per library in `names/`,
read on first use. What the sources do not show is marked: a module's names are not closed, a class is not closed, a
signature is None or takes anything. Silence is the answer to all of these.
"""

from __future__ import annotations

import ast
import builtins
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlsense.knowledge.versions import InForce, Versions

NAMES = Path(__file__).with_name("names")
_MEMBERS = {"m": "method", "c": "method", "s": "method", "p": "property", "v": "constant"}
_KINDS = {"c": "class", "f": "function", "v": "constant"}


@dataclass(frozen=True, slots=True)
class Parameter:
    """`kind` as in `inspect`, with hyphens: "keyword-only". `default` is source text, "..." where it is not known.

    `values` are the strings its annotation lists; with `other_values` these are not all it takes.
    """

    name: str
    kind: str
    default: str | None = None
    deprecated: str | None = None
    replacement: str | None = None
    values: tuple[str, ...] = ()
    other_values: bool = True
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """A public name. `signature` leaves out `self`; None where it is not known, or where nothing is called.

    `accepts_any`: takes parameters besides those of the signature, so that no call can be said to be wrong.
    `since` and `deprecated` are versions; `since` is None for what the oldest known version had.
    """

    name: str
    kind: str
    signature: tuple[Parameter, ...] | None = None
    accepts_any: bool = False
    bases: tuple[str, ...] = ()
    since: str | None = None
    deprecated: str | None = None
    replacement: str | None = None


@dataclass(frozen=True, slots=True)
class Members:
    """What an attribute of an instance can be called, inherited ones included, without names that begin with `_`.

    Not `closed`: there may be others, from a base outside the library or made at run time.
    """

    methods: tuple[str, ...]
    properties: tuple[str, ...]
    attributes: tuple[str, ...]
    closed: bool

    def __contains__(self, name: object) -> bool:
        return name in self.methods or name in self.properties or name in self.attributes


@dataclass(frozen=True, slots=True)
class Change:
    """What became of a name: "removed", "renamed" (the replacement is the same under another name) or "added".

    `version` is the first without it, or, for "added", the first with it. `replacement` is a full dotted name where it
    is known which, for parameters the bare name, else what the library's text says. `at_latest`: it may have
    been a version before that one, which is not known. `of`: the distribution whose version it is, where that
    is another one than the library's.
    """

    kind: str
    version: str
    replacement: str | None = None
    at_latest: bool = False
    of: str | None = None


@dataclass(frozen=True, slots=True)
class _Name:
    """A name of a module, and where it leads; `ranges` are the versions that have it."""

    name: str
    target: str
    exported: bool
    ranges: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class _Fact:
    key: str
    ranges: tuple[tuple[int, int], ...]
    value: str


@dataclass(frozen=True, slots=True)
class _Module:
    ranges: tuple[tuple[int, int], ...]
    open: tuple[tuple[int, int], ...]
    unsure: tuple[tuple[int, int], ...]
    deprecation: str
    names: dict[str, tuple[_Name, ...]]


@dataclass(frozen=True, slots=True)
class _Thing:
    ranges: tuple[tuple[int, int], ...]
    facts: dict[str, tuple[_Fact, ...]]


_ALWAYS = 10**6
_Beside = tuple[tuple[str, str | None], ...]


def _ranges(text: str, otherwise: tuple[tuple[int, int], ...] = ()) -> tuple[tuple[int, int], ...]:
    if not text:
        return otherwise
    found = []
    for part in text.split(","):
        first, hyphen, last = part.partition("-")
        found.append((int(first), int(last) if last else _ALWAYS if hyphen else int(first)))
    return tuple(found)


def _within(index: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= index <= last for first, last in ranges)


def _number(version: str) -> tuple[int, int]:
    """The minor version to compare by; what is not a number counts as 0."""
    parts = [re.match(r"\d*", part) for part in version.split(".")[:2]]
    numbers = [int(match.group() or 0) if match else 0 for match in parts]
    major, minor, *_ = [*numbers, 0, 0]
    return major, minor


@cache
def library(name: str) -> Library | None:
    """By the name it is imported by, "sklearn"; None for a library that the base does not have."""
    path = NAMES / f"{name}.json"
    if not name.isidentifier() or not path.is_file():
        return None
    return Library(json.loads(path.read_text(encoding="utf-8")))


@cache
def libraries() -> tuple[str, ...]:
    """The import names of all libraries in the base."""
    return tuple(sorted(path.stem for path in NAMES.glob("*.json")))


def in_force(versions: Versions, name: str) -> InForce | None:
    """The version of the library behind a dotted name, and where it is from; None for a library not known."""
    found = library(name.partition(".")[0])
    return None if found is None else versions.in_force(found.name, found.versions)


def release(versions: Versions, name: str) -> str | None:
    """The version of the library behind a dotted name; None where it is not known which of several it is."""
    force = in_force(versions, name)
    return None if force is None else force.version


@lru_cache(maxsize=128)
def offered_in(versions: Versions, root: str) -> Offer | None:
    """What a library, by the name it is imported under, offers in the version in force."""
    found, force = library(root), in_force(versions, root)
    if found is None or force is None:
        return None
    # Of a range that no known release is in, nothing is known.
    if force.version is None and force.specifier:
        return None
    return found.at(force.version, tuple((other, release(versions, other)) for other in found.parts))


class Library:
    """All known versions of a library. `versions` are minor versions, oldest first."""

    def __init__(self, data: dict[str, Any]) -> None:
        self.name: str = data["name"]
        self.distribution: str = data["distribution"]
        self.versions: tuple[str, ...] = tuple(data["versions"])
        self._elsewhere: dict[str, str] = data.get("elsewhere", {})
        self._made: tuple[str, ...] = tuple(data.get("made", ()))
        self._thinned: bool = data.get("thinned", False)
        self._modules: dict[str, str] = data["modules"]
        self._things: dict[str, str] = data["things"]
        self._read_modules: dict[str, _Module] = {}
        self._read_things: dict[str, _Thing] = {}
        self._offers: dict[tuple[int, bool, _Beside], Offer] = {}

    @property
    def parts(self) -> tuple[str, ...]:
        """The other libraries that some of its modules are."""
        return tuple(dict.fromkeys(self._elsewhere.values()))

    def __repr__(self) -> str:
        return f"Library({self.name}, {self.versions[0]}-{self.versions[-1]})"

    def at(self, version: str | None = None, beside: _Beside = ()) -> Offer | None:
        """What a version offers; without one the newest. None for versions older than all that are known.

        For a version newer than all known ones the newest answers, with nothing closed: it may have more. `beside` has
        the versions of `parts`, where they are known.
        """
        if version is None:
            return self._offer(len(self.versions) - 1, True, beside)
        wanted = _number(version)
        older = [index for index, known in enumerate(self.versions) if _number(known) <= wanted]
        if not older:
            return None
        return self._offer(older[-1], _number(self.versions[older[-1]]) == wanted, beside)

    def _offer(self, index: int, exact: bool, beside: _Beside = ()) -> Offer:
        key = (index, exact, beside)
        if key not in self._offers:
            self._offers[key] = Offer(self, index, exact, beside)
        return self._offers[key]

    def _module(self, name: str) -> _Module | None:
        if name not in self._read_modules:
            text = self._modules.get(name)
            if text is None:
                return None
            life, flags, words = text.split("\n")
            ranges = _ranges(life)
            opened, unsure, leaving = flags.split("\t")
            names: dict[str, list[_Name]] = {}
            for word in words.split(" ") if words else ():
                spelled, _, limits = word.partition("@")
                short, equals, target = spelled.lstrip("+").partition("=")
                names.setdefault(short, []).append(
                    _Name(
                        short,
                        f"{name}.{short}" if not equals else f"/{name}.{short}" if target == "/" else target,
                        spelled[0] == "+",
                        _ranges(limits, ranges),
                    )
                )
            self._read_modules[name] = _Module(
                ranges,
                _ranges(opened),
                _ranges(unsure),
                leaving,
                {short: tuple(found) for short, found in names.items()},
            )
        return self._read_modules[name]

    def _thing(self, name: str) -> _Thing | None:
        if name not in self._read_things:
            text = self._things.get(name)
            if text is None:
                return None
            life, *lines = text.split("\n")
            ranges = _ranges(life)
            facts: dict[str, list[_Fact]] = {}
            for line in lines:
                key, limits, value = line.split("\t", 2)
                facts.setdefault(key, []).append(_Fact(key, _ranges(limits, ranges), value))
            self._read_things[name] = _Thing(ranges, {key: tuple(found) for key, found in facts.items()})
        return self._read_things[name]


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a dotted name leads: a module, a thing, a member of a class, or what only the name is known of."""

    kind: str
    name: str
    member: str = ""


class Offer:
    """What one version of a library offers. Not `exact`: between or beyond the known versions, nothing is closed."""

    def __init__(self, of: Library, index: int, exact: bool, beside: _Beside = ()) -> None:
        self.library = of
        self._beside = dict(beside)
        self.version = of.versions[index]
        self.exact = exact
        self._index = index
        self._entries: dict[str, Entry | None] = {}
        self._members: dict[str, Members | None] = {}
        self._orders: dict[str, tuple[str, ...]] = {}

    def __repr__(self) -> str:
        return f"Offer({self.library.name} {self.version})"

    def _there(self, dotted: str) -> tuple[Offer, str] | None:
        """The offer and the name there of what is another library's: `tensorflow.keras.Model` is `keras.Model`."""
        for prefix, name in self.library._elsewhere.items():
            other = library(name) if dotted == prefix or dotted.startswith(prefix + ".") else None
            if other is None:
                continue
            if self.version in other.versions:
                offered = other._offer(other.versions.index(self.version), self.exact)
            elif _number(self.version) < _number(other.versions[0]):
                offered = other._offer(0, False)
            else:
                # From 2.16 on `tensorflow.keras` is the Keras that is installed, at least 3.0.
                beside = other.at(self._beside.get(name) or "0")
                found = beside is not None and _number(beside.version) >= (3, 0)
                offered = beside if beside is not None and found else other._offer(len(other.versions) - 1, False)
            # It has what only TensorFlow's users know, too.
            own = f"{name}._{prefix.replace('tensorflow', 'tf').replace('.', '_')}.{name}"
            return offered, (own if offered._known(own) is not None else name) + dotted[len(prefix) :]
        return None

    def _here(self, name: str | None) -> str | None:
        """What another library calls a name of its own, in this one's words; anything else as it is."""
        for prefix, root in self.library._elsewhere.items():
            inner = (name or "").partition(f"_{prefix.replace('tensorflow', 'tf').replace('.', '_')}.")[2] or name or ""
            if inner.startswith(f"{root}."):
                here = f"{prefix}{inner[len(root) :]}"
                return here if self.find(here) is not None else inner
        return name

    # What there is

    def find(self, dotted: str) -> Entry | None:
        """By any public spelling: a module, a name of a module, a member of a class. None where it is not known."""
        if (there := self._there(dotted)) is not None:
            return there[0].find(there[1])
        if dotted not in self._entries:
            place = self._place(dotted)
            self._entries[dotted] = None if place is None else self._entry(place)
        return self._entries[dotted]

    def exports(self, module: str) -> tuple[str, ...] | None:
        """What `from module import *` binds; None where the module is unknown or this cannot be told."""
        if self._there(module) is not None:
            return None
        found = self._known(module)
        if found is None or _within(self._index, found.unsure):
            return None
        return tuple(name for name, entry in self._names(found) if entry.exported)

    def children(self, dotted: str) -> tuple[str, ...] | None:
        """All that a module has, its submodules too; None where there may be more than is known."""
        if self._there(dotted) is not None:
            return None
        place = self._place(dotted)
        if place is None or place.kind != "module":
            return None
        found = self._known(place.name)
        if found is None or not self.exact or _within(self._index, found.open):
            return None
        return tuple(dict.fromkeys([*(name for name, _ in self._names(found)), *self._submodules(place.name)]))

    def known_children(self, dotted: str) -> tuple[str, ...]:
        """As `children`, whether or not there may be more: for completions."""
        if (there := self._there(dotted)) is not None:
            return there[0].known_children(there[1])
        place = self._place(dotted)
        found = self._known(place.name) if place is not None and place.kind == "module" else None
        if place is None or found is None:
            return ()
        return tuple(dict.fromkeys([*(name for name, _ in self._names(found)), *self._submodules(place.name)]))

    def members(self, dotted: str) -> Members | None:
        """Of a class, by any spelling; None for what is no class."""
        if dotted not in self._members:
            self._members[dotted] = self._find_members(dotted)
        return self._members[dotted]

    def _find_members(self, dotted: str) -> Members | None:
        if (there := self._there(dotted)) is not None:
            return there[0].members(there[1])
        place = self._place(dotted)
        if place is None or place.kind != "thing" or self._fact(place.name, "k") != "c":
            return None
        groups: dict[str, dict[str, None]] = {"method": {}, "property": {}, "constant": {}}
        seen: set[str] = set()
        order = self._mro(place.name)
        attributes = [(name, "constant") for owner in order for name in self._fact(owner, "a").split()]
        for name, kind in [*(found for owner in order for found in self._own_members(owner)), *attributes]:
            if name not in seen and not name.startswith("_"):
                seen.add(name)
                groups[kind][name] = None
        return Members(
            tuple(sorted(groups["method"])),
            tuple(sorted(groups["property"])),
            tuple(sorted(groups["constant"])),
            self.exact and self._closed(place.name),
        )

    # What there is no more, or not yet

    def change(self, dotted: str) -> Change | None:
        """For a name that this version does not have: since when, and what replaces it. None where not certain."""
        if (there := self._there(dotted)) is not None:
            other, name = there
            change = other.change(name)
            _, inner, below = name.partition("._tf_keras.")
            if change is None and inner and other._place(name) is None and not other._may_be_hidden(name):
                change = other.change(below)
            if change is None:
                return None
            return replace(change, replacement=self._here(change.replacement), of=other.library.distribution)
        if self._place(dotted) is not None:
            return None
        if (gone := self._gone(dotted)) is not None:
            return gone
        if self._may_be_hidden(dotted):
            return None
        for index in range(self._index - 1, -1, -1):
            older = self.library._offer(index, True)
            entry = older.find(dotted)
            if entry is not None:
                moved = self._moved(entry)
                kind = "renamed" if moved else "removed"
                version = self.library.versions[index + 1]
                return Change(kind, version, moved or self._replacement(older, dotted), self.library._thinned)
        for index in range(self._index + 1, len(self.library.versions) if self.exact else 0):
            newer = self.library._offer(index, True)
            if newer.find(dotted) is not None:
                if self._gives_back(dotted):
                    return None
                return Change("added", newer.version, None, self.library._thinned)
        return None

    def _gone(self, dotted: str) -> Change | None:
        """Of what is still there to say that it was removed."""
        above, _, last = dotted.rpartition(".")
        place = self._place(above) if above else None
        found = self._known(place.name) if place is not None and place.kind == "module" else None
        for entry in found.names.get(last, ()) if found is not None else ():
            fact = self._fact(entry.target, "g") if _within(self._index, entry.ranges) else ""
            if fact:
                replacement = fact.partition(" ")[2]
                index = self._index
                while index and (before := self.library._offer(index - 1, True)._fact(entry.target, "g")):
                    # It may have said the same in other words.
                    fact, index = before, index - 1
                version = fact.partition(" ")[0]
                at_latest = _number(version) <= _number(self.library.versions[0])
                return Change("removed", version, self._qualified(replacement, dotted) or None, at_latest)
        return None

    def _replacement(self, older: Offer, dotted: str) -> str | None:
        """What an older version said to use instead, of the name or of the module or class it is in."""
        while dotted:
            entry = older.find(dotted)
            if entry is not None and entry.replacement:
                return self._qualified(entry.replacement, dotted)
            dotted = dotted.rpartition(".")[0]
            if dotted and self.find(dotted) is not None:
                return None
        return None

    def _qualified(self, name: str, of: str) -> str:
        """The full name of what a text calls `concat`: beside what it replaces, or of the library; else as it is."""
        if name.startswith(self.library.name + ".") and self.find(name) is not None:
            return name
        for prefix in (of.rpartition(".")[0], self.library.name):
            if prefix and self.find(f"{prefix}.{name}") is not None:
                return f"{prefix}.{name}"
        return name

    def parameter_change(self, dotted: str, parameter: str) -> Change | None:
        """As `change`, for a parameter that what `dotted` names does not take in this version."""
        if (there := self._there(dotted)) is not None:
            there_changed = there[0].parameter_change(there[1], parameter)
            of = there[0].library.distribution
            return None if there_changed is None else replace(there_changed, of=of)
        entry = self.find(dotted)
        if entry is None or entry.signature is None or entry.accepts_any or not self.exact:
            return None
        if any(taken.name == parameter for taken in entry.signature):
            return None
        for index in range(self._index - 1, -1, -1):
            taken = self._taken(index, dotted, parameter)
            if taken is not None:
                kind = "renamed" if any(now.name == taken.replacement for now in entry.signature) else "removed"
                return Change(kind, self.library.versions[index + 1], taken.replacement, self.library._thinned)
        for index in range(self._index + 1, len(self.library.versions)):
            if self._taken(index, dotted, parameter) is not None:
                return Change("added", self.library.versions[index], None, self.library._thinned)
        return None

    def _taken(self, index: int, dotted: str, parameter: str) -> Parameter | None:
        entry = self.library._offer(index, True).find(dotted)
        if entry is None or entry.signature is None:
            return None
        return next((taken for taken in entry.signature if taken.name == parameter), None)

    def _may_be_hidden(self, dotted: str) -> bool:
        """Whether the nearest thing that exists above a name could have it without our knowing."""
        above, _, last = dotted.rpartition(".")
        if self.library._made and any(part.endswith(self.library._made) for part in dotted.split(".")):
            return True
        while above:
            place = self._place(above)
            if place is None:
                above, _, last = above.rpartition(".")
                continue
            if place.kind == "module":
                found = self.library._module(place.name)
                return found is None or _within(self._index, found.open) or last.startswith("_")
            if place.kind == "thing" and self._fact(place.name, "k") == "c":
                # `__getattr__` gives what an instance holds, columns of a frame; methods are in the text all the same.
                return any("x" in self._fact(owner, "o") for owner in self._mro(place.name))
            return True
        return True

    def _gives_back(self, dotted: str) -> bool:
        """Whether a class may have a name by its `__getattr__`, as one of the parameters it was made with."""
        above, _, last = dotted.rpartition(".")
        place = self._place(above)
        if place is None or place.kind != "thing":
            return False
        answers = any("g" in self._fact(owner, "o") for owner in self._mro(place.name))
        return answers and any(each.name == last for each in self._thing_entry(place.name).signature or ())

    def _moved(self, entry: Entry) -> str | None:
        """The only public place in this version for a class or function of that name."""
        return self.home(entry.name.rpartition(".")[2]) if entry.kind in ("class", "function") else None

    def home(self, name: str) -> str | None:
        """The full name of the only public class or function that is called `name`, in whatever module."""
        places = self._by_last_name.get(name, ())
        return places[0] if len(places) == 1 else None

    @cached_property
    def _by_last_name(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for name, text in self.library._things.items():
            if "._" in name or not _within(self._index, _ranges(text.partition("\n")[0])):
                continue
            if not self._fact(name, "g"):
                found.setdefault(name.rpartition(".")[2], []).append(name)
        return {name: tuple(places) for name, places in found.items()}

    # Where a name leads

    def _known(self, module: str) -> _Module | None:
        found = self.library._module(module)
        return found if found is not None and _within(self._index, found.ranges) else None

    def _names(self, module: _Module) -> Iterator[tuple[str, _Name]]:
        for name, entries in module.names.items():
            for entry in entries:
                if _within(self._index, entry.ranges):
                    yield name, entry
                    break

    @cached_property
    def _children_of(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for name, text in self.library._modules.items():
            if _within(self._index, _ranges(text.partition("\n")[0])):
                above, _, last = name.rpartition(".")
                found.setdefault(above, []).append(last)
        return {name: tuple(children) for name, children in found.items()}

    def _submodules(self, module: str) -> tuple[str, ...]:
        return self._children_of.get(module, ())

    def _place(self, dotted: str, depth: int = 0) -> _Place | None:
        if self._known(dotted) is not None and not self._shadowed(dotted):
            return _Place("module", dotted)
        above, _, last = dotted.rpartition(".")
        if not above or depth > 30:
            return None
        place = self._place(above, depth + 1)
        if place is None:
            return None
        if place.kind == "module":
            return self._in_module(place.name, last, depth)
        is_class = place.kind == "thing" and self._fact(place.name, "k") == "c"
        if is_class and any(self._has(owner, last) for owner in self._mro(place.name)):
            return _Place("member", place.name, last)
        return None

    def _shadowed(self, dotted: str) -> bool:
        """A package may bind a function over its submodule of the same name."""
        above, _, last = dotted.rpartition(".")
        found = self._known(above) if above else None
        if found is None:
            return False
        entry = next((entry for entry in found.names.get(last, ()) if _within(self._index, entry.ranges)), None)
        return entry is not None and entry.target[0] not in "/!?"

    def _in_module(self, module: str, name: str, depth: int) -> _Place | None:
        found = self._known(module)
        if found is None:
            return None
        for entry in found.names.get(name, ()):
            if _within(self._index, entry.ranges):
                target = entry.target
                if target.startswith("/"):
                    if target[1:] == f"{module}.{name}":
                        return _Place("module", target[1:]) if self._known(target[1:]) else _Place("hidden", target[1:])
                    return self._place(target[1:], depth + 1) or _Place("hidden", target[1:])
                if target in ("!", "~", "?"):
                    return _Place({"!": "constant", "~": "foreign", "?": "hidden"}[target], f"{module}.{name}")
                return None if self._fact(target, "g") else _Place("thing", target)
        return None

    # Things

    def _fact(self, thing: str, key: str) -> str:
        found = self.library._thing(thing)
        for fact in found.facts.get(key, ()) if found is not None else ():
            if _within(self._index, fact.ranges):
                return fact.value
        return ""

    def _bases(self, thing: str) -> tuple[str, ...]:
        text = self._fact(thing, "b")
        return tuple(text.split(",")) if text else ()

    def _mro(self, thing: str) -> tuple[str, ...]:
        """Python's order, or depth first where the bases cannot be put into it."""
        if thing not in self._orders:
            self._orders[thing] = _linear(thing, self._bases)
        return self._orders[thing]

    def _closed(self, thing: str) -> bool:
        return not any(self._fact(owner, "o") for owner in self._mro(thing))

    def _own_members(self, owner: str) -> Iterator[tuple[str, str]]:
        if owner.startswith("builtins."):
            for name in _builtin_members(owner):
                yield name, "method"
            return
        found = self.library._thing(owner)
        if found is None:
            return
        for key, facts in found.facts.items():
            if key[0] == ".":
                for fact in facts:
                    if _within(self._index, fact.ranges):
                        yield key[1:], _MEMBERS[fact.value[0]]
                        break

    def _has(self, owner: str, name: str) -> bool:
        found = self.library._thing(owner)
        if found is None:
            return name in _builtin_members(owner) if owner.startswith("builtins.") else False
        if any(_within(self._index, fact.ranges) for fact in found.facts.get("." + name, ())):
            return True
        return name in self._fact(owner, "a").split()

    def _entry(self, place: _Place) -> Entry:
        if place.kind == "module":
            return self._module_entry(place.name)
        if place.kind == "thing":
            return self._thing_entry(place.name)
        if place.kind == "member":
            return self._member_entry(place.name, place.member)
        return Entry(place.name, "constant" if place.kind == "constant" else "unknown")

    def _module_entry(self, name: str) -> Entry:
        found = self._known(name)
        if found is None:
            return Entry(name, "module")
        first, _, fact = found.deprecation.partition(":")
        version, _, replacement = fact.partition(" ") if first and int(first) <= self._index else ("", "", "")
        since = self._since(list(found.ranges))
        return Entry(name, "module", since=since, deprecated=version or None, replacement=replacement or None)

    def _since(self, ranges: list[tuple[int, int]]) -> str | None:
        """The start of the unbroken run of versions that ends in this one; None for the oldest known version."""
        index = self._index
        while index > 0 and _within(index - 1, tuple(ranges)):
            index -= 1
        return self.library.versions[index] if index else None

    def _thing_entry(self, name: str) -> Entry:
        kind = _KINDS.get(self._fact(name, "k"), "constant")
        thing = self.library._thing(name)
        signature: tuple[Parameter, ...] | None = None
        any_ = False
        if kind == "function" and (text := self._fact(name, "s")):
            signature, any_ = self._dated(_signature(text), (name, "s"))
        elif kind == "class":
            signature, any_ = self._class_signature(name)
        version, _, replacement = self._fact(name, "d").partition(" ")
        return Entry(
            name, kind, signature, any_ or (signature is not None and not self.exact), self._bases(name),
            self._since(list(thing.ranges)) if thing is not None else None, version or None, replacement or None,
        )  # fmt: skip

    def _member_entry(self, owner: str, name: str) -> Entry:
        dotted = f"{owner}.{name}"
        for cls in self._mro(owner):
            if cls.startswith("builtins."):
                if name in _builtin_members(cls):
                    return Entry(dotted, "method")
                continue
            text = self._fact(cls, "." + name)
            if not text:
                continue
            value, _, fact = text.partition("\t")
            version, _, replacement = fact.partition(" ")
            signature: tuple[Parameter, ...] | None = None
            any_ = False
            if len(value) > 1:
                signature, any_ = self._dated(_signature(value[1:]), (cls, "." + name))
                if value[0] in "mc" and signature is not None:
                    signature = _without_first(signature)
            thing = self.library._thing(cls)
            ranges = [limits for item in thing.facts["." + name] for limits in item.ranges] if thing is not None else []
            return Entry(
                dotted, _MEMBERS[value[0]], signature, any_ or (signature is not None and not self.exact), (),
                self._since(ranges), version or None, replacement or None,
            )  # fmt: skip
        return Entry(dotted, "attribute")

    def _class_signature(self, name: str) -> tuple[tuple[Parameter, ...] | None, bool]:
        """Of `__init__`, or of `__new__` where that comes first and says more than `*args, **kwargs`."""
        for owner in self._mro(name):
            if owner.startswith("builtins."):
                return None, False
            for method in ("__init__", "__new__"):
                text = self._fact(owner, "." + method).partition("\t")[0]
                if not text:
                    continue
                if len(text) == 1:
                    return None, False
                signature, any_ = self._dated(_signature(text[1:]), (owner, "." + method))
                if method == "__new__" and any_ and signature is not None and len(signature) <= 3:
                    continue
                return (None if signature is None else _without_first(signature)), any_
            if "x" in self._fact(owner, "o"):
                return None, False
        return (), False

    def _dated(
        self, read: tuple[tuple[Parameter, ...], bool], owner: tuple[str, str]
    ) -> tuple[tuple[Parameter, ...] | None, bool]:
        """With the version each parameter came in, where its function is older than it."""
        signature, any_ = read
        thing = self.library._thing(owner[0])
        facts = thing.facts.get(owner[1], ()) if thing is not None else ()
        if len(facts) < 2:
            return signature, any_
        dated = []
        whole = self._since([limits for fact in facts for limits in fact.ranges])
        for parameter in signature:
            having = [
                limits
                for fact in facts
                if "(" in fact.value
                and any(taken.name == parameter.name for taken in _signature(fact.value.partition("\t")[0])[0])
                for limits in fact.ranges
            ]
            since = self._since(having)
            dated.append(parameter if since == whole else replace(parameter, since=since))
        return tuple(dated), any_


def _without_first(signature: tuple[Parameter, ...]) -> tuple[Parameter, ...]:
    """Without `self`, which `*args` may stand for."""
    return signature[1:] if signature and signature[0].kind.startswith("positional") else signature


@cache
def _builtin_members(name: str) -> tuple[str, ...]:
    return tuple(dir(getattr(builtins, name.partition(".")[2], object)))


@cache
def _signature(text: str) -> tuple[tuple[Parameter, ...], bool]:
    """Reads a signature's text (see `scripts/knowledge/history.py`); the second says that it takes anything besides."""
    if "(" not in text:
        return (), True
    text = text[text.index("~" if "~(" in text[:2] else "(") :]
    uncertain = text.startswith("~")
    function = ast.parse(f"def f{text.lstrip('~')}: ...").body[0]
    assert isinstance(function, ast.FunctionDef)
    given = function.args
    positional = [(argument, "positional-only") for argument in given.posonlyargs]
    positional += [(argument, "positional-or-keyword") for argument in given.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(given.defaults))
    found = [
        _parameter(argument, kind, default)
        for (argument, kind), default in zip(positional, [*defaults, *given.defaults], strict=True)
    ]
    if given.vararg is not None:
        found.append(Parameter(given.vararg.arg, "var-positional"))
    elif uncertain:
        # Overloads that differ: one may take more by position.
        found.append(Parameter("args", "var-positional"))
    found += [
        _parameter(argument, "keyword-only", default)
        for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True)
    ]
    if given.kwarg is not None:
        found.append(Parameter(given.kwarg.arg, "var-keyword"))
    return tuple(found), uncertain or given.kwarg is not None


def _parameter(argument: ast.arg, kind: str, default: ast.expr | None) -> Parameter:
    version = replacement = None
    note = argument.annotation
    if isinstance(note, ast.Call):
        texts = [item.value for item in note.args if isinstance(item, ast.Constant)]
        version, replacement = str(texts[0]) or None, str(texts[1]) or None
        note = next((item for item in note.args if isinstance(item, ast.List)), None)
    listed = note.elts if isinstance(note, ast.List) else []
    values = tuple(item.value for item in listed if isinstance(item, ast.Constant) and isinstance(item.value, str))
    others = not listed or any(isinstance(item, ast.Constant) and item.value is ... for item in listed)
    source = None if default is None else ast.unparse(default)
    return Parameter(argument.arg, kind, source, version, replacement, values, others)


def _linear(name: str, bases_of: Any, depth: int = 0) -> tuple[str, ...]:
    bases = bases_of(name) if depth < 40 else ()
    queues = [list(_linear(base, bases_of, depth + 1)) for base in bases] + [list(bases)]
    result = [name]
    while any(queues):
        queues = [queue for queue in queues if queue]
        good = next((queue[0] for queue in queues if not any(queue[0] in other[1:] for other in queues)), None)
        if good is None:
            rest = [item for queue in queues for item in queue]
            return tuple(dict.fromkeys([*result, *rest]))
        result.append(good)
        queues = [[item for item in queue if item != good] for queue in queues]
    return tuple(result)
