"""SciPy's functions, as far as they shape data."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.semantics.models.effects import Effect
from mlsense.semantics.models.pandas import effect

if TYPE_CHECKING:
    from mlsense.semantics.models import Model

FUNCTIONS: dict[str, Model] = {
    "stats.zscore": effect(Effect(learns="zscore")),
    "stats.boxcox": effect(Effect(learns="boxcox")),
    "stats.yeojohnson": effect(Effect(learns="yeojohnson")),
    **dict.fromkeys(
        "sparse.csr_matrix sparse.csc_matrix sparse.coo_matrix".split(), effect(Effect(keeps=True, kind="sparse"))
    ),
}
