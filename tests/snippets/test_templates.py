"""The projects that are made from templates do what they say; as they lie they are projects called my_project."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from mlsense.cli import main
from snippets.running import ROOT, python_of

TEMPLATES = ROOT / "templates"
CSV = "size,place,kind\n" + "".join(
    f"{number % 7 + 10 * (number % 2)},{'north' if number % 3 else 'south'},{'ab'[number % 2]}\n"
    for number in range(60)
)


@pytest.fixture(params=["script", "notebook", "package"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return copied(request.param, tmp_path)


def copied(template: str, folder: Path) -> Path:
    shutil.copytree(TEMPLATES / template, folder / "my_project", ignore=shutil.ignore_patterns("__pycache__"))
    return folder / "my_project"


def run(project: Path, *arguments: str) -> str:
    done = subprocess.run(
        [python_of("snippets"), *arguments],
        cwd=project,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
        env={"PYTHONPATH": "src", "MPLBACKEND": "Agg", "PATH": "/usr/bin:/bin", "HOME": str(project)},
    )
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return done.stdout + done.stderr


def test_no_template_has_anything_that_is_reported(
    project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(project)
    code = main(["check", "--preset", "all", "."])
    assert code == 0, capsys.readouterr().out


def test_a_template_is_formatted(project: Path) -> None:
    for command in (["format", "--check", "--diff"], ["check", "--select=E,F,W,I,B,UP,SIM", "--ignore=E501"]):
        ruff = [sys.executable, "-m", "ruff", command[0], "--isolated", *command[1:], "--line-length=88", "."]
        done = subprocess.run(ruff, cwd=project, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_script_trains_on_its_own_data_and_on_a_file(tmp_path: Path) -> None:
    project = copied("script", tmp_path)
    assert "F1 in five folds of the training rows: 0.9" in run(project, "train.py")
    assert (project / "model.joblib").stat().st_size > 0
    (project / "things.csv").write_text(CSV)
    output = run(project, "train.py", "--data", "things.csv", "--target", "kind", "--output", "things.joblib")
    assert "The model is in things.joblib." in output


def test_the_notebook_runs_from_top_to_bottom(tmp_path: Path) -> None:
    project = copied("notebook", tmp_path)
    run(project, "-m", "nbconvert", "--to", "notebook", "--execute", "--inplace", "my_project.ipynb")
    assert "macro avg" in (project / "my_project.ipynb").read_text("utf-8")


def test_the_package_trains_evaluates_and_passes_its_own_tests(tmp_path: Path) -> None:
    project = copied("package", tmp_path)
    assert "F1 in five folds of the training rows: 0.9" in run(project, "-m", "my_project.train")
    assert "macro avg" in run(project, "-m", "my_project.evaluate")
    assert "passed" in run(project, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def test_the_package_serves_the_model_it_saved(tmp_path: Path) -> None:
    project = copied("package", tmp_path)
    run(project, "-m", "my_project.train")
    asked = (
        "from fastapi.testclient import TestClient\nfrom my_project.api import app\n"
        "client = TestClient(app)\nassert client.get('/health').json() == {'status': 'ok'}\nprint('healthy')\n"
    )
    assert "healthy" in run(project, "-c", asked)
