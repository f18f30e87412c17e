"""What two versions of a sequence have in common, found without a look at every item."""

from __future__ import annotations

from collections.abc import Sequence


def common_start(old: Sequence[object], new: Sequence[object]) -> int:
    """How many items are the same at the start of both."""
    low, high = 0, min(len(old), len(new))
    while low < high:
        middle = (low + high + 1) // 2
        if old[low:middle] == new[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def common_end(old: Sequence[object], new: Sequence[object], most: int) -> int:
    """How many items, `most` at most, are the same at the end of both."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        if old[len(old) - middle : len(old) - low] == new[len(new) - middle : len(new) - low]:
            low = middle
        else:
            high = middle - 1
    return low
