"""What the knowledge of a library costs: `python tests/benchmarks/knowledge.py`.

Prints for each part its size, as it is and packed, the processor time to load it, and the time of a first answer (a
signature) and of the same answer again. Not a test: machines differ.
"""

from __future__ import annotations

import statistics
import sys
import time
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "server"))

from mlsense.knowledge.library import NAMES, libraries, library  # noqa: E402

RUNS = 7


def milliseconds(started: float) -> float:
    return (time.process_time() - started) * 1000


def loading(name: str) -> float:
    """The median of several loads, in milliseconds of processor time."""
    times = []
    for _ in range(RUNS):
        library.cache_clear()
        started = time.process_time()
        library(name)
        times.append(milliseconds(started))
    return statistics.median(times)


def main() -> None:
    total = 0
    print(f"{'library':20} {'versions':>14} {'kB':>6} {'packed':>7} {'load ms':>8} {'first ms':>9} {'again us':>9}")
    for name in libraries():
        content = (NAMES / f"{name}.json").read_bytes()
        packed = len(zlib.compress(content, 9))
        total += packed
        load = loading(name)
        known = library(name)
        assert known is not None
        offer = known.at()
        assert offer is not None
        exported = offer.known_children(name)
        started = time.process_time()
        for child in exported[:20]:
            offer.find(f"{name}.{child}")
        first = milliseconds(started) / max(1, len(exported[:20]))
        started = time.process_time()
        for _ in range(1000):
            offer.find(f"{name}.{exported[0]}")
        again = milliseconds(started)
        span = f"{known.versions[0]}-{known.versions[-1]}"
        print(f"{name:20} {span:>14} {len(content) // 1000:6} {packed // 1000:7} {load:8.1f} {first:9.2f} {again:9.2f}")
    print(f"{'all':20} {'':14} {'':6} {total // 1000:7}")


if __name__ == "__main__":
    main()
