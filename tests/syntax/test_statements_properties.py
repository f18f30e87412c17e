"""Statements of arbitrary and of real text."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mlsense.syntax import Cell, Statement, notebook_of_cells, script, sections, statements, suppressions
from mlsense.text import apply_edits

PIECES = st.sampled_from(
    [
        *("x", "y = 1", "f(", ")", "[", "]", "{", "}", "'", '"', "'''", '"""', "\\", "\\\n", "#", " ", "    ", "\t"),
        *("\n", "\n", "\n", "\r\n", "\r", "\f", "\n\n", ";", ":", ",", ".", "@", "=", " = ", "%", "!", "?", "%%time"),
        *("if x:", "else:", "elif y:", "try:", "except E:", "finally:", "for a in b:", "while c:", "with d:"),
        *("def f():", "class C:", "async ", "return", "import m", "from m import n", "match x:", "case 1:", "lambda:"),
        *("# mlsense: ignore[a]", "# %%", "f'{", "}'", "\0", "\ufeff", "é", "😀", "\ud83d", "\u2028", "\xa0", "\v"),
        *("\n    ", "\n  ", "\n\t", "\n        ", "pip install z", "!ls", "%time ", "%%bash"),
    ]
)
TEXTS = st.lists(PIECES, max_size=30).map("".join)


def check(cell: Cell) -> tuple[Statement, ...]:
    """What holds for the statements of any text at all."""
    code = cell.code
    text = cell.source.text
    assert len(code) == len(text)
    assert [c for c in code if c in "\r\n"] == [c for c in text if c in "\r\n"]
    found = statements(cell)
    done = 0
    for statement in found:
        parsed = statement.parsed
        end = statement.start + len(parsed.text)
        assert parsed.text == code[statement.start : end]
        assert done <= statement.start < end
        done = end
        assert parsed.tree is not None or parsed.problem is not None
        assert parsed.recovered <= (parsed.tree is not None)
        if parsed.problem is not None:
            start, stop = parsed.problem.span
            assert 0 <= start <= stop <= len(parsed.text)
            assert 0 <= parsed.problem.line < parsed.lines.line_count
            # A fix can reach past the statement, but never past the cell, and never changes code.
            fixed = apply_edits(code[statement.start :], parsed.problem.fix)
            assert "".join(fixed.split()) == "".join(code[statement.start :].split())
        if parsed.tree is not None:
            for node in ast.walk(parsed.tree):
                start, stop = parsed.span(node)
                assert 0 <= start <= stop <= len(parsed.text)
    for span in sections(cell):
        assert 0 <= span.start <= span.end <= len(text)
    for suppression in suppressions(cell):
        assert text[suppression.span.start] == "#"
    return found


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_any_text_in_a_script(text: str) -> None:
    check(script("s.py", text).cells[0])


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_any_text_in_a_notebook(text: str) -> None:
    check(notebook_of_cells("n.ipynb", [("code", text, None)]).cells[0])


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=60))
def test_any_unicode(text: str) -> None:
    check(script("s.py", text).cells[0])


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_text_that_parses_whole_has_the_statements_of_the_parser(text: str) -> None:
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    assert dumps(statements(script("s.py", text).cells[0])) == [ast.dump(node) for node in body]


def dumps(found: tuple[Statement, ...]) -> list[str]:
    return [ast.dump(each.parsed.tree) if each.parsed.tree else each.parsed.text for each in found]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_real_files_have_the_statements_of_the_parser(
    real_files: list[str], script_cell: Callable[[str], Cell], ending: str
) -> None:
    for text in real_files[:: 1 if ending == "\n" else 7]:
        text = text.replace("\r\n", "\n").replace("\n", ending)
        cell = script_cell(text)
        found = statements(cell)
        body = ast.parse(text).body
        assert dumps(found) == [ast.dump(node) for node in body]
        lines = cell.source.lines
        assert [each.start + each.parsed.span(each.parsed.tree).start for each in found if each.parsed.tree] == [
            lines.from_ast(node.lineno, node.col_offset) for node in body
        ]


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_mutated_real_files(real_files: list[str], data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(real_files))[:12_000]
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = min(len(text), start + data.draw(st.sampled_from([0, 0, 1, 1, 2, 5, 40, 400])))
        text = text[:start] + data.draw(PIECES | st.just("")) + text[end:]
    check(script("s.py", text).cells[0])


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_half_typed_line_costs_only_itself(real_files: list[str], data: st.DataObject) -> None:
    """Whatever is typed between two statements of a file that parses, most others are there still."""
    text = data.draw(st.sampled_from(real_files))
    before = statements(script("s.py", text).cells[0])
    if len(before) < 4:
        return
    at = data.draw(st.integers(1, len(before) - 1))
    typed = data.draw(st.sampled_from(["df.", "x = foo(", "def f(:", "import", "y = [1,", "print('", "for x in"]))
    place = before[at].start
    decorated = text[:place].rstrip().endswith(")") and text[place] in "@dc"
    after = check(script("s.py", text[:place] + typed + "\n" + text[place:]).cells[0])
    lost = {each.parsed.text for each in before} - {each.parsed.text for each in after}
    # The one below may go on with what was typed: an open bracket, `import` and a name.
    assert lost <= {before[at].parsed.text, before[at - 1].parsed.text} or decorated
