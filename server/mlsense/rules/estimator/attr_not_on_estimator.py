"""An attribute or method is asked of an estimator whose class does not have it."""

from __future__ import annotations

import ast
from functools import cache, lru_cache, partial
from typing import TYPE_CHECKING

from mlsense.knowledge.kinds import kind
from mlsense.knowledge.library import offered_in
from mlsense.knowledge.releases import section
from mlsense.rules import editing
from mlsense.rules.estimator.predict_proba_missing import RESPONSES
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.members import attribute_place, depends_on_kind, is_made
from mlsense.rules.offering import is_certain, nearest, offer
from mlsense.rules.reading import location, node_at, short
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import code_of
from mlsense.semantics.events import Called
from mlsense.semantics.models.estimators import SEARCHES
from mlsense.semantics.values import Const, Estimator, Method, Ref

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from mlsense.knowledge.library import Members
    from mlsense.knowledge.versions import Versions
    from mlsense.rules.finding import Edit
    from mlsense.semantics.core import Read
    from mlsense.semantics.program import Trace
    from mlsense.semantics.trace import Effects
    from mlsense.semantics.values import HeapObject, Place, Value

_KERNELS = ("SVC", "NuSVC", "SVR", "NuSVR", "OneClassSVM")
# Attributes that a class has only after a fit with one value of a parameter: by name, the parameter and the value.
_ONLY_WITH = {"coef_": (_KERNELS, "kernel", "linear", "rbf"), "best_estimator_": (SEARCHES, "refit", True, True)}


def check(trace: Trace) -> Iterator[Draft]:
    for place, thing, name in _asked(trace):
        draft = _missing(trace, place, thing, name)
        if draft is not None and not is_made(trace, name) and not depends_on_kind(trace, place):
            yield draft


def _asked(trace: Trace) -> Iterator[tuple[Place, Estimator, str]]:
    """The attributes that are read of estimators and the methods that are called, with where."""
    versions = trace.versions
    for place, read in dict(trace.kept((_reads_in, versions), partial(_reads_in, versions))).items():
        # Where it is read again of something else, that counts.
        if isinstance(read.thing, Estimator) and trace.attributes.get(place) == read:
            yield place, read.thing, read.name
    for event in trace.that(_calls_in(versions), Called):
        assert isinstance(event.thing, Estimator)
        yield event.call, event.thing, event.callee.name


@lru_cache(maxsize=16)
def _calls_in(versions: Versions) -> Callable[[Called], bool]:
    """A test of events that stays the same function as long as the versions do, so that its answers are kept."""

    def calls(event: Called) -> bool:
        if not isinstance(event.callee, Method) or not isinstance(event.thing, Estimator):
            return False
        name = event.callee.name
        return name not in RESPONSES and _is_doubtful(versions, event.thing, name) and is_certain(event)

    return calls


def _reads_in(versions: Versions, effects: Effects) -> Iterator[tuple[Place, Read]]:
    """The attributes that one statement reads of estimators that may not have them."""
    for place, read in effects.attributes.items():
        if isinstance(read.thing, Estimator) and not read.guarded and _is_doubtful(versions, read.thing, read.name):
            yield place, read


def _is_doubtful(versions: Versions, thing: Estimator, name: str) -> bool:
    """Whether a class does not have the attribute, or only with some parameters."""
    offered = offered_in(versions, thing.cls.partition(".")[0])
    members = None if offered is None else offered.members(thing.cls)
    return members is not None and (name not in members or name in _ONLY_WITH)


def _missing(trace: Trace, place: Place, thing: Estimator, name: str) -> Draft | None:
    offered = offer(trace, thing.cls)
    members = None if offered is None else offered.members(thing.cls)
    if offered is None or members is None or not members.closed or not thing.certain or name.startswith("_"):
        return None
    if not thing.cls.startswith("sklearn."):
        return None
    if name in members:
        return _only_with(trace, place, thing, name)
    change = offered.change(f"{thing.cls}.{name}")
    if change is not None:
        # What a release took away is another rule's matter.
        return None
    where = attribute_place(trace, place)
    found = location(trace, where)
    if where is None or found is None:
        return None
    cls = thing.cls.rpartition(".")[2]
    owner = _owner(trace, place, thing, name)
    if owner is not None:
        way, part = owner
        edit = _through(trace, where, way, name)
        fix = Fix.of(f"Ask `{part}` for it", "safe", edit)
        shown = f"{_receiver(trace, place)}{'' if way.startswith('[') else '.'}{way}.{name}"
        message = f"`{cls}` has no `{name}`: this raises AttributeError. Its `{part}` has it: `{shown}`."
        return Draft(message, found, fix=fix)
    meant = _meant(name, members)
    if meant is None:
        return Draft(f"`{cls}` has no `{name}`: this raises AttributeError.{_reason(cls, name, members)}", found)
    edit = editing.replaced(trace, where, meant)
    fix = Fix.of(f"Write `{meant}`", "unsafe", edit)
    return Draft(f"`{cls}` has no `{name}`: this raises AttributeError. Did you mean `{meant}`?", found, fix=fix)


