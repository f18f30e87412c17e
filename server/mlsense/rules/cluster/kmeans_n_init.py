"""Numbers of clusters are compared with classes, as if they had the same names."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.knowledge.scoring import metric
from mlsense.rules import editing
from mlsense.rules.finding import Severity
from mlsense.rules.reading import location, node_at, place_in, short
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.targets import is_changed
from mlsense.rules.values import release_in_force
from mlsense.semantics.events import Called
from mlsense.semantics.values import Data, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    release = release_in_force(trace)
    for event in trace.that(_compares_clusters, Called):
        known = metric(event.callee.name, release)
        call = node_at(trace, event.call)
        if known is None or known.family != "classification" or not isinstance(call, ast.Call):
            continue
        # A table of classes against clusters is what one matches them by.
        if known.name in ("confusion_matrix", "multilabel_confusion_matrix") or len(call.args) < 2:
            continue
        which = next(n for n, value in enumerate(event.args[:2]) if _is_cluster(event, n))
        place = place_in(event.call, call.args[which])
        found, text = location(trace, place), editing.text_at(trace, place)
        if found is None or text is None or is_changed(trace, event.args[which]):
            continue
        yield Draft(
            f"`{short(text)}` are numbers of clusters, in an order of chance, and `{known.name}` compares them with "
            "classes one by one: the same clusters numbered otherwise give another score. `adjusted_rand_score` "
            "compares groups whatever they are called.",
            found,
        )


def _is_cluster(event: Called, position: int) -> bool:
    thing = event.object(event.args[position])
    return isinstance(thing, Data) and thing.form == "cluster"


def _compares_clusters(event: Called) -> bool:
    if not isinstance(event.callee, Symbol) or not event.callee.name.startswith("sklearn.metrics."):
        return False
    if len(event.args) < 2:
        return False
    one, other = event.object(event.args[0]), event.object(event.args[1])
    if not isinstance(one, Data) or not isinstance(other, Data):
        return False
    return (one.form == "cluster") is not (other.form == "cluster")


RULE = Rule(
    name="kmeans-n-init",
    family="cluster",
    severity=Severity.WARNING,
    summary="Numbers of clusters are compared with classes, as if they had the same names.",
    finds="""
        `accuracy_score`, `f1_score`, `classification_report` and the like of what `labels_`, `fit_predict` or `predict`
        of a clustering gave.
        """,
    matters="""
        Cluster 0 is the one that happened to come first. Numbered otherwise, the same three clusters of irises score
        0.24 or 0.89 by accuracy, and another seed numbers them otherwise.
        """,
    silent="""
        Scores for clusters; a table of clusters against classes; numbers that were matched with the classes first, or
        changed in any other way.
        """,
    repair="There is none: match clusters with classes by a `confusion_matrix`, or take a score for clusters.",
    bad=(
        example(
            """
            from sklearn.cluster import KMeans
            from sklearn.datasets import load_iris
            from sklearn.metrics import accuracy_score

            X, y = load_iris(return_X_y=True)
            model = KMeans(3, random_state=0).fit(X)
            print(accuracy_score(y, model.labels_))  # <- kmeans-n-init
            """
        ),
        example(
            """
            from sklearn import metrics
            from sklearn.cluster import AgglomerativeClustering
            from sklearn.datasets import load_iris

            X, y = load_iris(return_X_y=True)
            found = AgglomerativeClustering(3).fit_predict(X)
            print(metrics.classification_report(y, found))  # <- kmeans-n-init
            """
        ),
        example(
            """
            from sklearn.cluster import KMeans
            from sklearn.datasets import load_iris
            from sklearn.metrics import f1_score
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            groups = KMeans(3, random_state=0).fit(X_train)
            print(f1_score(y_test, groups.predict(X_test), average="macro"))  # <- kmeans-n-init
            """
        ),
        example(
            """
            from sklearn.cluster import KMeans
            from sklearn.datasets import load_iris
            from sklearn.metrics import accuracy_score

            iris = load_iris(as_frame=True)
            for count in (3, 3):
                labels = KMeans(count).fit_predict(iris.data)
                print(accuracy_score(iris.target, labels))  # <- kmeans-n-init
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.cluster import KMeans
            from sklearn.datasets import load_iris
            from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

            X, y = load_iris(return_X_y=True)
            labels = KMeans(3, random_state=0).fit(X).labels_
            print(adjusted_rand_score(y, labels), normalized_mutual_info_score(y, labels))
            """
        ),
        example(
            """
            from sklearn.cluster import KMeans
            from sklearn.datasets import load_iris
            from sklearn.metrics import confusion_matrix

            X, y = load_iris(return_X_y=True)
            print(confusion_matrix(y, KMeans(3, random_state=0).fit_predict(X)))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.cluster import KMeans
            from sklearn.datasets import load_iris
            from sklearn.metrics import accuracy_score

            X, y = load_iris(return_X_y=True)
            clusters = KMeans(3, random_state=0).fit_predict(X)
            matched = np.zeros_like(clusters)
            for number in range(3):
                matched[clusters == number] = np.bincount(y[clusters == number]).argmax()
            print(accuracy_score(y, matched))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.cluster import KMeans
            from sklearn.datasets import load_iris
            from sklearn.metrics import accuracy_score

            X, y = load_iris(return_X_y=True)
            clusters = KMeans(3, random_state=0).fit_predict(X)
            classes = np.array([np.bincount(y[clusters == number]).argmax() for number in range(3)])
            print(accuracy_score(y, classes[clusters]))
            """
        ),
        example(
            """
            from sklearn.cluster import KMeans
            from sklearn.datasets import load_iris
            from sklearn.metrics import accuracy_score

            X, y = load_iris(return_X_y=True)
            one = KMeans(3, random_state=0).fit(X).predict(X)
            other = KMeans(3, random_state=1).fit(X).predict(X)
            print("seeds that agree", accuracy_score(one, other))
            """
        ),
        example(
            """
            from sklearn.cluster import KMeans
            from sklearn.datasets import load_iris
            from sklearn.metrics import accuracy_score

            X, y = load_iris(return_X_y=True)
            labels = KMeans(3, random_state=0).fit_predict(X)
            labels[labels == 1] = 7
            print(accuracy_score(y, labels))
            """
        ),
    ),
    check=check,
    references=(
        "scikit-learn user guide, [clustering performance evaluation]"
        "(https://scikit-learn.org/stable/modules/clustering.html#clustering-performance-evaluation)",
    ),
)
