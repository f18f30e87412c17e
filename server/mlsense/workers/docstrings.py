"""Docstrings, as the scientific libraries write them (reStructuredText by the numpydoc standard), as Markdown."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_UNDERLINE = re.compile(r"([=\-~^\"'`*+#])\1{2,}")
_ROLE = re.compile(r":[\w:+-]+:`~?([^`<]+?)(?:\s*<[^`>]*>)?`")
_LITERAL = re.compile(r"``(.+?)``")
_LINK = re.compile(r"`([^`<]+?)\s*<([^`>]+)>`_{1,2}")
_REFERENCE = re.compile(r"(`[^`]+`|\b[A-Za-z]\w*)__?(?!\w)")
_VERSION = re.compile(r"\.\.\s*(versionadded|versionchanged|deprecated)::\s*(.*)")
_DIRECTIVE = re.compile(r"\.\. ([\w-]+)::\s*(.*)")
_FIELD = re.compile(r":(?:param|parameter|arg|argument|keyword)\s+(?:[^:]*\s)?\**(\w+)\s*:\s*(.*)")
_ENTRY = re.compile(r"(\**\w+(?:\s*,\s*\**\w+)*)\s*:(?=\s|$)\s*(.*)")
_GOOGLE = re.compile(r"\**(\w+)\s*(\([^)]*\))?:\s+(.*)")
_VERSIONS = {"versionadded": "Added in", "versionchanged": "Changed in", "deprecated": "Deprecated since"}
_NOTICES = {"note", "warning", "important", "attention", "caution", "tip", "hint", "danger", "seealso"}


def to_markdown(docstring: str, lines: int | None = None) -> str:
    """A docstring as Markdown; of a long one, as many of its paragraphs as go into so many lines, at least one."""
    text = inspect.cleandoc(docstring)
    paragraphs: list[str] = []
    used = 0
    for paragraph in _paragraphs(text):
        size = paragraph.count("\n") + 2
        if lines is not None and paragraphs and used + size > lines + 1:
            break
        paragraphs.append(paragraph)
        used += size
    return "\n\n".join(paragraphs)


def summary(docstring: str) -> str:
    """The first paragraph, as Markdown."""
    return next(_paragraphs(inspect.cleandoc(docstring)), "")


def parameter(docstring: str, name: str) -> str:
    """What a docstring says of one parameter, as Markdown; empty if nothing."""
    lines = inspect.cleandoc(docstring).split("\n")
    for number, line in enumerate(lines):
        indent = _indent(line)
        found = _FIELD.match(line.strip()) or _GOOGLE.match(line.strip())
        entry = _ENTRY.match(line.strip())
        if entry is not None and indent == 0 and name in re.findall(r"\w+", entry[1]):
            said = _block(lines, number + 1, indent)
            head = _inline(entry[2].strip())
            return "\n\n".join(part for part in (head, to_markdown("\n".join(said))) if part)
        if found is not None and found[1] == name:
            said = [found[found.lastindex or 0], *_block(lines, number + 1, indent)]
            return to_markdown("\n".join([said[0], inspect.cleandoc("\n".join(["", *said[1:]]))]))
    return ""


def _paragraphs(text: str) -> Iterator[str]:
    """The paragraphs in Markdown: a title goes with what follows it, doctests and literal blocks are fenced."""
    lines = text.split("\n")
    title = ""
    number = 0
    while number < len(lines):
        line = lines[number]
        stripped = line.strip()
        if not stripped:
            number += 1
            continue
        if number + 1 < len(lines) and _UNDERLINE.fullmatch(lines[number + 1].strip()):
            title = f"**{_inline(stripped)}**\n\n"
            number += 2
            continue
        end = number + 1
        # A directive ends with its indentation, other things with an empty line, or where a directive begins.
        directive = stripped.startswith("..")
        while end < len(lines) and lines[end].strip():
            if (directive and _indent(lines[end]) <= _indent(line)) or lines[end].lstrip().startswith(".. "):
                break
            end += 1
        block = lines[number:end]
        number = end
        converted = _block_in_markdown(block)
        if converted:
            yield title + converted
            title = ""


def _block_in_markdown(block: list[str]) -> str:
    first = block[0].strip()
    version, directive = _VERSION.match(first), _DIRECTIVE.match(first)
    if version is not None:
        rest = " ".join([f"{_VERSIONS[version[1]]} {version[2]}".rstrip(), *(line.strip() for line in block[1:])])
        return _inline(rest)
    if directive is not None:
        if directive[1] not in _NOTICES:
            return ""
        rest = " ".join([directive[2], *(line.strip() for line in block[1:])]).strip()
        return f"{directive[1].capitalize()}: {_inline(rest)}" if rest else ""
    if first.startswith(".. "):
        return ""
    if first.startswith(">>>"):
        return "\n".join(["```python", *inspect.cleandoc("\n".join(block)).split("\n"), "```"])
    return "\n".join(_lines_in_markdown(block))


def _lines_in_markdown(block: list[str]) -> Iterator[str]:
    for number, line in enumerate(block):
        deeper = number + 1 < len(block) and _indent(block[number + 1]) > _indent(line)
        field, entry = _FIELD.match(line.strip()), _ENTRY.match(line.strip())
        if field is not None:
            yield f"- `{field[1]}`: {_inline(field[2])}"
        elif entry is not None and deeper:
            yield f"- `{entry[1]}`: {_inline(entry[2])}".rstrip().rstrip(":")
        else:
            yield "  " * min(_indent(line) // 4, 3) + _inline(line.strip())


def _inline(text: str) -> str:
    """Roles and literals as code; what is an asterisk or an underscore in the text stays one."""
    text = re.sub(r" {2,}", " ", text)
    text = _ROLE.sub(r"``\1``", text)
    text = _LINK.sub(r"[\1](\2)", text)
    text = _LITERAL.sub(r"`\1`", text)
    text = _REFERENCE.sub(r"\1", text)
    parts = re.split(r"(`[^`]*`|\*\*[^*\s][^*]*\*\*|(?<![\w*])\*[^*\s][^*]*\*(?![\w*])|\]\([^)]*\))", text)
    return "".join(part if index % 2 else re.sub(r"([*_<])", r"\\\1", part) for index, part in enumerate(parts))


def _block(lines: list[str], start: int, indent: int) -> list[str]:
    """The lines from `start` that are indented deeper, blank ones between them too."""
    end = start
    while end < len(lines) and (not lines[end].strip() or _indent(lines[end]) > indent):
        end += 1
    return lines[start:end]


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())
