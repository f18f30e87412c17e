"""Which files the paths on the command line stand for."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from mlsense.cli.discover import discover


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def touch(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).touch()


def test_scripts_and_notebooks_are_found_in_order(here: Path) -> None:
    touch("b.py", "a/z.py", "a/b/c.ipynb", "a.py", "A.PY", "data.csv", "a/notes.txt", "a/b.pyc")
    assert discover(["."]).files == ("A.PY", "a/b/c.ipynb", "a/z.py", "a.py", "b.py")


@pytest.mark.parametrize(("given", "shown"), [("src", "src/x.py"), ("src/", "src/x.py"), ("./src", "./src/x.py")])
def test_paths_are_shown_as_they_were_given(here: Path, given: str, shown: str) -> None:
    touch("src/x.py")
    assert discover([given]).files == (shown,)


def test_an_absolute_folder_gives_absolute_files(here: Path) -> None:
    touch("src/x.py")
    assert discover([str(here / "src")]).files == (str(here / "src" / "x.py"),)


def test_hidden_files_environments_caches_and_packages_are_skipped(here: Path) -> None:
    touch("ok.py", ".hidden.py", ".git/x.py", ".venv/x.py", ".ipynb_checkpoints/x.ipynb")
    touch("env/pyvenv.cfg", "env/bin/x.py", "conda/conda-meta/history", "conda/x.py")
    touch("node_modules/x.py", "__pycache__/x.py", "lib/site-packages/x.py", "lib/ok.py")
    assert discover(["."]).files == ("lib/ok.py", "ok.py")


def test_what_is_named_is_checked_whatever_it_is(here: Path) -> None:
    Path(".gitignore").write_text("*\n")
    touch(".hidden.py", "env/pyvenv.cfg", "env/x.py", "script")
    assert discover([".hidden.py", "script"]).files == (".hidden.py", "script")
    assert discover(["env"]).files == ("env/x.py",)


def test_no_file_comes_twice(here: Path) -> None:
    touch("src/x.py")
    assert discover(["src/x.py", "src", "./src/x.py", str(here / "src")]).files == ("src/x.py",)


def test_a_link_to_a_file_is_followed_but_its_target_comes_once_under_its_own_name(here: Path) -> None:
    touch("m.py", "elsewhere/target.txt")
    Path("a.py").symlink_to("m.py")
    Path("z.py").symlink_to("elsewhere/target.txt")
    assert discover(["."]).files == ("m.py", "z.py")


def test_links_to_folders_are_followed_only_if_named(here: Path) -> None:
    touch("real/x.py", "project/y.py")
    Path("project/link").symlink_to("../real", target_is_directory=True)
    Path("project/loop").symlink_to(".", target_is_directory=True)
    assert discover(["project"]).files == ("project/y.py",)
    assert discover(["project/link"]).files == ("project/link/x.py",)
    assert discover(["project/loop/loop/loop"]).files == ("project/loop/loop/loop/y.py",)


def test_links_in_a_circle_are_a_problem_and_the_rest_is_found(here: Path) -> None:
    touch("ok.py")
    Path("one.py").symlink_to("two.py")
    Path("two.py").symlink_to("one.py")
    found = discover([".", "one.py"])
    assert found.files == ("ok.py",)
    assert [problem.path for problem in found.problems] == ["one.py", "one.py", "two.py"]
    assert "in a circle" in found.problems[0].reason


def test_a_dangling_link_is_a_problem_that_says_where_it_leads(here: Path) -> None:
    Path("x.py").symlink_to("gone.py")
    for path in (".", "x.py"):
        found = discover([path])
        assert found.files == ()
        assert str(*found.problems) == ("x.py: not checked: it is a symbolic link to `gone.py`, which is not there")


def test_a_path_that_is_not_there_is_a_problem(here: Path) -> None:
    touch("a.py")
    found = discover(["nowhere", "a.py", "a.py/b.py"])
    assert found.files == ("a.py",)
    assert [str(problem) for problem in found.problems] == [
        "a.py/b.py: not checked: Not a directory",
        "nowhere: not checked: there is no such file or folder",
    ]


def test_folders_with_nothing_to_check_are_named(here: Path) -> None:
    touch("docs/readme.md", "src/x.py")
    found = discover(["docs", "src"])
    assert found.empty == ("docs",)
    assert found.files == ("src/x.py",)
    assert not found.problems


def test_a_folder_called_like_a_script_is_a_folder(here: Path) -> None:
    touch("x.py/inner.py")
    assert discover(["."]).files == ("x.py/inner.py",)
    assert discover(["x.py"]).files == ("x.py/inner.py",)


def test_a_folder_that_cannot_be_listed_is_a_problem(here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch("open/x.py", "shut/y.py")
    scandir = os.scandir

    def refuse(path: str) -> object:
        if os.path.basename(path) == "shut":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    found = discover(["."])
    assert found.files == ("open/x.py",)
    assert str(*found.problems).startswith("shut: not checked: permission denied. ")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no named pipes here")
def test_a_named_pipe_in_a_folder_is_not_waited_for(here: Path) -> None:
    os.mkfifo("pipe.py")
    touch("x.py")
    found = discover(["."])
    assert found.files == ("x.py",)
    assert [problem.path for problem in found.problems] == ["pipe.py"]


def test_folders_nested_deeper_than_recursion_goes(here: Path) -> None:
    folders = ["/".join(["d"] * depth) for depth in range(1, sys.getrecursionlimit() + 100)]
    for folder in folders:
        os.mkdir(folder)
    file = f"{folders[-1]}/x.py"
    Path(file).touch()
    try:
        assert discover(["."]).files == (file,)
    finally:  # what removes temporary folders goes by recursion
        os.remove(file)
        for folder in reversed(folders):
            os.rmdir(folder)
