"""Rows that are held out of training: which models are scored on them, and what is chosen by these scores."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from mlsense.rules.reading import bound_names, node_at, place_in
from mlsense.semantics.events import Evaluate, Fit, Select, Split
from mlsense.semantics.regions import NO_ROWS, Overlap, overlap
from mlsense.semantics.values import Const, Data, Estimator, Origin, Place, Symbol

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterable, Iterator

    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace
    from mlsense.semantics.regions import Rows
    from mlsense.semantics.trace import Effects
    from mlsense.semantics.values import FitRecord, Score

Way: TypeAlias = tuple[Place, ...]
# Those that were seen in several passes, each on its own.
Followed: TypeAlias = frozenset[Way]

_VALIDATION = frozenset("val valid validation vali dev cv tune tuning calib calibration eval oof".split())
_WORD = re.compile(r"[A-Za-z][a-z]*|[A-Z]+")
_MANY = 3
_NO_MODELS = ("clusterer", "outlier_detector", "density_estimator")


@dataclass(frozen=True)
class HeldOut:
    """A region that no model scored on it was fitted on; `models` are told apart by what they are and learned from.

    `chosen` are the choices made by scores on it, where it is a test: no other rows are left to tell how good the
    chosen one is.
    """

    rows: Rows
    scored: tuple[Evaluate, ...]
    models: int
    chosen: tuple[Select, ...]

    @property
    def again(self) -> Evaluate:
        """Where it is used for the second model first."""
        first = self.scored[0].fit.origin
        return next((event for event in self.scored if event.fit.origin != first), self.scored[0])


def held_out(trace: Trace) -> tuple[HeldOut, ...]:
    """The regions that are all there is to test on, and that score several models or choose among them."""
    return trace.once(_find)


def _find(trace: Trace) -> tuple[HeldOut, ...]:
    found = trace.kept(_scored, _scored)
    choices = trace.that(_chooses, Select)
    # Most regions score one model: by their hashes, these cost next to nothing in each version.
    often = Counter([number for number, _, _ in found])
    several = [event for number, looped, event in found if looped or often[number] > 1]
    if not choices and not several:
        return ()
    by_rows: dict[Rows, list[Evaluate]] = {}
    for _, _, event in found:
        by_rows.setdefault(event.x.rows or NO_ROWS, []).append(event)
    fits = {event.record.origin: event for event in trace.of(Fit)}
    return tuple(_held_out(trace, by_rows, fits, choices))


def _scored(effects: Effects) -> list[tuple[int, bool, Evaluate]]:
    """The scores on held-out rows, each with the hash of the rows and whether it stands in a loop."""
    events = [event for event in effects.events if isinstance(event, Evaluate) and _tests(event)]
    return [(hash(event.x.rows), bool(event.loops), event) for event in events]


def _held_out(
    trace: Trace, by_rows: dict[Rows, list[Evaluate]], fits: dict[Origin, Fit], choices: Iterable[Select]
) -> Iterator[HeldOut]:
    ways = Counter(_way(event) for events in by_rows.values() for event in events)
    followed = frozenset(way for way, number in ways.items() if number > 1)
    for rows, events in by_rows.items():
        chosen = tuple(choice for choice in choices if _is_choice(choice, rows, events, fits, followed))
        models = len({_model(event.fit, fits) for event in events})
        if models < _MANY and any(_varies(event, fits, followed) for event in events):
            # A loop over settings that are not known one by one.
            models = _MANY
        if (models < 2 and not chosen) or _is_validation(trace, rows, events):
            continue
        if not _left_over(trace, rows, events, by_rows):
            yield HeldOut(rows, tuple(events), models, chosen)


def _way(event: Evaluate) -> Way:
    """The place of a score and the calls that lead there: the same in each pass of a loop."""
    return (event.call, *(step for step in event.origin.path if isinstance(step, Place)))


def _tests(event: Evaluate) -> bool:
    """Whether it scores a model on rows that are all others than it was fitted on."""
    rows, trained = event.x.rows, event.fit.rows
    if not event.is_score or event.assumed or rows is None or not rows.parts or trained is None:
        return False
    if any(choice.kind == "fold" for part in rows.parts for choice in part.path):
        return False
    kinds = event.fit.kinds
    if event.fit.cls.rpartition(".")[2].startswith("Dummy") or any(kind in kinds for kind in _NO_MODELS):
        return False
    return overlap(rows, trained) is Overlap.DISJOINT


def _chooses(event: Select) -> bool:
    return not event.assumed and any(score.fit is not None for score in event.scores)


def _model(fit: FitRecord, fits: dict[Origin, Fit]) -> Hashable:
    """What tells one model from another: not the rows it learned from, nor the luck of its seed."""
    event = fits.get(fit.origin)
    if event is None:
        return fit.origin
    if "network" in fit.kinds or event.method == "partial_fit":
        return event.ref
    leaves = event.leaves or (event.after,)
    told = [(leaf.cls, name, value) for leaf in leaves for name, value in leaf.params if name != "random_state"]
    if not all(isinstance(value, (Const, Symbol)) for _, _, value in told):
        return (event.ref, event.after.params, fit.origin)
    return (event.after.cls, tuple(leaf.cls for leaf in leaves), tuple(told), fit.columns, _shaped(fit))


def _shaped(fit: FitRecord) -> frozenset[tuple[str, Hashable]]:
    return frozenset((item.what, item.origin.place) for item in fit.learned)


def _is_choice(choice: Select, rows: Rows, events: list[Evaluate], fits: dict[Origin, Fit], followed: Followed) -> bool:
    """Whether it is one of several that is chosen by scores on these rows, and scores on them are what is reported."""
    scores = [score for score in choice.scores if score.rows == rows and score.fit is not None]
    if not scores:
        return False
    if choice.how == "stopping":
        return any(event.fit.origin == scores[-1].fit.origin for event in events if scores[-1].fit is not None)
    known = {event.origin: event for event in events}
    if choice.how == "search":
        return any(score.origin in known for score in scores)
    if any(score.curve for score in scores):
        return _sets_threshold(scores, choice, events)
    if len({_model(score.fit, fits) for score in scores if score.fit is not None}) > 1:
        return True
    of_loops = [known[score.origin] for score in scores if score.origin in known]
    return any(_varies(event, fits, followed, trained_on=True) or _tries_thresholds(event, fits) for event in of_loops)


def _sets_threshold(scores: list[Score], choice: Select, events: list[Evaluate]) -> bool:
    """Whether a threshold is chosen off a curve, and labels made with one are scored on the same rows."""
    curves = {score.fit.origin for score in scores if score.fit is not None}
    return any(
        event.x.form == "thresholded" and event.fit.origin in curves and _follows(event, choice) for event in events
    )


def _follows(event: Evaluate, choice: Select) -> bool:
    """Whether it stands below; of other statements the order is not looked at here."""
    one, other = event.call, choice.call
    return one.unit != other.unit or (one.line, one.column) > (other.line, other.column)


def _tries_thresholds(event: Evaluate, fits: dict[Origin, Fit]) -> bool:
    """Whether labels of one model are made with many thresholds and scored, each in its own pass."""
    fit = fits.get(event.fit.origin)
    inside = {loop.origin for loop in fit.loops} if fit is not None else set()
    return event.x.form == "thresholded" and any(loop.origin not in inside for loop in event.loops)


def _varies(event: Evaluate, fits: dict[Origin, Fit], followed: Followed, trained_on: bool = False) -> bool:
    """Whether the loops around make a model in each pass and score it on rows that stay the same.

    `trained_on`: one that is trained further in each pass counts as well.
    """
    fit, rows = fits.get(event.fit.origin), event.x.rows
    if fit is None or rows is None or _way(event) in followed:
        # What is followed pass by pass shows itself whether the models differ.
        return False
    around = {loop.origin for loop in fit.loops}
    further = fit.method == "partial_fit" or "network" in fit.record.kinds
    for loop in event.loops:
        if loop.origin not in around or loop.iterates == "folds" or loop.length in (0, 1):
            continue
        if _made_in(loop, rows) or (fit.record.rows is not None and _made_in(loop, fit.record.rows)):
            continue
        made = fit.after.made
        if trained_on or not further or (made is not None and _is_in(loop, made)):
            return True
    return False


def _made_in(loop: Loop, rows: Rows) -> bool:
    """Whether these may be other rows in each pass: made there, or picked by what is not written down."""
    picks = [choice for part in rows.parts for choice in part.path if choice.kind in ("mask", "slice", "filter")]
    if any("id='" in repr((choice.selector, choice.branch)) for choice in picks):
        return True
    return any(
        _is_in(loop, each)
        for part in (*rows.parts, *rows.made_from)
        for each in (part.source.key, *(choice.selector for choice in part.path if not choice.fixed))
    )


def _is_in(loop: Loop, made: Hashable) -> bool:
    if isinstance(made, tuple) and not isinstance(made, Origin):
        return any(_is_in(loop, part) for part in made if isinstance(part, (Origin, tuple)))
    if not isinstance(made, Origin):
        return False
    places = (made.place, *(step for step in made.path if isinstance(step, Place)))
    return any(
        place.unit == loop.body.unit
        and (loop.header.line, loop.header.column) <= (place.line, place.column)
        and (place.end_line, place.end_column) <= (loop.body.end_line, loop.body.end_column)
        for place in places
    )


# --- what a region is there for ------------------------------------------------------------------------


def names_of(trace: Trace, rows: Rows, event: Evaluate) -> tuple[str, ...]:
    """What the program calls the rows: where they are split off, and where they are scored."""
    found: list[str] = []
    for part in rows.parts:
        last = part.path[-1] if part.path else None
        selector = last.selector if last is not None else None
        origin = selector if isinstance(selector, Origin) else None
        if isinstance(selector, tuple) and not isinstance(selector, Origin):
            origin = next((each for each in selector if isinstance(each, Origin)), None)
        if origin is not None and last is not None and last.branch in (0, 1):
            names = bound_names(trace, origin.place)
            found += names[int(last.branch == 1) :: 2]
    node = node_at(trace, event.call)
    for each in ast.walk(node) if node is not None else ():
        seen = trace.sighting(place_in(event.call, each)) if isinstance(each, ast.Name) else None
        # A model, and what it made of the rows, is not what they are called.
        if seen is None or isinstance(seen.object, Estimator):
            continue
        if not (isinstance(seen.object, Data) and (seen.object.fits or seen.object.rows != rows)):
            found.append(seen.name)
    return tuple(dict.fromkeys(found))


def _is_validation(trace: Trace, rows: Rows, events: list[Evaluate]) -> bool:
    """Whether the program says itself that it chooses on these rows: then they are no test."""
    if any(isinstance(part.source.key, tuple) and part.source.key[-1] == "validation" for part in rows.parts):
        # The part that a published data set calls so.
        return True
    for event in (events[0], events[-1]):
        for name in names_of(trace, rows, event):
            words = {word.lower() for word in _WORD.findall(name)}
            glued = re.match(r"(x|y)_?(val|valid|dev)\w*$", name.lower())
            if "test" not in words and (words & _VALIDATION or glued):
                return True
    return False


def _left_over(trace: Trace, rows: Rows, events: list[Evaluate], by_rows: dict[Rows, list[Evaluate]]) -> bool:
    """Whether rows are left that tell how good the chosen one is: then these are there to choose by.

    Others that a model of the same training rows is scored on; a file that is only predicted for, as in a competition.
    """
    trained = [event.fit.rows for event in events]
    for other, found in by_rows.items():
        if overlap(other, rows) is Overlap.DISJOINT and any(
            overlap(event.fit.rows, each) is Overlap.OVERLAP for event in found for each in trained[:4]
        ):
            return True
    scored = {part.source for each in by_rows for part in each.parts}
    for event in trace.that(_predicts_for_file, Evaluate):
        assert event.x.rows is not None
        elsewhere = all(part.source not in scored for part in event.x.rows.parts)
        apart = event.fit.rows is not None and overlap(event.x.rows, event.fit.rows) is not Overlap.OVERLAP
        if elsewhere and apart:
            return True
    return False


def _predicts_for_file(event: Evaluate) -> bool:
    """Whether rows of a file are predicted for."""
    rows = event.x.rows
    if event.is_score or rows is None or not rows.parts:
        return False
    return all(part.source.label.startswith("read_") for part in rows.parts)


def named(trace: Trace, found: HeldOut) -> str:
    """What the rows are called, for a message."""
    names = names_of(trace, found.rows, found.scored[0])
    likely = [name for name in names if "test" in name.lower() or name.lower().endswith("te")]
    likely.sort(key=lambda name: not name.lower().startswith("x"))
    return f"`{likely[0]}`" if likely else "the test rows"


def splits_off(trace: Trace, rows: Rows) -> Split | None:
    """The split that makes these rows, where they are one part of one."""
    if len(rows.parts) != 1 or not rows.parts[0].path:
        return None
    selector = rows.parts[0].path[-1].selector
    return next((event for event in trace.of(Split) if event.origin == selector), None)
