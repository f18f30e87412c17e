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
import sklearn.metrics
from scipy.sparse import csr_matrix
from sklearn.utils._param_validation import InvalidParameterError, validate_parameter_constraints

from mlsense.knowledge import releases
from mlsense.knowledge.keywords import usual_keywords
from mlsense.knowledge.kinds import conditional_methods, has_method, kind
from mlsense.knowledge.scoring import metric, scorers, splitter
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
from sklearn_release import kinds as estimator_kinds
from sklearn_release import scoring
from sklearn_release.constraints import constraints, declared
from sklearn_release.public import VERSION, callables
from sklearn_release.releases import Facts, at, merged, written
from sklearn_release.table import CASES, TELLING, Case
from sklearn_release.toys import data

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


@pytest.mark.parametrize(
    ("dotted", "parameter", "value", "version", "accepted"),
    [
        ("sklearn.ensemble.RandomForestClassifier", "max_features", "auto", "1.2.2", True),
        ("sklearn.ensemble.RandomForestClassifier", "max_features", "auto", "1.3.0", False),
        ("sklearn.linear_model.LogisticRegression", "penalty", "none", "1.3", True),
        ("sklearn.linear_model.LogisticRegression", "penalty", "none", "1.4", False),
        ("sklearn.linear_model.SGDClassifier", "loss", "log", "1.2.1", True),
        ("sklearn.linear_model.SGDClassifier", "loss", "log", "1.5rc1", False),
        ("sklearn.linear_model.SGDClassifier", "loss", "log", "1.1", None),
        ("sklearn.svm.SVC", "kernel", "gaussian", "99.0", None),
        ("sklearn.svm.SVC", "kernel", "rbf", "99.0", True),
    ],
)
def test_an_older_version_is_asked_for_itself(
    dotted: str, parameter: str, value: str, version: str, accepted: bool | None
) -> None:
    """What changed with a release; before 1.2 nothing is validated, and what is newer than known is open."""
    constraint = allowed(dotted, parameter, version)
    assert (None if constraint is None else accepts(constraint, value)) is accepted


def test_deprecated_texts_are_named_as_such() -> None:
    constraint = allowed("sklearn.linear_model.SGDClassifier", "loss", "1.2")
    assert constraint is not None
    assert constraint.deprecated_literals == ("log",)
    assert "log" not in constraint.literals


def test_scorers_of_an_older_version() -> None:
    assert "neg_root_mean_squared_log_error" in scorers()
    assert "neg_root_mean_squared_log_error" not in scorers("1.0.2")
    assert "accuracy" in scorers("1.0.2")


def test_conflicts_of_an_older_version() -> None:
    """Trees take no missing values with random splits in 1.5; they do in 1.6."""
    tree, arguments = "sklearn.tree.DecisionTreeClassifier", {"splitter": "random"}
    assert conflict(tree, arguments, "1.5", ["missing values"]) is not None
    assert conflict(tree, arguments, "1.6", ["missing values"]) is None


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
    relevant = [name for name in case.data if not about or TELLING.get(name) in about]
    arguments = example(said, rule, index)
    found = conflicts(dotted, arguments, data=about)
    assert rule[0] in {one.effect for one in found}
    effects = {really(case, thing, arguments, name) for name in relevant}
    # A default may fail still earlier: another rule says so.
    assert effects <= {*trials.EFFECTS[: trials.EFFECTS.index(rule[0]) + 1]}
    for change in next(one for one in found if one.effect == rule[0]).alternatives[:1]:
        assert any(really(case, thing, {**arguments, **dict(change)}, name) not in RAISING for name in relevant), change


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


# --- what estimators are ---------------------------------------------------------------------------------

KINDS = [*releases.section("kinds")["facts"]]


@pytest.mark.parametrize("dotted", KINDS)
def test_an_estimator_is_and_needs_what_is_said(dotted: str) -> None:
    said = kind(dotted)
    cls = trials.load(dotted)
    assert said is not None
    assert said.kinds == tuple(sorted(name for name, mixin in estimator_kinds.MIXINS.items() if issubclass(cls, mixin)))
    toy = next(name for name in estimator_kinds.TOYS if estimator_kinds.used(cls, data(name)))
    X, y = data(toy)
    fitted = estimator_kinds.fitted(cls, (X, y))
    assert set(said.fitted) <= estimator_kinds.learned(fitted) <= {*said.fitted, *said.sometimes}
    if said.needs_y is not None:
        assert said.needs_y == (y is not None and estimator_kinds.fitted(cls, (X, None)) is None)
    if said.sparse is not None:
        assert said.sparse == estimator_kinds.used(cls, (csr_matrix(X), y))
    for method in said.conditional:
        assert has_method(dotted, method.method, {}) in (None, estimator_kinds.available(fitted, method.method, X))


@pytest.mark.parametrize("dotted", [dotted for dotted in KINDS if conditional_methods(dotted)])
def test_a_method_is_there_where_it_is_said_to_be(dotted: str) -> None:
    cls = trials.load(dotted)
    toy = data(next(name for name in estimator_kinds.TOYS if estimator_kinds.used(cls, data(name))))
    for one in conditional_methods(dotted):
        for parameter, with_it, without in one.by:
            for value in (*with_it[:1], *without[:1]):
                instance = estimator_kinds.fitted(cls, toy, **{parameter: value})
                there = has_method(dotted, one.method, {parameter: value})
                assert there in (None, estimator_kinds.available(instance, one.method, toy[0]))


