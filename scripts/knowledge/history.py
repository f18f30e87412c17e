"""Releases put together: what changed from one to the next, in the compact form that `mlsense.knowledge.library` reads.

A part is one JSON object whose long members are texts, so that loading it costs little and each is taken apart when
asked for. Ranges are indices of versions: "3-7", "5", "4-" (to the newest), several with commas; empty where the
owner's own range holds.

`elsewhere`: modules that are another library, of the same version where that has it: {"tensorflow.keras": "keras"}.
`made`: how names end that are made at run time. `thinned`: there are minor versions between those that were read.

`modules[name]` is three lines: the range it exists in; `open` range, `unsure` range and deprecation (`first:version
replacement`) with tabs between; names, each `[+]name[=target][@range]`, where + is for star imports, and a target is a
dotted name of `things`, `/module`, `!` (constant), `~` (of another library), `?` (C code), and none means the thing of
just that name.

`things[name]` is lines `key<tab>range<tab>value`: `k` kind, `s` signature, `d` deprecation, `g` there only to say
that it is gone, `b` bases, `o` open for "x"
unseen names or "g" `__getattr__`, `a` instance attributes, `.name` a member: its kind, signature, and deprecation after
a tab.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping

from facts import Deprecation, Facts, Member, Signature, Thing


def ranges(indices: Iterable[int], last: int) -> str:
    """[0, 1, 2, 5] -> "0-2,5"; up to the last version it stays open: "5-"."""
    runs: list[list[int]] = []
    for index in sorted(indices):
        if runs and runs[-1][1] == index - 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    texts = [f"{a}-" if b == last else str(a) if a == b else f"{a}-{b}" for a, b in runs]
    return ",".join(texts)


def spellings(facts: Facts) -> dict[str, list[tuple[bool, str]]]:
    """By the place of its source: all public dotted names of a thing, each with whether its module exports it."""
    found: dict[str, list[tuple[bool, str]]] = defaultdict(list)
    for module, offered in facts.modules.items():
        exported = set(offered.exports)
        for name, target in offered.names.items():
            if target in facts.things:
                found[target].append((name in exported, f"{module}.{name}"))
    return found


def preferred(names: Iterable[tuple[bool, str]], place: str) -> str:
    def order(item: tuple[bool, str]) -> tuple[bool, int, bool, str]:
        exported, name = item
        home = name.rpartition(".")[0]
        return (not exported, name.count("."), not place.startswith(home + "."), name)

    return min(names, key=order)[1]


def canonical(versions: list[Facts]) -> list[dict[str, str]]:
    """For each version: place of the source -> the public name it goes by, the newest version's where that holds."""
    known: dict[str, str] = {}
    result: list[dict[str, str]] = []
    for facts in reversed(versions):
        chosen: dict[str, str] = {}
        for place, names in spellings(facts).items():
            own = {name for _, name in names}
            kept = [(exported, known[name]) for exported, name in names if known.get(name) in own]
            chosen[place] = preferred(kept or names, place)
            for name in own:
                known.setdefault(name, chosen[place])
        for place in facts.things:
            chosen.setdefault(place, place)
        result.append(chosen)
    return result[::-1]


def needed(facts: Facts) -> set[str]:
    """The things that a public module names, and their bases."""
    waiting = list(spellings(facts))
    found: set[str] = set()
    while waiting:
        place = waiting.pop()
        if place not in found and place in facts.things:
            found.add(place)
            waiting += facts.things[place].bases
    return found


def deprecated(fact: Deprecation | None, version: str) -> str:
    return "" if fact is None else f"{fact.version or version} {fact.replacement}".strip()


def signature_text(signature: Signature | None) -> str:
    return "" if signature is None else signature.text()


def member_text(member: Member, version: str) -> str:
    fact = deprecated(member.deprecation, version)
    return member.kind + signature_text(member.signature) + (f"\t{fact}" if fact else "")


def thing_facts(thing: Thing, version: str, names: dict[str, str]) -> dict[str, str]:
    found = {"k": {"class": "c", "function": "f"}.get(thing.kind, "v")}
    if thing.signature is not None:
        found["s"] = thing.signature.text()
    if thing.deprecation is not None:
        found["d"] = deprecated(thing.deprecation, version)
    if thing.gone is not None:
        found["g"] = f"{thing.gone.version or version} {thing.gone.replacement}".strip()
    if thing.bases:
        found["b"] = ",".join(names.get(base, base) for base in thing.bases)
    if thing.open or thing.getattr:
        found["o"] = "x" * thing.open + "g" * thing.getattr
    if thing.attributes:
        found["a"] = " ".join(sorted(thing.attributes))
    for name, member in thing.members.items():
        found["." + name] = member_text(member, version)
    return found


