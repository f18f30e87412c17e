"""imbalanced-learn's functions; its resamplers and estimators are in `estimators`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.semantics.models import estimators
from mlsense.semantics.models.effects import Call

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model
    from mlsense.semantics.values import Value


def make_pipeline(run: Run, call: Call) -> Value:
    return estimators.made_of(run, "imblearn.pipeline.Pipeline", call.args, call)


FUNCTIONS: dict[str, Model] = {"make_pipeline": make_pipeline}
