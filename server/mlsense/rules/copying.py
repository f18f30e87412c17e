"""Whether what is taken out of a table is a copy of it: since pandas 3 always."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mlsense.knowledge.library import in_force

if TYPE_CHECKING:
    from mlsense.semantics.program import Trace


def copies(trace: Trace) -> bool:
    """Whether the version of pandas in force is certainly 3 or newer."""
    force = in_force(trace.versions, "pandas")
    major = force.version.partition(".")[0] if force is not None and force.version is not None else ""
    return major.isdigit() and int(major) >= 3
