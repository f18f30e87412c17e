"""Something learned from all rows reaches a split, a cross-validation or a score on rows it saw.

One mechanism for several rules: each leak is one finding of one of them, by what was learned.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.knowledge import estimator_facts
from mlsense.rules import after_split, column_steps, inside_folds
from mlsense.rules.finding import Fix, Related, Severity
from mlsense.rules.reading import (
    all_rows,
    calls_of,
    innermost,
    location,
    related,
    shown_at,
    trained_on,
    training_name,
    where,
    written,
)
from mlsense.rules.rule import Draft
from mlsense.semantics.events import CrossValidate, Evaluate, Event, Fit, Folds, Split
from mlsense.semantics.regions import Overlap, Rows, overlap, siblings, within
from mlsense.semantics.values import Learned, Place, merge_learned

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Data, Origin

REPORTED = frozenset(
    "scaler imputer reducer selector encoder target-encoder vectoriser discretiser statistic fill".split()
)
# Rows that are there more than once, or that are made from others.
MADE = {"resampler": "resample-before-split", "twins": "augment-before-split"}
# What the program computes itself.
COMPUTED = ("statistic", "fill")
# Statistics of pairs of columns, by which columns are chosen.
CORRELATIONS = ("corr", "corrwith")


@dataclass(frozen=True, slots=True)
class Leak:
    """What was learned, where it meets the rows it should not have seen, and which input of a split carries it."""

    learned: Learned
    sink: Split | CrossValidate | Folds | Evaluate
    index: int = 0
    inner: bool = False


def drafts(trace: Trace, rule: str) -> Iterator[Draft]:
    """The leaks that this rule tells of."""
    for group in trace.once(told):
        leak, place = group[0]
        found = location(trace, place) if rule_of(trace, leak) == rule else None
        if found is not None:
            names = tuple(dict.fromkeys(_name(trace, other.learned) for other, _ in group))
            yield Draft(
                message(trace, leak, place, names),
                found,
                others(trace, leak, place),
                fix(trace, leak, place),
                severity(trace, leak),
            )


def rule_of(trace: Trace, leak: Leak) -> str:
    """The rule whose finding a leak is."""
    learned = leak.learned
    if learned.family in MADE:
        return MADE[learned.family]
    if learned.family == "vectoriser":
        return "tfidf-fit-on-all"
    if learned.family == "fill":
        return "impute-before-split"
    chooses = learned.family == "selector" or learned.what in CORRELATIONS
    if chooses and (learned.supervised or _with_target(trace, leak)):
        return "feature-selection-before-split"
    return "fit-before-split"


def told(trace: Trace) -> list[list[tuple[Leak, Place]]]:
    """The leaks by where they are shown, the gravest of each first."""
    best: dict[Origin, Leak] = {}
    for leak in leaks(trace):
        known = best.get(leak.learned.origin)
        if known is None or (known.inner and not leak.inner):
            best[leak.learned.origin] = leak
    together: dict[object, list[tuple[Leak, Place]]] = {}
    for leak in sorted(best.values(), key=lambda leak: leak.inner):
        place = shown_at(trace, leak.learned.origin, leak.sink.origin, leak.learned.rows)
        # A mean and a standard deviation in one statement are one mistake.
        key = (innermost(trace, place), rule_of(trace, leak)) if leak.learned.family in COMPUTED else place
        together.setdefault(key, []).append((leak, place))
    return [*together.values()]


# --- the leak ----------------------------------------------------------------------------------------


def leaks(trace: Trace) -> Iterator[Leak]:
    for event in trace.that(_is_suspect, Event):
        if isinstance(event, Split):
            for index, data in enumerate(_features(event)):
                # Who splits the training part again has set the test part aside already.
                yield from (Leak(found, event, index) for found in _saw(data) if not _is_apart(trace, found, data))
        elif isinstance(event, CrossValidate):
            yield from (Leak(found, event, 0, inner=_is_apart(trace, found, event.x)) for found in _saw(event.x))
        elif isinstance(event, Folds):
            yield from (Leak(found, event, 0, inner=_is_apart(trace, found, event.inputs[0])) for found in _made(event))
        elif isinstance(event, Evaluate):
            yield from (Leak(found, event) for found in _crossing(event) if not _is_part(trace, found.rows))


def _is_suspect(event: Event) -> bool:
    """Whether something that shaped the data was learned on rows it should not have seen, set aside or not."""
    if isinstance(event, Split):
        return any(True for data in _features(event) for _ in _saw(data))
    if isinstance(event, CrossValidate):
        return any(True for _ in _saw(event.x))
    if isinstance(event, Folds):
        return any(True for _ in _made(event))
    return isinstance(event, Evaluate) and any(True for _ in _crossing(event))


def _features(split: Split) -> tuple[Data | None, ...]:
    """What is split but for the target: the last of several, if it is a single column."""
    last = split.inputs[-1]
    target = len(split.inputs) > 1 and last is not None and last.rank != 2 and last.kind != "frame"
    return split.inputs[:-1] if target else split.inputs


def _made(folds: Folds) -> Iterator[Learned]:
    """What made rows that fall into other folds than those they were made from; the rest shows where folds are used."""
    return (learned for learned in _saw(folds.inputs[0]) if learned.family in MADE)


def _saw(data: Data | None) -> Iterator[Learned]:
    """What shaped the data and was learned on rows that are in it."""
    if data is not None and data.rows is not None:
        for learned in data.learned:
            made = learned.family == "twins" or (learned.family == "resampler" and bool(data.rows.made_from))
            if (made or learned.family in REPORTED) and overlap(learned.rows, data.rows) is Overlap.OVERLAP:
                yield learned


def _crossing(event: Evaluate) -> Iterator[Learned]:
    """What was learned on rows of the evaluation, where the evaluation's rows are not those of the fit."""
    trained, tested = event.fit.rows, event.x.rows
    if trained is None or tested is None or overlap(trained, tested) is not Overlap.DISJOINT:
        return
    # Predictions for another file are for a competition or for use; a score on it is a test.
    if not event.is_score and not _same_source(trained, tested):
        return
    for learned in merge_learned(event.fit.learned, event.x.learned):
        if (
            learned.family in REPORTED
            and learned.rows not in (None, trained)
            and overlap(learned.rows, tested) is Overlap.OVERLAP
            and not within(learned.rows or Rows(), tested)
            and (_same_source(trained, tested) or overlap(learned.rows, trained) is Overlap.OVERLAP)
        ):
            yield learned


