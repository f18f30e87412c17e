"""A loader of always the same data is made anew in each epoch."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import loops
from mlsense.rules.finding import Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import innermost, location, node_at, place_in, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Backward, Called
from mlsense.semantics.values import Ref, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.rules.finding import Fix
    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace


DATASETS = ("torchvision.datasets.", "torchaudio.datasets.")


def makes_loader_in_a_loop(event: Called) -> bool:
    return bool(event.loops) and isinstance(event.callee, Symbol) and event.callee.name.endswith(".DataLoader")


def reads_pictures_in_a_loop(event: Called) -> bool:
    return bool(event.loops) and isinstance(event.callee, Symbol) and event.callee.name.startswith(DATASETS)


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(makes_loader_in_a_loop, Called):
        loop, node = event.loops[-1], node_at(trace, event.call)
        if node is None or event.optional or event.origin.path != loop.origin.path or loop.length in (0, 1):
            continue
        changing = loops.bound_in(trace, loop) - _same_data(trace, event, loop)
        if loops.names_in(node) & changing or not _trains_over(trace, event, loop):
            continue
        found = location(trace, event.call)
        if found is not None:
            yield Draft(
                f"`{loop.text}` makes the same `DataLoader` in every pass, and with it its workers: nothing that it is "
                f"made of changes in the loop. Make it once, before the loop.",
                found,
                related(trace, (loop.header, "made anew in every pass of this loop")),
                _fix(trace, event, loop),
            )


def _same_data(trace: Trace, event: Called, loop: Loop) -> set[str]:
    """The name of the loader's data set, if that is read from the same files in every pass."""
    given, node = event.argument(0, "dataset"), node_at(trace, event.call)
    if not isinstance(given, Ref) or not isinstance(node, ast.Call):
        return set()
    named = node.args[0] if node.args else next((each.value for each in node.keywords if each.arg == "dataset"), None)
    for made in trace.that(reads_pictures_in_a_loop, Called):
        maker = node_at(trace, made.call) if made.origin == given.origin and not made.optional else None
        if maker is not None and isinstance(named, ast.Name) and made.loops[-1].origin == loop.origin:
            return set() if loops.names_in(maker) & loops.bound_in(trace, loop) else {named.id}
    return set()


def _trains_over(trace: Trace, event: Called, loop: Loop) -> bool:
    """Whether a loop inside goes through the loader's batches for training."""
    return any(
        inner.iterates == "loader" and getattr(inner.over, "origin", None) == event.origin
        for backward in trace.of(Backward)
        if loops.within(backward, loop)
        for inner in backward.loops
    )


def _fix(trace: Trace, event: Called, loop: Loop) -> Fix | None:
    statement = innermost(trace, event.call)
    if statement is None or (statement.lineno, statement.col_offset) != (event.statement.line, event.statement.column):
        return None
    if loops.alone(trace, event.statement) or event.statement.column != loop.body.column:
        return None
    node = loops.statement_of(trace, loop)
    if node is None:
        return None
    return loops.moved_before(trace, event.statement, place_in(loop.header, node), "Make the loader before the loop")


RULE = Rule(
    name="loader-in-epoch",
    family="indent",
    severity=Severity.INFORMATION,
    summary="The same DataLoader is made anew in every epoch.",
    finds="""
        A `DataLoader` made in a loop that trains over its batches, of things that do not change in that loop.
        """,
    matters="""
        Each loader starts its workers anew, which costs seconds per epoch with large data sets; `persistent_workers`
        cannot help. A loader that shuffles draws another order in each epoch by itself.
        """,
    silent="""
        Loaders made of something that the loop binds: folds, a growing data set, a batch size that changes, an epoch's
        number; loaders made under a condition; loops that do not train.
        """,
    repair="Moves the line before the loop, where it stands in the loop's body. Safe: it depends on nothing inside.",
    bad=(
        training(
            """
            for epoch in range(2):
                batches = torch.utils.data.DataLoader(data, batch_size=8, shuffle=True)  # <- loader-in-epoch
                for inputs, labels in batches:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
            """
        ),
        training(
            """
            from torch.utils.data import DataLoader

            for epoch in range(2):
                for inputs, labels in DataLoader(data, batch_size=8, shuffle=True):  # <- loader-in-epoch
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
            """
        ),
        example(
            """
            from torch.utils.data import DataLoader


            def fit(model, dataset, loss_fn, optimizer, epochs):
                for epoch in range(epochs):
                    loader = DataLoader(dataset, batch_size=32, shuffle=True)  # <- loader-in-epoch
                    for x, y in loader:
                        optimizer.zero_grad()
                        loss_fn(model(x), y).backward()
                        optimizer.step()
            """
        ),
        training(
            """
            epoch = 0
            while epoch < 2:
                batches = torch.utils.data.DataLoader(data, batch_size=16, shuffle=True)  # <- loader-in-epoch
                for number, (inputs, labels) in enumerate(batches):
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                epoch += 1
            """
        ),
    ),
    good=(
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
            """
        ),
        training(
            """
            for size in (8, 16):
                batches = torch.utils.data.DataLoader(data, batch_size=size, shuffle=True)
                for inputs, labels in batches:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
            """
        ),
        training(
            """
            for epoch in range(2):
                easy = torch.utils.data.Subset(data, range(16 * (epoch + 1)))
                for inputs, labels in torch.utils.data.DataLoader(easy, batch_size=8, shuffle=True):
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
            """
        ),
        training(
            """
            for epoch in range(2):
                if epoch == 0:
                    batches = torch.utils.data.DataLoader(data, batch_size=8, shuffle=True)
                for inputs, labels in batches:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
            """
        ),
        training(
            """
            for run in range(2):
                batches = torch.utils.data.DataLoader(data, batch_size=8)
                print(run, len(batches))
            """
        ),
        training(
            """
            def batches():
                return torch.utils.data.DataLoader(data, batch_size=8, shuffle=True)


            for inputs, labels in batches():
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
            """
        ),
    ),
    check=check,
)
