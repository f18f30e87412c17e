"""What a loop adds up is made zero or empty in each of its passes."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import loops
from mlsense.rules.finding import Severity
from mlsense.rules.programs import VALIDATION, training
from mlsense.rules.reading import location, place_in, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import code_of
from mlsense.semantics.events import Backward, Forward, Gather

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace
    from mlsense.semantics.trace import Effects


def check(trace: Trace) -> Iterator[Draft]:
    seen: set[object] = set()
    for loop in trace.kept("loops that set back what they add to", _resetting):
        if loop.origin not in seen:
            seen.add(loop.origin)
            yield from _resets(trace, loop)


def _resetting(effects: Effects) -> Iterator[Loop]:
    known: set[int] = set()
    for event in effects.events:
        for loop in event.loops if isinstance(event, (Forward, Backward, Gather)) else ():
            if id(loop) not in known and loop.reset and loop.length not in (0, 1):
                known.add(id(loop))
                yield loop


def _resets(trace: Trace, loop: Loop) -> Iterator[Draft]:
    node = loops.statement_of(trace, loop)
    if node is None or any(isinstance(part, ast.Break) for part in ast.walk(node)):
        return
    told: set[ast.stmt] = set()
    for name in loop.reset:
        found = _only_grown(node, name)
        if found is not None and found[0] in told:
            continue
        reader = loops.read_after(trace, loop, name) if found is not None else None
        if found is None or reader is None:
            continue
        reset, grown = found
        told.add(reset)
        start = place_in(loop.header, reset)
        place = location(trace, start)
        if place is None:
            continue
        passes = f"1 of {loop.length:,} passes" if loop.length else "the last pass alone"
        yield Draft(
            f"`{ast.unparse(reset)}` stands inside `{loop.text}`, so `{name}` begins anew in every pass: after the "
            f"loop "
            f"it holds what {passes} gave. Move it before the loop.",
            place,
            related(
                trace,
                (loop.header, "set back in every pass of this loop"),
                (place_in(loop.header, grown), "grown here"),
                (reader, "read here, after the loop"),
            ),
            loops.moved_before(trace, start, place_in(loop.header, node), "Move it before the loop")
            if not loops.alone(trace, start)
            else None,
        )


def _only_grown(node: ast.For | ast.AsyncFor | ast.While, name: str) -> tuple[ast.stmt, ast.stmt] | None:
    """The statement that resets and the one that grows, where the loop does nothing else with the name.

    What is read in the pass as well is meant to be a sum of that pass.
    """
    using = [part for part in node.body if loops.uses_of(part, name)]
    if len(using) < 2 or not isinstance(using[0], ast.Assign):
        return None
    reset, *others = using
    for part in others:
        if isinstance(part, ast.AugAssign) and not loops.uses_of(part.value, name):
            continue
        if isinstance(part, ast.Expr) and isinstance(part.value, ast.Call) and len(loops.uses_of(part, name)) == 1:
            called = part.value.func
            own = isinstance(called, ast.Attribute) and code_of(called.value) == name
            if own and called.attr in ("append", "extend", "add", "update"):  # type: ignore[attr-defined]
                continue
        if isinstance(part, ast.Assign) and len(loops.uses_of(part, name)) == 2 and isinstance(part.value, ast.BinOp):
            continue
        return None
    return reset, others[0]


RULE = Rule(
    name="accumulator-reset-in-loop",
    family="indent",
    severity=Severity.WARNING,
    summary="A sum or list is set back in every pass of the loop that fills it: after the loop it holds one pass.",
    finds="""
        `x = 0` or `x = []` at the beginning of a loop's body, where the loop does nothing with `x` but add to it, and
        `x` is read after the loop.
        """,
    matters="""
        One level of indentation, and the mean loss of an epoch is the loss of its last batch divided by 469, the list
        of
        predictions holds the last batch. The number looks plausible.
        """,
    silent="""
        Sums that are read, printed or handed on within the pass; sums set back under a condition (a window for
        logging);
        loops of one pass or with a `break`; sums that nobody reads after the loop.
        """,
    repair="Moves the line before the loop. Safe: nothing in the loop reads it but what adds to it.",
    bad=(
        training(
            """
            with torch.no_grad():
                for inputs, labels in loader:
                    found, wanted = [], []  # <- accumulator-reset-in-loop
                    found.extend(model(inputs).argmax(1).tolist())
                    wanted.extend(labels.tolist())
            print(sum(a == b for a, b in zip(found, wanted)) / len(data))
            """
        ),
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    running = 0.0  # <- accumulator-reset-in-loop
                    optimizer.zero_grad()
                    loss = nn.functional.cross_entropy(model(inputs), labels)
                    loss.backward()
                    optimizer.step()
                    running += loss.item()
                print(epoch, running / len(loader))
            """
        ),
        training(
            """
            with torch.no_grad():
                for inputs, labels in valid_loader:
                    chosen = []  # <- accumulator-reset-in-loop
                    chosen.append(model(inputs).argmax(1))
            print(torch.cat(chosen).shape)
            """,
            more=VALIDATION,
        ),
        example(
            """
            import torch


            def evaluate(model, loader):
                model.eval()
                with torch.no_grad():
                    for inputs, labels in loader:
                        correct = 0  # <- accumulator-reset-in-loop
                        total = 0  # <- accumulator-reset-in-loop
                        correct += (model(inputs).argmax(1) == labels).sum().item()
                        total += len(labels)
                return correct / total
            """
        ),
        training(
            """
            for inputs, labels in loader:
                total = 0  # <- accumulator-reset-in-loop
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(inputs), labels)
                loss.backward()
                optimizer.step()
                total = total + loss.item() * len(inputs)
            print(total / len(data))
            """
        ),
    ),
    good=(
        training(
            """
            for epoch in range(2):
                running = 0.0
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    loss = nn.functional.cross_entropy(model(inputs), labels)
                    loss.backward()
                    optimizer.step()
                    running += loss.item()
                print(epoch, running / len(loader))
            """
        ),
        training(
            """
            window = 0.0
            for number, (inputs, labels) in enumerate(loader):
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(inputs), labels)
                loss.backward()
                optimizer.step()
                window += loss.item()
                if number % 2 == 1:
                    print(window / 2)
                    window = 0.0
            """
        ),
        training(
            """
            for inputs, labels in loader:
                loss = 0
                outputs = model(inputs)
                loss += nn.functional.cross_entropy(outputs, labels)
                loss += 0.01 * outputs.square().mean()
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
            print(loss.item())
            """
        ),
        training(
            """
            means = []
            for inputs, labels in loader:
                total = 0.0
                total += model(inputs).mean().item()
                total += model(-inputs).mean().item()
                means.append(total / 2)
            print(total, means)
            """
        ),
        training(
            """
            for inputs, labels in loader:
                seen = 0
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
                seen += len(inputs)
            seen = 0
            print(seen)
            """
        ),
        training(
            """
            for inputs, labels in loader:
                found = []
                found.append(model(inputs))
                if len(inputs) < 8:
                    break
            print(len(found))
            """
        ),
    ),
    check=check,
)
