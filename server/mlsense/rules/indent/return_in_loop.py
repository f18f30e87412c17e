"""A return inside a loop that should run to its end: it leaves in the first pass."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import editing, loops
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Loop, Return

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.of(Return):
        loop = event.inside[-1]
        if event.generator or loop.kind != "for" or loop.length in (0, 1):
            continue
        grown = [name for name in loop.accumulators if name in event.names]
        trains = event.unconditional and loops.trains_each_pass(trace, loop)
        if not event.unconditional:
            # What grows below the last `continue` alone holds one thing when the loop is left there.
            grown = [name for name in grown if name in loop.at_the_end] if _ends_the_loop(event, loop) else []
        if not grown and not trains:
            continue
        found = location(trace, event.origin.place)
        if found is None:
            continue
        yield Draft(
            _message(loop, grown, trains, event.unconditional),
            found,
            related(trace, (loop.header, "this loop runs once")),
            _after_the_loop(trace, event, loop),
        )


def _ends_the_loop(event: Return, loop: Loop) -> bool:
    """Whether the return is the last statement of a loop over things: of a range, some passes may be attempts."""
    here, body = event.statement, loop.body
    last = (here.end_line, here.end_column) == (body.end_line, body.end_column)
    return last and here.column == body.column and loop.iterates != "range"


def _message(loop: Loop, grown: list[str], trains: bool, unconditional: bool) -> str:
    header = f"`{loop.text}`"
    passes = f"1 of {loop.length:,} passes runs" if loop.length else "all passes but one are left out"
    if trains:
        what = "epoch" if loop.iterates == "range" else "batch"
        return (
            f"`return` stands inside {header}, so training ends after its first {what}: {passes}. "
            f"Move it out of the loop."
        )
    first = "in the first pass" if unconditional else "in the first pass that is not skipped"
    names = " and ".join(f"`{name}`" for name in grown)
    verb = "holds" if len(grown) == 1 else "hold"
    return (
        f"`return` stands inside {header} and leaves it {first}: {names} {verb} what one pass gave, "
        f"and {passes}. Move it out of the loop."
    )


def _after_the_loop(trace: Trace, event: Return, loop: Loop) -> Fix | None:
    """One level to the left, where the return is the loop's last line."""
    if event.statement.line != loop.body.end_line and event.statement.end_line != loop.body.end_line:
        return None
    if event.statement.column != loop.body.column:
        return None
    indent = editing.indentation(trace, loop.header._replace(end_line=loop.header.line, end_column=loop.header.column))
    text = editing.indentation(trace, event.statement)
    if text is None:
        return None
    outer = indent if indent is not None else text[: loop.header.column]
    return Fix.of(
        "Move `return` out of the loop", "safe", editing.reindented(trace, event.statement, outer[: loop.header.column])
    )


RULE = Rule(
    name="return-in-loop",
    family="indent",
    severity=Severity.WARNING,
    summary="A return one level too deep ends the loop in its first pass.",
    finds="""
        A `return` that every pass of a `for` loop reaches, where the loop collects what is returned, or trains a model;
        and one that every pass reaches which no `continue` skips, where what is returned is collected below that.
        """,
    matters="""
        One indentation too far, and the function leaves the loop in the first pass: the mean is the mean of one batch,
        the epoch trains on one batch, the list of scores holds one score. Nothing crashes, the numbers are only wrong.
        """,
    silent="""
        A `return` under an `if`, or in a `try` (a search, a second attempt); one after a `continue`, where what is
        returned is collected above that, or the loop goes through a range; loops that neither
        collect nor train, such as `for batch in loader: return batch`; generators; `while` loops; loops over one item.
        """,
    repair="""
        Moves the `return` one level to the left, behind the loop. Offered where it is the last line of the loop. Safe:
        nothing else moves.
        """,
    bad=(
        example(
            """
            def mean_loss(losses):
                total = 0.0
                for loss in losses:
                    total += loss
                    return total / len(losses)  # <- return-in-loop


            print(mean_loss([0.5, 0.25, 0.25]))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import KFold
            from sklearn.tree import DecisionTreeClassifier


            def fold_scores(X, y):
                scores = []
                for train, test in KFold(3, shuffle=True, random_state=0).split(X):
                    model = DecisionTreeClassifier().fit(X[train], y[train])
                    scores.append(model.score(X[test], y[test]))
                    return scores  # <- return-in-loop


            print(fold_scores(*load_iris(return_X_y=True)))
            """
        ),
        example(
            """
            import torch
            from torch import nn


            def train_one_epoch(model, loader, optimizer, loss_fn):
                model.train()
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    loss = loss_fn(model(inputs), labels)
                    loss.backward()
                    optimizer.step()
                    return loss.item()  # <- return-in-loop


            model = nn.Linear(4, 2)
            data = torch.utils.data.TensorDataset(torch.randn(32, 4), torch.randint(0, 2, (32,)))
            loader = torch.utils.data.DataLoader(data, batch_size=8)
            print(train_one_epoch(model, loader, torch.optim.SGD(model.parameters(), lr=0.1), nn.CrossEntropyLoss()))
            """
        ),
        example(
            """
            def count_words(lines):
                counts = {}
                seen = 0
                for line in lines:
                    for word in line.split():
                        counts[word] = counts.get(word, 0) + 1
                        seen += 1
                    return counts, seen  # <- return-in-loop


            print(count_words(["a b a", "c"]))
            """
        ),
    ),
    good=(
        example(
            """
            def mean_loss(losses):
                total = 0.0
                for loss in losses:
                    total += loss
                return total / len(losses)


            print(mean_loss([0.5, 0.25, 0.25]))
            """
        ),
        example(
            """
            def first_batch(loader):
                for batch in loader:
                    return batch


            print(first_batch([[1, 2], [3, 4]]))
            """
        ),
        example(
            """
            def first_above(values, limit):
                seen = 0
                for value in values:
                    seen += 1
                    if value > limit:
                        return seen
                return None


            print(first_above([1, 5, 9], 4))
            """
        ),
        example(
            """
            def read(path, attempts=3):
                failures = 0
                for _ in range(attempts):
                    try:
                        failures += 1
                        return open(path).read(), failures
                    except OSError:
                        continue
                return "", failures


            print(read("missing.txt"))
            """
        ),
        example(
            """
            def running_mean(values):
                total = 0.0
                for count, value in enumerate(values, start=1):
                    total += value
                    yield total / count


            print(list(running_mean([1.0, 2.0, 3.0])))
            """
        ),
        example(
            """
            def first_word(lines):
                skipped = 0
                for line in lines:
                    if not line.strip():
                        skipped += 1
                        continue
                    return line.split()[0], skipped
                return "", skipped


            print(first_word(["", "a b"]))
            """
        ),
    ),
    check=check,
)
