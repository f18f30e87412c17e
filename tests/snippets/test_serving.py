"""The files around a served model: run as an image would, asked over HTTP, read by the programs that they are for."""

from __future__ import annotations

import fnmatch
import json
import re
import shlex
import shutil
import socket
from typing import TYPE_CHECKING

import pytest

from snippets import running, texts
from snippets.packs.serve import APP, WINE
from snippets.texts import program_of, program_of_node, served, text_of, texts_of

if TYPE_CHECKING:
    from pathlib import Path

APPS = {"uvicorn": "ml-serve-fastapi", "gunicorn": "ml-serve-flask"}
READY = {"uvicorn": "Uvicorn running on", "gunicorn": "Listening at"}
WHOLE = {
    "requirements.txt": "ml-serve-requirements",
    "score.py": "ml-serve-batch",
    ".dockerignore": "ml-serve-dockerignore",
}
IMAGES = ["ml-serve-dockerfile", "ml-serve-dockerfile-batch"]


def instructions(text: str) -> list[tuple[str, str]]:
    """Of a Dockerfile: each instruction's word and the rest."""
    lines = re.sub(r"\\\n\s*", "", text).split("\n")
    return [(word, rest) for line in lines if line for word, _, rest in [line.partition(" ")]]


def only(text: str, word: str) -> str:
    (rest,) = [rest for each, rest in instructions(text) if each == word]
    return rest


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model, as the snippet that saves leaves it."""
    folder = tmp_path_factory.mktemp("model")
    running.run(running.Case(), WINE + APP, folder)
    return folder / "model.skops"


@pytest.fixture
def project(model: Path, tmp_path: Path) -> Path:
    for name, prefix in WHOLE.items():
        (tmp_path / name).write_text(text_of(prefix), encoding="utf-8")
    shutil.copy(model, tmp_path)
    return tmp_path


def command(folder: Path, server: str) -> list[str]:
    """What the image of one of the two servers runs, in a project with its app."""
    (folder / "app.py").write_text(text_of(APPS[server]), encoding="utf-8")
    return next(
        found for text in texts_of("ml-serve-dockerfile") if (found := json.loads(only(text, "CMD")))[0] == server
    )


def free_port() -> str:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return str(found.getsockname()[1])


@pytest.mark.parametrize("server", APPS)
def test_an_image_serves_and_knows_whether_it_is_healthy(server: str, project: Path) -> None:
    port = free_port()
    health = only(text_of("ml-serve-dockerfile"), "HEALTHCHECK").partition("CMD ")[2].replace("8000", port)
    started = [word.replace("8000", port) for word in command(project, server)]
    with served(started, READY[server], project):
        # Asked again while it starts, as Docker does.
        assert any(texts.run(json.loads(health), project).returncode == 0 for _ in range(10))
    assert texts.run(json.loads(health), project).returncode == 1


@pytest.mark.parametrize("server", APPS)
def test_the_collection_passes_against_the_api(server: str, project: Path) -> None:
    port = free_port()
    with served([word.replace("8000", port) for word in command(project, server)], READY[server], project):
        report = newman(project, f"http://127.0.0.1:{port}")
    failures = [failure["error"]["message"] for failure in report["run"]["failures"]]
    assert failures == []
    assert report["run"]["stats"]["assertions"] == {"total": 6, "pending": 0, "failed": 0}


def test_the_collection_fails_where_there_is_no_model(project: Path) -> None:
    port = free_port()
    with served(["python", "-m", "http.server", port, "--bind", "127.0.0.1"], "Serving HTTP", project):
        report = newman(project, f"http://127.0.0.1:{port}")
    assert report["run"]["stats"]["assertions"]["failed"] >= 4


def newman(folder: Path, url: str) -> dict[str, dict]:
    """What newman says of the collection against the API at a URL."""
    (folder / "api.json").write_text(text_of("ml-serve-postman"), encoding="utf-8")
    program = program_of_node("newman")
    reports = ["--reporters", "json", "--reporter-json-export", "report.json"]
    ran = texts.run([program, "run", "api.json", "--env-var", f"base_url={url}", *reports], folder)
    found: dict[str, dict] = json.loads((folder / "report.json").read_text("utf-8"))
    assert ran.returncode == bool(found["run"]["failures"])
    return found


@pytest.mark.parametrize("prefix", IMAGES)
def test_a_dockerfile_is_free_of_what_its_linter_finds(prefix: str, tmp_path: Path) -> None:
    linter = program_of_node("dockerfile-utils")
    for text in texts_of(prefix):
        assert lint(linter, text, tmp_path) == ""
    assert "CPY" in lint(linter, text_of(prefix).replace("COPY", "CPY"), tmp_path)
    assert "-sim" in lint(linter, text_of(prefix).replace("-slim", ":-sim"), tmp_path)


def lint(linter: Path, text: str, folder: Path) -> str:
    (folder / "Dockerfile").write_text(text, encoding="utf-8")
    ran = texts.run([linter, "lint", "Dockerfile"], folder)
    return ran.stdout + ran.stderr


@pytest.mark.parametrize("prefix", IMAGES)
def test_an_image_gets_what_it_copies_and_nothing_else(prefix: str) -> None:
    ignored = text_of("ml-serve-dockerignore").split()
    copied = {name for word, rest in instructions(text_of(prefix)) if word == "COPY" for name in rest.split()[:-1]}
    for name in (*copied, "data/rows.csv", ".env", ".git/config"):
        kept = False
        for pattern in ignored:
            if fnmatch.fnmatch(name, pattern.removeprefix("!")):
                kept = pattern.startswith("!")
        assert kept == (name in copied), name


@pytest.mark.parametrize("text", texts_of("ml-serve-requirements"))
def test_requirements_are_of_the_versions_that_were_tried(text: str, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text(text, encoding="utf-8")
    check = """
