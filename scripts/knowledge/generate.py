"""Writes what libraries offer, version by version: `python scripts/knowledge/generate.py [LIBRARY ...] [--check]`.

For each minor version the newest patch release is fetched once (see `wheels.py`), its sources are read without being
run, and everything is put together in `server/mlsense/knowledge/names/LIBRARY.json`. Run it again for a new release.
With --check nothing is written; exit 1 says which files are not what the releases give.
"""

from __future__ import annotations

import argparse
import gc
import json
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from facts import Facts, Reader
from forwarding import expand
from history import part
from libraries import LIBRARIES, Source
from source import Release
from wheels import NotAvailable, minors, sources

TARGET = Path(__file__).resolve().parents[2] / "server" / "mlsense" / "knowledge" / "names"


def read(source: Source, minor: str, version: str) -> Facts:
    archives = [sources(source.distribution, version)]
    for distribution, wanted in source.beside(minor) if source.beside is not None else ():
        archives += [sources(distribution, newest) for newest in minors(distribution, wanted, wanted).values()]
    made_of = LIBRARIES[source.made_of] if source.made_of else None
    outside: Reader | None = None
    if made_of is not None:
        known = minors(made_of.distribution, made_of.oldest, made_of.newest)
        of = known[minor] if minor in known else list(known.values())[-1]
        outside = Reader(Release([sources(made_of.distribution, of)], (made_of.name,), made_of.renamed))
    return facts_of(source, archives, outside=outside)


def facts_of(source: Source, archives: list[Path], *roots: str, outside: Reader | None = None) -> Facts:
    release = Release(archives, (source.name, *roots), source.renamed)
    for before in source.before:
        before(release)
    reader = Reader(release, source.internal, outside, source.also, source.fully)
    facts = reader.read()
    if source.forwards:
        expand(reader)
    for after in source.after:
        after(release, facts)
    reader.forget()
    return facts


def generated(source: Source) -> str:
    releases: dict[str, Facts] = {}
    for minor, distribution in source.before_it.items():
        for version in minors(distribution, minor, minor).values():
            releases[minor] = facts_of(source, [sources(distribution, version)], *source.before_roots)
    available = minors(source.distribution, source.oldest, source.newest)
    newest = list(available)[-1:]
    for minor, version in available.items():
        if source.only and minor not in source.only and minor not in newest:
            continue
        started = time.perf_counter()
        try:
            releases[minor] = read(source, minor, version)
        except NotAvailable as missing:
            print(f"  not available: {missing}", file=sys.stderr)
            continue
        print(f"  {source.distribution} {version}: {time.perf_counter() - started:.1f} s", file=sys.stderr)
    text = json.dumps(
        part(
            source.name,
            source.shown or source.distribution,
            releases,
            source.elsewhere,
            made=list(source.made),
            thinned=bool(source.only),
        ),
        ensure_ascii=False,
        separators=(",", ":"),
    )
    return text + "\n"


def main() -> int:
    gc.disable()  # Trees of syntax are big, and let go with their release.
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("libraries", nargs="*", metavar="LIBRARY", help="import names; all where none is given")
    parser.add_argument("--check", action="store_true", help="only say which files are not up to date")
    arguments = parser.parse_args()
    stale = False
    for name in arguments.libraries or sorted(LIBRARIES):
        text = generated(LIBRARIES[name])
        target = TARGET / f"{name}.json"
        if arguments.check:
            if not target.is_file() or target.read_text(encoding="utf-8") != text:
                print(f"{target.name} is not what its releases give: run {sys.argv[0]} {name}")
                stale = True
            continue
        TARGET.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        print(f"wrote {target.name}: {len(text) // 1000} kB")
    return int(stale)


if __name__ == "__main__":
    raise SystemExit(main())
