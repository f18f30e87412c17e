"""Tests written as prose: Markdown with programs in it, and in their trailing comments what must be known there.

A fenced block is a program: `py` a script, `ipynb` a notebook whose cells begin at lines `# %%%` (`# %%% markdown` for
text). A block marked `then` is the program of the block before it after an edit, seen by the same analysis. A block
`csv NAME` is a file of that name beside the programs below it under the same heading.

A trailing comment says what holds of the leftmost name on its line, items parted by semicolons:

    rows: split 0 of load_wine()      where its rows came from, the latest choice first
    learned: StandardScaler           what shaped it, in order; `mean[age]` where it shaped one column only
    learned on: load_wine()           the rows of each of those
    scale: standardised               and in the same way `role`, `columns`, `is` (what kind of thing it is)
    values: a int64 1 to 9            of each column the type, the bounds and, where it is known, `gaps` or `whole`
    count: 20                         of how many rows its source is
    fitted: split 0 of load_wine()    for an estimator: the rows it was fitted on, or `no`

or what happens on the line, of which each must be listed (`nothing` says that there is none):

    warning: [rule] words of it       a finding that begins here, by severity
    fit: load_wine() via 9            a fit, and the lines of the calls that lead to it
    evaluate: A after B               a score or a prediction on the rows A by what was fitted on the rows B
    cross-validate: A, split: A       rows on which every fold is evaluated, rows that are divided

or may be listed: `related: words` for a related place of some finding, `unfollowed: reason`, `hover: words` for what
the editor shows at the leftmost name (its lines joined by ` / `; `hover: nothing`). Findings are all listed: a
block without any is a program in which there is nothing to report. Any other trailing comment is a mistake.
"""

from __future__ import annotations

import io
import json
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mlsense.analysis import Analyser, Report
from mlsense.datafiles import Reading, Table, profile
from mlsense.semantics.events import (
    Clip,
    CrossValidate,
    Evaluate,
    Fit,
    Forward,
    Loss,
    Mode,
    Root,
    Scaler,
    Select,
    Split,
    Step,
    Unfollowed,
)
from mlsense.semantics.modules import NoWorkspace
from mlsense.semantics.regions import NO_ROWS, AnyOf, Choice, Region, Rest, Rows
from mlsense.semantics.values import (
    Column,
    Const,
    Data,
    DictObject,
    Either,
    Estimator,
    Function,
    Instance,
    Learned,
    ListObject,
    Operation,
    Place,
    Score,
    Symbol,
    TupleValue,
)
from mlsense.syntax import Document, notebook, script

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from mlsense.semantics.core import Sighting
    from mlsense.semantics.events import Event
    from mlsense.semantics.program import Trace

FENCE = re.compile(r"^```(?:(py|ipynb)( then)?|csv (\S+))\s*$")
TRAILING = re.compile(r"^(?P<code>.*\S)  # (?P<comment>\S.*)$")
CELL = re.compile(r"^# %%%(?: (?P<kind>markdown))?\s*$")
SEVERITIES = ("error", "warning", "information", "hint")
OF_A_NAME = (
    "operation",
    "rows",
    "learned",
    "learned on",
    "scale",
    "role",
    "form",
    "scores",
    "columns",
    "is",
    "fitted",
    "values",
    "count",
)
OF_TRAINING = ("loss", "forward", "mode", "step", "clip", "scaler")
HAPPENING = (*OF_TRAINING, "fit", "evaluate", "cross-validate", "split", "select", "root")
OPTIONAL = ("related", "unfollowed", "hover")
KNOWN = (*SEVERITIES, *OF_A_NAME, *HAPPENING, *OPTIONAL)


@dataclass(frozen=True)
class Block:
    """A program; `follows` says that it is the edited form of the block before, `files` are those beside it."""

    kind: str
    follows: bool
    text: str
    line: int
    files: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Section:
    """The programs under one heading."""

    file: str
    heading: str
    blocks: tuple[Block, ...]

    @property
    def name(self) -> str:
        return f"{self.file}: {self.heading}"


@dataclass(frozen=True)
class Expectation:
    """One item of a trailing comment; cell and line count from 0."""

    cell: int
    line: int
    key: str
    text: str


