"""Files that are read whatever their encoding, and clear words for those that cannot be."""

from __future__ import annotations

import builtins
import json
from typing import TYPE_CHECKING

import pytest

from mlsense.cli.problem import Problem
from mlsense.cli.read import read
from mlsense.syntax import Document

if TYPE_CHECKING:
    from pathlib import Path


def text_of(path: Path) -> str:
    document = read(str(path))
    assert isinstance(document, Document), document
    return document.cells[0].source.text


def problem_of(path: Path) -> str:
    problem = read(str(path))
    assert isinstance(problem, Problem)
    assert problem.path == str(path)
    assert "\n" not in problem.reason
    return problem.reason


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        (b"", ""),
        (b"x = 1\r\n", "x = 1\r\n"),
        (b"\xef\xbb\xbfx = 1\n", "x = 1\n"),
        (
            "# -*- coding: latin-1 -*-\nname = 'é'\n".encode("latin-1"),
            "# -*- coding: latin-1 -*-\nname = 'é'\n",
        ),
        ("#!/usr/bin/python\n# vim: set fileencoding=shift-jis :\nx = '表'\n".encode("shift-jis"), None),
        ("x = 'é'\n".encode("utf-16"), "x = 'é'\n"),
    ],
)
def test_scripts_in_their_encodings(tmp_path: Path, raw: bytes, text: str | None) -> None:
    path = tmp_path / "x.py"
    path.write_bytes(raw)
    assert text_of(path) == (raw.decode("shift-jis") if text is None else text)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"x = 1\ny = '\xe9'\n", ("utf-8", "line 2", "Save it as UTF-8")),
        (b"# coding: no-such-encoding\n", ("no-such-encoding", "declare its encoding")),
        (b"x = 1\ny = 2\0\n", ("NUL", "line 2")),
        (b"# coding: ascii\nx = '\xc3\xa9'\n", ("ascii", "line 2")),
    ],
)
def test_scripts_that_are_no_text(tmp_path: Path, raw: bytes, words: tuple[str, ...]) -> None:
    path = tmp_path / "x.py"
    path.write_bytes(raw)
    reason = problem_of(path)
    assert [word for word in words if word not in reason] == []


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b'{"cells": [\n{"cell_type": "code", "sour', ("JSON", "line 2", "restore it from a copy")),
        (b'{"cells": [\n<<<<<<< HEAD\n]}', ("JSON", "line 2")),
        (b"", ("empty file", "restore it")),
        (b"[]", ("not a notebook",)),
        (b'{"nbformat": 4}', ("not a notebook", "cells")),
        (b'{"cells": 3}', ("not a notebook", "cells")),
        (b'{"cells": [3]}', ("not a notebook", "cell 1")),
        (b'{"cells": ["\xe9"]}', ("utf-8", "line 1")),
        (b'{"cells": ' + b"[" * 200_000, ("nested",)),
    ],
)
def test_notebooks_that_are_none(tmp_path: Path, raw: bytes, words: tuple[str, ...]) -> None:
    path = tmp_path / "x.ipynb"
    path.write_bytes(raw)
    reason = problem_of(path)
    assert [word for word in words if word not in reason] == []


def test_a_notebook(tmp_path: Path) -> None:
    path = tmp_path / "X.IPYNB"
    cells = [
        {"cell_type": "markdown", "source": "# A"},
        {"cell_type": "code", "source": ["a = 1\n", "b = 2"]},
    ]
    path.write_text(json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 5}))
    document = read(str(path))
    assert isinstance(document, Document)
    assert document.kind == "notebook"
    assert [(cell.kind, cell.source.text) for cell in document.cells] == [
        ("markdown", "# A"),
        ("code", "a = 1\nb = 2"),
    ]


def test_a_folder_and_a_file_that_has_gone(tmp_path: Path) -> None:
    (tmp_path / "x.py").mkdir()
    assert problem_of(tmp_path / "x.py") == "it is a folder"
    assert problem_of(tmp_path / "y.py") == "it is not there any more"


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: str, mode: str) -> object:
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(builtins, "open", refuse)
    assert problem_of(tmp_path / "x.py").startswith("permission denied. Allow ")
