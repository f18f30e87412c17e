"""What is known of targets: how many classes one has, and where predictions come from."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from mlsense.rules.offering import is_certain
from mlsense.semantics.events import Called
from mlsense.semantics.values import Const, Data, Estimator, Method, Place, Ref, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsense.datafiles import ColumnProfile
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Unit, Value

# How many classes the bundled data sets have.
CLASSES = {"load_iris": 3, "load_wine": 3, "load_digits": 10, "load_breast_cancer": 2}
# Those whose rows come class after class.
SORTED = frozenset(["load_iris", "load_wine"])
# What picks rows without regard to their class.
_FAIR = ("split", "fold", "sample")
_VALIDATING = frozenset("cross_val_score cross_validate cross_val_predict learning_curve validation_curve".split())
_DEEPEST = 4
# A column of a file with no more values, each in so many rows, holds classes.
_FEW, _OFTEN = 12, 5


def calls_at(trace: Trace, value: Value | None) -> list[Called]:
    """The calls that a value comes right out of."""
    if not isinstance(value, Ref):
        return []
    return trace.once(_by_place).get(value.origin.place, [])


def is_changed(trace: Trace, value: Value | None) -> bool:
    """Whether items of it are set anywhere, or it is added to in place."""
    return value in trace.once(_changed)


def _by_place(trace: Trace) -> dict[Place, list[Called]]:
    found: dict[Place, list[Called]] = {}
    for event in trace.of(Called):
        found.setdefault(event.call, []).append(event)
    return found


def _changed(trace: Trace) -> frozenset[Value]:
    """The values of which items are set, or that are added to in place."""
    return frozenset(
        value
        for followed in trace.followed
        if followed.parsed.tree is not None
        for base in _set_in(followed.parsed.tree)
        for value in _values(trace, followed.unit, base)
    )


# A tree stays the same as long as its text does, and is not to be kept for longer.
_sets: WeakKeyDictionary[ast.stmt, tuple[ast.expr, ...]] = WeakKeyDictionary()


def _set_in(tree: ast.stmt) -> tuple[ast.expr, ...]:
    """What a statement sets items of, or adds to in place."""
    known = _sets.get(tree)
    if known is not None:
        return known
    found: list[ast.expr] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store):
            found.append(node.value)
        elif isinstance(node, ast.AugAssign) and not isinstance(node.target, ast.Subscript):
            found.append(node.target)
    _sets[tree] = tuple(found)
    return _sets[tree]


def _values(trace: Trace, unit: Unit, node: ast.expr) -> list[Value]:
    return [seen.value for seen in trace.sightings_at(Place.of(unit, node))]


def comes_of(event: Called, value: Value | None, makers: Iterable[str]) -> bool:
    """Whether all rows of an argument come of one of these functions; what was done to them since is not looked at.

    It looks at nothing but the event.
    """
    thing = event.object(value)
    parts = thing.rows.parts if isinstance(thing, Data) and thing.rows is not None else ()
    return bool(parts) and all(part.source.label.partition("(")[0] in makers for part in parts)


def source_of(trace: Trace, event: Called, value: Value | None) -> tuple[Called, str] | None:
    """The call of scikit-learn that made a target, and its short name; None where something was done to it since.

    A split of its rows that has no regard to the target leaves it what it was.
    """
    thing = event.object(value)
    maker = maker_of(trace, event, value) if isinstance(thing, Data) and thing.role == "target" else None
    if maker is None or not maker.callee.name.startswith("sklearn.datasets.") or isinstance(maker.callee, Method):
        return None
    return maker, maker.callee.name.rpartition(".")[2]


def maker_of(trace: Trace, event: Called, value: Value | None, depth: int = 0) -> Called | None:
    """The call that values come right out of; None where something was done to them since.

    A split of their rows that has no regard to them leaves them what they were.
    """
    thing = event.object(value)
    if not isinstance(thing, Data) or not isinstance(value, Ref) or depth > _DEEPEST:
        return None
    if thing.rows is None or len(thing.rows.parts) != 1 or thing.rows.made_from or thing.mask is not None:
        return None
    (part,) = thing.rows.parts
    if any(choice.kind not in _FAIR for choice in part.path):
        return None
    makers = calls_at(trace, value)
    if len({maker.callee.name for maker in makers}) != 1 or is_changed(trace, value):
        return None
    maker = makers[-1]
    if maker.guarded:
        return None
    split = isinstance(maker.callee, Symbol) and maker.callee.name.rpartition(".")[2] == "train_test_split"
    if split and isinstance(value.slot, tuple):
        index = value.slot[0]
        given = maker.args[index] if isinstance(index, int) and index < len(maker.args) else None
        return maker_of(trace, maker, given, depth + 1)
    return maker


def from_file(event: Called, value: Value | None) -> ColumnProfile | None:
    """What the file shows of the column that an argument is; None where rows were chosen with regard to what they hold.

    It looks at nothing but the event.
    """
    thing = event.object(value)
    if not isinstance(thing, Data) or thing.kind not in ("series", "array") or thing.columns is None:
        return None
    if thing.rows is None or len(thing.rows.parts) != 1 or thing.rows.made_from or thing.mask is not None:
        return None
    fair = all(choice.kind in _FAIR for choice in thing.rows.parts[0].path)
    return thing.columns.items[0].profile if fair and len(thing.columns.items) == 1 else None


def classes_in(known: ColumnProfile) -> int | None:
    """How many classes a column of a file has: a few texts or whole numbers, each of many rows."""
    if known.dtype not in ("str", "int64") or known.nans or not 2 <= known.distinct <= _FEW:
        return None
    return known.distinct if all(count >= _OFTEN for _, count in known.common) else None


def has_fractions(known: ColumnProfile) -> bool:
    """Whether a column of a file holds numbers that are not whole."""
    return known.dtype == "float64" and any(not float(value).is_integer() for value, _ in known.common)


def class_count(trace: Trace, event: Called, value: Value | None) -> tuple[int, str] | None:
    """How many classes a target has, and what made it; None where that is not certain."""
    column = from_file(event, value)
    if column is not None:
        number = None if is_changed(trace, value) else classes_in(column)
        return None if number is None else (number, column.name)
    source = source_of(trace, event, value)
    if source is None:
        return None
    maker, short = source
    if short in CLASSES:
        return _bundled(maker, short)
    if short == "make_classification":
        count = maker.argument(None, "n_classes")
        known = count.value if isinstance(count, Const) and isinstance(count.value, int) else None
        number = 2 if count is None and maker.exact else known
        return None if number is None else (number, short)
    return None


def learns(event: Called) -> bool:
    """Whether a call fits a model, once or for each fold, and fails if it fails."""
    callee = event.callee
    if isinstance(callee, Method):
        return callee.name in ("fit", "fit_predict") and isinstance(event.thing, Estimator) and is_certain(event)
    return callee.name.rpartition(".")[2] in _VALIDATING and is_certain(event)


def learner(event: Called, depth: int = 0, model: Estimator | None = None) -> Estimator | None:
    """The estimator of scikit-learn that learns the target in a call that fits: the last step of a pipeline."""
    given = event.object(event.argument(0, "estimator")) if isinstance(event.callee, Symbol) else event.thing
    model = model if model is not None else given if isinstance(given, Estimator) else None
    if model is None or not model.certain or not model.cls.startswith("sklearn.") or depth > _DEEPEST:
        return None
    name = model.cls.rpartition(".")[2]
    if name == "Pipeline":
        inner = event.object(model.steps[-1][1]) if model.steps else None
    elif name in ("GridSearchCV", "RandomizedSearchCV"):
        inner = event.object(model.param("estimator"))
    else:
        return model
    return learner(event, depth + 1, inner) if isinstance(inner, Estimator) else None


def _bundled(maker: Called, short: str) -> tuple[int, str] | None:
    known = {"return_X_y", "as_frame"}
    plain = maker.exact and not maker.args and all(name in known for name, _ in maker.keywords)
    return (CLASSES[short], short) if plain else None


def predictor(trace: Trace, value: Value | None) -> tuple[Estimator, Called] | None:
    """The estimator whose `predict` gave a value; what was done to its items since `is_changed` says."""
    found = []
    for event in calls_at(trace, value):
        if isinstance(event.callee, Method) and event.callee.name == "predict" and isinstance(event.thing, Estimator):
            found.append((event.thing, event))
        else:
            return None
    return found[-1] if found and len({thing.cls for thing, _ in found}) == 1 else None
