"""Top-level statements, one by one, in whole and in broken text."""

from __future__ import annotations

import ast
import sys
import warnings
from collections.abc import Callable

import pytest

from mlsense.syntax import Cell, Statement, statements

Make = Callable[[str], Cell]


def texts(cell: Cell) -> list[str]:
    return [statement.parsed.text for statement in statements(cell)]


def whole(cell: Cell) -> list[str]:
    """The texts of the statements that parse."""
    return [each.parsed.text for each in statements(cell) if each.parsed.problem is None]


def broken(cell: Cell) -> list[str]:
    """The texts of the statements that do not parse."""
    return [each.parsed.text for each in statements(cell) if each.parsed.problem is not None]


def test_statements_stand_where_they_stand(script_cell: Make) -> None:
    text = "import a\n\n# comment\nx = 1  # trailing\ndef f():\n    return 2\n    # inside\n\n# after\ny = f()\n"
    cell = script_cell(text)
    assert texts(cell) == ["import a", "x = 1  # trailing", "def f():\n    return 2", "y = f()"]
    assert [text.index(statement.parsed.text) for statement in statements(cell)] == [
        statement.start for statement in statements(cell)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "if a:\n    b\nelif c:\n    d\nelse:\n    e",
        "try:\n    a\nexcept B:\n    c\nexcept D:\n    e\nelse:\n    f\nfinally:\n    g",
        "for a in b:\n    c\n\n# comment\nelse:\n    d",
        "while a: b\nelse: c",
        "@a\n@b(\n    1,\n)\n# comment\n\n@c\nclass D:\n    pass",
        "async def f():\n    async for a in b:\n        await c\n    else:\n        d",
        "match a:\n    case 1:\n        b\n    case _:\n        c",
        "x = f(\n1,\n2,\n)",
        "x = [\ny\nfor y in z\nif y\n]",
        "s = '''\nimport a\ndef f():\n    pass\n'''",
        "x = 1 + \\\n2",
        "x = (  # comment )\n    1\n)",
        "if a:\n    s = '''\n# %%\n'''\nelse:\n    b",
        "with (\n    a as b,\n    c as d,\n):\n    pass",
        "x = '\\\ny = 2'",
    ],
)
def test_what_belongs_together_is_one_statement(script_cell: Make, text: str) -> None:
    assert texts(script_cell(f"before = 1\n{text}\nafter = 2\n")) == ["before = 1", text, "after = 2"]


def test_statements_on_one_line_are_one_each(script_cell: Make) -> None:
    cell = script_cell("a = 'é;'; b = 2;  c = [\n3]; # comment\nif x: y; z\n")
    assert texts(cell) == ["a = 'é;'", "b = 2", "c = [\n3]; # comment", "if x: y; z"]
    text = cell.source.text
    assert [statement.start for statement in statements(cell)] == [text.index(each) for each in texts(cell)]


def test_spans_are_those_of_the_text(script_cell: Make) -> None:
    text = "é = 1\n@decorator\ndef f(é, b=2):\n    return 'é', é.attribute + b\n"
    parsed = statements(script_cell(text))[1].parsed
    assert isinstance(parsed.tree, ast.FunctionDef)

    def cut(node: ast.AST) -> str:
        start, end = parsed.span(node)
        return parsed.text[start:end]

    assert cut(parsed.tree).startswith("def f(")
    assert cut(parsed.tree.decorator_list[0]) == "decorator"
    assert [cut(argument) for argument in parsed.tree.args.args] == ["é", "b"]
    assert [cut(node) for node in ast.walk(parsed.tree) if isinstance(node, ast.Attribute)] == ["é.attribute"]
    assert cut(parsed.tree.args) == parsed.text


@pytest.mark.parametrize("text", ["", "\n\n", "# comment", "   \n\t\n", "\f\n", "    # indented\n"])
def test_nothing_is_no_statement(script_cell: Make, text: str) -> None:
    assert statements(script_cell(text)) == ()


def test_an_unchanged_statement_is_parsed_once(script_cell: Make) -> None:
    text = "def f():\n    return 1\n\nx = f()\n"
    before = statements(script_cell(text))
    after = statements(script_cell("import new\n" + text + "y = 2\n"))
    assert after[1].parsed.tree is before[0].parsed.tree
    assert after[2].parsed == before[1].parsed


