"""What the files of a project say of the versions it needs: each kind of file read into names and ranges."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping
from fnmatch import fnmatch, translate
from typing import Any

from mlsense.knowledge.versions import exact, normalised

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

Found = Iterator[tuple[str, str]]

_REQUIREMENT = re.compile(
    r"\s*(?P<name>[A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*\(?(?P<range>(?:(?:[<>]|[<>=!~]=)[^;#@\\)]*)?)\)?(?P<rest>.*)",
    re.S,
)
_COMMENT = re.compile(r"(?:^|\s)#.*")


def requirement(line: str) -> tuple[str, str, bool] | None:
    """The name, range and whether it holds only sometimes, of a requirement as in PEP 508; None for anything else."""
    found = _REQUIREMENT.fullmatch(line)
    if found is None:
        return None
    specifier = re.split(r"\s--", found["range"])[0]
    return normalised(found["name"]), "".join(specifier.split()), found["rest"].lstrip().startswith(";")


def _requirements(lines: list[str]) -> Found:
    """What holds on some systems only counts where nothing holds everywhere."""
    read = [each for line in lines if (each := requirement(line)) is not None]
    everywhere = {name: specifier for name, specifier, marked in reversed(read) if specifier and not marked}
    yield from everywhere.items()
    yield from ((name, specifier) for name, specifier, marked in read if marked and name not in everywhere)


def of_requirements(text: str) -> Found:
    """`requirements.txt` and constraints."""
    lines = [_COMMENT.sub("", line).strip() for line in text.replace("\\\n", " ").splitlines()]
    return _requirements([line for line in lines if line and not line.startswith("-")])


def of_pyproject(text: str) -> Found:
    """`pyproject.toml`: PEP 621, dependency groups, Poetry and PDM."""
    project = tomllib.loads(text)
    standard = _table(project, "project")
    groups = [
        standard.get("dependencies"),
        *_table(standard, "optional-dependencies").values(),
        *_table(project, "dependency-groups").values(),
        *_table(project, "tool", "pdm", "dev-dependencies").values(),
    ]
    for group in groups:
        yield from _requirements([line for line in group if isinstance(line, str)] if isinstance(group, list) else [])
    poetry = _table(project, "tool", "poetry")
    tables = [_table(poetry, "dependencies"), _table(poetry, "dev-dependencies")]
    tables += [_table(poetry, "group", name, "dependencies") for name in _table(poetry, "group")]
    for table in tables:
        for name, wanted in table.items():
            specifier = wanted.get("version") if isinstance(wanted, Mapping) else wanted
            if isinstance(specifier, str) and normalised(name) != "python":
                plain = re.fullmatch(r"[\d.]+", specifier.strip())
                yield normalised(name), f"=={specifier.strip()}" if plain else "".join(specifier.split())


def of_lock(text: str) -> Found:
    """`uv.lock`, `poetry.lock`, `pdm.lock` and `pylock.toml`, which all begin a package alike."""
    pattern = r'^\[\[packages?\]\]\s*\nname = "([^"\n]+)"\s*\nversion = "([^"\n]+)"'
    for name, version in re.findall(pattern, text.replace("\r\n", "\n"), re.M):
        yield normalised(name), f"=={version}"


def of_pipfile_lock(text: str) -> Found:
    """`Pipfile.lock`."""
    lock = json.loads(text)
    for group in ("default", "develop"):
        for name, package in _table(lock, group).items():
            if isinstance(package, Mapping) and isinstance(package.get("version"), str):
                yield normalised(name), package["version"]


_CONDA = re.compile(r"""\s*-\s*["']?(?:[\w.-]+::)?([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*([^"':;]*)["']?.*""")


def of_conda(text: str) -> Found:
    """`environment.yml`, its list for pip included."""
    within = False
    for line in text.splitlines():
        line = _COMMENT.sub("", line).rstrip()
        if line and not line[0].isspace() and not line.startswith("-"):
            within = line.replace(" ", "") == "dependencies:"
            continue
        item = _CONDA.fullmatch(line)
        if within and item is not None and not line.endswith(":"):
            yield normalised(item[1]), _conda_range(item[2])


def _conda_range(text: str) -> str:
    """`1.3.2=py311_0` after a name is `=1.3.2` with a build; `=1.3` is `1.3.*`."""
    specifier = re.sub(r"^=\s*(\d[^=\s]*)\s*=.*$", r"==\1", text.strip())
    specifier = re.sub(r"^(\d[^=\s,]*)[\s=].*$", r"==\1", specifier)
    return "" if "|" in specifier else "".join(specifier.split())


def of_conda_lock(text: str) -> Found:
    """`conda-lock.yml`, and the explicit form, which is a list of archives."""
    for name, version in re.findall(r"""^\s*-?\s*name:\s*(\S+)\s*\n\s*version:\s*["']?([^\s"']+)""", text, re.M):
        yield normalised(name), f"=={version}"
    for name, version in re.findall(r"^\S+/([\w.-]+?)-(\d[^-\s/]*)-[^-\s/]+\.(?:conda|tar\.bz2)", text, re.M):
        yield normalised(name), f"=={version}"


READERS: tuple[tuple[str, Callable[[str], Found]], ...] = (
    ("pyproject.toml", of_pyproject),
    ("requirements.txt", of_requirements),
    ("requirements*.txt", of_requirements),
    ("constraints*.txt", of_requirements),
    ("environment.yml", of_conda),
    ("environment.yaml", of_conda),
    ("uv.lock", of_lock),
    ("poetry.lock", of_lock),
    ("pdm.lock", of_lock),
    ("pylock.toml", of_lock),
    ("pylock.*.toml", of_lock),
    ("Pipfile.lock", of_pipfile_lock),
    ("conda-lock.yml", of_conda_lock),
    ("conda-*.lock", of_conda_lock),
)
"""The files with pins by their names, those that count most first."""
PIN_FILES = tuple(pattern for pattern, _ in READERS)
_ANY = re.compile("|".join(translate(pattern) for pattern in PIN_FILES))


def pin_files(names: list[str]) -> list[str]:
    """Those of the names in a folder that are files with pins, those that count most first."""
    some = sorted(filter(_ANY.match, names))
    return list(dict.fromkeys(name for pattern, _ in READERS for name in some if fnmatch(name, pattern)))


def pins(name: str, text: str) -> dict[str, str]:
    """The ranges in a file by normalised name; what cannot be read says nothing.

    Where a file names a package more than once, one exact version counts, else the first range.
    """
    # In a folder of requirements the names are anything.
    reader = next((reader for pattern, reader in READERS if fnmatch(name, pattern)), of_requirements)
    found: dict[str, str] = {}
    try:
        for package, specifier in reader(text):
            if specifier and (package not in found or (exact(specifier) and not exact(found[package]))):
                found[package] = specifier
    except (ValueError, RecursionError):  # of TOML and JSON, too
        return found
    return found


def _table(outer: object, *names: str) -> Mapping[str, Any]:
    """A table inside tables; empty where there is none."""
    for name in names:
        outer = outer.get(name) if isinstance(outer, Mapping) else None
    return outer if isinstance(outer, Mapping) else {}
