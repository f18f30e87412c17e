"""A scaler, imputer, reducer, encoder or statistic has seen the rows that later test the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules import leaks
from mlsense.rules.finding import Severity
from mlsense.rules.rule import Draft, Rule, example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    yield from leaks.drafts(trace, "fit-before-split")


RULE = Rule(
    name="fit-before-split",
    family="leakage",
    severity=Severity.WARNING,
    summary="A scaler, imputer, encoder or statistic has seen the rows that later test the model.",
    finds="""
        A transformer that is fitted, or a mean, median or standard deviation that is computed, on rows of which some
        are used later to test the model: they go to the test part of a split, to a fold of a cross-validation, or to a
        score. It follows the values through variables, functions, classes, loops and notebook cells.
        """,
    matters="""
        A test is to show how the model does on rows nobody has seen. What a transformer learned from the test rows
        enters the training rows, so the score is too good and the model disappoints later. Scaling and filling gaps
        usually shift a score by little; what uses the targets (target encoding, supervised reduction) by much. Of
        choices of columns `feature-selection-before-split` tells, of gaps filled by hand `impute-before-split`, of
        words `tfidf-fit-on-all`.
        """,
    silent="""
        Transformers that learn nothing (`Normalizer`, `HashingVectorizer`, `FunctionTransformer`), statistics along a
        row (`axis=1`), constants, encoded target classes, what is only printed or plotted, work without any test, and
        rows that were not followed. A fit inside a pipeline that the split, the search or the cross-validation gets as
        a whole is right. A second split of the training part is silent; in a cross-validation of the training part,
        while the test part is untouched, it is information only.
        """,
    repair="""
        Moves the fit below the split: it learns from the training part and transforms both. Before a cross-validation
        or a search it goes into one pipeline with the model (imbalanced-learn's for a resampler), the keys of the
        grid get its name. Offered where nothing else uses what it made, so that nothing else changes; safe. Elsewhere
        the message says what to do.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.neighbors import KNeighborsClassifier
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            scaler = StandardScaler()
            X = scaler.fit_transform(X)  # <- fit-before-split
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = KNeighborsClassifier().fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.decomposition import PCA
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import cross_val_score

            X, y = load_breast_cancer(return_X_y=True)
            reduced = PCA(n_components=5).fit_transform(X)  # <- fit-before-split, unscaled-distance-model
            print(cross_val_score(LogisticRegression(max_iter=5000), reduced, y).mean())
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.impute import SimpleImputer
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            houses = pd.DataFrame(
                {
                    "area": [50.0, 64.0, np.nan, 120.0, 75.0, 81.0, np.nan, 99.0],
                    "rooms": [2.0, 3.0, 4.0, 5.0, np.nan, 3.0, 2.0, 4.0],
                    "price": [150.0, 190.0, 260.0, 350.0, 220.0, 230.0, 140.0, 300.0],
                }
            )
            X = houses.drop(columns=["price"])
            y = houses["price"]
            X = pd.DataFrame(SimpleImputer().fit_transform(X), columns=X.columns)  # <- fit-before-split
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(LinearRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.preprocessing import PowerTransformer


            def clean(table):
                return PowerTransformer().fit_transform(table)


            features, target = load_diabetes(return_X_y=True, scaled=False)
            features = clean(features)  # <- fit-before-split
            model = Ridge().fit(features[:300], target[:300])
            print(model.score(features[300:], target[300:]))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            Z = (X - X.mean()) / X.std()  # <- fit-before-split
            Z_train, Z_test, y_train, y_test = train_test_split(Z, y, random_state=1)
            print(LogisticRegression().fit(Z_train, y_train).score(Z_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_digits
            from sklearn.decomposition import PCA
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import StratifiedKFold

            X, y = load_digits(return_X_y=True)
            pca = PCA(n_components=20)
            pca.fit(X)  # <- fit-before-split
            reduced = pca.transform(X)
            scores = []
            for train, test in StratifiedKFold(3).split(reduced, y):
                model = LogisticRegression(max_iter=2000).fit(reduced[train], y[train])
                scores.append(model.score(reduced[test], y[test]))
            print(sum(scores) / len(scores))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB
            from sklearn.preprocessing import QuantileTransformer


            class Wines:
                def __init__(self, table):
                    self.transformer = QuantileTransformer(n_quantiles=50)
                    self.table = self.transformer.fit_transform(table)


            X, y = load_wine(return_X_y=True)
            wines = Wines(X)  # <- fit-before-split
            X_train, X_test, y_train, y_test = train_test_split(wines.table, y, random_state=0)
            print(GaussianNB().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.neighbors import KNeighborsClassifier
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scaler = StandardScaler()
            X_train = scaler.fit_transform(X_train)
            X_test = scaler.transform(X_test)
            model = KNeighborsClassifier().fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
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
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import StandardScaler


            def scale(train, test):
                scaler = StandardScaler().fit(train)
                return scaler.transform(train), scaler.transform(test)


            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            X_train, X_test = scale(X_train, X_test)
            print(LogisticRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import LabelEncoder, Normalizer
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_iris(return_X_y=True)
            X = Normalizer().fit_transform(X)
            y = LabelEncoder().fit_transform(y)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(DecisionTreeClassifier().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import train_test_split

            marks = pd.DataFrame({"first": [1.0, 2.0, 3.0, 4.0], "second": [2.0, 2.0, 4.0, 5.0], "final": [3, 4, 7, 9]})
            print(marks.mean())
            marks["mean"] = marks[["first", "second"]].mean(axis=1)
            train, test = train_test_split(marks, random_state=0)
            model = LinearRegression().fit(train[["mean"]], train["final"])
            print(model.predict(test[["mean"]]))
            """
        ),
        example(
            """
            from sklearn.cluster import KMeans
            from sklearn.datasets import load_wine
            from sklearn.preprocessing import StandardScaler

            X, _ = load_wine(return_X_y=True)
            X = StandardScaler().fit_transform(X)
            print(KMeans(n_clusters=3, n_init=3, random_state=0).fit_predict(X))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import KFold
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            scores = []
            for train, test in KFold(4, shuffle=True, random_state=0).split(X):
                scaler = StandardScaler().fit(X[train])
                model = LogisticRegression().fit(scaler.transform(X[train]), y[train])
                scores.append(model.score(scaler.transform(X[test]), y[test]))
            print(sum(scores) / len(scores))
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import StandardScaler

            X, y = load_diabetes(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scaler = StandardScaler().fit(X_train)
            print(Ridge().fit(scaler.transform(X_train), y_train).score(scaler.transform(X_test), y_test))
            final = Ridge().fit(StandardScaler().fit_transform(X), y)
            print(final.coef_)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scaler = StandardScaler()
            X_train = scaler.fit_transform(X_train)
            X_fit, X_valid, y_fit, y_valid = train_test_split(X_train, y_train, random_state=0)
            model = LogisticRegression().fit(X_fit, y_fit)
            print(model.score(X_valid, y_valid), model.score(scaler.transform(X_test), y_test))
            """
        ),
    ),
    check=check,
    references=(
        "scikit-learn user guide, [data leakage](https://scikit-learn.org/stable/common_pitfalls.html#data-leakage)",
        "Kapoor and Narayanan, Leakage and the reproducibility crisis in machine-learning-based science, Patterns 2023",
    ),
)
