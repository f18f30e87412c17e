"""How much of the programs was followed: what `mlsense check --statistics` adds."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from mlsense.analysis import CallCoverage, Coverage


def statistics_text(coverages: Iterable[Coverage], calls_by_file: Iterable[CallCoverage], seconds: float) -> str:
    """Statements and calls, with what was not followed by reason, and the files per second of CPU time."""
    kept, sites = list(coverages), list(calls_by_file)
    statements = sum(coverage.statements for coverage in kept)
    calls = sum(site.total for site in sites)
    lines: list[str] = []
    for title, total, reasons in (
        ("statements", statements, _sum(coverage.reasons for coverage in kept)),
        ("calls", calls, _sum(site.unresolved for site in sites)),
    ):
        lost = sum(coverage.unfollowed for coverage in kept) if title == "statements" else sum(reasons.values())
        share = f" ({(total - lost) / total:.1%})" if total else ""
        verb = "followed" if title == "statements" else "resolved"
        lines.append(f"{total - lost:,} of {total:,} {title} {verb}{share}")
        width = max((len(reason) for reason in reasons), default=0)
        lines += [f"  {reason:<{width}}  {count:>7,}" for reason, count in reasons.most_common()]
    rate = f", {len(kept) / seconds:,.0f} files per second" if seconds else ""
    lines.append(f"{seconds:.2f} s of CPU time for {len(kept):,} files{rate}")
    return "\n".join(lines)


def _sum(groups: Iterable[tuple[tuple[str, int], ...]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for group in groups:
        total.update(dict(group))
    return total
