"""Names of columns, and of keys of dictionaries, that are known at the caret."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.answers import Completion
from mlsense.semantics.models.estimators import SEARCHES
from mlsense.semantics.values import Const, Data, DictObject, Estimator, ListObject, Ref

if TYPE_CHECKING:
    from mlsense.completion.context import Bracket
    from mlsense.completion.scene import Callee, Scene
    from mlsense.semantics.asking import Answer
    from mlsense.semantics.values import Column, Value

MOST_FRAMES = 40

# Parameters that name columns of the frame whose method it is, or of the frame that is given to the function.
_METHODS = {
    "agg": ("func",), "aggregate": ("func",), "assign": (), "astype": ("dtype",), "boxplot": ("column", "by"),
    "drop": ("columns", "labels"), "drop_duplicates": ("subset",), "dropna": ("subset",), "duplicated": ("subset",),
    "explode": ("column",), "fillna": ("value",), "filter": ("items",), "get": ("key",), "groupby": ("by",),
    "hist": ("column", "by"), "insert": (), "isin": ("values",), "join": ("on",), "melt": ("id_vars", "value_vars"),
    "merge": ("on", "left_on"), "nlargest": ("columns",), "nsmallest": ("columns",),
    "pivot": ("columns", "index", "values"), "pivot_table": ("values", "index", "columns"),
    "plot": ("x", "y"), "pop": ("item",), "reindex": ("columns",), "rename": ("columns", "mapper"),
    "replace": ("to_replace",), "set_index": ("keys",), "sort_values": ("by",), "to_csv": ("columns",),
    "transform": ("func",), "value_counts": ("subset",),
}  # fmt: skip
_FUNCTIONS = {
    "pandas.get_dummies": ("data", ("columns",)),
    "pandas.melt": ("frame", ("id_vars", "value_vars")),
    "pandas.pivot": ("data", ("columns", "index", "values")),
    "pandas.pivot_table": ("data", ("values", "index", "columns")),
    "pandas.merge": ("left", ("on", "left_on")),
    "pandas.merge_asof": ("left", ("on", "left_on", "by", "left_by")),
    "pandas.wide_to_long": ("df", ("i", "j")),
}
_RIGHT = frozenset(("on", "right_on"))
# Of plots: what is drawn along which axis, in which colour.
_PLOTTED = frozenset(
    ("x", "y", "hue", "size", "style", "col", "row", "units", "weights", "vars", "x_vars", "y_vars", "color", "symbol",
     "facet_col", "facet_row", "hover_data", "hover_name", "names", "values", "dimensions", "columns", "index")
)  # fmt: skip
_PLOTTING = ("seaborn", "plotly")


@dataclass(frozen=True, slots=True)
class Named:
    name: str
    detail: str


def columns(scene: Scene) -> tuple[Completion, ...]:
    """The columns that could be meant by the string at the caret; none where no frame is certain to be asked."""
    quoted = scene.context.quoted
    if quoted is None or not scene.context.brackets:
        return ()
    brackets = scene.context.brackets
    place = next((i for i, bracket in enumerate(brackets) if bracket.kind in ("call", "subscript")), None)
    if place is None:
        return ()
    outer, displays = brackets[place], brackets[:place]
    if any(bracket.kind == "braces" and bracket.in_value for bracket in displays):
        return ()
    in_keys = any(bracket.kind == "braces" for bracket in displays)
    found = _subscripted(scene, outer) if outer.kind == "subscript" and not in_keys else ()
    if outer.kind == "call":
        found = _of_call(scene, outer, displays, in_keys=in_keys)
    used = {item.text.strip("'\"") for bracket in displays for item in bracket.others}
    used |= {item.key.strip("'\"") for bracket in displays for item in bracket.others if item.key}
    end = "" if quoted.closed else quoted.quote
    return tuple(
        Completion(each.name, "column", each.name + end, span=quoted.span, detail=each.detail)
        for each in found
        if each.name not in used and not set(each.name) & {quoted.quote[0], "\\", "\n", "\r"}
    )


def attributes(scene: Scene) -> tuple[Completion, ...]:
    """Columns that can be written with a dot."""
    receiver = scene.context.receiver
    if not receiver:
        return ()
    thing = scene.evaluate(receiver).object
    if not isinstance(thing, Data) or thing.kind != "frame" or thing.columns is None:
        return ()
    return tuple(
        Completion(column.name, "column", detail=_range(column))
        for column in thing.columns.items
        if column.name.isidentifier()
    )


def _subscripted(scene: Scene, bracket: Bracket) -> tuple[Named, ...]:
    text = bracket.before
    for accessor in (".loc", ".at"):
        if text.endswith(accessor):
            # Rows come first.
            return _columns(scene, text.removesuffix(accessor)) if bracket.at == 1 else ()
    return _columns(scene, text)


def _columns(scene: Scene, text: str) -> tuple[Named, ...]:
    if text.endswith((".cv_results_", ".best_params_")):
        return tuple(Named(each, "key") for each in _of_search(scene, text))
    answer = scene.evaluate(text)
    thing = answer.object
    if isinstance(thing, DictObject):
        return tuple(Named(key, "key") for key, _ in thing.items if isinstance(key, str))
    if isinstance(thing, Data) and thing.kind == "grouped":
        before = _before_groupby(text)
        return _columns(scene, before) if before is not None else ()
    if not isinstance(thing, Data) or thing.kind not in ("frame", "unknown"):
        return ()
    known = [] if thing.columns is None else [Named(each.name, _range(each)) for each in thing.columns.items]
    if thing.columns is None or not thing.columns.closed:
        names = {each.name for each in known}
        known += [Named(name, "") for name in _written(scene, text, answer.value) if name not in names]
    return tuple(known)


def _of_search(scene: Scene, text: str) -> Iterator[str]:
    """The keys of what a search has found."""
    receiver, _, attribute = text.rpartition(".")
    answer = scene.evaluate(receiver)
    search = answer.object
    short = search.cls.rpartition(".")[2] if isinstance(search, Estimator) else ""
    if not isinstance(search, Estimator) or short not in SEARCHES:
        return
    grid = answer.look_up(search.param(SEARCHES[short]))
    grids = [answer.look_up(each) for each in grid.items or ()] if isinstance(grid, ListObject) else [grid]
    names = [name for each in grids if isinstance(each, DictObject) for name, _ in each.items if isinstance(name, str)]
    varied = tuple(dict.fromkeys(names))
    if attribute == "best_params_":
        yield from varied
        return
    yield from ("params", *(f"param_{name}" for name in varied))
    scoring = answer.look_up(search.param("scoring"))
    given: tuple[object, ...] = ()
    if isinstance(scoring, DictObject):
        given = tuple(name for name, _ in scoring.items)
    elif isinstance(scoring, ListObject):
        given = tuple(each.value for each in scoring.items or () if isinstance(each, Const))
    trained = search.param("return_train_score") == Const.of(True)
    for scorer in given or ("score",):
        yield from (f"{what}_test_{scorer}" for what in ("mean", "std", "rank"))
        yield from (f"{what}_train_{scorer}" for what in ("mean", "std") if trained)
    yield from ("mean_fit_time", "std_fit_time", "mean_score_time", "std_score_time")


def _before_groupby(text: str) -> str | None:
    """The frame that is grouped."""
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if isinstance(tree, ast.Call) and isinstance(tree.func, ast.Attribute) and tree.func.attr == "groupby":
        return ast.unparse(tree.func.value)
    return None


def _written(scene: Scene, name: str, value: Value) -> Iterator[str]:
    """Columns of a frame of which not all are known, that the program names elsewhere."""
    if not name.isidentifier():
        return
    same = [each for each, other in scene.asking.names().items() if isinstance(value, Ref) and other == value]
    spelled = "|".join(re.escape(each) for each in {name, *same})
    # What comes before is looked at afterwards: a pattern that begins with a name is found much faster.
    subscripted = rf"(?:{spelled})(?:\.loc\[[^\[\]\r\n]*,)?\s*\[?\[\s*"
    pattern = re.compile(subscripted + r"""(?:'([^'\r\n]+)'|"([^"\r\n]+)")\s*[\],]""")
    quoted = scene.context.quoted
    seen = set()
    for cell in scene.document.cells:
        for found in pattern.finditer(cell.code):
            here = cell is scene.cell and found.start() <= scene.context.offset <= found.end()
            word = found.group(1) or found.group(2)
            before = cell.code[found.start() - 1 : found.start()]
            if before.isalnum() or before in ("_", "."):
                continue
            if not (here and quoted is not None) and word not in seen:
                seen.add(word)
                yield word


