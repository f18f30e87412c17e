"""Rows are drawn or made from rows that later test the model, and the model is trained with them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import leaks
from mlsense.rules.finding import Severity
from mlsense.rules.rule import Draft, Rule, example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    yield from leaks.drafts(trace, "resample-before-split")


RULE = Rule(
    name="resample-before-split",
    family="leakage",
    severity=Severity.WARNING,
    summary="Rows are drawn again or made from others before the split, so that copies of test rows train the model.",
    finds="""
        Over-sampling (`SMOTE`, `RandomOverSampler` and their kind, `resample` and `sample` with `replace=True`) of rows
        that are then split or cross-validated. It follows the rows through variables, `concat` and functions.
        """,
    matters="""
        A copy of a test row, or a mixture of it and its neighbour, is among the training rows: the model has seen the
        answer. The score of the rare class, which is what over-sampling is for, is often far too good. And the test
        rows are no longer as the world is: half of them are of the rare class.
        """,
    silent="""
        Resampling of the training part; a resampler inside imbalanced-learn's pipeline; under-sampling, which makes no
        copies; rows that are drawn without replacement; bootstraps that are not split.
        """,
    repair="""
        Moves the resampling below the split, to the training part alone. Before a cross-validation or a search it
        goes into one pipeline with the model (imbalanced-learn's for a resampler), the keys of the grid get its name.
        Offered where nothing else uses what it made, so that nothing else changes; safe. Elsewhere the message says
        what to do.
        """,
    bad=(
        example(
            """
            from imblearn.over_sampling import SMOTE
            from sklearn.datasets import load_breast_cancer
            from sklearn.metrics import f1_score
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_breast_cancer(return_X_y=True)
            X, y = SMOTE(random_state=0).fit_resample(X, y)  # <- resample-before-split
            X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=0)
            model = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            print(f1_score(y_test, model.predict(X_test)))
            """
        ),
        example(
            """
            from imblearn.over_sampling import RandomOverSampler
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import cross_val_score

            X, y = make_classification(200, weights=[0.9], random_state=0)
            sampler = RandomOverSampler(random_state=0)
            X_more, y_more = sampler.fit_resample(X, y)  # <- resample-before-split
            print(cross_val_score(LogisticRegression(), X_more, y_more).mean())
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split
            from sklearn.utils import resample

            X, y = make_classification(200, weights=[0.9], random_state=0)
            cases = pd.DataFrame(X, columns=list("abcdefghijklmnopqrst"))
            cases["fraud"] = y
            few, many = cases[cases["fraud"] == 1], cases[cases["fraud"] == 0]
            more = resample(few, replace=True, n_samples=len(many), random_state=0)  # <- resample-before-split
            both = pd.concat([many, more])
            X, y = both.drop(columns="fraud"), both["fraud"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LogisticRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            X, y = make_classification(200, weights=[0.9], random_state=0)
            cases = pd.DataFrame(X, columns=list("abcdefghijklmnopqrst"))
            cases["fraud"] = y
            few, many = cases[cases["fraud"] == 1], cases[cases["fraud"] == 0]
            both = pd.concat([many, few.sample(len(many), replace=True, random_state=0)])  # <- resample-before-split
            X, y = both.drop(columns="fraud"), both["fraud"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LogisticRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from imblearn.over_sampling import SMOTE
            from sklearn.datasets import make_classification
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.model_selection import GridSearchCV


            def balanced(X, y):
                return SMOTE(random_state=0).fit_resample(X, y)


            X, y = make_classification(200, weights=[0.9], random_state=0)
            X, y = balanced(X, y)  # <- resample-before-split
            search = GridSearchCV(RandomForestClassifier(10, random_state=0), {"max_depth": [2, 4]}, cv=3).fit(X, y)
            print(search.best_score_)
            """
        ),
    ),
    good=(
        example(
            """
            from imblearn.over_sampling import SMOTE
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            X, y = make_classification(200, weights=[0.9], random_state=0)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            X_train, y_train = SMOTE(random_state=0).fit_resample(X_train, y_train)
            print(LogisticRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from imblearn.over_sampling import SMOTE
            from imblearn.pipeline import make_pipeline
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import cross_val_score

            X, y = make_classification(200, weights=[0.9], random_state=0)
            print(cross_val_score(make_pipeline(SMOTE(random_state=0), LogisticRegression()), X, y).mean())
            """
        ),
        example(
            """
            from imblearn.under_sampling import RandomUnderSampler
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            X, y = make_classification(200, weights=[0.9], random_state=0)
            X, y = RandomUnderSampler(random_state=0).fit_resample(X, y)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LogisticRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.utils import resample

            X, y = make_classification(200, weights=[0.9], random_state=0)
            means = [resample(X[:, 0], random_state=seed).mean() for seed in range(20)]
            print(np.percentile(means, [5, 95]))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split
            from sklearn.utils import resample

            X, y = make_classification(200, weights=[0.9], random_state=0)
            cases = pd.DataFrame(X, columns=list("abcdefghijklmnopqrst"))
            cases["fraud"] = y
            few, many = cases[cases["fraud"] == 1], cases[cases["fraud"] == 0]
            less = resample(many, replace=False, n_samples=len(few), random_state=0)
            both = pd.concat([few, less])
            X, y = both.drop(columns="fraud"), both["fraud"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LogisticRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.datasets import make_classification
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split
            from sklearn.utils import resample

            X, y = make_classification(200, weights=[0.9], random_state=0)
            cases = pd.DataFrame(X, columns=list("abcdefghijklmnopqrst"))
            cases["fraud"] = y
            train, test = train_test_split(cases, stratify=cases["fraud"], random_state=0)
            few, many = train[train["fraud"] == 1], train[train["fraud"] == 0]
            train = pd.concat([many, resample(few, n_samples=len(many), random_state=0)])
            model = LogisticRegression().fit(train.drop(columns="fraud"), train["fraud"])
            print(model.score(test.drop(columns="fraud"), test["fraud"]))
            """
        ),
    ),
    check=check,
    references=(
        "imbalanced-learn user guide, [common pitfalls](https://imbalanced-learn.org/stable/common_pitfalls.html)",
    ),
)