def _meant(name: str, members: Members) -> str | None:
    """A name that differs in a letter or two; the same with its underscore first of all."""
    known = (*members.attributes, *members.properties, *members.methods)
    for other in (f"{name}_", name.rstrip("_"), f"{name.rstrip('_')}s_"):
        if other != name and other in known:
            return other
    # What other estimators have is not misspelt.
    near = nearest(name, known) if name not in _fitted_attributes() else None
    if near is None or abs(len(near) - len(name)) > 3 or near.endswith("_") < name.endswith("_"):
        return None
    return near


@cache
def _fitted_attributes() -> frozenset[str]:
    """What any estimator has after a fit, in the newest release known."""
    kinds = [kind(name) for name in section("kinds")["facts"]]
    return frozenset(name for each in kinds if each is not None for name in (*each.fitted, *each.sometimes))


def _reason(cls: str, name: str, members: Members) -> str:
    if name == "feature_importances_" and "coef_" in members and cls in _KERNELS:
        return ' `coef_` is there with `kernel="linear"`; `permutation_importance` works with every kernel.'
    if name == "feature_importances_" and "coef_" in members:
        return " Its weights are in `coef_`; `permutation_importance` works with every estimator."
    if name == "coef_" and "feature_importances_" in members:
        return " It has `feature_importances_`."
    if name in ("feature_importances_", "coef_") and "predict" in members:
        return " `permutation_importance` works with every estimator."
    return ""


def _only_with(trace: Trace, place: Place, thing: Estimator, name: str) -> Draft | None:
    """What is there only after a fit with another value of a parameter."""
    classes, parameter, needed, usual = _ONLY_WITH.get(name, ((), "", None, None))
    cls = thing.cls.rpartition(".")[2]
    given = thing.param(parameter)
    value = usual if given is None else given.value if isinstance(given, Const) else needed
    if cls not in classes or value == needed or (name == "best_estimator_" and value is not False):
        return None
    found = location(trace, attribute_place(trace, place))
    if found is None:
        return None
    shown = f'"{value}"' if isinstance(value, str) else repr(value)
    wanted = f'"{needed}"' if isinstance(needed, str) else repr(needed)
    why = (
        "the weights of the features are known only to the linear kernel. "
        "`permutation_importance` works with every kernel"
        if parameter == "kernel"
        else f"it comes with `{parameter}={wanted}`"
    )
    return Draft(f"`{cls}({parameter}={shown})` has no `{name}`, this raises AttributeError: {why}.", found)


# --- parts -------------------------------------------------------------------------------------------


def _owner(trace: Trace, place: Place, thing: Estimator, name: str) -> tuple[str, str] | None:
    """The way to the part of a pipeline or search that has an attribute, and the class of the part."""
    short_name = thing.cls.rpartition(".")[2]
    if short_name == "Pipeline":
        having = []
        for number, (step, value) in enumerate(thing.steps):
            part = _look_up(trace, value)
            if not isinstance(part, Estimator) or not part.certain:
                return None
            if _has(trace, part, name):
                having.append((number == len(thing.steps) - 1, step, part.cls.rpartition(".")[2]))
        if len(having) != 1:
            return None
        last, step, cls = having[0]
        return ("[-1]" if last else f'named_steps["{step}"]'), cls
    if short_name in SEARCHES:
        part = _look_up(trace, thing.param("estimator"))
        if isinstance(part, Estimator) and part.certain and _has(trace, part, name):
            return "best_estimator_", part.cls.rpartition(".")[2]
    return None


def _has(trace: Trace, part: Estimator, name: str) -> bool:
    offered = offer(trace, part.cls)
    members = None if offered is None else offered.members(part.cls)
    return members is not None and name in members and _only_with_fits(part, name)


def _only_with_fits(part: Estimator, name: str) -> bool:
    classes, parameter, needed, usual = _ONLY_WITH.get(name, ((), "", None, None))
    given = part.param(parameter)
    value = usual if given is None else getattr(given, "value", None)
    return part.cls.rpartition(".")[2] not in classes or value == needed


def _look_up(trace: Trace, value: Value | None) -> HeapObject | None:
    """The object as some call last saw it."""
    if not isinstance(value, Ref):
        return None
    for event in reversed(trace.of(Called)):
        found = event.object(value)
        if found is not None:
            return found
    return None


