"""The table `[tool.mlsense]` of a `pyproject.toml`, and where in the file its keys are."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_HOME = ("tool", "mlsense")
_HEADER = re.compile(r"\s*\[{1,2}(?P<key>[^\[\]]+)\]{1,2}\s*(?:#.*)?")
_KEY = re.compile(r"\s*(?P<key>(?:[^=#\"']|\"[^\"]*\"|'[^']*')+?)\s*=.*")
_LINE = re.compile(r"at line (\d+)")


@dataclass(frozen=True, eq=False)
class Table:
    """What is set in `file`. `problem` says why it cannot be read, in which case nothing is set."""

    file: str
    text: str
    values: Mapping[str, object]
    problem: str | None = None

    def line(self, key: Sequence[str], value: str = "") -> int:
        """The line, from 1, of a key of the table or the nearest around it; of a text among its values, if found."""
        wanted = (*_HOME, *key)
        places = _places(self.text)
        known = next((wanted[:size] for size in range(len(wanted), 0, -1) if wanted[:size] in places), None)
        if known is None:
            return 1
        first, lines = places[known], _lines(self.text)
        end = min((line for line in places.values() if line > first), default=len(lines) + 1)
        return next((line for line in range(first, end) if value and value in lines[line - 1]), first)

    def problem_line(self) -> int:
        """The line, from 1, where the problem is."""
        problem = self.problem or ""
        found = _LINE.search(problem)
        if found is not None:
            return int(found[1])
        return len(_lines(self.text)) if "end of document" in problem else self.line(())


def table_in(file: str, text: str) -> Table | None:
    """The table in the text of a file; None if it has none."""
    if "mlsense" not in text:
        return None
    try:
        values: object = tomllib.loads(text)
    except (ValueError, RecursionError) as error:  # the former of TOML, too
        return Table(file, text, {}, f"this is not TOML: {error}")
    for name in _HOME:
        values = values.get(name) if isinstance(values, Mapping) else None
    if values is None:
        return None
    if not isinstance(values, Mapping):
        return Table(file, text, {}, "`tool.mlsense` is not a table")
    return Table(file, text, values)


def _places(text: str) -> dict[tuple[str, ...], int]:
    """The line of each key and header, by its full path. Lines of longer texts may be taken for keys: never mind."""
    places: dict[tuple[str, ...], int] = {}
    home: tuple[str, ...] = ()
    for number, line in enumerate(_lines(text), 1):
        header = _HEADER.fullmatch(line)
        if header is not None and (path := _path(header["key"])):
            home = path
        else:
            key = _KEY.fullmatch(line)
            path = _path(key["key"]) if key is not None else ()
            path = (*home, *path) if path else ()
        for size in range(1, len(path) + 1):
            places.setdefault(path[:size], number)
    return places


def _path(key: str) -> tuple[str, ...]:
    """`a."b.c"` as its parts; nothing if it is no key."""
    try:
        node: Any = tomllib.loads(f"{key} = 0")
    except (ValueError, RecursionError):
        return ()
    path: list[str] = []
    while isinstance(node, Mapping):
        [(name, node)] = node.items()
        path.append(name)
    return tuple(path)


def _lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").split("\n")
