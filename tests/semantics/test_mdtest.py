"""The Markdown tests can fail: whatever is expected wrongly is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from semantics.mdtest import Block, Section, mismatches, parse, sections

if TYPE_CHECKING:
    from pathlib import Path

LEAK = """\
from sklearn.datasets import load_wine
from sklearn.model_selection import cross_val_score, train_test_split
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

X, y = load_wine(return_X_y=True)
scaler = StandardScaler()
Z = scaler.fit_transform(X)
Z_train, Z_test, y_train, y_test = train_test_split(Z, y)
model = LogisticRegression().fit(Z_train, y_train)
model.score(Z_test, y_test)
cross_val_score(LogisticRegression(), X, y)
"""
RIGHT = {
    6: "rows: load_wine(); role: features; is: array",
    7: "fitted: no; is: StandardScaler",
    8: "warning: [fit-before-split] `scaler`; fit: load_wine(); learned: StandardScaler; learned on: load_wine()",
    9: "split: load_wine(), load_wine(); related: the rows are split here",
    10: "fit: split 0 of load_wine()",
    11: "evaluate: split 1 of load_wine() after split 0 of load_wine()",
    12: "cross-validate: load_wine()",
}


def test_what_is_as_written_gives_no_mismatch() -> None:
    lines = LEAK.split("\n")
    for number, comment in RIGHT.items():
        lines[number - 1] += f"  # {comment}"
    assert mismatches(_section("\n".join(lines))) == []


@pytest.mark.parametrize(
    ("line", "comment"),
    [
        (6, "rows: load_iris()"),
        (6, "role: target"),
        (6, "is: frame"),
        (6, "learned: mean"),
        (6, "scale: standardised"),
        (6, "columns: a"),
        (8, "learned on: split 0 of load_wine()"),
        (8, "fit: split 0 of load_wine()"),
        (8, "fit: load_wine(); fit: load_wine()"),
        (8, "fit: nothing"),
        (8, "error: [fit-before-split]"),
        (8, "warning: [fit-on-test]"),
        (8, "warning: [fit-before-split] other words"),
        (9, "split: load_wine()"),
        (9, "related: other words"),
        (9, "unfollowed: no model"),
        (6, "hover: other words"),
        (6, "hover: nothing"),
        (10, "fitted: load_wine()"),
        (11, "evaluate: split 0 of load_wine() after split 0 of load_wine()"),
        (12, "cross-validate: load_iris()"),
        (12, "rows: load_wine()"),
    ],
)
def test_what_is_not_as_written_is_said(line: int, comment: str) -> None:
    lines = LEAK.split("\n")
    lines[7] += "  # warning: [fit-before-split]" if line != 8 or "[" not in comment else ""
    lines[line - 1] += f"  # {comment}" if "  # " not in lines[line - 1] else f"; {comment}"
    wrong = mismatches(_section("\n".join(lines)))
    assert any(f".md:{line}: {comment.partition(':')[0]}" in said for said in wrong), wrong


def test_a_finding_nobody_expects_is_said() -> None:
    (said,) = mismatches(_section(LEAK))
    assert ".md:8: warning: `[fit-before-split]" in said


def test_a_comment_that_expects_nothing_is_a_mistake() -> None:
    with pytest.raises(ValueError, match="nothing to expect"):
        mismatches(_section("x = 1  # row: a\n"))


def test_cells_and_their_lines() -> None:
    text = "# %%%\na = 1\n# %%% markdown\nwords\n# %%%\nb = 2\nc = 3  # is: 3\n"
    document, (expected,), starts = parse(Block("ipynb", False, text, 10))
    assert [(cell.kind, cell.source.text) for cell in document.cells] == [
        ("code", "a = 1\n"),
        ("markdown", "words\n"),
        ("code", "b = 2\nc = 3\n"),
    ]
    assert (expected.cell, expected.line, expected.key, expected.text) == (2, 1, "is", "3")
    assert starts == [11, 13, 15]


def test_sections_are_read_with_their_blocks(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# A\n\n## B\n\n```py\nx = 1\n```\n\n```py then\nx = 2\n```\n\n## C\n\n```ipynb\ny\n```\n")
    first, second = sections(path)
    assert (first.name, [block.follows for block in first.blocks]) == ("a.md: B", [False, True])
    assert (second.name, second.blocks[0].kind, second.blocks[0].line) == ("a.md: C", "ipynb", 16)
    path.write_text("```python\nx = 1\n```\n")
    with pytest.raises(ValueError, match="unknown kind"):
        sections(path)


def _section(text: str) -> Section:
    return Section("test.md", "A section", (Block("py", False, text, 1),))