from importlib.metadata import version
from packaging.requirements import Requirement

for line in open("requirements.txt"):
    if not line.startswith("#"):
        wanted = Requirement(line.strip())
        assert version(wanted.name) in wanted.specifier, f"{line}: {version(wanted.name)}"
"""
    ran = texts.run(["python", "-c", check], tmp_path)
    assert ran.returncode == 0, ran.stderr


def test_the_compose_file_follows_its_schema(tmp_path: Path) -> None:
    check = [program_of("snippets", "check-jsonschema"), "--builtin-schema", "vendor.compose-spec", "compose.yaml"]
    text = text_of("ml-serve-compose")
    (tmp_path / "compose.yaml").write_text(text, encoding="utf-8")
    ran = texts.run(check, tmp_path)
    assert ran.returncode == 0, ran.stdout
    (tmp_path / "compose.yaml").write_text(text.replace("read_only: true", "readonly: true"), encoding="utf-8")
    assert texts.run(check, tmp_path).returncode == 1


def test_the_batch_job_of_the_compose_file_scores(project: Path) -> None:
    for name in ("data", "models"):
        (project / name).mkdir()
    shutil.move(project / "model.skops", project / "models")
    rows = "alcohol,flavanoids,proline\n14.23,3.06,1065\n12.37,0.57,520\n"
    (project / "data" / "rows.csv").write_text(rows, encoding="utf-8")
    arguments = re.search(r"command: \[(.*)\]", text_of("ml-serve-compose"))
    assert arguments is not None
    mounted = [re.sub(r"^/(data|models)/", rf"{project}/\1/", word) for word in arguments[1].split(", ")]
    ran = texts.run([*json.loads(only(text_of("ml-serve-dockerfile-batch"), "ENTRYPOINT")), *mounted], project)
    assert ran.returncode == 0, f"{shlex.join(mounted)}: {ran.stderr}"
    scored = (project / "data" / "predictions.csv").read_text("utf-8").split()
    assert scored == ["alcohol,flavanoids,proline,prediction", "14.23,3.06,1065,class_0", "12.37,0.57,520,class_2"]
