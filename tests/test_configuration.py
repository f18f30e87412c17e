"""One reader for all sources of settings: what it takes, what it complains of, what counts more."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsense.configuration import NO_CHOICES, Choices, analysis_settings, of_table, read
from mlsense.environment.table import table_in
from mlsense.knowledge.versions import NO_VERSIONS
from mlsense.rules.finding import Severity
from mlsense.rules.option import Option

RATIO = Option("ratio", 10.0, "How many times.", least=1)
KNOWN = {
    "fit-on-test": (),
    "return-in-loop": (),
    "unscaled": (
        RATIO,
        Option("steps", 500, "How many.", least=1, most=9),
        Option("strict", False, "Whether."),
        Option("mode", "soft", "Which.", choices=("soft", "hard")),
    ),
}


@pytest.mark.parametrize("section", [None, 7, {}, {"rules": {}}, {"preset": None, "rules": {"fit-on-test": None}}])
def test_what_is_not_set_is_left_open(section: object) -> None:
    assert read(section, KNOWN) == (NO_CHOICES, ())


def test_every_key_is_read() -> None:
    section = {
        "preset": "teaching",
        "select": ["unscaled"],
        "ignore": ("fit-on-test",),
        "rules": {"return-in-loop": "hint", "unscaled": {"severity": "off", "ratio": 3, "strict": True}},
        "enable": 3,
    }
    assert read(section, KNOWN) == (
        Choices(
            "teaching",
            frozenset({"unscaled"}),
            frozenset({"fit-on-test"}),
            (("return-in-loop", "hint"), ("unscaled", "off")),
            ((("unscaled", "ratio"), 3), (("unscaled", "strict"), True)),
        ),
        (),
    )


def test_flat_keys_are_read_and_count_more() -> None:
    section = {"rules": {"unscaled": "error"}, "rules.unscaled": "hint", "rules.unscaled.ratio": 2.5}
    assert read(section, KNOWN) == (
        Choices(levels=(("unscaled", "hint"),), options=((("unscaled", "ratio"), 2.5),)),
        (),
    )


@pytest.mark.parametrize(
    ("section", "key", "what"),
    [
        ({"preset": "everything"}, "preset", "must be one of recommended, all, teaching. It is left out."),
        ({"select": "all"}, "select", "must be a list of rule names. It is left out."),
        ({"ignore": [1]}, "ignore", "must be a list of rule names. It is left out."),
        (
            {"select": ["fit-on-tset"]},
            "select",
            "names `fit-on-tset`, and there is no such rule. Did you mean `fit-on-test`?",
        ),
        ({"ignore": ["x"]}, "ignore", "names `x`, and there is no such rule. `mlsense rule` lists them all."),
        (
            {"rules": ["error"]},
            "rules",
            "must have levels by the names of rules, such as `off` for `fit-on-test`. It is left out.",
        ),
        (
            {"rules": {"unscald": {"ratio": 1}}},
            "rules",
            "names `unscald`, and there is no such rule. Did you mean `unscaled`?",
        ),
        (
            {"rules": {"unscaled": "fatal"}},
            "rules.unscaled",
            "must be one of error, warning, information, hint, off. It is left out.",
        ),
        (
            {"rules": {"unscaled": {"severity": []}}},
            "rules.unscaled.severity",
            "must be one of error, warning, information, hint, off. It is left out.",
        ),
        (
            {"rules": {"unscaled": {"ration": 3}}},
            "rules.unscaled.ration",
            "is no option of the rule. Did you mean `ratio`?",
        ),
        ({"rules": {"fit-on-test": {"x": 3}}}, "rules.fit-on-test.x", "is no option of the rule. It has `severity`."),
        (
            {"rules": {"unscaled": {"ratio": 0.5}}},
            "rules.unscaled.ratio",
            "must be a number of at least 1. It is left out.",
        ),
        (
            {"rules": {"unscaled": {"ratio": "3"}}},
            "rules.unscaled.ratio",
            "must be a number of at least 1. It is left out.",
        ),
        (
            {"rules": {"unscaled": {"steps": 1.5}}},
            "rules.unscaled.steps",
            "must be a whole number of at least 1 and at most 9. It is left out.",
        ),
        (
            {"rules": {"unscaled": {"steps": True}}},
            "rules.unscaled.steps",
            "must be a whole number of at least 1 and at most 9. It is left out.",
        ),
        (
            {"rules": {"unscaled": {"strict": 1}}},
            "rules.unscaled.strict",
            "must be true or false. It is left out.",
        ),
        (
            {"rules": {"unscaled": {"mode": "mild"}}},
            "rules.unscaled.mode",
            "must be one of soft, hard. It is left out.",
        ),
    ],
)
def test_a_wrong_value_is_named_and_left_out(section: object, key: str, what: str) -> None:
    choices, complaints = read(section, KNOWN)
    assert choices == NO_CHOICES
    assert [(".".join(each.key), each.what) for each in complaints] == [(key, what)]


def test_a_wrong_value_costs_only_itself() -> None:
    section = {"preset": 1, "ignore": ["x", "fit-on-test"], "rules": {"unscaled": {"severity": "loud", "ratio": 2}}}
    choices, complaints = read(section, KNOWN)
    assert choices == Choices(ignore=frozenset({"fit-on-test"}), options=((("unscaled", "ratio"), 2),))
    assert len(complaints) == 3


def test_an_empty_selection_selects_nothing() -> None:
    assert read({"select": []}, KNOWN)[0].select == frozenset()


def test_the_nearer_source_counts_more_key_by_key() -> None:
    near = Choices(None, None, frozenset({"a"}), (("x", "off"),), ((("x", "ratio"), 2),))
    far = Choices(
        "all",
        frozenset({"x"}),
        frozenset({"b"}),
        (("x", "error"), ("y", "hint")),
        ((("x", "ratio"), 3), (("x", "n"), 4)),
    )
    assert near.over(far) == Choices(
        "all",
        frozenset({"x"}),
        frozenset({"a", "b"}),
        (("x", "off"), ("y", "hint")),
        ((("x", "n"), 4), (("x", "ratio"), 2)),
    )
    assert near.over(NO_CHOICES) == NO_CHOICES.over(near) == near


def test_choices_become_settings_of_the_analysis() -> None:
    choices = Choices("teaching", None, frozenset({"a"}), (("x", "off"), ("y", "hint")), ((("y", "ratio"), 2),))
    settings = analysis_settings(choices, NO_VERSIONS)
    assert settings.preset == "teaching"
    assert settings.ignore == {"a"}
    assert settings.severities == {"x": "off", "y": Severity.HINT}
    assert settings.options == (("y", (("ratio", 2),)),)
    assert analysis_settings(NO_CHOICES, NO_VERSIONS).preset == "recommended"


TABLE = """\
[project]
name = "houses"  # mlsense

