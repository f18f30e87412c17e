"""Every snippet runs as it is inserted, is free of what is reported, formatted, and does what it says."""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from mlsense.analysis import Analyser, Settings
from mlsense.rules.registry import all_rules
from mlsense.snippets.packs import GOOD, PREDICTS, STAGES, Snippet, snippets
from mlsense.snippets.syntax import defaults, expanded, parse
from mlsense.syntax import notebook as read_notebook
from mlsense.syntax import script
from snippets.running import ROOT, Case, formatted, notebook, run

PACKS = sorted((ROOT / "snippets").glob("*.code-snippets"))
PYTHON = [snippet for snippet in snippets() if snippet.language == "python"]
VARIABLES = {"TM_FILENAME_BASE": "program", "CURRENT_YEAR": "2026", "CURRENT_MONTH": "11", "CURRENT_DATE": "22"}


@cache
def cases(stage: str) -> dict[str, Case]:
    found: dict[str, Case] = import_module(f"snippets.packs.{stage}").CASES
    return found


def inserted(snippet: Snippet) -> str:
    """A snippet's text as it stands in the file, with every placeholder left at what it proposes."""
    return expanded(snippet.body, VARIABLES).rstrip("\n") + "\n"


def written(case: Case, parts: list[str]) -> str:
    """The file that a user has then: parts of a script, or the cells of a notebook, where `# %%` begins another one."""
    there = [part for part in parts if part]
    if not case.name.endswith(".ipynb"):
        return "\n".join(there)
    return notebook([cell for part in there for cell in part.split("# %%\n")])


def each(snippet: Snippet) -> Any:
    return pytest.param(snippet, id=snippet.prefix)


@pytest.mark.parametrize("snippet", [each(found) for found in PYTHON])
def test_runs_as_inserted(snippet: Snippet, tmp_path: Path) -> None:
    case = cases(snippet.stage)[snippet.prefix]
    text = written(case, [case.before, inserted(snippet), case.after])
    assert case.prints in run(case, text, tmp_path)


@pytest.mark.parametrize("snippet", [each(found) for found in PYTHON])
def test_has_none_of_the_mistakes_that_are_reported(snippet: Snippet) -> None:
    case = cases(snippet.stage)[snippet.prefix]
    text = written(case, [case.before, inserted(snippet)])
    everything = Settings.of(select=[rule.name for rule in all_rules()])
    document = read_notebook(case.name, text) if case.name.endswith(".ipynb") else script(case.name, text)
    findings = Analyser().analyse(document, everything).findings
    assert [f"{finding.rule}: {finding.message}" for finding in findings] == []


@pytest.mark.parametrize("stage", [path.stem for path in PACKS])
def test_is_formatted(stage: str, tmp_path: Path) -> None:
    said = formatted({each.prefix: inserted(each) for each in PYTHON if each.stage == stage}, tmp_path)
    assert not said, "\n".join(f"{prefix}:\n{text}" for prefix, text in said.items())


@pytest.mark.parametrize("snippet", [each(found) for found in snippets()])
def test_is_found_by_its_prefix_and_explained_in_sentences(snippet: Snippet) -> None:
    assert re.fullmatch(r"ml-[a-z0-9]+(-[a-z0-9]+)*", snippet.prefix)
    assert re.fullmatch(r"[A-Z\"].*[^.]", snippet.name), "a name is a title"
    assert len(snippet.name) <= 60
    assert snippet.description.endswith(".")
    assert len(snippet.description) <= 160


@pytest.mark.parametrize("snippet", [each(found) for found in snippets()])
def test_its_tab_stops_are_in_order(snippet: Snippet) -> None:
    parts = parse(snippet.body)
    numbers = [number for number in defaults(parts) if number]
    assert numbers == list(range(1, len(numbers) + 1)), "stops are numbered in the order of the text"
    for stop in defaults(parts).values():
        assert stop.number == 0 or stop.default or stop.choices, f"${stop.number} proposes nothing"
    assert not re.search(r"\b(TODO|FIXME|XXX)\b", snippet.body)


def test_names_and_prefixes_are_there_once() -> None:
    for what in ([each.prefix for each in snippets()], [each.name for each in snippets()]):
        assert sorted(set(what)) == sorted(what)


def test_every_first_word_of_a_prefix_belongs_to_one_pack() -> None:
    stages: dict[str, set[str]] = {}
    for snippet in snippets():
        stages.setdefault(snippet.prefix.split("-")[1], set()).add(snippet.stage)
    assert {word: found for word, found in stages.items() if len(found) > 1} == {}


def test_every_pack_is_contributed_by_the_extension() -> None:
    manifest = json.loads((ROOT / "package.json").read_text("utf-8"))
    assert sorted(ROOT / entry["path"] for entry in manifest["contributes"]["snippets"]) == PACKS
    assert {path.stem for path in PACKS} <= STAGES.keys()


@pytest.mark.parametrize("stage", [path.stem for path in PACKS])
def test_every_case_is_of_a_snippet(stage: str) -> None:
    python = {each.prefix for each in PYTHON if each.stage == stage}
    assert cases(stage).keys() == python
    for case in cases(stage).values():
        ast.parse(case.after)


@pytest.mark.parametrize("snippet", [each(found) for found in snippets() if found.algorithm])
def test_what_helps_to_choose_an_algorithm(snippet: Snippet) -> None:
    known = snippet.algorithm
    assert known is not None
    assert known.predicts
    assert set(known.predicts) <= PREDICTS.keys()
    assert set(known.good) <= GOOD.keys()
    for text in (known.fits, known.needs, known.cost):
        assert text.endswith(".")
        assert len(text) <= 120
