"""A `scoring=` that is no scorer, or not one that the estimator and its target can be scored with."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.knowledge.kinds import kind
from mlsense.knowledge.scoring import scorers
from mlsense.knowledge.values import Given, allowed, conflict
from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.metric.metric_type_mismatch import regressor_of
from mlsense.rules.offering import nearest
from mlsense.rules.reading import location, node_at, place_in
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.targets import class_count
from mlsense.rules.values import (
    Setting,
    Settings,
    all_settings,
    code,
    insertion,
    known_values,
    release_in_force,
    sets_something,
)
from mlsense.semantics.models.estimators import SEARCHES
from mlsense.semantics.values import Const, DictObject, Estimator, ListObject, Ref, TupleValue

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from mlsense.knowledge.scoring import Scorer
    from mlsense.semantics.events import Called
    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import Place, Value

# What people call them.
_SHORT = {
    "acc": "accuracy",
    "ap": "average_precision",
    "auc": "roc_auc",
    "auroc": "roc_auc",
    "binary_crossentropy": "neg_log_loss",
    "brier": "neg_brier_score",
    "cross_entropy": "neg_log_loss",
    "f1score": "f1",
    "log_loss": "neg_log_loss",
    "logloss": "neg_log_loss",
    "mae": "neg_mean_absolute_error",
    "mape": "neg_mean_absolute_percentage_error",
    "mcc": "matthews_corrcoef",
    "mse": "neg_mean_squared_error",
    "msle": "neg_mean_squared_log_error",
    "pr_auc": "average_precision",
    "rmse": "neg_root_mean_squared_error",
    "rmsle": "neg_root_mean_squared_log_error",
    "roc": "roc_auc",
    "rsquared": "r2",
}


def check(trace: Trace) -> Iterator[Draft]:
    release = release_in_force(trace)
    known = scorers(release) if release is not None else {}
    if release is None or not known:
        return
    for settings in all_settings(trace, _sets_scoring):
        scoring = next((each for each in settings.settings if each.name == "scoring"), None)
        if scoring is None or settings.how == "grid" or (settings.event.optional and not scoring.literal):
            continue
        wrong = [draft for draft in _names(trace, settings, scoring, known, release) if draft is not None]
        yield from wrong
        if not wrong:
            yield from _together(trace, settings, scoring, release)
            yield from _unfit(trace, settings, scoring, known, release)


def _sets_scoring(event: Called) -> bool:
    """Whether it may set `scoring`: by name, or by position, where it once came third of searches, later of others."""
    named = any(name.endswith("scoring") for name, _ in event.keywords)
    before = 2 if event.callee.name.endswith(tuple(SEARCHES)) else 3
    return (named or len(event.args) > before) and sets_something(event)


# --- names -------------------------------------------------------------------------------------------


def _names(
    trace: Trace, settings: Settings, scoring: Setting, known: Mapping[str, Scorer], release: str
) -> Iterator[Draft | None]:
    constraint = allowed(settings.owner, "scoring", release)
    others = constraint.literals if constraint is not None else ()
    # It may watch its own loss.
    others = (*others, "loss") if "HistGradientBoosting" in settings.owner else others
    for name, place, written in _given(trace, settings, scoring):
        if name in known or name in others or (constraint is not None and constraint.open):
            continue
        meant = _meant(name, known)
        where = location(trace, place)
        if where is None:
            continue
        edit = editing.replaced(trace, place, code(meant)) if meant is not None and written else None
        fix = Fix.of(f"Write `{code(meant)}`", "unsafe", edit)
        sign = "" if meant is None or not meant.startswith("neg_") else ": errors are negated, so that more is better"
        advice = f" Did you mean `{code(meant)}`{sign}?" if meant is not None else ""
        yield Draft(f"There is no scorer `{code(name)}`: {_raises(settings)}.{advice}", where, fix=fix)


def _raises(settings: Settings) -> str:
    made = settings.how != "call" or settings.owner.rpartition(".")[2][:1].isupper()
    return "`fit` raises ValueError" if made else "the call raises ValueError"


def _given(trace: Trace, settings: Settings, scoring: Setting) -> list[tuple[str, Place, bool]]:
    """The names in a text, a list or a dict, each with its place, and whether it is written there."""
    value, thing = scoring.value, settings.event.object(scoring.value)
    if isinstance(value, Const):
        return [(value.value, scoring.place, scoring.literal)] if isinstance(value.value, str) else []
    items: tuple[Value, ...] = ()
    if isinstance(thing, DictObject):
        items = tuple(item for _, item in thing.items)
    elif isinstance(value, TupleValue) or isinstance(thing, ListObject):
        items = value.items if isinstance(value, TupleValue) else getattr(thing, "items", None) or ()
    made = value.origin.place if isinstance(value, Ref) else scoring.place
    node = node_at(trace, made)
    parts = node.values if isinstance(node, ast.Dict) else node.elts if isinstance(node, (ast.List, ast.Tuple)) else []
    found = []
    for number, item in enumerate(items):
        if isinstance(item, Const) and isinstance(item.value, str):
            part = parts[number] if len(parts) == len(items) else None
            plain = isinstance(part, ast.Constant)
            found.append((item.value, place_in(made, part) if part is not None and plain else scoring.place, plain))
    return found


def _meant(name: str, known: Mapping[str, Scorer]) -> str | None:
    plain = name.lower().replace(" ", "_").replace("-", "_")
    for other in (plain, f"neg_{plain}", plain.removesuffix("_score"), plain.removeprefix("neg_")):
        if other in known:
            return other
    short = _SHORT.get(plain) or _SHORT.get(plain.removeprefix("neg_")) or _SHORT.get(plain.replace("_", ""))
    if short in known:
        return short
    behind = [each.name for each in known.values() if each.metric.rpartition(".")[2] == plain]
    return behind[0] if len(behind) == 1 else nearest(plain, known)


# --- several, and those that do not fit ----------------------------------------------------------------


def _together(trace: Trace, settings: Settings, scoring: Setting, release: str) -> Iterator[Draft]:
    """Several scorers where one is needed, or where nothing says by which to choose."""
    thing = settings.event.object(scoring.value)
    several = isinstance(scoring.value, TupleValue) or isinstance(thing, (ListObject, DictObject))
    where = location(trace, scoring.place)
    short = settings.owner.rpartition(".")[2]
    if not several or where is None or settings.how != "call":
        return
    constraint = allowed(settings.owner, "scoring", release)
    if short == "cross_val_score" and constraint is not None and "list" not in constraint.types:
        message = "`cross_val_score` takes one scorer: the call raises ValueError. `cross_validate` takes several."
        yield Draft(message, where)
    if short not in SEARCHES or not settings.exact:
        return
    values, unknown = known_values(settings.event, settings.settings)
    found = conflict(settings.owner, {**values, "scoring": Given("list")}, release, (), unknown)
    if found is None or {name for name, _ in found.parameters} != {"refit", "scoring"}:
        return
    names = _keys(scoring.value, thing)
    message = f"With several scorers `{short}` does not know by which to choose: `fit` raises ValueError. "
    advice = f"Name one, `refit={code(names[0])}`, or set `refit=False`." if names else "Name one with `refit=`."
    yield Draft(message + advice, where, fix=_refit(trace, settings, names))


def _keys(value: Value, thing: object) -> list[str]:
    if isinstance(thing, DictObject):
        return [key for key, _ in thing.items if isinstance(key, str)]
    items = value.items if isinstance(value, TupleValue) else thing.items if isinstance(thing, ListObject) else None
    return [each.value for each in items or () if isinstance(each, Const) and isinstance(each.value, str)]


def _refit(trace: Trace, settings: Settings, names: list[str]) -> Fix | None:
    node = node_at(trace, settings.event.call)
    if not names or not isinstance(node, ast.Call) or any(each.arg is None for each in node.keywords):
        return None
    given = next((each for each in settings.settings if each.name == "refit"), None)
    if given is not None:
        edit = editing.replaced(trace, given.place, code(names[0])) if given.literal else None
    else:
        edit = insertion(trace, settings.event.call, node, f"refit={code(names[0])}")
    return Fix.of(f"Set `refit={code(names[0])}`", "unsafe", edit)


def _unfit(
    trace: Trace, settings: Settings, scoring: Setting, known: Mapping[str, Scorer], release: str
) -> Iterator[Draft]:
    """Scorers with which every score is NaN: of classes for a regressor, for two classes of three."""
    event = settings.event
    searched = next((each for each in settings.settings if each.name == "estimator"), None)
    model = event.object(searched.value) if searched is not None else None
    name = scoring.value.value if isinstance(scoring.value, Const) else None
    scorer = known.get(name) if isinstance(name, str) else None
    where = location(trace, scoring.place)
    # Only of these releases it is known what becomes of such a score.
    if scorer is None or not isinstance(model, Estimator) or where is None or kind(model.cls, release) is None:
        return
    if scorer.family == "classification" and scorer.response == ("predict",):
        regressor = regressor_of(event, model)
        if regressor is not None:
            message = (
                f"`scoring={code(name)}` compares classes, and `{regressor}` predicts numbers: every score is NaN. "
                '`"r2"` or `"neg_mean_absolute_error"` measure numbers.'
            )
            yield Draft(message, where)
            return
    target = next((each for each in settings.settings if each.name == "y"), None)
    classes = class_count(trace, event, target.value) if target is not None else None
    if classes is None or classes[0] < 3 or scorer.targets != ("binary",) or "classifier" not in model.kinds:
        return
    better = f"{name}_macro"
    if better in known:
        edit = editing.replaced(trace, scoring.place, code(better)) if scoring.literal else None
        fix = Fix.of(f"Write `{code(better)}`", "unsafe", edit)
        message = (
            f"`scoring={code(name)}` is for two classes, and `{classes[1]}` has {classes[0]}: every score is NaN. "
            f"`{code(better)}` counts the classes alike."
        )
        yield Draft(message, where, fix=fix)


RULE = Rule(
    name="scoring-string-wrong",
    family="metric",
    severity=Severity.ERROR,
    summary="The text given as scoring names no scorer, or one that does not go with the estimator.",
    finds="""
        Names in `scoring=` that scikit-learn does not know in the release in force (`"rmse"`, `"mse"`, `"acc"`,
        `"auc"`), alone, in lists and in dicts; several scorers for `cross_val_score`, or for a search that is not told
        by which to choose; scores of classes for a regressor; scores for two classes where the target has more.
        """,
    matters="""
        A wrong name raises ValueError after the data were prepared. A scorer of the wrong kind does not even raise:
        each score is NaN with a warning, and a search picks its first candidate.
        """,
    silent="""
        Functions as scorers, names that are not known, estimators and targets of which it is not certain what they are,
        trees and neighbours, which can predict whole numbers; code inside `try`.
        """,
    repair="""
        Writes the scorer that was probably meant, or `refit=` with the first of several. Offered, not applied by
        itself: it decides what is measured.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import cross_val_score

            X, y = load_diabetes(return_X_y=True)
            print(cross_val_score(Ridge(), X, y, scoring="rmse").mean())  # <- scoring-string-wrong
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.model_selection import GridSearchCV
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_breast_cancer(return_X_y=True)
            search = GridSearchCV(
                DecisionTreeClassifier(random_state=0),
                {"max_depth": [2, 4]},
                scoring="auc",  # <- scoring-string-wrong
            )
            print(search.fit(X, y).best_score_)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import cross_validate
            from sklearn.naive_bayes import GaussianNB

            X, y = load_wine(return_X_y=True)
            measures = {"accuracy": "accuracy", "f1": "f1-macro"}  # <- scoring-string-wrong
            print(cross_validate(GaussianNB(), X, y, scoring=measures))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import GridSearchCV
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            tree = DecisionTreeClassifier(random_state=0)
            search = GridSearchCV(
                tree,
                {"max_depth": [2, 4]},
                scoring=["accuracy", "f1_macro"],  # <- scoring-string-wrong
            )
            print(search.fit(X, y).best_params_)
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import cross_val_score

            X, y = load_diabetes(return_X_y=True)
            print(-cross_val_score(Ridge(), X, y, scoring="neg_root_mean_squared_error").mean())
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import GridSearchCV
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            tree = DecisionTreeClassifier(random_state=0)
            search = GridSearchCV(tree, {"max_depth": [2, 4]}, scoring=["accuracy", "f1_macro"], refit="accuracy")
            print(search.fit(X, y).best_params_)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.metrics import f1_score, make_scorer
            from sklearn.model_selection import cross_val_score
            from sklearn.naive_bayes import GaussianNB

            X, y = load_wine(return_X_y=True)
            print(cross_val_score(GaussianNB(), X, y, scoring=make_scorer(f1_score, average="macro")))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import cross_validate
            from sklearn.naive_bayes import GaussianNB

            X, y = load_wine(return_X_y=True)
            measures = {"right": "accuracy", "f1": "f1_macro", "auc": "roc_auc_ovr"}
            print(cross_validate(GaussianNB(), X, y, scoring=measures)["test_auc"])
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.model_selection import cross_val_score
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_breast_cancer(return_X_y=True)
            tree = DecisionTreeClassifier(random_state=0)
            for name in ("f1", "roc_auc", "r2"):
                print(cross_val_score(tree, X, y, scoring=name))
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.inspection import permutation_importance
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import cross_val_score

            X, y = load_diabetes(return_X_y=True)
            try:
                print(cross_val_score(Ridge(), X, y, scoring="mse"))
            except ValueError:
                print(permutation_importance(Ridge().fit(X, y), X, y, scoring=["r2"], n_repeats=2)["r2"])
            """
        ),
    ),
    check=check,
    raises=("ValueError",),
)
