"""An input that could not be checked, said in one line."""

from __future__ import annotations

import errno
from dataclasses import dataclass

ISSUES = "https://github.com/mlsense/mlsense/issues"
DEBUG_HINT = "MLSENSE_DEBUG=1 shows where"


@dataclass(frozen=True, slots=True)
class Problem:
    """What stands in the way of checking `path`, and what to do about it."""

    path: str
    reason: str

    def __str__(self) -> str:
        return f"{self.path}: not checked: {self.reason}"


def of_system(path: str, error: OSError) -> Problem:
    """The problem behind an error of the operating system, with what to do about the usual ones."""
    reason = error.strerror or type(error).__name__
    if error.errno == errno.EACCES:
        reason = "permission denied. Allow your user to read it, or leave it out"
    elif error.errno == errno.ENOENT:
        reason = "it is not there any more"
    elif error.errno == errno.EISDIR:
        reason = "it is a folder"
    elif error.errno == errno.ELOOP:
        reason = "its symbolic links lead round in a circle. Remove or mend the link"
    return Problem(path, reason)


def of_ours(path: str, error: Exception) -> Problem:
    """The problem behind an exception that MLSense should not have raised."""
    return Problem(path, f"MLSense failed on it ({said(error)}). Report it at {ISSUES} ({DEBUG_HINT})")


def said(error: BaseException) -> str:
    """An exception in one line: its class and what it says."""
    return " ".join(f"{type(error).__name__}: {error}".removesuffix(": ").split())
