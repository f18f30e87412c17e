"""What a step learned is asked of the transformer itself, of which a pipeline with a memory fitted a copy."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import bound_names, location, node_at, place_in, related, where, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Called, Fit
from mlsense.semantics.values import Estimator, Method, Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.core import Read
    from mlsense.semantics.program import Trace
    from mlsense.semantics.trace import Effects
    from mlsense.semantics.values import HeapObject, Place, Value

_ASKING = frozenset("transform inverse_transform get_feature_names_out score_samples".split())


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_asks_unfitted, Called):
        assert isinstance(event.callee, Method)
        node = node_at(trace, event.call)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            yield from _drafts(trace, event.callee.receiver, event.call, node.func, "NotFittedError")
    for place, read in dict(trace.kept(_reads_unfitted, _reads_unfitted)).items():
        attribute = node_at(trace, place)
        if isinstance(attribute, ast.Attribute) and trace.attributes.get(place) == read:
            yield from _drafts(trace, read.receiver, place, attribute, "AttributeError")


def _asks_unfitted(event: Called) -> bool:
    callee = event.callee
    asks = isinstance(callee, Method) and callee.name in _ASKING
    return asks and not (event.guarded or event.optional or event.assumed) and _is_unfitted(event.thing)


def _reads_unfitted(effects: Effects) -> Iterator[tuple[Place, Read]]:
    """The attributes that a fit leaves behind, of what had none, of those that one statement reads."""
    for place, read in effects.attributes.items():
        learned = read.name.endswith("_") and not read.name.startswith("_")
        if learned and not read.guarded and _is_unfitted(read.thing):
            yield place, read


def _is_unfitted(thing: HeapObject | None) -> bool:
    if not isinstance(thing, Estimator) or not thing.cls.startswith(("sklearn.", "imblearn.")):
        return False
    return thing.certain and thing.fitted is None and not thing.handed_over


def _drafts(trace: Trace, receiver: Value, place: Place, node: ast.Attribute, raised: str) -> Iterator[Draft]:
    cached = fit_of_copy(trace, receiver, place)
    found = location(trace, place_in(place, node))
    if cached is None or found is None:
        return
    fit, step = cached
    name = written(trace, place_in(place, node.value), "the transformer")
    pipe = _pipeline_name(trace, fit)
    copy = f'{pipe or "pipeline"}.named_steps["{step}"]'
    message = (
        f"`{name}` has learned nothing: the pipeline has a `memory` and fitted a copy of it "
        f"{where(trace, fit.call, place)}. `.{node.attr}` raises {raised}; the copy is `{copy}`."
    )
    edit = editing.replaced(trace, place_in(place, node.value), copy) if pipe is not None else None
    fix = Fix.of(f"Write `{copy}`", "safe", edit)
    yield Draft(message, found, related(trace, (fit.call, f"fits a copy of `{name}`")), fix=fix)


def fit_of_copy(trace: Trace, receiver: Value, place: Place) -> tuple[Fit, str] | None:
    """The fit of a pipeline that fitted a copy of a transformer to keep it, and the name of the step."""
    order = trace.order.get(place.unit) if isinstance(receiver, Ref) else None
    for fit in trace.of(Fit) if order is not None else ():
        pipeline, number = fit.before, trace.order.get(fit.call.unit)
        if pipeline.cls.rpartition(".")[2] != "Pipeline" or pipeline.param("memory") is None:
            continue
        step = next((name for name, value in pipeline.steps[:-1] if value == receiver), None)
        if step is not None and number is not None and order is not None and number <= order:
            return fit, step
    return None


def _pipeline_name(trace: Trace, fit: Fit) -> str | None:
    """What the program calls the pipeline."""
    node = node_at(trace, fit.call)
    called = node.func.value if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) else None
    if isinstance(called, ast.Name):
        return called.id
    names = bound_names(trace, fit.call)
    return names[0] if len(names) == 1 else None


RULE = Rule(
    name="pipeline-cached-transformer-access",
    family="estimator",
    severity=Severity.ERROR,
    summary="A transformer is asked what it learned, of which a pipeline with a `memory` fitted a copy.",
    finds="""
        `scaler.mean_` or `scaler.transform(X)` after the fit of `Pipeline([("scale", scaler), ...], memory="cache")`,
        where `scaler` itself was never fitted. The last step of a pipeline is not copied.
        """,
    matters="""
        To keep what a step learned, the pipeline fits a copy of it: the transformer that was handed over learns
        nothing, and the line raises AttributeError or NotFittedError. Without a `memory` the same program runs.
        """,
    silent="""
        Transformers that were fitted on their own; the last step; pipelines without a `memory`, or of which it is not
        certain that they have one; code inside `try`.
        """,
    repair="""
        Takes the fitted copy out of the pipeline, `pipe.named_steps["scale"]`, where the pipeline has a name. Safe: the
        copy has learned what the transformer would have.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            scaler = StandardScaler()
            pipe = Pipeline([("scale", scaler), ("model", LogisticRegression())], memory="cache")
            pipe.fit(X, y)
            print(scaler.mean_)  # <- pipeline-cached-transformer-access
            """
        ),
        example(
            """
            from tempfile import mkdtemp

            from sklearn.datasets import load_wine
            from sklearn.decomposition import PCA
            from sklearn.neighbors import KNeighborsClassifier
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            pca = PCA(2)
            model = make_pipeline(StandardScaler(), pca, KNeighborsClassifier(), memory=mkdtemp()).fit(X, y)
            print(model.score(X, y), pca.transform(X))  # <- pipeline-cached-transformer-access
            """
        ),
        example(
            """
            from joblib import Memory
            from sklearn.datasets import load_wine
            from sklearn.decomposition import PCA
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC


            def train(X, y):
                reduce = PCA(n_components=2)
                model = Pipeline([("scale", StandardScaler()), ("pca", reduce), ("svc", SVC())], memory=Memory("cache"))
                model.fit(X, y)
                return reduce.explained_variance_ratio_  # <- pipeline-cached-transformer-access


            print(train(*load_wine(return_X_y=True)))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.feature_selection import SelectKBest
            from sklearn.pipeline import Pipeline
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            best = SelectKBest(k=3)
            tree = DecisionTreeClassifier(random_state=0)
            model = Pipeline(steps=[("best", best), ("tree", tree)], memory="cache")
            model.fit(X, y)
            print(tree.feature_importances_)
            print(best.scores_)  # <- pipeline-cached-transformer-access
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            pipe = Pipeline([("scale", StandardScaler()), ("model", LogisticRegression())], memory="cache")
            pipe.fit(X, y)
            print(pipe.named_steps["scale"].mean_, pipe["scale"].transform(X), pipe[0].scale_)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            scaler = StandardScaler()
            pipe = Pipeline([("scale", scaler), ("model", LogisticRegression())])
            pipe.fit(X, y)
            print(scaler.mean_, scaler.transform(X))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            scaler, model = StandardScaler(), LogisticRegression()
            pipe = Pipeline([("scale", scaler), ("model", model)], memory="cache").fit(X, y)
            print(model.coef_, model.predict(pipe[:-1].transform(X)))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            scaler = StandardScaler()
            make_pipeline(scaler, LogisticRegression(), memory=None).fit(X, y)
            print(scaler.var_)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            scaler = StandardScaler().fit(X)
            make_pipeline(scaler, LogisticRegression(), memory="cache").fit(X, y)
            print(scaler.var_)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler


            def train(X, y, memory):
                scaler = StandardScaler()
                make_pipeline(scaler, LogisticRegression(), memory=memory).fit(X, y)
                return scaler if memory is None else None


            print(train(*load_wine(return_X_y=True), None).mean_)
            """
        ),
    ),
    check=check,
    raises=("AttributeError", "NotFittedError"),
)