def test_parsing_is_silent(script_cell: Make, capsys: pytest.CaptureFixture[str]) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert whole(script_cell("x = '\\d'\ny = 1if x else 2\n")) == ["x = '\\d'", "y = 1if x else 2"]
    assert capsys.readouterr().err == ""


def test_half_a_surrogate_pair_in_a_string_costs_nothing(script_cell: Make) -> None:
    statement = statements(script_cell("x = '\ud83d', y"))[0]
    assert isinstance(statement.parsed.tree, ast.Assign)
    assert isinstance(statement.parsed.tree.value, ast.Tuple)
    assert statement.parsed.span(statement.parsed.tree.value.elts[1]) == (9, 10)


@pytest.mark.parametrize(
    "typed",
    [
        "df.",
        "x =",
        "x = foo(",
        "x = foo(a, [1, 2",
        "x = {'a': 1,",
        "print('",
        'print("it',
        "import",
        "from a import",
        "def f(",
        "def f(x",
        "class",
        "return (",
        "for x in",
        "x = 1 +",
        "x = 'a' 'b",
        "x = )",
        "x = (]",
        "a b",
        "lambda x",
        "if x",
        "x = '''text",
        'x = f"""text {x}',
        "a\0b",
    ],
)
def test_a_half_typed_line_costs_only_itself(script_cell: Make, typed: str) -> None:
    below = ["y = load()", "def g(a):\n    '''Doc.'''\n    return a", "z = g(y)", "print(z)"]
    for after in (0, 1, 2):
        lines = [*below[:after], typed, *below[after:]]
        cell = script_cell("import a\n" + "\n".join(lines) + "\n")
        assert [text for text in whole(cell) if text in below] == below
        assert broken(cell) == [typed]


def test_a_half_typed_decorator_leaves_the_definition(script_cell: Make) -> None:
    first, second, third = statements(script_cell("x = 1\n@\ndef f():\n    return 1\n\ny = 2\n"))
    assert isinstance(second.parsed.tree, ast.FunctionDef)
    assert second.parsed.recovered
    assert first.parsed.problem is third.parsed.problem is None


def test_a_half_typed_decorator_of_nothing_costs_only_itself(script_cell: Make) -> None:
    cell = script_cell("@\nx = 1\n@a.\ny = 2\n@b\n")
    assert (whole(cell), broken(cell)) == (["x = 1", "y = 2"], ["@", "@a.", "@b"])


def test_a_half_typed_last_line(script_cell: Make) -> None:
    for typed in ("df.", "x = foo(", "def f(", "s = '''a\nb", "if x:", "for a in b:\n    c("):
        cell = script_cell("y = 1\n" + typed)
        assert (whole(cell), broken(cell)) == (["y = 1"], [typed])


def test_an_open_bracket_takes_no_more_than_looks_like_its_own(script_cell: Make) -> None:
    cell = script_cell("m = Model(\na=1,\nb=2\ny = 5\nprint(y)\n")
    assert whole(cell)[-2:] == ["y = 5", "print(y)"]
    assert broken(cell)[0].startswith("m = Model(")


def test_an_open_bracket_leaves_decorators_to_what_they_decorate(script_cell: Make) -> None:
    below = "@a\n@b(\n    1,\n)\ndef f():\n    pass"
    cell = script_cell(f"x = foo(\n{below}\n")
    assert (whole(cell), broken(cell)) == ([below], ["x = foo("])


def test_a_mistake_inside_brackets_stays_inside(script_cell: Make) -> None:
    text = "m = Model(\na=1,\nb=2 c=3,\n)"
    cell = script_cell(f"x = 1\n{text}\ny = 2\n")
    assert (whole(cell), broken(cell)) == (["x = 1", "y = 2"], [text])


def test_text_of_an_open_string_is_no_code(script_cell: Make) -> None:
    prose = 'x = """\nwith this in mind\nclass of models\nreturn to sender\n'
    cell = script_cell(prose + "def f():\n    return 1\n\ny = f()\n")
    assert whole(cell) == ["def f():\n    return 1", "y = f()"]


