"""What all that completes asks: what surrounds the caret in the text as it is, and what is known there."""

from __future__ import annotations

import ast
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from mlsense.completion.context import context, unquoted
from mlsense.knowledge.library import release
from mlsense.rules.offering import dotted as dotted_name
from mlsense.rules.offering import offer
from mlsense.semantics.asking import Asking
from mlsense.semantics.values import Const, Method
from mlsense.text import common_end, common_start

if TYPE_CHECKING:
    from collections.abc import Sequence

    from mlsense.completion.context import Bracket, Context
    from mlsense.knowledge.library import Entry, Offer, Parameter
    from mlsense.knowledge.values import Constant
    from mlsense.semantics.asking import Answer
    from mlsense.semantics.trace import Trace
    from mlsense.semantics.values import HeapObject
    from mlsense.syntax import Cell, Document


@dataclass(frozen=True, slots=True)
class Callee:
    """What a call calls, in the version in force. `thing`: of a method, the object that has it."""

    dotted: str
    entry: Entry
    offer: Offer
    version: str | None
    thing: HeapObject | None
    answer: Answer

    @property
    def short(self) -> str:
        return self.dotted.rpartition(".")[2]

    def parameter(self, name: str) -> Parameter | None:
        return next((each for each in self.entry.signature or () if each.name == name), None)

    def positional(self, index: int) -> Parameter | None:
        """The parameter that an argument without a name goes to; None for those that only a `*` takes."""
        taken = [each for each in self.entry.signature or () if each.kind.startswith(("positional", "var-pos"))]
        found = taken[index] if index < len(taken) else None
        return None if found is None or found.kind.startswith("var") else found


@dataclass(frozen=True)
class Scene:
    """A caret in a cell of a document. `trace` may be of an earlier text, which what is looked up is looked up in.

    `python`: nobody else completes Python, so that plain names and attributes are ours to tell.
    """

    trace: Trace
    document: Document
    cell: Cell
    context: Context
    python: bool = True

    @cached_property
    def asking(self) -> Asking:
        return Asking(self.trace, *_earlier(self.trace.document.cells, self.document.cells, self.cell, self.context))

    @cached_property
    def quote(self) -> str:
        """The quotes that the cell's author writes."""
        return "'" if self.cell.code.count("'") > self.cell.code.count('"') else '"'

    def evaluate(self, text: str) -> Answer:
        return self.asking.evaluate(text)

    def constant(self, text: str) -> Constant | type[Unsure]:
        """The constant that an argument is; `Unsure` if that is not known."""
        try:
            value = ast.literal_eval(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            known = self.evaluate(text).value
            value = known.value if isinstance(known, Const) else Unsure
        known_kind = value is None or isinstance(value, (str, int, float, bool))
        return value if known_kind else Unsure

    def callee(self, bracket: Bracket) -> Callee | None:
        """What the brackets of a call call; None where the base does not know it."""
        return self.called(bracket.before)

    def called(self, text: str) -> Callee | None:
        answer = self.evaluate(text)
        thing = answer.look_up(answer.value.receiver) if isinstance(answer.value, Method) else None
        name = dotted_name(self.trace, answer.value, thing)
        offered = None if name is None else offer(self.trace, name)
        entry = None if name is None or offered is None else offered.find(name)
        if name is None or offered is None or entry is None:
            return None
        return Callee(name, _whole(entry, offered), offered, release(self.trace.versions, name), thing, answer)

    def argument(self, call: Bracket, callee: Callee, name: str) -> str | None:
        """The text of the argument that a call gives to a parameter, by name or by position; None: it gives none."""
        position = 0
        for item in call.items:
            if item.text.startswith("*"):
                return None
            if item.name == name:
                return item.text
            if item.name is None:
                parameter = callee.positional(position)
                position += 1
                if parameter is not None and parameter.name == name and item is not call.here:
                    return item.text
        return None

    def parameter_at(self, call: Bracket, callee: Callee) -> Parameter | None:
        """The parameter that the argument at the caret goes to."""
        if call.in_value and call.here.name is not None:
            return callee.parameter(call.here.name)
        before = call.items[: call.at]
        if any(item.text.startswith("*") or item.name for item in before):
            return None
        return callee.positional(call.at)


def _whole(entry: Entry, offered: Offer) -> Entry:
    """A class that hands further keywords on, with those that its bases name."""
    signature = entry.signature or ()
    if entry.kind != "class" or not any(each.kind == "var-keyword" for each in signature):
        return entry
    known = {each.name: each for each in signature}
    for name in entry.bases:
        base = offered.find(name)
        for each in _whole(base, offered).signature or () if base is not None else ():
            known.setdefault(each.name, each)
    return replace(entry, signature=tuple(known.values()))


class Unsure:
    """Stands for the value of an argument that is not known."""


def scene(trace: Trace, document: Document, index: int, offset: int, *, python: bool = True) -> Scene | None:
    """The scene at an offset of a cell; None where there is nothing to complete, in comments for instance."""
    cell = document.cells[index]
    if cell.kind != "code" or offset > len(cell.code):
        return None
    line = max(cell.code.rfind("\n", 0, offset), cell.code.rfind("\r", 0, offset)) + 1
    if cell.code[line:offset] != cell.source.text[line:offset]:
        return None
    around = context(cell.code, offset)
    return None if around is None else Scene(trace, document, cell, around, python)


def _earlier(old: Sequence[Cell], new: Sequence[Cell], cell: Cell, at: Context) -> tuple[int, int]:
    """The place in the cells of an earlier text that a caret in the present one is at: an edit counts as not made."""
    number = next(index for index, each in enumerate(new) if each is cell)
    texts = [each.source.text for each in old], [each.source.text for each in new]
    above = common_start(*texts)
    below = common_end(*texts, min(len(old), len(new)) - above)
    if number < above:
        return old[number].index, at.offset
    if number >= len(new) - below:
        return old[number - len(new) + len(old)].index, at.offset
    if above == len(old) - below:
        # A cell that was not there.
        return (old[above].index, 0) if above < len(old) else (old[-1].index, len(texts[0][-1])) if old else (0, 0)
    other = min(number, len(old) - below - 1)
    before, now = old[other].source.text, cell.source.text
    start = common_start(before, now)
    if at.offset <= start:
        return old[other].index, at.offset
    end = common_end(before, now, min(len(before), len(now)) - start)
    if at.offset >= len(now) - end:
        return old[other].index, at.offset - len(now) + len(before)
    return old[other].index, start


__all__ = ["Callee", "Scene", "Unsure", "scene", "unquoted"]
