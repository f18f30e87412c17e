"""Folds by hand over made-up signals, with a class that prepares them."""

import numpy as np
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.datasets import make_classification
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest, f_classif
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GroupKFold, KFold, train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import SVC


class Bandpass(BaseEstimator, TransformerMixin):
    """Centres each channel and keeps the middle ones."""

    def __init__(self, low=2, high=18):
        self.low = low
        self.high = high

    def fit(self, X, y=None):
        self.mean_ = X.mean(axis=0)
        self.width_ = np.std(X, axis=0)
        return self

    def transform(self, X):
        return ((X - self.mean_) / self.width_)[:, self.low : self.high]


class Experiment:
    def __init__(self, model, folds=5):
        self.model = model
        self.folds = folds
        self.scores = []

    def run(self, X, y):
        for train, test in KFold(self.folds, shuffle=True, random_state=0).split(X):
            band = Bandpass().fit(X[train])
            self.model.fit(band.transform(X[train]), y[train])
            predicted = self.model.predict(band.transform(X[test]))
            self.scores.append(accuracy_score(y[test], predicted))
        return self.report()

    def report(self):
        return sum(self.scores) / len(self.scores)


signals, labels = make_classification(n_samples=400, n_features=20, random_state=0)
groups = np.repeat(np.arange(40), 10)
for model in (SVC(C=10), KNeighborsClassifier(3)):
    print(type(model).__name__, Experiment(model).run(signals, labels))

reduced = PCA(n_components=5, random_state=0).fit_transform(signals)
best = SelectKBest(f_classif, k=6).fit_transform(signals, labels)
results = []
for fold, (train, test) in enumerate(GroupKFold(4).split(best, labels, groups)):
    model = SVC().fit(best[train], labels[train])
    results.append((fold, model.score(best[test], labels[test])))
print(results)

train_signals, test_signals, train_labels, test_labels = train_test_split(reduced, labels, random_state=1)
final = KNeighborsClassifier().fit(train_signals, train_labels)
if final.score(test_signals, test_labels) < 0.5:
    raise SystemExit("worse than chance")
