"""A model or transformer is used before it learned anything."""

from __future__ import annotations

import ast
from functools import partial
from typing import TYPE_CHECKING

from mlsense.knowledge import estimator_facts
from mlsense.knowledge.kinds import kind
from mlsense.knowledge.library import release
from mlsense.rules.estimator.pipeline_cached_transformer_access import fit_of_copy
from mlsense.rules.finding import Severity
from mlsense.rules.reading import location, node_at, related, short, where
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import code_of
from mlsense.semantics.events import Called
from mlsense.semantics.values import Estimator, Method, Ref, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.knowledge.versions import Versions
    from mlsense.semantics.core import Read
    from mlsense.semantics.program import Trace
    from mlsense.semantics.trace import Effects
    from mlsense.semantics.values import Place, Value

_NEEDING = frozenset(
    """
    predict predict_proba predict_log_proba decision_function transform inverse_transform score score_samples
    kneighbors apply get_feature_names_out staged_predict
    """.split()
)
_COPYING = frozenset(
    """
    cross_val_score cross_validate cross_val_predict learning_curve validation_curve permutation_test_score GridSearchCV
    RandomizedSearchCV HalvingGridSearchCV HalvingRandomSearchCV RFE RFECV SelectFromModel BaggingClassifier
    BaggingRegressor AdaBoostClassifier AdaBoostRegressor CalibratedClassifierCV OneVsRestClassifier OneVsOneClassifier
    MultiOutputClassifier MultiOutputRegressor VotingClassifier VotingRegressor StackingClassifier StackingRegressor
    """.split()
)
# Their parts may have been fitted one by one, or need no fit.
_CONTAINERS = frozenset(("Pipeline", "FeatureUnion", "ColumnTransformer"))


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_is_unfitted, Called):
        callee = event.callee
        assert isinstance(callee, Method)
        found = location(trace, event.call)
        node = node_at(trace, event.call)
        if found is None or node is None or fit_of_copy(trace, callee.receiver, event.call) is not None:
            continue
        name = _receiver(node)
        copied = _copied(trace, event, callee.receiver)
        pairs = () if copied is None else ((copied.call, f"fits copies of {name}"),)
        yield Draft(_message(trace, event, name, callee.name, copied), found, related(trace, *pairs))
    yield from _read_too_early(trace)


def _read_too_early(trace: Trace) -> Iterator[Draft]:
    """What a fit leaves behind, asked for in the open: in a function or under a condition it may come later."""
    versions = trace.versions
    for place, read in dict(trace.kept((_reads_in, versions), partial(_reads_in, versions))).items():
        found = location(trace, place)
        outline = trace.outline(place)
        if found is None or outline is None or trace.attributes.get(place) != read:
            continue
        if fit_of_copy(trace, read.receiver, place) is not None:
            continue
        node = node_at(trace, place)
        if not isinstance(node, ast.Attribute) or outline.found(("in the open", place), _in_the_open) is None:
            continue
        name = f"`{short(code_of(node.value), 40)}`"
        said = (
            f"{name} has learned nothing when `{read.name}` is asked for: no `fit` comes before it, so this line raises"
        )
        yield Draft(f"{said} AttributeError. Fit {name} first.", found)


def _reads_in(versions: Versions, effects: Effects) -> Iterator[tuple[Place, Read]]:
    """Attributes that one statement reads of estimators without a fit, and that each fit makes."""
    for place, read in effects.attributes.items():
        thing = read.thing
        if read.guarded or not isinstance(thing, Estimator) or not thing.cls.startswith("sklearn."):
            continue
        if thing.fitted is not None or thing.handed_over or not thing.certain or not read.name.endswith("_"):
            continue
        known = kind(thing.cls, release(versions, "sklearn"))
        if known is not None and read.name in known.fitted and thing.cls.rpartition(".")[2] not in _CONTAINERS:
            yield place, read


def _in_the_open(tree: ast.stmt) -> ast.stmt | None:
    """A simple statement all of which runs."""
    if not isinstance(tree, (ast.Expr, ast.Assign, ast.AnnAssign, ast.AugAssign)):
        return None
    chooses = (ast.IfExp, ast.BoolOp, ast.Lambda, ast.comprehension, ast.NamedExpr)
    return None if any(isinstance(node, chooses) for node in ast.walk(tree)) else tree


def _is_unfitted(event: Called) -> bool:
    """Whether something is asked for that only a fit can give, of what had none."""
    callee, thing = event.callee, event.thing
    if not isinstance(callee, Method) or callee.name not in _NEEDING or not isinstance(thing, Estimator):
        return False
    return not (event.guarded or event.optional or event.assumed) and _needs_fit(event, thing)


def _needs_fit(event: Called, estimator: Estimator) -> bool:
    """Whether it has certainly learned nothing, and can do nothing before it has."""
    facts = estimator_facts(estimator.cls) if estimator.cls.startswith("sklearn.") else None
    if facts is None or estimator.fitted is not None or estimator.handed_over or not estimator.certain:
        return False
    parts = [event.object(value) for _, value in (*estimator.steps, *estimator.params)]
    inner = [part for part in parts if isinstance(part, Estimator)]
    if any(part.fitted is not None or part.handed_over or part.cls.endswith("FrozenEstimator") for part in inner):
        return False
    if facts.name in _CONTAINERS:
        return len(inner) >= len(estimator.steps) > 0 and any(_needs_fit(event, part) for part in inner)
    if facts.requires_fit is None and facts.name not in _COPYING:
        return False
    ready = estimator.param("prefit") is not None or estimator.param("vocabulary") is not None
    return facts.requires_fit is not False and not ready and facts.name != "FrozenEstimator"


