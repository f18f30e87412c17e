"""The files of a workspace, read from the disk: where the imports of a program lead. Nothing is executed."""

from __future__ import annotations

import os
from collections.abc import Mapping

from mlsense.datafiles import Reading, Store, Table
from mlsense.syntax import DecodeError, decode

_MARKS = frozenset((".git", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt"))
DATA_SUFFIXES = (".csv", ".tsv", ".csv.gz", ".tsv.gz", ".csv.bz2", ".csv.xz", ".data")
"""How the names of data files end whose change is worth a look; others are looked at with the next edit."""
_MAX_BYTES = 2_000_000
_MAX_PARENTS = 12
_MAX_KEPT = 2_000


class Folder:
    """Files around a program: beside it, in the folders above it up to the project's root, and in the root's `src`.

    The root is the nearest folder above with a mark of a project; without one, only the program's own folder counts.
    What is kept of files and folders is used as long as the time of their last change is the same; what a folder holds
    is looked up once between two calls of `refresh`. `unsaved` are the texts that files open in an editor have there,
    by `same_file`; they count instead of what is on the disk.
    """

    def __init__(self, unsaved: Mapping[str, str] | None = None) -> None:
        self._unsaved = {} if unsaved is None else unsaved
        self._names_now: dict[str, frozenset[str]] = {}
        self._bases_now: dict[str, list[str]] = {}
        self._folders_now: dict[str, str] = {}
        self._texts: dict[str, tuple[tuple[int, int], str | None]] = {}
        self._entries: dict[str, tuple[int, frozenset[str]]] = {}
        self._store = Store()

    def refresh(self) -> None:
        """Folders may have changed: look again from here on."""
        self._names_now.clear()
        self._bases_now.clear()
        self._folders_now.clear()

    def locate(self, importer: str, module: str, level: int) -> str | None:
        """The path of the file a module name means in a file: relative if that file's is."""
        folder = self._folders_now.get(importer)
        if folder is None:
            folder = self._folders_now[importer] = os.path.dirname(os.path.abspath(importer))
        parts = [part for part in module.split(".") if part]
        for _ in range(level - 1):
            folder = os.path.dirname(folder)
        for base in [folder] if level else self._bases(folder):
            found = self._file(base, parts)
            if found is not None:
                return found if os.path.isabs(importer) else os.path.relpath(found)
        return None

    def bases(self, importer: str) -> list[str]:
        """The folders where a file's imports are looked for, in order; the project's root before its `src`."""
        return self._bases(os.path.dirname(os.path.abspath(importer)))

    def text(self, path: str) -> str | None:
        """The file's text; None if it cannot be read or is no text."""
        if self._unsaved and (text := self._unsaved.get(same_file(path))) is not None:
            return text
        try:
            status = os.stat(path)
            stamp = (status.st_mtime_ns, status.st_size)
            kept = self._texts.get(path)
            if kept is None or kept[0] != stamp:
                kept = (stamp, _read(path) if status.st_size <= _MAX_BYTES else None)
                _keep(self._texts, path, kept)
        except OSError:
            return None
        return kept[1]

    def table(self, program: str, path: str, reading: Reading) -> Table | None:
        """What the data file holds that a program names by a path; None where that may be one of several files.

        A notebook runs in its own folder. Where a script is started from is not known: it may be any folder up to the
        project's root.
        """
        if not path or "://" in path:
            return None
        bases = self._bases(os.path.dirname(os.path.abspath(program)))[: 1 if os.path.isabs(path) else None]
        places = dict.fromkeys(os.path.normpath(os.path.join(base, path)) for base in bases)
        found = [place for place in places if os.path.isfile(place)]
        if not found or (len(found) > 1 and not program.endswith(".ipynb")):
            return None
        return self._store.table(found[0], reading)

    def _bases(self, folder: str) -> list[str]:
        known = self._bases_now.get(folder)
        if known is None:
            known = self._bases_now[folder] = self._find_bases(folder)
        return known

    def _find_bases(self, folder: str) -> list[str]:
        bases = []
        above = folder
        for _ in range(_MAX_PARENTS):
            bases.append(above)
            if _MARKS & self._names(above):
                return [*bases, os.path.join(above, "src")]
            above = os.path.dirname(above)
        return [folder]

    def _file(self, base: str, parts: list[str]) -> str | None:
        for number, part in enumerate(parts):
            names = self._names(base)
            if number == len(parts) - 1 and f"{part}.py" in names:
                path = os.path.join(base, f"{part}.py")
                return path if os.path.isfile(path) else None
            if part not in names:
                return None
            base = os.path.join(base, part)
        return os.path.join(base, "__init__.py") if "__init__.py" in self._names(base) else None

    def _names(self, folder: str) -> frozenset[str]:
        """What is in a folder; nothing if it is none."""
        known = self._names_now.get(folder)
        if known is None:
            known = self._names_now[folder] = self._look(folder)
        return known

    def _look(self, folder: str) -> frozenset[str]:
        try:
            changed = os.stat(folder).st_mtime_ns
            kept = self._entries.get(folder)
            if kept is None or kept[0] != changed:
                kept = (changed, frozenset(os.listdir(folder)))
                _keep(self._entries, folder, kept)
        except OSError:
            return frozenset()
        return kept[1]


def same_file(path: str) -> str:
    """One spelling of a path, equal for all that lead to the file without links."""
    return os.path.normcase(os.path.abspath(path))


def _read(path: str) -> str | None:
    try:
        with open(path, "rb") as file:
            return decode(file.read())
    except DecodeError:
        return None


def _keep(store: dict, key: str, value: object) -> None:  # type: ignore[type-arg]
    """The oldest goes when there are too many."""
    store.pop(key, None)
    store[key] = value
    if len(store) > _MAX_KEPT:
        del store[next(iter(store))]
