"""Writes the rules' pages: `python scripts/generate_docs.py [--check]`.

`docs/rules/<name>.md` for each rule and the index `docs/rules/README.md`, all from the rules themselves. With --check
nothing is written; exit 1 says that a page is missing, stale, or of no rule.
"""

from __future__ import annotations

import argparse
import sys
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "server"))

from mlsense.analysis import Analyser, Settings  # noqa: E402
from mlsense.rules.registry import all_rules  # noqa: E402
from mlsense.rules.rule import Rule  # noqa: E402
from mlsense.syntax import script  # noqa: E402

TARGET = ROOT / "docs" / "rules"
INTRODUCTION = """\
# Rules

What MLSense reports, by family. Each page shows the mistake, why it matters, when the rule stays silent and what its
fix does. `mlsense rule NAME` prints the same page.

These pages are written by `python scripts/generate_docs.py` from the rules in `server/mlsense/rules`.
"""


def has_fix(rule: Rule) -> bool:
    """Whether it repairs one of its own bad examples."""
    return any(
        finding.rule == rule.name and finding.fix is not None
        for text in rule.bad
        for finding in Analyser().analyse(script("example.py", text), Settings.of(select=[rule.name])).findings
    )


def index() -> str:
    parts = [INTRODUCTION]
    for family, rules in groupby(all_rules(), key=lambda rule: rule.family):
        rows = [
            f"| [{rule.name}]({rule.name}.md) | {rule.severity.value} | {rule.summary} "
            f"| {'yes' if has_fix(rule) else 'no'} |"
            for rule in rules
        ]
        table = ["| Rule | Severity | What it finds | Fix |", "| --- | --- | --- | --- |", *rows]
        parts.append(f"## {family}\n\n" + "\n".join(table) + "\n")
    return "\n".join(parts)


def pages() -> dict[str, str]:
    """Text by file name."""
    return {"README.md": index(), **{f"{rule.name}.md": rule.page() for rule in all_rules()}}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the pages are up to date")
    parser.add_argument("--folder", type=Path, default=TARGET, help="where the pages are (default: docs/rules)")
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    wanted = pages()
    found = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}
    stale = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if arguments.check:
        for name in stale:
            reason = "is of no rule" if name not in wanted else "is missing" if name not in found else "is stale"
            print(f"{folder / name} {reason}: run {sys.argv[0]} without --check")
        return 1 if stale else 0
    folder.mkdir(parents=True, exist_ok=True)
    for name in stale:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8", newline="\n")
        else:
            (folder / name).unlink()
        print(f"{'wrote' if name in wanted else 'removed'} {folder / name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
