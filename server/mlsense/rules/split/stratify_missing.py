"""A split at random, of classes that the program itself treats as unequal."""

from __future__ import annotations

import ast
import math
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.imbalance import is_classifier, shares_in, treated_as_unequal
from mlsense.rules.reading import location, node_at, place_in, related, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.split.split_arity import is_split
from mlsense.rules.values import insertion
from mlsense.semantics.core import constant
from mlsense.semantics.events import Called, Fit
from mlsense.semantics.values import MAIN, Const, Origin

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace

# Of so many rows of a class chance makes much; what is not rare is not left out.
FEW = 100
RARE = 0.1


def check(trace: Trace) -> Iterator[Draft]:
    splits = {event.origin: event for event in trace.that(_at_random, Called)}
    told: set[Origin] = set()
    for event in trace.that(_of_unequal_classes, Fit) if splits else ():
        for origin in _splits_of(event):
            split = splits.get(origin)
            found = location(trace, split.call) if split is not None and origin not in told else None
            if split is None or found is None or split.call.unit.module != MAIN:
                continue
            says, treated = _says(split, event), treated_as_unequal(event)
            if not says and not treated:
                continue
            told.add(origin)
            yield Draft(
                says
                or f"{treated} {where(trace, event.call, split.call)} says that the classes are of unequal size, "
                f"and this split leaves to chance how many rows of the rare one are tested: with 10 of them in 20 % of "
                f"the rows, anything from none to five. `stratify` gives both parts the same shares.",
                found,
                related(trace, (event.call, "the classes are treated as unequal here")) if treated else (),
                _stratified(trace, split),
            )


def _says(split: Called, event: Fit) -> str:
    """What the data file shows of the rarest class, and what chance makes of it; empty where that is of no weight."""
    shares, size = shares_in(event.y) if _went_through(split, event) else None, split.argument(None, "test_size")
    given = 0.25 if size is None else constant(size)
    if shares is None or not isinstance(given, (int, float)) or not 2 <= shares.fewest <= FEW:
        return ""
    tested = float(given) if isinstance(given, float) else given / shares.rows
    if not 0 < tested < 1 or shares.fewest > RARE * shares.rows or split.argument(None, "train_size") is not None:
        return ""
    low, high = _usual(shares.fewest, tested)
    return (
        f"`{shares.column}` is `{shares.rarest.strip()}` in {shares.fewest:,} of {shares.rows:,} rows, and this split "
        f"leaves to chance how many of them are tested: anything from {low or 'none'} to {high}. `stratify` makes it "
        f"{_about(shares.fewest * tested)}."
    )


def _went_through(split: Called, event: Fit) -> bool:
    """Whether the targets of a fit are among those that were split, not written down for a few rows since."""
    rows = event.y.rows if event.y is not None else None
    parts = (*rows.parts, *rows.made_from) if rows is not None else ()
    return any(choice.selector == split.origin for part in parts for choice in part.path)


def _about(number: float) -> str:
    return f"{number:.0f}" if abs(number - round(number)) < 1e-9 else f"{int(number)} or {int(number) + 1}"


def _usual(rows: int, share: float) -> tuple[int, int]:
    """Between which numbers of rows 95 of 100 splits lie, each row being tested with this probability."""
    below, low, high = 0.0, 0, rows
    for number in range(rows + 1):
        here = math.comb(rows, number) * share**number * (1 - share) ** (rows - number)
        if below < 0.025 <= below + here:
            low = number
        below += here
        if below >= 0.975:
            high = number
            break
    return low, high


def _at_random(event: Called) -> bool:
    if not is_split(event) or len(event.args) != 2 or event.assumed:
        return False
    given = {name for name, _ in event.keywords}
    return "stratify" not in given and constant(event.argument(None, "shuffle") or Const.of(True)) is True


def _of_unequal_classes(event: Fit) -> bool:
    return is_classifier(event.leaves, event.before) and bool(treated_as_unequal(event) or shares_in(event.y))


def _splits_of(event: Fit) -> list[Origin]:
    """The splits its rows went through, those of rows it was made of among them."""
    rows = event.record.rows
    parts = () if rows is None else (*rows.parts, *rows.made_from)
    steps = [choice.selector for part in parts for choice in part.path if choice.kind == "split"]
    return [step for step in steps if isinstance(step, Origin)]


def _stratified(trace: Trace, split: Called) -> Fix | None:
    node = node_at(trace, split.call)
    if not isinstance(node, ast.Call) or len(node.args) != 2 or not isinstance(node.args[1], (ast.Name, ast.Subscript)):
        return None
    target = editing.text_at(trace, place_in(split.call, node.args[1]))
    edit = insertion(trace, split.call, node, f"stratify={target}")
    return None if target is None or edit is None else Fix(f"Stratify by `{target}`", "unsafe", (edit,))


