"""`numpy()` of a tensor that wants gradients, or that is on a GPU."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import editing, loops
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import location, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Called
from mlsense.semantics.values import Data, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def asks_for_numpy(event: Called) -> bool:
    if not isinstance(event.callee, Method) or event.callee.name != "numpy" or event.guarded or event.keywords:
        return False
    thing = event.thing
    return isinstance(thing, Data) and thing.kind in ("tensor", "scalar") and (thing.graph or _away(thing))


def _away(data: Data) -> bool:
    """Whether it was moved to a device that was named as a GPU."""
    return isinstance(data.device, str) and data.device.startswith("cuda")


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(asks_for_numpy, Called):
        assert isinstance(event.thing, Data)
        graph = event.thing.graph and not loops.freezes(trace)
        if not graph and not _away(event.thing):
            continue
        found = location(trace, event.call)
        if found is None:
            continue
        text = written(trace, event.call, "")
        named = text.removesuffix(".numpy()")
        missing = (".detach()" if graph else "") + (".cpu()" if event.thing.device not in (None, "cpu") else "")
        why = "wants gradients" if graph else "is on the GPU"
        yield Draft(
            f"`{named}` {why}, so `numpy()` raises. Write `{named}{missing}.numpy()`.",
            found,
            (),
            _fix(trace, event, missing),
        )


def _fix(trace: Trace, event: Called, missing: str) -> Fix | None:
    text = editing.text_at(trace, event.call)
    if text is None or not text.endswith(".numpy()"):
        return None
    return Fix.of(
        f"Insert `{missing}`",
        "safe",
        editing.replaced(trace, event.call, text.removesuffix(".numpy()") + f"{missing}.numpy()"),
    )


RULE = Rule(
    name="numpy-on-cuda-grad",
    family="device",
    severity=Severity.ERROR,
    summary="numpy() of a tensor that wants gradients, or is on a GPU, raises.",
    finds="""
        `.numpy()` of what a model gave while gradients were recorded, or of a tensor that was moved to a device named
        `cuda`, without `detach()` or `cpu()` before it.
        """,
    matters="""
        "Can't call numpy() on Tensor that requires grad" ends the program, often after the training is done and before
        anything is saved.
        """,
    silent="""
        Tensors under `no_grad()` and what has no gradients (`argmax`, comparisons, `item()`); programs that say which
        weights want gradients; calls where a failure is provided for; `numpy(force=True)`.
        """,
    repair="Inserts `.detach()`, `.cpu()` or both. Safe: the numbers are the same.",
    raises=("RuntimeError",),
    bad=(
        training(
            """
            outputs = model(data.tensors[0])
            print(outputs.numpy().shape)  # <- numpy-on-cuda-grad
            """
        ),
        training(
            """
            losses = []
            for inputs, labels in loader:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(inputs), labels)
                loss.backward()
                optimizer.step()
                losses.append(loss.numpy())  # <- numpy-on-cuda-grad
            """
        ),
        training(
            """
            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.layer = nn.Linear(4, 2)

                def forward(self, x):
                    return torch.sigmoid(self.layer(x))


            net = Net()
            net.eval()
            found = net(torch.randn(3, 4))
            print(found.cpu().numpy())  # <- numpy-on-cuda-grad
            """
        ),
        example(
            """
            import torch

            weights = torch.zeros(3, requires_grad=True)
            total = (weights * 2).sum()
            total.backward()
            print(weights.numpy())  # <- numpy-on-cuda-grad
            """
        ),
    ),
    good=(
        training(
            """
            outputs = model(data.tensors[0])
            print(outputs.detach().cpu().numpy().shape)
            """
        ),
        training(
            """
            with torch.no_grad():
                outputs = model(data.tensors[0])
            print(outputs.numpy().shape)
            """
        ),
        training(
            """
            outputs = model(data.tensors[0])
            print(outputs.argmax(1).numpy(), (outputs > 0).numpy(), outputs.data.numpy().shape)
            """
        ),
        training("print(data.tensors[0].numpy().shape)\n"),
        training(
            """
            for parameter in model.parameters():
                parameter.requires_grad = False
            print(model(data.tensors[0]).numpy().shape)
            """
        ),
        training(
            """
            @torch.inference_mode()
            def predict(net, x):
                return net(x)


            print(predict(model, data.tensors[0]).numpy().shape)
            """
        ),
    ),
    check=check,
)
