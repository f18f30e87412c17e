"""The fix of a leak into cross-validation: what was fitted before goes into one pipeline with the model."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Edit, Fix
from mlsense.rules.importing import imported_from, last_import
from mlsense.rules.reading import innermost, node_at, place_in
from mlsense.semantics.values import Place

if TYPE_CHECKING:
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
    step, call, statement = _fitted(trace, place), node_at(trace, event.call), innermost(trace, place)
    if step is None or not isinstance(call, ast.Call) or statement is None or event.estimator is None:
        return None
    text, given, made = step
    resampling = isinstance(node := node_at(trace, place), ast.Call) and "fit_resample" in ast.unparse(node.func)
    searched = event.callee in SEARCHES
    model, rows = _asked(trace, event, call)
    if model is None or [row.id for row in rows if isinstance(row, ast.Name)][: len(made)] != made or len(rows) != 2:
        return None
    if not _used_only_there(trace, place, event.call, made, given) or (resampling and event.estimator.steps):
        return None
    inner = editing.text_at(trace, model)
    imported = _import(trace, "imblearn" if resampling else "sklearn", event.call)
    if inner is None or "\n" in inner or imported is None:
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
        keys = _prefixed(trace, event, call)
        if keys is None:
            return None
        edits += keys
    if any(edit is None for edit in edits):
        return None
    return Fix(
        f"Put it into one pipeline with the model, for `{event.callee}` to fit", "safe", tuple(filter(None, edits))
    )


def _fitted(trace: Trace, place: Place) -> tuple[str, list[str], list[str]] | None:
    """The step as code, the names it was given, the names of what it made."""
    call, statement = node_at(trace, place), innermost(trace, place)
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.keywords:
        return None
    if not isinstance(statement, ast.Assign) or statement.value is not call or statement is not trace.node(place):
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
        mentions = [mention for _, mention in trace.uses.get(receiver.id, ())]
        if len(mentions) != 2 or sum(mention.reads for mention in mentions) != 1:
            return None
    elif not isinstance(receiver, ast.Call):
        return None
    text = editing.text_at(trace, place_in(place, receiver))
    return None if text is None or "\n" in text else (text, given, made)


def _asked(trace: Trace, event: CrossValidate, call: ast.Call) -> tuple[Place | None, list[ast.expr]]:
    """Where the model stands, and the rows and targets that it is tried on."""
    if event.callee in FUNCTIONS:
        taken = {keyword.arg for keyword in call.keywords} & {"estimator", "X", "y", "params", "fit_params", None}
        whole = len(call.args) == 3 and not taken
        return (place_in(event.call, call.args[0]), call.args[1:3]) if whole else (None, [])
    constructor = _constructor(trace, event, call) if event.callee in SEARCHES else None
    if constructor is None or len(call.args) != 2 or call.keywords or not constructor[1].args:
        return None, []
    return place_in(constructor[0], constructor[1].args[0]), call.args


def _constructor(trace: Trace, event: CrossValidate, call: ast.Call) -> tuple[Place, ast.Call] | None:
    """The call that makes the search, if its results are all that is asked of it."""
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    if not isinstance(receiver, ast.Name):
        return None
    uses = trace.uses.get(receiver.id, ())
    bound = [unit for unit, mention in uses if not mention.reads]
    if len(bound) != 1 or not {mention.attribute for _, mention in uses if mention.reads} <= _TOLD:
        return None
    tree = trace.homes[bound[0]].parsed.tree
    if not isinstance(tree, ast.Assign) or not isinstance(tree.value, ast.Call):
        return None
    if ast.unparse(tree.value.func).rpartition(".")[2] != event.callee:
        return None
    whole = Place(bound[0], tree.lineno, tree.col_offset, tree.end_lineno or 0, tree.end_col_offset or 0)
    return whole, tree.value


def _prefixed(trace: Trace, event: CrossValidate, call: ast.Call) -> list[Edit | None] | None:
    """The grid's keys with the name that the model has in the pipeline."""
    constructor = _constructor(trace, event, call)
    if constructor is None or event.estimator is None or event.estimator.steps:
        return None
    place, made = constructor
    named = {keyword.arg: keyword.value for keyword in made.keywords}
    grid = made.args[1] if len(made.args) > 1 else named.get("param_grid", named.get("param_distributions"))
    if isinstance(grid, ast.Name):
        uses = trace.uses.get(grid.id, ())
        bound = [unit for unit, mention in uses if not mention.reads]
        tree = trace.homes[bound[0]].parsed.tree if len(bound) == 1 and len(uses) == 2 else None
        if not isinstance(tree, ast.Assign):
            return None
        place, grid = Place(bound[0], tree.lineno, tree.col_offset, tree.end_lineno or 0, 0), tree.value
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


def _used_only_there(trace: Trace, place: Place, sink: Place, made: list[str], given: list[str]) -> bool:
    """Whether what was made is read by the cross-validation alone, and what was given is the same there."""
    if place.unit == sink.unit or not {place.unit, sink.unit} <= trace.order.keys():
        return False
    first, last = trace.order[place.unit], trace.order[sink.unit]
    for name in made:
        reads = 0
        for unit, mention in trace.uses.get(name, ()):
            number = trace.order[unit]
            defines = isinstance(trace.homes[unit].parsed.tree, (ast.FunctionDef, ast.ClassDef))
            if number == first or (number < first and not defines):
                continue
            if not mention.reads and number <= last:
                return False
            reads += mention.reads
        if reads != 1:
            return False
    between = [trace.order[unit] for name in {*given} - {*made} for unit, _ in trace.uses.get(name, ())]
    return first < last and not any(first < number < last for number in between)


def _import(trace: Trace, library: str, before: Place) -> list[Edit | None] | None:
    """What brings `make_pipeline` of the library; None where the name is another's."""
    module = f"{library}.pipeline"
    home = imported_from(trace, "make_pipeline")
    if home is not None:
        return [] if home == module else None
    last = last_import(trace, "sklearn", "imblearn")
    if last is None or "make_pipeline" in trace.uses or trace.order[last.unit] > trace.order[before.unit]:
        return None
    return [editing.inserted_after(trace, last, [f"from {module} import make_pipeline"])]
