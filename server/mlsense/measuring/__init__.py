"""What a leak is worth: code that evaluates the leaking and the right form on the same splits, for the user to run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.measuring.flattening import flat
from mlsense.measuring.plan import leak_at, plan_for, plan_of
from mlsense.measuring.statements import needed, unchanged
from mlsense.measuring.writing import cell, script
from mlsense.rules.reading import shown_at

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
        return _of_flat(trace, rule, location)
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


def _of_flat(trace: Trace, rule: str, location: Location) -> Measurement | None:
    """The code for a leak in functions, or on columns of a table: out of the same program, written out flat."""
    leak = leak_at(trace, rule, location)
    found = flat(trace, leak) if leak is not None else None
    plan = plan_for(found.trace, found.leak) if found is not None else None
    if leak is None or found is None or plan is None:
        return None
    before = needed(found.trace, plan.wanted, plan.leaking)
    below = trace.locate(shown_at(trace, leak.sink.origin, leak.learned.origin, None))
    if before is None or below is None:
        return None
    if trace.document.kind == "notebook":
        movable = all(statement.may_move for statement in before)
        code = cell(plan, before, _plots(trace)) if movable else None
    else:
        code = script(plan, before, _plots(trace))
    return None if code is None else Measurement(code, below[0])


def _plots(trace: Trace) -> bool:
    """Whether matplotlib is there, as far as is known."""
    installed = dict(trace.versions.installed)
    return not installed or "matplotlib" in installed


__all__ = ["Measurement", "measurement"]
