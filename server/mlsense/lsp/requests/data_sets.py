"""`mlsense/dataSets`, our own: the data sets that scikit-learn brings along, and the code that loads each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from mlsense.knowledge.sklearn import DatasetFacts
    from mlsense.lsp.snapshot import Snapshot

METHOD = "mlsense/dataSets"
OPTIONS = None


async def answer(_: Snapshot, params: Any) -> list[dict[str, Any]]:
    """The same whatever is open."""
    return otherwise(params)


def otherwise(_: Any) -> list[dict[str, Any]]:
    """Name, rows, columns, what is predicted and the code of each."""
    from mlsense.knowledge.sklearn import bundled_datasets  # The server answers `initialize` before it loads the base.
    from mlsense.rules.targets import CLASSES

    return [_told(facts, CLASSES.get(facts.loader)) for facts in bundled_datasets()]


def _told(facts: DatasetFacts, classes: int | None) -> dict[str, Any]:
    loader = facts.loader
    return {
        "name": loader.removeprefix("load_").replace("_", " "),
        "rows": facts.rows,
        "columns": [name for name, _, _ in facts.columns],
        "target": f"{classes} classes" if classes is not None else "a number" if len(facts.target) == 1 else "numbers",
        "code": f"from sklearn.datasets import {loader}\n\nX, y = {loader}(return_X_y=True, as_frame=True)\n",
    }
