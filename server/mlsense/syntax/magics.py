"""Lines that IPython understands and Python does not, masked so that the rest can be parsed."""

from __future__ import annotations

import ast
import itertools
import re
from typing import TYPE_CHECKING, Literal

from mlsense.syntax.scanning import Cursor, advance, section_starts, unify_line_endings

if TYPE_CHECKING:
    from collections.abc import Iterator

Dialect = Literal["python", "ipython"]

# Magics that bring names: a file's, all of pylab's, those stored by another notebook.
_BRINGING = frozenset(("run", "load", "loadpy", "pylab", "store", "macro", "edit", "R", "sql", "cython_inline"))
# Cell magics of other languages that leave no names behind.
_SILENT_CELLS = frozenset(
    (
        *("bash", "sh", "script", "cmd", "system", "sx", "!", "html", "HTML", "javascript", "js", "latex", "markdown"),
        *("perl", "ruby", "svg", "SVG", "writefile", "file", "pypy", "python", "python2", "python3", ""),
    )
)
_KEEPING_OUTPUT = re.compile(r"%%[ \t]*capture[ \t]+(?:--\S+[ \t]+)*([^\W\d]\w*)")

# Cell magics that run the rest of the cell as Python in the user's namespace.
_PYTHON_CELLS = frozenset(
    (
        *("capture", "debug", "heat", "ipytest", "lprun", "memit", "mprun", "notify", "prun", "pyinstrument"),
        *("scalene", "snakeviz", "tb", "time", "timeit", "wandb"),
    )
)
# Line magics that run a statement in the user's namespace, with those of their options that take a value.
_STATEMENT_MAGICS = {
    "lprun": "fmDTu",
    "memit": "rti",
    "mprun": "fT",
    "prun": "lsTD",
    "pyinstrument": "",
    "snakeviz": "",
    "time": "",
    "timeit": "nrpv",
}
# Magics often written without their `%`: a word after a word, or a path, cannot be Python.
_BARE = (
    r"(?:(?:pip3?|conda|mamba|uv|cd|ls|ll|mkdir|rm|rmdir|cp|mv|cat|more|less|man|run|load|load_ext|reload_ext"
    r"|matplotlib|pylab|time|timeit|env|history)[ \t]+"
    r"(?:(?!(?:in|is|if|and|or|not|for|else|as)\b)[A-Za-z_]|~|\.\.)"
    r"|(?:cd|ls|ll|mkdir|rm|cp|mv|cat|pip3?|conda|run)[ \t]+(?:-{1,2}\w|\.?/))"
)
_BARE_FIRST = "[pcmulrteh]"

# Each begins with a character that is rare, so that a text without magics is searched fast.
_LINE_CANDIDATES = {
    "python": re.compile(r"\n[ \t\f]*(?:%|!(?!=))"),
    "ipython": re.compile(rf"\n[ \t\f]*(?:[%?,;/]|!(?!=)|(?={_BARE_FIRST}){_BARE})"),
}
_VALUE_CANDIDATE = re.compile(r"=(?<![=!<>:]=)[ \t]*[%!](?!=)")
_HELP_CANDIDATE = re.compile(r"\?[ \t]*(?=\n)")

_CELL_MAGIC = re.compile(r"(?:[ \t\f]*(?:#[^\r\n]*)?(?:\r\n|\r|\n))*[ \t\f]*(%%[ \t]*(\w*)[^\r\n]*)")
_SCRIPT_CELL_MAGIC = re.compile(r"%%(?<![^\r\n]%%)\w")
_NAMED_MAGIC = re.compile(r"[ \t\f]*%[ \t]*(\w+)(?=[ \t]*(?:\r|\n|$))")
_PLAIN_PATH = re.compile(r"[\w./-]+")
_LINE_MAGIC = re.compile(r"[ \t\f]*(?:%[ \t]*)?(\w+)[ \t]+")
_OPTION = re.compile(r"-(-?[\w-]+)(=\S*)?[ \t]*")
_OPTION_VALUE = re.compile(r"\S+[ \t]*")
_COMPOUND = re.compile(r"(?:for|while|if|with|try|def|class|async|match)\b|[@%!]")
_BINDING = re.compile(r"[^\W\d][\w., \t\[\]]*=(?!=)")
_REST_OF_LINE = re.compile(r"[^\r\n]*")
_CONTENT = re.compile(r"[^\r\n]")