def sections(path: Path) -> list[Section]:
    """The sections of a file that have programs in them."""
    heading, blocks, found = path.stem, [], []
    files: dict[str, str] = {}
    lines = path.read_text(encoding="utf-8").split("\n")
    number = 0
    while number < len(lines):
        line = lines[number]
        fence = FENCE.match(line)
        if fence:
            end = lines.index("```", number + 1)
            text = "\n".join(lines[number + 1 : end]) + "\n"
            if fence[3]:
                files[fence[3]] = text
            else:
                blocks.append(Block(fence[1], bool(fence[2]), text, number + 2, tuple(files.items())))
            number = end
        elif line.startswith("```"):
            raise ValueError(f"{path.name}:{number + 1}: a block of an unknown kind")
        elif line.startswith("#"):
            if blocks:
                found.append(Section(path.name, heading, tuple(blocks)))
            heading, blocks, files = line.lstrip("# "), [], {}
        number += 1
    if blocks:
        found.append(Section(path.name, heading, tuple(blocks)))
    return found


def parse(block: Block) -> tuple[Document, list[Expectation], list[int]]:
    """The document without the comments that say what to expect, these, and the first line of each cell in the file."""
    cells: list[tuple[str, list[str]]] = [("code", [])]
    starts = [block.line]
    expected: list[Expectation] = []
    for number, line in enumerate(block.text.removesuffix("\n").split("\n")):
        mark = CELL.match(line) if block.kind == "ipynb" else None
        if mark:
            if cells[-1][1] or len(cells) > 1:
                cells.append(("code", []))
                starts.append(0)
            cells[-1] = (mark["kind"] or "code", [])
            starts[-1] = block.line + number + 1
            continue
        trailing = TRAILING.match(line)
        if trailing and not trailing["comment"].startswith("mlsense:"):
            place = (len(cells) - 1, len(cells[-1][1]))
            expected.extend(_items(trailing["comment"], place, block.line + number))
            line = trailing["code"]
        cells[-1][1].append(line)
    texts = [(kind, "\n".join(lines) + "\n") for kind, lines in cells]
    if block.kind == "py":
        return script("test.py", texts[0][1]), expected, starts
    written = [{"cell_type": kind, "source": text, "metadata": {}} for kind, text in texts]
    raw = json.dumps({"cells": written, "metadata": {}, "nbformat": 4, "nbformat_minor": 5})
    return notebook("test.ipynb", raw), expected, starts


def _items(comment: str, place: tuple[int, int], line: int) -> Iterator[Expectation]:
    for item in comment.split("; "):
        key, colon, text = item.partition(":")
        if not colon or key not in KNOWN:
            raise ValueError(f"line {line}: `{item}` is nothing to expect")
        yield Expectation(*place, key, text.strip())


def mismatches(section: Section) -> list[str]:
    """What is not as the section says, one line each."""
    wrong: list[str] = []
    beside = Beside()
    analyser = Analyser(beside)
    for block in section.blocks:
        if not block.follows:
            beside = Beside()
            analyser = Analyser(beside)
        beside.files = dict(block.files)
        document, expected, starts = parse(block)
        report = analyser.analyse(document)
        for problem in _compare(report, expected):
            cell, line, said = problem
            code = document.cells[cell].source.text.split("\n")[line]
            wrong.append(f"{section.file}:{starts[cell] + line}: {said}\n    {code.strip()}")
    return wrong


class Beside(NoWorkspace):
    """Data files beside a program."""

    def __init__(self) -> None:
        self.files: dict[str, str] = {}
        self._read: dict[tuple[str, Reading], Table | None] = {}

    def table(self, program: str, path: str, reading: Reading) -> Table | None:
        text = self.files.get(path)
        if text is None:
            return None
        if (text, reading) not in self._read:
            self._read[text, reading] = profile(io.BytesIO(text.encode()), reading)
        return self._read[text, reading]


def _compare(report: Report, expected: list[Expectation]) -> Iterator[tuple[int, int, str]]:
    assert report.trace is not None
    wanted: dict[tuple[int, int, str], list[str]] = {}
    for item in expected:
        wanted.setdefault((item.cell, item.line, item.key), []).append(item.text)
    got = _happenings(report)
    for place in sorted({*(key for key in wanted if key[2] in (*SEVERITIES, *HAPPENING)), *got}):
        cell, line, key = place
        left = list(got.get(place, ()))
        if key in HAPPENING and place not in wanted:
            continue
        for text in wanted.get(place, ()):
            if text == "nothing":
                continue
            match = next((found for found in left if _fits(key, text, found)), None)
            if match is None:
                yield cell, line, f"{key}: expected `{text}`, found {left or 'nothing'}"
            else:
                left.remove(match)
        for found in left:
            yield cell, line, f"{key}: `{found}` was not expected"
    for (cell, line, key), texts in wanted.items():
        if key in OF_A_NAME:
            place = _leftmost_place(report.trace, cell, line)
            sighting = None if place is None else report.trace.sightings[place]
            for text in texts:
                found = said_of(key, sighting)
                if found != text:
                    yield cell, line, f"{key}: expected `{text}`, found `{found}`"
        elif key in OPTIONAL:
            there = _SHOWN[key](report, cell, line)
            for text in texts:
                if not (any(text in found for found in there) or (text == "nothing" and not there)):
                    yield cell, line, f"{key}: expected `{text}`, found {there}"


