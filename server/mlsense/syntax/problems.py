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

    `span`, `fix`, `line` and `header` count from the start of the statement's text: `line` is the line concerned
    and `header` the line of the block header it belongs to, both from 0. `fix` is there only where the
    repair is certain enough to offer; for a header at the top level it may reach past the end of the statement's
    text, into the lines that should be its body. `detail` is a word or two for the wording of messages.
    """

    kind: ProblemKind
    span: Span
    message: str
    fix: tuple[TextEdit, ...] = ()
    line: int = 0
    header: int | None = None
    detail: str = ""
