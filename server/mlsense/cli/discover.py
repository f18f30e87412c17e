"""From the paths on the command line to the files to check."""

from __future__ import annotations

import os
import stat
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.cli.gitignore import IgnoreFile, ignore_file, ignored
from mlsense.cli.problem import Problem, of_system

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

SUFFIXES = (".py", ".ipynb")
_SKIPPED_FOLDERS = frozenset({"node_modules", "__pycache__", "site-packages"})
_ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})


@dataclass(frozen=True, slots=True)
class Found:
    """`files` sorted, none twice; `empty`: the folders named in which there was nothing to check."""

    files: tuple[str, ...]
    problems: tuple[Problem, ...]
    empty: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _File:
    shown: str
    real: str


def discover(paths: Iterable[str]) -> Found:
    """The files that `paths` name, and those in the folders that they name.

    A file that is named is taken whatever it is called. In folders: scripts and notebooks, but nothing that
    git ignores, nothing hidden, no virtual environments, caches or installed packages. Links to files are
    followed, links to folders only where they are named: they lead out of the project, or round in circles.
    """
    shown_by_real: dict[str, str] = {}
    problems: list[Problem] = []
    empty: list[str] = []
    for path in paths:
        try:
            mode = os.stat(path).st_mode
        except (OSError, ValueError) as error:
            problems.append(_missing(path, error))
            continue
        if not stat.S_ISDIR(mode):
            shown_by_real.setdefault(os.path.realpath(path), path)
            continue
        entries = list(_below(path))
        files = [entry for entry in entries if isinstance(entry, _File)]
        for file in files:
            shown_by_real.setdefault(file.real, file.shown)
        problems.extend(entry for entry in entries if isinstance(entry, Problem))
        if not entries:
            empty.append(path)
    files_in_order = sorted(shown_by_real.values(), key=_parts)
    return Found(tuple(files_in_order), tuple(sorted(problems, key=_problem_parts)), tuple(dict.fromkeys(empty)))


def _parts(path: str) -> list[str]:
    return path.split(os.sep)


def _problem_parts(problem: Problem) -> list[str]:
    return _parts(problem.path)


def _missing(path: str, error: OSError | ValueError) -> Problem:
    if isinstance(error, FileNotFoundError):
        if os.path.islink(path):
            return Problem(path, f"it is a symbolic link to `{os.readlink(path)}`, which is not there")
        return Problem(path, "there is no such file or folder")
    if isinstance(error, OSError):
        return of_system(path, error)
    return Problem(path, str(error))


def _below(folder: str) -> Iterator[_File | Problem]:
    """What there is to check or complain of in a folder; links last, so that a file goes by its own name."""
    links: list[_File] = []
    real = os.path.realpath(folder)
    # A loop with a list of its own: folders nest deeper than Python's recursion goes.
    waiting = [("" if folder.rstrip(os.sep) == os.curdir else folder, real, _ignore_files_above(real))]
    while waiting:
        shown, real, ignore_files = waiting.pop()
        try:
            with os.scandir(real) as scan:
                entries = sorted(scan, key=_name)
        except OSError as error:
            yield of_system(shown or os.curdir, error)
            continue
        names = {entry.name for entry in entries}
        if ".git" in names:
            ignore_files = _of_repository(real)
        if ".gitignore" in names:
            ignore_files = _with(ignore_files, ignore_file(real, os.path.join(real, ".gitignore")))
        for entry in entries:
            if entry.name.startswith("."):
                continue
            path = os.path.join(shown, entry.name)
            try:
                is_folder = entry.is_dir(follow_symlinks=False)
                if not is_folder and not entry.name.lower().endswith(SUFFIXES):
                    continue
                if ignored(entry.path, is_folder, ignore_files):
                    continue
                if is_folder:
                    if entry.name not in _SKIPPED_FOLDERS and not _is_environment(entry.path):
                        waiting.append((path, entry.path, ignore_files))
                    continue
                mode = entry.stat().st_mode
            except OSError as error:
                yield _missing(path, error)
                continue
            if entry.is_symlink():
                if not stat.S_ISDIR(mode):
                    links.append(_File(path, os.path.realpath(entry.path)))
            elif stat.S_ISREG(mode):
                yield _File(path, entry.path)
            else:
                # Opening a named pipe would wait for whoever writes to it.
                yield Problem(path, "it is not a regular file. Name it to have it read all the same")
    yield from links


def _name(entry: os.DirEntry[str]) -> str:
    return entry.name


def _is_environment(folder: str) -> bool:
    return any(os.path.lexists(os.path.join(folder, mark)) for mark in _ENVIRONMENT_MARKS)


def _ignore_files_above(folder: str) -> tuple[IgnoreFile, ...]:
    """The ignore files of the repository around `folder`, up to but not in it.

    None if they ignore `folder` itself: who names it wants it checked.
    """
    above = [folder]
    while not os.path.lexists(os.path.join(above[-1], ".git")):
        parent = os.path.dirname(above[-1])
        if parent == above[-1]:
            return ()
        above.append(parent)
    files = _of_repository(above[-1])
    for outer, inner in zip(above[:0:-1], above[-2::-1], strict=True):
        files = _with(files, ignore_file(outer, os.path.join(outer, ".gitignore")))
        if ignored(inner, True, files):
            return ()
    return files


def _with(files: tuple[IgnoreFile, ...], more: IgnoreFile | None) -> tuple[IgnoreFile, ...]:
    return files if more is None else (*files, more)


def _of_repository(root: str) -> tuple[IgnoreFile, ...]:
    """The rules in the repository's `.git` folder, to which a file may point (worktrees, submodules)."""
    git = os.path.join(root, ".git")
    if os.path.isfile(git):
        git = os.path.join(root, _first_line(git).removeprefix("gitdir:").strip())
        common = _first_line(os.path.join(git, "commondir")).strip()
        git = os.path.join(git, common)
    return _with((), ignore_file(root, os.path.join(git, "info", "exclude")))


def _first_line(file: str) -> str:
    try:
        with open(file, encoding="utf-8", errors="surrogateescape") as stream:
            return stream.readline()
    except OSError:
        return ""
