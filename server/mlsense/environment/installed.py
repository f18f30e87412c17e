"""What is installed for an interpreter, read off the names in its folders. Nothing is run."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

from mlsense.knowledge.versions import normalised

_ABOVE = 3
"""Folders from an interpreter up to its environment: `env/bin/python`, `env/Scripts/python.exe`, `env/python.exe`."""
_METADATA = re.compile(r"(?P<name>[A-Za-z0-9][\w.]*)-(?P<version>\d[^-]*)(?:-.*)?\.(?:dist|egg)-info$")
_CONDA = re.compile(r"(?P<name>.+)-(?P<version>[^-]+)-[^-]+\.json$")
_MAX_PATHS = 40


def prefix_of(interpreter: str) -> str | None:
    """The environment that an interpreter belongs to, or the path itself where it is an environment's folder."""
    path = os.path.abspath(os.path.expanduser(interpreter))
    if os.path.isdir(path):
        return path
    if not os.path.isfile(path):
        return None
    # The interpreter of a virtual environment is a link: followed, it would lead out of it.
    for start in (path, os.path.realpath(path)):
        folder = start
        for _ in range(_ABOVE - 1):
            folder = os.path.dirname(folder)
            if is_environment(folder):
                return folder
    folder = os.path.dirname(os.path.realpath(path))
    return os.path.dirname(folder) if os.path.basename(folder).lower() in ("bin", "scripts") else folder


def is_environment(folder: str) -> bool:
    """Whether a folder is a virtual or a conda environment."""
    return any(os.path.exists(os.path.join(folder, mark)) for mark in ("pyvenv.cfg", "conda-meta"))


def search_path(prefix: str) -> tuple[str, ...]:
    """The folders in which the packages of an environment are, the first that has a package counts."""
    found: list[str] = []
    for folder in _folders(prefix):
        if folder not in found and os.path.isdir(folder):
            found.append(folder)
            found.extend(path for path in _linked(folder) if path not in found)
    return tuple(found[:_MAX_PATHS])


def stamp(prefix: str, folders: tuple[str, ...]) -> tuple[int, ...]:
    """Differs when something was installed or removed."""
    return tuple(_changed(folder) for folder in (*folders, os.path.join(prefix, "conda-meta")))


def installed(prefix: str, folders: tuple[str, ...]) -> dict[str, str]:
    """Versions by normalised name."""
    found: dict[str, str] = {}
    for folder in folders:
        for name in _names(folder):
            match = _METADATA.match(name)
            if match is not None:
                found.setdefault(normalised(match["name"]), match["version"])
            elif name.endswith(".egg-info"):
                found.update({key: value for key, value in _described(folder, name) if key not in found})
    for name in _names(os.path.join(prefix, "conda-meta")):
        match = _CONDA.match(name)
        if match is not None:
            found.setdefault(normalised(match["name"]), match["version"])
    return found


def _folders(prefix: str) -> Iterator[str]:
    settings = _settings(os.path.join(prefix, "pyvenv.cfg"))
    yield os.path.join(prefix, "Lib", "site-packages")
    for library in ("lib", "lib64"):
        folder = os.path.join(prefix, library)
        versions = sorted((name for name in _names(folder) if name.startswith("python3")), key=_minor, reverse=True)
        wanted = "python" + ".".join(settings.get("version_info", settings.get("version", "")).split(".")[:2])
        for name in [wanted] if wanted in versions else versions:
            for packages in ("site-packages", "dist-packages"):
                yield os.path.join(folder, name, packages)
    home = settings.get("home", "")
    if home and settings.get("include-system-site-packages", "").lower() == "true":
        base = os.path.dirname(home) if os.path.basename(home).lower() in ("bin", "scripts") else home
        if os.path.abspath(base) != os.path.abspath(prefix):
            yield from _folders(base)
    if prefix == "/usr":
        # The system's Python looks at what was installed by hand, too.
        yield from _folders("/usr/local")
        yield from _folders(os.path.expanduser("~/.local"))


def _minor(name: str) -> int:
    digits = name.partition(".")[2]
    return int(digits) if digits.isdecimal() else 0


def _linked(folder: str) -> Iterator[str]:
    """The folders that `.pth` files add."""
    for name in _names(folder):
        if name.endswith(".pth"):
            for line in _text(os.path.join(folder, name)).splitlines():
                path = os.path.join(folder, line.strip())
                if line.strip() and not line.startswith(("#", "import ", "import\t")) and os.path.isdir(path):
                    yield path


def _described(folder: str, name: str) -> Iterator[tuple[str, str]]:
    """What an egg's metadata says of itself: its folder in the sources has no version in its name."""
    fields = dict(re.findall(r"^(Name|Version):[ \t]*(\S+)", _text(os.path.join(folder, name, "PKG-INFO")), re.M))
    if len(fields) == 2:
        yield normalised(fields["Name"]), fields["Version"]


def _settings(path: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in _text(path).splitlines())
    return {key.strip().lower(): value.strip() for key, _, value in pairs}


def _text(path: str) -> str:
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read(100_000)
    except OSError:
        return ""


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _changed(path: str) -> int:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return 0
