"""The documentation of a library, out of its source as it is installed: read and parsed, never imported."""

from __future__ import annotations

import ast
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mlsense.syntax import DecodeError, decode
from mlsense.workers.docstrings import parameter as entry_of
from mlsense.workers.docstrings import to_markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_MOST_BYTES = 4_000_000
_MOST_MODULES = 48
_MOST_STEPS = 100


@dataclass(frozen=True, slots=True)
class Definition:
    """A function or class in a source file; `line` counts from 0."""

    kind: str
    name: str
    line: int
    signature: str
    docstring: str
    bases: tuple[str, ...] = ()
    members: dict[str, Definition] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Module:
    """What the text of a module defines, and where the other names in it come from: (module, name or None)."""

    path: str
    docstring: str
    definitions: dict[str, Definition]
    imports: dict[str, tuple[str, str | None]]
    stars: tuple[str, ...]


class Library:
    """Finds what a dotted name means in the libraries of some folders, through re-exports and base classes."""

    def __init__(self) -> None:
        self._modules: dict[str, tuple[tuple[int, int], Module | None]] = {}

    def help(self, name: str, sys_path: Sequence[str], parameter: str | None = None) -> dict[str, Any] | None:
        """The documentation of `name`, or of a parameter of it, as Markdown with the signature and the place.

        `sys_path` are the folders of libraries, first come first served. None if it cannot be found by reading.
        """
        found = _Search(self, sys_path).find(name)
        if found is None:
            return None
        path, definition = found
        text = definition.docstring
        constructor = definition.members.get("__init__")
        if parameter is not None:
            text = entry_of(text, parameter) or (entry_of(constructor.docstring, parameter) if constructor else "")
        else:
            text = to_markdown(text or (constructor.docstring if constructor else ""))
        return {"text": text, "signature": definition.signature, "path": path, "line": definition.line}

    def module(self, path: str) -> Module | None:
        """The module in a file, None if it cannot be read; kept until the file changes."""
        try:
            status = os.stat(path)
        except OSError:
            return None
        stamp = (status.st_mtime_ns, status.st_size)
        kept = self._modules.pop(path, None)
        if kept is None or kept[0] != stamp:
            kept = (stamp, _read(path) if status.st_size <= _MOST_BYTES else None)
        self._modules[path] = kept
        while len(self._modules) > _MOST_MODULES:
            del self._modules[next(iter(self._modules))]
        return kept[1]


class _Search:
    """One search; it takes a bounded number of steps and none twice, so that circles end."""

    def __init__(self, library: Library, folders: Sequence[str]) -> None:
        self._library = library
        self._folders = folders
        self._tried: set[tuple[str, ...]] = set()

    def find(self, name: str) -> tuple[str, Definition] | None:
        first, *rest = name.split(".")
        return self._look((first,), rest)

    def _look(self, parts: tuple[str, ...], names: list[str]) -> tuple[str, Definition] | None:
        """What `names` mean in the module whose name has these parts."""
        step = (*parts, "", *names)
        if step in self._tried or len(self._tried) >= _MOST_STEPS:
            return None
        self._tried.add(step)
        module = self._module(parts)
        if not names:
            return (module.path, Definition("module", parts[-1], 0, "", module.docstring)) if module else None
        found = self._in_module(module, parts, names) if module is not None else None
        return found or self._look((*parts, names[0]), names[1:])

    def _in_module(self, module: Module, parts: tuple[str, ...], names: list[str]) -> tuple[str, Definition] | None:
        first, *rest = names
        if first in module.definitions:
            return self._in_definition(module, parts, module.definitions[first], rest)
        if first in module.imports:
            source, name = module.imports[first]
            return self._look(tuple(source.split(".")), rest if name is None else [name, *rest])
        searches = (self._look(tuple(star.split(".")), names) for star in module.stars)
        return next((found for found in searches if found is not None), None)

    def _in_definition(
        self, module: Module, parts: tuple[str, ...], definition: Definition, names: list[str]
    ) -> tuple[str, Definition] | None:
        if not names:
            return module.path, definition
        if names[0] in definition.members:
            return self._in_definition(module, parts, definition.members[names[0]], names[1:])
        searches = (self._look(parts, [*base.split("."), *names]) for base in definition.bases)
        return next((found for found in searches if found is not None), None)

    def _module(self, parts: Sequence[str]) -> Module | None:
        for folder in self._folders:
            base = os.path.join(folder, *parts)
            for path in (os.path.join(base, "__init__.py"), f"{base}.py"):
                module = self._library.module(path)
                if module is not None:
                    return _absolute(module, parts, package=path.endswith("__init__.py"))
        return None


