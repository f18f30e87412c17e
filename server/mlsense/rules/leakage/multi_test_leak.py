"""Several models are scored on the same test rows."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.held_out import held_out, named
from mlsense.rules.reading import first_shown, location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.models.picking import is_drawn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.regions import Rows


def check(trace: Trace) -> Iterator[Draft]:
    for found in held_out(trace):
        if found.chosen or found.models < _several(found.rows):
            continue
        place = first_shown(trace, found.again.call, found.again.origin)
        spot = location(trace, place)
        if spot is None:
            continue
        rows = named(trace, found)
        first = first_shown(trace, found.scored[0].call, found.scored[0].origin)
        many = "a model in every pass" if len(found.scored) == 1 else f"{found.models} models"
        pair = (first if first != place else None, "the first model is scored here")
        yield Draft(
            f"{rows[0].upper()}{rows[1:]} {'scores' if rows.startswith('`') else 'score'} {many}: whoever takes the "
            "best takes its luck on these rows along, and its score is a little too good. Compare them by "
            "cross-validation on the training rows, and score the one you take here.",
            spot,
            related(trace, pair),
        )


def _several(rows: Rows) -> int:
    """How many models make a comparison from which one is taken; no number does where the points are made up.

    A bundled set is there to show things on: two models side by side show a difference, and nobody takes the better.
    """
    sources = [part.source for part in rows.parts]
    if any(source.label.startswith("make_") or is_drawn(source.key) for source in sources):
        return sys.maxsize
    return 3 if all(source.label.startswith(("load_", "fetch_")) for source in sources) else 2


RULE = Rule(
    name="multi-test-leak",
    family="leakage",
    severity=Severity.INFORMATION,
    summary="Several models are scored on the same test rows.",
    finds="""
        Two models or more, or one with several settings, that are scored on one set of held-out rows, where no other
        rows are left for the one that is taken in the end. Of a data set that comes with a library: three or more.
        """,
    matters="""
        A comparison on the test rows is a choice by them, even when it is made by eye: the winner's score is too good
        by the luck it had. With few models and many rows the gap is small; what is lost is the one honest number.
        """,
    silent="""
        Points that are made up (`make_moons`), and two models on a bundled data set: they show how the two differ. One
        model with several scores, several seeds, or trained on more and more rows; a `DummyClassifier` to compare
        with; training scores; validation rows beside test rows; folds and repeated splits; a file that is only
        predicted for; a model whose training goes on. Where the program chooses by the scores, `tune-on-test` tells.
        """,
    repair="There is none: which model to take before the test is yours to decide.",
    bad=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            tree = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            print("tree", tree.score(X_test, y_test))
            bayes = GaussianNB().fit(X_train, y_train)
            print("bayes", bayes.score(X_test, y_test))  # <- multi-test-leak
            forest = RandomForestClassifier(n_estimators=10, random_state=0).fit(X_train, y_train)
            print("forest", forest.score(X_test, y_test))
            """
        ),
        example(
            """
            from pathlib import Path

            import pandas as pd
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.metrics import classification_report
            from sklearn.model_selection import train_test_split

            rows = [f"{age},{age * 37 % 11},{int(age * 37 % 11 > 4)}" for age in range(20, 90)]
            Path("patients.csv").write_text("\\n".join(["age,marker,ill", *rows]))
            patients = pd.read_csv("patients.csv")
            X, y = patients[["age", "marker"]], patients["ill"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = RandomForestClassifier(n_estimators=10, random_state=0)
            model.fit(X_train, y_train)
            print(classification_report(y_test, model.predict(X_test)))
            model = RandomForestClassifier(n_estimators=30, max_depth=4, random_state=0)
            model.fit(X_train, y_train)
            print(classification_report(y_test, model.predict(X_test)))  # <- multi-test-leak
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            errors = []
            for depth in range(1, 30):
                tree = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(X_train, y_train)
                predicted = tree.predict(X_test)
                errors.append(np.mean(predicted != y_test))  # <- multi-test-leak
            print(errors)
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Lasso, LinearRegression, Ridge
            from sklearn.metrics import r2_score


            def run(model):
                model.fit(X[:300], y[:300])
                return r2_score(y[300:], model.predict(X[300:]))  # <- multi-test-leak


            X, y = load_diabetes(return_X_y=True)
            for model in (Ridge(alpha=0.1), Lasso(alpha=0.1), LinearRegression()):
                print(type(model).__name__, run(model))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import make_moons
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB
            from sklearn.svm import SVC
            from sklearn.tree import DecisionTreeClassifier

            X, y = make_moons(300, noise=0.3, random_state=0)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            for model in (GaussianNB(), SVC(), DecisionTreeClassifier(random_state=0)):
                print("where the border runs:", model.fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.neighbors import KNeighborsClassifier
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            near = make_pipeline(StandardScaler(), KNeighborsClassifier()).fit(X_train, y_train)
            print("scaled", near.score(X_test, y_test))
            near = make_pipeline(StandardScaler(), KNeighborsClassifier(weights="distance")).fit(X_train, y_train)
            print("by distance", near.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import cross_val_score, train_test_split
            from sklearn.naive_bayes import GaussianNB
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            for model in (DecisionTreeClassifier(random_state=0), GaussianNB()):
                print(cross_val_score(model, X_train, y_train).mean())
            print(GaussianNB().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.metrics import accuracy_score, f1_score
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = GaussianNB().fit(X_train, y_train)
            y_pred = model.predict(X_test)
            print(accuracy_score(y_test, y_pred), f1_score(y_test, y_pred, average="macro"))
            print(model.score(X_train, y_train), model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.dummy import DummyClassifier
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print("always the largest class", DummyClassifier().fit(X_train, y_train).score(X_test, y_test))
            print("model", GaussianNB().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_rest, X_test, y_rest, y_test = train_test_split(X, y, random_state=0)
            X_train, X_val, y_train, y_val = train_test_split(X_rest, y_rest, random_state=0)
            tree = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            bayes = GaussianNB().fit(X_train, y_train)
            print(tree.score(X_val, y_val), bayes.score(X_val, y_val))
            print("test", bayes.score(X_test, y_test))
            """
        ),
        example(
            """
            from pathlib import Path

            import pandas as pd
            from sklearn.ensemble import RandomForestRegressor
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            sold = [f"{area},{area % 7},{2 * area + area % 7}" for area in range(80)]
            Path("train.csv").write_text("\\n".join(["a,b,price", *sold]))
            Path("test.csv").write_text("\\n".join(["a,b", "5,1", "9,4"]))
            train, test = pd.read_csv("train.csv"), pd.read_csv("test.csv")
            X_train, X_held, y_train, y_held = train_test_split(train[["a", "b"]], train["price"], random_state=0)
            forest = RandomForestRegressor(n_estimators=10, random_state=0).fit(X_train, y_train)
            line = LinearRegression().fit(X_train, y_train)
            print(forest.score(X_held, y_held), line.score(X_held, y_held))
            pd.DataFrame({"price": forest.predict(test[["a", "b"]])}).to_csv("submission.csv", index=False)
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_wine
            from sklearn.linear_model import SGDClassifier
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scaler = StandardScaler().fit(X_train)
            model = SGDClassifier(random_state=0)
            for epoch in range(5):
                model.partial_fit(scaler.transform(X_train), y_train, classes=np.unique(y))
                print(epoch, model.score(scaler.transform(X_test), y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            for size in (30, 60, 120):
                model = DecisionTreeClassifier(random_state=0).fit(X_train[:size], y_train[:size])
                print(size, model.score(X_test, y_test))
            """
        ),
    ),
    check=check,
    references=(
        "scikit-learn user guide, [cross-validation](https://scikit-learn.org/stable/modules/cross_validation.html): "
        "why a test set is held out while settings are chosen",
    ),
)
