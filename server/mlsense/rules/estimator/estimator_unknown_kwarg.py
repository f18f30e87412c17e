"""A hyper-parameter that the estimator does not have: misspelt, renamed, removed, or of another library."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.keywords import Given, unknown_keywords
from mlsense.rules.rule import Draft, Rule, example

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace


def check(trace: Trace) -> Iterator[Draft]:
    yield from unknown_keywords(trace, makes_estimator)


def makes_estimator(given: Given) -> bool:
    """Whether the call makes an estimator: an object of a class with `fit`."""
    members = given.callee.offer.members(given.callee.dotted) if given.callee.entry.kind == "class" else None
    return members is not None and "fit" in members


RULE = Rule(
    name="estimator-unknown-kwarg",
    family="estimator",
    severity=Severity.ERROR,
    summary="An estimator is made with a parameter that it does not have.",
    finds="""
        A keyword argument that the class does not take in the version in force: misspelt, known by another name in
        other libraries (`n_trees`, `seed`), renamed or removed since (`base_estimator`, `normalize`), or only in a
        newer version.
        """,
    matters="""
        Making the estimator raises TypeError. In a long notebook that happens after the data were read and prepared,
        and what the parameter is called now is not in the message.
        """,
    silent="""
        Classes that take any keyword (`**kwargs`), classes of your own, keywords out of a dict that may have got or
        lost some since, code inside `try` or under a test for the version, and libraries or versions of which the
        signatures are not known.
        """,
    repair="""
        Writes the right name. Safe where the parameter was renamed; a name that is only near is for you to accept.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.ensemble import GradientBoostingRegressor

            X, y = load_diabetes(return_X_y=True)
            model = GradientBoostingRegressor(learn_rate=0.05, random_state=0)  # <- estimator-unknown-kwarg
            print(model.fit(X, y).score(X, y))
            """
        ),
        example(
            """
            from sklearn.ensemble import AdaBoostClassifier
            from sklearn.tree import DecisionTreeClassifier

            stump = DecisionTreeClassifier(max_depth=1)
            model = AdaBoostClassifier(base_estimator=stump, n_estimators=50)  # <- estimator-unknown-kwarg
            print(model)
            """
        ),
        example(
            """
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import StandardScaler

            model = Pipeline(
                [
                    ("scale", StandardScaler()),
                    ("forest", RandomForestClassifier(n_trees=200, seed=0)),  # <- estimator-unknown-kwarg
                ]
            )
            print(model)
            """
        ),
        example(
            """
            from sklearn import linear_model


            def ridge(alpha):
                return linear_model.Ridge(alpha=alpha, normalize=True)  # <- estimator-unknown-kwarg


            print([ridge(alpha) for alpha in (0.1, 1.0)])
            """
        ),
        example(
            """
            from sklearn.tree import DecisionTreeRegressor

            chosen = {"max_depth": 3, "min_sample_leaf": 5}
            model = DecisionTreeRegressor(**chosen)  # <- estimator-unknown-kwarg
            """
        ),
    ),
    good=(
        example(
            """
            import sys

            from sklearn.linear_model import Ridge

            chosen = {"alpha": 2.0, "degree": 3}
            degree = chosen.pop("degree")
            extra = {"name": "ridge"}
            del extra["name"]
            if len(sys.argv) > 9:
                extra["unknown"] = 1
            print(Ridge(**chosen), Ridge(**extra), degree)
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.ensemble import GradientBoostingRegressor

            X, y = load_diabetes(return_X_y=True)
            model = GradientBoostingRegressor(learning_rate=0.05, random_state=0)
            print(model.fit(X, y).score(X, y))
            """
        ),
        example(
            """
            import sklearn
            from sklearn.ensemble import AdaBoostClassifier
            from sklearn.tree import DecisionTreeClassifier

            stump = DecisionTreeClassifier(max_depth=1)
            if sklearn.__version__ < "1.2":
                model = AdaBoostClassifier(base_estimator=stump)
            else:
                model = AdaBoostClassifier(estimator=stump)
            print(model)
            """
        ),
        example(
            """
            from sklearn.linear_model import LinearRegression

            try:
                model = LinearRegression(normalize=True)
            except TypeError:
                model = LinearRegression()
            print(model)
            """
        ),
        example(
            """
            from sklearn.base import BaseEstimator, ClassifierMixin


            class RandomForestClassifier(ClassifierMixin, BaseEstimator):
                def __init__(self, n_trees=10):
                    self.n_trees = n_trees


            print(RandomForestClassifier(n_trees=3))
            """
        ),
        example(
            """
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.neighbors import KNeighborsClassifier

            settings = {"n_neighbors": 3}
            print(KNeighborsClassifier(**settings), RandomForestClassifier(n_estimators=5, random_state=0))
            """
        ),
        example(
            """
            from sklearn.feature_selection import SelectKBest, chi2
            from sklearn.preprocessing import FunctionTransformer

            print(FunctionTransformer(abs, kw_args={"anything": 1}), SelectKBest(chi2, k=2).set_params(k=3))
            """
        ),
    ),
    check=check,
    raises=("TypeError",),
)
