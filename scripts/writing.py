"""What generators do with what they generated: write it, or say whether it is written already."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write_or_check(target: Path, text: str, source: str, *, check: bool) -> int:
    """The exit code: with `check`, 1 where the file is not what `source` gives; without, the file is written."""
    if not check:
        target.write_text(text, encoding="utf-8")
        print(f"wrote {target} from {source}")
        return 0
    fresh = target.exists() and target.read_text(encoding="utf-8") == text
    if not fresh:
        print(f"{target} is not what {source} gives: run {sys.argv[0]} without --check")
    return 0 if fresh else 1
