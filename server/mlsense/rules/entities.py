"""Columns that say whose a row is: a patient, a customer, a machine of which there are several rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mlsense.datafiles import ColumnProfile, Table

# They are measured, or act, more than once. A column may be called so alone.
_WHO = frozenset(
    """
        patient subject user customer client participant respondent speaker student pupil session person donor
        individual
        """.split()
)
# With `id` and the like beside it.
_WHOSE = _WHO | frozenset(
    """
        teacher employee worker member household family singer driver rider player athlete author writer
        child mother animal mouse account device machine engine vehicle equipment turbine slide scan video recording
        subscriber borrower applicant
        """.split()
)
_SHORT = {"cust": "customer", "subj": "subject", "pat": "patient", "pid": "patient", "mrn": "patient"}
_MARKS = frozenset("id uid uuid guid identifier no nr num number code key".split())
# Of these alone a column says no more than that it names something.
_ANY = frozenset("id uid uuid guid identifier".split())
# What people choose between: rows of two kinds of ids are meetings of both.
_CHOSEN = frozenset(
    """
        item movie film anime product book isbn song track artist album article restaurant hotel recipe course game ad
        advert offer
        """.split()
)
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
# Fewer values than that may be categories, such as arms of a study.
FEWEST = 5


@dataclass(frozen=True, slots=True)
class Entity:
    """A column, and what one of its values stands for, in a word; `alone`: nothing in its name says it is an id."""

    column: str
    noun: str
    alone: bool = False


def words_of(name: str) -> list[str]:
    """`patient_id`, `PatientID` and `patientId` alike."""
    return [word.lower() for word in _WORD.findall(name)]


def entity(name: str) -> Entity | None:
    """What a column of this name says of whose a row is; None where it may say anything else."""
    words = words_of(name)
    if len(words) == 1 and words[0] not in _ANY:
        # `userid`
        stem = words[0].removesuffix("id")
        words = [stem, "id"] if stem != words[0] and (stem in _WHOSE or stem in _SHORT) else words
    rest = [_SHORT.get(word, word) for word in words if word not in _MARKS]
    if not rest:
        return Entity(name, "") if len(words) == 1 and words[0] in _ANY else None
    if len(rest) != 1:
        return None
    marked = len(rest) < len(words) or words[0] in ("mrn", "pid")
    if rest[0] in (_WHOSE if marked else _WHO):
        return Entity(name, rest[0], not marked)
    return None


def repeated(table: Table) -> tuple[Entity, ColumnProfile] | None:
    """The column of a table that says whose a row is, where by its values each has several; the coarsest of them."""
    if not table.named or any(_is_chosen(column) for column in table.columns):
        return None
    found = [
        (known, column)
        for column in table.columns
        if column.runs and (known := entity(column.name)) is not None and _identifies(column, known)
    ]
    return min(found, key=lambda pair: (pair[0].noun == "", pair[1].distinct), default=None)


def _is_chosen(column: ColumnProfile) -> bool:
    words = words_of(column.name)
    return bool(_CHOSEN & set(words)) and len(words) <= 2 and column.runs > 0


def _identifies(column: ColumnProfile, known: Entity) -> bool:
    """Whether its values are numbers without a point, or short names, and too many for a category."""
    if column.distinct < FEWEST:
        return False
    texts = [text for text, _ in column.common]
    if column.dtype == "int64" or (column.dtype == "float64" and all(text.endswith(".0") for text in texts)):
        return True
    plain = column.dtype in ("str", "category") and not column.dates and not any(" " in text.strip() for text in texts)
    return plain and (not known.alone or any(letter.isdigit() for text in texts for letter in text))
