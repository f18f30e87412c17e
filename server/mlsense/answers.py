"""What an editor is told at a caret, in our own terms: offsets in code points, Markdown, nothing of a protocol."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from mlsense.text import Span, TextEdit

CompletionKind = Literal[
    "class",
    "column",
    "constant",
    "file",
    "function",
    "keyword",
    "method",
    "module",
    "parameter",
    "property",
    "snippet",
    "value",
    "variable",
]


@dataclass(frozen=True, slots=True)
class Caret:
    """Where something is asked in a cell's text. `trigger` is the character whose typing asked, None: the user did."""

    offset: int
    trigger: str | None = None


@dataclass(frozen=True, slots=True)
class Completion:
    """One entry of the list at a caret; the order of a list is its ranking.

    `insert` is put in place of `span`, by default the label in place of the name before the caret. `snippet` is
    the same with tab stops, for editors that know them. `typed` is what a person types for it, by default what is
    inserted. `detail` stands beside the label. `commit` holds the
    characters that accept the entry and are then typed. `edits` are made elsewhere in the cell along with it, an
    import for instance. `data` is for the provider: it gets it back, through JSON, when documentation is asked for.
    """

    label: str
    kind: CompletionKind
    insert: str | None = None
    snippet: str | None = None
    typed: str = ""
    span: Span | None = None
    detail: str = ""
    documentation: str = ""
    commit: str = ""
    edits: tuple[TextEdit, ...] = ()
    deprecated: bool = False
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Completions:
    """What one provider has to say. `incomplete`: further typing may bring entries that are not in it.

    `whole`: nothing else fits here, so that those who come after it are not asked.
    """

    entries: tuple[Completion, ...] = ()
    incomplete: bool = False
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Documentation:
    """What is said of an entry once the user looks at it; an empty part leaves what the list said."""

    text: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter as written in a signature's label."""

    label: str
    documentation: str = ""


@dataclass(frozen=True, slots=True)
class Signature:
    """One way to call. `active` is the index of the parameter at the caret, None: none of them."""

    label: str
    parameters: tuple[Parameter, ...] = ()
    active: int | None = None
    documentation: str = ""


@dataclass(frozen=True, slots=True)
class Signatures:
    """The ways to call what is called at the caret, and which of them fits best."""

    signatures: tuple[Signature, ...]
    active: int = 0


@dataclass(frozen=True, slots=True)
class Explanation:
    """What a hover says; `span` is what it is about, in the cell of the caret."""

    text: str
    span: Span | None = None


@dataclass(frozen=True, slots=True)
class Here:
    """A place in the document that was asked about."""

    cell: int
    span: Span


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A place in a file: a line from 0, a span of its text in code points. `line_text` is the line as it is there."""

    path: str
    line: int
    span: Span
    line_text: str
