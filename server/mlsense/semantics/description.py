"""Says in a few lines of Markdown what a value is and where its rows came from: the text of hovers."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from mlsense.semantics.core import constant
from mlsense.semantics.regions import NO_ROWS, AnyOf, Region, Rest, Rows
from mlsense.semantics.values import (
    ClassValue,
    Column,
    Const,
    Data,
    DictObject,
    Estimator,
    Function,
    Learned,
    ListObject,
    Opaque,
    Origin,
    Ref,
    Symbol,
    TupleValue,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsense.semantics.core import Sighting
    from mlsense.semantics.program import Trace
    from mlsense.semantics.regions import Choice

_KINDS = {
    "frame": "table",
    "series": "column",
    "array": "array",
    "sparse": "sparse matrix",
    "tensor": "tensor",
    "index": "row positions",
    "set": "row positions",
    "scalar": "number",
    "grouped": "groups of rows",
    "window": "windows of rows",
    "labels": "names of columns",
    "dataset": "data set",
    "polars": "table",
    "spark": "table",
    "unknown": "data",
}
_PREDICTED = {"prediction": "predictions", "probability": "probabilities", "score": "scores"}
_SCALES = {
    "raw": "unscaled",
    "pixels": "as in pictures, 0 to 255",
    "standardised": "standardised",
    "bounded": "scaled to fixed bounds",
    "normalised": "each row scaled to length 1",
    "even": "columns in one unit",
}


_MAX_PASSES = 4


class Here(NamedTuple):
    """Where the reader stands: places in other cells are told otherwise than those in this one."""

    trace: Trace
    cell: int


def describe_all(trace: Trace, sightings: Sequence[Sighting], cell: int = 0) -> str | None:
    """The same for what was seen in several calls or passes of a loop: what holds in all, and what in each."""
    described = [describe(trace, sighting, cell) for sighting in sightings]
    if len(set(described)) == 1:
        return described[0]
    texts = [text.split("  \n") if text is not None else [] for text in described]
    heads = dict.fromkeys(lines[0] for lines in texts if lines)
    common = [line for line in texts[0][1:] if all(line in lines for lines in texts)]
    head = f"**{sightings[-1].name}**: " + " or ".join(each.partition(": ")[2] for each in list(heads)[:4])
    if all(lines and len(lines) == len(common) + 1 for lines in texts):
        return "  \n".join([head, *common])
    each_own: dict[str, list[int]] = {}
    for number, lines in enumerate(texts):
        own = " · ".join(line for line in lines[1:] if line not in common)
        if len(heads) > 1 or not lines:
            own = " · ".join(part for part in (lines[0].partition(": ")[2] if lines else "not known", own) if part)
        each_own.setdefault(own, []).append(number)
    here, level = Here(trace, cell), _parting(sightings)
    shown = [
        f"{', '.join(dict.fromkeys(_when(here, sightings[number], level) for number in numbers[:4]))}: {own}"
        for own, numbers in list(each_own.items())[:_MAX_PASSES]
        if own
    ]
    more = len(each_own) - _MAX_PASSES
    return "  \n".join([head, *shown, *([f"... and {more} more"] if more > 0 else []), *common][:10])


def _parting(sightings: Sequence[Sighting]) -> int:
    """Where the paths to the sightings first differ."""
    paths = [sighting.path for sighting in sightings]
    shortest = min(len(path) for path in paths)
    return next((level for level in range(shortest) if len({path[level] for path in paths}) > 1), shortest)


def _when(here: Here, sighting: Sighting, level: int) -> str:
    """The call or the pass in which something was seen."""
    step = sighting.path[level] if level < len(sighting.path) else None
    if isinstance(step, int):
        return f"Pass {step + 1}"
    found = here.trace.line_of(step) if step is not None else None
    if found is None:
        return "Elsewhere"
    cell, line = found
    if cell != here.cell:
        return "Called in an earlier cell" if cell < here.cell else "Called in a later cell"
    return f"Called on line {line + 1}"


def describe(trace: Trace, sighting: Sighting, cell: int = 0) -> str | None:
    """At most ten lines for a reader in this cell; None where nothing is known that would help."""
    here = Here(trace, cell)
    thing, value = sighting.object, sighting.value
    if isinstance(thing, Data):
        return _data(here, sighting.name, thing)
    if isinstance(thing, Estimator):
        return _estimator(here, sighting.name, thing)
    if isinstance(thing, ListObject):
        if thing.iterates == "folds":
            return f"**{sighting.name}**: folds, pairs of row positions for training and testing"
        return None if thing.items is None else f"**{sighting.name}**: list of {len(thing.items)}"
    if isinstance(thing, DictObject) and thing.items:
        keys = ", ".join(f"`{key}`" for key, _ in thing.items[:8])
        return f"**{sighting.name}**: {'data set' if thing.bunch else 'dict'} with {keys}"
    if isinstance(thing, Opaque) and thing.symbol.startswith("torch."):
        return _of_torch(here, sighting.name, thing)
    if isinstance(thing, Opaque) and thing.symbol and not thing.symbol.startswith("builtins."):
        return f"**{sighting.name}**: made by `{thing.symbol}`"
    if isinstance(value, Symbol):
        return None if value.name.startswith("builtins.") else f"**{sighting.name}**: `{value.name}`"
    if isinstance(value, Const) and value.value is not None:
        return (
            f"**{sighting.name}**: `{str(value.value)[:60]!r}`"
            if value.type == "str"
            else f"**{sighting.name}**: `{value.value}`"
        )
    if isinstance(value, TupleValue):
        return f"**{sighting.name}**: tuple of {len(value.items)}"
    if isinstance(value, (Function, ClassValue)):
        return None
    return None


def _data(here: Here, name: str, data: Data) -> str | None:
    kind = _KINDS[data.kind]
    if data.role in _PREDICTED and data.fits:
        kind = f"{_PREDICTED[data.role]} of `{data.fits[0].name}`"
    lines = [f"**{name}**: {kind}"]
    if data.columns is not None and data.columns.closed and len(data.columns.items) > 1:
        shown = ", ".join(f"`{column.name}`" for column in data.columns.items[:6])
        more = len(data.columns.items) - 6
        lines.append(f"{len(data.columns.items)} columns: {shown}" + (f" and {more} more" if more > 0 else ""))
    if data.columns is not None and data.columns.closed and len(data.columns.items) == 1:
        lines.extend(_values(data.columns.items[0]))
    if data.rows == NO_ROWS:
        if not data.learned:
            return None
    elif data.rows is None:
        lines.append("Rows: not known")
    else:
        lines.append(f"Rows: {_rows(here, data.rows)}")
    if data.operation is not None:
        units = f", {data.operation.units} numbers a row" if data.operation.units is not None else ""
        lines.append(f"Last operation: {data.operation.name.replace('_', ' ')}{units}")
    if data.scale in _SCALES:
        lines.append(f"Scale: {_SCALES[data.scale]}")
    shaped = dict.fromkeys(f"Shaped by {_learned(here, item)}" for item in data.learned)
    lines.extend(list(shaped)[:3])
    if len(shaped) > 3:
        lines.append(f"... and by {len(shaped) - 3} more")
    if lines == [f"**{name}**: data", "Rows: not known"]:
        return None
    return "  \n".join(lines[:10])


def _values(column: Column) -> list[str]:
    """Type, range and gaps of a column in a line, as far as they are known."""
    bounds = column.low is not None and column.high is not None
    said = [
        "text" if column.dtype == "str" else column.dtype,
        f"{column.low:g} to {column.high:g}" if bounds else "",
        "with gaps" if column.gaps else "no gaps" if column.gaps is False and column.dtype else "",
    ]
    return [f"Values: {', '.join(part for part in said if part)}"] if any(said) else []


def _of_torch(here: Here, name: str, thing: Opaque) -> str:
    """A module, loss, loader, optimiser or scheduler of PyTorch."""
    short = thing.symbol.rpartition(".")[2]
    made = [f"made {_line(here, part.origin)}".strip() for part in thing.parts if isinstance(part, Ref)]
    if short == "DataLoader":
        size, shuffled = constant(thing.param("batch_size")), constant(thing.param("shuffle"))
        of = f" of {size}" if isinstance(size, int) else ""
        lines = [f"**{name}**: batches{of}" + (", shuffled" if shuffled is True else "")]
        return "  \n".join([*lines, f"Rows: {_rows(here, thing.rows)}"] if thing.rows is not None else lines)
    if thing.symbol.startswith("torch.optim.lr_scheduler."):
        return f"**{name}**: scheduler `{short}`" + (f" of the optimiser {made[0]}" if made else "")
    if thing.symbol.startswith("torch.optim."):
        return f"**{name}**: optimiser `{short}`" + (f" of the module {' and '.join(made[:3])}" if made else "")
    if thing.symbol.startswith("torch.nn.") and thing.label:
        return f"**{name}**: `{thing.label}`"
    return f"**{name}**: made by `{thing.symbol}`"


def _estimator(here: Here, name: str, estimator: Estimator) -> str:
    cls = estimator.cls.rpartition(".")[2]
    kinds = ", ".join(kind.replace("_", " ") for kind in estimator.kinds)
    lines = [f"**{name}**: `{cls}`" + (f", {kinds}" if kinds else "")]
    if estimator.steps:
        lines.append("Steps: " + " → ".join(f"`{step}`" for step, _ in estimator.steps[:8]))
    record = estimator.fitted
    if record is None:
        lines.append("Not fitted yet")
    else:
        line = _line(here, record.origin)
        lines.append(f"Fitted {line}on {_rows(here, record.rows) if record.rows else 'rows not known'}")
        lines.extend(dict.fromkeys(f"Those were shaped by {_learned(here, item)}" for item in record.learned[:2]))
    return "  \n".join(lines)


def _rows(here: Here, rows: Rows) -> str:
    parts = [_region(here, region) for region in rows.parts[:3]]
    if rows.made_from:
        made = "; ".join(dict.fromkeys(_region(here, region) for region in rows.made_from[:2]))
        parts.append(f"drawn or made from {made}")
    return ", then ".join(parts) if parts else "none"


def _region(here: Here, region: Region) -> str:
    label = f"`{region.source.label}`" if region.source.label else "rows not followed"
    count = f" ({region.source.count:,})" if region.source.count is not None else ""
    if not region.path:
        return f"all of {label}{count}"
    steps = [step for step in map(_choice, region.path) if step]
    where = next((_place(here, choice) for choice in reversed(region.path) if _place(here, choice)), "")
    return f"{', of '.join(dict.fromkeys(reversed(steps)))} of {label}{count}{where}"


def _choice(choice: Choice) -> str:
    if isinstance(choice.branch, Rest):
        part = _choice(replace(choice, branch=choice.branch.branch))
        return part if part == "some" else f"what {part.replace('a ', 'the ', 1)} left"
    if isinstance(choice.branch, AnyOf):
        return "some parts"
    if choice.kind == "split":
        return "the training part" if choice.branch == 0 else "the test part" if choice.branch == 1 else "a part"
    if choice.kind == "fold":
        return "the training folds" if choice.branch == "train" else "the test fold"
    if choice.kind == "slice":
        return "a slice"
    if choice.kind == "sample":
        return "a sample"
    return "some"


def _place(here: Here, choice: Choice) -> str:
    if isinstance(choice.selector, Origin):
        line = _line(here, choice.selector)
        return f" (split {line.strip()})" if line and choice.kind in ("split", "fold") else ""
    return ""


def _learned(here: Here, item: Learned) -> str:
    line = _line(here, item.origin)
    rows = f", learned on {_rows(here, item.rows)}" if item.rows is not None else ""
    itself = item.by == item.what or item.family in ("statistic", "fill", "dummies")
    what = f"`{item.by}`" if itself else f"`{item.by}` ({item.what})"
    return f"{what} {line.strip()}{rows}".replace("  ", " ")


def _line(here: Here, origin: Origin) -> str:
    found = here.trace.line_of(origin.place)
    if found is None:
        return ""
    cell, line = found
    if cell == here.cell:
        return f"on line {line + 1} "
    return "in an earlier cell " if cell < here.cell else "in a later cell "
