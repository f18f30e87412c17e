"""What is said of a parameter in a list or a signature: default, allowed values, versions. Facts of the base only."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.knowledge.keywords import usual_keywords
from mlsense.knowledge.values import allowed

if TYPE_CHECKING:
    from mlsense.completion.scene import Callee
    from mlsense.knowledge.library import Parameter
    from mlsense.knowledge.values import Constraint, Interval

MOST_VALUES = 12
_TYPES = {"n": "None", "b": "bool", "i": "int", "f": "float", "s": "str"}


def notes(callee: Callee, parameter: Parameter) -> str:
    """Markdown, a line for each thing; empty where nothing is known."""
    lines = []
    if is_deprecated(parameter):
        instead = f", use `{parameter.replacement}`" if parameter.replacement else ""
        lines.append(f"Deprecated since {callee.offer.library.distribution} {parameter.deprecated}{instead}.")
    if parameter.default not in (None, "..."):
        lines.append(f"Default: `{parameter.default}`")
    said = _accepted(callee, parameter)
    if said:
        lines.append(f"Takes: {said}")
    if parameter.since and is_dated(callee, parameter):
        lines.append(f"New in {callee.offer.library.distribution} {parameter.since}")
    return "  \n".join(lines)


def is_deprecated(parameter: Parameter) -> bool:
    return parameter.deprecated is not None and parameter.replacement != parameter.name


def is_dated(callee: Callee, parameter: Parameter) -> bool:
    """Whether a known version does not have it: what is older than all of them is news to nobody."""
    return parameter.since in callee.offer.library.versions[1:]


def usual(callee: Callee) -> tuple[str, ...]:
    """The keywords people set, most often set first, by whichever name they import it."""
    names = [callee.dotted, callee.entry.name]
    names += [f"tensorflow.{name}" for name in names if name.startswith("keras.")]
    return next((found for name in names if (found := usual_keywords(name))), ())


def _accepted(callee: Callee, parameter: Parameter) -> str:
    constraint = allowed(callee.entry.name, parameter.name, callee.version)
    if constraint is not None:
        return _constraint(constraint)
    listed = [f"`{value!r}`" for value in parameter.values]
    return ", ".join(listed) + (", ..." if listed and parameter.other_values else "")


def _constraint(constraint: Constraint) -> str:
    parts = [f"`{value!r}`" for value in constraint.literals]
    if len(parts) > MOST_VALUES:
        parts = [*parts[:MOST_VALUES], "..."]
    parts += [f"`{value!r}`" for value in constraint.values]
    parts += [_interval(interval) for interval in constraint.intervals]
    parts += ["True or False" for kind in constraint.kinds if kind == "b"]
    parts += [kind for kind in constraint.types if kind not in ("None", "boolean", "bool")]
    parts += ["None" for kind in constraint.kinds if kind == "n"]
    return ", ".join(dict.fromkeys(parts))


def _interval(interval: Interval) -> str:
    kind = {"int": "int", "real": "number", "float": "float"}.get(interval.kind, interval.kind)
    low, high = interval.low, interval.high
    at_least = "\u2265" if interval.closed in ("left", "both") else ">"
    at_most = "\u2264" if interval.closed in ("right", "both") else "<"
    bounds = [f"{at_least} {low:g}"] if low is not None else []
    bounds += [f"{at_most} {high:g}"] if high is not None else []
    return " ".join([kind, " and ".join(bounds)]).strip()