RULE = Rule(
    name="stratify-missing",
    family="split",
    severity=Severity.INFORMATION,
    summary="Classes that are treated as unequal are split without `stratify`.",
    finds="""
        `train_test_split(X, y)` without `stratify`, where a classifier later learns from the training part with
        `class_weight="balanced"`, or from rows that were resampled to make the classes equal; or where the data file in
        the workspace shows that the rarest class has at most 100 rows, and at most a tenth of all.
        """,
    matters="""
        A split at random gives the test part the share of each class only on average. Of a class with 10 rows among
        1,000, a fifth of the rows holds none with a probability of 11 %, and four or more with 12 %: recall and
        precision of that class then move by tens of points from seed to seed.
        """,
    silent="""
        Splits with `stratify`, or that keep the order of rows; regression; programs in which nothing says that the
        classes are unequal; a class of a single row, with which `stratify` raises.
        """,
    repair="""
        Adds `stratify=y`. For you to accept: it raises where a class has one row only.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            X, y = make_classification(300, weights=[0.95], random_state=0)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)  # <- stratify-missing
            model = LogisticRegression(class_weight="balanced").fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from imblearn.over_sampling import SMOTE
            from sklearn.datasets import make_classification
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.metrics import recall_score
            from sklearn.model_selection import train_test_split

            X, y = make_classification(300, weights=[0.9], random_state=0)
            X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.2)  # <- stratify-missing
            X_more, y_more = SMOTE(random_state=0).fit_resample(X_train, y_train)
            forest = RandomForestClassifier(random_state=0).fit(X_more, y_more)
            print(recall_score(y_test, forest.predict(X_test)))
            """
        ),
        example(
            """
            from imblearn.pipeline import make_pipeline
            from imblearn.under_sampling import RandomUnderSampler
            from sklearn.datasets import make_classification
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = make_classification(400, weights=[0.9], random_state=1)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)  # <- stratify-missing
            model = make_pipeline(RandomUnderSampler(random_state=0), DecisionTreeClassifier())
            print(model.fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import make_classification
            from sklearn.model_selection import train_test_split
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC


            def parts(X, y):
                return train_test_split(X, y, test_size=0.25, random_state=3)  # <- stratify-missing


            rows, labels = make_classification(300, weights=[0.9], random_state=0)
            X_train, X_test, y_train, y_test = parts(rows, labels)
            model = Pipeline([("scale", StandardScaler()), ("svc", SVC(class_weight="balanced"))])
            print(model.fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.metrics import recall_score
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            parts = pd.DataFrame(
                {
                    "size": [3, 5, 4, 6, 9, 4, 5, 3, 6, 5, 4, 8, 3, 5, 4, 6, 4, 5, 3, 6],
                    "broken": [0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0],
                }
            )
            X, y = parts[["size"]], parts["broken"]
            parts = train_test_split(X, y, test_size=0.5, random_state=1)  # <- stratify-missing
            X_train, X_test, y_train, y_test = parts
            tree = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            print(recall_score(y_test, tree.predict(X_test), zero_division=0))
            """
        ),
    ),
    good=(
        example(
            """
            import numpy as np
            from sklearn.datasets import load_digits
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB

            X, y = load_digits(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            by_hand = np.array([1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1])
            model = GaussianNB().fit(X_train[:20], by_hand)
            print(model.predict(X_test)[:5])
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            parts = pd.DataFrame(
                {"size": [3, 5, 4, 6, 9, 4, 5, 8, 7, 9, 4, 8], "large": [0, 0, 0, 0, 1, 0, 0, 1, 0, 1, 0, 1]}
            )
            X_train, X_test, y_train, y_test = train_test_split(parts[["size"]], parts["large"], random_state=0)
            print(DecisionTreeClassifier(random_state=0).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            X, y = make_classification(300, weights=[0.95], random_state=0)
            X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
            model = LogisticRegression(class_weight="balanced").fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(DecisionTreeClassifier().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import train_test_split

            X, y = load_diabetes(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(Ridge().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            X, y = make_classification(300, weights=[0.9], random_state=0)
            X_train, X_test, y_train, y_test = train_test_split(X, y, shuffle=False)
            model = LogisticRegression(class_weight="balanced").fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split

            X, y = make_classification(300, weights=[0.9], random_state=0)
            model = LogisticRegression(class_weight="balanced")
            print(cross_val_score(model, X, y, cv=StratifiedKFold(3)))
            first, second = train_test_split(X, random_state=0)
            print(len(first), len(second))
            """
        ),
        example(
            """
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import StratifiedShuffleSplit

            X, y = make_classification(300, weights=[0.9], random_state=0)
            train, test = next(StratifiedShuffleSplit(1, test_size=0.2, random_state=0).split(X, y))
            model = LogisticRegression(class_weight="balanced").fit(X[train], y[train])
            print(model.score(X[test], y[test]))
            """
        ),
    ),
    check=check,
)