def _same_source(a: Rows, b: Rows) -> bool:
    return bool({part.source for part in a.parts} & {part.source for part in b.parts})


def _is_apart(trace: Trace, learned: Learned, data: Data | None) -> bool:
    """Whether rows have been set aside from those that something was learned on, or made of."""
    if learned.family not in MADE:
        return _is_part(trace, learned.rows)
    rows = data.rows if data is not None else None
    parts = (*rows.parts, *rows.made_from) if rows is not None else ()
    # Classes that were taken apart and put together again are no test.
    return any(
        part.path and siblings(other, Rows((part,))) and overlap(other, rows) is Overlap.DISJOINT
        for part in parts
        for other in trace.rows_in_use.get(part.source, ())
    )


def _is_part(trace: Trace, rows: Rows | None) -> bool:
    """Whether the rows are one part of a division whose other part is in use too: the test rows are set aside."""
    return rows is not None and any(
        part.path and any(siblings(other, rows) for other in trace.rows_in_use.get(part.source, ()))
        for part in rows.parts
    )


def severity(trace: Trace, leak: Leak) -> Severity:
    if leak.inner:
        return Severity.INFORMATION
    if _with_target(trace, leak):
        return Severity.ERROR
    if leak.learned.family == "encoder" or leak.learned.what in (*CORRELATIONS, "value_counts", "unique", "nunique"):
        # Which values there are, and which columns go together, is seldom a secret of the test rows.
        return Severity.HINT
    return Severity.WARNING


def _with_target(trace: Trace, leak: Leak) -> bool:
    """Whether the target took part: the class wants it and it was given, or a statistic is of the target itself."""
    learned = leak.learned
    if learned.family in COMPUTED:
        one_of_pairs = learned.what == "corr" and len(learned.of) == 1
        about = learned.what.startswith("groupby") or one_of_pairs
        return learned.supervised or (about and bool(_targets(trace, leak) & set(learned.of)))
    if learned.family not in ("target-encoder", "selector", "reducer") or not learned.supervised:
        return False
    fits = [event for event in trace.of(Fit) if event.record.origin == learned.origin]
    return not fits or any(event.y is not None for event in fits)


