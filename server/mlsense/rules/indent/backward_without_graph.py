"""A training step under `torch.no_grad()`: the loss has no graph, and `backward()` raises."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing, loops
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import bound_names, contains, location, node_at, place_in, related, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import code_of
from mlsense.semantics.events import Backward, Forward, Loss
from mlsense.semantics.values import Ref

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Origin, Place

SWITCHES = ("no_grad", "inference_mode")


def check(trace: Trace) -> Iterator[Draft]:
    # Of what is computed without gradients there is mostly nothing that anybody wants them of.
    unrecorded = bool(trace.that(_is_bare_loss, Loss)) or bool(trace.that(_is_bare_forward, Forward))
    backwards = trace.that(_of_something, Backward) if unrecorded and not loops.freezes(trace) else ()
    losses = {event.origin: event for event in trace.of(Loss)} if backwards else {}
    forwards = {event.origin: event for event in trace.of(Forward)} if backwards else {}
    for event in backwards:
        loss = losses.get(event.receiver.origin) if isinstance(event.receiver, Ref) else None
        bare: Loss | Forward | None = loss if loss is not None and not loss.gradients else None
        if bare is None:
            forward = _forward(trace, loss, forwards) if loss is not None else _in_one_block(trace, event)
            bare = forward if forward is not None and not forward.gradients else None
        found = location(trace, event.call) if bare is not None else None
        if bare is None or found is None:
            continue
        what = "the loss is computed" if bare is loss else "the model is applied"
        block = _block(trace, bare.call)
        under = (
            f"`{loops.opening(block)}` {where(trace, place_in(bare.call, block), event.call)}" if block else "`no_grad`"
        )
        yield Draft(
            f"`{event.text}()` raises: {what} under {under}, so nothing is recorded that gradients could be computed "
            f"of. Take the training step out of it; only what evaluates belongs there.",
            found,
            related(
                trace,
                (bare.call, f"{what} here, without gradients"),
                (_place(bare.call, block), "the block that records none"),
            ),
            _without_block(trace, bare.call, block, event.call),
        )


def _is_bare_loss(event: Loss) -> bool:
    return not event.gradients


def _is_bare_forward(event: Forward) -> bool:
    return not event.gradients


def _of_something(event: Backward) -> bool:
    return isinstance(event.receiver, Ref)


def _forward(trace: Trace, loss: Loss, forwards: Mapping[Origin, Forward]) -> Forward | None:
    """What gave the loss its output, where that is kept under a name."""
    node = node_at(trace, loss.call)
    given = node.args[0] if isinstance(node, ast.Call) and node.args else None
    if not isinstance(given, ast.Name):
        return None
    seen = trace.sightings_at(place_in(loss.call, given))
    values = {sighting.value for sighting in seen}
    found = [forwards.get(value.origin) for value in values if isinstance(value, Ref)]
    return found[0] if len(found) == len(values) == 1 else None


def _in_one_block(trace: Trace, event: Backward) -> Forward | None:
    """Where it is not known what computes the loss: the model's output, if that goes into it, all in one block."""
    block = _block(trace, event.call)
    name = event.text.rpartition(".")[0]
    given = [
        part.value
        for part in (ast.walk(block) if block is not None else ())
        if isinstance(part, ast.Assign) and [code_of(target) for target in part.targets] == [name]
    ]
    if block is None or len(given) != 1 or not isinstance(given[0], ast.Call):
        return None
    names = loops.names_in(given[0])
    for forward in trace.of(Forward):
        if forward.call.unit != event.call.unit or not contains(block, forward.call):
            continue
        if contains(given[0], forward.call) or set(bound_names(trace, forward.call)) & names:
            return forward
    return None


def _block(trace: Trace, call: Place) -> ast.With | None:
    """The innermost `with torch.no_grad():` around a call, in its own function."""
    tree = trace.node(call)
    found: ast.With | None = None
    for node in ast.walk(tree) if tree is not None else ():
        if isinstance(node, ast.With) and any(_switches(item.context_expr) for item in node.items):
            found = node if contains(node, call) else found
    return found


def _switches(context: ast.expr) -> bool:
    return isinstance(context, ast.Call) and code_of(context.func).rpartition(".")[2] in SWITCHES


def _place(call: Place, block: ast.With | None) -> Place | None:
    return place_in(call, block.items[0].context_expr) if block is not None else None


def _without_block(trace: Trace, call: Place, block: ast.With | None, backward: Place) -> Fix | None:
    """Takes the `with` away, where it is about this training step alone."""
    if block is None or len(block.items) != 1 or block.items[0].optional_vars is not None:
        return None
    start = place_in(call, block)
    if backward.unit != call.unit or not block.lineno <= backward.line <= (block.end_lineno or 0):
        return None
    indent = editing.indentation(trace, start)
    edits = (
        [editing.shifted(trace, place_in(call, part), part, indent) for part in block.body]
        if indent is not None
        else []
    )
    first = trace.locate(place_in(call, block.body[0]))
    found = trace.locate(start)
    if first is None or found is None or not edits or None in edits:
        return None
    header = editing.header_removed(trace, start, place_in(call, block.items[0].context_expr))
    kept = tuple(edit for edit in edits if edit is not None)
    return (
        None
        if header is None
        else Fix(f"Take the training step out of `{loops.opening(block)}`", "safe", (header, *kept))
    )


