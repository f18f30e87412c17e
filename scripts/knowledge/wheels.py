"""Wheels of old and new releases, kept as zips of nothing but their Python sources. Nothing in them is ever run.

pip finds and downloads them, with whatever index it is configured for; unearth takes over where a release has no wheel,
because pip would run the build of a source distribution only to learn its name.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tarfile
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "knowledge"
# The smallest wheels first: those for macOS carry no CUDA. `any` is always compatible.
PLATFORMS = (
    "macosx_14_0_arm64 macosx_13_0_arm64 macosx_12_0_arm64 macosx_11_0_arm64",
    "macosx_10_15_x86_64 macosx_10_14_x86_64 macosx_10_13_x86_64 macosx_10_9_x86_64 macosx_10_6_intel",
    "manylinux_2_28_x86_64 manylinux_2_27_x86_64",
    "manylinux_2_17_x86_64 manylinux2014_x86_64 manylinux2010_x86_64 manylinux1_x86_64",
)
PYTHONS = ("3.12", "3.9", "3.10", "3.11", "3.8", "3.7", "3.6", "3.13", "3.14")
SOURCES = (".py", ".pyi")
# Modules in C: that they are there is all that is kept of them.
NATIVE = (".so", ".pyd", ".pyx")


class NotAvailable(Exception):
    """No wheel and no source distribution of that release can be had."""


def _pip(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "pip", *arguments, "--disable-pip-version-check"]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version))


def releases(distribution: str) -> list[str]:
    """Every final release that any of our interpreters could install, oldest first."""
    found: set[str] = set()
    asked = ["--ignore-requires-python"], *(["--python-version", python] for python in ("3.13", "3.9", "3.7"))
    for options in asked:
        answer = _pip("index", "versions", distribution, *options)
        for line in answer.stdout.splitlines():
            if line.startswith("Available versions:"):
                found |= {version.strip() for version in line.partition(":")[2].split(",")}
    return sorted((version for version in found if re.fullmatch(r"[\d.]+(\.?post\d+)?", version)), key=_key)


def minors(distribution: str, oldest: str, newest: str | None = None) -> dict[str, str]:
    """The newest patch release of each minor between the two, by minor, oldest first: {"1.0": "1.0.2"}."""
    found: dict[str, str] = {}
    for version in releases(distribution):
        minor = ".".join([*version.split("."), "0"][:2])
        if _key(oldest) <= _key(minor) and (newest is None or _key(minor) <= _key(newest)):
            found[minor] = version
    return found


def _wheel(distribution: str, version: str, folder: Path) -> Path | None:
    for platforms in PLATFORMS:
        options = [option for name in platforms.split() for option in ("--platform", name)]
        for python in PYTHONS:
            _pip("download", "--quiet", "--no-deps", "--only-binary", ":all:", "--dest", str(folder),
                 "--python-version", python, *options, f"{distribution}=={version}")  # fmt: skip
            for path in folder.glob("*.whl"):
                return path
    return None


def _source_distribution(distribution: str, version: str, folder: Path) -> Path | None:
    from unearth import PackageFinder

    configured = _pip("config", "get", "global.index-url").stdout.strip()
    if not configured:
        from pip._internal.models.index import PyPI

        configured = PyPI.simple_url
    finder = PackageFinder(index_urls=[configured], no_binary=[":all:"])
    package = finder.find_best_match(f"{distribution}=={version}").best
    return finder.download_and_unpack(package.link, folder / "unpacked", folder) if package else None


def _members(path: Path) -> Iterator[tuple[str, bytes]]:
    if path.is_dir():
        for file in path.rglob("*"):
            if file.is_file() and file.suffix in (*SOURCES, *NATIVE):
                yield file.relative_to(path).as_posix(), file.read_bytes()
    elif path.name.endswith((".whl", ".zip")):
        with zipfile.ZipFile(path) as archive:
            for info in archive.infolist():
                if info.filename.endswith((*SOURCES, *NATIVE)):
                    yield info.filename, archive.read(info)
    else:
        with tarfile.open(path) as archive:
            for member in archive:
                if member.isfile() and member.name.endswith((*SOURCES, *NATIVE)):
                    file = archive.extractfile(member)
                    if file is not None:
                        yield member.name.partition("/")[2], file.read()


def sources(distribution: str, version: str) -> Path:
    """A zip of the release's `.py` and `.pyi` files; downloaded once, kept in `.cache/knowledge`."""
    CACHE.mkdir(parents=True, exist_ok=True)
    target = CACHE / f"{distribution}-{version}.zip"
    if target.is_file():
        return target
    with tempfile.TemporaryDirectory(dir=CACHE) as name:
        folder = Path(name)
        found = _wheel(distribution, version, folder) or _source_distribution(distribution, version, folder)
        if found is None:
            raise NotAvailable(f"{distribution} {version}")
        _pack(_members(found), target)
    return target


def _pack(members: Iterable[tuple[str, bytes]], target: Path) -> None:
    unfinished, seen = target.with_suffix(".part"), set()
    with zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            if name.endswith(NATIVE):
                folder, _, file = name.rpartition("/")
                name, content = f"{folder}/{file.partition('.')[0]}.native", b""
            if name not in seen:
                archive.writestr(name, content)
                seen.add(name)
    unfinished.rename(target)
