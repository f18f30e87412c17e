"""Which versions of libraries count for a file: those installed for its interpreter, else those its project pins.

And what the project's `pyproject.toml` says of MLSense itself. Everything is read, nothing is run.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from mlsense.environment.installed import installed, is_environment, prefix_of, search_path, stamp
from mlsense.environment.pins import pin_files, pins
from mlsense.environment.table import Table, table_in
from mlsense.knowledge.versions import Pin, Versions, exact, within

PATIENCE = 2.0
"""Seconds for which what was read is taken to be so still."""
_MARKS = frozenset((".git", ".hg", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "environment.yml"))
_OWN = (".venv", "venv", "env")
_MAX_PARENTS = 12
_MAX_KEPT = 200
_MAX_BYTES = 8_000_000


@dataclass(frozen=True, slots=True)
class _Read:
    """What was read for a folder: when, what it rests on, and what it says."""

    at: float
    stamp: object
    versions: Versions
    table: Table | None


class Environment:
    """Answers for files anywhere. `interpreter` is the one the user selected, or the folder of its environment.

    Without one it is the environment that `variables` say is active, else the one in the project's own folder. What
    changed on the disk is seen after `PATIENCE` seconds of `clock`, or at once after `refresh`.
    """

    def __init__(
        self,
        interpreter: str | None = None,
        variables: Mapping[str, str] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._interpreter = interpreter
        self._variables = os.environ if variables is None else variables
        self._clock = clock
        self._read: dict[str, _Read] = {}
        self._installed: dict[str, tuple[object, tuple[tuple[str, str], ...]]] = {}
        self._pins: dict[str, tuple[tuple[int, int], dict[str, str]]] = {}
        self._tables: dict[str, tuple[tuple[int, int], Table | None]] = {}

    def refresh(self) -> None:
        """Something may have changed: look at the disk again when asked."""
        self._read = {folder: replace(read, at=float("-inf")) for folder, read in self._read.items()}

    def versions(self, path: str) -> Versions:
        """The versions that count for the file at a path. The same object as long as nothing changes."""
        return self._look(path).versions

    def table(self, path: str) -> Table | None:
        """What the nearest `pyproject.toml` that speaks of MLSense says. The same object as long as nothing changes."""
        return self._look(path).table

    def _look(self, path: str) -> _Read:
        folder = os.path.dirname(os.path.abspath(path))
        read = self._read.get(folder)
        now = self._clock()
        if read is not None and now - read.at < PATIENCE:
            return read
        folders = _project(folder)
        prefix = self._prefix(folders)
        packages = search_path(prefix) if prefix is not None else ()
        files = [os.path.join(each, name) for each in folders for name in pin_files(_files(each))]
        seen = (prefix, packages, stamp(prefix or "", packages), tuple((file, _status(file)) for file in files))
        if read is None or read.stamp != seen:
            root = folders[-1]
            found = Versions(
                _label(prefix, root) if prefix is not None else "",
                self._all_installed(prefix, packages) if prefix is not None else (),
                self._all_pins(files, root),
            )
            same = read is not None and read.versions == found
            read = _Read(now, seen, read.versions if read is not None and same else found, self._table(files))
        read = replace(read, at=now)
        self._read.pop(folder, None)
        self._read[folder] = read
        if len(self._read) > _MAX_KEPT:
            del self._read[next(iter(self._read))]
        return read

    def folders(self, path: str) -> tuple[str, ...]:
        """Where the packages for a file are installed: where to watch for changes."""
        prefix = self._prefix(_project(os.path.dirname(os.path.abspath(path))))
        return search_path(prefix) if prefix is not None else ()

    def _prefix(self, folders: list[str]) -> str | None:
        selected = prefix_of(self._interpreter) if self._interpreter else None
        if selected is not None:
            return selected
        active = self._variables.get("VIRTUAL_ENV") or None
        conda = self._variables.get("CONDA_PREFIX") or None
        # conda's own environment is active nearly always: that says less than one in the project.
        base = conda if self._variables.get("CONDA_DEFAULT_ENV") == "base" else None
        own = (os.path.join(folder, name) for folder in folders for name in _OWN)
        candidates = (active, None if base else conda, *own, base)
        return next((each for each in candidates if each is not None and is_environment(each)), None)

    def _all_installed(self, prefix: str, packages: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
        changed = stamp(prefix, packages)
        known = self._installed.get(prefix)
        if known is None or known[0] != (packages, changed):
            known = (packages, changed), tuple(sorted(installed(prefix, packages).items()))
            self._installed[prefix] = known
            if len(self._installed) > _MAX_KEPT:
                del self._installed[next(iter(self._installed))]
        return known[1]

    def _all_pins(self, files: list[str], root: str) -> tuple[tuple[str, Pin], ...]:
        """The nearer folder counts more, in it the file that is named first in `READERS`.

        One exact version of another file counts where it is in that file's range: it says which of them it is.
        """
        found: dict[str, Pin] = {}
        for file in files:
            source = os.path.relpath(file, root).replace(os.sep, "/")
            for name, specifier in self._pins_of(file).items():
                if name not in found or _narrows(specifier, found[name].specifier):
                    found[name] = Pin(specifier, source)
        return tuple(sorted(found.items()))

    def _pins_of(self, file: str) -> dict[str, str]:
        status = _status(file)
        known = self._pins.get(file)
        if known is None or known[0] != status:
            known = status, pins(os.path.basename(file), _text(file)) if 0 < status[1] <= _MAX_BYTES else {}
            self._pins.pop(file, None)
            self._pins[file] = known
            if len(self._pins) > _MAX_KEPT:
                del self._pins[next(iter(self._pins))]
        return known[1]

    def _table(self, files: list[str]) -> Table | None:
        own = (self._table_of(file) for file in files if os.path.basename(file) == "pyproject.toml")
        return next((table for table in own if table is not None), None)

    def _table_of(self, file: str) -> Table | None:
        status = _status(file)
        known = self._tables.get(file)
        if known is None or known[0] != status:
            known = status, table_in(file, _text(file)) if 0 < status[1] <= _MAX_BYTES else None
            self._tables.pop(file, None)
            self._tables[file] = known
            if len(self._tables) > _MAX_KEPT:
                del self._tables[next(iter(self._tables))]
        return known[1]


def _narrows(specifier: str, wanted: str) -> bool:
    """Whether it is one exact version of a range."""
    one = exact(specifier)
    return one is not None and exact(wanted) is None and within(one, wanted) is True


def _project(folder: str) -> list[str]:
    """The folder and those above it up to its repository, else up to the first that looks like a project."""
    above, folders, marked = folder, [], 0
    for _ in range(_MAX_PARENTS):
        folders.append(above)
        names = set(_names(above))
        if not names.isdisjoint((".git", ".hg")):
            return folders
        if not marked and (not names.isdisjoint(_MARKS) or pin_files(sorted(names)) or not names.isdisjoint(_OWN)):
            marked = len(folders)
        parent = os.path.dirname(above)
        if parent == above:
            break
        above = parent
    return folders[: marked or 1]


def _label(prefix: str, root: str) -> str:
    """A short name for an environment: its path in the project, or from the user's home."""
    for base, start in ((root, ""), (os.path.expanduser("~"), "~/")):
        if prefix.startswith(os.path.join(base, "")):
            return start + os.path.relpath(prefix, base).replace(os.sep, "/")
    return prefix


def _files(folder: str) -> list[str]:
    """The names in a folder, and those in its folder of requirements."""
    inner = [f"requirements/{name}" for name in _names(os.path.join(folder, "requirements"))]
    return [*_names(folder), *inner]


def _names(folder: str) -> list[str]:
    try:
        return os.listdir(folder)
    except OSError:
        return []


def _status(path: str) -> tuple[int, int]:
    try:
        status = os.stat(path)
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8-sig", errors="replace") as file:
            return file.read()
    except OSError:
        return ""


__all__ = ["Environment"]
