"""How the rules on training loops read events: which belong together, what each loop is for, what moves where.

The part a loop plays comes from what happens in it: one in whose passes gradients are computed and an optimiser steps
goes through batches for training, whatever it is called and in whichever function its parts stand.
"""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

from mlsense.rules import editing
from mlsense.rules.finding import Edit, Fix
from mlsense.rules.reading import contains, node_at, place_in, short
from mlsense.semantics.core import code_of
from mlsense.semantics.events import Backward, Event, Forward, HandedOver, Loop, Loss, Step, ZeroGrad
from mlsense.semantics.values import Opaque, Place, Ref
from mlsense.syntax import walk
from mlsense.text import Span, TextEdit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Origin, Value

E = TypeVar("E", bound=Event)


def ids(loops: Sequence[Loop]) -> tuple[object, ...]:
    return tuple(loop.origin for loop in loops)


def within(event: Event, loop: Loop) -> bool:
    """Whether the event happens in the loop, at any depth."""
    return loop.origin in ids(event.loops)


class Happened:
    """What happens in and beside which loops, each loop under a number: found once for all rules that ask."""

    def __init__(self, trace: Trace) -> None:
        self._numbers: dict[int, int] = {}
        self._origins: dict[Origin, int] = {}
        self._inside: dict[tuple[type[Event], int], list[Event]] = {}
        self._beside: dict[tuple[type[Event], tuple[int, ...]], list[Event]] = {}
        self._below: dict[tuple[int, ...], list[Backward]] = {}
        for event in trace.that(_counts, Event):
            key, kind = self.key(event.loops), type(event)
            self._beside.setdefault((kind, key), []).append(event)
            for number in dict.fromkeys(key):
                self._inside.setdefault((kind, number), []).append(event)
            if isinstance(event, Backward):
                for depth in range(len(key)):
                    self._below.setdefault(key[:depth], []).append(event)

    def key(self, running: Sequence[Loop]) -> tuple[int, ...]:
        """The numbers of loops that were running."""
        return tuple([self._numbers.get(id(loop)) or self._numbered(loop) for loop in running])

    def _numbered(self, loop: Loop) -> int:
        # The events keep the loops alive, so an identity stands for one loop as long as this is asked.
        number = self._numbers[id(loop)] = self._origins.setdefault(loop.origin, len(self._origins) + 1)
        return number

    def inside(self, kind: type[E], loop: Loop) -> Sequence[E]:
        """Events of a kind in a loop, at any depth."""
        return self._inside.get((kind, self.key((loop,))[0]), ())  # type: ignore[return-value]

    def beside(self, kind: type[E], event: Event) -> Sequence[E]:
        """Events of a kind in the same pass of the same loops."""
        return self._beside.get((kind, self.key(event.loops)), ())  # type: ignore[return-value]

    def below(self, event: Event) -> Sequence[Backward]:
        """Gradients that are computed in loops beside which the event stands."""
        return self._below.get(self.key(event.loops), ())


def _counts(event: Event) -> bool:
    return isinstance(event, (Backward, Step, ZeroGrad, Forward, Loss))


def happened(trace: Trace) -> Happened:
    """What happens in and beside which loops."""
    return trace.once(Happened)


def optimizer_steps(trace: Trace) -> Sequence[Step]:
    """Steps of what is certainly an optimiser: by what made it, or because its gradients are set to zero too."""
    return trace.once(_optimizer_steps)


def _optimizer_steps(trace: Trace) -> tuple[Step, ...]:
    return tuple(_steps(trace))


def _steps(trace: Trace) -> Iterator[Step]:
    zeroed = {event.receiver for event in trace.of(ZeroGrad)}
    for step in trace.of(Step):
        if step.symbol.startswith("torch.optim.") and "lr_scheduler" not in step.symbol:
            if not step.symbol.endswith(".LBFGS"):
                yield step
        elif step.receiver in zeroed:
            yield step


def batch_loop(trace: Trace, step: Step) -> Iterator[tuple[Loop, Backward]]:
    """Loops that compute gradients and that the step stands beside, not inside."""
    seen: set[int] = set()
    depth, known = len(step.loops), happened(trace)
    for backward in known.below(step):
        loop = backward.loops[depth]
        number = known.key((loop,))[0]
        if number not in seen and loop.kind == "for":
            seen.add(number)
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
    return Fix.of(title, "safe", removed, added)


