"""Writes which names programs import of libraries, and which attributes they use: most used first.

    python scripts/generate_member_use.py [--check] FOLDER...

Counts files: names that a file imports from a library, and attributes of things whose class the analysis knows, by
that class; those of all scikit-learn estimators are also counted together. Only the order is kept. What is in the
package was counted in the same programs as `generate_keyword_use.py` names; a name that a single file uses is left out.
"""

from __future__ import annotations

import argparse
import ast
import json
from collections import Counter, defaultdict
from pathlib import Path

from generate_keyword_use import FEWEST_FILES, LIBRARIES, imported, sources
from mlsense.analysis import Analyser
from mlsense.rules.offering import class_of
from mlsense.semantics.events import Called
from mlsense.semantics.values import Estimator, Method
from mlsense.syntax import script
from writing import write_or_check

TARGET = Path(__file__).parent.parent / "server" / "mlsense" / "knowledge" / "member_use.json"
ESTIMATOR = "estimator"


def names(source: str) -> set[str]:
    """Dotted names of what is imported one by one."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return set()
    return {
        dotted
        for name, dotted in imported(tree)
        if dotted.partition(".")[0] in LIBRARIES and dotted.rpartition(".")[2] == name and "." in dotted
    }


def members(source: str) -> set[tuple[str, str]]:
    """(class, attribute), once a pair."""
    trace = Analyser().analyse(script("program.py", source)).trace
    if trace is None:
        return set()
    used = [(event.thing, event.callee.name) for event in trace.of(Called) if isinstance(event.callee, Method)]
    used += [(read.thing, read.name) for read in trace.attributes.values()]
    found = set()
    for thing, name in used:
        cls = class_of(trace, thing)
        if cls is None or name.startswith("_"):
            continue
        if isinstance(thing, Estimator):
            found.add((ESTIMATOR, name))
        found.add((cls, name))
    return found


def ranked(counter: Counter[str]) -> list[str]:
    return [name for name, count in sorted(counter.items(), key=lambda one: (-one[1], one[0])) if count >= FEWEST_FILES]


def counted(folders: list[Path]) -> tuple[list[str], dict[str, list[str]]]:
    by_name: Counter[str] = Counter()
    by_class: dict[str, Counter[str]] = defaultdict(Counter)
    for source in (source for folder in folders for source in sources(folder)):
        by_name.update(names(source))
        for cls, name in members(source):
            by_class[cls][name] += 1
    kept = {cls: found for cls, counter in sorted(by_class.items()) if (found := ranked(counter))}
    return ranked(by_name), kept


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--check", action="store_true", help="only say whether these folders give what is written")
    arguments = parser.parse_args()
    imports, used = counted(arguments.folders)
    lines = [f'"names":{json.dumps(imports, separators=(",", ":"))}']
    lines += [f"{json.dumps(cls)}:{json.dumps(found, separators=(',', ':'))}" for cls, found in used.items()]
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    return write_or_check(TARGET, text, "these folders", check=arguments.check)


if __name__ == "__main__":
    raise SystemExit(main())
