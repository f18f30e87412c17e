"""imbalanced-learn's functions; its resamplers and estimators are in `estimators`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from mlsense.semantics.models import estimators, sklearn
from mlsense.semantics.models.effects import Call, opaque
from mlsense.semantics.regions import Choice
from mlsense.semantics.values import Data, Learned, TupleValue, merge_learned

if TYPE_CHECKING:
    from mlsense.semantics.calls import Calls as Run
    from mlsense.semantics.models import Model
    from mlsense.semantics.values import Value


def make_pipeline(run: Run, call: Call) -> Value:
    return estimators.made_of(run, "imblearn.pipeline.Pipeline", call.args, call)


def make_imbalance(run: Run, call: Call) -> Value:
    """Some rows of each class."""
    origin = run.origin(call.node)
    choice = Choice(origin, "filter", "make_imbalance")
    given = run.data(call.get(0, "X"))
    learned = Learned(
        origin, "make_imbalance", "make_imbalance", "resampler", given.rows if given is not None else None, True
    )
    results: list[Value] = []
    for index, key in enumerate(("X", "y")):
        data = run.data(call.get(index, key)) or Data()
        rows = data.rows.choose(choice) if data.rows is not None else None
        learns = merge_learned(data.learned, (learned,))
        results.append(run.alloc(call.node, replace(data, rows=rows, learned=learns, mask=None, selects=None), index))
    return TupleValue(tuple(results))


METRICS = """
    geometric_mean_score sensitivity_score specificity_score sensitivity_specificity_support
    classification_report_imbalanced macro_averaged_mean_absolute_error
    """.split()
FUNCTIONS: dict[str, Model] = {
    "make_pipeline": make_pipeline,
    "make_imbalance": make_imbalance,
    "InstanceHardnessCV": sklearn.splitter,
    **dict.fromkeys(METRICS, sklearn.metric),
    **dict.fromkeys(["fetch_datasets", "make_index_balanced_accuracy"], opaque),
}
