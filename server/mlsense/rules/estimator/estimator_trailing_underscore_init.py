"""An estimator of the program that sets what only a fit may set: scikit-learn takes it for fitted."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.reading import location
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.values import Place, Symbol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Unit

_BASE = "BaseEstimator"
# What a fit leaves behind, as scikit-learn tells it: one underscore at the end, none before it.
_LEARNED = re.compile(r"[^_].*[^_]_|[^_]_")


def check(trace: Trace) -> Iterator[Draft]:
    for unit in dict.fromkeys(unit for unit, _ in trace.uses.get(_BASE, ())):
        tree = trace.homes[unit].parsed.tree
        if not isinstance(tree, ast.ClassDef) or not any(_is_base(trace, unit, base) for base in tree.bases):
            continue
        methods = {each.name: each for each in tree.body if isinstance(each, ast.FunctionDef)}
        if "__init__" not in methods or "fit" not in methods or "__sklearn_is_fitted__" in methods:
            continue
        for target in _set_in(methods["__init__"]):
            found = location(trace, Place.of(unit, target))
            if found is not None:
                yield Draft(_message(tree.name, target.attr), found)


def _is_base(trace: Trace, unit: Unit, base: ast.expr) -> bool:
    """Whether it is scikit-learn's base class."""
    seen = trace.sighting(Place.of(unit, base)) if isinstance(base, ast.Name) and base.id == _BASE else None
    return seen is not None and isinstance(seen.value, Symbol) and seen.value.name.startswith("sklearn.")


def _set_in(init: ast.FunctionDef) -> Iterator[ast.Attribute]:
    """The attributes with an underscore at the end that it sets on the object itself."""
    names = [each.arg for each in (*init.args.args, *init.args.kwonlyargs)]
    for node in ast.walk(init):
        if isinstance(node, ast.Attribute) and _is_learned(names[0] if names else "", node) and node.attr not in names:
            yield node


def _is_learned(own: str, node: ast.Attribute) -> bool:
    return (
        isinstance(node.ctx, ast.Store)
        and isinstance(node.value, ast.Name)
        and node.value.id == own
        and _LEARNED.fullmatch(node.attr) is not None
    )


def _message(name: str, attribute: str) -> str:
    return (
        f"`__init__` of `{name}` sets `{attribute}`: a name that ends in an underscore tells scikit-learn that the "
        f"estimator is fitted, so `check_is_fitted` lets a new `{name}` pass. Set it in `fit`."
    )


RULE = Rule(
    name="estimator-trailing-underscore-init",
    family="estimator",
    severity=Severity.WARNING,
    summary="An estimator sets in `__init__` what only `fit` may set.",
    finds="""
        `self.coef_ = 0` in the `__init__` of a class that derives from scikit-learn's `BaseEstimator` and has a `fit`.
        """,
    matters="""
        scikit-learn knows a fitted estimator by its attributes that end in one underscore. Set in `__init__`, they are
        there before any fit: `check_is_fitted` says nothing, a pipeline takes the object for fitted, and `predict`
        answers with the values it began with instead of raising NotFittedError.
        """,
    silent="""
        Classes without `fit` or with `__sklearn_is_fitted__`; names that begin with an underscore or end in two;
        parameters of that name; attributes set in `fit` and elsewhere; classes of other bases.
        """,
    repair="""
        None: the line belongs into `fit`, or the name loses its underscore, which the rest of the program has to
        follow.
        """,
    bad=(
        example(
            """
            import numpy as np
            from sklearn.base import BaseEstimator, ClassifierMixin


            class Majority(ClassifierMixin, BaseEstimator):
                def __init__(self, default=0):
                    self.default = default
                    self.label_ = default  # <- estimator-trailing-underscore-init

                def fit(self, X, y):
                    self.label_ = np.bincount(y).argmax()
                    return self

                def predict(self, X):
                    return np.full(len(X), self.label_)


            print(Majority().predict([[1], [2]]))
            """
        ),
        example(
            """
            from sklearn.base import BaseEstimator, TransformerMixin
            from sklearn.utils.validation import check_is_fitted


            class Centred(TransformerMixin, BaseEstimator):
                def __init__(self):
                    self.mean_ = None  # <- estimator-trailing-underscore-init

                def fit(self, X, y=None):
                    self.mean_ = sum(X) / len(X)
                    return self

                def transform(self, X):
                    check_is_fitted(self)
                    return [x - (self.mean_ or 0) for x in X]


            print(Centred().transform([1, 2]))
            """
        ),
        example(
            """
            from sklearn.base import BaseEstimator


            class Model(BaseEstimator):
                def __init__(self, rate=0.1):
                    self.rate = rate
                    self.coef_, self.intercept_ = [], 0.0  # <- estimator-trailing-underscore-init

                def fit(self, X, y):
                    self.coef_ = [0.0] * len(X[0])
                    return self


            print(Model().coef_)
            """
        ),
        example(
            """
            from sklearn.base import BaseEstimator


            class Counter(BaseEstimator):
                def __init__(self, step=1):
                    self.step = step
                    if step > 0:
                        self.n_: int = 0  # <- estimator-trailing-underscore-init

                def fit(self, X, y=None):
                    self.n_ += self.step * len(X)
                    return self


            print(Counter().fit([1, 2]).n_)
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.base import BaseEstimator


            class Model(BaseEstimator):
                def __init__(self, rate=0.1):
                    self.rate = rate

                def fit(self, X, y):
                    self.coef_ = [self.rate] * len(X[0])
                    return self


            print(Model().fit([[1, 2]], [1]).coef_)
            """
        ),
        example(
            """
            from sklearn.base import BaseEstimator


            class Model(BaseEstimator):
                def __init__(self, class_=1):
                    self.class_ = class_
                    self._cache_ = {}
                    self.kept__ = class_

                def fit(self, X, y=None):
                    return self


            print(Model().fit([1]).kept__)
            """
        ),
        example(
            """
            class Model:
                def __init__(self):
                    self.coef_ = None

                def fit(self, X, y):
                    self.coef_ = [0.0]
                    return self


            print(Model().coef_)
            """
        ),
        example(
            """
            from sklearn.base import BaseEstimator


            class Model(BaseEstimator):
                def __init__(self):
                    self.coef_ = None

                def __sklearn_is_fitted__(self):
                    return self.coef_ is not None

                def fit(self, X, y):
                    self.coef_ = [0.0]
                    return self


            print(Model().coef_)
            """
        ),
        example(
            """
            from sklearn.base import BaseEstimator


            class Settings(BaseEstimator):
                def __init__(self, type_="a"):
                    self.type_ = type_


            print(Settings().type_)
            """
        ),
        example(
            """
            class BaseEstimator:
                pass


            class Model(BaseEstimator):
                def __init__(self):
                    self.coef_ = 0

                def fit(self, X):
                    return self


            print(Model().fit([1]).coef_)
            """
        ),
    ),
    check=check,
    references=("https://scikit-learn.org/stable/developers/develop.html",),
)
