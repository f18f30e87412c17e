"""What a training script of 1,000 lines costs: its first analysis, and the analysis after each keystroke.

`python tests/benchmarks/training_script.py [--lines 1000] [--edits 30]`. The script is made of the good examples of the
rules on training: models, loaders, loops over epochs and batches, losses, validation. Printed is the processor time of
this process alone, without a server: median and worst. Not a test: machines differ.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from texts import endless, keystrokes, program

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "server"))

from mlsense.analysis import Analyser
from mlsense.cli import collect_less_often
from mlsense.rules.registry import all_rules
from mlsense.syntax import script

if TYPE_CHECKING:
    from texts import Edit

FAMILIES = ("loop", "indent", "loss", "module", "device")
COLD_RUNS = 7


def training_texts() -> list[str]:
    """The good examples of the rules on training that use PyTorch."""
    return [text for rule in all_rules() if rule.family in FAMILIES for text in rule.good if "torch" in text]


def cold(text: str) -> list[float]:
    """Milliseconds of each first analysis, nothing known of the script before."""
    costs = []
    for number in range(COLD_RUNS):
        begin = time.process_time()
        Analyser().analyse(script(f"{number}.py", text))
        costs.append((time.process_time() - begin) * 1000)
    return costs


def typed(text: str, edits: int) -> list[float]:
    """Milliseconds of the analysis after each single-character edit in the middle."""
    analyser = Analyser()
    analyser.analyse(script("train.py", text))
    costs = []
    for edit in keystrokes(text, edits):
        text = applied(text, edit)
        begin = time.process_time()
        analyser.analyse(script("train.py", text))
        costs.append((time.process_time() - begin) * 1000)
    return costs


def applied(text: str, edit: Edit) -> str:
    lines = text.split("\n")
    old = lines[edit.line]
    lines[edit.line] = old[: edit.start] + edit.text + old[edit.end :]
    return "\n".join(lines)


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lines", type=int, default=1_000, metavar="N", help="length of the script (default: 1000)")
    parser.add_argument("--edits", type=int, default=30, metavar="N", help="keystrokes (default: 30)")
    arguments = parser.parse_args()
    collect_less_often()
    texts = training_texts()
    Analyser().analyse(script("warm.py", "\n".join(texts[:3])))
    text = program(endless(texts), arguments.lines)
    for what, costs in (("first analysis", cold(text)), ("per keystroke", typed(text, arguments.edits))):
        print(f"{what}: {median(costs):.1f} ms of CPU (median of {len(costs)}, worst {max(costs):.1f})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
