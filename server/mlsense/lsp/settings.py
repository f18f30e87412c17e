"""The user's settings, checked value by value: one that is wrong costs only itself."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal, TypeVar

from mlsense.rules.finding import Severity

if TYPE_CHECKING:
    from mlsense.analysis import Settings
    from mlsense.knowledge.versions import Versions

SECTION = "mlsense"
PYTHON = ("auto", "on", "off")
LEVELS = (*(severity.value for severity in Severity), "off")

Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the section `mlsense` of the client's configuration says; see `preferences`."""

    enable: bool = True
    hover: bool = True
    python: str = "auto"
    select: frozenset[str] | None = None
    ignore: frozenset[str] = frozenset()
    severities: tuple[tuple[str, str], ...] = ()


def preferences(section: object, names: Collection[str]) -> tuple[Preferences, tuple[str, ...]]:
    """The preferences in one configuration section, and a line for each value that could not be used.

    `names` are the names of all rules. What is missing or cannot be used has its default.
    """
    reader = _Reader(section, names)
    read = Preferences(
        enable=reader.flag("enable", default=True),
        hover=reader.flag("hover.enable", default=True),
        python=reader.choice("completion.python", PYTHON),
        select=reader.rules("select"),
        ignore=reader.rules("ignore") or frozenset(),
        severities=reader.severities("severities"),
    )
    return read, tuple(reader.complaints)


def analysis_settings(chosen: Preferences, versions: Versions) -> Settings:
    """What the analysis needs to know of the preferences, and the versions of the libraries in force."""
    from mlsense.analysis import Settings  # The server answers `initialize` before it loads the analysis.

    levels: dict[str, Severity | Literal["off"]] = {
        rule: "off" if level == "off" else Severity(level) for rule, level in chosen.severities
    }
    return Settings.of(select=chosen.select, ignore=chosen.ignore, severities=levels, versions=versions)


class _Reader:
    def __init__(self, section: object, names: Collection[str]) -> None:
        self._section = section
        self._names = names
        self.complaints: list[str] = []
        if section is not None and not isinstance(section, Mapping):
            self._complain(SECTION, "is not an object of settings. Defaults are used.")

    def flag(self, name: str, *, default: bool) -> bool:
        value = self._value(name)
        if value is None or isinstance(value, bool):
            return default if value is None else value
        self._complain(f"{SECTION}.{name}", f"must be true or false. `{str(default).lower()}` is used.")
        return default

    def choice(self, name: str, choices: Sequence[str]) -> str:
        """One of the choices, the first of which is the default."""
        value = self._value(name)
        if value is None or value in choices:
            return choices[0] if value is None else str(value)
        self._complain(f"{SECTION}.{name}", f"must be one of {', '.join(choices)}. `{choices[0]}` is used.")
        return choices[0]

    def rules(self, name: str) -> frozenset[str] | None:
        value = self._value(name)
        if value is None:
            return None
        if not isinstance(value, (list, tuple)) or not all(isinstance(item, str) for item in value):
            self._complain(f"{SECTION}.{name}", "must be a list of rule names. It is left out.")
            return None
        known = frozenset(item for item in value if self._known(f"{SECTION}.{name}", item))
        # A list of nothing but slips of the pen must not select nothing.
        return known if known or not value else None

    def severities(self, name: str) -> tuple[tuple[str, str], ...]:
        value = self._value(name)
        if value is None:
            return ()
        if not isinstance(value, Mapping):
            self._complain(f"{SECTION}.{name}", 'must be an object such as {"rule": "error"}. It is left out.')
            return ()
        return tuple(sorted((rule, level) for rule, level in value.items() if self._usable(name, rule, level)))

    def _usable(self, name: str, rule: str, level: object) -> bool:
        setting = f"{SECTION}.{name}"
        if not self._known(setting, rule):
            return False
        if level not in LEVELS:
            self._complain(f"{setting}.{rule}", f"must be one of {', '.join(LEVELS)}. It is left out.")
            return False
        return True

    def _known(self, setting: str, rule: str) -> bool:
        if rule in self._names:
            return True
        near = get_close_matches(rule, self._names, n=1)
        hint = f"Did you mean `{near[0]}`?" if near else "`mlsense rule` lists them all."
        self._complain(setting, f"names `{rule}`, and there is no such rule. {hint}")
        return False

    def _value(self, name: str) -> object:
        """The value of a setting, nested or flat: clients send `hover.enable` either way. None: not set."""
        node: object = self._section
        if isinstance(node, Mapping) and name in node:
            return node[name]
        for part in name.split("."):
            if not isinstance(node, Mapping):
                return None
            node = node.get(part)
        return node

    def _complain(self, setting: str, what: str) -> None:
        self.complaints.append(f"Setting `{setting}` {what}")
