"""A score is given the predictions where it takes the truth, and the truth where it takes the predictions."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.knowledge.scoring import metric
from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at, place_in, short
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.values import release_in_force
from mlsense.semantics.events import Called
from mlsense.semantics.values import Const, Data, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Value

# Exchanged, these give the other's number, unless they count all classes together.
_EXCHANGED = {"precision_score": "recall", "recall_score": "precision"}
# The mean of both is the same in either order, unless the classes are weighted by their number.
_BY_AVERAGE = frozenset(("f1_score", "jaccard_score"))
_EFFECTS = {
    "confusion_matrix": "rows and columns of the matrix change places",
    "classification_report": "precision and recall change places, and `support` counts predictions",
    "precision_recall_fscore_support": "precision and recall change places",
    "balanced_accuracy_score": "it averages over the predicted classes instead of the true ones",
    "r2_score": "the error is measured against the spread of the predictions instead of that of the truth",
    "explained_variance_score": "the error is measured against the spread of the predictions",
    "mean_absolute_percentage_error": "the error is divided by the predictions instead of the truth",
    "homogeneity_score": "what it gives is the completeness",
    "completeness_score": "what it gives is the homogeneity",
    "fbeta_score": "precision and recall change places, so `beta` favours the wrong one",
}


def check(trace: Trace) -> Iterator[Draft]:
    release = release_in_force(trace)
    for event in trace.that(_is_swapped, Called):
        name = event.callee.name.rpartition(".")[2]
        known = metric(name, release)
        call = node_at(trace, event.call)
        if known is None or not isinstance(call, ast.Call) or len(call.args) < 2:
            continue
        effect = _effect(name, known.symmetric, event.argument(None, "average"), event)
        first, second = (place_in(event.call, node) for node in call.args[:2])
        place, one, other = location(trace, first), editing.text_at(trace, first), editing.text_at(trace, second)
        if effect is None or place is None or one is None or other is None:
            continue
        edits = (editing.replaced(trace, first, other), editing.replaced(trace, second, one))
        plain = not any(isinstance(node, ast.Starred) for node in call.args)
        whole = tuple(edit for edit in edits if edit is not None)
        yield Draft(
            f"`{name}` takes the truth first, and `{short(one)}` are predictions: {effect}. Write "
            f"`{name}({short(other)}, {short(one)})`.",
            place,
            fix=Fix("Put the truth first", "safe", whole) if plain and len(whole) == 2 else None,
        )


def _is_swapped(event: Called) -> bool:
    """Whether the first argument is predictions, and the second the truth for the same rows."""
    if not isinstance(event.callee, Symbol) or not event.callee.name.startswith("sklearn.metrics."):
        return False
    if len(event.args) < 2 or event.guarded:
        return False
    first, second = event.object(event.args[0]), event.object(event.args[1])
    if not isinstance(first, Data) or not isinstance(second, Data) or second.fits or second.form:
        return False
    predicted = bool(first.fits) or first.form == "cluster"
    if not predicted or first.role not in ("prediction", "probability", "score"):
        return False
    same = first.rows is not None and bool(first.rows.parts) and first.rows == second.rows
    return second.role == "target" or (same and second.role != "features" and second.rank in (1, None))


def _effect(name: str, symmetric: bool, average: Value | None, event: Called) -> str | None:
    """What comes of it; None where nothing does, or that is not known."""
    told = "binary" if average is None else average.value if isinstance(average, Const) else ...
    if not event.exact or told is ...:
        return None
    if name in _EXCHANGED:
        if told == "weighted":
            return "the classes are weighted by how often they were predicted"
        return None if told == "micro" else f"what it gives is the {_EXCHANGED[name]}"
    if name == "fbeta_score":
        return None if told == "micro" else _EFFECTS[name]
    if name in _BY_AVERAGE:
        return "the classes are weighted by how often they were predicted" if told == "weighted" else None
    if symmetric or (name == "precision_recall_fscore_support" and told == "micro"):
        return None
    return _EFFECTS.get(name, "it fails, or gives another score")


RULE = Rule(
    name="metric-arg-order",
    family="metric",
    severity=Severity.WARNING,
    summary="A score gets the predictions first and the truth second; it takes them the other way round.",
    finds="""
        Functions of `sklearn.metrics` whose first argument is what a model predicted and whose second is the truth for
        the same rows, where the order changes the result.
        """,
    matters="""
        Nothing fails, and a number comes out: precision under the name of recall, a confusion matrix on its side, R²
        against the wrong spread. With a weighted average the classes are counted by how often they were predicted.
        """,
    silent="""
        Scores that are the same either way (`accuracy_score`, `mean_squared_error`, `f1_score` except with
        `average="weighted"`); arguments by name; two sets of predictions compared with each other; values of which it
        is not known what they are.
        """,
    repair="Exchanges the two arguments. Safe: it is the order that the function documents.",
    bad=(
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.metrics import precision_score
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            y_pred = model.predict(X_test)
            print(precision_score(y_pred, y_test))  # <- metric-arg-order
            """
        ),
        example(
            """
            from sklearn import metrics
            from sklearn.datasets import load_wine
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.model_selection import train_test_split

            X, y = load_wine(return_X_y=True, as_frame=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            for depth in (2, 4):
                forest = RandomForestClassifier(n_estimators=10, max_depth=depth, random_state=0)
                forest.fit(X_train, y_train)
                print(metrics.confusion_matrix(forest.predict(X_test), y_test))  # <- metric-arg-order
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import LinearRegression
            from sklearn.metrics import mean_absolute_error, r2_score
            from sklearn.model_selection import train_test_split


            def report(truth, predicted):
                print(mean_absolute_error(predicted, truth), r2_score(predicted, truth))  # <- metric-arg-order


            X, y = load_diabetes(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            report(y_test, LinearRegression().fit(X_train, y_train).predict(X_test))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_breast_cancer
            from sklearn.linear_model import LogisticRegression
            from sklearn.metrics import classification_report, f1_score
            from sklearn.model_selection import train_test_split
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X_train, y_train)
            labels = np.where(model.predict_proba(X_test)[:, 1] > 0.3, 1, 0)
            print(classification_report(labels, y_test))  # <- metric-arg-order
            print(f1_score(labels, y_test, average="weighted"))  # <- metric-arg-order
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.metrics import precision_score
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            y_pred = model.predict(X_test)
            print(precision_score(y_test, y_pred))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.metrics import accuracy_score, f1_score, precision_score
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            y_pred = DecisionTreeClassifier(random_state=0).fit(X_train, y_train).predict(X_test)
            print(accuracy_score(y_pred, y_test), f1_score(y_pred, y_test, average="macro"))
            print(precision_score(y_pred, y_test, average="micro"))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.metrics import recall_score
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            y_pred = DecisionTreeClassifier(random_state=0).fit(X_train, y_train).predict(X_test)
            print(recall_score(y_pred=y_pred, y_true=y_test, average="macro"))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.metrics import confusion_matrix
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            one = DecisionTreeClassifier(random_state=0).fit(X_train, y_train).predict(X_test)
            other = GaussianNB().fit(X_train, y_train).predict(X_test)
            print("where the two disagree", confusion_matrix(one, other), sep="\\n")
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import LinearRegression
            from sklearn.metrics import mean_squared_error, median_absolute_error
            from sklearn.model_selection import train_test_split

            X, y = load_diabetes(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            predicted = LinearRegression().fit(X_train, y_train).predict(X_test)
            print(mean_squared_error(predicted, y_test), median_absolute_error(predicted, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.metrics import r2_score, recall_score

            X, y = load_breast_cancer(return_X_y=True)


            def recall(predicted, truth):
                return recall_score(truth, predicted)


            forest = RandomForestClassifier(n_estimators=20, oob_score=recall, random_state=0).fit(X[:400], y[:400])
            print(recall(forest.predict(X[400:]), y[400:]))
            print(r2_score([3.0, 1.0, 2.0], [2.5, 1.0, 2.0]))
            """
        ),
    ),
    check=check,
    references=(
        "scikit-learn user guide, [metrics and scoring](https://scikit-learn.org/stable/modules/model_evaluation.html)",
    ),
)
