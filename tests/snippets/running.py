"""Runs programs made of snippets, in the environments that have what they import."""

from __future__ import annotations

import difflib
import json
import os
import re
import subprocess
import sys
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from snippets.services import variables_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

ROOT = Path(__file__).parents[2]
ENVIRONMENTS = Path(os.environ.get("MLSENSE_ENVIRONMENTS", ROOT / ".cache" / "environments"))
"""A virtual environment for each group of `pyproject.toml` that begins with `snippets`: `npm run environments`."""
SECONDS = 120

# Threads that wait for each other by spinning take 100 times as long on a machine with more to do.
QUIET = {"OMP_WAIT_POLICY": "passive", "OPENBLAS_NUM_THREADS": "1"}

# Loaded once, before the programs are forked. What starts threads when it is imported must not be here.
LOADED = {
    "snippets": (
        "sklearn.ensemble",
        "sklearn.model_selection",
        "pandas",
        "matplotlib.pyplot",
        "seaborn",
        "scipy.stats",
    ),
    "snippets-tensorflow": ("tensorflow",),
    "snippets-torch": ("torch",),
}

# The end of a file of tests: it runs them when it is run itself.
PYTEST = """
if __name__ == "__main__":
    raise SystemExit(pytest.main(["-q", "-p", "no:cacheprovider", __file__]))
"""

# Runs a notebook in a kernel, as an editor does, and prints what its cells show.
KERNEL = """
import sys

import nbformat
from nbclient import NotebookClient

notebook = nbformat.read(sys.argv[1], as_version=4)
try:
    NotebookClient(notebook, timeout=100, kernel_name="python3").execute()
finally:
    nbformat.write(notebook, sys.argv[1])
for cell in notebook.cells:
    for output in cell.outputs:
        print(output.get("text") or output.get("data", {}).get("text/plain", ""))
"""


@dataclass(frozen=True)
class Case:
    """How a snippet is tried out.

    `before`: what a user has written above it. `after`: assertions on what is there then. `files`: what lies in the
    folder it runs in. `environment`: the group of libraries it needs. `arguments`: of the command line. `name`: what
    the file is called; in a notebook (`.ipynb`) each part is a cell. `prints`: what its output must contain. `code`:
    how it ends. `variables` of its environment, and `services` that run beside it (`services.py`).
    """

    before: str = ""
    after: str = ""
    files: Mapping[str, str] = field(default_factory=dict)
    environment: str = "snippets"
    arguments: tuple[str, ...] = ()
    name: str = "program.py"
    prints: str = ""
    code: int = 0
    variables: Mapping[str, str] = field(default_factory=dict)
    services: tuple[str, ...] = ()
    seconds: int = SECONDS


def python_of(environment: str) -> Path:
    """The Python of an environment; skips the test where it is not there, which fails where it has to be there."""
    python = ENVIRONMENTS / environment / "bin" / "python"
    if not python.exists():
        reason = f"{environment} is not installed: npm run environments -- {environment}"
        if {environment, "all"} & set(os.environ.get("MLSENSE_SNIPPETS", "").split()):
            pytest.fail(reason)
        pytest.skip(reason)
    return python


def run(case: Case, text: str, folder: Path) -> str:
    """Runs a program in a folder with the files of its case; what it printed. Fails where it does not end well."""
    for name, content in case.files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    path = folder / case.name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    if path.suffix == ".ipynb":
        case = replace(case, arguments=(case.name,))
        path = folder / "run_notebook.py"
        path.write_text(KERNEL, encoding="utf-8")
    answer = _runner(python_of(case.environment), LOADED.get(case.environment, ())).run(path, folder, case)
    if answer["code"] != case.code:
        pytest.fail(f"ended with {answer['code']}:\n{numbered(text)}\n{answer['out'][-2000:]}\n{answer['err'][-4000:]}")
    return str(answer["out"])


