"""The packs that are contributed to the editor, the only source of all snippets: `snippets/<stage>.code-snippets`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

STAGES = {
    "data": "Data in",
    "pandas": "pandas and Polars",
    "explore": "Explore and clean",
    "split": "Split and validate",
    "prepare": "Prepare",
    "supervised": "Supervised learning",
    "unsupervised": "Unsupervised learning",
    "reinforcement": "Reinforcement learning",
    "deep": "Deep learning",
    "evaluate": "Evaluate and explain",
    "tune": "Tune and track",
    "pipelines": "Pipelines",
    "serve": "Serve",
    "engineer": "Engineer",
    "jupyter": "Jupyter",
}
"""The packs by the name of their file, in the order of the road."""

_HERE = Path(__file__).parent
# In the wheel the packs lie in the package, in the extension and in the sources beside the server.
_PLACES = (_HERE / "packs", _HERE.parents[2] / "snippets")


@dataclass(frozen=True, slots=True)
class Algorithm:
    """What helps to choose an algorithm.

    `predicts`: what comes out of it. `rows`: up to how many rows it is sensible, None: any number. `good`: what it is
    chosen for. `fits`: when it fits. `needs`: what its input has to be. `cost`: what it takes to fit and to use it.
    """

    predicts: tuple[str, ...]
    rows: int | None
    good: tuple[str, ...]
    fits: str
    needs: str
    cost: str


@dataclass(frozen=True, slots=True)
class Snippet:
    """One snippet. `target`: the kind of target it is for, "class" or "number"; None: any, or it needs none.

    `language`: the first of those it is offered in.
    """

    name: str
    prefix: str
    description: str
    body: str
    language: str
    stage: str
    file: bool = False
    target: str | None = None
    algorithm: Algorithm | None = None


PREDICTS = {
    "class": "A class: yes or no, one of several",
    "number": "A number",
    "classes": "Several classes at once",
    "numbers": "Several numbers at once",
    "order": "A place in an order: bad, fair, good",
    "range": "A range that a number lies in",
    "groups": "Groups nobody has named yet",
    "components": "Fewer columns, or a picture of many",
    "outliers": "What is unusual",
    "associations": "What comes together",
    "actions": "The next action, learned from rewards",
    "image": "What an image shows",
    "text": "What a text says",
    "sequence": "What comes next in a sequence",
}
"""The answers to "what do you want to predict?"."""

GOOD = {
    "accuracy": "The best score",
    "explanation": "A person must understand why",
    "speed": "Quick to train and to use",
    "probabilities": "Probabilities, not only the answer",
    "little tuning": "Good without much tuning",
    "few rows": "Few rows",
}
"""The answers to "what matters?"."""


@cache
def snippets() -> tuple[Snippet, ...]:
    """All snippets, in the order of the road; none where the packs are not installed."""
    folder = next((place for place in _PLACES if place.is_dir()), None)
    if folder is None:
        return ()
    return tuple(
        snippet for stage in STAGES if (path := folder / f"{stage}.code-snippets").is_file() for snippet in read(path)
    )


def read(path: Path) -> tuple[Snippet, ...]:
    """The snippets of one pack, in its order."""
    return tuple(_snippet(name, entry, path.stem) for name, entry in json.loads(path.read_text("utf-8")).items())


def _snippet(name: str, entry: dict[str, Any], stage: str) -> Snippet:
    body = entry["body"]
    known = entry.get("algorithm")
    return Snippet(
        name,
        entry["prefix"],
        entry["description"],
        body if isinstance(body, str) else "\n".join(body),
        entry["scope"].split(",")[0],
        stage,
        bool(entry.get("isFileTemplate")),
        entry.get("target"),
        None
        if known is None
        else Algorithm(
            tuple(known["predicts"]), known["rows"], tuple(known["good"]), known["fits"], known["needs"], known["cost"]
        ),
    )
