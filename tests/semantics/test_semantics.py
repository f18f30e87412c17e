"""What the analysis knows of programs: the Markdown files beside this one, one test per section."""

from __future__ import annotations

from pathlib import Path

import pytest

from semantics.mdtest import Section, mismatches, sections

HERE = Path(__file__).parent
SECTIONS = [section for path in sorted(HERE.glob("*.md")) for section in sections(path)]


@pytest.mark.parametrize("section", SECTIONS, ids=lambda section: section.name)
def test_is_as_written(section: Section) -> None:
    wrong = mismatches(section)
    assert not wrong, "\n" + "\n".join(wrong)
