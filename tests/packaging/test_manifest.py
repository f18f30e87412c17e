"""The manifests of the two packages agree with each other and with the code."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from packaging.requirements import Requirement

import mlsense

ROOT = Path(__file__).parents[2]
MANIFEST = json.loads((ROOT / "package.json").read_text("utf-8"))
PROJECT = (ROOT / "pyproject.toml").read_text("utf-8")


def test_there_is_one_version() -> None:
    declared = re.search(r'^version = "(.*)"$', PROJECT, re.MULTILINE)
    assert declared
    assert MANIFEST["version"] == declared[1] == mlsense.__version__


def test_both_describe_the_product_with_the_same_words() -> None:
    assert f'description = "{MANIFEST["description"]}"' in PROJECT


def test_the_settings_know_every_rule() -> None:
    checked = subprocess.run([sys.executable, "scripts/manifest.py", "--check"], cwd=ROOT, check=False)
    assert checked.returncode == 0


def test_the_client_is_typed_for_the_oldest_editor_it_runs_in() -> None:
    assert MANIFEST["engines"]["vscode"] == f"^{MANIFEST['devDependencies']['@types/vscode']}"


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text("utf-8"))
    assert [name for name, package in lock["packages"].items() if "resolved" in package] == []


def test_the_bundled_libraries_are_those_that_the_package_asks_for() -> None:
    lines = (ROOT / "server" / "requirements.txt").read_text("utf-8").splitlines()
    pins = dict(line.split("==") for line in lines if line and not line.startswith("#"))
    asked = {
        needed.name: needed for needed in map(Requirement, re.findall(r'^    "([\w-]+>=.*)",$', PROJECT, re.MULTILINE))
    }
    for name in ("pygls", "lsprotocol", "jedi"):
        assert asked[name].specifier.contains(pins[name])


def test_a_workspace_that_is_not_trusted_cannot_choose_what_is_run() -> None:
    trust = MANIFEST["capabilities"]["untrustedWorkspaces"]
    assert trust["supported"] == "limited"
    assert trust["restrictedConfigurations"] == ["mlsense.interpreter"]
