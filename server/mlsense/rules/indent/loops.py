"""How the rules on training loops read events: which steps, resets and gradients belong together."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Edit, Fix
from mlsense.rules.reading import contains, place_in
from mlsense.semantics.events import Backward, Loop, Step, ZeroGrad
from mlsense.semantics.values import Place
from mlsense.text import Span, TextEdit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsense.semantics.events import Event
    from mlsense.semantics.program import Trace


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


# --- moving a statement into the loop ------------------------------------------------------------------


def after_backward(trace: Trace, loop: Loop, step: Step, backward: Backward, title: str) -> Fix | None:
    """Takes the step behind the statement of the loop's body that computes the gradients, clipping included."""
    node = _node(trace, loop)
    if node is None or not _beside(trace, loop, node, step.statement):
        return None
    ways = [*(place for place in backward.origin.path if isinstance(place, Place)), backward.origin.place]
    inside = next((place for place in ways if place.unit == loop.body.unit and _covers(node, place)), None)
    at = next((n for n, part in enumerate(node.body) if inside is not None and contains(part, inside)), None)
    if at is None or any(isinstance(event, ZeroGrad) for event in _later(trace, loop, backward)):
        return None
    while at + 1 < len(node.body) and any(word in ast.unparse(node.body[at + 1]) for word in ("clip_grad", "unscale_")):
        at += 1
    return _moved(trace, loop, step.statement, place_in(loop.body, node.body[at]), title, after=True)


def to_the_beginning(trace: Trace, loop: Loop, zero: ZeroGrad, title: str) -> Fix | None:
    """Takes the clearing to the first line of the loop's body."""
    node = _node(trace, loop)
    if node is None or not _beside(trace, loop, node, zero.statement, outside=True):
        return None
    return _moved(trace, loop, zero.statement, place_in(loop.body, node.body[0]), title, after=False)


def _node(trace: Trace, loop: Loop) -> ast.For | None:
    """The loop's statement, if its body stands on lines of its own."""
    tree = trace.node(loop.header)
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.For) and (node.lineno, node.col_offset) == (loop.header.line, loop.header.column):
            return node if node.body[0].lineno > loop.header.line else None
    return None


def _beside(trace: Trace, loop: Loop, node: ast.For, statement: Place, outside: bool = False) -> bool:
    """Whether the statement stands in the same block as the loop, or, for `outside`, in one around it."""
    tree, other = trace.node(loop.header), trace.node(statement)
    if tree is None or other is None:
        return False
    here = (statement.line, statement.column)
    if statement.unit != loop.header.unit:
        return (other.lineno, other.col_offset) == here and (tree is node or outside)
    for parent in ast.walk(tree):
        for block in (getattr(parent, "body", None), getattr(parent, "orelse", None)):
            if not isinstance(block, list) or not any((part.lineno, part.col_offset) == here for part in block):
                continue
            loops = any(part is node for part in block)
            return loops or (outside and isinstance(parent, (ast.For, ast.FunctionDef, ast.With)))
    return False


def _covers(node: ast.For, place: Place) -> bool:
    return any(contains(part, place) for part in node.body)


def _later(trace: Trace, loop: Loop, backward: Backward) -> Iterator[Event]:
    """What happens in the loop's body below the gradients."""
    for event in trace.events:
        same = event.origin.place.unit == backward.origin.place.unit
        if within(event, loop) and same and event.origin.place.line > backward.origin.place.line:
            yield event


def _moved(trace: Trace, loop: Loop, statement: Place, anchor: Place, title: str, after: bool) -> Fix | None:
    """Deletes the statement's line and puts it, with its comment, before or after another of the loop's body."""
    lines, old = editing.lines_of(trace, statement), editing.indentation(trace, statement)
    line, found = trace.line_of(anchor), trace.locate(anchor)
    if lines is None or old is None or line is None or found is None or statement.line != statement.end_line:
        return None
    cell, number = line
    source = trace.source(cell)
    text = trace.source(lines[0]).text[slice(*lines[1])][len(old) :].rstrip("\r\n")
    own = source.lines.line_text(number)
    indent = own[: len(own) - len(own.lstrip(" \t"))]
    ending = editing.newline(trace, cell)
    if after:
        end = source.lines.line_span(source.lines.position(found[1].end).line).end
        added = Edit(cell, TextEdit(Span(end, end), ending + indent + text))
    else:
        start = source.lines.line_span(number).start
        added = Edit(cell, TextEdit(Span(start, start), indent + text + ending))
    removed = editing.deleted(trace, statement)
    return None if removed is None else Fix(title, "safe", (removed, added))
