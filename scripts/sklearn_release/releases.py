"""What several releases say, kept together: each fact once, with the releases from which it holds.

A section is `{"releases": ["1.2", ...], "values": [...], "facts": {name: {part: at}}}`. `at` is the index of a value
that holds in all releases, or a list of `[index of release, index of value]`, each holding from that release on;
value -1 is absence. A release's own facts are `{name: {part: value}}`.
"""

from __future__ import annotations

import json
from typing import Any

Facts = dict[str, dict[str, Any]]


def at(section: dict[str, Any], release: str) -> Facts:
    """What one release said."""
    found: Facts = {}
    index = section["releases"].index(release)
    for name, parts in section["facts"].items():
        for part, runs in parts.items():
            value = runs if isinstance(runs, int) else next((v for i, v in reversed(runs) if i <= index), -1)
            if value >= 0:
                found.setdefault(name, {})[part] = section["values"][value]
    return found


def merged(section: dict[str, Any] | None, release: str, facts: Facts) -> dict[str, Any]:
    """The section with what this release says in place of what it said before."""
    said = {} if section is None else {name: at(section, name) for name in section["releases"]}
    said[release] = facts
    return together(dict(sorted(said.items(), key=lambda item: [int(part) for part in item[0].split(".")])))


def together(said: dict[str, Facts]) -> dict[str, Any]:
    values: dict[str, int] = {}
    facts: dict[str, dict[str, Any]] = {}
    every = list(said.values())
    for name in sorted({name for facts_ in every for name in facts_}):
        for part in sorted({part for facts_ in every for part in facts_.get(name, {})}):
            series = []
            for one in every:
                known = name in one and part in one[name]
                text = json.dumps(one[name][part], sort_keys=True) if known else None
                series.append(-1 if text is None else values.setdefault(text, len(values)))
            facts.setdefault(name, {})[part] = _runs(series)
    return {"releases": list(said), "values": [json.loads(text) for text in values], "facts": facts}


def _runs(series: list[int]) -> int | list[list[int]]:
    runs = [[index, value] for index, value in enumerate(series) if index == 0 or series[index - 1] != value]
    if len(runs) == 1:
        return runs[0][1]
    return [run for run in runs if run != [0, -1]]


def written(section: dict[str, Any]) -> str:
    """One line a name, so that a new release is a change a person can read."""

    def compact(value: Any) -> str:
        return json.dumps(value, separators=(",", ":"), sort_keys=True)

    values = ",\n".join(compact(value) for value in section["values"])
    facts = ",\n".join(f"{json.dumps(name)}:{compact(parts)}" for name, parts in section["facts"].items())
    return f'{{"releases":{compact(section["releases"])},\n"values":[\n{values}],\n"facts":{{\n{facts}}}}}\n'
