"""From bytes to text, and files that are none."""

from __future__ import annotations

import codecs

import pytest

from mlsense.syntax import DecodeError, decode


def test_utf8_is_the_default() -> None:
    assert decode("x = 'é😀'\r\ny\r".encode()) == "x = 'é😀'\r\ny\r"
    assert decode(b"") == ""


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_tells_the_encoding_and_goes(mark: bytes, encoding: str) -> None:
    assert decode(mark + "x = 'é😀'\r\n".encode(encoding)) == "x = 'é😀'\r\n"


@pytest.mark.parametrize(
    "declaration",
    [
        "# -*- coding: latin-1 -*-",
        "# coding=ISO-8859-1",
        "#!/usr/bin/python\n# vim: set fileencoding=latin1 :",
        "\n  # coding: latin_1",
        "# coding: latin-1-unix",
        "# one\r# coding: latin-1",
    ],
)
def test_a_declared_encoding_is_used(declaration: str) -> None:
    text = f"{declaration}\nx = 'é'\n"
    assert decode(text.encode("latin-1")) == text


@pytest.mark.parametrize("start", ["x = 1\n# coding: latin-1\n", "\n\n# coding: latin-1\n", "x = 'coding: latin-1'\n"])
def test_a_declaration_elsewhere_is_none(start: str) -> None:
    with pytest.raises(DecodeError, match="not utf-8"):
        decode(start.encode() + b"'\xe9'")


def test_what_an_editor_adds_to_the_name_is_left_out() -> None:
    assert decode("# -*- coding: utf-8-unix -*-\né".encode()) == "# -*- coding: utf-8-unix -*-\né"


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"a\nb\r\nc\rx = '\xe9'", "not utf-8: byte 0xe9 in line 4"),
        (b"# coding: ascii\nx = '\xc3\xa9'", "not ascii: byte 0xc3 in line 2"),
        (b"# coding: klingon\n", "unknown encoding: klingon"),
        (b"# coding: rot13\n", "unknown encoding: rot13"),
        (b"x = 1\n\0\n", "a NUL character in line 2: not a text file"),
        (codecs.BOM_UTF8 + b"# coding: latin-1\n", "the byte order mark says UTF-8, the first lines say latin-1"),
        (codecs.BOM_UTF16_LE + b"x", "not utf-16-le: byte 0x78 in line 1"),
        (b"\x7fELF\x02\x01\x01\0\0", "a NUL character in line 1: not a text file"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(raw: bytes, message: str) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(raw)
    assert str(caught.value) == message


@pytest.mark.parametrize("name", ["utf-7", "idna", "punycode", "undefined", "hex", "utf-16"])
def test_odd_encodings_end_in_one_line(name: str) -> None:
    raw = f"# coding: {name}\n".encode() + bytes(range(1, 256)) * 2
    with pytest.raises(DecodeError, match=r"\A[^\n]+\Z"):
        decode(raw)
