"""The files of a workspace, read from the disk: where the imports of a program lead. Nothing is executed."""

from __future__ import annotations

import os
from pathlib import Path

from mlsense.syntax import DecodeError, decode

_MARKS = (".git", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt")
_MAX_BYTES = 2_000_000
_MAX_PARENTS = 12


class Folder:
    """Files around a program: beside it, in the folders above it up to the project's root, and in the root's `src`.

    The root is the nearest folder above with a mark of a project; without one, only the program's own folder counts.
    """

    def __init__(self) -> None:
        self._texts: dict[str, tuple[tuple[int, int], str | None]] = {}

    def locate(self, importer: str, module: str, level: int) -> str | None:
        """The path of the file a module name means in a file: relative if that file's is."""
        found = self._locate(Path(importer).absolute().parent, module, level)
        if found is None or Path(importer).is_absolute():
            return found
        return os.path.relpath(found)

    def _locate(self, folder: Path, module: str, level: int) -> str | None:
        parts = [part for part in module.split(".") if part]
        if level:
            for _ in range(level - 1):
                folder = folder.parent
            return _file(folder, parts)
        for base in _bases(folder):
            found = _file(base, parts)
            if found is not None:
                return found
        return None

    def text(self, path: str) -> str | None:
        """The file's text; None if it cannot be read or is no text."""
        try:
            status = Path(path).stat()
            stamp = (status.st_mtime_ns, status.st_size)
            kept = self._texts.get(path)
            if kept is None or kept[0] != stamp:
                text = decode(Path(path).read_bytes()) if status.st_size <= _MAX_BYTES else None
                self._texts[path] = (stamp, text)
            return self._texts[path][1]
        except (OSError, DecodeError):
            return None


def _bases(folder: Path) -> list[Path]:
    above = [folder, *folder.parents][:_MAX_PARENTS]
    for number, base in enumerate(above):
        if any((base / mark).exists() for mark in _MARKS):
            return [*above[: number + 1], base / "src"]
    return [folder]


def _file(base: Path, parts: list[str]) -> str | None:
    target = base.joinpath(*parts)
    candidates = (
        [target / "__init__.py"] if not parts else [target.with_name(target.name + ".py"), target / "__init__.py"]
    )
    return next((str(path) for path in candidates if path.is_file()), None)
