"""A model is evaluated in training mode: dropout drops, batch norm uses the batch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import loops
from mlsense.rules.finding import Severity
from mlsense.rules.programs import DROPOUT, VALIDATION, training
from mlsense.rules.reading import location, place_in, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Backward, Forward, Mode
from mlsense.semantics.regions import Overlap, overlap
from mlsense.semantics.values import Origin

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from mlsense.rules.finding import Fix
    from mlsense.semantics.program import Trace
    from mlsense.semantics.regions import Source
    from mlsense.semantics.values import Place, Value


def check(trace: Trace) -> Iterator[Draft]:
    candidates = trace.that(_minds, Forward)
    if not candidates:
        return
    training_passes: dict[Value, list[Forward]] = {}
    for event in trace.of(Forward):
        if event.gradients and _with_backward(trace, event):
            training_passes.setdefault(event.receiver, []).append(event)
    for forward in candidates:
        trained = training_passes.get(forward.receiver, [])
        if forward in trained:
            continue
        if (
            not trained
            or all(map(_draws, trained))
            or not _evaluates(trace, forward, trained)
            or not _in_training_mode(trace, forward)
        ):
            continue
        found = location(trace, forward.call)
        if found is None:
            continue
        name = loops.receiver_text(trace, forward.call) or "model"
        layers = " and ".join(f"`{layer}`" for layer in forward.minding)
        yield Draft(
            f"`{name}` is still in training mode here: {layers} {'works' if len(forward.minding) == 1 else 'work'} "
            f"as in "
            f"training, so the same rows get other numbers each time. Call `{name}.eval()` before.",
            found,
            related(trace, (trained[0].call, "trained here")),
            _fix(trace, forward, trained, name),
        )


def _minds(event: Forward) -> bool:
    """Whether it would give something else after `eval()`."""
    return bool(event.minding) and event.training is not False


def _draws(trained: Forward) -> bool:
    """Whether it is trained on numbers drawn anew in every pass: a generator, whose noise stays on by custom."""
    rows = trained.x.rows if trained.x is not None else None
    sources = [part.source for part in rows.parts] if rows is not None else []
    body = trained.loops[-1].body if trained.loops else None
    return bool(sources) and body is not None and all(_drawn_in(source, body) for source in sources)


def _drawn_in(source: Source, body: Place) -> bool:
    place = source.key.place if isinstance(source.key, Origin) else None
    inside = place is not None and place.unit == body.unit and body.line <= place.line <= body.end_line
    return inside and source.label.startswith(("rand", "normal"))


def _with_backward(trace: Trace, forward: Forward) -> bool:
    return bool(loops.happened(trace).beside(Backward, forward))


def _evaluates(trace: Trace, forward: Forward, trained: Sequence[Forward]) -> bool:
    """Whether it is not for training: gradients are off, or the rows are certainly others than those trained on."""
    if not forward.gradients:
        return True
    if _with_backward(trace, forward) or forward.x is None or forward.x.rows is None:
        return False
    others = [event.x.rows for event in trained if event.x is not None and event.x.rows is not None]
    apart = [overlap(forward.x.rows, rows) is Overlap.DISJOINT for rows in others]
    return bool(apart) and all(apart)


def _in_training_mode(trace: Trace, forward: Forward) -> bool:
    """Whether it certainly is: it was never put in another mode, or into this one for a training that followed."""
    modes = [event for event in trace.of(Mode) if event.receiver == forward.receiver]
    if forward.training is None:
        return not modes
    last: Mode | None = None
    trained = False
    for event in trace.of(Mode, Backward, Forward):
        if event is forward:
            return last is not None and last.training is True and trained
        if isinstance(event, Mode) and event.receiver == forward.receiver:
            last, trained = event, False
        elif isinstance(event, Backward):
            trained = True
    return False


def _fix(trace: Trace, forward: Forward, trained: Sequence[Forward], name: str) -> Fix | None:
    """Only where no training comes after it."""
    mine = {loop.origin for loop in forward.loops}
    if any(loop.origin in mine for event in trained for loop in event.loops):
        return None
    outer = next((loop for loop in forward.loops if loop.origin.path == forward.origin.path), None)
    node = loops.statement_of(trace, outer) if outer is not None else None
    anchor = place_in(outer.header, node) if outer is not None and node is not None else forward.statement
    return loops.before_statement(trace, anchor, f"{name}.eval()", f"Insert `{name}.eval()`")


RULE = Rule(
    name="train-eval-mode-missing",
    family="loop",
    severity=Severity.WARNING,
    summary="The model is evaluated without model.eval(): dropout and batch norm work as in training.",
    finds="""
        A trained model with dropout or batch norm that is applied under `no_grad()`, or to rows that it was not trained
        on, while it certainly is in training mode.
        """,
    matters="""
        Dropout then throws away a part of what the model knows, and batch norm scales each batch by itself: scores are
        too low, change from run to run and with the batch size, and the running averages learn from the test rows.
        """,
    silent="""
        Models without such layers; models whose mode is not certain; `model.train()` called for it on purpose, as for
        uncertainty by dropout; models that are not trained in the program; generators, trained on noise that is drawn
        in every pass, which keep batch norm as in training by custom.
        """,
    repair="""
        Puts `model.eval()` before the loop or line that evaluates. Safe where no training comes after it; elsewhere no
        fix is offered, since `model.train()` has to follow.
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
                for inputs, labels in valid_loader:
                    print((model(inputs).argmax(1) == labels).sum().item())  # <- train-eval-mode-missing
            """,
            model=DROPOUT,
            more=VALIDATION,
        ),
        training(
            """
            for epoch in range(2):
                model.train()
                for inputs, labels in loader:
                    optimizer.zero_grad()
                    nn.functional.cross_entropy(model(inputs), labels).backward()
                    optimizer.step()
                with torch.no_grad():
                    for inputs, labels in valid_loader:
                        out = model(inputs)  # <- train-eval-mode-missing
                        print(nn.functional.cross_entropy(out, labels).item())
            """,
            model="nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 2))",
            more=VALIDATION,
        ),
        training(
            """
            class Net(nn.Module):
                def __init__(self):
                    super().__init__()
                    self.layer, self.drop = nn.Linear(4, 2), nn.Dropout(0.2)

                def forward(self, x):
                    return self.layer(self.drop(x))


            @torch.no_grad()
            def accuracy(net, batches):
                right = 0
                for x, y in batches:
                    right += (net(x).argmax(1) == y).sum().item()  # <- train-eval-mode-missing
                return right


            net = Net()
            steps = torch.optim.Adam(net.parameters())
            for x, y in loader:
                steps.zero_grad()
                nn.functional.cross_entropy(net(x), y).backward()
                steps.step()
            print(accuracy(net, valid_loader))
            """,
            more=VALIDATION,
        ),
        example(
            """
            import torch
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split
            from torch import nn

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            X_train, X_test = torch.tensor(X_train).float(), torch.tensor(X_test).float()
            y_train, y_test = torch.tensor(y_train), torch.tensor(y_test)
            net = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Dropout(0.5), nn.Linear(16, 3))
            optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
            for epoch in range(20):
                optimizer.zero_grad()
                nn.functional.cross_entropy(net(X_train), y_train).backward()
                optimizer.step()
            chosen = net(X_test).argmax(1)  # <- train-eval-mode-missing
            print((chosen == y_test).float().mean())
            """
        ),
    ),
    good=(
        training(
            """
            for inputs, labels in loader:
                noise = torch.randn(8, 4)
                made = model(noise)
                optimizer.zero_grad()
                nn.functional.cross_entropy(made, labels).backward()
                optimizer.step()
            with torch.no_grad():
                print(model(torch.randn(5, 4)))
            """,
            model=DROPOUT,
        ),
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
            model.eval()
            with torch.no_grad():
                for inputs, labels in valid_loader:
                    print((model(inputs).argmax(1) == labels).sum().item())
            """,
            model=DROPOUT,
            more=VALIDATION,
        ),
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
            with torch.no_grad():
                print(model(data.tensors[0]).argmax(1))
            """
        ),
        training(
            """
            for inputs, labels in loader:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
            model.train()
            with torch.no_grad():
                spread = torch.stack([model(data.tensors[0]) for _ in range(20)]).std(0)
            print(spread)
            """,
            model=DROPOUT,
        ),
        training(
            """
            def evaluate(net):
                before = net.training
                net.eval()
                with torch.no_grad():
                    found = net(data.tensors[0]).argmax(1)
                net.train(before)
                return found


            for inputs, labels in loader:
                optimizer.zero_grad()
                nn.functional.cross_entropy(model(inputs), labels).backward()
                optimizer.step()
            print(evaluate(model))
            """,
            model=DROPOUT,
        ),
        training(
            """
            with torch.no_grad():
                print("before:", model(data.tensors[0]).shape)
            """,
            model=DROPOUT,
        ),
        example(
            """
            import torch


            @torch.no_grad()
            def evaluate(model, loader):
                right = 0
                for x, y in loader:
                    right += (model(x).argmax(1) == y).sum().item()
                return right
            """
        ),
    ),
    check=check,
    references=("PyTorch, [Module.eval](https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html)",),
)
