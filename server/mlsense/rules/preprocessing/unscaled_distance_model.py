"""A model that adds up differences over all columns is fitted on columns of very different size."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.knowledge.scaling import DECISIVE
from mlsense.rules.before_model import put_before
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.option import Option
from mlsense.rules.reading import location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import constant
from mlsense.semantics.events import CrossValidate, Fit
from mlsense.semantics.models.estimators import short, transformer_model
from mlsense.semantics.values import Column, Data, Estimator, Origin, Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace

_WORDS = {
    "distances": "the distances of `{model}` see",
    "kernel": "the kernel of `{model}` sees",
    "margin": "the margin of `{model}` sees",
    "components": "the components of `{model}` show",
    "steps": "the steps of `{model}` follow",
    "penalty": "the penalty of `{model}` spares",
}
FAIR_METRICS = frozenset(
    ("cosine", "precomputed", "hamming", "jaccard", "haversine", "seuclidean", "mahalanobis", "correlation")
)
# So many times as wide, a column leaves less than a ten-thousandth of a squared distance to the other.
ALONE = 100
RATIO = Option(
    "ratio", 10.0, "How many times as wide as the narrowest column the widest is before anything is said.", least=1
)


def check(trace: Trace, ratio: float) -> Iterator[Draft]:
    told: set[Origin] = set()
    for event in trace.of(Fit, CrossValidate):
        if not isinstance(event, (Fit, CrossValidate)) or event.x is None:
            continue
        estimator = event.before if isinstance(event, Fit) else event.estimator
        if estimator is None or estimator.made in told:
            continue
        for draft in _looked_at(trace, estimator, event.leaves, event.x, event.call, ratio):
            # Told once of one model, the reader knows it for its other fits.
            if estimator.made is not None:
                told.add(estimator.made)
            yield draft


def _looked_at(
    trace: Trace, estimator: Estimator, leaves: tuple[Estimator, ...] | None, x: Data, call: Place, ratio: float
) -> Iterator[Draft]:
    model = _sensitive(leaves) if x.scale == "raw" else None
    found = location(trace, call) if model is not None else None
    if model is None or found is None:
        return
    columns = (
        [c for c in x.columns.items if c.low is not None and c.high is not None and c.high > c.low] if x.columns else []
    )
    if x.columns is not None and x.columns.closed and len(x.columns.items) < 2:
        return
    if x.rank == 1:
        return
    name = short(model.cls)
    if len(columns) >= 2:
        widest, narrowest = max(columns, key=_width), min(columns, key=_width)
        if _width(widest) < ratio * _width(narrowest):
            return
        sees = _WORDS[DECISIVE[name]].format(model=name)
        alone = "alone" if _width(widest) >= ALONE * _width(narrowest) else "above all"
        yield Draft(
            f"`{widest.name}` runs from {_number(widest.low)} to {_number(widest.high)} and `{narrowest.name}` from "
            f"{_number(narrowest.low)} to {_number(narrowest.high)}: {sees} `{widest.name}` {alone}. "
            f"Put a `StandardScaler` before it.",
            found,
            related(trace),
            _with_scaler(trace, estimator),
        )
        return
    if x.rows is None or not any(part.source.known for part in x.rows.parts):
        return
    source = next(part.source.label for part in x.rows.parts if part.source.known)
    yield Draft(
        f"`{name}` weighs every column by its size, and nothing between `{source}` and this fit brings the columns to "
        f"one scale. Unless they all have one unit, put a `StandardScaler` before it.",
        found,
        related(trace),
        _with_scaler(trace, estimator),
        Severity.INFORMATION,
    )


def _sensitive(leaves: tuple[Estimator, ...] | None) -> Estimator | None:
    """The first step that minds the size of columns, if nothing before it changes them."""
    for leaf in leaves or ():
        name = short(leaf.cls)
        if name in DECISIVE:
            fair = any(constant(leaf.param(key)) in FAIR_METRICS for key in ("metric", "kernel", "affinity"))
            return None if fair else leaf
        model = transformer_model(leaf.cls)
        if model is None or model.scale is not None:
            return None
    return None


def _width(column: Column) -> float:
    return (column.high or 0.0) - (column.low or 0.0)


def _number(value: float | None) -> str:
    if value is None:
        return "?"
    return f"{value:,.0f}" if abs(value) >= 100 or float(value).is_integer() else f"{value:.3g}"


# --- the fix -----------------------------------------------------------------------------------------


def _with_scaler(trace: Trace, estimator: Estimator) -> Fix | None:
    """`Model(...)` becomes `make_pipeline(StandardScaler(), Model(...))`, where a pipeline can do all that is used."""
    brings = (("sklearn.pipeline", "make_pipeline"), ("sklearn.preprocessing", "StandardScaler"))
    edits = put_before(trace, estimator, "StandardScaler()", brings)
    return None if edits is None else Fix("Put a `StandardScaler` before it", "unsafe", tuple(edits))


RULE = Rule(
    name="unscaled-distance-model",
    family="preprocessing",
    severity=Severity.WARNING,
    summary="Columns of very different size go into a model that adds up their differences.",
    finds="""
        k-nearest neighbours, support vector machines, k-means, DBSCAN, PCA, neural networks, models that learn in small
        steps and models with a penalty, fitted on columns of which the widest is at least ten times (the option
        `ratio`) as wide as the narrowest, without a scaler before them. Where the columns come from a file whose
        numbers are not known, it is an information.
        """,
    matters="""
        These models add up differences, or step sizes, or weights, over all columns. A column in grams outweighs one in
        metres a thousand to one, so the model looks at the grams alone. On the wine data that ships with scikit-learn,
        five nearest neighbours find 7 of 10 bottles unscaled and more than 9 of 10 scaled.
        """,
    silent="""
        Columns that were scaled, in any way that is followed, or whose scale is not known; data with one unit (pixels,
        the iris measures); made-up data; trees, forests and boosting; metrics that do not mind (`cosine`,
        `precomputed`); a single column; a `ColumnTransformer` before the model.
        """,
    repair="""
        Puts the model behind a `StandardScaler` in a pipeline. Not quite safe: attributes of the model such as `coef_`
        are then reached through the pipeline. Offered only where the model is used by methods that a pipeline has too.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.neighbors import KNeighborsClassifier

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = KNeighborsClassifier()
            model.fit(X_train, y_train)  # <- unscaled-distance-model
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.model_selection import cross_val_score
            from sklearn.svm import SVC

            data = load_breast_cancer()
            print(cross_val_score(SVC(), data.data, data.target).mean())  # <- unscaled-distance-model
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.cluster import KMeans

            people = pd.DataFrame({"age": [25, 32, 47, 51, 62], "income": [31000, 42000, 88000, 61000, 75000]})
            groups = KMeans(n_clusters=2, n_init=3, random_state=0).fit_predict(people)  # <- unscaled-distance-model
            print(groups)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.decomposition import PCA
            from sklearn.impute import SimpleImputer
            from sklearn.pipeline import make_pipeline

            X, y = load_wine(return_X_y=True)
            pipeline = make_pipeline(SimpleImputer(), PCA(n_components=2))
            print(pipeline.fit_transform(X)[:2])  # <- unscaled-distance-model
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.neighbors import KNeighborsRegressor

            rng = np.random.default_rng(0)
            flats = pd.DataFrame({"rooms": rng.integers(1, 6, 200), "area": rng.normal(8000, 2500, 200)})
            price = flats["rooms"] * 90 + rng.normal(0, 10, 200)
            print(KNeighborsRegressor().fit(flats, price).predict(flats[:2]))  # <- unscaled-distance-model
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.neighbors import KNeighborsClassifier
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = make_pipeline(StandardScaler(), KNeighborsClassifier())
            model.fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_digits, load_iris
            from sklearn.neighbors import KNeighborsClassifier
            from sklearn.svm import SVC

            X, y = load_digits(return_X_y=True)
            print(SVC().fit(X, y).predict(X[:3]))
            flowers = load_iris()
            print(KNeighborsClassifier().fit(flowers.data, flowers.target).predict(flowers.data[:3]))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            print(RandomForestClassifier(n_estimators=10).fit(X, y).predict(X[:3]))
            print(DecisionTreeClassifier().fit(X, y).predict(X[:3]))
            """
        ),
        example(
            """
            from sklearn.datasets import make_blobs
            from sklearn.cluster import DBSCAN

            X, _ = make_blobs(random_state=0)
            print(DBSCAN().fit_predict(X)[:5])
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.neighbors import KNeighborsClassifier

            X, y = load_wine(return_X_y=True)
            X = (X - X.min(axis=0)) / (X.max(axis=0) - X.min(axis=0))
            print(KNeighborsClassifier().fit(X, y).predict(X[:3]))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.neighbors import KNeighborsClassifier

            X, y = load_wine(return_X_y=True)
            print(KNeighborsClassifier(metric="cosine").fit(X, y).predict(X[:3]))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.cluster import KMeans

            people = pd.DataFrame({"left": [1.0, 2.0, 8.0, 9.0], "right": [2.0, 1.0, 9.0, 7.0]})
            print(KMeans(n_clusters=2, n_init=3, random_state=0).fit_predict(people))
            ages = pd.DataFrame({"age": [25, 32, 47, 51], "income": [31000, 42000, 88000, 61000]})[["income"]]
            print(KMeans(n_clusters=2, n_init=3, random_state=0).fit_predict(ages))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.compose import ColumnTransformer
            from sklearn.neighbors import KNeighborsClassifier
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import StandardScaler

            people = pd.DataFrame({"age": [25, 32, 47, 51, 62], "income": [31000, 42000, 88000, 61000, 75000]})
            bought = [0, 0, 1, 1, 1]
            prepare = ColumnTransformer([("numbers", StandardScaler(), ["age", "income"])])
            model = Pipeline([("prepare", prepare), ("model", KNeighborsClassifier(n_neighbors=2))])
            print(model.fit(people, bought).predict(people))
            """
        ),
    ),
    check=check,
    options=(RATIO,),
    references=(
        "scikit-learn example, [importance of feature scaling]"
        "(https://scikit-learn.org/stable/auto_examples/preprocessing/plot_scaling_importance.html)",
    ),
)
