"""Tests, hooks and pipelines as they are used: they pass on a sound project and fail on a broken one."""

from __future__ import annotations

import json
import os
import re
import stat
import sys
from typing import TYPE_CHECKING

import pytest

from snippets import running, texts
from snippets.packs.engineer import CASES, ROWS, TRAINING
from snippets.running import ROOT, python_of
from snippets.texts import program_of_node, text_of

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from pathlib import Path

LEAK = """
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.preprocessing import StandardScaler

df = pd.read_csv("rows.csv")
X = StandardScaler().fit_transform(df[["alcohol", "proline"]])
X_train, X_test, y_train, y_test = train_test_split(X, df["cultivar"], random_state=42)
print(LogisticRegression().fit(X_train, y_train).score(X_test, y_test))
""".lstrip()
NOTEBOOK = {
    "cells": [
        {
            "cell_type": "code",
            "execution_count": 7,
            "id": "a",
            "metadata": {},
            "outputs": [{"name": "stdout", "output_type": "stream", "text": ["a secret\n"]}],
            "source": ["print('a secret'.upper())"],
        }
    ],
    "metadata": {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def write(folder: Path, files: Mapping[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(content, encoding="utf-8")


def run(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
    """Runs a program of the environment, or MLSense as it is here."""
    programs = folder / ".programs"
    mlsense = programs / "mlsense"
    if not mlsense.exists():
        text = f'#!/bin/sh\nPYTHONPATH={ROOT / "server"} exec {sys.executable} -m mlsense "$@"\n'
        write(programs, {"mlsense": text, ".gitignore": "*\n"})
        mlsense.chmod(mlsense.stat().st_mode | stat.S_IXUSR)
    path = os.pathsep.join([str(programs), str(python_of("snippets").parent), os.environ["PATH"]])
    # Git takes neither the settings of who runs the tests nor a folder further up for its own.
    git = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CEILING_DIRECTORIES": str(folder.parent)}
    author = {f"GIT_{who}_{what}": "a@example.org" for who in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    return texts.run(["env", f"PATH={path}", *(f"{k}={v}" for k, v in (git | author).items()), *command], folder)


def passes(folder: Path, *command: str | Path) -> str:
    ran = run(folder, *command)
    assert ran.returncode == 0, f"{ran.stdout}\n{ran.stderr}"
    return ran.stdout


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A small package as the snippets leave it: training script, its tests, a project file, Git."""
    write(tmp_path, TRAINING | {"pyproject.toml": text_of("ml-config-pyproject")})
    write(tmp_path, {"test_training.py": text_of("ml-test-training"), ".gitignore": text_of("ml-git-ignore")})
    running.run(running.Case(), ROWS, tmp_path)
    (tmp_path / "program.py").unlink()
    passes(tmp_path, "git", "init", "-q")
    passes(tmp_path, "git", "add", "--all")
    return tmp_path


# A mistake for each kind of test: the file that has it, what is right, what is wrong.
MISTAKES = {
    "ml-test-data": ("rows.csv", "14.23,", "142.3,"),
    "ml-test-split": ("train.py", "iloc[test]", "iloc[train]"),
    "ml-test-transforms": ("train.py", 'handle_unknown="ignore"', 'handle_unknown="error"'),
    "ml-test-training": ("train.py", "strength, max_iter", "1e-9, max_iter"),
    "ml-test-property-clean": ("features.py", "fillna(0)", "fillna(0) + 1"),
    "ml-test-estimator": ("features.py", "X = validate_data(self, X,", "X = np.asarray(X,"),
}


@pytest.mark.parametrize("prefix", MISTAKES)
def test_tests_find_a_mistake(prefix: str, tmp_path: Path) -> None:
    case = CASES[prefix]
    write(tmp_path, case.files | {case.name: text_of(prefix)})
    running.run(running.Case(), case.before, tmp_path)
    name, right, wrong = MISTAKES[prefix]
    text = (tmp_path / name).read_text("utf-8")
    assert right in text
    (tmp_path / name).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    ran = run(tmp_path, "pytest", "-q", case.name)
    assert re.search(r"\d+ failed", ran.stdout), ran.stdout


@pytest.mark.parametrize("runner", ["nose2", "python -m unittest", "pytest"])
def test_a_test_case_runs_under_each_runner(runner: str, tmp_path: Path) -> None:
    write(tmp_path, TRAINING | {"test_unittest.py": text_of("ml-test-unittest")})
    ran = run(tmp_path, *runner.split())
    assert ran.returncode == 0, ran.stderr
    assert re.search("Ran 3 tests|3 passed", ran.stdout + ran.stderr)
    weak = TRAINING["train.py"].replace("C=strength", "C=1e-9")
    write(tmp_path, {"train.py": weak})
    assert run(tmp_path, *runner.split()).returncode == 1


def test_the_training_script_reports_and_saves(tmp_path: Path) -> None:
    write(tmp_path, TRAINING)
    running.run(running.Case(), ROWS, tmp_path)
    ran = run(tmp_path, "python", "train.py", "rows.csv", "--target", "cultivar", "--model", "wine.skops")
    score = re.search(r"accuracy on held-out rows: ([\d.]+)", ran.stderr)
    assert score is not None
    assert float(score[1]) > 0.9
    assert (tmp_path / "wine.skops").is_file()
    ran = run(tmp_path, "python", "train.py", "rows.csv", "--target", "wine")
    assert ran.returncode == 2
    assert "has no column wine" in ran.stderr


def test_commands_refuse_what_they_do_not_know(tmp_path: Path) -> None:
    write(tmp_path, {"tool.py": text_of("ml-cli-commands")})
    said = passes(tmp_path, "python", "tool.py", "predict", "new.csv", "--model", "a.skops")
    assert said == "predict new.csv with a.skops\n"
    for wrong in ([], ["forget"], ["train"], ["predict", "new.csv", "--seed", "1"]):
        assert run(tmp_path, "python", "tool.py", *wrong).returncode == 2


def test_the_project_file_is_valid_and_its_tools_take_it(project: Path) -> None:
    passes(project, "validate-pyproject", "pyproject.toml")
    passes(project, "ruff", "check", ".")
    passes(project, "ruff", "format", "--check", "--line-length=88", ".")
    passes(project, "mlsense", "check")
    assert "4 passed" in passes(project, "pytest", "-q")
    text = (project / "pyproject.toml").read_text("utf-8")
    write(project, {"pyproject.toml": text.replace('version = "0.1.0"', "version = 1")})
    assert run(project, "validate-pyproject", "pyproject.toml").returncode == 1


def test_hooks_stop_a_leak_data_and_outputs(project: Path) -> None:
    write(project, {".pre-commit-config.yaml": text_of("ml-hooks-precommit")})
    passes(project, "pre-commit", "install")
    passes(project, "git", "rm", "-q", "--cached", "rows.csv")
    passes(project, "git", "add", ".pre-commit-config.yaml")
    passes(project, "git", "commit", "-q", "-m", "Train")

    write(project, {"leak.py": LEAK})
    passes(project, "git", "add", "leak.py")
    refused = run(project, "git", "commit", "-q", "-m", "Leak")
    assert refused.returncode == 1
    assert re.search(r"MLSense\.+Failed", refused.stderr)
    assert "leak.py" in refused.stderr
    passes(project, "git", "rm", "-q", "--force", "leak.py")

    passes(project, "git", "add", "rows.csv")
    assert "data and models stay out of Git" in run(project, "git", "commit", "-m", "Data").stderr
    passes(project, "git", "rm", "-q", "--cached", "rows.csv")

    write(project, {"a.ipynb": json.dumps(NOTEBOOK)})
    passes(project, "git", "add", "a.ipynb")
    assert re.search(r"Notebooks without outputs\.+Failed", run(project, "git", "commit", "-m", "Notebook").stderr)
    assert "a secret\\n" not in (project / "a.ipynb").read_text("utf-8")
    passes(project, "git", "add", "a.ipynb")
    passes(project, "git", "commit", "-q", "-m", "Notebook")


@pytest.mark.parametrize("prefix", ["ml-hooks-precommit", "ml-hooks-precommit-pinned"])
def test_hooks_are_as_pre_commit_wants_them(prefix: str, tmp_path: Path) -> None:
    write(tmp_path, {"file.yaml": text_of(prefix)})
    passes(tmp_path, "pre-commit", "validate-config", "file.yaml")
    write(tmp_path, {"file.yaml": text_of(prefix).replace("hooks:", "hook:", 1)})
    assert run(tmp_path, "pre-commit", "validate-config", "file.yaml").returncode == 1


def test_the_workflow_follows_its_schema(tmp_path: Path) -> None:
    check = ["check-jsonschema", "--builtin-schema", "vendor.github-workflows", "file.yaml"]
    write(tmp_path, {"file.yaml": text_of("ml-ci-github")})
    passes(tmp_path, *check)
    write(tmp_path, {"file.yaml": text_of("ml-ci-github").replace("runs-on:", "runs:")})
    assert run(tmp_path, *check).returncode == 1


def steps_of_github(folder: Path) -> list[str]:
    """The commands of the workflow, step by step."""
    write(folder, {".steps/workflow.yaml": text_of("ml-ci-github")})
    script = "import json, sys, yaml; print(json.dumps(yaml.safe_load(open(sys.argv[1]))['jobs']))"
    jobs = json.loads(passes(folder, "python", "-c", script, ".steps/workflow.yaml"))
    return [step["run"] for job in jobs.values() for step in job["steps"] if "run" in step]


def steps_of_jenkins(_: Path) -> list[str]:
    found = re.findall(r"sh '(.*)'", text_of("ml-ci-jenkins"))
    # The tools of its environment, which is not made here.
    return [re.sub(r'"\$BIN/(\w+)"', r"\1", command) for command in found]


@pytest.mark.parametrize("steps", [steps_of_github, steps_of_jenkins])
def test_what_continuous_integration_runs_passes_and_finds_a_leak(steps, project: Path) -> None:  # type: ignore[no-untyped-def]
    commands = [command for command in steps(project) if "pip" not in command and "venv" not in command]
    assert {"ruff", "mlsense", "pytest"} <= set(" ".join(commands).split())
    for command in commands:
        passes(project, "sh", "-e", "-c", command)
    write(project, {"leak.py": LEAK})
    failed = [command for command in commands if run(project, "sh", "-e", "-c", command).returncode]
    assert failed == ["mlsense check"]


def test_the_jenkinsfile_is_free_of_what_its_linter_finds(tmp_path: Path) -> None:
    lint = [program_of_node("npm-groovy-lint"), "--config=recommended-jenkinsfile", "--failon=info"]
    lint += ["--noserver", "--output=json"]
    write(tmp_path, {"Jenkinsfile": text_of("ml-ci-jenkins")})
    found = json.loads(passes(tmp_path, *lint, "Jenkinsfile"))
    assert found["summary"]["totalFoundNumber"] == 0
    assert found["summary"]["totalFilesLinted"] == 1
    write(tmp_path, {"Jenkinsfile": text_of("ml-ci-jenkins").replace("'Build') {", "'Build' {")})
    assert run(tmp_path, *lint, "Jenkinsfile").returncode == 1


def test_outputs_of_notebooks_stay_out_of_git(tmp_path: Path) -> None:
    write(tmp_path, {"a.ipynb": json.dumps(NOTEBOOK)})
    passes(tmp_path, "git", "init", "-q")
    passes(tmp_path, "git", "add", "a.ipynb")
    passes(tmp_path, "git", "commit", "-q", "-m", "With outputs")
    assert "a secret\\n" in passes(tmp_path, "git", "show", "HEAD:a.ipynb")
    passes(tmp_path, "sh", "-e", "-c", text_of("ml-git-nbstripout"))
    passes(tmp_path, "git", "commit", "-q", "-m", "Without")
    kept = passes(tmp_path, "git", "show", "HEAD:a.ipynb")
    assert "a secret\\n" not in kept
    assert "upper()" in kept
    assert "a secret\\n" in (tmp_path / "a.ipynb").read_text("utf-8")


def test_attributes_are_what_git_makes_of_them(tmp_path: Path) -> None:
    passes(tmp_path, "git", "init", "-q")
    write(tmp_path, {".gitattributes": text_of("ml-git-attributes")})
    said = passes(tmp_path, "git", "check-attr", "filter", "diff", "merge", "--", "a.ipynb", "b.parquet")
    assert "a.ipynb: filter: nbstripout" in said
    assert "b.parquet: merge: unset" in said


def test_what_is_ignored(tmp_path: Path) -> None:
    passes(tmp_path, "git", "init", "-q")
    write(tmp_path, {".gitignore": text_of("ml-git-ignore")})
    paths = ["data/rows.csv", "models/a.bin", "a.joblib", ".env", "mlruns/0/a", "src/data/read.py", "tests/data/a.csv"]
    said = passes(tmp_path, "git", "check-ignore", *paths).split()
    assert said == paths[:5]


def test_a_notebook_and_its_script_go_together(tmp_path: Path) -> None:
    passes(tmp_path, "git", "init", "-q")
    write(tmp_path, {"notebooks/a.ipynb": json.dumps(NOTEBOOK)})
    passes(tmp_path, "sh", "-e", "-c", text_of("ml-git-jupytext"))
    assert passes(tmp_path, "git", "diff", "--cached", "--name-only").split() == [".gitignore", "notebooks/a.py"]
    script = tmp_path / "notebooks" / "a.py"
    text = script.read_text("utf-8")
    assert "# %%" in text
    write(tmp_path, {"notebooks/a.py": text.replace("upper()", "title()")})
    os.utime(script, (2e9, 2e9))
    passes(tmp_path, "jupytext", "--sync", "notebooks/a.ipynb")
    assert "title()" in (tmp_path / "notebooks" / "a.ipynb").read_text("utf-8")
