"""Writes the pages of the rules and of the snippets: `python scripts/generate_docs.py [--check]`.

`docs/rules/<name>.md` for each rule, `docs/snippets/<pack>.md` for each pack and an index of both, all from the rules
and the packs themselves. With --check nothing is written; exit 1 says that a page is missing, stale, or too much.
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
from mlsense.snippets.packs import GOOD, PREDICTS, STAGES, Snippet, snippets  # noqa: E402
from mlsense.snippets.syntax import expanded  # noqa: E402
from mlsense.syntax import script  # noqa: E402

TARGET = ROOT / "docs"
INTRODUCTION = """\
# Rules

What MLSense reports, by family. Each page shows the mistake, why it matters, when the rule stays silent and what its
fix does. `mlsense rule NAME` prints the same page.

These pages are written by `python scripts/generate_docs.py` from the rules in `server/mlsense/rules`.
"""

SNIPPETS = """\
# Snippets

From data to deployment: type a prefix in a Python file or a cell, or run *MLSense: Insert Snippet*. Tab goes from one
placeholder to the next. Each one is run on small real data before it is published, and is free of what MLSense reports.

These pages are written by `python scripts/generate_docs.py` from the packs in `snippets`.
"""
VARIABLES = {"TM_FILENAME_BASE": "train", "CURRENT_YEAR": "2026", "CURRENT_MONTH": "01", "CURRENT_DATE": "01"}


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


def snippet_index() -> str:
    parts = [SNIPPETS]
    for stage, found in packs().items():
        rows = [f"| `{each.prefix}` | [{each.name}]({stage}.md#{each.prefix}) | {each.description} |" for each in found]
        table = ["| Prefix | Snippet | What it does |", "| --- | --- | --- |", *rows]
        parts.append(f"## [{STAGES[stage]}]({stage}.md)\n\n" + "\n".join(table) + "\n")
    return "\n".join(parts)


def packs() -> dict[str, list[Snippet]]:
    found: dict[str, list[Snippet]] = {}
    for each in snippets():
        found.setdefault(each.stage, []).append(each)
    return found


def pack_page(stage: str, found: list[Snippet]) -> str:
    return f"# {STAGES[stage]}\n\n" + "\n".join(section(each) for each in found)


def section(snippet: Snippet) -> str:
    """A snippet with its code, as it is inserted before anything is filled in."""
    lines = [
        f'<a id="{snippet.prefix}"></a>',
        "",
        f"## {snippet.name}",
        "",
        f"`{snippet.prefix}`: {snippet.description}",
    ]
    if snippet.algorithm is not None:
        known = snippet.algorithm
        predicts = "; ".join(PREDICTS[each] for each in known.predicts)
        rows = "any number" if known.rows is None else f"up to about {known.rows:,}"
        good = f"- Chosen for: {'; '.join(GOOD[each] for each in known.good).lower()}."
        lines += ["", f"- Predicts: {predicts}.", *([good] if known.good else []), f"- When: {known.fits}"]
        lines += [f"- Needs: {known.needs}", f"- Cost: {known.cost}", f"- Rows: {rows}."]
    code = expanded(snippet.body, VARIABLES).rstrip()
    fence = "````" if "```" in code else "```"
    return "\n".join([*lines, "", f"{fence}{snippet.language}", code, fence, ""])


def pages() -> dict[str, str]:
    """Text by file name."""
    return {
        "rules/README.md": index(),
        **{f"rules/{rule.name}.md": rule.page() for rule in all_rules()},
        "snippets/README.md": snippet_index(),
        **{f"snippets/{stage}.md": pack_page(stage, found) for stage, found in packs().items()},
    }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the pages are up to date")
    parser.add_argument("--folder", type=Path, default=TARGET, help="where the pages are (default: docs)")
    arguments = parser.parse_args()
    folder: Path = arguments.folder
    wanted = pages()
    written = [path for part in ("rules", "snippets") for path in (folder / part).glob("*.md")]
    found = {path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8") for path in written}
    stale = sorted(name for name in wanted.keys() | found.keys() if wanted.get(name) != found.get(name))
    if arguments.check:
        for name in stale:
            reason = "is too much" if name not in wanted else "is missing" if name not in found else "is stale"
            print(f"{folder / name} {reason}: run {sys.argv[0]} without --check")
        return 1 if stale else 0
    for part in ("rules", "snippets"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    for name in stale:
        if name in wanted:
            (folder / name).write_text(wanted[name], encoding="utf-8", newline="\n")
        else:
            (folder / name).unlink()
        print(f"{'wrote' if name in wanted else 'removed'} {folder / name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
