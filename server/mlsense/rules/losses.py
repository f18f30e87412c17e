"""What a network does last, and the losses that wait for something else: shared by the rules on losses."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix
from mlsense.rules.reading import location, node_at, place_in
from mlsense.semantics.values import MAIN

if TYPE_CHECKING:
    from mlsense.rules.finding import Edit, Location
    from mlsense.semantics.events import Loss
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Operation, Place

# PyTorch's functions by the classes that compute them.
CLASSES = {
    "cross_entropy": "CrossEntropyLoss",
    "nll_loss": "NLLLoss",
    "binary_cross_entropy": "BCELoss",
    "binary_cross_entropy_with_logits": "BCEWithLogitsLoss",
}
# What a network may end with that is neither a probability nor its logarithm.
RAW = frozenset(
    """
        linear bilinear convolution conv_transpose batch_norm layer_norm group_norm instance_norm rms_norm recurrent
        """.split()
)
# Activations whose results are no probabilities either: they leave the range from 0 to 1.
UNBOUNDED = frozenset("relu leaky_relu prelu elu selu celu gelu silu mish softplus tanh relu6 rrelu".split())


def written(trace: Trace, event: Loss) -> str:
    """The loss as the program names it: the class that was made, or the function."""
    return CLASSES.get(event.kind, event.kind) if event.made is not None else event.kind


def made_here(event: Loss) -> tuple[Place | None, str]:
    """The place where a loss that is an object was made, and what to say of it."""
    return event.made.place if event.made is not None else None, "the loss is made here"


def maker(event: Loss) -> Place | None:
    """Where the network's last operation stands, if it is in this document."""
    place = event.operation.made.place if event.operation is not None else None
    return place if place is not None and place.unit.module == MAIN else None


def shown(trace: Trace, event: Loss) -> tuple[Place, Location | None]:
    """Where to tell of it: at the last operation, which is what has to change, else at the loss."""
    place = maker(event)
    found = location(trace, place) if place is not None else None
    return (place, found) if place is not None and found is not None else (event.call, location(trace, event.call))


def lowest(operation: Operation | None) -> str:
    """How low cross-entropy can get when what it takes for logits are probabilities, in words; empty where unknown."""
    units = operation.units if operation is not None else None
    if units is None or units < 2:
        return ""
    return f"with {units} classes it cannot get below {math.log(1 + (units - 1) / math.e):.2f}"


def exchanged_class(trace: Trace, event: Loss, name: str) -> tuple[Edit, ...]:
    """Another loss in the place of this one, with the same arguments; nothing where that cannot be written."""
    place = event.made.place if event.made is not None else event.call
    node = node_at(trace, place)
    if not isinstance(node, ast.Call):
        return ()
    old = CLASSES[event.kind] if event.made is not None else event.kind
    if not isinstance(node.func, ast.Attribute) or node.func.attr != old:
        return ()
    edit = editing.replaced(trace, place_in(place, node.func), f"{ast.unparse(node.func.value)}.{name}")
    return () if edit is None else (edit,)


def without_last(trace: Trace, event: Loss) -> Fix | None:
    """Takes the last operation away: `F.softmax(x, dim=1)` becomes `x`, a layer gives way to one that does nothing."""
    place = maker(event)
    node = node_at(trace, place) if place is not None else None
    if place is None or not isinstance(node, ast.Call):
        return None
    func = ast.unparse(node.func)
    last = func.rpartition(".")[2]
    edit: Edit | None = None
    if last[:1].isupper():
        # A layer: what holds it may be read by position or by name, so something stays in its place.
        base = func.rpartition(".")[0]
        edit = editing.replaced(trace, place, f"{base}.Identity()") if base.endswith("nn") else None
        title = f"Put `{base}.Identity()` in the place of `{last}`"
    else:
        given = _given(node)
        text = editing.text_at(trace, place_in(place, given)) if given is not None else None
        edit = editing.replaced(trace, place, text) if text is not None and given is not None else None
        title = f"Take `{last}` away"
    # What reads probabilities out of the same network needs a softmax of its own afterwards.
    return Fix.of(title, "unsafe", edit)


def _given(node: ast.Call) -> ast.expr | None:
    """What a function or method of a tensor works on."""
    if isinstance(node.func, ast.Attribute):
        owner = ast.unparse(node.func.value)
        if owner not in ("F", "torch", "nn.functional", "torch.nn.functional", "functional"):
            return node.func.value
    plain = [each for each in node.args[:1] if not isinstance(each, ast.Starred)]
    named = [each.value for each in node.keywords if each.arg == "input"]
    return next(iter([*plain, *named]), None)
