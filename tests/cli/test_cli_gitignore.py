"""The files found are the ones that git itself would list."""

from __future__ import annotations

import random
import shutil
import subprocess
from pathlib import Path

import pytest

from mlsense.cli.discover import discover
from mlsense.cli.gitignore import ignore_file

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="compares with git")

_NAMES = ("a", "b", "ab", "c.py", "a.py", "[a].py", "z z.py")
_ATOMS = (
    *("a", "b", "ab", "*", "**", "***", "*.py", "?", "a*", "c.py", "a.py", "", "*a*.py", "?.py"),
    *(
        "[ab]",
        "[!a]",
        "[^a]*",
        "[a-b]",
        "[b-a]",
        "[]a]",
        "[a",
        "[[:alpha:]]",
        "[[:nothing:]]",
        "\\[a\\].py",
        "[-a]",
    ),
    *("\\a", "a\\", "z z.py", "z*y ", "a.py\\ ", "[a\\]b]", "[a/b]", "[[:]a]", "[\\a-\\b]"),
)


def git(folder: Path, *arguments: str) -> str:
    return subprocess.run(
        ["git", "-c", "core.excludesFile=", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    ).stdout


def listed_by_git(folder: Path) -> set[str]:
    names = git(folder, "ls-files", "--others", "--exclude-standard", "-z").split("\0")
    return {name for name in names if name.endswith(".py")}


def found(folder: Path, start: Path | None = None) -> set[str]:
    result = discover([str(start or folder)])
    assert not result.problems
    return {Path(file).relative_to(folder).as_posix() for file in result.files}


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def _tree(folder: Path, depth: int = 0) -> None:
    for name in _NAMES:
        if name.endswith(".py"):
            (folder / name).touch()
        elif depth < 2:
            (folder / name).mkdir()
            _tree(folder / name, depth + 1)


def _pattern(chance: random.Random) -> str:
    middle = "/".join(chance.choice(_ATOMS) for _ in range(chance.choice([1, 1, 1, 2, 2, 3])))
    return chance.choice(["", "", "!"]) + chance.choice(["", "", "/"]) + middle + chance.choice(["", "", "/"])


@needs_git
def test_random_rules_in_nested_files_mean_what_they_mean_to_git(tmp_path: Path) -> None:
    _tree(tmp_path)
    git(tmp_path, "init", "-q")
    for seed in range(150):
        chance = random.Random(seed)
        rules: dict[str, str] = {}
        for where in ["", *chance.sample(["a/", "b/", "a/b/"], chance.choice([0, 0, 1, 2]))]:
            ending = chance.choice(["\n", "\r\n"])
            rules[f"{where}.gitignore"] = ending.join(_pattern(chance) for _ in range(chance.randint(1, 4)))
        for name, text in rules.items():
            (tmp_path / name).write_bytes(text.encode())
        assert found(tmp_path) == listed_by_git(tmp_path), (seed, rules)
        for name in rules:
            (tmp_path / name).unlink()


@needs_git
def test_the_repository_around_the_folder_and_its_exclude_file_count(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(
        tmp_path,
        {
            ".gitignore": "generated/\n*_old.py\n!keep_old.py\n/src/deep/secret.py\n",
            ".git/info/exclude": "mine.py\n",
            "src/.gitignore": "!special_old.py\n",
            **dict.fromkeys(
                [
                    *("src/a.py", "src/a_old.py", "src/keep_old.py", "src/special_old.py", "src/mine.py"),
                    *("src/generated/x.py", "src/deep/secret.py", "src/deep/open.py", "special_old.py"),
                ],
                "",
            ),
        },
    )
    assert found(tmp_path) == listed_by_git(tmp_path)
    below = {"src/a.py", "src/keep_old.py", "src/special_old.py", "src/deep/open.py"}
    assert found(tmp_path, tmp_path / "src") == below
    assert found(tmp_path, tmp_path / "src/deep") == {"src/deep/open.py"}


@needs_git
def test_a_repository_within_another_has_its_own_rules(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    write(tmp_path, {".gitignore": "x.py\n", "inner/x.py": "", "inner/y.py": "", "inner/.gitignore": "y.py\n"})
    git(tmp_path / "inner", "init", "-q")
    assert found(tmp_path) == {"inner/x.py"}


@needs_git
def test_a_worktree_reads_the_exclude_file_of_its_repository(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    git(home, "init", "-q")
    git(home, *("-c", "user.name=a", "-c", "user.email=a@b", "commit", "-q", "--allow-empty", "-m", "first"))
    git(home, "worktree", "add", "-q", str(tmp_path / "tree"))
    write(tmp_path, {"home/.git/info/exclude": "mine.py\n", "tree/mine.py": "", "tree/ours.py": ""})
    assert found(tmp_path / "tree") == {"ours.py"}


def test_ignore_files_count_outside_repositories_too(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "out/\n", "out/x.py": "", "y.py": ""})
    assert found(tmp_path) == {"y.py"}


def test_a_named_folder_is_checked_even_if_git_ignores_it(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path, {".gitignore": "build/\n", "build/x.py": "", "build/deep/y.py": ""})
    assert found(tmp_path) == set()
    assert found(tmp_path, tmp_path / "build") == {"build/x.py", "build/deep/y.py"}
    assert found(tmp_path, tmp_path / "build/deep") == {"build/deep/y.py"}


def test_a_byte_order_mark_and_bytes_that_are_no_text_do_no_harm(tmp_path: Path) -> None:
    (tmp_path / ".gitignore").write_bytes(b"\xef\xbb\xbfa.py\n\xff\xfe\nb.py\n")
    write(tmp_path, {"a.py": "", "b.py": "", "c.py": ""})
    assert found(tmp_path) == {"c.py"}


def test_an_ignore_file_without_rules_or_that_is_a_folder_is_none(tmp_path: Path) -> None:
    (tmp_path / "empty").write_text("# nothing\n\n/\n!\n")
    assert ignore_file(str(tmp_path), str(tmp_path / "empty")) is None
    assert ignore_file(str(tmp_path), str(tmp_path)) is None
