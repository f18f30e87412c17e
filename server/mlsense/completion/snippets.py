"""Snippets with the program's own names filled in, those first that it lacks next."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from mlsense.answers import Completion
from mlsense.knowledge import bundled_dataset
from mlsense.rules.targets import CLASSES
from mlsense.semantics.events import CrossValidate, Evaluate, Split
from mlsense.semantics.values import Data, Estimator
from mlsense.snippets.packs import snippets
from mlsense.snippets.syntax import defaults, expanded, filled, parse
from mlsense.text import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from mlsense.completion.scene import Scene
    from mlsense.semantics.asking import Asking
    from mlsense.semantics.values import HeapObject
    from mlsense.snippets.packs import Snippet

NAMES = frozenset(
    (
        "X",
        "y",
        "X_train",
        "X_val",
        "X_test",
        "y_train",
        "y_val",
        "y_test",
        "df",
        "train_df",
        "test_df",
        "target",
        "model",
    )
)
"""What placeholders for the user's own things propose."""
MOST_COLUMNS = 40
NEXT = 5
"""How many are offered to those who ask on an empty line."""
PREFIX = "ml"
_TYPED = re.compile(r"[ \t]*(ml(?:-[\w-]*)?)?\Z")
_TARGETS = ("target", "label", "class", "y", "outcome", "species", "price", "survived", "churn")
_FEW = 12
_PREDICTORS = frozenset(("classifier", "regressor", "clusterer", "outlier detector", "network", "search"))
_MADE = frozenset(("prediction", "probability", "score", "comparison", "index"))

# Which packs a program lacks next, best first.
_ROAD = {
    "read": ("explore", "split", "pandas", "prepare"),
    "parted": ("split", "explore", "unsupervised", "prepare"),
    "split": ("supervised", "prepare", "deep", "explore"),
    "fitted": ("evaluate", "tune", "serve"),
    "evaluated": ("tune", "evaluate", "serve", "supervised"),
}


@dataclass(frozen=True)
class Progress:
    """How far a program is at a caret.

    `names`: its own for what snippets speak of; several, the likeliest first, where one of them is meant. `step`: the
    last that was taken on the road, a key of `_ROAD`. `target`: whether a "class" or a "number" is predicted.
    """

    names: Mapping[str, str | tuple[str, ...]] = field(default_factory=dict)
    step: str = ""
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Fitting:
    """A snippet and its body with the program's names."""

    snippet: Snippet
    body: str
    names: tuple[str, ...]


def fitting(progress: Progress) -> tuple[Fitting, ...]:
    """The snippets that speak of what the program has, what it lacks next first, then in the order of their packs."""
    road = _ROAD.get(progress.step, ())
    found = [
        Fitting(each, filled(each.body, progress.names), tuple(_shown(progress.names[name]) for name in wanted))
        for each, wanted in _wanting()
        if all(name in progress.names for name in wanted)
        and (each.target is None or progress.target is None or each.target == progress.target)
    ]
    place = {stage: number for number, stage in enumerate(road)}
    return tuple(sorted(found, key=lambda each: place.get(each.snippet.stage, len(place))))


def snippets_at(at: Scene, trigger: str | None) -> tuple[Completion, ...]:
    """What fits where a statement begins: all of it once `ml` is typed, a few to those who ask on an empty line."""
    context = at.context
    line = at.cell.code[
        max(at.cell.code.rfind("\n", 0, context.offset), at.cell.code.rfind("\r", 0, context.offset)) + 1 :
    ]
    before = line[: context.offset - (len(at.cell.code) - len(line))]
    typed = _TYPED.match(before)
    if typed is None or context.brackets or context.quoted is not None:
        return ()
    word = typed[1] or ""
    if not word and (trigger is not None or line.strip()):
        return ()
    now = progress(at.asking)
    found = fitting(now)
    span = Span(context.offset - len(word), context.offset)
    if not word:
        chosen = [each for each in found if each.snippet.stage in _ROAD.get(now.step, ())][:NEXT]
    else:
        chosen = [each for each in found if _says_more(each, found)]
    return tuple(
        Completion(
            each.snippet.prefix,
            "snippet",
            expanded(each.body),
            snippet=each.body,
            span=span,
            typed=each.snippet.prefix,
            detail=", ".join(each.names),
            documentation=f"{each.snippet.description}\n\n```python\n{expanded(each.body).rstrip()}\n```",
        )
        for each in chosen
    )