# --- what belongs together -----------------------------------------------------------------------------


def together(one: Event, other: Event) -> bool:
    """Whether two events happen in the same pass of the same loops."""
    return ids(one.loops) == ids(other.loops)


def inside(inner: Sequence[Loop], outer: Sequence[Loop]) -> bool:
    """Whether what runs in the first loops runs in the others too, at any depth."""
    return ids(inner[: len(outer)]) == ids(outer)


def modules_of(event: Step | ZeroGrad) -> tuple[Value, ...]:
    """The modules whose weights an optimiser steps, as far as they are known."""
    thing = event.thing
    return thing.parts if isinstance(thing, Opaque) and event.symbol.startswith("torch.optim.") else ()


def may_clear(zero: ZeroGrad, step: Step) -> bool:
    """Whether gradients that are cleared may be those of the step: not if the two are of different modules."""
    if zero.receiver == step.receiver:
        return True
    mine, others = modules_of(step), modules_of(zero)
    apart = bool(mine) and bool(others) and not set(mine) & set(others)
    return not apart


def clears(zero: ZeroGrad, step: Step) -> bool:
    """Whether gradients that are cleared certainly are those of the step."""
    return zero.receiver == step.receiver or modules_of(step) == (zero.receiver,)


def handed_over(trace: Trace, value: Value, loop: Loop) -> bool:
    """Whether code that is not followed gets the value in the loop: it may do anything with it."""
    for event in trace.of(HandedOver):
        if value in event.values and within(event, loop) and not event.text.endswith((".step", ".state_dict")):
            return True
    return False


def speaks_of(trace: Trace, attribute: str, *places: Place) -> bool:
    """Whether an attribute is mentioned in one of the statements of these places."""
    trees = {place.unit: trace.node(place) for place in places}
    return any(
        isinstance(node, ast.Attribute) and node.attr == attribute
        for tree in trees.values()
        if tree is not None
        for node in ast.walk(tree)
    )


def on_the_way(event: Event) -> tuple[Place, ...]:
    """The event's place and the calls that lead to it."""
    return (event.origin.place, *(step for step in event.origin.path if isinstance(step, Place)))


def uses_torch(trace: Trace) -> bool:
    """Whether the document works with PyTorch, and not through a layer that clears gradients by itself."""
    return trace.once(_uses_torch)


def _uses_torch(trace: Trace) -> bool:
    modules = {node.module or "" for _, node in trace.imports}
    return "torch" in trace.uses or any(module.partition(".")[0] == "torch" for module in modules)


def batch_loops(trace: Trace) -> dict[object, Loop]:
    """The loops in whose every pass gradients are computed and an optimiser steps, by where they are."""
    return trace.once(_batch_loops)


def _batch_loops(trace: Trace) -> dict[object, Loop]:
    known = happened(trace)
    steps = [step for step in optimizer_steps(trace) if step.loops and known.beside(Backward, step)]
    return {step.loops[-1].origin: step.loops[-1] for step in steps if step.loops}


def opening(block: ast.With) -> str:
    """`with torch.no_grad():`, without the block."""
    return short(f"with {', '.join(ast.unparse(item) for item in block.items)}:")


def trains_each_pass(trace: Trace, loop: Loop) -> bool:
    """Whether each pass makes a step, or goes through the batches of an epoch.

    Many steps for each batch are another thing: then one batch may be all that is meant.
    """
    known = happened(trace)
    inside = [*known.inside(Backward, loop), *known.inside(Step, loop)]
    direct = all(event.loops[-1].origin == loop.origin for event in inside)
    epochs = loop.iterates == "range" and all(event.loops[-1].iterates != "range" for event in inside)
    return {type(event) for event in inside} == {Backward, Step} and (direct or epochs)


def batches(loop: Loop) -> str:
    return f"{loop.length:,} batches" if loop.length else "every batch"


def made_in(value: Value, loop: Loop) -> bool:
    """Whether a value came to be in the loop's body, or in a function that it calls."""
    places = (value.origin.place, *value.origin.path) if isinstance(value, Ref) else ()
    return any(
        isinstance(place, Place) and place.unit == loop.body.unit and loop.body.line <= place.line <= loop.body.end_line
        for place in places
    )


