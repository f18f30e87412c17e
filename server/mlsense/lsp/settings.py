"""The user's settings, checked value by value: one that is wrong costs only itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.configuration import NO_CHOICES, Choices, read

if TYPE_CHECKING:
    from mlsense.configuration import Known

SECTION = "mlsense"
PYTHON = ("auto", "on", "off")


@dataclass(frozen=True, slots=True)
class Preferences:
    """What the section `mlsense` of the client's configuration says; see `preferences`."""

    enable: bool = True
    hover: bool = True
    python: str = "auto"
    choices: Choices = NO_CHOICES


def preferences(section: object, known: Known) -> tuple[Preferences, tuple[str, ...]]:
    """The preferences in one configuration section, and a line for each value that could not be used.

    `known` are the options of every rule by its name. What is missing or cannot be used has its default.
    """
    reader = _Reader(section)
    choices, complaints = read(section, known)
    chosen = Preferences(
        enable=reader.flag("enable", default=True),
        hover=reader.flag("hover.enable", default=True),
        python=reader.choice("completion.python", PYTHON),
        choices=choices,
    )
    of_rules = (f"Setting `{'.'.join((SECTION, *each.key))}` {each.what}" for each in complaints)
    return chosen, (*reader.complaints, *of_rules)


class _Reader:
    def __init__(self, section: object) -> None:
        self._section = section
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
