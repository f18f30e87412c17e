"""A search or `set_params` names a parameter that the estimator, or the step of the pipeline, does not have."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.keywords import key_of_dict, keywords_of_dict, place_of_dict, place_of_name, written_key
from mlsense.rules.offering import is_certain
from mlsense.rules.parameters import Settable, of_replaced, settable
from mlsense.rules.reading import location, node_at, place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import text_of
from mlsense.semantics.events import Called
from mlsense.semantics.models.estimators import SEARCHES
from mlsense.semantics.values import DictObject, Estimator, ListObject, Method, Ref, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place, Value


def check(trace: Trace) -> Iterator[Draft]:
    for event in trace.that(_sets, Called):
        callee = event.callee
        name = callee.name.rpartition(".")[2]
        if isinstance(callee, Symbol) and name in SEARCHES:
            given = event.object(event.argument(0, "estimator"))
            if isinstance(given, Estimator):
                yield from _keys(trace, event, name, given, event.argument(1, SEARCHES[name]))
        elif isinstance(callee, Symbol):
            given = event.object(event.argument(0, "estimator"))
            if isinstance(given, Estimator):
                yield from _curve(trace, event, given)
        elif isinstance(callee, Method) and name == "set_params" and isinstance(event.thing, Estimator):
            yield from _keywords(trace, event, event.thing)


def _sets(event: Called) -> bool:
    """Whether it is a search, `validation_curve` or `set_params`."""
    callee = event.callee
    name = callee.name.rpartition(".")[2]
    wanted = (*SEARCHES, "validation_curve") if isinstance(callee, Symbol) else ("set_params",)
    return name in wanted and is_certain(event)


def _keys(trace: Trace, event: Called, search: str, estimator: Estimator, grid: Value | None) -> Iterator[Draft]:
    """The keys of a grid, or of a list of grids, that cannot be set."""
    known = settable(trace, estimator, event.object)
    thing = event.object(grid)
    if known is None:
        return
    if isinstance(thing, ListObject):
        for item in thing.items or ():
            yield from _keys(trace, event, search, estimator, item)
    if not isinstance(thing, DictObject) or not isinstance(grid, Ref):
        return
    keys = [key for key, _ in thing.items if isinstance(key, str)]
    for key in keys:
        if known.takes(key) is False and not of_replaced(key, keys):
            place, text = written_key(trace, grid.origin.place, key)
            yield from _draft(trace, place or event.call, text, f"`{search}`", estimator, known, key)


def _keywords(trace: Trace, event: Called, estimator: Estimator) -> Iterator[Draft]:
    known = settable(trace, estimator, event.object)
    node = node_at(trace, event.call)
    if known is None or not isinstance(node, ast.Call):
        return
    names = [keyword.arg for keyword in node.keywords if keyword.arg is not None]
    for keyword in node.keywords:
        if keyword.arg is not None and known.takes(keyword.arg) is False and not of_replaced(keyword.arg, names):
            place = place_of_name(event.call, keyword)
            yield from _draft(trace, place, keyword.arg, "`set_params`", estimator, known, keyword.arg)
    together = [*names, *keywords_of_dict(event, node)]
    for name in keywords_of_dict(event, node):
        here = place_of_dict(event, node)
        if here is not None and known.takes(name) is False and not of_replaced(name, together):
            key, text = key_of_dict(trace, here, name)
            yield from _draft(trace, key or here, text, "`set_params`", estimator, known, name)


def _curve(trace: Trace, event: Called, estimator: Estimator) -> Iterator[Draft]:
    """The one parameter that `validation_curve` varies."""
    known, name = settable(trace, estimator, event.object), event.argument(None, "param_name")
    node = node_at(trace, event.call)
    wanted = text_of(name)
    if known is None or wanted is None or not isinstance(node, ast.Call):
        return
    for keyword in node.keywords:
        if keyword.arg == "param_name" and known.takes(wanted) is False:
            place = place_in(event.call, keyword.value)
            text = editing.text_at(trace, place) or ""
            yield from _draft(trace, place, text, "`validation_curve`", estimator, known, wanted)


def _draft(
    trace: Trace, place: Place, text: str, setter: str, estimator: Estimator, known: Settable, name: str
) -> Iterator[Draft]:
    found = location(trace, place)
    if found is None:
        return
    meant = known.meant(name)
    edit = editing.replaced(trace, place, text.replace(name, meant)) if meant is not None and name in text else None
    fix = Fix.of(f"Write `{meant}`", "unsafe", edit)
    yield Draft(_message(setter, estimator, known, name, meant), found, fix=fix)


def _message(setter: str, estimator: Estimator, known: Settable, name: str, meant: str | None) -> str:
    cls = estimator.cls.rpartition(".")[2]
    steps = [step for step, _ in estimator.steps if f"{step}" in known.names]
    says = f"its parts are {', '.join(f'`{step}`' for step in steps)}" if steps and "__" not in name else ""
    head, _, last = name.rpartition("__")
    if steps and head and head.partition("__")[0] not in (*steps, *known.names):
        says = f"it has no part `{head.partition('__')[0]}`"
    elif head and not says:
        says = f"its `{head}` has no parameter `{last}`"
    reason = f": {says}" if says else ""
    advice = f" Did you mean `{meant}`?" if meant is not None else ""
    return f"{setter} cannot set `{name}` on this `{cls}`{reason}. Fitting raises ValueError.{advice}"


RULE = Rule(
    name="param-grid-prefix",
    family="estimator",
    severity=Severity.ERROR,
    summary="A search or set_params names a parameter that the estimator does not have.",
    finds="""
        Keys of `param_grid`, `param_distributions` and keywords of `set_params` that are no parameter of the estimator
        at hand: without the prefix of the pipeline's step (`C` instead of `clf__C`), with one underscore too few, with
        the name of a step that is called otherwise, or misspelt.
        """,
    matters="""
        The search raises ValueError as soon as it is fitted, after all data were prepared. The message lists every
        parameter of every step, and the one that was meant is somewhere among them.
        """,
    silent="""
        Estimators and steps whose parameters are not known (your own classes, values that come from elsewhere), keys
        that are no literal texts, parts that are only made when nothing is given or that the same grid puts in place of
        another, code inside `try`.
        """,
    repair="""
        Writes the name with its prefix, or the name that is near. For you to accept: another step may have been meant.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import GridSearchCV
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            model = Pipeline([("scale", StandardScaler()), ("clf", LogisticRegression())])
            search = GridSearchCV(model, {"C": [0.1, 1, 10]})  # <- param-grid-prefix
            search.fit(X, y)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import GridSearchCV
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC

            X, y = load_wine(return_X_y=True)
            grid = {
                "svm__C": [1, 10],  # <- param-grid-prefix
                "svc__gamma": ["scale"],
            }
            GridSearchCV(make_pipeline(StandardScaler(), SVC()), param_grid=grid).fit(X, y)
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.ensemble import RandomForestRegressor
            from sklearn.model_selection import RandomizedSearchCV

            X, y = load_diabetes(return_X_y=True)
            choices = dict(n_estimators=[5, 10], max_deph=[2, 3])  # <- param-grid-prefix
            RandomizedSearchCV(RandomForestRegressor(), choices, n_iter=2, random_state=0).fit(X, y)
            """
        ),
        example(
            """
            from sklearn.linear_model import Ridge
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import StandardScaler

            model = Pipeline([("scale", StandardScaler()), ("ridge", Ridge())])
            model.set_params(ridge_alpha=2.0)  # <- param-grid-prefix
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import GridSearchCV
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            model = Pipeline([("scale", StandardScaler()), ("clf", LogisticRegression())])
            print(GridSearchCV(model, {"clf__C": [0.1, 1, 10]}).fit(X, y).best_score_)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import GridSearchCV
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import MinMaxScaler, StandardScaler

            X, y = load_wine(return_X_y=True)
            model = Pipeline([("scale", StandardScaler()), ("clf", LogisticRegression())])
            grid = [{"scale": [StandardScaler(), MinMaxScaler()]}, {"clf__C": [1, 10], "scale": ["passthrough"]}]
            print(GridSearchCV(model, grid).fit(X, y).best_params_)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import BaggingClassifier
            from sklearn.model_selection import GridSearchCV
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            bag = BaggingClassifier(DecisionTreeClassifier(), n_estimators=3, random_state=0)
            print(GridSearchCV(bag, {"estimator__max_depth": [1, 2], "n_estimators": [3]}).fit(X, y).best_params_)
            """
        ),
        example(
            """
            from sklearn.base import BaseEstimator, ClassifierMixin
            from sklearn.datasets import load_wine
            from sklearn.model_selection import GridSearchCV


            class Constant(ClassifierMixin, BaseEstimator):
                def __init__(self, answer=0):
                    self.answer = answer

                def fit(self, X, y):
                    self.classes_ = sorted(set(y))
                    return self

                def predict(self, X):
                    return [self.answer] * len(X)


            print(GridSearchCV(Constant(), {"answer": [0, 1]}).fit(*load_wine(return_X_y=True)).best_params_)
            """
        ),
        example(
            """
            from sklearn.compose import ColumnTransformer
            from sklearn.impute import SimpleImputer
            from sklearn.linear_model import Ridge
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            numbers = make_pipeline(SimpleImputer(), StandardScaler())
            model = make_pipeline(ColumnTransformer([("numbers", numbers, [0, 1])]), Ridge())
            print(model.set_params(columntransformer__numbers__simpleimputer__strategy="median", ridge__alpha=2))
            """
        ),
        example(
            """
            from sklearn.ensemble import AdaBoostClassifier
            from sklearn.svm import SVC

            settings = {"C": 3}
            print(SVC().set_params(**settings), AdaBoostClassifier().set_params(estimator=SVC(), estimator__C=2))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.model_selection import GridSearchCV
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC

            X, y = load_wine(return_X_y=True)
            model = Pipeline([("scale", StandardScaler()), ("clf", SVC())])
            grid = [
                {"clf": [SVC()], "clf__C": [1, 10]},
                {"clf": [RandomForestClassifier(n_estimators=5)], "scale": [None], "clf__max_features": [1, 2]},
            ]
            print(GridSearchCV(model, grid).fit(X, y).best_params_)
            print(model.set_params(clf=RandomForestClassifier(), clf__max_features="log2"))
            """
        ),
    ),
    check=check,
    raises=("ValueError",),
)
