"""What jedi knows of the names in a program: the user's own functions and classes, and any installed package's.

jedi reads. What it would import, compiled modules, it gets only of the standard library of this process.
"""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING, Any

import jedi
from jedi.api.environment import InterpreterEnvironment
from jedi.inference.compiled import access
from jedi.inference.compiled.subprocess import InferenceStateSameProcess

from mlsense.text import LineIndex, Position
from mlsense.workers.docstrings import parameter as entry_of
from mlsense.workers.docstrings import summary, to_markdown
from mlsense.workspace import Folder

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_ENTRIES = 1_000
"""Entries of a completion list; more are cut off, and the list said to be incomplete."""
DOCUMENTATION_LINES = 40
EXPLANATION_LINES = 10
MOST_DEFINITIONS = 10

_KINDS = {
    "module": "module",
    "namespace": "module",
    "class": "class",
    "function": "function",
    "param": "variable",
    "keyword": "keyword",
    "property": "property",
    "instance": "variable",
    "statement": "variable",
}

# The folders of Python's own modules: those of this process without what it brought along for itself.
_OWN = ("mlsense", "jedi", "parso")
_PYTHON = [folder for folder in sys.path if not any(os.path.isdir(os.path.join(folder, own)) for own in _OWN)]

# Looking through other files for the calls of a function takes seconds.
jedi.settings.dynamic_params_for_other_modules = False
jedi.settings.auto_import_modules = []


class _ReadingProcess(InferenceStateSameProcess):  # type: ignore[misc]
    """jedi's access to modules that have no source."""

    def load_module(self, dotted_name: str, sys_path: Sequence[str]) -> Any:
        """The module if it is Python's own; jedi would import others, and run what is in them."""
        if dotted_name.partition(".")[0] not in sys.stdlib_module_names:
            return None
        return access.load_module(self._inference_state_weakref(), dotted_name=dotted_name, sys_path=list(sys.path))


class _ReadingEnvironment(InterpreterEnvironment):  # type: ignore[misc]
    """This process as jedi's environment: no other interpreter is run."""

    def get_inference_state_subprocess(self, inference_state: Any) -> Any:
        return _ReadingProcess(inference_state)


class Names:
    """Answers questions on a program: its `text`, an `offset` in it, the `path` it has or will have.

    `sys_path` are the folders where libraries are installed; Python's own come before them, the program's before all.
    """

    def __init__(self) -> None:
        self._environment = _ReadingEnvironment()
        self._folder = Folder()
        # A number of an earlier process must not mean anything to this one.
        self._listed: tuple[int, list[Any]] = (int.from_bytes(os.urandom(4), "big"), [])
        self._script: tuple[object, Any] = (None, None)

    def complete(self, text: str, offset: int, path: str, sys_path: Sequence[str]) -> dict[str, Any]:
        """The names that fit at the caret: [label, kind] each, under a number by which `document` finds them."""
        script, _, place = self._at(text, offset, path, sys_path)
        if _in_comment(script, place):
            return {"list": 0, "entries": [], "incomplete": False}
        before = text[:offset]
        attribute = re.search(r"\.\s*\w*\Z", before) is not None
        found = [
            name
            for name in script.complete(*place)
            if name.name.rstrip("=").isidentifier() and not (attribute and name.type == "keyword")
        ]
        listed = found[:MOST_ENTRIES]
        self._listed = (self._listed[0] + 1, listed)
        entries = [[name.name, _kind(name)] for name in listed]
        return {"list": self._listed[0], "entries": entries, "incomplete": len(found) > len(listed)}

    def document(self, list: int, index: int) -> dict[str, str] | None:
        """The documentation of an entry of the last list; None for older ones."""
        number, names = self._listed
        if list != number or not 0 <= index < len(names):
            return None
        name = names[index]
        return {
            "text": to_markdown(name.docstring(raw=True), DOCUMENTATION_LINES),
            "detail": _written(name) or name.description,
        }

    def explain(self, text: str, offset: int, path: str, sys_path: Sequence[str]) -> dict[str, Any] | None:
        """What the name at the caret is, in Markdown, and the span of the name."""
        script, _, place = self._at(text, offset, path, sys_path)
        word = _word(text, offset)
        if word is None or _in_comment(script, place):
            return None
        for name in script.help(*place):
            said = _explained(name)
            if said:
                return {"text": said, "start": word[0], "end": word[1]}
        return None

    def signatures(self, text: str, offset: int, path: str, sys_path: Sequence[str]) -> list[dict[str, Any]]:
        """The ways to make the call that the caret is in."""
        script, _, place = self._at(text, offset, path, sys_path)
        found = []
        for signature in script.get_signatures(*place)[:MOST_DEFINITIONS]:
            docstring = signature.docstring(raw=True)
            params = [
                {"label": param.to_string(), "text": entry_of(docstring, param.name)} for param in signature.params
            ]
            found.append(
                {
                    "label": signature.to_string(),
                    "parameters": params,
                    "active": signature.index,
                    "text": summary(docstring),
                }
            )
        return found

    def definitions(self, text: str, offset: int, path: str, sys_path: Sequence[str]) -> list[dict[str, Any]]:
        """Where the name at the caret is defined: in the program itself (`path` None), or in files."""
        script, lines, place = self._at(text, offset, path, sys_path)
        found: list[dict[str, Any]] = []
        names = script.goto(*place, follow_imports=True, follow_builtin_imports=True, prefer_stubs=False)
        for name in names[:MOST_DEFINITIONS]:
            if name.line is None and name.type != "module":
                continue
            position = Position((name.line or 1) - 1, name.column or 0)
            length = len(name.name) if name.type != "module" else 0
            if name.module_path is None or name.module_path == script.path:
                start = lines.offset(position)
                found.append({"path": None, "start": start, "end": start + length})
            else:
                line = name.get_line_code() if name.line is not None else ""
                place_there = {"line": position.line, "column": position.column, "length": length}
                found.append({"path": str(name.module_path), "line_text": line.rstrip("\r\n"), **place_there})
        return found

    def help(
        self, name: str, path: str, sys_path: Sequence[str], parameter: str | None = None
    ) -> dict[str, Any] | None:
        """The documentation of a dotted name as `Library.help` gives it, for what it cannot find by reading alone."""
        names = name.split(".")
        for count in range(len(names) - 1, 0, -1):
            text = f"from {'.'.join(names[:count])} import {names[count]}\n{'.'.join(names[count:])}"
            script, _, place = self._at(text, len(text), path, sys_path)
            for found in script.help(*place):
                docstring = found.docstring(raw=True)
                said = entry_of(docstring, parameter) if parameter is not None else to_markdown(docstring)
                if said:
                    where = {"path": str(found.module_path or ""), "line": (found.line or 1) - 1}
                    return {"text": said, "signature": _written(found), **where}
        return None

    def _at(self, text: str, offset: int, path: str, sys_path: Sequence[str]) -> tuple[Any, LineIndex, tuple[int, int]]:
        """jedi's form of a program, its lines, and jedi's form of an offset; the program last asked about is kept."""
        key = (text, path, tuple(sys_path))
        if self._script[0] != key:
            folders = self._folder.bases(path)
            project = jedi.Project(
                folders[-2] if len(folders) > 1 else folders[0],
                sys_path=[*dict.fromkeys([*folders, *_PYTHON, *sys_path])],
                smart_sys_path=False,
            )
            script = jedi.Script(text, path=path, project=project, environment=self._environment)
            self._script = (key, (script, LineIndex(text)))
        script, lines = self._script[1]
        position = lines.position(offset)
        return script, lines, (position.line + 1, position.column)