[tool.mlsense]
preset = "teach"
select = [
    "unscaled",
    "unscald",
]
chatter = true

[tool.mlsense.rules]
fit-on-test = "eror"
"unscaled" = { severity = "hint", ratio = 0 }
return-in-loop.steps = 3

[tool.other]
preset = 1
"""


def test_complaints_of_a_file_say_where_and_what_to_do() -> None:
    table = table_in("/home/ada/pyproject.toml", TABLE)
    assert table is not None
    choices, lines = of_table(table, KNOWN, "pyproject.toml")
    assert choices == Choices(select=frozenset({"unscaled"}), levels=(("unscaled", "hint"),))
    assert set(lines) == {
        "pyproject.toml:5: `tool.mlsense.preset` must be one of recommended, all, teaching. It is left out.",
        "pyproject.toml:8: `tool.mlsense.select` names `unscald`, and there is no such rule. Did you mean `unscaled`?",
        "pyproject.toml:10: `tool.mlsense.chatter` is no setting of MLSense. There are preset, select, ignore, rules.",
        "pyproject.toml:13: `tool.mlsense.rules.fit-on-test` must be one of error, warning, information, hint, off. "
        "It is left out.",
        "pyproject.toml:14: `tool.mlsense.rules.unscaled.ratio` must be a number of at least 1. It is left out.",
        "pyproject.toml:15: `tool.mlsense.rules.return-in-loop.steps` is no option of the rule. It has `severity`.",
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("[tool.mlsense]\npreset = 'all'\nselect = [\n", 4),
        ("[tool.mlsense]\n\npreset == 'all'\n", 3),
        ("[tool]\nmlsense = 3\n", 2),
    ],
)
def test_a_file_that_cannot_be_read_says_so_once(text: str, line: int) -> None:
    table = table_in("pyproject.toml", text)
    assert table is not None
    choices, [complaint] = of_table(table, KNOWN, "pyproject.toml")
    assert choices == NO_CHOICES
    assert complaint.startswith(f"pyproject.toml:{line}: ")
    assert complaint.endswith(". Nothing in it is used.")


@pytest.mark.parametrize(
    "text", ["", "[tool.ruff]\nx = 1\n", "[tool.ruff]\nx = = 1\n", "[project]\nname = 'mlsense'\n"]
)
def test_a_file_that_says_nothing_of_it_is_none(text: str) -> None:
    assert table_in("pyproject.toml", text) is None


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_lines_are_those_of_the_editor(ending: str) -> None:
    table = table_in("pyproject.toml", "# first\n[tool.mlsense]\npreset = 1\n".replace("\n", ending))
    assert table is not None
    assert table.line(("preset",)) == 3
    assert table.line(("rules", "x")) == 2


KEYS = st.sampled_from(
    ["preset", "select", "ignore", "rules", "rules.unscaled", "rules.unscaled.ratio", "rules.", "unscaled", "severity"]
)
NAMES = KEYS | st.sampled_from(["fit-on-test", "ratio", "steps", "strict", "mode", "error", "off", "all"]) | st.text()
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | NAMES,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@given(JSON | st.dictionaries(KEYS, JSON))
def test_any_json_is_survived(section: object) -> None:
    choices, complaints = read(section, KNOWN)
    hash(analysis_settings(choices.over(NO_CHOICES), NO_VERSIONS))
    assert all(each.what.endswith((".", "?")) for each in complaints)


def toml(key: str, value: object) -> str:
    if isinstance(value, dict):
        inner = ", ".join(toml(name, each) for name, each in value.items() if each is not None)
        return f"{json.dumps(key)} = {{ {inner} }}"
    return f"{json.dumps(key)} = {json.dumps(value)}"


@given(st.dictionaries(KEYS, JSON), st.integers(0, 200), st.text(max_size=3))
def test_any_toml_is_survived(section: dict[str, object], place: int, noise: str) -> None:
    """As it is, and with something thrown in."""
    lines = [toml(key, value) for key, value in section.items()]
    text = "\n".join(["[tool.mlsense]", *lines, ""])
    for each in (text, text[:place] + noise + text[place:]):
        table = table_in("pyproject.toml", each)
        _, complaints = of_table(table, KNOWN, "pyproject.toml") if table is not None else (None, ())
        assert all(1 <= int(line.split(":")[1]) <= each.count("\n") + 1 for line in complaints)
