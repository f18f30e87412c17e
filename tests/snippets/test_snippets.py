"""Every snippet runs as it is inserted, and does what it says."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from mlsense.analysis import Analyser
from mlsense.syntax import script

ROOT = Path(__file__).parents[2]
PACKS = sorted((ROOT / "snippets").glob("*.code-snippets"))
SNIPPETS = {snippet["prefix"]: snippet for pack in PACKS for snippet in json.loads(pack.read_text("utf-8")).values()}

DATA = """\
import numpy as np
import pandas as pd
from sklearn.datasets import load_wine

X, y = load_wine(return_X_y=True, as_frame=True)
dates = pd.date_range("2024-01-01", periods=len(X), freq="D")[::-1]
df = X.assign(customer=np.arange(len(X)) // 6, date=dates)
"""
"""What a user has written before inserting a snippet."""


def as_inserted(body: list[str]) -> str:
    """The text of a snippet with every placeholder left at what it proposes."""
    text = re.sub(r"\$\{\d+:((?:[^{}])*)\}", r"\1", "\n".join(body))
    text = re.sub(r"\$\{\d+\|([^,|]*)[^|]*\|\}", r"\1", text)
    return re.sub(r"\$\d", "", text)


@pytest.fixture
def names() -> dict[str, Any]:
    defined: dict[str, Any] = {}
    exec(DATA, defined)
    return defined


@pytest.mark.parametrize("prefix", SNIPPETS)
def test_runs_as_inserted(prefix: str, names: dict[str, Any]) -> None:
    exec(as_inserted(SNIPPETS[prefix]["body"]), names)


@pytest.mark.parametrize("prefix", SNIPPETS)
def test_has_none_of_the_mistakes_that_are_reported(prefix: str) -> None:
    body = as_inserted(SNIPPETS[prefix]["body"])
    # A regressor is meant for numbers.
    data = DATA.replace("load_wine", "load_diabetes") if "Ridge" in body else DATA
    text = "\n".join([data, body])
    assert Analyser().analyse(script("snippet.py", text)).findings == ()


@pytest.mark.parametrize("prefix", SNIPPETS)
def test_is_found_by_its_prefix_and_explained_in_a_sentence(prefix: str) -> None:
    assert re.fullmatch(r"ml-[a-z]+(-[a-z]+)*", prefix)
    assert SNIPPETS[prefix]["description"].endswith(".")


def test_every_pack_is_contributed_by_the_extension() -> None:
    manifest = json.loads((ROOT / "package.json").read_text("utf-8"))
    assert [ROOT / entry["path"] for entry in manifest["contributes"]["snippets"]] == PACKS


def inserted(prefix: str, names: dict[str, Any]) -> dict[str, Any]:
    exec(as_inserted(SNIPPETS[prefix]["body"]), names)
    return names


def test_training_and_test_rows_are_all_rows_once(names: dict[str, Any]) -> None:
    after = inserted("ml-split", names)
    assert sorted([*after["X_train"].index, *after["X_test"].index]) == list(names["X"].index)


def test_three_parts_are_sixty_twenty_twenty(names: dict[str, Any]) -> None:
    after = inserted("ml-split-three", names)
    shares = [len(after[part]) / len(names["X"]) for part in ("X_train", "X_val", "X_test")]
    assert shares == pytest.approx([0.6, 0.2, 0.2], abs=0.01)


def test_no_group_is_on_both_sides(names: dict[str, Any]) -> None:
    after = inserted("ml-split-groups", names)
    assert set(after["train_df"]["customer"]).isdisjoint(after["test_df"]["customer"])


def test_the_test_rows_come_after_the_training_rows(names: dict[str, Any]) -> None:
    after = inserted("ml-split-time", names)
    assert after["train_df"]["date"].max() < after["test_df"]["date"].min()
    assert len(after["train_df"]) + len(after["test_df"]) == len(names["X"])
