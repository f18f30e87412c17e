"""A model on one device is given tensors on another."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.device.tensor_to_not_assigned import thrown_away
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import location, node_at, place_in, related, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Called, Forward, Loss, Moved
from mlsense.semantics.values import Const, Either, Symbol

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place


def sets_a_default(event: Called) -> bool:
    return isinstance(event.callee, Symbol) and event.callee.name.rpartition(".")[2] in (
        "set_default_device",
        "set_default_tensor_type",
    )


def check(trace: Trace) -> Iterator[Draft]:
    moved = {event.receiver: event for event in trace.of(Moved)}
    if not moved or trace.that(sets_a_default, Called):
        return
    told = {_moved_in_vain(trace, event) for event in trace.that(thrown_away, Called)}
    for forward in trace.of(Forward):
        event = moved.get(forward.receiver)
        if event is None or forward.x is None or forward.x.device != "cpu" or not _elsewhere(forward.device):
            continue
        if event.device == forward.device:
            yield from _told(trace, forward.call, 0, event, "the model", told)
    for loss in trace.of(Loss):
        if loss.output is None or loss.target is None or loss.target.device != "cpu":
            continue
        event = next((each for each in moved.values() if _same(each.device, loss.output.device)), None)
        if event is not None and _elsewhere(event.device):
            yield from _told(trace, loss.call, 1, event, "the output", told)


def _moved_in_vain(trace: Trace, event: Called) -> str:
    """What `x.to(device)` as a statement was meant to move: `tensor-to-not-assigned` speaks of it there."""
    return written(trace, event.call, "").partition("(")[0].rpartition(".")[0]


def _elsewhere(device: Hashable) -> bool:
    """Whether a device is, or may be on a machine that has one, another than the CPU."""
    if isinstance(device, Either):
        return any(_elsewhere(option) for option in device.options)
    if isinstance(device, Const):
        return device.value != "cpu"
    return device is not None


def _same(device: Hashable, key: Hashable) -> bool:
    return key is not None and (device == key or (isinstance(device, Const) and device.value == key))


def _told(trace: Trace, call: Place, position: int, moved: Moved, what: str, told: set[str]) -> Iterator[Draft]:
    node = node_at(trace, call)
    given = node.args[position] if isinstance(node, ast.Call) and len(node.args) > position else None
    if given is None:
        return
    place = place_in(call, given)
    found = location(trace, place)
    if found is None:
        return
    text, to = written(trace, place, "the input"), _to(trace, moved)
    if text in told:
        return
    yield Draft(
        f"`{text}` is on the CPU, and {what} was moved by `{to}`: where that is "
        f"a GPU "
        f"this raises. Give it `{text}{to}`.",
        found,
        related(trace, (moved.call, "moved here")),
        _fix(trace, place, text, to),
    )


def _to(trace: Trace, moved: Moved) -> str:
    """The call that moves, as the program writes it for the model."""
    node = node_at(trace, moved.call)
    if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
        return ".to(device)"
    return f".{node.func.attr}({', '.join(ast.unparse(part) for part in (*node.args, *node.keywords))})"


def _fix(trace: Trace, place: Place, text: str, to: str) -> Fix | None:
    if not text.replace(".", "").isidentifier():
        return None
    return Fix.of(f"Give it `{text}{to}`", "safe", editing.replaced(trace, place, f"{text}{to}"))


_DEVICE = 'device = "cuda" if torch.cuda.is_available() else "cpu"\nmodel.to(device)'

RULE = Rule(
    name="device-mismatch",
    family="device",
    severity=Severity.ERROR,
    summary="The model is on the GPU and its input on the CPU.",
    finds="""
        A model that was moved by `to(device)` or `cuda()` and is applied to a tensor that certainly is on the CPU: made
        without `device=`, or a batch of a loader, and moved nowhere. Also labels on the CPU beside outputs on the
        device.
        """,
    matters="""
        "Expected all tensors to be on the same device" ends the program where there is a GPU, and never on the laptop
        it was written on.
        """,
    silent="""
        Devices that are the CPU; inputs of which it is not known where they are (arguments, items of a data set that
        was not followed, batches that Lightning or Accelerate prepare); defaults set by `set_default_device`; tensors
        that are moved in vain, of which `tensor-to-not-assigned` speaks.
        """,
    repair="Moves the input as the model was moved, at the call. Safe: it is only read there.",
    bad=(
        example(
            """
            import torch
            from torch import nn


            class Rows(torch.utils.data.Dataset):
                def __init__(self, change=None):
                    self.change = change

                def __len__(self):
                    return 8

                def __getitem__(self, index):
                    row = torch.full((4,), float(index))
                    return (self.change(row) if self.change else row), int(index > 3)


            device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
            net, criterion = nn.Linear(4, 2).to(device), nn.CrossEntropyLoss()
            for rows, kinds in torch.utils.data.DataLoader(Rows(abs), batch_size=4):
                outputs = net(rows.to(device))
                print(criterion(outputs, kinds))  # <- device-mismatch
            """
        ),
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                outputs = model(inputs)  # <- device-mismatch
                nn.functional.cross_entropy(outputs, labels.to(device)).backward()
                optimizer.step()
            """,
            more=_DEVICE,
        ),
        training(
            """
            for inputs, labels in loader:
                inputs = inputs.to(device)
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(inputs), labels)  # <- device-mismatch
                loss.backward()
                optimizer.step()
            """,
            more=_DEVICE,
        ),
        example(
            """
            import torch
            from torch import nn

            device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
            net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)).to(device)
            x = torch.randn(16, 4)
            print(net(x).mean())  # <- device-mismatch
            """
        ),
        example(
            """
            import torch
            from torch import nn


            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.layer = nn.Linear(4, 1)

                def forward(self, x):
                    return self.layer(x)


            device = "cuda:0" if torch.cuda.is_available() else "cpu"
            net = Net()
            net = net.to(device)
            data = torch.utils.data.TensorDataset(torch.zeros(8, 4))
            with torch.no_grad():
                for (batch,) in torch.utils.data.DataLoader(data, batch_size=4):
                    print(net(batch).shape)  # <- device-mismatch
            """
        ),
    ),
    good=(
        example(
            """
            import torch
            from torch import nn


            class Rows(torch.utils.data.Dataset):
                def __len__(self):
                    return 8

                def __getitem__(self, index):
                    return {"row": torch.full((4,), float(index)), "kind": int(index > 3)}


            device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
            net, criterion = nn.Linear(4, 2).to(device), nn.CrossEntropyLoss()
            for batch in torch.utils.data.DataLoader(Rows(), batch_size=4):
                outputs = net(batch["row"].to(device))
                print(criterion(outputs.cpu(), batch["kind"]), criterion(outputs, batch["kind"].to(device)))
            """
        ),
        example(
            """
            import torch
            from torch import nn

            gpu = torch.cuda.is_available()
            Tensor = torch.cuda.FloatTensor if gpu else torch.FloatTensor
            net = nn.Linear(4, 1)
            if gpu:
                net.cuda()
            drawn = Tensor(16, 4).normal_()
            print(net(drawn).mean(), net(torch.rand(2, 4).type(Tensor)))
            """
        ),
        training(
            """
            for inputs, labels in loader:
                inputs, labels = inputs.to(device), labels.to(device)
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
            """,
            more=_DEVICE,
        ),
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
            """,
            more='model.to("cpu")',
        ),
        example(
            """
            import torch
            from torch import nn

            device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
            net = nn.Linear(4, 1).to(device)
            print(net(torch.randn(16, 4, device=device)).mean())
            """
        ),
        example(
            """
            import torch
            from torch import nn

            net = nn.Linear(4, 1)
            x = torch.randn(16, 4)
            if torch.cuda.is_available():
                net = net.cuda()
                x = x.cuda()
            print(net(x).mean())
            """
        ),
        example(
            """
            import torch
            from torch import nn

            device = "cuda" if torch.cuda.is_available() else "cpu"
            net = nn.Linear(4, 1).to(device)
            data = torch.utils.data.TensorDataset(torch.zeros(8, 4).to(device))
            for (batch,) in torch.utils.data.DataLoader(data, batch_size=4):
                print(net(batch).shape)
            """
        ),
        example(
            """
            import torch
            from torch import nn

            device = "cuda" if torch.cuda.is_available() else "cpu"
            net = nn.Linear(4, 1).to(device)
            data = torch.utils.data.TensorDataset(torch.zeros(8, 4))
            (batch,) = next(iter(torch.utils.data.DataLoader(data, batch_size=8)))
            one = batch[0].unsqueeze(dim=0)
            print(net(one.to(device)).shape)
            net = net.cpu()
            print(net(torch.zeros(8, 4)).shape)
            """
        ),
    ),
    check=check,
)
