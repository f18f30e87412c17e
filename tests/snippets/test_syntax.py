"""The grammar of snippets' bodies."""

from __future__ import annotations

import pytest

from mlsense.snippets.syntax import Stop, Variable, escaped, expanded, filled, parse, stops

EXPANDED = {
    "plain": "plain",
    "$1 and $0": " and ",
    "${1:X}, ${1}, $1": "X, X, X",
    "$1 = ${1:later}": "later = later",
    "${1|mean,median|}": "mean",
    r"${1|a\,b,c\|d|}": "a,b",
    '${1:df}["${2:${3:price} of}"]': 'df["price of"]',
    r"f\"{cost}\" \$5 \\ \}": r"f\"{cost}\" $5 \ }",
    "{'a': ${1:1}}": "{'a': 1}",
    "${TM_FILENAME_BASE:train}.csv": "train.csv",
    "$HOME_OF_NOBODY!": "!",
    "costs 5$": "costs 5$",
}


@pytest.mark.parametrize(("body", "text"), EXPANDED.items())
def test_what_is_inserted(body: str, text: str) -> None:
    assert expanded(body) == text


def test_variables_are_the_editors() -> None:
    assert expanded("${TM_FILENAME_BASE:train}.csv", {"TM_FILENAME_BASE": "wine"}) == "wine.csv"
    assert parse("$TM_FILENAME ") == (Variable("TM_FILENAME"), " ")


def test_stops_inside_others_count() -> None:
    assert [stop.number for stop in stops(parse("${2:a${1:b}} $0"))] == [2, 1, 0]
    assert parse("${1|a,b|}") == (Stop(1, choices=("a", "b")),)


@pytest.mark.parametrize("body", ["${1:open", "${1|a,b", "${1/a/b/}", "${}", "${1 }"])
def test_what_breaks_the_grammar_is_refused(body: str) -> None:
    with pytest.raises(ValueError, match="offset"):
        parse(body)


def test_names_are_filled_in_where_a_stop_proposes_one() -> None:
    names = {"X": "features", "df": "flights"}
    assert filled("${1:X}.fit(${2:df}, X) ${3:Xs} ${1:X} $0", names) == (
        "${1:features}.fit(${2:flights}, X) ${3:Xs} ${1:features} ${0}"
    )
    assert filled('${1:df}["${2:price}"] ${3|a,b|} ${CURRENT_YEAR:1}', names) == (
        '${1:flights}["${2:price}"] ${3|a,b|} ${CURRENT_YEAR:1}'
    )


@pytest.mark.parametrize("body", EXPANDED)
def test_a_body_with_nothing_to_fill_in_inserts_the_same(body: str) -> None:
    assert expanded(filled(body, {"nobody": "somebody"})) == expanded(body)


@pytest.mark.parametrize("text", ["{a}", "$1", "a\\b", "${1:x}"])
def test_escaped_text_stands_for_itself(text: str) -> None:
    assert expanded(escaped(text)) == text
