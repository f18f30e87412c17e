"""A table of one column is handed over for the target, where a plain column is wanted."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.blocks import block_of
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.inputs import facts, trainings
from mlsense.rules.reading import calls_of, location, node_at, place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import CrossValidate, Fit, Split
from mlsense.semantics.models.estimators import short

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Data, Place

# They learn several targets at once, yet take one as a plain column.
_WARN_TOO = frozenset(
    """
    RandomForestClassifier RandomForestRegressor ExtraTreesClassifier ExtraTreesRegressor KNeighborsClassifier
    RadiusNeighborsClassifier MLPClassifier MLPRegressor
    """.split()
)
_RAISE = frozenset("GammaRegressor IsotonicRegression SelfTrainingClassifier".split())


def check(trace: Trace) -> Iterator[Draft]:
    told: set[Place] = set()
    for event in trainings(trace):
        if not event.leaves or not _is_table_of_one(event.y):
            continue
        leaf = event.leaves[-1]
        known, name = facts(trace, leaf), short(leaf.cls)
        if known is None or name in _RAISE or not (known.multioutput is False or name in _WARN_TOO):
            continue
        place = _argument(trace, event) or event.call
        found = location(trace, place)
        if found is None or place in told or event.assumed:
            continue
        told.add(place)
        what = f"`{editing.text_at(trace, place)}`" if place != event.call else "what it gets for the target"
        yield Draft(
            f"{what} is a table of one column, and `{name}` expects a plain column for the target: it warns "
            f"(DataConversionWarning) and flattens the table. Take the column with one pair of brackets, or `.ravel()` "
            f"an array.",
            found,
            fix=_fix(trace, event, place),
        )


def _is_table_of_one(y: Data | None) -> bool:
    if y is None or y.columns is None or not y.columns.closed or len(y.columns.items) != 1:
        return False
    return y.kind == "frame" or (y.kind == "array" and y.rank == 2)


def _argument(trace: Trace, event: Fit | CrossValidate) -> Place | None:
    """Where the target stands among the arguments."""
    node = node_at(trace, event.call)
    if not isinstance(node, ast.Call):
        return None
    position = 2 if isinstance(event, CrossValidate) and not isinstance(node.func, ast.Attribute) else 1
    given = next((keyword.value for keyword in node.keywords if keyword.arg == "y"), None)
    if given is None and len(node.args) > position:
        given = node.args[position]
    return place_in(event.call, given) if given is not None else None


def _fix(trace: Trace, event: Fit | CrossValidate, place: Place) -> Fix | None:
    """`table[["a"]]` becomes `table["a"]`, where the target is made so once."""
    node, at = node_at(trace, place), place
    if isinstance(node, ast.Name):
        rows = event.y.rows if event.y is not None else None
        chosen = {choice.selector for part in (rows.parts if rows is not None else ()) for choice in part.path}
        split = next((each for each in trace.of(Split) if each.selector in chosen), None)
        if split is not None and calls_of(split.origin) == calls_of(event.origin) and len(split.places) == 2:
            at = split.places[1]
            node = node_at(trace, at)
    block = block_of(trace, at, loops=True)
    if isinstance(node, ast.Name) and block is not None:
        bound = block.bound_once(node.id)
        if bound is None or sum(use.mention.reads for use in block.uses(node.id)) != 1:
            return None
        at, node = place_in(bound[0], bound[1].value), bound[1].value
    if not isinstance(node, ast.Subscript) or not isinstance(node.slice, ast.List) or len(node.slice.elts) != 1:
        return None
    name = editing.text_at(trace, place_in(at, node.slice.elts[0]))
    if name is None:
        return None
    return Fix.of("Take the plain column", "unsafe", editing.replaced(trace, place_in(at, node.slice), name))


RULE = Rule(
    name="y-2d-column",
    family="shape",
    severity=Severity.INFORMATION,
    summary="A table of one column is handed over for the target, where a plain column is wanted.",
    finds="""
        `fit` and cross-validation of scikit-learn's models that learn one target, with `df[["price"]]` for it, or with
        the two-dimensional array of one column that comes of it.
        """,
    matters="""
        The model warns with `DataConversionWarning` and flattens the table itself. In a search that is a warning for
        each fold. Models that learn several targets take the table as it is and predict tables of one column:
        subtracted from a plain column of labels these make a square of differences, and the error is that of nothing.
        """,
    silent="""
        Several columns; models that learn several targets and do not mind, such as linear regression and single trees;
        columns whose number is not known; code inside `try`.
        """,
    repair="""
        `df[["price"]]` becomes `df["price"]`, where the target is made so and used once. For you to accept: predictions
        and attributes may have another shape.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import RandomForestClassifier

            wines = load_wine(as_frame=True).frame
            forest = RandomForestClassifier(n_estimators=5)
            forest.fit(wines[["alcohol", "hue"]], wines[["target"]])  # <- y-2d-column
            print(forest.classes_)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.naive_bayes import GaussianNB

            wines = load_wine(as_frame=True).frame
            X = wines[["alcohol", "hue"]]
            y = wines[["target"]]
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = GaussianNB().fit(X_train, y_train)  # <- y-2d-column
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import cross_val_score
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            wines = load_wine(as_frame=True).frame
            model = make_pipeline(StandardScaler(), LogisticRegression())
            print(cross_val_score(model, wines.drop(columns="target"), wines[["target"]]))  # <- y-2d-column
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.ensemble import GradientBoostingRegressor


            def trained(table, column):
                model = GradientBoostingRegressor(n_estimators=5)
                return model.fit(table[["area"]], table[[column]])  # <- y-2d-column


            houses = pd.DataFrame({"area": [50.0, 60.0, 75.0, 90.0], "price": [1.0, 2.0, 3.0, 5.0]})
            print(trained(houses, "price").predict(houses[["area"]]))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import RandomForestClassifier

            wines = load_wine(as_frame=True).frame
            print(RandomForestClassifier(n_estimators=5).fit(wines[["alcohol", "hue"]], wines["target"]).classes_)
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LinearRegression

            houses = pd.DataFrame({"area": [50.0, 60.0, 75.0, 90.0], "price": [1.0, 2.0, 3.0, 5.0]})
            print(LinearRegression().fit(houses[["area"]], houses[["price"]]).coef_)
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.ensemble import RandomForestRegressor

            houses = pd.DataFrame({"area": [50.0, 60.0, 75.0], "price": [1.0, 2.0, 3.0], "rent": [3.0, 4.0, 4.0]})
            forest = RandomForestRegressor(n_estimators=5).fit(houses[["area"]], houses[["price", "rent"]])
            print(forest.predict(houses[["area"]]))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.naive_bayes import GaussianNB

            wines = load_wine(as_frame=True).frame
            labels = wines[["target"]]
            print(GaussianNB().fit(wines[["alcohol", "hue"]], labels.values.ravel()).classes_)
            print(GaussianNB().fit(wines[["alcohol", "hue"]], labels.squeeze()).classes_)
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.tree import DecisionTreeClassifier

            marks = pd.DataFrame({"hours": [1, 4, 6, 9], "passed": [0, 0, 1, 1]})
            print(DecisionTreeClassifier().fit(marks[["hours"]], marks[["passed"]]).predict(marks[["hours"]]))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.preprocessing import OneHotEncoder, StandardScaler

            marks = pd.DataFrame({"hours": [1, 4, 6, 9], "passed": [0, 0, 1, 1]})
            print(StandardScaler().fit_transform(marks[["hours"]], marks[["passed"]]))
            print(OneHotEncoder().fit_transform(marks[["passed"]]).toarray())
            """
        ),
    ),
    check=check,
)
