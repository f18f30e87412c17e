"""A metric is computed for each batch, and the one of the last batch is taken for all."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import loops
from mlsense.rules.finding import Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import location, place_in, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import code_of
from mlsense.semantics.events import Called, Forward
from mlsense.semantics.values import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace

AVERAGES = frozenset(("mean", "sum", "item", "float", "double", "cpu", "numpy", "detach", "int", "round"))


def computes_a_score(event: Called) -> bool:
    """A metric of scikit-learn, computed from labels and predictions in a loop."""
    name = event.callee.name if isinstance(event.callee, Symbol) else ""
    return bool(event.loops) and name.startswith("sklearn.metrics.") and name.endswith("_score")


def check(trace: Trace) -> Iterator[Draft]:
    seen: set[object] = set()
    for forward in trace.of(Forward):
        loop = forward.loops[-1] if forward.loops else None
        if loop is None or loop.origin in seen or loop.kind != "for" or loop.iterates == "range":
            continue
        seen.add(loop.origin)
        if loop.length in (0, 1):
            continue
        yield from _last_ones(trace, loop)


def _last_ones(trace: Trace, loop: Loop) -> Iterator[Draft]:
    node = loops.statement_of(trace, loop)
    if node is None or any(isinstance(part, ast.Break) for part in ast.walk(node)):
        return
    computed = {event.call for event in trace.that(computes_a_score, Called)}
    for assigned, part in _in_passes(node.body):
        name = assigned.id
        alone = sum(len(loops.uses_of(other, name)) for other in node.body) == 1
        score = _is_score(part.value) or place_in(loop.header, part.value) in computed
        reader = loops.read_after(trace, loop, name) if alone and score else None
        place = location(trace, place_in(loop.header, part))
        if reader is None or place is None:
            continue
        yield Draft(
            f"`{name}` is computed for each batch of `{loop.text}` and read after the loop: it is that of the last "
            f"batch "
            f"alone. Add up over the batches what it is made of.",
            place,
            related(trace, (loop.header, "a new value in every pass"), (reader, "read here, after the loop")),
        )


def _in_passes(body: list[ast.stmt]) -> Iterator[tuple[ast.Name, ast.Assign]]:
    """The names that every pass binds, in its own block or under a `with`."""
    for part in body:
        if isinstance(part, ast.Assign) and len(part.targets) == 1 and isinstance(part.targets[0], ast.Name):
            yield part.targets[0], part
        elif isinstance(part, (ast.With, ast.AsyncWith)):
            yield from _in_passes(part.body)


def _is_score(value: ast.expr) -> bool:
    """A share or number of what is equal: `(a == b).float().mean()`, `torch.sum(a == b).item() / len(b)`."""
    while True:
        if isinstance(value, ast.BinOp) and isinstance(value.op, (ast.Div, ast.Mult)):
            value = value.left if not isinstance(value.left, ast.Constant) else value.right
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr in AVERAGES:
            own = code_of(value.func.value) in ("torch", "np", "numpy")
            if own and not value.args:
                return False
            value = value.args[0] if own else value.func.value
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Name) and value.func.id in ("float", "int"):
            if len(value.args) != 1:
                return False
            value = value.args[0]
        elif isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "eq":
            return True
        else:
            return isinstance(value, ast.Compare) and isinstance(value.ops[0], ast.Eq)


RULE = Rule(
    name="metric-last-batch",
    family="indent",
    severity=Severity.WARNING,
    summary="The score that is printed after the loop is that of the last batch alone.",
    finds="""
        A share or number of right answers, assigned in every pass of a loop over batches in which a model is applied,
        not used in the pass, and read after the loop.
        """,
    matters="""
        The last batch is mostly the smallest: of 10,000 test images in batches of 64 it has 16. An accuracy of 16
        images
        is off by ten points as often as not, and is reported as that of the test set.
        """,
    silent="""
        Values that are added up, appended, printed or used in the pass; a last loss, shown to see how training goes;
        loops with a `break`, or of one pass.
        """,
    repair="No fix is offered: what has to be added up depends on the score.",
    bad=(
        training(
            """
            with torch.no_grad():
                for inputs, labels in loader:
                    found = model(inputs).argmax(dim=1)
                    score = f1_score(labels.numpy(), found.numpy(), average="macro")  # <- metric-last-batch
            print(score)
            """,
            more="from sklearn.metrics import f1_score",
        ),
        training(
            """
            with torch.no_grad():
                for inputs, labels in loader:
                    accuracy = (model(inputs).argmax(1) == labels).float().mean()  # <- metric-last-batch
            print(f"accuracy {accuracy:.3f}")
            """
        ),
        example(
            """
            import torch


            def evaluate(model, loader):
                model.eval()
                with torch.no_grad():
                    for inputs, labels in loader:
                        found = model(inputs).argmax(dim=1)
                        correct = (found == labels).sum().item()  # <- metric-last-batch
                return correct / len(loader.dataset)
            """
        ),
        training(
            """
            for epoch in range(2):
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    outputs = model(inputs)
                    nn.functional.cross_entropy(outputs, labels).backward()
                    optimizer.step()
                    right = outputs.argmax(1).eq(labels).sum().item() / len(labels)  # <- metric-last-batch
                print(epoch, right)
            """
        ),
        training(
            """
            for inputs, labels in loader:
                with torch.no_grad():
                    outputs = model(inputs)
                score = torch.sum(outputs.argmax(1) == labels).item() * 100 / len(labels)  # <- metric-last-batch
            print(score)
            """
        ),
    ),
    good=(
        training(
            """
            right = 0
            with torch.no_grad():
                for inputs, labels in loader:
                    right += (model(inputs).argmax(1) == labels).sum().item()
            print(right / len(data))
            """
        ),
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(inputs), labels)
                loss.backward()
                optimizer.step()
            print("last loss", loss.item())
            """
        ),
        training(
            """
            shares = []
            with torch.no_grad():
                for inputs, labels in loader:
                    share = (model(inputs).argmax(1) == labels).float().mean()
                    shares.append(share)
            print(torch.stack(shares).mean(), share)
            """
        ),
        training(
            """
            with torch.no_grad():
                for inputs, labels in loader:
                    share = (model(inputs).argmax(1) == labels).float().mean()
                    print(share)
            """
        ),
        training(
            """
            for epoch in range(3):
                optimizer.zero_grad()
                outputs = model(data.tensors[0])
                nn.functional.cross_entropy(outputs, data.tensors[1]).backward()
                optimizer.step()
                share = (outputs.argmax(1) == data.tensors[1]).float().mean()
            print("in the last epoch", share)
            """
        ),
        training(
            """
            with torch.no_grad():
                for inputs, labels in loader:
                    share = (model(inputs).argmax(1) == labels).float().mean()
                    if len(labels) < 8:
                        break
            print(share)
            """
        ),
    ),
    check=check,
)
