"""From the bytes of a file to its text."""

from __future__ import annotations

import codecs
import re


class DecodeError(ValueError):
    """A file that is not text; the message is one line."""


_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION = re.compile(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_BLANK = re.compile(rb"^[ \t\f]*(?:#.*)?$")


def decode(raw: bytes) -> str:
    """The text of a file: by its byte order mark, by its declaration (PEP 263), else as UTF-8.

    Line endings stay as they are, a byte order mark goes. Raises DecodeError if the bytes do not fit.
    """
    for mark, encoding in _MARKS:
        if raw.startswith(mark):
            raw = raw[len(mark) :]
            break
    else:
        encoding = _declared(raw) or "utf-8"
    try:
        text = raw.decode(encoding)
    except LookupError as error:
        raise DecodeError(f"unknown encoding: {encoding}") from error
    except UnicodeError as error:
        line = raw.count(b"\n", 0, getattr(error, "start", 0)) + 1
        raise DecodeError(f"not {encoding}: undecodable byte in line {line}") from error
    if "\0" in text:
        raise DecodeError(f"contains NUL characters (line {text.count(chr(10), 0, text.index(chr(0))) + 1})")
    return text


def _declared(raw: bytes) -> str | None:
    for line in re.split(rb"\r\n|\r|\n", raw[:1000])[:2]:
        if found := _DECLARATION.match(line):
            return found.group(1).decode("ascii", "replace")
        if not _BLANK.match(line):
            return None
    return None