def _targets(trace: Trace, leak: Leak) -> set[str]:
    """The names of the targets of what the leak spoils."""
    sink, origin = leak.sink, leak.learned.origin
    found = [data for index, data in enumerate(sink.inputs) if index != leak.index] if isinstance(sink, Split) else []
    found += [sink.y] if isinstance(sink, CrossValidate) else []
    found += [event.y for event in trace.of(Fit) if any(item.origin == origin for item in event.record.learned)]
    columns = [data.columns.items for data in found if data is not None and data.columns is not None]
    return {items[0].name for items in columns if len(items) == 1}


# --- in words ----------------------------------------------------------------------------------------


def message(trace: Trace, leak: Leak, place: Place, names: tuple[str, ...]) -> str:
    learned, sink = leak.learned, leak.sink
    if learned.family in MADE:
        return _of_made_rows(trace, leak, place)
    subject = _subject(trace, leak, place, names)
    there = where(trace, sink.call, place)
    if isinstance(sink, CrossValidate):
        return (
            f"{subject}, and `{sink.callee}` {there} tests on parts of them: every fold's score is too good. "
            f"Put {_it(trace, learned)} and the model into one pipeline and hand that to `{sink.callee}`."
        )
    advice = _advice(trace, leak)
    if isinstance(sink, Split):
        score = _score_after(trace, sink, leak)
        spoiled = f"the score {where(trace, score.call, place)}" if score is not None else "a score on the test part"
        return (
            f"{subject}, and `{sink.callee}` {there} makes some of them the test part: {spoiled} is "
            f"{_how_much(trace, leak)}. {advice}"
        )
    return (
        f"{subject}, among them those that `{sink.callee}` {there} counts as unseen: the result is "
        f"{_how_much(trace, leak)}. {advice}"
    )


def _of_made_rows(trace: Trace, leak: Leak, place: Place) -> str:
    """Rows and what was made from them are on both sides of the split."""
    learned, sink = leak.learned, leak.sink
    there = where(trace, sink.call, place)
    call = written(trace, place, learned.by) if place != learned.origin.place else learned.what
    rows = all_rows(learned.rows)
    drawn = learned.family == "resampler"
    made = f"`{call}` makes rows from {rows}" if drawn else f"`{call}` lays {rows} beside copies of them"
    if isinstance(sink, (CrossValidate, Folds)):
        pipeline = f"Put `{learned.what}` and the model into imbalanced-learn's `make_pipeline`"
        whole = learned.estimator is not None and isinstance(sink, CrossValidate)
        way = f"{pipeline} and hand that over." if whole else "Make them inside each fold."
        return f"{made}, and `{sink.callee}` {there} has both in different folds: every fold's score is too good. {way}"
    name = training_name(trace, sink, leak.index) if isinstance(sink, Split) else None
    part = f"`{name}`" if name is not None else "the training part"
    return (
        f"{made}, and `{sink.callee}` {there} sends a row to the one part and its copy to the other: the score is too "
        f"good. Make them from {part} alone."
    )


def _subject(trace: Trace, leak: Leak, place: Place, names: tuple[str, ...]) -> str:
    learned = leak.learned
    rows = all_rows(learned.rows)
    if place != learned.origin.place:
        verb = "computes" if learned.family in COMPUTED else "fits"
        listed = " and ".join(f"`{name}`" for name in names[:3])
        return f"`{written(trace, place, 'this call')}` {verb} {listed} on {rows}"
    if learned.family in COMPUTED:
        name = f"`{_name(trace, learned)}`"
        if learned.what in CORRELATIONS and _with_target(trace, leak):
            return f"{name} finds out which columns go with the target, from {rows}"
        target = ", the target, " if _with_target(trace, leak) else " "
        return f"{name}{target}is computed over {rows}"
    what = f"{learned.what} in a {learned.inside}" if learned.inside else learned.what
    kind = "" if learned.what == learned.by else f" ({what})"
    target = " and their targets" if _with_target(trace, leak) else ""
    return f"`{learned.by}`{kind} learned from {rows}{target}"


def _name(trace: Trace, learned: Learned) -> str:
    return written(trace, learned.origin.place, learned.by) if learned.family in COMPUTED else learned.what


