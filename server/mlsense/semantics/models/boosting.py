"""XGBoost's, LightGBM's and CatBoost's own interfaces: data sets, training, folds."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.core import constant
from mlsense.semantics.events import CrossValidate
from mlsense.semantics.models import estimators, scores
from mlsense.semantics.values import Data, Estimator, Ref

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model
    from mlsense.semantics.models.effects import Call
    from mlsense.semantics.values import Value


def dataset(run: Run, call: Call) -> Value:
    """`DMatrix(X, label=y)`, `Dataset(X, y)`, `Pool(X, y)`: the same rows, with their targets beside."""
    data = run.data(call.get(0, "data"))
    if data is None:
        return run.alloc(call.node, Data())
    made = run.alloc(call.node, replace(data, kind="unknown", mask=None))
    label = call.get(1, "label")
    if label is not None:
        run.state.set((made, "label"), label)
    return made


def train(run: Run, call: Call) -> Value:
    """`train(params, data)`: a model that has learned from it."""
    given = call.get(1, "dtrain", "train_set", "pool") if call.name != "fit" else call.get(0)
    root = call.symbol.partition(".")[0]
    made = run.alloc(call.node, Estimator(f"{root}.Booster", (), made=run.origin(call.node)))
    booster = run.object(made)
    if given is not None and isinstance(booster, Estimator):
        label = run.state.get((given, "label"))
        handed = replace(call, args=[given, *([label] if isinstance(label, Ref) else [])], keywords={}, nodes={})
        estimators.fit(run, made, booster, "train", handed)
        trained = run.object(made)
        if isinstance(trained, Estimator) and trained.fitted is not None:
            scores.watched_booster(run, trained.fitted, call, root)
    return made


def cross_validated(run: Run, call: Call) -> Value:
    """`cv(params, data, nfold)`: every fold is trained without and evaluated with."""
    given = call.get(1, "dtrain", "train_set", "pool")
    shuffled = call.get(None, "shuffle")
    run.emit(
        CrossValidate(
            *run.circumstances(call.node), "cv", None, run.data(given),
            None, None, run.place(call.node), None, shuffles=shuffled is None or constant(shuffled) is True,
        )
    )  # fmt: skip
    return run.alloc(call.node, Data())


FUNCTIONS: dict[str, Model] = {
    **dict.fromkeys("DMatrix QuantileDMatrix Dataset Pool".split(), dataset),
    "train": train,
    "cv": cross_validated,
}
