"""Profiles of the files on the disk, kept until a file changes."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import stat
import zlib
from typing import TYPE_CHECKING

from mlsense.datafiles.delimited import profile

if TYPE_CHECKING:
    from collections.abc import Callable
    from io import BufferedIOBase

    from mlsense.datafiles.profiles import Table
    from mlsense.datafiles.reading import Reading

MAX_KEPT = 200
_OPENERS: dict[str, Callable[[str], BufferedIOBase]] = {
    ".gz": gzip.GzipFile,
    ".bz2": bz2.open,
    ".xz": lzma.open,
}
_OTHERS = frozenset((".zip", ".zst", ".tar", ".tgz", ".7z", ".xlsx", ".xls", ".parquet", ".pkl", ".feather"))


def readable(path: str) -> bool:
    """Whether a file's name says that its text can be read."""
    return os.path.splitext(path)[1].lower() not in _OTHERS


class Store:
    """For use by one thread. A file that did not change is not opened again: the same profile is given for it."""

    def __init__(self) -> None:
        self._kept: dict[tuple[str, Reading], tuple[tuple[int, int], Table | None]] = {}

    def table(self, path: str, reading: Reading) -> Table | None:
        """What reading the file gives; None for what is no file, cannot be read or is not understood."""
        try:
            status = os.stat(path)
            if not stat.S_ISREG(status.st_mode) or not readable(path):
                return None
            stamp = (status.st_mtime_ns, status.st_size)
            kept = self._kept.pop((path, reading), None)
            if kept is None or kept[0] != stamp:
                kept = (stamp, _read(path, reading))
        except (OSError, ValueError):
            return None
        self._kept[path, reading] = kept
        if len(self._kept) > MAX_KEPT:
            del self._kept[next(iter(self._kept))]
        return kept[1]


def _read(path: str, reading: Reading) -> Table | None:
    opener = _OPENERS.get(os.path.splitext(path)[1].lower())
    try:
        with opener(path) if opener is not None else open(path, "rb") as stream:
            return profile(stream, reading)
    except (EOFError, zlib.error, lzma.LZMAError):
        return None