def test_has_method() -> None:
    assert has_method("sklearn.svm.SVC", "predict_proba", {}) is False
    assert has_method("sklearn.svm.SVC", "predict_proba", {"probability": True}) is True
    assert has_method("sklearn.svm.SVC", "predict_proba", {}, unknown={"probability"}) is None
    assert has_method("sklearn.svm.SVC", "predict", {}) is None
    assert (
        has_method("sklearn.model_selection.GridSearchCV", "predict", {"refit": False, "estimator": Given()}) is False
    )
    assert has_method("sklearn.model_selection.GridSearchCV", "predict", {"estimator": Given()}) is None
    assert has_method("sklearn.linear_model.SGDClassifier", "predict_proba", {"loss": "hinge"}) is False
    assert has_method("sklearn.linear_model.SGDClassifier", "predict_proba", {"loss": "log_loss"}) is True


def test_what_needs_scaling_and_what_takes_missing_values() -> None:
    scale = {name: said.scale for name in ("KNeighborsClassifier", "SVC", "RandomForestClassifier", "LinearRegression")
             if (said := kind(name)) is not None}  # fmt: skip
    assert list(scale.values()) == [True, True, False, False]
    forest, pipeline = kind("RandomForestClassifier"), kind("sklearn.pipeline.Pipeline")
    assert forest is not None
    assert forest.nan is True
    assert pipeline is not None
    assert pipeline.nan is None


# --- scorers, metrics, splitters -------------------------------------------------------------------------


def test_scorers_are_those_of_the_release() -> None:
    assert set(scorers()) == set(sklearn.metrics.get_scorer_names())


@pytest.mark.parametrize("name", sorted(scorers()))
def test_a_scorer_works_for_its_targets_alone(name: str) -> None:
    said = scorers()[name]
    made = sklearn.metrics.get_scorer(name)
    for target in scoring.OF_FAMILY[said.family]:
        assert scoring.scores(made, target) == (target in said.targets)
    assert said.targets


@pytest.mark.parametrize("dotted", [*releases.section("metrics")["facts"]])
def test_a_metric_takes_what_is_said(dotted: str) -> None:
    said = metric(dotted)
    function = trials.load(dotted)
    if said is None:
        pytest.skip("of another release")
    assert list(said.parameters) == list(inspect.signature(function).parameters)[:2]
    for target in scoring.OF_FAMILY[said.family]:
        y = data("binary" if target == "clusters" else target)[1]
        for name, prediction in scoring.predictions(y, target).items():
            assert scoring.calls(function, y, prediction) == (name in dict(said.takes).get(target, ()))


def test_which_order_of_arguments_matters() -> None:
    names = ("accuracy_score", "mean_squared_error", "r2_score", "precision_score")
    symmetric = {name: said.symmetric for name in names if (said := metric(name)) is not None}
    assert list(symmetric.values()) == [True, True, False, False]


@pytest.mark.parametrize(
    ("name", "needs_y", "needs_groups"),
    [("KFold", False, False), ("StratifiedKFold", True, False), ("GroupKFold", False, True),
     ("LeaveOneGroupOut", False, True), ("TimeSeriesSplit", False, False), ("StratifiedGroupKFold", True, True)],
)  # fmt: skip
def test_what_splitters_need(name: str, needs_y: bool, needs_groups: bool) -> None:
    said = splitter(f"sklearn.model_selection.{name}")
    assert said is not None
    assert (said.needs_y, said.needs_groups) == (needs_y, needs_groups)


# --- the generator -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("section", ["scorers", "metrics", "splitters"])
def test_the_generator_would_write_the_same(section: str) -> None:
    assert releases_at(section) == json.loads(json.dumps(getattr(scoring, section)()))


def test_releases_are_kept_together_and_taken_apart() -> None:
    one: Facts = {"a": {"x": 1, "y": [1]}, "b": {"z": None}}
    two: Facts = {"a": {"x": 2, "y": [1]}}
    three: Facts = {"a": {"x": 2, "y": [1]}, "b": {"z": None}, "c": {"w": 0}}
    whole = merged(merged(merged(None, "1.10", three), "1.2", one), "1.9", two)
    assert whole["releases"] == ["1.2", "1.9", "1.10"]
    assert [at(whole, name) for name in whole["releases"]] == [one, two, three]
    assert at(merged(whole, "1.9", one), "1.9") == one
    assert json.loads(written(whole)) == whole


# --- keywords ------------------------------------------------------------------------------------------------


def test_keywords_are_ranked_by_use() -> None:
    usual = usual_keywords("sklearn.model_selection.train_test_split")
    assert set(usual[:2]) == {"test_size", "random_state"}
    assert usual_keywords("sklearn.nothing") == ()


def test_most_keywords_are_parameters_of_the_newest_release() -> None:
    """Some files were written for older ones."""
    said = [(dotted, name) for dotted in INSTALLED for name in usual_keywords(dotted)]
    known = [name in inspect.signature(INSTALLED[dotted]).parameters for dotted, name in said]
    assert len(known) > 300
    assert sum(known) > 0.95 * len(known)
