"""How the snippets with algorithms that need no target are tried out."""

from __future__ import annotations

from snippets.running import Case

WINE = """\
from sklearn.datasets import load_wine

X, y = load_wine(return_X_y=True, as_frame=True)
"""
DIGITS = """\
from sklearn.datasets import load_digits

X, y = load_digits(return_X_y=True, as_frame=True)
X, y = X.head(600), y.head(600)
"""
TUMOURS = """\
from sklearn.datasets import load_breast_cancer

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
"""
FLOWERS = """\
from sklearn.datasets import load_iris

X, y = load_iris(return_X_y=True, as_frame=True)
"""
NORMAL = """\
from sklearn.datasets import load_breast_cancer

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X = X.filter(like="worst")
benign, malignant = X[y == 1], X[y == 0]
X_train, X_test = benign.head(300), malignant
"""
FEW_MALIGNANT = """\
import pandas as pd
from sklearn.datasets import load_breast_cancer

X, y = load_breast_cancer(return_X_y=True, as_frame=True)
X = pd.concat([X[y == 1], X[y == 0].head(6)]).filter(like="worst").reset_index(drop=True)
y = pd.Series([1] * 357 + [0] * 6)
"""
DOCSTRINGS = """\
import inspect

import matplotlib.axes
import numpy as np
import pandas as pd

texts = [
    inspect.getdoc(member)
    for owner in (matplotlib.axes.Axes, np.ndarray, pd.Series)
    for name, member in inspect.getmembers(owner, callable)
    if not name.startswith("_")
]
df = pd.DataFrame({"text": texts}).dropna().drop_duplicates()
"""
# A basket: the modules that one file of Python's library imports.
IMPORTS = """\
import ast
import sysconfig
from pathlib import Path

import pandas as pd

library = Path(sysconfig.get_path("stdlib"))
df = pd.DataFrame(
    [
        (path.name, alias.name)
        for path in sorted(library.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Import)
        for alias in node.names
    ],
    columns=["order", "item"],
)
"""
# Two real signals and noise, mixed as three microphones would hear them.
MIXED = """\
import numpy as np
import pandas as pd
from statsmodels.datasets import elnino, sunspots

sun = sunspots.load_pandas().data["SUNACTIVITY"].to_numpy()[:300]
sea = elnino.load_pandas().data.drop(columns="YEAR").to_numpy().ravel()[:300]
noise = np.random.default_rng(1).uniform(size=300)
true = np.column_stack([sun, sea, noise])
true = (true - true.mean(axis=0)) / true.std(axis=0)
X = pd.DataFrame(true @ np.array([[1, 1, 0.5], [0.5, 2, 1], [1.5, 1, 2]]).T, columns=["left", "middle", "right"])
"""


def agrees(least: float, more: str = "") -> str:
    """The groups found are near the classes that nobody told of. 0 is what chance gets."""
    return (
        "from sklearn.metrics import adjusted_rand_score\n"
        "agreement = adjusted_rand_score(y, clusters)\n"
        f"assert agreement > {least}, agreement\n{more}"
    )


def keeps_neighbours(least: float) -> str:
    return (
        "from sklearn.manifold import trustworthiness\n"
        f"assert places.shape == (600, 2)\nassert trustworthiness(X, places) > {least}\n"
        "plt.savefig('places.png')"
    )


CASES = {
    "ml-cluster-kmeans": Case(WINE, agrees(0.8), prints="alcohol "),
    "ml-cluster-kmeans-choose": Case(WINE, "assert best == 3", prints="best number of groups: 3"),
    "ml-cluster-hierarchical": Case(WINE, agrees(0.7), prints="alcohol "),
    "ml-cluster-dbscan": Case(FLOWERS, agrees(0.3, "assert 0 < (clusters == -1).mean() < 0.2"), prints="groups: "),
    "ml-cluster-hdbscan": Case(FLOWERS, agrees(0.3), prints="groups: "),
    "ml-cluster-mixture": Case(FLOWERS, agrees(0.5, "assert 2 <= model.n_components <= 4"), prints="groups: "),
    "ml-reduce-pca": Case(
        TUMOURS,
        "assert components.shape == (569, 7), components.shape\nassert weights.shape == (30, 7)",
        prints="7 components keep 91%",
    ),
    "ml-reduce-kernel-pca": Case(
        TUMOURS, "assert components.shape == (569, 2)\nassert kept > 0.4, kept", prints="that the components restore"
    ),
    "ml-reduce-tsne": Case(DIGITS, keeps_neighbours(0.9)),
    "ml-reduce-umap": Case(DIGITS, keeps_neighbours(0.9), seconds=300),
    "ml-reduce-nmf": Case(
        DOCSTRINGS, "assert topics.shape == (len(df), 5)\nassert (topics >= 0).all()", prints="topic 4 ("
    ),
    "ml-reduce-ica": Case(
        MIXED,
        "found = abs(np.corrcoef(true.T, sources.T)[:3, 3:])\nassert (found.max(axis=1) > 0.9).all(), found",
        prints="source 3: kurtosis",
    ),
    "ml-outliers-forest": Case(
        TUMOURS,
        "assert unusual.sum() == 12\nassert y[unusual].mean() < 0.3, y[unusual]",
        prints="unusual rows: 12 of 569",
    ),
    "ml-outliers-local": Case(
        FEW_MALIGNANT, "assert y[unusual].mean() < 0.5, y[unusual]", prints="unusual rows: 8 of 363"
    ),
    "ml-outliers-novelty": Case(
        NORMAL,
        "wrong = model.predict(benign.tail(57)) == -1\nassert novel.mean() > 0.7 > 0.1 > wrong.mean()",
        prints="rows unlike the training rows: ",
    ),
    "ml-associate-rules": Case(
        IMPORTS,
        "assert (rules['confidence'] >= 0.5).all() and len(rules) > 5\nassert rules['lift'].max() > 2",
        prints="antecedents",
    ),
}