def mask(text: str, dialect: Dialect) -> str:
    """The text with all that is not Python made inert; its length and its line endings stay.

    A magic that brings names, such as `%run`, becomes an expression that `names_of_magic` knows again. Any other
    magic, a shell command or a question for help becomes the expression `0` and a comment, a value that
    comes from one becomes the name `__`, and a cell of another language becomes blank. What a magic such as
    `%time` runs in the user's namespace stays.
    """
    if text.startswith("\ufeff"):
        # Python's parser takes a byte order mark for a character of the program; a form feed it skips.
        text = "\f" + text[1:]
    if dialect == "ipython":
        return _mask_cell(text)
    if has_cell_magics(text):
        bounds = [0, *section_starts(text), len(text)]
        return "".join(_mask_section(text[start:end]) for start, end in itertools.pairwise(bounds))
    return _mask_lines(text, dialect)


def may_have_magics(text: str, dialect: Dialect) -> bool:
    """Whether something in the text would be masked if it stood in code; found quickly."""
    return next(_candidates(text, dialect), None) is not None


def has_cell_magics(text: str) -> bool:
    """Whether lines begin like the magic of a section: sections of a script are masked one by one then."""
    return "%%" in text and _SCRIPT_CELL_MAGIC.search(text) is not None


def blank(text: str) -> str:
    """Spaces in place of everything but line endings."""
    return _CONTENT.sub(" ", text)


def _mask_cell(text: str) -> str:
    magic = _CELL_MAGIC.match(text)
    if magic is None:
        return _mask_lines(text, "ipython")
    line = magic.group(1)
    if magic.group(2) not in _PYTHON_CELLS:
        silent = magic.group(2) in _SILENT_CELLS and "--out" not in line
        first = "" if silent else _bringing(line, "")
        return blank(text[: magic.start(1)]) + first + blank(text[magic.start(1) + len(first) :])
    kept = _KEEPING_OUTPUT.match(line)
    instead = _inert(line) if kept is None else _replaced(line, f"{kept.group(1)}=0")
    # A magic may stand below another: `%%capture` over `%%time`.
    return text[: magic.start(1)] + instead + _mask_cell(text[magic.end(1) :])


def _mask_section(text: str) -> str:
    return _mask_cell(text) if _CELL_MAGIC.match(text) else _mask_lines(text, "python")


def _mask_lines(text: str, dialect: Dialect) -> str:
    candidates = sorted(_candidates(text, dialect))
    if not candidates:
        return text
    cursor = Cursor(text)
    masked: list[str] = []
    kept = 0
    for candidate, kind in candidates:
        line = max(text.rfind("\n", 0, candidate), text.rfind("\r", 0, candidate)) + 1
        if line < kept or cursor.state(line):
            continue
        if kind == "value":
            start = candidate
            if advance(text[line:start])[0]:
                continue
            end = _continued_end(text, start)
            instead = _unknown(text[start:end])
        elif kind == "help":
            start, end = line, _end_of_line(text, line)
            if advance(text[line:candidate])[0]:
                continue
            instead = _inert(text[start:end])
        else:
            start, end = line, _continued_end(text, line)
            instead = _mask_line(text[start:end])
        masked += (text[kept:start], instead)
        kept = end
        cursor.skip(end)
    masked.append(text[kept:])
    return "".join(masked)


