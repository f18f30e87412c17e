"""Documents, cells and sections."""

from __future__ import annotations

from mlsense.syntax import notebook_of_cells, script, sections, statements
from mlsense.text import Span


def test_a_script_is_one_cell() -> None:
    document = script("a.py", "x = 1")
    assert (document.path, document.kind, len(document.cells)) == ("a.py", "script", 1)
    cell = document.cells[0]
    assert (cell.index, cell.kind, cell.source.text, cell.execution_count) == (0, "code", "x = 1", None)


def test_all_cells_of_a_notebook_are_counted() -> None:
    document = notebook_of_cells(
        "a.ipynb", [("markdown", "# Title", None), ("code", "x = 1", 7), ("other", "y = 2", None)]
    )
    assert document.kind == "notebook"
    assert [cell.index for cell in document.cells] == [0, 1, 2]
    assert [cell.execution_count for cell in document.cells] == [None, 7, None]
    assert [len(statements(cell)) for cell in document.cells] == [0, 1, 0]


def test_the_code_of_other_cells_is_blank() -> None:
    cell = notebook_of_cells("a.ipynb", [("markdown", "a\nb", None)]).cells[0]
    assert cell.code == " \n "


def test_equal_cells_are_equal_and_hash_alike() -> None:
    one, other = (notebook_of_cells("a.ipynb", [("code", "x", 1)]) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)


def section_texts(text: str) -> list[str]:
    return [text[start:end] for start, end in sections(script("a.py", text).cells[0])]


def test_sections_begin_at_their_comments() -> None:
    text = "import a\n# %% One\nx = 1\n#%%\ny\n# %% [markdown]\n# Text\n"
    assert section_texts(text) == ["import a\n", "# %% One\nx = 1\n", "#%%\ny\n", "# %% [markdown]\n# Text\n"]


def test_exported_notebooks_have_sections_too() -> None:
    assert section_texts("# In[1]:\nx\n# In[ ]:\ny") == ["# In[1]:\nx\n", "# In[ ]:\ny"]


def test_strings_and_indented_comments_begin_no_section() -> None:
    text = "s = '''\n# %%\n'''\nif x:\n    # %%\n    y\n"
    assert section_texts(text) == [text]


def test_a_cell_without_sections_is_one() -> None:
    assert sections(script("a.py", "x").cells[0]) == (Span(0, 1),)
    assert sections(script("a.py", "").cells[0]) == (Span(0, 0),)


def test_sections_are_found_behind_any_line_ending() -> None:
    assert section_texts("x\r# %%\ry\r\n# %%\r\nz") == ["x\r", "# %%\ry\r\n", "# %%\r\nz"]
