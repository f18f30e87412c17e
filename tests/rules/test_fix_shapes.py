"""Each fix in the shapes that programs have: flat, in functions, over cells, in loops, by columns, over many lines."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING

import pytest

from mlsense.analysis import Analyser
from mlsense.rules.finding import Severity
from mlsense.syntax import notebook_of_cells
from mlsense.text import apply_edits
from rules.running import printed

if TYPE_CHECKING:
    from pathlib import Path

    from mlsense.rules.finding import Finding

HEAD = """\
import numpy as np
import pandas as pd
from imblearn.over_sampling import SMOTE, RandomOverSampler
from sklearn.datasets import load_breast_cancer, load_wine
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import f1_score, roc_curve
from sklearn.model_selection import GridSearchCV, KFold, ShuffleSplit, StratifiedKFold, cross_val_score, cross_validate
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import MinMaxScaler, OneHotEncoder, QuantileTransformer, StandardScaler
from sklearn.tree import DecisionTreeClassifier

wine = load_wine(as_frame=True).frame
X, y = load_wine(return_X_y=True)
"""
TOGETHER = "from sklearn.pipeline import make_pipeline\nfrom sklearn.compose import make_column_transformer\n"
# By rule and shape: what was written, and what was meant; cells stand apart by a line of dashes.
SHAPES: dict[str, dict[str, tuple[str, str]]] = {
    "fit-before-split": {
        "in a function": (
            """
            def evaluate(table, target):
                scaler = QuantileTransformer(n_quantiles=20)
                table = scaler.fit_transform(table)
                X_train, X_test, y_train, y_test = train_test_split(table, target, random_state=0)
                model = KNeighborsClassifier(3).fit(X_train, y_train)
                return f1_score(y_test, model.predict(X_test), average="macro")


            print(evaluate(X, y))
            """,
            """
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scaler = QuantileTransformer(n_quantiles=20).fit(X_train)
            model = KNeighborsClassifier(3).fit(scaler.transform(X_train), y_train)
            print(f1_score(y_test, model.predict(scaler.transform(X_test)), average="macro"))
            """,
        ),
        "in a main function that nothing is handed to": (
            """
            def main():
                rows, target = load_wine(return_X_y=True)
                # all to one scale
                scaled = QuantileTransformer(
                    n_quantiles=20,  # few
                    output_distribution="normal",
                ).fit_transform(rows)

                X_train, X_test, y_train, y_test = train_test_split(
                    scaled,
                    target,
                    test_size=0.3,
                    random_state=0,
                )
                print(KNeighborsClassifier(3).fit(X_train, y_train).score(X_test, y_test))


            if __name__ == "__main__":
                main()
            """,
            """
            X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=0.3, random_state=0)
            scaler = QuantileTransformer(n_quantiles=20, output_distribution="normal").fit(X_train)
            model = KNeighborsClassifier(3).fit(scaler.transform(X_train), y_train)
            print(model.score(scaler.transform(X_test), y_test))
            """,
        ),
        "below `if __name__`": (
            """
            if __name__ == "__main__":
                reducer = PCA(3)
                reduced = reducer.fit_transform(X)
                A, B, a, b = train_test_split(reduced, y, random_state=0)
                print(KNeighborsClassifier(3).fit(A, a).score(B, b))
            """,
            """
            A, B, a, b = train_test_split(X, y, random_state=0)
            reducer = PCA(3).fit(A)
            print(KNeighborsClassifier(3).fit(reducer.transform(A), a).score(reducer.transform(B), b))
            """,
        ),
        "in two cells, with comments": (
            """
            scaler = QuantileTransformer(n_quantiles=20)
            scaler.fit(X)  # learns the quantiles
            Z = scaler.transform(X)
            ----
            # the usual parts
            X_train, X_test, y_train, y_test = train_test_split(Z, y, random_state=0)
            ----
            print(KNeighborsClassifier(3).fit(X_train, y_train).score(X_test, y_test))
            """,
            """
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scaler = QuantileTransformer(n_quantiles=20).fit(X_train)
            model = KNeighborsClassifier(3).fit(scaler.transform(X_train), y_train)
            print(model.score(scaler.transform(X_test), y_test))
            """,
        ),
        "columns of a table, before the features are taken": (
            """
            numbers = ["alcohol", "proline", "hue"]
            wine[numbers] = QuantileTransformer(n_quantiles=9).fit_transform(wine[numbers])
            features = wine.drop(columns=["target"])
            target = wine["target"]
            X_train, X_test, y_train, y_test = train_test_split(features, target, random_state=0)
            print(KNeighborsClassifier(3).fit(X_train, y_train).score(X_test, y_test))
            """,
            """
            numbers = ["alcohol", "proline", "hue"]
            X_train, X_test, y_train, y_test = train_test_split(
                wine.drop(columns="target"), wine["target"], random_state=0
            )
            scaler = QuantileTransformer(n_quantiles=9).fit(X_train[numbers])
            for part in (X_train, X_test):
                part[numbers] = scaler.transform(part[numbers])
            print(KNeighborsClassifier(3).fit(X_train, y_train).score(X_test, y_test))
            """,
        ),
        "one column as an array, features in the call": (
            """
            scaler = QuantileTransformer(n_quantiles=9)
            wine["proline"] = scaler.fit_transform(wine["proline"].values.reshape(-1, 1))
            X_train, X_test, y_train, y_test = train_test_split(
                wine.drop("target", axis=1), wine["target"], random_state=0
            )
            print(KNeighborsClassifier(3).fit(X_train, y_train).score(X_test, y_test))
            """,
            """
            X_train, X_test, y_train, y_test = train_test_split(
                wine.drop(columns="target"), wine["target"], random_state=0
            )
            scaler = QuantileTransformer(n_quantiles=9).fit(X_train[["proline"]].values)
            for part in (X_train, X_test):
                part["proline"] = scaler.transform(part[["proline"]].values)
            print(KNeighborsClassifier(3).fit(X_train, y_train).score(X_test, y_test))
            """,
        ),
        "several steps side by side": (
            """
            wine["strong"] = np.where(wine["alcohol"] > 13, "yes", "no")
            numbers, kinds = ["proline", "hue"], ["strong"]
            ----
            numeric = QuantileTransformer(n_quantiles=9).fit_transform(wine[["proline", "hue"]])
            encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False)
            coded = encoder.fit_transform(wine[["strong"]])
            Z = np.hstack([numeric, coded, wine[["ash"]].values])
            X_train, X_test, y_train, y_test = train_test_split(Z, wine["target"], random_state=0)
            print(KNeighborsClassifier(3).fit(X_train, y_train).score(X_test, y_test))
            """,
            """
            wine["strong"] = np.where(wine["alcohol"] > 13, "yes", "no")
            train, test = train_test_split(wine, random_state=0)
            scaler = QuantileTransformer(n_quantiles=9).fit(train[["proline", "hue"]])
            encoder = OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(train[["strong"]])
            def rows(part):
                coded = encoder.transform(part[["strong"]])
                return np.hstack([scaler.transform(part[["proline", "hue"]]), coded, part[["ash"]].values])
            print(KNeighborsClassifier(3).fit(rows(train), train["target"]).score(rows(test), test["target"]))
            """,
        ),
        "several steps, each on its columns, before folds": (
            """
            features, target = wine.drop(columns="target"), wine["target"]
            features[["alcohol", "ash"]] = MinMaxScaler().fit_transform(features[["alcohol", "ash"]])
            features["proline"] = StandardScaler().fit_transform(features[["proline"]])
            print(cross_val_score(KNeighborsClassifier(3), features, target, cv=4, scoring="f1_macro"))
            """,
            TOGETHER
            + """
            steps = make_column_transformer(
                (MinMaxScaler(), ["alcohol", "ash"]), (StandardScaler(), ["proline"]), remainder="passthrough"
            )
            model = make_pipeline(steps, KNeighborsClassifier(3))
            print(cross_val_score(model, wine.drop(columns="target"), wine["target"], cv=4, scoring="f1_macro"))
            """,
        ),
        "columns, before a search in a function": (
            """
            def search(table):
                table[["proline", "hue"]] = StandardScaler().fit_transform(table[["proline", "hue"]])
                features = table[["proline", "hue", "ash"]]
                grid = GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [3, 9]}, cv=4)
                grid.fit(features, table["target"])
                print(round(grid.best_score_, 6), sorted(grid.best_params_.values()))


            search(wine)
            """,
            TOGETHER
            + """
            steps = make_column_transformer((StandardScaler(), ["proline", "hue"]), remainder="passthrough")
            model = make_pipeline(steps, KNeighborsClassifier())
            grid = GridSearchCV(model, {"kneighborsclassifier__n_neighbors": [3, 9]}, cv=4)
            grid.fit(wine[["proline", "hue", "ash"]], wine["target"])
            print(round(grid.best_score_, 6), sorted(grid.best_params_.values()))
            """,
        ),
        "before folds, by keywords, over lines, in a function": (
            """
            def scores(rows, target):
                rows = QuantileTransformer(n_quantiles=20).fit_transform(rows)
                model = KNeighborsClassifier(3)
                return cross_val_score(
                    estimator=model,
                    X=rows,
                    y=target,
                    cv=KFold(3, shuffle=True, random_state=0),
                )


            print(scores(X, y))
            """,
            TOGETHER
            + """
            model = make_pipeline(QuantileTransformer(n_quantiles=20), KNeighborsClassifier(3))
            print(cross_val_score(model, X, y, cv=KFold(3, shuffle=True, random_state=0)))
            """,
        ),
    },
    "impute-before-split": {
        "one column, by its mean": (
            """
            wine = wine.mask(wine == wine.max())
            wine["target"] = y
            wine = wine.fillna({"ash": 1.0}).fillna(0).assign(hue=wine["hue"])
            wine["hue"] = wine["hue"].fillna(wine["hue"].mean())
            features = wine.drop(columns="target")
            X_train, X_test, y_train, y_test = train_test_split(features, wine["target"], random_state=0)
            print(Ridge().fit(X_train, y_train).score(X_test, y_test))
            """,
            """
            wine = wine.mask(wine == wine.max())
            wine["target"] = y
            wine = wine.fillna({"ash": 1.0}).fillna(0).assign(hue=wine["hue"])
            features = wine.drop(columns="target")
            X_train, X_test, y_train, y_test = train_test_split(features, wine["target"], random_state=0)
            mean = X_train["hue"].mean()
            X_train, X_test = X_train.fillna({"hue": mean}), X_test.fillna({"hue": mean})
            print(Ridge().fit(X_train, y_train).score(X_test, y_test))
            """,
        ),
        "in a function": (
            """
            def run(table):
                table = table.mask(table > 1000)
                filled = table.fillna(table.median())
                A, B, a, b = train_test_split(filled, y, random_state=0)
                return Ridge().fit(A, a).score(B, b)


            print(run(wine.drop(columns="target")))
            """,
            """
            table = wine.drop(columns="target").mask(wine.drop(columns="target") > 1000)
            A, B, a, b = train_test_split(table, y, random_state=0)
            middle = A.median()
            print(Ridge().fit(A.fillna(middle), a).score(B.fillna(middle), b))
            """,
        ),
        "over cells": (
            """
            table = wine.drop(columns="target").mask(wine.drop(columns="target") > 1000)
            ----
            # fill the gaps
            table = table.fillna(table.mean())
            ----
            A, B, a, b = train_test_split(table, y, random_state=0)
            print(Ridge().fit(A, a).score(B, b))
            """,
            """
            table = wine.drop(columns="target").mask(wine.drop(columns="target") > 1000)
            A, B, a, b = train_test_split(table, y, random_state=0)
            middle = A.mean()
            print(Ridge().fit(A.fillna(middle), a).score(B.fillna(middle), b))
            """,
        ),
        "two columns, the target in the call": (
            """
            table = wine.assign(hue=wine["hue"].mask(wine["hue"] > 1.2), ash=wine["ash"].mask(wine["ash"] > 2.5))
            table[["hue", "ash"]] = table[["hue", "ash"]].fillna(table[["hue", "ash"]].median())
            A, B, a, b = train_test_split(table[["hue", "ash", "proline"]], table["target"], random_state=0)
            print(Ridge().fit(A, a).score(B, b))
            """,
            """
            table = wine.assign(hue=wine["hue"].mask(wine["hue"] > 1.2), ash=wine["ash"].mask(wine["ash"] > 2.5))
            A, B, a, b = train_test_split(table[["hue", "ash", "proline"]], table["target"], random_state=0)
            middle = A[["hue", "ash"]].median()
            print(Ridge().fit(A.fillna(middle), a).score(B.fillna(middle), b))
            """,
        ),
        "a table that is split whole": (
            """
            table = wine.assign(hue=wine["hue"].mask(wine["hue"] > 1.2))
            table["hue"] = table["hue"].fillna(table["hue"].max())
            train, test = train_test_split(table, random_state=0)
            print(Ridge().fit(train[["hue"]], train["target"]).score(test[["hue"]], test["target"]))
            """,
            """
            table = wine.assign(hue=wine["hue"].mask(wine["hue"] > 1.2))
            train, test = train_test_split(table, random_state=0)
            top = train["hue"].max()
            train, test = train.fillna({"hue": top}), test.fillna({"hue": top})
            print(Ridge().fit(train[["hue"]], train["target"]).score(test[["hue"]], test["target"]))
            """,
        ),
    },
    "feature-selection-before-split": {
        "in a function": (
            """
            def evaluate(rows, labels):
                best = SelectKBest(k=4)
                chosen = best.fit_transform(rows, labels)
                A, B, a, b = train_test_split(chosen, labels, random_state=0)
                return DecisionTreeClassifier(random_state=0).fit(A, a).score(B, b)


            print(evaluate(X, y))
            """,
            """
            A, B, a, b = train_test_split(X, y, random_state=0)
            best = SelectKBest(k=4).fit(A, a)
            print(DecisionTreeClassifier(random_state=0).fit(best.transform(A), a).score(best.transform(B), b))
            """,
        ),
        "over cells": (
            """
            chosen = SelectKBest(k=4).fit_transform(X, y)
            ----
            A, B, a, b = train_test_split(chosen, y, random_state=0)
            print(DecisionTreeClassifier(random_state=0).fit(A, a).score(B, b))
            """,
            """
            A, B, a, b = train_test_split(X, y, random_state=0)
            best = SelectKBest(k=4).fit(A, a)
            print(DecisionTreeClassifier(random_state=0).fit(best.transform(A), a).score(best.transform(B), b))
            """,
        ),
        "before folds in a function": (
            """
            def evaluate(rows, labels):
                chosen = SelectKBest(k=4).fit_transform(rows, labels)
                return cross_validate(DecisionTreeClassifier(random_state=0), chosen, labels, cv=3)["test_score"]


            print(evaluate(X, y))
            """,
            TOGETHER
            + """
            model = make_pipeline(SelectKBest(k=4), DecisionTreeClassifier(random_state=0))
            print(cross_validate(model, X, y, cv=3)["test_score"])
            """,
        ),
        "in one loop over models": (
            """
            best = SelectKBest(k=4)
            chosen = best.fit_transform(X, y)  # the four best
            for model in (DecisionTreeClassifier(max_depth=1), DecisionTreeClassifier(random_state=0)):
                print(cross_val_score(model, chosen, y))
            """,
            TOGETHER
            + """
            for model in (DecisionTreeClassifier(max_depth=1), DecisionTreeClassifier(random_state=0)):
                print(cross_val_score(make_pipeline(SelectKBest(k=4), model), X, y))
            """,
        ),
        "under the same name, in a search over lines": (
            """
            X = SelectKBest(k=4).fit_transform(X, y)
            search = GridSearchCV(
                DecisionTreeClassifier(random_state=0),
                {"max_depth": [1, 3]},
                cv=3,
            )
            search.fit(X, y)
            print(round(search.best_score_, 6))
            """,
            TOGETHER
            + """
            model = make_pipeline(SelectKBest(k=4), DecisionTreeClassifier(random_state=0))
            search = GridSearchCV(model, {"decisiontreeclassifier__max_depth": [1, 3]}, cv=3).fit(X, y)
            print(round(search.best_score_, 6))
            """,
        ),
    },
    "resample-before-split": {
        "in a function": (
            """
            def run(rows, labels):
                more = SMOTE(random_state=0)
                rows, labels = more.fit_resample(rows, labels)
                A, B, a, b = train_test_split(rows, labels, random_state=0)
                return DecisionTreeClassifier(random_state=0).fit(A, a).score(B, b)


            print(run(X[20:], y[20:]))
            """,
            """
            A, B, a, b = train_test_split(X[20:], y[20:], random_state=0)
            A, a = SMOTE(random_state=0).fit_resample(A, a)
            print(DecisionTreeClassifier(random_state=0).fit(A, a).score(B, b))
            """,
        ),
        "over cells": (
            """
            rows, labels = RandomOverSampler(random_state=0).fit_resample(X[20:], y[20:])
            """.replace("X[20:], y[20:]", "some, few")
            + """
            ----
            A, B, a, b = train_test_split(rows, labels, random_state=0)
            print(DecisionTreeClassifier(random_state=0).fit(A, a).score(B, b))
            """,
            """
            A, B, a, b = train_test_split(some, few, random_state=0)
            A, a = RandomOverSampler(random_state=0).fit_resample(A, a)
            print(DecisionTreeClassifier(random_state=0).fit(A, a).score(B, b))
            """,
        ),
        "keeping the shares, over lines": (
            """
            rows, labels = SMOTE(
                random_state=0,
            ).fit_resample(some, few)
            A, B, a, b = train_test_split(
                rows, labels, stratify=labels, random_state=0  # the same shares
            )
            print(DecisionTreeClassifier(random_state=0).fit(A, a).score(B, b))
            """,
            """
            A, B, a, b = train_test_split(some, few, stratify=few, random_state=0)
            A, a = SMOTE(random_state=0).fit_resample(A, a)
            print(DecisionTreeClassifier(random_state=0).fit(A, a).score(B, b))
            """,
        ),
        "before folds in a function": (
            """
            def run(rows, labels):
                rows, labels = SMOTE(random_state=0).fit_resample(rows, labels)
                return cross_val_score(DecisionTreeClassifier(random_state=0), rows, labels, cv=3)


            print(run(some, few))
            """,
            """
            from imblearn.pipeline import make_pipeline
            model = make_pipeline(SMOTE(random_state=0), DecisionTreeClassifier(random_state=0))
            print(cross_val_score(model, some, few, cv=3))
            """,
        ),
        "before a search": (
            """
            rows, labels = RandomOverSampler(random_state=0).fit_resample(some, few)
            search = GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [1, 3]}, cv=3)
            search.fit(rows, labels)
            print(round(search.best_score_, 6))
            """,
            """
            from imblearn.pipeline import make_pipeline
            model = make_pipeline(RandomOverSampler(random_state=0), DecisionTreeClassifier(random_state=0))
            search = GridSearchCV(model, {"decisiontreeclassifier__max_depth": [1, 3]}, cv=3).fit(some, few)
            print(round(search.best_score_, 6))
            """,
        ),
    },
    "temporal-shuffle": {
        "a split over lines": (
            """
            A, B, a, b = train_test_split(
                sales[["before", "price"]],
                sales["sold"],
                test_size=0.3,  # the last third
                random_state=0,
            )
            print(Ridge().fit(A, a).score(B, b))
            """,
            """
            n = len(sales) - int(np.ceil(len(sales) * 0.3))
            A, B, a, b = lags[:n], lags[n:], sold[:n], sold[n:]
            print(Ridge().fit(A, a).score(B, b))
            """,
        ),
        "a score of folds": (
            """
            print(cross_val_score(Ridge(), lags, sold, cv=KFold(n_splits=4, shuffle=True, random_state=0)))
            """,
            """
            from sklearn.model_selection import TimeSeriesSplit
            print(cross_val_score(Ridge(), lags, sold, cv=TimeSeriesSplit(4)))
            """,
        ),
        "folds by hand, over cells": (
            """
            folds = KFold(3, shuffle=True, random_state=0)
            ----
            for train, test in folds.split(lags):
                model = Ridge().fit(lags.iloc[train], sold.iloc[train])
                print(model.score(lags.iloc[test], sold.iloc[test]))
            """,
            """
            from sklearn.model_selection import TimeSeriesSplit
            for train, test in TimeSeriesSplit(3).split(lags):
                model = Ridge().fit(lags.iloc[train], sold.iloc[train])
                print(model.score(lags.iloc[test], sold.iloc[test]))
            """,
        ),
        "a search in a function": (
            """
            def search():
                splitter = KFold(shuffle=True, random_state=0)
                grid = GridSearchCV(Ridge(), {"alpha": [0.1, 10]}, cv=splitter)
                grid.fit(sales[["before", "price"]], sales["sold"])
                return round(grid.best_score_, 6)


            print(search())
            """,
            """
            from sklearn.model_selection import TimeSeriesSplit
            grid = GridSearchCV(Ridge(), {"alpha": [0.1, 10]}, cv=TimeSeriesSplit(5)).fit(lags, sold)
            print(round(grid.best_score_, 6))
            """,
        ),
        "random parts, a keyword, several models": (
            """
            parts = ShuffleSplit(n_splits=3, random_state=0)
            for model in (Ridge(), Ridge(alpha=9)):
                print(cross_val_score(estimator=model, X=lags, y=sold, cv=parts).round(4))
            """,
            """
            from sklearn.model_selection import TimeSeriesSplit
            for model in (Ridge(), Ridge(alpha=9)):
                print(cross_val_score(model, lags, sold, cv=TimeSeriesSplit(3)).round(4))
            """,
        ),
        "by the module's name": (
            """
            from sklearn import model_selection
            folds = model_selection.KFold(5, shuffle=True, random_state=1)
            print(model_selection.cross_validate(Ridge(), lags, sold, cv=folds)["test_score"])
            """,
            """
            from sklearn.model_selection import TimeSeriesSplit
            print(cross_validate(Ridge(), lags, sold, cv=TimeSeriesSplit(5))["test_score"])
            """,
        ),
    },
    "group-leak": {
        "a split over lines": (
            """
            A, B, a, b = train_test_split(
                visits[["age"]],
                visits["sick"],
                test_size=0.5,
                random_state=0,
            )
            print(KNeighborsClassifier(1).fit(A, a).score(B, b))
            """,
            """
            from sklearn.model_selection import GroupShuffleSplit
            splitter = GroupShuffleSplit(1, test_size=0.5, random_state=0)
            train, test = next(splitter.split(visits, groups=visits["patient_id"]))
            A, B, a, b = (visits[name].iloc[rows] for name in (["age"], "sick") for rows in (train, test))
            print(KNeighborsClassifier(1).fit(A, a).score(B, b))
            """,
        ),
        "a score of folds": (
            """
            print(cross_val_score(KNeighborsClassifier(1), visits[["age"]], visits["sick"], cv=2))
            """,
            """
            from sklearn.model_selection import GroupKFold
            rows, sick, who = visits[["age"]], visits["sick"], visits["patient_id"]
            print(cross_val_score(KNeighborsClassifier(1), rows, sick, cv=GroupKFold(2), groups=who))
            """,
        ),
        "by a splitter, in another cell": (
            """
            folds = StratifiedKFold(3, shuffle=True, random_state=0)
            ----
            # how good is it?
            scores = cross_validate(
                KNeighborsClassifier(1), visits[["age"]], visits["sick"],
                cv=folds,
            )
            print(scores["test_score"])
            """,
            """
            from sklearn.model_selection import StratifiedGroupKFold
            folds = StratifiedGroupKFold(3, shuffle=True, random_state=0)
            rows, sick, who = visits[["age"]], visits["sick"], visits["patient_id"]
            print(cross_validate(KNeighborsClassifier(1), rows, sick, cv=folds, groups=who)["test_score"])
            """,
        ),
        "a search": (
            """
            rows, sick = visits[["age"]], visits["sick"]
            search = GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [1, 3]}, cv=3)
            search.fit(rows, sick)
            print(search.best_params_, round(search.best_score_, 6))
            """,
            """
            from sklearn.model_selection import GroupKFold
            rows, sick, who = visits[["age"]], visits["sick"], visits["patient_id"]
            search = GridSearchCV(KNeighborsClassifier(), {"n_neighbors": [1, 3]}, cv=GroupKFold(3))
            search.fit(rows, sick, groups=who)
            print(search.best_params_, round(search.best_score_, 6))
            """,
        ),
        "folds by hand": (
            """
            rows, sick = visits[["age"]], visits["sick"]
            for train, test in KFold(n_splits=3, shuffle=True, random_state=0).split(rows, sick):
                model = KNeighborsClassifier(1).fit(rows.iloc[train], sick.iloc[train])
                print(model.score(rows.iloc[test], sick.iloc[test]))
            """,
            """
            from sklearn.model_selection import GroupKFold
            rows, sick = visits[["age"]], visits["sick"]
            for train, test in GroupKFold(3).split(rows, sick, visits["patient_id"]):
                model = KNeighborsClassifier(1).fit(rows.iloc[train], sick.iloc[train])
                print(model.score(rows.iloc[test], sick.iloc[test]))
            """,
        ),
    },
    "tune-on-test": {
        "a loop over settings": (
            """
            A, B, a, b = train_test_split(X, y, random_state=0)
            scores = []
            for depth in (1, 2, 3):
                model = DecisionTreeClassifier(max_depth=depth, random_state=0).fit(A, a)
                scores.append(model.score(B, b))
            print(scores, np.argmax(scores))
            """,
            """
            A, B, a, b = train_test_split(X, y, random_state=0)
            A, B, a, b = train_test_split(A, a, random_state=0)
            scores = []
            for depth in (1, 2, 3):
                scores.append(DecisionTreeClassifier(max_depth=depth, random_state=0).fit(A, a).score(B, b))
            print(scores, np.argmax(scores))
            """,
        ),
        "the best so far, in a function": (
            """
            def search(rows, labels):
                X_train, X_test, y_train, y_test = train_test_split(rows, labels, random_state=0)
                best, best_depth = 0, None
                for depth in (1, 2, 3):
                    model = DecisionTreeClassifier(max_depth=depth, random_state=0)
                    model.fit(X_train, y_train)  # each time anew
                    score = f1_score(y_test, model.predict(X_test), average="macro")
                    if score > best:
                        best, best_depth = score, depth
                final = DecisionTreeClassifier(max_depth=best_depth, random_state=0).fit(X_train, y_train)
                return best, final.score(X_test, y_test)


            print(search(X, y))
            """,
            """
            A, B, a, b = train_test_split(X, y, random_state=0)
            C, D, c, d = train_test_split(A, a, random_state=0)
            trees = [DecisionTreeClassifier(max_depth=depth, random_state=0) for depth in (1, 2, 3)]
            scores = [f1_score(d, tree.fit(C, c).predict(D), average="macro") for tree in trees]
            print((max(scores), trees[np.argmax(scores)].fit(A, a).score(B, b)))
            """,
        ),
        "a threshold off a curve, over cells": (
            """
            ill, sick = load_breast_cancer(return_X_y=True)
            A, B, a, b = train_test_split(ill, sick, random_state=0)
            ----
            model = DecisionTreeClassifier(max_depth=4, random_state=0).fit(A, a)
            chances = model.predict_proba(B)[:, 1]
            ----
            low, high, cuts = roc_curve(b, chances)
            best = cuts[np.argmax(high - low)]
            ----
            print(round(f1_score(b, chances >= best), 6))
            """,
            """
            ill, sick = load_breast_cancer(return_X_y=True)
            A, B, a, b = train_test_split(ill, sick, random_state=0)
            C, D, c, d = train_test_split(A, a, random_state=0)
            model = DecisionTreeClassifier(max_depth=4, random_state=0).fit(C, c)
            low, high, cuts = roc_curve(d, model.predict_proba(D)[:, 1])
            best = cuts[np.argmax(high - low)]
            print(round(f1_score(b, model.predict_proba(B)[:, 1] >= best), 6))
            """,
        ),
        "a threshold among some": (
            """
            ill, sick = load_breast_cancer(return_X_y=True)
            A, B, a, b = train_test_split(ill, sick, random_state=0)
            scaler = StandardScaler().fit(A)
            A_scaled, B_scaled = scaler.transform(A), scaler.transform(B)
            model = LogisticRegression()
            model.fit(A_scaled, a)
            chances = model.predict_proba(B_scaled)[:, 1]
            cuts = np.arange(0.1, 0.9, 0.1)
            scores = []
            for cut in cuts:
                scores.append(f1_score(b, chances > cut))
            print(cuts[np.argmax(scores)], f1_score(b, chances > cuts[np.argmax(scores)]))
            """,
            """
            ill, sick = load_breast_cancer(return_X_y=True)
            A, B, a, b = train_test_split(ill, sick, random_state=0)
            scaler = StandardScaler().fit(A)
            C, D, c, d = train_test_split(scaler.transform(A), a, random_state=0)
            model = LogisticRegression().fit(C, c)
            cuts = np.arange(0.1, 0.9, 0.1)
            scores = [f1_score(d, model.predict_proba(D)[:, 1] > cut) for cut in cuts]
            chances = model.predict_proba(scaler.transform(B))[:, 1]
            print(cuts[np.argmax(scores)], f1_score(b, chances > cuts[np.argmax(scores)]))
            """,
        ),
        "models in a list": (
            """
            A, B, a, b = train_test_split(X, y, stratify=y, random_state=0)
            models = [DecisionTreeClassifier(max_depth=1), DecisionTreeClassifier(max_depth=3, random_state=0)]
            scores = [model.fit(A, a).score(B, b) for model in models]
            best = models[int(np.argmax(scores))]
            print(best, scores)
            """,
            """
            A, B, a, b = train_test_split(X, y, stratify=y, random_state=0)
            A, B, a, b = train_test_split(A, a, random_state=0)
            models = [DecisionTreeClassifier(max_depth=1), DecisionTreeClassifier(max_depth=3, random_state=0)]
            scores = [model.fit(A, a).score(B, b) for model in models]
            print(models[int(np.argmax(scores))], scores)
            """,
        ),
    },
}
SOME = """\
some, few = X[20:], y[20:]
days = pd.date_range("2024-01-01", periods=60)
sales = pd.DataFrame({"sold": 20 + np.arange(60) % 7 + np.arange(60) % 3, "price": 3 + np.arange(60) % 5}, index=days)
sales["before"] = sales["sold"].shift(1)
sales = sales.dropna()
lags, sold = sales[["before", "price"]], sales["sold"]
visits = pd.DataFrame(
    {
        "patient_id": [1, 2, 3, 4, 5, 6, 1, 2, 3, 4, 5, 6],
        "age": [41, 52, 38, 67, 59, 45, 43, 52, 38, 61, 50, 45],
        "sick": [0, 1, 0, 1, 1, 0, 0, 1, 0, 1, 1, 0],
    }
)
"""
CASES = [(rule, shape) for rule, shapes in SHAPES.items() for shape in shapes]


def cells_of(text: str) -> list[str]:
    """Cells, the first of which imports."""
    parts = textwrap.dedent(text.replace(TOGETHER, "")).strip("\n").split("----\n")
    head = HEAD + (TOGETHER if TOGETHER in text else "") + SOME
    return [head, *(part.strip("\n") + "\n" for part in parts)]


def loud(cells: list[str]) -> list[Finding]:
    document = notebook_of_cells("a.ipynb", [("code", text, None) for text in cells])
    found = Analyser().analyse(document).findings
    return [each for each in found if each.severity in (Severity.ERROR, Severity.WARNING)]


def repaired(cells: list[str], finding: Finding) -> list[str]:
    assert finding.fix is not None
    made = list(cells)
    for number in {edit.cell for edit in finding.fix.edits}:
        made[number] = apply_edits(made[number], [edit.edit for edit in finding.fix.edits if edit.cell == number])
    return made


@pytest.mark.parametrize(("rule", "shape"), CASES)
def test_the_repaired_program_prints_what_was_meant(
    rule: str, shape: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong, right = (cells_of(text) for text in SHAPES[rule][shape])
    first = loud(wrong)
    cells = wrong
    while found := [each for each in loud(cells) if each.rule == rule]:
        cells = repaired(cells, found[0])
        ast.parse("\n".join(cells))
        assert len([each for each in loud(cells) if each.rule == rule]) < len(found), "the finding is gone"
    assert cells != wrong
    assert {each.rule for each in loud(cells)} <= {each.rule for each in first} - {rule}
    meant = printed("\n".join(right), tmp_path, monkeypatch)
    assert meant.strip()
    assert printed("\n".join(cells), tmp_path, monkeypatch) == meant


def test_every_fix_is_tried_in_five_shapes() -> None:
    assert {rule for rule, shapes in SHAPES.items() if len(shapes) < 5} == set()


TABLE = 'wine[["ash", "hue"]] = StandardScaler().fit_transform(wine[["ash", "hue"]])\n'
PARTS = 'A, B, a, b = train_test_split(wine.drop(columns="target"), wine["target"], random_state=0)\n'
TRY = "print(KNeighborsClassifier().fit(A, a).score(B, b))\n"
NOT_CERTAIN = {
    "the table is shown in between": TABLE + "print(wine.describe())\n" + PARTS + TRY,
    "the table is used afterwards": TABLE + PARTS + TRY + "wine.plot.scatter('ash', 'hue')\n",
    "a new column is made of one of them": TABLE + 'wine["both"] = wine["ash"] * wine["hue"]\n' + PARTS + TRY,
    "the target is among them": 'wine[["ash", "target"]] = StandardScaler().fit_transform(wine[["ash", "target"]])\n'
    + PARTS
    + TRY.replace("KNeighborsClassifier", "Ridge"),
    "the features leave one of them out": TABLE + PARTS.replace('columns="target"', 'columns=["target", "hue"]') + TRY,
    "rows are dropped in between": TABLE + "wine = wine[wine.ash < 1]\n" + PARTS + TRY,
    "a function reads the table": TABLE + "def show():\n    print(wine.ash.mean())\n" + PARTS + "show()\n" + TRY,
    "in a loop": "for seed in range(3):\n"
    + textwrap.indent("Z = StandardScaler().fit_transform(X)\n", "    ")
    + "    A, B, a, b = train_test_split(Z, y, random_state=seed)\n    "
    + TRY,
    "in a branch": "if len(X) > 9:\n    Z = StandardScaler().fit_transform(X)\nA, B, a, b = train_test_split(Z, y)\n"
    + TRY,
    "in another function": "def scaled():\n    return StandardScaler().fit_transform(X)\n\n\nZ = scaled()\n"
    + "A, B, a, b = train_test_split(Z, y)\n"
    + TRY,
    "the function shows it": "def run(rows):\n    Z = StandardScaler().fit_transform(rows)\n    print(Z.std())\n"
    + "    A, B, a, b = train_test_split(Z, y)\n    "
    + TRY
    + "\n\nrun(X)\n",
    "the function gives the scaler back": "def run(rows):\n    scaler = StandardScaler()\n"
    + "    Z = scaler.fit_transform(rows)\n    first = scaler.transform(rows[:1])\n"
    + "    A, B, a, b = train_test_split(Z, y)\n    "
    + TRY
    + "\n\nrun(X)\n",
    "another value may come in the test part": 'wine["town"] = list("ab" * 89)\n'
    + "Z = np.hstack([StandardScaler().fit_transform(wine[['ash']]), OneHotEncoder().fit_transform(wine[['town']])])\n"
    + "A, B, a, b = train_test_split(Z, y)\n"
    + TRY,
    "a step is used twice": 'Z = wine.drop(columns="target")\nscaler = StandardScaler()\n'
    + 'Z[["ash"]] = scaler.fit_transform(Z[["ash"]])\nZ[["hue"]] = scaler.fit_transform(Z[["hue"]])\n'
    + "print(cross_val_score(KNeighborsClassifier(), Z, y))\n",
    "the steps take the same column": 'Z = wine.drop(columns="target")\n'
    + 'Z[["ash"]] = StandardScaler().fit_transform(Z[["ash"]])\n'
    + 'Z[["ash"]] = MinMaxScaler().fit_transform(Z[["ash"]])\nprint(cross_val_score(KNeighborsClassifier(), Z, y))\n',
}


@pytest.mark.parametrize("case", NOT_CERTAIN)
def test_where_moving_could_change_more_there_is_no_fix(case: str) -> None:
    found = [each for each in loud([HEAD, NOT_CERTAIN[case]]) if each.rule == "fit-before-split"]
    assert found, "the leak itself must be seen"
    assert [each.fix for each in found] == [None] * len(found)
