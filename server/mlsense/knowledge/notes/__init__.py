"""What people want to know of a name in one line: what it does, when it fits, what raising it does.

Written by hand, in the text files beside this one, in our own words: no sentence is from a library's documentation.
All else that is said of names is generated. A file is of one library and has sections:

    [sklearn.svm]                          names of a module, or of several: [pandas.DataFrame, pandas.Series]
    SVC: What it is.
    [methods]                              methods of whatever class of the library
    fit: What it does.
    [parameters]                           parameters wherever they are, or of some classes and functions only,
    C: What raising it does.               and what one of their values means
    alpha (Lasso, Ridge): What raising it does.
    kernel=rbf: What that is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent
_PARAMETER = re.compile(r"(\w+)(?:=([^ (:]+))?(?: \(([^)]*)\))?")
_ANY = ""


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes on a library: by dotted name; by method; by parameter, value or None, and owner, "" for all others."""

    names: dict[str, str] = field(default_factory=dict)
    methods: dict[str, str] = field(default_factory=dict)
    parameters: dict[tuple[str, str | None, str], str] = field(default_factory=dict)


def lines(library: str) -> Iterator[tuple[str, str, str]]:
    """The notes in a library's file as (section, what it is on, note); nothing for a library without a file."""
    path = FOLDER / f"{library}.txt"
    if not library.isidentifier() or not path.is_file():
        return
    section = ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            section = line.strip("[]")
        elif line and not line.startswith("#"):
            subject, _, text = line.partition(": ")
            yield section, subject, text


@cache
def notes(library: str) -> Notes:
    """All notes on a library, by the name it is imported by."""
    found = Notes()
    for section, subject, text in lines(library):
        if section == "methods":
            found.methods[subject] = text
        elif section == "parameters":
            for key in keys(subject):
                found.parameters[key] = text
        else:
            for owner in section.split(", "):
                found.names[f"{owner}.{subject}"] = text
    return found


def keys(subject: str) -> Iterator[tuple[str, str | None, str]]:
    """What a line on a parameter is on: parameter, value, owner."""
    read = _PARAMETER.fullmatch(subject)
    if read is None:
        raise ValueError(f"no parameter: {subject!r}")
    name, value, owners = read.groups()
    for owner in owners.split(", ") if owners else (_ANY,):
        yield name, value, owner


def note(dotted: str) -> str:
    """On a class, function or method, by its public name; empty where there is none."""
    library = notes(dotted.partition(".")[0])
    return library.names.get(dotted, "")


def method_note(library: str, name: str) -> str:
    """On a method that means the same in all classes of a library."""
    return notes(library).methods.get(name, "")


def parameter_note(dotted: str, parameter: str, value: str | None = None) -> str:
    """On a parameter of what a dotted name calls, or on one of its values."""
    library, _, _ = dotted.partition(".")
    known = notes(library).parameters
    for owner in (dotted.rpartition(".")[2], _ANY):
        if (parameter, value, owner) in known:
            return known[parameter, value, owner]
    return ""
