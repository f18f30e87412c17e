"""IPython's own syntax becomes inert Python of the same length."""

from __future__ import annotations

import ast
from collections.abc import Callable

import pytest

from mlsense.syntax import Cell, statements
from mlsense.syntax.magics import names_of_magic

Make = Callable[[str], Cell]


def texts(cell: Cell) -> list[str]:
    return [statement.parsed.text for statement in statements(cell)]


@pytest.mark.parametrize(
    "line",
    [
        *("!pip install y", "%matplotlib inline", "%%foo", "?x", "x?", "x.y??", "%pip install z", "!", "%", "?"),
        *(",f a b", ";f a", "/f a", "pip install y", "conda install -y z", "cd data", "cd ..", "ls -l", "cat a.py"),
        *("matplotlib inline", "load_ext autoreload", "%timeit x = f()", "%time for x in y: f(x)", "%time"),
    ],
)
def test_a_line_becomes_inert(code_cell: Make, line: str) -> None:
    cell = code_cell(f"a = 1\n{line}\nif a:\n    {line}\nb = 2\n")
    assert len(cell.code) == len(cell.source.text)
    inert = "0".ljust(len(line), "#")
    assert texts(cell) == ["a = 1", inert, f"if a:\n    {inert}", "b = 2"]
    assert all(statement.parsed.problem is None for statement in statements(cell))


@pytest.mark.parametrize(
    "line",
    [
        *("time = 3", "ls", "cd in x", "env is None", "run and x", "load(x)", "cat.x", "ls - l", "time * 2", "a / b"),
        *("x = 5 % 3", "x != 3", "print('a?')", "x = 'b?'  # c?", "x = a if b else '%c'", "x %= 2", "f'{x=!r}'"),
    ],
)
def test_python_stays(code_cell: Make, script_cell: Make, line: str) -> None:
    assert code_cell(line).code == line
    assert script_cell(line).code == line


@pytest.mark.parametrize(
    ("line", "masked"),
    [
        ("x = !ls", "x = __#"),
        ("x = %sql select *", "x = __###########"),
        ("a, b = !ls -l", "a, b = __####"),
        ("x.y=!ls", "x.y=__#"),
        ("x[0] = %env HOME", "x[0] = __#######"),
        ("x = !", "x = _"),
    ],
)
def test_a_value_from_a_magic_is_a_name_that_nobody_knows(code_cell: Make, line: str, masked: str) -> None:
    cell = code_cell(line)
    assert cell.code == masked
    assert [type(statement.parsed.tree) for statement in statements(cell)] == [ast.Assign]


@pytest.mark.parametrize(
    ("line", "statement"),
    [
        ("%time X = f()", "X = f()"),
        ("%prun -l 10 -s cumulative model.fit(X)", "model.fit(X)"),
        ("%timeit -n 3 -r2 model.fit(X)", "model.fit(X)"),
        ("%time X = g(1, \\\n  2)", "X = g(1, \\\n  2)"),
    ],
)
def test_a_statement_that_a_magic_runs_stays_in_its_place(code_cell: Make, line: str, statement: str) -> None:
    cell = code_cell(line)
    assert texts(cell) == ["0", statement]
    assert statements(cell)[1].start == line.index(statement)


@pytest.mark.parametrize("magic", ["%%time", "%%timeit x = 1", "%%capture out", "%%prun", "\n# note\n%%time"])
def test_a_cell_magic_that_runs_python_hides_its_own_line_only(code_cell: Make, magic: str) -> None:
    cell = code_cell(f"{magic}\nx = 1\n!ls\n")
    assert texts(cell)[1:] == ["x = 1", "0##"]


def test_cell_magics_stand_above_one_another(code_cell: Make) -> None:
    assert texts(code_cell("%%capture\n%%time\nx = 1")) == ["0########", "0#####", "x = 1"]


