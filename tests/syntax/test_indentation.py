"""Indentation that does not fit: each kind is told, costs only its statement, and is repaired where that is certain."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from mlsense.syntax import Cell, Statement, SyntaxProblem, statements
from mlsense.text import apply_edits

Make = Callable[[str], Cell]


def problems(cell: Cell) -> list[tuple[Statement, SyntaxProblem]]:
    return [(each, each.parsed.problem) for each in statements(cell) if each.parsed.problem is not None]


def only(cell: Cell) -> tuple[Statement, SyntaxProblem]:
    (found,) = problems(cell)
    return found


def marked(cell: Cell) -> str:
    statement, problem = only(cell)
    return statement.parsed.text[problem.span.start : problem.span.end]


def repaired(cell: Cell) -> str | None:
    """The text after the fix of its first problem, None if none is offered."""
    statement, problem = problems(cell)[0]
    if not problem.fix:
        return None
    code = cell.code
    return code[: statement.start] + apply_edits(code[statement.start :], problem.fix)


CASES = {
    "tabs-and-spaces": [
        ("for a in b:\n    x\n\ty\n", "for a in b:\n    x\n    y\n"),
        ("for a in b:\n\tx\n    y\n", "for a in b:\n    x\n    y\n"),
        ("if a:\n\tx\n        y\n", "if a:\n        x\n        y\n"),
        ("def f():\n  if a:\n  \tx\n\ty\n", None),
        ("if a:\n  x\n\ty\n", "if a:\n  x\n  y\n"),
        ("if a:\n\tx\n    \ty\n", "if a:\n        x\n        y\n"),
        ("if a:\n    x\n\ty = '''\n\tkept'''\n", "if a:\n    x\n    y = '''\n\tkept'''\n"),
        # The line is in the loop or behind it, depending on who looks.
        ("def f():\n    for a in b:\n        x\n\ty\n", None),
        ("if a:\n    x\n\ty = (\n", None),
    ],
    "unexpected-indent": [
        ("    x = 1\n", "x = 1\n"),
        ("\n# comment\n  x = 1\n  if y:\n    z\n", "\n# comment\nx = 1\nif y:\n  z\n"),
        (
            "x = 1\n    y = 2\n\n    # comment\n    z = '''\n    kept'''\nw = 3\n",
            "x = 1\ny = 2\n\n# comment\nz = '''\n    kept'''\nw = 3\n",
        ),
        (
            "def f():\n    x = 1\n        y = 2\n        z = 3\n    return x\n",
            "def f():\n    x = 1\n    y = 2\n    z = 3\n    return x\n",
        ),
        ("if a:\n    f(1,\n  2)\n      b\n", "if a:\n    f(1,\n  2)\n    b\n"),
        ("    x = 1\n  y = 2\n", "x = 1\ny = 2\n"),
        ("    x = (\n", None),
    ],
    "missing-indent": [
        ("for x in y:\nprint(x)\nprint(1)\n\nz = 1\n", "for x in y:\n    print(x)\n    print(1)\n\nz = 1\n"),
        ("def f(x):\nreturn x\nprint(f(1))\n", "def f(x):\n    return x\nprint(f(1))\n"),
        ("class A:\ndef f(self):\n    return 1\n", "class A:\n    def f(self):\n        return 1\n"),
        ("for a in b:\nfor c in d:\n    e()\n", "for a in b:\n    for c in d:\n        e()\n"),
        ("if a:\n  b\nwhile c:\nd\nbreak\ne\n", "if a:\n  b\nwhile c:\n  d\n  break\ne\n"),
        ("if a:\n\tb\nwhile c:\nd\n", "if a:\n\tb\nwhile c:\n\td\n"),
        ("try:\n    a\nexcept B:\nc\n", "try:\n    a\nexcept B:\n    c\n"),
        (
            "class A:\n    def f(self):\n    return 1\n    def g(self):\n        pass\n",
            "class A:\n    def f(self):\n        return 1\n    def g(self):\n        pass\n",
        ),
        ("with a as b:\n'''s\nt'''\nc()\n", "with a as b:\n    '''s\nt'''\n    c()\n"),
        ("def f():\n    # comment\nx = 1\n", "def f():\n    # comment\n    x = 1\n"),
        ("for x in y:\n\nprint(x)\n", None),
        ("for x in y:\nimport a\n", None),
        ("def f():\ndef g():\n    pass\n", None),
        ("if x:\n", None),
        ("if x:\ny = (\n", None),
    ],
    "unmatched-dedent": [
        (
            "def f():\n    if a:\n        x\n       y\n    return\n",
            "def f():\n    if a:\n        x\n        y\n    return\n",
        ),
        ("def f():\n    if a:\n        x\n     y\n     z\n", "def f():\n    if a:\n        x\n    y\n    z\n"),
        ("def f():\n    x\n   for y in z:\n       w\n", "def f():\n    x\n    for y in z:\n        w\n"),
        ("if a:\n    b\n  else:\n    c\n", "if a:\n    b\nelse:\n    c\n"),
        # As near to the one level as to the other.
        ("def f():\n    if a:\n        x\n      y\n    return\n", None),
    ],
}


@pytest.mark.parametrize(("kind", "text", "expected"), [(kind, *case) for kind in CASES for case in CASES[kind]])
def test_the_kind_is_told_and_the_repair_offered_where_it_is_certain(
    script_cell: Make, kind: str, text: str, expected: str | None
) -> None:
    cell = script_cell("before = 1\n" + text if kind != "unexpected-indent" else text)
    assert problems(cell)[0][1].kind == kind
    assert repaired(cell) == (expected and ("before = 1\n" if kind != "unexpected-indent" else "") + expected)


@pytest.mark.parametrize("text", [text for cases in CASES.values() for text, expected in cases if expected is not None])
def test_a_repaired_text_has_no_problem(script_cell: Make, text: str) -> None:
    mended = repaired(script_cell(text))
    assert mended is not None
    ast.parse(mended)
    assert problems(script_cell(mended)) == []


@pytest.mark.parametrize("text", [text for cases in CASES.values() for text, _ in cases if "(\n" not in text])
def test_what_stands_around_costs_nothing(script_cell: Make, text: str) -> None:
    cell = script_cell(f"before = 1\n\n{text}\nafter = 2\n")
    found = [each.parsed.text for each in statements(cell) if each.parsed.problem is None]
    assert found[0] == "before = 1"
    assert found[-1] == "after = 2"


@pytest.mark.parametrize(
    ("text", "mark", "line", "header", "against", "detail"),
    [
        ("for a in b:\n    x\n\ty\n", "\t", 2, None, 1, "tab"),
        ("for a in b:\n\tx\n    y\n", "    ", 2, None, 1, "spaces"),
        ("x = 1\n    y = 2\n", "    ", 0, None, None, "4 instead of 0"),
        ("def f():\n    x\n      y\n", "      ", 2, None, 1, "6 instead of 4"),
        ("async  def f(a):  # why\nx = 1\n", "async  def f(a):", 0, 0, 0, "def"),
        ("if a:\n    for b in c:\n    d\n", "    ", 2, 1, 1, "for"),
        ("class A:\n    def f(\n        self,\n    ):\nx = 1\n", "def f(", 1, 1, 1, "def"),
        ("if a:\n    b\nelse:\nc\n", "else:", 2, 2, 2, "else"),
        ("def f():\n    if a:\n        x\n      y\n", "      ", 3, None, 1, "6, not 4 or 8"),
    ],
)
def test_the_place_and_the_words_for_a_message(
    script_cell: Make, text: str, mark: str, line: int, header: int | None, against: int | None, detail: str
) -> None:
    cell = script_cell(text)
    _, problem = only(cell)
    assert (marked(cell), problem.line, problem.header, problem.against, problem.detail) == (
        *(mark, line, header, against, detail),
    )


def test_lines_astray_are_statements_of_their_own(script_cell: Make) -> None:
    text = "    x = 1\n    y = f(\n  x)  # comment\n    z = 3; w = 4\nv = 5\n"
    found = statements(script_cell(text))
    assert [each.parsed.text for each in found] == ["    x = 1", "    y = f(\n  x)", "    z = 3", "w = 4", "v = 5"]
    assert [each.parsed.problem is None for each in found] == [False, True, True, True, True]
    assert [each.parsed.recovered for each in found] == [True, True, True, True, False]
    assert all(each.parsed.tree is not None for each in found)


def test_a_repaired_tree_has_the_places_of_the_text(script_cell: Make) -> None:
    text = "def f():\n    x = 1\n        y = é(x,\n  2)\n\treturn y\n"
    (statement,) = statements(script_cell(text))
    tree = statement.parsed.tree
    assert tree is not None
    names = {node.id: statement.parsed.span(node) for node in ast.walk(tree) if isinstance(node, ast.Name)}
    for name, (start, end) in names.items():
        assert text[start:end] == name
    call = next(node for node in ast.walk(tree) if isinstance(node, ast.Call))
    start, end = statement.parsed.span(call)
    assert text[start:end] == "é(x,\n  2)"


def test_a_header_that_is_being_typed_takes_no_body(script_cell: Make) -> None:
    first, second = statements(script_cell("for x in y:\nprint(x)\n"))
    assert isinstance(first.parsed.tree, ast.For)
    assert first.parsed.recovered
    assert isinstance(second.parsed.tree, ast.Expr)
    assert second.parsed.problem is None


def test_other_mistakes_are_of_the_kind_other(script_cell: Make) -> None:
    for text in ("x = = 1", "f(\n", "x = 'a", "def f(:\n    pass", "a\0b", "(" * 1000):
        assert only(script_cell(text))[1].kind == "other"


def test_the_place_of_another_mistake_is_the_parsers(script_cell: Make) -> None:
    cell = script_cell("x = 'é'\ny = f('é', 1 2)\n")
    assert marked(cell) in ("1 2", "f('é', 1 2)")


@pytest.mark.parametrize(
    "text",
    [
        "    x = 1\n    if x:\n        y = 2\n",
        "\n\tx = f(1,\n\t  2)\n\n\t# comment\n\ty = 2",
        "    # comment\n    !ls\n    x = 1\n",
    ],
)
def test_ipython_runs_a_cell_that_is_indented_as_a_whole(code_cell: Make, script_cell: Make, text: str) -> None:
    found = statements(code_cell(text))
    assert [each.parsed.problem for each in found] == [None] * len(found)
    assert all(each.parsed.tree is not None and not each.parsed.recovered for each in found)
    assert problems(script_cell(text))[0][1].kind == "unexpected-indent"


@pytest.mark.parametrize(
    "text",
    [
        "    x = 1\n  y = 2\n",
        "    x = 1\n        y = 2\n",
        "# comment\n    x = 1\n",
        "    x = (\n",
    ],
)
def test_ipython_does_not_run_a_cell_that_is_indented_in_part(code_cell: Make, text: str) -> None:
    assert problems(code_cell(text))[0][1].kind == "unexpected-indent"


@pytest.mark.parametrize(
    "text",
    [
        "    x = 1\ny = 2\n",
        "    x = f(1,\n  2)\n",
        " def f(a):\n    return a\n\nprint(f(1))\n",
    ],
)
def test_older_ipython_takes_the_indentation_of_the_first_line_from_all_that_have_it(
    code_cell: Make, text: str
) -> None:
    # IPython 8 runs these, IPython 9 does not: which of them runs the notebook is not known.
    assert problems(code_cell(text)) == []
