"""The root of an error whose sign scikit-learn turned, or such a number shown as the error itself."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.reading import location, node_at, related, short
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Root, Shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place

_ERROR = re.compile(r"\b(r?mses?|rmsle|mae|errors?|loss|deviance)\b", re.IGNORECASE)
_TOLD = re.compile(r"neg|minus|score|better|-\s*$|-\s*(r?mse|mae|error|loss)", re.IGNORECASE)


def check(trace: Trace) -> Iterator[Draft]:
    for root in trace.that(_of_negative, Root):
        text, place = editing.text_at(trace, root.of), location(trace, root.of)
        if text is None or place is None:
            continue
        metric = root.scores[0].metric
        # NumPy's warns and gives NaN.
        effect = "raises ValueError" if root.name == "math.sqrt" else "gives NaN"
        yield Draft(
            f"`{short(text)}` holds `{metric}`, an error with its sign turned so that more is better: it is never "
            f"above zero, and its root {effect}. Write `{short(_turned(trace, root.of, text))}`.",
            place,
            related(trace, (root.scores[0].origin.place, "it is scored here")),
            _fix(trace, root.of, text, in_power=not root.name),
        )
    for event in trace.that(_named_an_error, Shown):
        text, place = editing.text_at(trace, event.what), location(trace, event.what)
        if text is None or place is None:
            continue
        label = _ERROR.search(event.label)
        name = label.group() if label is not None else "error"
        yield Draft(
            f"What is shown as `{name}` is `{event.scores[0].metric}`: the error with a minus before it. Write "
            f"`{short(_turned(trace, event.what, text))}`, or say that it is negative.",
            place,
            related(trace, (event.scores[0].origin.place, "it is scored here")),
            _fix(trace, event.what, text),
            Severity.INFORMATION,
        )


def _of_negative(event: Root) -> bool:
    return not event.conditional and not event.guarded and all(score.below_zero for score in event.scores)


def _named_an_error(event: Shown) -> bool:
    """Whether the text before it calls it an error, and says nothing of a sign or a score."""
    named = bool(_ERROR.search(event.label)) and not _TOLD.search(event.label)
    return named and not event.conditional and not event.assumed


def _turned(trace: Trace, place: Place, text: str) -> str:
    node = node_at(trace, place)
    whole = isinstance(node, (ast.Name, ast.Attribute, ast.Call, ast.Subscript))
    return f"-{text}" if whole else f"-({text})"


def _fix(trace: Trace, place: Place, text: str, in_power: bool = False) -> Fix | None:
    turned = _turned(trace, place, text)
    edit = editing.replaced(trace, place, f"({turned})" if in_power else turned)
    return Fix.of("Turn the sign back", "safe", edit)


RULE = Rule(
    name="neg-mse-sign",
    family="metric",
    severity=Severity.WARNING,
    summary="An error comes out of scikit-learn's scorers with a minus before it, and the code takes it as it is.",
    finds="""
        `np.sqrt`, `math.sqrt` or `** 0.5` of what `cross_val_score`, `cross_validate`, `learning_curve`,
        `validation_curve` or `best_score_` of a search give for `scoring="neg_mean_squared_error"` and the other
        scorers whose name begins with `neg_`, of their mean too. As information: such a number printed as "MSE" or
        "error".
        """,
    matters="""
        Scorers are made so that more is better; errors are turned round for that. The root of a negative number is NaN,
        and so is the mean of all roots.
        """,
    silent="""
        Scores whose sign is turned back (`-scores`, `abs`, `* -1`); scores that are only compared, ranked or drawn;
        code that looks which scorer it was; texts that say `neg` or `score`.
        """,
    repair="Writes a minus before the scores.",
    bad=(
        example(
            """
            import numpy as np
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import cross_val_score

            X, y = load_diabetes(return_X_y=True)
            scores = cross_val_score(LinearRegression(), X, y, scoring="neg_mean_squared_error", cv=5)
            rmse = np.sqrt(scores)  # <- neg-mse-sign
            print(rmse.mean())
            """
        ),
        example(
            """
            from numpy import sqrt
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import cross_val_score


            def rmse(model):
                scores = cross_val_score(model, X, y, cv=3, scoring="neg_mean_squared_error")
                return sqrt(scores.mean())  # <- neg-mse-sign


            X, y = load_diabetes(return_X_y=True)
            for alpha in (0.1, 1.0):
                print(alpha, rmse(Ridge(alpha=alpha)))
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Lasso
            from sklearn.model_selection import GridSearchCV

            X, y = load_diabetes(return_X_y=True)
            search = GridSearchCV(Lasso(), {"alpha": [0.1, 1.0]}, scoring="neg_mean_squared_error").fit(X, y)
            print(search.best_params_, search.best_score_**0.5)  # <- neg-mse-sign
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_diabetes
            from sklearn.model_selection import cross_validate, learning_curve
            from sklearn.tree import DecisionTreeRegressor

            X, y = load_diabetes(return_X_y=True)
            tree = DecisionTreeRegressor(max_depth=3, random_state=0)
            found = cross_validate(tree, X, y, scoring=["r2", "neg_mean_squared_error"])
            print("R2", found["test_r2"].mean())
            print("RMSE", np.sqrt(found["test_neg_mean_squared_error"].mean()))  # <- neg-mse-sign
            sizes, train, test = learning_curve(tree, X, y, scoring="neg_mean_squared_error")
            print(sizes, np.sqrt(train.mean(axis=1)))  # <- neg-mse-sign
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import cross_val_score

            X, y = load_diabetes(return_X_y=True)
            mae = cross_val_score(LinearRegression(), X, y, scoring="neg_mean_absolute_error")
            print("Mean absolute error:", mae.mean())  # <- neg-mse-sign
            print(f"MAE: {mae.mean():.2f}")  # <- neg-mse-sign
            """
        ),
    ),
    good=(
        example(
            """
            import numpy as np
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import cross_val_score

            X, y = load_diabetes(return_X_y=True)
            scores = cross_val_score(LinearRegression(), X, y, scoring="neg_mean_squared_error", cv=5)
            print("RMSE:", np.sqrt(-scores).mean(), np.sqrt(-scores.mean()), (-scores) ** 0.5)
            """
        ),
        example(
            """
            import numpy as np
            import pandas as pd
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import cross_val_score

            X, y = load_diabetes(return_X_y=True)
            scores = cross_val_score(Ridge(), X, y, scoring="neg_mean_squared_error")
            print("RMSE", np.sqrt(abs(scores)), np.sqrt(np.abs(scores.mean())), np.sqrt(np.negative(scores)))
            print("RMSE", np.sqrt(pd.Series(scores).abs()), np.sqrt(scores * -1), np.sqrt(0 - scores))
            scores *= -1
            print("MSE", scores.mean(), "RMSE", np.sqrt(scores))
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import cross_val_score

            X, y = load_diabetes(return_X_y=True)
            best_alpha, best = None, float("-inf")
            for alpha in (0.01, 0.1, 1.0):
                score = cross_val_score(Ridge(alpha=alpha), X, y, scoring="neg_mean_squared_error").mean()
                if score > best:
                    best_alpha, best = alpha, score
            print(best_alpha, "neg. MSE:", best)
            """
        ),
        example(
            """
            import math

            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Lasso, Ridge
            from sklearn.model_selection import cross_validate

            X, y = load_diabetes(return_X_y=True)
            for model in (Ridge(), Lasso()):
                found = cross_validate(model, X, y, scoring="neg_mean_squared_error", return_train_score=True)
                errors = [math.sqrt(-score) for score in found["test_score"]]
                print(sum(errors) / len(errors), math.sqrt(found["fit_time"].mean()))
                print("spread of the error", math.sqrt(found["test_score"].var()), math.sqrt(found["test_score"].std()))
            """
        ),
        example(
            """
            import numpy as np
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import cross_val_score

            X, y = load_diabetes(return_X_y=True)
            for scoring in ("r2", "neg_mean_squared_error"):
                scores = cross_val_score(LinearRegression(), X, y, scoring=scoring)
                if scoring.startswith("neg_"):
                    scores = -scores
                print(scoring, scores.mean())
            print("RMSE", np.sqrt(scores.mean()))
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import LinearRegression
            from sklearn.model_selection import cross_val_score

            X, y = load_diabetes(return_X_y=True)
            rmse = -cross_val_score(LinearRegression(), X, y, scoring="neg_root_mean_squared_error")
            print("RMSE:", rmse.mean())
            scores = cross_val_score(LinearRegression(), X, y, scoring="neg_mean_squared_error")
            print("MSE scores (negative):", scores.mean(), f"-MSE: {scores.mean():.1f}", f"{scores.mean():.1f}")
            """
        ),
    ),
    check=check,
    references=(
        "scikit-learn user guide, [the scoring parameter]"
        "(https://scikit-learn.org/stable/modules/model_evaluation.html#the-scoring-parameter-defining-model-evaluation-rules)",
    ),
)
