"""A score that ranks by confidence is given labels, which know no confidence."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.knowledge import estimator_facts
from mlsense.knowledge.kinds import conditional_methods
from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import innermost, location, node_at, place_in, related, short
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Called
from mlsense.semantics.values import Data, Ref, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place, Value

# What each measures, and whether it takes scores that are no probabilities.
_RANKING = {
    "roc_auc_score": "the area under a curve of one point, which for two classes is the balanced accuracy",
    "roc_curve": "a curve of one point",
    "RocCurveDisplay.from_predictions": "a curve of one point",
    "average_precision_score": "the precision at one point of the curve",
    "precision_recall_curve": "a curve of one point",
    "PrecisionRecallDisplay.from_predictions": "a curve of one point",
    "det_curve": "a curve of one point",
}
_PROBABILITIES = {
    "log_loss": "each wrong label counts as a certain one, so the loss only counts mistakes",
    "brier_score_loss": "the share of mistakes",
}
_NAMES = ("y_score", "y_proba", "y_pred", "y_prob", "probas_pred")
_WAYS = {"thresholded": "compared with a threshold", "rounded": "rounded", "largest": "the largest probability's class"}


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_gets_labels, Called):
        call = node_at(trace, event.call)
        given = _given(event)
        node = _node_of(call) if isinstance(call, ast.Call) else None
        labels = event.object(given)
        if node is None or not isinstance(labels, Data) or not isinstance(call, ast.Call):
            continue
        place = place_in(event.call, node)
        found = location(trace, place)
        text = editing.text_at(trace, place)
        if found is None or text is None:
            continue
        name = _name(event)
        fit = labels.fits[0]
        instead = _instead(fit.cls, fit.kinds, name in _PROBABILITIES)
        made = _predicted_at(trace, given)
        elsewhere = made if made != place else None
        what = _WAYS.get(labels.form, "")
        what = f"`{short(text)}` are labels" + (f", {what}" if what else "")
        advice = f"Give it `{instead}`" if instead else "Give it probabilities or scores"
        effect = (_RANKING | _PROBABILITIES)[name]
        yield Draft(
            f"`{name.partition('.')[0]}` ranks by how sure a model is, and {what}: what comes out is {effect}. "
            f"{advice}."
            if name in _RANKING
            else f"`{name}` judges probabilities, and {what}: {effect}. {advice}.",
            found,
            related(trace, (elsewhere, "the labels are made here")),
            _fix(trace, event, call, node, labels, made, instead),
        )


def _name(event: Called) -> str:
    dotted = event.callee.name
    return ".".join(dotted.split(".")[-2:]) if dotted.endswith(".from_predictions") else dotted.rpartition(".")[2]


def _given(event: Called) -> Value | None:
    return event.argument(1, *_NAMES)


def _gets_labels(event: Called) -> bool:
    if not isinstance(event.callee, Symbol) or not event.callee.name.startswith("sklearn.metrics."):
        return False
    if _name(event) not in _RANKING and _name(event) not in _PROBABILITIES:
        return False
    labels = event.object(_given(event))
    if not isinstance(labels, Data) or labels.role != "prediction" or not labels.fits:
        return False
    if labels.form == "predicted":
        return all("classifier" in fit.kinds for fit in labels.fits)
    return labels.form in _WAYS


def _node_of(call: ast.Call) -> ast.expr | None:
    named = next((keyword.value for keyword in call.keywords if keyword.arg in _NAMES), None)
    if named is not None:
        return named
    plain = len(call.args) > 1 and not any(isinstance(node, ast.Starred) for node in call.args[:2])
    return call.args[1] if plain else None


def _instead(cls: str, kinds: tuple[str, ...], probabilities: bool) -> str:
    """The method that says how sure the model is; empty where that is not known."""
    if "network" in kinds:
        return "predict"
    facts = estimator_facts(cls.rpartition(".")[2]) if cls.startswith("sklearn.") else None
    if facts is None:
        return "predict_proba" if "classifier" in kinds and not cls.startswith("sklearn.") else ""
    doubtful = {known.method for known in conditional_methods(cls)}
    wanted = ("predict_proba",) if probabilities else ("predict_proba", "decision_function")
    return next((name for name in wanted if name in facts.methods and name not in doubtful), "")


def _predicted_at(trace: Trace, value: Value | None) -> Place | None:
    """The call of `predict` that the labels come right out of."""
    if not isinstance(value, Ref):
        return None
    node = node_at(trace, value.origin.place)
    asks = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "predict"
    return value.origin.place if asks else None


def _fix(
    trace: Trace, event: Called, call: ast.Call, node: ast.expr, labels: Data, made: Place | None, instead: str
) -> Fix | None:
    """The labels' `predict` becomes what says how sure the model is."""
    if labels.form != "predicted" or made is None or not instead or instead == "predict":
        return None
    predicted = node_at(trace, made)
    if not isinstance(predicted, ast.Call) or not isinstance(predicted.func, ast.Attribute):
        return None
    receiver = editing.text_at(trace, place_in(made, predicted.func.value))
    arguments = [editing.text_at(trace, place_in(made, argument)) for argument in predicted.args]
    if receiver is None or len(arguments) != 1 or arguments[0] is None or predicted.keywords:
        return None
    if predicted is not node and not _unchanged(trace, made, event, predicted, node):
        return None
    several = any(keyword.arg == "multi_class" for keyword in call.keywords) or _name(event) == "log_loss"
    column = "[:, 1]" if instead == "predict_proba" and not several else ""
    text = f"{receiver}.{instead}({arguments[0]}){column}"
    return Fix.of(f"Give it `{short(text)}`", "unsafe", editing.replaced(trace, place_in(event.call, node), text))


