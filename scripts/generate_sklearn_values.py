"""Writes what one release of scikit-learn accepts into the package, beside what other releases do.

    python scripts/generate_sklearn_values.py            # the installed release
    /path/to/other/venv/bin/python scripts/generate_sklearn_values.py    # another one, with nothing else installed
    python scripts/generate_sklearn_values.py --check    # writes nothing; exit 1 where the installed release differs

Everything is the release's own word or was tried on it with toy data: constraints of parameters, combinations that
raise, kinds, scorers. `--only SECTION` does a part of it.
"""

from __future__ import annotations

import argparse
import json
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

from sklearn_release.combinations import combinations
from sklearn_release.constraints import constraints
from sklearn_release.kinds import kinds
from sklearn_release.public import VERSION
from sklearn_release.releases import Facts, at, merged, written
from sklearn_release.scoring import metrics, scorers, splitters

FOLDER = Path(__file__).parent.parent / "server" / "mlsense" / "knowledge" / "sklearn_values"
SECTIONS: dict[str, Callable[[], Facts]] = {
    "constraints": constraints,
    "combinations": combinations,
    "kinds": kinds,
    "scorers": scorers,
    "metrics": metrics,
    "splitters": splitters,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="only say whether the files hold for this release")
    parser.add_argument("--only", choices=SECTIONS, action="append", help="only this section")
    arguments = parser.parse_args()
    stale = []
    for name in arguments.only or SECTIONS:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            facts = json.loads(json.dumps(SECTIONS[name]()))
        path = FOLDER / f"{name}.json"
        known = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
        if arguments.check:
            if known is None or VERSION not in known["releases"] or at(known, VERSION) != facts:
                stale.append(path.name)
        elif facts:
            path.parent.mkdir(exist_ok=True)
            path.write_text(written(merged(known, VERSION, facts)), encoding="utf-8")
            print(f"wrote {path} for scikit-learn {VERSION}")
    if stale:
        print(f"not what scikit-learn {VERSION} gives: {', '.join(stale)}; run {sys.argv[0]} without --check")
    return 1 if stale else 0


if __name__ == "__main__":
    raise SystemExit(main())
