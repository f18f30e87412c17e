"""Predictions are collected over shuffled batches without what they belong to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import editing, loops
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import constant
from mlsense.semantics.events import Backward, Called, Forward
from mlsense.semantics.values import Ref, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Origin, Place


def shuffles(event: Called) -> bool:
    if not isinstance(event.callee, Symbol) or not event.callee.name.endswith(".DataLoader"):
        return False
    return constant(event.argument(2, "shuffle")) is True


def check(trace: Trace) -> Iterator[Draft]:
    made = {event.origin: event for event in trace.that(shuffles, Called)}
    if not made:
        return
    for origin, loop in _evaluated_over(trace, set(made)).items():
        read = _collected(trace, loop)
        found = location(trace, made[origin].call)
        if read is None or found is None:
            continue
        name, reader = read
        yield Draft(
            f"`{loop.text}` goes through shuffled batches and collects `{name}` without the labels of the same "
            f"batches: "
            f"its order is that of no table, and another one next time. Set `shuffle=False`.",
            found,
            related(trace, (loop.header, "collected here"), (reader, "used here")),
            _fix(trace, made[origin]),
        )


def _evaluated_over(trace: Trace, made: set[Origin]) -> dict[Origin, Loop]:
    """By where a loader was made, the loop over it in which a model is applied and nothing is trained."""
    found: dict[Origin, Loop] = {}
    for event in trace.of(Forward):
        loop = event.loops[-1] if event.loops else None
        if loop is None or not isinstance(loop.over, Ref) or loop.over.origin not in made:
            continue
        if event.gradients and event.training is not False:
            continue
        if not loops.happened(trace).inside(Backward, loop):
            found[loop.over.origin] = loop
    return found


def _collected(trace: Trace, loop: Loop) -> tuple[str, Place] | None:
    """What the loop collects and is read afterwards, where of the batch only what the model gets is used."""
    node = loops.statement_of(trace, loop)
    if node is None:
        return None
    used = [name for name in loop.targets for part in node.body for _ in loops.uses_of(part, name)]
    if len(set(used)) != 1 or (len(loop.targets) == 1 and len(used) > 1):
        # Of a batch in one piece, the labels may be in what else is read of it.
        return None
    for name in loop.accumulators:
        if not any(loops.collects(part, name) for part in node.body):
            continue
        reader = loops.read_after(trace, loop, name)
        if reader is not None:
            return name, reader
    return None


def _fix(trace: Trace, event: Called) -> Fix | None:
    text = editing.text_at(trace, event.call)
    if text is None or text.count("shuffle=True") != 1:
        return None
    return Fix.of(
        "Set `shuffle=False`",
        "safe",
        editing.replaced(trace, event.call, text.replace("shuffle=True", "shuffle=False")),
    )


_SHUFFLED = "batches = torch.utils.data.DataLoader(data, batch_size=8, shuffle=True)"

RULE = Rule(
    name="test-loader-shuffle",
    family="data",
    severity=Severity.INFORMATION,
    summary="Predictions are collected from a shuffled loader: their order belongs to no row.",
    finds="""
        A `DataLoader` with `shuffle=True` over which a model only predicts, where a list collects the predictions, is
        read after the loop, and nothing else of the batches is kept.
        """,
    matters="""
        Beside the ids or labels of the data set, every prediction stands in the row of another one: an accuracy falls
        to
        chance, a file of predictions is worthless, and nothing raises.
        """,
    silent="""
        Loaders that do not shuffle; labels or ids of the same batches used in the loop; scores that are added up; loops
        that train; lists that nobody reads after the loop.
        """,
    repair="Sets `shuffle=False`. Safe: for predicting, no order is better than that of the data.",
    bad=(
        training(
            """
            batches = torch.utils.data.DataLoader(data, batch_size=8, shuffle=True)  # <- test-loader-shuffle
            chosen = []
            with torch.no_grad():
                for inputs, _ in batches:
                    chosen.append(model(inputs).argmax(1))
            print((torch.cat(chosen) == data.tensors[1]).float().mean())
            """
        ),
        training(
            """
            batches = torch.utils.data.DataLoader(data, batch_size=8, shuffle=True)  # <- test-loader-shuffle
            model.eval()
            chosen = []
            with torch.no_grad():
                for inputs, labels in batches:
                    outputs = model(inputs)
                    chosen.extend(outputs.argmax(1).tolist())
            for row, found in enumerate(chosen):
                print(row, found)
            """
        ),
        training(
            """
            def predict(net, batches):
                found = []
                with torch.no_grad():
                    for inputs, labels in batches:
                        found += net(inputs).argmax(1).tolist()
                return found


            batches = torch.utils.data.DataLoader(data, batch_size=8, shuffle=True)  # <- test-loader-shuffle
            print(predict(model, batches))
            """
        ),
        training(
            """
            batches = torch.utils.data.DataLoader(data, 8, shuffle=True, drop_last=False)  # <- test-loader-shuffle
            scores = []
            for number, (inputs, labels) in enumerate(batches):
                with torch.inference_mode():
                    scores.append(model(inputs).softmax(1)[:, 1])
            print(torch.cat(scores))
            """
        ),
    ),
    good=(
        training(
            """
            batches = torch.utils.data.DataLoader(data, batch_size=8, shuffle=False)
            chosen = []
            with torch.no_grad():
                for inputs, _ in batches:
                    chosen.append(model(inputs).argmax(1))
            print((torch.cat(chosen) == data.tensors[1]).float().mean())
            """
        ),
        training(
            """
            chosen, truth = [], []
            with torch.no_grad():
                for inputs, labels in batches:
                    chosen.append(model(inputs).argmax(1))
                    truth.append(labels)
            print((torch.cat(chosen) == torch.cat(truth)).float().mean())
            """,
            more=_SHUFFLED,
        ),
        training(
            """
            right = 0
            with torch.no_grad():
                for inputs, labels in batches:
                    right += (model(inputs).argmax(1) == labels).sum().item()
            print(right / len(data))
            """,
            more=_SHUFFLED,
        ),
        training(
            """
            losses = []
            for inputs, labels in batches:
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(model(inputs), labels)
                loss.backward()
                optimizer.step()
                losses.append(loss.item())
            print(losses)
            """,
            more=_SHUFFLED,
        ),
        training(
            """
            with torch.no_grad():
                for inputs, _ in batches:
                    print(model(inputs).argmax(1))
            """,
            more=_SHUFFLED,
        ),
        training(
            """
            found, truth = [], []
            with torch.no_grad():
                for batch in batches:
                    found.append(model(batch[0]))
                    truth.append(batch[1])
            print(torch.cat(found)[:, 0], torch.cat(truth))
            """,
            more=_SHUFFLED,
        ),
        example(
            """
            import torch


            @torch.no_grad()
            def predict(model, loader):
                model.eval()
                found = []
                for inputs, _ in loader:
                    found.append(model(inputs))
                return torch.cat(found)
            """
        ),
    ),
    check=check,
)
