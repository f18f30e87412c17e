"""How the rules on training loops read events: which steps, resets and gradients belong together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Edit, Fix
from mlsense.semantics.events import Backward, Loop, Step, ZeroGrad
from mlsense.semantics.values import Place
from mlsense.text import Span, TextEdit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsense.semantics.events import Event
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Unit


def ids(loops: Sequence[Loop]) -> tuple[object, ...]:
    return tuple(loop.origin for loop in loops)


def within(event: Event, loop: Loop) -> bool:
    """Whether the event happens in the loop, at any depth."""
    return loop.origin in ids(event.loops)


def optimizer_steps(trace: Trace) -> Iterator[Step]:
    """Steps of what is certainly an optimiser: by what made it, or because its gradients are set to zero too."""
    zeroed = {event.receiver for event in trace.of(ZeroGrad)}
    for step in trace.of(Step):
        if step.symbol.startswith("torch.optim.") and "lr_scheduler" not in step.symbol:
            if not step.symbol.endswith(".LBFGS"):
                yield step
        elif step.receiver in zeroed:
            yield step


def batch_loop(trace: Trace, step: Step) -> Iterator[tuple[Loop, Backward]]:
    """Loops that compute gradients and that the step stands beside, not inside."""
    seen: set[object] = set()
    for backward in trace.of(Backward):
        depth = len(step.loops)
        if len(backward.loops) <= depth or ids(backward.loops[:depth]) != ids(step.loops):
            continue
        loop = backward.loops[depth]
        if loop.origin not in seen and loop.kind == "for":
            seen.add(loop.origin)
            yield loop, backward


def times(event: Event) -> str:
    """How often something beside the loop over the batches runs."""
    if event.loops:
        return "once per epoch"
    return "once per call" if event.origin.path else "once"


def same_function(loop: Loop, event: Event) -> bool:
    """Whether both stand in one function, so that one can be moved to the other."""
    return loop.origin.path == event.origin.path


def moved_into(trace: Trace, loop: Loop, statement: Place, title: str, at_end: bool) -> Fix | None:
    """Takes the statement to the first or last line of the loop's body."""
    inner = editing.indentation(trace, loop.body._replace(end_line=loop.body.line, end_column=loop.body.column))
    text = editing.text_at(trace, statement)
    if text is None or "\n" in text or "\r" in text:
        return None
    cell_source = trace.locate(loop.body)
    if cell_source is None:
        return None
    if inner is None:
        inner = _indent_of_line(trace, loop.body)
    if inner is None:
        return None
    removed = editing.deleted(trace, statement)
    target = _line(loop.body.unit, loop.body.end_line, loop.body.end_column) if at_end else loop.body
    added = _added(trace, target, text, inner, at_end)
    if removed is None or added is None:
        return None
    return Fix(title, "safe", (removed, added))


def _line(unit: Unit, line: int, column: int) -> Place:
    return Place(unit, line, max(0, column - 1), line, column)


def _indent_of_line(trace: Trace, place: Place) -> str | None:
    found = trace.line_of(place)
    if found is None:
        return None
    cell, line = found
    text = editing.source_of(trace, cell).lines.line_text(line)
    return text[: len(text) - len(text.lstrip(" \t"))]


def _added(trace: Trace, place: Place, text: str, indent: str, after: bool) -> Edit | None:
    found = trace.line_of(place)
    if found is None:
        return None
    cell, line = found
    source = editing.source_of(trace, cell)
    ending = editing.newline(trace, cell)
    if not after:
        start = source.lines.line_span(line).start
        return Edit(cell, TextEdit(Span(start, start), indent + text + ending))
    end = source.lines.line_span(line).end
    return Edit(cell, TextEdit(Span(end, end), ending + indent + text))
