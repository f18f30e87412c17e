from __future__ import annotations

import pytest

from mlsense.configuration import Choices
from mlsense.lsp.settings import Preferences, preferences
from mlsense.rules.option import Option

KNOWN: dict[str, tuple[Option, ...]] = {"fit-before-split": (), "return-in-loop": ()}


@pytest.mark.parametrize(
    "section", [None, {}, {"select": None, "ignore": [], "rules": {}, "preset": None, "hover": {}}]
)
def test_what_is_not_set_has_its_default(section: object) -> None:
    assert preferences(section, KNOWN) == (Preferences(), ())


@pytest.mark.parametrize("hover", [{"hover": {"enable": False}}, {"hover.enable": False}])
def test_every_setting_is_read_nested_or_flat(hover: dict[str, object]) -> None:
    section = {
        "enable": False,
        "select": ["fit-before-split"],
        "ignore": ("return-in-loop",),
        "preset": "all",
        "rules": {"return-in-loop": "error", "fit-before-split": "off"},
        **hover,
    }
    assert preferences(section, KNOWN) == (
        Preferences(
            enable=False,
            hover=False,
            choices=Choices(
                "all",
                frozenset({"fit-before-split"}),
                frozenset({"return-in-loop"}),
                (("fit-before-split", "off"), ("return-in-loop", "error")),
            ),
        ),
        (),
    )


@pytest.mark.parametrize(
    ("section", "complaint"),
    [
        (7, "Setting `mlsense` is not an object of settings. Defaults are used."),
        ({"enable": "yes"}, "Setting `mlsense.enable` must be true or false. `true` is used."),
        ({"hover": {"enable": 0}}, "Setting `mlsense.hover.enable` must be true or false. `true` is used."),
        ({"select": "all"}, "Setting `mlsense.select` must be a list of rule names. It is left out."),
        ({"ignore": [1]}, "Setting `mlsense.ignore` must be a list of rule names. It is left out."),
        (
            {"select": ["fit-before-spilt"]},
            "Setting `mlsense.select` names `fit-before-spilt`, and there is no such rule. "
            "Did you mean `fit-before-split`?",
        ),
        (
            {"ignore": ["x"]},
            "Setting `mlsense.ignore` names `x`, and there is no such rule. `mlsense rule` lists them all.",
        ),
        (
            {"rules": ["error"]},
            "Setting `mlsense.rules` must have levels by the names of rules, such as `off` for `fit-on-test`. "
            "It is left out.",
        ),
        (
            {"rules": {"return-in-loop": "fatal"}},
            "Setting `mlsense.rules.return-in-loop` must be one of error, warning, information, hint, "
            "off. It is left out.",
        ),
    ],
)
def test_a_wrong_setting_is_named_and_its_default_used(section: object, complaint: str) -> None:
    assert preferences(section, KNOWN) == (Preferences(), (complaint,))


def test_an_empty_selection_selects_nothing() -> None:
    assert preferences({"select": []}, KNOWN) == (Preferences(choices=Choices(select=frozenset())), ())


def test_a_wrong_setting_costs_only_itself() -> None:
    chosen, complaints = preferences({"select": 1, "ignore": ["x", "return-in-loop"], "enable": False}, KNOWN)
    assert chosen == Preferences(enable=False, choices=Choices(ignore=frozenset({"return-in-loop"})))
    assert len(complaints) == 2
