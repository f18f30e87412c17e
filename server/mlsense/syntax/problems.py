"""What is wrong with a statement that does not parse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from mlsense.text import Span, TextEdit

ProblemKind = Literal["tabs-and-spaces", "unexpected-indent", "missing-indent", "unmatched-dedent", "other"]


@dataclass(frozen=True, slots=True)
class SyntaxProblem:
    """The first thing that keeps a statement from parsing.

    All places count from the start of the statement's text, lines from 0.

    `span` is the indentation of the offending line, or its first token where it has none; for a block
    without a body that ends the text it is the header; for kind "other" it is what the parser points at.
    `fix` is there only where the repair is certain enough to offer, and makes the statement parse. For
    indented lines without a block and for a header without a body, at the top level, it covers all lines
    concerned, which can reach past the end of the statement's text into the statements that follow.
    `line` is the offending line, `against` the line whose indentation it is at odds with, `header` the block
    header that lacks a body. `detail` has a word or two for messages: the keyword of the header
    ("for"), what the line is indented with ("tab", "spaces"), or columns ("8 instead of 4", "6, not 4 or 8").
    """

    kind: ProblemKind
    span: Span
    message: str
    fix: tuple[TextEdit, ...] = ()
    line: int = 0
    header: int | None = None
    against: int | None = None
    detail: str = ""