def _unchanged(trace: Trace, made: Place, event: Called, predicted: ast.Call, node: ast.expr) -> bool:
    """Whether the names that the prediction is made of are bound once, so that they mean the same further down."""
    if not isinstance(node, ast.Name) or not isinstance(innermost(trace, made), ast.Assign):
        return False
    if len({step for step in event.origin.path if isinstance(step, int)}) or event.loops:
        return False
    names = {part.id for part in ast.walk(predicted) if isinstance(part, ast.Name)}
    bound = [sum(not mention.reads for _, mention in trace.uses.get(name, ())) for name in names]
    return all(number <= 1 for number in bound) and made.unit.module == event.call.unit.module


RULE = Rule(
    name="auc-hard-labels",
    family="metric",
    severity=Severity.WARNING,
    summary="A score that ranks by confidence is given labels instead of probabilities.",
    finds="""
        `roc_auc_score`, `roc_curve`, `average_precision_score`, `precision_recall_curve`, `det_curve`, `log_loss` and
        `brier_score_loss` of what `predict` of a classifier returned, or of probabilities that were compared with a
        threshold or rounded.
        """,
    matters="""
        These scores ask in which order a model puts the rows, or how sure it is of each. Labels have two values only:
        the curve has one point, and the area under it is the balanced accuracy. A classifier with an area of 0.95 reads
        0.92 that way, and two classifiers may change places.
        """,
    silent="""
        What `predict` of a regressor, a network or a detector of outliers returns: these are scores. Labels of which
        the model is not known.
        """,
    repair="""
        `predict(X)` becomes `predict_proba(X)[:, 1]`, or `decision_function(X)` where the class has no probabilities.
        Offered, not applied by itself: with more than two classes `roc_auc_score` wants `multi_class=` as well.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.metrics import roc_auc_score
            from sklearn.model_selection import train_test_split

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            forest = RandomForestClassifier(n_estimators=20, random_state=0).fit(X_train, y_train)
            print(roc_auc_score(y_test, forest.predict(X_test)))  # <- auc-hard-labels
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.metrics import auc, roc_curve
            from sklearn.model_selection import train_test_split
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import LinearSVC

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = make_pipeline(StandardScaler(), LinearSVC()).fit(X_train, y_train)
            y_pred = model.predict(X_test)
            fpr, tpr, thresholds = roc_curve(y_test, y_pred)  # <- auc-hard-labels
            print(auc(fpr, tpr))
            """
        ),
        example(
            """
            from sklearn import metrics
            from sklearn.datasets import load_breast_cancer
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB


            def areas(truth, predicted):
                return metrics.average_precision_score(truth, predicted)  # <- auc-hard-labels


            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            chances = GaussianNB().fit(X_train, y_train).predict_proba(X_test)[:, 1]
            print(areas(y_test, (chances > 0.5).astype(int)))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.metrics import brier_score_loss, log_loss
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = GaussianNB().fit(X_train, y_train)
            print(log_loss(y_test, model.predict(X_test)))  # <- auc-hard-labels
            print(brier_score_loss(y_test, model.predict_proba(X_test)[:, 1].round()))  # <- auc-hard-labels
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.metrics import roc_auc_score
            from sklearn.model_selection import train_test_split

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            forest = RandomForestClassifier(n_estimators=20, random_state=0).fit(X_train, y_train)
            print(roc_auc_score(y_test, forest.predict_proba(X_test)[:, 1]))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.metrics import roc_curve
            from sklearn.model_selection import train_test_split
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import LinearSVC

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = make_pipeline(StandardScaler(), LinearSVC()).fit(X_train, y_train)
            print(roc_curve(y_test, model.decision_function(X_test))[0])
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.linear_model import LinearRegression
            from sklearn.metrics import roc_auc_score
            from sklearn.model_selection import train_test_split

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            numbers = LinearRegression().fit(X_train, y_train).predict(X_test)
            print(roc_auc_score(y_test, numbers))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.ensemble import IsolationForest
            from sklearn.metrics import roc_auc_score

            rng = np.random.default_rng(0)
            X = np.vstack([rng.normal(size=(95, 2)), rng.normal(5, size=(5, 2))])
            odd = np.repeat([0, 1], [95, 5])
            forest = IsolationForest(random_state=0).fit(X)
            print(roc_auc_score(odd, -forest.score_samples(X)), roc_auc_score(odd, -forest.predict(X)))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.metrics import accuracy_score, log_loss
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = GaussianNB().fit(X_train, y_train)
            chances = model.predict_proba(X_test)
            print(log_loss(y_test, chances), accuracy_score(y_test, chances[:, 1] > 0.5))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.metrics import roc_auc_score
            from sklearn.model_selection import train_test_split

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
            forest = RandomForestClassifier(n_estimators=20, random_state=0).fit(X_train, y_train)
            y_score = forest.predict_proba(X_test)
            print(roc_auc_score(y_test, y_score, multi_class="ovr"), forest.predict(X_test)[:3])
            """
        ),
    ),
    check=check,
    references=(
        "scikit-learn user guide, [receiver operating characteristic]"
        "(https://scikit-learn.org/stable/modules/model_evaluation.html#receiver-operating-characteristic-roc)",
    ),
)
