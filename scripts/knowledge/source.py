"""What one release's source text says about its names, without importing it.

`Release` reads modules on demand; a module's namespace is what its statements bind, imports followed; a name leads
through re-exports to where it is defined. What cannot be told from the text (C code, names made at run time) makes a
module open.
"""

from __future__ import annotations

import ast
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
# The interpreter and system that conditions in the sources are read for.
PYTHON = (3, 12)
PLATFORM = "linux"
SKIPPED = {"tests", "test", "conftest", "setup", "_build_utils", "benchmarks", "examples", "docs"}


@dataclass(frozen=True)
class Definition:
    """A function (all its overloads, last one real) or a class, with the module it stands in."""

    module: str
    name: str
    nodes: tuple[ast.stmt, ...]
    stub: bool = False

    @property
    def node(self) -> ast.stmt:
        return self.nodes[-1]


@dataclass(frozen=True)
class Value:
    """Something assigned; `node` is the assigned expression, or the annotation where `annotated`."""

    module: str
    name: str
    node: ast.expr | None
    annotated: bool = False


@dataclass(frozen=True)
class Reference:
    """`from module import name`; without a name the module itself."""

    module: str
    name: str | None


Binding = Definition | Value | Reference


@dataclass(frozen=True)
class Found:
    """What a name leads to: "class", "function", "value", "module", "foreign" (another library), "native" (no text)."""

    kind: str
    dotted: str
    what: Definition | Value | None = None


@dataclass
class Namespace:
    names: dict[str, Binding] = field(default_factory=dict)
    exported: list[str] | None = None
    exported_for_sure: bool = True
    open: bool = False
    lazy: bool = False
    # What a stub gives on by `import x as x`, and functions that add another module's `__all__` to this one's.
    given_on: set[str] = field(default_factory=set)
    extenders: set[str] = field(default_factory=set)
    imports: list[str] = field(default_factory=list)
    # By `from module import *` of a module of which it is not certain what it exports.
    starred: bool = False
    # `__all__ = [name for name in dir() ...]`: what is loaded of a package is exported, too.
    lists_itself: bool = False
    # By the variable of a loop, the strings that it goes through.
    loops: dict[str, list[str]] = field(default_factory=dict)

    @property
    def certain(self) -> bool:
        """Whether what it exports is known: by a list of its own, or by its statements alone."""
        return self.exported_for_sure and (self.exported is not None or not self.starred)


def parse(text: str) -> ast.Module | None:
    """None where not even a text without the newest syntax for type parameters is Python to us."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for attempt in (text, without_type_parameters(text)):
            try:
                return ast.parse(attempt)
            except (SyntaxError, ValueError):
                continue
    return None


def without_type_parameters(text: str) -> str:
    text = re.sub(r"^(\s*)type (\w+)(\[.*?\])? = ", r"\1\2 = ", text, flags=re.MULTILINE)
    parts, position = [], 0
    for match in re.finditer(r"^[ \t]*(?:async )?(?:def|class)[ \t]+\w+(?=\[)", text, flags=re.MULTILINE):
        if match.start() < position:
            continue
        parts.append(text[position : match.end()])
        depth, end = 0, match.end()
        while end < len(text):
            depth += {"[": 1, "]": -1}.get(text[end], 0)
            end += 1
            if not depth:
                break
        position = end
    return "".join([*parts, text[position:]])


def dotted_name(node: ast.AST | None) -> str | None:
    """`a.b.c` for nested attributes of a name."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted_name(node.value)
        return f"{base}.{node.attr}" if base else None
    return None


