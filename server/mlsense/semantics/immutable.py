"""`dataclass` for values that are made by the ten thousand, at every keystroke.

To make a frozen dataclass is a call per field. Here only type checkers see it frozen: they refuse all changes. At run
time it compares and hashes as a frozen one does, but nothing stands in the way of a field's first value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import dataclasses

    def dataclass(*, frozen=False, slots=False):
        """As `dataclasses.dataclass`, which hashes what is frozen, unless the class does so itself."""

        def made(cls):
            return dataclasses.dataclass(slots=slots, unsafe_hash=frozen and "__hash__" not in cls.__dict__)(cls)

        return made


__all__ = ["dataclass"]
