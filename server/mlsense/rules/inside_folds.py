"""The fix of a leak into cross-validation: what was fitted before goes into one pipeline with the model."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.blocks import block_of
from mlsense.rules.finding import Edit, Fix
from mlsense.rules.importing import brought
from mlsense.rules.reading import innermost, node_at, place_in
from mlsense.semantics.values import Place

if TYPE_CHECKING:
    from mlsense.rules.blocks import Block
    from mlsense.semantics.events import CrossValidate
    from mlsense.semantics.program import Trace

FUNCTIONS = frozenset("cross_val_score cross_validate cross_val_predict learning_curve permutation_test_score".split())
SEARCHES = frozenset("GridSearchCV RandomizedSearchCV".split())
# What may be asked of a search that from now on takes rows as they are before the step.
_TOLD = frozenset("fit best_score_ best_params_ best_index_ cv_results_".split())


def pipeline_fix(trace: Trace, place: Place, event: CrossValidate) -> Fix | None:
    """`cross_val_score(model, step.fit_transform(A), y)` becomes `cross_val_score(make_pipeline(step, model), A, y)`.

    `place` is the call that fits. None where anything else uses what it made.
    """
    block = block_of(trace, place, event.call)
    step, call = _fitted(block, place) if block is not None else None, node_at(trace, event.call)
    statement = innermost(trace, place)
    if block is None or step is None or not isinstance(call, ast.Call) or statement is None or event.estimator is None:
        return None
    text, given, made = step
    resampling = isinstance(node := node_at(trace, place), ast.Call) and "fit_resample" in ast.unparse(node.func)
    searched = event.callee in SEARCHES
    model, rows = asked(block, event, call)
    if model is None or [row.id for row in rows if isinstance(row, ast.Name)][: len(made)] != made or len(rows) != 2:
        return None
    if not _used_only_there(block, place, event.call, made, given) or (resampling and event.estimator.steps):
        return None
    inner = editing.on_one_line(trace, model)
    library = "imblearn" if resampling else "sklearn"
    imported = brought(trace, event.call, (f"{library}.pipeline", "make_pipeline"))
    if inner is None or imported is None:
        return None
    edits: list[Edit | None] = [
        editing.deleted(trace, place_in(place, statement)),
        editing.replaced(trace, model, f"make_pipeline({text}, {inner})"),
        *imported,
    ]
    for row, before, after in zip(rows, given, made, strict=False):
        if before != after:
            edits.append(editing.replaced(trace, place_in(event.call, row), before))
    if searched:
        keys = prefixed(block, event, call)
        if keys is None:
            return None
        edits += keys
    return Fix.of(f"Put it into one pipeline with the model, for `{event.callee}` to fit", "safe", *edits)


def _fitted(block: Block, place: Place) -> tuple[str, list[str], list[str]] | None:
    """The step as code, the names it was given, the names of what it made."""
    trace = block.trace
    call, statement = node_at(trace, place), block.statement(place)
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.keywords:
        return None
    if not isinstance(statement, ast.Assign) or statement.value is not call:
        return None
    target = statement.targets[0]
    parts = target.elts if isinstance(target, ast.Tuple) else [target]
    made = [part.id for part in parts if isinstance(part, ast.Name)]
    given = [argument.id for argument in call.args if isinstance(argument, ast.Name)]
    several = call.func.attr == "fit_resample"
    if call.func.attr not in ("fit_transform", "fit_resample") or len(statement.targets) != 1:
        return None
    if len(made) != len(parts) or len(given) != len(call.args) or len(made) != 1 + several or not given:
        return None
    receiver = call.func.value
    if isinstance(receiver, ast.Name):
        mentions = [use.mention for use in block.uses(receiver.id)]
        if len(mentions) != 2 or sum(mention.reads for mention in mentions) != 1:
            return None
    elif not isinstance(receiver, ast.Call):
        return None
    text = editing.on_one_line(trace, place_in(place, receiver))
    return None if text is None else (text, given, made)


def asked(block: Block, event: CrossValidate, call: ast.Call) -> tuple[Place | None, list[ast.expr]]:
    """Where the model stands, and the rows and targets that it is tried on."""
    if event.callee in FUNCTIONS:
        given: dict[str | None, ast.expr] = dict(zip(("estimator", "X", "y"), call.args, strict=False))
        given.update({keyword.arg: keyword.value for keyword in call.keywords})
        if (
            len(call.args) > 3
            or given.keys() & {"params", "fit_params", None}
            or not {"estimator", "X", "y"} <= given.keys()
        ):
            return None, []
        return place_in(event.call, given["estimator"]), [given["X"], given["y"]]
    constructor = _constructor(block, event, call) if event.callee in SEARCHES else None
    if constructor is None or len(call.args) != 2 or call.keywords or not constructor[1].args:
        return None, []
    return place_in(constructor[0], constructor[1].args[0]), call.args


def _constructor(block: Block, event: CrossValidate, call: ast.Call) -> tuple[Place, ast.Call] | None:
    """The call that makes the search, if its results are all that is asked of it."""
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    if not isinstance(receiver, ast.Name):
        return None
    uses = block.uses(receiver.id)
    if not {use.mention.attribute for use in uses if use.mention.reads} <= _TOLD:
        return None
    bound = block.bound_once(receiver.id)
    if bound is None or not isinstance(bound[1].value, ast.Call):
        return None
    place, tree = bound
    made = tree.value
    if not isinstance(made, ast.Call) or ast.unparse(made.func).rpartition(".")[2] != event.callee:
        return None
    return place, made


def prefixed(block: Block, event: CrossValidate, call: ast.Call) -> list[Edit | None] | None:
    """The grid's keys with the name that the model has in the pipeline."""
    trace = block.trace
    constructor = _constructor(block, event, call)
    if constructor is None or event.estimator is None or event.estimator.steps:
        return None
    place, made = constructor
    named = {keyword.arg: keyword.value for keyword in made.keywords}
    grid = made.args[1] if len(made.args) > 1 else named.get("param_grid", named.get("param_distributions"))
    if isinstance(grid, ast.Name):
        bound = block.bound_once(grid.id)
        if bound is None or len(block.uses(grid.id)) != 2:
            return None
        place, grid = bound[0], bound[1].value
    if not isinstance(grid, ast.Dict):
        return None
    prefix = event.estimator.cls.rpartition(".")[2].lower()
    edits: list[Edit | None] = []
    for key in grid.keys:
        text = editing.text_at(trace, place_in(place, key)) if isinstance(key, ast.Constant) else None
        if key is None or text is None or text[0] not in "'\"" or not isinstance(key, ast.Constant):
            return None
        edits.append(editing.replaced(trace, place_in(place, key), f"{text[0]}{prefix}__{text[1:]}"))
    return edits


def _used_only_there(block: Block, place: Place, sink: Place, made: list[str], given: list[str]) -> bool:
    """Whether what was made is read by the cross-validation alone, and what was given is the same there."""
    first, last = block.number(place), block.number(sink)
    if first is None or last is None or first >= last:
        return False
    for name in made:
        reads = 0
        for use in block.uses(name):
            if use.number == first or (use.number < first and not use.defines):
                continue
            if not use.mention.reads and use.number <= last:
                return False
            reads += use.mention.reads
        if reads != 1:
            return False
    between = [use.number for name in {*given} - {*made} for use in block.uses(name)]
    return not any(first < number < last for number in between)
