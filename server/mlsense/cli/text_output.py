"""The text form of findings: place, message, the source with the range underlined, related places, fix."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left, bisect_right
from collections import Counter
from typing import TYPE_CHECKING

from mlsense.cli.places import cell_at, place
from mlsense.cli.terminal import Style, printable
from mlsense.rules.finding import Finding, Fix, Location, Related, Severity

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from mlsense.syntax import Document

_BOLD = "1"
_DIM = "2"
_CYAN = "36"
_GREEN = "32"
_COLOURS = {
    Severity.ERROR: "1;31",
    Severity.WARNING: "1;33",
    Severity.INFORMATION: "1;34",
    Severity.HINT: "1;36",
}
_PLURALS = {
    Severity.ERROR: "errors",
    Severity.WARNING: "warnings",
    Severity.INFORMATION: "information",
    Severity.HINT: "hints",
}

_FIRST_LINES = 3  # shown of a long range, beside its last line
_NUMBER_WIDTH = 5
_TAB = 4
_CONTEXT = 20  # columns kept before the range in a line that is cut
_CUT = "\u2026"

_CODE = re.compile(r"`[^`]+`")
# Lines break at spaces, but not within short pieces of code.
_WORD = re.compile(r"(?:`[^`]{1,40}`|\S)+")


def finding_text(document: Document, finding: Finding, style: Style) -> str:
    """One finding in several lines, each with its line ending."""
    lines = [_header(document, finding, style)]
    lines += _snippet(document, finding.location, "^", _COLOURS[finding.severity], style)
    for related in finding.related:
        lines.append(_related(document, related, style))
        lines += _snippet(related.document or document, related.location, "-", _CYAN, style)
    if finding.fix is not None:
        lines.append(_fix(finding.fix, style))
    return "".join(f"{line}\n" for line in lines)


def summary_text(
    severities: Iterable[Severity],
    files_with_findings: int,
    files: int,
    not_checked: int,
    statements: int,
    unfollowed: int,
) -> str:
    """The last line: how many findings in how many files, and what could not be followed."""
    counts = Counter(severities)
    if counts:
        kinds = ", ".join(_count(counts[kind], kind.value, _PLURALS[kind]) for kind in Severity if counts[kind])
        found = f"{_count(counts.total(), 'finding')} in {_count(files_with_findings, 'file')} ({kinds})"
    else:
        found = "no findings"
    text = f"{found}, {_count(files, 'file')} checked"
    if not_checked:
        text += f", {not_checked:,} not checked"
    if unfollowed:
        text += f"; {unfollowed:,} of {_count(statements, 'statement')} could not be followed"
    elif statements:
        text += "; every statement could be followed"
    return text


def _count(number: int, singular: str, plural: str | None = None) -> str:
    return f"{number:,} {singular if number == 1 else plural or singular + 's'}"


def _header(document: Document, finding: Finding, style: Style) -> str:
    path = printable(str(place(document, finding.location)))
    severity = finding.severity.value
    head = f"{path}: {severity}: "
    rule = f"[{finding.rule}]"
    message = wrapped(printable(finding.message), style, len(head), 4, f"  {rule}")
    return (
        f"{style.paint(path, _BOLD)}: {style.paint(severity, _COLOURS[finding.severity])}: "
        f"{_with_code(message, style).removesuffix(rule)}{style.paint(rule, _DIM)}"
    )


def _related(document: Document, related: Related, style: Style) -> str:
    path = printable(str(place(related.document or document, related.location)))
    message = wrapped(printable(related.message), style, len(path) + 4, 4)
    return f"  {style.paint(path, _CYAN)}: {_with_code(message, style)}"


def _fix(fix: Fix, style: Style) -> str:
    safety = "(safe)" if fix.safety == "safe" else "(unsafe: read the change before you keep it)"
    title = wrapped(f"{printable(fix.title)} {safety}", style, 7, 4)
    return f"  {style.paint('fix:', _GREEN)} {_with_code(title, style)}"


def _with_code(text: str, style: Style) -> str:
    return _CODE.sub(lambda code: style.paint(code.group(), _BOLD), text)


def wrapped(text: str, style: Style, used: int, indent: int, tail: str = "") -> str:
    """A text and its tail in one line; or, where the style wraps, in lines of its width.

    `used` columns of the first line are taken already; the others are indented. The tail stays in one piece.
    """
    if not style.wrap:
        return text + tail
    lines: list[str] = []
    line = ""
    for word in [*(f" {word}" for word in _WORD.findall(text)), tail]:
        if line and used + _width(line) + _width(word) > style.width:
            lines.append(line)
            line, used = word.strip(), indent
        else:
            line += word if line else word.lstrip()
    return f"\n{' ' * indent}".join([*lines, line])


def _snippet(document: Document, location: Location, mark: str, colour: str, style: Style) -> Iterator[str]:
    """The lines that a location covers, each with its part of the range underlined by `mark`."""
    lines = cell_at(document, location).source.lines
    start, end = (lines.position(offset) for offset in location.span)
    last = end.line - 1 if end.column == 0 and end.line > start.line else end.line
    numbers: list[int | None] = [*range(start.line, last + 1)]
    if len(numbers) > _FIRST_LINES + 1:
        numbers[_FIRST_LINES:-1] = [None]
    empty = style.paint(f"{'':{_NUMBER_WIDTH}} |", _DIM)
    for number in numbers:
        if number is None:
            yield style.paint(f"{_CUT:>{_NUMBER_WIDTH}}", _DIM)
            continue
        text = lines.line_text(number)
        first = start.column if number == start.line else len(text) - len(text.lstrip())
        after = end.column if number == end.line else len(text.rstrip())
        shown, before, under = _cut(text, first, max(first, after), style.width - _NUMBER_WIDTH - 3)
        yield f"{style.paint(f'{number + 1:>{_NUMBER_WIDTH}} |', _DIM)} {shown}".rstrip()
        if number == start.line:
            under = max(under, 1)
        if under:
            yield f"{empty} {' ' * before}{style.paint(mark * under, colour)}"


def _cut(line: str, start: int, end: int, available: int) -> tuple[str, int, int]:
    """What to show of a line in `available` columns, and how many columns lie before and in its range."""
    # A line may have millions of characters: only those near the range are looked at.
    offset = max(start - available, 0)
    near = line[offset : start + available]
    pieces: list[str] = []
    columns = [0]
    for character in near:
        piece, width = _piece(character, columns[-1])
        pieces.append(piece)
        columns.append(columns[-1] + width)
    first = start - offset
    after = min(end - offset, len(near))
    low, high = 0, len(near)
    whole = len(near) == len(line)
    if not whole or columns[-1] > available:
        room = available - 2 * len(_CUT)
        if offset or columns[after] > room:
            context = max(min(_CONTEXT, room - (columns[after] - columns[first])), 4)
            low = min(bisect_left(columns, columns[first] - context), first)
        high = bisect_right(columns, columns[low] + room) - 1
    left = _CUT if offset + low > 0 else ""
    right = _CUT if offset + high < len(line) else ""
    before = len(left) + columns[first] - columns[low]
    return left + "".join(pieces[low:high]) + right, before, columns[min(after, high)] - columns[first]


def _piece(character: str, column: int) -> tuple[str, int]:
    """What a terminal is to show for a character in a column, and how many columns that takes."""
    if character == "\t":
        width = _TAB - column % _TAB
        return " " * width, width
    escape = printable(character)
    return escape, _width(escape)


def _width(text: str) -> int:
    """How many columns a terminal gives to a text without tabs and control characters."""
    if text.isascii():
        return len(text)
    return sum(
        2
        if unicodedata.east_asian_width(character) in "WF"
        else unicodedata.category(character) not in ("Mn", "Me", "Cf")
        for character in text
    )
