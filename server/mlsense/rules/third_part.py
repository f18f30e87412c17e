"""The fix of a choice made on the test rows: the training part is split once more, and the choice is made there."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.blocks import Block, block_of
from mlsense.rules.finding import Edit, Fix
from mlsense.rules.importing import imported_beside, imported_from
from mlsense.rules.reading import calls_of, node_at
from mlsense.semantics.events import Fit
from mlsense.semantics.values import Data, Place

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsense.rules.held_out import HeldOut
    from mlsense.semantics.events import Select
    from mlsense.semantics.program import Trace

_MODULE = "sklearn.model_selection"


def third_part(trace: Trace, choice: Select, found: HeldOut) -> Fix | None:
    """Splits a validation part off the rows that the models are fitted on, and chooses by that."""
    scores = [score for score in choice.scores if score.rows == found.rows and score.fit is not None]
    origins = {score.fit.origin for score in scores if score.fit is not None}
    fits = [event for event in trace.of(Fit) if event.record.origin in origins]
    if choice.how == "search" or not scores or not fits:
        return None
    stopping = choice.how == "stopping"
    decided = [choice.origin] if stopping else [score.origin for score in scores]
    fitted = [event.origin for event in fits]
    ways = {tuple(calls_of(origin)) for origin in (*decided, *fitted)}
    if len(ways) != 1:
        return None
    fit_places = list(dict.fromkeys(event.call for event in fits))
    places = list(dict.fromkeys(origin.place for origin in decided))
    block = block_of(trace, *fit_places, *places, loops=True)
    trained = {_trained(trace, place) for place in fit_places}
    if block is None or len(trained) != 1 or None in trained:
        return None
    (names,) = trained
    assert names is not None
    return _chosen_on(block, found, names, fit_places, places, stopping=stopping)


def _trained(trace: Trace, call: Place) -> tuple[str, str] | None:
    """What the rows and targets of a fit are called."""
    node = node_at(trace, call)
    if not isinstance(node, ast.Call):
        return None
    told = {keyword.arg: keyword.value for keyword in node.keywords}
    x = node.args[0] if node.args else told.get("X", told.get("x"))
    y = node.args[1] if len(node.args) > 1 else told.get("y")
    return (x.id, y.id) if isinstance(x, ast.Name) and isinstance(y, ast.Name) else None


def _chosen_on(
    block: Block, found: HeldOut, names: tuple[str, str], fits: list[Place], places: list[Place], *, stopping: bool
) -> Fix | None:
    trace = block.trace
    fit_numbers = {number for place in fits if (number := block.number(place)) is not None}
    numbers = {number for place in places if (number := block.number(place)) is not None}
    if not numbers or not fit_numbers or (stopping and len(numbers) != 1):
        return None
    first, last = min(fit_numbers | numbers), max(fit_numbers | numbers)
    if any(first <= use.number <= last and not use.mention.reads for name in names for use in block.uses(name)):
        return None
    renamed = dict(zip(names, _free(trace, names, "fit"), strict=True))
    valid = dict(zip(names, _free(trace, names, "valid"), strict=True))
    edits: list[Edit | None] = []
    for number in fit_numbers:
        edits += _renamings(block, number, renamed)
    instead: dict[str, str] = {}
    made: list[tuple[int, str]] = []
    for name in dict.fromkeys(name for number in numbers for name in _test_rows(block, number, found)):
        kind = _kind(block, numbers, name)
        if kind == "target":
            instead[name] = valid[names[1]]
        elif kind == "features":
            instead[name] = valid[names[0]]
        else:
            code = _predicted(block, found, name, valid[names[0]], first, min(numbers))
            if code is None:
                return None
            instead[name] = _free(trace, (name,), "valid")[0]
            made.append((min(numbers), f"{instead[name]} = {code}"))
    targets = [new for new in instead.values() if new == valid[names[1]]]
    if len(targets) != 1 or sum(new == valid[names[0]] for new in instead.values()) > 1 or len(instead) < 2:
        return None
    for number in numbers:
        edits += _renamings(block, number, instead)
    split = f"train_test_split({names[0]}, {names[1]}, random_state=0)"
    parts = f"{renamed[names[0]]}, {valid[names[0]]}, {renamed[names[1]]}, {valid[names[1]]}"
    lines = {first: [f"{parts} = {split}"]}
    for number, line in made:
        lines.setdefault(number, []).append(line)
    for number, new in lines.items():
        place = block.place(number)
        edits.append(editing.inserted_before(trace, place, new) if place is not None else None)
    home = imported_from(trace, "train_test_split")
    if home is None:
        edits.append(imported_beside(trace, _MODULE, "train_test_split"))
    elif home != _MODULE:
        return None
    kept = tuple(edit for edit in edits if edit is not None)
    if len(kept) != len(edits):
        return None
    return Fix(f"Choose on a validation part of `{names[0]}`", "unsafe", kept)


def _test_rows(block: Block, number: int, found: HeldOut) -> Iterable[str]:
    """The names read in a statement that hold the test rows, or what was made of them."""
    place = block.place(number)
    tree = block.at(number)
    for node in ast.walk(tree) if tree is not None and place is not None else ():
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and place is not None:
            seen = block.trace.sighting(Place.of(place.unit, node))
            bound = any(use.number == number and not use.mention.reads for use in block.uses(node.id))
            if seen is not None and isinstance(seen.object, Data) and seen.object.rows == found.rows and not bound:
                yield node.id


def _kind(block: Block, numbers: set[int], name: str) -> str:
    """Whether it holds the features, the target, or what a model says of the rows."""
    for number in numbers:
        place, tree = block.place(number), block.at(number)
        for node in ast.walk(tree) if tree is not None and place is not None else ():
            if isinstance(node, ast.Name) and node.id == name and place is not None:
                seen = block.trace.sighting(Place.of(place.unit, node))
                thing = seen.object if seen is not None else None
                if isinstance(thing, Data):
                    if thing.fits:
                        return "predicted"
                    flat = thing.kind == "series" or thing.rank == 1
                    return "target" if flat else "features"
    return ""


def _predicted(block: Block, found: HeldOut, name: str, valid: str, first: int, before: int) -> str | None:
    """What the model says of the validation rows: as the program asks it of the test rows."""
    bound = [use.number for use in block.uses(name) if not use.mention.reads]
    tree = block.at(bound[0]) if len(bound) == 1 and first <= bound[0] < before else None
    place = block.place(bound[0]) if tree is not None else None
    if not isinstance(tree, ast.Assign) or place is None or len(tree.targets) != 1:
        return None
    if not isinstance(tree.targets[0], ast.Name):
        return None
    tests = set(_test_rows(block, bound[0], found))
    if len(tests) != 1 or any(isinstance(node, ast.Call) and _fits(node) for node in ast.walk(tree.value)):
        return None
    copy = ast.parse(ast.unparse(tree.value), mode="eval").body
    for node in ast.walk(copy):
        if isinstance(node, ast.Name) and node.id in tests:
            node.id = valid
    return ast.unparse(copy)


def _fits(node: ast.Call) -> bool:
    return isinstance(node.func, ast.Attribute) and node.func.attr.startswith("fit")


def _renamings(block: Block, number: int, names: dict[str, str]) -> list[Edit | None]:
    place, tree = block.place(number), block.at(number)
    if place is None or tree is None:
        return [None]
    return [
        editing.replaced(block.trace, Place.of(place.unit, node), names[node.id])
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and node.id in names
    ]


def _free(trace: Trace, names: tuple[str, ...], part: str) -> list[str]:
    """Names for the parts of the further split that nothing has yet."""
    found: list[str] = []
    for name in names:
        array = re.sub(r"_?(train|test|tr|te)(?=_|$)", "", name, flags=re.IGNORECASE) or name
        free = f"{array}_{part}"
        while free in trace.uses or free in found:
            free += "_"
        found.append(free)
    return found