def _absolute(module: Module, parts: Sequence[str], *, package: bool) -> Module:
    """The module with the sources of its imports as absolute names."""

    def resolved(source: str) -> str:
        name = source.lstrip(".")
        level = len(source) - len(name)
        if not level:
            return source
        keep = len(parts) - level + package
        return ".".join([*parts[:keep], *([name] if name else [])])

    imports = {name: (resolved(source), attribute) for name, (source, attribute) in module.imports.items()}
    stars = tuple(resolved(source) for source in module.stars)
    return Module(module.path, module.docstring, module.definitions, imports, stars)


def _read(path: str) -> Module | None:
    try:
        with open(path, "rb") as file:
            tree = ast.parse(decode(file.read()))
    except (OSError, DecodeError, SyntaxError, ValueError, RecursionError):
        return None
    definitions: dict[str, Definition] = {}
    imports: dict[str, tuple[str, str | None]] = {}
    stars: list[str] = []
    for node in _flat(tree.body):
        if isinstance(node, ast.Import):
            for alias in node.names:
                name = alias.asname or alias.name.partition(".")[0]
                imports[name] = (alias.name if alias.asname else name, None)
        elif isinstance(node, ast.ImportFrom):
            source = "." * node.level + (node.module or "")
            for alias in node.names:
                if alias.name == "*":
                    stars.append(source)
                else:
                    imports[alias.asname or alias.name] = (source, alias.name)
        elif isinstance(node, ast.Assign) and isinstance(node.value, (ast.Name, ast.Attribute)):
            # `concatenate = concat`: another name for the same.
            for target in node.targets:
                if isinstance(target, ast.Name) and isinstance(node.value, ast.Name):
                    original = definitions.get(node.value.id)
                    if original is not None:
                        definitions[target.id] = original
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            definitions[node.name] = _definition(node)
    return Module(path, ast.get_docstring(tree, clean=False) or "", definitions, imports, tuple(stars))


def _flat(body: Iterable[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module that run when it is imported, those under `if` and `try` too."""
    for node in body:
        if isinstance(node, ast.If):
            yield from _flat(node.body)
            yield from _flat(node.orelse)
        elif isinstance(node, ast.Try):
            for part in (node.body, node.orelse, node.finalbody):
                yield from _flat(part)
        else:
            yield node


def _definition(node: ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) -> Definition:
    docstring = ast.get_docstring(node, clean=False) or ""
    line = node.lineno - 1
    if not isinstance(node, ast.ClassDef):
        return Definition("function", node.name, line, _signature(node.name, node, bound=False), docstring)
    members: dict[str, Definition] = {}
    signature = ""
    for child in node.body:
        if isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            members[child.name] = _definition(child)
        if isinstance(child, ast.FunctionDef) and child.name == "__init__":
            signature = _signature(node.name, child, bound=True)
    bases = tuple(base for base in map(_dotted, node.bases) if base)
    return Definition("class", node.name, line, signature, docstring, bases, members)


def _signature(name: str, node: ast.FunctionDef | ast.AsyncFunctionDef, *, bound: bool) -> str:
    """The call of a function as its source writes it; `bound`: without `self`."""
    arguments = ast.arguments(**{part: getattr(node.args, part) for part in ast.arguments._fields})
    if bound:
        if arguments.posonlyargs:
            arguments.posonlyargs = arguments.posonlyargs[1:]
        else:
            arguments.args = arguments.args[1:]
        count = len(arguments.posonlyargs) + len(arguments.args)
        arguments.defaults = arguments.defaults[-count:] if count else []
    try:
        return f"{name}({ast.unparse(arguments)})"
    except RecursionError:
        return ""


def _dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = _dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""