# --- edits -----------------------------------------------------------------------------------------------


def before_statement(trace: Trace, statement: Place, code: str, title: str) -> Fix | None:
    """Puts a line of code before a statement."""
    return Fix.of(title, "safe", editing.inserted_before(trace, statement, [code]))


def moved_before(trace: Trace, statement: Place, anchor: Place, title: str) -> Fix | None:
    """Takes a statement of one line before another one, with its comment."""
    return _carried(trace, statement, anchor, title, after=False)


def moved_after(trace: Trace, statement: Place, anchor: Place, title: str) -> Fix | None:
    """Takes a statement of one line after another one, with its comment, to that one's level."""
    return _carried(trace, statement, anchor, title, after=True)


def _carried(trace: Trace, statement: Place, anchor: Place, title: str, after: bool) -> Fix | None:
    lines, old = editing.lines_of(trace, statement), editing.indentation(trace, statement)
    target, indent = editing.lines_of(trace, anchor), editing.indentation(trace, anchor)
    if lines is None or old is None or target is None or indent is None or statement.line != statement.end_line:
        return None
    if lines[0] != target[0]:
        return None
    text = trace.source(lines[0]).text[slice(*lines[1])][len(old) :].rstrip("\r\n")
    put = editing.inserted_after if after else editing.inserted_before
    added, removed = put(trace, anchor, [text]), editing.deleted(trace, statement)
    return Fix.of(title, "safe", removed, added)


def alone(trace: Trace, statement: Place) -> bool:
    """Whether a statement is not all that its block holds, so that it can be taken out."""
    tree = trace.node(statement)
    here = (statement.line, statement.column)
    for node in ast.walk(tree) if tree is not None else ():
        for block in (getattr(node, "body", None), getattr(node, "orelse", None)):
            if isinstance(block, list) and [(part.lineno, part.col_offset) for part in block] == [here]:
                return True
    return False


# --- what is read later ------------------------------------------------------------------------------------


def read_after(trace: Trace, loop: Loop, name: str) -> Place | None:
    """Where a name is read after the loop, before it is bound anew: in the block the loop is in, or those around it.

    At the top level the statements below count as well.
    """
    node, tree = statement_of(trace, loop), trace.node(loop.header)
    if node is None or tree is None:
        return None
    blocks = list(_blocks_around(tree, node))
    for block, index in blocks:
        for part in block[index + 1 :]:
            found = _first_use(part, name)
            if found is not None:
                return place_in(loop.header, found) if isinstance(found.ctx, ast.Load) else None
    function = any(isinstance(part, (ast.FunctionDef, ast.AsyncFunctionDef)) for part in _around(tree, node))
    return None if function or "." in name else _read_below(trace, loop, name)


def _read_below(trace: Trace, loop: Loop, name: str) -> Place | None:
    own = trace.order.get(loop.header.unit)
    below = [(n, unit) for unit, _ in trace.uses.get(name) if (n := trace.order.get(unit)) is not None]
    for number, unit in sorted(below, key=lambda pair: pair[0]):
        if own is None or number <= own:
            continue
        tree = trace.followed[number].parsed.tree
        found = _first_use(tree, name) if tree is not None else None
        if found is not None:
            if isinstance(tree, (ast.FunctionDef, ast.ClassDef)) or not isinstance(found.ctx, ast.Load):
                return None
            return Place.of(unit, found)
    return None


def statement_of(trace: Trace, loop: Loop) -> ast.For | ast.AsyncFor | ast.While | None:
    """The loop as it is written."""
    outline, start = trace.outline(loop.header), (loop.header.line, loop.header.column)
    found = outline.found(("loop", start), partial(_loop_at, start)) if outline is not None else None
    return found if isinstance(found, (ast.For, ast.AsyncFor, ast.While)) else None


def _loop_at(start: tuple[int, int], tree: ast.stmt) -> ast.For | ast.AsyncFor | ast.While | None:
    for node in walk(tree):
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)) and (node.lineno, node.col_offset) == start:
            return node
    return None


def names_in(tree: ast.AST) -> set[str]:
    """The names that are read in a piece of code."""
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)}