def test_a_mistake_below_a_long_string_does_not_open_it(script_cell: Make) -> None:
    text = 'run("""\nimport a\nx = 1\n""" b)'
    assert broken(script_cell(f"{text}\ny = 2\n"))[-1].endswith("b)")
    assert "y = 2" in whole(script_cell(f"{text}\ny = 2\n"))


def test_clauses_of_a_broken_statement_stay_with_it(script_cell: Make) -> None:
    text = "if a:\n    f(\nelse:\n    b"
    cell = script_cell(f"{text}\ny = 2\n")
    assert (whole(cell), broken(cell)) == (["y = 2"], [text])


def test_a_clause_of_nothing_costs_only_itself(script_cell: Make) -> None:
    cell = script_cell("x = 1\nelse:\n    y\nz = 2\n")
    assert (whole(cell), broken(cell)) == (["x = 1", "z = 2"], ["else:\n    y"])


def test_a_bracket_that_closes_nothing_costs_only_itself(script_cell: Make) -> None:
    cell = script_cell("def f():\n    return 1\n)\nx = 1\n")
    assert (whole(cell), broken(cell)) == (["def f():\n    return 1", "x = 1"], [")"])


@pytest.mark.parametrize(
    "text",
    [
        "(" * 2000,
        "[" * 2000 + "]" * 2000,
        "x = " + "{" * 500 + "}" * 500,
        "-" * 20_000 + "1",
        "x = " + " + ".join(["1"] * 20_000),
        "x" + ".a" * 20_000,
        "".join(" " * depth + "if x:\n" for depth in range(150)) + " " * 150 + "pass",
        "\0" * 100,
        "lambda: " * 3000 + "1",
    ],
    ids=["open", "closed", "braces", "minus", "sum", "attributes", "blocks", "nul", "lambdas"],
)
def test_no_depth_is_too_deep(script_cell: Make, text: str) -> None:
    cell = script_cell(f"x = 1\n{text}\ny = 2\n")
    assert {"x = 1", "y = 2"} <= set(whole(cell))


@pytest.mark.parametrize(
    ("line", "count"),
    [
        ("foo(\n", 20_000),
        ("x = foo(\n", 20_000),
        ('s = """\nfoo\n', 10_001),
        ("for x in y:\nprint(x)\n", 2000),
        ("@d\n", 10_000),
        ("a; ", 5000),
        ("  x = 1\n", 2000),
        ("!ls\n", 10_000),
        (")\n", 10_000),
        ("# mlsense: ignore\n", 10_000),
    ],
)
def test_the_time_for_bad_text_grows_with_its_length_only(code_cell: Make, line: str, count: int) -> None:
    # In time that grows with the square of the length, each of these takes minutes.
    assert len(statements(code_cell(line * count))) <= 2 * count


@pytest.mark.skipif(sys.version_info < (3, 12), reason="quotes do not nest in f-strings before Python 3.12")
@pytest.mark.parametrize(
    "text",
    [
        'x = f"{a["it\'s"]}"',
        'x = f"{\n"b"}"',
        'x = f"a \\\n{\n  b!r}"',
        'x = f"""{"""c"""}"""',
        'x = f"{f"{f"{1}"}"}"',
    ],
)
def test_quotes_nested_in_f_strings(script_cell: Make, text: str) -> None:
    assert whole(script_cell(f"{text}\ny = 1\n")) == [text, "y = 1"]


def test_lines_that_begin_with_a_form_feed_are_not_indented(script_cell: Make) -> None:
    assert whole(script_cell("x = 1\n\f\n\fdef f():\n    pass\n  \fy = 2\n")) == [
        "x = 1",
        "def f():\n    pass",
        "y = 2",
    ]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_any_line_ending_ends_lines(script_cell: Make, ending: str) -> None:
    lines = ["x = 1", "def f():", "    s = '\u2028\x85'", "    return \\", "      s", "", "y = f(", "df.", "z = 2"]
    cell = script_cell(ending.join(lines))
    assert whole(cell) == ["x = 1", ending.join(lines[1:5]), "z = 2"]


def test_statements_compare_by_text_and_place(script_cell: Make) -> None:
    one, other = statements(script_cell("x = 1\nx = 1"))
    assert one.parsed == other.parsed
    assert one != other
    assert one == Statement(other.parsed, 0)
    assert hash(one.parsed) == hash(other.parsed)
