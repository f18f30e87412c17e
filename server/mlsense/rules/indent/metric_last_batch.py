"""A metric is computed for each batch, and the one of the last batch is taken for all."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import loops
from mlsense.rules.finding import Severity
from mlsense.rules.programs import training
from mlsense.rules.reading import contains, innermost, location, place_in, related, short
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import code_of
from mlsense.semantics.events import Called, Fit, Forward, Looped
from mlsense.semantics.values import Const, Data, Method, Opaque, Place, Ref, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.events import Loop
    from mlsense.semantics.program import Trace
    from mlsense.semantics.trace import Effects
    from mlsense.semantics.values import Origin, Score

AVERAGES = frozenset(("mean", "sum", "item", "float", "double", "cpu", "numpy", "detach", "int", "round"))


def computes_a_score(event: Called) -> bool:
    """A metric of scikit-learn, computed from labels and predictions in a loop."""
    name = event.callee.name if isinstance(event.callee, Symbol) else ""
    return bool(event.loops) and name.startswith("sklearn.metrics.") and name.endswith("_score")


def check(trace: Trace) -> Iterator[Draft]:
    seen: set[object] = set()
    told: list[Loop] = []
    computed = {event.call for event in trace.that(computes_a_score, Called)}
    for loop in trace.kept("loops in which models are applied", _applying):
        if loop.origin in seen:
            continue
        seen.add(loop.origin)
        told.append(loop)
        if loop.length not in (0, 1):
            yield from _last_ones(trace, loop, computed)
    headers = {loop.header for loop in told}
    for event in trace.that(_several, Looped):
        if event.loop.header not in headers:
            headers.add(event.loop.header)
            yield from _last_scores(trace, event)


def _applying(effects: Effects) -> Iterator[Loop]:
    """The loops over things in whose own passes a model is applied."""
    known: set[int] = set()
    for event in effects.events:
        loop = event.loops[-1] if isinstance(event, Forward) and event.loops else None
        if loop is not None and id(loop) not in known and loop.kind == "for" and loop.iterates != "range":
            known.add(id(loop))
            yield loop


def _several(event: Looped) -> bool:
    loop = event.loop
    return loop.kind == "for" and loop.length not in (0, 1) and bool(event.bound) and not event.breaks


def _last_scores(trace: Trace, event: Looped) -> Iterator[Draft]:
    """Scores of models that were fitted in the pass, read after the loop only."""
    loop = event.loop
    node = loops.statement_of(trace, loop)
    if node is None or not any(loops.uses_of(part, name) for part in node.body for name in loop.targets):
        return
    if _one_fold(trace, loop):
        return
    for assigned, part in _in_passes(node.body):
        name = assigned.id
        seen = trace.sighting(place_in(loop.header, assigned)) if name in event.bound else None
        thing = seen.object if seen is not None else None
        if (
            not isinstance(thing, Data)
            or not thing.scores
            or not all(_of_pass(trace, each, loop) for each in thing.scores)
        ):
            continue
        alone = sum(len(loops.uses_of(other, name)) for other in node.body) == 1
        reader = loops.read_after(trace, loop, name) if alone else None
        place = location(trace, place_in(loop.header, part))
        if reader is None or place is None or _taken_in(trace, reader):
            continue
        nearest = next(loops.below(trace, loop), None)
        first = [nearest] if nearest is not None and nearest[1].unit == reader.unit else []
        shows = [
            (each, there)
            for each, there in first
            if isinstance(each, ast.Expr) and contains(each, reader) and set(loop.targets) & loops.names_in(each)
        ]
        kind = "fold" if loop.iterates == "folds" else "pass"
        remedy = (
            f"Move `{short(ast.unparse(shows[0][0]), 40)}` into the loop."
            if shows
            else f"Collect those of every {kind} in a list, and take their mean."
            if kind == "fold"
            else "Collect those of every pass in a list."
        )
        yield Draft(
            f"`{name}` is computed in each pass of `{loop.text}` and read after the loop only: it is that of the last "
            f"{kind} alone. {remedy}",
            place,
            related(trace, (loop.header, "a new value in every pass"), (reader, "read here, after the loop")),
            loops.into(trace, loop, shows, "Move it into the loop"),
        )


def _taken_in(trace: Trace, reader: Place) -> bool:
    """Whether it is put into a list: of a line that does so below its loop `line-after-loop` tells."""
    part = innermost(trace, reader)
    called = part.value.func if isinstance(part, ast.Expr) and isinstance(part.value, ast.Call) else None
    return isinstance(called, ast.Attribute) and called.attr == "append"


def _one_fold(trace: Trace, loop: Loop) -> bool:
    """Whether a splitter may give but one fold: `ShuffleSplit(n_splits=1)`."""
    if loop.iterates != "folds" or not isinstance(loop.over, Ref):
        return False
    for event in trace.that(_splits, Called):
        splitter = event.thing
        if event.call == loop.over.origin.place and isinstance(splitter, Opaque):
            count = splitter.param("n_splits")
            known = isinstance(count, Const) and isinstance(count.value, int) and count.value > 1
            shuffles = "Shuffle" in splitter.symbol.rpartition(".")[2]
            return not known and (splitter.symbol.endswith("PredefinedSplit") or (shuffles and count is not None))
    return False


def _splits(event: Called) -> bool:
    return isinstance(event.callee, Method) and event.callee.name == "split"


def _of_pass(trace: Trace, score: Score, loop: Loop) -> bool:
    """Whether a score is of a model that was fitted anew in the pass: not of one that learns on from pass to pass."""
    if score.curve:
        return False
    if score.fit is None:
        return _in_body(score.origin, loop)
    fits = [event for event in trace.of(Fit) if event.record.origin == score.fit.origin]
    anew = all(event.method.startswith("fit") and event.before.param("warm_start") is None for event in fits)
    return bool(fits) and anew and _in_body(score.fit.origin, loop)


def _in_body(origin: Origin, loop: Loop) -> bool:
    ways = [place for place in (*origin.path, origin.place) if isinstance(place, Place)]
    return any(
        place.unit == loop.body.unit and loop.body.line <= place.line and place.end_line <= loop.body.end_line
        for place in ways
    )


def _last_ones(trace: Trace, loop: Loop, computed: set[Place]) -> Iterator[Draft]:
    node = loops.statement_of(trace, loop)
    found = [
        (assigned, part)
        for assigned, part in (_in_passes(node.body) if node is not None else ())
        if _is_score(part.value) or place_in(loop.header, part.value) in computed
    ]
    if node is None or not found or any(isinstance(part, ast.Break) for part in ast.walk(node)):
        return
    for assigned, part in found:
        name = assigned.id
        alone = sum(len(loops.uses_of(other, name)) for other in node.body) == 1
        reader = loops.read_after(trace, loop, name) if alone else None
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
        not used in the pass, and read after the loop. The same of the score of a model that each pass fits anew: on
        folds, for each of several models or settings.
        """,
    matters="""
        The last batch is mostly the smallest: of 10,000 test images in batches of 64 it has 16. An accuracy of 16
        images
        is off by ten points as often as not, and is reported as that of the test set.
        """,
    silent="""
        Values that are added up, appended, printed or used in the pass; a last loss, shown to see how training goes;
        loops with a `break`, or of one pass; models that learn on from pass to pass (`partial_fit`, `warm_start`).
        """,
    repair="""
        Where the line right below the loop shows the score together with the loop's own variable, it moves into the
        loop. Safe: nothing runs between them. Else none is offered: what has to be added up depends on the score.
        """,
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
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import StratifiedKFold
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=0)
            for train, test in folds.split(X, y):
                model = DecisionTreeClassifier(random_state=0).fit(X[train], y[train])
                score = model.score(X[test], y[test])  # <- metric-last-batch
            print(f"accuracy: {score:.3f}")
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.metrics import f1_score
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB
            from sklearn.tree import DecisionTreeClassifier

            X_train, X_test, y_train, y_test = train_test_split(*load_wine(return_X_y=True), random_state=0)
            models = {"tree": DecisionTreeClassifier(random_state=0), "bayes": GaussianNB()}
            for name, model in models.items():
                model.fit(X_train, y_train)
                f1 = f1_score(y_test, model.predict(X_test), average="macro")  # <- metric-last-batch
            print(name, f1)
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
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import StratifiedKFold
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            scores = []
            for train, test in StratifiedKFold(n_splits=5, shuffle=True, random_state=0).split(X, y):
                model = DecisionTreeClassifier(random_state=0).fit(X[train], y[train])
                score = model.score(X[test], y[test])
                scores.append(score)
            print(sum(scores) / len(scores), "the last fold:", score)
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB

            X_train, X_test, y_train, y_test = train_test_split(*load_wine(return_X_y=True), random_state=0)
            model = GaussianNB()
            for rows in np.array_split(np.arange(len(X_train)), 4):
                model.partial_fit(X_train[rows], y_train[rows], classes=[0, 1, 2])
                score = model.score(X_test, y_test)
            print("after all parts", score)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import StratifiedShuffleSplit
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            for train, test in StratifiedShuffleSplit(n_splits=1, test_size=0.2, random_state=0).split(X, y):
                model = DecisionTreeClassifier(random_state=0).fit(X[train], y[train])
                score = model.score(X[test], y[test])
            print(score)
            """
        ),
    ),
    check=check,
)