def truth(test: ast.expr) -> bool | None:
    """Of conditions on the interpreter, the system and type checking; None for all others."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = truth(test.operand)
        return None if inner is None else not inner
    if (dotted_name(test) or "").rpartition(".")[2] == "TYPE_CHECKING":
        return False
    if isinstance(test, ast.Compare) and len(test.ops) == 1:
        left, right = test.left, test.comparators[0]
        try:
            other = ast.literal_eval(right)
        except ValueError:
            return None
        name = dotted_name(left)
        mine: object = None
        if name in ("sys.version_info", "version_info") and isinstance(other, tuple):
            mine = PYTHON[: len(other)]
        elif name == "sys.platform" and isinstance(other, str):
            mine = PLATFORM
        elif name == "__name__" and isinstance(other, str):
            mine = "imported"
        if mine is None:
            return None
        compare = {
            ast.GtE: lambda a, b: a >= b, ast.Gt: lambda a, b: a > b, ast.Lt: lambda a, b: a < b,
            ast.LtE: lambda a, b: a <= b, ast.Eq: lambda a, b: a == b, ast.NotEq: lambda a, b: a != b,
        }.get(type(test.ops[0]))  # fmt: skip
        return None if compare is None else bool(compare(mine, other))
    return None


def executed(body: list[ast.stmt], typing: bool = False) -> Iterator[ast.stmt]:
    """The statements of a body that run, branches flattened; of two possible branches the first one comes last."""
    for node in body:
        if isinstance(node, ast.If):
            known = truth(node.test)
            if typing and (dotted_name(node.test) or "").endswith("TYPE_CHECKING"):
                known = None
            missing = isinstance(node.test, ast.Compare) and ast.unparse(node.test).endswith(" is None")
            branches = [(node.orelse, known is not True), (node.body, known is not False)]
            # `if ctypes is None` is for those who lack something: what others get counts.
            for branch, taken in reversed(branches) if missing else branches:
                if taken:
                    # What may be deleted may as well be there, if not only for the while.
                    made = {name for item in branch for name in _made(item)}
                    kept = [
                        item
                        for item in branch
                        if known is not None or not isinstance(item, ast.Delete) or set(_names(item.targets)) <= made
                    ]
                    yield from executed(kept, typing)
        elif isinstance(node, ast.Try):
            for handler in node.handlers:
                yield from (item for item in executed(handler.body, typing) if not _only_to_warn(item))
            yield from executed(node.body, typing)
            yield from executed(node.orelse, typing)
            yield from executed(node.finalbody, typing)
        elif isinstance(node, (ast.With, ast.For, ast.While)):
            yield node
            yield from executed(node.body, typing)
        else:
            yield node


def lists_itself(node: ast.expr | None) -> bool:
    """`[name for name in dir() if not name.startswith("_")]`."""
    if not isinstance(node, ast.ListComp) or len(node.generators) != 1:
        return False
    made = node.generators[0]
    name = ast.unparse(node.elt)
    tests = [ast.unparse(test) for test in made.ifs]
    private = (f"not {name}.startswith('_')", f"not {name}.startswith(('_', '@'))")
    return (
        ast.unparse(made.iter) == "dir()"
        and ast.unparse(made.target) == name
        and len(tests) == 1
        and tests[0] in private
    )


def _made(node: ast.stmt) -> Iterator[str]:
    """The names that an import or a definition makes."""
    if isinstance(node, (*FUNCTIONS, ast.ClassDef)):
        yield node.name
    for alias in node.names if isinstance(node, (ast.Import, ast.ImportFrom)) else ():
        yield (alias.asname or alias.name).partition(".")[0]


def _names(targets: list[ast.expr]) -> Iterator[str]:
    return (target.id for target in targets if isinstance(target, ast.Name))


def _only_to_warn(node: ast.stmt) -> bool:
    """`import warnings` where something else failed: what stands in for another name is of the same name."""
    return isinstance(node, ast.Import) and all(
        alias.name in ("warnings", "sys", "os", "logging") and alias.asname is None for alias in node.names
    )


def targets_of(node: ast.stmt) -> Iterator[ast.expr]:
    """What a statement assigns to, tuples taken apart."""
    waiting: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        waiting = list(node.targets)
    elif isinstance(node, (ast.AnnAssign, ast.AugAssign, ast.For)):
        waiting = [node.target]
    elif isinstance(node, ast.With):
        waiting = [item.optional_vars for item in node.items if item.optional_vars is not None]
    while waiting:
        target = waiting.pop(0)
        if isinstance(target, (ast.Tuple, ast.List)):
            waiting[:0] = target.elts
        elif isinstance(target, ast.Starred):
            waiting.insert(0, target.value)
        else:
            yield target


class Release:
    """The sources of one library's one version. `renamed` maps module prefixes to the names they are imported by."""

    def __init__(self, archives: list[Path], roots: tuple[str, ...], renamed: Mapping[str, str] | None = None) -> None:
        self.roots = roots
        self.renamed = dict(renamed or {})
        self._files: dict[str, dict[str, tuple[zipfile.ZipFile, str]]] = {}
        self._depths: dict[tuple[str, str], tuple[int, bool]] = {}
        self.packages: set[str] = set()
        self._spaces: dict[str, Namespace] = {}
        self._trees: dict[tuple[str, str], ast.Module | None] = {}
        for path in archives:
            archive = zipfile.ZipFile(path)
            for name in archive.namelist():
                self._enter(archive, name)
        for module in list(self._files):
            parent = module.rpartition(".")[0]
            while parent and parent not in self.packages:
                self.packages.add(parent)
                parent = parent.rpartition(".")[0]

    def _imported_as(self, module: str) -> str:
        """The name that a module goes by; some are put under another one with `__path__`."""
        for old, new in self.renamed.items():
            if module == old or (module.startswith(old) and old[-1] == ".") or module.startswith(old + "."):
                return new + module[len(old) :]
        return module

    def _enter(self, archive: zipfile.ZipFile, name: str) -> None:
        stem, _, suffix = name.rpartition(".")
        parts = stem.split("/")
        while parts and parts[0] not in self.roots:
            # Wheels may keep their modules under `name.data/purelib`, source distributions under `src`.
            parts = parts[1:] if parts[0] in ("src", "python") or parts[0].endswith((".data", "lib")) else []
        if not parts or any(part in SKIPPED for part in parts[1:]):
            return
        package = parts[-1] == "__init__"
        module = self._imported_as(".".join(parts[:-1] if package else parts))
        if package:
            self.packages.add(module)
        kept = self._files.setdefault(module, {})
        # What is imported by a shorter name than its own hides a file that has that name.
        depth = len(parts) - package - module.count(".")
        if suffix not in kept or (depth, package) >= self._depths[module, suffix]:
            kept[suffix] = (archive, name)
            self._depths[module, suffix] = (depth, package)

    @cached_property
    def modules(self) -> tuple[str, ...]:
        return tuple(sorted(set(self._files) | self.packages))

    def has(self, module: str) -> bool:
        return module in self._files or module in self.packages

    def text(self, module: str, suffix: str = "py") -> str | None:
        found = self._files.get(module, {}).get(suffix)
        return None if found is None else found[0].read(found[1]).decode("utf-8", "replace")

    def tree(self, module: str, suffix: str = "py") -> ast.Module | None:
        key = (module, suffix)
        if key not in self._trees:
            text = self.text(module, suffix)
            self._trees[key] = None if text is None else parse(text)
        return self._trees[key]

    # Namespaces

    def space(self, module: str) -> Namespace:
        if module not in self._spaces:
            # Entered before it is read: circular imports see what is there so far, as they do at run time.
            space = self._spaces[module] = Namespace()
            text, stub = self.text(module), self.text(module, "pyi")
            if text is None and stub is None:
                space.open = module in self._files
            elif text is None or (stub is not None and "attach_stub(" in text):
                self._read(module, "pyi", space)
                if text is None:
                    # A stub names types for its own use, and C code has what no stub tells.
                    space.open = True
                    foreign = [name for name, what in space.names.items() if isinstance(what, Reference)]
                    for name in foreign:
                        if self.resolve(module, name).kind == "foreign":
                            del space.names[name]
            else:
                self._read(module, "py", space)
                if stub is not None:
                    self._complete(module, space)
        return self._spaces[module]

    def _complete(self, module: str, space: Namespace) -> None:
        """Names that only the stub can tell: those of C code."""
        typed = Namespace()
        self._read(module, "pyi", typed)
        for name, binding in typed.names.items():
            assigned = isinstance(binding, Value) and not name.startswith("_")
            given_on = assigned or (name in typed.given_on and self.resolve(module, name).kind != "foreign")
            if given_on and name not in space.names and space.open:
                space.names[name] = binding
            elif isinstance(binding, Definition) or (isinstance(binding, Value) and binding.annotated):
                if name not in space.names:
                    if space.open:
                        space.names[name] = binding
                elif self.resolve(module, name).kind == "native":
                    space.names[name] = binding
        if not space.certain and typed.exported and typed.certain:
            space.exported, space.exported_for_sure = typed.exported, True

    def _absolute(self, module: str, level: int, name: str | None) -> str:
        if not level:
            return self._imported_as(name or "")
        home = module.split(".")
        keep = len(home) - level + (module in self.packages)
        return self._imported_as(".".join([*home[:keep], *([name] if name else [])]))

    def _read(self, module: str, suffix: str, space: Namespace) -> None:
        tree = self.tree(module, suffix)
        if tree is None:
            space.open = True
            return
        text = self.text(module, suffix) or ""
        defined = {node.name: node for node in tree.body if isinstance(node, FUNCTIONS)}
        # Where names are made on demand, the imports for type checkers say which.
        space.lazy = "_LazyModule(" in text or "attach_stub(" in text or "__getattr__" in defined
        # Functions may add to it, too.
        for name, node in defined.items():
            source = ast.unparse(node)
            if "module.__all__" in source or "getattr(module, '__all__')" in source:
                space.extenders.add(name)
            elif "__all__" in source:
                space.open, space.exported_for_sure = True, False
        for node in executed(tree.body, typing=space.lazy or suffix == "pyi"):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
                before = space.names.get(node.name)
                overloads: tuple[ast.stmt, ...] = ()
                if isinstance(before, Definition) and before.module == module and isinstance(node, FUNCTIONS):
                    overloads = tuple(other for other in before.nodes if is_overload(other))
                space.names[node.name] = Definition(module, node.name, (*overloads, node), suffix == "pyi")
                if node.name == "__getattr__":
                    space.open = True
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    space.imports.append(alias.name)
                    if alias.asname:
                        space.names[alias.asname] = Reference(self._imported_as(alias.name), None)
                    else:
                        top = alias.name.partition(".")[0]
                        space.names[top] = Reference(top, None)
            elif isinstance(node, ast.ImportFrom):
                self._read_from(module, node, space)
            elif isinstance(node, ast.Delete):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        space.names.pop(target.id, None)
            else:
                self._read_assignment(module, node, space)

    def _read_from(self, module: str, node: ast.ImportFrom, space: Namespace) -> None:
        source = self._absolute(module, node.level, node.module)
        space.imports.append(source)
        for alias in node.names:
            if alias.asname == alias.name:
                space.given_on.add(alias.name)
            if alias.name != "*":
                space.names[alias.asname or alias.name] = Reference(source, alias.name)
                if self.has(f"{source}.{alias.name}"):
                    space.imports.append(f"{source}.{alias.name}")
            elif self.has(source):
                exported, sure = self.exports(source)
                if not sure:
                    # Rather a name too many than one too few: what is there is not reported.
                    space.open = space.starred = True
                    exported = [*exported, *(name for name in self.space(source).names if not name.startswith("_"))]
                for name in exported:
                    space.names[name] = Reference(source, name)
            else:
                # Names of C code or of another library.
                space.open = True

    def _read_assignment(self, module: str, node: ast.stmt, space: Namespace) -> None:
        if isinstance(node, ast.For):
            self._read_loop(module, node, space)
        for target in targets_of(node):
            if isinstance(target, ast.Name):
                if isinstance(node, ast.AnnAssign) and node.value is None:
                    space.names[target.id] = Value(module, target.id, node.annotation, annotated=True)
                elif isinstance(node, (ast.Assign, ast.AnnAssign)):
                    simple = isinstance(node, ast.AnnAssign) or any(t is target for t in node.targets)
                    space.names[target.id] = Value(module, target.id, node.value if simple else None)
                elif target.id not in space.names:
                    space.names[target.id] = Value(module, target.id, None)
                if target.id == "__all__":
                    self._read_all(module, node, space)
            elif isinstance(target, ast.Subscript) and dotted_name(target.value) is None:
                text = ast.unparse(target.value)
                each = space.loops.get(target.slice.id) if isinstance(target.slice, ast.Name) else None
                if text in ("globals()", "locals()", "vars()") and each is not None:
                    for name in each:
                        space.names.setdefault(name, Value(module, name, None))
                elif text in ("globals()", "locals()", "vars()") or (text == "sys.modules" and not space.lazy):
                    space.open = True
            elif isinstance(target, ast.Subscript) and dotted_name(target.value) == "sys.modules":
                space.open = space.open or not space.lazy
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
            call = node.value
            name = dotted_name(call.func) or ast.unparse(call.func)
            given = call.args[1] if name == "setattr" and len(call.args) == 3 else None
            if isinstance(given, ast.Constant) and isinstance(given.value, str):
                # Onto this module most often; if onto another one, it is only a name too many.
                space.names.setdefault(given.value, Value(module, given.value, None))
            elif name in ("globals().update", "locals().update", "vars().update", "setattr"):
                space.open = True
            elif name in space.extenders and call.args:
                extended = self.resolve_dotted(module, dotted_name(call.args[0]) or "")
                if extended.kind == "module":
                    names, sure = self.exports(extended.dotted)
                    space.exported = [*(space.exported or []), *names]
                    space.exported_for_sure = space.exported_for_sure and sure
            elif name in ("__all__.extend", "__all__.append", "__all__.remove"):
                self._read_all_call(module, name.rpartition(".")[2], call, space)

    def _read_loop(self, module: str, node: ast.For, space: Namespace) -> None:
        """The strings that the variables of a loop stand for: `for new, old in {"a": "b"}.items()`."""
        for target in targets_of(node):
            if isinstance(target, ast.Name):
                space.loops.pop(target.id, None)
        if isinstance(node.target, ast.Name) and (names := self._strings(module, node.iter, space)) is not None:
            space.loops[node.target.id] = names
        given = dotted_name(node.iter.func) if isinstance(node.iter, ast.Call) else None
        table = space.names.get((given or "").removesuffix(".items"))
        if isinstance(table, Value) and isinstance(table.node, ast.Dict) and isinstance(node.target, ast.Tuple):
            sides = [[key for key in table.node.keys if key is not None], table.node.values]
            for target, side in zip(node.target.elts, sides, strict=False):
                texts = [item.value for item in side if isinstance(item, ast.Constant) and isinstance(item.value, str)]
                if isinstance(target, ast.Name) and len(texts) == len(side):
                    space.loops[target.id] = texts

    def _read_all(self, module: str, node: ast.stmt, space: Namespace) -> None:
        value = getattr(node, "value", None)
        if lists_itself(value):
            space.exported, space.lists_itself = [name for name in space.names if not name.startswith("_")], True
            space.exported_for_sure = space.exported_for_sure and not space.open
            return
        names = self._strings(module, value, space)
        if names is None:
            space.exported_for_sure = False
            names = []
        if isinstance(node, ast.AugAssign):
            space.exported = [*(space.exported or []), *names]
        else:
            space.exported = names

    def _read_all_call(self, module: str, method: str, call: ast.Call, space: Namespace) -> None:
        value = call.args[0] if call.args else None
        if method in ("append", "remove") and value is not None:
            value = ast.List([value], ast.Load())
        names = self._strings(module, value, space)
        if names is None:
            space.exported_for_sure = False
        elif method == "remove":
            space.exported = [name for name in space.exported or [] if name not in names]
        else:
            space.exported = [*(space.exported or []), *names]

    def _strings(self, module: str, node: ast.expr | None, space: Namespace) -> list[str] | None:
        """A list of strings worked out from literals, sums, other modules' `__all__` and names assigned here."""
        if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
            found: list[str] = []
            for element in node.elts:
                inner = element.value if isinstance(element, ast.Starred) else None
                if isinstance(element, ast.Constant) and isinstance(element.value, str):
                    found.append(element.value)
                elif inner is not None and (more := self._strings(module, inner, space)) is not None:
                    found += more
                elif isinstance(element, ast.Attribute) and element.attr == "__name__":
                    found.append((dotted_name(element.value) or "").rpartition(".")[2])
                elif isinstance(element, ast.Name) and element.id in space.loops:
                    found += space.loops[element.id]
                else:
                    return None
            return found
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self._strings(module, node.left, space), self._strings(module, node.right, space)
            return None if left is None or right is None else left + right
        if isinstance(node, ast.Call):
            name = dotted_name(node.func)
            if name in ("list", "sorted", "set", "tuple") and len(node.args) == 1:
                return self._strings(module, node.args[0], space)
            if isinstance(node.func, ast.Attribute) and node.func.attr in ("copy", "keys"):
                return self._strings(module, node.func.value, space)
            return None
        if isinstance(node, ast.Dict):
            keys = [key.value for key in node.keys if isinstance(key, ast.Constant) and isinstance(key.value, str)]
            return keys if len(keys) == len(node.keys) else None
        if isinstance(node, ast.Attribute) and node.attr == "__all__":
            base = self.resolve_dotted(module, dotted_name(node.value) or "")
            if base.kind == "module":
                names, sure = self.exports(base.dotted)
                return names if sure else None
            return None
        if isinstance(node, ast.Name):
            if node.id == "__all__":
                return list(space.exported or []) if space.exported_for_sure else None
            binding = space.names.get(node.id)
            if isinstance(binding, Value) and not binding.annotated:
                # `names = names + more` would lead in circles.
                itself = any(
                    isinstance(part, ast.Name) and part.id == node.id for part in ast.walk(binding.node or node)
                )
                return None if itself else self._strings(module, binding.node, space)
            if isinstance(binding, Reference) and binding.name == "__all__" and self.has(binding.module):
                names, sure = self.exports(binding.module)
                return names if sure else None
        return None

    def strings(self, module: str, name: str) -> list[str]:
        """A list of strings that a module has under a name; empty where it cannot be worked out."""
        return self._strings(module, ast.Name(name), self.space(module)) or []

    def exports(self, module: str) -> tuple[list[str], bool]:
        """What `from module import *` binds, and whether that is certain."""
        space = self.space(module)
        if space.exported is not None:
            loaded = self.loaded_children(module) if space.lists_itself and module in self.packages else []
            more = [name for name in loaded if not name.startswith("_")]
            return list(dict.fromkeys([*space.exported, *more])), space.exported_for_sure
        taken = space.names.get("__all__")
        if isinstance(taken, Reference) and taken.name == "__all__" and self.has(taken.module):
            return self.exports(taken.module)
        public = [name for name in space.names if not name.startswith("_")]
        if module in self.packages:
            public += [name for name in self.loaded_children(module) if not name.startswith("_")]
        native = self.text(module) is None
        return list(dict.fromkeys(public)), not space.open and not native and space.exported_for_sure

    def loaded_children(self, module: str) -> list[str]:
        """The submodules that are there after `import module`, because something imported them meanwhile."""
        prefix = module + "."
        return sorted(
            {name[len(prefix) :].partition(".")[0] for name in self._loaded(module) if name.startswith(prefix)}
        )

    def _loaded(self, module: str) -> set[str]:
        seen: set[str] = set()
        waiting = [module]
        while waiting:
            name = waiting.pop()
            if name in seen or not self.has(name):
                continue
            seen.add(name)
            if "." in name:
                waiting.append(name.rpartition(".")[0])
            if name in self._files:
                waiting += self.space(name).imports
        return seen

    # Where a name leads

    def resolve(self, module: str, name: str, seen: frozenset[tuple[str, str]] = frozenset()) -> Found:
        if (module, name) in seen:
            below = self._imported_as(f"{module}.{name}")
            return Found("module" if self.has(below) else "native", below)
        seen |= {(module, name)}
        binding = self.space(module).names.get(name)
        if binding is None:
            if self.has(below := self._imported_as(f"{module}.{name}")):
                return Found("module", below)
            return Found("native", f"{module}.{name}")
        if isinstance(binding, Definition):
            kind = "class" if isinstance(binding.node, ast.ClassDef) else "function"
            return Found(kind, f"{module}.{name}", binding)
        if isinstance(binding, Reference):
            return self._follow(binding, seen)
        if not binding.annotated and (target := dotted_name(binding.node)):
            found = self.resolve_dotted(module, target, seen)
            if found.kind in ("class", "function", "module"):
                return found
        return Found("value", f"{module}.{name}", binding)

    def _follow(self, reference: Reference, seen: frozenset[tuple[str, str]]) -> Found:
        module, name = reference.module, reference.name
        if module.partition(".")[0] not in self.roots:
            return Found("foreign", f"{module}.{name}" if name else module)
        if name is None:
            return Found("module" if self.has(module) else "native", module)
        if not self.has(module):
            # `from keras.src import layers` where the path is made up at run time, or C code.
            return Found("native", f"{module}.{name}")
        return self.resolve(module, name, seen)

    def resolve_dotted(self, module: str, dotted: str, seen: frozenset[tuple[str, str]] = frozenset()) -> Found:
        """`np.random.rand` as it is written in a module; without a module a full name."""
        if not module:
            module, _, dotted = dotted.partition(".")
            if not self.has(module) or not dotted:
                return Found("native", module)
        first, *rest = dotted.split(".")
        if first not in self.space(module).names and not self.has(f"{module}.{first}"):
            return Found("native", dotted)
        found = self.resolve(module, first, seen)
        for part in rest:
            if found.kind == "foreign":
                found = Found("foreign", f"{found.dotted}.{part}")
            elif found.kind == "module" and self.has(found.dotted):
                found = self.resolve(found.dotted, part, seen)
            else:
                return Found("native", f"{found.dotted}.{part}")
        return found


def is_overload(node: ast.stmt) -> bool:
    return isinstance(node, FUNCTIONS) and any(
        (dotted_name(decorator) or "").rpartition(".")[2] == "overload" for decorator in node.decorator_list
    )
