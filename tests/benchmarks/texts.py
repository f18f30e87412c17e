"""What the benchmarks are run on: long scripts and notebooks made of example scripts, and keystrokes in them."""

from __future__ import annotations

import ast
import itertools
import re
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_FEWEST_LINES_IN_CELL = 6
_TYPED = "rows = len(sorted(str(1234567)))\n"


def examples(folder: Path | None) -> list[str]:
    """The scripts of a folder, by path; without one, the good examples of the rules."""
    if folder is None:
        from mlsense.rules.registry import all_rules

        return [text for rule in all_rules() for text in rule.good]
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.rglob("*.py"))]
    return [text for text in texts if _parses(text)]


def endless(texts: Sequence[str]) -> Iterator[str]:
    """The texts over and over, from the second time on with variables of their own."""
    for turn in itertools.count():
        for text in texts:
            yield text if turn == 0 else renamed(text, f"_{turn}")


def renamed(text: str, suffix: str) -> str:
    """The script with other names for its variables, functions and classes; names that are parameters too stay."""
    tree = ast.parse(text)
    nodes = list(ast.walk(tree))
    stored = {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    stored -= {node.arg for node in nodes if isinstance(node, (ast.arg, ast.keyword)) and node.arg is not None}
    lines = [line.encode() for line in text.split("\n")]
    places = [
        (node.lineno - 1, node.end_col_offset) for node in nodes if isinstance(node, ast.Name) and node.id in stored
    ]
    for line, column in sorted(places, reverse=True):
        lines[line] = lines[line][:column] + suffix.encode() + lines[line][column:]
    return b"\n".join(lines).decode()


def program(texts: Iterable[str], lines: int) -> str:
    """One script of so many lines: whole examples, the last one cut between two statements."""
    whole: list[str] = []
    for text in texts:
        part = text.rstrip("\n").split("\n")
        if len(whole) + len(part) >= lines:
            whole += _cut(text, lines - len(whole))
            break
        whole += part
    return "\n".join([*whole, *["#"] * (lines - len(whole))]) + "\n"


def notebook(texts: Iterable[str], cells: int) -> list[str]:
    """The texts of so many code cells: statements of the examples, a few lines in each cell."""
    return list(itertools.islice((cell for text in texts for cell in _cells(text)), cells))


def _cells(text: str) -> Iterator[str]:
    cell: list[str] = []
    for statement in ast.parse(text).body:
        found = ast.get_source_segment(text, statement) or ""
        if isinstance(statement, (ast.FunctionDef, ast.ClassDef)) and statement.decorator_list:
            found = "\n".join(f"@{ast.unparse(each)}" for each in statement.decorator_list) + "\n" + found
        cell += found.split("\n")
        if len(cell) >= _FEWEST_LINES_IN_CELL:
            yield "\n".join(cell)
            cell = []
    if cell:
        yield "\n".join(cell)


def _cut(text: str, lines: int) -> list[str]:
    ends = [statement.end_lineno or 0 for statement in ast.parse(text).body]
    return text.split("\n")[: max((end for end in ends if end <= lines), default=0)]


def _parses(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


class Edit(NamedTuple):
    """One keystroke: the range it replaces, line and columns from 0 in UTF-16 units, and the new text."""

    line: int
    start: int
    end: int
    text: str


def keystrokes(text: str, count: int) -> list[Edit]:
    """So many single-character edits in the middle of a text.

    Half of them change a digit in a statement, so that what it binds becomes another value; the other half type new
    lines above it, which most of the time do not parse.
    """
    above, line, column = _middle(text)
    digits = itertools.cycle("23456789")
    edits = [Edit(line, column, column + 1, next(digits)) for _ in range(count // 2)]
    at = 0
    for character in itertools.islice(itertools.chain("\n", itertools.cycle(_TYPED)), count - len(edits)):
        edits.append(Edit(above, at, at, character))
        if character != "\n":
            at += 1
        elif len(edits) > count // 2 + 1:
            above, at = above + 1, 0
    return edits


def _middle(text: str) -> tuple[int, int, int]:
    """The line of the middle statement that assigns something with a digit, and line and column of that digit."""
    lines = text.split("\n")
    found: list[tuple[int, int, int]] = []
    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Assign):
            for node in ast.walk(statement.value):
                plain = isinstance(node, ast.Constant) and type(node.value) is int and lines[node.lineno - 1].isascii()
                if plain and re.fullmatch(r"\d", lines[node.lineno - 1][node.col_offset : node.end_col_offset]):
                    found.append((statement.lineno - 1, node.lineno - 1, node.col_offset))
    return min(found, key=lambda place: abs(place[0] - len(lines) // 2))


def middle_cell(cells: Sequence[str]) -> int:
    """The cell nearest to the middle in which keystrokes can be made."""

    def editable(cell: str) -> bool:
        try:
            _middle(cell)
        except ValueError:
            return False
        return True

    return min((index for index, cell in enumerate(cells) if editable(cell)), key=lambda i: abs(i - len(cells) // 2))
