"""Tabs and spaces in one block, and lines that are indented where they must not be or not where they must."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from mlsense.rules.finding import Edit, Fix, Location, Related, Severity
from mlsense.rules.rule import Draft, Rule, example
from mlsense.text import Span, TextEdit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from mlsense.semantics.program import Trace
    from mlsense.syntax import Statement, SyntaxProblem

_TITLES = {
    "tabs-and-spaces": "Indent this block with spaces",
    "unexpected-indent": "Move it back to the level of the line above",
    "missing-indent": "Indent the lines up to the next gap",
    "unmatched-dedent": "Move it to the level of its block",
}


def check(trace: Trace) -> Iterator[Draft]:
    empty_block = -1
    for number in trace.problems:
        cell, statement = trace.statements[number]
        problem = statement.parsed.problem
        if problem is None or problem.kind == "other":
            continue
        if problem.kind == "missing-indent":
            empty_block = number
        elif problem.kind == "unexpected-indent" and 0 <= empty_block == number - 2 and _adjoins(trace, number):
            # It belongs to the block above whose first line is not indented: that is told already.
            continue
        if (pasted := _pasted(trace, cell, statement)) is not None:
            yield pasted
            continue
        span = _place(trace, cell, statement, problem)
        header = _header(trace, cell, statement, problem)
        elsewhere = header is not None and header[1] != Location(cell, span)
        related = (Related(header[1], "the block it belongs to begins here"),) if header and elsewhere else ()
        fix = None
        if problem.fix:
            edits = tuple(
                Edit(
                    cell,
                    TextEdit(
                        Span(statement.start + edit.span.start, statement.start + edit.span.end),
                        edit.new_text,
                    ),
                )
                for edit in problem.fix
            )
            # Which of several lines belong to a block without a body, nobody but the author knows.
            certain = problem.kind != "missing-indent" or len(edits) == 1
            fix = Fix(_TITLES[problem.kind], "safe" if certain else "unsafe", edits)
        yield Draft(_message(problem, header[0] if header else None), Location(cell, span), related, fix)


def _adjoins(trace: Trace, number: int) -> bool:
    """Whether a statement begins on the line below the one before it."""
    (cell, before), (other, statement) = trace.statements[number - 1], trace.statements[number]
    lines = trace.source(cell).lines
    end = lines.position(before.start + len(before.parsed.text)).line
    return cell == other and lines.position(statement.start).line == end + 1


# What web pages indent with: they look like spaces and do not count for Python.
_FOREIGN_SPACES = re.compile(r"(?m)^[ \t]*([\u00a0\u2002\u2003\u2009\u3000]+)[ \t\u00a0\u2002\u2003\u2009\u3000]*")


def _pasted(trace: Trace, cell: int, statement: Statement) -> Draft | None:
    """Lines from a web page, at this statement or right below it."""
    source = trace.source(cell)
    below = source.lines.position(statement.start + len(statement.parsed.text)).line + 2
    end = source.lines.line_span(min(below, source.lines.line_count) - 1).end
    found = _FOREIGN_SPACES.search(source.text, statement.start, end)
    if found is None:
        return None
    edits = tuple(
        Edit(cell, TextEdit(Span(*each.span()), " " * len(each[0]))) for each in _FOREIGN_SPACES.finditer(source.text)
    )
    return Draft(
        "This line is indented with no-break spaces, as text copied from a web page often is. They look like spaces, "
        "but do not count for Python, and the file does not run. Replace them with spaces.",
        Location(cell, Span(*found.span())),
        (),
        Fix("Replace no-break spaces with spaces", "safe", edits),
    )


def _place(trace: Trace, cell: int, statement: Statement, problem: SyntaxProblem) -> Span:
    """The offending line; of a block without a body the line that should be its body, where there is one."""
    start = statement.start + (problem.fix[0].span.start if problem.fix else problem.span.start)
    if problem.kind != "missing-indent" or not problem.fix:
        return Span(statement.start + problem.span.start, statement.start + problem.span.end)
    lines = trace.source(cell).lines
    return Span(start, lines.line_span(lines.position(start).line).end)


def _header(trace: Trace, cell: int, statement: Statement, problem: SyntaxProblem) -> tuple[str, Location] | None:
    """The line that opens the block, as text and as a place."""
    if problem.header is None:
        return None
    span = statement.parsed.lines.line_span(problem.header)
    line = statement.parsed.text[slice(*span)]
    text = line.strip()
    start = statement.start + span.start + len(line) - len(line.lstrip())
    found = Location(cell, Span(start, start + len(text)))
    return text if len(text) <= 50 else text[:47] + "...", found


def _message(problem: SyntaxProblem, header: str | None) -> str:
    if problem.kind == "tabs-and-spaces":
        return (
            "This block is indented with tabs on some lines and with spaces on others. They look alike, but Python "
            "cannot tell which lines belong together, and the file does not run. Use four spaces on every line."
        )
    if problem.kind == "unexpected-indent":
        return (
            "This line is indented, but no line above opens a block for it, so the file does not run. Lines of one "
            "block begin at the same column: move it back to the level of the line above."
        )
    if problem.kind == "missing-indent":
        opened = f"`{header}`" if header else "A line that ends with a colon"
        return (
            f"{opened} opens a block, but the next line is not indented, so Python finds nothing to put into the "
            "block and the file does not run. Indent the lines that belong to it by four spaces."
        )
    return (
        "This line moves back to a column at which no block around it begins, so Python cannot tell which block it "
        "belongs to, and the file does not run. Line it up with the block it belongs to."
    )


RULE = Rule(
    name="mixed-indentation",
    family="indent",
    severity=Severity.ERROR,
    summary="The indentation of a block does not add up, so the file does not run.",
    finds="""
        Tabs and spaces in one block, a line that is indented though no block was opened, a block without an indented
        line, and a line that moves back to a column where no block begins.
        """,
    matters="""
        In Python the white space at the start of a line says what belongs to a loop, a function or an `if`. When it
        does not add up, Python refuses the whole file with `IndentationError` or `TabError`; in a notebook the whole
        cell. It happens most with code pasted from a web page or a chat.
        """,
    silent="""
        Lines inside brackets and inside texts of several lines may begin anywhere. A block indented with tabs
        throughout is right. Blocks of different width in one file are right.
        """,
    repair="""
        Offered where only one repair is possible: tabs become spaces, a stray line moves to the level of the line
        above, the lines after a colon are indented, up to the next empty line. The result is parsed before it is
        offered. The fix is safe, since the file did not run before; with several lines after a colon it is not, since
        only their author knows which of them belong to the block.
        """,
    bad=(
        example(
            """
            totals = []
            for value in (1, 2, 3):
            totals.append(value)  # <- mixed-indentation

            print(totals)
            """
        ),
        example(
            """
            total = 0
            for value in (1, 2, 3):
                total += value
            \ttotal += 1  # <- mixed-indentation
            print(total)
            """
        ),
        example(
            """
            rows = 3
                columns = 4  # <- mixed-indentation
            print(rows, columns)
            """
        ),
        example(
            """
            def mean(values):
                    total = sum(values)
                return total / len(values)  # <- mixed-indentation


            print(mean([1, 2, 3]))
            """
        ),
    ),
    good=(
        example(
            """
            totals = []
            for value in (1, 2, 3):
                totals.append(value)
            print(totals)
            """
        ),
        "total = 0\nfor value in (1, 2, 3):\n\ttotal += value\n\ttotal += 1\nprint(total)\n",
        example(
            """
            values = [
                1,
                  2,
              3,
            ]
            print(values)
            """
        ),
        example(
            '''
            text = """
                indented text
              is only text
            """
            print(text)
            '''
        ),
        example(
            """
            for value in (1, 2):
              print(value)
            for value in (3, 4):
                    print(value)
            """
        ),
        example(
            """
            def mean(values):
                # a comment may stand
            # anywhere
                return sum(values) / len(values)


            print(mean([1, 2, 3]))
            """
        ),
    ),
    check=check,
    references=(
        "Python reference, [indentation](https://docs.python.org/3/reference/lexical_analysis.html#indentation)",
    ),
)
