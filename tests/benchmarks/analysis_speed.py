"""How fast is an analysis? `python tests/benchmarks/analysis_speed.py [--lines 100 1000 10000] [--edits 20]`.

Prints the processor time of a cold analysis and of the analysis after each edit (one statement changed in the middle),
for scripts made of the rules' good examples, beside ruff's for the same file on the same machine at the same moment.
Not a test: machines differ. The ratios to ruff are what to compare.
"""

from __future__ import annotations

import argparse
import ast
import builtins
import io
import random
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import tokenize
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "server"))

from mlsense.analysis import Analyser  # noqa: E402
from mlsense.rules.registry import all_rules  # noqa: E402
from mlsense.syntax import script  # noqa: E402

try:
    from resource import RUSAGE_CHILDREN, getrusage
except ImportError:
    sys.exit("This needs a system that counts processor time per process (Linux, macOS).")

RUNS_OF_RUFF = 7


@dataclass(frozen=True)
class Timing:
    """Processor time in milliseconds."""

    lines: int
    statements: int
    findings: int
    cold: float
    edits: list[float]
    ruff: float | None

    def row(self) -> str:
        edits = sorted(self.edits)
        middle, late = statistics.median(edits), edits[int(len(edits) * 0.95)]
        ratios = "" if self.ruff is None else f"{self.ruff:9.1f}{self.cold / self.ruff:9.1f}{middle / self.ruff:9.2f}"
        counts = f"{self.lines:7,}{self.statements:8,}{self.findings:7}"
        return f"{counts}{self.cold:10.1f}{middle:9.1f}{late:9.1f}{ratios}"


HEADINGS = (
    f"{'':22}{'cold':>10}{'edit':>9}{'edit':>9}{'ruff':>9}{'cold /':>9}{'edit /':>9}\n"
    f"{'lines':>7}{'stmts':>8}{'found':>7}{'ms':>10}{'median':>9}{'p95':>9}{'ms':>9}{'ruff':>9}{'ruff':>9}"
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, nargs="+", default=[100, 1000, 10_000])
    parser.add_argument("--edits", type=int, default=20)
    arguments = parser.parse_args()
    # Loading the rules is no part of an analysis.
    Analyser().analyse(script("a.py", "import numpy\n"))
    print(HEADINGS)
    for number, lines in enumerate(arguments.lines):
        print(measured(program(lines, f"_{number}"), arguments.edits).row(), flush=True)


def measured(text: str, edits: int) -> Timing:
    analyser = Analyser()
    cold, report = timed(analyser, text)
    dice = random.Random(0)
    times = []
    for number in range(edits):
        times.append(timed(analyser, changed(text, number, dice))[0])
    return Timing(text.count("\n"), report.coverage.statements, len(report.findings), cold, times, ruff_time(text))


def timed(analyser: Analyser, text: str) -> tuple[float, object]:
    start = time.process_time()
    report = analyser.analyse(script("a.py", text))
    return (time.process_time() - start) * 1000, report


# --- programs ----------------------------------------------------------------------------------------


def program(lines: int, suffix: str) -> str:
    """Good examples one after the other; names of their own in each, so that nothing is parsed from memory."""
    examples = [text for rule in all_rules() for text in rule.good]
    parts: list[str] = []
    count = 0
    while count < lines:
        part = renamed(examples[len(parts) % len(examples)], f"{suffix}_{len(parts)}")
        parts.append(part)
        count += part.count("\n")
    text = "".join(parts)
    return "\n".join(text.split("\n")[:count]) + "\n"


def renamed(text: str, suffix: str) -> str:
    """The same program with a suffix at every name it binds."""
    tree = ast.parse(text)
    bound = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}
    bound |= {node.name for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    keywords = {node.arg for node in ast.walk(tree) if isinstance(node, (ast.keyword, ast.arg))}
    names = {name for name in bound - attributes - keywords if not hasattr(builtins, name) and "__" not in name}
    tokens = [
        token._replace(string=token.string + suffix) if token.type == tokenize.NAME and token.string in names else token
        for token in tokenize.generate_tokens(io.StringIO(text).readline)
    ]
    lines = text.split("\n")
    for token in reversed(tokens):
        if token.type == tokenize.NAME and token.string.endswith(suffix):
            row, column = token.start[0] - 1, token.start[1]
            lines[row] = lines[row][:column] + token.string + lines[row][token.end[1] :]
    return "\n".join(lines)


def changed(text: str, number: int, dice: random.Random) -> str:
    """Another number in a statement near the middle, as while someone types there."""
    lines = text.split("\n")
    for row in range(len(lines) // 2 + dice.randrange(-9, 9), len(lines)):
        found = re.search(r"(?<=[=( ])\d+(?=[,)\n])", lines[row])
        if found and not lines[row].startswith("#"):
            lines[row] = f"{lines[row][: found.start()]}{number + 100}{lines[row][found.end() :]}"
            return "\n".join(lines)
    return text + f"x{number} = {number}\n"


# --- ruff --------------------------------------------------------------------------------------------


def ruff_time(text: str) -> float | None:
    """The least processor time of `ruff check` on the file, in ms; None where ruff is not installed."""
    beside = Path(sys.executable).with_name("ruff")
    ruff = str(beside) if beside.exists() else shutil.which("ruff")
    if ruff is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "program.py"
        path.write_text(text, encoding="utf-8")
        times = []
        for _ in range(RUNS_OF_RUFF):
            before = getrusage(RUSAGE_CHILDREN)
            subprocess.run(
                [ruff, "check", "--isolated", "--no-cache", "--quiet", str(path)], capture_output=True, check=False
            )
            after = getrusage(RUSAGE_CHILDREN)
            times.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return min(times) * 1000


if __name__ == "__main__":
    main()
