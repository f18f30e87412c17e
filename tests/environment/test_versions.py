"""Versions and ranges, held against the library that is the reference for them."""

from __future__ import annotations

import itertools

import pytest
from packaging.specifiers import SpecifierSet
from packaging.version import Version as Reference

from mlsense.knowledge.versions import NEWEST, InForce, Pin, Versions, exact, version, within
from mlsense.rules.offering import offered_in

SOME = (
    "0.24.2",
    "1.0",
    "1.0.0",
    "1.0.1",
    "1.2.0rc1",
    "1.3.dev0",
    "1.3a1",
    "1.3",
    "1.3.post1",
    "1.9",
    "1.10",
    "2.0",
    "3.1",
)


def test_versions_sort_as_the_reference_sorts_them() -> None:
    for left, right in itertools.product(SOME, SOME):
        ours = (version(left) < version(right), version(left) == version(right))  # type: ignore[operator]
        assert ours == (Reference(left) < Reference(right), Reference(left) == Reference(right)), (left, right)


@pytest.mark.parametrize("text", ["", "main", "latest", "${version}", "@"])
def test_what_is_no_version_is_none(text: str) -> None:
    assert version(text) is None
    assert within("1.0", f">={text}" if text else "nonsense") is None


@pytest.mark.parametrize(
    "specifier",
    ["", ">=1.3,<1.5", "==1.3", "==1.3.*", "!=1.3.*", "~=1.0.1", "~=1.2", "<2", ">1.0", ">= 1.0 , != 1.3", "<=1.9"],
)
def test_ranges_hold_as_in_the_reference(specifier: str) -> None:
    finals = [text for text in SOME if not Reference(text).is_prerelease and not Reference(text).is_postrelease]
    for text in finals:
        assert within(text, specifier) is SpecifierSet(specifier).contains(text), (text, specifier)


@pytest.mark.parametrize(
    ("specifier", "inside", "outside"),
    [
        ("^1.3", ("1.3", "1.9.2"), ("1.2", "2.0")),
        ("^0.24.1", ("0.24.2",), ("0.25", "0.24.0")),
        ("~1.3", ("1.3.4",), ("1.4",)),
        ("=1.3", ("1.3.4", "1.3"), ("1.30", "1.4")),
        ("*", ("0.1", "9"), ()),
    ],
)
def test_the_ranges_of_poetry_and_conda(specifier: str, inside: tuple[str, ...], outside: tuple[str, ...]) -> None:
    assert all(within(each, specifier) for each in inside)
    assert not any(within(each, specifier) for each in outside)


def test_exact_versions() -> None:
    assert exact("==2.1.0+cu118") == "2.1.0"
    assert [exact(each) for each in ("===1.0", "== 1.0", "==1.*", ">=1", "==1,<2", "")] == ["1.0", "1.0"] + [None] * 4


def test_what_is_installed_counts_before_what_is_pinned_before_the_newest() -> None:
    known = ("1.0", "1.9", "1.10", "2.0rc1")
    pinned = (("pandas", Pin("==2.2", "pyproject.toml")), ("scikit-learn", Pin(">=1.0,<1.10", "pyproject.toml")))
    assert Versions().in_force("sklearn", known) == InForce("1.10", NEWEST)
    assert Versions().in_force("sklearn") == InForce(None, NEWEST)
    with_pins = Versions(pinned=pinned)
    assert with_pins.in_force("sklearn.linear_model", known) == InForce("1.9", "pyproject.toml", ">=1.0,<1.10")
    assert with_pins.in_force("sklearn") == InForce(None, "pyproject.toml", ">=1.0,<1.10")
    assert with_pins.in_force("pandas", ("3.0",)) == InForce("2.2", "pyproject.toml", "==2.2")
    both = Versions(".venv", (("scikit-learn", "1.9.1"),), pinned)
    assert both.in_force("sklearn", known) == InForce("1.9.1", ".venv")
    assert both.in_force("pandas").version == "2.2"
    assert [name for name, _ in both.known()] == ["scikit-learn", "pandas"]


def test_a_range_nothing_known_is_in_gives_no_version() -> None:
    pinned = Versions(pinned=(("numpy", Pin(">=99", "requirements.txt")),))
    assert pinned.in_force("numpy", ("1.26", "2.0")) == InForce(None, "requirements.txt", ">=99")


def test_conda_calls_pytorch_otherwise() -> None:
    assert Versions("ml", (("pytorch", "2.1.0"),)).in_force("torch.nn").version == "2.1.0"


def test_a_minor_version_stands_for_its_corrections() -> None:
    known = ("1.2", "1.3", "1.4")
    for range_, newest in (("~=1.3.3", "1.3"), (">=1.2.1,<1.3", "1.2"), (">=1.4.2", "1.4"), ("~=1.5.0", None)):
        pinned = Versions(pinned=(("pandas", Pin(range_, "requirements.txt")),))
        assert pinned.in_force("pandas", known).version == newest


def test_of_a_range_nothing_known_is_in_nothing_is_offered() -> None:
    assert offered_in(Versions(pinned=(("numpy", Pin("~=1.19.5", "requirements.txt")),)), "numpy") is None
    older = offered_in(Versions(pinned=(("pandas", Pin("~=1.3.3", "requirements.txt")),)), "pandas")
    assert older is not None
    assert older.find("pandas.DataFrame.append") is not None