def _receiver(trace: Trace, place: Place) -> str:
    node = node_at(trace, place)
    node = node.func if isinstance(node, ast.Call) else node
    return short(code_of(node.value), 40) if isinstance(node, ast.Attribute) else "it"


def _through(trace: Trace, where: Place, way: str, name: str) -> Edit | None:
    """Leads to the part first."""
    if not way.startswith("["):
        return editing.replaced(trace, where, f"{way}.{name}")
    dotted = where._replace(column=where.column - 1)
    plain = where.column > 0 and (editing.text_at(trace, dotted) or "").startswith(".")
    return editing.replaced(trace, dotted, f"{way}.{name}") if plain else None


RULE = Rule(
    name="attr-not-on-estimator",
    family="estimator",
    severity=Severity.ERROR,
    summary="An attribute or a method is asked of an estimator that its class does not have.",
    finds="""
        Attributes and methods that a class of scikit-learn does not have, before or after a fit: those of another kind
        of model (`SVC().feature_importances_`, `coef_` of a forest), of a step of a pipeline or the best estimator of a
        search asked of the whole, and misspelt ones (`best_params`, `feature_importance_`). Also `coef_` of a support
        vector machine whose kernel is not linear, and `best_estimator_` of a search with `refit=False`.
        """,
    matters="""
        The line raises AttributeError, after the model was trained, often at the end of a long run.
        """,
    silent="""
        Classes that have members of which nothing is known, your own subclasses, attributes the program sets itself,
        code inside `try` or `hasattr`, under a condition or in a function that looks at the kind of its argument.
        What a release of the library took away is reported by another rule.
        """,
    repair="""
        Leads to the part that has the attribute, which is safe, or writes the name that is near, which is for you to
        accept.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.svm import SVC

            X, y = load_iris(return_X_y=True)
            model = SVC().fit(X, y)
            print(model.feature_importances_)  # <- attr-not-on-estimator
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
            model.fit(X, y)
            print(model.coef_.shape)  # <- attr-not-on-estimator
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import GridSearchCV

            X, y = load_diabetes(return_X_y=True)
            search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]})
            search.fit(X, y)
            print(search.best_params)  # <- attr-not-on-estimator
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.ensemble import RandomForestClassifier


            def weights(X, y):
                forest = RandomForestClassifier(n_estimators=10, random_state=0).fit(X, y)
                return forest.coef_  # <- attr-not-on-estimator


            print(weights(*load_iris(return_X_y=True)))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.svm import SVC

            X, y = load_iris(return_X_y=True)
            model = SVC(kernel="rbf").fit(X, y)
            print(model.coef_)  # <- attr-not-on-estimator
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import GridSearchCV
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_iris(return_X_y=True)
            search = GridSearchCV(DecisionTreeClassifier(random_state=0), {"max_depth": [2, 3]}).fit(X, y)
            print(search.feature_importances_)  # <- attr-not-on-estimator
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.svm import SVC

            X, y = load_iris(return_X_y=True)
            print(RandomForestClassifier(n_estimators=10, random_state=0).fit(X, y).feature_importances_)
            print(SVC(kernel="linear").fit(X, y).coef_)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            model = make_pipeline(StandardScaler(), LogisticRegression()).fit(X, y)
            print(model[-1].coef_.shape, model.named_steps["standardscaler"].mean_, model.classes_)
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LogisticRegression
            from sklearn.tree import DecisionTreeClassifier


            def importance(model):
                if hasattr(model, "feature_importances_"):
                    return model.feature_importances_
                return abs(model.coef_).mean(axis=0)


            X, y = load_iris(return_X_y=True)
            for model in (LogisticRegression(max_iter=500), DecisionTreeClassifier(random_state=0)):
                print(importance(model.fit(X, y)))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.naive_bayes import GaussianNB

            X, y = load_iris(return_X_y=True)
            model = GaussianNB().fit(X, y)
            model.columns = ["sepal length", "sepal width", "petal length", "petal width"]
            print(model.columns, model.theta_)
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.svm import SVC


            class Weighted(SVC):
                @property
                def feature_importances_(self):
                    return abs(self.dual_coef_).sum(axis=1)


            X, y = load_iris(return_X_y=True)
            print(Weighted().fit(X, y).feature_importances_)
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import GridSearchCV

            X, y = load_diabetes(return_X_y=True)
            search = GridSearchCV(Ridge(), {"alpha": [0.1, 1.0]}).fit(X, y)
            print(search.best_params_, search.best_estimator_.coef_, search.cv_results_["mean_test_score"])
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.svm import SVC

            X, y = load_iris(return_X_y=True)
            model = SVC().fit(X, y)
            try:
                print(model.coef_)
            except AttributeError:
                print(model.dual_coef_)
            """
        ),
    ),
    check=check,
    raises=("AttributeError",),
)
