"""Scores: what measures predictions, where numbers made of scores go, and what is chosen by them."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import TYPE_CHECKING, Literal

from mlsense.semantics.core import code_of, constant
from mlsense.semantics.events import Evaluate, Root, Select, Shown
from mlsense.semantics.regions import NO_ROWS
from mlsense.semantics.values import (
    NONE,
    UNKNOWN,
    Data,
    DictObject,
    Either,
    Function,
    ListObject,
    Method,
    Opaque,
    Ref,
    Score,
    TupleValue,
    Unknown,
    Value,
    merge_scores,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.core import Core
    from mlsense.semantics.models import Model
    from mlsense.semantics.models.effects import Call
    from mlsense.semantics.values import Estimator, FitRecord

EXTREMES = frozenset(
    """
    max min amax amin nanmax nanmin argmax argmin nanargmax nanargmin idxmax idxmin nlargest nsmallest
    """.split()
)
ORDERS = frozenset("sort sorted sort_values argsort".split())
# Libraries whose functions make numbers of numbers.
PASSING = frozenset("numpy pandas math statistics builtins scipy".split())
# What says how long something is, or of what type, keeps nothing of what it holds; names and positions are no scores.
FORGETTING = frozenset("len type isinstance id print range enumerate zip input open set_index head info".split())
# What is below zero stays there.
KEEPING_SIGN = frozenset(
    """
    mean nanmean average median nanmedian max min amax amin nanmax nanmin sum nansum fmean array asarray asanyarray
    list tuple sorted sort float round around tolist to_numpy to_list item copy Series ravel flatten squeeze
    """.split()
)
MAX_DEPTH, MAX_ITEMS = 5, 48

How = Literal["comparison", "extreme", "order", "stopping", "search"]


def scores_of(run: Core, values: Iterable[Value], depth: int = 0) -> tuple[Score, ...]:
    """The scores that numbers, and what holds some, are made of; bounded."""
    found: list[tuple[Score, ...]] = []
    for value in values:
        if isinstance(value, TupleValue):
            inner: tuple[Value, ...] = value.items
        elif isinstance(value, Either):
            inner = value.options
        elif not isinstance(value, Ref):
            continue
        else:
            thing = run.object(value)
            if isinstance(thing, Data):
                if thing.scores:
                    found.append(thing.scores)
                continue
            if isinstance(thing, ListObject):
                inner = thing.items if thing.items is not None else (thing.element,)
            elif isinstance(thing, DictObject):
                inner = (*(item for _, item in thing.items), thing.element)
            else:
                continue
        if depth < MAX_DEPTH and inner:
            found.append(scores_of(run, inner[:MAX_ITEMS], depth + 1))
    return merge_scores(*found) if any(found) else ()


def number(run: Core, node: ast.AST, scores: tuple[Score, ...], slot: object = 0) -> Ref:
    """A number made of these scores."""
    return run.alloc(node, Data(kind="scalar", rows=NO_ROWS, scores=scores), slot)


def measured(run: Core, node: ast.AST, metric: str, predicted: Data, curve: bool = False) -> tuple[Score, ...]:
    """Predictions are compared with the truth: an evaluation of each model that made them."""
    for record in predicted.fits:
        run.emit(
            Evaluate(
                *run.circumstances(node),
                metric, record, predicted, run.place(node), True,
            )
        )  # fmt: skip
    return tuple(
        Score(metric, run.origin(node), record, predicted.rows, predicted.form, curve) for record in predicted.fits
    )


def selected(run: Core, node: ast.AST, how: How, scores: tuple[Score, ...]) -> None:
    """Something is chosen by scores."""
    base = run.circumstances(node)
    text = code_of(node)
    run.emit(Select(*base, how, text if len(text) <= 60 else text[:57] + "...", scores, run.place(node)))


def passed_on(run: Run, name: str, call: Call, given: Iterable[Value], result: Value) -> Value:
    """What a function makes of scores is made of scores, and what looks for the best of them chooses by them."""
    if name == "print":
        _printed(run, call)
        for place, value in enumerate(call.args):
            thing = run.object(value)
            if isinstance(thing, Data) or (isinstance(thing, Opaque) and thing.symbol.startswith("tensorflow.")):
                run.traced(call.node, "print", code_of(call.nodes.get(place, call.node)), NONE)
    if name in FORGETTING:
        return result
    values = [*given, *call.args, *call.keywords.values()]
    chooses: How | None = "extreme" if name in EXTREMES else "order" if name in ORDERS else None
    found = scores_of(run, values)
    key = call.keywords.get("key")
    if chooses and isinstance(key, Method):
        # `max(scores, key=scores.get)`
        found = merge_scores(found, scores_of(run, [key.receiver]))
    elif chooses and isinstance(key, Function) and call.args and not found:
        item = run.element_of(call.args[0], call.node)
        found = scores_of(run, [run.call(key, replace(call, args=[item], keywords={}, nodes={}))])
    if not found:
        return result
    if chooses is not None:
        selected(run, call.node, chooses, found)
    if call.args and not given and (name == "sqrt" or (name in ("pow", "power") and _is_fraction(call.get(1)))):
        root_drawn(run, call.node, call.symbol, call.nodes.get(0), call.args[0])
    thing = run.object(result)
    if name not in KEEPING_SIGN and any(score.below_zero for score in found):
        found = of_any_sign(found)
        if isinstance(thing, Data) and thing.scores and result in values:
            return run.alloc(call.node, replace(thing, scores=found), "turned")
        if isinstance(thing, Data) and thing.scores:
            run.update(result, replace(thing, scores=of_any_sign(thing.scores)))
    if isinstance(thing, Data):
        if not thing.scores and result not in values:
            run.update(result, replace(thing, scores=found))
        return result
    unknown = isinstance(result, Unknown) or (isinstance(thing, Opaque) and thing.symbol.partition(".")[0] in PASSING)
    return number(run, call.node, found, "score") if unknown and chooses != "order" else result


def of_any_sign(found: tuple[Score, ...]) -> tuple[Score, ...]:
    """The same scores, after something that may have turned them."""
    return tuple(replace(score, below_zero=False) for score in found)


def below_zero(run: Core, value: Value) -> tuple[Score, ...]:
    """The scores that numbers are made of, where all of them are errors with their sign turned."""
    thing = run.object(value)
    found = thing.scores if isinstance(thing, Data) and thing.rows == NO_ROWS else ()
    return found if all(score.below_zero for score in found) else ()


def root_drawn(run: Core, node: ast.AST, name: str, of: ast.AST | None, value: Value) -> None:
    """`np.sqrt(scores)`, `scores ** 0.5`."""
    found = below_zero(run, value)
    if found and of is not None:
        base = run.circumstances(node)
        run.emit(Root(*base, name, found, run.place(of), "guard" in run.markers, run.guards > 0))


def shown(run: Core, node: ast.AST, label: str, value: Value) -> None:
    """`print("MSE:", scores.mean())`, `f"MSE: {scores.mean()}"`."""
    found = below_zero(run, value)
    if found:
        base = run.circumstances(node)
        run.emit(Shown(*base, label, found, run.place(node), "guard" in run.markers))


def _printed(run: Run, call: Call) -> None:
    label = ""
    for index, value in enumerate(call.args):
        told, node = constant(value), call.nodes.get(index)
        if isinstance(told, str):
            label = told
        elif node is not None:
            shown(run, node, label, value)
            label = ""


def _is_fraction(value: Value | None) -> bool:
    told = constant(value)
    return isinstance(told, float) and 0 < told < 1


def compared(run: Core, node: ast.Compare, left: Value, right: Value) -> None:
    """`score > best`: of both, it is known that they are scores."""
    a, b = scores_of(run, [left]), scores_of(run, [right])
    if a and b:
        selected(run, node, "comparison", merge_scores(b, a))


def truth_met(a: Data, b: Data) -> Data | None:
    """The one of two that is predictions, where the other is something else of the same rows: the truth."""
    for one, other in ((a, b), (b, a)):
        if one.fits and not other.fits and one.role != "comparison" and other.rows is not None and other.rows.parts:
            return one if other.rows == one.rows else None
    return None


# --- what watches a training ---------------------------------------------------------------------------

_WATCHING = frozenset("EarlyStopping ReduceLROnPlateau ModelCheckpoint".split())
_BOOSTING = frozenset("xgboost lightgbm catboost".split())


def watched(run: Run, estimator: Estimator, record: FitRecord, call: Call) -> None:
    """A training that ends, or goes back to its best state, by what it scores on rows that are handed to it."""
    root = estimator.cls.partition(".")[0]
    if "network" in estimator.kinds:
        held_out, stops = [call.get(7, "validation_data")], _stops_network(run, call)
    elif root in _BOOSTING:
        held_out, stops = _eval_sets(run, call.keywords.get("eval_set")), _stops_boosting(run, estimator, call, root)
    else:
        return
    if not stops:
        return
    _stopped(run, record, call, held_out)


def watched_booster(run: Run, record: FitRecord, call: Call, root: str) -> None:
    """`lightgbm.train(params, data, rounds, [other])`, `xgboost.train(params, data, rounds, [(other, "name")])`."""
    given = call.get(3, "valid_sets", "evals", "eval_set")
    items = run.items_of(given) if given is not None else None
    if _stops_boosting(run, None, call, root):
        _stopped(run, record, call, list(items) if items else [given])


def _stopped(run: Run, record: FitRecord, call: Call, held_out: list[Value | None]) -> None:
    found: list[Score] = []
    for pair in held_out:
        items = run.items_of(pair) if pair is not None else None
        x = run.data(items[0]) if items else run.data(pair)
        if x is not None and x.rows is not None:
            found.append(Score("early stopping", run.origin(call.node), record, x.rows, curve=True))
    if found:
        # Where there are several, the last one counts.
        selected(run, call.node, "stopping", (found[-1],))


def _eval_sets(run: Run, value: Value | None) -> list[Value | None]:
    """`[(X, y), ...]`, or one pair alone."""
    items = run.items_of(value) if value is not None else None
    if not items:
        # CatBoost's `Pool`.
        return [value] if isinstance(run.object(value), Data) else []
    return [value] if isinstance(run.object(items[0]), Data) else list(items)


def _stops_boosting(run: Run, estimator: Estimator | None, call: Call, root: str) -> bool:
    def told(name: str) -> object:
        value = call.keywords.get(name) or (estimator.param(name) if estimator is not None else None)
        return None if value is None else constant(value)

    if told("early_stopping_rounds") not in (None, False, 0):
        return True
    if root == "catboost":
        return told("use_best_model") is not False
    given = call.keywords.get("callbacks") or (estimator.param("callbacks") if estimator is not None else None)
    items = run.items_of(given) if given is not None else None
    things = [run.object(item) for item in items or ()]
    return any(isinstance(thing, Opaque) and "early" in thing.symbol.lower() for thing in things)


def _stops_network(run: Run, call: Call) -> bool:
    given = call.get(5, "callbacks")
    items = run.items_of(given) if given is not None else None
    things = [run.object(item) for item in (items if items is not None else (given,)) if item is not None]
    return any(isinstance(thing, Opaque) and _keeps_best(thing) for thing in things)


def _keeps_best(callback: Opaque) -> bool:
    name = callback.symbol.rpartition(".")[2]
    monitor = callback.param("monitor")
    watches = monitor is None or str(constant(monitor)).startswith("val")
    return name in _WATCHING and watches and (name != "ModelCheckpoint" or _is_true(callback.param("save_best_only")))


def _is_true(value: Value | None) -> bool:
    return value is not None and constant(value) is True


# --- tuners ----------------------------------------------------------------------------------------------

STUDY = "optuna.create_study"


def tuned(run: Run, function: Value | None, call: Call) -> Value:
    """The objective is called with settings of the tuner's; by what it returns, the best of them are found."""
    if function is not None:
        settings = run.alloc(call.node, Opaque(symbol="optuna.trial.Trial", label="settings"), "trial")
        with run.iteration(0):
            result = run.call(function, replace(call, args=[settings], keywords={}, nodes={}))
        found = scores_of(run, [result])
        if found:
            selected(run, call.node, "search", found)
    return UNKNOWN


