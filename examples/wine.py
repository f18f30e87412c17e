"""Which of three growers made this wine? Two first models."""

from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.neighbors import KNeighborsClassifier
from sklearn.preprocessing import StandardScaler

wine = load_wine(as_frame=True)
X, y = wine.data, wine.target

# Nearest neighbours as a baseline
X_train, X_test, y_train, y_test = train_test_split(X, y, stratify=y, random_state=7)
neighbours = KNeighborsClassifier(n_neighbors=5)
neighbours.fit(X_train, y_train)
print(f"nearest neighbours:  {neighbours.score(X_test, y_test):.3f}")

# A linear model, which likes its features on one scale
scaler = StandardScaler()
X_scaled = scaler.fit_transform(X)
X_train, X_test, y_train, y_test = train_test_split(X_scaled, y, stratify=y, random_state=7)
model = LogisticRegression()
model.fit(X_train, y_train)
print(f"logistic regression: {model.score(X_test, y_test):.3f}")
