"""What users may decide for themselves in a rule: a limit that is a matter of taste."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeGuard

Value = bool | int | float | str
_TYPES = {bool: "boolean", int: "integer", float: "number", str: "string"}
_WORDS = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}


@dataclass(frozen=True, slots=True)
class Option:
    """Handed to the check by its name. What it takes has the type of `default`, and keeps within the limits given."""

    name: str
    default: Value
    description: str
    least: float | None = None
    most: float | None = None
    choices: tuple[str, ...] = ()

    @property
    def takes(self) -> str:
        """What may be set, in words."""
        if self.choices:
            return "one of " + ", ".join(self.choices)
        limits = [
            f"{word} {limit:g}"
            for word, limit in (("at least", self.least), ("at most", self.most))
            if limit is not None
        ]
        return " of ".join(
            [_WORDS[type(self.default)], " and ".join(limits)] if limits else [_WORDS[type(self.default)]]
        )

    def accepts(self, value: object) -> TypeGuard[Value]:
        """Whether it may be set to this."""
        kind = type(self.default)
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            return type(value) is kind and (not self.choices or value in self.choices)
        if kind not in (int, float) or not math.isfinite(value) or (kind is int and not float(value).is_integer()):
            return False
        return (self.least is None or value >= self.least) and (self.most is None or value <= self.most)

    def schema(self) -> dict[str, Any]:
        """As JSON Schema."""
        limits = {"minimum": self.least, "maximum": self.most, "enum": list(self.choices) or None}
        return {
            "type": _TYPES[type(self.default)],
            **{key: limit for key, limit in limits.items() if limit is not None},
            "default": self.default,
            "markdownDescription": self.description,
        }
