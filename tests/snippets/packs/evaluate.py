"""How the snippets that evaluate and explain are tried out."""

from __future__ import annotations

from snippets.running import Case

CANCER = """\
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=1)
model = make_pipeline(StandardScaler(), LogisticRegression())
model.fit(X_train, y_train)
"""
WITH_VALIDATION = """\
from sklearn.datasets import load_breast_cancer
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X, y = X[["mean texture", "mean smoothness"]], 1 - y
X_rest, X_test, y_rest, y_test = train_test_split(X, y, stratify=y, random_state=1)
X_train, X_val, y_train, y_val = train_test_split(X_rest, y_rest, stratify=y_rest, random_state=1)
model = LogisticRegression()
model.fit(X_train, y_train)
"""
RARE = """\
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, digit = load_digits(return_X_y=True, as_frame=True)
y = (digit == 8).astype(int)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=1)
"""
DIABETES = """\
from sklearn.datasets import load_diabetes
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import train_test_split

X, y = load_diabetes(return_X_y=True, as_frame=True)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
model = RidgeCV()
model.fit(X_train, y_train)
"""
QUALITIES = """\
import pandas as pd
from sklearn.datasets import load_digits
from sklearn.ensemble import ExtraTreesClassifier
from sklearn.model_selection import train_test_split

X, digit = load_digits(return_X_y=True, as_frame=True)
y = pd.DataFrame({"even": digit % 2 == 0, "large": digit > 4, "round": digit.isin([0, 6, 8, 9])}).astype(int)
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
model = ExtraTreesClassifier(random_state=1)
model.fit(X_train, y_train)
"""
PARTIES = """\
from sklearn.ensemble import RandomForestClassifier
from sklearn.model_selection import train_test_split
from statsmodels.datasets import anes96

voters = anes96.load_pandas().data
X, y = voters[["selfLR", "ClinLR", "DoleLR", "age", "educ", "income"]], voters["PID"]
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=1)
model = RandomForestClassifier(min_samples_leaf=5, random_state=1)
model.fit(X_train, y_train)
"""
FOOD = """\
from sklearn.linear_model import QuantileRegressor
from sklearn.model_selection import train_test_split
from statsmodels.datasets import engel

budgets = engel.load_pandas().data
X, y = budgets[["income"]] / 1000, budgets["foodexp"]
X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=1)
low = QuantileRegressor(quantile=0.05, alpha=0).fit(X_train, y_train).predict(X_test)
high = QuantileRegressor(quantile=0.95, alpha=0).fit(X_train, y_train).predict(X_test)
"""
WINE = """\
from sklearn.cluster import KMeans
from sklearn.datasets import load_wine

X, y = load_wine(return_X_y=True, as_frame=True)
model = KMeans(n_clusters=3, n_init=10, random_state=1)
"""
AGES = """\
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from statsmodels.datasets import fair

survey = fair.load_pandas().data
X = survey[["yrs_married", "children", "religious", "rate_marriage"]].assign(group=survey["age"])
y = (survey["affairs"] > 0).astype(int)
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=1)
model = make_pipeline(StandardScaler(), LogisticRegression())
model.fit(X_train, y_train)
"""
TWO_MODELS = """\
from sklearn.datasets import load_wine
from sklearn.naive_bayes import GaussianNB

X, y = load_wine(return_X_y=True, as_frame=True)
model = GaussianNB()
"""
# What is drawn is on the disk, and more than an empty picture.
DRAWN = (
    "display.figure_.savefig('drawn.png')\nfrom pathlib import Path\nassert Path('drawn.png').stat().st_size > 8000\n"
)

CASES = {
    "ml-evaluate-classifier": Case(CANCER, prints="share of the largest class: 0.6"),
    "ml-evaluate-probabilities": Case(CANCER, "assert probability.max() <= 1", prints="ROC AUC: 0.99"),
    "ml-evaluate-regressor": Case(DIABETES, prints="r2: 0.4"),
    "ml-evaluate-multilabel": Case(
        QUALITIES, "assert len(scores) == 3 and scores.min() > 0.9", prints="wrong labels: "
    ),
    "ml-evaluate-ordinal": Case(PARTIES, "assert kappa > 0.4, kappa", prints="quadratic kappa: "),
    "ml-evaluate-range": Case(FOOD, "assert 0.8 < inside < 1", prints="90% are meant to be"),
    "ml-evaluate-clusters": Case(WINE, "assert np.mean(agreements) > 0.8", prints="silhouette: 0.28"),
    "ml-evaluate-confusion": Case(CANCER, "assert display.confusion_matrix.shape == (2, 2)\n" + DRAWN),
    "ml-evaluate-roc": Case(CANCER, "assert display.roc_auc > 0.98\n" + DRAWN),
    "ml-evaluate-precision-recall": Case(CANCER, "assert display.average_precision > 0.98\n" + DRAWN),
    "ml-evaluate-calibration": Case(CANCER, "assert 0 < score < 0.1\n" + DRAWN),
    "ml-evaluate-calibrate": Case(
        CANCER,
        "alone = GaussianNB().fit(X_train, y_train).predict_proba(X_test)[:, 1]\n"
        "assert brier_score_loss(y_test, probability) < brier_score_loss(y_test, alone)",
        prints="Brier score: 0.0",
    ),
    "ml-evaluate-threshold": Case(
        WITH_VALIDATION,
        "assert threshold < 0.4\nassert cost(y_test, probability, threshold) < cost(y_test, probability, 0.5)",
        prints="cost on the test rows: ",
    ),
    "ml-evaluate-threshold-folds": Case(RARE, "assert 0 < model.best_threshold_ < 1", prints="F1 on the test rows: 0."),
    "ml-evaluate-learning-curve": Case(CANCER, "assert display.test_scores.shape == (6, 5)\n" + DRAWN),
    "ml-evaluate-validation-curve": Case(
        CANCER, "assert (display.train_scores[-1] > display.test_scores[-1]).all()\n" + DRAWN
    ),
    "ml-evaluate-residuals": Case(DIABETES, "assert len(axes[1].collections) > 0", prints="mean residual: "),
    "ml-evaluate-mistakes": Case(
        CANCER,
        "assert 0 < len(mistakes) < 10\nassert (mistakes['probability'] >= 0.5).all()",
        prints=" of 143 test rows",
    ),
    "ml-evaluate-groups": Case(
        AGES, "assert table['rows'].sum() == len(X_test)\nassert table['right'].sum() == right.sum()", prints="accuracy"
    ),
    "ml-evaluate-interval": Case(CANCER, "assert 0.9 < low < score < high <= 1", prints=", 95 % interval 0.9"),
    "ml-evaluate-compare": Case(
        TWO_MODELS, "assert len(gains) == 50 and gains.mean() > 0.5 and chance < 1e-6", prints="equal models: "
    ),
    "ml-explain-permutation": Case(
        CANCER, "assert len(importances) == 30 and importances['score lost'].max() > 0.005", prints="score lost"
    ),
    "ml-explain-groups": Case(
        CANCER,
        "assert sum(len(names.split(', ')) for names in losses) == 30\nassert max(losses.values()) > 0.05, losses",
        prints=", ",
    ),
    "ml-explain-dependence": Case(CANCER, "assert display.axes_.size == 3\n" + DRAWN),
    "ml-explain-dependence-two": Case(CANCER, DRAWN),
    "ml-explain-weights": Case(
        CANCER, "assert len(weights) == 30 and weights['worst texture'] < 0", prints="worst texture"
    ),
    "ml-explain-row": Case(CANCER, "assert len(changes) == 30", prints="probability of class 1: "),
}
