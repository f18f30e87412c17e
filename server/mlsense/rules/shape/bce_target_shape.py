"""Predictions stand in a column, targets in a row: a loss raises, or compares every one with every other."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at, place_in, short, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Loss, Widened

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place, Sizes

# Losses that refuse what is not of one shape, and those that stretch it.
_STRICT = frozenset(("binary_cross_entropy", "binary_cross_entropy_with_logits"))
_STRETCHING = frozenset(("mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"))


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_is_crossed, Loss):
        node = node_at(trace, event.call)
        if not isinstance(node, ast.Call) or len(node.args) < 2:
            continue
        places = place_in(event.call, node.args[0]), place_in(event.call, node.args[1])
        strict = event.kind in _STRICT
        harm = f"`{short(ast.unparse(node.func), 40)}` raises" if strict else _table(event.sizes, "subtracts")
        if (draft := _draft(trace, event.sizes, places, event.call, harm, strict)) is not None:
            yield draft
    for crossed in trace.of(Widened):
        if crossed.name in ("-", "sub", "==", "!=", "eq", "ne"):
            verb = "subtracts" if crossed.name in ("-", "sub") else "compares"
            draft = _draft(trace, crossed.sizes, crossed.places, crossed.call, _table(crossed.sizes, verb), False)
            if draft is not None:
                yield draft


def _is_crossed(event: Loss) -> bool:
    one, other = event.sizes
    return event.kind in _STRICT | _STRETCHING and _column_and_row(one, other) is not None


def _column_and_row(one: Sizes | None, other: Sizes | None) -> tuple[int, int] | None:
    """Which of the two is a column, and which a row."""
    for column, row, order in ((one, other, (0, 1)), (other, one, (1, 0))):
        if column is None or row is None or len(row) != 1 or row[0] in (1, ...):
            continue
        if len(column) == 2 and column[1] == 1 and column[0] != 1:
            return order
    return None


def _table(sizes: tuple[Sizes | None, Sizes | None], verb: str) -> str:
    row = next((each for each in sizes if each is not None and len(each) == 1), (None,))
    count = row[0] if isinstance(row[0], int) else None
    size = f"{count:,} x {count:,}" if count is not None else "N x N"
    to = "from" if verb == "subtracts" else "with"
    what = "learns the mean of the targets" if verb == "subtracts" else "counts far more than there are"
    who = "the network" if verb == "subtracts" else "what adds them up"
    return f"PyTorch {verb} each of one {to} each of the other, {size} numbers, and {who} {what}"


def _draft(
    trace: Trace,
    sizes: tuple[Sizes | None, Sizes | None],
    places: tuple[Place, Place],
    call: Place,
    harm: str,
    strict: bool,
) -> Draft | None:
    order, found = _column_and_row(*sizes), location(trace, call)
    if order is None or found is None:
        return None
    column, row = (written(trace, places[number], "this") for number in order)
    return Draft(
        f"`{short(column, 40)}` is a column, (N, 1), and `{short(row, 40)}` a row of N numbers: {harm}. "
        f"Make them alike with `unsqueeze(1)` on the row.",
        found,
        (),
        _unsqueezed(trace, places[order[1]]),
        Severity.ERROR if strict else None,
    )


def _unsqueezed(trace: Trace, place: Place) -> Fix | None:
    node, text = node_at(trace, place), editing.text_at(trace, place)
    if text is None or not isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript)):
        return None
    edit = editing.replaced(trace, place, f"{text}.unsqueeze(1)")
    return None if edit is None else Fix(f"Make `{short(text, 30)}` a column", "safe", (edit,))


_REGRESSION = """\
            import torch
            from torch import nn
            from torch.utils.data import DataLoader, TensorDataset

            torch.manual_seed(0)
            X = torch.randn(64, 3)
            y = X[:, 0] - X[:, 1]
            loader = DataLoader(TensorDataset(X, y), batch_size=16, shuffle=True)
            model = nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
            optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
            for epoch in range(40):
                for inputs, targets in loader:
                    optimizer.zero_grad()
"""
_LEARN = """
                    loss.backward()
                    optimizer.step()
            print(nn.functional.mse_loss(model(X).squeeze(1), y).item())
"""


def _regression(line: str) -> str:
    return example(f"{_REGRESSION}                    {line}{_LEARN}")


RULE = Rule(
    name="bce-target-shape",
    family="shape",
    severity=Severity.WARNING,
    summary="Predictions are a column and targets a row: a loss raises, or compares each with each.",
    finds="""
        A network whose last layer has one unit gives a column, (N, 1). Where the targets are a row, (N,), binary
        cross-entropy raises, and MSE, L1, smooth L1, Huber loss, a difference written by hand and a comparison with
        `==` put each prediction together with each target.
        """,
    matters="""
        Of N rows N x N differences are averaged: the loss is smallest when every prediction is the mean of all
        targets, and that is what the network learns. In the test of this rule it explains nothing of a target that the
        repaired one learns. The losses of PyTorch warn once, a difference written by hand does not. Comparing so counts
        up to N x N hits, an accuracy above 100 %.
        """,
    silent="""
        Shapes that are not known; one row; predictions that are squeezed, flattened or indexed to a row; other
        losses, such as cross-entropy, which want just that.
        """,
    repair="""
        Writes `.unsqueeze(1)` behind what is a row. Safe: the numbers stay the same.
        """,
    bad=(
        _regression("loss = nn.functional.mse_loss(model(inputs), targets)  # <- bce-target-shape"),
        _regression("loss = ((model(inputs) - targets) ** 2).mean()  # <- bce-target-shape"),
        _regression("loss = nn.HuberLoss()(model(inputs), targets)  # <- bce-target-shape"),
        example(
            """
            import torch
            from torch import nn

            torch.manual_seed(0)
            X = torch.randn(100, 4)
            y = (X[:, 0] > 0).float()
            model = nn.Sequential(nn.Linear(4, 1), nn.Sigmoid())
            loss = nn.BCELoss()(model(X), y.unsqueeze(1))
            loss.backward()
            hits = (model(X).round() == y).sum().item()  # <- bce-target-shape
            print(hits, "of", len(y))
            """
        ),
    ),
    good=(
        _regression("loss = nn.functional.mse_loss(model(inputs), targets.unsqueeze(1))"),
        _regression("loss = nn.functional.mse_loss(model(inputs).squeeze(1), targets)"),
        _regression("loss = ((model(inputs).view(-1) - targets) ** 2).mean()"),
        _regression("loss = nn.functional.mse_loss(model(inputs)[:, 0], targets)"),
        _regression("loss = nn.functional.mse_loss(model(inputs), targets.view(-1, 1))"),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.out = nn.Linear(4, 1)

                def forward(self, x):
                    return self.out(x).squeeze(-1)


            X, y = torch.randn(20, 4), torch.rand(20)
            print(nn.functional.binary_cross_entropy_with_logits(Net()(X), y).item())
            """
        ),
        example(
            """
            import torch

            points, centres = torch.rand(20, 1), torch.rand(5)
            distances = (points - centres).abs()
            print(distances.argmin(dim=1))
            """
        ),
    ),
    check=check,
)
