"""Classes of unequal size: what says so, in the data file, in how a table is made, in how the program learns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.semantics.core import constant
from mlsense.semantics.events import Called, Fit
from mlsense.semantics.models.estimators import short
from mlsense.semantics.values import ListObject, Symbol, TupleValue

if TYPE_CHECKING:
    from mlsense.datafiles import ColumnProfile, Table
    from mlsense.semantics.events import CrossValidate
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Data, Estimator

# More values than that are no classes, or are not all known.
MOST_CLASSES = 12
_BY_CHANCE = frozenset(("split", "fold", "sample"))


@dataclass(frozen=True, slots=True)
class Shares:
    """How many of `rows` rows are of the most frequent class and of the rarest; `column` is where it is read off."""

    column: str
    largest: str
    most: int
    rarest: str
    fewest: int
    rows: int

    @property
    def share(self) -> float:
        return self.most / self.rows


def is_classifier(leaves: tuple[Estimator, ...] | None, before: Estimator | None) -> bool:
    model = leaves[-1] if leaves else before
    return model is not None and "classifier" in model.kinds


def treated_as_unequal(event: Fit | CrossValidate) -> str:
    """What of the program says that classes are unequal: weights for them, or rows of the rare one made up."""
    before = event.before if isinstance(event, Fit) else event.estimator
    for leaf in event.leaves or ((before,) if before is not None else ()):
        name, weights = short(leaf.cls), leaf.param("class_weight")
        if weights is not None and constant(weights) == "balanced":
            return f'`class_weight="balanced"` of `{name}`'
        if leaf.cls.startswith("imblearn."):
            return f"`{name}`"
    learned = event.record.learned if isinstance(event, Fit) else event.x.learned if event.x is not None else ()
    made = next((item for item in learned if item.family == "resampler"), None)
    return f"`{made.what}`" if made is not None else ""


def shares_in(y: Data | None) -> Shares | None:
    """How many rows each class of a column has, where all rows of the file are among those, or some by chance."""
    if y is None or y.rows is None or len(y.rows.parts) != 1 or y.rows.made_from:
        return None
    (part,) = y.rows.parts
    if any(choice.kind not in _BY_CHANCE and choice.branch != "dropna" for choice in part.path):
        return None
    if y.columns is not None and y.columns.closed and len(y.columns.items) == 1:
        column = y.columns.items[0]
        if column.profile is not None:
            return _shares(column.name, column.profile)
    return _of_two(y, part.source.table)


def _of_two(y: Data, table: Table | None) -> Shares | None:
    """What was made of a column with two values, such as `df["left"] == "yes"`, has two of the same frequency."""
    if table is None or len(y.sources) != 1 or y.rank == 2:
        return None
    (source,) = y.sources
    name = source[1] if isinstance(source, tuple) and len(source) == 2 else None
    profile = table.column(name) if isinstance(name, str) else None
    return (
        _shares(profile.name, profile) if profile is not None and profile.distinct == 2 and not profile.nans else None
    )


def _shares(name: str, profile: ColumnProfile) -> Shares | None:
    common = profile.common
    if not 2 <= profile.distinct <= MOST_CLASSES or len(common) != profile.distinct or profile.dates:
        return None
    if profile.dtype == "float64" and not all(text.endswith((".0", ".")) or text.isdigit() for text, _ in common):
        return None
    (largest, most), (rarest, fewest) = common[0], common[-1]
    return Shares(name, largest, most, rarest, fewest, sum(count for _, count in common))


def is_made(y: Data | None) -> bool:
    """Whether it is the target of `make_classification`, or a part of it."""
    if y is None or y.rows is None or len(y.rows.parts) != 1 or y.role != "target":
        return False
    return y.rows.parts[0].source.label == "make_classification()"


def weights_of(trace: Trace, y: Data | None) -> float | None:
    """The share of the largest class that `make_classification` was asked for."""
    if y is None or y.rows is None or not is_made(y):
        return None
    key = y.rows.parts[0].source.key
    return next((_largest(event) for event in trace.that(_makes_classes, Called) if event.origin == key), None)


def _makes_classes(event: Called) -> bool:
    made = isinstance(event.callee, Symbol) and event.callee.name.endswith(".make_classification")
    return made and event.argument(None, "weights") is not None


def _largest(event: Called) -> float | None:
    given = event.argument(None, "weights")
    thing = event.object(given)
    items = given.items if isinstance(given, TupleValue) else thing.items if isinstance(thing, ListObject) else None
    weights = [constant(item) for item in items or ()]
    if not weights or not all(isinstance(weight, (int, float)) and 0 <= weight <= 1 for weight in weights):
        return None
    numbers = [float(weight) for weight in weights if isinstance(weight, (int, float))]
    return max(*numbers, 1 - sum(numbers))
