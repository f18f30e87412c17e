"""What is read off environments and project files, on folders made for it."""

from __future__ import annotations

import os
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from mlsense.environment import PATIENCE, Environment
from mlsense.environment.pins import pins


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def write(path: Path, text: str = "") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path


def install(packages: Path, *names: str) -> None:
    for name in names:
        write(packages / f"{name}.dist-info" / "METADATA", "Name: whatever")


def venv(folder: Path, *names: str, windows: bool = False, settings: str = "version = 3.11.4\n") -> Path:
    """A virtual environment with packages, as far as it is looked at; returns its interpreter."""
    write(folder / "pyvenv.cfg", f"home = /nowhere/bin\n{settings}")
    install(folder / ("Lib/site-packages" if windows else "lib/python3.11/site-packages"), *names)
    return write(folder / ("Scripts/python.exe" if windows else "bin/python"))


def here(root: Path, interpreter: object = None, **variables: str) -> dict[str, tuple[str | None, str]]:
    """Version and source of what is known for a script in a project."""
    environment = Environment(None if interpreter is None else str(interpreter), variables)
    return {
        name: (found.version or found.specifier, found.source)
        for name, found in environment.versions(str(root / "train.py")).known()
    }


@pytest.mark.parametrize("windows", [False, True], ids=["posix", "windows"])
def test_the_selected_interpreter_counts(tmp_path: Path, windows: bool) -> None:
    python = venv(tmp_path / "envs/ml", "scikit_learn-1.2.2", "pandas-2.0.3", "numpy-1.26.4+mkl", windows=windows)
    venv(tmp_path / "project/.venv", "scikit_learn-1.9.1")
    found = here(tmp_path / "project", python)
    assert {name: each[0] for name, each in found.items()} == {
        "scikit-learn": "1.2.2",
        "pandas": "2.0.3",
        "numpy": "1.26.4+mkl",
    }
    assert found["pandas"][1].endswith("envs/ml")


def test_an_interpreter_that_is_a_link_is_the_environments_own(tmp_path: Path) -> None:
    real = write(tmp_path / "base/bin/python3.11")
    install(tmp_path / "base/lib/python3.11/site-packages", "pandas-1.3.0")
    python = venv(tmp_path / "ml", "pandas-2.2.0")
    python.unlink()
    python.symlink_to(real)
    assert here(tmp_path, python)["pandas"][0] == "2.2.0"
    assert here(tmp_path, real)["pandas"][0] == "1.3.0"


def test_packages_of_the_system_count_where_the_environment_sees_them(tmp_path: Path) -> None:
    install(tmp_path / "base/lib/python3.11/site-packages", "pandas-1.3.0", "numpy-1.20.0")
    settings = f"home = {tmp_path / 'base/bin'}\ninclude-system-site-packages = {{}}\nversion_info = 3.11.4.final.0\n"
    seeing = venv(tmp_path / "a", "numpy-2.0.0", settings=settings.format("true"))
    blind = venv(tmp_path / "b", "numpy-2.0.0", settings=settings.format("false"))
    assert {name: each[0] for name, each in here(tmp_path, seeing).items()} == {"pandas": "1.3.0", "numpy": "2.0.0"}
    assert "pandas" not in here(tmp_path, blind)


def test_conda_environments(tmp_path: Path) -> None:
    python = write(tmp_path / "ml/bin/python3.12")
    write(tmp_path / "ml/conda-meta/pytorch-2.1.0-py3.12_cuda_0.json")
    install(tmp_path / "ml/lib/python3.12/site-packages", "scikit_learn-1.4.0")
    for interpreter in (python, tmp_path / "ml"):
        assert {name: each[0] for name, each in here(tmp_path, interpreter).items()} == {
            "scikit-learn": "1.4.0",
            "torch": "2.1.0",
        }


def test_paths_that_are_added_and_eggs(tmp_path: Path) -> None:
    python = venv(tmp_path / "ml")
    packages = tmp_path / "ml/lib/python3.11/site-packages"
    write(packages / "more.pth", f"# a comment\nimport os\n{tmp_path / 'elsewhere'}\n/nowhere/at/all\n")
    install(tmp_path / "elsewhere", "seaborn-0.13.2")
    write(tmp_path / "elsewhere/keras.egg-info/PKG-INFO", "Metadata-Version: 1.0\nName: keras\nVersion: 2.4.3\n")
    write(packages / "numpy-1.19.5-py3.11.egg-info", "Name: numpy\n")
    assert {name: each[0] for name, each in here(tmp_path, python).items()} == {
        "numpy": "1.19.5",
        "keras": "2.4.3",
        "seaborn": "0.13.2",
    }


