"""What the base says of scikit-learn's values is what the installed scikit-learn does with them."""

from __future__ import annotations

import inspect
import json
import math
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from sklearn.utils._param_validation import InvalidParameterError, validate_parameter_constraints

from mlsense.knowledge import releases
from mlsense.knowledge.values import (
    RAISING,
    Argument,
    Conflict,
    Constraint,
    Given,
    Interval,
    accepts,
    allowed,
    conflict,
    conflicts,
)

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from sklearn_release import combinations as trials
from sklearn_release.constraints import constraints, declared
from sklearn_release.public import VERSION, callables
from sklearn_release.table import CASES, TELLING, Case

NEWEST = releases.section("constraints")["releases"][-1]
pytestmark = pytest.mark.skipif(NEWEST != VERSION, reason=f"written for scikit-learn {NEWEST}, here is {VERSION}")
INSTALLED = callables()
POOL = ["no such value", "", "auto", "warn", -1, 0, 1, 2, 7, -0.5, 0.0, 0.25, 1.0, 1.5, math.nan, math.inf, True, False,
        None]  # fmt: skip


# --- one parameter -------------------------------------------------------------------------------------


def accepted_by_sklearn(thing: Callable[..., Any], parameter: str, value: Any) -> bool:
    try:
        validate_parameter_constraints(declared(thing), {parameter: value}, "")
    except InvalidParameterError:
        return False
    return True


@pytest.mark.parametrize("dotted", sorted(releases.section("constraints")["facts"]))
def test_each_value_is_accepted_as_sklearn_validates_it(dotted: str) -> None:
    said = releases.facts("constraints", dotted, len(releases.section("constraints")["releases"]) - 1)
    for parameter in said:
        constraint = allowed(dotted, parameter)
        assert constraint is not None
        texts = (*constraint.literals, *constraint.deprecated_literals, *constraint.hidden_literals)
        bounds = [bound for interval in constraint.intervals for bound in (interval.low, interval.high)]
        for value in (*POOL, *texts, *constraint.values, *(bound for bound in bounds if bound is not None)):
            ours, theirs = accepts(constraint, value), accepted_by_sklearn(INSTALLED[dotted], parameter, value)
            assert ours == (None if constraint.open and ours is None else theirs), (parameter, value)


def test_what_is_written_is_what_the_installed_release_says() -> None:
    assert releases_at("constraints") == json.loads(json.dumps(constraints()))


def releases_at(section: str) -> dict[str, Any]:
    whole = releases.section(section)
    last = len(whole["releases"]) - 1
    said = {name: dict(releases.facts(section, name, last)) for name in whole["facts"]}
    return {name: parts for name, parts in said.items() if parts}


@pytest.mark.parametrize(
    ("dotted", "parameter", "good", "bad"),
    [
        ("sklearn.svm.SVC", "kernel", "rbf", "gaussian"),
        ("sklearn.svm._classes.SVC", "C", 0.5, -1.0),
        ("sklearn.ensemble.RandomForestClassifier", "max_features", "sqrt", "auto"),
        ("sklearn.ensemble.RandomForestClassifier", "n_estimators", 10, 10.0),
        ("sklearn.cluster.KMeans", "n_init", "auto", "ten"),
        ("sklearn.metrics.f1_score", "average", "macro", "mean"),
        ("sklearn.model_selection.train_test_split", "test_size", 0.2, -0.2),
        ("sklearn.model_selection.cross_val_score", "scoring", "roc_auc", "auc"),
    ],
)
def test_a_refused_value_really_raises(dotted: str, parameter: str, good: Any, bad: Any) -> None:
    constraint = allowed(dotted, parameter)
    assert constraint is not None
    assert accepts(constraint, good) is True
    assert accepts(constraint, bad) is False


def test_an_older_version_is_asked_for_itself() -> None:
    """`auto` was refused by forests from 1.3 on; what is unknown is open."""
    assert allowed("sklearn.svm.SVC", "kernel", "0.24") is None
    newer = allowed("sklearn.svm.SVC", "kernel", "99.0")
    assert newer is not None
    assert accepts(newer, "rbf") is True
    assert accepts(newer, "gaussian") is None


@pytest.mark.parametrize("dotted", ["", "SVC2", "numpy.array", "pandas.SVC", "sklearn.svm"])
def test_other_names_are_unknown(dotted: str) -> None:
    assert allowed(dotted, "kernel") is None
    assert conflict(dotted, {"kernel": "rbf"}) is None


def test_an_interval() -> None:
    half = Interval("real", 0, 1, "left")
    assert [half.contains(number) for number in (0, 0.0, 0.5, 1, 1.0, -1, math.nan)] == [True] * 3 + [False] * 4
    assert not Interval("int", 0, None, "left").contains(1.0)
    assert not Interval("float", 0, 1, "right").contains(1)


# --- parameters together ---------------------------------------------------------------------------------


