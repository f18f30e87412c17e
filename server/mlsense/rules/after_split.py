"""The fix of a leak into a split: what was learned before is learned below, from the training part alone."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.blocks import Block, block_of
from mlsense.rules.finding import Edit, Fix
from mlsense.rules.reading import bound_names, innermost, node_at, place_in
from mlsense.semantics.events import Fit
from mlsense.semantics.values import Const

if TYPE_CHECKING:
    from mlsense.semantics.events import Split
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Learned, Place

_STATISTICS = ("mean", "std", "median", "min", "max", "var")
_LABELS = ("LabelEncoder", "LabelBinarizer", "MultiLabelBinarizer")
_STRICT = ("OneHotEncoder", "OrdinalEncoder")
# What gives back the same numbers in another form.
_FORMS = frozenset("values to_numpy reshape ravel flatten astype".split())


@dataclass(frozen=True, slots=True)
class Move:
    """Statements that go, the table they read, and the lines below the split that come instead.

    `columns`: what was done to some columns of the table, which was the table itself before and after.
    """

    statements: tuple[int, ...]
    source: str
    lines: tuple[str, ...]
    columns: bool = False


@dataclass(frozen=True, slots=True)
class Parts:
    """A split whose parts have names: by the position of each argument, and by the argument where it is a name."""

    call: ast.Call
    place: Place
    carried: ast.expr
    train: str
    test: str
    named: dict[str, tuple[str, str]]
    number: int


def moved_below(trace: Trace, learned: Learned, place: Place, split: Split, index: int) -> Fix | None:
    """Moves the fit below the split, where nothing else uses what it made in between."""
    block = block_of(trace, place, split.call)
    parts = parts_of(trace, block, split, index) if block is not None else None
    if block is None or parts is None:
        return None
    if may_meet_unknown(trace, learned):
        return None
    for find in (_columns_fitted, _fitted, _columns_computed, _computed):
        move = find(block, learned, place, parts)
        if move is not None:
            break
    else:
        return None
    edits = _edits(block, learned, move, parts)
    if edits is None:
        return None
    verb = "Compute" if learned.family in ("statistic", "fill") else "Fit"
    return Fix(f"{verb} it on `{parts.train}`, after the split", "safe", edits)


def parts_of(trace: Trace, block: Block, split: Split, index: int) -> Parts | None:
    names, call, number = bound_names(trace, split.call), node_at(trace, split.call), block.number(split.call)
    if not isinstance(call, ast.Call) or number is None or index >= len(call.args):
        return None
    if len(names) != 2 * len(call.args) or len(set(names)) != len(names) or len(call.args) != len(split.inputs):
        return None
    statement = block.at(number)
    if not isinstance(statement, ast.Assign) or statement.value is not call:
        return None
    named = {
        argument.id: (names[2 * position], names[2 * position + 1])
        for position, argument in enumerate(call.args)
        if isinstance(argument, ast.Name)
    }
    return Parts(call, split.call, call.args[index], names[2 * index], names[2 * index + 1], named, number)


def may_meet_unknown(trace: Trace, learned: Learned | None, call: Place | None = None) -> bool:
    """Whether it is an encoder that refuses values it did not learn: rows that are held out may hold some."""
    fit = next(
        (
            event
            for event in trace.of(Fit)
            if event.call == call or (learned is not None and event.record.origin == learned.origin)
        ),
        None,
    )
    if fit is None:
        return learned is None or learned.family == "encoder"
    name = fit.before.cls.rpartition(".")[2]
    told = fit.before.param("handle_unknown")
    strict = not isinstance(told, Const) or told.value == "error"
    return name in _LABELS or (name in _STRICT and strict)


def _edits(block: Block, learned: Learned, move: Move, parts: Parts) -> tuple[Edit, ...] | None:
    trace = block.trace
    places = [block.place(number) for number in move.statements]
    edits: list[Edit | None] = [editing.deleted(trace, place) if place is not None else None for place in places]
    if move.columns:
        columns = learned.columns or listed_in(block, _slot(block.at(move.statements[0])))
        if columns is None or not reaches(block, columns, move, parts):
            return None
    else:
        if not isinstance(parts.carried, ast.Name):
            return None
        if not _used_only_there(block, move.statements, parts, parts.carried.id, 1):
            return None
        if move.source != parts.carried.id:
            edits.append(editing.replaced(trace, place_in(parts.place, parts.carried), move.source))
    below = block.place(parts.number)
    edits.append(editing.inserted_after(trace, below, list(move.lines)) if below is not None else None)
    kept = tuple(edit for edit in edits if edit is not None)
    return kept if len(kept) == len(edits) else None


# --- transformers --------------------------------------------------------------------------------------


def _columns_fitted(block: Block, learned: Learned, place: Place, parts: Parts) -> Move | None:
    """`A[columns] = scaler.fit_transform(A[columns])`, done with both parts instead."""
    call, number = node_at(block.trace, place), block.number(place)
    statement = block.at(number) if number is not None else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.func.attr != "fit_transform":
        return None
    target = column_target(statement)
    if (
        number is None
        or target is None
        or not isinstance(statement, ast.Assign)
        or len(call.args) != 1
        or call.keywords
    ):
        return None
    source, name_of = target.value, _receiver(block, learned, call)
    if not isinstance(source, ast.Name) or name_of is None:
        return None
    inside = {id(node) for node in ast.walk(call)}
    rest = [node for node in ast.walk(statement.value) if id(node) not in inside]
    if not is_of(block, call.args[0], source.id) or not _only_forms(rest, set()):
        return None
    name, lines = name_of
    slot, given = ast.unparse(target.slice), ast.unparse(call.args[0])
    for part, method in ((parts.train, "fit_transform"), (parts.test, "transform")):
        made = f"{name}.{method}({_renamed(given, source.id, part)})"
        lines.append(f"{part}[{slot}] = {_rewritten(statement.value, source.id, part, {call: made})}")
    return Move((number,), source.id, tuple(lines), columns=True)


def _fitted(block: Block, learned: Learned, place: Place, parts: Parts) -> Move | None:
    """`T = scaler.fit_transform(A)`, or `scaler.fit(A)` and `T = scaler.transform(A)`, done after the split instead."""
    call, number = node_at(block.trace, place), block.number(place)
    statement = block.at(number) if number is not None else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.keywords:
        return None
    if number is None or statement is None or not call.args or not isinstance(parts.carried, ast.Name):
        return None
    if not all(isinstance(argument, ast.Name) for argument in call.args):
        return None
    if any(isinstance(node, ast.Lambda) for node in ast.walk(statement)):
        return None
    source, *extra = [argument.id for argument in call.args if isinstance(argument, ast.Name)]
    name_of = _receiver(block, learned, call)
    if any(name not in parts.named for name in extra) or name_of is None:
        return None
    name, lines = name_of
    train, test = parts.train, parts.test
    if (
        call.func.attr == "fit_transform"
        and isinstance(statement, ast.Assign)
        and _assigns(statement, parts.carried.id)
    ):
        fitted = ", ".join([train, *(parts.named[other][0] for other in extra)])
        for part, made in ((train, f"{name}.fit_transform({fitted})"), (test, f"{name}.transform({test})")):
            lines.append(f"{part} = {_rewritten(statement.value, source, part, {call: made})}")
        return Move((number,), source, tuple(lines))
    receiver = call.func.value
    if call.func.attr == "fit" and isinstance(statement, ast.Expr) and isinstance(receiver, ast.Name) and not extra:
        transform = _transform_after(block, parts.carried.id, receiver.id, source)
        lines += [f"{train} = {name}.fit_transform({train})", f"{test} = {name}.transform({test})"]
        return None if transform is None else Move((number, transform), source, tuple(lines))
    return None


def _receiver(block: Block, learned: Learned, call: ast.Call) -> tuple[str, list[str]] | None:
    """What the transformer is called, and the line that gives it a name where it has none."""
    receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
    if isinstance(receiver, ast.Name):
        return receiver.id, []
    if isinstance(receiver, ast.Call) and isinstance(receiver.func, (ast.Name, ast.Attribute)):
        name = _free_name(block.trace, learned.family)
        return name, [f"{name} = {ast.unparse(receiver)}"]
    return None


def _transform_after(block: Block, carried: str, transformer: str, source: str) -> int | None:
    """The one statement `carried = transformer.transform(source)`."""
    wanted = f"{carried} = {transformer}.transform({source})"
    numbers = {use.number for use in block.uses(carried) if block.has(use.number)}
    found = [
        number
        for number in sorted(numbers)
        if isinstance(tree := block.at(number), ast.Assign) and ast.unparse(tree) == wanted
    ]
    return found[0] if len(found) == 1 else None


def _free_name(trace: Trace, family: str) -> str:
    """A name for a transformer that had none."""
    base = {"scaler": "scaler", "imputer": "imputer", "selector": "selector", "vectoriser": "vectorizer"}.get(
        family, "transformer"
    )
    used = trace.uses
    return base if base not in used else next(f"{base}_{n}" for n in range(2, 1000) if f"{base}_{n}" not in used)


# --- statistics ----------------------------------------------------------------------------------------


def _columns_computed(block: Block, learned: Learned, place: Place, parts: Parts) -> Move | None:
    """`A[columns] = ... A[columns] ... A[columns].mean() ...`, with the statistics of the training part."""
    number = block.number(place)
    statement = block.at(number) if number is not None else None
    target = column_target(statement)
    if (
        number is None
        or target is None
        or not isinstance(statement, ast.Assign)
        or not isinstance(target.value, ast.Name)
    ):
        return None
    source = target.value.id
    if not is_of(block, statement.value, source, calls=True):
        return None
    slot = ast.unparse(target.slice)
    lines = _both(statement.value, source, parts, f"[{slot}]")
    return None if lines is None else Move((number,), source, lines, columns=True)


def _computed(block: Block, learned: Learned, place: Place, parts: Parts) -> Move | None:
    """`T = ... A ... A.mean() ...`: the same for both parts, with the statistics of the training part."""
    number = block.number(place)
    statement = block.at(number) if number is not None else None
    if number is None or not isinstance(statement, ast.Assign) or not isinstance(parts.carried, ast.Name):
        return None
    if not _assigns(statement, parts.carried.id) or statement is not innermost(block.trace, place):
        return None
    sources = {node.id for node in ast.walk(statement.value) if isinstance(node, ast.Name)}
    if len(sources) != 1:
        return None
    (source,) = sources
    lines = _both(statement.value, source, parts, "")
    return None if lines is None else Move((number,), source, lines)


def _both(value: ast.expr, source: str, parts: Parts, slot: str) -> tuple[str, ...] | None:
    """The test part first: the statistics are those of the training part before it is changed."""
    statistics = [
        node
        for node in ast.walk(value)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _STATISTICS
        and not node.args
        and not node.keywords
        and _is_table(node.func.value, source, column=bool(slot))
    ]
    if not statistics:
        return None
    of_train = {node: _renamed(ast.unparse(node), source, parts.train) for node in statistics}
    return tuple(f"{part}{slot} = {_rewritten(value, source, part, of_train)}" for part in (parts.test, parts.train))


def _is_table(node: ast.expr, source: str, *, column: bool) -> bool:
    if column:
        return isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == source
    return isinstance(node, ast.Name) and node.id == source


# --- resamplers ----------------------------------------------------------------------------------------


def resampled_below(trace: Trace, place: Place, split: Split, index: int) -> Fix | None:
    """`T, u = sampler.fit_resample(A, b)`, done with the training part instead."""
    block = block_of(trace, place, split.call)
    parts = parts_of(trace, block, split, index) if block is not None else None
    if block is None or parts is None:
        return None
    source = parts.call
    call, number = node_at(trace, place), block.number(place)
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or call.keywords or number is None:
        return None
    made, given = bound_names(trace, place), [argument.id for argument in call.args if isinstance(argument, ast.Name)]
    if call.func.attr != "fit_resample" or len(made) != 2 or len(given) != 2:
        return None
    carried = [argument for argument in source.args if isinstance(argument, ast.Name)]
    statement = block.at(number)
    if tuple(argument.id for argument in carried) != made or not isinstance(statement, ast.Assign):
        return None
    if statement.value is not call:
        return None
    # The split may ask the targets for their classes, too.
    asked = [each.value for each in source.keywords if each.arg == "stratify" and isinstance(each.value, ast.Name)]
    names = [argument.id for argument in (*carried, *asked)]
    if not all(_used_only_there(block, (number,), parts, name, names.count(name)) for name in made):
        return None
    receiver = editing.on_one_line(trace, place_in(place, call.func.value))
    train = [parts.named[name][0] for name in made]
    edits = [editing.deleted(trace, place_in(place, statement))]
    instead = dict(zip(made, given, strict=True))
    for argument in (*carried, *asked):
        if instead.get(argument.id, argument.id) != argument.id:
            edits.append(editing.replaced(trace, place_in(parts.place, argument), instead[argument.id]))
    line = f"{train[0]}, {train[1]} = {receiver}.fit_resample({train[0]}, {train[1]})"
    below = block.place(parts.number)
    edits.append(editing.inserted_after(trace, below, [line]) if below is not None else None)
    return Fix.of(f"Resample `{train[0]}` alone, after the split", "safe", *edits) if receiver is not None else None


# --- what else uses it ---------------------------------------------------------------------------------


def _used_only_there(block: Block, moved: tuple[int, ...], parts: Parts, carried: str, times: int) -> bool:
    """Whether the split alone reads what the moved statements made, and nothing binds the name in between."""
    first, last = min(moved), parts.number
    if len(set(moved)) != len(moved) or first >= last:
        return False
    reads = 0
    for use in block.uses(carried):
        if use.number in moved or (use.number < first and not use.defines):
            continue
        if not use.mention.reads and use.number <= last:
            return False
        reads += use.mention.reads
    return reads == times and not _touched_between(block, moved, last, carried)


def _touched_between(block: Block, moved: tuple[int, ...], last: int, carried: str) -> bool:
    """Whether something between the old place and the new one uses or changes a variable that is moved along."""
    nodes = [node for number in moved for node in ast.walk(block.at(number) or ast.Pass())]
    names = {node.id for node in nodes if isinstance(node, ast.Name)} - {carried}
    asked = {ast.unparse(node.value) for node in nodes if isinstance(node, ast.Attribute)}
    for name in names:
        uses = block.uses(name)
        if all(use.mention.reads for use in uses) and not block.is_local(name):
            continue  # imported
        for use in uses:
            if use.number not in moved and (min(moved) < use.number < last or (use.defines and name in asked)):
                return True
    return False


def reaches(block: Block, columns: tuple[str, ...], move: Move, parts: Parts, others: tuple[int, ...] = ()) -> bool:
    """Whether the columns go to the split as they are, and nothing else reads them after they were made.

    The table itself is split, or what is left of it without some other columns. `others` are statements that do not
    count.
    """
    (number,), source = move.statements, move.source
    if number >= parts.number:
        return False
    carried = parts.carried
    allowed = {number, parts.number, *others}
    inner: ast.expr = carried
    if isinstance(carried, ast.Name) and carried.id != source:
        bound = [use.number for use in block.uses(carried.id) if not use.mention.reads and use.number <= parts.number]
        tree = block.at(bound[0]) if len(bound) == 1 and number < bound[0] < parts.number else None
        if not isinstance(tree, ast.Assign) or not _assigns(tree, carried.id):
            return False
        if any(use.defines for use in block.uses(carried.id)) or not _read_once(block, carried.id, parts.number):
            return False
        allowed.add(bound[0])
        inner = tree.value
    if not _keeps(block, inner, source, columns):
        return False
    slots = {node.id for node in ast.walk(block.at(number) or ast.Pass()) if isinstance(node, ast.Name)} - {source}
    for name in slots:
        if any(number < use.number < parts.number for use in block.uses(name) if not use.mention.reads):
            return False
    if _asked_between(block, number, parts.number, source):
        return False
    split = [argument for argument in parts.call.args if argument is not carried]
    split += [keyword.value for keyword in parts.call.keywords]
    if any(_mentions(argument, source) and not _apart(block, argument, source, columns) for argument in split):
        return False
    after = {use.number for use in block.uses(source) if use.number > number or use.defines} - allowed
    return all(_is_apart(block, other, source, columns, parts.number) for other in after)


def _asked_between(block: Block, first: int, last: int, source: str) -> bool:
    """Whether a variable of the program that is moved along is used for something else in between."""
    tree = block.at(first) or ast.Pass()
    receivers = {
        node.func.value.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name)
    } - {source}
    return any(
        use.number != first and (first < use.number < last or use.defines)
        for name in receivers
        for use in block.uses(name)
    )


def steps_kept(block: Block, carried: str, last: int, made: tuple[int, ...]) -> bool:
    """Whether the split alone reads what was made in these statements."""
    uses = [use for use in block.uses(carried) if use.number not in made]
    early = [use for use in uses if use.number < min(made) and not use.defines]
    rest = [use for use in uses if use not in early]
    return sum(use.mention.reads for use in rest) == 1 and all(use.number >= last for use in rest)


def _read_once(block: Block, name: str, last: int) -> bool:
    """Whether only the split reads it, and what picks it apart does not write it."""
    return all(use.number == last for use in block.uses(name) if use.mention.reads)


def _keeps(block: Block, node: ast.expr, source: str, columns: tuple[str, ...]) -> bool:
    """Whether it is the table, or its columns without others: `A`, `A.copy()`, `A.drop(columns=...)`, `A[[...]]`."""
    if isinstance(node, ast.Name):
        return node.id == source
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name) and node.value.id == source:
        listed = listed_in(block, node.slice)
        return listed is not None and not isinstance(node.slice, ast.Constant) and set(columns) <= set(listed)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return False
    if not isinstance(node.func.value, ast.Name) or node.func.value.id != source:
        return False
    if node.func.attr == "copy":
        return not node.args and not node.keywords
    if node.func.attr != "drop":
        return False
    told = {keyword.arg: keyword.value for keyword in node.keywords}
    axis = node.args[1] if len(node.args) == 2 else told.get("axis")
    by_axis = isinstance(axis, ast.Constant) and axis.value in (1, "columns")
    dropped = told.get("columns") or (
        node.args[0] if node.args and by_axis else told.get("labels") if by_axis else None
    )
    if dropped is None or not told.keys() <= {"columns", "axis", "labels"}:
        return False
    listed = listed_in(block, dropped)
    return listed is not None and not set(columns) & set(listed)


def _is_apart(block: Block, number: int, source: str, columns: tuple[str, ...], last: int) -> bool:
    """Whether a statement does something with other columns of the table alone."""
    tree = block.at(number) if 0 <= number < last else None
    if not isinstance(tree, ast.Assign):
        return False
    reads = [tree.value, *tree.targets]
    return all(not _mentions(part, source) or _apart(block, part, source, columns) for part in reads)


def _apart(block: Block, node: ast.expr, source: str, columns: tuple[str, ...]) -> bool:
    """Whether all that is taken of the table are other columns, which are named."""
    parents = {id(child): parent for parent in ast.walk(node) for child in ast.iter_child_nodes(parent)}
    for each in ast.walk(node):
        if not isinstance(each, ast.Name) or each.id != source:
            continue
        parent = parents.get(id(each))
        if isinstance(parent, ast.Subscript) and parent.value is each:
            listed = listed_in(block, parent.slice)
        elif isinstance(parent, ast.Attribute):
            called = parents.get(id(parent))
            popped = isinstance(called, ast.Call) and called.func is parent and parent.attr == "pop" and called.args
            if isinstance(called, ast.Call) and called.func is parent and not popped:
                return False
            listed = listed_in(block, called.args[0]) if popped and isinstance(called, ast.Call) else (parent.attr,)
        else:
            return False
        if listed is None or set(listed) & set(columns):
            return False
    return True


def listed_in(block: Block, node: ast.expr | None) -> tuple[str, ...] | None:
    """The names in a text, a list of texts, or a name that is bound once to one of these."""
    if isinstance(node, ast.Name):
        uses = [use for use in block.uses(node.id) if not use.mention.reads]
        tree = block.at(uses[0].number) if len(uses) == 1 and block.has(uses[0].number) else None
        if not isinstance(tree, ast.Assign) or not _assigns(tree, node.id):
            return None
        node = tree.value
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return (node.value,)
    if isinstance(node, (ast.List, ast.Tuple)):
        texts = [each.value for each in node.elts if isinstance(each, ast.Constant) and isinstance(each.value, str)]
        return tuple(texts) if len(texts) == len(node.elts) else None
    return None


def _slot(statement: ast.stmt | None) -> ast.expr | None:
    target = column_target(statement)
    return target.slice if target is not None else None


def column_target(statement: ast.stmt | None) -> ast.Subscript | None:
    """`A[columns] = ...` and nothing else; the columns are texts or names."""
    if not isinstance(statement, ast.Assign) or len(statement.targets) != 1:
        return None
    target = statement.targets[0]
    if not isinstance(target, ast.Subscript) or not isinstance(target.value, ast.Name):
        return None
    plain = all(
        isinstance(node, (ast.Name, ast.Constant, ast.List, ast.expr_context)) for node in ast.walk(target.slice)
    )
    return target if plain else None


def is_of(block: Block, node: ast.expr, source: str, *, calls: bool = False) -> bool:
    """Whether it is made of columns of the table, named ones, and nothing that another place could change."""
    if not _mentions(node, source):
        return False
    for each in ast.walk(node):
        if isinstance(each, ast.Subscript) and isinstance(each.value, ast.Name):
            if each.value.id != source:
                return False
        elif isinstance(each, (ast.Lambda, ast.ListComp, ast.GeneratorExp, ast.DictComp, ast.SetComp)):
            return False
    names = {each.id for each in ast.walk(node) if isinstance(each, ast.Name)} - {source}
    slots = {
        each.id
        for part in ast.walk(node)
        if isinstance(part, ast.Subscript)
        for each in ast.walk(part.slice)
        if isinstance(each, ast.Name)
    }
    return names <= slots and (calls or _only_forms(list(ast.walk(node)), slots | {source}))


def _only_forms(nodes: list[ast.AST], names: set[str]) -> bool:
    """Whether nothing stands there but subscripts, numbers and changes of form, such as `.values.reshape(-1, 1)`."""
    for node in nodes:
        if isinstance(node, ast.Attribute) and node.attr not in _FORMS:
            return False
        if isinstance(node, ast.Call) and not isinstance(node.func, ast.Attribute):
            return False
        if isinstance(node, ast.Name) and node.id not in names:
            return False
    return True


def _mentions(node: ast.AST, name: str) -> bool:
    return any(isinstance(each, ast.Name) and each.id == name for each in ast.walk(node))


def _assigns(statement: ast.stmt, name: str) -> bool:
    """`name = ...` and nothing else."""
    return (
        isinstance(statement, ast.Assign)
        and len(statement.targets) == 1
        and isinstance(statement.targets[0], ast.Name)
        and statement.targets[0].id == name
    )


def _renamed(text: str, source: str, part: str) -> str:
    """An expression with another name in place of one."""
    return _rewritten(ast.parse(text, mode="eval").body, source, part, {})


def _rewritten(value: ast.expr, source: str, part: str, instead: dict[ast.Call, str]) -> str:
    """The expression with `part` in place of `source`, and with some calls replaced as a whole."""
    originals = list(ast.walk(value))
    copy = ast.parse(ast.unparse(value), mode="eval").body
    twins = dict(zip(originals, ast.walk(copy), strict=True))
    inside = {node for call in instead for node in ast.walk(call)}
    for original, twin in twins.items():
        if isinstance(twin, ast.Name) and twin.id == source and original not in inside:
            twin.id = part
    text = ast.unparse(copy)
    for call, replacement in instead.items():
        text = text.replace(ast.unparse(twins[call]), replacement)
    return text