def bound_in(trace: Trace, loop: Loop) -> set[str]:
    """The names that the loop binds, in its header and in its body."""
    node = statement_of(trace, loop)
    parts = ast.walk(node) if node is not None else ()
    return {part.id for part in parts if isinstance(part, ast.Name) and isinstance(part.ctx, ast.Store)}


def follows(trace: Trace, later: Place, earlier: Place) -> bool:
    """Whether one place stands below another one."""
    first, second = trace.order.get(earlier.unit), trace.order.get(later.unit)
    if first is None or second is None:
        return False
    return (first, earlier.line, earlier.column) < (second, later.line, later.column)


def receiver_text(trace: Trace, call: Place) -> str | None:
    """What a method is called on, or what is called: `model` of `model.eval()` and of `model(x)`."""
    node = node_at(trace, call)
    if not isinstance(node, ast.Call):
        return None
    inner = node.func
    if isinstance(inner, ast.Attribute) and inner.attr in ("train", "eval", "step", "zero_grad", "backward", "forward"):
        inner = inner.value
    text = code_of(inner)
    return text if text.replace(".", "").isidentifier() else None


def freezes(trace: Trace) -> bool:
    """Whether the document speaks of which weights want gradients."""
    return trace.once(_freezes)


def _freezes(trace: Trace) -> bool:
    return any(
        isinstance(node, ast.Attribute) and node.attr in ("requires_grad", "requires_grad_")
        for _, statement in trace.statements
        if statement.parsed.tree is not None and "requires_grad" in statement.parsed.text
        for node in ast.walk(statement.parsed.tree)
    )


# By tree, of each node in it the one around it, None for the tree itself: a value must not keep its key alive.
_parents: WeakKeyDictionary[ast.AST, dict[ast.AST, ast.AST | None]] = WeakKeyDictionary()
_uses: WeakKeyDictionary[ast.AST, dict[str, list[ast.Name | ast.Attribute]]] = WeakKeyDictionary()


def _around(tree: ast.AST, node: ast.AST) -> list[ast.AST]:
    """The nodes around a statement, innermost first."""
    parents = _parents.get(tree)
    if parents is None:
        parents = _parents[tree] = {
            child: parent if parent is not tree else None
            for parent in walk(tree)
            for child in ast.iter_child_nodes(parent)
        }
    found: list[ast.AST] = []
    while node in parents:
        node = parents[node] or tree
        found.append(node)
    return found


def _blocks_around(tree: ast.stmt, node: ast.stmt) -> Iterator[tuple[list[ast.stmt], int]]:
    """The block a statement is in and its place there, then the same of the statement around it, up to the function."""
    inner: ast.AST = node
    for parent in _around(tree, node):
        for field in ("body", "orelse", "finalbody"):
            block = getattr(parent, field, None)
            if isinstance(block, list) and inner in block:
                yield block, block.index(inner)
        if isinstance(parent, (ast.FunctionDef, ast.AsyncFunctionDef)):
            return
        inner = parent


def uses_of(tree: ast.AST, name: str) -> list[ast.Name | ast.Attribute]:
    """Where a name or dotted attribute is read or bound, in the order of evaluation as far as that is the text's."""
    known = _uses.get(tree)
    if known is None:
        known = _uses[tree] = {}
        for node in ast.walk(tree):
            if isinstance(node, (ast.Name, ast.Attribute)):
                known.setdefault(code_of(node), []).append(node)
    return known.get(name, [])


def _first_use(tree: ast.stmt, name: str) -> ast.Name | ast.Attribute | None:
    """The first use; in an assignment what is read comes before what is bound."""
    found = uses_of(tree, name)
    if isinstance(tree, (ast.Assign, ast.AugAssign, ast.AnnAssign)):
        return min(found, key=lambda node: isinstance(node.ctx, ast.Store), default=None)
    return min(found, key=lambda node: (node.lineno, node.col_offset), default=None)


