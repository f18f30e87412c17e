"""Parameters whose values became functions of their own, and how to write that."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix
from mlsense.rules.importing import imported_beside, imported_from
from mlsense.rules.reading import place_in
from mlsense.semantics.values import Place

if TYPE_CHECKING:
    from mlsense.knowledge.library import Offer
    from mlsense.rules.finding import Edit
    from mlsense.semantics.program import Trace

# Function, parameter and value; the function that does it. The same function: it does nothing else now.
_BECAME: dict[tuple[str, str, bool | str], str] = {
    ("sklearn.metrics.mean_squared_error", "squared", False): "root_mean_squared_error",
    ("sklearn.metrics.mean_squared_error", "squared", True): "mean_squared_error",
    ("sklearn.metrics.mean_squared_log_error", "squared", False): "root_mean_squared_log_error",
    ("sklearn.metrics.mean_squared_log_error", "squared", True): "mean_squared_log_error",
    **{
        (f"pandas.{owner}.fillna", "method", value): name
        for owner in ("DataFrame", "Series")
        for value, name in (("ffill", "ffill"), ("pad", "ffill"), ("bfill", "bfill"), ("backfill", "bfill"))
    },
}


def function_for(offered: Offer, dotted: str, keyword: ast.keyword) -> str | None:
    """The function that does what this value asked for, where the version has it: its name, in the same module."""
    value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
    name = _BECAME.get((dotted, keyword.arg or "", value)) if isinstance(value, (bool, str)) else None
    module = dotted.rpartition(".")[0]
    return name if name is not None and offered.find(f"{module}.{name}") is not None else None


def has_become(dotted: str, parameter: str) -> bool:
    """Whether some value of the parameter has."""
    return any(known[:2] == (dotted, parameter) for known in _BECAME)


def called_instead(
    trace: Trace, call: Place, node: ast.Call, keyword: ast.keyword, dotted: str, name: str
) -> Fix | None:
    """The call with another function of the same module and without the argument; imports it where it is not."""
    module, _, old = dotted.rpartition(".")
    edits: list[Edit | None] = [without(trace, call, node, keyword)]
    if name != old:
        edits.append(_named(trace, call, node.func, old, name))
        if isinstance(node.func, ast.Name) and imported_from(trace, name) != module:
            if name in trace.uses:
                return None
            edits.append(imported_beside(trace, module, name, old))
    title = f"Write `{name}(...)`" if name != old else f"Leave out `{keyword.arg}`"
    return Fix.of(title, "safe", *edits)


def without(trace: Trace, call: Place, node: ast.Call, keyword: ast.keyword) -> Edit | None:
    """Takes an argument out of a call, with the comma before it, or the one after it where it is the first."""
    parts: list[ast.expr | ast.keyword] = [*node.args, *node.keywords]
    parts.sort(key=lambda part: (part.lineno, part.col_offset))
    index = parts.index(keyword)
    line, column = keyword.lineno, keyword.col_offset
    end_line, end_column = keyword.end_lineno or line, keyword.end_col_offset or column
    if index:
        line, column = parts[index - 1].end_lineno or line, parts[index - 1].end_col_offset or column
    elif len(parts) > 1:
        end_line, end_column = parts[1].lineno, parts[1].col_offset
    place = Place(call.unit, line, column, end_line, end_column)
    # What is written between arguments may be a comment, which is not ours to take out.
    return None if "#" in (editing.text_at(trace, place) or "#") else editing.replaced(trace, place, "")


def _named(trace: Trace, call: Place, called: ast.expr, old: str, name: str) -> Edit | None:
    text = editing.text_at(trace, place_in(call, called)) or ""
    if text != old and not text.endswith(f".{old}"):
        return None
    return editing.replaced(trace, place_in(call, called), text.removesuffix(old) + name)
