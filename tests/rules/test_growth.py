"""What a rule does at a keystroke must not grow with the file: that is counted in calls, since time differs by machine.

The file is an ordinary program over and over, with one statement in the middle that changes. What is above and below it
is as it was, so a rule may look at each stretch of statements that versions share, and at none of the statements.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from mlsense.rules.registry import all_rules
from mlsense.semantics.program import Program
from mlsense.syntax import script

if TYPE_CHECKING:
    from mlsense.rules.rule import Rule
    from mlsense.semantics.trace import Trace

ORDINARY = """\
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

houses = pd.read_csv("houses.csv")
houses["rooms_per_head"] = houses["rooms"] / houses["people"]
houses = houses.dropna(subset=["price"])
X, y = houses.drop(columns="price"), houses["price"] > 200_000
X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2, random_state=0)
columns = ColumnTransformer(
    [("numbers", StandardScaler(), ["rooms", "people"]), ("names", OneHotEncoder(handle_unknown="ignore"), ["city"])]
)
model = make_pipeline(columns, RandomForestClassifier(n_estimators=200, random_state=0))
print(cross_val_score(model, X_train, y_train, cv=KFold(5, shuffle=True, random_state=0)).mean())
model.fit(X_train, y_train)
print(accuracy_score(y_test, model.predict(X_test)))


def curve(values, label):
    smooth = np.convolve(values, np.ones(5) / 5, mode="valid")
    plt.plot(np.arange(len(smooth)), smooth, label=label)
    return smooth


for name in ["rooms", "people"]:
    curve(houses[name].to_numpy(), name)
plt.legend(loc="best")
plt.show()
"""
FEW, MANY = 8, 40
CALLS_PER_STRETCH = 16
# These go through all splits, scores or assignments. Let them shrink: a rule that is mended leaves the list.
GROWING = {
    "require-grad-typo",
    "split-arity",
    "split-unpack-order",
}


def calls(rule: Rule, trace: Trace) -> int:
    """How many functions are called to ask a rule."""
    count = 0

    def called(frame: object, event: str, argument: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(called)
    try:
        list(rule.findings(trace))
    finally:
        sys.setprofile(before)
    return count


def after_an_edit(copies: int) -> tuple[int, dict[str, int]]:
    """The stretches of the second version of a file, and what each rule does for it that it has not done before."""
    half, program = ORDINARY * (copies // 2), Program()
    for answer in (41, 42, 43):
        trace = program.follow(script("a.py", f"{half}answer = {answer}\n{half}"))
        found = {rule.name: calls(rule, trace) for rule in all_rules()}
    return len(trace.stretches), found


@pytest.fixture(scope="module")
def work() -> tuple[int, dict[str, int]]:
    """How many stretches more the longer file has, and what each rule does more for it."""
    (few, less), (many, more) = after_an_edit(FEW), after_an_edit(MANY)
    return many - few, {name: more[name] - less[name] for name in more}


@pytest.mark.parametrize("rule", [rule.name for rule in all_rules()])
def test_a_keystroke_costs_what_changed(rule: str, work: tuple[int, dict[str, int]]) -> None:
    stretches, more = work
    grows = more[rule] > CALLS_PER_STRETCH * stretches
    assert grows == (rule in GROWING), f"{more[rule] / stretches:.0f} calls for each stretch of statements"