def _how_much(trace: Trace, leak: Leak) -> str:
    small = leak.learned.family in ("scaler", "imputer", "statistic", "fill", "discretiser", "vectoriser", "encoder")
    return "too good, if often by little" if small and not _with_target(trace, leak) else "too good"


def _it(trace: Trace, learned: Learned) -> str:
    if learned.family in COMPUTED:
        return "this step"
    facts = estimator_facts(learned.what)
    chooses = learned.family == "selector" and facts is not None and "transformer" not in facts.kinds
    return f"`SelectFromModel({learned.what}(...))`" if chooses else f"`{learned.by}`"


def _advice(trace: Trace, leak: Leak) -> str:
    sink = leak.sink
    split = sink if isinstance(sink, Split) else _split_of(trace, sink)
    name = training_name(trace, split, leak.index) if split is not None else None
    if name is None and isinstance(sink, Evaluate):
        name = trained_on(trace, sink.fit)
    part = f"`{name}`" if name is not None else "the training part"
    verb = "Compute" if leak.learned.family in COMPUTED else "Fit"
    inside = "inside the loop, " if isinstance(sink, Evaluate) and _before_the_loop(trace, leak, sink) else ""
    return f"{verb} it {inside}on {part} alone."


def _before_the_loop(trace: Trace, leak: Leak, sink: Evaluate) -> bool:
    """Whether the model is fitted on each fold in a loop, and what it rests on was learned before."""
    parts = sink.fit.rows.parts if sink.fit.rows is not None else ()
    if not any(choice.kind == "fold" for part in parts for choice in part.path):
        return False
    model = next((event for event in trace.of(Fit) if event.record.origin == sink.fit.origin), None)
    if model is None or not model.loops:
        return False
    loop = model.loops[-1]
    learned = leak.learned.origin.place
    inside = learned.unit == loop.body.unit and loop.body.line <= learned.line <= loop.body.end_line
    return not inside


def _split_of(trace: Trace, sink: Event) -> Split | None:
    """The split whose parts the sink evaluates."""
    if not isinstance(sink, Evaluate) or sink.x.rows is None:
        return None
    selectors = {choice.selector for part in sink.x.rows.parts for choice in part.path}
    return next((split for split in trace.of(Split) if split.selector in selectors), None)


def _score_after(trace: Trace, split: Split, leak: Leak) -> Evaluate | None:
    """The first evaluation on a part of this split other than the training part, of what the leak has shaped."""
    for event in trace.of(Evaluate):
        if leak.learned.origin not in {each.origin for each in (*event.x.learned, *event.fit.learned)}:
            continue
        for part in event.x.rows.parts if event.x.rows is not None else ():
            if any(choice.selector == split.selector and choice.branch == 1 for choice in part.path):
                return event
    return None


def others(trace: Trace, leak: Leak, place: Place) -> tuple[Related, ...]:
    sink = leak.sink
    pairs: list[tuple[Place | None, str]] = []
    if place != leak.learned.origin.place:
        pairs.append((leak.learned.origin.place, f"`{leak.learned.what}` learns here"))
    if isinstance(sink, Split):
        pairs.append((sink.call, "the rows are split here"))
        score = _score_after(trace, sink, leak)
        if score is not None:
            pairs.append((score.call, "this is evaluated on rows it learned from"))
    elif isinstance(sink, (CrossValidate, Folds)):
        pairs.append((sink.call, "every fold is evaluated here"))
    else:
        split = _split_of(trace, sink)
        if split is not None:
            pairs.append((split.call, "the rows are split here"))
        pairs.append((sink.call, "this is evaluated on rows it learned from"))
    return related(trace, *pairs)


# --- the fix -----------------------------------------------------------------------------------------


def fix(trace: Trace, leak: Leak, place: Place) -> Fix | None:
    """Learning from the training part alone: below the split, or inside the folds of a cross-validation."""
    learned, sink = leak.learned, leak.sink
    if place != learned.origin.place or calls_of(learned.origin) != calls_of(sink.origin):
        return None
    if isinstance(sink, CrossValidate):
        return inside_folds.pipeline_fix(trace, place, sink) or column_steps.in_folds(trace, place, sink)
    if not isinstance(sink, Split):
        return None
    if learned.family in MADE:
        return after_split.resampled_below(trace, place, sink, leak.index)
    moved = after_split.moved_below(trace, learned, place, sink, leak.index)
    return moved or column_steps.below_split(trace, place, sink, leak.index)
