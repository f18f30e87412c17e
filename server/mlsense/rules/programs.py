"""What the examples of rules on training begin with: a small network, what trains it, and batches."""

from __future__ import annotations

from mlsense.rules.rule import example

_BEGINNING = """\
import torch
from torch import nn

model = {model}
optimizer = torch.optim.{optimizer}
data = torch.utils.data.TensorDataset(torch.randn(32, 4), torch.randint(0, 2, (32,)))
loader = torch.utils.data.DataLoader(data, batch_size=8, shuffle=True)
"""


def training(
    body: str, *, model: str = "nn.Linear(4, 2)", optimizer: str = "SGD(model.parameters(), lr=0.1)", more: str = ""
) -> str:
    """A program that trains: `more` are further lines at its beginning."""
    return _BEGINNING.format(model=model, optimizer=optimizer) + (f"{more}\n" if more else "") + example(body)


DROPOUT = "nn.Sequential(nn.Linear(4, 8), nn.Dropout(0.5), nn.Linear(8, 2))"
VALIDATION = "valid_loader = torch.utils.data.DataLoader(data, batch_size=8)"
