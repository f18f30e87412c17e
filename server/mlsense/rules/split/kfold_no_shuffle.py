"""Folds that are blocks of rows in their order, of rows that are sorted by class."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.targets import CLASSES, SORTED
from mlsense.rules.values import insertion
from mlsense.semantics.core import constant
from mlsense.semantics.events import Called
from mlsense.semantics.models.estimators import SEARCHES, short
from mlsense.semantics.values import MAIN, Data, Estimator, Method, Opaque, Ref, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import HeapObject, Value

_KFOLD = "sklearn.model_selection.KFold"
_TESTS = frozenset("cross_val_score cross_validate cross_val_predict learning_curve validation_curve".split())
# What speaks of time: then the order of rows is meant.
_TIMELY = frozenset(
    "to_datetime date_range rolling shift TimeSeriesSplit DatetimeIndex resample expanding strptime".split()
)


# What brings rows into another order; rows are followed as sets, so any of it may have mixed these.
_MIXES = frozenset(
    "shuffle permutation permuted randperm sample choice choices argsort sort_values sort resample reindex".split()
)


def check(trace: Trace) -> Iterator[Draft]:
    blocks = {event.call: event for event in trace.that(_in_blocks, Called)}
    if not blocks or trace.that(_mixes, Called):
        return
    for event in (*trace.that(_tests_in_folds, Called), *trace.that(_makes_folds, Called)):
        folds = _folds(event)
        rows = _rows(event)
        made = blocks.get(folds.origin.place) if isinstance(folds, Ref) else None
        if made is None:
            continue
        label = _sorted_by_class(rows)
        found = location(trace, made.call)
        if found is None or (label is None and (not _is_file(rows) or trace.that(_is_timely, Called))):
            continue
        if label is not None:
            told = (
                f"`KFold` takes blocks of rows in their order, and the rows of `{label}` are sorted by class: a fold "
                f"holds one or two of the {CLASSES[label]} classes, some of which training has hardly seen. "
                f"`StratifiedKFold` gives each fold its share of every class; `shuffle=True` mixes the rows."
            )
        elif _classifies(event):
            told = (
                "`KFold` takes blocks of rows in their order: if the file is sorted, a fold misses some classes. For a "
                "classifier `StratifiedKFold` gives each fold its share of every class; `shuffle=True` mixes the rows."
            )
        else:
            continue
        severity = None if label is not None else Severity.INFORMATION
        yield Draft(
            told, found, related(trace, (event.call, "the rows are cut here")), _shuffled(trace, made), severity
        )


def _tests_in_folds(event: Called) -> bool:
    """Whether it evaluates an estimator on folds of its own: a function of scikit-learn, or the fit of a search."""
    name = event.callee.name.rpartition(".")[2]
    if event.assumed:
        return False
    if isinstance(event.callee, Symbol):
        return event.callee.name.startswith("sklearn.") and name in _TESTS and event.argument(None, "cv") is not None
    search = isinstance(event.thing, Estimator) and short(event.thing.cls) in SEARCHES
    return search and name == "fit" and event.thing.param("cv") is not None  # type: ignore[union-attr]


def _makes_folds(event: Called) -> bool:
    """Whether it is `KFold(...).split(X)`."""
    thing = event.thing
    folds = isinstance(thing, Opaque) and thing.symbol == _KFOLD
    return folds and isinstance(event.callee, Method) and event.callee.name == "split" and not event.assumed


def _folds(event: Called) -> Value | None:
    if isinstance(event.thing, Estimator):
        return event.thing.param("cv")
    return event.callee.receiver if isinstance(event.callee, Method) else event.argument(None, "cv")


def _rows(event: Called) -> HeapObject | None:
    return event.object(event.argument(1 if isinstance(event.callee, Symbol) else 0, "X"))


def _classifies(event: Called) -> bool:
    if isinstance(event.thing, Estimator):
        model: HeapObject | None = event.thing
    else:
        model = event.object(event.argument(0, "estimator")) if isinstance(event.callee, Symbol) else None
    if not isinstance(model, Estimator):
        return False
    last = event.object(model.steps[-1][1]) if model.steps else None
    return "classifier" in (last.kinds if isinstance(last, Estimator) else model.kinds)


def _in_blocks(made: Called) -> bool:
    """Whether it is a `KFold` that certainly does not shuffle, with a few folds."""
    if not isinstance(made.callee, Symbol) or made.callee.name != _KFOLD or not made.exact or made.guarded:
        return False
    number, shuffle = made.argument(0, "n_splits"), made.argument(1, "shuffle")
    few = number is None or isinstance(constant(number), int)
    return made.call.unit.module == MAIN and few and (shuffle is None or constant(shuffle) is False)


def _sorted_by_class(rows: HeapObject | None) -> str | None:
    """The bundled data set they are, all of them and in their order, if that is sorted by class."""
    if not isinstance(rows, Data) or rows.rows is None or len(rows.rows.parts) != 1 or rows.rows.made_from:
        return None
    (part,) = rows.rows.parts
    key = part.source.key
    name = key[1] if isinstance(key, tuple) and len(key) > 1 and key[0] == "dataset" else None
    return name if name in SORTED and not part.path else None


def _is_file(rows: HeapObject | None) -> bool:
    """Whether they are the rows of a file in their order."""
    if not isinstance(rows, Data) or rows.rows is None or len(rows.rows.parts) != 1 or rows.rows.made_from:
        return False
    (part,) = rows.rows.parts
    key = part.source.key
    return isinstance(key, tuple) and key[:1] == ("file",) and all(choice.kind == "filter" for choice in part.path)


def _mixes(event: Called) -> bool:
    return event.callee.name.rpartition(".")[2] in _MIXES


def _is_timely(event: Called) -> bool:
    parsed = any(name in ("parse_dates", "date_format") for name, _ in event.keywords)
    return parsed or event.callee.name.rpartition(".")[2] in _TIMELY


def _shuffled(trace: Trace, made: Called) -> Fix | None:
    node = node_at(trace, made.call)
    if not isinstance(node, ast.Call) or made.argument(None, "shuffle") is not None:
        return None
    seed = "" if made.argument(None, "random_state") is not None else ", random_state=0"
    return Fix.of("Set `shuffle=True`", "unsafe", insertion(trace, made.call, node, f"shuffle=True{seed}"))


RULE = Rule(
    name="kfold-no-shuffle",
    family="split",
    severity=Severity.WARNING,
    summary="`KFold` cuts rows that are sorted by class into blocks.",
    finds="""
        `KFold` without `shuffle=True` on rows that are sorted by class, such as those of `load_iris` and `load_wine`.
        Where a classifier is tested so on the rows of a file, whose order is not known, it is information.
        """,
    matters="""
        With three folds of `load_iris` every fold tests on the one class that the model has never seen, and the
        accuracy is 0. With five it is 0.93 instead of 0.97. `cross_val_score(classifier, X, y, cv=5)` does not have
        this problem: for classifiers a number means stratified folds.
        """,
    silent="""
        Programs that shuffle, sample or sort rows anywhere, rows that were split before, regression on rows of unknown
        order, time series (files with dates,
        `shift`, `rolling`), numbers of folds that are not written down, data that is generated.
        """,
    repair="""
        Adds `shuffle=True, random_state=0`. For you to accept: where the order of rows is time, they must not be
        shuffled.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import KFold, cross_val_score

            X, y = load_iris(return_X_y=True)
            folds = KFold(n_splits=3)  # <- kfold-no-shuffle
            print(cross_val_score(LogisticRegression(max_iter=1000), X, y, cv=folds))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import KFold
            from sklearn.tree import DecisionTreeClassifier

            wine = load_wine()
            scores = []
            for train, test in KFold(5).split(wine.data):  # <- kfold-no-shuffle
                tree = DecisionTreeClassifier(random_state=0).fit(wine.data[train], wine.target[train])
                scores.append(tree.score(wine.data[test], wine.target[test]))
            print(scores)
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import GridSearchCV, KFold
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_iris(return_X_y=True, as_frame=True)
            search = GridSearchCV(
                DecisionTreeClassifier(random_state=0),
                {"max_depth": [2, 3]},
                cv=KFold(n_splits=5, shuffle=False),  # <- kfold-no-shuffle
            )
            print(search.fit(X, y).best_score_)
            """
        ),
        example(
            """
            from pathlib import Path

            import pandas as pd
            from sklearn.model_selection import KFold, cross_validate
            from sklearn.naive_bayes import GaussianNB

            Path("rows.csv").write_text("a,b,kind\\n" + "1,2,0\\n2,1,0\\n" * 9 + "5,4,1\\n6,5,1\\n" * 9)
            table = pd.read_csv("rows.csv")
            X, y = table[["a", "b"]], table["kind"]
            result = cross_validate(GaussianNB(), X, y, cv=KFold(n_splits=4))  # <- kfold-no-shuffle
            print(result["test_score"])
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import KFold, cross_val_score

            X, y = load_iris(return_X_y=True)
            folds = KFold(n_splits=3, shuffle=True, random_state=0)
            print(cross_val_score(LogisticRegression(max_iter=1000), X, y, cv=folds))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import StratifiedKFold, cross_val_score
            from sklearn.naive_bayes import GaussianNB

            X, y = load_iris(return_X_y=True)
            print(cross_val_score(GaussianNB(), X, y, cv=StratifiedKFold(3)), cross_val_score(GaussianNB(), X, y, cv=3))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import KFold, cross_val_score
            from sklearn.naive_bayes import GaussianNB
            from sklearn.utils import shuffle

            X, y = shuffle(*load_iris(return_X_y=True), random_state=0)
            print(cross_val_score(GaussianNB(), X, y, cv=KFold(3)))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import KFold, cross_val_score, train_test_split
            from sklearn.naive_bayes import GaussianNB

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(cross_val_score(GaussianNB(), X_train, y_train, cv=KFold(3)))
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import KFold, cross_val_score

            X, y = load_diabetes(return_X_y=True)
            print(cross_val_score(Ridge(), X, y, cv=KFold(5)))
            """
        ),
        example(
            """
            from pathlib import Path

            import pandas as pd
            from sklearn.model_selection import KFold, cross_val_score
            from sklearn.naive_bayes import GaussianNB

            Path("days.csv").write_text("day,up\\n" + "".join(f"2024-01-{day:02},{day % 2}\\n" for day in range(1, 25)))
            days = pd.read_csv("days.csv", parse_dates=["day"])
            X = days[["up"]].shift(1).fillna(0)
            print(cross_val_score(GaussianNB(), X, days["up"], cv=KFold(4)))
            """
        ),
        example(
            """
            from sklearn.datasets import make_classification
            from sklearn.model_selection import KFold, cross_val_score
            from sklearn.naive_bayes import GaussianNB

            X, y = make_classification(random_state=0)
            print(cross_val_score(GaussianNB(), X, y, cv=KFold(5)))
            """
        ),
    ),
    check=check,
    references=(
        "scikit-learn user guide, [a note on shuffling]"
        "(https://scikit-learn.org/stable/modules/cross_validation.html#a-note-on-shuffling)",
    ),
)
