"""Docstrings as Markdown."""

from __future__ import annotations

import pytest

from mlsense.workers.docstrings import parameter, summary, to_markdown

NUMPYDOC = """Scale **all** columns, see :func:`pkg.scale` and ``x_1 * 2``.

    A second paragraph with a_name * 3
    on two lines.

    .. versionadded:: 1.2

    Parameters
    ----------
    a_min, a_max : float, default=0
        The limits.

        .. deprecated:: 1.3
           Use `limits`.
    *args : tuple
        The rest.

    Returns
    -------
    ndarray
        What came out.

    Examples
    --------
    >>> scale([1])
    [0.]
    """

MARKDOWN = """\
Scale **all** columns, see `pkg.scale` and `x_1 * 2`.

A second paragraph with a\\_name \\* 3
on two lines.

Added in 1.2

**Parameters**

- `a_min, a_max`: float, default=0
  The limits.

Deprecated since 1.3 Use `limits`.

- `*args`: tuple
  The rest.

**Returns**

ndarray
  What came out.

**Examples**

```python
>>> scale([1])
[0.]
```"""


def test_a_docstring_by_the_numpydoc_standard() -> None:
    assert to_markdown(NUMPYDOC) == MARKDOWN


@pytest.mark.parametrize(
    ("lines", "last"),
    [(1, "Scale **all** columns, see `pkg.scale` and `x_1 * 2`."), (4, "on two lines."), (1000, "```")],
)
def test_a_long_one_is_cut_between_two_paragraphs(lines: int, last: str) -> None:
    text = to_markdown(NUMPYDOC, lines)
    assert text.split("\n")[-1] == last
    assert len(text.split("\n")) <= lines


def test_the_summary_is_the_first_paragraph() -> None:
    assert summary("\n    Do it\n    twice.\n\n    Never thrice.\n") == "Do it\ntwice."
    assert summary("") == ""


@pytest.mark.parametrize(
    ("docstring", "name", "said"),
    [
        (NUMPYDOC, "a_max", "float, default=0\n\nThe limits.\n\nDeprecated since 1.3 Use `limits`."),
        (NUMPYDOC, "args", "tuple\n\nThe rest."),
        (NUMPYDOC, "limits", ""),
        ("Do.\n\n:param int depth: How deep\n    it goes.\n:param b: Not this.", "depth", "How deep\nit goes."),
        ("Do.\n\nArgs:\n    depth (int): How deep\n        it goes.\n    b: Not this.", "depth", "How deep\nit goes."),
        ("", "depth", ""),
    ],
    ids=["two names", "stars", "unknown", "sphinx", "google", "nothing"],
)
def test_what_is_said_of_one_parameter(docstring: str, name: str, said: str) -> None:
    assert parameter(docstring, name) == said


@pytest.mark.parametrize(
    ("docstring", "markdown"),
    [
        ("See :class:`~pkg.Thing` or :ref:`that <there>`.", "See `pkg.Thing` or `that`."),
        ("Read `the guide <https://a.b/c_d>`_.", "Read [the guide](https://a.b/c_d)."),
        ("Do.\n\n.. note::\n    Mind *this*.", "Do.\n\nNote: Mind *this*."),
        (".. plot:: x.py\n\nAfter.", "After."),
        (".. _label:\n\nAfter.", "After."),
        ("a < b", "a \\< b"),
    ],
)
def test_what_markdown_does_not_know_is_turned_into_what_it_does(docstring: str, markdown: str) -> None:
    assert to_markdown(docstring) == markdown
