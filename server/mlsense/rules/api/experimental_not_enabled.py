"""An experimental estimator of scikit-learn is imported without the import that enables it."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from mlsense.knowledge.library import libraries
from mlsense.rules.editing import inserted_before
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.offering import offer
from mlsense.rules.reading import innermost, location, place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.syntax import walk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.core import Named
    from mlsense.semantics.program import Trace
    from mlsense.semantics.trace import Effects
    from mlsense.semantics.values import Place

EXPERIMENTAL = {
    "sklearn.impute.IterativeImputer": "enable_iterative_imputer",
    "sklearn.model_selection.HalvingGridSearchCV": "enable_halving_search_cv",
    "sklearn.model_selection.HalvingRandomSearchCV": "enable_halving_search_cv",
}
"""A test asks the scikit-learn that is installed whether each still has to be enabled."""


def check(trace: Trace) -> Iterator[Draft]:
    for place, named in dict(trace.kept(_imported, _imported)).items():
        found, enabling = location(trace, place), EXPERIMENTAL[named.name]
        statement = innermost(trace, place)
        if found is None or statement is None or offer(trace, "sklearn") is None or not _is_left_out(trace, enabling):
            continue
        line, name = f"from sklearn.experimental import {enabling}", named.name.rpartition(".")[2]
        message = f"`{name}` is experimental: this import raises ImportError unless `{line}` comes before it."
        edit = inserted_before(trace, place_in(place, statement), [f"{line}  # noqa: F401"])
        yield Draft(message, found, fix=Fix.of(f"Import `{enabling}`", "safe", edit))


def _imported(effects: Effects) -> Iterator[tuple[Place, Named]]:
    """The names that one statement imports and that have to be enabled before."""
    for place, named in effects.names.items():
        if named.imported and not named.guarded and named.name in EXPERIMENTAL:
            yield place, named


def _is_left_out(trace: Trace, enabling: str) -> bool:
    """Whether nothing of the program enables it, nor a module of its own that it imports."""
    known = {*sys.stdlib_module_names, *libraries()}
    for followed in trace.followed:
        if enabling in followed.unit.text:
            return False
        for node in walk(followed.parsed.tree or ast.Pass()):
            roots = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                roots = ["." if node.level else node.module or "."]
            if any(root.partition(".")[0] not in known for root in roots):
                return False
    return not trace.names_may_appear


RULE = Rule(
    name="experimental-not-enabled",
    family="api",
    severity=Severity.ERROR,
    summary="An experimental estimator of scikit-learn is imported and nothing enables it.",
    finds="""
        `from sklearn.impute import IterativeImputer` without
        `from sklearn.experimental import enable_iterative_imputer` before it; the same of `HalvingGridSearchCV` and
        `HalvingRandomSearchCV`.
        """,
    matters="""
        The import raises ImportError. A formatter or a linter that takes the other import for one that nobody uses is
        often what removed it.
        """,
    silent="""
        Programs that import the enabling name anywhere, or modules of their own, which may do so; code inside `try`.
        """,
    repair="""
        Puts the enabling import before it. Safe: that is all it does.
        """,
    bad=(
        example(
            """
            from sklearn.impute import IterativeImputer  # <- experimental-not-enabled

            print(IterativeImputer())
            """
        ),
        example(
            """
            from sklearn.model_selection import GridSearchCV, HalvingGridSearchCV  # <- experimental-not-enabled

            print(GridSearchCV, HalvingGridSearchCV)
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.impute import (
                IterativeImputer as Imputer,  # <- experimental-not-enabled
                SimpleImputer,
            )

            print(np.nan, Imputer(), SimpleImputer())
            """
        ),
        example(
            """
            from sklearn.model_selection import HalvingRandomSearchCV  # <- experimental-not-enabled
            from sklearn.svm import SVC

            print(HalvingRandomSearchCV(SVC(), {"C": [1, 10]}))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.experimental import enable_iterative_imputer
            from sklearn.impute import IterativeImputer

            print(IterativeImputer(), enable_iterative_imputer.__name__)
            """
        ),
        example(
            """
            from sklearn.impute import KNNImputer, SimpleImputer

            print(KNNImputer(), SimpleImputer())
            """
        ),
        example(
            """
            try:
                from sklearn.impute import IterativeImputer as Imputer
            except ImportError:
                from sklearn.impute import SimpleImputer as Imputer
            print(Imputer())
            """
        ),
        example(
            """
            import sklearn.experimental.enable_halving_search_cv
            from sklearn.model_selection import HalvingGridSearchCV

            print(HalvingGridSearchCV, sklearn.__version__)
            """
        ),
        example(
            """
            from sklearn.model_selection import GridSearchCV, RandomizedSearchCV

            print(GridSearchCV, RandomizedSearchCV)
            """
        ),
        example(
            """
            import importlib

            importlib.import_module("sklearn.experimental.enable_iterative_imputer")
            from sklearn.impute import IterativeImputer

            print(IterativeImputer())
            """
        ),
    ),
    check=check,
    raises=("ImportError",),
)
