"""A scaler right before a tree: trees ask whether a value lies below a threshold, whatever its unit."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.knowledge.kinds import kind
from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import CrossValidate, Fit
from mlsense.semantics.models.estimators import SEARCHES, short, transformer_model
from mlsense.semantics.values import MAIN, Estimator, Place, Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace

# Forests and boosted trees outside scikit-learn, unless they are told to boost something else.
_FOREIGN = frozenset(
    "XGBClassifier XGBRegressor LGBMClassifier LGBMRegressor CatBoostClassifier CatBoostRegressor".split()
)
_BOOSTED = frozenset("HistGradientBoostingClassifier HistGradientBoostingRegressor".split())


def check(trace: Trace) -> Iterator[Draft]:
    fitted: list[Fit | CrossValidate] = [*trace.that(_is_fit_of_scaled_tree, Fit)]
    for event in (*fitted, *trace.that(_is_test_of_scaled_tree, CrossValidate)):
        leaves = event.leaves
        if leaves is None:
            continue
        made = leaves[-2].made
        found = None if made is None or made.path else location(trace, made.place)
        if made is None or found is None:
            continue
        scaler, tree = short(leaves[-2].cls), short(leaves[-1].cls)
        yield Draft(
            f"`{tree}` asks of each column whether it lies below a threshold, and `{scaler}` keeps the order of its "
            f"values: the trees are the same without it. Leave it out.",
            found,
            fix=_left_out(trace, made.place, scaler),
        )


def _is_fit_of_scaled_tree(event: Fit) -> bool:
    return _is_scaled_tree(event.before, event.leaves)


def _is_test_of_scaled_tree(event: CrossValidate) -> bool:
    # A search may try other models in place of the tree.
    return (
        event.estimator is not None and event.callee not in SEARCHES and _is_scaled_tree(event.estimator, event.leaves)
    )


def _is_scaled_tree(model: Estimator, leaves: tuple[Estimator, ...] | None) -> bool:
    """Whether it is a pipeline, made for itself, of plain steps that end in a scaler and a tree."""
    if leaves is None or len(leaves) < 2 or short(model.cls) != "Pipeline" or len(model.steps) != len(leaves):
        return False
    if model.made is None or model.made.path:
        return False
    scaler, step = transformer_model(leaves[-2].cls), model.steps[-2][1]
    itself = isinstance(step, Ref) and step.origin == leaves[-2].made
    return itself and scaler is not None and scaler.family == "scaler" and is_tree(leaves[-1])


def is_tree(model: Estimator) -> bool:
    name, root = short(model.cls), model.cls.partition(".")[0]
    if root in ("xgboost", "lightgbm", "catboost"):
        return name in _FOREIGN and model.param("booster") is None and model.certain
    if root != "sklearn" or model.steps or not model.cls.startswith(("sklearn.tree.", "sklearn.ensemble.")):
        return False
    facts = kind(model.cls)
    trees = facts is not None and facts.scale is False and {"classifier", "regressor"} & set(facts.kinds)
    return name in _BOOSTED or (bool(trees) and model.param("estimator") is None)


def _left_out(trace: Trace, scaler: Place, name: str) -> Fix | None:
    """Takes the step out of `make_pipeline(...)` or of the list of a `Pipeline`, where both are one expression."""
    outline = trace.outline(scaler)
    holder = (
        None if outline is None or scaler.unit.module != MAIN else outline.found(("holds", scaler), _Holder(scaler))
    )
    if not isinstance(holder, (ast.Call, ast.List)):
        return None
    steps = holder.args if isinstance(holder, ast.Call) else holder.elts
    number = next((n for n, step in enumerate(steps) if _holds(step, scaler)), None)
    if number is None or number + 1 >= len(steps):
        return None
    step, after = place_in(scaler, steps[number]), place_in(scaler, steps[number + 1])
    gap = Place(scaler.unit, step.line, step.column, after.line, after.column)
    text = editing.text_at(trace, gap)
    return Fix.of(
        f"Leave out `{name}`", "unsafe", None if text is None or "#" in text else editing.replaced(trace, gap, "")
    )


class _Holder:
    """Finds the call or the list that a step stands in."""

    def __init__(self, step: Place) -> None:
        self.step = step

    def __call__(self, tree: ast.stmt) -> ast.expr | None:
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and any(_is_at(argument, self.step) for argument in node.args):
                return node if isinstance(node.func, ast.Name) and node.func.id == "make_pipeline" else None
            if isinstance(node, ast.List) and any(_holds(step, self.step) for step in node.elts):
                return node
        return None


def _holds(step: ast.expr, scaler: Place) -> bool:
    pair = isinstance(step, ast.Tuple) and len(step.elts) == 2
    return _is_at(step, scaler) or (pair and _is_at(step.elts[1], scaler))  # type: ignore[attr-defined]


def _is_at(node: ast.expr, place: Place) -> bool:
    return place_in(place, node) == place


RULE = Rule(
    name="tree-scaled",
    family="preprocessing",
    severity=Severity.INFORMATION,
    summary="A scaler stands right before a decision tree or a forest, which it does not change.",
    finds="""
        A pipeline that ends in a scaler and then a decision tree, a forest or boosted trees.
        """,
    matters="""
        A tree compares a column with a threshold. Scaling moves values and thresholds alike, so the same rows go left
        and right and the predictions are the same. The scaler costs a little time, and makes the thresholds of the tree
        unreadable: `petal length <= 0.8` becomes `<= -0.64`.
        """,
    silent="""
        Other steps between the scaler and the tree, scalers inside a `ColumnTransformer`, pipelines made in a function
        or a loop, where the same preparation serves several models, searches, and boosters other than trees.
        """,
    repair="""
        Takes the step out of the pipeline. Not applied by itself: code that asks for the step by its name would fail.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.model_selection import train_test_split
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = make_pipeline(StandardScaler(), RandomForestClassifier(random_state=0))  # <- tree-scaled
            print(model.fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.model_selection import cross_val_score
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import MinMaxScaler
            from sklearn.tree import DecisionTreeRegressor

            X, y = load_diabetes(return_X_y=True)
            model = Pipeline(
                [
                    ("scale", MinMaxScaler()),  # <- tree-scaled
                    ("tree", DecisionTreeRegressor(max_depth=3, random_state=0)),
                ]
            )
            print(cross_val_score(model, X, y).mean())
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.ensemble import GradientBoostingClassifier
            from sklearn.model_selection import train_test_split
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import RobustScaler

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scaler = RobustScaler()  # <- tree-scaled
            boosted = GradientBoostingClassifier(n_estimators=20, random_state=0)
            model = Pipeline(steps=[("scaler", scaler), ("model", boosted)])
            model.fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import HistGradientBoostingClassifier
            from sklearn.impute import SimpleImputer
            from sklearn.model_selection import cross_validate
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            model = make_pipeline(
                SimpleImputer(),
                StandardScaler(),  # <- tree-scaled
                HistGradientBoostingClassifier(max_iter=20),
            )
            print(cross_validate(model, X, y, cv=3)["test_score"])
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.model_selection import train_test_split

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            print(RandomForestClassifier(random_state=0).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.decomposition import PCA
            from sklearn.model_selection import cross_val_score
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            print(cross_val_score(make_pipeline(StandardScaler(), PCA(3), DecisionTreeClassifier()), X, y))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import RandomForestClassifier
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import cross_val_score
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            for model in (LogisticRegression(), RandomForestClassifier()):
                print(cross_val_score(make_pipeline(StandardScaler(), model), X, y).mean())
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import BaggingClassifier
            from sklearn.model_selection import cross_val_score
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC

            X, y = load_wine(return_X_y=True)
            print(cross_val_score(make_pipeline(StandardScaler(), BaggingClassifier(SVC(), n_estimators=3)), X, y))
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
            model = Pipeline([("scale", StandardScaler()), ("model", RandomForestClassifier())])
            search = GridSearchCV(model, {"model": [RandomForestClassifier(n_estimators=10), SVC()]}, cv=3)
            print(search.fit(X, y).best_score_)
            """
        ),
        example(
            """
            from sklearn.compose import make_column_transformer
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True, as_frame=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            columns = make_column_transformer((StandardScaler(), ["alcohol", "proline"]))
            model = make_pipeline(columns, DecisionTreeClassifier(random_state=0)).fit(X_train, y_train)
            print(model.score(X_test, y_test))
            """
        ),
    ),
    check=check,
    recommended=False,
)
