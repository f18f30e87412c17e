"""A tensor's method gives a new tensor, which is thrown away."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import editing, loops
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import location, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Called, HandedOver
from mlsense.semantics.values import Data, Method

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place

MOVES = frozenset(("to", "cuda", "cpu"))
# Methods that change nothing and give a new tensor.
GIVE = MOVES | frozenset(
    """
        float double half bfloat16 int long bool detach view reshape permute transpose squeeze unsqueeze flatten
        contiguous clamp type
        """.split()
)


def thrown_away(event: Called) -> bool:
    """`x.to(device)` of a tensor, as a statement."""
    callee = event.callee
    if not isinstance(callee, Method) or callee.name not in GIVE or event.statement != event.call:
        return False
    thing = event.thing
    return isinstance(thing, Data) and (thing.kind == "tensor" or (thing.kind == "scalar" and thing.graph))


def of_a_batch(event: HandedOver) -> bool:
    """The same of a part of a batch, whatever gives the batches: `for inputs, labels in loader`."""
    name = event.text.rpartition(".")[2]
    if name not in MOVES or event.statement != event.origin.place or not event.values:
        return False
    item = event.values[0]
    return isinstance(item, Method) and item.name in ("[0]", "[1]") and event.loops[-1].kind == "for"


def check(trace: Trace) -> Iterator[Draft]:
    calls = [event.call for event in trace.that(thrown_away, Called)]
    batches = trace.that(of_a_batch, HandedOver)
    if batches and loops.uses_torch(trace):
        calls += [event.statement for event in batches]
    shown = set(trace.displayed) if calls else set()
    for call in calls:
        found = location(trace, call) if call not in shown else None
        text = written(trace, call, "")
        name, _, method = text.partition("(")[0].rpartition(".")
        if found is None or not name.replace(".", "").isidentifier():
            continue
        change = "stays where it is" if method in MOVES else "stays as it is"
        yield Draft(
            f"`{text}` gives a new tensor and nothing takes it: `{name}` {change}. Write `{name} = {text}`.",
            found,
            (),
            _fix(trace, call, name),
        )


def _fix(trace: Trace, call: Place, name: str) -> Fix | None:
    text = editing.text_at(trace, call)
    return Fix.of(f"Assign it to `{name}`", "safe", editing.replaced(trace, call, f"{name} = {text}"))


RULE = Rule(
    name="tensor-to-not-assigned",
    family="device",
    severity=Severity.WARNING,
    summary="x.to(device) leaves the tensor x where it is: its result is thrown away.",
    finds="""
        A tensor's `to`, `cuda`, `float`, `long`, `detach`, `view` and the like as a statement of its own. Modules
        change
        in place, tensors do not.
        """,
    matters="""
        `model.to(device)` works as a statement, so `inputs.to(device)` looks right. The batch stays on the CPU, and the
        next line raises on a machine with a GPU; a lost `view` or `float` shows up as a wrong shape or type later.
        """,
    silent="""
        Modules; methods that end in `_`, which change the tensor; results that are assigned, passed on, or shown as the
        last line of a cell; batches that may be objects of their own kind, such as a tokenizer's.
        """,
    repair="Assigns the result to the same name. Safe: that is what the line was for.",
    bad=(
        training(
            """
            for inputs, labels in loader:
                inputs.to("cpu")  # <- tensor-to-not-assigned
                labels.to("cpu")  # <- tensor-to-not-assigned
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
            """
        ),
        example(
            """
            import torch

            x = torch.ones(6)
            x.double()  # <- tensor-to-not-assigned
            x.view(2, 3)  # <- tensor-to-not-assigned
            print(x.dtype, x.shape)
            """
        ),
        example(
            """
            import torch

            device = torch.device("cuda" if torch.cuda.is_available() else "cpu")


            def evaluate(model, loader):
                model.to(device)
                for images, targets in loader:
                    images.to(device)  # <- tensor-to-not-assigned
                    targets.to(device)  # <- tensor-to-not-assigned
                    print((model(images).argmax(1) == targets).sum())
            """
        ),
        example(
            """
            import torch

            weights = torch.rand(3, requires_grad=True)
            total = (weights * 2).sum()
            total.detach()  # <- tensor-to-not-assigned
            print(total.requires_grad)
            """
        ),
    ),
    good=(
        training(
            """
            for inputs, labels in loader:
                inputs, labels = inputs.to("cpu"), labels.to("cpu")
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
            """
        ),
        training("model.to('cpu')\nprint(next(model.parameters()).device)\n"),
        example(
            """
            import torch

            x = torch.arange(6.0)
            x.clamp_(1, 3)
            x.requires_grad_()
            print(x)
            """
        ),
        example(
            """
            import torch

            x = torch.arange(6)
            print(x.float().mean(), x.view(2, 3))
            """
        ),
        example(
            """
            def encode(tokenizer, model, texts):
                for text in texts:
                    batch = tokenizer(text)
                    batch.to("cpu")
                    print(model(batch))
            """
        ),
        example(
            """
            import torch

            x = torch.randn(3)
            y = x.to("cpu", torch.float64)
            print(y.dtype)
            """
        ),
    ),
    check=check,
)
