"""Accuracy is the only score, and one class is far more frequent than the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.imbalance import is_classifier, is_made, shares_in, treated_as_unequal, weights_of
from mlsense.rules.option import Option
from mlsense.rules.reading import location, related, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import constant
from mlsense.semantics.events import Called, CrossValidate, Evaluate, Fit
from mlsense.semantics.models.estimators import short
from mlsense.semantics.regions import Overlap, overlap
from mlsense.semantics.values import Data, Estimator, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import FitRecord, Origin, Place

SHARE = Option(
    "share", 0.8, "Which share of the rows the largest class has before anything is said.", least=0.5, most=1.0
)
_ACCURACY = frozenset(("accuracy_score", "zero_one_loss"))
# They say nothing of how good predictions are.
_NO_SCORES = frozenset("make_scorer pairwise_distances euclidean_distances get_scorer".split())
_LIBRARIES = ("sklearn.metrics.", "imblearn.metrics.", "torchmetrics.", "scikitplot.", "yellowbrick.")
_INSTEAD = "Show `balanced_accuracy_score`, or its recall and precision (`classification_report`)"


def check(trace: Trace, share: float) -> Iterator[Draft]:
    evidence = _evidence(trace, share)
    if not evidence or trace.that(_is_another_score, Called) or _imports_another(trace):
        return
    told: set[str] = set()
    for place, fit in _measured(trace):
        known = evidence.get(fit)
        found = location(trace, place)
        if known is None or known[0] in told or found is None:
            continue
        says, of = known
        told.add(says)
        if of is not None:
            at = f" {where(trace, of, place)}" if of != place else ""
            says = f"{says}{at} says that the classes are of unequal size"
        yield Draft(
            f"{says}, and accuracy, the only score here, hardly counts the rare class. {_INSTEAD}.",
            found,
            related(trace, (of, "the classes are treated as unequal here")) if of != place else (),
        )


def _measured(trace: Trace) -> list[tuple[Place, Origin]]:
    """Where accuracy is taken on rows that were not learned from: the place, and the fit or cross-validation."""
    found: list[tuple[Place, Origin]] = []
    for event in trace.that(_by_score, Evaluate):
        found.append((event.call, event.fit.origin))
    for call in trace.that(_is_accuracy, Called):
        for fit in _predicted(call):
            found.append((call.call, fit.origin))
    found += [(event.call, event.origin) for event in trace.that(_by_folds, CrossValidate)]
    return found


def _by_score(event: Evaluate) -> bool:
    apart = overlap(event.fit.rows, event.x.rows) is Overlap.DISJOINT
    return event.is_score and "classifier" in event.fit.kinds and apart


def _by_folds(event: CrossValidate) -> bool:
    return event.callee in ("cross_val_score", "cross_validate") and is_classifier(event.leaves, event.estimator)


def _predicted(call: Called) -> list[FitRecord]:
    """The fits behind predictions of rows that they did not see."""
    things = [call.object(value) for value in (*call.args, *(value for _, value in call.keywords))]
    return [
        fit
        for thing in things
        if isinstance(thing, Data)
        for fit in thing.fits
        if overlap(fit.rows, thing.rows) is Overlap.DISJOINT
    ]


def _is_accuracy(event: Called) -> bool:
    return isinstance(event.callee, Symbol) and event.callee.name == "sklearn.metrics.accuracy_score"


def _is_another_score(event: Called) -> bool:
    """Whether anything else than accuracy is measured, drawn, tabled, or compared with chance."""
    name = event.callee.name
    tail = name.rpartition(".")[2]
    if isinstance(event.callee, Symbol):
        scored = name.startswith(_LIBRARIES) and tail not in _ACCURACY | _NO_SCORES
        if scored or tail in ("crosstab", "calibration_curve", "DummyClassifier"):
            return True
    elif isinstance(event.thing, Estimator) and short(event.thing.cls) == "DummyClassifier":
        return True
    given = event.argument(None, "scoring")
    return given is not None and constant(given) not in (None, "accuracy")


def _imports_another(trace: Trace) -> bool:
    """What is imported is meant to be used, if only in a function that nothing calls yet."""
    return any(
        (tree.module or "").startswith(("sklearn.metrics", "imblearn.metrics"))
        and any(alias.name not in _ACCURACY | _NO_SCORES for alias in tree.names)
        for _, tree in trace.imports
    )


def _evidence(trace: Trace, share: float) -> dict[Origin, tuple[str, Place | None]]:
    """By fit, what says that classes are unequal, and where, if the program itself does."""
    found: dict[Origin, tuple[str, Place | None]] = {}
    trainings: list[Fit | CrossValidate] = [*trace.that(_may_be_unequal, Fit), *trace.that(_may_be_so, CrossValidate)]
    for event in trainings:
        key = event.record.origin if isinstance(event, Fit) else event.origin
        shares, weights = shares_in(event.y), weights_of(trace, event.y)
        treated = treated_as_unequal(event)
        if shares is not None:
            # The file knows better than what is written for any file.
            if shares.share >= share:
                found[key] = (
                    f"`{shares.column}` is `{shares.largest.strip()}` in {shares.most:,} of {shares.rows:,} rows: "
                    f"always saying so is right {_percent(shares.share)} of the time",
                    None,
                )
        elif weights is not None and weights >= share:
            found[key] = (
                f"One class has {_percent(weights)} of the rows (`weights` of `make_classification`): always naming it "
                f"is right as often",
                None,
            )
        elif treated and weights is None:
            found[key] = (treated, event.call)
    return found


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share < 0.985 else f"{100 * share:.3g} %"


def _may_be_unequal(event: Fit) -> bool:
    return is_classifier(event.leaves, event.before) and _may_be(event)


def _may_be_so(event: CrossValidate) -> bool:
    return _by_folds(event) and _may_be(event)


def _may_be(event: Fit | CrossValidate) -> bool:
    return bool(treated_as_unequal(event)) or shares_in(event.y) is not None or is_made(event.y)


RULE = Rule(
    name="accuracy-imbalanced",
    family="metric",
    severity=Severity.INFORMATION,
    summary="Accuracy is the only score, and one class is far more frequent than the others.",
    finds="""
        `accuracy_score`, `score` and cross-validation of a classifier, where no other score is used in the whole
        program, and the classes are of unequal size: the data file in the workspace shows that the largest has at least
        80 % of the rows (the option `share`), `make_classification` was asked for it, or the program learns with
        `class_weight="balanced"` or from rows that were resampled.
        """,
    matters="""
        Of 1,000 payments 10 are fraud: a model that never says so is right in 99 % of them, and finds none. Accuracy
        counts each row alike, so what happens to the rare class, for which the model was made, does not show in it.
        """,
    silent="""
        Programs that use any other score, matrix, report or curve, a `DummyClassifier` to compare with, or `scoring`;
        classes of which the sizes are not known; scores of the rows that were learned from.
        """,
    repair="""
        There is none: which errors cost more, and so which score to take, only you know.
        """,
    bad=(
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            parts = pd.DataFrame(
                {
                    "size": [3, 5, 4, 6, 9, 4, 5, 3, 6, 5, 4, 8],
                    "broken": ["no", "no", "no", "no", "yes", "no", "no", "no", "no", "no", "no", "yes"],
                }
            )
            X_train, X_test, y_train, y_test = train_test_split(
                parts[["size"]], parts["broken"], stratify=parts["broken"], test_size=0.5, random_state=0
            )
            tree = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            print(tree.score(X_test, y_test))  # <- accuracy-imbalanced
            """
        ),
        example(
            """
            from sklearn.datasets import make_classification
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.metrics import accuracy_score
            from sklearn.model_selection import train_test_split

            X, y = make_classification(300, weights=[0.95], random_state=0)
            X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
            forest = RandomForestClassifier(random_state=0).fit(X_train, y_train)
            print(accuracy_score(y_test, forest.predict(X_test)))  # <- accuracy-imbalanced
            """
        ),
        example(
            """
            from imblearn.over_sampling import SMOTE
            from imblearn.pipeline import make_pipeline
            from sklearn.datasets import load_breast_cancer
            from sklearn.model_selection import cross_val_score
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_breast_cancer(return_X_y=True)
            model = make_pipeline(SMOTE(random_state=0), DecisionTreeClassifier(random_state=0))
            print(cross_val_score(model, X, y).mean())  # <- accuracy-imbalanced
            """
        ),
        example(
            """
            from io import StringIO

            import pandas as pd
            from sklearn.metrics import accuracy_score
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            text = "amount,fraud\\n12,0\\n15,0\\n9,0\\n14,0\\n80,1\\n11,0\\n13,0\\n10,0\\n16,0\\n90,1\\n12,0\\n17,0\\n"
            payments = pd.read_csv(StringIO(text))
            X, y = payments.drop(columns="fraud"), payments.fraud
            X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, test_size=0.5, random_state=0)
            predicted = DecisionTreeClassifier(random_state=0).fit(X_train, y_train).predict(X_test)
            print(f"accuracy {accuracy_score(y_test, predicted):.2f}")  # <- accuracy-imbalanced
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import make_classification
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.metrics import accuracy_score, balanced_accuracy_score
            from sklearn.model_selection import train_test_split

            X, y = make_classification(300, weights=[0.95], random_state=0)
            X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
            predicted = RandomForestClassifier(random_state=0).fit(X_train, y_train).predict(X_test)
            print(accuracy_score(y_test, predicted), balanced_accuracy_score(y_test, predicted))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.metrics import accuracy_score
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(accuracy_score(y_test, DecisionTreeClassifier().fit(X_train, y_train).predict(X_test)))
            """
        ),
        example(
            """
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import cross_val_score

            X, y = make_classification(300, weights=[0.9], random_state=0)
            model = LogisticRegression(class_weight="balanced")
            print(cross_val_score(model, X, y, scoring="average_precision").mean())
            print(cross_val_score(model, X, y).mean())
            """
        ),
        example(
            """
            from sklearn.datasets import make_classification
            from sklearn.dummy import DummyClassifier
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import cross_val_score

            X, y = make_classification(300, weights=[0.9], random_state=0)
            for model in (DummyClassifier(), LogisticRegression()):
                print(cross_val_score(model, X, y).mean())
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

            X, y = make_classification(300, weights=[0.9], random_state=0)
            X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
            model = LogisticRegression(class_weight="balanced").fit(X_train, y_train)
            print(model.score(X_train, y_train))
            found = model.predict(X_test)
            print(((found == 1) & (y_test == 1)).sum(), ((found == 1) & (y_test == 0)).sum())
            """
        ),
    ),
    check=check,
    options=(SHARE,),
    references=(
        "scikit-learn user guide, [balanced accuracy]"
        "(https://scikit-learn.org/stable/modules/model_evaluation.html#balanced-accuracy-score)",
    ),
)
