"""Questions at the cursor: names and expressions as they are there, in texts that are being typed."""

from __future__ import annotations

from mlsense.analysis import Analyser
from mlsense.semantics.asking import Answer, Asking
from mlsense.semantics.values import UNKNOWN, Const, Data, Estimator, Symbol
from mlsense.syntax import notebook_of_cells, script


def ask(text: str, expression: str, *, before: str = "") -> Answer:
    """At the `|` of a text; `before` is analysed first, as what was there before the last keystrokes."""
    offset = text.index("|")
    analyser = Analyser()
    if before:
        analyser.analyse(script("a.py", before))
    report = analyser.analyse(script("a.py", text.replace("|", "", 1)))
    assert report.trace is not None
    return Asking(report.trace, 0, offset).evaluate(expression)


def test_a_name_is_what_it_is_above_the_cursor() -> None:
    text = "x = 1\ny = x|\nx = 2\n"
    assert ask(text, "x").value == Const.of(1)


def test_at_the_end_of_the_text() -> None:
    assert ask("x = 1\nx = 2\n|", "x").value == Const.of(2)


def test_a_half_typed_statement_sees_what_stands_above() -> None:
    answer = ask("from sklearn.svm import SVC\nmodel = SVC(C=2)\nmodel.|", "model")
    assert isinstance(answer.object, Estimator)
    assert answer.object.cls == "sklearn.svm.SVC"


def test_a_callee_is_a_symbol() -> None:
    assert ask("import sklearn.svm as s\ns.SVC(kern|", "s.SVC").value == Symbol("sklearn.svm.SVC")


def test_in_a_function_its_own_names_come_first() -> None:
    text = "x = 1\ndef f(x):\n    y = x\n    return y|\n\nf(5)\n"
    assert ask(text, "y").value == Const.of(5)


def test_in_a_function_that_is_being_typed() -> None:
    whole = "import pandas as pd\n\ndef f():\n    df = pd.DataFrame({'a': [1]})\n    return df\n\nf()\n"
    typed = "import pandas as pd\n\ndef f():\n    df = pd.DataFrame({'a': [1]})\n    return df[|\n\nf()\n"
    answer = ask(typed, "df", before=whole)
    assert isinstance(answer.object, Data)
    assert answer.object.columns is not None


def test_cells_above_count_and_cells_below_do_not() -> None:
    cells = [("code", "x = 1", None), ("markdown", "x = 7", None), ("code", "y = x", None), ("code", "x = 3", None)]
    report = Analyser().analyse(notebook_of_cells("a.ipynb", cells))  # type: ignore[arg-type]
    assert report.trace is not None
    assert Asking(report.trace, 2, 5).evaluate("x").value == Const.of(1)


def test_what_is_no_expression_is_unknown() -> None:
    assert ask("x = 1\n|", "x +").value is UNKNOWN
    assert ask("x = 1\n|", "").value is UNKNOWN


def test_asking_changes_nothing() -> None:
    text = "items = []\n|"
    report = Analyser().analyse(script("a.py", text.replace("|", "")))
    assert report.trace is not None
    asking = Asking(report.trace, 0, text.index("|"))
    asking.evaluate("items.append(1)")
    found = asking.evaluate("items").object
    assert found is not None
    assert found.items == ()  # type: ignore[union-attr]


def test_the_objects_that_a_value_holds_can_be_looked_up() -> None:
    text = (
        "from sklearn.pipeline import make_pipeline\nfrom sklearn.svm import SVC\n"
        "pipe = make_pipeline(SVC())\npipe|\n"
    )  # fmt: skip
    answer = ask(text, "pipe")
    assert isinstance(answer.object, Estimator)
    step = answer.look_up(answer.object.steps[0][1])
    assert isinstance(step, Estimator)
    assert step.cls == "sklearn.svm.SVC"