def _of_call(scene: Scene, call: Bracket, displays: tuple[Bracket, ...], *, in_keys: bool) -> tuple[Named, ...]:
    callee = scene.callee(call)
    if callee is None:
        head, _, method = call.before.rpartition(".")
        return _of_grouped(scene, head, method, call) if head else ()
    if callee.short in ("ColumnTransformer", "make_column_transformer"):
        return _of_transformer(scene, callee, displays)
    parameter = scene.parameter_at(call, callee)
    name = call.here.name if call.in_value else parameter.name if parameter is not None else None
    if name is None or (in_keys and name not in ("columns", "func", "dtype", "value", "to_replace", "mapper")):
        return ()
    if isinstance(callee.thing, Data) and call.before.rpartition(".")[0]:
        if name not in _METHODS.get(callee.short, ()):
            return ()
        if name in ("func", "dtype", "value", "to_replace") and not in_keys:
            return ()
        if callee.short == "drop" and name == "labels" and not _across(scene, call, callee):
            return ()
        frame = _columns(scene, call.before.rpartition(".")[0])
        return _shared(scene, call, callee, frame, name) if callee.short in ("merge", "join") else frame
    if callee.dotted in _FUNCTIONS:
        data, names = _FUNCTIONS[callee.dotted]
        text = scene.argument(call, callee, data)
        if text is None or name not in (*names, "right_on"):
            return ()
        return _shared(scene, call, callee, _columns(scene, text), name)
    if callee.dotted.partition(".")[0] in _PLOTTING and name in _PLOTTED:
        text = scene.argument(call, callee, "data") or scene.argument(call, callee, "data_frame")
        return _columns(scene, text) if text is not None else ()
    return ()


