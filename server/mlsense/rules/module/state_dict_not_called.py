"""`state_dict` without brackets is the method, not the weights."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Edit, Fix, Location, Severity
from mlsense.rules.reading import node_at, place_in, short
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Called
from mlsense.semantics.values import Method, Symbol
from mlsense.text import Span, TextEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Value


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_gets_the_method, Called):
        node = node_at(trace, event.call)
        given = node.args[0] if isinstance(node, ast.Call) and node.args else None
        if isinstance(given, ast.Dict):
            pairs = [part for part in given.values if isinstance(part, ast.Attribute) and part.attr == "state_dict"]
        else:
            pairs = [given] if isinstance(given, ast.Attribute) and given.attr == "state_dict" else []
        for part in pairs:
            place = place_in(event.call, part)
            found, text = trace.locate(place), editing.text_at(trace, place)
            if found is None or text is None:
                continue
            saves = isinstance(event.callee, Symbol)
            harm = (
                "the file gets the method, and with it the whole model as its code is now, and `load_state_dict` "
                "refuses it"
                if saves
                else "it raises"
            )
            edit = Edit(found[0], TextEdit(Span(found[1].end, found[1].end), "()"))
            yield Draft(
                f"`{short(text, 40)}` without brackets is the method, not the weights: {harm}. Write "
                f"`{short(text, 40)}()`.",
                Location(*found),
                (),
                Fix("Call it", "safe", (edit,)),
            )


def _gets_the_method(event: Called) -> bool:
    saves = isinstance(event.callee, Symbol) and event.callee.name == "torch.save"
    loads = isinstance(event.callee, Method) and event.callee.name == "load_state_dict"
    if not event.args or not (saves or loads):
        return False
    # A dict of several is behind the argument; the text says which of its values lacks the brackets.
    return _is_method(event.args[0]) or (saves and any(map(_is_method, _values(event))))


def _values(event: Called) -> tuple[Value, ...]:
    thing = event.object(event.args[0])
    return tuple(value for _, value in getattr(thing, "items", None) or ())


def _is_method(value: Value) -> bool:
    return isinstance(value, Method) and value.name == "state_dict"


RULE = Rule(
    name="state-dict-not-called",
    family="module",
    severity=Severity.ERROR,
    summary="state_dict without brackets is the method, not the weights.",
    finds="""
        `torch.save(model.state_dict, path)`, also in a dict that is saved, and `load_state_dict(other.state_dict)`.
        """,
    matters="""
        Saving works, and that is the trouble: the file holds the bound method, so the whole model by the names of its
        classes. It turns out when the file is needed: `torch.load` refuses it, or `load_state_dict` does.
        """,
    silent="""
        `state_dict()`; attributes of this name that are values.
        """,
    repair="Writes the brackets behind it. Safe: nothing else changes.",
    bad=(
        example(
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 2)
            torch.save(model.state_dict, "model.pt")  # <- state-dict-not-called
            model.load_state_dict(torch.load("model.pt"))
            """
        ),
        example(
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 2)
            optimizer = torch.optim.Adam(model.parameters())
            torch.save({"epoch": 3, "model": model.state_dict}, "last.pt")  # <- state-dict-not-called
            model.load_state_dict(torch.load("last.pt")["model"])
            """
        ),
        example(
            """
            from torch import nn

            model, target = nn.Linear(4, 2), nn.Linear(4, 2)
            target.load_state_dict(model.state_dict)  # <- state-dict-not-called
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.out = nn.Linear(4, 2)

                def save(self, path):
                    torch.save(self.state_dict, path)  # <- state-dict-not-called


            net = Net()
            net.save("net.pt")
            net.load_state_dict(torch.load("net.pt", weights_only=True))
            """
        ),
    ),
    good=tuple(
        example(text)
        for text in (
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 2)
            torch.save(model.state_dict(), "model.pt")
            print(model.load_state_dict(torch.load("model.pt", weights_only=True)))
            """,
            """
            from torch import nn

            model, target = nn.Linear(4, 2), nn.Linear(4, 2)
            print(target.load_state_dict(model.state_dict()))
            """,
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 2)
            torch.save({"model": model.state_dict(), "epoch": 3}, "last.pt")
            """,
            """
            from torch import nn

            model = nn.Linear(4, 2)
            weights = model.state_dict
            print(sorted(weights()))
            """,
            """
            import torch
            from torch import nn

            model = nn.Linear(4, 2)
            state_dict = model.state_dict()
            torch.save(state_dict, "model.pt")
            """,
            """
            import copy

            from torch import nn

            model = nn.Linear(4, 2)
            best = copy.deepcopy(model.state_dict())
            print(model.load_state_dict(best))
            """,
        )
    ),
    check=check,
    raises=("Exception",),
)
