"""A model, a setting or a threshold is chosen by its score on the test rows, whose score is then no test any more."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.held_out import held_out, named
from mlsense.rules.reading import first_shown, innermost, location, related, where, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.third_part import third_part
from mlsense.semantics.values import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.rules.held_out import HeldOut
    from mlsense.semantics.events import Select
    from mlsense.semantics.program import Trace

# What draws a picture looks at the largest number for its frame.
_FRAMES = re.compile(r"\.(set_)?[xyz]?lim\(|\.axis\(|\.set_[xy]ticks|linspace\(|\.axhline\(|\.axvline\(|\.bar\(")


def check(trace: Trace) -> Iterator[Draft]:
    for found in held_out(trace):
        for choice in found.chosen:
            place = _shown(trace, choice, found)
            spot = location(trace, place)
            if spot is None or place is None or _frames(trace, place):
                continue
            scored = next((event.call for event in found.scored if event.call != place), None)
            pairs = [(scored, f"scored on {named(trace, found)} here")] if scored is not None else []
            yield Draft(
                _message(trace, choice, found, place), spot, related(trace, *pairs), third_part(trace, choice, found)
            )


def _shown(trace: Trace, choice: Select, found: HeldOut) -> Place | None:
    """The place of the choice, or the call that leads there out of this document."""
    place, again = first_shown(trace, choice.call, choice.origin), found.again.call
    return place if place is not None or trace.locate(again) is None else again


def _frames(trace: Trace, place: Place) -> bool:
    statement = innermost(trace, place)
    return isinstance(statement, ast.Expr) and bool(_FRAMES.search(ast.unparse(statement)))


def _message(trace: Trace, choice: Select, found: HeldOut, place: Place) -> str:
    rows = named(trace, found)
    code = written(trace, place, choice.text)
    if choice.how == "stopping":
        return (
            f"The training stops, or goes back, where it scores best on {rows}, and that is the test too: the score "
            f"{where(trace, found.scored[-1].call, place)} is too good. Split a validation part off the training rows "
            "and watch that."
        )
    if choice.how == "search":
        return (
            f"The search looks for the settings that score best on {rows}, so the best score is no test of them: it is "
            "too good. Score on a validation part of the training rows, or with cross-validation, and on "
            f"{rows} once, at the end."
        )
    if any(score.curve for score in choice.scores) or all(score.form == "thresholded" for score in choice.scores):
        return (
            f"`{code}` chooses the threshold on {rows}, and the labels it makes are scored on the same rows: the score "
            "is too good. Choose it on a validation part of the training rows, or with `TunedThresholdClassifierCV`."
        )
    return (
        f"`{code}` chooses by scores on {rows}, the rows that should tell how good the chosen one is: the best score "
        "is too good, since luck on these rows decides too. Choose by cross-validation or on a validation part of the "
        f"training rows, and score the chosen one on {rows} once."
    )


RULE = Rule(
    name="tune-on-test",
    family="leakage",
    severity=Severity.WARNING,
    summary="Something is chosen by its score on the test rows, so that score is no test any more.",
    finds="""
        Several models, settings, thresholds or stages of a training that are scored on one set of held-out rows, and a
        choice among them by these scores, where no other rows are left to tell how good the chosen one is: `max`,
        `argmax`, `sort_values`, `if score > best`, early stopping on the test rows (`eval_set`, `validation_data` with
        `EarlyStopping`, `ModelCheckpoint` or `ReduceLROnPlateau`), the objective of a tuner.
        """,
    matters="""
        The best of many scores is the best model's skill and the largest luck. With 40 settings that are all alike and
        100 test rows, the best of them looks some 10 points more accurate than it is. The fewer test rows and the more
        settings, the larger the gap; with many rows and few settings it is often small.
        """,
    silent="""
        Validation rows beside test rows that are scored at the end; folds of a cross-validation; a file that is only
        predicted for, as in a competition; several scores of one model; repeated splits, each with its own model;
        scores that are printed or drawn and decide nothing (`multi-test-leak` tells of these); a training that only
        watches the test rows.
        """,
    repair="""
        Splits the training part again, fits on the one of its parts and chooses on the other: in a loop or a
        comprehension over settings, for a threshold, for the rows that early stopping watches. Offered, not applied by
        itself: the scores become others. What was chosen is then to be scored on the test part once.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scores = {}
            for depth in [1, 2, 3, 5, 8]:
                model = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(X_train, y_train)
                scores[depth] = model.score(X_test, y_test)
            best = max(scores, key=scores.get)  # <- tune-on-test
            print(best, scores[best])
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.metrics import accuracy_score
            from sklearn.model_selection import train_test_split

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            best_score, best_model = 0, None
            for n_estimators in range(5, 50, 5):
                forest = RandomForestClassifier(n_estimators=n_estimators, random_state=0)
                forest.fit(X_train, y_train)
                accuracy = accuracy_score(y_test, forest.predict(X_test))
                if accuracy > best_score:  # <- tune-on-test
                    best_score, best_model = accuracy, forest
            print(best_model, best_score)
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.datasets import load_breast_cancer
            from sklearn.linear_model import LogisticRegression
            from sklearn.metrics import f1_score
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.tree import DecisionTreeClassifier


            def evaluate(model):
                model.fit(X_train, y_train)
                return f1_score(y_test, model.predict(X_test))


            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            models = {
                "logistic": make_pipeline(StandardScaler(), LogisticRegression()),
                "bayes": GaussianNB(),
                "tree": DecisionTreeClassifier(random_state=0),
            }
            rows = [{"model": name, "f1": round(evaluate(model), 3)} for name, model in models.items()]
            results = pd.DataFrame(rows)
            print(results.sort_values("f1", ascending=False).iloc[0])  # <- tune-on-test
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_breast_cancer
            from sklearn.metrics import f1_score
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            chances = GaussianNB().fit(X_train, y_train).predict_proba(X_test)[:, 1]
            scores = []
            thresholds = np.arange(0.05, 0.95, 0.05)
            for threshold in thresholds:
                scores.append(f1_score(y_test, chances > threshold))
            print(thresholds[np.argmax(scores)], max(scores))  # <- tune-on-test
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import train_test_split

            X, y = load_diabetes(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            alphas = np.logspace(-3, 2, 20)
            errors = []
            for alpha in alphas:
                predicted = Ridge(alpha=alpha).fit(X_train, y_train).predict(X_test)
                errors.append(np.sqrt(np.mean((y_test - predicted) ** 2)))
            best = alphas[np.argmin(errors)]  # <- tune-on-test
            print(best, Ridge(alpha=best).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier


            def tree(depth):
                return DecisionTreeClassifier(max_depth=depth, random_state=0)


            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scores = {depth: tree(depth).fit(X_train, y_train).score(X_test, y_test) for depth in range(1, 40)}
            print(max(scores, key=scores.get), max(scores.values()))  # <- tune-on-test
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            X_fit, X_valid, y_fit, y_valid = train_test_split(X_train, y_train, random_state=0)
            scores = {}
            for depth in [1, 2, 3, 5, 8]:
                model = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(X_fit, y_fit)
                scores[depth] = model.score(X_valid, y_valid)
            best = max(scores, key=scores.get)
            model = DecisionTreeClassifier(max_depth=best, random_state=0).fit(X_train, y_train)
            print(best, model.score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_wine
            from sklearn.model_selection import cross_val_score, train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            depths = [1, 2, 3, 5, 8]
            means = []
            for depth in depths:
                model = DecisionTreeClassifier(max_depth=depth, random_state=0)
                means.append(cross_val_score(model, X_train, y_train).mean())
            model = DecisionTreeClassifier(max_depth=depths[np.argmax(means)], random_state=0).fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.metrics import accuracy_score, f1_score
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            y_pred = GaussianNB().fit(X_train, y_train).predict(X_test)
            scores = {"accuracy": accuracy_score(y_test, y_pred), "f1": f1_score(y_test, y_pred)}
            for name, score in sorted(scores.items(), key=lambda item: item[1]):
                print(name, round(score, 3))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            scores = []
            for seed in range(30):
                X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=seed)
                model = DecisionTreeClassifier(max_depth=3, random_state=0).fit(X_train, y_train)
                scores.append(model.score(X_test, y_test))
            print(min(scores), sum(scores) / len(scores), max(scores))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import StratifiedKFold
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            best_score, best_depth = 0.0, None
            for depth in [1, 2, 3, 5]:
                total = 0.0
                for train, test in StratifiedKFold(5, shuffle=True, random_state=0).split(X, y):
                    model = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(X[train], y[train])
                    total += model.score(X[test], y[test])
                if total / 5 > best_score:
                    best_score, best_depth = total / 5, depth
            print(best_depth)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import GridSearchCV, train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            search = GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [1, 2, 3, 5, 8]})
            search.fit(X_train, y_train)
            train_score, test_score = search.score(X_train, y_train), search.score(X_test, y_test)
            if train_score > test_score:
                print("overfitting by", train_score - test_score)
            print(max(train_score, test_score))
            """
        ),
    ),
    check=check,
    references=(
        "scikit-learn user guide, [cross-validation](https://scikit-learn.org/stable/modules/cross_validation.html): "
        "why a test set is held out while settings are chosen",
    ),
)
