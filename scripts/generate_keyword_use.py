"""Writes in which order people set keyword arguments: `python scripts/generate_keyword_use.py [--check] FOLDER...`.

Counts keywords of calls in the Python files and notebooks of some folders, where the callable is one that the file
imports from a library. Only the order is kept. What is in the package was counted in the examples of scikit-learn
(`examples/` of its source distribution, 1.9.1) and of imbalanced-learn (0.14.2), in PyTorch's examples and in the
notebooks of two books; a keyword that a single file sets is left out.
"""

from __future__ import annotations

import argparse
import ast
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path

from writing import write_or_check

TARGET = Path(__file__).parent.parent / "server" / "mlsense" / "knowledge" / "keyword_use.json"
LIBRARIES = (
    "sklearn", "imblearn", "numpy", "pandas", "scipy", "torch", "torchvision", "keras", "tensorflow", "xgboost",
    "lightgbm", "statsmodels", "seaborn", "matplotlib", "gymnasium", "transformers",
)  # fmt: skip
FEWEST_FILES = 2


def sources(folder: Path) -> Iterator[str]:
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".py":
            yield path.read_text(encoding="utf-8", errors="replace")
        elif path.suffix == ".ipynb":
            yield from _cells(path)


def _cells(path: Path) -> Iterator[str]:
    """All code of a notebook as one program, without magics."""
    try:
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError):
        return
    code = ["".join(cell["source"]) for cell in cells if cell.get("cell_type") == "code"]
    lines = [line for cell in code for line in cell.splitlines() if not line.lstrip().startswith(("%", "!"))]
    yield "\n".join(lines)


def keywords(source: str) -> Iterator[tuple[str, str]]:
    """(dotted name of the callable, keyword), once a pair."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return
    names = dict(imported(tree))
    seen = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (dotted := called(node.func, names)) is not None:
            seen |= {(dotted, keyword.arg) for keyword in node.keywords if keyword.arg is not None}
    yield from sorted(seen)


def imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield (alias.asname, alias.name) if alias.asname else (alias.name.partition(".")[0],) * 2
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield alias.asname or alias.name, f"{node.module}.{alias.name}"


def called(function: ast.expr, names: dict[str, str]) -> str | None:
    parts: list[str] = []
    while isinstance(function, ast.Attribute):
        parts.insert(0, function.attr)
        function = function.value
    if not isinstance(function, ast.Name) or function.id not in names:
        return None
    dotted = ".".join([names[function.id], *parts])
    return dotted if dotted.partition(".")[0] in LIBRARIES else None


def ranked(folders: list[Path]) -> dict[str, list[str]]:
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    for folder in folders:
        for source in sources(folder):
            for dotted, keyword in keywords(source):
                counts[dotted][keyword] += 1
    kept = {
        dotted: [name for name, count in sorted(counter.items(), key=lambda one: (-one[1], one[0]))
                 if count >= FEWEST_FILES]
        for dotted, counter in sorted(counts.items())
    }  # fmt: skip
    return {dotted: names for dotted, names in kept.items() if names}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path, metavar="FOLDER")
    parser.add_argument("--check", action="store_true", help="only say whether these folders give what is written")
    arguments = parser.parse_args()
    lines = (f"{json.dumps(d)}:{json.dumps(n, separators=(',', ':'))}" for d, n in ranked(arguments.folders).items())
    text = "{\n" + ",\n".join(lines) + "\n}\n"
    return write_or_check(TARGET, text, "these folders", check=arguments.check)


if __name__ == "__main__":
    raise SystemExit(main())
