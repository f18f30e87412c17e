"""`require_grad` is set where `requires_grad` is meant: PyTorch takes it and does nothing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, name_place
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.values import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Unit

_WRITTEN, _MEANT = "require_grad", "requires_grad"


def check(trace: Trace) -> Iterator[Draft]:
    if not any(named.name.partition(".")[0] == "torch" for named in trace.names.values()):
        return
    found = [
        (followed.unit, node)
        for followed in trace.followed
        if _WRITTEN in followed.unit.text
        for node in ast.walk(followed.parsed.tree or ast.Pass())
        if isinstance(node, ast.Attribute) and node.attr == _WRITTEN
    ]
    # A program that reads it has an attribute of this name for itself.
    if any(isinstance(node.ctx, ast.Load) or _is_own(node) for _, node in found):
        return
    for unit, node in found:
        yield from _drafts(trace, unit, node)


def _drafts(trace: Trace, unit: Unit, node: ast.Attribute) -> Iterator[Draft]:
    whole = Place.of(unit, node)
    place = name_place(whole, node)
    found = location(trace, place)
    if found is None or editing.text_at(trace, place) != _WRITTEN:
        return
    edit = editing.replaced(trace, place, _MEANT)
    written = editing.text_at(trace, whole) or _WRITTEN
    message = (
        f"`{written}` is a new attribute that PyTorch does not look at: gradients are recorded as before. "
        f"It is `{_MEANT}`."
    )
    yield Draft(message, found, fix=Fix.of(f"Write `{_MEANT}`", "safe", edit))


def _is_own(node: ast.Attribute) -> bool:
    return isinstance(node.value, ast.Name) and node.value.id in ("self", "cls")


RULE = Rule(
    name="require-grad-typo",
    family="api",
    severity=Severity.WARNING,
    summary="The attribute `require_grad` of a tensor or module is set, where PyTorch only knows `requires_grad`.",
    finds="""
        `parameter.require_grad = False`: without the `s` it is an attribute of its own, which Python lets you set.
        """,
    matters="""
        Nothing is raised and nothing is frozen: layers meant to keep their weights are trained, and the memory and time
        for their gradients are spent.
        """,
    silent="""
        Programs that do not import PyTorch; programs that read `require_grad` or set it on `self`: it is their own.
        """,
    repair="""
        Writes `requires_grad`. Safe: it is what the line says it does.
        """,
    bad=(
        example(
            """
            import torch

            layer = torch.nn.Linear(2, 1)
            for parameter in layer.parameters():
                parameter.require_grad = False  # <- require-grad-typo
            print(sum(parameter.requires_grad for parameter in layer.parameters()))
            """
        ),
        example(
            """
            from torch import nn

            model = nn.Sequential(nn.Linear(4, 3), nn.ReLU(), nn.Linear(3, 1))
            model[0].weight.require_grad = False  # <- require-grad-typo
            print(model[0].weight.requires_grad)
            """
        ),
        example(
            """
            import torch


            def frozen(model):
                for name, parameter in model.named_parameters():
                    if name.startswith("0."):
                        parameter.require_grad = False  # <- require-grad-typo
                return model


            print(frozen(torch.nn.Sequential(torch.nn.Linear(2, 2))))
            """
        ),
        example(
            """
            import torch

            inputs = torch.ones(3)
            inputs.require_grad = True  # <- require-grad-typo
            print(inputs.requires_grad)
            """
        ),
    ),
    good=(
        example(
            """
            import torch

            layer = torch.nn.Linear(2, 1)
            for parameter in layer.parameters():
                parameter.requires_grad = False
            print(sum(parameter.requires_grad for parameter in layer.parameters()))
            """
        ),
        example(
            """
            import torch

            layer = torch.nn.Linear(2, 1)
            layer.requires_grad_(False)
            print(layer.weight.requires_grad)
            """
        ),
        example(
            """
            import torch


            class Layer:
                def __init__(self, size, require_grad):
                    self.require_grad = require_grad
                    self.weights = torch.ones(size, requires_grad=require_grad)


            print(Layer(3, False).weights.requires_grad)
            """
        ),
        example(
            """
            import torch


            class Settings:
                pass


            settings = Settings()
            settings.require_grad = True
            print(torch.ones(3, requires_grad=settings.require_grad))
            """
        ),
        example(
            """
            class Plan:
                pass


            plan = Plan()
            plan.require_grad = False
            print(vars(plan))
            """
        ),
        example(
            """
            import torch

            require_grad = True
            print(torch.zeros(2, requires_grad=require_grad))
            """
        ),
    ),
    check=check,
)
