"""Reads out of a program what is to be compared: the transformers, the model, the rows, the splits, the score."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlsense.knowledge.scoring import scorers
from mlsense.measuring.statements import Wanted, changes, free_names, value_before
from mlsense.rules import leaks
from mlsense.rules.editing import text_at
from mlsense.rules.reading import bound_names, location, node_at, place_in
from mlsense.semantics.events import Called, CrossValidate, Evaluate, Fit, Split
from mlsense.semantics.models.estimators import short, transformer_model
from mlsense.semantics.values import MAIN, Estimator, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.rules.finding import Location
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Origin

REPEATS = 30
"""How often both forms are evaluated."""
_PREDICTORS = frozenset(("classifier", "regressor"))
_WRAPPERS = ("DataFrame", "array", "asarray", "csr_matrix")
_SPLIT_KEYWORDS = frozenset(("test_size", "train_size", "random_state", "stratify", "shuffle"))
_FOLDS = {"KFold": "RepeatedKFold", "StratifiedKFold": "RepeatedStratifiedKFold"}


@dataclass(frozen=True, slots=True)
class Code:
    """A piece of the user's code, and what must be there for it."""

    text: str
    wanted: tuple[Wanted, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """An estimator as the program makes it; `takes_target`: it is given the targets, too."""

    cls: str
    code: Code
    takes_target: bool = False
    resamples: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What is compared: `steps` that saw all rows, `after` and `model` that see the training rows in both forms.

    `leaking` are the numbers of the statements that leak, `end` that of the last one that is read here.
    `splits` is how the splitter is made, of the class `splitter`; `metric` says in words what `scoring` is.
    """

    steps: tuple[Step, ...]
    after: tuple[Step, ...]
    model: Step
    features: Code
    target: Code
    splitter: str
    splits: str
    scoring: str
    metric: str
    rules: tuple[str, ...]
    leaking: frozenset[int]
    end: int
    indexed: tuple[str, str] | None = None
    """Set where the leak is that `steps` learn anew from the test rows: what picks rows of `features` and `target`."""

    @property
    def wanted(self) -> tuple[Wanted, ...]:
        """The names that must be as they were where the program uses them."""
        pieces = (self.features, self.target, *(step.code for step in (*self.steps, *self.after, self.model)))
        return tuple(dict.fromkeys(each for piece in pieces for each in piece.wanted))


def plan_of(trace: Trace, rule: str, place: Location) -> Plan | None:
    """The plan for the leak that a finding tells of; None where not all of it is certain."""
    leak = leak_at(trace, rule, place)
    if leak is not None:
        return plan_for(trace, leak)
    return _of_refit(trace, place) if rule == "fit-on-test" else None


def leak_at(trace: Trace, rule: str, place: Location) -> leaks.Leak | None:
    """The leak that a finding tells of."""
    for group in trace.once(leaks.told):
        leak, shown = group[0]
        if leaks.rule_of(trace, leak) == rule and location(trace, shown) == place and not leak.inner:
            return leak
    return None


def plan_for(trace: Trace, leak: leaks.Leak) -> Plan | None:
    if isinstance(leak.sink, Split):
        return _of_split(trace, leak, leak.sink)
    return _of_cross_validation(trace, leak, leak.sink) if isinstance(leak.sink, CrossValidate) else None


# --- a split ----------------------------------------------------------------------------------------


def _of_split(trace: Trace, leak: leaks.Leak, split: Split) -> Plan | None:
    call, number = node_at(trace, split.call), _number(trace, split.origin)
    names = bound_names(trace, split.call)
    if not isinstance(call, ast.Call) or number is None or split.callee != "train_test_split":
        return None
    if len(split.inputs) != 2 or len(call.args) != 2 or len(names) != 4 or leak.index > 1:
        return None
    train, target_train = names[2 * leak.index], names[2 * (1 - leak.index)]
    way = _Way(trace)
    if not way.back(call.args[leak.index], number, split.call) or leak.learned.origin not in way.fits:
        return None
    other = _Way(trace)
    if not other.back(call.args[1 - leak.index], number, split.call, resampled=True) or other.root is None:
        return None
    trained = _trained(trace, leak.learned.origin, train, target_train, number)
    if trained is None:
        return None
    model, after, fit = trained
    scoring, metric, end = score_of(trace, fit)
    chosen = _holdout(trace, split, call, number)
    if chosen is None:
        return None
    splitter, splits = chosen
    return _plan(trace, leak, way, other, after, model, splitter, splits, scoring, metric, max(number, fit[0], end))


def _holdout(trace: Trace, split: Split, call: ast.Call, number: int) -> tuple[str, str] | None:
    """The class of a splitter that repeats a split, and how it is made."""
    keywords = {word.arg: word.value for word in call.keywords}
    if not keywords.keys() <= _SPLIT_KEYWORDS or _is_false(keywords.get("shuffle")):
        return None
    given = [f"n_splits={REPEATS}"]
    for name in ("test_size", "train_size"):
        if name in keywords and not _is_none(keywords[name]):
            size = _piece(trace, split.call, keywords[name], number)
            if size is None or free_names(keywords[name]):
                return None
            given.append(f"{name}={size.text}")
    if len(given) == 1:
        given.append("test_size=0.25")
    stratified = "stratify" in keywords and not _is_none(keywords["stratify"])
    splitter = "StratifiedShuffleSplit" if stratified else "ShuffleSplit"
    return splitter, f"{splitter}({', '.join([*given, 'random_state=0'])})"


def _trained(
    trace: Trace, learned: Origin, train: str, target: str, split: int
) -> tuple[Step, tuple[Step, ...], tuple[int, Fit]] | None:
    """The model that is trained on the training part, and the steps between the two."""
    scored = [event.fit.origin for event in trace.of(Evaluate)]
    found: list[tuple[Step, tuple[Step, ...], tuple[int, Fit]]] = []
    for event in trace.of(Fit):
        number = _number(trace, event.origin)
        call = node_at(trace, event.call)
        if number is None or number <= split or not isinstance(call, ast.Call) or len(call.args) != 2 or call.keywords:
            continue
        if not _predicts(event.leaves) or all(item.origin != learned for item in event.record.learned):
            continue
        way = _Way(trace, stop=split)
        model = _made(trace, event.before)
        same_target = _plain(call.args[1]) == target
        if model is None or not same_target or not way.back(call.args[0], number, event.call) or way.root != train:
            continue
        if event.origin in scored:
            found.append((model, way.steps, (number, event)))
    return found[0] if found else None


def score_of(trace: Trace, fit: tuple[int, Fit], *, inside: bool = False) -> tuple[str, str, int]:
    """The score of a model as the program takes it, as `scoring`, in words, and the number of its statement.

    `inside`: it stands in the same statement as the fit, a loop.
    """
    number, event = fit
    classifies = _classifies(event.leaves)
    usual = ("", "accuracy" if classifies else "R²")
    for score in trace.of(Evaluate):
        at = number if inside else _number(trace, score.origin)
        if score.fit.origin != event.record.origin or not score.is_score or at is None:
            continue
        if score.callee == "score":
            return (*usual, at)
        call = node_at(trace, score.call)
        named = _scorer(score.callee, call) if isinstance(call, ast.Call) else None
        if named is not None:
            return (*named, at)
    return (*usual, number)


def _scorer(metric: str, call: ast.Call) -> tuple[str, str] | None:
    """The text for `scoring` that is this metric with these keywords, and what it says."""
    keywords = {word.arg: getattr(word.value, "value", None) for word in call.keywords}
    keywords.pop("zero_division", None)
    average = keywords.pop("average", None)
    if keywords:
        return None
    all_of = [scorer for scorer in scorers().values() if scorer.metric.rpartition(".")[2] == metric]
    plain = min(all_of, key=lambda scorer: len(scorer.name), default=None)
    if plain is None:
        return None
    name = plain.name if average in (None, "binary") else f"{plain.name}_{average}"
    chosen = next((scorer for scorer in all_of if scorer.name == name), None)
    if chosen is None:
        return None
    words = name.removeprefix("neg_").replace("_", " ")
    return f'"{name}"', words if chosen.greater_is_better else f"negative {words}"


# --- a second fit on the test part ------------------------------------------------------------------------


def _of_refit(trace: Trace, place: Location) -> Plan | None:
    again = next((event for event in trace.of(Fit) if location(trace, event.record.origin.place) == place), None)
    at = _number(trace, again.origin) if again is not None else None
    call = node_at(trace, again.call) if again is not None else None
    if again is None or at is None or again.method != "fit_transform" or not isinstance(call, ast.Call):
        return None
    tested = call.args[0].id if len(call.args) == 1 and isinstance(call.args[0], ast.Name) else None
    for split in trace.of(Split):
        number, names, whole = _number(trace, split.origin), bound_names(trace, split.call), node_at(trace, split.call)
        if number is None or number >= at or not isinstance(whole, ast.Call) or split.callee != "train_test_split":
            continue
        if len(names) != 4 or names[1] != tested or len(whole.args) != 2:
            continue
        defined = _definition(trace, names[1], at)
        holdout = _holdout(trace, split, whole, number)
        features, target = (_piece(trace, split.call, node, number) for node in whole.args)
        picks = [_picking(data.kind) if data is not None else None for data in split.inputs]
        if defined is None or defined[0] != number or holdout is None or features is None or target is None:
            return None
        first = next(
            (event for event in trace.of(Fit) if event.ref == again.ref and event.origin != again.origin), None
        )
        trained = _trained(trace, first.record.origin, names[0], names[2], number) if first is not None else None
        # Only where nothing but this transformer is between the split and the model.
        if trained is None or len(trained[1]) != 1 or picks[0] is None or picks[1] is None:
            return None
        model, steps, fit = trained
        scoring, metric, end = score_of(trace, fit)
        rules, leaking = ("fit-on-test",), frozenset((at,))
        last, pick = max(at, fit[0], end), (picks[0], picks[1])
        return Plan(steps, (), model, features, target, *holdout, scoring, metric, rules, leaking, last, pick)
    return None


def _picking(kind: str) -> str | None:
    """What picks rows by their positions."""
    return {"frame": ".iloc", "series": ".iloc", "array": "", "sparse": ""}.get(kind)


# --- a cross-validation -----------------------------------------------------------------------------------


def _of_cross_validation(trace: Trace, leak: leaks.Leak, sink: CrossValidate) -> Plan | None:
    call, number = node_at(trace, sink.call), _number(trace, sink.origin)
    if not isinstance(call, ast.Call) or number is None or sink.callee not in ("cross_val_score", "cross_validate"):
        return None
    given: dict[str | None, ast.expr] = dict(zip(("estimator", "X", "y"), call.args, strict=False))
    given.update({word.arg: word.value for word in call.keywords})
    if not {"estimator", "X", "y"} <= given.keys() or "groups" in given or None in given or len(call.args) > 3:
        return None
    way, other = _Way(trace), _Way(trace)
    if not way.back(given["X"], number, sink.call) or leak.learned.origin not in way.fits:
        return None
    if not other.back(given["y"], number, sink.call, resampled=True):
        return None
    model = _made(trace, sink.estimator)
    folds = _folds(trace, sink, given.get("cv"), number)
    scoring = given.get("scoring")
    if model is None or folds is None or not (_is_text(scoring) or _is_none(scoring)):
        return None
    usual = "accuracy" if _classifies(sink.leaves) else "R²"
    text = scoring.value if isinstance(scoring, ast.Constant) and isinstance(scoring.value, str) else ""
    words = text.removeprefix("neg_").replace("_", " ")
    metric = (f"negative {words}" if text.startswith("neg_") else words) or usual
    named = f'"{text}"' if text else ""
    return _plan(trace, leak, way, other, (), model, *folds, named, metric, number)


def _folds(trace: Trace, sink: CrossValidate, cv: ast.expr | None, number: int) -> tuple[str, str] | None:
    """The class of a splitter that repeats what `cv` says, and how it is made."""
    kind, count = "StratifiedKFold" if _classifies(sink.leaves) else "KFold", 5
    if isinstance(cv, ast.Name):
        way = _definition(trace, cv.id, number)
        cv = way[1].value if way is not None and isinstance(way[1], ast.Assign) else cv
    if isinstance(cv, ast.Constant) and type(cv.value) is int:
        count = cv.value
    elif isinstance(cv, ast.Call):
        kind = ast.unparse(cv.func).rpartition(".")[2]
        keywords = {word.arg: word.value for word in cv.keywords}
        size = cv.args[0] if cv.args else keywords.get("n_splits")
        if kind not in _FOLDS or not (size is None or (isinstance(size, ast.Constant) and type(size.value) is int)):
            return None
        count = size.value if isinstance(size, ast.Constant) and isinstance(size.value, int) else count
    elif not _is_none(cv):
        return None
    if count < 2:
        return None
    repeats = max(2, REPEATS // count)
    return _FOLDS[kind], f"{_FOLDS[kind]}(n_splits={count}, n_repeats={repeats}, random_state=0)"


# --- both ------------------------------------------------------------------------------------------------


def _plan(
    trace: Trace,
    leak: leaks.Leak,
    way: _Way,
    other: _Way,
    after: tuple[Step, ...],
    model: Step,
    splitter: str,
    splits: str,
    scoring: str,
    metric: str,
    end: int,
) -> Plan | None:
    if way.code is None or other.code is None or not way.steps:
        return None
    resamples = any(step.resamples for step in way.steps)
    # The target goes the same way through a resampler, and through nothing else.
    if [step.code for step in other.steps] != [step.code for step in way.steps if step.resamples]:
        return None
    if resamples and len(way.steps) > 1:
        return None
    if way.wrapped and any("ColumnTransformer" in step.code.text for step in (*after, model)):
        return None
    rules = {
        leaks.rule_of(trace, group[0][0]) for group in trace.once(leaks.told) if group[0][0].learned.origin in way.fits
    }
    return Plan(
        way.steps,
        after,
        model,
        way.code,
        other.code,
        splitter,
        splits,
        scoring,
        metric,
        tuple(sorted(rules)),
        frozenset(way.numbers),
        end,
    )


class _Way:
    """The way from a value back to what it was made of, through transformers alone.

    `steps` are these in the order in which rows go through them, `code` is what the way begins with; `root` is its
    name, where it is one that the statement `stop` binds. `fits` and `numbers` are of what was learned on the way.
    """

    def __init__(self, trace: Trace, stop: int | None = None) -> None:
        self._trace = trace
        self._stop = stop
        self.steps: tuple[Step, ...] = ()
        self.fits: set[Origin] = set()
        self.numbers: set[int] = set()
        self.code: Code | None = None
        self.root: str | None = None
        self.wrapped = False

    def back(self, node: ast.expr, number: int, near: Place, resampled: bool = False) -> bool:
        """Goes back from an expression in the statement of that number; False where the way is not certain.

        With `resampled` it goes through resamplers alone: that is how targets go.
        """
        if isinstance(node, ast.Name):
            found = _definition(self._trace, node.id, number)
            if found is None:
                return False
            at, statement, place = found
            if at == self._stop:
                self.root, self.code = node.id, Code(node.id)
                return True
            step = self._through(statement, node.id, at, place, resampled)
            if step is not None:
                return step
            self.root = node.id
        elif isinstance(node, ast.Call):
            step = self._step(node, number, near, resampled)
            if step is not None:
                return step
        self.code = _piece(self._trace, near, node, number)
        self.root = self.root or (self.code.text if self.code is not None else None)
        return self.code is not None

    def _through(self, statement: ast.stmt, name: str, at: int, place: Place, resampled: bool) -> bool | None:
        """Through the statement that made a value, where a transformer did; None where it is none."""
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            return None
        target, value = statement.targets[0], statement.value
        if isinstance(target, ast.Tuple) and isinstance(value, ast.Call) and len(target.elts) == len(value.args) == 2:
            index = next(
                (i for i, part in enumerate(target.elts) if isinstance(part, ast.Name) and part.id == name), None
            )
            if index is None or not _calls(value, "fit_resample"):
                return None
            return self._transformed(value, index, at, place)
        if not isinstance(target, ast.Name) or not isinstance(value, ast.Call):
            return None
        return self._step(value, at, place, resampled)

    def _step(self, call: ast.Call, number: int, near: Place, resampled: bool) -> bool | None:
        if resampled or not isinstance(call.func, (ast.Attribute, ast.Name)):
            return None
        if _calls(call, "fit_transform") or _calls(call, "transform"):
            return self._transformed(call, 0, number, near)
        wrapper = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id
        inner = call.args[0] if call.args else None
        if wrapper in _WRAPPERS and isinstance(inner, (ast.Name, ast.Call)):
            before = len(self.steps)
            went = self.back(inner, number, near)
            # Around rows that no transformer made it is part of how they are made.
            if not went or len(self.steps) == before:
                self.code = self.root = None
                return None
            self.wrapped = True
            return True
        return None

    def _transformed(self, call: ast.Call, index: int, number: int, near: Place) -> bool:
        """Through `fit_transform`, `transform` or `fit_resample`, to its argument of that index."""
        resamples = _calls(call, "fit_resample")
        fit = self._resampling(place_in(near, call)) if resamples else self._fit(call, number, near)
        before = fit.before if isinstance(fit, Fit) else fit.thing if fit is not None else None
        step = _made(self._trace, before if isinstance(before, Estimator) else None)
        at = _number(self._trace, fit.origin) if fit is not None else None
        if fit is None or step is None or at is None or call.keywords or len(call.args) <= index:
            return False
        self.fits.add(fit.record.origin if isinstance(fit, Fit) else fit.origin)
        self.numbers |= {number, at}
        fitted = node_at(self._trace, fit.call)
        target = isinstance(fitted, ast.Call) and len(fitted.args) > 1
        holds = isinstance(before, Estimator) and bool(before.steps)
        if not resamples and not holds and transformer_model(step.cls) is None:
            return False
        went = self.back(call.args[index], number, near, resampled=resamples and index == 1)
        self.steps = (*self.steps, replace(step, takes_target=target and not resamples, resamples=resamples))
        return went

    def _resampling(self, place: Place) -> Called | None:
        return next((event for event in self._trace.of(Called) if event.call == place), None)

    def _fit(self, call: ast.Call, number: int, near: Place) -> Fit | None:
        """The fit behind a transformation: the call itself, or the fit of the same transformer on the same rows."""
        place = place_in(near, call)
        own = next((event for event in self._trace.of(Fit) if event.call == place), None)
        if own is not None or not isinstance(call.func, ast.Attribute):
            return own
        receiver = call.func.value
        inner = place_in(near, receiver)
        candidates = [event for event in self._trace.of(Fit) if event.method == "fit"]
        if isinstance(receiver, ast.Call):
            fits = [event for event in candidates if event.call == inner]
        else:
            ref = value_before(self._trace, receiver.id, number) if isinstance(receiver, ast.Name) else None
            fits = [event for event in candidates if event.ref == ref and _before(self._trace, event, number)]
        node = node_at(self._trace, fits[-1].call) if fits else None
        at = _number(self._trace, fits[-1].origin) if fits else None
        if not isinstance(node, ast.Call) or at is None or not node.args or not call.args:
            return None
        same = ast.dump(node.args[0]) == ast.dump(call.args[0])
        kept = all(_same(self._trace, name, at, number) for name in free_names(call.args[0]))
        return fits[-1] if same and kept else None


def _definition(trace: Trace, name: str, number: int) -> tuple[int, ast.stmt, Place] | None:
    """The statement at the top level that last bound a name, if what it was bound to has not been changed since."""
    for at in range(number - 1, -1, -1):
        followed = trace.followed[at]
        if (MAIN, name) in followed.effects.writes:
            tree = followed.parsed.tree
            value = followed.effects.writes[MAIN, name]
            touched = any(value in set(changes(trace.followed[j].effects)) for j in range(at + 1, number))
            transforms = isinstance(tree, ast.Assign) and not touched
            return (at, tree if transforms and tree is not None else ast.Pass(), _whole(trace, at))
    return None


def _whole(trace: Trace, number: int) -> Place:
    followed = trace.followed[number]
    return Place(followed.unit, 1, 0, 1, 0)


def _same(trace: Trace, name: str, first: int, last: int) -> bool:
    """Whether a name is the same before two statements."""
    value = value_before(trace, name, first)
    return not any(
        key in ((MAIN, name), value) for number in range(first, last) for key in changes(trace.followed[number].effects)
    )


def _made(trace: Trace, estimator: Estimator | None) -> Step | None:
    """An estimator as the program makes it."""
    if estimator is None or estimator.made is None or estimator.made.path or not estimator.certain:
        return None
    place = estimator.made.place
    node, number = node_at(trace, place), _number(trace, estimator.made)
    code = _piece(trace, place, node, number) if node is not None and number is not None else None
    return None if code is None else Step(estimator.cls, code)


def _piece(trace: Trace, near: Place, node: ast.expr, number: int) -> Code | None:
    text = text_at(trace, place_in(near, node))
    if text is None or "#" in text or '"""' in text or "'''" in text:
        return None
    return Code(
        text, tuple(Wanted(name, number) for name in sorted(free_names(node)) if _is_bound(trace, name, number))
    )


def _is_bound(trace: Trace, name: str, number: int) -> bool:
    return any((MAIN, name) in trace.followed[at].effects.writes for at in range(number))


def _number(trace: Trace, origin: Origin) -> int | None:
    """The number of the statement where something happened, if that is a plain one at the top level."""
    if origin.path or origin.place.unit not in trace.order:
        return None
    number = trace.order[origin.place.unit]
    return number if isinstance(trace.followed[number].parsed.tree, (ast.Assign, ast.Expr, ast.AnnAssign)) else None


def _before(trace: Trace, event: Fit, number: int) -> bool:
    at = _number(trace, event.origin)
    return at is not None and at < number


def _calls(call: ast.Call, method: str) -> bool:
    return isinstance(call.func, ast.Attribute) and call.func.attr == method


def _plain(node: ast.expr) -> str:
    """A name, also where its values are asked for as a flat array."""
    while True:
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr in ("ravel", "to_numpy")
        ):
            node = node.func.value
        elif isinstance(node, ast.Attribute) and node.attr == "values":
            node = node.value
        else:
            return node.id if isinstance(node, ast.Name) else ""


def _predicts(leaves: tuple[Estimator, ...] | None) -> bool:
    return bool(leaves) and bool(_PREDICTORS & set((leaves or ())[-1].kinds))


def _classifies(leaves: tuple[Estimator, ...] | None) -> bool:
    return bool(leaves) and "classifier" in (leaves or ())[-1].kinds


def _is_false(node: ast.expr | None) -> bool:
    return node is not None and not (isinstance(node, ast.Constant) and node.value is True)


def _is_none(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def _is_text(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def names_of(steps: tuple[Step, ...]) -> Iterator[str]:
    """What steps are called in words."""
    return (f"`{short(step.cls)}`" for step in steps)
