"""What a leak is worth: code that evaluates the leaking and the right form on the same splits, for the user to run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.measuring.plan import plan_of
from mlsense.measuring.statements import needed, unchanged
from mlsense.measuring.writing import cell, script

if TYPE_CHECKING:
    from mlsense.rules.finding import Location
    from mlsense.semantics.program import Trace


@dataclass(frozen=True, slots=True)
class Measurement:
    """Code to run: a script of its own, or a cell for a notebook below the cell of that index."""

    code: str
    below: int


def measurement(trace: Trace, rule: str, location: Location) -> Measurement | None:
    """The code for the leak that a finding of the rule tells of; None where it cannot be written with certainty."""
    if trace.broken or trace.names_may_appear:
        return None
    plan = plan_of(trace, rule, location)
    if plan is None:
        return None
    last, _ = trace.statements[plan.end]
    if trace.document.kind == "notebook":
        end = max(number for number, (index, _) in enumerate(trace.statements) if index == last)
        before = () if unchanged(trace, plan.wanted, end) else needed(trace, plan.wanted, plan.leaking)
        movable = before is not None and all(statement.may_move for statement in before)
        code = cell(plan, before, _plots(trace)) if before is not None and movable else None
    else:
        before = needed(trace, plan.wanted, plan.leaking)
        code = None if before is None else script(plan, before, _plots(trace))
    return None if code is None else Measurement(code, last)


def _plots(trace: Trace) -> bool:
    """Whether matplotlib is there, as far as is known."""
    installed = dict(trace.versions.installed)
    return not installed or "matplotlib" in installed


__all__ = ["Measurement", "measurement"]
