"""A value that a parameter of scikit-learn does not accept, alone or together with the others."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from mlsense.knowledge.sklearn import estimator_facts
from mlsense.knowledge.values import Given, accepts, allowed, conflicts
from mlsense.rules import editing
from mlsense.rules.asking import is_made
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.offering import nearest
from mlsense.rules.reading import location, node_at
from mlsense.rules.rule import Draft, Rule, example
from mlsense.rules.values import (
    Setting,
    Settings,
    all_settings,
    argument,
    code,
    doubtful_in,
    fitted,
    insertion,
    known_values,
    release_in_force,
    set_again,
)
from mlsense.semantics.values import Unknown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.knowledge.values import Argument, Conflict, Constant, Constraint, Interval
    from mlsense.rules.finding import Edit
    from mlsense.semantics.program import Trace

# Reported by rules of their own.
ELSEWHERE = {"scoring"}
# Whether these go with the others is a matter of what they hold.
BY_CONTENT = {"l1_ratios", "estimator", "base_estimator", "estimators", "regressor", "init"}
SEEDS = {"random_state", "shuffle"}

# What these values are called now, since when they are not accepted any more, and where they were.
_RENAMED: tuple[tuple[str, str, Constant, str, str], ...] = (
    ("criterion", "mse", "squared_error", "1.2", "Regressor"),
    ("criterion", "mae", "absolute_error", "1.2", "Regressor"),
    ("loss", "ls", "squared_error", "1.2", "GradientBoostingRegressor"),
    ("loss", "lad", "absolute_error", "1.2", "GradientBoostingRegressor"),
    ("loss", "squared_loss", "squared_error", "1.2", "SGDRegressor"),
    ("loss", "least_squares", "squared_error", "1.2", "HistGradientBoostingRegressor"),
    ("loss", "least_absolute_deviation", "absolute_error", "1.2", "HistGradientBoostingRegressor"),
    ("loss", "deviance", "log_loss", "1.3", "GradientBoostingClassifier"),
    ("loss", "log", "log_loss", "1.3", "SGDClassifier"),
    ("loss", "binary_crossentropy", "log_loss", "1.3", "HistGradientBoostingClassifier"),
    ("loss", "categorical_crossentropy", "log_loss", "1.3", "HistGradientBoostingClassifier"),
    ("algorithm", "full", "lloyd", "1.3", "KMeans"),
    ("penalty", "none", None, "1.4", "LogisticRegression"),
)
# What people write for it who know it by another name.
_MEANT = {
    "absolute": "absolute_error",
    "adaptative": "adaptive",
    "auto": "sqrt",
    "average": "mean",
    "gaussian": "rbf",
    "information_gain": "entropy",
    "lasso": "l1",
    "logistic": "log_loss",
    "mae": "absolute_error",
    "mode": "most_frequent",
    "most_common": "most_frequent",
    "mse": "squared_error",
    "polynomial": "poly",
    "ridge": "l2",
    "squared": "squared_error",
}
# These say how the answer is found, the others what is asked: they are the first to change.
_HOW = ("solver", "svd_solver", "algorithm", "dual", "loss", "shuffle", "bootstrap", "eigen_solver", "metric")


def check(trace: Trace) -> Iterator[Draft]:
    release = release_in_force(trace)
    if release is None:
        return
    for settings in all_settings(trace, doubtful_in(trace.versions)):
        wrong = False
        for setting in settings.settings:
            draft = _wrong(trace, settings, setting, release)
            if draft is not None:
                wrong = True
                yield draft
        if not wrong and settings.how != "grid" and settings.exact:
            draft = _conflict(trace, settings, release)
            if draft is not None:
                yield draft


# --- one parameter -----------------------------------------------------------------------------------


def _wrong(trace: Trace, settings: Settings, setting: Setting, release: str) -> Draft | None:
    value = argument(settings.event, setting.value)
    if setting.name in ELSEWHERE or isinstance(value, (Given, Unknown)):
        return None
    if settings.event.optional and not setting.literal:
        return None
    constraint = allowed(settings.owner, setting.name, release)
    found = location(trace, setting.place)
    if constraint is None or found is None or accepts(constraint, value) is not False:
        return None
    if settings.how == "grid" and settings.event.origin not in fitted(trace):
        return None
    if settings.how == "call" and estimator_facts(settings.owner) is not None and _is_set_later(trace, setting.name):
        return None
    message, meant, same = _said(settings, setting, value, constraint, release)
    node = node_at(trace, setting.place)
    edit = editing.replaced(trace, setting.place, meant) if meant is not None and setting.literal and node else None
    fix = Fix.of(f"Write `{meant}`", "safe" if same else "unsafe", edit)
    return Draft(message, found, fix=fix, severity=Severity.WARNING if settings.how == "grid" else None)


def _is_set_later(trace: Trace, name: str) -> bool:
    """Whether another value may be there by the time of the fit: `forest.n_estimators += 10`."""
    return name in (set_again(trace) or ()) or is_made(trace, name)


def _said(
    settings: Settings, setting: Setting, value: Constant, constraint: Constraint, release: str
) -> tuple[str, str | None, bool]:
    """The message, what to write instead, and whether that is the same under another name."""
    short = settings.owner.rpartition(".")[2]
    shown = f"`{short}({setting.name}={code(value)})`"
    renamed = next((each for each in _RENAMED if (setting.name, value) == each[:2] and short.endswith(each[4])), None)
    if renamed is not None and accepts(constraint, renamed[2]):
        now, version = code(renamed[2]), renamed[3]
        return f"{shown} was removed in scikit-learn {version} (you have {release}): it is `{now}` now.", now, True
    raises = _raises(settings)
    if isinstance(value, str):
        meant = _MEANT.get(value.lower().replace(" ", "_"))
        near = meant if meant in constraint.literals else nearest(value, constraint.literals)
        number = _number(value, constraint)
        if number is not None:
            return f"{shown} is a text, and {_takes(constraint)} is needed: {raises}.", number, False
        if near is not None:
            now = code(near)
            return f"`{short}` has no `{setting.name}={code(value)}`: {raises}. Did you mean `{now}`?", now, False
        return (
            f"`{short}` has no `{setting.name}={code(value)}`: it takes {_takes(constraint)}, and {raises}.",
            None,
            False,
        )
    if isinstance(value, float) and value.is_integer() and accepts(constraint, int(value)):
        now = str(int(value))
        return f"{shown} is no whole number: {raises}. Write `{now}`.", now, True
    return f"{shown} is not accepted: it takes {_takes(constraint)}, and {raises}.", None, False


def _raises(settings: Settings) -> str:
    if settings.how == "grid":
        return "every fit with it fails, with a score of NaN"
    if estimator_facts(settings.owner) is not None:
        return "`fit` raises ValueError"
    return "the call raises ValueError"


def _number(text: str, constraint: Constraint) -> str | None:
    """The number that a text spells, where that is accepted."""
    try:
        number = ast.literal_eval(text.strip())
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return None
    good = isinstance(number, (int, float, bool, type(None))) and accepts(constraint, number)
    return repr(number) if good else None


_MOST = 6


def _takes(constraint: Constraint) -> str:
    """What it accepts, in words."""
    texts = [f"`{code(each)}`" for each in constraint.literals]
    if len(texts) > _MOST:
        texts = [*texts[:_MOST], f"{len(texts) - _MOST} other names"]
    values = [f"`{each!r}`" for each in constraint.values]
    numbers = [_range(interval) for interval in constraint.intervals]
    kinds = {"s": "a text", "i": "a whole number", "f": "a number", "n": "`None`"}
    some = [words for kind, words in kinds.items() if kind in constraint.kinds]
    some = ["`True` or `False`", *some] if "b" in constraint.kinds and "i" not in constraint.kinds else some
    known = ("None", "boolean", "str", "int", "float", "bool", "nan", "cv_object", "random_state", "verbose")
    others = ["a function" if each == "callable" else "an array" if each == "array-like" else f"a `{each}`"
              for each in constraint.types if each not in known and " " not in each and "." not in each]  # fmt: skip
    parts = list(dict.fromkeys([*texts, *values, *numbers, *some, *others])) or ["something else"]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} or {parts[-1]}"


def _range(interval: Interval) -> str:
    what = {"int": "a whole number", "float": "a fraction", "real": "a number"}[interval.kind]
    low = interval.low is not None and f"{'from' if interval.closed in ('left', 'both') else 'above'} {interval.low:g}"
    if interval.high is None:
        return f"{what} {low}" if low else what
    high = f"{'up to' if interval.closed in ('right', 'both') else 'below'} {interval.high:g}"
    return f"{what} {low} {'and ' if 'below' in high or 'above' in str(low) else ''}{high}" if low else f"{what} {high}"


# --- several together --------------------------------------------------------------------------------


def _conflict(trace: Trace, settings: Settings, release: str) -> Draft | None:
    parameters, unknown = known_values(settings.event, settings.settings)
    if settings.earlier is not None:
        before = [Setting(name, value, settings.event.call, False) for name, value in settings.earlier.params]
        known, more = known_values(settings.event, before)
        parameters, unknown = {**known, **parameters}, unknown | more
    for conflict in conflicts(settings.owner, parameters, release, (), unknown):
        named = {name for name, _ in conflict.parameters}
        if not _raising(settings, conflict) or named == SEEDS or named & {*ELSEWHERE, *BY_CONTENT}:
            continue
        given = [each for each in settings.settings if each.name in named]
        if not given or (settings.event.optional and not all(each.literal for each in given)):
            continue
        if conflict.effect != "init":
            later = settings.how == "call" and any(_is_set_later(trace, name) for name in named)
            if set_again(trace) is None or later or not _is_fitted(trace, settings):
                continue
        return _drafted(trace, settings, conflict, parameters, given)
    return None


def _is_fitted(trace: Trace, settings: Settings) -> bool:
    """Whether it comes to a fit at all: what is only made or shown does no harm."""
    made = settings.event.origin if settings.earlier is None else settings.earlier.made
    return made in fitted(trace)


def _raising(settings: Settings, conflict: Conflict) -> bool:
    if conflict.effect == "predict":
        facts = estimator_facts(settings.owner)
        return facts is not None and bool({"classifier", "regressor"} & set(facts.kinds))
    return conflict.effect in ("init", "fit")


def _drafted(
    trace: Trace, settings: Settings, conflict: Conflict, parameters: dict[str, Argument], given: list[Setting]
) -> Draft | None:
    changes = _changes(conflict, parameters)
    first = changes[0][0][0] if changes else ""
    blamed = next((each for each in given if each.name == first), given[-1])
    found = location(trace, blamed.place)
    if found is None:
        return None
    edits = [_edit(trace, settings, name, value) for name, value in changes[0]] if changes else []
    title = f"Set `{', '.join(f'{name}={code(value)}' for name, value in changes[0])}`" if changes else ""
    return Draft(_message(settings, conflict, parameters, changes), found, fix=Fix.of(title, "unsafe", *edits))


def _changes(conflict: Conflict, parameters: dict[str, Argument]) -> list[tuple[tuple[str, Constant], ...]]:
    """What makes it work, the mildest change first."""
    explicit = [name for name, _ in conflict.parameters if name in parameters]

    def weight(change: tuple[tuple[str, Constant], ...]) -> tuple[int, bool, int]:
        incidental = len(explicit) > 1 and any(name not in parameters for name, _ in change)
        how = min(_HOW.index(name) if name in _HOW else len(_HOW) for name, _ in change)
        return len(change), incidental, how

    usable = [change for change in conflict.alternatives if all(value != "deprecated" for _, value in change)]
    return sorted(usable, key=weight)


def _message(
    settings: Settings,
    conflict: Conflict,
    parameters: dict[str, Argument],
    changes: list[tuple[tuple[str, Constant], ...]],
) -> str:
    short = settings.owner.rpartition(".")[2]
    changed = {name for name, _ in changes[0]} if changes else set()
    explicit = [(name, value) for name, value in conflict.parameters if name in parameters]
    kept = [each for each in explicit if each[0] not in changed] or explicit[:1]
    rest = [each for each in explicit if each not in kept]
    defaults = [each for each in conflict.parameters if each[0] not in parameters]
    telling = [each for each in defaults if each[0] in changed] or ([] if rest else defaults)
    other = [*(f"`{_given(*each)}`" for each in rest), *(f"`{_given(*each)}`, the default," for each in telling)]
    raises = {"init": "raises", "predict": "`predict` will raise"}.get(conflict.effect, "`fit` will raise")
    shown = f"`{short}({', '.join(_given(*each) for each in kept)})`"
    if not other:
        head = f"{shown} cannot be used: {raises}"
    else:
        joined = " and ".join(other)
        head = f"{shown} cannot use {joined.removesuffix(',') if joined.endswith(',') else joined}: {raises}"
    head = head.replace(": raises", ": the call raises ValueError")
    return f"{head}. {_instead(changes)}".strip()


def _given(name: str, value: Argument) -> str:
    return f"{name}=..." if isinstance(value, Given) else f"{name}={code(value)}"


def _instead(changes: list[tuple[tuple[str, Constant], ...]]) -> str:
    """`dual=False` or `"auto"` can."""
    if not changes:
        return ""
    if len(changes[0]) > 1:
        return f"{' with '.join(f'`{name}={code(value)}`' for name, value in changes[0])} can."
    name = changes[0][0][0]
    values = [change[0][1] for change in changes if len(change) == 1 and change[0][0] == name][:2]
    first, *more = [code(value) for value in values]
    return f"`{name}={first}`{f' or `{more[0]}`' if more else ''} can."


def _edit(trace: Trace, settings: Settings, name: str, value: Constant) -> Edit | None:
    """Gives a parameter its value: in place of the one it has, or after the other arguments."""
    node = node_at(trace, settings.event.call)
    if not isinstance(node, ast.Call) or settings.how == "grid":
        return None
    given = next((each for each in settings.settings if each.name == name), None)
    if given is not None:
        return editing.replaced(trace, given.place, code(value)) if given.literal else None
    if settings.how != "call" or any(each.arg is None for each in node.keywords):
        return None
    return insertion(trace, settings.event.call, node, f"{name}={code(value)}")


RULE = Rule(
    name="param-value-invalid",
    family="estimator",
    severity=Severity.ERROR,
    summary="A parameter of scikit-learn is given a value that it does not accept, alone or together with the others.",
    finds="""
        Texts that are none of those a parameter takes, numbers out of its range, values of the wrong type, and values
        that do not go together, such as `LinearSVC(penalty="l1", loss="hinge")` or
        `train_test_split(X, y, shuffle=False, stratify=y)`. It looks at estimators and functions, at `set_params` and
        the grids of searches, through the steps of pipelines, and follows names and dicts of parameters to their
        values. What is accepted is what the release in force declares, and which combinations raise was found by
        trying them in it.
        """,
    matters="""
        Estimators look at their parameters when `fit` is called, often long after the line that is wrong; the message
        names the parameter but not the line. In a search only the fits with that value fail: their scores are NaN, and
        a search with nothing but NaN picks its first candidate.
        """,
    silent="""
        Values that are not known, or known only on some way through a condition; releases of scikit-learn of which the
        values are not known; code inside `try` or under a test for the version; combinations of estimators that are
        not fitted, or of which a part is set again by `set_params` or by a search. `scoring` has a rule of its own.
        """,
    repair="""
        Writes the accepted value. Safe where it is the same under a new name or type (`"mse"` is `"squared_error"` now,
        `100.0` is `100`); any other is a change of what is computed, and for you to accept.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.ensemble import RandomForestRegressor

            X, y = load_diabetes(return_X_y=True)
            model = RandomForestRegressor(criterion="mse", random_state=0)  # <- param-value-invalid
            print(model.fit(X, y).score(X, y))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import LinearSVC

            X, y = load_wine(return_X_y=True)
            model = make_pipeline(
                StandardScaler(),
                LinearSVC(penalty="l1", loss="hinge"),  # <- param-value-invalid
            )
            print(model.fit(X, y).score(X, y))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.impute import SimpleImputer
            from sklearn.neighbors import KNeighborsClassifier
            from sklearn.pipeline import make_pipeline
            from sklearn.preprocessing import StandardScaler

            X, y = load_breast_cancer(return_X_y=True)
            model = make_pipeline(SimpleImputer(), StandardScaler(), KNeighborsClassifier())
            model.set_params(kneighborsclassifier__weights="distances")  # <- param-value-invalid
            print(model.fit(X, y).score(X, y))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(
                X,
                y,
                shuffle=False,  # <- param-value-invalid
                stratify=y,
                random_state=0,
            )
            print(X_train.shape)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.ensemble import GradientBoostingClassifier

            settings = {"n_estimators": 1e2, "max_depth": 2}
            X, y = load_wine(return_X_y=True)
            model = GradientBoostingClassifier(random_state=0, **settings)  # <- param-value-invalid
            print(model.fit(X, y).score(X, y))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import GridSearchCV
            from sklearn.tree import DecisionTreeClassifier

            X, y = load_wine(return_X_y=True)
            grid = {"criterion": ["information"], "max_depth": [2, 4]}  # <- param-value-invalid
            search = GridSearchCV(DecisionTreeClassifier(random_state=0), grid)
            print(search.fit(X, y).best_params_)
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.ensemble import RandomForestRegressor

            X, y = load_diabetes(return_X_y=True)
            model = RandomForestRegressor(criterion="squared_error", n_estimators=10, random_state=0)
            print(model.fit(X, y).score(X, y))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.svm import LinearSVC

            X, y = load_iris(return_X_y=True)
            for penalty, dual in (("l1", False), ("l2", True)):
                print(LinearSVC(penalty=penalty, dual=dual, max_iter=50).fit(X, y).score(X, y))
            """
        ),
        example(
            """
            import sklearn
            from sklearn.tree import DecisionTreeRegressor

            if sklearn.__version__ < "1.2":
                tree = DecisionTreeRegressor(criterion="mse")
            else:
                tree = DecisionTreeRegressor(criterion="squared_error")
            print(tree.fit([[0], [1]], [0, 1]).predict([[1]]))
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import GridSearchCV
            from sklearn.pipeline import Pipeline
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC

            X, y = load_wine(return_X_y=True)
            model = Pipeline([("scale", StandardScaler()), ("machine", SVC())])
            grid = [{"machine__kernel": ["rbf"], "machine__gamma": ["auto", 0.1]}, {"machine__kernel": ["linear"]}]
            print(GridSearchCV(model, grid, cv=3).fit(X, y).best_params_)
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.linear_model import LogisticRegression

            X, y = load_wine(return_X_y=True)
            model = LogisticRegression(l1_ratio=0.5, max_iter=50)
            model.set_params(solver="saga")
            print(model.fit(X / X.max(axis=0), y).score(X / X.max(axis=0), y))
            """
        ),
        example(
            """
            import sys

            from sklearn.ensemble import RandomForestClassifier


            def forest(features):
                return RandomForestClassifier(max_features=features, random_state=0)


            chosen = sys.argv[1] if len(sys.argv) > 1 else "sqrt"
            print(forest(chosen), forest(0.5), forest(3), forest(None))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.model_selection import train_test_split
            from sklearn.svm import SVC

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, test_size=30, stratify=y, random_state=0)
            try:
                SVC(C=-1).fit(X_train, y_train)
            except ValueError as error:
                print(error)
            print(SVC(kernel=lambda a, b: a @ b.T).fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.ensemble import RandomForestRegressor

            X, y = load_diabetes(return_X_y=True)
            forest = RandomForestRegressor(n_estimators=0, warm_start=True)
            for trees in (1, 2, 4):
                forest.n_estimators = trees
                print(forest.fit(X, y).score(X, y))
            slow = RandomForestRegressor(n_estimators=0)
            for trees in (1, 2):
                print(slow.set_params(n_estimators=trees).fit(X, y).score(X, y))
            """
        ),
    ),
    check=check,
    raises=("ValueError",),
)
