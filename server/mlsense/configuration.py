"""What users set, wherever they set it: the same keys in the editor's settings and in `pyproject.toml`.

Values are checked one by one: one that is wrong costs only itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, TypeGuard

from mlsense.rules.finding import Severity

if TYPE_CHECKING:
    from mlsense.analysis import Level, Preset, Settings
    from mlsense.environment.table import Table
    from mlsense.knowledge.versions import Versions
    from mlsense.rules.option import Option, Value

    Known = Mapping[str, tuple[Option, ...]]

KEYS = ("preset", "select", "ignore", "rules")
PRESETS: tuple[Preset, ...] = ("recommended", "all", "teaching")
LEVELS = (*(severity.value for severity in Severity), "off")
SEVERITY = "severity"


@dataclass(frozen=True, slots=True)
class Choices:
    """What one source sets, or several together. None: not set.

    `levels` are severities, or `off`, by rule; `options` values by rule and option.
    """

    preset: Preset | None = None
    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    levels: tuple[tuple[str, str], ...] = ()
    options: tuple[tuple[tuple[str, str], Value], ...] = ()

    def over(self, other: Choices) -> Choices:
        """Both together: what is set here counts more, and what either ignores is ignored."""
        return Choices(
            self.preset or other.preset,
            other.select if self.select is None else self.select,
            self.ignore | other.ignore,
            tuple(sorted({**dict(other.levels), **dict(self.levels)}.items())),
            tuple(sorted({**dict(other.options), **dict(self.options)}.items())),
        )


NO_CHOICES = Choices()


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with the value of a key, and what is done about it; `value` is the part of it that is wrong."""

    key: tuple[str, ...]
    what: str
    value: str = ""


def read(section: object, known: Known) -> tuple[Choices, tuple[Complaint, ...]]:
    """What a mapping of settings chooses, of which other keys are not read. `known` are the options of all rules."""
    reader = _Reader(section if isinstance(section, Mapping) else {}, known)
    levels, options = reader.rules()
    choices = Choices(
        reader.preset(),
        reader.names("select"),
        reader.names("ignore") or frozenset(),
        tuple(sorted(levels.items())),
        tuple(sorted(options.items())),
    )
    return choices, tuple(reader.complaints)


def of_table(table: Table, known: Known, file: str) -> tuple[Choices, tuple[str, ...]]:
    """What `[tool.mlsense]` chooses, and a line for each value that could not be used: `file`, line, what to do."""
    if table.problem is not None:
        return NO_CHOICES, (f"{file}:{table.problem_line()}: {table.problem}. Nothing in it is used.",)
    choices, complaints = read(table.values, known)
    strange = [
        Complaint((key,), f"is no setting of MLSense. {_near(key, KEYS) or 'There are ' + ', '.join(KEYS) + '.'}")
        for key in table.values
        if key not in KEYS and not key.startswith("rules.")
    ]
    return choices, tuple(
        f"{file}:{table.line(each.key, each.value)}: `tool.mlsense.{'.'.join(each.key)}` {each.what}"
        for each in (*complaints, *strange)
    )


def analysis_settings(choices: Choices, versions: Versions) -> Settings:
    """What the analysis needs to know of the choices, and the versions of the libraries in force."""
    from mlsense.analysis import Settings  # The server answers `initialize` before it loads the analysis.

    levels: dict[str, Level] = {rule: "off" if level == "off" else Severity(level) for rule, level in choices.levels}
    options: dict[str, dict[str, Value]] = {}
    for (rule, option), value in choices.options:
        options.setdefault(rule, {})[option] = value
    return Settings.of(
        choices.select, choices.ignore, levels, versions, preset=choices.preset or "recommended", options=options
    )


class _Reader:
    def __init__(self, section: Mapping[object, object], known: Known) -> None:
        self._section = section
        self._known = known
        self.complaints: list[Complaint] = []

    def preset(self) -> Preset | None:
        value = self._section.get("preset")
        found = next((preset for preset in PRESETS if preset == value), None)
        if value is not None and found is None:
            self._complain(("preset",), f"must be one of {', '.join(PRESETS)}. It is left out.")
        return found

    def names(self, key: str) -> frozenset[str] | None:
        value = self._section.get(key)
        if value is None:
            return None
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            self._complain((key,), "must be a list of rule names. It is left out.")
            return None
        known = frozenset(item for item in value if self._is_rule((key,), item))
        # A list of nothing but slips of the pen must not select nothing.
        return known if known or not value else None

    def rules(self) -> tuple[dict[str, str], dict[tuple[str, str], Value]]:
        """Levels by rule, and values by rule and option."""
        levels: dict[str, str] = {}
        options: dict[tuple[str, str], Value] = {}
        for rule, value in self._by_rule():
            if value is None or not self._is_rule(("rules",), rule):
                continue
            settings = value if isinstance(value, Mapping) else {SEVERITY: value}
            for name, chosen in settings.items():
                key = ("rules", rule, str(name)) if isinstance(value, Mapping) else ("rules", rule)
                if chosen is None:
                    continue
                if name == SEVERITY:
                    level = self._level(key, chosen)
                    levels.update({rule: level} if level is not None else {})
                elif self._is_option(chosen, key, rule, str(name)):
                    options[rule, str(name)] = chosen
        return levels, options

    def _by_rule(self) -> Iterator[tuple[str, object]]:
        """The values of `rules`, and of flat keys such as `rules.fit-on-test`, which some clients send."""
        rules = self._section.get("rules")
        if isinstance(rules, Mapping):
            yield from ((str(rule), value) for rule, value in rules.items())
        elif rules is not None:
            self._complain(
                ("rules",), "must have levels by the names of rules, such as `off` for `fit-on-test`. It is left out."
            )
        for key, value in self._section.items():
            if isinstance(key, str) and key.startswith("rules."):
                rule, _, option = key.removeprefix("rules.").partition(".")
                yield rule, {option: value} if option else value

    def _level(self, key: tuple[str, ...], value: object) -> str | None:
        if isinstance(value, str) and value in LEVELS:
            return value
        self._complain(key, f"must be one of {', '.join(LEVELS)}. It is left out.")
        return None

    def _is_option(self, value: object, key: tuple[str, ...], rule: str, name: str) -> TypeGuard[Value]:
        options = {option.name: option for option in self._known[rule]}
        if name not in options:
            names = (SEVERITY, *options)
            instead = _near(name, names) or f"It has {', '.join(f'`{each}`' for each in names)}."
            self._complain(key, f"is no option of the rule. {instead}")
            return False
        if not options[name].accepts(value):
            self._complain(key, f"must be {options[name].takes}. It is left out.")
            return False
        return True

    def _is_rule(self, key: tuple[str, ...], name: str) -> bool:
        if name in self._known:
            return True
        hint = _near(name, self._known) or "`mlsense rule` lists them all."
        self._complain(key, f"names `{name}`, and there is no such rule. {hint}", name)
        return False

    def _complain(self, key: tuple[str, ...], what: str, value: str = "") -> None:
        self.complaints.append(Complaint(key, what, value))


def _near(name: str, names: Sequence[str] | Known) -> str:
    near = get_close_matches(name, names, n=1)
    return f"Did you mean `{near[0]}`?" if near else ""


__all__ = ["KEYS", "LEVELS", "NO_CHOICES", "PRESETS", "Choices", "Complaint", "analysis_settings", "of_table", "read"]
