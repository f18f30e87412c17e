"""Which snippets fit a program, with which of its names, and which come next."""

from __future__ import annotations

import pytest

from completion.asking import at_caret, entries
from mlsense.completion.snippets import NEXT, fitting, progress
from mlsense.snippets.packs import snippets
from mlsense.snippets.syntax import expanded, parse, stops

IMPORTS = """\
import pandas as pd
from sklearn.datasets import load_diabetes, load_wine
from sklearn.ensemble import RandomForestRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.preprocessing import StandardScaler

"""
READ = IMPORTS + 'flights = pd.read_csv("flights.csv")\n'
PARTED = READ + 'features = flights.drop(columns="late")\nlabels = flights["late"]\n'
SPLIT = PARTED + "X_a, X_b, y_a, y_b = train_test_split(features, labels, random_state=0)\n"
SCALED = SPLIT + "scaler = StandardScaler().fit(X_a)\na, b = scaler.transform(X_a), scaler.transform(X_b)\n"
FITTED = SCALED + "late = LogisticRegression().fit(a, y_a)\n"
EVALUATED = FITTED + "print(accuracy_score(y_b, late.predict(b)))\n"

STEPS = {
    "nothing": (IMPORTS, "", {}),
    "a table": (READ, "read", {"df": "flights"}),
    "features and target": (PARTED, "parted", {"df": "flights", "X": "features", "y": "labels", "target": "late"}),
    "a split": (
        SPLIT,
        "split",
        {"X_train": "X_a", "X_test": "X_b", "y_train": "y_a", "y_test": "y_b", "X": "features"},
    ),
    "scaled, not learned from yet": (SCALED, "split", {"X_train": "X_a", "X_test": "X_b"}),
    "learned from scaled rows": (FITTED, "fitted", {"model": "late", "X_train": "a", "X_test": "b", "y_test": "y_b"}),
    "evaluated": (EVALUATED, "evaluated", {"model": "late", "X_test": "b"}),
    "a split of the table": (
        READ + "one, two = train_test_split(flights, random_state=0)\n",
        "split",
        {"df": "flights", "train_df": "one", "test_df": "two"},
    ),
    "three parts": (
        PARTED
        + "rest, X_c, rest_y, y_c = train_test_split(features, labels)\n"
        + "X_a, X_b, y_a, y_b = train_test_split(rest, rest_y)\n",
        "split",
        {"X_train": "X_a", "X_val": "X_b", "X_test": "X_c", "y_train": "y_a", "y_val": "y_b", "y_test": "y_c"},
    ),
    "names that all use": (
        IMPORTS + "X, y = load_wine(return_X_y=True)\nother, labels = load_wine(return_X_y=True)\n",
        "parted",
        {"X": "X", "y": "y"},
    ),
    "columns to choose from": (
        IMPORTS + "bunch = load_wine(as_frame=True)\ntable = bunch.frame[['alcohol', 'hue', 'target']]\n",
        "read",
        {"df": "table", "target": ("target", "alcohol", "hue")},
    ),
    "a model that has learned nothing": (
        SPLIT + "forest = RandomForestRegressor()\n",
        "split",
        {"model": "forest", "X_train": "X_a"},
    ),
}


@pytest.mark.parametrize(("program", "step", "names"), STEPS.values(), ids=STEPS)
def test_how_far_a_program_is(program: str, step: str, names: dict[str, object]) -> None:
    at = at_caret(program + "|")
    assert at is not None
    found = progress(at.asking)
    assert found.step == step
    assert {name: found.names.get(name) for name in names} == names


def test_a_table_without_its_target_is_no_table_to_work_on() -> None:
    at = at_caret(SPLIT + "|")
    assert at is not None
    assert not {"train_df", "test_df"} & progress(at.asking).names.keys()


def test_only_what_is_above_the_caret_counts() -> None:
    at = at_caret(READ + "|\n" + PARTED.removeprefix(READ))
    assert at is not None
    assert progress(at.asking).names == {"df": "flights"}


@pytest.mark.parametrize(
    ("lines", "target"),
    [
        ("X, y = load_wine(return_X_y=True)\n", "class"),
        ("X, y = load_diabetes(return_X_y=True)\n", "number"),
        ("X, y = make(1)\n", None),
        ("X, y = make(1)\nforest = RandomForestRegressor().fit(X, y)\n", "number"),
    ],
)
def test_whether_a_class_or_a_number_is_predicted(lines: str, target: str | None) -> None:
    at = at_caret(IMPORTS + lines + "|")
    assert at is not None
    assert progress(at.asking).target == target


@pytest.mark.parametrize("typed", ["ml", "ml-", "ml-spl", "    ml-split"])
def test_typing_the_prefix_offers_what_fits_with_the_programs_names(typed: str) -> None:
    head = "if flights is not None:\n" if typed.startswith(" ") else ""
    found = {entry.label: entry for entry in entries(head + typed + "|", program=PARTED)}
    split = found["ml-split"]
    assert split.snippet is not None
    assert "${1:features}, ${2:labels}" in split.snippet
    assert split.insert is not None
    assert "features, labels" in split.insert
    assert split.detail == "features, labels"
    assert split.span is not None
    assert split.span.end - split.span.start == len(typed.strip())


@pytest.mark.parametrize("line", ["x = ml|", "x = 3 -|", "print(ml|", "# ml-|", "flights.ml|", "'ml-|'", "html|"])
def test_nowhere_but_where_a_statement_begins(line: str) -> None:
    assert not [entry for entry in entries(line, program=PARTED) if entry.kind == "snippet"]


def test_an_empty_line_offers_a_few_to_those_who_ask() -> None:
    found = entries("|", program=PARTED)
    assert 0 < len(found) <= NEXT
    assert {entry.kind for entry in found} == {"snippet"}
    stages = {each.prefix: each.stage for each in snippets()}
    assert stages[found[0].label] == "split"
    assert entries("|", program=PARTED, trigger="(") == ()
    assert entries("|", program=IMPORTS) == ()


@pytest.mark.parametrize("program", [READ, PARTED, SPLIT, FITTED, EVALUATED])
def test_what_fits_stays_a_snippet_with_the_same_stops(program: str) -> None:
    at = at_caret(program + "|")
    assert at is not None
    for each in fitting(progress(at.asking)):
        before = [stop.number for stop in stops(parse(each.snippet.body))]
        assert [stop.number for stop in stops(parse(each.body))] == before
        assert expanded(each.body)