def rules() -> Iterator[Any]:
    whole = releases.section("combinations")
    for dotted in whole["facts"]:
        for group, said in releases.facts("combinations", dotted, len(whole["releases"]) - 1).items():
            for index, (effect, _named, *_about) in enumerate(said["rules"]):
                yield pytest.param(dotted, group, index, id=f"{dotted.rpartition('.')[2]}-{group}-{effect}-{index}")


def case_of(dotted: str, group: str, thing: Any) -> Case:
    names = inspect.signature(thing).parameters
    return next(
        case for case in CASES
        if case.dotted == dotted and " ".join(n for n in case.parameters if n in names) == group
    )  # fmt: skip


def example(said: Mapping[str, Any], rule: list[Any], seed: int) -> dict[str, Argument]:
    """Arguments that fall under a rule, one of each parameter's values."""
    choose = random.Random(seed)
    return {name: argument(said["domain"][name][choose.choice(indexes)]) for name, indexes in rule[1].items()}


def argument(value: Any) -> Argument:
    if isinstance(value, dict):
        return Given(value["given"]) if "given" in value else value["try"]
    return value


def really(case: Case, thing: Any, arguments: dict[str, Any], data: str) -> str | None:
    """What the installed scikit-learn does."""
    table = {name: [v for v in values if not trials.known(v)] for name, values in case.values.items()}
    real = {
        name: next(v for v in table[name] if hasattr(v, "makes")) if isinstance(value, Given) else value
        for name, value in arguments.items()
    }
    with warnings.catch_warnings():
        return trials.outcome(case, thing, {**real, "@data": data})


@pytest.mark.parametrize(("dotted", "group", "index"), list(rules()))
def test_each_conflict_is_real_and_each_alternative_is_not(dotted: str, group: str, index: int) -> None:
    said = releases.facts("combinations", dotted, len(releases.section("combinations")["releases"]) - 1)[group]
    rule = said["rules"][index]
    thing = trials.load(dotted)
    case = case_of(dotted, group, thing)
    about = rule[2] if len(rule) > 2 else []
    data = [name for name in case.data if not about or TELLING.get(name) in about]
    arguments = example(said, rule, index)
    found = conflicts(dotted, arguments, data=about)
    assert rule[0] in {one.effect for one in found}
    effects = {really(case, thing, arguments, name) for name in data}
    # A default may fail still earlier: another rule says so.
    assert effects <= {*trials.EFFECTS[: trials.EFFECTS.index(rule[0]) + 1]}
    for change in next(one for one in found if one.effect == rule[0]).alternatives[:1]:
        assert any(really(case, thing, {**arguments, **dict(change)}, name) not in RAISING for name in data), change


def raising(dotted: str, data: str | None = None, version: str | None = None, **arguments: Argument) -> Conflict | None:
    return conflict(dotted, arguments, version, [data] if data else [])


LOGISTIC = "sklearn.linear_model.LogisticRegression"


def test_a_default_takes_part_in_a_conflict() -> None:
    found = raising(LOGISTIC, penalty="l1")
    assert found is not None
    assert dict(found.parameters) == {"penalty": "l1", "solver": "lbfgs"}
    assert found.effect == "fit"
    assert (("solver", "saga"),) in found.alternatives
    assert raising(LOGISTIC, penalty="l1", solver="saga") is None


def test_a_conflict_names_the_arguments_as_they_were_given() -> None:
    found = raising("sklearn.model_selection.KFold", random_state=1234)
    assert found is not None
    assert dict(found.parameters) == {"random_state": 1234, "shuffle": False}
    assert found.alternatives[0] == (("shuffle", True),)


def test_an_alternative_keeps_what_was_set() -> None:
    found = raising("sklearn.svm.LinearSVC", loss="hinge", dual=False)
    assert found is not None
    assert ("dual", "auto") in {change for fix in found.alternatives for change in fix}


def test_data_is_a_part_of_a_conflict() -> None:
    assert raising("sklearn.preprocessing.StandardScaler", "sparse") is not None
    assert raising("sklearn.preprocessing.StandardScaler") is None
    assert raising("sklearn.preprocessing.StandardScaler", "sparse", with_mean=False) is None


def test_what_was_not_tried_is_silent() -> None:
    assert raising("sklearn.model_selection.train_test_split", shuffle=False, stratify=Given()) is not None
    assert raising("sklearn.model_selection.train_test_split", shuffle=False, stratify=None) is None
    assert conflict("sklearn.model_selection.train_test_split", {"shuffle": False}, unknown={"stratify"}) is None
    assert raising("sklearn.model_selection.KFold", random_state=0) is not None
    assert raising("sklearn.model_selection.KFold", random_state=-7) is None
    assert raising(LOGISTIC, version="99", penalty="l1") is None


def test_a_constraint_is_immutable() -> None:
    constraint = allowed("sklearn.svm.SVC", "kernel")
    assert isinstance(constraint, Constraint)
    assert hash(constraint) == hash(allowed("sklearn.svm._classes.SVC", "kernel"))
