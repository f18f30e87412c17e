"""A column of text goes into an estimator that calculates with numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.rules.finding import Severity
from mlsense.rules.inputs import argument_place, certainly, examples_of, facts, predicts, trainings
from mlsense.rules.reading import location, related
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.core import constant
from mlsense.semantics.models.estimators import short, transformer_model

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Column, Data, Estimator


def check(trace: Trace) -> Iterator[Draft]:
    for event in trainings(trace):
        named = [column for column in _columns(event.x) if column.name]
        columns = [column for column in named if event.x is not None and _is_text(column, event.x)]
        leaf = _refuses(trace, event.leaves or ()) if columns else None
        place = argument_place(trace, event)
        found = location(trace, place)
        if leaf is None or found is None:
            continue
        name = short(leaf.cls)
        shown = examples_of(columns[0])
        values = f" ({shown})" if shown else ""
        more = f", as {_number(len(columns) - 1)}" if len(columns) > 1 else ""
        yield Draft(
            f"`{columns[0].name}` holds text{values}{more}, and `{name}` calculates with numbers: `fit` raises "
            f"ValueError. Turn it into numbers first, with `OneHotEncoder` in a `ColumnTransformer`, or leave it out.",
            found,
            related(trace, (event.call, f"`{name}` is fitted here")) if place != event.call else (),
        )


def _number(others: int) -> str:
    return "does another column" if others == 1 else f"do {others} others"


def _columns(x: Data | None) -> tuple[Column, ...]:
    return x.columns.items if x is not None and x.columns is not None else ()


def _is_text(column: Column, x: Data) -> bool:
    """Whether among these rows there is certainly a text that is no number."""
    if column.dtype != "str" or column.profile is None or column.profile.dtype != "str":
        return False
    common = column.profile.common
    words = sum(count for text, count in common if not _reads_as_number(text))
    all_words = len(common) == sum(not _reads_as_number(text) for text, _ in common)
    return (all_words and x.rows is not None) or certainly(x, words)


def _reads_as_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _refuses(trace: Trace, leaves: tuple[Estimator, ...]) -> Estimator | None:
    """The first step that calculates, if no step before it takes text."""
    for leaf in leaves:
        name, model = short(leaf.cls), transformer_model(leaf.cls)
        if facts(trace, leaf) is None or leaf.param("categorical_features") is not None:
            return None
        if name == "SimpleImputer":
            strategy = leaf.param("strategy")
            if strategy is None or constant(strategy) in ("mean", "median"):
                return leaf
            if constant(strategy) not in ("most_frequent", "constant"):
                return None
        elif predicts(leaf) or (model is not None and model.family in ("scaler", "reducer")):
            return leaf
        else:
            return None
    return None


RULE = Rule(
    name="string-to-estimator",
    family="dtype",
    severity=Severity.ERROR,
    summary="A column of text goes into an estimator that calculates with numbers.",
    finds="""
        `fit` and cross-validation of scikit-learn's models, scalers and reducers on a table with a column of text in
        it. Which columns hold text is read off the data file in the workspace, or off the table as it is written down.
        """,
    matters="""
        `fit` raises `ValueError: could not convert string to float`, often after the cells above it have run for
        minutes. Also HistGradientBoosting refuses text; it takes columns of the type `category`.
        """,
    silent="""
        Columns that were encoded, mapped, or changed in any way that is not followed; a `ColumnTransformer`, an encoder
        or a vectoriser before the model; `DummyClassifier`; other libraries (CatBoost and LightGBM take categories);
        text that reads as numbers; files that are not in the workspace; code inside `try`.
        """,
    repair="There is none: whether the column is to be encoded, and how, or left out, only you know.",
    raises=("ValueError", "TypeError"),
    bad=(
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression

            people = pd.DataFrame(
                {"age": [25, 32, 47, 51], "city": ["Ulm", "Aue", "Ulm", "Bonn"], "bought": [0, 0, 1, 1]}
            )
            X, y = people.drop(columns="bought"), people["bought"]
            model = LogisticRegression()
            model.fit(X, y)  # <- string-to-estimator
            """
        ),
        example(
            """
            from io import StringIO

            import pandas as pd
            from sklearn.ensemble import RandomForestRegressor
            from sklearn.model_selection import train_test_split

            houses = pd.read_csv(StringIO("area,heating,price\\n80,gas,200\\n95,oil,230\\n120,gas,310\\n70,oil,160\\n"))
            X_train, X_test, y_train, y_test = train_test_split(
                houses[["area", "heating"]], houses["price"], random_state=0
            )
            forest = RandomForestRegressor(n_estimators=5).fit(X_train, y_train)  # <- string-to-estimator
            print(forest.score(X_test, y_test))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.preprocessing import StandardScaler

            plants = pd.DataFrame({"height": [1.2, 0.7, 2.3], "kind": ["fern", "moss", "fern"]})
            print(StandardScaler().fit_transform(plants))  # <- string-to-estimator
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.ensemble import HistGradientBoostingClassifier
            from sklearn.impute import SimpleImputer
            from sklearn.pipeline import make_pipeline

            cars = pd.DataFrame({"power": [60, 75, 90, 110], "fuel": ["gas", "diesel", "gas", "gas"]})
            fast = [0, 0, 1, 1]
            model = make_pipeline(SimpleImputer(strategy="most_frequent"), HistGradientBoostingClassifier())
            model.fit(cars.values, fast)  # <- string-to-estimator
            """
        ),
    ),
    good=(
        example(
            """
            import numpy as np
            from sklearn.gaussian_process import GaussianProcessRegressor
            from sklearn.gaussian_process.kernels import GenericKernelMixin, Kernel


            class Letters(GenericKernelMixin, Kernel):
                def __init__(self):
                    pass

                def __call__(self, X, Y=None, eval_gradient=False):
                    K = np.array([[float(len(set(a) & set(b))) for b in (X if Y is None else Y)] for a in X])
                    return (K, np.empty((*K.shape, 0))) if eval_gradient else K

                def diag(self, X):
                    return np.array([float(len(set(x))) for x in X])

                def is_stationary(self):
                    return False


            words = np.array(["AC", "CG", "GT"])
            model = GaussianProcessRegressor(kernel=Letters(), optimizer=None, alpha=1.0)
            print(model.fit(words, [1.0, 2.0, 3.0]).predict(words))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.compose import make_column_transformer
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import OneHotEncoder

            people = pd.DataFrame(
                {"age": [25, 32, 47, 51], "city": ["Ulm", "Aue", "Ulm", "Bonn"], "bought": [0, 0, 1, 1]}
            )
            columns = make_column_transformer((OneHotEncoder(), ["city"]), remainder="passthrough")
            model = make_pipeline(columns, LogisticRegression(max_iter=1000))
            print(model.fit(people.drop(columns="bought"), people["bought"]).predict(people[:2]))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.tree import DecisionTreeClassifier

            people = pd.DataFrame({"age": [25, 32, 47], "city": ["Ulm", "Aue", "Ulm"], "bought": [0, 0, 1]})
            people["city"] = people["city"].map({"Ulm": 0, "Aue": 1})
            print(DecisionTreeClassifier().fit(people[["age", "city"]], people["bought"]).get_depth())
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LinearRegression

            houses = pd.DataFrame({"area": [80, 95, 120], "heating": ["gas", "oil", "gas"], "price": [200, 230, 310]})
            X = pd.get_dummies(houses.drop(columns="price"))
            print(LinearRegression().fit(X, houses["price"]).coef_)
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LinearRegression

            houses = pd.DataFrame({"area": ["80", "95", "120"], "price": [200, 230, 310]})
            print(LinearRegression().fit(houses[["area"]], houses["price"]).coef_)
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.ensemble import HistGradientBoostingClassifier

            cars = pd.DataFrame({"power": [60, 75, 90, 110], "fuel": ["gas", "diesel", "gas", "gas"]})
            cars["fuel"] = cars["fuel"].astype("category")
            print(HistGradientBoostingClassifier().fit(cars, [0, 0, 1, 1]).classes_)
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.linear_model import LogisticRegression

            flowers = pd.DataFrame({"length": [1.2, 0.7, 2.3, 2.1], "kind": ["fern", "moss", "fern", "fern"]})
            numbers = flowers.select_dtypes("number")
            print(LogisticRegression().fit(numbers, flowers["kind"]).classes_)
            """
        ),
        example(
            """
            from io import StringIO

            import pandas as pd
            from sklearn.linear_model import LinearRegression

            cars = pd.read_csv(StringIO("power,weight\\n60,900\\n?,1000\\n90,1100\\n75,950\\n"))
            cars = cars[cars["power"] != "?"]
            print(LinearRegression().fit(cars[["power"]], cars["weight"]).coef_)
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.feature_extraction.text import TfidfVectorizer
            from sklearn.linear_model import LogisticRegression
            from sklearn.pipeline import make_pipeline

            mails = pd.DataFrame({"text": ["buy now", "see you soon", "buy soon", "see this"], "spam": [1, 0, 1, 0]})
            model = make_pipeline(TfidfVectorizer(), LogisticRegression())
            print(model.fit(mails["text"], mails["spam"]).predict(["buy this"]))
            """
        ),
    ),
    check=check,
)
