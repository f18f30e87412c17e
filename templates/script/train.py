"""Trains a model and says how good it is on rows that it has not seen.

python train.py                                    on scikit-learn's wines
python train.py --data houses.csv --target price   on a file of your own
"""

import argparse
from pathlib import Path

import joblib
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.datasets import load_wine
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report
from sklearn.model_selection import StratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SEED = 42


def read(path: Path | None, target: str) -> tuple[pd.DataFrame, pd.Series]:
    """The features and the target, a class for each row."""
    if path is None:
        return load_wine(return_X_y=True, as_frame=True)
    df = pd.read_csv(path).dropna(subset=[target])
    return df.drop(columns=[target]), df[target]


def make_model() -> Pipeline:
    """All that is learned from data is a step of it: only training rows shape it."""
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    words = make_pipeline(
        SimpleImputer(strategy="most_frequent"),
        OneHotEncoder(handle_unknown="ignore"),
    )
    columns = make_column_transformer(
        (numbers, make_column_selector(dtype_include="number")),
        (words, make_column_selector(dtype_exclude="number")),
    )
    return make_pipeline(columns, LogisticRegression(max_iter=1000))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, help="a CSV file")
    parser.add_argument("--target", default="target", help="the column to predict")
    parser.add_argument("--output", type=Path, default=Path("model.joblib"))
    arguments = parser.parse_args()

    X, y = read(arguments.data, arguments.target)
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=0.2, stratify=y, random_state=SEED
    )

    folds = StratifiedKFold(n_splits=5, shuffle=True, random_state=SEED)
    model = make_model()
    scores = cross_val_score(model, X_train, y_train, cv=folds, scoring="f1_macro")
    print(f"F1 in five folds of the training rows: {scores.mean():.3f}")

    model.fit(X_train, y_train)
    print("On the test rows:")
    print(classification_report(y_test, model.predict(X_test)))
    # Whoever loads this file runs what is in it: load none that you do not trust.
    joblib.dump(model, arguments.output)
    print(f"The model is in {arguments.output}.")


if __name__ == "__main__":
    main()
