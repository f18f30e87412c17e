"""Steps on some columns each, as one `ColumnTransformer`: written back into a table, or laid side by side."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.after_split import (
    Move,
    Parts,
    column_target,
    is_of,
    listed_in,
    may_meet_unknown,
    parts_of,
    reaches,
    steps_kept,
)
from mlsense.rules.blocks import block_of
from mlsense.rules.finding import Edit, Fix
from mlsense.rules.importing import brought
from mlsense.rules.inside_folds import FUNCTIONS, asked, prefixed
from mlsense.rules.reading import node_at, place_in
from mlsense.semantics.events import CrossValidate

if TYPE_CHECKING:
    from mlsense.rules.blocks import Block
    from mlsense.semantics.events import Split
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place

_COLUMNS = ("sklearn.compose", "make_column_transformer")
_PIPELINE = ("sklearn.pipeline", "make_pipeline")


@dataclass(frozen=True, slots=True)
class Step:
    """One transformer and the columns it takes, as code and by their names; `number`: of the statement."""

    number: int
    transformer: str
    columns: str
    names: tuple[str, ...]
    source: str


def in_folds(trace: Trace, place: Place, event: CrossValidate) -> Fix | None:
    """`A[columns] = step.fit_transform(A[columns])`, once or more, into one pipeline with the model."""
    block, call = block_of(trace, place, event.call), node_at(trace, event.call)
    if block is None:
        return None
    first, number = _written_back(block, place), block.number(event.call)
    if first is None or not isinstance(call, ast.Call) or number is None or event.estimator is None:
        return None
    model, rows = asked(block, event, call)
    inner = editing.on_one_line(trace, model) if model is not None else None
    if model is None or inner is None or len(rows) != 2:
        return None
    steps = _steps(block, first, number)
    parts = Parts(call, event.call, rows[0], "", "", {}, number)
    names = tuple(name for step in steps for name in step.names)
    if len(set(names)) != len(names) or any(step.source != first.source for step in steps):
        return None
    for step in steps:
        others = tuple(other.number for other in steps if other is not step)
        if not reaches(block, step.names, Move((step.number,), step.source, (), columns=True), parts, others):
            return None
    imported = brought(trace, event.call, _COLUMNS, _PIPELINE)
    if imported is None:
        return None
    listed = ", ".join(f"({step.transformer}, {step.columns})" for step in steps)
    whole = f'make_column_transformer({listed}, remainder="passthrough")'
    edits: list[Edit | None] = [
        editing.deleted(trace, where) if (where := block.place(step.number)) is not None else None for step in steps
    ]
    edits += [editing.replaced(trace, model, f"make_pipeline({whole}, {inner})"), *imported]
    if event.callee not in FUNCTIONS:
        keys = prefixed(block, event, call)
        if keys is None:
            return None
        edits += keys
    many = "them" if len(steps) > 1 else "it"
    return Fix.of(f"Put {many} into one pipeline with the model, for `{event.callee}` to fit", "safe", *edits)


def together(block: Block, place: Place, sink: Split | CrossValidate) -> tuple[tuple[Step, ...], ast.Name] | None:
    """All steps on columns of the table that is split under a name, where they are nothing but that."""
    call, number, first = node_at(block.trace, sink.call), block.number(sink.call), _written_back(block, place)
    if first is None or number is None or not isinstance(call, ast.Call):
        return None
    carried = call.args[isinstance(sink, CrossValidate)] if len(call.args) > 1 else None
    if not isinstance(carried, ast.Name):
        return None
    steps = _steps(block, first, number)
    parts = Parts(call, sink.call, carried, "", "", {}, number)
    names = [name for step in steps for name in step.names]
    if len(set(names)) != len(names):
        return None
    for step in steps:
        others = tuple(other.number for other in steps if other is not step)
        if not reaches(block, step.names, Move((step.number,), step.source, (), columns=True), parts, others):
            return None
    return steps, carried


def _steps(block: Block, first: Step, last: int) -> tuple[Step, ...]:
    """All such steps on the table of the first one, up to where it is used."""
    found = {first.number: first}
    for use in block.uses(first.source):
        if block.has(use.number) and use.number < last and use.number not in found:
            step = _of_statement(block, use.number)
            if step is not None and step.source == first.source:
                found[use.number] = step
    return tuple(found[number] for number in sorted(found))


def _written_back(block: Block, place: Place) -> Step | None:
    number = block.number(place)
    step = _of_statement(block, number) if number is not None else None
    return step if step is not None and node_at(block.trace, place) is not None else None


def _of_statement(block: Block, number: int) -> Step | None:
    """`A[columns] = step.fit_transform(A[columns])`: the same columns, that are named."""
    statement, where = block.at(number), block.place(number)
    target = column_target(statement)
    if (
        target is None
        or where is None
        or not isinstance(statement, ast.Assign)
        or not isinstance(target.value, ast.Name)
    ):
        return None
    call = statement.value
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr != "fit_transform":
        return None
    if len(call.args) != 1 or call.keywords or not is_of(block, call.args[0], target.value.id):
        return None
    taken = [node for node in ast.walk(call.args[0]) if isinstance(node, ast.Subscript)]
    names, given = listed_in(block, target.slice), listed_in(block, taken[0].slice) if len(taken) == 1 else None
    transformer = _transformer(block, where, call)
    if names is None or names != given or transformer is None:
        return None
    code = ast.unparse(target.slice)
    columns = f"[{code}]" if isinstance(target.slice, ast.Constant) else code
    return Step(number, transformer, columns.replace("'", '"'), names, target.value.id)


def _transformer(block: Block, where: Place, call: ast.Call) -> str | None:
    """The transformer as code, where it is used there alone."""
    trace = block.trace
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    if receiver is None or may_meet_unknown(trace, None, place_in(where, call)):
        return None
    if isinstance(receiver, ast.Name):
        uses = block.uses(receiver.id)
        return receiver.id if len(uses) == 2 and sum(use.mention.reads for use in uses) == 1 else None
    return editing.on_one_line(trace, place_in(where, receiver)) if isinstance(receiver, ast.Call) else None


# --- side by side, before a split ------------------------------------------------------------------------


def below_split(trace: Trace, place: Place, split: Split, index: int) -> Fix | None:
    """`X = np.hstack([a, b])` of what was made of some columns each: done with both parts of the split instead."""
    block = block_of(trace, place, split.call)
    parts = parts_of(trace, block, split, index) if block is not None else None
    if block is None or parts is None:
        return None
    carried, number = parts.carried, block.number(place)
    if number is None or not isinstance(carried, ast.Name):
        return None
    stacked = [use.number for use in block.uses(carried.id) if not use.mention.reads and use.number < parts.number]
    stack = block.at(stacked[0]) if len(stacked) == 1 and block.has(stacked[0]) else None
    pieces = _laid(stack.value) if isinstance(stack, ast.Assign) and len(stack.targets) == 1 else None
    if pieces is None or not steps_kept(block, carried.id, parts.number, (stacked[0],)):
        return None
    found: list[tuple[int, str, str, str]] = []
    for piece in pieces:
        made = _piece(block, piece, stacked[0])
        if made is None:
            return None
        found.append(made)
    sources = {source for _, _, _, source in found}
    if len(sources) != 1 or number not in {made[0] for made in found}:
        return None
    (source,) = sources
    moved = (*(made[0] for made in found if made[0] >= 0), stacked[0])
    bound = [use.number for use in block.uses(source) if not use.mention.reads]
    if any(min(moved) < each < parts.number for each in bound) or any(use.defines for use in block.uses(source)):
        return None
    imported = brought(trace, split.call, _COLUMNS)
    if imported is None or "preprocessor" in trace.uses:
        return None
    listed = ", ".join(f"({transformer}, {columns})" for _, transformer, columns, _ in found)
    lines = [
        f"preprocessor = make_column_transformer({listed})",
        f"{parts.train} = preprocessor.fit_transform({parts.train})",
        f"{parts.test} = preprocessor.transform({parts.test})",
    ]
    below = block.place(parts.number)
    places = [block.place(each) for each in sorted(set(moved))]
    edits: list[Edit | None] = [editing.deleted(trace, each) if each is not None else None for each in places]
    edits += [editing.replaced(trace, place_in(parts.place, carried), source), *imported]
    edits.append(editing.inserted_after(trace, below, lines) if below is not None else None)
    return Fix.of(f"Fit them on `{parts.train}`, after the split", "safe", *edits)


def _laid(node: ast.expr) -> list[ast.expr] | None:
    """What is laid side by side: `np.hstack([a, b])`, `np.concatenate([a, b], axis=1)`, `np.c_[a, b]`."""
    if isinstance(node, ast.Subscript) and ast.unparse(node.value) in ("np.c_", "numpy.c_"):
        return node.slice.elts if isinstance(node.slice, ast.Tuple) else None
    if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], (ast.List, ast.Tuple)):
        return None
    name = ast.unparse(node.func)
    axis = next((keyword.value for keyword in node.keywords if keyword.arg == "axis"), None)
    if name in ("np.hstack", "np.column_stack", "numpy.hstack", "numpy.column_stack") and not node.keywords:
        return node.args[0].elts
    by_columns = isinstance(axis, ast.Constant) and axis.value == 1 and len(node.keywords) == 1
    return node.args[0].elts if name in ("np.concatenate", "numpy.concatenate") and by_columns else None


def _piece(block: Block, node: ast.expr, before: int) -> tuple[int, str, str, str] | None:
    """Where a piece was made, by what, of which columns of which table."""
    number = -1
    if isinstance(node, ast.Name):
        uses = block.uses(node.id)
        bound = [use.number for use in uses if not use.mention.reads]
        if len(uses) != 2 or len(bound) != 1 or not block.has(bound[0]) or bound[0] >= before:
            return None
        number, statement = bound[0], block.at(bound[0])
        if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
            return None
        node = statement.value
    taken, transformer = node, '"passthrough"'
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "fit_transform":
        if number < 0 or len(node.args) != 1 or node.keywords:
            return None
        where = block.place(number)
        code = _transformer(block, where, node) if where is not None else None
        if code is None:
            return None
        taken, transformer = node.args[0], code
    while isinstance(taken, (ast.Attribute, ast.Call)):
        inner = taken.func if isinstance(taken, ast.Call) else taken
        if not isinstance(inner, ast.Attribute) or inner.attr not in ("values", "to_numpy"):
            return None
        taken = inner.value
    if not isinstance(taken, ast.Subscript) or not isinstance(taken.value, ast.Name):
        return None
    names = listed_in(block, taken.slice)
    if names is None or isinstance(taken.slice, ast.Constant):
        return None
    return number, transformer, ast.unparse(taken.slice).replace("'", '"'), taken.value.id