def test_this_interpreters_own_packages_are_found(tmp_path: Path) -> None:
    found = here(tmp_path, sys.executable)
    assert (found["scikit-learn"][0], found["pandas"][0]) == (version("scikit-learn"), version("pandas"))


def test_without_a_selection_the_active_environment_then_the_projects_own(tmp_path: Path) -> None:
    project, active, conda = tmp_path / "project", tmp_path / "active", tmp_path / "conda"
    venv(project / ".venv", "pandas-2.0.0")
    venv(active, "pandas-2.1.0")
    write(conda / "conda-meta/pandas-2.2.0-0.json")
    assert here(project) == {"pandas": ("2.0.0", ".venv")}
    assert here(project, VIRTUAL_ENV=str(active))["pandas"][0] == "2.1.0"
    assert here(project, CONDA_PREFIX=str(conda))["pandas"][0] == "2.2.0"
    assert here(project, CONDA_PREFIX=str(conda), CONDA_DEFAULT_ENV="base")["pandas"] == ("2.0.0", ".venv")
    assert here(tmp_path / "other", CONDA_PREFIX=str(conda), CONDA_DEFAULT_ENV="base")["pandas"][0] == "2.2.0"
    assert here(project, tmp_path / "gone/bin/python")["pandas"][0] == "2.0.0"


def test_pins_count_for_what_is_not_installed(tmp_path: Path) -> None:
    write(tmp_path / "pyproject.toml", '[project]\ndependencies = ["pandas>=2,<3", "numpy"]\n')
    write(tmp_path / "requirements.txt", "pandas==2.1.3\nscikit-learn>=1.3\n")
    assert here(tmp_path) == {
        "pandas": ("2.1.3", "requirements.txt"),
        "scikit-learn": (">=1.3", "requirements.txt"),
    }
    venv(tmp_path / "venv", "pandas-2.2.0")
    assert here(tmp_path)["pandas"] == ("2.2.0", "venv")
    assert here(tmp_path)["scikit-learn"][1] == "requirements.txt"


