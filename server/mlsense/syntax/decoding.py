"""From the bytes of a file to its text."""

from __future__ import annotations

import codecs
import re


class DecodeError(ValueError):
    """A file that is no text; the message is one line."""


# The mark of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARATION = re.compile(rb"[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)")
_NO_CODE = re.compile(rb"[ \t\f]*(?:#.*)?")
_LINE_ENDING = re.compile(rb"\r\n|\r|\n")
_EDITOR_SUFFIX = re.compile(r"(utf-8|latin-1|iso-8859-1|iso-latin-1)-")


def decode(raw: bytes) -> str:
    """The text of a Python file: by its byte order mark, by its declaration (PEP 263), else UTF-8.

    Line endings stay as they are, a byte order mark goes. Raises DecodeError if the bytes do not fit the
    encoding, if there is no such encoding, or if there are NUL characters.
    """
    mark, encoding = _mark(raw)
    declared = _declared(raw[len(mark) :])
    if not mark:
        encoding = declared or "utf-8"
    elif encoding == "utf-8" and declared not in (None, "utf-8", "utf-8-sig", "utf8"):
        raise DecodeError(f"the byte order mark says UTF-8, the first lines say {declared}")
    return _text(raw[len(mark) :], encoding)


def decode_unicode(raw: bytes) -> str:
    """The text of a file that declares no encoding, such as a notebook: by its byte order mark, else UTF-8.

    Raises DecodeError as `decode` does.
    """
    mark, encoding = _mark(raw)
    return _text(raw[len(mark) :], encoding or "utf-8")


def _mark(raw: bytes) -> tuple[bytes, str]:
    return next((each for each in _MARKS if raw.startswith(each[0])), (b"", ""))


def _text(raw: bytes, encoding: str) -> str:
    try:
        text = raw.decode(encoding)
    except LookupError:
        raise DecodeError(f"unknown encoding: {encoding}") from None
    except UnicodeDecodeError as error:
        line = len(_LINE_ENDING.findall(raw[: error.start])) + 1
        raise DecodeError(f"not {encoding}: byte 0x{raw[error.start]:02x} in line {line}") from None
    except ValueError as error:
        raise DecodeError(f"not {encoding}: {str(error).splitlines()[0]}") from None
    if "\0" in text:
        line = len(re.findall(r"\r\n|\r|\n", text[: text.index("\0")])) + 1
        raise DecodeError(f"a NUL character in line {line}: not a text file")
    return text


def _declared(raw: bytes) -> str | None:
    """The encoding named in a comment on the first two lines."""
    start = 0
    for _ in range(2):
        ending = _LINE_ENDING.search(raw, start)
        line = raw[start : ending.start() if ending else len(raw)]
        if found := _DECLARATION.match(line):
            name = found.group(1).decode("ascii", "replace").lower().replace("_", "-")
            suffixed = _EDITOR_SUFFIX.match(name)
            return suffixed.group(1) if suffixed and name != "utf-8-sig" else name
        if ending is None or not _NO_CODE.fullmatch(line):
            return None
        start = ending.end()
    return None