def _says_more(each: Fitting, found: Sequence[Fitting]) -> bool:
    """Whether it is worth a place beside the editor's own entry: names are filled in, or it comes next."""
    return each.body != filled(each.snippet.body, {}) or each in found[:NEXT]


@cache
def _wanting() -> tuple[tuple[Snippet, tuple[str, ...]], ...]:
    """The snippets that speak of the user's own things, with their names for these."""
    found = []
    for each in snippets():
        if each.language != "python" or each.file:
            continue
        proposed = [stop.default[0] for stop in defaults(parse(each.body)).values() if len(stop.default) == 1]
        names = tuple(dict.fromkeys(name for name in proposed if isinstance(name, str) and name in NAMES))
        if names:
            found.append((each, names))
    return tuple(found)


def _shown(name: str | tuple[str, ...]) -> str:
    return name if isinstance(name, str) else name[0]


def progress(asking: Asking) -> Progress:
    """What the program has and did above the caret."""
    things = asking.things()
    data = {name: thing for name, thing in things.items() if isinstance(thing, Data) and _rows_of_its_own(thing)}
    model = _last(name for name, thing in things.items() if isinstance(thing, Estimator) and _predicts(thing))
    estimator = things.get(model) if model is not None else None
    fitted = isinstance(estimator, Estimator) and estimator.fitted is not None
    names: dict[str, str | tuple[str, ...]] = {} if model is None else {"model": model}
    parts = {part: {n: d for n, d in data.items() if _part(d) == part} for part in ("whole", "train", "val", "test")}
    for part, ending in (("whole", ""), ("train", "_train"), ("val", "_val"), ("test", "_test")):
        x, y = _pair(parts[part], f"X{ending}", f"y{ending}", estimator if fitted else None)
        if x is not None:
            names[f"X{ending}"] = x
        if y is not None:
            names[f"y{ending}"] = y
    taken = set(names.values())
    target = _target_column(data, names)
    for part, name in (("whole", "df"), ("train", "train_df"), ("test", "test_df")):
        frames = [n for n, d in parts[part].items() if d.kind == "frame" and n not in taken and _is_table(d, target)]
        if frames:
            names[name] = name if name in frames else frames[-1]
    columns = target or _choice_of_columns(data, names)
    if columns:
        names["target"] = columns
    return Progress(names, _step(asking, names, fitted=fitted), _kind_of_target(data, names, estimator))


def _rows_of_its_own(data: Data) -> bool:
    """Whether it is data to work on: no statistic, no prediction, nothing of unknown rows."""
    known = data.rows is not None and bool(data.rows.parts)
    return known and data.kind in ("frame", "series", "array", "sparse") and data.role not in _MADE and not data.fits


def _predicts(estimator: Estimator) -> bool:
    return estimator.certain and bool(_PREDICTORS & set(estimator.kinds))


def _part(data: Data) -> str:
    """Which part of a split it is, by the choices that made it; "" where it is neither whole nor such a part."""
    assert data.rows is not None
    path = data.rows.parts[0].path
    if not path:
        return "whole"
    if any(choice.kind != "split" for choice in path):
        return "whole" if all(choice.kind in ("mask", "filter", "sample") for choice in path) else ""
    if all(choice.branch == 0 for choice in path):
        return "train"
    if any(choice.branch != 0 for choice in path[:-1]):
        return ""
    return "test" if len(path) == 1 else "val"


def _pair(data: Mapping[str, Data], x: str, y: str, estimator: HeapObject | None) -> tuple[str | None, str | None]:
    """The names of features and of a target of the same rows: those that all packs use, else the last ones."""
    targets = [name for name, each in data.items() if _is_target(each)]
    target = y if y in targets else _last(targets)
    rows = data[target].rows if target is not None else None
    features = [name for name, each in data.items() if _is_features(each) and (rows is None or each.rows == rows)]
    if target is None and not any(data[name].role == "features" or name == x for name in features):
        return None, None
    if target is not None:
        # A frame that has the target among its columns is no table of features.
        mine = _columns(data[target])
        features = [name for name in features if not (mine and mine & _columns(data[name]))] or []
        parts = [name for name in features if data[name].role == "features" or _lacks_columns(data[name])]
        features = parts or [name for name in features if data[name].kind != "frame" or name == x]
    if isinstance(estimator, Estimator) and estimator.fitted is not None and features:
        # Whoever learned from scaled rows is asked about scaled rows.
        by = {each.origin for each in estimator.fitted.learned}
        features = [name for name in features if {each.origin for each in data[name].learned} == by]
    elif features:
        raw = [name for name in features if not data[name].learned]
        features = raw or features
    return (x if x in features else _last(features)), target