def _fits(key: str, text: str, found: str) -> bool:
    if key not in SEVERITIES:
        return text == found
    rule, _, words = text.partition("] ")
    return found.startswith(rule.removesuffix("]") + "]") and words in found


# --- what happens on a line --------------------------------------------------------------------------


def _happenings(report: Report) -> dict[tuple[int, int, str], list[str]]:
    trace = report.trace
    assert trace is not None
    found: dict[tuple[int, int, str], list[str]] = {}
    for finding in report.findings:
        source = next(c.source for c in trace.document.cells if c.index == finding.location.cell)
        line = source.lines.position(finding.location.span.start).line
        found.setdefault((finding.location.cell, line, finding.severity.value), []).append(
            f"[{finding.rule}] {finding.message}"
        )
    for event in trace.events:
        said = _event(event)
        place = trace.line_of(event.origin.place)
        if said is not None and place is not None:
            key, text = said
            found.setdefault((*place, key), []).append(text + _via(trace, event))
    return found


def _event(event: Event) -> tuple[str, str] | None:
    if isinstance(event, Fit):
        return "fit", rows(event.record.rows)
    if isinstance(event, Evaluate):
        return "evaluate", f"{rows(event.x.rows)} after {rows(event.fit.rows)}"
    if isinstance(event, CrossValidate):
        return "cross-validate", rows(event.x.rows if event.x is not None else None)
    if isinstance(event, Split):
        return "split", ", ".join(rows(data.rows if data is not None else None) for data in event.inputs)
    if isinstance(event, Select):
        return "select", f"{event.how} of {scores(event.scores)}"
    if isinstance(event, Root):
        return "root", f"of {scores(event.scores)}"
    return _of_training(event)


def _of_training(event: Event) -> tuple[str, str] | None:
    recorded = "" if getattr(event, "gradients", True) else ", no gradients"
    if isinstance(event, Loss):
        return "loss", f"{event.kind} of {operation(event.operation)}{recorded}"
    if isinstance(event, Forward):
        return "forward", f"{mode(event.training)}{recorded}"
    if isinstance(event, Mode):
        return "mode", mode(event.training)
    if isinstance(event, Step):
        return "step", event.symbol.rpartition(".")[2] or "unknown"
    if isinstance(event, Clip):
        return "clip", str(len(event.modules))
    return ("scaler", event.method) if isinstance(event, Scaler) else None


def operation(found: Operation | None) -> str:
    if found is None:
        return "unknown"
    return found.name if found.units is None else f"{found.name} of {found.units}"


def mode(training: bool | None) -> str:
    return "unknown" if training is None else "training" if training else "evaluation"


def _via(trace: Trace, event: Event) -> str:
    """The lines, from 1, of the calls that lead to an event."""
    places = [trace.line_of(step) for step in event.origin.path if isinstance(step, Place)]
    lines = [str(place[1] + 1) for place in places if place is not None]
    return f" via {', '.join(lines)}" if lines else ""


def _related(report: Report, cell: int, line: int) -> list[str]:
    found = []
    for finding in report.findings:
        for related in finding.related:
            assert report.trace is not None
            cells = report.trace.document.cells
            source = next(c.source for c in cells if c.index == related.location.cell)
            if (related.location.cell, source.lines.position(related.location.span.start).line) == (cell, line):
                found.append(related.message)
    return found


def _unfollowed(report: Report, cell: int, line: int) -> list[str]:
    trace = report.trace
    assert trace is not None
    return [event.reason for event in trace.of(Unfollowed) if trace.line_of(event.origin.place) == (cell, line)]


def _hover(report: Report, cell: int, line: int) -> list[str]:
    assert report.trace is not None
    place = _leftmost_place(report.trace, cell, line)
    found = report.trace.locate(place) if place is not None else None
    hover = report.hover(cell, found[1].start) if found is not None else None
    return [] if hover is None else [hover.markdown.replace("  \n", " / ")]


_SHOWN = {"related": _related, "unfollowed": _unfollowed, "hover": _hover}


# --- what is known of a name -------------------------------------------------------------------------


def _leftmost_place(trace: Trace, cell: int, line: int) -> Place | None:
    """The name on the line that begins first; of `self` and `self.x` the longer."""
    here = [place for place in trace.sightings if trace.line_of(place) == (cell, line)]
    return min(here, key=lambda place: (place.line, place.column, -place.end_line, -place.end_column), default=None)