RULE = Rule(
    name="backward-without-graph",
    family="indent",
    severity=Severity.ERROR,
    summary="A training step under torch.no_grad(): the loss has no graph, and backward() raises.",
    finds="""
        `loss.backward()` where the loss, or the output of the model it is computed of, was computed while
        `torch.no_grad()` or `torch.inference_mode()` was in force.
        """,
    matters="""
        Under `no_grad` nothing is recorded. PyTorch raises "element 0 of tensors does not require grad and does not
        have a grad_fn", which says nothing of the block that is one line too long.
        """,
    silent="""
        Losses that may be computed with gradients in one of the ways there; `enable_grad` and `set_grad_enabled(True)`
        inside; programs that say which tensors want gradients (`requires_grad_()`).
        """,
    repair="""
        Takes the `with` away where the whole training step stands in it, and moves its lines one level to the left.
        Safe: the program raised before.
        """,
    bad=(
        training(
            """
            with torch.no_grad():
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    loss = nn.functional.cross_entropy(model(inputs), labels)
                    loss.backward()  # <- backward-without-graph
                    optimizer.step()
            """
        ),
        training(
            """
            criterion = nn.CrossEntropyLoss()
            for inputs, labels in loader:
                with torch.no_grad():
                    inputs = inputs * 2
                    outputs = model(inputs)
                loss = criterion(outputs, labels)
                optimizer.zero_grad()
                loss.backward()  # <- backward-without-graph
                optimizer.step()
            """
        ),
        training(
            """
            @torch.no_grad()
            def run_epoch(model, loader, criterion):
                for inputs, labels in loader:
                    loss = criterion(model(inputs), labels)
                    optimizer.zero_grad()
                    loss.backward()  # <- backward-without-graph
                    optimizer.step()


            run_epoch(model, loader, nn.CrossEntropyLoss())
            """
        ),
        example(
            """
            import torch
            from torch import nn


            def train(model, loader, criterion, optimizer):
                model.train()
                with torch.no_grad():
                    for inputs, labels in loader:
                        optimizer.zero_grad()
                        outputs = model(inputs)
                        loss = criterion(outputs, labels)
                        loss.backward()  # <- backward-without-graph
                        optimizer.step()


            batches = [(torch.randn(8, 4), torch.randn(8, 1)) for _ in range(4)]
            model = nn.Linear(4, 1)
            train(model, batches, lambda a, b: ((a - b) ** 2).mean(), torch.optim.SGD(model.parameters(), lr=0.1))
            """
        ),
        training(
            """
            with torch.inference_mode():
                print(model(data.tensors[0]).mean())
                for inputs, labels in loader:
                    loss = nn.functional.cross_entropy(model(inputs), labels)
                    loss.backward()  # <- backward-without-graph
                    optimizer.step()
                    optimizer.zero_grad()
            """
        ),
    ),
    good=(
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(inputs), labels)
                loss.backward()
                optimizer.step()
            with torch.no_grad():
                print(model(data.tensors[0]).mean())
            """
        ),
        training(
            """
            teacher = nn.Linear(4, 2)
            for inputs, labels in loader:
                with torch.no_grad():
                    wanted = teacher(inputs)
                optimizer.zero_grad()
                loss = nn.functional.mse_loss(model(inputs), wanted)
                loss.backward()
                optimizer.step()
            """
        ),
        training(
            """
            for phase in ("train", "valid"):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    with torch.set_grad_enabled(phase == "train"):
                        loss = nn.functional.cross_entropy(model(inputs), labels)
                        if phase == "train":
                            loss.backward()
                            optimizer.step()
            """
        ),
        training(
            """
            with torch.no_grad():
                for inputs, labels in loader:
                    with torch.enable_grad():
                        loss = nn.functional.cross_entropy(model(inputs), labels)
                        loss.backward()
                    for weight in model.parameters():
                        weight -= 0.1 * weight.grad
                        weight.grad = None
            """
        ),
        training(
            """
            def run(model, loader, train):
                total = 0.0
                with torch.enable_grad() if train else torch.no_grad():
                    for inputs, labels in loader:
                        loss = nn.functional.cross_entropy(model(inputs), labels)
                        if train:
                            optimizer.zero_grad()
                            loss.backward()
                            optimizer.step()
                        total += loss.item()
                return total


            print(run(model, loader, True), run(model, loader, False))
            """
        ),
        training(
            """
            for inputs, labels in loader:
                loss = nn.functional.cross_entropy(model(inputs), labels)
                with torch.no_grad():
                    loss.backward()
                    for weight in model.parameters():
                        weight -= 0.1 * weight.grad
                        weight.grad = None
            """
        ),
    ),
    raises=("RuntimeError",),
    check=check,
    references=("PyTorch notes, [autograd mechanics](https://docs.pytorch.org/docs/stable/notes/autograd.html)",),
)
