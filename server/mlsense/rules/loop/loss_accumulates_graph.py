"""A loss is added up with the graph behind it, pass by pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import editing, loops
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Backward, Gather
from mlsense.semantics.values import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place


def check(trace: Trace) -> Iterator[Draft]:
    backwards = trace.of(Backward)
    differentiated = {event.text.removesuffix(".backward") for event in backwards}
    for gather in trace.of(Gather):
        loop = gather.loops[-1]
        if gather.how == "sum" and not gather.gradients:
            continue
        if gather.name not in loop.accumulators or gather.name in loop.reset or gather.name in differentiated:
            continue
        for value, place in zip(gather.values, gather.places, strict=True):
            backward = next(
                (
                    event
                    for event in backwards
                    if event.receiver == value != UNKNOWN and event.plain and loops.together(event, gather)
                ),
                None,
            )
            if backward is None:
                continue
            found = location(trace, gather.origin.place)
            loss = backward.text.removesuffix(".backward")
            if found is None:
                continue
            what = "grows by the graph of each loss" if gather.how == "sum" else "keeps the graph of each loss"
            yield Draft(
                f"`{gather.name}` {what} in `{loop.text}`, not by its number: memory grows with every pass until the "
                f"loop's end. Take `{loss}.item()`.",
                found,
                related(trace, (backward.call, "its gradients are computed here already"), (loop.header, "every pass")),
                _fix(trace, place),
            )
            break


def _fix(trace: Trace, place: Place) -> Fix | None:
    text = editing.text_at(trace, place)
    edit = editing.replaced(trace, place, f"{text}.item()")
    return None if edit is None or text is None else Fix(f"Take `{text}.item()`", "safe", (edit,))


RULE = Rule(
    name="loss-accumulates-graph",
    family="loop",
    severity=Severity.WARNING,
    summary="Losses are added up with their graphs: memory grows with every batch.",
    finds="""
        A loss that `backward()` was called on and that is then added to a sum, or appended to a list, that outlives the
        pass, as a tensor instead of a number.
        """,
    matters="""
        A loss remembers how it was computed. `total += loss` makes a chain of all losses of the epoch: some 12 KiB for
        each step of a small network after `backward()`, more where tensors are kept for a list; on a GPU it ends in
        "out of memory" hours later. It also makes each addition slower than one of numbers.
        """,
    silent="""
        `loss.item()`, `loss.detach()`, `float(loss)`; sums under `no_grad()`; a sum of losses that `backward()` is
        called
        on; sums that begin anew in each pass.
        """,
    repair="Appends `.item()` to the loss. Safe: the sum is then one of numbers.",
    bad=(
        training(
            """
            total = 0.0
            for inputs, labels in loader:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(inputs), labels)
                loss.backward()
                optimizer.step()
                total += loss  # <- loss-accumulates-graph
            print(float(total))
            """
        ),
        training(
            """
            losses = []
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    loss = nn.functional.cross_entropy(model(inputs), labels)
                    loss.backward()
                    optimizer.step()
                    losses.append(loss)  # <- loss-accumulates-graph
            print(len(losses))
            """
        ),
        example(
            """
            def train(model, loader, criterion, optimizer):
                running_loss = 0
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    loss = criterion(model(inputs), labels)
                    loss.backward()
                    optimizer.step()
                    running_loss += loss * inputs.size(0)  # <- loss-accumulates-graph
                return running_loss / len(loader.dataset)
            """
        ),
        training(
            """
            epoch_loss = torch.zeros(1)
            for inputs, labels in loader:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(inputs), labels)
                loss.backward()
                optimizer.step()
                epoch_loss = epoch_loss + loss / len(loader)  # <- loss-accumulates-graph
            print(epoch_loss)
            """
        ),
    ),
    good=(
        training(
            """
            total = 0.0
            for inputs, labels in loader:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(inputs), labels)
                loss.backward()
                optimizer.step()
                total += loss.item() * len(inputs)
            print(total)
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
                losses.append(loss.detach())
            print(torch.stack(losses).mean())
            """
        ),
        training(
            """
            for epoch in range(2):
                total = 0
                optimizer.zero_grad()
                for inputs, labels in loader:
                    total = total + nn.functional.cross_entropy(model(inputs), labels)
                total.backward()
                optimizer.step()
            """
        ),
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                output = model(inputs)
                loss = nn.functional.cross_entropy(output, labels)
                loss = loss + 0.1 * output.square().mean()
                loss.backward()
                optimizer.step()
            """
        ),
        training(
            """
            total = torch.zeros(())
            for inputs, labels in loader:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(inputs), labels)
                loss.backward()
                optimizer.step()
                with torch.no_grad():
                    total += loss
            print(total.item())
            """
        ),
        training(
            """
            total = 0.0
            with torch.no_grad():
                for inputs, labels in loader:
                    total += nn.functional.cross_entropy(model(inputs), labels)
            print(total / len(loader))
            """
        ),
        training(
            """
            total = 0.0
            for inputs, labels in loader:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(inputs), labels)
                loss.backward()
                optimizer.step()
                loss = loss.item()
                total += loss
            print(total)
            """
        ),
    ),
    check=check,
    references=("PyTorch FAQ, [my model reports out of memory](https://docs.pytorch.org/docs/stable/notes/faq.html)",),
)
