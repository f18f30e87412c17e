"""Which customers leave? A table with gaps, words and numbers; a helper for each step."""

import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.ensemble import RandomForestClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import classification_report, roc_auc_score
from sklearn.model_selection import GridSearchCV, StratifiedKFold, cross_val_score, train_test_split
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

SEED = 42
TARGET = "churn"


def load(path="customers.csv"):
    table = pd.read_csv(path)
    table.columns = [name.lower().replace(" ", "_") for name in table.columns]
    return table.drop_duplicates()


def add_features(table):
    table = table.copy()
    table["tenure_years"] = table["tenure"] / 12
    table["spend_per_month"] = np.log1p(table["spend"]) / (table["tenure"] + 1)
    return table


def fill_gaps(table, numbers):
    for name in numbers:
        table[name] = table[name].fillna(table[name].median())
    return table


customers = add_features(load())
numbers = ["tenure_years", "spend_per_month", "age"]
words = ["plan", "country"]
customers = fill_gaps(customers, numbers)

X = customers[numbers + words]
y = customers[TARGET]
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=SEED)

prepare = ColumnTransformer(
    [
        ("numbers", Pipeline([("fill", SimpleImputer()), ("scale", StandardScaler())]), numbers),
        ("words", OneHotEncoder(handle_unknown="ignore"), words),
    ]
)
models = {
    "logistic": LogisticRegression(max_iter=1000),
    "forest": RandomForestClassifier(n_estimators=200, random_state=SEED),
}
scores = {}
for name, model in models.items():
    pipeline = Pipeline([("prepare", prepare), ("model", model)])
    folds = StratifiedKFold(5, shuffle=True, random_state=SEED)
    scores[name] = cross_val_score(pipeline, X_train, y_train, cv=folds, scoring="roc_auc").mean()
    print(f"{name}: {scores[name]:.3f}")

best = max(scores, key=scores.get)
search = GridSearchCV(
    Pipeline([("prepare", prepare), ("model", models["forest"])]),
    {"model__max_depth": [4, 8, None]},
    cv=5,
    n_jobs=-1,
)
search.fit(X_train, y_train)
predicted = search.predict(X_test)
probability = search.predict_proba(X_test)[:, 1]
print(best, search.best_params_)
print(classification_report(y_test, predicted))
print("AUC", roc_auc_score(y_test, probability))
