"""A splitter is given a seed, but does not shuffle."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.knowledge.values import conflicts
from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.values import Setting, arguments, doubtful_in, insertion, known_calls, known_values, release_in_force
from mlsense.semantics.values import Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.rules.keywords import Given
    from mlsense.semantics.program import Trace

_BOTH = {"random_state", "shuffle"}


def check(trace: Trace) -> Iterator[Draft]:
    release = release_in_force(trace)
    for given in known_calls(trace, doubtful_in(trace.versions, "random_state")) if release is not None else ():
        if not isinstance(given.event.callee, Symbol) or not given.event.exact:
            continue
        settings = arguments(given)
        known, unknown = known_values(given.event, settings)
        found = conflicts(given.callee.dotted, known, release, (), unknown) if "random_state" in known else ()
        if not any({name for name, _ in each.parameters} == _BOTH and each.effect == "init" for each in found):
            continue
        blamed = [each for each in settings if each.name in _BOTH]
        if given.event.optional and not all(each.literal for each in blamed):
            continue
        where = next(each for each in blamed if each.name == "random_state")
        place = location(trace, where.place)
        if place is not None:
            yield Draft(_message(given), place, fix=_shuffled(trace, given, settings))


def _message(given: Given) -> str:
    return (
        f"`{given.callee.short}` does not shuffle, so `random_state` would change nothing: it raises ValueError. "
        "Add `shuffle=True`, or leave `random_state` out to keep the rows in order."
    )


def _shuffled(trace: Trace, given: Given, settings: tuple[Setting, ...]) -> Fix | None:
    shuffle = next((each for each in settings if each.name == "shuffle"), None)
    if shuffle is not None:
        edit = editing.replaced(trace, shuffle.place, "True") if shuffle.literal else None
    elif any(keyword.arg is None for keyword in given.node.keywords):
        edit = None
    else:
        edit = insertion(trace, given.event.call, given.node, "shuffle=True")
    return Fix.of("Set `shuffle=True`", "unsafe", edit)


RULE = Rule(
    name="kfold-random-state-noshuffle",
    family="split",
    severity=Severity.ERROR,
    summary="A splitter that does not shuffle is given a `random_state`.",
    finds="""
        `KFold`, `StratifiedKFold`, `GroupKFold` and `StratifiedGroupKFold` with a seed and without `shuffle=True`, as
        far as the release of scikit-learn in force refuses it.
        """,
    matters="""
        Without shuffling the folds are blocks of rows in their order, so a seed can change nothing, and the splitter
        raises ValueError. Where rows are sorted by class or time, whether they are shuffled decides what the score
        means: a seed shows that someone thought they were.
        """,
    silent="""
        Seeds and switches whose values are not known, splitters made in `try` or under a test for the version, and
        `RepeatedKFold`, `ShuffleSplit` and the others that always shuffle.
        """,
    repair="""
        Sets `shuffle=True`. Offered, not applied by itself: for rows in order of time the right repair is to leave the
        seed out.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import KFold, cross_val_score

            X, y = load_diabetes(return_X_y=True)
            folds = KFold(n_splits=5, random_state=0)  # <- kfold-random-state-noshuffle
            print(cross_val_score(Ridge(), X, y, cv=folds).mean())
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import StratifiedKFold

            X, y = load_iris(return_X_y=True)
            folds = StratifiedKFold(
                n_splits=3,
                shuffle=False,
                random_state=42,  # <- kfold-random-state-noshuffle
            )
            for train, test in folds.split(X, y):
                print(len(train), len(test))
            """
        ),
        example(
            """
            from sklearn import model_selection

            SEED = 7


            def folds(count):
                return model_selection.KFold(count, random_state=SEED)  # <- kfold-random-state-noshuffle


            print(folds(10))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import GridSearchCV, StratifiedGroupKFold
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            search = GridSearchCV(
                DecisionTreeClassifier(random_state=0),
                {"max_depth": [2, 4]},
                cv=StratifiedGroupKFold(5, random_state=1),  # <- kfold-random-state-noshuffle
            )
            print(search.fit(X, y, groups=range(len(y))).best_params_)
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import KFold, cross_val_score

            X, y = load_diabetes(return_X_y=True)
            folds = KFold(n_splits=5, shuffle=True, random_state=0)
            print(cross_val_score(Ridge(), X, y, cv=folds).mean())
            """
        ),
        example(
            """
            from sklearn.model_selection import KFold

            print(KFold(5), KFold(5, random_state=None))
            """
        ),
        example(
            """
            from sklearn.model_selection import RepeatedKFold, ShuffleSplit, StratifiedShuffleSplit

            print(RepeatedKFold(random_state=0), ShuffleSplit(random_state=0), StratifiedShuffleSplit(random_state=0))
            """
        ),
        example(
            """
            import sys

            from sklearn.model_selection import StratifiedKFold

            shuffle = "--in-order" not in sys.argv
            print(StratifiedKFold(4, shuffle=shuffle, random_state=0 if shuffle else None))
            """
        ),
        example(
            """
            from sklearn.model_selection import KFold

            try:
                folds = KFold(5, random_state=0)
            except ValueError:
                folds = KFold(5)
            print(folds)
            """
        ),
        example(
            """
            from sklearn.model_selection import StratifiedKFold


            def folds(shuffle):
                if shuffle:
                    return StratifiedKFold(5, shuffle=shuffle, random_state=0)
                return StratifiedKFold(5)


            settings = {"shuffle": True, "random_state": 3}
            print(folds(True), folds(False), StratifiedKFold(**settings))
            """
        ),
    ),
    check=check,
    raises=("ValueError",),
)
