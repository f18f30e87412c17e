"""Lines that IPython understands and Python does not, masked so that the rest can be parsed."""

from __future__ import annotations

import itertools
import re
from typing import Literal

from mlsense.syntax.scanning import advance

Dialect = Literal["python", "ipython"]

# Cell magics that run the rest of the cell as Python in the user's namespace.
_PYTHON_CELLS = frozenset(
    [
        "time",
        "timeit",
        "capture",
        "prun",
        "memit",
        "mprun",
        "lprun",
        "heat",
        "snakeviz",
        "scalene",
        "pyinstrument",
        "ipytest",
        "wandb",
        "notify",
    ]
)
# Line magics that run a statement in the user's namespace, with the options that take a value.
_STATEMENT_MAGICS = {
    "time": "",
    "timeit": "nrpv",
    "prun": "lsTD",
    "memit": "rti",
    "mprun": "fT",
    "lprun": "fmDTu",
}
# Magics often written without their `%`, where two words side by side cannot be Python.
_AUTOMAGIC = r"(?:pip3?|conda|mamba|uv|cd|ls|mkdir|rm|cp|mv|cat|run|matplotlib|load_ext|reload_ext|pylab|time|timeit|env)"
_NOT_A_WORD = r"(?!(?:in|is|if|and|or|not|for|else|as|import)\b)"

_CANDIDATE = {
    "python": re.compile(r"(?P<line>^[ \t\f]*[%!])|(?P<value>(?<![=!<>])=[ \t]*[%!](?![=]))", re.M),
    "ipython": re.compile(
        r"(?P<line>^[ \t\f]*(?:[%!?,;/]|"
        + _AUTOMAGIC
        + r"[ \t]+"
        + _NOT_A_WORD
        + r"[A-Za-z_./~-][\w./~-]*(?![ \t]*[=(.,\[])))"
        r"|(?P<value>(?<![=!<>])=[ \t]*[%!](?![=]))"
        r"|(?P<help>\?[ \t]*$)",
        re.M,
    ),
}
_CELL_MAGIC = re.compile(r"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*(%%[ \t]*(\w*)[^\r\n]*)")
_LINE_MAGIC = re.compile(r"[ \t\f]*%[ \t]*(\w+)[ \t]+")
_OPTION = re.compile(r"-(-?[\w-]+)(?:=\S*)?[ \t]*")
_LINE_REST = re.compile(r"[^\r\n]*")
_CONTENT = re.compile(r"[^\r\n]")
_SECTION = re.compile(r"^#[ \t]*%%", re.M)


def mask(text: str, dialect: Dialect) -> str:
    """The text with all that is not Python made inert; its length and its line endings stay.

    A magic, a shell command or a question for help becomes the expression `0` and a comment, a value that comes
    from one becomes the name `__`, and a cell of another language becomes blank.
    """
    if text.startswith("\ufeff"):
        # Python's parser takes a byte order mark for a character of the program; a form feed it skips.
        text = "\f" + text[1:]
    if dialect == "ipython":
        return _mask_cell(text)
    if "%%" in text and (starts := [found.start() for found in _SECTION.finditer(text)]):
        bounds = [0, *starts, len(text)]
        return "".join(_mask_section(text[start:end]) for start, end in itertools.pairwise(bounds))
    return _mask_lines(text, "python")


def blank(text: str) -> str:
    """Spaces in place of everything but line endings."""
    return _CONTENT.sub(" ", text)


def _mask_cell(text: str) -> str:
    magic = _CELL_MAGIC.match(text)
    if magic is None:
        return _mask_lines(text, "ipython")
    if magic.group(2) not in _PYTHON_CELLS:
        return blank(text)
    # A magic may stand below another: `%%capture` over `%%time`.
    return text[: magic.start(1)] + _inert(magic.group(1)) + _mask_cell(text[magic.end(1) :])


def _mask_section(text: str) -> str:
    magic = _CELL_MAGIC.match(text)
    return _mask_lines(text, "python") if magic is None else _mask_cell(text)


def _mask_lines(text: str, dialect: Dialect) -> str:
    pattern = _CANDIDATE[dialect]
    if pattern.search(text) is None:
        return text
    pieces: list[str] = []
    lines = text.replace("\r\n", "\n\n").replace("\r", "\n") if "\r" in text else text
    done, state = 0, ""
    place = 0
    while found := pattern.search(lines, place):
        place = found.end()
        start = found.start() if found.lastgroup == "line" else lines.rfind("\n", 0, found.start()) + 1
        if start < done:
            continue
        state, _ = advance(text[done:start], state)
        pieces.append(text[done:start])
        done = start
        if state:
            continue
        if found.lastgroup != "line" and advance(text[start : found.start()])[0]:
            place = found.end()
            continue
        if found.lastgroup == "value":
            value = found.end() - 1
            end = _continued_end(text, value)
            pieces += (text[start:value], _unknown(text[value:end]))
        elif found.lastgroup == "help":
            end = _line_end(text, start)
            pieces.append(_inert(text[start:end]))
        else:
            end = _continued_end(text, start)
            pieces.append(_mask_line(text[start:end]))
        done = place = end
    pieces.append(text[done:])
    return "".join(pieces)


def _line_end(text: str, start: int) -> int:
    rest = _LINE_REST.match(text, start)
    assert rest is not None  # the pattern matches the empty string
    return rest.end()


def _continued_end(text: str, start: int) -> int:
    """Where the line that holds `start` ends, with the lines a backslash adds to it."""
    end = _line_end(text, start)
    while end > start and text[end - 1] == "\\" and end < len(text):
        end = _line_end(text, end + (2 if text.startswith("\r\n", end) else 1))
    return end


def _mask_line(text: str) -> str:
    """One line magic, with the lines that continue it."""
    magic = _LINE_MAGIC.match(text)
    if magic is None or magic.group(1) not in _STATEMENT_MAGICS:
        return _inert(text)
    start = _after_options(text, magic.end(), _STATEMENT_MAGICS[magic.group(1)])
    statement = text[start:]
    if not statement.strip() or _COMPOUND.match(statement):
        return _inert(text)
    indent = text[: len(text) - len(text.lstrip())]
    return indent + "0;".ljust(start - len(indent)) + statement


_COMPOUND = re.compile(r"(?:for|while|if|with|try|def|class|async|match)\b|@|%|!")


def _after_options(text: str, start: int, valued: str) -> int:
    """Where the statement begins after the magic's own options."""
    while found := _OPTION.match(text, start):
        name = found.group(1)
        start = found.end()
        if not name.startswith("-") and name[-1] in valued and len(name) == 1 and "=" not in found.group():
            value = re.compile(r"\S+[ \t]*").match(text, start)
            start = value.end() if value else start
    return start


def _inert(text: str) -> str:
    """The same number of characters that do nothing, at the same indentation."""
    return _replaced(text, "0")


def _unknown(text: str) -> str:
    return _replaced(text, "__" if len(_LINE_REST.match(text).group()) > 1 else "_")  # type: ignore[union-attr]


def _replaced(text: str, code: str) -> str:
    indent = text[: len(text) - len(text.lstrip(" \t\f"))]
    first = _LINE_REST.match(text, len(indent))
    assert first is not None  # the pattern matches the empty string
    line = code.ljust(first.end() - len(indent), "#")
    return indent + line + blank(text[first.end() :])
