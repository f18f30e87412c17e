"""What a keystroke costs: MLSense beside `ty server` and `ruff server`, in one run.

Starts each server as an editor does, opens scripts of several lengths and a notebook, makes single-character edits in
the middle one by one, and waits for the diagnostics of each version. Counted is the CPU time of the server's whole
process tree until it is at rest again, and the time from the edit to its diagnostics, in which MLSense waits a little
for a pause in the typing. Then, without a server: what a first analysis costs, and `mlsense check`. Needs Linux.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, NamedTuple

from servers import Measured, NotSupportedError, Server
from texts import endless, examples, keystrokes, middle_cell, notebook, program

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from texts import Edit

_SERVER = Path(__file__).resolve().parents[2] / "server"
_COLD_RUNS = 15


class Rival(NamedTuple):
    """A server to measure: how it is started, and how it says its version."""

    name: str
    command: tuple[str, ...]
    version: tuple[str, ...]


def rivals() -> list[Rival]:
    """MLSense out of this repository, and those of the others that are installed."""
    found = [
        Rival("mlsense", (sys.executable, "-m", "mlsense", "server"), (sys.executable, "-m", "mlsense", "--version"))
    ]
    for name in ("ty", "ruff"):
        path = shutil.which(name, path=os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", ""))))
        if path is not None:
            found.append(Rival(name, (path, "server"), (path, "--version")))
    return found


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--examples", type=Path, metavar="DIR", help="scripts to make the texts of (default: the rules' own)"
    )
    parser.add_argument("--edits", type=int, default=30, metavar="N", help="keystrokes per text (default: 30)")
    parser.add_argument(
        "--lines", type=int, nargs="*", default=[100, 1_000, 10_000], metavar="N", help="lengths of scripts"
    )
    parser.add_argument(
        "--cells", type=int, default=150, metavar="N", help="cells of the notebook (default: 150; 0: none)"
    )
    parser.add_argument(
        "--only", nargs="*", metavar="SERVER", help="mlsense, ty, ruff (default: all that are installed)"
    )
    parser.add_argument("--no-cold", action="store_true", help="leave out what is measured without a server")
    arguments = parser.parse_args()
    if not sys.platform.startswith("linux"):
        print("needs Linux: CPU times of other processes are read from its clocks", file=sys.stderr)
        return 2
    sys.path.insert(0, str(_SERVER))
    texts = examples(arguments.examples)
    servers = [rival for rival in rivals() if not arguments.only or rival.name in arguments.only]
    print(f"{os.cpu_count()} cores, Python {sys.version.split()[0]}; {', '.join(map(_version, servers))}")
    print(f"{len(texts)} examples from {arguments.examples or 'the rules'}; {arguments.edits} keystrokes each\n")
    if servers:
        _keystrokes(texts, servers, arguments.lines, arguments.cells, arguments.edits)
    if not arguments.no_cold:
        _cold(texts)
        _check(texts)
    return 0


def _version(rival: Rival) -> str:
    said = subprocess.run(rival.version, capture_output=True, text=True, env=_environment(), check=False).stdout
    return said.strip().split("\n")[0]


def _environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(_SERVER)}


# --- keystrokes ---------------------------------------------------------------------------------


def _keystrokes(texts: Sequence[str], servers: Sequence[Rival], lines: Sequence[int], cells: int, edits: int) -> None:
    names = [server.name for server in servers]
    print("CPU ms per keystroke, median (90th percentile); wall ms from didChange to its diagnostics, median")
    header = f"{'':>13}" + "".join(f"{name + ' CPU':>18}{'wall':>7}" for name in names)
    print(header + "".join(f"{'mlsense/' + name:>15}" for name in names if name != "mlsense"))
    for count in lines:
        text = program(endless(texts), count)
        made = keystrokes(text, edits)
        _row(f"{count:,} lines", servers, partial(_script, text=text, edits=made))
    if cells:
        parts = notebook(endless(texts), cells)
        edited = middle_cell(parts)
        typed = keystrokes(parts[edited], edits)
        _row(f"{cells} cells", servers, partial(_notebook, cells=parts, edited=edited, edits=typed))
    print()


def _script(server: Server, folder: Path, text: str, edits: Sequence[Edit]) -> list[Measured]:
    return server.script(folder / "script.py", text, edits)


def _notebook(server: Server, folder: Path, cells: Sequence[str], edited: int, edits: Sequence[Edit]) -> list[Measured]:
    return server.notebook(folder / "notebook.ipynb", cells, edited, edits)


def _row(title: str, servers: Sequence[Rival], measure: Callable[[Server, Path], list[Measured]]) -> None:
    found = {rival.name: _measured(rival, measure) for rival in servers}
    cpu = {name: median(each.cpu for each in measured) for name, measured in found.items() if measured}
    row = f"{title:>13}"
    for name, measured in found.items():
        if not measured:
            row += f"{'n/a':>18}{'n/a':>7}"
            continue
        worst = sorted(each.cpu for each in measured)[len(measured) * 9 // 10]
        row += f"{f'{cpu[name]:.1f} ({worst:.1f})':>18}{median(each.wall for each in measured):>7.0f}"
    for name in found:
        if name != "mlsense":
            row += f"{_ratio(cpu.get('mlsense'), cpu.get(name)):>15}"
    print(row, flush=True)


def _ratio(ours: float | None, theirs: float | None) -> str:
    if not ours or not theirs:
        return "n/a"
    return f"1/{theirs / ours:.1f}" if ours < theirs else f"{ours / theirs:.1f}"


def _measured(rival: Rival, measure: Callable[[Server, Path], list[Measured]]) -> list[Measured]:
    """What the keystrokes cost in a server that was started for them; nothing if it cannot take part."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(rival.command, Path(folder), {"PYTHONPATH": str(_SERVER)})
        try:
            return measure(server, Path(folder))
        except NotSupportedError:
            return []
        finally:
            server.stop()


# --- without a server ---------------------------------------------------------------------------


def _cold(texts: Sequence[str]) -> None:
    """The first analysis of scripts of 1,000 lines, in this process, nothing known of them before."""
    from mlsense.analysis import Analyser
    from mlsense.cli import collect_less_often
    from mlsense.syntax import script

    collect_less_often()
    Analyser().analyse(script("warm.py", "\n".join(texts[:3])))
    stream = endless(texts)
    costs: list[float] = []
    for number in range(_COLD_RUNS):
        document = script(f"{number}.py", program(stream, 1_000))
        begin = time.process_time()
        Analyser().analyse(document)
        costs.append((time.process_time() - begin) * 1000)
    print(f"first analysis: {median(costs):.1f} ms per 1,000 lines (median of {len(costs)}, worst {max(costs):.1f})")


def _check(texts: Sequence[str]) -> None:
    """`mlsense check` over the examples, less what it takes for an empty file."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "all").mkdir()
        for number, text in enumerate(texts):
            (folder / "all" / f"{number}.py").write_text(text, encoding="utf-8")
        (folder / "empty.py").write_text("", encoding="utf-8")
        start = median(_check_cpu(folder / "empty.py") for _ in range(3))
        whole = median(_check_cpu(folder / "all") for _ in range(3))
    print(f"mlsense check: {len(texts) / (whole - start):.0f} files per CPU-second, after {start:.2f} s to start")


def _check_cpu(path: Path) -> float:
    command = [sys.executable, "-m", "mlsense", "check", str(path)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=_environment(), check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


if __name__ == "__main__":
    sys.exit(main())
