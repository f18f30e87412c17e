"""A transformer learns anew from the test rows: they then live in another space than the training rows."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from mlsense.knowledge import estimator_facts
from mlsense.rules import editing
from mlsense.rules.finding import Fix, Severity
from mlsense.rules.leaks import COMPUTED
from mlsense.rules.reading import bound_names, innermost, location, node_at, place_in, related, shown_at, where, written
from mlsense.rules.rule import Draft, Rule, example
from mlsense.semantics.events import Evaluate, Fit
from mlsense.semantics.models.estimators import short, transformer_model
from mlsense.semantics.regions import Choice, Overlap, Rest, Rows, overlap, siblings, within
from mlsense.semantics.values import Columns, Learned, Origin, Place, Ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.semantics.values import FitRecord


@dataclass(frozen=True, slots=True)
class Kind:
    """Transformers whose learning anew is told in the same words: their families, the harm, how safe a fix is."""

    families: frozenset[str]
    harm: str
    safety: Literal["safe", "unsafe"]


# Those that number values are told of by `encoder-refit-per-split`.
SPACES = Kind(
    frozenset((*"scaler imputer reducer selector target-encoder vectoriser discretiser".split(), *COMPUTED)),
    "the model is tested in another space than it was trained in, so the score does not tell how it does on new rows",
    "safe",
)


def check(trace: Trace) -> Iterator[Draft]:
    yield from refitted(trace, SPACES)
    yield from twins(trace, SPACES)


# --- one transformer fitted twice --------------------------------------------------------------------


def refitted(trace: Trace, kind: Kind) -> Iterator[Draft]:
    earlier: dict[Ref, list[Fit]] = {}
    for event in trace.of(Fit):
        model = transformer_model(event.after.cls)
        if model is None or model.stateless or model.family not in kind.families or not _can_transform(event.after.cls):
            continue
        before = earlier.setdefault(event.ref, [])
        first = next(
            (
                other
                for other in before
                if _is_test_of(event.record.rows, other.record.rows)
                and not _other_columns(event.record.columns, other.record.columns)
            ),
            None,
        )
        before.append(event)
        if first is not None and event.optional and event.call == first.call:
            # A function that fits only what is not fitted yet.
            continue
        if first is None or not _tests(trace, event):
            continue
        place = shown_at(trace, event.record.origin, first.record.origin, event.record.rows)
        found = location(trace, place)
        if found is None:
            continue
        here = place == event.record.origin.place
        cls = short(event.after.cls)
        name = f"`{event.name}`" if event.name == cls else f"`{event.name}` ({cls})"
        then = where(trace, first.record.origin.place, place)
        told = (
            f"{name} learned from the training rows {then} and learns anew from the test rows here"
            if here
            else f"`{written(trace, place, 'This call')}` fits {name} anew on the test rows, after the training rows"
        )
        pairs = [(first.record.origin.place, "it learned from the training rows here")]
        if not here:
            pairs.append((event.record.origin.place, "it learns anew here"))
        yield Draft(
            f"{told}: {kind.harm}. Use `transform` on the test rows.",
            found,
            related(trace, *pairs),
            _transform_instead(trace, event, kind) if here else None,
            # Both parts have all classes as a rule, and then the same numbers.
            Severity.INFORMATION if model.family == "label-encoder" and _is_target(trace, first) else None,
        )


def _can_transform(cls: str) -> bool:
    """Whether there is another way than to fit: t-SNE and its kind only fit."""
    facts = estimator_facts(short(cls))
    return facts is None or bool({"transform", "predict"} & set(facts.methods))


def _tests(trace: Trace, refit: Fit) -> bool:
    """Whether what is learned anew is there to test with: no model is trained on it.

    `fit_transform` says so by itself while the test is not yet written; a lone `fit` may be a look at the rows.
    """
    origin = refit.record.origin
    for event in trace.of(Fit, Evaluate):
        if isinstance(event, Fit) and event.x is not None and _rests_on(event.x.learned, origin):
            return False
        if isinstance(event, Evaluate) and _rests_on(event.x.learned, origin):
            return True
    return refit.method == "fit_transform"


def _is_target(trace: Trace, encoded: Fit) -> bool:
    """Whether what was encoded is what a model is to find out."""
    return encoded.x is not None and (
        encoded.x.role == "target"
        or any(event.y is not None and _rests_on(event.y.learned, encoded.record.origin) for event in trace.of(Fit))
    )


def _rests_on(learned: tuple[Learned, ...], origin: Origin) -> bool:
    return any(item.origin == origin for item in learned)


def _is_test_of(rows: Rows | None, trained: Rows | None) -> bool:
    """Whether the rows are the part of a split that was held back when the other part was learned from."""
    if rows is None or trained is None or not siblings(rows, trained):
        return False
    for part in rows.parts:
        for other in trained.parts:
            for mine, theirs in zip(part.path, other.path, strict=False):
                if mine != theirs:
                    return mine.selector == theirs.selector and _held_back(mine)
    return False


def _held_back(choice: Choice) -> bool:
    """Whether it picks the part that is not for training; of slices and masks the one that comes second is."""
    if choice.kind in ("slice", "mask"):
        return True
    return choice.branch == {"split": 1, "fold": "test"}.get(choice.kind, Rest(True))


def _other_columns(a: Columns | None, b: Columns | None) -> bool:
    if a is None or b is None or not (a.closed and b.closed):
        return False
    return {column.name for column in a.items} != {column.name for column in b.items}


def _transform_instead(trace: Trace, event: Fit, kind: Kind) -> Fix | None:
    """`fit_transform(X_test, ...)` becomes `transform(X_test)`; a lone `fit(X_test)` goes."""
    call = node_at(trace, event.call)
    if any(other.call == event.call and other.record != event.record for other in trace.of(Fit)):
        # Another pass or call comes by here with other rows.
        return None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute) or not call.args:
        return None
    if any(isinstance(argument, ast.Starred) for argument in call.args):
        return None
    if event.method == "fit_transform":
        argument = editing.text_at(trace, place_in(event.call, call.args[0]))
        receiver = editing.text_at(trace, place_in(event.call, call.func.value))
        if argument is None or receiver is None:
            return None
        return Fix.of(
            "Use `transform` on the test rows",
            kind.safety,
            editing.replaced(trace, event.call, f"{receiver}.transform({argument})"),
        )
    statement = innermost(trace, event.call)
    if event.method == "fit" and isinstance(statement, ast.Expr) and statement.value is call:
        tree = trace.node(event.call)
        if statement is not tree:
            return None
        return Fix.of("Do not fit it again", kind.safety, editing.deleted(trace, event.statement))
    return None


# --- two transformers of one kind ----------------------------------------------------------------------


def twins(trace: Trace, kind: Kind) -> Iterator[Draft]:
    """Training and test rows of one model, each shaped by what was learned from themselves."""
    reported: set[ast.stmt | None] = set()
    for event in trace.of(Evaluate):
        for own in event.x.learned:
            twin = _twin(own, event.fit, event.x.learned, kind)
            if twin is None or event.x.rows is None or own.rows is None or not within(own.rows, event.x.rows):
                continue
            place = shown_at(trace, own.origin, twin.origin, own.rows)
            found = location(trace, place)
            statistic = own.family in COMPUTED
            statement = innermost(trace, place)
            if found is None or (statistic and statement in reported):
                continue
            reported.add(statement)
            what = f"`{written(trace, own.origin.place, own.by)}`" if statistic else f"`{own.what}`"
            verb = "is computed over" if statistic else "learns from"
            there = shown_at(trace, twin.origin, own.origin, twin.rows)
            name = _result_name(trace, there)
            yield Draft(
                f"{what} {verb} the rows that `{event.callee}` {where(trace, event.call, place)} tests, while the "
                f"model's training rows were shaped by {_words(trace, own, twin)} {where(trace, there, place)}: "
                f"{kind.harm}. Use what was learned from the training rows for both{name}.",
                found,
                related(
                    trace,
                    (there, "the training rows were shaped here"),
                    (event.call, "the two meet here"),
                ),
            )


def _words(trace: Trace, own: Learned, twin: Learned) -> str:
    if twin.family in COMPUTED:
        return f"`{written(trace, twin.origin.place, twin.by)}`"
    return f"`{twin.by}` as it was" if own.estimator == twin.estimator else f"another `{twin.what}`"


def _result_name(trace: Trace, place: Place) -> str:
    names = bound_names(trace, place)
    return "" if len(names) != 1 else f", as for `{names[0]}`"


def _twin(own: Learned, fit: FitRecord, shaped: tuple[Learned, ...], kind: Kind) -> Learned | None:
    """What did the same to the training rows, learned from other rows, and not used on these."""
    if own.family not in kind.families:
        return None
    origins = {(item.origin, item.columns) for item in shaped}
    for other in fit.learned:
        if other.what != own.what or other.columns != own.columns or (other.origin, other.columns) in origins:
            continue
        if other.rows is None or fit.rows is None or not within(other.rows, fit.rows):
            continue
        apart = overlap(own.rows, other.rows) is Overlap.DISJOINT
        one_object = own.estimator is not None and own.estimator == other.estimator
        one_column = own.family in COMPUTED and own.columns is not None
        if apart and (one_object or one_column or siblings(own.rows or Rows(), other.rows)):
            return other
    return None


RULE = Rule(
    name="fit-on-test",
    family="leakage",
    severity=Severity.WARNING,
    summary="The test rows are transformed by what was learned from themselves.",
    finds="""
        A transformer that was fitted on the training part of a split and is fitted again on the test part; and a model
        whose training rows and test rows were shaped by two transformers of one kind, each fitted on its own part.
        """,
    matters="""
        The model knows the training rows in the space that their scaler, encoder or PCA made. Fitted again on the test
        rows, the same transformer makes another space: the same house gets another number. The score then says nothing
        about the model, and one new row in production cannot be transformed that way at all.
        """,
    silent="""
        `transform` on the test rows; a transformer fitted anew on the training part of each fold; one for features and
        another for the target; transformers that learn nothing; one object fitted on different columns; parts whose
        relation is not known.
        """,
    repair="""
        `fit_transform` becomes `transform`, a repeated `fit` goes. Safe: the transformer is already fitted on the
        training rows.
        """,
    bad=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scaler = StandardScaler()
            X_train = scaler.fit_transform(X_train)
            X_test = scaler.fit_transform(X_test)  # <- fit-on-test
            print(SVC().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_breast_cancer
            from sklearn.model_selection import train_test_split
            from sklearn.neighbors import KNeighborsClassifier
            from sklearn.preprocessing import MinMaxScaler

            X, y = load_breast_cancer(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            train_scaled = MinMaxScaler().fit_transform(X_train)
            test_scaled = MinMaxScaler().fit_transform(X_test)  # <- fit-on-test
            model = KNeighborsClassifier().fit(train_scaled, y_train)
            print(model.score(test_scaled, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import RobustScaler


            def scaled(part):
                return RobustScaler().fit_transform(part)


            X, y = load_diabetes(return_X_y=True, scaled=False)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            model = Ridge().fit(scaled(X_train), y_train)
            print(model.score(scaled(X_test), y_test))  # <- fit-on-test
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            X_train = (X_train - X_train.mean()) / X_train.std()
            X_test = (X_test - X_test.mean()) / X_test.std()  # <- fit-on-test
            print(LogisticRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_digits
            from sklearn.decomposition import PCA
            from sklearn.linear_model import LogisticRegression

            X, y = load_digits(return_X_y=True)
            pca = PCA(n_components=16, random_state=0)
            pca.fit(X[:1200])
            first = pca.transform(X[:1200])
            pca.fit(X[1200:])  # <- fit-on-test
            rest = pca.transform(X[1200:])
            model = LogisticRegression(max_iter=2000).fit(first, y[:1200])
            print(model.score(rest, y[1200:]))
            """
        ),
    ),
    good=(
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import StandardScaler
            from sklearn.svm import SVC

            X, y = load_wine(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            scaler = StandardScaler()
            X_train = scaler.fit_transform(X_train)
            X_test = scaler.transform(X_test)
            print(SVC().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_diabetes
            from sklearn.linear_model import Ridge
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import StandardScaler

            X, y = load_diabetes(return_X_y=True, scaled=False)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            x_scaler, y_scaler = StandardScaler(), StandardScaler()
            X_train = x_scaler.fit_transform(X_train)
            y_train = y_scaler.fit_transform(y_train.reshape(-1, 1))
            model = Ridge().fit(X_train, y_train)
            predicted = model.predict(x_scaler.transform(X_test))
            print(y_scaler.inverse_transform(predicted.reshape(-1, 1))[:3])
            """
        ),
        example(
            """
            from sklearn.datasets import load_wine
            from sklearn.model_selection import KFold
            from sklearn.neighbors import KNeighborsClassifier
            from sklearn.preprocessing import StandardScaler

            X, y = load_wine(return_X_y=True)
            scaler = StandardScaler()
            for train, test in KFold(3, shuffle=True, random_state=0).split(X):
                X_train = scaler.fit_transform(X[train])
                X_test = scaler.transform(X[test])
                print(KNeighborsClassifier().fit(X_train, y[train]).score(X_test, y[test]))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import Normalizer

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            X_train = Normalizer().fit_transform(X_train)
            X_test = Normalizer().fit_transform(X_test)
            print(LogisticRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris
            from sklearn.linear_model import LogisticRegression
            from sklearn.model_selection import train_test_split

            X, y = load_iris(return_X_y=True)
            X_train, X_test, y_train, y_test = train_test_split(X, y, random_state=0)
            mean, spread = X_train.mean(), X_train.std()
            X_train = (X_train - mean) / spread
            X_test = (X_test - mean) / spread
            print(LogisticRegression().fit(X_train, y_train).score(X_test, y_test))
            """
        ),
        example(
            """
            from sklearn.datasets import load_iris, load_wine
            from sklearn.preprocessing import StandardScaler
            from sklearn.tree import DecisionTreeClassifier

            scaler = StandardScaler()
            for load in (load_iris, load_wine):
                X, y = load(return_X_y=True)
                model = DecisionTreeClassifier().fit(scaler.fit_transform(X), y)
                print(model.score(scaler.transform(X), y))
            """
        ),
        example(
            """
            import pandas as pd
            from sklearn.model_selection import train_test_split
            from sklearn.preprocessing import OrdinalEncoder

            shops = pd.DataFrame({"town": list("abcabcab"), "kind": list("xyxyxyxy")})
            train, test = train_test_split(shops, random_state=0)
            encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=-1)
            print(encoder.fit_transform(train[["town"]])[:2])
            print(encoder.fit_transform(test[["kind"]])[:2])
            """
        ),
    ),
    check=check,
    references=(
        "scikit-learn user guide, "
        "[inconsistent preprocessing](https://scikit-learn.org/stable/common_pitfalls.html#inconsistent-preprocessing)",
    ),
)
