"""Where a program makes the splitter that a cross-validation goes by, and another one in its place: for fixes."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.blocks import Block, block_of
from mlsense.rules.importing import imported_beside, imported_from
from mlsense.rules.reading import node_at
from mlsense.rules.values import insertion
from mlsense.semantics.values import Place

if TYPE_CHECKING:
    from mlsense.rules.finding import Edit
    from mlsense.semantics.program import Trace

_MODULE = "sklearn.model_selection"
_FUNCTIONS = frozenset("cross_val_score cross_validate cross_val_predict learning_curve validation_curve".split())


@dataclass(frozen=True, slots=True)
class Splitter:
    """What `cv` says at `asked`: the call that makes the splitter, a number of folds, or nothing.

    `given` is where that stands; None where nothing is said. `to` is the call that the argument is one of. `readers`:
    how often the splitter is read.
    """

    asked: Place
    to: tuple[Place, ast.Call] | None
    given: Place | None
    made: ast.Call | None
    number: str
    name: str
    readers: int = 1

    @property
    def prefix(self) -> str:
        """What stands before the name of its class: `model_selection.`."""
        return ast.unparse(self.made.func).rpartition(".")[0] if self.made is not None else ""


def splitter_at(trace: Trace, call: Place) -> Splitter | None:
    """The splitter of a function of cross-validation, of a search that is fitted, or whose `split` is called."""
    node, block = node_at(trace, call), block_of(trace, call) or Block(trace)
    if not isinstance(node, ast.Call):
        return None
    if isinstance(node.func, ast.Attribute) and node.func.attr == "split":
        return _made(block, call, None, node.func.value, call)
    if ast.unparse(node.func).rpartition(".")[2] in _FUNCTIONS:
        return _told(block, call, call, node)
    if not isinstance(node.func, ast.Attribute) or node.func.attr != "fit":
        return None
    receiver, place = node.func.value, call
    if isinstance(receiver, ast.Name):
        bound = block.bound_once(receiver.id)
        if bound is None:
            return None
        place, receiver = bound[0], bound[1].value
    return _told(block, call, place, receiver) if isinstance(receiver, ast.Call) else None


def _told(block: Block, asked: Place, place: Place, call: ast.Call) -> Splitter | None:
    """By the argument `cv`."""
    here = Place.of(place.unit, call)
    told = {keyword.arg: keyword.value for keyword in call.keywords}
    if None in told:
        return None
    cv = told.get("cv")
    if cv is None:
        return Splitter(asked, (here, call), None, None, "5", "")
    if isinstance(cv, ast.Constant) and isinstance(cv.value, int) and not isinstance(cv.value, bool):
        return Splitter(asked, (here, call), Place.of(place.unit, cv), None, str(cv.value), "")
    return _made(block, asked, (here, call), cv, place)


def _made(
    block: Block, asked: Place, to: tuple[Place, ast.Call] | None, node: ast.expr, place: Place
) -> Splitter | None:
    readers = 1
    if isinstance(node, ast.Name):
        # In a loop the assignment stands above it.
        bound = block.bound_once(node.id)
        if bound is None:
            return None
        readers = sum(use.mention.reads for use in block.uses(node.id))
        place, node = bound[0], bound[1].value
    if not isinstance(node, ast.Call):
        return None
    name = ast.unparse(node.func).rpartition(".")[2]
    told = {keyword.arg: keyword.value for keyword in node.keywords}
    if None in told or len(node.args) > 1:
        return None
    number = node.args[0] if node.args else told.get("n_splits")
    usual = "10" if name.endswith("ShuffleSplit") else "5"
    folds = ast.unparse(number) if number is not None else usual
    return Splitter(asked, to, Place.of(place.unit, node), node, folds, name, readers)


def exchanged(trace: Trace, splitter: Splitter, cls: str, arguments: str) -> list[Edit] | None:
    """The edits that put another splitter in its place, with its import; None where that is not certain."""
    prefix = splitter.prefix
    code = f"{prefix}.{cls}({arguments})" if prefix else f"{cls}({arguments})"
    edits: list[Edit | None] = []
    if splitter.given is not None:
        edits.append(editing.replaced(trace, splitter.given, code))
    elif splitter.to is not None:
        edits.append(insertion(trace, *splitter.to, f"cv={code}"))
    if not prefix:
        home = imported_from(trace, cls)
        if home is None and cls in trace.uses:
            return None
        if home is None:
            edits.append(imported_beside(trace, _MODULE, cls))
        elif home != _MODULE:
            return None
    kept = [edit for edit in edits if edit is not None]
    return kept if kept and len(kept) == len(edits) else None
