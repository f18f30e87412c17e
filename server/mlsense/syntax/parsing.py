"""Python's own parser, made quiet and safe to call on any text."""

from __future__ import annotations

import ast
import re
import threading
import warnings

# The nodes that have a place in the text.
PLACED = (ast.expr, ast.stmt, ast.arg, ast.keyword, ast.alias, ast.excepthandler, ast.pattern)

_SURROGATE = re.compile("[\ud800-\udfff]")
_quiet = threading.Lock()


def parse(text: str) -> list[ast.stmt] | Exception:
    """The statements of a text, or what the parser has against it.

    The parser warns of doubtful escapes on standard error, which is not ours to write to; silencing warnings
    is not safe in threads, hence the lock.
    """
    if not text.isascii() and _SURROGATE.search(text):
        # UTF-8 has no half surrogate pairs; a replacement character takes as many bytes, so columns stay.
        text = _SURROGATE.sub("\ufffd", text)
    try:
        with _quiet, warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return error.with_traceback(None)