def _is_target(data: Data) -> bool:
    return data.role == "target" or (data.rank == 1 and data.kind in ("series", "array"))


def _is_features(data: Data) -> bool:
    return data.role != "target" and data.rank != 1 and data.kind in ("frame", "array", "sparse")


def _lacks_columns(data: Data) -> bool:
    """Whether some of its table's columns were left out."""
    lineage = data.lineage
    return lineage is not None and (bool(lineage.without) or lineage.only is not None)


def _columns(data: Data) -> frozenset[str]:
    return frozenset(each.name for each in data.columns.items) if data.columns is not None else frozenset()


def _is_table(data: Data, target: str | None) -> bool:
    """Whether it is a table with its target still in it, as far as that is known."""
    lineage = data.lineage
    if data.role == "features" or lineage is None or target is None:
        return data.role != "features"
    return target not in lineage.without and (lineage.only is None or target in lineage.only)


def _target_column(data: Mapping[str, Data], names: Mapping[str, str | tuple[str, ...]]) -> str | None:
    """The column that was taken for the target."""
    for name in ("y", "y_train", "y_test"):
        mine = names.get(name)
        lineage = data[mine].lineage if isinstance(mine, str) and mine in data else None
        if lineage is not None and lineage.only is not None and len(lineage.only) == 1:
            return lineage.only[0]
    return None


def _choice_of_columns(data: Mapping[str, Data], names: Mapping[str, str | tuple[str, ...]]) -> tuple[str, ...] | None:
    """The columns of the table, with what usually is a target first."""
    frame = next((names[name] for name in ("df", "train_df") if name in names), None)
    columns = data[frame].columns if isinstance(frame, str) else None
    if columns is None or not columns.closed or not columns.items:
        return None
    # What separates choices would end them early.
    known = [each.name for each in columns.items if not set(each.name) & set(",|\\$}\"'")]
    first = sorted(known, key=lambda name: _TARGETS.index(name.lower()) if name.lower() in _TARGETS else len(_TARGETS))
    return tuple(first[:MOST_COLUMNS]) or None


def _step(asking: Asking, names: Mapping[str, object], *, fitted: bool) -> str:
    done = {type(event) for event in asking.events(Split, Evaluate, CrossValidate)}
    if fitted and done & {Evaluate, CrossValidate}:
        return "evaluated"
    if fitted:
        return "fitted"
    if Split in done or "X_train" in names or "train_df" in names:
        return "split"
    if "X" in names or "y" in names:
        return "parted"
    return "read" if "df" in names else ""


def _kind_of_target(
    data: Mapping[str, Data], names: Mapping[str, str | tuple[str, ...]], estimator: HeapObject | None
) -> str | None:
    """Whether a class or a number is predicted, where that is known."""
    kinds = estimator.kinds if isinstance(estimator, Estimator) else ()
    if ("classifier" in kinds) != ("regressor" in kinds):
        return "class" if "classifier" in kinds else "number"
    name = next((names[each] for each in ("y", "y_train", "y_test") if each in names), None)
    y = data.get(name) if isinstance(name, str) else None
    if y is None:
        return None
    if y.classes is not None:
        return "class"
    assert y.rows is not None
    loader = y.rows.parts[0].source.label.partition("(")[0]
    if bundled_dataset(loader) is not None:
        return "class" if loader in CLASSES else "number"
    column = y.columns.items[0] if y.columns is not None and len(y.columns.items) == 1 else None
    if column is None or column.profile is None:
        return None
    if column.profile.dtype in ("str", "bool") or 0 < column.profile.distinct <= _FEW:
        return "class"
    return "number" if column.profile.dtype.startswith(("int", "float")) else None


def _last(names: Iterable[str]) -> str | None:
    return next(reversed(tuple(names)), None)


__all__ = ["Fitting", "Progress", "fitting", "progress", "snippets_at"]