def notebook(cells: Sequence[str], tags: Sequence[str] = ()) -> str:
    """The text of a notebook with cells of code; the tags are those of the first cell."""
    made: list[dict[str, object]] = [
        {
            "cell_type": "code",
            "execution_count": None,
            "id": f"cell{number}",
            "metadata": {"tags": list(tags)} if tags and number == 0 else {},
            "outputs": [],
            "source": text.rstrip("\n"),
        }
        for number, text in enumerate(cells)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python", "file_extension": ".py"}}
    return json.dumps({"cells": made, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}, indent=1)


def numbered(text: str) -> str:
    """The text with its line numbers, for messages."""
    return "\n".join(f"{number:3} {line}" for number, line in enumerate(text.split("\n"), 1))


class Runner:
    """A process of an environment's Python that runs one program after another."""

    def __init__(self, python: Path, modules: Sequence[str]) -> None:
        self.process = subprocess.Popen(
            [python, Path(__file__).with_name("forking.py"), *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            # What other tests set for the libraries of their own process is not for these.
            env={name: value for name, value in os.environ.items() if name != "KERAS_BACKEND"}
            | {"MPLBACKEND": "Agg", "PYTHONWARNINGS": "ignore", "PYTHONDONTWRITEBYTECODE": "1"}
            | QUIET
            # As where a user has activated the environment: some libraries start a Python by its name.
            | {"PATH": f"{python.parent}{os.pathsep}{os.environ['PATH']}"},
        )

    def run(self, path: Path, folder: Path, case: Case) -> dict[str, object]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        program = {
            "path": str(path),
            "folder": str(folder),
            "arguments": case.arguments,
            "seconds": case.seconds,
            "variables": {**case.variables, **variables_of(case.services)},
        }
        self.process.stdin.write(json.dumps(program) + "\n")
        self.process.stdin.flush()
        answer: dict[str, object] = json.loads(self.process.stdout.readline())
        return answer


@cache
def _runner(python: Path, modules: tuple[str, ...]) -> Runner:
    return Runner(python, modules)


def formatted(texts: Mapping[str, str], folder: Path) -> dict[str, str]:
    """What the formatter and the linter would change in programs, by their names, where they would."""
    # With magics a text is a cell.
    magic = {name: re.search(r"^(\w+ = )?%", text, re.MULTILINE) is not None for name, text in texts.items()}
    files = {f"p{number}.{'ipynb' if magic[name] else 'py'}": name for number, name in enumerate(texts)}
    for file, name in files.items():
        (folder / file).write_text(notebook([texts[name]]) if magic[name] else texts[name], encoding="utf-8")
    ruff = [sys.executable, "-m", "ruff"]
    # F821: names that the user's own code above defines. E402: what is inserted below other code brings its imports.
    # B018: the last line of a cell is shown.
    rules = ["--select=E,F,W,I,B,UP,SIM", "--ignore=F821,E402,B018", "--target-version=py310", "--line-length=88"]
    # What other snippets make in the same folder is the user's own; those that need Python 3.11 say so.
    known = ["known-first-party=['app', 'features', 'train']", "extra-standard-library=['tomllib']"]
    order = [f"--config=lint.isort.{each}" for each in known]
    check = [*ruff, "check", "--isolated", "--quiet", "--output-format=json", *rules, *order, "."]
    found = json.loads(subprocess.run(check, cwd=folder, capture_output=True, text=True, check=False).stdout)
    said: dict[str, str] = {}
    for each in found:
        name = files[Path(each["filename"]).name]
        said[name] = said.get(name, "") + f"line {each['location']['row']}: {each['message']}\n"
    subprocess.run([*ruff, "format", "--isolated", "--quiet", "--line-length=88", "."], cwd=folder, check=False)
    for file, name in files.items():
        fresh = (folder / file).read_text("utf-8")
        if magic[name]:
            (cell,) = json.loads(fresh)["cells"]
            fresh = "".join(cell["source"]) + "\n"
        if fresh != texts[name]:
            changes = difflib.unified_diff(texts[name].splitlines(), fresh.splitlines(), "as it is", "formatted", n=1)
            said[name] = said.get(name, "") + "\n".join(changes)
    return said