def _copied(trace: Trace, event: Called, receiver: Value) -> Called | None:
    """What was given the estimator before and fitted copies of it, which is often taken for a fit."""
    if not isinstance(receiver, Ref):
        return None
    for other in trace.of(Called):
        if other is event:
            return None
        name = other.callee.name.rpartition(".")[2] if isinstance(other.callee, Symbol) else ""
        if name in _COPYING and receiver in (*other.args, *(value for _, value in other.keywords)):
            return other
    return None


def _receiver(node: ast.expr) -> str:
    func = getattr(node, "func", None)
    value = getattr(func, "value", None)
    return "the estimator" if value is None else f"`{short(code_of(value), 40)}`"


def _message(trace: Trace, event: Called, name: str, method: str, copied: Called | None) -> str:
    if copied is not None and isinstance(copied.callee, Symbol):
        fits = copied.callee.name.rpartition(".")[2]
        return (
            f"{name} has learned nothing when `{method}` is called: `{fits}` {where(trace, copied.call, event.call)} "
            f"fits copies of it, not {name} itself. This line raises NotFittedError; fit {name} first."
        )
    return (
        f"{name} has learned nothing when `{method}` is called: no `fit` comes before it, so this line raises "
        f"NotFittedError. Fit {name} first."
    )


RULE = Rule(
    name="not-fitted",
    family="estimator",
    severity=Severity.ERROR,
    summary="A model or transformer is used before it was fitted.",
    finds="""
        `predict`, `transform`, `score` and the like of an estimator of scikit-learn on which no `fit` was called, on
        any path that leads there.
        """,
    matters="""
        The call raises NotFittedError. It happens when the line with `fit` was left out, stands in another branch, or
        when `cross_val_score` or a search is taken for a fit: they fit copies and leave the estimator as it was.
        """,
    silent="""
        Estimators that were loaded, came in through a parameter, or went through code that was not followed; those that
        need no fit, such as `HashingVectorizer`; attributes set by hand; pipelines whose steps were fitted before;
        calls under a condition or in a `try`; attributes read in functions, which may be called after a fit.
        """,
    repair="There is none: only you know what it should learn from.",
    bad=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import GridSearchCV
            from sklearn.svm import SVC

            X, y = load_iris(return_X_y=True)
            search = GridSearchCV(SVC(), {"C": [1, 10]})
            print(search.best_params_)  # <- not-fitted
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = DecisionTreeClassifier()
            print(model.predict(X_test))  # <- not-fitted
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.model_selection import cross_val_score

            X, y = load_wine(return_X_y=True)
            forest = RandomForestClassifier(random_state=0)
            print(cross_val_score(forest, X, y).mean())
            print(forest.score(X, y))  # <- not-fitted
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            model = make_pipeline(StandardScaler(), LogisticRegression())
            print(model.predict_proba(X)[:3])  # <- not-fitted
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import GridSearchCV
            from sklearn.preprocessing import StandardScaler


            def scaled(X):
                return StandardScaler().transform(X)  # <- not-fitted


            X, y = load_diabetes(return_X_y=True)
            search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}).fit(X, y)
            print(search.predict(scaled(X)))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.cluster import KMeans
            from sklearn.datasets import load_iris
            from sklearn.linear_model import Ridge

            X, y = load_iris(return_X_y=True)
            groups, model = KMeans(3, n_init=1, random_state=0), Ridge()


            def weights():
                return model.coef_


            print(groups.fit_predict(X)[:3], groups.cluster_centers_, model.fit(X, y).coef_, weights())
            spare = Ridge()
            print(spare.coef_ if hasattr(spare, "coef_") else None)
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_iris(return_X_y=True)
            model = DecisionTreeClassifier()
            model.fit(X[::2], y[::2])
            print(model.score(X[1::2], y[1::2]))
            """
        ),
        example(
            """
            from sklearn.feature_extraction.text import HashingVectorizer
            from sklearn.preprocessing import Normalizer

            counts = HashingVectorizer(n_features=16).transform(["a b", "b c"])
            print(Normalizer().transform(counts).toarray())
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.naive_bayes import GaussianNB


            def train(model, X, y):
                model.fit(X, y)


            X, y = load_wine(return_X_y=True)
            models = {"bayes": GaussianNB()}
            for model in models.values():
                train(model, X, y)
            print(models["bayes"].predict(X)[:3])
            """
        ),
        example(
            """
            import pickle

            from sklearn.datasets import load_wine
            from sklearn.naive_bayes import GaussianNB

            X, y = load_wine(return_X_y=True)
            model = pickle.loads(pickle.dumps(GaussianNB().fit(X, y)))
            print(model.predict(X)[:3])
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            scaler = StandardScaler().fit(X)
            model = LogisticRegression().fit(scaler.transform(X), y)
            print(Pipeline([("scale", scaler), ("model", model)]).predict(X)[:3])
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.exceptions import NotFittedError
            from sklearn.naive_bayes import MultinomialNB

            X, y = load_wine(return_X_y=True)
            model = MultinomialNB()
            try:
                print(model.predict(X)[:3])
            except NotFittedError:
                model.partial_fit(X, y, classes=[0, 1, 2])
            for number in range(3):
                if number > 0:
                    print(model.score(X, y))
                model.partial_fit(X, y)
            """
        ),
    ),
    check=check,
    raises=("NotFittedError", "AttributeError"),
)
