"""Columns are chosen by how they go with targets that later test the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import leaks
from mlsense.rules.finding import Severity
from mlsense.rules.rule import Draft, Rule, example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    yield from leaks.drafts(trace, "feature-selection-before-split")


RULE = Rule(
    name="feature-selection-before-split",
    family="leakage",
    severity=Severity.ERROR,
    summary="Columns are chosen with the targets of rows that later test the model.",
    finds="""
        `SelectKBest`, `RFE`, `SelectFromModel` and their kind, importances or coefficients of a model, correlations
        with the target: what chooses the columns has seen the targets of rows that later test the model.
        """,
    matters="""
        Among many columns some go with the target by accident. Who chooses them with all targets chooses those whose
        accident holds in the test rows too: with enough columns of pure noise, a coin toss becomes seven right answers
        of ten.
        """,
    silent="""
        A choice made on the training part; a selector inside a pipeline that the split, the search or the
        cross-validation gets as a whole; choices that know no targets, such as `VarianceThreshold` (`fit-before-split`
        tells of it); importances that are printed or drawn and choose nothing.
        """,
    repair="""
        Moves the choice below the split: it is made on the training part and used on both. Before a cross-validation
        or a search it goes into one pipeline with the model (imbalanced-learn's for a resampler), the keys of the
        grid get its name. Offered where nothing else uses what it made, so that nothing else changes; safe. Elsewhere
        the message says what to do.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.feature_selection import SelectKBest
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import cross_val_score

            X, y = load_breast_cancer(return_X_y=True)
            best = SelectKBest(k=5).fit_transform(X, y)  # <- feature-selection-before-split
            print(cross_val_score(LogisticRegression(max_iter=5000), best, y).mean())
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.datasets import load_breast_cancer
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.model_selection import train_test_split

            X, y = load_breast_cancer(return_X_y=True, as_frame=True)
            forest = RandomForestClassifier(20, random_state=0).fit(X, y)  # <- feature-selection-before-split
            weights = pd.Series(forest.feature_importances_, index=X.columns)
            best = weights.nlargest(5).index
            X_train, X_test, y_train, y_test = train_test_split(X[best], y, random_state=0)
            print(RandomForestClassifier(20, random_state=0).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            cells = load_breast_cancer(as_frame=True).frame
            relations = cells.corr()["target"].drop("target").abs()  # <- feature-selection-before-split
            chosen = relations[relations > 0.5].index
            X, y = cells[chosen], cells["target"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LogisticRegression(max_iter=5000).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.feature_selection import RFE
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_breast_cancer(return_X_y=True)
            selector = RFE(DecisionTreeClassifier(random_state=0), n_features_to_select=6)
            selector.fit(X, y)  # <- feature-selection-before-split
            X = X[:, selector.support_]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LogisticRegression(max_iter=5000).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.feature_selection import SelectKBest
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import cross_val_score
            from sklearn.pipeline import make_pipeline

            X, y = load_breast_cancer(return_X_y=True)
            pipeline = make_pipeline(SelectKBest(k=5), LogisticRegression(max_iter=5000))
            print(cross_val_score(pipeline, X, y).mean())
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.feature_selection import SelectKBest
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            selector = SelectKBest(k=5).fit(X_train, y_train)
            model = LogisticRegression(max_iter=5000).fit(selector.transform(X_train), y_train)
            print(model.score(selector.transform(X_test), y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.model_selection import train_test_split

            X, y = load_breast_cancer(return_X_y=True, as_frame=True)
            forest = RandomForestClassifier(20, random_state=0).fit(X, y)
            print(sorted(zip(forest.feature_importances_, X.columns))[-3:])
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(RandomForestClassifier(20, random_state=0).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            cells = load_breast_cancer(as_frame=True).frame
            print(cells.corr()["target"].sort_values())
            X, y = cells.drop(columns="target"), cells["target"]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LogisticRegression(max_iter=5000).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            cells = load_breast_cancer(as_frame=True).frame
            train, test = train_test_split(cells, random_state=0)
            relations = train.corr()["target"].drop("target").abs()
            chosen = relations[relations > 0.5].index
            model = LogisticRegression(max_iter=5000).fit(train[chosen], train["target"])
            print(model.score(test[chosen], test["target"]))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.datasets import load_breast_cancer
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_breast_cancer(return_X_y=True, as_frame=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            tree = DecisionTreeClassifier(random_state=0).fit(X_train, y_train)
            best = pd.Series(tree.feature_importances_, index=X.columns).nlargest(5).index
            model = LogisticRegression(max_iter=5000).fit(X_train[best], y_train)
            print(model.score(X_test[best], y_test))
            """
        ),
    ),
    check=check,
    references=("Ambroise and McLachlan, Selection bias in gene extraction, PNAS 2002",),
)