def test_of_files_that_disagree_the_nearest_counts_and_pyproject_before_requirements(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    write(tmp_path / "pyproject.toml", '[project]\ndependencies = ["pandas>=2,<3", "numpy==2.0.1"]\n')
    write(tmp_path / "requirements.txt", "pandas==1.5.3\nnumpy==1.26.4\n")
    assert here(tmp_path) == {"pandas": (">=2,<3", "pyproject.toml"), "numpy": ("2.0.1", "pyproject.toml")}
    write(tmp_path / "old/requirements.txt", "pandas<2\nnumpy<3\n")
    assert here(tmp_path / "old") == {
        "pandas": ("1.5.3", "requirements.txt"),
        "numpy": ("2.0.1", "pyproject.toml"),
    }


def test_the_nearer_folder_counts_up_to_the_repository(tmp_path: Path) -> None:
    write(tmp_path / "requirements-outside.txt", "seaborn==0.1")
    repository = tmp_path / "repository"
    (repository / ".git").mkdir(parents=True)
    write(repository / "uv.lock", '[[package]]\nname = "numpy"\nversion = "1.26.4"\n')
    write(repository / "requirements/base.txt", "pandas==1.5.3\n")
    write(repository / "packages/a/pyproject.toml", '[project]\ndependencies = ["pandas==2.0", "numpy>=1.20"]\n')
    assert here(repository / "packages/a/src") == {
        "pandas": ("2.0", "packages/a/pyproject.toml"),
        "numpy": ("1.26.4", "uv.lock"),
    }
    assert here(repository)["pandas"] == ("1.5.3", "requirements/base.txt")


PYPROJECT = """\
[project]
dependencies = ["Scikit_Learn[extra] >=1.3, <1.5", "numpy==1.26.4; python_version < '3.12'", "numpy>=2", "pandas", 3]
[project.optional-dependencies]
deep = ["torch ~= 2.1"]
[dependency-groups]
test = [{include-group = "deep"}, "seaborn==0.13.2"]
[tool.poetry.dependencies]
python = "^3.10"
keras = "2.4.3"
gym = {version = "^0.21", optional = true}
local = {path = "../x"}
[tool.poetry.group.dev.dependencies]
scipy = "~1.11"
[tool.pdm.dev-dependencies]
dev = ["xgboost<2"]
"""
REQUIREMENTS = """\
# comment
-r base.txt
--index-url https://example.org/simple
scikit-learn == 1.3.2  # why
torch==2.1.0+cu118 \\
    --hash=sha256:abc
pandas>=1.5,<2 ; sys_platform == "linux"
numpy
git+https://example.org/x.git
keras @ https://example.org/keras.whl
"""
CONDA = """\
name: ml
channels:
  - conda-forge
dependencies:
  - python=3.11
  - scikit-learn=1.3
  - numpy=1.26.4=py311h_0
  - conda-forge::pandas>=2,<3   # why
  - "scipy==1.11"
  - seaborn 0.13.*
  - gym
  - keras=2.3|2.4
  - pip
  - pip:
      - torch==2.1.0
      - transformers>=4.30
prefix: /x
"""
LOCK = '[[package]]\nname = "scikit-learn"\nversion = "1.3.2"\nsource = {}\n\n[[package]]\nname="odd"\n'
CONDA_LOCK = """\
package:
- name: pandas
  version: 2.2.1
  manager: conda
- category: main
  name: numpy
  version: '1.26.4'
"""
EXPLICIT = "@EXPLICIT\nhttps://conda.example.org/linux-64/scikit-learn-1.3.2-py311h.conda#abc\n"
PIPFILE = '{"default": {"pandas": {"version": "==2.2.0"}, "x": "*"}, "develop": {"NumPy": {"version": "==1.26.4"}}}'


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        (
            "pyproject.toml",
            PYPROJECT,
            {
                "scikit-learn": ">=1.3,<1.5",
                "numpy": ">=2",
                "torch": "~=2.1",
                "seaborn": "==0.13.2",
                "keras": "==2.4.3",
                "gym": "^0.21",
                "scipy": "~1.11",
                "xgboost": "<2",
            },
        ),
        ("requirements.txt", REQUIREMENTS, {"scikit-learn": "==1.3.2", "torch": "==2.1.0+cu118", "pandas": ">=1.5,<2"}),
        (
            "environment.yml",
            CONDA,
            {
                "python": "=3.11",
                "scikit-learn": "=1.3",
                "numpy": "==1.26.4",
                "pandas": ">=2,<3",
                "scipy": "==1.11",
                "seaborn": "0.13.*",
                "torch": "==2.1.0",
                "transformers": ">=4.30",
            },
        ),
        ("uv.lock", LOCK, {"scikit-learn": "==1.3.2"}),
        ("poetry.lock", LOCK.replace("\n", "\r\n"), {"scikit-learn": "==1.3.2"}),
        ("pdm.lock", LOCK, {"scikit-learn": "==1.3.2"}),
        ("pylock.toml", LOCK.replace("[[package]]", "[[packages]]"), {"scikit-learn": "==1.3.2"}),
        ("Pipfile.lock", PIPFILE, {"pandas": "==2.2.0", "numpy": "==1.26.4"}),
        ("conda-lock.yml", CONDA_LOCK, {"pandas": "==2.2.1", "numpy": "==1.26.4"}),
        ("conda-linux-64.lock", EXPLICIT, {"scikit-learn": "==1.3.2"}),
    ],
)
def test_every_kind_of_file_is_read(name: str, text: str, found: dict[str, str]) -> None:
    assert pins(name, text) == found


@pytest.mark.parametrize("name", ["pyproject.toml", "Pipfile.lock", "uv.lock", "environment.yml", "requirements.txt"])
@pytest.mark.parametrize("text", ["", "[[[", '{"default": 3}', "\0" * 10, "[project]\ndependencies = 3\n", "[" * 5000])
def test_broken_files_say_nothing(name: str, text: str) -> None:
    assert pins(name, text) == {}


def test_changes_are_seen_when_patience_ends_or_at_once_when_told(tmp_path: Path) -> None:
    clock = Clock()
    environment = Environment(None, {}, clock)
    script = str(tmp_path / "train.py")
    write(tmp_path / "requirements.txt", "pandas==1.5.3")
    first = environment.versions(script)
    assert first.in_force("pandas").version == "1.5.3"

    write(tmp_path / "requirements.txt", "pandas==2.0")
    assert environment.versions(script) is first
    clock.now += PATIENCE
    second = environment.versions(script)
    assert second.in_force("pandas").version == "2.0"

    venv(tmp_path / ".venv", "pandas-2.2.0")
    environment.refresh()
    assert environment.versions(script).in_force("pandas").version == "2.2.0"
    packages = tmp_path / ".venv/lib/python3.11/site-packages"
    assert environment.folders(script) == (str(packages),)
    os.rename(packages / "pandas-2.2.0.dist-info", packages / "pandas-3.0.1.dist-info")
    environment.refresh()
    assert environment.versions(script).in_force("pandas").version == "3.0.1"


def test_what_did_not_change_stays_the_same_object(tmp_path: Path) -> None:
    write(tmp_path / "requirements.txt", "pandas==1.5.3")
    environment = Environment(None, {})
    first = environment.versions(str(tmp_path / "train.py"))
    os.utime(tmp_path / "requirements.txt", ns=(1, 1))
    environment.refresh()
    assert environment.versions(str(tmp_path / "train.py")) is first
