"""Our own lines on names: each is on something that is there, none twice, short, and put as a statement."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

import pytest

from mlsense.knowledge.kinds import kind
from mlsense.knowledge.library import Offer, library
from mlsense.knowledge.notes import FOLDER, keys, lines, note, parameter_note
from mlsense.knowledge.releases import section
from mlsense.knowledge.scaling import DECISIVE, NOTICEABLE, minds_scale
from mlsense.knowledge.sklearn import estimator_facts
from mlsense.knowledge.values import allowed

LIBRARIES = sorted(path.stem for path in FOLDER.glob("*.txt"))
NOTES = [(name, *line) for name in LIBRARIES for line in lines(name)]


def offer(name: str) -> Offer:
    found = library(name)
    newest = found.at() if found is not None else None
    if newest is None:
        pytest.skip(f"the base has no {name} yet")
    return newest


@cache
def taken_in(name: str, version: str) -> set[tuple[str, str]]:
    """Parameters that a version has with the last name of what takes them, and with ""."""
    base = library(name)
    at = base.at(version) if base is not None else None
    assert at is not None
    found: set[tuple[str, str]] = set()
    for dotted in at.library._things:
        members = at.members(dotted)
        for each in (dotted, *(f"{dotted}.{method}" for method in (members.methods if members is not None else ()))):
            entry = at.find(each)
            for parameter in entry.signature or () if entry is not None else ():
                found.update(((parameter.name, each.rpartition(".")[2]), (parameter.name, "")))
    return found


@pytest.mark.parametrize("name", LIBRARIES)
def test_every_name_is_in_the_newest_version(name: str) -> None:
    newest = offer(name)
    known = [
        f"{owner}.{subject}"
        for section, subject, _ in lines(name)
        if section not in ("methods", "parameters")
        for owner in section.split(", ")
    ]
    assert known
    assert [dotted for dotted in known if newest.find(dotted) is None] == []


@pytest.mark.parametrize("name", LIBRARIES)
def test_every_method_is_one_of_some_class(name: str) -> None:
    newest = offer(name)
    things = [newest.members(dotted) for dotted in newest.library._things]
    methods = {method for members in things if members is not None for method in members.methods}
    assert [subject for section, subject, _ in lines(name) if section == "methods" and subject not in methods] == []


@pytest.mark.parametrize("name", LIBRARIES)
def test_every_parameter_is_taken_by_what_it_is_said_of(name: str) -> None:
    left = {
        (parameter, owner)
        for section, subject, _ in lines(name)
        if section == "parameters"
        for parameter, _, owner in keys(subject)
    }
    # What newer versions lack is in an older one, and asked for only then.
    for version in reversed(offer(name).library.versions):
        left -= taken_in(name, version) if left else set()
    assert left == set()


def test_every_value_of_a_parameter_of_scikit_learn_is_accepted_somewhere() -> None:
    accepted: set[tuple[str, str]] = set()
    for owner, parameters in section("constraints")["facts"].items():
        for parameter in parameters:
            constraint = allowed(owner, parameter)
            accepted.update((parameter, value) for value in (constraint.literals if constraint is not None else ()))
    said = [
        (parameter, value)
        for part, subject, _ in lines("sklearn")
        if part == "parameters"
        for parameter, value, _ in keys(subject)
        if value is not None
    ]
    assert len(said) > 50
    assert [pair for pair in said if pair not in accepted] == []


def test_nothing_is_said_twice() -> None:
    subjects: Counter[tuple[str, ...]] = Counter()
    for name, part, subject, _ in NOTES:
        if part == "parameters":
            subjects.update((name, part, parameter, str(value), owner) for parameter, value, owner in keys(subject))
        else:
            subjects.update((name, owner, subject) for owner in part.split(", "))
    assert [subject for subject, count in subjects.items() if count > 1] == []


@pytest.mark.parametrize("name", LIBRARIES)
def test_every_line_is_a_short_statement(name: str) -> None:
    wrong = [
        (subject, text)
        for _, subject, text in lines(name)
        if not text.endswith(".")
        or not (text[0].isupper() or text[0].isdigit() or text[0] in "-`(")
        or len(text) > 120
        or re.search(r"\b(may|might|consider|should|could|please|simply|just|easily)\b", text, re.I)
    ]
    assert wrong == []


def test_every_estimator_has_a_line() -> None:
    known = [dotted for dotted in section("kinds")["facts"] if kind(dotted) is not None]
    assert len(known) > 200
    assert [dotted for dotted in known if not note(_public(dotted))] == []


def _public(dotted: str) -> str:
    facts = estimator_facts(dotted)
    return dotted if facts is None else f"{facts.module}.{facts.name}"


def test_what_is_said_of_a_parameter_depends_on_whose_it_is() -> None:
    assert "zero" in parameter_note("sklearn.linear_model.Lasso", "alpha")
    assert "Smoothing" in parameter_note("sklearn.naive_bayes.MultinomialNB", "alpha")
    assert parameter_note("sklearn.linear_model.Ridge", "alpha").startswith("Strength")
    assert parameter_note("sklearn.svm.SVC", "kernel", "rbf") != parameter_note("sklearn.svm.SVC", "kernel")
    assert parameter_note("sklearn.svm.SVC", "kernel", "nonsense") == ""
    assert parameter_note("nowhere.SVC", "kernel") == ""


@pytest.mark.parametrize("name", sorted({*DECISIVE, *NOTICEABLE}))
def test_what_minds_the_scale_of_columns_depends_on_their_units(name: str) -> None:
    known = kind(name)
    assert known is not None
    assert known.scale is not False
    assert minds_scale(known.dotted) == minds_scale(name)


def test_no_estimator_is_in_both_tables() -> None:
    assert DECISIVE.keys().isdisjoint(NOTICEABLE)
    assert minds_scale("sklearn.tree.DecisionTreeClassifier") is None
    assert minds_scale("pandas.DataFrame") is None
