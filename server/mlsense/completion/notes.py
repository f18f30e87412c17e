"""What is said of an argument besides its name, and which come first."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mlsense.knowledge.keywords import usual_keywords

if TYPE_CHECKING:
    from mlsense.completion.scene import Callee
    from mlsense.knowledge.library import Parameter


def default_of(parameter: Parameter) -> str:
    return "" if parameter.default in (None, "...") else str(parameter.default)


def is_deprecated(parameter: Parameter) -> bool:
    return parameter.deprecated is not None and parameter.replacement != parameter.name


def about(callee: Callee, parameter: Parameter, value: str | None = None) -> dict[str, Any]:
    """What an entry keeps, so that its documentation can be asked for: see `documentation`."""
    kept = {"name": callee.dotted, "parameter": parameter.name}
    return kept if value is None else {**kept, "value": value}


def usual(callee: Callee) -> tuple[str, ...]:
    """The keywords people set, most often set first, by whichever name they import it."""
    names = [callee.dotted, callee.entry.name]
    names += [f"tensorflow.{name}" for name in names if name.startswith("keras.")]
    return next((found for name in names if (found := usual_keywords(name))), ())
