"""The statements of a text that is being edited: those above and below an edit come from the version before."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING

from mlsense.syntax.magics import has_cell_magics, mask, may_have_magics
from mlsense.syntax.scanning import advance, heads, heads_between
from mlsense.syntax.statements import Group, Splitter, Statement, may_be_cut_in_a_string, statements
from mlsense.text import common_end, common_start

if TYPE_CHECKING:
    from mlsense.syntax.cells import Cell

_LONE_RETURN = re.compile(r"\r(?!\n)")


@dataclass(frozen=True, slots=True)
class Split:
    """The statements of one version of a cell, with what helps to find those of the next one.

    `starts` are the places where groups begin, `ends` the numbers of statements up to and with each group, `unsure`
    the numbers of the groups that depend on more than their own text. Without groups the next version is read anew.
    """

    text: str
    dialect: str
    statements: tuple[Statement, ...]
    heads: list[int]
    starts: list[int]
    ends: list[int]
    unsure: list[int]


def split(cell: Cell, before: Split | None = None) -> Split:
    """What `statements` finds in a code cell; quickly where `before` is another version of the same cell."""
    if before is not None and before.starts and before.dialect == cell.dialect:
        found = _edited(cell, before)
        if found is not None:
            return found
    return _whole(cell)


def _whole(cell: Cell) -> Split:
    text = cell.source.text
    plain = cell.dialect == "python" and cell.code == text and not has_cell_magics(text)
    if plain and not _LONE_RETURN.search(text):
        places = heads(text)
        splitter = Splitter(text, cell.dialect, places)
        groups = [*splitter.leading(), *splitter.groups()]
        found = tuple(statement for group in groups for statement in group.statements)
        if groups and groups[0].start == places[0] and not may_be_cut_in_a_string(found):
            return Split(text, cell.dialect, found, places, *_bounds(groups))
    return Split(text, cell.dialect, statements(cell), [], [], [], [])


def _bounds(groups: list[Group]) -> tuple[list[int], list[int], list[int]]:
    """Where groups begin, how many statements there are up to the end of each, and which are unsure."""
    return (
        [group.start for group in groups],
        list(accumulate(len(group.statements) for group in groups)),
        [number for number, group in enumerate(groups) if not group.sure],
    )


def _edited(cell: Cell, before: Split) -> Split | None:
    """The new version, if it can be had by reading only the surroundings of what was edited."""
    old, text, starts = before.text, cell.source.text, before.starts
    above = common_start(old, text)
    below = common_end(old, text, min(len(old), len(text)) - above)
    moved = len(text) - len(old)
    # The group that was edited is read anew, and the one above it, whose end depends on the word that comes next.
    first = max(bisect_right(starts, above) - 2, 0)
    if before.unsure:
        first = min(first, before.unsure[0] - 1)
    if above <= starts[0] or first < 0:
        return None
    # From here on the lines are the same again.
    line_end = text.find("\n", len(text) - below)
    again = line_end if line_end >= 0 else len(text)
    start = starts[first]
    at = bisect_left(before.heads, start)
    rest = [place + moved for place in before.heads[bisect_right(before.heads, again - moved) :]]
    places = [*before.heads[: at + 1], *heads_between(text, start, again), *(rest or [len(text)])]

    splitter = Splitter(text, cell.dialect, places)
    groups: list[Group] = []
    last = bisect_right(starts, again - moved)
    if before.unsure:
        last = max(last, before.unsure[-1] + 1)
    for group in splitter.groups(at):
        last = bisect_left(starts, group.start - moved, last)
        if last < len(starts) and starts[last] + moved == group.start:
            break
        groups.append(group)
    else:
        last = len(starts)
    stop = starts[last] + moved if last < len(starts) else len(text)
    new = tuple(statement for group in groups for statement in group.statements)
    if splitter.near_limit or may_be_cut_in_a_string(new) or not _plain(cell, start, stop, groups):
        return None

    kept = before.ends[first - 1] if first else 0
    done = before.ends[last - 1]
    after = before.statements[done:]
    if moved:
        after = tuple([Statement(parsed, place + moved) for parsed, place in after])
    begins, ends, unsure = _bounds(groups)
    more = kept + len(new) - done
    return Split(
        text,
        cell.dialect,
        (*before.statements[:kept], *new, *after),
        places,
        [*starts[:first], *begins, *(place + moved for place in starts[last:])],
        [*before.ends[:first], *(kept + end for end in ends), *(end + more for end in before.ends[last:])],
        [first + number for number in unsure],
    )


def _plain(cell: Cell, start: int, stop: int, groups: list[Group]) -> bool:
    """Whether nothing needs to be masked, if the text between two places is all that has changed."""
    text = cell.source.text
    region = text[start:stop]
    if has_cell_magics(region) or _LONE_RETURN.search(text, start, stop + 1):
        return False
    if may_have_magics(region, cell.dialect) and mask(region, cell.dialect) != region:
        return False
    # What a string that is not closed reaches down to may have been a magic, or be one now.
    in_string = any(not group.sure for group in groups) and advance(region)[0][-1:] in ("'", '"')
    return not in_string or not may_have_magics(text[stop:], cell.dialect) or cell.code == text