def _across(scene: Scene, call: Bracket, callee: Callee) -> bool:
    axis = scene.argument(call, callee, "axis")
    return axis is not None and scene.constant(axis) in (1, "columns")


def _of_grouped(scene: Scene, head: str, method: str, call: Bracket) -> tuple[Named, ...]:
    thing = scene.evaluate(head).object
    if isinstance(thing, Data) and thing.kind == "grouped" and method in ("agg", "aggregate", "transform"):
        return _columns(scene, head)
    return ()


def _shared(scene: Scene, call: Bracket, callee: Callee, left: tuple[Named, ...], name: str) -> tuple[Named, ...]:
    """Of two frames that are merged: the columns of one, or those that both have."""
    text = scene.argument(call, callee, "right") if name in _RIGHT else None
    if text is None:
        return left if name not in ("right_on",) else ()
    right = _columns(scene, text)
    if name == "right_on":
        return right
    names = {each.name for each in right}
    return tuple(each for each in left if each.name in names) if names else left


def _of_transformer(scene: Scene, callee: Callee, displays: tuple[Bracket, ...]) -> tuple[Named, ...]:
    """Which frame it will be given is not known yet: the columns of all that there are, the newest first."""
    step = next((bracket for bracket in displays if bracket.kind == "tuple"), None)
    place = 1 if callee.short == "make_column_transformer" else 2
    if step is None and callee.short == "make_column_transformer":
        return ()
    if step is None or step.at != place:
        return ()
    found: dict[str, Named] = {}
    names = [name for name, value in scene.asking.names().items() if isinstance(value, Ref) and name.isidentifier()]
    for name in reversed(names[-MOST_FRAMES * 5 :]):
        answer: Answer = scene.evaluate(name)
        if isinstance(answer.object, Data) and answer.object.kind == "frame":
            for each in _columns(scene, name):
                found.setdefault(each.name, Named(each.name, each.detail or name))
    return tuple(found.values())


def _range(column: Column) -> str:
    """Its type and its bounds, or a few values of a text."""
    if column.dtype == "str" and column.profile is not None:
        values = ", ".join(value[:12] for value, _ in column.profile.common[:3])
        return f"text: {values}" if values else "text"
    bounds = "" if column.low is None or column.high is None else f"{column.low:g} to {column.high:g}"
    return " ".join(part for part in (column.dtype, bounds) if part)