def _kind(name: Any) -> str:
    return "parameter" if name.name.endswith("=") else _KINDS.get(name.type, "variable")


def _in_comment(script: Any, place: tuple[int, int]) -> bool:
    """Whether a place is in a comment, where jedi sees nothing special. The caret may stand right behind it."""
    leaf = script._module_node.get_leaf_for_position(place, include_prefixes=True)
    if leaf is None or place > leaf.start_pos:
        return False
    line = leaf.get_start_pos_of_prefix()[0]
    text = leaf.prefix.splitlines(keepends=True)
    at = place[0] - line
    if not 0 <= at < len(text):
        return False
    first = leaf.get_start_pos_of_prefix()[1] if at == 0 else 0
    return "#" in text[at][: max(0, place[1] - first)]


def _word(text: str, offset: int) -> tuple[int, int] | None:
    """The span of the name that the offset is in, or right behind of."""
    start = end = offset
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] == "_"):
        start -= 1
    while end < len(text) and (text[end].isalnum() or text[end] == "_"):
        end += 1
    return (start, end) if text[start:end].isidentifier() else None


def _written(name: Any) -> str:
    """The call of a function or class, as far as it is known; empty for other things."""
    if name.type not in ("function", "class"):
        return ""
    signatures = name.get_signatures()
    written = signatures[0].to_string() if signatures else "()"
    # A decorated function's signature may carry the name of the function that wraps it.
    return f"{name.name}{written[written.index('(') :]}"


def _explained(name: Any) -> str:
    """Code that says what it is, then the first paragraphs of its documentation."""
    if name.type in ("function", "class"):
        head = f"{'class' if name.type == 'class' else 'def'} {_written(name)}"
        text = to_markdown(name.docstring(raw=True), EXPLANATION_LINES - 3)
    elif name.type == "module":
        head = f"module {name.full_name or name.name}"
        text = summary(name.docstring(raw=True))
    elif name.type in ("statement", "param", "instance", "property"):
        types = sorted({found.name for found in name.infer()})
        if not types:
            return ""
        head, text = f"{name.name}: {' | '.join(types)}", ""
    else:
        return ""
    return f"```python\n{head}\n```" + (f"\n\n{text}" if text else "")
