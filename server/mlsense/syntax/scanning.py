"""Where strings, comments, brackets and continued lines begin and end, without parsing.

A state says what is open at a place: the open brackets from outside in, then one of ``'``, ``"``, ``'''``,
``\"\"\"`` inside a string, ``#`` inside a comment, ``\\`` after a backslash that continues the line. The empty state
is a place where the line's end ends a statement.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""#[^\n\r]*"""
    r"""|'''|\"\"\""""
    r'''|"[^"\\\n\r]*(?:\\(?:\r\n|[\s\S])[^"\\\n\r]*)*"'''
    r"""|'[^'\\\n\r]*(?:\\(?:\r\n|[\s\S])[^'\\\n\r]*)*'"""
    # Brackets around nothing of interest are stepped over whole: most are.
    r"""|\([^()\[\]{}"'#\\]*\)|\[[^()\[\]{}"'#\\]*\]|\{[^()\[\]{}"'#\\]*\}"""
    r"""|[()\[\]{}"']"""
    r"""|\\(?:\r\n|\r|\n)"""
)
_REST_OF_STRING = {
    quote: re.compile(rf"[^{quote}\\\n\r]*(?:\\(?:\r\n|[\s\S])[^{quote}\\\n\r]*)*({quote})?")
    for quote in "'\""
}
_OPENER = {")": "(", "]": "[", "}": "{"}


def advance(text: str, state: str = "") -> tuple[str, int]:
    """The state after `text` when it stands in `state` before, and where its last token ends.

    Only the tokens a state is made of count: comments, strings, brackets, continued lines. A string that its
    line leaves open ends with the line; a closing bracket that fits none is passed over.
    """
    brackets, place, floor = state, 0, 0
    if state and state[-1] in "'\"":
        brackets = state.rstrip("'\"")
        place = _string_end(text, 0, state[len(brackets) :])
        if place < 0:
            return state, len(text)
        floor = place
    elif state and state[-1] in "\\#":
        brackets = state[:-1]
        if state[-1] == "#":
            ending = re.search(r"[\r\n]", text)
            if ending is None:
                return state, 0
            place = ending.start()
    size = len(text)
    match = _TOKEN.search
    while found := match(text, place):
        token = found.group()
        place = found.end()
        first = token[0]
        if first == "#":
            if place == size:
                return brackets + "#", floor
            continue
        floor = place
        if first in "\"'":
            if token == '"""' or token == "'''" or len(token) == 1:
                place = _string_end(text, place, token)
                if place < 0:
                    return brackets + token, size
                floor = place
        elif first == "\\":
            if place == size:
                return brackets + "\\", size
        elif len(token) == 1:
            if first in "([{":
                brackets += first
            elif brackets:
                # A bracket that was left open inside is closed with the one around it.
                opened = brackets.rfind(_OPENER[first])
                brackets = brackets[: opened if opened >= 0 else -1]
    return brackets, floor


def _string_end(text: str, start: int, quote: str) -> int:
    """Where the string that is open at `start` ends, -1 if the text ends first."""
    if len(quote) == 1:
        rest = _REST_OF_STRING[quote].match(text, start)
        assert rest is not None  # the pattern matches the empty string
        return -1 if rest.end() >= len(text) and not rest.group(1) else rest.end()
    found = text.find(quote, start)
    while found > start and text[found - 1] == "\\":
        before = found - 1
        while before > start and text[before - 1] == "\\":
            before -= 1
        if (found - before) % 2 == 0:
            break
        found = text.find(quote, found + 1)
    return found + 3 if found >= 0 else -1
