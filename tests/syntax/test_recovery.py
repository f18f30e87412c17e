"""A compound statement keeps its tree although a line in it is broken."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from mlsense.syntax import Cell, Parsed, statements

Make = Callable[[str], Cell]

CLASS = """\
class Net:
    def __init__(self, n):
        self.a = n

    def train(self, loader):
        for x, y in loader:
            {}
            self.step()
        return self
"""


def parsed(cell: Cell) -> Parsed:
    (statement,) = statements(cell)
    return statement.parsed


def names(tree: ast.AST) -> list[str]:
    return [node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))]


@pytest.mark.parametrize(
    "typed",
    [
        *(
            "df.",
            "x = foo(",
            "x = foo(a, [1,",
            "x =",
            "print('",
            "import",
            "return (",
            "a b",
            "x[1:",
            "del",
            "lambda x",
        ),
        *(
            "if x",
            "if x:",
            "for a in",
            "for a in b",
            "while",
            "with open(",
            "with a as b:",
            "try:",
            "else:",
            "match x:",
        ),
        *("@", "@foo", "def f(", "def f():", "class", "class A:", ")", "x = = 3", "case 1:", "assert", "async"),
    ],
)
def test_the_lines_around_a_half_typed_one_stay(script_cell: Make, typed: str) -> None:
    text = CLASS.format(typed)
    found = parsed(script_cell(text))
    assert found.problem is not None
    assert found.recovered
    assert found.tree is not None
    assert names(found.tree)[:3] == ["Net", "__init__", "train"]
    step = next(node for node in ast.walk(found.tree) if isinstance(node, ast.Attribute) and node.attr == "step")
    start, end = found.span(step)
    assert found.text[start:end] == "self.step"


def test_a_block_under_a_broken_header_stays(script_cell: Make) -> None:
    found = parsed(script_cell("def f(a):\n    for x in = a:\n        use(x)\n    return a\n"))
    assert found.tree is not None
    assert "use" in {node.id for node in ast.walk(found.tree) if isinstance(node, ast.Name)}


@pytest.mark.parametrize("header", ["def f(x, :", "def f(x = = 1):", "async def f(x y):", "class f(a b):"])
def test_a_definition_with_a_broken_header_keeps_its_name(script_cell: Make, header: str) -> None:
    found = parsed(script_cell(f"{header}\n    return 1\n"))
    assert isinstance(found.tree, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef))
    assert found.tree.name == "f"


def test_a_missing_colon_is_put_before_the_comment(script_cell: Make) -> None:
    found = parsed(script_cell("for x in '#y'  # note: one\n    use(x)\n"))
    assert isinstance(found.tree, ast.For)
    assert len(found.tree.body) == 1


def test_a_try_without_handlers_keeps_its_body(script_cell: Make) -> None:
    found = statements(script_cell("try:\n    x = load()\n    y = 2\nz = 3\n"))
    tree = found[0].parsed.tree
    assert tree is not None
    assert {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} == {"x", "y", "load"}
    assert found[1].parsed.problem is None


def test_clauses_with_broken_lines_stay(script_cell: Make) -> None:
    found = parsed(script_cell("if a:\n    x = (\nelif b c:\n    y\nelse:\n    z = 1\n"))
    assert isinstance(found.tree, ast.If)
    assert "z" in {node.id for node in ast.walk(found.tree) if isinstance(node, ast.Name)}


def test_a_simple_statement_has_no_tree(script_cell: Make) -> None:
    for text in ("x =", "df.", "f(\n  a,\n  b", "x = '''a"):
        found = parsed(script_cell(text))
        assert found.tree is None
        assert not found.recovered


def test_too_many_mistakes_leave_no_tree(script_cell: Make) -> None:
    found = parsed(script_cell("def f():\n" + "    x = = 1\n" * 5))
    assert found.tree is None
    assert found.problem is not None
    assert found.problem.line == 1
