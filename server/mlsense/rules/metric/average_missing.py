"""A score for two classes is asked of more than two, without saying how to put the classes together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.knowledge.values import conflicts
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.offering import callee, is_certain
from mlsense.rules.reading import location, node_at, place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.targets import CLASSES, class_count, comes_of, from_file
from mlsense.rules.values import insertion, known_values, release_in_force, settings_of
from mlsense.semantics.events import Called
from mlsense.semantics.values import Symbol

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace

# What most people want, where the classes are to count alike.
_USUAL = {"average": '"macro"', "multi_class": '"ovr"'}


def check(trace: Trace) -> Iterator[Draft]:
    release = release_in_force(trace)
    for event in trace.that(_scores, Called) if release is not None else ():
        called, found = callee(trace, event), node_at(trace, event.call)
        if called is None or found is None or called.entry.signature is None or not event.exact:
            continue
        node: ast.Call = found  # type: ignore[assignment]
        known, unknown = known_values(event, settings_of(event, node, called.entry.signature))
        said = conflicts(called.dotted, known, release, ("multiclass",), unknown)
        lacking = next((name for each in said for name, _ in each.parameters if name in _USUAL and each.data), None)
        raises = any(each.effect == "init" and "multiclass" in each.data for each in said)
        if lacking is None or lacking in known or lacking in unknown or not raises:
            continue
        classes = class_count(trace, event, event.argument(0, "y_true"))
        place = location(trace, place_in(event.call, node.func))
        if classes is None or classes[0] < 3 or place is None:
            continue
        edit = insertion(trace, event.call, node, f"{lacking}={_USUAL[lacking]}")
        whole = not any(keyword.arg is None for keyword in node.keywords)
        fix = Fix(f"Set `{lacking}={_USUAL[lacking]}`", "unsafe", (edit,)) if edit is not None and whole else None
        yield Draft(_message(called.short, lacking, *classes), place, fix=fix)


def _scores(event: Called) -> bool:
    name = event.callee.name
    scores = isinstance(event.callee, Symbol) and name.startswith("sklearn.metrics.") and is_certain(event)
    truth = event.argument(0, "y_true")
    return scores and (comes_of(event, truth, (*CLASSES, "make_classification")) or from_file(event, truth) is not None)


def _message(name: str, lacking: str, count: int, source: str) -> str:
    if lacking == "multi_class":
        return (
            f"`{name}` is for two classes unless `multi_class` is set, and `{source}` has {count}: the call raises "
            'ValueError. `multi_class="ovr"` takes the probabilities of all classes.'
        )
    return (
        f"`{name}` is for two classes unless `average` is set, and `{source}` has {count}: the call raises ValueError. "
        '`average="macro"` counts the classes alike, `"weighted"` by their size.'
    )


RULE = Rule(
    name="average-missing",
    family="metric",
    severity=Severity.ERROR,
    summary="A score for two classes is computed for more than two, without saying how the classes are averaged.",
    finds="""
        `precision_score`, `recall_score`, `f1_score`, `fbeta_score` and `jaccard_score` without `average=`, and
        `roc_auc_score` without `multi_class=`, where the true labels are known to be of three classes or more: those of
        a bundled data set or of `make_classification`, or a column of a data file in the workspace, also after a split.
        """,
    matters="""
        By default these scores are those of the class 1 of two, so the call raises ValueError. Which average is right
        depends on the question: `macro` counts every class alike, `weighted` and `micro` let the large ones decide.
        """,
    silent="""
        Labels of which the number of classes is not certain: from a file that is not there or was read with settings
        that are not followed, filtered, or changed in any way; arguments
        that are not known; code inside `try`.
        """,
    repair="""
        Sets `average="macro"`, or `multi_class="ovr"`. Offered, not applied by itself: it decides what the score means.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LogisticRegression
            from sklearn.metrics import f1_score
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
            model = LogisticRegression(max_iter=500).fit(X_train, y_train)
            print(f1_score(y_test, model.predict(X_test)))  # <- average-missing
            """
        ),
        example(
            """
            from sklearn import metrics
            from sklearn.datasets import load_wine
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.model_selection import train_test_split

            wine = load_wine()
            X_train, X_test, y_train, y_test = train_test_split(wine.data, wine.target, random_state=0)
            forest = RandomForestClassifier(n_estimators=10, random_state=0).fit(X_train, y_train)
            predicted = forest.predict(X_test)
            print(metrics.accuracy_score(y_test, predicted))
            print(metrics.precision_score(y_test, predicted, zero_division=0))  # <- average-missing
            """
        ),
        example(
            """
            from sklearn.datasets import load_digits
            from sklearn.metrics import recall_score
            from sklearn.model_selection import cross_val_predict
            from sklearn.naive_bayes import GaussianNB

            X, y = load_digits(return_X_y=True)
            print(recall_score(y, cross_val_predict(GaussianNB(), X, y)))  # <- average-missing
            """
        ),
        example(
            """
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.metrics import roc_auc_score
            from sklearn.model_selection import train_test_split

            X, y = make_classification(300, n_classes=4, n_informative=6, random_state=0)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = LogisticRegression().fit(X_train, y_train)
            print(roc_auc_score(y_test, model.predict_proba(X_test)))  # <- average-missing
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LogisticRegression
            from sklearn.metrics import f1_score, roc_auc_score
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
            model = LogisticRegression(max_iter=500).fit(X_train, y_train)
            print(f1_score(y_test, model.predict(X_test), average="macro"))
            print(roc_auc_score(y_test, model.predict_proba(X_test), multi_class="ovr"))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.metrics import f1_score
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            print(f1_score(y_test, model.predict(X_test)))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LogisticRegression
            from sklearn.metrics import precision_score

            X, y = load_iris(return_X_y=True)
            X, y = X[y != 2], y[y != 2]
            model = LogisticRegression().fit(X[::2], y[::2])
            print(precision_score(y[1::2], model.predict(X[1::2])))
            """
        ),
        example(
            """
            from sklearn.datasets import load_digits
            from sklearn.metrics import recall_score
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_digits(return_X_y=True)
            nine = y == 9
            X_train, X_test, nine_train, nine_test = train_test_split(X, nine, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, nine_train)
            print(recall_score(nine_test, model.predict(X_test)))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.metrics import jaccard_score
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            y[y == 2] = 1
            model = DecisionTreeClassifier(random_state=0).fit(X, y)
            print(jaccard_score(y, model.predict(X)))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine, make_classification
            from sklearn.metrics import classification_report, f1_score
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            print(classification_report(y, DecisionTreeClassifier(random_state=0).fit(X, y).predict(X)))
            X, y = make_classification(100, random_state=0)
            print(f1_score(y, DecisionTreeClassifier(random_state=0).fit(X, y).predict(X)))
            """
        ),
    ),
    check=check,
    raises=("ValueError",),
)
