"""What estimators are handed: which step meets the columns as they are, and which rows are certainly among them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.knowledge.kinds import kind
from mlsense.rules.values import release_in_force
from mlsense.semantics.core import constant
from mlsense.semantics.events import Called, CrossValidate, Fit
from mlsense.semantics.models.estimators import short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.knowledge.kinds import Kind
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Column, Data, Estimator, Place

# Rows divided by chance leave something of a value in each part, if it is there so often.
OFTEN = 10
_BY_CHANCE = frozenset(("split", "fold", "sample"))
_PREDICTS = frozenset(("classifier", "regressor", "clusterer", "outlier_detector"))


def trainings(trace: Trace) -> Iterator[Fit | CrossValidate]:
    """Fits and cross-validations of scikit-learn's estimators that take the columns as they are, outside of `try`."""
    guarded = {event.call for event in trace.that(_is_guarded, Called)}
    fits: list[Fit | CrossValidate] = [*trace.that(_takes_all, Fit)]
    for event in (*fits, *trace.that(_takes_all, CrossValidate)):
        if event.call not in guarded:
            yield event


def _is_guarded(event: Called) -> bool:
    return event.guarded


def _takes_all(event: Fit | CrossValidate) -> bool:
    return event.x is not None and bool(event.leaves) and not event.picks


def facts(trace: Trace, leaf: Estimator) -> Kind | None:
    """What an estimator of scikit-learn is in the version in force; nothing where it compares rows by a function."""
    own = any(
        (given := leaf.param(name)) is not None and not isinstance(constant(given), str)
        for name in ("kernel", "metric")
    )
    return kind(leaf.cls, release_in_force(trace)) if leaf.cls.startswith("sklearn.") and not own else None


def predicts(leaf: Estimator) -> bool:
    return bool(_PREDICTS & set(leaf.kinds)) and not short(leaf.cls).startswith("Dummy")


def certainly(x: Data, count: int) -> bool:
    """Whether rows of a kind, of which the source has so many, are certainly among these."""
    if x.rows is None or len(x.rows.parts) != 1 or x.rows.made_from:
        return False
    path = x.rows.parts[0].path
    return count > 0 and (not path or (count >= OFTEN and all(choice.kind in _BY_CHANCE for choice in path)))


def of_rows(x: Data) -> str:
    """` of 891 rows`, where that is known."""
    part = x.rows.parts[0] if x.rows is not None and x.rows.parts else None
    table = part.source.table if part is not None else None
    return f" of {table.rows:,} rows" if table is not None and table.whole else ""


def examples_of(column: Column, number: int = 2) -> str:
    """Values in words: `` `red`, `green` ``."""
    values = [value for value, _ in column.profile.common[:number]] if column.profile is not None else []
    return ", ".join(f"`{value[:20]}`" for value in values if value.strip() and "`" not in value)


def argument_place(trace: Trace, event: Fit | CrossValidate) -> Place:
    """Where to show what is wrong with the features."""
    return event.x_place if event.x_place is not None and trace.locate(event.x_place) is not None else event.call