def study(run: Run, call: Call) -> Value:
    return run.alloc(call.node, Opaque(symbol=STUDY, label="a study", params=tuple(call.keywords.items())))


def minimised(run: Run, call: Call) -> Value:
    """hyperopt's `fmin(objective, ...)`, scikit-optimize's `gp_minimize(objective, ...)`."""
    return tuned(run, call.get(0, "fn", "func"), call)


TUNER = "keras_tuner.Tuner"


def tuner(run: Run, call: Call) -> Value:
    """keras-tuner's `RandomSearch(build, objective="val_accuracy")` and its kind."""
    build = call.get(0, "hypermodel")
    parts = (build,) if build is not None else ()
    return run.alloc(call.node, Opaque(TUNER, call.name, parts=parts, params=tuple(call.keywords.items())))


OPTUNA: dict[str, Model] = {"create_study": study, "load_study": study}
HYPEROPT: dict[str, Model] = {"fmin": minimised}
KERAS_TUNER: dict[str, Model] = dict.fromkeys(
    "RandomSearch Hyperband BayesianOptimization GridSearch tuners.RandomSearch tuners.Hyperband".split(), tuner
)
SKOPT: dict[str, Model] = dict.fromkeys("gp_minimize forest_minimize gbrt_minimize dummy_minimize".split(), minimised)