@pytest.mark.parametrize("magic", ["%%bash", "%%html", "%%writefile a.py", "%%python3", "%%"])
def test_a_cell_of_another_language_has_no_statements(code_cell: Make, magic: str) -> None:
    cell = code_cell(f"{magic}\nx = 1\r\nif [ $? ]; then ls; fi\n")
    assert cell.kind == "code"
    assert cell.code.strip() == ""
    assert cell.code.count("\n") == 3
    assert len(cell.code) == len(cell.source.text)
    assert statements(cell) == ()


def test_a_magic_goes_on_behind_a_backslash(code_cell: Make) -> None:
    cell = code_cell("!pip install a \\\n    b \\\r\n    c\nx = %sql select \\\n * from t\ny = 1")
    assert texts(cell) == ["0###############", "x = __###########", "y = 1"]
    assert len(cell.code) == len(cell.source.text)


@pytest.mark.parametrize(
    "text",
    [
        "y = (a\n  % b)",
        "y = a \\\n% b",
        "y = '%s' \\\n    % b",
        "s = '''\n%matplotlib inline\n!ls\nx?\nx = !ls\n'''",
        "d = {\n'k': 1,\n%time\n}",
        "s = 'a\\\n%time f()'",
        "# why?\nx = 1  # x = !ls",
    ],
)
def test_continued_lines_and_strings_stay(code_cell: Make, script_cell: Make, text: str) -> None:
    assert code_cell(text).code == text
    assert script_cell(text).code == text


def test_quotes_and_brackets_in_a_magic_open_nothing(code_cell: Make) -> None:
    cell = code_cell("!echo 'it (\nx = !echo \"[\n%cd '''\ny = 1\nz?\n")
    assert texts(cell) == ["0##########", "x = __######", "0######", "y = 1", "0#"]


def test_scripts_with_magics_of_editors(script_cell: Make) -> None:
    text = "# %%\n%matplotlib inline\n!pip install a\nx = !ls\n# %%\n%%bash\nls -l 'x\n# %% again\ny = 1\n"
    cell = script_cell(text)
    assert texts(cell) == ["0#################", "0#############", "x = __#", "y = 1"]
    assert len(cell.code) == len(text)


def test_scripts_have_no_questions_and_no_bare_magics(script_cell: Make) -> None:
    for line in ("x?", "?x", "pip install y", ",f a"):
        assert script_cell(line).code == line


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_stay(code_cell: Make, ending: str) -> None:
    text = ending.join(["%time x = 1", "!ls", "y?", "z = !ls", "w = 1", ""])
    assert code_cell(text).code == ending.join(["0;    x = 1", "0##", "0#", "z = __#", "w = 1", ""])


def test_a_byte_order_mark_is_no_code(script_cell: Make, code_cell: Make) -> None:
    for make in (script_cell, code_cell):
        assert texts(make("\ufeffx = 1")) == ["x = 1"]
        assert statements(make("\ufeffx = 1"))[0].start == 1


@pytest.mark.parametrize(
    ("line", "file"),
    [
        ("%run helpers.py", "helpers.py"),
        ("  %run -i ../src/helpers.py --fast", "../src/helpers.py"),
        ('%run "a b.py"', ""),
        ("%run prepare.ipynb", "prepare.ipynb"),
        ("%load helpers.py", ""),
        ("%store -r X_train", ""),
        ("%pylab inline", ""),
        ("%pylab", ""),
        ("%%bigquery df", ""),
        ("%%unheard_of\nselect", ""),
        ("%autoreload 2", None),
        ("%load_ext autoreload", None),
        ("%run", ""),
        ("%%bash", None),
        ("-x", None),
        ("-1", None),
        ('"helpers.py"', None),
    ],
)
def test_magics_that_bring_names_are_known_again(code_cell: Make, line: str, file: str | None) -> None:
    code = code_cell(line).code
    assert len(code) == len(line)
    found = [names_of_magic(statement) for statement in ast.parse(code.strip()).body]
    assert [each for each in found if each is not None] == ([] if file is None else [file])


def test_captured_output_gets_its_name(code_cell: Make) -> None:
    text = "%%capture --no-stderr out\nx = 1\n"
    code = code_cell(text).code
    assert len(code) == len(text)
    assert [ast.unparse(statement) for statement in ast.parse(code).body] == ["out = 0", "x = 1"]
