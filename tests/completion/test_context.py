"""Where a caret is, in texts that are half typed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlsense.completion.context import Context, context


def at(text: str) -> Context | None:
    offset = text.index("|")
    return context(text.replace("|", "", 1), offset)


def known(text: str) -> Context:
    found = at(text)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "callee", "argument", "given"),
    [
        ("f(|)", "f", None, []),
        ("f(|", "f", None, []),
        ("f(a, b=1, |)", "f", None, [None, "b"]),
        ("f(a, |, b=1)", "f", None, [None, "b"]),
        ("f(b=|", "f", "b", []),
        ("f(b=1|, c=2)", "f", "b", ["c"]),
        ("f(b|=1)", "f", "b", []),
        ("f(g(1), |)", "f", None, [None]),
        ("f(g(|), 1)", "g", None, []),
        ("a.b[0].c(|)", "a.b[0].c", None, []),
        ("a(1)(|)", "a(1)", None, []),
        ("x = a if b else f(|)", "f", None, []),
        ("return f(|)", "f", None, []),
        ("f(\n    a=1,\n    |\n)\ng(2)", "f", None, ["a"]),
        ("f(\n    a=1,  # (\n    |", "f", None, ["a"]),
        ("f(a == 1, |)", "f", None, [None]),
        ("f(lambda x: x, |)", "f", None, [None]),
        ("f(x, |\ny = 3\ng(4)\n", "f", None, [None]),
        ("class A(\n    B):\n    def g(self):\n        return f(|", "f", None, []),
        ("f(')', \"(\", |)", "f", None, [None, None]),
        ("f(*a, **{'b': 1}, |)", "f", None, [None, None]),
        ("if f(a=1, |):\n    pass", "f", None, ["a"]),
        ("f[0](|)", "f[0]", None, []),
        ("f (|)", "f", None, []),
        ("(f)(|)", "(f)", None, []),
    ],
)
def test_the_call_around_the_caret(text: str, callee: str, argument: str | None, given: list[str | None]) -> None:
    call = known(text).call()
    assert call is not None
    assert (call.before, call.here.name, [item.name for item in call.others]) == (callee, argument, given)


@pytest.mark.parametrize(
    "text", ["|", "f()|", "f(1) + |", "x = 1\n|", "f(\nx = 3\ny = |", "f(a\ndef g():\n    |", "(a, |)", "[f(1), |]"]
)
def test_no_call_around_the_caret(text: str) -> None:
    assert known(text).call() is None


@pytest.mark.parametrize(
    ("text", "typed", "rest", "closed"),
    [
        ('f("|")', "", "", True),
        ('f("ab|cd")', "ab", "cd", True),
        ("f('a|", "a", "", False),
        ('f("a|)', "a", "", False),
        ('f(r"|x")', "", "x", True),
        ('f("\\"|")', '\\"', "", True),
    ],
)
def test_the_string_around_the_caret(text: str, typed: str, rest: str, closed: bool) -> None:
    quoted = known(text).quoted
    assert quoted is not None
    plain = text.replace("|", "", 1)
    assert (quoted.typed, plain[text.index("|") : quoted.span.end], quoted.closed) == (typed, rest, closed)


@pytest.mark.parametrize("text", ['"a"|', '|"a"', '"a" + |', "r|'a'"])
def test_beside_a_string_is_not_inside(text: str) -> None:
    assert known(text).quoted is None


@pytest.mark.parametrize("text", ["# f(|", "f()  # |", 'f"{a.|}"', 'f"|"', 'b"|"', '"""a\n|\nb"""', "'''|"])
def test_nothing_is_said_in_comments_and_texts(text: str) -> None:
    assert at(text) is None


@pytest.mark.parametrize(
    ("text", "receiver", "word"),
    [
        ("a.|", "a", ""),
        ("a.b|", "a", "b"),
        ("a.b|c", "a", "b"),
        ("x = a[0].b().c|", "a[0].b()", "c"),
        ("f(a, b.|", "b", ""),
        ("f(x=a.|)", "a", ""),
        ('"a".|', '"a"', ""),
        ("(a\n  .b()\n  .c|)", "a\n  .b()", "c"),
        ("not a.|", "a", ""),
        ("a|", None, "a"),
        ("a + |", None, ""),
    ],
)
def test_what_is_in_front_of_the_dot(text: str, receiver: str | None, word: str) -> None:
    found = known(text)
    assert (found.receiver, found.word) == (receiver, word)


def test_keys_and_values_of_a_dictionary() -> None:
    for text, in_value in (('f({"a|": 1})', False), ('f({"a": "|"})', True), ('f({"a": ["|"], "b": 2})', True)):
        braces = next(bracket for bracket in known(text).brackets if bracket.kind == "braces")
        assert (braces.in_value, braces.here.key, braces.here.text == "1") == (in_value, '"a"', not in_value)


def test_displays_and_subscripts() -> None:
    kinds = [[bracket.kind for bracket in known(text).brackets] for text in ('df[["|"]]', '[(1, "|")]', "df.loc[:, |]")]
    assert kinds == [["list", "subscript"], ["tuple", "list"], ["subscript"]]


def test_the_statement_begins_where_a_bracket_above_was_left_open() -> None:
    assert known("f(\nfrom sklearn.svm import S|").statement == "from sklearn.svm import S"
    assert known("x = 1; y = f|").statement == "y = f"
    assert known("def f():\n    import os\n    plt|").statement == "plt"


PIECES = st.sampled_from(
    [
        *(*"()[]{},.=:'\"#\\\n;*@ ", "x", "y1", "f(", '"""', "'''", 'f"', "df[", "a=", "**k", "\n    ", "\r\n", "\r"),
        *("\t", "def f():", "if ", "import m", "lambda", "é", "😀", "\f", "\0", "1.", "..."),
    ]
)


@given(st.lists(PIECES, max_size=40).map("".join), st.integers(0, 200))
def test_no_text_is_too_broken(text: str, offset: int) -> None:
    offset = min(offset, len(text))
    found = context(text, offset)
    if found is None:
        return
    assert found.span.start <= offset <= found.span.end
    assert text[found.span.start : offset] == found.word
    for bracket in found.brackets:
        assert text[bracket.start] in "([{"
        assert bracket.start < offset
        assert bracket.items[bracket.at] is bracket.here
    if found.quoted is not None:
        assert found.quoted.span.start <= offset <= found.quoted.span.end