def _candidates(text: str, dialect: Dialect) -> Iterator[tuple[int, str]]:
    """Where a magic may stand, if that place is code, and of which kind it would be."""
    plain = unify_line_endings(text).replace("\r\n", "\n\n") if "\r" in text else text
    pattern = _LINE_CANDIDATES[dialect]
    if pattern.match("\n" + plain[: plain.find("\n")] if "\n" in plain else "\n" + plain):
        yield 0, "line"
    for found in pattern.finditer(plain):
        yield found.start() + 1, "line"
    for found in _VALUE_CANDIDATE.finditer(plain):
        yield found.end() - 1, "value"
    if dialect == "ipython" and "?" in plain:
        for found in _HELP_CANDIDATE.finditer(plain + "\n"):
            yield found.start(), "help"


def _end_of_line(text: str, start: int) -> int:
    rest = _REST_OF_LINE.match(text, start)
    assert rest is not None  # the pattern matches the empty string
    return rest.end()


def _continued_end(text: str, start: int) -> int:
    """Where the line that holds `start` ends, with the lines that a backslash adds to it."""
    end = _end_of_line(text, start)
    while end > start and text[end - 1] == "\\" and end < len(text):
        end = _end_of_line(text, end + (2 if text.startswith("\r\n", end) else 1))
    return end


def _mask_line(text: str) -> str:
    """One line magic, with the lines that continue it."""
    magic = _LINE_MAGIC.match(text) or _NAMED_MAGIC.match(text)
    if magic is not None and magic.group(1) in _BRINGING:
        return _bringing(text, _file_of(text[magic.end() :]) if magic.group(1) == "run" else "")
    if magic is None or magic.group(1) not in _STATEMENT_MAGICS:
        return _inert(text)
    name = magic.group(1)
    start = _after_options(text, magic.end(), _STATEMENT_MAGICS[name])
    statement = text[start:]
    if not statement.strip() or _COMPOUND.match(statement):
        return _inert(text)
    if name in ("timeit", "memit") and _BINDING.match(statement):
        # What these bind stays inside.
        return _inert(text)
    indent = len(text) - len(text.lstrip())
    return text[:indent] + "0;".ljust(start - indent) + statement


def _after_options(text: str, start: int, valued: str) -> int:
    """Where the statement begins after the magic's own options."""
    while found := _OPTION.match(text, start):
        name, value = found.groups()
        start = found.end()
        if name in valued and len(name) == 1 and value is None:
            after = _OPTION_VALUE.match(text, start)
            start = after.end() if after else start
    return start


def _file_of(arguments: str) -> str:
    """The file that `%run` is given, if it can stand in a literal."""
    path = next((word for word in arguments.split() if not word.startswith("-")), "")
    return path if _PLAIN_PATH.fullmatch(path) else ""


def _bringing(text: str, path: str) -> str:
    """In place of a magic that brings names: code that no program has, for it fails; see `names_of_magic`."""
    code = f'-"{path}"'
    # What is too short for it brings nothing that could be followed.
    return _replaced(text, code) if len(code) <= len(text.strip()) else _inert(text)


def names_of_magic(statement: ast.stmt) -> str | None:
    """The file whose names a masked magic brings, empty if it is not known; None for any other statement."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(value, ast.UnaryOp) and isinstance(value.op, ast.USub) and isinstance(value.operand, ast.Constant):
        found = value.operand.value
        return found if isinstance(found, str) else None
    return None


def _inert(text: str) -> str:
    """The same number of characters that do nothing, at the same indentation."""
    return _replaced(text, "0")


def _unknown(text: str) -> str:
    return _replaced(text, "__" if _end_of_line(text, 0) > 1 else "_")


def _replaced(text: str, code: str) -> str:
    start = len(text) - len(text.lstrip(" \t\f"))
    end = _end_of_line(text, start)
    return text[:start] + code.ljust(end - start, "#") + blank(text[end:])