def said_of(key: str, sighting: Sighting | None) -> str:
    """What is known of a name, in the words of the expectations."""
    if sighting is None:
        return "no such name"
    thing = sighting.object
    if key == "is":
        return kind(sighting)
    if key == "fitted":
        if not isinstance(thing, Estimator):
            return "no estimator"
        return "no" if thing.fitted is None else rows(thing.fitted.rows)
    if not isinstance(thing, Data):
        return f"no data, but {kind(sighting)}"
    if key == "operation":
        return operation(thing.operation)
    if key == "scores":
        return scores(thing.scores)
    if key == "rows":
        return rows(thing.rows)
    if key == "learned":
        return ", ".join(map(_statistic, thing.learned)) or "nothing"
    if key == "learned on":
        return ", ".join(rows(item.rows) for item in thing.learned) or "nothing"
    if key == "values":
        return ", ".join(map(_column, thing.columns.items)) if thing.columns is not None else "unknown"
    if key == "count":
        return str(thing.rows.parts[0].source.count) if thing.rows else "unknown"
    if key == "columns":
        if thing.columns is None:
            return "unknown"
        return ", ".join([*(c.name for c in thing.columns.items), *(() if thing.columns.closed else ("...",))])
    return str(getattr(thing, key))


def kind(sighting: Sighting) -> str:
    thing, value = sighting.object, sighting.value
    if isinstance(thing, Data):
        return thing.kind
    if isinstance(thing, Estimator):
        return thing.cls.rpartition(".")[2]
    if isinstance(thing, ListObject):
        return "list" if thing.items is None else f"list of {len(thing.items)}"
    if isinstance(thing, DictObject):
        return "dict of " + ", ".join(str(key) for key, _ in thing.items) + (", ..." if thing.open else "")
    if isinstance(thing, Instance):
        return thing.cls.name
    if isinstance(value, TupleValue):
        return f"tuple of {len(value.items)}"
    if isinstance(value, Const):
        return repr(value.value)
    if isinstance(value, Symbol):
        return value.name
    if isinstance(value, Either):
        return f"one of {len(value.options)}"
    return "function" if isinstance(value, Function) else "unknown"


def scores(found: tuple[Score, ...]) -> str:
    told = {(each.metric, rows(each.rows)) for each in found}
    if len(found) > 1 and len({where for _, where in told}) == 1:
        return f"{len(found)} scores on {rows(found[0].rows)}"
    signs = {True: " below zero", False: ""}
    return ", ".join(f"{each.metric}{signs[each.below_zero]} on {rows(each.rows)}" for each in found) or "none"


def _column(column: Column) -> str:
    bounds = f"{column.low:g} to {column.high:g}" if column.low is not None and column.high is not None else ""
    gaps = "" if column.gaps is None else "gaps" if column.gaps else "whole"
    return " ".join(part for part in (column.name, column.dtype, bounds, gaps) if part)


def _statistic(learned: Learned) -> str:
    return learned.what + (f"[{', '.join(learned.columns)}]" if learned.columns is not None else "")


def rows(found: Rows | None) -> str:
    if found is None:
        return "unknown"
    if found == NO_ROWS:
        return "none"
    parts = [_region(part) for part in found.parts]
    if found.made_from:
        parts.append("made from " + " and ".join(dict.fromkeys(map(_region, found.made_from))))
    return " + ".join(parts)


def _region(region: Region) -> str:
    label = region.source.label if region.source.known else f"{region.source.label}?"
    return " of ".join([*map(_choice, reversed(region.path)), label])


def _choice(choice: Choice) -> str:
    branch = choice.branch
    if isinstance(branch, Rest):
        return f"rest of {_choice(replace(choice, branch=branch.branch))}"
    if isinstance(branch, AnyOf):
        return " | ".join(_choice(replace(choice, branch=each)) for each in branch.branches)
    if choice.kind == "split":
        return f"split {branch}"
    if choice.kind == "fold":
        return f"{branch} fold"
    if choice.kind == "slice" and isinstance(branch, tuple):
        return "slice " + ":".join(
            "" if bound is None else str(bound) if isinstance(bound, (int, str)) else "..." for bound in branch
        )
    if choice.kind == "mask" and isinstance(branch, tuple):
        return f"mask {branch[0]} {branch[1]!r}"
    if choice.kind == "sample":
        return "sample"
    return choice.kind


__all__ = ["Block", "Expectation", "Section", "mismatches", "parse", "rows", "sections"]