def out_of(trace: Trace, statement: Place, loop: Loop, title: str) -> Fix | None:
    """Takes a statement of one line behind the loop, to the loop's level."""
    node = statement_of(trace, loop)
    lines, old = editing.lines_of(trace, statement), editing.indentation(trace, statement)
    if node is None or node.orelse or lines is None or old is None or statement.line != statement.end_line:
        return None
    cell, span = lines
    source = trace.source(cell)
    text = source.text[slice(*span)][len(old) :].rstrip("\r\n")
    last = trace.locate(place_in(loop.header, node.body[-1]))
    first = trace.locate(loop.header)
    if last is None or first is None or last[0] != cell or first[0] != cell:
        return None
    begins = source.lines.line_text(source.lines.position(first[1].start).line)
    indent = begins[: len(begins) - len(begins.lstrip(" \t"))]
    end = source.lines.line_span(source.lines.position(last[1].end).line).end
    ending = editing.newline(trace, cell)
    if end < span.end:
        # It is the last line of the loop already: only the level changes.
        return Fix.of(title, "safe", editing.reindented(trace, statement, indent))
    removed = editing.deleted(trace, statement)
    added = Edit(cell, TextEdit(Span(end, end), ending + indent + text))
    return Fix.of(title, "safe", removed, added)


def collects(statement: ast.stmt, name: str) -> bool:
    """Whether a statement, or one inside it, puts something into a list: `x.append(y)`, `x.extend(y)`, `x += list`."""
    for part in ast.walk(statement):
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute) and code_of(part.func.value) == name:
            if part.func.attr in ("append", "extend"):
                return True
        elif isinstance(part, ast.AugAssign) and code_of(part.target) == name and _is_list(part.value):
            return True
    return False


def _is_list(value: ast.expr) -> bool:
    called = value.func if isinstance(value, ast.Call) else None
    name = called.attr if isinstance(called, ast.Attribute) else called.id if isinstance(called, ast.Name) else ""
    return isinstance(value, ast.List) or name in ("tolist", "list")


# --- what stands beside a loop -------------------------------------------------------------------------------


def below(trace: Trace, loop: Loop) -> Iterator[tuple[ast.stmt, Place]]:
    """The statements below a loop in its own block, each with its place; of a notebook those of its cell."""
    return _beside_it(trace, loop, later=True)


def above(trace: Trace, loop: Loop) -> Iterator[tuple[ast.stmt, Place]]:
    """The statements above a loop in its own block, the nearest first; at the top level those of all cells."""
    return _beside_it(trace, loop, later=False)


def _beside_it(trace: Trace, loop: Loop, later: bool) -> Iterator[tuple[ast.stmt, Place]]:
    """One by one: most of those who ask want the nearest only."""
    node, tree = statement_of(trace, loop), trace.node(loop.header)
    if node is None or tree is None:
        return
    if tree is not node:
        block, index = next(iter(_blocks_around(tree, node)), ([], 0))
        for part in block[index + 1 :] if later else block[:index][::-1]:
            yield part, place_in(loop.header, part)
        return
    number = trace.order[loop.header.unit]
    cell = trace.statements[number][0]
    for other in range(number + 1, len(trace.followed)) if later else range(number - 1, -1, -1):
        each = trace.followed[other]
        if each.parsed.tree is None or (later and trace.statements[other][0] != cell):
            return
        yield each.parsed.tree, Place.of(each.unit, each.parsed.tree)


def around_with(trace: Trace, loop: Loop, later: bool) -> list[tuple[ast.stmt, Place]]:
    """The statements below or above the `with` that a loop stands in, and the one around that: below in their order."""
    node, tree = statement_of(trace, loop), trace.node(loop.header)
    found: list[tuple[ast.stmt, Place]] = []
    if node is None or tree is None or tree is node:
        return found
    for number, (block, index) in enumerate(_blocks_around(tree, node)):
        if number:
            if not isinstance(block[index], (ast.With, ast.AsyncWith)):
                break
            parts = block[index + 1 :] if later else block[:index][::-1]
            found += [(part, place_in(loop.header, part)) for part in parts]
    return found


def into(trace: Trace, loop: Loop, statements: Sequence[tuple[ast.stmt, Place]], title: str) -> Fix | None:
    """Takes statements that stand right below a loop into it, to the end of its body."""
    node = statement_of(trace, loop)
    if node is None or not statements or node.body[-1].lineno == node.lineno:
        return None
    indent = editing.indentation(trace, place_in(loop.header, node.body[-1]))
    edits = [editing.shifted(trace, place, part, indent) for part, place in statements] if indent is not None else []
    found = tuple(edit for edit in edits if edit is not None)
    return Fix(title, "safe", found) if found and len(found) == len(statements) else None
