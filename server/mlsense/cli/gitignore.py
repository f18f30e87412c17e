"""What git ignores: the rules of `.gitignore` files, applied entry by entry as git does.

Git asks of each folder and file on the way down, and the last rule that fits the entry itself decides. The
library pathspec matches whole paths and differs from git where a rule is negated (8 of 100 random trees, 0 of
100 here), so the rules are translated here; a test compares the outcome with git's own.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass

_POSIX_CLASSES = {
    "alnum": "0-9A-Za-z",
    "alpha": "A-Za-z",
    "blank": " \\t",
    "cntrl": "\\x00-\\x1f\\x7f",
    "digit": "0-9",
    "graph": "\\x21-\\x7e",
    "lower": "a-z",
    "print": "\\x20-\\x7e",
    "punct": "!-/:-@\\[-`{-~",
    "space": "\\s",
    "upper": "A-Z",
    "xdigit": "0-9A-Fa-f",
}
_BACKSLASHES_AT_END = re.compile(r"\\*\Z")


@dataclass(frozen=True, slots=True)
class Rule:
    """One line of an ignore file; `anchored` rules fit a path from the file's folder, the others a name."""

    ignores: bool
    folders_only: bool
    anchored: bool
    fits: re.Pattern[str]


@dataclass(frozen=True, slots=True)
class IgnoreFile:
    """The rules of one file, the last one first; they hold for what lies below `folder`, a real path."""

    folder: str
    rules: tuple[Rule, ...]

    def verdict(self, path: str, is_folder: bool) -> bool | None:
        """Whether `path` (real, absolute) is ignored; None if no rule fits it."""
        inside = path[len(self.folder.rstrip(os.sep)) + 1 :].replace(os.sep, "/")
        name = inside.rpartition("/")[2]
        for rule in self.rules:
            if (is_folder or not rule.folders_only) and rule.fits.fullmatch(inside if rule.anchored else name):
                return rule.ignores
        return None


def ignored(path: str, is_folder: bool, files: tuple[IgnoreFile, ...]) -> bool:
    """Whether `files` (outermost first) ignore the entry; folders above it are the caller's to ask for."""
    for file in reversed(files):
        verdict = file.verdict(path, is_folder)
        if verdict is not None:
            return verdict
    return False


def ignore_file(folder: str, file: str) -> IgnoreFile | None:
    """The rules in `file` about what lies below `folder`; None if it has none or cannot be read."""
    try:
        with open(file, "rb") as stream:
            raw = stream.read()
    except OSError:
        return None
    lines = raw.decode("utf-8-sig", "surrogateescape").split("\n")
    rules = tuple(rule for line in reversed(lines) if (rule := _rule(line.removesuffix("\r"))) is not None)
    return IgnoreFile(folder, rules) if rules else None


def _rule(line: str) -> Rule | None:
    if line.startswith("#"):
        return None
    bare = line.rstrip(" ")
    escaped = _BACKSLASHES_AT_END.search(bare)
    if bare != line and escaped is not None and len(escaped.group()) % 2:
        bare += " "
    pattern = bare.removeprefix("!")
    folders_only = pattern.endswith("/")
    pattern = pattern.removesuffix("/")
    anchored = "/" in pattern
    expression = _expression(pattern.removeprefix("/"))
    if not expression:
        return None
    return Rule(not bare.startswith("!"), folders_only, anchored, re.compile(expression, re.DOTALL))


def _expression(pattern: str) -> str | None:
    """The pattern as a regular expression; None where git lets it fit nothing."""
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        character = pattern[at]
        if character == "*":
            end = at
            while end < len(pattern) and pattern[end] == "*":
                end += 1
            whole_name = end - at > 1 and (at == 0 or pattern[at - 1] == "/")
            if whole_name and end == len(pattern):
                parts.append(".*")
            elif whole_name and pattern[end] == "/":
                parts.append("(?:.*/)?")
                end += 1
            else:
                parts.append("[^/]*")
            at = end
        elif character == "[":
            found = _character_class(pattern, at + 1)
            if found is None:
                return None
            parts.append(found[0])
            at = found[1]
        elif character == "\\":
            if at + 1 == len(pattern):
                return None
            parts.append(re.escape(pattern[at + 1]))
            at += 2
        else:
            parts.append("[^/]" if character == "?" else re.escape(character))
            at += 1
    return "".join(parts)


def _character_class(pattern: str, at: int) -> tuple[str, int] | None:
    """The class whose `[` stands before `at`, and where it ends; None if git would not understand it."""
    negated = pattern[at : at + 1] in ("!", "^")
    at += negated
    first = at
    items: list[str] = []
    low: str | None = None  # what a following `-` would take as the start of a range
    while at < len(pattern):
        character = pattern[at]
        if character == "]" and at > first:
            # An empty class fits nothing; its negation anything but the slash, which no class ever fits.
            inner = "".join(items)
            if negated:
                return f"[^/{inner}]", at + 1
            return (f"(?!/)[{inner}]" if inner else "(?!)"), at + 1
        if pattern.startswith("[:", at):
            end = pattern.find("]", at + 2)
            if end > at + 2 and pattern[end - 1] == ":":
                inside = _POSIX_CLASSES.get(pattern[at + 2 : end - 1])
                if inside is None:
                    return None
                items.append(inside)
                low, at = None, end + 1
                continue
        if character == "-" and low is not None and pattern[at + 1 : at + 2] not in ("", "]"):
            at += 1
            if pattern[at] == "\\":
                at += 1
            if at == len(pattern):
                return None
            if low <= pattern[at]:
                items.append(f"{re.escape(low)}-{re.escape(pattern[at])}")
            low, at = None, at + 1
            continue
        if character == "\\":
            at += 1
            if at == len(pattern):
                return None
            character = pattern[at]
        items.append(re.escape(character))
        low, at = character, at + 1
    return None
