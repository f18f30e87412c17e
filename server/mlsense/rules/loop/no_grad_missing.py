"""A model in evaluation mode is applied to batch after batch while gradients are recorded for nothing."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing, loops
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.programs import DROPOUT, training
from mlsense.rules.reading import location, place_in, related, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import code_of
from mlsense.semantics.events import Backward, Forward

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place


def check(trace: Trace) -> Iterator[Draft]:
    seen: set[object] = set()
    for forward in trace.of(Forward):
        if forward.training is not False or not forward.gradients or not forward.loops:
            continue
        loop = forward.loops[-1]
        if loop.kind != "for" or loop.iterates == "range" or loop.origin in seen or _differentiates(trace, forward):
            continue
        found = location(trace, forward.call)
        if found is None:
            continue
        seen.add(loop.origin)
        block = _block_above(trace, loop)
        told = (
            f"`{loops.opening(block[0])}` {where(trace, block[1], forward.call)} ends above the loop. "
            "Move the loop into it."
            if block is not None
            else "Put `with torch.no_grad():` around the loop."
        )
        yield Draft(
            f"The model only evaluates in `{loop.text}`, and gradients are recorded for every batch: about twice the "
            f"memory, and more time. {told}",
            found,
            related(trace, (loop.header, "nothing in this loop computes gradients")),
            _into(trace, loop, block) if block is not None else None,
        )


def _block_above(trace: Trace, loop: Loop) -> tuple[ast.With, Place] | None:
    """A `with torch.no_grad():` right above the loop."""
    part, place = next(iter(loops.above(trace, loop)), (None, None))
    if not isinstance(part, ast.With) or place is None:
        return None
    contexts = [item.context_expr for item in part.items]
    calls = [code_of(each.func).rpartition(".")[2] for each in contexts if isinstance(each, ast.Call)]
    return (part, place) if "no_grad" in calls or "inference_mode" in calls else None


def _into(trace: Trace, loop: Loop, block: tuple[ast.With, Place]) -> Fix | None:
    """Takes the loop into the block above it, where both stand in one cell."""
    node, (above, place) = loops.statement_of(trace, loop), block
    here, there = trace.locate(loop.header), trace.locate(place)
    if node is None or here is None or there is None or here[0] != there[0] or above.body[-1].lineno == above.lineno:
        return None
    indent = editing.indentation(trace, place_in(place, above.body[-1]))
    return Fix.of(
        "Move the loop into the block",
        "safe",
        editing.shifted(trace, place_in(loop.header, node), node, indent) if indent is not None else None,
    )


def _differentiates(trace: Trace, forward: Forward) -> bool:
    """Whether gradients are used after all, or may be: in the loop, in the function, of the inputs."""
    path, loop = forward.origin.path, forward.loops[-1]
    later = False
    for event in trace.of(Forward, Backward):
        later = later or event is forward
        if not isinstance(event, Backward):
            continue
        if loops.within(event, loop) or (later and path and event.origin.path[: len(path)] == path):
            return True
    asks = any(loops.speaks_of(trace, name, *loops.on_the_way(forward)) for name in ("grad", "autograd"))
    return asks or loops.freezes(trace) or (forward.x is not None and forward.x.graph)


RULE = Rule(
    name="no-grad-missing",
    family="loop",
    severity=Severity.INFORMATION,
    summary="A loop that only evaluates records gradients: twice the memory for nothing.",
    finds="""
        A module in evaluation mode that is applied to every batch of a loop while gradients are recorded, where neither
        the loop nor its function computes any.
        """,
    matters="""
        Everything the layers need for a backward pass is kept until the batch's results are gone. Validation then needs
        about as much memory as training, and a list of outputs keeps all of it.
        """,
    silent="""
        `torch.no_grad()`, `inference_mode()`, `set_grad_enabled(False)` around it, as a decorator too; loops and
        functions with a `backward()` below it; inputs that want gradients (saliency, adversarial examples); programs
        that say
        which weights want gradients; functions in which gradients are computed later; modules in training mode.
        """,
    repair="""
        Where a `with torch.no_grad():` ends right above the loop, the loop moves into it. Safe: nothing in it needs
        gradients. Else none is offered: the block that belongs under it is yours to choose.
        """,
    bad=(
        example(
            """
            import torch


            def evaluate(model, loader, criterion):
                model.eval()
                with torch.no_grad():
                    total = 0.0
                for inputs, labels in loader:
                    total += criterion(model(inputs), labels).item()  # <- no-grad-missing
                return total / len(loader)
            """
        ),
        training(
            """
            model.eval()
            right = 0
            for inputs, labels in loader:
                right += (model(inputs).argmax(1) == labels).sum().item()  # <- no-grad-missing
            print(right)
            """,
            model=DROPOUT,
        ),
        example(
            """
            def evaluate(model, loader, criterion):
                model.eval()
                total = 0.0
                for inputs, labels in loader:
                    total += criterion(model(inputs), labels).item()  # <- no-grad-missing
                return total / len(loader)
            """
        ),
        training(
            """
            class Checker:
                def __init__(self, net):
                    self.net = net

                def run(self, batches):
                    self.net.eval()
                    return_values = []
                    for inputs, _ in batches:
                        return_values.append(self.net(inputs).argmax(1))  # <- no-grad-missing
                    self.net.train()
                    return return_values


            print(len(Checker(model).run(loader)))
            """
        ),
        training(
            """
            for epoch in range(2):
                model.train()
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                model.eval()
                for inputs, labels in loader:
                    outputs = model(inputs)  # <- no-grad-missing
                    print(nn.functional.cross_entropy(outputs, labels).item())
            """
        ),
    ),
    good=(
        training(
            """
            model.eval()
            with torch.no_grad():
                for inputs, labels in loader:
                    print((model(inputs).argmax(1) == labels).sum().item())
            """
        ),
        training(
            """
            @torch.inference_mode()
            def evaluate(net):
                net.eval()
                for inputs, labels in loader:
                    print((net(inputs).argmax(1) == labels).sum().item())


            evaluate(model)
            """
        ),
        training(
            """
            model.eval()
            for inputs, labels in loader:
                inputs.requires_grad_()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                print(inputs.grad.abs().max())
            """
        ),
        training(
            """
            model.eval()
            for inputs, labels in loader:
                wanted = inputs.clone().requires_grad_(True)
                score = model(wanted).max()
                print(torch.autograd.grad(score, wanted)[0].shape)
            """
        ),
        training(
            """
            teacher = nn.Linear(4, 2)
            teacher.eval()
            for inputs, _ in loader:
                optimizer.zero_grad()
                nn.functional.mse_loss(model(inputs), teacher(inputs).detach()).backward()
                optimizer.step()
            """
        ),
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(inputs), labels)
                loss.backward()
                optimizer.step()
            model.eval()
            with torch.set_grad_enabled(False):
                for inputs, labels in loader:
                    print(model(inputs).argmax(1))
            """
        ),
    ),
    check=check,
    references=("PyTorch, [no_grad](https://docs.pytorch.org/docs/stable/generated/torch.no_grad.html)",),
)
