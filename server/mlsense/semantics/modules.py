"""Other files of the workspace: each is followed once, as an import runs it, and kept until its text changes."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeAlias

from mlsense.knowledge.versions import NO_VERSIONS, Versions
from mlsense.semantics.values import Ref, Scope

if TYPE_CHECKING:
    from collections.abc import Callable

    from mlsense.datafiles import Reading, Table
    from mlsense.semantics.state import Entry, Key
    from mlsense.semantics.values import Unit
    from mlsense.syntax import Document, Parsed

MAX_FILES = 200
MAX_DEPTH = 12
MAX_LENGTH = 1_000_000


class Workspace(Protocol):
    """Where imports lead. Nothing is executed: a file is text."""

    def refresh(self) -> None:
        """Files may have changed: look again from here on."""

    def locate(self, importer: str, module: str, level: int) -> str | None:
        """The path of the file that a module name means in a file; None for what is not in the workspace."""

    def text(self, path: str) -> str | None:
        """The text of such a file now; None if it cannot be read."""

    def table(self, program: str, path: str, reading: Reading) -> Table | None:
        """What the data file holds that a program reads by a path; None where nothing is known of it."""


class NoWorkspace:
    """A document on its own."""

    def refresh(self) -> None:
        pass

    def locate(self, importer: str, module: str, level: int) -> str | None:
        return None

    def text(self, path: str) -> str | None:
        return None

    def table(self, program: str, path: str, reading: Reading) -> Table | None:
        return None


class Home(NamedTuple):
    """Where a unit stands now."""

    cell: int
    start: int
    parsed: Parsed


class Request(NamedTuple):
    """A module asked for by name; `level` counts the dots of a relative import."""

    importer: str
    name: str
    level: int


class DataRequest(NamedTuple):
    """A data file asked for by the path a program names it by."""

    program: str
    path: str
    reading: Reading


Needs: TypeAlias = "tuple[tuple[Request, Module | None] | tuple[DataRequest, Table | None], ...]"
"""The modules and data files that were asked for, each with what it was."""


@dataclass(frozen=True, eq=False)
class Module:
    """A file and what holds after it ran. Two modules are the same only if they are one object."""

    document: Document
    state: dict[Key, Entry]
    homes: dict[Unit, Home]
    needs: Needs

    @property
    def path(self) -> str:
        return self.document.path


@dataclass(slots=True)
class Modules:
    """The files followed so far. `follow` runs one and says which other modules it needs."""

    workspace: Workspace
    follow: Callable[[str, str, Modules], Module]
    versions: Versions = NO_VERSIONS
    """Those of the libraries: all that is kept holds for these only."""
    _kept: dict[str, Module] = field(default_factory=dict)
    _loading: list[str] = field(default_factory=list)
    _answers: dict[Request, Module | None] = field(default_factory=dict)
    _tables: dict[DataRequest, Table | None] = field(default_factory=dict)

    def refresh(self) -> None:
        """Files may have changed: ask anew from here on."""
        self._answers.clear()
        self._tables.clear()
        self.workspace.refresh()

    def find(self, request: Request) -> Module | None:
        """The module, followed if it was not yet or its text changed; None outside the workspace and in a cycle."""
        if request not in self._answers:
            self._answers[request] = self._find(request)
        return self._answers[request]

    def table(self, request: DataRequest) -> Table | None:
        """What a data file holds now."""
        if request not in self._tables:
            self._tables[request] = self.workspace.table(*request)
        return self._tables[request]

    def hold(self, needs: Needs) -> bool:
        """Whether the files that were needed are as they were."""
        for request, found in needs:
            if isinstance(request, Request):
                if self.find(request) is not found:
                    return False
            elif self.table(request) is not found:
                return False
        return True

    def entry(self, key: Key) -> Entry:
        """What holds in another file after it ran, by a key of the state: a name, an object, or a part of one."""
        if not self._kept:
            return None
        module = self._kept.get(module_of(key))
        return module.state.get(key) if module is not None else None

    def _find(self, request: Request) -> Module | None:
        path = self.workspace.locate(*request)
        if path is None or path in self._loading or len(self._loading) >= MAX_DEPTH or len(self._kept) >= MAX_FILES:
            return self._kept.get(path) if path is not None and path not in self._loading else None
        text = self.workspace.text(path)
        if text is None or len(text) > MAX_LENGTH:
            return None
        kept = self._kept.get(path)
        self._loading.append(path)
        try:
            if kept is not None and kept.document.cells[0].source.text == text and self.hold(kept.needs):
                return kept
            self._kept[path] = self.follow(path, text, self)
        finally:
            self._loading.pop()
        return self._kept[path]


def module_of(key: Key) -> str:
    """The file whose code made the name or object behind a key."""
    if isinstance(key, tuple) and key:
        key = key[0]
    if isinstance(key, (Ref, Scope)):
        return key.origin.place.unit.module
    return key if isinstance(key, str) else ""


class Imports:
    """The modules one statement asked for, so that it runs again when they change."""

    def __init__(self, modules: Modules, path: str) -> None:
        self._modules = modules
        self.path = path
        """The document whose statement it is."""
        self.needs: dict[Request, Module | None] = {}
        self.tables: dict[DataRequest, Table | None] = {}

    @property
    def versions(self) -> Versions:
        return self._modules.versions

    def find(self, request: Request) -> Module | None:
        found = self._modules.find(request)
        self.needs[request] = found
        return found

    def table(self, request: DataRequest) -> Table | None:
        found = self._modules.table(request)
        self.tables[request] = found
        return found

    def all(self) -> Needs:
        return (*self.needs.items(), *self.tables.items())

    def entry(self, key: Key) -> Entry:
        return self._modules.entry(key)
