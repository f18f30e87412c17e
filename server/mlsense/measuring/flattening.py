"""Programs written out flat: functions in place of their calls, so that what is measured stands at the top level."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.measuring.plan import score_of
from mlsense.rules import column_steps, leaks
from mlsense.rules.blocks import Block
from mlsense.rules.reading import calls_of, node_at, written
from mlsense.semantics.events import CrossValidate, Evaluate, Fit, Split
from mlsense.semantics.modules import Modules, NoWorkspace
from mlsense.semantics.program import Program, follow_module
from mlsense.syntax import Parsed, script

if TYPE_CHECKING:
    from mlsense.rules.leaks import Leak
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place

_MOST_CALLS = 3


@dataclass(frozen=True, slots=True)
class Flat:
    """A program that does the same, followed anew, and the leak in it."""

    trace: Trace
    leak: Leak


def flat(trace: Trace, leak: Leak) -> Flat | None:
    """The program with the functions that lead to the leak written out, and steps on columns as one step.

    None where that is not certain, or where there is nothing to write out.
    """
    found = Flat(trace, leak)
    for _ in range(_MOST_CALLS):
        calls = [*calls_of(found.leak.learned.origin), *calls_of(found.leak.sink.origin)]
        if not calls:
            break
        lines = _inlined(found.trace, calls[0])
        again = _followed(found, lines) if lines is not None else None
        if again is None:
            return None
        found = again
    lines = _folded(found.trace, found.leak)
    folded = _followed(found, lines) if lines is not None else None
    found = folded or found
    for write in (_filled, _stepped):
        lines = write(found.trace, found.leak)
        again = _followed(found, lines, renamed=True) if lines is not None else None
        found = again or found
    return found if found.trace is not trace else None


def _followed(before: Flat, lines: list[str], *, renamed: bool = False) -> Flat | None:
    document = script(before.trace.document.path, "\n".join(lines) + "\n")
    trace = Program(Modules(NoWorkspace(), follow_module, before.trace.versions)).follow(document)
    if trace.broken:
        return None
    told = [group[0][0] for group in leaks.told(trace)]
    rule, learned = leaks.rule_of(before.trace, before.leak), before.leak.learned
    text = written(before.trace, learned.origin.place, "")
    for leak in told:
        same = leaks.rule_of(trace, leak) == rule and written(trace, leak.learned.origin.place, "?") == text
        # Another writing of the same step may be another rule's.
        if (same or (renamed and leak.learned.family in ("imputer", "scaler", learned.family))) and not leak.inner:
            return Flat(trace, leak)
    return None


def _texts(trace: Trace) -> list[str]:
    return [each.parsed.text for each in trace.followed]


# --- functions --------------------------------------------------------------------------------------------


def _inlined(trace: Trace, place: Place) -> list[str] | None:
    """The statements, with what a function does in place of a call of it."""
    number, call = trace.order.get(place.unit), node_at(trace, place)
    if number is None or not isinstance(call, ast.Call) or not isinstance(call.func, ast.Name):
        return None
    parsed = trace.followed[number].parsed
    function, source = _function(trace, call.func.id)
    given = _given(call, function, parsed) if function is not None else None
    if function is None or source is None or given is None or parsed.tree is None or not _is_straight(function):
        return None
    bound = {each.arg for each in ast.walk(function.args) if isinstance(each, ast.arg)}
    bound |= {n.id for n in ast.walk(function) if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load)}
    others = [each for each in trace.followed if isinstance(each.parsed.tree, (ast.FunctionDef, ast.ClassDef))]
    if any(
        each.parsed is not source and bound & set(each.outline.mentions) & _free(each.parsed.tree) for each in others
    ):
        return None
    lines = [f"{name} = {text}" for name, text in given if name != text]
    last = function.body[-1]
    returns = last if isinstance(last, ast.Return) else None
    body = function.body[1:] if _is_docstring(function.body[0]) else function.body
    for each in body if returns is None else body[:-1]:
        lines.append(ast.unparse(each))
    result = ast.unparse(returns.value) if returns is not None and returns.value is not None else "None"
    rest = _with_result(parsed.tree, call, returns.value if returns is not None else None, result)
    if rest is None:
        return None
    texts = _texts(trace)
    return [*texts[:number], *lines, *rest, *texts[number + 1 :]]


def _function(trace: Trace, name: str) -> tuple[ast.FunctionDef | None, Parsed | None]:
    found = [
        each.parsed
        for each in trace.followed
        if isinstance(each.parsed.tree, ast.FunctionDef) and each.parsed.tree.name == name
    ]
    if len(found) != 1 or not isinstance(found[0].tree, ast.FunctionDef):
        return None, None
    return found[0].tree, found[0]


def _free(tree: ast.AST | None) -> set[str]:
    """The names that a function reads and does not bind itself."""
    names = [each for each in ast.walk(tree or ast.Pass()) if isinstance(each, ast.Name)]
    bound = {each.id for each in names if not isinstance(each.ctx, ast.Load)}
    bound |= {each.arg for each in ast.walk(tree or ast.Pass()) if isinstance(each, ast.arg)}
    return {each.id for each in names} - bound


def _is_straight(function: ast.FunctionDef) -> bool:
    """Whether it runs from its first line to its last and gives back something there alone."""
    if function.decorator_list or function.args.vararg or function.args.kwarg:
        return False
    other = (ast.Global, ast.Nonlocal, ast.Yield, ast.YieldFrom, ast.Await, ast.FunctionDef, ast.Lambda, ast.ClassDef)
    inside = [node for each in function.body for node in ast.walk(each)]
    returns = [node for node in inside if isinstance(node, ast.Return)]
    return not any(isinstance(node, other) for node in inside) and returns in ([], [function.body[-1]])


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _given(call: ast.Call, function: ast.FunctionDef, parsed: Parsed) -> list[tuple[str, str]] | None:
    """What each parameter is given, as code."""
    names = [each.arg for each in (*function.args.posonlyargs, *function.args.args)]
    only = [each.arg for each in function.args.kwonlyargs]
    if len(call.args) > len(names) or any(isinstance(each, ast.Starred) for each in call.args):
        return None
    given = dict(zip(names, call.args, strict=False))
    for keyword in call.keywords:
        if keyword.arg is None:
            return None
        given[keyword.arg] = keyword.value
    usual = dict(zip(names[len(names) - len(function.args.defaults) :], function.args.defaults, strict=True))
    usual.update({name: each for name, each in zip(only, function.args.kw_defaults, strict=True) if each is not None})
    found = [(name, given.get(name, usual.get(name))) for name in (*names, *only)]
    if any(value is None for _, value in found):
        return None
    texts = [(name, ast.unparse(value)) for name, value in found if value is not None]
    # Each is given before any is bound.
    later = {name for name, text in texts if name != text}
    free = [{n.id for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Name)} - {name} for name, text in texts]
    return None if any(names & later for names in free) else texts


def _with_result(tree: ast.stmt, call: ast.Call, returned: ast.expr | None, result: str) -> list[str] | None:
    """The statement that called, with the result in place of the call."""
    if isinstance(tree, ast.Expr) and tree.value is call:
        return []
    if isinstance(tree, ast.Assign) and tree.value is call and len(tree.targets) == 1:
        target = tree.targets[0]
        if isinstance(target, ast.Tuple) and isinstance(returned, ast.Tuple):
            pairs = [(ast.unparse(a), ast.unparse(b)) for a, b in zip(target.elts, returned.elts, strict=False)]
            bound = {name for name, text in pairs if name != text}
            used = {n.id for each in returned.elts for n in ast.walk(each) if isinstance(n, ast.Name)}
            if len(target.elts) != len(returned.elts) or bound & used:
                return None
            return [f"{name} = {text}" for name, text in pairs if name != text]
        return [] if ast.unparse(target) == result else [f"{ast.unparse(target)} = {result}"]
    if not isinstance(tree, (ast.Expr, ast.Assign)):
        return None
    text = ast.unparse(tree)
    return [text.replace(ast.unparse(call), f"({result})", 1)]


# --- folds by hand ----------------------------------------------------------------------------------------


def _folded(trace: Trace, leak: Leak) -> list[str] | None:
    """A loop over folds that fits a model on each and scores it, as one score of a cross-validation."""
    sink = leak.sink
    if not isinstance(sink, Evaluate) or not sink.is_score:
        return None
    fit = next((event for event in trace.of(Fit) if event.record.origin == sink.fit.origin), None)
    number = trace.order.get(sink.call.unit)
    tree = trace.followed[number].parsed.tree if number is not None else None
    if fit is None or number is None or not isinstance(tree, ast.For) or fit.call.unit != sink.call.unit:
        return None
    splits, names = tree.iter, [each.id for each in ast.walk(tree.target) if isinstance(each, ast.Name)]
    if isinstance(splits, ast.Call) and ast.unparse(splits.func) == "enumerate" and len(splits.args) == 1:
        splits, names = splits.args[0], names[1:]
    call, made = node_at(trace, fit.call), fit.before.made
    model = node_at(trace, made.place) if made is not None else None
    if not isinstance(splits, ast.Call) or not isinstance(splits.func, ast.Attribute) or splits.func.attr != "split":
        return None
    if not isinstance(call, ast.Call) or len(call.args) != 2 or call.keywords or len(names) != 2 or model is None:
        return None
    rows = [_whole_of(each, names[0]) for each in call.args]
    handed = [ast.unparse(each) for each in splits.args]
    if rows[0] is None or rows[1] is None or handed not in ([rows[0]], rows):
        return None
    own = {
        n.id for each in tree.body for n in ast.walk(each) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
    }
    if own & {n.id for n in ast.walk(model) if isinstance(n, ast.Name)} or set(names) & _free(model):
        return None
    scoring, _, _ = score_of(trace, (number, fit), inside=True)
    asked = f", scoring={scoring}" if scoring else ""
    splitter = ast.unparse(splits.func.value)
    line = f"cross_val_score({ast.unparse(model)}, {rows[0]}, {rows[1]}, cv={splitter}{asked})"
    texts = _texts(trace)
    brings = "from sklearn.model_selection import cross_val_score"
    return [brings, *texts[:number], line, *texts[number + 1 :]]


def _whole_of(node: ast.expr, rows: str) -> str | None:
    """`X` of `X[train]` and `X.iloc[train]`."""
    if not isinstance(node, ast.Subscript) or ast.unparse(node.slice) != rows:
        return None
    whole = node.value.value if isinstance(node.value, ast.Attribute) and node.value.attr == "iloc" else node.value
    return whole.id if isinstance(whole, ast.Name) else None


# --- gaps -------------------------------------------------------------------------------------------------


def _filled(trace: Trace, leak: Leak) -> list[str] | None:
    """`X = X.fillna(X.mean())` and `X["a"] = X["a"].fillna(X["a"].mean())`, by an imputer that does the same."""
    sink, number = leak.sink, trace.order.get(leak.learned.origin.place.unit)
    at = trace.order.get(sink.call.unit)
    tree = trace.followed[number].parsed.tree if number is not None else None
    if number is None or at is None or not isinstance(tree, ast.Assign) or len(tree.targets) != 1:
        return None
    value, table = tree.value, tree.targets[0]
    if not isinstance(value, ast.Call) or not isinstance(value.func, ast.Attribute) or value.func.attr != "fillna":
        return None
    filled = ast.unparse(value.func.value)
    how = next((each for each in ("mean", "median") if ast.unparse(value.args[0]) == f"{filled}.{each}()"), None)
    if how is None or len(value.args) != 1 or value.keywords or leak.learned.what != how:
        return None
    whole = table.value if isinstance(table, ast.Subscript) else table
    if not isinstance(whole, ast.Name):
        return None
    imputer = f'SimpleImputer(strategy="{how}")'
    if isinstance(table, ast.Name):
        line = f"{table.id} = {imputer}.fit_transform({filled})"
    elif isinstance(table, ast.Subscript) and ast.unparse(table) == filled:
        columns = ast.unparse(table.slice)
        given = f"[{columns}]" if isinstance(table.slice, ast.Constant) else columns
        line = f"{filled} = {imputer}.fit_transform({whole.id}[{given}])"
    else:
        return None
    texts = _texts(trace)
    texts[number] = line
    return ["from sklearn.impute import SimpleImputer", *texts]


# --- columns ----------------------------------------------------------------------------------------------


def _stepped(trace: Trace, leak: Leak) -> list[str] | None:
    """What was fitted on some columns of a table and written back to them, as one step before the split."""
    sink = leak.sink
    if not isinstance(sink, (Split, CrossValidate)) or calls_of(leak.learned.origin):
        return None
    found = column_steps.together(Block(trace), leak.learned.origin.place, sink)
    number = trace.order.get(sink.call.unit)
    if found is None or number is None:
        return None
    steps, carried = found
    texts = _texts(trace)
    listed = ", ".join(f"({step.transformer}, {step.columns})" for step in steps)
    made = f'make_column_transformer({listed}, remainder="passthrough").fit_transform({carried.id})'
    gone = {step.number for step in steps}
    kept = [text for each, text in enumerate(texts) if each not in gone and each < number]
    brings = "from sklearn.compose import make_column_transformer"
    return [brings, *kept, f"{carried.id} = {made}", *texts[number:]]