def dated(histories: list[dict[str, str]], versions: tuple[str, ...]) -> None:
    """A deprecation whose source names no version counts from the first version that has it; see `deprecated`."""
    first: dict[tuple[str, str], str] = {}
    for index, facts in enumerate(histories):
        for key, value in facts.items():
            if key in "dg":
                version, _, rest = value.partition(" ")
                kept = first.setdefault((key, rest), version)
                facts[key] = f"{kept} {rest}".strip() if version == versions[index] else value
            elif "\t" in value:
                text, _, fact = value.partition("\t")
                version, _, rest = fact.partition(" ")
                kept = first.setdefault((key, rest), version)
                if version == versions[index]:
                    facts[key] = f"{text}\t{kept} {rest}".strip()
            if "d(''" in facts[key]:
                facts[key] = dated_parameters(key, facts[key], versions[index], first)


def dated_parameters(key: str, text: str, version: str, first: dict[tuple[str, str], str]) -> str:
    def put(match: re.Match[str]) -> str:
        kept = first.setdefault((key, match.group(1)), version)
        return f"{match.group(1)}: d('{kept}'"

    return re.sub(r"(\w+): d\(''", put, text)


def lines_of(histories: dict[int, dict[str, str]], last: int) -> str:
    life = set(histories)
    by_key: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    for index, facts in histories.items():
        for key, value in facts.items():
            by_key[key][value].add(index)
    lines = [ranges(life, last)]
    for key, values in by_key.items():
        for value, indices in values.items():
            lines.append(f"{key}\t{'' if indices == life else ranges(indices, last)}\t{value}")
    return "\n".join(lines)


def things_of(versions: tuple[str, ...], releases: list[Facts], names: list[dict[str, str]]) -> dict[str, str]:
    histories: dict[str, dict[int, dict[str, str]]] = defaultdict(dict)
    for index, facts in enumerate(releases):
        for place in needed(facts):
            histories[names[index][place]][index] = thing_facts(facts.things[place], versions[index], names[index])
    for history in histories.values():
        indices = sorted(history)
        dated([history[index] for index in indices], tuple(versions[index] for index in indices))
    return {name: lines_of(histories[name], len(versions) - 1) for name in sorted(histories)}


def modules_of(versions: tuple[str, ...], releases: list[Facts], names: list[dict[str, str]]) -> dict[str, str]:
    last = len(releases) - 1
    life: dict[str, set[int]] = defaultdict(set)
    opened: dict[str, set[int]] = defaultdict(set)
    unsure: dict[str, set[int]] = defaultdict(set)
    tokens: dict[str, dict[str, set[int]]] = defaultdict(lambda: defaultdict(set))
    leaving: dict[str, str] = {}
    for index, facts in enumerate(releases):
        for module, offered in facts.modules.items():
            if offered.deprecation is not None and module not in leaving:
                leaving[module] = f"{index}:{deprecated(offered.deprecation, versions[index])}"
            life[module].add(index)
            if offered.open:
                opened[module].add(index)
            if not offered.sure:
                unsure[module].add(index)
            exported = set(offered.exports)
            for name, target in offered.names.items():
                tokens[module][
                    ("+" if name in exported else "") + name + target_text(module, name, target, facts, names[index])
                ].add(index)
    found: dict[str, str] = {}
    for module in sorted(life):
        words = [
            token + ("" if indices == life[module] else "@" + ranges(indices, last))
            for token, indices in sorted(tokens[module].items())
        ]
        flags = "\t".join([ranges(opened[module], last), ranges(unsure[module], last), leaving.get(module, "")])
        found[module] = f"{ranges(life[module], last)}\n{flags}\n{' '.join(words)}"
    return found


def target_text(module: str, name: str, target: str, facts: Facts, names: dict[str, str]) -> str:
    if target in facts.things:
        place = names[target]
        return "" if place == f"{module}.{name}" else "=" + place
    if not target:
        return "=!"
    if target.startswith("~"):
        return "=~"
    if target == "?":
        return "=?"
    return "=/" + ("" if target == f"{module}.{name}" else target)


def part(
    name: str, distribution: str, releases: dict[str, Facts], elsewhere: Mapping[str, str], **more: object
) -> dict[str, object]:
    """All that is known of one library, ready to be written; `releases` by minor version, oldest first.

    `more` is what else there is to say of the library; what is empty is left out.
    """
    versions = tuple(releases)
    facts = list(releases.values())
    names = canonical(facts)
    return {
        "name": name,
        "distribution": distribution,
        "versions": versions,
        "elsewhere": dict(elsewhere),
        **{key: value for key, value in more.items() if value},
        "modules": modules_of(versions, facts, names),
        "things": things_of(versions, facts, names),
    }
