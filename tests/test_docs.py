"""What is generated is fresh, and every link to a rule's page leads to one."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from mlsense.rules.registry import all_rules
from mlsense.rules.rule import PAGES

ROOT = Path(__file__).resolve().parent.parent
DOCS = ROOT / "docs"
KNOWLEDGE = ROOT / "server" / "mlsense" / "knowledge"


def run(script: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(ROOT / "scripts" / script), *arguments],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


def test_the_pages_are_fresh() -> None:
    done = run("generate_docs.py", "--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_check_of_the_pages_sees_what_is_stale_missing_or_too_much(tmp_path: Path) -> None:
    written = run("generate_docs.py", "--folder", str(tmp_path))
    assert written.returncode == 0
    rules, packs = tmp_path / "rules", tmp_path / "snippets"
    names = {path.name for path in rules.iterdir()}
    assert names == {"README.md", *(f"{rule.name}.md" for rule in all_rules())}
    stages = {path.stem for path in (ROOT / "snippets").iterdir()}
    assert {path.stem for path in packs.iterdir()} == {"README", *stages}
    assert run("generate_docs.py", "--folder", str(tmp_path), "--check").returncode == 0

    first, second = sorted(names)[1:3]
    (rules / first).write_text("other words\n")
    (rules / second).unlink()
    (rules / "no-such-rule.md").write_text("# no-such-rule\n")
    done = run("generate_docs.py", "--folder", str(tmp_path), "--check")
    assert done.returncode == 1
    said = {Path(line.split(" is ")[0]).name: line for line in done.stdout.splitlines()}
    assert said.keys() == {first, second, "no-such-rule.md"}
    assert "is stale" in said[first]
    assert "is missing" in said[second]
    assert "is too much" in said["no-such-rule.md"]

    assert run("generate_docs.py", "--folder", str(tmp_path)).returncode == 0
    assert {path.name for path in rules.iterdir()} == names


def test_the_index_has_every_rule_once() -> None:
    index = (DOCS / "rules" / "README.md").read_text(encoding="utf-8")
    for rule in all_rules():
        (row,) = re.findall(rf"^\| \[{rule.name}\].*$", index, re.MULTILINE)
        assert rule.summary in row
        assert f"| {rule.severity.value} |" in row
        assert index.index(f"## {rule.family}\n") < index.index(row)


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.name)
def test_the_url_of_a_rule_points_to_a_page(rule: object) -> None:
    url = getattr(rule, "url")  # noqa: B009
    assert url.startswith("https://github.com/mlsense/mlsense/blob/main/")
    assert (ROOT / url.partition("/blob/main/")[2]).is_file()


def test_links_between_the_pages_lead_somewhere() -> None:
    assert PAGES.endswith("/docs/rules")
    for page in DOCS.rglob("*.md"):
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#\s]+)", text):
            if "://" not in target:
                assert (page.parent / target).exists(), f"{page.name}: {target}"


@pytest.mark.parametrize(
    ("library", "written", "generator"),
    [
        ("scikit-learn", "sklearn.json", "generate_knowledge.py"),
        ("imbalanced-learn", "imblearn.json", "generate_imblearn.py"),
    ],
)
def test_the_knowledge_of_a_library_is_fresh(library: str, written: str, generator: str) -> None:
    made_for = json.loads((KNOWLEDGE / written).read_text(encoding="utf-8"))["version"]
    installed = version(library)
    if made_for != installed:
        pytest.skip(f"the file was made for {library} {made_for}, installed is {installed}")
    done = run(generator, "--check")
    assert (done.returncode, done.stdout) == (0, "")
