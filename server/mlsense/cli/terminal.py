"""What the terminal at the other end of a stream can show."""

from __future__ import annotations

import io
import os
import re
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from collections.abc import Mapping

_WIDEST = 100
_NARROWEST = 40

# What could move the cursor or reorder the line, and halves of characters, which no encoding takes.
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Style:
    """How to write text: with colours or without; wrapped to `width` columns, or one line per message."""

    colour: bool = False
    width: int = _WIDEST
    wrap: bool = False

    @classmethod
    def of(cls, stream: TextIO, environment: Mapping[str, str]) -> Style:
        """The style that suits a stream; NO_COLOR and FORCE_COLOR, where set, decide on colours."""
        terminal = stream.isatty()
        return cls(_colour(terminal, environment), _width(stream) if terminal else _WIDEST, terminal)

    def paint(self, text: str, codes: str) -> str:
        """`text` in the colours of the ANSI `codes`, such as `1;31`."""
        return f"\x1b[{codes}m{text}\x1b[0m" if self.colour and text else text


def _colour(terminal: bool, environment: Mapping[str, str]) -> bool:
    if environment.get("NO_COLOR"):
        return False
    if environment.get("FORCE_COLOR"):
        return True
    if not terminal or environment.get("TERM") == "dumb":
        return False
    if sys.platform == "win32":
        os.system("")  # as a side effect it makes older Windows terminals understand colours
    return True


def _width(stream: TextIO) -> int:
    try:
        columns = os.get_terminal_size(stream.fileno()).columns
    except (OSError, ValueError):
        return _WIDEST
    return min(max(columns, _NARROWEST), _WIDEST) if columns else _WIDEST


def escape_what_cannot_be_encoded(*streams: TextIO) -> None:
    """Let streams write escapes for characters that their encoding lacks, rather than fail."""
    for stream in streams:
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def printable(text: str) -> str:
    """A text in one line, with escapes for the characters that could play tricks on a terminal."""
    return _UNPRINTABLE.sub(_escape, text)


def _escape(found: re.Match[str]) -> str:
    return found.group().encode("unicode_escape").decode("ascii")
