"""What a rule reports: places, messages and fixes, free of any protocol."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Literal

from mlsense.text import Span, TextEdit

if TYPE_CHECKING:
    from mlsense.syntax import Document


class Severity(str, Enum):
    """How bad a finding is: error crashes or is certainly wrong, warning is silently wrong, the others advise."""

    ERROR = "error"
    WARNING = "warning"
    INFORMATION = "information"
    HINT = "hint"


@dataclass(frozen=True, slots=True)
class Location:
    """A stretch of one cell's text; `cell` is the index of the cell in the file, 0 in scripts."""

    cell: int
    span: Span


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that belongs to a finding: the split it crosses, the score it spoils.

    `document` is the other file of the workspace it is in; None: the document of the finding.
    """

    location: Location
    message: str
    document: Document | None = None


@dataclass(frozen=True, slots=True)
class Edit:
    """One change to one cell's text."""

    cell: int
    edit: TextEdit


@dataclass(frozen=True, slots=True)
class Fix:
    """A whole repair. `safe` keeps the meaning of everything but the mistake."""

    title: str
    safety: Literal["safe", "unsafe"]
    edits: tuple[Edit, ...]

    @staticmethod
    def of(title: str, safety: Literal["safe", "unsafe"], *edits: Edit | None) -> Fix | None:
        """The repair by all of these edits; None where one of them cannot be written."""
        kept = tuple([edit for edit in edits if edit is not None])
        return Fix(title, safety, kept) if kept and len(kept) == len(edits) else None

    @property
    def moves(self) -> bool:
        """Whether code goes from one place to another: whole lines go here, and others come there."""
        gone = [
            each.edit for each in self.edits if each.edit.span.start < each.edit.span.end and not each.edit.new_text
        ]
        come = [each.edit for each in self.edits if each.edit.span.start == each.edit.span.end]
        return bool(gone) and any("\n" in edit.new_text or "\r" in edit.new_text for edit in come)


@dataclass(frozen=True, slots=True)
class Finding:
    """One mistake: what happens, what it costs and what to do, in `message`; `code` in backticks."""

    rule: str
    family: str
    severity: Severity
    message: str
    location: Location
    related: tuple[Related, ...]
    fix: Fix | None
    url: str
