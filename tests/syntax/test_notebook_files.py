"""Reading notebook files, and files that are none."""

from __future__ import annotations

import codecs
import json
from typing import Any

import pytest

from mlsense.syntax import NotebookError, notebook, statements


def code(source: str | list[str], **more: Any) -> dict[str, Any]:
    return {"cell_type": "code", "source": source, "metadata": {}, "outputs": [], "execution_count": None, **more}


def markdown(source: str) -> dict[str, Any]:
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def file(*cells: dict[str, Any], metadata: Any = None) -> str:
    return json.dumps({"cells": list(cells), "metadata": metadata or {}, "nbformat": 4, "nbformat_minor": 5})


def test_format_4() -> None:
    raw = file(markdown("# Title"), code(["x = 1\n", "y = 2"], execution_count=3), {"cell_type": "raw", "source": "z"})
    document = notebook("a.ipynb", raw)
    assert (document.path, document.kind) == ("a.ipynb", "notebook")
    assert [(cell.index, cell.kind, cell.source.text, cell.execution_count) for cell in document.cells] == [
        (0, "markdown", "# Title", None),
        (1, "code", "x = 1\ny = 2", 3),
        (2, "other", "z", None),
    ]


def test_format_3() -> None:
    raw = {
        "nbformat": 3,
        "metadata": {"name": ""},
        "worksheets": [
            {"cells": [{"cell_type": "heading", "level": 1, "source": "Title"}]},
            {"cells": [{"cell_type": "code", "language": "python", "input": ["x = 1"], "prompt_number": 2}]},
            {"cells": [{"cell_type": "code", "language": "R", "input": "x <- 1"}]},
        ],
    }
    assert [
        (cell.index, cell.kind, cell.source.text, cell.execution_count)
        for cell in notebook("a.ipynb", json.dumps(raw)).cells
    ] == [(0, "markdown", "Title", None), (1, "code", "x = 1", 2), (2, "other", "x <- 1", None)]


@pytest.mark.parametrize(
    ("metadata", "kind"),
    [
        ({}, "code"),
        ({"kernelspec": {"name": "python3", "language": "python"}}, "code"),
        ({"kernelspec": {"name": "python3"}}, "code"),
        ({"language_info": {"name": "ipython"}}, "code"),
        ({"kernelspec": {"name": "ir", "language": "R"}}, "other"),
        ({"kernelspec": {"name": "julia-1.9"}}, "other"),
        ({"language_info": {"name": "scala"}}, "other"),
        ({"kernelspec": {"language": ""}, "language_info": {"name": "bash"}}, "other"),
        ({"kernelspec": "python", "language_info": []}, "code"),
        ([], "code"),
    ],
)
def test_the_kernels_language_makes_cells_code(metadata: Any, kind: str) -> None:
    assert notebook("a.ipynb", file(code("x"), metadata=metadata)).cells[0].kind == kind


def test_a_single_cell_may_be_of_another_language() -> None:
    raw = file(code("select 1", metadata={"vscode": {"languageId": "sql"}}), code("x = 1"))
    assert [cell.kind for cell in notebook("a.ipynb", raw).cells] == ["other", "code"]


def test_cells_know_magics() -> None:
    document = notebook("a.ipynb", file(code("%%bash\nls"), code("!ls")))
    assert [len(statements(cell)) for cell in document.cells] == [0, 1]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_bytes_are_decoded(encoding: str) -> None:
    raw = file(code("x = 'é😀'")).encode(encoding)
    assert notebook("a.ipynb", raw).cells[0].source.text == "x = 'é😀'"


def test_half_a_surrogate_pair_costs_nothing() -> None:
    document = notebook("a.ipynb", file(code("x = '\ud83d'\ny = 1")))
    assert [statement.parsed.problem for statement in statements(document.cells[0])] == [None, None]


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ("", "an empty file, not a notebook"),
        (" \n", "an empty file, not a notebook"),
        ('{\n "cells": [\n', "the JSON breaks off in line 3, column 1"),
        ('{\n "cells": [\n  {"cell_type": "co', "the JSON breaks off in line 3, column 17"),
        ('{\n "cells": [\n  {"cell_type" 1}\n]}', "not JSON: Expecting ':' delimiter in line 3, column 16"),
        ("<html>", "not JSON: Expecting value in line 1, column 1"),
        ("[]", "not a notebook: JSON, but no object with cells"),
        ("null", "not a notebook: JSON, but no object with cells"),
        ("{}", "not a notebook: it has no list of cells"),
        ('{"cells": {}}', "not a notebook: it has no list of cells"),
        ('{"worksheets": 3}', "not a notebook: it has no list of cells"),
        ('{"cells": [{"cell_type": "code"}, 3]}', "not a notebook: cell 2 is no cell"),
        ('{"cells": [{}]}', "not a notebook: cell 1 is no cell"),
        ("[" * 100_000, "not a notebook: JSON nested too deeply, or with too large a number"),
        (b'{"cells": [\n"\xe9"]}', "not utf-8: byte 0xe9 in line 2"),
        (b'{"cells":\0 []}', "a NUL character in line 1: not a text file"),
        ('{"cells":\0 []}', "a NUL character: not a notebook"),
        (codecs.BOM_UTF16_LE + b"{", "not utf-16-le: byte 0x7b in line 1"),
    ],
)
def test_what_is_no_notebook_is_said_in_one_line(raw: str | bytes, message: str) -> None:
    with pytest.raises(NotebookError) as caught:
        notebook("a.ipynb", raw)
    assert str(caught.value) == message


@pytest.mark.parametrize("source", [None, 3, {"a": 1}, [1, None]])
def test_an_odd_source_is_empty(source: Any) -> None:
    assert notebook("a.ipynb", file(code(source))).cells[0].source.text == ""


@pytest.mark.parametrize("count", [True, "3", 1.5, None])
def test_an_odd_execution_count_is_none(count: Any) -> None:
    assert notebook("a.ipynb", file(code("x", execution_count=count))).cells[0].execution_count is None
