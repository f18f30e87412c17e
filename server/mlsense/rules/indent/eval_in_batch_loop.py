"""The whole validation runs after every training batch."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import loops
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.programs import VALIDATION, training
from mlsense.rules.reading import innermost, location, place_in, related, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Backward, Forward
from mlsense.semantics.values import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    known = loops.batch_loops(trace)
    for forward in trace.of(Forward):
        if len(forward.loops) < 2 or (forward.gradients and forward.training is not False):
            continue
        outer, inner = forward.loops[-2:]
        if outer.origin not in known or inner.optional or not _go_through_batches(outer, inner):
            continue
        if any(loops.within(event, inner) for event in trace.of(Backward)) or not _is_trained(trace, forward, outer):
            continue
        place = _shown(forward, outer, inner)
        found = location(trace, place)
        if found is None:
            continue
        yield Draft(
            f"`{inner.text}` runs inside `{outer.text}` {where(trace, outer.header, place)}: all of it is evaluated "
            f"after every training batch. Move it out of that loop, to run once per epoch.",
            found,
            related(trace, (outer.header, "the loop over the training batches"), (inner.header, "the evaluation")),
            _fix(trace, place, outer),
        )


def _go_through_batches(outer: Loop, inner: Loop) -> bool:
    many = all(loop.kind == "for" and loop.iterates != "range" and loop.length is None for loop in (outer, inner))
    return many and (outer.over is None or outer.over != inner.over)


def _is_trained(trace: Trace, forward: Forward, outer: Loop) -> bool:
    return any(
        event.receiver == forward.receiver
        and event.gradients
        and event.loops
        and event.loops[-1].origin == outer.origin
        for event in trace.of(Forward)
    )


def _shown(forward: Forward, outer: Loop, inner: Loop) -> Place:
    """The inner loop; where a function has it, the call of that in the outer loop."""
    calls = [step for step in inner.origin.path[len(outer.origin.path) :] if isinstance(step, Place)]
    return calls[0] if calls else inner.header._replace(end_line=inner.header.line, end_column=inner.header.column + 3)


def _fix(trace: Trace, place: Place, outer: Loop) -> Fix | None:
    """Moves the statement that calls the evaluation; a loop of several lines is left to its author."""
    statement = innermost(trace, place)
    node = loops.statement_of(trace, outer)
    if node is None or statement not in node.body or not isinstance(statement, (ast.Expr, ast.Assign)):
        return None
    if statement is not node.body[-1]:
        return None
    return loops.out_of(trace, place_in(outer.header, statement), outer, "Move the evaluation out of the batch loop")


RULE = Rule(
    name="eval-in-batch-loop",
    family="indent",
    severity=Severity.WARNING,
    summary="The validation loop stands inside the training loop: it runs after every batch.",
    finds="""
        A loop that evaluates the model over other batches, inside the loop over the training batches of the same model
        and under no condition there. The two may stand in different functions.
        """,
    matters="""
        With 469 training and 79 validation batches an epoch takes 37,051 evaluations instead of 79. One level of
        indentation makes an epoch last hours. Where the evaluation calls `eval()`, most batches train in that mode too.
        """,
    silent="""
        Evaluation under an `if` (`step % 500 == 0`), after a `continue`; loops over ranges; full-batch training, where
        the outer loop counts epochs; evaluation of another model.
        """,
    repair="""
        Where one line at the end of the loop calls the evaluation, that line is moved one level to the left. Safe: it
        runs once per epoch.
        """,
    bad=(
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                    with torch.no_grad():
                        for inputs, labels in valid_loader:  # <- eval-in-batch-loop
                            print((model(inputs).argmax(1) == labels).sum().item())
            """,
            more=VALIDATION,
        ),
        training(
            """
            def accuracy(net, batches):
                right = 0
                with torch.no_grad():
                    for inputs, labels in batches:
                        right += (net(inputs).argmax(1) == labels).sum().item()
                return right


            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                    score = accuracy(model, valid_loader)  # <- eval-in-batch-loop
                print(epoch, score)
            """,
            more=VALIDATION,
        ),
        example(
            """
            import torch


            def fit(model, train_loader, valid_loader, criterion, optimizer):
                for epoch in range(10):
                    for x, y in train_loader:
                        model.train()
                        optimizer.zero_grad()
                        criterion(model(x), y).backward()
                        optimizer.step()
                        model.eval()
                        with torch.no_grad():
                            for x_valid, y_valid in valid_loader:  # <- eval-in-batch-loop
                                print(criterion(model(x_valid), y_valid).item())
            """
        ),
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                    right = 0
                    for inputs, labels in valid_loader:  # <- eval-in-batch-loop
                        with torch.no_grad():
                            right += (model(inputs).argmax(1) == labels).sum().item()
                print(right)
            """,
            more=VALIDATION,
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
                with torch.no_grad():
                    for inputs, labels in valid_loader:
                        print((model(inputs).argmax(1) == labels).sum().item())
            """,
            more=VALIDATION,
        ),
        training(
            """
            for epoch in range(2):
                for number, (inputs, labels) in enumerate(loader):
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                    if number % 100 == 0:
                        with torch.no_grad():
                            for x, y in valid_loader:
                                print((model(x).argmax(1) == y).sum().item())
            """,
            more=VALIDATION,
        ),
        training(
            """
            inputs, labels = data.tensors
            for epoch in range(5):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
                with torch.no_grad():
                    for x, y in valid_loader:
                        print((model(x).argmax(1) == y).sum().item())
            """,
            more=VALIDATION,
        ),
        training(
            """
            for number, (inputs, labels) in enumerate(loader):
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
                if number % 2:
                    continue
                with torch.no_grad():
                    for x, y in valid_loader:
                        print((model(x).argmax(1) == y).sum().item())
            """,
            more=VALIDATION,
        ),
        training(
            """
            for inputs, labels in loader:
                with torch.no_grad():
                    for _ in range(3):
                        inputs = inputs + 0.01 * model(inputs).sum()
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
            """
        ),
        training(
            """
            other = nn.Linear(4, 2)
            for inputs, labels in loader:
                optimizer.zero_grad()
                with torch.no_grad():
                    hints = [other(x) for x, _ in valid_loader]
                nn.functional.mse_loss(model(inputs), hints[0]).backward()
                optimizer.step()
            """,
            more=VALIDATION,
        ),
    ),
    check=check,
)
